//! Where to ask: what `registry` says once it is filled in, and what a TARGET on the command line says.
//!
//! Only text is looked at: whether a folder may be read is decided by whoever reads it. A user name or password in a
//! registry's name is refused and never repeated (threats K3).

use std::path::PathBuf;

use super::template::DISK;
use crate::diagnostic::{Diagnostic, Place};
use crate::oci::{Digest, DigestError, HostError, NameError, RegistryHost, Repository, Tag};
use crate::pattern::is_wild;
use crate::yaml::outside;

/// A place that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    /// A registry service.
    Host {
        /// Its host and port.
        host: RegistryHost,
        /// What stands before every repository that is meant.
        prefix: Option<Repository>,
    },
    /// A folder with an OCI image layout.
    Layout(PathBuf),
    /// Such a folder in a tar file.
    OciArchive(PathBuf),
    /// A tar file of `docker save`.
    DockerArchive(PathBuf),
}

/// Why a text names no place that can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing is there.
    #[error("a registry's name is empty")]
    Empty,
    /// The part before the first `/` is no host.
    #[error(transparent)]
    Host(HostError),
    /// The part after it is no start of a repository's name.
    #[error("what follows the host is no start of a repository's name")]
    Prefix,
    /// There is a wildcard in it.
    #[error("a registry is named without wildcards")]
    Wildcard,
    /// `oci:` with nothing after it.
    #[error("`{0}` needs a path after it")]
    Path(&'static str),
    /// The repository of a TARGET.
    #[error(transparent)]
    Repository(NameError),
    /// The tag of a TARGET.
    #[error(transparent)]
    Tag(NameError),
    /// The digest of a TARGET.
    #[error(transparent)]
    Digest(DigestError),
    /// A digest names one manifest, and there is more that names others.
    #[error("a digest goes with one repository, without a tag and without wildcards")]
    DigestAndMore,
    /// A tag without a repository.
    #[error("a tag needs a repository before it")]
    TagAlone,
    /// A colon with nothing after it.
    #[error("nothing follows the `:`")]
    NoTag,
    /// A reference without a repository.
    #[error("a reference names a repository")]
    NoRepository,
    /// A pattern where one manifest is wanted.
    #[error("a reference is one manifest, without wildcards")]
    ReferenceWildcard,
    /// A folder or a file where a manifest of a registry is wanted.
    #[error("a reference is of a registry, not of a folder or a file")]
    OnDisk,
}

impl Target {
    /// Reads a filled-in `registry`: `HOST[:PORT][/PREFIX]`, `oci:DIR`, `oci-archive:FILE` or
    /// `docker-archive:FILE`.
    ///
    /// Errors: anything else.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if let Some((scheme, path)) = on_disk(text)? {
            return Ok(match scheme {
                "oci:" => Self::Layout(path.into()),
                "oci-archive:" => Self::OciArchive(path.into()),
                _ => Self::DockerArchive(path.into()),
            });
        }
        refuse_url(text)?;
        let (host, prefix) = text.split_once('/').unwrap_or((text, ""));
        if host.is_empty() {
            return Err(TargetError::Empty);
        }
        if is_wild(host.trim_start_matches('[').trim_end_matches(']')) && !host.starts_with('[')
            || is_wild(prefix)
        {
            return Err(TargetError::Wildcard);
        }
        let host = host.parse().map_err(TargetError::Host)?;
        let prefix =
            Some(prefix.strip_suffix('/').unwrap_or(prefix)).filter(|prefix| !prefix.is_empty());
        let prefix = prefix
            .map(|prefix| prefix.parse().map_err(|_| TargetError::Prefix))
            .transpose()?;
        Ok(Self::Host { host, prefix })
    }
}

/// What a registry's name is like.
const LIKE: &str = "a registry is named like `ghcr.io`, `localhost:5000` or `ghcr.io/team`; a folder like `oci:DIR`, an archive like `oci-archive:FILE` or `docker-archive:FILE`";

/// What a reference is like.
const REFERENCE: &str =
    "a reference is written `HOST/REPOSITORY:TAG`, with `@DIGEST` after it or in place of the tag";

