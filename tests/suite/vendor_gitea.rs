//! Gitea and Forgejo: a login of two challenges with a star for a scope, images by owner, and lists that link on too far or
//! not at all.

use serde_json::json;

use super::support::fake::{
    Answer, FakeRegistry, Fault, Lifetime, Links, Login, Place, Role, RunningRegistry, Shape, When,
};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::gitea::FakeGitea;

const TOKEN: &str = "hunter2-token-of-bob";

/// What Codeberg says, in one line, and what old versions of Gitea say, in two.
const CHALLENGES: [&[&str]; 2] = [
    &[
        "Bearer realm=\"{token}/token\",service=\"container_registry\",scope=\"*\",Basic realm=\"{registry}/v2\",service=\"container_registry\",scope=\"*\"",
    ],
    &["Bearer realm=\"{token}/token\"", "Basic"],
];

fn image() -> Image {
    Image::new().created("2026-01-01T00:00:00Z")
}

/// Tags are in small letters, whatever was pushed.
fn described(gitea: FakeGitea) -> FakeRegistry {
    let names = [
        "acme/web:1.0",
        "acme/web:1.1-rc",
        "acme/web-admin:3",
        "acme/team/api:2",
        "other/tool:1",
    ];
    let registry = FakeRegistry::new().links(Links::OneTooMany).way(gitea);
    names
        .iter()
        .fold(registry, |registry, name| registry.tag(name, image()))
}

fn login(challenge: &[&str]) -> Login {
    Login::bearer()
        .account("bob", TOKEN)
        .challenge(challenge)
        .shape(Shape::Token)
        .lifetime(Lifetime::Unsaid)
}

/// Somebody with a Gitea of their own.
fn user(registry: &RunningRegistry) -> User {
    let host = registry.host();
    let settings = format!("registries: {{'{host}': {{dialect: forgejo, plainHttp: true}}}}\n");
    User::logged_in(&[(&host, "bob", TOKEN)]).settings(&settings)
}

fn listed(user: &User, pattern: &str, columns: &str) -> String {
    let line = format!("get repositories {pattern} --columns {columns} -o csv --no-headers");
    user.run(&line).exits(0).quietly().stdout
}

#[test]
fn two_challenges_with_a_star_for_a_scope_lead_to_a_token_for_what_is_asked() {
    for challenge in CHALLENGES {
        let registry = described(FakeGitea::new()).login(login(challenge)).start();
        let line = format!(
            "get tags {}/acme/web --columns tag,digest,vendor.tag.creator.login --no-headers -o csv",
            registry.host()
        );
        let ended = user(&registry).run(&line).exits(0).keeps(&[TOKEN]);
        assert_eq!(ended.stdout.matches(",bob").count(), 2, "{}", ended.stdout);
        let ledger = registry.stop();
        let asked = ledger.of(Role::Token).requests();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].query("scope"), Some("repository:acme/web:pull"));
        // The API is shown name and token, the registry what was bought for them.
        for request in ledger.of(Role::Registry).requests() {
            let shown = request.header("authorization").unwrap_or("Bearer ");
            let is_of_api = request.path.starts_with("/api/");
            assert_eq!(shown.starts_with("Basic "), is_of_api, "{}", request.line());
        }
    }
}

#[test]
fn a_token_server_that_takes_no_post_is_asked_by_get() {
    for status in [404, 405] {
        let login = login(CHALLENGES[0]).refresh_token("bob", TOKEN);
        let refusal = Fault::Instead(Answer::status(status));
        let registry = described(FakeGitea::new())
            .login(login)
            .fault("token POST", When::Always, refusal)
            .start();
        let host = registry.host();
        let entry = json!({"auths": {&*host: {"username": "bob", "identitytoken": TOKEN}}});
        let user = user(&registry).docker(&entry);
        let ended = user.run(&format!("get tags {host}/acme/web -o name"));
        ended.exits(0).keeps(&[TOKEN]);
        assert_eq!(registry.stop().count("token: GET"), 1, "{status}");
    }
}

#[test]
fn ones_own_is_listed_whole_and_a_page_may_be_smaller_than_asked() {
    let registry = described(FakeGitea::new().clamping(2)).start();
    let user = user(&registry);
    let host = registry.host();
    let all = "acme/team/api\nacme/web\nacme/web-admin\nother/tool\n";
    assert_eq!(listed(&user, &format!("{host}/**"), "repository"), all);
    let acme = "acme/team/api\nacme/web\nacme/web-admin\n";
    assert_eq!(
        listed(&user, &format!("{host}/acme/**"), "repository"),
        acme
    );
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/_catalog?n=100"), 2);
    assert_eq!(ledger.count("GET /v2/_catalog?last="), 4);
    assert_eq!(ledger.count("GET /api/"), 0);
}

