//! What goes wrong, and when: rules that a test states, looked at for every request.
//!
//! A fault gives another answer, changes the answer there is, or sends it badly. It never touches what is stored, so the
//! next request may find everything in order.

use std::sync::atomic::{AtomicU64, Ordering};

use super::answer::Answer;
use super::ledger::Role;
use super::pattern::Pattern;
use super::request::Request;
use super::script::{Step, plain};

/// For which of the requests that a rule fits; they are counted from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// All of them.
    Always,
    /// The first so many.
    First(u64),
    /// This one.
    Nth(u64),
    /// Each whose count this divides.
    Every(u64),
}

impl When {
    fn includes(self, count: u64) -> bool {
        match self {
            Self::Always => true,
            Self::First(last) => count <= last,
            Self::Nth(nth) => count == nth,
            Self::Every(nth) => count.is_multiple_of(nth),
        }
    }
}

type Edit = dyn Fn(&Request, &mut Answer) + Send + Sync;
type Sending = dyn Fn(&Answer, bool) -> Vec<Step> + Send + Sync;

/// One thing that goes wrong.
pub(crate) enum Fault {
    /// Another answer is given.
    Instead(Answer),
    /// The answer is changed. A HEAD is changed alike.
    Edit(Box<Edit>),
    /// The answer is sent in these steps; whether the request is a HEAD is told.
    Sent(Box<Sending>),
}

/// A fault and the requests it befalls.
pub(super) struct Rule {
    pattern: Pattern,
    when: When,
    fault: Fault,
    seen: AtomicU64,
}

impl Rule {
    pub(super) fn new(pattern: Pattern, when: When, fault: Fault) -> Self {
        Self {
            pattern,
            when,
            fault,
            seen: AtomicU64::new(0),
        }
    }

    /// The fault that befalls this request. Asking counts.
    pub(super) fn befalls(&self, request: &Request, let_in: bool) -> Option<&Fault> {
        let is_asked = let_in || self.pattern.asks_before_login;
        (is_asked && self.pattern.fits(request) && self.strikes()).then_some(&self.fault)
    }

    /// What befalls a new connection of this role. Asking counts.
    pub(super) fn befalls_connection(&self, role: Role) -> Option<Vec<Step>> {
        if !self.pattern.fits_connection(role) || !self.strikes() {
            return None;
        }
        let nothing = Answer::status(200);
        Some(match &self.fault {
            Fault::Sent(steps) => steps(&nothing, false),
            Fault::Instead(answer) => [plain(answer, false), vec![Step::Close]].concat(),
            Fault::Edit(_) => return None,
        })
    }

    fn strikes(&self) -> bool {
        let count = self.seen.fetch_add(1, Ordering::Relaxed) + 1;
        self.when.includes(count)
    }
}
