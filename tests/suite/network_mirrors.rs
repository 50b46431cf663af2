//! Mirrors are asked first for what a digest names, and for nothing else; whatever is wrong with one, the answer is the
//! registry's.

use std::time::Duration;

use regq::oci::MediaType;
use regq::registry::{Event, Remote};
use serde_json::Value;

use super::support::ask;
use super::support::fake::{
    Answer, FakeRegistry, Fault, Ledger, Login, Place, Role, RunningRegistry, When,
};
use super::support::image::{Image, Index};
use super::support::network::Online;
use super::support::user::User;

fn image(version: &str) -> Image {
    Image::new()
        .created("2026-01-01T00:00:00Z")
        .label("version", version)
}

/// Three tags of `team/app`, each of another image.
fn described() -> FakeRegistry {
    let tag = |registry: FakeRegistry, at: &str| registry.tag(&format!("team/app:{at}"), image(at));
    ["1", "2", "3"].into_iter().fold(FakeRegistry::new(), tag)
}

/// What was asked, without the digests.
fn asked(ledger: &Ledger) -> Vec<String> {
    let mut lines = ledger.lines();
    for line in &mut lines {
        if let Some(at) = line.find("sha256:") {
            line.truncate(at);
        }
    }
    lines.sort();
    lines
}

/// Settings of a registry and its mirrors, all asked in the clear.
fn settings(registry: &str, mirrors: &[&str]) -> String {
    let plain = mirrors
        .iter()
        .map(|mirror| format!("  {mirror}: {{plainHttp: true}}\n"));
    let list: Vec<String> = mirrors.iter().map(|mirror| format!("'{mirror}'")).collect();
    format!(
        "registries:\n  {registry}: {{plainHttp: true, mirrors: [{}]}}\n{}",
        list.join(", "),
        plain.collect::<String>()
    )
}

/// Asks for the labels of all tags, with this mirror, and gives what was printed.
fn versions(registry: &RunningRegistry, mirror: &str) -> super::support::command::Ended {
    let user = User::new().settings(&settings(&registry.host(), &[mirror]));
    user.run(&format!(
        "get tags {}/team/app --columns tag,labels.version -o csv --retries 0",
        registry.host()
    ))
}

#[test]
fn content_comes_from_the_mirror_and_tags_from_the_registry() {
    let (registry, mirror) = (described().start(), described().start());
    let ended = versions(&registry, &mirror.host()).exits(0).quietly();
    let rows: Vec<&str> = ended.stdout.lines().skip(1).collect();
    assert_eq!(rows, ["1,1", "2,2", "3,3"]);
    assert_eq!(
        asked(&registry.stop()),
        [
            "GET /v2/team/app/tags/list?n=1000",
            "HEAD /v2/team/app/manifests/1",
            "HEAD /v2/team/app/manifests/2",
            "HEAD /v2/team/app/manifests/3",
        ]
    );
    let of_each = |what: &str| vec![format!("GET /v2/team/app/{what}/"); 3];
    assert_eq!(
        asked(&mirror.stop()),
        [of_each("blobs"), of_each("manifests")].concat()
    );
}

#[test]
fn what_content_says_nothing_about_is_not_asked_of_a_mirror() {
    for columns in ["tag", "tag,digest,media_type,manifest_size"] {
        let (registry, mirror) = (described().start(), described().start());
        let user = User::new().settings(&settings(&registry.host(), &[&mirror.host()]));
        let host = registry.host();
        user.run(&format!("get tags {host}/team/app --columns {columns}"))
            .exits(0)
            .quietly();
        user.run(&format!("get repositories {host}"))
            .exits(0)
            .quietly();
        assert_eq!(mirror.stop().lines(), [""; 0], "{columns}");
    }
}

