//! Manifests as rows, tagged or not: which there are, who names them, at what cost, and what is said where they cannot be
//! listed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use regq::oci::{Digest, Repository};

use super::support::image::{Artifact, Image, Index, Nested};
use super::support::model::{Listing, Manifests, Model};
use super::support::query::{Asking, ask};
use super::support::random_world::{broken_world, sound_world};

const TOLD: [Manifests; 3] = [Manifests::Names, Manifests::Types, Manifests::Children];

fn image(platform: &str) -> Image {
    Image::new()
        .platform(platform)
        .created("2025-03-01T10:00:00Z")
        .layer("base", 100)
        .layer(platform, 20)
}

fn both() -> Index {
    Index::of([image("linux/amd64"), image("linux/arm64")])
}

/// An index with two tags, an image with one, and one that has none.
fn shop(told: Manifests) -> Model {
    Model::new("vendor")
        .listing_manifests(told)
        .tag("app:1", both())
        .tag("app:latest", both())
        .tag("app:0", image("windows/amd64"))
        .untagged("app", image("linux/s390x").label("owner", "nobody"))
}

#[test]
fn every_manifest_is_a_row_by_its_digest_with_the_tags_that_point_to_it() {
    for told in TOLD {
        for order in [Listing::Natural, Listing::Backwards] {
            let world = shop(told).listing(order).paged(2);
            let answer = ask(&world, "{resource: manifests, columns: [digest, tags]}");
            let repository: Repository = "app".parse().unwrap();
            let all = world.manifests_of(&repository);
            let tags = |digest: &Digest| match digest.to_string() {
                digest if digest == world.digest("app:1") => r#"["1","latest"]"#,
                digest if digest == world.digest("app:0") => r#"["0"]"#,
                _ => "[]",
            };
            let rows = all
                .keys()
                .map(|digest| format!("{digest} {}", tags(digest)));
            assert_eq!(answer.shown(), rows.collect::<Vec<_>>(), "{told:?}");
            assert_eq!(all.len(), 5);
            // One listing of repositories, three pages of manifests, and nothing of any of them.
            assert_eq!(answer.count("list manifests"), 3, "{told:?}");
            assert_eq!(answer.costs()[1..], [0, 0, 0], "{told:?}");
            let names = answer.rows.iter().map(|row| row.name.clone());
            let digests = all.keys().map(|digest| format!("vendor/app@{digest}"));
            assert!(names.eq(digests));
        }
    }
}

