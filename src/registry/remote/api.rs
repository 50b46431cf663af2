//! A vendor's own API beside the registry: where it is, as whom it is asked, and what it answers.
//!
//! The registry's credential goes there because the dialect's table or the user says that the two belong together
//! (threats S1). Every request goes the way that all go; no redirect is followed, for no API that we know needs one.

use std::sync::Arc;

use url::Url;

use super::Remote;
use super::listing::is_no_repository;
use super::memo::Memo;
use super::session::{Ask, Shared};
use crate::limits::{Limits, TOKEN_ANSWER_BYTES};
use crate::oci::{RegistryHost, Repository};
use crate::registry::auth::{ApiLogin, ApiProof, ApiScheme, Login};
use crate::registry::error::{AskedAs, Question, Thing, Unreached, said, shown_host};
use crate::registry::transport::{
    Form, Identity, Method, Patience, Reply, Request, SendError, Shown, Zone,
};
use crate::registry::wire::address::host_of;
use crate::registry::wire::foreign;
use crate::registry::wire::scope::Wanted;
use crate::registry::wire::token::Token;
use crate::registry::{Answer, RegistryError, is_this_machine};
use crate::secret::Secret;
use crate::value::{Value, parse_json};

/// What a dialect says of its vendor's API.
#[derive(Debug, Clone, Copy)]
pub(in crate::registry) struct ApiRules {
    /// Where the vendor's own hosts have it; none where every registry of this kind has it at its own address. The user
    /// may say otherwise.
    pub(in crate::registry) base: Option<&'static str>,
    /// What it wants to be shown.
    pub(in crate::registry) scheme: ApiScheme,
    /// The form of its answers.
    pub(in crate::registry) accept: &'static str,
}

/// Which door of a vendor a listing is behind.
#[derive(Debug, Clone, Copy)]
pub(in crate::registry) enum Door<'a> {
    /// Its own API.
    Api,
    /// The registry itself, with what it takes to be let in.
    Registry(Wanted<'a>),
}

/// An answer to a vendor's question. Any status is one.
#[derive(Debug)]
pub(in crate::registry) struct Fetched {
    /// The answer; of a good one, without the body.
    pub(in crate::registry) reply: Reply,
    /// What it says; null unless the status is a good one.
    pub(in crate::registry) document: Value,
    /// What was asked.
    pub(in crate::registry) url: Url,
    pub(in crate::registry) asked_as: AskedAs,
    is_of_api: bool,
    bytes: usize,
}

impl Fetched {
    /// Tells whether it is an answer, and not a refusal.
    pub(in crate::registry) fn is_good(&self) -> bool {
        (200..300).contains(&self.reply.status)
    }

    /// What a good answer says.
    ///
    /// Errors: a refusal.
    pub(in crate::registry) fn good(&self, question: Question) -> Result<&Value, RegistryError> {
        match self.is_good() {
            true => Ok(&self.document),
            false => Err(self.refused(question)),
        }
    }

    /// The refusal as an error.
    pub(in crate::registry) fn refused(&self, question: Question) -> RegistryError {
        let mut error = said(&self.reply, question, self.asked_as.clone());
        if let RegistryError::Status(status) = &mut error
            && self.is_of_api
            && matches!(status.status, 401 | 403)
        {
            // What helps is another credential than the registry's.
            status.code = "API_DENIED";
        }
        error
    }

    /// What a good answer about a repository says.
    ///
    /// Errors: there is no such repository; a refusal.
    pub(in crate::registry) fn good_of(
        &self,
        repository: &Repository,
        question: Question,
    ) -> Result<&Value, RegistryError> {
        match !self.is_good() && is_no_repository(&self.reply) {
            true => Err(RegistryError::NoRepository(repository.clone())),
            false => self.good(question),
        }
    }
}

