//! zot: where its search extension is switched on, it tells of all tags of a repository what each points to, and of all
//! repositories how often they were pulled (zotregistry.dev, "Search extension"; project-zot/zot,
//! `pkg/extensions/search/schema.graphql`). It is GraphQL, asked with GET alone.
//!
//! What the extension knows of is what it has looked into: other kinds of manifests are tags as well, so the registry's own
//! lists are read besides. Its sizes count manifests in, its platforms are those of configs, and its times and downloads
//! of a tag are those of what the tag points to: no fields of ours, but members of `vendor.tag`.

use std::sync::Arc;

use serde_json::json;
use url::Url;

use super::Dialect;
use super::bulk::{Bulk, Scope};
use super::bulk_tags::BulkTags;
use super::pages::{Onward, VendorListing, VendorPage, entries, repository_entry, tag_entry, told};
use crate::oci::{Digest, Repository, Tag};
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::wire::scope::Wanted;
use crate::registry::{
    Answer, Capabilities, Detail, Details, Pages, RegistryError, RepositoryEntry, TagEntry, Told,
};
use crate::value::Value;

/// Entries asked for at once. zot has no bound of its own; an entry with all that is told of it is about a kilobyte.
const PAGE: usize = 500;

/// Where the extension is.
const SEARCH: &str = "v2/_zot/ext/search";

/// The parameter of an address with the values of a question.
const VARIABLES: &str = "variables";

/// Which page is asked for.
const REQUESTED: &str = "requestedPage:{limit:$limit,offset:$offset,sortBy:ALPHABETIC_ASC}";

/// How many entries all pages have.
const TOTAL: &str = "Page{TotalCount}";

const OF_REPOSITORIES: Details = Details::of(&[Detail::PullCount, Detail::VendorRepository]);

const OF_TAGS: Details = Details::of(&[Detail::Digest, Detail::MediaType, Detail::VendorTag]);

/// What is asked of a tag where its facts are enough. Versions refuse a whole question for one member that they do not
/// know, so no more is asked than is needed.
const TAG: &str = "Tag Digest MediaType";

/// What is asked of a tag for the vendor's whole word.
const WHOLE_TAG: &str = "Tag Digest MediaType Size LastUpdated PushTimestamp DownloadCount IsSigned \
    Manifests{Digest ConfigDigest Size Platform{Os Arch}}";

/// What is asked of a repository where its facts are enough.
const REPOSITORY: &str = "Name DownloadCount";

/// What is asked of a repository for the vendor's whole word.
const WHOLE_REPOSITORY: &str =
    "Name DownloadCount LastUpdated Size StarCount Vendors Platforms{Os Arch}";

/// zot.
pub(super) struct Zot;

impl Dialect for Zot {
    fn name(&self) -> &'static str {
        "zot"
    }

    fn title(&self) -> &'static str {
        "zot"
    }

    fn capabilities(&self) -> Capabilities {
        let words = Details::of(&[Detail::VendorTag]);
        Capabilities {
            bulk: OF_TAGS.union(OF_REPOSITORIES),
            single: words.union(OF_REPOSITORIES),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        _: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        match wanted.both(OF_REPOSITORIES).is_empty() {
            true => remote.catalog(),
            false => {
                let listing = Repositories { wanted };
                Box::new(Bulk::repositories(remote, Scope::Known, listing))
            }
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
        Box::new(BulkTags::tags(remote, repository, Scope::Known, listing))
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let query = format!(
                "query($repo:String!){{ExpandedRepoInfo(repo:$repo){{Summary{{{WHOLE_REPOSITORY}}}}}}}"
            );
            let variables = json!({"repo": repository.as_str()});
            let question = Question::Repository;
            let fetched = ask(remote, repository, &question, &query, &variables).await?;
            let said = data(&fetched, question)?.at(&["ExpandedRepoInfo", "Summary"]);
            Ok(said.map_or_else(Told::new, |said| repository_told(said, OF_REPOSITORIES)))
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let query = format!("query($image:String!){{Image(image:$image){{{WHOLE_TAG}}}}}");
            let variables = json!({"image": format!("{repository}:{tag}")});
            let question = Question::Tag;
            let fetched = ask(remote, repository, &question, &query, &variables).await?;
            let said = data(&fetched, question)?.get("Image");
            Ok(said.map_or_else(Told::new, |said| tag_told(said, OF_TAGS)))
        })
    }
}

/// Asks about something in one repository.
async fn ask(
    remote: &Remote,
    repository: &Repository,
    question: &Question,
    query: &str,
    variables: &serde_json::Value,
) -> Result<Arc<Fetched>, RegistryError> {
    let at = |base: &Url| asking(base, query, variables);
    let door = Door::Registry(Wanted::Repository(repository));
    remote.fetch(door, &at, question).await
}

/// The address of a question.
fn asking(base: &Url, query: &str, variables: &serde_json::Value) -> Url {
    let mut url = below(base, SEARCH);
    url.query_pairs_mut()
        .append_pair("query", query)
        .append_pair(VARIABLES, &variables.to_string());
    url
}

