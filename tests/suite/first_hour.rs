//! What a newcomer does first: the demo, from wherever they stand, and the examples of the help.

use std::path::Path;

use serde_json::json;

use super::support::command::Workplace;
use super::support::fake::{Answer, FakeRegistry, Fault, RunningRegistry, When};
use super::support::golden;
use super::support::image::Image;

/// What the demo prints.
fn demo() -> String {
    let path = golden::folder("queries").join("demo-table/stdout");
    std::fs::read_to_string(path).expect("it is recorded")
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_demo_runs_from_any_folder() {
    let place = Workplace::new();
    let path = repository().join("queries/demo.yaml");
    let path = path.to_str().unwrap();
    for (folder, query) in [
        (repository(), "queries/demo.yaml"),
        (repository(), "./queries/demo.yaml"),
        (&repository().join("queries"), "demo.yaml"),
        (&repository().join("src"), "../queries/demo.yaml"),
        (Path::new("/"), path),
        (&place.path(""), path),
        (&place.path(""), "demo"),
        (Path::new("/"), "demo"),
    ] {
        let ended = place.command(["run", query]).within(folder).run();
        ended.exits(0).quietly().prints(&demo());
    }
}

#[test]
fn inside_the_repository_the_demo_is_the_file() {
    let place = Workplace::new();
    for folder in ["", "src", "tests/suite"] {
        let folder = repository().join(folder);
        // Where the sources were not cloned, nothing says how far up to look.
        if folder != repository() && !repository().join(".git").exists() {
            continue;
        }
        let ended = place.command(["run", "demo"]).within(&folder).run();
        // It hides the built-in query of its name, but that is the same, so nothing is said.
        ended.exits(0).prints(&demo()).quietly();
    }
}

#[test]
fn the_demo_gives_the_same_bytes_twice() {
    let place = Workplace::new();
    for format in [
        "table", "wide", "json", "ndjson", "yaml", "csv", "tsv", "markdown", "html", "name",
    ] {
        let run = || place.run(["run", "demo", "-o", format]).exits(0).stdout;
        let first = run();
        assert!((0..3).all(|_| run() == first), "{format}");
    }
}

#[test]
fn the_clock_of_a_report_is_a_number_of_seconds() {
    let place = Workplace::new();
    let at = |epoch: &str| {
        let command = place.command(["run", "demo", "--limit", "1"]);
        command.env("SOURCE_DATE_EPOCH", epoch).run()
    };
    let later = at("1803945600").exits(0);
    assert!(later.stdout.contains(" 2y284d "), "{}", later.stdout);
    at("yesterday").exits(2).says("`SOURCE_DATE_EPOCH`");
    at("").exits(0);
}

#[test]
fn o4_neither_locale_nor_a_dumb_terminal_changes_a_byte() {
    let place = Workplace::new();
    for (name, value) in [
        ("LANG", "C"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TERM", "dumb"),
        ("NO_COLOR", "1"),
        ("CLICOLOR_FORCE", ""),
        ("TZ", "Pacific/Apia"),
    ] {
        let command = place.command(["run", "demo"]).env(name, value);
        command.run().exits(0).quietly().prints(&demo());
    }
}

/// The commands that the help lists.
fn commands(place: &Workplace) -> Vec<String> {
    let help = place.run(["--help"]).exits(0).stdout;
    let listed = help.split("Commands:\n").nth(1).unwrap();
    let lines = listed.lines().take_while(|line| !line.is_empty());
    let names = lines.map(|line| line.split_whitespace().next().unwrap().to_owned());
    names.collect()
}

/// The examples at the end of a help, without what is said about them.
fn examples(help: &str) -> Vec<String> {
    let starts = ["Examples:\n", "Start here:\n"];
    let block = starts.iter().find_map(|start| help.split(start).nth(1));
    let lines = block.unwrap_or_default().lines().map(str::trim);
    lines
        .map(|line| line.split("   ").next().unwrap_or(line).to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Everything that the examples name.
fn with_examples() -> Workplace {
    let query = |name: &str| {
        format!(
            "apiVersion: regq/v1\nkind: Query\nmetadata:\n  name: {name}\nspec:\n  \
             params:\n    days: {{type: integer, default: 90}}\n  registry: oci:layout\n  \
             where: older_than(created, params.days)\n"
        )
    };
    let images = super::demo::demo();
    Workplace::new()
        .layout("layout", &images)
        .layout("queries/layout", &images)
        .file("stale.yaml", query("stale"))
        .file("queries/stale.yaml", query("stale"))
        .file(
            "report.yaml",
            format!("{}---\n{}", query("sizes"), query("ages")),
        )
        .file("manifest.json", r#"{"layers": [{"size": 1}]}"#)
}

/// A registry that stands in for those that the examples name.
pub(super) fn named_in_examples(place: &Workplace) -> RunningRegistry {
    let image = |day: u32| Image::new().created(&format!("2026-01-{day:02}T00:00:00Z"));
    let registry = FakeRegistry::new()
        .tag("library/alpine:3.20", image(1))
        .tag("library/alpine:3.21", image(2))
        .tag("library/alpine:latest", image(2))
        .tag("team/app:1.0", image(3))
        .tag("team/app:1.4.1", image(3))
        .tag("team/app:1.4.2", image(4))
        .tag("acme/app:1.0", image(4))
        .tag("staging/web:1", image(5))
        .tag("release/web:1", image(6))
        .fault(
            "namespaces",
            When::Always,
            Fault::Instead(Answer::json(&json!({"results": []}))),
        )
        .start();
    let endpoint = format!("{{endpoint: \"http://{}\"}}", registry.host());
    let hosts = [
        "docker.io",
        "hub.docker.com",
        "localhost:5000",
        "ghcr.io",
        "registry.acme.dev",
    ];
    let hosts = hosts.map(|host| format!("  {host}: {endpoint}\n"));
    let settings = format!("registries:\n{}", hosts.concat());
    let logins =
        json!({"auths": {"https://index.docker.io/v1/": {"username": "bob", "password": "p"}}});
    std::fs::create_dir_all(place.home().join(".docker")).unwrap();
    std::fs::write(place.home().join(".docker/config.json"), logins.to_string()).unwrap();
    let folder = place.home().join(".config/regq");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.yaml"), settings).unwrap();
    registry
}

/// The most lines of a help: a screen.
const SCREEN: usize = 66;

#[test]
fn every_help_fits_on_a_screen_and_is_one() {
    let place = Workplace::new();
    let names = commands(&place);
    assert!(
        names.len() > 12 && !names.contains(&"man".to_owned()),
        "{names:?}"
    );
    for command in std::iter::once(String::new()).chain(names) {
        let words = command.split_whitespace();
        let help = |flag| {
            place
                .run(words.clone().chain([flag]))
                .exits(0)
                .quietly()
                .stdout
        };
        let long = help("--help");
        assert!(
            long.lines().count() <= SCREEN,
            "{command}: {} lines",
            long.lines().count()
        );
        assert!(
            long.lines().all(|line| line.chars().count() <= 110),
            "{command}\n{long}"
        );
        assert_eq!(help("-h"), long, "{command}");
    }
}

#[cfg(unix)]
#[test]
fn every_example_of_the_help_works() {
    let place = with_examples();
    let _registry = named_in_examples(&place);
    let mut helps = vec![place.run(["--help"]).exits(0).stdout];
    for command in commands(&place) {
        let help = place.run([&command, "--help"]).exits(0).stdout;
        assert!(
            examples(&help).len() > 1,
            "{command} has two examples or more"
        );
        helps.push(help);
    }
    let examples: Vec<String> = helps.iter().flat_map(|help| examples(help)).collect();
    assert!(examples.len() > 15, "{examples:#?}");
    for example in examples {
        assert!(example.contains("docker-regq "), "{example}");
        let ended = place.shell(&example).run().exits(0);
        // What these say is what they did.
        if [" new ", " install", " cache clear"]
            .iter()
            .any(|acts| example.contains(acts))
        {
            continue;
        }
        // A query of one's own may have the name of one that comes with the program; that is said, and so is what was
        // written.
        let hides = "which hides the built-in query of this name";
        let trusts = "may see the login of registry.acme.dev from now on";
        let mut said = ended.stderr.lines();
        assert!(
            said.all(|line| line.ends_with(hides) || line.contains(trusts)),
            "{example}: {}",
            ended.stderr
        );
    }
}
