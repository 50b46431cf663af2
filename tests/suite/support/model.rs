//! A registry in memory that does what a test tells it to: page, list in any order, fail, forget, be slow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use regq::oci::{Descriptor, Digest, ManifestOrIndex, MediaType, Referrer, Repository, Tag, Which};
use regq::registry::{
    Answer, Capabilities, Detail, Details, Document, ManifestEntry, ManifestListing, Page, Pages,
    Registry, RegistryError, RepositoryEntry, StandIn, TagEntry, Thing, Told,
};
use regq::safe::Safe;
use regq::value::{Value, parse_json};

use super::attachment::Attachment;
use super::image::{Blobs, Content};

/// A plain registry: its listings name tags and say no more. Clones hold the same.
#[derive(Clone)]
pub(crate) struct Model {
    name: String,
    blobs: Blobs,
    tags: BTreeMap<Repository, BTreeMap<Tag, Descriptor>>,
    attached: BTreeMap<String, Vec<Referrer>>,
    broken: BTreeMap<String, RegistryError>,
    vanished: BTreeSet<(Repository, Tag)>,
    vanished_repositories: BTreeSet<Repository>,
    page: usize,
    order: Listing,
    carries_descriptors: bool,
    manifests: Option<Manifests>,
    untagged: BTreeMap<Repository, Vec<Descriptor>>,
    pace: Pace,
}

/// How much a listing of manifests tells of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manifests {
    /// Its digest and its tags.
    Names,
    /// Its media type as well.
    Types,
    /// What it points to as a whole, and what it names.
    Children,
}

/// In which order a registry lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    /// By bytes, and it says so.
    Natural,
    /// Backwards; it promises nothing.
    Backwards,
}

/// How long answers take: as many turns of the runtime as chance says, which is the same for the same seed.
#[derive(Clone, Default)]
struct Pace {
    seed: Option<u64>,
    asked: Arc<AtomicU64>,
}

