//! Asserts get their expressions, and the columns they read.

use super::columns::compile;
use super::scope::Names;
use crate::diagnostic::Diagnostic;
use crate::expr::Expr;
use crate::query::{self, Parameter};
use crate::rows::{Assert, Piece};

/// Binds asserts to what they see of a result: `names` has all its columns.
pub(super) fn bind(
    written: &[query::Assert],
    params: &[Parameter],
    names: &Names,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Assert> {
    let names = &names.of_result();
    let mut asserts = Vec::new();
    for assert in written {
        let that = compile(&assert.that, names, params, findings);
        let message = message(assert, params, names, findings);
        if let Some(that) = that {
            let columns = columns_of(&that, names);
            asserts.push(Assert {
                that,
                message,
                columns,
            });
        }
    }
    asserts
}

/// The columns that any of these read, in order, each once.
pub(super) fn columns(asserts: &[Assert], names: &Names) -> Vec<usize> {
    let names = &names.of_result();
    let expressions = asserts.iter().flat_map(Assert::expressions);
    let mut columns: Vec<usize> = expressions
        .flat_map(|expr| columns_of(expr, names))
        .collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

fn columns_of(expr: &Expr, names: &Names) -> Vec<usize> {
    let reads = expr.reads();
    if reads.whole() || reads.elements.whole {
        return (0..names.count()).collect();
    }
    let members = reads.elements.members.iter();
    members
        .filter_map(|read| names.column(&read.name))
        .collect()
}

/// A message that is not written is the expression.
fn message(
    assert: &query::Assert,
    params: &[Parameter],
    names: &Names,
    findings: &mut Vec<Diagnostic>,
) -> Vec<Piece> {
    let Some(pieces) = &assert.message else {
        return vec![Piece::Text(assert.that.text().into())];
    };
    let piece = |piece: &query::Piece| match piece {
        query::Piece::Text(text) => Some(Piece::Text(text.as_str().into())),
        query::Piece::Value(passage) => compile(passage, names, params, findings).map(Piece::Value),
    };
    pieces.iter().filter_map(piece).collect()
}
