//! What is in an archive, by name; and where links lead to.
//!
//! Nothing of it is ever written, so a name can do no harm, but it can be read in two ways: readers of archives differ in
//! what they make of a name that stands twice, or leads up. Such a name is refused when it is asked for (threats C5, E2).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::limits::{ARCHIVE_LINKS, ARCHIVE_NAMES_BYTES};
use crate::registry::layout::store::StoreError;
use crate::registry::{ArchiveFlaw, Refusal};

/// The members of an archive.
#[derive(Debug, Default)]
pub(super) struct Members {
    by_name: HashMap<String, Member>,
    /// How long all names are together, those that links lead to among them.
    bytes: usize,
}

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Where its content begins.
    pub(super) at: u64,
    /// How long that is, in bytes.
    pub(super) size: u64,
    pub(super) what: What,
}

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A regular file.
    File,
    Folder,
    /// A symbolic link, to a place seen from its own folder.
    Link(String),
    /// A hard link: the same file as the one of this name.
    Same(String),
    /// A file of which only a part is there.
    Sparse,
    /// A pipe, a device, or something that nobody knows.
    Special,
    /// More than one member.
    Twice,
    /// Something whose name leads out of the archive, or up within it.
    Outside,
}

impl Members {
    /// Adds a member.
    ///
    /// Errors: the names are too long together.
    pub(super) fn put(&mut self, name: &str, member: Member) -> Result<(), ArchiveFlaw> {
        let (name, leads) = cleaned(name.split('/'));
        if name.is_empty() {
            return Ok(());
        }
        let member = match leads {
            Leads::Down => member,
            Leads::Elsewhere => Member {
                what: What::Outside,
                ..member
            },
        };
        let target = match &member.what {
            What::Link(target) | What::Same(target) => target.len(),
            _ => 0,
        };
        self.bytes += name.len() + target;
        if self.bytes > ARCHIVE_NAMES_BYTES {
            return Err(ArchiveFlaw::Names);
        }
        match self.by_name.entry(name) {
            Entry::Vacant(entry) => drop(entry.insert(member)),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                if known.what != What::Folder || member.what != What::Folder {
                    known.what = What::Twice;
                }
            }
        }
        Ok(())
    }

    /// Tells whether there is something of this name, readable or not.
    pub(super) fn has(&self, path: &str) -> bool {
        self.by_name.contains_key(path)
    }

    /// Finds a regular file, by links within the archive if it must be.
    ///
    /// Errors: it is none, or is not there.
    pub(super) fn find(&self, path: &str) -> Result<&Member, StoreError> {
        let refused = |why| Err(StoreError::refused(path, why));
        let mut way = path.to_owned();
        for _ in 0..=ARCHIVE_LINKS {
            let member = self.by_name.get(&way).ok_or(StoreError::Absent)?;
            let led = match &member.what {
                What::File => return Ok(member),
                What::Link(target) => beside(&way, target),
                What::Same(target) => inside(target),
                What::Folder => return refused(Refusal::Folder),
                What::Sparse => return refused(Refusal::Sparse),
                What::Special => return refused(Refusal::Special),
                What::Twice => return refused(Refusal::Twice),
                What::Outside => return refused(Refusal::Outside),
            };
            match led {
                Some(next) => way = next,
                None => return refused(Refusal::Outside),
            }
        }
        refused(Refusal::Links)
    }
}

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// Down from the top of the archive.
    Down,
    /// Up somewhere on its way, or to an absolute place.
    Elsewhere,
}

/// A path without the steps that lead nowhere, as all readers would write it if they wrote it below a folder.
fn cleaned<'s>(steps: impl Iterator<Item = &'s str>) -> (String, Leads) {
    let mut leads = Leads::Down;
    let mut way: Vec<&str> = Vec::new();
    for (at, step) in steps.enumerate() {
        match step {
            "" if at == 0 => leads = Leads::Elsewhere,
            "" | "." => {}
            ".." => {
                leads = Leads::Elsewhere;
                way.pop();
            }
            name => way.push(name),
        }
    }
    (way.join("/"), leads)
}

