//! zot as a fake: what its search spares, and that nothing is lost where it knows less than the registry.

use super::support::fake::{FakeRegistry, Links, Login, RunningRegistry};
use super::support::image::Image;
use super::support::user::User;
use super::support::vendors::zot::FakeZot;

fn described(zot: FakeZot) -> FakeRegistry {
    let image = |time| Image::new().created(time);
    FakeRegistry::new()
        .links(Links::Unescaped)
        .way(zot)
        .tag("team/web:1.0", image("2026-01-01T00:00:00Z"))
        .tag("team/web:1.1", image("2026-02-01T00:00:00Z"))
        .tag("team/web:by-docker", image("2026-03-01T00:00:00Z").docker())
        .tag("job:2.0", image("2026-03-01T00:00:00Z"))
        .repository("new")
}

fn user(registry: &RunningRegistry) -> User {
    let host = registry.host();
    User::new().settings(&format!(
        "registries:\n  {host}: {{dialect: zot, plainHttp: true}}\n"
    ))
}

fn get(registry: &RunningRegistry, what: &str) -> super::support::command::Ended {
    let host = registry.host();
    user(registry).run(&format!("get {}", what.replace("HOST", &host)))
}

/// How many requests had this in their line.
fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

#[test]
fn digests_come_with_the_search_and_what_it_does_not_know_with_a_head() {
    let registry = described(FakeZot::new()).start();
    let ended = get(
        &registry,
        "tags HOST/team/web --columns tag,digest,media_type -o csv",
    )
    .exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        3,
        "{}",
        ended.stdout
    );
    assert_eq!(
        ended.stdout.matches("docker").count(),
        2,
        "{}",
        ended.stdout
    );
    let lines = registry.stop().lines();
    let kinds = ["_zot/ext/search", "tags/list", "HEAD", "GET"];
    assert_eq!(
        kinds.map(|kind| count(&lines, kind)),
        [1, 1, 1, 2],
        "{lines:#?}"
    );
    assert_eq!(count(&lines, "manifests/by-docker"), 1, "{lines:#?}");
    assert_eq!(
        count(&lines, "PushTimestamp"),
        0,
        "no more is asked than is needed"
    );
}

#[test]
fn a_name_alone_is_asked_of_the_registry_alone() {
    let registry = described(FakeZot::new()).start();
    get(&registry, "tags HOST/team/web -o name").exits(0);
    let lines = registry.stop().lines();
    assert_eq!(lines, ["GET /v2/team/web/tags/list?n=1000"]);
}

#[test]
fn pages_of_the_search_follow_one_another() {
    let tags = |at: usize| format!("t{at:04}");
    let described = (0..1100).fold(FakeRegistry::new(), |registry, at| {
        registry.tag(&format!("big:{}", tags(at)), Image::new())
    });
    let registry = described.way(FakeZot::new()).start();
    let ended = get(&registry, "tags HOST/big --columns tag,digest -o csv").exits(0);
    assert_eq!(ended.stdout.matches("sha256:").count(), 1100);
    let lines = registry.stop().lines();
    for offset in ["\"offset\":0", "\"offset\":500", "\"offset\":1000"] {
        assert_eq!(count(&lines, offset), 1, "{offset}");
    }
    assert_eq!([count(&lines, "_zot"), count(&lines, "HEAD")], [3, 0]);
}

#[test]
fn pulls_are_counted_and_its_own_words_are_told() {
    let registry = described(FakeZot::new()).start();
    let columns = "repository,pull_count,vendor.repository.Size";
    let ended = get(
        &registry,
        &format!("repositories HOST --columns {columns} -o csv"),
    )
    .exits(0);
    assert_eq!(
        ended.stdout,
        "REPOSITORY,PULL_COUNT,SIZE\njob,3,31457280\nnew,3,31457280\nteam/web,8,31457280\n"
    );
    let columns = "tag,pull_count,vendor.tag.PushTimestamp,pushed";
    let ended = get(
        &registry,
        &format!("tags HOST/team/web:1.0 --columns {columns} -o csv"),
    )
    .exits(0);
    assert!(
        ended.stdout.contains("1.0,8,2026-02-27T08:16:35.123Z,"),
        "{}",
        ended.stdout
    );
    ended.says("does not tell `pushed`");
    let lines = registry.stop().lines();
    assert_eq!(count(&lines, "ExpandedRepoInfo"), 1, "{lines:#?}");
    assert_eq!(count(&lines, "{Image("), 1, "{lines:#?}");
}

