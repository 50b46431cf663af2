//! Answers that say no, as errors: the status decides, the error code of the body makes it exact.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::{AskedAs, Question, RegistryError};
use crate::registry::transport::Reply;
use crate::registry::wire::error_body::ErrorBody;
use crate::registry::wire::rate_limit::{self, RateLimit, span};
use crate::registry::wire::retry_after;
use crate::safe::Safe;

/// The error codes we repeat: those of the distribution specification ("Error Codes") and of distribution and Quay beside
/// it. Any other word is the far side's own and says nothing that the status does not.
const KNOWN: [&str; 19] = [
    "BLOB_UNKNOWN",
    "BLOB_UPLOAD_INVALID",
    "DENIED",
    "DIGEST_INVALID",
    "INVALID_REQUEST",
    "MANIFEST_BLOB_UNKNOWN",
    "MANIFEST_INVALID",
    "MANIFEST_UNKNOWN",
    "MANIFEST_UNVERIFIED",
    "NAME_INVALID",
    "NAME_UNKNOWN",
    "PAGINATION_NUMBER_INVALID",
    "SIZE_INVALID",
    "TAG_EXPIRED",
    "TAG_INVALID",
    "TOOMANYREQUESTS",
    "UNAUTHORIZED",
    "UNAVAILABLE",
    "UNSUPPORTED",
];

/// An answer that says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusError {
    /// What was asked for.
    pub question: Question,
    /// The HTTP status.
    pub status: u16,
    /// The error code it stands for.
    pub code: &'static str,
    /// As whom it was asked.
    pub asked_as: AskedAs,
    /// What the far side says about it.
    pub said: Option<Safe>,
    /// How long it wants to be left alone.
    pub wait: Option<Duration>,
    /// When that is over, by its own clock.
    pub until: Option<Timestamp>,
    /// What it says about how much it allows, where that is why.
    pub limit: Option<RateLimit>,
}

/// Makes an error of an answer that says no.
pub(in crate::registry) fn said(
    reply: &Reply,
    question: Question,
    asked_as: AskedAs,
) -> RegistryError {
    let body = ErrorBody::read(&reply.body);
    let header = |name| reply.first(name);
    let wait = retry_after::wait(header);
    let limit = || rate_limit::read(header).filter(|limit| limit.remaining == Some(0));
    RegistryError::Status(Box::new(StatusError {
        question,
        status: reply.status,
        code: code(&body, reply.status),
        asked_as,
        said: body
            .entries
            .into_iter()
            .map(|entry| entry.message)
            .find(|text| !text.as_str().is_empty()),
        wait,
        until: wait.and_then(|wait| retry_after::end(header, wait)),
        limit: Some(reply.status)
            .filter(|status| matches!(status, 403 | 429))
            .and_then(|_| limit()),
    }))
}

/// What an error body's code, else the status, says.
pub(in crate::registry) fn code(body: &ErrorBody, status: u16) -> &'static str {
    let own = KNOWN.iter().find(|known| body.has(known)).copied();
    own.unwrap_or(match status {
        401 => "UNAUTHORIZED",
        403 => "DENIED",
        404 => "NOT_FOUND",
        405 | 501 => "UNSUPPORTED",
        429 => "TOOMANYREQUESTS",
        300..=399 => "REDIRECTED",
        500..=599 => "UNAVAILABLE",
        _ => "REFUSED",
    })
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            question, status, ..
        } = self;
        write!(f, "the request for {question} was answered with {status}")?;
        if matches!(status, 401 | 403) {
            write!(f, ", asked {}", self.asked_as)?;
        }
        if let Some(said) = &self.said {
            write!(f, ": {said}")?;
        }
        if let Some(limit) = &self.limit {
            write!(f, "; {}", used_up(limit))?;
        }
        match (self.wait, self.until) {
            (None, _) => Ok(()),
            (Some(wait), None) => {
                write!(f, "; it wants to be left alone for {} s", wait.as_secs())
            }
            (Some(wait), Some(until)) => {
                let wait = wait.as_secs();
                write!(f, "; it wants to be left alone for {wait} s, until {until}")
            }
        }
    }
}

fn used_up(limit: &RateLimit) -> String {
    let allowance = limit.allowance();
    let allowance = allowance.map_or_else(String::new, |allowance| format!(" of {allowance}"));
    let again = match (limit.resets_at, limit.window) {
        (Some(at), _) => format!(" until {at}"),
        (None, Some(window)) => format!(", for {} at most", span(window)),
        (None, None) => String::new(),
    };
    format!("its limit{allowance} is used up{again}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m1_a_limit_that_is_used_up_says_until_when() {
        let at = Timestamp::from_second(1_772_496_060).ok();
        for (limit, window, resets_at, text) in [
            (
                Some(100),
                Some(21600),
                None,
                "its limit of 100 in 6 h is used up, for 6 h at most",
            ),
            (
                Some(60),
                Some(60),
                at,
                "its limit of 60 in 1 min is used up until 2026-03-03T00:01:00Z",
            ),
            (None, None, None, "its limit is used up"),
        ] {
            let limit = RateLimit {
                limit,
                remaining: Some(0),
                window: window.map(Duration::from_secs),
                resets_at,
                counted_for: None,
            };
            assert_eq!(used_up(&limit), text);
        }
    }

    fn code_of(body: &str, status: u16) -> &'static str {
        code(&ErrorBody::read(body.as_bytes()), status)
    }

    #[test]
    fn the_body_is_more_exact_than_the_status_and_the_status_more_certain() {
        let unknown = r#"{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}"#;
        assert_eq!(code_of(unknown, 404), "NAME_UNKNOWN");
        for (body, status, expected) in [
            ("", 404, "NOT_FOUND"),
            (r#"{"errors":[{"code":"VENDORS_OWN"}]}"#, 403, "DENIED"),
            ("<html>", 401, "UNAUTHORIZED"),
            ("true", 429, "TOOMANYREQUESTS"),
            ("", 502, "UNAVAILABLE"),
            ("", 405, "UNSUPPORTED"),
            ("", 418, "REFUSED"),
        ] {
            assert_eq!(code_of(body, status), expected, "{body} {status}");
        }
    }
}
