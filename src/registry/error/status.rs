//! Answers that say no, as errors: the status decides, the error code of the body makes it exact.

use std::fmt;
use std::time::Duration;

use super::{AskedAs, Question, RegistryError};
use crate::registry::transport::Reply;
use crate::registry::wire::error_body::ErrorBody;
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
}

/// Makes an error of an answer that says no.
pub(in crate::registry) fn said(
    reply: &Reply,
    question: Question,
    asked_as: AskedAs,
) -> RegistryError {
    let body = ErrorBody::read(&reply.body);
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
        wait: retry_after::wait(|name| reply.first(name)),
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
        match self.wait {
            Some(wait) => write!(f, "; it wants to be left alone for {} s", wait.as_secs()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
