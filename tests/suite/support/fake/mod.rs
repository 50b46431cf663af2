//! A registry on loopback for tests: described in a few words, broken on purpose, and it writes down all it is sent.
//!
//! It stands on bare sockets and threads, so that answers can be wrong in every way. Nothing here may use the product's own
//! way of asking, nor anything of the suite but `image.rs`: benchmarks take it along.
//!
//! ```text
//! FakeRegistry ── start ──► RunningRegistry ── ledger ──► Ledger
//!    shelf, listing            listener ─ channel ─ request    every connection, every request
//!    login                     world: guard, token, shelf
//!    fault: rules              script: the answer, step by step
//! ```

mod answer;
mod canary;
mod channel;
mod encoding;
mod fault;
mod fault_answers;
mod fault_sending;
mod guard;
mod ledger;
mod listener;
mod listing;
mod login;
mod naive;
mod pattern;
mod place;
mod request;
mod route;
mod running;
mod script;
mod shelf;
mod stop;
mod tls;
mod token;
mod vendor;
mod world;

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::Value;

use self::fault::Rule;
use self::guard::Guard;
use self::listener::Bound;
use self::place::Places;
use self::world::{Gathering, World};
use super::image::Content;

pub(crate) use self::answer::Answer;
pub(crate) use self::canary::found;
pub(crate) use self::encoding::{Alphabet, base64, from_base64, percent_encoded};
pub(crate) use self::fault::{Fault, When};
pub(crate) use self::fault_sending::At;
pub(crate) use self::ledger::{Ledger, Role};
pub(crate) use self::listing::{Entries, Links, Paging};
pub(crate) use self::login::{Lifetime, Login, Shape};
pub(crate) use self::naive::{Naive, Reply};
pub(crate) use self::pattern::{Pattern, before_login};
pub(crate) use self::place::Place;
pub(crate) use self::request::Request;
pub(crate) use self::route::Route;
pub(crate) use self::running::RunningRegistry;
pub(crate) use self::script::Step;
pub(crate) use self::shelf::{Shelf, no_repository};
pub(crate) use self::tls::{Certificate, TestCa, Tls};
pub(crate) use self::vendor::{VendorApi, VendorWay};

/// A registry that is being described.
#[derive(Default)]
pub(crate) struct FakeRegistry {
    shelf: Shelf,
    paging: Paging,
    login: Option<Login>,
    rules: Vec<Rule>,
    redirect: Option<u16>,
    latency: Duration,
    gathering: Option<Gathering>,
    lists_referrers: bool,
    place: Place,
    token: Option<Place>,
    vendor: Option<Box<dyn VendorApi>>,
    store: Option<Place>,
    attacker: Option<Place>,
    way: Option<Arc<dyn VendorWay>>,
}

/// What it holds.
impl FakeRegistry {
    /// An empty registry that everybody may ask everything.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Tags some content `REPOSITORY:TAG`.
    pub(crate) fn tag(mut self, name: &str, content: impl Content) -> Self {
        self.shelf.tag(name, &[&content]);
        self
    }

    /// Tags several contents: every request for the tag finds the next one.
    pub(crate) fn moving_tag<C: Content>(mut self, name: &str, contents: &[C]) -> Self {
        let contents: Vec<&dyn Content> = contents.iter().map(|content| content as _).collect();
        self.shelf.tag(name, &contents);
        self
    }

    /// Adds a repository without tags.
    pub(crate) fn repository(mut self, repository: &str) -> Self {
        self.shelf.repository(repository);
        self
    }

    /// Lists a tag, and does not have it when asked for it.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.shelf.lose(name);
        self
    }

    /// Does not have what has this digest, whatever points to it.
    pub(crate) fn without_content(mut self, digest: &str) -> Self {
        self.shelf.lose_content(digest);
        self
    }

    /// The digest of what was tagged `name`.
    pub(crate) fn digest(&self, name: &str) -> String {
        self.shelf.digest(name)
    }

    /// Holds something under no tag.
    pub(crate) fn holding(mut self, content: impl Content) -> Self {
        self.shelf.store(&content);
        self
    }

    /// What an index, or a subject, says of what was tagged `name`.
    pub(crate) fn descriptor(&self, name: &str) -> Value {
        self.shelf.descriptor(&self.shelf.digest(name))
    }

    /// The document with this digest.
    pub(crate) fn document(&self, digest: &str) -> Value {
        let content = self
            .shelf
            .content(digest)
            .expect("a test asks for what it stored");
        serde_json::from_slice(content).expect("what is stored is JSON")
    }
}

/// How it lists.
impl FakeRegistry {
    /// Lists at most this many at a time.
    pub(crate) fn paged(mut self, page: usize) -> Self {
        self.paging.page = page;
        self
    }

    /// Says so where the next page is.
    pub(crate) fn links(mut self, links: Links) -> Self {
        self.paging.links = links;
        self
    }

