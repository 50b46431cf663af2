//! What is attached: signed, unsigned, unknown, in each way that things are attached, and at what cost.

use serde_json::json;

use super::support::attachment::{
    Attachment, BUNDLE, COSIGN_SIGN, NOTATION, SLSA, SPDX, StandIn, cosign_tag, stand_in_tag,
};
use super::support::image::{Image, Index};
use super::support::layout::{Damage, Part, TestLayout};
use super::support::model::{Listing, Model};
use super::support::query::{Answer, Asking, ask};

const SIGNED: &str = "{columns: [tag, signed]}";

fn image(what: &str) -> Image {
    Image::new().layer(what, 10).created("2025-03-01T10:00:00Z")
}

/// One image that nothing is attached to.
fn plain() -> Model {
    Model::new("plain").tag("app:1", image("a"))
}

/// The same, with something under a tag of cosign.
fn with_tag(world: Model, kind: &str, thing: Attachment) -> Model {
    let tag = cosign_tag(&world.digest("app:1"), kind);
    world.tag(&format!("app:{tag}"), thing)
}

fn sig_tag(world: &Model) -> String {
    format!("app:{}", cosign_tag(&world.digest("app:1"), "sig"))
}

/// How many listings of referrers, and tags of cosign, were asked for.
fn looks(answer: &Answer) -> [usize; 2] {
    ["referrers", "find"].map(|kind| answer.count(kind))
}

#[test]
fn a_signature_that_is_listed_costs_the_digest_and_the_listing() {
    for signature in [
        Attachment::of(NOTATION),
        Attachment::by_notation(),
        Attachment::of("application/vnd.dev.cosign.artifact.sig.v1+json"),
        Attachment::bundle(COSIGN_SIGN, &json!({})),
    ] {
        let answer = ask(&plain().attach("app:1", &signature), SIGNED);
        assert_eq!(
            (answer.shown(), answer.errors().len()),
            (vec!["1 true".to_owned()], 0)
        );
        assert_eq!((answer.costs(), looks(&answer)), ([2, 1, 0, 0], [1, 0]));
    }
}

#[test]
fn only_where_nothing_is_listed_the_tag_of_cosign_is_looked_for() {
    let world = plain();
    let signed = with_tag(world.clone(), "sig", Attachment::by_cosign());
    for (world, shown) in [(world, "1 false"), (signed, "1 true")] {
        let answer = ask(&world, SIGNED);
        assert_eq!(
            (answer.shown(), answer.errors().len()),
            (vec![shown.to_owned()], 0)
        );
        assert_eq!((answer.costs(), looks(&answer)), ([2, 1, 0, 0], [1, 1]));
    }
}

#[test]
fn a_listing_of_all_tags_spares_the_look_for_those_of_cosign() {
    let world = plain().tag("app:2", image("b")).listing(Listing::Backwards);
    let answer = ask(&world, SIGNED);
    assert_eq!(answer.shown(), ["1 false", "2 false"]);
    assert_eq!((answer.costs(), looks(&answer)), ([2, 2, 0, 0], [2, 0]));
    let answer = ask(
        &with_tag(world.clone(), "sig", Attachment::by_cosign()),
        SIGNED,
    );
    assert_eq!(answer.shown(), ["1 true", "2 false"]);
    assert_eq!(looks(&answer), [2, 1]);
    // A listing that broke off says nothing of what it did not tell.
    let answer = ask(&world.paged(1).breaking("tags app 2"), SIGNED);
    assert_eq!(answer.shown(), ["2 false"]);
    assert_eq!(looks(&answer), [1, 1]);
}

#[test]
fn what_is_no_signature_does_not_sign() {
    for thing in [
        Attachment::of(SPDX),
        Attachment::attested(SLSA, &json!({})),
        Attachment::bundle(SLSA, &json!({})),
        Attachment::of("application/vnd.acme.report"),
    ] {
        let answer = ask(&plain().attach("app:1", &thing), SIGNED);
        assert_eq!(
            (answer.shown(), answer.errors().len()),
            (vec!["1 false".to_owned()], 0)
        );
    }
    let attested = Index::of([image("a")]).attested();
    let answer = ask(&Model::new("plain").tag("app:1", attested), SIGNED);
    assert_eq!(answer.shown(), ["1 false"]);
}

