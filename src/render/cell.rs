//! Values as people read them: units, ages, short digests.
//!
//! Only here are numbers made pretty. A format that does not suit a value leaves it plain: what a query
//! delivers is never hidden by how it is shown. The clock is handed in.

mod duration;

use jiff::{SignedDuration, Timestamp};

use crate::fields::CellFormat;
use crate::limits::CELL_BYTES;
use crate::safe::{Safe, escape};
use crate::units;
use crate::value::{JsonStyle, Value, to_json};

/// How long something takes, as ages are written: `90s`, `5m30s`.
pub fn lasting(time: std::time::Duration) -> String {
    duration::human(SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX))
}

/// Shows a value, with ages counted to `now`; none where there is nothing to see: null, or text that is blank.
///
/// Null stays nothing in every format: it may stand for what could not be found out, and `no` or `0` would
/// be a claim. Text beyond [`CELL_BYTES`] is cut, with a mark.
pub fn show(value: &Value, format: CellFormat, now: Timestamp) -> Option<Safe> {
    if value.is_null() {
        return None;
    }
    let text = formatted(value, format, now).unwrap_or_else(|| plain(value));
    visible(&text)
}

/// Makes a text fit for a cell: every character visible, cut at [`CELL_BYTES`]; none if it is blank.
pub fn visible(text: &str) -> Option<Safe> {
    // Escaping never shortens, so what is beyond the bound need not be escaped first.
    let head = prefix(text, CELL_BYTES);
    let shown = escape(head);
    let cut = prefix(&shown, CELL_BYTES);
    if head.len() < text.len() || cut.len() < shown.len() {
        return Some(Safe::new(&format!("{cut}…")));
    }
    let is_blank = cut.trim().is_empty();
    (!is_blank).then(|| Safe::new(cut))
}

/// The longest start of `text` that has at most `bytes` bytes and ends between characters.
fn prefix(text: &str, bytes: usize) -> &str {
    let ends = text.char_indices().map(|(at, c)| (at, at + c.len_utf8()));
    let beyond = ends
        .skip_while(|(_, end)| *end <= bytes)
        .map(|(at, _)| at)
        .next();
    &text[..beyond.unwrap_or(text.len())]
}

/// The value in that format; none if it is of another kind.
fn formatted(value: &Value, format: CellFormat, now: Timestamp) -> Option<String> {
    match format {
        CellFormat::Plain => None,
        CellFormat::Bytes => bytes(value.as_float()?),
        CellFormat::Age => Some(duration::human(now.duration_since(time(value)?))),
        CellFormat::Date => Some(time(value)?.strftime("%Y-%m-%d").to_string()),
        CellFormat::DateTime => Some(time(value)?.strftime("%Y-%m-%d %H:%M:%S").to_string()),
        CellFormat::Digest => short_digest(value.as_text()?),
        CellFormat::Count => count(value),
        CellFormat::Percent => Some(percent(value.as_float()?)),
        CellFormat::List => list(value),
        CellFormat::Json => Some(to_json(value, JsonStyle::Compact)),
        CellFormat::Bool => Some(if value.is_true() { "yes" } else { "no" }.to_owned()),
    }
}

/// The value without a format: text bare, lists joined by commas, maps of single values such as labels as
/// `key=value`, all else as JSON.
fn plain(value: &Value) -> String {
    let is_single = |value: &Value| !matches!(value, Value::List(_) | Value::Map(_));
    let is_flat = value
        .as_map()
        .is_some_and(|map| map.values().all(is_single));
    match value {
        Value::List(_) => list(value).unwrap_or_default(),
        Value::Map(_) if is_flat => list(value).unwrap_or_default(),
        other => element(other),
    }
}

fn element(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => to_json(other, JsonStyle::Compact),
    }
}

/// `a,b` of a list, `k=v,k=v` of a map.
fn list(value: &Value) -> Option<String> {
    let parts: Vec<String> = match value.as_list() {
        Some(items) => items.iter().map(element).collect(),
        None => value
            .as_map()?
            .iter()
            .map(|(key, value)| format!("{key}={}", element(value)))
            .collect(),
    };
    Some(parts.join(","))
}

