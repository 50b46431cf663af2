//! What must hold of a result: what asserts see, what they cost, and what is said where they cannot be decided.

use regq::rows::Verdict;

use super::support::image::Image;
use super::support::model::{Listing, Model, broken};
use super::support::query::{Answer, Asking, ask};

fn image(at: usize) -> Image {
    let owner = (at % 3).to_string();
    Image::new()
        .label("owner", &owner)
        .layer(&at.to_string(), 100)
}

/// Tags `1` to `5`, of the owners 1, 2, 0, 1 and 2.
fn model() -> Model {
    let tag = |model: Model, at: usize| model.tag(&format!("app:{at}"), image(at));
    (1..6).fold(Model::new("plain"), tag)
}

/// The same; the config of `2` and the manifest of `3` cannot be had.
fn broken_model() -> Model {
    model().breaking("config app:2").breaking("manifest app:3")
}

/// A query with these asserts, each an expression and its message.
fn with(query: &str, asserts: &[(&str, &str)]) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let lines = asserts.iter().map(|(that, message)| {
        let (that, message) = (quoted(that), quoted(message));
        format!("\n  - that: {that}\n    message: {message}")
    });
    format!("{query}\nassert:{}", lines.collect::<String>())
}

/// The verdicts and messages.
fn checked(answer: &Answer) -> Vec<String> {
    let shown = |checked: &regq::rows::Checked| {
        let verdict = match checked.verdict {
            Verdict::Holds => "holds",
            Verdict::Fails => "fails",
            Verdict::Undecided => "undecided",
        };
        format!("{verdict}: {}", checked.message)
    };
    answer.summary.asserts.iter().map(shown).collect()
}

fn check(world: &Model, query: &str) -> Vec<String> {
    checked(&ask(world, query))
}

#[test]
fn an_assert_sees_rows_count_errors_and_parameters() {
    let query = "
params: {most: {type: integer, default: 3}}
columns: {TAG: tag, OWNER: labels.owner}";
    let asserts = [
        (
            "count <= params.most",
            "${count} tags, and at most ${params.most} are wanted",
        ),
        ("rows[0].TAG == '1' && rows[-1].TAG == '5'", "ends"),
        (
            "length(rows[?OWNER == '2']) == `1`",
            "${rows[?OWNER == '2'].TAG}",
        ),
        ("errors == `[]`", "no errors"),
    ];
    assert_eq!(
        check(&model(), &with(query, &asserts)),
        [
            "fails: 5 tags, and at most 3 are wanted",
            "holds: ends",
            r#"fails: ["2","5"]"#,
            "holds: no errors",
        ]
    );
}

#[test]
fn an_assert_knows_its_place_in_the_file() {
    let query = "
columns: [tag]
assert:
  - message: some
    that: count > `0`";
    let answer = ask(&model(), query);
    assert_eq!(answer.summary.asserts[0].place, "test.yaml:9:13");
}

const COUNT: &str = "assert: [{that: count > `0`, message: '${count}'}]";

#[test]
fn count_is_that_before_the_limit() {
    for (query, count) in [
        ("{limit: 2, columns: [tag]", "5"),
        ("{limit: 2, sortBy: -tag, columns: [tag]", "5"),
        ("{limit: 1, where: tag != '3', columns: [tag]", "4"),
        ("{limit: 9, where: labels.owner == '1', columns: [tag]", "2"),
        ("{columns: [tag]", "5"),
    ] {
        let answer = checked(&ask(&model(), &format!("{query}, {COUNT}}}")));
        assert_eq!(answer, [format!("holds: {count}")], "{query}");
    }
}

