//! Vendors that need no dialect of ours: Microsoft's registry, which takes no login and no size of a page, and
//! registry.k8s.io, which leads to somebody else for everything but blobs' addresses.

use serde_json::json;

use super::support::fake::{Answer, FakeRegistry, Fault, Request, Role, RunningRegistry, When};
use super::support::image::Image;
use super::support::user::User;

fn user(host: &str, registry: &RunningRegistry) -> User {
    let endpoint = registry.origin_of(Role::Registry);
    User::new().settings(&format!(
        "registries:\n  {host}: {{endpoint: '{endpoint}'}}\n"
    ))
}

#[test]
fn microsofts_catalog_is_one_page_whatever_is_asked_for() {
    let names = (0..5_000).map(|at| format!("dotnet/runtime-{at:05}"));
    let all = json!({"repositories": names.collect::<Vec<_>>()});
    let all = Fault::Instead(Answer::json(&all));
    let registry = FakeRegistry::new()
        .fault("_catalog", When::Always, all)
        .start();
    let host = "mcr.microsoft.com";
    let line = format!("get repositories {host}/dotnet/* -o name");
    let ended = user(host, &registry).run(&line).exits(0).quietly();
    assert_eq!(ended.stdout.lines().count(), 5_000);
    assert_eq!(registry.stop().lines(), ["GET /v2/_catalog?n=100"]);
}

/// What the front leads to: another registry, which everybody may read.
fn behind() -> RunningRegistry {
    let image = |time| Image::new().created(time);
    FakeRegistry::new()
        .tag("images/pause:3.9", image("2026-01-01T00:00:00Z"))
        .tag("images/pause:3.10", image("2026-02-01T00:00:00Z"))
        .listed("images/pause", json!(["3.10", "3.9"]))
        .start()
}

/// Leads every question about `pause` on, as registry.k8s.io does (kubernetes/registry.k8s.io, "Request Handling").
fn front(behind: &RunningRegistry) -> RunningRegistry {
    let origin = behind.origin_of(Role::Registry);
    let lead = move |request: &Request, answer: &mut Answer| {
        let target = request.target.replace("/v2/pause/", "/v2/images/pause/");
        *answer = Answer::redirect(307, &format!("{origin}{target}"));
    };
    FakeRegistry::new()
        .fault("v2/pause/", When::Always, Fault::edit(lead))
        .start()
}

#[test]
fn a_front_that_leads_on_for_everything_is_followed() {
    let behind = behind();
    let front = front(&behind);
    let host = "registry.k8s.io";
    let user = user(host, &front);
    let line = format!("get tags {host}/pause --columns tag,digest,created -o csv");
    let ended = user.run(&line).exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        2,
        "{}",
        ended.stdout
    );
    assert_eq!(ended.stdout.matches("2026-").count(), 2, "{}", ended.stdout);
    for request in behind.stop().requests() {
        assert_eq!(request.header("authorization"), None, "{}", request.line());
    }
}
