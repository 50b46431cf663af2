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
    names: Option<Box<dyn Pages<TagEntry> + 'a>>,
}

impl<'a, L: VendorListing<Entry = TagEntry>> BulkTags<'a, L> {
    pub(super) fn new(remote: &'a Remote, repository: &Repository, listing: L) -> Self {
        Self {
            remote,
            repository: repository.clone(),
            bulk: VendorPages::new(remote, listing),
            names: None,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        if self.names.is_none() {
            match self.bulk.next().await {
                Ok(Some(page)) => return Ok(Some(page)),
                Ok(None) if !self.bulk.lacks_some() => return Ok(None),
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
            None => self.bulk.is_over() && !self.bulk.lacks_some(),
        }
    }
}
