//! Azure Container Registry (`*.azurecr.io`): its own listing of tags says what each points to. It is part of the registry
//! itself, at `/acr/v1`, and wants the right `metadata_read` (Azure/azure-rest-api-specs, containerregistry.json).
//!
//! Its times are no fields of ours but members of `vendor.tag`: `lastUpdateTime` is also that of a lock put on a tag.

use url::Url;

use super::bulk_tags::BulkTags;
use super::pages::{Onward, VendorListing, VendorPage, tag_entry, told};
use super::{Dialect, is_below};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::wire::scope::Wanted;
use crate::registry::{
    Answer, Capabilities, Detail, Details, Pages, RegistryError, TagEntry, Told,
};
use crate::value::Value;

/// The domains below which its registries are: everywhere, in China, for the government of the United States.
const DOMAINS: [&str; 3] = ["azurecr.io", "azurecr.cn", "azurecr.us"];

/// Tags asked for at once, as Azure's own tool does.
const PAGE: usize = 100;

const OF_TAGS: Details = Details::of(&[Detail::Digest, Detail::VendorTag]);

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

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            bulk: OF_TAGS,
            single: OF_TAGS.union(Details::of(&[Detail::VendorRepository])),
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
        let mut url = below(base, &format!("{}/_tags", path(&self.repository)));
        url.set_query(Some(&format!("n={PAGE}")));
        url
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let tags = page.good(self.question())?.get("tags");
        let none: &[Value] = &[];
        let tags = match tags {
            None | Some(Value::Null) => none,
            Some(tags) => tags.as_list().ok_or_else(|| {
                let thing = Thing::Page(Question::Tags);
                RegistryError::malformed(thing, "its `tags` are no list")
            })?,
        };
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
