//! Token servers: which of them may see a registry's credential (threats A1, A2; design §8).
//!
//! The realm of a challenge is whatever the registry, or whoever speaks in its name, writes there. Posting a password to
//! it is how several clients lost theirs. Here is decided by names alone; where a name leads is looked at when the
//! connection is made (threats A3).

use url::{Host, Url};

use crate::oci::{RegistryHost, Scheme};
use crate::registry::trust::Consent;
use crate::registry::wire::address::{self, host_of};

/// What may be done with a realm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::registry) enum RealmVerdict {
    /// It may see the credential.
    Trusted,
    /// It is foreign: it may be asked, but without the credential.
    Anonymous,
    /// It is not asked at all.
    Refused(RealmFlaw),
}

/// What a token server is to a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the registry itself.
    Same,
    /// Its domain is above the registry's.
    Parent,
    /// It is known to be the registry's, by our table.
    Known,
    /// The user allowed it.
    Allowed,
    /// It is foreign.
    Foreign,
}

/// Why a realm is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::registry) enum RealmFlaw {
    /// It is no address.
    #[error("the realm of its challenge is not an address")]
    Malformed,
    /// It is neither http nor https.
    #[error("the realm of its challenge is neither https nor http")]
    Scheme,
    /// It names a user.
    #[error("the realm of its challenge has a user name in it")]
    Userinfo,
    /// The registry is asked over TLS, and the token server would be asked without.
    #[error("the realm of its challenge is http, although the registry is asked over https")]
    Downgrade,
}

