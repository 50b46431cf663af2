//! Query files as written: the model, reading it from YAML, and writing it.
//!
//! Text in, model and findings out. Expressions are still text here, with the way back to every byte of the
//! file; names of fields, resources and formats are not known. Nothing is read from disk, the environment or
//! the clock. Reading is lenient: whatever is wrong with a file is found in one go, and what could be understood is
//! handed on, so that later stages can add what they find.

mod column;
mod decode;
mod discover;
pub mod flags;
mod given;
mod keys;
mod message;
mod names;
mod parameters;
mod pattern;
mod reference;
mod schema;
mod selector;
mod shape;
mod target;
mod template;
#[cfg(test)]
pub(crate) mod testing;
mod wildcard;
mod write;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Passage, Place, Source};

pub use discover::{
    Builtin, Distrust, Entry as SavedQuery, Found, NotFound, Origin as QueryOrigin, Places,
    ReadError, Standing, find, list, read_list, read_list_from, read_query, read_stdin, read_text,
};
pub use given::Given;
pub use keys::{DOCUMENT_KEYS, Key, SPEC_KEYS};
pub use message::Piece;
pub use names::{QUERY_NAME, is_query_name, near_query_name};
pub use parameters::{ParamType, Parameter, Params, describe, unknown_names};
pub use pattern::{Pattern, PatternSpec};
pub use reference::{ManifestName, NamedReference};
pub use schema::{Words, schema};
pub use selector::selected;
pub use shape::{Shape, Word};
pub use target::{CommandTarget, Target, TargetError};
pub use template::{DISK, Template};
pub use write::write;

/// Something read, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Located<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// One document of a query file.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where the document starts.
    pub place: Place,
    /// `metadata.name`; empty if the file has none, which is among the findings.
    pub name: Located<String>,
    /// `metadata.description`.
    pub description: Option<Template>,
    /// `spec.params`, in the order declared.
    pub params: Vec<Parameter>,
    /// `spec.registry`, as far as it could be read; none if it has to come from the command line.
    pub registry: Option<Vec<Template>>,
    /// `spec.references`, in place of `registry`, `repositories` and `tags`.
    pub references: Option<Vec<Template>>,
    /// `spec.with`: other images, in the order written.
    pub with: Vec<Companion>,
    /// `spec.resource`, unchecked.
    pub resource: Option<Located<String>>,
    /// `spec.repositories`.
    pub repositories: PatternSpec,
    /// `spec.tags`.
    pub tags: PatternSpec,
    /// `spec.platform`: platforms, or `all`.
    pub platform: Vec<Template>,
    /// `spec.where`: all must hold.
    pub conditions: Vec<Passage>,
    /// `spec.groupBy`, in the order written: without keys everything is one group; none if rows are not grouped.
    pub group_by: Option<Vec<GroupKey>>,
    /// `spec.columns`, in the order written; none if the resource's own are meant.
    pub columns: Option<Vec<Column>>,
    /// `spec.sortBy`, the first key first.
    pub sort_by: Vec<SortKey>,
    /// `spec.rankBy`.
    pub rank_by: Option<Passage>,
    /// `spec.having`: all must hold.
    pub having: Vec<Passage>,
    /// `spec.limit`.
    pub limit: Option<Template>,
    /// `spec.assert`, in the order written.
    pub asserts: Vec<Assert>,
    /// `spec.output`, unchecked.
    pub output: Option<Located<String>>,
}

/// Another image that rows are compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// What expressions call it: `with.NAME`.
    pub name: Located<String>,
    /// Where it is.
    pub reference: Template,
}

/// What rows are grouped by: what it is called, and the expression.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupKey {
    /// The name.
    pub name: Located<String>,
    /// The expression.
    pub expression: Passage,
}

/// What must hold of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Assert {
    /// The expression.
    pub that: Passage,
    /// What is said about it; none if the expression says it.
    pub message: Option<Vec<Piece>>,
}

/// A column: what it is called, and the expression that fills it.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The heading.
    pub name: Located<String>,
    /// The expression.
    pub expression: Passage,
    /// The format for tables, unchecked.
    pub format: Option<Located<String>>,
    /// `left` or `right`.
    pub align: Option<Located<String>>,
    /// Whether tables leave it out unless asked for.
    pub wide: bool,
}

/// One key of the order.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// Whether the largest comes first.
    pub descending: bool,
    /// The expression.
    pub expression: Passage,
}

/// What a query file holds, and what is wrong with it.
#[derive(Debug)]
pub struct Reading {
    /// The documents that could be decoded, complete only if no finding is an error.
    pub queries: Vec<Query>,
    /// What is wrong, in the order of the file.
    pub findings: Vec<Diagnostic>,
}

/// Reads a query file: YAML documents of `apiVersion: regq/v1` and `kind: Query`.
pub fn read(source: &Arc<Source>) -> Reading {
    decode::file(source)
}

impl Query {
    /// A query that has a name and says nothing else yet.
    pub fn named(name: &str, place: &Place) -> Self {
        Self {
            place: place.clone(),
            name: Located {
                value: name.to_owned(),
                place: place.clone(),
            },
            description: None,
            params: Vec::new(),
            registry: None,
            references: None,
            with: Vec::new(),
            resource: None,
            repositories: PatternSpec::default(),
            tags: PatternSpec::default(),
            platform: Vec::new(),
            conditions: Vec::new(),
            group_by: None,
            columns: None,
            sort_by: Vec::new(),
            rank_by: None,
            having: Vec::new(),
            limit: None,
            asserts: Vec::new(),
            output: None,
        }
    }

    /// The most rows to print, with the parameters filled in.
    ///
    /// Errors: what is filled in is not a whole number from 1 up.
    pub fn row_limit(&self, params: &Params) -> Result<Option<u64>, Diagnostic> {
        let Some(limit) = &self.limit else {
            return Ok(None);
        };
        let filled = limit.fill(params)?;
        rows(&filled)
            .map(Some)
            .map_err(|finding| finding.at(&limit.place(), format!("this is `{filled}`")))
    }
}

/// Reads a number of rows. The error has no place yet.
fn rows(text: &str) -> Result<u64, Diagnostic> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(rows) if digits && rows > 0 => Ok(rows),
        _ => Err(Diagnostic::error(
            "`limit` must be a whole number from 1 up",
        )),
    }
}

#[cfg(test)]
mod tests;
