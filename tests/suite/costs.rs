//! A query asks for what its answer needs and for nothing else. Costs are pages, HEADs, manifests, configs.

use super::support::image::{Artifact, Image, Index, Schema1};
use super::support::layout::{TestLayout, Written};
use super::support::model::{Listing, Model};
use super::support::query::{Asking, ask};

fn image(version: &str) -> Image {
    Image::new()
        .layer(version, 100)
        .label("version", version)
        .created("2025-03-01T10:00:00Z")
}

fn two_platforms() -> Index {
    let arm = image("2").platform("linux/arm64");
    Index::of([image("2"), arm]).attested()
}

/// A layout whose tags, listing and descriptors are in `index.json`.
fn layout(tags: usize) -> Written {
    let tag =
        |layout: TestLayout, at: usize| layout.tag(&format!("app:1.{at}"), image(&at.to_string()));
    (0..tags).fold(TestLayout::new(), tag).write()
}

/// A registry whose listing says nothing but names.
fn plain(tags: usize) -> Model {
    let tag = |model: Model, at: usize| model.tag(&format!("app:1.{at}"), image(&at.to_string()));
    (0..tags).fold(Model::new("plain"), tag)
}

fn index() -> Model {
    Model::new("plain").tag("app:2", two_platforms())
}

#[test]
fn what_a_listing_says_costs_the_listing() {
    for columns in ["[tag, repository]", "[digest, media_type, manifest_size]"] {
        let answer = ask(&layout(3), &format!("columns: {columns}"));
        assert_eq!(
            answer.requests,
            ["list repositories", "list tags app"],
            "{columns}"
        );
    }
}

#[test]
fn a_fact_of_the_config_costs_a_manifest_and_a_config_per_tag() {
    let answer = ask(&layout(3), "columns: [created, labels, user]");
    assert_eq!(answer.costs(), [2, 0, 3, 3]);
}

#[test]
fn a_fact_of_the_manifest_costs_no_config() {
    let answer = ask(&layout(3), "columns: [size, layers, image_id]");
    assert_eq!(answer.costs(), [2, 0, 3, 0]);
}

#[test]
fn a_plain_registry_is_sent_one_head_per_tag_for_a_digest() {
    let answer = ask(&plain(3), "columns: [digest, media_type, manifest_size]");
    assert_eq!(answer.costs(), [2, 3, 0, 0]);
}

#[test]
fn a_get_makes_the_head_superfluous() {
    let answer = ask(&plain(3), "columns: [digest, created]");
    assert_eq!(answer.costs(), [2, 0, 3, 3]);
}

#[test]
fn an_index_adds_exactly_one_child() {
    let answer = ask(&index(), "columns: [created]");
    assert_eq!(answer.costs(), [2, 0, 2, 1]);
}

