//! What a question costs over the network, by the ledger of the registry that was asked.

use serde_json::json;

use super::support::fake::{FakeRegistry, Ledger, Login, Place, Role, RunningRegistry};
use super::support::image::{Image, Index};
use super::support::user::User;

const REPOSITORY: &str = "team/app";

fn image(version: &str) -> Image {
    Image::new()
        .created("2026-01-01T00:00:00Z")
        .label("version", version)
}

/// A registry with so many tags, each of another image.
fn described(tags: usize) -> FakeRegistry {
    let tag = |registry: FakeRegistry, at: usize| {
        registry.tag(&format!("{REPOSITORY}:1.{at}"), image(&at.to_string()))
    };
    (0..tags).fold(FakeRegistry::new(), tag)
}

/// Asks for the tags of the repository as somebody without a login, and gives what was asked.
fn costs(registry: RunningRegistry, words: &str) -> Ledger {
    let line = format!("get tags {}/{REPOSITORY} {words}", registry.host());
    User::new().run(&line).exits(0).quietly();
    registry.stop()
}

/// Listings, HEADs, manifests, blobs; anything else is a failure.
#[track_caller]
fn counted(ledger: &Ledger) -> [usize; 4] {
    let lines = ledger.lines();
    let count = |method: &str, part: &str| {
        let fits = |line: &&String| line.starts_with(method) && line.contains(part);
        lines.iter().filter(fits).count()
    };
    let counts = [
        count("GET", "/tags/list"),
        count("HEAD", "/manifests/"),
        count("GET", "/manifests/"),
        count("GET", "/blobs/"),
    ];
    assert_eq!(counts.iter().sum::<usize>(), lines.len(), "{lines:#?}");
    counts
}

#[test]
fn names_cost_the_listing() {
    let ledger = costs(described(5).start(), "--columns tag");
    assert_eq!(ledger.lines(), ["GET /v2/team/app/tags/list?n=1000"]);
}

#[test]
fn facts_cost_what_brings_them() {
    for (columns, expected) in [
        ("digest", [1, 4, 0, 0]),
        ("media_type,manifest_size", [1, 4, 0, 0]),
        ("size", [1, 0, 4, 0]),
        ("created", [1, 0, 4, 4]),
        ("digest,created", [1, 0, 4, 4]),
    ] {
        let ledger = costs(described(4).start(), &format!("--columns {columns}"));
        assert_eq!(counted(&ledger), expected, "{columns}");
    }
}

#[test]
fn an_index_adds_one_child() {
    let index = Index::of([image("1"), image("1").platform("linux/arm64")]).attested();
    let registry = FakeRegistry::new().tag("team/app:1.0", index).start();
    assert_eq!(counted(&costs(registry, "--columns created")), [1, 0, 2, 1]);
}

#[test]
fn the_five_newest_versions_cost_the_listing_and_two_requests_each() {
    let words = "--sort-by=-semver_key(tag) --limit 5 --columns created";
    let registry = described(40).start();
    assert_eq!(counted(&costs(registry, words)), [1, 0, 5, 5]);
}

#[test]
fn what_is_named_is_asked_without_a_listing() {
    let registry = described(3).start();
    let host = registry.host();
    let user = User::new();
    user.run(&format!("get tags {host}/team/app:1.1 --columns digest"))
        .exits(0);
    let query = format!("registry: {host}\nrepositories: [team/app]\ntags: ['1.0', '1.2']\n");
    let user = user.query("named.yaml", &format!("{query}columns: [digest]\n"));
    user.run("run named.yaml").exits(0);
    assert_eq!(counted(&registry.stop()), [0, 3, 0, 0]);
}

#[test]
fn equal_content_is_fetched_once() {
    let same = (0..6).fold(FakeRegistry::new(), |registry, at| {
        registry.tag(&format!("team/app:{at}"), image("same"))
    });
    let by_digest = "--where starts_with(digest,'sha256:') --columns created";
    assert_eq!(counted(&costs(same.start(), by_digest)), [1, 6, 1, 1]);
    let two = FakeRegistry::new()
        .tag("team/app:a", image("same"))
        .tag("team/app:b", image("same"));
    let ledger = costs(two.start(), "--columns created");
    assert_eq!(counted(&ledger), [1, 0, 2, 1]);
}

