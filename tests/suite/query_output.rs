//! `-o query`: a `get` becomes a file that says the same, and nothing is asked for it.

use super::support::command::Workplace;

const GET: [&str; 11] = [
    "get",
    "tags",
    "oci:demo",
    "--where",
    "!contains(tag, 'rc: #')",
    "-l",
    "!nobody, org.opencontainers.image.vendor!=x",
    "--columns",
    "TAG:tag,WHO: labels.\"org.opencontainers.image.vendor\",SIZE:size",
    "--sort-by=-SIZE",
    "--limit=5",
];

fn get(more: [&str; 2]) -> impl Iterator<Item = &str> {
    GET.into_iter().chain(more)
}

/// The rows of a document.
fn items(json: &str) -> serde_json::Value {
    let document: serde_json::Value = serde_json::from_str(json).expect("it is JSON");
    document["items"].clone()
}

#[test]
fn what_is_printed_is_run_by_its_name_and_answers_the_same() {
    let place = Workplace::with_demo();
    let printed = place.run(get(["-o", "query"])).exits(0).stdout;
    let asked = place.run(get(["-o", "json"])).exits(0).quietly().stdout;
    let place = place.file("demo-sizes.yaml", printed);
    let ran = place.run(["run", "demo-sizes", "-o", "json"]);
    let ran = ran.exits(0).quietly().stdout;
    assert_eq!(items(&ran), items(&asked));
    assert_eq!(items(&ran).as_array().map(Vec::len), Some(5));
}

#[test]
fn it_is_written_into_a_file_whole() {
    let place = Workplace::new().file("queries/README", "");
    let words = [
        "get",
        "tags",
        "alpine",
        "-o",
        "query",
        "--output-file",
        "queries/alpine.yaml",
    ];
    place.run(words).exits(0).quietly();
    assert!(place.read("queries/alpine.yaml").contains("name: alpine\n"));
    place.run(["validate", "queries/alpine.yaml"]).exits(0);
    place
        .run(["run", "alpine", "-o", "query"])
        .exits(0)
        .prints(&place.read("queries/alpine.yaml"));
}

#[test]
fn nothing_is_asked_and_no_credential_is_read() {
    let place = Workplace::new();
    let folder = place.home().join(".docker");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.json"), "{").unwrap();
    let target = "127.0.0.1:1/app";
    place
        .run(["get", "tags", target, "-o", "query"])
        .exits(0)
        .quietly();
    place.run(["get", "tags", target]).exits(2);
}
