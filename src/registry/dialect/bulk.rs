//! Names as a vendor tells of them, and where that is not all, as the registry lists them: a name is never lost because a
//! fact about it is.

use super::pages::{Entry, VendorListing, VendorPages, fall_back};
use crate::registry::remote::Remote;
use crate::registry::{Answer, Page, Pages, Registry, RegistryError, RepositoryEntry};

/// How much of what there is a vendor's listing has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of it, or it says how much that is.
    Whole,
    /// What it knows something about; of the rest it says nothing, not even that there is any.
    Known,
}

/// The registry's own list, once it is needed.
type Own<'a, E> = Box<dyn Fn() -> Box<dyn Pages<E> + 'a> + Send + Sync + 'a>;

/// What the vendor tells of, then the names that only the registry has.
pub(super) struct Bulk<'a, L: VendorListing> {
    remote: &'a Remote,
    /// What is listed, in words.
    what: String,
    scope: Scope,
    bulk: VendorPages<'a, L>,
    own: Own<'a, L::Entry>,
    names: Option<Box<dyn Pages<L::Entry> + 'a>>,
}

impl<'a, L: VendorListing> Bulk<'a, L> {
    pub(super) fn of(
        remote: &'a Remote,
        what: String,
        scope: Scope,
        listing: L,
        own: impl Fn() -> Box<dyn Pages<L::Entry> + 'a> + Send + Sync + 'a,
    ) -> Self {
        Self {
            remote,
            what,
            scope,
            bulk: VendorPages::new(remote, listing),
            own: Box::new(own),
            names: None,
        }
    }

    fn is_all(&self) -> bool {
        self.scope == Scope::Whole && !self.bulk.lacks_some()
    }

    async fn turn(&mut self) -> Result<Option<Page<L::Entry>>, RegistryError> {
        while self.names.is_none() {
            match self.bulk.next().await {
                // That nothing is known is no answer: there may be no such thing.
                Ok(Some(page)) if self.scope == Scope::Known && page.entries.is_empty() => {
                    if page.faults.is_empty() {
                        continue;
                    }
                    return Ok(Some(page));
                }
                Ok(Some(page)) => return Ok(Some(page)),
                Ok(None) if self.is_all() => return Ok(None),
                Ok(None) => {}
                Err(error) => fall_back(self.remote, &self.what, error)?,
            }
            self.names = Some((self.own)());
        }
        let names = self.names.as_mut().expect("the loop ends with them");
        let Some(mut page) = names.next().await? else {
            return Ok(None);
        };
        page.entries
            .retain(|entry| !self.bulk.has_listed(entry.name()));
        Ok(Some(page))
    }
}

impl<'a, L: VendorListing<Entry = RepositoryEntry>> Bulk<'a, L> {
    /// The repositories of a registry.
    pub(super) fn repositories(remote: &'a Remote, scope: Scope, listing: L) -> Self {
        let what = format!("the repositories of {}", remote.name());
        Self::of(remote, what, scope, listing, move || remote.catalog())
    }
}

impl<L: VendorListing> Pages<L::Entry> for Bulk<'_, L> {
    fn next(&mut self) -> Answer<'_, Option<Page<L::Entry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        match &self.names {
            Some(names) => names.is_over(),
            None => self.bulk.is_over() && self.is_all(),
        }
    }
    fn may_go_on(&self) -> bool {
        self.names.as_ref().is_some_and(|names| names.may_go_on())
    }
}
