//! What a run hands to the renderers: headings, rows, and how it went.
//!
//! Nothing is silently lost: a row that could not be completed says why, what vanished is counted, and what could
//! not be fetched stands in `errors` (threats S6).

use std::sync::Arc;

use super::Checked;
use crate::fields::{Align, CellFormat};
use crate::safe::Safe;
use crate::value::Value;

/// One column as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// Its name: the key in JSON, the heading in a table.
    pub name: String,
    /// How a cell is shown to people.
    pub format: CellFormat,
    /// Where a cell stands.
    pub align: Align,
    /// Whether it is left out of the table unless the output is `wide`.
    pub wide: bool,
}

/// What precedes the rows of a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The query's name.
    pub query: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whom it asks, in written order, each once.
    pub registries: Vec<String>,
    /// The columns, in order.
    pub headings: Vec<Heading>,
}

impl Header {
    /// What precedes rows that no registry is asked for.
    pub fn new(query: &str, headings: Vec<Heading>) -> Self {
        Self {
            query: query.to_owned(),
            description: None,
            registries: Vec::new(),
            headings,
        }
    }

    /// The columns that are not marked `wide`, each with its place in a row.
    pub fn main_headings(&self) -> impl Iterator<Item = (usize, &Heading)> {
        let headings = self.headings.iter().enumerate();
        headings.filter(|(_, heading)| !heading.wide)
    }
}

/// One row of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct ResultRow {
    /// One value per heading, raw.
    pub cells: Vec<Value>,
    /// What `-o name` prints: `REGISTRY/REPOSITORY[:TAG]`.
    pub name: String,
    /// Why the row is incomplete, if it is.
    pub error: Option<Safe>,
}

/// One fact, or one listing, that could not be had.
#[derive(Debug, Clone, PartialEq)]
pub struct RowError {
    /// Of which registry.
    pub registry: String,
    /// Of which repository, if it was about one.
    pub repository: Option<String>,
    /// Of which tag, if it was about one.
    pub tag: Option<String>,
    /// Which fact; none where a listing failed.
    pub field: Option<&'static str>,
    /// A stable word for the cause, such as `DIGEST_MISMATCH`.
    pub code: String,
    /// The cause in words.
    pub message: Safe,
}

/// A fact that a registry tells of nothing, shown as null.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lacking {
    /// The registry.
    pub registry: Arc<str>,
    /// The fact.
    pub field: &'static str,
}

/// How a query went.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Tags that vanished between listing and asking.
    pub gone: u64,
    /// What could not be had, in row order.
    pub errors: Vec<RowError>,
    /// What columns show as null because a registry tells it of nothing.
    pub lacking: Vec<Lacking>,
    /// What became of the query's asserts, in written order.
    pub asserts: Vec<Checked>,
}

impl RowError {
    /// The error as it stands in documents, and as asserts see it.
    pub fn to_value(&self) -> Value {
        let entries: [(&str, Value); 6] = [
            ("registry", self.registry.as_str().into()),
            ("repository", self.repository.as_deref().into()),
            ("tag", self.tag.as_deref().into()),
            ("field", self.field.into()),
            ("code", self.code.as_str().into()),
            ("message", self.message.as_str().into()),
        ];
        Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
    }
}

impl Summary {
    /// Tells whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.errors.is_empty()
    }
}
