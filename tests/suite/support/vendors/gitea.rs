//! Gitea and Forgejo: packages by owner beside the registry, each version by itself, in pages of `limit`; lists of names that
//! link on from every page that is not empty (go-gitea/gitea, routers/api).

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Paging, Request, Route, Shelf, VendorWay};
use super::super::image::Image;
use super::plain::Plain;
use super::{Vendor, page_by};

/// The registry of a Gitea, with its API.
pub(crate) struct FakeGitea {
    /// The most versions of a page, whatever is asked.
    page: usize,
    /// Who may see the owners: `public`, `limited`, `private`.
    visibility: &'static str,
    /// The most names of a page of the catalog: a larger number is taken for this one.
    most: usize,
}

impl FakeGitea {
    pub(crate) fn new() -> Self {
        Self {
            page: 50,
            visibility: "public",
            most: 100,
        }
    }

    /// Lists at most this many versions at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// Shows its owners to these only.
    pub(crate) fn visible_to(mut self, visibility: &'static str) -> Self {
        self.visibility = visibility;
        self
    }

    /// Lists at most this many names at a time.
    pub(crate) fn clamping(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    fn version(&self, owner: &str, name: &str, version: &str) -> Value {
        json!({
            "id": 7, "type": "container", "name": name, "version": version, "repository": null,
            "owner": {"id": 3, "login": owner, "visibility": self.visibility},
            "creator": {"id": 4, "login": "bob", "visibility": "public"},
            "html_url": format!("https://gitea.test/{owner}/-/packages/container/{name}/{version}"),
            "created_at": "2026-02-27T08:15:30Z",
        })
    }

    /// All versions of an owner's images: tags, what has none, and what is being uploaded.
    fn versions(&self, shelf: &Shelf, owner: &str, part: &str) -> Vec<Value> {
        let untagged = format!("sha256:{}", "0".repeat(64));
        let of_one = |full: &str| {
            let name = full.strip_prefix(&format!("{owner}/"))?.to_owned();
            let tags = shelf.pointers(full);
            let mut all: Vec<String> = tags.iter().map(|(tag, _)| (*tag).to_owned()).collect();
            all.extend([untagged.clone(), "_upload".to_owned()]);
            let document = |version: &String| self.version(owner, &name, version);
            let found = name.contains(part);
            found.then(|| all.iter().rev().map(document).collect::<Vec<_>>())
        };
        shelf.names().filter_map(of_one).flatten().collect()
    }

    fn packages(&self, request: &Request, shelf: &Shelf, path: &str) -> Answer {
        let parts: Vec<&str> = path.split('/').collect();
        let exists = |owner: &str| {
            shelf
                .names()
                .any(|name| name.starts_with(&format!("{owner}/")))
        };
        match parts.as_slice() {
            [owner] if exists(owner) => {
                let part = request.query("q").unwrap_or_default();
                let link = |size, page| {
                    let q = request.query("q").map(|q| format!("&q={q}"));
                    let q = q.unwrap_or_default();
                    format!(
                        "{{registry}}{}?limit={size}&page={page}{q}&type=container",
                        request.path
                    )
                };
                let all = self.versions(shelf, owner, part);
                page_by(request, "limit", &all, self.page, link)
            }
            [owner, "container", name, version] => {
                let name = name.replace("%2F", "/");
                let tags = shelf.pointers(&format!("{owner}/{name}"));
                match tags.iter().any(|(tag, _)| tag == version) {
                    true => Answer::json(&self.version(owner, &name, version)),
                    false => missing(),
                }
            }
            _ => missing(),
        }
    }
}

fn missing() -> Answer {
    let body = json!({"errors": null, "message": "The target couldn't be found.", "url": "https://gitea.test/api/swagger"});
    Answer::status(404).with_body("application/json", body.to_string())
}

impl VendorWay for FakeGitea {
    fn answer(&self, request: &Request, shelf: &Shelf, paging: &Paging) -> Option<Answer> {
        if let Some(path) = request.path.strip_prefix("/api/v1/packages/") {
            return Some(self.packages(request, shelf, path));
        }
        let asked = request.query("n").and_then(|n| n.parse::<usize>().ok());
        let is_clamped = asked.is_some_and(|n| n > self.most);
        match Route::of(request) {
            Route::Catalog if is_clamped => {
                let mut clamped = request.clone();
                clamped.query.retain(|(name, _)| name != "n");
                clamped.query.push(("n".to_owned(), self.most.to_string()));
                let names: Vec<&str> = shelf.names().collect();
                let wrap = |page| json!({"repositories": page});
                Some(paging.answer(&clamped, &json!(names).into(), wrap))
            }
            _ => None,
        }
    }
}

/// Gitea, as the contract of all dialects needs it: a public one.
pub(crate) struct Gitea;

impl Vendor for Gitea {
    fn name(&self) -> &'static str {
        "gitea"
    }

    fn host(&self) -> &'static str {
        "codeberg.org"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let registry = Plain.serve(registry, page, world, of);
        let gitea = FakeGitea::new().paged(page.min(50));
        registry.links(Links::OneTooMany).way(gitea)
    }

    fn fact(&self) -> Option<&'static str> {
        Some("vendor.tag.created_at")
    }

    fn repositories(&self) -> &'static str {
        "/api/v1/packages/acme?"
    }

    fn tags(&self) -> &'static str {
        "acme/web/tags/list"
    }

    fn words(&self, line: &str) -> String {
        // With a slash in front it would be a whole path.
        format!("GET {}", line.trim_start_matches('/'))
    }
}
