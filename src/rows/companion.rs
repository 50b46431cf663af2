//! The images that rows are compared with: the constant `with` of expressions.
//!
//! Each is a row of its own that was asked for before the first row of the result. What of it could not be had is
//! unknown to every clause that reads it, and an error of the image, told once (design §5).

use std::sync::Arc;

use super::{Fact, Fault, Problem, ReadBy, Row};
use crate::fields::{FieldId, FieldSet};
use crate::value::Value;

/// An image that rows are compared with.
#[derive(Debug, Clone)]
pub struct Companion {
    /// What expressions call it.
    pub name: Arc<str>,
    /// What is known of it.
    pub row: Row,
    /// The fields that are read of it.
    pub needs: FieldSet,
}

/// The images that rows are compared with, in the order the query names them.
#[derive(Debug, Clone, Default)]
pub struct Companions(Arc<[Companion]>);

/// Which image a problem is about, where that is not the row.
#[derive(Debug, Clone, PartialEq)]
pub struct OfCompanion {
    /// What expressions call it.
    pub name: Arc<str>,
    /// Its registry.
    pub registry: Arc<str>,
    /// Its repository.
    pub repository: String,
    /// Its tag, if it is named by one.
    pub tag: Option<String>,
}

impl Companions {
    /// These images.
    pub fn new(companions: Vec<Companion>) -> Self {
        Self(companions.into())
    }

    /// The constant `with`: a map of their names to their fields, as far as those are read.
    pub(super) fn value(&self) -> Value {
        let known = |companion: &Companion, id: FieldId| match companion.row.fact(id) {
            Fact::Known(value) => value,
            Fact::Unknown(_) | Fact::NotOffered | Fact::NotAsked => Value::Null,
        };
        let object = |companion: &Companion| {
            let fields = companion.needs.iter();
            Value::map(fields.map(|id| (Arc::from(id.field().name), known(companion, id))))
        };
        let companions = self.0.iter();
        Value::map(companions.map(|companion| (Arc::clone(&companion.name), object(companion))))
    }

    /// What of this could not be had.
    pub(super) fn problems(&self, of: &[(usize, FieldId)], read_by: ReadBy) -> Vec<Problem> {
        let problem = |(at, field): &(usize, FieldId)| {
            let companion = self.0.get(*at)?;
            let fault = match companion.row.fact(*field) {
                Fact::Unknown(fault) => fault,
                // What decides something must be known; what is merely shown need not be (design §5).
                Fact::NotOffered if read_by != ReadBy::Column => Fault::not_offered(),
                _ => return None,
            };
            Some(Problem {
                field: Some(*field),
                fault,
                read_by,
                companion: Some(Arc::new(companion.identity())),
            })
        };
        of.iter().filter_map(problem).collect()
    }
}

impl Companion {
    fn identity(&self) -> OfCompanion {
        let evidence = &self.row.evidence;
        OfCompanion {
            name: Arc::clone(&self.name),
            registry: Arc::clone(&evidence.registry),
            repository: evidence.repository.to_string(),
            tag: evidence.tag.as_ref().map(ToString::to_string),
        }
    }
}
