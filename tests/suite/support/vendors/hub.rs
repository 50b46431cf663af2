//! Docker Hub's API: its own login, repositories by namespace, tags with facts, pages by number, and the end of them for
//! those who do not log in (docs.docker.com, "Docker Hub API").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Request, VendorApi};
use super::super::image::Image;
use super::{Vendor, beside};

/// What a token is, up to its number.
pub(crate) const TOKEN: &str = "jwt-of-the-hub";

/// The times of every tag.
pub(crate) const PUSHED: &str = "2026-02-27T08:15:30.123456Z";
pub(crate) const PULLED: &str = "2026-03-01T06:00:00Z";

/// An API that is being described.
pub(crate) struct FakeHub {
    repositories: BTreeMap<String, Shelf>,
    accounts: BTreeMap<String, String>,
    /// The most entries of a page, whatever is asked.
    page: usize,
    /// How far those get who do not log in.
    cap: usize,
    /// How many requests a token is good for.
    uses: usize,
    /// How often each token was used.
    tokens: Mutex<Vec<usize>>,
}

struct Shelf {
    document: Value,
    /// In the order in which they are listed: the latest first.
    tags: Vec<Value>,
    /// What is counted and not listed.
    omitted: BTreeSet<String>,
}

impl FakeHub {
    /// An account without anything.
    pub(crate) fn new() -> Self {
        Self {
            repositories: BTreeMap::new(),
            accounts: BTreeMap::new(),
            page: 100,
            cap: 1000,
            uses: usize::MAX,
            tokens: Mutex::default(),
        }
    }

    /// A repository `NAMESPACE/NAME`.
    pub(crate) fn repository(self, name: &str) -> Self {
        self.repository_as(name, |_| {})
    }

    /// A repository that says something else of itself.
    pub(crate) fn repository_as(mut self, name: &str, edit: impl Fn(&mut Value)) -> Self {
        let (namespace, own) = name.split_once('/').expect("a test names a namespace");
        let mut document = json!({
            "name": own, "namespace": namespace, "repository_type": "image", "status": 1,
            "status_description": "active", "description": format!("what {own} is for"),
            "is_private": false, "star_count": 4, "pull_count": 120_345,
            "last_updated": PUSHED, "date_registered": "2021-05-04T09:00:00Z", "affiliation": "",
            "media_types": ["application/vnd.oci.image.index.v1+json"], "content_types": ["image"],
            "categories": [], "storage_size": 734_003_200
        });
        edit(&mut document);
        let (tags, omitted) = (Vec::new(), BTreeSet::new());
        let shelf = Shelf {
            document,
            tags,
            omitted,
        };
        self.repositories.insert(name.to_owned(), shelf);
        self
    }

    /// A repository that only those see who log in.
    pub(crate) fn private(self, name: &str) -> Self {
        self.repository_as(name, |document| document["is_private"] = json!(true))
    }

    /// A tag `NAMESPACE/NAME:TAG` of an image that points to this digest.
    pub(crate) fn tag(self, name: &str, digest: &str) -> Self {
        self.tag_as(name, digest, |_| {})
    }

    /// A tag of which the API says something else.
    pub(crate) fn tag_as(mut self, name: &str, digest: &str, edit: impl Fn(&mut Value)) -> Self {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        if !self.repositories.contains_key(repository) {
            self = self.repository(repository);
        }
        let mut document = described(tag, digest);
        edit(&mut document);
        let shelf = self.repositories.get_mut(repository);
        shelf.expect("it is there").tags.insert(0, document);
        self
    }

    /// So many tags, named by their number, that all point to the same.
    pub(crate) fn tags_by(
        mut self,
        repository: &str,
        count: usize,
        name: impl Fn(usize) -> String,
        digest: &str,
    ) -> Self {
        for at in 0..count {
            self = self.tag(&format!("{repository}:{}", name(at)), digest);
        }
        self
    }

