//! The stages: which conditions come before the sort, and in which order.

use super::bind::BoundQuery;
use super::typical::{Sample, requests};
use crate::fields::{Facets, FieldSet};
use crate::registry::{Capabilities, Transport};
use crate::rows::{Columns, Condition};

/// A query and the order in which its parts are worked on.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The query.
    pub query: BoundQuery,
    /// The conditions that every row is held to before the sort, cheapest first.
    pub early: Vec<Condition>,
    /// The conditions that rows are held to after it, in sorted order, until there are enough rows.
    pub late: Vec<Condition>,
    /// Everything that any part of the query reads.
    pub needs: FieldSet,
    /// What is asked for every row at once, wanted or not: nothing, but in the naive plan.
    pub prefetch: FieldSet,
}

/// What all of these can do; of none, what a folder on disk can.
pub fn common_capabilities(of: impl Iterator<Item = Capabilities>) -> Capabilities {
    of.reduce(|a, b| Capabilities {
        lists_repositories: a.lists_repositories && b.lists_repositories,
        tags_carry_descriptors: a.tags_carry_descriptors && b.tags_carry_descriptors,
        natural_order: a.natural_order && b.natural_order,
        transport: match (a.transport, b.transport) {
            (Transport::Disk, Transport::Disk) => Transport::Disk,
            _ => Transport::Network,
        },
    })
    .unwrap_or(Capabilities {
        lists_repositories: true,
        tags_carry_descriptors: true,
        natural_order: true,
        transport: Transport::Disk,
    })
}

/// Lays down the stages. Where there is an order and a limit, a condition that costs more than the order
/// comes after it: it is then asked only until there are enough rows.
pub fn build(query: BoundQuery, capabilities: &Capabilities) -> Plan {
    let mut conditions = query.conditions.clone();
    let cost = |needs: FieldSet| asked(needs, capabilities).iter().count();
    conditions.sort_by_key(|condition| cost(condition.clause.needs));
    let sort_needs = sort_needs(&query);
    let paid = asked(sort_needs, capabilities);
    let comes_early = |condition: &Condition| {
        let own = asked(condition.clause.needs, capabilities);
        query.limit.is_none() || own.iter().all(|facet| paid.contains(facet))
    };
    let (early, late) = match (query.counts_all(), query.sort.is_empty()) {
        (true, _) => (conditions, Vec::new()),
        (false, true) => (Vec::new(), conditions),
        (false, false) => conditions.into_iter().partition(comes_early),
    };
    Plan {
        needs: needs(&query),
        query,
        early,
        late,
        prefetch: FieldSet::EMPTY,
    }
}

/// The part of a plan that asks for nothing beyond the listing: what it leaves is what may cost more.
pub fn listing(plan: &Plan, capabilities: &Capabilities) -> Plan {
    let free = |condition: &&Condition| {
        asked(condition.clause.needs, capabilities)
            .iter()
            .next()
            .is_none()
    };
    let conditions: Vec<Condition> = plan.query.conditions.iter().filter(free).cloned().collect();
    Plan {
        query: BoundQuery {
            conditions: conditions.clone(),
            columns: Columns::default(),
            sort: Vec::new(),
            limit: None,
            asserts: Vec::new(),
            asserted: Vec::new(),
            ..plan.query.clone()
        },
        early: Vec::new(),
        late: conditions,
        needs: FieldSet::EMPTY,
        prefetch: FieldSet::EMPTY,
    }
}

/// The plan that spares nothing: all facts of all rows, then the conditions as written, then the order. Only
/// tests carry it out; every plan must give what it gives.
pub fn naive(query: BoundQuery) -> Plan {
    let needs = needs(&query);
    let conditions = query.conditions.clone();
    let (early, late) = match query.sort.is_empty() && !query.counts_all() {
        true => (Vec::new(), conditions),
        false => (conditions, Vec::new()),
    };
    Plan {
        query,
        early,
        late,
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

fn needs(query: &BoundQuery) -> FieldSet {
    let conditions = query
        .conditions
        .iter()
        .map(|condition| condition.clause.needs);
    conditions.fold(
        sort_needs(query).union(column_needs(query)),
        FieldSet::union,
    )
}

/// What an image and an index are asked for these fields, taken together.
fn asked(needs: FieldSet, capabilities: &Capabilities) -> Facets {
    [Sample::Image, Sample::Index]
        .into_iter()
        .flat_map(|sample| requests(needs, capabilities, sample))
        .collect()
}
