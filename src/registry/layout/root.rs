//! Where a layout is, in which form, and how far it may be trusted to be there.

use std::path::{Component, Path, PathBuf};

use include_dir::Dir;

use super::archive::Archive;
use super::catalog::INDEX_FILE;
use super::embedded::Embedded;
#[cfg(unix)]
use super::folder::{Folder, file};
#[cfg(not(unix))]
use super::portable::{Folder, file};
use super::saved::MANIFEST_FILE;
use super::store::{Store, StoreError};
use crate::limits::Limits;
use crate::oci::Repository;
use crate::registry::error::outside;
use crate::registry::{ArchiveFlaw, Refusal, RegistryError};

/// Where a layout is, and in which form.
#[derive(Debug, Clone)]
pub struct LayoutRoot {
    place: Place,
    form: Form,
}

/// In which form images are kept on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// A folder with an OCI image layout.
    Folder,
    /// Such a folder in a tar file.
    OciArchive,
    /// A tar file of `docker save`.
    DockerArchive,
}

/// What was found there.
pub(super) enum Files {
    /// Those of an OCI image layout.
    Layout(Box<dyn Store>),
    /// Those of `docker save` as it was before it wrote such layouts.
    Saved(Archive),
}

#[derive(Debug, Clone)]
enum Place {
    /// `path` has no `..` and is followed without links; `base` is reached by links too.
    Folder {
        base: PathBuf,
        path: PathBuf,
    },
    Embedded(&'static Dir<'static>),
}

/// Why nothing was opened.
pub(super) enum NotOpened {
    /// It cannot be got at.
    Store(StoreError),
    /// It is no archive.
    Archive(ArchiveFlaw),
}

impl From<StoreError> for NotOpened {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ArchiveFlaw> for NotOpened {
    fn from(flaw: ArchiveFlaw) -> Self {
        Self::Archive(flaw)
    }
}

impl LayoutRoot {
    /// A layout named in a query file: below the file's folder `base`, with no link on the way down from there
    /// (threats G10). `base` itself may be reached by links, as the user typed it.
    ///
    /// Errors: [`RegistryError::UnsafeFile`] if `path` is absolute or has a step `..`.
    pub fn below(base: impl Into<PathBuf>, path: &Path) -> Result<Self, RegistryError> {
        let mut down = PathBuf::new();
        for step in path.components() {
            match step {
                Component::Normal(name) => down.push(name),
                Component::CurDir => {}
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    return Err(RegistryError::UnsafeFile {
                        file: outside(&path.to_string_lossy()),
                        why: Refusal::Outside,
                    });
                }
            }
        }
        // `Path::parent` of a bare file name is empty, which no system opens.
        let base = Path::new(".").join(base.into());
        Ok(Self::of(Place::Folder { base, path: down }))
    }

    /// A layout named on the command line: wherever the user says.
    pub fn anywhere(path: impl Into<PathBuf>) -> Self {
        Self::of(Place::Folder {
            base: path.into(),
            path: PathBuf::new(),
        })
    }

    /// A layout that is part of the binary.
    pub fn embedded(dir: &'static Dir<'static>) -> Self {
        Self::of(Place::Embedded(dir))
    }

    fn of(place: Place) -> Self {
        let form = Form::Folder;
        Self { place, form }
    }

