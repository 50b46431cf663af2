//! A gate that holds answers back until a test has seen what it wants to see.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::fake::Fault;

/// Closed at first. It opens when it is dropped too, so that nobody waits for ever.
#[derive(Default)]
pub(crate) struct Gate(Arc<State>);

#[derive(Default)]
struct State {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl State {
    fn is_open(&self) -> MutexGuard<'_, bool> {
        self.is_open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// Answers wait here, and are then given as they are.
    pub(crate) fn holds(&self) -> Fault {
        let state = Arc::clone(&self.0);
        Fault::Edit(Box::new(move |_, _| {
            let mut is_open = state.is_open();
            while !*is_open {
                is_open = state
                    .opened
                    .wait(is_open)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }))
    }

    /// Lets all go on.
    pub(crate) fn open(&self) {
        *self.0.is_open() = true;
        self.0.opened.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}
