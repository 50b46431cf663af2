//! The evaluator: a tree, a value and a budget in, a value out.
//!
//! An expression is untrusted code (threats G8). Every node costs a step and every value made costs steps in
//! proportion to what is copied, compared or sorted; a value that would be too large written out, or too deep to be
//! dropped, is refused. Results share structure, so the written-out size is what counts. No clock, no I/O: "now" is
//! a value of the context. Recursion is bounded by `guard`, and the functions are small so that their frames are.

use std::sync::Arc;

use super::arguments::{self, Argument, Arguments};
use super::context::{Context, EvalError, EvalErrorKind, Mode};
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
    };
    run.value(root, row)
}

/// One evaluation under way.
pub(super) struct Run<'a> {
    pub(super) context: &'a Context<'a>,
    passage: &'a Passage,
    /// Steps that are left.
    steps: u64,
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
        for node in &call.arguments {
            values.push(match &node.kind {
                Kind::Reference(inner) => Argument::Expression(inner),
                _ => Argument::Value(self.value(node, current)?),
            });
        }
        let spans = call.arguments.iter().map(|node| node.span).collect();
        let arguments = Arguments {
            span,
            spans,
            values,
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
mod tests {
    use std::time::{Duration, Instant};

    use super::super::testing::{self, compile, evaluate, json, lenient};
    use super::*;
    use crate::limits::Limits;
    use crate::value::{JsonStyle, to_json};

    fn strict(text: &str, row: &str) -> Result<String, EvalError> {
        evaluate(text, row, Mode::Strict)
    }

    #[track_caller]
    fn gives(row: &str, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(lenient(text, row).as_deref(), Ok(*expected), "{text}");
        }
    }

    /// Ten expressions of a few bytes that stand for more work than a run has.
    fn blow_ups() -> Vec<String> {
        let thousands = "[`0`,`1`,`2`,`3`,`4`,`5`,`6`,`7`,`8`,`9`]";
        let list = format!("{thousands}{}", "[].[@,@,@,@,@,@,@,@,@,@][]".repeat(4));
        let text = format!("'{}'{}", "x".repeat(64), " | join('', [@,@])".repeat(16));
        vec![
            format!("@{}", " | [@,@]".repeat(27)),
            format!("@{}", " | {a:@,b:@}".repeat(27)),
            format!(
                "{list} | [*].[length(to_string(@)),@]{}",
                "[].[@,@,@,@,@,@,@,@][]".repeat(3)
            ),
            format!(
                "{list} | sort_by(@, &to_string(@)) | [@,@,@,@,@,@][] | sort_by(@, &to_string(@))"
            ),
            format!(
                "'{}'{}",
                "x".repeat(100),
                " | join(@, [@,@,@,@,@,@,@,@])".repeat(9)
            ),
            format!("@{} | to_string(@)", " | [@,@]".repeat(20)),
            format!(
                "{text} | [@,@,@,@,@,@,@,@] | [reverse([0]),reverse([1]),reverse([2]),reverse([3])] | map(&reverse(@), @) | map(&reverse(@), @)"
            ),
            format!("{list} | map(&map(&length(@), `[[],[],[],[],[],[],[],[],[],[]]`), @)"),
            format!(
                "@{} | [@,@] | [0] == [1] && [*].a == [1].b",
                " | [@,@]".repeat(18)
            ),
            format!("merge({})", vec!["a"; 64].join(","))
                + &" | merge(@,@,@,@,@,@,@,@)".repeat(250),
        ]
    }

    #[test]
    fn g8_blow_ups_end_soon_with_an_error_at_their_place() {
        let entries: Vec<String> = (0..1000).map(|n| format!("\"k{n}\":{n}")).collect();
        let row = format!("{{\"a\":{{{}}}}}", entries.join(","));
        for text in blow_ups() {
            let start = Instant::now();
            let error = lenient(&text, &row).expect_err(&text[..text.len().min(60)]);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(1), "{text}: {took:?}");
            assert_eq!(error.kind, EvalErrorKind::Budget, "{text}: {error}");
            assert!(error.place.start < error.place.end);
        }
    }

    #[test]
    fn g8_the_bound_stands_in_the_message() {
        let limits = Limits {
            expression_steps: 10,
            expression_result_bytes: 20,
            ..Limits::default()
        };
        let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
        let message = |text| {
            let error = compile(text).evaluate(&json("{}"), &context).unwrap_err();
            (error.message, error.place.text().to_owned())
        };
        let (message_, place) = message("[a,b,c,d,e,f,g,h]");
        assert_eq!(
            message_,
            "the expression is too expensive: more than 10 steps"
        );
        assert_eq!(place, "[a,b,c,d,e,f,g,h]");
        let (message_, place) = message("a || join('', ['0123456789', '0123456789'])");
        assert_eq!(
            message_,
            "the expression makes a value of more than 20 bytes"
        );
        assert_eq!(place, "['0123456789', '0123456789']");
    }

    #[test]
    fn keys_keep_the_order_written() {
        gives(
            r#"{"zeta":1,"alpha":{"y":2,"b":3}}"#,
            &[
                (
                    "{z: zeta, \"A b\": alpha.b, c: @.zeta}",
                    r#"{"z":1,"A b":3,"c":1}"#,
                ),
                ("@", r#"{"zeta":1,"alpha":{"y":2,"b":3}}"#),
                ("keys(@)", r#"["zeta","alpha"]"#),
                ("alpha.*", "[2,3]"),
                ("merge(alpha, {a: zeta, y: zeta})", r#"{"y":1,"b":3,"a":1}"#),
                ("`{\"z\": 1, \"a\": 2}`", r#"{"z":1,"a":2}"#),
                ("to_string(alpha)", r#""{\"y\":2,\"b\":3}""#),
            ],
        );
    }

    #[test]
    fn integers_are_exact() {
        gives(
            r#"{"big":9007199254740993,"max":18446744073709551615,"list":[9007199254740993,1],"half":0.5}"#,
            &[
                ("big == `9007199254740992`", "false"),
                ("big == `9007199254740993`", "true"),
                ("big > `9007199254740992`", "true"),
                ("big >= `9007199254740992.0`", "true"),
                ("max", "18446744073709551615"),
                ("max == `18446744073709551615`", "true"),
                ("max > `18446744073709551614`", "true"),
                ("sum(list)", "9007199254740994"),
                ("sum([max, `-1`])", "18446744073709551614"),
                ("max(list)", "9007199254740993"),
                ("abs(`-9007199254740993`)", "9007199254740993"),
                ("floor(big)", "9007199254740993"),
                ("ceil(half)", "1"),
                ("floor(`-1.5`)", "-2"),
                ("to_number('9007199254740993')", "9007199254740993"),
                ("to_number('1.5')", "1.5"),
                ("to_string(max)", r#""18446744073709551615""#),
                ("avg(`[1, 2]`)", "1.5"),
                ("sum(`[]`)", "0"),
                ("sum(`[1, 0.5]`)", "1.5"),
                ("`1` == `1.0`", "true"),
                (
                    "sort([max, big, half])",
                    "[0.5,9007199254740993,18446744073709551615]",
                ),
            ],
        );
    }

    #[test]
    fn absent_values_make_functions_absent() {
        gives(
            r#"{"l":[{"n":2,"t":"b"},{"n":null},{"n":1,"t":"a"}],"nulls":[null,3,null,1],"none":[null]}"#,
            &[
                ("length(nope)", "null"),
                ("starts_with(nope, 'a')", "null"),
                ("contains(nope, 'a')", "null"),
                ("join(',', nope)", "null"),
                ("join(',', ['a', nope])", "null"),
                ("keys(nope)", "null"),
                ("abs(nope)", "null"),
                ("sum(nope)", "null"),
                ("merge(nope, l[0])", "null"),
                ("map(&n, nope)", "null"),
                ("sort_by(nope, &n)", "null"),
                ("to_array(nope)", "[null]"),
                ("to_string(nope)", "\"null\""),
                ("type(nope)", "\"null\""),
                ("not_null(nope, l[0].n)", "2"),
                ("sum(nulls)", "4"),
                ("avg(nulls)", "2"),
                ("min(nulls)", "1"),
                ("max(nulls)", "3"),
                ("max(none)", "null"),
                ("avg(none)", "null"),
                ("sum(none)", "0"),
                ("sort(nulls)", "[1,3,null,null]"),
                ("max_by(l, &n).t", "\"b\""),
                ("min_by(l, &n).t", "\"a\""),
                ("max_by(l, &nope)", "null"),
                ("sort_by(l, &n)[*].n", "[1,2]"),
                ("map(&n, sort_by(l, &n))", "[1,2,null]"),
                ("sort_by(l, &t)[-1]", r#"{"n":null}"#),
                ("nope < `1`", "null"),
                ("`1` >= nope", "null"),
                ("'a' < nope", "null"),
                ("older_than(nope, '30d')", "null"),
                ("before(nope, '2024-01-01')", "null"),
                ("semver(nope)", "null"),
                ("human_bytes(nope)", "null"),
            ],
        );
    }

    #[test]
    fn strict_mode_keeps_the_errors_of_the_specification() {
        for text in [
            "length(nope)",
            "sum(`[1, null]`)",
            "sort(`[1, null]`)",
            "sort_by(`[{}]`, &a)",
            "max_by(`[{}]`, &a)",
            "join(',', nope)",
            "keys(nope)",
            "abs('a')",
        ] {
            let error = strict(text, "{}").unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Type, "{text}");
        }
        assert_eq!(strict("'a' < 'b'", "{}").as_deref(), Ok("null"));
        assert_eq!(strict("avg(`[]`)", "{}").as_deref(), Ok("null"));
    }

    #[test]
    fn wrong_types_are_errors_at_their_place() {
        for (text, message, shown) in [
            (
                "a || length(`5`)",
                "`length` needs a text or a list or a map, not a number",
                "`5`",
            ),
            (
                "sum([`1`, 'x'])",
                "`sum` needs a list of numbers, not a list",
                "[`1`, 'x']",
            ),
            (
                "sort_by([`1`], 'x')",
                "`sort_by` needs an expression such as `&size`, not a text",
                "'x'",
            ),
            (
                "length(&a)",
                "`length` needs a text or a list or a map, not an expression",
                "&a",
            ),
            (
                "sort_by(`[1, true]`, &@)",
                "elements are ordered by numbers or texts, not by `true`",
                "&@",
            ),
            (
                "sort_by(`[1, \"a\"]`, &@)",
                "elements are ordered by numbers or by texts, not by both",
                "&@",
            ),
            ("nofn(a)", "there is no function `nofn`", "nofn"),
            (
                "b && abs(`1`, `2`) || abs()",
                "`abs` takes 1 argument, not 0",
                "abs",
            ),
            (
                "older_than('2024-01-01', 'soon')",
                "`soon` is not a duration",
                "'soon'",
            ),
            (
                "older_than('2024-01-01', `-1`)",
                "the duration `-1` is negative",
                "`-1`",
            ),
            (
                "newer_than('2024-01-01', '999999999999y')",
                "`999999999999y` is not a duration",
                "'999999999999y'",
            ),
            (
                "newer_than('2024-01-01', '19000y')",
                "the duration leads beyond the year -9999",
                "'19000y'",
            ),
            (
                "newer_than('2024-01-01', `1e300`)",
                "the duration leads beyond the year -9999",
                "`1e300`",
            ),
        ] {
            let error = lenient(text, "{}").unwrap_err();
            assert_eq!(
                (error.message.as_str(), error.place.text()),
                (message, shown),
                "{text}"
            );
        }
    }

    #[test]
    fn ordering_what_are_no_numbers_names_what_to_use() {
        let error = lenient("a.created < '2024-01-01'", r#"{"a":{"created":"2023"}}"#).unwrap_err();
        assert_eq!(error.kind, EvalErrorKind::Type);
        for name in ["before(", "after(", "semver_key("] {
            assert!(error.message.contains(name), "{error}");
        }
        assert_eq!(error.place.text(), "a.created < '2024-01-01'");
    }

    #[test]
    fn times_are_compared_as_instants() {
        gives(
            r#"{"created":"2026-01-28T08:15:30.5Z","offset":"2026-01-01T01:00:00+02:00"}"#,
            &[
                ("older_than(created, '30d')", "false"),
                ("newer_than(created, '30d')", "true"),
                ("older_than(created, `30`)", "false"),
                ("older_than(created, `29.99`)", "true"),
                ("older_than(created, '4w')", "true"),
                ("older_than(created, '1mo')", "false"),
                ("older_than(created, '719h')", "true"),
                ("older_than('2025-02-27T08:15:30Z', '1y')", "true"),
                ("older_than('2025-02-27T08:15:31Z', '1y')", "false"),
                ("before(offset, '2026-01-01')", "true"),
                ("after(offset, '2025-12-31T22:59:59.999Z')", "true"),
                ("before('2026-01-01', '2026-01-01T00:00:00Z')", "false"),
                ("before('latest', '2026-01-01')", "null"),
                ("older_than('latest', '30d')", "null"),
                ("now()", r#""2026-02-27T08:15:30Z""#),
                ("older_than(now(), '1s')", "false"),
            ],
        );
    }

    #[test]
    fn what_strangers_write_is_no_version_and_no_digest() {
        gives(
            r#"{"tag":"latest"}"#,
            &[
                ("semver(tag)", "null"),
                ("semver_key(tag)", "null"),
                ("short(tag)", "null"),
                ("short('sha256:abc')", "null"),
                ("short('sha256:zzzzzzzzzzzzzzzz')", "null"),
                ("semver('1.2').patch", "null"),
                (
                    "semver('1.2.3+b')",
                    r#"{"major":1,"minor":2,"patch":3,"pre":null}"#,
                ),
            ],
        );
    }

    #[test]
    fn slices_and_positions_count_from_either_end() {
        gives(
            "[0,1,2,3,4]",
            &[
                ("[0]", "0"),
                ("[-1]", "4"),
                ("[5]", "null"),
                ("[-6]", "null"),
                ("[1:3]", "[1,2]"),
                ("[-2:]", "[3,4]"),
                ("[::-2]", "[4,2,0]"),
                ("[10:]", "[]"),
                ("[:-10:-1]", "[4,3,2,1,0]"),
                ("[::2147483647]", "[0]"),
                ("[-2147483647:2147483647]", "[0,1,2,3,4]"),
            ],
        );
    }

    #[test]
    fn constants_are_the_same_at_any_depth() {
        let constants = json(r#"{"params":{"min":2}}"#);
        let limits = Limits::default();
        let context = Context {
            constants: &constants,
            ..Context::new(jiff::Timestamp::UNIX_EPOCH, &limits)
        };
        let row = json(r#"{"l":[1,2,3],"config":{"params":{"min":9}},"params":"field"}"#);
        for (text, expected) in [
            ("l[?@ >= params.min]", "[2,3]"),
            ("l | [?@ >= params.min]", "[2,3]"),
            ("config.params.min", "9"),
            ("\"params\"", "\"field\""),
            ("config.{a: params.min}", r#"{"a":2}"#),
            ("with.base", "null"),
        ] {
            let value = compile(text).evaluate(&row, &context).unwrap();
            assert_eq!(to_json(&value, JsonStyle::Compact), expected, "{text}");
        }
        assert_eq!(
            testing::lenient("params", r#"{"params":1}"#).as_deref(),
            Ok("1")
        );
    }

    #[test]
    fn truth_is_that_of_jmespath() {
        for (text, truth) in [
            ("null", false),
            ("false", false),
            ("\"\"", false),
            ("[]", false),
            ("{}", false),
            ("0", true),
            ("\" \"", true),
            ("[null]", true),
        ] {
            assert_eq!(json(text).is_true(), truth, "{text}");
        }
    }
}
