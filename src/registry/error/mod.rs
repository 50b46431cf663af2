//! Why a question got no answer.
//!
//! Values that can be kept with a row and compared in a test: text from outside is made safe when the
//! error is made (threats F-9). What advice to give and which code to exit with is decided by `cli`, from
//! [`RegistryError::code`] and [`RegistryError::class`].

mod detail;
mod network;
mod status;

use std::fmt;

pub use detail::{ArchiveFlaw, AskedAs, LayoutFlaw, Question, Refusal, Thing};
pub use network::{Certificate, Unreached, Unsafe, Waiting};
pub use status::StatusError;
pub(super) use status::{code, said};

use url::Url;

use super::auth::CredentialError;
use super::wire::address::host_of;

use crate::limits::{ERROR_TEXT_CHARS, KIB, MIB};
use crate::oci::{Digest, RegistryHost, Repository, Tag};
use crate::safe::Safe;

/// Why a question got no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// There is no such repository.
    #[error("there is no repository `{0}`")]
    NoRepository(Repository),
    /// There is no such tag: it never was there, or it went since it was listed (threats D5).
    #[error("there is no tag `{tag}` in `{repository}`")]
    NoTag {
        /// Where it was looked for.
        repository: Repository,
        /// The tag.
        tag: Tag,
    },
    /// Something that is named elsewhere is not stored.
    #[error("{0} is not there")]
    NoContent(Thing),
    /// The content is not what its digest says (threats D1).
    #[error("the content of {0} does not match its digest")]
    DigestMismatch(Thing),
    /// A tag points to something else than what was expected (threats D4).
    #[error("{found} was found in place of {expected}")]
    Moved {
        /// What an earlier answer said.
        expected: Digest,
        /// What is there.
        found: Digest,
    },
    /// The content is longer or shorter than its descriptor says (threats D3).
    #[error("{thing} was announced with {announced} bytes but {}", found_in_words(*.found))]
    SizeMismatch {
        /// What it is.
        thing: Thing,
        /// What the descriptor says, in bytes.
        announced: u64,
        /// What was read, in bytes; none where reading stopped at the announced size.
        found: Option<u64>,
    },
    /// It is beyond one of our bounds.
    #[error("{thing} is larger than the limit of {}", in_words(*.limit as u64))]
    TooLarge {
        /// What it is.
        thing: Thing,
        /// The bound, in bytes.
        limit: usize,
    },
    /// A file that we do not open, or a path that we do not follow (threats G5, G10).
    #[error("`{file}` was not read: {why}")]
    UnsafeFile {
        /// The path.
        file: Safe,
        /// Why not.
        why: Refusal,
    },
    /// It is not the document it should be.
    #[error("{thing} is malformed: {cause}")]
    Malformed {
        /// What it is.
        thing: Thing,
        /// What is wrong with it.
        cause: Safe,
    },
    /// A file that cannot be read.
    #[error("`{file}` cannot be read: {cause}")]
    Unreadable {
        /// The path.
        file: Safe,
        /// What the operating system says.
        cause: Safe,
    },
    /// There is no image layout where one was named.
    #[error("`{shown}` is not an OCI image layout: {flaw}")]
    NotALayout {
        /// As the user wrote it.
        shown: Safe,
        /// What is missing or wrong.
        flaw: LayoutFlaw,
    },
    /// There is no archive of images where one was named.
    #[error("`{shown}` cannot be read as an archive of images: {flaw}")]
    NotAnArchive {
        /// As the user wrote it.
        shown: Safe,
        /// What is missing or wrong.
        flaw: ArchiveFlaw,
    },
    /// A tag is listed more than once, for different content.
    #[error(
        "the tag `{tag}` of `{repository}` is listed more than once, with different descriptors"
    )]
    AmbiguousTag {
        /// The repository.
        repository: Repository,
        /// The tag.
        tag: Tag,
    },
    /// A listing has a repository whose name breaks the grammar (threats B9).
    #[error("`{0}`, which is listed, is not a valid repository name")]
    InvalidRepository(Safe),
    /// A listing has a tag that breaks the grammar (threats B9).
    #[error("`{0}`, which is listed, is not a valid tag")]
    InvalidTag(Safe),
    /// The far side answered, and the answer was no.
    #[error("{0}")]
    Status(Box<StatusError>),
    /// The registry does not offer a list of its repositories.
    #[error("it does not list its repositories ({status})")]
    NoCatalog {
        /// What it answered.
        status: u16,
    },
    /// A vendor lists repositories only below a namespace, or not at all, and this asks for more.
    #[error("{vendor} lists repositories {}", if *.below {"only below a namespace"} else {"to nobody"})]
    NoListing {
        /// What people call it.
        vendor: &'static str,
        /// Whether it lists those below a namespace.
        below: bool,
    },
    /// Manifests can be listed only by their tags, so that nobody can say which have none.
    #[error("{}", no_manifests(*.login))]
    NoManifests {
        /// Whether they are listed for those who log in.
        login: bool,
    },
    /// Manifests cannot be listed of the cache of another registry: a list has what was pulled, and a tag may point
    /// elsewhere by now.
    #[error("the project `{project}` {}", if *.is_shown {"is a cache of another registry, so it lists no more manifests than were pulled"} else {"is not shown, and may be a cache of another registry, which lists no more manifests than were pulled"})]
    CachedManifests {
        /// The vendor's project.
        project: Repository,
        /// Whether it is known to be one, and not only hidden.
        is_shown: bool,
    },
    /// The credential is of a kind that a vendor's API does not take.
    #[error("the API takes a name and a password or an access token, and the credential is {0}")]
    ApiCredential(&'static str),
    /// The registry does not list what is attached to a manifest.
    #[error("it does not list what is attached ({status})")]
    NoReferrers {
        /// What it answered.
        status: u16,
    },
    /// There was no answer.
    #[error("`{host}` gave no answer: {why}")]
    Unreached {
        /// Who was asked.
        host: Safe,
        /// Why not.
        why: Unreached,
    },
    /// We would not go on.
    #[error("`{host}`: {why}")]
    Unsafe {
        /// Who led us there.
        host: Safe,
        /// Why not.
        why: Unsafe,
    },
    /// The run has made as many requests as it may (threats G13).
    #[error("the limit of {0} requests was reached")]
    TooMany(u64),
    /// The credential for the host cannot be had.
    #[error("{0}")]
    Credential(Box<CredentialError>),
    /// A listing whose pages never end (threats B5).
    #[error("{question} has no end: {why}")]
    Paging {
        /// What was listed.
        question: Question,
        /// How that shows.
        why: &'static str,
    },
}

