//! Whole files: what a good one becomes, and what is said about bad ones.

use super::*;
use crate::value::Value;

const HEAD: &str = "apiVersion: regq/v1\nkind: Query\nmetadata:\n  name: q\nspec:\n";

const GOOD: &str = r#"
apiVersion: regq/v1
kind: Query
metadata:
  name: stale
  description: older than ${days} days
spec:
  params:
    registry: {description: where to look}
    days: {type: integer, default: 90, enum: [30, 90]}
    teams: {type: list, default: []}
    team:
  registry: ${registry}
  resource: tags
  repositories: [a/*, '!a/scratch*']
  tags: {include: 1.20, exclude: ['*-rc'], regex: '^v?1', semver: '>=1.0.0'}
  platform: linux/amd64
  where:
    - older_than(created, params.days)
    - |
      labels."x: y" != 'a #1'
  columns:
    REPOSITORY: repository
    CREATED: {value: created, format: age, align: right}
    DIGEST: {value: digest, wide: true}
  sortBy: [-CREATED, repository]
  limit: 50
  output: wide
---
# nothing here
---
apiVersion: regq/v1
kind: Query
metadata: {name: second}
spec: {columns: [tag, layer.size], where: signed, sortBy: size}
"#;

fn read_text(text: &str) -> Reading {
    read(&Source::new("q.yaml", text))
}

fn texts(templates: &[Template]) -> Vec<&str> {
    templates.iter().map(Template::text).collect()
}

#[test]
fn a_good_file_is_read_whole() {
    let reading = read_text(GOOD);
    assert_eq!(reading.findings, []);
    let [stale, second] = reading.queries.as_slice() else {
        panic!("two documents hold something");
    };
    assert_eq!(
        (stale.name.value.as_str(), second.name.value.as_str()),
        ("stale", "second")
    );
    assert_eq!(texts(stale.registry.as_deref().unwrap()), ["${registry}"]);
    assert_eq!(texts(&stale.repositories.include), ["a/*", "!a/scratch*"]);
    assert_eq!(
        texts(&stale.tags.include),
        ["1.20"],
        "text stays as written"
    );
    assert_eq!(texts(&stale.platform), ["linux/amd64"]);
    let conditions: Vec<&str> = stale.conditions.iter().map(Passage::text).collect();
    assert_eq!(
        conditions,
        [
            "older_than(created, params.days)",
            "labels.\"x: y\" != 'a #1'"
        ]
    );
    let keys: Vec<(bool, &str)> = stale
        .sort_by
        .iter()
        .map(|key| (key.descending, key.expression.text()))
        .collect();
    assert_eq!(keys, [(true, "CREATED"), (false, "repository")]);
    assert_eq!(
        stale.output.as_ref().map(|word| word.value.as_str()),
        Some("wide")
    );
}

#[test]
fn columns_keep_their_order_and_details() {
    let reading = read_text(GOOD);
    let columns = reading.queries[0]
        .columns
        .as_ref()
        .expect("there are columns");
    let names: Vec<&str> = columns
        .iter()
        .map(|column| column.name.value.as_str())
        .collect();
    assert_eq!(names, ["REPOSITORY", "CREATED", "DIGEST"]);
    let word = |word: &Option<Located<String>>| word.as_ref().map(|word| word.value.clone());
    assert_eq!(word(&columns[1].format).as_deref(), Some("age"));
    assert_eq!(word(&columns[1].align).as_deref(), Some("right"));
    assert!(columns[2].wide && !columns[1].wide);
    let named = reading.queries[1]
        .columns
        .as_ref()
        .expect("there are columns");
    let named: Vec<&str> = named
        .iter()
        .map(|column| column.name.value.as_str())
        .collect();
    assert_eq!(named, ["TAG", "SIZE"]);
}

#[test]
fn parameters_fill_what_is_written() {
    let query = read_text(GOOD).queries.remove(0);
    let given = [("registry", "ghcr.io"), ("team", "x")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let given = Given::from_iter(given);
    let params = Params::resolve(&query.params, &given).expect("nothing is missing");
    assert_eq!(params.get("days"), Some(&Value::int(90)));
    let description = query.description.as_ref().expect("there is one");
    assert_eq!(description.fill(&params).unwrap(), "older than 90 days");
    assert_eq!(
        query.registry.as_ref().unwrap()[0]
            .fill_all(&params)
            .unwrap(),
        ["ghcr.io"]
    );
    assert_eq!(query.row_limit(&params), Ok(Some(50)));
}

#[test]
fn a_limit_is_checked_again_when_it_is_filled_in() {
    let text = format!("{HEAD}  params: {{n: }}\n  limit: ${{n}}\n");
    let query = read_text(&text).queries.remove(0);
    for (value, limit) in [("5", Some(Some(5))), ("0", None), ("many", None)] {
        let given = Given::from_iter([("n".to_owned(), value.to_owned())]);
        let params = Params::resolve(&query.params, &given).unwrap();
        assert_eq!(query.row_limit(&params).ok(), limit, "{value}");
    }
}

#[test]
fn expressions_know_their_places_in_the_file() {
    let reading = read_text(GOOD);
    let condition = &reading.queries[0].conditions[1];
    let at = condition.text().find("#1").expect("it is there");
    let place = condition.place_of(at..at + 2);
    assert_eq!((place.text(), place.line_and_column()), ("#1", (21, 27)));
    let key = &reading.queries[0].sort_by[0].expression;
    assert_eq!(key.place().text(), "CREATED");
}

/// The file beside this one: the lines of a query's `spec` after `| `, or a whole file after `> `; then all
/// findings, with line and column, and under each its hints.
#[test]
fn wrong_files_are_explained() {
    let mut seen = 0;
    for case in include_str!("wrong_files.txt").split("\n\n") {
        let case = case.trim_end();
        let written = |mark: &str| -> Vec<&str> {
            case.lines()
                .filter_map(|line| line.strip_prefix(mark))
                .collect()
        };
        let (spec, whole) = (written("| "), written(">"));
        let text = match whole.as_slice() {
            [] => format!("{HEAD}  {}\n", spec.join("\n  ")),
            lines => lines
                .iter()
                .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
                .collect(),
        };
        let said: Vec<&str> = case
            .lines()
            .filter(|line| !line.starts_with(['|', '>']))
            .collect();
        assert_eq!(told(&read_text(&text).findings), said.join("\n"), "{text}");
        seen += 1;
    }
    assert!(seen >= 150, "only {seen} cases were read");
}

/// What is said of a query with this under `spec`.
pub(super) fn findings_of_spec(spec: &str) -> String {
    let text = format!("{HEAD}  {}\n", spec.replace('\n', "\n  "));
    told(&read_text(&text).findings)
}

fn told(findings: &[Diagnostic]) -> String {
    let one = |finding: &Diagnostic| {
        let place = finding
            .labels
            .first()
            .map_or((0, 0), |label| label.place.line_and_column());
        let warning = if finding.is_error() { "" } else { "(warning) " };
        let mut lines = vec![format!(
            "{}:{} {warning}{}",
            place.0, place.1, finding.message
        )];
        let hints = finding
            .hints
            .iter()
            .map(|hint| format!("    {}", hint.replace('\n', "⏎")));
        lines.extend(hints);
        lines.join("\n")
    };
    findings.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn all_findings_of_a_file_come_together_and_the_rest_is_kept() {
    let text = format!(
        "{HEAD}  tags: '[a'\n  limit: x\n  colour: red\n  where: a\n---\nkind: Query\n---\na: b: c\n"
    );
    let reading = read_text(&text);
    let messages: Vec<&str> = reading
        .findings
        .iter()
        .map(|f| f.message.as_str())
        .collect();
    assert_eq!(messages.len(), 7, "{messages:?}");
    assert_eq!(
        reading.queries[0].conditions.len(),
        1,
        "what is right is kept"
    );
    assert_eq!(reading.queries.len(), 2);
}

#[test]
fn g5_a_file_beyond_the_limit_is_not_read() {
    let fits = "#".repeat(crate::limits::QUERY_FILE_BYTES);
    assert_eq!(
        read_text(&fits).findings[0].message,
        "the file holds no query"
    );
    let beyond = read_text(&format!("{fits}#"));
    assert_eq!(
        beyond.findings[0].message,
        "the file is larger than 1048576 bytes"
    );
}

#[test]
fn g4_a_file_full_of_mistakes_is_read_in_no_time() {
    for item in [
        "registry: [u:p@h]",
        "where: [{a: b}]",
        "tags: ['${x}']",
        "tags: ['[']",
        "columns: [f(x)]",
        "platform: [x]",
        "params: {1: {}}",
        "colour",
    ] {
        let text = match item.split_once(": ") {
            Some((key, rest)) => {
                let (open, inner, close) = (
                    &rest[..1],
                    &rest[1..rest.len() - 1],
                    &rest[rest.len() - 1..],
                );
                let items: String = (0..20_000)
                    .map(|n| format!("{},", inner.replace('1', &n.to_string())))
                    .collect();
                format!("{HEAD}  {key}: {open}{items}{close}\n")
            }
            None => {
                HEAD.to_owned()
                    + &(0..20_000)
                        .map(|n| format!("  {item}{n}: x\n"))
                        .collect::<String>()
            }
        };
        let start = std::time::Instant::now();
        let findings = read_text(&text).findings.len();
        assert!(
            findings > 0 && findings <= crate::limits::FINDINGS + 1,
            "{item} {findings}"
        );
        assert!(
            start.elapsed() < std::time::Duration::from_secs(2),
            "{item} {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn g4_what_was_not_looked_at_does_not_pass_for_good() {
    let text = format!("{HEAD}  where:\n{}", "    - f(a # b\n".repeat(200));
    let findings = read_text(&text).findings;
    assert!(!findings[0].is_error(), "each of them is only a warning");
    assert!(findings.last().is_some_and(Diagnostic::is_error));
}

#[test]
fn limits_of_parameters() {
    let declare = |count: usize| (0..count).map(|n| format!("p{n}: ,")).collect::<String>();
    let findings = |params: String| read_text(&format!("{HEAD}  params: {{{params}}}\n")).findings;
    assert_eq!(findings(declare(crate::limits::PARAMETERS)), []);
    assert_eq!(
        findings(declare(101))[0].message,
        "there are more than 100 parameters"
    );
    let of = |count: usize| format!("p: {{enum: [{}]}}", "x,".repeat(count));
    assert_eq!(findings(of(crate::limits::PARAMETER_VALUES)), []);
    assert_eq!(
        findings(of(1001))[0].message,
        "`enum` has more than 1000 values"
    );
}

#[test]
fn k3_a_password_in_a_file_is_not_drawn() {
    for registry in [
        "u:hunter2@ghcr.io",
        "u:hunter2@${x}",
        "'https://u:hunter2@ghcr.io/${'",
    ] {
        let reading = read_text(&format!("{HEAD}  registry: {registry}\n"));
        let drawn = crate::diagnostic::draw(&reading.findings, crate::diagnostic::Colour::Off);
        assert!(drawn.contains("user name or password"), "{drawn}");
        assert!(
            drawn.contains("(q.yaml:6:13)") && !drawn.contains("hunter2"),
            "{drawn}"
        );
    }
}

#[test]
fn windows_line_breaks_change_nothing() {
    let reading = read_text(&GOOD.replace('\n', "\r\n"));
    assert_eq!(reading.findings, []);
    let condition = &reading.queries[0].conditions[1];
    let at = condition.text().find("labels").expect("it is there");
    assert_eq!(condition.place_of(at..at + 6).text(), "labels");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_fail(text in "([-:#'\"|>!&*@`%,{}\\[\\]$\\\\ \t\r\n]|[a-c]: |- |[a-c]|é|日|\u{2028}|---\n|\\n  )*") {
        check_anything(&text);
        check_anything(&format!("{HEAD}  where: {text}\n  columns:\n    A: {text}\n"));
        check_anything(&format!("{HEAD}  tags: [{text}]\n"));
    }

    #[test]
    fn no_flag_makes_reading_fail(text in "([-:,.'\"`\\[\\]{}()@/ ]|[a-c]|é|oci:|sha256:|ghcr.io)*") {
        let _ = flags::columns(&Passage::flag("--columns", &text));
        let _ = flags::sort_key(&text);
        let _ = Target::parse(&text);
        let _ = CommandTarget::parse(&text);
    }
}

/// Reads, draws every finding, and follows every expression back into the file.
fn check_anything(text: &str) {
    let reading = read_text(text);
    crate::diagnostic::draw(&reading.findings, crate::diagnostic::Colour::Off);
    for passage in reading.queries.iter().flat_map(|query| &query.conditions) {
        for (at, c) in passage
            .text()
            .char_indices()
            .filter(|(_, c)| c.is_alphanumeric())
        {
            let place = passage.place_of(at..at + c.len_utf8());
            assert!(
                place.text() == c.to_string()
                    || place == passage.place()
                    || place.text().starts_with('\\'),
                "{text:?}"
            );
        }
    }
}
