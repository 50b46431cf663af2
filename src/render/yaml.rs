//! `-o yaml`: the document of `-o json` in readable blocks, written row by row.
//!
//! The writer is ours: serde-saphyr's writes bidirectional and zero-width characters as they are, and no
//! format of ours may (threats F-1, F-2). It is simple because it is timid: a text that is not plainly a
//! word is quoted, so that no reader, of YAML 1.1 or 1.2, takes it for a number, a date or a truth value.

use std::io::{self, Write};

use super::{Queries, Renderer, document};
use crate::rows::{Header, ResultRow, Summary};
use crate::safe::is_hidden;
use crate::value::{JsonStyle, Value, to_json};
use crate::yaml::quoted;

/// The renderer of `yaml`.
pub(super) struct Yaml<'a> {
    out: &'a mut dyn Write,
    queries: Queries,
    header: Option<Header>,
    results: usize,
    rows: usize,
}

impl<'a> Yaml<'a> {
    /// Makes one for a run.
    pub(super) fn new(queries: Queries, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            queries,
            header: None,
            results: 0,
            rows: 0,
        }
    }

    /// Columns before the keys of a result.
    fn margin(&self) -> usize {
        match self.queries {
            Queries::One => 0,
            Queries::Several => 2,
        }
    }

    fn open_list(&mut self) -> io::Result<()> {
        for (name, value) in document::list_opening() {
            write_entry(self.out, name, &value, 0)?;
        }
        self.out.write_all(b"items:")
    }
}

impl Renderer for Yaml<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        let margin = self.margin();
        if self.queries == Queries::Several {
            if self.results == 0 {
                self.open_list()?;
                self.out.write_all(b"\n")?;
            }
            self.out.write_all(b"- ")?;
        }
        self.header = Some(header.clone());
        self.results += 1;
        self.rows = 0;
        for (name, value) in document::opening(header) {
            write_entry(self.out, name, &value, margin)?;
            write!(self.out, "{:margin$}", "")?;
        }
        self.out.write_all(b"items:")
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        let header = self.header.as_ref().expect("rows come after `begin`");
        let value = document::row_value(header, row);
        let margin = self.margin();
        if self.rows == 0 {
            self.out.write_all(b"\n")?;
        }
        self.rows += 1;
        write!(self.out, "{:margin$}- ", "")?;
        write_block(self.out, &value, margin + 2)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if self.rows == 0 {
            self.out.write_all(b" []\n")?;
        }
        let margin = self.margin();
        for (name, value) in document::closing(summary) {
            write!(self.out, "{:margin$}", "")?;
            write_entry(self.out, name, &value, margin)?;
        }
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        match (self.queries, self.results) {
            (Queries::Several, 0) => {
                self.open_list()?;
                self.out.write_all(b" []\n")
            }
            _ => Ok(()),
        }
    }
}

/// Writes a value and a line break. The first line is begun and stands `column` columns in; so do the others.
fn write_block(out: &mut dyn Write, value: &Value, column: usize) -> io::Result<()> {
    if is_flat(value) {
        return writeln!(out, "{}", scalar(value));
    }
    let entries = value.as_map().into_iter().flatten();
    for (at, (key, entry)) in entries.enumerate() {
        if at > 0 {
            write!(out, "{:column$}", "")?;
        }
        write_entry(out, key, entry, column)?;
    }
    for (at, item) in value.as_list().unwrap_or_default().iter().enumerate() {
        if at > 0 {
            write!(out, "{:column$}", "")?;
        }
        out.write_all(b"- ")?;
        write_block(out, item, column + 2)?;
    }
    Ok(())
}

/// Longest key that may stand before its colon on one line (YAML 1.2, 7.4.2).
const KEY_CHARS: usize = 1024;

/// Writes `key: value` and a line break; the line is begun and stands `column` columns in.
fn write_entry(out: &mut dyn Write, key: &str, value: &Value, column: usize) -> io::Result<()> {
    let key = text(key);
    if key.chars().count() > KEY_CHARS {
        write!(out, "? {key}\n{:column$}:", "")?;
    } else {
        write!(out, "{key}:")?;
    }
    if is_flat(value) {
        return writeln!(out, " {}", scalar(value));
    }
    // A list under a key stands below it, a map two columns in, as kubectl writes them.
    let column = match value {
        Value::List(_) => column,
        _ => column + 2,
    };
    write!(out, "\n{:column$}", "")?;
    write_block(out, value, column)
}

/// Tells whether a value takes one line: neither a list nor a map, unless an empty one.
fn is_flat(value: &Value) -> bool {
    value.as_list().is_none_or(<[Value]>::is_empty)
        && value.as_map().is_none_or(|map| map.is_empty())
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Text(content) => text(content),
        // Numbers, truth values, null, `[]` and `{}` are YAML as JSON writes them.
        other => to_json(other, JsonStyle::Compact),
    }
}

