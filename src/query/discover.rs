//! Which saved queries can be named, and where they are.
//!
//! The only corner of this room that touches the file system: it looks for files by name and, in `read`,
//! reads one. A query runs only when named, and a file that a search comes upon counts only if it
//! belongs to us: a checkout or a shared folder may hold what a stranger planted (threats G12).

mod read;

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diagnostic::nearest;
use crate::safe::Safe;

pub use read::{ReadError, read_list, read_list_from, read_query, read_stdin, read_text};

/// A query that is part of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builtin {
    /// What it is called.
    pub name: &'static str,
    /// Its file's text.
    pub text: &'static str,
}

/// Where saved queries are looked for.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    /// The folder the program was started in, as an absolute path.
    pub here: PathBuf,
    /// The user's configuration folder, the one `regq/queries` is in.
    pub config: Option<PathBuf>,
    /// A folder that the user has chosen, whoever owns what is in it.
    pub chosen: Option<PathBuf>,
    /// The queries that are part of the program.
    pub builtin: &'a [Builtin],
}

/// Where a query comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file.
    File(PathBuf),
    /// The program itself.
    Builtin(Builtin),
}

/// What a name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The query meant.
    pub origin: Origin,
    /// The queries of the same name that it hides, next in line first.
    pub hides: Vec<Origin>,
    /// The files that would have been meant before it, and why they are not.
    pub skipped: Vec<(PathBuf, Distrust)>,
}

impl Found {
    /// Tells whether a query of the program is hidden, which is to be announced.
    pub fn hides_builtin(&self) -> bool {
        self.hides
            .iter()
            .any(|origin| matches!(origin, Origin::Builtin(_)))
    }
}

/// One saved query, for `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether its name leads to it.
    pub standing: Standing,
}

/// What becomes of a query when its name is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is the one meant, and hides these.
    Meant(Vec<Origin>),
    /// That one is meant.
    HiddenBy(Origin),
    /// It is passed over.
    Skipped(Distrust),
}

/// Why a file that was found is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It, or the link that leads to it, belongs to somebody else.
    #[error("owned by user {0}")]
    Owner(u32),
}

/// Why a name leads to no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// It cannot be one.
    #[error("`{name}` cannot be the name of a query")]
    BadName {
        /// What was written.
        name: Safe,
    },
    /// There is none.
    #[error("no saved query `{name}`")]
    Unknown {
        /// What was written.
        name: Safe,
        /// The name it is most likely a slip of.
        nearest: Option<String>,
    },
    /// There is one, but it is not trusted.
    #[error("saved query `{name}` is not used: `{path}` is {why}")]
    Skipped {
        /// What was written.
        name: Safe,
        /// The file that would have been meant.
        path: Safe,
        /// Why it is not.
        why: Distrust,
    },
}

/// Finds the query that `name` means: a path as it is, if it has a separator or ends in `.yaml` or `.yml`;
/// else the first saved query of that name.
///
/// Order: the folder itself, its `queries` and its `.regq`, here and in each parent up to the git root
/// (outside git: here only); then the user's configuration; then the program.
/// Errors: words that cannot be names, names that lead nowhere, or only to files of others.
pub fn find(name: &str, places: &Places<'_>) -> Result<Found, NotFound> {
    if is_path(name) {
        return Ok(Found {
            origin: Origin::File(PathBuf::from(name)),
            hides: Vec::new(),
            skipped: Vec::new(),
        });
    }
    if !is_name(name) {
        let name = Safe::cut(name, 64);
        return Err(NotFound::BadName { name });
    }
    Search::new(places, current_user()).find(name)
}

/// Lists every saved query by name, those of one name in the order they are looked for. Folders that cannot be
/// listed hold none.
pub fn list(places: &Places<'_>) -> Vec<Entry> {
    Search::new(places, current_user()).list()
}

