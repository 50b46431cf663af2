//! Google's registries: Artifact Registry (`*.pkg.dev`) and the names of gcr.io, which it serves, too.
//!
//! A list of tags there says of a path also what lies below it (`child`), and of each manifest which tags point to it
//! (`manifest`): repositories are found by walking down from a namespace, and digests come without a request for each
//! tag. Numbers are texts, times are milliseconds since 1970 (go-containerregistry, `pkg/v1/google/list.go`).

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use super::pages::{
    Entry, NoPages, Onward, VendorListing, VendorPage, VendorPages, list_of, manifest_entry,
    needs_namespace, tag_entry, told,
};
use super::{Dialect, is_below};
use crate::oci::{Digest, RegistryHost, Repository};
use crate::registry::error::{Class, Question, Thing, outside};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::wire::scope::Wanted;
use crate::registry::{
    Answer, Capabilities, Detail, Details, ManifestEntry, ManifestListing, Page, Pages,
    RegistryError, RepositoryEntry, RepositoryListing, TagEntry, Told,
};
use crate::value::Value;

/// Entries asked for at once: without a number, Artifact Registry leaves some out (go-containerregistry #1643).
const PAGE: usize = 10_000;

const OF_TAGS: Details = Details::of(&[
    Detail::Digest,
    Detail::MediaType,
    Detail::Pushed,
    Detail::VendorTag,
]);

const OF_MANIFESTS: Details = Details::NAMES_OF_MANIFESTS.union(Details::of(&[
    Detail::MediaType,
    Detail::Pushed,
    Detail::VendorManifest,
]));

/// Google's registries, which differ in where a listing can begin.
pub(super) enum Google {
    /// A namespace is a project and a repository of it.
    ArtifactRegistry,
    /// A namespace is a project; all of them are in one list.
    ContainerRegistry,
}

impl Dialect for Google {
    fn name(&self) -> &'static str {
        match self {
            Self::ArtifactRegistry => "artifact-registry",
            Self::ContainerRegistry => "gcr",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::ArtifactRegistry => "Google Artifact Registry",
            Self::ContainerRegistry => "Google's gcr.io",
        }
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        match self {
            Self::ArtifactRegistry => is_below(host, "pkg.dev"),
            Self::ContainerRegistry => {
                is_below(host, "gcr.io") || (host.host() == "gcr.io" && host.port().is_none())
            }
        }
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: match self {
                Self::ArtifactRegistry => RepositoryListing::Below,
                Self::ContainerRegistry => RepositoryListing::Either,
            },
            bulk: OF_TAGS,
            single: OF_TAGS,
            manifests: ManifestListing::With(OF_MANIFESTS),
            bulk_page: PAGE,
            ..Capabilities::DISTRIBUTION
        }
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        _: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        match (self, below) {
            (Self::ContainerRegistry, None) => remote.catalog(),
            (Self::ArtifactRegistry, below) if below.is_none_or(|name| !name.contains('/')) => {
                Box::new(NoPages::because(needs_namespace(self.title())))
            }
            // Nothing can lie below what is no name.
            (_, below) => match below.unwrap_or_default().parse() {
                Ok(root) => Box::new(Walk::from(remote, root)),
                Err(_) => Box::new(NoPages::none()),
            },
        }
    }

    fn tags<'a>(
        &self,
        remote: &'a Remote,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<TagEntry> + 'a> {
        let repository = repository.clone();
        Box::new(VendorPages::new(remote, TagsOf { repository, wanted }))
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
}

