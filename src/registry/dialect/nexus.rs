//! Sonatype Nexus Repository 3: it holds repositories of its own, of which a port or a host shows one, or all; see
//! [`super::keyed`]. What its REST API tells of tags comes from a search (help.sonatype.com, "Search API", "Components API").
//!
//! Only what was pushed to it (`hosted`) can be told by a search: of what it fetches from elsewhere (`proxy`, `group`) that
//! knows what was fetched last, and a tag may have moved since. Its index is read beside the registry's own list of tags,
//! which alone says what there is.

use url::Url;
use url::form_urlencoded::byte_serialize;

use super::joined::{Joined, Said};
use super::keyed::Arrangement;
use super::pages::{Onward, VendorListing, VendorPage, told};
use super::{Dialect, Trial};
use crate::oci::{Digest, MediaType, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, TagPages, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, TagEntry, Told,
};
use crate::value::Value;

/// How many components the search gives at once, as its answers show; it does not take a number.
const PAGE: usize = 50;

const OF_TAGS: Details = Details::of(&[
    Detail::Digest,
    Detail::MediaType,
    Detail::ManifestSize,
    Detail::VendorTag,
]);

static OWN: Arrangement = Arrangement {
    title: "Nexus",
    marks: &["/repository/"],
    keys: |root| below(root, "service/rest/v1/repositories"),
    key: |document| {
        let text = |name: &str| document.get(name).and_then(Value::as_text);
        text("name").filter(|_| text("format") == Some("docker"))
    },
    catalogs: |key| {
        vec![
            format!("v2/{key}/_catalog"),
            format!("repository/{key}/v2/_catalog"),
        ]
    },
};

/// Sonatype Nexus Repository.
pub(super) struct Nexus;

impl Dialect for Nexus {
    fn name(&self) -> &'static str {
        "nexus"
    }

    fn title(&self) -> &'static str {
        OWN.title
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: None,
            scheme: ApiScheme::Basic,
            accept: "application/json",
        })
    }

    /// Whatever else is told there needs this list first.
    fn trial<'a>(&self, _: Option<&'a Repository>) -> Option<Trial<'a>> {
        Some(Trial::At(|base| (OWN.keys)(&OWN.root(base))))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
            bulk: OF_TAGS,
            single: OF_TAGS,
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    /// Its groups link to no next page (sonatype/nexus-public #117).
    fn tag_pages(&self) -> TagPages {
        TagPages::WholeWhereFull
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        _: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        OWN.repositories(remote, below)
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
        let of = repository.clone();
        let search = Box::pin(async move {
            let search = Search::of(remote, &of, wanted).await?;
            // A repository of which nothing is told that is wanted need not be searched.
            Ok(search.filter(|search| search.is_hosted || wanted.contains(Detail::VendorTag)))
        });
        Box::new(Joined::new(remote, repository, search))
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let Some(search) = Search::of(remote, repository, OF_TAGS).await? else {
                return Ok(Told::new());
            };
            let at = |base: &Url| search.at(base, &format!("&version={tag}"));
            let question = Question::Tag;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            let page = search.read(&fetched)?;
            let mut found = page.entries.into_iter();
            let found = found.find(|said| said.tag.as_ref() == Some(tag));
            Ok(found.map_or_else(Told::new, |said| said.told))
        })
    }
}

/// A search for the tags of one image in one of the vendor's repositories.
struct Search {
    key: String,
    image: String,
    is_hosted: bool,
    wanted: Details,
}

