//! One row on its way: the evidence, what was asked for it, and what failed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::companion::OfCompanion;
use super::subject::Cells;
use crate::fields::{Evidence, Facet, Facets, FieldId, FieldSet};
use crate::rows::{Lacking, ResultRow, RowError};
use crate::safe::Safe;
use crate::value::Value;

/// A row and what is known of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was gathered.
    pub evidence: Evidence,
    /// What is known of its existence.
    pub standing: Standing,
    /// Which source of the query it came from.
    pub source: usize,
    /// The fields that its registry does not tell of anything.
    pub unoffered: FieldSet,
    /// Its rank, where rows are ranked.
    pub rank: Option<u64>,
    /// Those of the unoffered that columns show as null.
    lacking: FieldSet,
    asked: Facets,
    failed: HashMap<Facet, Fault>,
    settled: Vec<(FieldId, Value)>,
    problems: Vec<Problem>,
    pub(super) cells: Cells,
}

/// What is known of a row's existence, and so what it means when it is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A listing or an answer had it: if it is not found, it vanished.
    There,
    /// The query names the tag, and a listing had its repository: if the tag is not found, there is none.
    TagNamed,
    /// The query names all of it: a repository that is not found is an error.
    Named,
    /// The query names this one manifest: if it is not found, that is an error.
    Referenced,
}

/// Why something could not be had.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// A stable word for the cause, such as `DIGEST_MISMATCH`.
    pub code: String,
    /// The cause in words.
    pub message: Safe,
}

/// A fact that was read and could not be had, or an expression that failed on the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The field; none for an expression.
    pub field: Option<FieldId>,
    /// The cause.
    pub fault: Fault,
    /// Who read it.
    pub read_by: ReadBy,
    /// The image that the row is compared with, if the problem is about that.
    pub companion: Option<Arc<OfCompanion>>,
}

/// Who read a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadBy {
    /// A condition: the row stays, because nobody can say that it goes.
    Condition,
    /// A condition on what was grouped or ranked.
    Having,
    /// A sort key, a group's key, or what rows are ranked by: the row's place is not known, even where `limit` cuts it
    /// off.
    Place,
    /// A column: the cell shows null.
    Column,
    /// Nobody: it would have shown that the row is there at all.
    Existence,
}

/// Which problems count, given what became of a row or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// It is shown: all of them.
    Shown,
    /// It is not shown, but counted: all but those of its columns.
    Counted,
    /// It is not shown, but grouped or ranked with others, which may belong elsewhere because of it.
    Among,
    /// It is not shown, where it may belong to what is.
    Misplaced,
}

impl Fault {
    /// The registry does not tell a fact of anything.
    pub(super) fn not_offered() -> Self {
        Self {
            code: "NOT_OFFERED".to_owned(),
            message: Safe::new("this registry does not tell it"),
        }
    }
}

impl Problem {
    /// The cause in words, with the name of the image that it is about, where that is not the row.
    pub(super) fn cause(&self) -> Cow<'_, str> {
        let message = self.fault.message.as_str();
        match &self.companion {
            Some(companion) => Cow::Owned(format!("`with.{}`: {message}", companion.name)),
            None => Cow::Borrowed(message),
        }
    }

    /// The error of the image that it is about, where that is not the row.
    pub(super) fn of_companion(&self) -> Option<RowError> {
        let companion = self.companion.as_ref()?;
        Some(RowError {
            registry: companion.registry.to_string(),
            repository: Some(companion.repository.clone()),
            tag: companion.tag.clone(),
            field: self.field.map(|id| id.field().name),
            code: self.fault.code.clone(),
            message: self.fault.message.clone(),
        })
    }
}

impl Counts {
    /// Tells whether a problem counts that this reader had.
    pub(super) fn includes(self, read_by: ReadBy) -> bool {
        match (self, read_by) {
            (Self::Shown, _) => true,
            (Self::Counted, read_by) => read_by != ReadBy::Column,
            (Self::Among, ReadBy::Condition | ReadBy::Existence | ReadBy::Place) => true,
            (Self::Misplaced, ReadBy::Place) => true,
            (Self::Among | Self::Misplaced, _) => false,
        }
    }
}

/// What is known of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The value; null means: looked, and it is not there.
    Known(Value),
    /// It could not be had.
    Unknown(Fault),
    /// Its registry does not tell it of anything.
    NotOffered,
    /// Nobody has asked.
    NotAsked,
}

