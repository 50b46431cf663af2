//! Tags read as versions; see [`crate::version`].

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::value::Value;
use crate::version::Version;

const PARTS: &[(&str, Type)] = &[
    ("major", Type::Integer),
    ("minor", Type::Integer),
    ("patch", Type::Integer),
    ("pre", Type::Text),
];

pub(super) static FUNCTIONS: [Function; 2] = [
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
];

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
