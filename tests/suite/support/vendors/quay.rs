//! Quay's API: repositories by namespace, in pages with a cursor that nobody else can read, and the history of tags by the
//! number of a page; only access tokens of OAuth applications are somebody (quay/quay, `endpoints/api`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Request, VendorApi};
use super::super::image::Image;
use super::{Vendor, Window, beside};

/// When every tag began to point to what it does: seconds since 1970, and in our words.
pub(crate) const BEGAN: (u64, &str) = (1_772_180_160, "2026-02-27T08:16:00Z");

/// An API that is being described.
#[derive(Default)]
pub(crate) struct FakeQuay {
    /// By name: the tags, the latest first, each with all there ever was of it.
    repositories: BTreeMap<String, Vec<Value>>,
    hidden: BTreeSet<String>,
    /// The scope of each access token.
    tokens: BTreeMap<String, String>,
    page: Option<usize>,
}

impl FakeQuay {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A repository `NAMESPACE/NAME`.
    pub(crate) fn repository(mut self, name: &str) -> Self {
        self.repositories.entry(name.to_owned()).or_default();
        self
    }

    /// A repository that is not public.
    pub(crate) fn hidden(mut self, name: &str) -> Self {
        self.hidden.insert(name.to_owned());
        self.repository(name)
    }

    /// A tag `NAMESPACE/NAME:TAG` that points to this digest.
    pub(crate) fn tag(self, name: &str, digest: &str) -> Self {
        self.tag_as(name, digest, |_| {})
    }

    /// A tag of which the API says something else.
    pub(crate) fn tag_as(mut self, name: &str, digest: &str, edit: impl Fn(&mut Value)) -> Self {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        let mut document = json!({
            "name": tag, "reversion": false, "start_ts": BEGAN.0, "manifest_digest": digest,
            "is_manifest_list": false, "size": 31_457_280, "last_modified": "Fri, 27 Feb 2026 08:16:00 -0000"
        });
        edit(&mut document);
        self.repositories
            .entry(repository.to_owned())
            .or_default()
            .insert(0, document);
        self
    }

    /// A tag that was there until this second.
    pub(crate) fn tag_until(self, name: &str, digest: &str, end: u64) -> Self {
        self.tag_as(name, digest, |document| {
            document["start_ts"] = json!(end - 60);
            document["end_ts"] = json!(end);
        })
    }

    /// An access token with this scope.
    pub(crate) fn token(mut self, token: &str, scope: &str) -> Self {
        self.tokens.insert(token.to_owned(), scope.to_owned());
        self
    }

    /// Lists at most this many at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.page = Some(page);
        self
    }

    /// Whether somebody known asks; passwords and robots are nobody here. Errors: a token that is none, or may not.
    fn is_known(&self, request: &Request) -> Result<bool, Answer> {
        let header = request.header("authorization");
        let Some(token) = header.and_then(|header| header.strip_prefix("Bearer ")) else {
            return Ok(false);
        };
        match self.tokens.get(token).map(String::as_str) {
            Some("repo:read") => Ok(true),
            Some(_) => Err(refusal(403, "insufficient_scope", "Unauthorized")),
            None => Err(refusal(401, "invalid_token", "Invalid OAuth token")),
        }
    }

    fn most(&self) -> usize {
        self.page.unwrap_or(100)
    }

    fn repositories(&self, request: &Request, is_known: bool) -> Answer {
        let (namespace, public) = (request.query("namespace"), request.query("public"));
        if namespace.is_none() && public != Some("true") {
            let text = "namespace, starred or public are required for this API call";
            return refusal(400, "invalid_request", text);
        }
        let is_listed = |name: &&String| {
            let own = name.split_once('/').map(|(own, _)| own);
            let is_shown = match self.hidden.contains(*name) {
                true => is_known,
                false => public == Some("true"),
            };
            is_shown && (namespace.is_none() || namespace == own)
        };
        let names: Vec<&String> = self.repositories.keys().filter(is_listed).collect();
        let cursor = request.query("next_page").and_then(of_cursor);
        let first = cursor.unwrap_or_default().min(names.len());
        let end = (first + self.most()).min(names.len());
        let documents = names[first..end].iter().map(|name| {
            let mut document = self.document(name);
            for more in ["last_modified", "popularity"] {
                if request.query(more) == Some("true") {
                    document[more] = json!(BEGAN.0);
                }
            }
            document
        });
        let mut page = json!({"repositories": documents.collect::<Vec<_>>()});
        if end < names.len() {
            page["next_page"] = json!(cursor_at(end));
        }
        Answer::json(&page)
    }

    fn document(&self, name: &str) -> Value {
        let (namespace, own) = name.split_once('/').expect("a test names a namespace");
        json!({
            "namespace": namespace, "name": own, "description": format!("what {own} is for"),
            "is_public": !self.hidden.contains(name), "kind": "image", "state": "NORMAL", "is_starred": false
        })
    }

    fn tags(&self, request: &Request, history: &[Value]) -> Answer {
        let only = request.query("specificTag");
        let is_active = |tag: &&Value| {
            let has_ended = tag["end_ts"].as_u64().is_some_and(|end| end <= BEGAN.0);
            request.query("onlyActiveTags") != Some("true") || !has_ended
        };
        let is_it = |tag: &&Value| only.is_none_or(|only| tag["name"] == json!(only));
        let listed = history.iter().filter(is_active).filter(is_it);
        let listed: Vec<Value> = listed.cloned().collect();
        let window = Window::of(request, "limit", 50, self.most(), listed.len());
        Answer::json(&json!({
            "tags": listed[window.range], "page": window.page, "has_additional": window.has_next
        }))
    }
}

