//! The queries that come with the program: each is valid, short, says what it is for and how it is run, and can be run by
//! its name. What they print is recorded in `reports/*`, of layouts in `queries/shipped-*`, of vendors in `vendors/*`.

use std::fs;
use std::path::{Path, PathBuf};

use super::support::command::Workplace;
use super::support::golden;
use super::support::image::{Image, Index};
use super::support::layout::TestLayout;
use super::support::real_registry::RealRegistry;
use super::support::recipe;

/// The names of all of them.
fn names() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
    let paths = fs::read_dir(folder).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let queries = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = queries.map(|path| name(&path)).collect();
    names.sort();
    names
}

#[test]
fn every_one_is_valid_and_nothing_is_said_about_it() {
    for name in names() {
        let path = format!("{}/queries/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
        Workplace::new().run(["validate", &path]).exits(0).quietly();
    }
}

#[test]
fn every_one_can_be_named_anywhere_and_says_what_it_is_for() {
    let list = ["list", "-o", "json"];
    let listed = Workplace::new().run(list).exits(0).quietly().stdout;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let listed = listed["items"].as_array().unwrap();
    let found: Vec<_> = listed.iter().map(|row| row["NAME"].clone()).collect();
    assert_eq!(found, names());
    for row in listed {
        assert_eq!(row["FROM"], "built in", "{row}");
        assert!(row["DESCRIPTION"].as_str().unwrap().len() > 20, "{row}");
    }
}

/// What is written in one of them.
fn text(name: &str) -> String {
    let path = format!("{}/queries/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_one_can_be_read_at_a_glance() {
    for name in names() {
        for document in text(&name).split("\n---\n") {
            let (_, spec) = document
                .split_once("\nspec:\n")
                .expect("a query has a spec");
            assert!(spec.lines().count() <= 15, "{name}:\n{spec}");
        }
        for line in text(&name).lines() {
            assert!(line.chars().count() <= 130, "{name}: {line}");
        }
    }
}

/// The demo is run by its path, as the README does; everything else by its name. Before that only an editor reads on.
#[test]
fn every_one_begins_with_the_command_that_runs_it() {
    let pins = format!("ghcr.io/acme/api:1.4@sha256:{}\n", "5".repeat(64));
    for name in names().into_iter().filter(|name| name != "demo") {
        let text = text(&name);
        let command = text.lines().nth(1).unwrap().strip_prefix("# ").unwrap();
        let run = format!("docker-regq run {name} ");
        assert!(command.starts_with(&run), "{command}");
        let plan = command.replacen(" run ", " plan ", 1);
        let place = Workplace::new().file("pins.txt", &pins);
        place.shell(&plan).run().exits(0).quietly();
    }
}

#[test]
fn every_one_has_a_recorded_run() {
    let vendors = golden::entries("vendors").into_iter();
    let vendor = |path: PathBuf| format!("vendors/{}", path.file_name().unwrap().display());
    let folders = ["queries", "reports"].map(str::to_owned).into_iter();
    let recorded = folders
        .chain(vendors.map(vendor))
        .flat_map(|folder| golden::entries(&folder));
    let runs = recorded.filter_map(|case| {
        let args = fs::read_to_string(case.join("args")).ok()?;
        let name = args.strip_prefix("run\n")?.lines().next()?.to_owned();
        (!case.join(format!("{name}.yaml")).exists()).then_some(name)
    });
    let runs: Vec<String> = runs.collect();
    let missing: Vec<String> = names()
        .into_iter()
        .filter(|name| !runs.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Images by tag: both flavours, equal times, several platforms.
fn images() -> Vec<(&'static str, Image)> {
    let image = |tag: &str, created: &str| {
        let layer = format!("COPY app {tag}");
        Image::new().created(created).layer(&layer, 0).stored()
    };
    vec![
        ("team/app:1.0", image("1.0", "2024-01-10T20:03:58Z")),
        (
            "team/app:1.1",
            image("1.1", "2024-07-01T08:00:00Z").docker(),
        ),
        ("team/app:1.1-rebuilt", image("b", "2024-07-01T08:00:00Z")),
        ("team/app:0.9", image("0.9", "2025-03-01T10:00:00Z")),
    ]
}

#[test]
fn image_summary_of_a_layout_is_what_the_recipe_tells_of_a_registry() {
    let Some(registry) = RealRegistry::open() else {
        return;
    };
    let mut layout = TestLayout::new();
    for (name, image) in images() {
        registry.push(name, image.clone());
        layout = layout.tag(name, image);
    }
    let both = images().into_iter().map(|(_, image)| image);
    let both: Vec<Image> = both.take(2).collect();
    let arm = both[1].clone().platform("linux/arm64");
    let only_arm = Index::of([arm.clone()]);
    let index = Index::of([arm, both[0].clone()]).attested();
    for (name, index) in [("team/app:2.0", index), ("team/app:arm", only_arm)] {
        registry.push(name, index.clone());
        layout = layout.tag(name, index);
    }

    let place = Workplace::new().layout("layout", &layout);
    let told = recipe::image_summary(&registry, "team/app");
    let rows = told.rows.iter().map(|row| row.join("\t") + "\n");
    let run = "run image-summary -o tsv --no-headers -p registry=oci:layout -p repository=team/app";
    let ended = place.run(run.split(' ')).exits(0).quietly();
    ended.prints(&rows.collect::<String>());
}
