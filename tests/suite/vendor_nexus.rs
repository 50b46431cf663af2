//! Nexus: its repositories by path or by port, digests by its search where that can know them, links with its own path and
//! lists without any.

use serde_json::json;

use super::support::fake::{Answer, FakeRegistry, Fault, Links, Login, RunningRegistry, When};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::nexus::FakeNexus;

const PASSWORD: &str = "hunter2-of-bob";

fn image(day: u8) -> Image {
    Image::new().created(&format!("2026-01-{day:02}T00:00:00Z"))
}

/// An image with three tags, and another whose name begins alike.
fn described(nexus: FakeNexus, prefix: &str) -> FakeRegistry {
    let tag = |registry: FakeRegistry, (name, day): &(&str, u8)| {
        registry.tag(&format!("{prefix}{name}"), image(*day))
    };
    let names = [
        ("team/app:1.0", 1),
        ("team/app:1.1", 2),
        ("team/app:latest", 2),
        ("team/app-admin:9", 9),
    ];
    let registry = FakeRegistry::new().links(Links::Relative).way(nexus);
    names.iter().fold(registry, tag)
}

fn by_path(nexus: FakeNexus) -> FakeRegistry {
    described(nexus, "docker-hosted/")
}

fn user_with(registry: &RunningRegistry, more: &str) -> User {
    let host = registry.host();
    let settings = format!("registries: {{'{host}': {{dialect: nexus, plainHttp: true{more}}}}}\n");
    User::logged_in(&[(&host, "bob", PASSWORD)]).settings(&settings)
}

fn user(registry: &RunningRegistry) -> User {
    user_with(registry, "")
}

