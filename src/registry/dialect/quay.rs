//! Quay (`quay.io`, and Red Hat Quay wherever somebody runs it): its API, at the registry's own address, lists repositories by
//! namespace and tags with what they point to (quay/quay, `endpoints/api`).
//!
//! The API takes the access tokens of OAuth applications alone. Who comes as anybody else, a robot say, is shown there what
//! everybody is shown; what only they may see, the registry's own lists name.
//!
//! A tag is `pushed` where it began to point to what it does: a tag that is moved or restored begins anew, one that is
//! given an expiry does not. `size` is that of the layers alone, and no field of ours but a member of `vendor.tag`.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use url::Url;

use super::bulk_tags::BulkTags;
use super::namespaced::Namespaced;
use super::pages::{
    NoPages, Onward, VendorListing, VendorPage, VendorPages, find, needs_namespace,
    repository_entry, tag_entry, told,
};
use super::{Dialect, Trial};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{ApiRules, Door, Fetched, Remote, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Page, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, TagEntry, Told,
};
use crate::safe::Safe;
use crate::value::Value;

/// The most entries of a page.
const PAGE: usize = 100;

/// The name under which the registry takes an access token of its API for the password (`auth/credential_consts.py`).
const OAUTH: &str = "$oauthtoken";

const OF_TAGS: Details = Details::of(&[Detail::Digest, Detail::Pushed, Detail::VendorTag]);

const OF_REPOSITORIES: Details = Details::of(&[
    Detail::Description,
    Detail::Private,
    Detail::VendorRepository,
]);

/// Quay.
pub(super) struct Quay;

impl Dialect for Quay {
    fn name(&self) -> &'static str {
        "quay"
    }

    fn title(&self) -> &'static str {
        "Quay"
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        host.port().is_none() && host.host() == "quay.io"
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: None,
            scheme: ApiScheme::BearerOf(OAUTH),
            accept: "application/json",
        })
    }

    /// Who comes as anybody but an OAuth application is nobody there, and is shown what everybody is.
    fn trial<'a>(&self, repository: Option<&'a Repository>) -> Option<Trial<'a>> {
        let path = match repository {
            Some(repository) => format!("{}?includeTags=false", path(repository)),
            None => "api/v1/repository?public=true".to_owned(),
        };
        Some(Trial::Get(Door::Api, path))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
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
        let namespace = below.map(|path| path.split('/').next().unwrap_or_default());
        match namespace {
            // All that is public there is more than anybody asks for.
            None if self.claims(remote.host()) => {
                Box::new(NoPages::because(needs_namespace(self.title())))
            }
            None => Box::new(Visible::new(remote, None, wanted)),
            // Nothing can lie below what is no name.
            Some(name) if name.parse::<Repository>().is_err() => Box::new(NoPages::none()),
            Some(name) => {
                let pages = Visible::new(remote, Some(name.to_owned()), wanted);
                Box::new(Namespaced::new(
                    remote,
                    self.title(),
                    Safe::new(name),
                    pages,
                ))
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
            only: None,
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
            let at = |base: &Url| {
                let mut url = below(base, &path(repository));
                url.set_query(Some("includeTags=false"));
                url
            };
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
        let listing = TagsOf {
            repository: repository.clone(),
            only: Some(tag.clone()),
            wanted: OF_TAGS,
        };
        let pages = Box::new(VendorPages::new(remote, listing));
        Box::pin(find(pages, move |entry: TagEntry| {
            (entry.tag == *tag).then_some(entry.told)
        }))
    }
}

fn path(repository: &Repository) -> String {
    format!("api/v1/repository/{repository}")
}

/// An address with other values of its parameters.
fn asking(mut url: Url, parameters: &[(&str, &str)]) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| parameters.iter().all(|(new, _)| new != name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .extend_pairs(parameters);
    url
}

/// The documents of a page, which are a list in it.
///
/// Errors: a refusal; no list.
fn list<'p>(
    page: &'p Fetched,
    name: &str,
    question: Question,
) -> Result<&'p [Value], RegistryError> {
    let document = page.good(question.clone())?;
    document.get(name).and_then(Value::as_list).ok_or_else(|| {
        let cause = format!("it has no list of `{name}`");
        RegistryError::malformed(Thing::Page(question), cause)
    })
}