impl Model {
    /// A registry of this name with nothing in it.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            blobs: Blobs::new(),
            tags: BTreeMap::new(),
            attached: BTreeMap::new(),
            broken: BTreeMap::new(),
            vanished: BTreeSet::new(),
            vanished_repositories: BTreeSet::new(),
            page: usize::MAX,
            order: Listing::Natural,
            carries_descriptors: false,
            manifests: None,
            untagged: BTreeMap::new(),
            pace: Pace::default(),
        }
    }

    /// Tags some content `REPOSITORY:TAG`.
    pub(crate) fn tag(mut self, name: &str, content: impl Content) -> Self {
        let descriptor = content.store(&mut self.blobs).to_string();
        let descriptor = parse_json(descriptor.as_bytes()).expect("a descriptor is JSON");
        let descriptor = Descriptor::read(&descriptor).expect("a descriptor is one");
        let (repository, tag) = split(name);
        self.tags
            .entry(repository)
            .or_default()
            .insert(tag, descriptor);
        self
    }

    /// Holds something without a tag.
    pub(crate) fn untagged(mut self, repository: &str, content: impl Content) -> Self {
        let descriptor = content.store(&mut self.blobs).to_string();
        let descriptor = parse_json(descriptor.as_bytes()).expect("a descriptor is JSON");
        let descriptor = Descriptor::read(&descriptor).expect("a descriptor is one");
        let repository = repository.parse().expect("a test's repository is valid");
        let shelf = self.untagged.entry(repository).or_default();
        shelf.push(descriptor);
        self
    }

    /// Lists its manifests, and tells so much of each.
    pub(crate) fn listing_manifests(mut self, told: Manifests) -> Self {
        self.manifests = Some(told);
        self
    }

    /// The manifests of a repository with what each names, tagged or not.
    pub(crate) fn manifests_of(
        &self,
        repository: &Repository,
    ) -> BTreeMap<Digest, (Descriptor, Vec<Digest>)> {
        let tagged = self.tags.get(repository).into_iter().flatten();
        let untagged = self.untagged.get(repository).into_iter().flatten();
        let mut open: Vec<Descriptor> = tagged.map(|(_, found)| found).cloned().collect();
        open.extend(untagged.cloned());
        let mut found = BTreeMap::new();
        while let Some(descriptor) = open.pop() {
            let document = self.blob(&descriptor.digest.to_string());
            let read = ManifestOrIndex::read(&document, Some(&descriptor.media_type));
            let children = match read.expect("what is stored is sound") {
                ManifestOrIndex::Index(index) => index.manifests,
                _ => Vec::new(),
            };
            let digests = children.iter().map(|child| child.digest.clone()).collect();
            open.extend(children);
            found.insert(descriptor.digest.clone(), (descriptor, digests));
        }
        found
    }

    /// Attaches something to what `REPOSITORY:TAG` points to, so that it is listed.
    pub(crate) fn attach(self, name: &str, thing: &Attachment) -> Self {
        let subject = self.digest(name);
        self.attach_to(&subject, thing)
    }

    /// Attaches something, and does not say of it what its annotations do.
    pub(crate) fn attach_bare(mut self, name: &str, thing: &Attachment) -> Self {
        let subject = self.digest(name);
        let mut entry = thing.entry(&mut self.blobs);
        entry
            .as_object_mut()
            .expect("an entry is an object")
            .remove("annotations");
        self.list_attached(&subject, &entry)
    }

    /// Attaches something to what has this digest.
    pub(crate) fn attach_to(mut self, subject: &str, thing: &Attachment) -> Self {
        let entry = thing.entry(&mut self.blobs);
        self.list_attached(subject, &entry)
    }

    fn list_attached(mut self, subject: &str, entry: &serde_json::Value) -> Self {
        let entry = entry.to_string();
        let entry = parse_json(entry.as_bytes()).expect("an entry is JSON");
        let digest = subject.parse().expect("a test's digest is valid");
        let referrer = Referrer::read(&entry, &digest).expect("an entry is one");
        let things = self.attached.entry(subject.to_owned()).or_default();
        things.push(referrer);
        self
    }

    /// What is attached to a digest.
    pub(crate) fn attached_to(&self, subject: &Digest) -> &[Referrer] {
        let things = self.attached.get(&subject.to_string());
        things.map_or(&[], Vec::as_slice)
    }

    /// What a tag points to, if there is one.
    pub(crate) fn tagged(&self, repository: &str, tag: &Tag) -> Option<Descriptor> {
        let repository = repository.parse().expect("a test's repository is valid");
        self.tags.get(&repository)?.get(tag).cloned()
    }

    /// Lists this many at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// Lists in this order.
    pub(crate) fn listing(mut self, order: Listing) -> Self {
        self.order = order;
        self
    }

    /// Says in its listings what each tag points to.
    pub(crate) fn carrying_descriptors(mut self) -> Self {
        self.carries_descriptors = true;
        self
    }

    /// Fails a request: `repositories` or `tags REPOSITORY`, with a number for that page only; `find REPOSITORY:TAG`; or
    /// `head`, `manifest`, `config`, `referrers` or `statement` and `REPOSITORY:TAG` or a digest, however it is asked for.
    pub(crate) fn breaking(mut self, request: &str) -> Self {
        let key = match request.split_once(' ') {
            Some(("tags" | "manifests" | "repositories" | "find", _)) | None => request.to_owned(),
            Some((_, name)) if name.starts_with("sha256:") => request.to_owned(),
            Some(("config", name)) => format!("config {}", self.config_digest(name)),
            Some((kind, name)) => format!("{kind} {}", self.digest(name)),
        };
        self.broken.insert(key, broken(request));
        self
    }

    /// Lists a tag, and does not have it when asked for it.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.vanished.insert(split(name));
        self
    }

    /// Lists a repository, and does not have it when asked for it.
    pub(crate) fn without_repository(mut self, name: &str) -> Self {
        let repository = name.parse().expect("a test's repository is valid");
        self.vanished_repositories.insert(repository);
        self
    }

    /// Lets answers come whenever this seed says.
    pub(crate) fn slow(mut self, seed: u64) -> Self {
        self.pace.seed = Some(seed);
        self
    }

    /// What `REPOSITORY:TAG` points to.
    pub(crate) fn descriptor(&self, name: &str) -> Descriptor {
        let (repository, tag) = split(name);
        self.tags[&repository][&tag].clone()
    }

    /// The digest of what `REPOSITORY:TAG` points to.
    pub(crate) fn digest(&self, name: &str) -> String {
        self.descriptor(name).digest.to_string()
    }

    /// The document stored under a digest.
    pub(crate) fn blob(&self, digest: &str) -> Value {
        parse_json(&self.blobs[digest]).expect("what is stored is JSON")
    }

    fn config_digest(&self, name: &str) -> String {
        let manifest = self.blob(&self.digest(name));
        let digest = manifest.at(&["config", "digest"]).and_then(Value::as_text);
        digest.expect("an image has a config").to_owned()
    }

    fn check(&self, request: &str) -> Result<(), RegistryError> {
        self.broken.get(request).cloned().map_or(Ok(()), Err)
    }

    fn shelf(&self, repository: &Repository) -> Result<&BTreeMap<Tag, Descriptor>, RegistryError> {
        let is_there = !self.vanished_repositories.contains(repository);
        let shelf = self.tags.get(repository).filter(|_| is_there);
        shelf.ok_or_else(|| RegistryError::NoRepository(repository.clone()))
    }

    fn find(&self, repository: &Repository, which: &Which) -> Result<Descriptor, RegistryError> {
        let shelf = self.shelf(repository)?;
        let named = |tag: &Tag| {
            let is_there = !self.vanished.contains(&(repository.clone(), tag.clone()));
            shelf.get(tag).filter(|_| is_there).cloned()
        };
        match which {
            Which::Tag(tag) => named(tag).ok_or_else(|| RegistryError::NoTag {
                repository: repository.clone(),
                tag: tag.clone(),
            }),
            Which::Digest(digest) => {
                let content = self.blobs.get(&digest.to_string());
                let content = content
                    .ok_or_else(|| RegistryError::NoContent(Thing::Manifest(digest.clone())))?;
                let text = format!(r#"{{"digest":"{digest}","size":{}}}"#, content.len());
                let read = parse_json(text.as_bytes()).expect("this is JSON");
                Ok(Descriptor::read(&read).expect("this is a descriptor"))
            }
        }
    }

    fn document(&self, descriptor: Descriptor, expected: Option<&Descriptor>) -> Document {
        let value = self.blob(&descriptor.digest.to_string());
        let own = value.get("mediaType").and_then(Value::as_text);
        let mut descriptor = expected.cloned().unwrap_or(descriptor);
        if descriptor.media_type.as_str().is_empty() {
            descriptor.media_type = MediaType::new(own.unwrap_or_default());
        }
        Document { descriptor, value }
    }

    fn pages<T>(&self, request: String, mut entries: Vec<T>) -> ModelPages<'_, T> {
        if self.order == Listing::Backwards {
            entries.reverse();
        }
        let mut pages = VecDeque::new();
        let mut entries = entries.into_iter().peekable();
        while entries.peek().is_some() || pages.is_empty() {
            pages.push_back(entries.by_ref().take(self.page).collect());
        }
        ModelPages {
            model: self,
            request,
            asked: 0,
            pages,
        }
    }
}

