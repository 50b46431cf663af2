//! Quay, as a fake: what is asked of its API and of its registry, as whom, and what it costs.

use serde_json::{Value, json};

use super::support::fake::{
    Answer, FakeRegistry, Fault, Lifetime, Login, Role, RunningRegistry, Shape, When,
};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::AtHome;
use super::support::vendors::quay::{BEGAN, FakeQuay};

const HOST: &str = "quay.io";
const OAUTH: &str = "$oauthtoken";
const TOKEN: &str = "oauth-token-of-acme";
const ROBOT: (&str, &str) = ("acme+ci", "robot-secret-of-ci");

fn settings(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  {HOST}: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn nobody(registry: &RunningRegistry) -> User {
    settings(User::new(), registry)
}

fn robot(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(HOST, ROBOT.0, ROBOT.1)]), registry)
}

fn application(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(HOST, OAUTH, TOKEN)]), registry)
}

fn image(created: &str) -> Image {
    Image::new().created(created)
}

/// A namespace with two repositories that everybody sees, one of them below a path, and one that its robot sees.
fn described() -> (FakeRegistry, FakeQuay) {
    let registry = FakeRegistry::new()
        .tag("acme/web:1.9", image("2026-01-01T00:00:00Z"))
        .tag("acme/web:1.10", image("2026-02-01T00:00:00Z"))
        .tag("acme/team/api:1", image("2026-01-01T00:00:00Z"))
        .tag("acme/secret:1", image("2026-01-01T00:00:00Z"));
    let digest = |name: &str| registry.digest(name);
    let quay = FakeQuay::new()
        .tag("acme/web:1.9", &digest("acme/web:1.9"))
        .tag("acme/web:1.10", &digest("acme/web:1.10"))
        .tag("acme/team/api:1", &digest("acme/team/api:1"))
        .tag("acme/secret:1", &digest("acme/secret:1"))
        .hidden("acme/secret")
        .repository("other/tool")
        .token(TOKEN, "repo:read");
    (registry, quay)
}

/// As it is: tokens of a token server that gives `token` alone and does not say how long it is good; its list of all names
/// is for those who log in, and has what they may see.
fn running((registry, quay): (FakeRegistry, FakeQuay)) -> RunningRegistry {
    let login = Login::bearer()
        .account(ROBOT.0, ROBOT.1)
        .account(OAUTH, TOKEN)
        .public(&["acme/web", "acme/team/*", "other/*"])
        .shape(Shape::Token)
        .lifetime(Lifetime::Unsaid);
    let names = json!(["acme/secret", "elsewhere/own"]);
    registry.catalog(names).login(login).vendor(quay).start()
}