#[test]
fn reading_count_reads_the_whole_listing_and_no_fact_beyond_the_limit() {
    let paged = model().paged(1);
    let query = "{limit: 2, columns: [tag, size]";
    assert_eq!(ask(&paged, &format!("{query}}}")).costs(), [3, 0, 2, 0]);
    let answer = ask(&paged, &format!("{query}, {COUNT}}}"));
    assert_eq!(answer.costs(), [6, 0, 2, 0]);
    assert_eq!(answer.shown().len(), 2);
    let other = "assert: [{that: length(rows) < `9`}]";
    assert_eq!(
        ask(&paged, &format!("{query}, {other}}}")).costs(),
        [3, 0, 2, 0]
    );
}

#[test]
fn named_tags_are_counted_only_where_they_are() {
    let query = "{repositories: app, tags: ['1', '4', none], limit: 1, columns: [tag], ";
    let answer = ask(&model(), &format!("{query}{COUNT}}}"));
    assert_eq!(checked(&answer), ["holds: 2"]);
    assert_eq!(answer.costs(), [0, 3, 0, 0]);
}

#[test]
fn what_vanishes_is_not_counted() {
    let query = format!("{{limit: 2, columns: [tag, size], {COUNT}}}");
    let answer = ask(&model().without("app:1"), &query);
    assert_eq!(answer.shown(), ["2 316", "3 316"]);
    assert_eq!(checked(&answer), ["holds: 4"]);
}

#[test]
fn a_marked_value_that_is_read_leaves_an_assert_undecided_unless_it_is_true() {
    for (that, verdict) in [
        ("length(rows[?OWNER == '0']) == `1`", "undecided"),
        ("length(rows[?OWNER == '1']) == `2`", "holds"),
        ("rows[0].OWNER == 'x'", "undecided"),
        ("rows[0].TAG == 'x'", "fails"),
        ("length(rows) == `4`", "fails"),
        ("count == `4`", "fails"),
        ("rows == `[]`", "undecided"),
        ("errors == `[]`", "fails"),
    ] {
        let query = with("columns: {TAG: tag, OWNER: labels.owner}", &[(that, "it")]);
        let found = check(&broken_model(), &query);
        assert_eq!(found, [format!("{verdict}: it")], "{that}");
    }
}

#[test]
fn a_row_that_may_not_belong_to_the_result_leaves_its_number_open() {
    let asserts = [
        ("count == `2`", "two"),
        ("count == `4`", "four"),
        ("rows[0].TAG == '2'", "first"),
        ("length(errors) == `0`", "whole"),
    ];
    let query = with("where: labels.owner == '1'\ncolumns: [tag]", &asserts);
    assert_eq!(
        check(&broken_model(), &query),
        [
            "undecided: two",
            "holds: four",
            "undecided: first",
            "fails: whole"
        ]
    );
    let limited = ask(&broken_model(), &format!("limit: 1\n{query}"));
    assert_eq!(checked(&limited)[0], "undecided: two");
    assert_eq!(
        limited.errors(),
        ["app:2 labels UNREADABLE", "app:3 labels UNREADABLE"]
    );
}

#[test]
fn a_listing_that_is_not_whole_leaves_the_number_open() {
    let model = model().paged(2).breaking("tags app 2");
    let query = "
columns: [tag]
assert:
  - {that: count == `3`, message: three}
  - {that: count == `2`, message: two}";
    assert_eq!(check(&model, query), ["undecided: three", "holds: two"]);
    let gone = Asking::of(&model.listing(Listing::Backwards))
        .and_broken("oci:two", broken("oci:two"))
        .ask(query);
    assert_eq!(checked(&gone)[0], "undecided: three");
}

#[test]
fn a_place_that_is_not_known_leaves_rows_open_and_not_their_number() {
    let asserts = [("rows[0].TAG == '9'", "first"), ("count == `9`", "count")];
    let query = "sortBy: labels.owner\nlimit: 1\ncolumns: [tag]";
    assert_eq!(
        check(&broken_model(), &with(query, &asserts)),
        ["undecided: first", "fails: count"]
    );
}

