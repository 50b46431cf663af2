//! Advice about logins: what to do next, so that a registry lets somebody in.

use super::{advice_on, amazon};
use crate::oci::RegistryHost;
use crate::registry::{
    Amazon, AskedAs, Examination, Listings, RegistryError, StatusError, TokenAsked, Unsafe, is_hub,
};
use crate::safe::Safe;

/// How to allow a token server.
pub(in crate::cli) fn trusting(host: &RegistryHost, server: &Safe) -> String {
    format!(
        "if you know that it is the registry's, `docker-regq auth {host} --trust-token-server {server}` allows it"
    )
}

/// What to do next about a registry that did not let us in.
pub(in crate::cli) fn next(found: &Examination) -> Vec<String> {
    let host = &found.host;
    match &found.answer {
        Ok(_) => {
            let advice = found.listings.as_ref().and_then(of_listings);
            let advice = advice.map(|advice| advice.replace("HOST", &host.to_string()));
            advice.into_iter().collect()
        }
        Err(RegistryError::Status(error)) if matches!(error.status, 401 | 403) => {
            refused(found, error)
        }
        Err(RegistryError::NoRepository(name)) => absent(found, name.as_str()),
        // What is asked here is what the general advice sends people to.
        Err(error) if error.code() == "TOOMANYREQUESTS" => Vec::new(),
        Err(error) => advice_for(error, host).into_iter().collect(),
    }
}

/// What Quay's API wants.
const OAUTH: &str = "Quay tells what is private to the access token of an OAuth application with `repo:read` alone, and to no robot or password: `docker login -u '$oauthtoken' HOST` keeps one, and the registry takes it too";

/// What a vendor's own listings want, where they do not take the login that the registry takes.
fn of_listings(listings: &Listings) -> Option<String> {
    let error = match listings.answer.as_ref()? {
        Err(error) => error,
        Ok(AskedAs::Nobody) if listings.dialect == "quay" => return Some(OAUTH.to_owned()),
        Ok(_) => return None,
    };
    let is_denied = matches!(error, RegistryError::Status(error) if matches!(error.status, 401 | 403))
        || matches!(error, RegistryError::ApiCredential(_));
    if !is_denied {
        return advice_on(error.code()).map(str::to_owned);
    }
    let own = match listings.dialect {
        "docker-hub" => {
            "hub.docker.com has a login of its own: the account's name, not its e-mail address, with a personal access token or the password (none of these where there is single sign-on); `docker login -u NAME` keeps it"
        }
        "github" => {
            "GitHub lists packages for a classic access token with `read:packages`, and for no fine-grained one: make one at github.com/settings/tokens, and `docker login -u NAME ghcr.io` keeps it"
        }
        "gitlab" => {
            "GitLab lists repositories for an access token with `read_api`: a deploy token, or one with `read_registry` alone, may pull and not list"
        }
        "acr" => {
            "Azure lists for whoever may read metadata: a token of the registry needs `metadata/read` for the repository, a list of all the role `AcrPull` or more"
        }
        "quay" => OAUTH,
        "harbor" => {
            "Harbor lists for an account, or for a robot that may list repositories and artifacts of the project"
        }
        "gitea" => {
            "Gitea and Forgejo list packages for a password, or for an access token with `read:package`, and those of an owner for whoever may see the owner"
        }
        "artifactory" | "nexus" => {
            "its own API wants a name and a password, or a token, that may browse there: what may only pull is not enough"
        }
        _ => return advice_on("API_DENIED").map(str::to_owned),
    };
    Some(own.to_owned())
}

/// The advice about an error, for one registry.
pub(super) fn advice_for(error: &RegistryError, host: &RegistryHost) -> Option<String> {
    if let RegistryError::Unsafe {
        why: Unsafe::TokenServer(server),
        ..
    } = error
    {
        return Some(trusting(host, server));
    }
    let own = amazon::advice_on(error.code(), host);
    let general = || Some(advice_on(error.code())?.replace("HOST", &host.to_string()));
    own.or_else(general)
}

fn login(host: &RegistryHost) -> String {
    match Amazon::of(host) {
        Some(own) => amazon::login(&own, host),
        None if is_hub(host) => "docker login".to_owned(),
        None => format!("docker login {host}"),
    }
}

fn refused(found: &Examination, error: &StatusError) -> Vec<String> {
    let host = &found.host;
    let login = login(host);
    let has_token = found.tokens.last().is_some_and(TokenAsked::is_given);
    let is_somebody = matches!(error.asked_as, AskedAs::Account(_));
    let mut next = Vec::new();
    if found.source.is_none() {
        next.push("your login is kept back by `--anonymous`, or by your settings".to_owned());
    } else if !is_somebody {
        next.push(format!(
            "log in with `{login}`; it keeps the login where it is looked for"
        ));
    } else if has_token {
        next.push(
            "the login itself is good: what it is refused does not exist, or its owner has to let it in; registries answer both alike"
                .to_owned(),
        );
    } else {
        next.push(format!(
            "the user name, the password or the access token is wrong, or over: `{login}` keeps it anew"
        ));
        if is_hub(&found.host) {
            next.push(
                "Docker Hub takes an access token in place of the password, and nothing else where the account has a second factor or single sign-on (hub.docker.com, account settings)"
                    .to_owned(),
            );
        }
    }
    let shows_nobody = matches!(Amazon::of(host), Some(Amazon::Private { .. }));
    if found.repository.is_none() && !is_somebody && !shows_nobody {
        next.push(format!(
            "what is public may need none: `docker-regq auth {host}/REPOSITORY` asks for that"
        ));
    }
    next.extend(missing_library(found));
    if is_somebody {
        next.extend(Amazon::of(host).map(|own| amazon::rights(&own, host)));
    }
    next
}

/// Docker Hub says of what does not exist that it must not be read.
fn missing_library(found: &Examination) -> Option<String> {
    let name = found.repository.as_ref()?;
    is_hub(&found.host).then(|| {
        format!(
            "Docker Hub refuses what does not exist in the same way: look whether it is called `{name}`; its own images are in `library/`"
        )
    })
}

fn absent(found: &Examination, name: &str) -> Vec<String> {
    let host = &found.host;
    vec![format!(
        "a name counts letter by letter, and `{name}` begins after the host; `docker-regq get repositories {host}` lists those you may see, where the registry lists them"
    )]
}
