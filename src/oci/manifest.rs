//! Manifests and indexes (image-spec 1.1, manifest.md and image-index.md), with Docker's schema 2 twins
//! read into them.

use std::collections::HashMap;

use super::{Descriptor, Digest, DigestError, MediaType, Referrer, Schema1};
use crate::limits::INDEX_CHILDREN;
use crate::value::Value;

/// What a tag points to, as a document.
#[derive(Debug, Clone, PartialEq)]
pub enum ManifestOrIndex {
    /// One image or artifact.
    Manifest(Manifest),
    /// Several images.
    Index(Index),
    /// One image, in Docker's first format.
    Schema1(Schema1),
    /// One image that has no manifest: its config, and its layers as `docker save` wrote them.
    Saved(Manifest),
}

/// An image manifest, or an artifact in the shape of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The config; an artifact may put anything there.
    pub config: Descriptor,
    /// The layers, lowest first.
    pub layers: Vec<Descriptor>,
    /// `artifactType`.
    pub artifact_type: Option<String>,
}

/// An image index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its children, attestations among them.
    pub manifests: Vec<Descriptor>,
    /// Those of them that are attestations about others.
    pub attestations: Vec<Referrer>,
}

/// What a tag points to, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A manifest whose config describes an image.
    Image,
    /// An index.
    Index,
    /// A manifest whose config describes something else.
    Artifact,
    /// Docker's schema 1.
    Schema1,
}

/// Why a document is no manifest or index we accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A member that must be there is not.
    #[error("it has no `{0}`")]
    Missing(&'static str),
    /// A digest is malformed or of an unknown algorithm.
    #[error("one of its digests is not valid: {0}")]
    Digest(#[from] DigestError),
    /// A size is no whole number of bytes.
    #[error("one of its sizes is out of range")]
    Size,
    /// It could be read as two things (threats C5).
    #[error("it has both `layers` and `manifests`, so it could be read in two ways")]
    Ambiguous,
    /// Header or descriptor and body disagree (threats C5).
    #[error("it was announced as {announced} but calls itself {found}")]
    MediaType {
        /// What the descriptor or header said.
        announced: String,
        /// What the document says.
        found: String,
    },
    /// It is an error that came as a success (threats C5).
    #[error("it has `errors` in place of a manifest")]
    Errors,
    /// It is none of the kinds.
    #[error("it is neither an image manifest nor an index")]
    Unknown,
    /// An index with more children than we follow.
    #[error("it has more than {INDEX_CHILDREN} children")]
    Children,
    /// A schema 1 manifest without a readable `history[0].v1Compatibility`.
    #[error("its `v1Compatibility` is not valid: {0}")]
    V1Compatibility(String),
}

impl ManifestOrIndex {
    /// Reads what a tag points to. The kind follows from `announced` (a descriptor's media type or the
    /// `Content-Type`), else from the document's `mediaType`, else from its members.
    ///
    /// Errors: see [`DocumentError`].
    pub fn read(document: &Value, announced: Option<&MediaType>) -> Result<Self, DocumentError> {
        let says_kind = |media_type: &&MediaType| {
            media_type.is_index() || media_type.is_manifest() || media_type.is_schema1()
        };
        let announced = announced.filter(says_kind);
        let own = document
            .get("mediaType")
            .and_then(Value::as_text)
            .map(MediaType::new);
        if let (Some(announced), Some(own)) = (announced, &own)
            && announced != own
        {
            return Err(DocumentError::MediaType {
                announced: announced.to_string(),
                found: own.to_string(),
            });
        }
        let has = |name| document.get(name).is_some_and(|member| !member.is_null());
        if has("layers") && has("manifests") {
            return Err(DocumentError::Ambiguous);
        }
        // What it is said to be counts; its members only where nothing is said.
        let said = announced.or(own.as_ref().filter(says_kind));
        let is_schema1 = || document.get("schemaVersion").and_then(Value::as_int) == Some(1);
        if said.map_or_else(is_schema1, MediaType::is_schema1) {
            Schema1::read(document).map(Self::Schema1)
        } else if said.map_or_else(|| has("manifests"), MediaType::is_index) {
            Index::read(document).map(Self::Index)
        } else if said.is_some() || has("config") {
            Manifest::read(document).map(Self::Manifest)
        } else if has("errors") {
            Err(DocumentError::Errors)
        } else {
            Err(DocumentError::Unknown)
        }
    }

    /// Reads what is known of an image that has no manifest, from what has config and layers as a manifest would.
    ///
    /// Errors: as [`read`](Self::read).
    pub fn saved(document: &Value) -> Result<Self, DocumentError> {
        Manifest::read(document).map(Self::Saved)
    }

    /// What it is, in one word.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Saved(_) => Kind::Image,
            Self::Manifest(manifest) if manifest.is_image() => Kind::Image,
            Self::Manifest(_) => Kind::Artifact,
            Self::Index(_) => Kind::Index,
            Self::Schema1(_) => Kind::Schema1,
        }
    }
}

