//! Amazon's registries as fakes: names by pages behind cursors, passwords for half a day, and what is said when one is over.

use super::support::fake::{FakeRegistry, Fault, Login, Role, RunningRegistry, When};
use super::support::image::Image;
use super::support::user::User;
#[cfg(unix)]
use super::support::user::answer;
use super::support::vendors::amazon::{EXPIRED, HOST, refusal, ways};

const PUBLIC: &str = "public.ecr.aws";
const PASSWORD: &str = "eyJwYXlsb2FkIjoiaHVudGVyMi1vZi1hd3MifQ==";

fn described() -> FakeRegistry {
    let image = |time| Image::new().created(time);
    let basic = "Basic realm=\"https://123456789012.dkr.ecr.eu-central-1.amazonaws.com/\",service=\"ecr.amazonaws.com\"";
    let login = Login::basic().account("AWS", PASSWORD);
    ways(FakeRegistry::new())
        .login(login.challenge(&[basic]))
        .tag("team/web:1.0", image("2026-01-01T00:00:00Z"))
        .tag("team/web:1.1", image("2026-02-01T00:00:00Z"))
        .tag("team/web:latest", image("2026-02-01T00:00:00Z"))
        .tag("job:2.0", image("2026-03-01T00:00:00Z"))
        .listed("team/web", serde_json::json!(["latest", "1.0", "1.1"]))
}

fn settings(user: User, host: &str, registry: &RunningRegistry) -> User {
    let endpoint = registry.origin_of(Role::Registry);
    user.settings(&format!(
        "registries:\n  {host}: {{endpoint: '{endpoint}'}}\n"
    ))
}

fn aws(host: &str, registry: &RunningRegistry) -> User {
    settings(User::logged_in(&[(host, "AWS", PASSWORD)]), host, registry)
}

fn nobody(host: &str, registry: &RunningRegistry) -> User {
    settings(User::new(), host, registry)
}

#[test]
fn lists_in_plain_text_go_on_behind_cursors_and_are_put_in_order() {
    let registry = described().paged(1).start();
    let line = format!("get tags {HOST}/** --columns repository,tag -o csv");
    let ended = aws(HOST, &registry).run(&line).exits(0).keeps(&[PASSWORD]);
    assert_eq!(
        ended.stdout,
        "REPOSITORY,TAG\njob,2.0\nteam/web,1.0\nteam/web,1.1\nteam/web,latest\n"
    );
    let lines = registry.stop().lines();
    let listed = lines
        .iter()
        .filter(|line| line.contains("team/web/tags/list"));
    let (first, later): (Vec<&String>, Vec<&String>) = listed.partition(|line| line.contains("n="));
    assert_eq!(first, ["GET /v2/team/web/tags/list?n=1000"]);
    assert_eq!(later.len(), 2, "a cursor is taken as it is: {later:?}");
    assert!(
        later.iter().all(|line| line.contains("?last=")),
        "{later:?}"
    );
}

#[test]
fn a_page_larger_than_it_gives_is_asked_for_without_a_size() {
    let registry = described().largest_page(100, 405).start();
    let line = format!("get tags {HOST}/team/web -o name");
    let ended = aws(HOST, &registry).run(&line).exits(0);
    assert_eq!(ended.stdout.lines().count(), 3);
    let lines = registry.stop().lines();
    assert_eq!(lines.last().unwrap(), "GET /v2/team/web/tags/list");
}

#[test]
fn a_digest_that_no_header_has_is_that_of_the_content_and_blobs_elsewhere_see_no_password() {
    let registry = described().start();
    let digest = described().digest("team/web:1.0");
    let line = format!("get tags {HOST}/team/web:1.0 --columns digest,created -o csv");
    let ended = aws(HOST, &registry).run(&line).exits(0).keeps(&[PASSWORD]);
    assert_eq!(
        ended.stdout,
        format!("DIGEST,CREATED\n{digest},2026-01-01T00:00:00Z\n")
    );
    let ledger = registry.stop();
    let stored = ledger.of(Role::Store).requests();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].header("authorization"), None);
}

#[test]
fn a_password_that_is_over_is_told_with_the_command_for_a_new_one() {
    for (status, code) in [(401, "UNAUTHORIZED"), (403, "DENIED")] {
        let over = Fault::Instead(refusal(status, code, EXPIRED));
        let registry = described().fault("GET", When::Always, over).start();
        let ended = aws(HOST, &registry).run(&format!("get tags {HOST}/team/web"));
        let ended = ended.exits(4).prints("").keeps(&[PASSWORD]);
        let ended = ended.says(&format!("answered with {status}, asked as AWS: {EXPIRED}"));
        let ended = ended.says(&format!(
            "`aws ecr get-login-password --region eu-central-1 | docker login --username AWS --password-stdin {HOST}` keeps a new one"
        ));
        ended.says("the account 123456789012 has to allow");
        let ended = aws(HOST, &registry).run(&format!("auth {HOST}")).exits(4);
        let ended = ended.keeps(&[PASSWORD]).stdout;
        assert!(
            ended.contains("the account 123456789012 has to allow"),
            "{ended}"
        );
    }
}

