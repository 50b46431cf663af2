//! `-p NAME=@FILE`: the elements of a list out of a file, as only the command line can name one.

use std::fs;

use regq::limits::LIST_FILE_BYTES;

use super::support::command::{Ended, Workplace};

/// A query with a list, a text of the same kind, and a row that shows both.
fn query(name: &str, kind: &str) -> String {
    format!(
        "apiVersion: regq/v1\nkind: Query\nmetadata: {{name: {name}}}\nspec:\n  registry: oci:demo\n  \
         params: {{only: {{type: {kind}}}}}\n  tags: latest\n  limit: 1\n  columns: {{ONLY: params.only}}\n"
    )
}

fn place(file: impl AsRef<[u8]>) -> Workplace {
    let place = Workplace::with_demo().file("list.txt", file);
    place.file("q.yaml", query("q", "list"))
}

fn run(place: &Workplace, value: &str) -> Ended {
    let param = format!("only={value}");
    place.run(["run", "q.yaml", "-o", "ndjson", "-p", &param])
}

#[test]
fn g5_a_list_is_read_up_to_its_bound() {
    let file = |length: usize| {
        let mut text = "x\n".repeat(3);
        text.push('#');
        text.push_str(&"-".repeat(length - text.len()));
        text
    };
    for length in [LIST_FILE_BYTES - 1, LIST_FILE_BYTES] {
        let ended = run(&place(file(length)), "@list.txt").exits(0);
        ended.quietly().prints("{\"ONLY\":[\"x\",\"x\",\"x\"]}\n");
    }
    let place = place(file(LIST_FILE_BYTES + 1));
    let too_long = "is longer than 1048576 bytes";
    run(&place, "@list.txt").exits(2).prints("").says(too_long);
    let command = place.command(["run", "q.yaml", "-p", "only=@-"]);
    let ended = command.input(file(LIST_FILE_BYTES + 1)).run();
    ended.exits(2).says("`<stdin>` is longer than");
}

#[test]
fn h3_what_is_no_file_of_text_is_refused_with_what_would_be_right() {
    let place = place(b"a\nb\xffc\n");
    fs::create_dir(place.path("folder")).unwrap();
    for (value, said) in [
        (
            "@list.txt",
            "`list.txt` is not UTF-8: byte 3 belongs to no character",
        ),
        ("@folder", "`folder` is a folder, not a file"),
        ("@gone.txt", "cannot open `gone.txt`"),
        ("@", "`-p only=@` names no file"),
        #[cfg(unix)]
        ("@/dev/zero", "`/dev/zero` is a device, not a file"),
    ] {
        let ended = run(&place, value).exits(2).prints("");
        ended
            .says(said)
            .says("`-p only=@FILE` reads one element per line");
    }
}

#[test]
fn an_empty_file_is_an_empty_list() {
    run(&place("\n# nothing yet\n"), "@list.txt")
        .exits(0)
        .quietly()
        .prints("{\"ONLY\":[]}\n");
}

#[test]
fn standard_input_is_read_once() {
    let place = place("");
    let words = ["run", "q.yaml", "-o", "ndjson", "-p", "only=@-"];
    let ended = place.command(words).input("a\r\nb").run();
    ended
        .exits(0)
        .quietly()
        .prints("{\"ONLY\":[\"a\",\"b\"]}\n");
    let piped = place.command(["run", "-p", "only=@-", "--", "-#q"]);
    let ended = piped.input(query("q", "list")).run();
    ended.exits(2).says("standard input is a query already");
    let twice = words.into_iter().chain(["-p", "only=@-"]);
    let ended = place.command(twice).input("a").run().exits(2);
    ended.says("has nothing to read: standard input is another list already");
}

#[test]
fn g3_a_query_file_names_no_file() {
    let place = place("secret\n");
    let with = |default: &str| {
        let declared = format!("type: list, default: {default}");
        query("q", "list").replace("type: list", &declared)
    };
    let place = place.file("q.yaml", with("['@list.txt', '@@x']"));
    let words = ["run", "q.yaml", "-o", "ndjson"];
    let ended = place.run(words).exits(0).quietly();
    ended.prints("{\"ONLY\":[\"@list.txt\",\"@@x\"]}\n");
    // Nor does an element that a file holds name another.
    let place = place.file("list.txt", "@list.txt\n");
    run(&place, "@list.txt")
        .exits(0)
        .prints("{\"ONLY\":[\"@list.txt\"]}\n");
}

#[test]
fn one_query_may_take_a_list_where_another_takes_a_text() {
    let report = format!("{}---\n{}", query("one", "list"), query("other", "string"));
    let place = place("a\n").file("q.yaml", report);
    let words = ["run", "q.yaml", "-o", "json", "-p", "only=@list.txt"];
    let printed = place.run(words).exits(0).quietly().stdout;
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let only = |at: usize| printed["items"][at]["items"][0]["ONLY"].clone();
    assert_eq!(only(0), serde_json::json!(["a"]));
    assert_eq!(only(1), "@list.txt");
}

#[test]
fn s2_a_host_that_a_list_names_was_named_by_the_user() {
    let text = query("q", "list").replace("registry: oci:demo", "registry: ${only}");
    let place = Workplace::new()
        .file("sub/q.yaml", text)
        .file("hosts.txt", "oci:demo\n");
    let place = place.layout("demo", &super::demo::demo());
    // From a file's folder, `oci:demo` would be `sub/demo`; as the user's own word it is here.
    let ended = place.run(["run", "sub/q.yaml", "-q", "-p", "only=@hosts.txt"]);
    assert!(!ended.exits(0).quietly().stdout.is_empty());
}
