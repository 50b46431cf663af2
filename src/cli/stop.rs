//! Being told to stop: by signals, and by Docker, which closes a socket where it cannot pass a signal on (threats O2).
//!
//! A thread of its own listens, so that it is heard whatever the others do. The first event asks the run to end; it has a
//! moment for it. What goes on after that - a file that is not read to its end, an expression that computes, a reader who
//! does not read - is ended with the process, and so it is where more events come.

mod events;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use tokio::runtime::Builder;
use tokio::sync::watch;
use tokio::time;

use super::console;
use super::exit::Exit;
use super::report::{self, Voice};
use crate::diagnostic::Diagnostic;
use crate::limits::{LAST_WORDS, STOP_GRACE};
use crate::registry::Helpers;

/// Who told us to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The user, with Ctrl-C.
    Interrupt,
    /// Whoever ends programs.
    Terminate,
    /// The terminal, by going away.
    HangUp,
    /// Docker, by closing its socket.
    Docker,
}

impl Cause {
    /// How a program ends that was told so.
    fn exit(self) -> Exit {
        match self {
            Self::Interrupt => Exit::Interrupted,
            Self::HangUp => Exit::HungUp,
            Self::Terminate | Self::Docker => Exit::Terminated,
        }
    }
}

/// How something ended that could be stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended<T> {
    /// By itself.
    ByItself(T),
    /// It was told to stop.
    Stopped,
    /// Its time was over.
    TimedOut,
}

/// Whether we were told to stop.
pub(super) struct Stop {
    told: watch::Receiver<Option<Cause>>,
    doomed: Doomed,
    helpers: Arc<OnceLock<Helpers>>,
}

/// Files that must not outlive a process that is ended.
type Doomed = Arc<Mutex<Vec<PathBuf>>>;

impl Stop {
    /// Begins to listen; once this returns, signals are caught.
    pub(super) fn watch(socket: Option<PathBuf>, voice: Voice) -> Self {
        let (tell, told) = watch::channel(None);
        let doomed = Doomed::default();
        let helpers = Arc::default();
        let warden = Warden {
            tell,
            doomed: Arc::clone(&doomed),
            voice,
            helpers: Arc::clone(&helpers),
        };
        let (ready, is_ready) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name("signals".to_owned());
        // Without the thread signals do what they do to any program.
        let _ = thread.spawn(move || warden.watch(socket, ready));
        let _ = is_ready.recv();
        Self {
            told,
            doomed,
            helpers,
        }
    }

    /// Listens to nothing, for what takes no time: signals do what they do to any program.
    pub(super) fn never() -> Self {
        let (_, told) = watch::channel(None);
        Self {
            told,
            doomed: Doomed::default(),
            helpers: Arc::default(),
        }
    }

    /// Waits until we are told to stop.
    pub(super) fn requested(&self) -> impl Future<Output = Cause> + use<> {
        let mut told = self.told.clone();
        async move {
            let cause = told.wait_for(Option::is_some).await;
            match cause.ok().and_then(|cause| *cause) {
                Some(cause) => cause,
                // Nobody listens, so nobody will be told.
                None => std::future::pending().await,
            }
        }
    }

