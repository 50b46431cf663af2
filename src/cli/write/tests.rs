//! A `get` that is printed as a file reads back to the same query, whatever its flags say.

use clap::Parser;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::cli::args::{Cli, Command, GetArgs};
use crate::cli::{get, queries};
use crate::query::testing::said;

const TARGETS: &[&str] = &[
    "alpine",
    "alpine:3.*",
    "**",
    "ghcr.io",
    "ghcr.io/acme/**:v[0-9]*",
    "ghcr.io/acme/app:1.20",
    "localhost:5000/{a,b}/*:{x,y}",
    "localhost:5000/!a",
    "[::1]:5000/null",
    "oci:./lay out:*",
    "oci:a: b",
    "oci:x #y:1.0",
    "oci:it's",
    "oci:\"",
];

const PLATFORMS: &[&str] = &["linux/amd64", "linux/arm/v7"];
const REGISTRIES: &[&str] = &["docker.io", "localhost:5000/x", "oci:a: b #c", "oci:- x"];
const SELECTORS: &[&str] = &["a=b", "!a,b", "a.b/c-d notin (x,,1.0)", "a=it's", "a=`x`\\"];

/// Texts with many characters that mean something to YAML or JMESPath.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        6 => select(vec![
            "tag", "size", "'", "\"", "\\", "`", ": ", ":", " #", "#", "- ", "-", "---", "...", "\n", "\n  ", " ", "\t",
            "\r", "{", "}", "[", "]", "(", ")", "&", "&&", "*", "!", "|", "||", ">", "%", "@", "?", "~", "null", "true", "<<",
            "1.20", "0x1", "é", "\u{85}", "\u{2028}", "\u{feff}", "\u{202e}", "\u{e0041}", "\u{1b}", "\u{a0}", "'30d'",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    let text = vec(part, 1..7).prop_map(|parts| parts.concat());
    text.prop_filter("blank", |text| !text.trim().is_empty())
}

/// A name of a column: what stands before the colon.
fn name() -> impl Strategy<Value = String> {
    let is_name = |text: &String| !text.contains([':', ',', '\'', '"', '`', '(', '[', '{']);
    hostile().prop_filter("no name", is_name)
}

fn columns() -> impl Strategy<Value = String> {
    let column = (name(), hostile()).prop_map(|(name, text)| format!("{name}:{text}"));
    vec(column, 1..4).prop_map(|columns| columns.join(","))
}

/// The words of a `get`.
fn words() -> impl Strategy<Value = Vec<String>> {
    let flag = |name: &'static str, values: BoxedStrategy<String>, most: usize| {
        vec(
            values.prop_map(move |value| format!("--{name}={value}")),
            0..=most,
        )
    };
    let of = |values: &'static [&'static str]| select(values).prop_map(str::to_owned).boxed();
    let flags = (
        flag("columns", columns().boxed(), 1),
        flag("where", hostile().boxed(), 2),
        flag("having", hostile().boxed(), 2),
        flag("sort-by", hostile().boxed(), 2),
        flag("selector", of(SELECTORS), 2),
        flag("platform", of(PLATFORMS), 2),
        flag("registry", of(REGISTRIES), 2),
        option::of(1..u64::MAX),
    );
    let start = (select(TARGETS), select(vec!["tags", "img", "no: such"]));
    (start, flags).prop_map(|((target, resource), flags)| {
        let (columns, conditions, having, sort, selectors, platforms, registries, limit) = flags;
        let start = ["docker-regq", "get", resource, target].map(str::to_owned);
        let limit = limit.map(|limit| format!("--limit={limit}"));
        let flags = [
            columns, conditions, having, sort, selectors, platforms, registries,
        ]
        .concat();
        start.into_iter().chain(flags).chain(limit).collect()
    })
}

fn args(words: &[String]) -> GetArgs {
    match Cli::parse_from(words).command {
        Command::Get(args) => args,
        other => panic!("no `get`: {other:?}"),
    }
}

/// The query that is written, unless a flag is wrong.
fn query(args: &GetArgs) -> Option<Query> {
    let mut query = get::query(args).ok()?;
    query.name.value = get::file_name(args);
    let findings = queries::change(&mut query, &args.change, None);
    findings.is_empty().then_some(query)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_get_reads_back_to_the_same_query(words in words()) {
        let Some(query) = query(&args(&words)) else {
            return Ok(());
        };
        let text = query::write(std::slice::from_ref(&query));
        let reading = query::read(&Source::new("q.yaml", &*text));
        let errors: Vec<&Diagnostic> = reading.findings.iter().filter(|one| one.is_error()).collect();
        prop_assert!(errors.is_empty(), "{}\n{:?}", text, errors);
        prop_assert_eq!(said(&reading.queries[0]), said(&query), "{}", text);
        prop_assert_eq!(query::write(&reading.queries), text);
    }
}

#[test]
fn what_a_file_would_read_otherwise_is_refused() {
    let words = ["docker-regq", "get", "tags", "alpine", "--platform", "${x}"].map(str::to_owned);
    let query = query(&args(&words)).expect("the flags can be read");
    let Err(Failure::Findings(findings)) = read_back(&query::write(&[query])) else {
        panic!("it is read as a parameter");
    };
    assert_eq!(findings[0].message, "there is no parameter `x`");
}

#[test]
fn a_folder_is_told_where_it_starts() {
    for (name, is_below) in [
        ("oci:x/y", true),
        ("oci:./x", true),
        ("oci:/x", false),
        ("oci:x/../../y", false),
    ] {
        let words = ["docker-regq", "get", "tags", name].map(str::to_owned);
        let query = query(&args(&words)).expect("the target can be read");
        let notes = about_folders(&[query]);
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].hints.is_empty(), is_below, "{name}");
    }
}
