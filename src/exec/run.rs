//! The run: listing, conditions, order, columns, and rows out, in the stages the plan laid down.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::ask::{Absent, Asked, Asker};
use super::background::Background;
use super::budget::Budget;
use super::list::candidates;
use super::listed::{Candidate, Listed, Lost, missing};
use super::ordered::{Window, in_order};
use crate::fields::{FieldId, FieldSet, Resource, lookup};
use crate::plan::Plan;
use crate::registry::{Registry, RegistryError};
use crate::rows::{
    Condition, Doubt, Fact, Problem, ReadBy, ResultRow, Row, RowError, RunError, Session, SortKeys,
    Standing, Summary, Truth, View, sort,
};
use crate::value::Value;

/// How many registries are asked at once.
const SOURCES_AT_ONCE: usize = 16;

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

/// What became of something listed in a stage.
enum Passed<T> {
    /// The row is there, and goes on.
    Kept(Box<T>),
    /// The row is not wanted, or never was there.
    Dropped,
    /// There is no row where there may have been one.
    Lost(Lost),
}

/// Everything a stage needs, borrowed.
struct Runner<'a> {
    plan: &'a Plan,
    sources: &'a [Source],
    session: &'a Session,
    budget: &'a Budget,
    /// What could not be listed, in natural order.
    missing: RefCell<Vec<RowError>>,
    /// What could not be had of the rows of the result, in their order.
    errors: RefCell<Vec<RowError>>,
    gone: Cell<u64>,
    /// What asserts see.
    view: RefCell<View<'a>>,
    /// The rows of the result, those beyond the limit too where they are counted.
    count: Cell<u64>,
    doubt: Cell<Doubt>,
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
        missing: RefCell::default(),
        errors: RefCell::default(),
        gone: Cell::new(0),
        view: RefCell::new(View::new(&plan.query.asserts, &plan.query.asserted)),
        count: Cell::new(0),
        doubt: Cell::default(),
    };
    let stopped = runner.run(sink).await?;
    let summary = runner.summary(stopped)?;
    Ok(Report { summary, stopped })
}

