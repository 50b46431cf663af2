//! What a helper's answer means (docker-credential-helpers, `credentials.go` and `error.go`).
//!
//! A helper that has nothing says so in one of two ways, and only these make the host anonymous. Everything else that
//! is no credential is a fault (threats A12, I4).

use std::process::ExitStatus;

use crate::registry::auth::credential::Credential;
use crate::registry::auth::{AnswerFlaw, HelperEnd, HelperFault, key};
use crate::secret::Secret;
use crate::value::{Value, parse_json};

/// What a helper writes to stdout, failing, where it has nothing for a server.
const NOT_FOUND: &[u8] = b"credentials not found in native keychain";

/// The user name that marks an identity token.
const TOKEN: &str = "<token>";

/// Reads the answer to the question for `key`.
pub(super) fn read(
    status: ExitStatus,
    stdout: &[u8],
    key: &str,
) -> Result<Credential, HelperFault> {
    if !status.success() {
        return match stdout.trim_ascii() {
            NOT_FOUND => Ok(Credential::Anonymous),
            _ => Err(HelperFault::Failed(end(status))),
        };
    }
    let flawed = HelperFault::Nonsense;
    let answer = parse_json(stdout).map_err(|_| flawed(AnswerFlaw::Json))?;
    let server = text(&answer, "ServerURL").map_err(flawed)?;
    // An empty one says nothing: `pass` answers so for a server it does not know.
    if !server.is_empty() && !key::same_server(key, server) {
        return Err(HelperFault::OtherServer);
    }
    credential(&answer).map_err(flawed)
}

fn credential(answer: &Value) -> Result<Credential, AnswerFlaw> {
    let (account, secret) = (text(answer, "Username")?, text(answer, "Secret")?);
    let unsendable = |text: &str| text.contains(['\r', '\n', '\0']);
    match (account, secret) {
        ("", "") => Ok(Credential::Anonymous),
        ("", _) => Err(AnswerFlaw::NoAccount),
        (_, "") => Err(AnswerFlaw::NoSecret),
        _ if unsendable(account) => Err(AnswerFlaw::Characters),
        (TOKEN, _) if unsendable(secret) => Err(AnswerFlaw::Characters),
        (TOKEN, _) => Ok(Credential::IdentityToken {
            account: None,
            token: Secret::new(secret),
        }),
        // A password may have lines: Google's is a JSON document. It is sent as base64, so they break nothing.
        _ => {
            let password = Secret::new(secret);
            Ok(Credential::of_pair(account.to_owned(), password))
        }
    }
}

/// A field of the answer; empty where it is not there.
fn text<'v>(answer: &'v Value, name: &str) -> Result<&'v str, AnswerFlaw> {
    match (answer.as_map(), answer.get(name)) {
        (None, _) => Err(AnswerFlaw::Shape),
        (_, None | Some(Value::Null)) => Ok(""),
        (_, Some(found)) => found.as_text().ok_or(AnswerFlaw::Shape),
    }
}

