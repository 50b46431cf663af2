//! Every fault of the fake registry is really there: the naive client fails at it, or sees it.

use std::io::{self, ErrorKind};
use std::time::Duration;

use regq::oci::Digest;

use super::support::fake::{
    Answer, At, FakeRegistry, Fault, Login, Naive, Place, Reply, Role, Step, TestCa, Tls, When,
    before_login,
};
use super::support::image::Image;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const TARGET: &str = "/v2/team/app/manifests/1.0";

/// What the naive client gets for a manifest when this goes wrong.
fn with(fault: Fault) -> io::Result<Reply> {
    let registry = described().fault("manifests", When::Always, fault).start();
    client(&registry.host()).get(TARGET)
}

/// The same for a client that does not wait long.
fn hastily_with(fault: Fault) -> io::Result<Reply> {
    let registry = described().fault("manifests", When::Always, fault).start();
    hasty(&registry.host()).get(TARGET)
}

fn described() -> FakeRegistry {
    FakeRegistry::new()
        .tag("team/app:1.0", Image::new().padded_to(2000))
        .attacker_at(Place::on("127.0.0.2"))
}

fn client(host: &str) -> Naive {
    Naive::of(host).header("Accept", MANIFEST)
}

fn hasty(host: &str) -> Naive {
    client(host).patience(Duration::from_millis(30))
}

#[test]
fn the_naive_client_is_content_when_nothing_goes_wrong() {
    let reply = with(Fault::edit(|_, _| {})).unwrap();
    assert_eq!((reply.status, reply.body.len()), (200, 2000));
    assert_eq!(with(Fault::chunked()).unwrap().body, reply.body);
    assert_eq!(with(Fault::without_length()).unwrap().body, reply.body);
    let slow = with(Fault::trickled(Duration::from_micros(1))).unwrap();
    assert_eq!(slow.body, reply.body);
}

#[test]
fn c4_what_is_broken_off_is_no_answer() {
    let places = [
        At::Start,
        At::Headers,
        At::Body,
        At::Byte(0),
        At::Byte(1999),
    ];
    for at in places {
        let reset = with(Fault::reset(at)).expect_err("the answer is not whole");
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset, "{at:?}");
        let closed = with(Fault::closed(at)).expect_err("the answer is not whole");
        assert_ne!(closed.kind(), ErrorKind::ConnectionReset, "{at:?}");
        let stalled = hastily_with(Fault::stalled(at)).expect_err("the answer is not whole");
        // Unix and Windows name it differently.
        let is_late = matches!(stalled.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(is_late, "{at:?}: {stalled}");
    }
}

#[test]
fn c4_wrong_lengths_and_chunks_are_seen() {
    assert!(hastily_with(Fault::length_off_by(1)).is_err());
    assert_eq!(with(Fault::length_off_by(-1)).unwrap().body.len(), 1999);
    assert!(with(Fault::two_lengths()).is_err());
    assert!(with(Fault::no_last_chunk()).is_err());
    assert!(with(Fault::bad_chunk()).is_err());
    assert!(with(Fault::bytes("\0\x01 not HTTP\r\n")).is_err());
    let interim = hastily_with(Fault::interim_flood(3));
    assert!(
        interim.is_err(),
        "an interim answer is taken for the answer"
    );
}

#[test]
fn c1_an_endless_body_ends_when_the_client_has_enough() {
    assert_eq!(with(Fault::endless()).unwrap_err().to_string(), "too long");
    let trickled = hastily_with(Fault::trickled(Duration::from_millis(200)));
    assert!(
        trickled.is_err(),
        "each byte comes later than the client waits"
    );
}

#[test]
fn d1_other_content_has_another_digest() {
    let described = described().tag("team/app:2.0", Image::new());
    let digest = described.digest("team/app:1.0");
    let other = described
        .document(&described.digest("team/app:2.0"))
        .to_string();
    for fault in [Fault::flipped(), Fault::content(other)] {
        let reply = with(fault).unwrap();
        assert_eq!(reply.header("Docker-Content-Digest"), digest);
        assert_eq!(reply.header("Content-Length"), reply.body.len().to_string());
        assert_ne!(Digest::of(&reply.body).to_string(), digest);
    }
}

