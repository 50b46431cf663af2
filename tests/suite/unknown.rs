//! What was needed and could not be had: unknown, marked, in the errors once, and never quietly null.

use super::support::image::{Image, Index};
use super::support::layout::{Damage, Part, TestLayout};
use super::support::model::Model;
use super::support::query::{Asking, ask};

fn image(owner: &str) -> Image {
    Image::new()
        .label("owner", owner)
        .layer("base", 7)
        .created("2025-03-01T10:00:00Z")
}

/// Tags `1` to `4`; the config of `2` and the manifest of `3` cannot be had.
fn model() -> Model {
    let tags = ["1", "2", "3", "4"];
    let tag = |model: Model, tag: &&str| model.tag(&format!("app:{tag}"), image(tag));
    let model = tags.iter().fold(Model::new("plain"), tag);
    model.breaking("config app:2").breaking("manifest app:3")
}

#[test]
fn an_unknown_column_is_null_and_marks_its_row() {
    let answer = ask(&model(), "columns: [tag, labels.owner]");
    assert_eq!(answer.shown(), ["1 1", "2 null !", "3 null !", "4 4"]);
    assert_eq!(
        answer.errors(),
        ["app:2 labels UNREADABLE", "app:3 labels UNREADABLE"]
    );
}

#[test]
fn a_column_that_does_not_read_it_is_not_hurt() {
    let answer = ask(&model(), "columns: [tag, size]");
    assert_eq!(answer.shown()[..2], ["1 259", "2 259"]);
    assert_eq!(answer.errors(), ["app:3 size UNREADABLE"]);
}

#[test]
fn a_digest_is_known_although_the_manifest_is_not() {
    let answer = ask(&model(), "columns: [tag, digest]");
    assert!(answer.summary.is_complete());
    let both = ask(
        &model(),
        "{repositories: app, tags: '3', columns: [digest, size]}",
    );
    assert_eq!(
        both.shown(),
        [format!("{} null !", model().digest("app:3"))]
    );
    assert_eq!(both.errors(), ["app:3 size UNREADABLE"]);
}

#[test]
fn an_index_is_known_to_be_one_although_the_manifest_is_not() {
    let model = Model::new("plain")
        .tag("app:1", Index::of([image("1")]))
        .breaking("manifest app:1");
    assert_eq!(ask(&model, "columns: [kind]").shown(), ["index"]);
    assert_eq!(ask(&model, "columns: [digest, kind]").count("manifest"), 1);
    let image = Model::new("plain")
        .tag("app:1", image("1"))
        .breaking("manifest app:1");
    assert_eq!(
        ask(&image, "columns: [kind]").errors(),
        ["app:1 kind UNREADABLE"]
    );
}

#[test]
fn a_fact_is_in_the_errors_once_whoever_reads_it() {
    let query = "
where: [labels.owner != 'x', labels.owner != 'y']
columns: {A: labels, B: labels.owner, C: A.owner, D: created}
sortBy: [labels.owner, A.owner]";
    let answer = ask(&model(), query);
    let errors = answer.errors();
    let lines = ["2 created", "2 labels", "3 created", "3 labels"];
    assert_eq!(errors, lines.map(|line| format!("app:{line} UNREADABLE")));
}

#[test]
fn unknown_keeps_a_row_and_marks_it() {
    let query = "
where: labels.owner == '1'
columns: [tag]";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["1", "2 !", "3 !"]);
    assert_eq!(
        answer.errors(),
        ["app:2 labels UNREADABLE", "app:3 labels UNREADABLE"]
    );
}

#[test]
fn false_drops_a_row_whatever_else_is_unknown() {
    for conditions in [
        "[labels.owner == '1', tag == '4']",
        "[tag == '4', labels.owner == '1']",
        "labels.owner == '1' && tag == '4'",
        "created != 'x' && (labels.owner == '1' && tag == '4')",
        "[\"size > `1000`\", labels.owner == '1']",
    ] {
        let answer = ask(&model(), &format!("where: {conditions}\ncolumns: [tag]"));
        let expected: &[&str] = match conditions.starts_with("[\"size") {
            true => &["3 !"],
            false => &[],
        };
        assert_eq!(answer.shown(), expected, "{conditions}");
        assert_eq!(
            answer.summary.is_complete(),
            expected.is_empty(),
            "{conditions}"
        );
    }
}

#[test]
fn or_inside_a_part_does_not_save_it() {
    let query = "
where: tag == '2' || labels.owner == 'x'
columns: [tag]";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["2 !", "3 !"]);
}

#[test]
fn not_of_unknown_is_unknown() {
    let query = "
where: \"!(labels.owner == '2')\"
columns: [tag]";
    assert_eq!(ask(&model(), query).shown(), ["1", "2 !", "3 !", "4"]);
}

#[test]
fn a_row_that_is_dropped_leaves_no_error() {
    let query = "
where: [labels.owner != 'x', tag == '1']
columns: [tag, created]";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["1 2025-03-01T10:00:00Z"]);
    assert!(answer.summary.is_complete());
}

#[test]
fn a_row_beyond_the_limit_leaves_no_error() {
    for order in ["", "sortBy: tag\n"] {
        let answer = ask(
            &model(),
            &format!("{order}limit: 1\ncolumns: [tag, created]"),
        );
        assert_eq!(answer.rows.len(), 1);
        assert!(answer.summary.is_complete(), "{order}");
    }
}

