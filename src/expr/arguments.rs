//! What a function is given, held against what it takes.

use super::context::{EvalError, EvalErrorKind, Mode};
use super::eval::{Outcome, Run};
use super::functions::{Function, Nulls, Parameter};
use super::tokens::Span;
use super::tree::Node;
use crate::value::Value;

/// The arguments of one call.
pub(super) struct Arguments<'e> {
    /// The whole call.
    pub(super) span: Span,
    /// Where each argument stands.
    pub(super) spans: Vec<Span>,
    pub(super) values: Vec<Argument<'e>>,
    /// What the call's arguments are evaluated for.
    pub(super) current: &'e Value,
}

/// One argument.
pub(super) enum Argument<'e> {
    Value(Value),
    /// `&a`: evaluated by the function, for each element.
    Expression(&'e Node),
    /// Evaluated by the function, if it chooses it.
    Branch(&'e Node),
}

impl<'e> Arguments<'e> {
    /// The value at `at`; null for one that was not given or is an expression.
    pub(super) fn value(&self, at: usize) -> &Value {
        match self.values.get(at) {
            Some(Argument::Value(value)) => value,
            _ => &Value::Null,
        }
    }

    /// The text at `at`, which `check` has found to be one.
    pub(super) fn text(&self, at: usize) -> &str {
        self.value(at).as_text().unwrap_or_default()
    }

    /// The elements of the list at `at`, which `check` has found to be one.
    pub(super) fn list(&self, at: usize) -> &[Value] {
        self.value(at).as_list().unwrap_or_default()
    }

    /// The branch at `at`, not evaluated yet.
    pub(super) fn branch(&self, at: usize) -> Option<&'e Node> {
        match self.values.get(at) {
            Some(Argument::Branch(node)) => Some(node),
            _ => None,
        }
    }

    /// The expression at `at`, which `check` has found to be one.
    pub(super) fn expression(&self, at: usize) -> Option<&'e Node> {
        match self.values.get(at) {
            Some(Argument::Expression(node)) => Some(node),
            _ => None,
        }
    }
}

/// Whether a function can be applied.
pub(super) enum Verdict {
    Fit,
    /// Something it needs is null, so its result is.
    Absent,
}

/// Holds arguments against parameters.
///
/// Errors: an argument of the wrong type; in lenient mode null is none.
pub(super) fn check(
    run: &mut Run<'_>,
    function: &Function,
    arguments: &Arguments<'_>,
) -> Outcome<Verdict> {
    let mut verdict = Verdict::Fit;
    let mode = function.mode(run.context.mode);
    for (at, argument) in arguments.values.iter().enumerate() {
        let parameter = function.parameter(at);
        let fits = match argument {
            Argument::Expression(_) => parameter.takes_expression(),
            Argument::Branch(_) => parameter.is_branch(),
            Argument::Value(value) => fits(run, parameter, value, mode, arguments.span)?,
        };
        if fits {
            continue;
        }
        match argument {
            Argument::Value(value) if is_absent(mode, parameter, value) => {
                verdict = Verdict::Absent
            }
            _ => return Err(mismatch(run, function, arguments, at)),
        }
    }
    Ok(verdict)
}

/// In lenient mode null stands for any value (design §5).
fn is_absent(mode: Mode, parameter: &Parameter, value: &Value) -> bool {
    mode == Mode::Lenient && !parameter.takes_expression() && value.is_null()
}

/// Bytes of a text that a function reads in one step.
const READ_PER_STEP: usize = 64;

fn fits(
    run: &mut Run<'_>,
    parameter: &Parameter,
    value: &Value,
    mode: Mode,
    span: Span,
) -> Outcome<bool> {
    let read = match value {
        Value::Text(text) => text.len() / READ_PER_STEP,
        Value::List(_) if parameter.looks_inside() => value.as_list().map_or(0, <[Value]>::len),
        _ => 0,
    };
    run.spend(read, span)?;
    let nulls = match mode {
        Mode::Lenient => Nulls::Skipped,
        Mode::Strict => Nulls::Wrong,
    };
    let mut accepts = parameter.accepts.iter();
    Ok(accepts.any(|accept| accept.holds(value, nulls)))
}

fn mismatch(
    run: &Run<'_>,
    function: &Function,
    arguments: &Arguments<'_>,
    at: usize,
) -> Box<EvalError> {
    let parameter = function.parameter(at);
    let given = match &arguments.values[at] {
        Argument::Expression(_) | Argument::Branch(_) => "an expression",
        Argument::Value(value) => described(value),
    };
    let message = format!(
        "`{}` needs {}, not {given}",
        function.name,
        parameter.wanted()
    );
    run.error(EvalErrorKind::Type, arguments.spans[at], message)
}

/// A value's type in words.
pub(super) fn described(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "`true`",
        Value::Bool(false) => "`false`",
        Value::Int(_) | Value::Float(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}
