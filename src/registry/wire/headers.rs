//! The headers of an answer as they may be shown: all names, and the values that are known to be nobody's secret (threats
//! K1).

use std::borrow::Cow;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::registry::error::outside;
use crate::safe::Safe;

/// Headers whose values are shown.
const SHOWN: [&str; 26] = [
    "accept-ranges",
    "age",
    "allow",
    "api-version",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "etag",
    "expires",
    "last-modified",
    "link",
    "retry-after",
    "server",
    "strict-transport-security",
    "sunset",
    "transfer-encoding",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-request-id",
    "x-retry-after",
    "x-total-count",
];

/// Beginnings of names of headers whose values are shown.
const SHOWN_FAMILIES: [&str; 15] = [
    "docker-content-",
    "docker-distribution-",
    "docker-ratelimit-",
    "oci-",
    "ratelimit",
    "x-ratelimit-",
    "x-rate-limit-",
    "x-artifactory-",
    "x-jfrog-version",
    "x-content-type-",
    "x-frame-",
    "x-next-page",
    "x-page",
    "x-per-page",
    "x-prev-page",
];

/// What stands for a value that is not shown.
const HIDDEN: &str = "(hidden)";

/// Makes headers fit to be shown, in their order. Where an answer leads may be signed, so the query of an address is hidden.
pub(in crate::registry) fn shown(headers: &HeaderMap) -> Vec<(Safe, Safe)> {
    let shown = headers.iter().map(|(name, value)| {
        let value = match name.as_str() {
            "location" | "content-location" => address(value),
            _ if is_shown(name) => text(value).into_owned(),
            _ => HIDDEN.to_owned(),
        };
        (outside(name.as_str()), outside(&value))
    });
    shown.collect()
}

fn is_shown(name: &HeaderName) -> bool {
    let name = name.as_str();
    SHOWN.contains(&name) || SHOWN_FAMILIES.iter().any(|family| name.starts_with(family))
}

fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

fn address(value: &HeaderValue) -> String {
    let text = text(value);
    // Whatever it is relative to, only its path and its host are wanted.
    let (bare, _) = text.split_once(['?', '#']).unwrap_or((&text, ""));
    let has_more = bare.len() < text.len();
    let bare = match Url::parse(bare) {
        Ok(mut url) => {
            // Can only fail where there is no host, and so no user.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.to_string()
        }
        Err(_) if bare.contains('@') => return HIDDEN.to_owned(),
        Err(_) => bare.to_owned(),
    };
    match has_more {
        true => format!("{bare}?…"),
        false => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, value: &str) -> String {
        let mut headers = HeaderMap::new();
        let name: HeaderName = name.parse().unwrap();
        headers.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        let (name, value) = shown(&headers).remove(0);
        format!("{name}: {value}")
    }

    #[test]
    fn k1_values_are_shown_that_are_known_to_be_no_secret() {
        for (name, value) in [
            ("Content-Type", "application/json"),
            ("docker-content-digest", "sha256:00"),
            ("RateLimit-Remaining", "97;w=21600"),
            ("OCI-Filters-Applied", "artifactType"),
            ("www-authenticate", "Bearer realm=\"https://a/t?x=1\""),
            ("link", "</v2/_catalog?last=b>; rel=\"next\""),
        ] {
            assert_eq!(
                told(name, value),
                format!("{}: {value}", name.to_lowercase())
            );
        }
        for name in [
            "set-cookie",
            "authorization",
            "x-amz-security-token",
            "x-jfrog-art-api",
            "x-something",
            "authentication-info",
        ] {
            assert_eq!(told(name, "hunter2"), format!("{name}: (hidden)"));
        }
    }

    #[test]
    fn k1_where_an_answer_leads_is_shown_without_its_signature() {
        for (value, shown) in [
            ("https://s3.test/a/b?X-Sig=hunter2", "https://s3.test/a/b?…"),
            ("https://bob:hunter2@s3.test/a", "https://s3.test/a"),
            ("/v2/x?sig=hunter2#y", "/v2/x?…"),
            ("//bob:hunter2@s3.test/a", "(hidden)"),
            ("/v2/x", "/v2/x"),
        ] {
            assert_eq!(told("location", value), format!("location: {shown}"));
        }
    }

    #[test]
    fn f9_a_value_is_a_strangers_text() {
        assert_eq!(told("server", "a\u{202e}b\tc"), "server: a\\u{202e}b\\tc");
    }
}