#[test]
fn d2_headers_lie_and_are_missing() {
    let lie = Fault::header("Docker-Content-Digest", "sha256:beef");
    assert_eq!(
        with(lie).unwrap().header("docker-content-digest"),
        "sha256:beef"
    );
    let missing = with(Fault::no_header("docker-content-digest")).unwrap();
    assert_eq!(missing.header("Docker-Content-Digest"), "");
    let encoded = with(Fault::extra_header("Content-Encoding", "gzip")).unwrap();
    assert_eq!(encoded.header("Content-Encoding"), "gzip");
    let warned = with(Fault::warning("old tag")).unwrap();
    assert_eq!(warned.header("Warning"), "299 - \"old tag\"");
    assert!(with(Fault::header_flood(5000)).unwrap().headers.len() > 5000);
}

#[test]
fn c5_other_answers_are_given() {
    let busy = with(Fault::busy(429, "7")).unwrap();
    assert_eq!(
        (busy.status, busy.header("Retry-After").as_str()),
        (429, "7")
    );
    assert_eq!(busy.json()["errors"][0]["code"], "TOOMANYREQUESTS");
    let html = with(Fault::Instead(Answer::html(502))).unwrap();
    assert_eq!(
        (html.status, html.header("Content-Type").as_str()),
        (502, "text/html")
    );
    let empty = with(Fault::Instead(Answer::status(200))).unwrap();
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    let deep = with(Fault::Instead(Answer::deep(100_000))).unwrap();
    assert_eq!(deep.body.len(), 200_000);
    let Fault::Instead(mut error) = Fault::status(404) else {
        panic!("a status is another answer");
    };
    error.status = 200;
    let error = with(Fault::Instead(error)).unwrap();
    assert_eq!(
        (error.status, &error.json()["errors"][0]["code"]),
        (200, &"MANIFEST_UNKNOWN".into())
    );
}

#[test]
fn b3_redirects_go_anywhere_round_and_on() {
    let registry = described()
        .fault(
            "manifests/1.0",
            When::Always,
            Fault::redirect(302, "{target}"),
        )
        .fault(
            "manifests/2.0",
            When::Always,
            Fault::redirect(308, "http://u:p@{attacker.host}/x"),
        )
        .fault("tags/list", When::Always, Fault::hops(307, 3))
        .start();
    let naive = client(&registry.host());
    assert_eq!(naive.get(TARGET).unwrap().header("Location"), TARGET);
    let away = naive.get("/v2/team/app/manifests/2.0").unwrap();
    let host = registry.host_of(Role::Attacker);
    assert_eq!(
        (away.status, away.header("Location")),
        (308, format!("http://u:p@{host}/x"))
    );
    let (mut target, mut hops) = ("/v2/team/app/tags/list".to_owned(), 0);
    let last = loop {
        let reply = naive.get(&target).unwrap();
        if reply.status != 307 {
            break reply;
        }
        target = reply.header("Location");
        hops += 1;
    };
    assert_eq!((last.status, hops), (200, 3));
}

#[test]
fn a_head_can_go_wrong_where_a_get_does_not() {
    let registry = described()
        .fault(
            "HEAD manifests/1.0",
            When::Always,
            Fault::no_header("Content-Length"),
        )
        .fault(
            "HEAD manifests/1.0",
            When::Always,
            Fault::no_header("Docker-Content-Digest"),
        )
        .fault("HEAD tags", When::Always, Fault::status(405))
        .start();
    let naive = client(&registry.host());
    let head = naive.head(TARGET).unwrap();
    assert_eq!((head.status, head.headers.len()), (200, 2));
    assert_eq!(naive.get(TARGET).unwrap().headers.len(), 4);
    assert_eq!(naive.head("/v2/team/app/tags/list").unwrap().status, 405);
    assert_eq!(naive.get("/v2/team/app/tags/list").unwrap().status, 200);
}

