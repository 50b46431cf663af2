//! A real credential helper: `docker-credential-pass` on a store and a key that only the test knows.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::json;
use tempfile::{Builder, TempDir};

use super::command::{TestCommand, Workplace};
use super::tools::Tool;

/// What a user has in `config.json` to use it for all registries.
pub(crate) const FOR_ALL: &str = r#"{"credsStore": "pass"}"#;

/// A password store with its helper; the agent that holds the key is ended when dropped.
pub(crate) struct PassStore {
    folder: TempDir,
}

impl PassStore {
    /// Makes a key and a store for it.
    pub(crate) fn new() -> Option<Self> {
        let (gpg, pass) = (Tool::find("gpg")?, Tool::find("pass")?);
        Tool::find("gpgconf")?;
        Tool::find("docker-credential-pass")?;
        let store = Self::empty();
        let user = "regq@acme.example";
        let words = ["--batch", "--passphrase", "", "--quick-generate-key", user];
        // The kinds of keys that are made fastest: one to sign, one to encrypt.
        let kinds = ["future-default", "default", "never"];
        run(store.set_up(&mut gpg.command()).args(words).args(kinds));
        run(store.set_up(&mut pass.command()).args(["init", user]));
        Some(store)
    }

    fn empty() -> Self {
        // The agent's socket is in it, and the path of a socket may have a hundred characters at most.
        let folder = Builder::new().prefix("pass").tempdir_in("/tmp").unwrap();
        fs::create_dir(folder.path().join("g")).unwrap();
        let store = Self { folder };
        store.protect();
        store
    }

    /// GnuPG warns of a home that others may read.
    #[cfg(unix)]
    fn protect(&self) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(self.path("g"), fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[cfg(not(unix))]
    fn protect(&self) {}

    /// Stores a login, as `docker login` does.
    pub(crate) fn store(&self, server: &str, account: &str, secret: &str) {
        let entry = json!({"ServerURL": server, "Username": account, "Secret": secret});
        let mut command = Command::new("docker-credential-pass");
        let command = self.set_up(command.arg("store"));
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().expect("it is a pipe");
        stdin.write_all(entry.to_string().as_bytes()).unwrap();
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }

    /// Lets a command, run by the user of that place, use the helper: the config that names it, and what it needs.
    pub(crate) fn give_to(
        &self,
        place: &Workplace,
        config: &str,
        command: TestCommand,
    ) -> TestCommand {
        let folder = place.home().join(".docker");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), config).unwrap();
        let variables = self.environment().into_iter();
        variables.fold(command, |command, (name, value)| command.env(name, value))
    }

    /// The variables that lead to the store and its key.
    fn environment(&self) -> [(&'static str, OsString); 3] {
        [
            ("GNUPGHOME", self.path("g").into()),
            ("PASSWORD_STORE_DIR", self.path("store").into()),
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
        ]
    }

    fn set_up<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let command = command.env_clear().env("HOME", self.folder.path());
        command.envs(self.environment())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for PassStore {
    fn drop(&mut self) {
        let mut command = Command::new("gpgconf");
        // The agent would go on for as long as it sees its socket.
        let _ = self.set_up(&mut command).args(["--kill", "all"]).status();
    }
}

fn run(command: &mut Command) {
    let ended = command.output().expect("the tool was there a moment ago");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{command:?}: {said}");
}
