//! Docker's image manifest, version 2, schema 1 (distribution 2.8, docs/spec/manifest-v2-1.md).
//!
//! There is no config and there are no sizes; what a config would say stands as JSON inside a string, newest
//! layer first.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::manifest::DocumentError;
use super::{Digest, Platform};
use crate::value::{Value, parse_json};

/// A schema 1 manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema1 {
    /// `fsLayers[].blobSum`, lowest first (the document has them newest first).
    pub layers: Vec<Digest>,
    /// `history[0].v1Compatibility`: what an image config would say.
    pub image: Value,
    /// All of `history[].v1Compatibility`, oldest first.
    pub history: Vec<Value>,
}

impl Schema1 {
    pub(super) fn read(document: &Value) -> Result<Self, DocumentError> {
        let list = |name| {
            document
                .get(name)
                .and_then(Value::as_list)
                .unwrap_or_default()
        };
        let layers: Result<Vec<Digest>, DocumentError> = list("fsLayers")
            .iter()
            .rev()
            .map(|layer| {
                let digest = layer.get("blobSum").and_then(Value::as_text);
                Ok(digest.ok_or(DocumentError::Missing("blobSum"))?.parse()?)
            })
            .collect();
        let history: Result<Vec<Value>, DocumentError> =
            list("history").iter().rev().map(compatibility).collect();
        let history = history?;
        Ok(Self {
            layers: layers?,
            image: history
                .last()
                .cloned()
                .ok_or(DocumentError::Missing("history"))?,
            history,
        })
    }

    /// What is signed of a signed schema 1 manifest, and so what its digest covers: the document without its signatures,
    /// put together again as each of them says it was. `None` if this is no such manifest.
    ///
    /// The signatures themselves are not checked: whoever wrote the manifest also wrote the keys into it. It is the digest
    /// that tells whether the content is what was asked for (threats S4), so nothing may be read out of what is returned
    /// before it is compared, and nothing at all out of the bytes around it.
    pub fn signed_payload(content: &[u8]) -> Option<Vec<u8>> {
        // Nearly everything that is no such manifest need not be read for that.
        const MEMBER: &[u8] = b"\"signatures\"";
        if !content.windows(MEMBER.len()).any(|bytes| bytes == MEMBER) {
            return None;
        }
        let document = parse_json(content).ok()?;
        let signatures = document.get("signatures")?.as_list()?;
        let mut formats = signatures.iter().map(Format::read);
        let format = formats.next()??;
        if !formats.all(|other| other.as_ref() == Some(&format)) {
            return None;
        }
        let payload = [content.get(..format.length)?, &format.tail].concat();
        let version = parse_json(&payload).ok()?.get("schemaVersion")?.as_int();
        (version == Some(1)).then_some(payload)
    }

    /// Whom it runs on; `linux` where it does not say.
    pub fn platform(&self) -> Option<Platform> {
        Platform::read(&self.image).or_else(|| {
            Some(Platform {
                os: "linux".to_owned(),
                architecture: self.image.get("architecture")?.as_text()?.to_owned(),
                variant: None,
            })
        })
    }
}

/// How a signature says the document was before signatures were put into it.
#[derive(PartialEq)]
struct Format {
    /// How much of the content was there.
    length: usize,
    /// What followed at once.
    tail: Vec<u8>,
}

impl Format {
    fn read(signature: &Value) -> Option<Self> {
        let protected = parse_json(&base64url(signature.get("protected")?)?).ok()?;
        Some(Self {
            length: protected.get("formatLength")?.as_int()?.try_into().ok()?,
            tail: base64url(protected.get("formatTail")?)?,
        })
    }
}

fn base64url(text: &Value) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.as_text()?).ok()
}

