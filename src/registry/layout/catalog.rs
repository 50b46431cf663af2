//! What `index.json` lists: repositories, their tags, and what could not be made either.
//!
//! One bad entry spoils itself only. An entry without a name makes no tag; one whose name is not valid is a
//! fault of the listing it would have stood in; one whose name is good and whose descriptor is not is a tag
//! that carries its fault.

use std::collections::BTreeMap;

use super::names::{IMAGE_NAME, REF_NAME, Unnamed, name_entry};
use crate::oci::{Descriptor, Repository, Tag};
use crate::registry::{Page, RegistryError, RepositoryEntry, TagEntry, Thing};
use crate::value::Value;

pub(super) const INDEX_FILE: &str = "index.json";

/// The repositories of a layout, in natural order.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    repositories: BTreeMap<Repository, Shelf>,
    faults: Vec<RegistryError>,
    /// Everything that is listed, under a name or not.
    entries: Vec<Result<Descriptor, RegistryError>>,
    /// What is listed without a name.
    unnamed: Vec<Result<Descriptor, RegistryError>>,
}

/// The tags of one repository, in natural order.
#[derive(Debug, Default)]
struct Shelf {
    tags: BTreeMap<Tag, Result<Descriptor, RegistryError>>,
    faults: Vec<RegistryError>,
}

impl Catalog {
    /// Reads `index.json` (image-spec 1.1, image-layout.md, "index.json file").
    ///
    /// Errors: it is no index. `"manifests": null` is an empty one, as `umoci init` writes it (threats D6).
    pub(super) fn read(index: &Value, fallback: &Repository) -> Result<Self, RegistryError> {
        let malformed = |cause| RegistryError::malformed(Thing::File(INDEX_FILE), cause);
        let entries = match index.get("manifests") {
            Some(Value::Null) => &[],
            Some(list) => list
                .as_list()
                .ok_or_else(|| malformed("its `manifests` is not a list"))?,
            None => return Err(malformed("it has no `manifests`")),
        };
        let mut catalog = Self::default();
        for entry in entries {
            let read = Descriptor::read(entry).map_err(malformed_entry);
            if !catalog.add(entry, fallback) {
                catalog.unnamed.push(read.clone());
            }
            catalog.entries.push(read);
        }
        catalog.close(fallback);
        Ok(catalog)
    }

    /// Notes what is listed without a name.
    pub(super) fn add_unnamed(&mut self, found: Result<Descriptor, RegistryError>) {
        self.unnamed.push(found);
    }

    /// Where nothing at all has a name, all of it is in one repository.
    pub(super) fn close(&mut self, fallback: &Repository) {
        let is_nameless = self.repositories.is_empty() && self.faults.is_empty();
        if is_nameless && !self.unnamed.is_empty() {
            self.shelf(fallback.clone());
        }
    }

    /// Lists an entry under its name; tells whether it has one, good or bad.
    fn add(&mut self, entry: &Value, fallback: &Repository) -> bool {
        let named = names(entry)
            .and_then(|(image_name, ref_name)| name_entry(image_name, ref_name, fallback));
        let is_named = !matches!(named, Ok(None));
        self.list(named, |repository, tag| {
            Descriptor::read(entry).map_err(|error| {
                RegistryError::malformed(Thing::Entry(repository.clone(), tag.clone()), error)
            })
        });
        is_named
    }

    /// Lists what an entry is called, and what it points to.
    pub(super) fn list(
        &mut self,
        named: Result<Option<(Repository, Tag)>, Unnamed>,
        read: impl FnOnce(&Repository, &Tag) -> Result<Descriptor, RegistryError>,
    ) {
        match named {
            Ok(None) => {}
            Ok(Some((repository, tag))) => {
                let descriptor = read(&repository, &tag);
                self.put(repository, tag, descriptor);
            }
            Err(unnamed) => match unnamed.repository {
                Some(repository) => self.shelf(repository).faults.push(unnamed.fault),
                None => self.faults.push(unnamed.fault),
            },
        }
    }

    /// Puts a tag on its shelf. The same tag for the same content is one tag; for different content it is
    /// ambiguous, and no reader may pick (image-spec allows it, for a choice by platform that tags have not).
    fn put(&mut self, repository: Repository, tag: Tag, found: Result<Descriptor, RegistryError>) {
        let shelf = self.shelf(repository.clone());
        let Some(known) = shelf.tags.get_mut(&tag) else {
            shelf.tags.insert(tag, found);
            return;
        };
        let is_same =
            matches!((&*known, &found), (Ok(known), Ok(found)) if says_the_same(known, found));
        if !is_same {
            *known = Err(RegistryError::AmbiguousTag { repository, tag });
        }
    }