    /// Counts a tag and does not list it.
    pub(crate) fn omitting(mut self, name: &str) -> Self {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        let shelf = self.repositories.get_mut(repository);
        let shelf = shelf.expect("a test names a repository that is there");
        shelf.omitted.insert(tag.to_owned());
        self
    }

    /// Somebody who can log in, and sees everything then.
    pub(crate) fn account(mut self, name: &str, secret: &str) -> Self {
        self.accounts.insert(name.to_owned(), secret.to_owned());
        self
    }

    /// Lists at most this many at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.page = page;
        self
    }

    /// Ends pages there for those who do not log in.
    pub(crate) fn capped(mut self, cap: usize) -> Self {
        self.cap = cap;
        self
    }

    /// Takes each token so often and no more.
    pub(crate) fn tokens_for(mut self, uses: usize) -> Self {
        self.uses = uses;
        self
    }

    fn log_in(&self, request: &Request) -> Answer {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let known = self.accounts.get(&text("identifier"));
        if known.is_none_or(|secret| *secret != text("secret")) {
            return refusal(401, "detail", "Incorrect authentication credentials");
        }
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.push(0);
        Answer::json(&json!({"access_token": format!("{TOKEN}-{}", tokens.len())}))
    }

    /// Whether somebody known asks. Errors: a token that is none, or no more.
    fn is_known(&self, request: &Request) -> Result<bool, Answer> {
        let Some(header) = request.header("authorization") else {
            return Ok(false);
        };
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let number = header.strip_prefix(&format!("Bearer {TOKEN}-"));
        let at = number.and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
        match at.and_then(|at| tokens.get_mut(at)) {
            Some(used) if *used < self.uses => {
                *used += 1;
                Ok(true)
            }
            _ => Err(refusal(401, "detail", "Invalid token")),
        }
    }

    fn namespace(&self, request: &Request, namespace: &str, is_known: bool) -> Answer {
        let own = |(name, shelf): &(&String, &Shelf)| {
            let is_own = name
                .split_once('/')
                .is_some_and(|(own, _)| own == namespace);
            is_own && (is_known || shelf.document["is_private"] != json!(true))
        };
        let found = self.repositories.iter().filter(own);
        let all: Vec<Value> = found.map(|(_, shelf)| shelf.document.clone()).collect();
        self.page(request, &all, all.len(), is_known)
    }

    fn page(&self, request: &Request, all: &[Value], count: usize, is_known: bool) -> Answer {
        let number = |name: &str, otherwise: usize| {
            let said = request.query(name).and_then(|text| text.parse().ok());
            said.unwrap_or(otherwise)
        };
        let size = number("page_size", 10).min(self.page).max(1);
        let page = number("page", 1).max(1);
        let first = (page - 1) * size;
        if first >= self.cap && !is_known {
            let message =
                "pagination offset too large for anonymous requests; sign in to page further";
            let body = json!({"message": message, "errinfo": {}});
            return Answer::status(403).with_body("application/json", body.to_string());
        }
        if first >= all.len() && page > 1 {
            return refusal(404, "message", "page not found");
        }
        let at = |page: usize| {
            let host = request.header("host").unwrap_or_default();
            let path = &request.path;
            format!("http://{host}{path}?page={page}&page_size={size}")
        };
        let end = (first + size).min(all.len());
        let answer = Answer::json(&json!({
            "count": count,
            "next": (end < all.len()).then(|| at(page + 1)),
            "previous": (page > 1).then(|| at(page - 1)),
            "results": all[first..end],
        }));
        answer
            .header("X-RateLimit-Limit", "180")
            .header("X-RateLimit-Remaining", "179")
            .header("X-RateLimit-Reset", "1772496060")
    }
}

