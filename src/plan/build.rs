//! The stages: which conditions come before the sort, and in which order.

use super::bound::BoundQuery;
use super::bulk::effective;
use super::typical::{Sample, requests};
use crate::fields::{Facets, FieldSet};
use crate::registry::{Capabilities, Counted, ManifestListing, Transport};
use crate::rows::{Columns, Condition};

/// A query and the order in which its parts are worked on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The query.
    pub query: BoundQuery,
    /// When tags are taken apart.
    pub split: Split,
    /// The conditions that tags are held to before they are taken apart, cheapest first.
    pub whole: Vec<Condition>,
    /// The conditions that every row is held to before the sort, cheapest first.
    pub early: Vec<Condition>,
    /// The conditions that rows are held to after it, in sorted order, until there are enough rows.
    pub late: Vec<Condition>,
    /// The conditions that what was grouped or ranked is held to, cheapest first.
    pub after: Vec<Condition>,
    /// Everything that any part of the query reads.
    pub needs: FieldSet,
    /// What is asked for every row at once, wanted or not: nothing, but in the naive plan.
    pub prefetch: FieldSet,
}

/// When tags are taken apart into images or layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Not at all: a row is a whole.
    Never,
    /// As they are listed.
    Listed,
    /// Once they are sorted, until there are enough rows: their order is that of their tags.
    Sorted,
}

/// What all of these can do; of none, what a folder on disk can.
pub fn common_capabilities(of: impl Iterator<Item = Capabilities>) -> Capabilities {
    of.reduce(|a, b| Capabilities {
        repositories: a.repositories,
        bulk: a.bulk.both(b.bulk),
        single: a.single.union(b.single),
        manifests: match (a.manifests, b.manifests) {
            (ManifestListing::With(a), ManifestListing::With(b)) => {
                ManifestListing::With(a.both(b))
            }
            (with @ ManifestListing::With(_), _) | (_, with) => with,
        },
        bulk_page: a.bulk_page.min(b.bulk_page),
        tags_carry_descriptors: a.tags_carry_descriptors && b.tags_carry_descriptors,
        natural_order: a.natural_order && b.natural_order,
        transport: match (a.transport, b.transport) {
            (Transport::Disk, Transport::Disk) => Transport::Disk,
            _ => Transport::Network,
        },
        counted: match (a.counted, b.counted) {
            (Counted::Unknown, Counted::Unknown) => Counted::Unknown,
            _ => Counted::Manifests,
        },
    })
    .unwrap_or(Capabilities::DISK)
}

impl Plan {
    /// Tells whether rows can be handed out as they come.
    pub fn streams(&self) -> bool {
        streams(&self.query)
    }
}

fn streams(query: &BoundQuery) -> bool {
    query.sort.is_empty() && !query.counts_all() && !query.gathers()
}

/// Lays down the stages. Where there is an order and a limit, a condition that costs more than the order
/// comes after it: it is then asked only until there are enough rows. Conditions of `having` that need neither groups
/// nor ranks are conditions like others.
pub fn build(query: BoundQuery, capabilities: &Capabilities) -> Plan {
    let capabilities = &effective(&query, capabilities);
    let cost = |condition: &Condition| asked(condition.clause.needs, capabilities).iter().count();
    let (mut conditions, mut after) = conditions(&query);
    conditions.sort_by_key(cost);
    after.sort_by_key(cost);
    let split = split(&query, capabilities);
    let whole = match split {
        Split::Listed => conditions
            .extract_if(.., |found| cost(found) == 0)
            .collect(),
        Split::Never | Split::Sorted => Vec::new(),
    };
    let paid = asked(sort_needs(&query), capabilities);
    let comes_early = |condition: &Condition| {
        let own = asked(condition.clause.needs, capabilities);
        query.limit.is_none() || own.iter().all(|facet| paid.contains(facet))
    };
    let (early, late) = if streams(&query) {
        (Vec::new(), conditions)
    } else if query.counts_all() || query.gathers() {
        (conditions, Vec::new())
    } else {
        conditions.into_iter().partition(comes_early)
    };
    Plan {
        needs: needs(&query),
        query,
        split,
        whole,
        early,
        late,
        after,
        prefetch: FieldSet::EMPTY,
    }
}

