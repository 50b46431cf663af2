//! Harbor, which people run themselves: its API, at the registry's own address, lists projects, their repositories and the
//! artifacts in each with what is pushed and pulled (goharbor/harbor, `api/v2.0/swagger.yaml`). `_catalog` is for
//! administrators of the whole.
//!
//! Its list of artifacts passes over what is attached to others, tagged or not, so names are the registry's. In a project
//! that is the cache of another registry it tells what is in the cache, and a tag points where the other one says:
//! what tags point to is told of other projects alone, and so are manifests.
//!
//! A tag is `pushed` when it began to point to what it does. `size` is that of the manifests, too, and no field of ours
//! but a member of `vendor.tag`.

mod manifests;
mod projects;
mod told;

use url::Url;

use self::manifests::Manifests;
use self::projects::{AllProjects, Project, Source};
use self::told::{name_of, repository_told, tag_told, tags_of};
use super::bulk::Scope;
use super::bulk_tags::BulkTags;
use super::pages::{
    NoPages, Onward, VendorListing, VendorPage, VendorPages, documents, entries, repository_entry,
    tag_entry,
};
use super::{Dialect, Trial};
use crate::oci::{Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::{Class, Question};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, below};
use crate::registry::talk::Event;
use crate::registry::{
    Answer, Capabilities, Detail, Details, ManifestEntry, ManifestListing, Page, Pages, Registry,
    RegistryError, RepositoryEntry, RepositoryListing, TagEntry, Told,
};
use crate::safe::Safe;
use crate::value::Value;

/// The most entries of a page.
const PAGE: usize = 100;

/// What a tag points to.
const POINTING: Details = Details::of(&[Detail::Digest, Detail::MediaType, Detail::Platforms]);

const ACTIVITY: Details = Details::of(&[Detail::Pushed, Detail::Pulled, Detail::VendorTag]);

const OF_TAGS: Details = POINTING.union(ACTIVITY);

const OF_MANIFESTS: Details = Details::NAMES_OF_MANIFESTS.union(Details::of(&[
    Detail::MediaType,
    Detail::Pushed,
    Detail::Pulled,
    Detail::VendorManifest,
]));

const OF_REPOSITORIES: Details = Details::OF_REPOSITORIES;

/// Harbor.
pub(super) struct Harbor;

impl Dialect for Harbor {
    fn name(&self) -> &'static str {
        "harbor"
    }

    fn title(&self) -> &'static str {
        "Harbor"
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: None,
            scheme: ApiScheme::Basic,
            accept: "application/json",
        })
    }

    /// A robot may know projects, and may not list what is in them.
    fn trial<'a>(&self, repository: Option<&'a Repository>) -> Option<Trial<'a>> {
        let place = repository.and_then(place);
        let of = place.map(|place| format!("/{}/repositories", place.project));
        let path = format!(
            "api/v2.0/projects{}?page=1&page_size=1",
            of.unwrap_or_default()
        );
        Some(Trial::Get(Door::Api, path))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
            bulk: OF_TAGS.union(OF_REPOSITORIES),
            single: ACTIVITY.union(OF_REPOSITORIES),
            manifests: ManifestListing::With(OF_MANIFESTS),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        let first = below.map(|path| path.split('/').next().unwrap_or_default());
        match first.map(str::parse::<Repository>) {
            None => Box::new(Repositories::of_all(remote, wanted)),
            Some(Ok(project)) => Box::new(Repositories::of(remote, project, wanted)),
            // Nothing can lie below what is no name.
            Some(Err(_)) => Box::new(NoPages::none()),
        }
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        match (wanted.both(OF_TAGS).is_empty(), place(repository)) {
            (false, Some(place)) => Box::new(Tags {
                remote,
                repository: repository.clone(),
                place,
                wanted,
                pages: None,
                withheld: None,
            }),
            _ => remote.tag_names(repository),
        }
    }

    fn manifests<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + 'a> {
        match place(repository) {
            Some(place) => Box::new(Manifests::new(remote, repository, place, wanted)),
            // Everything there is in a project.
            None => {
                let absent = RegistryError::NoRepository(repository.clone());
                Box::new(NoPages::because(absent))
            }
        }
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let Some(Place { project, path }) = place(repository) else {
                return Ok(Told::new());
            };
            let at = |base: &Url| below(base, &path);
            let question = Question::Repository;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            let document = fetched.good(question)?;
            let private = Project::ask(remote, &project).await?.private;
            Ok(repository_told(document, private, OF_REPOSITORIES))
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let Some(Place { path, .. }) = place(repository) else {
                return Ok(Told::new());
            };
            let at = |base: &Url| {
                let mut url = below(base, &format!("{path}/artifacts/{tag}"));
                url.set_query(Some(ALL_OF_AN_ARTIFACT));
                url
            };
            let question = Question::Tag;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            let artifact = fetched.good(question)?;
            let own = tags_of(artifact).find(|own| name_of(own) == tag.as_str());
            let facts = |own| tag_told(artifact, own, ACTIVITY, ACTIVITY);
            Ok(own.map_or_else(Told::new, facts))
        })
    }
}

