//! Docker Hub, as a fake: what is asked of its API and of its registry, as whom, and what it costs.

use serde_json::json;

use super::support::fake::{FakeRegistry, Ledger, Login, Role, RunningRegistry};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::hub::{FakeHub, TOKEN};

/// The key of Docker's config for Docker Hub.
pub(super) const KEY: &str = "https://index.docker.io/v1/";
pub(super) const PASSWORD: &str = "dckr_pat_of_bob";

/// Somebody for whom docker.io is this registry, with this API.
pub(super) fn settings(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  docker.io: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

/// Somebody without a login.
pub(super) fn stranger(registry: &RunningRegistry) -> User {
    settings(User::new(), registry)
}

/// Somebody who is logged in.
pub(super) fn bob(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(KEY, "bob", PASSWORD)]), registry)
}

pub(super) fn image() -> Image {
    Image::new().created("2026-01-01T00:00:00Z")
}

/// A registry with these tags, all of one image, and an API that tells of the same.
pub(super) fn hub_of(names: &[&str]) -> (FakeRegistry, FakeHub) {
    let tag = |registry: FakeRegistry, name: &&str| registry.tag(name, image());
    let registry = names.iter().fold(FakeRegistry::new(), tag);
    let digest = names.first().map(|name| registry.digest(name));
    let tell = |hub: FakeHub, name: &&str| hub.tag(name, digest.as_deref().unwrap_or_default());
    let hub = names.iter().fold(FakeHub::new(), tell);
    (registry, hub)
}

pub(super) fn running((registry, hub): (FakeRegistry, FakeHub)) -> RunningRegistry {
    registry.vendor(hub).start()
}

/// So many tags of `acme/many`.
fn many(count: usize) -> (FakeRegistry, FakeHub) {
    let name = |at: usize| format!("1.{at}");
    let registry = FakeRegistry::new().tag("acme/one:1", image());
    let digest = registry.digest("acme/one:1");
    let registry = registry.listed_by("acme/many", count, name, image());
    let hub = FakeHub::new().tags_by("acme/many", count, name, &digest);
    (registry, hub)
}

/// Pages of the API, single tags of it, listings of names, HEADs, GETs of manifests.
fn counted(ledger: &Ledger) -> [usize; 5] {
    let lines = ledger.lines();
    let count = |fits: &dyn Fn(&str) -> bool| lines.iter().filter(|line| fits(line)).count();
    [
        count(&|line| line.starts_with("api: GET") && line.contains("?page=")),
        count(&|line| line.starts_with("api: GET") && line.contains("/tags/")),
        count(&|line| line.starts_with("GET") && line.contains("/tags/list")),
        count(&|line| line.starts_with("HEAD")),
        count(&|line| line.starts_with("GET") && line.contains("/manifests/")),
    ]
}

#[test]
fn digests_and_times_of_a_thousand_tags_are_ten_pages_and_no_manifest() {
    let registry = running(many(1000));
    let line = "get tags docker.io/acme/many:** --columns tag,digest,pushed -o csv";
    let ended = stranger(&registry).run(line).exits(0).quietly();
    let rows: Vec<&str> = ended.stdout.lines().skip(1).collect();
    assert_eq!(rows.len(), 1000);
    let full = |row: &&str| row.contains(",sha256:") && row.ends_with(",2026-02-27T08:15:30Z");
    assert!(rows.iter().all(full), "{}", rows[0]);
    let ledger = registry.stop();
    assert_eq!(counted(&ledger), [10, 0, 0, 0, 0]);
    assert_eq!(ledger.lines().len(), 10);
}

#[test]
fn a_listing_brings_along_what_is_cheaper_so() {
    let line = |words: &str| format!("get tags docker.io/acme/many {words}");
    for (words, expected) in [
        ("--columns tag", [0, 0, 1, 0, 0]),
        ("--columns tag,digest", [1, 0, 0, 0, 0]),
        ("--columns tag,platforms,pulled", [1, 0, 0, 0, 0]),
        ("--columns tag,vendor.tag.full_size", [1, 0, 0, 0, 0]),
        ("--columns tag,kind,pushed", [1, 0, 0, 0, 0]),
        // The manifest of each is asked for anyway.
        ("--columns tag,digest,layers", [0, 0, 1, 0, 40]),
        // The order decides which few are shown.
        ("--columns digest --limit 3", [0, 0, 1, 3, 0]),
        ("--columns pushed --limit 3", [0, 3, 1, 0, 0]),
        (
            "--sort-by=-pushed --columns digest --limit 3",
            [1, 0, 0, 0, 0],
        ),
    ] {
        let registry = running(many(40));
        stranger(&registry).run(&line(words)).exits(0).quietly();
        assert_eq!(counted(&registry.stop()), expected, "{words}");
    }
}

