//! The nouns of the OCI specifications: hosts, repositories, tags, digests, descriptors, manifests,
//! platforms.
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
mod schema1;

pub use descriptor::Descriptor;
pub use digest::{Algorithm, Digest, DigestError};
pub use host::{HostError, Origin, RegistryHost, Scheme};
pub use manifest::{DocumentError, Index, Kind, Manifest, ManifestOrIndex};
pub use media_type::MediaType;
pub use name::{NameError, Reference, Repository, Tag, Which};
pub use platform::{Platform, PlatformError};
pub use schema1::Schema1;