#[test]
fn a_tag_that_is_old_at_the_mirror_does_not_count() {
    let new = || image("new");
    let registry = FakeRegistry::new().tag("team/app:1", new()).start();
    let mirror = FakeRegistry::new().tag("team/app:1", image("old")).start();
    let online = Online::of(&registry).mirrors(&[&mirror.host()]);
    let remote = online.remote();
    let document = ask::manifest(&remote, "team/app:1").unwrap();
    let expected = FakeRegistry::new()
        .tag("team/app:1", new())
        .digest("team/app:1");
    assert_eq!(document.descriptor.digest.to_string(), expected);
    assert_eq!(asked(&mirror.stop()), ["GET /v2/team/app/manifests/"]);
    let own = [
        "GET /v2/team/app/manifests/",
        "HEAD /v2/team/app/manifests/1",
    ];
    assert_eq!(asked(&registry.stop()), own);
    // That it lacks something is what mirrors do.
    assert_eq!(online.said(), []);
}

/// A registry and a mirror in which something is wrong, and a client.
fn with(mirror: FakeRegistry) -> (RunningRegistry, RunningRegistry, Online) {
    let (registry, mirror) = (described().start(), mirror.start());
    let online = Online::of(&registry).mirrors(&[&mirror.host()]);
    (registry, mirror, online)
}

fn left(online: &Online) -> Vec<String> {
    let said = online.said().into_iter();
    said.map(|event| match event {
        Event::MirrorLeft { why, .. } => why.to_string(),
        other => panic!("{other:?}"),
    })
    .collect()
}

/// The tag's labels, through whatever is asked.
fn label(remote: &Remote, tag: &str) -> String {
    let config = ask::config(remote, &format!("team/app:{tag}")).unwrap();
    let label = config.value.at(&["config", "Labels", "version"]);
    label.unwrap().as_text().unwrap().to_owned()
}

#[test]
fn what_fails_is_left_alone_for_a_while_and_said() {
    for (fault, why) in [
        (Fault::Instead(Answer::status(500)), "answered with 500"),
        (Fault::Instead(Answer::status(503)), "answered with 503"),
        (Fault::Instead(Answer::status(429)), "answered with 429"),
        (
            Fault::Instead(Answer::status(429).header("Retry-After", "3000")),
            "answered with 429",
        ),
        (
            Fault::Instead(Answer::of(MediaType::OCI_MANIFEST, "{}")),
            "does not match its digest",
        ),
        (
            Fault::Instead(Answer::status(301).header("Location", "https://127.0.0.1:1/x")),
            "gave no answer",
        ),
    ] {
        let (registry, mirror, online) = with(described().fault("GET", When::Always, fault));
        let remote = online.remote();
        for tag in ["1", "2", "3"] {
            assert_eq!(label(&remote, tag), tag, "{why}");
        }
        // Asked once, and not tried again.
        assert_eq!(mirror.stop().requests().len(), 1, "{why}");
        assert_eq!(registry.stop().count("HEAD"), 1, "{why}");
        let said = left(&online);
        assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
    }
}

#[test]
fn when_its_rest_is_over_it_is_asked_again() {
    let broken = Fault::Instead(Answer::status(500));
    let mirror = described().fault("GET", When::First(1), broken);
    let (registry, mirror, online) = with(mirror);
    let online = online.timing(|timing| timing.mirror_rest = Duration::ZERO);
    let remote = online.remote();
    for tag in ["1", "2"] {
        assert_eq!(label(&remote, tag), tag);
    }
    assert_eq!(mirror.stop().requests().len(), 4);
    assert_eq!(registry.stop().count("GET"), 1);
}

