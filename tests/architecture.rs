//! The house as drawn in `src/lib.rs`: which room may look into which, and what may happen where.
//!
//! Changing an arrow means changing the table here and the picture there, in one commit, on purpose.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may import from.
const ARROWS: [(&str, &[&str]); 19] = [
    ("limits", &[]),
    ("safe", &[]),
    ("secret", &[]),
    ("version", &[]),
    ("units", &[]),
    ("value", &["limits", "safe"]),
    ("pattern", &["limits", "safe"]),
    ("diagnostic", &["safe"]),
    ("yaml", &["diagnostic", "limits", "safe"]),
    ("oci", &["value", "limits"]),
    ("fields", &["oci", "value"]),
    (
        "query",
        &[
            "yaml",
            "oci",
            "diagnostic",
            "value",
            "limits",
            "safe",
            "version",
            "pattern",
        ],
    ),
    ("registry", &["oci", "value", "limits", "safe", "secret"]),
    (
        "expr",
        &[
            "fields",
            "oci",
            "diagnostic",
            "value",
            "limits",
            "safe",
            "version",
            "pattern",
            "units",
        ],
    ),
    (
        "rows",
        &["expr", "fields", "diagnostic", "value", "limits", "safe"],
    ),
    (
        "plan",
        &[
            "query",
            "expr",
            "fields",
            "rows",
            "registry",
            "oci",
            "diagnostic",
            "value",
            "safe",
        ],
    ),
    (
        "render",
        &[
            "rows",
            "fields",
            "diagnostic",
            "value",
            "limits",
            "safe",
            "units",
            "yaml",
        ],
    ),
    (
        "exec",
        &[
            "plan", "query", "rows", "fields", "registry", "oci", "limits", "safe", "value",
        ],
    ),
    (
        "cli",
        &[
            "exec",
            "plan",
            "render",
            "rows",
            "expr",
            "registry",
            "query",
            "yaml",
            "fields",
            "oci",
            "diagnostic",
            "value",
            "version",
            "units",
            "secret",
            "safe",
            "limits",
        ],
    ),
];

/// What may stand only in some rooms: a word, the rooms, and why.
const ONLY_IN: [(&str, &[&str], &str); 10] = [
    (
        "async fn",
        &["registry", "exec"],
        "waiting is for rooms that ask",
    ),
    (
        "std::env::",
        &["cli", "render"],
        "the environment is asked once, at the edge",
    ),
    ("Timestamp::now", &["cli"], "now is a value handed down"),
    (
        "println!",
        &[],
        "data goes through `render`, words through `cli::report`",
    ),
    (
        "annotate_snippets",
        &["diagnostic"],
        "one file knows the drawing crate",
    ),
    ("comfy_table", &["render"], "one file knows the table crate"),
    (
        "jmespath::",
        &["expr"],
        "one room knows the parser of expressions",
    ),
    ("granit_parser", &["yaml"], "one room knows the YAML crate"),
    (
        "RegexBuilder",
        &["pattern"],
        "one room compiles patterns, under bounds",
    ),
    (
        "tokio::",
        &["registry", "exec", "cli"],
        "one room asks, one runs, one starts",
    ),
];

/// What the planner may know of registries.
const PLAN_KNOWS: [&str; 11] = [
    "Capabilities",
    "Counted",
    "Transport",
    "{Capabilities, Transport}",
    "{Capabilities, Counted}",
    "{Capabilities, Counted, Transport}",
    "{Capabilities, Counted, ManifestListing, Transport}",
    "{Capabilities, Detail, ManifestListing, Transport}",
    "{Capabilities, Detail, Transport}",
    "{Capabilities, Detail, Details}",
    "{Capabilities, Details}",
];

#[test]
fn no_room_looks_where_it_may_not() {
    let mut wrong = Vec::new();
    for (room, file, text) in sources() {
        let (_, allowed) = ARROWS.iter().find(|(name, _)| *name == room).unwrap();
        for used in imports(&text) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!(
                    "{}: `{room}` may not import `{used}`",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_arrows_have_no_cycle() {
    let mut floors: BTreeSet<&str> = BTreeSet::new();
    while floors.len() < ARROWS.len() {
        let stands = |allowed: &&[&str]| allowed.iter().all(|room| floors.contains(room));
        let next = ARROWS
            .iter()
            .find(|(room, allowed)| !floors.contains(room) && stands(allowed));
        floors.insert(next.expect("a room stands on those below it").0);
    }
}

#[test]
fn the_planner_knows_of_registries_only_what_they_can_do() {
    for (_, file, text) in sources().into_iter().filter(|(room, ..)| room == "plan") {
        for line in text
            .lines()
            .filter(|line| line.contains("crate::registry::"))
        {
            let known = PLAN_KNOWS
                .iter()
                .any(|name| line.contains(&format!("crate::registry::{name}")));
            assert!(known, "{}: {line}", file.display());
        }
    }
}

#[test]
fn what_may_happen_only_in_some_rooms_happens_only_there() {
    let mut wrong = Vec::new();
    for (room, file, text) in sources() {
        let code: Vec<&str> = code_lines(&text).collect();
        for (word, rooms, why) in ONLY_IN {
            if code.iter().any(|line| line.contains(word)) && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{}: `{word}`: {why}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_says_what_it_is_for() {
    for (_, file, text) in sources() {
        assert!(
            text.starts_with("//!"),
            "{} opens without a word about itself",
            file.display()
        );
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let declared = fs::read_to_string(root().join("tests/suite.rs")).unwrap();
    for file in rust_files(&root().join("tests/suite")) {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let parent = file.parent().unwrap();
        let module = match parent.ends_with("suite") {
            true => declared.clone(),
            false => {
                let inside = fs::read_to_string(parent.join("mod.rs"));
                let beside = || fs::read_to_string(parent.with_extension("rs"));
                inside.or_else(|_| beside()).unwrap_or_default()
            }
        };
        let found = name == "mod" || module.contains(&format!("mod {name};"));
        assert!(found, "{} is not declared", file.display());
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file but the edges: its room, its path, and its text without comments and test modules.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = root().join("src");
    let mut found = Vec::new();
    for file in rust_files(&src) {
        let path = file.strip_prefix(&src).unwrap().to_path_buf();
        let room = path
            .iter()
            .next()
            .unwrap()
            .to_str()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests")
            || path.iter().any(|part| part == "tests");
        if room == "main" || room == "lib" || is_test {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        let code = text
            .split("\n#[cfg(test)]\nmod tests {")
            .next()
            .unwrap_or_default()
            .to_owned();
        found.push((room, path, code));
    }
    assert!(found.len() > 60, "the sources were not found");
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The lines that are not comments.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// The rooms that a text names after `crate::`, outside comments.
fn imports(text: &str) -> BTreeSet<String> {
    let rest = code_lines(text).flat_map(|line| line.split("crate::").skip(1).map(str::to_owned));
    let name = |rest: String| {
        let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    rest.map(name).filter(|name| !name.is_empty()).collect()
}
