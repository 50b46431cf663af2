//! Every way that users have to keep a login, on real registries: what is let in, what is refused, and what is said then.

use std::fs;

use serde_json::json;

use super::support::command::{Ended, TestCommand, Workplace};
use super::support::image::Image;
use super::support::pass::{FOR_ALL, PassStore};
use super::support::real_registry::{
    ACCOUNT, Access, Client, PASSWORD, REFRESH_TOKEN, RealRegistry, TokenServer,
};
use super::support::real_user::{logged_in, login, login_with, place_of, requests, set, settings};

/// What the registries of these tests hold.
const LISTED: &str = "TAG\n1\n";

fn app() -> Image {
    Image::new().layer("ADD rootfs.tar", 0).stored()
}

/// One that wants a password, and where its authority's certificate lies.
fn with_password() -> Option<(RealRegistry, String)> {
    let registry = RealRegistry::with_password()?;
    registry.push("team/app:1", app());
    let Access::Password(ca) = registry.access() else {
        panic!("this registry wants a password");
    };
    let ca = fs::read_to_string(ca).unwrap();
    Some((registry, ca))
}

fn with_token() -> Option<RealRegistry> {
    let registry = RealRegistry::with_token()?;
    registry.push("team/app:1", app());
    registry.push("public/app:1", app());
    Some(registry)
}

fn token_server(registry: &RealRegistry) -> &TokenServer {
    match registry.access() {
        Access::Token(server) => server,
        _ => panic!("this registry wants a token"),
    }
}

/// A command that lists the tags of a repository.
fn list(place: &Workplace, registry: &RealRegistry, repository: &str) -> TestCommand {
    let target = format!("{}/{repository}", registry.host());
    place.command(["get", "tags", &target, "--columns", "TAG:tag", "-v"])
}

fn listed(place: &Workplace, registry: &RealRegistry) -> Ended {
    list(place, registry, "team/app").run()
}

#[test]
fn a_password_is_sent_when_it_is_asked_for_and_a_wrong_one_is_refused() {
    let Some((registry, _)) = with_password() else {
        return;
    };
    let host = registry.host();
    let place = set(Workplace::new(), &settings(&registry));
    listed(&place, &registry).exits(4).prints("");
    for server in [host.to_owned(), format!("https://{host}/v1/")] {
        let place = logged_in(set(Workplace::new(), &settings(&registry)), &login(&server));
        let ended = listed(&place, &registry).exits(0).prints(LISTED);
        assert_eq!(requests(&ended).len(), 2, "{}", ended.stderr);
    }
    let place = logged_in(place, &login_with(host, "guessed"));
    let ended = listed(&place, &registry).exits(4).says(ACCOUNT);
    assert!(!ended.stderr.contains("guessed"), "{}", ended.stderr);
    let other = logged_in(place, &login("other.example"));
    listed(&other, &registry).exits(4);
}

#[test]
fn n1_an_authority_that_nobody_named_is_not_trusted() {
    let Some((registry, _)) = with_password() else {
        return;
    };
    let place = logged_in(Workplace::new(), &login(registry.host()));
    let ended = listed(&place, &registry).exits(6);
    let ended = ended.says("authority that is not trusted here (CERTIFICATE)");
    let ended = ended.says("`registries: {HOST: {ca: FILE.pem}}`");
    assert_eq!(requests(&ended).len(), 0);
    let target = format!("{}/team/app", registry.host());
    let insecure = [
        "get",
        "tags",
        &target,
        "--columns",
        "TAG:tag",
        "--insecure-tls",
    ];
    let ended = place.run(insecure.iter().chain(&[registry.host()]));
    ended
        .exits(0)
        .prints(LISTED)
        .says("whatever its certificate says");
}

#[cfg(unix)]
#[test]
fn dockers_folder_of_certificates_is_read() {
    let Some((registry, ca)) = with_password() else {
        return;
    };
    let file = format!("../home/.config/docker/certs.d/{}/ca.crt", registry.host());
    let place = Workplace::new().file(&file, ca);
    let place = logged_in(place, &login(registry.host()));
    // Docker without root is known by this variable, and reads the folder of its user.
    let rootless = list(&place, &registry, "team/app").env("ROOTLESSKIT_STATE_DIR", "/none");
    rootless.run().exits(0).prints(LISTED);
    listed(&place, &registry).exits(6);
}

