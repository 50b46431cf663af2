//! Lists as sets: what counts is whether an element is there. Order is that of the first argument.

use std::collections::HashSet;

use super::{Accept, Arity, Function, Gives, LIST_AND_EXPRESSION, Parameter, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{BYTES_PER_STEP, Outcome, Run};
use crate::value::{Value, identity};

const TWO_LISTS: &[Parameter] = &[
    parameter("list", &[Accept::List]),
    parameter("other", &[Accept::List]),
];

pub(super) static FUNCTIONS: [Function; 4] = [
    Function {
        name: "difference",
        parameters: TWO_LISTS,
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "The elements of a list that are not in another.",
        example: example(
            "difference(['linux/amd64', 'linux/arm64'], platforms)",
            r#"{"platforms":["linux/amd64"]}"#,
            r#"["linux/arm64"]"#,
        ),
        apply: difference,
    },
    Function {
        name: "intersection",
        parameters: TWO_LISTS,
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "The elements of a list that are in another, too.",
        example: example(
            "intersection(layers[*].digest, with.base.layers[*].digest)",
            r#"{"layers":[{"digest":"sha256:a"},{"digest":"sha256:b"}],"with":{"base":{"layers":[{"digest":"sha256:a"}]}}}"#,
            r#"["sha256:a"]"#,
        ),
        apply: intersection,
    },
    Function {
        name: "unique",
        parameters: &[parameter("list", &[Accept::List])],
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "The elements of a list, each once, where it comes first.",
        example: example(
            "unique(layers[*].digest)",
            r#"{"layers":[{"digest":"sha256:b"},{"digest":"sha256:a"},{"digest":"sha256:b"}]}"#,
            r#"["sha256:b","sha256:a"]"#,
        ),
        apply: unique,
    },
    Function {
        name: "unique_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "The first element for each value that an expression gives; those for which it gives null are left out.",
        example: example(
            "sum(unique_by(layers, &digest)[*].size)",
            r#"{"layers":[{"digest":"sha256:a","size":5},{"digest":"sha256:a","size":5},{"digest":"sha256:b","size":1}]}"#,
            "6",
        ),
        apply: unique_by,
    },
];

/// The bytes that stand for a value in a set, at the price of writing it.
fn element(run: &mut Run<'_>, value: &Value, arguments: &Arguments<'_>) -> Outcome<Vec<u8>> {
    run.spend(1 + value.written() / BYTES_PER_STEP, arguments.span)?;
    Ok(identity(value))
}

fn unique(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for item in arguments.list(0) {
        if seen.insert(element(run, item, arguments)?) {
            kept.push(item.clone());
        }
    }
    run.make_list(kept, arguments.span)
}

fn unique_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let Some(expression) = arguments.expression(1) else {
        return Ok(Value::Null);
    };
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for item in arguments.list(0) {
        let key = run.value(expression, item)?;
        if !key.is_null() && seen.insert(element(run, &key, arguments)?) {
            kept.push(item.clone());
        }
    }
    run.make_list(kept, arguments.span)
}

fn difference(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    filtered(run, arguments, false)
}

fn intersection(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    filtered(run, arguments, true)
}

/// The elements of the first list of which the second has one, or has none.
fn filtered(run: &mut Run<'_>, arguments: &Arguments<'_>, shared: bool) -> Outcome {
    let mut others = HashSet::new();
    for item in arguments.list(1) {
        others.insert(element(run, item, arguments)?);
    }
    let mut kept = Vec::new();
    for item in arguments.list(0) {
        if others.contains(&element(run, item, arguments)?) == shared {
            kept.push(item.clone());
        }
    }
    run.make_list(kept, arguments.span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::expr::Context;
    use crate::expr::context::EvalErrorKind;
    use crate::expr::testing::{compile, json, lenient};
    use crate::limits::Limits;

    #[test]
    fn elements_are_compared_in_depth_and_null_is_one() {
        let row = r#"{"l":[{"a":1,"b":2},{"b":2,"a":1.0},null,"1",1,null],"k":[{"a":null},{},{"a":1,"x":1},{"a":1}]}"#;
        for (text, expected) in [
            ("unique(l)", r#"[{"a":1,"b":2},null,"1",1]"#),
            ("unique_by(k, &a)", r#"[{"a":1,"x":1}]"#),
            ("difference(`[1,1,2,null]`, `[2]`)", "[1,1,null]"),
            ("intersection(`[1,1,2,null]`, `[1,null,3]`)", "[1,1,null]"),
            ("difference(`[1]`, absent)", "null"),
            ("unique(absent)", "null"),
            ("unique_by(absent, &a)", "null"),
        ] {
            assert_eq!(lenient(text, row).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn g8_sets_of_large_values_are_paid_for() {
        let row = format!(r#"{{"a":["{}"]}}"#, "x".repeat(1_000_000));
        let error = lenient("unique([a,a,a,a,a,a,a,a,a])", &row).unwrap_err();
        assert_eq!(error.kind, EvalErrorKind::Budget);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_laws_of_sets_hold(
            a in prop::collection::vec(0..6_u64, 0..8),
            b in prop::collection::vec(0..6_u64, 0..8),
        ) {
            let list = |items: &[u64]| Value::list(items.iter().map(|item| Value::from(*item)).collect());
            let row = Value::map([("a".into(), list(&a)), ("b".into(), list(&b))]);
            let limits = Limits::default();
            let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
            for law in [
                "unique(unique(a)) == unique(a)",
                "unique_by(a, &@) == unique(a)",
                "sort([difference(a, b), intersection(a, b)][]) == sort(a)",
                "intersection(difference(a, b), b) == `[]`",
                "difference(a, a) == `[]`",
                "intersection(a, a) == a",
                "sort(intersection(unique(a), b)) == sort(intersection(unique(b), a))",
                "length(unique(a)) <= length(a)",
                "difference(a, unique(a)) == `[]`",
            ] {
                prop_assert_eq!(compile(law).evaluate(&row, &context).unwrap(), json("true"), "{}", law);
            }
        }
    }
}
