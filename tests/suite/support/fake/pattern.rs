//! Which requests are meant: words that must all fit.

use super::ledger::Role;
use super::request::Request;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Requests that fit some words, in any order:
///
/// - `GET`, `HEAD` …: the method;
/// - `token`, `api`, `store`, `attacker`: whom it is sent to; without such a word the registry is meant;
/// - `connection`: no request, but a connection before anything was read from it;
/// - `/v2/`: the whole path, because it begins with a slash;
/// - anything else: a part of the line that the ledger writes, such as `manifests`, `tags/list` or `last=b`.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    words: Vec<String>,
    role: Role,
    is_connection: bool,
    pub(super) asks_before_login: bool,
}

/// Requests as in [`Pattern`], whether the login lets them through or not.
pub(crate) fn before_login(words: &str) -> Pattern {
    Pattern {
        asks_before_login: true,
        ..Pattern::from(words)
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        let mut pattern = Self {
            words: Vec::new(),
            role: Role::Registry,
            is_connection: false,
            asks_before_login: false,
        };
        for word in text.split_whitespace() {
            match word {
                "token" => pattern.role = Role::Token,
                "api" => pattern.role = Role::Api,
                "store" => pattern.role = Role::Store,
                "attacker" => pattern.role = Role::Attacker,
                "connection" => pattern.is_connection = true,
                word => pattern.words.push(word.to_owned()),
            }
        }
        pattern
    }
}

impl Pattern {
    pub(super) fn fits(&self, request: &Request) -> bool {
        let line = request.line();
        let fits = |word: &String| match word.as_str() {
            method if METHODS.contains(&method) => request.method == method,
            path if path.starts_with('/') => request.path == path,
            part => line.contains(part),
        };
        !self.is_connection && self.role == request.role && self.words.iter().all(fits)
    }

    pub(super) fn fits_connection(&self, role: Role) -> bool {
        self.is_connection && self.role == role
    }
}
