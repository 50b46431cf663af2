//! What docker sees of us: its folders in its order, the first file of our name, and what lies around it.
//!
//! Docker takes the first file of a name even if that is broken, and every file whose name begins as a plugin's does for
//! one more (observed with docker 28.2.2).

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::put::{can_be_run, is_ours, same};
use super::target::Target;
use crate::cli::plugin::folders::{PLUGIN, is_stray};
use crate::diagnostic::Diagnostic;

/// What docker sees once we are installed: an error, if it is not what was installed.
pub(super) fn with(program: &Path, target: &Target) -> Vec<Diagnostic> {
    let found = candidates(&target.folders);
    let mut findings = Vec::new();
    match found.first() {
        Some(first) if *first == target.plugin => {
            let hidden = found.iter().skip(1);
            findings.extend(hidden.map(|other| hides(&target.plugin, other)));
        }
        Some(first) => findings.push(hidden_by(first, program)),
        // The folder is none that docker's config leads to: it was named by `--config`.
        None => {}
    }
    findings.extend(around(target));
    let no_docker = no_docker(&target.search_path);
    if no_docker.is_none() && !findings.iter().any(Diagnostic::is_error) {
        let command = &target.docker;
        let note = Diagnostic::note(format!("there is a command `{command}` now"));
        findings.push(note.hint(format!("`{command} run demo` shows what it does")));
    }
    findings.extend(no_docker);
    findings
}

/// What docker still sees once we are gone.
pub(super) fn without(target: &Target) -> Vec<Diagnostic> {
    let left = candidates(&target.folders);
    let still = left.first().map(|path| {
        let message = format!("docker still finds `{}`", path.display());
        Diagnostic::warning(message)
    });
    still.into_iter().chain(around(target)).collect()
}

/// What lies around and is in docker's way, whatever is installed.
pub(super) fn around(target: &Target) -> Vec<Diagnostic> {
    target
        .folders
        .iter()
        .flat_map(|folder| strays(folder))
        .collect()
}

/// The files of our name that docker comes upon, in its order. It takes no folder for a plugin.
fn candidates(folders: &[PathBuf]) -> Vec<PathBuf> {
    let paths = folders.iter().map(|folder| folder.join(PLUGIN));
    let is_candidate = |path: &PathBuf| {
        let found = path.symlink_metadata();
        found.is_ok_and(|found| !found.is_dir())
    };
    paths.filter(is_candidate).collect()
}

fn hides(ours: &Path, other: &Path) -> Diagnostic {
    let (ours, other) = (ours.display(), other.display());
    Diagnostic::note(format!("`{ours}` hides `{other}`"))
}

/// Says who comes before us. The same program there is as good.
fn hidden_by(first: &Path, program: &Path) -> Diagnostic {
    if same(program, first).unwrap_or(false) && is_runnable(first) {
        let message = format!(
            "docker takes `{}`, which is the same program",
            first.display()
        );
        return Diagnostic::note(message);
    }
    let what = match (is_runnable(first), is_ours(first)) {
        (false, _) => "cannot be run",
        (true, Ok(true)) => "is another version of it",
        _ => "is another program",
    };
    let path = first.display();
    let message =
        format!("docker does not take what is installed: it finds `{path}` first, which {what}");
    Diagnostic::error(message).hint("remove that one; docker takes the first, even if it is broken")
}

fn is_runnable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && can_be_run(&found))
}

/// Files that docker takes for plugins which they are not.
fn strays(folder: &Path) -> Vec<Diagnostic> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut names: Vec<OsString> = names
        .filter(|name| name.to_str().is_some_and(is_stray))
        .collect();
    names.sort();
    let finding = |name: OsString| {
        let path = folder.join(name);
        let message = format!(
            "docker takes `{}` for a plugin that is broken",
            path.display()
        );
        Diagnostic::warning(message).hint(
            "there, whatever begins with `docker-` is one to it: remove it, or keep it elsewhere",
        )
    };
    names.into_iter().map(finding).collect()
}

fn no_docker(search_path: &[PathBuf]) -> Option<Diagnostic> {
    let name = if cfg!(windows) {
        "docker.exe"
    } else {
        "docker"
    };
    let is_there = search_path.iter().any(|folder| folder.join(name).is_file());
    let note = || Diagnostic::warning("there is no `docker` on the `PATH`");
    (!is_there).then(|| note().hint("`docker-regq` does the same without it"))
}