impl Row {
    /// Starts a row from what its listing or its name said.
    pub fn new(evidence: Evidence, standing: Standing) -> Self {
        Self {
            evidence,
            standing,
            asked: [Facet::Name, Facet::Tag].into_iter().collect(),
            failed: HashMap::new(),
            settled: Vec::new(),
            problems: Vec::new(),
            cells: Cells::default(),
            source: 0,
            unoffered: FieldSet::EMPTY,
            rank: None,
            lacking: FieldSet::EMPTY,
        }
    }

    /// The facets that were asked, successfully or not.
    pub fn asked(&self) -> Facets {
        self.asked
    }

    /// The facets that were asked in vain.
    pub fn failed(&self) -> Facets {
        self.failed.keys().copied().collect()
    }

    /// Notes that a facet was answered and stands in the evidence.
    pub fn answered(&mut self, facet: Facet) {
        self.asked.insert(facet);
    }

    /// Notes that a facet could not be had.
    pub fn fail(&mut self, facet: Facet, fault: Fault) {
        self.asked.insert(facet);
        self.failed.insert(facet, fault);
    }

    /// Which of these fields are known.
    pub fn present(&self, of: FieldSet) -> FieldSet {
        of.iter().filter(|id| self.value(*id).is_some()).collect()
    }

    /// What is known of a field.
    pub fn fact(&self, id: FieldId) -> Fact {
        if let Some(value) = self.value(id) {
            return Fact::Known(value);
        }
        if self.unoffered.contains(id) {
            return Fact::NotOffered;
        }
        let sources = id.field().sources;
        match sources.iter().find_map(|facet| self.fault_of(*facet)) {
            Some(fault) => Fact::Unknown(fault.clone()),
            None if sources.iter().any(|facet| self.asked.contains(*facet)) => {
                Fact::Known(Value::Null)
            }
            None => Fact::NotAsked,
        }
    }

    fn value(&self, id: FieldId) -> Option<Value> {
        let settled = self.settled.iter().find(|(known, _)| *known == id);
        match settled {
            Some((_, value)) => Some(value.clone()),
            None => (id.field().read)(&self.evidence),
        }
    }

    /// Why a facet cannot be had: it failed itself, or something it needs did.
    fn fault_of(&self, facet: Facet) -> Option<&Fault> {
        use Facet::{AttestationTag, Head, Manifest, Referrers, SbomTag, SignatureTag};
        let needs: &[Facet] = match facet {
            Facet::Child | Facet::Children | Facet::Attestations | Facet::Provenance => &[Manifest],
            Facet::Config => &[Manifest, Facet::Child],
            Referrers | SignatureTag | AttestationTag | SbomTag
                if self.evidence.descriptor.is_none() =>
            {
                &[Head, Manifest]
            }
            Facet::AttachedProvenance if self.evidence.descriptor.is_none() => &[Head, Manifest],
            Facet::AttachedProvenance => &[Referrers, AttestationTag],
            _ => &[],
        };
        std::iter::once(&facet)
            .chain(needs)
            .find_map(|facet| self.failed.get(facet))
    }

    /// Reads these fields for good and drops the documents behind them, so that a row that waits for its
    /// turn is small.
    pub fn settle(&mut self, fields: FieldSet) {
        for id in fields.iter() {
            if self.settled.iter().all(|(known, _)| *known != id)
                && let Some(value) = (id.field().read)(&self.evidence)
            {
                self.settled.push((id, value));
            }
        }
        self.evidence.drop_documents();
    }

    /// Remembers a problem, each cause of a field once.
    pub fn note(&mut self, problem: Problem) {
        let known = |other: &Problem| {
            other.read_by == problem.read_by
                && other.field == problem.field
                && other.fault == problem.fault
                && other.companion == problem.companion
        };
        if !self.problems.iter().any(known) {
            self.problems.push(problem);
        }
    }

    /// Notes that a column shows null for want of a fact that the registry tells of nothing.
    pub fn lack(&mut self, field: FieldId) {
        self.lacking.insert(field);
    }

