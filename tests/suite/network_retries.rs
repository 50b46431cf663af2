//! Faults that pass leave no trace: whatever is tried again, the rows are those of a run in which nothing went wrong.

use std::time::Duration;

use super::support::fake::{
    Answer, At, FakeRegistry, Fault, Login, RunningRegistry, Step, When, before_login,
};
use super::support::image::{Image, Index};
use super::support::network::Online;
use super::support::query::{Answer as Asked, Asking};

/// Lists, asks HEAD, and gets manifests, children and configs.
const EVERYTHING: &str = "
repositories: [team/app]
where: starts_with(digest, 'sha256')
columns: {T: tag, D: digest, S: size, A: total_size, C: created, L: labels.tag}";

/// The requests that this needs of one tag and its listing.
const REQUESTS: [&str; 5] = [
    "tags/list",
    "HEAD manifests",
    "GET manifests",
    "GET blobs",
    "HEAD manifests/index",
];

fn image(tag: &str) -> Image {
    Image::new()
        .created("2025-01-01T00:00:00Z")
        .label("tag", tag)
}

fn described() -> FakeRegistry {
    FakeRegistry::new()
        .tag("team/app:1", image("1"))
        .tag("team/app:2", image("2"))
        .tag(
            "team/app:index",
            Index::of([image("i"), image("a").platform("linux/arm64")]),
        )
        .paged(2)
}

fn ask(registry: &RunningRegistry) -> Asked {
    Asking::of(&Online::of(registry)).ask(EVERYTHING)
}

/// Asks a registry that goes wrong for some requests for a while, and looks whether anybody can tell.
#[track_caller]
fn leaves_no_trace(requests: &str, when: When, fault: Fault) {
    let clean = ask(&described().start());
    assert_eq!((clean.rows.len(), clean.errors()), (3, vec![]));
    let faulty = described().fault(requests, when, fault).start();
    let answer = ask(&faulty);
    assert_eq!(answer.errors(), Vec::<String>::new(), "{requests} {when:?}");
    assert_eq!(answer.rows, clean.rows, "{requests} {when:?}");
    assert_eq!(answer.summary, clean.summary);
    // What was not tried again was not hit.
    let ledger = faulty.stop();
    assert!(
        ledger.requests().len() > clean.requests.len(),
        "{:#?}",
        ledger.lines()
    );
}

#[test]
fn m2_statuses_that_pass_leave_no_trace() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        for requests in REQUESTS {
            leaves_no_trace(requests, When::First(2), Fault::status(status));
        }
    }
}

#[test]
fn m2_a_proxys_page_for_a_while_leaves_no_trace() {
    for requests in REQUESTS {
        let page = Fault::Instead(Answer::html(502));
        leaves_no_trace(requests, When::First(4), page);
    }
}

#[test]
fn m1_waits_that_are_over_leave_no_trace() {
    let past = || Fault::busy(429, "Sun, 01 Mar 2026 10:00:00 GMT");
    for requests in REQUESTS {
        for fault in [
            Fault::busy(429, "0"),
            Fault::busy(503, "0"),
            past(),
            Fault::busy(503, "soon"),
        ] {
            leaves_no_trace(requests, When::First(2), fault);
        }
    }
}

#[test]
fn m3_connections_that_break_leave_no_trace() {
    for requests in REQUESTS {
        // A HEAD is whole when its headers are.
        let in_the_body = [At::Byte(0), At::Byte(1), At::Body];
        let in_the_body = in_the_body
            .into_iter()
            .filter(|_| !requests.starts_with("HEAD"));
        for at in [At::Start, At::Headers].into_iter().chain(in_the_body) {
            leaves_no_trace(requests, When::First(2), Fault::reset(at));
            leaves_no_trace(requests, When::Nth(1), Fault::closed(at));
        }
    }
}

#[test]
fn m3_a_connection_that_breaks_before_anything_was_asked_leaves_no_trace() {
    let clean = ask(&described().start());
    for fault in [Fault::reset(At::Start), Fault::closed(At::Start)] {
        let faulty = described()
            .fault("connection", When::First(3), fault)
            .start();
        let answer = ask(&faulty);
        assert_eq!((answer.errors(), answer.rows), (vec![], clean.rows.clone()));
        assert!(faulty.stop().connections().len() > 3);
    }
}

#[test]
fn c4_answers_that_are_badly_framed_for_a_while_leave_no_trace() {
    for requests in ["tags/list", "GET manifests", "GET blobs"] {
        leaves_no_trace(requests, When::First(2), Fault::no_last_chunk());
        leaves_no_trace(requests, When::First(2), Fault::bad_chunk());
        leaves_no_trace(requests, When::First(2), Fault::two_lengths());
        leaves_no_trace(requests, When::First(2), Fault::bytes("\0garbage\r\n\r\n"));
    }
}

