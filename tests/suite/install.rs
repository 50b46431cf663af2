//! `install`: from a program in some folder to a command of docker's and of kubectl's, and back.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use serde_json::Value;

use super::support::command::{Ended, Workplace};
use super::support::tools::Tool;

/// Where docker's plugins of a user are.
const PLUGINS: &str = "../home/.docker/cli-plugins";

/// A file that says it is some version of this program: the sentence that docker shows of it is in it.
const OF_OURS: &str =
    "#!/bin/sh\n# Answer questions about container registries with saved queries\n";

fn plugin(place: &Workplace) -> PathBuf {
    place.home().join(".docker/cli-plugins/docker-regq")
}

/// Runs `docker-regq install` with more words.
fn install(place: &Workplace, more: &str) -> Ended {
    place.shell(&format!("docker-regq install {more}")).run()
}

/// What docker says of us among its plugins, if it knows us.
fn seen_by_docker(place: &Workplace) -> Option<Value> {
    let listed = place.shell("docker info -f '{{json .ClientInfo.Plugins}}'");
    let listed = listed.run().exits(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let mut plugins = listed.as_array().cloned().unwrap_or_default().into_iter();
    plugins.find(|plugin| plugin["Name"] == "regq")
}

fn is_the_program(path: PathBuf) -> bool {
    fs::read(path).unwrap() == fs::read(env!("CARGO_BIN_EXE_docker-regq")).unwrap()
}

#[test]
fn docker_has_the_command_and_has_it_no_more() {
    let Some(_docker) = Tool::find("docker") else {
        return;
    };
    let place = Workplace::with_demo();
    place.shell("docker regq version").run().exits(1);
    let said = install(&place, "").exits(0).prints("");
    let said = said
        .says("note: installed v")
        .says("`docker regq run demo`");
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
    let seen = seen_by_docker(&place).unwrap();
    assert!(
        seen["Err"].is_null() && seen["ShadowedPaths"].is_null(),
        "{seen}"
    );
    assert_eq!(seen["Path"], plugin(&place).to_str().unwrap());
    let version = place.run(["version"]).exits(0).stdout;
    let through = place.shell("docker regq version").run();
    through.exits(0).quietly().prints(&version);
    install(&place, "--uninstall")
        .exits(0)
        .says("note: removed `");
    assert_eq!(seen_by_docker(&place), None);
    install(&place, "--uninstall")
        .exits(0)
        .says("nothing to do");
}

#[test]
fn a_second_time_changes_nothing_and_a_broken_copy_is_made_good() {
    let place = Workplace::new();
    install(&place, "").exits(0);
    let before = fs::metadata(plugin(&place)).unwrap();
    assert_eq!(before.permissions().mode() & 0o777, 0o755);
    install(&place, "")
        .exits(0)
        .says("is there already, and is this program");
    let after = fs::metadata(plugin(&place)).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    // Nothing that docker would take for another plugin, whatever is called so meanwhile.
    assert_eq!(place_names(&place), ["docker-regq"]);
    fs::set_permissions(plugin(&place), fs::Permissions::from_mode(0o644)).unwrap();
    install(&place, "")
        .exits(0)
        .says("in place of what was there");
    let mended = fs::metadata(plugin(&place)).unwrap();
    assert_eq!(mended.permissions().mode() & 0o777, 0o755);
}

/// What is in the user's folder of plugins.
fn place_names(place: &Workplace) -> Vec<String> {
    let entries = fs::read_dir(plugin(place).parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn another_version_is_replaced_and_another_program_is_not() {
    let file = format!("{PLUGINS}/docker-regq");
    let place = Workplace::new().file(&file, OF_OURS);
    install(&place, "")
        .exits(0)
        .says("in place of what was there");
    assert!(is_the_program(plugin(&place)));
    let place = Workplace::new().file(&file, "#!/bin/sh\necho theirs\n");
    for more in ["", "--dry-run", "--uninstall"] {
        let ended = install(&place, more).exits(2);
        ended
            .says("is another program than this one")
            .says("remove it yourself");
        assert_eq!(place.read(&file), "#!/bin/sh\necho theirs\n");
    }
    let place = Workplace::new().file(&format!("{file}/x"), "");
    install(&place, "").exits(2).says("is not a regular file");
}

#[test]
fn links_are_taken_for_what_they_lead_to() {
    let place = Workplace::new().file(&format!("{PLUGINS}/other"), "theirs");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_docker-regq"));
    symlink(&program, plugin(&place)).unwrap();
    install(&place, "").exits(0).says("is there already");
    fs::remove_file(plugin(&place)).unwrap();
    symlink("nowhere", plugin(&place)).unwrap();
    install(&place, "")
        .exits(0)
        .says("in place of what was there");
    assert!(!plugin(&place).is_symlink() && is_the_program(plugin(&place)));
    fs::remove_file(plugin(&place)).unwrap();
    symlink("other", plugin(&place)).unwrap();
    install(&place, "").exits(2).says("is another program");
}

#[test]
fn dry_it_says_what_it_would_do_and_does_nothing() {
    let place = Workplace::new();
    let ended = install(&place, "--dry-run").exits(0);
    ended
        .says("would install v")
        .says("/.docker/cli-plugins/docker-regq`");
    assert!(!place.home().join(".docker").exists());
    let everybodys = install(&place, "--dry-run --system").exits(0);
    everybodys.says("/usr/local/lib/docker/cli-plugins/docker-regq`");
    install(&place, "").exits(0);
    install(&place, "--uninstall --dry-run")
        .exits(0)
        .says("would remove `");
    assert!(plugin(&place).exists());
}

#[test]
fn the_folder_is_that_of_dockers_config() {
    let place = Workplace::new();
    let at = |line: &str, folder: &str| {
        let ended = place.shell(line).run().exits(0);
        if Tool::find("docker").is_some() && line.contains("--config") {
            ended.says(&format!("a command `docker --config {folder} regq` now"));
        }
        assert!(is_the_program(
            place.path(folder).join("cli-plugins/docker-regq")
        ));
    };
    at("docker-regq install --config named", "named");
    at("docker-regq --config before regq install", "before");
    at("DOCKER_CONFIG=$PWD/set docker-regq install", "set");
    let ended = install(&place, "--system --config named").exits(2);
    ended.says("cannot be used with");
}

#[test]
fn what_hides_it_is_told() {
    let extra = |place: &Workplace| {
        let folder = place.path("extra");
        let config = serde_json::json!({"cliPluginsExtraDirs": [folder]});
        fs::write(place.home().join(".docker/config.json"), config.to_string()).unwrap();
    };
    let place = Workplace::new()
        .file(&format!("{PLUGINS}/docker-regq.bak"), "")
        .file(&format!("{PLUGINS}/docker-other"), "")
        .file("extra/docker-regq", OF_OURS);
    extra(&place);
    let ended = install(&place, "")
        .exits(2)
        .says("docker-regq.bak` for a plugin that is broken");
    let ended = ended.says("extra/docker-regq` first, which cannot be run");
    assert!(!ended.stderr.contains("docker-other"), "{}", ended.stderr);
    if Tool::find("docker").is_some() {
        place.shell("docker regq version").run().exits(1);
    }
    let first = place.path("extra/docker-regq");
    fs::set_permissions(&first, fs::Permissions::from_mode(0o755)).unwrap();
    install(&place, "")
        .exits(2)
        .says("which is another version of it");
    fs::copy(env!("CARGO_BIN_EXE_docker-regq"), &first).unwrap();
    install(&place, "")
        .exits(0)
        .says("which is the same program");
    install(&place, "--uninstall")
        .exits(0)
        .says("docker still finds `");
    assert!(first.exists());
}

#[test]
fn kubectl_finds_it_by_links() {
    let place = Workplace::new();
    fs::create_dir_all(place.home().join(".local/bin")).unwrap();
    let line = |more: &str| {
        let line = format!("PATH=\"$HOME/.local/bin:$PATH\" docker-regq install {more}");
        place.shell(&line).run()
    };
    line("--kubectl").exits(0).says("linked `");
    let own = place.home().join(".local/bin");
    for name in ["kubectl-regq", "kubectl_complete-regq"] {
        assert_eq!(fs::read_link(own.join(name)).unwrap(), plugin(&place));
    }
    line("--kubectl")
        .exits(0)
        .says("kubectl-regq` is there already");
    line("--uninstall").exits(0).says("removed `");
    assert_eq!(fs::read_dir(&own).unwrap().count(), 0);
    // A folder that is named may lie off the path, which is told.
    let ended = line("--kubectl bin").exits(0);
    ended.says("bin` is not on the `PATH`");
    let help = place.shell("./bin/kubectl-regq").run().exits(0).stdout;
    assert!(help.contains("Usage: kubectl regq "), "{help}");
    line("--kubectl bin --uninstall").exits(0);
    assert_eq!(fs::read_dir(place.path("bin")).unwrap().count(), 0);
    install(&place, "--kubectl")
        .exits(2)
        .says("`--kubectl DIR`");
    // Without docker nothing is claimed of it.
    let ended = place.run(["install"]).exits(0);
    let ended = ended.says("there is no `docker` on the `PATH`");
    assert!(
        !ended.stderr.contains("there is a command"),
        "{}",
        ended.stderr
    );
}
