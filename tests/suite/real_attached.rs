//! What is attached to images of a real registry that lists nothing of it: Debian's `docker-registry`, and distribution 3,
//! which know neither the listing nor that they do not know it, whichever way one gets in.

use serde_json::{Value, json};

use super::support::attachment::{
    Attachment, COSIGN_SIGN, NOTATION, SLSA, SPDX, StandIn, cosign_tag, stand_in_tag,
};
use super::support::image::{Image, Index};
use super::support::real_registry::RealRegistry;
use super::support::real_user::{items, place_of, requests};

fn image(what: &str) -> Image {
    Image::new().layer(what, 10).stored()
}

/// Pushes images that are signed and attested in every way that this registry bears, and gives for each tag: whether it is
/// signed, how many SBOMs and attestations it has, how it was built.
fn fill(registry: &RealRegistry) -> Vec<Value> {
    let built = json!({"buildDefinition": {"buildType": "acme"}});
    let push = |tag: &str, image: Image| registry.push(&format!("team/app:{tag}"), image);
    let stand_in = |tag: &str, things: Vec<Attachment>| {
        let pushed = push(tag, image(tag));
        let things = things.into_iter().map(|thing| thing.to(&pushed.descriptor));
        let name = format!("team/app:{}", stand_in_tag(&pushed.digest));
        registry.push(&name, StandIn::of(things).without_annotations());
    };
    let tagged = |tag: &str, kind: &str, thing: Attachment| {
        let pushed = push(tag, image(tag));
        registry.push(
            &format!("team/app:{}", cosign_tag(&pushed.digest, kind)),
            thing,
        );
    };
    push("plain", image("plain"));
    stand_in("by-notation", vec![Attachment::by_notation()]);
    stand_in(
        "by-cosign-3",
        vec![Attachment::bundle(COSIGN_SIGN, &json!({}))],
    );
    stand_in("by-github", vec![Attachment::bundle(SLSA, &built)]);
    stand_in(
        "with-sbom",
        vec![
            Attachment::of(SPDX),
            Attachment::of("application/vnd.acme.x"),
        ],
    );
    tagged("by-cosign", "sig", Attachment::by_cosign());
    tagged("attested", "att", Attachment::attested(SLSA, &built));
    let says = [
        (SLSA, built.clone()),
        ("https://spdx.dev/Document", json!({})),
    ];
    let index = Index::of([image("index")]).attested_by(0, &says);
    let index = registry.push("team/app:index", index);
    let signature = Attachment::of(NOTATION).to(&index.descriptor);
    let name = format!("team/app:{}", stand_in_tag(&index.digest));
    registry.push(&name, StandIn::of([signature]));
    let row = |tag: &str, signed: bool, sboms: u8, attestations: u8, built: &Value| json!({"TAG": tag, "SIGNED": signed, "SBOMS": sboms, "ATTESTATIONS": attestations, "BUILT": built});
    vec![
        row("attested", false, 0, 1, &built),
        row("by-cosign", true, 0, 0, &Value::Null),
        row("by-cosign-3", true, 0, 0, &Value::Null),
        row("by-github", false, 0, 1, &built),
        row("by-notation", true, 0, 0, &Value::Null),
        row("index", true, 1, 1, &built),
        row("plain", false, 0, 0, &Value::Null),
        row("with-sbom", false, 1, 0, &Value::Null),
    ]
}

const COLUMNS: &str =
    "TAG:tag,SIGNED:signed,SBOMS:length(sboms),ATTESTATIONS:length(attestations),BUILT:provenance";

#[test]
fn what_is_attached_is_found_whichever_way_one_gets_in() {
    let each = [
        RealRegistry::open,
        RealRegistry::with_password,
        RealRegistry::with_token,
    ];
    for registry in each.into_iter().filter_map(|start| start()) {
        let rows = fill(&registry);
        let place = place_of(&registry);
        let target = format!("{}/team/app", registry.host());
        let words = ["get", "tags", &target, "--columns", COLUMNS, "-o", "json"];
        assert_eq!(items(&place.run(words).exits(0)), rows);
    }
}

#[test]
fn whether_images_are_signed_costs_one_refusal_and_what_tags_lead_to() {
    let Some(registry) = RealRegistry::open_without_referrers() else {
        return;
    };
    fill(&registry);
    let target = format!("{}/team/app", registry.host());
    let words = ["get", "tags", &target, "--where", "signed", "-q", "-v"];
    let ended = place_of(&registry).run(words).exits(0);
    assert_eq!(ended.stdout.lines().count(), 4, "{}", ended.stdout);
    let asked = requests(&ended);
    let count = |part: &str| asked.iter().filter(|line| line.contains(part)).count();
    let heads = asked.iter().filter(|line| line.starts_with("HEAD"));
    // The digests; one refusal of a listing; the tags that stand in for it, and the two bundles of which they say too little;
    // one tag of cosign.
    assert_eq!(heads.count(), 8 + 1, "{asked:#?}");
    assert_eq!(
        [count("/referrers/"), count("GET") - 2, count(".sig")],
        [1, 5 + 2, 1],
        "{asked:#?}"
    );
}
