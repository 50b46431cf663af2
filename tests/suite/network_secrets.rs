//! Secrets stay where they belong: with the registry they are for, its token server, and nobody else (threats A, B4).
//!
//! Every run is asked to show its requests, so that what it says is searched too.

use serde_json::json;

use super::network_login::{PASSWORD, as_bob, bob, described, tokens};
use super::support::command::Ended;
use super::support::fake::{
    FakeRegistry, Fault, Ledger, Links, Login, Place, Role, RunningRegistry, TestCa, Tls, When,
};
use super::support::user::{User, auths};

pub(super) const REFRESH: &str = "identity-of-bob";
/// What somebody else may neither see nor make us show. The beginning of all tokens stands for all of them.
pub(super) const SECRETS: [&str; 4] =
    [PASSWORD, REFRESH, "issued-token-", "signature-of-the-store"];

/// Asks for all of the repository, aloud.
pub(super) fn ask(registry: &RunningRegistry, user: &User) -> Ended {
    let host = registry.host();
    let line = format!("get tags {host}/team/app --columns tag,labels -o json -v");
    user.run(&line).keeps(&SECRETS)
}

/// Ends a registry and looks at what the attacker has.
#[track_caller]
pub(super) fn robbed_of_nothing(registry: RunningRegistry) -> Ledger {
    let ledger = registry.stop();
    ledger.of(Role::Attacker).assert_no_secret(&SECRETS);
    ledger
}

fn with_attacker(login: Login, address: &str) -> FakeRegistry {
    let attacker = Place::on(address);
    described().login(login).attacker_at(attacker)
}

/// The same person, with a password and with an identity token.
fn persons(registry: &RunningRegistry) -> [User; 2] {
    let entry = json!({"username": "bob", "identitytoken": REFRESH});
    let auths = json!({"auths": {registry.host(): entry}});
    [as_bob(registry), User::new().docker(&auths)]
}

const FOREIGN: &str =
    "Bearer realm=\"{attacker}/token\",service=\"fake.registry\",scope=\"{scope}\"";

#[test]
fn a1_a_foreign_token_server_is_asked_by_nobody_in_particular() {
    // Another host, and another port of the same.
    for address in ["127.0.0.2", "127.0.0.1"] {
        let registry = with_attacker(bob().challenge(&[FOREIGN]), address).start();
        for user in persons(&registry) {
            let server = registry.host_of(Role::Attacker);
            let said = format!("its credential was not sent to the token server `{server}`");
            let ended = ask(&registry, &user).exits(6);
            ended.says(&said).says("--trust-token-server SERVER");
        }
        let ledger = robbed_of_nothing(registry);
        let asked = ledger.of(Role::Attacker).lines();
        let line = "attacker: GET /token?service=fake.registry&scope=repository:team/app:pull&client_id=docker-regq";
        // What it gives is refused, and tried anew once.
        assert_eq!(asked, [line; 4]);
    }
}

#[test]
fn a1_a_foreign_token_server_does_for_what_is_public() {
    let place = Place::on("127.0.0.2");
    let login = bob().public(&["team/app"]);
    let registry = described().login(login).token_server_at(place).start();
    for user in persons(&registry) {
        ask(&registry, &user).exits(0);
    }
    registry
        .stop()
        .of(Role::Token)
        .assert_no_secret(&SECRETS[..2]);
}

#[test]
fn a1_a_token_server_that_the_user_knows_may_see_the_login() {
    let place = Place::on("127.0.0.2");
    let login = bob().refresh_token("bob", REFRESH);
    let registry = described().login(login).token_server_at(place).start();
    let (host, server) = (registry.host(), registry.host_of(Role::Token));
    for user in persons(&registry) {
        ask(&registry, &user).exits(6);
        let user = user.settings(&format!(
            "registries: {{'{host}': {{tokenServer: '{server}'}}}}"
        ));
        ask(&registry, &user).exits(0);
    }
    let trusted = json!({host: [server]}).to_string();
    let user = as_bob(&registry).home(".config/regq/trusted.json", &trusted);
    ask(&registry, &user).exits(0);
    let ledger = registry.stop();
    ledger.of(Role::Registry).assert_no_secret(&SECRETS[..2]);
    assert!(ledger.of(Role::Token).finds(PASSWORD).is_some());
    assert!(ledger.of(Role::Token).finds(REFRESH).is_some());
}

/// A registry with TLS, and a user who trusts its certificate and has a login.
pub(super) fn over_tls(registry: FakeRegistry) -> (RunningRegistry, User) {
    let ca = TestCa::shared();
    let tls = Tls::with(&ca.certify(&["127.0.0.1"]));
    let registry = registry.at(Place::default().tls(tls)).start();
    let host = registry.host();
    let settings = format!("registries: {{'{host}': {{ca: authority.pem}}}}");
    let user = as_bob(&registry)
        .home(".config/regq/authority.pem", ca.pem())
        .settings(&settings);
    (registry, user)
}

#[test]
fn a2_a_realm_in_the_clear_is_not_asked_for_a_registry_with_tls() {
    let (registry, user) = over_tls(with_attacker(bob(), "127.0.0.2"));
    ask(&registry, &user).exits(0);
    let login = bob().challenge(&[FOREIGN]);
    let (registry, user) = over_tls(with_attacker(login, "127.0.0.2"));
    let ended = ask(&registry, &user).exits(6);
    ended.says("the realm of its challenge is http, although the registry is asked over https");
    assert_eq!(
        robbed_of_nothing(registry).of(Role::Attacker).connections(),
        []
    );
}

