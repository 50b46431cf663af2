//! Listing: registries, then repositories, then tags, each in natural order, as rows come to be.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, FuturesOrdered, Stream, StreamExt};

use super::listed::{Candidate, Listed, Lost, listed_tag, missing, named_tags};
use super::{Budget, Source};
use crate::fields::{Evidence, Resource};
use crate::oci::Repository;
use crate::plan::Plan;
use crate::registry::{Page, Pages, Registry, RegistryError, RepositoryEntry, TagEntry};
use crate::rows::{Fault, Row, Standing};

/// How many repositories' tags are listed at once, where rows come after the whole listing anyway.
const LISTINGS_AHEAD: usize = 16;

/// The state of a listing: where it is, and what lies ready.
struct Lister<'a> {
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    source: usize,
    repositories: Option<Repositories<'a>>,
    tags: Option<Tags<'a>>,
    /// Whole lists of tags on their way, of registries that do not list in natural order, in the order of their
    /// repositories.
    ahead: FuturesOrdered<LocalBoxFuture<'a, TagList>>,
    ready: VecDeque<Listed>,
}

/// All tags of one repository.
struct TagList {
    source: usize,
    evidence: Evidence,
    repository: Standing,
    entries: Vec<TagEntry>,
    faults: Vec<RegistryError>,
    /// Why it is not whole.
    error: Option<ListError>,
}

/// The repositories of one source.
enum Repositories<'a> {
    /// Named in the query; what is not there is an error.
    Named(VecDeque<Repository>),
    /// Listed by the registry, in natural order.
    Listed {
        pages: Box<dyn Pages<RepositoryEntry> + 'a>,
        ready: VecDeque<Repository>,
    },
}

/// The tags of one repository on their way.
struct Tags<'a> {
    evidence: Evidence,
    /// What is known of the repository's existence.
    repository: Standing,
    pages: Box<dyn Pages<TagEntry> + 'a>,
}

/// The rows of a plan in natural order. Each piece of a listing is asked when the rows before it were taken.
pub(super) fn candidates<'a>(
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
) -> impl Stream<Item = Listed> + 'a {
    let lister = Lister {
        plan,
        sources,
        budget,
        source: 0,
        repositories: None,
        tags: None,
        ahead: FuturesOrdered::new(),
        ready: VecDeque::new(),
    };
    stream::unfold(lister, |mut lister| async move {
        let listed = lister.next().await?;
        Some((listed, lister))
    })
}

impl<'a> Lister<'a> {
    async fn next(&mut self) -> Option<Listed> {
        loop {
            if let Some(listed) = self.ready.pop_front() {
                return Some(listed);
            }
            if self.tags.is_some() {
                self.next_tags().await;
            } else if self.repositories.is_some() && self.ahead.len() < self.listings_at_once() {
                self.next_repository().await;
            } else if let Some(list) = self.ahead.next().await {
                self.take_list(list);
            } else {
                self.begin_source().await?;
            }
        }
    }

    /// Where rows are wanted only up to a number, nothing is listed that may not be needed.
    fn listings_at_once(&self) -> usize {
        let query = &self.plan.query;
        match query.limit.is_some() && query.sort.is_empty() {
            true => 1,
            false => LISTINGS_AHEAD,
        }
    }

    /// Begins the next source; none is left at the end.
    async fn begin_source(&mut self) -> Option<()> {
        let source = self.sources.get(self.source)?;
        let registry = match &source.registry {
            Ok(registry) => registry.as_ref(),
            Err(error) => {
                let fault = self.budget.note_failure(error);
                self.fail(self.source, None, fault);
                self.source += 1;
                return Some(());
            }
        };
        self.repositories = Some(match self.plan.query.repositories.literals() {
            Some(names) => self.named(&source.prefix, &names),
            None => self.listed(registry).await,
        });
        Some(())
    }

