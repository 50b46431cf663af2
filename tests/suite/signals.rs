//! Being told to stop, by real signals and by Docker's socket: promptly, with an exit code that says so, and with nothing
//! half done left behind (threats O2).

use std::io::Read;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use super::streams::many_tags;
use super::support::command::{Ended, Workplace};
use super::support::fake::{At, FakeRegistry, Fault, When};
use super::support::image::Image;
use super::support::running::Running;

/// A place with a layout that a slow query has long to do with.
pub(super) fn place() -> Workplace {
    Workplace::new().layout("layout", &many_tags())
}

/// A condition that holds and takes its time.
fn slow() -> String {
    format!("length(tag{}) == `2`", " | [@, @]".repeat(12))
}

/// Starts a run that waits for the rest of its query.
fn reading(place: &Workplace) -> Running {
    let command = place.command(["run", "-"]).stdin(Stdio::piped());
    command.start().reads()
}

/// The words of a run that takes long, with rows so wide that some of them are printed before the others are worked out.
pub(super) fn long(more: &[&str]) -> Vec<String> {
    let columns = format!("TAG:tag,PAD:'{}'", "x".repeat(8000));
    let words = [
        "get",
        "tags",
        "oci:layout",
        "--columns",
        &columns,
        "--where",
        &slow(),
    ];
    let words = words.iter().chain(more);
    words.map(|word| (*word).to_owned()).collect()
}

/// Starts such a run and interrupts it once its first row is there; gives all that it printed.
fn interrupted(place: &Workplace, format: &str) -> Ended {
    let running = place.command(long(&["-o", format])).start();
    let first = running.line();
    let mut ended = running.signal(Signal::INT).ends_promptly().exits(130);
    ended.stdout.insert_str(0, &first);
    ended
}

#[test]
fn o2_a_signal_ends_it_also_while_it_reads() {
    let place = place();
    for (signal, exit) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let ended = reading(&place).signal(signal).ends_promptly();
        ended.exits(exit).prints("").says("warning: interrupted");
    }
}

#[test]
fn o2_more_signals_end_it_no_later() {
    let place = place();
    let thrice = reading(&place).signal(Signal::INT).signal(Signal::INT);
    thrice.signal(Signal::INT).ends_promptly().exits(130);
}

#[test]
fn o2_the_rows_so_far_stand_and_are_counted() {
    let place = place();
    let ended = interrupted(&place, "ndjson");
    let rows: Vec<Value> = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("no line is cut"))
        .collect();
    assert!(!rows.is_empty() && rows.len() < 4000, "{}", rows.len());
    let words = format!("warning: interrupted: {} rows printed\n", rows.len());
    assert_eq!(ended.stderr, words);
}

#[test]
fn o2_a_document_is_whole_and_says_that_it_is_not_complete() {
    let ended = interrupted(&place(), "json");
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["complete"], false);
    let errors = document["errors"].as_array().unwrap();
    let codes: Vec<&Value> = errors.iter().map(|error| &error["code"]).collect();
    assert_eq!(codes, ["INTERRUPTED"]);
    let rows = document["items"].as_array().unwrap().len();
    ended.says(&format!("interrupted: {rows} rows printed"));
    let ended = interrupted(&place(), "yaml");
    assert!(ended.stdout.ends_with("complete: false\n"));
}

#[test]
fn o2_no_line_is_cut() {
    for (format, comma) in [("csv", ','), ("tsv", '\t')] {
        let ended = interrupted(&place(), format);
        assert!(ended.stdout.ends_with('\n'));
        let full = |line: &str| {
            line.split(comma)
                .nth(1)
                .is_some_and(|cell| cell.len() == 8000)
        };
        assert!(ended.stdout.lines().skip(1).all(full), "{format}");
    }
}

#[test]
fn h2_what_is_written_whole_or_not_at_all_is_not() {
    let place = place().file("report", "of yesterday\n");
    let begun = |names: Vec<String>| names.iter().any(|name| name.starts_with(".docker-regq-"));
    for format in ["json", "table"] {
        let args = long(&["-o", format, "--output-file", "report"]);
        let running = place.command(args).start();
        let running = running.until(|| begun(place.names()));
        let ended = running.signal(Signal::TERM).ends_promptly();
        ended.exits(143).prints("").says("warning: interrupted");
        assert_eq!(place.read("report"), "of yesterday\n");
        assert_eq!(place.names(), ["layout", "report"]);
    }
    let strict = place.command(long(&["--strict", "-o", "json", "--output-file", "new"]));
    let running = strict.start().until(|| begun(place.names()));
    running
        .signal(Signal::INT)
        .ends_promptly()
        .exits(130)
        .prints("");
    assert_eq!(place.names(), ["layout", "report"]);
}

