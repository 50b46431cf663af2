//! What errors are about, and the few reasons that are the same everywhere.

use std::fmt;

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

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(digest) => write!(f, "manifest {digest}"),
            Self::Config(digest) => write!(f, "config {digest}"),
            Self::Statement(digest) => write!(f, "statement {digest}"),
            Self::File(name) => write!(f, "`{name}`"),
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
