//! Manifests that a query names one by one, the digests it pins them to, and the images it compares rows with.

use super::support::image::{Image, Index};
use super::support::model::{Model, broken};
use super::support::query::{Asking, ask};

fn image(name: &str) -> Image {
    Image::new()
        .layer("base", 100)
        .layer(name, 10)
        .label("name", name)
}

fn shop() -> Model {
    Model::new("shop.example")
        .tag("app:1", image("one"))
        .tag("app:2", image("two"))
        .tag("team/web:1", image("web"))
}

/// A digest that nothing has.
const NOTHING: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn references_are_rows_in_natural_order_each_once_and_cost_no_listing() {
    let answer = ask(
        &shop(),
        "{references: [shop.example/team/web:1, shop.example/app:2, shop.example/app:1, shop.example/app:2], columns: [reference, size]}",
    );
    let names: Vec<String> = answer
        .shown()
        .iter()
        .map(|row| row.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "shop.example/app:1",
            "shop.example/app:2",
            "shop.example/team/web:1"
        ]
    );
    assert_eq!(answer.costs(), [0, 0, 3, 0]);
}

#[test]
fn a_pin_is_compared_with_what_the_tag_points_to_by_one_head() {
    let world = shop();
    let (one, two) = (world.digest("app:1"), world.digest("app:2"));
    let spec = format!(
        "{{references: ['shop.example/app:1@{one}', 'shop.example/app:2@{one}', 'shop.example/team/web:1'],
           where: digest != pinned, columns: [tag, pinned, digest]}}"
    );
    let answer = ask(&world, &spec);
    let web = world.digest("team/web:1");
    assert_eq!(
        answer.shown(),
        [format!("2 {one} {two}"), format!("1 null {web}")]
    );
    assert_eq!(answer.costs(), [0, 3, 0, 0]);
}

#[test]
fn a_digest_alone_is_a_row_without_a_tag() {
    let world = shop();
    let one = world.digest("app:1");
    let spec = format!(
        "{{references: ['shop.example/app@{one}'], columns: [tag, digest, pinned, size, labels.name]}}"
    );
    let answer = ask(&world, &spec);
    assert!(
        answer.shown()[0].starts_with(&format!("null {one} {one} ")),
        "{:?}",
        answer.shown()
    );
    assert!(answer.shown()[0].ends_with(" one"), "{:?}", answer.shown());
    assert_eq!(answer.rows[0].name, format!("shop.example/app@{one}"));
    assert_eq!(answer.costs(), [0, 0, 1, 1]);
}

#[test]
fn a_reference_that_is_not_there_is_an_error_and_no_row() {
    let spec = format!(
        "{{references: [shop.example/app:1, shop.example/app:9, shop.example/nowhere:1, 'shop.example/team/web@{NOTHING}'], columns: [reference]}}"
    );
    let answer = ask(&shop(), &spec);
    assert_eq!(answer.shown(), ["shop.example/app:1"]);
    let errors = [
        "app:9 MANIFEST_UNKNOWN",
        "nowhere:1 NAME_UNKNOWN",
        "team/web BLOB_UNKNOWN",
    ];
    assert_eq!(answer.errors(), errors);
}

#[test]
fn references_are_taken_apart_too() {
    let arm = image("arm").platform("linux/arm64");
    let world = Model::new("shop.example").tag("app:1", Index::of([image("x"), arm]));
    let answer = ask(
        &world,
        "{references: [shop.example/app:1], resource: images, columns: [tag, platform]}",
    );
    assert_eq!(answer.shown(), ["1 linux/amd64", "1 linux/arm64"]);
}

const ON_BASE: &str = "
with: {base: base.example/debian:12}
where: starts_with_layers(layers, with.base.layers)
columns: [reference]";

fn base() -> Model {
    Model::new("base.example").tag("debian:12", Image::new().layer("base", 100))
}

#[test]
fn rows_are_compared_with_another_image_which_is_asked_for_once() {
    let other = Image::new().layer("other", 5);
    let world = shop().tag("app:3", other);
    let answer = Asking::of(&world).comparing(&base()).ask(ON_BASE);
    let rows = [
        "shop.example/app:1",
        "shop.example/app:2",
        "shop.example/team/web:1",
    ];
    assert_eq!(answer.shown(), rows);
    // Four of the rows and one of the base, which tells no config.
    assert_eq!(answer.costs()[1..], [0, 5, 0]);
}

#[test]
fn an_image_to_compare_with_is_for_the_platform_of_the_query() {
    let arm = Image::new().platform("linux/arm64").layer("base", 100);
    let base = Model::new("base.example").tag("debian:12", Index::of([Image::new(), arm]));
    let spec = "{platform: linux/arm64, with: {base: base.example/debian:12}, repositories: app, tags: '1',
        columns: {P: with.base.platform, N: length(with.base.layers)}}";
    let answer = Asking::of(&shop()).comparing(&base).ask(spec);
    assert_eq!(answer.shown(), ["linux/arm64 1"]);
}

#[test]
fn what_is_not_read_of_it_is_not_asked() {
    let spec = "{with: {base: base.example/debian:12}, repositories: app, columns: {T: tag, C: with.base.tag}}";
    let answer = Asking::of(&shop()).comparing(&base()).ask(spec);
    assert_eq!(answer.shown(), ["1 12", "2 12"]);
    assert_eq!(answer.costs()[1..], [0, 0, 0]);
}

#[test]
fn a_base_that_cannot_be_had_leaves_rows_undecided_and_is_an_error_once() {
    let gone = base().without("debian:12");
    let refused = Asking::of(&shop()).comparing_broken(broken("the base"));
    for (asking, code) in [
        (Asking::of(&shop()).comparing(&gone), "MANIFEST_UNKNOWN"),
        (refused, "UNREADABLE"),
    ] {
        let answer = asking.ask(ON_BASE);
        assert_eq!(answer.shown().len(), 3);
        assert!(
            answer.shown().iter().all(|row| row.ends_with('!')),
            "{:?}",
            answer.shown()
        );
        assert_eq!(answer.errors(), [format!("debian:12 layers {code}")]);
        let mark = answer.rows[0].error.as_ref().unwrap().as_str();
        assert!(mark.starts_with("`with.base`: "), "{mark}");
    }
}

#[test]
fn what_is_false_anyway_does_not_wait_for_the_base() {
    let spec = "
with: {base: base.example/debian:12}
where: [tag == '2', 'length(with.base.layers) == `1`']
columns: [reference]";
    let answer = Asking::of(&shop())
        .comparing_broken(broken("the base"))
        .ask(spec);
    assert_eq!(answer.shown(), ["shop.example/app:2 !"]);
}

#[test]
fn groups_and_order_see_the_other_image_too() {
    let spec = "
with: {base: base.example/debian:12}
groupBy: {ON: 'starts_with_layers(layers, with.base.layers)'}
columns: {ON: ON, N: length(rows), BASE: with.base.tag}
sortBy: -ON";
    let world = shop().tag("x:1", Image::new().layer("other", 5));
    let answer = Asking::of(&world).comparing(&base()).ask(spec);
    assert_eq!(answer.shown(), ["true 3 12", "false 1 12"]);
}

#[test]
fn an_image_that_nothing_is_compared_with_is_warned_of_and_not_asked() {
    let spec = "{with: {base: base.example/debian:12}, repositories: app, columns: [tag]}";
    assert_eq!(
        Asking::of(&shop()).warnings(spec),
        ["nothing reads `with.base`"]
    );
    assert_eq!(Asking::of(&shop()).ask(spec).shown(), ["1", "2"]);
}
