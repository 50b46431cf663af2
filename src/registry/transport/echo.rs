//! What an answer that says no repeats of the secret it was sent (threats S3).
//!
//! Some servers and proxies put the request into their error page. Such text is shown to users, so the secret goes out of
//! it before anybody reads it. Good answers are left as they are: they are hashed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::{Form, Method, Reply, Request};
use crate::secret::Secret;
use crate::value::parse_json;

/// What stands in place of a secret.
const GONE: &[u8] = "…".as_bytes();

/// A shorter text is no secret worth the name, and stands anywhere by accident.
const SHORTEST: usize = 4;

/// Takes what was sent as a secret out of an answer that says no.
pub(super) fn hush(request: &Request, reply: &mut Reply) {
    if (200..300).contains(&reply.status) {
        return;
    }
    for secret in secrets(request) {
        let secret = secret.expose().as_bytes();
        if secret.len() >= SHORTEST {
            reply.body = without(&reply.body, secret);
        }
    }
}

/// The secrets of a request, in the spellings in which they were sent or would be shown.
fn secrets(request: &Request) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let header = request.authorization.as_ref();
    if let Some((scheme, sent)) = header.and_then(|header| header.to_str().ok()?.split_once(' ')) {
        secrets.push(Secret::new(sent));
        let pair = STANDARD
            .decode(sent)
            .ok()
            .and_then(|pair| String::from_utf8(pair).ok());
        let pair = pair.filter(|_| scheme.eq_ignore_ascii_case("basic"));
        let password = pair.as_deref().and_then(|pair| pair.split_once(':'));
        secrets.extend(password.map(|(_, password)| Secret::new(password)));
    }
    if let Method::Post(body, form) = &request.method {
        secrets.push(body.clone());
        secrets.extend(match form {
            Form::Pairs => of_pairs(body),
            Form::Json => of_json(body),
        });
    }
    secrets
}

fn of_pairs(body: &Secret) -> Vec<Secret> {
    let fields = form_urlencoded::parse(body.expose().as_bytes());
    let tokens = fields.filter(|(name, _)| name == "refresh_token");
    tokens
        .map(|(_, token)| Secret::new(token.into_owned()))
        .collect()
}

/// All but the account's name.
fn of_json(body: &Secret) -> Vec<Secret> {
    let document = parse_json(body.expose().as_bytes()).unwrap_or_default();
    let members = document.as_map().into_iter().flatten();
    let secrets = members.filter(|(name, _)| !matches!(&***name, "identifier" | "username"));
    secrets
        .filter_map(|(_, value)| value.as_text().map(Secret::new))
        .collect()
}

fn without(body: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut left = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(secret.len()).position(|part| part == secret) {
        left.extend_from_slice(&rest[..at]);
        left.extend_from_slice(GONE);
        rest = &rest[at + secret.len()..];
    }
    left.extend_from_slice(rest);
    left
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use reqwest::header::HeaderMap;

    use super::super::{Identity, Patience, Shown, Zone};
    use super::*;

    fn hushed(authorization: &str, method: Method, status: u16, body: &str) -> String {
        let request = Request {
            method,
            url: "https://a.test/v2/".parse().unwrap(),
            host: "a.test".parse().unwrap(),
            zone: Zone::User,
            identity: Identity::Shown,
            accept: None::<Cow<'_, str>>,
            authorization: authorization.parse().ok(),
            bound: 1000,
            shown: Shown::Whole,
            patience: Patience::AsSet,
        };
        let mut reply = Reply {
            status,
            headers: HeaderMap::new(),
            body: body.into(),
        };
        hush(&request, &mut reply);
        String::from_utf8(reply.body).unwrap()
    }

    #[test]
    fn k1_an_error_does_not_repeat_what_it_was_sent() {
        // `bob:hunter2`
        let basic = "Basic Ym9iOmh1bnRlcjI=";
        for (header, body, left) in [
            (
                basic,
                "you sent Basic Ym9iOmh1bnRlcjI=, bob",
                "you sent Basic …, bob",
            ),
            (basic, "hunter2 is not hunter2", "… is not …"),
            ("Bearer issued-token", "issued-tokenissued-token!", "……!"),
            ("Bearer issued-token", "issued-toke", "issued-toke"),
            ("Bearer x", "x marks it", "x marks it"),
        ] {
            assert_eq!(hushed(header, Method::Get, 401, body), left);
        }
        assert_eq!(hushed(basic, Method::Get, 200, "hunter2"), "hunter2");
        let form = || {
            Method::Post(
                Secret::new("grant_type=refresh_token&refresh_token=a%2Bbcd"),
                Form::Pairs,
            )
        };
        assert_eq!(hushed("", form(), 400, "a+bcd is over"), "… is over");
        let whole = "grant_type=refresh_token&refresh_token=a%2Bbcd";
        assert_eq!(hushed("", form(), 400, whole), "…");
        let login = Method::Post(
            Secret::new(r#"{"identifier":"bobby","secret":"hunter2"}"#),
            Form::Json,
        );
        assert_eq!(hushed("", login, 401, "bobby: hunter2"), "bobby: …");
    }
}
