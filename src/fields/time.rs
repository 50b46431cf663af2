//! Times as rows carry them: `YYYY-MM-DDTHH:MM:SSZ`, so that the order of texts is the order of times.

use jiff::Timestamp;

use crate::value::Value;

/// Reads a time of a document. Year 1 is how Docker writes "not set" and gives null; what is no
/// RFC 3339 time stays as it is, so that nothing is lost (threats E6).
pub(super) fn shown(text: Option<&Value>) -> Value {
    let Some(text) = text.and_then(Value::as_text) else {
        return Value::Null;
    };
    match text.parse::<Timestamp>() {
        Ok(time) => normal(time).map_or(Value::text(text), Value::from),
        Err(_) => Value::text(text),
    }
}

fn normal(time: Timestamp) -> Option<Option<String>> {
    let shown = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    match shown.len() {
        20 if shown.starts_with("0001-") => Some(None),
        20 => Some(Some(shown)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_twenty_characters() {
        for (text, expected) in [
            ("2026-02-27T08:15:30.123456789Z", "2026-02-27T08:15:30Z"),
            ("2026-02-27T10:15:30+02:00", "2026-02-27T08:15:30Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2015-03-01T12:00:00.5Z", "2015-03-01T12:00:00Z"),
        ] {
            assert_eq!(shown(Some(&text.into())), expected.into(), "{text}");
        }
    }

    #[test]
    fn e6_what_is_not_set_is_null_and_what_is_no_time_stays() {
        assert!(shown(Some(&"0001-01-01T00:00:00Z".into())).is_null());
        assert!(shown(None).is_null());
        assert!(shown(Some(&Value::Null)).is_null());
        assert_eq!(shown(Some(&"yesterday".into())), "yesterday".into());
        assert_eq!(shown(Some(&"".into())), "".into());
    }
}
