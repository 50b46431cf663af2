//! Who we are to one registry: what it demanded so far, and what we show it.
//!
//! Nobody is asked how to log in: the first real request teaches it by its 401, for each kind of request, and later
//! ones come prepared. A token is fetched once for its scope, renewed before it ends and after one 401.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;
use url::Url;

use super::credential::Credential;
use super::keychain::Keychain;
use super::realm::{self, RealmVerdict};
use super::tokens::{Held, Tokens};
use crate::limits::{TOKEN_ANSWER_BYTES, Timing};
use crate::oci::RegistryHost;
use crate::registry::error::{
    AskedAs, Question, RegistryError, Thing, Unsafe, outside, said, shown_host,
};
use crate::registry::talk::{Demanded, Event, Talk, TokenAsked, TokenGiven};
use crate::registry::transport::{
    Form, Identity, Method, Patience, Reply, Request, Shown, Transport, Zone,
};
use crate::registry::trust::Consent;
use crate::registry::wire::address::host_of;
use crate::registry::wire::authorization::{TokenRequest, basic, bearer};
use crate::registry::wire::challenge::Challenge;
use crate::registry::wire::claims::Access;
use crate::registry::wire::scope::{Scope, ScopeStyle, Wanted};
use crate::registry::wire::token::Token;
use crate::safe::Safe;
use crate::secret::Secret;

/// The login of one registry in one run.
pub(in crate::registry) struct Login {
    host: RegistryHost,
    consent: Consent,
    keychain: Arc<Keychain>,
    timing: Timing,
    talk: Talk,
    credential: OnceCell<Result<Arc<Credential>, RegistryError>>,
    demands: Mutex<HashMap<Kind, Demand>>,
    tokens: Tokens,
}

/// What a demand is good for: some registries want another login for the list of repositories (Harbor).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Catalog,
    Repository,
}

/// What a registry demanded.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Demand {
    /// User name and password.
    Basic,
    /// A token.
    Bearer(Bearer),
}

/// Where tokens are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bearer {
    realm: Url,
    service: Option<String>,
    style: ScopeStyle,
}

/// What is shown with a request.
#[derive(Clone)]
pub(in crate::registry) struct Proof {
    /// The header, if there is one to send.
    pub(in crate::registry) header: Option<HeaderValue>,
    /// As whom.
    pub(in crate::registry) asked_as: AskedAs,
    /// What was demanded when it was made.
    demand: Option<Demand>,
    /// The token in it, to be renewed when it is refused.
    token: Option<Held>,
    /// A token server that did not see the credential there is, because it is not known to belong to the registry.
    pub(in crate::registry) withheld_from: Option<Safe>,
}

impl Proof {
    /// Notes that it was accepted.
    pub(in crate::registry) fn accept(&self) {
        if let Some(token) = &self.token {
            token.accept();
        }
    }

    fn none() -> Self {
        Self {
            header: None,
            asked_as: AskedAs::Nobody,
            demand: None,
            token: None,
            withheld_from: None,
        }
    }
}

impl Login {
    pub(in crate::registry) fn new(
        host: RegistryHost,
        consent: Consent,
        keychain: Arc<Keychain>,
        timing: Timing,
        talk: Talk,
    ) -> Self {
        Self {
            host,
            consent,
            keychain,
            timing,
            talk,
            credential: OnceCell::new(),
            demands: Mutex::default(),
            tokens: Tokens::default(),
        }
    }

    /// What to show with a request, by what was demanded so far; nothing where nothing was.
    ///
    /// Errors: the credential cannot be had, the token server does not give a token.
    pub(in crate::registry) async fn proof(
        &self,
        wanted: Wanted<'_>,
        transport: &Transport,
        base: &Url,
    ) -> Result<Proof, RegistryError> {
        let demand = self.demand(Kind::of(wanted));
        let proof = match &demand {
            None => Proof::none(),
            Some(Demand::Basic) => self.basic().await?,
            Some(Demand::Bearer(bearer)) => self.token(bearer, wanted, transport, base).await?,
        };
        Ok(Proof { demand, ..proof })
    }

    /// Learns from a 401 and tells whether there is something new to show for it: at most once for what was shown.
    ///
    /// Errors: a challenge that is not followed.
    pub(in crate::registry) fn challenged(
        &self,
        wanted: Wanted<'_>,
        shown: &Proof,
        challenge: Option<&Challenge>,
        request: &Url,
    ) -> Result<bool, RegistryError> {
        let kind = Kind::of(wanted);
        let before = self.demand(kind);
        self.tell(challenge, request);
        let demand = match challenge {
            // gcr.io answers some requests with a bare 401; what was learned before still holds.
            None => before.clone(),
            Some(Challenge::Basic) => Some(Demand::Basic),
            Some(Challenge::Bearer {
                realm,
                service,
                scope,
                ..
            }) => {
                let realm = realm::resolve(realm, request);
                let realm =
                    realm.map_err(|why| self.not_safe(Unsafe::Realm(outside(&why.to_string()))))?;
                let mut style = match &before {
                    Some(Demand::Bearer(known)) if known.realm == realm => known.style.clone(),
                    _ => ScopeStyle::default(),
                };
                style.learn(scope.as_deref(), wanted);
                let service = service.clone();
                Some(Demand::Bearer(Bearer {
                    realm,
                    service,
                    style,
                }))
            }
        };
        // Of several requests that are refused at once, the first teaches what the others did not show yet.
        let is_new = demand != shown.demand;
        if let Some(demand) = demand {
            let mut demands = self.demands.lock().unwrap_or_else(PoisonError::into_inner);
            demands.insert(kind, demand);
        }
        let renewed = shown.token.as_ref().is_some_and(Held::refuse);
        Ok(is_new || renewed)
    }

