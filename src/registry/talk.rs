//! What this room has to say while it asks. Values: `cli` puts them into words, or keeps quiet.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::oci::RegistryHost;
use crate::safe::Safe;

/// Something worth saying, at the moment it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A request was answered, or was not.
    Request(Trace),
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
    /// The last page of a listing was full and named no next one, so there may be more (threats B6).
    MaybeMore {
        /// What was listed, such as the tags of a repository.
        listing: Safe,
    },
}

/// In which way a host is asked less safely than over verified TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insecurity {
    /// In the clear.
    PlainHttp,
    /// Over TLS with a certificate nobody verified.
    UnverifiedTls,
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
}

impl fmt::Debug for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Talk")
    }
}
