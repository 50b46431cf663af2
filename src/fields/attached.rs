//! What is attached to a row's image, as far as it was looked for.
//!
//! There are several ways of looking, and each says by itself whether it saw everything: what one of them found is there,
//! and only what all of them did not find is not (threats S6).

use std::collections::HashSet;
use std::sync::Arc;

use super::{Choice, Evidence, Part};
use crate::oci::{Attachment, Descriptor, Digest, ManifestOrIndex, Referrer, Tag};
use crate::value::Value;

/// What is attached, by the way it was looked for.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    /// What the registry lists, or the tag that stands in for that.
    pub referrers: Looked,
    /// What stands under cosign's tags for signatures.
    pub signature_tags: Looked,
    /// What stands under cosign's tags for attestations.
    pub attestation_tags: Looked,
    /// What stands under cosign's tags for SBOMs.
    pub sbom_tags: Looked,
    /// The attestations of an index, and what their manifests say of them.
    pub attestations: Looked,
    /// How the image was built, by an attestation of the index; null if no attestation there says it.
    pub provenance: Option<Value>,
    /// The same by an attestation that is attached.
    pub attached_provenance: Option<Value>,
}

/// What one way of looking found.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// What was found.
    pub things: Vec<Referrer>,
    /// Whether there is no more of it.
    pub is_whole: bool,
}

/// What was found in several ways.
pub(super) struct Together<'a> {
    /// Each thing once, by type and then by digest.
    pub(super) things: Vec<&'a Referrer>,
    /// Whether there is no more in any of them.
    pub(super) is_whole: bool,
}

impl Attached {
    /// What was looked for under one kind of cosign's tags.
    pub fn tags_mut(&mut self, kind: Attachment) -> &mut Looked {
        match kind {
            Attachment::Signature => &mut self.signature_tags,
            Attachment::Attestation => &mut self.attestation_tags,
            Attachment::Sbom => &mut self.sbom_tags,
        }
    }
}

impl Evidence {
    /// What things are attached to that are the row's: what the tag points to, and where the row is an image of that, the
    /// image. Nothing while the tag was not asked for.
    pub fn subjects(&self) -> Vec<Digest> {
        let top = self.descriptor.iter().map(|top| top.digest.clone());
        let mut subjects: Vec<Digest> = top.collect();
        if let (Some(Part::Image(_)), Some(Choice::Child(image))) = (self.part, &self.choice)
            && !subjects.contains(&image.digest)
        {
            subjects.push(image.digest.clone());
        }
        subjects
    }

    /// What is attached, to be told more of.
    pub fn attached_mut(&mut self) -> &mut Attached {
        Arc::make_mut(&mut self.attached)
    }

    /// Tells whether a tag may be there, as far as listings say.
    pub fn may_have(&self, tag: &Tag) -> bool {
        let listed = self.technical.as_ref();
        listed.is_none_or(|listed| listed.contains(tag))
    }

    /// The attestations of the index about what the row is: about all its images, or the row's alone.
    pub fn own_attestations(&self) -> impl Iterator<Item = &Referrer> {
        let index = self.index().into_iter();
        let attestations = index.flat_map(|index| &index.attestations);
        attestations.filter(|attestation| match (self.part, &self.choice) {
            (Some(Part::Image(_)), Some(Choice::Child(image))) => {
                attestation.subject.as_ref() == Some(&image.digest)
            }
            _ => true,
        })
    }

    /// Everything that is attached.
    pub(super) fn attached_things(&self) -> Together<'_> {
        let attached = &self.attached;
        let found = self.children_together().and(&attached.referrers);
        let found = found.and(&attached.signature_tags);
        let found = found.and(&attached.attestation_tags);
        found.and(&attached.sbom_tags).in_order()
    }

    /// Everything of one kind that is attached.
    pub(super) fn attached_of(&self, kind: Attachment) -> Together<'_> {
        let attached = &self.attached;
        let found = match kind {
            Attachment::Signature => {
                Together::of(&attached.referrers).and(&attached.signature_tags)
            }
            Attachment::Attestation => self
                .children_together()
                .and(&attached.referrers)
                .and(&attached.attestation_tags),
            Attachment::Sbom => self
                .read_children_together()
                .and(&attached.referrers)
                .and(&attached.sbom_tags),
        };
        found.only(kind).in_order()
    }

    /// Everything that is attached, as far as it was found, each as a row of its own.
    pub fn referrers(&self) -> impl Iterator<Item = Self> {
        let things = self.attached_things().things.into_iter();
        let row = |thing: &Referrer| Self {
            part: Some(Part::Referrer),
            referrer: Some(Arc::new(thing.clone())),
            ..self.clone()
        };
        things.map(row)
    }

    fn children_together(&self) -> Together<'_> {
        let is_index =
            |top: &Descriptor| top.media_type.is_index() || top.media_type.as_str().is_empty();
        Together {
            things: self.own_attestations().collect(),
            is_whole: self.top.is_some()
                || self.descriptor.as_ref().is_some_and(|top| !is_index(top)),
        }
    }

    /// The attestations of an index, as their manifests tell of them.
    fn read_children_together(&self) -> Together<'_> {
        let listed = self.children_together();
        match listed.is_whole && listed.things.is_empty() {
            true => listed,
            false => Together::of(&self.attached.attestations),
        }
    }

    /// The digest of the row's image; none where there is none, or none that the index alone tells.
    pub fn own_image(&self) -> Option<&Digest> {
        match (&*self.top.as_ref()?.read, &self.choice) {
            (ManifestOrIndex::Index(_), Some(Choice::Child(image))) => Some(&image.digest),
            (ManifestOrIndex::Index(_), _) => None,
            _ => self.descriptor.as_ref().map(|top| &top.digest),
        }
    }
}

impl<'a> Together<'a> {
    fn of(looked: &'a Looked) -> Self {
        Self {
            things: looked.things.iter().collect(),
            is_whole: looked.is_whole,
        }
    }

    fn and(mut self, looked: &'a Looked) -> Self {
        self.things.extend(&looked.things);
        self.is_whole &= looked.is_whole;
        self
    }

    /// Each once, by type and then by digest: registries list in any order. What is found twice is what it was found as first.
    fn in_order(mut self) -> Self {
        let mut known = HashSet::new();
        self.things
            .retain(|thing| known.insert(&thing.descriptor.digest));
        self.things.sort_by(|one, other| {
            let key = |thing: &'a Referrer| (&thing.artifact_type, &thing.descriptor.digest);
            key(one).cmp(&key(other))
        });
        self
    }

    fn only(mut self, kind: Attachment) -> Self {
        self.things.retain(|thing| thing.kinds.contains(kind));
        self
    }
}
