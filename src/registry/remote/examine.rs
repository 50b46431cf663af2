//! Looking at a login: what happens when a registry is asked, kept to be told.
//!
//! It is the very login that queries have: one request is sent as they send theirs, and what is said meanwhile is listened
//! to. Nothing here decides anything, and no secret comes near it.

use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::session::{Ask, Shared};
use super::{Door, Network, Remote, below, endpoint};
use crate::limits::ERROR_BODY_BYTES;
use crate::oci::{RegistryHost, Repository};
use crate::registry::auth::CredentialSource;
use crate::registry::dialect::{self, Trial};
use crate::registry::error::{AskedAs, Question, Thing, outside, said, shown_host};
use crate::registry::talk::{Demanded, Event, Talk, TokenAsked};
use crate::registry::transport::Method;
use crate::registry::wire::foreign::{self, Foreign};
use crate::registry::wire::scope::Wanted;
use crate::registry::{RateLimit, RegistryError, RepositoryListing, hub};
use crate::safe::Safe;

/// What came of asking a registry, and how.
#[derive(Debug, Clone)]
pub struct Examination {
    /// The registry.
    pub host: RegistryHost,
    /// The repository that was asked for, if one was.
    pub repository: Option<Repository>,
    /// Where it is asked.
    pub address: Safe,
    /// Where its credential comes from; none where the user wants it to be asked without.
    pub source: Option<CredentialSource>,
    /// As whom: the account, nobody, or why there is no telling.
    pub account: Result<AskedAs, RegistryError>,
    /// What it demanded last.
    pub demanded: Option<Demanded>,
    /// The tokens that were asked for.
    pub tokens: Vec<TokenAsked>,
    /// As whom it let us in, or why it did not.
    pub answer: Result<AskedAs, RegistryError>,
    /// How much it still allows.
    pub limit: Option<RateLimit>,
    /// The vendor's own listings, where it has some.
    pub listings: Option<Listings>,
}

/// What came of asking a vendor whether its own listings take the login.
#[derive(Debug, Clone)]
pub struct Listings {
    /// The word for its dialect.
    pub dialect: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The host of its API, where they are not at the registry itself.
    pub api: Option<Safe>,
    /// How its repositories can be listed.
    pub repositories: RepositoryListing,
    /// As whom they let us in, or why they do not; none where nobody was asked: without a login, where the registry does
    /// not let us in, and where nothing but a listing can tell.
    pub answer: Option<Result<AskedAs, RegistryError>>,
}

/// What is said while a registry is asked.
#[derive(Default)]
struct Overheard {
    demanded: Option<Demanded>,
    tokens: Vec<TokenAsked>,
}

impl Network {
    /// Asks a registry whether it lets us in, or lets us pull a repository, and tells how that went.
    pub async fn examine(&self, host: RegistryHost, repository: Option<Repository>) -> Examination {
        let heard = Arc::<Mutex<Overheard>>::default();
        let remote = self
            .overheard(&heard)
            .registry(host.clone(), host.to_string());
        let is_anonymous = self.shared.trust.of(&host).anonymous;
        let account = match is_anonymous {
            true => Ok(AskedAs::Nobody),
            false => self.account(&host).await,
        };
        let answer = match &repository {
            Some(repository) => remote.lets_pull(repository).await,
            None => remote.lets_in().await,
        };
        // What is asked for the limit's sake is another matter.
        let Overheard { demanded, tokens } =
            std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner));
        let limit = match &answer {
            Ok(_) => remote.limit_left().await,
            Err(_) => remote.session.rate_limit(),
        };
        let listings = remote
            .listings(&account, &answer, repository.as_ref())
            .await;
        Examination {
            listings,
            source: (!is_anonymous).then(|| self.credential_source(&host)),
            address: outside(endpoint::root(&remote.session.base()).as_str()),
            host,
            repository,
            account,
            demanded,
            tokens,
            answer,
            limit,
        }
    }

    /// A network that is the same but for who listens.
    fn overheard(&self, heard: &Arc<Mutex<Overheard>>) -> Self {
        let (heard, talk) = (Arc::clone(heard), self.shared.talk.clone());
        let listener = move |event: Event| {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            match &event {
                Event::Challenged { demand, .. } => heard.demanded = Some(demand.clone()),
                Event::Token(asked) => heard.tokens.push(TokenAsked::clone(asked)),
                _ => {}
            }
            talk.say(event);
        };
        Self {
            shared: Arc::new(Shared {
                talk: Talk::to(listener),
                ..Shared::clone(&self.shared)
            }),
            limits: self.limits.clone(),
        }
    }

    async fn account(&self, host: &RegistryHost) -> Result<AskedAs, RegistryError> {
        let Shared {
            keychain,
            timing,
            talk,
            ..
        } = &*self.shared;
        let credential = keychain.credential(host, timing, talk).await;
        let credential = credential.map_err(|error| RegistryError::Credential(Box::new(error)))?;
        Ok(AskedAs::of(&credential))
    }
}

