//! What is attached, over the network: the registry's listing, its absence in all its forms, the tag that stands in for it,
//! cosign's tags; and what each of them costs, by the ledger of the registry that was asked.

use serde_json::{Value, json};

use super::support::attachment::{
    Attachment, BUNDLE, COSIGN_SIGN, NOTATION, SLSA, SPDX, StandIn, cosign_tag, stand_in_tag,
};
use super::support::command::Ended;
use super::support::fake::{
    Answer, FakeRegistry, Fault, Ledger, Links, Pattern, Place, Role, RunningRegistry, When,
};
use super::support::image::{Image, Index};
use super::support::network::{document, run};
use super::support::user::User;

fn image(what: &str) -> Image {
    Image::new().layer(what, 10)
}

/// A registry with one image.
fn plain() -> FakeRegistry {
    FakeRegistry::new().tag("team/app:1", image("a"))
}

/// The same, with something that names the image as its subject.
fn holding(registry: FakeRegistry, thing: Attachment) -> FakeRegistry {
    let subject = registry.descriptor("team/app:1");
    registry.holding(thing.to(&subject))
}

/// The same, with an index under the tag that stands in for a listing.
fn standing_in(registry: FakeRegistry, index: StandIn) -> FakeRegistry {
    let tag = stand_in_tag(&registry.digest("team/app:1"));
    registry.tag(&format!("team/app:{tag}"), index)
}

/// The same, signed by cosign.
fn signed_by_cosign(registry: FakeRegistry) -> FakeRegistry {
    let tag = cosign_tag(&registry.digest("team/app:1"), "sig");
    registry.tag(&format!("team/app:{tag}"), Attachment::by_cosign())
}

/// Asks of one tag by its name whether it is signed: `true`, `false`, or the code of what went wrong; then what was asked,
/// with digests as names.
fn signed(registry: FakeRegistry) -> (String, Vec<String>) {
    let digest = registry.digest("team/app:1");
    let registry = registry.start();
    let ended = run(
        &registry,
        "get tags HOST/team/app:1 --columns SIGNED:signed -o json",
    );
    (told(&ended), asked(registry, &digest))
}

fn told(ended: &Ended) -> String {
    let result = document(ended);
    let (item, errors) = (&result["items"][0], &result["errors"]);
    match &item["SIGNED"] {
        Value::Bool(signed) => {
            assert_eq!((ended.exit, errors.as_array().map(Vec::len)), (0, Some(0)));
            signed.to_string()
        }
        told => {
            assert_eq!((ended.exit, told), (3, &Value::Null));
            errors[0]["code"].as_str().unwrap().to_owned()
        }
    }
}

fn asked(registry: RunningRegistry, digest: &str) -> Vec<String> {
    shortened(&registry.stop(), digest)
}

fn shortened(ledger: &Ledger, digest: &str) -> Vec<String> {
    let short = |line: String| {
        let line = line
            .replace(digest, "@")
            .replace(&digest.replace(':', "-"), "TAG");
        line.replace("/v2/team/app/", "")
    };
    ledger.lines().into_iter().map(short).collect()
}

const HEAD: &str = "HEAD manifests/1";
const LIST: &str = "GET referrers/@";
const STAND_IN: &str = "GET manifests/TAG";
const COSIGN: &str = "HEAD manifests/TAG.sig";

#[test]
fn a_registry_that_lists_is_asked_for_the_digest_and_the_listing() {
    let registry = holding(plain(), Attachment::of(NOTATION)).listing_referrers();
    assert_eq!(
        signed(registry),
        ("true".to_owned(), vec![HEAD.into(), LIST.into()])
    );
}

#[test]
fn a_registry_that_lists_nothing_is_asked_for_cosigns_tag_and_for_no_stand_in() {
    let costs: Vec<String> = [HEAD, LIST, COSIGN].map(str::to_owned).into();
    assert_eq!(
        signed(plain().listing_referrers()),
        ("false".to_owned(), costs.clone())
    );
    let other = holding(plain(), Attachment::of(SPDX)).listing_referrers();
    assert_eq!(signed(other), ("false".to_owned(), costs.clone()));
    let cosign = signed_by_cosign(plain().listing_referrers());
    assert_eq!(signed(cosign), ("true".to_owned(), costs));
}

