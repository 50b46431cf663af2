//! One answer of many is not what it should be, and stays so: every other row is there, the one is marked, counted and
//! explained, and the exit code tells. Asked with the program itself.

use serde_json::{Value, json};

use super::support::fake::{Answer, At, Fault, When};
use super::support::image::{Index, Raw};
use super::support::network::{document, run};
use super::support::one_of_seven::{
    CREATED, breaks_its_row, config, config_of_4, described, image, manifest,
};

#[test]
fn d1_content_with_another_digest_costs_its_row() {
    let other = config(&described(), "5");
    let other = described().document(&other).to_string();
    for fault in [Fault::flipped(), Fault::content(other)] {
        let registry = config_of_4(fault);
        breaks_its_row(
            &registry,
            "",
            "DIGEST_MISMATCH",
            "does not match its digest",
        );
    }
}

#[test]
fn d1_a_manifest_asked_by_its_digest_is_checked_too() {
    let by_digest = "--where starts_with(digest,'sha256:')";
    let other = described().digest("team/app:5");
    let other = described().document(&other).to_string();
    for fault in [Fault::flipped(), Fault::content(other)] {
        let described = described();
        let get = format!("GET {}", described.digest("team/app:4"));
        let registry = described.fault(get.as_str(), When::Always, fault).start();
        breaks_its_row(
            &registry,
            by_digest,
            "DIGEST_MISMATCH",
            "does not match its digest",
        );
    }
}

#[test]
fn c1_what_is_too_large_costs_its_row() {
    let large = (4 << 20) + 1;
    let registry = described().tag("team/app:4", image("4").padded_to(large));
    breaks_its_row(
        &registry.start(),
        "",
        "TOO_LARGE",
        "larger than the limit of 4 MiB",
    );
    let registry = manifest(Fault::endless());
    breaks_its_row(&registry, "", "TOO_LARGE", "larger than the limit of 4 MiB");
    let registry = described().tag("team/app:4", Raw(LARGE_CONFIG)).start();
    breaks_its_row(&registry, "", "TOO_LARGE", "larger than the limit of 8 MiB");
    assert_eq!(
        registry
            .ledger()
            .count("GET /v2/team/app/blobs/sha256:0000"),
        0
    );
}

/// A manifest whose config is said to be one byte larger than a config may be.
const LARGE_CONFIG: &str = r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
  "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 8388609,
    "digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000"},
  "layers": []}"#;

#[test]
fn d3_what_is_longer_or_shorter_than_its_descriptor_says_costs_its_row() {
    for (content, words) in [("{}", "but has 2"), (LARGE_CONFIG, "but is longer")] {
        let registry = config_of_4(Fault::content(content));
        breaks_its_row(&registry, "", "SIZE_MISMATCH", words);
    }
    let registry = config_of_4(Fault::endless());
    breaks_its_row(&registry, "", "SIZE_MISMATCH", "but is longer");
}

#[test]
fn c5_what_is_no_registrys_answer_costs_its_row() {
    let mut error = Answer::error(404, "MANIFEST_UNKNOWN", &Value::Null);
    error.status = 200;
    for (answer, words) in [
        (
            Answer::html(200),
            "it is not a registry's answer but begins with `<!DOCTYPE html>",
        ),
        (Answer::status(200), "it is empty"),
        (Answer::status(204), "it is empty"),
        (
            Answer::json(&json!([1])),
            "it is neither an image manifest nor an index",
        ),
        (error, "it has `errors` in place of a manifest"),
    ] {
        let registry = manifest(Fault::Instead(answer));
        let words = format!("the manifest of `team/app:4` is malformed: {words}");
        breaks_its_row(&registry, "", "MALFORMED", &words);
    }
}

#[test]
fn c2_a_compressed_answer_costs_its_row() {
    for encoding in ["gzip", "br, gzip", "x-unheard-of"] {
        let registry = manifest(Fault::extra_header("Content-Encoding", encoding));
        breaks_its_row(
            &registry,
            "",
            "ENCODED",
            &format!("encoded as `{encoding}`"),
        );
    }
    let registry = config_of_4(Fault::extra_header("Content-Encoding", "gzip"));
    breaks_its_row(&registry, "", "ENCODED", "encoded as `gzip`");
}

#[test]
fn e1_e2_json_that_two_could_read_differently_costs_its_row() {
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let double = r#"{"schemaVersion": 2, "layers": [], "layers": []}"#;
    let after = r#"{"schemaVersion": 2} {}"#;
    for (content, words) in [
        (deep.as_str(), "nested"),
        (double, "layers"),
        (after, "trailing"),
        ("{\"a\": \"\u{fffd}", "EOF"),
    ] {
        let registry = manifest(Fault::content(content));
        breaks_its_row(&registry, "", "MALFORMED", words);
    }
    let registry = manifest(Fault::content(b"{\"a\": \"\xff\"}"));
    breaks_its_row(&registry, "", "MALFORMED", "unicode");
}

#[test]
fn c5_a_type_that_the_document_contradicts_costs_its_row() {
    for media_type in [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v1+json",
    ] {
        let registry = manifest(Fault::header("Content-Type", media_type));
        breaks_its_row(&registry, "", "MALFORMED", "");
    }
}

#[test]
fn a_child_of_an_index_that_cannot_be_had_costs_the_indexs_row() {
    for (fault, code) in [
        (Fault::status(404), "BLOB_UNKNOWN"),
        (Fault::status(500), "UNAVAILABLE"),
        (Fault::flipped(), "DIGEST_MISMATCH"),
        (Fault::reset(At::Body), "CONNECTION_LOST"),
    ] {
        let described = described().tag("team/app:4", Index::of([image("4")]));
        let index = described.document(&described.digest("team/app:4"));
        let child = format!("GET {}", index["manifests"][0]["digest"].as_str().unwrap());
        let registry = described.fault(child.as_str(), When::Always, fault).start();
        breaks_its_row(&registry, "", code, "");
    }
}

#[test]
fn c5_a_type_that_names_no_kind_costs_nothing() {
    for media_type in ["application/json", "text/html; charset=utf-8", "nonsense"] {
        let registry = manifest(Fault::header("Content-Type", media_type));
        let ended = run(&registry, CREATED).exits(0).quietly();
        assert_eq!(
            document(&ended)["items"][3]["CREATED"],
            "2025-01-04T00:00:00Z"
        );
    }
}
