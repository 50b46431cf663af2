//! OCI image layouts (image-spec 1.1, image-layout.md) in folders and archives, and what `docker save` wrote before it
//! wrote such layouts: a registry made of files.
//!
//! `oci-layout` and `index.json` are read once, when something is first asked; a blob is read when it is asked
//! for. What the repositories and tags are called is told in `names`. Reading blocks, so it runs beside
//! the one async thread. Nothing is written, nothing outside the layout's folder is opened.

mod archive;
mod attached;
mod catalog;
mod embedded;
#[cfg(unix)]
mod folder;
mod holdings;
mod names;
mod opened;
#[cfg(any(not(unix), test))]
mod portable;
mod root;
mod saved;
mod store;

use std::io::Cursor;
use std::sync::{Arc, OnceLock};

use self::archive::Archive;
use self::opened::Opened;
use self::root::Files;
pub use self::root::{Form, LayoutRoot};
use super::document::Blob;
use super::{
    Answer, Capabilities, Details, Document, ManifestEntry, Page, Pages, Registry, RegistryError,
    RepositoryEntry, StandIn, TagEntry,
};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, Referrer, Repository, Tag, Which};

/// An image layout.
pub struct Layout {
    source: Arc<Source>,
}

/// Where the layout is and, once something was asked, what is in it.
struct Source {
    root: LayoutRoot,
    shown: String,
    limits: Limits,
    opened: OnceLock<Result<Opened, RegistryError>>,
}

impl Layout {
    /// Names a layout; nothing is read yet. `shown` is what users call it, such as `oci:demo`.
    pub fn open(root: LayoutRoot, shown: impl Into<String>, limits: Limits) -> Self {
        Self {
            source: Arc::new(Source {
                root,
                shown: shown.into(),
                limits,
                opened: OnceLock::new(),
            }),
        }
    }

    /// Answers a question on a thread that may block. Whoever comes first opens the layout; what became of
    /// that, good or bad, holds for the whole run.
    async fn answer<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Opened) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        let source = Arc::clone(&self.source);
        let work = move || {
            let open = || Opened::open(&source.root, &source.shown, &source.limits);
            question(
                source
                    .opened
                    .get_or_init(open)
                    .as_ref()
                    .map_err(Clone::clone)?,
            )
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.expect("reading a layout neither panics nor is cancelled while it is awaited")
    }
}

/// Reads all there is to ask in an archive, for the fuzz targets.
pub(super) fn read_archive(
    file: Vec<u8>,
    form: Form,
    limits: &Limits,
) -> Result<Vec<String>, RegistryError> {
    let not_an_archive = |flaw| RegistryError::NotAnArchive {
        shown: "archive".into(),
        flaw,
    };
    let archive = Archive::open(Box::new(Cursor::new(file)), limits).map_err(not_an_archive)?;
    let files = Files::of(archive, form).map_err(not_an_archive)?;
    let fallback = "archive".parse().expect("it follows the grammar");
    let opened = Opened::read(files, &fallback, "archive", limits)?;
    let mut told = Vec::new();
    for RepositoryEntry { repository, .. } in opened.catalog.repositories().entries {
        for TagEntry { tag, .. } in opened.catalog.tags(&repository)?.entries {
            let read = opened.manifest(&repository, &Which::Tag(tag.clone()), None);
            let read = read.map(|document| document.descriptor.digest.to_string());
            let read = read.unwrap_or_else(|error| error.to_string());
            told.push(format!("{repository}:{tag} {read}"));
        }
    }
    Ok(told)
}

impl Registry for Layout {
    fn name(&self) -> &str {
        &self.source.shown
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::DISK
    }

    fn repositories(
        &self,
        _below: Option<&str>,
        _wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + '_> {
        let page = self.answer(|opened| Ok(opened.catalog.repositories()));
        Box::new(OnePage(Some(Box::pin(page))))
    }

    fn tags(&self, repository: &Repository, _wanted: Details) -> Box<dyn Pages<TagEntry> + '_> {
        let repository = repository.clone();
        let page = self.answer(move |opened| opened.catalog.tags(&repository));
        Box::new(OnePage(Some(Box::pin(page))))
    }

    fn manifests(
        &self,
        repository: &Repository,
        _wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + '_> {
        let repository = repository.clone();
        let page = self.answer(move |opened| opened.manifests(&repository));
        Box::new(OnePage(Some(Box::pin(page))))
    }

    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor> {
        let (repository, which) = (repository.clone(), which.clone());
        Box::pin(self.answer(move |opened| opened.head(&repository, &which)))
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document> {
        let (repository, which, expected) = (repository.clone(), which.clone(), expected.cloned());
        Box::pin(self.answer(move |opened| opened.manifest(&repository, &which, expected.as_ref())))
    }

    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        let (repository, descriptor) = (repository.clone(), descriptor.clone());
        Box::pin(self.answer(move |opened| opened.blob(&repository, &descriptor, Blob::Config)))
    }

    /// What the layout's own tag lists, which tools write that know no other way, is part of it.
    fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        _: StandIn,
    ) -> Box<dyn Pages<Referrer> + '_> {
        let (repository, subject) = (repository.clone(), subject.clone());
        let page = self.answer(move |opened| opened.referrers(&repository, &subject));
        Box::new(OnePage(Some(Box::pin(page))))
    }

    fn find<'a>(
        &'a self,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Option<Descriptor>> {
        let (repository, which) = (repository.clone(), Which::Tag(tag.clone()));
        Box::pin(self.answer(move |opened| opened.find(&repository, &which)))
    }

    fn statement<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        let (repository, descriptor) = (repository.clone(), descriptor.clone());
        Box::pin(self.answer(move |opened| opened.blob(&repository, &descriptor, Blob::Statement)))
    }
}

/// A listing that comes in one piece.
struct OnePage<'a, T>(Option<Answer<'a, Page<T>>>);

impl<T: Send> Pages<T> for OnePage<'_, T> {
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        let page = self.0.take();
        Box::pin(async move {
            match page {
                Some(page) => page.await.map(Some),
                None => Ok(None),
            }
        })
    }

    fn is_over(&self) -> bool {
        self.0.is_none()
    }
}
