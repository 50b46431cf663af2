//! Clauses: expressions of a query, bound to the names they read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Columns, Fact, Fault, Problem, ReadBy, Row};
use crate::diagnostic::{Diagnostic, Place};
use crate::expr::{Context, EvalErrorKind, Expr, Mode};
use crate::fields::{FieldId, FieldSet};
use crate::limits::Limits;
use crate::safe::Safe;
use crate::value::Value;

/// An expression and where each name it reads comes from.
#[derive(Debug, Clone)]
pub struct Clause {
    /// The expression.
    pub expr: Expr,
    /// The fields it reads by name.
    pub fields: Vec<FieldId>,
    /// The columns it reads by name, by their index.
    pub columns: Vec<usize>,
    /// Every field that must be there before it can be evaluated, those of its columns included.
    pub needs: FieldSet,
}

/// What is the same for every row of a run.
#[derive(Debug, Clone)]
pub struct Session {
    /// What means the same at any depth of an expression: a map with `params`.
    pub constants: Value,
    /// The instant of the run.
    pub now: Timestamp,
    /// The bounds.
    pub limits: Limits,
}

/// What a clause comes to on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value.
    Value(Value),
    /// It reads something that could not be had.
    Unknown,
}

/// What ends a run: an expression that would cost too much (threats G8).
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", .0.message)]
pub struct RunError(pub Box<Diagnostic>);

impl Session {
    /// The value of an expression, or why it has none.
    ///
    /// Errors: an exhausted budget.
    pub(super) fn evaluate(
        &self,
        expr: &Expr,
        root: &Value,
    ) -> Result<Result<Value, Fault>, RunError> {
        let context = Context {
            now: self.now,
            mode: Mode::Lenient,
            limits: &self.limits,
            constants: &self.constants,
        };
        match expr.evaluate(root, &context) {
            Ok(value) => Ok(Ok(value)),
            Err(error) if error.kind == EvalErrorKind::Budget => {
                Err(RunError(Box::new(error.to_diagnostic())))
            }
            Err(error) => Ok(Err(Fault {
                code: "EXPRESSION".to_owned(),
                message: Safe::new(&format!("{}: {}", at(&error.place), error.message)),
            })),
        }
    }
}

/// `FILE:LINE:COLUMN`.
pub(super) fn at(place: &Place) -> String {
    let (line, column) = place.line_and_column();
    format!("{}:{line}:{column}", place.source.name)
}

impl Clause {
    /// Evaluates the clause on a row whose needed fields were asked. What it reads and cannot have is noted
    /// on the row.
    ///
    /// Errors: an exhausted budget; any other failure of the expression is a problem of the row.
    pub fn evaluate(
        &self,
        row: &mut Row,
        columns: &Columns,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Outcome, RunError> {
        let Some(root) = self.root(row, columns, session, read_by)? else {
            return Ok(Outcome::Unknown);
        };
        match session.evaluate(&self.expr, &root)? {
            Ok(value) => Ok(Outcome::Value(value)),
            Err(fault) => {
                row.note(Problem {
                    field: None,
                    fault,
                    read_by,
                });
                Ok(Outcome::Unknown)
            }
        }
    }

    /// The names the expression reads, as one map; none if something in it could not be had. A column hides a
    /// field of the same name.
    fn root(
        &self,
        row: &mut Row,
        columns: &Columns,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Option<Value>, RunError> {
        let mut known = true;
        let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(self.fields.len());
        for id in &self.fields {
            match row.fact(*id) {
                Fact::Known(value) => entries.push((Arc::from(id.field().name), value)),
                Fact::NotAsked => entries.push((Arc::from(id.field().name), Value::Null)),
                Fact::Unknown(fault) => {
                    known = false;
                    let field = Some(*id);
                    row.note(Problem {
                        field,
                        fault,
                        read_by,
                    });
                }
            }
        }
        for index in &self.columns {
            match columns.evaluate(*index, row, session, read_by)? {
                Outcome::Value(value) => entries.push((columns.name(*index), value)),
                Outcome::Unknown => known = false,
            }
        }
        Ok(known.then(|| Value::map(entries)))
    }
}
