//! Where a layout is, and how far it may be trusted to be there.

use std::path::{Component, Path, PathBuf};

use include_dir::Dir;

use super::embedded::Embedded;
#[cfg(unix)]
use super::folder::Folder;
#[cfg(not(unix))]
use super::portable::Folder;
use super::store::{Store, StoreError};
use crate::oci::Repository;
use crate::registry::error::outside;
use crate::registry::{Refusal, RegistryError};

/// Where a layout is.
#[derive(Debug, Clone)]
pub struct LayoutRoot(Place);

#[derive(Debug, Clone)]
enum Place {
    /// `path` has no `..` and is followed without links; `base` is reached by links too.
    Folder {
        base: PathBuf,
        path: PathBuf,
    },
    Embedded(&'static Dir<'static>),
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
        Ok(Self(Place::Folder { base, path: down }))
    }

    /// A layout named on the command line: wherever the user says.
    pub fn anywhere(path: impl Into<PathBuf>) -> Self {
        Self(Place::Folder {
            base: path.into(),
            path: PathBuf::new(),
        })
    }

    /// A layout that is part of the binary.
    pub fn embedded(dir: &'static Dir<'static>) -> Self {
        Self(Place::Embedded(dir))
    }

    pub(super) fn open(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(match &self.0 {
            Place::Folder { base, path } => Box::new(Folder::open(base, path)?),
            Place::Embedded(dir) => Box::new(Embedded(dir)),
        })
    }

    /// What a repository is called of which only tags are known: the folder's name made a repository name,
    /// `image` if nothing of it is left.
    pub(super) fn fallback_repository(&self) -> Repository {
        let path = match &self.0 {
            Place::Folder { base, path } => base.join(path),
            Place::Embedded(dir) => dir.path().to_path_buf(),
        };
        // `.` has no name of its own; a path that cannot be made absolute keeps the one it has.
        let path = std::path::absolute(&path).unwrap_or(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        repository_named(&name.to_ascii_lowercase())
    }
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
