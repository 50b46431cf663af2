//! A layout that was opened: answers read from its files, one blocking call each.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::attached::Attached;
use super::catalog::{Catalog, INDEX_FILE, says_all};
use super::root::LayoutRoot;
use super::store::{Store, StoreError};
use crate::limits::{LAYOUT_MARKER_BYTES, Limits};
use crate::oci::{Descriptor, Digest, Referrer, Repository, Which, referrers_tag};
use crate::registry::document::Blob;
use crate::registry::error::outside;
use crate::registry::wire::referrers;
use crate::registry::{Document, LayoutFlaw, Page, Refusal, RegistryError, Thing};
use crate::value::{Value, parse_json};

const MARKER_FILE: &str = "oci-layout";

/// The files of a layout and what its index lists.
pub(super) struct Opened {
    store: Box<dyn Store>,
    pub(super) catalog: Catalog,
    /// What is attached to what: found out once somebody asks.
    attached: OnceLock<Attached>,
    limits: Limits,
}

impl Opened {
    /// Opens a layout and reads `oci-layout` and `index.json`.
    pub(super) fn open(
        root: &LayoutRoot,
        shown: &str,
        limits: &Limits,
    ) -> Result<Self, RegistryError> {
        let flawed = |flaw| RegistryError::NotALayout {
            shown: outside(shown),
            flaw,
        };
        let store = root.open().map_err(|error| match error {
            StoreError::Absent
            | StoreError::Refused {
                why: Refusal::NoFolder,
                ..
            } => flawed(LayoutFlaw::NoFolder),
            // A folder has no length, so neither this thing nor this limit is ever told.
            error => failure(error, Thing::File(MARKER_FILE), 0),
        })?;
        let marker = document(&*store, MARKER_FILE, LAYOUT_MARKER_BYTES)?;
        let marker = marker.ok_or_else(|| flawed(LayoutFlaw::NoMarker))?;
        if marker.get("imageLayoutVersion").and_then(Value::as_text) != Some("1.0.0") {
            return Err(flawed(LayoutFlaw::Version));
        }
        let index = document(&*store, INDEX_FILE, limits.listing_bytes)?;
        let index = index.ok_or_else(|| flawed(LayoutFlaw::NoIndex))?;
        Ok(Self {
            catalog: Catalog::read(&index, &root.fallback_repository())?,
            store,
            attached: OnceLock::new(),
            limits: limits.clone(),
        })
    }

    /// Tells what a tag or digest points to: what `index.json` says, else what the document says.
    pub(super) fn head(
        &self,
        repository: &Repository,
        which: &Which,
    ) -> Result<Descriptor, RegistryError> {
        match self.resolve(repository, which)? {
            (_, Some(listed)) if says_all(listed) => Ok(listed.clone()),
            _ => Ok(self.manifest(repository, which, None)?.descriptor),
        }
    }

    /// Reads a manifest or index.
    pub(super) fn manifest(
        &self,
        repository: &Repository,
        which: &Which,
        expected: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        let (digest, listed) = self.resolve(repository, which)?;
        if let Some(expected) = expected.filter(|expected| expected.digest != *digest) {
            let (expected, found) = (expected.digest.clone(), digest.clone());
            return Err(RegistryError::Moved { expected, found });
        }
        let announced = expected.or(listed);
        let size = announced.map(|descriptor| descriptor.size);
        let content = self.manifest_content(digest, size)?;
        Document::manifest(&content, digest, announced)
    }

