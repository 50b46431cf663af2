//! What an entry of `index.json` is called.
//!
//! Two annotations name it. `io.containerd.image.name`, written by containerd and buildx, is a whole reference
//! and wins: its host is dropped, `library/` is kept. `org.opencontainers.image.ref.name` (image-spec 1.1,
//! annotations.md) is a tag to some tools and a reference to others, so its shape decides: with `/` or `:` it
//! is a reference, otherwise a tag. Where only a tag is known, the repository is named after the layout's
//! folder. A reference without tag means `latest`, as everywhere in Docker, unless it has a digest: then it
//! names content and makes no tag.
//!
//! | `image.name` | `ref.name` | repository | tag |
//! | --- | --- | --- | --- |
//! | `docker.io/team/app:1.0` | anything | `team/app` | `1.0` |
//! | `docker.io/team/app` | `1.0` | `team/app` | `1.0` |
//! | | `1.0` | the folder's name | `1.0` |
//! | | `ghcr.io/team/app:1.0` | `team/app` | `1.0` |
//! | | `team/app` | `team/app` | `latest` |
//! | | `team/app@sha256:…` | | |

use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::registry::RegistryError;
use crate::registry::error::outside;

/// `io.containerd.image.name`
pub(super) const IMAGE_NAME: &str = "io.containerd.image.name";
/// `org.opencontainers.image.ref.name`
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// A name as far as it goes.
struct Name<'a> {
    repository: Option<&'a str>,
    tag: Option<&'a str>,
    has_digest: bool,
}

/// Why an entry could not be named.
#[derive(Debug, PartialEq)]
pub(super) struct Unnamed {
    /// The repository it would belong to, if that much is known.
    pub(super) repository: Option<Repository>,
    /// What is wrong with its name.
    pub(super) fault: RegistryError,
}

/// Finds repository and tag of an entry from its two annotations. None if they make no tag.
pub(super) fn name_entry(
    image_name: Option<&str>,
    ref_name: Option<&str>,
    fallback: &Repository,
) -> Result<Option<(Repository, Tag)>, Unnamed> {
    let given = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
    let image = image_name.filter(|_| given(image_name)).map(reference);
    let short = ref_name.filter(|_| given(ref_name)).map(short_name);
    let short_tag = short.as_ref().and_then(|name| name.tag);
    let Some(name) = image.map(|image| completed(image, short_tag)).or(short) else {
        return Ok(None);
    };
    let repository = repository(name.repository, fallback)?;
    let tag = match (name.tag, name.has_digest) {
        (Some(tag), _) => tag,
        (None, true) => return Ok(None),
        (None, false) => "latest",
    };
    match tag.parse() {
        Ok(tag) => Ok(Some((repository, tag))),
        Err(_) => Err(Unnamed {
            repository: Some(repository),
            fault: RegistryError::InvalidTag(outside(tag)),
        }),
    }
}

/// A name with another tag where it has none of its own.
fn completed<'a>(name: Name<'a>, tag: Option<&'a str>) -> Name<'a> {
    Name {
        tag: name.tag.or(tag),
        ..name
    }
}

fn repository(name: Option<&str>, fallback: &Repository) -> Result<Repository, Unnamed> {
    let Some(name) = name else {
        return Ok(fallback.clone());
    };
    name.parse().map_err(|_| Unnamed {
        repository: None,
        fault: RegistryError::InvalidRepository(outside(name)),
    })
}

/// Reads `[HOST/]REPOSITORY[:TAG][@DIGEST]`.
fn reference(text: &str) -> Name<'_> {
    let (text, has_digest) = without_digest(text);
    let (path, tag) = match text.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (text, None),
    };
    let repository = match path.split_once('/') {
        Some((host, rest)) if is_host(host) => rest,
        _ => path,
    };
    Name {
        repository: Some(repository),
        tag,
        has_digest,
    }
}

/// A first component that only looks like a host, such as `..`, stays in the repository and spoils it.
fn is_host(component: &str) -> bool {
    RegistryHost::is_host(component) && component.parse::<RegistryHost>().is_ok()
}

/// Reads what `ref.name` may hold: a tag, a digest, or a reference.
fn short_name(text: &str) -> Name<'_> {
    let (bare, has_digest) = without_digest(text);
    if bare.contains(['/', ':']) {
        return reference(text);
    }
    Name {
        repository: None,
        tag: Some(bare).filter(|_| !(has_digest && bare.is_empty())),
        has_digest,
    }
}