fn list(base: &Url, repository: &Repository) -> Url {
    let mut url = below(base, &format!("v2/{repository}/tags/list"));
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
        list(base, &self.repository)
    }

    fn question(&self) -> Question {
        Question::Tags
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<TagEntry>, RegistryError> {
        let document = page.good_of(&self.repository, self.question())?;
        let pointers = pointers(document);
        let listed = document.get("tags").and_then(Value::as_list);
        let listed = listed.unwrap_or_default().iter().filter_map(Value::as_text);
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        // What only a manifest says of itself is a tag as well.
        for name in listed.chain(pointers.keys().copied()) {
            match tag_entry(name, tag_told(pointers.get(name), self.wanted)) {
                Ok(entry) => entries.push(entry),
                Err(_) if name.parse::<Digest>().is_ok() => {}
                Err(fault) => faults.push(fault),
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

/// What a tag points to, as the list has it: the digest, and what is said of it.
type Pointer<'a> = (&'a str, &'a Value);

/// What each tag points to; untagged manifests are passed over, and of a tag that two claim nothing is known.
fn pointers(document: &Value) -> BTreeMap<&str, Option<Pointer<'_>>> {
    let mut found = BTreeMap::new();
    let manifests = document.get("manifest").and_then(Value::as_map);
    for (digest, said) in manifests.into_iter().flatten() {
        let tags = said.get("tag").and_then(Value::as_list);
        for tag in tags.into_iter().flatten().filter_map(Value::as_text) {
            let pointer = Some((&**digest, said));
            found
                .entry(tag)
                .and_modify(|pointer| *pointer = None)
                .or_insert(pointer);
        }
    }
    found
}

fn tag_told(pointer: Option<&Option<Pointer<'_>>>, wanted: Details) -> Told {
    let Some(Some((digest, said))) = pointer else {
        return Told::new();
    };
    if digest.parse::<Digest>().is_err() {
        return Told::new();
    }
    let [media_type, pushed] = manifest_told(said);
    let facts = [
        (Detail::Digest, Some(Value::text(digest))),
        media_type,
        pushed,
        (Detail::VendorTag, Some((*said).clone())),
    ];
    told(facts, wanted)
}

/// What is said of a manifest.
fn manifest_told(said: &Value) -> [(Detail, Option<Value>); 2] {
    let media_type = said
        .get("mediaType")
        .filter(|kind| kind.as_text().is_some());
    [
        (Detail::MediaType, media_type.cloned()),
        (Detail::Pushed, said.get("timeUploadedMs").map(time)),
    ]
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
        list(base, &self.repository)
    }

    fn question(&self) -> Question {
        Question::Manifests
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<ManifestEntry>, RegistryError> {
        let document = page.good_of(&self.repository, self.question())?;
        let manifests = document.get("manifest").and_then(Value::as_map);
        // A list of tags without it would look as if there were no manifests.
        let manifests = manifests.ok_or_else(|| {
            let thing = Thing::Page(self.question());
            RegistryError::malformed(thing, "it has no map of manifests")
        })?;
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        for (digest, said) in manifests {
            let tags = list_of(said, "tag", self.question())?;
            let [media_type, pushed] = manifest_told(said);
            let facts = [
                media_type,
                pushed,
                (Detail::VendorManifest, Some(said.clone())),
            ];
            let told = told(facts, self.wanted);
            match manifest_entry(digest, tags.iter().map(Value::as_text), told) {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(fault),
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

/// A time in milliseconds since 1970, as a text or a number; zero is none.
fn time(said: &Value) -> Value {
    let text = said.as_text().and_then(|text| text.parse().ok());
    let number = || said.as_int().and_then(|number| i64::try_from(number).ok());
    let time = text.or_else(number).filter(|time: &i64| *time > 0);
    let time = time.and_then(|time| Timestamp::from_millisecond(time).ok());
    time.map_or(Value::Null, |time| Value::from(time.to_string()))
}

/// What a path has: itself, where it is a repository, and what lies right below it.
struct Folder(Repository);

/// What was found on a path.
#[derive(Hash)]
enum Found {
    Repository(Repository),
    Child(Repository),
    /// A tag or manifest. A page of them is news, though it names no path that was not known.
    Held(String),
}

impl Entry for Found {
    type Name = Self;

    fn name(&self) -> &Self {
        self
    }
}

impl VendorListing for Folder {
    type Entry = Found;

    fn door(&self) -> Door<'_> {
        Door::Registry(Wanted::Repository(&self.0))
    }

    fn first(&self, base: &Url) -> Url {
        list(base, &self.0)
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Found>, RegistryError> {
        let document = page.good_of(&self.0, self.question())?;
        let tags = document.get("tags").and_then(Value::as_list);
        let manifests = document.get("manifest").and_then(Value::as_map);
        let tags = tags.into_iter().flatten().map(Value::as_text);
        let digests = manifests.into_iter().flatten().map(|(digest, _)| &**digest);
        let held = tags.map(Option::unwrap_or_default).chain(digests);
        let held = held.map(|name| Found::Held(name.to_owned()));
        let (mut entries, mut faults) = (Vec::from_iter(held), Vec::new());
        if !entries.is_empty() {
            entries.push(Found::Repository(self.0.clone()));
        }
        let children = document.get("child").and_then(Value::as_list);
        for child in children.into_iter().flatten().filter_map(Value::as_text) {
            let name = format!("{}/{child}", self.0);
            match name.parse() {
                Ok(child) => entries.push(Found::Child(child)),
                Err(_) => faults.push(RegistryError::InvalidRepository(outside(&name))),
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

/// The repositories below a path, one path after another.
struct Walk<'a> {
    remote: &'a Remote,
    root: Repository,
    at: Option<(Repository, VendorPages<'a, Folder>)>,
    waiting: Vec<Repository>,
    /// How many paths there were.
    count: usize,
}

impl<'a> Walk<'a> {
    fn from(remote: &'a Remote, root: Repository) -> Self {
        Self {
            remote,
            waiting: vec![root.clone()],
            root,
            at: None,
            count: 1,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<RepositoryEntry>>, RegistryError> {
        loop {
            let (path, mut pages) = match (self.at.take(), self.waiting.pop()) {
                (Some(at), next) => {
                    self.waiting.extend(next);
                    at
                }
                (None, Some(next)) => {
                    let pages = VendorPages::new(self.remote, Folder(next.clone()));
                    (next, pages)
                }
                (None, None) => return Ok(None),
            };
            match pages.next().await {
                Ok(None) => {}
                Ok(Some(page)) => {
                    if !pages.is_over() {
                        self.at = Some((path, pages));
                    }
                    return self.found(page).map(Some);
                }
                Err(error) => return self.passed_over(&path, error).map(Some),
            }
        }
    }

    /// Takes in what a path has.
    ///
    /// Errors: there are more paths than we take.
    fn found(&mut self, page: Page<Found>) -> Result<Page<RepositoryEntry>, RegistryError> {
        let mut entries = Vec::new();
        for found in page.entries {
            match found {
                Found::Repository(name) => entries.push(RepositoryEntry::named(name)),
                Found::Child(name) => {
                    self.waiting.push(name);
                    self.count += 1;
                }
                Found::Held(_) => {}
            }
        }
        if self.count > self.remote.limits().listing_names {
            let why = "it goes on after more names than we take";
            let question = Question::Repositories;
            return Err(RegistryError::Paging { question, why });
        }
        let faults = page.faults;
        Ok(Page { entries, faults })
    }

    /// Goes on where one path of many is not to be had, and says so unless it went since it was listed.
    ///
    /// Errors: nothing below the path where the walk begins can be listed, or nothing at all.
    fn passed_over(
        &mut self,
        path: &Repository,
        error: RegistryError,
    ) -> Result<Page<RepositoryEntry>, RegistryError> {
        let faults = match error {
            error if *path == self.root => return Err(error),
            error if error.is_absent() => Vec::new(),
            error if error.class() == Class::Refused => vec![error],
            error => return Err(error),
        };
        let entries = Vec::new();
        Ok(Page { entries, faults })
    }
}

impl Pages<RepositoryEntry> for Walk<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        self.at.is_none() && self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_json;

    #[test]
    fn times_are_milliseconds_in_whatever_type() {
        let shown = |text: &str| time(&parse_json(text.as_bytes()).unwrap());
        assert_eq!(
            shown("\"1772180195123\""),
            "2026-02-27T08:16:35.123Z".into()
        );
        assert_eq!(shown("1772180195123"), "2026-02-27T08:16:35.123Z".into());
        for none in [
            "\"0\"",
            "0",
            "\"\"",
            "null",
            "\"-5\"",
            "\"9e9\"",
            "\"99999999999999999\"",
        ] {
            assert_eq!(shown(none), Value::Null, "{none}");
        }
    }

    #[test]
    fn a_tag_that_two_manifests_claim_points_nowhere() {
        let text = r#"{"manifest": {
            "sha256:a": {"tag": ["x", "y"]}, "sha256:b": {"tag": ["y"]}, "sha256:c": {"tag": []}, "sha256:d": {}
        }}"#;
        let document = parse_json(text.as_bytes()).unwrap();
        let found = pointers(&document);
        assert_eq!(found["x"].unwrap().0, "sha256:a");
        assert_eq!(found["y"], None);
        assert_eq!(found.len(), 2);
    }
}
