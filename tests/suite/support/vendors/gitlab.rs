//! GitLab's API: repositories by group and project, in pages with a `Link`, to those whose token may read the API; what is
//! hidden is not there (docs.gitlab.com, "Container registry API").

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Request, VendorApi};
use super::super::image::Image;
use super::{Vendor, page_of};

/// An API that is being described.
#[derive(Default)]
pub(crate) struct FakeGitLab {
    /// By project: the images in it, by their path below it.
    projects: BTreeMap<String, Vec<String>>,
    hidden: BTreeSet<String>,
    /// The scope of each access token.
    tokens: BTreeMap<String, String>,
    page: Option<usize>,
}

impl FakeGitLab {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A project with an image: of its own where the name below it is empty.
    pub(crate) fn image(mut self, project: &str, name: &str) -> Self {
        let images = self.projects.entry(project.to_owned()).or_default();
        images.push(name.to_owned());
        self
    }

    /// Shows a project only to those with a token.
    pub(crate) fn hidden(mut self, project: &str) -> Self {
        self.hidden.insert(project.to_owned());
        self
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

    /// Whether somebody known asks. Errors: a token that is none, or may not.
    fn is_known(&self, request: &Request) -> Result<bool, Answer> {
        let Some(header) = request.header("authorization") else {
            return Ok(false);
        };
        let token = header.strip_prefix("Bearer ").unwrap_or_default();
        match self.tokens.get(token).map(String::as_str) {
            Some("read_api" | "api") => Ok(true),
            Some(_) => {
                let body = json!({
                    "error": "insufficient_scope", "scope": "api read_api",
                    "error_description": "The request requires higher privileges than provided by the access token."
                });
                Err(Answer::status(403).with_body("application/json", body.to_string()))
            }
            None => Err(refusal(401, "401 Unauthorized")),
        }
    }

    fn documents(&self, projects: &[&String]) -> Vec<Value> {
        let of_project = |project: &&String| {
            let number = self.projects.keys().position(|known| known == *project);
            let number = number.unwrap_or_default();
            let images = self.projects[*project].iter().enumerate();
            let document = move |(at, name): (usize, &String)| {
                let path = match name.as_str() {
                    "" => (*project).clone(),
                    name => format!("{project}/{name}"),
                };
                json!({
                    "id": 100 * number + at, "name": name, "path": path, "project_id": number,
                    "location": format!("registry.gitlab.test/{path}"), "status": null,
                    "created_at": "2024-02-02T10:00:00.000Z", "cleanup_policy_started_at": null
                })
            };
            images.map(document).collect::<Vec<Value>>()
        };
        projects.iter().flat_map(of_project).collect()
    }

    fn tag(&self, number: &str, own: &str, tag: &str) -> Answer {
        let all: Vec<&String> = self.projects.keys().collect();
        let is_it = |document: &Value| {
            let is =
                |name: &str, number: &str| document[name] == json!(number.parse::<usize>().ok());
            is("project_id", number) && is("id", own)
        };
        match self.documents(&all).iter().find(|found| is_it(found)) {
            Some(found) => Answer::json(&json!({
                "name": tag, "path": format!("{}:{tag}", found["path"].as_str().unwrap()),
                "revision": "eeee", "short_revision": "eeee", "total_size": 31_457_280,
                "created_at": "2026-02-27T08:15:30.000+00:00"
            })),
            None => refusal(404, "404 Not Found"),
        }
    }
}

impl VendorApi for FakeGitLab {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" {
            return Answer::status(405);
        }
        let is_known = match self.is_known(request) {
            Ok(is_known) => is_known,
            Err(refusal) => return refusal,
        };
        let path = request.path.replace("%2F", ":");
        let parts: Vec<&str> = path.split('/').collect();
        let is_shown = |project: &&String| is_known || !self.hidden.contains(*project);
        let shown: Vec<&String> = self.projects.keys().filter(is_shown).collect();
        let (owner, missing): (Vec<&String>, &str) = match parts.as_slice() {
            ["", "api", "v4", "projects"] => return Answer::json(&json!([])),
            ["", "api", "v4", "groups", group, "registry", "repositories"] => {
                let below = format!("{}/", group.replace(':', "/"));
                let own = shown.into_iter().filter(|name| name.starts_with(&below));
                (own.collect(), "404 Group Not Found")
            }
            [
                "",
                "api",
                "v4",
                "projects",
                project,
                "registry",
                "repositories",
            ] => {
                let project = project.replace(':', "/");
                let own = shown.into_iter().filter(|name| **name == project);
                (own.collect(), "404 Project Not Found")
            }
            [
                "",
                "api",
                "v4",
                "projects",
                number,
                "registry",
                "repositories",
                own,
                "tags",
                tag,
            ] => {
                return self.tag(number, own, tag);
            }
            _ => return refusal(404, "404 Not Found"),
        };
        match owner.is_empty() {
            true => refusal(404, missing),
            false => page_of(request, &self.documents(&owner), self.page),
        }
    }
}

fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({"message": message}).to_string();
    Answer::status(status).with_body("application/json", body)
}

/// GitLab, as the contract of all dialects needs it.
pub(crate) struct GitLab;

impl Vendor for GitLab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn host(&self) -> &'static str {
        "registry.gitlab.com"
    }

    fn serve(
        &self,
        mut registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        registry = registry.paged(page).links(Links::Relative);
        let mut gitlab = FakeGitLab::new().paged(page);
        for (repository, tags) in world {
            registry = registry.repository(repository);
            gitlab = gitlab.image(repository, "");
            for tag in *tags {
                registry = registry.tag(&format!("{repository}:{tag}"), of.clone());
            }
        }
        registry.vendor(gitlab)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn fact(&self) -> Option<&'static str> {
        None
    }

    fn repositories(&self) -> &'static str {
        "groups/acme/registry/repositories"
    }

    fn tags(&self) -> &'static str {
        "web/tags/list"
    }

    fn words(&self, line: &str) -> String {
        match line == self.tags() {
            true => format!("GET {line}"),
            false => format!("api GET {line}"),
        }
    }
}