#[test]
fn s6_it_is_unknown_and_never_false_where_a_way_of_looking_failed() {
    let found = plain().attach("app:1", &Attachment::of(NOTATION));
    let tagged = with_tag(plain(), "sig", Attachment::by_cosign());
    let sig = format!("find {}", sig_tag(&plain()));
    let (listing, both) = ("referrers app:1", ["referrers app:1", sig.as_str()]);
    for (world, broken, shown) in [
        (plain(), &both[..1], "1 null !"),
        (plain(), &both[1..], "1 null !"),
        (plain(), &both[..], "1 null !"),
        (found.clone(), &both[1..], "1 true"),
        (found, &[listing][..], "1 null !"),
        (tagged.clone(), &both[..1], "1 true"),
        (tagged, &both[..], "1 null !"),
    ] {
        let world = broken
            .iter()
            .fold(world, |world, request| world.breaking(request));
        let answer = ask(&world, SIGNED);
        assert_eq!(answer.shown(), [shown], "{broken:?}");
        let errors = match shown.ends_with('!') {
            true => vec!["app:1 signed UNREADABLE".to_owned()],
            false => Vec::new(),
        };
        assert_eq!(answer.errors(), errors, "{broken:?}");
    }
}

#[test]
fn s6_what_was_listed_before_the_listing_broke_off_counts() {
    let world = plain()
        .attach("app:1", &Attachment::of(NOTATION))
        .attach("app:1", &Attachment::of(SPDX))
        .paged(1);
    let second = format!("referrers {} 2", world.digest("app:1"));
    let world = world.breaking(&second);
    let answer = ask(&world, SIGNED);
    assert_eq!(
        (answer.shown(), answer.errors().len()),
        (vec!["1 true".to_owned()], 0)
    );
    let answer = ask(&world, "{columns: {TAG: tag, N: length(signatures)}}");
    assert_eq!(answer.shown(), ["1 null !"]);
}

#[test]
fn a_condition_drops_what_is_signed_and_keeps_what_nobody_can_tell() {
    let world = plain()
        .tag("app:2", image("b"))
        .tag("app:3", image("c"))
        .attach("app:2", &Attachment::of(NOTATION))
        .breaking("referrers app:3");
    let answer = ask(&world, "{where: '!signed', columns: [tag]}");
    assert_eq!(answer.shown(), ["1", "3 !"]);
    assert_eq!(answer.errors(), ["app:3 signed UNREADABLE"]);
}

#[test]
fn a_digest_that_a_head_does_not_bring_is_brought_by_the_manifest() {
    let world = plain().attach("app:1", &Attachment::of(NOTATION));
    let answer = ask(&world.clone().breaking("head app:1"), SIGNED);
    assert_eq!(
        (answer.shown(), answer.costs()),
        (vec!["1 true".to_owned()], [2, 1, 1, 0])
    );
    let answer = ask(
        &world.breaking("head app:1").breaking("manifest app:1"),
        SIGNED,
    );
    assert_eq!(
        (answer.shown(), looks(&answer)),
        (vec!["1 null !".to_owned()], [0, 0])
    );
}

#[test]
fn a_listing_that_does_not_say_what_something_is_has_its_manifest_read() {
    let bare = Attachment::bundle(COSIGN_SIGN, &json!({}));
    let world = plain().attach_bare("app:1", &bare);
    let answer = ask(&world, SIGNED);
    assert_eq!(
        (answer.shown(), answer.costs()),
        (vec!["1 true".to_owned()], [2, 1, 1, 0])
    );
    let attestation = plain().attach_bare("app:1", &Attachment::bundle(SLSA, &json!({})));
    assert_eq!(ask(&attestation, SIGNED).shown(), ["1 false"]);
    // Nobody knows whether it is a signature.
    let thing = world.attached_to(&world.descriptor("app:1").digest)[0].clone();
    let answer = ask(
        &world.breaking(&format!("manifest {}", thing.descriptor.digest)),
        SIGNED,
    );
    assert_eq!(answer.shown(), ["1 null !"]);
}

/// An index of two images: the index, and one image, have things attached.
fn both() -> Model {
    let index = Index::of([image("a"), image("a").platform("linux/arm64")]);
    let index = index.attested_by(0, &[(SLSA, json!({"of": "amd64"}))]);
    let index = index.attested_by(1, &[("https://spdx.dev/Document", json!({}))]);
    Model::new("plain").tag("app:1", index)
}

fn child(world: &Model, at: usize) -> String {
    let index = world.blob(&world.digest("app:1"));
    let children = index
        .get("manifests")
        .and_then(|list| list.as_list())
        .unwrap();
    children[at]
        .get("digest")
        .unwrap()
        .as_text()
        .unwrap()
        .to_owned()
}

