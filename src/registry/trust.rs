//! What the user has consented to and set, host by host (threats G1, S2).
//!
//! A value that `cli` makes of flags and the user's own settings and hands down. A query file has no way in, and consent
//! for one host and port is consent for no other; a registry that has several names is one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use url::Url;

use super::dialect::{self, DialectName};
use crate::oci::RegistryHost;

/// The consents of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    hosts: BTreeMap<RegistryHost, Consent>,
    anonymous: bool,
}

/// What the user allows for one host and port; nothing, where they did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// The user typed this host and port, so that it may lie in a private network.
    pub named: bool,
    /// It may be asked without TLS, credentials included.
    pub plain_http: bool,
    /// Its certificate need not be valid.
    pub insecure_tls: bool,
    /// It is asked without credentials, even where there are some.
    pub anonymous: bool,
    /// The token servers, beside those known to belong to it, that may see its credentials (threats A1).
    pub token_servers: BTreeSet<RegistryHost>,
    /// The address that is asked in place of `https://HOST`; http only for loopback.
    pub endpoint: Option<Url>,
    /// The hosts that are asked before it for what a digest names, in this order.
    pub mirrors: Vec<RegistryHost>,
    /// The address of its vendor's API, in place of the one that is known; http only for loopback.
    pub api: Option<Url>,
    /// Whose way of listing it has, whatever its name says.
    pub dialect: Option<DialectName>,
    /// A PEM file of certificates to trust for it, beside the system's.
    pub ca: Option<PathBuf>,
    /// The most requests in flight.
    pub parallel: Option<usize>,
    /// The most requests begun in a second.
    pub requests_per_second: Option<u32>,
}

impl Trust {
    /// Adds to what is allowed and set for a host: nothing that was allowed before is taken back, the later of two
    /// settings counts.
    pub fn allow(&mut self, host: RegistryHost, more: Consent) {
        let consent = self.hosts.entry(dialect::one_name(host)).or_default();
        consent.named |= more.named;
        consent.plain_http |= more.plain_http;
        consent.insecure_tls |= more.insecure_tls;
        consent.anonymous |= more.anonymous;
        consent.token_servers.extend(more.token_servers);
        consent.api = more.api.or(consent.api.take());
        consent.dialect = more.dialect.or(consent.dialect);
        consent.endpoint = more.endpoint.or(consent.endpoint.take());
        if !more.mirrors.is_empty() {
            consent.mirrors = more.mirrors;
        }
        consent.ca = more.ca.or(consent.ca.take());
        consent.parallel = more.parallel.or(consent.parallel);
        consent.requests_per_second = more.requests_per_second.or(consent.requests_per_second);
    }

    /// Has every host asked without credentials.
    pub fn ask_anonymously(&mut self) {
        self.anonymous = true;
    }

    /// What is allowed for a host.
    pub fn of(&self, host: &RegistryHost) -> Consent {
        let name = dialect::one_name(host.clone());
        let mut consent = self.hosts.get(&name).cloned().unwrap_or_default();
        consent.anonymous |= self.anonymous;
        consent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> RegistryHost {
        text.parse().unwrap()
    }

    #[test]
    fn n2_consent_for_one_host_and_port_is_consent_for_no_other() {
        let mut trust = Trust::default();
        let plain = Consent {
            plain_http: true,
            ..Consent::default()
        };
        trust.allow(host("registry.local:5000"), plain.clone());
        assert_eq!(trust.of(&host("REGISTRY.local:5000")), plain);
        for other in [
            "registry.local",
            "registry.local:5001",
            "evil.registry.local:5000",
        ] {
            assert_eq!(trust.of(&host(other)), Consent::default(), "{other}");
        }
    }

    #[test]
    fn a7_the_names_of_one_registry_are_one_and_nobody_elses() {
        let mut trust = Trust::default();
        let few = Consent {
            parallel: Some(4),
            ..Consent::default()
        };
        trust.allow(host("index.docker.io"), few.clone());
        for name in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
            assert_eq!(trust.of(&host(name)), few, "{name}");
        }
        for other in [
            "docker.io:443",
            "hub.docker.com",
            "a.docker.io",
            "docker.io.evil.net",
        ] {
            assert_eq!(trust.of(&host(other)), Consent::default(), "{other}");
        }
    }

    #[test]
    fn what_was_allowed_stays_allowed() {
        let mut trust = Trust::default();
        let token_server = |name: &str| Consent {
            token_servers: [host(name)].into(),
            ..Consent::default()
        };
        let anonymous = Consent {
            anonymous: true,
            ..Consent::default()
        };
        for consent in [
            token_server("auth.a.dev"),
            anonymous,
            token_server("auth.b.dev"),
        ] {
            trust.allow(host("a.dev"), consent);
        }
        let consent = trust.of(&host("a.dev"));
        assert!(consent.anonymous && consent.token_servers.len() == 2);
        assert!(!consent.plain_http && !consent.insecure_tls && !consent.named);
    }
}