impl Manifest {
    fn read(document: &Value) -> Result<Self, DocumentError> {
        let config = document
            .get("config")
            .ok_or(DocumentError::Missing("config"))?;
        let layers = document
            .get("layers")
            .and_then(Value::as_list)
            .unwrap_or_default();
        let manifest = Self {
            config: Descriptor::read(config)?,
            layers: layers
                .iter()
                .map(Descriptor::read)
                .collect::<Result<_, _>>()?,
            artifact_type: document
                .get("artifactType")
                .and_then(Value::as_text)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        };
        // The sum is a fact of ours, so it must exist (threats E4).
        let sizes = manifest.blobs().map(|blob| u128::from(blob.size));
        if sizes.sum::<u128>() > u128::from(u64::MAX) {
            return Err(DocumentError::Size);
        }
        Ok(manifest)
    }

    /// The config and the layers, in this order; a layer that stands twice comes twice.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        std::iter::once(&self.config).chain(&self.layers)
    }

    /// The bytes that a pull moves: config and layers, each blob once.
    pub fn image_size(&self) -> u64 {
        let distinct: HashMap<&Digest, u64> =
            self.blobs().map(|blob| (&blob.digest, blob.size)).collect();
        distinct.values().sum()
    }

    /// Tells whether the config describes an image.
    pub fn is_image(&self) -> bool {
        self.config.media_type.is_image_config()
    }
}

impl Index {
    fn read(document: &Value) -> Result<Self, DocumentError> {
        let children = document
            .get("manifests")
            .and_then(Value::as_list)
            .unwrap_or_default();
        if children.len() > INDEX_CHILDREN {
            return Err(DocumentError::Children);
        }
        let manifests = children.iter().map(Descriptor::read);
        let manifests: Vec<Descriptor> = manifests.collect::<Result<_, _>>()?;
        let entries = children.iter().zip(&manifests);
        Ok(Self {
            attestations: entries
                .filter_map(|(entry, child)| Referrer::of_child(entry, child))
                .collect(),
            manifests,
        })
    }

    /// The children that are images, attestations left out.
    pub fn images(&self) -> impl Iterator<Item = &Descriptor> {
        self.manifests
            .iter()
            .filter(|child| !child.is_attestation())
    }
}

impl Kind {
    /// The words of all of them.
    pub const WORDS: [&'static str; 4] = [
        Self::Image.name(),
        Self::Index.name(),
        Self::Artifact.name(),
        Self::Schema1.name(),
    ];

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Index => "index",
            Self::Artifact => "artifact",
            Self::Schema1 => "schema1",
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::parse_json;

    pub(in crate::oci) fn json(text: &str) -> Value {
        parse_json(text.as_bytes()).expect("a test's JSON is valid")
    }

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn manifest(config_type: &str, more: &str) -> Value {
        json(&format!(
            r#"{{"config":{{"mediaType":"{config_type}","digest":"{EMPTY}","size":0}},"layers":[]{more}}}"#
        ))
    }