/// What an answer says. GraphQL has its errors in a good answer, be it in place of the data or beside it.
///
/// Errors: a refusal; there is no search; what it says went wrong.
fn data(fetched: &Fetched, question: Question) -> Result<&Value, RegistryError> {
    let document = fetched.good(question.clone()).map_err(without_search)?;
    let malformed = |cause: &str| RegistryError::malformed(Thing::Page(question), cause);
    let errors = document.get("errors").and_then(Value::as_list);
    if let Some(error) = errors.unwrap_or_default().first() {
        let message = error.get("message").and_then(Value::as_text);
        let message = message.unwrap_or_default();
        return Err(malformed(&format!("it has an error for data: {message}")));
    }
    let data = document.get("data");
    data.ok_or_else(|| malformed("it has no `data`"))
}

/// A zot without the extension knows no such path; of what there is not, the extension says so in a good answer.
fn without_search(mut error: RegistryError) -> RegistryError {
    if let RegistryError::Status(status) = &mut error
        && status.status == 404
    {
        status.code = "NO_SEARCH";
    }
    error
}

/// A page of results, as far as the next one.
fn page<E>(
    fetched: &Fetched,
    question: Question,
    root: &str,
    entry: impl Fn(&Value) -> Result<E, RegistryError>,
) -> Result<VendorPage<E>, RegistryError> {
    let data = data(fetched, question.clone())?;
    let results = data.at(&[root, "Results"]).unwrap_or(&Value::Null);
    let count = results.as_list().unwrap_or_default().len();
    let total = data
        .at(&[root, "Page", "TotalCount"])
        .and_then(Value::as_int);
    let total = total.and_then(|total| usize::try_from(total).ok());
    let onward = onward(&fetched.url, count, total.unwrap_or_default());
    let page = entries(results, question, entry, onward)?;
    Ok(VendorPage { of: total, ..page })
}

/// The page after this one: the same question, from where this one ends.
fn onward(asked: &Url, count: usize, total: usize) -> Onward {
    let mut pairs: Vec<(String, String)> = asked.query_pairs().into_owned().collect();
    let variables = pairs.iter_mut().find(|(name, _)| name == VARIABLES);
    let Some((_, text)) = variables else {
        return Onward::End;
    };
    let mut variables: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let offset = variables["offset"].as_u64().unwrap_or_default();
    let next = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .saturating_add(count);
    if count == 0 || next >= total {
        return Onward::End;
    }
    variables["offset"] = json!(next);
    *text = variables.to_string();
    let mut url = asked.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    Onward::At(url.into())
}

/// The tags of a repository, in pages.
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
        let members = match self.wanted.contains(Detail::VendorTag) {
            true => WHOLE_TAG,
            false => TAG,
        };
        let query = format!(
            "query($repo:String!,$limit:Int!,$offset:Int!){{ImageList(repo:$repo,{REQUESTED}){{{TOTAL} Results{{{members}}}}}}}"
        );
        let variables = json!({"repo": self.repository.as_str(), "limit": PAGE, "offset": 0});
        asking(base, &query, &variables)
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, fetched: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let entry = |said: &Value| {
            let name = said.get("Tag").and_then(Value::as_text);
            tag_entry(name.unwrap_or_default(), tag_told(said, self.wanted))
        };
        page(fetched, self.question(), "ImageList", entry)
    }
}

fn tag_told(said: &Value, wanted: Details) -> Told {
    let text = |name: &str| said.get(name).and_then(Value::as_text);
    let digest = text("Digest").filter(|digest| digest.parse::<Digest>().is_ok());
    // A manifest need not say what it is.
    let media_type = text("MediaType").filter(|kind| !kind.is_empty());
    let facts = [
        (Detail::Digest, digest.map(Value::text)),
        (Detail::MediaType, media_type.map(Value::text)),
        (Detail::VendorTag, Some(said.clone())),
    ];
    told(facts, wanted)
}

/// The repositories, in pages.
struct Repositories {
    wanted: Details,
}

impl VendorListing for Repositories {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Registry(Wanted::Catalog)
    }

    fn first(&self, base: &Url) -> Url {
        let members = match self.wanted.contains(Detail::VendorRepository) {
            true => WHOLE_REPOSITORY,
            false => REPOSITORY,
        };
        let query = format!(
            "query($limit:Int!,$offset:Int!){{RepoListWithNewestImage({REQUESTED}){{{TOTAL} Results{{{members}}}}}}}"
        );
        asking(base, &query, &json!({"limit": PAGE, "offset": 0}))
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, fetched: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let entry = |said: &Value| {
            let name = said.get("Name").and_then(Value::as_text);
            repository_entry(name.unwrap_or_default(), repository_told(said, self.wanted))
        };
        page(fetched, self.question(), "RepoListWithNewestImage", entry)
    }
}

fn repository_told(said: &Value, wanted: Details) -> Told {
    let pulls = said
        .get("DownloadCount")
        .filter(|count| count.as_int().is_some());
    let facts = [
        (Detail::PullCount, pulls.cloned()),
        (Detail::VendorRepository, Some(said.clone())),
    ];
    told(facts, wanted)
}