impl Search {
    /// The search for the tags of a repository; none where it is in none of the vendor's repositories.
    ///
    /// Errors: the API does not say what kind of repository that is.
    async fn of(
        remote: &Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Result<Option<Self>, RegistryError> {
        let Some((key, image)) = OWN.split(remote, repository) else {
            return Ok(None);
        };
        let question = Question::Repositories;
        let at = |base: &Url| (OWN.keys)(&OWN.root(base));
        let fetched = remote.fetch(Door::Api, &at, &question).await?;
        let all = fetched.good(question)?.as_list().unwrap_or_default();
        let own = all.iter().find(|document| (OWN.key)(document) == Some(key));
        let kind = own.and_then(|own| own.get("type")).and_then(Value::as_text);
        Ok(own.map(|_| Self {
            key: key.to_owned(),
            image: image.to_owned(),
            is_hosted: kind == Some("hosted"),
            wanted,
        }))
    }

    fn at(&self, base: &Url, more: &str) -> Url {
        let (key, image) = (&self.key, &self.image);
        let mut url = below(&OWN.root(base), "service/rest/v1/search");
        let query = format!("repository={key}&format=docker&name={image}{more}");
        url.set_query(Some(&query));
        url
    }

    fn said(&self, item: &Value) -> Said {
        let text = |name: &str| item.get(name).and_then(Value::as_text);
        let id = text("id").or(text("version")).unwrap_or_default();
        let is_own = text("name") == Some(&self.image);
        let tag = text("version").filter(|_| is_own);
        let tag: Option<Tag> = tag.and_then(|tag| tag.parse().ok());
        let manifest = tag.as_ref().and_then(|tag| self.manifest(item, tag));
        let facts = [
            (
                Detail::Digest,
                manifest.as_ref().map(|manifest| manifest.digest.clone()),
            ),
            (
                Detail::MediaType,
                manifest
                    .as_ref()
                    .map(|manifest| manifest.media_type.clone()),
            ),
            (
                Detail::ManifestSize,
                manifest.and_then(|manifest| manifest.size),
            ),
            (Detail::VendorTag, Some(item.clone())),
        ];
        Said {
            id: id.to_owned(),
            told: told(facts, self.wanted),
            tag,
        }
    }

    /// What a component says of its manifest, where it has exactly the one that the tag is pulled by. That of Docker's
    /// first format has its signatures in the checksum, and not in the digest.
    fn manifest(&self, item: &Value, tag: &Tag) -> Option<Manifest> {
        let path = format!("v2/{}/manifests/{tag}", self.image);
        let assets = item.get("assets").and_then(Value::as_list)?;
        let is_its = |asset: &&Value| {
            let said = asset.get("path").and_then(Value::as_text);
            said.is_some_and(|said| said.trim_start_matches('/') == path)
        };
        let mut own = assets.iter().filter(is_its);
        let (Some(asset), None, true) = (own.next(), own.next(), self.is_hosted) else {
            return None;
        };
        let media_type = asset.get("contentType").and_then(Value::as_text)?;
        let kind = MediaType::new(media_type);
        let checksum = asset.at(&["checksum", "sha256"]).and_then(Value::as_text)?;
        let digest: Digest = format!("sha256:{checksum}").parse().ok()?;
        let is_known = !kind.is_schema1() && (kind.is_index() || kind.is_manifest());
        let size = asset.get("fileSize").cloned();
        is_known.then(|| Manifest {
            digest: Value::from(digest.to_string()),
            media_type: Value::text(media_type),
            size: size.filter(|size| size.as_int().is_some_and(|size| size > 0)),
        })
    }
}

/// What is said of the manifest of a tag.
struct Manifest {
    digest: Value,
    media_type: Value,
    size: Option<Value>,
}

impl VendorListing for Search {
    type Entry = Said;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        self.at(base, "")
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Said>, RegistryError> {
        let document = page.good(self.question())?;
        let Some(items) = document.get("items").and_then(Value::as_list) else {
            let cause = "it has no list of `items`";
            return Err(RegistryError::malformed(
                Thing::Page(self.question()),
                cause,
            ));
        };
        let token = document.get("continuationToken").and_then(Value::as_text);
        let next = match token.filter(|token| !token.is_empty()) {
            None => Onward::End,
            Some(token) => {
                let token: String = byte_serialize(token.as_bytes()).collect();
                let first = self.first(&page.url);
                let query = first.query().unwrap_or_default();
                Onward::At(format!("?{query}&continuationToken={token}"))
            }
        };
        Ok(VendorPage::of(items, next, |item| Ok(self.said(item))))
    }
}