/// Something that nobody else can read; what is no cursor of its own is none to it.
fn cursor_at(at: usize) -> String {
    format!("gAAAA=/+&{at}==")
}

fn of_cursor(cursor: &str) -> Option<usize> {
    let at = cursor.strip_prefix("gAAAA=/+&")?.strip_suffix("==");
    at.and_then(|at| at.parse().ok())
}

impl VendorApi for FakeQuay {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" {
            return Answer::status(405);
        }
        let is_known = match self.is_known(request) {
            Ok(is_known) => is_known,
            Err(refusal) => return refusal,
        };
        let path = request.path.strip_prefix("/api/v1/repository");
        match path {
            Some("") => self.repositories(request, is_known),
            Some(path) => {
                let path = path.trim_start_matches('/');
                let (name, is_tags) = match path.strip_suffix("/tag/") {
                    Some(name) => (name, true),
                    None => (path, false),
                };
                let history = self.repositories.get(name);
                let is_shown = is_known || !self.hidden.contains(name);
                match history.filter(|_| is_shown) {
                    Some(history) if is_tags => self.tags(request, history),
                    Some(_) => Answer::json(&self.document(name)),
                    None if is_known => refusal(404, "not_found", "Not Found"),
                    None => refusal(401, "insufficient_scope", "Unauthorized"),
                }
            }
            None => refusal(404, "not_found", "Not Found"),
        }
    }
}

fn refusal(status: u16, kind: &str, text: &str) -> Answer {
    let body = json!({
        "status": status, "error_message": text, "title": kind, "error_type": kind, "detail": text,
        "type": format!("{{api}}/api/v1/error/{kind}")
    });
    Answer::status(status).with_body("application/json", body.to_string())
}

/// Quay, as the contract of all dialects needs it.
pub(crate) struct Quay;

impl Vendor for Quay {
    fn name(&self) -> &'static str {
        "quay"
    }

    fn host(&self) -> &'static str {
        "quay.io"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let registry = registry.paged(page).links(Links::Absolute);
        let api = FakeQuay::new().paged(page);
        let image = |_| of.clone();
        let (registry, quay) = beside(
            registry,
            api,
            world,
            image,
            FakeQuay::repository,
            FakeQuay::tag,
        );
        registry.vendor(quay)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn fact(&self) -> Option<&'static str> {
        Some("pushed")
    }

    fn repositories(&self) -> &'static str {
        "api/v1/repository?"
    }

    fn tags(&self) -> &'static str {
        "acme/web/tag/"
    }

    fn leads(&self, _: &str) -> bool {
        false
    }
}