#[test]
fn without_the_extension_the_registry_is_asked() {
    let registry = described(FakeZot::new().off()).start();
    let ended = get(&registry, "tags HOST/team/web --columns tag,digest -o csv").exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        3,
        "{}",
        ended.stdout
    );
    assert_eq!(count(&registry.stop().lines(), "HEAD"), 3);
}

#[test]
fn an_older_search_that_refuses_a_question_is_no_end_of_the_answer() {
    let registry = described(FakeZot::new().without("MediaType")).start();
    let ended = get(&registry, "tags HOST/team/web --columns tag,digest -o csv").exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        3,
        "{}",
        ended.stdout
    );
    let ended = ended.says("Cannot query field \"MediaType\"");
    ended.says("the rest is asked of the registry");
    assert_eq!(count(&registry.stop().lines(), "HEAD"), 3);
}

#[test]
fn what_the_search_does_not_know_is_missing_where_its_word_is_wanted() {
    let registry = described(FakeZot::new()).start();
    let ended = get(
        &registry,
        "tags HOST/team/web --columns tag,vendor.tag.Size -o csv",
    )
    .exits(3);
    assert_eq!(
        ended.stdout,
        "TAG,SIZE\n1.0,31457280\n1.1,31457280\nby-docker,\n"
    );
    let ended = ended.says("team/web:by-docker: a page of the facts of the tag is malformed");
    ended.says("image not found");
    get(
        &registry,
        "tags HOST/team/web:9.9 --columns tag,vendor.tag.Size",
    )
    .exits(0)
    .prints("");
    let ended = get(
        &registry,
        "repositories HOST/nowhere --columns repository,pull_count",
    );
    ended.exits(4).says("there is no repository `nowhere`");
}

#[test]
fn who_wants_what_only_the_search_tells_is_told_that_it_is_off() {
    let registry = described(FakeZot::new().off()).start();
    for columns in ["tag,vendor.tag.Size", "tag,pull_count"] {
        let ended = get(
            &registry,
            &format!("tags HOST/job --columns {columns} -o csv"),
        )
        .exits(3);
        assert_eq!(ended.stdout.lines().nth(1), Some("2.0,"));
        ended.says("zot tells it where its search is switched on");
    }
}

#[test]
fn what_nobody_has_pushed_to_is_empty_and_what_is_missing_is_an_error() {
    let registry = described(FakeZot::new()).start();
    get(&registry, "tags HOST/new --columns tag,digest -o name")
        .exits(0)
        .prints("");
    let ended = get(&registry, "tags HOST/nowhere --columns tag,digest")
        .exits(4)
        .prints("");
    ended.says("there is no repository `nowhere`");
}

#[test]
fn nothing_but_get_and_head_is_sent_whatever_graphql_is_used_to() {
    let login = Login::basic().account("bob", "hunter2-of-bob");
    let registry = described(FakeZot::new()).login(login).start();
    let host = registry.host();
    let user = User::logged_in(&[(&host, "bob", "hunter2-of-bob")]).settings(&format!(
        "registries:\n  {host}: {{dialect: zot, plainHttp: true}}\n"
    ));
    let columns = "tag,digest,vendor.tag.Size,pull_count";
    let line = format!("get tags {host}/** --columns {columns} -o csv");
    let ended = user.run(&line).keeps(&["hunter2-of-bob"]);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        4,
        "{}",
        ended.stderr
    );
    for request in registry.stop().requests() {
        assert!(
            ["GET", "HEAD"].contains(&request.method.as_str()),
            "{}",
            request.line()
        );
    }
}