impl TargetError {
    /// Says what is wrong with `text`, which stands at `place`, and what would be right. Text with a password in it
    /// is not shown.
    pub fn explain(&self, text: &str, place: &Place) -> Diagnostic {
        if self.hides_text() {
            // Drawing the place would draw the password with it (threats K3).
            let (line, column) = place.line_and_column();
            return Diagnostic::error(format!("{self} ({}:{line}:{column})", place.source.name))
                .hint("log in with `docker login HOST`");
        }
        let finding = Diagnostic::error(self.to_string()).at(place, "");
        match self.hint(text) {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    }

    /// Tells whether the text may hold a password, so that nobody shows it (threats K3).
    pub fn hides_text(&self) -> bool {
        matches!(self, Self::Host(HostError::Userinfo))
    }

    fn hint(&self, text: &str) -> Option<String> {
        Some(match self {
            Self::Host(HostError::Scheme) => {
                let (scheme, bare) = text.split_once("://").unwrap_or(("", text));
                match scheme {
                    "http" | "https" => format!("write `{}`", bare.trim_end_matches('/')),
                    _ => LIKE.to_owned(),
                }
            }
            Self::Empty | Self::Host(_) => LIKE.to_owned(),
            Self::Prefix => "tags belong under `tags`, patterns under `repositories`".to_owned(),
            Self::Wildcard => "patterns belong under `repositories` and `tags`".to_owned(),
            Self::Path(scheme) => format!("write `{scheme}PATH`"),
            Self::DigestAndMore => "write `HOST/REPOSITORY@DIGEST`".to_owned(),
            Self::TagAlone => "`HOST/**:TAG` means this tag of every repository".to_owned(),
            Self::NoTag => "leave the `:` out to mean every tag".to_owned(),
            Self::NoRepository | Self::OnDisk => REFERENCE.to_owned(),
            Self::ReferenceWildcard => {
                "patterns belong under `registry`, `repositories` and `tags`".to_owned()
            }
            Self::Repository(_) | Self::Tag(_) | Self::Digest(_) => return None,
        })
    }
}

/// A TARGET of the command line: a registry, and perhaps what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandTarget {
    /// What a query file says under `registry`.
    pub registry: String,
    /// The pattern for repositories.
    pub repositories: Option<String>,
    /// The pattern for tags.
    pub tags: Option<String>,
    /// The one manifest that is meant.
    pub digest: Option<Digest>,
}

impl CommandTarget {
    /// Reads `HOST[:PORT][/REPOSITORY-PATTERN][:TAG-PATTERN|@DIGEST]`, Docker's short names, or
    /// `oci:DIR[:TAG-PATTERN]` and its kin.
    ///
    /// A text without `/` is a registry if it has a dot before any `:`, or is `localhost` or an IPv6 address; else it
    /// is a name of Docker Hub, `alpine:3` as well as `registry:5000`. A `/` at the end makes it a registry.
    ///
    /// Errors: anything else.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if let Some((scheme, path)) = on_disk(text)? {
            return disk_target(scheme, path);
        }
        refuse_url(text)?;
        let (name, digest) = split_digest(text)?;
        let (registry, rest) = split_registry(name);
        registry
            .parse::<RegistryHost>()
            .map_err(TargetError::Host)?;
        let (repositories, tags) = split_tag(rest)?;
        let repositories = repositories.map(|pattern| docker_name(registry, pattern));
        check_names(repositories.as_deref(), tags)?;
        let is_one = repositories.as_deref().is_some_and(|name| !is_wild(name)) && tags.is_none();
        if digest.is_some() && !is_one {
            return Err(TargetError::DigestAndMore);
        }
        Ok(Self {
            registry: registry.to_owned(),
            repositories,
            tags: tags.map(str::to_owned),
            digest,
        })
    }
}

/// Takes `oci:` and its kin off.
pub(super) fn on_disk(text: &str) -> Result<Option<(&'static str, &str)>, TargetError> {
    let found = DISK
        .iter()
        .find_map(|scheme| Some((*scheme, text.strip_prefix(scheme)?)));
    match found {
        Some((scheme, "")) => Err(TargetError::Path(scheme)),
        other => Ok(other),
    }
}

