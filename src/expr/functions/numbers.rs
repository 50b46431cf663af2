//! Numbers: whole ones stay exact and stay whole.

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::units;
use crate::value::{Value, parse_json};

pub(super) static FUNCTIONS: [Function; 7] = [
    Function {
        name: "abs",
        parameters: &[parameter("number", &[Accept::Number])],
        arity: Arity::Fixed,
        gives: Gives::Like(0),
        unit: None,
        documentation: "The number without its sign.",
        example: example("abs(`-5`)", "{}", "5"),
        apply: abs,
    },
    Function {
        name: "avg",
        parameters: &[parameter("numbers", &[Accept::Numbers])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The mean of a list of numbers; null if there is none.",
        example: example(
            "avg(layers[*].size)",
            r#"{"layers":[{"size":1},{"size":2}]}"#,
            "1.5",
        ),
        apply: avg,
    },
    Function {
        name: "ceil",
        parameters: &[parameter("number", &[Accept::Number])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Integer),
        unit: None,
        documentation: "The next whole number that is not less.",
        example: example("ceil(`1.2`)", "{}", "2"),
        apply: ceil,
    },
    Function {
        name: "floor",
        parameters: &[parameter("number", &[Accept::Number])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Integer),
        unit: None,
        documentation: "The next whole number that is not greater.",
        example: example("floor(`1.8`)", "{}", "1"),
        apply: floor,
    },
    Function {
        name: "human_bytes",
        parameters: &[parameter("bytes", &[Accept::Number])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A number of bytes as docker shows it: decimal, three significant digits.",
        example: example("human_bytes(size)", r#"{"size":29133456}"#, r#""29.1MB""#),
        apply: human_bytes,
    },
    Function {
        name: "sum",
        parameters: &[parameter("numbers", &[Accept::Numbers])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The sum of a list of numbers; a whole number if all of them are.",
        example: example(
            "sum(layers[*].size)",
            r#"{"layers":[{"size":1},{"size":2}]}"#,
            "3",
        ),
        apply: sum,
    },
    Function {
        name: "to_number",
        parameters: &[parameter("value", &[Accept::Any])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The number a text is; a number stays what it is, and all else becomes null.",
        example: example("to_number('42')", "{}", "42"),
        apply: to_number,
    },
];

fn abs(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(match arguments.value(0) {
        Value::Int(number) => Value::int(number.abs()),
        other => other
            .as_float()
            .map_or(Value::Null, |number| Value::float(number.abs())),
    })
}

fn ceil(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(rounded(arguments.value(0), f64::ceil))
}

fn floor(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(rounded(arguments.value(0), f64::floor))
}

pub(super) fn rounded(number: &Value, round: fn(f64) -> f64) -> Value {
    match number {
        // A float that is a whole number converts without loss; beyond the exact range it stays a float.
        Value::Float(number) => Value::int(round(*number) as i128),
        other => other.clone(),
    }
}

fn sum(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(total(arguments.list(0)))
}

fn avg(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let numbers = arguments.list(0).iter().filter(|number| !number.is_null());
    let count = numbers.count();
    let total = total(arguments.list(0)).as_float().unwrap_or_default();
    Ok(match count {
        0 => Value::Null,
        count => Value::float(total / count as f64),
    })
}

/// Exact as long as all numbers are whole; nulls are skipped.
pub(super) fn total(numbers: &[Value]) -> Value {
    let numbers = || numbers.iter().filter(|number| !number.is_null());
    let exact = numbers().try_fold(0_i128, |sum, number| sum.checked_add(number.as_int()?));
    match exact {
        Some(sum) => Value::int(sum),
        None => Value::float(numbers().filter_map(Value::as_float).sum()),
    }
}

fn to_number(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let text = match arguments.value(0) {
        Value::Text(text) => text,
        number @ (Value::Int(_) | Value::Float(_)) => return Ok(number.clone()),
        _ => return Ok(Value::Null),
    };
    run.spend(text.len(), arguments.span)?;
    let is_bare = |text: &str| {
        text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_digit())
    };
    let number = is_bare(text)
        .then(|| parse_json(text.as_bytes()).ok())
        .flatten();
    Ok(number.filter(super::is_number).unwrap_or_default())
}

fn human_bytes(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let bytes = arguments.value(0).as_float().unwrap_or_default();
    Ok(Value::from(units::bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_until_they_cannot_be() {
        let max = Value::Int(i128::from(u64::MAX));
        assert!(
            matches!(total(&[max.clone(), Value::Null]), Value::Int(sum) if sum == i128::from(u64::MAX))
        );
        assert!(matches!(total(&[max.clone(), max]), Value::Float(_)));
        assert!(matches!(total(&[]), Value::Int(0)));
        assert!(matches!(
            total(&[Value::Int(1), Value::Float(0.5)]),
            Value::Float(1.5)
        ));
    }
}
