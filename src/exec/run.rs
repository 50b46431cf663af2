//! The run: listing, conditions, order, columns, and rows out, in the stages the plan laid down.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::ask::{Asked, Asker};
use super::budget::Budget;
use super::list::{Candidate, Trouble, candidates};
use super::ordered::{Window, in_order};
use crate::fields::{FieldSet, Resource, lookup};
use crate::plan::Plan;
use crate::registry::{Registry, RegistryError};
use crate::rows::{
    Condition, ResultRow, Row, RowError, RunError, Session, SortKeys, Summary, Truth, sort,
};
use crate::value::Value;

/// One registry of a query, opened or not.
pub struct Source {
    /// As the query names it.
    pub name: Arc<str>,
    /// What stands before the query's repository patterns; empty or ending in a slash.
    pub prefix: Arc<str>,
    /// The registry, or why there is none.
    pub registry: Result<Arc<dyn Registry>, RegistryError>,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// What is missing.
    pub summary: Summary,
    /// Whether whoever takes the rows said stop.
    pub stopped: bool,
}

/// What became of a row in a stage.
enum Passed<T> {
    Kept(Box<T>),
    Dropped,
    Gone,
}

/// Everything a stage needs, borrowed.
struct Runner<'a> {
    plan: &'a Plan,
    sources: &'a [Source],
    session: &'a Session,
    budget: &'a Budget,
    trouble: Trouble,
    /// What row errors count, in row order; those of the listing come before them.
    errors: RefCell<Vec<RowError>>,
}

/// Carries a plan out and hands each row of the result to `sink`, in order, as soon as it is certain.
///
/// Errors: an expression that exhausts its budget; everything else is in the report.
pub async fn run(
    plan: &Plan,
    sources: &[Source],
    session: &Session,
    budget: &Budget,
    sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
) -> Result<Report, RunError> {
    let runner = Runner {
        plan,
        sources,
        session,
        budget,
        trouble: Trouble::default(),
        errors: RefCell::default(),
    };
    let stopped = runner.run(sink).await?;
    let gone = runner.trouble.gone.get();
    let mut errors = runner.trouble.into_errors();
    errors.extend(runner.errors.into_inner());
    Ok(Report {
        summary: Summary { gone, errors },
        stopped,
    })
}

