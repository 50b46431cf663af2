//! What `auth` is asked about: a registry, or a repository of one, in whatever way people have it at hand.
//!
//! An address out of a browser or out of Docker's config is understood where it is clear what is meant; most of all those of
//! Docker Hub, which has five.

use crate::cli::hosts;
use crate::diagnostic::{Diagnostic, Passage};
use crate::oci::{RegistryHost, Repository};
use crate::registry::is_hub;

/// A registry that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The registry.
    pub(super) host: RegistryHost,
    /// The repository, where one was named.
    pub(super) repository: Option<Repository>,
    /// What it was called in place of its name.
    pub(super) alias: Option<String>,
}

/// Names of Docker Hub that no image is called by: its website, and its token server.
const NEIGHBOURS: [&str; 2] = ["hub.docker.com", "auth.docker.io"];

/// How images call Docker Hub.
const HUB: &str = "docker.io";

/// Paths that are about no repository: those of API versions, which addresses in Docker's config carry.
const VERSIONS: [&str; 3] = ["", "v1", "v2"];

impl Asked {
    /// A registry as a whole.
    pub(super) fn whole(host: RegistryHost) -> Self {
        Self {
            host,
            repository: None,
            alias: None,
        }
    }
}

/// Reads what is asked about.
///
/// Errors: all that is no registry.
pub(super) fn read_all(words: &[String]) -> Result<Vec<Asked>, Vec<Diagnostic>> {
    let mut findings = Vec::new();
    let mut asked = Vec::new();
    for word in words {
        match read(word) {
            Ok(found) => asked.push(found),
            Err(finding) => findings.push(*finding),
        }
    }
    match findings.is_empty() {
        true => Ok(asked),
        false => Err(findings),
    }
}

fn read(text: &str) -> Result<Asked, Box<Diagnostic>> {
    let bare = text.strip_prefix("https://").unwrap_or(text);
    // Whatever stands before an `@`, it is not shown (threats K3).
    if text.contains('@') || bare.contains("://") {
        return Err(no_host(text));
    }
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let is_address = bare.len() < text.len();
    if !is_address && !RegistryHost::is_host(host) {
        return short(text, bare);
    }
    let host: RegistryHost = host.parse().map_err(|_| no_host(text))?;
    let path = path.trim_end_matches('/');
    let is_neighbour = host.port().is_none() && NEIGHBOURS.contains(&host.host());
    if !is_hub(&host) && !is_neighbour {
        let repository = repository(text, path)?;
        return Ok(Asked {
            repository,
            ..Asked::whole(host)
        });
    }
    let name = match is_neighbour {
        true => of_website(path),
        false => in_library(path),
    };
    Ok(Asked {
        repository: repository(text, &name)?,
        alias: (is_address || host.host() != HUB).then(|| bare_address(text)),
        ..Asked::whole(hub())
    })
}

/// A name without a host is an image of Docker Hub, as it is to docker.
fn short(text: &str, name: &str) -> Result<Asked, Box<Diagnostic>> {
    if name.is_empty() {
        return Err(no_host(text));
    }
    Ok(Asked {
        repository: repository(text, &in_library(name))?,
        ..Asked::whole(hub())
    })
}

fn repository(text: &str, path: &str) -> Result<Option<Repository>, Box<Diagnostic>> {
    if VERSIONS.contains(&path) {
        return Ok(None);
    }
    path.parse().map(Some).map_err(|error| {
        let place = Passage::flag("REGISTRY", text).place();
        let finding = Diagnostic::error(format!("{error}")).at(&place, "");
        Box::new(finding.hint("a repository is named like `ghcr.io/acme/app`, without a tag"))
    })
}

/// Docker Hub's own images are in `library/`.
fn in_library(path: &str) -> String {
    match VERSIONS.contains(&path) || path.contains('/') {
        true => path.to_owned(),
        false => format!("library/{path}"),
    }
}

/// The repository of a page of the website: `/r/NAMESPACE/NAME`, `/_/NAME`, and what follows.
fn of_website(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        ["r", namespace, name, ..] => format!("{namespace}/{name}"),
        ["_", name, ..] => format!("library/{name}"),
        _ => String::new(),
    }
}

fn hub() -> RegistryHost {
    HUB.parse()
        .expect("the name of Docker Hub is one of a host")
}

fn no_host(text: &str) -> Box<Diagnostic> {
    let passage = Passage::flag("REGISTRY", text);
    let finding = hosts::read(&passage).err();
    Box::new(finding.unwrap_or_else(|| {
        let finding = Diagnostic::error("a registry is named `HOST` or `HOST:PORT`");
        finding.at(&passage.place(), "")
    }))
}

/// An address without what a browser carries behind it.
fn bare_address(text: &str) -> String {
    let end = text.find(['?', '#']).unwrap_or(text.len());
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read(text) {
            Ok(Asked {
                host,
                repository,
                alias,
            }) => {
                let repository = repository
                    .map(|name| format!("/{name}"))
                    .unwrap_or_default();
                let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
                format!("{host}{repository}{alias}")
            }
            Err(finding) => format!("{}; {}", finding.message, finding.hints.join("; ")),
        }
    }

    #[test]
    fn a_registry_is_understood_however_it_is_called() {
        for (text, asked) in [
            ("ghcr.io", "ghcr.io"),
            ("GHCR.io/", "ghcr.io"),
            ("https://ghcr.io/v2/", "ghcr.io"),
            ("ghcr.io/acme/app", "ghcr.io/acme/app"),
            ("localhost:5000/team/app", "localhost:5000/team/app"),
            ("localhost", "localhost"),
            ("docker.io", "docker.io"),
            ("docker.io/alpine", "docker.io/library/alpine"),
            ("docker.io/acme/app", "docker.io/acme/app"),
            ("index.docker.io", "docker.io (index.docker.io)"),
            ("registry-1.docker.io", "docker.io (registry-1.docker.io)"),
            ("hub.docker.com", "docker.io (hub.docker.com)"),
            ("auth.docker.io", "docker.io (auth.docker.io)"),
            (
                "https://index.docker.io/v1/",
                "docker.io (https://index.docker.io/v1/)",
            ),
            (
                "https://hub.docker.com/r/acme/app/tags",
                "docker.io/acme/app (https://hub.docker.com/r/acme/app/tags)",
            ),
            (
                "https://hub.docker.com/_/alpine",
                "docker.io/library/alpine (https://hub.docker.com/_/alpine)",
            ),
            ("alpine", "docker.io/library/alpine"),
            ("acme/app", "docker.io/acme/app"),
        ] {
            assert_eq!(told(text), asked, "{text}");
        }
    }

    #[test]
    fn what_is_no_registry_is_told_what_would_be_one() {
        for (text, words) in [
            ("http://localhost:5000/", "write `localhost:5000`"),
            ("ghcr.io:x", "a port is a number"),
            ("ghcr.io/Acme", "lower-case"),
            ("ghcr.io/acme/app:1.0", "without a tag"),
            ("", "`HOST:PORT`"),
            ("ftp://ghcr.io", "without a scheme"),
        ] {
            assert!(told(text).contains(words), "{text}: {}", told(text));
        }
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        for text in [
            "bob:hunter2@ghcr.io",
            "https://bob:hunter2@ghcr.io/acme/app",
        ] {
            let finding = read(text).unwrap_err();
            assert!(!format!("{finding:?}").contains("hunter2"), "{finding:?}");
        }
    }
}
