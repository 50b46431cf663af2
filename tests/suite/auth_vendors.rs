//! `auth`, and whether a vendor's own listings take the login too: in words, as JSON, with what to do, and at what cost.

use serde_json::{Value, json};

use super::docker_hub::{KEY, PASSWORD, hub_of};
use super::support::command::Ended;
use super::support::fake::{Answer, FakeRegistry, Fault, Login, Role, RunningRegistry, When};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::azure::Azure;
use super::support::vendors::github::FakeGitHub;
use super::support::vendors::gitlab::FakeGitLab;

/// What an API says of an account: the secrets it takes, and with what right.
type Api = fn(FakeRegistry, &str, &str) -> RunningRegistry;

fn hub(registry: FakeRegistry, secret: &str, _: &str) -> RunningRegistry {
    let (_, hub) = hub_of(&["acme/web:1"]);
    registry.vendor(hub.account("bob", secret)).start()
}

fn github(registry: FakeRegistry, secret: &str, scope: &str) -> RunningRegistry {
    let github = FakeGitHub::new().package("acme/web").token(secret, scope);
    registry.vendor(github).start()
}

fn gitlab(registry: FakeRegistry, secret: &str, scope: &str) -> RunningRegistry {
    let gitlab = FakeGitLab::new().image("acme/web", "").token(secret, scope);
    registry.vendor(gitlab).start()
}

fn registry() -> FakeRegistry {
    let login = Login::bearer().account("bob", PASSWORD);
    FakeRegistry::new()
        .tag("acme/web:1", Image::new())
        .login(login.public(&["acme/web"]))
}

