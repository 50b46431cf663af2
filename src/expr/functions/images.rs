//! What is asked of images.

use std::sync::Arc;

use super::{Accept, Arity, Function, Gives, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::expr::patterns::Grammar;
use crate::fields::Type;
use crate::oci::{Platform, PlatformError};
use crate::pattern::is_wild;
use crate::value::Value;

pub(super) static FUNCTIONS: [Function; 2] = [
    Function {
        name: "platform_matches",
        parameters: &[
            parameter("platform", &[Accept::Text]),
            parameter("pattern", &[Accept::Platform]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a platform is the one that is meant: without a variant any is, `x86_64` is `amd64`, `linux/arm64` is `linux/arm64/v8`; with wildcards as in `linux/*`.",
        example: example(
            "platforms[?platform_matches(@, 'linux/arm64')]",
            r#"{"platforms":["linux/amd64","linux/arm64/v8","linux/arm/v7"]}"#,
            r#"["linux/arm64/v8"]"#,
        ),
        apply: platform_matches,
    },
    Function {
        name: "starts_with_layers",
        parameters: &[
            parameter("layers", &[Accept::List]),
            parameter("base", &[Accept::List]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether the layers of an image begin with those of another, by digest: whether it is built on it.",
        example: example(
            "starts_with_layers(layers, with.base.layers)",
            r#"{"layers":[{"digest":"sha256:a"},{"digest":"sha256:b"}],"with":{"base":{"layers":[{"digest":"sha256:a"}]}}}"#,
            "true",
        ),
        apply: starts_with_layers,
    },
];

/// Reads a platform that is written without wildcards; none for a pattern, which is checked as such.
pub(in crate::expr) fn check_platform(text: &str) -> Option<Result<(), PlatformError>> {
    (!is_wild(text)).then(|| text.parse::<Platform>().map(drop))
}

fn platform_matches(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let Value::Text(wanted) = arguments.value(1) else {
        return Ok(Value::Null);
    };
    // What is wrong in the pattern is an error, whatever the platform.
    let platform = arguments.text(0).parse::<Platform>().ok();
    let matches = match is_wild(wanted) {
        true => any_spelling(run, platform.as_ref(), wanted, arguments)?,
        false => {
            let wanted = wanted.parse::<Platform>().map_err(|error| {
                run.error(EvalErrorKind::Value, arguments.spans[1], error.to_string())
            })?;
            platform.is_some_and(|platform| platform.satisfies(&wanted))
        }
    };
    Ok(Value::Bool(matches))
}

/// A pattern may leave the variant out or name the one that everybody means.
fn any_spelling(
    run: &mut Run<'_>,
    platform: Option<&Platform>,
    wanted: &Arc<str>,
    arguments: &Arguments<'_>,
) -> Outcome<bool> {
    let glob = run.pattern(Grammar::Glob, wanted, arguments.spans[1])?;
    for spelling in platform.into_iter().flat_map(Platform::spellings) {
        run.pay_search(&glob, &spelling, arguments.span)?;
        if glob.matches(&spelling) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn starts_with_layers(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (layers, base) = (arguments.list(0), arguments.list(1));
    run.spend(base.len(), arguments.span)?;
    for (at, wanted) in base.iter().enumerate() {
        let (Some(wanted), found) = (digest(wanted), layers.get(at)) else {
            return Ok(Value::Null);
        };
        let Some(found) = found else {
            return Ok(Value::Bool(false));
        };
        match digest(found) {
            None => return Ok(Value::Null),
            Some(found) if found != wanted => return Ok(Value::Bool(false)),
            Some(_) => {}
        }
    }
    Ok(Value::Bool(true))
}

/// The digest that a layer is known by: its own text, as in `diff_ids`, or its member.
fn digest(layer: &Value) -> Option<&str> {
    layer.as_text().or_else(|| layer.get("digest")?.as_text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::testing::lenient;

    #[test]
    fn platforms_match_as_containerd_has_it() {
        for (platform, pattern, expected) in [
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/amd64", "linux/x86_64", true),
            ("linux/arm/v6", "linux/arm/v7", false),
            ("linux/arm", "linux/arm/v7", true),
            ("linux/arm64/v8", "linux/*", true),
            ("linux/arm64", "*/arm64", true),
            ("linux/arm64", "linux/arm64/*", true),
            ("linux/arm/v7", "linux/arm/v[67]", true),
            ("windows/amd64", "{linux,freebsd}/*", false),
            ("linux/amd64", "{linux/amd64,linux/arm64}", true),
            ("linux/s390x", "**", true),
            ("linux", "*", false),
            ("", "linux/*", false),
        ] {
            let text = format!("platform_matches('{platform}', '{pattern}')");
            assert_eq!(lenient(&text, "{}"), Ok(expected.to_string()), "{text}");
        }
        assert_eq!(
            lenient("platform_matches(absent, 'linux/*')", "{}").as_deref(),
            Ok("null")
        );
        for text in [
            "platform_matches('linux/amd64', 'arm64')",
            "platform_matches('x', 'linux/[a')",
        ] {
            let error = lenient(text, "{}").unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Value, "{text}");
        }
    }

    #[test]
    fn a_base_is_where_the_layers_begin() {
        let row = r#"{"l":[{"digest":"a","size":1},{"digest":"b"},{"digest":"b"}],"d":["a","b"],"x":[{"size":1}]}"#;
        for (text, expected) in [
            ("starts_with_layers(l, l)", "true"),
            ("starts_with_layers(l, l[:2])", "true"),
            ("starts_with_layers(l[:2], l)", "false"),
            ("starts_with_layers(l, l[1:])", "false"),
            ("starts_with_layers(l, d)", "true"),
            ("starts_with_layers(d, l[:1])", "true"),
            ("starts_with_layers(l, `[]`)", "true"),
            ("starts_with_layers(l, x)", "null"),
            ("starts_with_layers(x, d)", "null"),
            ("starts_with_layers(l, absent)", "null"),
        ] {
            assert_eq!(lenient(text, row).as_deref(), Ok(expected), "{text}");
        }
    }
}