    /// Says what is demanded.
    fn tell(&self, challenge: Option<&Challenge>, request: &Url) {
        let demand = match challenge {
            None => return,
            Some(Challenge::Basic) => Demanded::Basic,
            Some(Challenge::Bearer {
                realm,
                service,
                scope,
                ..
            }) => Demanded::Bearer {
                realm: realm::resolve(realm, request)
                    .map_or_else(|_| outside("?"), |at| shown(&at)),
                service: service.as_deref().map(outside),
                scope: scope.as_deref().map(outside),
            },
        };
        let host = self.host.clone();
        self.talk.say(Event::Challenged { host, demand });
    }

    fn demand(&self, kind: Kind) -> Option<Demand> {
        let demands = self.demands.lock().unwrap_or_else(PoisonError::into_inner);
        let other = match kind {
            Kind::Catalog => Kind::Repository,
            Kind::Repository => Kind::Catalog,
        };
        demands.get(&kind).or_else(|| demands.get(&other)).cloned()
    }

    /// The credential, asked for once, and said to whom it is shown.
    ///
    /// Errors: it cannot be had.
    pub(in crate::registry) async fn credential(&self) -> Result<Arc<Credential>, RegistryError> {
        if self.consent.anonymous {
            return Ok(Arc::new(Credential::Anonymous));
        }
        let ask = || async {
            let asked = self
                .keychain
                .credential(&self.host, &self.timing, &self.talk);
            let credential = asked
                .await
                .map_err(|error| RegistryError::Credential(Box::new(error)))?;
            // Who shares a query file does not choose as whom it is run, but should not have to guess (threats G2).
            if let (Some(account), false) = (credential.account(), self.consent.named) {
                let host = self.host.clone();
                self.talk.say(Event::Account { host, account });
            }
            Ok(credential)
        };
        self.credential.get_or_init(ask).await.clone()
    }

    async fn basic(&self) -> Result<Proof, RegistryError> {
        let credential = self.credential().await?;
        let header = match &*credential {
            Credential::Basic { account, password } => header(&basic(account, password)),
            Credential::RegistryToken(secret) => header(&bearer(secret)),
            // An identity token is for the token server alone.
            Credential::Anonymous | Credential::IdentityToken { .. } => None,
        };
        Ok(Proof {
            header,
            asked_as: AskedAs::of(&credential),
            ..Proof::none()
        })
    }

    async fn token(
        &self,
        demand: &Bearer,
        wanted: Wanted<'_>,
        transport: &Transport,
        base: &Url,
    ) -> Result<Proof, RegistryError> {
        let credential = self.credential().await?;
        if let Credential::RegistryToken(secret) = &*credential {
            return Ok(Proof {
                header: header(&bearer(secret)),
                asked_as: AskedAs::of(&credential),
                ..Proof::none()
            });
        }
        let verdict = realm::verdict(base, &self.host, &demand.realm, &self.consent);
        let has_some = !matches!(*credential, Credential::Anonymous);
        let (credential, withheld_from) = match verdict {
            RealmVerdict::Trusted => (credential, None),
            RealmVerdict::Anonymous => {
                let withheld_from = has_some.then(|| shown_host(&demand.realm));
                if let Some(token_server) = withheld_from.clone() {
                    let host = self.host.clone();
                    self.talk.say(Event::Withheld { host, token_server });
                }
                (Arc::new(Credential::Anonymous), withheld_from)
            }
            RealmVerdict::Refused(why) => {
                return Err(self.not_safe(Unsafe::Realm(outside(&why.to_string()))));
            }
        };
        let scope = demand.style.scope(wanted);
        let key = (demand.realm.clone(), demand.service.clone(), scope.clone());
        let buyer = Buyer {
            login: self,
            transport,
            base,
            demand,
            scope: &scope,
            credential: &credential,
        };
        let bought = self.tokens.get(key, || buyer.buy_aloud()).await;
        let held = bought.map_err(|error| match (&withheld_from, error.is_denial()) {
            (Some(realm), true) => self.not_safe(Unsafe::TokenServer(realm.clone())),
            _ => error,
        })?;
        Ok(Proof {
            header: header(&bearer(held.secret())),
            asked_as: AskedAs::of(&credential),
            token: Some(held),
            withheld_from,
            ..Proof::none()
        })
    }

