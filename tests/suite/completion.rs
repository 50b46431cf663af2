//! Completion as shells ask for it, names that runs have met, and the scripts that come with the program.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::support::command::Workplace;
use super::support::fake::{FakeRegistry, RunningRegistry};
use super::support::golden;
use super::support::image::Image;
use super::support::user::User;

const SAVED: &str = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: old, description: Images nobody rebuilt}\nspec: {registry: a.io}\n";

/// Where the program keeps the names that it meets.
const NAMES: &str = ".cache/regq/names";

fn team() -> RunningRegistry {
    let app = || Image::new().created("2024-07-01T08:00:00Z");
    let registry = FakeRegistry::new().tag("team/app:1.9", app());
    let registry = registry
        .tag("team/app:1.10", app())
        .tag("team/web:1", app());
    registry.start()
}

/// What is offered behind a line; the directive last, all on one line.
fn offered(user: &User, line: &str, typed: &str) -> String {
    let words = ["__completeNoDesc", "regq"].into_iter();
    let words = words.chain(line.split_whitespace()).chain([typed]);
    let ended = user.words(words).run().exits(0).quietly();
    ended.stdout.lines().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_shell_is_answered_in_cobras_form() {
    let place = Workplace::new().file("queries/old.yaml", SAVED);
    for (words, expected) in [
        (
            &["__complete", "regq", "run", "ol"][..],
            "old\tImages nobody rebuilt\n:4\n",
        ),
        (
            &["__complete", "run", "ol"],
            "old\tImages nobody rebuilt\n:4\n",
        ),
        (&["__completeNoDesc", "run", "ol"], "old\n:4\n"),
        (
            &["__complete", "regq", "run", "old", "--output=js"],
            "json\n:36\n",
        ),
        (&["__complete"], ""),
    ] {
        let ended = place.run(words).exits(0).quietly();
        match expected {
            "" => assert!(ended.stdout.ends_with("\n:36\n"), "{}", ended.stdout),
            expected => drop(ended.prints(expected)),
        }
    }
    let bare = place.command(["__complete", "regq", "run", "ol"]);
    let bare = bare.env("DOCKER_COMPLETION_DESCRIPTIONS", "false");
    bare.run().exits(0).prints("old\n:4\n");
}

#[test]
fn whatever_is_broken_a_shell_hears_of_candidates_only() {
    let place = Workplace::new()
        .file("queries/old.yaml", "{broken")
        .file("../home/.config/regq/config.yaml", "{broken")
        .file("../home/.docker/config.json", "{broken");
    let ended = place.run(["__complete", "regq", "run", "ol"]);
    ended.exits(0).quietly().prints("old\n:4\n");
    let ended = place.run(["__complete", "regq", "get", "tags", ""]);
    ended.exits(0).quietly().prints(":4\n");
    let command = place.command(["__complete", "regq", "run", "ol"]);
    let ended = command.env("SOURCE_DATE_EPOCH", "broken").run();
    ended.exits(0).quietly().prints(":4\n");
    let ended = place.run(["__complete", "regq", "run", "-", "-p", ""]);
    ended.exits(0).quietly().prints(":36\n");
}

#[test]
fn names_that_a_run_met_are_offered_and_nobody_is_asked_for_them() {
    let registry = team();
    let host = registry.host();
    let user = User::new();
    assert_eq!(offered(&user, "get tags", &format!("{host}/")), ":4");
    user.run(&format!("get tags {host}/team/*")).exits(0);
    let before = registry.ledger().lines().len();
    let of = |typed: &str| offered(&user, "get tags", &format!("{host}/{typed}"));
    assert_eq!(of("team/a"), format!("{host}/team/app :4"));
    assert_eq!(
        of("team/app:"),
        format!("{host}/team/app:1.10 {host}/team/app:1.9 :36")
    );
    assert_eq!(
        offered(&user, "get repositories", &host[..4]),
        format!("{host} :4")
    );
    assert_eq!(registry.ledger().lines().len(), before);
}

#[test]
fn a_tag_that_was_asked_for_by_its_name_is_met_too() {
    let registry = team();
    let host = registry.host();
    let user = User::new();
    user.run(&format!("get tags {host}/team/app:1.9 --columns digest"))
        .exits(0);
    user.run(&format!("get tags {host}/team/web:none --columns digest"))
        .exits(0);
    let of = |typed: &str| offered(&user, "get tags", &format!("{host}/team/{typed}"));
    assert_eq!(of("app:"), format!("{host}/team/app:1.9 :36"));
    assert_eq!(of("web:"), ":36");
}

#[test]
fn l2_what_a_login_showed_is_offered_to_that_login() {
    let registry = team();
    let host = registry.host();
    let user = User::logged_in(&[(&host, "bob", "hunter2-of-bob")]);
    user.run(&format!("get tags {host}/team/app")).exits(0);
    let app = format!("{host}/team/app");
    let of_app = |user: &User| offered(user, "get tags", &app);
    assert_eq!(of_app(&user), format!("{app} :4"));
    let alice = user.docker(&json!({"auths": {&host: {"username": "alice", "password": "x"}}}));
    assert_eq!(of_app(&alice), ":4");
    let nobody = alice.docker(&json!({}));
    assert_eq!(of_app(&nobody), ":4");
}

#[cfg(unix)]
#[test]
fn i3_no_helper_is_started_to_complete() {
    let registry = team();
    let host = registry.host();
    let user = User::new().helper("asks", "sleep 60");
    let user = user.docker(&json!({"credsStore": "asks", "credHelpers": {&host: "asks"}}));
    assert_eq!(
        offered(&user, "get repositories", &host),
        format!("{host} :4")
    );
    assert_eq!(offered(&user, "auth", &host), format!("{host} :4"));
    assert_eq!(user.asked("asks"), [""; 0]);
}

#[test]
fn a_run_keeps_nothing_if_it_is_told_so() {
    let registry = team();
    let host = registry.host();
    let line = format!("get tags {host}/team/app");
    let user = User::new();
    user.run(&format!("{line} --no-cache")).exits(0);
    assert!(!user.path(".cache").exists());
    let user = User::new().settings("defaults: {remember: false}\n");
    user.run(&line).exits(0);
    assert!(!user.path(".cache").exists());
    // A layout's names are in the layout.
    let place = Workplace::with_demo();
    place.run(["get", "tags", "oci:demo"]).exits(0);
    assert!(!place.home().join(".cache").exists());
}

#[test]
fn what_is_remembered_is_told_and_can_be_forgotten() {
    let registry = team();
    let user = User::new();
    let folder = user.path(NAMES);
    let none = format!(
        "no names are remembered; they would be in {}\n",
        folder.display()
    );
    user.run("cache").exits(0).quietly().prints(&none);
    user.run("cache clear")
        .exits(0)
        .prints("")
        .says("nothing was remembered");
    user.run(&format!("get tags {}/team/app", registry.host()))
        .exits(0);
    let told = user.run("cache info").exits(0).quietly().stdout;
    let expected = "names for completion: 1 registry, 1 repository, 2 tags; ";
    assert!(told.starts_with(expected), "{told}");
    let ended = user.run("cache clear").exits(0).prints("");
    ended.says("the names of 1 registry are forgotten");
    user.run("cache").exits(0).prints(&none);
    user.run("cache celar").exits(2).says("'clear'");
}

#[cfg(unix)]
#[test]
fn l7_where_nothing_can_be_kept_the_run_is_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let registry = team();
    let host = registry.host();
    let line = format!("get tags {host}/team/app");
    let user = User::new();
    let expected = user.run(&line).exits(0).quietly().stdout;
    // A file where the folder should be; a folder that others can write; no home at all.
    let user = User::new().home(".cache", "no folder");
    user.run(&line).exits(0).quietly().prints(&expected);
    let user = User::new().home(".cache/regq/names/x", "");
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(user.path(NAMES), open).unwrap();
    user.run(&line).exits(0).quietly().prints(&expected);
    assert_eq!(fs::read_dir(user.path(NAMES)).unwrap().count(), 1);
    user.run("cache")
        .exits(0)
        .says("is not a folder of yours alone");
    let user = User::new();
    let ended = user
        .command(&line)
        .env("XDG_CACHE_HOME", "/proc/none")
        .run();
    ended.exits(0).quietly().prints(&expected);
}