/// Roughly what an answer takes in memory, in bytes.
pub(super) fn weight(fetched: &Arc<Fetched>) -> usize {
    // A parsed tree takes a few times its text.
    fetched.bytes * 4
}

/// Answers that were given before, by what was asked.
pub(super) type Answers = Memo<Url, Arc<Fetched>>;

/// A vendor's API.
pub(super) struct Api {
    shared: Arc<Shared>,
    pub(super) base: Url,
    host: RegistryHost,
    /// Whether that is the registry's own address, for want of another.
    is_own: bool,
    zone: Zone,
    accept: &'static str,
    login: ApiLogin,
    limits: Limits,
}

/// Where an API is.
pub(super) struct Address {
    pub(super) base: Url,
    /// Who says so.
    pub(super) zone: Zone,
    /// Whether it is the registry's own, for want of another.
    pub(super) is_own: bool,
}

impl Api {
    /// The API at this address. None where the address has no name.
    pub(super) fn new(
        shared: &Arc<Shared>,
        address: Address,
        rules: &ApiRules,
        limits: &Limits,
    ) -> Option<Self> {
        let Address { base, zone, is_own } = address;
        Some(Self {
            shared: Arc::clone(shared),
            host: host_of(&base)?,
            base,
            is_own,
            zone,
            accept: rules.accept,
            login: ApiLogin::new(rules.scheme),
            limits: limits.clone(),
        })
    }

    /// Tells as whom it takes the login: whether there is a token for it.
    pub(super) async fn takes(&self, owner: &Login) -> Result<AskedAs, RegistryError> {
        let credential = owner.credential().await?;
        let whom = AskedAs::of(&credential);
        let buy = |path: &'static str, body: Secret| self.buy(path, body, whom.clone());
        let proof = self.login.proof(&credential, buy).await?;
        Ok(proof.asked_as)
    }

    /// Asks by the scheme rule of registries (design §8) where it is at the address of one.
    async fn get(
        &self,
        owner: &Login,
        url: &Url,
        question: &Question,
    ) -> Result<Fetched, RegistryError> {
        match self.get_at(owner, url, question).await {
            Err(RegistryError::Unreached { why, .. })
                if why == Unreached::PlainHttp && self.is_own && is_this_machine(url) =>
            {
                let plain = url.as_str().replacen("https:", "http:", 1);
                let plain = plain.parse().expect("another scheme leaves it an address");
                self.get_at(owner, &plain, question).await
            }
            answer => answer,
        }
    }

    async fn get_at(
        &self,
        owner: &Login,
        url: &Url,
        question: &Question,
    ) -> Result<Fetched, RegistryError> {
        let credential = owner.credential().await?;
        let whom = AskedAs::of(&credential);
        let buy = |path: &'static str, body: Secret| self.buy(path, body, whom.clone());
        let mut proof = self.login.proof(&credential, buy).await?;
        let mut reply = self.send(url, &proof, question).await?;
        if reply.status == 401 && proof.refuse() {
            proof = self.login.proof(&credential, buy).await?;
            reply = self.send(url, &proof, question).await?;
        }
        if reply.status != 401 {
            proof.accept();
        }
        let fetched = read(reply, url.clone(), proof.asked_as, question)?;
        Ok(Fetched {
            is_of_api: true,
            ..fetched
        })
    }

    async fn send(
        &self,
        url: &Url,
        proof: &ApiProof,
        question: &Question,
    ) -> Result<Reply, RegistryError> {
        let request = Request {
            method: Method::Get,
            authorization: proof.header.clone(),
            bound: self.limits.listing_bytes,
            ..self.request(url.clone())
        };
        let sent = self.shared.transport.send(&request).await;
        sent.map_err(|error: SendError| error.about(url, || Thing::Page(question.clone())))
    }

