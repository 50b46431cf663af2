//! What this room has to say while it asks. Values: `cli` puts them into words, or keeps quiet.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::auth::Standing;
use super::capabilities::Counted;
use super::error::{AskedAs, RegistryError};
use super::wire::claims::Access;
use super::wire::rate_limit::RateLimit;
use crate::oci::{RegistryHost, Repository, Tag};
use crate::safe::Safe;

/// Something worth saying, at the moment it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request was answered, or was not.
    Request(Trace),
    /// Somebody is waited for from now on.
    Waiting(Far),
    /// Nobody waits for them any more: they answered, failed, or are not needed.
    Waited(Far),
    /// A host is left alone for so long before it is asked again.
    Pause {
        /// Who is left alone.
        host: Safe,
        /// How long.
        time: Duration,
        /// What for.
        why: Pausing,
    },
    /// A registry's `Warning` header (distribution-spec 1.1, "Warnings").
    Warning {
        /// Who warns.
        host: RegistryHost,
        /// What it says.
        text: Safe,
    },
    /// The first request with a credential goes to this host, which a query file names (threats G2).
    Account {
        /// Who is asked.
        host: RegistryHost,
        /// As whom.
        account: Safe,
    },
    /// A host is asked anonymously although there is a credential, because its token server is not known to belong to it
    /// (threats A1, A12).
    Withheld {
        /// Who is asked.
        host: RegistryHost,
        /// Who did not get the credential.
        token_server: Safe,
    },
    /// A registry demands a login, or another one than before.
    Challenged {
        /// Who demands it.
        host: RegistryHost,
        /// What it demands.
        demand: Demanded,
    },
    /// A token server was asked for a token.
    Token(Box<TokenAsked>),
    /// A run is going to ask for more than a host still allows.
    Shortage {
        /// Who will stop answering.
        host: RegistryHost,
        /// How much is going to be asked for at most, of what the host counts.
        wanted: u64,
        /// What it counts.
        counted: Counted,
        /// What it still allows.
        limit: RateLimit,
    },
    /// A credential helper takes long (threats I3).
    Helper {
        /// The helper program's name.
        program: String,
    },
    /// A host is asked without TLS, or without looking at its certificate (threats N2).
    Insecure {
        /// Who is asked.
        host: RegistryHost,
        /// How.
        how: Insecurity,
    },
    /// A mirror failed, and is left alone for a while.
    MirrorLeft {
        /// The registry that is asked in its place.
        host: RegistryHost,
        /// The mirror.
        mirror: RegistryHost,
        /// How it failed.
        why: Safe,
    },
    /// A vendor's listing did not give all of a listing, and the rest comes from the registry's own list, which only names.
    NamesOnly {
        /// What was listed, such as the tags of a repository.
        listing: Safe,
        /// What became of the vendor's listing.
        why: Safe,
    },
    /// A vendor lists nothing below a namespace, which is also what it says of a namespace that does not exist.
    NothingBelow {
        /// What people call the vendor.
        vendor: &'static str,
        /// The namespace.
        namespace: Safe,
    },
    /// A vendor's listing leaves something out, as it tells itself.
    LeftOut {
        /// What was listed, such as the manifests of a repository.
        listing: Safe,
        /// What is not on it.
        what: &'static str,
    },
    /// The last page of a listing was full and named no next one, so there may be more (threats B6).
    MaybeMore {
        /// What was listed, such as the tags of a repository.
        listing: Safe,
    },
    /// A registry has named things, or has what was asked for by its name.
    Named {
        /// Which registry.
        host: RegistryHost,
        /// What it has.
        names: Names,
    },
}

/// Names of things that a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Repositories.
    Repositories(Vec<Repository>),
    /// Tags of a repository.
    Tags(Repository, Vec<Tag>),
    /// Nothing new: the tags of this repository that were named in this run are all that it has.
    NoMoreTags(Repository),
}

/// Who is waited for, once for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Far {
    /// A host.
    Host(Safe),
    /// A credential helper, which may have something to ask of its own.
    Helper,
}

/// Why a host is left alone for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pausing {
    /// It asks for it.
    Asked,
    /// A request failed, and is tried again.
    Failed,
}

/// In which way a host is asked less safely than over verified TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insecurity {
    /// In the clear.
    PlainHttp,
    /// Over TLS with a certificate nobody verified.
    UnverifiedTls,
}

/// What a registry demands of those who ask it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demanded {
    /// A user name and a password.
    Basic,
    /// A token.
    Bearer {
        /// Where it is to be had, without the query of the address.
        realm: Safe,
        /// Whom it is for.
        service: Option<Safe>,
        /// What it should allow, in the registry's words.
        scope: Option<Safe>,
    },
}

/// One token that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAsked {
    /// For which registry.
    pub host: RegistryHost,
    /// The token server.
    pub server: Safe,
    /// What it is to the registry.
    pub standing: Standing,
    /// As whom it was asked.
    pub asked_as: AskedAs,
    /// What the token should allow; nothing in particular, where somebody only wants to be let in.
    pub scope: Option<Safe>,
    /// What came of it.
    pub outcome: Result<TokenGiven, RegistryError>,
}

impl TokenAsked {
    /// Tells whether a token was given.
    pub fn is_given(&self) -> bool {
        self.outcome.is_ok()
    }
}

/// A token as it may be shown: all but the token (threats K1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenGiven {
    /// How long it is used.
    pub lifetime: Duration,
    /// Whether the token server says how long it is good.
    pub says_lifetime: bool,
    /// What it allows.
    pub access: Access,
    /// What of the scope it does not allow.
    pub lacking: Vec<Safe>,
}

/// One request as it may be shown: no header, no query of a signed address, no secret (threats K1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// `GET`, `HEAD` or `POST`.
    pub method: &'static str,
    /// The address without user, query values of foreign hosts, or fragment.
    pub url: Safe,
    /// The status, or why there was none.
    pub outcome: Result<u16, Safe>,
    /// `HTTP/1.1`, `HTTP/2`; empty without an answer.
    pub version: &'static str,
    /// How many bytes the body had.
    pub bytes: usize,
    /// From sending to the last byte.
    pub took: Duration,
}

/// Where events go.
#[derive(Clone)]
pub struct Talk(Arc<dyn Fn(Event) + Send + Sync>);

impl Talk {
    /// Hands events to `listener`, which may be called from any thread.
    pub fn to(listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// Says nothing to anybody.
    pub fn quiet() -> Self {
        Self::to(|_| {})
    }

    pub(super) fn say(&self, event: Event) {
        (self.0)(event);
    }

    /// Says that somebody is waited for, until what is given is dropped.
    pub(super) fn wait_for(&self, far: Far) -> Wait<'_> {
        self.say(Event::Waiting(far.clone()));
        Wait { talk: self, far }
    }
}

/// Somebody is waited for as long as this is there.
pub(super) struct Wait<'a> {
    talk: &'a Talk,
    far: Far,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.talk.say(Event::Waited(self.far.clone()));
    }
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Talk")
    }
}
