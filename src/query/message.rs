//! Messages of asserts: text with `${EXPRESSION}` in it.
//!
//! Unlike a [`Template`](super::Template), which takes parameters and nothing else, a message takes whole expressions:
//! it is made when the result is there. Here they are still text with a place.

use super::column::trimmed;
use crate::diagnostic::{Diagnostic, Passage};
use crate::limits::MESSAGE_EXPRESSIONS;
use crate::yaml::closing_brace;

/// A part of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// An expression, whose value stands here.
    Value(Passage),
}

/// Takes a message apart. What is wrong with it is handed back too.
pub(super) fn pieces(passage: &Passage) -> (Vec<Piece>, Vec<Diagnostic>) {
    let text = passage.text();
    let (mut pieces, mut findings) = (Vec::new(), Vec::new());
    let (mut from, mut values) = (0, 0);
    while let Some(start) = text[from..].find("${").map(|found| from + found) {
        let Some(length) = closing_brace(&text[start + 2..]) else {
            let finding = Diagnostic::error("this `${` is not closed");
            let finding = finding.at(&passage.place_of(start..start + 2), "");
            findings.push(finding.hint("a value is filled in by `${EXPRESSION}`"));
            break;
        };
        values += 1;
        if values > MESSAGE_EXPRESSIONS {
            findings.push(too_many(passage));
            break;
        }
        pieces.push(Piece::Text(text[from..start].to_owned()));
        let end = start + 2 + length;
        let expression = trimmed(passage, start + 2..end);
        match expression.text().is_empty() {
            true => findings.push(empty(passage, start..end + 1)),
            false => pieces.push(Piece::Value(expression)),
        }
        from = end + 1;
    }
    pieces.push(Piece::Text(text[from..].to_owned()));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    (pieces, findings)
}

fn empty(passage: &Passage, range: std::ops::Range<usize>) -> Diagnostic {
    Diagnostic::error("an expression of `message` is empty").at(&passage.place_of(range), "")
}

fn too_many(passage: &Passage) -> Diagnostic {
    let message = format!("a message has more than {MESSAGE_EXPRESSIONS} expressions");
    Diagnostic::error(message).at(&passage.place(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces, expressions between `<` and `>`; then what is wrong.
    fn read(text: &str) -> (String, Vec<String>) {
        let (pieces, findings) = pieces(&Passage::flag("message", text));
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(passage) => format!("<{}>", passage.text()),
        };
        let findings = findings.into_iter().map(|finding| finding.message);
        (pieces.iter().map(piece).collect(), findings.collect())
    }

    #[test]
    fn expressions_end_at_their_own_brace() {
        for (text, shown) in [
            ("", ""),
            ("all is well", "all is well"),
            ("${count} left", "<count> left"),
            ("a ${ {n: count}.n } b", "a <{n: count}.n> b"),
            ("${'}'}${`\"}\"`}", "<'}'><`\"}\"`>"),
            ("$5 and $", "$5 and $"),
        ] {
            assert_eq!(read(text), (shown.to_owned(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_or_empty_is_found() {
        assert_eq!(read("a ${count").1, ["this `${` is not closed"]);
        assert_eq!(read("a ${'}").1, ["this `${` is not closed"]);
        assert_eq!(read("a ${ }").1, ["an expression of `message` is empty"]);
    }

    #[test]
    fn g7_a_message_has_a_bounded_number_of_expressions() {
        let (_, findings) = read(&"${count}".repeat(MESSAGE_EXPRESSIONS + 1));
        assert_eq!(findings.len(), 1);
        assert!(read(&"${count}".repeat(MESSAGE_EXPRESSIONS)).1.is_empty());
    }

    #[test]
    fn an_expression_knows_its_place() {
        let (pieces, _) = pieces(&Passage::flag("message", "a ${ count } b"));
        let Piece::Value(value) = &pieces[1] else {
            panic!("{pieces:?}");
        };
        assert_eq!((value.place().text(), value.place().start), ("count", 5));
    }
}
