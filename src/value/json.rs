//! JSON text to [`Value`] and back.
//!
//! Reading refuses what two readers could read in two ways: duplicate keys (threats E2), nesting
//! beyond 64 (E1), bytes after the end (C4), invalid UTF-8 and byte order marks (E3).

use std::cell::Cell;
use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use super::Value;
use crate::limits::JSON_DEPTH;
use crate::safe;

/// Why bytes are not a JSON document we accept. The text names line and column, and a duplicate key.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct JsonError {
    text: String,
    fault: String,
    line: usize,
    column: usize,
}

impl JsonError {
    /// What is wrong, without the place and without a word of the document: it may hold secrets.
    pub fn fault(&self) -> &str {
        &self.fault
    }

    /// The line at which reading stopped, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column at which reading stopped, in bytes from 1; 0 before the first.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let text = safe::escape(&error.to_string()).into_owned();
        let place = format!(" at line {} column {}", error.line(), error.column());
        let fault = match text.starts_with(DUPLICATE) {
            true => DUPLICATE,
            false => text.strip_suffix(&place).unwrap_or(&text),
        };
        Self {
            fault: fault.to_owned(),
            line: error.line(),
            column: error.column(),
            text,
        }
    }
}

/// How the one message begins that goes on with a word of the document.
const DUPLICATE: &str = "duplicate key";

/// Reads one JSON document.
///
/// Errors: anything that is not JSON (RFC 8259), duplicate keys, nesting beyond 64 levels, numbers
/// out of range, bytes after the document.
pub fn parse_json(bytes: &[u8]) -> Result<Value, JsonError> {
    let depth = Cell::new(0);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Seed { depth: &depth }
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(JsonError::from)
}

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonStyle {
    /// On one line.
    Compact,
    /// Indented by two spaces.
    Pretty,
}

/// Writes a value as JSON. Hidden characters (threats F-1, F-2) and U+2028/2029 come out as `\u`
/// escapes, so that the text shows what it holds and reads back to the same value.
pub fn write_json(out: &mut impl Write, value: &Value, style: JsonStyle) -> io::Result<()> {
    match style {
        JsonStyle::Compact => write_with(out, value, Escaping(CompactFormatter)),
        JsonStyle::Pretty => write_with(out, value, Escaping(PrettyFormatter::new())),
    }
}

/// Gives a value as JSON text; see [`write_json`].
pub fn to_json(value: &Value, style: JsonStyle) -> String {
    let mut out = Vec::new();
    write_json(&mut out, value, style).expect("writing to memory does not fail");
    String::from_utf8(out).expect("JSON is written as UTF-8")
}

fn write_with<F: Formatter>(out: &mut impl Write, value: &Value, format: F) -> io::Result<()> {
    let mut writer = serde_json::Serializer::with_formatter(out, format);
    value.serialize(&mut writer).map_err(io::Error::from)
}

struct Seed<'a> {
    depth: &'a Cell<usize>,
}

impl Seed<'_> {
    fn deeper<T, E: de::Error>(&self, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if self.depth.get() >= JSON_DEPTH {
            return Err(E::custom(format!("nested deeper than {JSON_DEPTH} levels")));
        }
        self.depth.set(self.depth.get() + 1);
        let result = read();
        self.depth.set(self.depth.get() - 1);
        result
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Int(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        self.deeper(|| {
            let mut items = Vec::new();
            while let Some(item) = elements.next_element_seed(Seed { depth: self.depth })? {
                items.push(item);
            }
            Ok(Value::list(items))
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        self.deeper(|| {
            let mut entries: IndexMap<Arc<str>, Value> = IndexMap::new();
            while let Some(key) = fields.next_key::<String>()? {
                let value = fields.next_value_seed(Seed { depth: self.depth })?;
                if entries.insert(Arc::from(key.as_str()), value).is_some() {
                    return Err(de::Error::custom(format!("{DUPLICATE} {key:?}")));
                }
            }
            Ok(Value::map(entries))
        })
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => out.serialize_unit(),
            Value::Bool(truth) => out.serialize_bool(*truth),
            Value::Int(number) => match u64::try_from(*number) {
                Ok(number) => out.serialize_u64(number),
                Err(_) => out.serialize_i64(*number as i64),
            },
            Value::Float(number) => match whole(*number) {
                Some(number) => out.serialize_i64(number),
                None => out.serialize_f64(*number),
            },
            Value::Text(text) => out.serialize_str(text),
            Value::List(list) => {
                let mut seq = out.serialize_seq(Some(list.items.len()))?;
                list.items
                    .iter()
                    .try_for_each(|item| seq.serialize_element(item))?;
                seq.end()
            }
            Value::Map(map) => {
                let mut entries = out.serialize_map(Some(map.entries.len()))?;
                map.entries
                    .iter()
                    .try_for_each(|(key, value)| entries.serialize_entry(key.as_ref(), value))?;
                entries.end()
            }
        }
    }
}

/// A whole float below 2^53 is written without `.0`: `sum` of three sizes is a size.
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0).then_some(number as i64)
}

