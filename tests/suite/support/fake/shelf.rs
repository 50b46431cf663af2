//! What the registry holds, and how it hands out manifests and blobs (distribution-spec 1.1, "Pulling manifests", "Pulling
//! blobs").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use regq::oci::MediaType;
use serde_json::{Value, json};

use super::super::image::{Blobs, Content};
use super::answer::Answer;
use super::listing::Entries;
use super::request::Request;

/// The content of a registry.
#[derive(Default)]
pub(crate) struct Shelf {
    blobs: Blobs,
    types: BTreeMap<String, String>,
    repositories: BTreeMap<String, Tags>,
    pub(super) catalog: Option<Entries>,
}

/// The tags of one repository, and what its listing says if that is something else.
#[derive(Default)]
struct Tags {
    tags: BTreeMap<String, Tag>,
    rest: Option<String>,
    listing: Option<Entries>,
}

/// What a tag points to, one after the other if it moves.
struct Tag {
    digests: Vec<String>,
    asked: AtomicUsize,
    is_lost: bool,
}

impl Tag {
    /// Asking moves it on.
    fn digest(&self) -> Option<&str> {
        let at = self.asked.fetch_add(1, Ordering::Relaxed) % self.digests.len();
        Some(self.digests[at].as_str()).filter(|_| !self.is_lost)
    }
}

impl Shelf {
    /// Stores content and what it needs, and gives its digest.
    pub(super) fn store(&mut self, content: &dyn Content) -> String {
        let descriptor = content.store(&mut self.blobs);
        let (digest, media_type) = (text(&descriptor["digest"]), text(&descriptor["mediaType"]));
        self.learn_type(&digest, media_type);
        digest
    }

    /// A child is served under the type that its index says.
    fn learn_type(&mut self, digest: &str, media_type: String) {
        self.types.insert(digest.to_owned(), media_type);
        let document: Option<Value> = self.blobs.get(digest).and_then(|bytes| parsed(bytes));
        let children = document.and_then(|document| document["manifests"].as_array().cloned());
        for child in children.unwrap_or_default() {
            let (digest, media_type) = (text(&child["digest"]), text(&child["mediaType"]));
            self.learn_type(&digest, media_type);
        }
    }

    /// Lets `REPOSITORY:TAG` point to the contents, one after the other with every request.
    pub(super) fn tag(&mut self, name: &str, contents: &[&dyn Content]) {
        let digests = contents.iter().map(|content| self.store(*content));
        let tag = Tag {
            digests: digests.collect(),
            asked: AtomicUsize::new(0),
            is_lost: false,
        };
        let (repository, name) = split(name);
        self.tags(repository).tags.insert(name.to_owned(), tag);
    }

    pub(super) fn untag(&mut self, name: &str) {
        let (repository, tag) = split(name);
        self.tags(repository).tags.remove(tag);
    }

    /// Lists a tag and does not have it.
    pub(super) fn lose(&mut self, name: &str) {
        let (repository, tag) = split(name);
        let tag = self.tags(repository).tags.get_mut(tag);
        tag.expect("a test loses a tag it made").is_lost = true;
    }

    pub(super) fn lose_content(&mut self, digest: &str) {
        let lost = self.blobs.remove(digest);
        assert!(lost.is_some(), "a test loses content it stored");
    }

    /// Adds a repository, with or without tags.
    pub(super) fn repository(&mut self, repository: &str) {
        self.tags(repository);
    }

    /// Lets a listing say this, whatever there is.
    pub(super) fn list(&mut self, repository: &str, entries: Entries) {
        self.tags(repository).listing = Some(entries);
    }

    /// Lets every tag of a repository that has no content of its own point to this.
    pub(super) fn rest(&mut self, repository: &str, content: &dyn Content) {
        let digest = self.store(content);
        self.tags(repository).rest = Some(digest);
    }

    fn tags(&mut self, repository: &str) -> &mut Tags {
        self.repositories.entry(repository.to_owned()).or_default()
    }

    /// The digest that a tag points to at first.
    pub(super) fn digest(&self, name: &str) -> String {
        let (repository, tag) = split(name);
        self.repositories[repository].tags[tag].digests[0].clone()
    }

