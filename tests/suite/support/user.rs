//! Somebody who asks registries with the program: their settings, Docker's documents in their home, their helpers.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::command::{Ended, TestCommand, Workplace};
use super::fake::{Alphabet, base64, found};

/// A user with a home.
pub(crate) struct User {
    place: Workplace,
}

impl User {
    /// Somebody who has nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            place: Workplace::new(),
        }
    }

    /// Somebody whose Docker has these entries: hosts, names, passwords.
    pub(crate) fn logged_in(entries: &[(&str, &str, &str)]) -> Self {
        Self::new().docker(&json!({"auths": auths(entries)}))
    }

    /// Gives Docker this `config.json`.
    pub(crate) fn docker(self, config: &Value) -> Self {
        self.home(".docker/config.json", &config.to_string())
    }

    /// Gives us this `config.yaml`.
    pub(crate) fn settings(self, yaml: &str) -> Self {
        self.home(".config/regq/config.yaml", yaml)
    }

    /// Puts a file into the home.
    pub(crate) fn home(self, path: &str, content: &str) -> Self {
        write(&self.path(path), content);
        self
    }

    /// Saves a query by its `spec`, each key on a line.
    pub(crate) fn query(self, name: &str, spec: &str) -> Self {
        self.report(name, &[spec.to_owned()])
    }

    /// Saves several queries in one file.
    pub(crate) fn report(self, name: &str, specs: &[String]) -> Self {
        let document = |(at, spec): (usize, &String)| {
            let lines = spec.lines().map(|line| format!("  {line}\n"));
            let head = format!("apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q{at}}}\n");
            format!("{head}spec:\n{}", lines.collect::<String>())
        };
        let documents: Vec<String> = specs.iter().enumerate().map(document).collect();
        Self {
            place: self.place.file(name, documents.join("---\n")),
        }
    }

    /// Installs `docker-credential-NAME`, a script of the shell. It writes down what it is asked for; that is `$server`.
    #[cfg(unix)]
    pub(crate) fn helper(self, name: &str, script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let (path, record) = (self.helper_path(name), self.record(name));
        let begin = format!(
            "server=$(cat)\necho \"$1 $server\" >> '{}'",
            record.display()
        );
        write(&path, &format!("#!/bin/sh\n{begin}\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// What a helper was asked, in order: `get HOST`.
    pub(crate) fn asked(&self, name: &str) -> Vec<String> {
        let record = fs::read_to_string(self.record(name)).unwrap_or_default();
        record.lines().map(str::to_owned).collect()
    }

    /// A command line, cut at spaces, with the user's helpers on the path.
    pub(crate) fn command(&self, line: &str) -> TestCommand {
        self.words(line.split_whitespace())
    }

    /// A command line, in its words.
    pub(crate) fn words<'w>(&self, words: impl Iterator<Item = &'w str>) -> TestCommand {
        let system = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.path("bin")).chain(std::env::split_paths(&system));
        let path = std::env::join_paths(folders).expect("folders of a path can be joined");
        let command = self.place.command(words);
        command.env("PATH", path)
    }

    /// Runs it.
    pub(crate) fn run(&self, line: &str) -> Ended {
        self.command(line).run()
    }

    /// A path in the home.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.place.home().join(path)
    }

    fn helper_path(&self, name: &str) -> PathBuf {
        self.path(&format!("bin/docker-credential-{name}"))
    }

    fn record(&self, name: &str) -> PathBuf {
        self.path(&format!("asked-{name}"))
    }
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).unwrap();
    fs::write(path, content).unwrap();
}

/// The `auths` of Docker's config.
pub(crate) fn auths(entries: &[(&str, &str, &str)]) -> Value {
    let entries = entries.iter().map(|(host, name, password)| {
        let pair = format!("{name}:{password}");
        let auth = base64(pair.as_bytes(), Alphabet::Standard);
        ((*host).to_owned(), json!({"auth": auth}))
    });
    Value::Object(entries.collect())
}

/// What a helper's script prints for somebody.
pub(crate) fn answer(name: &str, secret: &str) -> String {
    let answer = json!({"ServerURL": "$server", "Username": name, "Secret": secret});
    format!("cat <<END\n{answer}\nEND")
}

impl Ended {
    /// It showed none of the secrets, in whatever spelling.
    #[track_caller]
    pub(crate) fn keeps(self, secrets: &[&str]) -> Self {
        for (what, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            for secret in secrets {
                let spelling = found(secret, text.as_bytes());
                assert_eq!(spelling, None, "{secret:?} is on {what}:\n{text}");
            }
        }
        self
    }
}
