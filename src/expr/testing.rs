//! Short words for tests of expressions.

use jiff::Timestamp;

use super::{Context, EvalError, Expr, Mode};
use crate::diagnostic::{Diagnostic, Passage};
use crate::limits::Limits;
use crate::value::{JsonStyle, Value, parse_json, to_json};

/// The one instant of every test.
pub(super) const NOW: &str = "2026-02-27T08:15:30.5Z";

pub(super) fn json(text: &str) -> Value {
    parse_json(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn compile(text: &str) -> Expr {
    try_compile(text).unwrap_or_else(|findings| panic!("{text}: {}", findings[0].message))
}

pub(super) fn try_compile(text: &str) -> Result<Expr, Vec<Diagnostic>> {
    Expr::compile(Passage::flag("--where", text))
}

/// Evaluates against JSON, and gives the result as JSON.
pub(super) fn evaluate(text: &str, row: &str, mode: Mode) -> Result<String, EvalError> {
    let limits = Limits::default();
    let now: Timestamp = NOW.parse().expect("a time");
    let context = Context {
        mode,
        ..Context::new(now, &limits)
    };
    let value = compile(text).evaluate(&json(row), &context)?;
    Ok(to_json(&value, JsonStyle::Compact))
}

pub(super) fn lenient(text: &str, row: &str) -> Result<String, EvalError> {
    evaluate(text, row, Mode::Lenient)
}
