//! Arithmetic: exact as long as all numbers are whole and the result is one from -2^63 to 2^64-1, else in floats.

use super::{Accept, Arity, Function, Gives, Parameter, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

const TWO_NUMBERS: &[Parameter] = &[
    parameter("number", &[Accept::Number]),
    parameter("other", &[Accept::Number]),
];

pub(super) static FUNCTIONS: [Function; 5] = [
    Function {
        name: "add",
        parameters: TWO_NUMBERS,
        arity: Arity::Repeating,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The sum of two numbers or more.",
        example: example(
            "add(size, manifest_size)",
            r#"{"size":7,"manifest_size":3}"#,
            "10",
        ),
        apply: add,
    },
    Function {
        name: "div",
        parameters: TWO_NUMBERS,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The quotient of two numbers, with its fraction; null if the second is zero.",
        example: example("div(size, `1000`)", r#"{"size":2500}"#, "2.5"),
        apply: div,
    },
    Function {
        name: "mul",
        parameters: TWO_NUMBERS,
        arity: Arity::Repeating,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The product of two numbers or more.",
        example: example(
            "mul(size, pull_count)",
            r#"{"size":7,"pull_count":3}"#,
            "21",
        ),
        apply: mul,
    },
    Function {
        name: "round",
        parameters: &[
            parameter("number", &[Accept::Number]),
            parameter("digits", &[Accept::Count]),
        ],
        arity: Arity::Optional(1),
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The nearest whole number, or number with so many digits after the point; halves go away from zero.",
        example: example("round(share, `1`)", r#"{"share":66.666}"#, "66.7"),
        apply: round,
    },
    Function {
        name: "sub",
        parameters: TWO_NUMBERS,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Number),
        unit: None,
        documentation: "The difference of two numbers.",
        example: example(
            "sub(total_size, size)",
            r#"{"total_size":7,"size":9}"#,
            "-2",
        ),
        apply: sub,
    },
];

type Exact = fn(i128, i128) -> Option<i128>;
type Rough = fn(f64, f64) -> f64;

fn add(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(folded(arguments, i128::checked_add, |a, b| a + b))
}

fn sub(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(folded(arguments, i128::checked_sub, |a, b| a - b))
}

fn mul(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(folded(arguments, i128::checked_mul, |a, b| a * b))
}

fn div(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let exact: Exact = |a, b| (a.checked_rem(b)? == 0).then(|| a / b);
    // What is divided by zero is infinite or nothing, and JSON writes neither: null.
    Ok(folded(arguments, exact, |a, b| a / b))
}

/// The arguments from the left, whole as long as that is exact.
fn folded(arguments: &Arguments<'_>, exact: Exact, rough: Rough) -> Value {
    let numbers = || (0..arguments.values.len()).map(|at| arguments.value(at));
    let whole = numbers().map(Value::as_int).collect::<Option<Vec<_>>>();
    let whole = whole.and_then(|numbers| {
        let mut numbers = numbers.into_iter();
        let first = numbers.next()?;
        numbers.try_fold(first, exact)
    });
    match whole {
        Some(number) => Value::int(number),
        None => {
            let floats = numbers().filter_map(Value::as_float);
            floats.reduce(rough).map_or(Value::Null, Value::float)
        }
    }
}

/// More digits than a float has after the point where it is near to one.
const MOST_DIGITS: i128 = 15;

fn round(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let digits = arguments.value(1).as_int().unwrap_or(0);
    if digits > MOST_DIGITS {
        let message = format!("numbers are rounded to {MOST_DIGITS} digits at most");
        return Err(run.error(EvalErrorKind::Value, arguments.spans[1], message));
    }
    Ok(match arguments.value(0) {
        number if digits == 0 => super::numbers::rounded(number, f64::round),
        Value::Float(number) => {
            let scale = 10_f64.powi(digits as i32);
            let scaled = number * scale;
            // A number too large to be scaled has no digits after the point.
            Value::float(if scaled.is_finite() {
                scaled.round() / scale
            } else {
                *number
            })
        }
        whole => whole.clone(),
    })
}

#[cfg(test)]
mod tests {
    use crate::expr::testing::lenient;

    #[test]
    fn whole_numbers_stay_exact_as_long_as_they_can() {
        for (text, expected) in [
            ("add(`9007199254740992`, `1`)", "9007199254740993"),
            ("add(`18446744073709551614`, `1`)", "18446744073709551615"),
            ("add(`1`, `2`, `3`)", "6"),
            ("add(`0.5`, `1`)", "1.5"),
            ("sub(`-9223372036854775807`, `1`)", "-9223372036854775808"),
            ("mul(`4294967295`, `4294967297`)", "18446744073709551615"),
            ("div(`9007199254740993`, `3`)", "3002399751580331"),
            ("div(`1`, `3`)", "0.3333333333333333"),
            ("div(`1`, `-2`)", "-0.5"),
            ("mul(`2`, `3`, `7`)", "42"),
        ] {
            assert_eq!(lenient(text, "{}").as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn beyond_what_is_exact_numbers_are_floats() {
        for (text, expected) in [
            ("add(`18446744073709551615`, `1`)", 2_f64.powi(64)),
            ("sub(`-9223372036854775808`, `1`)", -(2_f64.powi(63))),
            (
                "mul(`18446744073709551615`, `18446744073709551615`, `18446744073709551615`)",
                2_f64.powi(192),
            ),
        ] {
            let found: f64 = lenient(text, "{}").unwrap().parse().unwrap();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_no_number_is_is_null() {
        for text in [
            "div(`1`, `0`)",
            "div(`0`, `0`)",
            "div(`1.5`, `0.0`)",
            "div(`18446744073709551615`, `0`)",
            "mul(`1e300`, `1e300`)",
            "add(`1`, absent)",
            "round(absent)",
            "round(`1.5`, absent)",
        ] {
            assert_eq!(lenient(text, "{}").as_deref(), Ok("null"), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (text, expected) in [
            ("round(`2.5`)", "3"),
            ("round(`-2.5`)", "-3"),
            ("round(`2.4`)", "2"),
            ("round(`7`, `2`)", "7"),
            ("round(`0.125`, `2`)", "0.13"),
            ("round(`1e300`, `15`)", "1e300"),
        ] {
            let found = lenient(text, "{}").unwrap();
            let (found, expected): (f64, f64) = (found.parse().unwrap(), expected.parse().unwrap());
            assert_eq!(found, expected, "{text}");
        }
        assert!(lenient("round(`1.5`, `16`)", "{}").is_err());
        assert!(lenient("round(`1.5`, `-1`)", "{}").is_err());
    }
}
