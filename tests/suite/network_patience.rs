//! What is not tried again, how often the rest is, when a host is given up, and that who waits holds nobody else up.

use std::thread;

use regq::registry::Consent;

use super::support::fake::{
    Answer, At, FakeRegistry, Fault, Ledger, Place, RunningRegistry, TestCa, Tls, When,
};
use super::support::image::Image;
use super::support::network::Online;
use super::support::query::{Answer as Asked, Asking};

const CREATED: &str = "{repositories: [team/app], columns: [tag, created]}";

fn described(tags: usize) -> FakeRegistry {
    let name = |at| format!("{at:03}");
    FakeRegistry::new().listed_by("team/app", tags, name, image())
}

fn image() -> Image {
    Image::new().created("2025-01-01T00:00:00Z")
}

/// Asks for the rows of one request at a time.
fn ask_singly(registry: &RunningRegistry) -> Asked {
    let online = Online::of(registry).limits(|limits| limits.parallel = Some(1));
    Asking::of(&online).ask(CREATED)
}

/// How often the only manifest there is was asked for, when it goes wrong like this for ever.
fn tries(fault: Fault) -> (usize, String) {
    let registry = described(1).fault("manifests", When::Always, fault).start();
    let answer = Asking::of(&Online::of(&registry)).ask(CREATED);
    let codes = answer.summary.errors.iter().map(|error| error.code.clone());
    let count = registry.stop().count("GET /v2/team/app/manifests/000");
    (count, codes.collect())
}

#[test]
fn m7_a_refusal_is_heard_once() {
    for (status, code) in [
        (400, "REFUSED"),
        (401, "UNAUTHORIZED"),
        (403, "DENIED"),
        (405, "UNSUPPORTED"),
        (410, "REFUSED"),
        (418, "REFUSED"),
        (451, "REFUSED"),
        (501, "UNSUPPORTED"),
    ] {
        assert_eq!(
            tries(Fault::Instead(Answer::status(status))),
            (1, code.to_owned())
        );
    }
    assert_eq!(tries(Fault::Instead(Answer::status(404))).0, 1);
}

#[test]
fn m7_what_we_refuse_is_asked_once() {
    let gzip = Fault::extra_header("Content-Encoding", "gzip");
    assert_eq!(tries(gzip), (1, "ENCODED".to_owned()));
    assert_eq!(tries(Fault::endless()), (1, "TOO_LARGE".to_owned()));
    assert_eq!(tries(Fault::content("{}")), (1, "MALFORMED".to_owned()));
    let away = Fault::redirect(302, "ftp://a.test/");
    assert_eq!(tries(away), (1, "REDIRECT_REFUSED".to_owned()));
}

#[test]
fn d1_content_with_another_digest_is_asked_for_twice() {
    let described = described(1);
    let fault = Fault::flipped();
    let registry = described.fault("GET blobs", When::Always, fault).start();
    let answer = Asking::of(&Online::of(&registry)).ask(CREATED);
    assert_eq!(answer.errors(), ["team/app:000 created DIGEST_MISMATCH"]);
    assert_eq!(registry.stop().count("GET /v2/team/app/blobs/"), 2);
}

#[test]
fn m7_a_certificate_that_does_not_hold_is_looked_at_once() {
    let certificate = TestCa::other().certify(&["127.0.0.1"]);
    let place = Place::default().tls(Tls::with(&certificate));
    let registry = described(3).at(place).start();
    let named = Consent {
        named: true,
        ..Consent::default()
    };
    let answer = Asking::of(&Online::of(&registry).consent(named)).ask(CREATED);
    assert_eq!(answer.errors(), ["team/app CERTIFICATE"]);
    let ledger = registry.stop();
    assert_eq!(
        (ledger.requests().len(), ledger.connections().len()),
        (0, 1)
    );
}

#[test]
fn m2_what_stays_wrong_is_tried_five_times_or_as_often_as_the_user_says() {
    assert_eq!(tries(Fault::status(500)), (5, "UNAVAILABLE".to_owned()));
    assert_eq!(tries(Fault::status(429)), (5, "TOOMANYREQUESTS".to_owned()));
    assert_eq!(
        tries(Fault::reset(At::Body)),
        (5, "CONNECTION_LOST".to_owned())
    );
    for most in [1, 2, 3] {
        let registry = described(1)
            .fault("manifests", When::Always, Fault::status(500))
            .start();
        let online = Online::of(&registry).limits(|limits| limits.tries = most);
        Asking::of(&online).ask(CREATED);
        let count = registry.stop().count("GET /v2/team/app/manifests/");
        assert_eq!(count, most as usize);
    }
}

/// The different tags that were asked for.
fn tags_asked(ledger: &Ledger) -> usize {
    let lines = ledger.lines();
    let mut asked: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("/manifests/"))
        .collect();
    asked.sort();
    asked.dedup();
    asked.len()
}

#[test]
fn m2_a_host_that_only_fails_is_given_up_after_twenty_requests() {
    let registry = described(200)
        .fault("manifests", When::Always, Fault::status(500))
        .start();
    let answer = ask_singly(&registry);
    assert_eq!(answer.rows.len(), 200);
    assert!(answer.rows.iter().all(|row| row.error.is_some()));
    let ledger = registry.stop();
    assert_eq!(tags_asked(&ledger), 20);
    let given_up = answer
        .errors()
        .iter()
        .filter(|error| error.ends_with("GIVEN_UP"))
        .count();
    assert_eq!(given_up, 180);
}