/// The time that a value is; none if it is none.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_text()?.parse().ok()
}

/// The first twelve digits, as docker shows image IDs. Those of Docker's first format name no algorithm.
pub(super) fn short_digest(text: &str) -> Option<String> {
    let (hex, least) = match text.split_once(':') {
        Some(("", _)) => return None,
        Some((_, hex)) => (hex, 32),
        None => (text, 64),
    };
    let is_digest = hex.len() >= least && hex.bytes().all(|b| b.is_ascii_hexdigit());
    is_digest.then(|| hex[..12].to_owned())
}

/// Bytes as docker shows them; there is no negative number of them.
fn bytes(number: f64) -> Option<String> {
    (number >= 0.0).then(|| units::bytes(number))
}

/// A number with a comma before every third digit from the right.
fn count(value: &Value) -> Option<String> {
    value.as_float()?;
    let number = to_json(value, JsonStyle::Compact);
    let start = number.find(|c: char| c.is_ascii_digit())?;
    let whole = number[start..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let (sign, rest) = number.split_at(start);
    let (digits, fraction) = rest.split_at(whole);
    if fraction.contains('e') {
        return None;
    }
    let mut grouped = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    Some(grouped + fraction)
}

/// A ratio as a percentage. `0%` and `100%` are said only of none and of all.
fn percent(ratio: f64) -> String {
    let rounded = (ratio * 100.0).round();
    if rounded == 0.0 && ratio > 0.0 {
        return "<1%".to_owned();
    }
    if rounded == 100.0 && ratio < 1.0 {
        return ">99%".to_owned();
    }
    // Adding zero turns -0 into 0.
    format!("{}%", rounded + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safe::is_hidden;
    use crate::value::parse_json;

    fn shown(json: &str, format: CellFormat) -> String {
        let value = parse_json(json.as_bytes()).unwrap();
        let now = "2026-03-01T00:00:00Z".parse().unwrap();
        show(&value, format, now).map_or("-".to_owned(), |safe| safe.to_string())
    }

    #[test]
    fn every_format_shows_what_it_is_for() {
        let digest = format!("\"sha256:{}\"", "0123456789abcdef".repeat(4));
        for (format, json, expected) in [
            (CellFormat::Plain, "\"team/app\"", "team/app"),
            (CellFormat::Plain, "[\"a\",1,[2],null]", "a,1,[2],null"),
            (CellFormat::Plain, "{\"a\":[1]}", "{\"a\":[1]}"),
            (CellFormat::Plain, "1234567", "1234567"),
            (CellFormat::Age, "\"2026-02-26T22:00:00Z\"", "2d2h"),
            (CellFormat::Age, "\"2026-04-01T00:00:00Z\"", "<invalid>"),
            (CellFormat::Date, "\"2026-02-27T08:15:30Z\"", "2026-02-27"),
            (
                CellFormat::Date,
                "\"2026-02-27T23:15:30-05:00\"",
                "2026-02-28",
            ),
            (
                CellFormat::DateTime,
                "\"2026-02-27T08:15:30Z\"",
                "2026-02-27 08:15:30",
            ),
            (CellFormat::Digest, &digest, "0123456789ab"),
            (
                CellFormat::Digest,
                &digest.replace("sha256:", ""),
                "0123456789ab",
            ),
            (
                CellFormat::Digest,
                "\"0123456789abcdef0123456789abcdef\"",
                "0123456789abcdef0123456789abcdef",
            ),
            (CellFormat::List, "[\"a\",\"b\"]", "a,b"),
            (CellFormat::List, "{\"k\":\"v\",\"n\":1}", "k=v,n=1"),
            (CellFormat::Json, "\"x\"", "\"x\""),
            (CellFormat::Json, "{\"a\": [1]}", "{\"a\":[1]}"),
        ] {
            assert_eq!(shown(json, format), expected, "{format:?} {json}");
        }
    }

    #[test]
    fn labels_are_shown_as_kubectl_shows_them() {
        for (json, expected) in [
            (r#"{"a":"1","b":"2"}"#, "a=1,b=2"),
            (r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        ] {
            assert_eq!(shown(json, CellFormat::Plain), expected, "{json}");
        }
        assert!(show(&Value::map([]), CellFormat::Plain, Timestamp::UNIX_EPOCH).is_none());
    }

    #[test]
    fn bytes_are_those_of_docker() {
        for (json, expected) in [
            ("29100000", "29.1MB"),
            ("18446744073709551615", "18.4EB"),
            ("-5", "-5"),
        ] {
            assert_eq!(shown(json, CellFormat::Bytes), expected, "{json}");
        }
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        for (json, expected) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1,000"),
            ("-1234567", "-1,234,567"),
            ("-123", "-123"),
            ("18446744073709551615", "18,446,744,073,709,551,615"),
            ("1234.5", "1,234.5"),
            ("3.0", "3"),
            ("1e300", "1e+300"),
        ] {
            assert_eq!(shown(json, CellFormat::Count), expected, "{json}");
        }
    }

    #[test]
    fn percentages_do_not_round_to_all_or_nothing() {
        for (json, expected) in [
            ("0", "0%"),
            ("0.42", "42%"),
            ("0.001", "<1%"),
            ("0.999", ">99%"),
            ("1", "100%"),
            ("1.5", "150%"),
            ("-0.001", "0%"),
        ] {
            assert_eq!(shown(json, CellFormat::Percent), expected, "{json}");
        }
    }

    #[test]
    fn truth_is_that_of_jmespath() {
        for (json, expected) in [
            ("true", "yes"),
            ("0", "yes"),
            ("\"no\"", "yes"),
            ("[0]", "yes"),
            ("false", "no"),
            ("\"\"", "no"),
            ("[]", "no"),
            ("{}", "no"),
        ] {
            assert_eq!(shown(json, CellFormat::Bool), expected, "{json}");
        }
    }

    #[test]
    fn null_and_blank_text_show_nothing() {
        let formats = CellFormat::NAMED.map(|(_, format)| format);
        for format in formats.into_iter().chain([CellFormat::Plain]) {
            assert_eq!(shown("null", format), "-", "{format:?}");
        }
        for json in ["\"\"", "\"  \"", "\"\u{3000}\"", "[]"] {
            assert_eq!(shown(json, CellFormat::Plain), "-", "{json}");
        }
        assert_eq!(shown("\"\\n\"", CellFormat::Plain), "\\n");
    }

    #[test]
    fn a_value_that_does_not_suit_its_format_is_plain() {
        let values = [
            "true",
            "\"text\"",
            "[1,\"a\"]",
            "{\"a\":1}",
            "-7",
            "\"sha256:xyz\"",
            "1.5",
        ];
        let formats = [
            CellFormat::Bytes,
            CellFormat::Age,
            CellFormat::Date,
            CellFormat::DateTime,
            CellFormat::Digest,
            CellFormat::Count,
            CellFormat::Percent,
            CellFormat::List,
        ];
        for format in formats {
            let suits = |json: &str| match format {
                CellFormat::List => json.starts_with(['[', '{']),
                CellFormat::Bytes => json == "1.5",
                CellFormat::Count | CellFormat::Percent => json.parse::<f64>().is_ok(),
                _ => false,
            };
            for json in values.into_iter().filter(|json| !suits(json)) {
                assert_eq!(
                    shown(json, format),
                    shown(json, CellFormat::Plain),
                    "{format:?} {json}"
                );
            }
        }
    }

    #[test]
    fn f3_a_cell_of_a_megabyte_is_cut_with_a_mark() {
        for piece in ["a", "日", "e\u{301}", "\u{1b}"] {
            let text = piece.repeat(1_000_000 / piece.len());
            let cell = visible(&text).unwrap();
            let body = cell.as_str().strip_suffix('…').unwrap();
            assert!(
                body.len() <= CELL_BYTES && body.len() > CELL_BYTES - 4,
                "{}",
                body.len()
            );
            assert!(!cell.as_str().contains(is_hidden));
        }
        assert_eq!(
            visible(&"a".repeat(CELL_BYTES)).unwrap().as_str().len(),
            CELL_BYTES
        );
    }
}
