//! Which keys of which document are a host's: exact host and port, never a part of a name (threats A7).
//!
//! | document | keys of `ghcr.io` |
//! |---|---|
//! | `DOCKER_AUTH_CONFIG`, `credHelpers` of Docker | `ghcr.io` |
//! | `auths` of Docker | also `https://ghcr.io`, `http://ghcr.io`, and with `/v1/` or `/v2/` after it |
//! | podman's | the same, a path only after a scheme |
//!
//! Docker takes a key such as `ghcr.io/acme` for the whole host, to podman it is that namespace's. We look up by host, so
//! we follow podman and leave it alone: the other reading could send a secret to where it does not belong.

use crate::oci::RegistryHost;
use crate::registry::hub::{self, is_hub};

/// The key under which Docker keeps the credential for Docker Hub, and what a helper is asked with.
pub(super) const HUB_KEY: &str = "https://index.docker.io/v1/";

/// Paths of API versions, which keys of old carry; any other path is a namespace or something else.
const VERSION_PATHS: [&str; 6] = ["", "/", "/v1", "/v1/", "/v2", "/v2/"];

/// How the keys of a document are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Only as Docker itself writes them.
    Exact,
    /// As Docker reads `auths`.
    Docker,
    /// As podman reads its `auth.json`.
    Podman,
}

/// How well a key fits; less is better. First which name of the host it has, then in which form.
pub(super) type Rank = (usize, usize);

impl Keys {
    /// How well `key` fits `host`; none if it is not the host's.
    pub(super) fn rank(self, key: &str, host: &RegistryHost) -> Option<Rank> {
        let exact = exact(key, host).map(|at| (0, at));
        match self {
            Self::Exact => exact,
            Self::Docker | Self::Podman => exact.or_else(|| self.by_host(key, host)),
        }
    }

    /// The host that a key is for; none where it is no host's as a whole. Docker Hub has one name.
    pub(super) fn host(self, key: &str) -> Option<RegistryHost> {
        let key = Key::parse(key)?;
        let is_namespace = self != Self::Docker && key.form == BARE && !key.path.is_empty();
        match (is_namespace, is_hub(&key.host)) {
            (true, _) => None,
            (false, true) => hub::NAMES[0].parse().ok(),
            (false, false) => Some(key.host),
        }
    }

    fn by_host(self, key: &str, host: &RegistryHost) -> Option<Rank> {
        let key = Key::parse(key)?;
        // Without a scheme, `/v2` is a namespace to podman.
        if self == Self::Podman && key.form == BARE && !key.path.is_empty() {
            return None;
        }
        let name = names(host).iter().position(|name| *name == key.host)?;
        Some((1 + name, key.form))
    }
}

/// What a helper is asked with for `host`.
pub(super) fn server(host: &RegistryHost) -> String {
    match is_hub(host) {
        true => HUB_KEY.to_owned(),
        false => host.to_string(),
    }
}

/// Tells whether two texts, each a key or a server's address, name the same host and port.
pub(super) fn same_server(one: &str, other: &str) -> bool {
    match (Key::parse_any_path(one), Key::parse_any_path(other)) {
        (Some(one), Some(other)) => {
            one.host == other.host || (is_hub(&one.host) && is_hub(&other.host))
        }
        _ => false,
    }
}

/// The place of a key among those that Docker itself would write; the same host in other letters comes after them.
fn exact(key: &str, host: &RegistryHost) -> Option<usize> {
    let own = || key.parse::<RegistryHost>().is_ok_and(|key| key == *host);
    // The one name of Docker Hub that Docker does not map to its key, so that its own key comes first.
    match (is_hub(host), host.host() == hub::ENDPOINT) {
        (true, false) => (key == HUB_KEY).then_some(0),
        _ if key == host.to_string() => Some(0),
        (true, true) if key == HUB_KEY => Some(1),
        _ => own().then_some(2),
    }
}

/// The names of the host, of which Docker Hub has several.
fn names(host: &RegistryHost) -> Vec<RegistryHost> {
    if !is_hub(host) {
        return vec![host.clone()];
    }
    let hub = hub::NAMES.iter().filter_map(|name| name.parse().ok());
    hub.collect()
}

/// Forms of a key, the more certain first.
const HTTPS: usize = 0;
const BARE: usize = 1;
const HTTP: usize = 2;

struct Key<'k> {
    host: RegistryHost,
    path: &'k str,
    form: usize,
}

impl<'k> Key<'k> {
    fn parse(text: &'k str) -> Option<Self> {
        Self::parse_any_path(text).filter(|key| VERSION_PATHS.contains(&key.path))
    }

