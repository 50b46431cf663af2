//! Asking: a facet becomes a call of the registry, the answer becomes evidence. One arm per facet.

mod attached;

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt};

use super::Budget;
use super::families::Families;
use super::listed::by_name;
use crate::fields::{Choice, Facet, FieldSet, PlatformChoice, Seen};
use crate::limits::{INDEX_CHILDREN, INDEX_DEPTH};
use crate::oci::{Attachment, Descriptor, Digest, Index, Manifest, ManifestOrIndex, Tag, Which};
use crate::plan::{Progress, next, shape};
use crate::query::Pattern;
use crate::registry::{Detail, Details, Document, Registry, RegistryError, Thing, Told};
use crate::rows::{Fault, Row, Standing};
use crate::safe::Safe;

/// How many children of one index are asked at once.
const CHILDREN_AT_ONCE: usize = 8;

/// Whom a row is asked of, and what the query says about it.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) registry: &'a dyn Registry,
    pub(super) platform: &'a PlatformChoice,
    pub(super) tags: &'a Pattern,
    pub(super) budget: &'a Budget,
    pub(super) families: &'a Families,
}

/// What became of a row that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Everything that was needed is there, or known to be out of reach.
    Done,
    /// The row itself is not there.
    Gone(Absent),
}

/// What of a row is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// Its tag.
    Tag,
    /// Its repository.
    Repository,
}

