//! A credential helper: one program, asked once, bounded in time and output.
//!
//! Whatever a helper does - hang, ask on the terminal, print a gigabyte, leave a child behind that holds the pipe - it
//! ends with an answer or with a fault, and nothing it wrote goes further (threats I3, I4, I5). It inherits our
//! environment, as it does from Docker, and gets nothing from a query (threats I7).

mod answer;
mod group;
mod search;

use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::{sleep, timeout};

pub use group::Helpers;

use group::Group;

use super::credential::Credential;
use super::failure::{HelperEnd, HelperFault};
use crate::limits::{HELPER_STDERR_BYTES, HELPER_STDOUT_BYTES, KIB, Timing};
use crate::registry::{Event, Far, Talk};

/// What a helper is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The helper's name as configured, not yet looked at.
    pub(super) name: String,
    /// What it is asked with: a host, or Docker's key for Docker Hub.
    pub(super) key: String,
}

/// Asks a helper. Dropping the answer ends the helper.
pub(super) async fn ask(
    question: Question,
    helpers: Helpers,
    timing: Timing,
    talk: Talk,
) -> Result<Credential, HelperFault> {
    let program = search::program(&question.name)?;
    let path = helpers.find(&program).ok_or(HelperFault::Missing)?;
    let (child, group) = helpers.start(&path)?;
    let _waiting = talk.wait_for(Far::Helper);
    let said = converse(child, group, &question.key);
    let notice = || talk.say(Event::Helper { program });
    let said = noticed(said, timing.helper_notice, notice);
    let said = timeout(timing.helper, said).await;
    let (status, stdout) = said.map_err(|_| HelperFault::Late(timing.helper))??;
    answer::read(status, &stdout, &question.key)
}

/// Does some work and says so once if it takes long (threats I3).
async fn noticed<T>(work: impl Future<Output = T>, after: Duration, notice: impl FnOnce()) -> T {
    tokio::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return done,
        () = sleep(after) => notice(),
    }
    work.await
}

/// Waits for the helper, not for its pipes: a child of its own may hold them open for ever, and what the helper
/// itself wrote is in them when it is gone (threats I3). The group comes after the child, so that it is dropped and
/// ended before it, while its number is still the child's.
#[cfg(unix)]
async fn converse(
    mut child: Child,
    _group: Group,
    key: &str,
) -> Result<(ExitStatus, Vec<u8>), HelperFault> {
    let (stdin, mut stdout, stderr) = pipes(&mut child);
    let mut answer = Vec::new();
    let talking = async {
        tokio::try_join!(
            feed(stdin, key),
            collect(&mut stdout, &mut answer),
            drain(stderr)
        )
    };
    let status = tokio::select! {
        status = child.wait() => status.map_err(|_| HelperFault::Failed(HelperEnd::Unknown))?,
        Err(fault) = talking => return Err(fault),
    };
    collect_rest(&stdout, &mut answer)?;
    Ok((status, answer))
}

/// Where a pipe cannot be read without waiting, its end is waited for too, under the same limit.
#[cfg(not(unix))]
async fn converse(
    mut child: Child,
    _group: Group,
    key: &str,
) -> Result<(ExitStatus, Vec<u8>), HelperFault> {
    let (stdin, mut stdout, stderr) = pipes(&mut child);
    let mut answer = Vec::new();
    tokio::try_join!(
        feed(stdin, key),
        collect(&mut stdout, &mut answer),
        drain(stderr)
    )?;
    let status = child.wait().await;
    let status = status.map_err(|_| HelperFault::Failed(HelperEnd::Unknown))?;
    Ok((status, answer))
}

fn pipes(child: &mut Child) -> (ChildStdin, ChildStdout, impl AsyncRead + Unpin + use<>) {
    let piped = "a helper is started with three pipes, and they are taken once";
    (
        child.stdin.take().expect(piped),
        child.stdout.take().expect(piped),
        child.stderr.take().expect(piped),
    )
}

/// Writes the key, without a line break, and closes the pipe. A helper need not read it to answer.
async fn feed(mut stdin: ChildStdin, key: &str) -> Result<(), HelperFault> {
    let _ = stdin.write_all(key.as_bytes()).await;
    Ok(())
}

async fn collect(
    stdout: &mut (impl AsyncRead + Unpin),
    answer: &mut Vec<u8>,
) -> Result<(), HelperFault> {
    let mut piece = [0; 4 * KIB];
    while let Ok(length @ 1..) = stdout.read(&mut piece).await {
        add(answer, &piece[..length])?;
    }
    Ok(())
}

/// Collects what lies in the pipe, without waiting for more.
#[cfg(unix)]
fn collect_rest(stdout: &ChildStdout, answer: &mut Vec<u8>) -> Result<(), HelperFault> {
    let mut piece = [0; 4 * KIB];
    loop {
        match rustix::io::read(stdout, &mut piece) {
            Ok(length @ 1..) => add(answer, &piece[..length])?,
            Err(rustix::io::Errno::INTR) => {}
            Ok(0) | Err(_) => return Ok(()),
        }
    }
}

fn add(answer: &mut Vec<u8>, piece: &[u8]) -> Result<(), HelperFault> {
    answer.extend_from_slice(piece);
    match answer.len() <= HELPER_STDOUT_BYTES {
        true => Ok(()),
        false => Err(HelperFault::TooMuch(HELPER_STDOUT_BYTES)),
    }
}

/// Reads stderr so that the helper does not wait for a reader, and forgets it: it may have the secret (threats I5).
async fn drain(mut stderr: impl AsyncRead + Unpin) -> Result<(), HelperFault> {
    let mut piece = vec![0; HELPER_STDERR_BYTES];
    while let Ok(1..) = stderr.read(&mut piece).await {}
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
