//! The words of an expression, each with its place.
//!
//! The `jmespath` crate reads the grammar; what it keeps of places is one offset per node, for some nodes that
//! of a later word. So we cut the text into the same words ourselves: to bound it before the crate sees it, to
//! find the stretch a node stands for, and to say what is wrong in words of ours.

use super::stray;
use crate::diagnostic::{Diagnostic, Passage};
use crate::value::{Value, parse_json};

/// A stretch of an expression's text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
}

impl Span {
    /// From the start of this to the end of `other`.
    pub(super) fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// One word.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// The bracket this one belongs with, as an index into the tokens.
    pub(super) pair: Option<usize>,
}

impl Token {
    /// Tells whether this is that sign.
    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(self.kind, Kind::Sign(own) if own == sign)
    }
}

/// What a word is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `name`.
    Name,
    /// `"a name"`.
    QuotedName,
    /// `-1`, in an index or a slice.
    Number,
    /// `'text'`.
    Text,
    /// `` `{"json": 1}` ``, read by our own reader: exact integers, keys in order, no key twice.
    Literal(Value),
    /// An operator or a bracket.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Every sign of the language; of two that begin alike the longer comes first.
const SIGNS: [&str; 24] = [
    "[]", "[?", "||", "&&", "==", "!=", "<=", ">=", ".", "*", "|", "[", "]", ",", ":", "!", "<",
    ">", "@", "&", "(", ")", "{", "}",
];

/// The words of one expression, the last being [`Kind::End`].
#[derive(Debug)]
pub(super) struct Tokens<'p> {
    pub(super) passage: &'p Passage,
    pub(super) list: Vec<Token>,
}

