//! What comes out of a listing: rows, and what was lost on the way to them.

use std::sync::Arc;

use super::ask::Absent;
use super::families::Family;
use super::{Budget, Source};
use crate::fields::{Evidence, Facet};
use crate::oci::{Repository, Tag, Which};
use crate::query::ManifestName;
use crate::registry::{Detail, ManifestEntry, RegistryError, TagEntry, Thing, Told};
use crate::rows::{Fault, Row, RowError, RunError, Standing};
use crate::value::Value;

/// What a listing brings, in natural order. What went wrong stands where it went wrong, so that it counts
/// only if the answer reaches that far.
pub(super) enum Listed {
    /// A row to work on.
    Row(Box<Row>),
    /// There is nothing to work on where there may have been something.
    Lost(Lost),
    /// A row that was listed, and then was lost before it was taken apart.
    Ended(Lost),
    /// An expression would have cost too much, and the run is over.
    Failed(RunError),
}

/// Why there is no row.
pub(super) enum Lost {
    /// Something could not be had.
    Missing(RowError),
    /// A tag, or a repository, went since it was listed.
    Vanished,
}

/// Says that something of a source, or of a repository of it, could not be had.
pub(super) fn missing(source: &Source, repository: Option<&Repository>, fault: Fault) -> RowError {
    RowError {
        registry: source.name.to_string(),
        repository: repository.map(ToString::to_string),
        tag: None,
        field: None,
        code: fault.code,
        message: fault.message,
    }
}

/// Tags that the query names are asked directly, so that they work where nothing can be listed.
pub(super) fn named_tags(evidence: &Evidence, repository: Standing, tags: &[String]) -> Vec<Row> {
    let standing = match repository {
        Standing::There => Standing::TagNamed,
        named => named,
    };
    let mut tags: Vec<Tag> = tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    tags.sort();
    tags.dedup();
    let row = |tag| {
        let tag = Some(tag);
        Row::new(
            Evidence {
                tag,
                ..evidence.clone()
            },
            standing,
        )
    };
    tags.into_iter().map(row).collect()
}

/// A manifest that the query names.
pub(super) fn referenced(registry: &Arc<str>, name: &ManifestName) -> Row {
    let registry = Arc::clone(registry);
    let evidence = Evidence::of_repository(registry, Arc::from(""), name.repository.clone());
    let evidence = Evidence {
        tag: name.tag.clone(),
        pinned: name.digest.clone(),
        ..evidence
    };
    Row::new(evidence, Standing::Referenced)
}

/// Why a manifest that the query names is not there.
pub(super) fn absent_reference(row: &Row, absent: Absent) -> RegistryError {
    let repository = row.evidence.repository.clone();
    match (absent, row.evidence.which()) {
        (Absent::Tag, Some(Which::Tag(tag))) => RegistryError::NoTag { repository, tag },
        (Absent::Tag, Some(Which::Digest(digest))) => {
            RegistryError::NoContent(Thing::Manifest(digest))
        }
        _ => RegistryError::NoRepository(repository),
    }
}

/// What a vendor tells, under the names of the fields that it is.
pub(super) fn by_name(told: Told) -> impl Iterator<Item = (&'static str, Value)> {
    let told = told.into_iter();
    told.map(|(detail, value)| (detail.name(), value))
}

/// A manifest of a listing, which says what its tags are, and may say which indexes name it.
pub(super) fn listed_manifest(evidence: &Evidence, entry: ManifestEntry, family: &Family) -> Row {
    let mut row = Row::new(evidence.clone(), Standing::There);
    let evidence = &mut row.evidence;
    let mut tags = entry.tags;
    tags.sort();
    tags.dedup();
    let tags = tags.iter().map(|tag| Value::text(tag.as_str())).collect();
    evidence.hear([
        (Detail::Digest.name(), entry.digest.to_string().into()),
        (Detail::Tags.name(), Value::list(tags)),
    ]);
    let parents = family.told_of(&entry.digest);
    evidence.hear(parents.map(|parents| (Detail::Parents.name(), parents)));
    evidence.hear(by_name(entry.told));
    evidence.descriptor = entry.descriptor;
    evidence.pinned = Some(entry.digest);
    row
}

/// A tag of a listing, which may say what it points to, or that it cannot be told.
pub(super) fn listed_tag(evidence: &Evidence, entry: TagEntry, budget: &Budget) -> Row {
    let mut row = Row::new(
        Evidence {
            tag: Some(entry.tag),
            ..evidence.clone()
        },
        Standing::There,
    );
    row.evidence.hear(by_name(entry.told));
    match entry.descriptor {
        Ok(descriptor) => row.evidence.descriptor = descriptor,
        Err(error) => {
            let fault = budget.note_failure(&error);
            row.fail(Facet::Head, fault.clone());
            row.fail(Facet::Manifest, fault);
        }
    }
    row
}
