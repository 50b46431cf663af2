//! Tags read as versions; see [`crate::version`].

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::limits::PATTERN_BYTES;
use crate::pattern::check_length;
use crate::safe::Safe;
use crate::value::Value;
use crate::version::{self, Range, RangeError, Version};

const PARTS: &[(&str, Type)] = &[
    ("major", Type::Integer),
    ("minor", Type::Integer),
    ("patch", Type::Integer),
    ("pre", Type::Text),
];

pub(super) static FUNCTIONS: [Function; 4] = [
    Function {
        name: "natural_key",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text that sorts as people count, whatever the text: the numbers in it by amount, `r9` before `r10`.",
        example: example(
            "sort_by(tags, &natural_key(@))",
            r#"{"tags":["build-10","build-9","latest"]}"#,
            r#"["build-9","build-10","latest"]"#,
        ),
        apply: natural_key,
    },
    Function {
        name: "semver",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Record(PARTS)),
        unit: None,
        documentation: "The parts of a version, null for those not written; null if the text is no version.",
        example: example(
            "semver(tag)",
            r#"{"tag":"v1.21.3-rc.1"}"#,
            r#"{"major":1,"minor":21,"patch":3,"pre":"rc.1"}"#,
        ),
        apply: semver,
    },
    Function {
        name: "semver_key",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text that sorts as the version is meant: 1.9 before 1.10; null if the text is no version.",
        example: example(
            "sort_by(tags, &semver_key(@))",
            r#"{"tags":["1.10","1.9","1.10-rc"]}"#,
            r#"["1.9","1.10-rc","1.10"]"#,
        ),
        apply: semver_key,
    },
    Function {
        name: "semver_matches",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("range", &[Accept::Range]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a text is a version in a range as npm writes it: '^1.2', '~1.2.3', '>=1.2 <2', '1.x', '1.2 - 2.0', '1 || 3'.",
        example: example(
            "tags[?semver_matches(@, '>=1.9 <2')]",
            r#"{"tags":["v1.10","1.8.7","2.0","1.10-rc.1","latest"]}"#,
            r#"["v1.10"]"#,
        ),
        apply: semver_matches,
    },
];

/// Reads a range of versions.
///
/// Errors: what is no range, and what is too long to be one (threats G9).
pub(in crate::expr) fn parse_range(text: &str) -> Result<Range, RangeError> {
    check_length(text).map_err(|_| RangeError {
        message: format!("a range of versions is longer than {PATTERN_BYTES} bytes"),
        at: 0..text.len(),
    })?;
    Range::parse(text)
}

fn semver_matches(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    run.spend(arguments.text(1).len(), arguments.span)?;
    let range = parse_range(arguments.text(1)).map_err(|error| {
        let message = Safe::new(&error.message).to_string();
        run.error(EvalErrorKind::Value, arguments.spans[1], message)
    })?;
    Ok(Value::Bool(range.matches(arguments.text(0))))
}

fn natural_key(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    run.make_text(version::natural_key(arguments.text(0)), arguments.span)
}

fn semver(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let Some(version) = Version::parse(arguments.text(0)) else {
        return Ok(Value::Null);
    };
    let parts = [
        Value::from(version.major()),
        version.minor().into(),
        version.patch().into(),
        version.pre().into(),
    ];
    let names = PARTS.iter().map(|(name, _)| (*name).into());
    run.make_map(names.zip(parts).collect(), arguments.span)
}

fn semver_key(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    match Version::parse(arguments.text(0)) {
        Some(version) => run.make_text(version.sort_key(), arguments.span),
        None => Ok(Value::Null),
    }
}
