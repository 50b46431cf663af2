//! Helpers that do what helpers do, and worse.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use tokio::task::spawn_blocking;

use super::*;
use crate::registry::auth::AnswerFlaw;
use crate::registry::auth::testing::{FOR_EVER, Folder, timing};

const SOON: Duration = Duration::from_millis(50);

const BOB: &str = r#"echo '{"ServerURL":"ghcr.io","Username":"bob","Secret":"hunter2"}'"#;

/// Holds the pipe `alive` until somebody ends it.
const HANGS: &str = "exec 9>HERE/alive; sleep 600";

/// The same, saying so in the pipe `ready`.
const HANGS_READY: &str = "exec 9>HERE/alive; echo > HERE/ready; sleep 600";

fn question() -> Question {
    Question {
        name: "x".to_owned(),
        key: "ghcr.io".to_owned(),
    }
}

fn script(folder: &Folder, lines: &[&str]) -> Helpers {
    folder.helper("x", &format!("#!/bin/sh\n{}\n", lines.join("\n")));
    Helpers::new(folder.search_path())
}

async fn asked(helpers: &Helpers, limit: Duration) -> Result<Credential, HelperFault> {
    ask(question(), helpers.clone(), timing(limit), Talk::quiet()).await
}

async fn answer(lines: &[&str]) -> Result<Credential, HelperFault> {
    let folder = Folder::new();
    asked(&script(&folder, lines), FOR_EVER).await
}

