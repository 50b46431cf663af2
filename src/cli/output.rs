//! Where data goes: standard output, or a file that is written whole or not at all (threats H1, H2, O1).

use std::fs;
use std::io::{self, BufWriter, LineWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::console::{Data, Leads};
use crate::render::terminal;

/// How files begin that are not complete yet.
pub(super) const TEMPORARY: &str = ".docker-regq-";

/// An output on its way.
pub(super) enum Output {
    /// Standard output; on a terminal line by line.
    Standard(Box<dyn Write>),
    /// A file that appears under its name when it is complete.
    File {
        /// What is written meanwhile, in the same folder.
        temporary: BufWriter<NamedTempFile>,
        /// What it will be.
        path: PathBuf,
    },
}

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum OutputError {
    /// There is something under that name that is no regular file.
    #[error("`{0}` is not a regular file, and only those are replaced")]
    NotRegular(PathBuf),
    /// There is something under that name, and it stays.
    #[error("`{0}` is there already")]
    Exists(PathBuf),
    /// The operating system says no.
    #[error("`{path}` cannot be written: {cause}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What it says.
        cause: io::Error,
    },
}

impl Output {
    /// Standard output.
    pub(super) fn standard(is_terminal: bool) -> Self {
        let leads = match is_terminal {
            true => Leads::ToTerminal,
            false if terminal::stdout_is_piped() => Leads::ToProgram,
            false => Leads::Away,
        };
        let data = Data::new(leads);
        Self::Standard(match is_terminal {
            true => Box::new(LineWriter::new(data)),
            false => Box::new(BufWriter::with_capacity(64 * 1024, data)),
        })
    }

    /// Begins a file; `made` is told what it is called meanwhile. What stands under its name stays untouched until [`finish`](Self::finish).
    ///
    /// Errors: the name is that of a link, a folder or a device; the folder cannot be written.
    pub(super) fn file(path: &Path, made: impl FnOnce(&Path)) -> Result<Self, OutputError> {
        let existing = fs::symlink_metadata(path).ok();
        if existing.as_ref().is_some_and(|found| !found.is_file()) {
            return Err(OutputError::NotRegular(path.to_owned()));
        }
        let temporary = temporary(folder_of(path), existing.as_ref()).map_err(|cause| {
            OutputError::Unwritable {
                path: path.to_owned(),
                cause,
            }
        })?;
        made(temporary.path());
        Ok(Self::File {
            temporary: BufWriter::new(temporary),
            path: path.to_owned(),
        })
    }

    /// Ends the output: a file gets its name only now.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Standard(mut out) => out.flush(),
            Self::File { temporary, path } => {
                let temporary = temporary
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)?;
                temporary.as_file().sync_all()?;
                temporary
                    .persist(path)
                    .map(drop)
                    .map_err(|error| error.error)
            }
        }
    }
}

/// A file beside the one to come, with the rights that one has or would get.
fn temporary(folder: &Path, existing: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY);
    #[cfg(unix)]
    let usual = existing.is_none().then(|| {
        use std::os::unix::fs::PermissionsExt;
        // The process's umask is applied to it.
        fs::Permissions::from_mode(0o666)
    });
    #[cfg(unix)]
    if let Some(usual) = usual {
        builder.permissions(usual);
    }
    let file = builder.tempfile_in(folder)?;
    if let Some(existing) = existing {
        file.as_file().set_permissions(existing.permissions())?;
    }
    Ok(file)
}

/// Makes a file that is not there yet, whole or not at all.
///
/// Errors: there is something under that name; the folder cannot be written.
pub(super) fn create(path: &Path, text: &str) -> Result<(), OutputError> {
    let unwritable = |cause: io::Error| OutputError::Unwritable {
        path: path.to_owned(),
        cause,
    };
    let mut file = temporary(folder_of(path), None).map_err(unwritable)?;
    file.write_all(text.as_bytes()).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    // The name is taken only if it is free, whoever takes it meanwhile.
    file.persist_noclobber(path)
        .map(drop)
        .map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => OutputError::Exists(path.to_owned()),
            _ => unwritable(error.error),
        })
}

/// Writes a file that is its user's alone, whole or not at all. `change` reads what is there and makes the new text of it,
/// or leaves it as it is; nobody else does so meanwhile.
///
/// Errors: there is something under that name that is no regular file; the folder cannot be made or written; what
/// `change` says.
pub(super) fn change<E: From<OutputError>>(
    path: &Path,
    change: impl FnOnce() -> Result<Option<String>, E>,
) -> Result<(), E> {
    let unwritable = |cause: io::Error| OutputError::Unwritable {
        path: path.to_owned(),
        cause,
    };
    let folder = folder_of(path);
    make_folder(folder).map_err(unwritable)?;
    let existing = fs::symlink_metadata(path).ok();
    if existing.is_some_and(|found| !found.is_file()) {
        return Err(OutputError::NotRegular(path.to_owned()).into());
    }
    // Until it is dropped, nobody else reads what they are going to replace. Where folders cannot be locked, nobody waits.
    let lock = fs::File::open(folder).ok();
    let _locked = lock.as_ref().map(fs::File::lock);
    let Some(text) = change()? else {
        return Ok(());
    };
    replace(path, Rights::Own, |file| file.write_all(text.as_bytes())).map_err(unwritable)?;
    Ok(())
}

/// Who may do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    /// Its user may read and write it, and nobody else.
    Own,
    /// Everybody may run it, and its user may change it.
    Program,
}

/// Puts a file, filled by `fill`, in the place of whatever stands under its name, whole or not at all. What it is called
/// meanwhile does not begin with `docker-`: docker would take it for a plugin.
///
/// Errors: the folder cannot be written; what `fill` says.
pub(super) fn replace(
    path: &Path,
    rights: Rights,
    fill: impl FnOnce(&mut fs::File) -> io::Result<()>,
) -> io::Result<()> {
    // Without a word about rights they are 0600.
    let mut file = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder_of(path))?;
    fill(file.as_file_mut())?;
    #[cfg(unix)]
    if rights == Rights::Program {
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o755))?;
    }
    #[cfg(not(unix))]
    let _ = rights;
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// Makes a folder and those that lead to it, for its user alone.
#[cfg(unix)]
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(folder)
}

/// Makes a folder and those that lead to it, for its user alone.
#[cfg(not(unix))]
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::File { temporary, .. } => temporary.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::File { temporary, .. } => temporary.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h2_a_file_is_there_when_it_is_complete_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let mut output = Output::file(&path, |_| {}).unwrap();
        output.write_all(b"new").unwrap();
        output.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let mut dropped = Output::file(&path, |_| {}).unwrap();
        dropped.write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn h1_only_regular_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "kept").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&target, &link).unwrap();
        for path in [link.as_path(), folder.path(), Path::new("/dev/null")] {
            assert!(
                matches!(Output::file(path, |_| {}), Err(OutputError::NotRegular(_))),
                "{path:?}"
            );
        }
        assert!(matches!(
            Output::file(&folder.path().join("no/such/folder"), |_| {}),
            Err(OutputError::Unwritable { .. })
        ));
    }
}
