//! What a person sees while a run takes its time: how far it is, in one line that is gone when there is something to read
//! (threats O3).

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::support::command::Workplace;
use super::support::fake::{FakeRegistry, Fault, RunningRegistry, When};
use super::support::gate::Gate;
use super::support::image::Image;
use super::support::terminal::Terminal;

/// A registry with 20 tags, and what goes wrong with it.
fn registry(requests: &str, when: When, fault: Fault) -> RunningRegistry {
    let tags = (0..20).fold(FakeRegistry::new(), |registry, number| {
        registry.tag(&format!("app:{number:02}"), Image::new())
    });
    tags.fault(requests, when, fault).start()
}

/// The same, which holds one of its answers back until the gate is opened.
fn held() -> (RunningRegistry, Gate) {
    let gate = Gate::default();
    let registry = registry("GET manifests", When::Nth(20), gate.holds());
    (registry, gate)
}

/// What asks it for something of every tag.
fn sizes(registry: &RunningRegistry, more: &str) -> String {
    let host = registry.host();
    let line = format!("docker-regq get tags {host}/app --columns tag,size {more}");
    line.trim_end().to_owned()
}

#[test]
fn o3_a_slow_run_tells_how_far_it_is_and_who_is_waited_for_and_then_it_is_gone() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let line = sizes(&registry, "");
    terminal.types(&line);
    let seen = terminal.until_it_shows("/20 tags, ");
    let told = seen.last().unwrap();
    assert!(told.starts_with("get: "), "{told}");
    assert!(told.contains("requests"), "{told}");
    let seen = terminal.until_it_shows("no answer from 127.0.0.1:");
    assert_eq!(seen.len(), 2, "it is one line: {seen:#?}");
    gate.open();
    let seen = terminal.until_done(&line);
    assert_eq!(seen.len(), 21, "{seen:#?}");
    assert_eq!(seen[0], "TAG   SIZE");
    assert!(!seen.join("\n").contains("requests"));
}

#[test]
fn o3_what_a_host_asks_for_is_told() {
    let registry = registry("GET manifests", When::First(1), Fault::busy(429, "4"));
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let line = sizes(&registry, "");
    terminal.types(&line);
    terminal.until_it_shows("127.0.0.1:");
    terminal.until_it_shows(" asks to wait ");
    assert_eq!(terminal.until_done(&line).len(), 21);
}

#[test]
fn o3_the_line_fits_a_window_that_is_made_narrower_and_leaves_nothing_behind() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    // Short, so that it stays on one line. While the program sleeps, the terminal can say that it is another size.
    let script = format!("{} &\necho $! > pid\nwait\n", sizes(&registry, ""));
    fs::write(place.path("ask"), script).unwrap();
    terminal.types("sh ask");
    terminal.until_it_shows("requests; no answer from");
    let id = place
        .read("pid")
        .trim()
        .parse()
        .ok()
        .and_then(Pid::from_raw);
    let send = |signal| kill_process(id.unwrap(), signal).unwrap();
    for columns in [40, 24, 80] {
        send(Signal::STOP);
        terminal.resize(columns, 30);
        send(Signal::CONT);
        terminal.until(|seen| {
            let told: Vec<&String> = seen.iter().filter(|line| line.contains("/20")).collect();
            matches!(told.as_slice(), [told] if told.chars().count() < columns)
                && seen.last() == Some(told[0])
        });
    }
    gate.open();
    let seen = terminal.until(|seen| seen.last().is_some_and(|last| last == "ready>"));
    let table = seen.iter().position(|line| line == "TAG   SIZE").unwrap();
    assert_eq!(seen.len() - table, 22, "{seen:#?}");
    assert!(!seen.join("\n").contains("/20"), "{seen:#?}");
}

#[test]
fn o3_requests_are_shown_above_the_line_and_not_within_it() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 120, 60) else {
        return;
    };
    let line = sizes(&registry, "-v");
    terminal.types(&line);
    terminal.until_it_shows("/20 tags, ");
    gate.open();
    let seen = terminal.until_done(&line);
    let (talk, table): (Vec<&String>, Vec<&String>) =
        seen.iter().partition(|line| line.contains(" → "));
    assert_eq!(table.len(), 21);
    assert!(talk.len() >= 21, "{talk:#?}");
    let is_whole = |line: &&&String| line.starts_with("GET ") || line.starts_with("HEAD ");
    assert_eq!(
        talk.iter().filter(is_whole).count(),
        talk.len(),
        "{talk:#?}"
    );
}

#[test]
fn o3_what_another_program_shows_on_the_same_terminal_is_not_drawn_into() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 120, 60) else {
        return;
    };
    let line = format!("{} | cat", sizes(&registry, ""));
    terminal.types(&line);
    terminal.until_it_shows("/20 tags, ");
    gate.open();
    let seen = terminal.until_done(&line);
    assert_eq!(
        (seen.len(), seen[0].as_str()),
        (21, "TAG   SIZE"),
        "{seen:#?}"
    );
}

#[test]
fn o3_nothing_is_drawn_where_nobody_looks_or_nothing_can_be_written_over() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    let dumb = format!("TERM=dumb {}", sizes(&registry, ""));
    terminal.types(&dumb);
    registry.ledger().wait_for("GET /v2/app/manifests", 20);
    let never = format!("{} & fg", sizes(&registry, "--progress never"));
    gate.open();
    assert_eq!(terminal.until_done(&dumb).len(), 21);
    terminal.types(&never);
    let seen = terminal.until_done(&never);
    assert!(!seen.join("\n").contains("requests"), "{seen:#?}");
}

#[test]
fn progress_that_is_asked_for_without_a_terminal_comes_in_lines() {
    let (registry, gate) = held();
    let place = Workplace::new();
    let target = format!("{}/app", registry.host());
    let words = ["get", "tags", &target, "--columns", "tag,size"];
    let always = [&words[..], &["--progress", "always"]].concat();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let command = place.command(always).stdout(Stdio::null()).stderr(writer);
    let running = std::thread::spawn(|| command.run());
    let mut line = String::new();
    let mut words = BufReader::new(&mut reader);
    words.read_line(&mut line).unwrap();
    assert!(line.starts_with("get: "), "{line:?}");
    assert!(
        line.contains("/20 tags, ") && !line.contains('\u{1b}'),
        "{line:?}"
    );
    gate.open();
    running.join().unwrap().exits(0);
    let mut rest = String::new();
    words.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains('\u{1b}'), "{rest:?}");
}
