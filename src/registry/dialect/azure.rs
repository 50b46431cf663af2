//! Azure Container Registry (`*.azurecr.io`): its own listing of tags says what each points to. It is part of the registry
//! itself, at `/acr/v1`, and wants the right `metadata_read` (Azure/azure-rest-api-specs, containerregistry.json).
//!
//! Its times are no fields of ours but members of `vendor.tag`: `lastUpdateTime` is also that of a lock put on a tag.

use url::Url;

use super::bulk_tags::BulkTags;
use super::pages::{Onward, VendorListing, VendorPage};
use super::{Dialect, is_below};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::error::{Question, Thing, outside};
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
            match fetched.is_good() {
                true => Ok(Told::from_iter([(
                    Detail::VendorRepository,
                    fetched.document.clone(),
                )])),
                false => Err(fetched.refused(question)),
            }
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
            match (fetched.is_good(), fetched.document.get("tag")) {
                (true, Some(said)) => Ok(told(said, OF_TAGS)),
                (true, None) => Ok(Told::new()),
                (false, _) => Err(fetched.refused(question)),
            }
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
        if !page.is_good() {
            return Err(page.refused(Question::Tags));
        }
        let tags = page.document.get("tags");
        let none: &[Value] = &[];
        let tags = match tags {
            None | Some(Value::Null) => none,
            Some(tags) => tags.as_list().ok_or_else(|| {
                let thing = Thing::Page(Question::Tags);
                RegistryError::malformed(thing, "its `tags` are no list")
            })?,
        };
        let (mut entries, mut faults) = (Vec::with_capacity(tags.len()), Vec::new());
        for said in tags {
            let name = said.get("name").and_then(Value::as_text);
            let name = name.unwrap_or_default();
            match name.parse::<Tag>() {
                Ok(tag) => entries.push(TagEntry {
                    told: told(said, self.wanted),
                    ..TagEntry::named(tag)
                }),
                Err(_) => faults.push(RegistryError::InvalidTag(outside(name))),
            }
        }
        Ok(VendorPage {
            entries,
            faults,
            of: None,
            next: Onward::Linked,
        })
    }
}

fn told(said: &Value, wanted: Details) -> Told {
    let digest = said.get("digest").and_then(Value::as_text);
    let digest = digest.filter(|digest| digest.parse::<Digest>().is_ok());
    let is_wanted = wanted.contains(Detail::VendorTag);
    let told = [
        (Detail::Digest, digest.map(Value::text)),
        (Detail::VendorTag, is_wanted.then(|| said.clone())),
    ];
    let told = told.into_iter();
    told.filter_map(|(detail, value)| Some((detail, value?)))
        .collect()
}
