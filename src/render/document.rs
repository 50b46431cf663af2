//! The document of `-o json` and `-o yaml`, as values: what a row, an error and a whole result look like.
//!
//! The two formats write it piece by piece, in their own notation; its names and their order are decided here.

use std::sync::Arc;

use crate::rows::{Checked, Header, ResultRow, RowError, Summary, Verdict};
use crate::value::Value;

/// The version of the document.
pub(super) const API_VERSION: &str = "regq/v1";

/// The entries before the rows.
pub(super) fn opening(header: &Header) -> [(&'static str, Value); 3] {
    [
        ("apiVersion", API_VERSION.into()),
        ("kind", "Result".into()),
        ("query", header.query.as_str().into()),
    ]
}

/// The entries before the results of several queries.
pub(super) fn list_opening() -> [(&'static str, Value); 2] {
    [
        ("apiVersion", API_VERSION.into()),
        ("kind", "ResultList".into()),
    ]
}

/// A row keyed by column name, in column order; why it is incomplete stands under `_error`.
pub(super) fn row_value(header: &Header, row: &ResultRow) -> Value {
    let names = header.headings.iter().map(|heading| &heading.name);
    let cells = names
        .zip(&row.cells)
        .map(|(name, cell)| (Arc::from(name.as_str()), cell.clone()));
    let error = row
        .error
        .iter()
        .map(|error| (Arc::from("_error"), error.as_str().into()));
    Value::map(cells.chain(error))
}

/// The entries after the rows; a query without asserts has no entry for them.
pub(super) fn closing(summary: &Summary) -> Vec<(&'static str, Value)> {
    let errors: Vec<Value> = summary.errors.iter().map(RowError::to_value).collect();
    let asserts: Vec<Value> = summary.asserts.iter().map(assert_value).collect();
    let mut entries = vec![
        ("gone", summary.gone.into()),
        ("errors", errors.into()),
        ("complete", summary.is_complete().into()),
    ];
    if !asserts.is_empty() {
        entries.push(("asserts", asserts.into()));
    }
    entries
}

/// An assert that nobody could decide holds `null`, as a fact that nobody could have is null.
fn assert_value(checked: &Checked) -> Value {
    let holds = match checked.verdict {
        Verdict::Holds => Value::Bool(true),
        Verdict::Fails => Value::Bool(false),
        Verdict::Undecided => Value::Null,
    };
    let message = checked.message.as_str().into();
    let entries = [("message", message), ("holds", holds)];
    Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
}

/// Makes the whole document of one query, for those who ask further questions of it.
pub fn result_document(header: &Header, rows: &[ResultRow], summary: &Summary) -> Value {
    let items: Vec<Value> = rows.iter().map(|row| row_value(header, row)).collect();
    let entries = opening(header)
        .into_iter()
        .chain([("items", items.into())])
        .chain(closing(summary));
    Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
}
