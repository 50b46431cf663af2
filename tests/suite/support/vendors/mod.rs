//! The APIs of vendors, as fakes: each behaves as its vendor's published documentation says.

use std::ops::Range;

use serde_json::Value;

use super::fake::{
    Answer, FakeRegistry, Paging, Request, Role, RunningRegistry, Shelf, VendorApi, VendorWay,
};
use super::image::Image;

pub(crate) mod amazon;
pub(crate) mod artifactory;
pub(crate) mod azure;
pub(crate) mod gitea;
pub(crate) mod github;
pub(crate) mod gitlab;
pub(crate) mod google;
pub(crate) mod harbor;
pub(crate) mod hub;
pub(crate) mod nexus;
pub(crate) mod plain;
pub(crate) mod quay;
pub(crate) mod zot;

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

    /// Whether its API has an address of its own.
    fn is_elsewhere(&self) -> bool {
        false
    }

    /// The word for it in the user's settings, where the host does not say whose it is.
    fn dialect(&self) -> Option<&'static str> {
        None
    }

    /// What the user sets for the host, so that the fake stands in for it.
    fn settings(&self, registry: &RunningRegistry) -> String {
        let at = |key: &str, role| format!("{key}: '{}'", registry.origin_of(role));
        let api = self.is_elsewhere().then(|| at("api", Role::Api));
        let dialect = self.dialect().map(|name| format!("dialect: {name}"));
        let endpoint = at("endpoint", Role::Registry);
        let all: Vec<String> = [endpoint].into_iter().chain(api).chain(dialect).collect();
        all.join(", ")
    }

    /// Somebody who may list, with their password, where nobody in particular may not.
    fn login(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Whether it lists repositories at all; otherwise they are named, and what holds for the list of repositories holds for
    /// that of tags.
    fn lists_repositories(&self) -> bool {
        true
    }

    /// A fact that only its own listing of tags brings.
    fn fact(&self) -> Option<&'static str>;

    /// What stands in the ledger's line of every page of its repositories.
    fn repositories(&self) -> &'static str;

    /// What stands in the ledger's line of every page of the tags of some repository.
    fn tags(&self) -> &'static str;

    /// The words for the requests with such a line.
    fn words(&self, line: &str) -> String {
        match self.is_elsewhere() {
            true => format!("api GET {line}"),
            false => format!("GET {line}"),
        }
    }

    /// Tells whether a page of this listing says where the next one is, and not only that there is one.
    fn leads(&self, line: &str) -> bool {
        let _ = line;
        true
    }

    /// Makes a page say that the next one is there.
    fn lead(&self, answer: &mut Answer, to: &str) {
        answer.set("Link", &format!("<{to}>; rel=\"next\""));
    }
}

/// Puts repositories with their tags into a registry, and what these point to into its vendor's API.
fn beside<A>(
    mut registry: FakeRegistry,
    mut api: A,
    world: &[(&str, &[&str])],
    image: impl Fn(usize) -> Image,
    repository: impl Fn(A, &str) -> A,
    tag: impl Fn(A, &str, &str) -> A,
) -> (FakeRegistry, A) {
    for (name, tags) in world {
        registry = registry.repository(name);
        api = repository(api, name);
        for (at, one) in tags.iter().enumerate() {
            let name = format!("{name}:{one}");
            registry = registry.tag(&name, image(at));
            api = tag(api, &name, &registry.digest(&name));
        }
    }
    (registry, api)
}

/// An API at the registry's own address.
pub(crate) struct AtHome<A>(pub(crate) A);

impl<A: VendorApi> VendorWay for AtHome<A> {
    fn answer(&self, request: &Request, _: &Shelf, _: &Paging) -> Option<Answer> {
        let is_own = request.path.starts_with("/api/");
        is_own.then(|| self.0.answer(request))
    }
}

/// What a page has of a list, by the parameter `page` and one that says how many are wanted.
struct Window {
    /// Its number, from 1.
    page: usize,
    /// How many were asked for.
    asked: usize,
    /// Which of them it has.
    range: Range<usize>,
    /// Whether there is another one after it.
    has_next: bool,
}

impl Window {
    /// The page that a request is for, of so many; without a number, as many as is `usual`, and never more than `most`.
    fn of(request: &Request, size: &str, usual: usize, most: usize, count: usize) -> Self {
        let number = |name: &str, otherwise: usize| {
            let said = request.query(name).and_then(|text| text.parse().ok());
            said.unwrap_or(otherwise)
        };
        let (asked, page) = (number(size, usual), number("page", 1).max(1));
        let size = asked.min(most).max(1);
        let first = ((page - 1) * size).min(count);
        let end = (first + size).min(count);
        Self {
            page,
            asked,
            range: first..end,
            has_next: end < count,
        }
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
    let window = Window::of(request, size, 20, most, all.len());
    let answer = Answer::json(&Value::from(all[window.range].to_vec()));
    match window.has_next {
        true => {
            let (next, last) = (link(window.asked, window.page + 1), link(window.asked, 99));
            let links = format!("<{next}>; rel=\"next\", <{last}>; rel=\"last\"");
            answer.header("Link", &links)
        }
        false => answer,
    }
}
