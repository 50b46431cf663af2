//! Where a login comes from, end to end: every document and helper that Docker and podman know, and what happens where
//! one of them is broken.

use serde_json::{Value, json};

use super::network_login::{PASSWORD, bob, described};
use super::support::fake::{Alphabet, Login, Place, Role, RunningRegistry, base64};
use super::support::user::{User, answer, auths};

fn start() -> RunningRegistry {
    described().login(bob()).start()
}

fn entry() -> Value {
    json!({"auth": base64(b"bob:hunter2-of-bob", Alphabet::Standard)})
}

fn line(registry: &RunningRegistry) -> String {
    let host = registry.host();
    format!("get tags {host}/team/app --columns tag")
}

#[test]
fn every_form_of_an_entry_is_used() {
    type Form = fn(&str) -> Value;
    let forms: [Form; 5] = [
        |host| json!({host: entry()}),
        |host| json!({format!("https://{host}/v2/"): entry()}),
        |host| json!({format!("http://{host}"): entry()}),
        |host| json!({host: {"username": "bob", "password": PASSWORD}}),
        |host| json!({host: {"auth": entry()["auth"], "email": "bob@acme.example"}}),
    ];
    for form in forms {
        let registry = start();
        let auths = form(&registry.host());
        let user = User::new().docker(&json!({"auths": auths}));
        user.run(&line(&registry)).exits(0).quietly();
    }
}

#[test]
fn every_place_of_a_document_is_looked_at() {
    let registry = start();
    let document = json!({"auths": {registry.host(): entry()}}).to_string();
    let line = line(&registry);
    let asked = |user: &User, name: &str, value: &str| {
        user.command(&line)
            .env(name, value)
            .run()
            .exits(0)
            .quietly();
    };
    let user = User::new();
    asked(&user, "DOCKER_AUTH_CONFIG", &document);
    let user = User::new().home("run/containers/auth.json", &document);
    asked(&user, "XDG_RUNTIME_DIR", user.path("run").to_str().unwrap());
    let user = User::new().home("podman.json", &document);
    let file = user.path("podman.json");
    asked(&user, "REGISTRY_AUTH_FILE", file.to_str().unwrap());
    let user = User::new().home(".config/containers/auth.json", &document);
    user.run(&line).exits(0).quietly();
    let user = User::new().home("elsewhere/config.json", &document);
    let folder = user.path("elsewhere");
    let config = format!("{line} --config {}", folder.display());
    user.run(&config).exits(0).quietly();
    asked(&user, "DOCKER_CONFIG", folder.to_str().unwrap());
    user.run(&line).exits(4);
}

#[cfg(unix)]
#[test]
fn helpers_are_asked_for_the_host_and_come_before_entries() {
    for config in ["credHelpers", "credsStore"] {
        let registry = start();
        let host = registry.host();
        let named = match config {
            "credHelpers" => json!({host.clone(): "shelf"}),
            _ => json!("shelf"),
        };
        let stale = auths(&[(&host, "eve", "an-older-login")]);
        let user = User::new()
            .docker(&json!({config: named, "auths": stale}))
            .helper("shelf", &answer("bob", PASSWORD));
        user.run(&line(&registry)).exits(0).quietly();
        assert_eq!(user.asked("shelf"), [format!("get {host}")]);
        registry.stop().assert_no_secret(&["an-older-login"]);
    }
}

#[cfg(unix)]
#[test]
fn a_helper_may_give_an_identity_token() {
    let login = bob().refresh_token("bob", "identity-of-bob");
    let registry = described().login(login).start();
    let user = User::new()
        .docker(&json!({"credsStore": "shelf"}))
        .helper("shelf", &answer("<token>", "identity-of-bob"));
    user.run(&line(&registry)).exits(0).quietly();
    assert_eq!(registry.stop().count("token: POST"), 1);
}

#[cfg(unix)]
#[test]
fn anonymous_asks_nobody_and_shows_nothing() {
    let registry = described().login(bob().public(&["team/app"])).start();
    let host = registry.host();
    let user = User::new()
        .docker(&json!({"credsStore": "shelf", "auths": {host.clone(): entry()}}))
        .helper("shelf", &answer("bob", PASSWORD));
    for flag in ["--anonymous".to_owned(), format!("--anonymous={host}")] {
        user.run(&format!("{} {flag}", line(&registry)))
            .exits(0)
            .quietly();
    }
    assert_eq!(user.asked("shelf"), [""; 0]);
    let elsewhere = format!("{} --anonymous=other.example", line(&registry));
    user.run(&elsewhere).exits(0);
    assert_eq!(user.asked("shelf").len(), 1);
    let tokens = registry.stop().of(Role::Token).requests();
    let shown: Vec<bool> = tokens
        .iter()
        .map(|request| request.header("authorization").is_some())
        .collect();
    assert_eq!(shown, [false, false, true]);
}

/// What a broken helper does, and what is said of it.
#[cfg(unix)]
const BROKEN: [(&str, &str); 7] = [
    (
        "echo 'the secret is canary-of-a-helper'; exit 1",
        "failed with exit code 1",
    ),
    (
        "echo 'canary-of-a-helper' >&2; exit 3",
        "failed with exit code 3",
    ),
    (
        "echo canary-of-a-helper",
        "answered with nonsense: it is not JSON",
    ),
    (
        r#"echo '{"Secret":"canary-of-a-helper"}'"#,
        "it has a secret without a user name",
    ),
    (
        r#"echo '{"Username":"bob"}'"#,
        "it has a user name without a secret",
    ),
    (
        r#"echo '{"ServerURL":"evil.example","Username":"bob","Secret":"canary-of-a-helper"}'"#,
        "answered for another server",
    ),
    ("kill -9 $$", "failed with signal 9"),
];

