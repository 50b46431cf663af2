//! The official JMESPath compliance suite, which ships inside the package of the `jmespath` crate.
//!
//! Another copy of the suite, such as a newer one, is run by `REGQ_COMPLIANCE=DIR cargo test compliance`.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::Timestamp;
use regq::diagnostic::Passage;
use regq::expr::{Context, Expr, Mode};
use regq::limits::Limits;
use regq::value::{JsonStyle, Value, parse_json, to_json};

/// Cases with a result or an error in the package of jmespath 0.5.0.
const CASES: usize = 861;
/// Cases that only ask how long something takes.
const BENCHMARKS: usize = 14;

#[test]
fn strict_mode_passes_the_whole_suite() {
    let mut tally = Tally::default();
    let other = std::env::var_os("REGQ_COMPLIANCE").map(PathBuf::from);
    let folder = other
        .clone()
        .unwrap_or_else(|| package_folder("jmespath").join("tests/compliance"));
    for file in suite_files(&folder) {
        let text = std::fs::read(&file).expect("a file of the suite can be read");
        let groups = parse_json(&text).expect("a file of the suite is JSON");
        for group in groups.as_list().expect("a file of the suite holds groups") {
            tally.run_group(&file, group);
        }
    }
    assert!(tally.failures.is_empty(), "{}", tally.failures.join("\n"));
    match other {
        None => assert_eq!((tally.passed, tally.benchmarks), (CASES, BENCHMARKS)),
        Some(folder) => println!("{} cases passed in {}", tally.passed, folder.display()),
    }
}

#[derive(Default)]
struct Tally {
    passed: usize,
    benchmarks: usize,
    failures: Vec<String>,
}

impl Tally {
    fn run_group(&mut self, file: &Path, group: &Value) {
        let given = group.get("given").expect("a group gives a document");
        let cases = group.get("cases").and_then(Value::as_list);
        for case in cases.expect("a group has cases") {
            let text = case.get("expression").and_then(Value::as_text);
            let text = text.expect("a case has an expression");
            let verdict = match (case.get("result"), case.get("error")) {
                (Some(wanted), _) => gives(text, given, wanted),
                (None, Some(_)) => fails(text, given),
                (None, None) => {
                    self.benchmarks += 1;
                    continue;
                }
            };
            match verdict {
                Ok(()) => self.passed += 1,
                Err(reason) => self
                    .failures
                    .push(format!("{}: {text}: {reason}", file.display())),
            }
        }
    }
}

fn gives(text: &str, given: &Value, wanted: &Value) -> Result<(), String> {
    let found = evaluate(text, given)?;
    match found == *wanted {
        true => Ok(()),
        false => Err(format!(
            "gives {} in place of {}",
            to_json(&found, JsonStyle::Compact),
            to_json(wanted, JsonStyle::Compact)
        )),
    }
}

/// Where the suite wants an error, any error is right.
fn fails(text: &str, given: &Value) -> Result<(), String> {
    match evaluate(text, given) {
        Ok(found) => Err(format!(
            "gives {} in place of an error",
            to_json(&found, JsonStyle::Compact)
        )),
        Err(_) => Ok(()),
    }
}

fn evaluate(text: &str, given: &Value) -> Result<Value, String> {
    let limits = Limits::default();
    let context = Context {
        mode: Mode::Strict,
        ..Context::new(Timestamp::UNIX_EPOCH, &limits)
    };
    let expr = Expr::compile(Passage::flag("suite", text))
        .map_err(|findings| findings[0].message.clone())?;
    expr.evaluate(given, &context)
        .map_err(|error| error.to_string())
}

fn suite_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the suite is part of the package");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a folder can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}

/// Where cargo has unpacked a package. Packages of other platforms need not be there, so only this one is asked about.
fn package_folder(name: &str) -> PathBuf {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.expect("cargo knows its host");
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--offline",
        "--locked",
        "--filter-platform",
        host,
    ]);
    let metadata: serde_json::Value =
        serde_json::from_str(&metadata).expect("cargo writes its metadata as JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("the metadata lists packages");
    let package = packages.iter().find(|package| package["name"] == name);
    let manifest = package.expect("the package is a dependency")["manifest_path"].as_str();
    let manifest = Path::new(manifest.expect("a package has a manifest"));
    manifest
        .parent()
        .expect("a manifest lies in a folder")
        .to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}
