//! Listing: registries, then repositories, then tags, each in natural order, as rows come to be.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::stream::{self, LocalBoxStream, StreamExt};

use super::background::{Background, Promise};
use super::families::Families;
use super::listed::{
    Listed, Lost, by_name, listed_manifest, listed_tag, missing, named_tags, referenced,
};
use super::pages::{
    ListError, ManifestList, OnTheWay, RepositoryList, TagList, Tags, all_repositories, next_page,
};
use super::{Budget, Source};
use crate::fields::{Evidence, FieldSet, Resource};
use crate::oci::{Repository, Tag};
use crate::plan::Plan;
use crate::registry::{
    Capabilities, Details, ManifestEntry, ManifestListing, Pages, Registry, RegistryError,
    RepositoryEntry, RepositoryListing, TagEntry,
};
use crate::rows::{Fault, Row, Standing};

/// How many repositories' tags are listed at once, where rows come after the whole listing anyway.
const LISTINGS_AHEAD: usize = 16;

/// The state of the listing of one source: where it is, and what lies ready.
struct Lister<'a, 'b> {
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    families: &'a Families,
    background: &'b Background<'a>,
    source: usize,
    /// What its registry tells of nothing.
    unoffered: FieldSet,
    is_begun: bool,
    /// Whether it was told that no more will be listed.
    is_whole: bool,
    repositories: Option<Repositories<'a>>,
    tags: Option<Tags<'a>>,
    /// Whole lists on their way, of tags where registries do not list them in natural order, or of manifests; in the
    /// order of their repositories.
    ahead: VecDeque<Ahead>,
    ready: VecDeque<Listed>,
}

/// A whole list of one repository on its way.
enum Ahead {
    Tags(Promise<TagList>),
    Manifests(Promise<ManifestList>),
}

/// The repositories of one source.
enum Repositories<'a> {
    /// Named in the query; what is not there is an error.
    Named(VecDeque<RepositoryEntry>),
    /// Listed by the registry, and sorted.
    Whole(VecDeque<RepositoryEntry>),
    /// Listed by the registry, in natural order.
    Listed {
        pages: Box<dyn Pages<RepositoryEntry> + 'a>,
        ready: VecDeque<RepositoryEntry>,
    },
}

impl Repositories<'_> {
    /// Whether there are no more.
    fn are_over(&self) -> bool {
        match self {
            Self::Named(names) | Self::Whole(names) => names.is_empty(),
            Self::Listed { pages, ready } => ready.is_empty() && pages.is_over(),
        }
    }
}

/// The rows of a plan in natural order, one stream for each source. Each piece of a listing is asked when the rows before
/// it were taken.
pub(super) fn candidates<'a: 'b, 'b>(
    plan: &'a Plan,
    sources: &'a [Source],
    budget: &'a Budget,
    families: &'a Families,
    background: &'b Background<'a>,
) -> Vec<LocalBoxStream<'b, Listed>> {
    let of_source = |source| {
        let lister = Lister {
            plan,
            sources,
            budget,
            families,
            background,
            source,
            unoffered: FieldSet::EMPTY,
            is_begun: false,
            is_whole: false,
            repositories: None,
            tags: None,
            ahead: VecDeque::new(),
            ready: VecDeque::new(),
        };
        let next = |mut lister: Lister<'a, 'b>| async move {
            let listed = lister.next().await?;
            Some((listed, lister))
        };
        stream::unfold(lister, next).boxed_local()
    };
    // Behind the sources of rows stand those of the images that they are compared with.
    let sources = plan.query.sources.len().min(sources.len());
    // Where a number of rows is enough, nobody knows how much of the listing that takes.
    let may_stop = plan.query.limit.is_some() && plan.streams();
    budget.tally().begin(sources + usize::from(may_stop));
    (0..sources).map(of_source).collect()
}

