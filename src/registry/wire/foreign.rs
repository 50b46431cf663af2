//! Answers that are no registry's at all: a login page, a proxy's word, nothing (threats C5).
//!
//! Asked before anything is parsed, so that whoever reads the error sees what came, and not where a parser gave up.

use crate::limits::FOREIGN_TEXT_CHARS;
use crate::safe::Safe;

/// Why a body is not the JSON object that every good answer of a registry is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::registry) enum Foreign {
    /// There is something else: a login page, say.
    #[error("it is not a registry's answer but begins with `{0}`")]
    Other(Safe),
    /// There is nothing.
    #[error("it is empty")]
    Empty,
}

/// Looks whether a body begins as a JSON object does.
///
/// Errors: it does not.
pub(in crate::registry) fn check(body: &[u8]) -> Result<(), Foreign> {
    let text = body.trim_ascii_start();
    match text.first() {
        None => Err(Foreign::Empty),
        Some(b'{') => Ok(()),
        Some(_) => Err(Foreign::Other(beginning(text))),
    }
}

/// Looks whether a body begins as a JSON object or list does, as the answers of vendors' APIs do.
///
/// Errors: it does not.
pub(in crate::registry) fn check_document(body: &[u8]) -> Result<(), Foreign> {
    match body.trim_ascii_start().first() {
        Some(b'[') => Ok(()),
        _ => check(body),
    }
}

fn beginning(text: &[u8]) -> Safe {
    // No character is longer than four bytes.
    let end = text.len().min((FOREIGN_TEXT_CHARS + 1) * 4);
    Safe::cut(&String::from_utf8_lossy(&text[..end]), FOREIGN_TEXT_CHARS)
}