#[test]
fn c4_an_answer_cut_at_any_byte_leaves_no_trace() {
    let clean = ask(&described().start());
    let length = clean.rows.len() * 100;
    for at in (0..length).step_by(11) {
        let reset = Fault::reset(At::Byte(at));
        let closed = Fault::closed(At::Byte(at));
        let faulty = described()
            .fault("GET manifests", When::Nth(1), reset)
            .fault("GET blobs", When::Nth(2), closed)
            .fault("tags/list", When::Nth(2), Fault::closed(At::Byte(at % 20)));
        let answer = ask(&faulty.start());
        assert_eq!(
            (answer.errors(), answer.rows),
            (vec![], clean.rows.clone()),
            "{at}"
        );
    }
}

#[test]
fn m3_connections_that_end_after_each_answer_leave_no_trace() {
    let clean = ask(&described().start());
    let once = Fault::sent(|answer, is_head| {
        let mut answer = answer.clone();
        if is_head {
            answer.body.clear();
        }
        let head = format!("HTTP/1.1 {} x\r\n", answer.status);
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
        let head = head + &headers.collect::<String>() + "\r\n";
        let bytes = [head.as_bytes(), &answer.body].concat();
        vec![Step::Send(bytes), Step::Close]
    });
    let registry = described().fault("", When::Always, once).start();
    let answer = ask(&registry);
    assert_eq!((answer.errors(), answer.rows), (vec![], clean.rows));
}

#[test]
fn d1_content_that_was_wrong_once_leaves_no_trace() {
    leaves_no_trace("GET blobs", When::First(1), Fault::flipped());
    leaves_no_trace("GET manifests/sha256", When::First(1), Fault::flipped());
}

#[test]
fn c3_an_answer_that_did_not_come_once_leaves_no_trace() {
    let clean = ask(&described().start());
    let faulty = described()
        .fault("GET blobs", When::Nth(1), Fault::stalled(At::Start))
        .fault(
            "GET manifests/sha256",
            When::Nth(1),
            Fault::stalled(At::Body),
        )
        .start();
    // As long as no healthy answer takes, on a machine that does other things besides.
    let patience = Duration::from_secs(1);
    let online = Online::of(&faulty).timing(|timing| {
        (timing.first_byte, timing.idle) = (patience, patience);
    });
    let answer = Asking::of(&online).ask(EVERYTHING);
    assert_eq!((answer.errors(), answer.rows), (vec![], clean.rows));
}

/// When each request came, in order.
fn times(registry: RunningRegistry) -> Vec<Duration> {
    let requests = registry.stop().requests();
    requests.iter().map(|request| request.at).collect()
}

#[test]
fn m1_nobody_asks_inside_the_wait_that_was_asked_for() {
    let dated = || {
        let Fault::Instead(answer) = Fault::busy(503, "Sun, 01 Mar 2026 10:00:01 GMT") else {
            panic!("a status is another answer");
        };
        Fault::Instead(answer.header("Date", "Sun, 01 Mar 2026 10:00:00 GMT"))
    };
    // Both at once, because this is the one test that really waits.
    let seconds = described()
        .fault("manifests", When::Nth(2), Fault::busy(429, "1"))
        .start();
    let date = described()
        .fault("manifests", When::Nth(2), dated())
        .start();
    let (one, other) = (Online::of(&seconds), Online::of(&date));
    let singly = |online: Online| online.limits(|limits| limits.parallel = Some(1));
    let answer = Asking::of(&singly(one)).and(&singly(other)).ask(EVERYTHING);
    let clean = ask(&described().start());
    assert_eq!(
        (answer.errors(), answer.rows.len()),
        (vec![], 2 * clean.rows.len())
    );
    for times in [times(seconds), times(date)] {
        // Two pages and two HEADs, of which the second is told to come later.
        assert!(times[4] - times[3] >= Duration::from_secs(1), "{times:?}");
    }
}

#[test]
fn m4_a_login_that_ends_in_mid_run_is_renewed_wherever_that_is() {
    let clean = ask(&described().start());
    let challenge =
        "Bearer realm=\"{token}/token\",service=\"fake.registry\",error=\"invalid_token\"";
    // The second is the first one, asked again, which is not asked a third time.
    for nth in 3..=14 {
        let ended = Answer::status(401).header("WWW-Authenticate", challenge);
        let registry = described()
            .login(Login::bearer().public(&["*"]))
            .fault(before_login(""), When::Nth(nth), Fault::Instead(ended))
            .start();
        let answer = ask(&registry);
        assert_eq!(
            (answer.errors(), answer.rows),
            (vec![], clean.rows.clone()),
            "{nth}"
        );
    }
}
