//! Texts that want to be more than text, in every place of a result, in every output: each is read by a reader that knows
//! nothing of ours, and is text there (threats F-1 to F-8).

use std::sync::Arc;

use proptest::prelude::*;
use regq::diagnostic::Colour;
use regq::fields::{Align, CellFormat};
use regq::render::{Format, Look, Marks, Queries, renderer};
use regq::rows::{Checked, Header, Heading, Lacking, ResultRow, RowError, Summary, Verdict};
use regq::safe::{Safe, escape, guard_line_start, is_hidden};
use regq::value::Value;

use super::support::readers::{Markdown, Page, Screen, records};

/// What each reader might take for more than text.
const PAYLOADS: [&str; 96] = [
    // A terminal.
    "\u{1b}[2J",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;https://evil.example\u{1b}\\x\u{1b}]8;;\u{1b}\\",
    "\u{1b}P1$r\u{1b}\\",
    "\u{9b}31m",
    "a\rb",
    "a\nb",
    "a\u{8}b",
    "\u{202e}gpj.exe",
    "\u{200b}",
    "\u{e0041}",
    // A CI runner.
    "::error::x",
    "::set-output name=a::b",
    "  ::add-mask::x",
    "##[command]x",
    "##vso[task.setvariable variable=a]b",
    "##teamcity[x]",
    // A spreadsheet.
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠SUM",
    " =1",
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "a,b",
    "a\"b",
    "\"",
    // A browser.
    "<script>alert(1)</script>",
    "</script><script>alert(1)",
    "</style><img src=x onerror=alert(1)>",
    "</title><b>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='x",
    "\" title=\"x",
    "<!--",
    "-->",
    "<![CDATA[x]]>",
    "<?x?>",
    "&lt;b&gt;",
    "&#60;b>",
    "&amp",
    "</td></tr></table>",
    "<b",
    "`\"'<>&",
    // GitHub and its kin.
    "|",
    "a|b",
    "a\\|b",
    "a\\",
    "\\",
    "| --- |",
    "[x](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "[x]: https://evil.example",
    "[[x]]",
    "[^1]",
    "^[x]",
    "https://evil.example",
    "HTTP://evil.example",
    "www.evil.example",
    "x@evil.example",
    "mailto:x@evil.example",
    "xmpp:x@evil.example",
    "ftp://evil.example",
    "<https://evil.example>",
    "@team",
    "org/repo@0123456",
    "#1",
    "org/repo#1",
    "GH-1",
    "!1",
    "%\"milestone\"",
    "~label",
    "$1$",
    "$$x$$",
    ":tada:",
    "0123456789abcdef0123456789abcdef01234567",
    "*x*",
    "**x**",
    "_x_",
    "__x__",
    "~~x~~",
    "||x||",
    "^x^",
    "# x",
    "- x",
    "1. x",
    "> x",
    "---",
    "`",
    "``` x",
    "$`x`$",
];

fn payloads() -> impl Iterator<Item = String> {
    let controls = (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32);
    let hidden = "\u{ad}\u{61c}\u{180e}\u{200c}\u{200d}\u{200e}\u{2028}\u{2029}\u{202a}\u{2066}\u{2069}\u{feff}";
    let characters = controls.chain(hidden.chars());
    let single = characters.map(|c| format!("{c}x{c}"));
    PAYLOADS.map(str::to_owned).into_iter().chain(single)
}

/// A result in which every text is this one.
fn result(text: &str) -> (Header, Vec<ResultRow>, Summary) {
    let formats = CellFormat::NAMED.map(|(_, format)| format);
    let formats = [CellFormat::Plain].into_iter().chain(formats);
    let headings = formats.enumerate().map(|(at, format)| Heading {
        name: format!("{text}{}", if at == 0 { "" } else { "\u{3000}" }.repeat(at)),
        format,
        align: Align::Left,
        wide: false,
    });
    let header = Header {
        description: Some(text.to_owned()),
        registries: vec![text.to_owned(), text.to_owned()],
        ..Header::new(text, headings.collect())
    };
    let entry = |value: Value| Value::map([(Arc::from(text), value)]);
    let columns = header.headings.len();
    let row = |value: Value| ResultRow {
        cells: vec![value; columns],
        name: text.to_owned(),
        error: Some(Safe::new(text)),
    };
    let rows = vec![
        row(text.into()),
        row(Value::list(vec![text.into(), text.into()])),
        row(entry(text.into())),
        row(Value::list(vec![entry(Value::list(vec![text.into()]))])),
    ];
    let verdicts = [Verdict::Holds, Verdict::Fails, Verdict::Undecided];
    let checked = |verdict| Checked {
        place: text.to_owned(),
        message: Safe::new(text),
        verdict,
    };
    let summary = Summary {
        gone: 1,
        errors: vec![RowError {
            registry: text.to_owned(),
            repository: Some(text.to_owned()),
            tag: Some(text.to_owned()),
            field: Some("size"),
            code: text.to_owned(),
            message: Safe::new(text),
        }],
        lacking: vec![Lacking {
            registry: text.into(),
            field: "pulled",
        }],
        asserts: verdicts.map(checked).into(),
    };
    (header, rows, summary)
}

