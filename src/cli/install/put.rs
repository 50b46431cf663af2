//! What stands under a name, what is to be done about it, and doing it: each file whole or not at all.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::target::{Target, Whose, links_in};
use crate::cli::output::{self, OutputError, Rights};
use crate::cli::plugin::DESCRIPTION;
use crate::cli::report::{Failure, UsageError};

/// What is done with one file.
pub(super) struct Step {
    /// The file.
    pub(super) path: PathBuf,
    /// What is done.
    pub(super) deed: Deed,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// Nothing: it is as it should be.
    Keep,
    /// The program is copied.
    Copy {
        /// The program.
        from: PathBuf,
        /// Whom for.
        whose: Whose,
        /// Whether nothing stands there yet.
        new: bool,
    },
    /// A link is made; where there are none, a copy.
    Link {
        /// What it leads to.
        to: PathBuf,
    },
    /// It is removed.
    Remove,
}

/// The steps that install.
///
/// Errors: something stands there that is not ours.
pub(super) fn there(program: &Path, target: &Target) -> Result<Vec<Step>, Failure> {
    let plugin = &target.plugin;
    let is_same = is_program(program, plugin)?;
    let deed = match is_same {
        true => Deed::Keep,
        false => Deed::Copy {
            from: program.to_owned(),
            whose: target.whose,
            new: !is_ours_or_nothing(plugin)?.is_there(),
        },
    };
    let mut steps = vec![Step {
        path: plugin.clone(),
        deed,
    }];
    for path in target.links() {
        let deed = match fs::read_link(&path).is_ok_and(|to| to == *plugin) {
            true => Deed::Keep,
            false => {
                is_ours_or_nothing(&path)?;
                Deed::Link { to: plugin.clone() }
            }
        };
        steps.push(Step { path, deed });
    }
    Ok(steps)
}

/// The steps that take everything back: the plugin, the links for kubectl in the folder that is named, and those on the
/// `PATH` that would lead nowhere.
///
/// Errors: what stands there is not ours.
pub(super) fn away(target: &Target) -> Result<Vec<Step>, Failure> {
    let mut paths: Vec<PathBuf> = std::iter::once(target.plugin.clone())
        .chain(target.links())
        .collect();
    for path in target
        .search_path
        .iter()
        .flat_map(|folder| links_in(folder))
    {
        let leads_here = fs::read_link(&path).is_ok_and(|to| to == target.plugin);
        if leads_here && !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut steps = Vec::new();
    for path in paths {
        if is_ours_or_nothing(&path)?.is_there() {
            let deed = Deed::Remove;
            steps.push(Step { path, deed });
        }
    }
    Ok(steps)
}

/// What a name stands for, if it does not stand for anything of others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Ours,
}

impl Found {
    fn is_there(self) -> bool {
        self == Self::Ours
    }
}

/// Looks at what stands under a name. A link that leads nowhere is nobody's.
///
/// Errors: it is a folder, or another program.
fn is_ours_or_nothing(path: &Path) -> Result<Found, Failure> {
    let Ok(entry) = path.symlink_metadata() else {
        return Ok(Found::Nothing);
    };
    match path.metadata() {
        Err(_) if entry.is_symlink() => Ok(Found::Ours),
        Ok(found) if found.is_file() => {
            match is_ours(path).map_err(|cause| unwritable(path, cause))? {
                true => Ok(Found::Ours),
                false => Err(not_ours(path).into()),
            }
        }
        _ => Err(OutputError::NotRegular(path.to_owned()).into()),
    }
}

fn not_ours(path: &Path) -> UsageError {
    let path = path.display();
    let hint = "nothing of others is replaced or removed; if it may go, remove it yourself";
    UsageError::new(
        format!("`{path}` is another program than this one"),
        [hint.to_owned()],
    )
}

/// Tells whether a file is some version of this program: the sentence that docker shows of it is in it. It is not run to
/// find out.
///
/// Errors: it cannot be read.
pub(super) fn is_ours(path: &Path) -> io::Result<bool> {
    let mark = DESCRIPTION.as_bytes();
    let mut file = File::open(path)?;
    let mut window = Vec::new();
    loop {
        // What may be the beginning of the mark stays in front of what comes next.
        let kept = window.len().min(mark.len() - 1);
        window.drain(..window.len() - kept);
        let read = Read::by_ref(&mut file)
            .take(CHUNK)
            .read_to_end(&mut window)?;
        if contains(&window, mark) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
    }
}

