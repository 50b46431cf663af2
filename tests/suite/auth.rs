//! `auth`: what it says of every way to be let in or not, how it ends, and that no secret is ever among its words.

use std::fs;

use serde_json::{Value, json};

use super::network_login::{PASSWORD, as_bob, bob, described, tokens};
use super::network_secrets::{REFRESH, SECRETS};
use super::support::command::Ended;
use super::support::fake::{Answer, Fault, Login, Place, Role, RunningRegistry, When};
use super::support::network::document;
use super::support::user::{User, auths};

/// Asks about something aloud; no secret is said.
#[track_caller]
fn auth(user: &User, words: &str) -> Ended {
    user.run(&format!("auth {words} -v --retries 0"))
        .keeps(&SECRETS)
}

/// What is printed, with names for what differs from run to run.
fn told(ended: &Ended, registry: &RunningRegistry, user: &User) -> String {
    let home = user.path("").display().to_string();
    let text = ended.stdout.replace(&registry.host(), "HOST");
    text.replace(home.trim_end_matches('/'), "HOME")
}

#[test]
fn the_conclusion_comes_first_and_then_how_it_came_about() {
    let registry = described().login(bob()).start();
    let user = as_bob(&registry);
    let ended = auth(&user, &registry.host()).exits(0);
    let expected = "\
HOST: you are `bob`, and it accepts you
  login         `bob`, by `HOST` in HOME/.docker/config.json
  asked         http://HOST/v2/
  wants         a token of http://HOST/token, service `fake.registry`
  token server  HOST may see your login: it is the registry itself
  token         given to `bob` for no right in particular; it does not say what it allows; it lives 300 s
";
    assert_eq!(told(&ended, &registry, &user), expected);
    let ledger = registry.stop();
    assert_eq!(tokens(&ledger).len(), 1);
    assert_eq!(ledger.count("GET /v2/"), 2);
}

#[test]
fn a_repository_is_asked_for_by_the_shortest_listing() {
    let registry = described().login(bob()).start();
    let user = as_bob(&registry);
    let ended = auth(&user, &format!("{}/team/app", registry.host())).exits(0);
    let told = told(&ended, &registry, &user);
    assert!(
        told.starts_with("HOST/team/app: you are `bob`, and may pull it\n"),
        "{told}"
    );
    assert!(
        told.contains("given to `bob` for `repository:team/app:pull`"),
        "{told}"
    );
    let asked = registry.stop().of(Role::Registry).lines();
    assert_eq!(asked, ["GET /v2/team/app/tags/list?n=1"; 2]);
}

#[test]
fn every_way_in_has_its_conclusion() {
    let public = || bob().public(&["team/app"]);
    for (login, logged_in, path, conclusion) in [
        (
            None,
            true,
            "",
            "it lets anybody in, and does not ask for your login as `bob`",
        ),
        (None, false, "", "it lets anybody in, without a login"),
        (None, false, "/team/app", "anybody may pull it"),
        (Some(public()), false, "/team/app", "anybody may pull it"),
        (
            Some(public()),
            false,
            "",
            "you have no login, and it accepts that for what is public",
        ),
        (
            Some(Login::basic().account("bob", PASSWORD)),
            true,
            "",
            "you are `bob`, and it accepts you",
        ),
    ] {
        let registry = match login {
            Some(login) => described().login(login).start(),
            None => described().start(),
        };
        let user = if logged_in {
            as_bob(&registry)
        } else {
            User::new()
        };
        let ended = auth(&user, &format!("{}{path}", registry.host())).exits(0);
        let told = told(&ended, &registry, &user);
        assert!(
            told.starts_with(&format!("HOST{path}: {conclusion}\n")),
            "{told}"
        );
    }
}