impl Asker<'_> {
    /// Asks until a row's needed fields are known or cannot be had.
    pub(super) async fn complete(&self, row: &mut Row, needed: FieldSet) -> Asked {
        let needed = needed.without(row.unoffered);
        while let Some(facet) = next(needed, &progress(row, needed)) {
            if let gone @ Asked::Gone(_) = self.ask(row, facet).await {
                return gone;
            }
        }
        Asked::Done
    }

    async fn ask(&self, row: &mut Row, facet: Facet) -> Asked {
        let answer = match facet {
            Facet::Name | Facet::Tag => Ok(()),
            Facet::Repository => self.repository(row).await,
            Facet::Activity => self.activity(row).await,
            Facet::TagList => self.tag_list(row).await,
            Facet::Parents => self.parents(row).await,
            Facet::Head => self.head(row).await,
            Facet::Manifest => self.manifest(row).await,
            Facet::Child => self.child(row).await,
            Facet::Children => self.children(row).await,
            Facet::Config => self.config(row).await,
            Facet::Referrers => self.referrers(row).await,
            Facet::SignatureTag => self.tagged(row, Attachment::Signature).await,
            Facet::AttestationTag => self.tagged(row, Attachment::Attestation).await,
            Facet::SbomTag => self.tagged(row, Attachment::Sbom).await,
            Facet::Attestations => self.attestations(row).await,
            Facet::Provenance => self.provenance(row).await,
            Facet::AttachedProvenance => self.attached_provenance(row).await,
        };
        match answer {
            Ok(()) => row.answered(facet),
            Err(Failure::Gone(absent)) => return Asked::Gone(absent),
            Err(Failure::Fault(fault)) => row.fail(facet, fault),
        }
        Asked::Done
    }

    /// What the vendor tells of the repository. That it does not know it says nothing about the registry.
    async fn repository(&self, row: &mut Row) -> Result<(), Failure> {
        self.budget.spend()?;
        let answer = self.registry.repository(&row.evidence.repository).await;
        let told = self.vendors_word(answer)?;
        row.evidence.hear(by_name(told));
        Ok(())
    }

    /// What the vendor tells of the tag.
    async fn activity(&self, row: &mut Row) -> Result<(), Failure> {
        let Some(tag) = row.evidence.tag.clone() else {
            return Ok(());
        };
        self.budget.spend()?;
        let answer = self.registry.tag(&row.evidence.repository, &tag).await;
        let told = self.vendors_word(answer)?;
        row.evidence.hear(by_name(told));
        Ok(())
    }

    fn vendors_word(&self, answer: Result<Told, RegistryError>) -> Result<Told, Failure> {
        match answer {
            Ok(told) => {
                self.budget.note_answer();
                Ok(told)
            }
            Err(error) => Err(self.budget.note_failure(&error).into()),
        }
    }

    async fn tag_list(&self, row: &mut Row) -> Result<(), Failure> {
        let mut found: Vec<Tag> = Vec::new();
        let mut pages = self.registry.tags(&row.evidence.repository, Details::EMPTY);
        while !pages.is_over() {
            self.budget.check()?;
            let Some(page) = self.heard(pages.next().await)? else {
                break;
            };
            self.budget.note_page();
            row.standing = Standing::There;
            if let Some(fault) = page.faults.first() {
                // A count that leaves something out would be a lie (threats S6).
                return Err(self.budget.note_failure(fault).into());
            }
            let tags = page.entries.into_iter().map(|entry| entry.tag);
            found.extend(tags.filter(|tag| self.tags.matches(tag.as_str())));
        }
        drop(pages);
        found.sort();
        found.dedup();
        row.evidence.tags = Some(found);
        Ok(())
    }

    /// Which indexes of its repository name the row.
    async fn parents(&self, row: &mut Row) -> Result<(), Failure> {
        let Some(digest) = row.evidence.digest() else {
            return Ok(());
        };
        let place = (row.source, &row.evidence.repository);
        let (registry, budget) = (self.registry, self.budget);
        let parents = self.families.parents(place, &digest, registry, budget);
        let parents = parents.await?;
        let parents = parents.map(|parents| (Detail::Parents.name(), parents));
        row.evidence.hear(parents);
        Ok(())
    }

    async fn head(&self, row: &mut Row) -> Result<(), Failure> {
        let Some(own) = row.evidence.which() else {
            return Ok(());
        };
        let known = row.evidence.digest().map(Which::Digest);
        let which = known.unwrap_or_else(|| own.clone());
        self.budget.spend()?;
        let answer = self.registry.head(&row.evidence.repository, &which).await;
        let mut seen = self.heard_of(Some(&own), answer)?;
        // What a listing told is not forgotten for an answer that says less.
        let listed = row.evidence.descriptor.as_ref();
        if let Some(listed) = listed.filter(|_| seen.media_type.as_str().is_empty()) {
            seen.media_type = listed.media_type.clone();
        }
        row.evidence.descriptor = Some(seen);
        row.standing = Standing::There;
        Ok(())
    }

    /// Gets what the tag points to: by digest where that is known, so that all facts of a row are of the same
    /// content, whatever happens to the tag meanwhile (threats D4).
    async fn manifest(&self, row: &mut Row) -> Result<(), Failure> {
        let expected = row.evidence.descriptor.clone();
        let own = row.evidence.which();
        let which = match (row.evidence.digest(), own.clone()) {
            (Some(digest), _) => Which::Digest(digest),
            (None, Some(which)) => which,
            (None, None) => return Ok(()),
        };
        self.budget.spend()?;
        let repository = &row.evidence.repository;
        let answer = self
            .registry
            .manifest(repository, &which, expected.as_ref())
            .await;
        let document = self.heard_of(own.as_ref(), answer)?;
        row.standing = Standing::There;
        let (descriptor, seen) = read(document)?;
        row.evidence.descriptor = Some(descriptor);
        row.evidence.top = Some(seen);
        row.evidence.choice = row
            .evidence
            .index()
            .map(|index| self.platform.choose(index));
        if row.evidence.choice == Some(Choice::Undetermined) {
            row.fail(Facet::Child, undetermined());
        }
        Ok(())
    }

    /// Gets the child that stands for an index; where that is an index again, the child that stands for it.
    async fn child(&self, row: &mut Row) -> Result<(), Failure> {
        for _ in 0..INDEX_DEPTH {
            let Some(Choice::Child(descriptor)) = row.evidence.choice.clone() else {
                return Ok(());
            };
            let seen = self.get(row, &descriptor).await?;
            let ManifestOrIndex::Index(index) = &*seen.read else {
                row.evidence.child = Some(seen);
                return Ok(());
            };
            row.evidence.choice = Some(self.platform.choose(index));
            if row.evidence.choice == Some(Choice::Undetermined) {
                return Err(undetermined().into());
            }
        }
        Err(too_deep().into())
    }

    /// Gets all images of an index, those of indexes inside it too, each once (threats B10).
    async fn children(&self, row: &mut Row) -> Result<(), Failure> {
        let Some(index) = row.evidence.index() else {
            return Ok(());
        };
        let mut found: Vec<(Digest, Seen)> = Vec::new();
        let mut visited: HashSet<Digest> = HashSet::new();
        let mut level: Vec<Descriptor> = images(index, &mut visited);
        for _ in 0..INDEX_DEPTH {
            if level.is_empty() {
                self.take_children(row, found);
                return Ok(());
            }
            let asked = level.iter().map(|child| async {
                let seen = match chosen(row, child) {
                    Some(seen) => seen.clone(),
                    None => self.get(row, child).await?,
                };
                Ok((child.digest.clone(), seen))
            });
            let answers: Vec<Result<(Digest, Seen), Failure>> = stream::iter(asked)
                .buffered(CHILDREN_AT_ONCE)
                .collect()
                .await;
            let mut deeper = Vec::new();
            for answer in answers {
                let (digest, seen) = answer?;
                match &*seen.read {
                    ManifestOrIndex::Index(index) => deeper.extend(images(index, &mut visited)),
                    _ => found.push((digest, seen)),
                }
            }
            if visited.len() > INDEX_CHILDREN {
                return Err(too_deep().into());
            }
            level = deeper;
        }
        Err(too_deep().into())
    }

    /// Keeps the manifests of all children, and the one that stands for the index as its child.
    fn take_children(&self, row: &mut Row, found: Vec<(Digest, Seen)>) {
        let manifests = found.iter().filter_map(|(_, seen)| match &*seen.read {
            ManifestOrIndex::Manifest(manifest) => Some(manifest.clone()),
            _ => None,
        });
        row.evidence.children = Some(manifests.collect::<Vec<Manifest>>());
        if let Some(Choice::Child(chosen)) = &row.evidence.choice {
            let child = found
                .into_iter()
                .find(|(digest, _)| *digest == chosen.digest);
            if let Some((_, seen)) = child {
                row.evidence.child = Some(seen);
                row.answered(Facet::Child);
            }
        }
    }

    async fn get(&self, row: &Row, descriptor: &Descriptor) -> Result<Seen, Failure> {
        self.budget.spend()?;
        let which = Which::Digest(descriptor.digest.clone());
        let repository = &row.evidence.repository;
        let answer = self
            .registry
            .manifest(repository, &which, Some(descriptor))
            .await;
        read(self.heard(answer)?).map(|(_, seen)| seen)
    }

    /// A child of an index, which is none of its rows yet.
    pub(super) async fn child_of(&self, row: &Row, child: &Descriptor) -> Result<Seen, Fault> {
        self.get(row, child).await.map_err(|failure| match failure {
            Failure::Fault(fault) => fault,
            Failure::Gone(_) => not_there(child),
        })
    }

    async fn config(&self, row: &mut Row) -> Result<(), Failure> {
        let Some(descriptor) = row
            .evidence
            .image_manifest()
            .map(|found| found.config.clone())
        else {
            return Ok(());
        };
        self.budget.spend()?;
        let answer = self
            .registry
            .config(&row.evidence.repository, &descriptor)
            .await;
        row.evidence.config = Some(self.heard(answer)?.value);
        Ok(())
    }

    /// Notes how a question about the row itself went: what it names by its digest may be absent, as a tag may.
    fn heard_of<T>(
        &self,
        own: Option<&Which>,
        answer: Result<T, RegistryError>,
    ) -> Result<T, Failure> {
        match (own, &answer) {
            (Some(Which::Digest(own)), Err(RegistryError::NoContent(Thing::Manifest(digest))))
                if own == digest =>
            {
                self.budget.note_answer();
                Err(Failure::Gone(Absent::Tag))
            }
            _ => self.heard(answer),
        }
    }

    /// Notes how a question went.
    fn heard<T>(&self, answer: Result<T, RegistryError>) -> Result<T, Failure> {
        match answer {
            Ok(answer) => {
                self.budget.note_answer();
                Ok(answer)
            }
            Err(RegistryError::NoTag { .. }) => {
                self.budget.note_answer();
                Err(Failure::Gone(Absent::Tag))
            }
            Err(RegistryError::NoRepository(_)) => Err(Failure::Gone(Absent::Repository)),
            Err(error) => Err(self.budget.note_failure(&error).into()),
        }
    }
}

