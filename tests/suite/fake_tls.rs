//! The fake registry's certificates are as good or bad as they say, for a client that trusts one authority.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::support::fake::{
    Certificate, FakeRegistry, Naive, Place, Role, RunningRegistry, TestCa, Tls,
};

fn start(tls: Tls) -> RunningRegistry {
    FakeRegistry::new().at(Place::default().tls(tls)).start()
}

fn error(certificate: &Certificate) -> String {
    let registry = start(Tls::with(certificate));
    let naive = Naive::of(&registry.host()).tls(TestCa::shared());
    let error = naive.get("/v2/").unwrap_err().to_string();
    let ledger = registry.stop();
    assert_eq!(ledger.requests(), []);
    assert!(ledger.connections()[0].refused.is_some());
    error
}

#[test]
fn a_good_certificate_is_good_for_its_names() {
    let certificate = TestCa::shared().certify(&["127.0.0.1", "registry.example"]);
    let registry = start(Tls::with(&certificate));
    assert_eq!(
        registry.origin_of(Role::Registry),
        format!("https://{}", registry.host())
    );
    let naive = Naive::of(&registry.host()).tls(TestCa::shared());
    let mut session = naive.connect().unwrap();
    for _ in 0..3 {
        let reply = session.ask("GET", "/v2/?a=in-the-tunnel", "").unwrap();
        assert_eq!(reply.status, 200);
    }
    let named = Naive::of(&registry.host()).tls(TestCa::shared());
    assert_eq!(
        named.named("registry.example").get("/v2/").unwrap().status,
        200
    );
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/"), 4);
    assert!(ledger.finds("in-the-tunnel").is_some());
    assert!(ledger.connections().iter().all(|one| one.refused.is_none()));
}

#[test]
fn a2_bad_certificates_are_bad() {
    let (ca, here) = (TestCa::shared(), ["127.0.0.1"]);
    let table = [
        ("expired", ca.certify_expired(&here), "certificate expired"),
        (
            "too early",
            ca.certify_too_early(&here),
            "certificate not valid yet",
        ),
        (
            "self-signed",
            Certificate::self_signed(&here),
            "UnknownIssuer",
        ),
        (
            "other authority",
            TestCa::other().certify(&here),
            "UnknownIssuer",
        ),
        (
            "wrong name",
            ca.certify(&["other.example"]),
            "certificate not valid for name",
        ),
    ];
    for (what, certificate, expected) in table {
        let error = error(&certificate);
        assert!(error.contains(expected), "{what}: {error}");
    }
}

#[test]
fn a_client_without_a_certificate_is_refused_where_one_is_demanded() {
    let ca = TestCa::shared();
    let registry = start(Tls::demanding(&ca.certify(&["127.0.0.1"]), ca));
    let naive = || Naive::of(&registry.host());
    assert!(naive().tls(ca).get("/v2/").is_err());
    let client = ca.certify(&["client.example"]);
    assert_eq!(naive().tls_as(ca, &client).get("/v2/").unwrap().status, 200);
    let stranger = TestCa::other().certify(&["client.example"]);
    assert!(naive().tls_as(ca, &stranger).get("/v2/").is_err());
    assert_eq!(registry.stop().requests().len(), 1);
}

#[test]
fn a2_what_is_sent_in_the_clear_to_a_listener_with_tls_is_found() {
    let certificate = TestCa::shared().certify(&["127.0.0.1"]);
    let registry = start(Tls::with(&certificate));
    let mut stream = TcpStream::connect(registry.host()).unwrap();
    stream
        .write_all(b"GET /v2/ HTTP/1.1\r\nAuthorization: in-the-clear\r\n\r\n")
        .unwrap();
    let mut rest = Vec::new();
    // The listener may reset instead of closing, for it did not read all.
    let _ended = stream.read_to_end(&mut rest);
    let ledger = registry.stop();
    assert!(ledger.finds("in-the-clear").is_some());
    assert!(ledger.connections()[0].refused.is_some());
}

#[test]
fn a_hello_where_there_is_no_tls_is_answered_in_the_clear() {
    let registry = FakeRegistry::new().start();
    let mut stream = TcpStream::connect(registry.host()).unwrap();
    stream.write_all(b"\x16\x03\x01\x00\x05hello").unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.0 400");
    let naive = Naive::of(&registry.host()).tls(TestCa::shared());
    assert!(naive.get("/v2/").is_err());
    assert_eq!(registry.stop().requests(), []);
}

#[test]
fn the_authority_is_written_as_pem() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    TestCa::shared().write(&path);
    let written = std::fs::read_to_string(path).unwrap();
    assert!(written.starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!(written, TestCa::shared().pem());
}
