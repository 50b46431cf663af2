//! What is attached to a manifest, and which of it are signatures, SBOMs and attestations.
//!
//! Things are attached in four ways: they name their subject and a registry lists them; an index under a tag lists them
//! where the registry does not (distribution-spec 1.1, "Referrers Tag Schema"); they stand under one of cosign's tags; or
//! they are a child of the index that describes another one (buildkit, attestation-storage.md). Whatever the way, it
//! is a [`Referrer`] in the end. The tables below are the only place that knows what which tool calls its own.

use super::manifest::DocumentError;
use super::{Algorithm, Descriptor, Digest, MediaType, Tag};
use crate::value::Value;

/// Something that is attached to a manifest or index.
#[derive(Debug, Clone, PartialEq)]
pub struct Referrer {
    /// Its own manifest.
    pub descriptor: Descriptor,
    /// What it says it is.
    pub artifact_type: Option<String>,
    /// A map of its annotations.
    pub annotations: Value,
    /// What it is attached to, if that is told.
    pub subject: Option<Digest>,
    /// What it is good for; a signed SBOM is two things at once.
    pub kinds: Kinds,
}

/// One kind of thing that is attached to images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// Somebody vouches for the image.
    Signature,
    /// A list of what is in it.
    Sbom,
    /// A statement about it, in most cases signed.
    Attestation,
}

/// Some kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    fn of(kinds: &[Attachment]) -> Self {
        Self(kinds.iter().fold(0, |all, kind| all | 1 << *kind as u8))
    }

    /// Tells whether a kind is among them.
    pub fn contains(self, kind: Attachment) -> bool {
        self.0 & 1 << kind as u8 != 0
    }

    fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

use Attachment::{Attestation, Sbom, Signature};

/// The types of manifests and layers by what they are; `*` stands for whatever follows.
const TYPES: &[(&str, Attachment)] = &[
    // cosign: pkg/types/media.go, and what it writes with `--registry-referrers-mode oci-1-1`.
    ("application/vnd.dev.cosign.artifact.sig.v1+json", Signature),
    (
        "application/vnd.dev.cosign.simplesigning.v1+json",
        Signature,
    ),
    ("application/vnd.dev.cosign.artifact.sbom.v1+json", Sbom),
    (
        "application/vnd.dev.cosign.artifact.att.v1+json",
        Attestation,
    ),
    // notation: notaryproject/specifications, signature-specification.md.
    ("application/vnd.cncf.notary.signature", Signature),
    // SPDX and CycloneDX by their registered names, and as cosign and Syft write them.
    ("application/spdx*", Sbom),
    ("text/spdx*", Sbom),
    ("application/vnd.cyclonedx*", Sbom),
    ("application/vnd.syft*", Sbom),
    // in-toto/attestation, spec/v1/bundle.md; secure-systems-lab/dsse, envelope.md; buildkit, attestation-storage.md.
    ("application/vnd.in-toto*", Attestation),
    ("application/vnd.dsse.envelope*", Attestation),
    (ATTESTATION_MANIFEST, Attestation),
];

/// Types of what a statement says, by what the statement then is; any other makes it an attestation.
const PREDICATES: &[(&str, &[Attachment])] = &[
    // cosign 3 signs by a statement that says nothing else.
    ("https://sigstore.dev/cosign/sign/*", &[Signature]),
    ("https://spdx.dev/Document*", &[Sbom, Attestation]),
    ("https://cyclonedx.org/bom*", &[Sbom, Attestation]),
];

/// Where the type of what a statement says is annotated: by sigstore on the manifest, by buildkit and cosign on the layer.
const PREDICATE_TYPES: [&str; 3] = [
    "dev.sigstore.bundle.predicateType",
    "in-toto.io/predicate-type",
    "predicateType",
];

/// The layers that are statements, or have one in them.
const STATEMENTS: [&str; 3] = [
    "application/vnd.in-toto*",
    "application/vnd.dsse.envelope*",
    BUNDLE,
];

/// Sigstore's bundle, of any version: a signature, over a statement or over the image itself.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle*";
const BUNDLE_CONTENT: &str = "dev.sigstore.bundle.content";

/// What buildkit calls an attestation where it gives it a type.
const ATTESTATION_MANIFEST: &str = "application/vnd.docker.attestation.manifest.v1+json";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

impl Attachment {
    /// The tag under which cosign keeps what it attaches of this kind; none where it would be too long for one.
    pub fn tag_of(self, subject: &Digest) -> Option<Tag> {
        let (algorithm, hex) = (subject.algorithm().name(), subject.hex());
        format!("{algorithm}-{hex}.{}", self.cosign_word())
            .parse()
            .ok()
    }

