//! The typical row: what `plan` foretells requests on.
//!
//! A made-up image and a made-up index are walked through the same [`next`] that execution loops, and
//! read by the same readers, so that a foretold request is one that would be made.

use std::sync::Arc;

use super::bulk::unoffered;
use super::cover::{Progress, Shape, next};
use crate::fields::{Evidence, Facet, Facets, FieldSet, PlatformChoice, Seen};
use crate::oci::{Descriptor, Digest, ManifestOrIndex, MediaType, Platform};
use crate::registry::{Capabilities, Detail, Details};
use crate::value::{Value, parse_json};

/// What the typical tag points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// A manifest of one image.
    Image,
    /// An index of one, with an attestation about it.
    Index,
}

/// Foretells what a row that needs these fields asks, in order.
pub fn requests(needed: FieldSet, capabilities: &Capabilities, sample: Sample) -> Vec<Facet> {
    let needed = needed.without(unoffered(capabilities));
    let mut row = start(capabilities, sample);
    let mut asked: Facets = [Facet::Name, Facet::Tag].into_iter().collect();
    let mut order = Vec::new();
    loop {
        let progress = Progress {
            present: needed
                .iter()
                .filter(|id| (id.field().read)(&row).is_some())
                .collect(),
            asked,
            failed: Facets::EMPTY,
            shape: shape(&row),
        };
        let Some(facet) = next(needed, &progress) else {
            return order;
        };
        answer(&mut row, facet, sample, capabilities);
        asked.insert(facet);
        if facet == Facet::Children {
            asked.insert(Facet::Child);
        }
        order.push(facet);
    }
}

/// What a row's tag points to, as far as its evidence says.
pub fn shape(row: &Evidence) -> Shape {
    match row.top.as_ref().map(|top| &*top.read) {
        None if row.descriptor.is_some() => Shape::Pointed,
        None => Shape::NotSeen,
        Some(ManifestOrIndex::Index(_)) => Shape::Index,
        Some(_) => Shape::Manifest,
    }
}

fn start(capabilities: &Capabilities, sample: Sample) -> Evidence {
    let repository = "typical".parse().expect("the name follows the grammar");
    let mut row = Evidence::of_repository(Arc::from(""), Arc::from(""), repository);
    row.tag = "typical".parse().ok();
    if capabilities.tags_carry_descriptors {
        row.descriptor = Some(descriptor(sample));
    }
    row.hear(told(capabilities.bulk, sample));
    row
}

/// What a vendor tells of the typical row.
fn told(details: Details, sample: Sample) -> Vec<(&'static str, Value)> {
    let value = |detail| match detail {
        Detail::Digest => Value::from(descriptor(sample).digest.to_string()),
        Detail::MediaType => Value::text(descriptor(sample).media_type.as_str()),
        _ => Value::Null,
    };
    let told = details.iter().map(|detail| (detail.name(), value(detail)));
    told.collect()
}

fn answer(row: &mut Evidence, facet: Facet, sample: Sample, capabilities: &Capabilities) {
    match facet {
        Facet::Name | Facet::Tag => {}
        Facet::Repository => {
            row.hear(told(
                capabilities.single.both(Details::OF_REPOSITORIES),
                sample,
            ));
        }
        Facet::Activity => row.hear(told(capabilities.single.both(Details::OF_TAGS), sample)),
        Facet::TagList => row.tags = Some(Vec::new()),
        Facet::Parents => row.hear([(Detail::Parents.name(), Value::Null)]),
        Facet::Head => row.descriptor = Some(descriptor(sample)),
        Facet::Manifest => {
            row.descriptor = Some(descriptor(sample));
            row.top = Some(match sample {
                Sample::Image => manifest(),
                Sample::Index => index(),
            });
            row.choice = row
                .index()
                .map(|index| PlatformChoice::default().choose(index));
        }
        Facet::Child => row.child = Some(manifest()),
        Facet::Children => {
            row.child = Some(manifest());
            row.children = Some(Vec::new());
        }
        Facet::Config => row.config = Some(Value::map([])),
        Facet::Referrers => row.attached_mut().referrers.is_whole = true,
        Facet::SignatureTag => row.attached_mut().signature_tags.is_whole = true,
        Facet::AttestationTag => row.attached_mut().attestation_tags.is_whole = true,
        Facet::SbomTag => row.attached_mut().sbom_tags.is_whole = true,
        Facet::Attestations => row.attached_mut().attestations.is_whole = true,
        Facet::Provenance => row.attached_mut().provenance = Some(Value::Null),
        Facet::AttachedProvenance => row.attached_mut().attached_provenance = Some(Value::Null),
    }
}

