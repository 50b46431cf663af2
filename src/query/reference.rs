//! References that a query writes down: one manifest each, by tag, by digest, or by both.

use super::target::{
    TargetError, docker_name, on_disk, refuse_url, split_digest, split_registry, split_tag,
};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::pattern::is_wild;

/// One manifest of a registry, as a query names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedReference {
    /// The registry as it is written; of Docker's short names the one that is meant.
    pub registry: String,
    /// The service.
    pub host: RegistryHost,
    /// What of it.
    pub name: ManifestName,
}

/// A manifest within its registry. What is named by a digest alone has no tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ManifestName {
    /// The repository.
    pub repository: Repository,
    /// The tag.
    pub tag: Option<Tag>,
    /// The digest beside the tag, or in its place.
    pub digest: Option<Digest>,
}

/// The tag that is meant where none is written, as docker means it.
const USUAL_TAG: &str = "latest";

impl NamedReference {
    /// Reads `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`, Docker's short names included.
    ///
    /// Errors: anything else.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if on_disk(text)?.is_some() {
            return Err(TargetError::OnDisk);
        }
        refuse_url(text)?;
        let (name, digest) = split_digest(text)?;
        let (registry, rest) = split_registry(name);
        let host = registry.parse().map_err(TargetError::Host)?;
        if is_wild(rest) {
            return Err(TargetError::ReferenceWildcard);
        }
        let (repository, tag) = split_tag(rest)?;
        let repository = repository.ok_or(TargetError::NoRepository)?;
        let repository = docker_name(registry, repository)
            .parse()
            .map_err(TargetError::Repository)?;
        let tag = match (tag, &digest) {
            (None, Some(_)) => None,
            (tag, _) => Some(tag.unwrap_or(USUAL_TAG).parse().map_err(TargetError::Tag)?),
        };
        Ok(Self {
            registry: registry.to_owned(),
            host,
            name: ManifestName {
                repository,
                tag,
                digest,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(text: &str) -> String {
        let NamedReference { registry, name, .. } = NamedReference::parse(text).expect(text);
        let tag = name.tag.map_or(String::new(), |tag| format!(":{tag}"));
        let digest = name.digest.map_or("", |_| "@DIGEST");
        format!("{registry} {}{tag}{digest}", name.repository)
    }

    #[test]
    fn references_as_people_write_them() {
        let pinned = format!("@{DIGEST}");
        for (text, meant) in [
            ("ghcr.io/acme/api:1.0", "ghcr.io acme/api:1.0"),
            ("ghcr.io/acme/api", "ghcr.io acme/api:latest"),
            ("localhost:5000/x:1", "localhost:5000 x:1"),
            ("[::1]:5000/x/y:1", "[::1]:5000 x/y:1"),
            ("alpine", "docker.io library/alpine:latest"),
            ("alpine:3.20", "docker.io library/alpine:3.20"),
            ("acme/api:1", "docker.io acme/api:1"),
        ] {
            assert_eq!(read(text), meant);
        }
        assert_eq!(
            read(&format!("alpine:3{pinned}")),
            "docker.io library/alpine:3@DIGEST"
        );
        assert_eq!(read(&format!("ghcr.io/a/b{pinned}")), "ghcr.io a/b@DIGEST");
    }

    #[test]
    fn what_is_no_reference() {
        for (text, error) in [
            ("", TargetError::Empty),
            ("ghcr.io", TargetError::NoRepository),
            ("ghcr.io/", TargetError::NoRepository),
            ("ghcr.io/acme/*:1", TargetError::ReferenceWildcard),
            ("ghcr.io/acme/api:1.*", TargetError::ReferenceWildcard),
            ("oci:demo:1", TargetError::OnDisk),
            ("ghcr.io/acme/api:", TargetError::NoTag),
        ] {
            assert_eq!(NamedReference::parse(text), Err(error), "{text}");
        }
        for text in [
            "https://ghcr.io/x",
            "ghcr.io/Team/x",
            "ghcr.io/x@sha256:1",
            "u:p@ghcr.io/x",
        ] {
            assert!(NamedReference::parse(text).is_err(), "{text}");
        }
    }
}