/// Prints the result of which every text is this one, alone or twice, with colour.
fn print(format: Format, queries: Queries, text: &str) -> String {
    let (header, rows, summary) = result(text);
    let look = Look {
        width: None,
        headers: true,
        truncate: true,
        marks: Marks::InRows,
        colour: Colour::On,
        now: "2026-03-01T00:00:00Z".parse().unwrap(),
    };
    let mut out = Vec::new();
    let mut renderer = renderer(format, queries, look, &mut out);
    for _ in 0..if queries == Queries::One { 1 } else { 2 } {
        renderer.begin(&header).unwrap();
        rows.iter().for_each(|row| renderer.row(row).unwrap());
        renderer.finish(&summary).unwrap();
    }
    renderer.close().unwrap();
    drop(renderer);
    String::from_utf8(out).unwrap()
}

/// As what it is shown; blank text is nothing.
fn shown(text: &str) -> String {
    let shown = escape(text).into_owned();
    match shown.trim().is_empty() {
        true => String::new(),
        false => shown,
    }
}

#[track_caller]
fn each_output(check: impl Fn(&str, Format, &str)) {
    for payload in payloads() {
        for (_, format) in Format::NAMED {
            for queries in [Queries::One, Queries::Several] {
                check(&print(format, queries, &payload), format, &payload);
            }
        }
    }
}

#[test]
fn f1_f2_a_terminal_is_told_nothing_but_our_own_colour() {
    each_output(|printed, format, payload| {
        let screen = Screen::showing(printed);
        let ours = |command: &String| match format {
            Format::Table | Format::Wide => ["CSI [31]m", "CSI [0]m"].contains(&command.as_str()),
            Format::Tsv => command == "control 0x09",
            _ => false,
        };
        let others: Vec<_> = screen.commands.iter().filter(|one| !ours(one)).collect();
        assert!(
            others.is_empty(),
            "{} {payload:?}: {others:?}",
            format.name()
        );
        let is_ours = |c: char| c == '\n';
        assert!(!screen.text.contains(|c| is_hidden(c) && !is_ours(c)));
    });
}

#[test]
fn f4_no_line_is_a_command_of_a_runner() {
    each_output(|printed, format, payload| {
        for line in printed.lines() {
            let name = format.name();
            assert_eq!(guard_line_start(line), line, "{name} {payload:?}");
        }
    });
}

#[test]
fn f5_a_strict_reader_finds_every_cell_and_no_formula() {
    for payload in payloads() {
        for (format, delimiter) in [(Format::Csv, ','), (Format::Tsv, '\t')] {
            let printed = print(format, Queries::One, &payload);
            let records = records(&printed, delimiter);
            let records = records.unwrap_or_else(|error| panic!("{payload:?}: {error}"));
            assert_eq!(records.len(), 5, "{payload:?}");
            for cell in records.iter().flatten() {
                let start = cell.trim_start().chars().next();
                let is_formula = start.is_some_and(|c| "=+-@＝＋－＠\t\r".contains(c));
                assert!(!is_formula, "{payload:?}: {cell:?}");
            }
            assert!(records.iter().all(|cells| cells.len() == 11), "{payload:?}");
            let text = &records[1][1];
            let text = text.strip_prefix(['\'', '\\']).unwrap_or(text);
            let expected = escape(&payload);
            assert!(expected == *text || expected == records[1][1], "{text:?}");
        }
    }
}

