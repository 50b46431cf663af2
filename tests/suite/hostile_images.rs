//! Images whose makers wish us ill: what they wrote reaches the reader, but does nothing on the way (threats F-1 to F-5).

use regq::safe::is_hidden;

use super::support::command::{Ended, Workplace};
use super::support::image::Image;
use super::support::layout::TestLayout;

const FORMATS: [&str; 10] = [
    "table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown", "html", "name",
];

/// What a spreadsheet runs, or a reader of the file takes for the start of something.
const FORMULAS: [&str; 13] = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    " =1+1",
];

const COMMANDS: [&str; 8] = [
    "::add-mask::x",
    "::set-output name=a::b",
    "  ::error::x",
    "##[command]x",
    "##vso[task.setvariable variable=a]b",
    "##VSO[x]",
    "##teamcity[x]",
    "fine\n::error::second line",
];

fn characters() -> impl Iterator<Item = char> {
    let controls = (0..0x20).chain(0x7f..0xa0);
    let hidden = [
        0xad, 0x61c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066,
        0x2069, 0xfeff, 0xe0041,
    ];
    controls.chain(hidden).filter_map(char::from_u32)
}

fn payloads() -> Vec<String> {
    let escapes = [
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "\u{1b}]8;;http://evil.example\u{1b}\\x",
        "\u{9b}31m",
        "a\rb",
    ];
    let characters = characters().map(|c| format!("{c}x{c}"));
    let texts = FORMULAS.iter().chain(&COMMANDS).chain(&escapes);
    characters
        .chain(texts.map(|text| text.to_string()))
        .collect()
}

/// One image per payload, which has it everywhere a maker can write.
fn hostile() -> TestLayout {
    let tagged = |layout: TestLayout, (number, payload): (usize, &String)| {
        let image = Image::new()
            .created("2026-01-01T00:00:00Z")
            .label("value", payload)
            .label(payload, "value")
            .annotation("value", payload)
            .annotation(payload, "value")
            .env("VALUE", payload)
            .env(payload, "value")
            .user(payload)
            .cmd(&[payload, "x"])
            .layer(payload, 1000);
        layout.tag(&format!("team/app:{number}"), image)
    };
    let payloads = payloads();
    let good = payloads.iter().enumerate().fold(TestLayout::new(), tagged);
    // An image can be named in a way that no repository and no tag is.
    let names = payloads.iter().map(|payload| format!("evil{payload}"));
    names.fold(good, |layout, name| layout.ref_name(&name, Image::new()))
}

/// Where in an image a maker can write.
const EXPRESSIONS: [&str; 11] = [
    "labels.value",
    "labels",
    "keys(labels)",
    "annotations.value",
    "annotations",
    "env.VALUE",
    "env",
    "user",
    "cmd",
    "history[0].created_by",
    "config",
];

fn place() -> Workplace {
    Workplace::new().layout("layout", &hostile())
}

fn run(place: &Workplace, format: &str, expression: &str) -> Ended {
    let columns = format!("FIRST:{expression},SECOND:{expression}");
    place.run([
        "get",
        "tags",
        "oci:layout",
        "-o",
        format,
        "--columns",
        &columns,
    ])
}

/// Looks at every line of both outputs.
#[track_caller]
fn check(ended: &Ended, is_fine: impl Fn(&str) -> bool) {
    for line in ended.stdout.split('\n').chain(ended.stderr.split('\n')) {
        assert!(is_fine(line), "{line:?}");
    }
}

fn is_command(line: &str) -> bool {
    let line = line.trim_start().to_ascii_lowercase();
    let starts = ["::", "##[", "##vso[", "##teamcity["];
    starts.iter().any(|start| line.starts_with(start))
}

#[test]
fn f1_f2_f4_nothing_hidden_and_no_command_of_a_runner_comes_out() {
    let place = place();
    for format in FORMATS {
        for expression in EXPRESSIONS {
            let ended = run(&place, format, expression);
            // The listing tells of entries that name no repository.
            let ended = ended.exits(3);
            assert!(ended.stdout.lines().count() > payloads().len());
            let is_tab = |c: char| c == '\t' && format == "tsv";
            check(&ended, |line| {
                !line.contains(|c| is_hidden(c) && !is_tab(c))
            });
            check(&ended, |line| !is_command(line));
        }
    }
}

#[test]
fn f1_f4_headings_and_names_from_a_file_come_out_as_safely() {
    let heading = |payload: &str| payload.replace(['\\', '"', '\n', '\t', '\r'], "");
    for payload in COMMANDS.iter().chain(&FORMULAS).map(|text| heading(text)) {
        let query = format!(
            "apiVersion: regq/v1\nkind: Query\nmetadata:\n  name: q\n  description: \"{payload}\"\n\
             spec:\n  registry: oci:demo\n  tags: latest\n  columns:\n    \"{payload}\": tag\n"
        );
        let place = Workplace::with_demo().file("q.yaml", query);
        for args in [&["plan", "q.yaml"][..], &["list"], &["validate", "q.yaml"]] {
            check(&place.run(args).exits(0), |line| !is_command(line));
        }
        for format in FORMATS {
            let ended = place.run(["run", "q.yaml", "-o", format]).exits(0);
            check(&ended, |line| !is_command(line));
        }
    }
}

#[test]
fn f1_f4_a_query_that_is_wrong_is_shown_safely() {
    for payload in COMMANDS {
        let first = payload.lines().last().unwrap();
        for line in [
            format!("where: {first} 'x' == 'y: z'"),
            format!("where: {first} # comment"),
            format!("where: '{first}'"),
            format!("where: |\n    {first}\n    == `1`"),
            format!("{first}: x"),
            format!("tags: ['{first}', {first}"),
            format!("limit: '{first}'"),
            format!("registry: 'bob:pw@{first}'"),
            format!("params: {{days: {{default: x, type: integer, description: '{first}'}}}}"),
        ] {
            let query = format!(
                "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\nspec:\n  {line}\n"
            );
            let place = Workplace::new().file("q.yaml", query);
            check(&place.run(["run", "q.yaml"]), |line| !is_command(line));
        }
    }
}

#[test]
fn f5_no_cell_of_csv_or_tsv_is_a_formula() {
    let place = place();
    for (format, delimiter) in [("csv", b','), ("tsv", b'\t')] {
        for expression in EXPRESSIONS {
            let ended = run(&place, format, expression);
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .from_reader(ended.stdout.as_bytes());
            let mut rows = 0;
            for record in reader.records() {
                let record = record.unwrap();
                assert_eq!(record.len(), 2);
                for cell in &record {
                    let start = cell.trim_start().chars().next();
                    let is_formula = start.is_some_and(|c| "=+-@＝＋－＠\t\r".contains(c));
                    assert!(!is_formula, "{format} {expression}: {cell:?}");
                }
                rows += 1;
            }
            assert!(rows >= payloads().len(), "{rows} rows");
        }
    }
}

#[test]
fn f8_json_gives_back_what_was_written() {
    let ended = run(&place(), "json", "labels.value");
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let items = document["items"].as_array().unwrap();
    let mut values: Vec<&str> = items
        .iter()
        .filter_map(|item| item["FIRST"].as_str())
        .collect();
    let mut payloads = payloads();
    payloads.sort();
    values.sort_unstable();
    assert_eq!(values, payloads);
}
