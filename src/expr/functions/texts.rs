//! Texts.

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::eval::{BYTES_PER_STEP, Outcome, Run};
use crate::fields::Type;
use crate::value::{self, JsonStyle, Value, to_json};

pub(super) static FUNCTIONS: [Function; 8] = [
    Function {
        name: "contains",
        parameters: &[
            parameter("subject", &[Accept::Text, Accept::List]),
            parameter("search", &[Accept::Any]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a text holds a text, or a list an element.",
        example: example("contains(tag, 'rc')", r#"{"tag":"1.2-rc1"}"#, "true"),
        apply: contains,
    },
    Function {
        name: "ends_with",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("end", &[Accept::Text]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a text ends with another.",
        example: example(
            "ends_with(tag, '-alpine')",
            r#"{"tag":"3.2-alpine"}"#,
            "true",
        ),
        apply: ends_with,
    },
    Function {
        name: "join",
        parameters: &[
            parameter("glue", &[Accept::Text]),
            parameter("texts", &[Accept::Texts]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "The texts of a list as one text, with the glue between them.",
        example: example(
            "join(', ', platforms)",
            r#"{"platforms":["linux/amd64","linux/arm64"]}"#,
            r#""linux/amd64, linux/arm64""#,
        ),
        apply: join,
    },
    Function {
        name: "lower",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A text in small letters.",
        example: example(
            "lower(author)",
            r#"{"author":"ACME Größe"}"#,
            r#""acme größe""#,
        ),
        apply: lower,
    },
    Function {
        name: "parse_json",
        parameters: &[parameter("text", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Any),
        unit: None,
        documentation: "The value that a text is the JSON of; null if the text is no JSON.",
        example: example(
            "parse_json(schema1.history[0].v1Compatibility).id",
            r#"{"schema1":{"history":[{"v1Compatibility":"{\"id\":\"51a9c7c1f8bb\"}"}]}}"#,
            r#""51a9c7c1f8bb""#,
        ),
        apply: parse_json,
    },
    Function {
        name: "short",
        parameters: &[parameter("digest", &[Accept::Text])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "The first twelve hex digits of a digest; null if the text is no digest.",
        example: example(
            "short(digest)",
            r#"{"digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#,
            r#""e3b0c44298fc""#,
        ),
        apply: short,
    },
    Function {
        name: "starts_with",
        parameters: &[
            parameter("text", &[Accept::Text]),
            parameter("start", &[Accept::Text]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a text starts with another.",
        example: example(
            "starts_with(repository, 'team-a/')",
            r#"{"repository":"team-a/app"}"#,
            "true",
        ),
        apply: starts_with,
    },
    Function {
        name: "to_string",
        parameters: &[parameter("value", &[Accept::Any])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: None,
        documentation: "A value as JSON on one line; a text stays what it is.",
        example: example(
            "to_string(layer)",
            r#"{"layer":{"size":1}}"#,
            r#""{\"size\":1}""#,
        ),
        apply: to_string,
    },
];

fn contains(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let wanted = arguments.value(1);
    if let Some(text) = arguments.value(0).as_text() {
        let found = wanted.as_text().is_some_and(|wanted| text.contains(wanted));
        return Ok(Value::Bool(found));
    }
    for item in arguments.list(0) {
        run.spend(1, arguments.span)?;
        if run.equal(item, wanted, arguments.span)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn starts_with(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(
        arguments.text(0).starts_with(arguments.text(1)),
    ))
}

fn ends_with(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(arguments.text(0).ends_with(arguments.text(1))))
}

fn join(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (glue, texts) = (arguments.text(0), arguments.list(1));
    if texts.iter().any(Value::is_null) {
        return Ok(Value::Null);
    }
    // Refused before it is made: the same long text may stand in the list many times.
    let glued = glue.len().saturating_mul(texts.len());
    run.check_size(
        arguments.value(1).written().saturating_add(glued),
        arguments.span,
    )?;
    let texts: Vec<&str> = texts.iter().filter_map(Value::as_text).collect();
    run.make_text(texts.join(glue), arguments.span)
}

fn lower(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    run.make_text(arguments.text(0).to_lowercase(), arguments.span)
}

fn parse_json(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0);
    // Paid before it is made (threats G8): every value but the first stands behind one of these.
    let values = text.bytes().filter(|byte| b"[,:".contains(byte)).count();
    run.spend(values + text.len() / BYTES_PER_STEP, arguments.span)?;
    match value::parse_json(text.as_bytes()) {
        Ok(value) => run.made(value, arguments.span),
        Err(_) => Ok(Value::Null),
    }
}

fn short(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let hex = arguments.text(0).split_once(':').map(|(_, hex)| hex);
    let is_hex = |hex: &&str| hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(hex.filter(is_hex).and_then(|hex| hex.get(..12)).into())
}

fn to_string(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let value = arguments.value(0);
    if value.as_text().is_some() {
        return Ok(value.clone());
    }
    run.check_size(value.written(), arguments.span)?;
    run.spend(value.written() / BYTES_PER_STEP, arguments.span)?;
    run.make_text(to_json(value, JsonStyle::Compact), arguments.span)
}
