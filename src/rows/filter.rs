//! Conditions in three values: what is false drops a row, what cannot be told keeps it, marked.

use super::{Clause, Columns, Outcome, ReadBy, RunError, Session, Subject};

/// One part of `where` or `having`: the whole is split at its list items and top-level `&&`.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The part.
    pub clause: Clause,
}

/// What a condition says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Keep it.
    True,
    /// Drop it.
    False,
    /// It reads something that could not be had.
    Unknown,
}

impl Condition {
    /// Evaluates the condition on a row or a group whose needed fields were asked.
    ///
    /// Errors: an exhausted budget.
    pub fn evaluate(
        &self,
        subject: &mut dyn Subject,
        columns: &Columns,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Truth, RunError> {
        let clause = &self.clause;
        match clause.evaluate(subject, columns, session, read_by)? {
            Outcome::Unknown => Ok(Truth::Unknown),
            Outcome::Value(value) if value.is_true() => Ok(Truth::True),
            Outcome::Value(_) => Ok(Truth::False),
        }
    }
}
