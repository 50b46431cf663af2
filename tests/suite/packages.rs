//! What packagers get: the manual, and packages in which docker, kubectl and `man` find their files.

use std::fs;

use super::support::command::Workplace;
use super::support::tools::Tool;

/// The pages of the manual, in a folder `manual` of the place.
fn manual(place: &Workplace) -> Vec<String> {
    place.run(["man", "manual"]).exits(0).says("note: wrote ");
    let pages = fs::read_dir(place.path("manual")).unwrap();
    let mut names: Vec<String> = pages
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_manual_is_shown_without_a_warning() {
    let place = Workplace::new();
    let pages = manual(&place);
    assert!(
        pages.len() > 12 && pages.contains(&"docker-regq.1".to_owned()),
        "{pages:?}"
    );
    let first = place.run(["man"]).exits(0).quietly().stdout;
    assert_eq!(first, place.read("manual/docker-regq.1"));
    let Some(_man) = Tool::find("man") else {
        return;
    };
    for page in pages {
        let line = format!("LC_ALL=C.UTF-8 man --warnings -l 'manual/{page}'");
        let shown = place.shell(&line).run().exits(0).quietly().stdout;
        assert!(
            shown.contains("SYNOPSIS") && shown.contains("EXAMPLES"),
            "{shown}"
        );
    }
}

#[test]
fn a_package_lays_everything_where_it_is_looked_for() {
    let Some(_dpkg) = Tool::find("dpkg-deb") else {
        return;
    };
    let place = Workplace::new();
    manual(&place);
    let recipe = concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/package");
    let program = env!("CARGO_BIN_EXE_docker-regq");
    let line = format!("QUICK=1 '{recipe}' '{program}' amd64 manual out");
    let made = place.shell(&line).run().exits(0).stdout;
    let version = env!("CARGO_PKG_VERSION");
    let package = format!("docker-regq-plugin_{version}_amd64.deb");
    assert!(made.contains(&package), "{made}");
    let ended = place
        .shell(&format!("dpkg-deb -x 'out/{package}' root"))
        .run();
    ended.exits(0).quietly();
    // As Docker's own packages are tested: the metadata, line by line.
    let plugin = "root/usr/libexec/docker/cli-plugins/docker-regq docker-cli-plugin-metadata";
    let awk = "awk -F '\"' '$2 == \"Version\" {print $4}'";
    let told = place.shell(&format!("{plugin} | {awk}")).run().exits(0);
    told.prints(&format!("v{version}\n"));
    for (name, usage) in [
        ("docker-regq", "docker-regq"),
        ("kubectl-regq", "kubectl regq"),
    ] {
        let help = place
            .shell(&format!("root/usr/bin/{name}"))
            .run()
            .exits(0)
            .stdout;
        assert!(help.contains(&format!("Usage: {usage} ")), "{help}");
    }
    assert!(
        place
            .path("root/usr/bin/kubectl_complete-regq")
            .is_symlink()
    );
    assert!(
        place
            .path("root/usr/share/man/man1/docker-regq-run.1.gz")
            .exists()
    );
}