#[test]
fn of_an_index_the_tag_has_what_is_attached_to_it_and_an_image_what_is_attached_to_that_too() {
    let world = both();
    let arm = child(&world, 1);
    let world = world.attach_to(&arm, &Attachment::of(NOTATION));
    assert_eq!(ask(&world, SIGNED).shown(), ["1 false"]);
    let images = "{resource: images, columns: {P: platform, S: signed, N: length(signatures)}}";
    let answer = ask(&world, images);
    assert_eq!(
        answer.shown(),
        ["linux/amd64 false 0", "linux/arm64 true 1"]
    );
    let answer = ask(&world.attach("app:1", &Attachment::by_notation()), images);
    assert_eq!(answer.shown(), ["linux/amd64 true 1", "linux/arm64 true 2"]);
}

#[test]
fn attestations_of_an_index_come_with_it_and_what_they_attest_with_their_manifests() {
    let columns = "A: length(attestations), B: length(sboms), R: length(referrers)";
    let answer = ask(&both(), &format!("{{columns: {{TAG: tag, {columns}}}}}"));
    assert_eq!(answer.shown(), ["1 2 1 2"]);
    // The index and the two attestations.
    assert_eq!((answer.costs(), looks(&answer)), ([2, 0, 3, 0], [1, 3]));
    let answer = ask(&both(), "{columns: {N: length(attestations)}}");
    assert_eq!((answer.costs(), looks(&answer)), ([2, 0, 1, 0], [1, 1]));
    let images = format!("{{resource: images, columns: {{P: platform, {columns}}}}}");
    assert_eq!(
        ask(&both(), &images).shown(),
        ["linux/amd64 1 0 1", "linux/arm64 1 1 1"]
    );
}

#[test]
fn what_is_under_tags_of_cosign_is_what_the_tags_say() {
    let world = with_tag(plain(), "sig", Attachment::by_cosign());
    let world = with_tag(world, "att", Attachment::attested(SLSA, &json!({})));
    let world = with_tag(world, "sbom", Attachment::of("text/spdx+json"));
    let spec = "{tags: '1', columns: {S: 'signatures[].artifact_type', A: 'attestations[].artifact_type', B: 'sboms[].artifact_type'}}";
    let answer = ask(&world, spec);
    let named = |kind: &str| format!("[\"application/vnd.dev.cosign.artifact.{kind}.v1+json\"]");
    assert_eq!(
        answer.shown(),
        [["sig", "att", "sbom"].map(named).join(" ")]
    );
    assert_eq!(looks(&answer), [1, 3]);
}

#[test]
fn provenance_is_that_of_the_rows_image() {
    let spec = "{columns: [platform, provenance]}";
    let answer = ask(&both(), spec);
    assert_eq!(answer.shown(), ["linux/amd64 {\"of\":\"amd64\"}"]);
    // The index, the attestation, and what it says.
    assert_eq!(
        (answer.costs(), answer.count("statement"), looks(&answer)),
        ([2, 0, 2, 0], 1, [0, 0])
    );
    let arm = ask(
        &both(),
        "{platform: linux/arm64, columns: [platform, provenance]}",
    );
    assert_eq!(arm.shown(), ["linux/arm64 null"]);
    assert_eq!((arm.count("statement"), looks(&arm)), (0, [1, 1]));
}

#[test]
fn provenance_is_found_where_it_is_attached_whatever_it_is_signed_with() {
    let says = json!({"buildType": "by hand"});
    let shown = ["1 {\"buildType\":\"by hand\"}"];
    let spec = "{tags: '1', columns: [tag, provenance]}";
    for thing in [
        Attachment::bundle(SLSA, &says),
        Attachment::attested(SLSA, &says),
    ] {
        let other = Attachment::bundle("https://acme.example/tests/v1", &json!({}));
        let world = plain().attach("app:1", &other).attach("app:1", &thing);
        let answer = ask(&world, spec);
        assert_eq!(
            (answer.shown(), answer.errors().len()),
            (shown.map(str::to_owned).into(), 0)
        );
        assert_eq!(answer.count("statement"), 1);
    }
    let tagged = with_tag(plain(), "att", Attachment::attested(SLSA, &says));
    assert_eq!(ask(&tagged, spec).shown(), shown);
    let answer = ask(&plain(), spec);
    assert_eq!(
        (answer.shown(), answer.errors().len()),
        (vec!["1 null".to_owned()], 0)
    );
}

