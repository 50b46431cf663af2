//! The fake registry keeps to the protocol where nobody told it otherwise, and misses nothing it is sent.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use regq::oci::{Digest, MediaType};
use serde_json::json;

use super::support::fake::{
    At, FakeRegistry, Fault, Login, Naive, Place, Role, RunningRegistry, When, from_base64,
};
use super::support::image::{Artifact, Image, Index};
use super::support::schema1::SignedSchema1;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn images() -> Index {
    Index::of([
        Image::new().created("2026-01-01T00:00:00Z"),
        Image::new().platform("linux/arm64"),
    ])
}

fn naive(registry: &RunningRegistry) -> Naive {
    Naive::of(&registry.host())
}

#[test]
fn a_manifest_is_given_by_tag_and_by_digest_with_its_type_digest_and_length() {
    let described = FakeRegistry::new().tag("team/app:1.0", images());
    let digest = described.digest("team/app:1.0");
    let registry = described.start();
    let naive = naive(&registry).header("Accept", &format!("{MANIFEST}, {INDEX};q=0.5"));
    for which in ["1.0", &digest] {
        let target = format!("/v2/team/app/manifests/{which}");
        let reply = naive.get(&target).unwrap();
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("Content-Type"), INDEX);
        assert_eq!(reply.header("Docker-Content-Digest"), digest);
        assert_eq!(Digest::of(&reply.body).to_string(), digest);
        let head = naive.head(&target).unwrap();
        assert_eq!(head.headers, reply.headers);
        assert_eq!(head.header("Content-Length"), reply.body.len().to_string());
    }
}

#[test]
fn a_child_and_its_config_can_be_followed() {
    let registry = FakeRegistry::new()
        .tag("team/app:1.0", images().docker())
        .start();
    let accept = [MediaType::DOCKER_LIST, MANIFEST].join(",");
    let naive = naive(&registry).header("Accept", &accept);
    let index = naive.get("/v2/team/app/manifests/1.0").unwrap().json();
    let child = index["manifests"][0]["digest"].as_str().unwrap();
    let child = naive
        .get(&format!("/v2/team/app/manifests/{child}"))
        .unwrap();
    assert_eq!(child.header("Content-Type"), MANIFEST);
    let config = child.json()["config"]["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    let config = naive.get(&format!("/v2/team/app/blobs/{config}")).unwrap();
    assert_eq!(config.json()["created"], "2026-01-01T00:00:00Z");
}

#[test]
fn a_type_that_is_not_accepted_by_name_is_unknown() {
    let registry = FakeRegistry::new().tag("team/app:1.0", images()).start();
    for accept in [MANIFEST, "*/*", "application/*"] {
        let naive = naive(&registry).header("Accept", accept);
        let reply = naive.get("/v2/team/app/manifests/1.0").unwrap();
        assert_eq!(reply.status, 404, "{accept}");
        assert_eq!(reply.json()["errors"][0]["code"], "MANIFEST_UNKNOWN");
    }
}

#[test]
fn what_is_not_there_is_said_in_the_words_of_the_spec() {
    let described = FakeRegistry::new()
        .tag("team/app:1.0", Image::new())
        .tag("team/app:lost", Artifact("application/vnd.acme.sbom"))
        .without("team/app:lost");
    let manifest = described.document(&described.digest("team/app:1.0"));
    let config = manifest["config"]["digest"].as_str().unwrap();
    let registry = described.without_content(config).start();
    let naive = naive(&registry).header("Accept", MANIFEST);
    let table = [
        ("/v2/team/app/manifests/2.0", "MANIFEST_UNKNOWN"),
        ("/v2/team/app/manifests/lost", "MANIFEST_UNKNOWN"),
        ("/v2/nobody/nothing/manifests/1.0", "NAME_UNKNOWN"),
        ("/v2/nobody/nothing/tags/list", "NAME_UNKNOWN"),
        (&format!("/v2/team/app/blobs/{config}"), "BLOB_UNKNOWN"),
    ];
    for (target, code) in table {
        let reply = naive.get(target).unwrap();
        let error = &reply.json()["errors"][0];
        assert_eq!(
            (reply.status, &error["code"]),
            (404, &json!(code)),
            "{target}"
        );
    }
    let tags = naive.get("/v2/team/app/tags/list").unwrap().json();
    assert_eq!(tags, json!({"name": "team/app", "tags": ["1.0", "lost"]}));
    for target in ["/", "/v1/_ping", "/v2/team/app", "/token"] {
        assert_eq!(naive.get(target).unwrap().status, 404, "{target}");
    }
}

#[test]
fn nothing_but_reading_is_allowed_and_all_is_written_down() {
    let registry = FakeRegistry::new()
        .tag("team/app:1.0", Image::new())
        .start();
    let mut session = naive(&registry).header("X-Twice", "a").connect().unwrap();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let reply = session.ask(method, "/v2/team/app/manifests/1.0?a=b%2Fc+d", "text");
        assert_eq!(reply.unwrap().status, 405, "{method}");
    }
    let ledger = registry.stop();
    let seen = &ledger.requests()[3];
    assert_eq!(seen.line(), "PATCH /v2/team/app/manifests/1.0?a=b/c d");
    assert_eq!(seen.target, "/v2/team/app/manifests/1.0?a=b%2Fc+d");
    assert_eq!(seen.query("a"), Some("b/c d"));
    assert_eq!(seen.body, b"text");
    let names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Host", "X-Twice", "Content-Length"]);
    assert_eq!(seen.header("x-twice"), Some("a"));
    let connections = ledger.connections();
    assert_eq!(connections.len(), 1);
    assert!(
        ledger
            .requests()
            .iter()
            .all(|one| one.connection == connections[0].number)
    );
    let times: Vec<Duration> = ledger.requests().iter().map(|one| one.at).collect();
    assert!(times.is_sorted());
}

