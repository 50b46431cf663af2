//! Reading the text of a query, or of a list for one: under a bound, and only from what has an end (threats G5).

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Source;
use crate::limits::{LIST_FILE_BYTES, QUERY_FILE_BYTES};
use crate::safe::Safe;

/// Why a text could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened.
    #[error("cannot open `{name}`")]
    Open {
        /// The path.
        name: Safe,
        /// What the system said.
        source: io::Error,
    },
    /// Reading broke off.
    #[error("cannot read `{name}`")]
    Read {
        /// The path.
        name: Safe,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a file with an end.
    #[error("`{name}` is {kind}, not a file")]
    NotRegular {
        /// The path.
        name: Safe,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// It is beyond the bound.
    #[error("`{name}` is longer than {most} bytes")]
    TooLong {
        /// The path.
        name: Safe,
        /// The bound.
        most: usize,
    },
    /// It is not text.
    #[error("`{name}` is not UTF-8: byte {at} belongs to no character")]
    NotUtf8 {
        /// The path.
        name: Safe,
        /// The first such byte, counted from 0.
        at: usize,
    },
}

/// Reads a query file.
///
/// Errors: what cannot be opened or read, is no regular file, has more than [`QUERY_FILE_BYTES`], or is not UTF-8.
pub fn read_query(path: &Path) -> Result<Arc<Source>, ReadError> {
    read_text(path, QUERY_FILE_BYTES)
}

/// Reads a query from standard input, under the same bound as a file.
pub fn read_stdin(input: impl Read) -> Result<Arc<Source>, ReadError> {
    read_bounded(input, "<stdin>", QUERY_FILE_BYTES)
}

/// Reads a file of elements for a list, as the user names one on the command line.
///
/// Errors: as for a query file, with [`LIST_FILE_BYTES`] as the bound.
pub fn read_list(path: &Path) -> Result<Arc<Source>, ReadError> {
    read_text(path, LIST_FILE_BYTES)
}

/// Reads elements for a list from standard input, under the same bound as a file.
pub fn read_list_from(input: impl Read) -> Result<Arc<Source>, ReadError> {
    read_bounded(input, "<stdin>", LIST_FILE_BYTES)
}

/// Reads a file of text that may have so many bytes.
///
/// Errors: as for a query file, with `most` as the bound.
pub fn read_text(path: &Path, most: usize) -> Result<Arc<Source>, ReadError> {
    let shown = path.to_string_lossy();
    let name = || Safe::new(&shown);
    let opened = open(path).and_then(|file| Ok((file.metadata()?.file_type(), file)));
    let (kind, file) = opened.map_err(|source| ReadError::Open {
        name: name(),
        source,
    })?;
    if !kind.is_file() {
        return Err(ReadError::NotRegular {
            name: name(),
            kind: describe(kind),
        });
    }
    read_bounded(file, &shown, most)
}

/// The size a file claims is not asked: it may be grown while it is read.
fn read_bounded(input: impl Read, shown: &str, most: usize) -> Result<Arc<Source>, ReadError> {
    let name = || Safe::new(shown);
    let mut bytes = Vec::new();
    let mut bounded = input.take(most as u64 + 1);
    bounded
        .read_to_end(&mut bytes)
        .map_err(|source| ReadError::Read {
            name: name(),
            source,
        })?;
    if bytes.len() > most {
        return Err(ReadError::TooLong { name: name(), most });
    }
    let text = String::from_utf8(bytes).map_err(|error| ReadError::NotUtf8 {
        name: name(),
        at: error.utf8_error().valid_up_to(),
    })?;
    Ok(Source::new(shown, text))
}

/// Opens without waiting for a writer, as a pipe would have us, and without making a terminal ours.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;

    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    File::options()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

fn describe(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "a pipe";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        return "a folder";
    }
    "something else"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read_bytes(bytes: &[u8]) -> Result<Arc<Source>, ReadError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.yaml");
        fs::write(&path, bytes).unwrap();
        read_query(&path)
    }

    #[test]
    fn a_file_is_a_source_under_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("q.yaml");
        fs::write(&path, "kind: Query\n").unwrap();
        let source = read_query(&path).unwrap();
        assert_eq!(source.name, path.to_str().unwrap());
        assert_eq!(source.text, "kind: Query\n");
    }

    #[test]
    fn g5_a_mebibyte_is_read_and_a_byte_more_is_not() {
        for length in [QUERY_FILE_BYTES - 1, QUERY_FILE_BYTES] {
            assert_eq!(read_bytes(&vec![b'a'; length]).unwrap().text.len(), length);
        }
        let error = read_bytes(&vec![b'a'; QUERY_FILE_BYTES + 1]).unwrap_err();
        let text = error.to_string();
        assert!(text.ends_with("is longer than 1048576 bytes"), "{text}");
    }

    #[test]
    fn g5_input_without_end_is_refused() {
        let error = read_stdin(io::repeat(b'a')).unwrap_err();
        assert_eq!(error.to_string(), "`<stdin>` is longer than 1048576 bytes");
        assert_eq!(read_stdin(&b"a: b"[..]).unwrap().text, "a: b");
    }

    #[test]
    fn g5_a_list_has_a_bound_of_its_own() {
        let error = read_list_from(io::repeat(b'a')).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("`<stdin>` is longer than {LIST_FILE_BYTES} bytes")
        );
        assert_eq!(read_list_from(&b"a\nb"[..]).unwrap().text, "a\nb");
    }

    #[test]
    fn g6_bytes_that_are_not_utf8_are_refused_with_their_place() {
        for (bytes, expected) in [
            (&b"\xff"[..], 0),
            (b"ab\xc3", 2),
            (b"\xc3\xa9\xed\xa0\x80", 2),
        ] {
            match read_bytes(bytes) {
                Err(ReadError::NotUtf8 { at, .. }) => assert_eq!(at, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_missing_file_says_so() {
        let error = read_query(Path::new("/no/such/\u{1b}[31mfile.yaml")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot open `/no/such/\\x1b[31mfile.yaml`"
        );
        let source = std::error::Error::source(&error).unwrap();
        assert!(!source.to_string().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn g5_a_folder_a_pipe_and_a_device_are_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for (path, kind) in [
            (folder.path(), "a folder"),
            (&pipe, "a pipe"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let error = read_query(path).unwrap_err().to_string();
            assert!(
                error.ends_with(&format!("is {kind}, not a file")),
                "{error}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn g5_a_link_to_a_device_is_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("q.yaml");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert!(matches!(
            read_query(&link),
            Err(ReadError::NotRegular { .. })
        ));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn h3_a_path_that_is_not_utf8_is_opened_and_shown() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(OsStr::from_bytes(b"q\xff.yaml"));
        fs::write(&path, "a: b").unwrap();
        assert!(read_query(&path).unwrap().name.ends_with("q\u{fffd}.yaml"));
    }
}
