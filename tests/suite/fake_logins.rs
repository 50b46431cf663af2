//! The fake registry's logins: who gets in, what a challenge says, what a token is good for.

use serde_json::{Value, json};

use super::support::fake::{
    Alphabet, FakeRegistry, Lifetime, Login, Naive, Place, Reply, Role, RunningRegistry, Shape,
    base64, percent_encoded,
};
use super::support::image::Image;

const TAGS: &str = "/v2/team/app/tags/list";

fn start(login: Login) -> RunningRegistry {
    let described = FakeRegistry::new()
        .tag("team/app:1.0", Image::new())
        .tag("team/secret:1.0", Image::new())
        .attacker_at(Place::on("127.0.0.2"));
    described.login(login).start()
}

fn basic(name: &str, password: &str) -> String {
    let pair = format!("{name}:{password}");
    format!("Basic {}", base64(pair.as_bytes(), Alphabet::Standard))
}

fn get(registry: &RunningRegistry, target: &str, authorization: &str) -> Reply {
    let naive = Naive::of(&registry.host());
    match authorization {
        "" => naive.get(target).unwrap(),
        value => naive.header("Authorization", value).get(target).unwrap(),
    }
}

fn status(registry: &RunningRegistry, target: &str, authorization: &str) -> u16 {
    get(registry, target, authorization).status
}

/// Asks for a token that is good for these scopes.
fn token(registry: &RunningRegistry, scopes: &[&str], authorization: &str) -> String {
    let scopes = scopes.iter().map(|scope| percent_encoded(scope));
    let target = scopes.fold("/token?service=x".to_owned(), |target, scope| {
        format!("{target}&scope={scope}")
    });
    let reply = get(registry, &target, authorization);
    assert_eq!(reply.status, 200);
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    format!("Bearer {token}")
}

fn challenge(reply: &Reply) -> String {
    assert_eq!(reply.status, 401);
    reply.header("WWW-Authenticate")
}

const PULL: &str = "repository:team/app:pull";

#[test]
fn basic_wants_name_and_password_every_time() {
    let login = Login::basic().account("bob", "hunter2:x");
    let registry = start(login.account_for("eve", "wonder", &["team/app", "public/*"]));
    let stranger = get(&registry, TAGS, "");
    assert_eq!(challenge(&stranger), "Basic realm=\"fake.registry\"");
    assert_eq!(stranger.json()["errors"][0]["code"], "UNAUTHORIZED");
    assert_eq!(status(&registry, TAGS, &basic("bob", "hunter2:x")), 200);
    assert_eq!(status(&registry, TAGS, &basic("bob", "wrong")), 401);
    let secret = "/v2/team/secret/tags/list";
    assert_eq!(status(&registry, secret, &basic("eve", "wonder")), 403);
    let catalog = get(&registry, "/v2/_catalog", &basic("eve", "wonder")).json();
    assert_eq!(catalog, json!({"repositories": ["team/app"]}));
}

#[test]
fn a_token_is_good_for_the_scope_it_was_asked_for() {
    let registry = start(Login::bearer().account("bob", "hunter2"));
    let realm = format!(
        "Bearer realm=\"{}/token\",service=\"fake.registry\"",
        registry.origin_of(Role::Token)
    );
    let expected = format!("{realm},scope=\"{PULL}\"");
    assert_eq!(challenge(&get(&registry, TAGS, "")), expected);
    assert_eq!(challenge(&get(&registry, "/v2/", "")), realm);
    let bob = basic("bob", "hunter2");
    let app = token(&registry, &[PULL], &bob);
    assert_eq!(status(&registry, TAGS, &app), 200);
    assert_eq!(status(&registry, "/v2/", &app), 200);
    let other = challenge(&get(&registry, "/v2/team/secret/tags/list", &app));
    assert!(other.ends_with("scope=\"repository:team/secret:pull\",error=\"insufficient_scope\""));
    assert_eq!(status(&registry, "/v2/_catalog", &app), 401);
    let both = token(&registry, &["registry:catalog:*", PULL], &bob);
    assert_eq!(
        [
            status(&registry, "/v2/_catalog", &both),
            status(&registry, TAGS, &both)
        ],
        [200, 200]
    );
    assert_eq!(
        status(&registry, TAGS, &bob),
        401,
        "the registry itself takes tokens only"
    );
    assert_eq!(status(&registry, "/token", &basic("bob", "wrong")), 401);
    assert_eq!(
        registry.tokens(),
        ["issued-token-0001", "issued-token-0002"]
    );
}

