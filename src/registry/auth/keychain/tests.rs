//! Who answers for a host, how often, and that nobody else does.

use futures_util::future::join_all;

use super::*;
use crate::registry::auth::testing::{FOR_EVER, Folder, timing};
use crate::safe::Safe;

/// `bob:hunter2`
const BOB: &str = r#"{"auth":"Ym9iOmh1bnRlcjI="}"#;
/// `eve:hunter2`
const EVE: &str = r#"{"auth":"ZXZlOmh1bnRlcjI="}"#;
const BROKEN: &str = r#"{"auth":"hunter2"}"#;

fn host(text: &str) -> RegistryHost {
    text.parse().unwrap()
}

/// The keychain of a folder with what stands in `DOCKER_AUTH_CONFIG`, `config.json` and two files of podman's.
fn load(folder: &Folder, variable: Option<&str>, files: [&str; 3]) -> Keychain {
    let [docker, podman, other] = files;
    folder.write("config.json", docker);
    let places = CredentialPlaces {
        docker_auth_config: variable.map(str::to_owned),
        docker_config: Some(folder.path("")),
        podman: vec![
            folder.write("auth.json", podman),
            folder.write("other.json", other),
        ],
        search_path: folder.search_path(),
    };
    Keychain::load(&places).unwrap()
}

fn docker(folder: &Folder, content: &str) -> Keychain {
    load(folder, None, [content, "", ""])
}

async fn asked(keychain: &Keychain, name: &str) -> Result<Arc<Credential>, CredentialError> {
    let timing = timing(FOR_EVER);
    keychain
        .credential(&host(name), &timing, &Talk::quiet())
        .await
}

/// As whom a host is asked, or the code of the fault.
async fn told(keychain: &Keychain, name: &str) -> String {
    match asked(keychain, name).await {
        Ok(credential) => credential
            .account()
            .map_or("nobody".into(), |account| account.to_string()),
        Err(error) => error.code().to_owned(),
    }
}

