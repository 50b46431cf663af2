//! A layout that was opened: answers read from its files, one blocking call each.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::attached::Attached;
use super::catalog::{Catalog, INDEX_FILE, says_all};
use super::holdings::Holdings;
use super::root::{Files, Form, LayoutRoot, NotOpened};
use super::saved::Saved;
use super::store::{Store, StoreError};
use crate::limits::{LAYOUT_MARKER_BYTES, Limits};
use crate::oci::{Descriptor, Digest, Referrer, Repository, Which, referrers_tag};
use crate::registry::document::Blob;
use crate::registry::error::outside;
use crate::registry::wire::referrers;
use crate::registry::{
    ArchiveFlaw, Document, LayoutFlaw, ManifestEntry, Page, Refusal, RegistryError, Thing,
};
use crate::value::{Value, parse_json};

const MARKER_FILE: &str = "oci-layout";

/// The files of a layout and what its index lists.
pub(super) struct Opened {
    content: Content,
    pub(super) catalog: Catalog,
    /// What is attached to what: found out once somebody asks.
    attached: OnceLock<Attached>,
    /// Which manifests each repository holds: likewise.
    holdings: OnceLock<Holdings>,
    limits: Limits,
}

/// Where its content is.
enum Content {
    Blobs(Box<dyn Store>),
    Saved(Box<Saved>),
}

impl Opened {
    /// Opens a layout and reads `oci-layout` and `index.json`, or the list of what `docker save` wrote.
    pub(super) fn open(
        root: &LayoutRoot,
        shown: &str,
        limits: &Limits,
    ) -> Result<Self, RegistryError> {
        let files = root.open(limits);
        let files = files.map_err(|error| not_opened(error, root.form(), shown))?;
        Self::read(files, &root.fallback_repository(), shown, limits)
    }

    /// Reads what lists the images. What only has a tag is in the repository `fallback`.
    pub(super) fn read(
        files: Files,
        fallback: &Repository,
        shown: &str,
        limits: &Limits,
    ) -> Result<Self, RegistryError> {
        let (content, catalog) = match files {
            Files::Layout(store) => {
                let catalog = read_index(&*store, fallback, shown, limits)?;
                (Content::Blobs(store), catalog)
            }
            Files::Saved(archive) => {
                let (saved, catalog) = Saved::read(archive, limits, fallback)?;
                (Content::Saved(Box::new(saved)), catalog)
            }
        };
        Ok(Self {
            content,
            catalog,
            attached: OnceLock::new(),
            holdings: OnceLock::new(),
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
        self.document(digest, announced)
    }

    /// Reads a manifest or index that is there, whoever lists it.
    fn document(
        &self,
        digest: &Digest,
        announced: Option<&Descriptor>,
    ) -> Result<Document, RegistryError> {
        let store = match &self.content {
            Content::Blobs(store) => store,
            Content::Saved(saved) => return saved.manifest(digest),
        };
        let size = announced.map(|descriptor| descriptor.size);
        let limit = self.limits.manifest_bytes;
        let thing = || Thing::Manifest(digest.clone());
        let content = blob(&**store, digest, size, limit, thing)?;
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
        let limit = self.limits.config_bytes;
        let content = match &self.content {
            Content::Blobs(store) => blob(&**store, digest, size, limit, thing)?,
            Content::Saved(saved) => saved.config(digest)?,
        };
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

    /// Lists the manifests of a repository, under a name or not.
    pub(super) fn manifests(
        &self,
        repository: &Repository,
    ) -> Result<Page<ManifestEntry>, RegistryError> {
        let faults = self.catalog.tags(repository)?;
        let read = |listed: &Descriptor| self.document(&listed.digest, Some(listed));
        let find = || Holdings::find(&self.catalog, read, &self.limits);
        let mut page = self.holdings.get_or_init(find).of(repository);
        // A tag that points nowhere we know leaves out what it points to.
        let broken = faults.entries.into_iter();
        let broken = broken.filter_map(|entry| entry.descriptor.err());
        page.faults.extend(faults.faults.into_iter().chain(broken));
        Ok(page)
    }

    /// Lists what is attached to a manifest: what is in the layout and names it as its subject, and what the tag lists that
    /// stands in for a registry's listing.
    pub(super) fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Page<Referrer>, RegistryError> {
        self.catalog.check(repository)?;
        let read = |listed: &Descriptor| self.document(&listed.digest, Some(listed));
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
}

/// Why there is nothing to read.
fn not_opened(error: NotOpened, form: Form, shown: &str) -> RegistryError {
    use Refusal::{Folder, NoFolder};
    let shown = outside(shown);
    let flaw = match (form, error) {
        (Form::Folder, NotOpened::Store(StoreError::Absent))
        | (Form::Folder, NotOpened::Store(StoreError::Refused { why: NoFolder, .. })) => {
            let flaw = LayoutFlaw::NoFolder;
            return RegistryError::NotALayout { shown, flaw };
        }
        (_, NotOpened::Archive(flaw)) => flaw,
        (_, NotOpened::Store(StoreError::Absent)) => ArchiveFlaw::NoFile,
        (_, NotOpened::Store(StoreError::Refused { why: NoFolder, .. })) => ArchiveFlaw::NoFile,
        (_, NotOpened::Store(StoreError::Refused { why: Folder, .. })) => ArchiveFlaw::Folder,
        // Nothing was read yet that has a length, so neither this thing nor this limit is ever told.
        (_, NotOpened::Store(error)) => return failure(error, Thing::File(MARKER_FILE), 0),
    };
    RegistryError::NotAnArchive { shown, flaw }
}

/// Reads `oci-layout` and `index.json`.
fn read_index(
    store: &dyn Store,
    fallback: &Repository,
    shown: &str,
    limits: &Limits,
) -> Result<Catalog, RegistryError> {
    let flawed = |flaw| RegistryError::NotALayout {
        shown: outside(shown),
        flaw,
    };
    let marker = document(store, MARKER_FILE, LAYOUT_MARKER_BYTES)?;
    let marker = marker.ok_or_else(|| flawed(LayoutFlaw::NoMarker))?;
    if marker.get("imageLayoutVersion").and_then(Value::as_text) != Some("1.0.0") {
        return Err(flawed(LayoutFlaw::Version));
    }
    let index = document(store, INDEX_FILE, limits.listing_bytes)?;
    let index = index.ok_or_else(|| flawed(LayoutFlaw::NoIndex))?;
    Catalog::read(&index, fallback)
}

/// Reads a blob, not beyond its announced size and not beyond `limit`.
fn blob(
    store: &dyn Store,
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
    store
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

/// Reads a JSON file of the layout itself; none if it is not there.
pub(super) fn document(
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
pub(super) fn failure(error: StoreError, thing: Thing, limit: usize) -> RegistryError {
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