    /// Refuses a larger `n` with this status, 400 or 405; if `largest` is 0, every `n`.
    pub(crate) fn largest_page(mut self, largest: usize, status: u16) -> Self {
        self.paging.largest = Some((largest, status));
        self
    }

    /// Lists these tags, whatever there is: `null`, a list with `null`, digests or doubles in it.
    pub(crate) fn listed(mut self, repository: &str, tags: Value) -> Self {
        self.shelf.list(repository, Entries::from(tags));
        self
    }

    /// Lists so many tags, named by their index, which all point to the same.
    pub(crate) fn listed_by(
        mut self,
        repository: &str,
        count: usize,
        name: impl Fn(usize) -> String + Send + Sync + 'static,
        content: impl Content,
    ) -> Self {
        let entries = Entries::Counted(count, Arc::new(name));
        self.shelf.list(repository, entries);
        self.shelf.rest(repository, &content);
        self
    }

    /// Lists what names a manifest as its subject; without that it does not know of such lists.
    pub(crate) fn listing_referrers(mut self) -> Self {
        self.lists_referrers = true;
        self
    }

    /// Lists these repositories, whatever there is.
    pub(crate) fn catalog(mut self, repositories: Value) -> Self {
        self.shelf.catalog = Some(Entries::from(repositories));
        self
    }

    /// Lists so many repositories, named by their index.
    pub(crate) fn catalog_by(
        mut self,
        count: usize,
        name: impl Fn(usize) -> String + Send + Sync + 'static,
    ) -> Self {
        self.shelf.catalog = Some(Entries::Counted(count, Arc::new(name)));
        self
    }
}

/// How it behaves, and where it is.
impl FakeRegistry {
    /// Wants to be logged in to.
    pub(crate) fn login(mut self, login: Login) -> Self {
        self.login = Some(login);
        self
    }

    /// Goes wrong for the requests that fit. Rules are applied in the order they are stated; those for requests that
    /// the login does not let through are written [`before_login`].
    pub(crate) fn fault(mut self, requests: impl Into<Pattern>, when: When, fault: Fault) -> Self {
        self.rules.push(Rule::new(requests.into(), when, fault));
        self
    }

    /// Answers as this vendor does, where that departs from the specification.
    pub(crate) fn way(mut self, way: impl VendorWay + 'static) -> Self {
        self.way = Some(Arc::new(way));
        self
    }

    /// Redirects blobs to the store, which takes no `Authorization`.
    pub(crate) fn redirecting_blobs(mut self, status: u16) -> Self {
        self.redirect = Some(status);
        self.store.get_or_insert_default();
        self
    }

    /// Takes this long for every answer.
    pub(crate) fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Answers none of these requests before so many of them wait at once; later ones are answered as they come. Whoever
    /// asks less at once waits until the end.
    pub(crate) fn gathering(mut self, requests: impl Into<Pattern>, needed: usize) -> Self {
        self.gathering = Some(Gathering {
            pattern: requests.into(),
            needed,
            arrived: AtomicUsize::new(0),
        });
        self
    }

    /// Listens there.
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Has the token server there, and not at `/token` of its own.
    pub(crate) fn token_server_at(mut self, place: Place) -> Self {
        self.token = Some(place);
        self
    }

    /// Has its vendor's API beside it.
    pub(crate) fn vendor(mut self, vendor: impl VendorApi + 'static) -> Self {
        self.vendor = Some(Box::new(vendor));
        self
    }

    /// Has the store of its blobs there.
    pub(crate) fn store_at(mut self, place: Place) -> Self {
        self.store = Some(place);
        self
    }

    /// Lets an attacker listen there.
    pub(crate) fn attacker_at(mut self, place: Place) -> Self {
        self.attacker = Some(place);
        self
    }

    /// Begins to serve, until what this gives is dropped.
    pub(crate) fn start(self) -> RunningRegistry {
        let own = Some(self.place);
        let roles = [
            (Role::Registry, own),
            (Role::Token, self.token),
            (Role::Api, self.vendor.as_ref().map(|_| Place::default())),
            (Role::Store, self.store),
            (Role::Attacker, self.attacker),
        ];
        let (mut places, mut bound) = (Places::default(), Vec::new());
        for (role, place) in roles {
            if let Some(place) = place {
                let socket = Bound::new(role, &place);
                places.add(role, &place, socket.address());
                bound.push(socket);
            }
        }
        RunningRegistry::new(
            World {
                shelf: RwLock::new(self.shelf),
                paging: self.paging,
                guard: self.login.map(|login| Guard::new(login, self.way.clone())),
                way: self.way,
                rules: self.rules,
                redirect: self.redirect,
                latency: self.latency,
                gathering: self.gathering,
                vendor: self.vendor,
                lists_referrers: self.lists_referrers,
                places,
                ledger: Ledger::new(),
                stop: stop::Stop::default(),
            },
            bound,
        )
    }
}