    fn shelf(&mut self, repository: Repository) -> &mut Shelf {
        self.repositories.entry(repository).or_default()
    }

    /// Everything that is listed, under a name or not.
    pub(super) fn entries(&self) -> &[Result<Descriptor, RegistryError>] {
        &self.entries
    }

    /// What is listed without a name.
    pub(super) fn unnamed(&self) -> &[Result<Descriptor, RegistryError>] {
        &self.unnamed
    }

    /// What the tags of each repository point to, as far as that is known.
    pub(super) fn tagged(
        &self,
    ) -> impl Iterator<Item = (&Repository, impl Iterator<Item = (&Tag, &Descriptor)>)> {
        self.repositories.iter().map(|(repository, shelf)| {
            let tags = shelf.tags.iter();
            let good = tags.filter_map(|(tag, found)| Some((tag, found.as_ref().ok()?)));
            (repository, good)
        })
    }

    /// Lists the repositories.
    pub(super) fn repositories(&self) -> Page<RepositoryEntry> {
        let names = self.repositories.keys().cloned();
        Page {
            entries: names.map(RepositoryEntry::named).collect(),
            faults: self.faults.clone(),
        }
    }

    /// Lists the tags of a repository.
    pub(super) fn tags(&self, repository: &Repository) -> Result<Page<TagEntry>, RegistryError> {
        let shelf = self.find(repository)?;
        let entries = shelf.tags.iter().map(|(tag, listed)| TagEntry {
            descriptor: listed.clone().map(|listed| Some(listed).filter(says_all)),
            ..TagEntry::named(tag.clone())
        });
        Ok(Page {
            entries: entries.collect(),
            faults: shelf.faults.clone(),
        })
    }

    /// Finds what a tag points to.
    pub(super) fn tag(
        &self,
        repository: &Repository,
        tag: &Tag,
    ) -> Result<&Descriptor, RegistryError> {
        match self.find(repository)?.tags.get(tag) {
            Some(listed) => listed.as_ref().map_err(Clone::clone),
            None => Err(RegistryError::NoTag {
                repository: repository.clone(),
                tag: tag.clone(),
            }),
        }
    }

    /// Checks that there is such a repository.
    pub(super) fn check(&self, repository: &Repository) -> Result<(), RegistryError> {
        self.find(repository).map(|_| ())
    }

    fn find(&self, repository: &Repository) -> Result<&Shelf, RegistryError> {
        self.repositories
            .get(repository)
            .ok_or_else(|| RegistryError::NoRepository(repository.clone()))
    }
}

fn malformed_entry(cause: crate::oci::DocumentError) -> RegistryError {
    RegistryError::malformed(Thing::File(INDEX_FILE), cause)
}

/// The two annotations that name an entry.
fn names(entry: &Value) -> Result<(Option<&str>, Option<&str>), Unnamed> {
    let malformed = |cause| Unnamed {
        repository: None,
        fault: RegistryError::malformed(Thing::File(INDEX_FILE), cause),
    };
    let annotation = |name| match entry.at(&["annotations", name]) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Text(text)) => Ok(Some(&**text)),
        Some(_) => Err(malformed(
            "an annotation of one of its entries is not a text",
        )),
    };
    match entry {
        Value::Map(_) => Ok((annotation(IMAGE_NAME)?, annotation(REF_NAME)?)),
        _ => Err(malformed("one of its entries is not an object")),
    }
}

fn says_the_same(one: &Descriptor, other: &Descriptor) -> bool {
    (&one.digest, one.size, &one.media_type) == (&other.digest, other.size, &other.media_type)
}

