//! Listings over the network, in every form that registries give them: each name once, in order, and whatever is missing
//! is said.

use regq::registry::Event;
use serde_json::{Value, json};

use super::support::fake::{Answer, FakeRegistry, Fault, Links, Login, Place, Role, When};
use super::support::image::Image;
use super::support::network::{Online, run};
use super::support::query::{Answer as Asked, Asking};

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

/// Tags `a` to `g` of `team/app`, two at a time.
fn described() -> FakeRegistry {
    let empty = FakeRegistry::new().attacker_at(Place::on("127.0.0.2"));
    let tag =
        |registry: FakeRegistry, tag: &&str| registry.tag(&format!("team/app:{tag}"), Image::new());
    NAMES.iter().fold(empty, tag).paged(2)
}

/// What a registry lists, and what it was asked.
fn list(described: FakeRegistry) -> (Asked, Vec<String>) {
    let registry = described.start();
    let answer = Asking::of(&Online::of(&registry)).ask("{repositories: team/app, columns: [tag]}");
    let ledger = registry.stop();
    assert_eq!(ledger.of(Role::Attacker).connections(), []);
    (answer, ledger.lines())
}

/// It lists these tags without an error, in so many requests.
#[track_caller]
fn lists(described: FakeRegistry, tags: &[&str], requests: usize) {
    let (answer, lines) = list(described);
    assert_eq!(
        (answer.errors(), answer.shown()),
        (vec![], tags.iter().map(|tag| (*tag).to_owned()).collect())
    );
    assert_eq!(lines.len(), requests, "{lines:#?}");
}

/// The beginning of its list is there, and one error of this code, after so many requests.
#[track_caller]
fn breaks_off(described: FakeRegistry, tags: &[&str], code: &str, requests: usize) {
    let (answer, lines) = list(described);
    assert_eq!(answer.shown(), tags);
    assert_eq!(answer.errors(), [format!("team/app {code}")]);
    assert_eq!(lines.len(), requests, "{lines:#?}");
}

#[test]
fn b6_every_form_of_a_link_is_followed() {
    for links in [
        Links::Relative,
        Links::Absolute,
        Links::Unescaped,
        Links::Bare,
        Links::Opaque,
        // Azure's, and others that the grammar allows.
        Links::Text("<{path}?last={last}&n=2&orderby=>; rel=\"next\""),
        Links::Text("<{path}?last={last}>; rel=next"),
        Links::Text("<?last={last}>;title=\"a, b; c\" ; REL=\"prefetch Next\""),
        Links::Text("<{path}?last=z>; rel=\"prev\", <{path}?last={last}>; rel=\"next\""),
        Links::Text("<list?last={last}>; rel=\"next\""),
        // Nexus shows the path behind its proxy, Artifactory leaves its key out.
        Links::Text(
            "<{registry}/repository/docker/v2/team/app/tags/list?last={last}>; rel=\"next\"",
        ),
        Links::Text("</v2/app/tags/list?last={last}&n=2>; rel=\"next\""),
    ] {
        lists(described().links(links), &NAMES, 4);
    }
}

#[test]
fn b4_a_link_that_leads_away_is_not_followed() {
    for links in [
        Links::OtherHost,
        Links::SchemeRelative,
        Links::OtherRepository,
        Links::Text("<{path}\\..\\{last}>; rel=\"next\""),
        Links::Text("<ftp://a.test{path}?last={last}>; rel=\"next\""),
        Links::Text("</v2/_catalog?last={last}>; rel=\"next\""),
    ] {
        breaks_off(described().links(links), &NAMES[..2], "LINK_REFUSED", 1);
    }
}

#[test]
fn b5_pages_that_never_end_do() {
    for (links, seen, requests) in [
        (Links::ToItself, 2, 2),
        (Links::Cycle(2), 4, 3),
        (Links::Cycle(3), 6, 4),
        (Links::Endless, 7, 7),
    ] {
        breaks_off(
            described().links(links),
            &NAMES[..seen],
            "ENDLESS_LISTING",
            requests,
        );
    }
}

#[test]
fn b5_a_link_to_one_empty_page_is_no_fault() {
    lists(described().links(Links::OneTooMany), &NAMES, 5);
}

