//! `new`: the query that a newcomer starts from. It is valid, runs, stands where its name leads to it, and nothing of
//! anybody's is replaced.

use std::fs;

use super::support::command::Workplace;

/// What it finds in the demo, once it is told where to look.
fn runs(place: &Workplace, query: &str) {
    place.run(["validate", query]).exits(0).quietly();
    let ended = place.run(["run", query, "--registry", "oci:demo"]);
    let printed = ended.exits(0).quietly().stdout;
    assert!(printed.starts_with("REPOSITORY"), "{printed}");
    assert!(printed.contains("shop/worker"), "{printed}");
}

#[test]
fn what_is_printed_runs() {
    let place = Workplace::with_demo();
    let printed = place.run(["new"]).exits(0).quietly().stdout;
    let place = place.file("own.yaml", &printed);
    runs(&place, "own.yaml");
    let named = "oci:demo";
    let filled = printed.replace("registry.example.com", named);
    let place = place.file("own.yaml", filled);
    let ended = place.run(["run", "own.yaml", "-p", "days=400"]).exits(0);
    assert!(ended.quietly().stdout.lines().count() > 2);
}

#[test]
fn it_is_made_here_and_its_name_leads_to_it() {
    let place = Workplace::with_demo();
    let ended = place.run(["new", "old-images"]).exits(0);
    ended
        .prints("")
        .says("wrote `old-images.yaml`\n")
        .says("`docker-regq run old-images` runs it");
    assert_eq!(place.names(), ["demo", "old-images.yaml"]);
    assert!(
        place
            .read("old-images.yaml")
            .contains("\n  name: old-images\n")
    );
    place
        .run(["validate", "old-images.yaml"])
        .exits(0)
        .quietly();
    let run = ["run", "old-images", "--registry", "oci:demo"];
    place.run(run).exits(0).quietly();
}

#[test]
fn it_is_made_among_the_queries_that_are_here() {
    let place = Workplace::new().file("queries/other.yaml", "");
    place
        .run(["new", "mine"])
        .exits(0)
        .says("wrote `queries/mine.yaml`");
    assert_eq!(place.names(), ["queries"]);
    let found = place.run(["list", "-o", "name"]).exits(0).stdout;
    assert!(found.lines().any(|name| name == "mine"), "{found}");
}

#[test]
fn nothing_is_replaced() {
    for (there, name, said) in [
        ("x.yaml", "x", "there is a query `x` already: `x.yaml`"),
        ("x.yml", "x", "there is a query `x` already: `x.yml`"),
        ("queries/x.yaml", "x", "already: `queries/x.yaml`"),
        ("queries/x.yml", "x", "already: `queries/x.yml`"),
        // A folder is no query, and in the way all the same.
        ("x.yaml/inner", "x", "`x.yaml` is there already"),
    ] {
        let place = Workplace::new().file(there, "mine");
        let before = place.names();
        place.run(["new", name]).exits(2).prints("").says(said);
        assert_eq!(place.read(there), "mine");
        assert_eq!(place.names(), before, "{there}");
    }
    // It would stand in `queries`, where the one beside that folder hides it.
    let place = Workplace::new()
        .file("queries/other.yaml", "")
        .file("x.yaml", "mine");
    place.run(["new", "x"]).exits(2).says("already: `x.yaml`");
    assert_eq!(fs::read_dir(place.path("queries")).unwrap().count(), 1);
}

#[test]
fn what_it_hides_is_said() {
    let place = Workplace::new();
    let hides = "wrote `demo.yaml`, which hides the built-in query of this name";
    place.run(["new", "demo"]).exits(0).says(hides);
    let place = Workplace::new()
        .file(".git/HEAD", "")
        .file("x.yaml", "")
        .file("below/y.yaml", "");
    let command = place.command(["new", "x"]).within(&place.path("below"));
    command
        .run()
        .exits(0)
        .says("wrote `x.yaml`, which hides `")
        .says("/x.yaml`\n");
    assert_eq!(place.read("x.yaml"), "");
    assert!(place.read("below/x.yaml").contains("kind: Query"));
}

#[test]
fn g10_nothing_is_written_elsewhere() {
    let long = "a".repeat(64);
    for name in [
        "../x",
        "/tmp/x",
        "a/b",
        ".hidden",
        "x.yaml",
        "-",
        "",
        "A",
        "a b",
        "a\u{1b}[31m",
        "é",
        &long,
    ] {
        let place = Workplace::new();
        let ended = place.run(["new", "--", name]).exits(2).prints("");
        assert!(!ended.stderr.contains('\u{1b}'));
        ended
            .says("is no name for a query")
            .says("`docker-regq new > PATH`");
        assert!(place.names().is_empty(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn g10_a_link_is_not_followed() {
    let place = Workplace::new().file("elsewhere/kept", "");
    std::os::unix::fs::symlink("elsewhere", place.path("queries")).unwrap();
    std::os::unix::fs::symlink("gone", place.path("x.yaml")).unwrap();
    place.run(["new", "y"]).exits(0).says("wrote `y.yaml`");
    place
        .run(["new", "x"])
        .exits(2)
        .says("`x.yaml` is there already");
    assert_eq!(fs::read_dir(place.path("elsewhere")).unwrap().count(), 1);
    assert_eq!(place.names(), ["elsewhere", "queries", "x.yaml", "y.yaml"]);
}

#[test]
fn the_editor_is_led_to_a_schema_that_is_there() {
    let first = |place: &Workplace, path: &str| {
        let text = place.read(path);
        text.lines().next().unwrap().to_owned()
    };
    let modeline = |path: &str| format!("# yaml-language-server: $schema={path}");

    let place = Workplace::new().file("query.schema.json", "{}");
    place.run(["new", "x"]).exits(0);
    assert_eq!(first(&place, "x.yaml"), modeline("./query.schema.json"));
    let printed = place.run(["new"]).exits(0).stdout;
    assert!(printed.starts_with(&modeline("./query.schema.json")));

    let place = place.file("queries/other.yaml", "");
    place.run(["new", "y"]).exits(0);
    assert_eq!(
        first(&place, "queries/y.yaml"),
        modeline("../query.schema.json")
    );
    let place = place.file("queries/query.schema.json", "{}");
    place.run(["new", "z"]).exits(0);
    assert_eq!(
        first(&place, "queries/z.yaml"),
        modeline("./query.schema.json")
    );

    let place = Workplace::new();
    place.run(["new", "x"]).exits(0);
    let text = place.read("x.yaml");
    assert!(
        text.contains("`docker-regq schema > query.schema.json`"),
        "{text}"
    );
    let leads = text
        .lines()
        .any(|line| line.starts_with("# yaml-language-server"));
    assert!(!leads, "{text}");
}
