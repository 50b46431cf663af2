//! One of two, and only that one is evaluated.

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{Outcome, Run};
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 1] = [Function {
    name: "if",
    parameters: &[
        parameter("condition", &[Accept::Any]),
        parameter("then", &[Accept::Branch]),
        parameter("else", &[Accept::Branch]),
    ],
    arity: Arity::Fixed,
    gives: Gives::Either(1, 2),
    unit: None,
    documentation: "The second argument where the first is true, else the third; the other one is not evaluated.",
    example: example(
        "if(older_than(created, '30d'), 'stale', 'fresh')",
        r#"{"created":"2026-01-01T00:00:00Z"}"#,
        r#""stale""#,
    ),
    apply: choose,
}];

fn choose(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let chosen = if arguments.value(0).is_true() { 1 } else { 2 };
    match arguments.branch(chosen) {
        Some(node) => run.value(node, arguments.current),
        None => Ok(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::testing::{compile, lenient};

    #[test]
    fn only_what_is_chosen_is_evaluated_and_may_fail() {
        for (text, expected) in [
            ("if(a, 'yes', abs('x'))", r#""yes""#),
            ("if(b, abs('x'), 'no')", r#""no""#),
            ("if(absent, a, b)", r#""""#),
            ("if(b == `null`, 'x', c)", "[1]"),
            ("c[*].if(@ > `0`, @, `0`)", "[1]"),
            ("if(a, absent, 'x')", "null"),
        ] {
            let row = r#"{"a":1,"b":"","c":[1]}"#;
            assert_eq!(lenient(text, row).as_deref(), Ok(expected), "{text}");
        }
        let error = lenient("if(a, abs('x'), b)", r#"{"a":1}"#).unwrap_err();
        assert_eq!(error.place.text(), "'x'");
        let error = lenient("if(a, &b, b)", r#"{"a":1}"#).unwrap_err();
        assert_eq!(error.message, "`if` needs anything, not an expression");
    }

    #[test]
    fn what_either_branch_reads_is_needed() {
        let expr = compile("if(tag, size, layers[0].size)");
        for name in ["tag", "size", "layers"] {
            assert!(expr.reads().contains(name), "{name}");
        }
    }
}
