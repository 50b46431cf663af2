//! What an evaluation is given besides a row, and how it can fail.

use jiff::Timestamp;

use crate::diagnostic::{Diagnostic, Place};
use crate::limits::Limits;
use crate::value::Value;

/// What an evaluation knows besides the row.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The one instant of the run.
    pub now: Timestamp,
    /// What null and wrong types do.
    pub mode: Mode,
    /// The bounds on steps and size.
    pub limits: &'a Limits,
    /// A map with `params` and `with`, which mean the same at any depth (design §3). A name it lacks is a field like
    /// any other.
    pub constants: &'a Value,
}

impl<'a> Context<'a> {
    /// A lenient context without constants.
    pub fn new(now: Timestamp, limits: &'a Limits) -> Self {
        Self {
            now,
            mode: Mode::Lenient,
            limits,
            constants: &Value::Null,
        }
    }
}

/// What happens where a value is not there (design §5, "Absent").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A function that needs a value and is given null gives null; aggregates skip nulls; ordering what are no
    /// numbers is an error.
    Lenient,
    /// The letter of the JMESPath specification.
    Strict,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct EvalError {
    /// What is wrong: lower case, no final stop.
    pub message: String,
    /// The part of the expression that has no value.
    pub place: Place,
    /// Which kind of trouble.
    pub kind: EvalErrorKind,
}

impl EvalError {
    /// As a finding about the expression.
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic::error(&self.message).at(&self.place, "")
    }
}

/// Kinds of [`EvalError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvalErrorKind {
    /// A bound was hit: steps, written-out size, depth (threats G8).
    Budget,
    /// A value of the wrong type.
    Type,
    /// A value of the right type that means nothing, such as a duration that is none.
    Value,
    /// A function that does not exist, or is given too much or too little.
    Function,
}