#[test]
fn g13_no_more_is_asked_than_is_allowed_and_what_was_asked_before_is_free() {
    let registry = described(10).start();
    let host = registry.host();
    let line = format!("get tags {host}/{REPOSITORY} --columns created --max-requests 7");
    let ended = User::new().run(&line).exits(3);
    ended.says("the limit of 7 requests was reached (MAX_REQUESTS)");
    assert_eq!(registry.stop().requests().len(), 7);

    let registry = described(3).start();
    let spec = format!(
        "registry: {}\nrepositories: team/app\ncolumns: [created]",
        registry.host()
    );
    let user = User::new().report("report.yaml", &[spec.clone(), spec.clone(), spec]);
    user.run("run report.yaml --max-requests 7")
        .exits(0)
        .quietly();
    assert_eq!(counted(&registry.stop()), [1, 0, 3, 3]);
}

#[test]
fn a_report_of_several_documents_lists_once() {
    let registry = described(3).start();
    let host = registry.host();
    let spec =
        |columns: &str| format!("registry: {host}\nrepositories: team/app\ncolumns: [{columns}]");
    let specs = [spec("tag"), spec("tag, created"), spec("tag, labels")];
    let user = User::new().report("report.yaml", &specs);
    user.run("run report.yaml").exits(0).quietly();
    assert_eq!(counted(&registry.stop()), [1, 0, 3, 3]);
}

/// Requests to the registry without a login; each of them was answered with 401.
fn unproven(ledger: &Ledger) -> usize {
    let requests = ledger.of(Role::Registry).requests();
    let bare = requests
        .iter()
        .filter(|request| request.header("authorization").is_none());
    bare.count()
}

#[test]
fn one_scope_costs_one_token_and_one_refusal() {
    let described = described(200).login(Login::bearer().account("bob", "hunter2-of-bob"));
    let registry = described.start();
    let host = registry.host();
    let user = User::logged_in(&[(&host, "bob", "hunter2-of-bob")]);
    let line = format!("get tags {host}/team/app --columns created");
    user.run(&line).exits(0).quietly();
    let ledger = registry.stop();
    assert_eq!(ledger.count("token: "), 1);
    assert_eq!(unproven(&ledger), 1);
    assert_eq!(ledger.of(Role::Registry).requests().len(), 1 + 1 + 2 * 200);
}

#[test]
fn two_repositories_cost_two_tokens_and_still_one_refusal() {
    let registry = described(20)
        .tag("team/web:1.0", image("web"))
        .tag("team/web:2.0", image("web 2"))
        .login(Login::bearer().public(&["*"]))
        .start();
    let host = registry.host();
    let query = format!("registry: {host}\nrepositories: [team/app, team/web]\n");
    let user = User::new().query("two.yaml", &format!("{query}columns: [created]\n"));
    user.run("run two.yaml").exits(0).quietly();
    let ledger = registry.stop();
    assert_eq!(ledger.count("token: GET"), 2);
    assert_eq!(unproven(&ledger), 1);
}

#[cfg(unix)]
#[test]
fn a_helper_is_asked_once_for_each_host() {
    use super::support::user::answer;
    let start = |address: &str| {
        let login = Login::bearer().account("bob", "hunter2-of-bob");
        let described = described(10).tag("team/web:1.0", image("web"));
        described.login(login).at(Place::on(address)).start()
    };
    let (one, other) = (start("127.0.0.1"), start("127.0.0.2"));
    let hosts = [one.host(), other.host()];
    let query = format!("registry: [{}]\ncolumns: [created]\n", hosts.join(", "));
    let user = User::new()
        .docker(&json!({"credsStore": "shelf"}))
        .helper("shelf", &answer("bob", "hunter2-of-bob"))
        .query("all.yaml", &query);
    user.run("run all.yaml")
        .exits(0)
        .says(&format!("{} as bob", hosts[0]));
    let mut asked = user.asked("shelf");
    asked.sort();
    let mut expected = hosts.map(|host| format!("get {host}"));
    expected.sort();
    assert_eq!(asked, expected);
    assert_eq!(
        one.ledger().count("token: GET"),
        3,
        "catalog and two repositories"
    );
}

