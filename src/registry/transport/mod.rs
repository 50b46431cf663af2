//! One request, sent: the only way out of the program.
//!
//! [`Transport::send`] takes its steps in order: the host's limit, the check of where it leads, sending, reading within
//! bounds, trying again where that can help, and saying what happened. What it knows of registries is nothing: it
//! follows no redirect, adds no credential, and an answer with any status is an answer.

mod body;
mod certificates;
mod client;
mod dial;
mod echo;
mod fault;
mod host;
mod limit;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue};
use tokio::time::Instant;
use url::Url;

use self::client::Clients;
pub(super) use self::dial::Zone;
use self::fault::Fault;
use self::host::{Entry, Host};
use super::error::{RegistryError, Thing, Unreached, Unsafe, outside, shown_host};
use super::settings::NetworkSettings;
use super::talk::{Event, Far, Talk, Trace};
use super::trust::Trust;
use super::wire::rate_limit::RateLimit;
use crate::limits::{Limits, Timing};
use crate::oci::RegistryHost;
use crate::safe::Safe;
use crate::secret::Secret;

/// What may be asked: nothing that changes anything.
#[derive(Clone)]
pub(super) enum Method {
    /// A document.
    Get,
    /// Its headers.
    Head,
    /// A token, for the secret in this body.
    Post(Secret, Form),
}

/// How the body of a request for a token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As pairs (application/x-www-form-urlencoded).
    Pairs,
    /// As JSON.
    Json,
}

/// A request.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    /// On whose behalf: consents and certificates are those of this host.
    pub(super) host: RegistryHost,
    /// Where it may lead.
    pub(super) zone: Zone,
    pub(super) identity: Identity,
    pub(super) accept: Option<Cow<'static, str>>,
    pub(super) authorization: Option<HeaderValue>,
    /// The largest body, in bytes.
    pub(super) bound: usize,
    pub(super) shown: Shown,
    pub(super) patience: Patience,
}

/// How often a request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// As the user set it.
    AsSet,
    /// Once: there is somebody else to ask.
    Once,
}

/// Whether the client certificate that is set for a host is shown to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    /// It is.
    Shown,
    /// It is not, because an answer of another host led there (threats N3).
    Withheld,
}

/// How much of an address may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of it: it is made by us, of names.
    Whole,
    /// Not its query, which may be a signature (threats K1).
    Path,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why there is no whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SendError {
    /// Nobody answered.
    Unreached(Unreached),
    /// We did not go on.
    Unsafe(Unsafe),
    /// The body is larger than this bound, in bytes.
    TooLarge(usize),
    /// The run has made as many requests as it may.
    TooMany(u64),
}

impl SendError {
    /// The error about a request to this address, for this thing.
    pub(super) fn about(self, url: &Url, thing: impl FnOnce() -> Thing) -> RegistryError {
        let host = shown_host(url);
        match self {
            Self::Unreached(why) => RegistryError::Unreached { host, why },
            Self::Unsafe(why) => RegistryError::Unsafe { host, why },
            Self::TooLarge(limit) => {
                let thing = thing();
                RegistryError::TooLarge { thing, limit }
            }
            Self::TooMany(limit) => RegistryError::TooMany(limit),
        }
    }
}

/// Everything that sends.
pub(super) struct Transport {
    clients: Clients,
    trust: Trust,
    limits: Limits,
    timing: Timing,
    hosts: Mutex<HashMap<url::Origin, Arc<Host>>>,
    /// How many requests were sent, those for tokens, to where a redirect led, and second tries among them.
    sent: AtomicU64,
    talk: Talk,
}

impl Transport {
    pub(super) fn new(settings: &NetworkSettings, talk: Talk) -> Self {
        Self {
            clients: Clients::new(settings.timing.connect, settings.certificates.clone()),
            trust: settings.trust.clone(),
            limits: settings.limits.clone(),
            timing: settings.timing.clone(),
            hosts: Mutex::default(),
            sent: AtomicU64::new(0),
            talk,
        }
    }

    /// The reach of a host's own address, as far as it was looked up.
    pub(super) fn reach(&self, url: &Url) -> super::wire::address::Reach {
        self.clients.reach(url)
    }

    /// Sends a request until there is an answer, or no sense in going on.
    pub(super) async fn send(&self, request: &Request) -> Result<Reply, SendError> {
        let host = self.host(&request.url, &request.host);
        let most = match request.patience {
            Patience::AsSet => self.limits.tries,
            Patience::Once => 1,
        };
        let mut tries = 1;
        let mut last = None;
        loop {
            let place = match host.enter().await {
                Entry::Place(place) => place,
                // Who was answered before knows more than that the others are not answered.
                Entry::Closed(closed) => return last.unwrap_or(closed),
            };
            self.count()?;
            let sent = Instant::now();
            let outcome = self.attempt(request).await;
            place.end(host.note(&outcome, tries, sent.elapsed()));
            let again = host.again(&outcome, tries, most, &self.timing);
            let outcome = outcome.map_err(Fault::into_error);
            if outcome.as_ref().err() == Some(&SendError::Unreached(Unreached::PlainHttp)) {
                // A greeting that was not understood is no request.
                self.sent.fetch_sub(1, Ordering::Relaxed);
            }
            match again {
                Some(wait) => {
                    self.talk.say(wait.told(shown_host(&request.url)));
                    host.wait(wait).await;
                }
                None => return outcome,
            }
            last = Some(outcome);
            tries += 1;
        }
    }

