//! Rows come in the order that was asked for, whatever the order of listings and of answers.

use super::support::image::Image;
use super::support::model::{Listing, Model, broken};
use super::support::query::{Asking, ask};

/// An image whose labels are these, and nothing else tells from another.
fn image(labels: &[(&str, &str)]) -> Image {
    labels.iter().fold(Image::new(), |image, (name, value)| {
        image.label(name, value)
    })
}

/// Five tags of three repositories, put in in no order.
fn model(name: &str) -> Model {
    let tags = ["b:2", "a/z:1", "b:10", "b:Z", "a:1", "b:a"];
    tags.iter().fold(Model::new(name), |model, name| {
        model.tag(name, image(&[("at", name)]))
    })
}

const NATURAL: [&str; 6] = ["a 1", "a/z 1", "b 10", "b 2", "b Z", "b a"];

#[test]
fn the_natural_order_is_by_bytes_whatever_the_listing_says() {
    for order in [Listing::Natural, Listing::Backwards] {
        for page in [1, 2, 100] {
            let answer = ask(
                &model("plain").listing(order).paged(page),
                "columns: [repository, tag]",
            );
            assert_eq!(answer.shown(), NATURAL, "{order:?} {page}");
        }
    }
}

#[test]
fn the_order_of_answers_changes_nothing() {
    let queries = [
        "{columns: [repository, tag, labels.at]}",
        "{limit: 4, columns: [repository, tag, created]}",
        "{where: \"labels.at != 'b:10'\", limit: 3, columns: [tag, digest]}",
        "{sortBy: -labels.at, columns: [repository, tag]}",
        "{where: \"labels.at != 'b:2'\", sortBy: -tag, limit: 2, columns: [tag, digest]}",
        "{resource: repositories, columns: [repository, tags]}",
    ];
    let model = model("plain")
        .paged(2)
        .breaking("config a:1")
        .breaking("manifest b:Z")
        .without("b:a");
    for query in queries {
        let at_leisure = ask(&model, query);
        for seed in 0..50 {
            let answer = ask(&model.clone().slow(seed), query);
            assert_eq!(answer.rows, at_leisure.rows, "{query} {seed}");
            assert_eq!(answer.summary, at_leisure.summary, "{query} {seed}");
        }
    }
}

#[test]
fn registries_come_as_written() {
    let answer = Asking::of(&model("zeta"))
        .and(&model("alpha"))
        .ask("{repositories: a, columns: [reference]}");
    assert_eq!(answer.shown(), ["zeta/a:1", "alpha/a:1"]);
}

#[test]
fn one_registry_that_fails_spares_the_others() {
    let answer = Asking::of(&model("one").breaking("repositories"))
        .and_broken("oci:two", broken("oci:two"))
        .and(&model("three").breaking("tags b"))
        .ask("{columns: [reference]}");
    assert_eq!(answer.shown(), ["three/a:1", "three/a/z:1"]);
    assert_eq!(
        answer.errors(),
        ["one UNREADABLE", "oci:two UNREADABLE", "b UNREADABLE"]
    );
    let registries: Vec<&str> = answer
        .summary
        .errors
        .iter()
        .map(|error| error.registry.as_str())
        .collect();
    assert_eq!(registries, ["one", "oci:two", "three"]);
}

#[test]
fn errors_come_in_a_fixed_order() {
    let broken = model("plain")
        .breaking("tags a")
        .breaking("config a/z:1")
        .breaking("manifest b:2");
    let query = "columns: {AT: labels.at, TAG: tag, CREATED: created}";
    let first = ask(&broken, query);
    assert_eq!(
        first.errors(),
        [
            "a UNREADABLE",
            "a/z:1 created UNREADABLE",
            "a/z:1 labels UNREADABLE",
            "b:2 created UNREADABLE",
            "b:2 labels UNREADABLE",
        ]
    );
    for seed in 0..20 {
        assert_eq!(
            ask(&broken.clone().slow(seed), query).errors(),
            first.errors()
        );
    }
}

/// Sorts tags whose label `key` is what follows their name, and gives the tags.
fn sorted(tags: &[(&str, Option<&str>)], sort: &str) -> String {
    let add = |model: Model, (tag, key): &(&str, Option<&str>)| {
        let labels: Vec<(&str, &str)> = key.iter().map(|key| ("key", *key)).collect();
        model.tag(&format!("app:{tag}"), image(&labels))
    };
    let model = tags.iter().fold(Model::new("plain"), add);
    ask(&model, &format!("sortBy: {sort}\ncolumns: [tag]"))
        .shown()
        .join(" ")
}

#[test]
fn null_comes_last_in_both_directions() {
    let tags = [("a", None), ("b", Some("1")), ("c", None), ("d", Some("2"))];
    assert_eq!(sorted(&tags, "labels.key"), "b d a c");
    assert_eq!(sorted(&tags, "-labels.key"), "d b a c");
}

#[test]
fn equal_keys_stay_in_natural_order_in_both_directions() {
    let tags = [
        ("a", Some("x")),
        ("b", Some("y")),
        ("c", Some("x")),
        ("d", Some("y")),
    ];
    assert_eq!(sorted(&tags, "labels.key"), "a c b d");
    assert_eq!(sorted(&tags, "-labels.key"), "b d a c");
    assert_eq!(sorted(&tags, "[-labels.key, -tag]"), "d b c a");
}

#[test]
fn values_of_different_types_have_an_order() {
    let tags = [("a", None), ("b", Some("x")), ("c", Some("7")), ("d", None)];
    let key = "to_number(labels.key) || labels.key || values(labels)";
    assert_eq!(sorted(&tags, key), "c b a d");
    assert_eq!(sorted(&tags, &format!("-({key})")), "a d b c");
}

#[test]
fn versions_sort_as_versions_where_the_key_says_so() {
    let tags = ["1.10.0", "1.2.0", "latest", "1.10.0-rc.1", "2"].map(|tag| (tag, None));
    assert_eq!(sorted(&tags, "tag"), "1.10.0 1.10.0-rc.1 1.2.0 2 latest");
    assert_eq!(
        sorted(&tags, "semver_key(tag)"),
        "1.2.0 1.10.0-rc.1 1.10.0 2 latest"
    );
    assert_eq!(
        sorted(&tags, "-semver_key(tag)"),
        "2 1.10.0 1.10.0-rc.1 1.2.0 latest"
    );
}

#[test]
fn a_limit_takes_the_first_of_the_order() {
    let query = "{sortBy: -labels.at, limit: 2, columns: [repository, tag]}";
    assert_eq!(ask(&model("plain"), query).shown(), ["b a", "b Z"]);
}

#[test]
fn how_much_is_done_at_once_changes_nothing() {
    let query = "{where: \"labels.at != 'b:2'\", sortBy: -tag, limit: 3, columns: [tag, labels]}";
    let expected = ask(&model("plain"), query).rows;
    for at_once in [0, 1, 2, 5] {
        assert_eq!(
            Asking::of(&model("plain")).at_once(at_once).ask(query).rows,
            expected
        );
    }
}
