//! Ranks: the first so many of each, and what they spare.

use regq::rows::Verdict;

use super::support::image::Image;
use super::support::model::Model;
use super::support::query::{Asking, ask};

fn image(name: &str) -> Image {
    Image::new()
        .layer(name, 100)
        .label("name", name)
        .created("2025-03-01T10:00:00Z")
}

/// Repositories of so many tags each: `1.0`, `1.1` and so on.
fn model(repositories: &[&str], tags: usize) -> Model {
    let tag = |model: Model, name: String| {
        let image = image(&name);
        model.tag(&name, image)
    };
    let names = repositories
        .iter()
        .flat_map(|repository| (0..tags).map(move |at| format!("{repository}:1.{at}")));
    names.fold(Model::new("plain"), tag)
}

const NEWEST: &str = "
sortBy: -semver_key(tag)
rankBy: repository
having: rank <= `2`
columns: [repository, tag]";

#[test]
fn ranks_count_in_the_order_within_each_value() {
    let model = model(&["a", "b"], 4);
    assert_eq!(
        ask(&model, NEWEST).shown(),
        ["a 1.3", "b 1.3", "a 1.2", "b 1.2"]
    );
    let second = NEWEST.replace("rank <= `2`", "rank == `2`");
    assert_eq!(ask(&model, &second).shown(), ["a 1.2", "b 1.2"]);
    let old = NEWEST.replace("rank <= `2`", "rank > `3`");
    assert_eq!(ask(&model, &old).shown(), ["a 1.0", "b 1.0"]);
    let all = NEWEST.replace("rankBy: repository\n", "");
    assert_eq!(ask(&model, &all).shown(), ["a 1.3", "b 1.3"]);
    let unsorted = NEWEST.replace("sortBy: -semver_key(tag)\n", "");
    assert_eq!(
        ask(&model, &unsorted).shown(),
        ["a 1.0", "a 1.1", "b 1.0", "b 1.1"]
    );
}

#[test]
fn the_limit_comes_after_having() {
    let model = model(&["a", "b"], 4);
    let limited = format!("{NEWEST}\nlimit: 3");
    assert_eq!(ask(&model, &limited).shown(), ["a 1.3", "b 1.3", "a 1.2"]);
    let counted = format!("{limited}\nassert: [{{that: 'count == `4`'}}]");
    let answer = ask(&model, &counted);
    assert_eq!(answer.summary.asserts[0].verdict, Verdict::Holds);
}

#[test]
fn the_newest_five_of_each_of_three_repositories_cost_two_requests_each() {
    let model = model(&["a", "b", "c"], 50);
    let query = "
repositories: [a, b, c]
sortBy: -semver_key(tag)
rankBy: repository
having: rank <= `5`
columns: [repository, tag, created, size]";
    let answer = ask(&model, query);
    assert_eq!(answer.rows.len(), 15);
    assert_eq!(answer.costs(), [3, 0, 15, 15]);
    assert_eq!(answer.requests.len(), 3 + 15 * 2);
    let naive = Asking::of(&model).naively().ask(query);
    assert_eq!(naive.rows, answer.rows);
    assert_eq!(naive.requests.len(), 3 + 150 * 2);
}

#[test]
fn what_having_asks_besides_the_rank_is_asked_of_those_it_keeps() {
    let query = "
sortBy: -semver_key(tag)
rankBy: repository
having: [\"labels.name != 'a:1.3'\", rank <= `2`]
columns: [repository, tag]";
    let answer = ask(&model(&["a", "b"], 4), query);
    assert_eq!(answer.shown(), ["b 1.3", "a 1.2", "b 1.2"]);
    assert_eq!(answer.costs(), [3, 0, 4, 4]);
}

#[test]
fn having_without_a_rank_is_a_condition_that_sees_columns() {
    let query = "
having: NAME == 'a:1.1'
columns: {TAG: tag, NAME: labels.name}";
    assert_eq!(ask(&model(&["a"], 3), query).shown(), ["1.1 a:1.1"]);
    let cheap = "{having: \"TAG == '1.1'\", columns: {TAG: tag, NAME: labels.name}}";
    assert_eq!(ask(&model(&["a"], 3), cheap).costs(), [2, 0, 1, 1]);
}

#[test]
fn groups_are_ranked_too() {
    let model = model(&["x/a", "x/b", "y/a"], 2).tag("x/b:9", image("x/b:9"));
    let query = "
groupBy: {space: namespace, repo: repository}
sortBy: -length(rows)
rankBy: space
having: rank <= `1`
columns: {REPO: repo, N: length(rows), SUM: 'sum(rows[].size)'}";
    let answer = ask(&model, query);
    assert_eq!(answer.shown().len(), 2);
    assert!(answer.shown()[0].starts_with("x/b 3"));
    assert!(answer.shown()[1].starts_with("y/a 2"));
    assert_eq!(answer.costs(), [4, 0, 5, 0]);
}

#[test]
fn what_has_vanished_gives_its_rank_to_the_next() {
    let model = model(&["a", "b"], 6).without("a:1.5").without("a:1.3");
    let query = format!("{}, size]", NEWEST.trim_end_matches(']'));
    let answer = ask(&model, &query);
    let tags: Vec<&str> = answer.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        tags,
        ["plain/b:1.5", "plain/a:1.4", "plain/b:1.4", "plain/a:1.2"]
    );
    assert_eq!(answer.summary.gone, 2);
    assert_eq!(answer.count("manifest"), 6);
}

#[test]
fn named_tags_that_are_not_there_have_no_rank() {
    let query = "
repositories: a
tags: ['1.0', '1.1', '7.0']
sortBy: -semver_key(tag)
having: rank == `1`
columns: [tag]";
    assert_eq!(ask(&model(&["a"], 3), query).shown(), ["1.1"]);
}

#[test]
fn what_cannot_be_ranked_by_is_ranked_by_itself_and_counts() {
    let broken = model(&["a"], 3).breaking("config a:1.1");
    let query = "
rankBy: labels.none
having: rank <= `1`
columns: [tag]";
    let answer = ask(&broken, query);
    assert_eq!(answer.shown(), ["1.0", "1.1 !"]);
    let second = query.replace("rank <= `1`", "rank == `2`");
    let answer = ask(&broken, &second);
    assert_eq!(answer.shown(), ["1.2"]);
    assert_eq!(answer.errors(), ["a:1.1 labels UNREADABLE"]);
}

#[test]
fn unknown_keeps_a_row_in_having_too() {
    let broken = model(&["a"], 3).breaking("config a:1.1");
    let query = "
rankBy: repository
having: [rank <= `2`, \"labels.name == 'x'\"]
columns: [tag]";
    let answer = ask(&broken, query);
    assert_eq!(answer.shown(), ["1.1 !"]);
    assert_eq!(answer.errors(), ["a:1.1 labels UNREADABLE"]);
}

#[test]
fn a_rank_that_nobody_reads_is_warned_of() {
    let asking = Asking::of(&model(&["a"], 1));
    let warned = asking.warnings("{rankBy: repository, columns: [tag]}");
    assert_eq!(
        warned,
        ["`rankBy` changes nothing, because nothing reads `rank`"]
    );
    assert!(asking.warnings(NEWEST).is_empty());
    let found = asking.findings("{rankBy: repositry, having: 'rnk < `2`'}");
    let messages: Vec<&str> = found
        .iter()
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(
        messages,
        ["unknown field `repositry`", "unknown field `rnk`"]
    );
    assert_eq!(found[1].hints, ["did you mean `rank`?"]);
}