#[test]
fn every_region_is_asked_for_its_own_password() {
    for (host, region) in [
        (
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
        ),
        (
            "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
            "us-gov-west-1",
        ),
        ("123456789012.dkr-ecr.ap-south-1.on.aws", "ap-south-1"),
    ] {
        let registry = described().start();
        let ended = nobody(host, &registry).run(&format!("get tags {host}/team/web"));
        ended.exits(4).says(&format!(
            "`aws ecr get-login-password --region {region} | docker login --username AWS --password-stdin {host}`"
        ));
        let ended = nobody(host, &registry).run(&format!("auth {host}"));
        let command = format!("--region {region} | docker login");
        let told = ended.exits(4).stdout;
        assert!(
            told.contains(&command) && !told.contains("may need none"),
            "{told}"
        );
    }
}

#[test]
fn who_may_not_list_repositories_reads_those_that_are_named() {
    let message = "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: ecr:DescribeRepositories";
    let denied = Fault::Instead(refusal(403, "DENIED", message));
    let registry = described().fault("_catalog", When::Always, denied).start();
    let user = aws(HOST, &registry);
    let ended = user.run(&format!("get repositories {HOST}")).exits(4);
    ended.says("ecr:DescribeRepositories");
    let ended = user
        .run(&format!("get tags {HOST}/team/web -o name"))
        .exits(0);
    assert_eq!(ended.stdout.lines().count(), 3);
}

#[test]
fn plan_says_whose_ways_are_known() {
    let registry = described().start();
    let ended = aws(HOST, &registry).run(&format!(
        "plan tags -p registry={HOST} -p repository=team/web"
    ));
    assert!(ended.exits(0).stdout.contains("Amazon ECR"));
    assert_eq!(registry.stop().lines().len(), 0);
}

#[cfg(unix)]
#[test]
fn amazons_own_helper_is_asked_once() {
    let registry = described().start();
    let user = User::new()
        .docker(&serde_json::json!({"credHelpers": {HOST: "ecr-login"}}))
        .helper("ecr-login", &answer("AWS", PASSWORD));
    let user = settings(user, HOST, &registry);
    let line = format!("get tags {HOST}/** --columns tag,digest -o csv");
    let ended = user.run(&line).exits(0).keeps(&[PASSWORD]);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        4,
        "{}",
        ended.stdout
    );
    assert_eq!(user.asked("ecr-login"), [format!("get {HOST}")]);
}

/// The public registry: one scope for everything, and a token that everybody gets.
fn public() -> FakeRegistry {
    let challenge = "Bearer realm=\"{token}/token\",service=\"public.ecr.aws\",scope=\"aws\"";
    let login = Login::bearer().account("AWS", PASSWORD).public(&["*"]);
    FakeRegistry::new()
        .login(login.scope("aws").challenge(&[challenge]))
        .tag("docker/library/alpine:3.20", Image::new())
        .tag("docker/library/alpine:latest", Image::new())
}

#[test]
fn everybody_reads_the_public_registry_with_the_scope_it_asks_for() {
    let registry = public().start();
    let line = format!("get tags {PUBLIC}/docker/library/alpine --columns tag,digest -o csv");
    let ended = nobody(PUBLIC, &registry).run(&line).exits(0);
    assert_eq!(
        ended.stdout.matches("sha256:").count(),
        2,
        "{}",
        ended.stdout
    );
    let tokens = registry.stop().of(Role::Token).requests();
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].query("scope"), Some("aws"));
}

#[test]
fn nobody_lists_the_public_registry_and_that_is_said_before_anything_is_asked() {
    let registry = public().start();
    let user = nobody(PUBLIC, &registry);
    for line in [
        format!("get repositories {PUBLIC}"),
        format!("get tags {PUBLIC}/docker/library/*"),
    ] {
        let ended = user.run(&line).exits(4).prints("");
        let ended = ended.says("Amazon ECR Public lists repositories to nobody");
        ended.says("a repository that is named in full");
    }
    assert_eq!(registry.stop().lines().len(), 0);
}

#[test]
fn a_login_that_is_over_keeps_nobody_from_what_is_public_once_it_is_gone() {
    let registry = public().start();
    let stale = User::logged_in(&[(PUBLIC, "AWS", "of-yesterday-hunter2")]);
    let user = settings(stale, PUBLIC, &registry);
    let line = format!("get tags {PUBLIC}/docker/library/alpine -o name");
    let ended = user.run(&line).exits(4).keeps(&["of-yesterday-hunter2"]);
    let ended = ended.says(&format!(
        "`docker logout {PUBLIC}`, or `--anonymous={PUBLIC}`"
    ));
    ended.says("aws ecr-public get-login-password --region us-east-1");
    let ended = user.run(&format!("{line} --anonymous={PUBLIC}")).exits(0);
    assert_eq!(ended.stdout.lines().count(), 2);
}
