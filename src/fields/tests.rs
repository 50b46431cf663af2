//! The catalogue agrees with itself and with the readers.

use std::sync::Arc;

use super::*;
use crate::oci::{Attachment, Descriptor, Digest, ManifestOrIndex, Referrer};
use crate::value::parse_json;

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const CONFIG: &str = r#"{"created":"2026-02-27T08:15:30.5Z","author":"ci","architecture":"arm64","os":"linux","variant":"v8",
    "config":{"User":"1000","ExposedPorts":{"8080/tcp":{},"443/tcp":{}},"Env":["A=1","B=2=3","A=4","bad"],"Cmd":null,
    "Entrypoint":["/app"],"Labels":{"b":"2","a":"1"},"Healthcheck":{"Test":["CMD"]}},
    "rootfs":{"diff_ids":["x"]},"history":[{"created_by":"RUN"}]}"#;

fn json(text: &str) -> Value {
    parse_json(text.as_bytes()).expect("a test's JSON is valid")
}

fn descriptor(media_type: &str) -> Descriptor {
    let text = format!(r#"{{"mediaType":"{media_type}","digest":"{DIGEST}","size":7}}"#);
    Descriptor::read(&json(&text)).expect("a test's descriptor is valid")
}

fn manifest(config_type: &str, more: &str) -> Seen {
    let text = format!(
        r#"{{"config":{{"mediaType":"{config_type}","digest":"{DIGEST}","size":2}},"layers":[
           {{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:{:064}","size":40}}]{more}}}"#,
        1
    );
    seen(&text)
}

fn seen(text: &str) -> Seen {
    let document = json(text);
    let read = ManifestOrIndex::read(&document, None).expect("a test's document is valid");
    Seen {
        document,
        read: read.into(),
    }
}

fn row() -> Evidence {
    let repository = "team/shop/web".parse().unwrap();
    let mut row = Evidence::of_repository("ghcr.io".into(), "team/".into(), repository);
    row.tag = Some("1.4.2".parse().unwrap());
    row
}

/// A row whose tag points to one image, with everything fetched.
fn image_row() -> Evidence {
    let mut row = row();
    row.descriptor = Some(descriptor("application/vnd.oci.image.manifest.v1+json"));
    row.top = Some(manifest(
        "application/vnd.oci.image.config.v1+json",
        r#","annotations":{"k":"v"}"#,
    ));
    row.config = Some(json(CONFIG));
    row.hear(vendors());
    row.attached = Arc::new(nothing_attached());
    row
}

/// What only a vendor tells, which is nothing.
fn vendors() -> impl Iterator<Item = (&'static str, Value)> {
    let fields = all().filter(|(_, field)| field.is_vendors());
    fields.map(|(_, field)| (field.name, Value::Null))
}

/// Looked for everywhere, and found nothing.
fn nothing_attached() -> Attached {
    let nothing = || Looked {
        things: Vec::new(),
        is_whole: true,
    };
    Attached {
        referrers: nothing(),
        signature_tags: nothing(),
        attestation_tags: nothing(),
        sbom_tags: nothing(),
        attestations: nothing(),
        provenance: Some(Value::Null),
        attached_provenance: Some(Value::Null),
    }
}

/// A row whose tag points to an index of arm64 and an attestation, with everything fetched.
fn index_row() -> Evidence {
    let mut row = row();
    row.descriptor = Some(descriptor("application/vnd.oci.image.index.v1+json"));
    row.top = Some(seen(&format!(
        r#"{{"manifests":[{{"digest":"sha256:{:064}","size":3,"platform":{{"os":"linux","architecture":"arm64"}}}},
           {{"digest":"{DIGEST}","size":4,"platform":{{"os":"unknown","architecture":"unknown"}}}}],"annotations":{{"i":"x"}}}}"#,
        2
    )));
    row.choice = row
        .index()
        .map(|index| PlatformChoice::default().choose(index));
    let child = manifest("application/vnd.oci.image.config.v1+json", "");
    if let ManifestOrIndex::Manifest(manifest) = &*child.read {
        row.children = Some(vec![manifest.clone()]);
    }
    row.child = Some(child);
    row.config = Some(json(CONFIG));
    row.hear(vendors());
    row.attached = Arc::new(nothing_attached());
    row
}

fn read(row: &Evidence, name: &str) -> Value {
    let (_, field) = lookup(Resource::Tags, name).expect("a test names a field");
    (field.read)(row).unwrap_or_else(|| panic!("`{name}` should be known"))
}

