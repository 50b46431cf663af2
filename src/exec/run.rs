//! The run: listing, conditions, order, columns, and rows out, in the stages the plan laid down.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::stream::LocalBoxStream;

use super::ask::{Absent, Asked, Asker};
use super::background::Background;
use super::budget::Budget;
use super::companions::companions;
use super::families::Families;
use super::list::candidates;
use super::listed::{Listed, Lost, absent_reference, missing};
use crate::fields::{FieldId, Resource, lookup};
use crate::plan::{Plan, Split};
use crate::registry::{Registry, RegistryError};
use crate::rows::{
    Condition, Doubt, Fact, Lacking, Marks, Problem, ReadBy, ResultRow, Row, RowError, RunError,
    Session, Standing, Subject, Summary, Truth, View,
};

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
pub(super) enum Passed<T> {
    /// The row is there, and goes on.
    Kept(Box<T>),
    /// The row is not wanted, or never was there.
    Dropped,
    /// There is no row where there may have been one.
    Lost(Lost),
}

/// Everything a stage needs, borrowed.
pub(super) struct Runner<'a> {
    pub(super) plan: &'a Plan,
    pub(super) sources: &'a [Source],
    pub(super) session: &'a Session,
    pub(super) budget: &'a Budget,
    /// Which manifests of a repository name which.
    families: &'a Families,
    /// What could not be listed, in natural order.
    pub(super) missing: RefCell<Vec<RowError>>,
    /// Hashes of what is missing: a listing may have very many names that are none (threats S5).
    noted: RefCell<HashSet<u64>>,
    hasher: RandomState,
    /// What could not be had of the rows of the result, in their order.
    pub(super) errors: RefCell<Vec<RowError>>,
    /// What its columns show as null because a registry tells it of nothing.
    lacking: RefCell<BTreeSet<Lacking>>,
    pub(super) gone: Cell<u64>,
    /// What asserts see.
    pub(super) view: RefCell<View<'a>>,
    /// The rows of the result, those beyond the limit too where they are counted.
    pub(super) count: Cell<u64>,
    pub(super) doubt: Cell<Doubt>,
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
    let families = &Families::default();
    let companions = companions(plan, sources, budget, families).await;
    let session = &session.comparing(companions);
    let runner = Runner {
        plan,
        sources,
        session,
        budget,
        families,
        missing: RefCell::default(),
        noted: RefCell::default(),
        hasher: RandomState::new(),
        errors: RefCell::default(),
        lacking: RefCell::default(),
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
            lacking: self.lacking.into_inner().into_iter().collect(),
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
        let listed = candidates(
            self.plan,
            self.sources,
            self.budget,
            self.families,
            &background,
        );
        let listed: Vec<LocalBoxStream<'_, Listed>> = match self.plan.split {
            Split::Listed => {
                let parted = |rows| self.parted(rows, &background);
                listed.into_iter().map(parted).collect()
            }
            Split::Never | Split::Sorted => listed,
        };
        match self.plan.query.gathers() {
            true => self.gathered(listed, &background, sink).await,
            false => self.one_by_one(listed, &background, sink).await,
        }
    }

    /// Lets asserts see a row or a group that is handed out.
    pub(super) fn show_asserts(
        &self,
        subject: &mut dyn Subject,
        marks: Marks,
    ) -> Result<(), RunError> {
        let query = &self.plan.query;
        let mut view = self.view.borrow_mut();
        view.take(subject, marks, &query.columns, self.session)
    }

    pub(super) fn doubt_count(&self, doubted: bool) {
        let mut doubt = self.doubt.get();
        doubt.count |= doubted;
        self.doubt.set(doubt);
    }

    pub(super) fn doubt_order(&self, doubted: bool) {
        let mut doubt = self.doubt.get();
        doubt.order |= doubted;
        self.doubt.set(doubt);
    }

    /// Shows that a row exists which only the query says so of, by something that only an existing one can answer.
    /// Where nobody can tell, the row stays and is marked.
    pub(super) async fn prove(&self, asker: &Asker<'_>, row: &mut Row) -> Asked {
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
                companion: None,
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
    pub(super) async fn filter(
        &self,
        row: &mut Row,
        conditions: &[Condition],
    ) -> Result<Option<End>, RunError> {
        let asker = self.asker(row);
        if let Asked::Gone(absent) = asker.complete(row, self.plan.prefetch).await {
            return Ok(Some(End::Gone(absent)));
        }
        for condition in conditions {
            if let Asked::Gone(absent) = asker.complete(row, condition.clause.needs).await {
                return Ok(Some(End::Gone(absent)));
            }
            let columns = &self.plan.query.columns;
            let truth = condition.evaluate(row, columns, self.session, ReadBy::Condition)?;
            if truth == Truth::False {
                return Ok(Some(End::Dropped));
            }
        }
        Ok(None)
    }

    /// What was there has vanished; a tag that only the query names just is not there; a repository that
    /// only the query names and that is not there is an error.
    pub(super) fn ended<T>(&self, row: &Row, end: End) -> Passed<T> {
        let End::Gone(absent) = end else {
            return Passed::Dropped;
        };
        match (row.standing, absent) {
            (Standing::There, _) | (Standing::TagNamed, Absent::Repository) => {
                Passed::Lost(Lost::Vanished)
            }
            (Standing::Named, Absent::Repository) => {
                let repository = &row.evidence.repository;
                let error = RegistryError::NoRepository(repository.clone());
                let fault = self.budget.note_failure(&error);
                let source = &self.sources[row.source];
                Passed::Lost(Lost::Missing(missing(source, Some(repository), fault)))
            }
            (Standing::Referenced, _) => {
                let source = &self.sources[row.source];
                let fault = self.budget.note_failure(&absent_reference(row, absent));
                let tag = row.evidence.tag.as_ref().map(ToString::to_string);
                let missing = missing(source, Some(&row.evidence.repository), fault);
                Passed::Lost(Lost::Missing(RowError { tag, ..missing }))
            }
            (Standing::TagNamed | Standing::Named, Absent::Tag) => Passed::Dropped,
        }
    }

    pub(super) fn asker(&self, row: &Row) -> Asker<'_> {
        let source = &self.sources[row.source];
        let registry = source.registry.as_ref();
        Asker {
            registry: registry
                .map(AsRef::as_ref)
                .expect("rows come from opened registries"),
            platform: self.plan.query.platform_of_rows(),
            tags: &self.plan.query.tags,
            budget: self.budget,
            families: self.families,
        }
    }

    /// Notes what is missing once: a repository may be missed by each of its tags.
    pub(super) fn note_lost(&self, lost: Lost) {
        let Lost::Missing(error) = lost else {
            self.gone.set(self.gone.get() + 1);
            return;
        };
        if self.is_new(&error) {
            self.missing.borrow_mut().push(error);
        }
    }

    /// Notes what could not be had of a row once: the parts of a tag may miss the same.
    pub(super) fn add_errors(&self, errors: impl IntoIterator<Item = RowError>) {
        let new = errors.into_iter().filter(|error| self.is_new(error));
        self.errors.borrow_mut().extend(new);
    }

    /// Notes what the columns of a row or a group show as null because a registry tells it of nothing.
    pub(super) fn add_lacking(&self, lacking: impl Iterator<Item = Lacking>) {
        self.lacking.borrow_mut().extend(lacking);
    }

    fn is_new(&self, error: &RowError) -> bool {
        let place = (&error.registry, &error.repository, &error.tag, error.field);
        let what = self
            .hasher
            .hash_one((place, &error.code, error.message.as_str()));
        self.noted.borrow_mut().insert(what)
    }
}

/// How a row ended before it became part of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// A condition is false.
    Dropped,
    /// It is not there.
    Gone(Absent),
}
