//! A registry that remembers what it was asked.
//!
//! It stands in front of any other and changes nothing. Tests prove with it that a query asks for what it
//! needs and for nothing else; no product code uses it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{
    Answer, Capabilities, Details, Document, ManifestEntry, Page, Pages, RateLimit, Registry,
    RepositoryEntry, StandIn, TagEntry, Told,
};
use crate::oci::{Descriptor, Digest, Referrer, Repository, Tag, Which};

/// A registry that remembers what it was asked.
#[derive(Debug)]
pub struct Counting<R> {
    inner: R,
    asked: Transcript,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Asked {
    /// A page of repositories.
    Repositories,
    /// A page of tags.
    Tags(Repository),
    /// A page of manifests.
    Manifests(Repository),
    /// What a vendor tells of a repository.
    Repository(Repository),
    /// What a vendor tells of a tag.
    Tag(Repository, Tag),
    /// What a tag or digest points to.
    Head(Repository, Which),
    /// A manifest or index.
    Manifest(Repository, Which),
    /// A config.
    Config(Repository, Digest),
    /// A page of what is attached to a manifest.
    Referrers(Repository, Digest),
    /// What a tag points to, if it is there.
    Find(Repository, Tag),
    /// A statement.
    Statement(Repository, Digest),
}

/// The questions so far, in the order they were asked. Clones share one list, so a test can keep one after
/// the registry has gone elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Transcript(Arc<Mutex<Vec<Asked>>>);

impl<R: Registry> Counting<R> {
    /// Stands in front of `inner`.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            asked: Transcript::default(),
        }
    }

    /// The list of what is asked from now on too.
    pub fn transcript(&self) -> Transcript {
        self.asked.clone()
    }
}

impl Transcript {
    /// Copies out the questions so far.
    pub fn questions(&self) -> Vec<Asked> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Writes each question so far as one line.
    pub fn lines(&self) -> Vec<String> {
        self.questions().iter().map(Asked::to_string).collect()
    }

    fn note(&self, asked: Asked) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repositories => f.write_str("list repositories"),
            Self::Tags(repository) => write!(f, "list tags {repository}"),
            Self::Manifests(repository) => write!(f, "list manifests {repository}"),
            Self::Repository(repository) => write!(f, "repository {repository}"),
            Self::Tag(repository, tag) => write!(f, "tag {repository}:{tag}"),
            Self::Head(repository, which) => write!(f, "head {repository}{which}"),
            Self::Manifest(repository, which) => write!(f, "manifest {repository}{which}"),
            Self::Config(repository, digest) => write!(f, "config {repository}@{digest}"),
            Self::Referrers(repository, subject) => write!(f, "referrers {repository}@{subject}"),
            Self::Find(repository, tag) => write!(f, "find {repository}:{tag}"),
            Self::Statement(repository, digest) => write!(f, "statement {repository}@{digest}"),
        }
    }
}

impl<R: Registry> Registry for Counting<R> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn allowance(&self) -> Answer<'_, Option<RateLimit>> {
        self.inner.allowance()
    }

    fn foretell(&self, counted: u64) {
        self.inner.foretell(counted);
    }

    fn next_round(&self) {
        self.inner.next_round();
    }

    fn repositories(
        &self,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + '_> {
        Box::new(CountingPages {
            inner: self.inner.repositories(below, wanted),
            asked: &self.asked,
            page: Asked::Repositories,
        })
    }

    fn tags(&self, repository: &Repository, wanted: Details) -> Box<dyn Pages<TagEntry> + '_> {
        Box::new(CountingPages {
            inner: self.inner.tags(repository, wanted),
            asked: &self.asked,
            page: Asked::Tags(repository.clone()),
        })
    }

    fn manifests(
        &self,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + '_> {
        Box::new(CountingPages {
            inner: self.inner.manifests(repository, wanted),
            asked: &self.asked,
            page: Asked::Manifests(repository.clone()),
        })
    }

    fn repository<'a>(&'a self, repository: &'a Repository) -> Answer<'a, Told> {
        Box::pin(async move {
            self.asked.note(Asked::Repository(repository.clone()));
            self.inner.repository(repository).await
        })
    }

    fn tag<'a>(&'a self, repository: &'a Repository, tag: &'a Tag) -> Answer<'a, Told> {
        Box::pin(async move {
            self.asked.note(Asked::Tag(repository.clone(), tag.clone()));
            self.inner.tag(repository, tag).await
        })
    }

    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor> {
        Box::pin(async move {
            self.asked
                .note(Asked::Head(repository.clone(), which.clone()));
            self.inner.head(repository, which).await
        })
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            self.asked
                .note(Asked::Manifest(repository.clone(), which.clone()));
            self.inner.manifest(repository, which, expected).await
        })
    }

    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            let digest = descriptor.digest.clone();
            self.asked.note(Asked::Config(repository.clone(), digest));
            self.inner.config(repository, descriptor).await
        })
    }

    fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        stand_in: StandIn,
    ) -> Box<dyn Pages<Referrer> + '_> {
        Box::new(CountingPages {
            inner: self.inner.referrers(repository, subject, stand_in),
            asked: &self.asked,
            page: Asked::Referrers(repository.clone(), subject.clone()),
        })
    }

    fn find<'a>(
        &'a self,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Option<Descriptor>> {
        Box::pin(async move {
            self.asked
                .note(Asked::Find(repository.clone(), tag.clone()));
            self.inner.find(repository, tag).await
        })
    }

    fn statement<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            let digest = descriptor.digest.clone();
            self.asked
                .note(Asked::Statement(repository.clone(), digest));
            self.inner.statement(repository, descriptor).await
        })
    }
}

struct CountingPages<'a, T> {
    inner: Box<dyn Pages<T> + 'a>,
    asked: &'a Transcript,
    page: Asked,
}

impl<T: 'static> Pages<T> for CountingPages<'_, T> {
    /// The end of a listing comes with its last page, so the answer that only says so is no question.
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        Box::pin(async move {
            let answer = self.inner.next().await;
            if !matches!(answer, Ok(None)) {
                self.asked.note(self.page.clone());
            }
            answer
        })
    }

    fn is_over(&self) -> bool {
        self.inner.is_over()
    }

    fn may_go_on(&self) -> bool {
        self.inner.may_go_on()
    }
}
