//! Gitea and Forgejo, and with it Codeberg: the packages of one owner come from the REST API of the same host (`/api/v1`,
//! go-gitea/gitea, routers/api/v1/packages); `_catalog` has all that one may see, a hundred at a time.
//!
//! A package there is one version of an image: a tag in small letters, or a digest that no tag need point to. Its time is
//! that of the first push of what the tag points to, or of the last one, by the server's version, so it is no field of ours
//! but a member of `vendor.tag`.

use std::collections::HashSet;

use url::Url;

use super::joined::{Joined, Said};
use super::pages::{
    Entry, NoPages, Onward, VendorListing, VendorPage, VendorPages, entries, one_segment, told,
};
use super::{Dialect, Trial};
use crate::oci::{RegistryHost, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::{Question, outside};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, TagPages, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Page, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, TagEntry, Told,
};
use crate::value::Value;

/// The most entries of a page, unless an administrator set more.
const PAGE: usize = 50;

/// The name under which what is being uploaded is kept; some versions list it.
const UPLOADS: &str = "_upload";

/// Public ones with so many owners that the list of all is the dearer one.
const PUBLIC: [&str; 3] = ["codeberg.org", "gitea.com", "code.forgejo.org"];

const OF_REPOSITORIES: Details = Details::of(&[Detail::Private]);

const OF_TAGS: Details = Details::of(&[Detail::VendorTag]);

/// Gitea and Forgejo.
pub(super) struct Gitea;

impl Dialect for Gitea {
    fn name(&self) -> &'static str {
        "gitea"
    }

    fn other_names(&self) -> &'static [&'static str] {
        &["forgejo"]
    }

    fn title(&self) -> &'static str {
        "Gitea or Forgejo"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        host.port().is_none() && PUBLIC.contains(&host.host())
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: None,
            scheme: ApiScheme::Basic,
            accept: "application/json",
        })
    }

    /// A token may read packages and nothing else, and every list of them is some owner's.
    fn trial<'a>(&self, repository: Option<&'a Repository>) -> Option<Trial<'a>> {
        let (owner, _) = repository?.as_str().split_once('/')?;
        let path = format!("api/v1/packages/{owner}?type=container&limit=1");
        Some(Trial::Get(Door::Api, path))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
            bulk: OF_REPOSITORIES.union(OF_TAGS),
            single: OF_REPOSITORIES.union(OF_TAGS),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    /// Old versions link to no next page, and give all tags where no number is said.
    fn tag_pages(&self) -> TagPages {
        TagPages::WholeWhereFull
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        let by_owner = self.claims(remote.host()) || wanted.contains(Detail::Private);
        let Some(owner) = below.filter(|_| by_owner) else {
            return remote.catalog();
        };
        let owner = owner.split('/').next().unwrap_or_default();
        // Nothing can lie below what is no name.
        let Ok(owner) = owner.parse::<Repository>() else {
            return Box::new(NoPages::none());
        };
        Box::new(Owned {
            packages: VendorPages::new(remote, Packages { owner }),
            listed: HashSet::new(),
        })
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        match Versions::of(repository, wanted) {
            Some(versions) if !wanted.both(OF_TAGS).is_empty() => {
                let versions = Box::pin(async move { Ok(Some(versions)) });
                Box::new(Joined::new(remote, repository, versions))
            }
            _ => remote.tag_names(repository),
        }
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let Some((owner, _)) = repository.as_str().split_once('/') else {
                return Ok(Told::new());
            };
            // It is its owner who hides it, so one package tells of all.
            let at = |base: &Url| packages(base, owner, "&limit=1");
            let question = Question::Repository;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            let list = fetched.good(question)?.as_list().unwrap_or_default();
            Ok(list.first().map_or_else(Told::new, owner_told))
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let Some((owner, name)) = repository.as_str().split_once('/') else {
                return Ok(Told::new());
            };
            let name = one_segment(name);
            let path = format!("api/v1/packages/{owner}/container/{name}/{tag}");
            let at = |base: &Url| below(base, &path);
            let question = Question::Tag;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            Ok(vec![(Detail::VendorTag, fetched.good(question)?.clone())])
        })
    }
}

