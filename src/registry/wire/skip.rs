//! JSON that is of no interest: read to its end, checked, and kept nowhere.
//!
//! serde's own `IgnoredAny` would go as deep as the document does; ours stops where every other document of ours stops
//! (threats E1).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::limits::JSON_DEPTH;

/// Passes over one value.
#[derive(Clone, Copy)]
pub(super) struct Skip {
    depth: usize,
}

impl Skip {
    /// For a value inside so many lists and maps.
    pub(super) fn at(depth: usize) -> Self {
        Self { depth }
    }

    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth >= JSON_DEPTH {
            return Err(E::custom(format!("nested deeper than {JSON_DEPTH} levels")));
        }
        Ok(Self::at(self.depth + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while fields.next_key_seed(inner)?.is_some() {
            fields.next_value_seed(inner)?;
        }
        Ok(())
    }
}
