//! Readers that go away, and what is said when an invariant of ours is broken.

use std::env;
use std::io::pipe;
use std::process::{Command, Output, Stdio};

use regq::oci::{Digest, MediaType};
use serde_json::json;

use super::support::command::Workplace;
use super::support::layout::TestLayout;

/// A layout with so many tags that their list fills any pipe; nothing is stored behind them.
pub(crate) fn many_tags() -> TestLayout {
    let digest = Digest::of(b"nothing").to_string();
    (0..4000).fold(TestLayout::new(), |layout, number| {
        layout.entry(json!({
            "mediaType": MediaType::OCI_MANIFEST,
            "digest": digest,
            "size": 1000,
            "annotations": {
                "io.containerd.image.name": format!("acme.example/team/application:build-{number:08}"),
                "org.opencontainers.image.ref.name": format!("build-{number:08}"),
            },
        }))
    })
}

#[test]
fn o1_a_reader_who_has_seen_enough_ends_the_run_quietly() {
    let place = Workplace::new().layout("layout", &many_tags());
    for format in [
        "table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown", "html", "name",
    ] {
        let args = [
            "get",
            "tags",
            "oci:layout",
            "-o",
            format,
            "--columns",
            "tag,repository,registry",
        ];
        let whole = place.run(args).exits(0);
        assert!(whole.stdout.len() > 80_000, "{format} fits into a pipe");
        let first = whole.stdout.lines().next().unwrap();
        let command = place.command(args);
        let ended = command.run_for_one_line().exits(0).quietly();
        assert_eq!(ended.stdout, format!("{first}\n"));
    }
}

#[test]
fn o1_a_reader_who_was_never_there_is_no_error() {
    let place = Workplace::with_demo();
    for args in [
        &["run", "demo"][..],
        &["run", "demo", "-o", "json"],
        &["plan", "demo"],
        &["explain", "tags"],
        &["list"],
        &["version"],
        &["--help"],
        &["run", "--help"],
    ] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        place.command(args).stdout(writer).run().exits(0).quietly();
    }
}

#[cfg(unix)]
#[test]
fn o1_a_closed_output_is_no_error_either() {
    let place = Workplace::with_demo();
    for line in [
        "docker-regq run demo >&-",
        "docker-regq run demo 2>&-",
        "docker-regq run demo <&-",
        "docker-regq run demo <&- >&- 2>&-",
    ] {
        place.shell(line).run().exits(0).quietly();
    }
}

#[test]
fn o1_nobody_reading_the_words_changes_nothing() {
    let query = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: q}\nspec:\n  \
                 registry: oci:demo\n  repositories: [shop/api, shop/none]\n";
    let place = Workplace::with_demo().file("q.yaml", query);
    let heard = place.run(["run", "q.yaml"]).exits(3);
    assert!(!heard.stderr.is_empty());
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let command = place.command(["run", "q.yaml"]).stderr(writer);
    command.run().exits(3).prints(&heard.stdout);
    for args in [&["run", "none"][..], &["run", "--nonsense"], &["rnu"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        place.command(args).stderr(writer).run().exits(2).prints("");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn h2_a_full_disk_is_said() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let place = Workplace::with_demo();
    let ended = place.command(["run", "demo"]).stdout(full).run();
    ended
        .exits(3)
        .says("error: the output broke off: No space left on device");
}

const PANIC: &str = "REGQ_TEST_PANIC";

/// Runs this test again in a process of its own, where it panics.
fn panicking(test: &str, how: &str) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", &format!("suite::streams::{test}"), "--nocapture"]);
    command.env(PANIC, how).env("RUST_BACKTRACE", "1");
    command.stdin(Stdio::null()).output().unwrap()
}

fn panic_if_asked() {
    let Some(how) = env::var_os(PANIC) else {
        return;
    };
    regq::cli::install_panic_hook();
    let secret = "hunter2";
    if how == "thread" {
        let thread = std::thread::spawn(move || panic!("the password is {secret}"));
        let _ = thread.join();
    }
    panic!("the password is {secret}");
}

#[test]
fn o7_a_panic_is_one_line_without_what_it_was_about() {
    panic_if_asked();
    for how in ["here", "thread"] {
        let output = panicking("o7_a_panic_is_one_line_without_what_it_was_about", how);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{how}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{how}: {stderr}");
        let start = "docker-regq: internal error at tests/suite/streams.rs:";
        assert!(stderr.starts_with(start), "{how}: {stderr}");
        assert!(!stderr.contains("hunter2"), "{how}: {stderr}");
    }
}
