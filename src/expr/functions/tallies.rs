//! What there is of each kind, and how much of all.

use std::sync::Arc;

use indexmap::IndexMap;

use super::{Arity, Function, Gives, LIST_AND_EXPRESSION, example, is_number};
use crate::expr::arguments::{Arguments, described};
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{BYTES_PER_STEP, Outcome, Run};
use crate::fields::Type;
use crate::value::{JsonStyle, Value, to_json};

pub(super) static FUNCTIONS: [Function; 2] = [
    Function {
        name: "count_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Map(&Type::Integer)),
        unit: Some("elements"),
        documentation: "How many elements there are for each text that an expression gives, in order of appearance; nulls are not counted.",
        example: example(
            "count_by(layers, &media_type)",
            r#"{"layers":[{"media_type":"gzip"},{"media_type":"zstd"},{"media_type":"gzip"}]}"#,
            r#"{"gzip":2,"zstd":1}"#,
        ),
        apply: count_by,
    },
    Function {
        name: "sum_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The sum of the numbers that an expression gives for the elements of a list; nulls are skipped.",
        example: example(
            "sum_by(layers, &size)",
            r#"{"layers":[{"size":1},{"size":2},{}]}"#,
            "3",
        ),
        apply: sum_by,
    },
];

fn count_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let mut counts: IndexMap<Arc<str>, u64> = IndexMap::new();
    for key in keys(run, arguments)? {
        let Some(key) = name(&key) else {
            let message = format!("elements are counted by texts, not by {}", described(&key));
            return Err(run.error(EvalErrorKind::Type, arguments.spans[1], message));
        };
        run.spend(1 + key.len() / BYTES_PER_STEP, arguments.span)?;
        *counts.entry(key).or_default() += 1;
    }
    let entries = counts.into_iter().map(|(key, count)| (key, count.into()));
    run.make_map(entries.collect(), arguments.span)
}

/// What a value is called as the key of a map: numbers and truth as they are written.
fn name(key: &Value) -> Option<Arc<str>> {
    match key {
        Value::Text(text) => Some(Arc::clone(text)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            Some(to_json(key, JsonStyle::Compact).into())
        }
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn sum_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let numbers = keys(run, arguments)?;
    match numbers.iter().find(|number| !is_number(number)) {
        Some(other) => {
            let message = format!(
                "elements are summed by numbers, not by {}",
                described(other)
            );
            Err(run.error(EvalErrorKind::Type, arguments.spans[1], message))
        }
        None => Ok(super::numbers::total(&numbers)),
    }
}

/// What the expression gives for each element, without nulls.
fn keys(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome<Vec<Value>> {
    let Some(expression) = arguments.expression(1) else {
        return Ok(Vec::new());
    };
    let mut keys = Vec::new();
    for element in arguments.list(0) {
        let key = run.value(expression, element)?;
        if !key.is_null() {
            keys.push(key);
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use crate::expr::testing::lenient;

    #[test]
    fn nulls_do_not_count_and_wrong_types_are_errors() {
        let row = r#"{"l":[{"k":"b","n":1},{"k":"a","n":0.5},{"k":null},{"k":"b","n":18446744073709551614}]}"#;
        for (text, expected) in [
            ("count_by(l, &k)", r#"{"b":2,"a":1}"#),
            ("count_by(l, &n > `0`)", r#"{"true":3}"#),
            (
                "count_by(`[1,1.5,true,\"1\"]`, &@)",
                r#"{"1":2,"1.5":1,"true":1}"#,
            ),
            ("count_by(`[]`, &k)", "{}"),
            ("count_by(absent, &k)", "null"),
            ("sum_by(l[?k == 'b'], &n)", "18446744073709551615"),
            ("sum_by(`[]`, &n)", "0"),
            ("sum_by(absent, &n)", "null"),
        ] {
            assert_eq!(lenient(text, row).as_deref(), Ok(expected), "{text}");
        }
        for (text, message) in [
            (
                "count_by(l, &@)",
                "elements are counted by texts, not by a map",
            ),
            (
                "sum_by(l, &k)",
                "elements are summed by numbers, not by a text",
            ),
        ] {
            let error = lenient(text, row).unwrap_err();
            assert_eq!(
                (error.message.as_str(), error.place.text()),
                (message, &text[text.find('&').unwrap()..text.len() - 1])
            );
        }
    }
}