#[cfg(unix)]
#[test]
fn a_helper_is_asked_once_and_its_answer_is_sent() {
    use std::os::unix::fs::PermissionsExt;
    let Some((registry, _)) = with_password() else {
        return;
    };
    let answer = json!({"ServerURL": registry.host(), "Username": ACCOUNT, "Secret": PASSWORD});
    let script =
        format!("#!/bin/sh\ncat >> \"$HOME/asked\"\necho >> \"$HOME/asked\"\necho '{answer}'\n");
    let config = json!({"credHelpers": {registry.host(): "scripted"}}).to_string();
    let place = set(Workplace::new(), &settings(&registry));
    let place = logged_in(place, &config).file("bin/docker-credential-scripted", script);
    let helper = place.path("bin/docker-credential-scripted");
    fs::set_permissions(helper, fs::Permissions::from_mode(0o755)).unwrap();
    let system = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(place.path("bin")).chain(std::env::split_paths(&system));
    let path = std::env::join_paths(folders).unwrap();
    let target = format!("{}/**", registry.host());
    let words = ["get", "tags", &target, "--columns", "TAG:tag,DIGEST:digest"];
    let ended = place
        .command(words)
        .env("PATH", path)
        .run()
        .exits(0)
        .quietly();
    assert_eq!(ended.stdout.lines().count(), 2);
    let asked = fs::read_to_string(place.home().join("asked")).unwrap();
    assert_eq!(asked, format!("{}\n", registry.host()));
}

#[test]
fn the_helper_that_docker_comes_with_is_asked() {
    let Some(store) = PassStore::new() else {
        return;
    };
    let Some((registry, _)) = with_password() else {
        return;
    };
    let place = set(Workplace::new(), &settings(&registry));
    let run = || {
        store
            .give_to(&place, FOR_ALL, list(&place, &registry, "team/app"))
            .run()
    };
    run().exits(4);
    store.store(registry.host(), ACCOUNT, PASSWORD);
    run().exits(0).prints(LISTED);
}

#[test]
fn an_identity_token_is_exchanged_for_a_token() {
    let Some(registry) = with_token() else {
        return;
    };
    let config = json!({"auths": {registry.host(): {"identitytoken": REFRESH_TOKEN}}});
    let place = logged_in(place_of(&registry), &config.to_string());
    listed(&place, &registry).exits(0).prints(LISTED);
    let seen = token_server(&registry).seen();
    let seen: Vec<_> = seen
        .iter()
        .map(|request| (request.method.as_str(), request.client))
        .collect();
    assert_eq!(seen, [("POST", Client::Account)]);
}

#[test]
fn a1_a_token_server_elsewhere_sees_the_password_only_where_it_is_allowed() {
    let Some(registry) = with_token() else {
        return;
    };
    let server = token_server(&registry);
    let place = logged_in(Workplace::new(), &login(registry.host()));
    let ended = listed(&place, &registry)
        .exits(6)
        .says("TOKEN_SERVER_NOT_TRUSTED");
    let ended = ended.says(server.host());
    ended.says("`docker-regq auth HOST --trust-token-server SERVER`");
    assert!(
        server
            .seen()
            .iter()
            .all(|request| request.client == Client::Anonymous)
    );
    // What everybody may read needs no consent.
    list(&place, &registry, "public/app")
        .run()
        .exits(0)
        .prints(LISTED);
    let place = set(place, &settings(&registry));
    listed(&place, &registry).exits(0).prints(LISTED);
    let last = server.seen().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.client),
        ("GET", Client::Account)
    );
    assert_eq!(last.scopes, ["repository:team/app:pull"]);
}

#[test]
fn nobody_reads_what_is_public_and_is_refused_the_rest() {
    let Some(registry) = with_token() else {
        return;
    };
    let place = Workplace::new();
    list(&place, &registry, "public/app")
        .run()
        .exits(0)
        .prints(LISTED);
    listed(&place, &registry).exits(4).says("docker login");
}