    /// Counts from nothing again, and gives every host another chance.
    pub(super) fn next_round(&self) {
        self.sent.store(0, Ordering::Relaxed);
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.values().for_each(|host| host.next_round());
    }

    /// What the host of an address said last about how much it allows.
    pub(super) fn rate_limit(&self, url: &Url) -> Option<RateLimit> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(&url.origin())?.rate_limit()
    }

    /// Counts a request that is about to be sent. Errors: there may be no more (threats G13).
    fn count(&self) -> Result<(), SendError> {
        let limit = self.limits.requests;
        match self.sent.fetch_add(1, Ordering::Relaxed) < limit {
            true => Ok(()),
            false => Err(SendError::TooMany(limit)),
        }
    }

    async fn attempt(&self, request: &Request) -> Result<Reply, Fault> {
        let began = Instant::now();
        let _waiting = self.talk.wait_for(Far::Host(shown_host(&request.url)));
        let mut version = "";
        // The HTTP library's futures are large; here they leave the stack.
        let outcome = Box::pin(self.exchange(request, &mut version)).await;
        self.talk.say(Event::Request(Trace {
            method: request.method.name(),
            url: request.shown(),
            outcome: outcome
                .as_ref()
                .map(|reply| reply.status)
                .map_err(|fault| Safe::new(&fault.to_string())),
            version,
            bytes: outcome.as_ref().map_or(0, |reply| reply.body.len()),
            took: began.elapsed(),
        }));
        outcome
    }

    async fn exchange(
        &self,
        request: &Request,
        version: &mut &'static str,
    ) -> Result<Reply, Fault> {
        let timing = &self.timing;
        let client = self.clients.of(request, &self.trust)?;
        let built = request.build(&client)?;
        let answer = tokio::time::timeout(timing.first_byte, client.execute(built)).await;
        let response = match answer {
            Ok(answer) => answer.map_err(|error| fault::of(&error))?,
            Err(_) => return Err(Fault::silent(timing.first_byte)),
        };
        *version = body::version(&response);
        let mut reply = body::read(response, request.bound, timing).await?;
        echo::hush(request, &mut reply);
        Ok(reply)
    }

    fn host(&self, url: &Url, named: &RegistryHost) -> Arc<Host> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host = hosts.entry(url.origin()).or_insert_with(|| {
            let consent = self.trust.of(named);
            // What is said for this run counts more than what is set for all.
            let parallel = self.limits.parallel.or(consent.parallel);
            Arc::new(Host::new(parallel, consent.requests_per_second))
        });
        Arc::clone(host)
    }
}

impl Method {
    fn name(&self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post(..) => "POST",
        }
    }
}

impl Form {
    fn media_type(self) -> &'static str {
        match self {
            Self::Pairs => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }
}

impl Request {
    fn build(&self, client: &reqwest::Client) -> Result<reqwest::Request, Fault> {
        let url = self.url.clone();
        let builder = match &self.method {
            Method::Get => client.get(url),
            Method::Head => client.head(url),
            Method::Post(body, form) => client
                .post(url)
                .header("content-type", form.media_type())
                .body(body.expose().to_owned()),
        };
        // Nothing is unpacked here, so that a small answer stays small (threats C2).
        let builder = builder.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let builder = match &self.accept {
            Some(accept) => builder.header(ACCEPT, accept.as_ref()),
            None => builder,
        };
        let builder = match &self.authorization {
            Some(authorization) => builder.header(AUTHORIZATION, authorization.clone()),
            None => builder,
        };
        builder.build().map_err(|error| fault::of(&error))
    }

    fn shown(&self) -> Safe {
        let mut url = self.url.clone();
        url.set_fragment(None);
        // These can only fail for addresses that have no host, and such are never asked.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if self.shown == Shown::Path && url.query().is_some() {
            url.set_query(Some("…"));
        }
        outside(url.as_str())
    }
}

impl Reply {
    /// The first value of a header.
    pub(super) fn first(&self, name: &str) -> Option<&[u8]> {
        self.headers.get(name).map(HeaderValue::as_bytes)
    }

    /// The first value of a header, if it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        str::from_utf8(self.first(name)?).ok()
    }

    /// All values of a header.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let values = self.headers.get_all(name);
        values.into_iter().map(HeaderValue::as_bytes)
    }
}
