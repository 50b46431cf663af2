//! GitLab, as a fake: what is asked of its API and of its registry, as whom, and what it costs.

use serde_json::json;

use super::support::fake::{
    Answer, FakeRegistry, Fault, Lifetime, Login, Role, RunningRegistry, Shape, When,
};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::gitlab::FakeGitLab;

const HOST: &str = "registry.gitlab.com";
const TOKEN: &str = "glpat-of-bob";

fn settings(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  {HOST}: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn bob(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(HOST, "bob", TOKEN)]), registry)
}

fn image() -> Image {
    Image::new().created("2026-01-01T00:00:00Z")
}

/// A group with a project that has images of its own and below it, and one that is hidden.
fn described() -> (FakeRegistry, FakeGitLab) {
    let names = [
        "acme/shop:1",
        "acme/shop:2",
        "acme/shop/web:1",
        "acme/shop/team/api:1",
        "acme/deep/er/tool:1",
        "acme/secret:1",
    ];
    let tag = |registry: FakeRegistry, name: &&str| registry.tag(name, image());
    let registry = names.iter().fold(FakeRegistry::new(), tag);
    let gitlab = FakeGitLab::new()
        .image("acme/shop", "")
        .image("acme/shop", "web")
        .image("acme/shop", "team/api")
        .image("acme/deep/er", "tool")
        .image("acme/secret", "")
        .hidden("acme/secret")
        .token(TOKEN, "read_api");
    (registry, gitlab)
}

/// As it is: tokens of a token server that gives `token` alone and does not say how long it is good.
fn running((registry, gitlab): (FakeRegistry, FakeGitLab)) -> RunningRegistry {
    let login = Login::bearer()
        .account("bob", TOKEN)
        .public(&["acme/shop*", "acme/deep*"])
        .shape(Shape::Token)
        .lifetime(Lifetime::Unsaid);
    registry.login(login).vendor(gitlab).start()
}

