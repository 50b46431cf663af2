//! The cover: which request a row needs next. The heart of the planner, and all of it.
//!
//! Execution loops [`next`], `plan` runs it on a typical row, tests run it on a model; nobody else in the program
//! decides to fetch anything.

use crate::fields::{Facet, Facets, FieldSet};

/// How far a row has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The needed fields that are known.
    pub present: FieldSet,
    /// The facets that were asked.
    pub asked: Facets,
    /// Those of them that failed.
    pub failed: Facets,
    /// What the tag points to, as far as it is known.
    pub shape: Shape,
}

/// What the tag points to, for the purpose of asking on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Not known at all.
    NotSeen,
    /// Its digest is known, and what it is not before the manifest is there.
    Pointed,
    /// A manifest: its config can be asked at once.
    Manifest,
    /// An index: a child comes first.
    Index,
}

/// Decides what to ask next for a row that needs these fields; none when all are known or cannot be had.
///
/// Every missing field votes for its cheapest source that is still open, with what that source needs; a GET
/// replaces the HEAD it includes, all children replace the one. What comes first of the rest is asked.
pub fn next(needed: FieldSet, progress: &Progress) -> Option<Facet> {
    let mut wanted = Facets::EMPTY;
    for id in needed.without(progress.present).iter() {
        let source = id
            .field()
            .sources
            .iter()
            .find(|facet| is_open(**facet, progress));
        if let Some(facet) = source {
            want(*facet, progress, &mut wanted);
        }
    }
    if wanted.contains(Facet::Manifest) {
        wanted.remove(Facet::Head);
    }
    if wanted.contains(Facet::Children) && progress.shape == Shape::Index {
        wanted.remove(Facet::Child);
    }
    wanted.iter().next()
}

/// Adds a facet, and what is still to be asked before it.
fn want(facet: Facet, progress: &Progress, wanted: &mut Facets) {
    wanted.insert(facet);
    let before = needs(facet, progress).iter().chain(follows(facet));
    for before in before.filter(|before| is_open(**before, progress)) {
        want(*before, progress, wanted);
    }
}

/// What a facet cannot be asked without, in order.
fn needs(facet: Facet, progress: &Progress) -> &'static [Facet] {
    use Facet::{AttachedProvenance, AttestationTag, Referrers, SbomTag, SignatureTag};
    match (facet, progress.shape) {
        (Facet::Child | Facet::Children | Facet::Attestations | Facet::Provenance, _) => {
            &[Facet::Manifest]
        }
        (Facet::Config, Shape::Index) => &[Facet::Manifest, Facet::Child],
        (Facet::Config, _) => &[Facet::Manifest],
        // Things are attached to a digest, and either brings it.
        (
            Referrers | SignatureTag | AttestationTag | SbomTag | AttachedProvenance,
            Shape::NotSeen,
        ) => match progress.failed.contains(Facet::Head) {
            true => &[Facet::Manifest],
            false => &[Facet::Head],
        },
        _ => &[],
    }
}

/// What a facet comes after, whatever became of that.
fn follows(facet: Facet) -> &'static [Facet] {
    match facet {
        Facet::AttachedProvenance => &[Facet::Referrers, Facet::AttestationTag],
        _ => &[],
    }
}