#[test]
fn a2_a_token_server_needs_a_good_certificate_too() {
    let ca = TestCa::other();
    let place = Place::on("127.0.0.2").tls(Tls::with(&ca.certify(&["127.0.0.2"])));
    let described = described().login(bob()).token_server_at(place);
    let (registry, user) = over_tls(described);
    let (host, server) = (registry.host(), registry.host_of(Role::Token));
    let known = format!(
        "registries: {{'{host}': {{ca: authority.pem, tokenServer: '{server}', insecureTls: true}}}}"
    );
    for user in [
        user,
        as_bob(&registry)
            .home(".config/regq/authority.pem", TestCa::shared().pem())
            .settings(&known),
    ] {
        let ended = ask(&registry, &user).exits(6);
        ended.says("its certificate was issued by an authority that is not trusted here");
    }
    let ledger = registry.stop();
    assert_eq!(tokens(&ledger), [""; 0]);
    ledger.of(Role::Token).assert_no_secret(&SECRETS);
}

#[test]
fn a4_a_token_server_leads_nowhere() {
    for status in [301, 302, 303, 307, 308] {
        for login in [bob(), bob().refresh_token("bob", REFRESH)] {
            let redirect = Fault::redirect(status, "{attacker}{target}");
            let registry = with_attacker(login, "127.0.0.2").fault("token", When::Always, redirect);
            let registry = registry.start();
            for user in persons(&registry) {
                let ended = ask(&registry, &user).exits(6);
                ended.says("a token server has no business elsewhere");
            }
            let ledger = robbed_of_nothing(registry);
            assert_eq!(ledger.of(Role::Attacker).connections(), [], "{status}");
        }
    }
}

#[test]
fn b4_a_page_leads_to_pages_of_its_own_listing_only() {
    for links in [
        Links::OtherHost,
        Links::SchemeRelative,
        Links::OtherRepository,
        Links::Text("<http:\\\\{attacker.host}{path}?last={last}>; rel=\"next\""),
        Links::Text("<\\\\{attacker.host}{path}?last={last}>; rel=\"next\""),
        Links::Text("<{path}/../../../../secret/vault/tags/list?last={last}>; rel=\"next\""),
        Links::Text("</v2/team%2Fapp/tags/list?last={last}>; rel=\"next\""),
        Links::Text("</v2/_catalog?last={last}>; rel=\"next\""),
        Links::Text("<http://registry@{attacker.host}{path}?last={last}>; rel=\"next\""),
        Links::Text("<https://{attacker.host}{path}>; rel=\"next\""),
        Links::Text("<ftp://{attacker.host}{path}>; rel=\"next\""),
    ] {
        let registry = with_attacker(bob(), "127.0.0.2").paged(1).links(links);
        let registry = registry.start();
        let ended = ask(&registry, &as_bob(&registry)).exits(3);
        ended
            .says("the link to the next page")
            .says("and is not followed");
        let ledger = robbed_of_nothing(registry);
        assert_eq!(ledger.of(Role::Attacker).connections(), [], "{links:?}");
        assert_eq!(ledger.count("GET /v2/team/app/tags/list"), 2, "{links:?}");
        for line in ledger.lines() {
            assert!(
                !line.contains("secret") && !line.contains("_catalog"),
                "{line}"
            );
        }
    }
}

#[test]
fn b9_names_that_a_registry_makes_up_are_not_asked_for() {
    let odd = json!([
        "1.0",
        "../../secret/vault/tags/list",
        "a b",
        "x?y",
        "x#y",
        "%2e%2e",
        "\r\nX-Evil: 1",
        ""
    ]);
    let registry = described().listed("team/app", odd).login(bob()).start();
    let ended = ask(&registry, &as_bob(&registry)).exits(3);
    ended.says("is not a valid tag");
    let ledger = registry.stop();
    let asked = ledger.requests().into_iter();
    let asked: Vec<String> = asked.map(|request| request.target).collect();
    let fits = |target: &String| {
        let known = [
            "/v2/team/app/tags/list?n=1000",
            "/v2/team/app/manifests/1.0",
        ];
        known.contains(&target.as_str())
            || target.starts_with("/v2/team/app/blobs/sha256:")
            || target.starts_with("/token?")
    };
    assert!(asked.iter().all(fits), "{asked:#?}");
}

#[test]
fn g2_a_query_names_hosts_and_each_gets_its_own_login_or_none() {
    let registry = with_attacker(bob(), "127.0.0.2").start();
    let (host, attacker) = (registry.host(), registry.host_of(Role::Attacker));
    let query =
        format!("registry: ['{host}', '{attacker}']\nrepositories: team/app\ncolumns: [tag]");
    let user = User::new()
        .docker(&json!({"auths": auths(&[(&host, "bob", PASSWORD)])}))
        .query("shared.yaml", &query);
    let ended = user.run("run shared.yaml -v").exits(0);
    ended.says(&format!("note: {host} as bob")).keeps(&SECRETS);
    assert!(robbed_of_nothing(registry).count("attacker: GET") > 0);
}
