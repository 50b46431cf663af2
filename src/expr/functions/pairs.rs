//! Maps as pairs and back, and lists side by side, as the JMESPath community has them (its JEP 13).

use std::sync::Arc;

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::{Arguments, described};
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 3] = [
    Function {
        name: "from_items",
        parameters: &[parameter("pairs", &[Accept::List])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Map(&Type::Any)),
        unit: None,
        documentation: "The map of a list of pairs of a key and a value; of two equal keys the later one holds.",
        example: example(
            "from_items(layers[*].[digest, size])",
            r#"{"layers":[{"digest":"sha256:a","size":1},{"digest":"sha256:b","size":2}]}"#,
            r#"{"sha256:a":1,"sha256:b":2}"#,
        ),
        apply: from_items,
    },
    Function {
        name: "items",
        parameters: &[parameter("map", &[Accept::Map])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::List(&Type::List(&Type::Any))),
        unit: None,
        documentation: "The entries of a map as pairs of a key and a value, in written order.",
        example: example(
            "items(labels)",
            r#"{"labels":{"b":"1","a":"2"}}"#,
            r#"[["b","1"],["a","2"]]"#,
        ),
        apply: items,
    },
    Function {
        name: "zip",
        parameters: &[
            parameter("list", &[Accept::List]),
            parameter("other", &[Accept::List]),
        ],
        arity: Arity::Repeating,
        gives: Gives::Is(Type::List(&Type::List(&Type::Any))),
        unit: None,
        documentation: "The first elements of several lists as one list, then the second ones, as far as the shortest list goes.",
        example: example(
            "zip(layers[*].digest, diff_ids)",
            r#"{"layers":[{"digest":"sha256:a"},{"digest":"sha256:b"}],"diff_ids":["sha256:x","sha256:y"]}"#,
            r#"[["sha256:a","sha256:x"],["sha256:b","sha256:y"]]"#,
        ),
        apply: zip,
    },
];

/// Steps for a list within a list.
const STEPS_PER_ROW: usize = 2;

fn items(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let Some(entries) = arguments.value(0).as_map() else {
        return Ok(Value::Null);
    };
    run.spend(entries.len() * (2 + STEPS_PER_ROW), arguments.span)?;
    let pair = |(key, value): (&Arc<str>, &Value)| {
        Value::list(vec![Value::Text(Arc::clone(key)), value.clone()])
    };
    run.make_list(entries.iter().map(pair).collect(), arguments.span)
}

fn from_items(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let pairs = arguments.list(0);
    run.spend(pairs.len(), arguments.span)?;
    let mut entries = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let parts = pair.as_list().unwrap_or_default();
        match parts {
            [Value::Text(key), value] => entries.push((Arc::clone(key), value.clone())),
            // A key is needed and null.
            [Value::Null, _] => return Ok(Value::Null),
            _ if pair.is_null() => return Ok(Value::Null),
            _ => return Err(no_pair(run, pair, arguments)),
        }
    }
    run.make_map(entries, arguments.span)
}

fn no_pair(run: &Run<'_>, pair: &Value, arguments: &Arguments<'_>) -> Box<crate::expr::EvalError> {
    let found = match pair.as_list() {
        Some([key, _]) => format!("a pair with {} for a key", described(key)),
        Some(parts) => format!("a list of {}", parts.len()),
        None => described(pair).to_owned(),
    };
    let message = format!("`from_items` needs pairs of a text and a value, not {found}");
    run.error(EvalErrorKind::Value, arguments.spans[0], message)
}

fn zip(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let lists: Vec<&[Value]> = (0..arguments.values.len())
        .map(|at| arguments.list(at))
        .collect();
    let rows = lists.iter().map(|list| list.len()).min().unwrap_or(0);
    // Paid before it is made: every argument may be the same long list.
    run.spend(
        rows.saturating_mul(lists.len() + STEPS_PER_ROW),
        arguments.span,
    )?;
    let row = |at: usize| Value::list(lists.iter().map(|list| list[at].clone()).collect());
    run.make_list((0..rows).map(row).collect(), arguments.span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::expr::Context;
    use crate::expr::testing::{compile, json, lenient};
    use crate::limits::Limits;

    #[test]
    fn pairs_are_two_and_begin_with_a_text() {
        for (text, expected) in [
            (
                r#"from_items(`[["a",1],["b",2],["a",3]]`)"#,
                r#"{"a":3,"b":2}"#,
            ),
            ("from_items(`[]`)", "{}"),
            (r#"from_items(`[["a",null]]`)"#, r#"{"a":null}"#),
            ("from_items(`[[null,1]]`)", "null"),
            ("from_items(`[null]`)", "null"),
            ("items(absent)", "null"),
            ("items(`{}`)", "[]"),
            ("zip(`[1,2]`, `[\"a\"]`)", r#"[[1,"a"]]"#),
            ("zip(`[1]`, `[2]`, `[3]`)", "[[1,2,3]]"),
            ("zip(`[1]`, `[]`)", "[]"),
            ("zip(`[1]`, absent)", "null"),
        ] {
            assert_eq!(lenient(text, "{}").as_deref(), Ok(expected), "{text}");
        }
        for (text, found) in [
            ("from_items(`[1]`)", "a number"),
            ("from_items(`[[\"a\"]]`)", "a list of 1"),
            ("from_items(`[[1,2]]`)", "a pair with a number for a key"),
        ] {
            let error = lenient(text, "{}").unwrap_err();
            assert!(
                error.message.ends_with(&format!("not {found}")),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn g8_one_list_many_times_is_paid_for() {
        let row = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(20_000));
        let text = format!("zip({}a)", "a,".repeat(100));
        assert_eq!(
            lenient(&text, &row).unwrap_err().kind,
            EvalErrorKind::Budget
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_map_is_its_items(entries in prop::collection::vec(("[a-c]{0,2}", 0..3_u64), 0..5)) {
            let entries = entries.into_iter().map(|(key, value)| (Arc::from(key), Value::from(value)));
            let map = Value::map(entries);
            let limits = Limits::default();
            let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
            let evaluate = |text: &str| compile(text).evaluate(&map, &context).unwrap();
            prop_assert_eq!(evaluate("from_items(items(@))"), map.clone());
            prop_assert_eq!(evaluate("from_items(zip(keys(@), values(@)))"), map.clone());
            prop_assert_eq!(evaluate("zip(keys(@), values(@)) == items(@)"), json("true"));
        }
    }
}
