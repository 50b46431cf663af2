//! `auth`, and what the APIs of those who have them at the registry's own address think of a login: Quay, Harbor, Gitea,
//! Artifactory, Nexus; and what is said where there is no other API.

use serde_json::json;

use super::support::command::Ended;
use super::support::fake::{Answer, FakeRegistry, Fault, Login, Role, RunningRegistry, When};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::artifactory::FakeArtifactory;
use super::support::vendors::gitea::FakeGitea;
use super::support::vendors::harbor::FakeHarbor;
use super::support::vendors::nexus::FakeNexus;
use super::support::vendors::quay::FakeQuay;

const PASSWORD: &str = "secret-of-bob";

fn registry(account: &str) -> FakeRegistry {
    let login = Login::bearer().account(account, PASSWORD);
    FakeRegistry::new()
        .tag("acme/web:1", Image::new())
        .login(login.public(&["acme/web"]))
}

fn user(registry: &RunningRegistry, dialect: &str, account: &str) -> User {
    let host = registry.host();
    let api = registry.origin_of(Role::Api);
    User::logged_in(&[(&host, account, PASSWORD)]).settings(&format!(
        "registries:\n  '{host}': {{dialect: {dialect}, plainHttp: true, api: '{api}'}}\n"
    ))
}

fn listings(ended: &Ended) -> &str {
    let mut lines = ended.stdout.lines();
    lines
        .find(|line| line.starts_with("  listings"))
        .unwrap_or_default()
}

fn next(ended: &Ended) -> &str {
    let mut lines = ended.stdout.lines();
    lines
        .find(|line| line.starts_with("  next"))
        .unwrap_or_default()
}

/// What `auth` says of a host, or of a repository there, and which questions to its API that took.
fn auth(registry: FakeRegistry, dialect: &str, account: &str, name: &str) -> (Ended, Vec<String>) {
    let registry = registry.start();
    let user = user(&registry, dialect, account);
    let ended = user.run(&format!("auth {}{name} -v", registry.host()));
    let ended = ended.exits(0).keeps(&[PASSWORD]);
    let mut lines = registry.stop().lines();
    lines.retain(|line| line.contains("/api/") || line.contains("/service/rest/"));
    (ended, lines)
}

#[test]
fn quay_takes_tokens_of_applications_and_shows_others_what_everybody_sees() {
    let quay = || {
        FakeQuay::new()
            .repository("acme/web")
            .token(PASSWORD, "repo:read")
    };
    for (name, asked) in [
        ("", "api: GET /api/v1/repository?public=true"),
        (
            "/acme/web",
            "api: GET /api/v1/repository/acme/web?includeTags=false",
        ),
    ] {
        let registry = || registry("$oauthtoken").vendor(quay());
        let (ended, lines) = auth(registry(), "quay", "$oauthtoken", name);
        assert!(
            listings(&ended).contains("take your login as `$oauthtoken`"),
            "{}",
            ended.stdout
        );
        assert_eq!(lines, [asked]);
        assert_eq!(next(&ended), "");
    }
    let registry = registry("acme+robot").vendor(quay());
    let (ended, _) = auth(registry, "quay", "acme+robot", "");
    assert!(
        listings(&ended).contains("they take no login like yours"),
        "{}",
        ended.stdout
    );
    assert!(
        next(&ended).contains("docker login -u '$oauthtoken' 127"),
        "{}",
        ended.stdout
    );
}

#[test]
fn quay_refuses_a_token_without_the_right_to_read() {
    let quay = FakeQuay::new()
        .repository("acme/web")
        .token(PASSWORD, "repo:create");
    let registry = registry("$oauthtoken").vendor(quay);
    let (ended, _) = auth(registry, "quay", "$oauthtoken", "");
    assert!(
        listings(&ended).contains("do not take your login"),
        "{}",
        ended.stdout
    );
    assert!(next(&ended).contains("`repo:read`"), "{}", ended.stdout);
}

