//! `api`: the bytes as they came, with the login and under the guards that queries have, and nothing that changes anything.

use serde_json::{Value, json};

use super::network_login::{PASSWORD, as_bob, bob, described};
use super::network_secrets::SECRETS;
use super::support::command::Ended;
use super::support::fake::{
    Answer, FakeRegistry, Fault, Ledger, Links, Place, Role, RunningRegistry, When,
};
use super::support::user::User;

#[track_caller]
fn api(registry: &RunningRegistry, words: &str) -> Ended {
    let words = words.replace("HOST", &registry.host());
    let command = format!("api {words} -v --retries 0");
    as_bob(registry).run(&command).keeps(&SECRETS)
}

fn start(described: FakeRegistry) -> RunningRegistry {
    described.login(bob()).start()
}

fn asked(ledger: &Ledger) -> Vec<String> {
    ledger.of(Role::Registry).lines()
}

fn read(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).expect("it is JSON")
}

#[test]
fn an_answer_is_printed_byte_for_byte_with_the_login_that_queries_have() {
    let described = described();
    let document = described.document(&described.digest("team/app:1.0"));
    let registry = start(described);
    let ended = api(&registry, "HOST/v2/team/app/manifests/1.0").exits(0);
    assert_eq!(read(&ended), document);
    assert!(!ended.stdout.ends_with('\n'));
    let odd = "{ \"b\" : 1,\n\t\"a\":\u{202e}\"x\" }\n\n";
    let registry = FakeRegistry::new()
        .fault(
            "GET /odd",
            When::Always,
            Fault::Instead(Answer::of("text/plain", odd)),
        )
        .start();
    api(&registry, "HOST/odd").exits(0).prints(odd);
}

#[test]
fn a_path_of_the_protocol_needs_no_v2_and_asks_for_its_own_rights() {
    for path in [
        "HOST/team/app/tags/list",
        "HOST/v2/team/app/tags/list",
        "https://HOST/team/app/tags/list",
    ] {
        let registry = start(described());
        let ended = api(&registry, path).exits(0);
        assert_eq!(read(&ended)["tags"], json!(["1.0", "2.0"]));
        let ledger = registry.stop();
        assert_eq!(asked(&ledger), ["GET /v2/team/app/tags/list"; 2], "{path}");
        let token = ledger.of(Role::Token).requests().remove(0);
        assert_eq!(token.query("scope"), Some("repository:team/app:pull"));
    }
    let registry = start(described());
    api(&registry, "HOST").exits(0).prints("{}");
    let token = registry.stop().of(Role::Token).requests().remove(0);
    assert_eq!(token.query("scope"), None);
}

#[test]
fn nothing_but_get_and_head_is_sent() {
    let registry = start(described());
    for method in ["POST", "PUT", "DELETE", "PATCH", "get\r\nX-Evil:1"] {
        let user = as_bob(&registry);
        let command = user.command(&format!("api {}/v2/ -X", registry.host()));
        drop(command);
        let ended = api(
            &registry,
            &format!("HOST/v2/ -X {}", method.replace(['\r', '\n'], "_")),
        );
        ended
            .exits(2)
            .prints("")
            .says("nothing here changes a registry");
    }
    assert_eq!(registry.stop().connections().len(), 0);
    for words in [
        "--head HOST/team/app/manifests/1.0",
        "HOST/team/app/manifests/1.0 -X head",
    ] {
        let registry = start(described());
        let ended = api(&registry, words).exits(0);
        assert!(ended.stdout.starts_with("HTTP 200\n"), "{}", ended.stdout);
        assert!(
            ended.stdout.contains("\ndocker-content-digest: sha256:"),
            "{}",
            ended.stdout
        );
        let lines = asked(&registry.stop());
        assert!(
            lines.iter().all(|line| line.starts_with("HEAD ")),
            "{lines:?}"
        );
    }
}

#[test]
fn k2_no_header_but_accept_can_be_set() {
    let registry = start(described());
    let user = as_bob(&registry);
    let url = format!("{}/team/app/manifests/1.0", registry.host());
    let accept = "application/vnd.oci.image.manifest.v1+json";
    user.run(&format!("api {url} -H Accept:{accept}")).exits(0);
    let sent = registry
        .ledger()
        .of(Role::Registry)
        .requests()
        .pop()
        .unwrap();
    assert_eq!(sent.header("accept"), Some(accept));
    for header in [
        "Authorization:hunter2-of-bob",
        "X-Api-Key:hunter2-of-bob",
        "hunter2-of-bob",
    ] {
        let ended = user.run(&format!("api {url} -H {header}")).exits(2);
        ended
            .says("sets `Accept` and no other header")
            .keeps(&[PASSWORD]);
    }
    assert_eq!(registry.stop().count("GET /v2/"), 2);
}

