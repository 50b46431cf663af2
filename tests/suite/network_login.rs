//! Logging in, in all the ways that registries ask for it, from the challenge to the last request.

use serde_json::json;

use super::support::command::Ended;
use super::support::fake::{
    FakeRegistry, Fault, Ledger, Login, Role, RunningRegistry, When, found, from_base64,
};
use super::support::image::Image;
use super::support::user::User;

pub(super) const PASSWORD: &str = "hunter2-of-bob";
const REFRESH: &str = "identity-of-bob";

pub(super) fn described() -> FakeRegistry {
    let image = |version: &str| Image::new().label("version", version);
    FakeRegistry::new()
        .tag("team/app:1.0", image("1"))
        .tag("team/app:2.0", image("2"))
        .tag("team/web:1.0", image("web"))
}

fn start(login: Login) -> RunningRegistry {
    described().login(login).start()
}

pub(super) fn bob() -> Login {
    Login::bearer().account("bob", PASSWORD)
}

pub(super) fn as_bob(registry: &RunningRegistry) -> User {
    User::logged_in(&[(&registry.host(), "bob", PASSWORD)])
}

/// Asks for what takes a listing, two manifests and two configs.
pub(super) fn ask(registry: &RunningRegistry, user: &User) -> Ended {
    let host = registry.host();
    user.run(&format!("get tags {host}/team/app --columns tag,labels"))
}

/// Asks as bob, who is let in, and gives what was asked.
#[track_caller]
fn let_in(login: Login) -> Ledger {
    let registry = start(login);
    ask(&registry, &as_bob(&registry)).exits(0).quietly();
    registry.stop()
}

/// How requests to the registry said who asks: the scheme, or `-`.
fn schemes(ledger: &Ledger) -> Vec<String> {
    let requests = ledger.of(Role::Registry).requests();
    let scheme = requests.iter().map(|request| {
        let header = request.header("authorization").unwrap_or("-");
        header.split(' ').next().unwrap_or_default().to_owned()
    });
    scheme.collect()
}

/// The requests for tokens.
pub(super) fn tokens(ledger: &Ledger) -> Vec<String> {
    ledger.of(Role::Token).lines()
}

/// The token server is at the registry's own address, so requests are looked at one by one.
#[track_caller]
fn registry_never_saw(ledger: &Ledger, secret: &str) {
    for request in ledger.of(Role::Registry).requests() {
        let text = format!("{} {:?}", request.target, request.headers);
        assert_eq!(found(secret, text.as_bytes()), None, "{text}");
    }
}

const FOR_APP: &str =
    "token: GET /token?service=fake.registry&scope=repository:team/app:pull&client_id=docker-regq";

#[test]
fn basic_is_shown_once_it_was_asked_for() {
    let ledger = let_in(Login::basic().account("bob", PASSWORD));
    assert_eq!(
        schemes(&ledger),
        ["-", "Basic", "Basic", "Basic", "Basic", "Basic"]
    );
    let last = ledger.requests().pop().unwrap();
    let sent = last.header("authorization").unwrap();
    let pair = from_base64(sent.strip_prefix("Basic ").unwrap());
    assert_eq!(pair.unwrap(), b"bob:hunter2-of-bob");
}

#[test]
fn everybody_gets_a_token_for_what_is_public() {
    let registry = start(Login::bearer().public(&["team/*"]));
    ask(&registry, &User::new()).exits(0).quietly();
    let ledger = registry.stop();
    assert_eq!(tokens(&ledger), [FOR_APP]);
    assert_eq!(
        ledger.of(Role::Token).requests()[0].header("authorization"),
        None
    );
    assert_eq!(schemes(&ledger)[..2], ["-", "Bearer"]);
}

