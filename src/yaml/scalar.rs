//! A scalar's decoded text with the way back to where each byte of it stands.
//!
//! The text itself comes from the parser. It is decoded here a second time, together with its places, and the
//! places are used only if both texts agree: a caret is under the right character or under the whole scalar, never
//! under a wrong one.

use std::ops::Range;
use std::sync::Arc;

use super::Style;
use crate::diagnostic::{Passage, Source};

/// Makes the passage of a scalar whose text is `value` and which stands at `range`, quotes included.
pub(super) fn passage(
    source: &Arc<Source>,
    value: &str,
    style: Style,
    range: Range<usize>,
) -> Passage {
    let written = &source.text[range.clone()];
    let inside = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
    let mapped = match style {
        Style::Plain => flow(&source.text, range.clone(), style),
        Style::SingleQuoted | Style::DoubleQuoted => flow(&source.text, inside, style),
        Style::Literal | Style::Folded => block(&source.text, value, range.clone(), style),
    };
    let whole = range.start..range.start + written.trim_end().len();
    let pieces = mapped.pieces_of(value, style);
    Passage::decoded(source, value, whole, pieces)
}

/// Text in the making, with where it comes from.
#[derive(Default)]
struct Mapped {
    text: String,
    pieces: Vec<(usize, usize)>,
}

impl Mapped {
    /// Adds text that stands at `at` of the source.
    fn push(&mut self, text: &str, at: usize) {
        let runs_on = |(start, origin): &(usize, usize)| origin + (self.text.len() - start) == at;
        if !text.is_empty() && !self.pieces.last().is_some_and(runs_on) {
            self.pieces.push((self.text.len(), at));
        }
        self.text.push_str(text);
    }

    /// The places, if this is the text that the parser read. The line breaks at the end of a block may differ:
    /// its header says how many are kept.
    fn pieces_of(self, value: &str, style: Style) -> Vec<(usize, usize)> {
        let agrees = match style {
            Style::Literal | Style::Folded => {
                self.text.trim_end_matches('\n') == value.trim_end_matches('\n')
            }
            _ => self.text == value,
        };
        if agrees { self.pieces } else { Vec::new() }
    }
}

/// A stretch of one line: its text without the line break, where it starts, where its line break is.
struct Line<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Line<'_>> {
    let mut start = range.start;
    text[range].split('\n').map(move |line| {
        let found = Line {
            text: line.strip_suffix('\r').unwrap_or(line),
            start,
            end: start + line.len(),
        };
        start = found.end + 1;
        found
    })
}

/// Plain and quoted text: one line break is a space, n + 1 of them are n line breaks (YAML 1.2.2, 6.5).
fn flow(text: &str, range: Range<usize>, style: Style) -> Mapped {
    let mut mapped = Mapped::default();
    let lines: Vec<Line<'_>> = lines(text, range).collect();
    let last = lines.len() - 1;
    // The line breaks since the text before; None if that ended in an escaped one.
    let mut breaks: Vec<usize> = Vec::new();
    let mut joined = false;
    for (index, line) in lines.iter().enumerate() {
        let mut body = line.text;
        if index > 0 {
            body = body.trim_start_matches([' ', '\t']);
        }
        let start = line.start + (line.text.len() - body.len());
        if index < last {
            body = trimmed_end(body, style);
        }
        if index > 0 && index < last && body.is_empty() {
            breaks.push(line.end);
            continue;
        }
        match breaks.as_slice() {
            [] => {}
            [only] if !joined => mapped.push(" ", *only),
            [_, kept @ ..] => kept.iter().for_each(|at| mapped.push("\n", *at)),
        }
        joined = style == Style::DoubleQuoted && index < last && ends_in_escape(body);
        body = if joined {
            &body[..body.len() - 1]
        } else {
            body
        };
        unquoted(&mut mapped, body, start, style);
        breaks = vec![line.end];
    }
    mapped
}

