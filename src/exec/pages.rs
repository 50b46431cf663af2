//! Pages of a listing, one by one or all of them, and why one did not come.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::budget::{Budget, fault_of};
use super::families::Family;
use crate::fields::Evidence;
use crate::oci::{Tag, names_subject};
use crate::registry::{ManifestEntry, Page, Pages, RegistryError, RepositoryEntry, TagEntry};
use crate::rows::{Fault, Standing};

/// All repositories of one source, as far as they could be listed.
pub(super) struct RepositoryList {
    pub(super) repositories: Vec<RepositoryEntry>,
    pub(super) faults: Vec<RegistryError>,
    /// Why it is not whole.
    pub(super) error: Option<ListError>,
}

/// All tags of one repository.
pub(super) type TagList = WholeList<TagEntry>;

/// All manifests of one repository.
pub(super) type ManifestList = WholeList<ManifestEntry>;

/// The tags of one repository on their way.
pub(super) type Tags<'a> = OnTheWay<'a, TagEntry>;

/// Everything that is listed of one repository.
pub(super) struct WholeList<E> {
    pub(super) evidence: Evidence,
    pub(super) repository: Standing,
    pub(super) entries: Vec<E>,
    pub(super) faults: Vec<RegistryError>,
    /// Why it is not whole.
    pub(super) error: Option<ListError>,
    /// Whether it may have gone on.
    pub(super) may_go_on: bool,
}

/// What is listed of one repository, on its way.
pub(super) struct OnTheWay<'a, E> {
    pub(super) evidence: Evidence,
    /// What is known of the repository's existence.
    pub(super) repository: Standing,
    pub(super) pages: Box<dyn Pages<E> + 'a>,
}

impl<E> OnTheWay<'_, E> {
    /// Reads all pages.
    pub(super) async fn all(mut self, budget: &Budget) -> WholeList<E> {
        let mut list = WholeList {
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

impl<E> WholeList<E> {
    fn is_whole(&self) -> bool {
        self.error.is_none() && self.faults.is_empty() && !self.may_go_on
    }

    /// The tags that tools made to find things by, if no tag of the repository can be missing here (threats S6).
    fn technical<'t>(&self, tags: impl Iterator<Item = &'t Tag>) -> Option<Arc<BTreeSet<Tag>>> {
        let technical = tags.filter(|tag| names_subject(tag));
        self.is_whole()
            .then(|| Arc::new(technical.cloned().collect()))
    }
}

impl TagList {
    /// In natural order, each once.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.tag.cmp(&b.tag));
        self.entries.dedup_by(|a, b| a.tag == b.tag);
        let tags = self.entries.iter().map(|entry| &entry.tag);
        self.evidence.technical = self.technical(tags);
    }
}

impl ManifestList {
    /// In natural order, each once.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.digest.cmp(&b.digest));
        self.entries.dedup_by(|a, b| a.digest == b.digest);
        let tags = self.entries.iter().flat_map(|entry| &entry.tags);
        self.evidence.technical = self.technical(tags);
    }

    /// Which of the manifests name which, as far as the list says.
    pub(super) fn family(&self) -> Family {
        let gap = match (&self.error, self.faults.first()) {
            (Some(ListError::Registry(error)), _) | (None, Some(error)) => Some(fault_of(error)),
            (Some(ListError::Budget(fault)), _) => Some(fault.clone()),
            (None, None) => None,
        };
        Family::of(&self.entries, gap)
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
