//! One host during a run: how many requests it gets, when it wants none, and when it is given up.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::fault::{Fault, Retry};
use super::limit::{Limit, Place, Pressure};
use super::{Reply, SendError};
use crate::limits::{FREE_RETRIES, LEFT_ALONE_MOST, STRAIGHT_FAILURES, TRIES_IN_SILENCE, Timing};
use crate::registry::error::Unreached;
use crate::registry::talk::{Event, Pausing};
use crate::registry::wire::rate_limit::{self, RateLimit};
use crate::registry::wire::retry_after;
use crate::safe::Safe;

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
    /// What it said when it wanted to be left alone for longer than we wait, and until when that holds.
    turned_away: Option<(Instant, Reply)>,
    /// How long everybody has waited for it since it last gave an answer.
    waited: Duration,
    /// What it said last about how much it allows.
    rate: Option<RateLimit>,
    /// Requests, one after another, whose first try failed.
    straight_failures: u32,
    sent: u64,
    retried: u64,
}

/// What becomes of a request before it is sent.
pub(super) enum Entry<'a> {
    /// It may be sent.
    Place(Place<'a>),
    /// It is not sent, because the host is not asked any more: this is what it said last, or why not.
    Closed(Result<Reply, SendError>),
}

/// A wait before the next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Everybody waits: the host asks for it.
    All(Duration),
    /// This request waits.
    Own(Duration),
}

impl Wait {
    /// What is said of it, about the host.
    pub(super) fn told(self, host: Safe) -> Event {
        let (time, why) = match self {
            Self::All(time) => (time, Pausing::Asked),
            Self::Own(time) => (time, Pausing::Failed),
        };
        Event::Pause { host, time, why }
    }
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

    /// Forgets how it did, but not what it asked for.
    pub(super) fn next_round(&self) {
        let mut state = self.state();
        state.straight_failures = 0;
        state.waited = Duration::ZERO;
        state.sent = 0;
        state.retried = 0;
    }

    /// Tells whether it is not asked any more: it failed too often (threats M2), or does not want to be asked for longer
    /// than we wait (threats M1).
    fn closed(&self) -> Option<Result<Reply, SendError>> {
        let state = self.state();
        let failures = state.straight_failures;
        if failures >= STRAIGHT_FAILURES {
            return Some(Err(SendError::Unreached(Unreached::GivenUp(failures))));
        }
        let turned_away = state.turned_away.as_ref();
        let (_, reply) = turned_away.filter(|(until, _)| *until > Instant::now())?;
        Some(Ok(reply.clone()))
    }