#[test]
fn what_is_named_is_asked_about_by_name() {
    let registry = running(hub_of(&["acme/web:1.0", "acme/web:1.1"]));
    let user = stranger(&registry);
    let line = "get tags docker.io/acme/web:1.1 --columns tag,digest,pushed,pulled -o csv";
    user.run(line).exits(0).quietly();
    let line = "get tags docker.io/acme/web:2.0 --columns tag,digest,pushed";
    user.run(line).exits(0).says("found no tags");
    let line =
        "get repositories docker.io/acme/web --columns repository,pull_count,description -o csv";
    let ended = user.run(line).exits(0).quietly();
    assert_eq!(
        ended.stdout,
        "REPOSITORY,PULL_COUNT,DESCRIPTION\nacme/web,120345,what web is for\n"
    );
    let tags = |name: &str| format!("api: GET /v2/namespaces/acme/repositories/web/tags/{name}");
    let lines = registry.stop().lines();
    assert_eq!(lines[..2], [tags("1.1"), tags("2.0")]);
    assert!(lines.contains(&"api: GET /v2/namespaces/acme/repositories/web".to_owned()));
}

#[test]
fn repositories_are_listed_by_namespace_and_private_ones_to_those_who_may_see_them() {
    let described = || {
        let (registry, hub) = hub_of(&["acme/web:1", "acme/api:1", "other/x:1"]);
        let registry = registry.tag("acme/secret:1", image());
        let login = Login::bearer().account("bob", PASSWORD);
        let registry = registry.login(login.public(&["acme/web", "acme/api", "other/x"]));
        let hub = hub.private("acme/secret").account("bob", PASSWORD).paged(2);
        running((registry, hub))
    };
    let line = "get repositories docker.io/acme/* --columns repository,private,tag_count -o csv";
    let registry = described();
    let public = "REPOSITORY,PRIVATE,TAG_COUNT\nacme/api,false,1\nacme/web,false,1\n";
    stranger(&registry)
        .run(line)
        .exits(0)
        .quietly()
        .prints(public);
    assert_eq!(registry.stop().count("api: POST"), 0);

    let registry = described();
    let ended = bob(&registry).run(line).exits(0).quietly();
    assert_eq!(
        ended.stdout,
        "REPOSITORY,PRIVATE,TAG_COUNT\nacme/api,false,1\nacme/secret,true,1\nacme/web,false,1\n"
    );
    let ledger = registry.stop();
    assert_eq!(ledger.count("api: POST /v2/auth/token"), 1);
    assert_eq!(
        ledger.count("api: GET /v2/namespaces/acme/repositories?page="),
        2
    );
}

#[test]
fn s1_each_secret_goes_where_it_belongs_and_nothing_but_a_login_is_posted() {
    let (registry, hub) = hub_of(&["acme/web:1"]);
    let registry = registry.login(Login::bearer().account("bob", PASSWORD));
    let registry = running((registry, hub.account("bob", PASSWORD)));
    let line = "get tags docker.io/acme/* --columns tag,digest,pushed,created,description -v";
    let ended = bob(&registry).run(line).exits(0);
    let tokens = registry.tokens();
    let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
    ended.keeps(&[&secrets[..], &[PASSWORD, TOKEN]].concat());
    let ledger = registry.stop();
    assert!(!tokens.is_empty());
    ledger.of(Role::Registry).assert_no_secret(&[TOKEN]);
    for token in &tokens {
        ledger.of(Role::Api).assert_no_secret(&[token]);
    }
    for request in ledger.requests() {
        let line = request.line();
        let shown = request.header("authorization").unwrap_or_default();
        let takes_password = matches!(request.role, Role::Token);
        assert_eq!(shown.starts_with("Basic "), takes_password, "{line}");
        match request.method.as_str() {
            "GET" | "HEAD" => assert!(request.body.is_empty(), "{line}"),
            _ => assert_eq!(line, "api: POST /v2/auth/token"),
        }
    }
}

