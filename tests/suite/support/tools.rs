//! Other people's tools, to compare answers with.

use std::env;
use std::path::Path;
use std::process::Command;

/// A tool that is installed.
pub(crate) struct Tool(String);

impl Tool {
    /// Finds a tool. A test without its tool is skipped with a notice; with `REGQ_REQUIRE_REAL=1` it fails.
    pub(crate) fn find(name: &str) -> Option<Self> {
        if Command::new(name).arg("--version").output().is_ok() {
            return Some(Self(name.to_owned()));
        }
        missing(name);
        None
    }

    /// Finds a tool that only who runs the tests by hand brings along.
    pub(crate) fn by_hand(name: &str) -> Option<Self> {
        let found = Self::at(name);
        if found.is_none() {
            skipped(&format!("`{name}` is not here; `.ci/registries` brings it"));
        }
        found
    }

    /// The tool in this file, if it can be run.
    pub(crate) fn at(path: &str) -> Option<Self> {
        let tried = Command::new(path).arg("--version").output();
        tried.is_ok().then(|| Self(path.to_owned()))
    }

    /// Finds a Python that has a package: the first on the path, or the system's, which has what the system installs.
    pub(crate) fn python_with(package: &str) -> Option<Self> {
        let import = format!("import {package}");
        let has_it = |name: &&str| {
            let tried = Command::new(name).args(["-c", &import]).output();
            tried.is_ok_and(|tried| tried.status.success())
        };
        let found = ["python3", "/usr/bin/python3"].into_iter().find(has_it);
        if found.is_none() {
            missing(&format!("python3 with {package}"));
        }
        found.map(|name| Self(name.to_owned()))
    }

    /// A command of the tool, to be described further.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.0)
    }

    /// Runs the tool in a folder and gives what it prints.
    pub(crate) fn run(&self, folder: &Path, args: &[&str]) -> Vec<u8> {
        let run = Command::new(&self.0)
            .args(args)
            .current_dir(folder)
            .output();
        let run = run.expect("the tool was there a moment ago");
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{} {args:?}: {said}", self.0);
        run.stdout
    }

    /// Runs the tool and reads the JSON it prints.
    pub(crate) fn json(&self, folder: &Path, args: &[&str]) -> serde_json::Value {
        serde_json::from_slice(&self.run(folder, args)).expect("the tool prints JSON")
    }
}

/// Tells whether a file is there that a package installs; its absence is like that of a tool.
pub(crate) fn has_file(path: &str) -> bool {
    let is_there = Path::new(path).is_file();
    if !is_there {
        missing(path);
    }
    is_there
}

/// Says that a test is skipped for want of a tool, or fails it.
fn missing(name: &str) {
    let required = env::var_os("REGQ_REQUIRE_REAL").is_some_and(|value| value == "1");
    assert!(
        !required,
        "`{name}` is not installed and REGQ_REQUIRE_REAL=1"
    );
    skipped(&format!("`{name}` is not installed"));
}

/// Says that a test is skipped.
#[allow(
    clippy::print_stderr,
    reason = "the notice is for whoever runs the tests"
)]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
