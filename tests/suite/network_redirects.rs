//! Redirects: what is shown is decided anew at every hop, and some hops are not taken (threats B1, B2, B3).

use super::network_login::{PASSWORD, as_bob, bob, described};
use super::network_secrets::{SECRETS, ask, over_tls, robbed_of_nothing};
use super::support::fake::{
    Answer, FakeRegistry, Fault, Ledger, Login, Place, Role, RunningRegistry, TestCa, Tls, When,
};
use super::support::image::Image;
use super::support::network::Online;
use super::support::query::Asking;

const CODES: [u16; 5] = [301, 302, 303, 307, 308];

fn logins() -> [Login; 2] {
    [Login::basic().account("bob", PASSWORD), bob()]
}

/// What is redirected: a page, a manifest, a config.
const REQUESTS: [&str; 3] = ["tags/list", "GET manifests", "GET blobs"];

/// A registry that redirects requests to somebody else.
fn redirecting(login: Login, requests: &str, status: u16, to: &str) -> FakeRegistry {
    let redirect = Fault::redirect(status, to);
    described()
        .login(login)
        .fault(requests, When::Always, redirect)
}

/// Asks as bob; somebody else was asked, and was shown nothing.
fn followed(registry: RunningRegistry) -> Ledger {
    ask(&registry, &as_bob(&registry));
    let ledger = robbed_of_nothing(registry);
    let led = ledger.of(Role::Attacker);
    assert!(!led.requests().is_empty());
    for request in led.requests() {
        for header in ["authorization", "cookie", "referer", "proxy-authorization"] {
            assert_eq!(request.header(header), None, "{}", request.line());
        }
    }
    ledger
}

#[test]
fn b1_another_host_is_shown_nothing() {
    for status in CODES {
        for (login, requests) in logins().into_iter().zip(["GET blobs", "tags/list"]) {
            let registry = redirecting(login, requests, status, "{attacker}{target}");
            followed(registry.attacker_at(Place::on("127.0.0.2")).start());
        }
    }
}

#[test]
fn b1_another_port_is_another_host() {
    for status in CODES {
        for (login, requests) in logins().into_iter().zip(["GET manifests", "GET blobs"]) {
            let registry = redirecting(login, requests, status, "//{attacker.host}{target}");
            followed(registry.attacker_at(Place::default()).start());
        }
    }
}

#[test]
fn b1_another_scheme_is_another_host() {
    let tls = Tls::with(&TestCa::shared().certify(&["127.0.0.2"]));
    for status in CODES {
        let registry = redirecting(bob(), "GET blobs", status, "{attacker}{target}");
        let attacker = Place::on("127.0.0.2").tls(tls.clone());
        let registry = registry.attacker_at(attacker).start();
        let server = registry.host_of(Role::Attacker);
        let user = as_bob(&registry)
            .home(".config/regq/authority.pem", TestCa::shared().pem())
            .settings(&format!(
                "registries: {{'{server}': {{ca: authority.pem}}}}"
            ));
        ask(&registry, &user).exits(3);
        let ledger = robbed_of_nothing(registry);
        assert_eq!(ledger.count("attacker: GET"), 2, "{status}");
    }
}

#[test]
fn b1_the_way_back_is_shown_the_login_and_the_way_out_is_not() {
    for status in CODES {
        for (login, requests) in logins().into_iter().zip(["GET blobs", "tags/list"]) {
            // Who comes back is let through.
            let out = Fault::edit(move |request, answer| {
                if request.query("back").is_none() {
                    *answer = Answer::redirect(status, "{attacker}{target}");
                }
            });
            let back = Fault::edit(move |request, answer| {
                let to = format!("{{registry}}{}?back=1", request.path);
                *answer = Answer::redirect(status, &to);
            });
            let registry = described()
                .login(login)
                .attacker_at(Place::on("127.0.0.2"))
                .fault(requests, When::Always, out)
                .fault("attacker", When::Always, back)
                .start();
            ask(&registry, &as_bob(&registry)).exits(0);
            let ledger = robbed_of_nothing(registry);
            let returned = ledger.of(Role::Registry).requests();
            let returned = returned
                .iter()
                .filter(|request| request.query("back").is_some());
            let shown: Vec<bool> = returned
                .map(|request| request.header("authorization").is_some())
                .collect();
            assert!(!shown.is_empty() && shown.iter().all(|shown| *shown));
        }
    }
}

#[test]
fn b1_who_is_led_to_cannot_ask_for_the_login() {
    for challenge in [
        "Basic realm=\"x\"",
        "Bearer realm=\"{attacker}/token\"",
        "Bearer realm=\"/token\",service=\"fake.registry\"",
    ] {
        for requests in REQUESTS {
            let wanting = Answer::status(401).header("WWW-Authenticate", challenge);
            let registry = redirecting(bob(), requests, 307, "{attacker}{target}")
                .attacker_at(Place::on("127.0.0.2"))
                .fault("attacker", When::Always, Fault::Instead(wanting))
                .start();
            let ledger = followed(registry);
            assert_eq!(ledger.count("attacker: GET /token"), 0);
            assert_eq!(ledger.count("token: GET"), 1);
            for request in ledger.of(Role::Registry).requests() {
                let shown = request.header("authorization").unwrap_or("Bearer");
                assert!(shown.starts_with("Bearer"), "{}", request.line());
            }
        }
    }
}

