//! Certificates: the bad ones are refused, each for its own reason, and only the user has a say in it (threats N1, N2, N3).

use std::path::PathBuf;

use regq::registry::{Details, Keychain, Network, NetworkSettings, Registry, Talk};

use super::network_login::{PASSWORD, as_bob, bob, described};
use super::network_secrets::{SECRETS, ask};
use super::support::ask::all;
use super::support::command::Ended;
use super::support::fake::{
    Certificate, Fault, Ledger, Place, Role, RunningRegistry, TestCa, Tls, When,
};
use super::support::user::User;

const HERE: [&str; 1] = ["127.0.0.1"];

fn start(certificate: &Certificate, address: &str) -> RunningRegistry {
    let place = Place::on(address).tls(Tls::with(certificate));
    described().login(bob()).at(place).start()
}

/// Bob, who trusts the test authority for these hosts.
fn trusting(hosts: &[String]) -> User {
    let entries: Vec<_> = hosts
        .iter()
        .map(|host| (host.as_str(), "bob", PASSWORD))
        .collect();
    let hosts = hosts
        .iter()
        .map(|host| format!("'{host}': {{ca: authority.pem}}"));
    let hosts: Vec<String> = hosts.collect();
    User::logged_in(&entries)
        .home(".config/regq/authority.pem", TestCa::shared().pem())
        .settings(&format!("registries: {{{}}}", hosts.join(", ")))
}

/// Nothing came but hellos.
#[track_caller]
fn was_sent_nothing(ledger: &Ledger) {
    assert_eq!(ledger.requests(), []);
    assert!(!ledger.connections().is_empty());
    for connection in ledger.connections() {
        assert!(connection.refused.is_some());
        let first = connection.received.first();
        assert!(
            first.is_none_or(|byte| *byte == 0x16),
            "it was asked in the clear"
        );
    }
    ledger.assert_no_secret(&SECRETS);
}

#[test]
fn n1_bad_certificates_are_refused_each_for_its_own_reason() {
    let ca = TestCa::shared();
    let stranger = "was issued by an authority that is not trusted here";
    for (certificate, said) in [
        (ca.certify_expired(&HERE), "has expired"),
        (
            ca.certify_too_early(&HERE),
            "is not valid yet; is the clock of this machine right",
        ),
        (Certificate::self_signed(&HERE), stranger),
        (TestCa::other().certify(&HERE), stranger),
        (
            ca.certify(&["127.0.0.2", "registry.example"]),
            "is for another host",
        ),
        (ca.certify(&[]), "is for another host"),
        (ca.certify_client(&HERE), "is not accepted: "),
        (ca.certify_authority(&HERE), "is not accepted: "),
    ] {
        let registry = start(&certificate, "127.0.0.1");
        let user = trusting(&[registry.host()]);
        let ended = ask(&registry, &user).exits(6);
        ended
            .says(&format!("its certificate {said}"))
            .says("(CERTIFICATE)")
            .says("--insecure-tls HOST");
        let ledger = registry.stop();
        was_sent_nothing(&ledger);
        assert_eq!(
            ledger.connections().len(),
            1,
            "a refusal is not tried again"
        );
    }
}

#[test]
fn n1_a_good_certificate_of_an_authority_that_nobody_set_is_refused() {
    let registry = start(&TestCa::shared().certify(&HERE), "127.0.0.1");
    ask(&registry, &as_bob(&registry))
        .exits(6)
        .says("an authority that is not trusted here");
    was_sent_nothing(&registry.stop());
}

#[test]
fn n1_an_authority_is_set_for_one_host() {
    let certificate = TestCa::shared().certify(&["127.0.0.1", "127.0.0.2"]);
    let one = start(&certificate, "127.0.0.1");
    let other = start(&certificate, "127.0.0.2");
    let user = trusting(&[one.host()]);
    ask(&one, &user).exits(0);
    ask(&other, &user).exits(6);
    was_sent_nothing(&other.stop());
}

#[test]
fn n2_consent_to_a_bad_certificate_is_for_one_host_and_is_announced() {
    let one = start(&Certificate::self_signed(&HERE), "127.0.0.1");
    let other = start(&Certificate::self_signed(&["127.0.0.2"]), "127.0.0.2");
    let hosts = [one.host(), other.host()];
    let user = trusting(&hosts).query(
        "both.yaml",
        &format!(
            "registry: ['{}', '{}']\nrepositories: team/app\ncolumns: [registry, tag]",
            hosts[0], hosts[1]
        ),
    );
    let line = format!(
        "run both.yaml -o csv --no-headers --insecure-tls {}",
        hosts[0]
    );
    let ended = user.run(&line).exits(3);
    ended
        .prints(&format!("{0},1.0\n{0},2.0\n", hosts[0]))
        .says(&format!(
            "warning: {} is asked whatever its certificate says",
            hosts[0]
        ))
        .says(&format!("`{}`: its certificate was issued by", hosts[1]));
    was_sent_nothing(&other.stop());
}

#[test]
fn n2_consent_to_a_bad_certificate_is_not_consent_to_ask_in_the_clear() {
    let registry = described().login(bob()).start();
    let host = registry.host();
    // A literal loopback host may speak plain HTTP; its name in other words may not.
    let port = host.rsplit_once(':').unwrap().1;
    let user = User::logged_in(&[(&format!("0.0.0.0:{port}"), "bob", PASSWORD)]);
    let line = format!("get tags 0.0.0.0:{port}/team/app --insecure-tls 0.0.0.0:{port}");
    let ended = user.run(&line).exits(5).prints("");
    ended
        .says("plain HTTP")
        .says("(PLAIN_HTTP)")
        .says("--plain-http HOST");
    let ledger = registry.stop();
    assert_eq!(ledger.requests(), []);
    ledger.assert_no_secret(&SECRETS);
}