    fn parse_any_path(text: &'k str) -> Option<Self> {
        let (form, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (HTTPS, rest),
            (_, Some(rest)) => (HTTP, rest),
            _ => (BARE, text),
        };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.parse().ok()?;
        Some(Self { host, path, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(keys: Keys, key: &str, host: &str) -> bool {
        keys.rank(key, &host.parse().unwrap()).is_some()
    }

    #[test]
    fn a_key_names_its_host_and_docker_hub_has_one_name() {
        for (keys, key, host) in [
            (Keys::Docker, "ghcr.io", Some("ghcr.io")),
            (Keys::Docker, "https://ghcr.io/v1/", Some("ghcr.io")),
            (Keys::Docker, "localhost:5000", Some("localhost:5000")),
            (Keys::Docker, HUB_KEY, Some("docker.io")),
            (Keys::Podman, "docker.io", Some("docker.io")),
            (Keys::Docker, "registry-1.docker.io", Some("docker.io")),
            // What `docker login` in a browser leaves beside the login.
            (
                Keys::Docker,
                "https://index.docker.io/v1/access-token",
                None,
            ),
            (
                Keys::Docker,
                "https://index.docker.io/v1/refresh-token",
                None,
            ),
            (Keys::Podman, "ghcr.io/v2", None),
            (Keys::Docker, "ghcr.io/acme", None),
            (Keys::Docker, "bob@ghcr.io", None),
        ] {
            let found = keys.host(key).map(|host| host.to_string());
            assert_eq!(found.as_deref(), host, "{key}");
        }
    }

    /// A key, a host, and whether it is the host's: exactly; as Docker reads it; as podman reads it.
    const TABLE: [(&str, &str, [u8; 3]); 56] = [
        ("ghcr.io", "ghcr.io", [1, 1, 1]),
        ("GHCR.io", "ghcr.io", [1, 1, 1]),
        ("ghcr.io", "GHCR.IO", [1, 1, 1]),
        ("https://ghcr.io", "ghcr.io", [0, 1, 1]),
        ("http://ghcr.io", "ghcr.io", [0, 1, 1]),
        ("https://ghcr.io/", "ghcr.io", [0, 1, 1]),
        ("https://ghcr.io/v1/", "ghcr.io", [0, 1, 1]),
        ("https://ghcr.io/v2/", "ghcr.io", [0, 1, 1]),
        ("ghcr.io/v1/", "ghcr.io", [0, 1, 0]),
        ("ghcr.io/v2", "ghcr.io", [0, 1, 0]),
        // A namespace is not the whole host.
        ("ghcr.io/o", "ghcr.io", [0, 0, 0]),
        ("ghcr.io/o/r", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io/o", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io/v1/o", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io/v3/", "ghcr.io", [0, 0, 0]),
        // Longer and shorter names.
        ("ghcr.io", "ghcr.io.evil.net", [0, 0, 0]),
        ("ghcr.io.evil.net", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io.evil.net/v1/", "ghcr.io", [0, 0, 0]),
        ("https://evil.net/ghcr.io", "ghcr.io", [0, 0, 0]),
        ("https://evil.net/v1/", "ghcr.io", [0, 0, 0]),
        ("evil-ghcr.io", "ghcr.io", [0, 0, 0]),
        ("hcr.io", "ghcr.io", [0, 0, 0]),
        ("ghcr.i", "ghcr.io", [0, 0, 0]),
        ("my.ghcr.io", "ghcr.io", [0, 0, 0]),
        ("ghcr.io", "my.ghcr.io", [0, 0, 0]),
        ("*.io", "ghcr.io", [0, 0, 0]),
        ("*", "ghcr.io", [0, 0, 0]),
        ("", "ghcr.io", [0, 0, 0]),
        ("https://", "ghcr.io", [0, 0, 0]),
        (" ghcr.io", "ghcr.io", [0, 0, 0]),
        // Users, queries, other schemes.
        ("bob@ghcr.io", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io@evil.net/", "ghcr.io", [0, 0, 0]),
        ("https://evil.net@ghcr.io/", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io?x", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io#x", "ghcr.io", [0, 0, 0]),
        ("HTTPS://ghcr.io", "ghcr.io", [0, 0, 0]),
        ("ftp://ghcr.io", "ghcr.io", [0, 0, 0]),
        ("https://https://ghcr.io", "ghcr.io", [0, 0, 0]),
        // Ports.
        ("ghcr.io:443", "ghcr.io", [0, 0, 0]),
        ("https://ghcr.io:443", "ghcr.io", [0, 0, 0]),
        ("ghcr.io", "ghcr.io:443", [0, 0, 0]),
        ("localhost:5000", "localhost:5000", [1, 1, 1]),
        ("http://localhost:5000/v2/", "localhost:5000", [0, 1, 1]),
        ("localhost", "localhost:5000", [0, 0, 0]),
        ("localhost:5001", "localhost:5000", [0, 0, 0]),
        ("localhost:50000", "localhost:5000", [0, 0, 0]),
        ("[::1]:5000", "[::1]:5000", [1, 1, 1]),
        // Docker Hub.
        (HUB_KEY, "docker.io", [1, 1, 1]),
        (HUB_KEY, "registry-1.docker.io", [1, 1, 1]),
        ("docker.io", "docker.io", [0, 1, 1]),
        ("https://docker.io/v2/", "index.docker.io", [0, 1, 1]),
        (
            "https://index.docker.io/v1/access-token",
            "docker.io",
            [0, 0, 0],
        ),
        (
            "https://index.docker.io/v1/refresh-token",
            "docker.io",
            [0, 0, 0],
        ),
        (
            "https://index.docker.io.evil.net/v1/",
            "docker.io",
            [0, 0, 0],
        ),
        (HUB_KEY, "hub.docker.com", [0, 0, 0]),
        (HUB_KEY, "docker.io:5000", [0, 0, 0]),
    ];

    #[test]
    fn a7_a_key_is_one_host_and_port_and_no_other() {
        for (key, host, expected) in TABLE {
            let found = [Keys::Exact, Keys::Docker, Keys::Podman]
                .map(|keys| u8::from(fits(keys, key, host)));
            assert_eq!(found, expected, "{key} for {host}");
        }
    }

    #[test]
    fn a7_of_several_keys_the_exact_one_is_first_then_https_then_the_others() {
        for (host, best_first) in [
            (
                "ghcr.io",
                vec![
                    "ghcr.io",
                    "GHCR.io",
                    "https://ghcr.io/v1/",
                    "ghcr.io/v2",
                    "http://ghcr.io",
                ],
            ),
            (
                "docker.io",
                vec![
                    HUB_KEY,
                    "https://docker.io",
                    "docker.io",
                    "index.docker.io",
                    "registry-1.docker.io",
                ],
            ),
            (
                "registry-1.docker.io",
                vec!["registry-1.docker.io", HUB_KEY, "docker.io"],
            ),
        ] {
            let host: RegistryHost = host.parse().unwrap();
            let ranks: Vec<_> = best_first
                .iter()
                .map(|key| Keys::Docker.rank(key, &host))
                .collect();
            assert!(ranks.iter().all(Option::is_some), "{best_first:?}");
            assert!(
                ranks.is_sorted_by(|a, b| a < b),
                "{best_first:?}: {ranks:?}"
            );
        }
    }

    #[test]
    fn helpers_are_asked_with_dockers_key() {
        for (host, key) in [
            ("docker.io", HUB_KEY),
            ("index.docker.io", HUB_KEY),
            ("registry-1.docker.io", HUB_KEY),
            ("GHCR.io", "ghcr.io"),
            ("localhost:5000", "localhost:5000"),
            ("docker.io:5000", "docker.io:5000"),
        ] {
            assert_eq!(server(&host.parse().unwrap()), key);
        }
    }

    #[test]
    fn i6_a_server_is_the_same_by_host_and_port() {
        for (asked, answered, same) in [
            ("ghcr.io", "https://ghcr.io/v2/", true),
            ("ghcr.io", "GHCR.io", true),
            ("ghcr.io", "ghcr.io/o", true),
            (HUB_KEY, "docker.io", true),
            (HUB_KEY, "registry-1.docker.io", true),
            ("ghcr.io", "ghcr.io:5000", false),
            ("ghcr.io", "evil.net/ghcr.io", false),
            ("ghcr.io", "ghcr.io.evil.net", false),
            ("ghcr.io", "bob@ghcr.io", false),
            ("ghcr.io", "\u{1b}", false),
            (HUB_KEY, "hub.docker.com", false),
        ] {
            assert_eq!(same_server(asked, answered), same, "{answered}");
        }
    }

    proptest::proptest! {
        #[test]
        fn i2_what_a_helper_is_asked_with_is_one_word(text in "[a-z0-9.:_\\[\\]@/\\\\ \r\n\0\u{85}-]{0,12}") {
            if let Ok(host) = text.parse::<RegistryHost>() {
                let server = server(&host);
                assert!(server.bytes().all(|byte| byte.is_ascii_graphic()), "{server:?}");
            }
        }
    }
}
