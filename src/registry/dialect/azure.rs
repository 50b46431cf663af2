//! Azure Container Registry (`*.azurecr.io`): its own listing of tags says what each points to. It is part of the registry
//! itself, at `/acr/v1`, and wants the right `metadata_read` (Azure/azure-rest-api-specs, containerregistry.json).
//!
//! Its times of tags are no fields of ours but members of `vendor.tag`: `lastUpdateTime` is also that of a lock put on a tag.
//! The `createdTime` of a manifest is when the registry got it: its content never changes.

use url::Url;

use super::bulk_tags::BulkTags;
use super::pages::{
    Onward, VendorListing, VendorPage, VendorPages, list_of, manifest_entry, tag_entry, told,
};
use super::{Dialect, Trial, is_below};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::error::Question;
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::wire::scope::Wanted;
use crate::registry::{
    Answer, Capabilities, Detail, Details, ManifestEntry, ManifestListing, Pages, RegistryError,
    TagEntry, Told,
};
use crate::value::Value;

/// The domains below which its registries are: everywhere, in China, for the government of the United States.
const DOMAINS: [&str; 3] = ["azurecr.io", "azurecr.cn", "azurecr.us"];

/// Tags asked for at once, as Azure's own tool does.
const PAGE: usize = 100;

const OF_TAGS: Details = Details::of(&[Detail::Digest, Detail::VendorTag]);

const OF_MANIFESTS: Details = Details::NAMES_OF_MANIFESTS.union(Details::of(&[
    Detail::MediaType,
    Detail::Pushed,
    Detail::VendorManifest,
]));

/// Azure Container Registry.
pub(super) struct Azure;

impl Dialect for Azure {
    fn name(&self) -> &'static str {
        "acr"
    }

    fn title(&self) -> &'static str {
        "Azure Container Registry"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        DOMAINS.iter().any(|domain| is_below(host, domain))
    }

    /// To read about a repository is another right than to pull it, and so is the list of all.
    fn trial<'a>(&self, repository: Option<&'a Repository>) -> Option<Trial<'a>> {
        Some(match repository {
            Some(name) => Trial::Get(Door::Registry(Wanted::Repository(name)), path(name)),
            None => Trial::Get(
                Door::Registry(Wanted::Catalog),
                "acr/v1/_catalog?n=1".to_owned(),
            ),
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            bulk: OF_TAGS,
            single: OF_TAGS.union(Details::of(&[Detail::VendorRepository])),
            manifests: ManifestListing::With(OF_MANIFESTS),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        if wanted.both(OF_TAGS).is_empty() {
            return remote.tag_names(repository);
        }
        let listing = TagsOf {
            repository: repository.clone(),
            wanted,
        };
        Box::new(BulkTags::new(remote, repository, listing))
    }

    fn manifests<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + 'a> {
        let repository = repository.clone();
        Box::new(VendorPages::new(remote, ManifestsOf { repository, wanted }))
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let at = |base: &Url| below(base, &path(repository));
            let question = Question::Repository;
            let door = Door::Registry(Wanted::Repository(repository));
            let fetched = remote.fetch(door, &at, &question).await?;
            let document = fetched.good(question)?.clone();
            Ok(vec![(Detail::VendorRepository, document)])
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let at = |base: &Url| below(base, &format!("{}/_tags/{tag}", path(repository)));
            let question = Question::Tag;
            let door = Door::Registry(Wanted::Repository(repository));
            let fetched = remote.fetch(door, &at, &question).await?;
            let said = fetched.good(question)?.get("tag");
            Ok(said.map_or_else(Told::new, |said| tag_told(said, OF_TAGS)))
        })
    }
}

fn path(repository: &Repository) -> String {
    format!("acr/v1/{repository}")
}

fn first_page(base: &Url, repository: &Repository, listing: &str) -> Url {
    let mut url = below(base, &format!("{}/{listing}", path(repository)));
    url.set_query(Some(&format!("n={PAGE}")));
    url
}

/// The tags of a repository.
struct TagsOf {
    repository: Repository,
    wanted: Details,
}

impl VendorListing for TagsOf {
    type Entry = TagEntry;

    fn door(&self) -> Door<'_> {
        Door::Registry(Wanted::Repository(&self.repository))
    }

    fn first(&self, base: &Url) -> Url {
        first_page(base, &self.repository, "_tags")
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let tags = list_of(page.good(self.question())?, "tags", self.question())?;
        let entry = |said: &Value| {
            let name = said.get("name").and_then(Value::as_text);
            tag_entry(name.unwrap_or_default(), tag_told(said, self.wanted))
        };
        Ok(VendorPage::of(tags, Onward::Linked, entry))
    }
}

fn tag_told(said: &Value, wanted: Details) -> Told {
    let digest = said.get("digest").and_then(Value::as_text);
    let digest = digest.filter(|digest| digest.parse::<Digest>().is_ok());
    let facts = [
        (Detail::Digest, digest.map(Value::text)),
        (Detail::VendorTag, Some(said.clone())),
    ];
    told(facts, wanted)
}

/// The manifests of a repository.
struct ManifestsOf {
    repository: Repository,
    wanted: Details,
}

impl VendorListing for ManifestsOf {
    type Entry = ManifestEntry;

    fn door(&self) -> Door<'_> {
        Door::Registry(Wanted::Repository(&self.repository))
    }

    fn first(&self, base: &Url) -> Url {
        first_page(base, &self.repository, "_manifests")
    }

    fn question(&self) -> Question {
        Question::Manifests
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<ManifestEntry>, RegistryError> {
        let document = page.good_of(&self.repository, self.question())?;
        let manifests = list_of(document, "manifests", self.question())?;
        let entry = |said: &Value| {
            // Of an untagged manifest there is no list at all.
            let tags = list_of(said, "tags", self.question())?;
            let digest = said.get("digest").and_then(Value::as_text);
            let told = manifest_told(said, self.wanted);
            manifest_entry(
                digest.unwrap_or_default(),
                tags.iter().map(Value::as_text),
                told,
            )
        };
        Ok(VendorPage::of(manifests, Onward::Linked, entry))
    }
}

fn manifest_told(said: &Value, wanted: Details) -> Told {
    let text = |member| {
        said.get(member)
            .filter(|said| said.as_text().is_some())
            .cloned()
    };
    let facts = [
        (Detail::MediaType, text("mediaType")),
        (Detail::Pushed, text("createdTime")),
        (Detail::VendorManifest, Some(said.clone())),
    ];
    told(facts, wanted)
}
