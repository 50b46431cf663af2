//! What a path of the registry asks for (distribution-spec 1.1, "Endpoints").

use super::request::Request;

/// An endpoint and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Ping,
    Catalog,
    Tags(&'a str),
    Manifest(&'a str, &'a str),
    Blob(&'a str, &'a str),
    Referrers(&'a str, &'a str),
    Unknown,
}

impl<'a> Route<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        let path = match request.path.strip_prefix("/v2") {
            Some("" | "/") => return Self::Ping,
            Some("/_catalog") => return Self::Catalog,
            Some(path) if path.starts_with('/') => &path[1..],
            Some(_) | None => return Self::Unknown,
        };
        if let Some(name) = path.strip_suffix("/tags/list") {
            return Self::Tags(name);
        }
        let about = |kind: &str| path.rsplit_once(kind);
        if let Some((name, digest)) = about("/referrers/") {
            return Self::Referrers(name, digest);
        }
        match (about("/manifests/"), about("/blobs/")) {
            (Some((name, which)), _) => Self::Manifest(name, which),
            (None, Some((name, digest))) => Self::Blob(name, digest),
            (None, None) => Self::Unknown,
        }
    }

    pub(super) fn repository(self) -> Option<&'a str> {
        match self {
            Self::Tags(name)
            | Self::Manifest(name, _)
            | Self::Blob(name, _)
            | Self::Referrers(name, _) => Some(name),
            Self::Ping | Self::Catalog | Self::Unknown => None,
        }
    }
}