/// Whose doing a failure is; an exit code follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// We would not go on, for safety.
    Unsafe,
    /// The far side answered, and the answer was no.
    Refused,
    /// The far side was not reached, or does not speak the protocol.
    Unreachable,
}

impl RegistryError {
    /// A stable word for the cause: the distribution specification's where it has one ("Error Codes").
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRepository(_) => "NAME_UNKNOWN",
            Self::NoTag { .. } => "MANIFEST_UNKNOWN",
            Self::NoContent(_) => "BLOB_UNKNOWN",
            Self::DigestMismatch(_) => "DIGEST_MISMATCH",
            Self::Moved { .. } => "TAG_MOVED",
            Self::SizeMismatch { .. } => "SIZE_MISMATCH",
            Self::TooLarge { .. } => "TOO_LARGE",
            Self::UnsafeFile { .. } => "UNSAFE_FILE",
            Self::Malformed { .. } => "MALFORMED",
            Self::Unreadable { .. } => "UNREADABLE",
            Self::NotALayout { .. } => "NOT_A_LAYOUT",
            Self::NotAnArchive { .. } => "NOT_AN_ARCHIVE",
            Self::AmbiguousTag { .. } => "AMBIGUOUS_TAG",
            Self::InvalidRepository(_) => "NAME_INVALID",
            Self::InvalidTag(_) => "TAG_INVALID",
            Self::Status(error) => error.code,
            Self::NoCatalog { .. } => "NO_CATALOG",
            Self::NoListing { below: true, .. } => "NAMESPACE_NEEDED",
            Self::NoListing { below: false, .. } => "NO_CATALOG",
            Self::NoManifests { .. } | Self::CachedManifests { .. } => "NO_MANIFEST_LIST",
            Self::ApiCredential(_) => "API_CREDENTIAL",
            Self::NoReferrers { .. } => "NO_REFERRERS",
            Self::Unreached { why, .. } => why.code(),
            Self::Unsafe { why, .. } => why.code(),
            Self::Credential(error) => error.code(),
            Self::Paging { .. } => "ENDLESS_LISTING",
            Self::TooMany(_) => "MAX_REQUESTS",
        }
    }

    /// Whose doing it is.
    pub fn class(&self) -> Class {
        match self {
            Self::DigestMismatch(_)
            | Self::SizeMismatch { .. }
            | Self::TooLarge { .. }
            | Self::UnsafeFile { .. }
            | Self::Unsafe { .. }
            | Self::TooMany(_) => Class::Unsafe,
            Self::NotAnArchive { flaw, .. } if flaw.is_bound() => Class::Unsafe,
            Self::Status(error) if error.status >= 500 => Class::Unreachable,
            Self::NoRepository(_)
            | Self::NoTag { .. }
            | Self::NoContent(_)
            | Self::Moved { .. }
            | Self::Status(_)
            | Self::NoCatalog { .. }
            | Self::NoListing { .. }
            | Self::NoManifests { .. }
            | Self::CachedManifests { .. }
            | Self::ApiCredential(_)
            | Self::NoReferrers { .. }
            | Self::Credential(_) => Class::Refused,
            Self::Malformed { .. }
            | Self::Unreadable { .. }
            | Self::NotALayout { .. }
            | Self::NotAnArchive { .. }
            | Self::AmbiguousTag { .. }
            | Self::InvalidRepository(_)
            | Self::InvalidTag(_)
            | Self::Unreached { .. }
            | Self::Paging { .. } => Class::Unreachable,
        }
    }

    /// Tells whether the tag or repository itself is not there, as opposed to something it needs.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::NoRepository(_) | Self::NoTag { .. })
    }

    /// Tells whether the far side would not have whoever asked.
    pub(super) fn is_denial(&self) -> bool {
        matches!(self, Self::Status(error) if matches!(error.status, 401 | 403))
    }

    pub(super) fn not_safe(host: &RegistryHost, why: Unsafe) -> Self {
        let host = outside(&host.to_string());
        Self::Unsafe { host, why }
    }

    pub(super) fn malformed(thing: Thing, cause: impl fmt::Display) -> Self {
        Self::Malformed {
            thing,
            cause: outside(&cause.to_string()),
        }
    }
}

