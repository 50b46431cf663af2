//! What registries say of content, and what the content says: the digest is ours, a row is of one content, and a lie about
//! an image is no other tag's fault.

use regq::oci::{Digest, MediaType};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};

use super::support::fake::{Answer, FakeRegistry, Fault, RunningRegistry, When};
use super::support::image::{Artifact, Blobs, Content, Image, Index, Nested, put};
use super::support::network::{Online, document, run};
use super::support::query::{Answer as Asked, Asking};
use super::support::schema1::SignedSchema1;

const DIGEST: &str = "{repositories: team/app, columns: [tag, digest]}";
const BOTH: &str = "{repositories: team/app, columns: {T: tag, D: digest, L: labels.tag}}";
/// HEAD first, then by digest.
const HEAD_FIRST: &str = "
repositories: team/app
where: starts_with(digest, 'sha')
columns: {T: tag, D: digest, L: labels.tag}";

fn image(tag: &str) -> Image {
    Image::new()
        .created("2025-01-01T00:00:00Z")
        .label("tag", tag)
}

fn described() -> FakeRegistry {
    FakeRegistry::new().tag("team/app:1", image("1"))
}

fn ask(registry: &RunningRegistry, query: &str) -> Asked {
    Asking::of(&Online::of(registry)).ask(query)
}

/// The row of the tag `1` as it should be.
fn row() -> Vec<String> {
    vec![format!("1 {} 1", described().digest("team/app:1"))]
}

#[test]
fn d2_what_a_header_says_of_content_that_is_there_does_not_count() {
    let other = Digest::of(b"another").to_string();
    let upper = described().digest("team/app:1").to_uppercase();
    let name = "Docker-Content-Digest";
    for lie in [&other, &upper, "sha256:beef", "md5:0123", "", "\u{fffd}"] {
        for query in [BOTH, HEAD_FIRST] {
            let registry =
                described().fault("GET manifests", When::Always, Fault::header(name, lie));
            let answer = ask(&registry.start(), query);
            assert_eq!(
                (answer.errors(), answer.shown()),
                (vec![], row()),
                "{lie:?}"
            );
        }
    }
    let registry = described()
        .fault("GET", When::Always, Fault::no_header(name))
        .start();
    assert_eq!(ask(&registry, BOTH).shown(), row());
}

#[test]
fn d2_a_head_that_does_not_say_enough_is_followed_by_a_get() {
    for fault in [
        Fault::no_header("Docker-Content-Digest"),
        Fault::header("Docker-Content-Digest", "sha256:beef"),
        Fault::header("Docker-Content-Digest", "md5:0123"),
        Fault::no_header("Content-Length"),
        Fault::header("Content-Length", "0"),
        Fault::no_header("Content-Type"),
        Fault::header("Content-Type", "text/html"),
        Fault::Instead(Answer::status(405)),
        Fault::Instead(Answer::status(404)),
        Fault::Instead(Answer::status(400)),
        Fault::Instead(Answer::status(501)),
    ] {
        let registry = described().fault("HEAD", When::Always, fault).start();
        let query = format!("{}, media_type]}}", DIGEST.trim_end_matches("]}"));
        let answer = ask(&registry, &query);
        let expected = format!(
            "1 {} {}",
            described().digest("team/app:1"),
            MediaType::OCI_MANIFEST
        );
        assert_eq!((answer.errors(), answer.shown()), (vec![], vec![expected]));
        let lines = registry.stop().lines();
        assert_eq!(
            lines[1..],
            [
                "HEAD /v2/team/app/manifests/1",
                "GET /v2/team/app/manifests/1"
            ]
        );
    }
}

#[test]
fn d2_a_head_that_lies_is_found_out_where_the_content_is_read() {
    let absent = Digest::of(b"absent").to_string();
    let lie = Fault::header("Docker-Content-Digest", &absent);
    let registry = described().fault("HEAD", When::Always, lie).start();
    assert_eq!(
        ask(&registry, HEAD_FIRST).errors(),
        ["team/app:1 labels BLOB_UNKNOWN"]
    );
    for more in [-1, 1] {
        let lie = Fault::length_off_by(more);
        let registry = described().fault("HEAD", When::Always, lie).start();
        let answer = ask(&registry, HEAD_FIRST);
        assert_eq!(answer.errors(), ["team/app:1 labels SIZE_MISMATCH"]);
    }
}

/// An image, in an index that is wrong about its size by this much.
struct Mismeasured(Image, i64);

