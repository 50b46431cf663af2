//! What tests of credentials need: a folder with documents, scripted helpers and pipes to see who still lives.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use tempfile::TempDir;

use crate::limits::Timing;

/// Beyond any time that something takes that works.
pub(super) const FOR_EVER: Duration = Duration::from_secs(60);

/// A folder of a test's own.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Only this folder is searched; what the scripts call comes from their own PATH.
    pub(super) fn search_path(&self) -> Option<OsString> {
        Some(self.0.path().as_os_str().to_owned())
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// Writes the helper `name`. Another process does: if we had the file open for writing while another test forks,
    /// the child would have it too, and the system would not run a file that is written to.
    pub(super) fn helper(&self, name: &str, script: &str) {
        let path = self.path(&format!("docker-credential-{name}"));
        let mut shell = Command::new("/bin/sh")
            .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
            .arg(path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let script = script.replace("HERE", &self.0.path().display().to_string());
        let mut stdin = shell.stdin.take().unwrap();
        stdin.write_all(script.as_bytes()).unwrap();
        drop(stdin);
        assert!(shell.wait().unwrap().success());
    }

    /// Makes a pipe and does not open it.
    pub(super) fn fifo(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        path
    }

    /// Makes a pipe between a helper and the test.
    pub(super) fn pipe(&self, name: &str) -> Pipe {
        let path = self.fifo(name);
        // For both, so that nobody waits for the other to open it.
        let both = OpenOptions::new().read(true).write(true).open(&path);
        Pipe {
            both: both.unwrap(),
            path,
        }
    }
}

/// A pipe between a helper and the test.
pub(super) struct Pipe {
    both: File,
    path: PathBuf,
}

impl Pipe {
    /// Lets one who reads a line go on.
    pub(super) fn pass(&mut self) {
        self.both.write_all(b"\n").unwrap();
    }

    /// Waits until somebody has written a line.
    pub(super) fn wait(&self) {
        let mut both = self.both.try_clone().unwrap();
        in_time(move || both.read_exact(&mut [0]).unwrap());
    }

    /// Waits until everybody is gone who had opened it for writing.
    pub(super) fn wait_until_left(self) {
        let mut reader = File::open(&self.path).unwrap();
        drop(self);
        in_time(move || reader.read_to_end(&mut Vec::new()).unwrap());
    }
}

fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) {
    let (sender, receiver) = channel();
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(FOR_EVER).expect("it happens in time");
}

/// Waits that end soon for a helper, and late for everything that should not end.
pub(super) fn timing(helper: Duration) -> Timing {
    Timing {
        helper,
        helper_notice: FOR_EVER,
        ..Timing::default()
    }
}
