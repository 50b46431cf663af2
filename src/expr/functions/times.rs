//! Times: texts in, compared as instants. There is one "now" per run.
//!
//! A text that is no time gives null, as what is absent does: strangers write labels. A duration comes from the author
//! of the query, so a wrong one is an error.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use super::{Accept, Arity, Function, Gives, Parameter, example, parameter};
use crate::expr::arguments::Arguments;
use crate::expr::context::EvalErrorKind;
use crate::expr::eval::{Outcome, Run};
use crate::fields::Type;
use crate::limits::TIME_FORMAT_BYTES;
use crate::safe::Safe;
use crate::value::Value;

const TIME_AND_AGE: &[Parameter] = &[
    parameter("time", &[Accept::Time]),
    parameter("age", &[Accept::Duration, Accept::Number]),
];
const TWO_TIMES: &[Parameter] = &[
    parameter("time", &[Accept::Time]),
    parameter("other", &[Accept::Time]),
];
const CREATED: &str = r#"{"created":"2026-01-01T00:00:00Z"}"#;

pub(super) static FUNCTIONS: [Function; 7] = [
    Function {
        name: "after",
        parameters: TWO_TIMES,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a time is later than another.",
        example: example("after(created, '2025-12-31')", CREATED, "true"),
        apply: after,
    },
    Function {
        name: "before",
        parameters: TWO_TIMES,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a time is earlier than another.",
        example: example("before(created, '2025-12-31')", CREATED, "false"),
        apply: before,
    },
    Function {
        name: "date",
        parameters: &[
            parameter("time", &[Accept::Time]),
            parameter("format", &[Accept::TimeFormat]),
        ],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Text),
        unit: Some("UTC"),
        documentation: "A time as a format writes it, as in strftime: `%Y` year, `%m` month, `%d` day, `%H:%M:%S`, `%G-W%V` week.",
        example: example("date(created, '%Y-%m')", CREATED, r#""2026-01""#),
        apply: date,
    },
    Function {
        name: "epoch",
        parameters: &[parameter("time", &[Accept::Time])],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Integer),
        unit: Some("whole seconds since 1970-01-01T00:00:00Z"),
        documentation: "A time as a number of seconds, for computing.",
        example: example("epoch(created)", CREATED, "1767225600"),
        apply: epoch,
    },
    Function {
        name: "newer_than",
        parameters: TIME_AND_AGE,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a time is at most so long ago: '30d', '2w', '6mo', '1y 2mo', '12h', or a number of days.",
        example: example("newer_than(created, '3mo')", CREATED, "true"),
        apply: newer_than,
    },
    Function {
        name: "now",
        parameters: &[],
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Time),
        unit: Some("UTC"),
        documentation: "The time of the run, the same for every row.",
        example: example("now()", "{}", r#""2026-02-27T08:15:30Z""#),
        apply: now,
    },
    Function {
        name: "older_than",
        parameters: TIME_AND_AGE,
        arity: Arity::Fixed,
        gives: Gives::Is(Type::Boolean),
        unit: None,
        documentation: "Whether a time is longer ago than '30d', '2w', '6mo', '1y 2mo', '12h', or a number of days.",
        example: example("older_than(created, `30`)", CREATED, "true"),
        apply: older_than,
    },
];

/// Reads a time: RFC 3339, with or without fractions, or a date alone, which is its midnight. Without an
/// offset it is UTC.
pub(in crate::expr) fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Reads a duration: `30d`, `2w`, `6mo`, `1y 2mo`, `12h`.
///
/// Errors: the reason in words, for what is no duration and for what lies in the future.
pub(in crate::expr) fn parse_duration(text: &str) -> Result<Span, String> {
    match text.parse::<Span>() {
        Ok(span) if span.is_negative() => {
            Err(format!("the duration `{}` is negative", Safe::new(text)))
        }
        Ok(span) => Ok(span),
        Err(_) => Err(format!("`{}` is not a duration", Safe::new(text))),
    }
}

/// Tells whether a text says how a time is written.
///
/// Errors: the reason in words, for what is too long and for a `%` that means nothing.
pub(in crate::expr) fn check_time_format(format: &str) -> Result<(), String> {
    written(Timestamp::UNIX_EPOCH, format).map(drop)
}

fn written(time: Timestamp, format: &str) -> Result<String, String> {
    if format.len() > TIME_FORMAT_BYTES {
        return Err(format!(
            "a time format is longer than {TIME_FORMAT_BYTES} bytes"
        ));
    }
    // With a zone, so that `%z` and `%Z` mean something.
    let time = time.to_zoned(TimeZone::UTC);
    strtime::format(format, &time)
        .map_err(|_| format!("`{}` is not a time format", Safe::new(format)))
}

fn date(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let format = arguments.text(1);
    run.spend(format.len(), arguments.span)?;
    // A wrong format is an error, whatever the time.
    let time = parse_time(arguments.text(0));
    let text = written(time.unwrap_or_default(), format)
        .map_err(|message| run.error(EvalErrorKind::Value, arguments.spans[1], message))?;
    match time {
        Some(_) => run.make_text(text, arguments.span),
        None => Ok(Value::Null),
    }
}