fn is_open(facet: Facet, progress: &Progress) -> bool {
    use Facet::{Attestations, Child, Children, Provenance};
    let is_of_index = matches!(facet, Child | Children | Attestations | Provenance);
    let applies = !(is_of_index && progress.shape == Shape::Manifest);
    let needs = needs(facet, progress);
    applies
        && !progress.asked.contains(facet)
        && needs.iter().all(|facet| !progress.failed.contains(*facet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(present: &[&str], asked: &[Facet], shape: Shape) -> Progress {
        Progress {
            present: FieldSet::named(present),
            asked: [Facet::Name, Facet::Tag]
                .iter()
                .chain(asked)
                .copied()
                .collect(),
            failed: Facets::EMPTY,
            shape,
        }
    }

    #[test]
    fn nothing_is_asked_for_what_is_known() {
        let known = progress(&["tag", "digest"], &[], Shape::NotSeen);
        assert_eq!(next(FieldSet::named(&["tag", "digest"]), &known), None);
    }

    #[test]
    fn a_digest_costs_a_head_unless_the_manifest_is_read_anyway() {
        let start = progress(&[], &[], Shape::NotSeen);
        assert_eq!(
            next(FieldSet::named(&["digest"]), &start),
            Some(Facet::Head)
        );
        assert_eq!(
            next(FieldSet::named(&["digest", "size"]), &start),
            Some(Facet::Manifest)
        );
        assert_eq!(
            next(FieldSet::named(&["digest", "created"]), &start),
            Some(Facet::Manifest)
        );
    }

    #[test]
    fn a_failed_head_is_followed_by_a_get() {
        let mut row = progress(&[], &[Facet::Head], Shape::NotSeen);
        row.failed.insert(Facet::Head);
        assert_eq!(
            next(FieldSet::named(&["digest"]), &row),
            Some(Facet::Manifest)
        );
    }

    #[test]
    fn an_image_needs_manifest_then_config_and_an_index_a_child_between() {
        let wanted = FieldSet::named(&["created"]);
        let seen = |shape| progress(&[], &[Facet::Manifest], shape);
        assert_eq!(next(wanted, &seen(Shape::Manifest)), Some(Facet::Config));
        assert_eq!(next(wanted, &seen(Shape::Index)), Some(Facet::Child));
        let child = progress(&[], &[Facet::Manifest, Facet::Child], Shape::Index);
        assert_eq!(next(wanted, &child), Some(Facet::Config));
    }

    #[test]
    fn all_children_replace_the_one() {
        let row = progress(&[], &[Facet::Manifest], Shape::Index);
        assert_eq!(
            next(FieldSet::named(&["total_size", "created"]), &row),
            Some(Facet::Children)
        );
    }

    #[test]
    fn what_is_attached_needs_a_digest_from_wherever_it_comes() {
        let wanted = FieldSet::named(&["signed"]);
        let start = progress(&[], &[], Shape::NotSeen);
        assert_eq!(next(wanted, &start), Some(Facet::Head));
        assert_eq!(
            next(wanted.union(FieldSet::named(&["size"])), &start),
            Some(Facet::Manifest)
        );
        for shape in [Shape::Pointed, Shape::Manifest, Shape::Index] {
            let known = progress(&[], &[], shape);
            assert_eq!(next(wanted, &known), Some(Facet::Referrers));
        }
        let mut row = progress(&[], &[Facet::Head], Shape::NotSeen);
        row.failed.insert(Facet::Head);
        assert_eq!(next(wanted, &row), Some(Facet::Manifest));
        row.asked.insert(Facet::Manifest);
        row.failed.insert(Facet::Manifest);
        assert_eq!(next(wanted, &row), None);
    }

    #[test]
    fn one_way_of_looking_that_failed_leaves_the_others_open() {
        let wanted = FieldSet::named(&["provenance"]);
        let asked = [Facet::Manifest, Facet::Provenance, Facet::Referrers];
        let mut row = progress(&[], &asked, Shape::Index);
        row.failed.insert(Facet::Provenance);
        row.failed.insert(Facet::Referrers);
        assert_eq!(next(wanted, &row), Some(Facet::AttestationTag));
        row.asked.insert(Facet::AttestationTag);
        assert_eq!(next(wanted, &row), Some(Facet::AttachedProvenance));
    }

    #[test]
    fn nothing_is_asked_behind_a_failure() {
        let mut row = progress(&[], &[Facet::Manifest], Shape::NotSeen);
        row.failed.insert(Facet::Manifest);
        assert_eq!(next(FieldSet::named(&["created", "size"]), &row), None);
    }
}