#[test]
fn a_head_has_no_body_to_go_wrong() {
    let faults = [
        Fault::chunked(),
        Fault::no_last_chunk(),
        Fault::endless(),
        Fault::without_length(),
        Fault::trickled(Duration::from_secs(3600)),
    ];
    for fault in faults {
        let registry = described().fault("manifests", When::Always, fault).start();
        let mut session = client(&registry.host()).connect().unwrap();
        for _ in 0..2 {
            let head = session.ask("HEAD", TARGET, "").unwrap();
            assert_eq!(head.header("Content-Length"), "2000");
        }
    }
}

#[test]
fn a_rule_strikes_when_it_should() {
    let table = [
        (When::Always, [503, 503, 503, 503]),
        (When::First(2), [503, 503, 200, 200]),
        (When::Nth(3), [200, 200, 503, 200]),
        (When::Every(2), [200, 503, 200, 503]),
    ];
    for (when, expected) in table {
        let rule = described().fault("GET manifests", when, Fault::status(503));
        let registry = rule.start();
        let naive = client(&registry.host());
        let mut session = naive.connect().unwrap();
        let statuses = expected.map(|_| {
            let uncounted = session.ask("HEAD", TARGET, "").unwrap();
            assert_eq!(uncounted.status, 200);
            session.ask("GET", TARGET, "").unwrap().status
        });
        assert_eq!(statuses, expected, "{when:?}");
    }
}

#[test]
fn rules_wait_for_the_login_unless_they_say_otherwise() {
    let registry = described()
        .login(Login::basic().account("bob", "hunter2"))
        .fault("manifests", When::First(1), Fault::status(503))
        .fault(before_login("/v2/"), When::First(1), Fault::status(500))
        .start();
    let stranger = client(&registry.host());
    let bob = client(&registry.host()).header("Authorization", "Basic Ym9iOmh1bnRlcjI=");
    let ask = |client: &Naive, target: &str| client.get(target).unwrap().status;
    assert_eq!([ask(&stranger, "/v2/"), ask(&stranger, "/v2/")], [500, 401]);
    assert_eq!([ask(&stranger, TARGET), ask(&stranger, TARGET)], [401, 401]);
    assert_eq!([ask(&bob, TARGET), ask(&bob, TARGET)], [503, 200]);
}

#[test]
fn connections_go_wrong_before_anything_is_asked() {
    let certificate = TestCa::shared().certify(&["127.0.0.1"]);
    for tls in [None, Some(Tls::with(&certificate))] {
        for fault in [
            Fault::reset(At::Start),
            Fault::closed(At::Start),
            Fault::bytes("junk"),
        ] {
            let mut place = Place::default();
            let mut plain = true;
            if let Some(tls) = tls.clone() {
                (place, plain) = (place.tls(tls), false);
            }
            let described = described().at(place);
            let registry = described.fault("connection", When::First(1), fault).start();
            let mut naive = client(&registry.host());
            if !plain {
                naive = naive.tls(TestCa::shared());
            }
            assert!(naive.get("/v2/").is_err());
            assert_eq!(naive.get("/v2/").unwrap().status, 200);
            assert_eq!(registry.stop().connections().len(), 2);
        }
    }
    let stalled = Fault::stalled(At::Start);
    let registry = described()
        .fault("connection", When::Always, stalled)
        .start();
    assert!(hasty(&registry.host()).get("/v2/").is_err());
    let ledger = registry.stop();
    assert_eq!(
        (ledger.requests().len(), ledger.connections().len()),
        (0, 1)
    );
}

#[test]
fn the_other_roles_go_wrong_too() {
    let registry = described()
        .login(Login::bearer())
        .fault(
            "token",
            When::Always,
            Fault::redirect(302, "{attacker}/token"),
        )
        .fault(
            "attacker",
            When::Always,
            Fault::sent(|_, _| {
                vec![
                    Step::Send(b"HTTP/1.1 299 Mine\r\n\r\n".to_vec()),
                    Step::Close,
                ]
            }),
        )
        .start();
    let moved = client(&registry.host()).get("/token").unwrap();
    let attacker = registry.origin_of(Role::Attacker);
    assert_eq!(
        (moved.status, moved.header("Location")),
        (302, format!("{attacker}/token"))
    );
    let host = registry.host_of(Role::Attacker);
    assert_eq!(client(&host).get("/token").unwrap().status, 299);
}
