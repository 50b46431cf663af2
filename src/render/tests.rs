//! What the tests of all formats share, and the promises that hold for every one of them.

use std::io::{self, Write};
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::fields::{Align, CellFormat};
use crate::rows::{Heading, RowError};
use crate::safe::is_hidden;
use crate::value::{Value, parse_json};

/// No terminal, headings, no colour, a fixed clock.
pub(super) fn look() -> Look {
    Look {
        width: None,
        headers: true,
        truncate: true,
        marks: Marks::InRows,
        colour: Colour::Off,
        now: "2026-03-01T00:00:00Z".parse().unwrap(),
    }
}

pub(super) fn text_header(names: &[&str]) -> Header {
    let heading = |name: &&str| Heading {
        name: (*name).to_owned(),
        format: CellFormat::Plain,
        align: Align::Left,
        wide: false,
    };
    Header::new("query", names.iter().map(heading).collect())
}

pub(super) fn row(cells: &[Value]) -> ResultRow {
    ResultRow {
        cells: cells.to_vec(),
        name: "ghcr.io/team/app:v1".to_owned(),
        error: None,
    }
}

/// Two rows, the second incomplete; a size, and a map in a wide column.
pub(super) fn sample() -> (Header, Vec<ResultRow>, Summary) {
    let mut header = text_header(&["REPOSITORY", "SIZE", "LABELS"]);
    header.query = "stale".to_owned();
    header.headings[1].format = CellFormat::Bytes;
    header.headings[1].align = Align::Right;
    header.headings[2].wide = true;
    let labels = parse_json(br#"{"a":[1]}"#).unwrap();
    let whole = row(&["team/app".into(), 29_100_000_u64.into(), labels]);
    let mut broken = row(&["team/db".into(), Value::Null, Value::map([])]);
    broken.name = "ghcr.io/team/db:v1".to_owned();
    broken.error = Some(Safe::new("manifest unknown"));
    let summary = Summary {
        gone: 1,
        errors: vec![error("manifest unknown")],
        ..Summary::default()
    };
    (header, vec![whole, broken], summary)
}

fn error(message: &str) -> RowError {
    RowError {
        registry: "ghcr.io".to_owned(),
        repository: Some("team/db".to_owned()),
        tag: Some("v1".to_owned()),
        field: Some("size"),
        code: "MANIFEST_UNKNOWN".to_owned(),
        message: Safe::new(message),
    }
}

pub(super) fn print(
    format: Format,
    header: &Header,
    rows: &[ResultRow],
    summary: &Summary,
) -> String {
    print_with(look(), format, header, rows, summary)
}

pub(super) fn print_with(
    look: Look,
    format: Format,
    header: &Header,
    rows: &[ResultRow],
    summary: &Summary,
) -> String {
    let mut out = Vec::new();
    let mut renderer = renderer(format, Queries::One, look, &mut out);
    run(renderer.as_mut(), header, rows, summary).unwrap();
    renderer.close().unwrap();
    drop(renderer);
    String::from_utf8(out).unwrap()
}

/// The same result `results` times, as a report.
pub(super) fn print_several(
    format: Format,
    header: &Header,
    rows: &[ResultRow],
    summary: &Summary,
    results: usize,
) -> String {
    let mut out = Vec::new();
    let mut renderer = renderer(format, Queries::Several, look(), &mut out);
    for _ in 0..results {
        run(renderer.as_mut(), header, rows, summary).unwrap();
    }
    renderer.close().unwrap();
    drop(renderer);
    String::from_utf8(out).unwrap()
}

fn run(
    renderer: &mut dyn Renderer,
    header: &Header,
    rows: &[ResultRow],
    summary: &Summary,
) -> io::Result<()> {
    renderer.begin(header)?;
    rows.iter().try_for_each(|row| renderer.row(row))?;
    renderer.finish(summary)
}

/// Any value, its texts any characters.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        "[-+.:#,0-9eE_ ]{0,6}",
        "[_a-zA-Z./@=():0-9 +-]{0,8}",
        "\\PC{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(|number| Value::int(number.into())),
        // Eighths are read back exactly by any reader.
        any::<i32>().prop_map(|number| Value::float(f64::from(number) / 8.0)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let key = any::<String>().prop_map(|key| Arc::<str>::from(key.as_str()));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::list),
            prop::collection::vec((key, inner), 0..5).prop_map(Value::map),
        ]
    })
}

#[test]
fn every_format_is_found_by_its_name() {
    for (name, format) in Format::NAMED {
        assert_eq!(Format::parse(name), Ok(format));
        assert_eq!(format.name(), name);
    }
}

#[test]
fn an_unknown_format_names_those_there_are() {
    let error = Format::parse("jsno").unwrap_err();
    assert_eq!(error.nearest, Some("json"));
    assert_eq!(error.to_string(), "unknown output format `jsno`");
    let expected = [
        "did you mean `json`?",
        "there are `table`, `wide`, `json`, `ndjson`, `yaml`, `csv`, `tsv`, `markdown`, `html`, `name`",
    ];
    assert_eq!(error.hints(), expected);
    assert_eq!(
        Format::parse("\u{1b}[2J").unwrap_err().given.as_str(),
        "\\x1b[2J"
    );
}