    fn not_safe(&self, why: Unsafe) -> RegistryError {
        RegistryError::not_safe(&self.host, why)
    }
}

impl Kind {
    fn of(wanted: Wanted<'_>) -> Self {
        match wanted {
            Wanted::Catalog => Self::Catalog,
            Wanted::Repository(_) | Wanted::Nothing => Self::Repository,
        }
    }
}

/// One purchase of a token.
struct Buyer<'a> {
    login: &'a Login,
    transport: &'a Transport,
    base: &'a Url,
    demand: &'a Bearer,
    scope: &'a Scope,
    credential: &'a Credential,
}

impl Buyer<'_> {
    /// Buys a token and says what came of it.
    async fn buy_aloud(&self) -> Result<Token, RegistryError> {
        let bought = self.buy().await;
        let Login { host, consent, .. } = self.login;
        let outcome = bought.as_ref().map_err(RegistryError::clone);
        let outcome = outcome.map(|token| {
            let access = Access::of(&token.secret);
            TokenGiven {
                lifetime: token.lifetime,
                says_lifetime: token.says_lifetime,
                lacking: access.lacking(self.scope),
                access,
            }
        });
        self.login.talk.say(Event::Token(Box::new(TokenAsked {
            host: host.clone(),
            server: shown_host(&self.demand.realm),
            standing: realm::standing(self.base, host, &self.demand.realm, consent),
            asked_as: AskedAs::of(self.credential),
            scope: Some(self.scope)
                .filter(|scope| !scope.is_none())
                .map(|scope| outside(scope.as_str())),
            outcome,
        })));
        bought
    }

    async fn buy(&self) -> Result<Token, RegistryError> {
        let account = match self.credential {
            Credential::Basic { account, .. } => Some(account.as_str()),
            _ => None,
        };
        let wish = TokenRequest {
            service: self.demand.service.as_deref(),
            scopes: std::slice::from_ref(self.scope),
            account,
        };
        if let Credential::IdentityToken { token, .. } = self.credential {
            let (url, form) = wish.form(&self.demand.realm, token);
            let reply = self.ask(url, Method::Post(form, Form::Pairs), None).await?;
            // A server without this way answers 404; one that never heard of it, 405.
            if !matches!(reply.status, 404 | 405) {
                return self.read(&reply);
            }
        }
        let authorization = match self.credential {
            Credential::Basic { account, password } => header(&basic(account, password)),
            Credential::IdentityToken { account, token } => {
                header(&basic(account.as_deref().unwrap_or("<token>"), token))
            }
            Credential::Anonymous | Credential::RegistryToken(_) => None,
        };
        let url = wish.url(&self.demand.realm);
        self.read(&self.ask(url, Method::Get, authorization).await?)
    }

    /// Sends a request to the token server, with the same care as any (threats A2). Its redirects lead nowhere (A4).
    async fn ask(
        &self,
        url: Url,
        method: Method,
        authorization: Option<HeaderValue>,
    ) -> Result<Reply, RegistryError> {
        let same = url.origin() == self.base.origin();
        let named = self.login.consent.named && same;
        let host = match same {
            true => self.login.host.clone(),
            false => host_of(&url).ok_or_else(|| {
                self.login
                    .not_safe(Unsafe::Realm(outside("it has no name")))
            })?,
        };
        let trusted = !same && self.login.consent.token_servers.contains(&host);
        let request = Request {
            method,
            zone: match (same, named || trusted) {
                (_, true) => Zone::User,
                (true, false) => Zone::File,
                (false, false) => Zone::Answer(self.transport.reach(self.base)),
            },
            host,
            identity: Identity::Shown,
            url,
            accept: None,
            authorization,
            bound: TOKEN_ANSWER_BYTES,
            shown: Shown::Whole,
            patience: Patience::AsSet,
        };
        let answer = self.transport.send(&request).await;
        let thing = || Thing::Token(shown_host(&request.url));
        answer.map_err(|error| error.about(&request.url, thing))
    }

    fn read(&self, reply: &Reply) -> Result<Token, RegistryError> {
        let server = || shown_host(&self.demand.realm);
        match reply.status {
            200..=299 => Token::read(&reply.body)
                .map_err(|error| RegistryError::malformed(Thing::Token(server()), error)),
            300..=399 => Err(RegistryError::Unsafe {
                host: server(),
                why: Unsafe::Redirect("a token server has no business elsewhere"),
            }),
            _ => Err(said(
                reply,
                Question::Token(server()),
                AskedAs::of(self.credential),
            )),
        }
    }
}

/// An address without what may be nobody's business: its query.
fn shown(realm: &Url) -> Safe {
    let mut shown = realm.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    // These can only fail for addresses that have no host, and such are never asked.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    outside(shown.as_str())
}

/// A secret as a header that the HTTP library does not show either; none if no header can carry it.
pub(super) fn header(secret: &Secret) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(secret.expose()).ok()?;
    header.set_sensitive(true);
    Some(header)
}
