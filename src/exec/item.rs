//! What a gathered query hands out: a row, or a group of rows.

use crate::rows::{Counts, Group, Lacking, Marks, ResultRow, Row, RowError, SortKeys, Subject};
use crate::value::Value;

/// A row or a group, and where it stands so far.
pub(super) struct Item {
    kind: Kind,
    /// What it is sorted by.
    pub(super) keys: SortKeys,
}

enum Kind {
    /// None while it is asked for more, and where it has vanished.
    Row(Option<Box<Row>>),
    Group(Box<Group>),
}

impl Item {
    pub(super) fn row(row: Row) -> Self {
        Self {
            kind: Kind::Row(Some(Box::new(row))),
            keys: SortKeys::default(),
        }
    }

    pub(super) fn group(group: Group) -> Self {
        Self {
            kind: Kind::Group(Box::new(group)),
            keys: SortKeys::default(),
        }
    }

    /// Takes the rows out, to be asked for more.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        match &mut self.kind {
            Kind::Row(row) => row.take().into_iter().map(|row| *row).collect(),
            Kind::Group(group) => group.take_rows(),
        }
    }

    /// Puts a row back that is still there.
    pub(super) fn put_row(&mut self, row: Row) {
        match &mut self.kind {
            Kind::Row(place) => *place = Some(Box::new(row)),
            Kind::Group(group) => group.put_row(row),
        }
    }

    /// Forgets what was evaluated, because a row is gone.
    pub(super) fn forget(&mut self) {
        if let Kind::Group(group) = &mut self.kind {
            group.forget();
        }
    }

    /// Tells whether nothing is left of it: one group of everything is there without rows too.
    pub(super) fn is_gone(&self) -> bool {
        match &self.kind {
            Kind::Row(row) => row.is_none(),
            Kind::Group(group) => group.has_keys() && group.rows().is_empty(),
        }
    }

    pub(super) fn set_rank(&mut self, rank: u64) {
        match &mut self.kind {
            Kind::Row(row) => there_mut(row).rank = Some(rank),
            Kind::Group(group) => group.rank = Some(rank),
        }
    }

    pub(super) fn errors(&self, counts: Counts) -> Vec<RowError> {
        match &self.kind {
            Kind::Row(row) => there(row).errors(counts),
            Kind::Group(group) => group.errors(counts),
        }
    }

    pub(super) fn has_errors(&self, counts: Counts) -> bool {
        match &self.kind {
            Kind::Row(row) => there(row).has_errors(counts),
            Kind::Group(group) => group.has_errors(counts),
        }
    }

    /// What its columns show as null because a registry tells it of nothing.
    pub(super) fn lacking(&self) -> Vec<Lacking> {
        match &self.kind {
            Kind::Row(row) => there(row).lacking().collect(),
            Kind::Group(group) => group.lacking().collect(),
        }
    }

    /// Which of its cells asserts take for marked.
    pub(super) fn marks(&self) -> Marks {
        match &self.kind {
            Kind::Group(group) if group.has_errors(Counts::Shown) => Marks::All,
            _ => Marks::Unknown,
        }
    }

    /// The item as it is handed out.
    pub(super) fn finish(&self, cells: Vec<Value>, query: &str) -> ResultRow {
        match &self.kind {
            Kind::Row(row) => there(row).finish(cells),
            Kind::Group(group) => group.finish(cells, query),
        }
    }

    pub(super) fn subject(&mut self) -> &mut dyn Subject {
        match &mut self.kind {
            Kind::Row(row) => there_mut(row),
            Kind::Group(group) => group.as_mut(),
        }
    }
}

fn there(row: &Option<Box<Row>>) -> &Row {
    row.as_ref().expect(THERE)
}

fn there_mut(row: &mut Option<Box<Row>>) -> &mut Row {
    row.as_mut().expect(THERE)
}

const THERE: &str = "what has vanished is no item any more";
