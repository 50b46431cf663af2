//! Azure Container Registry: digests with the list of tags, by the rights and the credentials that Azure's tools leave.

use serde_json::json;

use super::support::fake::{
    Answer, FakeRegistry, Fault, Lifetime, Login, Role, RunningRegistry, Shape, When,
};
use super::support::image::Image;
#[cfg(unix)]
use super::support::user::answer;
use super::support::user::{User, auths};
use super::support::vendors::azure::Azure;

const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const REFRESH: &str = "refresh-hunter2-of-azure";

fn described() -> FakeRegistry {
    let login = Login::bearer()
        .account("bob", "hunter2-of-bob")
        .refresh_token("bob", REFRESH)
        .refusing_anonymous()
        .shape(Shape::AccessToken)
        .lifetime(Lifetime::Unsaid);
    let image = |time| Image::new().created(time);
    FakeRegistry::new()
        .way(Azure)
        .login(login)
        .tag("team/web:1.0", image("2026-01-01T00:00:00Z"))
        .tag("team/web:1.1", image("2026-02-01T00:00:00Z"))
        .tag("team/web:latest", image("2026-02-01T00:00:00Z"))
        .tag("job:2.0", image("2026-03-01T00:00:00Z"))
}

fn settings(registry: &RunningRegistry) -> String {
    let host = registry.host();
    format!("registries:\n  {host}: {{dialect: acr, plainHttp: true}}\n")
}

/// Somebody with what `az acr login` leaves where there is no helper.
fn user(registry: &RunningRegistry) -> User {
    User::logged_in(&[(&registry.host(), NOBODY, REFRESH)]).settings(&settings(registry))
}

/// How many requests had this in their line.
fn count(lines: &[String], part: &str) -> usize {
    lines.iter().filter(|line| line.contains(part)).count()
}

#[test]
fn the_three_ways_in_which_azures_tools_log_in_are_one() {
    let described = [
        |host: &str| json!({"auths": auths(&[(host, NOBODY, REFRESH)])}),
        |host: &str| {
            let mut auths = auths(&[(host, NOBODY, "")]);
            auths[host]["identitytoken"] = json!(REFRESH);
            json!({"auths": auths})
        },
        |host: &str| json!({"auths": auths(&[(host, "bob", "hunter2-of-bob")])}),
    ];
    for (at, config) in described.into_iter().enumerate() {
        let registry = self::described().start();
        let host = registry.host();
        let user = User::new()
            .docker(&config(&host))
            .settings(&settings(&registry));
        let line = format!("get tags {host}/team/web --columns tag,digest -o csv");
        let ended = user.run(&line).exits(0).keeps(&[REFRESH, "hunter2-of-bob"]);
        assert_eq!(
            ended.stdout.matches("sha256:").count(),
            3,
            "{at}: {}",
            ended.stdout
        );
        let ledger = registry.stop();
        let lines = ledger.lines();
        let method = if at == 2 { "token: GET" } else { "token: POST" };
        assert!(
            lines.iter().any(|line| line.starts_with(method)),
            "{at}: {lines:#?}"
        );
        // A refresh token is for the token server alone.
        for request in ledger.of(Role::Registry).requests() {
            let shown = request.header("authorization").unwrap_or("Bearer ");
            assert!(
                shown.starts_with("Bearer ") && !shown.contains(REFRESH),
                "{shown}"
            );
        }
    }
}

#[test]
fn tags_come_with_their_digests_and_the_right_that_it_takes_is_asked_for() {
    let registry = described().start();
    let host = registry.host();
    let line = format!("run tags -p registry={host} -p repository=team/web");
    let ended = user(&registry).run(&line).exits(0);
    assert_eq!(ended.stdout.lines().count(), 4, "{}", ended.stdout);
    let ledger = registry.stop();
    let asked = ledger.of(Role::Registry).lines();
    assert_eq!(
        asked, ["GET /acr/v1/team/web/_tags?n=100"; 2],
        "one to learn the login"
    );
    let posted = ledger.of(Role::Token).requests();
    let scope = (
        "scope".to_owned(),
        "repository:team/web:metadata_read,pull".to_owned(),
    );
    assert!(posted.iter().any(|request| request.form().contains(&scope)));
}

#[test]
fn a_catalog_lists_all_and_an_image_summary_reads_what_tags_share_once() {
    let registry = described().start();
    let host = registry.host();
    let user = user(&registry);
    let ended = user
        .run(&format!("run catalog -p registry={host} -o csv"))
        .exits(0);
    assert_eq!(
        ended.stdout,
        "REPOSITORY,TAGS,HIGHEST\njob,1,2.0\nteam/web,3,1.1\n"
    );
    let before = registry.ledger().lines().len();
    let line = format!("run image-summary -p registry={host} -p repository=team/web -o csv");
    user.run(&line).exits(0);
    let lines = registry.stop().lines();
    assert_eq!(count(&lines[..before], "tags/list"), 2);
    let asked = &lines[before..];
    let kinds = ["_tags", "tags/list", "HEAD", "/manifests/", "/blobs/"];
    // Manifests say more than the vendor's listing, so that is not asked; once is to learn the login.
    assert_eq!(
        kinds.map(|kind| count(asked, kind)),
        [0, 2, 0, 3, 2],
        "{asked:#?}"
    );
}

#[test]
fn who_may_pull_and_not_read_about_it_gets_the_names_and_is_told() {
    let refused = Answer::error(401, "UNAUTHORIZED", &json!([{"Action": "metadata_read"}]));
    let described = described().fault("_tags", When::Always, Fault::Instead(refused));
    let registry = described.start();
    let line = format!(
        "get tags {}/team/web --columns tag,digest -o csv",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        3,
        "{}",
        ended.stdout
    );
    ended.says("the rest is asked of the registry");
    assert_eq!(count(&registry.stop().lines(), "HEAD"), 3);
}

#[test]
fn azures_own_words_are_told_and_its_times_are_not_ours() {
    let registry = described().start();
    let host = registry.host();
    let columns = "tag,vendor.tag.lastUpdateTime,vendor.repository.tagCount,pushed";
    let line = format!("get tags {host}/team/web:1.0 --columns {columns} -o csv");
    let ended = user(&registry).run(&line).exits(0);
    assert!(
        ended.stdout.contains("1.0,2026-02-27T08:16:40.1234567Z,3,"),
        "{}",
        ended.stdout
    );
    ended.says("does not tell `pushed`");
}

#[test]
fn a_next_page_is_where_azure_says() {
    let registry = described().paged(1).start();
    let line = format!(
        "get tags {}/team/web --columns tag,digest -o csv",
        registry.host()
    );
    let ended = user(&registry).run(&line).exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        3,
        "{}",
        ended.stdout
    );
}

#[cfg(unix)]
#[test]
fn a_helper_that_says_the_same_is_understood_alike() {
    for name in [NOBODY, "<token>"] {
        let registry = described().start();
        let host = registry.host();
        let user = User::new()
            .docker(&json!({"credHelpers": {&*host: "acr"}}))
            .settings(&settings(&registry))
            .helper("acr", &answer(name, REFRESH));
        let line = format!("get tags {host}/team/web --columns tag,digest -o csv");
        user.run(&line).exits(0).keeps(&[REFRESH]);
        assert_eq!(user.asked("acr"), [format!("get {host}")]);
        assert_eq!(count(&registry.stop().lines(), "token: POST"), 1, "{name}");
    }
}