#[test]
fn every_role_has_an_address_and_one_ledger_tells_their_order() {
    let described = FakeRegistry::new()
        .tag("team/app:1.0", Image::new())
        .login(Login::bearer().public(&["*"]))
        .token_server_at(Place::on("127.0.0.2"))
        .attacker_at(Place::on("127.0.0.9"))
        .redirecting_blobs(307);
    let manifest = described.document(&described.digest("team/app:1.0"));
    let blob = manifest["config"]["digest"].as_str().unwrap().to_owned();
    let registry = described.store_at(Place::on("127.0.0.3")).start();
    let token = Naive::of(&registry.host_of(Role::Token));
    let token = token
        .get("/token?service=s&scope=repository%3Ateam%2Fapp%3Apull")
        .unwrap();
    let bearer = format!("Bearer {}", token.json()["token"].as_str().unwrap());
    let naive = naive(&registry).header("Authorization", &bearer);
    let redirect = naive.get(&format!("/v2/team/app/blobs/{blob}")).unwrap();
    assert_eq!(redirect.status, 307);
    let there = redirect.header("Location");
    let store = registry.origin_of(Role::Store);
    let target = there.strip_prefix(&store).unwrap();
    let store = Naive::of(&registry.host_of(Role::Store));
    assert_eq!(store.get(target).unwrap().json()["os"], "linux");
    let both = Naive::of(&registry.host_of(Role::Store)).header("Authorization", &bearer);
    assert_eq!(both.get(target).unwrap().status, 400);
    let attacker = Naive::of(&registry.host_of(Role::Attacker));
    let bait = attacker.post("/any", "a=b").unwrap();
    assert_eq!(
        (bait.status, &bait.json()["token"]),
        (200, &json!("token-of-the-attacker"))
    );
    let ledger = registry.ledger();
    assert_eq!(
        ledger.lines(),
        [
            "token: GET /token?service=s&scope=repository:team/app:pull".to_owned(),
            format!("GET /v2/team/app/blobs/{blob}"),
            format!("store: GET /store/{blob}?sig=signature-of-the-store"),
            format!("store: GET /store/{blob}?sig=signature-of-the-store"),
            "attacker: POST /any".to_owned(),
        ]
    );
    assert_eq!(ledger.of(Role::Store).lines().len(), 2);
    assert_eq!(ledger.count("token: GET"), 1);
    assert_eq!(ledger.connections().len(), 5);
}

#[test]
fn k1_a_secret_that_got_out_is_found_at_the_role_that_got_it() {
    let registry = FakeRegistry::new()
        .attacker_at(Place::on("127.0.0.2"))
        .start();
    let attacker = Naive::of(&registry.host_of(Role::Attacker));
    let basic = "Basic Ym9iOmh1bnRlcjItdGhlLXNlY3JldA==";
    attacker
        .header("Authorization", basic)
        .get("/token")
        .unwrap();
    naive(&registry).get("/v2/?x=other%2Dsecret").unwrap();
    let ledger = registry.stop();
    assert!(
        ledger
            .of(Role::Attacker)
            .finds("hunter2-the-secret")
            .is_some()
    );
    assert!(ledger.of(Role::Registry).finds("other-secret").is_some());
    ledger
        .of(Role::Registry)
        .assert_no_secret(&["hunter2-the-secret"]);
    ledger
        .of(Role::Attacker)
        .assert_no_secret(&["other-secret", "never-sent"]);
}