#[test]
fn nobody_is_there_and_nothing_is_missing() {
    let registry = described().start();
    let gone = described().start();
    let mirror = gone.host();
    drop(gone);
    let ended = versions(&registry, &mirror).exits(0);
    let rows: Vec<&str> = ended.stdout.lines().skip(1).collect();
    assert_eq!(rows, ["1,1", "2,2", "3,3"]);
    let host = registry.host();
    let said = format!("note: {host} is asked in place of its mirror {mirror}, which failed: ");
    assert_eq!(ended.stderr.matches(&said).count(), 1, "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert_eq!(registry.stop().count("GET /v2/team/app/blobs"), 3);
}

#[test]
fn a_repository_that_it_does_not_have_is_asked_for_once() {
    for (fault, is_said) in [
        (Answer::error(404, "NAME_UNKNOWN", &Value::Null), 0),
        (Answer::status(403), 1),
    ] {
        let mirror = described().fault("GET team/app", When::Always, Fault::Instead(fault));
        let registry = described().tag("team/other:1", image("1")).start();
        let mirror = mirror.tag("team/other:1", image("1")).start();
        let online = Online::of(&registry).mirrors(&[&mirror.host()]);
        let remote = online.remote();
        for tag in ["1", "2", "3"] {
            assert_eq!(label(&remote, tag), tag);
        }
        assert!(ask::config(&remote, "team/other:1").is_ok());
        let lines = asked(&mirror.stop());
        let own = lines.iter().filter(|line| line.contains("team/app"));
        assert_eq!((own.count(), lines.len()), (1, 3), "{lines:?}");
        assert_eq!(left(&online).len(), is_said);
    }
}

#[test]
fn mirrors_are_asked_in_order() {
    let registry = described().start();
    let first = FakeRegistry::new().tag("team/app:x", image("1")).start();
    let second = FakeRegistry::new().tag("team/app:y", image("2")).start();
    let online = Online::of(&registry).mirrors(&[&first.host(), &second.host()]);
    let remote = online.remote();
    for tag in ["1", "2", "3"] {
        assert_eq!(label(&remote, tag), tag);
    }
    let manifests = |ledger: &Ledger| ledger.count("GET /v2/team/app/manifests");
    let blobs = |ledger: &Ledger| ledger.count("GET /v2/team/app/blobs");
    let counts = [first.stop(), second.stop(), registry.stop()]
        .map(|ledger| (manifests(&ledger), blobs(&ledger)));
    assert_eq!(counts, [(3, 3), (2, 2), (1, 1)]);
}

#[test]
fn children_come_from_the_mirror_too_and_equal_content_once() {
    let index = || Index::of([image("1"), image("1").platform("linux/arm64")]);
    let both = || {
        FakeRegistry::new()
            .tag("team/app:1", index())
            .tag("team/app:latest", index())
    };
    let (registry, mirror) = (both().start(), both().start());
    let user = User::new().settings(&settings(&registry.host(), &[&mirror.host()]));
    let host = registry.host();
    user.run(&format!("get tags {host}/team/app --columns tag,created"))
        .exits(0)
        .quietly();
    assert_eq!(registry.stop().count("GET"), 1);
    // The index, its child and the config of that.
    assert_eq!(mirror.stop().requests().len(), 3);
}

#[test]
fn what_the_registry_does_not_answer_no_mirror_does() {
    let mirror = described().start();
    let gone = described().start();
    let host = gone.host();
    drop(gone);
    let user = User::new().settings(&settings(&host, &[&mirror.host()]));
    let line = format!("get tags {host}/team/app:1 --columns tag,created --retries 0");
    user.run(&line).exits(5).says("CONNECTION_REFUSED");
    assert_eq!(mirror.stop().lines(), [""; 0]);
}

#[test]
fn d2_a_digest_that_the_registry_does_not_have_is_not_believed() {
    let other = FakeRegistry::new().tag("a:1", image("other")).digest("a:1");
    let lie = Fault::header("Docker-Content-Digest", &other);
    let registry = described().fault("HEAD", When::Always, lie).start();
    let mirror = described().start();
    let online = Online::of(&registry).mirrors(&[&mirror.host()]);
    assert_eq!(label(&online.remote(), "1"), "1");
}

#[test]
fn g13_requests_to_mirrors_are_counted() {
    let (registry, mirror) = (described().start(), described().start());
    let user = User::new().settings(&settings(&registry.host(), &[&mirror.host()]));
    let host = registry.host();
    let line = format!("get tags {host}/team/app --columns tag,created --max-requests 6");
    user.run(&line)
        .exits(3)
        .says("the limit of 6 requests was reached");
    let all = [registry.stop(), mirror.stop()].map(|ledger| ledger.requests().len());
    assert_eq!(all.iter().sum::<usize>(), 6);
}

const OWN: &str = "canary-of-the-registry-1d02";
const OTHER: &str = "canary-of-the-mirror-77ab";

fn guarded(name: &str, password: &str, place: &str) -> RunningRegistry {
    let login = Login::bearer().account(name, password).refusing_anonymous();
    described().login(login).at(Place::on(place)).start()
}

#[test]
fn s1_a_mirror_has_its_own_login() {
    let registry = guarded("bob", OWN, "127.0.0.1");
    let mirror = guarded("alice", OTHER, "127.0.0.2");
    let (host, other) = (registry.host(), mirror.host());
    let user = User::logged_in(&[(&host, "bob", OWN), (&other, "alice", OTHER)])
        .settings(&settings(&host, &[&other]));
    let line = format!("get tags {host}/team/app --columns tag,created");
    user.run(&line).exits(0).keeps(&[OWN, OTHER]);
    let (registry, mirror) = (registry.stop(), mirror.stop());
    assert!(mirror.count("GET /v2/team/app/manifests/") > 0);
    registry.assert_no_secret(&[OTHER]);
    mirror.assert_no_secret(&[OWN]);
    let asked = mirror.of(Role::Token).lines();
    assert!(asked[0].contains("account=alice"), "{asked:?}");
}

#[test]
fn s1_a_mirror_without_a_login_is_nobodys_business() {
    let registry = guarded("bob", OWN, "127.0.0.1");
    let mirror = guarded("alice", OTHER, "127.0.0.2");
    let (host, other) = (registry.host(), mirror.host());
    let user = User::logged_in(&[(&host, "bob", OWN)]).settings(&settings(&host, &[&other]));
    let line = format!("get tags {host}/team/app --columns tag,created");
    let ended = user.run(&line).exits(0);
    ended
        .says(&format!("in place of its mirror {other}"))
        .keeps(&[OWN]);
    mirror.stop().assert_no_secret(&[OWN]);
}

#[test]
fn endpoint_and_mirrors_stand_in_for_two_hosts() {
    let library = || FakeRegistry::new().tag("library/alpine:3", image("3"));
    let (registry, mirror) = (library().start(), library().start());
    let settings = format!(
        "registries:\n  docker.io: {{endpoint: 'http://{}', mirrors: [hub.mirror.example]}}\n  \
         hub.mirror.example: {{endpoint: 'http://{}'}}\n",
        registry.host(),
        mirror.host()
    );
    let user = User::new().settings(&settings);
    let ended = user
        .run("get tags alpine:3 --columns reference,created -o csv")
        .exits(0);
    ended
        .quietly()
        .prints("REFERENCE,CREATED\ndocker.io/library/alpine:3,2026-01-01T00:00:00Z\n");
    assert_eq!(
        registry.stop().lines(),
        ["HEAD /v2/library/alpine/manifests/3"]
    );
    assert_eq!(mirror.stop().requests().len(), 2);
}

#[test]
fn a_plan_shows_mirrors_and_what_they_may_cost() {
    let settings = "registries:\n  a.test: {mirrors: [b.test, 'localhost:5000']}\n";
    let user = User::logged_in(&[("b.test", "bob", "x")]).settings(settings);
    let user = user.query(
        "q.yaml",
        "registry: a.test\nrepositories: team/app\ncolumns: [created]",
    );
    let plan = user.run("plan q.yaml").exits(0).stdout;
    let lines: Vec<&str> = plan
        .lines()
        .filter(|line| line.contains(".test") || line.contains("localhost"))
        .collect();
    let file = user.path(".docker/config.json");
    assert_eq!(
        lines,
        [
            "  ask        a.test: over the network, anonymously".to_owned(),
            format!(
                "  mirror     b.test: as bob, by `b.test` in {}; first for what a digest names",
                file.display()
            ),
            "  mirror     localhost:5000: anonymously; first for what a digest names".to_owned(),
        ]
    );
    // A HEAD, a manifest and a config, and the two mirrors that may lack both.
    assert!(plan.contains("at most 7 for each tag"), "{plan}");
}