/// Tells whether a word is a path rather than a name.
fn is_path(text: &str) -> bool {
    text.contains(std::path::is_separator) || stem(text).is_some()
}

/// Tells whether a word can be a query's name: ASCII letters, digits, `.`, `_`, `-`, the first a letter or digit.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// Endings of query files; the first is looked for first.
const ENDINGS: [&str; 2] = [".yaml", ".yml"];

fn stem(file: &str) -> Option<&str> {
    ENDINGS.iter().find_map(|ending| file.strip_suffix(ending))
}

/// The user this process acts as, where the system has such a thing.
#[cfg(unix)]
fn current_user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn current_user() -> Option<u32> {
    None
}

/// The user a file belongs to, where the system has such a thing.
#[cfg(unix)]
fn owner(file: &Metadata) -> Option<u32> {
    Some(std::os::unix::fs::MetadataExt::uid(file))
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> Option<u32> {
    None
}

/// A file or built-in query that has the name looked for.
struct Candidate {
    origin: Origin,
    distrust: Option<Distrust>,
}

/// A search over folders that are settled.
struct Search<'a> {
    folders: Vec<PathBuf>,
    chosen: Option<PathBuf>,
    builtin: &'a [Builtin],
    user: Option<u32>,
}

impl<'a> Search<'a> {
    fn new(places: &Places<'a>, user: Option<u32>) -> Self {
        let levels = levels(&places.here).into_iter();
        let around = levels.flat_map(|level| {
            let inner = ["queries", ".regq"].map(|name| level.join(name));
            std::iter::once(level.to_owned()).chain(inner)
        });
        let mut folders: Vec<PathBuf> = around.collect();
        if let Some(config) = &places.config {
            let of_user = config.join("regq").join("queries");
            // Whoever works in the configuration folder has met it already.
            if !folders.contains(&of_user) {
                folders.push(of_user);
            }
        }
        let chosen = places.chosen.clone();
        if let Some(chosen) = chosen.as_ref().filter(|chosen| !folders.contains(chosen)) {
            folders.push(chosen.clone());
        }
        Self {
            folders,
            chosen,
            builtin: places.builtin,
            user,
        }
    }

    fn find(&self, name: &str) -> Result<Found, NotFound> {
        let mut skipped = Vec::new();
        for entry in self.entries(name) {
            match (entry.standing, entry.origin) {
                (Standing::Meant(hides), origin) => {
                    return Ok(Found {
                        origin,
                        hides,
                        skipped,
                    });
                }
                (Standing::Skipped(why), Origin::File(path)) => skipped.push((path, why)),
                _ => {}
            }
        }
        Err(match skipped.first() {
            Some((path, why)) => NotFound::Skipped {
                name: Safe::new(name),
                path: Safe::new(&path.to_string_lossy()),
                why: *why,
            },
            None => NotFound::Unknown {
                name: Safe::new(name),
                nearest: self.nearest(name),
            },
        })
    }

    fn list(&self) -> Vec<Entry> {
        let listings: Vec<Listing> = self.folders.iter().map(|folder| listing(folder)).collect();
        let names = self.names(&listings);
        let all = names.iter().map(|name| {
            // What a listing does not name is not looked for one by one: there may be a thousand names.
            let is_there = |folder: usize, file: &str| match &listings[folder] {
                Listing::Whole(files) => files.contains(file),
                Listing::Hidden => true,
            };
            (name, self.candidates(name, is_there))
        });
        all.flat_map(|(name, candidates)| entries(name, candidates))
            .collect()
    }

    /// Everything of that name, in the order it is looked for.
    fn entries(&self, name: &str) -> Vec<Entry> {
        entries(name, self.candidates(name, |_, _| true))
    }

