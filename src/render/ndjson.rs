//! `-o ndjson`: one bare row per line, as an object (threats F-8). How the run went is told on stderr.

use std::io::{self, Write};

use super::{Renderer, document};
use crate::rows::{Header, ResultRow, Summary};
use crate::value::{JsonStyle, to_json};

/// The renderer of `ndjson`.
pub(super) struct Ndjson<'a> {
    out: &'a mut dyn Write,
    header: Option<Header>,
}

impl<'a> Ndjson<'a> {
    /// Makes one.
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, header: None }
    }
}

impl Renderer for Ndjson<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        let header = self.header.as_ref().expect("rows come after `begin`");
        let value = document::row_value(header, row);
        writeln!(self.out, "{}", to_json(&value, JsonStyle::Compact))
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{print, sample};

    #[test]
    fn one_object_per_line() {
        let (header, rows, summary) = sample();
        let text = print(Format::Ndjson, &header, &rows, &summary);
        let expected = r#"{"REPOSITORY":"team/app","SIZE":29100000,"LABELS":{"a":[1]}}
{"REPOSITORY":"team/db","SIZE":null,"LABELS":{},"_error":"manifest unknown"}
"#;
        assert_eq!(text, expected);
    }
}
