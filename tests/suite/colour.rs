//! Colour: only where it means something, and only where it is wanted.

use super::support::command::{Ended, Workplace};
use super::support::readers::Screen;

/// A run with a row that is incomplete, off a terminal.
fn run(variables: &[(&str, &str)], args: &[&str]) -> Ended {
    let query = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: q}\nspec:\n  registry: oci:layout\n  columns: [tag, size]\n";
    let layout = super::streams::many_tags();
    let place = Workplace::new()
        .layout("layout", &layout)
        .file("q.yaml", query);
    let words = ["run", "q.yaml", "--max-requests", "3"];
    let command = place.command(words.iter().chain(args));
    let command = variables
        .iter()
        .fold(command, |command, (name, value)| command.env(name, value));
    command.run().exits(3)
}

fn commands(ended: &Ended) -> (bool, bool) {
    let any = |text: &str| !Screen::showing(text).commands.is_empty();
    (any(&ended.stdout), any(&ended.stderr))
}

#[test]
fn the_flag_then_the_environment_then_the_output_decides_for_data_and_for_words() {
    let force = ("CLICOLOR_FORCE", "1");
    let none = ("NO_COLOR", "1");
    let always = &["--color", "always"][..];
    for (variables, args, coloured) in [
        (&[][..], &[][..], false),
        (&[force], &[], true),
        (&[force, none], &[], false),
        (&[force, ("TERM", "dumb")], &[], true),
        (&[("CLICOLOR_FORCE", "0")], &[], false),
        (&[none], always, true),
        (&[force], &["--color", "never"], false),
    ] {
        let ended = run(variables, args);
        let found = commands(&ended);
        assert_eq!(found, (coloured, coloured), "{variables:?} {args:?}");
    }
}

#[test]
fn only_tables_for_people_have_it() {
    for format in ["json", "ndjson", "yaml", "csv", "markdown", "html", "name"] {
        let ended = run(&[], &["-o", format, "--color", "always"]);
        assert_eq!(commands(&ended), (false, true), "{format}");
    }
    let ended = run(&[], &["--color", "always", "--output-file", "out"]);
    assert_eq!(commands(&ended), (false, true));
}
