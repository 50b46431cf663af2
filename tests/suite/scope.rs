//! What a name means where it stands, and which child of an index a row is about.

use super::support::image::{Image, Index, Nested};
use super::support::model::Model;
use super::support::query::{Asking, ask};

fn model() -> Model {
    let image = |name: &str| Image::new().label("name", name).layer(name, 100);
    Model::new("plain")
        .tag("team/app:1", image("one"))
        .tag("team/app:2", image("two"))
        .tag("team/lib:1", image("lib"))
}

#[test]
fn a_column_sees_those_before_it() {
    let query = "
tags: '1'
repositories: team/app
columns:
  A: labels.name
  B: join('-', [A, tag])
  C: '{a: A, b: B}'";
    assert_eq!(
        ask(&model(), query).shown(),
        [r#"one one-1 {"a":"one","b":"one-1"}"#]
    );
}

#[test]
fn a_column_hides_a_field_from_what_comes_after_it() {
    let query = "
repositories: team/app
columns:
  BEFORE: tag
  tag: labels.name
  AFTER: tag
sortBy: -tag";
    assert_eq!(ask(&model(), query).shown(), ["2 two two", "1 one one"]);
}

#[test]
fn a_condition_sees_the_field_that_a_column_hides() {
    let query = "
where: tag == '2'
columns:
  tag: labels.name";
    assert_eq!(ask(&model(), query).shown(), ["two"]);
}

#[test]
fn sort_by_reads_a_column_that_is_not_shown() {
    let query = "
columns:
  NAME: labels.name
  LENGTH: {value: length(NAME), wide: true}
sortBy: [LENGTH, -NAME]";
    let answer = Asking::of(&model()).narrow().ask(query);
    assert_eq!(answer.shown(), ["two", "one", "lib"]);
}

#[test]
fn the_whole_row_holds_fields_and_columns() {
    let query = "
repositories: team/lib
columns:
  NAME: labels.name
  ROW: '{name: @.NAME, size: @.size, known: contains(keys(@), `\"created\"`)}'";
    assert_eq!(
        ask(&model(), query).shown(),
        [r#"lib {"name":"lib","size":319,"known":true}"#]
    );
}

#[test]
fn parameters_are_constants_at_any_depth() {
    let query = "
params: {name: {default: one}, most: {type: integer, default: 2}}
where: length(values(labels)[?@ == params.name]) == `1`
limit: ${most}
columns: {NAME: labels.name, MOST: params.most}";
    assert_eq!(ask(&model(), query).shown(), ["one 2"]);
    let answer = Asking::of(&model())
        .with("name", "lib")
        .with("most", "1")
        .ask(query);
    assert_eq!(answer.shown(), ["lib 1"]);
}

#[test]
fn a_prefix_stands_before_the_patterns_and_outside_the_path() {
    for pattern in ["app", "a*"] {
        let query = format!("{{repositories: {pattern}, columns: [repository, path, tag]}}");
        let answer = Asking::of(&model()).below("team/").ask(&query);
        assert_eq!(
            answer.shown(),
            ["team/app app 1", "team/app app 2"],
            "{pattern}"
        );
    }
}

#[test]
fn tags_of_a_repository_are_those_that_the_query_keeps() {
    let query = "{resource: repositories, tags: '!2', columns: [repository, tags, tag_count]}";
    assert_eq!(
        ask(&model(), query).shown(),
        [r#"team/app ["1"] 1"#, r#"team/lib ["1"] 1"#]
    );
}

/// An index of an index: the image is two steps away.
fn nested() -> Model {
    let image = |platform: &str| {
        Image::new()
            .platform(platform)
            .label("for", platform)
            .layer("x", 10)
    };
    let inner = Index::of([image("linux/arm64"), image("linux/amd64")]);
    Model::new("plain").tag("app:1", Nested(inner))
}

#[test]
fn b10_an_index_in_an_index_leads_to_its_image() {
    let answer = ask(&nested(), "columns: [platform, labels.for, kind]");
    assert_eq!(answer.shown(), ["linux/amd64 linux/amd64 index"]);
    assert_eq!(answer.costs(), [2, 0, 3, 1]);
}

#[test]
fn b10_what_is_said_of_an_image_does_not_depend_on_what_else_is_asked() {
    let alone = ask(&nested(), "columns: [image_digest]").shown();
    for column in [
        "platform",
        "manifest.config.digest",
        "labels.for",
        "total_size",
    ] {
        let beside = ask(
            &nested(),
            &format!("columns: {{A: image_digest, B: {column}}}"),
        );
        assert!(beside.shown()[0].starts_with(&alone[0]), "{column}");
    }
    let image = nested().blob(&alone[0]);
    assert!(
        image.get("layers").is_some(),
        "the digest is that of an image"
    );
}