    fn cosign_word(self) -> &'static str {
        match self {
            Self::Signature => "sig",
            Self::Sbom => "sbom",
            Self::Attestation => "att",
        }
    }
}

/// The tag of the index that lists what is attached, where the registry does not (distribution-spec 1.1, "Referrers Tag
/// Schema").
pub fn referrers_tag(subject: &Digest) -> Tag {
    let hex = subject.hex();
    let tag = format!(
        "{}-{}",
        subject.algorithm().name(),
        &hex[..hex.len().min(64)]
    );
    tag.parse().expect("an algorithm and hex digits make a tag")
}

/// Tells whether a tag may be one that names what something under it is attached to: all of them begin alike.
pub fn names_subject(tag: &Tag) -> bool {
    let algorithms = [Algorithm::Sha256, Algorithm::Sha512];
    let mut names = algorithms.iter().map(|algorithm| algorithm.name());
    names.any(|name| {
        tag.as_str()
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('-'))
    })
}

impl Referrer {
    /// Reads an entry of a listing of what is attached to `subject`. One that is unclear is of no kind yet.
    ///
    /// Errors: as for a descriptor.
    pub fn read(entry: &Value, subject: &Digest) -> Result<Self, DocumentError> {
        let artifact_type = text(entry, "artifactType");
        let subject = Some(subject.clone());
        let descriptor = Descriptor::read(entry)?;
        let mut referrer = Self::new(descriptor, artifact_type, annotations(entry), subject);
        if referrer.is_unclear() {
            referrer.kinds = Kinds::default();
        }
        Ok(referrer)
    }

    /// Reads it out of its own manifest, which says more than some listings do.
    pub fn of_manifest(manifest: &Value, descriptor: Descriptor, subject: Option<Digest>) -> Self {
        let layers = layers(manifest);
        let config = manifest
            .at(&["config", "mediaType"])
            .and_then(Value::as_text);
        let config = config.filter(|config| says_what_it_is(config));
        let layer = || layers.first().and_then(|layer| text(layer, "mediaType"));
        let own = text(manifest, "artifactType").filter(|own| says_what_it_is(own));
        let artifact_type = own.or_else(|| config.map(str::to_owned)).or_else(layer);
        let mut referrer = Self::new(descriptor, artifact_type, annotations(manifest), subject);
        let stated = layers.iter().filter_map(predicate_type);
        let stated = stated.map(|stated| of_predicate(&stated));
        referrer.kinds = stated.fold(referrer.kinds, Kinds::union);
        referrer
    }

    /// What stands under one of cosign's tags. What it is follows from the tag alone.
    pub fn of_tag(kind: Attachment, descriptor: Descriptor, subject: &Digest) -> Self {
        let word = kind.cosign_word();
        let artifact_type = format!("application/vnd.dev.cosign.artifact.{word}.v1+json");
        let subject = Some(subject.clone());
        Self::new(descriptor, Some(artifact_type), Value::map([]), subject)
    }

    /// Reads a child of an index, if it is an attestation about another one. A type is what buildkit gives it elsewhere.
    pub(super) fn of_child(entry: &Value, descriptor: &Descriptor) -> Option<Self> {
        if descriptor.reference_type.as_deref() != Some("attestation-manifest") {
            return None;
        }
        let annotations = annotations(entry);
        let about = annotations.get(REFERENCE_DIGEST).and_then(Value::as_text);
        let subject = about.and_then(|about| about.parse().ok());
        let artifact_type = text(entry, "artifactType");
        let artifact_type = artifact_type.unwrap_or_else(|| ATTESTATION_MANIFEST.to_owned());
        let mut referrer = Self::new(
            descriptor.clone(),
            Some(artifact_type),
            annotations,
            subject,
        );
        referrer.kinds = referrer.kinds.union(Kinds::of(&[Attestation]));
        Some(referrer)
    }

    fn new(
        descriptor: Descriptor,
        artifact_type: Option<String>,
        annotations: Value,
        subject: Option<Digest>,
    ) -> Self {
        let kinds = kinds(artifact_type.as_deref(), &annotations);
        Self {
            descriptor,
            artifact_type,
            annotations,
            subject,
            kinds,
        }
    }

    /// Tells whether its listing does not say what it is. cosign's index under the tag leaves annotations out
    /// (sigstore/cosign #4641), and what has no type of its own is listed by its config's.
    pub fn is_unclear(&self) -> bool {
        let Some(artifact_type) = &self.artifact_type else {
            return true;
        };
        let is_bundle = fits(BUNDLE, artifact_type);
        let says_more =
            self.predicate_type().is_some() || self.annotations.get(BUNDLE_CONTENT).is_some();
        !says_what_it_is(artifact_type) || (is_bundle && !says_more)
    }