/// Registries whose token server has another name that no rule covers. Each pair is public knowledge, and each is the
/// same company's.
const PAIRS: [(&str, &str); 7] = [
    ("docker.io", "auth.docker.io"),
    ("index.docker.io", "auth.docker.io"),
    ("registry-1.docker.io", "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
    ("registry.digitalocean.com", "api.digitalocean.com"),
    (
        "registry.aliyuncs.com",
        "dockerauth.cn-hangzhou.aliyuncs.com",
    ),
    (
        "registry.cn-hangzhou.aliyuncs.com",
        "dockerauth.cn-hangzhou.aliyuncs.com",
    ),
];

/// Makes an address of a realm, which may be relative to the request that was answered with it.
pub(in crate::registry) fn resolve(realm: &str, request: &Url) -> Result<Url, RealmFlaw> {
    // Readers of addresses differ on these, so nobody who means well writes them.
    if realm.contains(|c: char| c.is_control() || c == '\\') {
        return Err(RealmFlaw::Malformed);
    }
    request.join(realm).map_err(|_| RealmFlaw::Malformed)
}

/// Decides about a realm.
///
/// `request` is the request that was answered with it, `host` the registry as the user names it, to whom the credential
/// belongs, `consent` what the user allows for it.
pub(in crate::registry) fn verdict(
    request: &Url,
    host: &RegistryHost,
    realm: &Url,
    consent: &Consent,
) -> RealmVerdict {
    if let Some(flaw) = flaw(request, realm) {
        return RealmVerdict::Refused(flaw);
    }
    match standing(request, host, realm, consent) {
        Standing::Foreign => RealmVerdict::Anonymous,
        _ => RealmVerdict::Trusted,
    }
}

/// What a realm is to a registry; see [`verdict`].
pub(in crate::registry) fn standing(
    request: &Url,
    host: &RegistryHost,
    realm: &Url,
    consent: &Consent,
) -> Standing {
    let is_https = realm.scheme() == "https";
    if realm.origin() == request.origin() {
        Standing::Same
    } else if is_allowed(realm, consent) {
        Standing::Allowed
    } else if is_https && is_known(realm, host) {
        Standing::Known
    } else if is_https && is_above(realm, host) {
        Standing::Parent
    } else {
        Standing::Foreign
    }
}

fn flaw(request: &Url, realm: &Url) -> Option<RealmFlaw> {
    if !matches!(realm.scheme(), "https" | "http") {
        Some(RealmFlaw::Scheme)
    } else if !realm.username().is_empty() || realm.password().is_some() {
        Some(RealmFlaw::Userinfo)
    } else if realm.scheme() == "http" && request.scheme() != "http" {
        Some(RealmFlaw::Downgrade)
    } else if host_of(realm).is_none() {
        // Nobody else's consents are for whom the user could not name (threats A3, N3).
        Some(RealmFlaw::Malformed)
    } else {
        None
    }
}

/// Tells whether the user named this host and port.
fn is_allowed(realm: &Url, consent: &Consent) -> bool {
    let scheme = match realm.scheme() {
        "http" => Scheme::Http,
        _ => Scheme::Https,
    };
    let Some(server) = host_of(realm).map(|server| server.origin(scheme)) else {
        return false;
    };
    let mut allowed = consent.token_servers.iter();
    allowed.any(|allowed| allowed.origin(scheme) == server)
}

/// Tells whether the token server is known to be the registry's, by our table.
fn is_known(realm: &Url, host: &RegistryHost) -> bool {
    let ports =
        realm.port_or_known_default() == Some(443) && host.port().is_none_or(|port| port == 443);
    let server = realm.host_str().unwrap_or_default();
    ports && PAIRS.contains(&(host.host(), server))
}

/// Tells whether the token server is known to be the registry's, by its name.
fn is_above(realm: &Url, host: &RegistryHost) -> bool {
    let Some(Host::Domain(server)) = realm.host() else {
        return false;
    };
    let port = realm.port_or_known_default();
    is_parent(server, host) && (port == Some(443) || port == host.port())
}

/// Tells whether a domain is above the registry's, and not one that a country or a company gives to strangers: `co.uk` has
/// two labels, and so has `github.io`, hence one label more where the last has two letters.
fn is_parent(domain: &str, host: &RegistryHost) -> bool {
    let is_address = address::literal(host.host()).is_some();
    let above = host
        .host()
        .strip_suffix(domain)
        .is_some_and(|below| below.ends_with('.'));
    let last = domain.rsplit('.').next().unwrap_or_default();
    let labels = if last.len() == 2 { 3 } else { 2 };
    above && !is_address && domain.split('.').count() >= labels
}

#[cfg(test)]
mod tests {
    use super::RealmVerdict::{Anonymous, Refused, Trusted};
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn judged(host: &str, realm: &str, consent: &Consent) -> RealmVerdict {
        let scheme = if consent.plain_http { "http" } else { "https" };
        let request = url(&format!("{scheme}://{host}/v2/app/tags/list"));
        match resolve(realm, &request) {
            Ok(realm) => verdict(&request, &host.parse().unwrap(), &realm, consent),
            Err(flaw) => Refused(flaw),
        }
    }

    fn of(host: &str, realm: &str) -> RealmVerdict {
        judged(host, realm, &Consent::default())
    }

    fn over_http(host: &str, realm: &str) -> RealmVerdict {
        let consent = Consent {
            plain_http: true,
            ..Consent::default()
        };
        judged(host, realm, &consent)
    }

    fn allowing(server: &str) -> Consent {
        Consent {
            token_servers: [server.parse().unwrap()].into(),
            ..Consent::default()
        }
    }

    #[test]
    fn a1_the_registry_itself_may_see_its_credential() {
        for (host, realm) in [
            ("ghcr.io", "https://ghcr.io/token"),
            ("ghcr.io", "https://GHCR.io:443/token"),
            ("quay.io", "https://quay.io/v2/auth"),
            ("public.ecr.aws", "https://public.ecr.aws/token/"),
            ("gcr.io", "https://gcr.io/v2/token"),
            (
                "europe-docker.pkg.dev",
                "https://europe-docker.pkg.dev/v2/token",
            ),
            ("acme.azurecr.io", "https://acme.azurecr.io/oauth2/token"),
            ("codeberg.org", "https://codeberg.org/v2/token"),
            (
                "registry.redhat.io",
                "https://registry.redhat.io/auth/realms/rhcc/protocol/redhat-docker-v2/auth",
            ),
            ("registry.test:5000", "https://registry.test:5000/token"),
            ("10.0.0.1:5000", "https://10.0.0.1:5000/token"),
            ("[::1]:5000", "https://[0::1]:5000/token"),
            ("registry.test", "/token"),
            ("registry.test", "token?x=1"),
            ("registry.test", "//registry.test/token"),
        ] {
            assert_eq!(of(host, realm), Trusted, "{host} {realm}");
        }
    }

    #[test]
    fn a1_each_pair_of_the_table_is_trusted_and_only_as_it_stands() {
        for (host, server) in PAIRS {
            let realm = format!("https://{server}/token");
            assert_eq!(of(host, &realm), Trusted, "{host}");
            assert_eq!(of(&format!("{host}:443"), &realm), Trusted, "{host}");
            assert_eq!(
                of(&format!("{host}:5000"), &format!("https://{server}:5001/")),
                Anonymous,
                "{host}"
            );
            for other in [
                format!("https://{server}:8443/token"),
                format!("https://evil.{server}/token"),
                format!("https://{server}.evil.example/token"),
                format!("https://evil-{server}/token"),
            ] {
                assert_eq!(of(host, &other), Anonymous, "{host} {other}");
            }
            assert_eq!(
                of(host, &format!("http://{server}/token")),
                Refused(RealmFlaw::Downgrade)
            );
        }
        assert_eq!(
            of("evil.docker.io", "https://auth.docker.io/token"),
            Anonymous
        );
        assert_eq!(of("docker.io", "https://gitlab.com/jwt/auth"), Anonymous);
    }

    #[test]
    fn a1_a_domain_above_the_registry_is_trusted() {
        for (host, realm) in [
            ("registry.acme.dev", "https://acme.dev/token"),
            ("registry.acme.dev", "https://acme.dev:443/token"),
            ("registry.acme.dev:5000", "https://acme.dev/token"),
            ("registry.acme.dev:5000", "https://acme.dev:5000/token"),
            ("a.b.acme.dev", "https://b.acme.dev/token"),
            ("a.b.acme.dev", "https://acme.dev/token"),
            ("registry.gitlab.acme.io", "https://gitlab.acme.io/jwt/auth"),
            ("registry.acme.co.uk", "https://acme.co.uk/token"),
        ] {
            assert_eq!(of(host, realm), Trusted, "{host} {realm}");
        }
        assert_eq!(
            over_http("registry.acme.dev:5000", "https://acme.dev/token"),
            Trusted
        );
    }

    #[test]
    fn a1_a_foreign_realm_never_sees_the_credential() {
        for (host, realm) in [
            ("registry.acme.dev", "https://evil.example/token"),
            ("registry.acme.dev", "//evil.example/token"),
            ("registry.acme.dev", "https://auth.acme.dev/token"),
            ("registry.acme.dev", "https://other.acme.dev/token"),
            ("registry.acme.dev", "https://a.registry.acme.dev/token"),
            ("registry.acme.dev", "https://registry.acme.dev:8443/token"),
            ("registry.acme.dev", "https://acme.dev:8443/token"),
            ("registry.acme.dev:5000", "https://registry.acme.dev/token"),
            ("registry.acme.dev", "https://dev/token"),
            ("registry.acme.dev", "https://me.dev/token"),
            ("registry.acme.dev", "https://acme.dev.evil.example/token"),
            ("registry.acme.co.uk", "https://co.uk/token"),
            ("user.github.io", "https://github.io/token"),
            ("registry.acme.io", "https://acme.io/token"),
            ("10.0.0.1", "https://0.0.1/token"),
            ("10.0.0.1:5000", "https://10.0.0.1/token"),
            ("10.0.0.1:5000", "https://10.0.0.2:5000/token"),
            ("registry.acme.dev", "https://169.254.169.254/token"),
            ("registry.acme.dev", "https://xn--cme-cla.dev/token"),
            ("registry.acme.dev", "https://registry.acme.dev./token"),
        ] {
            assert_eq!(of(host, realm), Anonymous, "{host} {realm}");
        }
    }

    #[test]
    fn a1_what_the_user_allowed_is_trusted() {
        for (server, realm, expected) in [
            ("auth.acme.dev", "https://auth.acme.dev/token", Trusted),
            ("auth.acme.dev:443", "https://auth.acme.dev/token", Trusted),
            (
                "auth.acme.dev:8443",
                "https://auth.acme.dev:8443/token",
                Trusted,
            ),
            (
                "auth.acme.dev",
                "https://auth.acme.dev:8443/token",
                Anonymous,
            ),
            (
                "auth.acme.dev:8443",
                "https://auth.acme.dev/token",
                Anonymous,
            ),
            (
                "auth.acme.dev",
                "https://evil.auth.acme.dev/token",
                Anonymous,
            ),
            (
                "auth.acme.dev",
                "http://auth.acme.dev/token",
                Refused(RealmFlaw::Downgrade),
            ),
        ] {
            assert_eq!(
                judged("registry.acme.dev", realm, &allowing(server)),
                expected,
                "{realm}"
            );
        }
    }

    #[test]
    fn a2_a_realm_is_at_least_as_safe_as_the_registry() {
        for realm in [
            "http://registry.test/token",
            "http://evil.example/token",
            "HTTP://registry.test:443/token",
        ] {
            assert_eq!(
                of("registry.test", realm),
                Refused(RealmFlaw::Downgrade),
                "{realm}"
            );
        }
    }

    #[test]
    fn a2_without_tls_only_the_registry_itself_and_what_the_user_named_see_the_credential() {
        for (realm, expected) in [
            ("http://127.0.0.1:5000/token", Trusted),
            ("/token", Trusted),
            ("http://127.0.0.1:5001/token", Anonymous),
            ("http://127.0.0.2:5000/token", Anonymous),
            ("https://127.0.0.1:5000/token", Anonymous),
        ] {
            assert_eq!(over_http("127.0.0.1:5000", realm), expected, "{realm}");
        }
        assert_eq!(
            over_http("registry.acme.dev", "http://acme.dev/token"),
            Anonymous
        );
        let consent = Consent {
            plain_http: true,
            ..allowing("127.0.0.1:5001")
        };
        assert_eq!(
            judged("127.0.0.1:5000", "http://127.0.0.1:5001/token", &consent),
            Trusted
        );
    }

    #[test]
    fn b1_what_is_no_realm_is_refused() {
        for (realm, flaw) in [
            ("ftp://registry.test/", RealmFlaw::Scheme),
            ("file:///etc/passwd", RealmFlaw::Scheme),
            ("data:,x", RealmFlaw::Scheme),
            ("javascript:x", RealmFlaw::Scheme),
            ("https://user@registry.test/", RealmFlaw::Userinfo),
            ("https://:secret@registry.test/", RealmFlaw::Userinfo),
            ("https://registry.test@evil.example/", RealmFlaw::Userinfo),
            ("https://", RealmFlaw::Malformed),
            ("https://a b/", RealmFlaw::Malformed),
            ("https://registry.test:99999/", RealmFlaw::Malformed),
            // Addresses that are ones, of hosts that nobody could name.
            ("https://evil.example:0/token", RealmFlaw::Malformed),
            ("https://-a.example/token", RealmFlaw::Malformed),
            ("https:\\\\registry.test/", RealmFlaw::Malformed),
            (
                "https://registry.test\\@evil.example/",
                RealmFlaw::Malformed,
            ),
            ("/token\r\nX-Evil: 1", RealmFlaw::Malformed),
            ("ht\ttps://registry.test/", RealmFlaw::Malformed),
        ] {
            assert_eq!(of("registry.test", realm), Refused(flaw), "{realm:?}");
        }
    }

    #[test]
    fn a1_an_endpoint_in_the_place_of_a_registry_is_the_registry() {
        let host: RegistryHost = "docker.io".parse().unwrap();
        let judge = |realm: &str| {
            verdict(
                &url("http://127.0.0.1:5000/v2/"),
                &host,
                &url(realm),
                &Consent::default(),
            )
        };
        assert_eq!(judge("http://127.0.0.1:5000/token"), Trusted);
        assert_eq!(judge("https://auth.docker.io/token"), Trusted);
        assert_eq!(judge("http://auth.docker.io/token"), Anonymous);
        assert_eq!(judge("http://127.0.0.1:5001/token"), Anonymous);
    }

    #[test]
    fn a1_the_token_server_is_named_as_it_can_be_allowed() {
        for (realm, server) in [
            ("https://auth.acme.dev/token", "auth.acme.dev"),
            ("https://auth.acme.dev:8443/token", "auth.acme.dev:8443"),
            ("http://127.0.0.1:5001/", "127.0.0.1:5001"),
            ("https://[::1]:5001/", "[::1]:5001"),
        ] {
            let server: RegistryHost = server.parse().unwrap();
            assert_eq!(host_of(&url(realm)), Some(server), "{realm}");
        }
        assert_eq!(host_of(&url("data:,x")), None);
    }
}
