//! The columns of a query that writes none.

use super::bind::Shown;
use super::clause::clause;
use super::columns::bare_field;
use super::scope::Names;
use crate::diagnostic::{Diagnostic, Passage};
use crate::expr::Expr;
use crate::fields::{self, Align, CellFormat, Resource, Unit};
use crate::query::{Located, Query};
use crate::rows::{Column, Columns, Heading};
use crate::value::{JsonStyle, Value, to_json};

/// The columns of a resource.
pub(super) fn of_rows(resource: Resource, names: &mut Names, shown: Shown) -> Columns {
    let mut columns = Columns::default();
    let usual = resource.default_columns();
    let wide = match shown {
        Shown::Wide => resource.wide_columns(),
        Shown::Narrow | Shown::All => &[],
    };
    for (at, (name, path)) in usual.iter().chain(wide).enumerate() {
        let (_, field) = fields::lookup(resource, path).expect("a default column is a field");
        let expr =
            Expr::compile(Passage::flag("columns", path)).expect("a field's name is an expression");
        let heading = Heading {
            name: (*name).to_owned(),
            format: field.unit.format(),
            align: Align::Left,
            wide: at >= usual.len(),
        };
        push(&mut columns, heading, expr, names);
    }
    announce(&columns, names);
    names.asserts_see(usual.len());
    columns
}

/// The columns of groups: their keys, and how many rows they have.
pub(super) fn of_groups(names: &mut Names, findings: &mut Vec<Diagnostic>) -> Columns {
    let mut columns = Columns::default();
    for (key, heading) in names.keys().iter().zip(headings(names)) {
        let name = to_json(&Value::text(&key.name), JsonStyle::Compact);
        match Expr::compile(Passage::flag("groupBy", &name)) {
            Ok(expr) => push(&mut columns, plain(heading, &expr, names), expr, names),
            Err(found) => findings.extend(found),
        }
    }
    let count = Expr::compile(Passage::flag("columns", "length(rows)"));
    let count = count.expect("the count is an expression");
    let heading = plain(COUNT.to_owned(), &count, names);
    push(&mut columns, heading, count, names);
    announce(&columns, names);
    columns
}

/// How many rows a group has.
const COUNT: &str = "COUNT";

/// A key that has the name of a column that comes by default.
pub(super) fn shares_name(key: &Located<String>, query: &Query) -> Option<Diagnostic> {
    if key.value != COUNT || query.columns.is_some() {
        return None;
    }
    let message = format!("the key `{COUNT}` has the name of the column that counts rows");
    let finding = Diagnostic::error(message).at(&key.place, "");
    Some(finding.hint("give it another name, or write `columns`"))
}

/// The names of the keys in capitals, as columns are named; where two columns would then share one, as they are
/// written.
fn headings(names: &Names) -> Vec<String> {
    let keys = names.keys().iter();
    let upper: Vec<String> = keys.map(|key| key.name.to_uppercase()).collect();
    let heading = |(at, name): (usize, &String)| {
        let is_shared = upper.iter().filter(|other| *other == &upper[at]).count() > 1;
        match is_shared || upper[at] == COUNT {
            true => name.clone(),
            false => upper[at].clone(),
        }
    };
    let written = names.keys().iter().map(|key| &key.name);
    written.enumerate().map(heading).collect()
}

fn plain(name: String, expr: &Expr, names: &Names) -> Heading {
    Heading {
        name,
        format: bare_field(expr, names).map_or(CellFormat::Plain, Unit::format),
        align: Align::Left,
        wide: false,
    }
}

fn push(columns: &mut Columns, heading: Heading, expr: Expr, names: &Names) {
    let kind = expr.result_type(names);
    let clause = clause(expr, names, columns);
    columns.push(Column {
        heading,
        clause,
        kind,
        shown: true,
    });
}

/// These columns do not see one another, but what comes after them does.
fn announce(columns: &Columns, names: &mut Names) {
    for column in columns.iter() {
        names.add_column(&column.heading.name, column.kind);
    }
}
