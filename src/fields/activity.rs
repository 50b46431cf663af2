//! What only a vendor's listing of tags or manifests knows: when one was pushed and pulled, and whatever else it says.

use super::{Facet, Field, Resource, Type, Unit, time};

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "pushed",
        kind: Type::Time,
        unit: Unit::Time,
        doc: "when the tag was last pushed, as the registry saw it; of a manifest when it got it; `created` is what the builder claims",
        spec: "the vendor's listing of tags, or of manifests",
        example: r#""2026-02-27T08:15:30Z""#,
        read: |row| Some(time::shown(Some(row.told("pushed")?))),
        ..ACTIVITY
    },
    Field {
        name: "pulled",
        kind: Type::Time,
        unit: Unit::Time,
        doc: "when the tag, or the manifest, was last pulled; null where it never was",
        spec: "the vendor's listing of tags, or of manifests",
        example: r#""2026-03-01T06:00:00Z""#,
        read: |row| Some(time::shown(Some(row.told("pulled")?))),
        ..ACTIVITY
    },
    Field {
        name: "vendor.tag",
        resources: Resource::OF_TAGS,
        doc: "what the vendor's listing says of the tag, verbatim",
        spec: "the vendor's listing of tags",
        example: r#"{"name": "1.4.2", "full_size": 31457280}"#,
        read: |row| row.told("vendor.tag").cloned(),
        ..ACTIVITY
    },
    Field {
        name: "vendor.manifest",
        resources: &[Resource::Manifests],
        doc: "what the vendor's listing says of the manifest, verbatim",
        spec: "the vendor's listing of manifests",
        example: r#"{"digest": "sha256:1f2d8a…", "imageSize": 31457280}"#,
        read: |row| row.told("vendor.manifest").cloned(),
        ..ACTIVITY
    },
];

const ACTIVITY: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: Resource::OF_MANIFESTS,
    sources: &[Facet::Activity],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};
