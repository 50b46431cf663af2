//! What is attached: signatures, SBOMs, attestations, how an image was built; and one such thing, where it is the row.

use std::sync::Arc;

use super::attached::Together;
use super::{Evidence, Facet, Field, Resource, Type, Unit};
use crate::oci::{Attachment, Referrer};
use crate::value::Value;

const REFERRER: Type = Type::Record(&[
    ("digest", Type::Text),
    ("artifact_type", Type::Text),
    ("media_type", Type::Text),
    ("size", Type::Integer),
    ("annotations", Type::Map(&Type::Text)),
]);

/// What brings everything that is attached.
const EVERYTHING: &[Facet] = &[
    Facet::Manifest,
    Facet::Referrers,
    Facet::SignatureTag,
    Facet::AttestationTag,
    Facet::SbomTag,
];

pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "referrers",
        sources: EVERYTHING,
        doc: "what is attached to what the tag points to, and in `images` to the row's image too: what the registry lists, cosign's tags, attestations of an index",
        spec: "distribution-spec, Listing Referrers; cosign SIGNATURE_SPEC.md; buildkit attestation-storage.md",
        example: r#"[{"digest": "sha256:6f1c…", "artifact_type": "application/spdx+json", "media_type": "application/vnd.oci.image.manifest.v1+json", "size": 720, "annotations": {}}]"#,
        read: |row| listed(row.attached_things()),
        ..ATTACHED
    },
    Field {
        name: "signatures",
        sources: &[Facet::Referrers, Facet::SignatureTag],
        doc: "the signatures among `referrers`; nobody verified them",
        spec: "distribution-spec, Listing Referrers; cosign SIGNATURE_SPEC.md; notation signature-specification.md",
        example: r#"[{"digest": "sha256:0b7e…", "artifact_type": "application/vnd.cncf.notary.signature", "media_type": "application/vnd.oci.image.manifest.v1+json", "size": 728, "annotations": {}}]"#,
        read: |row| listed(row.attached_of(Attachment::Signature)),
        ..ATTACHED
    },
    Field {
        name: "sboms",
        sources: &[
            Facet::Manifest,
            Facet::Referrers,
            Facet::SbomTag,
            Facet::Attestations,
        ],
        doc: "the SBOMs among `referrers`, attestations that hold one too",
        spec: "distribution-spec, Listing Referrers; SPDX, CycloneDX; in-toto predicates spdx.md, cyclonedx.md",
        example: r#"[{"digest": "sha256:6f1c…", "artifact_type": "application/spdx+json", "media_type": "application/vnd.oci.image.manifest.v1+json", "size": 720, "annotations": {}}]"#,
        read: |row| listed(row.attached_of(Attachment::Sbom)),
        ..ATTACHED
    },
    Field {
        name: "attestations",
        sources: &[Facet::Manifest, Facet::Referrers, Facet::AttestationTag],
        doc: "the attestations among `referrers`",
        spec: "distribution-spec, Listing Referrers; in-toto statement.md; buildkit attestation-storage.md",
        example: r#"[{"digest": "sha256:41aa…", "artifact_type": "application/vnd.docker.attestation.manifest.v1+json", "media_type": "application/vnd.oci.image.manifest.v1+json", "size": 840, "annotations": {}}]"#,
        read: |row| listed(row.attached_of(Attachment::Attestation)),
        ..ATTACHED
    },
    Field {
        name: "signed",
        kind: Type::Boolean,
        sources: &[Facet::Referrers, Facet::SignatureTag],
        doc: "whether a signature is attached, which nobody verified; unknown, not false, where it could not be looked for everywhere",
        spec: "distribution-spec, Listing Referrers; cosign SIGNATURE_SPEC.md; notation signature-specification.md",
        example: "true",
        read: |row| {
            let found = row.attached_of(Attachment::Signature);
            let is_signed = !found.things.is_empty();
            (is_signed || found.is_whole).then_some(Value::Bool(is_signed))
        },
        ..ATTACHED
    },
    Field {
        name: "provenance",
        kind: Type::Any,
        sources: &[Facet::Provenance, Facet::AttachedProvenance],
        doc: "how the row's image was built, as its build attestation says: the SLSA predicate; nobody verified it",
        spec: "slsa.dev provenance; in-toto statement.md; buildkit attestation-storage.md",
        example: r#"{"buildDefinition": {}, "runDetails": {}}"#,
        read: provenance,
        ..ATTACHED
    },
    Field {
        name: "referrer.digest",
        kind: Type::Text,
        unit: Unit::Digest,
        doc: "the digest of the attached thing's manifest",
        spec: "image-spec descriptor.md `digest`",
        example: r#""sha256:6f1c…""#,
        read: |row| of_referrer(row, |found| found.descriptor.digest.to_string().into()),
        ..THING
    },
    Field {
        name: "referrer.artifact_type",
        kind: Type::Text,
        doc: "what it says it is; under a tag of cosign, and in an index, what its place says",
        spec: "image-spec descriptor.md `artifactType`",
        example: r#""application/spdx+json""#,
        read: |row| of_referrer(row, artifact_type),
        ..THING
    },
    Field {
        name: "referrer.media_type",
        kind: Type::Text,
        doc: "the media type of its manifest",
        spec: "image-spec descriptor.md `mediaType`",
        example: r#""application/vnd.oci.image.manifest.v1+json""#,
        read: |row| of_referrer(row, media_type),
        ..THING
    },
    Field {
        name: "referrer.size",
        kind: Type::Integer,
        unit: Unit::Bytes,
        doc: "the size in bytes of its manifest",
        spec: "image-spec descriptor.md `size`",
        example: "720",
        read: |row| of_referrer(row, |found| Value::from(found.descriptor.size)),
        ..THING
    },
    Field {
        name: "referrer.annotations",
        kind: Type::Map(&Type::Text),
        doc: "its annotations, as it is listed with them; none under a tag of cosign",
        spec: "image-spec descriptor.md `annotations`",
        example: r#"{"org.opencontainers.image.created": "2026-02-27T08:20:00Z"}"#,
        read: |row| of_referrer(row, |found| found.annotations.clone()),
        ..THING
    },
    Field {
        name: "referrer.subject",
        kind: Type::Text,
        unit: Unit::Digest,
        doc: "the digest of what it is attached to: what the tag points to, or an image of that",
        spec: "image-spec manifest.md `subject`; buildkit attestation-storage.md `vnd.docker.reference.digest`",
        example: r#""sha256:1f2d8a…""#,
        read: |row| {
            of_referrer(row, |found| {
                found.subject.as_ref().map(ToString::to_string).into()
            })
        },
        ..THING
    },
];

