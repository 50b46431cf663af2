//! How many requests a server still allows: `RateLimit` and its many relatives.
//!
//! | who | how |
//! |---|---|
//! | Docker Hub | `ratelimit-limit: 100;w=21600`, `ratelimit-remaining: 97;w=21600`, and for whom it counts |
//! | its API, GitHub | `X-RateLimit-Limit`, `-Remaining`, and `-Reset` as a time in seconds since 1970 |
//! | GitLab | the same without `X-` |
//! | IETF, older drafts | the same, and `-Reset` as a number of seconds |
//! | IETF, draft 7 | `RateLimit: limit=100, remaining=50, reset=5`, `RateLimit-Policy: 100;w=10` |
//! | IETF, later drafts | `RateLimit: "name";r=50;t=5`, `RateLimit-Policy: "name";q=100;w=10` |
//!
//! What cannot be read is not there: a limit is a courtesy, and no answer is worse for a bad one. Where several hold, the
//! one counts that has least left.

use std::str;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::retry_after;
use crate::limits::{HEADER_BYTES, HEADER_PARTS};
use crate::registry::error::outside;
use crate::safe::Safe;

/// How many requests a server still allows, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// How many it allows in a window.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// How long a window is.
    pub window: Option<Duration>,
    /// When the window ends, by the server's clock.
    pub resets_at: Option<Timestamp>,
    /// For whom it counts: an address, or an account in the server's own words.
    pub counted_for: Option<Safe>,
}