/// So many tags, all in one page that names no next one.
fn in_one_page(count: usize) -> FakeRegistry {
    let name = |at| format!("{at:05}");
    FakeRegistry::new()
        .listed_by("team/app", count, name, Image::new())
        .paged(1000)
        .links(Links::Missing)
}

#[test]
fn b6_a_full_page_that_names_no_next_one_may_not_be_all() {
    for (count, warnings) in [(999, 0), (1000, 1), (1001, 1)] {
        let registry = in_one_page(count).start();
        let online = Online::of(&registry);
        let answer = Asking::of(&online).ask("{repositories: team/app, columns: [tag]}");
        assert!(answer.summary.is_complete());
        assert_eq!(answer.rows.len(), count.min(1000));
        let said = online.said();
        let may_be_more = said
            .iter()
            .filter(|event| matches!(event, Event::MaybeMore { .. }));
        assert_eq!(may_be_more.count(), warnings, "{count}");
    }
    let registry = in_one_page(1000).start();
    let ended = run(&registry, "get tags HOST/team/app -q").exits(0);
    ended.says("/team/app may be incomplete: its last page was full and named no next one");
}

#[test]
fn a_page_size_that_is_refused_is_left_to_the_registry() {
    for (largest, status) in [(0, 400), (0, 405), (100, 400), (999, 405)] {
        let described = FakeRegistry::new().tag("team/app:a", Image::new());
        let (answer, lines) = list(described.largest_page(largest, status));
        assert_eq!(
            (answer.shown(), answer.errors()),
            (vec!["a".to_owned()], vec![])
        );
        assert_eq!(
            lines,
            [
                "GET /v2/team/app/tags/list?n=1000",
                "GET /v2/team/app/tags/list"
            ]
        );
    }
    // Not every 400 is about the size.
    let described = described().fault("tags/list", When::Always, Fault::status(400));
    breaks_off(described, &[], "REFUSED", 2);
}

fn listed(tags: Value) -> FakeRegistry {
    FakeRegistry::new().listed("team/app", tags)
}

#[test]
fn b9_what_no_tag_can_be_is_an_error_and_never_a_request() {
    let sha = format!("sha256:{}", "1".repeat(64));
    let odd = json!(["b", null, "", sha, "a"]);
    lists(listed(odd), &["a", "b"], 1);
    let bad = [
        "../x",
        "a b",
        "a?n=1",
        "a\r\nX: y",
        "%2e%2e",
        "-a",
        &"x".repeat(129),
    ];
    let registry = listed(json!(bad)).start();
    let query = "{repositories: team/app, columns: [tag, created]}";
    let answer = Asking::of(&Online::of(&registry)).ask(query);
    assert_eq!(answer.errors(), vec!["team/app TAG_INVALID"; bad.len()]);
    assert_eq!(registry.stop().lines().len(), 1);
}

#[test]
fn d6_a_list_that_is_null_or_not_there_is_empty() {
    lists(listed(Value::Null), &[], 1);
    lists(listed(json!([])), &[], 1);
    for body in ["{}", "{\"name\": \"team/app\"}"] {
        lists(
            listed(json!(["a"])).fault("tags/list", When::Always, Fault::content(body)),
            &[],
            1,
        );
    }
}

#[test]
fn c5_a_list_is_read_whatever_its_type_is_said_to_be() {
    for media_type in [
        "text/plain; charset=utf-8",
        "text/html",
        "application/octet-stream",
    ] {
        let described = described().fault(
            "tags/list",
            When::Always,
            Fault::header("Content-Type", media_type),
        );
        lists(described, &NAMES, 4);
    }
}

#[test]
fn b7_each_name_is_listed_once_and_in_order() {
    let unsorted = json!(["b", "a", "c", "b", "1.10", "a", "1.9", "B", "c"]);
    lists(
        listed(unsorted.clone()),
        &["1.10", "1.9", "B", "a", "b", "c"],
        1,
    );
    lists(
        listed(unsorted).paged(2).links(Links::Opaque),
        &["1.10", "1.9", "B", "a", "b", "c"],
        5,
    );
    let catalog = FakeRegistry::new()
        .catalog(json!(["b", "a", "b", "B", "c/"]))
        .start();
    let answer = Asking::of(&Online::of(&catalog)).ask("{resource: repositories}");
    assert_eq!(answer.shown(), ["a", "b"]);
    assert_eq!(answer.errors(), ["fake NAME_INVALID", "fake NAME_INVALID"]);
}

