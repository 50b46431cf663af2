//! Patterns that texts are held against: wildcards and regular expressions.
//!
//! Patterns come from strangers, so their length and the size of what is compiled from them are bounded (threats G9);
//! matching takes linear time whatever they say. What a pattern is for - names of repositories, an expression - is not
//! known here: text in, answers out.

mod glob;
mod regular;

pub use glob::{Glob, is_wild, is_wild_char};
pub use regular::Regex;

use crate::limits::{KIB, PATTERN_BYTES, REGEX_PROGRAM_BYTES};
use crate::safe::Safe;

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// There is nothing to match with.
    #[error("a pattern is empty")]
    Empty,
    /// It is beyond the bound on its text.
    #[error("a pattern is longer than {PATTERN_BYTES} bytes")]
    TooLong,
    /// It breaks the grammar of wildcards, or is beyond the bounds on what is compiled from it.
    #[error("`{shown}` is no pattern: {why}")]
    Glob {
        /// As much of the pattern as stands in a message.
        shown: Safe,
        /// The reason in words.
        why: String,
    },
    /// It breaks the grammar of regular expressions.
    #[error("this is no regular expression: {why}")]
    Regex {
        /// The reason in words.
        why: String,
    },
    /// It is beyond the bound on what is compiled from it.
    #[error("the regular expression takes more than {REGEX_PROGRAM_BYTES} bytes when compiled")]
    TooLarge,
}

impl PatternError {
    /// What to write instead, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("`**` matches every name"),
            Self::Glob { .. } => Some(
                "a pattern has `*`, `**`, `?`, `[a-z]` and `{a,b}`; a `\\` before one of them takes its meaning away",
            ),
            Self::TooLarge => {
                Some("repeat less: `{1000}` of a group makes a thousand copies of it")
            }
            Self::TooLong | Self::Regex { .. } => None,
        }
    }
}

/// Refuses what is too long to be a pattern.
///
/// Errors: more than [`PATTERN_BYTES`].
pub fn check_length(text: &str) -> Result<(), PatternError> {
    match text.len() <= PATTERN_BYTES {
        true => Ok(()),
        false => Err(PatternError::TooLong),
    }
}

/// The least bound that compiling is tried under; the next is four times as large, up to [`REGEX_PROGRAM_BYTES`].
const LEAST_PROGRAM_BYTES: usize = 4 * KIB;

/// Compiles under the least bound that will do, and tells which: nobody else says how large a program is, and what a
/// search costs in the worst case is in proportion to that.
fn smallest<R>(
    compile: impl Fn(usize) -> Result<R, regex::Error>,
) -> Result<(R, usize), regex::Error> {
    let mut bound = LEAST_PROGRAM_BYTES;
    loop {
        match compile(bound) {
            Err(regex::Error::CompiledTooBig(_)) if bound < REGEX_PROGRAM_BYTES => {
                bound = (bound * 4).min(REGEX_PROGRAM_BYTES);
            }
            other => return other.map(|compiled| (compiled, bound)),
        }
    }
}
