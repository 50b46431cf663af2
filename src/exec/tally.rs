//! How far a run has come, for whoever shows it meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what is listed and what of it is done. Its copies count together, and may be read on any thread.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    repositories: AtomicU64,
    listed: AtomicU64,
    done: AtomicU64,
    /// Sources that may list more.
    listing: AtomicU64,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Repositories whose tags were listed, or are being listed.
    pub repositories: u64,
    /// What was listed and is wanted: tags, or repositories where those are the rows.
    pub listed: u64,
    /// What of it is done with.
    pub done: u64,
    /// Whether no more will be listed.
    pub is_whole: bool,
}

impl Tally {
    /// How far it is now.
    pub fn progress(&self) -> Progress {
        let Counters {
            repositories,
            listed,
            done,
            listing,
        } = self.0.as_ref();
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Progress {
            repositories: of(repositories),
            listed: of(listed),
            done: of(done),
            is_whole: of(listing) == 0,
        }
    }

    /// Begins with so many sources that list.
    pub(super) fn begin(&self, sources: usize) {
        self.go_on_with(0);
        let Counters {
            repositories,
            listing,
            ..
        } = self.0.as_ref();
        repositories.store(0, Ordering::Relaxed);
        listing.store(number(sources), Ordering::Relaxed);
    }

    /// Goes on with the next stage, which has so much to do.
    pub(super) fn go_on_with(&self, all: usize) {
        self.0.listed.store(number(all), Ordering::Relaxed);
        self.0.done.store(0, Ordering::Relaxed);
    }

    pub(super) fn repository(&self) {
        self.0.repositories.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn listed(&self) {
        self.0.listed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn done(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }

    /// One source lists no more.
    pub(super) fn list_is_whole(&self) {
        self.0.listing.fetch_sub(1, Ordering::Relaxed);
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_for_all_who_hold_it() {
        let tally = Tally::default();
        let other = tally.clone();
        tally.begin(2);
        tally.repository();
        tally.listed();
        tally.listed();
        tally.done();
        tally.list_is_whole();
        let progress = Progress {
            repositories: 1,
            listed: 2,
            done: 1,
            is_whole: false,
        };
        assert_eq!(other.progress(), progress);
        tally.list_is_whole();
        assert!(other.progress().is_whole);
        tally.go_on_with(7);
        let progress = other.progress();
        assert_eq!((progress.listed, progress.done), (7, 0));
        tally.begin(0);
        let begun = Progress {
            is_whole: true,
            ..Progress::default()
        };
        assert_eq!(other.progress(), begun);
    }
}
