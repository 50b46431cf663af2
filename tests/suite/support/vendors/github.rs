//! GitHub's Packages API: packages of an organisation or a user with their versions, in pages whose `Link` calls the owner
//! by a number, and nothing for those without a token (docs.github.com, "REST API endpoints for packages").

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Request, VendorApi};
use super::super::image::Image;
use super::{Vendor, page_of};

/// An API that is being described.
#[derive(Default)]
pub(crate) struct FakeGitHub {
    /// By owner and package: digests with their tags, the latest first.
    packages: BTreeMap<String, Vec<(String, Vec<String>)>>,
    users: BTreeSet<String>,
    hidden: BTreeSet<String>,
    /// The scope of each access token.
    tokens: BTreeMap<String, String>,
    page: Option<usize>,
}

impl FakeGitHub {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A package `OWNER/NAME`.
    pub(crate) fn package(mut self, name: &str) -> Self {
        self.packages.entry(name.to_owned()).or_default();
        self
    }

    /// A version of it with these tags.
    pub(crate) fn version(mut self, name: &str, digest: &str, tags: &[&str]) -> Self {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let versions = self.packages.entry(name.to_owned()).or_default();
        versions.insert(0, (digest.to_owned(), tags));
        self
    }

    /// Has an owner be a user and no organisation.
    pub(crate) fn user(mut self, owner: &str) -> Self {
        self.users.insert(owner.to_owned());
        self
    }

    /// A package that is private.
    pub(crate) fn hidden(mut self, name: &str) -> Self {
        self.hidden.insert(name.to_owned());
        self.package(name)
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

    fn check(&self, request: &Request) -> Result<(), Answer> {
        let header = request.header("authorization").unwrap_or_default();
        let token = header.strip_prefix("Bearer ");
        let known = token.and_then(|token| self.tokens.get(token));
        match (token, known.map(String::as_str)) {
            (_, Some("read:packages")) => Ok(()),
            (_, Some(_)) => Err(refusal(
                403,
                "You need at least read:packages scope to list packages.",
            )),
            (Some(_), None) => Err(refusal(401, "Bad credentials")),
            (None, None) => Err(refusal(401, "Requires authentication")),
        }
    }

    fn packages_of(&self, owner: &str) -> Vec<Value> {
        let beginning = format!("{owner}/");
        let own = self.packages.iter().enumerate();
        let document = |(at, (name, versions)): (usize, (&String, &Vec<_>))| {
            let own = name.strip_prefix(&beginning)?;
            let visibility = match self.hidden.contains(name) {
                true => "private",
                false => "public",
            };
            Some(json!({
                "id": 300 + at, "name": own, "package_type": "container",
                "owner": {"login": owner, "id": 42}, "version_count": versions.len(),
                "visibility": visibility, "created_at": "2024-01-01T00:00:00Z",
                "updated_at": "2026-02-27T08:16:00Z"
            }))
        };
        own.filter_map(document).collect()
    }

    fn versions_of(&self, name: &str) -> Option<Vec<Value>> {
        let versions = self.packages.get(name)?.iter().enumerate();
        let document = |(at, (digest, tags)): (usize, &(String, Vec<String>))| {
            json!({
                "id": 9000 + at, "name": digest, "created_at": "2026-02-27T08:16:00Z",
                "updated_at": "2026-02-27T08:16:00Z",
                "metadata": {"package_type": "container", "container": {"tags": tags}}
            })
        };
        Some(versions.map(document).collect())
    }
}

impl VendorApi for FakeGitHub {
    fn answer(&self, request: &Request) -> Answer {
        if request.method != "GET" || request.header("user-agent").is_none() {
            return refusal(403, "Request forbidden by administrative rules");
        }
        if let Err(refusal) = self.check(request) {
            return refusal;
        }
        let parts: Vec<&str> = request.path.split('/').collect();
        let is = |kind: &str, owner: &str| {
            let prefix = format!("{owner}/");
            let is_there = self.packages.keys().any(|name| name.starts_with(&prefix));
            is_there && self.users.contains(owner) == (kind == "users")
        };
        let found = match parts.as_slice() {
            ["", "user", "packages"] => Some(Vec::new()),
            ["", kind, owner, "packages"]
                if is(kind, owner) && request.query("package_type") == Some("container") =>
            {
                Some(self.packages_of(owner))
            }
            ["", kind, owner, "packages", "container", name, "versions"] if is(kind, owner) => {
                self.versions_of(&format!("{owner}/{}", name.replace("%2F", "/")))
            }
            _ => None,
        };
        let Some(found) = found else {
            return refusal(404, "Not Found");
        };
        let mut answer = page_of(request, &found, self.page);
        for (name, value) in &mut answer.headers {
            if name == "Link" && parts.len() > 3 {
                let numbered = format!("/organizations/42/{}", parts[3..].join("/"));
                let more = "?package_type=container&";
                *value = value.replace(&request.path, &numbered).replace('?', more);
            }
        }
        answer
    }
}

fn refusal(status: u16, message: &str) -> Answer {
    let body = json!({
        "message": message, "documentation_url": "https://docs.github.test/rest",
        "status": status.to_string()
    });
    Answer::status(status).with_body("application/json", body.to_string())
}

/// GitHub, as the contract of all dialects needs it.
pub(crate) struct GitHub;

impl Vendor for GitHub {
    fn name(&self) -> &'static str {
        "github"
    }

    fn host(&self) -> &'static str {
        "ghcr.io"
    }

    fn serve(
        &self,
        mut registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        registry = registry.paged(page).links(Links::Relative);
        let mut github = FakeGitHub::new()
            .paged(page)
            .token("ghp_of_bob", "read:packages");
        for (repository, tags) in world {
            registry = registry.repository(repository);
            github = github.package(repository);
            for (at, tag) in tags.iter().enumerate() {
                let name = format!("{repository}:{tag}");
                let image = of.clone().label("tag", &at.to_string());
                registry = registry.tag(&name, image);
                github = github.version(repository, &registry.digest(&name), &[tag]);
            }
        }
        registry.vendor(github)
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn login(&self) -> Option<(&'static str, &'static str)> {
        Some(("bob", "ghp_of_bob"))
    }

    fn fact(&self) -> Option<&'static str> {
        Some("vendor.tag.id")
    }

    fn repositories(&self) -> &'static str {
        "orgs/acme/packages?"
    }

    fn tags(&self) -> &'static str {
        "web/versions"
    }
}