fn listed(user: &User, pattern: &str) -> Vec<String> {
    let line = format!("get repositories {HOST}/{pattern} --columns repository -o csv");
    let ended = user.run(&line).exits(0).quietly();
    ended.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_group_a_project_and_a_folder_in_one_are_listed() {
    let registry = running(described());
    let user = settings(User::new(), &registry);
    let shop = ["acme/shop/team/api", "acme/shop/web"];
    let all = ["acme/deep/er/tool", "acme/shop", shop[0], shop[1]];
    assert_eq!(listed(&user, "acme/**"), all);
    assert_eq!(listed(&user, "acme/*"), ["acme/shop"]);
    assert_eq!(listed(&user, "acme/deep/**"), ["acme/deep/er/tool"]);
    assert_eq!(listed(&user, "acme/shop/**"), shop);
    assert_eq!(listed(&user, "acme/shop/team/*"), shop[..1]);
    assert_eq!(
        listed(&bob(&registry), "acme/*"),
        ["acme/secret", "acme/shop"]
    );
    let listing = |owner: &str| format!("api: GET /api/v4/{owner}/registry/repositories");
    let ledger = registry.stop();
    let asked = |owner: &str| ledger.count(&listing(owner));
    assert_eq!(asked("groups/acme"), 3);
    assert_eq!(asked("groups/acme%2Fshop"), 1);
    assert_eq!(asked("projects/acme%2Fshop"), 2);
    assert_eq!(asked("projects/acme%2Fshop%2Fteam"), 1);
    // What has no slash can be no project.
    assert_eq!(asked("projects/acme"), 0);
}

#[test]
fn the_shipped_queries_cost_what_they_show() {
    let run = |query: &str, parameters: &str| {
        let registry = running(described());
        let line = format!("run {query} -p registry={HOST}{parameters} -o csv");
        let ended = bob(&registry).run(&line).exits(0);
        let lines = registry.stop().lines();
        let asked = lines.into_iter().filter(|line| !line.contains("/token"));
        (ended.stdout, asked.collect::<Vec<_>>())
    };
    let (table, asked) = run("catalog", "/acme");
    assert_eq!(table.lines().count(), 6, "{table}");
    assert!(table.contains("acme/shop,2"), "{table}");
    // The first request to the registry learns the login.
    assert_eq!(asked.len(), 1 + 1 + 5, "{asked:#?}");
    assert_eq!(
        asked[0],
        "api: GET /api/v4/groups/acme/registry/repositories?per_page=100"
    );
    let (table, asked) = run("tags", " -p repository=acme/shop");
    assert_eq!(table.matches(",sha256:").count(), 2, "{table}");
    assert_eq!(asked.len(), 1 + 1 + 2, "{asked:#?}");
    let (table, asked) = run("image-summary", " -p repository=acme/shop");
    assert_eq!(table.matches("2026-01-01T00:00:00Z").count(), 2, "{table}");
    assert!(asked.iter().all(|line| !line.starts_with("api:")));
    // One list, and of two tags of one image two manifests and a config; each kind learns nothing new.
    assert_eq!(asked.len(), 1 + 1 + 2 + 1, "{asked:#?}");
}

#[test]
fn what_the_vendor_says_is_told_verbatim() {
    let registry = running(described());
    let user = settings(User::new(), &registry);
    let line = format!(
        "get tags {HOST}/acme/shop/web --columns vendor.repository.project_id,vendor.tag.total_size --no-headers -o csv"
    );
    user.run(&line).exits(0).quietly().prints("2,31457280\n");
    let line = format!("get tags {HOST}/acme/shop --columns tag,pushed -o csv");
    let ended = user.run(&line).exits(0);
    ended
        .prints("TAG,PUSHED\n1,\n2,\n")
        .says("does not tell `pushed`");
}

#[test]
fn s1_each_secret_goes_where_it_belongs() {
    let registry = running(described());
    let line = format!("get tags {HOST}/acme/* --columns tag,digest,vendor -v");
    let ended = bob(&registry).run(&line).exits(0);
    let tokens = registry.tokens();
    let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
    ended.keeps(&[&secrets[..], &[TOKEN]].concat());
    let ledger = registry.stop();
    assert!(!tokens.is_empty());
    ledger.of(Role::Api).assert_no_secret(&secrets);
    for request in ledger.of(Role::Registry).requests() {
        let shown = request.header("authorization").unwrap_or("Bearer issued");
        assert!(shown.starts_with("Bearer issued"), "{}", request.line());
    }
    for request in ledger.of(Role::Api).requests() {
        let shown = request.header("authorization");
        assert_eq!(shown, Some(format!("Bearer {TOKEN}").as_str()));
    }
}

#[test]
fn a_token_that_is_for_the_registry_alone_is_said_to_be_too_little() {
    let (registry, gitlab) = described();
    let registry = running((registry, gitlab.token(TOKEN, "read_registry")));
    let user = bob(&registry);
    let ended = user
        .run(&format!("get repositories {HOST}/acme/*"))
        .exits(4)
        .prints("");
    ended
        .says("was answered with 403, asked as bob: The request requires higher privileges")
        .says("(API_DENIED)")
        .says("GitLab an access token with `read_api`")
        .keeps(&[TOKEN]);
    // What is named needs no list.
    user.run(&format!("get tags {HOST}/acme/secret"))
        .exits(0)
        .quietly();

    let registry = running(described());
    let user = settings(User::logged_in(&[(HOST, "bob", "no-token")]), &registry);
    let ended = user
        .run(&format!("get repositories {HOST}/acme/*"))
        .exits(4);
    ended
        .says("was answered with 401, asked as bob: 401 Unauthorized (API_DENIED)")
        .keeps(&["no-token"]);
    let identity = json!({"auths": {HOST: {"identitytoken": "refresh-of-bob"}}});
    let user = settings(User::new().docker(&identity), &registry);
    let ended = user
        .run(&format!("get repositories {HOST}/acme/*"))
        .exits(4);
    ended.says("(API_CREDENTIAL)").keeps(&["refresh-of-bob"]);
    registry.stop().assert_no_secret(&["refresh-of-bob"]);
}

#[test]
fn what_cannot_be_listed_is_an_error_that_names_the_alternatives() {
    // Nobody but an administrator gets a token for the list of all.
    let (registry, gitlab) = described();
    let forbidden = Answer::error(403, "DENIED", &json!("access forbidden"));
    let refuse = |registry: FakeRegistry, scope: &str| {
        let words = format!("token {scope}");
        registry.fault(
            words.as_str(),
            When::Always,
            Fault::Instead(forbidden.clone()),
        )
    };
    let registry = ["catalog", "secret"].into_iter().fold(registry, refuse);
    let registry = running((registry, gitlab));
    let user = settings(User::new(), &registry);
    let ended = user
        .run(&format!("get repositories {HOST}/**"))
        .exits(4)
        .prints("");
    ended.says("GitLab lists repositories only below a namespace (NAMESPACE_NEEDED)");
    let ended = user
        .run(&format!("get repositories {HOST}/nowhere/*"))
        .exits(4)
        .prints("");
    ended
        .says("was answered with 404: 404 Group Not Found (NOT_FOUND)")
        .says("there is no such namespace, or it is hidden from whoever asks");
    let ended = user.run(&format!("get tags {HOST}/acme/secret")).exits(4);
    ended.says("(DENIED)").says("`docker login HOST`");
}

#[test]
fn one_that_somebody_runs_themselves_is_asked_by_its_settings() {
    let (registry, gitlab) = described();
    let registry = registry.vendor(gitlab).start();
    let [host, api] = [registry.host(), registry.origin_of(Role::Api)];
    let user = User::new().settings(&format!(
        "registries: {{'{host}': {{dialect: gitlab, api: '{api}', plainHttp: true}}}}\n"
    ));
    let line = |pattern: &str| {
        format!("get repositories {host}/{pattern} --columns repository -o csv --no-headers")
    };
    let ended = user.run(&line("acme/*")).exits(0).quietly();
    ended.prints("acme/shop\n");
    assert_eq!(registry.ledger().of(Role::Registry).lines().len(), 0);
    // Its administrators get the whole list.
    let ended = user.run(&line("**")).exits(0).quietly();
    assert_eq!(ended.stdout.lines().count(), 5);
    let nowhere = User::new().settings("registries: {registry.acme.dev: {dialect: gitlab}}\n");
    nowhere
        .run("get repositories registry.acme.dev/acme/*")
        .exits(2)
        .says("where `registry.acme.dev` has the API of `gitlab` is not known");
}