#[cfg(unix)]
#[test]
fn k1_no_secret_is_kept_with_the_names() {
    let registry = team();
    let host = registry.host();
    let user = User::logged_in(&[(&host, "bob", "hunter2-of-bob")]);
    user.run(&format!("get tags {host}/team/app")).exits(0);
    let files = fs::read_dir(user.path(NAMES)).unwrap();
    let texts: Vec<String> = files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert_eq!(texts.len(), 1);
    let told = texts[0].lines().nth(1);
    assert_eq!(told, Some(host.as_str()));
    for secret in ["hunter2", "bob", "Ym9i"] {
        assert!(!texts[0].contains(secret), "{}", texts[0]);
    }
}

#[cfg(unix)]
#[test]
fn kubectl_asks_under_a_name_of_its_own() {
    let place = Workplace::new().file("queries/old.yaml", SAVED);
    let program = env!("CARGO_BIN_EXE_docker-regq");
    for name in ["kubectl_complete-regq", "kubectl-regq"] {
        std::os::unix::fs::symlink(program, place.path(name)).unwrap();
    }
    let expected = "old\tImages nobody rebuilt\n:4\n";
    let ended = place.shell("./kubectl_complete-regq run ol").run();
    ended.exits(0).quietly().prints(expected);
    // And by the script, for those who rather have a file that they can read.
    fs::remove_file(place.path("kubectl_complete-regq")).unwrap();
    let script = place.run(["completion", "kubectl"]).exits(0).stdout;
    let place = place.file("kubectl_complete-regq", script);
    let line = "PATH=.:$PATH; sh ./kubectl_complete-regq run ol";
    place.shell(line).run().exits(0).quietly().prints(expected);
}

#[test]
fn the_scripts_that_are_kept_are_those_that_the_program_prints() {
    let place = Workplace::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let mut wrong = Vec::new();
    let files = [
        ("bash", "docker-regq.bash"),
        ("zsh", "_docker-regq"),
        ("fish", "docker-regq.fish"),
        ("powershell", "docker-regq.ps1"),
        ("elvish", "docker-regq.elv"),
        ("kubectl", "kubectl_complete-regq"),
    ];
    for (shell, file) in files {
        let script = place.run(["completion", shell]).exits(0).quietly().stdout;
        wrong.extend(golden::compare(&folder.join(file), &script).err());
    }
    golden::report(&wrong);
    assert_eq!(fs::read_dir(folder).unwrap().count(), files.len());
    let help = place.run(["completion", "--help"]).exits(0).stdout;
    for (shell, _) in files {
        let mut lines = help.lines().map(str::trim_start);
        assert!(
            lines.any(|line| line.starts_with(&format!("{shell} "))),
            "{help}"
        );
    }
}