/// The answers by which a registry tells that it does not list.
fn refusals() -> Vec<Fault> {
    let other = Answer::json(&json!({"status": "fine"}));
    let page = Answer::html(200);
    let manifest = Answer::of("application/vnd.oci.image.manifest.v1+json", "{}");
    [400, 404, 405, 406]
        .into_iter()
        .map(Fault::status)
        .chain([other, page, manifest].map(Fault::Instead))
        .collect()
}

#[test]
fn where_the_registry_does_not_list_the_tag_stands_in_for_it() {
    for refusal in refusals() {
        let index = StandIn::of([Attachment::of(NOTATION)]);
        let registry = standing_in(plain().listing_referrers(), index);
        let registry = registry.fault("referrers", When::Always, refusal);
        let costs: Vec<String> = [HEAD, LIST, STAND_IN].map(str::to_owned).into();
        assert_eq!(signed(registry), ("true".to_owned(), costs));
    }
}

#[test]
fn where_neither_is_there_nothing_is_attached_but_under_cosigns_tags() {
    let costs: Vec<String> = [HEAD, LIST, STAND_IN, COSIGN].map(str::to_owned).into();
    for refusal in refusals() {
        let registry = plain().listing_referrers();
        let registry = registry.fault("referrers", When::Always, refusal);
        assert_eq!(signed(registry), ("false".to_owned(), costs.clone()));
    }
    assert_eq!(
        signed(signed_by_cosign(plain())),
        ("true".to_owned(), costs)
    );
}

#[test]
fn s6_it_is_unknown_where_any_way_of_looking_fails_and_none_finds_one() {
    let html = || Answer::status(404).with_body("text/html", "<html>blocked</html>");
    for (requests, fault, code) in [
        ("referrers", Fault::status(500), "UNAVAILABLE"),
        ("referrers", Fault::status(403), "DENIED"),
        ("GET manifests/sha256-", Fault::status(500), "UNAVAILABLE"),
        ("GET manifests/sha256-", Fault::Instead(html()), "NOT_FOUND"),
        ("HEAD .sig", Fault::status(503), "UNAVAILABLE"),
        (".sig", Fault::status(403), "DENIED"),
        (".sig", Fault::Instead(html()), "NOT_FOUND"),
    ] {
        let unsigned = plain().fault(requests, When::Always, fault);
        assert_eq!(signed(unsigned).0, code, "{requests}");
    }
    for (requests, status) in [("referrers", 500), ("GET manifests/sha256-", 500)] {
        let signed_anyway = signed_by_cosign(plain());
        let signed_anyway = signed_anyway.fault(requests, When::Always, Fault::status(status));
        assert_eq!(signed(signed_anyway).0, "true", "{requests}");
    }
}

#[test]
fn a_head_that_a_registry_does_not_know_is_a_get() {
    let registry = signed_by_cosign(plain());
    let registry = registry.fault("HEAD .sig", When::Always, Fault::status(405));
    assert_eq!(signed(registry).0, "true");
    let registry = plain().fault("HEAD .sig", When::Always, Fault::status(405));
    assert_eq!(signed(registry).0, "false");
}

#[test]
fn s6_an_entry_that_cannot_be_read_may_be_a_signature() {
    let registry = holding(plain(), Attachment::of(NOTATION)).listing_referrers();
    let spoil = |_: &_, answer: &mut Answer| {
        let text = String::from_utf8(answer.body.clone()).unwrap();
        let body = text.replace("sha256:", "md5:");
        let media_type = "application/vnd.oci.image.index.v1+json";
        *answer = answer.clone().with_body(media_type, body);
    };
    let registry = registry.fault("referrers", When::Always, Fault::edit(spoil));
    assert_eq!(signed(registry).0, "MALFORMED");
    let broken = plain().listing_referrers();
    let broken = broken.fault(
        "referrers",
        When::Always,
        Fault::Instead(Answer::of("application/vnd.oci.image.index.v1+json", "{")),
    );
    assert_eq!(signed(broken).0, "MALFORMED");
}

/// Three things, of which one alone signs, one on a page.
fn paged(links: Links) -> FakeRegistry {
    let things = [
        Attachment::of(SPDX),
        Attachment::of(NOTATION),
        Attachment::of("application/vnd.acme.x"),
    ];
    let registry = things.into_iter().fold(plain(), holding);
    let attacker = Place::on("127.0.0.2");
    let registry = registry.listing_referrers().attacker_at(attacker);
    registry.paged(1).links(links)
}