    /// The type of what its statement says, if its annotations tell.
    pub fn predicate_type(&self) -> Option<String> {
        predicate_of(&self.annotations)
    }

    /// Learns from its manifest which statements it holds.
    pub fn learn(&mut self, manifest: &Value) {
        let stated = layers(manifest).iter().filter_map(predicate_type);
        let kinds = stated.map(|stated| of_predicate(&stated));
        self.kinds = kinds.fold(self.kinds, Kinds::union);
    }
}

/// The layers of an attestation that may be statements about how an image was built, by what they say they are.
///
/// Errors: as for a descriptor.
pub fn provenance_layers(manifest: &Value) -> Result<Vec<Descriptor>, DocumentError> {
    let may_be = |layer: &&Value| {
        let media_type = text(layer, "mediaType").unwrap_or_default();
        let is_statement = STATEMENTS.iter().any(|pattern| fits(pattern, &media_type));
        is_statement && predicate_type(layer).is_none_or(|stated| is_provenance(&stated))
    };
    let layers = layers(manifest).iter().filter(may_be);
    layers.map(Descriptor::read).collect()
}

/// Tells whether a statement of this type says how something was built (slsa.dev, "Provenance", any version).
pub fn is_provenance(predicate_type: &str) -> bool {
    fits("https://slsa.dev/provenance/*", predicate_type)
}

fn kinds(artifact_type: Option<&str>, annotations: &Value) -> Kinds {
    let artifact_type = artifact_type.unwrap_or_default();
    let stated = predicate_of(annotations).map(|stated| of_predicate(&stated));
    if fits(BUNDLE, artifact_type) {
        // Whatever else it may be, there is a signature in it.
        return stated.unwrap_or(Kinds::of(&[Signature]));
    }
    let found = TYPES
        .iter()
        .find(|(pattern, _)| fits(pattern, artifact_type));
    let own = found.map_or(Kinds::default(), |(_, kind)| Kinds::of(&[*kind]));
    own.union(stated.unwrap_or_default())
}

fn of_predicate(predicate_type: &str) -> Kinds {
    let mut known = PREDICATES.iter();
    let found = known.find(|(pattern, _)| fits(pattern, predicate_type));
    Kinds::of(found.map_or(&[Attestation], |(_, kinds)| kinds))
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == pattern,
    }
}

/// Types that a config has where nobody says what the artifact is.
fn says_what_it_is(artifact_type: &str) -> bool {
    let media_type = MediaType::new(artifact_type);
    !media_type.is_image_config() && media_type.as_str() != MediaType::OCI_EMPTY
}

fn predicate_type(layer: &Value) -> Option<String> {
    predicate_of(layer.get("annotations")?)
}

fn predicate_of(annotations: &Value) -> Option<String> {
    let mut names = PREDICATE_TYPES.iter();
    names.find_map(|name| text(annotations, name))
}

fn annotations(document: &Value) -> Value {
    let found = document.get("annotations");
    let found = found.filter(|found| found.as_map().is_some());
    found.cloned().unwrap_or(Value::map([]))
}

fn layers(manifest: &Value) -> &[Value] {
    let layers = manifest.get("layers").and_then(Value::as_list);
    layers.unwrap_or_default()
}

