//! What is written reads back, for every query there is in this repository.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::diagnostic::Source;
use crate::query::read;
use crate::query::testing::said;

fn read_good(text: &str) -> Option<Vec<Query>> {
    let reading = read(&Source::new("q.yaml", text));
    let is_good = reading.findings.iter().all(|finding| !finding.is_error());
    is_good.then_some(reading.queries)
}

/// Writes what a text says, and checks that it says the same.
fn again(text: &str) -> Option<String> {
    let queries = read_good(text)?;
    let written = write(&queries);
    let read = read_good(&written).unwrap_or_else(|| panic!("not read again:\n{written}"));
    let all = |queries: &[Query]| queries.iter().map(said).collect::<Vec<_>>();
    assert_eq!(all(&read), all(&queries), "{written}");
    assert_eq!(write(&read), written);
    Some(written)
}

fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "yaml") {
            into.push(path);
        }
    }
}

#[test]
fn every_query_of_the_repository_reads_back() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["queries", "tests/suite/queries", "tests/suite/wrong"] {
        files(&root.join(folder), &mut paths);
    }
    let texts = paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    let good = texts.filter_map(|text| again(&text)).count();
    assert!(good > 150, "only {good} are good");
}

const EVERYTHING: &str = r#"apiVersion: regq/v1
kind: Query
metadata:
  name: everything
  description: 'what: ${days} days'
spec:
  params:
    registry: {description: where to look}
    days: {type: integer, default: 90, enum: [30, 90]}
    teams: {type: list, default: []}
    half: {type: number, default: 0.5}
    deep: {type: boolean, default: false}
    text: {default: 'null'}
    bare: {}
  registry: [oci:demo, '${registry}']
  resource: tags
  repositories: [a/*, '!a/scratch*', '${teams}']
  tags: {include: 1.20, exclude: '*-rc', regex: '^v?[0-9]', semver: '>=1.0.0'}
  platform: [linux/amd64, linux/arm64]
  where:
    - older_than(created, params.days)
    - "!starts_with(tag, 'x: y')"
    - |-
      labels."a #1" == 'b' ||
        labels."c: d"
  groupBy: {K: kind, L: tag == 'latest'}
  columns:
    K: K
    TAGS: rows[].tag
    'N: M': {value: length(rows), format: count, align: right, wide: true}
    SHORT: {value: "rows[].{a: tag, b: 'x'}", wide: true}
    LONG:
      value: |-
        rows[?tag == 'x' &&
          labels."a"]
      align: left
  sortBy: [-TAGS, K]
  rankBy: K
  having:
    - rank <= `5`
    - length(rows) > `1`
  limit: ${days}
  assert:
    - that: count == `0`
      message: ${count} of $${ length(rows) } are "stale"
    - that: '`true`'
  output: wide
"#;

#[test]
fn all_that_a_query_can_say_is_said_again() {
    assert_eq!(read(&Source::new("q.yaml", EVERYTHING)).findings, []);
    let written = again(EVERYTHING).expect("the query is good");
    assert_eq!(
        written,
        EVERYTHING.replace("${ length(rows) }", "${length(rows)}")
    );
}

#[test]
fn several_queries_make_several_documents() {
    let two = EVERYTHING.to_owned() + "---\n" + &EVERYTHING.replace("name: every", "name: any");
    assert_eq!(again(&two).unwrap().matches("\n---\n").count(), 1);
}