#[test]
fn the_platforms_of_an_index_cost_no_child_and_no_config() {
    let answer = ask(&index(), "columns: [platforms, platform, os]");
    assert_eq!(
        answer.shown(),
        [r#"["linux/amd64","linux/arm64"] linux/amd64 linux"#]
    );
    assert_eq!(answer.costs(), [2, 0, 1, 0]);
}

#[test]
fn the_total_size_asks_all_children_and_no_other() {
    let answer = ask(&index(), "columns: [total_size]");
    assert_eq!(answer.costs(), [2, 0, 3, 0]);
    let answer = ask(&index(), "columns: [total_size, size, created]");
    assert_eq!(answer.costs(), [2, 0, 3, 1]);
}

#[test]
fn a_child_that_is_there_is_not_asked_again_with_the_others() {
    let query = "
where: created != 'x'
columns: [total_size]";
    assert_eq!(ask(&index(), query).costs(), [2, 0, 3, 1]);
    let answer = ask(
        &index(),
        "{sortBy: created, limit: 1, columns: [total_size, size]}",
    );
    assert_eq!(answer.costs(), [2, 0, 3, 1]);
}

#[test]
fn what_has_no_config_is_not_asked_for_one() {
    let odd = Model::new("plain")
        .tag("app:artifact", Artifact("application/vnd.acme.report"))
        .tag("app:schema1", Schema1("2015-03-01T12:00:00Z"));
    let answer = ask(&odd, "columns: [created]");
    assert_eq!(answer.shown(), ["null", "2015-03-01T12:00:00Z"]);
    assert_eq!(answer.costs(), [2, 0, 2, 0]);
}

#[test]
fn an_index_without_the_platform_costs_no_child() {
    let answer = ask(
        &index(),
        "{platform: windows/amd64, columns: [created, platform]}",
    );
    assert_eq!(answer.shown(), ["null null"]);
    assert_eq!(answer.costs(), [2, 0, 1, 0]);
}

#[test]
fn the_five_newest_versions_cost_five_manifests_and_five_configs() {
    let newest = "
sortBy: -semver_key(tag)
limit: 5
columns: [tag, created]";
    let answer = ask(&layout(40), newest);
    let tags: Vec<&str> = answer
        .rows
        .iter()
        .map(|row| row.name.rsplit_once(':').unwrap().1)
        .collect();
    assert_eq!(tags, ["1.39", "1.38", "1.37", "1.36", "1.35"]);
    assert_eq!(answer.costs(), [2, 0, 5, 5]);
}

#[test]
fn a_limit_without_an_order_stops_early() {
    let answer = ask(&layout(100), "{limit: 3, columns: [size]}");
    assert_eq!(answer.costs(), [2, 0, 3, 0]);
}

#[test]
fn a_limit_stops_the_listing_where_it_comes_in_natural_order() {
    let first = "{limit: 2, columns: [tag]}";
    assert_eq!(ask(&plain(9).paged(3), first).costs(), [2, 0, 0, 0]);
    let backwards = plain(9).paged(3).listing(Listing::Backwards);
    let answer = ask(&backwards, first);
    assert_eq!(answer.shown(), ["1.0", "1.1"]);
    assert_eq!(answer.costs(), [4, 0, 0, 0]);
}

#[test]
fn repositories_beyond_the_limit_are_not_listed() {
    let many = ["a", "b", "c"]
        .iter()
        .fold(Model::new("plain"), |model, name| {
            model
                .tag(&format!("{name}:1"), image("1"))
                .tag(&format!("{name}:2"), image("2"))
        });
    let answer = ask(&many, "{limit: 3, columns: [tag]}");
    assert_eq!(
        answer.requests,
        ["list repositories", "list tags a", "list tags b"]
    );
}

#[test]
fn a_cheap_condition_spares_everything_for_the_rows_it_drops() {
    let query = "
where: [\"size > `0`\", tag == '1.4']
columns: [created]";
    assert_eq!(ask(&layout(9), query).costs(), [2, 0, 1, 1]);
}

#[test]
fn conditions_joined_by_and_are_as_cheap_as_a_list_of_them() {
    let query = "
where: size > `0` && tag == '1.4'
columns: [tag]";
    assert_eq!(ask(&layout(9), query).costs(), [2, 0, 1, 0]);
}

/// Finds `wanted` rows by a dear condition that keeps every `keep`th, best tag first, and counts the manifests.
fn asked_for(wanted: usize, keep: usize) -> usize {
    let tag = |model: Model, at: usize| {
        let kept = if at % keep == keep - 1 { "yes" } else { "no" };
        model.tag(&format!("app:{at:03}"), image("1").label("keep", kept))
    };
    let model = (0..200).fold(Model::new("plain"), tag);
    let query = format!(
        "
where: labels.keep == 'yes'
sortBy: tag
limit: {wanted}
columns: [tag]"
    );
    let answer = ask(&model, &query);
    assert_eq!(answer.rows.len(), wanted);
    let [_, heads, manifests, configs] = answer.costs();
    assert!(heads == 0 && manifests == configs);
    manifests
}

#[test]
fn a_dear_condition_is_asked_in_order_until_there_are_enough_rows() {
    assert_eq!(asked_for(5, 1), 5);
    assert!((15..=30).contains(&asked_for(5, 3)));
    assert!((60..=120).contains(&asked_for(3, 20)));
}

#[test]
fn tags_of_repositories_are_listed_only_where_they_are_read() {
    let model = Model::new("plain")
        .tag("a:1", image("1"))
        .tag("b:1", image("1"));
    let repositories = |columns: &str| {
        ask(
            &model,
            &format!("{{resource: repositories, columns: {columns}}}"),
        )
    };
    assert_eq!(
        repositories("[repository, namespace]").requests,
        ["list repositories"]
    );
    for columns in ["[tag_count]", "[tags]", "[tags, tag_count]"] {
        let answer = repositories(columns);
        assert_eq!(
            answer.requests,
            ["list repositories", "list tags a", "list tags b"],
            "{columns}"
        );
    }
}

const WIDE: &str = "
columns:
  TAG: tag
  CREATED: {value: created, wide: true}";

#[test]
fn a_hidden_wide_column_costs_nothing() {
    let answer = Asking::of(&plain(3)).narrow().ask(WIDE);
    assert_eq!(answer.shown(), ["1.0", "1.1", "1.2"]);
    assert_eq!(answer.costs(), [2, 0, 0, 0]);
    assert_eq!(ask(&plain(3), WIDE).costs(), [2, 0, 3, 3]);
}

#[test]
fn a_hidden_wide_column_costs_what_it_needs_where_something_reads_it() {
    let sorted = format!("{WIDE}\nsortBy: CREATED");
    let answer = Asking::of(&plain(3)).narrow().ask(&sorted);
    assert_eq!(answer.costs(), [2, 0, 3, 3]);
    let read = format!("{WIDE}\n  OLD: older_than(CREATED, '30d')");
    let answer = Asking::of(&plain(3)).narrow().ask(&read);
    assert_eq!(answer.costs(), [2, 0, 3, 3]);
}

#[test]
fn what_is_named_is_not_listed() {
    let answer = ask(&plain(3), "{repositories: app, tags: ['1.0', '1.2']}");
    assert_eq!(answer.requests, ["head app:1.0", "head app:1.2"]);
    let answer = ask(
        &plain(3),
        "{repositories: app, tags: '1.*', columns: [tag]}",
    );
    assert_eq!(answer.requests, ["list tags app"]);
    let answer = ask(
        &plain(3),
        "{repositories: '*', tags: '1.1', columns: [tag]}",
    );
    assert_eq!(answer.requests, ["list repositories", "head app:1.1"]);
}

#[test]
fn a_named_tag_that_is_read_needs_no_proof_that_it_exists() {
    let answer = ask(
        &plain(1),
        "{repositories: app, tags: '1.0', columns: [size]}",
    );
    assert_eq!(answer.requests, ["manifest app:1.0"]);
}

#[test]
fn a_digest_that_is_known_pins_everything_that_follows() {
    let query = "
where: starts_with(digest, 'sha256:')
columns: [created]";
    let model = plain(1);
    let answer = ask(&model, query);
    let manifest = format!("manifest app@{}", model.digest("app:1.0"));
    assert_eq!(answer.requests[2..4], ["head app:1.0".to_owned(), manifest]);
}
