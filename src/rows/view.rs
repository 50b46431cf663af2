//! What asserts see: the printed rows, how many there were before the limit, and the errors.
//!
//! Gathered while rows are handed out, and no more of them than is read: the columns that some assert names, and none
//! where no assert looks at rows.

use std::sync::Arc;

use super::{Assert, Checked, Columns, Outcome, ReadBy, RowError, RunError, Session, Subject};
use crate::value::Value;

/// What asserts see of a result, as it comes about.
pub struct View<'q> {
    asserts: &'q [Assert],
    /// The columns that rows are shown with, by their index.
    columns: &'q [usize],
    rows: Vec<Value>,
    /// Which asserts read a cell that could not be had.
    marked: Vec<bool>,
}

/// What of a result is in doubt, whatever its cells are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doubt {
    /// How many rows there are, and which: a condition or a listing could not be decided.
    pub count: bool,
    /// Which rows are printed, and in which order.
    pub order: bool,
}

/// Which cells of a row count as marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// Those that could not be had.
    Unknown,
    /// All: they are of a group in which something is marked.
    All,
}

impl<'q> View<'q> {
    /// Sees nothing yet.
    pub fn new(asserts: &'q [Assert], columns: &'q [usize]) -> Self {
        Self {
            asserts,
            columns,
            rows: Vec::new(),
            marked: vec![false; asserts.len()],
        }
    }

    /// Takes a row or a group that is handed out. Its columns that asserts read are evaluated, those too that are not shown.
    ///
    /// Errors: an exhausted budget.
    pub fn take(
        &mut self,
        subject: &mut dyn Subject,
        marks: Marks,
        columns: &Columns,
        session: &Session,
    ) -> Result<(), RunError> {
        if !self.reads("rows") {
            return Ok(());
        }
        let mut unknown = Vec::new();
        let unoffered = subject.unoffered();
        let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(self.columns.len());
        for index in self.columns {
            let value = match columns.evaluate(*index, subject, session, ReadBy::Column)? {
                Outcome::Value(value) => value,
                Outcome::Unknown => {
                    unknown.push(*index);
                    Value::Null
                }
            };
            entries.push((columns.name(*index), value));
        }
        for (assert, marked) in self.asserts.iter().zip(&mut self.marked) {
            let lacks = |index: &usize| columns.needs(*index).meets(unoffered);
            let is_unknown = |index| marks == Marks::All || unknown.contains(index) || lacks(index);
            *marked |= assert.columns.iter().any(is_unknown);
        }
        self.rows.push(Value::map(entries));
        Ok(())
    }

    /// Checks all asserts. An assert that has no value leaves an error behind.
    ///
    /// Errors: an exhausted budget.
    pub fn check(
        self,
        count: u64,
        doubt: Doubt,
        registry: &str,
        errors: &mut Vec<RowError>,
        session: &Session,
    ) -> Result<Vec<Checked>, RunError> {
        if self.asserts.is_empty() {
            return Ok(Vec::new());
        }
        let seen = errors.iter().map(RowError::to_value).collect();
        let rows = Value::list(self.rows);
        let entries = [
            ("rows", rows),
            ("count", count.into()),
            ("errors", Value::list(seen)),
        ];
        let view = Value::map(entries.map(|(name, value)| (Arc::from(name), value)));
        let mut all = Vec::with_capacity(self.asserts.len());
        for (assert, has_marked_cell) in self.asserts.iter().zip(self.marked) {
            let reads = |name| assert.that.reads().contains(name);
            let is_marked = has_marked_cell
                || (reads("count") && doubt.count)
                || (reads("rows") && (doubt.count || doubt.order));
            let (checked, fault) = assert.check(&view, is_marked, session)?;
            all.push(checked);
            errors.extend(fault.map(|fault| RowError {
                registry: registry.to_owned(),
                repository: None,
                tag: None,
                field: None,
                code: fault.code,
                message: fault.message,
            }));
        }
        Ok(all)
    }

    fn reads(&self, name: &str) -> bool {
        self.asserts.iter().any(|assert| assert.reads(name))
    }
}