#[test]
fn m2_those_who_ask_again_do_not_multiply_an_outage() {
    // A HEAD is answered in between, so that the host is not given up.
    let query = "
repositories: [team/app]
where: starts_with(digest, 's')
columns: [tag, created]";
    let registry = described(100)
        .fault("GET manifests", When::Always, Fault::status(500))
        .start();
    let answer = Asking::of(&Online::of(&registry)).ask(query);
    assert_eq!(answer.rows.len(), 100);
    let ledger = registry.stop();
    let all = ledger.requests().len();
    let heads = ledger.count("HEAD ");
    let gets = ledger.count("GET /v2/team/app/manifests/");
    assert_eq!((heads, all), (100, gets + heads + 1));
    assert!(gets - 1 <= 20 + all / 5, "{gets} of {all}");
}

#[test]
fn m2_one_request_that_fails_for_ever_closes_the_host_to_nobody() {
    let described = described(300).fault("manifests/00", When::Always, Fault::status(500));
    let registry = described.start();
    let answer = ask_singly(&registry);
    let errors = answer.errors();
    let broken: Vec<String> = (0..10)
        .map(|at| format!("team/app:00{at} created UNAVAILABLE"))
        .collect();
    assert_eq!((answer.rows.len(), errors), (300, broken));
}

#[test]
fn m1_a_host_that_wants_to_be_left_alone_for_an_hour_is() {
    for (header, words) in [
        ("3600", "left alone for 3600 s"),
        (
            "99999999999999999999999",
            "left alone for 18446744073709551615 s",
        ),
    ] {
        let registry = described(50).fault("manifests/007", When::Always, Fault::busy(429, header));
        let registry = registry.start();
        let answer = ask_singly(&registry);
        assert_eq!(answer.rows.len(), 50);
        let errors = &answer.summary.errors;
        assert!(errors.iter().all(|error| error.code == "TOOMANYREQUESTS"));
        assert!(
            errors[0].message.as_str().contains(words),
            "{}",
            errors[0].message
        );
        let lines = registry.stop().lines();
        assert!(
            lines.last().unwrap().ends_with("/manifests/007"),
            "{lines:#?}"
        );
    }
}

#[test]
fn q5_a_listing_that_waits_for_its_turn_holds_nobody_up() {
    let name = |at| format!("{at:03}");
    let registry =
        ["a", "b", "c"]
            .iter()
            .fold(FakeRegistry::new().paged(50), |registry, repository| {
                registry.listed_by(&format!("team/{repository}"), 150, name, image())
            });
    let registry = registry.start();
    let online = Online::of(&registry).limits(|limits| limits.parallel = Some(1));
    let answer = Asking::of(&online).ask("{repositories: [team/*], columns: [tag, digest]}");
    assert_eq!((answer.rows.len(), answer.errors()), (450, vec![]));
}

#[test]
fn c3_the_first_request_that_is_not_answered_says_nothing_about_the_others() {
    for fault in [
        Fault::reset(At::Start),
        Fault::closed(At::Headers),
        Fault::bytes("x\r\n\r\n"),
    ] {
        let registry = described(9)
            .fault("manifests/000", When::Always, fault)
            .start();
        let query =
            "{repositories: [team/app], tags: ['000', '001', '002'], columns: [tag, created]}";
        let answer = Asking::of(&Online::of(&registry)).ask(query);
        assert_eq!(answer.rows.len(), 3);
        assert!(answer.rows[0].error.is_some());
        assert!(
            answer.rows[1..].iter().all(|row| row.error.is_none()),
            "{:?}",
            answer.errors()
        );
    }
}

#[test]
fn q5_one_registry_that_does_not_answer_holds_back_no_other() {
    let stuck = described(5).gathering("tags/list", 2).start();
    let healthy = [described(5).start(), described(5).start()];
    let ledgers = [healthy[0].ledger(), healthy[1].ledger()];
    let online = [
        Online::of(&stuck),
        Online::of(&healthy[0]),
        Online::of(&healthy[1]),
    ];
    let asking = thread::spawn(move || {
        let asking = Asking::of(&online[0]).and(&online[1]).and(&online[2]);
        let answer = asking.ask(CREATED);
        (answer.rows.len(), answer.errors().len())
    });
    // Everything is asked of the others before the one gives up.
    for ledger in &ledgers {
        ledger.wait_for("GET /v2/team/app/manifests/", 5);
        ledger.wait_for("GET /v2/team/app/blobs/", 1);
    }
    drop(stuck);
    assert_eq!(asking.join().unwrap(), (10, 1));
}

#[test]
fn m2_a_crowd_that_is_told_to_come_in_a_second_comes_and_misses_nothing() {
    let registry = described(100)
        .gathering("manifests", 24)
        .fault("manifests", When::First(24), Fault::busy(503, "1"))
        .start();
    let answer = Asking::of(&Online::of(&registry)).ask(CREATED);
    assert_eq!((answer.rows.len(), answer.errors()), (100, vec![]));
    registry.stop();
}