#[test]
fn all_its_names_are_one_registry() {
    let registry = running(hub_of(&["library/alpine:3", "library/alpine:3.1"]));
    let user = stranger(&registry);
    for name in [
        "docker.io/library/alpine",
        "index.docker.io/library/alpine",
        "registry-1.docker.io/library/alpine",
        "alpine",
    ] {
        let line = format!("get tags {name} --columns tag,pushed -o csv");
        let ended = user.run(&line).exits(0).quietly();
        assert_eq!(ended.stdout.lines().count(), 3, "{name}");
    }
    let tags = "api: GET /v2/namespaces/library/repositories/alpine/tags";
    assert_eq!(registry.stop().count(tags), 4);
}

#[test]
fn what_cannot_be_listed_is_an_error_that_names_the_alternatives() {
    let registry = running(hub_of(&["acme/web:1"]));
    let user = stranger(&registry);
    for (line, query) in [
        ("get repositories docker.io/**", ""),
        ("get repositories docker.io/acme*/web", ""),
        (
            "run all.yaml",
            "registry: docker.io\nresource: repositories\n",
        ),
        (
            "run all.yaml",
            "registry: docker.io\nrepositories: [acme/*, 'x*']\n",
        ),
    ] {
        let user = settings(User::new().query("all.yaml", query), &registry);
        let ended = user.run(line).exits(4).prints("");
        ended
            .says("Docker Hub lists repositories only below a namespace (NAMESPACE_NEEDED)")
            .says("`HOST/NAMESPACE/*`");
    }
    assert_eq!(registry.ledger().lines().len(), 0);
    // A namespace in the registry is as good as one in the pattern.
    let query = "registry: docker.io/acme\nresource: repositories\ncolumns: [path]\n";
    let user = settings(user.query("below.yaml", query), &registry);
    let ended = user.run("run below.yaml -o csv").exits(0).quietly();
    ended.prints("PATH\nweb\n");
    user.run("get repositories docker.io/nowhere/*")
        .exits(0)
        .says("Docker Hub lists nothing below `nowhere`");
}

#[test]
fn a_registry_at_another_address_has_its_api_where_the_user_says_or_none() {
    let registry = FakeRegistry::new().tag("acme/web:1", image()).start();
    let endpoint = registry.origin_of(Role::Registry);
    let user = User::new().settings(&format!(
        "registries: {{docker.io: {{endpoint: '{endpoint}'}}}}\n"
    ));
    let line = "get tags docker.io/** --columns tag,digest -o csv";
    assert_eq!(user.run(line).exits(0).quietly().stdout.lines().count(), 2);
    let expected = [
        "GET /v2/_catalog?n=100",
        "GET /v2/acme/web/tags/list?n=1000",
    ];
    assert_eq!(registry.ledger().lines()[..2], expected);

    let hub = running(hub_of(&["acme/web:1"]));
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| hub.origin_of(role));
    let off = format!("endpoint: '{endpoint}', dialect: oci");
    let user = User::new().settings(&format!("registries: {{docker.io: {{{off}}}}}\n"));
    user.run(line).exits(0).quietly();
    let other = format!("endpoint: '{endpoint}', api: '{api}', dialect: docker-hub");
    let user = User::new().settings(&format!("registries: {{hub.example: {{{other}}}}}\n"));
    let line = "get tags hub.example/acme/* --columns tag,pushed -o csv";
    user.run(line).exits(0).quietly();
    let lines = hub.stop().lines();
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("api:")).count(),
        2
    );
    assert_eq!(lines[0], "GET /v2/_catalog?n=100");
}

#[test]
fn an_account_is_told_before_it_is_used_where_a_file_names_the_hub() {
    let (registry, hub) = hub_of(&["acme/web:1"]);
    let registry = running((registry, hub.account("bob", PASSWORD)));
    let query = "registry: docker.io/acme\nresource: repositories\n";
    let user = bob(&registry).query("file.yaml", query);
    user.run("run file.yaml").exits(0).says("docker.io as bob");
    let identity = json!({"auths": {KEY: {"auth": "", "identitytoken": "refresh-of-bob"}}});
    let user = settings(User::new().docker(&identity), &registry).query("file.yaml", query);
    user.run("run file.yaml")
        .exits(4)
        .says("the credential is an identity token (API_CREDENTIAL)")
        .says("`docker login -u NAME HOST`");
    user.run("run file.yaml --anonymous=docker.io").exits(0);
    registry
        .stop()
        .of(Role::Api)
        .assert_no_secret(&["refresh-of-bob"]);
}
