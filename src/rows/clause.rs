//! Clauses: expressions of a query, bound to the names they read.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Columns, Companions, Entries, Fault, Problem, ReadBy, Subject};
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
    /// The fields it reads by name; of a grouped query, the keys alone do.
    pub fields: Vec<FieldId>,
    /// The keys of the group it reads by name, by their index.
    pub keys: Vec<usize>,
    /// The fields it reads of each of the group's `rows`; none if it does not look at them at all.
    pub members: Option<Vec<FieldId>>,
    /// Whether it reads `rank`.
    pub rank: bool,
    /// The columns it reads by name, by their index.
    pub columns: Vec<usize>,
    /// What it reads of the images that rows are compared with, by their index, its columns' reads included.
    pub with: Vec<(usize, FieldId)>,
    /// Every field that must be there before it can be evaluated, of each row of a group, those of its columns included.
    pub needs: FieldSet,
}

/// What is the same for every row of a run.
#[derive(Debug, Clone)]
pub struct Session {
    /// What means the same at any depth of an expression: a map with `params` and `with`.
    pub constants: Value,
    /// The instant of the run.
    pub now: Timestamp,
    /// The bounds.
    pub limits: Limits,
    /// The images that rows are compared with.
    pub companions: Companions,
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
    /// A session that compares rows with nothing yet.
    pub fn new(constants: Value, now: Timestamp, limits: Limits) -> Self {
        Self {
            constants,
            now,
            limits,
            companions: Companions::default(),
        }
    }

    /// The session with the images that rows are compared with, which are the constant `with`.
    pub fn comparing(&self, companions: Companions) -> Self {
        let entries = self.constants.as_map().into_iter().flatten();
        let entries = entries.map(|(name, value)| (Arc::clone(name), value.clone()));
        let with = (Arc::from("with"), companions.value());
        Self {
            constants: Value::map(entries.chain([with])),
            companions,
            ..self.clone()
        }
    }

    /// The value of an expression that looks at so many rows, or why it has none.
    ///
    /// Errors: an exhausted budget.
    pub(super) fn evaluate(
        &self,
        expr: &Expr,
        root: &Value,
        rows: usize,
    ) -> Result<Result<Value, Fault>, RunError> {
        let limits = Limits {
            expression_steps: self.limits.steps_for(rows),
            ..self.limits.clone()
        };
        let context = Context {
            now: self.now,
            mode: Mode::Lenient,
            limits: &limits,
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
    /// Evaluates the clause on a row, or a group of rows, whose needed fields were asked. What it reads and cannot have
    /// is noted there.
    ///
    /// Errors: an exhausted budget; any other failure of the expression is a problem of the row.
    pub fn evaluate(
        &self,
        subject: &mut dyn Subject,
        columns: &Columns,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Outcome, RunError> {
        let Some(root) = self.root(subject, columns, session, read_by)? else {
            return Ok(Outcome::Unknown);
        };
        match session.evaluate(&self.expr, &root, subject.size())? {
            Ok(value) => Ok(Outcome::Value(value)),
            Err(fault) => {
                subject.note(Problem {
                    field: None,
                    fault,
                    read_by,
                    companion: None,
                });
                Ok(Outcome::Unknown)
            }
        }
    }

    /// The names the expression reads, as one map; none if something in it could not be had. A column hides a
    /// field or a key of the same name.
    fn root(
        &self,
        subject: &mut dyn Subject,
        columns: &Columns,
        session: &Session,
        read_by: ReadBy,
    ) -> Result<Option<Value>, RunError> {
        let mut entries: Entries = Vec::with_capacity(self.fields.len());
        let mut known = subject.read(self, read_by, &mut entries);
        for problem in session.companions.problems(&self.with, read_by) {
            known = false;
            subject.note(problem);
        }
        for index in &self.columns {
            match columns.evaluate(*index, subject, session, read_by)? {
                Outcome::Value(value) => entries.push((columns.name(*index), value)),
                Outcome::Unknown => known = false,
            }
        }
        Ok(known.then(|| Value::map(entries)))
    }
}