    /// Waits until it may be asked.
    pub(super) async fn enter(&self) -> Entry<'_> {
        loop {
            let place = self.limit.enter().await;
            // Only now: much may have happened while it waited for a place.
            if let Some(closed) = self.closed() {
                return Entry::Closed(closed);
            }
            match self.begin() {
                Ok(start) => {
                    if let Some(start) = start {
                        sleep_until(start).await;
                    }
                    return Entry::Place(place);
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

    /// Keeps count of how it does. A request that fails counts once, however often it is tried: a few that fail for ever
    /// say nothing about the others.
    pub(super) fn note(
        &self,
        outcome: &Result<Reply, Fault>,
        tries: u32,
        took: Duration,
    ) -> Pressure {
        let mut state = self.state();
        if let Ok(reply) = outcome {
            state.rate = rate_limit::read(|name| reply.first(name)).or(state.rate.take());
        }
        match outcome {
            // Who asks for patience has not answered, and who waits as asked does no harm: it counts when patience ends.
            _ if is_put_off(outcome) => {}
            Ok(reply) if reply.status < 500 => {
                state.straight_failures = 0;
                state.waited = Duration::ZERO;
            }
            Err(fault) if !matches!(fault.error, SendError::Unreached(_)) => {}
            _ => state.straight_failures += u32::from(tries == 1),
        }
        pressure(outcome, took)
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
        let asked = asked_for(outcome);
        if let (Ok(reply), Some(asked)) = (
            outcome,
            asked.filter(|asked| !self.is_patient(*asked, timing)),
        ) {
            // Whoever has not been told yet need not ask to be told the same.
            let until = Instant::now() + asked.min(LEFT_ALONE_MOST);
            self.state().turned_away = Some((until, reply.clone()));
            return None;
        }
        if tries >= most || self.closed().is_some() {
            // Else a host that says "later" for ever could keep us for days (threats M2).
            self.state().straight_failures += u32::from(is_put_off(outcome));
            return None;
        }
        // Who comes when he was told to come does not make an outage worse.
        let is_invited = asked.is_some_and(|asked| !asked.is_zero());
        (is_invited || self.spend_retry()).then(|| wait(outcome, asked, tries, timing))
    }

    /// Tells whether a wait that is asked for is one that we wait: all waits together that brought no answer are as
    /// long as one may be, for the host as a whole. Who is told to come again while the others wait already, waits with
    /// them.
    fn is_patient(&self, asked: Duration, timing: &Timing) -> bool {
        let state = self.state();
        let waits = state
            .closed_until
            .is_some_and(|until| until > Instant::now());
        let before = if waits { Duration::ZERO } else { state.waited };
        asked <= timing.retry_after.saturating_sub(before)
    }

    /// What it said last about how much it allows.
    pub(super) fn rate_limit(&self) -> Option<RateLimit> {
        self.state().rate.clone()
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
                let now = Instant::now();
                let until = now + time;
                let mut state = self.state();
                if state.closed_until.is_none_or(|closed| closed <= now) {
                    state.waited += time;
                }
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

/// Tells whether the host wants to be asked later, in so many words or by its status.
fn is_put_off(outcome: &Result<Reply, Fault>) -> bool {
    let Ok(reply) = outcome else { return false };
    let is_invited = asked_for(outcome).is_some_and(|asked| !asked.is_zero());
    is_transient(reply.status) && (reply.status < 500 || is_invited)
}

fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

fn asked_for(outcome: &Result<Reply, Fault>) -> Option<Duration> {
    let reply = outcome.as_ref().ok()?;
    let header = |name| reply.first(name);
    let used_up = || match reply.status {
        429 => rate_limit::wait(header),
        _ => None,
    };
    retry_after::wait(header).or_else(used_up)
}

/// What the host asks for, else a time that doubles with each try.
fn wait(
    outcome: &Result<Reply, Fault>,
    asked: Option<Duration>,
    tries: u32,
    timing: &Timing,
) -> Wait {
    if let Some(asked) = asked {
        return Wait::All(asked);
    }
    let doubled = timing
        .backoff
        .saturating_mul(1 << tries.min(16).saturating_sub(1));
    let own = jittered(doubled.min(timing.backoff_most));
    let is_throttled = outcome.as_ref().is_ok_and(|reply| reply.status == 429);
    match is_throttled {
        true => Wait::All(own),
        false => Wait::Own(own),
    }
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
            assert!(host.closed().is_none());
            host.note(&reply(500, &[]), 1, Duration::ZERO);
        }
        assert!(matches!(host.closed(), Some(Err(SendError::Unreached(_)))));
        host.note(&reply(404, &[]), 1, Duration::ZERO);
        assert!(host.closed().is_none());
    }

    #[test]
    fn m2_a_few_requests_that_fail_for_ever_do_not_close_a_host() {
        let host = Host::new(None, None);
        for tries in 1..=STRAIGHT_FAILURES * 2 {
            host.note(&reply(500, &[]), tries, Duration::ZERO);
        }
        assert!(host.closed().is_none());
    }

    #[test]
    fn m1_whoever_was_not_told_to_stay_away_is_not_sent_to_be_told() {
        let host = Host::new(None, None);
        let timing = Timing::default();
        let away = reply(429, &[("retry-after", "3600")]);
        assert_eq!(host.again(&away, 1, TRIES, &timing), None);
        let closed = host.closed().expect("it wants to be left alone");
        assert_eq!(closed.map(|reply| reply.status), Ok(429));
        // A time that no clock has is as good as for ever, and is not taken for none.
        let host = Host::new(None, None);
        let absurd = reply(429, &[("retry-after", "99999999999999999999999")]);
        assert_eq!(host.again(&absurd, 1, TRIES, &timing), None);
        assert!(host.closed().is_some());
    }

    #[test]
    fn m1_coming_back_when_told_to_costs_nothing() {
        let host = Host::new(None, None);
        let (timing, told) = (Timing::default(), reply(429, &[("retry-after", "1")]));
        for _ in 0..FREE_RETRIES * 3 {
            assert!(host.again(&told, 1, TRIES, &timing).is_some());
        }
        let at_once = reply(429, &[("retry-after", "0")]);
        let again =
            (0..FREE_RETRIES * 3).filter(|_| host.again(&at_once, 1, TRIES, &timing).is_some());
        assert_eq!(again.count() as u64, FREE_RETRIES);
    }

    #[test]
    fn m1_a_limit_that_is_used_up_is_waited_for_or_not() {
        let hub = [
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "0;w=21600"),
        ];
        let host = Host::new(None, None);
        let away = reply(429, &hub);
        assert_eq!(host.again(&away, 1, TRIES, &Timing::default()), None);
        assert!(host.closed().is_some());
        let soon = [
            ("date", "Tue, 03 Mar 2026 00:00:00 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1772496007"),
        ];
        let wait = Some(Wait::All(Duration::from_secs(7)));
        assert_eq!(again(&reply(429, &soon), 1), wait);
        // Who answers has a limit, too.
        let host = Host::new(None, None);
        host.note(&reply(200, &hub), 1, Duration::ZERO);
        host.note(&reply(200, &[]), 1, Duration::ZERO);
        let left = host.rate_limit().and_then(|limit| limit.remaining);
        assert_eq!((left, host.closed().is_some()), (Some(0), false));
    }

    #[tokio::test]
    async fn m1_all_waits_of_a_host_together_have_an_end() {
        let (host, timing) = (Host::new(None, None), Timing::default());
        let later = reply(429, &[("retry-after", "70")]);
        let wait = host.again(&later, 1, TRIES, &timing);
        // Those who were on their way wait with the others.
        assert_eq!(host.again(&later, 1, TRIES, &timing), wait);
        host.wait(wait.expect("it is the first")).await;
        assert!(host.again(&later, 1, TRIES, &timing).is_some());
        host.state().closed_until = None;
        assert_eq!(host.again(&later, 2, TRIES, &timing), None);
        assert!(host.closed().is_some());
        // An answer begins it anew.
        host.note(&reply(200, &[]), 1, Duration::ZERO);
        assert!(host.is_patient(Duration::from_secs(70), &timing));
    }

    #[tokio::test]
    async fn a_rate_spaces_the_starts() {
        let host = Host::new(None, Some(1000));
        let began = Instant::now();
        for _ in 0..5 {
            let Entry::Place(place) = host.enter().await else {
                panic!("the host is open");
            };
            drop(place);
        }
        assert!(began.elapsed() >= Duration::from_millis(4));
    }

    #[test]
    fn m2_a_crowd_that_is_told_to_come_again_is_no_outage() {
        let host = Host::new(None, None);
        let later = reply(503, &[("retry-after", "1")]);
        for _ in 0..2 * STRAIGHT_FAILURES {
            host.note(&later, 1, Duration::ZERO);
            assert!(host.again(&later, 1, TRIES, &Timing::default()).is_some());
        }
        assert!(host.closed().is_none());
    }

    #[test]
    fn m2_a_host_that_says_later_for_ever_is_given_up() {
        let host = Host::new(None, None);
        let later = reply(429, &[("retry-after", "120")]);
        for _ in 0..STRAIGHT_FAILURES {
            assert!(host.closed().is_none());
            for tries in 1..=TRIES {
                host.note(&later, tries, Duration::ZERO);
                host.again(&later, tries, TRIES, &Timing::default());
            }
        }
        assert!(host.closed().is_some());
    }
}