fn descriptor(sample: Sample) -> Descriptor {
    let media_type = match sample {
        Sample::Image => MediaType::OCI_MANIFEST,
        Sample::Index => MediaType::OCI_INDEX,
    };
    Descriptor {
        media_type: MediaType::new(media_type),
        digest: Digest::of(b""),
        size: 0,
        platform: None,
        reference_type: None,
    }
}

fn manifest() -> Seen {
    let digest = Digest::of(b"");
    let config = MediaType::OCI_CONFIG;
    seen(&format!(
        r#"{{"config":{{"mediaType":"{config}","digest":"{digest}","size":0}},"layers":[]}}"#
    ))
}

fn index() -> Seen {
    let (digest, attestation) = (Digest::of(b""), Digest::of(b"attestation"));
    let media_type = MediaType::OCI_MANIFEST;
    let Platform {
        os, architecture, ..
    } = Platform::standard();
    seen(&format!(
        r#"{{"manifests":[{{"mediaType":"{media_type}","digest":"{digest}","size":0,"platform":{{"os":"{os}","architecture":"{architecture}"}}}},
            {{"mediaType":"{media_type}","digest":"{attestation}","size":0,"annotations":{{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"{digest}"}}}}]}}"#
    ))
}

fn seen(text: &str) -> Seen {
    let document = parse_json(text.as_bytes()).expect("the sample is valid JSON");
    let read = ManifestOrIndex::read(&document, None).expect("the sample is a valid document");
    Seen {
        document,
        read: Arc::new(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::all;

    const PLAIN: Capabilities = Capabilities::DISTRIBUTION;

    #[test]
    fn what_a_plain_registry_is_asked() {
        let ask = |names: &[&str], sample| requests(FieldSet::named(names), &PLAIN, sample);
        assert_eq!(ask(&["tag", "repository"], Sample::Image), []);
        assert_eq!(ask(&["digest"], Sample::Image), [Facet::Head]);
        assert_eq!(
            ask(&["created"], Sample::Image),
            [Facet::Manifest, Facet::Config]
        );
        assert_eq!(
            ask(&["created", "digest"], Sample::Index),
            [Facet::Manifest, Facet::Child, Facet::Config]
        );
        assert_eq!(ask(&["platforms"], Sample::Index), [Facet::Manifest]);
    }

    #[test]
    fn what_is_attached_is_looked_for_where_it_is_cheapest_first() {
        use Facet::{AttestationTag, Attestations, Manifest, Provenance, Referrers, SbomTag};
        let ask = |name: &str, sample| requests(FieldSet::named(&[name]), &PLAIN, sample);
        for sample in [Sample::Image, Sample::Index] {
            let asked = [Facet::Head, Referrers, Facet::SignatureTag];
            assert_eq!(ask("signed", sample), asked);
            assert_eq!(ask("signatures", sample), asked);
            assert_eq!(
                ask("attestations", sample),
                [Manifest, Referrers, AttestationTag]
            );
        }
        assert_eq!(ask("sboms", Sample::Image), [Manifest, Referrers, SbomTag]);
        assert_eq!(
            ask("sboms", Sample::Index),
            [Manifest, Referrers, SbomTag, Attestations]
        );
        assert_eq!(
            ask("provenance", Sample::Index),
            [
                Manifest,
                Provenance,
                Referrers,
                AttestationTag,
                Facet::AttachedProvenance
            ]
        );
    }

    #[test]
    fn a_listing_that_carries_descriptors_saves_the_head() {
        let carries = Capabilities {
            tags_carry_descriptors: true,
            ..PLAIN
        };
        assert_eq!(
            requests(
                FieldSet::named(&["digest", "media_type"]),
                &carries,
                Sample::Index
            ),
            []
        );
    }

    #[test]
    fn what_only_vendors_tell_is_asked_of_those_that_do() {
        let tells = Details::of(&[Detail::Pushed, Detail::Digest, Detail::PullCount]);
        let vendor = Capabilities {
            single: tells,
            ..PLAIN
        };
        let ask = |names: &[&str], capabilities| {
            requests(FieldSet::named(names), capabilities, Sample::Image)
        };
        assert_eq!(ask(&["pushed", "pull_count"], &PLAIN), []);
        let both = [Facet::Repository, Facet::Activity];
        assert_eq!(ask(&["pushed", "pull_count", "digest"], &vendor), both);
        assert_eq!(ask(&["pulled", "digest"], &vendor), [Facet::Head]);
        let bulk = Capabilities {
            bulk: tells,
            ..vendor
        };
        assert_eq!(ask(&["pushed", "pull_count", "digest"], &bulk), []);
    }

    #[test]
    fn every_field_can_be_had_in_the_end() {
        for (id, field) in all() {
            for sample in [Sample::Image, Sample::Index] {
                let needed = [id].into_iter().collect();
                assert!(
                    requests(needed, &PLAIN, sample).len() <= 5,
                    "{}",
                    field.name
                );
            }
        }
    }
}
