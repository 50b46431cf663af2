//! Bytes that were read, made a document: hashed, measured, parsed, in this order.
//!
//! Whoever brought the bytes, they become a [`Document`] here and nowhere else, so nothing is ever read
//! out of content that does not match its digest (threats S4, D1, D3).

use std::borrow::Cow;

use super::error::Question;
use super::wire::foreign;
use super::{RegistryError, Thing};
use crate::oci::{Descriptor, Digest, Kind, ManifestOrIndex, MediaType, Schema1};
use crate::value::{Value, parse_json};

/// A document, and what it turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Digest and size of the bytes that were read. The media type is what the document was announced as,
    /// else what it calls itself, else what its members say.
    pub descriptor: Descriptor,
    /// The document as it was written; of a signed schema 1 manifest only what is signed; of an image without a manifest
    /// its config and layers, as a manifest would have them.
    pub value: Value,
}

/// What a blob is that a manifest names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blob {
    /// An image's config, or whatever an artifact has in its place.
    Config,
    /// A statement about an image.
    Statement,
}

impl Blob {
    pub(super) fn thing(self, digest: &Digest) -> Thing {
        match self {
            Self::Config => Thing::Config(digest.clone()),
            Self::Statement => Thing::Statement(digest.clone()),
        }
    }

    pub(super) fn question(self) -> Question {
        match self {
            Self::Config => Question::Config,
            Self::Statement => Question::Statement,
        }
    }
}

/// Gives of some content what a digest covers, if it is that digest.
type Covered = for<'a> fn(&'a [u8], &Digest) -> Option<Cow<'a, [u8]>>;

impl Document {
    /// The digest of a manifest or index that came without one: of its content, or of what is signed of it.
    pub(super) fn digest_of(content: &[u8]) -> Digest {
        Schema1::signed_payload(content)
            .map_or_else(|| Digest::of(content), |payload| Digest::of(&payload))
    }

    /// Tells whether a manifest or index has this digest.
    pub(super) fn has_digest(content: &[u8], digest: &Digest) -> bool {
        as_is_or_signed(content, digest).is_some()
    }

    /// Makes a manifest or index of `content`, which was asked for by `digest`.
    pub(super) fn manifest(
        content: &[u8],
        digest: &Digest,
        announced: Option<&Descriptor>,
    ) -> Result<Self, RegistryError> {
        let thing = || Thing::Manifest(digest.clone());
        Self::manifest_called(thing, content, digest, announced)
    }

    /// Makes a manifest or index of `content`, which has this digest and is called `thing` where it is wrong: what was
    /// asked for by a tag has no digest that anybody knows.
    pub(super) fn manifest_called(
        thing: impl Fn() -> Thing,
        content: &[u8],
        digest: &Digest,
        announced: Option<&Descriptor>,
    ) -> Result<Self, RegistryError> {
        let mut document = Self::checked(content, digest, announced, &thing, as_is_or_signed)?;
        let announced = announced.map(|descriptor| &descriptor.media_type);
        // Only where images have no manifests a tag points to a config, and there nobody comes this way.
        if announced.is_some_and(MediaType::is_image_config) {
            let cause = "it was announced as the config of an image";
            return Err(RegistryError::malformed(thing(), cause));
        }
        let read = ManifestOrIndex::read(&document.value, announced)
            .map_err(|error| RegistryError::malformed(thing(), error))?;
        if document.descriptor.media_type.as_str().is_empty() {
            document.descriptor.media_type = MediaType::new(match read.kind() {
                Kind::Index => MediaType::OCI_INDEX,
                Kind::Image | Kind::Artifact => MediaType::OCI_MANIFEST,
                Kind::Schema1 => MediaType::DOCKER_SCHEMA1,
            });
        }
        Ok(document)
    }

    /// Makes a document of a blob that a manifest names; what is in it is not our affair.
    pub(super) fn blob(
        content: &[u8],
        announced: &Descriptor,
        kind: Blob,
    ) -> Result<Self, RegistryError> {
        let digest = &announced.digest;
        Self::checked(
            content,
            digest,
            Some(announced),
            || kind.thing(digest),
            as_is,
        )
    }

    /// Makes a document of what is known of an image that has no manifest: `value` has its config and its layers as a
    /// manifest would.
    pub(super) fn saved(config: Descriptor, value: Value) -> Result<Self, RegistryError> {
        let thing = Thing::Config(config.digest.clone());
        match ManifestOrIndex::saved(&value) {
            Ok(_) => Ok(Self {
                descriptor: config,
                value,
            }),
            Err(error) => Err(RegistryError::malformed(thing, error)),
        }
    }

