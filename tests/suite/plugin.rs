//! Started by Docker, by kubectl and alone: the same commands, spelled as the reader types them.

use super::support::command::{TestCommand, Workplace};
use super::support::tools::Tool;

#[test]
fn o6_the_metadata_is_json_alone_whatever_is_broken() {
    let place = Workplace::new()
        .file("../home/.config/regq/config.yaml", "{broken")
        .file("../home/.docker/config.json", "{broken");
    let command = place.command(["docker-cli-plugin-metadata"]);
    let ended = command.env("SOURCE_DATE_EPOCH", "broken").run();
    let ended = ended.exits(0).quietly();
    // Packagers compare it line by line.
    let version = env!("CARGO_PKG_VERSION");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[..2], ["{", "  \"SchemaVersion\": \"0.1.0\","]);
    assert_eq!(lines[3], format!("  \"Version\": \"v{version}\","));
    assert_eq!((lines.len(), lines[5]), (6, "}"));
    let metadata: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(metadata["Vendor"], "docker-regq");
    let printed = place.run(["version"]).exits(0).stdout;
    assert_eq!(printed, format!("docker-regq v{version}\n"));
}

#[test]
fn help_is_no_error_and_spelled_as_started() {
    let place = Workplace::new();
    for (args, usage) in [
        (&["regq"][..], "Usage: docker regq [OPTIONS] <COMMAND>"),
        (&["-D", "regq"], "Usage: docker regq [OPTIONS] <COMMAND>"),
        (&["help", "regq"], "Usage: docker regq [OPTIONS] <COMMAND>"),
        (&["help", "regq", "run"], "Usage: docker regq run [OPTIONS]"),
        (
            &["regq", "get", "--help"],
            "Usage: docker regq get [OPTIONS]",
        ),
        (&[], "Usage: docker-regq [OPTIONS] <COMMAND>"),
        (&["help", "run"], "Usage: docker-regq run [OPTIONS]"),
    ] {
        let ended = place.run(args).exits(0).quietly();
        assert!(ended.stdout.contains(usage), "{args:?}\n{}", ended.stdout);
    }
    let help = place.run(["regq"]).stdout;
    assert!(help.contains("\n  docker regq run demo "), "{help}");
    assert!(!help.contains("docker-regq"), "{help}");
}

#[test]
fn hints_name_commands_as_they_are_typed() {
    let place = Workplace::with_demo();
    for (args, hint) in [
        (&["regq", "rnu"][..], "did you mean `docker regq run`?"),
        (&["regq", "run", "nothing"], "`docker regq list` shows"),
        (
            &["regq", "run", "demo", "--limt=1"],
            "did you mean `--limit`?",
        ),
        (&["regq", "--nonsense", "run"], "`docker regq run QUERY"),
        (&["regq", "explain", "tgas"], "`tags`"),
        (&["regq", "run"], "hint: `docker regq list` shows"),
        (
            &["regq", "get", "tags"],
            "as in `docker regq get tags alpine`",
        ),
        (
            &["regq", "tags", "alpine"],
            "did you mean `docker regq get tags TARGET`?",
        ),
        (&["regq", "stale"], "`docker regq run stale`?"),
        (&["regq", "ls"], "`docker regq get tags HOST/REPOSITORY`"),
        (&["regq", "delete", "x"], "registries are only read"),
        (
            &["regq", "get", "tags", "oci:demo", "--where", "select(tag)"],
            "jq's `select(CONDITION)`",
        ),
        (
            &[
                "regq",
                "get",
                "tags",
                "oci:demo",
                "--columns",
                "N:layers|length",
            ],
            "`| length(@)`",
        ),
        (&["rnu"], "did you mean `docker-regq run`?"),
        (
            &["regq", "get", "tags", "oci:demo", "--where", "siez > `1`"],
            "did you mean `size`?",
        ),
    ] {
        place.run(args).exits(2).prints("").says(hint);
    }
    let explained = place.run(["regq", "explain"]).exits(0).stdout;
    assert!(
        explained.contains("`docker regq explain tags`"),
        "{explained}"
    );
}

