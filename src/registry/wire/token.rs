//! Tokens: what a token server is asked and what it answers (distribution's token and OAuth 2 specifications), and the
//! `Authorization` that follows.
//!
//! A token server is a stranger, too: what it calls a token goes into a header only if a header can hold it (threats
//! A10). Who may be asked with a credential is decided in `auth::realm`, when to ask anew by whoever has a clock.

use std::time::Duration;

use crate::limits::{TOKEN_BYTES, TOKEN_LIFE_MAX, TOKEN_LIFE_MIN};
use crate::secret::Secret;
use crate::value::{JsonError, Value, parse_json};

/// A token, and how long it is good for.
pub(in crate::registry) struct Token {
    /// What is sent.
    pub(in crate::registry) secret: Secret,
    /// From the moment it came. What the server says of its own clock (`issued_at`) is not looked at: the two clocks
    /// need not agree, and counting from the arrival errs by no more than the answer's way here (threats A9).
    pub(in crate::registry) lifetime: Duration,
    /// Whether the answer says how long that is, in whatever way.
    pub(in crate::registry) says_lifetime: bool,
}

/// Why an answer has no token that could be sent. The texts repeat nothing of it (threats K1).
#[derive(Debug, thiserror::Error)]
pub(in crate::registry) enum TokenError {
    /// The answer is no JSON that we accept.
    #[error("the token server's answer is malformed: {0}")]
    Json(#[from] JsonError),
    /// It has neither `token` nor `access_token`.
    #[error("the token server's answer has no token")]
    Missing,
    /// The token has a character that cannot stand in a header (threats A10).
    #[error("the token has characters that no token has")]
    Characters,
    /// The token is beyond our bound.
    #[error("the token is larger than the limit of {} KiB", TOKEN_BYTES / 1024)]
    TooLarge,
}

impl Token {
    /// Reads the body of a token server's good answer.
    ///
    /// Harbor always sends an empty `access_token` beside `token`, Azure only the one, GitLab only the other: the first
    /// that has text counts.
    pub(in crate::registry) fn read(body: &[u8]) -> Result<Self, TokenError> {
        let answer = parse_json(body)?;
        let text = |name| answer.get(name).and_then(Value::as_text);
        let token = ["token", "access_token"]
            .into_iter()
            .filter_map(text)
            .find(|token| !token.is_empty())
            .ok_or(TokenError::Missing)?;
        Ok(Self {
            secret: sendable(token)?,
            lifetime: lifetime(answer.get("expires_in")),
            says_lifetime: answer.get("expires_in").is_some(),
        })
    }
}

/// Checks that a token can stand in a header: visible ASCII and no space (RFC 6750 §2.1 allows still less). Also for
/// tokens that come from Docker's config.
pub(in crate::registry) fn sendable(token: &str) -> Result<Secret, TokenError> {
    if token.len() > TOKEN_BYTES {
        return Err(TokenError::TooLarge);
    }
    match token.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Secret::new(token)),
        false => Err(TokenError::Characters),
    }
}

/// How long a token is good for. Azure, GitLab, Gitea and Quay do not say; the specification's 60 seconds hold for them
/// and for whatever is no sensible number, because a token that is kept too long fails a request in mid-run (threats A9).
fn lifetime(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        Some(Value::Text(digits)) => digits.parse::<u32>().map_or(0.0, f64::from),
        Some(number) => number.as_float().unwrap_or(0.0),
        None => 0.0,
    };
    let seconds = Duration::try_from_secs_f64(seconds.min(TOKEN_LIFE_MAX.as_secs_f64()));
    seconds.unwrap_or_default().max(TOKEN_LIFE_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<(String, u64), TokenError> {
        let token = Token::read(body.as_bytes())?;
        Ok((token.secret.expose().to_owned(), token.lifetime.as_secs()))
    }

    #[test]
    fn a10_the_first_token_with_text_counts() {
        for body in [
            r#"{"token":"t","access_token":"t","expires_in":300,"issued_at":"2026-03-01T10:00:00Z"}"#,
            r#"{"token":"t","access_token":"","expires_in":300}"#,
            r#"{"access_token":"t","expires_in":300}"#,
            r#"{"token":"","access_token":"t","expires_in":300}"#,
            r#"{"token":"t","access_token":"other","expires_in":300}"#,
            r#"{"token":1,"access_token":"t","expires_in":300}"#,
            r#"{"token":null,"access_token":"t","expires_in":300.9}"#,
            r#"{"token":"t","expires_in":"300"}"#,
        ] {
            assert_eq!(read(body).unwrap(), ("t".to_owned(), 300), "{body}");
        }
    }

    #[test]
    fn a10_an_answer_without_a_token_is_refused() {
        for body in [
            "{}",
            "[]",
            "true",
            r#"{"token":""}"#,
            r#"{"token":["t"]}"#,
            r#"{"Token":"t"}"#,
        ] {
            assert!(matches!(read(body), Err(TokenError::Missing)), "{body}");
        }
        for body in ["", "<html>", r#"{"token":"t""#, r#"{"token":"t"} x"#] {
            assert!(matches!(read(body), Err(TokenError::Json(_))), "{body}");
        }
    }

    #[test]
    fn e2_a_token_that_is_given_twice_is_refused() {
        let twice = r#"{"token":"a","token":"b"}"#;
        assert!(matches!(read(twice), Err(TokenError::Json(_))));
    }

    #[test]
    fn a10_what_a_header_cannot_hold_is_refused() {
        for code in (0..=0x20).chain(0x7f..0x180).chain([0x2028, 0x1f511]) {
            let token: String = ['a', char::from_u32(code).unwrap(), 'b'].iter().collect();
            assert!(
                matches!(sendable(&token), Err(TokenError::Characters)),
                "{code:x}"
            );
        }
        let body = r#"{"token":"a\r\nX-Evil: b"}"#;
        assert!(matches!(read(body), Err(TokenError::Characters)));
        let all: String = ('!'..='~').collect();
        assert_eq!(sendable(&all).unwrap().expose(), all);
    }

    #[test]
    fn a10_a_token_is_bounded() {
        assert!(sendable(&"x".repeat(TOKEN_BYTES)).is_ok());
        let larger = sendable(&"x".repeat(TOKEN_BYTES + 1));
        let Err(error @ TokenError::TooLarge) = larger else {
            panic!("this token is too large");
        };
        assert_eq!(
            error.to_string(),
            "the token is larger than the limit of 64 KiB"
        );
    }

    #[test]
    fn a9_a_life_is_between_a_minute_and_a_day() {
        let day = 24 * 60 * 60;
        for (expires_in, seconds) in [
            ("60", 60),
            ("59", 60),
            ("61", 61),
            ("0", 60),
            ("-1", 60),
            ("-1e300", 60),
            ("86400", day),
            ("86401", day),
            ("18446744073709551615", day),
            ("1e300", day),
            ("null", 60),
            ("true", 60),
            ("[]", 60),
            (r#""soon""#, 60),
            (r#""NaN""#, 60),
            (r#""inf""#, 60),
        ] {
            let body = format!(r#"{{"token":"t","expires_in":{expires_in}}}"#);
            assert_eq!(read(&body).unwrap().1, seconds, "{expires_in}");
        }
        assert_eq!(read(r#"{"token":"t"}"#).unwrap().1, 60);
    }
}
