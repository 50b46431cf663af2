//! What `docker save` wrote before Docker 25, and `podman save` and `skopeo` write for `docker-archive` still: configs and
//! layers, and a list of images (Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format").
//!
//! There are no manifests in it, and none is made up. A tag points to the config of its image, so the digest of what it
//! points to is the image ID. The digests of the layers are those that the config tells, of what is unpacked; their sizes
//! are those of the files that are there, which are not packed either, as a rule.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::archive::{Archive, inside};
use super::catalog::Catalog;
use super::names::{Unnamed, name_entry};
use super::opened::{document, failure};
use super::store::Store;
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, MediaType, Repository};
use crate::registry::document::Blob;
use crate::registry::error::outside;
use crate::registry::{Document, Refusal, RegistryError, Thing};
use crate::value::Value;

/// The list of images.
pub(super) const MANIFEST_FILE: &str = "manifest.json";

/// An archive of `docker save`.
pub(super) struct Saved {
    archive: Archive,
    images: HashMap<Digest, Image>,
    limits: Limits,
}

/// An image as the list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Image {
    /// The file of its config.
    config: String,
    /// The files of its layers, lowest first.
    layers: Vec<String>,
}

impl Saved {
    /// Reads the list of images and finds out what their IDs are.
    ///
    /// Errors: the list is not there, or is none. What is wrong with one image is wrong with its tags.
    pub(super) fn read(
        archive: Archive,
        limits: &Limits,
        fallback: &Repository,
    ) -> Result<(Self, Catalog), RegistryError> {
        let list = document(&archive, MANIFEST_FILE, limits.listing_bytes)?;
        let list = list.ok_or(RegistryError::NoContent(Thing::File(MANIFEST_FILE)))?;
        let entries = list.as_list();
        let entries = entries.ok_or_else(|| malformed("it is not a list of images"))?;
        let mut saved = Self {
            archive,
            images: HashMap::new(),
            limits: limits.clone(),
        };
        let mut catalog = Catalog::default();
        let mut configs = HashMap::new();
        for entry in entries {
            let names = names(entry);
            let found = saved.image(entry, &mut configs);
            if names.as_ref().is_ok_and(Vec::is_empty) {
                catalog.add_unnamed(found);
                continue;
            }
            for name in names.unwrap_or_else(|unnamed| vec![Err(unnamed)]) {
                let named = name.and_then(|name| name_entry(Some(&*name), None, fallback));
                catalog.list(named, |_, _| found.clone());
            }
        }
        catalog.close(fallback);
        Ok((saved, catalog))
    }

    /// Notes an image, and tells what its tags point to. Many images may have one config, which is read once.
    fn image(
        &mut self,
        entry: &Value,
        configs: &mut HashMap<String, Result<Descriptor, RegistryError>>,
    ) -> Result<Descriptor, RegistryError> {
        let image = Image::read(entry)?;
        let read = || self.describe(&image.config);
        let config = configs.entry(image.config.clone()).or_insert_with(read);
        let config = config.clone()?;
        let known = self.images.entry(config.digest.clone());
        match known.or_insert_with(|| image.clone()).layers == image.layers {
            true => Ok(config),
            false => Err(malformed(
                "two of its images have one config and other layers",
            )),
        }
    }

    fn describe(&self, file: &str) -> Result<Descriptor, RegistryError> {
        let content = self.content(file)?;
        Ok(described(Digest::of(&content), &content))
    }

