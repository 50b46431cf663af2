//! What of a plan a registry counts against a limit of its own.

use super::build::{Plan, deciding_needs};
use super::typical::{Sample, requests};
use crate::fields::Facet;
use crate::registry::{Capabilities, Counted};

/// How many requests for one row are counted, as far as anybody knows; of an index whose images are all asked for, one.
pub fn counted_for_each(plan: &Plan, capabilities: &Capabilities) -> u64 {
    if capabilities.counted == Counted::Unknown {
        return 0;
    }
    let needs = plan.needs.union(plan.query.parts().into_iter().collect());
    let of = |sample| {
        let asked = requests(needs, capabilities, sample).into_iter();
        asked.filter(|facet| is_counted(*facet)).count()
    };
    of(Sample::Image).max(of(Sample::Index)) as u64
}

fn is_counted(facet: Facet) -> bool {
    matches!(facet, Facet::Manifest | Facet::Child | Facet::Children)
}

/// The most rows that a plan asks anything for, where the listing alone says which those are.
pub fn most_rows(plan: &Plan, capabilities: &Capabilities) -> Option<u64> {
    let query = &plan.query;
    let is_listed = requests(deciding_needs(query), capabilities, Sample::Index).is_empty();
    let is_plain = query.group.is_none() && !query.ranks();
    let limit = query.limit.filter(|_| is_listed && is_plain)?;
    u64::try_from(limit).ok()
}
