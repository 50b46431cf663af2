//! The user's settings: `regq/config.yaml` and `regq/trusted.json` in their config folder (design §8).
//!
//! What lowers security stands here or on the command line and nowhere else (threats G1). Both files are read like query
//! files: everything that is wrong with them is shown at its place, and nothing is asked.

mod decode;
mod endpoint;
mod mirrors;
mod trusted;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(super) use self::trusted::Noted;
use super::output;
use super::queries::unreadable;
use super::report::{self, Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Source};
use crate::oci::RegistryHost;
use crate::query::{self, ReadError};
use crate::registry::Consent;
use crate::render::Format;

/// What the user has set for good.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UserSettings {
    /// What holds for single hosts.
    pub(super) consents: Vec<(RegistryHost, Consent)>,
    /// How results are printed where neither a flag nor the query says.
    pub(super) output: Option<Format>,
    /// Whether no names are remembered for completion.
    pub(super) forgets: bool,
}

/// Reads what there is of the user's settings.
///
/// Errors: a file that cannot be read, or says what it cannot.
pub(super) fn load(settings: &Settings) -> Result<UserSettings, Failure> {
    let mut findings = Vec::new();
    let user = read_all(settings, &mut findings)?;
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings.into());
    }
    report::say(&findings, settings.voice);
    Ok(user)
}

/// What can be read of the user's settings, whatever is wrong with the rest; nothing is said.
pub(super) fn known(settings: &Settings) -> UserSettings {
    read_all(settings, &mut Vec::new()).unwrap_or_default()
}

fn read_all(settings: &Settings, findings: &mut Vec<Diagnostic>) -> Result<UserSettings, Failure> {
    let Some(folder) = settings.config.as_ref().map(|folder| folder.join("regq")) else {
        return Ok(UserSettings::default());
    };
    let mut user = match read(&folder.join("config.yaml"), findings)? {
        Some(source) => decode::config(&source, &folder, findings),
        None => UserSettings::default(),
    };
    if let Some(source) = read(&folder.join(TRUSTED), findings)? {
        user.consents.extend(trusted::read(&source, findings));
    }
    Ok(user)
}

/// Allows a token server to see a host's login, for good; gives the file that says so.
///
/// Errors: there is no folder for settings; the file is not one that can be added to.
pub(super) fn allow(
    host: &RegistryHost,
    server: &RegistryHost,
    settings: &Settings,
) -> Result<(PathBuf, Noted), Failure> {
    let Some(folder) = &settings.config else {
        let message = "there is no folder for your settings, because `HOME` is not set";
        return Err(UsageError::new(message, []).into());
    };
    let path = folder.join("regq").join(TRUSTED);
    let mut noted = Noted::Before;
    output::change(&path, || {
        let mut findings = Vec::new();
        let source = read(&path, &mut findings)?;
        let text = trusted::with(source.as_ref(), host, server)?;
        if text.is_some() {
            noted = Noted::Now;
        }
        Ok::<_, Failure>(text)
    })?;
    Ok((path, noted))
}

/// The file of token servers that may see logins.
const TRUSTED: &str = "trusted.json";

/// Reads a file, if it is there.
fn read(path: &Path, findings: &mut Vec<Diagnostic>) -> Result<Option<Arc<Source>>, Failure> {
    match query::read_query(path) {
        Ok(source) => {
            findings.extend(writable_by_others(path));
            Ok(Some(source))
        }
        Err(ReadError::Open { source, .. }) if is_absent(&source) => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// Whoever can write the file decides where the user's credentials go (threats G1).
#[cfg(unix)]
fn writable_by_others(path: &Path) -> Option<Diagnostic> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    if mode & 0o002 == 0 {
        return None;
    }
    let path = path.display();
    let finding = Diagnostic::warning(format!("`{path}` can be written by every user"));
    Some(finding.hint(format!("take that right away: `chmod o-w {path}`")))
}

#[cfg(not(unix))]
fn writable_by_others(_: &Path) -> Option<Diagnostic> {
    None
}
