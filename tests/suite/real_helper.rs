//! The credential helper that tests use is a real one: it gives what was stored, to its own client and to skopeo.

use super::support::command::{Ended, Workplace};
use super::support::image::Image;
use super::support::pass::{FOR_ALL, PassStore};
use super::support::real_registry::{ACCOUNT, Access, PASSWORD, RealRegistry};
use super::support::tools::Tool;

/// Asks the helper in a shell, as a user would.
fn get(store: &PassStore, server: &str) -> Ended {
    let place = Workplace::new();
    let line = format!("printf %s {server} | docker-credential-pass get");
    store.give_to(&place, FOR_ALL, place.shell(&line)).run()
}

#[test]
fn the_helper_gives_what_was_stored() {
    let Some(store) = PassStore::new() else {
        return;
    };
    store.store("https://acme.example:5000", ACCOUNT, PASSWORD);
    let told = get(&store, "https://acme.example:5000").exits(0).stdout;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["Username"], ACCOUNT);
    assert_eq!(told["Secret"], PASSWORD);
    // Version 0.6 does not say that it knows nothing, as the protocol has it: its answer is empty.
    let other = get(&store, "other.example").exits(0).stdout;
    let other: serde_json::Value = serde_json::from_str(&other).unwrap();
    assert_eq!(
        (&other["Username"], &other["Secret"]),
        (&"".into(), &"".into())
    );
}

#[test]
fn skopeo_logs_in_with_what_the_helper_gives() {
    let (Some(_), Some(store)) = (Tool::find("skopeo"), PassStore::new()) else {
        return;
    };
    let Some(registry) = RealRegistry::with_password() else {
        return;
    };
    let Access::Password(ca) = registry.access() else {
        panic!("this registry wants a password");
    };
    let app = Image::new().layer("ADD rootfs.tar", 0).stored();
    let digest = registry.push("team/app:1", app).digest;
    let trust = ca.parent().expect("a file is in a folder").display();
    let host = registry.host();
    let line = format!("skopeo inspect --cert-dir {trust} docker://{host}/team/app:1");
    // skopeo knows no `credsStore`.
    let config = format!("{{\"credHelpers\": {{\"{host}\": \"pass\"}}}}");
    let run = || {
        let place = Workplace::new();
        store.give_to(&place, &config, place.shell(&line)).run()
    };
    run().exits(1).says("authentication required");
    store.store(host, ACCOUNT, PASSWORD);
    let told = run().exits(0).quietly().stdout;
    assert!(told.contains(&digest), "{told}");
}