/// Why a facet was not answered.
enum Failure {
    /// The row itself is not there.
    Gone(Absent),
    /// It could not be had.
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

fn progress(row: &Row, needed: FieldSet) -> Progress {
    Progress {
        present: row.present(needed),
        asked: row.asked(),
        failed: row.failed(),
        shape: shape(&row.evidence),
    }
}

fn read(document: Document) -> Result<(Descriptor, Seen), Failure> {
    match Seen::new(document.value, &document.descriptor) {
        Ok(seen) => Ok((document.descriptor, seen)),
        Err(error) => Err(Failure::Fault(Fault {
            code: "MALFORMED".to_owned(),
            message: Safe::new(&error.to_string()),
        })),
    }
}

/// The document of a child, if that is the one that stands for the index and was asked for before.
fn chosen<'a>(row: &'a Row, child: &Descriptor) -> Option<&'a Seen> {
    match &row.evidence.choice {
        Some(Choice::Child(chosen)) if chosen.digest == child.digest => row.evidence.child.as_ref(),
        _ => None,
    }
}

/// The images of an index that were not seen yet.
fn images(index: &Index, visited: &mut HashSet<Digest>) -> Vec<Descriptor> {
    let new = |child: &&Descriptor| visited.insert(child.digest.clone());
    index.images().filter(new).cloned().collect()
}

fn undetermined() -> Fault {
    Fault {
        code: "PLATFORM_UNKNOWN".to_owned(),
        message: Safe::new(
            "no child of the index is for the wanted platform, and some do not say what they are for",
        ),
    }
}

fn not_there(child: &Descriptor) -> Fault {
    Fault {
        code: "MANIFEST_UNKNOWN".to_owned(),
        message: Safe::new(&format!("the manifest {} is not there", child.digest)),
    }
}

pub(super) fn too_deep() -> Fault {
    Fault {
        code: "INDEX_TOO_DEEP".to_owned(),
        message: Safe::new(&format!(
            "the index holds indexes more than {INDEX_DEPTH} deep, or more than {INDEX_CHILDREN} children"
        )),
    }
}
