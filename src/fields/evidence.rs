//! What has been gathered about one row: documents as they came, and what they were read as.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::attached::Attached;
use crate::oci::{
    Descriptor, Digest, Index, Manifest, ManifestOrIndex, MediaType, Platform, Referrer,
    Repository, Schema1, Tag, Which,
};
use crate::value::Value;

/// Everything known about one row so far. Every member but the names is absent until the request that
/// brings it was answered.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// How the row's registry is called: `ghcr.io`, `oci:demo`.
    pub registry: Arc<str>,
    /// The source's prefix, which `path` leaves out; empty or ending in a slash.
    pub prefix: Arc<str>,
    /// The repository.
    pub repository: Repository,
    /// The tag, unless the row is a repository, or a query names a digest alone.
    pub tag: Option<Tag>,
    /// The digest that a query names beside the tag, or in its place.
    pub pinned: Option<Digest>,
    /// What a vendor tells of the repository and the tag, by the names of the fields that it is.
    pub told: Vec<(&'static str, Value)>,
    /// What the tag points to, from a listing that carries it, a HEAD or a GET.
    pub descriptor: Option<Descriptor>,
    /// What the tag points to, as a document.
    pub top: Option<Seen>,
    /// Which child stands for an index; absent until `top` is one.
    pub choice: Option<Choice>,
    /// The child that stands for an index, as a document.
    pub child: Option<Seen>,
    /// All images of an index, as documents.
    pub children: Option<Vec<Manifest>>,
    /// The image's config.
    pub config: Option<Value>,
    /// The tags of a repository.
    pub tags: Option<Vec<Tag>>,
    /// What is attached; the rows of all it is taken apart into share it.
    pub attached: Arc<Attached>,
    /// What of it the row is, if that is one thing that is attached.
    pub referrer: Option<Arc<Referrer>>,
    /// The tags of the repository that tools made, if a listing told all of them.
    pub technical: Option<Arc<BTreeSet<Tag>>>,
    /// Which part of what the tag points to the row is; none where it is all of it.
    pub part: Option<Part>,
}

/// A part of what a tag points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// An image, by its place in the index from 0.
    Image(usize),
    /// A layer of the image, by its place from 0, lowest first.
    Layer(usize),
    /// Something that is attached.
    Referrer,
}

/// A document and what it was read as.
#[derive(Debug, Clone)]
pub struct Seen {
    /// As it came.
    pub document: Value,
    /// As it was read; the rows of all its parts share it.
    pub read: Arc<ManifestOrIndex>,
}

/// A layer of an image. Docker's first format says of it what it is called and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer<'a> {
    /// Its digest.
    pub digest: &'a Digest,
    /// Its compressed bytes.
    pub size: Option<u64>,
    /// Its media type.
    pub media_type: Option<&'a MediaType>,
}

/// Which child stands for an index.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// This one.
    Child(Descriptor),
    /// None is for a platform that the query asks for.
    Nobody,
    /// None fits, but some do not say what they are for.
    Undetermined,
}

/// Which platform a query asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlatformChoice {
    /// In order of preference; empty where the query does not say.
    pub wanted: Vec<Platform>,
}

impl PlatformChoice {
    /// Chooses the child that stands for an index: the first that satisfies the first wanted platform that any
    /// satisfies. Where the query does not say: linux/amd64, else the first image.
    pub fn choose(&self, index: &Index) -> Choice {
        let fits = |wanted: &Platform| {
            index.images().find(|child| {
                let platform = child.platform.as_ref();
                platform.is_some_and(|platform| platform.satisfies(wanted))
            })
        };
        let chosen = if self.wanted.is_empty() {
            fits(&Platform::standard()).or_else(|| index.images().next())
        } else {
            self.wanted.iter().find_map(fits)
        };
        match chosen {
            Some(child) => Choice::Child(child.clone()),
            None if index.images().any(|child| child.platform.is_none()) => Choice::Undetermined,
            None => Choice::Nobody,
        }
    }
}

impl Evidence {
    /// What is known of a repository before anything is asked.
    pub fn of_repository(registry: Arc<str>, prefix: Arc<str>, repository: Repository) -> Self {
        Self {
            registry,
            prefix,
            repository,
            tag: None,
            pinned: None,
            told: Vec::new(),
            descriptor: None,
            top: None,
            choice: None,
            child: None,
            children: None,
            config: None,
            tags: None,
            attached: Arc::default(),
            referrer: None,
            technical: None,
            part: None,
        }
    }