#[test]
fn k2_a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let place = Workplace::with_demo();
    for args in [
        &["run", "demo", "--password", "hunter2"][..],
        &["run", "demo", "--password=hunter2"],
        &["run", "demo", "-uhunter2"],
        &["get", "tags", "oci:demo", "--token=hunter2"],
        &["--password=hunter2", "regq", "run", "demo"],
        &["regq", "--user=bob:hunter2", "run", "demo"],
    ] {
        let ended = place.run(args).exits(2).prints("");
        let ended = ended.says("credentials come from `docker login HOST`");
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[cfg(unix)]
#[test]
fn under_the_name_for_kubectl_it_is_kubectls() {
    let place = Workplace::new();
    let program = env!("CARGO_BIN_EXE_docker-regq");
    std::os::unix::fs::symlink(program, place.path("kubectl-regq")).unwrap();
    let help = place.shell("./kubectl-regq").run().exits(0).stdout;
    assert!(
        help.contains("Usage: kubectl regq [OPTIONS] <COMMAND>"),
        "{help}"
    );
    assert!(!help.contains("docker"), "{help}");
    let ended = place.shell("./kubectl-regq rnu").run().exits(2);
    ended.says("did you mean `kubectl regq run`?");
    let demo = place.run(["run", "demo"]).exits(0).stdout;
    place
        .shell("./kubectl-regq run demo")
        .run()
        .exits(0)
        .prints(&demo);
}

/// A place where the real Docker client, which has to be version 25 or later, finds the plugin.
#[cfg(unix)]
fn with_docker() -> Option<Workplace> {
    Tool::find("docker")?;
    let place = Workplace::with_demo().file("../home/.docker/cli-plugins/nothing", "");
    let plugin = place.home().join(".docker/cli-plugins/docker-regq");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_docker-regq"), plugin).unwrap();
    Some(place)
}

#[cfg(unix)]
fn docker(place: &Workplace, line: &str) -> TestCommand {
    place.shell(&format!("exec docker {line}"))
}

#[cfg(unix)]
#[test]
fn docker_takes_it_for_a_plugin() {
    let Some(place) = with_docker() else { return };
    let line = "info -f '{{json .ClientInfo.Plugins}}'";
    let ended = docker(&place, line).run().exits(0);
    let plugins: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let ours = plugins.as_array().unwrap().iter();
    let ours: Vec<_> = ours.filter(|plugin| plugin["Name"] == "regq").collect();
    assert_eq!(ours.len(), 1, "{plugins}");
    assert_eq!(ours[0]["Err"], serde_json::Value::Null, "{plugins}");
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    assert_eq!(ours[0]["Version"], version);
}

#[cfg(unix)]
#[test]
fn through_docker_it_does_and_ends_as_alone() {
    let Some(place) = with_docker() else { return };
    let demo = place.run(["run", "demo"]).exits(0).stdout;
    for line in [
        "regq run demo",
        "-D --context default --config \"$DOCKER_CONFIG\" regq run demo",
        "--context regq regq run demo",
        "-- regq run demo",
    ] {
        docker(&place, line).run().exits(0).prints(&demo);
    }
    for (line, exit, words) in [
        ("regq", 0, "Usage: docker regq [OPTIONS] <COMMAND>"),
        ("help regq", 0, "Usage: docker regq [OPTIONS] <COMMAND>"),
        ("help regq run", 0, "Usage: docker regq run [OPTIONS]"),
        ("regq run --help", 0, "Usage: docker regq run [OPTIONS]"),
        ("regq run", 2, "Usage: docker regq run <QUERY>"),
        ("regq rnu", 2, "did you mean `docker regq run`?"),
        ("regq run none", 2, "`docker regq list` shows"),
        ("regq get tags oci:nowhere", 5, "NOT_A_LAYOUT"),
        (
            "-v regq",
            0,
            concat!("docker-regq v", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        let ended = docker(&place, line).run().exits(exit);
        let said = ended.stdout + &ended.stderr;
        assert!(said.contains(words), "{line}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn o2_docker_being_told_to_end_ends_it() {
    use rustix::process::Signal;
    let Some(place) = with_docker() else { return };
    let command = docker(&place, "regq run -").stdin(std::process::Stdio::piped());
    let running = command.start().reads();
    // Nothing but the closed socket tells us of it.
    running.signal(Signal::TERM).ends_promptly().exits(143);
}
