//! Docker Hub: repositories by namespace and facts about tags come from hub.docker.com, which has a login of its own
//! (docs.docker.com, "Docker Hub API"); everything else is the distribution specification's, at registry-1.docker.io.
//!
//! Its listing of tags has pages of 100, and anonymous readers get ten of them. What it does not give, the registry's own
//! list does, by name: a tag is never lost because a fact about it is.

mod told;

use std::time::Duration;

use url::Url;

use self::told::{repository_told, tag_told};
use super::bulk_tags::BulkTags;
use super::namespaced::Namespaced;
use super::pages::{
    NoPages, Onward, VendorListing, VendorPage, VendorPages, needs_namespace, repository_entry,
    tag_entry,
};
use super::{Dialect, Trial};
use crate::oci::{RegistryHost, Repository, Tag};
use crate::registry::auth::{ApiScheme, Purchase};
use crate::registry::error::{Question, Thing};
use crate::registry::hub::{NAMES, is_hub};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, TagEntry, Told,
};
use crate::safe::Safe;
use crate::value::Value;

/// The most entries of a page.
const PAGE: usize = 100;

/// How long a token of the API is good; its answer does not say.
const TOKEN_LIFE: Duration = Duration::from_secs(10 * 60);

/// Sizes are not among them: `full_size` is that of one platform, and an image's `size` leaves its config out, so they
/// are no fields of ours but members of `vendor.tag`.
const OF_TAGS: Details = Details::of(&[
    Detail::Digest,
    Detail::Platforms,
    Detail::Pushed,
    Detail::Pulled,
    Detail::VendorTag,
]);

const OF_REPOSITORIES: Details = Details::OF_REPOSITORIES;

/// Docker Hub.
pub(super) struct DockerHub;

impl Dialect for DockerHub {
    fn name(&self) -> &'static str {
        "docker-hub"
    }

    fn title(&self) -> &'static str {
        "Docker Hub"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        is_hub(host)
    }

    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: Some("https://hub.docker.com"),
            scheme: ApiScheme::Bought(Purchase {
                path: "v2/auth/token",
                name: "identifier",
                secret: "secret",
                lifetime: TOKEN_LIFE,
            }),
            accept: "application/json",
        })
    }

    fn trial<'a>(&self, _: Option<&'a Repository>) -> Option<Trial<'a>> {
        Some(Trial::Token)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Below,
            bulk: OF_TAGS.union(OF_REPOSITORIES),
            single: OF_TAGS.union(OF_REPOSITORIES),
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
        let Some(below) = below else {
            return Box::new(NoPages::because(needs_namespace(self.title())));
        };
        let namespace = below.split('/').next().unwrap_or_default();
        // Nothing can lie below what is no name.
        match namespace.parse::<Repository>() {
            Err(_) => Box::new(NoPages::none()),
            Ok(namespace) => {
                let shown = Safe::new(namespace.as_str());
                let listing = VendorPages::new(remote, Namespace { namespace, wanted });
                Box::new(Namespaced::new(remote, self.title(), shown, listing))
            }
        }
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        match place(repository) {
            Some(place) if !wanted.both(OF_TAGS).is_empty() => {
                let listing = TagsOf { place, wanted };
                Box::new(BulkTags::new(remote, repository, listing))
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
            let at = |base: &Url| below(base, &path(repository));
            let question = Question::Repository;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            Ok(repository_told(fetched.good(question)?, OF_REPOSITORIES))
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let at = |base: &Url| below(base, &format!("{}/tags/{tag}", path(repository)));
            let question = Question::Tag;
            let fetched = remote.fetch(Door::Api, &at, &question).await?;
            Ok(tag_told(fetched.good(question)?, OF_TAGS))
        })
    }
}

/// Where the API has a repository: names there are a namespace and one part more.
fn place(repository: &Repository) -> Option<String> {
    let parts = repository.as_str().split('/').count();
    (parts == 2).then(|| path(repository))
}

fn path(repository: &Repository) -> String {
    let namespace = repository.namespace().unwrap_or("library");
    format!(
        "v2/namespaces/{namespace}/repositories/{}",
        repository.name()
    )
}

fn first_page(mut url: Url) -> Url {
    url.set_query(Some(&format!("page=1&page_size={PAGE}")));
    url
}

/// The repositories of a namespace.
struct Namespace {
    namespace: Repository,
    wanted: Details,
}

impl VendorListing for Namespace {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let path = format!("v2/namespaces/{}/repositories", self.namespace);
        first_page(below(base, &path))
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let namespace = &self.namespace;
        let entry = |name: &str, document: &Value| {
            let told = repository_told(document, self.wanted);
            repository_entry(&format!("{namespace}/{name}"), told)
        };
        envelope(page, self.question(), entry)
    }
}

/// The tags of a repository.
struct TagsOf {
    place: String,
    wanted: Details,
}

impl VendorListing for TagsOf {
    type Entry = TagEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        first_page(below(base, &format!("{}/tags", self.place)))
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let entry = |name: &str, document: &Value| tag_entry(name, tag_told(document, self.wanted));
        envelope(page, self.question(), entry)
    }
}

/// Reads a page: `count`, `next`, and `results` that each have a name. `next` is null on the last one; a page beyond it
/// is a 404, and also the end.
fn envelope<E>(
    page: &Fetched,
    question: Question,
    entry: impl Fn(&str, &Value) -> Result<E, RegistryError>,
) -> Result<VendorPage<E>, RegistryError> {
    let is_later = page
        .url
        .query_pairs()
        .any(|(name, value)| name == "page" && value != "1");
    if page.reply.status == 404 && is_later {
        return Ok(VendorPage::empty());
    }
    let document = page.good(question.clone())?;
    let results = document.get("results").and_then(Value::as_list);
    let Some(results) = results else {
        let cause = "it has no list of `results`";
        return Err(RegistryError::malformed(Thing::Page(question), cause));
    };
    let count = document.get("count").and_then(Value::as_int);
    let next = document.get("next").and_then(Value::as_text);
    let next = match next.filter(|next| !next.is_empty()) {
        Some(next) => Onward::At(next.to_owned()),
        None => Onward::End,
    };
    let named = |document: &Value| {
        let name = document.get("name").and_then(Value::as_text);
        entry(name.unwrap_or_default(), document)
    };
    Ok(VendorPage {
        of: count.and_then(|count| usize::try_from(count).ok()),
        ..VendorPage::of(results, next, named)
    })
}
