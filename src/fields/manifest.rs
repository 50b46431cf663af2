//! What manifests and indexes say: the image behind a tag, its layers and sizes, its platforms.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Resource;
use super::{Evidence, Facet, Field, Type, Unit};
use crate::oci::{Descriptor, Digest, Manifest, ManifestOrIndex, Platform};
use crate::value::Value;

const BLOB: Type = Type::Record(&[("digest", Type::Text), ("size", Type::Integer)]);
const LAYER: Type = Type::Record(&[
    ("digest", Type::Text),
    ("size", Type::Integer),
    ("media_type", Type::Text),
]);

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "index",
        sources: &[Facet::Manifest],
        doc: "the index the tag points to, verbatim; null if it points to a manifest",
        spec: "image-spec image-index.md",
        example: r#"{"schemaVersion": 2, "manifests": []}"#,
        read: |row| {
            let top = row.top.as_ref()?;
            let is_index = matches!(*top.read, ManifestOrIndex::Index(_));
            Some(if is_index {
                top.document.clone()
            } else {
                Value::Null
            })
        },
        ..MANIFEST
    },
    Field {
        name: "manifest",
        doc: "the manifest of the row's image, verbatim; null for schema 1, and where there are no manifests",
        spec: "image-spec manifest.md",
        example: r#"{"schemaVersion": 2, "config": {}, "layers": []}"#,
        read: |row| {
            of_image(row, |image| match *image.read {
                ManifestOrIndex::Manifest(_) => image.document.clone(),
                _ => Value::Null,
            })
        },
        ..MANIFEST
    },
    Field {
        name: "schema1",
        doc: "the schema 1 manifest, verbatim; null for everything newer",
        spec: "Docker manifest v2 schema 1",
        example: "null",
        read: |row| {
            of_image(row, |image| match *image.read {
                ManifestOrIndex::Schema1(_) => image.document.clone(),
                _ => Value::Null,
            })
        },
        ..MANIFEST
    },
    Field {
        name: "image_digest",
        kind: Type::Text,
        unit: Unit::Digest,
        sources: &[Facet::Manifest, Facet::Child],
        doc: "the digest of the manifest of the row's image; differs from `digest` where that is an index",
        spec: "image-spec descriptor.md `digest`",
        example: r#""sha256:77af4d…""#,
        read: |row| match row.has_no_child() {
            true => Some(Value::Null),
            false => Some(Value::from(row.image_descriptor()?.digest.to_string())),
        },
        ..MANIFEST
    },
    Field {
        name: "image_id",
        kind: Type::Text,
        unit: Unit::Digest,
        doc: "the digest of the image's config: what docker calls the image ID; null for schema 1",
        spec: "image-spec manifest.md `config`, config.md ImageID",
        example: r#""sha256:9c7a54…""#,
        read: |row| {
            of_image(row, |image| match &*image.read {
                ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image)
                    if image.is_image() =>
                {
                    Value::from(image.config.digest.to_string())
                }
                _ => Value::Null,
            })
        },
        ..MANIFEST
    },
    Field {
        name: "artifact_type",
        kind: Type::Text,
        doc: "what an artifact is; null for images",
        spec: "image-spec manifest.md `artifactType`, else the config's media type",
        example: r#""application/vnd.cncf.helm.config.v1+json""#,
        read: |row| {
            of_image(row, |image| match &*image.read {
                ManifestOrIndex::Manifest(manifest) => artifact_type(manifest),
                _ => Value::Null,
            })
        },
        ..MANIFEST
    },
    Field {
        name: "annotations",
        kind: Type::Map(&Type::Text),
        doc: "the annotations of the manifest of the row's image; those of an index are `index.annotations`",
        spec: "image-spec manifest.md `annotations`",
        example: r#"{"org.opencontainers.image.created": "2026-02-27T08:15:30Z"}"#,
        read: |row| {
            of_image(row, |image| {
                let annotations = image.document.get("annotations");
                annotations
                    .filter(|found| found.as_map().is_some())
                    .cloned()
                    .unwrap_or(Value::map([]))
            })
        },
        ..MANIFEST
    },
    Field {
        name: "subject",
        kind: LAYER,
        doc: "what the manifest is attached to; null for most",
        spec: "image-spec manifest.md `subject`",
        example: "null",
        read: |row| {
            of_image(row, |image| {
                let subject = image.document.get("subject").map(Descriptor::read);
                subject
                    .and_then(Result::ok)
                    .map_or(Value::Null, |found| layer(&found))
            })
        },
        ..MANIFEST
    },
    Field {
        name: "platforms",
        kind: Type::List(&Type::Text),
        sources: &[Facet::Tag, Facet::Manifest, Facet::Config],
        doc: "all platforms the tag has images for, as `OS/ARCHITECTURE[/VARIANT]`; attestations are left out",
        spec: "image-spec image-index.md `platform`; config.md `os`, `architecture`, `variant`",
        example: r#"["linux/amd64", "linux/arm64"]"#,
        read: |row| match row.index() {
            None if row.told("platforms").is_some() => row.told("platforms").cloned(),
            Some(index) => {
                let known = index.images().filter_map(|child| child.platform.as_ref());
                Some(Value::list(
                    known.map(|found| Value::from(found.to_string())).collect(),
                ))
            }
            None => of_platform(row, |platform| {
                Value::list(
                    platform
                        .map(|found| Value::from(found.to_string()))
                        .into_iter()
                        .collect(),
                )
            }),
        },
        ..MANIFEST
    },
    Field {
        name: "platform",
        doc: "the platform of the row's image: of an index, the one that stands for it",
        example: r#""linux/arm64/v8""#,
        read: |row| of_platform(row, |platform| platform.map(ToString::to_string).into()),
        ..PLATFORM
    },
    Field {
        name: "os",
        doc: "the operating system of the row's image",
        example: r#""linux""#,
        read: |row| {
            of_platform(row, |platform| {
                platform.map(|found| found.os.clone()).into()
            })
        },
        ..PLATFORM
    },
    Field {
        name: "architecture",
        doc: "the architecture of the row's image, by Go's names",
        example: r#""arm64""#,
        read: |row| {
            of_platform(row, |platform| {
                platform.map(|found| found.architecture.clone()).into()
            })
        },
        ..PLATFORM
    },
    Field {
        name: "variant",
        doc: "the variant of the architecture; null where there is none",
        example: r#""v8""#,
        read: |row| {
            of_platform(row, |platform| {
                platform.and_then(|found| found.variant.clone()).into()
            })
        },
        ..PLATFORM
    },
    Field {
        name: "layers",
        kind: Type::List(&LAYER),
        doc: "the layers of the row's image, lowest first; schema 1 knows no sizes",
        spec: "image-spec manifest.md `layers`; schema 1 `fsLayers`",
        example: r#"[{"digest": "sha256:5ae1…", "size": 3397879, "media_type": "application/vnd.oci.image.layer.v1.tar+gzip"}]"#,
        read: |row| {
            of_image(row, |image| match &*image.read {
                ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => {
                    Value::list(image.layers.iter().map(layer).collect())
                }
                ManifestOrIndex::Schema1(schema1) => {
                    Value::list(schema1.layers.iter().map(sizeless_layer).collect())
                }
                ManifestOrIndex::Index(_) => Value::list(Vec::new()),
            })
        },
        ..MANIFEST
    },
    Field {
        name: "size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        doc: "the compressed bytes that a pull of the row's image moves: config and layers; null for schema 1",
        spec: "image-spec manifest.md `config.size`, `layers[].size`",
        example: "31457280",
        read: |row| {
            of_image(row, |image| match &*image.read {
                ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => {
                    Value::from(image.image_size())
                }
                _ => Value::Null,
            })
        },
        ..MANIFEST
    },
    Field {
        name: "total_size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        sources: &[Facet::Tag, Facet::Manifest, Facet::Children],
        doc: "the compressed bytes of all platforms' images, each blob counted once",
        spec: "image-spec manifest.md `config.size`, `layers[].size`",
        example: "62914560",
        read: |row| {
            if let Some(told) = row.told("total_size") {
                return Some(told.clone());
            }
            of_blobs(row, |blobs| {
                Value::int(blobs.values().map(|size| i128::from(*size)).sum())
            })
        },
        ..MANIFEST
    },
    Field {
        name: "blobs",
        kind: Type::List(&BLOB),
        sources: &[Facet::Manifest, Facet::Children],
        doc: "the blobs behind `total_size`: configs and layers of all platforms, each once",
        spec: "image-spec manifest.md `config`, `layers`",
        example: r#"[{"digest": "sha256:9c7a…", "size": 7023}]"#,
        read: |row| {
            of_blobs(row, |blobs| {
                let blob = |(digest, size): (&&Digest, &u64)| {
                    Value::map([
                        (Arc::from("digest"), Value::from(digest.to_string())),
                        (Arc::from("size"), Value::from(*size)),
                    ])
                };
                Value::list(blobs.iter().map(blob).collect())
            })
        },
        ..MANIFEST
    },
];