/// C0, DEL and C1, then characters that turn, hide or join.
fn hostile_characters() -> impl Iterator<Item = char> {
    let controls = (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32);
    let invisible = "\u{ad}\u{61c}\u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\
        \u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{2800}\u{3164}\
        \u{feff}\u{fff9}\u{ffff}\u{e0001}\u{e0041}\u{e007f}";
    controls.chain(invisible.chars())
}

/// A result in which every text is hostile.
fn hostile_result(c: char) -> (Header, Vec<ResultRow>, Summary) {
    let text = format!("{c}a{c}[31m{c}");
    let mut header = text_header(&[&text, "B", "C", "D"]);
    header.query = text.clone();
    header.headings[2].format = CellFormat::Json;
    header.headings[3].format = CellFormat::Age;
    let map = Value::map([(Arc::from(text.as_str()), text.as_str().into())]);
    let list = Value::list(vec![text.as_str().into(), map.clone()]);
    let mut row = row(&[text.as_str().into(), list, map, text.as_str().into()]);
    row.name = text.clone();
    row.error = Some(Safe::new(&text));
    let mut summary = Summary {
        errors: vec![error(&text)],
        ..Summary::default()
    };
    summary.errors[0].registry = text.clone();
    summary.errors[0].repository = Some(text.clone());
    summary.errors[0].tag = Some(text.clone());
    summary.errors[0].code = text;
    (header, vec![row], summary)
}

#[test]
fn f1_f2_no_format_lets_a_hidden_character_through() {
    let mut seen = 0;
    for c in hostile_characters() {
        let (header, rows, summary) = hostile_result(c);
        for (name, format) in Format::NAMED {
            let one = print(format, &header, &rows, &summary);
            let several = print_several(format, &header, &rows, &summary, 2);
            for text in [one, several] {
                let ours = |found: char| found == '\n' || (found == '\t' && format == Format::Tsv);
                assert!(
                    !text.contains(|found| is_hidden(found) && !ours(found)),
                    "{name} {c:?}: {text:?}"
                );
                assert!(text.ends_with('\n'), "{name} {c:?}: {text:?}");
            }
            seen += 1;
        }
    }
    assert!(seen >= (65 + 25) * Format::NAMED.len());
}

#[test]
fn f1_every_line_is_ours_whatever_the_texts_hold() {
    let harmless = hostile_result('x');
    for c in hostile_characters() {
        let (header, rows, summary) = hostile_result(c);
        for (name, format) in Format::NAMED {
            let lines = print(format, &header, &rows, &summary).lines().count();
            let expected = print(format, &harmless.0, &harmless.1, &harmless.2)
                .lines()
                .count();
            assert_eq!(lines, expected, "{name} {c:?}");
        }
    }
}

#[test]
fn f4_no_format_starts_a_line_with_a_runner_command() {
    for word in ["::error::x", "##[group]", "##vso[task]", " ##teamcity[x]"] {
        let (mut header, mut rows, summary) = hostile_result('x');
        header.headings[0].name = word.to_owned();
        rows[0].cells[0] = word.into();
        rows[0].name = word.to_owned();
        for (name, format) in Format::NAMED {
            let text = print(format, &header, &rows, &summary);
            for line in text.lines() {
                assert_eq!(crate::safe::guard_line_start(line), line, "{name}: {text}");
            }
        }
    }
}

/// A reader that has gone.
struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_told_as_one_by_every_format() {
    let (header, rows, summary) = sample();
    for (name, format) in Format::NAMED {
        let mut out = ClosedPipe;
        let mut renderer = renderer(format, Queries::One, look(), &mut out);
        let error = run(renderer.as_mut(), &header, &rows, &summary).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{name}");
    }
}

#[test]
fn formats_of_bare_rows_need_one_query() {
    let bare = Format::NAMED
        .into_iter()
        .filter(|(_, format)| format.needs_one_query());
    let names: Vec<&str> = bare.map(|(name, _)| name).collect();
    assert_eq!(names, ["ndjson", "csv", "tsv", "name"]);
}

proptest! {
    #[test]
    fn f8_json_is_valid_and_true_whatever_the_cells_hold(cells in prop::collection::vec(value(), 3)) {
        let (header, _, summary) = sample();
        let rows = [row(&cells)];
        let document = parse_json(print(Format::Json, &header, &rows, &summary).as_bytes()).unwrap();
        prop_assert_eq!(document, result_document(&header, &rows, &summary));
        let line = print(Format::Ndjson, &header, &rows, &summary);
        prop_assert_eq!(line.lines().count(), 1);
        parse_json(line.as_bytes()).unwrap();
    }

    #[test]
    fn f3_every_line_of_a_table_fits_a_terminal_that_is_wide_enough(
        rows in prop::collection::vec(prop::collection::vec(value(), 4), 1..8),
        width in 41usize..120,
    ) {
        use unicode_width::UnicodeWidthStr;
        let rows: Vec<ResultRow> = rows.iter().map(|cells| row(cells)).collect();
        let look = Look { width: Some(width), ..look() };
        let header = text_header(&["REPOSITORY", "B", "C", "D"]);
        let table = print_with(look, Format::Table, &header, &rows, &Summary::default());
        prop_assert_eq!(table.lines().count(), rows.len() + 1);
        for line in table.lines() {
            prop_assert!(line.width() <= width, "{:?}", line);
        }
    }
}
