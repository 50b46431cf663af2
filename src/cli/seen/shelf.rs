//! The folder of names: who may read it, what its files are called, how many there are.
//!
//! It is its user's alone, and a folder that is not is not used (threats L1). Files are called by hashes (threats L4), and
//! each is put in its place whole: of two runs that write at the same time one is forgotten, and nothing is broken (threats
//! L5).

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::{Login, Noted, Page, TagsOf};
use crate::cli::output::{self, Rights, TEMPORARY};
use crate::cli::settings::Settings;
use crate::limits::{SEEN_FILE_BYTES, SEEN_REGISTRIES};
use crate::oci::RegistryHost;
use crate::query;

/// The names kept on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    /// The user's folder for us, and in it that of names.
    folders: [PathBuf; 2],
}

/// How much there is on a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extent {
    /// Files: registries, each under each login.
    pub(crate) files: usize,
    /// Repositories in them.
    pub(crate) repositories: usize,
    /// Tags in them.
    pub(crate) tags: usize,
    /// Bytes.
    pub(crate) bytes: u64,
}

impl Shelf {
    /// The user's, if they have a folder for such things.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let cache = settings.cache.as_ref()?;
        Some(Self::below(cache))
    }

    pub(super) fn below(cache: &Path) -> Self {
        let own = cache.join("regq");
        let names = own.join("names");
        Self {
            folders: [own, names],
        }
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folders[1]
    }

    /// Adds to what is kept of a registry.
    ///
    /// Errors: the folder cannot be made or written, or is not ours alone.
    pub(crate) fn remember(
        &self,
        host: &RegistryHost,
        login: &Login,
        noted: Noted,
        now: i64,
    ) -> io::Result<()> {
        for folder in &self.folders {
            output::make_folder(folder)?;
            check(folder)?;
        }
        let path = self.path(host, login);
        let known = read(&path, now, TagsOf::All);
        let mut page = known.unwrap_or_else(|| Page::new(host.clone()));
        if !page.take(noted, now) {
            return Ok(());
        }
        page.shorten();
        output::replace(&path, Rights::Own, |file| {
            file.write_all(page.to_string().as_bytes())
        })?;
        self.tidy()
    }

    /// What is kept of a registry under a login, and what was seen without any; of tags what is `wanted`.
    pub(crate) fn recall(
        &self,
        host: &RegistryHost,
        login: &Login,
        wanted: TagsOf<'_>,
        now: i64,
    ) -> Vec<Page> {
        if self.check().is_err() {
            return Vec::new();
        }
        let mut paths = vec![self.path(host, login)];
        if *login != Login::Nobody {
            paths.push(self.path(host, &Login::Nobody));
        }
        let pages = paths.iter().filter_map(|path| read(path, now, wanted));
        pages.filter(|page| page.host == *host).collect()
    }

    /// The registries that something is kept of; `login` says as whom one would be asked.
    pub(crate) fn hosts(&self, login: impl Fn(&RegistryHost) -> Login) -> Vec<RegistryHost> {
        if self.check().is_err() {
            return Vec::new();
        }
        let mut hosts = Vec::new();
        for path in self.files() {
            let Some(host) = first_lines(&path).and_then(|text| Page::host_of(&text)) else {
                continue;
            };
            let may_be = [login(&host), Login::Nobody];
            let is_mine = may_be.iter().any(|login| self.path(&host, login) == path);
            if is_mine && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts.sort();
        hosts
    }

    /// How much there is.
    pub(crate) fn extent(&self, now: i64) -> Extent {
        let mut extent = Extent::default();
        for path in self.files() {
            let page = read(&path, now, TagsOf::All);
            extent.files += 1;
            extent.repositories += page.as_ref().map_or(0, |page| page.repositories.len());
            extent.tags += page.as_ref().map_or(0, Page::tags);
            extent.bytes += fs::metadata(&path).map_or(0, |found| found.len());
        }
        extent
    }

    /// Forgets everything; tells how many files there were.
    ///
    /// Errors: the first file that cannot be removed.
    pub(crate) fn clear(&self) -> io::Result<usize> {
        let files = self.files();
        let begun = self.named(is_begun);
        files
            .iter()
            .chain(&begun)
            .try_for_each(|path| remove(path))?;
        Ok(files.len())
    }

    /// Our files, and nothing else that may lie there.
    fn files(&self) -> Vec<PathBuf> {
        self.named(is_hash)
    }

    fn named(&self, is_meant: fn(&str) -> bool) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder()).into_iter().flatten().flatten();
        let meant = entries.filter(|entry| entry.file_name().to_str().is_some_and(is_meant));
        let mut paths: Vec<PathBuf> = meant.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    fn path(&self, host: &RegistryHost, login: &Login) -> PathBuf {
        let login = match login {
            Login::Nobody => "",
            Login::Somebody(who) => who,
        };
        let hash = Sha256::digest(format!("{host}\n{login}"));
        let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder().join(name)
    }

    /// Errors: a folder is there that is not its user's alone; it is not used then.
    pub(crate) fn check(&self) -> io::Result<()> {
        let mut there = self
            .folders
            .iter()
            .filter(|folder| folder.symlink_metadata().is_ok());
        there.try_for_each(|folder| check(folder))
    }

    /// Removes the files beyond the bound that were written longest ago, and what was begun and never ended.
    fn tidy(&self) -> io::Result<()> {
        let written = |path: &PathBuf| fs::metadata(path).and_then(|found| found.modified());
        let by_age = |paths: Vec<PathBuf>| {
            let of = |path: PathBuf| Some((written(&path).ok()?, path));
            let mut aged: Vec<(SystemTime, PathBuf)> = paths.into_iter().filter_map(of).collect();
            aged.sort();
            aged
        };
        let files = by_age(self.files());
        let beyond = files.len().saturating_sub(SEEN_REGISTRIES);
        let is_left = |begun: &(SystemTime, PathBuf)| {
            let age = SystemTime::now().duration_since(begun.0);
            age.is_ok_and(|age| age > LEFT)
        };
        let begun = by_age(self.named(is_begun)).into_iter().filter(is_left);
        let mut gone = files.into_iter().take(beyond).chain(begun);
        gone.try_for_each(|(_, path)| remove(&path))
    }
}