#[test]
fn pages_become_one_document() {
    let registry = start(described().paged(1));
    let ended = api(&registry, "HOST/team/app/tags/list --paginate").exits(0);
    assert_eq!(
        read(&ended),
        json!({"name": "team/app", "tags": ["1.0", "2.0"]})
    );
    let ended = api(
        &registry,
        "HOST/_catalog --paginate -q length(repositories)",
    )
    .exits(0);
    ended.prints("2\n");
    let ended = api(&registry, "HOST/team/app/tags/list -q tags[0]").exits(0);
    ended.prints("\"1.0\"\n");
    let ended = api(&registry, "HOST/team/app/tags/list -r -q tags[0]").exits(0);
    ended.prints("1.0\n");
    assert_eq!(
        registry.stop().count("GET /v2/team/app/tags/list"),
        2 + 1 + 2 + 2
    );
}

#[test]
fn b4_a_page_leads_to_pages_of_its_own_listing_only() {
    for links in [
        Links::OtherHost,
        Links::SchemeRelative,
        Links::OtherRepository,
    ] {
        let attacker = Place::on("127.0.0.2");
        let registry = start(described().paged(1).links(links).attacker_at(attacker));
        let ended = api(&registry, "HOST/team/app/tags/list --paginate").exits(6);
        ended.prints("").says("the link to the next page");
        let ledger = registry.stop();
        assert_eq!(ledger.of(Role::Attacker).connections(), []);
        ledger.of(Role::Attacker).assert_no_secret(&SECRETS);
    }
}

#[test]
fn b5_pages_without_an_end_have_one() {
    let registry = start(
        described()
            .paged(1)
            .links(Links::Text("<{path}?n=1>; rel=\"next\"")),
    );
    let ended = api(&registry, "HOST/team/app/tags/list --paginate").exits(5);
    ended.prints("").says("ENDLESS_LISTING");
    assert!(registry.stop().count("GET /v2/team/app/tags/list") < 10);
}

#[test]
fn k1_headers_are_shown_without_secrets_and_signatures() {
    let registry = start(
        described()
            .fault(
                "tags",
                When::Always,
                Fault::extra_header("Set-Cookie", "session=hunter2-of-bob"),
            )
            .fault(
                "tags",
                When::Always,
                Fault::extra_header("X-Token", "hunter2-of-bob"),
            ),
    );
    let ended = api(&registry, "HOST/team/app/tags/list -i").exits(0);
    assert!(
        ended.stdout.contains("\nset-cookie: (hidden)\n"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.ends_with("}"), "{}", ended.stdout);
    // The login that failed is shown too: that is what it is asked for.
    let registry = start(described());
    let words = format!("api {}/team/app/tags/list -i", registry.host());
    let ended = User::new().run(&words).exits(4);
    let ended = ended.says("UNAUTHORIZED").says("docker login");
    assert!(ended.stdout.starts_with("HTTP 401\n"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("\nwww-authenticate: Bearer realm="),
        "{}",
        ended.stdout
    );
}

#[test]
fn b1_a_blob_is_fetched_from_its_store_without_the_login() {
    let described = described();
    let manifest = described.document(&described.digest("team/app:1.0"));
    let config = manifest["config"]["digest"].as_str().unwrap().to_owned();
    let registry = start(described.redirecting_blobs(307));
    let ended = api(&registry, &format!("HOST/team/app/blobs/{config} -i")).exits(0);
    assert!(
        ended.stdout.contains("\"architecture\""),
        "{}",
        ended.stdout
    );
    let ledger = registry.stop();
    ledger
        .of(Role::Store)
        .assert_no_secret(&[PASSWORD, "issued-token-"]);
}

#[test]
fn a_refusal_has_its_words_and_its_exit_code() {
    let registry = start(described().fault("busy", When::Always, Fault::status(503)));
    for (words, exit, says) in [
        ("HOST/team/none/tags/list", 4, "answered with 404"),
        ("HOST/team/app/manifests/none", 4, "MANIFEST_UNKNOWN"),
        ("HOST/busy", 5, "answered with 503"),
        ("HOST/v2/../secret", 2, "no `.` or `..`"),
        ("/v2/_catalog", 2, "`HOST/v2/_catalog`"),
        ("HOST/v2/ -q tag[", 2, "error"),
        ("HOST/v2/ -r", 2, "--query"),
        ("127.0.0.1:1/v2/", 5, "gave no answer"),
    ] {
        api(&registry, words).exits(exit).prints("").says(says);
    }
    let page = Fault::Instead(Answer::html(200));
    let registry = start(described().fault("page", When::Always, page));
    let ended = api(&registry, "HOST/page -q @").exits(3).prints("");
    ended.says("`text/html`").says("is not JSON");
}

#[test]
fn a1_the_login_is_kept_from_a_foreign_token_server_here_too() {
    let place = Place::on("127.0.0.2");
    let registry = described().login(bob()).token_server_at(place).start();
    let ended = api(&registry, "HOST/team/app/tags/list")
        .exits(6)
        .prints("");
    ended.says("--trust-token-server");
    registry.stop().assert_no_secret(&[PASSWORD]);
}
