//! What the listing of tags says.

use super::Resource;
use super::{Facet, Field, Type, Unit};
use crate::value::Value;

pub(super) const FIELDS: &[Field] = &[Field {
    name: "tag",
    kind: Type::Text,
    unit: Unit::None,
    resources: Resource::OF_TAGS,
    sources: &[Facet::Tag],
    doc: "the tag",
    spec: "distribution-spec, Listing Tags",
    example: r#""1.4.2""#,
    read: |row| Some(Value::text(row.tag.as_ref()?.as_str())),
}];
