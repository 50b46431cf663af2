//! A login is for one host, a token for what it was asked for, and what is asked for is decided here (threats A5 to A8).

use super::network_login::{PASSWORD, as_bob, bob, described, tokens};
use super::network_secrets::{SECRETS, ask};
use super::support::fake::{Login, Place, Role};
use super::support::user::User;

#[test]
fn a5_a_challenge_brings_no_parameters_of_its_own() {
    let line = "Bearer realm=\"{token}/token?scope=repository:other/secret:push&offline_token=true&x=1\",service=\"a&scope=registry:catalog:*\"";
    let registry = described().login(bob().challenge(&[line])).start();
    ask(&registry, &as_bob(&registry)).exits(0);
    let ledger = registry.stop();
    let request = &ledger.of(Role::Token).requests()[0];
    let names: Vec<&str> = request
        .query
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["x", "service", "scope", "client_id", "account"]);
    assert_eq!(request.query("scope"), Some("repository:team/app:pull"));
}

#[test]
fn a6_a_registry_does_not_choose_what_is_asked_for() {
    for scope in [
        "repository:other/secret:pull,push,delete",
        "repository:team/app:pull,push,delete",
        "repository:team/app:*",
        "registry:catalog:*",
        "{scope} repository:other/secret:pull",
    ] {
        let line = format!("Bearer realm=\"{{token}}/token\",scope=\"{scope}\"");
        let registry = described().login(bob().challenge(&[&line])).start();
        ask(&registry, &as_bob(&registry)).exits(0);
        let asked = tokens(&registry.stop());
        let own =
            "token: GET /token?scope=repository:team/app:pull&client_id=docker-regq&account=bob";
        assert_eq!(asked, [own], "{scope}");
    }
}

#[test]
fn a7_a_login_is_for_its_host_and_port() {
    let other = described().login(bob()).start();
    let (host, port) = (
        other.host(),
        other.host().rsplit_once(':').unwrap().1.to_owned(),
    );
    let near = described().login(bob()).at(Place::on("127.0.0.2")).start();
    let user = User::logged_in(&[
        ("127.0.0.1", "bob", PASSWORD),
        (&format!("127.0.0.10:{port}"), "bob", PASSWORD),
        (&format!("{host}0"), "bob", PASSWORD),
        (&format!("{host}.evil.example"), "bob", PASSWORD),
        (&format!("{host}/team"), "bob", PASSWORD),
        (&format!("127.0.0.2:{port}"), "bob", PASSWORD),
        ("*", "bob", PASSWORD),
        ("", "bob", PASSWORD),
    ]);
    for registry in [&other, &near] {
        ask(registry, &user).exits(4).says("asked anonymously");
    }
    for registry in [other, near] {
        registry.stop().assert_no_secret(&SECRETS[..2]);
    }
}

#[test]
fn a8_two_accounts_at_one_token_server_have_their_own_tokens() {
    let login = bob().account("eve", "wonder-of-eve");
    let first = described().login(login).start();
    let realm = format!(
        "Bearer realm=\"{}/token\",service=\"fake.registry\"",
        first.origin_of(Role::Token)
    );
    let second = (1..=4).fold(Login::bearer(), |login, number| {
        login.ready_token(&format!("issued-token-{number:04}"))
    });
    let second = described()
        .login(second.challenge(&[&realm]))
        .at(Place::on("127.0.0.2"))
        .start();
    let (one, other) = (first.host(), second.host());
    let query = format!(
        "registry: ['{one}', '{other}']\nrepositories: [team/app, team/web]\ncolumns: [labels]"
    );
    let user = User::logged_in(&[(&one, "bob", PASSWORD), (&other, "eve", "wonder-of-eve")])
        .settings(&format!(
            "registries: {{'{other}': {{tokenServer: '{one}'}}}}"
        ))
        .query("both.yaml", &query);
    user.run("run both.yaml -v")
        .exits(0)
        .keeps(&[PASSWORD, "wonder-of-eve", "issued-token-"]);
    let ledger = first.stop();
    let asked = ledger.of(Role::Token).requests();
    let mut bought: Vec<_> = asked
        .iter()
        .map(|request| {
            (
                request.query("account").unwrap(),
                request.query("scope").unwrap(),
            )
        })
        .collect();
    bought.sort_unstable();
    let (app, web) = ("repository:team/app:pull", "repository:team/web:pull");
    assert_eq!(
        bought,
        [("bob", app), ("bob", web), ("eve", app), ("eve", web)]
    );
    let ledger = second.stop();
    ledger.assert_no_secret(&[PASSWORD, "wonder-of-eve"]);
}