#[test]
fn everybody_gets_a_token_but_not_for_everything() {
    let registry = start(Login::bearer().public(&["team/app"]));
    let anonymous = token(&registry, &[PULL, "repository:team/secret:pull"], "");
    assert_eq!(status(&registry, TAGS, &anonymous), 200);
    assert_eq!(
        status(&registry, "/v2/team/secret/tags/list", &anonymous),
        401
    );
    let registry = start(Login::bearer().refusing_anonymous());
    assert_eq!(status(&registry, "/token", ""), 401);
}

#[test]
fn a8_accounts_see_their_own() {
    let login = Login::bearer().account_for("bob", "hunter2", &["team/app"]);
    let registry = start(login.account_for("eve", "wonder", &["team/secret"]));
    for (name, password, expected) in [("bob", "hunter2", 200), ("eve", "wonder", 401)] {
        let bearer = token(
            &registry,
            &[PULL, "registry:catalog:*"],
            &basic(name, password),
        );
        assert_eq!(status(&registry, TAGS, &bearer), expected, "{name}");
        let catalog = get(&registry, "/v2/_catalog", &bearer).json();
        assert_eq!(catalog["repositories"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn refresh_tokens_are_exchanged_where_post_is_known() {
    let login = || {
        Login::bearer()
            .account("bob", "hunter2")
            .refresh_token("bob", "refresh-1")
    };
    let registry = start(login().shape(Shape::AccessToken).lifetime(Lifetime::Unsaid));
    let naive = Naive::of(&registry.host());
    let form = |token: &str| {
        let scope = percent_encoded(&format!("{PULL} registry:catalog:*"));
        format!("grant_type=refresh_token&service=x&scope={scope}&refresh_token={token}")
    };
    let reply = naive.post("/token", &form("refresh-1")).unwrap();
    let answer = reply.json();
    let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    assert_eq!(answer.as_object().unwrap().len(), 1);
    assert_eq!(status(&registry, TAGS, &bearer), 200);
    assert_eq!(naive.post("/token", &form("wrong")).unwrap().status, 401);
    let form_seen = registry.ledger().requests()[0].form();
    assert!(form_seen.contains(&("refresh_token".to_owned(), "refresh-1".to_owned())));
    let registry = start(login().without_post());
    let refused = Naive::of(&registry.host()).post("/token", &form("refresh-1"));
    assert_eq!(refused.unwrap().status, 404);
}

#[test]
fn a10_token_answers_come_in_every_shape() {
    let good = "issued-token-0001";
    let table = [
        (Shape::Both, json!(good), json!(good)),
        (Shape::Token, json!(good), Value::Null),
        (Shape::AccessToken, Value::Null, json!(good)),
        (Shape::EmptyAccessToken, json!(good), json!("")),
        (Shape::Different, json!(good), json!("good-for-nothing")),
        (Shape::NullToken, Value::Null, json!(good)),
        (Shape::Number, json!(42), Value::Null),
        (
            Shape::LineBreak,
            json!(format!("{good}\r\nX-Injected: 1")),
            Value::Null,
        ),
        (Shape::Long(3), json!(format!("{good}xxx")), Value::Null),
        (Shape::Nothing, Value::Null, Value::Null),
    ];
    for (shape, token, access_token) in table {
        let registry = start(Login::bearer().shape(shape));
        let answer = get(&registry, "/token", "").json();
        assert_eq!(
            (&answer["token"], &answer["access_token"]),
            (&token, &access_token),
            "{shape:?}"
        );
        assert_eq!(answer["expires_in"], 300);
    }
    let login = Login::bearer().lifetime(Lifetime::Issued(-1, "2099-01-01T00:00:00Z"));
    let answer = get(&start(login), "/token", "").json();
    assert_eq!(
        (&answer["expires_in"], &answer["issued_at"]),
        (&json!(-1), &json!("2099-01-01T00:00:00Z"))
    );
    let unsaid = get(
        &start(Login::bearer().lifetime(Lifetime::Unsaid)),
        "/token",
        "",
    )
    .json();
    assert_eq!(unsaid.get("expires_in"), None);
    let zero = get(
        &start(Login::bearer().lifetime(Lifetime::Seconds(0))),
        "/token",
        "",
    )
    .json();
    assert_eq!(zero["expires_in"], 0);
}

#[test]
fn a9_a_token_is_used_up() {
    let registry = start(Login::bearer().public(&["*"]).uses(2));
    let bearer = token(&registry, &[PULL], "");
    assert_eq!(
        [
            status(&registry, TAGS, &bearer),
            status(&registry, TAGS, &bearer)
        ],
        [200, 200]
    );
    let spent = challenge(&get(&registry, TAGS, &bearer));
    assert!(spent.ends_with("error=\"invalid_token\""), "{spent}");
    let renewed = token(&registry, &[PULL], "");
    assert_eq!(status(&registry, TAGS, &renewed), 200);
}

#[test]
fn some_are_never_let_in_though_they_have_a_token() {
    let registry = start(Login::bearer().public(&["*"]).denying("team/secret"));
    let secret = token(&registry, &["repository:team/secret:pull"], "");
    assert_eq!(status(&registry, "/v2/team/secret/tags/list", &secret), 401);
    let registry = start(Login::bearer().public(&["*"]).never());
    let bearer = token(&registry, &[PULL], "");
    assert_eq!(status(&registry, TAGS, &bearer), 401);
    let registry = start(Login::bearer().ready_token("made-before"));
    assert_eq!(status(&registry, TAGS, "Bearer made-before"), 200);
}

#[test]
fn a1_a_challenge_says_what_the_test_says() {
    let login = Login::bearer()
        .public(&["*"])
        .challenge_for(
            "/v2/",
            &["Bearer realm=\"/token\",scope=\"repository:user/image:pull\""],
        )
        .challenge_for("HEAD", &[])
        .challenge(&[
            "Bearer realm=\"{attacker}/token\",scope=\"{scope}\",Basic realm=\"x\"",
            "Negotiate",
        ]);
    let registry = start(login);
    let attacker = registry.origin_of(Role::Attacker);
    let ping = challenge(&get(&registry, "/v2/", ""));
    assert_eq!(
        ping,
        "Bearer realm=\"/token\",scope=\"repository:user/image:pull\""
    );
    let reply = get(&registry, TAGS, "");
    let both =
        format!("Bearer realm=\"{attacker}/token\",scope=\"{PULL}\",Basic realm=\"x\", Negotiate");
    assert_eq!(challenge(&reply), both);
    let silent = Naive::of(&registry.host()).head(TAGS).unwrap();
    assert_eq!(challenge(&silent), "");
}

#[test]
fn harbor_wants_basic_for_the_catalog_and_bearer_for_the_rest() {
    let login = Login::bearer().account("bob", "hunter2");
    let registry = start(login.challenge_for("_catalog", &["Basic realm=\"harbor\""]));
    let bob = basic("bob", "hunter2");
    assert_eq!(
        challenge(&get(&registry, "/v2/_catalog", "")),
        "Basic realm=\"harbor\""
    );
    assert_eq!(status(&registry, "/v2/_catalog", &bob), 200);
    assert_eq!(status(&registry, TAGS, &bob), 401);
    let bearer = token(&registry, &[PULL], &bob);
    assert_eq!(status(&registry, TAGS, &bearer), 200);
}

#[test]
fn one_scope_is_good_for_everything_at_amazon() {
    let registry = start(Login::bearer().public(&["*"]).scope("aws"));
    assert!(challenge(&get(&registry, TAGS, "")).ends_with("scope=\"aws\""));
    let bearer = token(&registry, &["aws"], "");
    assert_eq!(status(&registry, TAGS, &bearer), 200);
    let own = token(&registry, &[PULL], "");
    assert_eq!(status(&registry, TAGS, &own), 401);
}
