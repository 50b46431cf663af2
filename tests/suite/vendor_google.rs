//! Artifact Registry and gcr.io: repositories by walking down, digests without a request for each tag.

use serde_json::json;

use super::support::fake::{
    Answer, FakeRegistry, Fault, Login, RunningRegistry, When, before_login,
};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::google::Google;

const KEY: &str = "ya29.hunter2-of-google";

fn described() -> FakeRegistry {
    FakeRegistry::new()
        .way(Google)
        .login(Login::bearer().account("_dcgcloud_token", KEY))
        .tag(
            "acme/docker/web:1.0",
            Image::new().created("2026-01-01T00:00:00Z"),
        )
        .tag(
            "acme/docker/web:1.1",
            Image::new().created("2026-02-01T00:00:00Z"),
        )
        .tag(
            "acme/docker/web:latest",
            Image::new().created("2026-02-01T00:00:00Z"),
        )
        .tag("acme/docker/team/api:2.0", Image::new())
}

/// Somebody whose Docker has what gcloud's helper gives.
fn user(registry: &RunningRegistry, dialect: &str) -> User {
    let host = registry.host();
    User::logged_in(&[(&host, "_dcgcloud_token", KEY)]).settings(&format!(
        "registries:\n  {host}: {{dialect: {dialect}, plainHttp: true}}\n"
    ))
}

/// What was asked of the registry itself, once it was clear how.
fn asked(registry: RunningRegistry) -> Vec<String> {
    let lines = registry.stop().lines().into_iter();
    let mut lines: Vec<String> = lines.filter(|line| !line.contains("token")).collect();
    lines.dedup();
    lines
}

#[test]
fn a_catalog_is_one_request_for_each_path() {
    let registry = described().start();
    let line = format!(
        "run catalog -p registry={}/acme/docker -o csv",
        registry.host()
    );
    let ended = user(&registry, "artifact-registry")
        .run(&line)
        .exits(0)
        .keeps(&[KEY]);
    assert_eq!(
        ended.stdout,
        "REPOSITORY,TAGS,HIGHEST\nacme/docker/team/api,1,2.0\nacme/docker/web,3,1.1\n"
    );
    let paths = [
        "acme/docker",
        "acme/docker/web",
        "acme/docker/team",
        "acme/docker/team/api",
    ];
    let mut expected = paths.map(|path| format!("GET /v2/{path}/tags/list?n=10000"));
    let mut asked = asked(registry);
    expected.sort();
    asked.sort();
    assert_eq!(asked, expected);
}

#[test]
fn tags_come_with_their_digests_in_one_request() {
    let registry = described().start();
    let host = registry.host();
    let line = format!("run tags -p registry={host} -p repository=acme/docker/web -o csv");
    let ended = user(&registry, "artifact-registry").run(&line).exits(0);
    assert_eq!(ended.stdout.lines().count(), 4, "{}", ended.stdout);
    assert_eq!(
        asked(registry),
        ["GET /v2/acme/docker/web/tags/list?n=10000"]
    );
}

#[test]
fn an_image_summary_reads_what_tags_share_once() {
    let registry = described().start();
    let host = registry.host();
    let line = format!("run image-summary -p registry={host} -p repository=acme/docker/web -o csv");
    let ended = user(&registry, "artifact-registry").run(&line).exits(0);
    assert!(
        ended.stdout.contains("1.1,2026-02-01T00:00:00Z"),
        "{}",
        ended.stdout
    );
    let asked = asked(registry);
    let count = |part: &str| asked.iter().filter(|line| line.contains(part)).count();
    assert_eq!(
        ["tags/list", "HEAD", "/manifests/sha256:", "/blobs/"].map(count),
        [1, 0, 2, 2],
        "{asked:#?}"
    );
}

#[test]
fn times_and_the_vendors_word_are_told_and_sizes_are_not_ours() {
    let registry = described().start();
    let host = registry.host();
    let columns = "tag,pushed,vendor.tag.imageSizeBytes,media_type";
    let line = format!("get tags {host}/acme/docker/web:1.0 --columns {columns} -o json");
    let ended = user(&registry, "gcr").run(&line).exits(0);
    for said in [
        "2026-02-27T08:16:35Z",
        "31457280",
        "application/vnd.oci.image.manifest.v1+json",
    ] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[test]
fn a_list_without_a_namespace_is_gcrs_alone() {
    let registry = described().start();
    let line = format!("get repositories {} -o name", registry.host());
    let ended = user(&registry, "artifact-registry").run(&line).exits(4);
    ended
        .says("Google Artifact Registry lists repositories only below a namespace")
        .says("`PROJECT/REPOSITORY`");
    let ended = user(&registry, "gcr").run(&line).exits(0);
    assert!(ended.stdout.contains("acme/docker/web"), "{}", ended.stdout);
}

#[test]
fn a_project_alone_is_no_namespace_and_a_namespace_that_is_not_there_is_an_error() {
    let registry = described().start();
    let host = registry.host();
    let user = user(&registry, "artifact-registry");
    user.run(&format!("get repositories {host}/acme/*"))
        .exits(4)
        .says("`PROJECT/REPOSITORY`");
    user.run(&format!("get repositories {host}/acme/none/*"))
        .exits(4)
        .prints("");
}

#[test]
fn a_path_that_is_denied_is_said_and_the_others_are_listed() {
    let described = described().fault(
        "team/tags/list",
        When::Always,
        Fault::Instead(Answer::error(403, "DENIED", &json!({}))),
    );
    let registry = described.start();
    let line = format!(
        "get repositories {}/acme/docker/** -o name",
        registry.host()
    );
    let ended = user(&registry, "artifact-registry").run(&line);
    assert!(ended.stdout.contains("acme/docker/web"), "{}", ended.stdout);
    ended.says("DENIED");
}

#[test]
fn a_plain_list_is_taken_as_one() {
    let plain = json!({"name": "acme/docker/web", "tags": ["1.0", "1.1"]});
    let described = described().fault(
        "web/tags/list",
        When::Always,
        Fault::Instead(Answer::json(&plain)),
    );
    let registry = described.start();
    let line = format!(
        "get tags {}/acme/docker/web --columns tag,digest -o csv",
        registry.host()
    );
    let ended = user(&registry, "artifact-registry").run(&line).exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        2,
        "{}",
        ended.stdout
    );
    assert_eq!(
        asked(registry)
            .iter()
            .filter(|line| line.starts_with("HEAD"))
            .count(),
        2
    );
}

#[test]
fn a_refusal_without_a_challenge_does_not_forget_what_was_learned() {
    let bare = before_login("team/tags/list");
    let described = described().fault(bare, When::First(1), Fault::status(401));
    let registry = described.start();
    let line = format!(
        "get repositories {}/acme/docker/** -o name",
        registry.host()
    );
    let ended = user(&registry, "gcr").run(&line).exits(0);
    assert!(
        ended.stdout.contains("acme/docker/team/api"),
        "{}",
        ended.stdout
    );
}