/// The address of an owner's images, each version by itself.
fn packages(base: &Url, owner: &str, more: &str) -> Url {
    let mut url = below(base, &format!("api/v1/packages/{owner}"));
    url.set_query(Some(&format!("type=container{more}")));
    url
}

/// What is told of a repository by one of its versions: `limited` is for those who log in.
fn owner_told(document: &Value) -> Told {
    let visibility = document.at(&["owner", "visibility"]);
    let visibility = visibility.and_then(Value::as_text);
    let private = visibility.map(|visibility| Value::Bool(visibility != "public"));
    told([(Detail::Private, private)], OF_REPOSITORIES)
}

/// All versions of all images of one owner.
struct Packages {
    owner: Repository,
}

/// One version of an image.
struct Version {
    id: String,
    repository: Result<Repository, RegistryError>,
    told: Told,
}

impl Entry for Version {
    type Name = String;

    fn name(&self) -> &String {
        &self.id
    }
}

fn text<'d>(document: &'d Value, name: &str) -> &'d str {
    let said = document.get(name).and_then(Value::as_text);
    said.unwrap_or_default()
}

/// By what a version is known from others.
fn id(document: &Value) -> String {
    format!("{}:{}", text(document, "name"), text(document, "version"))
}

impl VendorListing for Packages {
    type Entry = Version;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        packages(base, self.owner.as_str(), &format!("&limit={PAGE}"))
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Version>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| {
            let name = format!("{}/{}", self.owner, text(document, "name"));
            let repository = name.parse();
            Ok(Version {
                id: id(document),
                repository: repository
                    .map_err(|_| RegistryError::InvalidRepository(outside(&name))),
                told: owner_told(document),
            })
        };
        let mut read = entries(list, self.question(), entry, Onward::Linked)?;
        let uploads = format!(":{UPLOADS}");
        read.entries
            .retain(|version| !version.id.ends_with(&uploads));
        Ok(read)
    }
}

/// The images of one owner: each comes with its first version.
struct Owned<'a> {
    packages: VendorPages<'a, Packages>,
    listed: HashSet<String>,
}

impl Pages<RepositoryEntry> for Owned<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(async move {
            let Some(page) = self.packages.next().await? else {
                return Ok(None);
            };
            let (mut entries, mut faults) = (Vec::new(), page.faults);
            for version in page.entries {
                let (name, _) = version.id.split_once(':').unwrap_or_default();
                if !self.listed.insert(name.to_owned()) {
                    continue;
                }
                match version.repository {
                    Ok(repository) => entries.push(RepositoryEntry {
                        repository,
                        told: version.told,
                    }),
                    Err(fault) => faults.push(fault),
                }
            }
            Ok(Some(Page { entries, faults }))
        })
    }

    fn is_over(&self) -> bool {
        self.packages.is_over()
    }
}

/// The versions of one image. The API finds names that contain this one, too.
struct Versions {
    owner: String,
    name: String,
    wanted: Details,
}

impl Versions {
    fn of(repository: &Repository, wanted: Details) -> Option<Self> {
        let (owner, name) = repository.as_str().split_once('/')?;
        Some(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
            wanted,
        })
    }
}

impl VendorListing for Versions {
    type Entry = Said;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let more = format!("&q={}&limit={PAGE}", self.name);
        packages(base, &self.owner, &more)
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Said>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| {
            let is_own = text(document, "name") == self.name;
            let tag = text(document, "version").parse().ok();
            let facts = [(Detail::VendorTag, Some(document.clone()))];
            Ok(Said {
                id: id(document),
                tag: tag.filter(|_| is_own),
                told: told(facts, self.wanted),
            })
        };
        entries(list, self.question(), entry, Onward::Linked)
    }
}