/// How much of a file is looked at at once, in bytes.
const CHUNK: u64 = 1024 * 1024;

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == wanted[0]) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Tells whether a file is this very program, byte for byte or by a link, and can be run.
fn is_program(program: &Path, path: &Path) -> Result<bool, Failure> {
    let Ok(found) = path.metadata() else {
        return Ok(false);
    };
    let is_file = found.is_file() && can_be_run(&found);
    Ok(is_file && same(program, path).map_err(|cause| unwritable(path, cause))?)
}

/// Tells whether two files hold the same bytes, or are one.
///
/// Errors: one cannot be read.
pub(super) fn same(one: &Path, other: &Path) -> io::Result<bool> {
    if fs::canonicalize(one)? == fs::canonicalize(other)? {
        return Ok(true);
    }
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    loop {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        Read::by_ref(&mut one).take(CHUNK).read_to_end(&mut left)?;
        Read::by_ref(&mut other)
            .take(CHUNK)
            .read_to_end(&mut right)?;
        if left != right {
            return Ok(false);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
}

/// Tells whether somebody may run a file.
#[cfg(unix)]
pub(super) fn can_be_run(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o111 != 0
}

/// Tells whether somebody may run a file.
#[cfg(not(unix))]
pub(super) fn can_be_run(_: &fs::Metadata) -> bool {
    true
}

impl Step {
    /// Does it.
    ///
    /// Errors: the folder cannot be made or written.
    pub(super) fn carry_out(&self) -> Result<(), Failure> {
        let done = match &self.deed {
            Deed::Keep => Ok(()),
            Deed::Copy { from, whose, .. } => {
                folder_for(*whose, &self.path).and_then(|()| copy(from, &self.path))
            }
            Deed::Link { to } => link(to, &self.path),
            Deed::Remove => fs::remove_file(&self.path),
        };
        done.map_err(|cause| unwritable(&self.path, cause).into())
    }
}

fn unwritable(path: &Path, cause: io::Error) -> OutputError {
    OutputError::Unwritable {
        path: path.to_owned(),
        cause,
    }
}

/// Makes the folder of a file. Docker's own folder is its user's alone, as docker makes it.
fn folder_for(whose: Whose, path: &Path) -> io::Result<()> {
    match (path.parent(), whose) {
        (None, _) => Ok(()),
        (Some(folder), Whose::Users) => output::make_folder(folder),
        (Some(folder), Whose::Everybodys) => fs::create_dir_all(folder),
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut from = File::open(from)?;
    output::replace(to, Rights::Program, |file| {
        io::copy(&mut from, file).map(drop)
    })
}

/// Makes a link under a name of its own and gives it the right one then, so that there is never none.
#[cfg(unix)]
fn link(to: &Path, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let made = tempfile::Builder::new()
        .prefix(".docker-regq-")
        .make_in(folder, |name| std::os::unix::fs::symlink(to, name))?;
    made.into_temp_path()
        .persist(path)
        .map_err(|error| error.error)
}

#[cfg(not(unix))]
fn link(to: &Path, path: &Path) -> io::Result<()> {
    copy(to, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_ours_is_known_wherever_its_mark_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p");
        let chunk = usize::try_from(CHUNK).unwrap();
        for before in [0, 7, chunk - 5, chunk, 2 * chunk - DESCRIPTION.len() + 1] {
            fs::write(&path, "A".repeat(before) + DESCRIPTION + "x").unwrap();
            assert!(is_ours(&path).unwrap(), "{before}");
        }
        for other in ["", "#!/bin/sh\nexec docker-regq", &DESCRIPTION[1..]] {
            fs::write(&path, other).unwrap();
            assert!(!is_ours(&path).unwrap(), "{other}");
        }
    }

    #[test]
    fn files_are_the_same_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (one, same_text) = (file("one", "abc"), file("same", "abc"));
        let (other, longer) = (file("other", "abd"), file("longer", "abcd"));
        assert!(same(&one, &same_text).unwrap() && same(&one, &one).unwrap());
        assert!(!same(&one, &other).unwrap() && !same(&one, &longer).unwrap());
    }
}
