//! What is not there, and what went while it was asked for.

use regq::registry::RegistryError;

use super::support::image::Image;
use super::support::layout::{Damage, Part, TestLayout};
use super::support::model::{Model, broken};
use super::support::query::{Asking, ask};

fn image() -> Image {
    Image::new().created("2025-03-01T10:00:00Z")
}

/// Tags `1` to `5` of `app`, and `1` of `base`.
fn model() -> Model {
    let tags = ["app:1", "app:2", "app:3", "app:4", "app:5", "base:1"];
    tags.iter()
        .fold(Model::new("plain"), |model, name| model.tag(name, image()))
}

#[test]
fn whether_a_named_tag_exists_costs_one_head() {
    let answer = ask(&model(), "{repositories: app, tags: '3', columns: [tag]}");
    assert_eq!(answer.shown(), ["3"]);
    assert_eq!(answer.requests, ["head app:3"]);
}

#[test]
fn a_named_tag_that_is_not_there_is_no_row_and_no_error() {
    for columns in ["[tag]", "[digest]", "[created]"] {
        let answer = ask(
            &model(),
            &format!("{{repositories: app, tags: ['3', '9'], columns: {columns}}}"),
        );
        assert_eq!(answer.rows.len(), 1, "{columns}");
        assert!(answer.summary.is_complete());
        assert_eq!(answer.summary.gone, 0);
    }
}

#[test]
fn a_named_repository_that_is_not_there_is_an_error() {
    for tags in ["'*'", "'1'", "['1', '2', 'x*']", "['1', '2']"] {
        let answer = ask(
            &model(),
            &format!("{{repositories: [app, none], tags: {tags}, columns: [tag]}}"),
        );
        assert_eq!(answer.errors(), ["none NAME_UNKNOWN"], "{tags}");
        assert!(!answer.rows.is_empty());
    }
    for columns in ["[repository]", "[tag_count]"] {
        let query =
            format!("{{resource: repositories, repositories: [app, none], columns: {columns}}}");
        let answer = ask(&model(), &query);
        assert_eq!(answer.errors(), ["none NAME_UNKNOWN"], "{columns}");
        assert_eq!(answer.rows.len(), 1);
    }
}

#[test]
fn a_named_repository_of_a_layout_that_is_not_there_is_an_error_too() {
    let layout = TestLayout::new().tag("app:1", image()).write();
    for tags in ["'*'", "'1'"] {
        let answer = ask(
            &layout,
            &format!("{{repositories: [app, none], tags: {tags}, columns: [tag]}}"),
        );
        assert_eq!(answer.errors(), ["none NAME_UNKNOWN"], "{tags}");
        assert_eq!(answer.shown(), ["1"]);
    }
}

#[test]
fn s6_a_named_tag_nobody_can_ask_about_is_marked() {
    let silent = model().breaking("head app:3").breaking("manifest app:3");
    let answer = ask(&silent, "{repositories: app, tags: '3', columns: [tag]}");
    assert_eq!(answer.shown(), ["3 !"]);
    assert_eq!(answer.errors(), ["app:3 digest UNREADABLE"]);
}

#[test]
fn s6_a_named_repository_nobody_can_ask_about_is_marked() {
    let silent = model().breaking("tags app");
    let answer = ask(
        &silent,
        "{resource: repositories, repositories: app, columns: [repository]}",
    );
    assert_eq!(answer.shown(), ["app !"]);
    assert_eq!(answer.errors(), ["app tag_count UNREADABLE"]);
}

#[test]
fn a_named_repository_that_answers_exists_although_its_listing_breaks_off() {
    let breaks_off = model().paged(2).breaking("tags app 2");
    let query = "{resource: repositories, repositories: app, columns: [repository]}";
    let answer = ask(&breaks_off, query);
    assert_eq!(answer.shown(), ["app"]);
    assert!(answer.summary.is_complete());
}

#[test]
fn d5_a_tag_that_vanished_is_counted_and_no_row() {
    let answer = ask(
        &model().without("app:2"),
        "{repositories: app, columns: [tag, created]}",
    );
    assert_eq!(answer.rows.len(), 4);
    assert_eq!(answer.summary.gone, 1);
    assert!(answer.summary.is_complete());
}

#[test]
fn d5_a_tag_that_vanished_and_is_not_asked_for_is_a_row() {
    let answer = ask(
        &model().without("app:2"),
        "{repositories: app, columns: [tag]}",
    );
    assert_eq!(answer.rows.len(), 5);
    assert_eq!(answer.summary.gone, 0);
}