/// What `auth` says of a repository.
fn examined(place: &Workplace, registry: &RealRegistry, repository: &str) -> TestCommand {
    let target = format!("{}/{repository}", registry.host());
    place.command(["auth", target.trim_end_matches('/'), "-v"])
}

#[track_caller]
fn concludes(ended: &Ended, conclusion: &str) {
    let said = ended.stdout.lines().next().unwrap_or_default();
    assert!(said.ends_with(conclusion), "{}", ended.stdout);
    for secret in [PASSWORD, REFRESH_TOKEN, "guessed"] {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret));
    }
}

#[test]
fn auth_tells_a_right_password_from_a_wrong_one() {
    let Some((registry, _)) = with_password() else {
        return;
    };
    let place = set(Workplace::new(), &settings(&registry));
    let ended = examined(&place, &registry, "").run().exits(4);
    concludes(&ended, ": it wants a login, and you have none");
    let place = logged_in(place, &login(registry.host()));
    let ended = examined(&place, &registry, "").run().exits(0);
    concludes(
        &ended,
        &format!(": you are `{ACCOUNT}`, and it accepts you"),
    );
    let ended = examined(&place, &registry, "team/app").run().exits(0);
    concludes(&ended, &format!(": you are `{ACCOUNT}`, and may pull it"));
    let place = logged_in(place, &login_with(registry.host(), "guessed"));
    let ended = examined(&place, &registry, "").run().exits(4);
    concludes(&ended, &format!(": it refuses you as `{ACCOUNT}`"));
}

#[test]
fn auth_reads_what_a_real_token_allows() {
    let Some(registry) = with_token() else {
        return;
    };
    let place = place_of(&registry);
    let ended = examined(&place, &registry, "team/app").run().exits(0);
    concludes(&ended, &format!(": you are `{ACCOUNT}`, and may pull it"));
    let says = |ended: &Ended, words: &str| {
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    };
    says(&ended, "you allowed it");
    says(
        &ended,
        "it allows `repository:team/app:pull`; it lives 300 s",
    );
    let ended = examined(&place, &registry, "").run().exits(0);
    says(
        &ended,
        "for no right in particular; it allows nothing in particular",
    );
    let nobody = Workplace::new();
    let ended = examined(&nobody, &registry, "public/app").run().exits(0);
    concludes(&ended, ": anybody may pull it");
    let ended = examined(&nobody, &registry, "team/app").run().exits(4);
    concludes(&ended, ": it wants a login, and you have none");
    says(&ended, "it allows nothing in particular, and not to pull");
}

#[test]
fn auth_names_the_helper_that_docker_comes_with() {
    let Some(store) = PassStore::new() else {
        return;
    };
    let Some((registry, _)) = with_password() else {
        return;
    };
    let place = set(Workplace::new(), &settings(&registry));
    let run = || {
        let command = examined(&place, &registry, "");
        store.give_to(&place, FOR_ALL, command).run()
    };
    let ended = run().exits(4);
    assert!(
        ended.stdout.contains("docker-credential-pass"),
        "{}",
        ended.stdout
    );
    store.store(registry.host(), ACCOUNT, PASSWORD);
    let ended = run().exits(0);
    concludes(
        &ended,
        &format!(": you are `{ACCOUNT}`, and it accepts you"),
    );
    let words = format!("`{ACCOUNT}`, by docker-credential-pass");
    assert!(ended.stdout.contains(&words), "{}", ended.stdout);
}

#[test]
fn api_gives_the_bytes_that_a_real_registry_has() {
    let Some((registry, _)) = with_password() else {
        return;
    };
    let digest = registry.push("team/app:2", app()).digest;
    let place = logged_in(
        set(Workplace::new(), &settings(&registry)),
        &login(registry.host()),
    );
    let host = registry.host();
    let line = format!("docker-regq api {host}/team/app/manifests/2 | sha256sum");
    let hashed = place.shell(&line).run().exits(0).stdout;
    assert_eq!(hashed.split(' ').next(), digest.strip_prefix("sha256:"));
    registry.push("team/web:1", app());
    let line = format!("api {host}/_catalog?n=1 --paginate -q repositories");
    let listed = place.run(line.split(' ')).exits(0).stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed, json!(["team/app", "team/web"]));
}
