//! What only a vendor's listing of tags knows: when a tag was pushed and pulled, and whatever else it says.

use super::{Facet, Field, Resource, Type, Unit, time};

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "pushed",
        kind: Type::Time,
        unit: Unit::Time,
        doc: "when the tag was last pushed, as the registry saw it; `created` is what the builder claims",
        spec: "the vendor's listing of tags",
        example: r#""2026-02-27T08:15:30Z""#,
        read: |row| Some(time::shown(Some(row.told("pushed")?))),
        ..ACTIVITY
    },
    Field {
        name: "pulled",
        kind: Type::Time,
        unit: Unit::Time,
        doc: "when the tag was last pulled; null where it never was",
        spec: "the vendor's listing of tags",
        example: r#""2026-03-01T06:00:00Z""#,
        read: |row| Some(time::shown(Some(row.told("pulled")?))),
        ..ACTIVITY
    },
    Field {
        name: "vendor.tag",
        doc: "what the vendor's listing says of the tag, verbatim",
        spec: "the vendor's listing of tags",
        example: r#"{"name": "1.4.2", "full_size": 31457280}"#,
        read: |row| row.told("vendor.tag").cloned(),
        ..ACTIVITY
    },
];

const ACTIVITY: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: Resource::OF_TAGS,
    sources: &[Facet::Activity],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};