#[test]
fn b7_what_changes_while_it_is_listed_is_listed_as_it_was_seen() {
    let removed = described().fault(
        "tags/list last=b",
        When::Always,
        Fault::edit(|_, answer| {
            let body = String::from_utf8(answer.body.clone()).unwrap();
            *answer = answer
                .clone()
                .with_body("application/json", body.replace("\"c\"", "\"b\""));
        }),
    );
    lists(removed, &["a", "b", "d", "e", "f", "g"], 4);
}

#[test]
fn m1_a_page_that_has_to_wait_is_asked_again_and_no_other() {
    let names: Vec<String> = (10..30).map(|at| at.to_string()).collect();
    let tag = |registry: FakeRegistry, tag: &String| {
        registry.tag(&format!("team/app:{tag}"), Image::new())
    };
    let described = names.iter().fold(FakeRegistry::new(), tag).paged(2);
    let described = described.fault("tags/list", When::Nth(7), Fault::busy(429, "0"));
    let (answer, lines) = list(described);
    assert_eq!((answer.errors(), answer.shown()), (vec![], names));
    let twice: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("last=21"))
        .collect();
    assert_eq!((lines.len(), twice.len()), (11, 2), "{lines:#?}");
}

#[test]
fn s6_what_was_listed_before_a_page_that_fails_is_there() {
    let fault = Fault::status(500);
    let described = described().fault("tags/list last=f", When::Always, fault);
    breaks_off(described, &NAMES[..6], "UNAVAILABLE", 3 + 5);
}

#[test]
fn a_registry_without_a_list_of_repositories_says_what_to_do() {
    let status = |status| Fault::Instead(Answer::status(status));
    for (fault, code) in [
        (status(401), "UNAUTHORIZED"),
        (status(403), "DENIED"),
        (status(404), "NO_CATALOG"),
        (status(405), "NO_CATALOG"),
        (status(501), "NO_CATALOG"),
    ] {
        let registry = described().fault("_catalog", When::Always, fault).start();
        let ended = run(&registry, "get tags HOST/team/* -q")
            .exits(4)
            .prints("");
        ended.says(&format!("({code})")).says("needs no list");
        // It does as it says.
        let named = run(&registry, "get tags HOST/team/app -q")
            .exits(0)
            .quietly();
        assert_eq!(named.stdout.lines().count(), NAMES.len());
    }
}

#[test]
fn a_registry_that_does_not_know_who_asks_says_what_to_do() {
    let registry = described().login(Login::basic()).start();
    let ended = run(&registry, "get tags HOST/team/app -q")
        .exits(4)
        .prints("");
    ended.says("(UNAUTHORIZED)").says("`docker login HOST`");
}

#[test]
fn q2_a_hundred_thousand_tags_are_listed_and_filtered() {
    let name = |at| format!("v{}.{}.{}", at / 10_000, at / 100 % 100, at % 100);
    let registry = FakeRegistry::new().listed_by("team/app", 100_000, name, Image::new());
    let registry = registry.start();
    let query = "
repositories: team/app
tags: 'v7.*'
where: ends_with(tag, '.42')
columns: [tag]
limit: 3";
    let answer = Asking::of(&Online::of(&registry)).ask(query);
    assert_eq!(answer.shown(), ["v7.0.42", "v7.1.42", "v7.10.42"]);
    assert_eq!(registry.stop().lines().len(), 100);
}

#[test]
fn s5_many_names_that_are_none_are_all_said_and_cost_no_more_each() {
    let name = |at| match at % 1000 {
        0 => format!("v{at:05}"),
        _ => format!("-{at:05}"),
    };
    let registry = FakeRegistry::new().listed_by("team/app", 30_000, name, Image::new());
    let answer =
        Asking::of(&Online::of(&registry.start())).ask("{repositories: team/app, columns: [tag]}");
    assert_eq!((answer.shown().len(), answer.errors().len()), (30, 29_970));
}
