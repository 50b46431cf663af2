//! Where the files of a layout are: a folder, an archive, or the binary itself.
//!
//! A store hands out bytes by path and knows nothing of what they mean. It opens regular files only, follows
//! no link, and never reads more than one byte beyond a bound.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

use crate::registry::Refusal;

/// The files of one layout.
pub(super) trait Store: Send + Sync {
    /// Reads a file. `path` is one of ours: relative, with `/`, made of names without `..`.
    ///
    /// Errors: [`StoreError::Longer`] if there are more than `bound` bytes.
    fn read(&self, path: &str, bound: usize) -> Result<Cow<'static, [u8]>, StoreError>;
}

/// Why a file was not read.
#[derive(Debug)]
pub(super) enum StoreError {
    /// There is nothing under that path.
    Absent,
    /// There are more bytes than the bound allows.
    Longer,
    /// It is a file we do not open.
    Refused {
        /// The path up to what was refused.
        file: String,
        /// Why.
        why: Refusal,
    },
    /// The operating system failed.
    Io {
        /// The path up to what failed.
        file: String,
        /// What it says.
        error: io::Error,
    },
}

impl StoreError {
    pub(super) fn io(file: &str, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::Absent;
        }
        let file = file.to_owned();
        Self::Io { file, error }
    }

    pub(super) fn refused(file: &str, why: Refusal) -> Self {
        let file = file.to_owned();
        Self::Refused { file, why }
    }
}

/// A file as errors tell of it.
pub(super) fn shown(base: &Path, below: &Path) -> String {
    let way = match below.as_os_str().is_empty() {
        true => base.to_owned(),
        false => base.join(below),
    };
    way.to_string_lossy().into_owned()
}