    /// `REGISTRY/REPOSITORY[:TAG]`, or `REGISTRY/REPOSITORY@DIGEST` where there is no tag but a digest.
    pub fn reference(&self) -> String {
        let repository = format!("{}/{}", self.registry, self.repository);
        match (&self.tag, &self.pinned) {
            (Some(tag), _) => format!("{repository}:{tag}"),
            (None, Some(digest)) => format!("{repository}@{digest}"),
            (None, None) => repository,
        }
    }

    /// The row in one word: its reference, or `REGISTRY/REPOSITORY@DIGEST` of the part that it is.
    pub fn name(&self) -> String {
        let digest = match self.part {
            Some(Part::Image(_)) => self.image_descriptor().map(|image| &image.digest),
            Some(Part::Layer(at)) => self.layer(at).map(|layer| layer.digest),
            Some(Part::Referrer) => self.referrer.as_ref().map(|thing| &thing.descriptor.digest),
            None => None,
        };
        match digest {
            Some(digest) => format!("{}/{}@{digest}", self.registry, self.repository),
            None => self.reference(),
        }
    }

    /// What a vendor tells under the name of a field; null where it says that there is nothing.
    pub fn told(&self, name: &str) -> Option<&Value> {
        let told = self.told.iter().find(|(known, _)| *known == name);
        told.map(|(_, value)| value)
    }

    /// Takes in what a vendor tells. What it told first stays, so that all facts of a row are of one moment.
    pub fn hear(&mut self, told: impl IntoIterator<Item = (&'static str, Value)>) {
        for (name, value) in told {
            if self.told(name).is_none() {
                self.told.push((name, value));
            }
        }
    }

    /// The digest of what the tag points to: by an answer of the registry, else by a vendor's word.
    pub fn digest(&self) -> Option<Digest> {
        let known = self.descriptor.as_ref().map(|found| found.digest.clone());
        known.or_else(|| self.told("digest")?.as_text()?.parse().ok())
    }

    /// The media type of what the tag points to, likewise.
    pub fn media_type(&self) -> Option<MediaType> {
        let known = self.descriptor.as_ref();
        let known = known.map(|found| found.media_type.clone());
        known.or_else(|| Some(MediaType::new(self.told("media_type")?.as_text()?)))
    }

    /// What is asked for when the row itself is: its tag, or the digest that stands in its place.
    pub fn which(&self) -> Option<Which> {
        let tag = self.tag.clone().map(Which::Tag);
        tag.or_else(|| self.pinned.clone().map(Which::Digest))
    }

    /// What the manifest of the row's image is, if it is known: as the index lists it, or what the tag points to.
    pub fn image_descriptor(&self) -> Option<&Descriptor> {
        match (&self.choice, &self.top) {
            (Some(_), _) => self.listed_image(),
            (None, Some(_)) => self.descriptor.as_ref(),
            (None, None) => None,
        }
    }

    /// How many layers the row's image has; none while that is not known.
    pub fn layer_count(&self) -> Option<usize> {
        match &*self.image()?.read {
            ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => {
                Some(image.layers.len())
            }
            ManifestOrIndex::Schema1(schema1) => Some(schema1.layers.len()),
            ManifestOrIndex::Index(_) => None,
        }
    }

    /// A layer of the row's image, lowest first.
    pub fn layer(&self, at: usize) -> Option<Layer<'_>> {
        match &*self.image()?.read {
            ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => {
                image.layers.get(at).map(|layer| Layer {
                    digest: &layer.digest,
                    size: Some(layer.size),
                    media_type: Some(&layer.media_type),
                })
            }
            ManifestOrIndex::Schema1(schema1) => schema1.layers.get(at).map(|digest| Layer {
                digest,
                size: None,
                media_type: None,
            }),
            ManifestOrIndex::Index(_) => None,
        }
    }

    /// The document that describes the row's image: what the tag points to, or the child that stands for
    /// it. None while it was not fetched, and where an index has no child for the row.
    pub fn image(&self) -> Option<&Seen> {
        match &self.top {
            Some(top) if matches!(*top.read, ManifestOrIndex::Index(_)) => self.child.as_ref(),
            top => top.as_ref(),
        }
    }

    /// The row's image manifest, if it is in the OCI or schema 2 format, or what is known of an image that has none.
    pub fn image_manifest(&self) -> Option<&Manifest> {
        match &*self.image()?.read {
            ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => Some(image),
            _ => None,
        }
    }

