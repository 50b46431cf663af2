//! A document's file, read within bounds (threats H4).

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::limits::CREDENTIAL_FILE_BYTES;
use crate::registry::Refusal;

/// Why a file was not read.
pub(super) enum Unread {
    /// It is not there.
    Absent,
    /// It is beyond our bound.
    TooLarge,
    /// It is no regular file.
    Refused(Refusal),
    /// The operating system failed.
    Io(io::Error),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            // Below something that is no folder there is no file either; some systems give us `/dev/null` for a home.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Absent,
            _ => Self::Io(error),
        }
    }
}

/// Reads a regular file, by links if it must be: many keep their settings elsewhere. What is none is not even opened:
/// opening a pipe can wait for ever.
pub(super) fn content(path: &Path) -> Result<Vec<u8>, Unread> {
    check(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    check(&file.metadata()?)?;
    let mut content = Vec::new();
    file.take(CREDENTIAL_FILE_BYTES as u64 + 1)
        .read_to_end(&mut content)?;
    match content.len() <= CREDENTIAL_FILE_BYTES {
        true => Ok(content),
        false => Err(Unread::TooLarge),
    }
}

fn check(found: &Metadata) -> Result<(), Unread> {
    match (found.is_file(), found.is_dir()) {
        (true, _) => Ok(()),
        (_, true) => Err(Unread::Refused(Refusal::Folder)),
        _ => Err(Unread::Refused(Refusal::Special)),
    }
}