/// Reads at most one byte beyond `bound`, however long the file says it is or grows to be (threats G5).
pub(super) fn read_bounded(
    reader: impl Read,
    path: &str,
    bound: usize,
) -> Result<Cow<'static, [u8]>, StoreError> {
    let mut content = Vec::new();
    let most = (bound as u64).saturating_add(1);
    reader
        .take(most)
        .read_to_end(&mut content)
        .map_err(|error| StoreError::io(path, error))?;
    if content.len() > bound {
        return Err(StoreError::Longer);
    }
    Ok(Cow::Owned(content))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use include_dir::{Dir, DirEntry, File};
    use tempfile::TempDir;

    use super::super::embedded::Embedded;
    #[cfg(unix)]
    use super::super::folder;
    use super::super::portable;
    use super::*;

    const FILES: [(&str, &[u8]); 2] = [("seven", b"7 bytes"), ("a/b/empty", b"")];

    static EMBEDDED: Dir<'static> = Dir::new(
        "top",
        &[
            DirEntry::File(File::new("top/seven", b"7 bytes")),
            DirEntry::Dir(Dir::new(
                "top/a",
                &[DirEntry::Dir(Dir::new(
                    "top/a/b",
                    &[DirEntry::File(File::new("top/a/b/empty", b""))],
                ))],
            )),
        ],
    );

    fn folder() -> TempDir {
        let dir = TempDir::new().unwrap();
        fs::create_dir_all(dir.path().join("a/b")).unwrap();
        for (path, content) in FILES {
            fs::write(dir.path().join(path), content).unwrap();
        }
        dir
    }

    type Opening = fn(&Path, &Path) -> Result<Box<dyn Store>, StoreError>;

    /// Both ways to read a folder, where there are two.
    fn openings() -> Vec<Opening> {
        vec![
            #[cfg(unix)]
            |base, below| Ok(Box::new(folder::Folder::open(base, below)?)),
            |base, below| Ok(Box::new(portable::Folder::open(base, below)?)),
        ]
    }

    fn stores(dir: &TempDir) -> Vec<Box<dyn Store>> {
        let open = |opening: Opening| opening(dir.path(), Path::new("")).unwrap();
        openings().into_iter().map(open).collect()
    }

    /// What became of reading, in one word and the file it was about.
    fn outcome(read: Result<Cow<'static, [u8]>, StoreError>) -> String {
        match read {
            Ok(content) => format!("{} bytes", content.len()),
            Err(StoreError::Absent) => "absent".to_owned(),
            Err(StoreError::Longer) => "longer".to_owned(),
            Err(StoreError::Refused { file, why }) => format!("{file}: {why}"),
            Err(StoreError::Io { file, error }) => format!("{file}: {error}"),
        }
    }

    #[test]
    fn files_are_read_up_to_the_bound_from_every_kind_of_store() {
        let dir = folder();
        let mut stores = stores(&dir);
        stores.push(Box::new(Embedded(&EMBEDDED)));
        for store in stores {
            assert_eq!(outcome(store.read("seven", 8)), "7 bytes");
            assert_eq!(outcome(store.read("seven", 7)), "7 bytes");
            assert_eq!(outcome(store.read("seven", 6)), "longer");
            assert_eq!(outcome(store.read("a/b/empty", 0)), "0 bytes");
            for absent in ["eight", "a/eight", "x/y/z", "a/b/empty2"] {
                assert_eq!(outcome(store.read(absent, 9)), "absent", "{absent}");
            }
        }
    }

    #[test]
    fn g5_what_is_no_regular_file_is_refused() {
        let dir = folder();
        for store in stores(&dir) {
            assert_eq!(outcome(store.read("a", 9)), "a: it is a folder");
            assert_eq!(
                outcome(store.read("seven/x", 9)),
                "seven: it is not a folder"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn g5_a_pipe_a_socket_and_a_device_are_refused_at_once() {
        let dir = folder();
        let made = std::process::Command::new("mkfifo")
            .arg(dir.path().join("pipe"))
            .status();
        assert!(made.unwrap().success());
        let _listening = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        for store in stores(&dir) {
            for special in ["pipe", "socket"] {
                let refused = format!("{special}: it is not a regular file");
                assert_eq!(outcome(store.read(special, 9)), refused);
            }
        }
        for opening in openings() {
            let devices = opening(Path::new("/dev"), Path::new("")).unwrap();
            assert_eq!(
                outcome(devices.read("zero", 9)),
                "zero: it is not a regular file"
            );
        }
    }

    #[test]
    fn g5_reading_stops_one_byte_beyond_the_bound() {
        struct Endless(usize);
        impl Read for &mut Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len();
                Ok(buffer.len())
            }
        }
        let mut endless = Endless(0);
        assert_eq!(
            outcome(read_bounded(&mut endless, "growing", 1000)),
            "longer"
        );
        assert_eq!(endless.0, 1001);
    }

    #[cfg(unix)]
    #[test]
    fn g10_links_are_refused_as_files_and_on_the_way() {
        use std::os::unix::fs::symlink;
        let dir = folder();
        symlink(dir.path().join("seven"), dir.path().join("link")).unwrap();
        symlink("nowhere", dir.path().join("dangling")).unwrap();
        symlink("a", dir.path().join("c")).unwrap();
        for store in stores(&dir) {
            assert_eq!(
                outcome(store.read("link", 9)),
                "link: it is a symbolic link"
            );
            assert_eq!(
                outcome(store.read("dangling", 9)),
                "dangling: it is a symbolic link"
            );
            assert_eq!(
                outcome(store.read("c/b/empty", 9)),
                "c: it is a symbolic link"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn g10_the_base_may_be_a_link_and_nothing_below_it() {
        use std::os::unix::fs::symlink;
        let dir = folder();
        symlink("a", dir.path().join("c")).unwrap();
        let base = dir.path().join("c");
        for opening in openings() {
            let store = opening(&base, Path::new("b")).unwrap();
            assert_eq!(outcome(store.read("empty", 0)), "0 bytes");
            let refused = opening(dir.path(), Path::new("c/b")).err().unwrap();
            assert!(outcome(Err(refused)).ends_with("/c: it is a symbolic link"));
        }
    }

    type OpeningFile = fn(&Path, &Path) -> Result<fs::File, StoreError>;

    /// Opens one file in both ways, and tells of it as [`outcome`] does.
    fn one_file(base: &Path, below: &str) -> Vec<String> {
        let ways: Vec<OpeningFile> = vec![
            #[cfg(unix)]
            folder::file,
            portable::file,
        ];
        let tell = |way: OpeningFile| {
            outcome(way(base, Path::new(below)).and_then(|file| read_bounded(file, below, 99)))
        };
        ways.into_iter().map(tell).collect()
    }

    #[test]
    fn g5_one_file_is_a_regular_file() {
        let dir = folder();
        let (base, seven) = (dir.path(), dir.path().join("seven"));
        for (base, below, expected) in [
            (base, "seven", "7 bytes"),
            (base, "a/b/empty", "0 bytes"),
            (&seven, "", "7 bytes"),
            (base, "a/eight", "absent"),
            (&base.join("eight"), "", "absent"),
        ] {
            for outcome in one_file(base, below) {
                assert_eq!(outcome, expected, "{below}");
            }
        }
        let folders = [one_file(base, ""), one_file(base, "a")].concat();
        assert!(
            folders
                .iter()
                .all(|said| said.ends_with(": it is a folder"))
        );
        #[cfg(unix)]
        for outcome in one_file(Path::new("/dev/zero"), "") {
            assert!(outcome.ends_with("not a regular file"), "{outcome}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn g10_one_file_is_reached_by_links_only_where_the_user_names_it() {
        use std::os::unix::fs::symlink;
        let dir = folder();
        symlink("seven", dir.path().join("link")).unwrap();
        symlink("a", dir.path().join("c")).unwrap();
        for outcome in one_file(&dir.path().join("link"), "") {
            assert_eq!(outcome, "7 bytes");
        }
        for below in ["link", "c/b/empty"] {
            for outcome in one_file(dir.path(), below) {
                assert!(outcome.ends_with("it is a symbolic link"), "{outcome}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn g10_a_folder_swapped_for_a_link_while_it_is_open_leads_nowhere() {
        let (dir, other) = (folder(), folder());
        fs::write(other.path().join("seven"), "other").unwrap();
        let inside = dir.path().join("a/b");
        fs::write(inside.join("seven"), "7 bytes").unwrap();
        let store = folder::Folder::open(dir.path(), Path::new("a/b")).unwrap();
        fs::rename(&inside, dir.path().join("away")).unwrap();
        std::os::unix::fs::symlink(other.path(), &inside).unwrap();
        assert_eq!(outcome(store.read("seven", 9)), "7 bytes");
    }
}
