//! Which manifests each repository of a layout holds: what its tags point to, what those indexes name, as far as it is
//! there, and what `index.json` lists without a name.
//!
//! Nothing says to which repository that belongs. What is attached to something is where that is; the rest is in every
//! repository, as the content of a layout is. Which that are stands in the documents, so all of them are read, once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::catalog::Catalog;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, ManifestOrIndex, Repository, Tag};
use crate::registry::{self, Document, ManifestEntry, Page, RegistryError};

/// The manifests of each repository, by bytes.
pub(super) struct Holdings {
    shelves: BTreeMap<Repository, BTreeMap<Digest, ManifestEntry>>,
    /// What is listed and cannot be read as an entry. It may belong anywhere.
    faults: Vec<RegistryError>,
}

/// What a document says, or that it is not there.
#[derive(Clone)]
enum Read {
    Absent,
    /// It is there, and is not what it should be.
    Broken,
    Document(Rc<Told>),
}

/// What of a document matters here.
struct Told {
    descriptor: Descriptor,
    children: Vec<Descriptor>,
    subject: Option<Digest>,
}

struct Reader<F> {
    read: F,
    known: HashMap<Digest, Read>,
    most: usize,
}

impl Holdings {
    /// Reads everything that is listed, and what that names.
    pub(super) fn find(
        catalog: &Catalog,
        read: impl Fn(&Descriptor) -> Result<Document, RegistryError>,
        limits: &Limits,
    ) -> Self {
        let mut reader = Reader {
            read,
            known: HashMap::new(),
            most: limits.listing_names,
        };
        let mut shelves = BTreeMap::new();
        for (repository, tags) in catalog.tagged() {
            let mut shelf = BTreeMap::new();
            for (tag, descriptor) in tags {
                reader.put(&mut shelf, descriptor);
                if let Some(entry) = shelf.get_mut(&descriptor.digest) {
                    entry.tags.push(Tag::clone(tag));
                }
            }
            shelves.insert(repository.clone(), shelf);
        }
        let (unnamed, faults): (Vec<_>, Vec<_>) =
            catalog.unnamed().iter().cloned().partition(Result::is_ok);
        let unnamed: Vec<Descriptor> = unnamed.into_iter().flatten().collect();
        let rest = reader.attached(&mut shelves, unnamed);
        for shelf in shelves.values_mut() {
            rest.iter().for_each(|listed| reader.put(shelf, listed));
        }
        Self {
            shelves,
            faults: faults.into_iter().filter_map(Result::err).collect(),
        }
    }

    /// The manifests of a repository that is there.
    pub(super) fn of(&self, repository: &Repository) -> Page<ManifestEntry> {
        let shelf = self.shelves.get(repository).into_iter().flatten();
        Page {
            entries: shelf.map(|(_, entry)| entry.clone()).collect(),
            faults: self.faults.clone(),
        }
    }
}

impl<F: Fn(&Descriptor) -> Result<Document, RegistryError>> Reader<F> {
    /// Puts what is attached to something on its shelf, until nothing is left that is; gives the rest of what no shelf has.
    fn attached(
        &mut self,
        shelves: &mut BTreeMap<Repository, BTreeMap<Digest, ManifestEntry>>,
        mut unnamed: Vec<Descriptor>,
    ) -> Vec<Descriptor> {
        loop {
            let count = unnamed.len();
            unnamed.retain(|listed| {
                if shelves
                    .values()
                    .any(|shelf| shelf.contains_key(&listed.digest))
                {
                    return false;
                }
                let Read::Document(told) = self.read(listed) else {
                    return true;
                };
                let Some(subject) = &told.subject else {
                    return true;
                };
                let holders = shelves.values_mut();
                let holders = holders.filter(|shelf| shelf.contains_key(subject));
                let shelved = holders.map(|shelf| self.put(shelf, listed)).count();
                shelved == 0
            });
            if unnamed.len() == count {
                return unnamed;
            }
        }
    }

    /// Puts a manifest on a shelf, and what it names, as far as it is there: of an index not everything need be copied.
    fn put(&mut self, shelf: &mut BTreeMap<Digest, ManifestEntry>, listed: &Descriptor) {
        let root = &listed.digest;
        let mut visited = HashSet::new();
        let mut open = vec![listed.clone()];
        while let Some(listed) = open.pop() {
            if !visited.insert(listed.digest.clone()) || shelf.contains_key(&listed.digest) {
                continue;
            }
            let (descriptor, children) = match self.read(&listed) {
                Read::Absent if listed.digest != *root => continue,
                Read::Absent | Read::Broken => (Some(listed.clone()), None),
                Read::Document(told) => {
                    open.extend(told.children.iter().cloned());
                    let digests = told.children.iter().map(|child| child.digest.clone());
                    (Some(told.descriptor.clone()), Some(digests.collect()))
                }
            };
            let entry = ManifestEntry {
                digest: listed.digest.clone(),
                descriptor,
                tags: Vec::new(),
                children,
                told: registry::Told::new(),
            };
            shelf.insert(listed.digest, entry);
        }
    }

    /// Reads a document, once; of more than a listing may have, none.
    fn read(&mut self, listed: &Descriptor) -> Read {
        if let Some(known) = self.known.get(&listed.digest) {
            return known.clone();
        }
        let read = match self.known.len() < self.most {
            true => Read::of((self.read)(listed)),
            false => Read::Broken,
        };
        self.known.insert(listed.digest.clone(), read.clone());
        read
    }
}

impl Read {
    fn of(document: Result<Document, RegistryError>) -> Self {
        let Document { descriptor, value } = match document {
            Ok(document) => document,
            Err(RegistryError::NoContent(_)) => return Self::Absent,
            Err(_) => return Self::Broken,
        };
        // What `docker save` wrote has no manifests, and so none that names another.
        let media_type =
            (!descriptor.media_type.is_image_config()).then_some(&descriptor.media_type);
        let children = match media_type.map(|kind| ManifestOrIndex::read(&value, Some(kind))) {
            Some(Ok(ManifestOrIndex::Index(index))) => index.manifests,
            Some(Err(_)) => return Self::Broken,
            Some(Ok(_)) | None => Vec::new(),
        };
        let subject = value.get("subject").map(Descriptor::read);
        Self::Document(Rc::new(Told {
            subject: subject.and_then(Result::ok).map(|found| found.digest),
            descriptor,
            children,
        }))
    }
}