/// Refuses what looks like an address, the one with a password first.
pub(super) fn refuse_url(text: &str) -> Result<(), TargetError> {
    if text.is_empty() {
        return Err(TargetError::Empty);
    }
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let has_userinfo = authority
        .split('/')
        .next()
        .is_some_and(|first| first.contains('@'));
    let is_digest = text
        .split_once('@')
        .is_some_and(|(_, digest)| looks_like_digest(digest));
    if has_userinfo && !is_digest {
        return Err(TargetError::Host(HostError::Userinfo));
    }
    if text.contains("://") {
        return Err(TargetError::Host(HostError::Scheme));
    }
    Ok(())
}

fn looks_like_digest(text: &str) -> bool {
    text.starts_with("sha256:") || text.starts_with("sha512:")
}

fn disk_target(scheme: &str, path: &str) -> Result<CommandTarget, TargetError> {
    // `C:\images` has a colon too, but what follows it is a path.
    let tag = path
        .rsplit_once(':')
        .filter(|(dir, tag)| !dir.is_empty() && !tag.contains(['/', '\\']));
    let (path, tags) = match tag {
        Some((_, "")) => return Err(TargetError::NoTag),
        Some((path, tag)) => (path, Some(tag)),
        None => (path, None),
    };
    check_names(None, tags)?;
    Ok(CommandTarget {
        registry: format!("{scheme}{path}"),
        repositories: None,
        tags: tags.map(str::to_owned),
        digest: None,
    })
}

pub(super) fn split_digest(text: &str) -> Result<(&str, Option<Digest>), TargetError> {
    match text.split_once('@') {
        Some((name, digest)) => {
            let digest = digest.parse().map_err(TargetError::Digest)?;
            Ok((name, Some(digest)))
        }
        None => Ok((text, None)),
    }
}

pub(super) fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((first, rest)) if rest.is_empty() || RegistryHost::is_host(first) => (first, rest),
        Some(_) => (DOCKER_HUB, name),
        None => {
            let host = name.split(':').next().unwrap_or(name);
            match name.starts_with('[') || RegistryHost::is_host(host) {
                true => (name, ""),
                false => (DOCKER_HUB, name),
            }
        }
    }
}

const DOCKER_HUB: &str = "docker.io";

/// Docker's rule: a name of Docker Hub without a `/` is one of the official images.
pub(super) fn docker_name(registry: &str, pattern: &str) -> String {
    let is_hub = matches!(registry, DOCKER_HUB | "index.docker.io");
    if is_hub && !pattern.contains('/') && !pattern.starts_with("**") {
        format!("library/{pattern}")
    } else {
        pattern.to_owned()
    }
}

pub(super) fn split_tag(rest: &str) -> Result<(Option<&str>, Option<&str>), TargetError> {
    let colon = outside(rest).find(|(_, c)| *c == ':').map(|(at, _)| at);
    match colon.map(|at| (&rest[..at], &rest[at + 1..])) {
        Some(("", _)) => Err(TargetError::TagAlone),
        Some((_, "")) => Err(TargetError::NoTag),
        Some((repositories, tags)) => Ok((Some(repositories), Some(tags))),
        None => Ok((Some(rest).filter(|rest| !rest.is_empty()), None)),
    }
}