#[test]
fn an_assert_means_the_same_whatever_is_shown() {
    let query = "
columns:
  TAG: tag
  OWNER: {value: labels.owner, wide: true}";
    let query = &with(query, &[("rows[0].OWNER == '1'", "${rows[].OWNER}")]);
    let all = ask(&model(), query);
    let narrow = Asking::of(&model()).narrow().ask(query);
    assert_eq!(narrow.shown(), ["1", "2", "3", "4", "5"]);
    assert_eq!(checked(&narrow), [r#"holds: ["1","2","0","1","2"]"#]);
    assert_eq!(narrow.summary, all.summary);
    let broken = Asking::of(&broken_model()).narrow().ask(query);
    assert_eq!(broken.shown()[1..3], ["2 !", "3 !"]);
}

#[test]
fn an_assert_that_has_no_value_is_undecided_and_says_why() {
    let asserts = [("abs(rows[0].OS) == `1`", "${abs(rows[0].OS)}")];
    let query = with("columns: {TAG: tag, OS: config.os}", &asserts);
    let answer = ask(&model(), &query);
    assert_eq!(checked(&answer), ["undecided: null"]);
    assert_eq!(answer.errors(), ["plain EXPRESSION"]);
}

#[test]
fn g8_an_assert_that_costs_too_much_ends_the_run() {
    let query = "
columns: [tag]
assert:
  - that: count > `0`
    message: ${sort(rows[].TAG)}";
    let ended = Asking::of(&model()).steps(10).try_ask(query);
    let error = ended.expect_err("ten steps are not enough");
    assert_eq!(error.0.labels[0].place.line_and_column().0, 9);
}

#[test]
fn what_an_assert_cannot_see_is_an_error_before_anything_is_asked() {
    for (that, message, hint) in [
        (
            "cuont > `0`",
            "unknown field `cuont`",
            "did you mean `count`?",
        ),
        (
            "TAG == 'x'",
            "unknown field `TAG`",
            "those of the printed rows are `rows[].TAG`",
        ),
        ("rows[].TGA", "unknown member `TGA`", "did you mean `TAG`?"),
        ("rows[].tag", "unknown member `tag`", "did you mean `TAG`?"),
        (
            "rows[0].TAG > `1`",
            "`>` compares numbers, and `rows[0].TAG` is a text",
            "times",
        ),
        (
            "sum(rows[].TAG) > `1`",
            "`sum` needs a list of numbers, not a list of texts",
            "",
        ),
        (
            "errors[0].cod",
            "unknown member `cod`",
            "did you mean `code`?",
        ),
        ("params.x", "unknown parameter `x`", "declare it"),
        ("count.x", "a number has no member `x`", ""),
    ] {
        for written in [
            format!("{{that: \"{that}\"}}"),
            format!("{{that: count, message: \"${{{that}}}\"}}"),
        ] {
            let query = format!("columns: {{TAG: tag}}\nassert: [{written}]");
            let found = Asking::of(&model()).findings(&query);
            assert_eq!(found.len(), 1, "{written}");
            assert_eq!(found[0].message, message, "{written}");
            assert!(
                found[0].hints.concat().contains(hint),
                "{:?}",
                found[0].hints
            );
        }
    }
}

#[test]
fn the_columns_that_come_by_default_are_seen_with_their_types() {
    let asking = Asking::of(&model());
    let good = with("tags: '*'", &[("length(rows[0].REPOSITORY) > `0`", "it")]);
    assert!(asking.findings(&good).is_empty());
    let found = asking.findings(&with("tags: '*'", &[("rows[0].TAG > `0`", "it")]));
    assert_eq!(found.len(), 1); // The columns that `wide` adds are nobody's: what an assert means does not depend on what is shown.
    let wide = with("tags: '*'", &[("rows[0].SIZE", "it")]);
    assert_eq!(asking.wide().findings(&wide).len(), 1);
    let answer = Asking::of(&model()).wide().ask(&good);
    assert_eq!(answer.rows[0].cells.len(), 6);
    assert_eq!(checked(&answer), ["holds: it"]);
}
