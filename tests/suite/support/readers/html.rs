//! A browser's reader of HTML, by the letter of its standard.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What a browser finds in a page.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Page {
    /// The tags, in order, each with the text behind it.
    pub(crate) tags: Vec<Tag>,
    /// What the standard calls a mistake, and comments.
    pub(crate) oddities: Vec<String>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tag {
    /// Its name, with a slash in front where it ends an element.
    pub(crate) name: String,
    /// Its attributes.
    pub(crate) attributes: Vec<(String, String)>,
    /// The text up to the next one.
    pub(crate) text: String,
}

impl Tag {
    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Page {
    /// Reads a page.
    pub(crate) fn of(html: &str) -> Self {
        let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from(html));
        let _ = tokenizer.feed(&queue);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    /// The tags of this name, in order.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Tag> {
        self.tags.iter().filter(move |tag| tag.name == name)
    }

    /// The elements and attributes, without what stands in them, in order.
    pub(crate) fn shape(&self) -> Vec<String> {
        let shape = |tag: &Tag| {
            let names = tag.attributes.iter().map(|(name, _)| name.as_str());
            // How a cell is broken into lines goes by the length of its text.
            let names: Vec<&str> = names.filter(|name| *name != "class").collect();
            format!("{} {}", tag.name, names.join(" "))
        };
        self.tags.iter().map(shape).collect()
    }

    /// The text of every row's every cell.
    pub(crate) fn cells(&self) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut within = false;
        for tag in &self.tags {
            match tag.name.as_str() {
                "tr" => rows.push(Vec::new()),
                "td" | "th" => {
                    within = true;
                    rows.last_mut().unwrap().push(tag.text.clone());
                    continue;
                }
                "/td" | "/th" => within = false,
                _ => {}
            }
            if let (true, Some(cell)) = (within, rows.last_mut().and_then(|row| row.last_mut())) {
                cell.push_str(&tag.text);
            }
        }
        rows
    }
}

#[derive(Default)]
struct Sink(RefCell<Page>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let is_start = tag.kind == TagKind::StartTag;
                let slash = if is_start { "" } else { "/" };
                let attributes = tag.attrs.iter();
                let attributes = attributes
                    .map(|one| (one.name.local.to_string(), one.value.to_string()))
                    .collect();
                page.tags.push(Tag {
                    name: format!("{slash}{}", tag.name),
                    attributes,
                    text: String::new(),
                });
                if tag.had_duplicate_attributes {
                    page.oddities.push(format!("{} has two of one", tag.name));
                }
                return match (is_start, &*tag.name) {
                    (true, "script") => TokenSinkResult::RawData(RawKind::ScriptData),
                    (true, "style") => TokenSinkResult::RawData(RawKind::Rawtext),
                    (true, "title") => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            Token::CharacterTokens(text) => match page.tags.last_mut() {
                Some(tag) => tag.text.push_str(&text),
                None => page.oddities.push(format!("{text:?} before all tags")),
            },
            Token::CommentToken(text) => page.oddities.push(format!("a comment: {text}")),
            Token::NullCharacterToken => page.oddities.push("NUL".to_owned()),
            Token::ParseError(error) => page.oddities.push(error.to_string()),
            Token::DoctypeToken(_) | Token::EOFToken => {}
        }
        TokenSinkResult::Continue
    }
}
