//! What the documents of Harbor's API tell: each fact only where it means exactly what the field of its name means.

use super::super::pages::{self, told};
use crate::oci::{Digest, MediaType};
use crate::registry::{Detail, Details, Told};
use crate::value::Value;

/// The name of whatever has one.
pub(super) fn name_of(document: &Value) -> &str {
    let name = document.get("name").and_then(Value::as_text);
    name.unwrap_or_default()
}

/// A text that says something.
fn text(document: &Value, name: &str) -> Option<Value> {
    let value = document.get(name)?;
    value.as_text().filter(|text| !text.is_empty())?;
    Some(value.clone())
}

/// What is told of a repository, and of the project that it is in.
pub(super) fn repository_told(document: &Value, private: Option<bool>, wanted: Details) -> Told {
    let count = document.get("pull_count");
    let count = count.filter(|count| count.as_int().is_some_and(|count| count >= 0));
    let description = text(document, "description");
    let facts = [
        (Detail::Description, Some(description.unwrap_or_default())),
        (Detail::PullCount, count.cloned()),
        (Detail::Private, private.map(Value::Bool)),
        (Detail::VendorRepository, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// What is said of the tags of an artifact; null where it has none.
pub(super) fn tags_of(artifact: &Value) -> impl Iterator<Item = &Value> {
    let tags = artifact.get("tags").and_then(Value::as_list);
    tags.into_iter().flatten()
}

/// What an artifact and one of its tags tell, as far as it `may` be told.
pub(super) fn tag_told(artifact: &Value, tag: &Value, may: Details, wanted: Details) -> Told {
    let digest = text(artifact, "digest");
    let digest = digest.filter(|digest| {
        let digest = digest.as_text().map(str::parse::<Digest>);
        digest.is_some_and(|digest| digest.is_ok())
    });
    // A time that is not set is of year 1.
    let time = |name: &str| Some(text(tag, name).unwrap_or_default());
    let facts = [
        (Detail::Digest, digest),
        (Detail::MediaType, text(artifact, "manifest_media_type")),
        (Detail::Platforms, platforms_of(artifact)),
        (Detail::Pushed, time("push_time")),
        (Detail::Pulled, time("pull_time")),
        (Detail::VendorTag, Some(artifact.clone())),
    ];
    let allowed = facts.map(|(detail, value)| (detail, value.filter(|_| may.contains(detail))));
    told(allowed, wanted)
}

/// The platforms of an index. What is said of an image leaves out the variant of its platform.
fn platforms_of(artifact: &Value) -> Option<Value> {
    let media_type = artifact
        .get("manifest_media_type")
        .and_then(Value::as_text)?;
    let references = artifact.get("references").and_then(Value::as_list)?;
    let none = &Value::Null;
    let children = references
        .iter()
        .map(|child| child.get("platform").unwrap_or(none));
    MediaType::new(media_type)
        .is_index()
        .then(|| pages::platforms(children))
        .flatten()
}

/// What is told of a manifest. It was pushed when Harbor got it.
pub(super) fn manifest_told(artifact: &Value, wanted: Details) -> Told {
    let time = |name: &str| Some(text(artifact, name).unwrap_or_default());
    let facts = [
        (Detail::MediaType, text(artifact, "manifest_media_type")),
        (Detail::Pushed, time("push_time")),
        (Detail::Pulled, time("pull_time")),
        (Detail::VendorManifest, Some(artifact.clone())),
    ];
    told(facts, wanted)
}

/// The digests of what an index names; none where that is not said.
pub(super) fn children_of(artifact: &Value) -> Option<Vec<Digest>> {
    let references = artifact.get("references").and_then(Value::as_list)?;
    let children = references
        .iter()
        .map(|child| digest_in(child, "child_digest"));
    children
        .collect::<Option<Vec<_>>>()
        .filter(|children| !children.is_empty())
}

/// The digests of what is attached to an artifact, as far as they are said.
pub(super) fn attached_to(artifact: &Value) -> Vec<Digest> {
    let attached = artifact.get("accessories").and_then(Value::as_list);
    let attached = attached.unwrap_or_default().iter();
    attached
        .filter_map(|said| digest_in(said, "digest"))
        .collect()
}

fn digest_in(document: &Value, name: &str) -> Option<Digest> {
    document.get(name)?.as_text()?.parse().ok()
}
