//! Artifactory: its repositories as the first part of a name or behind a host of their own, links without them, and what its
//! API says of folders.

use serde_json::json;

use super::support::fake::{
    Answer, FakeRegistry, Fault, Links, Login, Role, RunningRegistry, When,
};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::artifactory::FakeArtifactory;

const KEY: &str = "hunter2-key-of-bob";

fn image() -> Image {
    Image::new().created("2026-01-01T00:00:00Z")
}

/// By path: two repositories that hold images, and others.
fn described(artifactory: FakeArtifactory) -> FakeRegistry {
    let artifactory = artifactory
        .key("docker-local", "Docker")
        .key("charts", "OCI")
        .key("libs", "Maven");
    let names = [
        "docker-local/web:1",
        "docker-local/team/api:2",
        "charts/app:3",
    ];
    let registry = FakeRegistry::new().links(Links::Relative).way(artifactory);
    names
        .iter()
        .fold(registry, |registry, name| registry.tag(name, image()))
}

fn user_with(registry: &RunningRegistry, more: &str) -> User {
    let host = registry.host();
    let settings =
        format!("registries: {{'{host}': {{dialect: artifactory, plainHttp: true{more}}}}}\n");
    User::logged_in(&[(&host, "bob", KEY)]).settings(&settings)
}

fn user(registry: &RunningRegistry) -> User {
    user_with(registry, "")
}

fn repositories(user: &User, pattern: &str) -> String {
    let line = format!("get repositories {pattern} --columns repository -o csv --no-headers");
    user.run(&line).exits(0).quietly().stdout
}

#[test]
fn all_repositories_that_hold_images_are_walked_through() {
    for artifactory in [
        FakeArtifactory::new(),
        // The list of the whole host may also be an empty one.
        FakeArtifactory::new().listing_nothing(),
    ] {
        let login = Login::basic()
            .account("bob", KEY)
            .challenge(&["Basic realm=\"Artifactory Realm\""]);
        let registry = described(artifactory).login(login).paged(1).start();
        let (user, host) = (user(&registry), registry.host());
        let all = "charts/app\ndocker-local/team/api\ndocker-local/web\n";
        assert_eq!(repositories(&user, &format!("{host}/**")), all);
        let ledger = registry.stop();
        assert_eq!(ledger.count("GET /artifactory/api/repositories"), 1);
        assert_eq!(ledger.count("GET /v2/docker-local/_catalog"), 2);
        assert_eq!(ledger.count("GET /v2/charts/_catalog"), 1);
        assert_eq!(ledger.count("GET /v2/libs/_catalog"), 0);
    }
}

#[test]
fn below_one_of_its_repositories_nothing_else_is_asked() {
    let registry = described(FakeArtifactory::new()).start();
    let (user, host) = (user(&registry), registry.host());
    let local = "docker-local/team/api\ndocker-local/web\n";
    assert_eq!(
        repositories(&user, &format!("{host}/docker-local/**")),
        local
    );
    assert_eq!(
        registry.stop().lines(),
        ["GET /v2/docker-local/_catalog?n=100"]
    );
}

