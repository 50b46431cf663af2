//! The APIs of vendors, as fakes: each behaves as its vendor's published documentation says.

use serde_json::Value;

use super::fake::{Answer, FakeRegistry, Request, Role, RunningRegistry};
use super::image::Image;

pub(crate) mod artifactory;
pub(crate) mod azure;
pub(crate) mod gitea;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod google;
pub(crate) mod hub;
pub(crate) mod nexus;
pub(crate) mod plain;

/// A vendor's fake, as the contract of all dialects needs it.
pub(crate) trait Vendor: Sync {
    /// The dialect's name.
    fn name(&self) -> &'static str;

    /// The host that is asked.
    fn host(&self) -> &'static str;

    /// Serves these repositories with their tags, which all point to this image, so many at a time and in no order.
    fn serve(
        &self,
        registry: FakeRegistry,
        page: usize,
        world: &[(&str, &[&str])],
        of: &Image,
    ) -> FakeRegistry;

    /// What the user sets for the host, so that the fake stands in for it: the registry alone, without an API elsewhere.
    fn settings(&self, registry: &RunningRegistry) -> String {
        format!("endpoint: '{}'", registry.origin_of(Role::Registry))
    }

    /// Somebody who may list, with their password, where nobody in particular may not.
    fn login(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// A fact that only its own listing of tags brings.
    fn fact(&self) -> Option<&'static str>;

    /// What stands in the ledger's line of every page of its repositories.
    fn repositories(&self) -> &'static str;

    /// What stands in the ledger's line of every page of the tags of some repository.
    fn tags(&self) -> &'static str;

    /// The words for the requests with such a line.
    fn words(&self, line: &str) -> String {
        format!("GET {line}")
    }

    /// Makes a page say that the next one is there.
    fn lead(&self, answer: &mut Answer, to: &str) {
        answer.set("Link", &format!("<{to}>; rel=\"next\""));
    }
}

/// A page of a list, by the parameters `page` and `per_page`, with a `Link` to the next one; at most so many at a time.
fn page_of(request: &Request, all: &[Value], most: Option<usize>) -> Answer {
    let link = |size, page| format!("{{api}}{}?page={page}&per_page={size}", request.path);
    page_by(request, "per_page", all, most.unwrap_or(100), link)
}

/// A page of a list, by `page` and the parameter of this name; `link` makes the address of another one.
fn page_by(
    request: &Request,
    size: &str,
    all: &[Value],
    most: usize,
    link: impl Fn(usize, usize) -> String,
) -> Answer {
    let number = |name: &str, otherwise: usize| {
        let said = request.query(name).and_then(|text| text.parse().ok());
        said.unwrap_or(otherwise)
    };
    let asked = number(size, 20);
    let (size, page) = (asked.min(most).max(1), number("page", 1).max(1));
    let first = ((page - 1) * size).min(all.len());
    let end = (first + size).min(all.len());
    let answer = Answer::json(&Value::from(all[first..end].to_vec()));
    match end < all.len() {
        true => {
            let (next, last) = (link(asked, page + 1), link(asked, 99));
            let links = format!("<{next}>; rel=\"next\", <{last}>; rel=\"last\"");
            answer.header("Link", &links)
        }
        false => answer,
    }
}