#[test]
fn every_refusal_has_its_conclusion_its_next_step_and_its_exit_code() {
    let wrong = |registry: &RunningRegistry| {
        User::logged_in(&[(&registry.host(), "bob", "guessed-by-bob")])
    };
    let nobody = |_: &RunningRegistry| User::new();
    let basic = || Login::basic().account("bob", PASSWORD);
    type Who = fn(&RunningRegistry) -> User;
    let rows: [(Login, Who, &str, &str, &str, i32); 7] = [
        (
            bob(),
            wrong,
            "",
            "its token server refuses you as `bob`",
            "the password or the access token is wrong, or over: `docker login HOST` keeps it anew",
            4,
        ),
        (
            basic(),
            wrong,
            "",
            "it refuses you as `bob`",
            "`docker login HOST` keeps it anew",
            4,
        ),
        (
            basic(),
            nobody,
            "",
            "it wants a login, and you have none",
            "log in with `docker login HOST`",
            4,
        ),
        (
            bob().refusing_anonymous(),
            nobody,
            "",
            "its token server wants a login, and you have none",
            "`docker-regq auth HOST/REPOSITORY` asks for that",
            4,
        ),
        (
            bob().denying("team/app"),
            as_bob,
            "/team/app",
            "it refuses you as `bob`",
            "the login itself is good",
            4,
        ),
        (
            bob(),
            as_bob,
            "/team/none",
            "you are `bob`, and there is no such repository",
            "`docker-regq get repositories HOST` lists those you may see",
            4,
        ),
        (
            bob(),
            nobody,
            "/team/app",
            "it wants a login, and you have none",
            "log in with `docker login HOST`",
            4,
        ),
    ];
    for (login, who, path, conclusion, next, exit) in rows {
        let registry = described().login(login).start();
        let user = who(&registry);
        let ended = auth(&user, &format!("{}{path}", registry.host())).exits(exit);
        let ended = ended.keeps(&["guessed-by-bob"]);
        let told = told(&ended, &registry, &user);
        assert!(
            told.starts_with(&format!("HOST{path}: {conclusion}\n")),
            "{told}"
        );
        assert!(told.contains(next), "{told}");
    }
}

