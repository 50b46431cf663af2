//! A program that is under way: it can be talked to, sent signals, and waited for with an end to the patience.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::command::{Ended, read_all};

/// How long a program may take to end that was told to. 500 ms are promised and can be measured on a quiet machine; here it
/// is only told from one that goes on.
const PROMPT: Duration = Duration::from_secs(10);

/// How long it may take to come to the point that a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// More than any pipe holds.
const FLOOD: usize = 256 * 1024;

/// A program that was started.
pub(crate) struct Running {
    id: Pid,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    stderr: JoinHandle<Vec<u8>>,
    ended: Receiver<std::io::Result<std::process::ExitStatus>>,
    words: Vec<OsString>,
}

impl Running {
    pub(super) fn new(mut child: Child, words: Vec<OsString>) -> Self {
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let (line, lines) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || {
                let mut stdout = BufReader::new(stdout);
                let mut text = String::new();
                while stdout.read_line(&mut text).expect("all output is UTF-8") > 0 {
                    if line.send(std::mem::take(&mut text)).is_err() {
                        return;
                    }
                }
            });
        }
        let stderr = child.stderr.take().expect("it is a pipe");
        let stdin = child.stdin.take();
        let (end, ended) = mpsc::channel();
        thread::spawn(move || end.send(child.wait()));
        Self {
            id: id.expect("a process has a number"),
            stdin,
            lines,
            stderr: read_all(stderr),
            ended,
            words,
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> i32 {
        self.id.as_raw_nonzero().get()
    }

    /// Writes to its standard input more than a pipe holds. Once that is through, the program reads there, and goes on to
    /// wait for more: the input stays open.
    pub(crate) fn reads(mut self) -> Self {
        let stdin = self.stdin.as_mut().expect("its input is a pipe");
        let comment = "#".repeat(63) + "\n";
        stdin
            .write_all(comment.repeat(FLOOD / 64).as_bytes())
            .expect("the program reads");
        self
    }

    /// Writes to its standard input, as somebody who presses keys.
    pub(crate) fn types(mut self, keys: &str) -> Self {
        let stdin = self.stdin.as_mut().expect("its input is a pipe");
        stdin.write_all(keys.as_bytes()).expect("somebody reads");
        self
    }

    /// Waits until something that it does can be seen.
    pub(crate) fn until(self, is_seen: impl Fn() -> bool) -> Self {
        let start = Instant::now();
        while !is_seen() {
            assert!(
                start.elapsed() < PATIENCE,
                "{:?} does not do it",
                self.words
            );
            thread::yield_now();
        }
        self
    }

    /// Waits for a line of its output.
    pub(crate) fn line(&self) -> String {
        let line = self.lines.recv_timeout(PATIENCE);
        line.unwrap_or_else(|_| panic!("{:?} prints nothing", self.words))
    }

    /// Sends it a signal.
    pub(crate) fn signal(self, signal: Signal) -> Self {
        kill_process(self.id, signal).expect("it is still there");
        self
    }

    /// Waits for its end, which has to come at once; gives what it printed from here on.
    #[track_caller]
    pub(crate) fn ends_promptly(self) -> Ended {
        let Ok(status) = self.ended.recv_timeout(PROMPT) else {
            let _ = kill_process(self.id, Signal::KILL);
            panic!("{:?} does not end within {PROMPT:?}", self.words);
        };
        let status = status.expect("a child can be waited for");
        let stderr = self.stderr.join().expect("a pipe can be read");
        Ended {
            stdout: self.lines.iter().collect(),
            stderr: String::from_utf8(stderr).expect("all output is UTF-8"),
            exit: status
                .code()
                .unwrap_or_else(|| panic!("{:?} was ended by a signal: {status}", self.words)),
            words: self.words,
        }
    }
}