#[tokio::test]
async fn documents_are_asked_in_their_order() {
    let folder = Folder::new();
    let entry = |name: &str, entry: &str| format!(r#"{{"auths":{{"{name}":{entry}}}}}"#);
    let all = |account: &str| {
        let auths = |name: &str| format!(r#""{name}":{account}"#);
        format!(r#"{{"auths":{{{},{}}}}}"#, auths("a.io"), auths("b.io"))
    };
    for (variable, files, expected) in [
        (
            Some(entry("a.io", BOB)),
            [all(EVE), String::new(), String::new()],
            ["bob", "eve"],
        ),
        (
            Some(entry("a.io", "{}")),
            [all(EVE), all(BOB), String::new()],
            ["eve", "eve"],
        ),
        (
            None,
            [entry("a.io", BOB), all(EVE), String::new()],
            ["bob", "eve"],
        ),
        (
            None,
            [String::new(), entry("b.io", BOB), all(EVE)],
            ["eve", "bob"],
        ),
        (
            None,
            [entry("a.io", BROKEN), all(EVE), all(BOB)],
            ["CREDENTIAL_MALFORMED", "eve"],
        ),
        (None, Default::default(), ["nobody", "nobody"]),
    ] {
        let files = [&files[0], &files[1], &files[2]].map(String::as_str);
        let keychain = load(&folder, variable.as_deref(), files);
        let found = [told(&keychain, "a.io").await, told(&keychain, "b.io").await];
        assert_eq!(found, expected, "{variable:?} {files:?}");
        assert_eq!(told(&keychain, "a.io.evil.net").await, "nobody");
    }
    assert_eq!(told(&Keychain::empty(), "a.io").await, "nobody");
}

#[tokio::test]
async fn a12_a_broken_entry_fails_its_own_host_and_no_other() {
    let folder = Folder::new();
    let content =
        format!(r#"{{"auths":{{"a.io":{BROKEN},"https://a.io":{BOB},"b.io":{BOB},"c.io":5}}}}"#);
    let keychain = docker(&folder, &content);
    let error = asked(&keychain, "a.io").await.unwrap_err();
    let expected = format!(
        "the entry `a.io` of `{}` for `a.io` cannot be used: its `auth` is not the base64 of a user name, a colon \
         and a password",
        folder.path("config.json").display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(told(&keychain, "b.io").await, "bob");
    assert_eq!(told(&keychain, "c.io").await, "CREDENTIAL_MALFORMED");
    assert_eq!(told(&keychain, "d.io").await, "nobody");
}

#[tokio::test]
async fn a12_a_helper_that_fails_is_not_replaced_by_an_entry() {
    let folder = Folder::new();
    folder.helper("fails", "#!/bin/sh\nexit 1\n");
    let auths = format!(r#""auths":{{"a.io":{BOB},"b.io":{BOB},"c.io":{BOB},"d.io":{BOB}}}"#);
    let helpers = r#""credHelpers":{"a.io":"fails","b.io":"missing","c.io":"../x"}"#;
    let podman = format!("{{{auths}}}");
    let keychain = load(
        &folder,
        None,
        [&format!("{{{helpers},{auths}}}"), &podman, &podman],
    );
    for (name, expected) in [
        ("a.io", "HELPER_FAILED"),
        ("b.io", "HELPER_MISSING"),
        ("c.io", "HELPER_NAME_INVALID"),
        ("d.io", "bob"),
    ] {
        assert_eq!(told(&keychain, name).await, expected, "{name}");
    }
    let error = asked(&keychain, "c.io").await.unwrap_err().to_string();
    let expected = format!(
        "the credential helper `../x`, which `{}` names for `c.io`, has a name that no helper has",
        folder.path("config.json").display()
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn a12_a_helper_that_has_nothing_leaves_nobody() {
    let folder = Folder::new();
    folder.helper(
        "none",
        "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n",
    );
    let content = format!(r#"{{"credsStore":"none","auths":{{"a.io":{BOB}}}}}"#);
    assert_eq!(told(&docker(&folder, &content), "a.io").await, "nobody");
}

#[test]
fn what_would_answer_is_told_without_asking_it() {
    let folder = Folder::new();
    folder.helper("one", "#!/bin/sh\necho x >> HERE/count\n");
    let content = format!(
        r#"{{"credHelpers":{{"a.io":"one"}},"auths":{{"a.io":{BOB},"https://b.io/v2/":{BOB},"c.io":{BROKEN}}}}}"#
    );
    let variable = format!(r#"{{"auths":{{"d.io":{EVE}}}}}"#);
    let keychain = load(&folder, Some(&variable), [&content, "", ""]);
    let file = || Safe::new(&folder.path("config.json").display().to_string());
    let entry = |file, key: &str, account: Option<&str>| CredentialSource::Entry {
        file,
        key: key.into(),
        account: account.map(Safe::new),
    };
    for (name, expected) in [
        (
            "a.io",
            CredentialSource::Helper {
                name: "one".into(),
                file: file(),
            },
        ),
        ("b.io", entry(file(), "https://b.io/v2/", Some("bob"))),
        ("c.io", entry(file(), "c.io", None)),
        (
            "d.io",
            entry("DOCKER_AUTH_CONFIG".into(), "d.io", Some("eve")),
        ),
        ("e.io", CredentialSource::None),
    ] {
        assert_eq!(keychain.source(&host(name)), expected);
    }
    assert_eq!(folder.read("count"), "", "no helper was asked");
}

const COUNTS: &str = "#!/bin/sh\necho x >> HERE/count\ncat > HERE/stdin\n";

#[tokio::test]
async fn i3_a_helper_is_asked_once_however_many_ask() {
    for (ends, code) in [
        (r#"echo '{"Username":"bob","Secret":"x"}'"#, None),
        ("exit 2", Some("HELPER_FAILED")),
    ] {
        let folder = Folder::new();
        folder.helper("one", &format!("{COUNTS}{ends}\n"));
        let keychain = docker(&folder, r#"{"credsStore":"one"}"#);
        let names = ["docker.io", "index.docker.io"]
            .into_iter()
            .cycle()
            .take(20);
        let answers = join_all(names.map(|name| asked(&keychain, name))).await;
        let again = asked(&keychain, "docker.io").await;
        assert_eq!(folder.read("count"), "x\n");
        assert_eq!(folder.read("stdin"), "https://index.docker.io/v1/");
        for answer in &answers {
            match (answer, &again) {
                (Ok(answer), Ok(again)) => assert!(Arc::ptr_eq(answer, again)),
                (answer, _) => assert_eq!(answer.as_ref().err().map(CredentialError::code), code),
            }
        }
        asked(&keychain, "ghcr.io").await.err();
        assert_eq!(folder.read("count"), "x\nx\n");
        assert_eq!(folder.read("stdin"), "ghcr.io");
    }
}

#[tokio::test]
async fn i3_a_helper_goes_on_when_the_first_who_asked_has_gone() {
    let folder = Folder::new();
    let mut gate = folder.pipe("gate");
    let script =
        format!("{COUNTS}read x < HERE/gate\necho '{{\"Username\":\"bob\",\"Secret\":\"x\"}}'\n");
    folder.helper("one", &script);
    let keychain = docker(&folder, r#"{"credsStore":"one"}"#);
    {
        let first = asked(&keychain, "ghcr.io");
        tokio::select! {
            biased;
            found = first => panic!("{found:?}"),
            () = std::future::ready(()) => {}
        }
    }
    gate.pass();
    assert_eq!(told(&keychain, "ghcr.io").await, "bob");
    assert_eq!(folder.read("count"), "x\n");
}

#[tokio::test]
async fn i3_helpers_of_several_hosts_run_beside_one_another() {
    let folder = Folder::new();
    let _pipes = ["one", "two"].map(|name| folder.pipe(name));
    // Each waits until the other has come.
    for (own, other) in [("one", "two"), ("two", "one")] {
        let meet = format!("echo > HERE/{other}\nread x < HERE/{own}");
        folder.helper(own, &format!("#!/bin/sh\n{meet}\necho '{{}}'\n"));
    }
    let keychain = docker(&folder, r#"{"credHelpers":{"a.io":"one","b.io":"two"}}"#);
    let both = tokio::join!(told(&keychain, "a.io"), told(&keychain, "b.io"));
    assert_eq!(both, ("nobody".into(), "nobody".into()));
}

#[tokio::test]
async fn o2_a_keychain_that_goes_takes_its_helpers_with_it() {
    let folder = Folder::new();
    let (alive, ready) = (folder.pipe("alive"), folder.pipe("ready"));
    folder.helper(
        "one",
        "#!/bin/sh\nexec 9>HERE/alive\necho > HERE/ready\nsleep 600\n",
    );
    let keychain = docker(&folder, r#"{"credsStore":"one"}"#);
    tokio::select! {
        found = asked(&keychain, "ghcr.io") => panic!("{found:?}"),
        done = tokio::task::spawn_blocking(move || ready.wait()) => done.unwrap(),
    }
    drop(keychain);
    alive.wait_until_left();
}

#[tokio::test]
async fn k1_no_secret_is_in_what_can_be_shown() {
    let folder = Folder::new();
    folder.helper(
        "fails",
        "#!/bin/sh\necho hunter2\necho hunter2 >&2\nexit 1\n",
    );
    folder.helper("talks", "#!/bin/sh\necho hunter2\n");
    folder.helper(
        "works",
        "#!/bin/sh\necho '{\"Username\":\"bob\",\"Secret\":\"hunter2\"}'\n",
    );
    let content = format!(
        r#"{{"credHelpers":{{"a.io":"fails","b.io":"talks","c.io":"works"}},
            "auths":{{"d.io":{BOB},"e.io":{BROKEN},"f.io":{{"identitytoken":"hunter2"}},
            "g.io":{{"registrytoken":"hunter2"}},"h.io":{{"registrytoken":"hunter2\n"}},
            "i.io":{{"username":"bob","password":"hunter2"}},"j.io":{{"password":"hunter2"}},
            "k.io":["hunter2"],"bob:hunter2@l.io":{BOB},"https://l.io/?x=hunter2":{BOB}}}}}"#
    );
    let keychain = docker(&folder, &content);
    let mut shown = format!("{keychain:?} {:?}", keychain.helpers());
    for letter in 'a'..='l' {
        let name = format!("{letter}.io");
        let source = keychain.source(&host(&name));
        shown += &match asked(&keychain, &name).await {
            Ok(credential) => format!("{source:?} {credential:?} {:?}", credential.account()),
            Err(error) => format!("{source:?} {error:?} {error}"),
        };
    }
    for told in ["bob", "exit code 1", "it is not JSON", "an identity token"] {
        assert!(shown.contains(told), "{told}");
    }
    for secret in ["hunter2", "aHVudGVyMg", "h1bnRlcjI", "odW50ZXIy"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn a_malformed_document_ends_the_loading() {
    let places = CredentialPlaces {
        docker_auth_config: Some("{\"auths\": hunter2}".to_owned()),
        ..CredentialPlaces::default()
    };
    let error = Keychain::load(&places).unwrap_err();
    let expected = "`DOCKER_AUTH_CONFIG` is malformed at line 1, column 11: expected value";
    assert_eq!(error.to_string(), expected);
}
