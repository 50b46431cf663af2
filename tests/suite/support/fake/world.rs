//! A running registry without its sockets: what becomes of a request.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::json;

use super::answer::Answer;
use super::fault::{Fault, Rule};
use super::guard::{Guard, Visitor};
use super::ledger::{Ledger, Role};
use super::listing::Paging;
use super::pattern::Pattern;
use super::place::Places;
use super::request::Request;
use super::route::Route;
use super::script::{Step, plain};
use super::shelf::{Shelf, no_repository};
use super::stop::Stop;
use super::vendor::{VendorApi, VendorWay};

/// What the attacker gives for whatever it is sent: who takes it for a token can be told by it.
const BAIT: &str = "token-of-the-attacker";

/// Requests that are answered together, once there are enough.
pub(super) struct Gathering {
    pub(super) pattern: Pattern,
    pub(super) needed: usize,
    pub(super) arrived: AtomicUsize,
}

/// All that the listeners share.
pub(super) struct World {
    pub(super) shelf: RwLock<Shelf>,
    pub(super) paging: Paging,
    pub(super) guard: Option<Guard>,
    pub(super) way: Option<Arc<dyn VendorWay>>,
    pub(super) rules: Vec<Rule>,
    pub(super) redirect: Option<u16>,
    pub(super) latency: Duration,
    pub(super) gathering: Option<Gathering>,
    pub(super) vendor: Option<Box<dyn VendorApi>>,
    pub(super) lists_referrers: bool,
    pub(super) places: Places,
    pub(super) ledger: Ledger,
    pub(super) stop: Stop,
}

impl World {
    /// Who is asked: `/token` of the registry is the token server, where that has no place of its own.
    pub(super) fn role(&self, listener: Role, request: &Request) -> Role {
        let is_token =
            self.guard.is_some() && !self.places.has(Role::Token) && request.path == "/token";
        match listener {
            Role::Registry if is_token => Role::Token,
            role => role,
        }
    }

    /// Lets a request wait as long as the test wants.
    pub(super) fn delay(&self, request: &Request) {
        let gathering = self.gathering.as_ref();
        if let Some(gathering) = gathering.filter(|gathering| gathering.pattern.fits(request)) {
            self.stop.gather(&gathering.arrived, gathering.needed);
        }
        self.stop.wait(self.latency);
    }

    /// What is to be done to answer a request.
    pub(super) fn respond(&self, request: &Request) -> Vec<Step> {
        let admitted = self.admit(request);
        let let_in = admitted.is_ok();
        let mut answer = match admitted {
            Ok(visitor) => self.answer(request, &visitor),
            Err(refusal) => refusal,
        };
        let mut sending = None;
        for rule in &self.rules {
            match rule.befalls(request, let_in) {
                None => {}
                Some(Fault::Instead(other)) => answer = other.clone(),
                Some(Fault::Edit(edit)) => edit(request, &mut answer),
                Some(Fault::Sent(steps)) => sending = Some(steps),
            }
        }
        self.fill(request, &mut answer);
        match sending {
            Some(steps) => steps(&answer, request.is_head()),
            None => plain(&answer, request.is_head()),
        }
    }

    fn admit(&self, request: &Request) -> Result<Visitor, Answer> {
        let may_post = request.role != Role::Registry && request.method == "POST";
        let is_known = matches!(request.method.as_str(), "GET" | "HEAD");
        if !is_known && !may_post && request.role != Role::Attacker {
            return Err(Answer::error(405, "UNSUPPORTED", &json!({})));
        }
        match &self.guard {
            Some(guard) if request.role == Role::Registry => guard.admit(request),
            _ => Ok(Visitor::Anybody),
        }
    }

    fn answer(&self, request: &Request, visitor: &Visitor) -> Answer {
        match (request.role, &self.guard) {
            (Role::Registry, _) => {
                let version = "Docker-Distribution-Api-Version";
                self.registry(request, visitor)
                    .header(version, "registry/2.0")
            }
            (Role::Token, Some(guard)) if request.path == "/token" => guard.token(request),
            (Role::Token, _) => Answer::status(404),
            (Role::Api, _) => {
                let vendor = self.vendor.as_ref();
                vendor.expect("an API has a vendor").answer(request)
            }
            (Role::Store, _) => self.store(request),
            (Role::Attacker, _) => {
                let token = json!({"token": BAIT, "access_token": BAIT, "expires_in": 3600});
                Answer::json(&token)
            }
        }
    }

    fn registry(&self, request: &Request, visitor: &Visitor) -> Answer {
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        let sees = |name: &str| match &self.guard {
            Some(guard) => guard.sees(visitor, name),
            None => true,
        };
        let way = self.way.as_ref();
        if let Some(answer) = way.and_then(|way| way.answer(request, &shelf, &self.paging)) {
            return answer;
        }
        match Route::of(request) {
            Route::Ping => Answer::json(&json!({})),
            Route::Catalog => {
                let wrap = |page| json!({"repositories": page});
                self.paging.answer(request, &shelf.catalog(&sees), wrap)
            }
            Route::Tags(name) => match shelf.listing(name) {
                Some(entries) => {
                    let wrap = |page| json!({"name": name, "tags": page});
                    self.paging.answer(request, &entries, wrap)
                }
                None => no_repository(name),
            },
            Route::Manifest(name, which) => shelf.manifest(request, name, which),
            Route::Referrers(_, subject) if self.lists_referrers => {
                let entries = shelf.referrers(subject);
                let index = "application/vnd.oci.image.index.v1+json";
                let wrap =
                    |page| json!({"schemaVersion": 2, "mediaType": index, "manifests": page});
                let mut answer = self.paging.answer(request, &entries, wrap);
                answer.set("Content-Type", index);
                answer
            }
            // As distribution 2.8 does, whose router knows no such path.
            Route::Referrers(..) => {
                Answer::status(404).with_body("text/plain; charset=utf-8", "404 page not found\n")
            }
            Route::Blob(name, _) if !shelf.has(name) => no_repository(name),
            Route::Blob(_, digest) => self.blob(&shelf, digest),
            Route::Unknown => Answer::status(404),
        }
    }

    /// The signature makes the address itself a secret, as those of object stores are.
    fn blob(&self, shelf: &Shelf, digest: &str) -> Answer {
        match self.redirect {
            Some(status) if shelf.content(digest).is_some() => {
                let to = format!("{{store}}/store/{digest}?sig=signature-of-the-store");
                Answer::redirect(status, &to)
            }
            _ => shelf.blob(digest),
        }
    }

    /// Object stores take one way to log in, and the signature is one already (S3).
    fn store(&self, request: &Request) -> Answer {
        if request.header("authorization").is_some() {
            let refusal = "<Error><Code>InvalidArgument</Code></Error>";
            return Answer::status(400).with_body("application/xml", refusal);
        }
        let shelf = self.shelf.read().unwrap_or_else(PoisonError::into_inner);
        match request.path.strip_prefix("/store/") {
            Some(digest) => shelf.blob(digest),
            None => Answer::status(404),
        }
    }

    fn fill(&self, request: &Request, answer: &mut Answer) {
        if request.role == Role::Api {
            let body = String::from_utf8_lossy(&answer.body);
            let filled = self.places.fill(&body).into_bytes();
            if filled != answer.body {
                answer.body = filled;
                *answer = answer.clone().measured();
            }
        }
        for (_, value) in &mut answer.headers {
            if value.contains('{') {
                *value = self.places.fill(value).replace("{target}", &request.target);
            }
        }
    }
}
