//! Completion in real shells: with our own scripts, and for `docker regq` with docker's.

#![cfg(unix)]

use std::os::unix::fs::symlink;

use super::support::command::Workplace;
use super::support::completing_shell::{CompletingShell, Shell};
use super::support::tools::{self, Tool};

const SAVED: &str = "apiVersion: regq/v1
kind: Query
metadata: {name: old, description: Images nobody rebuilt}
spec:
  params:
    registry: {description: where to look}
    stage: {enum: [dev, prod, 'pre prod']}
  registry: ${registry}
";

/// What bash needs for docker's script.
const BASH_COMPLETION: &str = "/usr/share/bash-completion/bash_completion";

/// What is typed, and the line after the tabulator, up to `|`, which is typed behind it.
const LINES: &[(&str, &str)] = &[
    ("ru", "run |"),
    ("run ol", "run old |"),
    ("run queries/ol", "run queries/old.yaml |"),
    ("run old -p sta", "run old -p stage=|"),
    ("run old -p stage=de", "run old -p stage=dev |"),
    ("run old -p stage=pre", "run old -p stage=pre\\ prod |"),
    ("run old --output=js", "run old --output=json |"),
    ("run old --sort-by -siz", "run old --sort-by -size |"),
    (
        "run old --columns tag,cre",
        "run old --columns tag,created|",
    ),
    (
        "run old --where older_than\\(cre",
        "run old --where older_than\\(created|",
    ),
    ("get tags ghc", "get tags ghcr.io/|"),
    ("get tags localhost:50", "get tags localhost:5000/|"),
    (
        "run old --output-file que",
        "run old --output-file queries/|",
    ),
];

/// A place with a saved query and logins, where docker finds us.
fn place() -> Workplace {
    let config =
        r#"{"auths": {"localhost:5000": {"auth": "Ym9iOng="}, "ghcr.io": {"auth": "Ym9iOng="}}}"#;
    let place = Workplace::new()
        .file("queries/old.yaml", SAVED)
        .file("../home/.docker/config.json", config)
        .file("../home/.docker/cli-plugins/nothing", "");
    let plugin = place.home().join(".docker/cli-plugins/docker-regq");
    symlink(env!("CARGO_BIN_EXE_docker-regq"), plugin).unwrap();
    place
}

/// A place with our script for a shell in it.
fn with_script(shell: &str) -> Workplace {
    let place = place();
    let script = place.run(["completion", shell]).exits(0).stdout;
    place.file("script", script)
}

/// A place with docker's script for a shell in it.
fn with_dockers_script(shell: &str) -> Option<Workplace> {
    Tool::find("docker")?;
    let place = place();
    let script = place.shell(&format!("docker completion {shell}")).run();
    Some(place.file("script", script.exits(0).stdout))
}

/// A blank that zsh puts behind a word goes away when something else than a letter is typed.
fn in_zsh(line: &str) -> String {
    line.replace(" |", "|").replace("queries/|", "queries|")
}

/// Types each of the lines behind the program's name, and looks for what the shell shows of it.
#[track_caller]
fn completes_all(
    terminal: &mut CompletingShell<'_>,
    program: &str,
    shown: impl Fn(&str) -> String,
) {
    for (typed, line) in LINES {
        let (typed, line) = (format!("{program} {typed}"), shown(line));
        terminal.completes(&typed, &format!("{program} {line}"));
    }
}

#[test]
fn bash_completes_with_our_script() {
    let place = with_script("bash");
    let Some(mut terminal) = CompletingShell::start(Shell::Bash, &place) else {
        return;
    };
    terminal.run(". ./script");
    completes_all(&mut terminal, "docker-regq", str::to_owned);
    for (typed, line) in [
        // The quote is closed by bash itself.
        (
            "run old --where 'older_than(cre",
            "run old --where 'older_than(created'|",
        ),
        (
            "run old --where=\"older_than(cre",
            "run old --where=\"older_than(created\" |",
        ),
        ("--config que", "--config queries/|"),
        ("-D run ol", "-D run old |"),
    ] {
        terminal.completes(
            &format!("docker-regq {typed}"),
            &format!("docker-regq {line}"),
        );
    }
    terminal.lists("docker-regq completion ", "bash        (bash, from 3.2 on)");
}

#[test]
fn zsh_completes_with_our_script() {
    let place = with_script("zsh");
    let Some(mut terminal) = CompletingShell::start(Shell::Zsh, &place) else {
        return;
    };
    terminal.run("autoload -Uz compinit; compinit -u -D; . ./script");
    completes_all(&mut terminal, "docker-regq", in_zsh);
    let typed = "docker-regq run old --where 'older_than(cre";
    terminal.completes(typed, "docker-regq run old --where 'older_than(created|");
    terminal.lists(
        "docker-regq completion ",
        "bash        -- bash, from 3.2 on",
    );
}

#[test]
fn fish_completes_with_our_script() {
    fish(&with_script("fish"), "docker-regq");
}

#[test]
fn bash_completes_with_dockers_script() {
    if !tools::has_file(BASH_COMPLETION) {
        return;
    }
    let Some(place) = with_dockers_script("bash") else {
        return;
    };
    let Some(mut terminal) = CompletingShell::start(Shell::Bash, &place) else {
        return;
    };
    terminal.run(&format!(". {BASH_COMPLETION}; . ./script"));
    // Docker's script compares with what it has escaped, commas too, so that behind one nothing fits.
    for (typed, line) in LINES.iter().filter(|(typed, _)| !typed.contains(',')) {
        terminal.completes(
            &format!("docker regq {typed}"),
            &format!("docker regq {line}"),
        );
    }
    terminal.lists("docker regq completion ", "bash        (bash, from 3.2 on)");
}

#[test]
fn zsh_completes_with_dockers_script() {
    let Some(place) = with_dockers_script("zsh") else {
        return;
    };
    let Some(mut terminal) = CompletingShell::start(Shell::Zsh, &place) else {
        return;
    };
    terminal.run("autoload -Uz compinit; compinit -u -D; . ./script");
    completes_all(&mut terminal, "docker regq", in_zsh);
    terminal.lists(
        "docker regq completion ",
        "bash        -- bash, from 3.2 on",
    );
}

#[test]
fn fish_completes_with_dockers_script() {
    if let Some(place) = with_dockers_script("fish") {
        fish(&place, "docker regq");
    }
}

/// fish tells what it would offer without a terminal.
fn fish(place: &Workplace, program: &str) {
    if Tool::find("fish").is_none() {
        return;
    }
    for (typed, offered) in [
        ("ru", "run\tRun saved queries"),
        ("run ol", "old\tImages nobody rebuilt"),
        ("run queries/ol", "queries/old.yaml"),
        ("run old -p stage=de", "stage=dev"),
        ("run old -p stage=pre", "stage=pre prod"),
        ("run old --output=js", "--output=json"),
        ("run old --sort-by -siz", "-size\t"),
        ("run old --columns tag,cre", "tag,created"),
        ("run old --where 'older_than(cre", "older_than(created\t"),
        ("get tags localhost:50", "localhost:5000/\twith a login"),
        ("run old --output-file que", "queries/"),
    ] {
        let line = format!("{program} {typed}");
        let ask = "fish --no-config -c 'source ./script; complete -C \"$LINE\"'";
        let ended = place.shell(ask).env("LINE", line).run().exits(0).quietly();
        let found = ended.stdout.lines().any(|found| found.starts_with(offered));
        assert!(found, "{program} {typed}:\n{}", ended.stdout);
    }
}
