//! GitLab: repositories by group and project come from its REST API, which is at another host and wants an access token
//! (docs.gitlab.com, "Container registry API"); `_catalog` is for administrators of an instance.
//!
//! What is one path to a registry may be a group, a project, or a folder of images inside a project, and nothing but
//! asking tells which. Of a tag the API tells no more than a manifest does, one by one, so names and digests are the
//! registry's; `created_at` is when an image was built, which `created` is.

use url::Url;

use super::pages::{
    FirstOf, NoPages, Onward, VendorListing, VendorPage, entries, find, needs_namespace,
    one_segment, repository_entry, told,
};
use super::{Dialect, Trial};
use crate::oci::{RegistryHost, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::Question;
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Page, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, Told,
};
use crate::value::Value;

/// The most entries of a page.
const PAGE: usize = 100;

/// How far below its project an image's name may go.
const FOLDERS: usize = 2;

const OF_REPOSITORIES: Details = Details::of(&[Detail::VendorRepository]);

/// GitLab.
pub(super) struct GitLab;

impl Dialect for GitLab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn title(&self) -> &'static str {
        "GitLab"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        host.port().is_none() && host.host() == "registry.gitlab.com"
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: Some("https://gitlab.com"),
            scheme: ApiScheme::Bearer,
            accept: "application/json",
        })
    }

    /// It takes the same right as a listing does, and is there for everybody who has it.
    fn trial<'a>(&self, _: Option<&'a Repository>) -> Option<Trial<'a>> {
        let path = "api/v4/projects?membership=true&simple=true&per_page=1";
        Some(Trial::Get(Door::Api, path.to_owned()))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
            bulk: OF_REPOSITORIES,
            single: OF_REPOSITORIES.union(Details::of(&[Detail::VendorTag])),
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
        let Some(path) = below else {
            return Box::new(Administrators(remote.catalog()));
        };
        // Nothing can lie below what is no name.
        if path.parse::<Repository>().is_err() {
            return Box::new(NoPages::none());
        }
        let owners = std::iter::once(Owner::Group(path.to_owned())).chain(projects(path));
        let listings = owners.map(|owner| Listing { owner, wanted });
        Box::new(FirstOf::new(remote, listings))
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        let wanted = OF_REPOSITORIES;
        let listings = projects(repository.as_str()).map(|owner| Listing { owner, wanted });
        let pages = Box::new(FirstOf::new(remote, listings));
        Box::pin(find(pages, move |entry: RepositoryEntry| {
            (entry.repository == *repository).then_some(entry.told)
        }))
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let told = self.repository(remote, repository).await?;
            let Some(place) = told.first().and_then(|(_, document)| place(document)) else {
                return Ok(Told::new());
            };
            let at = |base: &Url| below(base, &format!("{place}/tags/{tag}"));
            let question = Question::Tag;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            Ok(vec![(Detail::VendorTag, fetched.good(question)?.clone())])
        })
    }
}

/// Where the API has a repository, by what it said of it.
fn place(document: &Value) -> Option<String> {
    let number = |name: &str| document.get(name).and_then(Value::as_int);
    let (project, own) = (number("project_id")?, number("id")?);
    Some(format!(
        "api/v4/projects/{project}/registry/repositories/{own}"
    ))
}

/// Who owns repositories, as far as a path tells.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    /// A group, with all groups and projects in it.
    Group(String),
    /// A project.
    Project(String),
}

/// The projects that a path may be, or be in: each is in some group.
fn projects(path: &str) -> impl Iterator<Item = Owner> {
    let above = std::iter::successors(Some(path), |path| Some(path.rsplit_once('/')?.0));
    let projects = above.take(FOLDERS + 1).filter(|path| path.contains('/'));
    projects.map(|path| Owner::Project(path.to_owned()))
}

/// The repositories of one owner.
struct Listing {
    owner: Owner,
    wanted: Details,
}

impl VendorListing for Listing {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let owner = match &self.owner {
            Owner::Group(path) => format!("groups/{}", one_segment(path)),
            Owner::Project(path) => format!("projects/{}", one_segment(path)),
        };
        let mut url = below(base, &format!("api/v4/{owner}/registry/repositories"));
        url.set_query(Some(&format!("per_page={PAGE}")));
        url
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let list = page.good(self.question())?;
        // `name` is empty where the repository is the project's own.
        let entry = |document: &Value| {
            let path = document.get("path").and_then(Value::as_text);
            let facts = [(Detail::VendorRepository, Some(document.clone()))];
            repository_entry(path.unwrap_or_default(), told(facts, self.wanted))
        };
        entries(list, self.question(), entry, Onward::Linked)
    }
}

/// The registry's own list, which only administrators see.
struct Administrators<'a>(Box<dyn Pages<RepositoryEntry> + 'a>);

impl Pages<RepositoryEntry> for Administrators<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(async move {
            self.0.next().await.map_err(|error| match error {
                error if error.is_denial() => needs_namespace(GitLab.title()),
                RegistryError::NoCatalog { .. } => needs_namespace(GitLab.title()),
                other => other,
            })
        })
    }

    fn is_over(&self) -> bool {
        self.0.is_over()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_a_project_or_a_folder_in_one() {
        let of = |path: &str| projects(path).collect::<Vec<_>>();
        let project = |path: &str| Owner::Project(path.to_owned());
        assert_eq!(of("acme"), []);
        assert_eq!(of("acme/shop"), [project("acme/shop")]);
        assert_eq!(
            of("acme/team/shop/web"),
            ["acme/team/shop/web", "acme/team/shop", "acme/team"].map(project)
        );
    }
}