#[tokio::test]
async fn i2_a_helper_gets_the_key_on_stdin_and_get_as_its_only_argument() {
    let folder = Folder::new();
    let record = "cat > HERE/stdin; printf '%s|' \"$#\" \"$@\" > HERE/argv";
    let helpers = script(&folder, &[record, BOB]);
    asked(&helpers, FOR_EVER).await.unwrap();
    assert_eq!(
        (folder.read("stdin"), folder.read("argv")),
        ("ghcr.io".into(), "1|get|".into())
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn i7_a_helper_inherits_our_environment_and_nothing_else() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let record = "cat /proc/$$/environ > HERE/environment";
    let helpers = script(&folder, &[record, BOB]);
    asked(&helpers, FOR_EVER).await.unwrap();
    let inherited = std::fs::read(folder.path("environment")).unwrap();
    let mut inherited: Vec<&[u8]> = inherited.split_inclusive(|byte| *byte == 0).collect();
    let own = std::env::vars_os();
    let own = own.map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
    let mut own: Vec<Vec<u8>> = own.collect();
    inherited.sort_unstable();
    own.sort_unstable();
    assert!(inherited == own, "{} of {}", inherited.len(), own.len());
}

#[tokio::test]
async fn i4_what_a_helper_does_is_an_answer_or_a_fault() {
    use HelperFault::{Failed, Nonsense};
    let code = |code| Err(Failed(HelperEnd::Code(code)));
    for (lines, expected) in [
        (&[BOB] as &[&str], Ok(Some("bob"))),
        (&["exec <&-", BOB], Ok(Some("bob"))),
        (&[BOB, "exec >&-", "cat > /dev/null"], Ok(Some("bob"))),
        (
            &[r#"echo '{"Username":"<token>","Secret":"t"}'"#],
            Ok(Some("an identity token")),
        ),
        (
            &["echo credentials not found in native keychain; exit 1"],
            Ok(None),
        ),
        (&["echo '{}'"], Ok(None)),
        (&[BOB, "exit 2"], code(2)),
        (&["exit 2"], code(2)),
        (&["kill -9 $$"], Err(Failed(HelperEnd::Signal(9)))),
        (&["echo hello"], Err(Nonsense(AnswerFlaw::Json))),
        (&[":"], Err(Nonsense(AnswerFlaw::Json))),
        (
            &["cat /bin/sh | head -c 1000"],
            Err(Nonsense(AnswerFlaw::Json)),
        ),
        (
            &[r#"printf '{"Username":"<token>","Secret":"a\\r\\nb"}'"#],
            Err(Nonsense(AnswerFlaw::Characters)),
        ),
        (
            &[r#"echo '{"ServerURL":"evil.net","Username":"bob","Secret":"x"}'"#],
            Err(HelperFault::OtherServer),
        ),
    ] {
        let found = answer(lines).await.map(|credential| credential.account());
        let found = found
            .as_ref()
            .map(|account| account.as_ref().map(|account| account.as_str()));
        assert_eq!(
            found,
            expected.as_ref().map(|account| *account),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn i4_an_answer_ends_at_64_kib() {
    let json = r#"{"Username":"bob","Secret":"x"}"#;
    for (length, is_answer) in [
        (HELPER_STDOUT_BYTES - 1, true),
        (HELPER_STDOUT_BYTES, true),
        (HELPER_STDOUT_BYTES + 1, false),
    ] {
        let spaces = length - json.len();
        let write = format!("printf '%s%{spaces}s' '{json}' ''");
        let found = answer(&[&write]).await;
        match is_answer {
            true => assert!(found.is_ok(), "{length}: {found:?}"),
            false => assert_eq!(found.err(), Some(HelperFault::TooMuch(HELPER_STDOUT_BYTES))),
        }
    }
}

#[tokio::test]
async fn i4_a_helper_that_writes_for_ever_is_ended_at_the_bound() {
    let found = answer(&["cat /dev/zero"]).await;
    assert_eq!(found.err(), Some(HelperFault::TooMuch(HELPER_STDOUT_BYTES)));
}

#[tokio::test]
async fn i5_a_helper_may_write_to_stderr_whatever_it_likes() {
    let much = "head -c 1000000 /dev/zero >&2; echo hunter2 >&2";
    assert!(answer(&[much, BOB]).await.is_ok());
    let fault = answer(&[much, "echo hunter2; exit 3"]).await.unwrap_err();
    assert_eq!(fault, HelperFault::Failed(HelperEnd::Code(3)));
    assert!(!format!("{fault} {fault:?}").contains("hunter2"));
}

#[tokio::test]
async fn i3_a_helper_that_hangs_is_ended_with_its_children() {
    for lines in [
        &[HANGS] as &[&str],
        &["trap '' TERM INT HUP", HANGS],
        &["(exec 9>HERE/alive; sleep 600) &", "wait"],
    ] {
        let folder = Folder::new();
        let alive = folder.pipe("alive");
        let helpers = script(&folder, lines);
        let limit = Duration::from_millis(300);
        assert_eq!(
            asked(&helpers, limit).await.err(),
            Some(HelperFault::Late(limit))
        );
        alive.wait_until_left();
    }
}

#[tokio::test]
async fn i3_a_notice_is_given_once_where_a_helper_is_slow_and_none_where_it_is_not() {
    for (line, after, notices) in [("read x < HERE/gate", SOON, 1), (":", FOR_EVER, 0)] {
        let folder = Folder::new();
        let gate = Mutex::new(folder.pipe("gate"));
        let helpers = script(&folder, &[line, BOB]);
        let (sender, receiver) = channel();
        // The slow one goes on when the notice was given.
        let talk = Talk::to(move |event| {
            if matches!(event, Event::Helper { .. }) {
                sender.send(event).unwrap();
                gate.lock().unwrap().pass();
            }
        });
        let timing = Timing {
            helper_notice: after,
            ..timing(FOR_EVER)
        };
        assert!(ask(question(), helpers, timing, talk).await.is_ok());
        let said: Vec<Event> = receiver.iter().collect();
        let program = "docker-credential-x".to_owned();
        assert_eq!(said, vec![Event::Helper { program }; notices]);
    }
}

#[tokio::test]
async fn i3_a_child_that_keeps_the_pipe_is_ended_with_the_helper() {
    let folder = Folder::new();
    let (alive, _ready) = (folder.pipe("alive"), folder.pipe("ready"));
    let child = format!("({HANGS_READY}) &");
    let helpers = script(&folder, &[&child, "read x < HERE/ready", BOB]);
    assert!(asked(&helpers, FOR_EVER).await.is_ok());
    alive.wait_until_left();
}

#[tokio::test]
async fn i3_a_pipe_kept_by_somebody_who_left_the_group_is_not_waited_for() {
    let folder = Folder::new();
    let (_ready, mut gate) = (folder.pipe("ready"), folder.pipe("gate"));
    let leaves = "(setsid sh -c 'echo > HERE/ready; read x < HERE/gate' &)";
    let helpers = script(&folder, &[leaves, "read x < HERE/ready", BOB]);
    assert!(asked(&helpers, FOR_EVER).await.is_ok());
    gate.pass();
}

#[tokio::test]
async fn i3_an_answer_is_whole_however_soon_the_helper_is_gone() {
    let json = r#"{"Username":"bob","Secret":"x"}"#;
    let write = format!("printf '%60000s%s' '' '{json}'");
    let folder = Folder::new();
    let helpers = script(&folder, &[&write]);
    for _ in 0..50 {
        assert!(asked(&helpers, FOR_EVER).await.is_ok());
    }
}

#[tokio::test]
async fn i3_whoever_does_not_wait_any_longer_ends_the_helper() {
    let folder = Folder::new();
    let (alive, ready) = (folder.pipe("alive"), folder.pipe("ready"));
    let helpers = script(&folder, &[HANGS_READY]);
    tokio::select! {
        found = asked(&helpers, FOR_EVER) => panic!("{found:?}"),
        done = spawn_blocking(move || ready.wait()) => done.unwrap(),
    }
    alive.wait_until_left();
}

#[tokio::test]
async fn o2_another_thread_ends_all_helpers_and_no_other_is_started() {
    let folder = Folder::new();
    let (alive, ready) = (folder.pipe("alive"), folder.pipe("ready"));
    let helpers = script(&folder, &[HANGS_READY]);
    let other = helpers.clone();
    let ending = std::thread::spawn(move || {
        ready.wait();
        other.end_all();
    });
    let killed = HelperFault::Failed(HelperEnd::Signal(9));
    assert_eq!(asked(&helpers, FOR_EVER).await.err(), Some(killed));
    ending.join().unwrap();
    alive.wait_until_left();
    assert_eq!(
        asked(&helpers, FOR_EVER).await.err(),
        Some(HelperFault::Ending)
    );
}

#[tokio::test]
async fn i1_a_helper_that_is_not_there_is_not_looked_for_elsewhere() {
    let folder = Folder::new();
    let helpers = script(&folder, &[BOB]);
    let named = |name: &str| Question {
        name: name.to_owned(),
        ..question()
    };
    let here = Helpers::new(Some(".".into()));
    for (helpers, name, fault) in [
        (&helpers, "y", HelperFault::Missing),
        (&helpers, "../x", HelperFault::Name),
        (&Helpers::new(None), "x", HelperFault::Missing),
        (&here, "x", HelperFault::Missing),
    ] {
        let found = ask(
            named(name),
            helpers.clone(),
            timing(FOR_EVER),
            Talk::quiet(),
        )
        .await;
        assert_eq!(found.err(), Some(fault), "{name}");
    }
}

#[tokio::test]
async fn a_program_that_the_system_does_not_start_is_told_apart_from_one_that_is_missing() {
    let folder = Folder::new();
    folder.helper("x", "#!/nowhere/sh\n");
    let helpers = Helpers::new(folder.search_path());
    let fault = asked(&helpers, FOR_EVER).await.unwrap_err();
    assert_eq!(fault.code(), "HELPER_NOT_STARTED");
}
