//! Finding a secret in what was received, however it was spelled (threats §6.5).
//!
//! The bytes searched are unwrapped first (percent, line breaks), because any letter of a secret may have been encoded or
//! not; the secret itself is spelled in the encodings that change every letter.

use super::encoding::{Alphabet, base64, hex, percent_decoded};

/// Shorter secrets would be found by accident.
const SHORTEST: usize = 6;

/// Tells in which spelling a secret stands in some bytes.
pub(crate) fn found(secret: &str, bytes: &[u8]) -> Option<&'static str> {
    assert!(
        secret.len() >= SHORTEST,
        "a canary is a text that stands nowhere by accident"
    );
    let haystacks = unwrapped(bytes);
    spellings(secret).into_iter().find_map(|(name, needle)| {
        let is_in = |haystack: &Vec<u8>| contains(haystack, needle.as_bytes());
        haystacks.iter().any(is_in).then_some(name)
    })
}

/// The bytes as they came, without percent-encoding once and twice, without line breaks, and all of it in lower case for hex.
fn unwrapped(bytes: &[u8]) -> Vec<Vec<u8>> {
    let once = percent_decoded(bytes);
    let twice = percent_decoded(&once);
    let mut all = vec![bytes.to_vec(), once, twice];
    for at in 0..all.len() {
        let mut joined = all[at].clone();
        joined.retain(|byte| !matches!(byte, b'\r' | b'\n'));
        all.push(joined);
    }
    all.push(bytes.to_ascii_lowercase());
    all
}

fn spellings(secret: &str) -> Vec<(&'static str, String)> {
    let quoted = serde_json::Value::from(secret).to_string();
    let mut all = vec![
        ("as it is", secret.to_owned()),
        ("in JSON", quoted.trim_matches('"').to_owned()),
        ("in hex", hex(secret.as_bytes())),
    ];
    for alphabet in [Alphabet::Standard, Alphabet::Url] {
        for before in 0..3 {
            all.push(("in base64", core_of_base64(secret, before, alphabet)));
        }
    }
    all
}

/// The base64 of a secret with this many bytes before it, without the letters that its neighbours have a part in.
fn core_of_base64(secret: &str, before: usize, alphabet: Alphabet) -> String {
    let bytes = [&vec![0; before][..], secret.as_bytes()].concat();
    let letters = base64(&bytes, alphabet);
    let first = (before * 8).div_ceil(6);
    letters[first..bytes.len() * 8 / 6].to_owned()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::super::encoding::{from_base64, percent_encoded};
    use super::*;

    const SECRET: &str = "hunter2+/pass\u{e9}word?";

    #[test]
    fn k1_a_secret_is_found_in_every_spelling() {
        let quoted = serde_json::Value::from(SECRET).to_string();
        let mut spelled = vec![
            SECRET.to_owned(),
            percent_encoded(SECRET),
            percent_encoded(&percent_encoded(SECRET)),
            hex(SECRET.as_bytes()),
            hex(SECRET.as_bytes()).to_uppercase(),
            SECRET.replace("pass", "pa\r\nss"),
            quoted,
        ];
        for before in ["", "b", "bo", "bob"] {
            let pair = format!("{before}{SECRET}:after");
            let standard = base64(pair.as_bytes(), Alphabet::Standard);
            spelled.push(percent_encoded(&standard));
            spelled.push(standard);
            spelled.push(base64(pair.as_bytes(), Alphabet::Url));
        }
        for text in spelled {
            let sent = format!("GET /?x={text} HTTP/1.1\r\n");
            assert!(found(SECRET, sent.as_bytes()).is_some(), "{sent}");
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert_eq!(found(SECRET, b"hunter2 and other words"), None);
        assert_eq!(found(SECRET, b""), None);
    }

    #[test]
    fn base64_is_read_as_it_was_written() {
        for length in 0..20u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(77)).collect();
            for alphabet in [Alphabet::Standard, Alphabet::Url] {
                assert_eq!(from_base64(&base64(&bytes, alphabet)), Some(bytes.clone()));
            }
        }
        assert_eq!(
            base64(b"bob:hunter2", Alphabet::Standard),
            "Ym9iOmh1bnRlcjI="
        );
        assert_eq!(from_base64("a b"), None);
    }
}
