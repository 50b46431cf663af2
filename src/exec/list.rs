//! Listing: registries, then repositories, then tags, each in natural order, as rows come to be.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::listed::{Candidate, Listed, Lost, missing};
use super::{Budget, Source};
use crate::fields::{Evidence, Facet, Resource};
use crate::oci::{Repository, Tag};
use crate::plan::Plan;
use crate::registry::{Pages, Registry, RegistryError, TagEntry};
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
        pages: Box<dyn Pages<crate::registry::RepositoryEntry> + 'a>,
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
                self.fail(None, error);
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
        pages: &mut (dyn Pages<crate::registry::RepositoryEntry> + 'a),
    ) -> Option<Vec<Repository>> {
        let page = match self.page(pages).await {
            Ok(page) => page?,
            Err(error) => {
                self.fail(None, &error);
                return None;
            }
        };
        page.faults.iter().for_each(|fault| self.fail(None, fault));
        Some(
            page.entries
                .into_iter()
                .map(|entry| entry.repository)
                .collect(),
        )
    }

    async fn page<T>(
        &self,
        pages: &mut (dyn Pages<T> + 'a),
    ) -> Result<Option<crate::registry::Page<T>>, ListError> {
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
                    page.faults
                        .iter()
                        .for_each(|fault| self.fail(repository, fault));
                    entries.extend(page.entries);
                }
                Ok(None) => ended = true,
                Err(error) => {
                    ended = true;
                    self.fail_tags(&tags, &error);
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
    fn fail_tags(&mut self, tags: &Tags<'_>, error: &ListError) {
        match error {
            ListError::Registry(error)
                if error.is_absent() && tags.repository == Standing::There =>
            {
                self.ready.push_back(Listed::Lost(Lost::Vanished));
            }
            error => self.fail(Some(&tags.evidence.repository), error),
        }
    }

    fn add_row(&mut self, row: Row) {
        let source = self.source;
        let candidate = Candidate { row, source };
        self.ready.push_back(Listed::Row(Box::new(candidate)));
    }

    fn fail<'e>(&mut self, repository: Option<&Repository>, error: impl Into<Cause<'e>>) {
        let fault = match error.into() {
            Cause::Registry(error) => self.budget.note_failure(error),
            Cause::Fault(fault) => fault.clone(),
        };
        let missing = missing(&self.sources[self.source], repository, fault);
        self.ready.push_back(Listed::Lost(Lost::Missing(missing)));
    }
}

/// Why a page did not come.
enum ListError {
    Registry(RegistryError),
    Budget(Fault),
}

/// Either kind of cause, borrowed.
enum Cause<'e> {
    Registry(&'e RegistryError),
    Fault(&'e Fault),
}

impl<'e> From<&'e RegistryError> for Cause<'e> {
    fn from(error: &'e RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl<'e> From<&'e ListError> for Cause<'e> {
    fn from(error: &'e ListError) -> Self {
        match error {
            ListError::Registry(error) => Self::Registry(error),
            ListError::Budget(fault) => Self::Fault(fault),
        }
    }
}

/// Tags that the query names are asked directly, so that they work where nothing can be listed.
fn named_tags(evidence: &Evidence, repository: Standing, tags: &[String]) -> Vec<Row> {
    let standing = match repository {
        Standing::There => Standing::TagNamed,
        named => named,
    };
    let mut tags: Vec<Tag> = tags.iter().filter_map(|tag| tag.parse().ok()).collect();
    tags.sort();
    tags.dedup();
    let row = |tag| {
        let tag = Some(tag);
        Row::new(
            Evidence {
                tag,
                ..evidence.clone()
            },
            standing,
        )
    };
    tags.into_iter().map(row).collect()
}

fn listed_tag(evidence: &Evidence, entry: TagEntry, budget: &Budget) -> Row {
    let mut row = Row::new(
        Evidence {
            tag: Some(entry.tag),
            ..evidence.clone()
        },
        Standing::There,
    );
    match entry.descriptor {
        Ok(descriptor) => row.evidence.descriptor = descriptor,
        Err(error) => {
            let fault = budget.note_failure(&error);
            row.fail(Facet::Head, fault.clone());
            row.fail(Facet::Manifest, fault);
        }
    }
    row
}
