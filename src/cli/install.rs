//! `install`: puts the program where docker and kubectl look for their plugins, takes it back, and says what docker sees
//! then.
//!
//! ```text
//! flags, environment ─► target     which files are meant
//!                       put        what stands there now → what is to be done → done, each file whole or not at all
//!                       sight      docker's folders in docker's order → what docker takes, and what is in its way
//! ```
//!
//! No program is started to find out: docker's rules are few, and a stranger's file is not run to see whose it is.

mod put;
mod sight;
mod target;

use std::path::Path;

use self::put::{Deed, Step};
use self::target::Target;
use super::args::InstallArgs;
use super::exit::Exit;
use super::plugin::VERSION;
use super::report::{self, Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::Diagnostic;

/// Installs the program, or takes it back.
///
/// Errors: the folder cannot be found or written; something there is not ours.
pub(super) fn install(args: &InstallArgs, settings: &Settings) -> Result<Exit, Failure> {
    let program = std::env::current_exe().map_err(|cause| {
        UsageError::new(format!("the program's own file is not known: {cause}"), [])
    })?;
    let target = Target::of(args, settings)?;
    let steps = match args.uninstall {
        true => put::away(&target),
        false => put::there(&program, &target),
    }?;
    // Everything is looked at before anything is done.
    if !args.dry_run {
        steps.iter().try_for_each(Step::carry_out)?;
    }
    let mut findings: Vec<Diagnostic> = steps.iter().map(|step| said(step, args.dry_run)).collect();
    if steps.is_empty() {
        findings.push(nothing(&target.plugin));
    }
    findings.extend(target.warnings());
    let seen = match (args.dry_run, args.uninstall) {
        // What is not there yet cannot be seen, and what is still there will not be.
        (true, _) => sight::around(&target),
        (false, true) => sight::without(&target),
        (false, false) => sight::with(&program, &target),
    };
    findings.extend(seen);
    let is_hidden = findings.iter().any(Diagnostic::is_error);
    findings
        .iter()
        .for_each(|finding| report::say(std::slice::from_ref(finding), settings.voice));
    Ok(match is_hidden {
        true => Exit::Usage,
        false => Exit::Done,
    })
}

/// Says what was done, or would be.
fn said(step: &Step, is_dry: bool) -> Diagnostic {
    let path = step.path.display();
    let message = match (step.deed.clone(), is_dry) {
        (Deed::Keep, _) => format!("`{path}` is there already, and is this program"),
        (Deed::Copy { new: true, .. }, false) => format!("installed {VERSION} as `{path}`"),
        (Deed::Copy { new: true, .. }, true) => format!("would install {VERSION} as `{path}`"),
        (Deed::Copy { new: false, .. }, false) => {
            format!("installed {VERSION} as `{path}`, in place of what was there")
        }
        (Deed::Copy { new: false, .. }, true) => {
            format!("would install {VERSION} as `{path}`, in place of what is there")
        }
        (Deed::Link { to }, false) => format!("linked `{path}` to `{}`", to.display()),
        (Deed::Link { to }, true) => format!("would link `{path}` to `{}`", to.display()),
        (Deed::Remove, false) => format!("removed `{path}`"),
        (Deed::Remove, true) => format!("would remove `{path}`"),
    };
    Diagnostic::note(message)
}

fn nothing(plugin: &Path) -> Diagnostic {
    Diagnostic::note(format!("there is no `{}`: nothing to do", plugin.display()))
}