    /// The names of all repositories, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.repositories.keys().map(String::as_str)
    }

    /// The tags of a repository and the digests that they point to at first, in order.
    pub(crate) fn pointers(&self, repository: &str) -> Vec<(&str, &str)> {
        let tags = self.repositories.get(repository);
        let tags = tags.into_iter().flat_map(|tags| &tags.tags);
        tags.map(|(name, tag)| (name.as_str(), tag.digests[0].as_str()))
            .collect()
    }

    /// What a repository holds without a tag: what its indexes name, and what no tag at all leads to.
    pub(crate) fn untagged(&self, repository: &str) -> BTreeSet<&str> {
        let tagged = |repository: &str| {
            self.pointers(repository)
                .into_iter()
                .map(|(_, digest)| digest)
        };
        let mut found: BTreeSet<&str> = tagged(repository)
            .flat_map(|digest| self.below(digest))
            .collect();
        let names = self.names();
        let led_to: BTreeSet<&str> = names
            .flat_map(tagged)
            .flat_map(|digest| self.below(digest))
            .collect();
        let held = self.types.keys().map(String::as_str);
        found.extend(held.filter(|digest| !led_to.contains(digest)));
        tagged(repository).for_each(|digest| {
            found.remove(digest);
        });
        found
    }

    /// A manifest, and all that it names.
    fn below(&self, digest: &str) -> Vec<&str> {
        let Some((digest, _)) = self.types.get_key_value(digest) else {
            return Vec::new();
        };
        let document = self.blobs.get(digest).and_then(|bytes| parsed(bytes));
        let children = document.and_then(|document| document["manifests"].as_array().cloned());
        let children = children.unwrap_or_default();
        let children = children.iter().filter_map(|child| child["digest"].as_str());
        let below = children.flat_map(|child| self.below(child));
        below.chain([digest.as_str()]).collect()
    }

    /// The media type of what has this digest.
    pub(crate) fn media_type(&self, digest: &str) -> &str {
        &self.types[digest]
    }

    /// The descriptor of a manifest or index.
    pub(super) fn descriptor(&self, digest: &str) -> Value {
        let (media_type, content) = (&self.types[digest], &self.blobs[digest]);
        json!({"mediaType": media_type, "digest": digest, "size": content.len()})
    }

    /// What names a manifest as its subject (distribution-spec 1.1, "Listing Referrers").
    pub(super) fn referrers(&self, subject: &str) -> Entries {
        let manifests = self.types.keys().filter_map(|digest| {
            let manifest = parsed(self.blobs.get(digest)?)?;
            (manifest["subject"]["digest"] == subject).then_some((digest, manifest))
        });
        let entries = manifests.map(|(digest, manifest)| {
            let mut entry = self.descriptor(digest);
            entry["artifactType"] = match &manifest["artifactType"] {
                Value::Null => manifest["config"]["mediaType"].clone(),
                own => own.clone(),
            };
            if manifest["annotations"].is_object() {
                entry["annotations"] = manifest["annotations"].clone();
            }
            entry
        });
        Entries::Listed(Arc::new(entries.collect()))
    }

    pub(crate) fn content(&self, digest: &str) -> Option<&Vec<u8>> {
        self.blobs.get(digest)
    }

    /// The repositories that may be seen, as a listing.
    pub(super) fn catalog(&self, sees: &dyn Fn(&str) -> bool) -> Entries {
        let names = self.repositories.keys().filter(|name| sees(name));
        let listed = || Entries::Listed(Arc::new(names.map(|name| json!(name)).collect()));
        self.catalog.clone().unwrap_or_else(listed)
    }

    /// The tags of a repository, as a listing.
    pub(crate) fn listing(&self, repository: &str) -> Option<Entries> {
        let tags = self.repositories.get(repository)?;
        let names = tags.tags.keys();
        let listed = || Entries::Listed(Arc::new(names.map(|name| json!(name)).collect()));
        Some(tags.listing.clone().unwrap_or_else(listed))
    }

    /// Answers for a manifest, by tag or digest.
    pub(super) fn manifest(&self, request: &Request, repository: &str, which: &str) -> Answer {
        let Some(tags) = self.repositories.get(repository) else {
            return no_repository(repository);
        };
        let unknown = || Answer::error(404, "MANIFEST_UNKNOWN", &json!({"Tag": which}));
        let pointed = tags.tags.get(which).and_then(Tag::digest);
        let is_own = tags.tags.contains_key(which);
        let digest = match pointed {
            Some(digest) => digest,
            None if which.contains(':') => which,
            None if is_own => return unknown(),
            None => match &tags.rest {
                Some(digest) => digest,
                None => return unknown(),
            },
        };
        let stored = self.blobs.get(digest).zip(self.types.get(digest));
        match stored {
            Some((bytes, media_type)) if accepts(request, media_type) => {
                Answer::of(media_type, bytes.clone()).header("Docker-Content-Digest", digest)
            }
            Some(_) | None => unknown(),
        }
    }

    /// Answers for a blob.
    pub(super) fn blob(&self, digest: &str) -> Answer {
        match self.blobs.get(digest) {
            Some(bytes) => Answer::of("application/octet-stream", bytes.clone())
                .header("Docker-Content-Digest", digest),
            None => Answer::error(404, "BLOB_UNKNOWN", &json!({"digest": digest})),
        }
    }

    pub(crate) fn has(&self, repository: &str) -> bool {
        self.repositories.contains_key(repository)
    }
}

/// As distribution does: types are compared letter by letter, `*/*` counts for nothing (registry/handlers/manifests.go).
fn accepts(request: &Request, media_type: &str) -> bool {
    let lines = request.headers("accept");
    let types = lines.iter().flat_map(|line| line.split(','));
    types
        .map(|accepted| MediaType::new(accepted).to_string())
        .any(|accepted| accepted == media_type)
}

/// Answers for what is in no repository.
pub(crate) fn no_repository(name: &str) -> Answer {
    Answer::error(404, "NAME_UNKNOWN", &json!({"name": name}))
}

fn split(name: &str) -> (&str, &str) {
    name.split_once(':')
        .expect("a test names a repository and a tag")
}

fn parsed(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
