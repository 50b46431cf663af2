//! One thing of many is broken, and stays so: every other row is there, the one is marked, counted and explained, and
//! the exit code tells. Asked with the program itself.

use serde_json::{Value, json};

use super::support::command::Ended;
use super::support::fake::{Answer, At, FakeRegistry, Fault, RunningRegistry, When};
use super::support::image::{Image, Index, Raw};
use super::support::network::{document, run};

const TAGS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

/// What is asked, of `team/app`.
const CREATED: &str = "get tags HOST/team/app --columns TAG:tag,CREATED:created -o json";

fn image(tag: &str) -> Image {
    Image::new()
        .created(&format!("2025-01-0{tag}T00:00:00Z"))
        .label("tag", tag)
}

/// Tags `1` to `7`, of which `4` is what a test makes of it.
fn described() -> FakeRegistry {
    let tag =
        |registry: FakeRegistry, tag: &&str| registry.tag(&format!("team/app:{tag}"), image(tag));
    TAGS.iter().fold(FakeRegistry::new(), tag)
}

/// The rows of all tags but `4`.
fn others() -> Vec<Value> {
    let others = TAGS.iter().filter(|tag| **tag != "4");
    let row = |tag: &&str| json!({"TAG": tag, "CREATED": format!("2025-01-0{tag}T00:00:00Z")});
    others.map(row).collect()
}

/// The digest of the config of a tag.
fn config(registry: &FakeRegistry, tag: &str) -> String {
    let manifest = registry.document(&registry.digest(&format!("team/app:{tag}")));
    manifest["config"]["digest"].as_str().unwrap().to_owned()
}

/// Asks, and looks whether the row of `4` is marked for this cause while all others are whole.
#[track_caller]
fn breaks_its_row(registry: &RunningRegistry, flags: &str, code: &str, words: &str) {
    let ended = run(registry, &format!("{CREATED} {flags}")).exits(3);
    let result = document(&ended);
    let items = result["items"].as_array().unwrap();
    let (broken, whole): (Vec<Value>, Vec<Value>) =
        items.iter().cloned().partition(|row| row["TAG"] == "4");
    assert_eq!(whole, others(), "{code}");
    assert_eq!(broken.len(), 1);
    assert_eq!(broken[0]["CREATED"], Value::Null);
    let errors = result["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(
        (&errors[0]["tag"], &errors[0]["field"], &errors[0]["code"]),
        (&json!("4"), &json!("created"), &json!(code)),
        "{errors:#?}"
    );
    assert_eq!(errors[0]["message"], broken[0]["_error"]);
    assert_eq!(
        (&result["gone"], &result["complete"]),
        (&json!(0), &json!(false))
    );
    let ended = ended.says(&format!("({code})")).says("1 answer missing");
    let line = explanation(&ended);
    assert!(line.contains(words), "{words:?} is not in {line:?}");
}

/// The line about the tag `4`.
fn explanation(ended: &Ended) -> &str {
    let mut lines = ended.stderr.lines();
    let found = lines.find(|line| line.contains("/team/app:4: "));
    found.unwrap_or_else(|| panic!("nothing is said about it: {}", ended.stderr))
}

/// The tag `4` goes wrong when its manifest is asked for.
fn manifest(fault: Fault) -> RunningRegistry {
    described()
        .fault("manifests/4", When::Always, fault)
        .start()
}

/// The tag `4` goes wrong when its config is asked for.
fn config_of_4(fault: Fault) -> RunningRegistry {
    let described = described();
    let blob = format!("GET {}", config(&described, "4"));
    described.fault(blob.as_str(), When::Always, fault).start()
}

#[test]
fn q1_a_refusal_that_stays_costs_its_row() {
    for (status, code) in [
        (400, "REFUSED"),
        (403, "DENIED"),
        (405, "UNSUPPORTED"),
        (418, "REFUSED"),
        (429, "TOOMANYREQUESTS"),
        (500, "UNAVAILABLE"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
    ] {
        let words = format!("answered with {status}");
        breaks_its_row(&manifest(Fault::status(status)), "", code, &words);
    }
    breaks_its_row(
        &config_of_4(Fault::status(500)),
        "",
        "UNAVAILABLE",
        "the config",
    );
}

#[test]
fn q1_strict_prints_nothing_but_says_the_same() {
    let registry = manifest(Fault::status(500));
    let words = format!("{CREATED} --strict");
    let ended = run(&registry, &words).exits(3).prints("");
    assert!(explanation(&ended).contains("answered with 500"));
}

#[test]
fn d5_a_tag_that_went_since_it_was_listed_is_counted_and_no_error() {
    let registry = described().without("team/app:4").start();
    let ended = run(&registry, CREATED).exits(0).says("1 tag vanished");
    let result = document(&ended);
    assert_eq!(result["items"], json!(others()));
    assert_eq!(
        (&result["gone"], &result["errors"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(result["complete"], true);
}

#[test]
fn d6_a_config_that_is_not_there_costs_its_row() {
    let described = described();
    let digest = config(&described, "4");
    let registry = described.without_content(&digest).start();
    breaks_its_row(&registry, "", "BLOB_UNKNOWN", &digest);
}

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
fn c4_a_body_that_breaks_off_costs_its_row() {
    for fault in [
        Fault::closed(At::Body),
        Fault::closed(At::Byte(0)),
        Fault::no_last_chunk(),
        Fault::bad_chunk(),
        Fault::reset(At::Start),
        Fault::reset(At::Headers),
        Fault::reset(At::Body),
    ] {
        breaks_its_row(
            &manifest(fault),
            "",
            "CONNECTION_LOST",
            "the connection broke",
        );
    }
    let registry = config_of_4(Fault::closed(At::Body));
    breaks_its_row(&registry, "", "CONNECTION_LOST", "the connection broke");
}

#[test]
fn c4_what_is_no_http_costs_its_row() {
    for fault in [Fault::bytes("\0\u{1} not HTTP\r\n"), Fault::two_lengths()] {
        breaks_its_row(&manifest(fault), "", "NOT_HTTP", "is not valid HTTP");
    }
}

#[test]
fn c3_an_answer_that_stops_costs_its_row() {
    let flags = "--request-timeout 2s --retries 0";
    let registry = manifest(Fault::stalled(At::Body));
    breaks_its_row(&registry, flags, "TIMED_OUT", "2s");
}

#[test]
fn c3_an_answer_that_never_begins_costs_its_row() {
    let flags = "--request-timeout 2s --retries 0";
    let registry = manifest(Fault::stalled(At::Start));
    breaks_its_row(&registry, flags, "TIMED_OUT", "no answer within 2s");
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
fn c6_a_flood_of_headers_costs_its_row() {
    let registry = manifest(Fault::header_flood(5000));
    breaks_its_row(&registry, "", "NOT_HTTP", "is not valid HTTP");
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
fn c6_interim_answers_cost_nothing() {
    let registry = manifest(Fault::interim_flood(2000));
    let ended = run(&registry, CREATED).exits(0).quietly();
    assert_eq!(document(&ended)["items"].as_array().unwrap().len(), 7);
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
