//! Harbor's API: projects, their repositories and artifacts in pages with a `Link` whose query is written plainly, to those
//! who show a name and a password (goharbor/harbor, `api/v2.0/swagger.yaml`). What is attached to something else is no
//! artifact of the list, be it tagged or not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Request, VendorApi, from_base64};
use super::super::image::Image;
use super::{Vendor, Window, beside};

/// When every tag began to point to what it does.
const PUSHED: &str = "2026-02-27T08:16:01.123Z";

/// What Harbor says of a time that never was.
const NEVER: &str = "0001-01-01T00:00:00.000Z";

/// An API that is being described.
#[derive(Default)]
pub(crate) struct FakeHarbor {
    /// By name: the artifacts.
    repositories: BTreeMap<String, Vec<Value>>,
    private: BTreeSet<String>,
    caches: BTreeSet<String>,
    /// The password of each account, and the projects that it sees besides those that are public.
    accounts: BTreeMap<String, (String, Vec<String>)>,
    /// Projects that nothing is said of, though what is in them is listed.
    silent: BTreeSet<String>,
    page: Option<usize>,
    knows_no_base: bool,
}

impl FakeHarbor {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A repository `PROJECT/NAME`.
    pub(crate) fn repository(mut self, name: &str) -> Self {
        self.repositories.entry(name.to_owned()).or_default();
        self
    }

    /// A project that is not public.
    pub(crate) fn private(mut self, project: &str) -> Self {
        self.private.insert(project.to_owned());
        self
    }

    /// A project that is the cache of another registry.
    pub(crate) fn cache(mut self, project: &str) -> Self {
        self.caches.insert(project.to_owned());
        self
    }

    /// A project that is not shown itself, as it is to a robot that may only list what is in it.
    pub(crate) fn silent(mut self, project: &str) -> Self {
        self.silent.insert(project.to_owned());
        self
    }

    /// A tag `PROJECT/NAME:TAG` of an image with this digest.
    pub(crate) fn tag(self, name: &str, digest: &str) -> Self {
        self.tag_as(name, digest, |_| {})
    }

    /// A tag of which, or of whose artifact, the API says something else.
    pub(crate) fn tag_as(mut self, name: &str, digest: &str, edit: impl Fn(&mut Value)) -> Self {
        let (repository, tag) = name.split_once(':').expect("a test names a tag");
        let artifacts = self.repositories.entry(repository.to_owned()).or_default();
        let at = match artifacts
            .iter()
            .position(|known| known["digest"] == json!(digest))
        {
            Some(at) => at,
            None => {
                artifacts.insert(0, artifact(digest));
                0
            }
        };
        let tag = json!({"name": tag, "push_time": PUSHED, "pull_time": NEVER, "immutable": false});
        match artifacts[at]["tags"].as_array_mut() {
            Some(tags) => tags.push(tag),
            None => artifacts[at]["tags"] = json!([tag]),
        }
        edit(&mut artifacts[at]);
        self
    }

    /// An artifact without tags.
    pub(crate) fn untagged(mut self, repository: &str, digest: &str) -> Self {
        let artifacts = self.repositories.entry(repository.to_owned()).or_default();
        artifacts.insert(0, artifact(digest));
        self
    }

    /// An artifact without tags of which the API says something else.
    pub(crate) fn untagged_as(
        mut self,
        repository: &str,
        digest: &str,
        edit: impl Fn(&mut Value),
    ) -> Self {
        self = self.untagged(repository, digest);
        let artifacts = self.repositories.get_mut(repository);
        edit(&mut artifacts.expect("it was just made")[0]);
        self
    }

    /// A version that lists no children of indexes, whatever is asked.
    pub(crate) fn without_base(mut self) -> Self {
        self.knows_no_base = true;
        self
    }

    /// Somebody who sees these projects besides those that are public.
    pub(crate) fn account(mut self, name: &str, password: &str, sees: &[&str]) -> Self {
        let sees = sees.iter().map(|project| (*project).to_owned()).collect();
        self.accounts
            .insert(name.to_owned(), (password.to_owned(), sees));
        self
    }

