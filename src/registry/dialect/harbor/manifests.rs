//! The manifests of a repository in Harbor: its artifacts.
//!
//! Its list leaves out what an index names and no tag points to, unless it is asked for the whole base (`q=base=*`,
//! goharbor/harbor, `src/pkg/artifact/dao`), and what is attached to others even then. Both show in what is listed: what
//! is named there and missing is a fault, and what is attached is said to be elsewhere.

use std::collections::BTreeSet;

use url::Url;

use super::super::pages::{
    Entry, Onward, VendorListing, VendorPage, VendorPages, documents, manifest_entry,
};
use super::projects::{Project, Source};
use super::told::{attached_to, children_of, manifest_told, name_of, tags_of};
use super::{ALL_OF_AN_ARTIFACT, Place, counted, first_page, lacking};
use crate::oci::{Digest, Repository};
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::talk::Event;
use crate::registry::{
    Answer, Detail, Details, ManifestEntry, Page, Pages, Registry, RegistryError,
};
use crate::safe::Safe;
use crate::value::Value;

/// The manifests of a repository, on their way.
pub(super) struct Manifests<'a> {
    remote: &'a Remote,
    repository: Repository,
    place: Place,
    wanted: Details,
    pages: Option<VendorPages<'a, All>>,
    /// What indexes name.
    named: BTreeSet<Digest>,
    /// What is attached to something.
    attached: BTreeSet<Digest>,
    has_some: bool,
}

impl<'a> Manifests<'a> {
    pub(super) fn new(
        remote: &'a Remote,
        repository: &Repository,
        place: Place,
        wanted: Details,
    ) -> Self {
        Self {
            remote,
            repository: repository.clone(),
            place,
            wanted,
            pages: None,
            named: BTreeSet::new(),
            attached: BTreeSet::new(),
            has_some: false,
        }
    }

    async fn turn(&mut self) -> Result<Option<Page<ManifestEntry>>, RegistryError> {
        if self.pages.is_none() {
            self.pages = Some(VendorPages::new(self.remote, self.listing().await?));
        }
        let pages = self.pages.as_mut().expect("they were just made");
        let Some(page) = pages.next().await? else {
            return Ok(None);
        };
        let (is_over, mut faults) = (pages.is_over(), page.faults);
        faults.extend(lacking(pages));
        self.has_some |= !page.entries.is_empty() || !faults.is_empty();
        let mut entries = Vec::with_capacity(page.entries.len());
        for Artifact { entry, attached } in page.entries {
            self.named.extend(entry.children.iter().flatten().cloned());
            self.attached.extend(attached);
            entries.push(entry);
        }
        if is_over {
            faults.extend(self.left_out());
            // Of a repository that is not there, the list is empty as well.
            if !self.has_some {
                self.look_for_it().await?;
            }
        }
        Ok(Some(Page { entries, faults }))
    }

    /// How to list them.
    ///
    /// Errors: the list would not have all that tags point to: in the cache of another registry it has what was pulled.
    async fn listing(&self) -> Result<All, RegistryError> {
        let project = self.place.project.clone();
        let listing = All {
            repository: self.repository.clone(),
            path: format!("{}/artifacts", self.place.path),
            wanted: self.wanted,
        };
        match Project::ask(self.remote, &project).await?.source {
            Source::Own => Ok(listing),
            Source::Other => Err(RegistryError::CachedManifests {
                project,
                is_shown: true,
            }),
            Source::Unknown => Err(RegistryError::CachedManifests {
                project,
                is_shown: false,
            }),
        }
    }

    /// What the list does not have of what it tells of.
    fn left_out(&self) -> Option<RegistryError> {
        let listed = self.pages.as_ref();
        let is_missing = |digest: &&Digest| listed.is_none_or(|pages| !pages.has_listed(digest));
        if self.attached.iter().any(|digest| is_missing(&digest)) {
            self.remote.say(Event::LeftOut {
                listing: Safe::new(&format!(
                    "the list of manifests of {}/{}",
                    self.remote.name(),
                    self.repository
                )),
                what: "what is attached to them",
            });
        }
        let mut named = self.named.iter();
        named.any(|digest| is_missing(&digest)).then(|| {
            let cause = "it leaves out manifests that its indexes name";
            RegistryError::malformed(Thing::Page(Question::Manifests), cause)
        })
    }

    /// Errors: there is no such repository, or no telling.
    async fn look_for_it(&self) -> Result<(), RegistryError> {
        let at = |base: &Url| below(base, &self.place.path);
        let question = Question::Repository;
        let fetched = self.remote.fetch(Door::Api, &at, &question).await?;
        fetched
            .good_of(&self.repository, Question::Manifests)
            .map(drop)
    }
}

impl Pages<ManifestEntry> for Manifests<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<ManifestEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        self.pages.as_ref().is_some_and(Pages::is_over)
    }
}

/// All artifacts of a repository, tagged or not.
struct All {
    repository: Repository,
    path: String,
    wanted: Details,
}

/// A manifest, and what is attached to it.
struct Artifact {
    entry: ManifestEntry,
    attached: Vec<Digest>,
}

impl Entry for Artifact {
    type Name = Digest;

    fn name(&self) -> &Digest {
        &self.entry.digest
    }
}

impl VendorListing for All {
    type Entry = Artifact;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        let more = match self.wanted.contains(Detail::VendorManifest) {
            true => ALL_OF_AN_ARTIFACT,
            false => "with_tag=true",
        };
        let more = format!("{more}&with_accessory=true&q=base%3D*&");
        first_page(below(base, &self.path), &more)
    }

    fn question(&self) -> Question {
        Question::Manifests
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Artifact>, RegistryError> {
        let document = page.good_of(&self.repository, self.question())?;
        let artifacts = documents(document, self.question())?;
        let artifact = |said: &Value| {
            let digest = said.get("digest").and_then(Value::as_text);
            let tags = tags_of(said).map(|tag| Some(name_of(tag)));
            let told = manifest_told(said, self.wanted);
            let entry = manifest_entry(digest.unwrap_or_default(), tags, told)?;
            Ok(Artifact {
                entry: ManifestEntry {
                    children: children_of(said),
                    ..entry
                },
                attached: attached_to(said),
            })
        };
        counted(
            page,
            Ok(VendorPage::of(artifacts, Onward::LinkedByQuery, artifact)),
        )
    }
}
