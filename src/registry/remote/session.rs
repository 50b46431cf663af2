//! Questions to one registry: where it is, as whom it is asked, and where its redirects lead.
//!
//! The first request goes alone: it teaches the scheme and the login, and whoever comes with it waits. If nobody answers
//! it, nobody is asked again. What is asked, and what an answer means, is not decided here; nor how patiently it is sent.

use std::sync::{Arc, PoisonError};

use reqwest::header::LOCATION;
use tokio::sync::Mutex;
use url::Url;

use super::endpoint;
use super::redirect;
use crate::limits::{LOGIN_TRIES, REDIRECTS, Timing};
use crate::oci::{RegistryHost, Scheme};
use crate::registry::RegistryError;
use crate::registry::auth::{Keychain, Login, Proof};
use crate::registry::error::{AskedAs, Question, Thing, Unreached, Unsafe, said, shown_host};
use crate::registry::hub;
use crate::registry::talk::{Event, Insecurity, Talk};
use crate::registry::transport::{
    Identity, Method, Patience, Reply, Request, Shown, Transport, Zone,
};
use crate::registry::trust::{Consent, Trust};
use crate::registry::wire::address::{Reach, host_of};
use crate::registry::wire::challenge;
use crate::registry::wire::rate_limit;
use crate::registry::wire::scope::Wanted;
use crate::registry::wire::warning;
use crate::registry::{RateLimit, is_this_machine};
use crate::safe::Safe;

/// What all registries of a run share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) transport: Arc<Transport>,
    pub(super) keychain: Arc<Keychain>,
    pub(super) trust: Trust,
    pub(super) timing: Timing,
    pub(super) talk: Talk,
}

/// One registry, asked.
pub(super) struct Session {
    shared: Arc<Shared>,
    host: RegistryHost,
    consent: Consent,
    login: Login,
    patience: Patience,
    first: Mutex<First>,
    /// How much is going to be asked for, until it is compared with what the registry allows.
    foretold: std::sync::Mutex<Option<u64>>,
    /// Where it is asked: known when the first request has shown that it can be, and then nobody waits any more.
    base: std::sync::OnceLock<Url>,
}

/// What became of the first request.
enum First {
    /// It has not been sent, or whoever sent it went away.
    Open,
    /// Nobody answered.
    Failed(RegistryError),
}

/// A question on its way to a registry.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Makes the address out of the registry's base.
    pub(super) url: &'a (dyn Fn(&Url) -> Url + Sync),
    pub(super) wanted: Wanted<'a>,
    pub(super) accept: Option<&'a str>,
    pub(super) bound: usize,
    pub(super) question: Question,
    pub(super) thing: &'a (dyn Fn() -> Thing + Sync),
}

/// An answer, and how it came about.
pub(super) struct Heard {
    pub(super) reply: Reply,
    /// What was asked first; redirects do not change it.
    pub(super) url: Url,
    pub(super) asked_as: AskedAs,
    /// A token server that did not see the credential there is, because it is not known to belong to the registry.
    withheld_from: Option<Safe>,
}