/// Tags are taken apart late where their listing alone says in which order their parts come, and not all are wanted.
fn split(query: &BoundQuery, capabilities: &Capabilities) -> Split {
    let is_listed = asked(sort_needs(query), capabilities)
        .iter()
        .next()
        .is_none();
    let takes_all = query.limit.is_none() || query.counts_all() || query.gathers();
    match query.parts() {
        None => Split::Never,
        Some(_) if query.sort.is_empty() || takes_all || !is_listed => Split::Listed,
        Some(_) => Split::Sorted,
    }
}

/// The conditions that rows are held to one by one, and those that wait for groups or ranks.
fn conditions(query: &BoundQuery) -> (Vec<Condition>, Vec<Condition>) {
    let (mut conditions, having) = (query.conditions.clone(), query.having.clone());
    if query.gathers() {
        return (conditions, having);
    }
    conditions.extend(having);
    (conditions, Vec::new())
}

/// The part of a plan that asks for nothing beyond the listing: what it leaves is what may cost more.
pub fn listing(plan: &Plan, capabilities: &Capabilities) -> Plan {
    let capabilities = &effective(&plan.query, capabilities);
    let free = |condition: &&Condition| {
        asked(condition.clause.needs, capabilities)
            .iter()
            .next()
            .is_none()
    };
    let conditions = plan.query.conditions.iter().filter(free);
    let conditions = conditions.filter(|condition| condition.clause.with.is_empty());
    let conditions: Vec<Condition> = conditions.cloned().collect();
    Plan {
        query: BoundQuery {
            companions: Vec::new(),
            conditions: conditions.clone(),
            group: None,
            columns: Columns::default(),
            sort: Vec::new(),
            rank_by: None,
            having: Vec::new(),
            limit: None,
            asserts: Vec::new(),
            asserted: Vec::new(),
            ..plan.query.clone()
        },
        split: Split::Never,
        whole: Vec::new(),
        early: Vec::new(),
        late: conditions,
        after: Vec::new(),
        needs: FieldSet::EMPTY,
        prefetch: FieldSet::EMPTY,
    }
}

/// The plan that spares nothing: all facts of all rows, then the conditions as written, then the order. Only
/// tests carry it out; every plan must give what it gives.
pub fn naive(query: BoundQuery) -> Plan {
    let needs = needs(&query);
    let (conditions, after) = conditions(&query);
    let (early, late) = match streams(&query) {
        true => (Vec::new(), conditions),
        false => (conditions, Vec::new()),
    };
    let split = match query.parts() {
        Some(_) => Split::Listed,
        None => Split::Never,
    };
    Plan {
        query,
        split,
        whole: Vec::new(),
        early,
        late,
        after,
        needs,
        prefetch: needs,
    }
}

/// What the sort keys read.
pub(super) fn sort_needs(query: &BoundQuery) -> FieldSet {
    let needs = query.sort.iter().map(|key| key.clause.needs);
    needs.fold(FieldSet::EMPTY, FieldSet::union)
}

/// What the columns read that are shown, or that asserts see.
pub(super) fn column_needs(query: &BoundQuery) -> FieldSet {
    query.handed_needs()
}

/// What the keys of groups read.
pub(super) fn key_needs(query: &BoundQuery) -> FieldSet {
    let keys = query.group.iter().flatten();
    let needs = keys.map(|key| key.clause.needs);
    needs.fold(FieldSet::EMPTY, FieldSet::union)
}

/// What ranks read; nothing where nobody reads them.
pub(super) fn rank_needs(query: &BoundQuery) -> FieldSet {
    let clause = query.rank_by.as_ref().filter(|_| query.ranks());
    clause.map_or(FieldSet::EMPTY, |clause| clause.needs)
}

/// What decides which rows or groups are in the result, and where.
pub(super) fn deciding_needs(query: &BoundQuery) -> FieldSet {
    let conditions = query.conditions.iter().chain(&query.having);
    let needs = conditions.map(|condition| condition.clause.needs);
    let others = [key_needs(query), sort_needs(query), rank_needs(query)];
    needs.chain(others).fold(FieldSet::EMPTY, FieldSet::union)
}

fn needs(query: &BoundQuery) -> FieldSet {
    deciding_needs(query).union(column_needs(query))
}

/// What an image and an index are asked for these fields, taken together.
fn asked(needs: FieldSet, capabilities: &Capabilities) -> Facets {
    [Sample::Image, Sample::Index]
        .into_iter()
        .flat_map(|sample| requests(needs, capabilities, sample))
        .collect()
}
