//! The process of a registry: started, heard until it listens, ended.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::server;

/// It listens after a few milliseconds, on a machine that builds something else meanwhile later.
const LIMIT: Duration = Duration::from_secs(30);

/// A registry's process, ended when dropped.
pub(super) struct Process {
    child: Child,
    host: String,
}

impl Process {
    /// Starts the registry and waits until it listens.
    pub(super) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let (line, log) = mpsc::channel();
        follow(child.stdout.take().expect("it is a pipe"), line.clone());
        follow(child.stderr.take().expect("it is a pipe"), line);
        match listening(&log) {
            Ok(host) => Self { child, host },
            Err(said) => {
                end(&mut child);
                panic!("the registry does not start:\n{said}");
            }
        }
    }

    /// The address it listens on.
    pub(super) fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself; then there is nothing to do.
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a log to its end, whether or not somebody still listens: a full pipe would stop the registry.
fn follow(log: impl Read + Send + 'static, line: Sender<String>) {
    thread::spawn(move || {
        for text in BufReader::new(log).lines().map_while(Result::ok) {
            let _ = line.send(text);
        }
    });
}

/// The address that the log tells, once it tells it.
///
/// Errors: all it said, if it ended or takes too long.
fn listening(log: &Receiver<String>) -> Result<String, String> {
    let until = Instant::now() + LIMIT;
    let mut said = String::new();
    while let Ok(line) = log.recv_timeout(until.saturating_duration_since(Instant::now())) {
        if let Some(address) = server::listening(&line) {
            return Ok(address);
        }
        said = said + &line + "\n";
    }
    Err(said)
}
