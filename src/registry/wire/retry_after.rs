//! `Retry-After`: how long a server asks us to wait (RFC 9110 §10.2.3; threats M1).
//!
//! A date is measured against the answer's own `Date`: the two clocks that are compared are then one, and none is ours.
//! How long a wait is obeyed is for whoever waits.

use std::str;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// The obsolete forms of a date that a client must still read: RFC 850's and that of C's `asctime`.
const OBSOLETE: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// Reads how long to wait; `header` gives an answer's header by its name in lower case.
///
/// A time that is past is no wait at all; an absurd one stays absurd. Nothing where the server does not say, or says it in
/// no form there is, or by a date without saying what time it is now.
pub(in crate::registry) fn wait<'a>(
    header: impl Fn(&'static str) -> Option<&'a [u8]>,
) -> Option<Duration> {
    let text = |name| str::from_utf8(header(name)?).ok().map(str::trim);
    let now = || date(text("date")?);
    let until = |then: Timestamp| Some(then.duration_since(now()?));
    let asked = |value: &str| match seconds(value) {
        Some(seconds) => Some(seconds),
        None => Some(not_negative(until(date(value)?)?)),
    };
    // Docker Hub gives a time in seconds since 1970 where everybody else gives a number of seconds.
    let asked_of_hub = |value: &str| {
        let then = i64::try_from(seconds(value)?.as_secs()).ok()?;
        Some(not_negative(until(Timestamp::from_second(then).ok()?)?))
    };
    text("retry-after")
        .and_then(asked)
        .or_else(|| text("x-retry-after").and_then(asked_of_hub))
}

/// When a wait is over, by the server's own clock; nothing where it does not say what time it is, or no calendar has it.
pub(in crate::registry) fn end<'a>(
    header: impl Fn(&'static str) -> Option<&'a [u8]>,
    wait: Duration,
) -> Option<Timestamp> {
    let now = date(str::from_utf8(header("date")?).ok()?)?;
    now.checked_add(wait).ok()
}

fn not_negative(span: jiff::SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}

/// A number of seconds; one that no integer holds is as long as can be.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

/// Reads a date in any of the forms that HTTP has.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    // A wrong name of the day does not make a date another one.
    let current = DateTimeParser::new().relaxed_weekday(true);
    current.parse_timestamp(text).ok().or_else(|| {
        let obsolete = |form: &&str| obsolete(form, text);
        OBSOLETE.iter().find_map(obsolete)
    })
}

fn obsolete(form: &str, text: &str) -> Option<Timestamp> {
    let local: DateTime = strtime::parse(form, text).ok()?.to_datetime().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const HUB: &str = "784111777";

    fn waited(headers: &[(&str, &str)]) -> Option<u64> {
        let header = |name: &str| {
            let found = headers.iter().find(|header| header.0 == name)?;
            Some(found.1.as_bytes())
        };
        wait(header).map(|wait| wait.as_secs())
    }

    #[test]
    fn m1_seconds_are_taken_as_they_are() {
        for (value, seconds) in [
            ("0", 0),
            ("2", 2),
            (" 120 ", 120),
            ("007", 7),
            ("31536000000", 31_536_000_000),
            ("18446744073709551615", u64::MAX),
            ("99999999999999999999999", u64::MAX),
        ] {
            assert_eq!(waited(&[("retry-after", value)]), Some(seconds), "{value}");
        }
    }

    #[test]
    fn m1_a_date_is_measured_against_the_servers_own_in_all_three_forms() {
        for then in [
            "Sun, 06 Nov 1994 08:50:37 GMT",
            "Sunday, 06-Nov-94 08:50:37 GMT",
            "Sun Nov  6 08:50:37 1994",
            "Mon, 06 Nov 1994 08:50:37 GMT",
            "Sun, 06 Nov 1994 09:50:37 +0100",
        ] {
            for now in [
                NOW,
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
            ] {
                assert_eq!(
                    waited(&[("retry-after", then), ("date", now)]),
                    Some(60),
                    "{then} {now}"
                );
            }
        }
    }

    #[test]
    fn m1_a_date_that_is_past_is_no_wait_and_an_absurd_one_stays() {
        let of = |then: &str| waited(&[("retry-after", then), ("date", NOW)]);
        assert_eq!(of(NOW), Some(0));
        assert_eq!(of("Sun, 06 Nov 1994 08:49:36 GMT"), Some(0));
        assert_eq!(of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert!(
            of("Fri, 01 Jan 9999 00:00:00 GMT").is_some_and(|seconds| seconds > 200_000_000_000)
        );
    }

    #[test]
    fn m1_a_date_without_the_servers_own_says_nothing() {
        assert_eq!(waited(&[("retry-after", NOW)]), None);
        assert_eq!(waited(&[("retry-after", NOW), ("date", "today")]), None);
        assert_eq!(waited(&[("x-retry-after", HUB)]), None);
    }

    #[test]
    fn m1_what_is_no_wait_is_none() {
        for value in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "soon",
            "0x10",
            "Sun, 06 Nov",
            "\u{663}",
            "1994-11-06T08:50:37Z",
        ] {
            assert_eq!(
                waited(&[("retry-after", value), ("date", NOW)]),
                None,
                "{value}"
            );
        }
        assert_eq!(waited(&[("date", NOW)]), None);
        assert_eq!(
            wait(|name| (name == "retry-after").then_some(&b"\xff"[..])),
            None
        );
    }

    #[test]
    fn m1_hubs_own_header_is_a_time_not_a_number_of_seconds() {
        for (value, seconds) in [
            (HUB, Some(0)),
            ("784111837", Some(60)),
            ("784111776", Some(0)),
            ("0", Some(0)),
            ("99999999999999999999999", None),
            ("9999999999999", None),
            ("soon", None),
        ] {
            assert_eq!(
                waited(&[("x-retry-after", value), ("date", NOW)]),
                seconds,
                "{value}"
            );
        }
        let both = [("retry-after", "5"), ("x-retry-after", HUB), ("date", NOW)];
        assert_eq!(waited(&both), Some(5));
        let only_one_readable = [
            ("retry-after", "soon"),
            ("x-retry-after", "784111837"),
            ("date", NOW),
        ];
        assert_eq!(waited(&only_one_readable), Some(60));
    }
}
