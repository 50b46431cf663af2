//! Images and layers: what a tag is taken apart into, at what cost, and what is said where it cannot be.

use regq::rows::Verdict;

use super::support::image::{Artifact, Image, Index, Nested, Schema1};
use super::support::model::Model;
use super::support::query::ask;

const IMAGES: &str = "{resource: images, columns: [tag, platform]}";
const LAYERS: &str = "{resource: layers, columns: [tag, layer.position, layer.size]}";

fn image(platform: &str) -> Image {
    Image::new()
        .platform(platform)
        .created("2025-03-01T10:00:00Z")
        .layer("base", 100)
        .layer(platform, 20)
}

fn both() -> Index {
    Index::of([image("linux/amd64"), image("linux/arm64")]).attested()
}

/// One image, one index of two with an attestation, one artifact.
fn shop() -> Model {
    Model::new("plain")
        .tag("app:1", image("linux/amd64"))
        .tag("app:2", both())
        .tag("app:chart", Artifact("application/vnd.acme.chart"))
}

#[test]
fn each_image_of_an_index_is_a_row_and_attestations_and_artifacts_are_none() {
    let answer = ask(&shop(), IMAGES);
    let rows = ["1 linux/amd64", "2 linux/amd64", "2 linux/arm64"];
    assert_eq!(answer.shown(), rows);
    assert_eq!(answer.errors(), [""; 0]);
    // Three manifests by tag; the platform of what is no index stands in its config.
    assert_eq!(answer.costs(), [2, 0, 3, 1]);
}

#[test]
fn all_platforms_are_all_children_and_everything_else_there_is() {
    let answer = ask(
        &shop(),
        "{resource: images, platform: all, columns: [tag, image.position, platform]}",
    );
    let rows = [
        "1 1 linux/amd64",
        "2 1 linux/amd64",
        "2 2 linux/arm64",
        "2 3 unknown/unknown",
        "chart 1 null",
    ];
    assert_eq!(answer.shown(), rows);
}

#[test]
fn the_images_of_some_platforms_are_chosen_by_what_the_index_says() {
    for (platform, rows) in [
        ("linux/arm64", vec!["2 linux/arm64"]),
        (
            "[linux/arm64, linux/amd64]",
            vec!["1 linux/amd64", "2 linux/amd64", "2 linux/arm64"],
        ),
        ("windows/amd64", vec![]),
    ] {
        let spec = format!("{{resource: images, platform: {platform}, columns: [tag, platform]}}");
        let answer = ask(&shop(), &spec);
        assert_eq!(answer.shown(), rows, "{platform}");
        assert_eq!(answer.costs(), [2, 0, 3, 1], "{platform}");
    }
}

#[test]
fn facts_of_an_image_are_of_its_own_platform_and_those_of_the_tag_stay() {
    let world = Model::new("plain").tag("app:2", both());
    let answer = ask(
        &world,
        "{resource: images, columns: {SAME: digest != image_digest, OWN: image.digest == image_digest, C: config.architecture, N: length(platforms)}}",
    );
    assert_eq!(answer.shown(), ["true true amd64 2", "true true arm64 2"]);
    // The index, two children, two configs.
    assert_eq!(answer.costs(), [2, 0, 3, 2]);
    let names: Vec<&str> = answer.rows.iter().map(|row| row.name.as_str()).collect();
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("plain/app@sha256:")),
        "{names:?}"
    );
    assert_ne!(names[0], names[1]);
}

#[test]
fn images_of_an_index_inside_an_index_stand_in_its_place() {
    let world = Model::new("plain").tag("app:n", Nested(Index::of([image("linux/arm64")])));
    let answer = ask(&world, IMAGES);
    assert_eq!(answer.shown(), ["n linux/arm64"]);
    assert_eq!(answer.costs(), [2, 0, 2, 0]);
}

#[test]
fn layers_are_rows_lowest_first_and_those_of_an_index_are_of_its_platform() {
    let rows = ["1 1 100", "1 2 20", "2 1 100", "2 2 20"];
    let answer = ask(&shop(), LAYERS);
    assert_eq!(answer.shown()[..4], rows);
    // Index and child; no config is asked.
    assert_eq!(answer.costs(), [2, 0, 4, 0]);
    let arm = ask(
        &shop(),
        "{resource: layers, platform: linux/arm64, tags: '2', columns: [layer.created_by, platform]}",
    );
    assert_eq!(arm.shown(), ["base linux/arm64", "linux/arm64 linux/arm64"]);
}

#[test]
fn what_made_a_layer_costs_the_config_and_the_first_format_has_no_sizes() {
    let world = Model::new("plain").tag("app:1", image("linux/amd64"));
    let answer = ask(&world, "{resource: layers, columns: [layer.created_by]}");
    assert_eq!(answer.shown(), ["base", "linux/amd64"]);
    assert_eq!(
        answer.count("config"),
        2,
        "asked again, and answered from memory over the network"
    );
    let old = Model::new("plain").tag("app:1", Schema1("2015-03-01T12:00:00Z"));
    let answer = ask(
        &old,
        "{resource: layers, columns: [layer.size, layer.media_type]}",
    );
    assert!(
        answer.shown().iter().all(|row| row == "null null"),
        "{:?}",
        answer.shown()
    );
}