    /// What columns show as null because the registry tells it of nothing.
    pub fn lacking(&self) -> impl Iterator<Item = Lacking> + '_ {
        self.lacking.iter().map(|id| Lacking {
            registry: Arc::clone(&self.evidence.registry),
            field: id.field().name,
        })
    }

    /// Tells whether nobody can say that the row belongs to the result.
    pub fn is_doubtful(&self) -> bool {
        let doubts =
            |problem: &Problem| matches!(problem.read_by, ReadBy::Condition | ReadBy::Existence);
        self.problems.iter().any(doubts)
    }

    /// Tells whether any of its problems count.
    pub fn has_errors(&self, counts: Counts) -> bool {
        self.problems
            .iter()
            .any(|problem| counts.includes(problem.read_by))
    }

    /// The problems in an order that does not depend on who read what first.
    fn sorted_problems(&self) -> Vec<&Problem> {
        let mut problems: Vec<&Problem> = self.problems.iter().collect();
        problems.sort_by_key(|problem| {
            let Fault { code, message } = &problem.fault;
            (problem.field, code.as_str(), message.as_str())
        });
        problems
    }

    /// The problems that count.
    pub fn errors(&self, counts: Counts) -> Vec<RowError> {
        let mut errors: Vec<RowError> = Vec::new();
        let problems = self.sorted_problems().into_iter();
        for problem in problems.filter(|problem| counts.includes(problem.read_by)) {
            let own = || RowError {
                registry: self.evidence.registry.to_string(),
                repository: Some(self.evidence.repository.to_string()),
                tag: self.evidence.tag.as_ref().map(ToString::to_string),
                field: problem.field.map(|id| id.field().name),
                code: problem.fault.code.clone(),
                message: problem.fault.message.clone(),
            };
            let error = problem.of_companion().unwrap_or_else(own);
            if !errors.contains(&error) {
                errors.push(error);
            }
        }
        errors
    }

    /// The row as it is handed out, with the cells of its columns.
    pub fn finish(&self, cells: Vec<Value>) -> ResultRow {
        let causes = self.causes();
        ResultRow {
            cells,
            name: self.evidence.name(),
            error: (!causes.is_empty()).then(|| Safe::new(&causes.join("; "))),
        }
    }

    /// Why it is incomplete, each cause once.
    pub(super) fn causes(&self) -> Vec<Cow<'_, str>> {
        let mut causes: Vec<Cow<'_, str>> = Vec::new();
        for problem in self.sorted_problems() {
            let cause = problem.cause();
            if !causes.contains(&cause) {
                causes.push(cause);
            }
        }
        causes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::{Resource, lookup};

    fn row() -> Row {
        let repository = "team/app".parse().unwrap();
        let mut evidence = Evidence::of_repository("oci:x".into(), "".into(), repository);
        evidence.tag = Some("v1".parse().unwrap());
        Row::new(evidence, Standing::There)
    }

    fn id(name: &str) -> FieldId {
        lookup(Resource::Tags, name)
            .expect("a test names a field")
            .0
    }

    fn fault() -> Fault {
        Fault {
            code: "BLOB_UNKNOWN".into(),
            message: Safe::new("not there"),
        }
    }

    #[test]
    fn a_fact_is_known_unknown_or_not_asked() {
        let mut row = row();
        assert_eq!(row.fact(id("tag")), Fact::Known("v1".into()));
        assert_eq!(row.fact(id("created")), Fact::NotAsked);
        row.fail(Facet::Manifest, fault());
        assert_eq!(row.fact(id("created")), Fact::Unknown(fault()));
        assert_eq!(row.fact(id("digest")), Fact::Unknown(fault()));
        assert_eq!(row.fact(id("tag")), Fact::Known("v1".into()));
    }

    #[test]
    fn settled_facts_outlive_their_documents() {
        let mut row = row();
        let wanted = [id("tag")].into_iter().collect();
        row.settle(wanted);
        row.evidence.tag = None;
        assert_eq!(row.fact(id("tag")), Fact::Known("v1".into()));
        assert!(row.present(wanted).includes(wanted));
    }

    #[test]
    fn a_problem_counts_once_and_only_sort_keys_outlive_the_limit() {
        let mut row = row();
        for read_by in [ReadBy::Condition, ReadBy::Column, ReadBy::Column] {
            row.note(Problem {
                field: Some(id("size")),
                fault: fault(),
                read_by,
                companion: None,
            });
        }
        assert_eq!(row.errors(Counts::Shown).len(), 1);
        assert!(row.errors(Counts::Misplaced).is_empty());
        let finished = row.finish(vec![Value::Null]);
        assert_eq!(finished.error, Some(Safe::new("not there")));
        assert_eq!(finished.name, "oci:x/team/app:v1");
    }
}
