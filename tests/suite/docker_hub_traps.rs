//! Docker Hub's traps: pages that end early, tags the API does not know, odd documents, logins that end, refusals.

use serde_json::{Value, json};

use super::docker_hub::{KEY, PASSWORD, bob, hub_of, image, running, settings, stranger};
use super::support::fake::{Answer, FakeRegistry, Fault, Place, Role, When};
use super::support::user::User;
use super::support::vendors::hub::FakeHub;

const TAGS: &str = "get tags docker.io/acme/web --columns tag,digest,pushed -o csv";

/// So many tags of `acme/web`, on both sides.
fn both(count: usize) -> (FakeRegistry, FakeHub) {
    let names: Vec<String> = (0..count).map(|at| format!("acme/web:1.{at:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    hub_of(&names)
}

/// The rows, each with a digest and a time.
#[track_caller]
fn full_rows(stdout: &str, count: usize) {
    let rows: Vec<&str> = stdout.lines().skip(1).collect();
    assert_eq!(rows.len(), count, "{stdout}");
    assert!(rows.is_sorted(), "{stdout}");
    let is_full = |row: &&str| row.contains(",sha256:") && row.ends_with("Z");
    assert!(rows.iter().all(is_full), "{stdout}");
}

#[test]
fn who_does_not_log_in_gets_the_names_beyond_the_cap_and_is_told_once() {
    let cap = |(registry, hub): (FakeRegistry, FakeHub)| (registry, hub.paged(10).capped(20));
    let registry = running(cap(both(25)));
    let ended = stranger(&registry).run(TAGS).exits(0);
    full_rows(&ended.stdout, 25);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    let ended =
        ended.says("not all of the tags of docker.io/acme/web came with the vendor's listing");
    ended.says("sign in to page further");
    let ledger = registry.stop();
    assert_eq!(
        ledger.count("api: GET /v2/namespaces/acme/repositories/web/tags?page="),
        3
    );
    assert_eq!(
        ledger.count("api: GET /v2/namespaces/acme/repositories/web/tags/1."),
        5
    );
    assert_eq!(ledger.count("GET /v2/acme/web/tags/list"), 1);

    let (registry, hub) = cap(both(25));
    let registry = running((registry, hub.account("bob", PASSWORD)));
    full_rows(&bob(&registry).run(TAGS).exits(0).quietly().stdout, 25);
    assert_eq!(registry.stop().count("GET /v2/acme"), 0);
}

#[test]
fn s6_a_tag_that_the_api_counts_and_does_not_list_is_found() {
    let (registry, hub) = both(25);
    let registry = running((registry, hub.omitting("acme/web:1.007").paged(10)));
    full_rows(&stranger(&registry).run(TAGS).exits(0).quietly().stdout, 25);
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/acme/web/tags/list"), 1);
    assert_eq!(
        ledger.count("api: GET /v2/namespaces/acme/repositories/web/tags/1."),
        1
    );
}

#[test]
fn b7_a_tag_that_is_on_two_pages_is_one() {
    let (registry, hub) = both(3);
    let digest = registry.digest("acme/web:1.000");
    let hub = hub.tag("acme/web:1.001", &digest).paged(1);
    let registry = running((registry, hub));
    full_rows(&stranger(&registry).run(TAGS).exits(0).quietly().stdout, 3);
}

/// One tag of which the API says something odd, and what comes of it.
fn odd(edit: impl Fn(&mut Value), columns: &str) -> (Value, Vec<String>) {
    let registry = FakeRegistry::new().tag("acme/web:1", image());
    let digest = registry.digest("acme/web:1");
    let hub = FakeHub::new().tag_as("acme/web:1", &digest, edit);
    let registry = running((registry, hub));
    let line = format!("get tags docker.io/acme/web --columns {columns} -o json");
    let ended = stranger(&registry).run(&line).exits(0).quietly();
    let mut result: Value = serde_json::from_str(&ended.stdout).unwrap();
    (result["items"][0].take(), registry.stop().lines())
}

#[test]
fn odd_documents_cost_requests_and_never_the_answer() {
    let set = |name: &'static str, value: Value| move |tag: &mut Value| tag[name] = value.clone();
    let drop = |name: &'static str| {
        move |tag: &mut Value| {
            tag.as_object_mut().unwrap().remove(name);
        }
    };
    let digest = || FakeRegistry::new().tag("a/b:1", image()).digest("a/b:1");
    for edit in [set("digest", Value::Null), set("digest", json!("x"))] {
        let (row, lines) = odd(edit, "digest");
        assert_eq!(row["DIGEST"], json!(digest()));
        assert_eq!(lines.last().unwrap(), "HEAD /v2/acme/web/manifests/1");
    }
    let (row, _) = odd(drop("digest"), "digest");
    assert_eq!(row["DIGEST"], json!(digest()));
    for platforms in [
        set("images", json!([])),
        set("images", Value::Null),
        set("images", json!([{"os": "linux", "architecture": ""}])),
        set("content_type", json!("helm")),
    ] {
        let (row, lines) = odd(platforms, "platforms");
        assert_eq!(row["PLATFORMS"], json!(["linux/amd64"]), "{lines:#?}");
    }
    let (row, _) = odd(drop("images"), "platforms");
    assert_eq!(row["PLATFORMS"], json!(["linux/amd64"]));
    let (row, lines) = odd(set("v2", json!("true")), "platforms,vendor.tag.v2");
    assert_eq!(row["PLATFORMS"], json!(["linux/amd64", "linux/arm64/v8"]));
    assert_eq!(lines.len(), 1);
    // Of a tag that is no index, this is what its config is.
    let config = json!("application/vnd.docker.container.image.v1+json");
    let (row, _) = odd(set("media_type", config), "kind,media_type");
    assert_eq!(row["KIND"], "image");
    assert_eq!(
        row["MEDIA_TYPE"],
        "application/vnd.oci.image.manifest.v1+json"
    );
}

#[test]
fn times_that_are_not_set_are_null_and_cost_nothing() {
    for (value, shown) in [
        (Value::Null, Value::Null),
        (json!(""), Value::Null),
        (json!("0001-01-01T00:00:00Z"), Value::Null),
        (json!(17), Value::Null),
        (
            json!("2026-02-27T09:15:30.5+01:00"),
            json!("2026-02-27T08:15:30Z"),
        ),
        (json!("yesterday"), json!("yesterday")),
    ] {
        let said = value.clone();
        let (row, lines) = odd(
            move |tag| tag["tag_last_pushed"] = said.clone(),
            "pushed,pulled",
        );
        assert_eq!(row["PUSHED"], shown, "{value}");
        assert_eq!(row["PULLED"], "2026-03-01T06:00:00Z");
        assert_eq!(lines.len(), 1);
    }
    let (row, lines) = odd(
        |tag| {
            tag.as_object_mut().unwrap().remove("tag_last_pulled");
        },
        "pulled",
    );
    assert_eq!((&row["PULLED"], lines.len()), (&Value::Null, 1));
}

#[test]
fn b9_names_that_are_none_are_faults_and_part_of_no_request() {
    let (registry, hub) = both(1);
    let odd = ["../x", "", "é"];
    let digest = registry.digest("acme/web:1.000");
    let hub = odd.iter().fold(hub, |hub, name| {
        hub.tag_as("acme/web:x", &digest, |tag| tag["name"] = json!(name))
    });
    let hub = hub.repository_as("acme/UP", |_| {});
    let registry = running((registry, hub));
    let user = stranger(&registry);
    let ended = user.run(TAGS).exits(3);
    ended.says("`../x`, which is listed, is not a valid tag (TAG_INVALID)");
    let ended = user
        .run("get repositories docker.io/acme/* -o csv")
        .exits(3);
    ended.says("`acme/UP`, which is listed, is not a valid repository name");
    let lines = registry.stop().lines();
    assert!(
        lines
            .iter()
            .all(|line| !line.contains("..") && !line.contains("UP"))
    );
}

#[test]
fn a9_a_token_that_ends_is_bought_anew() {
    let (registry, hub) = both(25);
    let hub = hub.account("bob", PASSWORD).paged(2).tokens_for(5);
    let registry = running((registry, hub));
    full_rows(&bob(&registry).run(TAGS).exits(0).quietly().stdout, 25);
    let ledger = registry.stop();
    assert_eq!(ledger.count("api: POST"), 3);
    assert_eq!(ledger.count("api: GET"), 13 + 2);
}

#[test]
fn a12_a_login_that_the_api_refuses_is_never_silently_nobodys() {
    let (registry, hub) = both(3);
    let registry = running((
        registry,
        hub.private("acme/secret").account("eve", PASSWORD),
    ));
    let user = bob(&registry);
    let ended = user
        .run("get repositories docker.io/acme/*")
        .exits(4)
        .prints("");
    ended
        .says("was answered with 401, asked as bob: Incorrect authentication credentials")
        .keeps(&[PASSWORD]);
    // The registry lists the tags all the same; what only the API knows is missing.
    let ended = user.run(TAGS).exits(3);
    assert_eq!(ended.stdout.lines().count(), 4);
    ended.says("so there is no `pushed`");
    let line = "get tags docker.io/acme/web --columns tag,digest -o csv";
    let ended = user.run(line).exits(0);
    assert_eq!(ended.stdout.matches(",sha256:").count(), 3);
    assert_eq!(registry.stop().count("api: GET"), 0);
}

#[test]
fn an_identity_token_is_not_for_the_api() {
    let (registry, hub) = both(3);
    let registry = running((registry, hub));
    let config = json!({"auths": {KEY: {"identitytoken": "refresh-of-bob"}}});
    let user = settings(User::new().docker(&config), &registry);
    let line = "get tags docker.io/acme/web --columns tag,digest -o csv";
    let ended = user.run(line).exits(0);
    assert_eq!(ended.stdout.matches(",sha256:").count(), 3);
    ended.says("the credential is an identity token");
    let ledger = registry.stop();
    assert_eq!((ledger.count("api:"), ledger.count("HEAD")), (0, 3));
}

#[test]
fn m1_who_wants_to_be_left_alone_is() {
    let (registry, hub) = both(25);
    let date = "Sat, 01 Mar 2026 10:00:00 GMT";
    let away = Answer::status(429)
        .with_body(
            "application/json",
            r#"{"detail":"Rate limit exceeded","error":false}"#,
        )
        .header("Date", date)
        .header("X-Retry-After", "1772370000");
    let registry = registry.fault("api GET page=2", When::Always, Fault::Instead(away));
    let registry = running((registry, hub.paged(10)));
    let user = stranger(&registry);
    let ended = user.run(TAGS).exits(3);
    assert_eq!(ended.stdout.lines().count(), 26);
    ended.says("answered with 429: Rate limit exceeded; it wants to be left alone for 10800 s");
    assert_eq!(registry.stop().count("api: GET"), 2);
}

#[test]
fn b4_a_link_that_leads_away_is_refused() {
    for next in [
        "{attacker}/v2/namespaces/acme/repositories/web/tags?page=2",
        "//{attacker.host}/v2/namespaces/acme/repositories/web/tags?page=2",
        "{api}/v2/namespaces/acme/repositories/other/tags?page=2",
        "/v2/auth/token",
        "file:///etc/passwd",
    ] {
        let (registry, hub) = both(3);
        let lead = move |_: &_, answer: &mut Answer| {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
            body["next"] = json!(next);
            *answer = answer
                .clone()
                .with_body("application/json", body.to_string());
        };
        let registry = registry.attacker_at(Place::on("127.0.0.2")).fault(
            "api GET page=1",
            When::Always,
            Fault::Edit(Box::new(lead)),
        );
        let registry = running((registry, hub.account("bob", PASSWORD).paged(2)));
        let ended = bob(&registry).run(TAGS).exits(3);
        ended.says("the link to the next page leads to another");
        let ledger = registry.stop();
        assert_eq!(ledger.of(Role::Attacker).connections().len(), 0, "{next}");
        assert_eq!(ledger.count("api: GET"), 1, "{next}");
    }
}

#[test]
fn b5_pages_without_end_have_one() {
    let (registry, hub) = both(3);
    let again = |_: &_, answer: &mut Answer| {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        body["next"] = json!("{api}/v2/namespaces/acme/repositories/web/tags?page=1&page_size=2");
        *answer = answer
            .clone()
            .with_body("application/json", body.to_string());
    };
    let registry = registry.fault("api GET page", When::Always, Fault::Edit(Box::new(again)));
    let registry = running((registry, hub.paged(2)));
    let ended = stranger(&registry).run(TAGS).exits(3);
    ended.says("a page links to one that was read before (ENDLESS_LISTING)");
    assert!(registry.stop().count("api: GET") <= 3);
}

#[test]
fn c5_what_is_no_answer_of_the_api_is_said_and_costs_no_tag() {
    for answer in [
        Answer::html(200),
        Answer::json(&json!([])),
        Answer::json(&json!({"count": 3})),
        Answer::of("application/json", "{\"results\": ["),
        Answer::deep(70),
        Answer::html(502),
        Answer::redirect(302, "{attacker}/v2/"),
    ] {
        let (registry, hub) = both(3);
        let registry = registry.attacker_at(Place::on("127.0.0.2")).fault(
            "api GET",
            When::Always,
            Fault::Instead(answer.clone()),
        );
        let registry = running((registry, hub));
        let user = stranger(&registry);
        let line = "get tags docker.io/acme/web --columns tag,digest -o csv --retries 0";
        let ended = user.run(line).exits(0);
        assert_eq!(ended.stdout.matches(",sha256:").count(), 3, "{answer:?}");
        ended.says("not all of the tags of docker.io/acme/web");
        let line = "get repositories docker.io/acme/* --retries 0";
        let ended = user.run(line).prints("");
        assert!([4, 5].contains(&ended.exit), "{}", ended.stderr);
        assert_eq!(registry.stop().of(Role::Attacker).connections().len(), 0);
    }
}
