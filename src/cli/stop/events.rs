//! Where the news comes from that we shall stop: signals, and a socket of Docker's.

use std::io;
use std::path::PathBuf;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::Cause;

/// More events than anybody waits for.
const EVENTS: usize = 16;

/// Begins to listen, on the runtime this is called on; once it is done, signals no longer end the process by themselves, and
/// Docker has somebody to tell.
///
/// Errors: the system refuses.
pub(super) fn listen(socket: Option<PathBuf>) -> impl Future<Output = io::Result<Receiver<Cause>>> {
    let (tell, heard) = channel(EVENTS);
    async move {
        signals(&tell)?;
        docker(socket, tell).await;
        Ok(heard)
    }
}

#[cfg(unix)]
fn signals(tell: &Sender<Cause>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [
        (SignalKind::interrupt(), Cause::Interrupt),
        (SignalKind::terminate(), Cause::Terminate),
        (SignalKind::hangup(), Cause::HangUp),
    ];
    let heeded = kinds
        .into_iter()
        .filter(|(kind, _)| !is_ignored(kind.as_raw_value()));
    for (kind, cause) in heeded {
        let mut signal = signal(kind)?;
        let tell = tell.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() {
                let _ = tell.try_send(cause);
            }
        });
    }
    Ok(())
}

/// Tells whether whoever started us had a signal ignored, as `nohup` does, and a shell for what it runs in the
/// background: then it stays ignored.
#[cfg(target_os = "linux")]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| (mask >> (signal - 1)) & 1 == 1)
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_ignored(_: i32) -> bool {
    false
}

/// Connects to Docker's socket, and begins to wait for it to be closed. Docker never writes, and where it cannot be reached
/// it has nothing to say; the sender is kept, so that the events do not end.
#[cfg(unix)]
fn docker(socket: Option<PathBuf>, tell: Sender<Cause>) -> impl Future<Output = ()> {
    use tokio::io::AsyncReadExt;
    use tokio::net::UnixStream;
    async move {
        // Once Docker has closed it, nobody can connect any more, and we would never hear of it.
        let socket = match socket {
            Some(address) => UnixStream::connect(address).await.ok(),
            None => None,
        };
        tokio::spawn(async move {
            if let Some(mut socket) = socket {
                let mut ignored = [0; 64];
                while socket.read(&mut ignored).await.is_ok_and(|bytes| bytes > 0) {}
                let _ = tell.try_send(Cause::Docker);
            }
            tell.closed().await;
        });
    }
}

#[cfg(not(unix))]
fn signals(tell: &Sender<Cause>) -> io::Result<()> {
    let tell = tell.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            let _ = tell.try_send(Cause::Interrupt);
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn docker(_: Option<PathBuf>, tell: Sender<Cause>) -> impl Future<Output = ()> {
    tokio::spawn(async move { tell.closed().await });
    std::future::ready(())
}
