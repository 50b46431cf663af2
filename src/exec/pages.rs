//! Pages of a listing, one by one or all of them, and why one did not come.

use std::collections::BTreeSet;

use super::Budget;
use crate::fields::Evidence;
use crate::oci::{Tag, names_subject};
use crate::registry::{Page, Pages, RegistryError, RepositoryEntry, TagEntry};
use crate::rows::{Fault, Standing};

/// All repositories of one source, as far as they could be listed.
pub(super) struct RepositoryList {
    pub(super) repositories: Vec<RepositoryEntry>,
    pub(super) faults: Vec<RegistryError>,
    /// Why it is not whole.
    pub(super) error: Option<ListError>,
}

/// All tags of one repository.
pub(super) struct TagList {
    pub(super) evidence: Evidence,
    pub(super) repository: Standing,
    pub(super) entries: Vec<TagEntry>,
    pub(super) faults: Vec<RegistryError>,
    /// Why it is not whole.
    pub(super) error: Option<ListError>,
    /// Whether it may have gone on.
    pub(super) may_go_on: bool,
}

/// The tags of one repository on their way.
pub(super) struct Tags<'a> {
    pub(super) evidence: Evidence,
    /// What is known of the repository's existence.
    pub(super) repository: Standing,
    pub(super) pages: Box<dyn Pages<TagEntry> + 'a>,
}

impl Tags<'_> {
    /// Reads all pages.
    pub(super) async fn all(mut self, budget: &Budget) -> TagList {
        let mut list = TagList {
            evidence: self.evidence,
            repository: self.repository,
            entries: Vec::new(),
            faults: Vec::new(),
            error: None,
            may_go_on: false,
        };
        loop {
            match next_page(self.pages.as_mut(), budget).await {
                Ok(Some(page)) => {
                    list.entries.extend(page.entries);
                    list.faults.extend(page.faults);
                }
                Ok(None) => {
                    list.may_go_on = self.pages.may_go_on();
                    return list;
                }
                Err(error) => {
                    list.error = Some(error);
                    return list;
                }
            }
        }
    }
}

impl TagList {
    /// The tags that tools made to find things by, if no tag of the repository can be missing here (threats S6).
    pub(super) fn technical(&self) -> Option<BTreeSet<Tag>> {
        let is_whole = self.error.is_none() && self.faults.is_empty() && !self.may_go_on;
        let tags = self.entries.iter().map(|entry| &entry.tag);
        let technical = tags.filter(|tag| names_subject(tag));
        is_whole.then(|| technical.cloned().collect())
    }
}

/// Reads all pages of the repositories of a registry.
pub(super) async fn all_repositories(
    mut pages: Box<dyn Pages<RepositoryEntry> + '_>,
    budget: &Budget,
) -> RepositoryList {
    let mut list = RepositoryList {
        repositories: Vec::new(),
        faults: Vec::new(),
        error: None,
    };
    loop {
        match next_page(pages.as_mut(), budget).await {
            Ok(Some(page)) => {
                list.repositories.extend(page.entries);
                list.faults.extend(page.faults);
            }
            Ok(None) => return list,
            Err(error) => {
                list.error = Some(error);
                return list;
            }
        }
    }
}

pub(super) async fn next_page<T>(
    pages: &mut (dyn Pages<T> + '_),
    budget: &Budget,
) -> Result<Option<Page<T>>, ListError> {
    if pages.is_over() {
        return Ok(None);
    }
    budget.check().map_err(ListError::Budget)?;
    let page = pages.next().await.map_err(ListError::Registry)?;
    if page.is_some() {
        budget.note_page();
    }
    Ok(page)
}

/// Why a page did not come.
pub(super) enum ListError {
    Registry(RegistryError),
    Budget(Fault),
}

impl ListError {
    pub(super) fn into_fault(self, budget: &Budget) -> Fault {
        match self {
            Self::Registry(error) => budget.note_failure(&error),
            Self::Budget(fault) => fault,
        }
    }
}