/// Tells whether an entry says all that a document would: without a media type the document has to be asked.
pub(super) fn says_all(descriptor: &Descriptor) -> bool {
    !descriptor.media_type.as_str().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Digest;
    use crate::value::parse_json;

    fn entry(name: &str, content: &str, more: &str) -> String {
        let digest = Digest::of(content.as_bytes());
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{digest}","size":7,
                "annotations":{{"{REF_NAME}":"{name}"}}{more}}}"#
        )
    }

    fn catalog(entries: &[String]) -> Catalog {
        let text = format!(
            r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
            entries.join(",")
        );
        Catalog::read(
            &parse_json(text.as_bytes()).unwrap(),
            &"folder".parse().unwrap(),
        )
        .unwrap()
    }

    /// Each tag of a repository with `ok`, `?` or the code of its fault; then the faults of the listing.
    fn tags(catalog: &Catalog, repository: &str) -> Vec<String> {
        let page = catalog.tags(&repository.parse().unwrap()).unwrap();
        let entries = page.entries.iter().map(|entry| match &entry.descriptor {
            Ok(Some(_)) => format!("{} ok", entry.tag),
            Ok(None) => format!("{} ?", entry.tag),
            Err(fault) => format!("{} {}", entry.tag, fault.code()),
        });
        entries
            .chain(page.faults.iter().map(ToString::to_string))
            .collect()
    }

    #[test]
    fn everything_is_in_natural_order_by_bytes() {
        let catalog = catalog(
            &["b:2", "b:10", "a/z:1", "B", "b:Z", "a:1", "b:a"].map(|name| entry(name, name, "")),
        );
        let names: Vec<String> = catalog
            .repositories()
            .entries
            .iter()
            .map(|entry| entry.repository.to_string())
            .collect();
        assert_eq!(names, ["a", "a/z", "b", "folder"]);
        assert_eq!(tags(&catalog, "b"), ["10 ok", "2 ok", "Z ok", "a ok"]);
    }

    #[test]
    fn the_same_tag_twice_is_one_tag_and_never_a_choice() {
        let catalog = catalog(&[
            entry("same", "x", ""),
            entry("same", "x", ""),
            entry("other", "x", ""),
            entry("other", "y", ""),
            entry("other", "x", ""),
        ]);
        assert_eq!(tags(&catalog, "folder"), ["other AMBIGUOUS_TAG", "same ok"]);
    }

    #[test]
    fn d1_a_tag_with_a_bad_descriptor_carries_its_fault_and_spares_the_others() {
        let good = entry("good", "x", "");
        let catalog = catalog(&[
            entry("md5", "x", "").replace("sha256:", "md5:"),
            entry("size", "x", "").replace(r#""size":7"#, r#""size":-7"#),
            entry("untyped", "x", "").replace("mediaType", "type"),
            good,
        ]);
        assert_eq!(
            tags(&catalog, "folder"),
            ["good ok", "md5 MALFORMED", "size MALFORMED", "untyped ?"]
        );
    }

    #[test]
    fn s6_names_that_are_not_valid_are_faults_of_the_listing_they_would_stand_in() {
        let catalog = catalog(&[
            entry("1+1", "x", ""),
            entry("1", "x", ""),
            entry("Team/App:1", "x", ""),
        ]);
        assert_eq!(
            tags(&catalog, "folder"),
            ["1 ok", "`1+1`, which is listed, is not a valid tag"]
        );
        let page = catalog.repositories();
        assert_eq!((page.entries.len(), page.faults.len()), (1, 1));
        assert_eq!(page.faults[0].code(), "NAME_INVALID");
    }

    #[test]
    fn s6_entries_that_cannot_be_named_are_faults_and_unnamed_ones_are_not() {
        let catalog = catalog(&[
            "5".to_owned(),
            entry("x", "x", "").replace(r#""x""#, "5"),
            "{}".to_owned(),
            entry("", "x", ""),
        ]);
        let page = catalog.repositories();
        let codes: Vec<&str> = page.faults.iter().map(RegistryError::code).collect();
        assert_eq!(
            (page.entries.len(), codes),
            (0, vec!["MALFORMED", "MALFORMED"])
        );
    }

    #[test]
    fn d6_an_index_of_null_is_empty_and_one_without_a_list_is_malformed() {
        let read = |text: &str| {
            Catalog::read(
                &parse_json(text.as_bytes()).unwrap(),
                &"folder".parse().unwrap(),
            )
        };
        assert_eq!(
            read(r#"{"manifests":null}"#)
                .unwrap()
                .repositories()
                .entries,
            []
        );
        for text in [
            "{}",
            "[]",
            "null",
            r#"{"manifests":{}}"#,
            r#"{"manifests":"x"}"#,
        ] {
            assert_eq!(read(text).unwrap_err().code(), "MALFORMED", "{text}");
        }
    }

    #[test]
    fn what_is_not_listed_is_absent() {
        let catalog = catalog(&[entry("1", "x", "")]);
        let folder = "folder".parse().unwrap();
        assert!(catalog.tag(&folder, &"1".parse().unwrap()).is_ok());
        assert!(
            catalog
                .tag(&folder, &"2".parse().unwrap())
                .unwrap_err()
                .is_absent()
        );
        assert!(
            catalog
                .tags(&"nowhere".parse().unwrap())
                .unwrap_err()
                .is_absent()
        );
    }
}
