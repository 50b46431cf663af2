//! Details: what listings of vendors bring along, and when it pays to ask for that.

use super::bound::BoundQuery;
use super::build::{Plan, column_needs, deciding_needs};
use super::typical::{Sample, requests};
use crate::fields::{FieldId, FieldSet, Resource, all};
use crate::registry::{Capabilities, Detail, Details};

/// So few rows are asked one by one: a bulk listing has at least as many pages where it is worth the name.
const FEW: usize = 25;

/// What a registry can do for this query: what is named is not listed, and so nothing comes along.
pub(super) fn effective(query: &BoundQuery, capabilities: &Capabilities) -> Capabilities {
    let is_referenced = query
        .sources
        .iter()
        .all(|source| source.references.is_some());
    let are_named = |names: Option<Vec<String>>| is_referenced || names.is_some();
    let capabilities = told_to(query, capabilities);
    let mut bulk = capabilities.bulk;
    if are_named(query.repositories.literals()) {
        bulk = bulk.both(Details::OF_TAGS.union(Details::OF_MANIFESTS));
    }
    let is_listed = query.resource == Resource::Manifests;
    let are_tags_named = !is_listed && are_named(query.tags.literals());
    if query.resource == Resource::Repositories || are_tags_named {
        bulk = bulk.both(Details::OF_REPOSITORIES);
    }
    Capabilities {
        bulk,
        ..capabilities
    }
}

/// What a registry can do where it is asked for what the rows of a query are.
fn told_to(query: &BoundQuery, capabilities: &Capabilities) -> Capabilities {
    match query.resource {
        Resource::Manifests => capabilities.of_manifests(),
        _ => capabilities.clone(),
    }
}

impl Plan {
    /// What listings of this registry should bring along: what every row needs, as far as it spares requests.
    pub fn wanted(&self, capabilities: &Capabilities) -> Details {
        wanted(&self.query, &effective(&self.query, capabilities))
    }

    /// The fields that a registry tells the rows of this query nothing of.
    pub fn unoffered(&self, capabilities: &Capabilities) -> FieldSet {
        unoffered(&told_to(&self.query, capabilities))
    }
}

pub(super) fn wanted(query: &BoundQuery, capabilities: &Capabilities) -> Details {
    if query.resource == Resource::Manifests {
        // There is one listing of them, and no other way to ask a vendor of one.
        let needs = deciding_needs(query).union(column_needs(query));
        return named(needs).both(capabilities.bulk);
    }
    let needs = needed_of_all(query);
    let details = named(needs).both(capabilities.bulk);
    let names_only = Capabilities {
        bulk: Details::EMPTY,
        ..capabilities.clone()
    };
    let costs = |capabilities| {
        let of = |sample| requests(needs, capabilities, sample).len();
        of(Sample::Image) + of(Sample::Index)
    };
    match costs(capabilities) < costs(&names_only) {
        true => details,
        false => Details::EMPTY,
    }
}

/// What is needed of every row that is listed: of those that a small limit leaves, columns are filled one by one.
fn needed_of_all(query: &BoundQuery) -> FieldSet {
    let parts = query.parts().into_iter().collect();
    let deciding = deciding_needs(query).union(parts);
    let is_few = query.limit.is_some_and(|limit| limit <= FEW) && !query.counts_all();
    match is_few {
        true => deciding,
        false => deciding.union(column_needs(query)),
    }
}

/// The details among fields.
fn named(fields: FieldSet) -> Details {
    let names = fields.iter().map(|id| id.field().name);
    names.filter_map(Detail::named).collect()
}

/// The fields that a registry tells of nothing: a vendor's alone, and not this one's.
pub fn unoffered(capabilities: &Capabilities) -> FieldSet {
    let offered = capabilities.offered();
    let is_offered = |id: &FieldId| {
        let detail = Detail::named(id.field().name);
        detail.is_some_and(|detail| offered.contains(detail))
    };
    let vendors = all().filter(|(_, field)| field.is_vendors());
    vendors
        .map(|(id, _)| id)
        .filter(|id| !is_offered(id))
        .collect()
}