/// Where a request led to.
struct Led {
    reply: Reply,
    /// Whether it is the registry itself that answered.
    is_own: bool,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>, host: RegistryHost) -> Self {
        let consent = shared.trust.of(&host);
        Self::with(shared, host, consent, Patience::AsSet)
    }

    /// A mirror: the user's settings lead to it, and there is somebody else to ask.
    pub(super) fn of_mirror(shared: Arc<Shared>, host: RegistryHost) -> Self {
        let consent = Consent {
            named: true,
            ..shared.trust.of(&host)
        };
        Self::with(shared, host, consent, Patience::Once)
    }

    fn with(shared: Arc<Shared>, host: RegistryHost, consent: Consent, patience: Patience) -> Self {
        let login = Login::new(
            host.clone(),
            consent.clone(),
            Arc::clone(&shared.keychain),
            shared.timing.clone(),
            shared.talk.clone(),
        );
        Self {
            shared,
            host,
            consent,
            login,
            patience,
            first: Mutex::new(First::Open),
            foretold: std::sync::Mutex::default(),
            base: std::sync::OnceLock::new(),
        }
    }

    /// The registry's login.
    pub(super) fn login(&self) -> &Login {
        &self.login
    }

    /// Where it is asked, as far as that is known without asking.
    pub(super) fn nominal_base(&self) -> Url {
        self.base
            .get()
            .cloned()
            .unwrap_or_else(|| self.configured_base())
    }

    /// Asks, and gives whatever the answer is, but for a 401.
    ///
    /// Errors: no answer; one we do not follow; no credential; a 401 that stays.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Heard, RegistryError> {
        let heard = self.hear(ask).await?;
        match self.denied(&heard, &ask.question) {
            Some(error) => Err(error),
            None => Ok(heard),
        }
    }

    /// Why an answer is a refusal to answer at all, if it is one.
    pub(super) fn denied(&self, heard: &Heard, question: &Question) -> Option<RegistryError> {
        let Heard { reply, .. } = heard;
        match (reply.status, &heard.withheld_from) {
            (401 | 403, Some(realm)) => Some(self.not_safe(Unsafe::TokenServer(realm.clone()))),
            (401, None) => Some(said(reply, question.clone(), heard.asked_as.clone())),
            _ => None,
        }
    }

    /// Asks, and gives whatever the answer is.
    ///
    /// Errors: no answer; one we do not follow; no credential.
    pub(super) async fn hear(&self, ask: &Ask<'_>) -> Result<Heard, RegistryError> {
        if let Some(base) = self.base.get() {
            return self.ask_at(base, ask).await;
        }
        let mut first = self.first.lock().await;
        if let Some(base) = self.base.get() {
            drop(first);
            return self.ask_at(base, ask).await;
        }
        if let First::Failed(error) = &*first {
            return Err(error.clone());
        }
        let (base, answer) = self.ask_first(ask).await;
        match &answer {
            Err(error) if is_final(error, &shown_host(&base)) => {
                *first = First::Failed(error.clone())
            }
            _ => {
                self.warn(&base);
                self.base.get_or_init(|| base);
            }
        }
        answer
    }

    /// The scheme rule (design §8): a host is asked over TLS. Only one that is this very machine by its name may turn
    /// out to speak plain HTTP.
    async fn ask_first(&self, ask: &Ask<'_>) -> (Url, Result<Heard, RegistryError>) {
        let base = self.configured_base();
        let answer = self.ask_at(&base, ask).await;
        let own = shown_host(&base);
        match &answer {
            Err(RegistryError::Unreached { why, host })
                if *why == Unreached::PlainHttp && *host == own && is_this_machine(&base) =>
            {
                let base = endpoint::base(&self.host, Scheme::Http);
                let answer = self.ask_at(&base, ask).await;
                (base, answer)
            }
            _ => (base, answer),
        }
    }

    fn configured_base(&self) -> Url {
        base(&self.host, &self.consent)
    }

    fn warn(&self, base: &Url) {
        let is_plain =
            base.scheme() == "http" && self.shared.transport.reach(base) != Reach::Loopback;
        let how = match (is_plain, self.consent.insecure_tls) {
            (true, _) => Insecurity::PlainHttp,
            (false, true) if base.scheme() == "https" => Insecurity::UnverifiedTls,
            _ => return,
        };
        let host = self.host.clone();
        self.shared.talk.say(Event::Insecure { host, how });
    }

    async fn ask_at(&self, base: &Url, ask: &Ask<'_>) -> Result<Heard, RegistryError> {
        let transport = &self.shared.transport;
        let url = (ask.url)(base);
        let mut proof = self.login.proof(ask.wanted, transport, base).await?;
        let mut led = Box::pin(self.follow(base, &url, ask, &proof)).await?;
        for _ in 0..LOGIN_TRIES {
            // Whoever a redirect led to has no say in how the registry is logged in to.
            if led.reply.status != 401 || !led.is_own {
                break;
            }
            let challenge = challenge::choose(led.reply.all("www-authenticate"));
            let is_worth = self
                .login
                .challenged(ask.wanted, &proof, challenge.as_ref(), &url)?;
            if !is_worth {
                break;
            }
            let before = proof.header.take();
            proof = self.login.proof(ask.wanted, transport, base).await?;
            if proof.header.is_none() || proof.header == before {
                break;
            }
            led = Box::pin(self.follow(base, &url, ask, &proof)).await?;
        }
        let Led { reply, is_own } = led;
        let (asked_as, withheld_from) = match is_own {
            true => (proof.asked_as.clone(), proof.withheld_from.clone()),
            false => (AskedAs::Nobody, None),
        };
        if !matches!((reply.status, &withheld_from), (401, _) | (403, Some(_))) {
            proof.accept();
            self.pass_warnings_on(&reply);
        }
        if is_own {
            self.compare(&reply);
        }
        Ok(Heard {
            reply,
            url,
            asked_as,
            withheld_from,
        })
    }

    /// Sends a request and follows where its answer leads. What is shown is decided anew at every hop, by where it
    /// goes: to the registry itself the proof, to anybody else nothing (threats B1).
    async fn follow(
        &self,
        base: &Url,
        url: &Url,
        ask: &Ask<'_>,
        proof: &Proof,
    ) -> Result<Led, RegistryError> {
        let mut url = url.clone();
        for hop in 0..=REDIRECTS {
            let is_own = url.origin() == base.origin();
            let host = match is_own {
                true => self.host.clone(),
                // Whose name is none has no zone, no consent and no certificate, and gets nobody else's (threats A3, N3).
                false => host_of(&url)
                    .ok_or_else(|| self.not_safe(Unsafe::Redirect("its address is not valid")))?,
            };
            let request = Request {
                method: ask.method.clone(),
                zone: self.zone(base, is_own, &host),
                identity: match is_own {
                    true => Identity::Shown,
                    false => Identity::Withheld,
                },
                host,
                accept: ask.accept.map(|accept| accept.to_owned().into()),
                authorization: proof.header.clone().filter(|_| is_own),
                bound: ask.bound,
                // Where an answer leads may be signed, be it to the registry itself (threats K1).
                shown: if hop == 0 { Shown::Whole } else { Shown::Path },
                patience: self.patience,
                url,
            };
            let sent = self.shared.transport.send(&request).await;
            let reply = sent.map_err(|error| error.about(&request.url, ask.thing))?;
            if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(Led { reply, is_own });
            }
            let location = reply.headers.get(LOCATION).map(|value| value.as_bytes());
            let next = redirect::hop(&request.url, location);
            url = next.map_err(|why| self.not_safe(Unsafe::Redirect(why)))?;
        }
        Err(self.not_safe(Unsafe::Redirect("there are too many of them")))
    }

    /// Who leads to a host: the user, who typed it or set its address; a query file; or an answer of the registry.
    fn zone(&self, base: &Url, is_own: bool, host: &RegistryHost) -> Zone {
        match is_own {
            true if self.consent.named || self.consent.endpoint.is_some() => Zone::User,
            true => Zone::File,
            false if self.shared.trust.of(host).named => Zone::User,
            false => Zone::Answer(self.shared.transport.reach(base)),
        }
    }

    pub(super) fn not_safe(&self, why: Unsafe) -> RegistryError {
        RegistryError::not_safe(&self.host, why)
    }

    /// The registry that is asked.
    pub(super) fn host(&self) -> &RegistryHost {
        &self.host
    }

    pub(super) fn say(&self, event: Event) {
        self.shared.talk.say(event);
    }

    /// Where it is asked, or would be.
    pub(super) fn base(&self) -> Url {
        let known = self.base.get().cloned();
        known.unwrap_or_else(|| self.configured_base())
    }

    /// What it said last about how much it allows.
    pub(super) fn rate_limit(&self) -> Option<RateLimit> {
        self.shared.transport.rate_limit(&self.base())
    }

    /// Notes how much is going to be asked for.
    pub(super) fn foretell(&self, counted: u64) {
        *self.foretold() = Some(counted);
    }

    fn foretold(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.foretold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once if more is going to be asked for than the registry allows. The request that was answered is counted
    /// already.
    fn compare(&self, reply: &Reply) {
        let Some(limit) = rate_limit::read(|name| reply.first(name)) else {
            return;
        };
        let left = limit.remaining.unwrap_or(u64::MAX);
        let wanted = self.foretold().take();
        if let Some(wanted) = wanted.filter(|wanted| wanted.saturating_sub(1) > left) {
            self.shared.talk.say(Event::Shortage {
                host: self.host.clone(),
                wanted,
                counted: hub::counted(&self.host),
                limit,
            });
        }
    }

    fn pass_warnings_on(&self, reply: &Reply) {
        for text in warning::texts(reply.all("warning")) {
            let host = self.host.clone();
            self.shared.talk.say(Event::Warning { host, text });
        }
    }
}

/// Where a registry is asked, as the user has it.
pub(super) fn base(host: &RegistryHost, consent: &Consent) -> Url {
    match &consent.endpoint {
        Some(endpoint) => endpoint.clone(),
        None if consent.plain_http => endpoint::base(host, Scheme::Http),
        None => endpoint::base(host, Scheme::Https),
    }
}

/// Tells whether the next request would end as this one did, before anything was asked. One that broke off or was not
/// answered in time says nothing about the others: it may be about the one thing here that is broken. Nor does one that
/// failed where `own` had led to: who leads somewhere has answered (threats S6).
fn is_final(error: &RegistryError, own: &Safe) -> bool {
    use Unreached as Why;
    match error {
        RegistryError::Unreached { why, host } => {
            host == own && !matches!(why, Why::Lost | Why::TimedOut(_) | Why::Garbled(_))
        }
        RegistryError::Unsafe { why, host } => {
            host == own && matches!(why, Unsafe::Certificate(_) | Unsafe::Address { .. })
        }
        _ => false,
    }
}
