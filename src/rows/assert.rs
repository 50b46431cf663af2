//! Asserts: what must hold of a result, in three values as all else.
//!
//! An assert that reads a value which could not be had, and is not true, is undecided: nobody can say that the result is
//! wrong where a part of it is missing (design §5).

use std::sync::Arc;

use super::clause::at;
use super::{Fault, RunError, Session};
use crate::expr::Expr;
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};

/// What must hold of a result.
#[derive(Debug, Clone)]
pub struct Assert {
    /// The expression.
    pub that: Expr,
    /// What is said about it.
    pub message: Vec<Piece>,
    /// The columns it reads, by their index; its message's are not among them, because they decide nothing.
    pub columns: Vec<usize>,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub enum Piece {
    /// Text as it is.
    Text(Arc<str>),
    /// An expression, whose value stands here.
    Value(Expr),
}

/// What became of an assert.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Where it is written: `FILE:LINE:COLUMN`.
    pub place: String,
    /// What is said about it.
    pub message: Safe,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// Whether an assert holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Holds,
    /// It does not.
    Fails,
    /// Nobody can tell.
    Undecided,
}

impl Assert {
    /// Tells whether it reads one of the names that asserts see, be it in its message.
    pub fn reads(&self, name: &str) -> bool {
        self.expressions().any(|expr| expr.reads().contains(name))
    }

    /// Its expressions: that of the assert itself, then those of its message.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let values = self.message.iter().filter_map(|piece| match piece {
            Piece::Value(expr) => Some(expr),
            Piece::Text(_) => None,
        });
        std::iter::once(&self.that).chain(values)
    }

    /// What there is to say of it where the result came to no end.
    pub fn unchecked(&self) -> Checked {
        let written = self.message.iter().map(|piece| match piece {
            Piece::Text(text) => text.to_string(),
            Piece::Value(expr) => format!("${{{}}}", expr.text()),
        });
        Checked {
            place: self.place(),
            message: Safe::new(&written.collect::<String>()),
            verdict: Verdict::Undecided,
        }
    }

    /// Holds it against what it sees. `is_marked` says whether a value that it reads could not be had. Where it has no
    /// value itself, why comes with it.
    ///
    /// Errors: an exhausted budget.
    pub(super) fn check(
        &self,
        view: &Value,
        is_marked: bool,
        session: &Session,
    ) -> Result<(Checked, Option<Fault>), RunError> {
        let (verdict, fault) = match session.evaluate(&self.that, view, rows(view))? {
            Ok(value) if value.is_true() => (Verdict::Holds, None),
            Ok(_) if is_marked => (Verdict::Undecided, None),
            Ok(_) => (Verdict::Fails, None),
            Err(fault) => (Verdict::Undecided, Some(fault)),
        };
        let checked = Checked {
            place: self.place(),
            message: self.message(view, session)?,
            verdict,
        };
        Ok((checked, fault))
    }

    fn message(&self, view: &Value, session: &Session) -> Result<Safe, RunError> {
        let mut text = String::new();
        for piece in &self.message {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                // What has no value is null, as in a cell; a message decides nothing.
                Piece::Value(expr) => {
                    text.push_str(&shown(
                        &session
                            .evaluate(expr, view, rows(view))?
                            .unwrap_or_default(),
                    ));
                }
            }
        }
        Ok(Safe::new(&text))
    }

    fn place(&self) -> String {
        at(&self.that.passage().place())
    }
}

/// How many rows asserts see.
fn rows(view: &Value) -> usize {
    let rows = view.get("rows").and_then(Value::as_list);
    rows.map_or(0, <[Value]>::len)
}

/// A value inside a sentence: text bare, all else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => to_json(other, JsonStyle::Compact),
    }
}
