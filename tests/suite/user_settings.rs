//! What users set for good, and what they may say on the command line: read before anything is asked.

use std::fs;

use super::support::command::Workplace;

const CONFIG: &str = "home/.config/regq/config.yaml";
const TRUSTED: &str = "home/.config/regq/trusted.json";

/// A place with the demo, and a file of the user's.
fn with(path: &str, text: &str) -> Workplace {
    Workplace::with_demo().file(&format!("../{path}"), text)
}

#[test]
fn what_is_wrong_is_shown_like_a_query_file() {
    for (path, text, words) in [
        (
            CONFIG,
            "registries:\n  a.io:\n    plainHtpp: true\n",
            &[
                "unknown key `plainHtpp`",
                "config.yaml:3:5",
                "did you mean `plainHttp`?",
            ][..],
        ),
        (
            CONFIG,
            "defaults: {output: json}\ndefaults: {output: csv}\n",
            &["the key `defaults` stands here twice", "config.yaml:2:1"],
        ),
        (CONFIG, "defaults: {output: [\n", &["config.yaml:1:"]),
        (
            TRUSTED,
            "{\"a.io\": [\"https://b.io\"]}",
            &["trusted.json:1:11", "without a scheme"],
        ),
    ] {
        let place = with(path, text);
        for args in [
            &["run", "demo"][..],
            &["get", "tags", "oci:demo"],
            &["plan", "demo"],
        ] {
            let mut ended = place.run(args).exits(2).prints("");
            for said in words {
                ended = ended.says(said);
            }
        }
        // What asks nobody does not need them.
        place.run(["explain", "tags"]).exits(0).quietly();
        place.run(["validate", "none.yaml"]).exits(2);
    }
}

#[test]
fn a_default_holds_where_nobody_says_otherwise() {
    let place = with(CONFIG, "defaults: {output: json}\n");
    let json = place.run(["run", "demo", "-o", "json"]).exits(0).stdout;
    place.run(["run", "demo"]).exits(0).prints(&json);
    let csv = place.run(["run", "demo", "-o", "csv"]).exits(0).stdout;
    assert_ne!(csv, json);
}

#[test]
fn a_default_that_does_not_fit_a_report_gives_way() {
    let place = with(CONFIG, "defaults: {output: csv}\n");
    place.run(["run", "demo", "demo", "-o", "csv"]).exits(2);
    let table = place.run(["run", "demo", "demo", "-o", "table"]).exits(0);
    place
        .run(["run", "demo", "demo"])
        .exits(0)
        .prints(&table.stdout);
}

#[cfg(unix)]
#[test]
fn g5_the_files_are_files_with_an_end() {
    let place = with("home/.config/regq/none", "");
    let config = place.path(&format!("../{CONFIG}"));
    super::support::layout::make_pipe(&config);
    let ended = place.run(["run", "demo"]);
    ended.exits(2).prints("").says("is a pipe, not a file");
    fs::remove_file(&config).unwrap();
    fs::create_dir(&config).unwrap();
    let ended = place.run(["run", "demo"]);
    ended.exits(2).prints("").says("is a folder, not a file");
}

#[cfg(unix)]
#[test]
fn g1_a_file_that_everybody_can_write_is_announced() {
    use std::os::unix::fs::PermissionsExt;
    let place = with(CONFIG, "registries: {}\n");
    let config = place.path(&format!("../{CONFIG}"));
    place.run(["run", "demo"]).exits(0).quietly();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o666)).unwrap();
    let ended = place.run(["run", "demo"]).exits(0);
    ended.says("can be written by every user").says("chmod o-w");
}

#[test]
fn flags_that_name_no_host_or_no_wait_are_refused() {
    let place = Workplace::with_demo();
    for (flag, words) in [
        ("--plain-http=https://a.io", "write `a.io`"),
        ("--insecure-tls=a.io/b", "`HOST` or `HOST:PORT`"),
        ("--anonymous=a b", "`HOST` or `HOST:PORT`"),
        ("--parallel=65", "a whole number from 1 to 64"),
        ("--timeout=30", "`30s`, `2m` or `500ms`"),
        ("--request-timeout=0s", "longer than nothing"),
        ("--retries=101", "101"),
    ] {
        let ended = place.run(["run", "demo", flag]);
        ended.exits(2).prints("").says(words);
    }
}

#[test]
fn k3_a_password_in_a_flag_is_not_repeated() {
    let place = Workplace::with_demo();
    for flag in ["--plain-http", "--insecure-tls", "--anonymous"] {
        let ended = place.run(["run", "demo", &format!("{flag}=bob:hunter2@a.io")]);
        let ended = ended.exits(2).says("docker login HOST");
        assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
    }
}

#[test]
fn g1_consent_on_the_command_line_changes_nothing_for_a_folder() {
    let place = Workplace::with_demo();
    let plain = place.run(["run", "demo"]).exits(0).stdout;
    let flags = "run demo --anonymous --anonymous=a.io --plain-http a.io --insecure-tls b.io \
                 --parallel 4 --request-timeout 5s --retries 2 --timeout 5m -v -D --config x";
    place.run(flags.split_whitespace()).exits(0).prints(&plain);
}
