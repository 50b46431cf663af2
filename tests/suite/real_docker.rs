//! Started by the real docker command line, as most users will: its flags, its config folders, and the exit codes that
//! scripts see.

#![cfg(unix)]

use super::support::command::{Ended, Workplace};
use super::support::fake::FakeRegistry;
use super::support::image::Image;
use super::support::real_registry::RealRegistry;
use super::support::real_user::{login, login_with, set, settings};
use super::support::tools::Tool;

/// Finds docker's command line; no engine is needed.
fn docker() -> Option<Tool> {
    Tool::find("docker")
}

/// Puts us among the plugins of one of docker's config folders.
fn installed(place: Workplace, folder: &str) -> Workplace {
    let plugins = place.path(folder).join("cli-plugins");
    std::fs::create_dir_all(&plugins).unwrap();
    let program = env!("CARGO_BIN_EXE_docker-regq");
    std::os::unix::fs::symlink(program, plugins.join("docker-regq")).unwrap();
    place
}

/// The folder that docker takes where nothing else is said.
const OWN: &str = "../home/.docker";

/// A registry that wants a password, and a user who has a wrong one where docker looks, and the right one in `work`.
fn office() -> Option<(RealRegistry, Workplace)> {
    docker()?;
    let registry = RealRegistry::with_password()?;
    let app = Image::new().created("2024-07-01T08:00:00Z");
    registry.push("team/app:1", app.layer("ADD rootfs.tar", 0).stored());
    let host = registry.host();
    let place = set(Workplace::new(), &settings(&registry))
        .file("work/config.json", login(host))
        .file(&format!("{OWN}/config.json"), login_with(host, "guessed"));
    let place = installed(installed(place, "work"), OWN);
    Some((registry, place))
}

#[test]
fn docker_finds_us_and_shows_us() {
    if docker().is_none() {
        return;
    }
    let place = installed(Workplace::with_demo(), OWN);
    let direct = place.run(["run", "demo"]).exits(0).stdout;
    let ended = place.shell("docker regq run demo").run();
    ended.exits(0).quietly().prints(&direct);
    // How it ends depends on the engine, which nobody needs here.
    let plugins = "docker info -f '{{json .ClientInfo.Plugins}}'";
    let listed = place.shell(plugins).run().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let listed = listed.as_array().unwrap();
    let ours = listed.iter().find(|plugin| plugin["Name"] == "regq");
    let ours = ours.expect("we are among the plugins");
    assert!(ours["Err"].is_null(), "{ours}");
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (&ours["Vendor"], &ours["Version"]),
        (&"docker-regq".into(), &version.into())
    );
}

#[test]
fn the_folder_that_docker_is_given_selects_the_credentials() {
    let Some((registry, place)) = office() else {
        return;
    };
    let summary = |docker: &str| -> Ended {
        let host = registry.host();
        let words = format!("regq run image-summary -p registry={host} -p repository=team/app");
        place.shell(&format!("{docker} {words}")).run()
    };
    let shown = summary("docker --config work").exits(0).quietly().stdout;
    assert!(shown.starts_with("TAG"), "{shown}");
    for docker in [
        "docker -D --context default --config work",
        "docker --config=work -D -cdefault",
    ] {
        summary(docker)
            .exits(0)
            .prints(&shown)
            .says("/v2/team/app/tags/list");
    }
    summary("DOCKER_CONFIG=work docker").exits(0).prints(&shown);
    summary("docker")
        .exits(4)
        .prints("")
        .says("`docker login HOST`");
    summary("DOCKER_CONFIG=work docker --config ../home/.docker").exits(4);
}

#[test]
fn scripts_see_our_exit_codes_through_docker() {
    let Some((registry, place)) = office() else {
        return;
    };
    let host = registry.host();
    let half = format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: half}}\nspec: {{registry: '{host}', repositories: [team/app, team/absent]}}\n"
    );
    let place = place.file("half.yaml", half);
    let wrong = format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: none}}\nspec: {{registry: '{host}', repositories: team/app, assert: [{{that: 'count == `0`', message: some}}]}}\n"
    );
    let place = place.file("none.yaml", wrong);
    // A port that only a superuser could open, for a service that nobody runs any more.
    let nobody = "127.0.0.1:1";
    for (words, exit) in [
        (format!("get tags {host}/team/app"), 0),
        ("run none.yaml".to_owned(), 1),
        (format!("get tags {host}/team/app --where siez"), 2),
        ("run nothing-of-this-name".to_owned(), 2),
        ("run half.yaml".to_owned(), 3),
        (format!("get tags {host}/team/absent"), 4),
        (format!("get tags {nobody}/team/app --retries 0"), 5),
        (format!("get tags localhost:{}/team/app", port(host)), 6),
    ] {
        let line = format!("docker --config work regq {words}");
        let ended = place.shell(&line).run().exits(exit);
        assert_eq!(
            ended.stderr.is_empty(),
            exit == 0,
            "{line}\n{}",
            ended.stderr
        );
    }
}

fn port(host: &str) -> &str {
    host.split(':').nth(1).expect("a test registry has a port")
}

#[test]
fn o1_a_reader_behind_docker_who_has_seen_enough_ends_the_run_quietly() {
    if docker().is_none() {
        return;
    }
    let name = |at: usize| format!("build-{at:08}");
    let registry = FakeRegistry::new().listed_by("team/app", 20_000, name, Image::new());
    let registry = registry.paged(1000).start();
    let place = installed(Workplace::new(), OWN);
    let host = registry.host();
    let target = format!("{host}/team/app --plain-http {host}");
    let list = format!("docker regq get tags {target} --columns TAG:tag -o tsv");
    let line = format!("{{ {list}; echo $? > exit; }} | head -1");
    let ended = place.shell(&line).run().exits(0).quietly();
    ended.prints("TAG\n");
    assert_eq!(place.read("exit"), "0\n");
}
