//! Ctrl-C on a terminal: the line, or the screen, is gone, what became of the run is said, and the shell is back at once
//! (threats O2).

use super::support::command::Workplace;
use super::support::fake::{FakeRegistry, RunningRegistry, When};
use super::support::gate::Gate;
use super::support::image::Image;
use super::support::terminal::{Seen, Terminal};
use super::support::tools::Tool;

/// A registry that gives no manifest until the gate is opened.
fn held() -> (RunningRegistry, Gate) {
    let gate = Gate::default();
    let registry = FakeRegistry::new().tag("app:1", Image::new());
    let registry = registry.fault("GET manifests", When::Always, gate.holds());
    (registry.start(), gate)
}

/// Types a line, presses Ctrl-C once this is seen, and gives what is seen after the line when the shell is back.
fn interrupted(terminal: &Terminal<'_>, line: &str, once: &str) -> Seen {
    let line = format!("{line}; echo ended: $?");
    terminal.types(&line);
    terminal.until_it_shows(once);
    terminal.presses("C-c");
    terminal.until_it_shows("ended: 1");
    terminal.until_done(&line)
}

const INTERRUPTED: &str = "warning: interrupted: 0 rows printed";

/// What the terminal itself shows of the key stands at the front of whatever comes next.
fn without_echo(seen: &[String]) -> Vec<&str> {
    let lines = seen.iter().map(|line| line.trim_start_matches("^C"));
    lines.filter(|line| !line.is_empty()).collect()
}

#[test]
fn o2_a_slow_run_ends_and_its_line_is_gone() {
    let (registry, _gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let host = registry.host();
    let line = format!("docker-regq get tags {host}/app --columns tag,size");
    let seen = interrupted(&terminal, &line, "get: 0/1 tags");
    assert_eq!(without_echo(&seen), [INTERRUPTED, "ended: 130"]);
}

#[test]
fn o2_a_watch_ends_in_the_middle_of_a_round_and_gives_the_screen_back() {
    let (registry, _gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let host = registry.host();
    let line = format!("docker-regq get tags {host}/app --columns tag,size -w");
    let seen = interrupted(&terminal, &line, "get: 0/1 tags");
    assert_eq!(without_echo(&seen), ["ended: 130"]);
}

#[test]
fn o2_behind_docker_it_is_the_same() {
    let Some(_docker) = Tool::find("docker") else {
        return;
    };
    let (registry, _gate) = held();
    let place = Workplace::new();
    let plugins = place.home().join(".docker/cli-plugins");
    std::fs::create_dir_all(&plugins).unwrap();
    let program = env!("CARGO_BIN_EXE_docker-regq");
    std::os::unix::fs::symlink(program, plugins.join("docker-regq")).unwrap();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let host = registry.host();
    for (more, said) in [
        ("", &[INTERRUPTED, "ended: 130"][..]),
        ("-w", &["ended: 130"]),
    ] {
        let line = format!("docker regq get tags {host}/app --columns tag,size {more}");
        let seen = interrupted(&terminal, line.trim_end(), "get: 0/1 tags");
        assert_eq!(without_echo(&seen), said);
        terminal.types("clear");
        terminal.until(|seen| seen.len() == 1);
    }
}
