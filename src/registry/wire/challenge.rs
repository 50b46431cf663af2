//! `WWW-Authenticate`: what a registry wants before it answers (RFC 9110 §11.6.1, distribution's token specification).
//!
//! The header is written by whoever we happen to ask, so the worst a hostile one achieves is that no challenge is found
//! (threats A5). What the strict parser refuses is read by [`super::sloppy`]. What a realm may be, and who may see a
//! credential, is decided elsewhere.

use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;

use super::sloppy;
use crate::limits::{HEADER_BYTES, HEADER_PARTS};

/// What is asked of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) enum Challenge {
    /// A token of a token server.
    Bearer {
        /// The token server's address, as it was written; never empty.
        realm: String,
        /// Whom the token is for.
        service: Option<String>,
        /// What the registry says is needed: at best a hint (threats A6).
        scope: Option<String>,
        /// Why a token that was sent did not do: `insufficient_scope`, `invalid_token`.
        error: Option<String>,
    },
    /// User name and password with every request.
    Basic,
}

/// One challenge as written: scheme, and parameters in order.
pub(super) struct Written {
    pub(super) scheme: String,
    pub(super) params: Vec<(String, String)>,
}

/// Chooses among all challenges of an answer: the first Bearer that names a realm, else Basic. Other schemes are passed
/// over.
pub(in crate::registry) fn choose<'a>(
    headers: impl IntoIterator<Item = &'a [u8]>,
) -> Option<Challenge> {
    let mut basic = None;
    for written in headers.into_iter().flat_map(read).take(HEADER_PARTS) {
        if written.scheme.eq_ignore_ascii_case("bearer") {
            let bearer = bearer(&written);
            if bearer.is_some() {
                return bearer;
            }
        } else if written.scheme.eq_ignore_ascii_case("basic") {
            basic = Some(Challenge::Basic);
        }
    }
    basic
}

fn bearer(written: &Written) -> Option<Challenge> {
    // Bytes that were no text stand as this character; such a value is not the one that was meant.
    let whole = |value: &&str| !value.contains(char::REPLACEMENT_CHARACTER);
    let own = |name| written.param(name).filter(whole).map(str::to_owned);
    Some(Challenge::Bearer {
        realm: own("realm").filter(|realm| !realm.is_empty())?,
        service: own("service"),
        scope: own("scope"),
        error: own("error"),
    })
}

impl Written {
    /// The first parameter of that name.
    fn param(&self, name: &str) -> Option<&str> {
        let same = |param: &&(String, String)| param.0.eq_ignore_ascii_case(name);
        Some(self.params.iter().find(same)?.1.as_str())
    }
}

