//! Facts that only some vendors tell, asked of registries that do and of such that do not (design §5, "Unknown").

use super::docker_hub::{hub_of, image, running, settings};
use super::support::fake::{FakeRegistry, Role, RunningRegistry};
use super::support::user::User;

/// A registry of no vendor, with three tags.
fn plain() -> RunningRegistry {
    let tags = ["team/app:1", "team/app:2", "team/app:3"].into_iter();
    let registry = tags.fold(FakeRegistry::new(), |registry, tag| {
        registry.tag(tag, image())
    });
    registry.start()
}

/// Somebody with this query of it.
fn asking(registry: &RunningRegistry, spec: &str) -> User {
    let host = registry.host();
    let spec = format!("registry: {host}\nrepositories: team/app\n{spec}");
    User::new().query("q.yaml", &spec)
}

#[test]
fn merely_shown_it_is_null_and_said_once() {
    for (columns, shown) in [
        ("{P: pushed}", "P\n<none>\n<none>\n<none>\n"),
        ("{P: 'pushed || tag'}", "P\n1\n2\n3\n"),
        ("{P: 'not_null(vendor.tag.size, `7`)'}", "P\n7\n7\n7\n"),
        (
            "{A: private, P: A}",
            "A        P\n<none>   <none>\n<none>   <none>\n<none>   <none>\n",
        ),
    ] {
        let registry = plain();
        let user = asking(&registry, &format!("columns: {columns}\n"));
        let ended = user.run("run q.yaml").exits(0).prints(shown);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        ended.says("does not tell `");
        assert_eq!(
            registry.stop().lines(),
            ["GET /v2/team/app/tags/list?n=1000"]
        );
    }
    let registry = plain();
    let grouped = "groupBy: {}\ncolumns: {P: 'max(rows[].pushed)', N: length(rows)}\n";
    let ended = asking(&registry, grouped).run("run q.yaml").exits(0);
    ended
        .prints("P        N\n<none>   3\n")
        .says("does not tell `pushed`");
}

#[test]
fn what_decides_with_it_cannot_decide() {
    for (spec, code) in [
        ("where: pull_count > `5`\n", 3),
        ("where: [tag == '1', pushed]\n", 3),
        ("sortBy: [-pushed]\n", 3),
        ("groupBy: {p: private}\n", 3),
        // What is false without it is false.
        ("where: [tag == '7', pushed]\n", 0),
        (
            "columns: {T: tag, P: pushed}\nassert: [{that: 'length(rows[?P]) == `3`'}]\n",
            3,
        ),
        (
            "columns: {T: tag, P: pushed}\nassert: [{that: 'length(rows[?T]) == `3`'}]\n",
            0,
        ),
        (
            "columns: {T: tag, P: pushed}\nassert: [{that: 'length(rows[?P]) == `0`'}]\n",
            0,
        ),
    ] {
        let registry = plain();
        let ended = asking(&registry, spec).run("run q.yaml").exits(code);
        if code == 3 && !spec.contains("assert") {
            ended.says("this registry does not tell it (NOT_OFFERED)");
        }
        assert_eq!(registry.stop().count("HEAD") % 3, 0);
    }
}

#[test]
fn a_row_as_a_whole_is_what_every_registry_tells() {
    let registry = plain();
    let user = asking(
        &registry,
        "columns: {N: 'contains(keys(@), `\"pushed\"`)'}\n",
    );
    let ended = user.run("run q.yaml").exits(0);
    assert!(ended.stdout.contains("false"), "{}", ended.stdout);
    assert!(!ended.stderr.contains("does not tell"), "{}", ended.stderr);
}

#[test]
fn one_query_asks_all_kinds_each_in_its_own_way() {
    let (hub, other) = (running(hub_of(&["team/app:1", "team/app:2"])), plain());
    let host = other.host();
    let spec = format!(
        "registry: [docker.io, '{host}']\nrepositories: team/app\n\
         columns: {{T: tag, P: pushed, D: digest}}\n"
    );
    let user = settings(User::new().query("both.yaml", &spec), &hub);
    let ended = user.run("run both.yaml -o csv").exits(0);
    let pushed = ended.stdout.matches("2026-02-27T08:15:30Z").count();
    assert_eq!((pushed, ended.stdout.lines().count()), (2, 6));
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    ended.says(&format!("note: {host} does not tell `pushed`"));
    assert_eq!(hub.stop().lines().len(), 1);
    assert_eq!(other.stop().count("HEAD"), 3);
}

#[test]
fn a_report_asks_a_vendor_once() {
    let hub = running(hub_of(&["team/app:1", "team/app:2"]));
    let spec = |columns: &str| format!("registry: docker.io/team\ncolumns: [{columns}]");
    let specs = [
        spec("pushed, pull_count"),
        spec("digest"),
        spec("tag, pulled, description"),
    ];
    let user = settings(User::new().report("report.yaml", &specs), &hub);
    user.run("run report.yaml").exits(0).quietly();
    assert_eq!(hub.stop().of(Role::Api).lines().len(), 2);
}
