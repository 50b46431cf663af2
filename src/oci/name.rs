//! Repositories, tags, references (distribution-spec 1.1, "Pulling manifests").

use std::fmt;
use std::str::FromStr;

use super::{Digest, RegistryHost};

/// A repository's name within its registry, such as `team/app`: the spec's scope of content.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository(String);

/// A tag: a human-readable pointer to a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(String);

/// What of a repository is meant: a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Which {
    /// By name.
    Tag(Tag),
    /// By content.
    Digest(Digest),
}

/// Registry, repository, and a tag or digest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The service.
    pub registry: RegistryHost,
    /// The repository there.
    pub repository: Repository,
    /// The manifest there.
    pub which: Which,
}

/// Why a text is no name. Names come from servers too: what fails here never becomes part of a
/// request or a path (threats B9, L4).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a repository name.
    #[error(
        "a repository is lower-case letters and digits, joined by `.`, `_`, `-` and `/`, at most 255 characters"
    )]
    Repository,
    /// Not a tag.
    #[error(
        "a tag is letters, digits, `_`, `.` and `-`, not starting with `.` or `-`, at most 128 characters"
    )]
    Tag,
}

impl Repository {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last slash, if there is one.
    pub fn namespace(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(namespace, _)| namespace)
    }

    /// What stands after the last slash.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl Tag {
    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Repository {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() <= 255 && text.split('/').all(is_component) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Repository)
        }
    }
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators_fit = text
        .split(is_word)
        .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|byte| byte == b'-'));
    separators_fit && text.starts_with(is_word) && text.ends_with(is_word)
}

impl FromStr for Tag {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let fits = |byte: u8| is_word(byte) || byte == b'.' || byte == b'-';
        if text.len() <= 128 && text.bytes().next().is_some_and(is_word) && text.bytes().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::Tag)
        }
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.registry, self.repository, self.which)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b9_repositories_follow_the_grammar() {
        for good in ["app", "team/app", "a.b_c__d-e--f/g0", "0"] {
            assert!(good.parse::<Repository>().is_ok(), "{good}");
        }
        let long = "a".repeat(256);
        for bad in [
            "", "/", "a/", "/a", "a//b", "A", "a..b", "a___b", "a._b", "-a", "a-", "../a",
            "a/../b", "a b", "a%2e", "a?b", "a#b", "a\0", "a\r\nb", "é", &long,
        ] {
            assert_eq!(
                bad.parse::<Repository>(),
                Err(NameError::Repository),
                "{bad}"
            );
        }
    }

    #[test]
    fn b9_tags_follow_the_grammar() {
        let longest = "a".repeat(128);
        for good in ["latest", "v1.2-rc_1", "_x", "1", &longest] {
            assert!(good.parse::<Tag>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ".a",
            "-a",
            "a/b",
            "a:b",
            "a b",
            "é",
            "a\n",
            &format!("{longest}a"),
        ] {
            assert_eq!(bad.parse::<Tag>(), Err(NameError::Tag), "{bad}");
        }
    }

    #[test]
    fn parts_of_a_repository() {
        let deep: Repository = "a/b/c".parse().unwrap();
        assert_eq!((deep.namespace(), deep.name()), (Some("a/b"), "c"));
        let flat: Repository = "c".parse().unwrap();
        assert_eq!((flat.namespace(), flat.name()), (None, "c"));
    }
}