fn end(status: ExitStatus) -> HelperEnd {
    match (status.code(), signal(status)) {
        (Some(code), _) => HelperEnd::Code(code),
        (None, Some(signal)) => HelperEnd::Signal(signal),
        (None, None) => HelperEnd::Unknown,
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn answered(code: i32, stdout: &str) -> Result<Credential, HelperFault> {
        read(
            ExitStatus::from_raw(code << 8),
            stdout.as_bytes(),
            "ghcr.io",
        )
    }

    #[test]
    fn i4_an_answer_is_a_credential() {
        for (stdout, shown, secret) in [
            (
                r#"{"ServerURL":"ghcr.io","Username":"bob","Secret":"hunter2"}"#,
                "bob",
                "hunter2",
            ),
            (
                r#"{"Username":"bob","Secret":"a:b\"é","x":[1]}"#,
                "bob",
                "a:b\"é",
            ),
            (
                r#"{"ServerURL":"","Username":"<token>","Secret":"t"}"#,
                "an identity token",
                "t",
            ),
            (
                r#"{"Username":"_json_key","Secret":"{\n}"}"#,
                "_json_key",
                "{\n}",
            ),
            (
                " {\"ServerURL\":\"https://ghcr.io/v2/\",\"Username\":\"b\",\"Secret\":\"s\"}\n",
                "b",
                "s",
            ),
        ] {
            let credential = answered(0, stdout).unwrap();
            assert_eq!(credential.account().unwrap().as_str(), shown);
            let (Credential::Basic {
                password: found, ..
            }
            | Credential::IdentityToken { token: found, .. }) = credential
            else {
                panic!("{stdout}");
            };
            assert_eq!(found.expose(), secret);
        }
    }

    #[test]
    fn i4_only_two_answers_mean_that_there_is_none() {
        let not_found = "credentials not found in native keychain";
        for (code, stdout) in [
            (1, format!("{not_found}\n")),
            (2, not_found.to_owned()),
            (
                0,
                r#"{"ServerURL":"","Username":"","Secret":""}"#.to_owned(),
            ),
            (0, "{}".to_owned()),
            (0, r#"{"ServerURL":"ghcr.io","Username":null}"#.to_owned()),
        ] {
            assert!(answered(code, &stdout).unwrap().is_anonymous(), "{stdout}");
        }
    }

    #[test]
    fn i4_everything_else_is_a_fault() {
        use AnswerFlaw::{Characters, Json, NoAccount, NoSecret, Shape};
        use HelperFault::{Failed, Nonsense};
        let good = r#"{"Username":"bob","Secret":"hunter2"}"#;
        let code = |code| Failed(HelperEnd::Code(code));
        for (exit, stdout, fault) in [
            (1, "no credentials server URL", code(1)),
            (
                1,
                "credentials not found in native keychain: hunter2",
                code(1),
            ),
            (1, "", code(1)),
            (2, good, code(2)),
            (
                0,
                "credentials not found in native keychain",
                Nonsense(Json),
            ),
            (0, "", Nonsense(Json)),
            (0, "\u{0}\u{1}", Nonsense(Json)),
            (
                0,
                "hello\n{\"Username\":\"bob\",\"Secret\":\"x\"}",
                Nonsense(Json),
            ),
            (
                0,
                r#"{"Username":"a","Username":"b","Secret":"x"}"#,
                Nonsense(Json),
            ),
            (0, "[]", Nonsense(Shape)),
            (0, "null", Nonsense(Shape)),
            (0, r#"{"Username":"bob","Secret":5}"#, Nonsense(Shape)),
            (0, r#"{"Secret":"hunter2"}"#, Nonsense(NoAccount)),
            (0, r#"{"Username":"bob"}"#, Nonsense(NoSecret)),
            (
                0,
                r#"{"Username":"<token>","Secret":""}"#,
                Nonsense(NoSecret),
            ),
            (
                0,
                r#"{"Username":"<token>","Secret":"a\r\nX-Evil: 1"}"#,
                Nonsense(Characters),
            ),
            (
                0,
                r#"{"Username":"bob\r","Secret":"a"}"#,
                Nonsense(Characters),
            ),
            (
                0,
                r#"{"Username":"<token>","Secret":"a\u0000"}"#,
                Nonsense(Characters),
            ),
        ] {
            assert_eq!(answered(exit, stdout).err(), Some(fault), "{stdout}");
        }
        let killed = read(ExitStatus::from_raw(9), good.as_bytes(), "ghcr.io");
        assert_eq!(killed.err(), Some(Failed(HelperEnd::Signal(9))));
    }

    #[test]
    fn i6_an_answer_for_another_server_is_refused() {
        for server in [
            "evil.net",
            "ghcr.io:5000",
            "https://ghcr.io.evil.net",
            "\u{1b}",
        ] {
            let stdout = format!(r#"{{"ServerURL":"{server}","Username":"bob","Secret":"x"}}"#);
            let stdout = stdout.replace('\u{1b}', "\\u001b");
            assert_eq!(answered(0, &stdout).err(), Some(HelperFault::OtherServer));
        }
        let nobody = r#"{"ServerURL":"evil.net","Username":"","Secret":""}"#;
        assert_eq!(answered(0, nobody).err(), Some(HelperFault::OtherServer));
    }
}
