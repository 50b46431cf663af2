//! Lists, and what lists and texts have in common.

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 4] = [
    Function {
        name: "length",
        parameters: &[parameter(
            "value",
            &[Accept::Text, Accept::List, Accept::Map],
        )],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Integer),
        unit: Some("characters, elements or entries"),
        documentation: "The characters of a text, the elements of a list, the entries of a map.",
        example: example("length(layers)", r#"{"layers":[1,2,3]}"#, "3"),
        apply: length,
    },
    Function {
        name: "map",
        parameters: &[
            parameter("expression", &[Accept::Expression]),
            parameter("list", &[Accept::List]),
        ],
        arity: Arity::Fixed,
        gives: Gives::ListOf(0),
        unit: None,
        documentation: "What an expression gives for each element, nulls included.",
        example: example(
            "map(&size, layers)",
            r#"{"layers":[{"size":1},{}]}"#,
            "[1,null]",
        ),
        apply: map,
    },
    Function {
        name: "reverse",
        parameters: &[parameter("value", &[Accept::Text, Accept::List])],
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "A text or a list from its end to its start.",
        example: example("reverse(cmd)", r#"{"cmd":["a","b"]}"#, r#"["b","a"]"#),
        apply: reverse,
    },
    Function {
        name: "to_array",
        parameters: &[parameter("value", &[Accept::Any])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::List(&Type::Any)),
        unit: None,
        documentation: "A list of one value; a list stays what it is.",
        example: example("to_array(user)", r#"{"user":"root"}"#, r#"["root"]"#),
        apply: to_array,
    },
];

fn length(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let count = match arguments.value(0) {
        Value::Text(text) => text.chars().count(),
        other => other
            .as_map()
            .map_or(arguments.list(0).len(), |entries| entries.len()),
    };
    Ok(Value::Int(count as i128))
}

fn map(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let Some(expression) = arguments.expression(0) else {
        return Ok(Value::Null);
    };
    let items = arguments
        .list(1)
        .iter()
        .map(|item| run.value(expression, item));
    let items = items.collect::<Outcome<Vec<_>>>()?;
    run.make_list(items, arguments.span)
}

fn reverse(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    if let Some(text) = arguments.value(0).as_text() {
        return run.make_text(text.chars().rev().collect(), arguments.span);
    }
    run.spend(arguments.list(0).len(), arguments.span)?;
    run.make_list(
        arguments.list(0).iter().rev().cloned().collect(),
        arguments.span,
    )
}

fn to_array(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    match arguments.value(0) {
        list @ Value::List(_) => Ok(list.clone()),
        other => run.make_list(vec![other.clone()], arguments.span),
    }
}
