//! JSON as we hold it: a value that is cheap to share, keeps keys in the order written, and keeps
//! integers exact.
//!
//! Documents of registries, rows and results of expressions are all [`Value`]s. A list or map knows
//! how long it would be written out, because results of expressions share structure and 250 bytes of
//! source can stand for a gigabyte of text (threats G8). No I/O, no meaning: this room does not know
//! what a manifest is.

mod compare;
mod identity;
mod json;

use std::sync::Arc;

use indexmap::IndexMap;

pub use compare::{equal, order};
pub use identity::identity;
pub use json::{JsonError, JsonStyle, parse_json, to_json, write_json};

/// A JSON value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`: looked, and it is not there.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number from -2^63 to 2^64-1, exact.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Arc<str>),
    /// A list.
    List(Arc<List>),
    /// A map in written order.
    Map(Arc<Map>),
}

/// The elements of a list, their written-out size and their depth.
#[derive(Debug)]
pub struct List {
    items: Vec<Value>,
    written: usize,
    depth: usize,
}

/// The entries of a map in written order, their written-out size and their depth.
#[derive(Debug)]
pub struct Map {
    entries: IndexMap<Arc<str>, Value>,
    written: usize,
    depth: usize,
}

impl Value {
    /// Makes a text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Arc::from(text.as_ref()))
    }

    /// Makes a list.
    pub fn list(items: Vec<Value>) -> Self {
        let written = items.iter().fold(2, |sum: usize, item| {
            sum.saturating_add(item.written()).saturating_add(1)
        });
        let depth = 1 + items.iter().map(Self::depth).max().unwrap_or(0);
        Self::List(Arc::new(List {
            items,
            written,
            depth,
        }))
    }

    /// Makes a map; the last of two equal keys wins, in the place of the first.
    pub fn map(entries: impl IntoIterator<Item = (Arc<str>, Value)>) -> Self {
        let entries: IndexMap<Arc<str>, Value> = entries.into_iter().collect();
        let written = entries.iter().fold(2, |sum: usize, (key, value)| {
            sum.saturating_add(key.len() + 4)
                .saturating_add(value.written())
        });
        let depth = 1 + entries.values().map(Self::depth).max().unwrap_or(0);
        Self::Map(Arc::new(Map {
            entries,
            written,
            depth,
        }))
    }

    /// Makes a whole number, or a float where it is out of the exact range.
    pub fn int(number: i128) -> Self {
        if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number) {
            Self::Int(number)
        } else {
            Self::Float(number as f64)
        }
    }

    /// Makes a number: a whole one stays a whole one; what JSON cannot write becomes null.
    pub fn float(number: f64) -> Self {
        if number.is_finite() {
            Self::Float(number)
        } else {
            Self::Null
        }
    }

    /// The bytes this value takes as JSON text, counted once per use, saturating. An estimate: the
    /// escapes of a text are not counted.
    pub fn written(&self) -> usize {
        match self {
            Self::Null => 4,
            Self::Bool(_) => 5,
            Self::Int(_) | Self::Float(_) => 8,
            Self::Text(text) => text.len() + 2,
            Self::List(list) => list.written,
            Self::Map(map) => map.written,
        }
    }

    /// How many lists and maps lie inside one another here; none in a text or number. Comparing, writing and
    /// dropping a value take stack in proportion to it.
    pub fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Map(map) => map.depth,
            _ => 0,
        }
    }

    /// The entry under `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.entries.get(key),
            _ => None,
        }
    }

    /// The entry found by following `path` through maps.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number as a float, if this is one.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The elements, if this is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(&list.items),
            _ => None,
        }
    }

    /// The entries in written order, if this is a map.
    pub fn as_map(&self) -> Option<&IndexMap<Arc<str>, Value>> {
        match self {
            Self::Map(map) => Some(&map.entries),
            _ => None,
        }
    }

    /// Tells whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Truth as JMESPath has it: false, null and what is empty are not true; zero is.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(_) | Self::Float(_) => true,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries.is_empty(),
        }
    }

    /// The JSON name of this value's type, as JMESPath's `type` gives it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        equal(self, other)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Arc::from(text))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Int(i128::from(number))
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::list(items)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_keep_the_order_written() {
        let map = Value::map([("zeta".into(), Value::Null), ("alpha".into(), true.into())]);
        let keys: Vec<&str> = map.as_map().unwrap().keys().map(AsRef::as_ref).collect();
        assert_eq!(keys, ["zeta", "alpha"]);
    }

    #[test]
    fn g8_written_size_counts_shared_parts_each_time() {
        let mut value = Value::text("x".repeat(100));
        for _ in 0..60 {
            value = Value::list(vec![value.clone(), value]);
        }
        assert!(value.written() > 1 << 60);
    }

    #[test]
    fn integers_beyond_the_exact_range_become_floats() {
        assert!(matches!(Value::int(u64::MAX.into()), Value::Int(_)));
        assert!(matches!(Value::int(1 << 70), Value::Float(_)));
    }
}
