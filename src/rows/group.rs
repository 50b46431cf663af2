//! Groups: rows that have the same keys, and what is evaluated on them.
//!
//! A key that could not be had is none that any other row has for certain, so such rows form a group of their own; a
//! group with a marked row is marked (design §5).

use std::borrow::Cow;
use std::sync::Arc;

use super::subject::{Cells, Entries, Subject, read_facts};
use super::{Clause, Counts, Lacking, Outcome, Problem, ReadBy, ResultRow, Row, RowError};
use crate::fields::FieldSet;
use crate::limits::GROUP_CAUSES;
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};

/// One entry of `groupBy`.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its name.
    pub name: Arc<str>,
    /// What it is, of each row.
    pub clause: Clause,
}

/// Rows that have the same keys.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its rank, where groups are ranked.
    pub rank: Option<u64>,
    keys: Vec<(Arc<str>, Outcome)>,
    rows: Vec<Row>,
    cells: Cells,
    problems: Vec<Problem>,
}

impl Group {
    /// Makes a group of rows; the names of its keys, and what these are.
    pub fn new(keys: Vec<(Arc<str>, Outcome)>, rows: Vec<Row>) -> Self {
        Self {
            rank: None,
            keys,
            rows,
            cells: Cells::default(),
            problems: Vec::new(),
        }
    }

    /// Its rows, in natural order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Takes its rows out, to be asked for more.
    pub fn take_rows(&mut self) -> Vec<Row> {
        std::mem::take(&mut self.rows)
    }

    /// Puts a row back.
    pub fn put_row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Tells whether it has any keys: without, it is the one group of everything.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Forgets what was evaluated, because a row is gone.
    pub fn forget(&mut self) {
        self.cells = Cells::default();
        self.problems.clear();
    }

    /// The problems that count.
    pub fn errors(&self, counts: Counts) -> Vec<RowError> {
        let own = self.problems.iter();
        let own = own.filter(|problem| counts.includes(problem.read_by));
        let of_rows = self.rows.iter().flat_map(|row| row.errors(counts));
        of_rows
            .chain(own.map(|problem| self.error(problem)))
            .collect()
    }

    /// What columns show as null, or leave out, because a registry tells it of nothing.
    pub fn lacking(&self) -> impl Iterator<Item = Lacking> + '_ {
        self.rows.iter().flat_map(Row::lacking)
    }

    /// Tells whether any problem counts.
    pub fn has_errors(&self, counts: Counts) -> bool {
        let mut own = self.problems.iter();
        own.any(|problem| counts.includes(problem.read_by))
            || self.rows.iter().any(|row| row.has_errors(counts))
    }

    /// The group as it is handed out, with the cells of its columns; `otherwise` names it where it has no keys.
    pub fn finish(&self, cells: Vec<Value>, otherwise: &str) -> ResultRow {
        let mut causes: Vec<Cow<'_, str>> = Vec::new();
        let own = self.problems.iter().map(Problem::cause);
        for cause in self.rows.iter().flat_map(Row::causes).chain(own) {
            if !causes.contains(&cause) {
                causes.push(cause);
            }
            if causes.len() > GROUP_CAUSES {
                causes.truncate(GROUP_CAUSES);
                causes.push(Cow::Borrowed("and more"));
                break;
            }
        }
        ResultRow {
            cells,
            name: self.name(otherwise),
            error: (!causes.is_empty()).then(|| Safe::new(&causes.join("; "))),
        }
    }

    /// Its keys one after another, as the parts of a reference are.
    fn name(&self, otherwise: &str) -> String {
        let part = |(_, key): &(Arc<str>, Outcome)| match key {
            Outcome::Value(Value::Text(text)) => text.to_string(),
            Outcome::Value(Value::Null) | Outcome::Unknown => "<none>".to_owned(),
            Outcome::Value(value) => to_json(value, JsonStyle::Compact),
        };
        match self.keys.is_empty() {
            true => otherwise.to_owned(),
            false => self.keys.iter().map(part).collect::<Vec<_>>().join("/"),
        }
    }

    /// An error about the group: of the repository that all its rows are of, if there is one.
    fn error(&self, problem: &Problem) -> RowError {
        if let Some(error) = problem.of_companion() {
            return error;
        }
        let of = |row: &Row| row.evidence.repository.to_string();
        let first = self.rows.first();
        let repository = first
            .map(of)
            .filter(|name| self.rows.iter().all(|row| of(row) == *name));
        RowError {
            registry: first.map_or(String::new(), |row| row.evidence.registry.to_string()),
            repository,
            tag: None,
            field: problem.field.map(|id| id.field().name),
            code: problem.fault.code.clone(),
            message: problem.fault.message.clone(),
        }
    }

    /// The objects of its rows: what a clause reads of each. None if something of any could not be had.
    fn objects(&mut self, fields: &[crate::fields::FieldId], read_by: ReadBy) -> Option<Value> {
        let mut known = true;
        let mut objects = Vec::with_capacity(self.rows.len());
        for row in &mut self.rows {
            let mut entries = Entries::with_capacity(fields.len());
            known &= read_facts(row, fields, read_by, &mut entries);
            objects.push(Value::map(entries));
        }
        known.then(|| Value::list(objects))
    }
}

impl Subject for Group {
    fn read(&mut self, clause: &Clause, read_by: ReadBy, entries: &mut Entries) -> bool {
        let mut known = true;
        for index in &clause.keys {
            match &self.keys[*index] {
                (name, Outcome::Value(value)) => entries.push((Arc::clone(name), value.clone())),
                // Why is noted with the rows it is unknown of.
                (_, Outcome::Unknown) => known = false,
            }
        }
        if clause.rank {
            entries.push((Arc::from("rank"), self.rank.into()));
        }
        if let Some(fields) = &clause.members {
            match self.objects(fields, read_by) {
                Some(rows) => entries.push((Arc::from("rows"), rows)),
                None => known = false,
            }
        }
        known
    }

    fn size(&self) -> usize {
        self.rows.len()
    }

    fn unoffered(&self) -> FieldSet {
        let rows = self.rows.iter().map(|row| row.unoffered);
        rows.fold(FieldSet::EMPTY, FieldSet::union)
    }

    fn cell(&self, index: usize) -> Option<&Outcome> {
        self.cells.get(index)
    }

    fn set_cell(&mut self, index: usize, cell: Outcome) {
        self.cells.set(index, cell);
    }

    fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}
