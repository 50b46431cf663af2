//! Statements about an image (in-toto/attestation, spec/v1/statement.md), bare or in what they are signed with.
//!
//! A signature is passed by, not looked at: whoever reads a statement here knows what somebody says, not who.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::value::{Value, parse_json};

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What kind of thing it says.
    pub predicate_type: String,
    /// What it says.
    pub predicate: Value,
}

/// Why a document is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// It has none of the members that a statement or an envelope has.
    #[error("it is neither a statement nor a signed one")]
    Unknown,
    /// What was signed is not text in base64.
    #[error("its `payload` is not base64")]
    Payload,
    /// What was signed is not JSON.
    #[error("its `payload` is not JSON: {0}")]
    Json(String),
}

impl Statement {
    /// Reads a statement, the payload of an envelope (secure-systems-lab/dsse, envelope.md), or that of the envelope in a
    /// bundle (sigstore/protobuf-specs, sigstore_bundle.proto).
    ///
    /// Errors: see [`StatementError`].
    pub fn read(document: &Value) -> Result<Self, StatementError> {
        let envelope = document.get("dsseEnvelope").unwrap_or(document);
        match envelope.get("payload").and_then(Value::as_text) {
            Some(payload) => Self::bare(&decoded(payload)?),
            None => Self::bare(document),
        }
    }

    fn bare(document: &Value) -> Result<Self, StatementError> {
        let predicate_type = document.get("predicateType").and_then(Value::as_text);
        Ok(Self {
            predicate_type: predicate_type.ok_or(StatementError::Unknown)?.to_owned(),
            predicate: document.get("predicate").cloned().unwrap_or_default(),
        })
    }
}

/// The specification allows both alphabets, and says nothing of padding.
fn decoded(payload: &str) -> Result<Value, StatementError> {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decode = |alphabet| GeneralPurpose::new(alphabet, lenient).decode(payload);
    let bytes = decode(&STANDARD).or_else(|_| decode(&URL_SAFE));
    let bytes = bytes.map_err(|_| StatementError::Payload)?;
    parse_json(&bytes).map_err(|error| StatementError::Json(error.fault().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::json;
    use super::*;

    const STATEMENT: &str = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://slsa.dev/provenance/v1","predicate":{"builder":">>>???"}}"#;

    fn engine(alphabet: &base64::alphabet::Alphabet) -> GeneralPurpose {
        GeneralPurpose::new(alphabet, base64::engine::general_purpose::NO_PAD)
    }

    #[test]
    fn a_statement_is_the_same_bare_in_an_envelope_and_in_a_bundle() {
        let bare = Statement::read(&json(STATEMENT)).unwrap();
        assert_eq!(bare.predicate_type, "https://slsa.dev/provenance/v1");
        assert_eq!(bare.predicate.at(&["builder"]), Some(&">>>???".into()));
        for alphabet in [&STANDARD, &URL_SAFE] {
            let payload = engine(alphabet).encode(STATEMENT);
            for padding in ["", "=".repeat((4 - payload.len() % 4) % 4).as_str()] {
                let envelope = format!(
                    r#"{{"payloadType":"application/vnd.in-toto+json","payload":"{payload}{padding}","signatures":[]}}"#
                );
                assert_eq!(Statement::read(&json(&envelope)).as_ref(), Ok(&bare));
                let bundle = format!(r#"{{"mediaType":"x","dsseEnvelope":{envelope}}}"#);
                assert_eq!(Statement::read(&json(&bundle)).as_ref(), Ok(&bare));
            }
        }
    }

    #[test]
    fn e5_what_is_no_statement_is_an_error() {
        for text in [
            "{}",
            "[]",
            "null",
            r#"{"predicateType":1}"#,
            r#"{"payload":1}"#,
            r#"{"dsseEnvelope":[]}"#,
        ] {
            assert_eq!(
                Statement::read(&json(text)),
                Err(StatementError::Unknown),
                "{text}"
            );
        }
        let of = |payload: &str| Statement::read(&json(&format!(r#"{{"payload":"{payload}"}}"#)));
        assert_eq!(of("*"), Err(StatementError::Payload));
        assert!(matches!(of("e30x"), Err(StatementError::Json(_))));
        assert_eq!(of("e30="), Err(StatementError::Unknown));
    }
}