impl Content for Mismeasured {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let mut child = self.0.store(blobs);
        child["platform"] = json!({"os": "linux", "architecture": "amd64"});
        child["size"] = json!(child["size"].as_i64().unwrap() + self.1);
        let media_type = MediaType::OCI_INDEX;
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": [child]});
        put(blobs, media_type, index.to_string().into_bytes())
    }
}

#[test]
fn d3_a_size_that_is_one_off_is_an_error_of_whoever_says_it_and_of_nobody_else() {
    for (more, query) in [(-1, BOTH), (1, BOTH), (-1, HEAD_FIRST), (1, HEAD_FIRST)] {
        let registry = FakeRegistry::new()
            .tag("team/app:a-liar", Mismeasured(image("x"), more))
            .tag("team/app:honest", Index::of([image("x")]))
            .tag("team/app:plain", image("x"));
        let answer = ask(&registry.start(), query);
        assert_eq!(answer.errors(), ["team/app:a-liar labels SIZE_MISMATCH"]);
        assert!(answer.shown()[1..].iter().all(|row| row.ends_with(" x")));
    }
}

/// An index whose child, and the child's config, go by their sha512.
struct BySha512(Image);

fn put_by_sha512(blobs: &mut Blobs, media_type: &str, content: Vec<u8>) -> Value {
    let hash = Sha512::digest(&content);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = format!("sha512:{hex}");
    let descriptor = json!({"mediaType": media_type, "digest": digest, "size": content.len()});
    blobs.insert(digest, content);
    descriptor
}

impl Content for BySha512 {
    fn store(&self, blobs: &mut Blobs) -> Value {
        let mut own = Blobs::new();
        let manifest = self.0.store(&mut own);
        let bytes = |digest: &Value| own[digest.as_str().unwrap()].clone();
        let mut manifest: Value = serde_json::from_slice(&bytes(&manifest["digest"])).unwrap();
        let config = bytes(&manifest["config"]["digest"]);
        manifest["config"] = put_by_sha512(blobs, MediaType::OCI_CONFIG, config);
        let manifest = manifest.to_string().into_bytes();
        let mut child = put_by_sha512(blobs, MediaType::OCI_MANIFEST, manifest);
        child["platform"] = json!({"os": "linux", "architecture": "amd64"});
        let media_type = MediaType::OCI_INDEX;
        let index = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": [child]});
        put(blobs, media_type, index.to_string().into_bytes())
    }
}

#[test]
fn d1_sha512_is_checked_like_any_other() {
    let described = || FakeRegistry::new().tag("team/app:1", BySha512(image("1")));
    let answer = ask(
        &described().start(),
        "{repositories: team/app, columns: [image_digest, labels]}",
    );
    assert_eq!(answer.errors(), Vec::<String>::new());
    assert!(
        answer.shown()[0].starts_with("sha512:") && answer.shown()[0].ends_with("{\"tag\":\"1\"}")
    );
    for requests in ["GET manifests/sha512", "GET blobs/sha512"] {
        let registry = described()
            .fault(requests, When::Always, Fault::flipped())
            .start();
        assert_eq!(
            ask(&registry, BOTH).errors(),
            ["team/app:1 labels DIGEST_MISMATCH"]
        );
    }
}

#[test]
fn d4_a_row_is_of_one_content_while_its_tag_moves() {
    let images = ["a", "b", "c"].map(image);
    let indexes = images.clone().map(|image| Index::of([image]));
    let digests = |described: FakeRegistry| {
        let names = ["a", "b", "c"].map(|name| format!("all:{name}"));
        names.map(|name| described.digest(&name))
    };
    let of_images = digests(each("all", &images));
    let of_indexes = digests(each("all", &indexes));
    for query in [BOTH, HEAD_FIRST] {
        for (registry, digests) in [
            (
                FakeRegistry::new().moving_tag("team/app:1", &images),
                &of_images,
            ),
            (
                FakeRegistry::new().moving_tag("team/app:1", &indexes),
                &of_indexes,
            ),
        ] {
            let registry = registry.start();
            for _ in 0..3 {
                let answer = ask(&registry, query);
                assert_eq!(answer.errors(), Vec::<String>::new());
                let rows = answer.shown();
                let fits =
                    |(digest, label): (&String, &str)| rows == [format!("1 {digest} {label}")];
                let mut known = digests.iter().zip(["a", "b", "c"]);
                assert!(known.any(fits), "{rows:?}");
            }
        }
    }
}

