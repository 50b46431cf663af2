//! Tar files for tests: folders packed as tools pack them, and files made byte by byte.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

const BLOCK: usize = 512;

/// A tar file that is being written, header by header.
#[derive(Default)]
pub(crate) struct Tar(Vec<u8>);

impl Tar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file.
    pub(crate) fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.entry(b'0', name, "", content)
    }

    pub(crate) fn folder(self, name: &str) -> Self {
        self.entry(b'5', name, "", "")
    }

    /// Adds a symbolic link.
    pub(crate) fn link(self, name: &str, target: &str) -> Self {
        self.entry(b'2', name, target, "")
    }

    /// Adds a member of any kind, with content that fills its last block.
    pub(crate) fn entry(
        self,
        kind: u8,
        name: &str,
        target: &str,
        content: impl AsRef<[u8]>,
    ) -> Self {
        let content = content.as_ref();
        let size = format!("{:011o}", content.len());
        self.header(kind, name, target, size.as_bytes())
            .content(content)
    }

    /// Adds a header alone, with these bytes where the size stands.
    pub(crate) fn header(mut self, kind: u8, name: &str, target: &str, size: &[u8]) -> Self {
        let mut header = [0; BLOCK];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..124 + size.len()].copy_from_slice(size);
        header[156] = kind;
        header[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        self.0.extend(header);
        self
    }

    /// Adds bytes and fills their last block.
    pub(crate) fn content(mut self, content: &[u8]) -> Self {
        self.0.extend(content);
        let length = self.0.len().next_multiple_of(BLOCK);
        self.0.resize(length, 0);
        self
    }

    /// Says something about the next member in an extended header of pax.
    pub(crate) fn pax(self, records: &[(&str, &str)]) -> Self {
        let records = records.iter().map(|(key, value)| {
            let rest = format!(" {key}={value}\n");
            // A record tells its own length, the digits of that among it.
            let length = (1..).find(|length| length.to_string().len() + rest.len() == *length);
            format!("{}{rest}", length.expect("some length fits"))
        });
        self.entry(b'x', "PaxHeaders/x", "", records.collect::<String>())
    }

    /// Gives the next member a long name, as GNU tar does.
    pub(crate) fn long_name(self, name: &str) -> Self {
        self.entry(b'L', "././@LongLink", "", format!("{name}\0"))
    }

    /// The file so far, without an end.
    pub(crate) fn open_ended(self) -> Vec<u8> {
        self.0
    }

    /// The file, with its end.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 2 * BLOCK]);
        self.0
    }
}

/// Packs a folder as `tar -c -C FOLDER .` does.
pub(crate) fn packed(folder: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    builder.append_dir_all(".", folder).unwrap();
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}
