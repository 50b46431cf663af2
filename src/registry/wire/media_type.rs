//! `Accept` and `Content-Type`: what manifests may come as, and what they say they are.

use std::str;

use crate::oci::MediaType;

/// What we accept where a manifest or index is asked for.
///
/// Always all of it: Distribution compares types as they are written and takes no `*/*`, so that an OCI manifest is "not
/// found" where its type is missing here, and a list of platforms becomes one of them. Docker's schema 1 stands last,
/// before the artifact manifest, which never became a standard.
pub(in crate::registry) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, \
     application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, \
     application/vnd.docker.distribution.manifest.v1+prettyjws, \
     application/vnd.docker.distribution.manifest.v1+json, \
     application/vnd.oci.artifact.manifest.v1+json";

/// Types that servers give to what they know nothing about; the document itself then says what it is.
const SAYS_NOTHING: [&str; 2] = ["application/json", "application/octet-stream"];

/// What a `Content-Type` says a document is, or nothing where the document has to say it: without the header, with one that
/// is malformed, and with one that fits anything.
pub(in crate::registry) fn announced(content_type: Option<&[u8]>) -> Option<MediaType> {
    let media_type = essence(content_type?)?;
    // No document is of a type for people.
    let is_for_people = media_type.as_str().starts_with("text/");
    let says_something = !is_for_people && !SAYS_NOTHING.contains(&media_type.as_str());
    says_something.then_some(media_type)
}

/// The type of a `Content-Type` without its parameters, in lower case (RFC 9110 §8.3.1).
pub(in crate::registry) fn essence(content_type: &[u8]) -> Option<MediaType> {
    let media_type = MediaType::new(str::from_utf8(content_type).ok()?);
    let (kind, subtype) = media_type.as_str().split_once('/')?;
    (is_token(kind) && is_token(subtype)).then_some(media_type)
}

/// RFC 6838 §4.2 allows 127 characters.
fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
    (1..=127).contains(&text.len()) && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(content_type: &str) -> Option<String> {
        announced(Some(content_type.as_bytes())).map(|media_type| media_type.to_string())
    }

    #[test]
    fn all_types_of_manifests_are_accepted_and_each_once() {
        let accepted: Vec<&str> = ACCEPT.split(", ").collect();
        let expected = [
            MediaType::OCI_INDEX,
            MediaType::DOCKER_LIST,
            MediaType::OCI_MANIFEST,
            MediaType::DOCKER_MANIFEST,
            MediaType::DOCKER_SCHEMA1_SIGNED,
            MediaType::DOCKER_SCHEMA1,
            "application/vnd.oci.artifact.manifest.v1+json",
        ];
        assert_eq!(accepted, expected);
    }

    #[test]
    fn c5_parameters_and_case_do_not_count() {
        for written in [
            "application/vnd.oci.image.index.v1+json",
            "Application/VND.oci.image.index.v1+JSON; charset=utf-8",
            " application/vnd.oci.image.index.v1+json ;q=1",
        ] {
            assert_eq!(
                of(written).as_deref(),
                Some(MediaType::OCI_INDEX),
                "{written}"
            );
        }
    }

    #[test]
    fn c5_types_that_fit_anything_say_nothing() {
        for written in [
            "application/json",
            "application/json; charset=utf-8",
            "APPLICATION/JSON",
            "application/octet-stream",
            "text/plain; charset=utf-8",
            "text/html",
        ] {
            assert_eq!(of(written), None, "{written}");
        }
        assert_eq!(announced(None), None);
    }

    #[test]
    fn c6_what_is_no_type_says_nothing() {
        for written in [
            "",
            ";",
            "/",
            "a/",
            "/b",
            "a",
            "a/b/c",
            "a b/c",
            "a/b\u{1b}",
            "é/b",
            "a/b, c/d",
            "*/*",
        ] {
            assert_eq!(of(written), None, "{written}");
        }
        assert_eq!(announced(Some(b"a/\xff")), None);
        assert!(of(&format!("a/{}", "b".repeat(127))).is_some());
        assert_eq!(of(&format!("a/{}", "b".repeat(128))), None);
    }
}
