//! Query files that are wrong, each in one way that people make mistakes in, and what is said of them.
//!
//! `wrong/CASE.yaml` is the file, `wrong/CASE.stderr` all that is said. Whoever changes a message reads it here as
//! its reader will.

use std::path::Path;

use super::support::command::{Ended, Workplace};
use super::support::golden;

#[test]
fn every_wrong_query_is_told_what_is_wrong() {
    let cases = golden::entries("wrong");
    let files = cases.iter().filter(|path| has_ending(path, "yaml"));
    let wrong: Vec<String> = files.filter_map(|path| check(path).err()).collect();
    golden::report(&wrong);
}

#[test]
fn every_message_belongs_to_a_query() {
    for path in golden::entries("wrong") {
        let query = path.with_extension("yaml");
        assert!(query.exists(), "{} has no query", path.display());
    }
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

/// `validate` and `run` refuse the file with the same words, and nothing is asked: the layout is not even there.
fn check(path: &Path) -> Result<(), String> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let place = Workplace::new().file(name, std::fs::read(path).unwrap());
    let validated = place.run(["validate", name]);
    let run = place.run(["run", name]);
    refused(name, &validated)?;
    refused(name, &run)?;
    if run.stderr != validated.stderr {
        return Err(format!("{name}: `run` says:\n{}", run.stderr));
    }
    golden::compare(&path.with_extension("stderr"), &validated.stderr)
}

fn refused(name: &str, ended: &Ended) -> Result<(), String> {
    let Ended { stdout, stderr, .. } = ended;
    let titles: Vec<&str> = stderr
        .split("\n\n")
        .filter(|finding| finding.starts_with("error: "))
        .collect();
    let twice = (1..titles.len()).any(|at| titles[..at].contains(&titles[at]));
    let fault = if ended.exit != 2 {
        "is not refused"
    } else if !stdout.is_empty() {
        "prints something"
    } else if titles.is_empty() {
        "has no error"
    } else if twice {
        "is told the same twice"
    } else if stderr.contains("hunter2") && !name.starts_with("g1-auth") {
        "repeats a password"
    } else {
        return Ok(());
    };
    Err(format!("{name} {fault}:\n{stdout}{stderr}"))
}
