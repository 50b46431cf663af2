//! Text that YAML has taken for something of its own, and how its line is written rightly.
//!
//! JMESPath and patterns use many characters that mean something to YAML: `!`, `*`, `&`, `{`, `[`, `: `, ` #`. Whoever
//! finds one of them eaten asks here for the hint. Only the line is looked at, never the tree.

use std::ops::Range;

use super::nesting::{is_balanced, outside};
use super::{Scalar, Style};
use crate::diagnostic::{Diagnostic, Source};

/// A longer line is not repeated in a hint.
const SHOWN_CHARS: usize = 160;
/// Nor is one looked at that is longer to either side.
const LINE_BYTES: usize = 1024;

/// Says how the value at byte `at` is written so that YAML takes it as text.
pub fn hint(source: &Source, at: usize) -> String {
    match written_rightly(&source.text, at) {
        Some(Rightly::Quoted(line)) => format!("in quotes it is text: `{line}`"),
        Some(Rightly::Block(lines)) => format!("as a block it is text:\n{lines}"),
        None => "put the text in single quotes, or in a block after `|`".to_owned(),
    }
}

enum Rightly {
    Quoted(String),
    Block(String),
}

fn written_rightly(text: &str, at: usize) -> Option<Rightly> {
    let line = line_around(text, at)?;
    let (start, value) = value_of(text, &line, at)?;
    let at = at.min(start + value.len());
    if value.starts_with(['[', '{']) && at > start && !closes_before(value, at - start) {
        let item = quoted(item_around(value, at - start));
        return Some(Rightly::Quoted(item)).filter(Rightly::is_short);
    }
    let head = text[line.start..start].trim();
    let value = without_outer_quotes(value);
    let rightly = if value.contains('\'') {
        Rightly::Block(format!("{head} |\n  {value}"))
    } else {
        Rightly::Quoted(format!("{head} {}", quoted(value)).trim_start().to_owned())
    };
    Some(rightly).filter(Rightly::is_short)
}

impl Rightly {
    fn is_short(&self) -> bool {
        let (Self::Quoted(text) | Self::Block(text)) = self;
        text.chars().count() <= SHOWN_CHARS
    }
}

/// Takes off quotes that were meant to go around all of a text which has the same quotes in it: what YAML takes
/// for the closing one has more text right after it.
fn without_outer_quotes(value: &str) -> &str {
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return value;
    };
    let Some(inner) = value[1..].strip_suffix(quote) else {
        return value;
    };
    let after = inner
        .find(quote)
        .and_then(|closing| inner[closing + 1..].chars().next());
    match after {
        Some(c) if c.is_alphanumeric() || c == quote => inner,
        _ => value,
    }
}