/// Removes the blanks before a line break, but not one that is escaped.
fn trimmed_end(body: &str, style: Style) -> &str {
    let trimmed = body.trim_end_matches([' ', '\t']);
    if style == Style::DoubleQuoted && trimmed.len() < body.len() && ends_in_escape(trimmed) {
        return &body[..trimmed.len() + 1];
    }
    trimmed
}

/// Tells whether a text ends in a backslash that is not itself escaped.
fn ends_in_escape(text: &str) -> bool {
    let backslashes = text.len() - text.trim_end_matches('\\').len();
    backslashes % 2 == 1
}

fn unquoted(mapped: &mut Mapped, body: &str, start: usize, style: Style) {
    let marker = match style {
        Style::SingleQuoted => "''",
        Style::DoubleQuoted => "\\",
        _ => return mapped.push(body, start),
    };
    let mut at = 0;
    while let Some(found) = body[at..].find(marker) {
        let found = at + found;
        mapped.push(&body[at..found], start + at);
        let (text, length) = match style {
            Style::SingleQuoted => ('\'', 2),
            _ => unescaped(&body[found..]),
        };
        mapped.push(text.encode_utf8(&mut [0; 4]), start + found);
        at = found + length;
    }
    mapped.push(&body[at..], start + at);
}

/// The character that an escape stands for, and the escape's length. For what is no escape, or only half of a
/// pair, a character that the parser will not have read.
fn unescaped(text: &str) -> (char, usize) {
    let mut chars = text[1..].chars();
    let letter = chars.next().unwrap_or('\0');
    let digits = match letter {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => {
            return (
                short_escape(letter),
                1 + letter.len_utf8().min(text.len() - 1),
            );
        }
    };
    let code = text
        .get(2..2 + digits)
        .map(|hex| u32::from_str_radix(hex, 16));
    let decoded = code.and_then(Result::ok).and_then(char::from_u32);
    match decoded {
        Some(c) => (c, 2 + digits),
        None => ('\0', 2),
    }
}

/// YAML 1.2.2, 5.7.
fn short_escape(letter: char) -> char {
    match letter {
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    }
}

/// A block: indentation removed, lines kept or folded (YAML 1.2.2, 8.1).
fn block(text: &str, value: &str, range: Range<usize>, style: Style) -> Mapped {
    let mut mapped = Mapped::default();
    let line_start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = range.start - line_start;
    // The parser's span starts at the first text; empty lines before it belong to the block all the same.
    let empty = value.len() - value.trim_start_matches('\n').len();
    let before: Vec<usize> = text[..line_start]
        .rmatch_indices('\n')
        .take(empty)
        .map(|(at, _)| at)
        .collect();
    before.iter().rev().for_each(|at| mapped.push("\n", *at));
    let content = range.start..range.start + text[range].trim_end_matches([' ', '\n', '\r']).len();
    let lines = lines(text, content)
        .enumerate()
        .map(|(index, line)| match index {
            0 => line,
            _ => dedented(line, indent),
        });
    match style {
        Style::Folded => fold(&mut mapped, lines),
        _ => lines.for_each(|line| {
            mapped.push(line.text, line.start);
            mapped.push("\n", line.end);
        }),
    }
    mapped
}

