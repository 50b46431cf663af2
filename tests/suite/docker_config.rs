//! What Docker's `config.json` sets for the plugin, under `plugins.regq`.

use serde_json::{Value, json};

use super::support::command::Workplace;
use super::support::real_user::items;

const CONFIG: &str = "../home/.docker/config.json";

/// A place with the demo, and a config that sets this for us.
fn with(own: &Value) -> Workplace {
    Workplace::with_demo().file(CONFIG, json!({"plugins": {"regq": own}}).to_string())
}

const QUERY: &str = "apiVersion: regq/v1\nkind: Query\nmetadata: {name: ours, description: of the team}\n\
                     spec: {registry: 'oci:demo', limit: 1}\n";

#[test]
fn a_default_format_holds_where_nobody_says_otherwise() {
    let place = with(&json!({"output": "json"}));
    let json = place.run(["run", "demo", "-o", "json"]).exits(0).stdout;
    place.run(["run", "demo"]).exits(0).quietly().prints(&json);
    place.run(["regq", "run", "demo"]).exits(0).prints(&json);
    let table = Workplace::new().run(["run", "demo"]).exits(0).stdout;
    place
        .run(["run", "demo", "-o", "table"])
        .exits(0)
        .prints(&table);
    // Our own file says it more closely.
    let own = "defaults: {output: csv}\n";
    let place = place.file("../home/.config/regq/config.yaml", own);
    let csv = place.run(["run", "demo"]).exits(0).stdout;
    assert!(csv.starts_with("REPOSITORY,"), "{csv}");
}

#[test]
fn a_folder_of_queries_is_looked_into_before_those_of_the_program() {
    let team = Workplace::new()
        .file("stale.yaml", QUERY)
        .file("ours.yaml", QUERY);
    let place = with(&json!({"queryDir": team.path("")}));
    let listed = place.run(["list", "-o", "json"]).exits(0).quietly();
    let ours = items(&listed);
    let of = |name: &str| ours.iter().find(|query| query["NAME"] == name).unwrap();
    assert_eq!(of("ours")["DESCRIPTION"], "of the team");
    assert_eq!(of("stale")["NOTE"], "hides built in");
    let explained = place.run(["run", "ours", "--help"]).exits(0).stdout;
    assert!(
        explained.contains("Query `ours`: of the team"),
        "{explained}"
    );
    // What lies nearer is meant first.
    let place = place.file("queries/ours.yaml", QUERY.replace("of the team", "of mine"));
    let explained = place.run(["run", "ours", "--help"]).exits(0).stdout;
    assert!(explained.contains("Query `ours`: of mine"), "{explained}");
}

#[test]
fn what_is_wrong_is_told_with_its_place_before_anything_is_asked() {
    for (own, words, hint) in [
        (
            json!({"output": "jsno"}),
            "config.json`, line 1, column 30: `plugins.regq.output` takes a format",
            "did you mean `json`?",
        ),
        (
            json!({"queryDir": "queries"}),
            "`plugins.regq.queryDir` takes the absolute path of a folder",
            "`queries` is relative",
        ),
        (
            json!({"queryDIR": "/q"}),
            "`plugins.regq.queryDIR` is no setting",
            "did you mean `queryDir`?",
        ),
        (json!("json"), "`plugins.regq` is a map of settings", ""),
    ] {
        let place = with(&own);
        for args in [
            &["run", "demo"][..],
            &["list"],
            &["get", "tags", "oci:demo"],
        ] {
            place.run(args).exits(2).prints("").says(words).says(hint);
        }
        // What neither prints rows nor looks for queries does not need it.
        place.run(["explain", "tags"]).exits(0).quietly();
        place.run(["docker-cli-plugin-metadata"]).exits(0).quietly();
    }
    let place = with(&json!({"queryDir": "/nowhere/at/all"}));
    place
        .run(["run", "demo"])
        .exits(0)
        .says("there is no folder `/nowhere/at/all`");
}

#[test]
fn h4_a_config_that_is_broken_is_told_without_its_content() {
    let place =
        Workplace::with_demo().file(CONFIG, "{\"auths\": {\"a.io\": {\"auth\": \"hunter2\"");
    let ended = place.run(["run", "demo"]).exits(0);
    let ended = ended
        .says("what Docker's config sets for us is not known")
        .says("malformed at line 1");
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[test]
fn what_docker_keeps_there_for_itself_is_left_alone() {
    let place = with(&json!({"hooks": "pull", "error-hooks": "pull"}));
    place.run(["run", "demo"]).exits(0).quietly();
}
