//! JFrog Artifactory: repositories of its own that hold images, all behind one host, and a REST API beside them. Its links
//! leave the repository out, its errors have no code (jfrog.com/help, "JFrog REST APIs"; renovatebot/renovate #15080).

use serde_json::{Value, json};

use super::super::fake::{
    Answer, Entries, FakeRegistry, Links, Paging, Request, Route, Shelf, VendorWay,
};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// An Artifactory whose repositories are the first parts of names.
pub(crate) struct FakeArtifactory {
    /// Its repositories, with what each holds.
    keys: Vec<(&'static str, &'static str)>,
    /// What the list of the whole host says: nothing, or that there is none.
    lists_nothing: bool,
    /// The one that the host stands for.
    only: Option<&'static str>,
}

impl FakeArtifactory {
    pub(crate) fn new() -> Self {
        Self {
            keys: Vec::new(),
            lists_nothing: false,
            only: None,
        }
    }

    /// A repository of its own: `Docker`, `OCI`, `Maven` …
    pub(crate) fn key(mut self, key: &'static str, kind: &'static str) -> Self {
        self.keys.push((key, kind));
        self
    }

    /// Has an empty list for the whole host.
    pub(crate) fn listing_nothing(mut self) -> Self {
        self.lists_nothing = true;
        self
    }

    /// Stands for this one alone, as a sub-domain does.
    pub(crate) fn only(mut self, key: &'static str) -> Self {
        self.only = Some(key);
        self.key(key, "Docker")
    }

    /// The name that an image has here, by its path in one of the repositories.
    fn name<'p>(&self, path: &'p str) -> &'p str {
        let below = |key: &str| path.strip_prefix(key)?.strip_prefix('/');
        self.only.and_then(below).unwrap_or(path)
    }

    fn catalog(&self, request: &Request, shelf: &Shelf, paging: &Paging, key: &str) -> Answer {
        let holds_images = |kind: &str| ["Docker", "OCI"].contains(&kind);
        let mut known = self.keys.iter();
        if !known.any(|(known, kind)| *known == key && holds_images(kind)) {
            return refusal(404, "Not Found");
        }
        let below = format!("{key}/");
        let names = shelf.names().filter_map(|name| name.strip_prefix(&below));
        let names: Vec<&str> = names.collect();
        let wrap = |page| json!({"repositories": page});
        let answer = paging.answer(request, &Entries::from(json!(names)), wrap);
        without_key(answer, key)
    }

    fn storage(&self, shelf: &Shelf, path: &str) -> Answer {
        let (key, rest) = path.split_once('/').unwrap_or((path, ""));
        let own = self.name(path);
        let (image, tag) = own.rsplit_once('/').unwrap_or((own, ""));
        let has_tag = || {
            let tags = shelf.pointers(image);
            tags.iter().any(|(name, _)| *name == tag)
        };
        match shelf.has(own) || has_tag() {
            true => Answer::json(&json!({
                "repo": key, "path": format!("/{rest}"), "created": "2026-02-27T08:15:30.000Z", "createdBy": "ci",
                "lastModified": "2026-02-27T08:15:31.000Z", "modifiedBy": "ci", "lastUpdated": "2026-02-27T08:15:31.000Z",
                "children": [{"uri": "/manifest.json", "folder": false}],
                "uri": format!("https://art.test/artifactory/api/storage/{path}"),
            })),
            false => refusal(404, "Unable to find item"),
        }
    }
}

/// A link as Artifactory writes it.
fn without_key(mut answer: Answer, key: &str) -> Answer {
    for (name, value) in &mut answer.headers {
        if name == "Link" {
            *value = value.replace(&format!("/v2/{key}/"), "/v2/");
        }
    }
    answer
}

fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({"errors": [{"status": status, "message": message}]}).to_string();
    Answer::status(status).with_body("application/json", body)
}

impl VendorWay for FakeArtifactory {
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer> {
        if let Some(path) = request.path.strip_prefix("/artifactory/api/storage/") {
            return Some(self.storage(shelf, path));
        }
        if request.path == "/artifactory/api/repositories" {
            let document = |(key, kind): &(&str, &str)| json!({"key": key, "type": "LOCAL", "description": "", "packageType": kind, "url": format!("https://art.test/artifactory/{key}")});
            let keys: Vec<Value> = self.keys.iter().map(document).collect();
            return Some(Answer::json(&Value::from(keys)));
        }
        let path = request.path.strip_prefix("/v2/")?;
        if let Some(key) = path.strip_suffix("/_catalog") {
            return match self.only {
                Some(_) => Some(refusal(404, "Not Found")),
                None => Some(self.catalog(request, shelf, paging, key)),
            };
        }
        Some(match Route::of(request) {
            Route::Catalog | Route::Tags(_) if self.only.is_some() => return None,
            Route::Catalog if self.lists_nothing => Answer::json(&json!({"repositories": []})),
            Route::Catalog => refusal(404, "Not Found"),
            Route::Tags(name) => {
                let (key, _) = name.split_once('/').unwrap_or_default();
                match shelf.listing(name) {
                    None => refusal(404, "Not Found"),
                    Some(entries) => {
                        let wrap = |page| json!({"name": name, "tags": page});
                        without_key(paging.answer(request, &entries, wrap), key)
                    }
                }
            }
            _ => return None,
        })
    }
}

/// Artifactory, as the contract of all dialects needs it: its own cloud.
pub(crate) struct Artifactory;

impl Vendor for Artifactory {
    fn name(&self) -> &'static str {
        "artifactory"
    }

    fn host(&self) -> &'static str {
        "shop.jfrog.io"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let artifactory = FakeArtifactory::new().key("acme", "Docker");
        let registry = Plain.serve(registry, page, world, of);
        registry.links(Links::Relative).way(artifactory)
    }

    fn fact(&self) -> Option<&'static str> {
        Some("vendor.tag.createdBy")
    }

    fn repositories(&self) -> &'static str {
        "v2/acme/_catalog"
    }

    fn tags(&self) -> &'static str {
        "v2/acme/web/tags/list"
    }
}
