//! What the fake registry saw: every connection and every request of all roles, in one order.
//!
//! An entry is written before its answer is sent, so that whoever has the answer finds the entry. What a far side sent
//! and nobody read yet is in the ledger for certain once the registry was stopped.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::canary;
use super::request::Request;

/// Who is asked. Each role but the token server always has a listener of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// The registry under test.
    Registry,
    /// Its token server.
    Token,
    /// Its vendor's own API.
    Api,
    /// Where it redirects blobs to.
    Store,
    /// Somebody else, who takes everything and gives a token for it.
    Attacker,
}

impl Role {
    /// What stands in front of its lines.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Registry => "",
            Self::Token => "token: ",
            Self::Api => "api: ",
            Self::Store => "store: ",
            Self::Attacker => "attacker: ",
        }
    }
}

/// One connection that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connection {
    /// Its place among all requests and connections of all roles.
    pub(crate) number: usize,
    /// Since the registry was started.
    pub(crate) at: Duration,
    /// Whose listener accepted it.
    pub(crate) role: Role,
    /// All that was read from it; with TLS what was in it, and the wire's bytes while it was not agreed on.
    pub(crate) received: Vec<u8>,
    /// Why no TLS came about.
    pub(crate) refused: Option<String>,
}

/// The entries, seen whole or one role's only. Clones show the same.
#[derive(Clone)]
pub(crate) struct Ledger {
    book: Arc<(Mutex<Book>, Condvar)>,
    role: Option<Role>,
}

struct Book {
    started: Instant,
    entries: usize,
    requests: Vec<Request>,
    connections: Vec<Connection>,
    /// Who is being answered, the most of each role at once, and the most of all.
    in_flight: Vec<Role>,
    peaks: BTreeMap<Option<Role>, usize>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        let book = Book {
            started: Instant::now(),
            entries: 0,
            requests: Vec::new(),
            connections: Vec::new(),
            in_flight: Vec::new(),
            peaks: BTreeMap::new(),
        };
        Self {
            book: Arc::new((Mutex::new(book), Condvar::new())),
            role: None,
        }
    }

    /// The same ledger, of which only one role's entries are seen.
    pub(crate) fn of(&self, role: Role) -> Self {
        Self {
            role: Some(role),
            ..self.clone()
        }
    }

    /// The requests, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        let book = self.book();
        let seen = |request: &&Request| self.role.is_none_or(|role| role == request.role);
        book.requests.iter().filter(seen).cloned().collect()
    }

    /// The connections, in order, those without a request too.
    pub(crate) fn connections(&self) -> Vec<Connection> {
        let book = self.book();
        let seen = |connection: &&Connection| self.role.is_none_or(|role| role == connection.role);
        book.connections.iter().filter(seen).cloned().collect()
    }

    /// The requests as lines: `GET /v2/team/app/tags/list?n=2`, `token: GET /token?service=…`.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Request::line).collect()
    }

    /// How many lines begin so.
    pub(crate) fn count(&self, beginning: &str) -> usize {
        let lines = self.lines();
        let counted = lines.iter().filter(|line| line.starts_with(beginning));
        counted.count()
    }

    /// The most requests that were in flight at once: read, and the last byte of the answer not yet sent.
    pub(crate) fn peak(&self) -> usize {
        self.book().peaks.get(&self.role).copied().unwrap_or(0)
    }

    /// Waits until so many lines begin so. Fails after ten seconds, with the lines there are.
    pub(crate) fn wait_for(&self, beginning: &str, count: usize) {
        let patience = Duration::from_secs(10);
        let (book, changed) = &*self.book;
        let book = book.lock().unwrap_or_else(PoisonError::into_inner);
        let role = self.role;
        let missing = |book: &mut Book| {
            let seen = book.requests.iter();
            let seen = seen.filter(|request| role.is_none_or(|role| role == request.role));
            let counted = seen.filter(|request| request.line().starts_with(beginning));
            counted.count() < count
        };
        let waited = changed.wait_timeout_while(book, patience, missing);
        let (book, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(book);
        assert!(!timeout.timed_out(), "{beginning:?}: {:#?}", self.lines());
    }

    /// Tells where a secret stands in what was received, and in which spelling.
    pub(crate) fn finds(&self, secret: &str) -> Option<String> {
        self.connections().iter().find_map(|connection| {
            let spelling = canary::found(secret, &connection.received)?;
            let text = String::from_utf8_lossy(&connection.received);
            let role = connection.role;
            Some(format!("{role:?} was sent it {spelling}:\n{text}"))
        })
    }

    /// Fails if one of the secrets was received, in whatever spelling.
    pub(crate) fn assert_no_secret(&self, secrets: &[&str]) {
        for secret in secrets {
            if let Some(place) = self.finds(secret) {
                panic!("the secret {secret:?} got out: {place}");
            }
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the listeners write it.
impl Ledger {
    /// Enters a connection and gives its index among connections.
    pub(super) fn connected(&self, role: Role) -> usize {
        let mut book = self.book();
        let (number, at) = book.next();
        book.connections.push(Connection {
            number,
            at,
            role,
            received: Vec::new(),
            refused: None,
        });
        book.connections.len() - 1
    }

    pub(super) fn received(&self, connection: usize, bytes: &[u8]) {
        let mut book = self.book();
        book.connections[connection]
            .received
            .extend_from_slice(bytes);
    }

    pub(super) fn refused(&self, connection: usize, why: String) {
        self.book().connections[connection].refused = Some(why);
    }

    /// Forgets the bytes of a handshake that went well: what follows is what counts.
    pub(super) fn agreed(&self, connection: usize) {
        self.book().connections[connection].received.clear();
    }

    /// Enters a request, completes it, and counts it as in flight until the flight is dropped.
    pub(super) fn asked(&self, connection: usize, request: &mut Request) -> Flight {
        let mut book = self.book();
        (request.number, request.at) = book.next();
        request.connection = book.connections[connection].number;
        book.requests.push(request.clone());
        book.take_off(request.role);
        self.book.1.notify_all();
        Flight(self.of(request.role))
    }
}

impl Book {
    fn next(&mut self) -> (usize, Duration) {
        self.entries += 1;
        (self.entries, self.started.elapsed())
    }

    fn take_off(&mut self, role: Role) {
        self.in_flight.push(role);
        let own = self.in_flight.iter().filter(|other| **other == role);
        for (whose, count) in [(Some(role), own.count()), (None, self.in_flight.len())] {
            let peak = self.peaks.entry(whose).or_default();
            *peak = count.max(*peak);
        }
    }
}

/// A request that is being answered.
pub(super) struct Flight(Ledger);

impl Drop for Flight {
    fn drop(&mut self) {
        let mut book = self.0.book();
        let landed = book.in_flight.iter();
        let landed = landed.copied().position(|role| Some(role) == self.0.role);
        landed.map(|at| book.in_flight.swap_remove(at));
    }
}
