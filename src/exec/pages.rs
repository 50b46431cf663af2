//! Pages of a listing, one by one or all of them, and why one did not come.

use super::Budget;
use crate::fields::Evidence;
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
        };
        loop {
            match next_page(self.pages.as_mut(), budget).await {
                Ok(Some(page)) => {
                    list.entries.extend(page.entries);
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