#[test]
fn s6_how_it_was_built_is_unknown_where_an_attestation_cannot_be_read() {
    let thing = Attachment::attested(SLSA, &json!({}));
    let world = with_tag(plain(), "att", thing);
    let att = cosign_tag(&world.digest("app:1"), "att");
    let manifest = world.blob(&world.digest(&format!("app:{att}")));
    let layer = manifest
        .get("layers")
        .and_then(|layers| layers.as_list())
        .unwrap()[0]
        .clone();
    let layer = layer.get("digest").unwrap().as_text().unwrap().to_owned();
    for broken in [
        format!("manifest app:{att}"),
        format!("find app:{att}"),
        format!("statement {layer}"),
        "referrers app:1".to_owned(),
    ] {
        let answer = ask(
            &world.clone().breaking(&broken),
            "{tags: '1', columns: [tag, provenance]}",
        );
        let is_found = broken.starts_with("referrers");
        let shown = if is_found { "1 {}" } else { "1 null !" };
        assert_eq!(answer.shown(), [shown], "{broken}");
    }
    let nonsense = plain().attach("app:1", &Attachment::of("application/vnd.in-toto+json"));
    let answer = ask(&nonsense, "{columns: [provenance]}");
    assert_eq!(answer.errors(), ["app:1 provenance MALFORMED"]);
}

const THINGS: &str = "{resource: referrers, columns: [tag, referrer.artifact_type]}";

#[test]
fn each_thing_that_is_attached_is_a_row() {
    let world = plain()
        .tag("app:2", image("b"))
        .attach("app:1", &Attachment::of(NOTATION))
        .attach("app:1", &Attachment::of(SPDX));
    let world = with_tag(world, "sig", Attachment::by_cosign());
    let answer = ask(&world, THINGS);
    let cosign = "1 application/vnd.dev.cosign.artifact.sig.v1+json".to_owned();
    assert_eq!(
        answer.shown(),
        [format!("1 {SPDX}"), format!("1 {NOTATION}"), cosign]
    );
    assert_eq!(answer.errors(), [""; 0]);
    let names: Vec<&str> = answer.rows.iter().map(|row| row.name.as_str()).collect();
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("plain/app@sha256:")),
        "{names:?}"
    );
}

#[test]
fn rows_of_things_are_sorted_counted_grouped_and_limited_as_others_are() {
    let world = both()
        .attach("app:1", &Attachment::of(NOTATION).annotation("a", "b"))
        .tag("app:2", image("b"));
    let world = world.attach("app:2", &Attachment::of(SPDX));
    let of = "{resource: referrers, groupBy: {TAG: tag}, columns: {TAG: TAG, N: 'length(rows)', S: 'rows[0].referrer.size > `1`'}}";
    assert_eq!(ask(&world, of).shown(), ["1 3 true", "2 1 true"]);
    let subject = "{resource: referrers, where: \"referrer.annotations.a == 'b'\", columns: {SAME: referrer.subject == digest}}";
    assert_eq!(ask(&world, subject).shown(), ["true"]);
    let limited = "{resource: referrers, sortBy: -tag, limit: 1, columns: [tag]}";
    assert_eq!(ask(&world, limited).shown(), ["2"]);
    let images = "{resource: referrers, where: \"contains(referrer.artifact_type, 'docker.attestation')\", columns: {IMAGE: referrer.subject == image_digest}}";
    assert_eq!(ask(&world, images).shown(), ["true", "false"]);
}

#[test]
fn s6_what_could_not_be_looked_for_is_a_row_beside_what_was_found() {
    let world = plain().attach("app:1", &Attachment::of(NOTATION));
    let sig = sig_tag(&world);
    let answer = ask(&world.breaking(&format!("find {sig}")), THINGS);
    assert_eq!(
        answer.shown(),
        [format!("1 {NOTATION}"), "1 null !".to_owned()]
    );
    assert!(
        answer
            .errors()
            .contains(&"app:1 referrers UNREADABLE".to_owned()),
        "{:?}",
        answer.errors()
    );
    assert_eq!(answer.rows[1].name, "plain/app:1");
    let gone = ask(&plain().without("app:1"), THINGS);
    assert_eq!((gone.shown().len(), gone.summary.gone), (0, 1));
}

#[test]
fn b10_more_things_than_anybody_looks_at_are_not_all_of_them() {
    let attach = |world: Model, at: usize| {
        world.attach(
            "app:1",
            &Attachment::of(&format!("application/vnd.acme.{at}")),
        )
    };
    let full = (0..1000).fold(plain(), attach);
    let answer = ask(&full, "{columns: {N: length(referrers)}}");
    assert_eq!(
        (answer.shown(), answer.errors().len()),
        (vec!["1000".to_owned()], 0)
    );
    let answer = ask(&attach(full, 1000), "{columns: {N: length(referrers)}}");
    assert_eq!(answer.errors(), ["app:1 referrers TOO_MANY_ATTACHED"]);
}