    /// Reads a blob that a manifest names.
    pub(super) fn blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        kind: Blob,
    ) -> Result<Document, RegistryError> {
        self.catalog.check(repository)?;
        let (digest, size) = (&descriptor.digest, Some(descriptor.size));
        let thing = || kind.thing(digest);
        let content = self.content(digest, size, self.limits.config_bytes, thing)?;
        Document::blob(&content, descriptor, kind)
    }

    /// Tells what a tag points to, if it is there.
    pub(super) fn find(
        &self,
        repository: &Repository,
        which: &Which,
    ) -> Result<Option<Descriptor>, RegistryError> {
        match self.head(repository, which) {
            Err(RegistryError::NoTag { .. }) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Lists what is attached to a manifest: what is in the layout and names it as its subject, and what the tag lists that
    /// stands in for a registry's listing.
    pub(super) fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Page<Referrer>, RegistryError> {
        self.catalog.check(repository)?;
        let read = |listed: &Descriptor| {
            let content = self.manifest_content(&listed.digest, Some(listed.size))?;
            Document::manifest(&content, &listed.digest, Some(listed))
        };
        let attached = self
            .attached
            .get_or_init(|| Attached::find(self.catalog.entries(), read));
        let mut page = attached.to(subject);
        let tag = Which::Tag(referrers_tag(subject));
        if self.find(repository, &tag)?.is_some() {
            let index = self.manifest(repository, &tag, None)?;
            let listed = referrers::entries(&index.value, subject);
            page.entries.extend(listed.valid);
            page.faults.extend(listed.faults);
        }
        Ok(page)
    }

    fn manifest_content(
        &self,
        digest: &Digest,
        announced: Option<u64>,
    ) -> Result<Cow<'static, [u8]>, RegistryError> {
        let thing = || Thing::Manifest(digest.clone());
        self.content(digest, announced, self.limits.manifest_bytes, thing)
    }

    /// Finds the digest that is meant, and what `index.json` says about it if it is meant by tag. Content that
    /// is asked for by digest need not be listed: blobs belong to the whole layout.
    fn resolve<'a>(
        &'a self,
        repository: &Repository,
        which: &'a Which,
    ) -> Result<(&'a Digest, Option<&'a Descriptor>), RegistryError> {
        match which {
            Which::Tag(tag) => {
                let listed = self.catalog.tag(repository, tag)?;
                Ok((&listed.digest, Some(listed)))
            }
            Which::Digest(digest) => {
                self.catalog.check(repository)?;
                Ok((digest, None))
            }
        }
    }

    /// Reads a blob, not beyond its announced size and not beyond `limit`.
    fn content(
        &self,
        digest: &Digest,
        announced: Option<u64>,
        limit: usize,
        thing: impl Fn() -> Thing,
    ) -> Result<Cow<'static, [u8]>, RegistryError> {
        let size = announced.map_or(Ok(limit), usize::try_from);
        let Some(bound) = size.ok().filter(|size| *size <= limit) else {
            return Err(RegistryError::TooLarge {
                thing: thing(),
                limit,
            });
        };
        let path = format!("blobs/{}/{}", digest.algorithm().name(), digest.hex());
        self.store
            .read(&path, bound)
            .map_err(|error| match (error, announced) {
                (StoreError::Longer, Some(announced)) => RegistryError::SizeMismatch {
                    thing: thing(),
                    announced,
                    found: None,
                },
                (error, _) => failure(error, thing(), limit),
            })
    }
}

/// Reads a JSON file of the layout itself; none if it is not there.
fn document(
    store: &dyn Store,
    file: &'static str,
    limit: usize,
) -> Result<Option<Value>, RegistryError> {
    match store.read(file, limit) {
        Err(StoreError::Absent) => Ok(None),
        Err(error) => Err(failure(error, Thing::File(file), limit)),
        Ok(content) => parse_json(&content)
            .map(Some)
            .map_err(|error| RegistryError::malformed(Thing::File(file), error)),
    }
}

/// A store's error about a thing of ours.
fn failure(error: StoreError, thing: Thing, limit: usize) -> RegistryError {
    match error {
        StoreError::Absent => RegistryError::NoContent(thing),
        StoreError::Longer => RegistryError::TooLarge { thing, limit },
        StoreError::Refused { file, why } => RegistryError::UnsafeFile {
            file: outside(&file),
            why,
        },
        StoreError::Io { file, error } => RegistryError::Unreadable {
            file: outside(&file),
            cause: outside(&error.to_string()),
        },
    }
}