    fn content(&self, config: &str) -> Result<Cow<'static, [u8]>, RegistryError> {
        let limit = self.limits.config_bytes;
        let thing = || Thing::Member(outside(config));
        let read = self.archive.read(config, limit);
        read.map_err(|error| failure(error, thing(), limit))
    }

    /// The config of an image by its digest.
    pub(super) fn config(&self, digest: &Digest) -> Result<Cow<'static, [u8]>, RegistryError> {
        self.content(&self.find(digest)?.config)
    }

    fn find(&self, digest: &Digest) -> Result<&Image, RegistryError> {
        let found = self.images.get(digest);
        found.ok_or_else(|| RegistryError::NoContent(Thing::Config(digest.clone())))
    }

    /// Puts together what is known of an image: its config, and its layers as they are there.
    pub(super) fn manifest(&self, digest: &Digest) -> Result<Document, RegistryError> {
        let image = self.find(digest)?;
        let content = self.content(&image.config)?;
        let config = Document::blob(&content, &described(digest.clone(), &content), Blob::Config)?;
        let diff_ids = config.value.at(&["rootfs", "diff_ids"]);
        let diff_ids = diff_ids.and_then(Value::as_list).unwrap_or_default();
        if diff_ids.len() != image.layers.len() {
            let thing = Thing::Config(digest.clone());
            let cause = "it tells of another number of layers than there are";
            return Err(RegistryError::malformed(thing, cause));
        }
        let mut layers = Vec::new();
        for (digest, file) in diff_ids.iter().zip(&image.layers) {
            let size = self.archive.size(file);
            let size = size.map_err(|error| failure(error, Thing::Member(outside(file)), 0))?;
            layers.push(blob(digest.clone(), size, None));
        }
        let own = config.descriptor;
        let config = blob(
            own.digest.to_string().into(),
            own.size,
            Some(&own.media_type),
        );
        let value = Value::map([
            (Arc::from("config"), config),
            (Arc::from("layers"), Value::list(layers)),
        ]);
        Document::saved(own, value)
    }
}

impl Image {
    fn read(entry: &Value) -> Result<Self, RegistryError> {
        let config = entry.get("Config").and_then(Value::as_text);
        let layers = match entry.get("Layers") {
            None | Some(Value::Null) => &[],
            Some(layers) => layers
                .as_list()
                .ok_or_else(|| malformed("`Layers` is not a list"))?,
        };
        let layers = layers.iter().map(|layer| path(layer.as_text()));
        Ok(Self {
            config: path(config)?,
            layers: layers.collect::<Result<_, _>>()?,
        })
    }
}

/// A file that the list names.
///
/// Errors: it is no text, or leads out of the archive (threats G10).
fn path(written: Option<&str>) -> Result<String, RegistryError> {
    let written = written.ok_or_else(|| malformed("one of its images lacks the name of a file"))?;
    inside(written).ok_or_else(|| RegistryError::UnsafeFile {
        file: outside(written),
        why: Refusal::Outside,
    })
}

/// The names of an image, as whole references: those of Docker Hub stand there as docker shows them.
fn names(entry: &Value) -> Result<Vec<Result<String, Unnamed>>, Unnamed> {
    let wrong = |cause| Unnamed {
        repository: None,
        fault: malformed(cause),
    };
    let names = match entry.get("RepoTags") {
        None | Some(Value::Null) => &[],
        Some(names) => names
            .as_list()
            .ok_or_else(|| wrong("`RepoTags` is not a list"))?,
    };
    let name = |name: &Value| {
        let name = name.as_text();
        let name = name.ok_or_else(|| wrong("a name of one of its images is not a text"))?;
        Ok(match name.contains('/') {
            true => name.to_owned(),
            false => format!("library/{name}"),
        })
    };
    Ok(names.iter().map(name).collect())
}

fn malformed(cause: &str) -> RegistryError {
    RegistryError::malformed(Thing::File(MANIFEST_FILE), cause)
}

fn described(digest: Digest, config: &[u8]) -> Descriptor {
    Descriptor {
        media_type: MediaType::new(MediaType::DOCKER_CONFIG),
        digest,
        size: config.len() as u64,
        platform: None,
        reference_type: None,
    }
}

fn blob(digest: Value, size: u64, media_type: Option<&MediaType>) -> Value {
    let media_type = media_type.map(|found| (Arc::from("mediaType"), Value::text(found.as_str())));
    let members = [
        (Arc::from("digest"), digest),
        (Arc::from("size"), Value::from(size)),
    ];
    Value::map(members.into_iter().chain(media_type))
}
