//! From header to header through a tar file (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar, "Basic Tar Format").
//!
//! The `tar` crate reads headers. Its own way from one to the next takes long names and extended headers of any length, so
//! the way is ours, with an end to everything (threats S5). Where readers of tar files differ, it goes as Go's goes, which
//! is what docker, podman and skopeo write and read with.

use tar::{EntryType, GnuExtSparseHeader, Header, PaxExtensions};

use super::members::{Member, What};
use super::tape::Tape;
use crate::limits::{ARCHIVE_HEADER_BYTES, ARCHIVE_NAME_BYTES};
use crate::registry::ArchiveFlaw;

const BLOCK: u64 = 512;

/// A member as it was found.
pub(super) struct Found {
    /// Its name; none where it is no text, which nobody can ask for.
    pub(super) name: Option<String>,
    pub(super) member: Member,
}

/// A walk through a tar file.
pub(super) struct Walk<'t, 'f> {
    pub(super) tape: &'t mut Tape<'f>,
    /// Where the next header is.
    next: u64,
    headers: usize,
    most: usize,
}

/// What the headers before a member say about it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl<'t, 'f> Walk<'t, 'f> {
    /// Begins at the first header; there may be `most` of them.
    pub(super) fn new(tape: &'t mut Tape<'f>, most: usize) -> Self {
        Self {
            tape,
            next: 0,
            headers: 0,
            most,
        }
    }

    /// Finds the next member; the tape then stands where its content begins.
    ///
    /// Errors: it is no tar file, it is cut off, it has too many members or too long names.
    pub(super) fn next(&mut self) -> Result<Option<Found>, ArchiveFlaw> {
        let mut said = Said::default();
        while let Some(header) = self.header()? {
            match header.entry_type() {
                EntryType::GNULongName => said.name = Some(self.text(&header)?),
                EntryType::GNULongLink => said.link = Some(self.text(&header)?),
                EntryType::XHeader => said.hear(&self.extension(&header)?)?,
                EntryType::XGlobalHeader => self.pass(size(&header)?)?,
                _ => return self.member(&header, said).map(Some),
            }
        }
        Ok(None)
    }

    /// Reads a header. A block of zeros is the end, and so is the end of the file where a header would begin.
    fn header(&mut self) -> Result<Option<Header>, ArchiveFlaw> {
        self.tape.go_to(self.next)?;
        let mut header = Header::new_old();
        let block = header.as_mut_bytes();
        let read = self.tape.read(block)?;
        let is_first = self.headers == 0;
        match read {
            0 if is_first => return Err(ArchiveFlaw::NotTar),
            0 => return Ok(None),
            read if read < block.len() && is_first => return Err(ArchiveFlaw::NotTar),
            read if read < block.len() => return Err(ArchiveFlaw::CutOff),
            _ if block.iter().all(|byte| *byte == 0) => return Ok(None),
            _ => {}
        }
        match header.cksum() {
            Ok(sum) if sum == checksum(&header) => {}
            _ if is_first => return Err(ArchiveFlaw::NotTar),
            _ => return Err(ArchiveFlaw::Header(self.next)),
        }
        self.headers += 1;
        if self.headers > self.most {
            return Err(ArchiveFlaw::Members(self.most));
        }
        Ok(Some(header))
    }

    fn member(&mut self, header: &Header, said: Said) -> Result<Found, ArchiveFlaw> {
        let name = said.name.unwrap_or_else(|| header.path_bytes().into());
        let link = || {
            said.link
                .or_else(|| header.link_name_bytes().map(Into::into))
        };
        let is_folder = name.last() == Some(&b'/');
        let (what, has_content) = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous if is_folder => (What::Folder, false),
            EntryType::Regular | EntryType::Continuous if said.is_sparse => (What::Sparse, true),
            EntryType::Regular | EntryType::Continuous => (What::File, true),
            EntryType::GNUSparse => (What::Sparse, true),
            EntryType::Directory => (What::Folder, false),
            EntryType::Symlink => (What::Link(text(link().unwrap_or_default())?), false),
            EntryType::Link => (What::Same(text(link().unwrap_or_default())?), false),
            EntryType::Char | EntryType::Block | EntryType::Fifo => (What::Special, false),
            _ => (What::Special, true),
        };
        let size = match has_content {
            true => said.size.map_or_else(|| size(header), Ok)?,
            false => 0,
        };
        let is_extended = header.as_gnu().is_some_and(|gnu| gnu.is_extended());
        if header.entry_type() == EntryType::GNUSparse && is_extended {
            self.pass_sparse_headers()?;
        }
        let at = self.tape.at();
        self.pass(size)?;
        let name = text(name)?;
        Ok(Found {
            name: Some(name).filter(|name| !name.is_empty()),
            member: Member { at, size, what },
        })
    }

    /// Says where the next header is: behind so much content, which fills its last block.
    fn pass(&mut self, size: u64) -> Result<(), ArchiveFlaw> {
        let blocks = size.div_ceil(BLOCK).checked_mul(BLOCK);
        let next = blocks.and_then(|bytes| self.tape.at().checked_add(bytes));
        self.next = next.ok_or(ArchiveFlaw::CutOff)?;
        Ok(())
    }

    /// Passes the blocks that go on telling where the parts of a sparse file belong.
    fn pass_sparse_headers(&mut self) -> Result<(), ArchiveFlaw> {
        for _ in self.headers..self.most {
            let mut more = GnuExtSparseHeader::new();
            self.tape.read_all(more.as_mut_bytes())?;
            self.headers += 1;
            if !more.is_extended() {
                return Ok(());
            }
        }
        Err(ArchiveFlaw::Members(self.most))
    }

    /// Reads the content of a header that says something about the next one.
    fn extension(&mut self, header: &Header) -> Result<Vec<u8>, ArchiveFlaw> {
        let size = size(header)?;
        let length = usize::try_from(size).ok();
        let length = length.filter(|length| *length <= ARCHIVE_HEADER_BYTES);
        let mut content = vec![0; length.ok_or(ArchiveFlaw::HeaderBytes)?];
        self.pass(size)?;
        self.tape.read_all(&mut content)?;
        Ok(content)
    }

    /// Reads a long name, which ends at the first NUL.
    fn text(&mut self, header: &Header) -> Result<Vec<u8>, ArchiveFlaw> {
        let mut text = self.extension(header)?;
        if let Some(end) = text.iter().position(|byte| *byte == 0) {
            text.truncate(end);
        }
        Ok(text)
    }
}

