//! `--output-file`: complete or not at all, and never through a link.

use std::fs;

use super::support::command::Workplace;

const OLD: &str = "the report of yesterday\n";

/// A place with a report of yesterday, and queries that go wrong in different ways.
fn place() -> Workplace {
    let query = |registry: &str, rest: &str| {
        let spec = format!("spec:\n  registry: {registry}\n{rest}");
        format!("apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\n{spec}")
    };
    let bomb = format!("  columns:\n    BOMB: 'tag{}'\n", " | [@, @]".repeat(27));
    Workplace::with_demo()
        .file("report", OLD)
        .file("wrong.yaml", query("oci:demo", "  limt: 3\n"))
        .file("nowhere.yaml", query("oci:nowhere", ""))
        .file("absent.yaml", query("oci:demo", "  repositories: none\n"))
        .file("bomb.yaml", query("oci:demo", &bomb))
        .file(
            "partly.yaml",
            query("oci:demo", "  repositories: [shop/api, none]\n"),
        )
}

#[test]
fn h2_the_file_holds_what_would_have_been_printed() {
    let place = place();
    for format in ["table", "json", "csv"] {
        let printed = place.run(["run", "demo", "-o", format]).exits(0);
        let args = ["run", "demo", "-o", format, "--output-file", "report"];
        place.run(args).exits(0).quietly().prints("");
        assert_eq!(place.read("report"), printed.stdout);
    }
    let plan = place.run(["plan", "demo"]).exits(0);
    let args = ["plan", "demo", "--output-file", "plan"];
    place.run(args).exits(0).prints("");
    assert_eq!(place.read("plan"), plan.stdout);
}

#[test]
fn h2_a_run_that_fails_leaves_the_old_file() {
    let place = place();
    let before = place.names();
    for (query, exit) in [
        ("wrong.yaml", 2),
        ("missing.yaml", 2),
        ("absent.yaml", 4),
        ("nowhere.yaml", 5),
        ("bomb.yaml", 6),
    ] {
        let ended = place.run(["run", query, "--output-file", "report"]);
        ended.exits(exit).prints("");
        assert_eq!(place.read("report"), OLD, "{query}");
        assert_eq!(place.names(), before, "{query}");
    }
    let nothing = place.run(["run", "absent.yaml", "--output-file", "report"]);
    nothing.says("note: `report` is not written, because nothing answered");
}

#[test]
fn h2_what_is_incomplete_is_written_unless_strict() {
    let place = place();
    let strict = ["run", "partly.yaml", "--output-file", "report", "--strict"];
    place.run(strict).exits(3);
    assert_eq!(place.read("report"), OLD);
    place.run(&strict[..4]).exits(3).says("NAME_UNKNOWN");
    assert!(place.read("report").contains("shop/api"));
}

#[cfg(unix)]
#[test]
fn h1_links_folders_and_devices_are_not_written() {
    let place = place();
    std::os::unix::fs::symlink("report", place.path("link")).unwrap();
    std::os::unix::fs::symlink("new", place.path("dangling")).unwrap();
    let before = place.names();
    for path in ["link", "dangling", "demo", "/dev/null", "."] {
        let ended = place.run(["run", "demo", "--output-file", path]);
        ended.exits(2).prints("").says("not a regular file");
    }
    let ended = place.run(["run", "demo", "--output-file", "no/such/folder/report"]);
    ended.exits(2).says("cannot be written");
    assert_eq!(place.read("report"), OLD);
    assert_eq!(place.names(), before);
}

#[cfg(unix)]
#[test]
fn h2_the_file_has_the_rights_that_it_had_or_would_get() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    fs::set_permissions(place.path("report"), fs::Permissions::from_mode(0o640)).unwrap();
    place
        .run(["run", "demo", "--output-file", "report"])
        .exits(0);
    assert_eq!(mode("report"), 0o640);
    let line = "umask 027; docker-regq run demo --output-file private; umask 0; docker-regq run demo --output-file public";
    place.shell(line).run().exits(0);
    assert_eq!((mode("private"), mode("public")), (0o640, 0o666));
}

#[test]
fn h1_a_query_file_names_no_output() {
    let place = place().file(
        "query.yaml",
        "apiVersion: regq/v1\nkind: Query\nmetadata: {name: q}\nspec:\n  \
         registry: oci:demo\n  outputFile: report\n",
    );
    place.run(["run", "query.yaml"]).exits(2);
    assert_eq!(place.read("report"), OLD);
}
