//! The least, the greatest, and putting in order.
//!
//! Numbers go with numbers and texts with texts; anything else is an error. Where null is allowed (design §5) it is
//! neither least nor greatest, and comes last.

use std::cmp::Ordering;

use super::{
    Accept, Arity, Function, Gives, LIST_AND_EXPRESSION, example, is_number, is_text, parameter,
};
use crate::expr::arguments::{Arguments, described};
use crate::expr::context::{EvalErrorKind, Mode};
use crate::expr::eval::{Outcome, Run};
use crate::value::{Value, order};

const LIST: &[Accept] = &[Accept::Numbers, Accept::Texts];
const LAYERS: &str = r#"{"layers":[{"size":2},{"size":9},{"size":5}]}"#;

pub(super) static FUNCTIONS: [Function; 6] = [
    Function {
        name: "max",
        parameters: &[parameter("list", LIST)],
        arity: Arity::Fixed,
        gives: Gives::ElementOf(0),
        unit: None,
        documentation: "The greatest of a list of numbers or texts; null if there is none.",
        example: example("max(layers[*].size)", LAYERS, "9"),
        apply: max,
    },
    Function {
        name: "max_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::ElementOf(0),
        unit: None,
        documentation: "The element for which an expression gives the greatest number or text.",
        example: example("max_by(layers, &size)", LAYERS, r#"{"size":9}"#),
        apply: max_by,
    },
    Function {
        name: "min",
        parameters: &[parameter("list", LIST)],
        arity: Arity::Fixed,
        gives: Gives::ElementOf(0),
        unit: None,
        documentation: "The least of a list of numbers or texts; null if there is none.",
        example: example("min(layers[*].size)", LAYERS, "2"),
        apply: min,
    },
    Function {
        name: "min_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::ElementOf(0),
        unit: None,
        documentation: "The element for which an expression gives the least number or text.",
        example: example("min_by(layers, &size)", LAYERS, r#"{"size":2}"#),
        apply: min_by,
    },
    Function {
        name: "sort",
        parameters: &[parameter("list", LIST)],
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "A list of numbers or texts, the least first.",
        example: example(
            "sort(exposed_ports)",
            r#"{"exposed_ports":["b","a"]}"#,
            r#"["a","b"]"#,
        ),
        apply: sort,
    },
    Function {
        name: "sort_by",
        parameters: LIST_AND_EXPRESSION,
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "A list in the order of the numbers or texts an expression gives for its elements.",
        example: example("sort_by(layers, &size)[*].size", LAYERS, "[2,5,9]"),
        apply: sort_by,
    },
];

/// An element and what it is compared by.
struct Keyed<'v> {
    key: Value,
    element: &'v Value,
}

fn max(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_themselves(arguments);
    first(run, elements, Ordering::Greater, arguments)
}

fn min(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_themselves(arguments);
    first(run, elements, Ordering::Less, arguments)
}

fn max_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_expression(run, arguments)?;
    first(run, elements, Ordering::Greater, arguments)
}

fn min_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_expression(run, arguments)?;
    first(run, elements, Ordering::Less, arguments)
}

fn sort(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_themselves(arguments);
    sorted(run, elements, arguments)
}

fn sort_by(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let elements = by_expression(run, arguments)?;
    sorted(run, elements, arguments)
}

fn by_themselves<'v>(arguments: &'v Arguments<'_>) -> Vec<Keyed<'v>> {
    let keyed = |element: &'v Value| Keyed {
        key: element.clone(),
        element,
    };
    arguments.list(0).iter().map(keyed).collect()
}

fn by_expression<'v>(run: &mut Run<'_>, arguments: &'v Arguments<'_>) -> Outcome<Vec<Keyed<'v>>> {
    let Some(expression) = arguments.expression(1) else {
        return Ok(Vec::new());
    };
    let mut keyed: Vec<Keyed<'v>> = Vec::new();
    let mut first_key = Value::Null;
    for element in arguments.list(0) {
        let key = run.value(expression, element)?;
        if !is_key(run, &key)
            || !(key.is_null() || first_key.is_null() || are_alike(&key, &first_key))
        {
            let message = match is_key(run, &key) {
                false => format!(
                    "elements are ordered by numbers or texts, not by {}",
                    described(&key)
                ),
                true => "elements are ordered by numbers or by texts, not by both".to_owned(),
            };
            return Err(run.error(EvalErrorKind::Type, arguments.spans[1], message));
        }
        if first_key.is_null() {
            first_key = key.clone();
        }
        keyed.push(Keyed { key, element });
    }
    Ok(keyed)
}

fn is_key(run: &Run<'_>, key: &Value) -> bool {
    is_number(key) || is_text(key) || (key.is_null() && run.context.mode == Mode::Lenient)
}

fn are_alike(left: &Value, right: &Value) -> bool {
    is_number(left) == is_number(right)
}

/// The first element that no other beats in the `wanted` direction.
fn first(
    run: &mut Run<'_>,
    elements: Vec<Keyed<'_>>,
    wanted: Ordering,
    arguments: &Arguments<'_>,
) -> Outcome {
    run.spend(comparing(&elements), arguments.span)?;
    let candidates = elements.iter().filter(|keyed| !keyed.key.is_null());
    let best = candidates.reduce(|best, next| match order(&next.key, &best.key) == wanted {
        true => next,
        false => best,
    });
    Ok(best.map_or(Value::Null, |best| best.element.clone()))
}

/// Stable, nulls last.
fn sorted(run: &mut Run<'_>, mut elements: Vec<Keyed<'_>>, arguments: &Arguments<'_>) -> Outcome {
    let rounds = elements.len().max(1).ilog2() as usize + 1;
    run.spend(comparing(&elements).saturating_mul(rounds), arguments.span)?;
    elements.sort_by(|left, right| order(&left.key, &right.key));
    let items = elements.iter().map(|keyed| keyed.element.clone()).collect();
    run.make_list(items, arguments.span)
}

/// Bytes of two texts that are compared in one step.
const COMPARED_PER_STEP: usize = 64;

/// Steps for comparing every element once.
fn comparing(elements: &[Keyed<'_>]) -> usize {
    let steps = elements
        .iter()
        .map(|keyed| 1 + keyed.key.written() / COMPARED_PER_STEP);
    steps.fold(0, usize::saturating_add)
}
