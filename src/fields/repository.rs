//! What only a vendor's listing of repositories knows: what a repository is for, and how much it is used.

use super::Resource::{Images, Layers, Manifests, Repositories, Tags};
use super::{Facet, Field, Type, Unit};

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        kind: Type::Text,
        doc: "what the owner says the repository is for; null where they say nothing",
        spec: "the vendor's listing of repositories",
        example: r#""Shop front end""#,
        read: |row| row.told("description").cloned(),
        ..REPOSITORY
    },
    Field {
        name: "pull_count",
        kind: Type::Integer,
        doc: "how often the repository was pulled, as the registry counts",
        spec: "the vendor's listing of repositories",
        example: "120345",
        read: |row| row.told("pull_count").cloned(),
        ..REPOSITORY
    },
    Field {
        name: "private",
        kind: Type::Boolean,
        doc: "whether the repository is hidden from strangers",
        spec: "the vendor's listing of repositories",
        example: "false",
        read: |row| row.told("private").cloned(),
        ..REPOSITORY
    },
    Field {
        name: "vendor.repository",
        doc: "what the vendor's listing says of the repository, verbatim",
        spec: "the vendor's listing of repositories",
        example: r#"{"name": "web", "star_count": 4}"#,
        read: |row| row.told("vendor.repository").cloned(),
        ..REPOSITORY
    },
];

const REPOSITORY: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: &[Repositories, Tags, Images, Layers, Manifests],
    sources: &[Facet::Repository],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};