/// After so long nobody writes a file any more.
const LEFT: Duration = Duration::from_secs(60 * 60);

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_begun(name: &str) -> bool {
    name.starts_with(TEMPORARY)
}

/// Another run may have done so already.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn read(path: &Path, now: i64, wanted: TagsOf<'_>) -> Option<Page> {
    let source = query::read_text(path, SEEN_FILE_BYTES).ok()?;
    Page::read(&source.text, now, wanted)
}

/// As much of a file as has its first two lines.
fn first_lines(path: &Path) -> Option<String> {
    use std::io::Read;
    // A hash has no special file behind it but one that its user made.
    let mut bytes = Vec::new();
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let file = is_file.then(|| fs::File::open(path))?.ok()?;
    file.take(512).read_to_end(&mut bytes).ok()?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n')?;
    String::from_utf8(bytes[..=end].to_vec()).ok()
}

/// A folder that belongs to somebody else, or that others can write, holds what others want us to believe; one that is a
/// link leads anywhere.
#[cfg(unix)]
fn check(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let found = fs::symlink_metadata(folder)?;
    let mode = found.permissions().mode();
    let is_ours = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    if !is_ours || mode & 0o022 != 0 {
        return Err(refused(folder));
    }
    if mode & 0o777 != 0o700 {
        // Where nothing can be changed, others can read it; what they could write is refused above.
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder)?.is_dir() {
        true => Ok(()),
        false => Err(refused(folder)),
    }
}

fn refused(folder: &Path) -> io::Error {
    let message = format!("`{}` is not a folder of yours alone", folder.display());
    io::Error::new(io::ErrorKind::PermissionDenied, message)
}
