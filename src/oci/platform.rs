//! Platforms: `os/architecture[/variant]` (image-spec 1.1, image-index.md; written as containerd does).

use std::fmt;
use std::str::FromStr;

use crate::value::Value;

/// Operating system, architecture and perhaps variant, by Go's names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `arm64`.
    pub architecture: String,
    /// Such as `v8`.
    pub variant: Option<String>,
}

/// Why a text is no platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a platform is `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`, such as `linux/arm64`")]
pub struct PlatformError;

impl Platform {
    /// Those that images are usually built for, as `docker buildx` lists them.
    pub const USUAL: [&str; 13] = [
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/arm/v6",
        "linux/arm/v5",
        "linux/386",
        "linux/ppc64le",
        "linux/s390x",
        "linux/riscv64",
        "linux/loong64",
        "linux/mips64le",
        "windows/amd64",
        "windows/arm64",
    ];

    /// `linux/amd64`: what stands for an index where the query names no platform.
    pub fn standard() -> Self {
        Self {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
        }
    }

    /// Reads a `platform` object, or the same members of an image config. None if it does not name an
    /// operating system and an architecture.
    pub fn read(document: &Value) -> Option<Self> {
        let member = |name| {
            let text = document.get(name)?.as_text()?;
            (!text.is_empty()).then(|| text.to_owned())
        };
        Some(Self {
            os: member("os")?,
            architecture: member("architecture")?,
            variant: member("variant"),
        })
    }

    /// Tells whether this is `unknown/unknown`, as buildkit marks what is no image.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// Tells whether `wanted` means this platform. A wanted platform without variant means any; `arm64` and
    /// `arm64/v8` are the same.
    pub fn satisfies(&self, wanted: &Self) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.known_variant() == wanted.known_variant())
    }

    /// The ways to write it: without a variant, and with the one it has or that everybody means.
    pub fn spellings(&self) -> Vec<String> {
        let plain = format!("{}/{}", self.os, self.architecture);
        let full = self
            .known_variant()
            .map(|variant| format!("{plain}/{variant}"));
        std::iter::once(plain).chain(full).collect()
    }

    /// containerd's normalisation: arm64 without variant is v8, arm without variant is v7.
    fn known_variant(&self) -> Option<&str> {
        match (self.architecture.as_str(), self.variant.as_deref()) {
            ("arm64", None) => Some("v8"),
            ("arm", None) => Some("v7"),
            (_, variant) => variant,
        }
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, PlatformError> {
        let is_part = |part: &&str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [os, architecture, rest @ ..] if rest.len() <= 1 && parts.iter().all(is_part) => {
                Ok(Self {
                    os: (*os).to_owned(),
                    architecture: normal_architecture(architecture).to_owned(),
                    variant: rest.first().map(|variant| (*variant).to_owned()),
                })
            }
            _ => Err(PlatformError),
        }
    }
}

/// The names `uname` gives, which users type, for the names manifests have.
fn normal_architecture(name: &str) -> &str {
    match name {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" => "386",
        other => other,
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_and_print() {
        for text in ["linux/amd64", "linux/arm/v7", "windows/amd64"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        assert_eq!(
            "linux/aarch64".parse::<Platform>().unwrap().to_string(),
            "linux/arm64"
        );
        for bad in ["linux", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", ""] {
            assert_eq!(bad.parse::<Platform>(), Err(PlatformError), "{bad}");
        }
    }

    #[test]
    fn variants_match_as_containerd_does() {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        assert!(platform("linux/arm64/v8").satisfies(&platform("linux/arm64")));
        assert!(platform("linux/arm64").satisfies(&platform("linux/arm64/v8")));
        assert!(!platform("linux/arm/v6").satisfies(&platform("linux/arm/v7")));
        assert!(!platform("linux/amd64").satisfies(&platform("linux/arm64")));
    }
}