fn settings(user: User, host: &str, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  {host}: {{endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn auth(user: &User, words: &str) -> Ended {
    user.run(&format!("auth {words} -v")).keeps(&[PASSWORD])
}

/// The vendors, the host of each, the key of its login, what it calls enough and what not, and what is asked of its API.
const VENDORS: [(&str, &str, Api, [&str; 2], &str); 3] = [
    ("docker.io", KEY, hub, ["", ""], "api: POST /v2/auth/token"),
    (
        "ghcr.io",
        "ghcr.io",
        github,
        ["read:packages", "repo"],
        "api: GET /user/packages?package_type=container&per_page=1",
    ),
    (
        "registry.gitlab.com",
        "registry.gitlab.com",
        gitlab,
        ["read_api", "read_registry"],
        "api: GET /api/v4/projects?membership=true&simple=true&per_page=1",
    ),
];

fn of_api(registry: RunningRegistry) -> Vec<String> {
    let lines = registry.stop().lines().into_iter();
    lines.filter(|line| line.starts_with("api")).collect()
}

#[test]
fn one_request_tells_whether_a_vendors_listings_take_the_login() {
    for (host, key, api, [enough, _], asked) in VENDORS {
        let registry = api(registry(), PASSWORD, enough);
        let user = settings(User::logged_in(&[(key, "bob", PASSWORD)]), host, &registry);
        for words in [host.to_owned(), format!("{host}/acme/web")] {
            let ended = auth(&user, &words).exits(0);
            let said = format!(
                "at {}, take your login as `bob`",
                registry.host_of(Role::Api)
            );
            assert!(said_of(&ended).contains(&said), "{}", ended.stdout);
            assert!(
                ended.stdout.contains(&format!(
                    "`docker-regq get repositories {host}/NAMESPACE/*`"
                )),
                "{}",
                ended.stdout
            );
            assert!(!ended.stdout.contains("  next "), "{}", ended.stdout);
        }
        assert_eq!(of_api(registry), [asked; 2], "{host}: once for each run");
    }
}

/// The line about the vendor's own listings.
fn said_of(ended: &Ended) -> &str {
    let mut lines = ended.stdout.lines();
    let line = lines.find(|line| line.starts_with("  listings"));
    line.unwrap_or_default()
}

#[test]
fn where_they_do_not_the_registry_still_does_and_what_helps_is_said() {
    for ((host, key, api, [_, less], _), helps) in VENDORS.into_iter().zip([
        "personal access token or the password",
        "classic access token with `read:packages`",
        "access token with `read_api`",
    ]) {
        let secret = if less.is_empty() { "another" } else { PASSWORD };
        let registry = api(registry(), secret, less);
        let user = settings(User::logged_in(&[(key, "bob", PASSWORD)]), host, &registry);
        let ended = auth(&user, host).exits(0);
        assert!(
            ended.stdout.starts_with(&format!("{host}: you are `bob`")),
            "{}",
            ended.stdout
        );
        assert!(
            said_of(&ended).contains("do not take your login"),
            "{}",
            ended.stdout
        );
        let next = ended.stdout.lines().find(|line| line.starts_with("  next"));
        assert!(
            next.is_some_and(|next| next.contains(helps)),
            "{}",
            ended.stdout
        );
        let ended = auth(&user, &format!("{host} -o json")).exits(0);
        let document: Value = serde_json::from_str(&ended.stdout).expect("JSON is printed");
        let listings = &document["items"][0]["LISTINGS"];
        assert_eq!(listings["accepted"], json!(false), "{listings}");
        assert!(listings["error"].is_string(), "{listings}");
        assert_eq!(document["items"][0]["ACCEPTED"], json!(true));
        assert_eq!(
            document["items"][0]["NEXT"].as_array().map(Vec::len),
            Some(1)
        );
        assert_eq!(document["complete"], json!(true));
    }
}

#[test]
fn nobody_is_asked_without_a_login_nor_with_one_that_is_refused() {
    for (host, key, api, [enough, _], _) in VENDORS {
        let registry = api(registry(), PASSWORD, enough);
        let stranger = settings(User::new(), host, &registry);
        let ended = auth(&stranger, host);
        assert!(
            said_of(&ended).contains("tell nobody without a login more than what is public"),
            "{}",
            ended.stdout
        );
        let wrong = User::logged_in(&[(key, "bob", "guessed")]);
        let ended = auth(&settings(wrong, host, &registry), host).exits(4);
        assert!(
            said_of(&ended).contains("were not asked"),
            "{}",
            ended.stdout
        );
        let ended = auth(&stranger, &format!("{host} -o json"));
        let document: Value = serde_json::from_str(&ended.stdout).expect("JSON is printed");
        assert_eq!(document["items"][0]["LISTINGS"]["accepted"], Value::Null);
        assert_eq!(of_api(registry), [""; 0], "{host}");
    }
}

#[test]
fn an_api_that_is_out_of_order_is_no_refusal() {
    let broken = Answer::error(503, "UNAVAILABLE", &json!({}));
    let registry = registry().fault("api", When::Always, Fault::Instead(broken));
    let registry = github(registry, PASSWORD, "read:packages");
    let user = User::logged_in(&[("ghcr.io", "bob", PASSWORD)]);
    let user = settings(user, "ghcr.io", &registry);
    let ended = auth(&user, "ghcr.io --retries 0").exits(0);
    assert!(
        said_of(&ended).contains("cannot be told to take your login"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains("do not take"), "{}", ended.stdout);
}

#[test]
fn azure_is_asked_for_the_right_to_read_about_a_repository() {
    let described = || {
        let login = Login::bearer().account("bob", PASSWORD);
        let tagged = FakeRegistry::new().tag("team/web:1", Image::new());
        tagged.way(Azure).login(login)
    };
    let user = |registry: &RunningRegistry| {
        let host = registry.host();
        User::logged_in(&[(&host, "bob", PASSWORD)]).settings(&format!(
            "registries:\n  {host}: {{dialect: acr, plainHttp: true}}\n"
        ))
    };
    let registry = described().start();
    let name = format!("{}/team/web", registry.host());
    let ended = auth(&user(&registry), &name).exits(0);
    assert!(
        said_of(&ended).contains("at the registry itself, take your login as `bob`"),
        "{}",
        ended.stdout
    );
    let lines = registry.stop().lines();
    assert!(
        lines.contains(&"GET /acr/v1/team/web".to_owned()),
        "{lines:#?}"
    );
    let refused = Answer::error(401, "UNAUTHORIZED", &json!([{"Action": "metadata_read"}]));
    let refusing = described().fault("acr/v1", When::Always, Fault::Instead(refused));
    let registry = refusing.start();
    let name = format!("{}/team/web", registry.host());
    let ended = auth(&user(&registry), &name).exits(0);
    assert!(
        said_of(&ended).contains("do not take your login"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("`metadata/read`"), "{}", ended.stdout);
}

#[test]
fn who_asks_about_docker_hub_is_told_where_it_is_why_it_refuses_and_how_it_lists() {
    let registry = hub(registry(), PASSWORD, "");
    let wrong = User::logged_in(&[(KEY, "bob", "guessed-by-bob")]);
    let wrong = settings(wrong, "docker.io", &registry);
    let ended = auth(&wrong, "https://hub.docker.com").keeps(&["guessed-by-bob"]);
    for part in [
        "with tokens of auth.docker.io",
        "the user name, the password or the access token is wrong",
        "it has no list of all (`/v2/_catalog`)",
        "`docker-regq get repositories docker.io/NAMESPACE/*`",
        "`docker-regq get tags alpine`",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
}