    /// Lists at most this many at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.page = Some(page);
        self
    }

    /// The projects that whoever asks sees besides those that are public; none where it is nobody. Errors: a wrong password.
    fn seen(&self, request: &Request) -> Result<Option<&[String]>, Answer> {
        let Some(header) = request.header("authorization") else {
            return Ok(None);
        };
        let pair = header.strip_prefix("Basic ").and_then(from_base64);
        let pair = String::from_utf8(pair.unwrap_or_default()).unwrap_or_default();
        let (name, password) = pair.split_once(':').unwrap_or_default();
        match self.accounts.get(name) {
            Some((own, sees)) if own == password => Ok(Some(sees)),
            _ => Err(refusal(401, "UNAUTHORIZED", "unauthorized")),
        }
    }

    fn project(&self, name: &str) -> Value {
        let prefix = format!("{name}/");
        let own = self
            .repositories
            .keys()
            .filter(|known| known.starts_with(&prefix));
        let mut project = json!({
            "project_id": 2, "name": name, "owner_name": "admin", "repo_count": own.count(),
            "metadata": {"public": (!self.private.contains(name)).to_string()}
        });
        if self.caches.contains(name) {
            project["registry_id"] = json!(7);
        }
        project
    }

    fn page(&self, request: &Request, all: &[Value]) -> Answer {
        let most = self.page.unwrap_or(100).min(100);
        let window = Window::of(request, "page_size", 10, most, all.len());
        let answer = Answer::json(&Value::from(all[window.range].to_vec()));
        let answer = answer.header("X-Total-Count", &all.len().to_string());
        let others = request
            .query
            .iter()
            .filter(|(name, _)| !name.starts_with("page"));
        let others: String = others
            .map(|(name, value)| format!("&{name}={value}"))
            .collect();
        let (path, asked) = (&request.path, window.asked);
        let at = |page: usize, rel: &str| {
            format!("<{path}?page={page}&page_size={asked}{others}>; rel=\"{rel}\"")
        };
        let before = (window.page > 1).then(|| at(window.page - 1, "prev"));
        let after = window.has_next.then(|| at(window.page + 1, "next"));
        let links: Vec<String> = before.into_iter().chain(after).collect();
        match links.is_empty() {
            true => answer,
            false => answer.header("Link", &links.join(" , ")),
        }
    }
}

impl VendorApi for FakeHarbor {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" {
            return Answer::status(405);
        }
        let seen = match self.seen(request) {
            Ok(seen) => seen,
            Err(refusal) => return refusal,
        };
        let sees = |project: &str| {
            let own = seen.unwrap_or_default();
            !self.private.contains(project) || own.iter().any(|own| own == project)
        };
        let refused = || match seen {
            Some(_) => refusal(403, "FORBIDDEN", "forbidden"),
            None => refusal(401, "UNAUTHORIZED", "unauthorized"),
        };
        let projects: BTreeSet<&str> = self
            .repositories
            .keys()
            .filter_map(|name| Some(name.split_once('/')?.0))
            .chain(self.private.iter().map(String::as_str))
            .collect();
        let is_there = |project: &str| projects.contains(project) && sees(project);
        let Some(path) = request.path.strip_prefix("/api/v2.0/projects") else {
            return refusal(404, "NOT_FOUND", "not found");
        };
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            [""] => {
                let shown = projects.iter().filter(|project| sees(project));
                let shown: Vec<Value> = shown.map(|project| self.project(project)).collect();
                self.page(request, &shown)
            }
            [project, ..] if !is_there(project) => refused(),
            [project] if self.silent.contains(*project) => refused(),
            [project] => Answer::json(&self.project(project)),
            [project, "repositories"] => {
                let prefix = format!("{project}/");
                let own = self.repositories.iter();
                let own = own.filter(|(name, _)| name.starts_with(&prefix));
                let own: Vec<Value> = own
                    .map(|(name, held)| repository(name, held.len()))
                    .collect();
                self.page(request, &own)
            }
            [project, "repositories", name, rest @ ..] => {
                // What is encoded once is not one segment any more behind the proxy.
                let name = format!("{project}/{}", name.replace("%252F", "/"));
                match (self.repositories.get(&name), rest) {
                    (Some(held), []) => Answer::json(&repository(&name, held.len())),
                    (held, ["artifacts"]) => {
                        let held: Vec<&Value> = held.into_iter().flatten().collect();
                        let is_child = |digest: &Value| {
                            let mut named = held.iter().flat_map(|one| references(one));
                            named.any(|child| child["child_digest"] == *digest)
                        };
                        let is_listed = |one: &&&Value| {
                            let has_tags = one["tags"].is_array();
                            let is_attached = one["is_attached"] == json!(true);
                            !is_attached
                                && match request.query("q") {
                                    Some("tags=*") => has_tags,
                                    Some("base=*") if !self.knows_no_base => true,
                                    _ => has_tags || !is_child(&one["digest"]),
                                }
                        };
                        let held = held.iter().filter(is_listed).copied();
                        self.page(request, &held.cloned().collect::<Vec<_>>())
                    }
                    (Some(held), ["artifacts", tag]) => {
                        let is_it = |held: &&Value| {
                            let tags = held["tags"].as_array();
                            tags.is_some_and(|tags| {
                                tags.iter().any(|own| own["name"] == json!(tag))
                            })
                        };
                        let found = held.iter().find(is_it);
                        found.map_or_else(
                            || refusal(404, "NOT_FOUND", "artifact not found"),
                            Answer::json,
                        )
                    }
                    _ => refusal(404, "NOT_FOUND", &format!("repository {name} not found")),
                }
            }
            _ => refusal(404, "NOT_FOUND", "not found"),
        }
    }
}

