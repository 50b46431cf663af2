//! How fast it goes, from what was counted in the last moments.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How far back one looks: long enough to be steady, short enough to notice that a host has stopped.
const LOOKS_BACK: Duration = Duration::from_secs(5);

/// From less than this nothing follows.
const LEAST: Duration = Duration::from_millis(400);

/// What was counted, moment by moment.
#[derive(Debug, Default)]
pub(super) struct Pace(VecDeque<Sample>);

/// What was counted at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// When.
    pub(super) at: Instant,
    /// Requests so far.
    pub(super) requests: u64,
    /// What is done.
    pub(super) done: u64,
    /// Of how much.
    pub(super) all: u64,
}

impl Pace {
    /// Takes a sample. Where another stage has begun, what was counted before says nothing.
    pub(super) fn take(&mut self, sample: Sample) {
        if self.0.back().is_some_and(|last| sample.done < last.done) {
            self.0.clear();
        }
        while self
            .0
            .front()
            .is_some_and(|first| sample.at - first.at > LOOKS_BACK)
        {
            self.0.pop_front();
        }
        self.0.push_back(sample);
    }

    fn span(&self) -> Option<(&Sample, &Sample, f64)> {
        let (first, last) = (self.0.front()?, self.0.back()?);
        let time = last.at - first.at;
        (time >= LEAST).then_some((first, last, time.as_secs_f64()))
    }

    /// Requests per second.
    pub(super) fn rate(&self) -> Option<f64> {
        let (first, last, seconds) = self.span()?;
        Some(last.requests.saturating_sub(first.requests) as f64 / seconds)
    }

    /// How long the rest takes if it goes on like this.
    pub(super) fn left(&self) -> Option<Duration> {
        let (first, last, seconds) = self.span()?;
        let done = last.done.saturating_sub(first.done) as f64;
        let rest = last.all.saturating_sub(last.done) as f64;
        Duration::try_from_secs_f64(rest / (done / seconds)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(samples: &[(u64, u64, u64)]) -> Pace {
        let start = Instant::now();
        let mut pace = Pace::default();
        for (milliseconds, requests, done) in samples {
            pace.take(Sample {
                at: start + Duration::from_millis(*milliseconds),
                requests: *requests,
                done: *done,
                all: 1000,
            });
        }
        pace
    }

    #[test]
    fn what_was_done_tells_how_long_the_rest_takes() {
        let pace = pace(&[(0, 0, 0), (1000, 50, 100), (2000, 100, 200)]);
        assert_eq!(pace.rate(), Some(50.0));
        assert_eq!(pace.left(), Some(Duration::from_secs(8)));
    }

    #[test]
    fn only_the_last_moments_count() {
        let pace = pace(&[(0, 0, 0), (10_000, 500, 500), (12_000, 500, 500)]);
        assert_eq!(pace.rate(), Some(0.0));
        assert_eq!(pace.left(), None, "it stands still");
    }

    #[test]
    fn from_little_nothing_follows() {
        assert_eq!(pace(&[]).rate(), None);
        assert_eq!(pace(&[(0, 0, 0), (100, 9, 9)]).left(), None);
        let another_stage = pace(&[(0, 0, 0), (1000, 10, 10), (1100, 11, 0)]);
        assert_eq!(another_stage.rate(), None);
    }
}