/// Every element and attribute is ours, style and script are those that the page allows, and every text is what it was.
fn check_page(text: &str) -> Result<(), TestCaseError> {
    let harmless = if shown(text).is_empty() { " " } else { "x" };
    for queries in [Queries::One, Queries::Several] {
        let page = Page::of(&print(Format::Html, queries, text));
        let model = Page::of(&print(Format::Html, queries, harmless));
        prop_assert_eq!(&page.oddities, &model.oddities, "{:?}", text);
        prop_assert_eq!(page.shape(), model.shape(), "{:?}", text);
        for name in ["style", "script"] {
            let texts = |page: &Page| page.named(name).map(|tag| tag.text.clone()).collect();
            let (ours, known): (Vec<String>, Vec<String>) = (texts(&page), texts(&model));
            prop_assert_eq!(ours, known);
        }
        let mut links = page.tags.iter().filter_map(|tag| tag.attribute("href"));
        prop_assert!(links.all(|link| link.starts_with("#q")), "{:?}", text);
        let cells = page.cells();
        let first = &cells[1];
        prop_assert_eq!(cells.len(), 5 * if queries == Queries::One { 1 } else { 2 });
        prop_assert_eq!(&first[0], &format!("{} incomplete", shown(text)));
        prop_assert_eq!(&first[1], &shown(text));
    }
    Ok(())
}

#[test]
fn f6_a_browser_finds_no_element_and_no_attribute_of_anybody_else() {
    for payload in payloads() {
        check_page(&payload).unwrap();
    }
}

/// What GitHub or GitLab would make something of, outside of code.
fn is_looked_for(bare: &str) -> bool {
    let lower = bare.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.filter(|word| word.len() >= 7);
    let is_commit = words.any(|word| {
        word.bytes().all(|b| b.is_ascii_hexdigit()) && word.bytes().any(|b| b.is_ascii_alphabetic())
    });
    bare.contains(['@', '#', '!', '$', '~', '&', '[', '*', '^'])
        || is_commit
        || ["://", "www.", "gh-1", ":tada:", "%\""]
            .iter()
            .any(|start| lower.contains(start))
}

/// One table with all of its cells, and nothing in them that is more than text.
fn check_markdown(text: &str) -> Result<(), TestCaseError> {
    for queries in [Queries::One, Queries::Several] {
        let printed = print(Format::Markdown, queries, text);
        let read = Markdown::of(&printed);
        prop_assert!(read.oddities.is_empty(), "{:?}\n{}", read.oddities, printed);
        let model = Markdown::of(&print(Format::Markdown, queries, "x"));
        let has_description = !shown(text).is_empty();
        let expected = model.blocks.len()
            - if has_description {
                0
            } else {
                model.tables.len()
            };
        prop_assert_eq!(read.blocks.len(), expected, "{}", printed);
        for bare in &read.bare {
            prop_assert!(!is_looked_for(bare), "{:?}: {:?}", text, bare);
        }
        for table in &read.tables {
            prop_assert_eq!(table.len(), 5, "{}", printed);
            prop_assert!(table.iter().all(|cells| cells.len() == 11), "{}", printed);
            // In code, a backslash before a bar would be taken off.
            let expected = shown(text).replace("\\|", "\\\\x7c");
            let cell = table[1][1].replace("\\|", "\\\\x7c");
            prop_assert_eq!(cell, expected, "{}", printed);
        }
    }
    Ok(())
}

#[test]
fn f7_github_finds_no_link_no_image_no_html_and_nobody_mentioned() {
    for payload in payloads() {
        check_markdown(&payload).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn f6_f7_whatever_characters_a_text_has_it_stays_one(
        text in prop_oneof![
            "[-<>&\"'`/|\\\\ a=!]{0,12}",
            "[-`|\\\\*_~$#@:.()+ a1x\\[\\]]{0,12}",
            "\\PC{0,8}",
            any::<String>(),
        ],
    ) {
        check_page(&text)?;
        check_markdown(&text)?;
    }
}

#[test]
fn f8_programs_read_back_what_was_written() {
    for payload in payloads() {
        let json = print(Format::Json, Queries::One, &payload);
        let document: serde_json::Value = serde_json::from_str(&json).unwrap();
        let item = document["items"][0].as_object().unwrap();
        assert!(item.contains_key(&payload), "{json}");
        assert_eq!(document["items"][0][&payload], payload.as_str());
        let lines = print(Format::Ndjson, Queries::One, &payload);
        assert_eq!(lines.lines().count(), 4, "{payload:?}");
        for (line, item) in lines.lines().zip(document["items"].as_array().unwrap()) {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(row, *item);
        }
        let yaml = print(Format::Yaml, Queries::One, &payload);
        let read: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
        assert_eq!(read, document, "{yaml}");
        let names = print(Format::Name, Queries::One, &payload);
        assert_eq!(names.lines().count(), 4, "{payload:?}");
    }
}