impl Remote {
    /// Asks for nothing but to be let in.
    async fn lets_in(&self) -> Result<AskedAs, RegistryError> {
        let path = || Safe::new("/v2/");
        let thing = || Thing::Path(path());
        let ask = Ask {
            method: Method::Get,
            url: &endpoint::root,
            wanted: Wanted::Nothing,
            accept: None,
            bound: ERROR_BODY_BYTES,
            question: Question::Path(path()),
            thing: &thing,
        };
        let heard = self.session.ask(&ask).await?;
        match heard.reply.status {
            200..=299 => match foreign::check(&heard.reply.body) {
                Err(why @ Foreign::Other(_)) if is_page(&heard.reply.body) => {
                    Err(RegistryError::malformed(thing(), why))
                }
                _ => Ok(heard.asked_as),
            },
            404 => Err(RegistryError::malformed(
                thing(),
                "it is a 404, so no registry is there",
            )),
            _ => Err(said(&heard.reply, Question::Path(path()), heard.asked_as)),
        }
    }

    /// Asks whether its vendor's own listings take the login, if the registry does.
    async fn listings(
        &self,
        account: &Result<AskedAs, RegistryError>,
        answer: &Result<AskedAs, RegistryError>,
        repository: Option<&Repository>,
    ) -> Option<Listings> {
        let is_own = self.dialect.name() != dialect::standard().name();
        let is_let_in = answer.is_ok() && matches!(account, Ok(AskedAs::Account(_)));
        let answer = match self.dialect.trial(repository) {
            Some(trial) if is_let_in => Some(self.try_out(trial).await),
            _ => None,
        };
        is_own.then(|| Listings {
            dialect: self.dialect.name(),
            title: self.dialect.title(),
            api: self.api.as_ref().map(|api| shown_host(&api.base)),
            repositories: self.capabilities.repositories,
            answer,
        })
    }

    async fn try_out(&self, trial: Trial<'_>) -> Result<AskedAs, RegistryError> {
        let question = Question::Repositories;
        let fetched = match (trial, &self.api) {
            (Trial::Get(door, path), _) => {
                let at = |base: &Url| {
                    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
                    let mut url = below(base, path);
                    url.set_query(Some(query).filter(|query| !query.is_empty()));
                    url
                };
                self.fetch(door, &at, &question).await?
            }
            (Trial::At(at), _) => self.fetch(Door::Api, &at, &question).await?,
            (Trial::Token, Some(api)) => return api.takes(self.session.login()).await,
            (Trial::Token, None) => return Ok(AskedAs::Nobody),
        };
        fetched.good(question)?;
        Ok(fetched.asked_as.clone())
    }

    /// What it said last about how much it allows; Docker Hub says so for a manifest only.
    pub(super) async fn limit_left(&self) -> Option<RateLimit> {
        if self.session.rate_limit().is_none() && hub::is_hub(self.session.host()) {
            let (repository, which) = hub::preview();
            // Whatever it answers, its headers say it or nothing does.
            let _answer = self
                .ask_for(&self.session, Method::Head, &repository, &which, usize::MAX)
                .await;
        }
        self.session.rate_limit()
    }
}

/// Tells whether a body is a page for people. Some registries answer `true`, or nothing.
fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}