/// A host as it is shown in errors, with its port.
pub(super) fn shown_host(url: &Url) -> Safe {
    outside(&host_of(url).map_or_else(String::new, |host| host.to_string()))
}

/// Makes text from outside fit for an error.
pub(super) fn outside(text: &str) -> Safe {
    Safe::cut(text, ERROR_TEXT_CHARS)
}

fn no_manifests(login: bool) -> &'static str {
    match login {
        true => "it lists manifests only for those who log in",
        false => "it lists tags only, and nobody can tell which manifests have none",
    }
}

fn found_in_words(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "is longer".to_owned(), |bytes| format!("has {bytes}"))
}

/// A bound in bytes, as it is told.
pub(super) fn in_words(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [
        (1024 * MIB as u64, "GiB"),
        (MIB as u64, "MiB"),
        (KIB as u64, "KiB"),
    ];
    let whole = UNITS
        .iter()
        .find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> Repository {
        "team/app".parse().unwrap()
    }

    fn tag() -> Tag {
        "1.0".parse().unwrap()
    }

    /// One of each, with its code, its class and its text.
    fn all() -> Vec<(RegistryError, &'static str, Class, String)> {
        use Class::{Refused, Unreachable, Unsafe};
        use RegistryError as E;
        let digest = Digest::of(b"");
        let thing = || Thing::Manifest(digest.clone());
        let size = |found| E::SizeMismatch {
            thing: Thing::Config(digest.clone()),
            announced: 7,
            found,
        };
        let row = |error, code, class, text: &str| {
            (error, code, class, text.replace('#', &digest.to_string()))
        };
        vec![
            row(
                E::NoRepository(repository()),
                "NAME_UNKNOWN",
                Refused,
                "there is no repository `team/app`",
            ),
            row(
                E::NoTag {
                    repository: repository(),
                    tag: tag(),
                },
                "MANIFEST_UNKNOWN",
                Refused,
                "there is no tag `1.0` in `team/app`",
            ),
            row(
                E::NoContent(thing()),
                "BLOB_UNKNOWN",
                Refused,
                "manifest # is not there",
            ),
            row(
                E::DigestMismatch(thing()),
                "DIGEST_MISMATCH",
                Unsafe,
                "the content of manifest # does not match its digest",
            ),
            row(
                E::Moved {
                    expected: digest.clone(),
                    found: digest.clone(),
                },
                "TAG_MOVED",
                Refused,
                "# was found in place of #",
            ),
            row(
                size(Some(6)),
                "SIZE_MISMATCH",
                Unsafe,
                "config # was announced with 7 bytes but has 6",
            ),
            row(
                size(None),
                "SIZE_MISMATCH",
                Unsafe,
                "config # was announced with 7 bytes but is longer",
            ),
            row(
                E::TooLarge {
                    thing: Thing::File("index.json"),
                    limit: 4 * MIB,
                },
                "TOO_LARGE",
                Unsafe,
                "`index.json` is larger than the limit of 4 MiB",
            ),
            row(
                E::UnsafeFile {
                    file: "a".into(),
                    why: Refusal::Link,
                },
                "UNSAFE_FILE",
                Unsafe,
                "`a` was not read: it is a symbolic link",
            ),
            row(
                E::malformed(Thing::Entry(repository(), tag()), "no"),
                "MALFORMED",
                Unreachable,
                "the entry of `team/app:1.0` is malformed: no",
            ),
            row(
                E::Unreadable {
                    file: "a".into(),
                    cause: "no".into(),
                },
                "UNREADABLE",
                Unreachable,
                "`a` cannot be read: no",
            ),
            row(
                E::NotALayout {
                    shown: "oci:a".into(),
                    flaw: LayoutFlaw::NoIndex,
                },
                "NOT_A_LAYOUT",
                Unreachable,
                "`oci:a` is not an OCI image layout: it has no file `index.json`",
            ),
            row(
                E::NotAnArchive {
                    shown: "oci-archive:a".into(),
                    flaw: ArchiveFlaw::CutOff,
                },
                "NOT_AN_ARCHIVE",
                Unreachable,
                "`oci-archive:a` cannot be read as an archive of images: it is cut off",
            ),
            row(
                E::NotAnArchive {
                    shown: "oci-archive:a".into(),
                    flaw: ArchiveFlaw::Unpacked(4 * MIB as u64),
                },
                "NOT_AN_ARCHIVE",
                Unsafe,
                "`oci-archive:a` cannot be read as an archive of images: more than 4 MiB would have to be unpacked",
            ),
            row(
                E::AmbiguousTag {
                    repository: repository(),
                    tag: tag(),
                },
                "AMBIGUOUS_TAG",
                Unreachable,
                "the tag `1.0` of `team/app` is listed more than once, with different descriptors",
            ),
            row(
                E::InvalidRepository("A".into()),
                "NAME_INVALID",
                Unreachable,
                "`A`, which is listed, is not a valid repository name",
            ),
            row(
                E::InvalidTag("é".into()),
                "TAG_INVALID",
                Unreachable,
                "`é`, which is listed, is not a valid tag",
            ),
            row(
                E::NoCatalog { status: 404 },
                "NO_CATALOG",
                Refused,
                "it does not list its repositories (404)",
            ),
            row(
                E::NoListing {
                    vendor: "Acme",
                    below: true,
                },
                "NAMESPACE_NEEDED",
                Refused,
                "Acme lists repositories only below a namespace",
            ),
            row(
                E::NoListing {
                    vendor: "Acme",
                    below: false,
                },
                "NO_CATALOG",
                Refused,
                "Acme lists repositories to nobody",
            ),
            row(
                E::NoManifests { login: true },
                "NO_MANIFEST_LIST",
                Refused,
                "it lists manifests only for those who log in",
            ),
            row(
                E::NoManifests { login: false },
                "NO_MANIFEST_LIST",
                Refused,
                "it lists tags only, and nobody can tell which manifests have none",
            ),
            row(
                E::CachedManifests {
                    project: repository(),
                    is_shown: true,
                },
                "NO_MANIFEST_LIST",
                Refused,
                "the project `team/app` is a cache of another registry, so it lists no more manifests than were pulled",
            ),
            row(
                E::ApiCredential("an identity token"),
                "API_CREDENTIAL",
                Refused,
                "the API takes a name and a password or an access token, and the credential is an identity token",
            ),
            row(
                E::NoReferrers { status: 404 },
                "NO_REFERRERS",
                Refused,
                "it does not list what is attached (404)",
            ),
            row(
                E::Unreached {
                    host: "a.test".into(),
                    why: Unreached::Refused,
                },
                "CONNECTION_REFUSED",
                Unreachable,
                "`a.test` gave no answer: the connection was refused",
            ),
            row(
                E::Unsafe {
                    host: "a.test".into(),
                    why: super::Unsafe::Certificate(Certificate::Expired),
                },
                "CERTIFICATE",
                Unsafe,
                "`a.test`: its certificate has expired",
            ),
            row(
                E::TooMany(7),
                "MAX_REQUESTS",
                Unsafe,
                "the limit of 7 requests was reached",
            ),
            row(
                E::Paging {
                    question: Question::Tags,
                    why: "its pages bring nothing new",
                },
                "ENDLESS_LISTING",
                Unreachable,
                "the list of tags has no end: its pages bring nothing new",
            ),
        ]
    }

    fn status(status: u16, code: &'static str, asked_as: AskedAs) -> RegistryError {
        RegistryError::Status(Box::new(StatusError {
            question: Question::Manifest,
            status,
            code,
            asked_as,
            said: Some("no".into()),
            wait: None,
            until: None,
            limit: None,
        }))
    }

    #[test]
    fn an_answer_that_says_no_tells_as_whom_it_was_asked_where_that_matters() {
        let bob = || AskedAs::Account("bob".into());
        for (error, class, text) in [
            (
                status(401, "UNAUTHORIZED", AskedAs::Nobody),
                Class::Refused,
                "the request for the manifest was answered with 401, asked anonymously: no",
            ),
            (
                status(403, "DENIED", bob()),
                Class::Refused,
                "the request for the manifest was answered with 403, asked as bob: no",
            ),
            (
                status(502, "UNAVAILABLE", bob()),
                Class::Unreachable,
                "the request for the manifest was answered with 502: no",
            ),
        ] {
            assert_eq!((error.class(), error.to_string()), (class, text.to_owned()));
        }
        assert!(status(401, "", bob()).is_denial() && status(403, "", bob()).is_denial());
        assert!(!status(404, "", bob()).is_denial());
    }

    #[test]
    fn every_error_has_its_code_class_and_text() {
        for (error, code, class, text) in all() {
            assert_eq!((error.code(), error.class()), (code, class));
            assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn d5_only_a_tag_or_repository_can_be_absent() {
        let absent: Vec<&str> = all()
            .iter()
            .filter(|row| row.0.is_absent())
            .map(|row| row.1)
            .collect();
        assert_eq!(absent, ["NAME_UNKNOWN", "MANIFEST_UNKNOWN"]);
    }

    #[test]
    fn f9_text_from_outside_is_made_safe_and_cut() {
        let text = format!("\u{1b}[2J{}", "x".repeat(10_000));
        let shown = RegistryError::malformed(Thing::File("index.json"), text).to_string();
        assert!(
            shown.contains("\\x1b[2J") && shown.ends_with('…'),
            "{shown}"
        );
        assert!(shown.chars().count() < ERROR_TEXT_CHARS + 50);
    }

    #[test]
    fn limits_are_told_in_words() {
        assert_eq!(in_words(64 * 1024 * MIB as u64), "64 GiB");
        assert_eq!(in_words(4 * MIB as u64), "4 MiB");
        assert_eq!(in_words(1536 * KIB as u64), "1536 KiB");
        assert_eq!(in_words(1001), "1001 bytes");
        assert_eq!(in_words(0), "0 bytes");
    }
}
