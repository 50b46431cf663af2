//! Listing: registries, then repositories, then tags, each in natural order, as rows come to be.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::listed::{Candidate, Listed, Lost, listed_tag, missing, named_tags};
use super::{Budget, Source};
use crate::fields::{Evidence, Resource};
use crate::oci::Repository;
use crate::plan::Plan;
use crate::registry::{Page, Pages, Registry, RegistryError, RepositoryEntry, TagEntry};
use crate::rows::{Fault, Row, Standing};

/// The state of a listing: where it is, and what lies ready.
struct Lister<'a> {
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    source: usize,
    repositories: Option<Repositories<'a>>,
    tags: Option<Tags<'a>>,
    ready: VecDeque<Listed>,
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
            } else if self.repositories.is_some() {
                self.next_repository().await;
            } else {
                self.begin_source().await?;
            }
        }
    }

    /// Begins the next source; none is left at the end.
    async fn begin_source(&mut self) -> Option<()> {
        let source = self.sources.get(self.source)?;
        let registry = match &source.registry {
            Ok(registry) => registry.as_ref(),
            Err(error) => {
                let fault = self.budget.note_failure(error);
                self.fail(None, fault);
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
        let page = match self.page(pages).await {
            Ok(page) => page?,
            Err(error) => {
                let fault = error.into_fault(self.budget);
                self.fail(None, fault);
                return None;
            }
        };
        self.fail_all(None, &page.faults);
        Some(
            page.entries
                .into_iter()
                .map(|entry| entry.repository)
                .collect(),
        )
    }

    async fn page<T>(&self, pages: &mut (dyn Pages<T> + 'a)) -> Result<Option<Page<T>>, ListError> {
        if pages.is_over() {
            return Ok(None);
        }
        self.budget.check().map_err(ListError::Budget)?;
        let page = pages.next().await.map_err(ListError::Registry)?;
        if page.is_some() {
            self.budget.note_page();
        }
        Ok(page)
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
            self.add_row(Row::new(evidence, standing));
            return;
        }
        match self.plan.query.tags.literals() {
            Some(tags) => named_tags(&evidence, standing, &tags)
                .into_iter()
                .for_each(|row| self.add_row(row)),
            None => {
                let pages = registry.tags(&evidence.repository);
                self.tags = Some(Tags {
                    evidence,
                    repository: standing,
                    pages,
                });
            }
        }
    }

    async fn next_tags(&mut self) {
        let Some(mut tags) = self.tags.take() else {
            return;
        };
        let in_order = match &self.sources[self.source].registry {
            Ok(registry) => registry.capabilities().natural_order,
            Err(_) => true,
        };
        let mut entries: Vec<TagEntry> = Vec::new();
        let mut ended = false;
        while !ended && (entries.is_empty() || !in_order) {
            match self.page(tags.pages.as_mut()).await {
                Ok(Some(page)) => {
                    let repository = Some(&tags.evidence.repository);
                    self.fail_all(repository, &page.faults);
                    entries.extend(page.entries);
                }
                Ok(None) => ended = true,
                Err(error) => {
                    ended = true;
                    self.fail_tags(&tags, error);
                }
            }
        }
        if !in_order {
            entries.sort_by(|a, b| a.tag.cmp(&b.tag));
            entries.dedup_by(|a, b| a.tag == b.tag);
        }
        let kept = entries
            .into_iter()
            .filter(|entry| self.plan.query.tags.matches(entry.tag.as_str()));
        let rows: Vec<Row> = kept
            .map(|entry| listed_tag(&tags.evidence, entry, self.budget))
            .collect();
        rows.into_iter().for_each(|row| self.add_row(row));
        if !ended {
            self.tags = Some(tags);
        }
    }

    /// A repository that is named and not there is an error; one that was listed has vanished since.
    fn fail_tags(&mut self, tags: &Tags<'_>, error: ListError) {
        match error {
            ListError::Registry(error)
                if error.is_absent() && tags.repository == Standing::There =>
            {
                self.ready.push_back(Listed::Lost(Lost::Vanished));
            }
            error => {
                let fault = error.into_fault(self.budget);
                self.fail(Some(&tags.evidence.repository), fault);
            }
        }
    }

    fn add_row(&mut self, row: Row) {
        let source = self.source;
        let candidate = Candidate { row, source };
        self.ready.push_back(Listed::Row(Box::new(candidate)));
    }

    fn fail(&mut self, repository: Option<&Repository>, fault: Fault) {
        let missing = missing(&self.sources[self.source], repository, fault);
        self.ready.push_back(Listed::Lost(Lost::Missing(missing)));
    }

    fn fail_all(&mut self, repository: Option<&Repository>, faults: &[RegistryError]) {
        for fault in faults {
            let fault = self.budget.note_failure(fault);
            self.fail(repository, fault);
        }
    }
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