#[cfg(unix)]
#[test]
fn a12_a_broken_helper_ends_it_and_is_named_and_nobody_is_asked_instead() {
    for (script, said) in BROKEN {
        // Who has no login would see this, and could take it for all there is.
        let registry = described().login(bob().public(&["*"])).start();
        let host = registry.host();
        let user = User::new()
            .docker(&json!({"credsStore": "shelf", "auths": {host: entry()}}))
            .helper("shelf", script);
        let ended = user.run(&line(&registry)).exits(4).prints("");
        ended
            .says("the credential helper `shelf`")
            .says(said)
            .says("--anonymous=HOST")
            .keeps(&["canary-of-a-helper", PASSWORD]);
        let ledger = registry.stop();
        assert_eq!(
            ledger.lines(),
            ["GET /v2/team/app/tags/list?n=1000"],
            "{script}"
        );
        assert_eq!(user.asked("shelf").len(), 1, "{script}");
    }
}

#[test]
fn a12_a_helper_that_is_not_there_is_named_too() {
    let registry = described().login(bob().public(&["*"])).start();
    let user = User::new().docker(&json!({"credsStore": "nowhere"}));
    let ended = user.run(&line(&registry)).exits(4).prints("");
    ended
        .says("the credential helper `nowhere`")
        .says("was not found on PATH");
    assert_eq!(registry.stop().count("token"), 0);
}

#[cfg(unix)]
#[test]
fn a_helper_that_knows_of_no_login_means_that_there_is_none() {
    for script in [
        "echo 'credentials not found in native keychain'; exit 1",
        r#"echo '{"ServerURL":"","Username":"","Secret":""}'"#,
    ] {
        let registry = described().login(bob().public(&["team/app"])).start();
        let user = User::new()
            .docker(&json!({"credsStore": "shelf"}))
            .helper("shelf", script);
        user.run(&line(&registry)).exits(0).quietly();
    }
}

#[cfg(unix)]
#[test]
fn a12_a_broken_login_is_no_affair_of_other_hosts() {
    let login = || Login::bearer().account("bob", PASSWORD);
    let broken = described().login(login()).start();
    let fine = described()
        .login(login())
        .at(Place::on("127.0.0.2"))
        .start();
    let hosts = [broken.host(), fine.host()];
    let query = format!(
        "registry: [{}]\nrepositories: team/app\ncolumns: [registry, tag]",
        hosts.join(", ")
    );
    let undecodable =
        json!({"auths": {hosts[0].clone(): {"auth": "no base64"}, hosts[1].clone(): entry()}});
    let failing =
        json!({"credHelpers": {hosts[0].clone(): "shelf"}, "auths": {hosts[1].clone(): entry()}});
    for (config, said) in [
        (failing, "the credential helper `shelf`"),
        (undecodable, "cannot be used"),
    ] {
        let user = User::new()
            .docker(&config)
            .helper("shelf", "exit 1")
            .query("both.yaml", &query);
        let ended = user.run("run both.yaml --no-headers -o csv").exits(3);
        let expected = format!("{0},1.0\n{0},2.0\n", hosts[1]);
        ended
            .prints(&expected)
            .says(said)
            .says(&format!("{} as bob", hosts[1]));
    }
    assert_eq!(broken.stop().count("token"), 0);
}

#[test]
fn h4_a_broken_document_is_told_with_its_place_and_without_its_content() {
    let registry = start();
    let host = registry.host();
    for (config, place) in [
        (
            "{\"auths\": {\"canary-of-a-file\": {\"auth\": \"Y2FuYXJ5\",,}}}",
            "line 1",
        ),
        (
            "{\n  \"auths\": [\"canary-of-a-file\"]\n}",
            "line 2, column 12",
        ),
        (
            "{\n\"credsStore\": {\"canary-of-a-file\": 1}}",
            "line 2, column 15",
        ),
        ("canary-of-a-file", "line 1, column"),
        (
            "{\"auths\": {\"a\": {\"auth\": \"canary-of-a-file",
            "line 1",
        ),
    ] {
        let user = User::new().home(".docker/config.json", config);
        let ended = user.run(&format!("get tags {host}/team/app"));
        ended
            .exits(2)
            .prints("")
            .says(".docker/config.json` is malformed at")
            .says(place)
            .keeps(&["canary-of-a-file"]);
    }
    assert_eq!(registry.stop().connections(), []);
}

#[test]
fn a11_headers_and_proxies_of_docker_are_not_for_registries() {
    let registry = start();
    let config = json!({
        "auths": {registry.host(): entry()},
        "HttpHeaders": {"X-Meta": "canary-of-a-header"},
        "proxies": {"default": {"httpProxy": "http://canary-of-a-proxy.example"}},
    });
    let user = User::new().docker(&config);
    user.run(&line(&registry)).exits(0).quietly();
    let ledger = registry.stop();
    ledger.assert_no_secret(&["canary-of-a-header", "canary-of-a-proxy"]);
}
