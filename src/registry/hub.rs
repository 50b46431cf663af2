//! Docker Hub, as far as it differs from other registries whatever is asked of it: its names, and how it counts pulls.
//!
//! Facts only, each in this one place; whoever needs one asks here.

use super::Counted;
use crate::oci::{RegistryHost, Repository, Tag, Which};

/// Its names as a registry, the one that images are called by first.
pub(in crate::registry) const NAMES: [&str; 3] = ["docker.io", "index.docker.io", ENDPOINT];

/// The name that answers, whichever it was called by.
pub(in crate::registry) const ENDPOINT: &str = "registry-1.docker.io";

/// Tells whether a host is Docker Hub, by any of its names.
pub fn is_hub(host: &RegistryHost) -> bool {
    host.port().is_none() && NAMES.contains(&host.host())
}

/// What a registry counts against its limit: of Docker Hub it is known, whatever it is reached through.
pub(in crate::registry) fn counted(host: &RegistryHost) -> Counted {
    if is_hub(host) {
        Counted::Manifests
    } else {
        Counted::Unknown
    }
}

/// The manifest that tells what is left of a limit on pulls: a HEAD of it is not counted (docs.docker.com, "Docker Hub
/// pull usage and limits").
pub(in crate::registry) fn preview() -> (Repository, Which) {
    let repository = "ratelimitpreview/test".parse();
    let tag: Result<Tag, _> = "latest".parse();
    let valid = "the names follow the grammar";
    (repository.expect(valid), Which::Tag(tag.expect(valid)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docker_hub_has_three_names_and_no_port() {
        for (host, expected) in [
            ("docker.io", true),
            ("INDEX.docker.io", true),
            ("registry-1.docker.io", true),
            ("docker.io:443", false),
            ("hub.docker.com", false),
            ("auth.docker.io", false),
            ("evil.docker.io", false),
        ] {
            assert_eq!(is_hub(&host.parse().unwrap()), expected, "{host}");
        }
        assert_eq!(preview().0.as_str(), "ratelimitpreview/test");
    }
}