const MANIFEST: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: Resource::OF_MANIFESTS,
    sources: &[Facet::Manifest, Facet::Child],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};

const PLATFORM: Field = Field {
    kind: Type::Text,
    sources: &[Facet::Manifest, Facet::Child, Facet::Config],
    spec: "image-spec image-index.md `platform`; config.md `os`, `architecture`, `variant`",
    ..MANIFEST
};

/// Reads the document of the row's image; null where it is settled that there is none.
fn of_image(row: &Evidence, read: impl Fn(&super::Seen) -> Value) -> Option<Value> {
    if row.has_no_child() {
        return Some(Value::Null);
    }
    row.image().map(read)
}

/// Reads the platform of the row's image: the index says it, else the config; schema 1 says it itself.
fn of_platform(row: &Evidence, read: impl Fn(Option<&Platform>) -> Value) -> Option<Value> {
    let from_index = row.listed_image().and_then(|child| child.platform.as_ref());
    if let Some(platform) = from_index {
        return Some(read(Some(platform)));
    }
    if let Some(schema1) = row.schema1() {
        return Some(read(schema1.platform().as_ref()));
    }
    if row.has_no_config() {
        return Some(read(None));
    }
    Some(read(Platform::read(row.config.as_ref()?).as_ref()))
}

/// Reads the blobs of all platforms, each once, in document order.
fn of_blobs(row: &Evidence, read: impl Fn(&IndexMap<&Digest, u64>) -> Value) -> Option<Value> {
    let manifests: Vec<&Manifest> = match &*row.top.as_ref()?.read {
        ManifestOrIndex::Manifest(image) | ManifestOrIndex::Saved(image) => vec![image],
        ManifestOrIndex::Index(_) => row.children.as_ref()?.iter().collect(),
        ManifestOrIndex::Schema1(_) => return Some(Value::Null),
    };
    let blobs = manifests
        .iter()
        .flat_map(|manifest| manifest.blobs())
        .map(|blob| (&blob.digest, blob.size));
    Some(read(&blobs.collect()))
}

fn artifact_type(manifest: &Manifest) -> Value {
    match &manifest.artifact_type {
        Some(artifact_type) => Value::text(artifact_type),
        None if manifest.is_image() => Value::Null,
        None => Value::text(manifest.config.media_type.as_str()),
    }
}

fn layer(descriptor: &Descriptor) -> Value {
    let media_type = Some(descriptor.media_type.as_str()).filter(|text| !text.is_empty());
    Value::map([
        (
            Arc::from("digest"),
            Value::from(descriptor.digest.to_string()),
        ),
        (Arc::from("size"), Value::from(descriptor.size)),
        (
            Arc::from("media_type"),
            media_type.map_or(Value::Null, Value::text),
        ),
    ])
}

fn sizeless_layer(digest: &Digest) -> Value {
    Value::map([
        (Arc::from("digest"), Value::from(digest.to_string())),
        (Arc::from("size"), Value::Null),
        (Arc::from("media_type"), Value::Null),
    ])
}
