//! Harbor, as a fake: what is asked of its API and of its registry, as whom, and what it costs.

use serde_json::json;

use super::support::attachment::{Attachment, cosign_tag};
use super::support::fake::{
    Answer, FakeRegistry, Fault, Login, Role, RunningRegistry, Shape, When,
};
use super::support::image::{Image, Index};
use super::support::user::User;
use super::support::vendors::AtHome;
use super::support::vendors::harbor::FakeHarbor;

const HOST: &str = "harbor.acme.example";
const ROBOT: (&str, &str) = ("robot$shop+ci", "robot-secret-of-ci");
const SHOWN: &str = "2026-02-27T08:16:01Z";

fn settings(user: User, registry: &RunningRegistry) -> User {
    let [endpoint, api] = [Role::Registry, Role::Api].map(|role| registry.origin_of(role));
    user.settings(&format!(
        "registries:\n  {HOST}: {{dialect: harbor, endpoint: '{endpoint}', api: '{api}'}}\n"
    ))
}

fn nobody(registry: &RunningRegistry) -> User {
    settings(User::new(), registry)
}

fn robot(registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(HOST, ROBOT.0, ROBOT.1)]), registry)
}

fn image(created: &str) -> Image {
    Image::new().created(created)
}

/// A project that everybody sees, with a repository below a path, and one that its robot sees.
fn described() -> (FakeRegistry, FakeHarbor) {
    let registry = FakeRegistry::new()
        .tag("shop/team/web:1.9", image("2026-01-01T00:00:00Z"))
        .tag("shop/team/web:1.10", image("2026-02-01T00:00:00Z"))
        .tag("shop/team/web:latest", image("2026-02-01T00:00:00Z"))
        .tag("shop/db:1", image("2026-01-01T00:00:00Z"))
        .tag("vault/keys:1", image("2026-01-01T00:00:00Z"));
    let names = [
        "shop/team/web:1.9",
        "shop/team/web:1.10",
        "shop/team/web:latest",
        "shop/db:1",
        "vault/keys:1",
    ];
    let tag = |harbor: FakeHarbor, name: &&str| harbor.tag(name, &registry.digest(name));
    let harbor = names.iter().fold(FakeHarbor::new(), tag);
    let harbor =
        harbor
            .private("vault")
            .private("hollow")
            .account(ROBOT.0, ROBOT.1, &["vault", "hollow"]);
    (registry, harbor)
}

/// As it is: Basic for the list of all names and tokens for the rest, and nothing without either; an empty `access_token`
/// beside `token`.
fn running((registry, harbor): (FakeRegistry, FakeHarbor)) -> RunningRegistry {
    let login = Login::bearer()
        .account(ROBOT.0, ROBOT.1)
        .public(&["shop/*", "hub/*"])
        .challenge_for("_catalog", &["Basic realm=\"harbor\""])
        .shape(Shape::EmptyAccessToken);
    registry.login(login).vendor(harbor).start()
}

fn listed(user: &User, pattern: &str) -> Vec<String> {
    let line = format!("get repositories {HOST}/{pattern} --columns repository -o csv");
    let ended = user.run(&line).exits(0).quietly();
    ended.stdout.lines().skip(1).map(str::to_owned).collect()
}

const WEB: &str = "/api/v2.0/projects/shop/repositories/team%252Fweb";

#[test]
fn a_project_is_listed_and_so_are_all_of_them() {
    let registry = running(described());
    let all = ["shop/db", "shop/team/web", "vault/keys"];
    assert_eq!(listed(&nobody(&registry), "shop/**"), all[..2]);
    assert_eq!(listed(&nobody(&registry), "shop/team/*"), all[1..2]);
    let before = registry.ledger().lines();
    let asked = "api: GET /api/v2.0/projects/shop/repositories?page=1&page_size=100";
    assert_eq!(before, [asked; 2]);
    assert_eq!(listed(&nobody(&registry), "**"), all[..2]);
    assert_eq!(listed(&robot(&registry), "**"), all);
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/_catalog"), 0);
    // Nothing is asked about what has nothing in it.
    assert_eq!(ledger.count("api: GET /api/v2.0/projects/hollow"), 0);
    assert_eq!(ledger.count("api: GET /api/v2.0/projects?"), 2);
}

