//! Tar files, as they are or packed with gzip, read without unpacking them to disk.
//!
//! One pass finds out what is in it. A plain file is then read at the places that are asked for. Of a packed one the small
//! documents are kept on the way, since getting back to them means unpacking it all over again; what is not kept is got that
//! way, as long as there is not too much of it. The file is held open, so what is put in its place later is never read.

mod members;
mod tape;
mod walk;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read, Seek};
use std::sync::{Mutex, PoisonError};

use self::members::Members;
pub(super) use self::members::inside;
use self::tape::{Packing, Room, Tape};
use self::walk::{Found, Walk};
use super::store::{Store, StoreError};
use crate::limits::{ARCHIVE_KEPT_BYTES, Limits};
use crate::registry::ArchiveFlaw;

/// Something that an archive can be read from.
pub(in crate::registry) trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// An archive.
pub(super) struct Archive {
    file: Mutex<Opened>,
    packing: Packing,
    members: Members,
    kept: Kept,
}

struct Opened {
    file: Box<dyn Source>,
    room: Room,
}

/// Documents of a packed archive, by the place where they begin.
#[derive(Default)]
struct Kept {
    documents: HashMap<u64, Vec<u8>>,
    bytes: usize,
}

impl Archive {
    /// Finds out what is in a tar file.
    ///
    /// Errors: it is none, it is cut off, or it is beyond one of our bounds.
    pub(super) fn open(mut file: Box<dyn Source>, limits: &Limits) -> Result<Self, ArchiveFlaw> {
        let packing = Packing::of(&mut *file)?;
        let mut opened = Opened {
            file,
            room: Room {
                left: limits.unpacked_bytes,
                limit: limits.unpacked_bytes,
            },
        };
        let mut members = Members::default();
        let mut kept = Kept::default();
        opened.pass(packing, |tape| {
            let mut walk = Walk::new(tape, limits.archive_members);
            while let Some(found) = walk.next()? {
                if packing == Packing::Gzip {
                    kept.take(&found, walk.tape, limits.listing_bytes)?;
                }
                if let Some(name) = &found.name {
                    members.put(name, found.member)?;
                }
            }
            tape.finish()
        })?;
        Ok(Self {
            file: Mutex::new(opened),
            packing,
            members,
            kept,
        })
    }

    /// Tells whether there is something of this name, readable or not.
    pub(super) fn has(&self, path: &str) -> bool {
        self.members.has(path)
    }

    /// How long a regular file is, in bytes.
    pub(super) fn size(&self, path: &str) -> Result<u64, StoreError> {
        Ok(self.members.find(path)?.size)
    }
}

impl Store for Archive {
    fn read(&self, path: &str, bound: usize) -> Result<Cow<'static, [u8]>, StoreError> {
        let member = self.members.find(path)?;
        let size = usize::try_from(member.size).ok();
        let size = size.filter(|size| *size <= bound);
        let size = size.ok_or(StoreError::Longer)?;
        if let Some(kept) = self.kept.documents.get(&member.at) {
            return Ok(Cow::Owned(kept.clone()));
        }
        let mut content = vec![0; size];
        let mut opened = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = opened.pass(self.packing, |tape| {
            tape.go_to(member.at)?;
            tape.read_all(&mut content)
        });
        read.map_err(|flaw| StoreError::io(path, io::Error::other(flaw)))?;
        Ok(Cow::Owned(content))
    }
}

impl Opened {
    /// Goes through the file once, or as far as it is wanted.
    fn pass(
        &mut self,
        packing: Packing,
        work: impl FnOnce(&mut Tape<'_>) -> Result<(), ArchiveFlaw>,
    ) -> Result<(), ArchiveFlaw> {
        let mut tape = Tape::begin(&mut *self.file, packing, self.room)?;
        let done = work(&mut tape);
        if packing == Packing::Gzip {
            self.room.left = self.room.left.saturating_sub(tape.at());
        }
        done
    }
}

impl Kept {
    /// Keeps what looks like a document, where there is room for it.
    fn take(
        &mut self,
        found: &Found,
        tape: &mut Tape<'_>,
        largest: usize,
    ) -> Result<(), ArchiveFlaw> {
        let room = largest.min(ARCHIVE_KEPT_BYTES - self.bytes);
        let size = usize::try_from(found.member.size).ok();
        let Some(size) = size.filter(|size| (1..=room).contains(size)) else {
            return Ok(());
        };
        let mut start = [0; 16];
        let start = &mut start[..size.min(16)];
        tape.read_all(start)?;
        if !is_json(start) {
            return Ok(());
        }
        let mut content = vec![0; size];
        let (first, rest) = content.split_at_mut(start.len());
        first.copy_from_slice(start);
        tape.read_all(rest)?;
        self.bytes += size;
        self.documents.insert(found.member.at, content);
        Ok(())
    }
}

/// Layers are tar files or packed ones; everything else in an archive of images is JSON.
fn is_json(start: &[u8]) -> bool {
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}
