//! `-o json`: one document, written row by row, valid whatever the rows hold (threats F-8).
//!
//! A run that is broken off leaves a document that no reader accepts, never one that looks whole.

use std::io::{self, Write};

use super::{Queries, Renderer, document};
use crate::rows::{Header, ResultRow, Summary};
use crate::value::{JsonStyle, Value, to_json};

/// The renderer of `json`.
pub(super) struct Json<'a> {
    out: &'a mut dyn Write,
    queries: Queries,
    header: Option<Header>,
    results: usize,
    rows: usize,
}

impl<'a> Json<'a> {
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

    /// Spaces before the brace of a result.
    fn margin(&self) -> usize {
        match self.queries {
            Queries::One => 0,
            Queries::Several => 4,
        }
    }

    /// Starts a line `depth` spaces in.
    fn line(&mut self, depth: usize, text: &str) -> io::Result<()> {
        write!(self.out, "\n{:depth$}{text}", "")
    }

    /// Writes a value that stands `depth` spaces in. Line breaks inside texts are escapes, so all that
    /// are found are layout.
    fn value(&mut self, depth: usize, value: &Value) -> io::Result<()> {
        let json = to_json(value, JsonStyle::Pretty);
        let indented = json.replace('\n', &format!("\n{:depth$}", ""));
        self.out.write_all(indented.as_bytes())
    }

    fn entry(&mut self, depth: usize, name: &str, value: &Value) -> io::Result<()> {
        self.line(depth, &format!("\"{name}\": "))?;
        self.value(depth, value)
    }

    /// Opens the list around several results; a run without any has one too.
    fn open_list(&mut self) -> io::Result<()> {
        self.out.write_all(b"{")?;
        for (name, value) in document::list_opening() {
            self.entry(2, name, &value)?;
            self.out.write_all(b",")?;
        }
        self.line(2, "\"items\": [")
    }

    fn separate_result(&mut self) -> io::Result<()> {
        match (self.queries, self.results) {
            (Queries::One, _) => return Ok(()),
            (Queries::Several, 0) => self.open_list()?,
            (Queries::Several, _) => self.out.write_all(b",")?,
        }
        self.line(self.margin(), "")
    }
}

impl Renderer for Json<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.separate_result()?;
        self.header = Some(header.clone());
        self.results += 1;
        self.rows = 0;
        let depth = self.margin() + 2;
        self.out.write_all(b"{")?;
        for (name, value) in document::opening(header) {
            self.entry(depth, name, &value)?;
            self.out.write_all(b",")?;
        }
        self.line(depth, "\"items\": [")
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        let header = self.header.as_ref().expect("rows come after `begin`");
        let value = document::row_value(header, row);
        if self.rows > 0 {
            self.out.write_all(b",")?;
        }
        self.rows += 1;
        let depth = self.margin() + 4;
        self.line(depth, "")?;
        self.value(depth, &value)
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let margin = self.margin();
        if self.rows > 0 {
            self.line(margin + 2, "")?;
        }
        self.out.write_all(b"]")?;
        for (name, value) in document::closing(summary) {
            self.out.write_all(b",")?;
            self.entry(margin + 2, name, &value)?;
        }
        self.line(margin, "}")?;
        match self.queries {
            Queries::One => self.out.write_all(b"\n"),
            Queries::Several => Ok(()),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        if self.queries == Queries::One {
            return Ok(());
        }
        match self.results {
            0 => self.open_list()?,
            _ => self.line(2, "")?,
        }
        self.out.write_all(b"]\n}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{print, print_several, sample};
    use super::super::{Format, result_document};
    use super::*;
    use crate::value::parse_json;

    #[test]
    fn the_document_of_the_contract() {
        let (header, rows, summary) = sample();
        let expected = r#"{
  "apiVersion": "regq/v1",
  "kind": "Result",
  "query": "stale",
  "items": [
    {
      "REPOSITORY": "team/app",
      "SIZE": 29100000,
      "LABELS": {
        "a": [
          1
        ]
      }
    },
    {
      "REPOSITORY": "team/db",
      "SIZE": null,
      "LABELS": {},
      "_error": "manifest unknown"
    }
  ],
  "gone": 1,
  "errors": [
    {
      "registry": "ghcr.io",
      "repository": "team/db",
      "tag": "v1",
      "field": "size",
      "code": "MANIFEST_UNKNOWN",
      "message": "manifest unknown"
    }
  ],
  "complete": false
}
"#;
        assert_eq!(print(Format::Json, &header, &rows, &summary), expected);
    }

    #[test]
    fn written_piece_by_piece_it_is_the_document_as_a_whole() {
        let (header, rows, summary) = sample();
        for rows in [&rows[..0], &rows[..1], &rows[..]] {
            let document = result_document(&header, rows, &summary);
            let whole = to_json(&document, JsonStyle::Pretty) + "\n";
            assert_eq!(print(Format::Json, &header, rows, &summary), whole);
        }
    }

    #[test]
    fn several_queries_make_a_list() {
        let (header, rows, summary) = sample();
        for results in 0..3 {
            let text = print_several(Format::Json, &header, &rows, &summary, results);
            let list = parse_json(text.as_bytes()).unwrap();
            assert_eq!(list.get("kind"), Some(&"ResultList".into()));
            let items = list.get("items").and_then(Value::as_list).unwrap();
            assert_eq!(items.len(), results);
            let whole = to_json(&list, JsonStyle::Pretty) + "\n";
            assert_eq!(text, whole, "layout is that of pretty JSON");
        }
    }
}