#[test]
fn b10_not_more_is_looked_into_than_is_worth_it() {
    let other = |at: usize| {
        Attachment::of("application/vnd.in-toto+json").annotation("at", &at.to_string())
    };
    let attach = |world: Model, at: usize| world.attach("app:1", &other(at));
    let many = (0..33).fold(plain(), attach);
    let answer = ask(&many, "{columns: [provenance]}");
    assert_eq!(answer.errors(), ["app:1 provenance TOO_MANY_ATTACHED"]);
    let bundle = |at: usize| Attachment::bundle(SLSA, &json!({ "at": at }));
    let attach = |world: Model, at: usize| world.attach_bare("app:1", &bundle(at));
    let unclear = (0..32).fold(plain(), attach);
    assert_eq!(ask(&unclear, SIGNED).shown(), ["1 false"]);
    let answer = ask(&attach(unclear, 32), SIGNED);
    assert_eq!(answer.errors(), ["app:1 signed TOO_MANY_ATTACHED"]);
    assert_eq!(answer.count("manifest"), 32);
    assert!(
        answer.count("manifest") <= 33,
        "{:?}",
        answer.requests.len()
    );
}

#[test]
fn an_image_to_compare_with_may_be_asked_whether_it_is_signed() {
    let base = plain().attach("app:1", &Attachment::of(NOTATION));
    let spec = "{with: {base: shop.example/app:1}, columns: {TAG: tag, BASE: with.base.signed}}";
    let answer = Asking::of(&plain()).comparing(&base).ask(spec);
    assert_eq!(answer.shown(), ["1 true"]);
}

#[test]
fn a_bundle_is_of_the_type_that_it_says_it_is() {
    let world = plain().attach("app:1", &Attachment::bundle(COSIGN_SIGN, &json!({})));
    let answer = ask(
        &world,
        "{columns: {T: 'signatures[].[artifact_type, annotations.\"dev.sigstore.bundle.content\"]'}}",
    );
    assert_eq!(
        answer.shown(),
        [format!("[[\"{BUNDLE}\",\"dsse-envelope\"]]")]
    );
}

fn layout() -> TestLayout {
    TestLayout::new()
        .tag("app:1", image("a"))
        .tag("app:2", image("b"))
}

#[test]
fn a_layout_has_attached_what_it_lists_that_names_a_subject() {
    let world = layout().attach("app:1", &Attachment::by_notation());
    let answer = ask(&world.write(), SIGNED);
    assert_eq!(
        (answer.shown(), answer.errors().len()),
        (vec!["1 true".to_owned(), "2 false".to_owned()], 0)
    );
    // What has no name is no tag, and has no rows.
    let answer = ask(&world.write(), THINGS);
    assert_eq!(answer.shown(), [format!("1 {NOTATION}")]);
}

#[test]
fn a_layout_has_attached_what_the_tag_lists_that_stands_in_for_a_listing() {
    let world = layout();
    let tag = stand_in_tag(&world.digest("app:1"));
    let bundle = Attachment::bundle(COSIGN_SIGN, &json!({}));
    let things = StandIn::of([bundle, Attachment::of(SPDX)]).without_annotations();
    let world = world.tag(&format!("app:{tag}"), things);
    let answer = ask(&world.write(), SIGNED);
    assert_eq!(answer.shown(), ["1 true", "2 false"]);
}

#[test]
fn a_layout_has_cosigns_tags_too() {
    let world = layout();
    let tag = cosign_tag(&world.digest("app:2"), "sig");
    let world = world.tag(&format!("app:{tag}"), Attachment::by_cosign());
    assert_eq!(ask(&world.write(), SIGNED).shown(), ["1 false", "2 true"]);
}

#[test]
fn s6_what_cannot_be_read_in_a_layout_may_be_attached_to_anything() {
    for damage in [Damage::Missing, Damage::Flipped] {
        let world = layout().attach("app:2", &Attachment::of(NOTATION));
        let world = world.damage("app:1", Part::Manifest, damage);
        let answer = ask(&world.write(), "{tags: '2', columns: [tag, signed]}");
        assert_eq!(answer.shown(), ["2 true"]);
        let answer = ask(
            &layout().damage("app:1", Part::Manifest, damage).write(),
            SIGNED,
        );
        assert_eq!(answer.shown(), ["1 null !", "2 null !"]);
    }
}

#[test]
fn what_is_no_manifest_in_a_layout_is_attached_to_nothing() {
    let other = json!({"mediaType": "application/vnd.acme.x", "digest": format!("sha256:{}", "0".repeat(64)), "size": 5});
    let answer = ask(&layout().entry(other).write(), SIGNED);
    assert_eq!(answer.shown(), ["1 false", "2 false"]);
}
