//! The end of a fake registry: whoever waits is woken, whoever reads or writes is cut off, and all are waited for.

use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Shared by all threads of one registry.
#[derive(Default)]
pub(super) struct Stop {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_stopped: bool,
    next: usize,
    streams: HashMap<usize, TcpStream>,
    at_work: usize,
    panics: usize,
}

/// A connection that the end will cut off and wait for.
pub(super) struct AtWork<'a> {
    stop: &'a Stop,
    number: usize,
}

impl Stop {
    /// Counts a thread before it starts, so that the end cannot overlook it.
    pub(super) fn announce(&self, stream: TcpStream) -> usize {
        let mut state = self.state();
        if state.is_stopped {
            cut(&stream);
        }
        state.at_work += 1;
        state.next += 1;
        let number = state.next;
        state.streams.insert(number, stream);
        number
    }

    /// Takes over what was announced.
    pub(super) fn begin(&self, number: usize) -> AtWork<'_> {
        AtWork { stop: self, number }
    }

    /// Waits, shorter if the registry is stopped.
    pub(super) fn wait(&self, time: Duration) {
        let end = Instant::now() + time;
        let mut state = self.state();
        while !state.is_stopped {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until so many have arrived, or until the registry is stopped.
    pub(super) fn gather(&self, arrived: &AtomicUsize, needed: usize) {
        let mut state = self.state();
        if arrived.fetch_add(1, Ordering::Relaxed) + 1 == needed {
            self.changed.notify_all();
        }
        while !state.is_stopped && arrived.load(Ordering::Relaxed) < needed {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Cuts all connections off and waits for their threads. Fails if one of them panicked.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.is_stopped = true;
        state.streams.values().for_each(cut);
        self.changed.notify_all();
        while state.at_work > 0 {
            let waited = self.changed.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let fine = state.panics == 0 || std::thread::panicking();
        drop(state);
        assert!(fine, "the fake registry itself panicked; see above");
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What came before is still read; a write in progress fails.
fn cut(stream: &TcpStream) {
    // The other side may have left already.
    let _gone = stream.shutdown(Shutdown::Both);
}

impl AtWork<'_> {
    /// Lets go of the stream: as long as a copy of it is held, closing it does not end the connection.
    pub(super) fn release(&self) {
        self.stop.state().streams.remove(&self.number);
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        let mut state = self.stop.state();
        state.streams.remove(&self.number);
        state.at_work -= 1;
        state.panics += usize::from(std::thread::panicking());
        self.stop.changed.notify_all();
    }
}