const THINGS: &str = "get tags HOST/team/app:1 --columns N:length(referrers) -o json";

#[test]
fn pages_chain_in_every_form_in_which_registries_link_them() {
    for links in [
        Links::Relative,
        Links::Absolute,
        Links::Bare,
        Links::Opaque,
        Links::OneTooMany,
    ] {
        let registry = paged(links).start();
        let ended = run(&registry, THINGS).exits(0);
        assert_eq!(document(&ended)["items"][0]["N"], 3, "{links:?}");
        assert!(
            registry.stop().count("GET /v2/team/app/referrers/") >= 3,
            "{links:?}"
        );
    }
}

#[test]
fn b4_b5_a_listing_that_leads_astray_is_not_followed_and_nothing_is_known() {
    for (links, code) in [
        (Links::OtherHost, "LINK_REFUSED"),
        (Links::SchemeRelative, "LINK_REFUSED"),
        (Links::OtherRepository, "LINK_REFUSED"),
        (Links::ToItself, "ENDLESS_LISTING"),
        (Links::Endless, "ENDLESS_LISTING"),
    ] {
        let registry = paged(links).start();
        let ended = run(&registry, THINGS).exits(3);
        let result = document(&ended);
        assert_eq!(result["items"][0]["N"], Value::Null, "{links:?}");
        assert_eq!(result["errors"][0]["code"], code, "{links:?}");
        let ledger = registry.stop();
        assert!(ledger.of(Role::Attacker).requests().is_empty());
    }
}

#[test]
fn one_request_finds_out_for_a_repository_that_it_does_not_list() {
    let tag = |registry: FakeRegistry, at: usize| {
        registry.tag(&format!("team/app:{at}"), image(&at.to_string()))
    };
    let many = || {
        (1..=9)
            .fold(FakeRegistry::new(), tag)
            .tag("team/web:1", image("web"))
    };
    let count = |ledger: &Ledger| {
        [
            "HEAD",
            "GET /v2/team/app/referrers",
            "GET /v2/team/web/referrers",
            "GET /v2/team/app/manifests/sha256-",
            "GET",
        ]
        .map(|beginning| ledger.count(beginning))
    };
    let registry = many().start();
    let query = "get tags HOST --columns SIGNED:signed -o json";
    run(&registry, query).exits(0).quietly();
    // The listings tell that no tag stands in for anything, and that there is none of cosign.
    assert_eq!(count(&registry.stop()), [10, 1, 1, 0, 5]);
    let registry = many().start();
    run_named(&registry, "['1', '2', '3', '4', '5']", "signed");
    // Without a listing nothing tells it: a tag that stands in, and one of cosign, for each.
    assert_eq!(count(&registry.stop()), [10, 1, 0, 5, 6]);
}

/// Asks for these columns of these tags of `team/app`, by their names.
fn run_named(registry: &RunningRegistry, tags: &str, columns: &str) {
    let spec = format!(
        "registry: {}\nrepositories: [team/app]\ntags: {tags}\n",
        registry.host()
    );
    let user = User::new().query("named.yaml", &format!("{spec}columns: [{columns}]\n"));
    user.run("run named.yaml").exits(0).quietly();
}

#[test]
fn what_is_attached_to_equal_content_is_asked_once() {
    let registry = FakeRegistry::new()
        .tag("team/app:1", image("a"))
        .tag("team/app:2", image("a"))
        .listing_referrers()
        .start();
    run_named(&registry, "['1', '2']", "signed, referrers");
    let lines = registry.stop().lines();
    let count = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        [
            count("referrers/"),
            count(".sig"),
            count(".att"),
            count(".sbom")
        ],
        [1; 4],
        "{lines:#?}"
    );
}

#[test]
fn what_cosigns_index_leaves_out_its_bundles_say() {
    for (kind, expected) in [(COSIGN_SIGN, "true"), (SLSA, "false")] {
        let bundle = Attachment::bundle(kind, &json!({}));
        let index = StandIn::of([bundle]).without_annotations();
        let (told, lines) = signed(standing_in(plain(), index));
        assert_eq!(told, expected);
        assert_eq!(lines[..3], [HEAD, LIST, STAND_IN]);
        assert!(lines[3].starts_with("GET manifests/sha256:"), "{lines:?}");
    }
}