/// What the whole document of an artifact is asked for with.
const ALL_OF_AN_ARTIFACT: &str =
    "with_tag=true&with_label=true&with_immutable_status=true&with_scan_overview=true";

/// Where the API has a repository.
struct Place {
    project: Repository,
    path: String,
}

/// A name is a project and what is below it, whose slashes are encoded twice: the proxy before Harbor takes one away.
fn place(repository: &Repository) -> Option<Place> {
    let (project, name) = repository.as_str().split_once('/')?;
    let name = name.replace('/', "%252F");
    Some(Place {
        project: project.parse().ok()?,
        path: format!("api/v2.0/projects/{project}/repositories/{name}"),
    })
}

fn first_page(mut url: Url, more: &str) -> Url {
    url.set_query(Some(&format!("{more}page=1&page_size={PAGE}")));
    url
}

/// A page, with how many there are on all of them.
fn counted<E>(
    page: &Fetched,
    read: Result<VendorPage<E>, RegistryError>,
) -> Result<VendorPage<E>, RegistryError> {
    let of = page.reply.first("x-total-count");
    Ok(VendorPage {
        of: of.and_then(|count| std::str::from_utf8(count).ok()?.trim().parse().ok()),
        ..read?
    })
}

/// The error of a list that ends before all that Harbor counts were on it.
fn lacking<L: VendorListing>(pages: &VendorPages<'_, L>) -> Option<RegistryError> {
    let is_short = pages.is_over() && pages.lacks_some();
    is_short.then_some(RegistryError::Paging {
        question: pages.question(),
        why: "it ends before all came that the vendor counts",
    })
}

/// The repositories of one project.
struct RepositoriesOf {
    project: Project,
    wanted: Details,
}

impl VendorListing for RepositoriesOf {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let path = format!("api/v2.0/projects/{}/repositories", self.project.name);
        first_page(below(base, &path), "")
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| {
            let told = repository_told(document, self.project.private, self.wanted);
            repository_entry(name_of(document), told)
        };
        counted(
            page,
            entries(list, self.question(), entry, Onward::LinkedByQuery),
        )
    }
}

/// The repositories of one project or of all of them, one project after another: a list of all repositories is there too,
/// but shows robots those of public projects only.
struct Repositories<'a> {
    remote: &'a Remote,
    wanted: Details,
    projects: Option<VendorPages<'a, AllProjects>>,
    waiting: Vec<Project>,
    at: Option<VendorPages<'a, RepositoriesOf>>,
}

impl<'a> Repositories<'a> {
    fn of_all(remote: &'a Remote, wanted: Details) -> Self {
        Self {
            remote,
            wanted,
            projects: Some(VendorPages::new(remote, AllProjects)),
            waiting: Vec::new(),
            at: None,
        }
    }

