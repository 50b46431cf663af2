//! What the user has consented to, host by host (threats G1, S2).
//!
//! A value that `cli` makes of flags and the user's own settings and hands down. A query file has no way in, and consent
//! for one host and port is consent for no other.

use std::collections::{BTreeMap, BTreeSet};

use crate::oci::RegistryHost;

/// The consents of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    hosts: BTreeMap<RegistryHost, Consent>,
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
}

impl Trust {
    /// Adds to what is allowed for a host; nothing that was allowed before is taken back.
    pub fn allow(&mut self, host: RegistryHost, more: Consent) {
        let consent = self.hosts.entry(host).or_default();
        consent.named |= more.named;
        consent.plain_http |= more.plain_http;
        consent.insecure_tls |= more.insecure_tls;
        consent.anonymous |= more.anonymous;
        consent.token_servers.extend(more.token_servers);
    }

    /// What is allowed for a host.
    pub fn of(&self, host: &RegistryHost) -> Consent {
        self.hosts.get(host).cloned().unwrap_or_default()
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