fn epoch(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let seconds =
        |time: Timestamp| Value::Int(time.as_nanosecond().div_euclid(NANOSECONDS_PER_SECOND));
    Ok(parse_time(arguments.text(0)).map_or(Value::Null, seconds))
}

const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

fn now(run: &mut Run<'_>, _: &Arguments<'_>) -> Outcome {
    let text = run.context.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    Ok(Value::from(text))
}

fn before(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(both(arguments).map(|(time, other)| time < other).into())
}

fn after(_: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    Ok(both(arguments).map(|(time, other)| time > other).into())
}

fn both(arguments: &Arguments<'_>) -> Option<(Timestamp, Timestamp)> {
    Some((
        parse_time(arguments.text(0))?,
        parse_time(arguments.text(1))?,
    ))
}

fn older_than(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let limit = limit(run, arguments)?;
    Ok(parse_time(arguments.text(0))
        .map(|time| time < limit)
        .into())
}

fn newer_than(run: &mut Run<'_>, arguments: &Arguments<'_>) -> Outcome {
    let limit = limit(run, arguments)?;
    Ok(parse_time(arguments.text(0))
        .map(|time| time >= limit)
        .into())
}

/// The instant that is as long ago as the second argument says; months and years by the calendar of UTC.
fn limit(run: &Run<'_>, arguments: &Arguments<'_>) -> Outcome<Timestamp> {
    let now = run.context.now;
    let limit = match arguments.value(1) {
        Value::Text(text) => parse_duration(text).and_then(|span| {
            let limit = now.to_zoned(TimeZone::UTC).checked_sub(span);
            limit.map(|limit| limit.timestamp()).map_err(|_| too_long())
        }),
        number => days_ago(now, number.as_float().unwrap_or_default()),
    };
    limit.map_err(|message| run.error(EvalErrorKind::Value, arguments.spans[1], message))
}

const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

fn days_ago(now: Timestamp, days: f64) -> Result<Timestamp, String> {
    if days < 0.0 {
        return Err(format!("the duration `{days}` is negative"));
    }
    // A float beyond the range of i64 becomes its end, which is too long for any time.
    let age = SignedDuration::from_millis((days * MILLISECONDS_PER_DAY) as i64);
    now.checked_sub(age).map_err(|_| too_long())
}

fn too_long() -> String {
    "the duration leads beyond the year -9999".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        parse_time(text).map(|time| time.to_string())
    }

    #[test]
    fn times_are_read_as_registries_write_them() {
        for (text, expected) in [
            ("2026-02-27T08:15:30Z", "2026-02-27T08:15:30Z"),
            (
                "2026-02-27T08:15:30.123456789Z",
                "2026-02-27T08:15:30.123456789Z",
            ),
            ("2026-02-27T08:15:30+02:00", "2026-02-27T06:15:30Z"),
            ("2026-02-27t08:15:30z", "2026-02-27T08:15:30Z"),
            ("2026-02-27", "2026-02-27T00:00:00Z"),
            ("2026-02-27T08:15:30", "2026-02-27T08:15:30Z"),
            ("2026-02-27 08:15", "2026-02-27T08:15:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_times() {
        for text in [
            "",
            "yesterday",
            "2026",
            "2026-02-30",
            "2026-13-01",
            "08:15:30",
            "1700000000",
            "latest",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn formats_are_those_of_strftime() {
        let time = parse_time("2026-02-27T08:05:30.5Z").unwrap();
        for (format, expected) in [
            ("%Y-%m-%d", "2026-02-27"),
            ("%F %T", "2026-02-27 08:05:30"),
            ("%G-W%V", "2026-W09"),
            ("%a %-d %b", "Fri 27 Feb"),
            ("%H:%M %Z%z", "08:05 UTC+0000"),
            ("%j%%", "058%"),
            ("%s", "1772179530"),
            ("", ""),
        ] {
            assert_eq!(written(time, format).as_deref(), Ok(expected), "{format}");
        }
        for format in ["%", "%!", "100%", "%Y %"] {
            assert!(check_time_format(format).is_err(), "{format}");
        }
    }

    #[test]
    fn g9_formats_are_bounded() {
        let wide = "%255Y".repeat(51);
        assert!(check_time_format(&wide).is_ok());
        assert!(written(Timestamp::MAX, &wide).unwrap().len() < 64 * TIME_FORMAT_BYTES);
        let long = "%Y".repeat(TIME_FORMAT_BYTES / 2);
        assert!(check_time_format(&long).is_ok());
        assert!(check_time_format(&format!("{long} ")).is_err());
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        for text in [
            "30d", "2w", "6mo", "1y 2mo", "12h", "1y2mo3d", "90 days", "0d", "36h 15m",
        ] {
            assert!(parse_duration(text).is_ok(), "{text}");
        }
        for text in [
            "", "30", "d", "30x", "soon", "-30d", "30d ago", "1.5y", "30 d 30",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