/// A formatter that also escapes the characters of [`safe::is_hidden`].
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut rest = text;
        while let Some((at, hidden)) = rest.char_indices().find(|(_, c)| safe::is_hidden(*c)) {
            self.0.write_string_fragment(out, &rest[..at])?;
            for unit in hidden.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + hidden.len_utf8()..];
        }
        self.0.write_string_fragment(out, rest)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Vec<u8> {
        let mut text = vec![b'['; levels];
        text.extend(vec![b']'; levels]);
        text
    }

    #[test]
    fn e1_nesting_stops_at_64() {
        assert!(parse_json(&nested(JSON_DEPTH - 1)).is_ok());
        assert!(parse_json(&nested(JSON_DEPTH)).is_ok());
        let error = parse_json(&nested(JSON_DEPTH + 1)).unwrap_err().to_string();
        assert!(error.contains("deeper than 64"), "{error}");
        assert!(parse_json(&vec![b'['; 1_000_000]).is_err());
    }

    #[test]
    fn e2_duplicate_keys_are_refused_at_any_depth() {
        let error = parse_json(br#"{"a":[{"digest":1,"digest":2}]}"#).unwrap_err();
        assert!(
            error.to_string().contains("duplicate key \"digest\""),
            "{error}"
        );
        assert!(parse_json(br#"{"a":1,"\u0061":2}"#).is_err());
    }

    #[test]
    fn h4_a_fault_has_a_place_and_no_word_of_the_document() {
        for (text, fault, line, column) in [
            ("{\n \"a\": hunter2}", "expected value", 2, 7),
            ("{\"hunter2\":1,\n\"hunter2\":2}", "duplicate key", 2, 12),
            ("[\"hunter2", "EOF while parsing a string", 1, 9),
            ("[] hunter2", "trailing characters", 1, 4),
            ("", "EOF while parsing a value", 1, 0),
        ] {
            let error = parse_json(text.as_bytes()).unwrap_err();
            assert_eq!(error.fault(), fault);
            assert_eq!((error.line(), error.column()), (line, column), "{text}");
            let place = format!(" at line {line} column {column}");
            assert!(error.to_string().ends_with(&place), "{error}");
        }
        let deep = parse_json(&nested(JSON_DEPTH + 1)).unwrap_err();
        assert_eq!(deep.fault(), "nested deeper than 64 levels");
    }

    #[test]
    fn c4_a_document_cut_anywhere_is_refused() {
        let whole = br#"{"a":[1,"x",{"b":null}],"c":true}"#;
        assert!(parse_json(whole).is_ok());
        for end in 0..whole.len() {
            assert!(parse_json(&whole[..end]).is_err(), "cut at {end}");
        }
        assert!(parse_json(b"{} x").is_err());
    }

    #[test]
    fn e3_bytes_that_are_not_utf8_and_marks_are_refused() {
        assert!(parse_json(b"\"\xff\"").is_err());
        assert!(parse_json(b"\xef\xbb\xbf{}").is_err());
        assert!(parse_json(br#""\ud800""#).is_err());
    }

    #[test]
    fn e4_integers_survive_and_absurd_numbers_do_not() {
        let text = "[18446744073709551615,-9223372036854775808,9007199254740993,1.5]";
        let value = parse_json(text.as_bytes()).unwrap();
        assert_eq!(to_json(&value, JsonStyle::Compact), text);
        assert!(parse_json(b"1e400").is_err());
    }

    #[test]
    fn f1_hidden_characters_are_escaped_and_read_back() {
        let text = "a\u{1b}\u{9b}\u{202e}\u{2028}\u{e0041}é👍\"\\\n";
        let json = to_json(&Value::text(text), JsonStyle::Compact);
        assert!(!json.contains(safe::is_hidden), "{json}");
        assert_eq!(parse_json(json.as_bytes()).unwrap().as_text(), Some(text));
    }

    #[test]
    fn pretty_json_is_indented_by_two() {
        let value = parse_json(br#"{"a":[1],"b":{}}"#).unwrap();
        let text = to_json(&value, JsonStyle::Pretty);
        assert_eq!(text, "{\n  \"a\": [\n    1\n  ],\n  \"b\": {}\n}");
    }

    #[test]
    fn whole_floats_are_written_as_integers() {
        assert_eq!(to_json(&Value::Float(3.0), JsonStyle::Compact), "3");
        assert_eq!(to_json(&Value::Float(0.5), JsonStyle::Compact), "0.5");
    }
}
