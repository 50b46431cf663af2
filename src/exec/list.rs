//! Listing: registries, then repositories, then tags, each in natural order, as rows come to be.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::{Budget, Source};
use crate::fields::{Evidence, Facet, Resource};
use crate::oci::{Repository, Tag};
use crate::plan::Plan;
use crate::registry::{Pages, Registry, RegistryError, TagEntry};
use crate::rows::{Fault, Row, RowError};

/// A row, and which source it came from.
pub(super) struct Candidate {
    pub(super) row: Row,
    pub(super) source: usize,
}

/// What went wrong while listing, and what vanished meanwhile.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    errors: RefCell<Vec<(usize, Option<Repository>, RowError)>>,
    pub(super) gone: std::cell::Cell<u64>,
}

impl Trouble {
    /// Notes that something of a source could not be had.
    pub(super) fn fail(
        &self,
        (index, source): (usize, &Source),
        repository: Option<&Repository>,
        fault: Fault,
    ) {
        let error = RowError {
            registry: source.name.to_string(),
            repository: repository.map(ToString::to_string),
            tag: None,
            field: None,
            code: fault.code,
            message: fault.message,
        };
        let noted = (index, repository.cloned(), error);
        self.errors.borrow_mut().push(noted);
    }

    /// The errors in natural order, whatever the order in which answers came.
    pub(super) fn into_errors(self) -> Vec<RowError> {
        let mut errors = self.errors.into_inner();
        errors.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        errors.into_iter().map(|(_, _, error)| error).collect()
    }
}

/// The state of a listing: where it is, and what lies ready.
struct Lister<'a> {
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    trouble: &'a Trouble,
    source: usize,
    repositories: Option<Repositories<'a>>,
    tags: Option<Tags<'a>>,
    ready: VecDeque<Row>,
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
    named: bool,
    pages: Box<dyn Pages<TagEntry> + 'a>,
}

/// The rows of a plan in natural order. Each piece of a listing is asked when the rows before it were taken.
pub(super) fn candidates<'a>(
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    trouble: &'a Trouble,
) -> impl Stream<Item = Candidate> + 'a {
    let lister = Lister {
        plan,
        sources,
        budget,
        trouble,
        source: 0,
        repositories: None,
        tags: None,
        ready: VecDeque::new(),
    };
    stream::unfold(lister, |mut lister| async move {
        let row = lister.next().await?;
        Some((row, lister))
    })
}

impl<'a> Lister<'a> {
    async fn next(&mut self) -> Option<Candidate> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                let source = self.source;
                return Some(Candidate { row, source });
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
                let next = names.pop_front().map(|name| (name, true));
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
                let next = ready.pop_front().map(|name| (name, false));
                next.inspect(|_| self.repositories = Some(Repositories::Listed { pages, ready }))
            }
            None => None,
        };
        match found {
            Some((repository, named)) => self.begin_repository(repository, named),
            None => self.source += 1,
        }
    }

    fn begin_repository(&mut self, repository: Repository, named: bool) {
        let source = &self.sources[self.source];
        let Ok(registry) = &source.registry else {
            return;
        };
        let Some(path) = repository.as_str().strip_prefix(source.prefix.as_ref()) else {
            return;
        };
        if !named && !self.plan.query.repositories.matches(path) {
            return;
        }
        let name = Arc::from(registry.name());
        let prefix = Arc::clone(&source.prefix);
        let evidence = Evidence::of_repository(name, prefix, repository);
        if self.plan.query.resource == Resource::Repositories {
            self.ready.push_back(Row::new(evidence, !named));
            return;
        }
        match self.plan.query.tags.literals() {
            Some(tags) => self.ready.extend(named_tags(&evidence, &tags)),
            None => {
                let pages = registry.tags(&evidence.repository);
                self.tags = Some(Tags {
                    evidence,
                    named,
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
        self.ready.extend(rows);
        if !ended {
            self.tags = Some(tags);
        }
    }

    /// A repository that is named and not there is an error; one that was listed has vanished since.
    fn fail_tags(&self, tags: &Tags<'_>, error: &ListError) {
        match error {
            ListError::Registry(error) if error.is_absent() && !tags.named => {
                self.trouble.gone.set(self.trouble.gone.get() + 1);
            }
            error => self.fail(Some(&tags.evidence.repository), error),
        }
    }

    fn fail<'e>(&self, repository: Option<&Repository>, error: impl Into<Cause<'e>>) {
        let fault = match error.into() {
            Cause::Registry(error) => self.budget.note_failure(error),
            Cause::Fault(fault) => fault.clone(),
        };
        let source = (self.source, &self.sources[self.source]);
        self.trouble.fail(source, repository, fault);
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
fn named_tags(evidence: &Evidence, tags: &[String]) -> Vec<Row> {
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
            false,
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
        true,
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