    fn checked(
        content: &[u8],
        digest: &Digest,
        announced: Option<&Descriptor>,
        thing: impl Fn() -> Thing,
        covered: Covered,
    ) -> Result<Self, RegistryError> {
        let size = content.len() as u64;
        if let Some(announced) = announced.map(|descriptor| descriptor.size)
            && announced != size
        {
            let found = Some(size);
            return Err(RegistryError::SizeMismatch {
                thing: thing(),
                announced,
                found,
            });
        }
        let content =
            covered(content, digest).ok_or_else(|| RegistryError::DigestMismatch(thing()))?;
        let value = parse_json(&content).map_err(|error| match foreign::check(&content) {
            Ok(()) => RegistryError::malformed(thing(), error),
            Err(foreign) => RegistryError::malformed(thing(), foreign),
        })?;
        Ok(Self {
            descriptor: Descriptor {
                media_type: media_type(&value, announced),
                digest: digest.clone(),
                size,
                platform: announced.and_then(|descriptor| descriptor.platform.clone()),
                reference_type: announced.and_then(|descriptor| descriptor.reference_type.clone()),
            },
            value,
        })
    }
}

fn as_is<'a>(content: &'a [u8], digest: &Digest) -> Option<Cow<'a, [u8]>> {
    digest.matches(content).then_some(Cow::Borrowed(content))
}

/// A signed schema 1 manifest has the digest of what is signed, not of the bytes that come.
fn as_is_or_signed<'a>(content: &'a [u8], digest: &Digest) -> Option<Cow<'a, [u8]>> {
    as_is(content, digest).or_else(|| {
        let payload = Schema1::signed_payload(content)?;
        digest.matches(&payload).then_some(Cow::Owned(payload))
    })
}

