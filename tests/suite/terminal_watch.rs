//! `--watch` as a person sees it: tables that are drawn over, what changed marked, and the terminal as before at the end.

use super::support::command::Workplace;
use super::support::fake::{FakeRegistry, RunningRegistry};
use super::support::image::Image;
use super::support::terminal::Terminal;

fn registry() -> RunningRegistry {
    let tags = ["app:1", "app:2", "app:3"].into_iter();
    let registry = tags.fold(FakeRegistry::new(), |registry, tag| {
        registry.tag(tag, Image::new())
    });
    registry.start()
}

fn watching(registry: &RunningRegistry, more: &str) -> String {
    let host = registry.host();
    format!("docker-regq get tags {host}/app {more} -w=2s; echo ended: $?")
}

#[test]
fn what_changes_is_marked_and_the_terminal_is_as_before_at_the_end() {
    let registry = registry();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 120, 30) else {
        return;
    };
    let line = watching(&registry, "--columns tag,total_size,digest --color never");
    terminal.types(&line);
    let seen = terminal.until_it_shows("next in ");
    assert_eq!(seen[0], "get, every 2s");
    assert!(seen[1].starts_with("as of "), "{seen:#?}");
    let columns = ["TAG", "TOTAL_SIZE", "DIGEST"];
    assert_eq!(seen[3].split_whitespace().collect::<Vec<_>>(), columns);
    assert!(seen[4].starts_with("  1     103B         "), "{seen:#?}");
    assert_eq!(seen.len(), 7);
    registry.tag("app:4", Image::new());
    terminal.until(|seen| seen.len() == 8 && seen[7].starts_with("+ 4     103B"));
    terminal.until(|seen| seen.len() == 8 && seen[7].starts_with("  4     103B"));
    registry.untag("app:1");
    let seen = terminal.until(|seen| seen.len() == 8 && seen[4].starts_with("- 1     103B"));
    assert!(seen[1].contains("; 1 gone; "), "{seen:#?}");
    terminal.until(|seen| seen.len() == 7 && seen[4].starts_with("  2     103B"));
    registry.tag("app:3", Image::new().label("a", "b"));
    let seen = terminal.until(|seen| seen.len() == 7 && seen[5].starts_with("~ 3     "));
    let cells: Vec<&str> = seen[5].split_whitespace().collect();
    assert!(
        cells[2].ends_with('*') && cells[3].ends_with('*'),
        "{seen:#?}"
    );
    // A second round of the same changes nothing, and marks nothing.
    terminal.until(|seen| seen.len() == 7 && seen[5].starts_with("  3     "));
    terminal.presses("C-c");
    let seen = terminal.until_it_shows("ended: 130");
    assert!(seen[0].ends_with(&line), "{seen:#?}");
    assert_eq!(seen[1], "ended: 130");
}

#[test]
fn a_round_that_brings_nothing_leaves_the_table_and_says_so() {
    let registry = registry();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    terminal.types(&watching(&registry, "--columns tag,size"));
    terminal.until_it_shows("next in ");
    registry.stop();
    let seen = terminal.until_it_shows("stale: as of ");
    assert!(
        seen[4..7].iter().all(|line| line.contains("103B")),
        "{seen:#?}"
    );
    assert!(seen[8..].join("\n").contains("refused"), "{seen:#?}");
    terminal.presses("C-c");
    terminal.until_it_shows("ended: 130");
}

#[test]
fn a_window_that_is_too_small_shows_what_it_can() {
    let registry = registry();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 60, 24) else {
        return;
    };
    terminal.types(&watching(&registry, "--columns tag,digest"));
    terminal.until_it_shows("next in ");
    terminal.resize(30, 6);
    let seen = terminal.until_it_shows("… 2 more");
    assert_eq!(seen.len(), 6, "{seen:#?}");
    assert!(
        seen.iter().all(|line| line.chars().count() <= 30),
        "{seen:#?}"
    );
    terminal.resize(60, 24);
    terminal.until(|seen| seen.len() == 7);
    terminal.presses("C-c");
}

#[test]
fn what_a_digest_names_is_asked_once_for_all_rounds() {
    let registry = registry();
    let place = Workplace::new();
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    terminal.types(&watching(&registry, "--columns tag,created"));
    registry.ledger().wait_for("GET /v2/app/tags/list", 4);
    terminal.presses("C-c");
    terminal.until_it_shows("ended: 130");
    let ledger = registry.ledger();
    // All tags point to the same.
    assert_eq!(ledger.count("GET /v2/app/blobs/"), 1);
    assert!(ledger.count("GET /v2/app/manifests/") >= 9);
}

#[test]
fn a_watch_that_cannot_be_is_refused() {
    let place = Workplace::with_demo();
    for (words, message) in [
        (
            &["run", "demo", "--watch"][..],
            "standard output is none that can be drawn over",
        ),
        (
            &["run", "demo", "--watch", "--output-file", "x"],
            "`--output-file` writes a file",
        ),
        (
            &["run", "demo", "--watch=500ms"],
            "`--watch` looks every 1s at most",
        ),
        (&["run", "demo", "--watch=soon"], "a duration is written as"),
        (&["plan", "demo", "-w"], "a plan asks nothing that changes"),
    ] {
        place.run(words).exits(2).prints("").says(message);
    }
    let Some(terminal) = Terminal::open(&place, 100, 30) else {
        return;
    };
    for words in ["-o json", "-q", "-o query", "-o 'jmespath=items'"] {
        terminal.types(&format!(
            "clear; docker-regq run demo -w {words}; echo ended: $?"
        ));
        let seen = terminal.until_it_shows("ended: 2");
        assert!(seen[0].contains("`--watch` shows a table"), "{seen:#?}");
    }
    terminal.types("clear; TERM=dumb docker-regq run demo -w; echo ended: $?");
    let seen = terminal.until_it_shows("ended: 2");
    assert!(seen[0].contains("none that can be drawn over"), "{seen:#?}");
}
