//! A folder on disk, or one file, read without following links (threats G5, G10).
//!
//! Each step of a path is taken from the folder before it, held open, so that swapping a name for a link
//! while we read leads nowhere. What is no folder or regular file is not even opened: opening a pipe can
//! wait for ever, and opening a device can do something.

use std::borrow::Cow;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat, fstat, openat, statat};

use super::store::{Store, StoreError, read_bounded, shown};
use crate::registry::Refusal;

/// What becomes of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Links {
    Refused,
    Followed,
}

/// A folder, held open.
pub(super) struct Folder(OwnedFd);

impl Folder {
    /// Opens `base`, by links if it must be, and then `below` without.
    pub(super) fn open(base: &Path, below: &Path) -> Result<Self, StoreError> {
        let shown = base.to_string_lossy();
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder = openat(CWD, base, flags, Mode::empty()).map_err(|error| match error {
            rustix::io::Errno::NOTDIR => StoreError::refused(&shown, Refusal::NoFolder),
            error => StoreError::io(&shown, error.into()),
        })?;
        let mut way = base.to_path_buf();
        for name in below.components() {
            way.push(name);
            let name: &Path = name.as_ref();
            let shown = way.to_string_lossy();
            let wanted = FileType::Directory;
            folder = step(&folder, name, &shown, wanted, Links::Refused)?;
        }
        Ok(Self(folder))
    }
}

/// Opens a regular file. `base` is reached by links if it must be, `below` without; where `below` says nothing, `base` is
/// the file.
pub(super) fn file(base: &Path, below: &Path) -> Result<File, StoreError> {
    let shown = shown(base, below);
    let wanted = FileType::RegularFile;
    let file = match (below.parent(), below.file_name()) {
        (Some(folder), Some(name)) => {
            let folder = Folder::open(base, folder)?;
            step(&folder.0, name.as_ref(), &shown, wanted, Links::Refused)?
        }
        _ => step(CWD, base, &shown, wanted, Links::Followed)?,
    };
    Ok(File::from(file))
}

impl Store for Folder {
    fn read(&self, path: &str, bound: usize) -> Result<Cow<'static, [u8]>, StoreError> {
        let mut folder = self
            .0
            .try_clone()
            .map_err(|error| StoreError::io(path, error))?;
        let mut rest = path;
        while let Some((name, after)) = rest.split_once('/') {
            let way = &path[..path.len() - after.len() - 1];
            let name = Path::new(name);
            folder = step(&folder, name, way, FileType::Directory, Links::Refused)?;
            rest = after;
        }
        let name = Path::new(rest);
        let file = step(&folder, name, path, FileType::RegularFile, Links::Refused)?;
        read_bounded(File::from(file), path, bound)
    }
}

/// Opens `name` inside `folder` if it is what is wanted. It is looked at before it is opened and again after,
/// because it may have been replaced in between.
fn step(
    folder: impl AsFd,
    name: &Path,
    shown: &str,
    wanted: FileType,
    links: Links,
) -> Result<OwnedFd, StoreError> {
    let failed = |error: rustix::io::Errno| match error {
        rustix::io::Errno::LOOP => StoreError::refused(shown, Refusal::Link),
        error => StoreError::io(shown, error.into()),
    };
    let (look, open) = match links {
        Links::Refused => (AtFlags::SYMLINK_NOFOLLOW, OFlags::NOFOLLOW),
        Links::Followed => (AtFlags::empty(), OFlags::empty()),
    };
    let before = statat(&folder, name, look).map_err(failed)?;
    check(&before, shown, wanted)?;
    let flags = open | OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let opened = openat(&folder, name, flags, Mode::empty()).map_err(failed)?;
    check(&fstat(&opened).map_err(failed)?, shown, wanted)?;
    Ok(opened)
}

fn check(stat: &Stat, shown: &str, wanted: FileType) -> Result<(), StoreError> {
    let why = match FileType::from_raw_mode(stat.st_mode) {
        found if found == wanted => return Ok(()),
        FileType::Symlink => Refusal::Link,
        _ if wanted == FileType::Directory => Refusal::NoFolder,
        FileType::Directory => Refusal::Folder,
        _ => Refusal::Special,
    };
    Err(StoreError::refused(shown, why))
}