/// What it was announced as, else what it calls itself, else nothing.
fn media_type(document: &Value, announced: Option<&Descriptor>) -> MediaType {
    let own = || document.get("mediaType").and_then(Value::as_text);
    announced
        .map(|descriptor| descriptor.media_type.clone())
        .filter(|media_type| !media_type.as_str().is_empty())
        .unwrap_or_else(|| MediaType::new(own().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &[u8] = br#"{"manifests":[]}"#;

    fn announced(content: &[u8], media_type: &str, size_error: i64) -> Descriptor {
        Descriptor {
            media_type: MediaType::new(media_type),
            digest: Digest::of(content),
            size: (content.len() as u64)
                .checked_add_signed(size_error)
                .unwrap(),
            platform: None,
            reference_type: None,
        }
    }

    fn code(answer: Result<Document, RegistryError>) -> &'static str {
        answer.expect_err("this content must be refused").code()
    }

    #[test]
    fn the_media_type_is_the_announced_one_or_its_own_or_follows_from_its_members() {
        let digest = Digest::of(INDEX);
        let read = Document::manifest(INDEX, &digest, None).unwrap();
        assert_eq!(read.descriptor, announced(INDEX, MediaType::OCI_INDEX, 0));

        let as_list = announced(INDEX, MediaType::DOCKER_LIST, 0);
        let read = Document::manifest(INDEX, &digest, Some(&as_list)).unwrap();
        assert_eq!(read.descriptor, as_list);

        let own = format!(
            r#"{{"manifests":[],"mediaType":"{}"}}"#,
            MediaType::DOCKER_LIST
        );
        let read = Document::manifest(own.as_bytes(), &Digest::of(own.as_bytes()), None).unwrap();
        assert_eq!(read.descriptor.media_type.as_str(), MediaType::DOCKER_LIST);
    }

    #[test]
    fn d1_content_that_does_not_match_its_digest_is_refused_for_that_alone() {
        let not_json = Document::manifest(b"{", &Digest::of(INDEX), None);
        assert_eq!(code(not_json), "DIGEST_MISMATCH");
        let other = Document::manifest(br#"{"manifests":{}}"#, &Digest::of(INDEX), None);
        assert_eq!(code(other), "DIGEST_MISMATCH");
    }

    #[test]
    fn d1_sha512_is_checked_too() {
        let hex = |byte: &str| {
            format!("sha512:{}", byte.repeat(64))
                .parse::<Digest>()
                .unwrap()
        };
        assert_eq!(
            code(Document::manifest(INDEX, &hex("ab"), None)),
            "DIGEST_MISMATCH"
        );
    }

    #[test]
    fn d3_a_size_that_is_one_off_is_refused() {
        for error in [-1, 1] {
            let announced = announced(INDEX, MediaType::OCI_INDEX, error);
            let answer = Document::manifest(INDEX, &announced.digest, Some(&announced));
            assert_eq!(code(answer), "SIZE_MISMATCH", "{error}");
            assert_eq!(
                code(Document::blob(INDEX, &announced, Blob::Config)),
                "SIZE_MISMATCH",
                "{error}"
            );
        }
    }

    #[test]
    fn c5_a_document_that_is_not_what_it_was_announced_as_is_malformed() {
        let own = format!(
            r#"{{"manifests":[],"mediaType":"{}"}}"#,
            MediaType::DOCKER_LIST
        );
        let announced = announced(own.as_bytes(), MediaType::OCI_MANIFEST, 0);
        let answer = Document::manifest(own.as_bytes(), &announced.digest, Some(&announced));
        assert_eq!(code(answer), "MALFORMED");
    }

    #[test]
    fn e2_duplicate_keys_are_malformed_wherever_they_stand() {
        let text = br#"{"manifests":[],"manifests":[]}"#;
        assert_eq!(
            code(Document::manifest(text, &Digest::of(text), None)),
            "MALFORMED"
        );
        let text = br#"{"config":{"User":"a","User":"root"}}"#;
        assert_eq!(
            code(Document::blob(text, &announced(text, "", 0), Blob::Config)),
            "MALFORMED"
        );
    }

    /// As docker-registry 2.8 gives one, and the digest that it gives with it.
    const SIGNED: &str = include_str!("../oci/schema1_signed.json");
    const SIGNED_DIGEST: &str =
        "sha256:83d81e6b4b4d7bc453956bf12dbbac724ff479cffc92451be72eed29a425a4e8";

    #[test]
    fn d1_a_signed_manifest_has_the_digest_of_what_is_signed() {
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        assert_eq!(Document::digest_of(SIGNED.as_bytes()), digest);
        assert_eq!(Document::digest_of(INDEX), Digest::of(INDEX));
        let signed = Descriptor {
            media_type: MediaType::new(MediaType::DOCKER_SCHEMA1_SIGNED),
            digest: digest.clone(),
            ..announced(SIGNED.as_bytes(), "", 0)
        };
        let read = Document::manifest(SIGNED.as_bytes(), &digest, Some(&signed)).unwrap();
        assert_eq!(read.descriptor, signed);
        assert_eq!(read.value.get("name"), Some(&"a".into()));
        // As it comes, it may also be stored under the digest of all its bytes.
        let whole = Document::manifest(SIGNED.as_bytes(), &Digest::of(SIGNED.as_bytes()), None);
        assert!(whole.is_ok_and(|whole| whole.value.get("signatures").is_some()));
    }

    #[test]
    fn d1_nothing_is_read_out_of_what_is_not_signed() {
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        let more = SIGNED.replace(r#""signatures""#, r#""config": {"evil": 1}, "signatures""#);
        let read = Document::manifest(more.as_bytes(), &digest, None).unwrap();
        assert!(read.value.get("config").is_none() && read.value.get("signatures").is_none());
    }

    #[test]
    fn d1_a_signed_manifest_with_one_changed_letter_is_refused() {
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        for (from, to) in [("\"tag\": \"1\"", "\"tag\": \"2\""), ("shop", "shap")] {
            assert!(SIGNED.contains(from));
            let changed = SIGNED.replace(from, to);
            let answer = Document::manifest(changed.as_bytes(), &digest, None);
            assert_eq!(code(answer), "DIGEST_MISMATCH", "{to}");
        }
    }

    #[test]
    fn d1_a_config_is_never_read_as_a_signed_manifest() {
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        let announced = Descriptor {
            digest,
            ..announced(SIGNED.as_bytes(), "", 0)
        };
        let answer = Document::blob(SIGNED.as_bytes(), &announced, Blob::Config);
        assert_eq!(code(answer), "DIGEST_MISMATCH");
    }

    #[test]
    fn a_config_of_an_artifact_may_be_any_json() {
        let config =
            Document::blob(b"[1]", &announced(b"[1]", "application/x", 0), Blob::Config).unwrap();
        assert_eq!(config.descriptor.media_type.as_str(), "application/x");
        assert!(config.value.as_list().is_some());
    }
}