    /// The row's image, if it is in the schema 1 format.
    pub fn schema1(&self) -> Option<&Schema1> {
        match &*self.image()?.read {
            ManifestOrIndex::Schema1(schema1) => Some(schema1),
            _ => None,
        }
    }

    /// The index that the tag points to, if it is one.
    pub fn index(&self) -> Option<&Index> {
        match &*self.top.as_ref()?.read {
            ManifestOrIndex::Index(index) => Some(index),
            _ => None,
        }
    }

    /// The child that is the row's image, as the index lists it. An index inside the index is not the image, and what
    /// does not say what it is may be one: which image stands for those is settled when it is there.
    pub fn listed_image(&self) -> Option<&Descriptor> {
        let Some(Choice::Child(child)) = &self.choice else {
            return None;
        };
        let says_image = !child.media_type.is_index() && !child.media_type.as_str().is_empty();
        Some(child).filter(|_| says_image || self.child.is_some())
    }

    /// Tells whether it is settled that the row has no image: the index has no child for it.
    pub fn has_no_child(&self) -> bool {
        self.choice == Some(Choice::Nobody)
    }

    /// Tells whether it is settled that the row has no image config: there is no image, or it is an artifact.
    pub fn has_no_config(&self) -> bool {
        self.has_no_child()
            || self
                .image_manifest()
                .is_some_and(|manifest| !manifest.is_image())
    }

    /// Drops the documents, once the facts that are needed of them were read.
    pub fn drop_documents(&mut self) {
        for seen in [&mut self.top, &mut self.child].into_iter().flatten() {
            seen.document = Value::Null;
        }
        self.config = None;
        self.children = None;
        self.tags = None;
    }
}

impl Seen {
    /// Reads a document. Errors: see [`ManifestOrIndex::read`].
    pub fn new(
        document: Value,
        descriptor: &Descriptor,
    ) -> Result<Self, crate::oci::DocumentError> {
        let media_type = &descriptor.media_type;
        let read = match media_type.is_image_config() {
            // What `docker save` wrote has no manifests: what a tag points to is a config.
            true => ManifestOrIndex::saved(&document)?,
            false => ManifestOrIndex::read(&document, Some(media_type))?,
        };
        Ok(Self {
            document,
            read: Arc::new(read),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_json;

    fn index(platforms: &[&str]) -> Index {
        let children: Vec<String> = platforms
            .iter()
            .enumerate()
            .map(|(at, platform)| {
                let platform = match platform.split_once('/') {
                    Some((os, arch)) => {
                        format!(r#","platform":{{"os":"{os}","architecture":"{arch}"}}"#)
                    }
                    None => String::new(),
                };
                let digest = format!("sha256:{at:064}");
                format!(r#"{{"digest":"{digest}","size":1{platform}}}"#)
            })
            .collect();
        let text = format!(r#"{{"manifests":[{}]}}"#, children.join(","));
        let document = parse_json(text.as_bytes()).unwrap();
        match ManifestOrIndex::read(&document, None) {
            Ok(ManifestOrIndex::Index(index)) => index,
            other => panic!("not an index: {other:?}"),
        }
    }

    fn chosen(wanted: &[&str], platforms: &[&str]) -> Option<String> {
        let wanted = wanted.iter().map(|text| text.parse().unwrap()).collect();
        match (PlatformChoice { wanted }).choose(&index(platforms)) {
            Choice::Child(child) => {
                Some(child.platform.map_or("?".into(), |found| found.to_string()))
            }
            Choice::Nobody => None,
            Choice::Undetermined => Some("undetermined".into()),
        }
    }

    #[test]
    fn which_child_stands_for_an_index() {
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(
            chosen(&[], &["linux/arm64", "linux/amd64"]),
            found("linux/amd64")
        );
        assert_eq!(
            chosen(&[], &["unknown/unknown", "linux/arm64"]),
            found("linux/arm64")
        );
        assert_eq!(chosen(&[], &["-"]), found("?"));
        assert_eq!(chosen(&[], &[]), None);
        let both = ["linux/amd64", "linux/arm64"];
        assert_eq!(
            chosen(&["linux/s390x", "linux/arm64"], &both),
            found("linux/arm64")
        );
        assert_eq!(chosen(&["linux/s390x"], &both), None);
        assert_eq!(
            chosen(&["linux/s390x"], &["linux/amd64", "-"]),
            found("undetermined")
        );
    }
}