#[test]
fn parents_are_the_indexes_that_name_a_manifest_and_each_of_those_is_read_once() {
    let spec = "{resource: manifests, columns: [digest, parents]}";
    for (told, gets) in [
        (Manifests::Names, 5),
        (Manifests::Types, 1),
        (Manifests::Children, 0),
    ] {
        let world = shop(told);
        let index = world.digest("app:1");
        let answer = ask(&world, spec);
        let rows = answer.shown();
        let with = |parents: String| rows.iter().filter(|row| row.ends_with(&parents)).count();
        assert_eq!(with(format!(r#" ["{index}"]"#)), 2, "{rows:#?}");
        assert_eq!(with(" []".to_owned()), 3, "{rows:#?}");
        assert_eq!(answer.count("manifest"), gets, "{told:?}");
        assert_eq!(answer.errors(), [""; 0]);
    }
}

#[test]
fn of_an_index_in_an_index_the_inner_one_is_the_parent_of_its_images() {
    let world = Model::new("vendor")
        .listing_manifests(Manifests::Types)
        .tag("app:1", Nested(both()));
    let answer = ask(
        &world,
        "{resource: manifests, where: \"kind == 'index'\", columns: {T: length(tags), P: length(parents)}}",
    );
    let mut rows = answer.shown();
    rows.sort();
    assert_eq!(rows, ["0 1", "1 0"]);
    let images = ask(
        &world,
        "{resource: manifests, where: \"kind == 'image'\", columns: {P: length(parents)}}",
    );
    assert_eq!(images.shown(), ["1", "1"]);
}

#[test]
fn nobody_has_parents_that_are_known_where_an_index_or_a_page_is_missing() {
    let spec = "{resource: manifests, where: 'parents == `[]`', columns: {T: length(tags)}}";
    let whole = ask(&shop(Manifests::Types), spec);
    assert_eq!((whole.rows.len(), whole.errors().len()), (3, 0));
    let index = shop(Manifests::Types).digest("app:1");
    for broken in [format!("manifest {index}"), "manifests app 2".to_owned()] {
        let world = shop(Manifests::Types).paged(4).breaking(&broken);
        let answer = ask(&world, spec);
        let listed = if broken.ends_with('2') { 4 } else { 5 };
        assert_eq!(
            answer.rows.len(),
            listed,
            "{broken}: all that was listed stays"
        );
        let errors = answer.errors();
        assert!(
            errors.iter().any(|error| error.contains("parents")),
            "{errors:?}"
        );
        assert!(
            answer.rows.iter().all(|row| row.error.is_some()),
            "{broken}"
        );
    }
}

#[test]
fn tags_keep_the_manifests_that_they_point_to_and_never_hide_another_tag() {
    let rows = |tags: &str| {
        let spec = format!("{{resource: manifests, tags: {tags}, columns: [tags]}}");
        let mut rows = ask(&shop(Manifests::Names), &spec).shown();
        rows.sort();
        rows
    };
    assert_eq!(rows("latest"), [r#"["1","latest"]"#]);
    assert_eq!(rows("'[0-9]'"), [r#"["0"]"#, r#"["1","latest"]"#]);
    assert_eq!(rows("'*'"), [r#"["0"]"#, r#"["1","latest"]"#]);
    // What is only left out leaves what has no tag.
    assert_eq!(
        rows("'!latest'"),
        [r#"["0"]"#, r#"["1","latest"]"#, "[]", "[]", "[]"]
    );
    assert_eq!(rows("['!0']"), [r#"["1","latest"]"#, "[]", "[]", "[]"]);
    assert_eq!(rows("['!latest', '!1']"), [r#"["0"]"#, "[]", "[]", "[]"]);
}

#[test]
fn a_manifest_by_its_digest_tells_what_a_tag_would() {
    let world = shop(Manifests::Names);
    let spec = "{resource: manifests, where: \"contains(tags, '1')\", columns: [kind, platform, size, total_size, created, platforms]}";
    let by_tag = "{tags: '1', columns: [kind, platform, size, total_size, created, platforms]}";
    assert_eq!(ask(&world, spec).shown(), ask(&world, by_tag).shown());
    let chart = Model::new("vendor")
        .listing_manifests(Manifests::Names)
        .tag("app:chart", Artifact("application/vnd.acme.chart"));
    let answer = ask(
        &chart,
        "{resource: manifests, columns: [kind, artifact_type]}",
    );
    assert_eq!(answer.shown(), ["artifact application/vnd.acme.chart"]);
}

#[test]
fn where_only_tags_are_listed_nothing_is_asked_and_that_is_said() {
    let world = Model::new("plain").tag("app:1", both());
    let answer = ask(&world, "{resource: manifests, columns: [digest]}");
    assert_eq!((answer.shown().len(), answer.requests.len()), (0, 0));
    let errors = answer.errors();
    assert_eq!(errors, ["plain NO_MANIFEST_LIST"]);
    // Beside one that can, what is there is there.
    let both = Asking::of(&world)
        .and(&shop(Manifests::Names))
        .ask("{resource: manifests, columns: [digest]}");
    assert_eq!((both.rows.len(), both.errors().len()), (5, 1));
}

const QUERIES: [&str; 8] = [
    "where: 'tags == `[]`', columns: [repository, digest, kind]",
    "where: 'parents == `[]` && tags == `[]`', columns: [digest]",
    "columns: [digest, parents], sortBy: [-size], limit: 3",
    "where: \"kind == 'image'\", columns: {D: digest, C: created, P: length(parents)}, limit: 4",
    "tags: '1*', columns: [tags, platforms, subject]",
    "groupBy: {K: kind}, columns: {N: length(rows), P: 'length(rows[?parents])', K: K}",
    "sortBy: [labels.owner, digest], columns: [digest, parents, total_size], limit: 2",
    "where: ['parents', \"platform != 'linux/arm64'\"], columns: [digest, signed]",
];

fn told() -> impl Strategy<Value = Manifests> {
    proptest::sample::select(&TOLD[..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_of_manifests_gives_what_the_naive_plan_gives_whatever_fails(
        world in broken_world(), told in told(), at in 0..QUERIES.len(),
    ) {
        let model = world.model().listing_manifests(told);
        let spec = format!("{{resource: manifests, {}}}", QUERIES[at]);
        let planned = Asking::of(&model).ask(&spec);
        let naive = Asking::of(&model).naively().ask(&spec);
        prop_assert_eq!(&planned.rows, &naive.rows, "{}", spec);
        let missing = &naive.summary.errors;
        prop_assert!(planned.summary.errors.iter().all(|error| missing.contains(error)), "{}", spec);
    }

    #[test]
    fn what_a_listing_tells_changes_no_row_and_all_of_them_are_what_the_documents_say(
        world in sound_world(), at in 0..QUERIES.len(),
    ) {
        let spec = format!("{{resource: manifests, {}}}", QUERIES[at]);
        let answers = TOLD.map(|told| Asking::of(&world.model().listing_manifests(told)).ask(&spec));
        prop_assert_eq!(&answers[0].rows, &answers[1].rows, "{}", spec);
        prop_assert_eq!(&answers[0].rows, &answers[2].rows, "{}", spec);
        let model = world.model();
        let repositories: BTreeSet<&str> = world.names().into_iter().map(|(name, _)| name).collect();
        let mut rows = Vec::new();
        for name in repositories {
            let repository: Repository = name.parse().expect("a test's repository is valid");
            let all = model.manifests_of(&repository);
            for digest in all.keys() {
                let parents = all.iter().filter(|(_, (_, children))| children.contains(digest));
                let parents: Vec<String> = parents.map(|(parent, _)| format!("\"{parent}\"")).collect();
                rows.push(format!("{name} {digest} [{}]", parents.join(",")));
            }
        }
        let spec = "{resource: manifests, columns: [repository, digest, parents]}";
        let answer = ask(&model.listing_manifests(Manifests::Types), spec);
        prop_assert_eq!(answer.shown(), rows);
    }
}
