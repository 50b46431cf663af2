//! Says which names a registry has told of: what it lists, and what is there that was asked for by its name.
//!
//! Whoever keeps names for completion hears of them here; what is asked and what comes of it stays as it is.

use super::Remote;
use crate::limits::SEEN_TAGS;
use crate::oci::{Repository, Which};
use crate::registry::talk::{Event, Names};
use crate::registry::{Answer, Page, Pages, RegistryError, RepositoryEntry, TagEntry};

/// The pages of a listing, whose names are said as they come.
pub(super) struct Naming<'a, T> {
    pages: Box<dyn Pages<T> + 'a>,
    remote: &'a Remote,
    /// The repository whose tags are listed.
    of: Option<Repository>,
    names: fn(Option<&Repository>, &[T]) -> Names,
    /// How many more are said: of a listing that has no end, nobody remembers all.
    left: usize,
    is_over: bool,
}

impl<'a> Naming<'a, RepositoryEntry> {
    /// Names repositories.
    pub(super) fn repositories(
        pages: Box<dyn Pages<RepositoryEntry> + 'a>,
        remote: &'a Remote,
    ) -> Self {
        let names = |_: Option<&Repository>, entries: &[RepositoryEntry]| {
            Names::Repositories(
                entries
                    .iter()
                    .map(|entry| entry.repository.clone())
                    .collect(),
            )
        };
        Self::new(pages, remote, None, names)
    }
}

impl<'a> Naming<'a, TagEntry> {
    /// Names the tags of a repository.
    pub(super) fn tags(
        pages: Box<dyn Pages<TagEntry> + 'a>,
        remote: &'a Remote,
        repository: &Repository,
    ) -> Self {
        let names = |of: Option<&Repository>, entries: &[TagEntry]| {
            let of = of.expect("it is the tags of a repository that are listed");
            let tags = entries.iter().map(|entry| entry.tag.clone());
            Names::Tags(of.clone(), tags.collect())
        };
        Self::new(pages, remote, Some(repository.clone()), names)
    }
}

impl<'a, T> Naming<'a, T> {
    fn new(
        pages: Box<dyn Pages<T> + 'a>,
        remote: &'a Remote,
        of: Option<Repository>,
        names: fn(Option<&Repository>, &[T]) -> Names,
    ) -> Self {
        Self {
            pages,
            remote,
            of,
            names,
            left: SEEN_TAGS,
            is_over: false,
        }
    }

    fn say(&mut self, page: Option<&Page<T>>) {
        let entries = page.map_or(&[][..], |page| &page.entries);
        let said = &entries[..entries.len().min(self.left)];
        if !said.is_empty() {
            self.remote.name((self.names)(self.of.as_ref(), said));
        }
        let is_whole = said.len() == entries.len();
        self.left = match is_whole {
            true => self.left - said.len(),
            false => 0,
        };
        let ends = page.is_none() || self.pages.is_over();
        if ends && !self.is_over {
            self.is_over = true;
            let all = self.of.clone().filter(|_| is_whole && self.left > 0);
            if let Some(of) = all.filter(|_| !self.pages.may_go_on()) {
                self.remote.name(Names::NoMoreTags(of));
            }
        }
    }
}

impl<T: Send> Pages<T> for Naming<'_, T> {
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        Box::pin(async {
            let page = self.pages.next().await?;
            self.say(page.as_ref());
            Ok(page)
        })
    }

    fn is_over(&self) -> bool {
        self.pages.is_over()
    }

    fn may_go_on(&self) -> bool {
        self.pages.may_go_on()
    }
}

impl Remote {
    fn name(&self, names: Names) {
        let host = self.session.host().clone();
        self.say(Event::Named { host, names });
    }

    /// Names a tag that was asked for, if it is there.
    pub(super) async fn naming<T>(
        &self,
        repository: &Repository,
        which: &Which,
        found: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        let found = found.await?;
        if let Which::Tag(tag) = which {
            self.name(Names::Tags(repository.clone(), vec![tag.clone()]));
        }
        Ok(found)
    }
}
