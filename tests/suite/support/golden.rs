//! Text that is kept beside a test and read by people: compared, or with `REGQ_RENEW=1` written anew.

use std::fs;
use std::path::{Path, PathBuf};

/// How a recorded text is renewed.
const RENEW: &str = "REGQ_RENEW=1 cargo test --test suite";

/// A folder of the tests.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/suite")
        .join(name)
}

/// Everything in a folder of the tests, in the order of names.
pub(crate) fn entries(name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(name)).expect("the folder is part of the tests");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Compares a text with the one recorded under `path`; no file stands for no text.
///
/// With `REGQ_RENEW=1` it is recorded and found right. Errors: what differs, and how to renew it.
pub(crate) fn compare(path: &Path, actual: &str) -> Result<(), String> {
    let recorded = fs::read_to_string(path).unwrap_or_default();
    if recorded == actual {
        return Ok(());
    }
    if std::env::var_os("REGQ_RENEW").is_some_and(|value| value == "1") {
        match actual {
            "" => fs::remove_file(path).expect("the file can be removed"),
            text => fs::write(path, text).expect("the file can be written"),
        }
        return Ok(());
    }
    let line = first_difference(&recorded, actual);
    let path = path.display();
    Err(format!(
        "{path}:{line} differs; it is now:\n{actual}\nIf that is right: {RENEW}\n"
    ))
}

fn first_difference(one: &str, other: &str) -> usize {
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b);
    same.count() + 1
}

/// Fails with everything that went wrong.
pub(crate) fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