    /// `is_there` rules out files of the folder with that number.
    fn candidates(&self, name: &str, is_there: impl Fn(usize, &str) -> bool) -> Vec<Candidate> {
        let mut found = Vec::new();
        for (at, folder) in self.folders.iter().enumerate() {
            let files = ENDINGS.map(|ending| format!("{name}{ending}"));
            let files = files.iter().filter(|file| is_there(at, file));
            found.extend(files.filter_map(|file| self.candidate(folder.join(file))));
        }
        let builtin = self.builtin.iter().filter(|builtin| builtin.name == name);
        found.extend(builtin.map(|builtin| Candidate {
            distrust: None,
            origin: Origin::Builtin(*builtin),
        }));
        found
    }

    fn candidate(&self, path: PathBuf) -> Option<Candidate> {
        let target = path.metadata().ok()?;
        let link = path.symlink_metadata().ok()?;
        target.is_file().then(|| Candidate {
            distrust: match path.parent() == self.chosen.as_deref() && self.chosen.is_some() {
                true => None,
                false => self.distrust([&link, &target]),
            },
            origin: Origin::File(path),
        })
    }

    /// Every name there is a file or a built-in query for.
    fn names(&self, listings: &[Listing]) -> BTreeSet<String> {
        let whole = listings.iter().filter_map(|listing| match listing {
            Listing::Whole(files) => Some(files),
            Listing::Hidden => None,
        });
        let stems = whole.flatten().filter_map(|file| stem(file));
        let stems = stems.filter(|name| is_name(name)).map(str::to_owned);
        let builtin = self.builtin.iter().map(|builtin| builtin.name.to_owned());
        stems.chain(builtin).collect()
    }

    fn nearest(&self, name: &str) -> Option<String> {
        let entries = self.list();
        let usable = entries
            .iter()
            .filter(|entry| matches!(entry.standing, Standing::Meant(_)));
        nearest(name, usable.map(|entry| entry.name.as_str())).map(str::to_owned)
    }

    /// Finds a fault with who owns a file. Both the link and what it leads to must be ours; root's files are
    /// not, unless we are root.
    fn distrust(&self, link_and_target: [&Metadata; 2]) -> Option<Distrust> {
        let mut owners = link_and_target.into_iter().filter_map(owner);
        let foreign = owners.find(|owner| self.user != Some(*owner));
        foreign.map(Distrust::Owner)
    }
}

/// The files of a folder.
enum Listing {
    /// All of them.
    Whole(HashSet<String>),
    /// There may be some that only those find who know their names.
    Hidden,
}

fn listing(folder: &Path) -> Listing {
    match fs::read_dir(folder) {
        Ok(files) => {
            let names = files.flatten().map(|file| file.file_name());
            Listing::Whole(names.filter_map(|name| name.into_string().ok()).collect())
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Listing::Hidden,
        Err(_) => Listing::Whole(HashSet::new()),
    }
}

/// What becomes of each candidate of a name.
fn entries(name: &str, candidates: Vec<Candidate>) -> Vec<Entry> {
    let trusted = candidates.iter().filter(|one| one.distrust.is_none());
    let trusted: Vec<Origin> = trusted.map(|one| one.origin.clone()).collect();
    let entry = |Candidate { origin, distrust }| {
        let standing = match (distrust, trusted.split_first()) {
            (Some(why), _) => Standing::Skipped(why),
            (None, Some((meant, _))) if *meant != origin => Standing::HiddenBy(meant.clone()),
            (None, meant) => Standing::Meant(meant.map_or(&[][..], |(_, rest)| rest).to_vec()),
        };
        Entry {
            name: name.to_owned(),
            origin,
            standing,
        }
    };
    candidates.into_iter().map(entry).collect()
}

/// The folder and its parents up to the git root; without one, the folder alone. A worktree's `.git` is a file.
fn levels(here: &Path) -> Vec<&Path> {
    let is_root = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    match here.ancestors().position(|folder| is_root(&folder)) {
        Some(root) => here.ancestors().take(root + 1).collect(),
        None => vec![here],
    }
}

#[cfg(test)]
mod tests;