/// A path of ours that is written in an archive: relative, and never up.
pub(in crate::registry::layout) fn inside(path: &str) -> Option<String> {
    let (way, leads) = cleaned(path.split('/'));
    (leads == Leads::Down).then_some(way)
}

/// Where a link leads to that stands at `place`: within the archive, or nowhere that is looked at.
fn beside(place: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut way: Vec<&str> = place.split('/').collect();
    way.pop();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(way.pop()?),
            name => way.push(name),
        }
    }
    Some(way.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(what: What) -> Member {
        Member {
            at: 0,
            size: 0,
            what,
        }
    }

    fn members(all: &[(&str, What)]) -> Members {
        let mut members = Members::default();
        for (name, what) in all {
            members.put(name, member(what.clone())).unwrap();
        }
        members
    }

    /// `ok`, `absent`, or why it is refused.
    fn found(members: &Members, path: &str) -> String {
        match members.find(path) {
            Ok(_) => "ok".to_owned(),
            Err(StoreError::Absent) => "absent".to_owned(),
            Err(StoreError::Refused { file, why }) => format!("{file}: {why}"),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for written in ["a/b", "./a/b", "a//b", "a/./b"] {
            assert_eq!(found(&members(&[(written, What::File)]), "a/b"), "ok");
        }
    }

    #[test]
    fn g10_a_name_that_leads_up_is_nobody_elses() {
        for written in ["/a/b", "../a/b", "a/x/../b", "a/../../a/b", "./../a/b"] {
            let only = members(&[(written, What::File)]);
            assert_eq!(found(&only, "a/b"), "a/b: it leads out of its folder");
            let both = members(&[("a/b", What::File), (written, What::File)]);
            assert!(found(&both, "a/b").contains("more than once"), "{written}");
        }
    }

    #[test]
    fn c5_what_stands_twice_is_refused_but_for_folders() {
        let file = || ("a", What::File);
        let twice = members(&[file(), ("./a", What::File)]);
        assert!(found(&twice, "a").contains("more than once"));
        let other = members(&[("a/", What::Folder), file()]);
        assert!(found(&other, "a").contains("more than once"));
        let folders = members(&[
            ("a/", What::Folder),
            ("a", What::Folder),
            ("a/b", What::File),
        ]);
        assert_eq!(found(&folders, "a/b"), "ok");
        assert_eq!(found(&folders, "a"), "a: it is a folder");
    }

    #[test]
    fn links_lead_within_the_archive() {
        let link = |target: &str| What::Link(target.to_owned());
        let same = |target: &str| What::Same(target.to_owned());
        let all = members(&[
            ("one/layer.tar", What::File),
            ("two/layer.tar", link("../one/layer.tar")),
            ("three/layer.tar", link("../two/layer.tar")),
            ("same", same("one/layer.tar")),
            ("dangling", link("nothing")),
            ("out", link("../one/layer.tar")),
            ("absolute", link("/one/layer.tar")),
            ("up", same("x/../one/layer.tar")),
            ("self", link("self")),
            ("folder", link("one")),
            ("empty", link("")),
            ("one/", What::Folder),
        ]);
        for (path, expected) in [
            ("two/layer.tar", "ok"),
            ("three/layer.tar", "ok"),
            ("same", "ok"),
            ("dangling", "absent"),
            ("out", "out: it leads out of its folder"),
            ("absolute", "absolute: it leads out of its folder"),
            ("up", "up: it leads out of its folder"),
            ("self", "self: its links lead nowhere"),
            ("folder", "folder: it is a folder"),
            ("empty", "absent"),
        ] {
            assert_eq!(found(&all, path), expected, "{path}");
        }
    }

    #[test]
    fn s5_names_are_held_to_a_bound_together() {
        let mut members = Members::default();
        let name = "x".repeat(ARCHIVE_NAMES_BYTES - 1);
        assert_eq!(members.put(&name, member(What::File)), Ok(()));
        assert_eq!(members.put("y", member(What::File)), Ok(()));
        let more = members.put("z", member(What::File));
        assert_eq!(more, Err(ArchiveFlaw::Names));
    }
}
