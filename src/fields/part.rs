//! What a row of a finer resource is a part of: the image within an index, the layer within an image.

use super::Resource::{Images, Layers};
use super::evidence::Layer;
use super::{Evidence, Facet, Field, Part, Type, Unit};
use crate::oci::MediaType;
use crate::value::Value;

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "image.position",
        kind: Type::Integer,
        doc: "the place of the image in the index, counted from 1; 1 where the tag points to an image",
        spec: "image-spec image-index.md `manifests`",
        example: "1",
        read: |row| match row.part? {
            Part::Image(at) => Some(position(at)),
            Part::Layer(_) | Part::Referrer => Some(Value::Null),
        },
        ..IMAGE
    },
    Field {
        name: "image.digest",
        kind: Type::Text,
        unit: Unit::Digest,
        doc: "the digest of the image's manifest; the same as `image_digest`",
        spec: "image-spec descriptor.md `digest`",
        example: r#""sha256:77af4d…""#,
        read: |row| Some(row.image_descriptor()?.digest.to_string().into()),
        ..IMAGE
    },
    Field {
        name: "image.media_type",
        kind: Type::Text,
        doc: "the media type of the image's manifest",
        spec: "image-spec descriptor.md `mediaType`",
        example: r#""application/vnd.oci.image.manifest.v1+json""#,
        read: |row| Some(media_type(Some(&row.image_descriptor()?.media_type))),
        ..IMAGE
    },
    Field {
        name: "image.manifest_size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        doc: "the size in bytes of the image's manifest itself; what a pull moves is `size`",
        spec: "image-spec descriptor.md `size`",
        example: "1432",
        read: |row| Some(Value::from(row.image_descriptor()?.size)),
        ..IMAGE
    },
    Field {
        name: "layer.position",
        kind: Type::Integer,
        doc: "the place of the layer in its image, counted from 1, the lowest first",
        spec: "image-spec manifest.md `layers`",
        example: "1",
        read: |row| of_layer(row, |at, _| position(at)),
        ..LAYER
    },
    Field {
        name: "layer.digest",
        kind: Type::Text,
        unit: Unit::Digest,
        doc: "the digest of the layer, as it is stored",
        spec: "image-spec manifest.md `layers[].digest`; schema 1 `fsLayers[].blobSum`",
        example: r#""sha256:5ae1c2…""#,
        read: |row| of_layer(row, |_, layer| Value::from(layer.digest.to_string())),
        ..LAYER
    },
    Field {
        name: "layer.size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        doc: "the compressed bytes of the layer; null for schema 1",
        spec: "image-spec manifest.md `layers[].size`",
        example: "3397879",
        read: |row| of_layer(row, |_, layer| layer.size.map_or(Value::Null, Value::from)),
        ..LAYER
    },
    Field {
        name: "layer.media_type",
        kind: Type::Text,
        doc: "the media type of the layer; null for schema 1",
        spec: "image-spec manifest.md `layers[].mediaType`",
        example: r#""application/vnd.oci.image.layer.v1.tar+gzip""#,
        read: |row| of_layer(row, |_, layer| media_type(layer.media_type)),
        ..LAYER
    },
    Field {
        name: "layer.created_by",
        kind: Type::Text,
        sources: &[Facet::Config],
        doc: "the step of the image's history that made the layer; null where the history does not fit the layers",
        spec: "image-spec config.md `history[].created_by`, `history[].empty_layer`",
        example: r#""COPY app /app # buildkit""#,
        read: created_by,
        ..LAYER
    },
];

const IMAGE: Field = Field {
    name: "",
    kind: Type::Any,
    unit: Unit::None,
    resources: &[Images],
    sources: &[Facet::Manifest],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};

const LAYER: Field = Field {
    resources: &[Layers],
    sources: &[Facet::Manifest, Facet::Child],
    ..IMAGE
};

fn position(at: usize) -> Value {
    Value::from(at as u64 + 1)
}

/// An empty media type is none.
fn media_type(found: Option<&MediaType>) -> Value {
    let text = found.map(MediaType::as_str);
    text.filter(|text| !text.is_empty())
        .map_or(Value::Null, Value::text)
}

/// Reads the row's layer; null where it is settled that there is none.
fn of_layer(row: &Evidence, read: impl Fn(usize, Layer<'_>) -> Value) -> Option<Value> {
    if row.has_no_child() {
        return Some(Value::Null);
    }
    row.image()?;
    let Some(Part::Layer(at)) = row.part else {
        return Some(Value::Null);
    };
    Some(row.layer(at).map_or(Value::Null, |layer| read(at, layer)))
}

/// What made the row's layer. The steps that made a layer stand in the order of the layers; where there are more of them,
/// or fewer, nobody can tell which is which.
fn created_by(row: &Evidence) -> Option<Value> {
    let count = match row.has_no_config() {
        true => return Some(Value::Null),
        false => row.layer_count()?,
    };
    if let Some(schema1) = row.schema1() {
        return Some(of_step(row, count, schema1.history.iter(), |step| {
            command(step.at(&["container_config", "Cmd"]))
        }));
    }
    let history = row.config.as_ref()?.get("history");
    let steps = history.and_then(Value::as_list).unwrap_or_default().iter();
    let makes_layer = |step: &&Value| !step.get("empty_layer").is_some_and(Value::is_true);
    Some(of_step(row, count, steps.filter(makes_layer), |step| {
        step.get("created_by").cloned().unwrap_or_default()
    }))
}

fn of_step<'v>(
    row: &Evidence,
    count: usize,
    steps: impl Iterator<Item = &'v Value>,
    read: impl Fn(&Value) -> Value,
) -> Value {
    let steps: Vec<&Value> = steps.collect();
    let made = match row.part {
        Some(Part::Layer(at)) if steps.len() == count => steps.get(at).map(|step| read(step)),
        _ => None,
    };
    made.filter(|made| made.as_text().is_some())
        .unwrap_or_default()
}

/// The words of a command as one text.
fn command(words: Option<&Value>) -> Value {
    let words = words.and_then(Value::as_list).unwrap_or_default();
    let words: Vec<&str> = words.iter().filter_map(Value::as_text).collect();
    match words.is_empty() {
        true => Value::Null,
        false => Value::from(words.join(" ")),
    }
}
