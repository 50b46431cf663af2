//! What registries say of the requests they still allow: shown, warned of early, and obeyed with an end.

use std::time::Duration;

use regq::registry::{Counted, Event};
use serde_json::json;

use super::support::fake::{FakeRegistry, Fault, Role, RunningRegistry, When};
use super::support::image::Image;
use super::support::network::Online;
use super::support::query::Asking;
use super::support::user::User;

const CREATED: &str = "{repositories: [team/app], columns: [tag, created]}";

fn described(tags: usize) -> FakeRegistry {
    let image = Image::new().created("2025-01-01T00:00:00Z");
    FakeRegistry::new().listed_by("team/app", tags, |at| format!("{at:03}"), image)
}

/// A registry that stands in for Docker Hub, which has so many pulls left.
fn hub(tags: usize, left: u32) -> (RunningRegistry, User) {
    let left = format!("{left};w=21600");
    let registry = described(tags)
        .tag("ratelimitpreview/test:latest", Image::new())
        .fault(
            "manifests",
            When::Always,
            Fault::extra_header("ratelimit-limit", "100;w=21600"),
        )
        .fault(
            "manifests",
            When::Always,
            Fault::extra_header("ratelimit-remaining", &left),
        )
        .start();
    let origin = registry.origin_of(Role::Registry);
    let settings = format!("registries: {{docker.io: {{endpoint: '{origin}'}}}}");
    (registry, User::new().settings(&settings))
}

const WARNING: &str = "warning: docker.io has 97 of 100 in 6 h left, and this run may ask for up to 400; it counts each GET of a manifest, and no HEAD\n";

#[test]
fn a_run_that_asks_for_more_than_is_left_is_warned_of_once_and_asks_for_nothing_more() {
    let (registry, user) = hub(200, 97);
    let ended = user
        .run("get tags docker.io/team/app --columns tag,created")
        .exits(0);
    assert_eq!(ended.stderr.matches(WARNING).count(), 1, "{}", ended.stderr);
    ended.says("`digest`, `media_type` and `manifest_size` alone come by HEAD");
    let ledger = registry.stop();
    let counts = [
        ledger.count("GET /v2/team/app/tags/list"),
        ledger.count("GET /v2/team/app/manifests/"),
        ledger.count("HEAD "),
    ];
    assert_eq!(counts, [1, 200, 0]);
}

#[test]
fn what_is_enough_is_not_warned_of() {
    for (tags, words) in [
        // As many as are left when the first was counted, should all be indexes.
        (49, "--columns tag,created"),
        (200, "--columns tag,digest"),
        (200, "--columns tag,created --sort-by=-tag --limit 49"),
        (200, "--columns tag,created --where starts_with(tag,'00')"),
        (200, "--columns tag"),
    ] {
        let (registry, user) = hub(tags, 97);
        let ended = user.run(&format!("get tags docker.io/team/app {words}"));
        ended.exits(0).quietly();
        registry.stop();
    }
    let (_registry, user) = hub(200, 97);
    let ended =
        user.run("get tags docker.io/team/app --columns tag,created --sort-by=-tag --limit 50");
    ended.exits(0).says("this run may ask for up to 100;");
}

#[test]
fn another_registry_is_not_known_to_count() {
    let registry = described(200)
        .fault(
            "manifests",
            When::Always,
            Fault::extra_header("ratelimit-remaining", "1"),
        )
        .start();
    let online = Online::of(&registry);
    Asking::of(&online).ask(CREATED);
    assert_eq!(online.said(), []);
}

#[test]
fn the_registry_itself_says_what_is_short() {
    let registry = described(3)
        .fault(
            "manifests",
            When::Always,
            Fault::extra_header("x-ratelimit-remaining", "1"),
        )
        .start();
    let online = Online::of(&registry);
    let (remote, _) = super::support::query::World::counted(&online);
    remote.foretell(3);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let repository = "team/app".parse().unwrap();
    let which = regq::oci::Which::Tag("000".parse().unwrap());
    for _ in 0..2 {
        runtime
            .block_on(remote.manifest(&repository, &which, None))
            .unwrap();
    }
    let said = online.said();
    let [
        Event::Shortage {
            wanted,
            counted,
            limit,
            ..
        },
    ] = &said[..]
    else {
        panic!("{said:?}");
    };
    assert_eq!(
        (*wanted, *counted, limit.remaining),
        (3, Counted::Unknown, Some(1))
    );
}

