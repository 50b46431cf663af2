//! Every command that the README shows works as it stands there: with registries of the tests behind the names of others,
//! and with docker's place taken by what starts us as docker does.

use std::fs;
use std::path::Path;

use super::first_hour::named_in_examples;
use super::saved_images::of_old;
use super::support::archive::{gzip, packed};
use super::support::command::Workplace;

/// Commands that no test runs, and why.
const NOT_RUN: [(&str, &str); 4] = [
    ("cargo test", "that is what runs"),
    (
        "cargo install --path .",
        "it builds anew what the tests were built with",
    ),
    (
        "rustup target add x86_64-unknown-linux-musl",
        "it changes the machine; the recipe of a release does it",
    ),
    (
        "CC_x86_64_unknown_linux_musl=musl-gcc cargo build --release --target x86_64-unknown-linux-musl",
        "it takes minutes; the recipe of a release does it",
    ),
];

/// A file of the reader's own.
const REPORT: &str = "{apiVersion: regq/v1, kind: Query, metadata: {name: all}, spec: {registry: 'oci:layout'}}
---
{apiVersion: regq/v1, kind: Query, metadata: {name: count}, spec: {registry: 'oci:layout', groupBy: {}}}
";

/// What stands for something of the reader's.
const PLACEHOLDERS: [&str; 12] = [
    "QUERY", "RESOURCE", "TARGET", "FILE", "NAME", "HOST", "REGISTRY", "SERVER", "REPORT", "EXPR",
    "DIR", "SHELL",
];

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    fs::read_to_string(path).expect("it is there")
}

/// The text outside of fences, which hold what is printed and what is written to files.
fn outside_fences(text: &str) -> Vec<&str> {
    let parts = text.split("\n```");
    parts.step_by(2).flat_map(str::lines).collect()
}

/// Lines that are set off as code.
fn set_off(text: &str) -> Vec<String> {
    let lines = outside_fences(text).into_iter();
    lines
        .filter_map(|line| line.strip_prefix("    "))
        .map(str::to_owned)
        .collect()
}

/// Commands of ours within sentences and tables, without those that leave something to be filled in.
fn in_sentences(text: &str) -> Vec<String> {
    let lines = outside_fences(text).into_iter();
    let spans = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
    let starts = ["docker regq ", "docker-regq ", "kubectl regq "];
    spans
        .filter(|span| starts.iter().any(|start| span.contains(start)))
        .filter(|span| is_whole(span))
        .map(|span| match is_mention(span) {
            // That there is such a command is what can be tried.
            true => format!("{span} --help"),
            false => span.to_owned(),
        })
        .collect()
}

/// Tells whether a command is only named, as in "`docker-regq plan` shows".
fn is_mention(span: &str) -> bool {
    let words = span.replacen("docker regq", "docker-regq", 1);
    words.split_whitespace().count() == 2
}

fn is_whole(span: &str) -> bool {
    let mut words = span.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    !span.contains('…') && !words.any(|word| PLACEHOLDERS.contains(&word))
}

/// A place that has what the README names.
fn prepared() -> Workplace {
    let place = Workplace::new().layout("layout", &super::demo::demo());
    let archive = packed(&place.path("layout"));
    // What docker does with us, and what it does else here.
    let docker = "#!/bin/sh\ncase $1 in regq) exec docker-regq \"$@\" ;; pull) [ -n \"$2\" ] ;; *) exit 125 ;; esac\n";
    let place = place
        .file("app.tar", archive)
        .file("queries/readme", "where queries are kept")
        .file("report.yaml", REPORT)
        .file("saved.tar.gz", gzip(&of_old()))
        .file("../bin/docker", docker);
    let docker = place.path("../bin/docker");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(docker, fs::Permissions::from_mode(0o755)).unwrap();
    place
}

/// The command as it is run here: what cargo would build is there already.
fn runnable(command: &str) -> String {
    if let Some((typed, _)) = command.split_once("<TAB>") {
        // What docker's script asks; something must be offered.
        let words = typed.replacen("docker ", "docker-regq __complete ", 1);
        let last = if typed.ends_with(' ') { "''" } else { "" };
        return format!("{words}{last} | grep -v '^:'");
    }
    let repository = env!("CARGO_MANIFEST_DIR");
    match command.strip_prefix("cargo run --release -- ") {
        Some(words) => format!("cd '{repository}' && docker-regq {words}"),
        None => command.to_owned(),
    }
}

#[test]
fn every_command_of_the_readme_works() {
    let place = prepared();
    let _registry = named_in_examples(&place);
    // Earlier runs, of which completion knows.
    for target in ["ghcr.io/acme/app", "alpine"] {
        place.run(["get", "tags", target]).exits(0);
    }
    let text = readme();
    let mut commands = set_off(&text);
    assert!(commands.len() > 15, "{commands:#?}");
    let within = in_sentences(&text);
    assert!(within.len() > 12, "{within:#?}");
    commands.extend(within);
    let is_left = |command: &String| NOT_RUN.iter().any(|(known, _)| known == command);
    let (left, run): (Vec<_>, Vec<_>) = commands.into_iter().partition(is_left);
    assert_eq!(left.len(), NOT_RUN.len(), "{left:?}");
    for command in run {
        let line = format!(
            "PATH=\"$PWD/../bin:$PATH\"; H=localhost:5000; GITHUB_STEP_SUMMARY=summary.md; {}",
            runnable(&command)
        );
        let ended = place.shell(&line).run();
        assert_eq!(
            ended.exit, 0,
            "{command}\n{}\n{}",
            ended.stdout, ended.stderr
        );
    }
}
