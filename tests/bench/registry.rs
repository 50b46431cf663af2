//! How long questions to a registry take that is some way off, beside curl and jq: `cargo bench --bench registry`.
//!
//! The registry is the suite's fake, which waits 25 ms before every answer. Times are for reading, not for asserting; how
//! many requests there are is asserted in the suite.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table is what a benchmark is for, and a panic is how it reports"
)]

#[allow(dead_code, unused_imports, reason = "the suite uses the rest")]
#[path = "../suite/support/fake/mod.rs"]
mod fake;
#[allow(dead_code, unused_imports, reason = "the suite uses the rest")]
#[path = "../suite/support/image.rs"]
mod image;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fake::{FakeRegistry, RunningRegistry};
use image::Image;

/// How far off the registry is.
const LATENCY: Duration = Duration::from_millis(25);

/// How often each is run; the middle one counts.
const RUNS: usize = 5;

/// As many requests at once as we begin with.
const CURL: &str = include_str!("registry/curl.sh");

fn main() {
    let tags = images(200);
    let created = ["--columns", "TAG:tag,CREATED:created", "--sort-by=-created"];
    let ours = measure(&tags, || program(&tags, &created));
    let theirs = measure(&tags, || recipe(&tags));
    println!("200 tags with the time of creation, {LATENCY:?} for every answer:");
    println!("  docker-regq          {ours}");
    println!("  curl --parallel, jq  {theirs}");
    let many = names(2000);
    let digests = ["--columns", "TAG:tag,DIGEST:digest"];
    println!("2000 tags with the digest:");
    println!(
        "  docker-regq          {}",
        measure(&many, || program(&many, &digests))
    );
}

/// A repository whose tags have an image each.
fn images(count: usize) -> RunningRegistry {
    let image = |at: usize| {
        let created = format!("2025-{:02}-{:02}T10:00:00Z", at / 28 % 12 + 1, at % 28 + 1);
        let layer = format!("COPY app {at}");
        Image::new().created(&created).layer(&layer, 30_000_000)
    };
    let registry = (0..count).fold(FakeRegistry::new(), |registry, at| {
        registry.tag(&format!("team/app:1.{at}"), image(at))
    });
    registry.latency(LATENCY).start()
}

/// A repository whose tags are all of one image.
fn names(count: usize) -> RunningRegistry {
    let name = |at| format!("1.{at}");
    let registry = FakeRegistry::new().listed_by("team/app", count, name, Image::new());
    registry.latency(LATENCY).start()
}

fn program(registry: &RunningRegistry, more: &[&str]) -> Command {
    let host = registry.host();
    let mut command = Command::new(env!("CARGO_BIN_EXE_docker-regq"));
    let target = format!("{host}/team/app");
    command.args(["get", "tags", &target, "--plain-http", &host]);
    command.args(more);
    command
}

fn recipe(registry: &RunningRegistry) -> Command {
    let mut command = Command::new("sh");
    let base = format!("http://{}/v2/team/app", registry.host());
    command.args(["-c", CURL]).env("HERE", base);
    command
}

/// What a run took: the middle of several, and what one of them asked.
fn measure(registry: &RunningRegistry, command: impl Fn() -> Command) -> String {
    let before = registry.ledger().requests().len();
    let connected = registry.ledger().connections().len();
    let mut times: Vec<Duration> = (0..RUNS).map(|_| time(command())).collect();
    times.sort();
    let requests = (registry.ledger().requests().len() - before) / RUNS;
    let connections = (registry.ledger().connections().len() - connected) / RUNS;
    let [fastest, middle, slowest] = [0, RUNS / 2, RUNS - 1].map(|at| times[at].as_secs_f64());
    format!(
        "{middle:.2} s ({fastest:.2} to {slowest:.2}), {requests} requests, {connections} connections"
    )
}

fn time(mut command: Command) -> Duration {
    command.env("DOCKER_CONFIG", "/none").stdin(Stdio::null());
    let began = Instant::now();
    let ended = command.output().expect("it is installed");
    let took = began.elapsed();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    let rows = ended.stdout.iter().filter(|byte| **byte == b'\n');
    assert!(rows.count() >= 200);
    took
}
