//! A manifest in Docker's first format with its signature around it (distribution 2.8, docs/spec/manifest-v2-1.md).
//!
//! Its digest is that of the payload, which the signature tells how to cut out of what is sent; hashing what is sent gives
//! something else.

use regq::oci::{Digest, MediaType};
use serde_json::{Value, json};

use super::image::{Blobs, Content, Schema1};

/// A signed image, created when it says. Nobody could verify the signature.
#[derive(Clone)]
pub(crate) struct SignedSchema1(pub(crate) &'static str);

impl SignedSchema1 {
    /// What is signed, and what the digest is of.
    pub(crate) fn payload(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(&Schema1(self.0).manifest()).expect("JSON is written")
    }

    /// What is sent: the payload up to its last line, the signatures, and that line.
    fn signed(&self) -> Vec<u8> {
        let payload = self.payload();
        let length = payload.len() - TAIL.len();
        let protected = json!({
            "formatLength": length,
            "formatTail": base64url(TAIL),
            "time": "2015-03-01T12:00:00Z",
        });
        let signature = json!({
            "header": {"jwk": {"crv": "P-256", "kid": "AAAA:BBBB", "kty": "EC", "x": "eA", "y": "eQ"}, "alg": "ES256"},
            "signature": base64url(b"a signature"),
            "protected": base64url(protected.to_string().as_bytes()),
        });
        let signatures = format!(",\n  \"signatures\": {}", Value::Array(vec![signature]));
        [&payload[..length], signatures.as_bytes(), TAIL].concat()
    }
}

/// How pretty JSON ends.
const TAIL: &[u8] = b"\n}";

fn base64url(bytes: &[u8]) -> String {
    super::fake::base64(bytes, super::fake::Alphabet::Url)
}

impl Content for SignedSchema1 {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let digest = Digest::of(&self.payload()).to_string();
        let signed = self.signed();
        let descriptor = json!({
            "mediaType": MediaType::DOCKER_SCHEMA1_SIGNED,
            "digest": digest,
            "size": signed.len(),
        });
        blobs.insert(digest, signed);
        descriptor
    }
}
