//! A folder on disk, or one file, where there is no `openat`, as on Windows.
//!
//! Each step of a path is looked at before the next is taken, and links - junctions too - are refused. Unlike
//! `folder`, a name that is swapped for a link between the look and the opening would be followed: whoever can
//! do that writes in the user's own folder while the program runs.

use std::borrow::Cow;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

use super::store::{Store, StoreError, read_bounded, shown};
use crate::registry::Refusal;

/// A folder, by its path.
pub(super) struct Folder(PathBuf);

enum Wanted {
    Folder,
    File,
}

impl Folder {
    /// Looks at `base`, by links if it must be, and then at `below` without.
    pub(super) fn open(base: &Path, below: &Path) -> Result<Self, StoreError> {
        let shown = base.to_string_lossy();
        let found = fs::metadata(base).map_err(|error| StoreError::io(&shown, error))?;
        check(&found, &shown, &Wanted::Folder)?;
        let mut way = base.to_path_buf();
        for name in below.components() {
            way.push(name);
            look(&way, &way.to_string_lossy(), &Wanted::Folder)?;
        }
        Ok(Self(way))
    }
}

/// Opens a regular file. `base` is reached by links if it must be, `below` without; where `below` says nothing, `base` is
/// the file.
pub(super) fn file(base: &Path, below: &Path) -> Result<File, StoreError> {
    let shown = shown(base, below);
    let failed = |error| StoreError::io(&shown, error);
    let way = match (below.parent(), below.file_name()) {
        (Some(folder), Some(name)) => {
            let way = Folder::open(base, folder)?.0.join(name);
            look(&way, &shown, &Wanted::File)?;
            way
        }
        _ => {
            check(&fs::metadata(base).map_err(failed)?, &shown, &Wanted::File)?;
            base.to_owned()
        }
    };
    let file = File::open(&way).map_err(failed)?;
    check(&file.metadata().map_err(failed)?, &shown, &Wanted::File)?;
    Ok(file)
}

impl Store for Folder {
    fn read(&self, path: &str, bound: usize) -> Result<Cow<'static, [u8]>, StoreError> {
        let mut way = self.0.clone();
        let mut rest = path;
        while let Some((name, after)) = rest.split_once('/') {
            way.push(name);
            let shown = &path[..path.len() - after.len() - 1];
            look(&way, shown, &Wanted::Folder)?;
            rest = after;
        }
        way.push(rest);
        look(&way, path, &Wanted::File)?;
        let failed = |error| StoreError::io(path, error);
        let file = File::open(&way).map_err(failed)?;
        check(&file.metadata().map_err(failed)?, path, &Wanted::File)?;
        read_bounded(file, path, bound)
    }
}

fn look(way: &Path, shown: &str, wanted: &Wanted) -> Result<(), StoreError> {
    let found = fs::symlink_metadata(way).map_err(|error| StoreError::io(shown, error))?;
    check(&found, shown, wanted)
}

fn check(found: &Metadata, shown: &str, wanted: &Wanted) -> Result<(), StoreError> {
    let why = match (found.file_type(), wanted) {
        (kind, _) if kind.is_symlink() => Refusal::Link,
        (kind, Wanted::Folder) if kind.is_dir() => return Ok(()),
        (kind, Wanted::File) if kind.is_file() => return Ok(()),
        (_, Wanted::Folder) => Refusal::NoFolder,
        (kind, Wanted::File) if kind.is_dir() => Refusal::Folder,
        (_, Wanted::File) => Refusal::Special,
    };
    Err(StoreError::refused(shown, why))
}
