//! Where the program is not led: addresses that no registry has, in every spelling, whoever names them (threats A3).

use super::network_login::{as_bob, bob, described};
use super::network_secrets::{ask, robbed_of_nothing};
use super::support::fake::{FakeRegistry, Fault, Place, Role, When};
use super::support::user::User;

/// Metadata services, link-local and unspecified addresses, and how else they can be written.
const FORBIDDEN: [&str; 16] = [
    "169.254.169.254",
    "169.254.1.1:8080",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::a9fe:a9fe]",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "100.100.100.200",
    "[fe80::1]",
    "[fd00:ec2::254]",
    "224.0.0.1",
    "255.255.255.255",
    "0.0.0.0:1",
    "[::]:1",
];

#[test]
fn a3_a_realm_does_not_lead_to_a_forbidden_address() {
    for address in FORBIDDEN {
        let line = format!("Bearer realm=\"http://{address}/latest/meta-data/\"");
        let registry = described().login(bob().challenge(&[&line])).start();
        let ended = ask(&registry, &as_bob(&registry)).exits(6);
        ended
            .says("an address that no registry has")
            .says("(FORBIDDEN_ADDRESS)");
    }
}

#[test]
fn a3_a_redirect_does_not_lead_to_a_forbidden_address() {
    for address in FORBIDDEN {
        let redirect = Fault::redirect(307, &format!("http://{address}/latest/"));
        let registry = described()
            .login(bob())
            .fault("GET blobs", When::Always, redirect);
        let registry = registry.start();
        let ended = ask(&registry, &as_bob(&registry)).exits(3);
        ended.says("(FORBIDDEN_ADDRESS)");
    }
}

#[test]
fn a3_a_link_does_not_lead_to_a_forbidden_address() {
    let link = "<http://169.254.169.254/v2/team/app/tags/list?last=1.0>; rel=\"next\"";
    let fault = Fault::extra_header("Link", link);
    let registry = described().fault("tags/list", When::Always, fault).start();
    ask(&registry, &User::new()).exits(3).says("(LINK_REFUSED)");
}

#[test]
fn a3_a_query_file_does_not_name_a_forbidden_address() {
    for address in [
        "169.254.169.254",
        "169.254.169.254:80",
        "0.0.0.0:5000",
        "'[::]:5000'",
        "'[fe80::1]'",
    ] {
        let query = format!("registry: {address}\nrepositories: a\ncolumns: [tag]");
        let user = User::new().query("shared.yaml", &query);
        let ended = user.run("run shared.yaml").exits(2).prints("");
        ended.says("an address that no registry has");
    }
}

/// On this system, connecting to the unspecified address is connecting to oneself.
#[cfg(target_os = "linux")]
#[test]
fn a3_who_listens_at_the_unspecified_address_is_not_connected_to() {
    for address in ["0.0.0.0", "::"] {
        let attacked = |registry: FakeRegistry| registry.attacker_at(Place::on(address));
        let realm = bob().challenge(&["Bearer realm=\"{attacker}/token\""]);
        let redirect = Fault::redirect(302, "{attacker}{target}");
        for (registry, exit) in [
            (attacked(described().login(realm)), 6),
            (
                attacked(
                    described()
                        .login(bob())
                        .fault("GET blobs", When::Always, redirect),
                ),
                3,
            ),
        ] {
            let registry = registry.start();
            let said = ask(&registry, &as_bob(&registry)).exits(exit);
            said.says("(FORBIDDEN_ADDRESS)");
            let ledger = robbed_of_nothing(registry).of(Role::Attacker);
            assert_eq!(ledger.connections(), [], "{address}");
        }
        let registry = described().at(Place::on(address)).start();
        let query = format!(
            "registry: '{}'\nrepositories: team/app\ncolumns: [tag]",
            registry.host()
        );
        let user = User::new().query("shared.yaml", &query);
        user.run("run shared.yaml").exits(2);
        assert_eq!(registry.stop().connections(), []);
    }
}

#[test]
fn a3_this_machine_leads_to_this_machine() {
    for to in [
        "http://localhost:{port}",
        "http://127.1:{port}",
        "http://[::ffff:127.0.0.1]:{port}",
    ] {
        let store = described().start();
        let port = store.host().rsplit_once(':').unwrap().1.to_owned();
        let to = format!("{}{{target}}", to.replace("{port}", &port));
        let registry = described().fault("GET blobs", When::Always, Fault::redirect(307, &to));
        let registry = registry.start();
        ask(&registry, &User::new()).exits(0);
        assert_eq!(store.stop().count("GET /v2/team/app/blobs"), 2, "{to}");
    }
}
