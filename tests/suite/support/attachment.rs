//! What tools attach to images, in the shape in which each of them writes it.

use std::collections::BTreeMap;

use regq::oci::MediaType;
use serde_json::{Value, json};

use super::fake::{Alphabet, base64};
use super::image::{Blobs, Content, put};

pub(crate) const NOTATION: &str = "application/vnd.cncf.notary.signature";
pub(crate) const SPDX: &str = "application/spdx+json";
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
pub(crate) const SLSA: &str = "https://slsa.dev/provenance/v1";
pub(crate) const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";

/// A manifest that is attached to something, or stands under a tag.
#[derive(Clone)]
pub(crate) struct Attachment {
    artifact_type: Option<String>,
    config_type: String,
    layers: Vec<(String, BTreeMap<String, String>, Vec<u8>)>,
    annotations: BTreeMap<String, String>,
    subject: Option<Value>,
}

impl Attachment {
    /// An artifact of this type with one blob, as `oras attach` makes it.
    pub(crate) fn of(artifact_type: &str) -> Self {
        Self {
            artifact_type: Some(artifact_type.to_owned()),
            config_type: MediaType::OCI_EMPTY.to_owned(),
            layers: Vec::new(),
            annotations: BTreeMap::new(),
            subject: None,
        }
        .layer(
            artifact_type,
            &[],
            format!("{{\"a\":\"{artifact_type}\"}}").into_bytes(),
        )
    }

    /// What notation signs with: the type is that of the config (notation, before 1.0), the layer is JWS.
    pub(crate) fn by_notation() -> Self {
        let mut signature = Self::of("application/jose+json");
        signature.artifact_type = None;
        NOTATION.clone_into(&mut signature.config_type);
        signature
    }

    /// What cosign puts under its tag for signatures.
    pub(crate) fn by_cosign() -> Self {
        let mut signature = Self::of("application/vnd.dev.cosign.simplesigning.v1+json");
        signature.artifact_type = None;
        MediaType::OCI_CONFIG.clone_into(&mut signature.config_type);
        signature
    }

    /// What cosign puts under its tag for attestations: a signed statement.
    pub(crate) fn attested(predicate_type: &str, predicate: &Value) -> Self {
        let mut attestation = Self::by_cosign();
        attestation.layers.clear();
        let annotations = [("predicateType", predicate_type)];
        attestation.layer(
            DSSE,
            &annotations,
            envelope(predicate_type, predicate).to_string().into(),
        )
    }

    /// A bundle of sigstore with a signed statement.
    pub(crate) fn bundle(predicate_type: &str, predicate: &Value) -> Self {
        let mut bundle = Self::of(BUNDLE);
        bundle.layers.clear();
        let content =
            json!({"mediaType": BUNDLE, "dsseEnvelope": envelope(predicate_type, predicate)});
        bundle
            .layer(BUNDLE, &[], content.to_string().into())
            .annotation("dev.sigstore.bundle.content", "dsse-envelope")
            .annotation("dev.sigstore.bundle.predicateType", predicate_type)
    }

    pub(crate) fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    fn layer(mut self, media_type: &str, annotations: &[(&str, &str)], content: Vec<u8>) -> Self {
        let annotations = annotations.iter();
        let annotations =
            annotations.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.layers
            .push((media_type.to_owned(), annotations.collect(), content));
        self
    }

    /// Names what it is attached to.
    pub(crate) fn to(mut self, subject: &Value) -> Self {
        self.subject = Some(subject.clone());
        self
    }

    /// The entry of a listing: as a registry writes it that says all that the specification asks for.
    pub(crate) fn entry(&self, blobs: &mut Blobs) -> Value {
        let mut entry = self.store(blobs);
        entry["artifactType"] = json!(self.artifact_type.as_ref().unwrap_or(&self.config_type));
        if !self.annotations.is_empty() {
            entry["annotations"] = json!(self.annotations);
        }
        entry
    }
}

impl Content for Attachment {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let mut layers = Vec::new();
        for (media_type, annotations, content) in &self.layers {
            let mut layer = put(blobs, media_type, content.clone());
            if !annotations.is_empty() {
                layer["annotations"] = json!(annotations);
            }
            layers.push(layer);
        }
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MediaType::OCI_MANIFEST,
            "config": put(blobs, &self.config_type, b"{}".to_vec()),
            "layers": layers,
        });
        let members = [
            (
                "artifactType",
                self.artifact_type.as_ref().map(|own| json!(own)),
            ),
            ("subject", self.subject.clone()),
            (
                "annotations",
                (!self.annotations.is_empty()).then(|| json!(self.annotations)),
            ),
        ];
        for (name, value) in members {
            if let Some(value) = value {
                manifest[name] = value;
            }
        }
        put(blobs, MediaType::OCI_MANIFEST, manifest.to_string().into())
    }
}

/// The index that lists what is attached where a registry does not, with entries as some tool wrote them.
#[derive(Clone)]
pub(crate) struct StandIn {
    things: Vec<Attachment>,
    /// cosign leaves annotations out (sigstore/cosign #4641).
    bare: bool,
}

impl StandIn {
    pub(crate) fn of(things: impl IntoIterator<Item = Attachment>) -> Self {
        Self {
            things: things.into_iter().collect(),
            bare: false,
        }
    }

    pub(crate) fn without_annotations(mut self) -> Self {
        self.bare = true;
        self
    }
}

impl Content for StandIn {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let mut entries: Vec<Value> = self.things.iter().map(|thing| thing.entry(blobs)).collect();
        for entry in entries.iter_mut().filter(|_| self.bare) {
            entry
                .as_object_mut()
                .expect("an entry is an object")
                .remove("annotations");
        }
        let index =
            json!({"schemaVersion": 2, "mediaType": MediaType::OCI_INDEX, "manifests": entries});
        put(blobs, MediaType::OCI_INDEX, index.to_string().into())
    }
}

/// The tag under which cosign keeps things of a kind: `sig`, `att`, `sbom`.
pub(crate) fn cosign_tag(digest: &str, kind: &str) -> String {
    format!("{}.{kind}", stand_in_tag(digest))
}

/// The tag that stands in for a listing.
pub(crate) fn stand_in_tag(digest: &str) -> String {
    digest.replace(':', "-")
}

/// A statement (in-toto/attestation, spec/v1/statement.md).
pub(crate) fn statement(predicate_type: &str, predicate: &Value) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "_", "digest": {"sha256": "0"}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    })
}

/// The same, signed (secure-systems-lab/dsse, envelope.md).
fn envelope(predicate_type: &str, predicate: &Value) -> Value {
    let payload = statement(predicate_type, predicate).to_string();
    json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": base64(payload.as_bytes(), Alphabet::Standard),
        "signatures": [{"sig": "bm8="}],
    })
}
