//! `-o csv` and `-o tsv`: one record per line, quoted as RFC 4180 says.
//!
//! Two readers are minded: programs, which get raw values, and spreadsheets, which would take a text that
//! starts like a formula for one (threats F-5). Numbers are ours and stay numbers. The only file that knows
//! the csv crate.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{Look, Renderer};
use crate::rows::{Header, ResultRow, Summary};
use crate::safe::{escape, guard_line_start};
use crate::value::{JsonStyle, Value, to_json};

/// The renderer of `csv` and `tsv`.
pub(super) struct Delimited<'a> {
    out: csv::Writer<&'a mut dyn Write>,
    headers: bool,
}

impl<'a> Delimited<'a> {
    /// Makes one that puts `delimiter` between cells, with a line of headings if `look` says so.
    pub(super) fn new(delimiter: u8, look: Look, out: &'a mut dyn Write) -> Self {
        let out = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_writer(out);
        Self {
            out,
            headers: look.headers,
        }
    }

    /// Writes a record at once: the crate would keep rows back that somebody waits for.
    fn record(&mut self, mut cells: Vec<String>) -> io::Result<()> {
        if let Some(first) = cells.first_mut() {
            *first = guard_line_start(first).into_owned();
        }
        self.out.write_record(&cells).map_err(into_io)?;
        self.out.flush()
    }
}

impl Renderer for Delimited<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        if !self.headers {
            return Ok(());
        }
        let names = header.headings.iter();
        self.record(names.map(|heading| text_cell(&heading.name)).collect())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        self.record(row.cells.iter().map(cell).collect())
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.out.flush()
    }
}

/// A cell: null is empty, a text stands bare, all else is compact JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Text(text) => text_cell(text),
        other => to_json(other, JsonStyle::Compact),
    }
}

fn text_cell(text: &str) -> String {
    guard_formula(&escape(text), text).into_owned()
}

/// What a spreadsheet takes for the start of a formula, full-width forms included.
const FORMULA_STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Puts an apostrophe before `shown` if `text`, which it shows, starts like a formula (threats F-5).
/// Space before it does not help: importers may trim.
fn guard_formula<'a>(shown: &'a str, text: &str) -> Cow<'a, str> {
    let starts = text.trim_start().starts_with(FORMULA_STARTS);
    if starts || text.starts_with(['\t', '\r', '\n']) {
        return Cow::Owned(format!("'{shown}"));
    }
    Cow::Borrowed(shown)
}

/// Keeps the kind of an I/O error, which the crate's own conversion drops: a closed pipe must be told
/// from a full disk.
fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{look, print, print_with, row, sample, text_header};
    use super::*;

    #[test]
    fn values_are_raw_and_quoted() {
        let (header, rows, summary) = sample();
        let csv = print(Format::Csv, &header, &rows, &summary);
        let expected =
            "REPOSITORY,SIZE,LABELS\nteam/app,29100000,\"{\"\"a\"\":[1]}\"\nteam/db,,{}\n";
        assert_eq!(csv, expected);
        let tsv = print(Format::Tsv, &header, &rows, &summary);
        assert!(
            tsv.starts_with("REPOSITORY\tSIZE\tLABELS\nteam/app\t29100000\t"),
            "{tsv}"
        );
    }

    #[test]
    fn headings_can_be_left_out() {
        let (header, rows, summary) = sample();
        let look = Look {
            headers: false,
            ..look()
        };
        let csv = print_with(look, Format::Csv, &header, &rows, &summary);
        assert!(csv.starts_with("team/app,"), "{csv}");
    }

    #[test]
    fn f5_texts_that_start_like_formulas_get_an_apostrophe() {
        let starts = "= + - @ ＝ ＋ － ＠".split(' ').map(str::to_owned);
        let payloads = starts.map(|start| start + "cmd|' /C calc'!A0").chain([
            "\t=1".to_owned(),
            "\r=1".to_owned(),
            "\n=1".to_owned(),
            " =1".to_owned(),
            "=HYPERLINK(\"https://example.test\",\"x\")".to_owned(),
            "-1".to_owned(),
        ]);
        for payload in payloads {
            for format in [Format::Csv, Format::Tsv] {
                let rows = [row(&["a".into(), payload.as_str().into()])];
                let mut header = text_header(&["A", "B"]);
                header.headings[0].name = payload.clone();
                let text = print(format, &header, &rows, &Summary::default());
                let delimiter = if format == Format::Csv { b',' } else { b'\t' };
                let records = records(&text, delimiter);
                assert!(records[0][0].starts_with('\''), "{text:?}");
                assert!(records[1][1].starts_with('\''), "{text:?}");
            }
        }
    }

    #[test]
    fn f5_numbers_that_we_made_stay_numbers() {
        let rows = [row(&[Value::int(-1), Value::Float(-0.5)])];
        let text = print(
            Format::Csv,
            &text_header(&["A", "B"]),
            &rows,
            &Summary::default(),
        );
        assert_eq!(text, "A,B\n-1,-0.5\n");
    }

    #[test]
    fn a_tab_or_a_line_break_stays_inside_its_cell() {
        let rows = [row(&["a\tb\nc\r\"d\"".into(), "e,f".into()])];
        for (format, delimiter) in [(Format::Csv, b','), (Format::Tsv, b'\t')] {
            let text = print(
                format,
                &text_header(&["A", "B"]),
                &rows,
                &Summary::default(),
            );
            assert_eq!(text.lines().count(), 2, "{text:?}");
            assert_eq!(records(&text, delimiter)[1], ["a\\tb\\nc\\r\"d\"", "e,f"]);
        }
    }

    fn records(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).delimiter(delimiter);
        let records = reader.from_reader(text.as_bytes()).into_records();
        let cells = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
        records.map(|record| cells(record.unwrap())).collect()
    }
}
