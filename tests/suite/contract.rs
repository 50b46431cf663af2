//! What docker and kubectl rely on, seen from outside: by a tracer, at a terminal, and by the real kubectl.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Stdio;

use rustix::process::Signal;

use super::signals::{long, place};
use super::support::command::{TestCommand, Workplace};
use super::support::tools::Tool;

/// What the system's loader and the C library open for any program.
fn is_the_loaders(path: &str) -> bool {
    path.starts_with("/etc/ld.so.") || path.contains(".so") || path == "/proc/self/maps"
}

/// The paths that were opened, and the calls that reach out of the process, by the lines of a trace.
fn opened(trace: &str) -> Vec<String> {
    let calls = trace.lines().filter(|line| !line.contains(" = -1 ENOENT"));
    let reaching = [
        "open(", "openat(", "socket(", "connect(", "clone", "fork", "vfork",
    ];
    let reaches = |line: &&str| {
        // The number of the process comes first.
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        reaching.iter().any(|name| call.starts_with(name))
    };
    let calls = calls.filter(reaches);
    calls
        .map(|line| line.split('"').nth(1).unwrap_or(line).to_owned())
        .filter(|path| !is_the_loaders(path))
        .collect()
}

#[test]
fn o6_for_the_metadata_no_file_is_opened_and_nobody_is_asked() {
    let Some(_strace) = Tool::find("strace") else {
        return;
    };
    let place = Workplace::new()
        .file("../home/.config/regq/config.yaml", "{broken")
        .file("../home/.docker/config.json", "{broken");
    let traced = |words: &str| {
        let line =
            format!("strace -f -e trace=%file,%network,%process -o trace docker-regq {words}");
        let ended = place.shell(&line).run().exits(0);
        assert!(
            ended.stderr.is_empty() || words == "list",
            "{}",
            ended.stderr
        );
        opened(&place.read("trace"))
    };
    assert_eq!(traced("docker-cli-plugin-metadata"), Vec::<String>::new());
    // What looks for files is seen by the same eyes.
    let seen = traced("list");
    assert!(!seen.is_empty());
}

/// A shell line that has docker find us.
fn with_docker(place: &Workplace, line: &str) -> Option<TestCommand> {
    Tool::find("docker")?;
    let plugins = place.home().join(".docker/cli-plugins");
    fs::create_dir_all(&plugins).unwrap();
    let program = env!("CARGO_BIN_EXE_docker-regq");
    // It may be there from the line before.
    let _ = symlink(program, plugins.join("docker-regq"));
    Some(place.shell(line))
}

/// The words of a run that takes long and prints its first row early, as a shell takes them.
fn long_line() -> String {
    let quoted = |word: String| format!("'{}'", word.replace('\'', "'\\''"));
    let words: Vec<String> = long(&["-o", "ndjson"]).into_iter().map(quoted).collect();
    words.join(" ")
}

#[test]
fn o2_ctrl_c_at_a_terminal_ends_it_through_docker() {
    let Some(_script) = Tool::find("script") else {
        return;
    };
    let place = place().file("line", format!("exec docker regq {}\n", long_line()));
    // The terminal is one of its own, in which keys become signals.
    let line = "exec script -qefc 'sh ./line' /dev/null";
    let Some(command) = with_docker(&place, line) else {
        return;
    };
    let running = command.stdin(Stdio::piped()).start();
    assert!(running.line().starts_with("{\"TAG\""));
    let ended = running.types("\u{3}").ends_promptly().exits(130);
    assert!(ended.stdout.contains("interrupted"), "{}", ended.stdout);
}

#[test]
fn o2_without_a_terminal_docker_tells_it_to_stop() {
    let place = place();
    for signal in [Signal::INT, Signal::TERM] {
        let line = format!("exec docker regq {}", long_line());
        let Some(command) = with_docker(&place, &line) else {
            return;
        };
        let running = command.start();
        assert!(running.line().starts_with("{\"TAG\""));
        let ended = running.signal(signal).ends_promptly().exits(143);
        ended.says("interrupted");
    }
}

#[test]
fn kubectl_takes_it_for_a_plugin() {
    let Some(_kubectl) = Tool::find("kubectl") else {
        return;
    };
    let place = Workplace::with_demo();
    fs::create_dir(place.path("bin")).unwrap();
    symlink(
        env!("CARGO_BIN_EXE_docker-regq"),
        place.path("bin/kubectl-regq"),
    )
    .unwrap();
    let kubectl = |line: &str| {
        let line = format!("PATH=\"$PWD/bin:$PATH\" kubectl {line}");
        place.shell(&line).run()
    };
    let demo = place.run(["run", "demo"]).exits(0).stdout;
    kubectl("regq run demo").exits(0).quietly().prints(&demo);
    let listed = kubectl("plugin list");
    assert!(
        listed.stdout.contains("/bin/kubectl-regq\n"),
        "{}",
        listed.stdout
    );
    for (line, exit, words) in [
        ("regq", 0, "Usage: kubectl regq [OPTIONS] <COMMAND>"),
        ("regq get --help", 0, "Usage: kubectl regq get [OPTIONS]"),
        ("regq help get", 0, "\n  kubectl regq get tags alpine "),
        ("regq rnu", 2, "did you mean `kubectl regq run`?"),
        ("regq get tags oci:nowhere", 5, "NOT_A_LAYOUT"),
        ("regq get tags oci:demo -n shop", 2, "there is no `-n`"),
        (
            "regq -v",
            0,
            concat!("docker-regq v", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        let ended = kubectl(line).exits(exit);
        let said = ended.stdout + &ended.stderr;
        assert!(said.contains(words), "{line}: {said}");
    }
}
