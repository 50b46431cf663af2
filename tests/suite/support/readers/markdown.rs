//! GitHub's reader of Markdown, with all that GitHub and GitLab make of it.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};

/// What a reader finds in a document.
#[derive(Debug, Default)]
pub(crate) struct Markdown {
    /// The tables.
    pub(crate) tables: Vec<Table>,
    /// The kinds of blocks at the top, in order.
    pub(crate) blocks: Vec<String>,
    /// Text outside of code, where mentions, references and addresses are looked for.
    pub(crate) bare: Vec<String>,
    /// Links, images, HTML and whatever else no text of a stranger may become.
    pub(crate) oddities: Vec<String>,
}

/// A table: the text of every row's every cell, the names first.
pub(crate) type Table = Vec<Vec<String>>;

impl Markdown {
    /// Reads a document.
    pub(crate) fn of(text: &str) -> Self {
        let mut options = Options::default();
        let with = &mut options.extension;
        with.table = true;
        with.autolink = true;
        with.strikethrough = true;
        with.tasklist = true;
        with.footnotes = true;
        with.inline_footnotes = true;
        with.superscript = true;
        with.subscript = true;
        with.description_lists = true;
        with.multiline_block_quotes = true;
        with.alerts = true;
        with.math_dollars = true;
        with.math_code = true;
        with.wikilinks_title_after_pipe = true;
        with.spoiler = true;
        options.parse.relaxed_autolinks = true;
        let arena = Arena::new();
        let root = parse_document(&arena, text, &options);
        let mut read = Self::default();
        for block in root.children() {
            let kind = format!("{:?}", block.data.borrow().value);
            let kind = kind.split(['(', ' ']).next().unwrap().to_owned();
            read.blocks.push(kind);
        }
        for node in root.descendants() {
            read.look_at(node);
        }
        read
    }

    fn look_at<'a>(&mut self, node: &'a AstNode<'a>) {
        match &node.data.borrow().value {
            NodeValue::Table(_) => self.tables.push(Table::new()),
            NodeValue::TableRow(_) => self.tables.last_mut().unwrap().push(Vec::new()),
            NodeValue::TableCell => {
                let row = self.tables.last_mut().unwrap().last_mut().unwrap();
                row.push(text_of(node));
            }
            NodeValue::Text(text) => self.bare.push(text.to_string()),
            NodeValue::Document
            | NodeValue::Heading(_)
            | NodeValue::Paragraph
            | NodeValue::List(_)
            | NodeValue::Item(_)
            | NodeValue::Code(_)
            | NodeValue::Strong
            | NodeValue::Emph => {}
            other => self.oddities.push(format!("{other:?}")),
        }
    }
}

fn text_of<'a>(node: &'a AstNode<'a>) -> String {
    let parts = node.descendants();
    let text = parts.map(|part| match &part.data.borrow().value {
        NodeValue::Text(text) => text.to_string(),
        NodeValue::Code(code) => code.literal.clone(),
        _ => String::new(),
    });
    text.collect()
}
