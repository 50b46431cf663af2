//! Which manifests of a repository name which: found out once for all rows of it, when somebody reads it.
//!
//! Some listings say of an index what it names. Of the others each manifest that may be an index is asked for; one that
//! cannot be had, or a listing with a gap, leaves open what the parents of any other are (threats S6).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use futures_util::stream::{self, StreamExt};
use tokio::sync::OnceCell;

use super::Budget;
use crate::fields::Seen;
use crate::oci::{Descriptor, Digest, ManifestOrIndex, MediaType, Repository, Which};
use crate::registry::{Detail, ManifestEntry, Registry, RegistryError};
use crate::rows::Fault;
use crate::safe::Safe;
use crate::value::Value;

/// How many manifests are asked at once for what they name.
const ASKED_AT_ONCE: usize = 16;

/// The families of a run, by the place of the source and the repository.
#[derive(Default)]
pub(super) struct Families(RefCell<HashMap<(usize, Repository), Rc<Family>>>);

/// What is known of the manifests of one repository.
pub(super) struct Family {
    told: Parents,
    /// Those that may name others, where the listing does not say which.
    open: Vec<(Digest, Option<Descriptor>)>,
    /// Why some may not be listed.
    gap: Option<Fault>,
    found: OnceCell<Result<Parents, Fault>>,
}

/// The digests of the indexes that name a manifest, by its own.
#[derive(Debug, Clone, Default)]
struct Parents(BTreeMap<Digest, BTreeSet<Digest>>);

impl Parents {
    fn note(&mut self, index: &Digest, children: impl IntoIterator<Item = Digest>) {
        for child in children {
            self.0.entry(child).or_default().insert(index.clone());
        }
    }

    fn of(&self, digest: &Digest) -> Value {
        let parents = self.0.get(digest).into_iter().flatten();
        Value::list(parents.map(|parent| parent.to_string().into()).collect())
    }
}

impl Family {
    /// Reads what a listing says; `gap` is why it may not be whole.
    pub(super) fn of(entries: &[ManifestEntry], gap: Option<Fault>) -> Self {
        let (mut told, mut open) = (Parents::default(), Vec::new());
        for entry in entries {
            match &entry.children {
                Some(children) => told.note(&entry.digest, children.iter().cloned()),
                None if may_be_index(entry) => {
                    open.push((entry.digest.clone(), entry.descriptor.clone()));
                }
                None => {}
            }
        }
        let found = OnceCell::new();
        Self {
            told,
            open,
            gap,
            found,
        }
    }

    /// The parents of a manifest, where the listing says so much; none where more has to be asked.
    pub(super) fn told_of(&self, digest: &Digest) -> Option<Value> {
        let is_whole = self.open.is_empty() && self.gap.is_none();
        is_whole.then(|| self.told.of(digest))
    }

    /// The parents of a manifest.
    ///
    /// Errors: not everything that may name it can be had.
    async fn parents(
        &self,
        digest: &Digest,
        repository: &Repository,
        registry: &dyn Registry,
        budget: &Budget,
    ) -> Result<Value, Fault> {
        let find = || self.find(repository, registry, budget);
        let found = self.found.get_or_init(find).await;
        found
            .as_ref()
            .map(|found| found.of(digest))
            .map_err(Clone::clone)
    }

    async fn find(
        &self,
        repository: &Repository,
        registry: &dyn Registry,
        budget: &Budget,
    ) -> Result<Parents, Fault> {
        if let Some(gap) = &self.gap {
            return Err(gap.clone());
        }
        let mut found = self.told.clone();
        let ask = |(digest, descriptor): &(Digest, Option<Descriptor>)| {
            let (digest, descriptor) = (digest.clone(), descriptor.clone());
            async move {
                budget.spend()?;
                let which = Which::Digest(digest.clone());
                let answer = registry.manifest(repository, &which, descriptor.as_ref());
                let children = match answer.await {
                    Ok(document) => Seen::new(document.value, &document.descriptor)
                        .map(|seen| named(&seen.read))
                        .map_err(malformed)?,
                    // What went since it was listed names nothing any more.
                    Err(RegistryError::NoContent(_) | RegistryError::NoTag { .. }) => Vec::new(),
                    Err(error) => return Err(budget.note_failure(&error)),
                };
                budget.note_answer();
                Ok((digest, children))
            }
        };
        let mut answers = stream::iter(self.open.iter().map(ask)).buffered(ASKED_AT_ONCE);
        while let Some(answer) = answers.next().await {
            let (index, children) = answer?;
            found.note(&index, children);
        }
        Ok(found)
    }
}

impl Families {
    /// Takes in what was listed of a repository.
    pub(super) fn note(&self, source: usize, repository: &Repository, family: Rc<Family>) {
        let key = (source, repository.clone());
        self.0.borrow_mut().insert(key, family);
    }

    /// The parents of a manifest; none where its repository's manifests were not listed.
    ///
    /// Errors: not everything that may name it can be had.
    pub(super) async fn parents(
        &self,
        (source, repository): (usize, &Repository),
        digest: &Digest,
        registry: &dyn Registry,
        budget: &Budget,
    ) -> Result<Option<Value>, Fault> {
        let key = (source, repository.clone());
        let family = self.0.borrow().get(&key).cloned();
        let Some(family) = family else {
            return Ok(None);
        };
        let parents = family.parents(digest, repository, registry, budget);
        parents.await.map(Some)
    }
}

/// Tells whether a manifest may be an index: it is said to be, or nothing is said.
fn may_be_index(entry: &ManifestEntry) -> bool {
    let mut told = entry.told.iter();
    let told = told.find(|(detail, _)| *detail == Detail::MediaType);
    let told = told
        .and_then(|(_, value)| value.as_text())
        .map(MediaType::new);
    let known = entry.descriptor.as_ref().map(|found| &found.media_type);
    let known = known.or(told.as_ref());
    known.is_none_or(|known| known.is_index() || known.as_str().is_empty())
}

fn named(read: &ManifestOrIndex) -> Vec<Digest> {
    match read {
        ManifestOrIndex::Index(index) => {
            let children = index.manifests.iter();
            children.map(|child| child.digest.clone()).collect()
        }
        _ => Vec::new(),
    }
}

fn malformed(error: crate::oci::DocumentError) -> Fault {
    Fault {
        code: "MALFORMED".to_owned(),
        message: Safe::new(&error.to_string()),
    }
}