fn each<C: Content + Clone>(repository: &str, contents: &[C; 3]) -> FakeRegistry {
    let named = ["a", "b", "c"].into_iter().zip(contents);
    named.fold(FakeRegistry::new(), |registry, (name, content)| {
        registry.tag(&format!("{repository}:{name}"), content.clone())
    })
}

#[test]
fn a_signed_manifest_of_dockers_first_format_is_what_its_signature_covers() {
    let old = SignedSchema1("2015-03-01T12:00:00Z");
    let digest = Digest::of(&old.payload()).to_string();
    let registry = described().tag("team/app:old", old).start();
    let words = "get tags HOST/team/app --columns T:tag,D:digest,K:kind,C:created,L:labels -o json";
    let result = document(&run(&registry, words).exits(0).quietly());
    let row =
        json!({"T": "old", "D": digest, "K": "schema1", "C": "2015-03-01T12:00:00Z", "L": {}});
    assert_eq!(result["items"][1], row);
    let summary = "run image-summary -p registry=HOST -p repository=team/app -o csv";
    let rows = run(&registry, summary).exits(0).quietly().stdout;
    let line = rows.lines().last().unwrap();
    assert!(line.starts_with("old,2015-03-01T12:00:00Z,"), "{rows}");
    let flipped = described().tag("team/app:old", SignedSchema1("2015-03-01T12:00:00Z"));
    let by_digest = format!("GET {digest}");
    let flipped = flipped
        .fault(by_digest.as_str(), When::Always, Fault::flipped())
        .start();
    let answer = ask(&flipped, HEAD_FIRST);
    assert_eq!(answer.errors(), ["team/app:old labels DIGEST_MISMATCH"]);
}

#[test]
fn d6_a_sparse_index_lacks_what_is_not_there_and_nothing_else() {
    let index = || Index::of([image("amd"), image("arm").platform("linux/arm64")]);
    let described = FakeRegistry::new().tag("team/app:1", index());
    let manifest = described.document(&described.digest("team/app:1"));
    let arm = manifest["manifests"][1]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let registry = described.without_content(&arm).start();
    assert_eq!(ask(&registry, BOTH).errors(), Vec::<String>::new());
    let query = "{repositories: team/app, columns: [tag, platforms, labels, total_size]}";
    let answer = ask(&registry, query);
    assert_eq!(answer.errors(), ["team/app:1 total_size BLOB_UNKNOWN"]);
    assert_eq!(
        answer.shown(),
        [r#"1 ["linux/amd64","linux/arm64"] {"tag":"amd"} null !"#]
    );
}

#[test]
fn every_kind_of_content_says_what_it_is() {
    let registry = FakeRegistry::new()
        .tag(
            "team/app:artifact",
            Artifact("application/vnd.acme.sbom.v1"),
        )
        .tag("team/app:attested", Index::of([image("1")]).attested())
        .tag("team/app:docker", Index::of([image("2").docker()]).docker())
        .tag("team/app:nested", Nested(Index::of([image("3")])))
        .start();
    let query = "{repositories: team/app, columns: {T: tag, K: kind, P: platforms, L: labels.tag}}";
    let answer = ask(&registry, query);
    assert_eq!(answer.errors(), Vec::<String>::new());
    let rows = answer.shown();
    assert!(
        rows[0].starts_with("artifact artifact ") && rows[0].ends_with(" null"),
        "{}",
        rows[0]
    );
    assert_eq!(rows[1], r#"attested index ["linux/amd64"] 1"#);
    assert_eq!(rows[2], r#"docker index ["linux/amd64"] 2"#);
    assert!(
        rows[3].starts_with("nested index ") && rows[3].ends_with(" 3"),
        "{}",
        rows[3]
    );
}

#[test]
fn warnings_of_a_registry_are_said_once() {
    let registry = described()
        .tag("team/app:2", image("2"))
        .fault("", When::Always, Fault::warning("going away"))
        .fault("blobs", When::Always, Fault::warning("blobs cost"))
        .start();
    let ended = run(
        &registry,
        "get tags HOST/team/app --columns T:tag,C:created -o csv",
    )
    .exits(0);
    let host = registry.host();
    let lines: Vec<&str> = ended
        .stderr
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    let said = |text: &str| format!("warning: {host} says: {text}");
    assert_eq!(lines, [said("going away"), said("blobs cost")]);
}