    /// Carries `run` out until it ends, `deadline` comes or we are told to stop, and drops it then.
    pub(super) fn race<T>(
        &self,
        deadline: Option<Instant>,
        run: impl Future<Output = T>,
    ) -> impl Future<Output = Ended<T>> {
        let requested = self.requested();
        let timeout = async move {
            match deadline {
                Some(deadline) => time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        async move {
            tokio::select! {
                biased;
                _ = requested => Ended::Stopped,
                () = timeout => Ended::TimedOut,
                ended = run => Ended::ByItself(ended),
            }
        }
    }

    /// How the program ends, if it was told to stop.
    pub(super) fn exit(&self) -> Option<Exit> {
        self.told.borrow().map(Cause::exit)
    }

    /// Names a file that is removed if the process is ended.
    pub(super) fn removes(&self, path: &Path) {
        locked(&self.doomed).push(path.to_owned());
    }

    /// Names the processes that are ended with ours.
    pub(super) fn ends(&self, helpers: Helpers) {
        // They are those of one keychain, which a run makes once.
        let _ = self.helpers.set(helpers);
    }
}

fn locked(doomed: &Doomed) -> MutexGuard<'_, Vec<PathBuf>> {
    doomed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the listening thread has.
struct Warden {
    tell: watch::Sender<Option<Cause>>,
    doomed: Doomed,
    voice: Voice,
    helpers: Arc<OnceLock<Helpers>>,
}

impl Warden {
    /// Listens until the process ends. Dropping `ready` says that it has begun.
    fn watch(self, socket: Option<PathBuf>, ready: mpsc::Sender<()>) {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build();
        let Ok(runtime) = runtime else { return };
        let cause = runtime.block_on(async {
            let mut events = events::listen(socket).await.ok()?;
            drop(ready);
            let mut seen = Seen::new(events.recv().await?);
            self.tell.send_replace(Some(seen.cause));
            let more = async {
                while let Some(next) = events.recv().await {
                    let next = seen.take(next);
                    self.tell.send_replace(Some(seen.cause));
                    if next == Next::End {
                        break;
                    }
                }
            };
            let _ = time::timeout(STOP_GRACE, more).await;
            Some(seen.cause)
        });
        if let Some(cause) = cause {
            self.end(cause);
        }
    }

    /// Ends the process, here and now.
    fn end(self, cause: Cause) {
        if let Some(helpers) = self.helpers.get() {
            helpers.end_all();
        }
        for path in locked(&self.doomed).iter() {
            let _ = std::fs::remove_file(path);
        }
        let (said, is_said) = mpsc::channel::<()>();
        let voice = self.voice;
        let words = thread::Builder::new().spawn(move || {
            console::abandon();
            report::say(&[Diagnostic::warning("interrupted")], voice);
            drop(said);
        });
        if words.is_ok() {
            let _ = is_said.recv_timeout(LAST_WORDS);
        }
        // The other threads may never come to an end of their own.
        std::process::exit(cause.exit() as i32);
    }
}

/// What was heard so far.
struct Seen {
    cause: Cause,
    times: usize,
}

/// What follows from one event more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The run has its moment.
    Wait,
    /// It has none.
    End,
}

impl Seen {
    fn new(cause: Cause) -> Self {
        Self { cause, times: 1 }
    }

    /// Takes one event more: the third of a kind ends the process, and so does one of another kind. Of one Ctrl-C we may
    /// hear twice, from the terminal and from Docker; that is one event, and the signal tells how we end.
    fn take(&mut self, next: Cause) -> Next {
        match (self.cause, next) {
            (_, Cause::Docker) => return Next::Wait,
            (Cause::Docker, _) => {
                self.cause = next;
                return Next::Wait;
            }
            (first, _) if first != next => return Next::End,
            _ => self.times += 1,
        }
        match self.times {
            ..3 => Next::Wait,
            _ => Next::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o2_the_third_of_a_kind_ends_it_and_so_does_another_kind() {
        use Cause::{Docker, HangUp, Interrupt, Terminate};
        for (events, ends_after, exit) in [
            (&[Interrupt, Interrupt, Interrupt][..], Some(3), 130),
            (&[Interrupt, Interrupt], None, 130),
            (&[Interrupt, Terminate], Some(2), 130),
            (&[Terminate, HangUp], Some(2), 143),
            (&[HangUp], None, 129),
            (&[Docker], None, 143),
            (&[Interrupt, Docker], None, 130),
            (&[Docker, Interrupt], None, 130),
            (&[Docker, Interrupt, Interrupt], None, 130),
            (&[Docker, Interrupt, Interrupt, Interrupt], Some(4), 130),
            (&[Interrupt, Docker, Interrupt, Interrupt], Some(4), 130),
        ] {
            let mut seen = Seen::new(events[0]);
            let later = events[1..].iter();
            let ended = later
                .map(|event| seen.take(*event))
                .position(|next| next == Next::End);
            assert_eq!(ended.map(|at| at + 2), ends_after, "{events:?}");
            assert_eq!(seen.cause.exit() as i32, exit, "{events:?}");
        }
    }

    fn stop() -> (watch::Sender<Option<Cause>>, Stop) {
        let (tell, told) = watch::channel(None);
        let stop = Stop {
            told,
            doomed: Doomed::default(),
            helpers: Arc::default(),
        };
        (tell, stop)
    }

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        let runtime = Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(future)
    }

    #[test]
    fn a_run_is_dropped_when_we_are_told_or_its_time_is_over() {
        let (tell, stop) = stop();
        let never = std::future::pending::<u8>;
        assert_eq!(
            block_on(stop.race(None, std::future::ready(7))),
            Ended::ByItself(7)
        );
        let now = Some(Instant::now());
        assert_eq!(block_on(stop.race(now, never())), Ended::TimedOut);
        assert_eq!(stop.exit(), None);
        tell.send_replace(Some(Cause::Interrupt));
        assert_eq!(block_on(stop.race(None, never())), Ended::Stopped);
        assert_eq!(stop.exit(), Some(Exit::Interrupted));
    }

    #[test]
    fn where_nobody_listens_nothing_is_stopped() {
        let now = Some(Instant::now());
        let never = std::future::pending::<u8>();
        assert_eq!(block_on(Stop::never().race(now, never)), Ended::TimedOut);
    }
}
