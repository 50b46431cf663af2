//! Azure Container Registry: a listing of tags of its own, for which reading is another right than pulling.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::fake::{
    Answer, Entries, FakeRegistry, Paging, Request, Shelf, VendorWay, no_repository,
};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// Azure Container Registry.
pub(crate) struct Azure;

/// What is asked of the vendor's own part: the repository, and of its tags all or one.
enum Own<'a> {
    Repository(&'a str),
    Tags(&'a str),
    Tag(&'a str, &'a str),
    Manifests(&'a str),
}

impl<'a> Own<'a> {
    fn repository(&self) -> &'a str {
        match self {
            Self::Repository(name) | Self::Tags(name) | Self::Tag(name, _) => name,
            Self::Manifests(name) => name,
        }
    }
}

/// What has no tags has no member for them, either.
fn manifest(shelf: &Shelf, repository: &str, digest: &Value) -> Value {
    let digest = digest.as_str().unwrap_or_default();
    let mut document = json!({
        "digest": digest, "imageSize": 31457280, "createdTime": "2026-02-27T08:16:39.7654321Z",
        "lastUpdateTime": "2026-02-27T08:16:39.7654321Z", "mediaType": shelf.media_type(digest),
        "changeableAttributes": {"deleteEnabled": true, "writeEnabled": true, "readEnabled": true, "listEnabled": true},
    });
    let pointers = shelf.pointers(repository).into_iter();
    let tags = pointers.filter(|(_, pointed)| *pointed == digest);
    let tags: Vec<&str> = tags.map(|(tag, _)| tag).collect();
    if !tags.is_empty() {
        document["tags"] = json!(tags);
    }
    document
}

fn own(request: &Request) -> Option<Own<'_>> {
    let path = request.path.strip_prefix("/acr/v1/")?;
    if let Some(name) = path.strip_suffix("/_manifests") {
        return Some(Own::Manifests(name));
    }
    let one = path.rsplit_once("/_tags/");
    Some(match (one, path.strip_suffix("/_tags")) {
        (Some((name, tag)), _) => Own::Tag(name, tag),
        (None, Some(name)) => Own::Tags(name),
        (None, None) => Own::Repository(path),
    })
}

impl VendorWay for Azure {
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer> {
        Some(match own(request)? {
            own if !shelf.has(own.repository()) => no_repository(own.repository()),
            Own::Repository(name) => {
                let count = shelf.pointers(name).len();
                Answer::json(&json!({"imageName": name, "tagCount": count, "manifestCount": count}))
            }
            Own::Tags(name) => {
                let wrap = |page: Value| {
                    let names = page.as_array().into_iter().flatten();
                    let tags = names.filter_map(|tag| document(shelf, name, tag.as_str()?));
                    json!({"imageName": name, "tags": tags.collect::<Vec<_>>()})
                };
                let entries = shelf.listing(name).expect("it was looked for");
                paging.answer(request, &entries, wrap)
            }
            Own::Manifests(name) => {
                let wrap = |page: Value| {
                    let digests = page.as_array().into_iter().flatten();
                    let manifests = digests.map(|digest| manifest(shelf, name, digest));
                    json!({"imageName": name, "manifests": manifests.collect::<Vec<_>>()})
                };
                let tagged = shelf.pointers(name).into_iter().map(|(_, digest)| digest);
                let digests: BTreeSet<&str> = tagged.chain(shelf.untagged(name)).collect();
                paging.answer(request, &Entries::from(json!(digests)), wrap)
            }
            Own::Tag(name, tag) => match document(shelf, name, tag) {
                Some(tag) => Answer::json(&json!({"imageName": name, "tag": tag})),
                None => Answer::error(404, "TAG_UNKNOWN", &json!({"name": tag})),
            },
        })
    }

    fn repository(&self, request: &Request) -> Option<String> {
        Some(own(request)?.repository().to_owned())
    }

    fn scope(&self, request: &Request) -> Option<String> {
        let name = self.repository(request)?;
        Some(format!("repository:{name}:metadata_read"))
    }
}

/// Times have seven digits behind the point.
fn document(shelf: &Shelf, repository: &str, tag: &str) -> Option<Value> {
    let pointers = shelf.pointers(repository).into_iter();
    let (_, digest) = pointers.into_iter().find(|(name, _)| *name == tag)?;
    Some(json!({
        "name": tag, "digest": digest, "createdTime": "2026-01-15T10:00:00.0000001Z",
        "lastUpdateTime": "2026-02-27T08:16:40.1234567Z", "signed": false,
        "changeableAttributes": {"deleteEnabled": true, "writeEnabled": false, "readEnabled": true, "listEnabled": true},
    }))
}

impl Vendor for Azure {
    fn name(&self) -> &'static str {
        "acr"
    }

    fn host(&self) -> &'static str {
        "acme.azurecr.io"
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
        Some("vendor.tag.createdTime")
    }

    fn repositories(&self) -> &'static str {
        "_catalog"
    }

    fn tags(&self) -> &'static str {
        "acr/v1/acme/web/_tags"
    }
}