#[test]
fn a_plan_tells_what_is_counted_and_with_a_probe_what_is_left() {
    let (registry, user) = hub(200, 97);
    let query = "registry: docker.io\nrepositories: team/app\ncolumns: [tag, created]";
    let user = user.query("q.yaml", query);
    let ended = user.run("plan q.yaml").exits(0);
    let counted =
        "counted    at most 2 for each tag; it counts each GET of a manifest, and no HEAD\n";
    assert!(ended.stdout.contains(counted), "{}", ended.stdout);
    assert_eq!(registry.ledger().lines(), [""; 0]);
    let ended = user.run("plan q.yaml --probe").exits(0);
    for words in [
        "limit      docker.io: 97 of 100 in 6 h left\n",
        "counted    at most 2 for each of the 200 tags that were listed, 400 in all, more than the 97 that are left; it counts",
    ] {
        assert!(ended.stdout.contains(words), "{words}\n{}", ended.stdout);
    }
    let ledger = registry.stop();
    assert_eq!(
        ledger.count("HEAD /v2/ratelimitpreview/test/manifests/latest"),
        1
    );
    assert_eq!(ledger.count("GET /v2/team/app/manifests/"), 0);
}

#[test]
fn m1_a_limit_that_is_used_up_ends_with_when_to_come_back() {
    let used_up = |registry: FakeRegistry| {
        registry
            .fault("manifests", When::Always, Fault::status(429))
            .fault(
                "manifests",
                When::Always,
                Fault::extra_header("ratelimit-limit", "100;w=21600"),
            )
            .fault(
                "manifests",
                When::Always,
                Fault::extra_header("ratelimit-remaining", "0;w=21600"),
            )
    };
    let registry = used_up(described(50)).start();
    let host = registry.host();
    let words = format!("get tags {host}/team/app --columns tag,created --parallel 1");
    let ended = User::new().run(&words).exits(3);
    let ended = ended.says("its limit of 100 in 6 h is used up, for 6 h at most (TOOMANYREQUESTS)");
    ended.says("`docker-regq auth HOST` tells what is left");
    // Nobody asks to be told the same.
    assert_eq!(registry.stop().count("GET /v2/team/app/manifests/"), 1);
    let registry = described(1)
        .fault("manifests", When::Always, Fault::busy(429, "3600"))
        .fault(
            "manifests",
            When::Always,
            Fault::extra_header("Date", "Tue, 03 Mar 2026 00:00:00 GMT"),
        )
        .start();
    let ended = User::new().run(&format!(
        "get tags {}/team/app --columns tag,created",
        registry.host()
    ));
    ended
        .exits(3)
        .says("left alone for 3600 s, until 2026-03-03T01:00:00Z");
}

#[test]
fn m1_all_waits_of_a_host_have_one_end() {
    let registry = described(9)
        .fault("manifests", When::Always, Fault::busy(429, "1"))
        .start();
    let online = Online::of(&registry)
        .limits(|limits| limits.parallel = Some(1))
        .timing(|timing| timing.retry_after = Duration::from_millis(1500));
    let answer = Asking::of(&online).ask(CREATED);
    assert_eq!(answer.rows.len(), 9);
    let codes = answer
        .summary
        .errors
        .iter()
        .map(|error| error.code.as_str());
    assert!(
        codes.clone().all(|code| code == "TOOMANYREQUESTS"),
        "{:?}",
        codes.collect::<Vec<_>>()
    );
    // The first is asked, waits a second as all do, and is told the same: that was all the patience there is.
    assert_eq!(registry.stop().count("GET /v2/team/app/manifests/"), 2);
}

#[test]
fn a_limit_is_told_by_auth_whoever_says_it_and_how() {
    for (headers, words) in [
        (
            [
                ("RateLimit-Limit", "2000"),
                ("RateLimit-Remaining", "1996"),
                ("RateLimit-Reset", "1772496060"),
            ],
            "1996 of 2000 left, until 2026-03-03T00:01:00Z",
        ),
        (
            [
                ("RateLimit", "\"default\";r=50;t=30"),
                ("RateLimit-Policy", "\"default\";q=100;w=60"),
                ("X-Other", "1"),
            ],
            "50 of 100 in 1 min left",
        ),
    ] {
        let registry = headers
            .iter()
            .fold(described(1), |registry, (name, value)| {
                registry.fault("GET /v2/", When::Always, Fault::extra_header(name, value))
            });
        let registry = registry.start();
        let ended = User::new()
            .run(&format!("auth {}", registry.host()))
            .exits(0);
        assert!(
            ended.stdout.contains(&format!("limit         {words}")),
            "{}",
            ended.stdout
        );
        let ended = User::new()
            .run(&format!("auth {} -o json", registry.host()))
            .exits(0);
        let document = super::support::network::document(&ended);
        assert_ne!(document["items"][0]["LIMIT"]["remaining"], json!(null));
    }
}
