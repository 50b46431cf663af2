//! The helpers that run at this moment, each in a process group of its own.
//!
//! A group is ended as a whole, so that a helper cannot leave somebody behind who waits on the terminal (threats I3).
//! Because it is not our group, Ctrl-C does not reach it: whoever exits ends them all (threats O2).

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::process::{Child, Command};

use super::search;
use crate::registry::auth::HelperFault;
use crate::registry::error::outside;

/// The helpers that run, to end them from wherever the program ends. Clones are the same.
#[derive(Clone, Default)]
pub struct Helpers(Arc<Shared>);

#[derive(Default)]
struct Shared {
    search_path: OsString,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    is_over: bool,
    groups: Vec<Id>,
}

impl Helpers {
    /// Helpers that are found on `search_path`.
    pub(in crate::registry::auth) fn new(search_path: Option<OsString>) -> Self {
        Self(Arc::new(Shared {
            search_path: search_path.unwrap_or_default(),
            running: Mutex::default(),
        }))
    }

    /// Ends all helpers that run, with what they have started. No other one is started from now on.
    pub fn end_all(&self) {
        let mut running = self.running();
        running.is_over = true;
        running.groups.drain(..).for_each(end);
    }

    pub(super) fn find(&self, program: &str) -> Option<PathBuf> {
        search::find(program, &self.0.search_path)
    }

    /// Starts a helper. It is counted as running before anybody can ask to end all.
    pub(super) fn start(&self, program: &Path) -> Result<(Child, Group), HelperFault> {
        let mut running = self.running();
        if running.is_over {
            return Err(HelperFault::Ending);
        }
        let child = command(program).spawn();
        let child = child.map_err(|error| HelperFault::NotStarted(outside(&error.to_string())))?;
        let id = id(&child);
        running.groups.extend(id);
        let group = Group {
            id,
            helpers: self.clone(),
        };
        Ok((child, group))
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        let running = self.0.running.lock();
        running.unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Helpers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Helpers")
    }
}

/// A helper's process group, which ends with this value.
pub(super) struct Group {
    id: Option<Id>,
    helpers: Helpers,
}

impl Drop for Group {
    fn drop(&mut self) {
        let mut running = self.helpers.running();
        // Who is no longer counted was ended already, and the number may be somebody else's by now.
        let at = running.groups.iter().position(|id| Some(*id) == self.id);
        if let Some(at) = at {
            end(running.groups.swap_remove(at));
        }
    }
}

/// `get` is all a helper is ever told in its arguments; what it is asked goes to its stdin (threats I2).
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command
}

#[cfg(unix)]
type Id = rustix::process::Pid;

#[cfg(unix)]
fn id(child: &Child) -> Option<Id> {
    let id = child.id().and_then(|id| i32::try_from(id).ok())?;
    Id::from_raw(id)
}

#[cfg(unix)]
fn end(group: Id) {
    // It fails where nobody is left, and that is what we want.
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
}

/// Without groups a helper ends when its `Child` is dropped.
#[cfg(not(unix))]
type Id = u32;

#[cfg(not(unix))]
fn id(_: &Child) -> Option<Id> {
    None
}

#[cfg(not(unix))]
fn end(_: Id) {}