#[test]
fn a_host_that_is_no_registry_or_no_host_is_unreachable() {
    for (fault, conclusion) in [
        (
            Fault::Instead(Answer::html(200)),
            "no registry answers there",
        ),
        (
            Fault::Instead(Answer::status(404)),
            "no registry answers there",
        ),
        (
            Fault::status(503),
            "it cannot be told whether it accepts you",
        ),
    ] {
        let registry = described().fault("GET /v2/", When::Always, fault).start();
        let user = User::new();
        let ended = auth(&user, &registry.host()).exits(5);
        let told = told(&ended, &registry, &user);
        assert!(told.starts_with(&format!("HOST: {conclusion}\n")), "{told}");
    }
    let gone = described().start().host();
    let ended = auth(&User::new(), &gone).exits(5);
    assert!(
        ended.stdout.contains("it gives no answer"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a1_a_foreign_token_server_is_allowed_by_the_command_that_is_named() {
    let place = Place::on("127.0.0.2");
    let registry = described().login(bob()).token_server_at(place).start();
    let (host, server) = (registry.host(), registry.host_of(Role::Token));
    let user = as_bob(&registry);
    let target = format!("{host}/team/app");
    let ended = auth(&user, &target).exits(6);
    let command = format!("auth {host} --trust-token-server {server}");
    assert!(
        ended.stdout.contains(&format!("`docker-regq {command}`")),
        "{}",
        ended.stdout
    );
    let about = format!("{server} does not see your login for {host}");
    assert!(ended.stdout.contains(&about), "{}", ended.stdout);
    registry.ledger().assert_no_secret(&[PASSWORD]);
    // A query names the same command.
    let query = user
        .run(&format!("get tags {target} --columns tag"))
        .exits(6);
    query.says(&format!("`docker-regq {command}`"));

    let ended = user.run(&command).exits(0).keeps(&SECRETS);
    let ended = ended.says(&format!(
        "`{server}` may see the login of {host} from now on"
    ));
    assert!(ended.stdout.contains("you allowed it"), "{}", ended.stdout);
    let file = user.path(".config/regq/trusted.json");
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written, json!({&host: [&server]}));
    user.run(&command).exits(0).says("already");
    user.run(&format!("get tags {target} --columns tag"))
        .exits(0);
}

#[cfg(unix)]
#[test]
fn a1_a_consent_is_kept_to_its_user_and_beside_the_others() {
    use std::os::unix::fs::PermissionsExt;
    let registry = described().start();
    let host = registry.host();
    let before = json!({"ghcr.io": ["auth.example"], &host: ["a.example"]});
    let user = User::new().home(".config/regq/trusted.json", &before.to_string());
    let command = format!("auth {host} --trust-token-server b.example:8443");
    user.run(&command).exits(0);
    let file = user.path(".config/regq/trusted.json");
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let after = json!({"ghcr.io": ["auth.example"], &host: ["a.example", "b.example:8443"]});
    assert_eq!(written, after);
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = fs::read_dir(user.path(".config/regq")).unwrap();
    assert_eq!(folder.count(), 1);
    // A link may lead to a file that is somebody else's.
    fs::rename(&file, user.path("kept.json")).unwrap();
    std::os::unix::fs::symlink(user.path("kept.json"), &file).unwrap();
    user.run(&format!("auth {host} --trust-token-server c.example"))
        .exits(2)
        .says("regular file");
    assert!(
        !fs::read_to_string(user.path("kept.json"))
            .unwrap()
            .contains("c.example")
    );
}

#[test]
fn a1_what_is_no_consent_writes_nothing() {
    let registry = described().start();
    let host = registry.host();
    let user = User::new();
    for (words, says) in [
        (
            format!("{host} --trust-token-server https://auth.example/"),
            "write `auth.example`",
        ),
        (
            format!("{host} --trust-token-server bob:hunter2@auth.example"),
            "docker login HOST",
        ),
        (
            "--trust-token-server auth.example".to_owned(),
            "is for one registry",
        ),
        (
            format!("{host} ghcr.io --trust-token-server auth.example"),
            "is for one registry",
        ),
    ] {
        user.run(&format!("auth {words}"))
            .exits(2)
            .prints("")
            .says(says)
            .keeps(&["hunter2"]);
    }
    assert!(!user.path(".config/regq/trusted.json").exists());
    let theirs = "# mine\nghcr.io: [auth.example]\n";
    let user = user.home(".config/regq/trusted.json", theirs);
    let command = format!("auth {host} --trust-token-server auth.example");
    user.run(&command)
        .exits(2)
        .says("only what is JSON is added to");
    let kept = fs::read_to_string(user.path(".config/regq/trusted.json")).unwrap();
    assert_eq!(kept, theirs);
    assert_eq!(registry.stop().lines(), [""; 0]);
}

#[test]
fn without_a_name_all_logins_are_asked_about_and_the_worst_counts() {
    let good = described().login(bob()).start();
    let bad = described().login(bob()).start();
    let both = |right: &str, left: &str| {
        let entries = [(&*good.host(), "bob", right), (&*bad.host(), "bob", left)]
            .map(|(host, name, password)| (host.to_owned(), name, password.to_owned()));
        let entries: Vec<_> = entries
            .iter()
            .map(|(host, name, password)| (host.as_str(), *name, password.as_str()))
            .collect();
        User::logged_in(&entries)
    };
    let wrong = "guessed-by-bob";
    for (right, left, exit) in [
        (PASSWORD, PASSWORD, 0),
        (PASSWORD, wrong, 3),
        (wrong, wrong, 4),
    ] {
        let ended = auth(&both(right, left), "").exits(exit);
        for host in [good.host(), bad.host()] {
            assert!(
                ended.stdout.contains(&format!("{host}: ")),
                "{}",
                ended.stdout
            );
        }
    }
    let ended = auth(&User::new(), "").exits(0).prints("");
    ended
        .says("names no registry")
        .says("`docker-regq auth docker.io`");
    let stored = User::new().docker(&json!({"credsStore": "none-such"}));
    auth(&stored, "")
        .exits(0)
        .says("docker-credential-none-such keeps the logins");
}

#[cfg(unix)]
#[test]
fn a_helper_is_named_with_what_it_gave() {
    let registry = described().login(bob()).start();
    let host = registry.host();
    let config = json!({"credHelpers": {&host: "scripted"}});
    for (script, exit, words) in [
        (
            super::support::user::answer("bob", PASSWORD),
            0,
            "`bob`, by docker-credential-scripted, which HOME/.docker/config.json names",
        ),
        (
            "echo 'credentials not found in native keychain'; exit 1".to_owned(),
            0,
            "none: docker-credential-scripted, which HOME/.docker/config.json names, has none for it",
        ),
        (
            format!("echo {PASSWORD}; echo {PASSWORD} >&2; exit 2"),
            4,
            "HOST: there is no telling who you are",
        ),
    ] {
        let user = User::new().docker(&config).helper("scripted", &script);
        // Without a name the helper's registries are asked about, too.
        let ended = auth(&user, "").exits(exit);
        let told = told(&ended, &registry, &user);
        assert!(told.contains(words), "{told}");
        assert_eq!(user.asked("scripted"), [format!("get {host}")]);
    }
}

#[test]
fn programs_read_it_as_rows() {
    let registry = described()
        .login(bob().refresh_token("bob", REFRESH))
        .start();
    let host = registry.host();
    let entry = json!({"username": "bob", "identitytoken": REFRESH});
    let user = User::new().docker(&json!({"auths": {&host: entry}}));
    let ended = auth(&user, &format!("{host}/team/app -o json")).exits(0);
    let document = document(&ended);
    let row = &document["items"][0];
    assert_eq!(document["complete"], true);
    assert_eq!(
        (&row["ACCEPTED"], &row["ACCOUNT"]),
        (&json!(true), &json!("bob"))
    );
    let token = json!([{
        "server": &host, "standing": "same", "account": "bob", "scope": "repository:team/app:pull",
        "access": null, "lacking": [], "lifetime": 300, "error": null
    }]);
    assert_eq!(row["TOKENS"], token);
    assert_eq!(row["DEMANDED"]["scheme"], "bearer");
    let wrong = User::logged_in(&[(&host, "bob", "guessed-by-bob")]);
    let ended = auth(&wrong, &format!("{host} -o json")).exits(4);
    let document = super::support::network::document(&ended);
    assert_eq!(document["complete"], false);
    assert_eq!(document["errors"][0]["code"], "UNAUTHORIZED");
    auth(&wrong, &format!("{host} -o yaml")).exits(4);
    auth(&wrong, &format!("{host} -o name"))
        .exits(4)
        .prints(&format!("{host}\n"));
}

#[test]
fn f9_what_a_token_says_is_a_strangers_text() {
    let claims = json!({"access": [{"type": "repository", "name": "x\u{1b}[2J\n::error", "actions": ["pull"]}]});
    let alphabet = super::support::fake::Alphabet::Url;
    let claims = super::support::fake::base64(claims.to_string().as_bytes(), alphabet);
    let token = json!({"token": format!("e30.{}.sig", claims.trim_end_matches('='))});
    let login = bob();
    let registry = described()
        .login(login)
        .fault("token", When::Always, Fault::Instead(Answer::json(&token)))
        .start();
    let ended = auth(&as_bob(&registry), &registry.host()).exits(4);
    assert!(
        ended.stdout.contains("repository:x\\x1b[2J\\n::error:pull"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stdout.contains('\u{1b}'));
}

/// Docker Hub, as far as its registry goes: how it counts, and what it says of what does not exist.
fn hub() -> (RunningRegistry, User) {
    let left = |name, value: &'static str| Fault::extra_header(name, value);
    let registry = described()
        .tag(
            "ratelimitpreview/test:latest",
            super::support::image::Image::new(),
        )
        .login(
            bob()
                .public(&["ratelimitpreview/test"])
                .denying("acme/none"),
        )
        .fault(
            "manifests",
            When::Always,
            left("ratelimit-limit", "100;w=21600"),
        )
        .fault(
            "manifests",
            When::Always,
            left("ratelimit-remaining", "97;w=21600"),
        )
        .fault(
            "manifests",
            When::Always,
            left("docker-ratelimit-source", "192.0.2.10"),
        )
        .start();
    let entries = auths(&[("https://index.docker.io/v1/", "bob", PASSWORD)]);
    let origin = registry.origin_of(Role::Registry);
    let user = User::new()
        .docker(&json!({"auths": entries}))
        .settings(&format!(
            "registries: {{docker.io: {{endpoint: '{origin}'}}}}"
        ));
    (registry, user)
}

#[test]
fn docker_hub_is_asked_by_any_of_its_names_and_tells_what_is_left() {
    for name in [
        "docker.io",
        "index.docker.io",
        "registry-1.docker.io",
        "hub.docker.com",
        "https://index.docker.io/v1/",
        "",
    ] {
        let (registry, user) = hub();
        let ended = auth(&user, name).exits(0);
        let said = &ended.stdout;
        for words in [
            "docker.io: you are `bob`, and it accepts you\n",
            "`bob`, by `https://index.docker.io/v1/` in ",
            "the login that docker keeps under `https://index.docker.io/v1/`",
            "97 of 100 in 6 h left, counted for 192.0.2.10; it counts each GET of a manifest, and no HEAD\n",
            "it has no list of them (`/v2/_catalog`)",
        ] {
            assert!(said.contains(words), "{name}: {words}\n{said}");
        }
        let is_alias = !matches!(name, "docker.io" | "");
        assert_eq!(said.contains("is Docker Hub"), is_alias, "{said}");
        let ledger = registry.stop();
        // What is counted is not asked for.
        assert_eq!(
            ledger.count("HEAD /v2/ratelimitpreview/test/manifests/latest"),
            1
        );
        assert!(
            !ledger
                .lines()
                .iter()
                .any(|line| line.starts_with("GET") && line.contains("manifests"))
        );
    }
}

#[test]
fn docker_hub_says_of_what_is_not_there_that_it_must_not_be_read() {
    let (registry, user) = hub();
    let ended = auth(&user, "acme/none").exits(4);
    for words in [
        "docker.io/acme/none: it refuses you as `bob`\n",
        "the login itself is good",
        "Docker Hub refuses what does not exist in the same way",
    ] {
        assert!(ended.stdout.contains(words), "{words}\n{}", ended.stdout);
    }
    let wrong = auths(&[("https://index.docker.io/v1/", "bob", "guessed-by-bob")]);
    let user = user.docker(&json!({"auths": wrong}));
    let ended = auth(&user, "docker.io").exits(4);
    for words in [
        "`docker login` keeps it anew",
        "Docker Hub takes an access token in place of the password",
    ] {
        assert!(ended.stdout.contains(words), "{words}\n{}", ended.stdout);
    }
    registry.stop();
}

#[test]
fn k1_a_server_that_repeats_what_it_was_sent_does_not_make_us_say_it() {
    let echo = || {
        Fault::edit(|request, answer| {
            let sent = request.header("authorization").unwrap_or("-");
            // It knows the password where that was sent.
            let password = if sent.starts_with("Basic") {
                PASSWORD
            } else {
                ""
            };
            let message = format!("{sent} {password} may not");
            let error = json!({"code": "DENIED", "message": message});
            *answer = Answer::status(403)
                .with_body("application/json", json!({"errors": [error]}).to_string());
        })
    };
    for (login, where_) in [
        (Login::basic().account("bob", PASSWORD), "GET /v2/"),
        (bob(), "GET /v2/"),
        (bob(), "token"),
    ] {
        let registry = described()
            .login(login)
            .fault(where_, When::Always, echo())
            .start();
        let host = registry.host();
        let ended = auth(&as_bob(&registry), &host).exits(4);
        assert!(ended.stdout.contains("may not"), "{}", ended.stdout);
        auth(&as_bob(&registry), &format!("{host} -o json")).exits(4);
        let ended = as_bob(&registry)
            .run(&format!("api {host}/v2/ -i"))
            .exits(4);
        ended.keeps(&SECRETS);
    }
}
