//! Texts held against patterns; see [`crate::pattern`].

use std::sync::Arc;

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::expr::patterns::{Compiled, Grammar};
use crate::fields::Type;
use crate::pattern::Regex;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 3] = [
    Function {
        name: "glob",
        parameters: &[
            parameter("pattern", &[Accept::Glob]),
            parameter("text", &[Accept::Text]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a pattern matches a whole text: `*`, `**`, `?`, `[a-z]`, `{a,b}`, as under `tags` in a query.",
        example: example(
            "glob('v*-{alpine,slim}', tag)",
            r#"{"tag":"v3-slim"}"#,
            "true",
        ),
        apply: glob,
    },
    Function {
        name: "regex_capture",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("expression", &[Accept::Regex]),
            parameter("group", &[Accept::Count, Accept::Text]),
        ],
        arity: Arity::Optional(1),
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "What a group of a regular expression matches first in a text: the first group, or all if there is none, or the one of that number or name; else null.",
        example: example(
            "regex_capture(tag, '^v?([0-9]+)')",
            r#"{"tag":"v21-alpine"}"#,
            r#""21""#,
        ),
        apply: regex_capture,
    },
    Function {
        name: "regex_match",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("expression", &[Accept::Regex]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a regular expression is found anywhere in a text; `^` and `$` tie it to the ends.",
        example: example(
            "regex_match(tag, '-rc[0-9]+$')",
            r#"{"tag":"1.2-rc1"}"#,
            "true",
        ),
        apply: regex_match,
    },
];

fn glob(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(1);
    let glob = pattern_at(run, arguments, 0, Grammar::Glob)?;
    run.pay_search(&glob, text, arguments.span)?;
    Ok(Value::Bool(glob.matches(text)))
}

fn regex_match(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0);
    let regex = pattern_at(run, arguments, 1, Grammar::Regex)?;
    run.pay_search(&regex, text, arguments.span)?;
    Ok(Value::Bool(regex.matches(text)))
}

fn regex_capture(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0);
    let pattern = pattern_at(run, arguments, 1, Grammar::Regex)?;
    let Compiled::Regex(regex) = &*pattern else {
        return Ok(Value::Null);
    };
    let group = group(run, regex, arguments)?;
    // The match is found first, and then its groups within it.
    run.pay_search(&pattern, text, arguments.span)?;
    run.pay_search(&pattern, text, arguments.span)?;
    let groups = regex.captures(text).unwrap_or_default();
    match groups.get(group).copied().flatten() {
        Some(found) => run.make_text(found.to_owned(), arguments.span),
        None => Ok(Value::Null),
    }
}

fn pattern_at(
    run: &mut Run<'_>,
    arguments: &Arguments<'_>,
    at: usize,
    grammar: Grammar,
) -> Outcome<std::rc::Rc<Compiled>> {
    let text: Arc<str> = match arguments.value(at) {
        Value::Text(text) => Arc::clone(text),
        _ => Arc::from(""),
    };
    run.pattern(grammar, &text, arguments.spans[at])
}

/// The position of the group that is meant.
fn group(run: &Run<'_>, regex: &Regex, arguments: &Arguments<'_>) -> Outcome<usize> {
    let found = match arguments.value(2) {
        Value::Text(name) => regex.group_named(name),
        Value::Int(at) => usize::try_from(*at).ok().filter(|at| *at < regex.groups()),
        _ => Some(usize::from(regex.groups() > 1)),
    };
    found.ok_or_else(|| {
        let message = "the regular expression has no such group";
        run.error(EvalErrorKind::Value, arguments.spans[2], message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::lenient;

    #[test]
    fn patterns_are_searched_and_globs_are_whole() {
        let row = r#"{"t":"team/app","v":"release-1.21.3","p":"a("}"#;
        for (text, expected) in [
            ("regex_match(t, 'app')", "true"),
            ("regex_match(t, '^app')", "false"),
            ("regex_match(absent, 'a')", "null"),
            ("regex_match(t, absent)", "null"),
            ("glob('team/*', t)", "true"),
            ("glob('*', t)", "false"),
            ("glob('**', t)", "true"),
            ("glob('team', t)", "false"),
            ("glob('*', absent)", "null"),
            (r"regex_capture(v, '(\d+)\.(\d+)')", r#""1""#),
            (r"regex_capture(v, '(\d+)\.(\d+)', `2`)", r#""21""#),
            (r"regex_capture(v, '(\d+)\.(\d+)', `0`)", r#""1.21""#),
            (r"regex_capture(v, '\.(?<minor>\d+)', 'minor')", r#""21""#),
            (r"regex_capture(v, '\d+\.\d+')", r#""1.21""#),
            (r"regex_capture(v, '(x)?release')", "null"),
            ("regex_capture(v, 'nope')", "null"),
            ("regex_capture(v, 'r', absent)", "null"),
        ] {
            assert_eq!(lenient(text, row).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_an_error_at_its_place() {
        for (text, message, shown) in [
            (
                "regex_match(t, p)",
                "this is no regular expression: unclosed group",
                "p",
            ),
            ("glob(g, t)", "`{a` is no pattern: a `{` has no `}`", "g"),
            ("glob('', t)", "a pattern is empty", "''"),
            (
                "regex_capture(t, 'a', `1`)",
                "the regular expression has no such group",
                "`1`",
            ),
            (
                "regex_capture(t, 'a', 'x')",
                "the regular expression has no such group",
                "'x'",
            ),
        ] {
            let error = lenient(text, r#"{"t":"x","p":"a(","g":"{a"}"#).unwrap_err();
            assert_eq!(
                (error.message.as_str(), error.place.text()),
                (message, shown),
                "{text}"
            );
            assert_eq!(error.kind, EvalErrorKind::Value, "{text}");
        }
    }

    #[test]
    fn g9_a_long_search_is_paid_for() {
        let row = format!(r#"{{"t":"{}"}}"#, "ab".repeat(500_000));
        for text in [
            r"regex_match(t, '\\w{20}$')",
            "regex_match(t, '[ab]*a[ab]{2000}[cd]$')",
            "regex_capture(t, '([ab]*a[ab]{200})$')",
            "glob('{*a,*b,*c,*d,?????????????????????????????????????????????????????????????}', t)",
        ] {
            let error = lenient(text, &row).unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Budget, "{text}");
        }
    }
}