/// Names without wildcards are checked against the spec's grammar; patterns are checked where they are compiled.
fn check_names(repositories: Option<&str>, tags: Option<&str>) -> Result<(), TargetError> {
    if let Some(name) = repositories.filter(|name| !is_wild(name)) {
        name.parse::<Repository>()
            .map_err(TargetError::Repository)?;
    }
    if let Some(tag) = tags.filter(|tag| !is_wild(tag)) {
        tag.parse::<Tag>().map_err(TargetError::Tag)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Passage;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn host(host: &str, prefix: Option<&str>) -> Target {
        Target::Host {
            host: host.parse().unwrap(),
            prefix: prefix.map(|prefix| prefix.parse().unwrap()),
        }
    }

    #[test]
    fn registries_of_a_file() {
        for (text, target) in [
            ("ghcr.io", host("ghcr.io", None)),
            ("GHCR.io", host("ghcr.io", None)),
            ("ghcr.io/", host("ghcr.io", None)),
            ("ghcr.io/acme/team", host("ghcr.io", Some("acme/team"))),
            ("localhost:5000/x", host("localhost:5000", Some("x"))),
            ("registry", host("registry", None)),
            ("[::1]:5000", host("[::1]:5000", None)),
            ("oci:images", Target::Layout("images".into())),
            ("oci:../a b", Target::Layout("../a b".into())),
            ("oci-archive:a.tar", Target::OciArchive("a.tar".into())),
            (
                "docker-archive:b.tar",
                Target::DockerArchive("b.tar".into()),
            ),
        ] {
            assert_eq!(Target::parse(text), Ok(target), "{text}");
        }
    }

    #[test]
    fn what_is_no_registry_is_explained() {
        for (text, message, hint) in [
            ("", "a registry's name is empty", "named like `ghcr.io`"),
            ("/x", "a registry's name is empty", "named like"),
            (
                "https://ghcr.io/",
                "a registry is named without a scheme such as `https://`",
                "write `ghcr.io`",
            ),
            (
                "http://localhost:5000",
                "a registry is named without a scheme such as `https://`",
                "write `localhost:5000`",
            ),
            (
                "ghcr.io:x",
                "a port is a number from 1 to 65535",
                "localhost:5000",
            ),
            (
                "gh cr.io",
                "a registry is named `HOST` or `HOST:PORT`",
                "named like",
            ),
            (
                "ghcr.io/Team",
                "what follows the host is no start of a repository's name",
                "`repositories`",
            ),
            (
                "ghcr.io/team:1.0",
                "what follows the host is no start of a repository's name",
                "tags belong under `tags`",
            ),
            (
                "ghcr.io/../x",
                "what follows the host is no start of a repository's name",
                "`repositories`",
            ),
            (
                "ghcr.io//x",
                "what follows the host is no start of a repository's name",
                "`repositories`",
            ),
            (
                "ghcr.io/team/*",
                "a registry is named without wildcards",
                "patterns belong under `repositories`",
            ),
            (
                "*.io",
                "a registry is named without wildcards",
                "patterns belong",
            ),
            ("oci:", "`oci:` needs a path after it", "write `oci:PATH`"),
            (
                "docker-archive:",
                "`docker-archive:` needs a path after it",
                "PATH",
            ),
        ] {
            let place = Passage::flag("--registry", text).place();
            let finding = Target::parse(text).expect_err(text).explain(text, &place);
            assert_eq!(finding.message, message, "{text}");
            assert!(
                finding.hints[0].contains(hint),
                "{text}: {:?}",
                finding.hints
            );
        }
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        for text in [
            "user:hunter2@ghcr.io",
            "https://user:hunter2@ghcr.io/x",
            "hunter2@ghcr.io/a:b",
        ] {
            let place = Passage::flag("registry", text).place();
            for error in [
                Target::parse(text).unwrap_err(),
                CommandTarget::parse(text).unwrap_err(),
            ] {
                let drawn = crate::diagnostic::draw(
                    &[error.explain(text, &place)],
                    crate::diagnostic::Colour::Off,
                );
                assert!(drawn.contains("user name or password"), "{drawn}");
                assert!(
                    drawn.contains("(registry:1:1)") && !drawn.contains("hunter2"),
                    "{drawn}"
                );
            }
        }
    }

    #[test]
    fn targets_of_the_command_line() {
        for (text, registry, repositories, tags) in [
            ("alpine", "docker.io", Some("library/alpine"), None),
            ("alpine:3", "docker.io", Some("library/alpine"), Some("3")),
            (
                "alpine:3.*",
                "docker.io",
                Some("library/alpine"),
                Some("3.*"),
            ),
            ("alp*", "docker.io", Some("library/alp*"), None),
            ("**", "docker.io", Some("**"), None),
            ("acme/app", "docker.io", Some("acme/app"), None),
            ("acme/*", "docker.io", Some("acme/*"), None),
            (
                "acme/app:1.{0,1}",
                "docker.io",
                Some("acme/app"),
                Some("1.{0,1}"),
            ),
            ("docker.io", "docker.io", None, None),
            (
                "docker.io/alpine",
                "docker.io",
                Some("library/alpine"),
                None,
            ),
            (
                "docker.io/library/alpine:3",
                "docker.io",
                Some("library/alpine"),
                Some("3"),
            ),
            ("docker.io/**", "docker.io", Some("**"), None),
            ("ghcr.io", "ghcr.io", None, None),
            ("ghcr.io/", "ghcr.io", None, None),
            ("ghcr.io/acme/app", "ghcr.io", Some("acme/app"), None),
            (
                "ghcr.io/acme/**:v[0-9]*",
                "ghcr.io",
                Some("acme/**"),
                Some("v[0-9]*"),
            ),
            ("ghcr.io:443", "ghcr.io:443", None, None),
            ("ghcr.io/x:y", "ghcr.io", Some("x"), Some("y")),
            ("localhost", "localhost", None, None),
            ("localhost:5000", "localhost:5000", None, None),
            (
                "localhost:5000/app:1",
                "localhost:5000",
                Some("app"),
                Some("1"),
            ),
            ("registry:5000/app", "registry:5000", Some("app"), None),
            ("registry:5000/", "registry:5000", None, None),
            (
                "registry:5000",
                "docker.io",
                Some("library/registry"),
                Some("5000"),
            ),
            ("registry/", "registry", None, None),
            ("[::1]:5000", "[::1]:5000", None, None),
            ("[::1]:5000/app:1", "[::1]:5000", Some("app"), Some("1")),
            ("oci:images", "oci:images", None, None),
            ("oci:./a/b:1.*", "oci:./a/b", None, Some("1.*")),
            ("oci:C:\\images", "oci:C:\\images", None, None),
            ("oci:C:/images:x", "oci:C:/images", None, Some("x")),
            ("oci-archive:a.tar:1", "oci-archive:a.tar", None, Some("1")),
            (
                "docker-archive:/tmp/b.tar",
                "docker-archive:/tmp/b.tar",
                None,
                None,
            ),
        ] {
            let target = CommandTarget {
                registry: registry.to_owned(),
                repositories: repositories.map(str::to_owned),
                tags: tags.map(str::to_owned),
                digest: None,
            };
            assert_eq!(CommandTarget::parse(text), Ok(target), "{text}");
        }
    }

    #[test]
    fn a_digest_names_one_manifest() {
        for (name, repository) in [("alpine", "library/alpine"), ("ghcr.io/a/b", "a/b")] {
            let target = CommandTarget::parse(&format!("{name}@{DIGEST}")).unwrap();
            assert_eq!(target.repositories.as_deref(), Some(repository));
            assert_eq!(target.digest, DIGEST.parse().ok());
        }
        for text in ["alpine:3", "acme/*", "ghcr.io"] {
            let target = CommandTarget::parse(&format!("{text}@{DIGEST}"));
            assert_eq!(target, Err(TargetError::DigestAndMore), "{text}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (text, error) in [
            ("", TargetError::Empty),
            ("https://ghcr.io", TargetError::Host(HostError::Scheme)),
            ("my.image:latest", TargetError::Host(HostError::Port)),
            ("Alpine", TargetError::Repository(NameError::Repository)),
            (
                "ghcr.io/a//b",
                TargetError::Repository(NameError::Repository),
            ),
            ("alpine:a/b", TargetError::Host(HostError::Port)),
            ("ghcr.io/a:.x", TargetError::Tag(NameError::Tag)),
            ("ghcr.io/a:b:c", TargetError::Tag(NameError::Tag)),
            ("alpine:", TargetError::NoTag),
            ("ghcr.io/:x", TargetError::TagAlone),
            ("oci:", TargetError::Path("oci:")),
            ("oci:dir:", TargetError::NoTag),
            (
                "alpine@sha256:12",
                TargetError::Digest(DigestError::Hex(crate::oci::Algorithm::Sha256)),
            ),
            ("a/b@latest", TargetError::Digest(DigestError::Shape)),
            ("/a", TargetError::Repository(NameError::Repository)),
        ] {
            assert_eq!(CommandTarget::parse(text), Err(error), "{text}");
        }
    }
}