impl Said {
    /// Hears what an extended header says (pax, "pax Extended Header").
    fn hear(&mut self, records: &[u8]) -> Result<(), ArchiveFlaw> {
        for record in PaxExtensions::new(records) {
            let record = record.map_err(|_| ArchiveFlaw::Pax)?;
            let value = record.value_bytes();
            match record.key_bytes() {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => self.size = Some(number(value)?),
                // The name that stands in its header is made up.
                b"GNU.sparse.name" => {
                    self.name = Some(value.to_vec());
                    self.is_sparse = true;
                }
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
        Ok(())
    }
}

/// The sum of a header's bytes, those of the sum itself taken for spaces.
fn checksum(header: &Header) -> u32 {
    let bytes = header.as_bytes().iter().enumerate();
    let counted = bytes.map(|(at, byte)| match at {
        148..156 => u32::from(b' '),
        _ => u32::from(*byte),
    });
    counted.sum()
}

fn size(header: &Header) -> Result<u64, ArchiveFlaw> {
    header.entry_size().map_err(|_| ArchiveFlaw::Size)
}

fn number(digits: &[u8]) -> Result<u64, ArchiveFlaw> {
    let text = str::from_utf8(digits).ok();
    let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    text.and_then(|text| text.parse().ok())
        .ok_or(ArchiveFlaw::Size)
}

/// A name; empty where it is no text.
fn text(bytes: Vec<u8>) -> Result<String, ArchiveFlaw> {
    if bytes.len() > ARCHIVE_NAME_BYTES {
        return Err(ArchiveFlaw::Name);
    }
    Ok(String::from_utf8(bytes).unwrap_or_default())
}