#[test]
fn names_are_unique_and_every_entry_is_complete() {
    let mut names: Vec<&str> = all().map(|(_, field)| field.name).collect();
    assert!(names.len() < 128, "a FieldSet holds 128 fields");
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
    for (id, field) in all() {
        assert_eq!(id.field().name, field.name);
        assert!(
            !field.doc.is_empty() && !field.spec.is_empty(),
            "{}",
            field.name
        );
        assert!(
            !field.sources.is_empty() && !field.resources.is_empty(),
            "{}",
            field.name
        );
        assert!(
            parse_json(field.example.as_bytes()).is_ok(),
            "{}",
            field.name
        );
    }
}

#[test]
fn default_columns_are_fields_and_those_of_tags_cost_only_the_listing() {
    for resource in Resource::ALL {
        let columns = resource.default_columns();
        for (heading, name) in columns.iter().chain(resource.wide_columns()) {
            assert!(lookup(resource, name).is_some(), "{name}");
            assert_eq!(heading.to_string(), heading.to_uppercase());
        }
        let is_coarse = matches!(resource, Resource::Repositories | Resource::Tags);
        for (_, name) in columns.iter().filter(|_| is_coarse) {
            let (_, field) = lookup(resource, name).expect("it is a field");
            let first = field.sources[0];
            assert!(matches!(first, Facet::Name | Facet::Tag), "{name}");
        }
    }
}

#[test]
fn readers_agree_with_the_sources() {
    for (_, field) in of(Resource::Tags) {
        let free = field
            .sources
            .iter()
            .any(|facet| matches!(facet, Facet::Name | Facet::Tag));
        let known_at_once = (field.read)(&row()).is_some();
        assert!(
            free || !known_at_once,
            "`{}` is known for nothing",
            field.name
        );
        for (what, row) in [("an image", image_row()), ("an index", index_row())] {
            assert!(
                (field.read)(&row).is_some(),
                "`{}` of {what} is never known",
                field.name
            );
        }
    }
}

#[test]
fn a_reader_needs_no_more_than_its_sources() {
    for (_, field) in of(Resource::Tags) {
        let mut row = index_row();
        if !field.sources.contains(&Facet::Config) {
            row.config = None;
        }
        if !field.sources.contains(&Facet::Children) {
            row.children = None;
        }
        let needs_child = [Facet::Child, Facet::Config]
            .iter()
            .any(|facet| field.sources.contains(facet));
        if !needs_child {
            row.child = None;
        }
        assert!(
            (field.read)(&row).is_some(),
            "`{}` needs an undeclared source",
            field.name
        );
    }
}

