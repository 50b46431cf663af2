//! The fake registry lists in pages, and misleads about the next one in every way that was asked for.

use serde_json::{Value, json};

use super::support::fake::{
    FakeRegistry, Fault, Links, Naive, Place, Reply, Role, RunningRegistry, When,
};
use super::support::image::Image;

const TAGS: &str = "/v2/team/app/tags/list";

fn described() -> FakeRegistry {
    let tags = ["a", "b", "c", "d", "e"].map(|tag| format!("team/app:{tag}"));
    let empty = FakeRegistry::new().attacker_at(Place::on("127.0.0.2"));
    let described = tags
        .iter()
        .fold(empty, |described, tag| described.tag(tag, Image::new()));
    described.paged(2)
}

fn get(registry: &RunningRegistry, target: &str) -> Reply {
    Naive::of(&registry.host()).get(target).unwrap()
}

fn tags(reply: &Reply) -> Vec<Value> {
    reply.json()["tags"].as_array().cloned().unwrap_or_default()
}

/// The target of a link, if it is on this host.
fn next(registry: &RunningRegistry, reply: &Reply) -> Option<String> {
    let link = reply.header("Link");
    let (link, rel) = link.split_once("; ")?;
    assert_eq!(rel, "rel=\"next\"");
    let link = link.trim_start_matches('<').trim_end_matches('>');
    let own = registry.origin_of(Role::Registry);
    let target = link.strip_prefix(&own).unwrap_or(link);
    Some(target.to_owned()).filter(|target| target.starts_with("/v2/"))
}

/// The pages that a client sees that follows every link on this host, up to eight.
fn follow(registry: &RunningRegistry, target: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut target) = (Vec::new(), Some(target.to_owned()));
    while let Some(asked) = target.take().filter(|_| pages.len() < 8) {
        let reply = get(registry, &asked);
        pages.push(tags(&reply));
        target = next(registry, &reply);
    }
    pages
}

#[test]
fn pages_chain_in_every_honest_form() {
    let forms = [
        (
            Links::Relative,
            "</v2/team/app/tags/list?last=b&n=3>; rel=\"next\"",
        ),
        (
            Links::Absolute,
            "<{registry}/v2/team/app/tags/list?last=b&n=3>; rel=\"next\"",
        ),
        (
            Links::Unescaped,
            "</v2/team/app/tags/list?last=b&n=3>; rel=\"next\"",
        ),
        (
            Links::Bare,
            "/v2/team/app/tags/list?last=b&n=3; rel=\"next\"",
        ),
        (
            Links::Opaque,
            "<{registry}/v2/team/app/tags/list?last=eyJmcm9tIjoyfQ>; rel=\"next\"",
        ),
    ];
    for (links, expected) in forms {
        let registry = described().links(links).start();
        let target = format!("{TAGS}?n=3");
        let expected = expected.replace("{registry}", &registry.origin_of(Role::Registry));
        assert_eq!(get(&registry, &target).header("Link"), expected);
        let pages = follow(&registry, &target);
        assert_eq!(
            json!(pages),
            json!([["a", "b"], ["c", "d"], ["e"]]),
            "{links:?}"
        );
    }
}

#[test]
fn b4_links_lead_away() {
    let table = [
        (
            Links::OtherHost,
            "<{attacker}/v2/team/app/tags/list?last=b>; rel=\"next\"",
        ),
        (
            Links::SchemeRelative,
            "<//{attacker.host}/v2/team/app/tags/list?last=b>; rel=\"next\"",
        ),
        (
            Links::OtherRepository,
            "</v2/secret/vault/tags/list?last=b>; rel=\"next\"",
        ),
        (
            Links::Text("<{path}\\..\\{last}>"),
            "</v2/team/app/tags/list\\..\\b>",
        ),
    ];
    for (links, expected) in table {
        let registry = described().links(links).start();
        let expected = expected
            .replace("{attacker}", &registry.origin_of(Role::Attacker))
            .replace("{attacker.host}", &registry.host_of(Role::Attacker));
        assert_eq!(get(&registry, TAGS).header("Link"), expected);
    }
}

#[test]
fn b5_links_never_end() {
    let pages = |links| follow(&described().links(links).start(), TAGS);
    let ab = json!(["a", "b"]);
    assert_eq!(
        json!(pages(Links::ToItself)),
        json!([ab, ab, ab, ab, ab, ab, ab, ab])
    );
    let cycle = pages(Links::Cycle(2));
    assert_eq!(
        json!(cycle[..4]),
        json!([["a", "b"], ["c", "d"], ["a", "b"], ["c", "d"]])
    );
    assert_eq!(cycle.len(), 8);
    let registry = described().links(Links::Endless).start();
    let endless = follow(&registry, TAGS);
    assert_eq!(json!(endless[2..]), json!([["e"], [], [], [], [], []]));
    let asked: std::collections::BTreeSet<String> = registry.ledger().lines().into_iter().collect();
    assert_eq!(asked.len(), 8, "every cursor is a new one");
}

