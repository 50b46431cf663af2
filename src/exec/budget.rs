//! How much was asked, and how it went: counted once, for the whole run.

use std::cell::{Cell, RefCell};

use super::tally::Tally;
use crate::registry::{Class, RegistryError};
use crate::rows::Fault;
use crate::safe::Safe;

/// The requests a run may still make, and what became of those it made. One for all queries of a run;
/// one thread, so cells are enough.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    asked: Cell<u64>,
    answered: Cell<u64>,
    failures: RefCell<Vec<Class>>,
    tally: Tally,
}

impl Budget {
    /// Allows this many requests (threats G13).
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            asked: Cell::new(0),
            answered: Cell::new(0),
            failures: RefCell::default(),
            tally: Tally::default(),
        }
    }

    /// How far the run has come.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many requests were made.
    pub fn asked(&self) -> u64 {
        self.asked.get()
    }

    /// Whether any source answered, be it that something is not there.
    pub fn any_answer(&self) -> bool {
        self.answered.get() > 0
    }

    /// What kinds of failures there were, one entry each.
    pub fn failures(&self) -> Vec<Class> {
        self.failures.borrow().clone()
    }

    /// Takes one request off the budget. Errors: it is used up.
    pub(super) fn spend(&self) -> Result<(), Fault> {
        self.check()?;
        self.asked.set(self.asked.get() + 1);
        Ok(())
    }

    /// Notes a page of a listing, which was begun while the budget allowed it.
    pub(super) fn note_page(&self) {
        self.asked.set(self.asked.get() + 1);
        self.note_answer();
    }

    /// Tells whether another request may be made. Errors: the budget is used up.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.asked.get() >= self.limit {
            return Err(Fault {
                code: "MAX_REQUESTS".to_owned(),
                message: Safe::new(&format!("the limit of {} requests was reached", self.limit)),
            });
        }
        Ok(())
    }

    /// Notes that a source answered.
    pub(super) fn note_answer(&self) {
        self.answered.set(self.answered.get() + 1);
    }

    /// Notes a failure and gives it the shape rows carry.
    pub(super) fn note_failure(&self, error: &RegistryError) -> Fault {
        self.failures.borrow_mut().push(error.class());
        fault_of(error)
    }
}

/// A failure in the shape that rows carry.
pub(super) fn fault_of(error: &RegistryError) -> Fault {
    Fault {
        code: error.code().to_owned(),
        message: Safe::new(&error.to_string()),
    }
}
