//! GitHub's container registry: it has no `_catalog`, so repositories come from GitHub's REST API, by organisation or user
//! (docs.github.com, "REST API endpoints for packages"); it shows nothing to nobody, be it public or not.
//!
//! A version there is a manifest, and its name the digest: children of an index and attestations are versions without
//! tags. Its times are those of the manifest, which is when the registry got it, and of the last change to its tags, and no
//! tag's push.

use std::collections::HashSet;

use url::Url;

use super::pages::{
    Entry, FirstOf, NoPages, Onward, VendorListing, VendorPage, entries, fall_back,
    needs_namespace, one_segment, repository_entry, tags_of, told,
};
use super::{Dialect, Trial};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, ManifestEntry, ManifestListing, Page, Pages,
    RegistryError, RepositoryEntry, RepositoryListing, TagEntry, Told,
};
use crate::value::Value;

/// The most entries of a page.
const PAGE: usize = 100;

const OF_REPOSITORIES: Details = Details::of(&[Detail::Private, Detail::VendorRepository]);

const OF_TAGS: Details = Details::of(&[Detail::Digest, Detail::VendorTag]);

const OF_MANIFESTS: Details =
    Details::NAMES_OF_MANIFESTS.union(Details::of(&[Detail::Pushed, Detail::VendorManifest]));

/// Who may own packages, as the API's paths say it. Which of them somebody is, nothing but asking tells.
const OWNERS: [&str; 2] = ["orgs", "users"];

/// GitHub.
pub(super) struct GitHub;

impl Dialect for GitHub {
    fn name(&self) -> &'static str {
        "github"
    }

    fn title(&self) -> &'static str {
        "GitHub"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        host.port().is_none() && host.host() == "ghcr.io"
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: Some("https://api.github.com"),
            scheme: ApiScheme::Bearer,
            accept: "application/vnd.github+json",
        })
    }

    /// Whoever may list packages may list their own.
    fn trial<'a>(&self, _: Option<&'a Repository>) -> Option<Trial<'a>> {
        let path = "user/packages?package_type=container&per_page=1";
        Some(Trial::Get(Door::Api, path.to_owned()))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Below,
            bulk: OF_TAGS.union(OF_REPOSITORIES),
            single: OF_TAGS.union(OF_REPOSITORIES),
            manifests: ManifestListing::With(OF_MANIFESTS),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    /// The API answers nobody, and the registry names tags to everybody.
    fn capabilities_for_nobody(&self) -> Capabilities {
        Capabilities {
            bulk: Details::EMPTY,
            single: Details::EMPTY,
            manifests: ManifestListing::ForAccounts,
            ..self.capabilities()
        }
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        let Some(below) = below else {
            return Box::new(NoPages::because(needs_namespace(self.title())));
        };
        // Nothing can lie below what is no name.
        let owner = below.split('/').next().unwrap_or_default();
        let Ok(owner) = owner.parse::<Repository>() else {
            return Box::new(NoPages::none());
        };
        let packages = OWNERS.map(|kind| Packages {
            kind,
            owner: owner.clone(),
            wanted,
        });
        Box::new(FirstOf::new(remote, packages.into_iter()))
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        match repository.as_str().split_once('/') {
            Some((owner, name)) if !wanted.both(OF_TAGS).is_empty() => {
                let versions = versions(owner, name, Question::Tags);
                Box::new(Versioned {
                    remote,
                    repository: repository.clone(),
                    wanted,
                    versions: Some(FirstOf::new(remote, versions)),
                    listed: HashSet::new(),
                    names: None,
                })
            }
            _ => remote.tag_names(repository),
        }
    }

    fn manifests<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + 'a> {
        match repository.as_str().split_once('/') {
            Some((owner, name)) => {
                let versions = versions(owner, name, Question::Manifests);
                let versions = FirstOf::new(remote, versions);
                Box::new(Manifests {
                    remote,
                    wanted,
                    versions,
                })
            }
            // Everything there has an owner.
            None => {
                let absent = RegistryError::NoRepository(repository.clone());
                Box::new(NoPages::because(absent))
            }
        }
    }
}

/// The versions of a package, be its owner what it may.
fn versions(owner: &str, name: &str, question: Question) -> impl Iterator<Item = Versions> + use<> {
    let package = format!("{owner}/packages/container/{}", one_segment(name));
    OWNERS.into_iter().map(move |kind| Versions {
        path: format!("{kind}/{package}/versions"),
        question: question.clone(),
    })
}

fn first_page(mut url: Url, more: &str) -> Url {
    url.set_query(Some(&format!("{more}per_page={PAGE}")));
    url
}

/// The packages of one owner.
struct Packages {
    kind: &'static str,
    owner: Repository,
    wanted: Details,
}

impl VendorListing for Packages {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let path = format!("{}/{}/packages", self.kind, self.owner);
        first_page(below(base, &path), "package_type=container&")
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| {
            let name = document.get("name").and_then(Value::as_text);
            let name = format!("{}/{}", self.owner, name.unwrap_or_default());
            repository_entry(&name, package_told(document, self.wanted))
        };
        entries(list, self.question(), entry, Onward::LinkedByQuery)
    }
}