#[test]
fn b6_the_last_link_is_one_too_many_or_missing() {
    let pages = |links| follow(&described().links(links).start(), TAGS);
    let expected = json!([["a", "b"], ["c", "d"], ["e"], []]);
    assert_eq!(json!(pages(Links::OneTooMany)), expected);
    assert_eq!(json!(pages(Links::Missing)), json!([["a", "b"]]));
}

#[test]
fn n_is_obeyed_refused_or_no_number() {
    let registry = described().largest_page(100, 405).start();
    assert_eq!(tags(&get(&registry, &format!("{TAGS}?n=1"))), ["a"]);
    assert_eq!(get(&registry, &format!("{TAGS}?n=100")).status, 200);
    let refused = get(&registry, &format!("{TAGS}?n=101"));
    assert_eq!(
        (refused.status, &refused.json()["errors"][0]["code"]),
        (405, &json!("UNSUPPORTED"))
    );
    let registry = described().largest_page(0, 400).start();
    let refused = get(&registry, &format!("{TAGS}?n=1"));
    let code = &refused.json()["errors"][0]["code"];
    assert_eq!(
        (refused.status, code),
        (400, &json!("PAGINATION_NUMBER_INVALID"))
    );
    assert_eq!(get(&registry, TAGS).status, 200);
    assert_eq!(
        get(&described().start(), &format!("{TAGS}?n=-1")).status,
        400
    );
}

#[test]
fn listings_hold_what_the_test_says() {
    let odd = json!(["b", null, "", "sha256:11", "a b", "b", "c"]);
    let registry = described()
        .repository("team/empty")
        .listed("team/null", Value::Null)
        .listed("team/app", odd)
        .fault(
            "tags/list",
            When::Always,
            Fault::header("Content-Type", "text/plain; charset=utf-8"),
        )
        .start();
    let pages = follow(&registry, TAGS);
    let expected = json!([["b", null], ["", "sha256:11"], ["a b", "b"], ["c"]]);
    assert_eq!(json!(pages), expected);
    assert_eq!(
        get(&registry, TAGS).header("Content-Type"),
        "text/plain; charset=utf-8"
    );
    let null = get(&registry, "/v2/team/null/tags/list").json();
    assert_eq!(null, json!({"name": "team/null", "tags": null}));
    let empty = get(&registry, "/v2/team/empty/tags/list").json();
    assert_eq!(empty, json!({"name": "team/empty", "tags": []}));
}

#[test]
fn repositories_are_listed_and_may_be_anything() {
    let registry = described()
        .tag("a/b:1", Image::new())
        .tag("z:1", Image::new())
        .start();
    let first = get(&registry, "/v2/_catalog?n=2");
    assert_eq!(first.json(), json!({"repositories": ["a/b", "team/app"]}));
    let target = next(&registry, &first).unwrap();
    assert_eq!(target, "/v2/_catalog?last=team%2Fapp&n=2");
    assert_eq!(
        get(&registry, &target).json(),
        json!({"repositories": ["z"]})
    );
    let registry = described()
        .tag("a/b:1", Image::new())
        .links(Links::Unescaped);
    let link = get(&registry.start(), "/v2/_catalog?n=1").header("Link");
    assert_eq!(link, "</v2/_catalog?last=a/b&n=1>; rel=\"next\"");
    let registry = described().catalog(json!(["B", 7])).start();
    assert_eq!(
        get(&registry, "/v2/_catalog").json()["repositories"],
        json!(["B", 7])
    );
    for status in [401, 403, 404, 405] {
        let rule = described().fault("_catalog", When::Always, Fault::status(status));
        assert_eq!(get(&rule.start(), "/v2/_catalog").status, status);
    }
}

#[test]
fn very_many_names_are_held_nowhere() {
    let registry = FakeRegistry::new()
        .listed_by("team/many", 200_000, |at| format!("v{at}"), Image::new())
        .catalog_by(usize::MAX, |at| format!("team/r{at}"))
        .paged(80_000)
        .links(Links::Absolute)
        .start();
    let pages = follow(&registry, "/v2/team/many/tags/list");
    let lengths: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(lengths, [80_000, 80_000, 40_000]);
    assert_eq!(pages[1][0], "v80000");
    let naive =
        Naive::of(&registry.host()).header("Accept", "application/vnd.oci.image.manifest.v1+json");
    let any = naive.head("/v2/team/many/manifests/v77").unwrap();
    assert_eq!(any.status, 200);
    let catalog = get(&registry, "/v2/_catalog?n=3").json();
    assert_eq!(
        catalog["repositories"],
        json!(["team/r0", "team/r1", "team/r2"])
    );
}

#[test]
fn b7_tags_come_and_go_between_pages() {
    let registry = described().start();
    let first = get(&registry, TAGS);
    registry.untag("team/app:b");
    registry.tag("team/app:bb", Image::new());
    let second = get(&registry, &next(&registry, &first).unwrap());
    assert_eq!(tags(&second), ["bb", "c"]);
}