/// On this system, connecting to the unspecified address is connecting to oneself: a host that is not loopback by name.
#[cfg(target_os = "linux")]
#[test]
fn n2_a_host_is_asked_in_the_clear_where_the_user_says_so_and_it_is_announced() {
    let registry = described().login(bob()).at(Place::on("0.0.0.0")).start();
    let host = registry.host();
    let user = as_bob(&registry);
    let line = format!("get tags {host}/team/app --columns tag");
    user.run(&line).exits(5).says("(PLAIN_HTTP)");
    let other = format!("{line} --plain-http 0.0.0.0:1");
    user.run(&other).exits(5).says("(PLAIN_HTTP)");
    assert_eq!(registry.ledger().requests(), []);
    let ended = user.run(&format!("{line} --plain-http {host}")).exits(0);
    ended.says(&format!("warning: {host} is asked in the clear"));
    let user = user.settings(&format!("registries: {{'{host}': {{plainHttp: true}}}}"));
    user.run(&line).exits(0).says("is asked in the clear");
}

/// Docker's folder for one host.
fn certs_d(user: User, host: &str, files: &[(&str, &str)]) -> User {
    files.iter().fold(user, |user, (name, content)| {
        user.home(&format!(".config/docker/certs.d/{host}/{name}"), content)
    })
}

/// Asks with the folders of Docker without root.
fn ask_rootless(registry: &RunningRegistry, user: &User) -> Ended {
    let host = registry.host();
    let line = format!("get tags {host}/team/app --columns tag,labels -v");
    let command = user.command(&line).env("ROOTLESSKIT_STATE_DIR", "/x");
    command.run().keeps(&SECRETS)
}

#[test]
fn n3_a_client_certificate_is_shown_to_its_host_and_not_after_a_redirect() {
    let ca = TestCa::shared();
    let demanding = |address: &str| {
        let certificate = ca.certify(&[address]);
        Place::on(address).tls(Tls::demanding(&certificate, TestCa::other()))
    };
    let redirect = Fault::redirect(307, "{attacker}{target}");
    let registry = described()
        .login(bob())
        .at(demanding("127.0.0.1"))
        .attacker_at(demanding("127.0.0.2"))
        .fault("GET blobs", When::Nth(2), redirect)
        .start();
    let own = TestCa::other().certify_client(&["bob.example"]);
    let files = [
        ("ca.crt", ca.pem()),
        ("client.cert", &own.chain),
        ("client.key", &own.key),
    ];
    let user = certs_d(as_bob(&registry), &registry.host(), &files);
    let attacker = registry.host_of(Role::Attacker);
    let user = certs_d(user, &attacker, &files);
    ask_rootless(&registry, &user)
        .exits(3)
        .says("1 answer missing");
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/team/app/blobs"), 2);
    let led = ledger.of(Role::Attacker);
    assert_eq!(led.requests(), []);
    let refused = led.connections()[0].refused.clone().unwrap();
    assert!(refused.contains("peer sent no certificates"), "{refused}");
}

#[test]
fn n3_a_folder_is_for_one_host_and_what_is_wrong_in_it_is_named() {
    let ca = TestCa::shared();
    let own = TestCa::other().certify_client(&["bob.example"]);
    for (files, said) in [
        (
            &[("ca.crt", "no certificate")][..],
            "holds no PEM certificate",
        ),
        (&[("client.cert", own.chain.as_str())], "has no key"),
        (
            &[("client.key", own.key.as_str())],
            "has no client certificate",
        ),
        (
            &[
                ("client.cert", own.chain.as_str()),
                ("client.key", "canary-of-a-key"),
            ],
            "are no certificate with its",
        ),
    ] {
        let registry = start(&ca.certify(&HERE), "127.0.0.1");
        let user = certs_d(as_bob(&registry), &registry.host(), files);
        let ended = ask_rootless(&registry, &user).exits(5);
        ended.says(said).keeps(&["canary-of-a-key"]);
        assert_eq!(registry.stop().connections(), []);
    }
}

/// The tags that the library sees with folders of certificates.
fn listed(registry: &RunningRegistry, folders: Vec<PathBuf>) -> Option<usize> {
    let settings = NetworkSettings {
        certificates: folders,
        ..NetworkSettings::default()
    };
    let network = Network::new(settings, Keychain::empty(), Talk::quiet());
    let host = registry.host();
    let remote = network.registry(host.parse().unwrap(), host);
    let repository = "team/app".parse().unwrap();
    all(remote.tags(&repository, Details::EMPTY))
        .ok()
        .map(|page| page.entries.len())
}

#[test]
fn n3_the_first_folder_that_has_one_for_the_host_counts() {
    let ca = TestCa::shared();
    let place = Place::default().tls(Tls::with(&ca.certify(&HERE)));
    let registry = described().at(place).start();
    let host = registry.host();
    let folder = |name: &str, host: &str, pem: &str| {
        let user = User::new().home(&format!("{name}/{host}/ca.crt"), pem);
        (user.path(name), user)
    };
    let (good, _kept) = folder("good", &host, ca.pem());
    let (bad, _kept_too) = folder("bad", &host, TestCa::other().pem());
    let (elsewhere, _kept_also) = folder("elsewhere", "127.0.0.1", ca.pem());
    assert_eq!(listed(&registry, vec![good.clone(), bad.clone()]), Some(2));
    assert_eq!(
        listed(&registry, vec![elsewhere.clone(), good.clone()]),
        Some(2)
    );
    assert_eq!(listed(&registry, vec![bad, good]), None);
    assert_eq!(listed(&registry, vec![elsewhere]), None);
}
