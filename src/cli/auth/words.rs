//! How a registry takes us, in words: the conclusion first, then how it came about, then what to do next.

use std::fmt::Write;

use super::target::Asked;
use crate::cli::report;
use crate::oci::RegistryHost;
use crate::registry::{
    Access, AskedAs, Counted, CredentialSource, Demanded, Examination, Listings, Question,
    RegistryError, RepositoryListing, Standing, TokenAsked, TokenGiven, Unsafe, is_hub,
};
use crate::safe::{self, Safe};

/// How wide the words are that stand in front.
const LABEL: usize = 12;

/// Tells how one registry takes us.
pub(super) fn paragraph(asked: &Asked, found: &Examination) -> String {
    let mut text = format!("{}: {}\n", place(found), conclusion(found));
    let mut line = |label: &str, words: &str| {
        let words = safe::escape(words);
        let _ = writeln!(text, "  {label:<LABEL$}  {words}");
    };
    if let Err(error) = &found.answer {
        line("why", &error.to_string());
    }
    report::next(found)
        .iter()
        .for_each(|next| line("next", next));
    line("login", &credential(found));
    line("asked", &address(asked, found));
    if found.answer.is_ok() || found.demanded.is_some() {
        line("wants", &demanded(found.demanded.as_ref()));
    }
    if let Some(asked) = found.tokens.last() {
        line("token server", &standing(asked, &found.host));
        line("token", &token(asked));
    }
    if let Some(words) = limit(found) {
        line(
            if is_hub(&found.host) {
                "pulls"
            } else {
                "limit"
            },
            &words,
        );
    }
    if let Some(listings) = &found.listings {
        line("listings", &taken(listings, found));
    }
    let listing = found.listings.as_ref().map(|own| own.repositories);
    // Whoever asks Docker Hub elsewhere has no listings of its own there.
    let listing = listing.or(is_hub(&found.host).then_some(RepositoryListing::Not));
    if let Some(words) = listing.and_then(|listing| all(listing, found)) {
        line("all images", &words);
    }
    text
}

/// How a vendor's own listings take the login.
pub(super) fn taken(listings: &Listings, found: &Examination) -> String {
    let title = listings.title;
    let place = match &listings.api {
        Some(api) => format!("{title}'s own, at {api},"),
        None => format!("{title}'s own, at the registry itself,"),
    };
    let taken = match (&listings.answer, &found.answer, &found.account) {
        (Some(Ok(AskedAs::Account(account))), ..) => {
            format!("take your login as {}", who(account))
        }
        (Some(Ok(AskedAs::Nobody)), _, Ok(AskedAs::Account(_))) if listings.api.is_some() => {
            "show you what everybody sees: they take no login like yours".to_owned()
        }
        (Some(Ok(AskedAs::Nobody)), ..) => "ask for no login".to_owned(),
        (Some(Err(error)), ..) if is_refusal(error) => format!("do not take your login: {error}"),
        (Some(Err(error)), ..) => format!("cannot be told to take your login: {error}"),
        (None, Err(_), _) => "were not asked, because the registry does not let you in".to_owned(),
        (None, Ok(_), Ok(AskedAs::Nobody)) => {
            "tell nobody without a login more than what is public, if that".to_owned()
        }
        (None, Ok(_), _) if listings.api.is_none() => {
            "ask for the login that the registry asks for, and for no other".to_owned()
        }
        (None, Ok(_), _) => "show only when they are asked whether they take your login".to_owned(),
    };
    format!("{place} {taken}")
}

fn is_refusal(error: &RegistryError) -> bool {
    match error {
        RegistryError::Status(error) => matches!(error.status, 401 | 403),
        RegistryError::ApiCredential(_) => true,
        _ => false,
    }
}

/// How repositories are listed where there is no list of all.
fn all(listing: RepositoryListing, found: &Examination) -> Option<String> {
    let host = &found.host;
    let named = match is_hub(host) {
        true => "docker-regq get tags alpine".to_owned(),
        false => format!("docker-regq get tags {host}/NAMESPACE/NAME"),
    };
    match listing {
        RepositoryListing::Whole => None,
        RepositoryListing::Either | RepositoryListing::Below => Some(format!(
            "`docker-regq get repositories {host}/NAMESPACE/*` lists a namespace's{}; a repository that is named, as in `{named}`, needs no list",
            match listing {
                RepositoryListing::Below => ", and it has no list of all (`/v2/_catalog`)",
                _ => "",
            }
        )),
        RepositoryListing::Not => Some(format!(
            "it has no list of them (`/v2/_catalog`): a repository is named, as in `{named}`"
        )),
    }
}

