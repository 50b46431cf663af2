//! Columns get their expressions, formats and needs.

use std::sync::Arc;

use super::bind::Shown;
use super::clause::clause;
use super::scope::Names;
use crate::diagnostic::{Diagnostic, Passage, Place, nearest};
use crate::expr::{Expr, Read};
use crate::fields::{self, Align, CellFormat, Unit};
use crate::query::{self, Parameter};
use crate::rows::{Column, Columns, Heading};

/// Binds the columns that a query writes.
pub(super) fn written(
    written: &[query::Column],
    params: &[Parameter],
    names: &mut Names,
    shown: Shown,
    findings: &mut Vec<Diagnostic>,
) -> Columns {
    let mut columns = Columns::default();
    for column in written {
        let format = format(column, findings);
        let expr = compile(&column.expression, names, params, findings);
        let kind = expr
            .as_ref()
            .map_or(fields::Type::Any, |expr| expr.result_type(names));
        let hiding = expr.as_ref();
        findings.extend(hiding.and_then(|expr| hides_a_field(column, expr, names)));
        let expr = expr.unwrap_or_else(stand_in);
        let heading = Heading {
            name: column.name.value.clone(),
            format: format.unwrap_or_else(|| {
                bare_field(&expr, names).map_or(CellFormat::Plain, Unit::format)
            }),
            align: align(column),
            wide: column.wide,
        };
        let clause = clause(expr, names, &columns);
        let shown = !(column.wide && shown == Shown::Narrow);
        columns.push(Column {
            heading,
            clause,
            kind,
            shown,
        });
        names.add_column(&column.name.value, kind);
    }
    columns
}

/// What stands in the place of an expression that is wrong, so that what reads its column is still checked.
fn stand_in() -> Expr {
    Expr::compile(Passage::flag("columns", "@")).expect("the current value is an expression")
}

/// Compiles an expression and checks its names.
pub(super) fn compile(
    passage: &Passage,
    names: &Names,
    params: &[Parameter],
    findings: &mut Vec<Diagnostic>,
) -> Option<Expr> {
    match Expr::compile(passage.clone()) {
        Ok(expr) => {
            let found = expr.check(names);
            let is_good = !found.iter().any(Diagnostic::is_error);
            findings.extend(found);
            let undeclared = undeclared(&expr, params);
            findings.extend(undeclared);
            is_good.then_some(expr)
        }
        Err(found) => {
            findings.extend(found);
            None
        }
    }
}

fn format(column: &query::Column, findings: &mut Vec<Diagnostic>) -> Option<CellFormat> {
    let named = column.format.as_ref()?;
    let found = CellFormat::named(&named.value);
    if found.is_none() {
        let names = CellFormat::NAMED.map(|(name, _)| name);
        let finding = Diagnostic::error(format!("unknown format `{}`", named.value))
            .at(&named.place, "")
            .did_you_mean(&named.value, names)
            .hint(format!("there are `{}`", names.join("`, `")));
        findings.push(finding);
    }
    found
}

fn align(column: &query::Column) -> Align {
    match &column.align {
        Some(named) if named.value == "right" => Align::Right,
        _ => Align::Left,
    }
}

/// The unit of the field, or of the key, that the expression is, if it is nothing else.
pub(super) fn bare_field(expr: &Expr, names: &Names) -> Option<Unit> {
    let path = expr.bare_path()?;
    let root = path.split('.').next().unwrap_or(&path);
    if names.column(root).is_some() {
        return None;
    }
    match names.key(root) {
        Some(index) => names.keys()[index].unit.filter(|_| root == path),
        None => names.field(&path).map(|(_, field)| field.unit),
    }
}

/// A column named like a field, or a key, hides it from what comes after; unless it is that, this was hardly meant.
fn hides_a_field(column: &query::Column, expr: &Expr, names: &Names) -> Option<Diagnostic> {
    let name = &column.name.value;
    let hidden = match (names.is_field(name), names.key(name)) {
        (true, _) => "field",
        (false, Some(_)) => "key",
        (false, None) => return None,
    };
    if expr.bare_field() == Some(name) {
        return None;
    }
    let message =
        format!("the column `{name}` hides the {hidden} of the same name from what comes after it");
    let finding = Diagnostic::warning(message).at(&column.name.place, "");
    Some(finding.hint(format!(
        "in capitals it does not: `{}`",
        name.to_uppercase()
    )))
}

/// The place of `params` with the name after it, where that is written next to it.
fn with_member(place: &Place, name: &str) -> Place {
    let rest = &place.source.text[place.end..];
    let follows = rest
        .strip_prefix('.')
        .is_some_and(|rest| rest.starts_with(name));
    let more = if follows { 1 + name.len() } else { 0 };
    Place::new(&place.source, place.start..place.end + more)
}

/// Parameters that are read and not declared.
fn undeclared(expr: &Expr, params: &[Parameter]) -> Vec<Diagnostic> {
    let declared = || params.iter().map(|param| param.name.value.as_str());
    let reads = expr
        .reads()
        .fields
        .iter()
        .filter(|read| &*read.name == "params");
    let named = reads.filter_map(|read| Some((read, read.path.first()?)));
    let unknown = named.filter(|(_, name)| !declared().any(|known| known == &***name));
    let finding = |(read, name): (&Read, &Arc<str>)| {
        let finding = Diagnostic::error(format!("unknown parameter `{name}`"))
            .at(&with_member(&read.place, name), "not declared");
        match nearest(name, declared()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(format!("declare it in `spec`: `params: {{{name}: {{…}}}}`")),
        }
    };
    unknown.map(finding).collect()
}
