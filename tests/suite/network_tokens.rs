//! Tokens in every shape and of every age, and registries that are content with none.

use super::network_login::{PASSWORD, as_bob, ask, bob, described, tokens};
use super::support::fake::{
    Answer, FakeRegistry, Fault, Lifetime, Login, Role, RunningRegistry, Shape, When, before_login,
};
use super::support::image::Image;
use super::support::user::User;

fn start(login: Login) -> RunningRegistry {
    described().login(login).start()
}

#[test]
fn a10_a_token_is_found_wherever_it_stands() {
    for shape in [
        Shape::Both,
        Shape::Token,
        Shape::AccessToken,
        Shape::EmptyAccessToken,
        Shape::Different,
        Shape::NullToken,
    ] {
        let registry = start(bob().shape(shape));
        let ended = ask(&registry, &as_bob(&registry)).exits(0).quietly();
        assert_eq!(ended.stdout.lines().count(), 3, "{shape:?}");
        assert_eq!(tokens(&registry.stop()).len(), 1, "{shape:?}");
    }
}

#[test]
fn a10_what_is_no_token_is_asked_for_once_and_shown_to_nobody() {
    for (shape, exit) in [
        (Shape::Number, 5),
        (Shape::LineBreak, 5),
        (Shape::Nothing, 5),
        (Shape::Long(65 << 10), 5),
        (Shape::Long(300 << 10), 6),
    ] {
        let registry = start(bob().shape(shape));
        let ended = ask(&registry, &as_bob(&registry)).exits(exit).prints("");
        ended
            .says("the answer of the token server `127.0.0.1:")
            .keeps(&[PASSWORD, "issued-token-0001"]);
        let ledger = registry.stop();
        assert_eq!(tokens(&ledger).len(), 1, "{shape:?}");
        assert_eq!(ledger.of(Role::Registry).requests().len(), 1, "{shape:?}");
    }
}

#[test]
fn a9_a_token_that_does_not_say_how_long_it_lives_is_used_nevertheless() {
    for lifetime in [
        Lifetime::Unsaid,
        Lifetime::Seconds(0),
        Lifetime::Seconds(-5),
        Lifetime::Seconds(1),
        Lifetime::Seconds(i64::MAX),
        Lifetime::Issued(60, "2001-01-01T00:00:00Z"),
        Lifetime::Issued(60, "2099-01-01T00:00:00Z"),
        Lifetime::Issued(60, "tomorrow"),
    ] {
        let registry = start(bob().lifetime(lifetime.clone()));
        ask(&registry, &as_bob(&registry)).exits(0).quietly();
        assert_eq!(tokens(&registry.stop()).len(), 1, "{lifetime:?}");
    }
}

/// Nine tags, listed three at a time: twenty-one requests.
fn many() -> FakeRegistry {
    let tag = |registry: FakeRegistry, at: usize| {
        let image = Image::new().label("version", &at.to_string());
        registry.tag(&format!("team/app:1.{at}"), image)
    };
    (0..9).fold(FakeRegistry::new(), tag).paged(3)
}

/// What bob sees, and how many tokens that took.
fn seen(registry: FakeRegistry, login: Login, columns: &str) -> (String, usize) {
    let registry = registry.login(login).start();
    let host = registry.host();
    let line = format!("get tags {host}/team/app -o csv --columns {columns}");
    let ended = as_bob(&registry).run(&line).exits(0).quietly();
    (ended.stdout, tokens(&registry.stop()).len())
}

#[test]
fn m4_a_token_that_ends_between_any_two_pages_is_renewed_without_a_trace() {
    let (clean, bought) = seen(many().paged(1), bob(), "tag");
    assert_eq!((clean.lines().count(), bought), (10, 1));
    for uses in 1..=9 {
        let (rows, bought) = seen(many().paged(1), bob().uses(uses), "tag");
        let expected = 9usize.div_ceil(uses as usize);
        assert_eq!((rows, bought), (clean.clone(), expected), "{uses}");
    }
}

#[test]
fn m4_a_401_on_any_request_is_answered_with_one_new_token() {
    let columns = "tag,labels,digest";
    let (clean, _) = seen(many(), bob(), columns);
    for nth in 1..=21 {
        let ended = Answer::status(401).header(
            "WWW-Authenticate",
            "Bearer realm=\"{token}/token\",service=\"fake.registry\",error=\"invalid_token\"",
        );
        let registry = many().fault("team/app", When::Nth(nth), Fault::Instead(ended));
        assert_eq!(seen(registry, bob(), columns), (clean.clone(), 2), "{nth}");
    }
}

#[test]
fn a5_a_good_token_that_opens_nothing_is_bought_twice_at_most() {
    for login in [bob().never(), bob().denying("team/app")] {
        let registry = start(login);
        let ended = ask(&registry, &as_bob(&registry)).exits(4).prints("");
        ended
            .says("the list of tags was answered with 401, asked as bob")
            .says("hint: ")
            .keeps(&[PASSWORD]);
        let ledger = registry.stop();
        assert!(tokens(&ledger).len() <= 2, "{:?}", ledger.lines());
        assert!(ledger.lines().len() <= 5, "{:?}", ledger.lines());
    }
}

#[test]
fn a5_tokens_that_open_nothing_are_not_bought_for_each_tag() {
    let registry = many().login(bob().challenge(&["Bearer realm=\"{token}/token\""]).never());
    let registry = registry.start();
    let host = registry.host();
    let query = format!(
        "registry: {host}\nrepositories: team/app\ntags: ['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']\n"
    );
    let user = as_bob(&registry).query("named.yaml", &format!("{query}columns: [digest]"));
    user.run("run named.yaml").exits(4);
    assert!(tokens(&registry.stop()).len() <= 2);
}

#[test]
fn a5_challenges_that_change_with_every_answer_lead_nowhere() {
    let changing = Fault::edit(|request, answer| {
        *answer = Answer::status(401).header(
            "WWW-Authenticate",
            &format!("Bearer realm=\"{{token}}/token?round={}\"", request.number),
        );
    });
    let registry = described().login(bob());
    let registry = registry
        .fault(before_login("team"), When::Always, changing)
        .start();
    ask(&registry, &as_bob(&registry)).exits(4);
    assert!(tokens(&registry.stop()).len() <= 2);
}

#[test]
fn a_wrong_password_is_refused_once_and_the_account_is_named() {
    for (login, asked) in [(Login::basic(), 2), (Login::bearer(), 1)] {
        let registry = start(login.account("bob", "another password"));
        let ended = ask(&registry, &as_bob(&registry)).exits(4).prints("");
        ended
            .says("401, asked as bob")
            .says("docker login")
            .keeps(&[PASSWORD]);
        let ledger = registry.stop();
        assert_eq!(ledger.of(Role::Registry).lines().len(), asked);
        assert!(ledger.of(Role::Token).lines().len() <= 1);
    }
}

#[test]
fn who_has_no_login_is_told_that_one_is_wanted() {
    for login in [Login::basic(), bob(), bob().refusing_anonymous()] {
        let registry = start(login);
        let ended = ask(&registry, &User::new()).exits(4).prints("");
        ended.says("asked anonymously").says("docker login");
        assert!(registry.stop().lines().len() <= 5);
    }
}