/// The names of one way to say it: limit, remaining, reset.
type Names = [&'static str; 3];

const WAYS: [Names; 3] = [
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
    [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    ],
    [
        "x-rate-limit-limit",
        "x-rate-limit-remaining",
        "x-rate-limit-reset",
    ],
];

/// From here on, a reset is a time and no number of seconds: as a number it would be thirty years.
const TIMES_BEGIN: u64 = 1_000_000_000;

/// Reads what an answer says; `header` gives one of its headers by its name in lower case. Nothing where it says nothing.
pub(in crate::registry) fn read<'a>(
    header: impl Fn(&'static str) -> Option<&'a [u8]>,
) -> Option<RateLimit> {
    let text = |name| {
        let value = header(name).filter(|value| value.len() <= HEADER_BYTES)?;
        str::from_utf8(value).ok()
    };
    let now = text("date").and_then(retry_after::date);
    let found = structured(text("ratelimit"), text("ratelimit-policy"), now)
        .or_else(|| WAYS.iter().find_map(|names| plain(names.map(text), now)))?;
    let counted_for = text("docker-ratelimit-source").map(str::trim);
    Some(RateLimit {
        counted_for: counted_for.filter(|source| !source.is_empty()).map(outside),
        ..found
    })
}

/// How long it takes until a limit that is used up allows something again; at most a window, where the server does not
/// say when that ends. Nothing where it is not used up.
pub(in crate::registry) fn wait<'a>(
    header: impl Fn(&'static str) -> Option<&'a [u8]>,
) -> Option<Duration> {
    let limit = read(&header).filter(|limit| limit.remaining == Some(0))?;
    let now = header("date").and_then(|date| retry_after::date(str::from_utf8(date).ok()?));
    let left = |until: Timestamp| {
        let left = until.duration_since(now?);
        Some(Duration::try_from(left).unwrap_or_default())
    };
    limit.resets_at.and_then(left).or(limit.window)
}

impl RateLimit {
    /// What is left, until when, and for whom it counts, in words: `97 of 100 in 6 h left, counted for 192.0.2.10`.
    pub fn in_words(&self) -> String {
        let mut words = match (self.left(), self.allowance()) {
            (Some(left), _) => format!("{left} left"),
            (None, allowance) => allowance.unwrap_or_default(),
        };
        if let Some(at) = self.resets_at {
            words.push_str(&format!(", until {at}"));
        }
        if let Some(whose) = &self.counted_for {
            words.push_str(&format!(", counted for {whose}"));
        }
        words
    }

    /// What it allows altogether, in words: `100 in 6 h`; nothing where it does not say.
    pub fn allowance(&self) -> Option<String> {
        let limit = self.limit?;
        Some(match self.window {
            Some(window) => format!("{limit} in {}", span(window)),
            None => limit.to_string(),
        })
    }

    /// What is left, in words: `97 of 100 in 6 h`; nothing where it does not say.
    fn left(&self) -> Option<String> {
        let remaining = self.remaining?;
        Some(match self.allowance() {
            Some(allowance) => format!("{remaining} of {allowance}"),
            None => remaining.to_string(),
        })
    }
}

/// A time as people say it: in the largest unit that it is a whole number of.
pub(in crate::registry) fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds > 0 && seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        seconds if seconds > 0 && seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

/// One header each for the limit, what is left, and the reset.
fn plain([limit, left, reset]: [Option<&str>; 3], now: Option<Timestamp>) -> Option<RateLimit> {
    let limits: Vec<Item<'_>> = limit.map(items).unwrap_or_default();
    let left: Vec<Item<'_>> = left.map(items).unwrap_or_default();
    let limit = limits.iter().find_map(|item| number(item.value));
    let remaining = left.iter().find_map(|item| number(item.value));
    if limit.is_none() && remaining.is_none() {
        return None;
    }
    // Old drafts put the policies behind the limit; the window is that of the policy that is the limit.
    let is_it = |item: &&Item<'_>| number(item.value) == limit && item.number("w").is_some();
    let policy = limits.iter().find(is_it).or(limits.first());
    let window = policy.or(left.first()).and_then(|item| item.number("w"));
    Some(RateLimit {
        limit,
        remaining,
        window: window.map(Duration::from_secs),
        resets_at: reset.and_then(number).and_then(|reset| at(reset, now)),
        counted_for: None,
    })
}

/// `RateLimit` and `RateLimit-Policy`, in the forms of the later drafts.
fn structured(
    limit: Option<&str>,
    policy: Option<&str>,
    now: Option<Timestamp>,
) -> Option<RateLimit> {
    let items = items(limit?);
    let policies: Vec<Item<'_>> = policy.map(self::items).unwrap_or_default();
    let seventh = |name: &str| {
        let members = items.iter().filter_map(|item| item.value.split_once('='));
        let mut named = members.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name));
        number(named.next()?.1)
    };
    if let Some(remaining) = seventh("remaining") {
        let window = policies.iter().find_map(|policy| policy.number("w"));
        return Some(RateLimit {
            limit: seventh("limit"),
            remaining: Some(remaining),
            window: window.map(Duration::from_secs),
            resets_at: seventh("reset").and_then(|reset| at(reset, now)),
            counted_for: None,
        });
    }
    let left = items
        .iter()
        .filter_map(|item| Some((item.number("r")?, item)));
    let (remaining, item) = left.min_by_key(|(left, _)| *left)?;
    let policy = policies.iter().find(|policy| policy.value == item.value);
    let of_policy = |name| policy.and_then(|policy| policy.number(name));
    Some(RateLimit {
        limit: of_policy("q"),
        remaining: Some(remaining),
        window: of_policy("w").map(Duration::from_secs),
        resets_at: item.number("t").and_then(|reset| at(reset, now)),
        counted_for: None,
    })
}

/// A reset as a time: it is one, or a number of seconds from the server's now.
fn at(reset: u64, now: Option<Timestamp>) -> Option<Timestamp> {
    let seconds = i64::try_from(reset).ok()?;
    match reset {
        TIMES_BEGIN.. => Timestamp::from_second(seconds).ok(),
        _ => now?.checked_add(SignedDuration::from_secs(seconds)).ok(),
    }
}

/// One item of a list, with its parameters.
struct Item<'a> {
    value: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl Item<'_> {
    fn number(&self, name: &str) -> Option<u64> {
        let mut named = self.parameters.iter();
        let found = named.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        number(found.1)
    }
}

