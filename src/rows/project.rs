//! Columns: the projection.

use std::sync::Arc;

use super::{Clause, Heading, Outcome, ReadBy, RunError, Session, Subject};
use crate::fields::{FieldId, FieldSet, Type};
use crate::value::Value;

/// One column: how it is shown, and what it holds.
#[derive(Debug, Clone)]
pub struct Column {
    /// How it is shown.
    pub heading: Heading,
    /// What it holds.
    pub clause: Clause,
    /// What that is, as far as it is known before anything is asked.
    pub kind: Type,
    /// Whether it is handed out; what is not is evaluated only where something else reads it.
    pub shown: bool,
}

/// The columns of a query, in written order; each may read those before it.
#[derive(Debug, Clone, Default)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// Adds the next column.
    pub fn push(&mut self, column: Column) {
        self.0.push(column);
    }

    /// What a column needs, with the columns it reads.
    pub fn needs(&self, index: usize) -> FieldSet {
        self.0[index].clause.needs
    }

    /// What a column reads of the images that rows are compared with, with the columns it reads.
    pub fn with(&self, index: usize) -> &[(usize, FieldId)] {
        &self.0[index].clause.with
    }

    /// What the columns that are handed out need.
    pub fn shown_needs(&self) -> FieldSet {
        let shown = self.0.iter().filter(|column| column.shown);
        let needs = shown.map(|column| column.clause.needs);
        needs.fold(FieldSet::EMPTY, FieldSet::union)
    }

    /// The headings of the columns that are handed out.
    pub fn headings(&self) -> Vec<Heading> {
        let shown = self.0.iter().filter(|column| column.shown);
        shown.map(|column| column.heading.clone()).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns in written order.
    pub fn iter(&self) -> std::slice::Iter<'_, Column> {
        self.0.iter()
    }

    /// A column's name.
    pub fn name(&self, index: usize) -> Arc<str> {
        Arc::from(self.0[index].heading.name.as_str())
    }

    /// Evaluates one column on a row or a group, once: later readers get the same outcome.
    ///
    /// Errors: an exhausted budget.
    pub fn evaluate(
        &self,
        index: usize,
        subject: &mut dyn Subject,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Outcome, RunError> {
        // An unknown cell is evaluated again, so that each reader is noted; no request comes of it.
        if let Some(cell @ Outcome::Value(_)) = subject.cell(index) {
            return Ok(cell.clone());
        }
        let clause = &self.0[index].clause;
        let outcome = clause.evaluate(subject, self, session, read_by)?;
        subject.set_cell(index, outcome.clone());
        Ok(outcome)
    }

    /// Evaluates the columns that are handed out, and gives their cells.
    ///
    /// Errors: an exhausted budget.
    pub fn cells(
        &self,
        subject: &mut dyn Subject,
        session: &Session,
    ) -> Result<Vec<Value>, RunError> {
        let shown = (0..self.len()).filter(|index| self.0[*index].shown);
        let cell = |index| {
            let outcome = self.evaluate(index, subject, session, ReadBy::Column)?;
            Ok(match outcome {
                Outcome::Value(value) => value,
                Outcome::Unknown => Value::Null,
            })
        };
        shown.map(cell).collect()
    }
}