/// Cuts off a digest. containerd writes `1.0@sha256:…`, `@sha256:…` and a bare digest too, which would
/// otherwise pass for tag `<hex>` of a repository `sha256`.
fn without_digest(text: &str) -> (&str, bool) {
    match text.split_once('@') {
        Some((bare, _)) => (bare, true),
        None if text.parse::<Digest>().is_ok() => ("", true),
        None => (text, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// `REPOSITORY:TAG`, `-` where there is no tag, `!CODE REPOSITORY` where the name is not valid.
    fn named(image_name: Option<&str>, ref_name: Option<&str>) -> String {
        let with_hex = |text: Option<&str>| text.map(|text| text.replace("HEX", HEX));
        let (image_name, ref_name) = (with_hex(image_name), with_hex(ref_name));
        let fallback: Repository = "folder".parse().unwrap();
        match name_entry(image_name.as_deref(), ref_name.as_deref(), &fallback) {
            Ok(None) => "-".to_owned(),
            Ok(Some((repository, tag))) => format!("{repository}:{tag}"),
            Err(Unnamed { repository, fault }) => {
                let known = repository.as_ref().map_or("?", Repository::as_str);
                format!("!{} {known}", fault.code())
            }
        }
    }

    #[test]
    fn ref_names_of_every_shape() {
        for (ref_name, expected) in [
            ("1.0", "folder:1.0"),
            ("latest", "folder:latest"),
            ("example.com", "folder:example.com"),
            ("app:1.0", "app:1.0"),
            ("team/app:1.0", "team/app:1.0"),
            ("team/app", "team/app:latest"),
            ("a/b/c/d:x", "a/b/c/d:x"),
            ("docker.io/library/nginx:1.27", "library/nginx:1.27"),
            ("ghcr.io/team/app", "team/app:latest"),
            ("localhost/app:1", "app:1"),
            ("localhost:5000/team/app:1", "team/app:1"),
            ("localhost:5000/app", "app:latest"),
            ("LOCALHOST/app", "app:latest"),
            ("registry.example.com:443/app", "app:latest"),
            ("[::1]:5000/app:2", "app:2"),
            ("1.0@sha256:HEX", "folder:1.0"),
            ("team/app:1.0@sha256:HEX", "team/app:1.0"),
            ("team/app@sha256:HEX", "-"),
            ("@sha256:HEX", "-"),
            ("sha256:HEX", "-"),
            ("", "-"),
        ] {
            assert_eq!(named(None, Some(ref_name)), expected, "{ref_name}");
        }
    }

    #[test]
    fn the_image_name_wins() {
        for (image_name, ref_name, expected) in [
            ("docker.io/team/app:1.0", Some("1.0"), "team/app:1.0"),
            ("docker.io/library/app:1.0", None, "library/app:1.0"),
            ("docker.io/team/app:1.0", Some("2.0"), "team/app:1.0"),
            ("docker.io/team/app", Some("1.0"), "team/app:1.0"),
            ("docker.io/team/app", Some("other/app:1.0"), "team/app:1.0"),
            ("docker.io/team/app", None, "team/app:latest"),
            ("docker.io/team/app@sha256:HEX", Some("@sha256:HEX"), "-"),
            (
                "docker.io/team/app:1@sha256:HEX",
                Some("1@sha256:HEX"),
                "team/app:1",
            ),
            ("registry:5000/app", None, "app:latest"),
            ("app", None, "app:latest"),
            ("", Some("1.0"), "folder:1.0"),
        ] {
            assert_eq!(
                named(Some(image_name), ref_name),
                expected,
                "{image_name} {ref_name:?}"
            );
        }
        assert_eq!(named(None, None), "-");
    }

    #[test]
    fn b9_names_that_break_the_grammar_are_faults() {
        for (ref_name, expected) in [
            ("1.0+build", "!TAG_INVALID folder"),
            ("-x", "!TAG_INVALID folder"),
            ("a\u{1b}[2J", "!TAG_INVALID folder"),
            ("team/app:", "!TAG_INVALID team/app"),
            ("team/app:a b", "!TAG_INVALID team/app"),
            ("Team/App:1.0", "!NAME_INVALID ?"),
            ("../app:1.0", "!NAME_INVALID ?"),
            ("/app", "!NAME_INVALID ?"),
            ("ghcr.io/:1", "!NAME_INVALID ?"),
            (":1.0", "!NAME_INVALID ?"),
            ("..@sha256:HEX", "!TAG_INVALID folder"),
        ] {
            assert_eq!(named(None, Some(ref_name)), expected, "{ref_name}");
        }
        assert_eq!(named(Some("Team/App:1"), Some("1")), "!NAME_INVALID ?");
    }
}