impl Runner<'_> {
    async fn run(
        &self,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        let listed = candidates(self.plan, self.sources, self.budget, &self.trouble);
        if self.plan.query.sort.is_empty() {
            return self.hand_out(listed, sink).await;
        }
        let (sorted, misplaced) = self.collect_sorted(listed).await?;
        let stopped = self.hand_out(stream::iter(sorted), sink).await?;
        let mut errors = self.errors.borrow_mut();
        for error in misplaced {
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        Ok(stopped)
    }

    /// The first stage of a sorted query: the early conditions and the sort keys of every row. Gives the rows
    /// in order, and the errors that left a row without its place: they count even where `limit` cuts
    /// the row off, because it may belong to the result.
    async fn collect_sorted(
        &self,
        listed: impl Stream<Item = Candidate>,
    ) -> Result<(Vec<Candidate>, Vec<RowError>), RunError> {
        let mut kept: Vec<(SortKeys, Candidate)> = Vec::new();
        let window = Window::new(self.session.limits.rows_in_flight, None);
        let work = |candidate| self.first_stage(candidate);
        in_order(listed, work, &window, |passed| {
            match passed {
                Passed::Kept(found) => kept.push(*found),
                Passed::Gone => self.count_gone(),
                Passed::Dropped => {}
            }
            true
        })
        .await?;
        sort(&mut kept, &self.plan.query.sort);
        let misplaced = kept.iter().filter(|(keys, _)| keys.unknown);
        let misplaced = misplaced
            .flat_map(|(_, candidate)| candidate.row.place_errors())
            .collect();
        Ok((
            kept.into_iter().map(|(_, candidate)| candidate).collect(),
            misplaced,
        ))
    }

    async fn first_stage(
        &self,
        mut candidate: Candidate,
    ) -> Result<Passed<(SortKeys, Candidate)>, RunError> {
        let query = &self.plan.query;
        let needs = query.sort.iter().map(|key| key.clause.needs);
        let needs = needs.fold(self.plan.prefetch, FieldSet::union);
        if let Some(end) = self.filter(&mut candidate, &self.plan.early).await? {
            return Ok(self.ended(&candidate, end));
        }
        if self
            .asker(&candidate)
            .complete(&mut candidate.row, needs)
            .await
            == Asked::Gone
        {
            return Ok(self.ended(&candidate, End::Gone));
        }
        let keys = SortKeys::of(
            &query.sort,
            &mut candidate.row,
            &query.columns,
            self.session,
        )?;
        // Whether a row without a place belongs to the result at all must be known before its error counts.
        if keys.unknown
            && let Some(end) = self.filter(&mut candidate, &self.plan.late).await?
        {
            return Ok(self.ended(&candidate, end));
        }
        candidate.row.settle(self.plan.needs);
        Ok(Passed::Kept(Box::new((keys, candidate))))
    }

    /// The last stage: the conditions that are left, the columns, and out. Tells whether `sink` said stop.
    async fn hand_out(
        &self,
        rows: impl Stream<Item = Candidate>,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        let window = Window::new(self.session.limits.rows_in_flight, self.plan.query.limit);
        let mut stopped = false;
        let work = |candidate| self.last_stage(candidate);
        in_order(rows, work, &window, |passed| {
            match passed {
                Passed::Kept(handed) => {
                    let (row, cells) = *handed;
                    window.kept();
                    self.errors.borrow_mut().extend(row.errors());
                    stopped = sink(row.finish(cells)).is_break();
                }
                Passed::Dropped => window.dropped(),
                Passed::Gone => {
                    window.dropped();
                    self.count_gone();
                }
            }
            !stopped
        })
        .await?;
        Ok(stopped)
    }

    async fn last_stage(
        &self,
        mut candidate: Candidate,
    ) -> Result<Passed<(Row, Vec<Value>)>, RunError> {
        let query = &self.plan.query;
        if let Some(end) = self.filter(&mut candidate, &self.plan.late).await? {
            return Ok(self.ended(&candidate, end));
        }
        let needs = query.columns.shown_needs().union(self.plan.prefetch);
        let asker = self.asker(&candidate);
        let row = &mut candidate.row;
        if asker.complete(row, needs).await == Asked::Gone
            || asker.complete(row, self.proof(row)).await == Asked::Gone
        {
            return Ok(self.ended(&candidate, End::Gone));
        }
        let cells = query.columns.cells(row, self.session)?;
        Ok(Passed::Kept(Box::new((candidate.row, cells))))
    }

    /// What shows that a row exists: nothing more for a listed one; for a named one, something that only an
    /// existing one can answer.
    fn proof(&self, row: &Row) -> FieldSet {
        let name = match self.plan.query.resource {
            Resource::Repositories => "tag_count",
            _ => "digest",
        };
        let proof = lookup(self.plan.query.resource, name).filter(|_| !row.listed);
        proof.map(|(id, _)| id).into_iter().collect()
    }

    /// Evaluates conditions in order; tells how the row ended, if it did.
    async fn filter(
        &self,
        candidate: &mut Candidate,
        conditions: &[Condition],
    ) -> Result<Option<End>, RunError> {
        for condition in conditions {
            let asker = self.asker(candidate);
            let row = &mut candidate.row;
            if asker.complete(row, condition.clause.needs).await == Asked::Gone {
                return Ok(Some(End::Gone));
            }
            if condition.evaluate(row, self.session)? == Truth::False {
                return Ok(Some(End::Dropped));
            }
        }
        Ok(None)
    }

    /// A listed tag that is not there has vanished; one that the query names just is not there; a repository that
    /// the query names and that is not there is an error.
    fn ended<T>(&self, candidate: &Candidate, end: End) -> Passed<T> {
        match end {
            End::Gone if candidate.row.listed => Passed::Gone,
            End::Gone if self.plan.query.resource == Resource::Repositories => {
                let repository = candidate.row.evidence.repository.clone();
                let source = (candidate.source, &self.sources[candidate.source]);
                let error = RegistryError::NoRepository(repository.clone());
                let fault = self.budget.note_failure(&error);
                self.trouble.fail(source, Some(&repository), fault);
                Passed::Dropped
            }
            End::Gone | End::Dropped => Passed::Dropped,
        }
    }

    fn asker(&self, candidate: &Candidate) -> Asker<'_> {
        let source = &self.sources[candidate.source];
        let registry = source.registry.as_ref();
        Asker {
            registry: registry
                .map(AsRef::as_ref)
                .expect("rows come from opened registries"),
            platform: &self.plan.query.platform,
            tags: &self.plan.query.tags,
            budget: self.budget,
        }
    }

    fn count_gone(&self) {
        self.trouble.gone.set(self.trouble.gone.get() + 1);
    }
}

/// How a row ended before it became part of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A condition is false.
    Dropped,
    /// It is not there.
    Gone,
}
