//! Arguments and environment, resolved once; everything below gets the part it needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::activity::Activity;
use super::places::Environment;
use super::plugin::{self, Globals};
use super::report::{UsageError, Voice};
use super::spelled::Spelled;
use crate::registry::CredentialPlaces;
use crate::render::terminal::{Terminal, When};

/// What is the same for the whole process.
#[derive(Clone)]
pub(super) struct Settings {
    /// The outputs.
    pub(super) terminal: Terminal,
    /// How words are said.
    pub(super) voice: Voice,
    /// Whether `-D` asks to show each request.
    pub(super) debug: bool,
    /// The instant of the run.
    pub(super) now: Timestamp,
    /// Where the user stands.
    pub(super) here: PathBuf,
    /// The user's folder for settings; ours is `regq` in it.
    pub(super) config: Option<PathBuf>,
    /// Where credentials may be found.
    pub(super) credentials: CredentialPlaces,
    /// The folders of certificates by host.
    pub(super) certs_d: Vec<PathBuf>,
    /// The socket that Docker closes when we shall stop.
    pub(super) stop_socket: Option<PathBuf>,
    /// Who is waited for.
    pub(super) activity: Activity,
}

impl Settings {
    /// Looks at the process's environment.
    ///
    /// Errors: `SOURCE_DATE_EPOCH` is set and no number of seconds; the working directory is gone.
    pub(super) fn ask(
        colour: When,
        spelled: Spelled,
        globals: Globals,
    ) -> Result<Self, UsageError> {
        let terminal = Terminal::ask(colour);
        let environment = Environment {
            variable: &|name| std::env::var_os(name),
            home: etcetera::home_dir().ok(),
            user: user(),
        };
        Ok(Self {
            voice: Voice {
                colour: terminal.stderr.colour,
                spelled,
            },
            terminal,
            debug: globals.debug,
            now: now(std::env::var_os("SOURCE_DATE_EPOCH"))?,
            here: std::env::current_dir().map_err(UsageError::NoWorkingDirectory)?,
            config: config_folder(),
            credentials: environment.credentials(globals.config.as_deref()),
            certs_d: environment.certificates(),
            stop_socket: plugin::stop_socket(|name| std::env::var_os(name)),
            activity: Activity::default(),
        })
    }

    /// The same, a while later.
    pub(super) fn at_this_moment(&self) -> Self {
        Self {
            now: now(std::env::var_os("SOURCE_DATE_EPOCH")).unwrap_or(self.now),
            ..self.clone()
        }
    }

    /// A path as the user would type it: without the folder they stand in.
    pub(super) fn shortened<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.here).unwrap_or(path)
    }
}

/// The instant of the run: now, or what `SOURCE_DATE_EPOCH` says (reproducible-builds.org), so that a report
/// can be made twice.
fn now(epoch: Option<OsString>) -> Result<Timestamp, UsageError> {
    let Some(epoch) = epoch.filter(|text| !text.is_empty()) else {
        return Ok(Timestamp::now());
    };
    let seconds = epoch.to_str().and_then(|text| text.parse::<i64>().ok());
    let instant = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.ok_or(UsageError::Epoch)
}

#[cfg(unix)]
fn user() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn user() -> Option<u32> {
    None
}

fn config_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_can_be_set_for_a_report_that_is_made_twice() {
        let instant = now(Some("1771000000".into())).unwrap();
        assert_eq!(instant.as_second(), 1_771_000_000);
        assert!(now(Some("yesterday".into())).is_err());
        assert!(now(Some("".into())).is_ok() && now(None).is_ok());
    }
}