/// The repositories of a namespace, or of all of them: those that are public and those of whoever asks.
struct Repositories {
    namespace: Option<String>,
    wanted: Details,
}

impl VendorListing for Repositories {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let mut parameters = vec![("public", "true")];
        if let Some(namespace) = &self.namespace {
            parameters.insert(0, ("namespace", namespace.as_str()));
        }
        // What takes the vendor a while to find out is asked for where somebody wants all there is.
        if self.wanted.contains(Detail::VendorRepository) {
            parameters.extend([("last_modified", "true"), ("popularity", "true")]);
        }
        asking(below(base, "api/v1/repository"), &parameters)
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let documents = list(page, "repositories", self.question())?;
        let entry = |document: &Value| {
            let text = |name: &str| document.get(name).and_then(Value::as_text);
            let (namespace, name) = (text("namespace"), text("name"));
            let name = [namespace, name].map(Option::unwrap_or_default).join("/");
            repository_entry(&name, repository_told(document, self.wanted))
        };
        // A cursor that only the vendor can read.
        let cursor = page.document.get("next_page").and_then(Value::as_text);
        let next = match cursor.filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => {
                let next = asking(page.url.clone(), &[("next_page", cursor)]);
                Onward::At(next.into())
            }
            None => Onward::End,
        };
        Ok(VendorPage::of(documents, next, entry))
    }
}

