//! A door for the fuzz targets in `tests/fuzz`, which see of this crate only what is public.
//!
//! One function for each grammar of `wire`, and one for archives: bytes in, and out what the target holds against a rule. Nothing else may come
//! through here, and nothing of the program uses it.

use std::time::Duration;

use url::Url;

use super::auth::realm::{self, RealmVerdict};
use super::layout::{self, Form};
use super::trust::Consent;
use super::wire::address;
use super::wire::authorization::TokenRequest;
use super::wire::challenge::{self, Challenge};
use super::wire::error_body::ErrorBody;
use super::wire::scope::{Scope, Wanted};
use super::wire::{link, names, retry_after, token, warning};
use crate::limits::{Limits, MIB};
use crate::oci::{RegistryHost, Repository, Schema1};

/// The address that a token is asked at after this `WWW-Authenticate`, and whether with a credential.
pub fn challenge(header: &[u8], request: &str, repository: &str) -> Option<(String, bool)> {
    let Challenge::Bearer {
        realm,
        service,
        scope,
        ..
    } = challenge::choose([header])?
    else {
        return None;
    };
    let repository: Repository = repository.parse().ok()?;
    let scope = Scope::asked(scope.as_deref(), Wanted::Repository(&repository));
    let asked = TokenRequest {
        service: service.as_deref(),
        scopes: &[scope],
        account: None,
    };
    let (realm, trusted) = judge(&realm, request)?;
    Some((asked.url(&realm).into(), trusted))
}

/// The address that a realm is, unless it is refused, and whether it may see a credential.
pub fn realm(realm: &str, request: &str) -> Option<(String, bool)> {
    let (realm, trusted) = judge(realm, request)?;
    Some((realm.into(), trusted))
}

fn judge(realm: &str, request: &str) -> Option<(Url, bool)> {
    let request = Url::parse(request).ok()?;
    let host: RegistryHost = address::host_of(&request)?;
    let realm = realm::resolve(realm, &request).ok()?;
    match realm::verdict(&request, &host, &realm, &Consent::default()) {
        RealmVerdict::Trusted => Some((realm, true)),
        RealmVerdict::Anonymous => Some((realm, false)),
        RealmVerdict::Refused(_) => None,
    }
}

/// The token of a token server's answer, and its life.
pub fn token(body: &[u8]) -> Option<(String, Duration)> {
    let token = token::Token::read(body).ok()?;
    Some((token.secret.expose().to_owned(), token.lifetime))
}

/// The next page of a listing.
pub fn link(header: &[u8], request: &str) -> Option<String> {
    let request = Url::parse(request).ok()?;
    link::next([header], &request).ok()?.map(String::from)
}

/// What a page of tags, a page of the catalog, an error's body and a signed manifest have to show.
pub fn bodies(body: &[u8]) -> Vec<String> {
    let tags = names::tags(body).map(|page| (texts(&page.valid), page.faults));
    let catalog = names::repositories(body).map(|page| (texts(&page.valid), page.faults));
    let mut shown = Vec::new();
    for page in [tags, catalog] {
        match page {
            Ok((names, faults)) => shown.extend(names.into_iter().chain(texts(&faults))),
            Err(error) => shown.push(error.to_string()),
        }
    }
    let errors = ErrorBody::read(body).entries;
    shown.extend(errors.iter().map(|error| error.message.to_string()));
    shown.extend(Schema1::signed_payload(body).map(|payload| format!("{} bytes", payload.len())));
    shown
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(T::to_string).collect()
}

/// How long to wait after this `Retry-After`, in an answer of this `Date`.
pub fn retry(retry_after: &[u8], date: &[u8]) -> Option<Duration> {
    retry_after::wait(|name| match name {
        "date" => Some(date),
        _ => Some(retry_after),
    })
}

/// The texts of a `Warning`.
pub fn warnings(header: &[u8]) -> Vec<String> {
    texts(&warning::texts([header]))
}

/// What a file has to show that is opened as an archive: its tags with what they point to, or what is wrong.
pub fn archive(file: &[u8]) -> Vec<String> {
    // Small bounds are met sooner.
    let limits = Limits {
        archive_members: 1000,
        unpacked_bytes: 4 * MIB as u64,
        ..Limits::default()
    };
    let read = |form| layout::read_archive(file.to_vec(), form, &limits);
    let shown = [Form::OciArchive, Form::DockerArchive].map(read);
    let shown = shown
        .into_iter()
        .map(|read| read.unwrap_or_else(|error| vec![error.to_string()]));
    shown.flatten().collect()
}
