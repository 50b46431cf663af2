//! What the documents of Docker Hub's API tell: each fact only where it means exactly what the field of its name means.

use super::super::pages::{self, told};
use crate::oci::{Digest, MediaType};
use crate::registry::{Detail, Details, Told};
use crate::value::Value;

/// What is told of a repository.
pub(super) fn repository_told(document: &Value, wanted: Details) -> Told {
    let member = |name: &str| document.get(name).cloned().unwrap_or_default();
    let text = |name: &str| Some(member(name)).filter(|value| value.as_text() != Some(""));
    let count = member("pull_count");
    let is_count = count.as_int().is_some_and(|count| count >= 0);
    let private = member("is_private");
    let is_truth = matches!(private, Value::Bool(_));
    let facts = [
        (
            Detail::Description,
            Some(text("description").unwrap_or_default()),
        ),
        (
            Detail::PullCount,
            Some(if is_count { count } else { Value::Null }),
        ),
        (
            Detail::Private,
            Some(if is_truth { private } else { Value::Null }),
        ),
        (Detail::VendorRepository, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// What is told of a tag. A time that is not set is null; what is not certain is not told.
pub(super) fn tag_told(document: &Value, wanted: Details) -> Told {
    let text = |name: &str| document.get(name).and_then(Value::as_text);
    let time = |name: &str| {
        text(name)
            .filter(|time| !time.is_empty())
            .map_or(Value::Null, Value::text)
    };
    let digest = text("digest").filter(|digest| digest.parse::<Digest>().is_ok());
    // Of a tag that is no index, this is the media type of the config.
    let media_type = text("media_type").filter(|text| MediaType::new(text).is_index());
    let facts = [
        (Detail::Digest, digest.map(Value::text)),
        (Detail::MediaType, media_type.map(Value::text)),
        (Detail::Platforms, platforms(document)),
        (Detail::Pushed, Some(time("tag_last_pushed"))),
        (Detail::Pulled, Some(time("tag_last_pulled"))),
        (Detail::VendorTag, Some(document.clone())),
    ];
    told(facts, wanted)
}

/// The platforms of a tag's images, attestations left out; none where it is no image, or not all of them say what they
/// are for.
fn platforms(document: &Value) -> Option<Value> {
    let kind = document.get("content_type").and_then(Value::as_text);
    if kind.is_some_and(|kind| kind != "image") {
        return None;
    }
    let images = document.get("images").and_then(Value::as_list)?;
    pages::platforms(images.iter())
}