impl Pace {
    async fn wait(&self) {
        let Some(seed) = self.seed else {
            return;
        };
        let turn = self.asked.fetch_add(1, Ordering::Relaxed);
        let mixed = (seed << 32 | turn)
            .wrapping_add(1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for _ in 0..(mixed >> 60) {
            tokio::task::yield_now().await;
        }
    }
}

fn split(name: &str) -> (Repository, Tag) {
    let (repository, tag) = name.split_once(':').expect("a test names a tag");
    let repository = repository.parse().expect("a test's repository is valid");
    (repository, tag.parse().expect("a test's tag is valid"))
}

/// What a request that fails says; its code is `UNREADABLE`.
pub(crate) fn broken(request: &str) -> RegistryError {
    RegistryError::Unreadable {
        file: Safe::new(request),
        cause: Safe::new("the test says so"),
    }
}

impl Registry for Model {
    fn name(&self) -> &str {
        &self.name
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            tags_carry_descriptors: self.carries_descriptors,
            natural_order: self.order == Listing::Natural,
            manifests: match self.manifests {
                None => ManifestListing::Not,
                Some(told) => ManifestListing::With(told.details()),
            },
            ..Capabilities::DISTRIBUTION
        }
    }

    fn repositories(
        &self,
        _below: Option<&str>,
        _wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + '_> {
        let entries = self.tags.keys().cloned();
        let entries = entries.map(RepositoryEntry::named).collect();
        Box::new(self.pages("repositories".to_owned(), entries))
    }

