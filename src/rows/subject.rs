//! What clauses are evaluated on: a row, or a group of rows.

use std::sync::Arc;

use super::{Clause, Fact, Fault, Outcome, Problem, ReadBy, Row};
use crate::fields::FieldSet;
use crate::value::Value;

/// Something that has values under names, and columns that are evaluated once.
pub trait Subject {
    /// Hands over what a clause reads, its columns aside. Tells whether all of it could be had; what could not is noted.
    fn read(&mut self, clause: &Clause, read_by: ReadBy, entries: &mut Entries) -> bool;

    /// How many rows it is.
    fn size(&self) -> usize;

    /// The fields that a registry of it tells of nothing.
    fn unoffered(&self) -> FieldSet;

    /// What a column came to.
    fn cell(&self, index: usize) -> Option<&Outcome>;

    /// Remembers what a column came to.
    fn set_cell(&mut self, index: usize, cell: Outcome);

    /// Remembers a problem, each cause of a field once.
    fn note(&mut self, problem: Problem);
}

/// Names and their values.
pub type Entries = Vec<(Arc<str>, Value)>;

impl Subject for Row {
    fn read(&mut self, clause: &Clause, read_by: ReadBy, entries: &mut Entries) -> bool {
        if clause.rank {
            entries.push((Arc::from("rank"), self.rank.into()));
        }
        read_facts(self, &clause.fields, read_by, entries)
    }

    fn size(&self) -> usize {
        1
    }

    fn unoffered(&self) -> FieldSet {
        self.unoffered
    }

    fn cell(&self, index: usize) -> Option<&Outcome> {
        self.cells.get(index)
    }

    fn set_cell(&mut self, index: usize, cell: Outcome) {
        self.cells.set(index, cell);
    }

    fn note(&mut self, problem: Problem) {
        Row::note(self, problem);
    }
}

/// Reads these facts of a row; tells whether all of them could be had.
pub(super) fn read_facts(
    row: &mut Row,
    fields: &[crate::fields::FieldId],
    read_by: ReadBy,
    entries: &mut Entries,
) -> bool {
    let mut known = true;
    let mut objects: Vec<(&'static str, Entries)> = Vec::new();
    for id in fields {
        let value = match row.fact(*id) {
            Fact::Known(value) => value,
            Fact::NotAsked => Value::Null,
            // What is merely shown may have no value; what decides something may not (design §5).
            Fact::NotOffered if read_by == ReadBy::Column => {
                row.lack(*id);
                Value::Null
            }
            fact @ (Fact::NotOffered | Fact::Unknown(_)) => {
                let fault = match fact {
                    Fact::Unknown(fault) => fault,
                    _ => Fault::not_offered(),
                };
                known = false;
                row.note(Problem {
                    field: Some(*id),
                    fault,
                    read_by,
                    companion: None,
                });
                continue;
            }
        };
        let field = id.field();
        match field.member() {
            Some(member) => put(&mut objects, field.root(), member, value),
            None => entries.push((Arc::from(field.name), value)),
        }
    }
    let objects = objects.into_iter();
    entries.extend(objects.map(|(name, members)| (Arc::from(name), Value::map(members))));
    known
}

/// Puts a member into its object, which is begun with its first one.
fn put(objects: &mut Vec<(&'static str, Entries)>, root: &'static str, member: &str, value: Value) {
    let entry = (Arc::from(member), value);
    match objects.iter_mut().find(|(name, _)| *name == root) {
        Some((_, members)) => members.push(entry),
        None => objects.push((root, vec![entry])),
    }
}

/// What the columns of a subject came to, as far as they were evaluated.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells(Vec<Option<Outcome>>);

impl Cells {
    pub(super) fn get(&self, index: usize) -> Option<&Outcome> {
        self.0.get(index).and_then(Option::as_ref)
    }

    pub(super) fn set(&mut self, index: usize, cell: Outcome) {
        if self.0.len() <= index {
            self.0.resize(index + 1, None);
        }
        self.0[index] = Some(cell);
    }
}
