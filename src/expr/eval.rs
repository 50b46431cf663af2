//! The evaluator: a tree, a value and a budget in, a value out.
//!
//! An expression is untrusted code (threats G8). Every node costs a step and every value made costs steps in
//! proportion to what is copied, compared or sorted; a value that would be too large written out, or too deep to be
//! dropped, is refused. Results share structure, so the written-out size is what counts. No clock, no I/O: "now" is
//! a value of the context. Recursion is bounded by `guard`, and the functions are small so that their frames are.

use std::sync::Arc;

use super::arguments::{self, Argument, Arguments};
use super::context::{Context, EvalError, EvalErrorKind, Mode};
use super::patterns::Paid;
use super::tokens::Span;
use super::tree::{Call, Comparison, Kind, Node, Operator, Projection, Slice};
use crate::diagnostic::Passage;
use crate::limits::EXPRESSION_RESULT_DEPTH;
use crate::value::{self, Value};

/// A result, or why there is none. Boxed, because every frame of the recursion holds one.
pub(super) type Outcome<T = Value> = Result<T, Box<EvalError>>;

/// Evaluates a tree.
pub(super) fn evaluate(
    root: &Node,
    row: &Value,
    passage: &Passage,
    context: &Context<'_>,
) -> Outcome {
    let steps = context.limits.expression_steps;
    let mut run = Run {
        context,
        passage,
        steps,
        patterns: Paid::default(),
    };
    run.value(root, row)
}

/// One evaluation under way.
pub(super) struct Run<'a> {
    pub(super) context: &'a Context<'a>,
    passage: &'a Passage,
    /// Steps that are left.
    steps: u64,
    /// The patterns that were met.
    pub(super) patterns: Paid,
}

