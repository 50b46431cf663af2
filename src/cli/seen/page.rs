//! The file of one registry's names: text, read line by line.
//!
//! ```text
//! regq names 1
//! localhost:5000
//! team/app 1772496000
//!  1.0
//!  1.1
//! .
//! ```
//!
//! A repository stands with the second it was last met, its tags below it behind a blank. A file without its last line was
//! cut off and holds nothing (threats L6). What is no name is left out: files can be damaged (threats B9).

use std::collections::BTreeMap;

use super::{Met, Noted};
use crate::limits::{SEEN_LIFE, SEEN_NAMES, SEEN_TAGS};
use crate::oci::{RegistryHost, Repository, Tag};

/// The first line: what the file is, and in which form.
const FIRST: &str = "regq names 1";
/// The last line.
const LAST: &str = ".";

/// After so many seconds it is written down anew that a repository is still there.
const RENEWED: i64 = 24 * 60 * 60;

/// The names of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    /// The registry.
    pub(crate) host: RegistryHost,
    /// Its repositories.
    pub(crate) repositories: BTreeMap<Repository, Kept>,
}

/// What is kept of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    /// When it was last met, in seconds since 1970.
    pub(crate) met: i64,
    /// Its tags, in the order of bytes.
    pub(crate) tags: Vec<Tag>,
}

/// Which tags are read: to check a hundred thousand takes longer than a shell should wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagsOf<'r> {
    /// Those of all repositories.
    All,
    /// Those of one.
    Only(&'r str),
    /// None.
    Nothing,
}

impl TagsOf<'_> {
    fn is(self, name: &Repository) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => name.as_str() == only,
            Self::Nothing => false,
        }
    }
}

impl Page {
    /// A page without names.
    pub(super) fn new(host: RegistryHost) -> Self {
        Self {
            host,
            repositories: BTreeMap::new(),
        }
    }

    /// The registry that a file is about, by its first two lines.
    pub(super) fn host_of(text: &str) -> Option<RegistryHost> {
        let mut lines = text.lines();
        lines.next().filter(|first| *first == FIRST)?;
        lines.next()?.parse().ok()
    }

    /// Reads a file; nothing if it is none of ours, or not whole. What was met too long ago, or in the future, is left
    /// out (threats L9).
    pub(super) fn read(text: &str, now: i64, wanted: TagsOf<'_>) -> Option<Self> {
        let body = text.strip_suffix('\n')?.strip_suffix(LAST)?;
        let body = body.strip_suffix('\n')?;
        let mut page = Self::new(Self::host_of(text)?);
        let mut kept: Option<&mut Kept> = None;
        for line in body.lines().skip(2) {
            if let Some(tag) = line.strip_prefix(' ') {
                if let (Some(kept), Ok(tag)) = (kept.as_deref_mut(), tag.parse()) {
                    kept.tags.push(tag);
                }
                continue;
            }
            let named = repository(line).filter(|(_, met)| is_fresh(*met, now));
            kept = named.and_then(|(name, met)| {
                let is_wanted = wanted.is(&name);
                let kept = page.repositories.entry(name).or_default();
                kept.met = met;
                Some(kept).filter(|_| is_wanted)
            });
        }
        for kept in page.repositories.values_mut() {
            kept.tags.sort_unstable();
            kept.tags.dedup();
        }
        Some(page)
    }

    /// Takes in what a run has met. Tells whether that is worth writing down.
    pub(super) fn take(&mut self, noted: Noted, now: i64) -> bool {
        let mut is_news = false;
        for (name, met) in noted {
            let is_new = !self.repositories.contains_key(&name);
            let kept = self.repositories.entry(name).or_default();
            is_news |= is_new | kept.take(met) | (now - kept.met > RENEWED);
            kept.met = now;
        }
        is_news
    }

    /// Forgets what was met longest ago, until so many names are left as are kept.
    pub(super) fn shorten(&mut self) {
        let mut by_age: Vec<(i64, Repository, usize)> = Vec::new();
        for (name, kept) in &self.repositories {
            by_age.push((kept.met, name.clone(), kept.tags.len() + 1));
        }
        by_age.sort_by(|one, other| (other.0, &one.1).cmp(&(one.0, &other.1)));
        let mut names = 0;
        for (_, name, own) in by_age {
            names += own;
            if names > SEEN_NAMES {
                self.repositories.remove(&name);
            }
        }
    }

    /// How many tags there are.
    pub(super) fn tags(&self) -> usize {
        self.repositories.values().map(|kept| kept.tags.len()).sum()
    }
}

impl Kept {
    /// Takes in what was met of the repository. Tells whether it was not known.
    fn take(&mut self, met: Met) -> bool {
        let before = self.tags.len();
        let known = self
            .tags
            .iter()
            .filter(|tag| met.tags.contains(tag))
            .count();
        let is_news = known < met.tags.len() || (met.has_no_more && known < before);
        if is_news {
            let mut tags = met.tags;
            if !met.has_no_more {
                tags.extend(self.tags.drain(..));
            }
            self.tags = tags.into_iter().collect();
        }
        self.tags.truncate(SEEN_TAGS);
        is_news
    }
}

impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{FIRST}\n{}", self.host)?;
        for (name, kept) in &self.repositories {
            writeln!(f, "{name} {}", kept.met)?;
            for tag in &kept.tags {
                writeln!(f, " {tag}")?;
            }
        }
        writeln!(f, "{LAST}")
    }
}

/// Reads `NAME SECONDS`.
fn repository(line: &str) -> Option<(Repository, i64)> {
    let (name, met) = line.split_once(' ')?;
    Some((name.parse().ok()?, met.parse().ok()?))
}

fn is_fresh(met: i64, now: i64) -> bool {
    let life = i64::try_from(SEEN_LIFE.as_secs()).unwrap_or(i64::MAX);
    (0..=life).contains(&now.saturating_sub(met))
}