    /// Buys a token: the one thing that is posted.
    async fn buy(
        &self,
        path: &'static str,
        body: Secret,
        whom: AskedAs,
    ) -> Result<Token, RegistryError> {
        let url = below(&self.base, path);
        let server = || shown_host(&url);
        let request = Request {
            method: Method::Post(body, Form::Json),
            bound: TOKEN_ANSWER_BYTES,
            ..self.request(url.clone())
        };
        let sent = self.shared.transport.send(&request).await;
        let reply = sent.map_err(|error| error.about(&url, || Thing::Token(server())))?;
        match reply.status {
            200..=299 => Token::read(&reply.body)
                .map_err(|error| RegistryError::malformed(Thing::Token(server()), error)),
            _ => Err(said(&reply, Question::Token(server()), whom)),
        }
    }

    fn request(&self, url: Url) -> Request {
        Request {
            method: Method::Get,
            host: self.host.clone(),
            zone: self.zone,
            identity: Identity::Shown,
            accept: Some(self.accept.into()),
            authorization: None,
            bound: 0,
            shown: Shown::Whole,
            patience: Patience::AsSet,
            url,
        }
    }
}

impl Remote {
    /// Tells whether the API is asked as whoever the registry is asked as: with the credential there is, or as nobody where
    /// there is none.
    ///
    /// Errors: the credential cannot be had.
    pub(in crate::registry) async fn api_knows_us(&self) -> Result<bool, RegistryError> {
        let credential = self.session.login().credential().await?;
        let takes = |api: &Api| api.login.takes(&credential);
        Ok(credential.is_anonymous() || self.api.as_ref().is_some_and(takes))
    }

    /// Asks a vendor's question, once in a run. `url` makes its address out of the base of what is behind the door.
    ///
    /// Errors: no answer; no credential; a good answer that is no document.
    pub(in crate::registry) async fn fetch(
        &self,
        door: Door<'_>,
        url: &(dyn Fn(&Url) -> Url + Sync),
        question: &Question,
    ) -> Result<Arc<Fetched>, RegistryError> {
        let (key, ask): (Url, Answer<'_, Arc<Fetched>>) = match door {
            Door::Api => {
                let api = self.api.as_ref();
                let api = api.expect("a dialect with an API is chosen together with one");
                let url = url(&api.base);
                let asked = url.clone();
                let get = async move {
                    let fetched = api.get(self.session.login(), &asked, question).await;
                    fetched.map(Arc::new)
                };
                (url, Box::pin(get))
            }
            Door::Registry(wanted) => {
                let get = async move {
                    let thing = || Thing::Page(question.clone());
                    let ask = Ask {
                        method: Method::Get,
                        url,
                        wanted,
                        accept: Some("application/json"),
                        bound: self.limits.listing_bytes,
                        question: question.clone(),
                        thing: &thing,
                    };
                    let heard = self.session.ask(&ask).await?;
                    read(heard.reply, heard.url, heard.asked_as, question).map(Arc::new)
                };
                (url(&self.session.nominal_base()), Box::pin(get))
            }
        };
        self.answers.answer(&key, ask, weight).await
    }
}

fn read(
    mut reply: Reply,
    url: Url,
    asked_as: AskedAs,
    question: &Question,
) -> Result<Fetched, RegistryError> {
    let is_good = (200..300).contains(&reply.status);
    let bytes = reply.body.len();
    let document = match is_good {
        true => {
            let body = std::mem::take(&mut reply.body);
            document(&body, question)?
        }
        false => Value::Null,
    };
    Ok(Fetched {
        reply,
        document,
        url,
        asked_as,
        is_of_api: false,
        bytes,
    })
}

fn document(body: &[u8], question: &Question) -> Result<Value, RegistryError> {
    let thing = || Thing::Page(question.clone());
    foreign::check_document(body).map_err(|error| RegistryError::malformed(thing(), error))?;
    parse_json(body).map_err(|error| RegistryError::malformed(thing(), error))
}

/// An address below a base, by a path that is ours.
pub(in crate::registry) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let root = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{root}/{path}"));
    url
}
