//! Maps, and what is asked of any value.

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 5] = [
    Function {
        name: "keys",
        parameters: &[parameter("map", &[Accept::Map])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::List(&Type::Text)),
        unit: None,
        documentation: "The keys of a map, in written order.",
        example: example(
            "keys(labels)",
            r#"{"labels":{"b":"1","a":"2"}}"#,
            r#"["b","a"]"#,
        ),
        apply: keys,
    },
    Function {
        name: "merge",
        parameters: &[parameter("map", &[Accept::Map])],
        arity: Arity::Repeating,
        gives: Gives::Is(Type::Map(&Type::Any)),
        unit: None,
        documentation: "One map of several; of two equal keys the later one holds.",
        example: example(
            "merge(labels, `{\"a\": 2}`)",
            r#"{"labels":{"a":1,"b":1}}"#,
            r#"{"a":2,"b":1}"#,
        ),
        apply: merge,
    },
    Function {
        name: "not_null",
        parameters: &[parameter("value", &[Accept::Any])],
        arity: Arity::Repeating,
        gives: Gives::Is(Type::Any),
        unit: None,
        documentation: "The first of its arguments that is not null.",
        example: example(
            "not_null(pushed, created)",
            r#"{"created":"2026-02-27"}"#,
            r#""2026-02-27""#,
        ),
        apply: not_null,
    },
    Function {
        name: "type",
        parameters: &[parameter("value", &[Accept::Any])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "The JSON name of a value's type: string, number, boolean, array, object or null.",
        example: example("type(size)", r#"{"size":1}"#, r#""number""#),
        apply: type_,
    },
    Function {
        name: "values",
        parameters: &[parameter("map", &[Accept::Map])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::List(&Type::Any)),
        unit: None,
        documentation: "The values of a map, in written order.",
        example: example(
            "values(labels)",
            r#"{"labels":{"b":"1","a":"2"}}"#,
            r#"["1","2"]"#,
        ),
        apply: values,
    },
];

fn keys(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let keys = arguments
        .value(0)
        .as_map()
        .map(|map| map.keys().cloned().map(Value::Text));
    run.make_list(keys.into_iter().flatten().collect(), arguments.span)
}

fn values(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let values = arguments.value(0).as_map().map(|map| map.values().cloned());
    run.make_list(values.into_iter().flatten().collect(), arguments.span)
}

fn merge(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let maps = (0..arguments.values.len()).filter_map(|at| arguments.value(at).as_map());
    let mut entries = Vec::new();
    for map in maps {
        // Paid before it is copied: every argument may be the same large map.
        run.spend(map.len(), arguments.span)?;
        entries.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    run.make_map(entries, arguments.span)
}

fn not_null(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let mut values = (0..arguments.values.len()).map(|at| arguments.value(at));
    Ok(values
        .find(|value| !value.is_null())
        .cloned()
        .unwrap_or_default())
}

fn type_(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::text(arguments.value(0).type_name()))
}