#[test]
fn a_connection_without_a_request_and_half_a_request_are_written_down() {
    let registry = FakeRegistry::new().start();
    drop(TcpStream::connect(registry.host()).unwrap());
    let mut half = TcpStream::connect(registry.host()).unwrap();
    half.write_all(b"GET /v2/ HTTP/1.1\r\nAuthorization: half-a-secret")
        .unwrap();
    let ledger = registry.stop();
    assert_eq!(ledger.requests(), []);
    assert_eq!(ledger.connections().len(), 2);
    assert!(ledger.finds("half-a-secret").is_some());
}

#[test]
fn the_peak_is_how_many_asked_at_once() {
    const CLIENTS: usize = 220;
    let registry = FakeRegistry::new()
        .repository("team/app")
        .gathering("tags/list", CLIENTS)
        .attacker_at(Place::default())
        .start();
    naive(&registry).get("/v2/").unwrap();
    let ledger = registry.ledger();
    assert_eq!(ledger.peak(), 1);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let reply = naive(&registry).get("/v2/team/app/tags/list");
                assert_eq!(reply.unwrap().status, 200);
            });
        }
    });
    assert_eq!(ledger.peak(), CLIENTS);
    assert_eq!(ledger.of(Role::Registry).peak(), CLIENTS);
    assert_eq!(ledger.of(Role::Attacker).peak(), 0);
    assert_eq!(ledger.connections().len(), CLIENTS + 1);
    naive(&registry).get("/v2/team/app/tags/list").unwrap();
}

#[test]
fn one_who_asks_after_the_other_is_alone_and_waits_each_time() {
    let latency = Duration::from_millis(2);
    let registry = FakeRegistry::new().latency(latency).start();
    let begun = Instant::now();
    for _ in 0..50 {
        naive(&registry).get("/v2/").unwrap();
    }
    assert!(begun.elapsed() >= 50 * latency);
    assert_eq!(registry.ledger().peak(), 1);
}

#[test]
fn a_tag_can_move_with_every_request_and_by_hand() {
    let old = Image::new().created("2025-01-01T00:00:00Z");
    let new = Image::new().created("2026-01-01T00:00:00Z");
    let registry = FakeRegistry::new()
        .moving_tag("team/app:edge", &[old.clone(), new.clone()])
        .tag("team/app:1.0", old)
        .start();
    let naive = naive(&registry).header("Accept", MANIFEST);
    let digest = |tag: &str| {
        let reply = naive
            .head(&format!("/v2/team/app/manifests/{tag}"))
            .unwrap();
        reply.header("Docker-Content-Digest")
    };
    let seen = [digest("edge"), digest("edge"), digest("edge")];
    assert!(seen[0] != seen[1] && seen[0] == seen[2]);
    assert_eq!(digest("1.0"), seen[0]);
    registry.tag("team/app:1.0", new);
    assert_eq!(digest("1.0"), seen[1]);
    registry.untag("team/app:1.0");
    assert_eq!(digest("1.0"), "");
}

#[test]
fn the_digest_of_a_signed_manifest_is_that_of_its_payload() {
    let image = SignedSchema1("2015-03-01T12:00:00Z");
    let registry = FakeRegistry::new()
        .tag("team/app:old", image.clone())
        .start();
    let naive = naive(&registry).header("Accept", MediaType::DOCKER_SCHEMA1_SIGNED);
    let reply = naive.get("/v2/team/app/manifests/old").unwrap();
    let digest = reply.header("Docker-Content-Digest");
    assert_eq!(digest, Digest::of(&image.payload()).to_string());
    assert_ne!(digest, Digest::of(&reply.body).to_string());
    let protected = reply.json()["signatures"][0]["protected"].clone();
    let protected = from_base64(protected.as_str().unwrap()).unwrap();
    let protected: serde_json::Value = serde_json::from_slice(&protected).unwrap();
    let length = protected["formatLength"].as_u64().unwrap() as usize;
    let tail = from_base64(protected["formatTail"].as_str().unwrap());
    let payload = [&reply.body[..length], &tail.unwrap()].concat();
    assert_eq!(payload, image.payload());
}

#[test]
fn the_end_comes_at_once_whoever_waits() {
    let registry = FakeRegistry::new()
        .fault("tags/list", When::Always, Fault::stalled(At::Start))
        .fault("_catalog", When::Always, Fault::endless())
        .fault(
            "/v2/",
            When::Always,
            Fault::trickled(Duration::from_secs(3600)),
        )
        .start();
    let send = |text: &str| {
        let mut stream = TcpStream::connect(registry.host()).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let waiting = [
        send("GET /v2/a/tags/list HTTP/1.1\r\n\r\n"),
        send("GET /v2/_catalog HTTP/1.1\r\n\r\n"),
        send("GET /v2/ HTTP/1.1\r\n\r\n"),
        send("GET /v2/ HTT"),
        send(""),
    ];
    registry.ledger().wait_for("GET", 3);
    let begun = Instant::now();
    drop(registry);
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(waiting);
}