    /// The same place, where images are in this form.
    pub fn with(self, form: Form) -> Self {
        Self { form, ..self }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// Opens what is there.
    ///
    /// Errors: [`StoreError::Absent`] if there is nothing; what cannot be opened, or is no archive.
    pub(super) fn open(&self, limits: &Limits) -> Result<Files, NotOpened> {
        let file = match (&self.place, self.form) {
            (Place::Folder { base, path }, Form::Folder) => {
                return Ok(Files::Layout(Box::new(Folder::open(base, path)?)));
            }
            (Place::Embedded(dir), Form::Folder) => {
                return Ok(Files::Layout(Box::new(Embedded(dir))));
            }
            (Place::Folder { base, path }, _) => file(base, path)?,
            // No archive comes with the program.
            (Place::Embedded(_), _) => return Err(StoreError::Absent.into()),
        };
        let archive = Archive::open(Box::new(file), limits)?;
        Ok(Files::of(archive, self.form)?)
    }

    /// What a repository is called of which only tags are known: the name of the folder, or of the archive without what
    /// says that it is one, made a repository name; `image` if nothing of it is left.
    pub(super) fn fallback_repository(&self) -> Repository {
        let path = match &self.place {
            Place::Folder { base, path } => base.join(path),
            Place::Embedded(dir) => dir.path().to_path_buf(),
        };
        // `.` has no name of its own; a path that cannot be made absolute keeps the one it has.
        let path = std::path::absolute(&path).unwrap_or(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        repository_named(match self.form {
            Form::Folder => &name,
            Form::OciArchive | Form::DockerArchive => without_ending(&name),
        })
    }
}

impl Files {
    /// What is in an archive. `docker save` writes layouts since Docker 25, and beside them what it wrote before: the
    /// layout says more.
    ///
    /// Errors: it is neither.
    pub(super) fn of(archive: Archive, form: Form) -> Result<Self, ArchiveFlaw> {
        match form {
            Form::DockerArchive if archive.has(INDEX_FILE) => Ok(Self::Layout(Box::new(archive))),
            Form::DockerArchive if archive.has(MANIFEST_FILE) => Ok(Self::Saved(archive)),
            Form::DockerArchive => Err(ArchiveFlaw::NoImages),
            Form::Folder | Form::OciArchive => Ok(Self::Layout(Box::new(archive))),
        }
    }
}

/// How names of archives end.
const ENDINGS: [&str; 4] = [".tar.gz", ".tgz", ".tar", ".oci"];

fn without_ending(name: &str) -> &str {
    let endings = ENDINGS.iter();
    let bare = endings
        .filter_map(|ending| name.strip_suffix(ending))
        .next();
    bare.unwrap_or(name)
}

fn repository_named(name: &str) -> Repository {
    let words = name.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let image = || "image".parse().expect("`image` follows the grammar");
    name.parse()
        .or_else(|_| words.join("-").parse())
        .unwrap_or_else(|_| image())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lends_its_name_to_a_repository() {
        for (path, name) in [
            ("/a/demo", "demo"),
            ("/a/demo/.", "demo"),
            ("/a/my_app.v2", "my_app.v2"),
            ("/a/My App (copy)", "my-app-copy"),
            ("/a/größe", "gr-e"),
            ("/a/--", "image"),
            ("/a/日本", "image"),
            ("/", "image"),
            ("/a/..", "image"),
        ] {
            let root = LayoutRoot::anywhere(path);
            assert_eq!(root.fallback_repository().as_str(), name, "{path}");
        }
        let below = LayoutRoot::below("/q/files", Path::new("./x/Web")).unwrap();
        assert_eq!(below.fallback_repository().as_str(), "web");
    }

    #[test]
    fn an_archive_lends_its_name_without_its_ending() {
        for (path, name) in [
            ("/a/demo.tar", "demo"),
            ("/a/demo.tar.gz", "demo"),
            ("/a/Demo.TGZ", "demo"),
            ("/a/demo.oci", "demo"),
            ("/a/demo.v2.tar", "demo.v2"),
            ("/a/demo", "demo"),
            ("/a/.tar", "image"),
        ] {
            let root = LayoutRoot::anywhere(path).with(Form::OciArchive);
            assert_eq!(root.fallback_repository().as_str(), name, "{path}");
        }
        let folder = LayoutRoot::anywhere("/a/demo.tar");
        assert_eq!(folder.fallback_repository().as_str(), "demo.tar");
    }

    #[test]
    fn g10_a_path_of_a_query_file_leads_down_only() {
        for good in ["demo", "./demo", "a/./b/", "", ".", "..a/b.."] {
            assert!(LayoutRoot::below("/q", Path::new(good)).is_ok(), "{good}");
        }
        for bad in ["..", "../x", "a/..", "a/../../b", "/", "/etc", "./.."] {
            let refused = LayoutRoot::below("/q", Path::new(bad)).unwrap_err();
            assert_eq!(refused.code(), "UNSAFE_FILE", "{bad}");
        }
    }
}