/// Listings, HEADs, manifests, indexes, configs, redirects, tokens both ways, two repositories: all there is to ask.
fn rich() -> (RunningRegistry, User) {
    let index = Index::of([image("1"), image("1").platform("linux/arm64")]);
    let login = Login::bearer()
        .account("bob", "hunter2-of-bob")
        .refresh_token("bob", "identity-of-bob");
    let registry = described(60)
        .tag("team/web:1.0", index)
        .without("team/app:1.7")
        .paged(7)
        .login(login)
        .redirecting_blobs(307)
        .start();
    let host = registry.host();
    let entry = json!({"identitytoken": "identity-of-bob"});
    let spec = |columns: &str| format!("registry: {host}\ncolumns: [{columns}]");
    let specs = [spec("digest"), spec("created, size, total_size")];
    let user = User::new()
        .docker(&json!({"auths": {host.clone(): entry}}))
        .report("rich.yaml", &specs);
    (registry, user)
}

#[test]
fn nothing_but_reading_leaves_and_nobody_is_pinged() {
    let (registry, user) = rich();
    user.run("run rich.yaml").exits(0);
    let ledger = registry.stop();
    assert_eq!(ledger.of(Role::Store).count("store: GET"), 60);
    for request in ledger.requests() {
        let line = request.line();
        let allowed = match request.role {
            Role::Token => ["GET", "POST"],
            _ => ["GET", "HEAD"],
        };
        assert!(allowed.contains(&request.method.as_str()), "{line}");
        assert!(
            request.method == "POST" || request.body.is_empty(),
            "{line}"
        );
        assert!(
            !matches!(request.path.as_str(), "/v2" | "/v2/" | "/"),
            "{line}"
        );
    }
    assert!(ledger.count("HEAD") > 0 && ledger.count("token: POST") > 0);
}

#[test]
fn c2_every_request_says_who_asks_and_that_nothing_may_be_packed() {
    let (registry, user) = rich();
    user.run("run rich.yaml").exits(0);
    let agent = concat!("docker-regq/", env!("CARGO_PKG_VERSION"));
    for request in registry.stop().requests() {
        let line = request.line();
        assert_eq!(request.headers("user-agent"), [agent], "{line}");
        assert_eq!(request.headers("accept-encoding"), ["identity"], "{line}");
        for absent in ["cookie", "referer", "proxy-authorization"] {
            assert!(request.headers(absent).is_empty(), "{line}");
        }
    }
}

#[test]
fn connections_are_kept() {
    let registry = described(200).start();
    let host = registry.host();
    let line = format!("get tags {host}/team/app --columns created --plain-http {host}");
    User::new().run(&format!("{line} --parallel 4")).exits(0);
    let ledger = registry.stop();
    assert_eq!(counted(&ledger), [1, 0, 200, 200]);
    assert!(ledger.peak() <= 4);
    // A connection that is free a moment too late may cost one more.
    assert!(ledger.connections().len() <= 8);
}

#[test]
fn one_at_a_time_is_one_at_a_time_on_one_connection() {
    let registry = described(30).start();
    let host = registry.host();
    let line = format!("get tags {host}/team/app --columns created --plain-http {host}");
    User::new().run(&format!("{line} --parallel 1")).exits(0);
    let ledger = registry.stop();
    assert_eq!(counted(&ledger), [1, 0, 30, 30]);
    assert_eq!((ledger.peak(), ledger.connections().len()), (1, 1));
}

#[test]
fn the_plan_promises_no_less_than_is_asked() {
    for (columns, bound) in [
        ("tag", 0),
        ("digest", 1),
        ("size", 1),
        ("created", 2),
        ("digest,created,total_size", 2),
    ] {
        let registry = described(6).start();
        let host = registry.host();
        let query = format!("registry: {host}\nrepositories: team/app\ncolumns: [{columns}]\n");
        let user = User::new().query("q.yaml", &query);
        let plan = user.run("plan q.yaml --probe").exits(0).stdout;
        let listed = registry.ledger().lines().len();
        assert_eq!(listed, 1, "a plan lists and no more");
        let promise = match bound {
            0 => "the listing and nothing else".to_owned(),
            _ => format!("at most {bound} for each of the 6 tags that were listed"),
        };
        assert!(plan.contains(&promise), "{plan}");
        user.run("run q.yaml").exits(0);
        let asked = registry.stop().lines().len() - listed;
        assert!(asked <= 1 + bound * 6, "{columns}: {asked}");
    }
}