const ATTACHED: Field = Field {
    name: "",
    kind: Type::List(&REFERRER),
    unit: Unit::None,
    resources: Resource::OF_MANIFESTS,
    sources: &[],
    doc: "",
    spec: "",
    example: "",
    read: |_| None,
};

const THING: Field = Field {
    resources: &[Resource::Referrers],
    sources: EVERYTHING,
    ..ATTACHED
};

fn listed(found: Together<'_>) -> Option<Value> {
    let things = found.things.into_iter().map(thing);
    found.is_whole.then(|| Value::list(things.collect()))
}

fn thing(found: &Referrer) -> Value {
    let members = [
        ("digest", found.descriptor.digest.to_string().into()),
        ("artifact_type", artifact_type(found)),
        ("media_type", media_type(found)),
        ("size", Value::from(found.descriptor.size)),
        ("annotations", found.annotations.clone()),
    ];
    Value::map(members.map(|(name, value)| (Arc::from(name), value)))
}

fn artifact_type(found: &Referrer) -> Value {
    found
        .artifact_type
        .as_deref()
        .map_or(Value::Null, Value::text)
}

fn media_type(found: &Referrer) -> Value {
    let text = found.descriptor.media_type.as_str();
    match text.is_empty() {
        true => Value::Null,
        false => Value::text(text),
    }
}

/// What was found counts, wherever; that there is nothing only where all was looked at.
fn provenance(row: &Evidence) -> Option<Value> {
    if row.has_no_child() {
        return Some(Value::Null);
    }
    let attached = &row.attached;
    let found = [&attached.provenance, &attached.attached_provenance];
    let known = found.into_iter().flatten().find(|found| !found.is_null());
    if let Some(known) = known {
        return Some(known.clone());
    }
    let has_no_index = row.top.is_some() && row.index().is_none();
    let is_settled = (attached.provenance.is_some() || has_no_index)
        && attached.attached_provenance.is_some()
        && attached.referrers.is_whole
        && attached.attestation_tags.is_whole;
    is_settled.then_some(Value::Null)
}

/// Reads the thing that the row is; null where it is settled that nothing is attached.
fn of_referrer(row: &Evidence, read: impl Fn(&Referrer) -> Value) -> Option<Value> {
    match &row.referrer {
        Some(thing) => Some(read(thing)),
        None => row.attached_things().is_whole.then_some(Value::Null),
    }
}
