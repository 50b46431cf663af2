//! Helpers that do what helpers do, and worse.

use std::sync::mpsc::channel;
use std::time::Instant;

use super::*;
use crate::registry::auth::AnswerFlaw;
use crate::registry::auth::testing::{FOR_EVER, Folder, timing};

const SOON: Duration = Duration::from_millis(50);

const BOB: &str = r#"echo '{"ServerURL":"ghcr.io","Username":"bob","Secret":"hunter2"}'"#;

/// A child that outlives its parent unless somebody ends it, and can be seen in the pipe `DIR/alive`.
const HANGS: &str = "exec 9>DIR/alive; echo ready >&9; sleep 600";

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
    let record = "cat > DIR/stdin; printf '%s|' \"$#\" \"$@\" > DIR/argv";
    let helpers = script(&folder, &[record, BOB]);
    asked(&helpers, FOR_EVER).await.unwrap();
    assert_eq!(
        (folder.read("stdin"), folder.read("argv")),
        ("ghcr.io".into(), "1|get|".into())
    );
}

#[tokio::test]
async fn i7_a_helper_inherits_our_environment() {
    let folder = Folder::new();
    let record = "printf '%s' \"$CARGO_MANIFEST_DIR\" > DIR/environment";
    asked(&script(&folder, &[record, BOB]), FOR_EVER)
        .await
        .unwrap();
    assert_eq!(folder.read("environment"), env!("CARGO_MANIFEST_DIR"));
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
            &[r#"printf '{"Username":"bob","Secret":"a\\r\\nb"}'"#],
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
        &["(exec 9>DIR/alive; echo ready >&9; sleep 600) &", "wait"],
    ] {
        let folder = Folder::new();
        let alive = folder.watch("alive");
        let helpers = script(&folder, lines);
        let limit = Duration::from_millis(300);
        assert_eq!(
            asked(&helpers, limit).await.err(),
            Some(HelperFault::Late(limit))
        );
        alive.recv_timeout(FOR_EVER).expect("the helper was ended");
    }
}

#[tokio::test]
async fn i3_a_notice_is_given_once_where_a_helper_is_slow_and_none_where_it_is_not() {
    for (lines, notices) in [(&["exec cat DIR/gate"] as &[&str], 1), (&[BOB], 0)] {
        let folder = Folder::new();
        let helpers = script(&folder, lines);
        let gate = std::sync::Mutex::new(Some(folder.gate("gate")));
        let (sender, receiver) = channel();
        // The helper goes on when the notice was given.
        let talk = Talk::to(move |event| {
            sender.send(event).unwrap();
            let open = gate.lock().unwrap().take();
            std::thread::spawn(open.expect("there is one notice"));
        });
        let timing = Timing {
            helper_notice: if notices == 0 { FOR_EVER } else { SOON },
            ..timing(FOR_EVER)
        };
        let found = ask(question(), helpers, timing, talk).await;
        assert_eq!(found.is_ok(), notices == 0);
        let said: Vec<Event> = receiver.iter().collect();
        let program = "docker-credential-x".to_owned();
        assert_eq!(said, vec![Event::Helper { program }; notices]);
    }
}

#[tokio::test]
async fn i3_a_child_that_keeps_the_pipe_is_ended_with_the_helper() {
    let folder = Folder::new();
    let alive = folder.watch("alive");
    let helpers = script(&folder, &[&format!("({HANGS}) &"), BOB]);
    assert!(asked(&helpers, FOR_EVER).await.is_ok());
    // It may be ended before it has opened its pipe; then nobody else opens it.
    let own = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.path("alive"));
    drop(own);
    alive.recv_timeout(FOR_EVER).expect("the child was ended");
}

#[tokio::test]
async fn i3_a_pipe_kept_by_somebody_who_left_the_group_is_not_waited_for() {
    let folder = Folder::new();
    let gate = folder.gate("gate");
    let helpers = script(&folder, &["(setsid cat DIR/gate &)", BOB]);
    let start = Instant::now();
    assert!(asked(&helpers, FOR_EVER).await.is_ok());
    assert!(start.elapsed() < FOR_EVER / 2);
    gate();
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
    let alive = folder.watch("alive");
    let ready = folder.gate("ready");
    let helpers = script(&folder, &["exec 9>DIR/alive", "cat DIR/ready", HANGS]);
    {
        let answer = asked(&helpers, FOR_EVER);
        let ready = tokio::task::spawn_blocking(ready);
        tokio::select! {
            found = answer => panic!("{found:?}"),
            done = ready => done.unwrap(),
        }
    }
    alive.recv_timeout(FOR_EVER).expect("the helper was ended");
}

#[tokio::test]
async fn o2_another_thread_ends_all_helpers_and_no_other_is_started() {
    let folder = Folder::new();
    let alive = folder.watch("alive");
    let helpers = script(&folder, &["exec 9>DIR/alive", "cat DIR/ready", HANGS]);
    let (ready, other) = (folder.gate("ready"), helpers.clone());
    let ending = std::thread::spawn(move || {
        ready();
        other.end_all();
    });
    let killed = HelperFault::Failed(HelperEnd::Signal(9));
    assert_eq!(asked(&helpers, FOR_EVER).await.err(), Some(killed));
    ending.join().unwrap();
    alive.recv_timeout(FOR_EVER).expect("the helper was ended");
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
