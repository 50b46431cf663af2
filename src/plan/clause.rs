//! An expression whose names were checked gets what it reads: fields, keys, members of rows, columns, the rank.

use super::scope::Names;
use crate::expr::{Expr, Read, Reads};
use crate::fields::{FieldId, FieldSet};
use crate::rows::{Clause, Columns};

/// Binds an expression whose names were checked.
pub(super) fn clause(expr: Expr, names: &Names, columns: &Columns) -> Clause {
    let reads = expr.reads();
    let mut found = Found::default();
    if reads.whole() {
        found.fields.extend(names.fields().map(|(id, _)| id));
        found.columns.extend(0..columns.len());
        found.keys.extend(0..names.keys().len());
    }
    for read in &reads.fields {
        found.name(read, names);
    }
    found.tidy();
    let members = members(reads, names);
    let own = found.fields.iter().chain(members.iter().flatten());
    let of_columns = found.columns.iter().map(|index| columns.needs(*index));
    let needs = of_columns.fold(own.copied().collect(), FieldSet::union);
    Clause {
        fields: found.fields,
        keys: found.keys,
        members,
        rank: found.rank,
        columns: found.columns,
        needs,
        expr,
    }
}

/// What the names of an expression are.
#[derive(Default)]
struct Found {
    fields: Vec<FieldId>,
    keys: Vec<usize>,
    columns: Vec<usize>,
    rank: bool,
}

impl Found {
    /// A column hides a key or a field of the same name.
    fn name(&mut self, read: &Read, names: &Names) {
        let name = &*read.name;
        if let Some(index) = names.column(name) {
            self.columns.push(index);
        } else if let Some(index) = names.key(name) {
            self.keys.push(index);
        } else if name == "rank" {
            self.rank = true;
        } else {
            self.fields.extend(names.read(read));
        }
    }

    fn tidy(&mut self) {
        self.fields.sort_unstable();
        self.fields.dedup();
        self.keys.sort_unstable();
        self.keys.dedup();
        self.columns.sort_unstable();
        self.columns.dedup();
    }
}

/// The fields of each row of a group that are read; none if its rows are not looked at.
fn members(reads: &Reads, names: &Names) -> Option<Vec<FieldId>> {
    if !names.is_grouped() || !reads.contains("rows") {
        return None;
    }
    if reads.whole() || reads.elements.whole {
        return Some(names.members().collect());
    }
    let members = reads.elements.members.iter();
    let mut members: Vec<FieldId> = members.flat_map(|read| names.read_of_rows(read)).collect();
    members.sort_unstable();
    members.dedup();
    Some(members)
}
