//! `version`: which program this is, in a line or for programs.

use std::io::Write;
use std::sync::Arc;

use super::args::VersionArgs;
use super::exit::Exit;
use super::output::Output;
use super::plugin::VERSION;
use super::report::{Failure, UsageError};
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};

/// The commit it was built from, where whoever built it says so (`REGQ_COMMIT`).
const COMMIT: Option<&str> = option_env!("REGQ_COMMIT");

/// Prints the version.
///
/// Errors: a form that there is not.
pub(super) fn version(args: &VersionArgs) -> Result<Exit, Failure> {
    let text = match args.output.as_deref() {
        None => format!("docker-regq {VERSION}\n"),
        Some("json") => to_json(&facts(), JsonStyle::Pretty) + "\n",
        Some(other) => {
            let message = format!("unknown output format `{}`", Safe::cut(other, 64));
            let hint = "the version is printed in a line, or with `-o json` as an object";
            return Err(UsageError::new(message, [hint.to_owned()]).into());
        }
    };
    let mut output = Output::standard(true);
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(Exit::Done)
}

/// What is known of this build. What nobody said is null.
fn facts() -> Value {
    let known = [
        ("version", Some(VERSION)),
        ("commit", COMMIT.filter(|commit| !commit.is_empty())),
        ("os", Some(os())),
        ("architecture", Some(architecture())),
        ("libc", libc()),
    ];
    Value::map(known.map(|(key, fact)| (Arc::from(key), fact.map_or(Value::Null, Value::text))))
}

/// The operating system, by Go's names, which docker's own version has too.
fn os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// The architecture, by Go's names.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The C library, where there may be several: a program for musl runs on every Linux.
fn libc() -> Option<&'static str> {
    match (cfg!(target_os = "linux"), cfg!(target_env = "musl")) {
        (false, _) => None,
        (true, true) => Some("musl"),
        (true, false) => Some("gnu"),
    }
}