    fn tags(&self, repository: &Repository, _wanted: Details) -> Box<dyn Pages<TagEntry> + '_> {
        let shelf = match self.shelf(repository) {
            Ok(shelf) => shelf,
            Err(error) => return Box::new(NoPages(Some(error))),
        };
        let carried =
            |descriptor: &Descriptor| Some(descriptor.clone()).filter(|_| self.carries_descriptors);
        let entry = |(tag, descriptor): (&Tag, _)| TagEntry {
            descriptor: Ok(carried(descriptor)),
            ..TagEntry::named(tag.clone())
        };
        let entries = shelf.iter().map(entry).collect();
        Box::new(self.pages(format!("tags {repository}"), entries))
    }

    fn manifests(
        &self,
        repository: &Repository,
        _wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + '_> {
        let (told, shelf) = match (self.manifests, self.shelf(repository)) {
            (None, _) => {
                let login = false;
                return Box::new(NoPages(Some(RegistryError::NoManifests { login })));
            }
            (_, Err(error)) => return Box::new(NoPages(Some(error))),
            (Some(told), Ok(shelf)) => (told, shelf),
        };
        let entry = |(digest, (descriptor, children)): (Digest, (Descriptor, Vec<Digest>))| {
            let tags = shelf.iter().filter(|(_, found)| found.digest == digest);
            let media_type = descriptor.media_type.as_str().into();
            ManifestEntry {
                tags: tags.map(|(tag, _)| tag.clone()).collect(),
                descriptor: (told == Manifests::Children).then_some(descriptor),
                children: (told == Manifests::Children).then_some(children),
                told: match told {
                    Manifests::Types => vec![(Detail::MediaType, media_type)],
                    Manifests::Names | Manifests::Children => Told::new(),
                },
                digest,
            }
        };
        let entries = self.manifests_of(repository).into_iter().map(entry);
        Box::new(self.pages(format!("manifests {repository}"), entries.collect()))
    }

    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor> {
        Box::pin(async move {
            self.pace.wait().await;
            let found = self.find(repository, which)?;
            self.check(&format!("head {}", found.digest))?;
            Ok(found)
        })
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            self.pace.wait().await;
            let found = self.find(repository, which)?;
            self.check(&format!("manifest {}", found.digest))?;
            Ok(self.document(found, expected))
        })
    }

    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            self.pace.wait().await;
            self.shelf(repository)?;
            self.check(&format!("config {}", descriptor.digest))?;
            Ok(self.document(descriptor.clone(), None))
        })
    }

    fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        _: StandIn,
    ) -> Box<dyn Pages<Referrer> + '_> {
        if let Err(error) = self.shelf(repository) {
            return Box::new(NoPages(Some(error)));
        }
        let things = self.attached_to(subject).to_vec();
        Box::new(self.pages(format!("referrers {subject}"), things))
    }

    fn find<'a>(
        &'a self,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Option<Descriptor>> {
        Box::pin(async move {
            self.pace.wait().await;
            self.check(&format!("find {repository}:{tag}"))?;
            Ok(self.shelf(repository)?.get(tag).cloned())
        })
    }

    fn statement<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            self.pace.wait().await;
            self.shelf(repository)?;
            self.check(&format!("statement {}", descriptor.digest))?;
            Ok(self.document(descriptor.clone(), None))
        })
    }
}

impl Manifests {
    fn details(self) -> Details {
        let more = match self {
            Self::Names => Details::EMPTY,
            Self::Types => Details::of(&[Detail::MediaType]),
            Self::Children => {
                Details::of(&[Detail::MediaType, Detail::ManifestSize, Detail::Parents])
            }
        };
        Details::NAMES_OF_MANIFESTS.union(more)
    }
}

struct ModelPages<'a, T> {
    model: &'a Model,
    request: String,
    asked: usize,
    pages: VecDeque<Vec<T>>,
}

impl<T: Send> Pages<T> for ModelPages<'_, T> {
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        Box::pin(async move {
            self.model.pace.wait().await;
            self.asked += 1;
            self.model.check(&self.request)?;
            self.model
                .check(&format!("{} {}", self.request, self.asked))?;
            let faults = Vec::new();
            Ok(self
                .pages
                .pop_front()
                .map(|entries| Page { entries, faults }))
        })
    }

    fn is_over(&self) -> bool {
        self.pages.is_empty()
    }
}

struct NoPages(Option<RegistryError>);

impl<T> Pages<T> for NoPages {
    fn next(&mut self) -> Answer<'_, Option<Page<T>>> {
        let error = self.0.take();
        Box::pin(async move { error.map_or(Ok(None), Err) })
    }
}