#[test]
fn who_hides_an_owner_hides_its_images_and_each_is_listed_once() {
    for (visibility, private) in [
        ("public", "false"),
        ("limited", "true"),
        ("private", "true"),
    ] {
        let gitea = FakeGitea::new().visible_to(visibility).paged(2);
        let registry = described(gitea).start();
        let table = listed(
            &user(&registry),
            &format!("{}/acme/**", registry.host()),
            "repository,private",
        );
        let rows = ["acme/team/api", "acme/web", "acme/web-admin"]
            .map(|name| format!("{name},{private}\n"));
        assert_eq!(table, rows.concat());
        // Ten versions, two at a time: tags, what has none, and what is being uploaded.
        let ledger = registry.stop();
        assert_eq!(ledger.count("GET /api/v1/packages/acme?"), 5);
        assert_eq!(ledger.count("GET /v2/"), 0);
    }
}

#[test]
fn what_is_said_of_a_tag_is_of_that_image_alone() {
    let registry = described(FakeGitea::new().paged(1)).start();
    let host = registry.host();
    let columns = "tag,vendor.tag.name,vendor.tag.version";
    let line = format!("get tags {host}/acme/web --columns {columns} --no-headers -o csv");
    user(&registry)
        .run(&line)
        .exits(0)
        .quietly()
        .prints("1.0,web,1.0\n1.1-rc,web,1.1-rc\n");
    let line = format!("get tags {host}/acme/team/api:2 --columns {columns} --no-headers -o csv");
    user(&registry).run(&line).exits(0).prints("2,team/api,2\n");
    let line = format!("get tags {host}/acme/web:1.0 --columns tag,pushed -o csv");
    user(&registry)
        .run(&line)
        .exits(0)
        .says("does not tell `pushed`");
    // One of them is asked for by itself.
    let ledger = registry.stop();
    assert_eq!(
        ledger.count("GET /api/v1/packages/acme/container/team%2Fapi/2"),
        1
    );
    assert_eq!(
        ledger.count("GET /api/v1/packages/acme?type=container&q=team/api"),
        0
    );
}

#[test]
fn who_may_pull_and_not_ask_the_api_gets_the_tags_and_is_told_what_is_missing() {
    let refusal = json!({"message": "token does not have at least one of required scope(s)", "url": "https://gitea.test/api/swagger"});
    let refusal = Answer::status(403).with_body("application/json", refusal.to_string());
    let registry = described(FakeGitea::new());
    let registry = registry.fault("GET api/v1/", When::Always, Fault::Instead(refusal));
    let registry = registry.start();
    let host = registry.host();
    let line = format!("get tags {host}/acme/web --columns tag,vendor.tag.id --no-headers -o csv");
    let ended = user(&registry)
        .run(&line)
        .exits(3)
        .prints("1.0,\n1.1-rc,\n");
    ended
        .says("the rest is asked of the registry")
        .says("(API_DENIED)")
        .says("Gitea and Forgejo one with `read:package`");
    user(&registry)
        .run(&format!(
            "run tags -p registry={host} -p repository=acme/web"
        ))
        .exits(0)
        .quietly();
}

#[test]
fn a_full_list_without_a_link_is_asked_for_whole() {
    let registry = FakeRegistry::new()
        .listed_by("acme/web", 1200, |at| format!("t{at:04}"), image())
        .links(Links::Missing)
        .way(FakeGitea::new())
        .start();
    let line = format!("get tags {}/acme/web -o name", registry.host());
    let ended = user(&registry).run(&line).exits(0).quietly();
    assert_eq!(ended.stdout.lines().count(), 1200);
    assert_eq!(
        registry.stop().lines(),
        [
            "GET /v2/acme/web/tags/list?n=1000",
            "GET /v2/acme/web/tags/list"
        ]
    );
}

#[test]
fn n2_the_api_of_this_machine_speaks_what_its_registry_speaks() {
    let registry = described(FakeGitea::new().paged(2)).start();
    let host = registry.host();
    let settings = format!("registries: {{'{host}': {{dialect: gitea}}}}\n");
    let user = User::new().settings(&settings);
    let table = listed(&user, &format!("{host}/acme/*"), "repository,private");
    assert_eq!(table, "acme/web,false\nacme/web-admin,false\n");
}

#[test]
fn b4_a_link_of_the_api_to_another_host_is_refused() {
    let lead = |_: &_, answer: &mut Answer| {
        answer.set(
            "Link",
            "<{attacker}/api/v1/packages/acme?page=2>; rel=\"next\"",
        );
    };
    let registry = described(FakeGitea::new())
        .attacker_at(Place::on("127.0.0.2"))
        .fault("packages/acme", When::Always, Fault::Edit(Box::new(lead)))
        .start();
    let line = format!(
        "get tags {}/acme/web --columns tag,vendor.tag.id",
        registry.host()
    );
    let ended = user(&registry).run(&line);
    assert!([3, 6].contains(&ended.exit), "{}", ended.stderr);
    ended.says("the link to the next page leads to another host");
    let ledger = registry.stop();
    assert_eq!(ledger.of(Role::Attacker).connections().len(), 0);
}

#[test]
fn an_owner_that_is_not_there_is_an_error_that_says_so() {
    let registry = described(FakeGitea::new()).start();
    let line = format!(
        "get repositories {}/nobody/* --columns repository,private",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(4).prints("");
    ended
        .says("was answered with 404: The target couldn't be found. (NOT_FOUND)")
        .says("there is no such namespace, or it is hidden from whoever asks");
}