#[test]
fn o2_what_computes_is_ended_too() {
    let place = place().file("report", "");
    // Sorted, so that everything is worked out before there is a row.
    let args = ["--sort-by", &slow(), "--output-file", "new"];
    let running = place.command(long(&args)).start();
    let running = running.until(|| place.names().len() > 2);
    running.signal(Signal::INT).ends_promptly().exits(130);
    assert_eq!(place.names(), ["layout", "report"]);
}

#[test]
fn o2_a_reader_who_does_not_read_holds_nothing_up() {
    let place = place();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let words = [
        "get",
        "tags",
        "oci:layout",
        "-o",
        "json",
        "--columns",
        "tag,registry",
    ];
    let running = place.command(words).stdout(writer).start();
    // It has begun to print more than a pipe holds.
    reader.read_exact(&mut [0]).unwrap();
    running.signal(Signal::TERM).ends_promptly().exits(143);
}

#[test]
fn o2_a_probe_is_interrupted_like_a_run() {
    let place = place();
    let command = place
        .command(["plan", "--probe", "-"])
        .stdin(Stdio::piped());
    let running = command.start().reads();
    running
        .signal(Signal::INT)
        .ends_promptly()
        .exits(130)
        .prints("");
}

#[test]
fn the_time_of_a_run_has_an_end() {
    let place = place();
    let registry = FakeRegistry::new()
        .tag("app:1", Image::new())
        .fault("GET manifests", When::Always, Fault::stalled(At::Start))
        .start();
    let target = format!("{}/app", registry.host());
    let words = [
        "get",
        "tags",
        &target,
        "--columns",
        "tag,size",
        "-o",
        "json",
    ];
    let ended = place
        .run([&words[..], &["--timeout", "2s"]].concat())
        .exits(3);
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(document["complete"], false);
    assert_eq!(document["errors"][0]["code"], "TIMEOUT");
    ended.says("the time that `--timeout` gives was over (TIMEOUT)");
    place
        .run(["get", "tags", "oci:layout", "--timeout", "5m"])
        .exits(0)
        .quietly();
}

#[test]
fn a_time_that_is_over_before_anybody_answers_is_no_result() {
    let place = place().file("report", "of yesterday\n");
    let args = [
        "get",
        "tags",
        "oci:layout",
        "--timeout",
        "1ns",
        "--output-file",
        "report",
    ];
    place.run(args).exits(5).says("there is no result");
    assert_eq!(place.read("report"), "of yesterday\n");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener};

    use super::*;

    const SOCKET: &str = "DOCKER_CLI_PLUGIN_SOCKET";

    fn reading_with(place: &Workplace, address: &str) -> Running {
        let command = place.command(["run", "-"]).stdin(Stdio::piped());
        command.env(SOCKET, address).start().reads()
    }

    /// A listener under a name of its own, and how Docker writes that name.
    fn abstract_listener() -> (UnixListener, String) {
        let name = format!(
            "regq_test_{}_{:?}",
            std::process::id(),
            std::thread::current().id()
        );
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        (
            UnixListener::bind_addr(&address).unwrap(),
            format!("@{name}"),
        )
    }

    #[test]
    fn o2_docker_stops_it_by_closing_its_socket() {
        let place = place();
        let (by_name, name) = abstract_listener();
        let path = place.path("socket");
        let by_path = UnixListener::bind(&path).unwrap();
        for (listener, address) in [(by_name, name.as_str()), (by_path, path.to_str().unwrap())] {
            let running = reading_with(&place, address);
            let (connection, _) = listener.accept().unwrap();
            drop(connection);
            running.ends_promptly().exits(143).prints("");
        }
    }

    #[test]
    fn o2_a_key_press_that_is_heard_twice_is_one() {
        let place = place();
        let (listener, address) = abstract_listener();
        let running = reading_with(&place, &address);
        let (connection, _) = listener.accept().unwrap();
        let running = running.signal(Signal::INT);
        drop(connection);
        running.ends_promptly().exits(130);
    }

    #[test]
    fn a_socket_that_is_not_there_is_no_matter() {
        let place = Workplace::with_demo();
        let plain = place.run(["run", "demo"]).exits(0).stdout;
        for address in ["@nobody", "/nowhere/socket", "@", ""] {
            let command = place.command(["run", "demo"]).env(SOCKET, address);
            command.run().exits(0).quietly().prints(&plain);
        }
    }

    #[test]
    fn a_signal_that_was_ignored_stays_ignored() {
        let place = place();
        let shell = place.shell("trap '' HUP; exec docker-regq run -");
        let running = shell.stdin(Stdio::piped()).start().reads();
        // If the first were heard, it would decide how the program ends.
        let running = running.signal(Signal::HUP).signal(Signal::TERM);
        running.ends_promptly().exits(143);
    }

    #[test]
    fn k4_a_crash_would_leave_no_memory_behind() {
        let place = place();
        let running = reading(&place);
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let numbers: Vec<&str> = core.unwrap().split_whitespace().skip(4).take(2).collect();
        assert_eq!(numbers, ["0", "0"]);
        running.signal(Signal::TERM).ends_promptly().exits(143);
    }
}
