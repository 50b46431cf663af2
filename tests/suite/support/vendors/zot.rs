//! zot: the specification's registry, and beside it a search of its own that answers questions in GraphQL
//! (project-zot/zot, `pkg/extensions/search/schema.graphql` and `pkg/extensions/extension_search.go`).

use serde_json::{Value, json};

use super::super::fake::{Answer, FakeRegistry, Links, Paging, Request, Shelf, VendorWay};
use super::super::image::Image;
use super::Vendor;
use super::plain::Plain;

/// zot, with its search.
#[derive(Default)]
pub(crate) struct FakeZot {
    /// Members that this version does not know yet.
    unknown: Vec<&'static str>,
    is_off: bool,
}

impl FakeZot {
    /// As it is by default in images with all extensions.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A version that does not know a member.
    pub(crate) fn without(mut self, member: &'static str) -> Self {
        self.unknown.push(member);
        self
    }

    /// Without the extension.
    pub(crate) fn off(mut self) -> Self {
        self.is_off = true;
        self
    }

    /// A question that this version does not understand is refused as a whole.
    fn refusal(&self, query: &str) -> Option<Answer> {
        let unknown = self
            .unknown
            .iter()
            .find(|member| query.contains(**member))?;
        let message = format!("Cannot query field \"{unknown}\" on type \"ImageSummary\".");
        let code = json!({"code": "GRAPHQL_VALIDATION_FAILED"});
        let errors = json!({"errors": [{"message": message, "extensions": code}], "data": null});
        Some(Answer::status(422).with_body("application/json", errors.to_string()))
    }
}

impl VendorWay for FakeZot {
    fn answer(&self, request: &Request, shelf: &Shelf, _: &Paging) -> Option<Answer> {
        if self.is_off || request.path != "/v2/_zot/ext/search" {
            return None;
        }
        let query = request.query("query")?;
        if let Some(refusal) = self.refusal(query) {
            return Some(refusal);
        }
        let variables = variables(request);
        let text = |name: &str| variables[name].as_str().unwrap_or_default().to_owned();
        let results = if query.contains("ImageList(") {
            let tags = tags(shelf, &text("repo"));
            json!({"ImageList": paged(tags, query, &variables)})
        } else if query.contains("RepoListWithNewestImage(") {
            let all = shelf.names().map(repository).collect();
            json!({"RepoListWithNewestImage": paged(all, query, &variables)})
        } else if query.contains("ExpandedRepoInfo(") {
            match shelf.has(&text("repo")) {
                true => {
                    json!({"ExpandedRepoInfo": {"Summary": asked(&repository(&text("repo")), query)}})
                }
                false => return Some(error("repo metadata not found for given repo name")),
            }
        } else {
            let image = text("image");
            let (name, tag) = image.split_once(':')?;
            let found = tags(shelf, name)
                .into_iter()
                .find(|said| said["Tag"] == tag);
            match found {
                Some(said) => json!({"Image": asked(&said, query)}),
                None => return Some(error("image not found")),
            }
        };
        Some(Answer::json(&json!({"data": results})))
    }

    fn repository(&self, request: &Request) -> Option<String> {
        let variables = variables(request);
        let image = variables["image"].as_str();
        let name = image
            .and_then(|image| image.split_once(':'))
            .map(|(name, _)| name);
        name.or(variables["repo"].as_str()).map(str::to_owned)
    }
}

fn variables(request: &Request) -> Value {
    let text = request.query("variables").unwrap_or("{}");
    serde_json::from_str(text).expect("variables are JSON")
}

/// GraphQL's errors are good answers.
fn error(message: &str) -> Answer {
    Answer::json(&json!({"errors": [{"message": message}], "data": null}))
}

fn paged(all: Vec<Value>, query: &str, variables: &Value) -> Value {
    let number = |name: &str| {
        let number = variables[name]
            .as_u64()
            .expect("a page has a limit and an offset");
        usize::try_from(number).unwrap()
    };
    let total = all.len();
    let page = all.into_iter().skip(number("offset")).take(number("limit"));
    let results: Vec<Value> = page.map(|said| asked(&said, query)).collect();
    json!({"Page": {"TotalCount": total}, "Results": results})
}

/// Of a document what was asked for, and nothing else.
fn asked(document: &Value, query: &str) -> Value {
    let is_asked = |name: &str| query.split([' ', '{', '}']).any(|word| word == name);
    let members = document.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| is_asked(name));
    members
        .map(|(name, said)| (name.clone(), said.clone()))
        .collect()
}

fn repository(name: &str) -> Value {
    json!({
        "Name": name, "DownloadCount": name.len(), "LastUpdated": "2026-02-27T08:15:30Z", "Size": "31457280",
        "StarCount": 1, "Vendors": [""], "Platforms": [{"Os": "linux", "Arch": "amd64"}],
    })
}

/// What the search has looked into: nothing of Docker's own formats. Sizes are texts; a manifest need not say its type.
fn tags(shelf: &Shelf, repository: &str) -> Vec<Value> {
    let pointers = shelf.pointers(repository).into_iter();
    let known = pointers.filter(|(_, digest)| shelf.media_type(digest).contains(".oci."));
    let said = |(tag, digest): (&str, &str)| {
        json!({
            "Tag": tag, "Digest": digest, "MediaType": shelf.media_type(digest), "Size": "31457280",
            "LastUpdated": "2026-02-27T08:15:30Z", "PushTimestamp": "2026-02-27T08:16:35.123Z",
            "DownloadCount": 3, "IsSigned": false,
            "Manifests": [{"Digest": digest, "Size": "31457280", "Platform": {"Os": "linux", "Arch": "amd64"}}],
        })
    };
    known.map(said).collect()
}

/// zot, as the contract of all dialects needs it.
pub(crate) struct Zot;

impl Vendor for Zot {
    fn name(&self) -> &'static str {
        "zot"
    }

    fn host(&self) -> &'static str {
        "zot.example"
    }

    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry {
        let registry = Plain.serve(registry, page, world, of);
        registry.links(Links::Unescaped).way(FakeZot::new())
    }

    fn dialect(&self) -> Option<&'static str> {
        Some("zot")
    }

    fn fact(&self) -> Option<&'static str> {
        Some("vendor.tag.PushTimestamp")
    }

    fn repositories(&self) -> &'static str {
        "_catalog"
    }

    fn tags(&self) -> &'static str {
        "web/tags/list"
    }
}
