//! GitHub's registry, as a fake: what is asked of its API and of its registry, as whom, and what it costs.

use super::support::fake::{FakeRegistry, Login, Role, RunningRegistry};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::github::FakeGitHub;

const TOKEN: &str = "ghp_of_bob";

fn settings(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  ghcr.io: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn bob(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[("ghcr.io", "bob", TOKEN)]), registry)
}

fn stranger(registry: &RunningRegistry) -> User {
    settings(User::new(), registry)
}

/// An organisation's packages, a private one and one of a deeper name among them, and a user's.
fn described() -> (FakeRegistry, FakeGitHub) {
    let image = |tag: &str| {
        Image::new()
            .created("2026-01-01T00:00:00Z")
            .label("tag", tag)
    };
    let registry = ["acme/web:1", "acme/web:2", "acme/shop/api:1", "bob/own:1"]
        .iter()
        .fold(FakeRegistry::new(), |registry, name| {
            registry.tag(name, image(name))
        })
        .tag("acme/web:latest", image("acme/web:2"));
    let digest = |name: &str| registry.digest(name);
    let github = FakeGitHub::new()
        .version("acme/web", &digest("acme/web:1"), &["1"])
        .version("acme/web", &digest("acme/web:2"), &["2", "latest"])
        .version("acme/shop/api", &digest("acme/shop/api:1"), &["1"])
        .version("bob/own", &digest("bob/own:1"), &["1"])
        .hidden("acme/secret")
        .user("bob")
        .token(TOKEN, "read:packages");
    (registry, github)
}

/// As it is: the scope of a challenge is not about what is asked, and everybody needs a token.
fn running((registry, github): (FakeRegistry, FakeGitHub)) -> RunningRegistry {
    let challenge =
        "Bearer realm=\"{token}/token\",service=\"ghcr.io\",scope=\"repository:user/image:pull\"";
    let login = Login::bearer().account("bob", TOKEN);
    let login = login.public(&["acme/web", "acme/shop/api", "bob/own"]);
    registry
        .login(login.challenge(&[challenge]))
        .vendor(github)
        .start()
}

#[test]
fn packages_of_an_organisation_and_of_a_user_are_listed() {
    let registry = running(described());
    let user = bob(&registry);
    let line = |pattern: &str| {
        format!(
            "get repositories ghcr.io/{pattern} --columns repository,private -o csv --no-headers"
        )
    };
    let all = "acme/secret,true\nacme/shop/api,false\nacme/web,false\n";
    user.run(&line("acme/**")).exits(0).quietly().prints(all);
    let deep = "acme/shop/api,false\n";
    user.run(&line("acme/shop/*"))
        .exits(0)
        .quietly()
        .prints(deep);
    user.run(&line("bob/*"))
        .exits(0)
        .quietly()
        .prints("bob/own,false\n");
    let ledger = registry.stop();
    assert_eq!(ledger.of(Role::Registry).lines().len(), 0);
    let asked = |path: &str| ledger.count(&format!("api: GET /{path}/packages?"));
    assert_eq!([asked("orgs/acme"), asked("users/acme")], [2, 0]);
    assert_eq!([asked("orgs/bob"), asked("users/bob")], [1, 1]);
}

/// What is asked, but for tokens.
fn asked(registry: RunningRegistry) -> Vec<String> {
    let lines = registry.stop().lines().into_iter();
    lines.filter(|line| !line.contains("/token")).collect()
}

#[test]
fn digests_come_with_the_versions_and_to_nobody_with_heads() {
    let line = "get tags ghcr.io/acme/web --columns tag,digest -o csv";
    let registry = running(described());
    let known = bob(&registry).run(line).exits(0).quietly().stdout;
    assert_eq!(known.matches(",sha256:").count(), 3, "{known}");
    let versions = "api: GET /orgs/acme/packages/container/web/versions?per_page=100";
    assert_eq!(asked(registry), [versions]);
    let registry = running(described());
    let plan = "plan tags -p registry=ghcr.io -p repository=acme/web";
    let ended = stranger(&registry).run(plan).exits(0);
    assert!(
        ended.stdout.contains("HEAD manifest for each"),
        "{}",
        ended.stdout
    );
    let ended = bob(&registry).run(plan).exits(0);
    assert!(
        ended.stdout.contains("it brings `digest` along"),
        "{}",
        ended.stdout
    );
    let same = stranger(&registry).run(line).exits(0).quietly().stdout;
    assert_eq!(same, known);
    let lines = asked(registry);
    assert!(
        !lines.iter().any(|line| line.starts_with("api:")),
        "{lines:#?}"
    );
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("HEAD")).count(),
        3
    );
}

#[test]
fn manifests_without_tags_are_no_tags_and_no_end() {
    let registry = FakeRegistry::new().tag("acme/web:1", Image::new());
    let github = FakeGitHub::new().token(TOKEN, "read:packages");
    let github = github.version("acme/web", &registry.digest("acme/web:1"), &["1"]);
    let untagged = |github: FakeGitHub, at: usize| {
        github.version("acme/web", &format!("sha256:{at:064x}"), &[])
    };
    let registry = running((registry, (0..600).fold(github, untagged)));
    let line = "get tags ghcr.io/acme/web --columns tag,digest -o csv";
    let ended = bob(&registry).run(line).exits(0).quietly();
    assert_eq!(ended.stdout.lines().count(), 2, "{}", ended.stdout);
    assert_eq!(asked(registry).len(), 7);
}

#[test]
fn what_is_no_version_costs_requests_and_never_the_answer() {
    let (registry, github) = described();
    let registry = running((registry, github.version("acme/web", "1.2.3", &["x"])));
    let line = "get tags ghcr.io/acme/web --columns tag,digest -o csv";
    let ended = bob(&registry).run(line).exits(0);
    assert_eq!(ended.stdout.matches(",sha256:").count(), 3);
    ended.says("not all of the tags of ghcr.io/acme/web came with the vendor's listing");
}

#[test]
fn what_the_api_does_not_accept_is_said_with_what_to_do() {
    let line = "get repositories ghcr.io/acme/*";
    let registry = running(described());
    let ended = stranger(&registry).run(line).exits(4).prints("");
    ended
        .says("was answered with 401, asked anonymously: Requires authentication (API_DENIED)")
        .says("GitHub a classic one with `read:packages`");
    let (registry, github) = described();
    let registry = running((registry, github.token(TOKEN, "repo")));
    let user = bob(&registry);
    let ended = user.run(line).exits(4).prints("");
    ended
        .says("asked as bob: You need at least read:packages scope to list packages.")
        .keeps(&[TOKEN]);
    // The tags are the registry's own, too.
    let ended = user
        .run("get tags ghcr.io/acme/web --columns tag,digest -o csv")
        .exits(0);
    assert_eq!(ended.stdout.matches(",sha256:").count(), 3);
    let ended = user.run("get repositories ghcr.io/**").exits(4).prints("");
    ended.says("GitHub lists repositories only below a namespace (NAMESPACE_NEEDED)");
    let registry = running(described());
    let ended = bob(&registry)
        .run("get repositories ghcr.io/nowhere/*")
        .exits(4);
    ended.says("was answered with 404: Not Found (NOT_FOUND)");
    let ended = stranger(&registry)
        .run("get tags ghcr.io/acme/gone")
        .exits(4);
    ended.says("what does not exist is often answered in the same way");
}

#[test]
fn s1_each_secret_goes_where_it_belongs() {
    let registry = running(described());
    let line = "get tags ghcr.io/acme/web --columns tag,digest,created,vendor -v";
    let ended = bob(&registry).run(line).exits(0);
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
}
