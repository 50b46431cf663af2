//! What the repository's name says, and a repository's tags.

use super::Resource::{self, Images, Layers, Manifests, Referrers, Repositories, Tags};
use super::{Evidence, Facet, Field, Type, Unit};
use crate::oci::Repository;
use crate::value::Value;

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "registry",
        doc: "the registry, as the query names it",
        spec: "the query",
        example: r#""ghcr.io""#,
        read: |row| Some(Value::text(&row.registry)),
        ..NAME
    },
    Field {
        name: "repository",
        doc: "the repository's full name within its registry",
        spec: "distribution-spec, Pulling manifests, <name>",
        example: r#""team/shop/web""#,
        read: |row| Some(Value::text(row.repository.as_str())),
        ..NAME
    },
    Field {
        name: "path",
        doc: "the repository's name without the prefix the query's registry has",
        spec: "the query",
        example: r#""shop/web""#,
        read: |row| Some(Value::text(path(row))),
        ..NAME
    },
    Field {
        name: "namespace",
        doc: "what stands before the last slash of the repository's name; null where there is none",
        spec: "distribution-spec, Pulling manifests, <name>",
        example: r#""team/shop""#,
        read: |row| Some(row.repository.namespace().map_or(Value::Null, Value::text)),
        ..NAME
    },
    Field {
        name: "name",
        doc: "what stands after the last slash of the repository's name",
        spec: "distribution-spec, Pulling manifests, <name>",
        example: r#""web""#,
        read: |row| Some(Value::text(Repository::name(&row.repository))),
        ..NAME
    },
    Field {
        name: "reference",
        doc: "the row as one text: registry, repository and, for tags, the tag, for manifests the digest",
        spec: "distribution-spec, Pulling manifests",
        example: r#""ghcr.io/team/shop/web:1.4.2""#,
        read: |row| Some(Value::from(row.reference())),
        ..NAME
    },
    Field {
        name: "pinned",
        unit: Unit::Digest,
        resources: Resource::OF_TAGS,
        doc: "the digest that `references` names beside the tag, or in its place; null where it names none",
        spec: "the query",
        example: r#""sha256:1f2d8a…""#,
        read: |row| Some(row.pinned.as_ref().map(ToString::to_string).into()),
        ..NAME
    },
    Field {
        name: "tags",
        kind: Type::List(&Type::Text),
        resources: &[Repositories, Manifests],
        sources: &[Facet::Tag, Facet::TagList],
        doc: "of a repository those tags that the query's `tags` keeps; of a manifest all tags that point to it",
        spec: "distribution-spec, Listing Tags",
        example: r#"["1.4.1", "1.4.2", "latest"]"#,
        read: |row| match &row.tags {
            Some(tags) => {
                let tags = tags.iter().map(|tag| Value::text(tag.as_str()));
                Some(Value::list(tags.collect()))
            }
            None => row.told("tags").cloned(),
        },
        ..NAME
    },
    Field {
        name: "tag_count",
        kind: Type::Integer,
        resources: &[Repositories],
        sources: &[Facet::TagList],
        doc: "how many tags of the repository the query's `tags` keeps",
        spec: "distribution-spec, Listing Tags",
        example: "3",
        read: |row| Some(Value::from(row.tags.as_ref()?.len() as u64)),
        ..NAME
    },
    Field {
        name: "parents",
        kind: Type::List(&Type::Text),
        resources: &[Manifests],
        sources: &[Facet::Parents],
        doc: "the digests of the indexes of the repository that name the manifest, by bytes",
        spec: "image-spec image-index.md `manifests`",
        example: r#"["sha256:1f2d8a…"]"#,
        read: |row| row.told("parents").cloned(),
        ..NAME
    },
];

const NAME: Field = Field {
    name: "",
    kind: Type::Text,
    unit: Unit::None,
    resources: &[Repositories, Tags, Images, Layers, Referrers, Manifests],
    sources: &[Facet::Name],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};

fn path(row: &Evidence) -> &str {
    let full = row.repository.as_str();
    full.strip_prefix(row.prefix.as_ref()).unwrap_or(full)
}
