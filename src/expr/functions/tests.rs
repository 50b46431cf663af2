//! What holds for every function of the table.

use std::collections::BTreeSet;

use super::*;
use crate::expr::testing::{json, lenient};

#[test]
fn every_example_gives_what_it_says() {
    for function in all() {
        let Example {
            expression,
            input,
            output,
        } = function.example;
        let found = lenient(expression, input).map(|found| json(&found));
        assert_eq!(found, Ok(json(output)), "{expression}");
        assert!(
            expression.contains(&format!("{}(", function.name)),
            "{expression}"
        );
    }
}

#[test]
fn every_function_has_a_name_of_its_own_and_a_sentence() {
    let names: BTreeSet<&str> = all().map(|function| function.name).collect();
    assert_eq!(names.len(), all().count());
    for function in all() {
        let sentence = function.documentation;
        assert!(
            sentence.starts_with(char::is_uppercase) && sentence.ends_with('.'),
            "{sentence}"
        );
        assert!(find(function.name).is_some_and(|found| std::ptr::eq(found, function)));
    }
}

#[test]
fn the_whole_standard_is_there() {
    assert_eq!(
        all().filter(|function| function.is_standard()).count(),
        STANDARD.len()
    );
}

/// The numbers of arguments that can be wrong, and the words about them.
#[test]
fn wrong_numbers_of_arguments_are_said() {
    for (name, given, message) in [
        ("now", 1, Some("`now` takes no arguments, not 1")),
        ("split", 1, Some("`split` takes 2 to 3 arguments, not 1")),
        ("split", 2, None),
        ("split", 3, None),
        ("split", 4, Some("`split` takes 2 to 3 arguments, not 4")),
        ("add", 1, Some("`add` takes at least 2 arguments, not 1")),
        ("add", 5, None),
        ("if", 2, Some("`if` takes 3 arguments, not 2")),
    ] {
        let found = find(name).and_then(|function| function.wrong_count(given));
        assert_eq!(found.as_deref(), message, "{name} {given}");
    }
}

/// Every function named by the project's contract (design §6) beside the standard's.
#[test]
fn the_whole_contract_is_there() {
    for name in [
        "now",
        "older_than",
        "newer_than",
        "before",
        "after",
        "epoch",
        "date",
        "semver",
        "semver_matches",
        "semver_key",
        "natural_key",
        "lower",
        "upper",
        "trim",
        "split",
        "replace",
        "regex_match",
        "regex_capture",
        "glob",
        "short",
        "human_bytes",
        "parse_json",
        "add",
        "sub",
        "mul",
        "div",
        "round",
        "unique",
        "unique_by",
        "count_by",
        "sum_by",
        "difference",
        "intersection",
        "items",
        "from_items",
        "zip",
        "if",
        "starts_with_layers",
        "platform_matches",
    ] {
        assert!(
            find(name).is_some_and(|function| !function.is_standard()),
            "{name}"
        );
    }
}

#[test]
fn null_where_a_value_is_needed_gives_null() {
    for function in all() {
        for (at, parameter) in function.parameters.iter().enumerate() {
            let takes = |kind| parameter.accepts.contains(&kind);
            if takes(Accept::Any) || takes(Accept::Branch) || takes(Accept::Expression) {
                continue;
            }
            let arguments: Vec<&str> = function
                .parameters
                .iter()
                .enumerate()
                .map(|(other, parameter)| {
                    if other == at {
                        "absent"
                    } else {
                        fitting(parameter.accepts[0])
                    }
                })
                .collect();
            let text = format!("{}({})", function.name, arguments.join(", "));
            assert_eq!(lenient(&text, "{}").as_deref(), Ok("null"), "{text}");
        }
    }
}

fn fitting(accept: Accept) -> &'static str {
    match accept {
        Accept::Number | Accept::Count => "`1`",
        Accept::List | Accept::Numbers | Accept::Texts => "`[]`",
        Accept::Map => "`{}`",
        Accept::Expression => "&@",
        Accept::Duration => "'1d'",
        Accept::TimeFormat => "'%Y'",
        Accept::Platform => "'linux/amd64'",
        Accept::Time => "'2026-01-01'",
        _ => "'1'",
    }
}

#[test]
fn signatures_show_how_to_call() {
    let signature = |name| find(name).map(Function::signature);
    assert_eq!(
        signature("sort_by").as_deref(),
        Some("sort_by(list, &expression)")
    );
    assert_eq!(signature("merge").as_deref(), Some("merge(map, …)"));
    assert_eq!(signature("now").as_deref(), Some("now()"));
    assert_eq!(
        signature("replace").as_deref(),
        Some("replace(text, old, new[, count])")
    );
}
