//! What a tag can point to: images, indexes, artifacts, each described by what matters to a test.

use std::collections::BTreeMap;

use regq::oci::{Digest, MediaType};
use serde_json::{Value, json};

/// Blobs by digest.
pub(crate) type Blobs = BTreeMap<String, Vec<u8>>;

/// Something that can be stored and pointed to.
pub(crate) trait Content {
    /// Stores it with all it needs and gives its descriptor.
    fn store(&self, blobs: &mut Blobs) -> Value;
}

impl<C: Content + ?Sized> Content for &C {
    fn store(&self, blobs: &mut Blobs) -> Value {
        (**self).store(blobs)
    }
}

/// Stores bytes and gives their descriptor.
pub(crate) fn put(blobs: &mut Blobs, media_type: &str, content: Vec<u8>) -> Value {
    let digest = Digest::of(&content).to_string();
    let descriptor = json!({"mediaType": media_type, "digest": digest, "size": content.len()});
    blobs.insert(digest, content);
    descriptor
}

fn bytes(document: &Value) -> Vec<u8> {
    serde_json::to_vec(document).expect("JSON is written")
}

/// By whose media types a document goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Oci,
    Docker,
}

/// What there is of an image's layers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layers {
    /// Their names and sizes.
    Named,
    /// The words they are named by, and zeros up to their size.
    Stored,
}

/// One image. Its layers are named and measured but not stored, unless it is to be pushed.
#[derive(Clone)]
pub(crate) struct Image {
    flavour: Flavour,
    platform: String,
    created: Option<String>,
    execution: BTreeMap<&'static str, Value>,
    layers: Vec<(String, u64)>,
    kept: Layers,
    annotations: BTreeMap<String, String>,
    padded_to: usize,
}

impl Image {
    /// A `linux/amd64` image with nothing in it.
    pub(crate) fn new() -> Self {
        Self {
            flavour: Flavour::Oci,
            platform: "linux/amd64".to_owned(),
            created: None,
            execution: BTreeMap::new(),
            layers: Vec::new(),
            kept: Layers::Named,
            annotations: BTreeMap::new(),
            padded_to: 0,
        }
    }

    pub(crate) fn docker(mut self) -> Self {
        self.flavour = Flavour::Docker;
        self
    }

    pub(crate) fn platform(mut self, platform: &str) -> Self {
        self.platform = platform.to_owned();
        self
    }

    pub(crate) fn created(mut self, time: &str) -> Self {
        self.created = Some(time.to_owned());
        self
    }

    pub(crate) fn user(self, user: &str) -> Self {
        self.set("User", json!(user))
    }

    pub(crate) fn cmd(self, words: &[&str]) -> Self {
        self.set("Cmd", json!(words))
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        let list = self.execution.entry("Env").or_insert_with(|| json!([]));
        let list = list.as_array_mut().expect("Env is a list");
        list.push(json!(format!("{name}={value}")));
        self
    }

    pub(crate) fn label(mut self, name: &str, value: &str) -> Self {
        let labels = self.execution.entry("Labels").or_insert_with(|| json!({}));
        labels[name] = json!(value);
        self
    }

    pub(crate) fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Puts a layer on top, made by `what`. Equal words are equal layers on one platform.
    pub(crate) fn layer(mut self, what: &str, size: u64) -> Self {
        self.layers.push((what.to_owned(), size));
        self
    }

    /// Stores the layers too: a registry takes no image without them. They are no smaller than what they are named by.
    pub(crate) fn stored(mut self) -> Self {
        self.kept = Layers::Stored;
        self
    }

    fn layer_content(&self, what: &str, size: u64) -> Vec<u8> {
        let mut content = format!("{what} on {}", self.platform).into_bytes();
        if self.kept == Layers::Stored {
            let size = usize::try_from(size).expect("a test's layer fits into memory");
            content.resize(content.len().max(size), 0);
        }
        content
    }

    fn layer_digest(&self, what: &str, size: u64) -> String {
        Digest::of(&self.layer_content(what, size)).to_string()
    }

    fn layer_size(&self, what: &str, named: u64) -> u64 {
        match self.kept {
            Layers::Named => named,
            Layers::Stored => self.layer_content(what, named).len() as u64,
        }
    }

    /// Makes the manifest exactly this long, by an annotation.
    pub(crate) fn padded_to(mut self, bytes: usize) -> Self {
        self.padded_to = bytes;
        self
    }

