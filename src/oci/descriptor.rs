//! Descriptors: media type, digest and size of something stored (image-spec 1.1, descriptor.md).

use super::manifest::DocumentError;
use super::{Digest, MediaType, Platform};
use crate::value::Value;

/// A descriptor; the annotations and whatever else it carries stay in the document it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    /// What it is.
    pub media_type: MediaType,
    /// Its content.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Whom it runs on, in an index.
    pub platform: Option<Platform>,
    /// `vnd.docker.reference.type` (buildkit, attestation-storage.md).
    pub reference_type: Option<String>,
}

impl Descriptor {
    /// Reads a descriptor.
    ///
    /// Errors: no digest or one we cannot check, a size that is missing, negative or no whole number.
    pub fn read(document: &Value) -> Result<Self, DocumentError> {
        let digest = document
            .get("digest")
            .and_then(Value::as_text)
            .ok_or(DocumentError::Missing("digest"))?;
        let size = document.get("size").ok_or(DocumentError::Missing("size"))?;
        let media_type = document.get("mediaType").and_then(Value::as_text);
        Ok(Self {
            media_type: MediaType::new(media_type.unwrap_or_default()),
            digest: digest.parse()?,
            size: size
                .as_int()
                .and_then(|size| u64::try_from(size).ok())
                .ok_or(DocumentError::Size)?,
            platform: document.get("platform").and_then(Platform::read),
            reference_type: document
                .at(&["annotations", "vnd.docker.reference.type"])
                .and_then(Value::as_text)
                .map(str::to_owned),
        })
    }

    /// Tells whether this child of an index is an attestation and no image: by buildkit's annotation, and
    /// failing that by the platform `unknown/unknown`.
    pub fn is_attestation(&self) -> bool {
        self.reference_type.as_deref() == Some("attestation-manifest")
            || self.platform.as_ref().is_some_and(Platform::is_unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::json;
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(size: &str) -> Result<Descriptor, DocumentError> {
        Descriptor::read(&json(&format!(r#"{{"digest":"{DIGEST}","size":{size}}}"#)))
    }

    #[test]
    fn e4_sizes_are_whole_numbers_of_bytes() {
        assert_eq!(read("18446744073709551615").unwrap().size, u64::MAX);
        for bad in ["-1", "1.5", "\"1\"", "null", "1e30"] {
            assert_eq!(read(bad), Err(DocumentError::Size), "{bad}");
        }
    }

    #[test]
    fn attestations_are_known_by_annotation_or_platform() {
        for member in [
            r#""annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#,
            r#""platform":{"os":"unknown","architecture":"unknown"}"#,
        ] {
            let text = format!(r#"{{"digest":"{DIGEST}","size":1,{member}}}"#);
            assert!(Descriptor::read(&json(&text)).unwrap().is_attestation());
        }
        assert!(!read("1").unwrap().is_attestation());
    }
}