#[test]
fn images_share_what_is_asked_of_their_index() {
    let index = Index::of([image("a"), image("a").platform("linux/arm64")]);
    let registry = FakeRegistry::new()
        .tag("team/app:1", index)
        .listing_referrers();
    let subject = registry.descriptor("team/app:1");
    let registry = registry
        .holding(Attachment::of(NOTATION).to(&subject))
        .start();
    let words = "get images HOST/team/app:1 --columns P:platform,SIGNED:signed -o json";
    let ended = run(&registry, words).exits(0);
    let signed: Vec<Value> = document(&ended)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["SIGNED"].clone())
        .collect();
    assert_eq!(signed, [true, true]);
    // The index, and of the index and both images what is attached to them.
    let ledger = registry.stop();
    assert_eq!(
        [
            ledger.count("GET /v2/team/app/manifests"),
            ledger.count("GET /v2/team/app/referrers")
        ],
        [1, 3]
    );
}

#[test]
fn provenance_costs_the_attestation_and_the_statement() {
    let says = json!({"buildDefinition": {"buildType": "acme"}});
    let index = Index::of([image("a")]).attested_by(
        0,
        &[
            ("https://spdx.dev/Document", json!({})),
            (SLSA, says.clone()),
        ],
    );
    let registry = FakeRegistry::new().tag("team/app:1", index).start();
    let words = "get tags HOST/team/app:1 --columns BUILT:provenance -o json";
    let ended = run(&registry, words).exits(0);
    assert_eq!(document(&ended)["items"][0]["BUILT"], says);
    let ledger = registry.stop();
    assert_eq!(ledger.requests().len(), 3, "{:#?}", ledger.lines());
}

/// An image with a bundle that says how it was built, and the digest of the bundle.
fn built() -> (FakeRegistry, String) {
    let registry = plain();
    let subject = registry.descriptor("team/app:1");
    let bundle = Attachment::bundle(SLSA, &json!({"by": "hand"})).to(&subject);
    let manifest = {
        let registry = FakeRegistry::new().tag("x:1", bundle.clone());
        registry.document(&registry.digest("x:1"))
    };
    let layer = manifest["layers"][0]["digest"].as_str().unwrap().to_owned();
    (registry.holding(bundle).listing_referrers(), layer)
}

#[test]
fn d1_a_statement_that_does_not_match_its_digest_is_not_read() {
    let words = "get tags HOST/team/app:1 --columns BUILT:provenance -o json";
    let (registry, _) = built();
    let registry = registry.start();
    let ended = run(&registry, words).exits(0);
    assert_eq!(document(&ended)["items"][0]["BUILT"], json!({"by": "hand"}));
    let long = |_: &_, answer: &mut Answer| {
        let body = [answer.body.clone(), vec![b' ']].concat();
        *answer = answer.clone().with_body(BUNDLE, body);
    };
    let other = |_: &_, answer: &mut Answer| {
        let length = answer.body.len();
        let last = answer.body.iter().rposition(|byte| *byte == b'}').unwrap();
        answer.body.swap(last, length - 2);
        answer.body[0] = b'[';
    };
    for (fault, code) in [
        (Fault::edit(long), "SIZE_MISMATCH"),
        (Fault::edit(other), "DIGEST_MISMATCH"),
        (Fault::status(404), "BLOB_UNKNOWN"),
    ] {
        let (registry, layer) = built();
        let blob = Pattern::from(format!("GET {layer}").as_str());
        let registry = registry.fault(blob, When::Always, fault).start();
        let ended = run(&registry, words).exits(3);
        assert_eq!(document(&ended)["errors"][0]["code"], code);
        ended.says("statement sha256:");
    }
}

#[test]
fn the_rows_of_what_is_attached_are_named_by_their_digests() {
    let registry = holding(plain(), Attachment::of(NOTATION))
        .listing_referrers()
        .start();
    let ended = run(&registry, "get referrers HOST/team/app -o name")
        .exits(0)
        .quietly();
    let expected = format!("{}/team/app@sha256:", registry.host());
    assert!(
        ended.stdout.starts_with(&expected) && ended.stdout.lines().count() == 1,
        "{}",
        ended.stdout
    );
}