    fn set(mut self, member: &'static str, value: Value) -> Self {
        self.execution.insert(member, value);
        self
    }

    fn config(&self) -> Value {
        let mut config = platform(&self.platform);
        config["config"] = json!(self.execution);
        let diff_ids = self.layers.iter();
        let diff_ids = diff_ids.map(|(what, size)| json!(self.layer_digest(what, *size)));
        config["rootfs"] = json!({"type": "layers", "diff_ids": diff_ids.collect::<Value>()});
        let steps = self.layers.iter();
        let steps = steps.map(|(what, _)| json!({"created_by": what}));
        config["history"] = steps.collect();
        if let Some(created) = &self.created {
            config["created"] = json!(created);
        }
        config
    }

    fn manifest(&self, config: &Value) -> Vec<u8> {
        let media_type = match self.flavour {
            Flavour::Oci => "application/vnd.oci.image.layer.v1.tar+gzip",
            Flavour::Docker => "application/vnd.docker.image.rootfs.diff.tar.gzip",
        };
        let layers = self.layers.iter();
        let layers = layers.map(|(what, size)| {
            let (digest, size) = (self.layer_digest(what, *size), self.layer_size(what, *size));
            json!({"mediaType": media_type, "digest": digest, "size": size})
        });
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": self.media_type(),
            "config": config,
            "layers": layers.collect::<Value>(),
        });
        if !self.annotations.is_empty() {
            manifest["annotations"] = json!(self.annotations);
        }
        if self.padded_to > 0 {
            manifest["annotations"]["padding"] = json!("");
            let missing = self.padded_to - bytes(&manifest).len();
            manifest["annotations"]["padding"] = json!("x".repeat(missing));
        }
        bytes(&manifest)
    }

    fn media_type(&self) -> &'static str {
        match self.flavour {
            Flavour::Oci => MediaType::OCI_MANIFEST,
            Flavour::Docker => MediaType::DOCKER_MANIFEST,
        }
    }
}

impl Content for Image {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let config_type = match self.flavour {
            Flavour::Oci => MediaType::OCI_CONFIG,
            Flavour::Docker => MediaType::DOCKER_CONFIG,
        };
        if self.kept == Layers::Stored {
            let contents = self.layers.iter();
            let contents = contents.map(|(what, size)| self.layer_content(what, *size));
            blobs.extend(contents.map(|content| (Digest::of(&content).to_string(), content)));
        }
        let config = put(blobs, config_type, bytes(&self.config()));
        put(blobs, self.media_type(), self.manifest(&config))
    }
}

fn platform(text: &str) -> Value {
    let mut parts = text.split('/');
    let mut platform = json!({"os": parts.next(), "architecture": parts.next()});
    if let Some(variant) = parts.next() {
        platform["variant"] = json!(variant);
    }
    platform
}

/// An index of images, each with or without a buildkit attestation.
#[derive(Clone)]
pub(crate) struct Index {
    flavour: Flavour,
    images: Vec<(Image, Option<Attested>)>,
}

/// What an attestation of an image says.
#[derive(Clone)]
enum Attested {
    /// Something.
    Somehow,
    /// These statements, by the types of what they say.
    By(Vec<(String, Value)>),
}

impl Index {
    pub(crate) fn of(images: impl IntoIterator<Item = Image>) -> Self {
        Self {
            flavour: Flavour::Oci,
            images: images.into_iter().map(|image| (image, None)).collect(),
        }
    }

    pub(crate) fn docker(mut self) -> Self {
        self.flavour = Flavour::Docker;
        self
    }

    /// Attests the first image.
    pub(crate) fn attested(mut self) -> Self {
        self.images[0].1 = Some(Attested::Somehow);
        self
    }

    /// Attests an image by these statements: the type of what each says, and what it says.
    pub(crate) fn attested_by(mut self, at: usize, statements: &[(&str, Value)]) -> Self {
        let statements = statements.iter();
        let statements = statements.map(|(kind, says)| ((*kind).to_owned(), says.clone()));
        self.images[at].1 = Some(Attested::By(statements.collect()));
        self
    }
}