impl<'a> Lister<'a, '_> {
    async fn next(&mut self) -> Option<Listed> {
        loop {
            self.tell_whether_whole();
            if let Some(listed) = self.ready.pop_front() {
                return Some(listed);
            }
            if self.tags.is_some() {
                self.next_tags().await;
            } else if self.repositories.is_some() && self.ahead.len() < self.listings_at_once() {
                self.next_repository().await;
            } else if let Some(list) = self.ahead.pop_front() {
                match list {
                    Ahead::Tags(list) => self.take_tags(list.kept().await),
                    Ahead::Manifests(list) => self.take_manifests(list.kept().await),
                }
            } else if self.is_begun {
                return None;
            } else {
                self.begin().await;
            }
        }
    }

    /// Tells those who watch that no more will be listed, as soon as that is known.
    fn tell_whether_whole(&mut self) {
        let has_more_tags = self.tags.as_ref().is_some_and(|tags| !tags.pages.is_over());
        let may_go_on = has_more_tags || !self.ahead.is_empty() || !self.is_begun;
        let is_whole = !may_go_on
            && self
                .repositories
                .as_ref()
                .is_none_or(Repositories::are_over);
        if is_whole && !self.is_whole {
            self.is_whole = true;
            self.budget.tally().list_is_whole();
        }
    }

    /// Where rows are wanted only up to a number, nothing is listed that may not be needed.
    fn listings_at_once(&self) -> usize {
        match self.plan.query.limit.is_some() && self.plan.streams() {
            true => 1,
            false => LISTINGS_AHEAD,
        }
    }

    async fn begin(&mut self) {
        self.is_begun = true;
        let source = &self.sources[self.source];
        let registry = match &source.registry {
            Ok(registry) => registry.as_ref(),
            Err(error) => {
                let fault = self.budget.note_failure(error);
                return self.fail(None, fault);
            }
        };
        let capabilities = registry.capabilities();
        self.unoffered = self.plan.unoffered(&capabilities);
        if let Some(error) = self.unlisted(capabilities.manifests) {
            let fault = self.budget.note_failure(&error);
            return self.fail(None, fault);
        }
        let registry_name = Arc::from(registry.name());
        if let Some(names) = &self.plan.query.sources[self.source].references {
            for name in names {
                self.add_row(referenced(&registry_name, name));
            }
            return;
        }
        self.repositories = Some(match self.plan.query.repositories.literals() {
            Some(names) => self.named(&source.prefix, &names),
            None => self.listed(registry).await,
        });
    }

    /// Why its rows cannot be listed, where that is known before anybody is asked.
    fn unlisted(&self, manifests: ManifestListing) -> Option<RegistryError> {
        let login = manifests == ManifestListing::ForAccounts;
        let is_listed = matches!(manifests, ManifestListing::With(_))
            || self.plan.query.resource != Resource::Manifests;
        (!is_listed).then_some(RegistryError::NoManifests { login })
    }

    fn named(&self, prefix: &str, names: &[String]) -> Repositories<'a> {
        let names = names.iter().map(|name| format!("{prefix}{name}"));
        let mut repositories: Vec<Repository> =
            names.filter_map(|name| name.parse().ok()).collect();
        repositories.sort();
        repositories.dedup();
        let named = repositories.into_iter().map(RepositoryEntry::named);
        Repositories::Named(named.collect())
    }

    /// Starts the registry's own listing. Where it does not come in natural order, all of it is read and sorted
    /// first.
    async fn listed(&mut self, registry: &'a dyn Registry) -> Repositories<'a> {
        let capabilities = registry.capabilities();
        let wanted = self.wanted(&capabilities);
        if capabilities.natural_order {
            let pages = registry.repositories(None, wanted);
            let ready = VecDeque::new();
            return Repositories::Listed { pages, ready };
        }
        let lists = self.namespaces(capabilities.repositories).into_iter();
        let begin = |below: Option<String>| {
            let pages = registry.repositories(below.as_deref(), wanted);
            self.background.begin(all_repositories(pages, self.budget))
        };
        let lists: Vec<Promise<RepositoryList>> = lists.map(begin).collect();
        let mut all = Vec::new();
        for list in lists {
            let list = list.kept().await;
            self.fail_all(None, &list.faults);
            if let Some(error) = list.error {
                let fault = error.into_fault(self.budget);
                self.fail(None, fault);
            }
            all.extend(list.repositories);
        }
        all.sort_by(|a, b| a.repository.cmp(&b.repository));
        all.dedup_by(|a, b| a.repository == b.repository);
        Repositories::Whole(all.into())
    }

    /// The namespaces to list, where that is a way to list; none of them for all that there is.
    fn namespaces(&self, listing: RepositoryListing) -> Vec<Option<String>> {
        match listing {
            RepositoryListing::Whole | RepositoryListing::Not => return vec![None],
            RepositoryListing::Either | RepositoryListing::Below => {}
        }
        let prefix = &self.sources[self.source].prefix;
        let namespaces = self.plan.query.repositories.namespaces().into_iter();
        let full = namespaces.map(|own| format!("{prefix}{own}"));
        full.map(|name| Some(name.trim_end_matches('/').to_owned()).filter(|name| !name.is_empty()))
            .collect()
    }

    fn wanted(&self, capabilities: &Capabilities) -> Details {
        self.plan.wanted(capabilities)
    }

    async fn repository_page(
        &mut self,
        pages: &mut (dyn Pages<RepositoryEntry> + 'a),
    ) -> Option<Vec<RepositoryEntry>> {
        let page = match next_page(pages, self.budget).await {
            Ok(page) => page?,
            Err(error) => {
                let fault = error.into_fault(self.budget);
                self.fail(None, fault);
                return None;
            }
        };
        self.fail_all(None, &page.faults);
        Some(page.entries)
    }

    async fn next_repository(&mut self) {
        let found = match self.repositories.take() {
            Some(Repositories::Named(mut names)) => {
                let next = names.pop_front().map(|name| (name, Standing::Named));
                next.inspect(|_| self.repositories = Some(Repositories::Named(names)))
            }
            Some(Repositories::Whole(mut names)) => {
                let next = names.pop_front().map(|name| (name, Standing::There));
                next.inspect(|_| self.repositories = Some(Repositories::Whole(names)))
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
        if let Some((entry, standing)) = found {
            self.begin_repository(entry, standing);
        }
    }

    fn begin_repository(&mut self, entry: RepositoryEntry, standing: Standing) {
        let source = &self.sources[self.source];
        let Ok(registry) = &source.registry else {
            return;
        };
        let RepositoryEntry { repository, told } = entry;
        let Some(path) = repository.as_str().strip_prefix(source.prefix.as_ref()) else {
            return;
        };
        if standing == Standing::There && !self.plan.query.repositories.matches(path) {
            return;
        }
        self.budget.tally().repository();
        let name = Arc::from(registry.name());
        let prefix = Arc::clone(&source.prefix);
        let mut evidence = Evidence::of_repository(name, prefix, repository);
        evidence.hear(by_name(told));
        if self.plan.query.resource == Resource::Repositories {
            self.add_row(Row::new(evidence, standing));
            return;
        }
        if self.plan.query.resource == Resource::Manifests {
            let wanted = self.wanted(&registry.capabilities());
            let pages = registry.manifests(&evidence.repository, wanted);
            let manifests = OnTheWay {
                evidence,
                repository: standing,
                pages,
            };
            let list = self.background.begin(manifests.all(self.budget));
            self.ahead.push_back(Ahead::Manifests(list));
            return;
        }
        match self.plan.query.tags.literals() {
            Some(tags) => named_tags(&evidence, standing, &tags)
                .into_iter()
                .for_each(|row| self.add_row(row)),
            None => {
                let capabilities = registry.capabilities();
                let wanted = self.wanted(&capabilities);
                let pages = registry.tags(&evidence.repository, wanted);
                let tags = Tags {
                    evidence,
                    repository: standing,
                    pages,
                };
                match capabilities.natural_order {
                    true => self.tags = Some(tags),
                    false => {
                        let list = self.background.begin(tags.all(self.budget));
                        self.ahead.push_back(Ahead::Tags(list));
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
        let repository = tags.evidence.repository.clone();
        while self.ready.is_empty() {
            match next_page(tags.pages.as_mut(), self.budget).await {
                Ok(Some(page)) => {
                    self.fail_all(Some(&repository), &page.faults);
                    self.add_tags(&tags.evidence, page.entries);
                }
                Ok(None) => return,
                Err(error) => return self.fail_listing(&repository, tags.repository, error),
            }
        }
        self.tags = Some(tags);
    }

    fn take_manifests(&mut self, mut list: ManifestList) {
        let repository = list.evidence.repository.clone();
        self.fail_all(Some(&repository), &list.faults);
        list.sort();
        let family = Rc::new(list.family());
        let tags = &self.plan.query.tags;
        let is_kept = |entry: &ManifestEntry| {
            let names = entry.tags.iter().map(Tag::as_str);
            tags.keeps(names)
        };
        for entry in list.entries.into_iter().filter(is_kept) {
            self.add_row(listed_manifest(&list.evidence, entry, &family));
        }
        self.families.note(self.source, &repository, family);
        if let Some(error) = list.error {
            self.fail_listing(&repository, list.repository, error);
        }
    }

    fn take_tags(&mut self, mut list: TagList) {
        let repository = list.evidence.repository.clone();
        self.fail_all(Some(&repository), &list.faults);
        list.sort();
        self.add_tags(&list.evidence, list.entries);
        if let Some(error) = list.error {
            self.fail_listing(&repository, list.repository, error);
        }
    }

    fn add_tags(&mut self, evidence: &Evidence, entries: Vec<TagEntry>) {
        let wanted = &self.plan.query.tags;
        let kept = entries
            .into_iter()
            .filter(|entry| wanted.matches(entry.tag.as_str()));
        for entry in kept {
            let row = listed_tag(evidence, entry, self.budget);
            self.add_row(row);
        }
    }

    /// A repository that is named and not there is an error; one that was listed has vanished since.
    fn fail_listing(&mut self, repository: &Repository, standing: Standing, error: ListError) {
        match error {
            ListError::Registry(error) if error.is_absent() && standing == Standing::There => {
                self.ready.push_back(Listed::Lost(Lost::Vanished));
            }
            error => {
                let fault = error.into_fault(self.budget);
                self.fail(Some(repository), fault);
            }
        }
    }

    fn add_row(&mut self, mut row: Row) {
        row.source = self.source;
        row.unoffered = self.unoffered;
        self.budget.tally().listed();
        self.ready.push_back(Listed::Row(Box::new(row)));
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