fn place(found: &Examination) -> String {
    match &found.repository {
        Some(repository) => format!("{}/{repository}", found.host),
        None => found.host.to_string(),
    }
}

/// The one sentence that somebody in a hurry reads.
pub(super) fn conclusion(found: &Examination) -> String {
    match &found.answer {
        Ok(asked_as) => accepted(found, asked_as),
        Err(error) => refused(found, error),
    }
}

fn accepted(found: &Examination, asked_as: &AskedAs) -> String {
    let is_repository = found.repository.is_some();
    let unused = match &found.account {
        Ok(AskedAs::Account(account)) => Some(who(account)),
        _ => None,
    };
    match (asked_as, &found.demanded, unused) {
        (AskedAs::Account(account), ..) if is_repository => {
            format!("you are {}, and may pull it", who(account))
        }
        (AskedAs::Account(account), ..) => format!("you are {}, and it accepts you", who(account)),
        (AskedAs::Nobody, None, Some(account)) => {
            format!("it lets anybody in, and does not ask for your login as {account}")
        }
        (AskedAs::Nobody, Some(_), Some(account)) => format!(
            "it lets anybody in; its token server did not get to see your login as {account}"
        ),
        (AskedAs::Nobody, _, None) if is_repository => "anybody may pull it".to_owned(),
        (AskedAs::Nobody, Some(_), None) => {
            "you have no login, and it accepts that for what is public".to_owned()
        }
        (AskedAs::Nobody, None, None) => "it lets anybody in, without a login".to_owned(),
    }
}

fn refused(found: &Examination, error: &RegistryError) -> String {
    let you = match &found.account {
        Ok(AskedAs::Account(account)) => Some(who(account)),
        _ => None,
    };
    match (error, you) {
        (RegistryError::Credential(_), _) => "there is no telling who you are".to_owned(),
        (RegistryError::NoRepository(_), Some(account)) => {
            format!("you are {account}, and there is no such repository")
        }
        (RegistryError::NoRepository(_), None) => "there is no such repository".to_owned(),
        (
            RegistryError::Unsafe {
                why: Unsafe::TokenServer(server),
                ..
            },
            _,
        ) => format!("your login was kept from `{server}`, and without it you are refused"),
        (RegistryError::Status(error), you) if matches!(error.status, 401 | 403) => {
            let by = match error.question {
                Question::Token(_) => "its token server",
                _ => "it",
            };
            match you {
                Some(account) => format!("{by} refuses you as {account}"),
                None if found.source.is_none() => {
                    format!("{by} wants a login, and you let none be sent")
                }
                None => format!("{by} wants a login, and you have none"),
            }
        }
        (RegistryError::Status(error), _) if error.status == 429 => {
            "it wants you to come back later".to_owned()
        }
        (RegistryError::Unreached { .. }, _) => "it gives no answer".to_owned(),
        (RegistryError::Malformed { .. }, _) => "no registry answers there".to_owned(),
        _ => "it cannot be told whether it accepts you".to_owned(),
    }
}

/// An account in backticks; what only stands for one is without.
fn who(account: &Safe) -> String {
    match account.as_str().contains(' ') {
        true => account.to_string(),
        false => format!("`{account}`"),
    }
}

fn credential(found: &Examination) -> String {
    let Some(source) = &found.source else {
        return "none is sent, because you say so".to_owned();
    };
    match (source, &found.account) {
        (CredentialSource::None, _) if is_hub(&found.host) => {
            "none: Docker's config has no entry `https://index.docker.io/v1/`".to_owned()
        }
        (CredentialSource::None, _) => {
            format!("none: Docker's config has no entry `{}`", found.host)
        }
        (CredentialSource::Entry { file, key, .. }, Ok(AskedAs::Account(account))) => {
            format!("{}, by `{key}` in {file}", who(account))
        }
        (CredentialSource::Entry { file, key, .. }, _) => format!("`{key}` in {file}"),
        (CredentialSource::Helper { name, file }, Ok(AskedAs::Account(account))) => {
            format!(
                "{}, by docker-credential-{name}, which {file} names",
                who(account)
            )
        }
        (CredentialSource::Helper { name, file }, Ok(AskedAs::Nobody)) => {
            format!("none: docker-credential-{name}, which {file} names, has none for it")
        }
        (CredentialSource::Helper { name, file }, Err(_)) => {
            format!("docker-credential-{name}, which {file} names")
        }
    }
}

