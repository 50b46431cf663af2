//! One host during a run: how many requests it gets, when it wants none, and when it is given up.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::fault::{Fault, Retry};
use super::limit::{Limit, Place, Pressure};
use super::{Reply, SendError};
use crate::limits::{FREE_RETRIES, STRAIGHT_FAILURES, TRIES_IN_SILENCE, Timing};
use crate::registry::error::Unreached;
use crate::registry::wire::retry_after;

/// What is known of one host.
#[derive(Debug)]
pub(super) struct Host {
    limit: Limit,
    /// The least time between the starts of two requests.
    pace: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When it wants to be asked again.
    closed_until: Option<Instant>,
    next_start: Option<Instant>,
    straight_failures: u32,
    sent: u64,
    retried: u64,
}

/// A wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Everybody waits: the host asks for it.
    All(Duration),
    /// This request waits.
    Own(Duration),
}

impl Host {
    pub(super) fn new(parallel: Option<usize>, per_second: Option<u32>) -> Self {
        Self {
            limit: Limit::new(parallel),
            pace: per_second.map(|rate| Duration::from_secs(1) / rate.max(1)),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Errors: it failed too often to be asked again (threats M2).
    pub(super) fn check(&self) -> Result<(), SendError> {
        match self.state().straight_failures {
            failures if failures >= STRAIGHT_FAILURES => {
                Err(SendError::Unreached(Unreached::GivenUp(failures)))
            }
            _ => Ok(()),
        }
    }

    /// Waits until it may be asked.
    pub(super) async fn enter(&self) -> Place<'_> {
        loop {
            let place = self.limit.enter().await;
            match self.begin() {
                Ok(start) => {
                    if let Some(start) = start {
                        sleep_until(start).await;
                    }
                    return place;
                }
                Err(until) => {
                    drop(place);
                    sleep_until(until).await;
                }
            }
        }
    }

    /// Takes the next start, where starts are counted. Errors: the host wants nothing before this instant.
    fn begin(&self) -> Result<Option<Instant>, Instant> {
        let now = Instant::now();
        let mut state = self.state();
        if let Some(until) = state.closed_until.filter(|until| *until > now) {
            return Err(until);
        }
        state.sent += 1;
        let Some(pace) = self.pace else {
            return Ok(None);
        };
        let start = state.next_start.map_or(now, |next| next.max(now));
        state.next_start = Some(start + pace);
        Ok(Some(start))
    }

    /// Keeps count of how it does.
    pub(super) fn note(&self, outcome: &Result<Reply, Fault>, took: Duration) -> Pressure {
        let pressure = pressure(outcome, took);
        let mut state = self.state();
        match outcome {
            Ok(reply) if reply.status < 500 => state.straight_failures = 0,
            Ok(_) => state.straight_failures += 1,
            Err(fault) if matches!(fault.error, SendError::Unreached(_)) => {
                state.straight_failures += 1;
            }
            Err(_) => {}
        }
        pressure
    }

    /// How long to wait before the request is sent again; none if it is not.
    pub(super) fn again(
        &self,
        outcome: &Result<Reply, Fault>,
        tries: u32,
        most: u32,
        timing: &Timing,
    ) -> Option<Wait> {
        let most = match outcome {
            Ok(reply) if is_transient(reply.status) => most,
            Err(fault) if fault.retry == Retry::Worth => most,
            Err(fault) if fault.retry == Retry::WorthOnce => most.min(TRIES_IN_SILENCE),
            _ => return None,
        };
        let wait = wait(outcome, tries, timing)?;
        if tries >= most || self.check().is_err() || !self.spend_retry() {
            return None;
        }
        Some(wait)
    }

    /// An outage is not made worse by those who ask again (threats M2).
    fn spend_retry(&self) -> bool {
        let mut state = self.state();
        let allowed = FREE_RETRIES + state.sent / 5;
        let may = state.retried < allowed;
        state.retried += u64::from(may);
        may
    }

    pub(super) async fn wait(&self, wait: Wait) {
        match wait {
            Wait::Own(time) => sleep(time).await,
            Wait::All(time) => {
                let until = Instant::now() + time;
                let mut state = self.state();
                let later = state.closed_until.map_or(until, |other| other.max(until));
                state.closed_until = Some(later);
            }
        }
    }
}

fn pressure(outcome: &Result<Reply, Fault>, took: Duration) -> Pressure {
    match outcome {
        Ok(reply) if matches!(reply.status, 429 | 503) => Pressure::Pushback,
        Ok(reply) if reply.status < 500 => Pressure::Fine(took),
        Err(fault) if fault.error == SendError::Unreached(Unreached::Lost) => Pressure::Pushback,
        _ => Pressure::Unclear,
    }
}

fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What the host asks for, else a time that doubles with each try; none where the host asks for too much.
fn wait(outcome: &Result<Reply, Fault>, tries: u32, timing: &Timing) -> Option<Wait> {
    let asked = outcome
        .as_ref()
        .ok()
        .and_then(|reply| retry_after::wait(|name| reply.first(name)));
    if let Some(asked) = asked {
        return (asked <= timing.retry_after).then_some(Wait::All(asked));
    }
    let doubled = timing
        .backoff
        .saturating_mul(1 << tries.min(16).saturating_sub(1));
    let own = jittered(doubled.min(timing.backoff_most));
    let is_throttled = outcome.as_ref().is_ok_and(|reply| reply.status == 429);
    Some(match is_throttled {
        true => Wait::All(own),
        false => Wait::Own(own),
    })
}

/// Between half of a time and all of it, so that those who failed together do not come back together.
fn jittered(time: Duration) -> Duration {
    let chance = RandomState::new().hash_one(0) % 1000;
    time / 2 + time.mul_f64(chance as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::*;

    const TRIES: u32 = 5;

    fn reply(status: u16, headers: &[(&'static str, &'static str)]) -> Result<Reply, Fault> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect();
        Ok(Reply {
            status,
            headers,
            body: Vec::new(),
        })
    }

    fn again(outcome: &Result<Reply, Fault>, tries: u32) -> Option<Wait> {
        Host::new(None, None).again(outcome, tries, TRIES, &Timing::default())
    }

    #[test]
    fn m1_a_wait_that_was_asked_for_holds_for_everybody() {
        let seconds = reply(429, &[("retry-after", "7")]);
        assert_eq!(again(&seconds, 1), Some(Wait::All(Duration::from_secs(7))));
        let date = reply(
            503,
            &[
                ("date", "Sun, 01 Mar 2026 10:00:00 GMT"),
                ("retry-after", "Sun, 01 Mar 2026 10:00:09 GMT"),
            ],
        );
        assert_eq!(again(&date, 1), Some(Wait::All(Duration::from_secs(9))));
    }

    #[test]
    fn m1_a_wait_beyond_all_patience_ends_it() {
        assert_eq!(again(&reply(429, &[("retry-after", "121")]), 1), None);
        assert!(again(&reply(429, &[("retry-after", "120")]), 1).is_some());
    }

    #[test]
    fn m2_waits_double_with_jitter_and_end() {
        let outcome = reply(502, &[]);
        for (tries, most) in [(1, 100), (2, 200), (3, 400), (4, 800)] {
            let Some(Wait::Own(wait)) = again(&outcome, tries) else {
                panic!("try {tries} is worth another");
            };
            let most = Duration::from_millis(most);
            assert!(wait >= most / 2 && wait <= most, "{tries}: {wait:?}");
        }
        assert_eq!(again(&outcome, TRIES), None);
    }

    #[test]
    fn m7_what_would_fail_again_or_is_a_refusal_is_not_retried() {
        for status in [200, 301, 400, 401, 403, 404, 405, 501] {
            assert_eq!(again(&reply(status, &[]), 1), None, "{status}");
        }
        let refused = Err(Fault::refused(crate::registry::error::Unsafe::Redirect(
            "no",
        )));
        assert_eq!(again(&refused, 1), None);
    }

    #[test]
    fn what_takes_long_to_fail_is_tried_twice() {
        let silent = Err(Fault::silent(Duration::from_secs(30)));
        assert!(again(&silent, 1).is_some());
        assert_eq!(again(&silent, 2), None);
    }

    #[test]
    fn m2_an_outage_is_not_multiplied() {
        let host = Host::new(None, None);
        let outcome = reply(500, &[]);
        let timing = Timing::default();
        let retried = (0..1000).filter(|_| host.again(&outcome, 1, TRIES, &timing).is_some());
        assert_eq!(retried.count() as u64, FREE_RETRIES);
    }

    #[test]
    fn m2_a_host_that_only_fails_is_given_up_and_one_answer_clears_it() {
        let host = Host::new(None, None);
        for _ in 0..STRAIGHT_FAILURES {
            assert!(host.check().is_ok());
            host.note(&reply(500, &[]), Duration::ZERO);
        }
        assert!(host.check().is_err());
        host.note(&reply(404, &[]), Duration::ZERO);
        assert!(host.check().is_ok());
    }

    #[tokio::test]
    async fn a_rate_spaces_the_starts() {
        let host = Host::new(None, Some(1000));
        let began = Instant::now();
        for _ in 0..5 {
            drop(host.enter().await);
        }
        assert!(began.elapsed() >= Duration::from_millis(4));
    }
}