#[test]
fn a_group_of_layers_reads_of_them_what_it_names() {
    let world = shop().tag("app:3", image("linux/amd64"));
    let answer = ask(
        &world,
        "{resource: layers, groupBy: {D: layer.digest}, columns: {N: length(rows), S: 'rows[0].layer.size'}, having: 'N > `2`', sortBy: -N}",
    );
    assert_eq!(answer.shown(), ["3 100", "3 20"]);
    assert_eq!(answer.count("config"), 0);
}

/// Forty versions.
fn versions() -> Model {
    let tag = |world: Model, at: usize| world.tag(&format!("app:1.{at}"), both());
    (0..40).fold(Model::new("plain"), tag)
}

#[test]
fn what_the_listing_tells_is_asked_before_a_tag_is_taken_apart() {
    let answer = ask(
        &versions(),
        "{resource: images, where: [tag == '1.7', platform == 'linux/arm64'], columns: {TAG: tag, SIZE: 'sum(layers[].size)'}}",
    );
    assert_eq!(answer.shown(), ["1.7 120"]);
    assert_eq!(answer.costs(), [2, 0, 2, 0]);
}

#[test]
fn the_images_of_the_newest_versions_cost_those_versions() {
    let answer = ask(
        &versions(),
        "{resource: images, sortBy: -semver_key(tag), limit: 3, columns: [tag, platform]}",
    );
    let rows = ["1.39 linux/amd64", "1.39 linux/arm64", "1.38 linux/amd64"];
    assert_eq!(answer.shown(), rows);
    assert!(answer.count("manifest") <= 3, "{:?}", answer.requests);
}

#[test]
fn a_limit_without_an_order_takes_few_tags_apart() {
    let answer = ask(&versions(), "{resource: images, limit: 4, columns: [tag]}");
    assert_eq!(answer.shown(), ["1.0", "1.0", "1.1", "1.1"]);
    assert!(answer.count("manifest") <= 4, "{:?}", answer.requests);
}

#[test]
fn a_tag_that_cannot_be_taken_apart_stays_whole_and_is_marked() {
    let world = shop().breaking("manifest app:2");
    for (spec, field) in [(IMAGES, "index"), (LAYERS, "layers")] {
        let answer = ask(&world, spec);
        let marked: Vec<String> = answer
            .shown()
            .into_iter()
            .filter(|row| row.ends_with('!'))
            .collect();
        assert_eq!(marked.len(), 1, "{:?}", answer.shown());
        assert!(marked[0].starts_with("2 null"), "{marked:?}");
        assert!(
            answer
                .errors()
                .contains(&format!("app:2 {field} UNREADABLE")),
            "{:?}",
            answer.errors()
        );
    }
    // Not even where nothing of it is shown but what the listing says.
    let answer = ask(&world, "{resource: images, tags: '2', columns: [tag]}");
    assert_eq!(
        (answer.shown(), answer.errors()),
        (
            vec!["2 !".to_owned()],
            vec!["app:2 index UNREADABLE".to_owned()]
        )
    );
    assert_eq!(answer.rows[0].name, "plain/app:2");
}

#[test]
fn one_child_that_cannot_be_had_is_one_row_that_is_marked() {
    let world = Model::new("plain").tag("app:2", both());
    let index = world.blob(&world.digest("app:2"));
    let child = index
        .at(&["manifests"])
        .and_then(|list| list.as_list().unwrap()[1].get("digest"));
    let child = child
        .and_then(|digest| digest.as_text())
        .unwrap()
        .to_owned();
    let answer = ask(
        &world.breaking(&format!("manifest {child}")),
        "{resource: images, columns: {P: platform, SIZE: 'sum(layers[].size)'}}",
    );
    assert_eq!(answer.shown(), ["linux/amd64 120", "linux/arm64 null !"]);
    assert_eq!(answer.errors(), ["app:2 layers UNREADABLE"]);
}

#[test]
fn what_the_parts_of_a_tag_miss_alike_is_said_once() {
    let world = Model::new("plain").tag("app:1", image("linux/amd64"));
    let answer = ask(
        &world.breaking("config app:1"),
        "{resource: layers, columns: [layer.position, layer.created_by]}",
    );
    assert_eq!(answer.shown(), ["1 null !", "2 null !"]);
    assert_eq!(answer.errors(), ["app:1 layer.created_by UNREADABLE"]);
}

#[test]
fn a_tag_that_is_gone_has_no_parts() {
    let answer = ask(&shop().without("app:2"), IMAGES);
    assert_eq!((answer.shown().len(), answer.summary.gone), (1, 1));
    let named = ask(
        &shop(),
        "{resource: images, repositories: app, tags: none, columns: [tag]}",
    );
    assert_eq!((named.shown().len(), named.errors().len()), (0, 0));
    let nowhere = ask(
        &shop(),
        "{resource: layers, repositories: nowhere, tags: none, columns: [tag]}",
    );
    assert_eq!(nowhere.errors(), ["nowhere NAME_UNKNOWN"]);
}

#[test]
fn ranks_and_counts_are_of_parts() {
    let answer = ask(
        &versions(),
        "{resource: images, sortBy: -semver_key(tag), rankBy: platform, having: 'rank <= `2`', columns: [tag, platform]}",
    );
    let rows = [
        "1.39 linux/amd64",
        "1.39 linux/arm64",
        "1.38 linux/amd64",
        "1.38 linux/arm64",
    ];
    assert_eq!(answer.shown(), rows);
    let counted = ask(
        &versions(),
        "{resource: images, limit: 1, columns: [tag], assert: [{that: 'count == `80`'}]}",
    );
    assert_eq!(counted.summary.asserts[0].verdict, Verdict::Holds);
}