fn compatibility(entry: &Value) -> Result<Value, DocumentError> {
    let text = entry
        .get("v1Compatibility")
        .and_then(Value::as_text)
        .ok_or(DocumentError::Missing("v1Compatibility"))?;
    parse_json(text.as_bytes()).map_err(|error| DocumentError::V1Compatibility(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::json;
    use super::super::{Kind, ManifestOrIndex};
    use super::*;

    const LAYER: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_newest_entry_describes_the_image() {
        let document = json(&format!(
            r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"{LAYER}"}}],"history":[
               {{"v1Compatibility":"{{\"architecture\":\"amd64\",\"created\":\"2015-03-01T12:00:00Z\"}}"}},
               {{"v1Compatibility":"{{\"created\":\"2015-02-01T12:00:00Z\"}}"}}]}}"#
        ));
        let Ok(ManifestOrIndex::Schema1(read)) = ManifestOrIndex::read(&document, None) else {
            panic!("schema 1 is recognised by its schemaVersion");
        };
        assert_eq!(
            read.image.get("created"),
            Some(&"2015-03-01T12:00:00Z".into())
        );
        assert_eq!(read.history.len(), 2);
        assert_eq!(read.platform().unwrap().to_string(), "linux/amd64");
        assert_eq!(ManifestOrIndex::Schema1(read).kind(), Kind::Schema1);
    }

    /// As docker-registry 2.8 gives one, and the digest that it gives with it.
    const SIGNED: &str = include_str!("schema1_signed.json");
    const SIGNED_DIGEST: &str =
        "sha256:83d81e6b4b4d7bc453956bf12dbbac724ff479cffc92451be72eed29a425a4e8";

    const TAIL: &str = "\n}";

    /// A payload, and content with one signature for each `protected`.
    fn sign(payload: &str, protected: &[String]) -> String {
        let signature = |text: &String| format!(r#"{{"protected":"{}"}}"#, encode(text));
        let signatures: Vec<String> = protected.iter().map(signature).collect();
        let body = payload.strip_suffix(TAIL).unwrap();
        format!("{body},\n\"signatures\":[{}]{TAIL}", signatures.join(","))
    }

    fn encode(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn protected(length: impl std::fmt::Display, tail: &str) -> String {
        format!(
            r#"{{"formatLength":{length},"formatTail":"{}"}}"#,
            encode(tail)
        )
    }

    const PAYLOAD: &str = "{\n\"schemaVersion\":1\n}";

    fn right() -> String {
        protected(PAYLOAD.len() - TAIL.len(), TAIL)
    }

    #[test]
    fn d1_the_payload_of_a_registrys_manifest_has_the_digest_that_the_registry_gives() {
        let payload = Schema1::signed_payload(SIGNED.as_bytes()).unwrap();
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        assert!(digest.matches(&payload) && !digest.matches(SIGNED.as_bytes()));
    }

    #[test]
    fn d1_no_flipped_bit_of_the_payload_goes_unseen() {
        let digest: Digest = SIGNED_DIGEST.parse().unwrap();
        let payload = Schema1::signed_payload(SIGNED.as_bytes()).unwrap();
        for at in 0..payload.len() - TAIL.len() {
            let mut content = SIGNED.as_bytes().to_vec();
            content[at] ^= 1;
            let accepted =
                Schema1::signed_payload(&content).is_some_and(|payload| digest.matches(&payload));
            assert!(!accepted, "{at}");
        }
    }

    #[test]
    fn d1_several_signatures_have_to_agree() {
        let payload =
            |protected: &[String]| Schema1::signed_payload(sign(PAYLOAD, protected).as_bytes());
        let expected = Some(PAYLOAD.as_bytes().to_vec());
        assert_eq!(payload(&[right()]), expected);
        assert_eq!(payload(&[right(), right()]), expected);
        assert_eq!(payload(&[]), None);
        for other in [
            protected(PAYLOAD.len() - TAIL.len() - 1, TAIL),
            protected(PAYLOAD.len() - TAIL.len(), " \n}"),
            "{}".to_owned(),
        ] {
            assert_eq!(payload(&[right(), other.clone()]), None, "{other}");
            assert_eq!(payload(&[other.clone(), right()]), None, "{other}");
        }
    }

    #[test]
    fn d1_a_signature_that_makes_no_sense_makes_no_payload() {
        for length in [
            "1000000",
            "18446744073709551615",
            "-1",
            "1.5",
            "null",
            "\"19\"",
        ] {
            let content = sign(PAYLOAD, &[protected(length, TAIL)]);
            assert_eq!(
                Schema1::signed_payload(content.as_bytes()),
                None,
                "{length}"
            );
        }
        for wrong in [
            "",
            "{",
            "[]",
            r#"{"formatLength":19}"#,
            r#"{"formatLength":19,"formatTail":"*"}"#,
        ] {
            let content = sign(PAYLOAD, &[wrong.to_owned()]);
            assert_eq!(Schema1::signed_payload(content.as_bytes()), None, "{wrong}");
        }
        for content in [
            "",
            "{}",
            r#"{"signatures":null}"#,
            r#"{"signatures":[1]}"#,
            r#"{"signatures":[{"protected":"*"}]}"#,
        ] {
            assert_eq!(
                Schema1::signed_payload(content.as_bytes()),
                None,
                "{content}"
            );
        }
    }

    #[test]
    fn d1_only_schema_1_is_signed_like_this() {
        for payload in ["{\n\"schemaVersion\":2\n}", "{\n\"manifests\":[]\n}"] {
            let content = sign(payload, &[protected(payload.len() - TAIL.len(), TAIL)]);
            assert_eq!(
                Schema1::signed_payload(content.as_bytes()),
                None,
                "{payload}"
            );
        }
    }

    #[test]
    fn history_that_is_no_json_is_an_error() {
        let document = json(r#"{"schemaVersion":1,"history":[{"v1Compatibility":"{"}]}"#);
        assert!(matches!(
            ManifestOrIndex::read(&document, None),
            Err(DocumentError::V1Compatibility(_))
        ));
    }
}
