//! Azure Container Registry: a listing of tags of its own, for which reading is another right than pulling.

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Paging, Request, Shelf, VendorWay, no_repository};
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
}

fn own(request: &Request) -> Option<Own<'_>> {
    let path = request.path.strip_prefix("/acr/v1/")?;
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
            Own::Repository(name) | Own::Tags(name) | Own::Tag(name, _) if !shelf.has(name) => {
                no_repository(name)
            }
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
            Own::Tag(name, tag) => match document(shelf, name, tag) {
                Some(tag) => Answer::json(&json!({"imageName": name, "tag": tag})),
                None => Answer::error(404, "TAG_UNKNOWN", &json!({"name": tag})),
            },
        })
    }

    fn repository(&self, request: &Request) -> Option<String> {
        let (Own::Repository(name) | Own::Tags(name) | Own::Tag(name, _)) = own(request)?;
        Some(name.to_owned())
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
        Plain.serve(registry, page, world, of).way(Self)
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
