//! Who is waited for, and how much was asked: kept up by what the network says, read by whoever shows it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::SILENCE;
use crate::registry::{Event, Far, Pausing};
use crate::render::cell;
use crate::safe::Safe;

/// What the process is waiting for. Its copies are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Activity(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requests: u64,
    helpers: usize,
    hosts: HashMap<Safe, Host>,
}

/// One host.
#[derive(Debug)]
struct Host {
    in_flight: usize,
    /// When it answered last, or was asked first since nothing was asked of it.
    heard: Instant,
    paused: Option<(Instant, Pausing)>,
}

/// What there is to tell at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// How many requests were sent.
    pub(super) requests: u64,
    /// What is waited for, in words, if that is worth a word.
    pub(super) wait: Option<String>,
    /// Whether a credential helper runs, which may want the terminal for itself.
    pub(super) is_helped: bool,
}

impl Activity {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what the network says.
    pub(super) fn hear(&self, event: &Event, now: Instant) {
        let mut state = self.state();
        match event {
            Event::Waiting(Far::Helper) => state.helpers += 1,
            Event::Waited(Far::Helper) => state.helpers = state.helpers.saturating_sub(1),
            Event::Waiting(Far::Host(host)) => {
                state.requests += 1;
                state.of(host, now).ask(now);
            }
            Event::Waited(Far::Host(host)) => state.of(host, now).answer(now),
            Event::Pause { host, time, why } => {
                let until = now + *time;
                state.of(host, now).paused = Some((until, *why));
            }
            _ => {}
        }
    }

    /// What there is to tell now.
    pub(super) fn seen(&self, now: Instant) -> Seen {
        let state = self.state();
        let mut waits: Vec<(Kind, Duration, &Safe)> = Vec::new();
        for (name, host) in &state.hosts {
            waits.extend(host.wait(now).map(|(kind, time)| (kind, time, name)));
        }
        // The longest first; names decide between equals, so that the line stands still.
        waits.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(a.2.cmp(b.2)));
        let wait = waits.first().map(|(kind, time, host)| {
            let told = kind.in_words(*time, host);
            match waits.len() - 1 {
                0 => told,
                1 => format!("{told}, and 1 more host to wait for"),
                more => format!("{told}, and {more} more hosts to wait for"),
            }
        });
        Seen {
            requests: state.requests,
            wait,
            is_helped: state.helpers > 0,
        }
    }
}

impl State {
    fn of(&mut self, host: &Safe, now: Instant) -> &mut Host {
        self.hosts.entry(host.clone()).or_insert(Host {
            in_flight: 0,
            heard: now,
            paused: None,
        })
    }
}

impl Host {
    fn ask(&mut self, now: Instant) {
        if self.in_flight == 0 {
            self.heard = now;
        }
        self.in_flight += 1;
    }

    fn answer(&mut self, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.heard = now;
    }

    fn wait(&self, now: Instant) -> Option<(Kind, Duration)> {
        if let Some((until, why)) = self.paused
            && let Some(left) = until.checked_duration_since(now)
            && left >= Duration::from_millis(500)
        {
            return Some((Kind::Paused(why), left));
        }
        let silent = now.saturating_duration_since(self.heard);
        (self.in_flight > 0 && silent >= SILENCE).then_some((Kind::Silent, silent))
    }
}

/// What keeps a host from answering; what was asked for comes before what has gone wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paused(Pausing),
    Silent,
}

impl Kind {
    fn rank(self) -> u8 {
        match self {
            Self::Paused(Pausing::Asked) => 0,
            Self::Paused(Pausing::Failed) => 1,
            Self::Silent => 2,
        }
    }

    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }

    fn in_words(self, time: Duration, host: &Safe) -> String {
        // A wait that is counted down ends at nothing, not at one second.
        let time = cell::lasting(match self {
            Self::Paused(_) => time + Duration::from_millis(500),
            Self::Silent => time,
        });
        match self {
            Self::Paused(Pausing::Asked) => format!("{host} asks to wait {time}"),
            Self::Paused(Pausing::Failed) => {
                format!("{host} failed, and is asked again in {time}")
            }
            Self::Silent => format!("no answer from {host} for {time}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> Far {
        Far::Host(Safe::new(name))
    }

    fn pause(name: &str, seconds: u64, why: Pausing) -> Event {
        Event::Pause {
            host: Safe::new(name),
            time: Duration::from_secs(seconds),
            why,
        }
    }

    #[test]
    fn what_is_waited_for_is_told_while_it_is_waited_for() {
        let (activity, start) = (Activity::default(), Instant::now());
        let after = |seconds| start + Duration::from_secs(seconds);
        let wait = |seconds| activity.seen(after(seconds)).wait;
        activity.hear(&Event::Waiting(host("a.io")), start);
        assert_eq!(wait(1), None);
        assert_eq!(wait(7).unwrap(), "no answer from a.io for 7s");
        activity.hear(&Event::Waiting(host("a.io")), after(7));
        activity.hear(&Event::Waited(host("a.io")), after(8));
        assert_eq!(wait(9), None);
        assert_eq!(wait(11).unwrap(), "no answer from a.io for 3s");
        activity.hear(&Event::Waited(host("a.io")), after(11));
        assert_eq!(wait(60), None);
        activity.hear(&pause("a.io", 12, Pausing::Asked), after(60));
        assert_eq!(wait(60).unwrap(), "a.io asks to wait 12s");
        assert_eq!(wait(70).unwrap(), "a.io asks to wait 2s");
        assert_eq!(wait(72), None);
        assert_eq!(activity.seen(start).requests, 2);
    }

    #[test]
    fn one_of_several_waits_is_told_and_the_others_are_counted() {
        let (activity, now) = (Activity::default(), Instant::now());
        let wait = || activity.seen(now).wait;
        activity.hear(&pause("b.io", 30, Pausing::Failed), now);
        assert_eq!(wait().unwrap(), "b.io failed, and is asked again in 30s");
        activity.hear(&pause("a.io", 5, Pausing::Asked), now);
        assert_eq!(
            wait().unwrap(),
            "a.io asks to wait 5s, and 1 more host to wait for"
        );
        activity.hear(&pause("c.io", 9, Pausing::Asked), now);
        assert_eq!(
            wait().unwrap(),
            "c.io asks to wait 9s, and 2 more hosts to wait for"
        );
        // Too short to be read.
        activity.hear(&pause("c.io", 0, Pausing::Failed), now);
        assert_eq!(
            wait().unwrap(),
            "a.io asks to wait 5s, and 1 more host to wait for"
        );
    }

    #[test]
    fn i3_a_helper_that_runs_is_known() {
        let (activity, now) = (Activity::default(), Instant::now());
        activity.hear(&Event::Waiting(Far::Helper), now);
        assert!(activity.seen(now).is_helped);
        activity.hear(&Event::Waited(Far::Helper), now);
        assert!(!activity.seen(now).is_helped);
    }
}