#[test]
fn s1_a_robot_is_itself_at_the_api_and_no_token_of_the_registry_goes_there() {
    let registry = running(described());
    let line = format!("get tags {HOST}/vault/* --columns tag,digest,vendor -v");
    let ended = robot(&registry).run(&line).exits(0);
    let tokens = registry.tokens();
    let secrets: Vec<&str> = tokens.iter().map(String::as_str).collect();
    assert!(!secrets.is_empty());
    ended.keeps(&[&secrets[..], &[ROBOT.1]].concat());
    let ledger = registry.stop();
    ledger.of(Role::Api).assert_no_secret(&secrets);
    for request in ledger.of(Role::Api).requests() {
        let shown = request.header("authorization").unwrap_or_default();
        assert!(shown.starts_with("Basic "), "{shown}");
    }
    for request in ledger.of(Role::Registry).requests() {
        let shown = request.header("authorization").unwrap_or("Bearer ");
        assert!(shown.starts_with("Bearer "), "{shown}");
    }
}

#[test]
fn tags_come_with_what_they_point_to_and_when() {
    let (registry, harbor) = described();
    let (old, new) = (
        registry.digest("shop/team/web:1.9"),
        registry.digest("shop/team/web:1.10"),
    );
    let pulled = "2026-03-01T06:00:00.000Z";
    let harbor = harbor
        .untagged("shop/team/web", &format!("sha256:{}", "ab".repeat(32)))
        .tag_as("shop/team/web:2", &old, |artifact| {
            artifact["tags"][1]["pull_time"] = json!(pulled);
        });
    let registry = running((
        registry.tag("shop/team/web:2", image("2026-01-01T00:00:00Z")),
        harbor,
    ));
    let columns = "tag,digest,media_type,pushed,pulled";
    let line = format!("get tags {HOST}/shop/team/web:** --columns {columns} -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let row =
        |tag: &str, digest: &str, pulled: &str| format!("{tag},{digest},{kind},{SHOWN},{pulled}\n");
    let rows = [
        row("1.10", &new, ""),
        row("1.9", &old, ""),
        row("2", &old, "2026-03-01T06:00:00Z"),
        row("latest", &new, ""),
    ];
    assert_eq!(ended.stdout, rows.concat());
    let mut asked = registry.stop().lines();
    asked.retain(|line| !line.contains("/token"));
    asked.dedup();
    assert_eq!(
        asked,
        [
            "api: GET /api/v2.0/projects/shop".to_owned(),
            format!("api: GET {WEB}/artifacts?with_tag=true&q=tags=*&page=1&page_size=100"),
            "GET /v2/shop/team/web/tags/list?n=1000".to_owned(),
        ]
    );
}

#[test]
fn what_is_attached_is_no_artifact_and_its_tag_is_there_all_the_same() {
    let (registry, harbor) = described();
    let digest = registry.digest("shop/db:1");
    let tag = cosign_tag(&digest, "sig");
    let name = format!("shop/db:{tag}");
    let registry = registry.tag(&name, Attachment::by_cosign());
    let harbor = harbor.tag_as(&name, &registry.digest(&name), |artifact| {
        artifact["is_attached"] = json!(true);
    });
    let registry = running((registry, harbor));
    let line = format!("get tags {HOST}/shop/db --columns tag,digest,signed -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    ended.prints(&format!("1,{digest},true\n"));
    let line = format!("get tags {HOST}/shop/db:sha256-* --columns tag,digest -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    assert!(
        ended.stdout.starts_with(&format!("{tag},sha256:")),
        "{}",
        ended.stdout
    );
}

#[test]
fn an_index_has_the_platforms_of_its_children_and_an_image_is_looked_into() {
    let index = Index::of([
        image("2026-01-01T00:00:00Z"),
        image("2026-01-01T00:00:00Z").platform("linux/arm/v7"),
    ]);
    let (registry, harbor) = described();
    let registry = registry.tag("shop/multi:1", index.attested()).tag(
        "shop/multi:arm",
        image("2026-01-01T00:00:00Z").platform("linux/arm/v7"),
    );
    let child = |os: &str, architecture: &str, variant: &str| {
        let digest = registry.digest("shop/multi:arm");
        let platform = json!({"os": os, "architecture": architecture, "variant": variant});
        json!({"parent_id": 41, "child_id": 40, "child_digest": digest, "platform": platform, "urls": null})
    };
    let children = json!([
        child("linux", "amd64", ""),
        child("linux", "arm", "v7"),
        child("unknown", "unknown", "")
    ]);
    let digest = |name: &str| registry.digest(name);
    let harbor = harbor
        .tag_as("shop/multi:1", &digest("shop/multi:1"), |artifact| {
            artifact["manifest_media_type"] = json!("application/vnd.oci.image.index.v1+json");
            artifact["references"] = children.clone();
        })
        .tag_as("shop/multi:arm", &digest("shop/multi:arm"), |artifact| {
            artifact["extra_attrs"]["architecture"] = json!("arm");
        });
    let registry = running((registry, harbor));
    let line = format!("get tags {HOST}/shop/multi:** --columns tag,platforms -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    ended.prints(
        "1,\"[\"\"linux/amd64\"\",\"\"linux/arm/v7\"\"]\"\narm,\"[\"\"linux/arm/v7\"\"]\"\n",
    );
    let ledger = registry.stop();
    // The index is not asked for, and the image by its digest.
    let asked = ledger.count("GET /v2/shop/multi/manifests/sha256:");
    assert_eq!(
        (asked, ledger.count("GET /v2/shop/multi/manifests/")),
        (1, 1)
    );
}

#[test]
fn in_a_cache_a_tag_points_where_the_other_registry_says() {
    // The cache is behind: what it knows of the tag is not what a pull would bring.
    let (registry, harbor) = described();
    let registry = registry.tag("hub/alpine:3", image("2026-03-01T00:00:00Z"));
    let behind = registry.digest("shop/db:1");
    let now = registry.digest("hub/alpine:3");
    let harbor = harbor.tag("hub/alpine:3", &behind);
    for (harbor, why) in [
        (harbor.cache("hub"), "is a cache of another registry"),
        (
            described().1.tag("hub/alpine:3", &behind).silent("hub"),
            "is not shown, and may be a cache",
        ),
    ] {
        let registry = FakeRegistry::new().tag("hub/alpine:3", image("2026-03-01T00:00:00Z"));
        let registry = running((registry, harbor));
        let line =
            format!("get tags {HOST}/hub/alpine --columns tag,digest,pushed -o csv --no-headers");
        let ended = nobody(&registry).run(&line).exits(0);
        assert_eq!(ended.stdout, format!("3,{now},{SHOWN}\n"), "{why}");
        ended.says(&format!("the project `hub` {why}"));
        let ledger = registry.stop();
        assert_eq!(
            ledger.count("api: GET /api/v2.0/projects/hub/repositories"),
            1
        );
    }
}

#[test]
fn who_may_pull_and_not_list_gets_the_names_and_is_told() {
    let (registry, harbor) = described();
    let body = json!({"errors": [{"code": "FORBIDDEN", "message": "forbidden"}]}).to_string();
    let forbidden = Answer::status(403).with_body("application/json", body);
    let registry = registry.fault("api projects", When::Always, Fault::Instead(forbidden));
    let registry = running((registry, harbor));
    let line = format!("get tags {HOST}/vault/keys:** --columns tag,digest -o csv");
    let ended = robot(&registry).run(&line).exits(0);
    assert!(ended.stdout.contains("1,sha256:"), "{}", ended.stdout);
    ended
        .says("the rest is asked of the registry")
        .says("forbidden");
    let ended = robot(&registry)
        .run(&format!("get repositories {HOST}/vault/*"))
        .exits(4);
    ended
        .says("was answered with 403, asked as robot$shop+ci: forbidden (API_DENIED)")
        .says("Harbor an account or a robot that may list");
}

#[test]
fn what_is_hidden_and_what_does_not_exist_are_errors() {
    let registry = running(described());
    for project in ["vault", "nowhere"] {
        let line = format!("get repositories {HOST}/{project}/*");
        let ended = nobody(&registry).run(&line).exits(4).prints("");
        ended.says("was answered with 401").says("(API_DENIED)");
    }
    let line = format!("get tags {HOST}/shop/nowhere:** --columns tag,pushed");
    nobody(&registry)
        .run(&line)
        .exits(4)
        .prints("")
        .says("there is no repository");
    let wrong = settings(
        User::logged_in(&[(HOST, ROBOT.0, "wrong-secret")]),
        &registry,
    );
    let ended = wrong
        .run(&format!("get repositories {HOST}/shop/*"))
        .exits(4);
    ended
        .says("asked as robot$shop+ci")
        .keeps(&["wrong-secret"]);
}

#[test]
fn one_project_of_many_that_is_refused_is_missing_and_said_so() {
    let (registry, harbor) = described();
    let refused = Answer::error(403, "FORBIDDEN", &json!({}));
    let registry = registry.fault(
        "api vault/repositories",
        When::Always,
        Fault::Instead(refused),
    );
    let registry = running((registry, harbor));
    let line = format!("get repositories {HOST}/** --columns repository -o csv --no-headers");
    let ended = robot(&registry).run(&line).exits(3);
    ended
        .prints("shop/db\nshop/team/web\n")
        .says("was answered with 403");
}

#[test]
fn a_repository_tells_whether_its_project_is_private_and_how_often_it_was_pulled() {
    let registry = running(described());
    let columns = "repository,private,pull_count,description,vendor.repository.artifact_count";
    let line = format!("get repositories {HOST}/** --columns {columns} -o csv --no-headers");
    let ended = robot(&registry).run(&line).exits(0).quietly();
    ended.prints("shop/db,false,10,,1\nshop/team/web,false,10,,2\nvault/keys,true,10,,1\n");
    let before = registry.ledger().lines().len();
    let line = format!("get repositories {HOST}/vault/* --columns {columns} -o csv --no-headers");
    robot(&registry)
        .run(&line)
        .exits(0)
        .quietly()
        .prints("vault/keys,true,10,,1\n");
    let asked = registry.stop().lines();
    assert_eq!(
        asked[before..],
        [
            "api: GET /api/v2.0/projects/vault",
            "api: GET /api/v2.0/projects/vault/repositories?page=1&page_size=100"
        ]
    );
}

#[test]
fn one_tag_is_asked_for_alone_and_its_whole_document_where_it_is_wanted() {
    let registry = running(described());
    let columns = "tag,pulled,private,vendor.tag.extra_attrs.architecture";
    let line = format!("get tags {HOST}/shop/team/web:1.9 --columns {columns} -o csv --no-headers");
    let ended = nobody(&registry).run(&line).exits(0).quietly();
    ended.prints("1.9,,false,amd64\n");
    let ledger = registry.stop();
    let whole = "with_tag=true&with_label=true&with_immutable_status=true&with_scan_overview=true";
    assert_eq!(
        ledger.count(&format!("api: GET {WEB}/artifacts/1.9?{whole}")),
        1
    );
    assert_eq!(ledger.count("GET /v2/shop/team/web/tags/list"), 0);
}

#[test]
fn one_is_asked_at_its_own_address() {
    let (registry, harbor) = described();
    let registry = registry.way(AtHome(harbor)).start();
    let host = registry.host();
    let user = User::new().settings(&format!(
        "registries: {{'{host}': {{dialect: harbor, plainHttp: true}}}}\n"
    ));
    let line =
        format!("get tags {host}/shop/** --columns repository,tag,pushed -o csv --no-headers");
    let ended = user.run(&line).exits(0).quietly();
    assert_eq!(ended.stdout.matches(SHOWN).count(), 4, "{}", ended.stdout);
    assert_eq!(registry.stop().of(Role::Api).lines().len(), 0);
}

#[test]
fn s6_a_list_that_ends_too_early_is_said_to_lack_something() {
    for listing in ["api projects?", "api shop/repositories"] {
        let (registry, harbor) = described();
        let cut = |_: &_, answer: &mut Answer| answer.remove("Link");
        let cut = Fault::Edit(Box::new(cut));
        let registry = registry.fault(listing, When::Always, cut);
        let registry = running((registry, harbor.paged(1)));
        let line = format!("get repositories {HOST}/** --columns repository");
        let ended = robot(&registry).run(&line).exits(3);
        ended.says("it ends before all came that the vendor counts");
    }
}

#[test]
fn the_plan_says_who_lists_and_as_whom() {
    let registry = running(described());
    let line = format!("plan tags -p registry={HOST} -p repository=shop/team/web");
    let ended = robot(&registry).run(&line).exits(0);
    assert!(
        ended.stdout.contains("as robot$shop+ci"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("Harbor lists at"), "{}", ended.stdout);
    assert_eq!(registry.stop().lines().len(), 0);
}