impl VendorApi for FakeHub {
    fn answer(&self, request: &Request) -> Answer {
        if request.path == "/v2/auth/token" && request.method == "POST" {
            return self.log_in(request);
        }
        if request.method != "GET" {
            return Answer::status(405);
        }
        let is_known = match self.is_known(request) {
            Ok(is_known) => is_known,
            Err(refusal) => return refusal,
        };
        let parts: Vec<&str> = request.path.split('/').collect();
        let shelf = |namespace: &str, name: &str| {
            let shelf = self.repositories.get(&format!("{namespace}/{name}"));
            shelf.filter(|shelf| is_known || shelf.document["is_private"] != json!(true))
        };
        let none = || refusal(404, "message", "object not found");
        match parts.as_slice() {
            ["", "v2", "namespaces", namespace, "repositories"] => {
                self.namespace(request, namespace, is_known)
            }
            ["", "v2", "namespaces", namespace, "repositories", name] => {
                shelf(namespace, name).map_or_else(none, |shelf| Answer::json(&shelf.document))
            }
            [
                "",
                "v2",
                "namespaces",
                namespace,
                "repositories",
                name,
                "tags",
            ] => {
                let Some(shelf) = shelf(namespace, name) else {
                    return none();
                };
                let listed = shelf.tags.iter();
                let listed = listed.filter(|tag| !shelf.omitted.contains(tag_name(tag)));
                let listed: Vec<Value> = listed.cloned().collect();
                self.page(request, &listed, shelf.tags.len(), is_known)
            }
            [
                "",
                "v2",
                "namespaces",
                namespace,
                "repositories",
                name,
                "tags",
                tag,
            ] => {
                let found = shelf(namespace, name)
                    .and_then(|shelf| shelf.tags.iter().find(|known| tag_name(known) == *tag));
                found.map_or_else(none, Answer::json)
            }
            _ => none(),
        }
    }
}

fn tag_name(tag: &Value) -> &str {
    tag["name"].as_str().unwrap_or_default()
}

fn refusal(status: u16, name: &str, text: &str) -> Answer {
    let body = json!({name: text}).to_string();
    Answer::status(status).with_body("application/json", body)
}

/// A tag of an index of two images and an attestation.
fn described(tag: &str, digest: &str) -> Value {
    let image = |architecture: &str, variant: Value| {
        json!({
            "architecture": architecture, "variant": variant, "features": "", "os": "linux",
            "os_features": "", "os_version": null, "digest": digest, "size": 31_457_280,
            "status": "active", "last_pulled": PULLED, "last_pushed": PUSHED
        })
    };
    json!({
        "id": 9001, "name": tag, "creator": 77, "last_updated": PUSHED, "last_updater": 77,
        "last_updater_username": "acmeci", "repository": 501, "full_size": 31_457_280, "v2": true,
        "tag_status": "active", "tag_last_pulled": PULLED, "tag_last_pushed": PUSHED,
        "media_type": "application/vnd.oci.image.index.v1+json", "content_type": "image",
        "digest": digest,
        "images": [
            image("amd64", Value::Null), image("arm64", json!("v8")),
            {"architecture": "unknown", "variant": null, "os": "unknown", "digest": null, "size": 1843,
             "status": "active", "last_pulled": null, "last_pushed": PUSHED}
        ]
    })
}

/// Docker Hub, as the contract of all dialects needs it.
pub(crate) struct Hub;

impl Vendor for Hub {
    fn name(&self) -> &'static str {
        "docker-hub"
    }

    fn host(&self) -> &'static str {
        "docker.io"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let api = FakeHub::new().paged(page);
        let image = |_| of.clone();
        let (registry, hub) = beside(
            registry,
            api,
            world,
            image,
            FakeHub::repository,
            FakeHub::tag,
        );
        registry.vendor(hub)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn fact(&self) -> Option<&'static str> {
        Some("pushed")
    }

    fn repositories(&self) -> &'static str {
        "acme/repositories?"
    }

    fn tags(&self) -> &'static str {
        "web/tags?"
    }

    fn lead(&self, answer: &mut Answer, to: &str) {
        let mut page: Value = serde_json::from_slice(&answer.body).expect("a page is JSON");
        page["next"] = json!(to);
        *answer = answer
            .clone()
            .with_body("application/json", page.to_string());
    }
}