impl<'p> Tokens<'p> {
    /// Cuts an expression into words.
    ///
    /// Errors: a character without meaning, a quote that is not closed, a literal that is not JSON (threats E1, E2).
    pub(super) fn read(passage: &'p Passage) -> Result<Self, Box<Diagnostic>> {
        let text = passage.text();
        let list = Vec::new();
        let mut tokens = Self { passage, list };
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            if matches!(c, ' ' | '\n' | '\t' | '\r') {
                at += 1;
                continue;
            }
            let (kind, end) = tokens.word(at, c)?;
            tokens.push(kind, at, end);
            at = end;
        }
        tokens.push(Kind::End, text.len(), text.len());
        Ok(tokens)
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let span = Span { start, end };
        let pair = None;
        self.list.push(Token { kind, span, pair });
    }

    fn word(&self, at: usize, first: char) -> Result<(Kind, usize), Box<Diagnostic>> {
        let text = self.passage.text();
        let run = |from: usize, belongs: fn(char) -> bool| {
            let rest = &text[from..];
            from + rest.find(|c| !belongs(c)).unwrap_or(rest.len())
        };
        let second = text[at + first.len_utf8()..].chars().next();
        match first {
            'a'..='z' | 'A'..='Z' | '_' => Ok((Kind::Name, run(at, is_name))),
            '0'..='9' => self.number(at, run(at, |c| c.is_ascii_digit())),
            '-' if matches!(second, Some('1'..='9')) => {
                self.number(at, run(at + 1, |c| c.is_ascii_digit()))
            }
            '\'' | '"' | '`' => self.quoted(at, first),
            _ => match SIGNS.iter().find(|sign| text[at..].starts_with(**sign)) {
                Some(sign) => Ok((Kind::Sign(sign), at + sign.len())),
                None => Err(Box::new(stray::character(self, at, first))),
            },
        }
    }

    fn number(&self, start: usize, end: usize) -> Result<(Kind, usize), Box<Diagnostic>> {
        match self.passage.text()[start..end].parse::<i32>() {
            Ok(_) => Ok((Kind::Number, end)),
            Err(_) => Err(Box::new(stray::large_number(self, Span { start, end }))),
        }
    }

    /// A word in quotes, in which a backslash takes the next character along.
    fn quoted(&self, start: usize, quote: char) -> Result<(Kind, usize), Box<Diagnostic>> {
        let mut characters = self.passage.text()[start + 1..].char_indices();
        while let Some((at, c)) = characters.next() {
            if c == '\\' {
                characters.next();
            } else if c == quote {
                let end = start + 1 + at + 1;
                return Ok((self.unquoted(Span { start, end }, quote)?, end));
            }
        }
        Err(Box::new(stray::unclosed_quote(self, start, quote)))
    }

    fn unquoted(&self, span: Span, quote: char) -> Result<Kind, Box<Diagnostic>> {
        let written = self.text(span);
        let inner = &written[1..written.len() - 1];
        match quote {
            '\'' => Ok(Kind::Text),
            '"' => match parse_json(written.as_bytes()) {
                Ok(_) => Ok(Kind::QuotedName),
                Err(error) => Err(Box::new(stray::bad_name(self, span, &error))),
            },
            _ => match parse_json(inner.replace("\\`", "`").as_bytes()) {
                Ok(value) => Ok(Kind::Literal(value)),
                Err(error) => Err(Box::new(stray::bad_literal(self, span, &error))),
            },
        }
    }

    /// The text of a stretch.
    pub(super) fn text(&self, span: Span) -> &'p str {
        &self.passage.text()[span.start..span.end]
    }

    /// The text of a word.
    pub(super) fn word_text(&self, index: usize) -> &'p str {
        self.text(self.list[index].span)
    }

    /// The index of the first word that begins at `offset` or later; that of the end, if none does.
    pub(super) fn at(&self, offset: usize) -> usize {
        let index = self.list.partition_point(|token| token.span.start < offset);
        index.min(self.list.len() - 1)
    }

    /// The first word with that sign that begins at `offset` or later; else the word at `offset`.
    pub(super) fn next(&self, offset: usize, is_wanted: impl Fn(&Token) -> bool) -> &Token {
        let from = self.at(offset);
        let found = self.list[from..].iter().find(|token| is_wanted(token));
        found.unwrap_or(&self.list[from])
    }

    /// The stretch from a bracket to the one that belongs with it.
    pub(super) fn group(&self, index: usize) -> Span {
        let token = &self.list[index];
        token
            .pair
            .map_or(token.span, |pair| token.span.to(self.list[pair].span))
    }

    /// `span` with the parentheses around it that only group.
    pub(super) fn widened(&self, mut span: Span) -> Span {
        loop {
            let Some(before) = self.at(span.start).checked_sub(1) else {
                return span;
            };
            let after = self.at(span.end);
            let groups = self.list[before].is("(") && self.list[before].pair == Some(after);
            if !groups || self.is_call(before) {
                return span;
            }
            span = self.group(before);
        }
    }

    /// Tells whether the parenthesis at `open` follows the name of a function.
    pub(super) fn is_call(&self, open: usize) -> bool {
        open > 0 && matches!(self.list[open - 1].kind, Kind::Name)
    }

    /// Starts an error about a stretch.
    pub(super) fn error(&self, span: Span, message: impl Into<String>, label: &str) -> Diagnostic {
        let place = self.passage.place_of(span.start..span.end);
        Diagnostic::error(message).at(&place, label)
    }
}

/// Tells whether a name may hold `c` without quotes.
pub(super) fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Tells whether a name can be written without quotes.
pub(super) fn is_plain_name(name: &str) -> bool {
    name.chars().all(is_name) && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let passage = Passage::flag("--where", text);
        let tokens = Tokens::read(&passage).expect("a test's words can be cut");
        let spans = tokens.list.iter().map(|token| token.span);
        spans.map(|span| tokens.text(span).to_owned()).collect()
    }

    #[test]
    fn an_expression_is_cut_into_words() {
        let text = "a.\"b c\"[?x==`1`&&!y]|[0:-1] ||f(&z,'it\\'s')[]";
        let expected = "a . \"b c\" [? x == `1` && ! y ] | [ 0 : -1 ] || f ( & z , 'it\\'s' ) [] ";
        assert_eq!(words(text).join(" "), expected);
    }

    #[test]
    fn backslashes_keep_quotes_from_closing() {
        assert_eq!(
            words(r#"'\\' "a\"b" `"\`"`"#),
            [r"'\\'", r#""a\"b""#, r#"`"\`"`"#, ""]
        );
    }

    #[test]
    fn grouping_parentheses_belong_to_what_they_hold() {
        let passage = Passage::flag("--where", "f((a))");
        let mut tokens = Tokens::read(&passage).unwrap();
        super::super::guard::check(&mut tokens).unwrap();
        let span = tokens.widened(Span { start: 3, end: 4 });
        assert_eq!(tokens.text(span), "(a)");
    }
}