#[test]
fn an_unknown_sort_key_sorts_last_and_counts_even_beyond_the_limit() {
    for (sign, first) in [("", "1"), ("-", "4")] {
        let query = format!("sortBy: {sign}labels.owner\nlimit: 1\ncolumns: [tag]");
        let answer = ask(&model(), &query);
        assert_eq!(answer.shown(), [first]);
        assert_eq!(
            answer.errors(),
            ["app:2 labels UNREADABLE", "app:3 labels UNREADABLE"]
        );
        let all = ask(&model(), &query.replace("limit: 1\n", ""));
        assert_eq!(all.shown()[2..], ["2 !", "3 !"]);
    }
}

#[test]
fn an_unknown_sort_key_of_a_row_that_a_later_condition_drops_does_not_count() {
    let query = "
where: \"size > `1000`\"
sortBy: labels.owner
limit: 1
columns: [tag]";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["3 !"]);
    assert_eq!(
        answer.errors(),
        ["app:3 size UNREADABLE", "app:3 labels UNREADABLE"]
    );
}

#[test]
fn an_expression_that_fails_marks_its_row_and_says_where() {
    let query = "
columns:
  TAG: tag
  BAD: to_number(tag) < config.os";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown()[0], "1 null !");
    let error = &answer.summary.errors[0];
    assert_eq!((error.code.as_str(), error.field), ("EXPRESSION", None));
    assert!(
        error.message.as_str().starts_with("test.yaml:8:"),
        "{}",
        error.message
    );
}

#[test]
fn a_condition_that_fails_is_unknown() {
    let query = "
where: to_number(tag) < config.os
columns: [tag]";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["1 !", "2 !", "3 !", "4 !"]);
    assert_eq!(answer.errors()[0], "app:1 EXPRESSION");
}

#[test]
fn g8_an_expression_that_costs_too_much_ends_the_run() {
    let query = "
columns:
  TAG: tag
  BIG: length(sort(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l']))";
    let ended = Asking::of(&model()).steps(10).try_ask(query);
    let error = ended.expect_err("ten steps are not enough");
    assert!(error.0.is_error());
    assert_eq!(error.0.labels[0].place.line_and_column().0, 8);
}

#[test]
fn g13_the_limit_of_requests_leaves_the_rest_of_the_rows() {
    let answer = Asking::of(&model())
        .requests(4)
        .at_once(1)
        .ask("columns: [tag, created]");
    assert_eq!(
        answer.shown(),
        ["1 2025-03-01T10:00:00Z", "2 null !", "3 null !", "4 null !"]
    );
    assert_eq!(answer.requests.len(), 4);
    let codes: Vec<&str> = answer
        .summary
        .errors
        .iter()
        .map(|error| error.code.as_str())
        .collect();
    assert_eq!(codes, ["MAX_REQUESTS"; 3]);
}

#[test]
fn g13_the_limit_of_requests_holds_for_listings() {
    let answer = Asking::of(&model().paged(1))
        .requests(3)
        .ask("columns: [tag]");
    assert_eq!(answer.shown(), ["1", "2"]);
    assert_eq!(answer.requests.len(), 3);
    assert_eq!(answer.errors(), ["app MAX_REQUESTS"]);
}

#[test]
fn g13_the_limit_of_requests_holds_for_the_children_of_an_index() {
    let platforms = (0..20).map(|at| image("x").platform(&format!("linux/cpu{at}")));
    let model = Model::new("plain").tag("app:1", Index::of(platforms));
    let answer = Asking::of(&model).requests(10).ask("columns: [total_size]");
    assert_eq!(answer.shown(), ["null !"]);
    assert_eq!(answer.requests.len(), 10);
}

#[test]
fn d1_a_damaged_blob_spoils_the_facts_behind_it_and_nothing_else() {
    let layout = TestLayout::new()
        .tag("app:1", image("1"))
        .tag("app:2", image("2"))
        .damage("app:2", Part::Config, Damage::Flipped)
        .write();
    let answer = ask(&layout, "columns: [tag, size, labels.owner]");
    assert_eq!(answer.shown(), ["1 259 1", "2 259 null !"]);
    assert_eq!(answer.errors(), ["app:2 labels DIGEST_MISMATCH"]);
}

#[test]
fn a_child_that_fails_does_not_hurt_what_the_index_says() {
    let arm = image("arm").platform("linux/arm64");
    let model = Model::new("plain").tag("app:1", Index::of([image("amd"), arm]));
    let index = model.blob(&model.digest("app:1"));
    let child = |at: usize| {
        let children = index
            .get("manifests")
            .and_then(|found| found.as_list())
            .unwrap();
        children[at]
            .get("digest")
            .and_then(|found| found.as_text())
            .unwrap()
            .to_owned()
    };
    let columns = "columns: [platforms, platform, size, total_size]";
    let answer = ask(
        &model.clone().breaking(&format!("manifest {}", child(0))),
        columns,
    );
    assert_eq!(
        answer.errors(),
        ["app:1 size UNREADABLE", "app:1 total_size UNREADABLE"]
    );
    let answer = ask(
        &model.clone().breaking(&format!("manifest {}", child(1))),
        columns,
    );
    assert_eq!(answer.errors(), ["app:1 total_size UNREADABLE"]);
}