fn listed(user: &User, pattern: &str) -> Vec<String> {
    let line = format!("get repositories {HOST}/{pattern} --columns repository -o csv");
    let ended = user.run(&line).exits(0);
    ended.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn everybody_is_listed_what_they_may_see() {
    let registry = running(described());
    let public = ["acme/team/api", "acme/web"];
    let all = ["acme/secret", "acme/team/api", "acme/web"];
    assert_eq!(listed(&nobody(&registry), "acme/**"), public);
    let asked = registry.ledger().lines();
    assert_eq!(
        asked,
        ["api: GET /api/v1/repository?namespace=acme&public=true"]
    );
    // What a robot sees alone, the registry names.
    assert_eq!(listed(&robot(&registry), "acme/**"), all);
    assert_eq!(listed(&robot(&registry), "acme/team/*"), public[..1]);
    let before = registry.ledger().count("GET /v2/_catalog");
    assert_eq!(listed(&application(&registry), "acme/**"), all);
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/_catalog"), before);
}

#[test]
fn s1_the_api_sees_its_own_tokens_and_no_password() {
    for (user, secret, shown) in [
        (robot as fn(&RunningRegistry) -> User, ROBOT.1, None),
        (application, TOKEN, Some(format!("Bearer {TOKEN}"))),
    ] {
        let registry = running(described());
        let line = format!("get tags {HOST}/acme/* --columns tag,digest -v");
        let ended = user(&registry).run(&line).exits(0);
        let tokens = registry.tokens();
        let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
        ended.keeps(&[&secrets[..], &[secret]].concat());
        let ledger = registry.stop();
        ledger.of(Role::Api).assert_no_secret(&secrets);
        for request in ledger.of(Role::Api).requests() {
            assert_eq!(request.header("authorization"), shown.as_deref());
        }
    }
}

#[test]
fn what_only_a_robot_sees_is_named_by_the_registry() {
    let registry = running(described());
    let line = format!("get tags {HOST}/acme/secret:** --columns tag,digest -o csv");
    let ended = robot(&registry).run(&line).exits(0);
    assert!(ended.stdout.contains("1,sha256:"), "{}", ended.stdout);
    ended
        .says("not all of the tags of quay.io/acme/secret came with the vendor's listing")
        .says("was answered with 401");
    let ledger = registry.stop();
    assert_eq!(ledger.count("HEAD /v2/acme/secret/manifests/1"), 1);
}

#[test]
fn a_list_that_says_nothing_is_told_from_one_that_is_not_shown() {
    let registry = running(described());
    let line = |pattern: &str| format!("get repositories {HOST}/{pattern}");
    let ended = nobody(&registry).run(&line("nowhere/*")).exits(0);
    ended.says("Quay lists nothing below `nowhere`");
    let ended = nobody(&registry).run(&line("**")).exits(4).prints("");
    ended.says("Quay lists repositories only below a namespace (NAMESPACE_NEEDED)");
    // What does not exist and what is hidden are one answer.
    for name in ["secret", "nowhere"] {
        let line = format!("get tags {HOST}/acme/{name}:** --columns tag,digest");
        let ended = nobody(&registry).run(&line).exits(4).prints("");
        ended.says("`docker login HOST`");
    }
}

#[test]
fn an_instance_that_shows_nobody_anything_is_listed_by_the_registry_and_said_to_lack_the_rest() {
    let (registry, quay) = described();
    let body = json!({"status": 401, "error_message": "Anonymous access is not allowed"});
    let refused = Answer::status(401).with_body("application/json", body.to_string());
    let registry = registry.fault("api repository?", When::Always, Fault::Instead(refused));
    let registry = running((registry, quay));
    let line = format!("get repositories {HOST}/acme/* --columns repository -o csv");
    let ended = robot(&registry).run(&line).exits(3);
    assert_eq!(ended.stdout, "REPOSITORY\nacme/secret\n");
    ended
        .says("was answered with 401")
        .says("Quay one of an OAuth application (for the user `$oauthtoken`)");
}

#[test]
fn what_was_deleted_moved_or_expired_is_no_tag() {
    let (registry, quay) = described();
    let old = registry.digest("acme/web:1.9");
    let quay = quay
        .tag_until("acme/web:1.8", &old, BEGAN.0 - 600)
        .tag_until("acme/web:1.10", &old, BEGAN.0 - 600)
        .tag_as("acme/web:soon", &old, |tag| {
            tag["end_ts"] = json!(BEGAN.0 + 172_800);
            tag["expiration"] = json!("Sun, 01 Mar 2026 08:16:00 -0000");
            tag["start_ts"] = Value::Null;
        });
    let registry = registry.tag("acme/web:soon", image("2026-01-01T00:00:00Z"));
    let new = registry.digest("acme/web:1.10");
    let registry = running((registry, quay));
    let columns = "tag,digest,pushed,vendor.tag.expiration";
    let line = format!("get tags {HOST}/acme/web --columns {columns} -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    let began = BEGAN.1;
    let expiry = "\"Sun, 01 Mar 2026 08:16:00 -0000\"";
    assert_eq!(
        ended.stdout,
        format!("1.10,{new},{began},\n1.9,{old},{began},\nsoon,{old},{began},{expiry}\n")
    );
    let asked = registry.stop().lines();
    assert_eq!(
        asked,
        ["api: GET /api/v1/repository/acme/web/tag/?onlyActiveTags=true&limit=100&page=1"]
    );
}

#[test]
fn one_tag_and_one_repository_are_asked_for_alone() {
    let registry = running(described());
    let columns = "tag,pushed,description,private,vendor.repository.state";
    let line = format!("get tags {HOST}/acme/web:1.9 --columns {columns} -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    ended.prints(&format!("1.9,{},what web is for,false,NORMAL\n", BEGAN.1));
    let mut asked = registry.stop().of(Role::Api).lines();
    asked.sort();
    assert_eq!(
        asked,
        [
            "api: GET /api/v1/repository/acme/web/tag/?onlyActiveTags=true&limit=100&page=1&specificTag=1.9",
            "api: GET /api/v1/repository/acme/web?includeTags=false"
        ]
    );
}

#[test]
fn a_repository_tells_what_is_public_and_what_is_modified_for_who_asks() {
    let registry = running(described());
    let columns = "repository,private,description,vendor.repository.popularity";
    let line = format!("get repositories {HOST}/acme/* --columns {columns} -o csv --no-headers");
    let ended = application(&registry).run(&line).exits(0).quietly();
    let count = BEGAN.0;
    ended.prints(&format!(
        "acme/secret,true,what secret is for,{count}\nacme/web,false,what web is for,{count}\n"
    ));
    let line = format!("get tags {HOST}/acme/web --columns tag,platforms,pull_count -o csv");
    let ended = nobody(&registry).run(&line).exits(0);
    ended.says("does not tell `pull_count`");
}

#[test]
fn b4_a_cursor_leads_nowhere_but_on() {
    for cursor in [
        "https://evil.example/api/v1/repository?namespace=other",
        "&namespace=other",
        "x",
    ] {
        let (registry, quay) = described();
        let lead = move |_: &_, answer: &mut Answer| {
            let mut page: Value = serde_json::from_slice(&answer.body).unwrap();
            page["next_page"] = json!(cursor);
            let body = page.to_string();
            *answer = answer.clone().with_body("application/json", body);
        };
        let edit = Fault::Edit(Box::new(lead));
        let registry = registry.fault("api repository?", When::Always, edit);
        let registry = running((registry, quay));
        let line = format!("get repositories {HOST}/acme/* --columns repository");
        let ended = nobody(&registry).run(&line).exits(3);
        ended.says("a page links to one that was read before");
        let ledger = registry.stop();
        let requests = ledger.requests();
        assert_eq!(requests.len(), 2, "{:?}", ledger.lines());
        let asked = requests.last().unwrap();
        assert_eq!(asked.query("namespace"), Some("acme"));
        assert_eq!(asked.role, Role::Api);
    }
}

#[test]
fn b5_pages_without_end_have_one() {
    let (registry, quay) = described();
    let more = |_: &_, answer: &mut Answer| {
        let mut page: Value = serde_json::from_slice(&answer.body).unwrap();
        page["has_additional"] = json!(true);
        let body = page.to_string();
        *answer = answer.clone().with_body("application/json", body);
    };
    let registry = registry.fault("api tag/", When::Always, Fault::Edit(Box::new(more)));
    let registry = running((registry, quay));
    let line = format!("get tags {HOST}/acme/web --columns tag,digest");
    let ended = nobody(&registry).run(&line);
    assert_eq!(ended.exit, 3, "{}", ended.stderr);
    ended.says("its pages bring nothing new");
}

#[test]
fn one_that_somebody_runs_themselves_has_its_api_where_it_is() {
    let (registry, quay) = described();
    let registry = registry.way(AtHome(quay)).start();
    let host = registry.host();
    let user = User::new().settings(&format!(
        "registries: {{'{host}': {{dialect: quay, plainHttp: true}}}}\n"
    ));
    // All that is public there can be listed, too.
    let line = format!("get repositories {host}/** --columns repository -o csv --no-headers");
    let ended = user.run(&line).exits(0).quietly();
    ended.prints("acme/team/api\nacme/web\nother/tool\n");
    let line = format!("get tags {host}/acme/web --columns tag,pushed -o csv --no-headers");
    let began = BEGAN.1;
    let ended = user.run(&line).exits(0).quietly();
    ended.prints(&format!("1.10,{began}\n1.9,{began}\n"));
    assert_eq!(
        registry.stop().lines()[0],
        "GET /api/v1/repository?public=true"
    );
}

#[test]
fn a_tag_that_expires_before_it_is_asked_for_is_gone() {
    let (registry, quay) = described();
    let expired = Answer::error(404, "TAG_EXPIRED", &json!({}));
    let registry = registry.fault("manifests/", When::First(1), Fault::Instead(expired));
    let registry = running((registry, quay));
    let line = format!("get tags {HOST}/acme/web --columns tag,created -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
}
