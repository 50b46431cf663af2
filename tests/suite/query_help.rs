//! `run QUERY --help`: after the usual help, what each query is for and takes.

use super::support::command::Workplace;

const QUERY: &str = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: stale, description: 'Older than ${days} days'}\n\
    spec:\n  registry: oci:demo\n  params:\n    days: {type: integer, default: 90, description: how old}\n    \
    channel: {enum: [stable, beta], description: which}\n    keep: {type: list, default: [latest, edge]}\n    team:\n";

const ABOUT: &str = "\nQuery `stale`: Older than ${days} days\nParameters, each given as `-p NAME=VALUE`:\n  \
    days     how old (integer; 90 if not given)\n  \
    channel  which (string; one of stable, beta; must be given)\n  \
    keep     (list; latest, edge if not given)\n  \
    team     (string; must be given)\n";

fn place() -> Workplace {
    Workplace::new().file("queries/stale.yaml", QUERY)
}

#[test]
fn help_tells_of_the_query_that_is_named() {
    let place = place();
    let usual = place.run(["run", "--help"]).exits(0).quietly().stdout;
    assert!(
        usual.starts_with("Run saved queries\n\nUsage: docker-regq run"),
        "{usual}"
    );
    assert!(usual.contains("\n  -h, --help "), "{usual}");
    let expected = format!("{usual}{ABOUT}");
    for line in [
        "run queries/stale.yaml --help",
        "run --help queries/stale.yaml",
        "run queries/stale.yaml -h",
        "run -h queries/stale.yaml -p days=7",
        "run -f queries/stale.yaml --help",
        "run queries/stale.yaml#stale --help",
    ] {
        place
            .run(line.split(' '))
            .exits(0)
            .quietly()
            .prints(&expected);
    }
    let usual = place.run(["plan", "--help"]).exits(0).quietly().stdout;
    let ended = place.run(["plan", "queries/stale.yaml", "-h"]).exits(0);
    ended.quietly().prints(&format!("{usual}{ABOUT}"));
    assert!(
        place
            .run(["help", "run"])
            .exits(0)
            .stdout
            .starts_with("Run saved")
    );
}

#[test]
fn every_query_of_a_report_is_told_of() {
    let other = "---\napiVersion: regq/v1\nkind: Query\nmetadata: {name: all}\nspec: {registry: 'oci:demo'}\n";
    let place = place().file("report.yaml", format!("{QUERY}{other}"));
    let told = place.run(["run", "report.yaml", "demo", "--help"]);
    let told = told.exits(0).quietly().stdout;
    let (_, about) = told.split_once("\nQuery ").unwrap();
    let names: Vec<&str> = about
        .split("\nQuery ")
        .map(|one| one.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(names, ["stale", "all", "demo"]);
    assert!(
        about.contains("Query `all`\n  It takes no parameters.\n"),
        "{about}"
    );
}

#[test]
fn the_usual_help_is_there_whatever_the_query_is() {
    let wrong = QUERY.replace("default: 90", "default: soon");
    let place = place().file("wrong.yaml", wrong).file(
        "short.yaml",
        QUERY.replace("registry: oci:demo\n", "where: nonsense\n"),
    );
    for (query, said) in [
        ("nosuch", "no saved query `nosuch`"),
        ("gone.yaml", "cannot open `gone.yaml`"),
        (
            "wrong.yaml",
            "`soon` is no value of `days`, which is a whole number",
        ),
        ("stale.yaml#other", "cannot open `stale.yaml`"),
    ] {
        let ended = place.run(["run", query, "--help"]).exits(2).says(said);
        assert!(ended.stdout.starts_with("Run saved queries\n"), "{query}");
        let run = place.run(["run", query]).exits(2);
        assert!(run.stderr.contains(said), "{query}");
    }
    // What is wrong beyond its shape is for `validate` to say.
    let ended = place.run(["run", "short.yaml", "--help"]).exits(0);
    assert!(ended.quietly().stdout.ends_with(ABOUT));
}

#[test]
fn nothing_needs_to_be_given_and_nothing_is_asked() {
    let query = QUERY.replace("registry: oci:demo", "registry: 127.0.0.1:1");
    let place = Workplace::new().file("q.yaml", query);
    let ended = place.run(["run", "q.yaml", "--help"]).exits(0);
    assert!(ended.quietly().stdout.ends_with(ABOUT));
}

#[test]
fn docker_hands_the_help_down() {
    let place = place();
    for line in [
        "regq run queries/stale.yaml --help",
        "--debug regq run --help queries/stale.yaml",
    ] {
        let ended = place.run(line.split(' ')).exits(0).quietly();
        assert!(
            ended.stdout.contains("Usage: docker regq run "),
            "{}",
            ended.stdout
        );
        assert!(
            ended.stdout.contains("\n  docker regq run stale --help "),
            "{}",
            ended.stdout
        );
        assert!(ended.stdout.ends_with(ABOUT), "{}", ended.stdout);
    }
}

#[test]
fn f1_a_strangers_words_cannot_write_to_the_terminal() {
    let query = QUERY
        .replace("how old", "\"how\\e[31m old\\nQuery `x`\"")
        .replace("'Older than ${days} days'", "\"a\\e]0;owned\\a\\nb\"");
    let place = Workplace::new().file("q.yaml", query);
    let told = place
        .run(["run", "q.yaml", "--help"])
        .exits(0)
        .quietly()
        .stdout;
    assert!(!told.contains(['\u{1b}', '\u{7}']), "{told}");
    assert!(
        told.contains("days     how\\x1b[31m old\\nQuery `x` (integer"),
        "{told}"
    );
}