#[test]
fn b1_a_store_is_asked_without_the_login_and_its_signature_is_not_shown() {
    for status in CODES {
        let registry = described().login(bob()).redirecting_blobs(status).start();
        let ended = ask(&registry, &as_bob(&registry)).exits(0);
        assert!(ended.stderr.contains("/store/sha256:"), "{}", ended.stderr);
        let ledger = registry.stop();
        ledger.of(Role::Store).assert_no_secret(&SECRETS[..3]);
        assert_eq!(ledger.count("store: GET"), 2);
    }
}

#[test]
fn b2_tls_is_not_left() {
    for status in CODES {
        for to in ["{attacker}{target}", "http://{registry.host}{target}"] {
            let registry = redirecting(bob(), "GET blobs", status, to);
            let (registry, user) = over_tls(registry.attacker_at(Place::on("127.0.0.2")));
            let ended = ask(&registry, &user).exits(3);
            ended.says("its redirect is not followed: it leads from TLS to plain HTTP");
            let ledger = robbed_of_nothing(registry);
            assert_eq!(ledger.of(Role::Attacker).connections(), []);
            for connection in ledger.connections() {
                let is_clear = connection.received.starts_with(b"GET");
                assert!(connection.refused.is_none() || !is_clear);
            }
        }
    }
}

#[test]
fn b3_what_leads_nowhere_is_not_followed() {
    for (to, said) in [
        ("file:///etc/passwd", "it leads out of HTTP"),
        ("ftp://{attacker.host}/", "it leads out of HTTP"),
        ("data:application/json,{}", "it leads out of HTTP"),
        (
            "http://registry@{attacker.host}/",
            "has a user name or a password in it",
        ),
        (
            "http://a:b@{attacker.host}/",
            "has a user name or a password in it",
        ),
        ("\\\\{attacker.host}/", "its address is not valid"),
        ("http://[", "its address is not valid"),
        ("{target}", "there are too many of them"),
    ] {
        let registry = redirecting(bob(), "GET blobs", 302, to);
        let registry = registry.attacker_at(Place::on("127.0.0.2")).start();
        let ended = ask(&registry, &as_bob(&registry)).exits(3);
        ended.says("its redirect is not followed: ").says(said);
        let ledger = robbed_of_nothing(registry);
        assert_eq!(ledger.of(Role::Attacker).connections(), [], "{to}");
        assert!(ledger.count("GET /v2/team/app/blobs") <= 12, "{to}");
    }
    let nowhere = Fault::Instead(Answer::status(302));
    let registry = described()
        .fault("tags/list", When::Always, nowhere)
        .start();
    let ended = ask(&registry, &as_bob(&registry)).exits(6);
    ended.says("it does not say where to");
}

#[test]
fn b3_five_hops_are_taken_and_no_sixth() {
    for (hops, exit) in [(5, 0), (6, 3)] {
        let described = described().login(bob());
        let registry = described.fault("GET blobs", When::Always, Fault::hops(307, hops));
        let registry = registry.start();
        ask(&registry, &as_bob(&registry)).exits(exit);
        assert_eq!(
            registry.stop().count("GET /v2/team/app/blobs"),
            12,
            "{hops}"
        );
    }
}

#[test]
fn k1_an_address_of_the_registrys_own_making_may_be_signed_too() {
    let signed = "{registry}{target}?signature=signature-of-the-store";
    let out = Fault::edit(move |request, answer| {
        if request.query("signature").is_none() {
            *answer = Answer::redirect(307, signed);
        }
    });
    let registry = described().login(bob());
    let registry = registry.fault("GET blobs", When::Always, out).start();
    ask(&registry, &as_bob(&registry)).exits(0);
}

#[test]
fn a3_what_is_no_registrys_host_is_nobodys_and_not_the_users() {
    // A port that nobody listens at; a name that the user could not have typed.
    for to in ["http://169.254.169.254:0/", "http://-a.localhost/"] {
        let registry = redirecting(bob(), "GET blobs", 307, to).start();
        let ended = ask(&registry, &as_bob(&registry)).exits(3);
        ended.says("its redirect is not followed: its address is not valid");
        registry.stop();
    }
}

#[test]
fn s6_where_the_first_redirect_leads_says_nothing_of_the_registry() {
    // Nobody listens at the first; the second is not asked.
    for (to, code) in [
        ("http://127.0.0.1:1/", "CONNECTION_REFUSED"),
        ("http://169.254.169.254/", "FORBIDDEN_ADDRESS"),
    ] {
        let away = Fault::redirect(307, to);
        let registry = FakeRegistry::new()
            .tag("a:1", Image::new())
            .tag("b:2", Image::new())
            .fault("/v2/a/tags/list", When::Always, away)
            .start();
        let asking = Online::of(&registry);
        let answer = Asking::of(&asking).ask("{repositories: [a, b], columns: [tag]}");
        assert_eq!(answer.shown(), ["2"], "{code}");
        assert_eq!(answer.errors(), [format!("a {code}")]);
        registry.stop();
    }
}