/// The items of a list, as far as we look: `100;w=60, "b";q=1`.
fn items(text: &str) -> Vec<Item<'_>> {
    let item = |text| {
        let mut parts = outside_quotes(text, ';').into_iter();
        let value = parts.next().unwrap_or_default();
        let parameters = parts.filter_map(|part| part.split_once('='));
        Item {
            value,
            parameters: parameters
                .map(|(name, value)| (name.trim(), value.trim()))
                .collect(),
        }
    };
    outside_quotes(text, ',').into_iter().map(item).collect()
}

/// The parts of a text between separators that stand in no quotes.
fn outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = text.split(|c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    });
    parts.map(str::trim).take(HEADER_PARTS).collect()
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DATE: (&str, &str) = ("date", "Tue, 03 Mar 2026 00:00:00 GMT");

    fn found(headers: &[(&str, &str)]) -> Option<RateLimit> {
        read(|name| header(headers, name))
    }

    fn header<'a>(headers: &[(&str, &'a str)], name: &str) -> Option<&'a [u8]> {
        let found = headers.iter().find(|header| header.0 == name)?;
        Some(found.1.as_bytes())
    }

    /// Limit, remaining, window and reset in one line.
    fn told(headers: &[(&str, &str)]) -> String {
        let Some(limit) = found(headers) else {
            return "nothing".to_owned();
        };
        let shown = |number: Option<u64>| number.map_or("-".to_owned(), |it| it.to_string());
        let resets = limit.resets_at.map_or("-".to_owned(), |at| at.to_string());
        let window = shown(limit.window.map(|window| window.as_secs()));
        let (limit, left) = (shown(limit.limit), shown(limit.remaining));
        format!("{limit} {left} {window} {resets}")
    }

    #[test]
    fn every_way_to_say_it_is_read() {
        for (headers, expected) in [
            // Docker Hub.
            (
                &[
                    ("ratelimit-limit", "100;w=21600"),
                    ("ratelimit-remaining", "97;w=21600"),
                ] as &[_],
                "100 97 21600 -",
            ),
            // Its API, and GitHub's.
            (
                &[
                    ("x-ratelimit-limit", "180"),
                    ("x-ratelimit-remaining", "179"),
                    ("x-ratelimit-reset", "1772496060"),
                ],
                "180 179 - 2026-03-03T00:01:00Z",
            ),
            // GitLab.
            (
                &[
                    ("ratelimit-limit", "2000"),
                    ("ratelimit-observed", "4"),
                    ("ratelimit-remaining", "1996"),
                    ("ratelimit-reset", "1772496060"),
                ],
                "2000 1996 - 2026-03-03T00:01:00Z",
            ),
            // IETF, draft 3.
            (
                &[
                    ("ratelimit-limit", "10, 10;w=1, 50;w=60;comment=\"a, b\""),
                    ("ratelimit-remaining", "9"),
                    ("ratelimit-reset", "50"),
                    DATE,
                ],
                "10 9 1 2026-03-03T00:00:50Z",
            ),
            // IETF, draft 7.
            (
                &[
                    ("ratelimit", "limit=100, remaining=50, reset=5"),
                    ("ratelimit-policy", "100;w=10"),
                    DATE,
                ],
                "100 50 10 2026-03-03T00:00:05Z",
            ),
            // IETF, draft 10: of several the one with least left.
            (
                &[
                    ("ratelimit", "\"burst\";r=80;t=5, \"a,;day\";r=3;t=3600"),
                    (
                        "ratelimit-policy",
                        "\"burst\";q=100;w=10,\"a,;day\";q=1000;w=86400",
                    ),
                    DATE,
                ],
                "1000 3 86400 2026-03-03T01:00:00Z",
            ),
            (&[("ratelimit", "\"default\";r=50")], "- 50 - -"),
            (&[("x-rate-limit-remaining", " 7 ")], "- 7 - -"),
            (&[("ratelimit-limit", "100")], "100 - - -"),
        ] {
            assert_eq!(told(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn what_says_nothing_is_nothing_and_no_error() {
        for value in [
            "",
            " ",
            "-1",
            "+1",
            "1.5",
            "many",
            ";w=60",
            ",",
            "99999999999999999999999",
            "\u{663}",
        ] {
            let headers = [("ratelimit-limit", value), ("ratelimit-remaining", value)];
            assert_eq!(told(&headers), "nothing", "{value}");
            assert_eq!(told(&[("ratelimit", value)]), "nothing", "{value}");
        }
        assert_eq!(told(&[]), "nothing");
        assert_eq!(told(&[("ratelimit-reset", "5"), DATE]), "nothing");
        let long = format!("1{}", " ".repeat(HEADER_BYTES));
        assert_eq!(told(&[("ratelimit-remaining", long.as_str())]), "nothing");
    }

    #[test]
    fn a_reset_that_cannot_be_a_time_is_none() {
        for reset in ["18446744073709551615", "9999999999999", "soon", "-1"] {
            let headers = [
                ("ratelimit-remaining", "1"),
                ("ratelimit-reset", reset),
                DATE,
            ];
            assert_eq!(told(&headers), "- 1 - -", "{reset}");
        }
        // A number of seconds needs the server's own clock.
        let headers = [("ratelimit-remaining", "1"), ("ratelimit-reset", "50")];
        assert_eq!(told(&headers), "- 1 - -");
    }

    #[test]
    fn m1_a_limit_that_is_used_up_says_how_long_to_wait() {
        let waited = |headers: &[(&str, &str)]| {
            wait(|name| header(headers, name)).map(|wait| wait.as_secs())
        };
        let used_up = ("x-ratelimit-remaining", "0");
        assert_eq!(
            waited(&[used_up, ("x-ratelimit-reset", "1772496060"), DATE]),
            Some(60)
        );
        // A time that is past is no wait at all.
        assert_eq!(
            waited(&[used_up, ("x-ratelimit-reset", "1772490000"), DATE]),
            Some(0)
        );
        assert_eq!(waited(&[("ratelimit-remaining", "0;w=21600")]), Some(21600));
        assert_eq!(
            waited(&[used_up, ("x-ratelimit-reset", "1772496060")]),
            None
        );
        assert_eq!(waited(&[("ratelimit-remaining", "1;w=21600")]), None);
    }

    #[test]
    fn it_is_told_for_whom_it_counts_and_in_words() {
        let headers = [
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "97;w=21600"),
            ("docker-ratelimit-source", "192.0.2.10\u{1b}"),
        ];
        let limit = found(&headers).unwrap();
        let words = "97 of 100 in 6 h left, counted for 192.0.2.10\\x1b";
        assert_eq!(limit.in_words(), words);
        assert_eq!(limit.counted_for, Some(Safe::new("192.0.2.10\u{1b}")));
        let bare = RateLimit {
            remaining: Some(7),
            ..RateLimit::default()
        };
        assert_eq!(
            (bare.in_words().as_str(), bare.allowance()),
            ("7 left", None)
        );
        for (seconds, shown) in [(21600, "6 h"), (60, "1 min"), (90, "90 s"), (0, "0 s")] {
            assert_eq!(span(Duration::from_secs(seconds)), shown);
        }
    }

    proptest! {
        #[test]
        fn a5_whatever_stands_there_is_read_without_harm(text in "[ -~]{0,60}", policy in "[ -~]{0,60}") {
            let headers = [
                ("ratelimit", text.as_str()),
                ("ratelimit-limit", policy.as_str()),
                ("ratelimit-remaining", text.as_str()),
                ("ratelimit-policy", policy.as_str()),
                ("ratelimit-reset", text.as_str()),
                DATE,
            ];
            let _ = found(&headers);
        }
    }
}