#[test]
fn harbor_is_asked_for_projects_and_for_what_is_in_the_one_that_is_named() {
    let harbor = |password: &str| {
        FakeHarbor::new()
            .repository("acme/web")
            .account("bob", password, &[])
    };
    for (name, asked) in [
        ("", "api: GET /api/v2.0/projects?page=1&page_size=1"),
        (
            "/acme/web",
            "api: GET /api/v2.0/projects/acme/repositories?page=1&page_size=1",
        ),
    ] {
        let registry = registry("bob").vendor(harbor(PASSWORD));
        let (ended, lines) = auth(registry, "harbor", "bob", name);
        assert!(
            listings(&ended).contains("take your login as `bob`"),
            "{}",
            ended.stdout
        );
        assert_eq!(lines, [asked]);
    }
    let (ended, _) = auth(
        registry("bob").vendor(harbor("another")),
        "harbor",
        "bob",
        "",
    );
    assert!(
        listings(&ended).contains("do not take your login"),
        "{}",
        ended.stdout
    );
    assert!(
        next(&ended).contains("a robot that may list"),
        "{}",
        ended.stdout
    );
}

/// Likewise of one that has its API, if any, at its own address, and there refuses everybody or nobody.
fn at_home(
    dialect: &str,
    registry: FakeRegistry,
    refused: bool,
    name: &str,
) -> (Ended, Vec<String>) {
    let registry = match refused {
        true => {
            let answer = Answer::error(403, "FORBIDDEN", &json!({}));
            let parts = ["api/v1", "api/repositories", "service/rest"];
            parts.into_iter().fold(registry, |registry, part| {
                registry.fault(part, When::Always, Fault::Instead(answer.clone()))
            })
        }
        false => registry,
    };
    let registry = registry.start();
    let host = registry.host();
    let user = User::logged_in(&[(&host, "bob", PASSWORD)]).settings(&format!(
        "registries:\n  '{host}': {{dialect: {dialect}, plainHttp: true}}\n"
    ));
    let ended = user
        .run(&format!("auth {host}{name} -v"))
        .exits(0)
        .keeps(&[PASSWORD]);
    let mut lines = registry.stop().lines();
    lines.retain(|line| line.contains("/api/") || line.contains("/service/rest/"));
    lines.dedup();
    (ended, lines)
}

#[test]
fn gitea_artifactory_and_nexus_are_asked_once_for_what_their_listings_begin_with() {
    for refused in [false, true] {
        let own = || registry("bob").login(Login::basic().account("bob", PASSWORD));
        let all = [
            (
                at_home("gitea", own().way(FakeGitea::new()), refused, "/acme/web"),
                "GET /api/v1/packages/acme?type=container&limit=1",
                "`read:package`",
            ),
            (
                at_home(
                    "artifactory",
                    own().way(FakeArtifactory::new().key("acme", "Docker")),
                    refused,
                    "",
                ),
                "GET /artifactory/api/repositories",
                "may browse there",
            ),
            (
                at_home(
                    "nexus",
                    own().way(FakeNexus::new().key("acme", "hosted")),
                    refused,
                    "",
                ),
                "GET /service/rest/v1/repositories",
                "may browse there",
            ),
        ];
        for ((ended, lines), asked, helps) in all {
            assert_eq!(lines, [asked]);
            let (said, is_next) = match refused {
                true => ("do not take your login", true),
                false => ("take your login as `bob`", false),
            };
            assert!(listings(&ended).contains(said), "{}", ended.stdout);
            assert_eq!(next(&ended).contains(helps), is_next, "{}", ended.stdout);
        }
    }
}

#[test]
fn without_another_api_the_login_is_the_registrys_own() {
    for dialect in ["ecr", "gcr", "artifact-registry", "zot", "ecr-public"] {
        let (ended, lines) = at_home(dialect, registry("bob"), false, "");
        let said = "at the registry itself, ask for the login that the registry asks for, and for no other";
        assert!(
            listings(&ended).contains(said),
            "{dialect}: {}",
            ended.stdout
        );
        assert_eq!(lines, [""; 0], "{dialect}");
        let is_unlisted = ended.stdout.contains("it has no list of them");
        assert_eq!(is_unlisted, dialect == "ecr-public", "{}", ended.stdout);
    }
}
