//! The tags of a repository as a vendor tells of them, and where that is not all, as the registry names them: a tag is
//! never lost because a fact about it is.

use super::pages::{VendorListing, VendorPages, fall_back};
use crate::oci::Repository;
use crate::registry::remote::Remote;
use crate::registry::{Answer, Page, Pages, RegistryError, TagEntry};

/// The tags of a repository: those that the vendor tells of, then the names that only the registry has.
pub(super) struct BulkTags<'a, L> {
    remote: &'a Remote,
    repository: Repository,
    bulk: VendorPages<'a, L>,
    reach: Reach,
    names: Option<Box<dyn Pages<TagEntry> + 'a>>,
}

/// How much a vendor tells of the tags of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All of them, or as many as it says there are.
    All,
    /// Some: it passes over others without a word.
    Some,
}

impl<'a, L: VendorListing<Entry = TagEntry>> BulkTags<'a, L> {
    pub(super) fn new(remote: &'a Remote, repository: &Repository, listing: L) -> Self {
        Self {
            remote,
            repository: repository.clone(),
            bulk: VendorPages::new(remote, listing),
            reach: Reach::All,
            names: None,
        }
    }

    /// The tags of a vendor's listing that passes some over, so that the registry is always asked for the names.
    pub(super) fn of_some(remote: &'a Remote, repository: &Repository, listing: L) -> Self {
        Self {
            reach: Reach::Some,
            ..Self::new(remote, repository, listing)
        }
    }

    /// Tells whether there may be tags that the vendor did not tell of.
    fn may_lack_some(&self) -> bool {
        self.reach == Reach::Some || self.bulk.lacks_some()
    }

    /// The next page that the vendor has. That it tells of nothing is no answer yet, where the registry is asked in any
    /// case: there may be no such repository.
    async fn told(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        loop {
            let page = self.bulk.next().await?;
            let is_empty =
                |page: &Page<TagEntry>| page.entries.is_empty() && page.faults.is_empty();
            if self.reach == Reach::All || !page.as_ref().is_some_and(is_empty) {
                return Ok(page);
            }
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        if self.names.is_none() {
            match self.told().await {
                Ok(Some(page)) => return Ok(Some(page)),
                Ok(None) if !self.may_lack_some() => return Ok(None),
                Ok(None) => {}
                Err(error) => fall_back(self.remote, &self.repository, error)?,
            }
        }
        let names = || self.remote.tag_names(&self.repository);
        let names = self.names.get_or_insert_with(names);
        let Some(mut page) = names.next().await? else {
            return Ok(None);
        };
        page.entries
            .retain(|entry| !self.bulk.has_listed(&entry.tag));
        Ok(Some(page))
    }
}

impl<L: VendorListing<Entry = TagEntry>> Pages<TagEntry> for BulkTags<'_, L> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        match &self.names {
            Some(names) => names.is_over(),
            None => self.bulk.is_over() && !self.may_lack_some(),
        }
    }

    fn may_go_on(&self) -> bool {
        self.names.as_ref().is_some_and(|names| names.may_go_on())
    }
}
