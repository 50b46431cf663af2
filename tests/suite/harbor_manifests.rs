//! Harbor's artifacts as manifests: what no name leads to, what its list leaves out, and projects of which nothing can be said.

use serde_json::{Value, json};

use super::support::fake::{FakeRegistry, Role, RunningRegistry};
use super::support::image::{Image, Index};
use super::support::user::User;
use super::support::vendors::harbor::FakeHarbor;

const HOST: &str = "harbor.acme.example";
const LIST: &str = "api: GET /api/v2.0/projects/shop/repositories/team%252Fweb/artifacts?with_tag=true&with_accessory=true&q=base=*&page=1&page_size=100";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn image(step: &str) -> Image {
    let image = Image::new().created("2026-01-01T00:00:00Z");
    image.layer(step, 3000)
}

/// An index with its images under a tag, an image under another, and one that was left over.
fn described() -> (FakeRegistry, FakeHarbor) {
    let both =
        Index::of(["linux/amd64", "linux/arm64"].map(|platform| image("app").platform(platform)));
    let registry = FakeRegistry::new()
        .tag("shop/team/web:1.0", both)
        .tag("shop/team/web:0.9", image("old"))
        .tag("aside/of:tests", image("left over"))
        .holding(image("left over"));
    let digest = |name: &str| registry.digest(name);
    let index = registry.document(&digest("shop/team/web:1.0"));
    let children = index["manifests"].as_array().expect("it is an index");
    let children: Vec<Value> = children
        .iter()
        .map(|child| json!({"child_digest": child["digest"], "platform": child["platform"]}))
        .collect();
    let mut harbor = FakeHarbor::new()
        .tag_as("shop/team/web:1.0", &digest("shop/team/web:1.0"), |said| {
            said["manifest_media_type"] = json!(INDEX);
            said["references"] = json!(children);
        })
        .tag("shop/team/web:0.9", &digest("shop/team/web:0.9"))
        .untagged("shop/team/web", &digest("aside/of:tests"));
    for child in &children {
        let digest = child["child_digest"]
            .as_str()
            .expect("a child has a digest");
        harbor = harbor.untagged("shop/team/web", digest);
    }
    (registry, harbor)
}

fn running((registry, harbor): (FakeRegistry, FakeHarbor)) -> RunningRegistry {
    registry.vendor(harbor).start()
}

fn user(registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    User::new().settings(&format!(
        "registries:\n  {HOST}: {{dialect: harbor, endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn untagged() -> String {
    format!("run untagged -p registry={HOST} -p repository=shop/team/web -o name")
}

#[test]
fn what_no_name_leads_to_is_found_without_a_look_at_any_index() {
    let registry = running(described());
    let left = described().0.digest("aside/of:tests");
    let ended = user(&registry).run(&untagged()).exits(0).quietly();
    ended.prints(&format!("{HOST}/shop/team/web@{left}\n"));
    let lines = registry.stop().lines();
    assert_eq!(lines.iter().filter(|line| *line == LIST).count(), 1);
    // The one that is left is asked what it is attached to.
    let gets = lines.iter().filter(|line| line.starts_with("GET"));
    let gets: Vec<&String> = gets.collect();
    assert_eq!(gets, [&format!("GET /v2/shop/team/web/manifests/{left}")]);
}

#[test]
fn manifests_come_with_tags_parents_and_when_over_pages() {
    let (registry, harbor) = described();
    let registry = running((registry, harbor.paged(2)));
    let columns = "T:join(',',tags),M:media_type,P:length(parents),PUSHED:pushed,PULLED:pulled,S:vendor.manifest.size";
    let line =
        format!("get manifests {HOST}/shop/team/web --columns {columns} -o csv --no-headers");
    let ended = user(&registry).run(&line).exits(0).quietly();
    let mut rows: Vec<&str> = ended.stdout.lines().collect();
    rows.sort_unstable();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let row = |tag: &str, kind: &str, parents: usize| {
        format!("{tag},{kind},{parents},2026-02-27T08:16:01Z,,31457280")
    };
    let rest = [
        row("", kind, 0),
        row("", kind, 1),
        row("", kind, 1),
        row("0.9", kind, 0),
        row("1.0", INDEX, 0),
    ];
    assert_eq!(rows, rest);
    let lines = registry.stop().lines();
    assert!(
        lines.iter().all(|line| line.starts_with("api:")),
        "{lines:#?}"
    );
}

#[test]
fn a_list_without_what_its_indexes_name_is_not_whole_and_that_is_said() {
    let (registry, harbor) = described();
    let registry = running((registry, harbor.without_base()));
    let line = format!("get manifests {HOST}/shop/team/web --columns tags -o csv --no-headers");
    let ended = user(&registry).run(&line).exits(3);
    assert_eq!(ended.stdout.lines().count(), 3, "{}", ended.stdout);
    ended.says("leaves out manifests that its indexes name");
}

#[test]
fn what_is_attached_is_not_on_the_list_and_that_is_said() {
    let (registry, harbor) = described();
    let attached = format!("sha256:{}", "ab".repeat(32));
    let (tagged, known) = (registry.digest("shop/team/web:0.9"), attached.clone());
    let harbor = harbor
        .untagged_as("shop/team/web", &attached, |said| {
            said["is_attached"] = json!(true)
        })
        .tag_as("shop/team/web:stable", &tagged, |said| {
            said["accessories"] = json!([{"digest": known, "type": "signature.cosign"}]);
        });
    let registry = running((registry, harbor));
    let ended = user(&registry).run(&untagged()).exits(0);
    assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);
    ended.says("leaves out what is attached to them: `resource: referrers` lists that");
}

#[test]
fn a_cache_of_another_registry_lists_nothing_and_neither_does_what_may_be_one() {
    type Edit = fn(FakeHarbor) -> FakeHarbor;
    let edits: [(Edit, &str); 2] = [
        (
            |harbor| harbor.cache("shop"),
            "is a cache of another registry",
        ),
        (
            |harbor| harbor.silent("shop"),
            "is not shown, and may be a cache",
        ),
    ];
    for (edit, says) in edits {
        let (registry, harbor) = described();
        let registry = running((registry, edit(harbor)));
        let ended = user(&registry).run(&untagged()).exits(4);
        ended.prints("").says(says).says("(NO_MANIFEST_LIST)");
        assert_eq!(registry.stop().count("artifacts"), 0);
    }
}

#[test]
fn a_repository_that_is_not_there_is_no_empty_one() {
    let (registry, harbor) = described();
    let registry = running((registry, harbor.repository("shop/empty")));
    let line = |name: &str| format!("get manifests {HOST}/shop/{name} -o name");
    let user = user(&registry);
    user.run(&line("empty")).exits(0).prints("");
    user.run(&line("nobody"))
        .exits(4)
        .says("there is no repository `shop/nobody`");
}