#[test]
fn an_account_buys_its_token_with_its_password() {
    let ledger = let_in(bob());
    assert_eq!(tokens(&ledger), [format!("{FOR_APP}&account=bob")]);
    let request = &ledger.of(Role::Token).requests()[0];
    assert!(
        request
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    registry_never_saw(&ledger, PASSWORD);
}

/// Somebody whose Docker has an identity token.
fn with_identity(registry: &RunningRegistry) -> User {
    let entry = json!({"username": "bob", "identitytoken": REFRESH});
    User::new().docker(&json!({"auths": {registry.host(): entry}}))
}

#[test]
fn an_identity_token_is_posted_to_the_token_server_and_to_nobody_else() {
    let registry = start(bob().refresh_token("bob", REFRESH));
    ask(&registry, &with_identity(&registry)).exits(0).quietly();
    let ledger = registry.stop();
    assert_eq!(tokens(&ledger), ["token: POST /token"]);
    let request = &ledger.of(Role::Token).requests()[0];
    assert_eq!(request.header("authorization"), None);
    let form = [
        ("grant_type", "refresh_token"),
        ("service", "fake.registry"),
        ("client_id", "docker-regq"),
        ("scope", "repository:team/app:pull"),
        ("refresh_token", REFRESH),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(request.form(), form);
    registry_never_saw(&ledger, REFRESH);
}

#[test]
fn a_token_server_that_knows_no_post_is_asked_by_get() {
    let login = Login::bearer().account("bob", REFRESH).without_post();
    let registry = start(login);
    ask(&registry, &with_identity(&registry)).exits(0).quietly();
    let ledger = registry.stop();
    assert_eq!(tokens(&ledger), ["token: POST /token", FOR_APP]);
    registry_never_saw(&ledger, REFRESH);
}

#[test]
fn a_registry_token_is_shown_as_it_is() {
    let registry = start(Login::bearer().ready_token("token-made-before"));
    let entry = json!({"registrytoken": "token-made-before"});
    let user = User::new().docker(&json!({"auths": {registry.host(): entry}}));
    ask(&registry, &user).exits(0).quietly();
    assert_eq!(tokens(&registry.stop()), [""; 0]);
}

#[test]
fn a5_of_several_challenges_the_token_is_taken() {
    let bearer = r#"Bearer realm="{token}/token",service="container_registry",scope="*""#;
    let one_line =
        format!(r#"{bearer},Basic realm="{{registry}}/v2",service="container_registry",scope="*""#);
    let quoted =
        r#"Basic realm="a, Bearer realm=\"{attacker}\"", bearer REALM="{token}/token" , Service=x"#;
    for lines in [
        &[one_line.as_str()][..],
        &[bearer, "Basic"],
        &["Negotiate", "Basic realm=x", bearer],
        &[quoted.replace("{attacker}", "http://127.0.0.9").as_str()],
    ] {
        let ledger = let_in(bob().challenge(lines));
        let asked = tokens(&ledger);
        assert_eq!(asked.len(), 1, "{lines:?}");
        assert!(
            asked[0].contains("scope=repository:team/app:pull"),
            "{asked:?}"
        );
        assert_eq!(schemes(&ledger)[1..], ["Bearer"; 5], "{lines:?}");
    }
}

#[test]
fn harbor_wants_basic_for_its_catalog_and_tokens_for_the_rest() {
    let login = bob().challenge_for("_catalog", &["Basic realm=\"harbor\""]);
    // Both repositories are asked before either has taught that they want something else.
    let registry = described().login(login).gathering("tags/list", 2).start();
    let host = registry.host();
    let ended = as_bob(&registry).run(&format!("get tags {host} --columns repository,tag"));
    ended.exits(0).quietly();
    let ledger = registry.stop();
    let catalog = ledger.requests().into_iter();
    let catalog = catalog.filter(|request| request.path == "/v2/_catalog");
    let shown: Vec<bool> = catalog
        .map(|request| request.header("authorization").is_some())
        .collect();
    assert_eq!(shown, [false, true]);
    let scopes = ["repository:team/app:pull", "repository:team/web:pull"];
    assert_eq!(tokens(&ledger).len(), scopes.len(), "{:?}", tokens(&ledger));
    for scope in scopes {
        let has = |line: &&String| line.contains(scope);
        assert_eq!(tokens(&ledger).iter().filter(has).count(), 1);
    }
}

#[test]
fn a6_placeholders_teach_nothing() {
    for scope in ["repository:user/image:pull", "*", "", " "] {
        let line =
            format!(r#"Bearer realm="{{token}}/token",service="fake.registry",scope="{scope}""#);
        let ledger = let_in(bob().challenge(&[&line]));
        assert_eq!(
            tokens(&ledger),
            [format!("{FOR_APP}&account=bob")],
            "{scope:?}"
        );
    }
}

#[test]
fn one_word_for_everything_buys_one_token() {
    let registry = start(Login::bearer().public(&["*"]).scope("aws"));
    let host = registry.host();
    let query = format!("registry: {host}\nrepositories: [team/app, team/web]\ncolumns: [labels]");
    let user = User::new().query("all.yaml", &query);
    user.run("run all.yaml").exits(0).quietly();
    let asked = tokens(&registry.stop());
    assert_eq!(asked, [FOR_APP.replace("repository:team/app:pull", "aws")]);
}

#[test]
fn azure_wants_one_more_right_for_lists_and_one_token_has_both() {
    let line = |actions: &str| {
        format!(
            r#"Bearer realm="{{token}}/token",service="fake.registry",scope="repository:team/app:{actions}""#
        )
    };
    let login = bob()
        .challenge_for("tags/list", &[&line("metadata_read")])
        .challenge(&[&line("pull")]);
    let asked = tokens(&let_in(login));
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("scope=repository:team/app:metadata_read,pull&"));
}

#[test]
fn m4_a_bare_401_after_one_that_taught_the_login_is_answered_with_a_new_token() {
    let fault = Fault::status(401);
    let described = described().fault("GET manifests", When::Nth(2), fault);
    let registry = described.login(bob()).start();
    ask(&registry, &as_bob(&registry)).exits(0).quietly();
    assert_eq!(tokens(&registry.stop()).len(), 2);
}

#[test]
fn a_realm_may_be_relative() {
    for realm in ["/token", "../../../../token", "//{token.host}/token"] {
        let ledger = let_in(bob().challenge(&[&format!("Bearer realm=\"{realm}\"")]));
        assert_eq!(tokens(&ledger).len(), 1, "{realm}");
    }
}
