//! The tags of a repository as a vendor tells of them, and as the registry names them where that is not all.

use super::bulk::{Bulk, Scope};
use super::pages::{VendorListing, tags_of};
use crate::oci::Repository;
use crate::registry::TagEntry;
use crate::registry::remote::Remote;

/// The tags of a repository: those that the vendor tells of, then the names that only the registry has.
pub(super) type BulkTags<'a, L> = Bulk<'a, L>;

impl<'a, L: VendorListing<Entry = TagEntry>> BulkTags<'a, L> {
    /// Of a vendor that tells of all tags, or says how many there are.
    pub(super) fn new(remote: &'a Remote, repository: &Repository, listing: L) -> Self {
        Self::tags(remote, repository, Scope::Whole, listing)
    }

    /// Of a vendor that tells of so many of them.
    pub(super) fn tags(
        remote: &'a Remote,
        repository: &Repository,
        scope: Scope,
        listing: L,
    ) -> Self {
        let (what, repository) = (tags_of(remote, repository), repository.clone());
        let own = move || remote.tag_names(&repository);
        Self::of(remote, what, scope, listing, own)
    }
}
