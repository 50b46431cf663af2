//! The nouns of the OCI specifications: hosts, repositories, tags, digests, descriptors, manifests,
//! platforms, and what is attached to them.
//!
//! Values only: text becomes a type here, at the edge, and stays one. Documents are read out of
//! [`Value`](crate::value::Value)s leniently - strangers wrote them - and never lose the original. No I/O,
//! no async, nothing about queries.

mod descriptor;
mod digest;
mod host;
mod manifest;
mod media_type;
mod name;
mod platform;
mod referrer;
mod schema1;
mod statement;

pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, DigestError};
pub use host::{HostError, Origin, RegistryHost, Scheme};
pub use manifest::{DocumentError, Index, Kind, Manifest, ManifestOrIndex};
pub use media_type::MediaType;
pub use name::{NameError, Reference, Repository, Tag, Which};
pub use platform::{Platform, PlatformError};
pub use referrer::{
    Attachment, Kinds, Referrer, is_provenance, names_subject, provenance_layers, referrers_tag,
};
pub use schema1::Schema1;
pub use statement::{Statement, StatementError};