/// The digests of the tags of an image, and how many searches and HEADs that took.
fn digests(registry: FakeRegistry, name: &str) -> (Vec<String>, [usize; 2]) {
    let registry = registry.start();
    let line = format!(
        "get tags {}/{name} --columns tag,digest --no-headers -o csv",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(0);
    let rows = ended.stdout.lines().map(str::to_owned).collect();
    let ledger = registry.stop();
    let kinds = ["GET /service/rest/v1/search", "HEAD"];
    (rows, kinds.map(|kind| ledger.count(kind)))
}

fn expected(registry: &FakeRegistry) -> Vec<String> {
    let row = |tag: &str| {
        let digest = registry.digest(&format!("docker-hosted/team/app:{tag}"));
        format!("{tag},{digest}")
    };
    ["1.0", "1.1", "latest"].map(row).to_vec()
}

#[test]
fn what_was_pushed_to_it_is_told_by_its_search_page_by_page() {
    let registry = by_path(FakeNexus::new().key("docker-hosted", "hosted").finding(2));
    let rows = expected(&registry);
    assert_eq!(digests(registry, "docker-hosted/team/app"), (rows, [2, 0]));
}

#[test]
fn what_it_fetches_from_elsewhere_is_asked_for_tag_by_tag() {
    for kind in ["proxy", "group"] {
        let registry = by_path(FakeNexus::new().key("docker-hosted", kind));
        let rows = expected(&registry);
        assert_eq!(
            digests(registry, "docker-hosted/team/app"),
            (rows, [0, 3]),
            "{kind}"
        );
    }
}

#[test]
fn what_a_search_does_not_say_for_certain_is_asked_of_the_registry() {
    let nexus = || FakeNexus::new().key("docker-hosted", "hosted");
    for nexus in [
        // Its index is behind.
        nexus().missing("1.0"),
        // What it has is of something else.
        nexus().saying("1.0", |asset| {
            asset["path"] = json!("v2/team/app/manifests/2.0");
        }),
        // Docker's first format, whose checksum is no digest.
        nexus().saying("1.0", |asset| {
            asset["contentType"] =
                json!("application/vnd.docker.distribution.manifest.v1+prettyjws");
        }),
        nexus().saying("1.0", |asset| asset["checksum"] = json!({"sha1": "00"})),
        nexus().saying("1.0", |asset| *asset = json!(null)),
    ] {
        let registry = by_path(nexus);
        let rows = expected(&registry);
        assert_eq!(digests(registry, "docker-hosted/team/app"), (rows, [1, 1]));
    }
}

#[test]
fn a_path_may_begin_with_a_slash() {
    let nexus = FakeNexus::new().key("docker-hosted", "hosted");
    let registry = by_path(nexus.saying("1.0", |asset| {
        asset["path"] = json!("/v2/team/app/manifests/1.0");
    }));
    let rows = expected(&registry);
    assert_eq!(digests(registry, "docker-hosted/team/app"), (rows, [1, 0]));
}

#[test]
fn all_its_repositories_for_images_are_walked_through_wherever_they_have_their_lists() {
    for (nexus, below) in [
        (FakeNexus::new(), "/v2/KEY/_catalog"),
        (
            FakeNexus::new().listing_below_its_path(),
            "/repository/KEY/v2/_catalog",
        ),
    ] {
        let nexus = nexus
            .key("docker-hosted", "hosted")
            .key("docker-hub", "proxy");
        let login = Login::basic()
            .account("bob", PASSWORD)
            .challenge(&["Basic realm=\"Sonatype Nexus Repository Manager\""]);
        let registry = by_path(nexus)
            .tag("docker-hub/library/nginx:1", image(3))
            .login(login)
            .paged(1)
            .start();
        let host = registry.host();
        let line = format!("get repositories {host}/** --columns repository -o csv --no-headers");
        let all =
            "docker-hosted/team/app\ndocker-hosted/team/app-admin\ndocker-hub/library/nginx\n";
        let user = user(&registry);
        user.run(&line)
            .exits(0)
            .quietly()
            .prints(all)
            .keeps(&[PASSWORD]);
        let ledger = registry.stop();
        let catalog = below.replace("KEY", "docker-hosted");
        assert_eq!(ledger.count(&format!("GET {catalog}?")), 2);
        assert_eq!(ledger.count("GET /service/rest/v1/repositories"), 1);
    }
}

#[test]
fn the_port_of_a_connector_stands_for_the_repository_that_the_user_names() {
    let nexus = FakeNexus::new()
        .key("docker-hosted", "hosted")
        .only("docker-hosted");
    let registry = described(nexus, "").paged(2).start();
    let host = registry.host();
    let api = format!(", api: 'http://{host}/repository/docker-hosted/'");
    let user = user_with(&registry, &api);
    let line = format!("run tags -p registry={host} -p repository=team/app");
    let ended = user.run(&line).exits(0).quietly();
    assert_eq!(ended.stdout.lines().count(), 4, "{}", ended.stdout);
    let line = format!("get repositories {host}/team/* --columns repository -o csv --no-headers");
    user.run(&line)
        .exits(0)
        .quietly()
        .prints("team/app\nteam/app-admin\n");
    let ledger = registry.stop();
    let search = "GET /service/rest/v1/search?repository=docker-hosted&format=docker&name=team/app";
    assert_eq!(ledger.count(search), 1);
    // Its links have the path of the other port in them, where there is nothing (sonatype/nexus-public #1011).
    assert_eq!(ledger.count("GET /v2/team/app/tags/list"), 2);
    assert_eq!(ledger.count("GET /repository/"), 0);
    assert_eq!(ledger.count("HEAD"), 0);
}

#[test]
fn a_connector_that_nobody_told_of_is_asked_as_any_registry() {
    let nothing = Answer::html(400);
    let nexus = FakeNexus::new().only("docker-hosted");
    let registry = described(nexus, "")
        .fault("service/rest", When::Always, Fault::Instead(nothing))
        .start();
    let host = registry.host();
    let user = user(&registry);
    let line = format!("get tags {host}/team/app --columns tag,digest --no-headers -o csv");
    let ended = user.run(&line).exits(0);
    assert_eq!(ended.stdout.matches("sha256:").count(), 3);
    ended.says("the rest is asked of the registry");
    let line = format!("get repositories {host}/team/* --columns repository -o csv --no-headers");
    user.run(&line)
        .exits(0)
        .quietly()
        .prints("team/app\nteam/app-admin\n");
}

#[test]
fn a_group_without_links_is_asked_for_whole_and_nothings_are_no_tags() {
    let name = "docker-group/team/app";
    let registry = FakeRegistry::new()
        .listed_by(name, 1200, |at| format!("t{at:04}"), image(1))
        .listed("docker-group/odd", json!(["1", null, "2"]))
        .links(Links::Missing)
        .way(FakeNexus::new().key("docker-group", "group"))
        .start();
    let (user, host) = (user(&registry), registry.host());
    let ended = user.run(&format!("get tags {host}/{name} -o name"));
    assert_eq!(ended.exits(0).quietly().stdout.lines().count(), 1200);
    let line = format!("get tags {host}/docker-group/odd --columns tag --no-headers -o csv");
    user.run(&line).exits(0).quietly().prints("1\n2\n");
    assert_eq!(
        registry.stop().count(&format!("GET /v2/{name}/tags/list")),
        2
    );
}

#[test]
fn one_tag_is_one_search() {
    let registry = by_path(FakeNexus::new().key("docker-hosted", "hosted")).start();
    let host = registry.host();
    let columns = "tag,BY:vendor.tag.assets[0].uploader,pushed";
    let line = format!(
        "get tags {host}/docker-hosted/team/app:1.1 --columns {columns} --no-headers -o csv"
    );
    let ended = user(&registry).run(&line).exits(0);
    ended.prints("1.1,ci,\n").says("does not tell `pushed`");
    let search = "GET /service/rest/v1/search?repository=docker-hosted&format=docker&name=team/app&version=1.1";
    assert_eq!(registry.stop().count(search), 1);
}
