//! What a HEAD says about what the tag points to; a listing may carry it, and a GET brings it too.

use super::Resource;
use super::{Facet, Field, Type, Unit};
use crate::oci::Kind;
use crate::value::Value;

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "digest",
        unit: Unit::Digest,
        doc: "the digest of what the tag points to, manifest or index; the image ID where there are no manifests",
        spec: "distribution-spec, Pulling manifests, Docker-Content-Digest; image-spec descriptor.md `digest`",
        example: r#""sha256:1f2d8a…""#,
        read: |row| Some(Value::from(row.digest()?.to_string())),
        ..HEAD
    },
    Field {
        name: "media_type",
        doc: "the media type of what the tag points to",
        spec: "image-spec descriptor.md `mediaType`",
        example: r#""application/vnd.oci.image.index.v1+json""#,
        read: |row| {
            let media_type = row.media_type()?;
            let media_type = media_type.as_str();
            Some(
                (!media_type.is_empty())
                    .then_some(media_type)
                    .map_or(Value::Null, Value::text),
            )
        },
        ..HEAD
    },
    Field {
        name: "manifest_size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        doc: "the size in bytes of the manifest or index itself",
        spec: "image-spec descriptor.md `size`",
        example: "1432",
        read: |row| match &row.descriptor {
            Some(descriptor) => Some(Value::from(descriptor.size)),
            None => row.told("manifest_size").cloned(),
        },
        ..HEAD
    },
    Field {
        name: "kind",
        kind: Type::Word(&Kind::WORDS),
        // A HEAD tells an index from the rest, and an image from an artifact only a GET: so the GET comes first, and
        // where it fails the HEAD may still do.
        sources: &[Facet::Tag, Facet::Manifest, Facet::Head],
        doc: "what the tag points to: `image`, `index`, `artifact` or `schema1`",
        spec: "image-spec manifest.md, image-index.md; Docker manifest v2 schema 1",
        example: r#""index""#,
        read: |row| {
            if let Some(top) = &row.top {
                return Some(Value::text(top.read.kind().name()));
            }
            // A media type tells index and schema 1 apart, but an artifact only its config.
            let media_type = row.media_type()?;
            if media_type.is_index() {
                Some(Value::text(Kind::Index.name()))
            } else if media_type.is_schema1() {
                Some(Value::text(Kind::Schema1.name()))
            } else {
                None
            }
        },
        ..HEAD
    },
];

const HEAD: Field = Field {
    name: "",
    kind: Type::Text,
    unit: Unit::None,
    resources: Resource::OF_MANIFESTS,
    sources: &[Facet::Tag, Facet::Head, Facet::Manifest],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};
