//! The tags of a repository as the registry names them, and beside each what its vendor says of it: for vendors whose
//! listing has more than tags, or not all of them, so that it cannot say which tags there are.

use std::collections::HashMap;

use super::pages::{Entry, VendorListing, VendorPages, fall_back, tags_of};
use crate::oci::{Repository, Tag};
use crate::registry::remote::Remote;
use crate::registry::{Answer, Page, Pages, RegistryError, TagEntry, Told};

/// What a vendor's listing says of one thing.
pub(super) struct Said {
    /// By what it is known from others.
    pub(super) id: String,
    /// The tag that it is about, if it is about one.
    pub(super) tag: Option<Tag>,
    /// What is told of that.
    pub(super) told: Told,
}

impl Entry for Said {
    type Name = String;

    fn name(&self) -> &String {
        &self.id
    }
}

/// The tags of a repository: those that the registry names, with what the vendor tells.
pub(super) struct Joined<'a, L> {
    remote: &'a Remote,
    repository: Repository,
    names: Box<dyn Pages<TagEntry> + 'a>,
    /// The vendor's listing, which is read once there is a tag.
    vendor: Option<Answer<'a, Option<L>>>,
    told: HashMap<Tag, Told>,
}

impl<'a, L: VendorListing<Entry = Said>> Joined<'a, L> {
    /// `vendor` gives the listing; none where the vendor has nothing to tell.
    pub(super) fn new(
        remote: &'a Remote,
        repository: &Repository,
        vendor: Answer<'a, Option<L>>,
    ) -> Self {
        Self {
            remote,
            repository: repository.clone(),
            names: remote.tag_names(repository),
            vendor: Some(vendor),
            told: HashMap::new(),
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        let Some(mut page) = self.names.next().await? else {
            return Ok(None);
        };
        if !page.entries.is_empty()
            && let Some(vendor) = self.vendor.take()
            && let Err(error) = self.hear(vendor).await
        {
            fall_back(self.remote, &tags_of(self.remote, &self.repository), error)?;
        }
        for entry in &mut page.entries {
            if let Some(told) = self.told.get(&entry.tag) {
                entry.told = told.clone();
            }
        }
        Ok(Some(page))
    }

    /// Reads the vendor's listing to its end. What was heard before it broke off is kept.
    async fn hear(&mut self, vendor: Answer<'a, Option<L>>) -> Result<(), RegistryError> {
        let Some(listing) = vendor.await? else {
            return Ok(());
        };
        let mut pages = VendorPages::new(self.remote, listing);
        while let Some(page) = pages.next().await? {
            for said in page.entries {
                if let Some(tag) = said.tag {
                    self.told.entry(tag).or_insert(said.told);
                }
            }
        }
        Ok(())
    }
}

impl<L: VendorListing<Entry = Said>> Pages<TagEntry> for Joined<'_, L> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        self.names.is_over()
    }

    fn may_go_on(&self) -> bool {
        self.names.may_go_on()
    }
}