impl Run<'_> {
    /// Evaluates a node for a current value.
    pub(super) fn value(&mut self, node: &Node, current: &Value) -> Outcome {
        self.spend(1, node.span)?;
        match &node.kind {
            Kind::Current => Ok(current.clone()),
            Kind::Field(field) => Ok(current.get(&field.name).cloned().unwrap_or_default()),
            Kind::Constant(name) => Ok(self.constant(name, current)),
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Index(at) => Ok(index(current, *at)),
            Kind::Slice(slice) => self.slice(*slice, current, node.span),
            Kind::List(elements) => self.list(elements, current, node.span),
            Kind::Map(entries) => self.map(entries, current, node.span),
            Kind::Not(inner) => Ok(Value::Bool(!self.value(inner, current)?.is_true())),
            Kind::And(left, right) => self.either(left, right, current, false),
            Kind::Or(left, right) => self.either(left, right, current, true),
            Kind::Compare(comparison) => self.comparison(comparison, current, node.span),
            Kind::Then(left, _, right) => self.then(left, right, current),
            Kind::Project(projection) => self.projection(projection, current, node.span),
            Kind::Flatten(inner) => self.flatten(inner, current, node.span),
            Kind::Values(inner) => self.values(inner, current, node.span),
            Kind::Call(call) => self.call(call, current, node.span),
            Kind::Reference(_) => {
                Err(self.error(EvalErrorKind::Type, node.span, "an expression is no value"))
            }
        }
    }

    /// Takes steps from the budget (threats G8).
    pub(super) fn spend(&mut self, steps: usize, span: Span) -> Outcome<()> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                let bound = self.context.limits.expression_steps;
                let message = format!("the expression is too expensive: more than {bound} steps");
                Err(self.error(EvalErrorKind::Budget, span, message))
            }
        }
    }

    /// Hands on a value that was just made, if it is within bounds (threats G8).
    pub(super) fn made(&self, value: Value, span: Span) -> Outcome {
        self.check_size(value.written(), span)?;
        if value.depth() > EXPRESSION_RESULT_DEPTH {
            let message = format!(
                "the expression makes a value nested deeper than {EXPRESSION_RESULT_DEPTH} levels"
            );
            return Err(self.error(EvalErrorKind::Budget, span, message));
        }
        Ok(value)
    }

    /// Refuses a value of so many bytes before it is made.
    pub(super) fn check_size(&self, written: usize, span: Span) -> Outcome<()> {
        let bound = self.context.limits.expression_result_bytes;
        if written <= bound {
            return Ok(());
        }
        let message = format!("the expression makes a value of more than {bound} bytes");
        Err(self.error(EvalErrorKind::Budget, span, message))
    }

    /// Makes an error about a stretch of the expression.
    pub(super) fn error(
        &self,
        kind: EvalErrorKind,
        span: Span,
        message: impl Into<String>,
    ) -> Box<EvalError> {
        Box::new(EvalError {
            message: message.into(),
            place: self.passage.place_of(span.start..span.end),
            kind,
        })
    }

    /// Tells whether two values are the same, at a price in proportion to the smaller one.
    pub(super) fn equal(&mut self, left: &Value, right: &Value, span: Span) -> Outcome<bool> {
        let compared = left.written().min(right.written());
        self.spend(compared / BYTES_PER_STEP, span)?;
        Ok(value::equal(left, right))
    }

    /// Makes a list of `items`, at a price of one step each.
    pub(super) fn make_list(&mut self, items: Vec<Value>, span: Span) -> Outcome {
        self.spend(items.len(), span)?;
        self.made(Value::list(items), span)
    }

    /// Makes a map of `entries`, whose price is higher because each of them takes more memory.
    pub(super) fn make_map(&mut self, entries: Vec<(Arc<str>, Value)>, span: Span) -> Outcome {
        self.spend(MAP_STEPS + 2 * entries.len(), span)?;
        self.made(Value::map(entries), span)
    }

    /// Makes a text, at a price in proportion to its length.
    pub(super) fn make_text(&mut self, text: String, span: Span) -> Outcome {
        self.spend(text.len() / BYTES_PER_STEP, span)?;
        self.made(Value::from(text), span)
    }

    fn constant(&self, name: &str, current: &Value) -> Value {
        let known = self.context.constants.get(name);
        known
            .or_else(|| current.get(name))
            .cloned()
            .unwrap_or_default()
    }

    fn then(&mut self, left: &Node, right: &Node, current: &Value) -> Outcome {
        let left = self.value(left, current)?;
        self.value(right, &left)
    }

    /// `&&` stops at what is not true, `||` at what is.
    fn either(&mut self, left: &Node, right: &Node, current: &Value, stop: bool) -> Outcome {
        let left = self.value(left, current)?;
        match left.is_true() == stop {
            true => Ok(left),
            false => self.value(right, current),
        }
    }

    fn slice(&mut self, slice: Slice, current: &Value, span: Span) -> Outcome {
        match current.as_list() {
            Some(items) => self.make_list(sliced(items, slice), span),
            None => Ok(Value::Null),
        }
    }

    fn list(&mut self, elements: &[Node], current: &Value, span: Span) -> Outcome {
        if current.is_null() {
            return Ok(Value::Null);
        }
        let items = elements.iter().map(|node| self.value(node, current));
        let items = items.collect::<Outcome<Vec<_>>>()?;
        self.make_list(items, span)
    }

    fn map(&mut self, entries: &[(Arc<str>, Node)], current: &Value, span: Span) -> Outcome {
        if current.is_null() {
            return Ok(Value::Null);
        }
        let made = entries
            .iter()
            .map(|(key, node)| Ok((Arc::clone(key), self.value(node, current)?)));
        let made = made.collect::<Outcome<Vec<_>>>()?;
        self.make_map(made, span)
    }

    fn projection(&mut self, projection: &Projection, current: &Value, span: Span) -> Outcome {
        let source = self.value(&projection.source, current)?;
        let Some(elements) = source.as_list() else {
            return Ok(Value::Null);
        };
        let mut items = Vec::new();
        for element in elements {
            if let Some(item) = self.element(projection, element)? {
                items.push(item);
            }
        }
        self.make_list(items, span)
    }

    /// What an element becomes; none if the condition drops it or nothing comes of it.
    fn element(&mut self, projection: &Projection, element: &Value) -> Outcome<Option<Value>> {
        if let Some(condition) = &projection.condition
            && !self.value(condition, element)?.is_true()
        {
            return Ok(None);
        }
        let item = self.value(&projection.each, element)?;
        Ok((!item.is_null()).then_some(item))
    }

    fn flatten(&mut self, inner: &Node, current: &Value, span: Span) -> Outcome {
        let source = self.value(inner, current)?;
        let Some(elements) = source.as_list() else {
            return Ok(Value::Null);
        };
        let mut items = Vec::new();
        for element in elements {
            let part = element.as_list().unwrap_or(std::slice::from_ref(element));
            // Paid before it is copied: each part may be the same long list.
            self.spend(part.len(), span)?;
            items.extend_from_slice(part);
        }
        self.made(Value::list(items), span)
    }

    fn values(&mut self, inner: &Node, current: &Value, span: Span) -> Outcome {
        let source = self.value(inner, current)?;
        match source.as_map() {
            Some(map) => self.make_list(map.values().cloned().collect(), span),
            None => Ok(Value::Null),
        }
    }

    fn comparison(&mut self, comparison: &Comparison, current: &Value, span: Span) -> Outcome {
        let left = self.value(&comparison.left, current)?;
        let right = self.value(&comparison.right, current)?;
        match comparison.operator {
            Operator::Equal => Ok(Value::Bool(self.equal(&left, &right, span)?)),
            Operator::NotEqual => Ok(Value::Bool(!self.equal(&left, &right, span)?)),
            operator => self.ordering(operator, &left, &right, span),
        }
    }

    fn ordering(&self, operator: Operator, left: &Value, right: &Value, span: Span) -> Outcome {
        let is_number = |value: &Value| value.as_float().is_some();
        if !(is_number(left) && is_number(right)) {
            let is_absent = left.is_null() || right.is_null();
            return match is_absent || self.context.mode == Mode::Strict {
                true => Ok(Value::Null),
                false => Err(self.unordered(operator, left, right, span)),
            };
        }
        let order = value::order(left, right);
        Ok(Value::Bool(match operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    fn unordered(
        &self,
        operator: Operator,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Box<EvalError> {
        let message = format!(
            "`{}` compares numbers, not {} with {}; times are compared by before(a, b) and after(a, b), versions sort by semver_key(text)",
            operator.sign(),
            arguments::described(left),
            arguments::described(right),
        );
        self.error(EvalErrorKind::Type, span, message)
    }

    fn call(&mut self, call: &Call, current: &Value, span: Span) -> Outcome {
        let Some(function) = call.function else {
            let message = format!("there is no function `{}`", call.name);
            return Err(self.error(EvalErrorKind::Function, call.name_span, message));
        };
        let given = call.arguments.len();
        if let Some(message) = function.wrong_count(given) {
            return Err(self.error(EvalErrorKind::Function, call.name_span, message));
        }
        let mut values = Vec::with_capacity(given);
        for (at, node) in call.arguments.iter().enumerate() {
            values.push(match &node.kind {
                Kind::Reference(inner) => Argument::Expression(inner),
                _ if function.parameter(at).is_branch() => Argument::Branch(node),
                _ => Argument::Value(self.value(node, current)?),
            });
        }
        let spans = call.arguments.iter().map(|node| node.span).collect();
        let arguments = Arguments {
            span,
            spans,
            values,
            current,
        };
        match arguments::check(self, function, &arguments)? {
            arguments::Verdict::Absent => Ok(Value::Null),
            arguments::Verdict::Fit => (function.apply)(self, &arguments),
        }
    }
}

/// Bytes that are compared, written or read in one step.
pub(super) const BYTES_PER_STEP: usize = 8;
/// Steps that an empty map is worth.
const MAP_STEPS: usize = 4;

fn index(current: &Value, at: i32) -> Value {
    let items = current.as_list().unwrap_or_default();
    let distance = at.unsigned_abs() as usize;
    let at = match at < 0 {
        true => items.len().checked_sub(distance),
        false => Some(distance),
    };
    at.and_then(|at| items.get(at)).cloned().unwrap_or_default()
}

/// The elements of a slice; its bounds are counted from the end where negative, and moved into the list.
fn sliced(items: &[Value], slice: Slice) -> Vec<Value> {
    let length = items.len() as i64;
    let step = i64::from(slice.step);
    let (lowest, highest) = if step > 0 {
        (0, length)
    } else {
        (-1, length - 1)
    };
    let bound = |bound: Option<i32>, absent: i64| match bound.map(i64::from) {
        None => absent,
        Some(at) if at < 0 => (at + length).max(lowest),
        Some(at) => at.min(highest),
    };
    let (first, last) = if step > 0 {
        (0, length)
    } else {
        (length - 1, -1)
    };
    let stop = bound(slice.stop, last);
    let mut at = bound(slice.start, first);
    let mut taken = Vec::new();
    while if step > 0 { at < stop } else { at > stop } {
        taken.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at))
                .cloned(),
        );
        at += step;
    }
    taken
}

#[cfg(test)]
mod tests;