fn address(asked: &Asked, found: &Examination) -> String {
    let address = &found.address;
    if !is_hub(&found.host) {
        return address.to_string();
    }
    let alias = match &asked.alias {
        Some(alias) => format!("; `{alias}` is Docker Hub, whose images are called `docker.io/…`"),
        None => String::new(),
    };
    format!(
        "{address}, with tokens of auth.docker.io and the login that docker keeps under `https://index.docker.io/v1/`{alias}"
    )
}

fn demanded(demanded: Option<&Demanded>) -> String {
    match demanded {
        None => "no login".to_owned(),
        Some(Demanded::Basic) => "user name and password with every request".to_owned(),
        Some(Demanded::Bearer {
            realm,
            service,
            scope,
        }) => {
            let named = |what: &str, text: &Option<Safe>| match text {
                Some(text) if !text.as_str().is_empty() => format!(", {what} `{text}`"),
                _ => String::new(),
            };
            let (service, scope) = (named("service", service), named("scope", scope));
            format!("a token of {realm}{service}{scope}")
        }
    }
}

fn standing(asked: &TokenAsked, host: &RegistryHost) -> String {
    let server = &asked.server;
    let why = match asked.standing {
        Standing::Same => "it is the registry itself",
        Standing::Parent => "the registry is below its domain",
        Standing::Known => "it is known to be the registry's",
        Standing::Allowed => "you allowed it",
        Standing::Foreign => {
            return format!(
                "{server} does not see your login for {host}: it is not known to belong to it"
            );
        }
    };
    format!("{server} may see your login: {why}")
}

fn token(asked: &TokenAsked) -> String {
    let to = match &asked.asked_as {
        AskedAs::Account(account) => format!("to {}", who(account)),
        AskedAs::Nobody => "to anybody".to_owned(),
    };
    let scope = match &asked.scope {
        Some(scope) => format!("for `{scope}`"),
        None => "for no right in particular".to_owned(),
    };
    match &asked.outcome {
        Err(_) => format!("not given {to} {scope}"),
        Ok(given) => format!("given {to} {scope}; {}; {}", access(given), lifetime(given)),
    }
}

fn access(given: &TokenGiven) -> String {
    let grants = match &given.access {
        Access::Unsaid => return "it does not say what it allows".to_owned(),
        Access::Said(grants) => grants,
    };
    let allows = match grants.is_empty() {
        true => "it allows nothing in particular".to_owned(),
        false => {
            let grants = grants
                .iter()
                .map(|grant| format!("`{}:{}`", grant.resource, joined(&grant.actions, ",")));
            format!("it allows {}", grants.collect::<Vec<_>>().join(", "))
        }
    };
    match given.lacking.is_empty() {
        true => allows,
        false => format!("{allows}, and not to {}", joined(&given.lacking, ", ")),
    }
}

fn joined(texts: &[Safe], separator: &str) -> String {
    let texts: Vec<&str> = texts.iter().map(Safe::as_str).collect();
    texts.join(separator)
}

fn lifetime(given: &TokenGiven) -> String {
    let seconds = given.lifetime.as_secs();
    match given.says_lifetime {
        true => format!("it lives {seconds} s"),
        false => format!("it does not say how long it lives, so {seconds} s are assumed"),
    }
}

fn limit(found: &Examination) -> Option<String> {
    let is_hub = is_hub(&found.host);
    let Some(limit) = &found.limit else {
        return (is_hub && found.answer.is_ok())
            .then(|| "it says nothing of a limit for you".to_owned());
    };
    let counts = match is_hub {
        true => Counted::Manifests.in_words(),
        false => None,
    };
    Some(limit.in_words() + &counts.map_or_else(String::new, |words| format!("; {words}")))
}