    fn of(remote: &'a Remote, project: Repository, wanted: Details) -> Self {
        Self {
            remote,
            wanted,
            projects: None,
            waiting: vec![Project::named(project)],
            at: None,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<RepositoryEntry>>, RegistryError> {
        loop {
            if let Some(pages) = &mut self.at {
                let mut page = pages.next().await;
                if let Ok(Some(page)) = &mut page {
                    page.faults.extend(lacking(pages));
                }
                if page.is_err() || pages.is_over() {
                    self.at = None;
                }
                match page {
                    Ok(None) => self.at = None,
                    Ok(page) => return Ok(page),
                    Err(error) => return self.passed_over(error).map(Some),
                }
            } else if let Some(project) = self.waiting.pop() {
                let listing = self.listing(project).await?;
                self.at = Some(VendorPages::new(self.remote, listing));
            } else {
                let Some(projects) = &mut self.projects else {
                    return Ok(None);
                };
                let Some(mut page) = projects.next().await? else {
                    return Ok(None);
                };
                page.faults.extend(lacking(projects));
                let full = page.entries.into_iter().filter(|project| !project.is_empty);
                self.waiting.extend(full);
                if !page.faults.is_empty() {
                    return Ok(Some(Page {
                        entries: Vec::new(),
                        faults: page.faults,
                    }));
                }
            }
        }
    }

    async fn listing(&self, project: Project) -> Result<RepositoriesOf, RegistryError> {
        let is_wanted = self.wanted.contains(Detail::Private) && project.private.is_none();
        let project = match is_wanted {
            true => Project::ask(self.remote, &project.name).await?,
            false => project,
        };
        let wanted = self.wanted;
        Ok(RepositoriesOf { project, wanted })
    }

    /// Goes on where one project of many is not to be had, and says so unless it went since it was listed.
    ///
    /// Errors: it is the only one, or nothing at all can be had.
    fn passed_over(&self, error: RegistryError) -> Result<Page<RepositoryEntry>, RegistryError> {
        let is_gone = matches!(&error, RegistryError::Status(status) if status.status == 404);
        let faults = match error {
            error if self.projects.is_none() => return Err(error),
            _ if is_gone => Vec::new(),
            error if error.class() == Class::Refused => vec![error],
            error => return Err(error),
        };
        let entries = Vec::new();
        Ok(Page { entries, faults })
    }
}

impl Pages<RepositoryEntry> for Repositories<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        let has_listed = self.projects.as_ref().is_none_or(Pages::is_over);
        has_listed && self.waiting.is_empty() && self.at.is_none()
    }
}

/// The tags of a repository.
struct Tags<'a> {
    remote: &'a Remote,
    repository: Repository,
    place: Place,
    wanted: Details,
    pages: Option<BulkTags<'a, Artifacts>>,
    /// Why what the tags point to does not come along, until that is said.
    withheld: Option<Safe>,
}

impl Tags<'_> {
    async fn turn(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        if self.pages.is_none() {
            let listing = self.listing().await;
            let pages = BulkTags::tags(self.remote, &self.repository, Scope::Known, listing);
            self.pages = Some(pages);
        }
        let pages = self.pages.as_mut().expect("they were just made");
        let page = pages.next().await?;
        let is_told = |page: &Page<TagEntry>| page.entries.iter().any(|tag| !tag.told.is_empty());
        if page.as_ref().is_some_and(is_told)
            && let Some(why) = self.withheld.take()
        {
            let repository = format!("{}/{}", self.remote.name(), self.repository);
            self.remote.say(Event::NamesOnly {
                listing: Safe::new(&format!("what the tags of {repository} point to")),
                why,
            });
        }
        Ok(page)
    }

    async fn listing(&mut self) -> Artifacts {
        let project = &self.place.project;
        let source = match self.wanted.both(POINTING).is_empty() {
            true => Source::Unknown,
            false => {
                let asked = Project::ask(self.remote, project).await;
                // Why it cannot be had is said of the artifacts, which cannot be had either.
                let source = asked.map_or(Source::Unknown, |project| project.source);
                self.withheld = match source {
                    Source::Own => None,
                    Source::Other => Some("is a cache of another registry"),
                    Source::Unknown => Some("is not shown, and may be a cache of another registry"),
                }
                .map(|why| Safe::new(&format!("the project `{project}` {why}")));
                source
            }
        };
        Artifacts {
            path: format!("{}/artifacts", self.place.path),
            told: match source {
                Source::Own => OF_TAGS,
                Source::Other | Source::Unknown => ACTIVITY,
            },
            wanted: self.wanted,
        }
    }
}

impl Pages<TagEntry> for Tags<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        self.pages.as_ref().is_some_and(Pages::is_over)
    }

    fn may_go_on(&self) -> bool {
        self.pages.as_ref().is_some_and(Pages::may_go_on)
    }
}

/// The artifacts of a repository that have tags.
struct Artifacts {
    path: String,
    /// What may be told of them.
    told: Details,
    wanted: Details,
}

impl VendorListing for Artifacts {
    type Entry = TagEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let more = match self.wanted.contains(Detail::VendorTag) {
            true => ALL_OF_AN_ARTIFACT,
            false => "with_tag=true",
        };
        first_page(below(base, &self.path), &format!("{more}&q=tags%3D*&"))
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let list = page.good(self.question())?;
        let artifacts = documents(list, self.question())?;
        let tags = artifacts.iter().flat_map(|artifact| {
            tags_of(artifact).map(move |tag| {
                let told = tag_told(artifact, tag, self.told, self.wanted);
                tag_entry(name_of(tag), told)
            })
        });
        Ok(VendorPage::collect(tags, Onward::LinkedByQuery))
    }
}
