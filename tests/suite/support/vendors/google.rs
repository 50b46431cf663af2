//! Google's registries: a list of tags says what lies below a path, and what each manifest is.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::super::fake::{Answer, Entries, FakeRegistry, Paging, Request, Route, Shelf, VendorWay};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// Artifact Registry, and gcr.io.
pub(crate) struct Google;

impl VendorWay for Google {
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer> {
        let Route::Tags(name) = Route::of(request) else {
            return None;
        };
        let children = children(shelf, name);
        let own = shelf.listing(name);
        // A project is no path of its own, nor is what nothing lies below.
        if own.is_none() && children.is_empty() {
            return None;
        }
        let entries = own.unwrap_or_else(|| Entries::from(json!([])));
        let wrap = |page: Value| {
            let manifests = manifests(shelf, name, &page);
            json!({"child": children, "manifest": manifests, "name": name, "tags": page})
        };
        Some(paging.answer(request, &entries, wrap))
    }
}

fn children<'a>(shelf: &'a Shelf, path: &str) -> BTreeSet<&'a str> {
    let below = |name: &'a str| name.strip_prefix(path)?.strip_prefix('/');
    let below = shelf.names().filter_map(below);
    below
        .map(|rest| rest.split_once('/').map_or(rest, |(child, _)| child))
        .collect()
}

/// What is said of the manifests of a page, and of one without tags, as every repository has one. Numbers are texts.
fn manifests(shelf: &Shelf, repository: &str, page: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let listed = page.as_array().into_iter().flatten();
    let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
    let pointers = shelf.pointers(repository).into_iter();
    for (tag, digest) in pointers.filter(|(tag, _)| listed.contains(tag)) {
        let entry = found.entry(digest).or_insert_with(|| {
            json!({
                "imageSizeBytes": "31457280", "layerId": "", "mediaType": shelf.media_type(digest), "tag": [],
                "timeCreatedMs": "0", "timeUploadedMs": "1772180195123",
            })
        });
        let tags = entry["tag"].as_array_mut().expect("it was made as a list");
        tags.push(json!(tag));
    }
    for digest in shelf.untagged(repository) {
        let media_type = shelf.media_type(digest);
        found.insert(
            digest.to_owned(),
            json!({"mediaType": media_type, "tag": [], "timeUploadedMs": "1772180195123"}),
        );
    }
    if shelf.has(repository) {
        let untagged = format!("sha256:{}", "0".repeat(64));
        found.insert(untagged, json!({"tag": [], "timeUploadedMs": ""}));
    }
    found
}

impl Vendor for Google {
    fn name(&self) -> &'static str {
        "gcr"
    }

    fn host(&self) -> &'static str {
        "gcr.io"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let left_over = of.clone().layer("left over", 4_000);
        let registry = Plain.serve(registry, page, world, of).way(Self);
        registry.holding(left_over)
    }

    fn fact(&self) -> Option<&'static str> {
        Some("pushed")
    }

    fn repositories(&self) -> &'static str {
        "tags/list"
    }

    fn tags(&self) -> &'static str {
        "web/tags/list"
    }
}