impl Content for Index {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let (mut children, mut attestations) = (Vec::new(), Vec::new());
        for (image, attested) in &self.images {
            let mut child = image.store(blobs);
            child["platform"] = platform(&image.platform);
            if let Some(attested) = attested {
                let layers = attested.layers(image.kept, blobs);
                attestations.push(attestation(&child, layers, blobs));
            }
            children.push(child);
        }
        children.extend(attestations);
        let media_type = match self.flavour {
            Flavour::Oci => MediaType::OCI_INDEX,
            Flavour::Docker => MediaType::DOCKER_LIST,
        };
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": children});
        put(blobs, media_type, bytes(&index))
    }
}

impl Attested {
    fn layers(&self, kept: Layers, blobs: &mut Blobs) -> Vec<Value> {
        let layer = |mut layer: Value, kind: &str| {
            layer["annotations"] = json!({"in-toto.io/predicate-type": kind});
            layer
        };
        match self {
            Self::Somehow => {
                let kind = "https://slsa.dev/provenance/v1";
                let named = json!({
                    "mediaType": IN_TOTO,
                    "digest": Digest::of(b"provenance").to_string(),
                    "size": 15_213,
                });
                vec![layer(
                    match kept {
                        Layers::Named => named,
                        Layers::Stored => {
                            let statement = json!({"predicateType": kind, "predicate": {"buildDefinition": {"buildType": "acme"}}});
                            put(blobs, IN_TOTO, bytes(&statement))
                        }
                    },
                    kind,
                )]
            }
            Self::By(statements) => {
                let statements = statements.iter();
                let layers = statements.map(|(kind, says)| {
                    let statement = json!({
                        "_type": "https://in-toto.io/Statement/v0.1",
                        "predicateType": kind,
                        "predicate": says,
                    });
                    layer(put(blobs, IN_TOTO, bytes(&statement)), kind)
                });
                layers.collect()
            }
        }
    }
}

const IN_TOTO: &str = "application/vnd.in-toto+json";

/// What buildkit puts beside an image (buildkit, docs/attestations/attestation-storage.md).
fn attestation(image: &Value, layers: Vec<Value>, blobs: &mut Blobs) -> Value {
    let config = json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}});
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MediaType::OCI_MANIFEST,
        "config": put(blobs, MediaType::OCI_CONFIG, bytes(&config)),
        "layers": layers,
    });
    let mut child = put(blobs, MediaType::OCI_MANIFEST, bytes(&manifest));
    child["platform"] = platform("unknown/unknown");
    child["annotations"] = json!({
        "vnd.docker.reference.digest": image["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    });
    child
}

/// An artifact with the empty config.
#[derive(Clone)]
pub(crate) struct Artifact(pub(crate) &'static str);

impl Content for Artifact {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let empty = put(blobs, MediaType::OCI_EMPTY, b"{}".to_vec());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MediaType::OCI_MANIFEST,
            "artifactType": self.0,
            "config": empty,
            "layers": [empty],
        });
        put(blobs, MediaType::OCI_MANIFEST, bytes(&manifest))
    }
}

/// An image in Docker's first format, created when it says.
#[derive(Clone)]
pub(crate) struct Schema1(pub(crate) &'static str);

impl Schema1 {
    /// The manifest, without signatures.
    pub(crate) fn manifest(&self) -> Value {
        let image = json!({"architecture": "amd64", "os": "linux", "created": self.0});
        json!({
            "schemaVersion": 1,
            "name": "team/app",
            "tag": "old",
            "architecture": "amd64",
            "fsLayers": [{"blobSum": Digest::of(b"layer").to_string()}],
            "history": [{"v1Compatibility": image.to_string()}],
        })
    }
}

impl Content for Schema1 {
    fn store(&self, blobs: &mut Blobs) -> Value {
        put(blobs, MediaType::DOCKER_SCHEMA1, bytes(&self.manifest()))
    }
}

/// Bytes that call themselves a manifest.
#[derive(Clone)]
pub(crate) struct Raw(pub(crate) &'static str);

impl Content for Raw {
    fn store(&self, blobs: &mut Blobs) -> Value {
        put(blobs, MediaType::OCI_MANIFEST, self.0.as_bytes().to_vec())
    }
}

/// An index whose only child is an index.
#[derive(Clone)]
pub(crate) struct Nested(pub(crate) Index);

impl Content for Nested {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let children = [self.0.store(blobs)];
        let media_type = MediaType::OCI_INDEX;
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": children});
        put(blobs, media_type, bytes(&index))
    }
}
