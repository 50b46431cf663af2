//! The chain of a listing's pages: whoever sends us in a circle, or on and on with nothing new, has no more to tell
//! (threats B5).

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, RandomState};

use url::Url;

use crate::limits::IDLE_PAGES;
use crate::registry::RegistryError;
use crate::registry::error::Question;

/// Which pages were asked, and what was seen on them: hashes, for a listing may have a million names.
#[derive(Debug, Default)]
pub(in crate::registry) struct Chain {
    hasher: RandomState,
    asked: HashSet<u64>,
    seen: HashSet<u64>,
    /// How many names came, those that are none too.
    count: usize,
    idle: usize,
}

impl Chain {
    /// Takes in what a page has: its names, and how many other things.
    pub(in crate::registry) fn saw<T: Hash>(
        &mut self,
        names: impl Iterator<Item = T>,
        others: usize,
    ) {
        let before = self.seen.len();
        for name in names {
            self.count += 1;
            self.seen.insert(self.hasher.hash_one(name));
        }
        self.count += others;
        self.idle = match self.seen.len() > before {
            true => 0,
            false => self.idle + 1,
        };
    }

    /// Tells whether a name was on a page before.
    pub(in crate::registry) fn has_seen<T: Hash>(&self, name: T) -> bool {
        self.seen.contains(&self.hasher.hash_one(name))
    }

    /// How many different names there were.
    pub(in crate::registry) fn different(&self) -> usize {
        self.seen.len()
    }

    /// Checks that a next page is worth asking for.
    ///
    /// Errors: the listing has no end, or more than `most` names.
    pub(in crate::registry) fn follow(
        &mut self,
        url: &Url,
        most: usize,
        question: &Question,
    ) -> Result<(), RegistryError> {
        let endless = |why| {
            let question = question.clone();
            Err(RegistryError::Paging { question, why })
        };
        if self.count >= most {
            return endless("it goes on after more names than we take");
        }
        let is_known = !self.asked.insert(self.hasher.hash_one(url));
        match (is_known, self.idle >= IDLE_PAGES) {
            (true, _) => endless("a page links to one that was read before"),
            (false, true) => endless("its pages bring nothing new"),
            (false, false) => Ok(()),
        }
    }
}
