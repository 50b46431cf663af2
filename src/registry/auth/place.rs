//! Where in a JSON document something stands.
//!
//! A parsed document has no places: they are found by reading it a second time, and only when there is something to
//! complain about. Nothing of the document goes into what is given back.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

/// A place in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigPlace {
    /// The line, from 1.
    pub line: usize,
    /// The column, in bytes from 1.
    pub column: usize,
}

impl ConfigPlace {
    pub(super) fn new(line: usize, column: usize) -> Self {
        Self {
            line: line.max(1),
            column: column.max(1),
        }
    }

    /// Finds where the value under `path` begins in a document that parses; the document's start, where the path
    /// leads nowhere.
    pub(super) fn of(document: &[u8], path: &[&str]) -> Self {
        let mut reader = serde_json::Deserializer::from_slice(document);
        match (Finder { path }.deserialize(&mut reader)) {
            // serde_json tells the last byte it has passed, and that is the one before the value.
            Err(found) => Self::new(found.line(), found.column() + 1),
            Ok(()) => Self::new(1, 1),
        }
    }
}

/// Reads until it stands at the value under `path`, and stops there with an error, which serde_json gives the place.
struct Finder<'p> {
    path: &'p [&'p str],
}

impl<'de> DeserializeSeed<'de> for Finder<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        match self.path {
            [] => Err(de::Error::custom("found")),
            _ => from.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Finder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(key) = fields.next_key::<String>()? {
            match self.path {
                [first, path @ ..] if key == *first => fields.next_value_seed(Finder { path })?,
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h4_a_value_is_found_by_its_path() {
        let document =
            b"{\n  \"a\": [1, {\"b\": 2}],\n  \"c\":{\n    \"d\":\n5, \"e\" : null\n  }\n}";
        for (path, line, column) in [
            (&["a"] as &[&str], 2, 8),
            (&["c"], 3, 7),
            (&["c", "d"], 5, 1),
            (&["c", "e"], 5, 10),
            (&["x"], 1, 1),
            (&[], 1, 1),
        ] {
            assert_eq!(
                ConfigPlace::of(document, path),
                ConfigPlace { line, column },
                "{path:?}"
            );
        }
    }
}