#[test]
fn one_that_is_not_shown_hides_none_of_the_others() {
    let denied = Answer::error(403, "DENIED", &json!({}));
    let registry = described(FakeArtifactory::new());
    let registry = registry.fault("charts/_catalog", When::Always, Fault::Instead(denied));
    let registry = registry.start();
    let line = format!(
        "get repositories {}/** --columns repository -o csv --no-headers",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(3);
    ended
        .prints("docker-local/team/api\ndocker-local/web\n")
        .says("was answered with 403");
}

#[test]
fn who_may_not_know_what_there_is_is_told_to_name_it() {
    let denied = json!({"errors": [{"status": 401, "message": "Bad credentials"}]});
    for status in [401, 403] {
        let answer = Answer::status(status).with_body("application/json", denied.to_string());
        let registry = described(FakeArtifactory::new());
        let registry = registry.fault("api/repositories", When::Always, Fault::Instead(answer));
        let registry = registry.start();
        let line = format!("get repositories {}/**", registry.host());
        let ended = user(&registry).run(&line).exits(4).prints("");
        ended
            .says("Artifactory lists repositories only below a namespace (NAMESPACE_NEEDED)")
            .says("of Artifactory and Nexus a repository there that holds images");
    }
}

#[test]
fn where_no_list_is_there_the_result_is_no_empty_table() {
    for (status, code) in [(404, "NO_CATALOG"), (403, "DENIED")] {
        let refusal = Answer::error(status, code, &json!({}));
        let registry = FakeRegistry::new()
            .tag("team/api:2", image())
            .way(FakeArtifactory::new().only("docker-local"))
            .fault("/v2/_catalog", When::Always, Fault::Instead(refusal))
            .start();
        let host = registry.host();
        let ended = user(&registry).run(&format!("get repositories {host}/**"));
        ended.exits(4).prints("").says(&format!("({code})"));
        // What the API knows has no list behind this host.
        assert_eq!(registry.stop().count("GET /v2/docker-local/_catalog"), 1);
    }
}

#[test]
fn an_empty_list_of_the_whole_host_is_believed_only_where_nothing_contradicts_it() {
    for (status, exit) in [(403, 4), (404, 0)] {
        let refusal = Answer::error(status, "DENIED", &json!({}));
        let registry = described(FakeArtifactory::new().listing_nothing())
            .fault("api/repositories", When::Always, Fault::Instead(refusal))
            .start();
        let line = format!("get repositories {}/** -o name", registry.host());
        let ended = user(&registry).run(&line).exits(exit).prints("");
        let is_told = ended.stderr.contains("(API_DENIED)");
        assert_eq!(is_told, status == 403, "{}", ended.stderr);
    }
}

#[test]
fn a_list_of_the_whole_host_that_is_denied_is_put_together() {
    let denied = Answer::error(403, "DENIED", &json!({}));
    let registry = described(FakeArtifactory::new())
        .fault("/v2/_catalog", When::Always, Fault::Instead(denied))
        .start();
    let all = "charts/app\ndocker-local/team/api\ndocker-local/web\n";
    let host = registry.host();
    assert_eq!(repositories(&user(&registry), &format!("{host}/**")), all);
}

#[test]
fn a_host_of_one_repository_lists_its_own_and_the_api_knows_its_name() {
    let registry = FakeRegistry::new()
        .tag("team/api:2", image())
        .tag("team/web:1", image())
        .tag("tool:1", image())
        .way(FakeArtifactory::new().only("docker-local"))
        .start();
    let host = registry.host();
    let told = format!(", api: 'http://{host}/artifactory/api/docker/docker-local'");
    let user = user_with(&registry, &told);
    let team = "team/api\nteam/web\n";
    assert_eq!(repositories(&user, &format!("{host}/team/*")), team);
    let columns = "tag,vendor.tag.createdBy,vendor.repository.repo";
    let line = format!("get tags {host}/team/api --columns {columns} --no-headers -o csv");
    user.run(&line)
        .exits(0)
        .quietly()
        .prints("2,ci,docker-local\n");
    // Untold it is found out: the first part of the name has no list of its own.
    assert_eq!(
        repositories(&self::user(&registry), &format!("{host}/team/*")),
        team
    );
    let ledger = registry.stop();
    assert_eq!(ledger.count("GET /v2/team/_catalog"), 1);
    assert_eq!(ledger.count("GET /v2/_catalog"), 2);
    let storage = "GET /artifactory/api/storage/docker-local/team/api";
    assert_eq!(ledger.count(storage), 2);
}

#[test]
fn an_endpoint_may_be_the_address_of_one_repository() {
    let registry = FakeRegistry::new().start();
    let endpoint = format!(
        ", endpoint: '{}/artifactory/api/docker/docker-local'",
        registry.origin_of(Role::Registry)
    );
    let user = user_with(&registry, &endpoint);
    let host = registry.host();
    user.run(&format!(
        "get tags {host}/team/api --columns tag,vendor.tag.repo"
    ))
    .exits(4);
    user.run(&format!("get repositories {host}/**")).exits(4);
    let ledger = registry.stop();
    let below = "GET /artifactory/api/docker/docker-local/v2/";
    assert_eq!(ledger.count(&format!("{below}team/api/tags/list")), 1);
    assert_eq!(ledger.count(&format!("{below}_catalog")), 1);
    assert_eq!(ledger.lines().len(), 2);
}

#[test]
fn digests_and_nothings_among_tags_are_no_tags_and_an_error_without_a_code_is_understood() {
    let digest = format!("sha256:{}", "1".repeat(64));
    let registry = described(FakeArtifactory::new())
        .listed("docker-local/web", json!(["1", digest, null, ""]))
        .start();
    let (user, host) = (user(&registry), registry.host());
    let line = format!("get tags {host}/docker-local/web --columns tag --no-headers -o csv");
    user.run(&line).exits(0).quietly().prints("1\n");
    let ended = user.run(&format!("get tags {host}/docker-local/nowhere"));
    ended.exits(4).says("docker-local/nowhere");
}

#[test]
fn times_of_files_are_not_told_as_pushes() {
    let registry = described(FakeArtifactory::new()).start();
    let columns = "tag,vendor.tag.lastModified,pushed";
    let line = format!(
        "get tags {}/docker-local/web --columns {columns} --no-headers -o csv",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(0);
    ended
        .prints("1,2026-02-27T08:15:31.000Z,\n")
        .says("does not tell `pushed`");
}