impl Runner<'_> {
    /// How it went. Of a result that nobody reads to its end, nothing is asserted.
    fn summary(self, stopped: bool) -> Result<Summary, RunError> {
        let mut errors = self.missing.into_inner();
        let mut doubt = self.doubt.get();
        doubt.count |= !errors.is_empty();
        errors.extend(self.errors.into_inner());
        let mut summary = Summary {
            gone: self.gone.get(),
            errors,
            asserts: Vec::new(),
        };
        if !stopped {
            let view = self.view.into_inner();
            let registry = self.sources.first().map_or("", |source| &source.name);
            let errors = &mut summary.errors;
            summary.asserts =
                view.check(self.count.get(), doubt, registry, errors, self.session)?;
        }
        Ok(summary)
    }

    async fn run(
        &self,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        let background = Background::default();
        let listed = candidates(self.plan, self.sources, self.budget, &background);
        let counts_all = self.plan.query.counts_all();
        if self.plan.query.sort.is_empty() && !counts_all {
            return Ok(self.hand_out(listed, &background, sink).await?.stopped);
        }
        let (sorted, misplaced) = self.collect_sorted(listed, &background).await?;
        let all = sorted.len() as u64;
        let sorted = sorted.into_iter().map(Listed::Row);
        let sorted = [stream::iter(sorted)];
        let end = self.hand_out(sorted, &background, sink).await?;
        if counts_all {
            self.count.set(all - end.dropped);
        }
        let cut_off = misplaced
            .into_iter()
            .filter(|(place, _)| *place >= end.taken);
        let errors = cut_off.flat_map(|(_, errors)| errors);
        self.errors.borrow_mut().extend(errors);
        Ok(end.stopped)
    }

    /// The first stage of a sorted query, and of one that counts: the early conditions and the sort keys of every row.
    /// Gives the rows in order, and by their place in it the errors that count even where `limit` cuts the row off,
    /// because it may belong to the result, or to those that are counted.
    async fn collect_sorted(
        &self,
        listed: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
    ) -> Result<(Vec<Box<Candidate>>, Vec<Misplaced>), RunError> {
        let mut kept: Vec<(SortKeys, Box<Candidate>)> = Vec::new();
        let window = Window::new(self.session.limits.rows_in_flight, None);
        let work = async |listed| match listed {
            Listed::Row(candidate) => self.first_stage(candidate).await,
            Listed::Lost(lost) => Ok(Passed::Lost(lost)),
        };
        in_order(
            listed,
            SOURCES_AT_ONCE,
            work,
            &window,
            background,
            |passed| {
                match passed {
                    Passed::Kept(found) => kept.push(*found),
                    Passed::Lost(lost) => self.note_lost(lost),
                    Passed::Dropped => {}
                }
                true
            },
        )
        .await?;
        sort(&mut kept, &self.plan.query.sort);
        let counts_all = self.plan.query.counts_all();
        let mut misplaced = Vec::new();
        for (place, (keys, candidate)) in kept.iter().enumerate() {
            let row = &candidate.row;
            self.doubt_order(keys.unknown);
            self.doubt_count(counts_all && row.is_doubtful());
            let errors = match counts_all {
                true => row.count_errors(),
                false => row.place_errors(),
            };
            if !errors.is_empty() {
                misplaced.push((place, errors));
            }
        }
        Ok((
            kept.into_iter().map(|(_, candidate)| candidate).collect(),
            misplaced,
        ))
    }

    async fn first_stage(
        &self,
        mut candidate: Box<Candidate>,
    ) -> Result<Passed<(SortKeys, Box<Candidate>)>, RunError> {
        let query = &self.plan.query;
        let needs = query.sort.iter().map(|key| key.clause.needs);
        let needs = needs.fold(FieldSet::EMPTY, FieldSet::union);
        if let Some(end) = self.filter(&mut candidate, &self.plan.early).await? {
            return Ok(self.ended(&candidate, end));
        }
        let asker = self.asker(&candidate);
        if let Asked::Gone(absent) = asker.complete(&mut candidate.row, needs).await {
            return Ok(self.ended(&candidate, End::Gone(absent)));
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
        if query.counts_all()
            && let Asked::Gone(absent) = self.prove(&asker, &mut candidate.row).await
        {
            return Ok(self.ended(&candidate, End::Gone(absent)));
        }
        candidate.row.settle(self.plan.needs);
        Ok(Passed::Kept(Box::new((keys, candidate))))
    }

    /// The last stage: the conditions that are left, the columns, and out.
    async fn hand_out(
        &self,
        rows: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<HandedOut, RunError> {
        let window = Window::new(self.session.limits.rows_in_flight, self.plan.query.limit);
        let mut end = HandedOut::default();
        let mut failed: Option<RunError> = None;
        let work = async |listed| match listed {
            Listed::Row(candidate) => self.last_stage(candidate).await,
            Listed::Lost(lost) => Ok(Passed::Lost(lost)),
        };
        // Where rows are wanted only up to a number, no source is asked that may not be needed.
        let at_once = match self.plan.query.limit {
            Some(_) => 1,
            None => SOURCES_AT_ONCE,
        };
        in_order(rows, at_once, work, &window, background, |passed| {
            end.taken += 1;
            match passed {
                Passed::Kept(handed) => {
                    let (mut row, cells) = *handed;
                    window.kept();
                    if let Err(error) = self.show_asserts(&mut row) {
                        failed = Some(error);
                        return false;
                    }
                    self.errors.borrow_mut().extend(row.errors());
                    end.stopped = sink(row.finish(cells)).is_break();
                }
                Passed::Dropped => {
                    window.dropped();
                    end.dropped += 1;
                }
                Passed::Lost(lost) => {
                    window.dropped();
                    end.dropped += 1;
                    self.note_lost(lost);
                }
            }
            !end.stopped
        })
        .await?;
        failed.map_or(Ok(end), Err)
    }

    /// Lets asserts see a row that is handed out.
    fn show_asserts(&self, row: &mut Row) -> Result<(), RunError> {
        let query = &self.plan.query;
        self.count.set(self.count.get() + 1);
        self.doubt_count(row.is_doubtful());
        let mut view = self.view.borrow_mut();
        view.take(row, &query.columns, self.session)
    }

    fn doubt_count(&self, doubted: bool) {
        let mut doubt = self.doubt.get();
        doubt.count |= doubted;
        self.doubt.set(doubt);
    }

    fn doubt_order(&self, doubted: bool) {
        let mut doubt = self.doubt.get();
        doubt.order |= doubted;
        self.doubt.set(doubt);
    }

    async fn last_stage(
        &self,
        mut candidate: Box<Candidate>,
    ) -> Result<Passed<(Row, Vec<Value>)>, RunError> {
        let query = &self.plan.query;
        if let Some(end) = self.filter(&mut candidate, &self.plan.late).await? {
            return Ok(self.ended(&candidate, end));
        }
        let asker = self.asker(&candidate);
        let row = &mut candidate.row;
        let mut asked = asker.complete(row, query.handed_needs()).await;
        if asked == Asked::Done {
            asked = self.prove(&asker, row).await;
        }
        if let Asked::Gone(absent) = asked {
            return Ok(self.ended(&candidate, End::Gone(absent)));
        }
        let cells = query.columns.cells(row, self.session)?;
        Ok(Passed::Kept(Box::new((candidate.row, cells))))
    }

    /// Shows that a row exists which only the query says so of, by something that only an existing one can answer.
    /// Where nobody can tell, the row stays and is marked.
    async fn prove(&self, asker: &Asker<'_>, row: &mut Row) -> Asked {
        if row.standing == Standing::There {
            return Asked::Done;
        }
        let proof = self.proof();
        let asked = asker.complete(row, [proof].into_iter().collect()).await;
        if row.standing != Standing::There
            && let Fact::Unknown(fault) = row.fact(proof)
        {
            row.note(Problem {
                field: Some(proof),
                fault,
                read_by: ReadBy::Existence,
            });
        }
        asked
    }

    fn proof(&self) -> FieldId {
        let resource = self.plan.query.resource;
        let name = match resource {
            Resource::Repositories => "tag_count",
            _ => "digest",
        };
        lookup(resource, name).expect("the proof is a field").0
    }

    /// Evaluates conditions in order; tells how the row ended, if it did.
    async fn filter(
        &self,
        candidate: &mut Candidate,
        conditions: &[Condition],
    ) -> Result<Option<End>, RunError> {
        let asker = self.asker(candidate);
        let row = &mut candidate.row;
        if let Asked::Gone(absent) = asker.complete(row, self.plan.prefetch).await {
            return Ok(Some(End::Gone(absent)));
        }
        for condition in conditions {
            if let Asked::Gone(absent) = asker.complete(row, condition.clause.needs).await {
                return Ok(Some(End::Gone(absent)));
            }
            if condition.evaluate(row, self.session)? == Truth::False {
                return Ok(Some(End::Dropped));
            }
        }
        Ok(None)
    }

    /// What was there has vanished; a tag that only the query names just is not there; a repository that
    /// only the query names and that is not there is an error.
    fn ended<T>(&self, candidate: &Candidate, end: End) -> Passed<T> {
        let End::Gone(absent) = end else {
            return Passed::Dropped;
        };
        match (candidate.row.standing, absent) {
            (Standing::There, _) | (Standing::TagNamed, Absent::Repository) => {
                Passed::Lost(Lost::Vanished)
            }
            (Standing::Named, Absent::Repository) => {
                let repository = &candidate.row.evidence.repository;
                let error = RegistryError::NoRepository(repository.clone());
                let fault = self.budget.note_failure(&error);
                let source = &self.sources[candidate.source];
                Passed::Lost(Lost::Missing(missing(source, Some(repository), fault)))
            }
            (Standing::TagNamed | Standing::Named, Absent::Tag) => Passed::Dropped,
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

    /// Notes what is missing once: a repository may be missed by each of its tags.
    fn note_lost(&self, lost: Lost) {
        let mut missing = self.missing.borrow_mut();
        match lost {
            Lost::Vanished => self.gone.set(self.gone.get() + 1),
            Lost::Missing(error) if missing.contains(&error) => {}
            Lost::Missing(error) => missing.push(error),
        }
    }
}

/// Where a sorted row stands, and its errors that count wherever that is.
type Misplaced = (usize, Vec<RowError>);

/// How handing rows out ended.
#[derive(Default)]
struct HandedOut {
    /// How many were taken, those that were dropped at last among them.
    taken: usize,
    /// How many were dropped.
    dropped: u64,
    /// Whether `sink` said stop.
    stopped: bool,
}

/// How a row ended before it became part of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// A condition is false.
    Dropped,
    /// It is not there.
    Gone(Absent),
}