fn dedented(line: Line<'_>, indent: usize) -> Line<'_> {
    let blanks = line.text.len() - line.text.trim_start_matches(' ').len();
    let removed = blanks.min(indent);
    Line {
        text: &line.text[removed..],
        start: line.start + removed,
        end: line.end,
    }
}

/// Joins lines as `>` does: a line break is a space, except beside an empty or a deeper indented line.
fn fold<'a>(mapped: &mut Mapped, lines: impl Iterator<Item = Line<'a>>) {
    let mut breaks: Vec<usize> = Vec::new();
    let mut was_deeper = false;
    for line in lines {
        if line.text.is_empty() {
            breaks.push(line.end);
            continue;
        }
        let deeper = line.text.starts_with([' ', '\t']);
        match breaks.as_slice() {
            [] => {}
            all if deeper || was_deeper => all.iter().for_each(|at| mapped.push("\n", *at)),
            [only] => mapped.push(" ", *only),
            [_, kept @ ..] => kept.iter().for_each(|at| mapped.push("\n", *at)),
        }
        mapped.push(line.text, line.start);
        breaks = vec![line.end];
        was_deeper = deeper;
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, documents};
    use super::*;

    /// The text of `a` in a file of one key, with its places.
    fn read(text: &str) -> Passage {
        let documents = documents(&Source::new("q.yaml", text));
        assert!(
            documents.findings.is_empty(),
            "{text}: {:?}",
            documents.findings
        );
        let Kind::Map(entries) = &documents.roots[0].kind else {
            panic!("the file is a map");
        };
        match &entries[0].value.kind {
            Kind::Scalar(scalar) => scalar.passage.clone(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_letter_leads_to_itself() {
        for (text, decoded) in [
            ("a: b c\n", "b c"),
            ("a: größe 日本 c # d\n", "größe 日本 c"),
            ("a: 'it''s 日'\n", "it's 日"),
            ("a: \"x\\ty \\\"z\\\"\"\n", "x\ty \"z\""),
            ("a: \"x\\n\\\n   y\"\n", "x\ny"),
            ("a: \"x \\\n   y\"\n", "x y"),
            ("a: \"x\\ \n   y\"\n", "x  y"),
            ("a: |\n  bc\n  de\n", "bc\nde\n"),
            ("a: |-\n  bc\n\n    de\n", "bc\n\n  de"),
            ("a: |+\n  bc\n\n", "bc\n\n"),
            ("a: |\n\n\n  bc\n", "\n\nbc\n"),
            ("a: |1\n  bc\n", " bc\n"),
            ("a: |\n  bc", "bc\n"),
            ("a: |\r\n  bc\r\n  de\r\n", "bc\nde\n"),
            ("a: >\n  bc\n  de\n\n  fg\n", "bc de\nfg\n"),
            ("a: >-\n  bc\n\n    de\n  fg\n", "bc\n\n  de\nfg"),
            ("a: >\n\n  bc\n  de\n", "\nbc de\n"),
            ("a: bc\n  de\n\n  fg\n", "bc de\nfg"),
            ("a: 'bc\n\n\n  de'\n", "bc\n\nde"),
            ("a: 'bc  \n  '\n", "bc "),
            ("- a: |\n    bc\n- b\n", "bc\n"),
        ] {
            let text = text.replace("- a: |\n    bc\n- b\n", "a: |\n    bc\nb: c\n");
            let passage = read(&text);
            assert_eq!(passage.text(), decoded, "{text}");
            for (at, c) in decoded.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
                let place = passage.place_of(at..at + c.len_utf8());
                assert_eq!(place.text(), c.to_string(), "{text}");
            }
        }
    }

    #[test]
    fn an_escape_is_pointed_at_from_its_backslash() {
        for (text, decoded) in [
            ("a: \"\\u00e9b\"\n", "éb"),
            ("a: \"\\x41b\"\n", "Ab"),
            ("a: \"\\U0001F600b\"\n", "😀b"),
            ("a: \"\\_b\"\n", "\u{a0}b"),
        ] {
            let passage = read(text);
            assert_eq!(passage.text(), decoded);
            assert_eq!(passage.place_of(0..1).start, 4, "{text}");
            let last = decoded.len() - 1;
            assert_eq!(passage.place_of(last..last + 1).text(), "b", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_mapped_is_pointed_at_as_a_whole() {
        let passage = read("a: \"\\ud83d\\ude00b\"\n");
        assert_eq!(passage.text(), "😀b");
        assert_eq!(passage.place_of(4..5).text(), "\"\\ud83d\\ude00b\"");
    }

    #[test]
    fn the_whole_has_its_quotes_and_no_blanks_around() {
        for (text, whole) in [
            ("a: 'b' # c\n", "'b'"),
            ("a: |\n  b\n\nc: d\n", "b"),
            ("a: b \n", "b"),
        ] {
            assert_eq!(read(text).place().text(), whole);
        }
    }
}