    fn named(&self, prefix: &str, names: &[String]) -> Repositories<'a> {
        let names = names.iter().map(|name| format!("{prefix}{name}"));
        let mut repositories: Vec<Repository> =
            names.filter_map(|name| name.parse().ok()).collect();
        repositories.sort();
        repositories.dedup();
        Repositories::Named(repositories.into())
    }

    /// Starts the registry's own listing. Where it does not come in natural order, all of it is read and sorted
    /// first.
    async fn listed(&mut self, registry: &'a dyn Registry) -> Repositories<'a> {
        let mut pages = registry.repositories();
        let mut ready: Vec<Repository> = Vec::new();
        if !registry.capabilities().natural_order {
            while let Some(more) = self.repository_page(pages.as_mut()).await {
                ready.extend(more);
            }
            ready.sort();
            ready.dedup();
        }
        let ready = ready.into();
        Repositories::Listed { pages, ready }
    }

    async fn repository_page(
        &mut self,
        pages: &mut (dyn Pages<RepositoryEntry> + 'a),
    ) -> Option<Vec<Repository>> {
        let page = match next_page(pages, self.budget).await {
            Ok(page) => page?,
            Err(error) => {
                let fault = error.into_fault(self.budget);
                self.fail(self.source, None, fault);
                return None;
            }
        };
        self.fail_all(self.source, None, &page.faults);
        Some(
            page.entries
                .into_iter()
                .map(|entry| entry.repository)
                .collect(),
        )
    }

    async fn next_repository(&mut self) {
        let found = match self.repositories.take() {
            Some(Repositories::Named(mut names)) => {
                let next = names.pop_front().map(|name| (name, Standing::Named));
                next.inspect(|_| self.repositories = Some(Repositories::Named(names)))
            }
            Some(Repositories::Listed {
                mut pages,
                mut ready,
            }) => {
                while ready.is_empty()
                    && let Some(more) = self.repository_page(pages.as_mut()).await
                {
                    ready.extend(more);
                }
                let next = ready.pop_front().map(|name| (name, Standing::There));
                next.inspect(|_| self.repositories = Some(Repositories::Listed { pages, ready }))
            }
            None => None,
        };
        match found {
            Some((repository, standing)) => self.begin_repository(repository, standing),
            None => self.source += 1,
        }
    }

    fn begin_repository(&mut self, repository: Repository, standing: Standing) {
        let source = &self.sources[self.source];
        let Ok(registry) = &source.registry else {
            return;
        };
        let Some(path) = repository.as_str().strip_prefix(source.prefix.as_ref()) else {
            return;
        };
        if standing == Standing::There && !self.plan.query.repositories.matches(path) {
            return;
        }
        let name = Arc::from(registry.name());
        let prefix = Arc::clone(&source.prefix);
        let evidence = Evidence::of_repository(name, prefix, repository);
        if self.plan.query.resource == Resource::Repositories {
            self.add_row(self.source, Row::new(evidence, standing));
            return;
        }
        match self.plan.query.tags.literals() {
            Some(tags) => named_tags(&evidence, standing, &tags)
                .into_iter()
                .for_each(|row| self.add_row(self.source, row)),
            None => {
                let pages = registry.tags(&evidence.repository);
                let tags = Tags {
                    evidence,
                    repository: standing,
                    pages,
                };
                match registry.capabilities().natural_order {
                    true => self.tags = Some(tags),
                    false => {
                        let list = tags.all(self.source, self.budget);
                        self.ahead.push_back(Box::pin(list));
                    }
                }
            }
        }
    }

    /// Takes the next page that has tags.
    async fn next_tags(&mut self) {
        let Some(mut tags) = self.tags.take() else {
            return;
        };
        let (source, repository) = (self.source, tags.evidence.repository.clone());
        while self.ready.is_empty() {
            match next_page(tags.pages.as_mut(), self.budget).await {
                Ok(Some(page)) => {
                    self.fail_all(source, Some(&repository), &page.faults);
                    self.add_tags(source, &tags.evidence, page.entries);
                }
                Ok(None) => return,
                Err(error) => return self.fail_tags(source, &repository, tags.repository, error),
            }
        }
        self.tags = Some(tags);
    }

    fn take_list(&mut self, mut list: TagList) {
        let (source, repository) = (list.source, &list.evidence.repository);
        self.fail_all(source, Some(repository), &list.faults);
        list.entries.sort_by(|a, b| a.tag.cmp(&b.tag));
        list.entries.dedup_by(|a, b| a.tag == b.tag);
        self.add_tags(source, &list.evidence, list.entries);
        if let Some(error) = list.error {
            self.fail_tags(source, repository, list.repository, error);
        }
    }

    fn add_tags(&mut self, source: usize, evidence: &Evidence, entries: Vec<TagEntry>) {
        let wanted = &self.plan.query.tags;
        let kept = entries
            .into_iter()
            .filter(|entry| wanted.matches(entry.tag.as_str()));
        for entry in kept {
            let row = listed_tag(evidence, entry, self.budget);
            self.add_row(source, row);
        }
    }

    /// A repository that is named and not there is an error; one that was listed has vanished since.
    fn fail_tags(
        &mut self,
        source: usize,
        repository: &Repository,
        standing: Standing,
        error: ListError,
    ) {
        match error {
            ListError::Registry(error) if error.is_absent() && standing == Standing::There => {
                self.ready.push_back(Listed::Lost(Lost::Vanished));
            }
            error => {
                let fault = error.into_fault(self.budget);
                self.fail(source, Some(repository), fault);
            }
        }
    }

    fn add_row(&mut self, source: usize, row: Row) {
        let candidate = Candidate { row, source };
        self.ready.push_back(Listed::Row(Box::new(candidate)));
    }

    fn fail(&mut self, source: usize, repository: Option<&Repository>, fault: Fault) {
        let missing = missing(&self.sources[source], repository, fault);
        self.ready.push_back(Listed::Lost(Lost::Missing(missing)));
    }

    fn fail_all(
        &mut self,
        source: usize,
        repository: Option<&Repository>,
        faults: &[RegistryError],
    ) {
        for fault in faults {
            let fault = self.budget.note_failure(fault);
            self.fail(source, repository, fault);
        }
    }
}

impl Tags<'_> {
    /// Reads all pages.
    async fn all(mut self, source: usize, budget: &Budget) -> TagList {
        let mut list = TagList {
            source,
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

async fn next_page<T>(
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
enum ListError {
    Registry(RegistryError),
    Budget(Fault),
}

impl ListError {
    fn into_fault(self, budget: &Budget) -> Fault {
        match self {
            Self::Registry(error) => budget.note_failure(&error),
            Self::Budget(fault) => fault,
        }
    }
}
