//! The bytes of a tar file, one after another: as they lie there, or unpacked on the way.
//!
//! What is passed over in a plain file is never read. What is packed has to be unpacked to get past it, so there is an end
//! to how much is (threats C2).

use std::io::{self, BufReader, Read, SeekFrom};

use flate2::bufread::MultiGzDecoder;

use super::Source;
use crate::registry::ArchiveFlaw;
use crate::registry::error::outside;

/// How a tar file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    Plain,
    /// With gzip (RFC 1952).
    Gzip,
}

/// How a packed file begins that is not read.
const OTHERS: [(&[u8], &str); 4] = [
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
];

const GZIP: &[u8] = b"\x1f\x8b";

impl Packing {
    /// Tells by how a file begins, and goes back there.
    ///
    /// Errors: [`ArchiveFlaw::Packed`] with something that is not read.
    pub(super) fn of(file: &mut dyn Source) -> Result<Self, ArchiveFlaw> {
        let mut start = [0; 8];
        let read = fill(file, &mut start).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let start = &start[..read];
        match OTHERS.iter().find(|(magic, _)| start.starts_with(magic)) {
            Some((_, name)) => Err(ArchiveFlaw::Packed(name)),
            None if start.starts_with(GZIP) => Ok(Self::Gzip),
            None => Ok(Self::Plain),
        }
    }
}

/// How much may be unpacked, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// What is left of it.
    pub(super) left: u64,
    /// All of it.
    pub(super) limit: u64,
}

/// A tar file on its way past.
pub(super) struct Tape<'f> {
    reader: Reader<'f>,
    at: u64,
}

enum Reader<'f> {
    Plain {
        file: BufReader<&'f mut dyn Source>,
        length: u64,
    },
    Gzip {
        unpacked: Box<MultiGzDecoder<BufReader<&'f mut dyn Source>>>,
        room: Room,
    },
}

impl<'f> Tape<'f> {
    /// Begins at the beginning.
    pub(super) fn begin(
        file: &'f mut dyn Source,
        packing: Packing,
        room: Room,
    ) -> Result<Self, ArchiveFlaw> {
        let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        let file = BufReader::new(file);
        let reader = match packing {
            Packing::Plain => Reader::Plain { file, length },
            Packing::Gzip => Reader::Gzip {
                unpacked: Box::new(MultiGzDecoder::new(file)),
                room,
            },
        };
        Ok(Self { reader, at: 0 })
    }

    /// How many bytes are past.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Reads until `buffer` is full or nothing is left, and tells how much there was.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ArchiveFlaw> {
        let wanted = buffer.len() as u64;
        let read = match &mut self.reader {
            Reader::Plain { file, .. } => fill(file, buffer).map_err(unreadable)?,
            Reader::Gzip { unpacked, room } => {
                room.check(self.at, wanted)?;
                fill(&mut **unpacked, buffer).map_err(broken)?
            }
        };
        self.at += read as u64;
        Ok(read)
    }

    /// Reads all of `buffer`.
    ///
    /// Errors: [`ArchiveFlaw::CutOff`] if there is less.
    pub(super) fn read_all(&mut self, buffer: &mut [u8]) -> Result<(), ArchiveFlaw> {
        match self.read(buffer)? == buffer.len() {
            true => Ok(()),
            false => Err(ArchiveFlaw::CutOff),
        }
    }

    /// Unpacks what is left of what is packed: only then is it known to be whole.
    pub(super) fn finish(&mut self) -> Result<(), ArchiveFlaw> {
        let Reader::Gzip { unpacked, room } = &mut self.reader else {
            return Ok(());
        };
        let left = room.left.saturating_sub(self.at);
        let mut rest = unpacked.take(left.saturating_add(1));
        let rest = io::copy(&mut rest, &mut io::sink()).map_err(broken)?;
        self.at = self.at.saturating_add(rest);
        match rest <= left {
            true => Ok(()),
            false => Err(ArchiveFlaw::Unpacked(room.limit)),
        }
    }

    /// Passes over everything before this place.
    ///
    /// Errors: [`ArchiveFlaw::CutOff`] if it does not go that far.
    pub(super) fn go_to(&mut self, place: u64) -> Result<(), ArchiveFlaw> {
        let distance = place.checked_sub(self.at).ok_or(ArchiveFlaw::CutOff)?;
        match &mut self.reader {
            Reader::Plain { file, length } => {
                let step = i64::try_from(distance).ok().filter(|_| place <= *length);
                let step = step.ok_or(ArchiveFlaw::CutOff)?;
                file.seek_relative(step).map_err(unreadable)?;
            }
            Reader::Gzip { unpacked, room } => {
                room.check(self.at, distance)?;
                let mut passed = unpacked.take(distance);
                let passed = io::copy(&mut passed, &mut io::sink()).map_err(broken)?;
                if passed < distance {
                    return Err(ArchiveFlaw::CutOff);
                }
            }
        }
        self.at = place;
        Ok(())
    }
}

impl Room {
    fn check(self, at: u64, more: u64) -> Result<(), ArchiveFlaw> {
        match at.checked_add(more) {
            Some(end) if end <= self.left => Ok(()),
            _ => Err(ArchiveFlaw::Unpacked(self.limit)),
        }
    }
}

fn fill(reader: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn unreadable(error: io::Error) -> ArchiveFlaw {
    ArchiveFlaw::Unreadable(outside(&error.to_string()))
}

/// What goes wrong while unpacking is the system's doing, or the file's.
fn broken(error: io::Error) -> ArchiveFlaw {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        UnexpectedEof => ArchiveFlaw::CutOff,
        InvalidData | InvalidInput => ArchiveFlaw::Gzip,
        _ => unreadable(error),
    }
}