    #[test]
    fn kinds_are_told_apart() {
        let kind = |document: &Value| ManifestOrIndex::read(document, None).map(|read| read.kind());
        assert_eq!(kind(&manifest(MediaType::OCI_CONFIG, "")), Ok(Kind::Image));
        assert_eq!(
            kind(&manifest(MediaType::OCI_EMPTY, "")),
            Ok(Kind::Artifact)
        );
        assert_eq!(
            kind(&json(r#"{"manifests":null,"schemaVersion":2}"#)),
            Err(DocumentError::Unknown)
        );
        assert_eq!(kind(&json(r#"{"manifests":[]}"#)), Ok(Kind::Index));
        assert_eq!(kind(&json("{}")), Err(DocumentError::Unknown));
        assert_eq!(kind(&json("[]")), Err(DocumentError::Unknown));
    }

    #[test]
    fn e4_sizes_that_do_not_add_up_to_a_number_are_refused() {
        let layer = format!(r#"{{"digest":"{EMPTY}","size":18446744073709551615}}"#);
        let text = format!(r#"{{"config":{layer},"layers":[{layer}]}}"#);
        let read = ManifestOrIndex::read(&json(&text), None);
        assert_eq!(read, Err(DocumentError::Size));
    }

    #[test]
    fn a_layer_that_stands_twice_is_pulled_once() {
        let other = EMPTY.replace("e3", "a3");
        let layer = format!(r#"{{"digest":"{other}","size":5}}"#);
        let text =
            format!(r#"{{"config":{{"digest":"{EMPTY}","size":2}},"layers":[{layer},{layer}]}}"#);
        match ManifestOrIndex::read(&json(&text), None) {
            Ok(ManifestOrIndex::Manifest(manifest)) => assert_eq!(manifest.image_size(), 7),
            other => panic!("not a manifest: {other:?}"),
        }
    }

    #[test]
    fn d6_a_null_list_is_an_empty_list() {
        let announced = MediaType::new(MediaType::OCI_INDEX);
        let read = ManifestOrIndex::read(&json(r#"{"manifests":null}"#), Some(&announced));
        assert_eq!(
            read,
            Ok(ManifestOrIndex::Index(Index {
                manifests: vec![],
                attestations: vec![]
            }))
        );
    }

    #[test]
    fn c5_a_document_with_two_readings_is_refused() {
        let both = manifest(MediaType::OCI_CONFIG, r#","manifests":[]"#);
        assert_eq!(
            ManifestOrIndex::read(&both, None),
            Err(DocumentError::Ambiguous)
        );
        let index = MediaType::new(MediaType::OCI_INDEX);
        let own = format!(r#","mediaType":"{}""#, MediaType::OCI_MANIFEST);
        let lying = ManifestOrIndex::read(&manifest(MediaType::OCI_CONFIG, &own), Some(&index));
        assert!(matches!(lying, Err(DocumentError::MediaType { .. })));
        let announced = MediaType::new(MediaType::OCI_MANIFEST);
        let in_disguise = ManifestOrIndex::read(&json(r#"{"manifests":[]}"#), Some(&announced));
        assert_eq!(in_disguise, Err(DocumentError::Missing("config")));
    }

    #[test]
    fn e5_any_member_of_any_wrong_type_gives_an_error_or_a_reading_but_no_panic() {
        for wrong in ["null", "[]", "{}", "\"\"", "0", "true", "[null]", "[{}]"] {
            for member in [
                "config",
                "layers",
                "manifests",
                "mediaType",
                "schemaVersion",
                "history",
            ] {
                for announced in [
                    MediaType::OCI_INDEX,
                    MediaType::OCI_MANIFEST,
                    MediaType::DOCKER_SCHEMA1,
                ] {
                    let document = json(&format!(r#"{{"{member}":{wrong}}}"#));
                    let announced = MediaType::new(announced);
                    if let Ok(read) = ManifestOrIndex::read(&document, Some(&announced)) {
                        assert!(!read.kind().name().is_empty());
                    }
                }
            }
        }
    }
}