#[test]
fn d5_a_tag_that_vanished_is_replaced_by_the_next() {
    for order in ["", "sortBy: tag, ", "sortBy: created, "] {
        let query = format!("{{{order}repositories: app, limit: 2, columns: [tag, digest]}}");
        let answer = ask(&model().without("app:1"), &query);
        let names: Vec<&str> = answer.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["plain/app:2", "plain/app:3"], "{order}");
        assert_eq!(answer.summary.gone, 1);
    }
}

#[test]
fn a_repository_that_vanished_after_it_was_listed_is_counted() {
    let vanished = model().without_repository("app");
    let answer = ask(&vanished, "columns: [tag]");
    assert_eq!(
        (answer.shown(), answer.summary.gone),
        (vec!["1".to_owned()], 1)
    );
    let answer = ask(&vanished, "{tags: '1', columns: [repository]}");
    assert_eq!(
        (answer.shown(), answer.summary.gone),
        (vec!["base".to_owned()], 1)
    );
    let answer = ask(&vanished, "{resource: repositories, columns: [tag_count]}");
    assert_eq!(
        (answer.shown(), answer.summary.gone),
        (vec!["1".to_owned()], 1)
    );
    assert!(answer.summary.is_complete());
}

#[test]
fn content_that_is_not_there_is_a_fault_of_its_row_and_not_a_vanished_tag() {
    for part in [Part::Manifest, Part::Config] {
        let layout = TestLayout::new()
            .tag("app:1", image())
            .damage("app:1", part, Damage::Missing);
        let answer = ask(&layout.write(), "columns: [tag, created]");
        assert_eq!(answer.shown(), ["1 null !"]);
        assert_eq!(answer.errors(), ["app:1 created BLOB_UNKNOWN"]);
        assert_eq!(answer.summary.gone, 0);
    }
}

#[test]
fn a_name_that_no_repository_or_tag_can_have_is_a_mistake_of_the_query() {
    for (spec, wrong) in [
        ("{repositories: Team/App}", "Team/App"),
        ("{repositories: app, tags: ['1', '1+2']}", "'1+2'"),
    ] {
        let findings = Asking::of(&model()).findings(spec);
        let places: Vec<&str> = findings
            .iter()
            .map(|finding| finding.labels[0].place.text())
            .collect();
        assert_eq!(places, [wrong]);
    }
}

#[test]
fn s6_a_listing_that_breaks_off_leaves_the_rows_it_had_and_an_error() {
    let breaks_off = model().paged(2).breaking("tags app 2");
    let answer = ask(&breaks_off, "columns: [repository, tag]");
    assert_eq!(answer.shown(), ["app 1", "app 2", "base 1"]);
    assert_eq!(answer.errors(), ["app UNREADABLE"]);
}

#[test]
fn s6_a_count_of_a_listing_that_breaks_off_is_unknown() {
    let breaks_off = model().paged(2).breaking("tags app 2");
    let answer = ask(
        &breaks_off,
        "{resource: repositories, columns: [repository, tag_count]}",
    );
    assert_eq!(answer.shown(), ["app null !", "base 1"]);
    assert_eq!(answer.errors(), ["app tag_count UNREADABLE"]);
}

#[test]
fn what_goes_wrong_beyond_the_limit_is_not_in_the_answer() {
    let query = "
where: tag != '1'
limit: 4
columns: [repository, tag, created]";
    for seed in 0..50 {
        let unread = model().breaking("tags base").slow(seed);
        let answer = ask(&unread, query);
        assert!(answer.summary.is_complete(), "{seed}");
        let missing = Asking::of(&model().slow(seed)).and_broken("oci:none", broken("none"));
        assert!(missing.ask(query).summary.is_complete(), "{seed}");
    }
}

#[test]
fn what_vanished_beyond_the_limit_is_not_counted() {
    let query = "
where: created != 'x'
limit: 1
columns: [tag, digest]";
    for seed in 0..20 {
        let model = model().without("app:1").without("app:3").slow(seed);
        assert_eq!(ask(&model, query).summary.gone, 1, "{seed}");
    }
}

#[test]
fn a_registry_that_cannot_be_opened_is_an_error_and_spares_the_others() {
    let gone = RegistryError::NotALayout {
        shown: regq::safe::Safe::new("oci:none"),
        flaw: regq::registry::LayoutFlaw::NoFolder,
    };
    let asking = Asking::of(&model())
        .and_broken("oci:none", gone)
        .and(&model());
    let answer = asking.ask("{repositories: base, columns: [tag]}");
    assert_eq!(answer.shown(), ["1", "1"]);
    assert_eq!(answer.errors(), ["oci:none NOT_A_LAYOUT"]);
}
