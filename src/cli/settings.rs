//! Arguments and environment, resolved once; everything below gets the part it needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::activity::Activity;
use super::docker_settings::{self, DockerSettings, Unread};
use super::places::Environment;
use super::plugin::{self, Globals};
use super::report::{self, UsageError, Voice};
use super::spelled::Spelled;
use crate::diagnostic::Diagnostic;
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
    /// Docker's config folder, if `--config` names one: docker itself will look elsewhere unless it is told, too.
    pub(super) named_config: Option<PathBuf>,
    /// The user's folder for what can be had again; ours is `regq` in it.
    pub(super) cache: Option<PathBuf>,
    /// Where credentials may be found.
    pub(super) credentials: CredentialPlaces,
    /// What Docker's config sets for us; nothing before it is [read](Self::with_docker_settings).
    pub(super) docker: DockerSettings,
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
            cache: cache_folder(),
            credentials: environment.credentials(globals.config.as_deref()),
            named_config: globals.config,
            docker: DockerSettings::default(),
            certs_d: environment.certificates(),
            stop_socket: plugin::stop_socket(|name| std::env::var_os(name)),
            activity: Activity::default(),
        })
    }

    /// Reads what Docker's config sets for us. A config that is broken as a whole holds no setting that could be known; who
    /// needs its credentials will not go on.
    ///
    /// Errors: a setting of ours that is wrong.
    pub(super) fn with_docker_settings(mut self) -> Result<Self, UsageError> {
        let Some(folder) = &self.credentials.docker_config else {
            return Ok(self);
        };
        match docker_settings::load(folder) {
            Ok(docker) => self.docker = docker,
            Err(Unread::Setting(error)) => return Err(error),
            Err(Unread::File(error)) => {
                let message = format!("what Docker's config sets for us is not known: {error}");
                report::say(&[Diagnostic::warning(message)], self.voice);
            }
        }
        let folder = self.docker.query_dir.as_ref();
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            let folder = folder.display();
            let message = format!("there is no folder `{folder}`, which `queryDir` names");
            report::say(&[Diagnostic::warning(message)], self.voice);
        }
        Ok(self)
    }

    /// What Docker's config sets for us, as far as it can be read, without a word: for completion.
    pub(super) fn with_readable_docker_settings(mut self) -> Self {
        let folder = self.credentials.docker_config.as_ref();
        let docker = folder.and_then(|folder| docker_settings::load(folder).ok());
        self.docker = docker.unwrap_or_default();
        self
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

fn cache_folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.cache_dir())
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