fn references(artifact: &Value) -> &[Value] {
    artifact["references"].as_array().map_or(&[], Vec::as_slice)
}

fn repository(name: &str, count: usize) -> Value {
    json!({
        "id": 3, "project_id": 2, "name": name, "description": "", "artifact_count": count, "pull_count": 10,
        "creation_time": "2025-01-01T00:00:00.000Z", "update_time": PUSHED
    })
}

fn artifact(digest: &str) -> Value {
    json!({
        "id": 40, "type": "IMAGE", "media_type": "application/vnd.oci.image.config.v1+json",
        "manifest_media_type": "application/vnd.oci.image.manifest.v1+json", "project_id": 2, "repository_id": 3,
        "digest": digest, "size": 31_457_280, "push_time": PUSHED, "pull_time": NEVER,
        "extra_attrs": {"architecture": "amd64", "os": "linux", "created": "2026-02-27T08:15:30Z"},
        "annotations": null, "references": null, "tags": null, "labels": null
    })
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({"errors": [{"code": code, "message": message}]}).to_string();
    Answer::status(status)
        .with_body("application/json", body)
        .header("X-Request-Id", "0b6c6a1e")
}

/// Harbor, as the contract of all dialects needs it.
pub(crate) struct Harbor;

impl Vendor for Harbor {
    fn name(&self) -> &'static str {
        "harbor"
    }

    fn host(&self) -> &'static str {
        "harbor.example"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let registry = registry.paged(page).links(Links::Relative);
        // Each has an artifact of its own, so that there are pages of them.
        let image = |at| of.clone().created(&format!("2026-01-01T00:00:{at:02}Z"));
        let api = FakeHarbor::new().paged(page);
        let (registry, harbor) = beside(
            registry,
            api,
            world,
            image,
            FakeHarbor::repository,
            FakeHarbor::tag,
        );
        let left_over = of.clone().layer("left over", 4_000);
        let registry = registry.tag("aside/left:over", left_over.clone());
        let harbor = harbor.untagged("acme/web", &registry.digest("aside/left:over"));
        registry.holding(left_over).vendor(harbor)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn dialect(&self) -> Option<&'static str> {
        Some("harbor")
    }

    fn fact(&self) -> Option<&'static str> {
        Some("pushed")
    }

    fn repositories(&self) -> &'static str {
        "projects/acme/repositories?"
    }

    fn tags(&self) -> &'static str {
        "repositories/web/artifacts?"
    }
}
