//! Whole runs of the program, each kept with all it printed and said.
//!
//! `queries/CASE/args` holds the words of the command line, one on a line; without it `query.yaml` is run. `input` is
//! what stands on standard input, `layout` names the layouts beside the query (`demo` without it), `stdout`, `stderr`
//! and `exit` are what comes of it. Every other file is put into the folder that the program is started in.

use std::fs;
use std::path::Path;

use super::demo::demo;
use super::support::command::Workplace;
use super::support::golden;
use super::support::image::{Artifact, Image, Index, Schema1};
use super::support::layout::{Damage, Part, TestLayout};

/// Files of a case that are not put into the folder.
const OURS: [&str; 6] = ["args", "input", "layout", "stdout", "stderr", "exit"];

#[test]
fn every_run_is_as_recorded() {
    let cases = golden::entries("queries");
    let wrong = cases.iter().flat_map(|case| check(case));
    golden::report(&wrong.collect::<Vec<String>>());
}

/// A layout that cases name.
fn layout(name: &str) -> TestLayout {
    match name {
        "demo" => demo(),
        "broken" => broken(),
        "kinds" => kinds(),
        "empty" => TestLayout::new(),
        _ => panic!("there is no layout `{name}`"),
    }
}

fn app(version: &str) -> Image {
    Image::new()
        .created("2026-02-01T10:00:00Z")
        .layer(&format!("COPY app {version}"), 1000)
        .label("version", version)
}

/// Two good images between images that are broken in one way each.
fn broken() -> TestLayout {
    let layout = TestLayout::new()
        .tag("team/app:0-good", app("0"))
        .tag("team/app:1-missing", app("1"))
        .tag("team/app:2-flipped", app("2"))
        .tag("team/app:3-no-config", app("3"))
        .tag("team/app:4-long", app("4").padded_to(5 << 20))
        .tag("team/app:7-good", app("7"))
        .damage("team/app:1-missing", Part::Manifest, Damage::Missing)
        .damage("team/app:2-flipped", Part::Manifest, Damage::Flipped)
        .damage("team/app:3-no-config", Part::Config, Damage::Missing);
    #[cfg(unix)]
    let layout = layout
        .tag("team/app:5-link", app("5"))
        .tag("team/app:6-pipe", app("6"))
        .damage("team/app:5-link", Part::Manifest, Damage::Link)
        .damage("team/app:6-pipe", Part::Manifest, Damage::Pipe);
    layout
}

/// Everything that a tag can point to.
fn kinds() -> TestLayout {
    let arm = || app("1").platform("linux/arm64");
    TestLayout::new()
        .tag("team/app:image", app("1"))
        .tag("team/app:docker", app("1").docker())
        .tag("team/app:index", Index::of([app("1"), arm()]).attested())
        .tag("team/app:only-arm", Index::of([arm()]))
        .tag("team/app:artifact", Artifact("application/vnd.acme.report"))
        .tag("team/app:old", Schema1("2015-03-01T12:00:00Z"))
}

/// Runs a case and says what is not as recorded.
fn check(case: &Path) -> Vec<String> {
    let read = |name: &str| fs::read_to_string(case.join(name)).ok();
    let mut place = Workplace::new();
    for name in read("layout").as_deref().unwrap_or("demo").lines() {
        place = place.layout(name, &layout(name));
    }
    for entry in fs::read_dir(case).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !OURS.contains(&name) {
            place = place.file(name, fs::read(&path).unwrap());
        }
    }
    let args = read("args").unwrap_or_else(|| "run\nquery.yaml".to_owned());
    let mut command = place.command(args.lines());
    if let Some(input) = read("input") {
        command = command.input(input);
    }
    let ended = command.run();
    let exit = match ended.exit {
        0 => String::new(),
        code => format!("{code}\n"),
    };
    let files = [
        ("stdout", ended.stdout),
        ("stderr", ended.stderr),
        ("exit", exit),
    ];
    let compared = files.map(|(file, text)| golden::compare(&case.join(file), &text));
    compared.into_iter().filter_map(Result::err).collect()
}
