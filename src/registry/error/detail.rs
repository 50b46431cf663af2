//! What errors are about, and the few reasons that are the same everywhere.

use std::fmt;

use super::in_words;
use crate::limits::{ARCHIVE_HEADER_BYTES, ARCHIVE_NAME_BYTES, ARCHIVE_NAMES_BYTES};
use crate::oci::{Digest, Repository, Tag, Which};
use crate::safe::Safe;

/// What an error is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A manifest or index.
    Manifest(Digest),
    /// A config.
    Config(Digest),
    /// A statement that is attached.
    Statement(Digest),
    /// A file of a layout other than its blobs.
    File(&'static str),
    /// A file that the list of an archive names.
    Member(Safe),
    /// What a listing says about one tag.
    Entry(Repository, Tag),
    /// What a tag or digest of a repository points to.
    Pointed(Repository, Which),
    /// A page of a listing.
    Page(Question),
    /// The answer of a token server.
    Token(Safe),
    /// The answer to a path that a user typed, or to that of the registry as a whole.
    Path(Safe),
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Question {
    /// The list of repositories.
    Repositories,
    /// A repository's list of tags.
    Tags,
    /// A repository's list of manifests.
    Manifests,
    /// A manifest or index, or what is known of it.
    Manifest,
    /// The list of what is attached to a manifest.
    Referrers,
    /// A config.
    Config,
    /// What a vendor tells of a repository.
    Repository,
    /// What a vendor tells of a tag.
    Tag,
    /// A statement that is attached.
    Statement,
    /// A token, of this server.
    Token(Safe),
    /// A path that a user typed, or that of the registry as a whole.
    Path(Safe),
}

/// As whom a request was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AskedAs {
    /// As nobody: there is no credential.
    Nobody,
    /// As the owner of this account.
    Account(Safe),
}

/// Why a file was not opened or a path not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A symbolic link; it could lead anywhere.
    #[error("it is a symbolic link")]
    Link,
    /// A folder where a file should be.
    #[error("it is a folder")]
    Folder,
    /// A file where a folder should be.
    #[error("it is not a folder")]
    NoFolder,
    /// A pipe, a socket, a device: reading it could wait for ever or never end.
    #[error("it is not a regular file")]
    Special,
    /// `..`, an absolute path or a drive.
    #[error("it leads out of its folder")]
    Outside,
    /// A member of an archive that is there more than once (threats C5).
    #[error("it stands there more than once, and readers differ in which one they take")]
    Twice,
    /// A member of an archive of which only a part is stored.
    #[error("it is stored as a sparse file")]
    Sparse,
    /// Links of an archive that lead to one another.
    #[error("its links lead nowhere")]
    Links,
}

/// What keeps a folder from being an image layout (image-spec 1.1, image-layout.md).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LayoutFlaw {
    /// There is nothing under that name.
    #[error("there is no folder of that name")]
    NoFolder,
    /// It has no `oci-layout`.
    #[error("it has no file `oci-layout`")]
    NoMarker,
    /// It has no `index.json`.
    #[error("it has no file `index.json`")]
    NoIndex,
    /// Its `imageLayoutVersion` is not the one there is.
    #[error("its `imageLayoutVersion` is not 1.0.0")]
    Version,
}

/// What keeps a file from being an archive of images.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFlaw {
    /// There is nothing under that name.
    #[error("there is no file of that name")]
    NoFile,
    /// It is a folder.
    #[error("it is a folder")]
    Folder,
    /// It is something else.
    #[error("it is not a tar file")]
    NotTar,
    /// It is packed with something that is not read.
    #[error("it is packed with {0}, and only what is packed with gzip is read")]
    Packed(&'static str),
    /// It is packed with gzip, and what comes out is not what went in.
    #[error("what gzip packed is damaged")]
    Gzip,
    /// It ends too early.
    #[error("it is cut off")]
    CutOff,
    /// A header whose sum is wrong.
    #[error("there is no valid header at byte {0}")]
    Header(u64),
    /// A header whose size is no number.
    #[error("the size of one of its members is not valid")]
    Size,
    /// An extended header that does not follow its grammar.
    #[error("one of its extended headers is malformed")]
    Pax,
    /// It has no list of images.
    #[error("it has neither `index.json` nor `manifest.json`")]
    NoImages,
    /// The system fails.
    #[error("{0}")]
    Unreadable(Safe),
    /// More members than we look through.
    #[error("it has more than {0} members")]
    Members(usize),
    /// A name that is too long.
    #[error("one of its names is longer than {}", in_words(ARCHIVE_NAME_BYTES as u64))]
    Name,
    /// Names that are too long together.
    #[error("its names are longer than {}", in_words(ARCHIVE_NAMES_BYTES as u64))]
    Names,
    /// An extended header that is too long.
    #[error("one of its extended headers is longer than {}", in_words(ARCHIVE_HEADER_BYTES as u64))]
    HeaderBytes,
    /// More than we unpack.
    #[error("more than {} would have to be unpacked", in_words(*.0))]
    Unpacked(u64),
}

impl ArchiveFlaw {
    /// Tells whether it is one of our bounds that it does not keep within.
    pub(super) fn is_bound(&self) -> bool {
        matches!(
            self,
            Self::Members(_) | Self::Name | Self::Names | Self::HeaderBytes | Self::Unpacked(_)
        )
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(digest) => write!(f, "manifest {digest}"),
            Self::Config(digest) => write!(f, "config {digest}"),
            Self::Statement(digest) => write!(f, "statement {digest}"),
            Self::File(name) => write!(f, "`{name}`"),
            Self::Member(name) => write!(f, "`{name}`"),
            Self::Entry(repository, tag) => write!(f, "the entry of `{repository}:{tag}`"),
            Self::Pointed(repository, which) => write!(f, "the manifest of `{repository}{which}`"),
            Self::Page(question) => write!(f, "a page of {question}"),
            Self::Token(server) => write!(f, "the answer of the token server `{server}`"),
            Self::Path(path) => write!(f, "the answer to `{path}`"),
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repositories => f.write_str("the list of repositories"),
            Self::Tags => f.write_str("the list of tags"),
            Self::Manifests => f.write_str("the list of manifests"),
            Self::Manifest => f.write_str("the manifest"),
            Self::Referrers => f.write_str("the list of what is attached"),
            Self::Config => f.write_str("the config"),
            Self::Repository => f.write_str("the facts of the repository"),
            Self::Tag => f.write_str("the facts of the tag"),
            Self::Statement => f.write_str("the statement"),
            Self::Token(server) => write!(f, "a token of `{server}`"),
            Self::Path(path) => write!(f, "`{path}`"),
        }
    }
}

impl fmt::Display for AskedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("anonymously"),
            Self::Account(account) => write!(f, "as {account}"),
        }
    }
}