fn text(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    quoted(text)
}

/// What a reader of YAML 1.1 or 1.2 could take for something other than a text.
const RESERVED: [&str; 11] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
];

/// Tells whether a text can stand without quotes: it starts with a letter, so it is no number, date or sign of
/// YAML, and goes on with what has no meaning in YAML.
fn is_plain(text: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() && !is_hidden(c);
    // Some readers drop underscores before they look for numbers.
    let word = text.trim_start_matches('_');
    word.starts_with(|c: char| c.is_alphabetic() && is_word(c))
        && word
            .chars()
            .all(|c| is_word(c) || "_./-+@=() :".contains(c))
        && !word.ends_with([' ', ':'])
        && !word.contains(": ")
        && !RESERVED.contains(&word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::tests::{print, print_several, sample, value};
    use super::super::{Format, result_document};
    use super::*;

    fn written(value: &Value) -> String {
        let mut out = Vec::new();
        write_block(&mut out, value, 0).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Reads YAML with a reader that is not ours; gives it as JSON.
    fn read(yaml: &str) -> serde_json::Value {
        serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"))
    }

    fn json(value: &Value) -> serde_json::Value {
        serde_json::from_str(&to_json(value, JsonStyle::Compact)).unwrap()
    }

    #[test]
    fn the_document_of_the_contract() {
        let (header, rows, summary) = sample();
        let expected = "\
apiVersion: regq/v1
kind: Result
query: stale
items:
- REPOSITORY: team/app
  SIZE: 29100000
  LABELS:
    a:
    - 1
- REPOSITORY: team/db
  SIZE: null
  LABELS: {}
  _error: manifest unknown
gone: 1
errors:
- registry: ghcr.io
  repository: team/db
  tag: v1
  field: size
  code: MANIFEST_UNKNOWN
  message: manifest unknown
complete: false
";
        assert_eq!(print(Format::Yaml, &header, &rows, &summary), expected);
    }

    #[test]
    fn one_result_and_several_read_back_as_the_document() {
        let (header, rows, summary) = sample();
        for rows in [&rows[..0], &rows[..]] {
            let document = json(&result_document(&header, rows, &summary));
            assert_eq!(
                read(&print(Format::Yaml, &header, rows, &summary)),
                document
            );
            for results in 0..3 {
                let list = read(&print_several(
                    Format::Yaml,
                    &header,
                    rows,
                    &summary,
                    results,
                ));
                assert_eq!(list["kind"], "ResultList");
                assert_eq!(
                    list["items"],
                    serde_json::Value::from(vec![document.clone(); results])
                );
            }
        }
    }

    #[test]
    fn words_stand_bare_and_all_else_in_quotes() {
        for bare in [
            "team/app",
            "v1.2.3",
            "sha256:0a1b",
            "größe",
            "GPL-2.0 (or later)",
            "a = b",
        ] {
            assert_eq!(text(bare), bare);
        }
        for quotable in [
            "",
            "1",
            "1.20",
            "0x1f",
            "1e3",
            "1:30",
            "+1",
            "-1",
            ".5",
            "2026-02-27",
            "yes",
            "No",
            "ON",
            "y",
            "null",
            "Null",
            "~",
            "true",
            "NaN",
            ".inf",
            "a: b",
            "a:",
            "a #b",
            "#a",
            " a",
            "a ",
            "- a",
            "-",
            "?",
            "&a",
            "*a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a`",
            "[a]",
            "{a}",
            "a, b",
            "'a'",
            "---",
            "...",
            "<<",
            "=",
            "a\nb",
            "a\tb",
            "\u{7f}",
            "\u{85}",
            "\u{feff}a",
            "a\u{202e}b",
            "a\u{e0041}",
        ] {
            let shown = text(quotable);
            assert!(
                shown.starts_with('"') && !shown.contains(is_hidden),
                "{shown}"
            );
            assert_eq!(read(&shown), quotable, "{shown}");
        }
    }

    #[test]
    fn a_key_too_long_for_a_line_is_still_a_key() {
        let long: Arc<str> = Arc::from("k".repeat(5000));
        for content in [
            Value::Null,
            Value::list(vec![Value::int(1)]),
            Value::map([("a".into(), Value::Null)]),
        ] {
            let map = Value::map([(
                "a".into(),
                Value::map([(long.clone(), content), ("b".into(), Value::Null)]),
            )]);
            assert_eq!(read(&written(&map)), json(&map));
        }
    }

    proptest! {
        #[test]
        fn f8_any_value_reads_back_the_same(value in value()) {
            let yaml = written(&value);
            prop_assert!(!yaml.contains(|c| c != '\n' && is_hidden(c)), "{}", yaml);
            prop_assert_eq!(read(&yaml), json(&value), "{}", yaml);
        }
    }
}