fn text(document: &Value, member: &str) -> Option<String> {
    let text = document.get(member)?.as_text()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::json;
    use super::*;

    fn digest() -> Digest {
        Digest::of(b"image")
    }

    fn referrer(more: &str) -> Referrer {
        let text = format!(
            r#"{{"mediaType":"{}","digest":"{}","size":7{more}}}"#,
            MediaType::OCI_MANIFEST,
            Digest::of(b"it")
        );
        Referrer::read(&json(&text), &digest()).expect("a test's entry is valid")
    }

    /// The kinds in letters: `s`ignature, s`b`om, `a`ttestation.
    fn letters(referrer: &Referrer) -> String {
        let all = [(Signature, 's'), (Sbom, 'b'), (Attestation, 'a')];
        let found = all
            .iter()
            .filter(|(kind, _)| referrer.kinds.contains(*kind));
        found.map(|(_, letter)| *letter).collect()
    }

    #[test]
    fn what_is_attached_is_known_by_the_type_its_tool_gives_it() {
        for (artifact_type, expected) in [
            ("application/vnd.dev.cosign.artifact.sig.v1+json", "s"),
            ("application/vnd.cncf.notary.signature", "s"),
            ("application/spdx+json", "b"),
            ("text/spdx+xml", "b"),
            ("application/vnd.cyclonedx+json", "b"),
            ("application/vnd.syft+json", "b"),
            ("application/vnd.in-toto+json", "a"),
            ("application/vnd.dsse.envelope.v1+json", "a"),
            ("application/vnd.docker.attestation.manifest.v1+json", "a"),
            ("application/vnd.dev.sigstore.bundle.v0.3+json", ""),
            ("application/vnd.acme.report", ""),
            ("application/vnd.cncf.notary.signature.not", ""),
        ] {
            let found = referrer(&format!(r#","artifactType":"{artifact_type}""#));
            assert_eq!(letters(&found), expected, "{artifact_type}");
        }
        assert_eq!(letters(&referrer("")), "");
    }

    #[test]
    fn a_bundle_is_what_its_statement_says() {
        for (annotation, value, expected, is_unclear) in [
            (
                "dev.sigstore.bundle.predicateType",
                "https://sigstore.dev/cosign/sign/v1",
                "s",
                false,
            ),
            (
                "dev.sigstore.bundle.predicateType",
                "https://slsa.dev/provenance/v1",
                "a",
                false,
            ),
            (
                "dev.sigstore.bundle.predicateType",
                "https://spdx.dev/Document/v2.3",
                "ba",
                false,
            ),
            (
                "dev.sigstore.bundle.content",
                "message-signature",
                "s",
                false,
            ),
            ("org.acme.note", "x", "", true),
        ] {
            let found = referrer(&format!(
                r#","artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json","annotations":{{"{annotation}":"{value}"}}"#
            ));
            assert_eq!(
                (letters(&found).as_str(), found.is_unclear()),
                (expected, is_unclear),
                "{value}"
            );
        }
    }

    #[test]
    fn a_listing_that_does_not_say_what_it_is_is_unclear_and_the_manifest_says_it() {
        for unclear in [
            "",
            r#","artifactType":"application/vnd.oci.empty.v1+json""#,
            r#","artifactType":"application/vnd.oci.image.config.v1+json""#,
        ] {
            assert!(referrer(unclear).is_unclear(), "{unclear}");
        }
        let of =
            |manifest: &str| Referrer::of_manifest(&json(manifest), referrer("").descriptor, None);
        let by_layer = of(
            r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[
            {"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json"}]}"#,
        );
        assert_eq!(letters(&by_layer), "s");
        let by_config = of(
            r#"{"config":{"mediaType":"application/vnd.cncf.notary.signature"},"layers":[{"mediaType":"application/jose+json"}]}"#,
        );
        assert_eq!(letters(&by_config), "s");
        let stated = of(
            r#"{"artifactType":"application/vnd.docker.attestation.manifest.v1+json","layers":[
            {"mediaType":"application/vnd.in-toto+json","annotations":{"in-toto.io/predicate-type":"https://spdx.dev/Document"}}]}"#,
        );
        assert_eq!(letters(&stated), "ba");
        let bundle = of(r#"{"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}"#);
        assert_eq!(letters(&bundle), "s");
        assert_eq!(of("{}").artifact_type, None);
    }

    #[test]
    fn tags_of_a_subject() {
        let hex = digest().hex().to_owned();
        assert_eq!(referrers_tag(&digest()).as_str(), format!("sha256-{hex}"));
        let tag = |kind: Attachment| kind.tag_of(&digest()).unwrap().to_string();
        assert_eq!(tag(Signature), format!("sha256-{hex}.sig"));
        assert_eq!(tag(Sbom), format!("sha256-{hex}.sbom"));
        assert_eq!(tag(Attestation), format!("sha256-{hex}.att"));
        let long: Digest = format!("sha512:{}", "a".repeat(128)).parse().unwrap();
        assert_eq!(
            referrers_tag(&long).as_str(),
            format!("sha512-{}", "a".repeat(64))
        );
        assert_eq!(Signature.tag_of(&long), None);
        assert!(
            names_subject(&referrers_tag(&long))
                && names_subject(&Signature.tag_of(&digest()).unwrap())
        );
        assert!(
            !names_subject(&"sha256".parse().unwrap()) && !names_subject(&"1.0".parse().unwrap())
        );
    }

    #[test]
    fn e5_any_member_of_any_wrong_type_gives_a_referrer_or_an_error() {
        for wrong in [
            "null",
            "[]",
            "{}",
            "\"\"",
            "0",
            "true",
            "[null]",
            "[{}]",
            r#"{"a":null}"#,
        ] {
            for member in [
                "artifactType",
                "annotations",
                "mediaType",
                "digest",
                "size",
                "config",
                "layers",
            ] {
                let entry = json(&format!(r#"{{"{member}":{wrong}}}"#));
                assert!(
                    Referrer::read(&entry, &digest()).is_err(),
                    "{member} {wrong}"
                );
                let read = Referrer::of_manifest(&entry, referrer("").descriptor, None);
                assert_eq!(letters(&read), "");
                assert!(provenance_layers(&entry).is_ok_and(|layers| layers.is_empty()));
            }
        }
    }
}