fn quoted(text: &str) -> String {
    if text.contains('\'') && !text.contains(['"', '\\']) {
        return format!("\"{text}\"");
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// The line with the byte `at` in it; none if it is too long to be shown. Looks no further than it has to: many
/// findings may lie on one line of a megabyte (threats G4).
fn line_around(text: &str, at: usize) -> Option<Range<usize>> {
    let (before, after) = (text.as_bytes().get(..at)?, text.as_bytes().get(at..)?);
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let back = before
        .iter()
        .rev()
        .take(LINE_BYTES)
        .take_while(|byte| !is_break(byte))
        .count();
    let on = after
        .iter()
        .take(LINE_BYTES)
        .take_while(|byte| !is_break(byte))
        .count();
    (back < LINE_BYTES && on < LINE_BYTES).then(|| at - back..at + on)
}

/// The value on a line, after its dashes and its key, without a comment; none if `at` is before it.
fn value_of<'a>(text: &'a str, line: &Range<usize>, at: usize) -> Option<(usize, &'a str)> {
    let blanks = |from: usize| {
        let rest = &text[from..line.end];
        from + (rest.len() - rest.trim_start().len())
    };
    let mut start = blanks(line.start);
    while text[start..line.end].starts_with("- ") {
        start = blanks(start + 2);
    }
    if let Some(key) = key_length(&text[start..line.end]).filter(|length| start + length <= at) {
        start = blanks(start + key);
    }
    let value = without_comment(text[start..line.end].trim_end());
    (start <= at && !value.is_empty()).then_some((start, value))
}

/// The length of a key with its colon.
fn key_length(line: &str) -> Option<usize> {
    let quote = line.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let name = match quote {
        Some(quote) => line[1..].find(quote)? + 2,
        None => line
            .find(": ")
            .or_else(|| line.strip_suffix(':').map(str::len))?,
    };
    let is_word = quote.is_some() || !line[..name].contains(['\'', '"', '[', '{', '(', '`']);
    (is_word && line[name..].starts_with(':')).then_some(name + 1)
}

/// Cuts a comment off, unless that would cut an expression in two.
fn without_comment(value: &str) -> &str {
    let comments = value
        .match_indices(" #")
        .map(|(at, _)| value[..at].trim_end());
    let mut whole = comments.filter(|before| is_balanced(before));
    whole.next().unwrap_or(value)
}

/// Tells whether the bracket at the start of a value is closed before `at`.
fn closes_before(value: &str, at: usize) -> bool {
    is_balanced(&value[..at])
}

/// The item of a list or map in brackets that has the byte `at` in it.
///
/// What YAML takes for the start of the item may be a comma inside a call; the shortest text that is whole is meant.
fn item_around(value: &str, at: usize) -> &str {
    let separators = value[..at].rmatch_indices([',', '[', '{', ':']);
    let starts = separators
        .map(|(found, _)| found)
        .filter(|found| !value[..*found].ends_with('$') && is_separator(value, *found))
        .map(|found| found + 1);
    let items: Vec<&str> = starts
        .chain([1])
        .map(|start| item_of(&value[start..]))
        .collect();
    let whole = items.iter().copied().find(|item| is_balanced(item));
    whole.unwrap_or(items[0])
}

/// The item that a text starts with, without what closes the list or map around it.
fn item_of(text: &str) -> &str {
    let comma = outside(text).find(|(_, c)| *c == ',');
    let item = text[..comma.map_or(text.len(), |(comma, _)| comma)].trim();
    if is_balanced(item) {
        return item;
    }
    let closing = item.rfind([']', '}']).unwrap_or(item.len());
    item[..closing].trim_end()
}

fn is_separator(value: &str, at: usize) -> bool {
    !value[at..].starts_with(':') || value[at..].starts_with(": ")
}

/// Warns of an expression that looks cut off: what follows it on its line is a comment to YAML, or the next item
/// of a list in brackets, and what is left of it has a bracket or a quote without partner.
pub fn cut(scalar: &Scalar) -> Option<Diagnostic> {
    let place = scalar.passage.place();
    if scalar.style != Style::Plain || is_balanced(scalar.passage.text()) {
        return None;
    }
    let text = &place.source.text;
    let rest = &text[place.end..line_around(text, place.end)?.end];
    let message = if rest.trim_start().starts_with('#') && rest.starts_with([' ', '\t']) {
        "YAML takes ` #` for the start of a comment and cuts the text here"
    } else if rest.trim_start().starts_with(',') {
        "YAML takes `,` for the end of an item and cuts the text here"
    } else {
        return None;
    };
    let finding = Diagnostic::warning(message).at(&place, "this is what is left");
    Some(finding.hint(hint(&place.source, place.start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, at: &str) -> String {
        let source = Source::new("q.yaml", text);
        hint(&source, text.find(at).expect("the marker is in the text"))
    }

    #[test]
    fn the_line_is_shown_as_it_should_be() {
        for (text, at, right) in [
            ("where: !signed\n", "!", "where: '!signed'"),
            ("  - !signed # yes\n", "!", "- '!signed'"),
            ("a:\n  TAG: *x\nb: 1\n", "*", "TAG: '*x'"),
            ("tags: [*, b]\n", "*", "`'*'`"),
            ("tags: [a, !x*]\n", "!", "`'!x*'`"),
            ("tags: [${t}/x, b]\n", "{", "`'${t}/x'`"),
            ("tags: {include: !x, regex: y}\n", "!", "`'!x'`"),
            ("where: [a].b\n", ".b", "where: '[a].b'"),
            ("where: [f(a, 'b')]\n", ")]", "`\"f(a, 'b')\"`"),
            (
                "IDS: tags[].{n: name}\n",
                ": name",
                "IDS: 'tags[].{n: name}'",
            ),
            ("where: x == 'a: b'\n", ": b", "where: |\n  x == 'a: b'"),
            ("where: {a: 'b'}\n", "{", "where: |\n  {a: 'b'}"),
            ("\"my key\": !x\n", "!", "\"my key\": '!x'"),
            ("- - !x\n", "!", "- - '!x'"),
            ("a: @ # note\n", "@", "a: '@'"),
            ("where: 'it's'\n", "s'", "where: |\n  it's"),
            ("where: 'x == 'y''\n", "y", "where: |\n  x == 'y'"),
            ("where: \"a\" == \"b\"\n", "==", "where: '\"a\" == \"b\"'"),
            ("a: !f('#x #y')\n", "!", "a: |\n  !f('#x #y')"),
        ] {
            let hint = shown(text, at);
            assert!(hint.contains(right), "{text}: {hint}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_shown_gets_words() {
        let long = format!("where: !{}\n", "x".repeat(300));
        assert!(shown(&long, "!").starts_with("put the text in single quotes"));
    }
}
