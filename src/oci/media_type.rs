//! Media types of manifests, indexes and configs (image-spec 1.1, media-types.md; Docker's image
//! manifest schema 1 and 2).

use std::fmt;

/// A media type without parameters, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(String);

impl MediaType {
    /// `application/vnd.oci.image.index.v1+json`
    pub const OCI_INDEX: &'static str = "application/vnd.oci.image.index.v1+json";
    /// `application/vnd.oci.image.manifest.v1+json`
    pub const OCI_MANIFEST: &'static str = "application/vnd.oci.image.manifest.v1+json";
    /// `application/vnd.oci.image.config.v1+json`
    pub const OCI_CONFIG: &'static str = "application/vnd.oci.image.config.v1+json";
    /// `application/vnd.oci.empty.v1+json`
    pub const OCI_EMPTY: &'static str = "application/vnd.oci.empty.v1+json";
    /// Docker's index.
    pub const DOCKER_LIST: &'static str =
        "application/vnd.docker.distribution.manifest.list.v2+json";
    /// Docker's manifest, schema 2.
    pub const DOCKER_MANIFEST: &'static str =
        "application/vnd.docker.distribution.manifest.v2+json";
    /// Docker's image config.
    pub const DOCKER_CONFIG: &'static str = "application/vnd.docker.container.image.v1+json";
    /// Docker's manifest, schema 1, signed.
    pub const DOCKER_SCHEMA1_SIGNED: &'static str =
        "application/vnd.docker.distribution.manifest.v1+prettyjws";
    /// Docker's manifest, schema 1.
    pub const DOCKER_SCHEMA1: &'static str = "application/vnd.docker.distribution.manifest.v1+json";

    /// Reads a media type, dropping parameters such as `; charset=utf-8`.
    pub fn new(text: &str) -> Self {
        let bare = text.split(';').next().unwrap_or_default().trim();
        Self(bare.to_ascii_lowercase())
    }

    /// The type.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether this says "index" by OCI's or Docker's name.
    pub fn is_index(&self) -> bool {
        matches!(self.as_str(), Self::OCI_INDEX | Self::DOCKER_LIST)
    }

    /// Tells whether this says "image manifest" by OCI's or Docker's name.
    pub fn is_manifest(&self) -> bool {
        matches!(self.as_str(), Self::OCI_MANIFEST | Self::DOCKER_MANIFEST)
    }

    /// Tells whether this is Docker's schema 1, signed or not.
    pub fn is_schema1(&self) -> bool {
        matches!(
            self.as_str(),
            Self::DOCKER_SCHEMA1 | Self::DOCKER_SCHEMA1_SIGNED
        )
    }

    /// Tells whether a config of this type describes an image. Helm charts, signatures and others use the
    /// config for something else.
    pub fn is_image_config(&self) -> bool {
        matches!(self.as_str(), Self::OCI_CONFIG | Self::DOCKER_CONFIG)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_count() {
        let media_type = MediaType::new("Application/vnd.oci.image.index.v1+JSON; charset=utf-8");
        assert_eq!(media_type.as_str(), MediaType::OCI_INDEX);
        assert!(media_type.is_index() && !media_type.is_manifest());
    }
}