fn package_told(document: &Value, wanted: Details) -> Told {
    let visibility = document.get("visibility").and_then(Value::as_text);
    // What is `internal` is for the members of an enterprise.
    let private = visibility.map(|visibility| Value::Bool(visibility != "public"));
    let facts = [
        (Detail::Private, private),
        (Detail::VendorRepository, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// The versions of one package.
struct Versions {
    path: String,
    question: Question,
}

/// A manifest, the tags that point to it, and what is said of it.
struct Version {
    digest: Digest,
    tags: Vec<Tag>,
    document: Value,
}

impl Entry for Version {
    type Name = Digest;

    fn name(&self) -> &Digest {
        &self.digest
    }
}

impl VendorListing for Versions {
    type Entry = Version;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        first_page(below(base, &self.path), "")
    }

    fn question(&self) -> Question {
        self.question.clone()
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Version>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| version(document, self.question());
        let read = entries(list, self.question(), entry, Onward::LinkedByQuery)?;
        // A list with anything odd in it is no list to rely on: the registry has another.
        match read.faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(VendorPage {
                faults: Vec::new(),
                ..read
            }),
        }
    }
}

fn version(document: &Value, question: Question) -> Result<Version, RegistryError> {
    let digest = document.get("name").and_then(Value::as_text);
    let tags = document.at(&["metadata", "container", "tags"]);
    let tags = tags.and_then(Value::as_list).and_then(|tags| {
        let tags = tags.iter().map(|tag| tag.as_text()?.parse().ok());
        tags.collect::<Option<Vec<Tag>>>()
    });
    match (digest.and_then(|digest| digest.parse().ok()), tags) {
        (Some(digest), Some(tags)) => Ok(Version {
            digest,
            tags,
            document: document.clone(),
        }),
        _ => {
            let cause = "a version has no digest for its name, or no list of tags";
            Err(RegistryError::malformed(Thing::Page(question), cause))
        }
    }
}

/// The tags of a repository: those of its versions; only the names where the API tells nothing.
struct Versioned<'a> {
    remote: &'a Remote,
    repository: Repository,
    wanted: Details,
    versions: Option<FirstOf<'a, Versions>>,
    listed: HashSet<Tag>,
    names: Option<Box<dyn Pages<TagEntry> + 'a>>,
}

impl Versioned<'_> {
    async fn turn(&mut self) -> Result<Option<Page<TagEntry>>, RegistryError> {
        // A helper may turn out to know of nobody.
        if self.listed.is_empty() && self.names.is_none() && self.remote.is_anonymous().await? {
            self.versions = None;
        }
        if let Some(versions) = &mut self.versions {
            match versions.next().await {
                Ok(page) => return Ok(page.map(|page| self.tags_of(page.entries))),
                Err(error) => {
                    fall_back(self.remote, &tags_of(self.remote, &self.repository), error)?
                }
            }
            self.versions = None;
        }
        let names = || self.remote.tag_names(&self.repository);
        let names = self.names.get_or_insert_with(names);
        let mut page = names.next().await?;
        if let Some(page) = &mut page {
            page.entries
                .retain(|entry| !self.listed.contains(&entry.tag));
        }
        Ok(page)
    }

    fn tags_of(&mut self, versions: Vec<Version>) -> Page<TagEntry> {
        let mut entries = Vec::new();
        for version in versions {
            let digest = Value::from(version.digest.to_string());
            let facts = [
                (Detail::Digest, Some(digest)),
                (Detail::VendorTag, Some(version.document)),
            ];
            let told = told(facts, self.wanted);
            // A tag that moved while pages were turned is on two of them.
            let tags = version.tags.into_iter();
            let new = tags.filter(|tag| self.listed.insert(tag.clone()));
            entries.extend(new.map(|tag| TagEntry {
                told: told.clone(),
                ..TagEntry::named(tag)
            }));
        }
        Page {
            entries,
            faults: Vec::new(),
        }
    }
}

impl Pages<TagEntry> for Versioned<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<TagEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        match (&self.versions, &self.names) {
            (Some(versions), _) => versions.is_over(),
            (None, Some(names)) => names.is_over(),
            (None, None) => false,
        }
    }

    fn may_go_on(&self) -> bool {
        self.names.as_ref().is_some_and(|names| names.may_go_on())
    }
}

/// The manifests of a repository: its versions.
struct Manifests<'a> {
    remote: &'a Remote,
    wanted: Details,
    versions: FirstOf<'a, Versions>,
}

impl Manifests<'_> {
    async fn turn(&mut self) -> Result<Option<Page<ManifestEntry>>, RegistryError> {
        // A helper may turn out to know of nobody.
        if self.remote.is_anonymous().await? {
            let login = true;
            return Err(RegistryError::NoManifests { login });
        }
        let Some(page) = self.versions.next().await? else {
            return Ok(None);
        };
        let entries = page.entries.into_iter().map(|version| {
            let pushed = version.document.get("created_at").cloned();
            let facts = [
                (Detail::Pushed, pushed),
                (Detail::VendorManifest, Some(version.document)),
            ];
            ManifestEntry {
                digest: version.digest,
                descriptor: None,
                tags: version.tags,
                children: None,
                told: told(facts, self.wanted),
            }
        });
        Ok(Some(Page {
            entries: entries.collect(),
            faults: page.faults,
        }))
    }
}

impl Pages<ManifestEntry> for Manifests<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<ManifestEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        self.versions.is_over()
    }
}