fn read(header: &[u8]) -> Vec<Written> {
    // What would have to be cut is not taken at all: half a realm is another realm.
    if header.len() > HEADER_BYTES {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(header);
    strict(&text).unwrap_or_else(|| sloppy::challenges(&text))
}

fn strict(text: &str) -> Option<Vec<Written>> {
    ChallengeParser::new(text)
        .take(HEADER_PARTS)
        .map(|challenge| Some(written(&challenge.ok()?)))
        .collect()
}

fn written(challenge: &ChallengeRef<'_>) -> Written {
    let params = challenge.params.iter();
    Written {
        scheme: challenge.scheme.to_owned(),
        params: params
            .map(|(name, value)| ((*name).to_owned(), value.to_unescaped()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chosen(headers: &[&str]) -> Option<Challenge> {
        choose(headers.iter().map(|header| header.as_bytes()))
    }

    fn bearer_of(realm: &str, service: &str, scope: &str) -> Option<Challenge> {
        let some = |text: &str| (text != "-").then(|| text.to_owned());
        Some(Challenge::Bearer {
            realm: realm.to_owned(),
            service: some(service),
            scope: some(scope),
            error: None,
        })
    }

    #[test]
    fn the_challenges_of_known_registries() {
        for (header, realm, service, scope) in [
            (
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull""#,
                "https://auth.docker.io/token",
                "registry.docker.io",
                "repository:library/alpine:pull",
            ),
            (
                r#"Bearer realm="https://quay.io/v2/auth",service="quay.io""#,
                "https://quay.io/v2/auth",
                "quay.io",
                "-",
            ),
            (
                r#"Bearer realm="https://codeberg.org/v2/token",service="container_registry",scope="*",Basic realm="https://codeberg.org/v2",service="container_registry",scope="*""#,
                "https://codeberg.org/v2/token",
                "container_registry",
                "*",
            ),
            (
                r#"Bearer realm="https://zot.example/auth/token",service="zot",scope="""#,
                "https://zot.example/auth/token",
                "zot",
                "",
            ),
            (
                r#"Bearer realm="https://h/service/token",service="harbor-registry",scope="repository:a:pull repository:b:pull""#,
                "https://h/service/token",
                "harbor-registry",
                "repository:a:pull repository:b:pull",
            ),
        ] {
            assert_eq!(
                chosen(&[header]),
                bearer_of(realm, service, scope),
                "{header}"
            );
        }
    }

    #[test]
    fn basic_is_taken_where_there_is_no_bearer() {
        for header in [
            r#"Basic realm="Artifactory Realm""#,
            r#"Basic realm="https://1.dkr.ecr.eu-central-1.amazonaws.com/",service="ecr.amazonaws.com""#,
            "Basic",
            "basic",
            "Negotiate, Basic realm=x",
            r#"Negotiate YII=, Basic realm="x""#,
            r#"Digest realm="a", nonce="Bearer realm=x", Basic realm="b""#,
            r#"Bearer service="no realm", Basic realm="x""#,
            r#"Bearer realm="", Basic realm="x""#,
        ] {
            assert_eq!(chosen(&[header]), Some(Challenge::Basic), "{header}");
        }
    }

    #[test]
    fn bearer_is_preferred_wherever_it_stands() {
        for headers in [
            &["Basic", r#"Bearer realm="https://a/t""#] as &[&str],
            &[r#"Bearer realm="https://a/t""#, "Basic"],
            &[r#"Basic realm="x", Bearer realm="https://a/t""#],
            &["Negotiate", r#"bearer  REALM = "https://a/t" "#],
            &[r#"Bearer service="s""#, r#"Bearer realm="https://a/t""#],
        ] {
            assert_eq!(
                chosen(headers),
                bearer_of("https://a/t", "-", "-"),
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a5_quoted_commas_and_escapes_belong_to_the_value() {
        let header =
            r#"Bearer realm="https://a/t?x=\"1,2\"",service="a, Basic realm=b",scope="c\\d""#;
        assert_eq!(
            chosen(&[header]),
            bearer_of(r#"https://a/t?x="1,2""#, "a, Basic realm=b", r"c\d")
        );
    }

    #[test]
    fn a5_sloppy_forms_are_read_as_they_were_meant() {
        for header in [
            // Two spaces after the scheme, a bare address, no commas, a comma too many, tabs, a scheme with token68.
            r#"Bearer  realm="https://a/t",service="s""#,
            "Bearer realm=https://a/t,service=s",
            r#"Bearer realm="https://a/t" service="s""#,
            r#"Bearer ,realm="https://a/t",,service="s","#,
            "Bearer\trealm=\"https://a/t\"\t,\tservice=\"s\"",
            r#"Negotiate YIIabc==, Bearer realm="https://a/t",service="s""#,
            r#"Bearer realm="https://a/t",service="s",note="für alle""#,
            r#"Bearer realm="https://a/t",service="s",note="never closed"#,
            r#", Bearer realm="https://a/t",service=s"#,
        ] {
            assert_eq!(
                chosen(&[header]),
                bearer_of("https://a/t", "s", "-"),
                "{header}"
            );
        }
    }

    #[test]
    fn why_a_token_did_not_do_is_kept() {
        let header = r#"Bearer realm="https://a/t",error="insufficient_scope""#;
        let Some(Challenge::Bearer { error, .. }) = chosen(&[header]) else {
            panic!("this is a Bearer challenge");
        };
        assert_eq!(error.as_deref(), Some("insufficient_scope"));
    }

    #[test]
    fn a5_of_two_parameters_of_one_name_the_first_counts() {
        let header = r#"Bearer realm="https://a/t",realm="https://evil/t""#;
        assert_eq!(chosen(&[header]), bearer_of("https://a/t", "-", "-"));
    }

    #[test]
    fn a5_what_is_no_challenge_is_none() {
        for header in [
            "",
            " ",
            ",,,",
            "=",
            "\"",
            "Negotiate",
            "realm=\"https://a/t\"",
            "Bearer",
        ] {
            assert_eq!(chosen(&[header]), None, "{header:?}");
        }
        assert_eq!(choose([]), None);
    }

    #[test]
    fn a5_bytes_that_are_no_text_spoil_only_the_value_they_stand_in() {
        let header = b"Bearer realm=\"https://a/t\",service=\"s\xff\",scope=\"c\"";
        assert_eq!(choose([&header[..]]), bearer_of("https://a/t", "-", "c"));
        assert_eq!(choose([&b"Bearer realm=\"https://a\xff/t\""[..]]), None);
        assert_eq!(choose([&b"\xff\xfeBasic"[..]]), None);
    }

    #[test]
    fn a5_a_header_beyond_the_limit_is_not_read() {
        let sized = |bytes: usize| {
            let frame = r#"Bearer realm="""#.len();
            format!(r#"Bearer realm="{}""#, "x".repeat(bytes - frame))
        };
        assert!(chosen(&[&sized(HEADER_BYTES)]).is_some());
        assert!(chosen(&[&sized(HEADER_BYTES + 1)]).is_none());
    }

    #[test]
    fn a5_challenges_beyond_the_limit_are_not_looked_at() {
        let after = |others: usize| format!("{}Basic", "Other, ".repeat(others));
        assert!(chosen(&[&after(HEADER_PARTS - 1)]).is_some());
        assert!(chosen(&[&after(HEADER_PARTS)]).is_none());
        let mut lines = vec!["Other"; HEADER_PARTS];
        lines.push("Basic");
        assert!(chosen(&lines).is_none());
    }

    /// Pieces that headers are made of, well formed or not.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "Bearer",
            "Basic",
            "realm",
            "service",
            "=",
            ",",
            " ",
            "\t",
            "\"",
            "\\",
            "a",
            "é",
            "https://a/t",
            "\"x,y\"",
            "\"a\\\"b\"",
            "token68==",
            ";",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a5_any_bytes_are_read_without_a_panic(header in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = choose([&header[..]]);
        }

        #[test]
        fn a5_both_parsers_agree_on_what_the_strict_one_accepts(header in pieces()) {
            let plain = |list: Vec<Written>| -> Vec<_> {
                list.into_iter().map(|one| (one.scheme, one.params)).collect()
            };
            if let Some(strict) = strict(&header) {
                prop_assert_eq!(plain(strict), plain(sloppy::challenges(&header)));
            }
        }
    }
}
