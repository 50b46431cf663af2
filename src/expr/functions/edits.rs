//! Texts made from texts, as the JMESPath community has them (its JEP 14).

use std::collections::BTreeSet;

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{BYTES_PER_STEP, Outcome, Run};
use crate::fields::Type;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 4] = [
    Function {
        name: "replace",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("old", &[Accept::Text]),
            parameter("new", &[Accept::Text]),
            parameter("count", &[Accept::Count]),
        ],
        arity: Arity::Optional(1),
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text with another one in place of a part of it, everywhere or the first so many times.",
        example: example(
            "replace(repository, 'team-a/', '')",
            r#"{"repository":"team-a/app"}"#,
            r#""app""#,
        ),
        apply: replace,
    },
    Function {
        name: "split",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("separator", &[Accept::Text]),
            parameter("count", &[Accept::Count]),
        ],
        arity: Arity::Optional(1),
        gives: Gives::Is(Type::List(&Type::Text)),
        unit: None,
        documentation: "The parts of a text between separators, split everywhere or so many times; with an empty separator its characters.",
        example: example(
            "split(repository, '/')[0]",
            r#"{"repository":"team-a/app"}"#,
            r#""team-a""#,
        ),
        apply: split,
    },
    Function {
        name: "trim",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("characters", &[Accept::Text]),
        ],
        arity: Arity::Optional(1),
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text without white space at its ends, or without the characters of the second argument.",
        example: example("trim(author)", r#"{"author":" ACME\n"}"#, r#""ACME""#),
        apply: trim,
    },
    Function {
        name: "upper",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text in capital letters.",
        example: example(
            "upper(author)",
            r#"{"author":"acme größe"}"#,
            r#""ACME GRÖSSE""#,
        ),
        apply: upper,
    },
];

/// How often at most, which is as often as there is something where nobody said.
fn at_most(count: &Value) -> usize {
    let count = count.as_int().map(usize::try_from);
    count.and_then(Result::ok).unwrap_or(usize::MAX)
}

fn replace(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (text, old, new) = (arguments.text(0), arguments.text(1), arguments.text(2));
    run.spend(text.len() / BYTES_PER_STEP, arguments.span)?;
    let count = text.matches(old).count().min(at_most(arguments.value(3)));
    // Refused before it is made: every letter may become a long text (threats G8).
    let added = new.len().saturating_mul(count);
    run.check_size(text.len().saturating_add(added), arguments.span)?;
    run.spend(count, arguments.span)?;
    run.make_text(text.replacen(old, new, count), arguments.span)
}

fn split(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (text, separator) = (arguments.text(0), arguments.text(1));
    let most = at_most(arguments.value(2));
    run.spend(text.len() / BYTES_PER_STEP, arguments.span)?;
    // Paid before they are made: a part takes more memory than its letters do.
    let parts = match separator {
        "" => text.chars().count(),
        separator => text.matches(separator).count(),
    };
    run.spend(parts.min(most), arguments.span)?;
    let parts: Vec<Value> = match separator {
        "" => characters(text, most),
        separator => text
            .splitn(most.saturating_add(1), separator)
            .map(Value::text)
            .collect(),
    };
    run.make_list(parts, arguments.span)
}

/// The first characters, and the rest in one piece if there is any.
fn characters(text: &str, most: usize) -> Vec<Value> {
    let mut rest = text.char_indices().skip(most);
    let end = rest.next().map_or(text.len(), |(at, _)| at);
    let (split, rest) = text.split_at(end);
    let mut parts: Vec<Value> = split.chars().map(|c| Value::from(c.to_string())).collect();
    parts.extend((!rest.is_empty()).then(|| Value::text(rest)));
    parts
}

fn trim(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (text, characters) = (arguments.text(0), arguments.text(1));
    if characters.is_empty() {
        return run.make_text(text.trim().to_owned(), arguments.span);
    }
    run.spend(text.len().saturating_add(characters.len()), arguments.span)?;
    let characters: BTreeSet<char> = characters.chars().collect();
    let trimmed = text.trim_matches(|c| characters.contains(&c));
    run.make_text(trimmed.to_owned(), arguments.span)
}

fn upper(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    run.make_text(arguments.text(0).to_uppercase(), arguments.span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::expr::Context;
    use crate::expr::context::EvalErrorKind;
    use crate::expr::testing::{compile, json, lenient};
    use crate::limits::Limits;
    use crate::value::Value;

    #[test]
    fn texts_are_changed_as_the_community_has_it() {
        for (text, expected) in [
            (
                "replace('aabaaabaaaab', 'aa', '-', `0`)",
                r#""aabaaabaaaab""#,
            ),
            ("replace('aabaaabaaaab', 'aa', '-', `2`)", r#""-b-abaaaab""#),
            ("replace('aabaaabaaaab', 'aa', '-')", r#""-b-ab--b""#),
            ("split('abc', '')", r#"["a","b","c"]"#),
            ("split('äbc', '', `1`)", r#"["ä","bc"]"#),
            ("split('', '')", "[]"),
            ("split('', 'x')", r#"[""]"#),
            ("split('/', '/')", r#"["",""]"#),
            ("split('a-b-c', '-', `1`)", r#"["a","b-c"]"#),
            ("split('a-b-c', '-', `0`)", r#"["a-b-c"]"#),
            ("split('abc', 'x')", r#"["abc"]"#),
            ("trim('  a b ', '')", r#""a b""#),
            ("trim('   subject   ', 'su ')", r#""bject""#),
            ("trim('subject', 'x')", r#""subject""#),
            ("split(absent, '/')", "null"),
            ("replace('a', 'a', absent)", "null"),
            ("upper(absent)", "null"),
            ("trim('a', absent)", "null"),
        ] {
            assert_eq!(lenient(text, "{}").as_deref(), Ok(expected), "{text}");
        }
        for text in ["split('a', 'b', `-1`)", "replace('a', 'b', 'c', `0.5`)"] {
            let error = lenient(text, "{}").unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Type, "{text}");
        }
    }

    #[test]
    fn g8_every_letter_may_become_a_text_but_not_a_large_one() {
        let row = format!(
            r#"{{"a":"{}","b":"{}"}}"#,
            "x".repeat(100_000),
            "y".repeat(1000)
        );
        for text in [
            "replace(a, 'x', b)",
            "replace(a, '', b)",
            "[split(a, ''), split(a, ''), split(a, ''), split(a, ''), split(a, '')]",
        ] {
            let error = lenient(text, &row).unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Budget, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_split_is_joined_again(text in "[a-c/é]{0,12}", glue in "[a-c/é]{1,2}", count in 0..4_u64) {
            let row = Value::map([
                ("t".into(), Value::from(text.as_str())),
                ("g".into(), Value::from(glue.as_str())),
                ("n".into(), Value::from(count)),
            ]);
            let limits = Limits::default();
            let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
            for again in ["join(g, split(t, g))", "join(g, split(t, g, n))", "join('', split(t, ''))"] {
                let found = compile(again).evaluate(&row, &context).unwrap();
                prop_assert_eq!(found, Value::from(text.as_str()));
            }
            let same = "replace(t, g, 'x') == join('x', split(t, g))";
            prop_assert_eq!(compile(same).evaluate(&row, &context).unwrap(), json("true"));
        }
    }
}