fn repository_told(document: &Value, wanted: Details) -> Told {
    let description = document.get("description").cloned().unwrap_or_default();
    let is_empty = description.as_text().is_none_or(str::is_empty);
    let private = match document.get("is_public") {
        Some(Value::Bool(is_public)) => Some(Value::Bool(!is_public)),
        _ => None,
    };
    let facts = [
        (
            Detail::Description,
            Some(if is_empty { Value::Null } else { description }),
        ),
        (Detail::Private, private),
        (Detail::VendorRepository, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// What somebody may see: what the API lists, and where the API does not know them, what the registry names besides.
struct Visible<'a> {
    remote: &'a Remote,
    /// What the names of a namespace begin with.
    prefix: String,
    api: VendorPages<'a, Repositories>,
    rest: Rest<'a>,
    /// What the API said to those that it does not know, where it tells them nothing.
    denied: Option<RegistryError>,
}

/// What comes after the API's list.
enum Rest<'a> {
    /// Nobody knows yet.
    Unknown,
    /// Nothing.
    Nothing,
    /// The registry's list.
    Names(Box<dyn Pages<RepositoryEntry> + 'a>),
}

impl<'a> Visible<'a> {
    fn new(remote: &'a Remote, namespace: Option<String>, wanted: Details) -> Self {
        let prefix = namespace.as_ref().map(|name| format!("{name}/"));
        let listing = Repositories { namespace, wanted };
        Self {
            remote,
            prefix: prefix.unwrap_or_default(),
            api: VendorPages::new(remote, listing),
            rest: Rest::Unknown,
            denied: None,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<RepositoryEntry>>, RegistryError> {
        if let Rest::Unknown = self.rest {
            self.rest = match self.remote.api_knows_us().await? {
                true => Rest::Nothing,
                false => Rest::Names(self.remote.catalog()),
            };
        }
        match self.api.next().await {
            Ok(None) => {}
            // Where nobody is told anything, those who log in may be told something all the same.
            Err(error) if error.is_denial() && !matches!(self.rest, Rest::Nothing) => {
                self.denied = Some(error);
            }
            page => return page,
        }
        let Rest::Names(names) = &mut self.rest else {
            return Ok(None);
        };
        let Some(mut page) = names.next().await? else {
            return Ok(None);
        };
        page.entries.retain(|entry| {
            let is_below = entry.repository.as_str().starts_with(&self.prefix);
            is_below && !self.api.has_listed(&entry.repository)
        });
        page.faults.extend(self.denied.take());
        Ok(Some(page))
    }
}

impl Pages<RepositoryEntry> for Visible<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        let rest = match &self.rest {
            Rest::Unknown => false,
            Rest::Nothing => true,
            Rest::Names(names) => names.is_over(),
        };
        rest && self.api.is_over()
    }

    fn may_go_on(&self) -> bool {
        matches!(&self.rest, Rest::Names(names) if names.may_go_on())
    }
}

/// The tags of a repository, or one of them. Without `onlyActiveTags` what was deleted or moved is listed, too.
struct TagsOf {
    repository: Repository,
    only: Option<Tag>,
    wanted: Details,
}

impl VendorListing for TagsOf {
    type Entry = TagEntry;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let limit = PAGE.to_string();
        let mut parameters = vec![("onlyActiveTags", "true"), ("limit", &limit), ("page", "1")];
        if let Some(tag) = &self.only {
            parameters.push(("specificTag", tag.as_str()));
        }
        asking(
            below(base, &format!("{}/tag/", path(&self.repository))),
            &parameters,
        )
    }

    fn question(&self) -> Question {
        match self.only {
            Some(_) => Question::Tag,
            None => Question::Tags,
        }
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let documents = list(page, "tags", self.question())?;
        let entry = |document: &Value| {
            let name = document.get("name").and_then(Value::as_text);
            tag_entry(name.unwrap_or_default(), tag_told(document, self.wanted))
        };
        let next = match page.document.get("has_additional") {
            Some(Value::Bool(true)) => {
                let next = (number(&page.url) + 1).to_string();
                Onward::At(asking(page.url.clone(), &[("page", &next)]).into())
            }
            _ => Onward::End,
        };
        Ok(VendorPage::of(documents, next, entry))
    }
}

/// The number of a page, by its address.
fn number(url: &Url) -> usize {
    let mut parameters = url.query_pairs();
    let page = parameters.find(|(name, _)| name == "page");
    page.and_then(|(_, page)| page.parse().ok())
        .unwrap_or_default()
}

fn tag_told(document: &Value, wanted: Details) -> Told {
    let digest = document.get("manifest_digest").and_then(Value::as_text);
    let digest = digest.filter(|digest| digest.parse::<Digest>().is_ok());
    let facts = [
        (Detail::Digest, digest.map(Value::text)),
        (Detail::Pushed, begun(document)),
        (Detail::VendorTag, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// When a tag began to point to what it does: seconds since 1970, or the same as a date of RFC 2822.
fn begun(document: &Value) -> Option<Value> {
    let seconds = document.get("start_ts").and_then(Value::as_int);
    let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok());
    let seconds = seconds.filter(|seconds| *seconds > 0);
    let by_number = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let by_date = || {
        let date = document.get("last_modified").and_then(Value::as_text)?;
        let parser = rfc2822::DateTimeParser::new();
        parser.parse_timestamp(date).ok()
    };
    let time = by_number.or_else(by_date)?;
    Some(Value::from(time.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_json;

    #[test]
    fn a_tag_began_by_seconds_or_by_a_date() {
        let begun = |text: &str| begun(&parse_json(text.as_bytes()).unwrap());
        let time = Some(Value::from("2026-02-27T08:16:00Z"));
        for text in [
            r#"{"start_ts": 1772180160}"#,
            r#"{"start_ts": 1772180160, "last_modified": "Thu, 01 Jan 1970 00:00:00 -0000"}"#,
            r#"{"last_modified": "Fri, 27 Feb 2026 08:16:00 -0000"}"#,
            r#"{"start_ts": 0, "last_modified": "Fri, 27 Feb 2026 09:16:00 +0100"}"#,
        ] {
            assert_eq!(begun(text), time, "{text}");
        }
        for text in ["{}", r#"{"start_ts": -1}"#, r#"{"last_modified": "soon"}"#] {
            assert_eq!(begun(text), None, "{text}");
        }
    }

    #[test]
    fn a_cursor_is_no_address() {
        let url: Url = "https://quay.io/api/v1/repository?namespace=a&next_page=x"
            .parse()
            .unwrap();
        let next = asking(
            url,
            &[("next_page", "https://evil.example/?namespace=b&c=+")],
        );
        assert_eq!(
            next.as_str(),
            "https://quay.io/api/v1/repository?namespace=a&next_page=https%3A%2F%2Fevil.example%2F%3Fnamespace%3Db%26c%3D%2B"
        );
    }
}