#[test]
fn what_a_vendor_tells_is_read_until_the_registry_answers() {
    let mut row = row();
    row.hear([
        ("digest", format!("sha256:{:064}", 7).into()),
        (
            "media_type",
            "application/vnd.oci.image.index.v1+json".into(),
        ),
        ("platforms", json(r#"["linux/s390x"]"#)),
        ("pushed", "2026-02-27T08:15:30.123456Z".into()),
        ("pulled", Value::Null),
        ("pull_count", 7u64.into()),
    ]);
    // What was told first stays.
    row.hear([("pull_count", 8u64.into())]);
    for (name, expected) in [
        ("digest", format!("\"sha256:{:064}\"", 7)),
        ("kind", r#""index""#.into()),
        ("platforms", r#"["linux/s390x"]"#.into()),
        ("pushed", r#""2026-02-27T08:15:30Z""#.into()),
        ("pulled", "null".into()),
        ("pull_count", "7".into()),
    ] {
        assert_eq!(read(&row, name), json(&expected), "{name}");
    }
    row.descriptor = index_row().descriptor;
    row.top = index_row().top;
    assert_eq!(read(&row, "digest"), DIGEST.into());
    assert_eq!(read(&row, "platforms"), json(r#"["linux/arm64"]"#));
}

#[test]
fn names_of_a_row() {
    let row = row();
    for (name, expected) in [
        ("registry", "ghcr.io"),
        ("repository", "team/shop/web"),
        ("path", "shop/web"),
        ("namespace", "team/shop"),
        ("name", "web"),
        ("tag", "1.4.2"),
        ("reference", "ghcr.io/team/shop/web:1.4.2"),
    ] {
        assert_eq!(read(&row, name), expected.into(), "{name}");
    }
}

#[test]
fn facts_of_an_image() {
    let row = image_row();
    for (name, expected) in [
        ("digest", format!("\"{DIGEST}\"")),
        ("image_digest", format!("\"{DIGEST}\"")),
        ("image_id", format!("\"{DIGEST}\"")),
        ("kind", "\"image\"".into()),
        ("manifest_size", "7".into()),
        ("size", "42".into()),
        ("total_size", "42".into()),
        ("platforms", r#"["linux/arm64/v8"]"#.into()),
        ("platform", "\"linux/arm64/v8\"".into()),
        ("annotations", r#"{"k":"v"}"#.into()),
        ("index", "null".into()),
        ("subject", "null".into()),
        ("artifact_type", "null".into()),
        ("created", "\"2026-02-27T08:15:30Z\"".into()),
        ("env", r#"{"A":"4","B":"2=3"}"#.into()),
        ("cmd", "[]".into()),
        ("exposed_ports", r#"["443/tcp","8080/tcp"]"#.into()),
        ("volumes", "[]".into()),
        ("workdir", "null".into()),
        ("stop_signal", "null".into()),
        ("healthcheck", r#"{"Test":["CMD"]}"#.into()),
        ("diff_ids", r#"["x"]"#.into()),
    ] {
        assert_eq!(read(&row, name), json(&expected), "{name}");
    }
}

#[test]
fn facts_of_an_index_are_those_of_its_chosen_child() {
    let row = index_row();
    assert_eq!(read(&row, "kind"), "index".into());
    assert_eq!(read(&row, "platform"), "linux/arm64".into());
    assert_eq!(read(&row, "platforms"), json(r#"["linux/arm64"]"#));
    assert_eq!(
        read(&row, "image_digest"),
        Value::from(format!("sha256:{:064}", 2))
    );
    assert_eq!(read(&row, "digest"), DIGEST.into());
    assert_eq!(read(&row, "annotations"), json("{}"));
    assert_eq!(
        read(&row, "index").at(&["annotations", "i"]),
        Some(&"x".into())
    );
    assert_eq!(read(&row, "total_size"), json("42"));
}

#[test]
fn an_artifact_has_no_config_and_says_what_it_is() {
    let mut row = image_row();
    row.top = Some(manifest("application/vnd.cncf.helm.config.v1+json", ""));
    row.config = None;
    assert_eq!(read(&row, "kind"), "artifact".into());
    assert_eq!(
        read(&row, "artifact_type"),
        "application/vnd.cncf.helm.config.v1+json".into()
    );
    for name in ["config", "created", "labels", "platform", "image_id"] {
        assert!(read(&row, name).is_null(), "{name}");
    }
}

#[test]
fn schema_1_needs_no_config() {
    let mut row = row();
    row.descriptor = Some(descriptor(
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    ));
    row.top = Some(seen(&format!(
        r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"{DIGEST}"}}],"history":[{{"v1Compatibility":
           "{{\"created\":\"2015-03-01T12:00:00.5Z\",\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{{\"Labels\":{{\"team\":\"shop\"}}}}}}"}}]}}"#
    )));
    for (name, expected) in [
        ("kind", "\"schema1\""),
        ("created", "\"2015-03-01T12:00:00Z\""),
        ("labels", r#"{"team":"shop"}"#),
        ("platform", "\"linux/amd64\""),
        ("platforms", r#"["linux/amd64"]"#),
        ("size", "null"),
        ("config", "null"),
        ("manifest", "null"),
    ] {
        assert_eq!(read(&row, name), json(expected), "{name}");
    }
    assert_eq!(read(&row, "layers").as_list().map(<[Value]>::len), Some(1));
}

#[test]
fn an_index_without_the_wanted_platform_has_no_image() {
    let mut row = index_row();
    row.choice = Some(Choice::Nobody);
    row.child = None;
    row.config = None;
    for name in [
        "created",
        "size",
        "platform",
        "image_digest",
        "labels",
        "manifest",
    ] {
        assert!(read(&row, name).is_null(), "{name}");
    }
    assert_eq!(read(&row, "platforms"), json(r#"["linux/arm64"]"#));
}

#[test]
fn e5_any_node_of_a_config_of_any_wrong_type_gives_a_value() {
    let members = [
        "created",
        "author",
        "os",
        "architecture",
        "config",
        "rootfs",
        "history",
    ];
    let inner = [
        "Labels",
        "Env",
        "Cmd",
        "User",
        "ExposedPorts",
        "Volumes",
        "Healthcheck",
    ];
    for wrong in [
        "null",
        "[]",
        "{}",
        "\"\"",
        "0",
        "true",
        "[null]",
        "[{}]",
        "{\"a\":null}",
    ] {
        let outer = members.map(|member| format!(r#"{{"{member}":{wrong}}}"#));
        let nested = inner.map(|member| format!(r#"{{"config":{{"{member}":{wrong}}}}}"#));
        for config in outer.iter().chain(&nested) {
            let mut row = image_row();
            row.config = Some(json(config));
            for (_, field) in of(Resource::Tags) {
                assert!((field.read)(&row).is_some(), "{} of {config}", field.name);
            }
        }
    }
}

/// Something of this type that is attached to the row.
fn thing(artifact_type: &str) -> Referrer {
    let digest = Digest::of(artifact_type.as_bytes());
    let text = format!(r#"{{"digest":"{digest}","size":7,"artifactType":"{artifact_type}"}}"#);
    let subject = DIGEST.parse().expect("a test's digest is valid");
    Referrer::read(&json(&text), &subject).expect("a test's referrer is valid")
}

const NOTATION: &str = "application/vnd.cncf.notary.signature";

#[test]
fn signed_is_true_by_one_way_and_false_by_all_of_them() {
    let ways: [fn(&mut Attached) -> &mut Looked; 2] = [
        |found| &mut found.referrers,
        |found| &mut found.signature_tags,
    ];
    let signed = |row: &Evidence| {
        let (_, field) = lookup(Resource::Tags, "signed").expect("it is a field");
        (field.read)(row)
    };
    assert_eq!(signed(&image_row()), Some(Value::Bool(false)));
    for way in ways {
        let mut row = image_row();
        way(row.attached_mut()).is_whole = false;
        assert_eq!(signed(&row), None);
        for other in ways {
            let mut row = row.clone();
            other(row.attached_mut()).things.push(thing(NOTATION));
            assert_eq!(signed(&row), Some(Value::Bool(true)));
        }
    }
    // What is no signature says nothing, be there as much of it as may be.
    let mut row = image_row();
    row.attached_mut()
        .referrers
        .things
        .push(thing("application/spdx+json"));
    assert_eq!(signed(&row), Some(Value::Bool(false)));
}

#[test]
fn what_is_found_twice_is_attached_once_and_stands_where_it_was_found_first() {
    let mut row = image_row();
    let found = [thing("application/spdx+json"), thing(NOTATION)];
    row.attached_mut().referrers.things.extend(found);
    let tag = Referrer::of_tag(
        Attachment::Signature,
        thing(NOTATION).descriptor,
        &DIGEST.parse().unwrap(),
    );
    row.attached_mut().signature_tags.things.push(tag);
    let types = |name: &str| {
        let listed = read(&row, name);
        let listed = listed.as_list().unwrap_or_default().iter();
        let types = listed.map(|thing| thing.get("artifact_type").cloned().unwrap_or_default());
        Value::list(types.collect())
    };
    assert_eq!(
        types("referrers"),
        json(&format!(r#"["application/spdx+json","{NOTATION}"]"#))
    );
    assert_eq!(types("signatures"), json(&format!(r#"["{NOTATION}"]"#)));
    assert_eq!(types("sboms"), json(r#"["application/spdx+json"]"#));
    assert_eq!(types("attestations"), json("[]"));
}

#[test]
fn how_an_image_was_built_is_null_only_where_everything_was_looked_at() {
    let provenance = |row: &Evidence| {
        let (_, field) = lookup(Resource::Tags, "provenance").expect("it is a field");
        (field.read)(row)
    };
    for row in [image_row(), index_row()] {
        assert_eq!(provenance(&row), Some(Value::Null));
        let mut doubtful = row.clone();
        doubtful.attached_mut().attestation_tags.is_whole = false;
        assert_eq!(provenance(&doubtful), None);
        doubtful.attached_mut().attached_provenance = Some(json("{}"));
        assert_eq!(provenance(&doubtful), Some(json("{}")));
    }
    let mut no_image = index_row();
    no_image.choice = Some(Choice::Nobody);
    no_image.attached = Arc::default();
    assert_eq!(provenance(&no_image), Some(Value::Null));
}
