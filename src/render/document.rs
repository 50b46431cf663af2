//! The document of `-o json` and `-o yaml`, as values: what a row, an error and a whole result look like.
//!
//! The two formats write it piece by piece, in their own notation, and `-o jmespath` looks at it as a whole; its names
//! and their order are decided here.

use std::io;
use std::sync::Arc;

use super::{Queries, Renderer};
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

/// Makes the whole document of one query.
pub fn result_document(header: &Header, rows: &[ResultRow], summary: &Summary) -> Value {
    let items: Vec<Value> = rows.iter().map(|row| row_value(header, row)).collect();
    result(header, items, summary)
}

fn result(header: &Header, items: Vec<Value>, summary: &Summary) -> Value {
    let entries = opening(header)
        .into_iter()
        .chain([("items", items.into())])
        .chain(closing(summary));
    Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
}

/// Prints nothing and keeps the document that `-o json` would print, for those who ask further questions of it.
pub struct Documents {
    queries: Queries,
    header: Option<Header>,
    rows: Vec<Value>,
    results: Vec<Value>,
}

impl Documents {
    /// Keeps nothing yet.
    pub fn new(queries: Queries) -> Self {
        Self {
            queries,
            header: None,
            rows: Vec::new(),
            results: Vec::new(),
        }
    }

    /// The document, once the run is over.
    pub fn document(mut self) -> Value {
        match self.queries {
            Queries::One => self.results.pop().unwrap_or_default(),
            Queries::Several => {
                let items = ("items", self.results.into());
                let entries = list_opening().into_iter().chain([items]);
                Value::map(entries.map(|(name, value)| (Arc::from(name), value)))
            }
        }
    }
}

impl Renderer for Documents {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        Ok(())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        let header = self.header.as_ref().expect("rows come after `begin`");
        self.rows.push(row_value(header, row));
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let header = self.header.take().expect("a result ends after `begin`");
        let rows = std::mem::take(&mut self.rows);
        self.results.push(result(&header, rows, summary));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{print, print_several, sample};
    use super::*;
    use crate::value::parse_json;

    fn kept(queries: Queries, results: usize) -> Value {
        let (header, rows, summary) = sample();
        let mut documents = Documents::new(queries);
        for _ in 0..results {
            documents.begin(&header).unwrap();
            rows.iter().for_each(|row| documents.row(row).unwrap());
            documents.finish(&summary).unwrap();
        }
        documents.close().unwrap();
        documents.document()
    }

    #[test]
    fn what_is_kept_is_what_json_prints() {
        let (header, rows, summary) = sample();
        let one = print(Format::Json, &header, &rows, &summary);
        assert_eq!(kept(Queries::One, 1), parse_json(one.as_bytes()).unwrap());
        for results in [2, 3] {
            let several = print_several(Format::Json, &header, &rows, &summary, results);
            let several = parse_json(several.as_bytes()).unwrap();
            assert_eq!(kept(Queries::Several, results), several);
        }
    }
}
