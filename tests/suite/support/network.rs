//! The fake registry, asked: by the program as users start it, and by the library with waits of milliseconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regq::limits::{Limits, Timing};
use regq::oci::RegistryHost;
use regq::registry::counting::{Counting, Transcript};
use regq::registry::{
    Consent, Event, Keychain, Network, NetworkSettings, Registry, Remote, Talk, Trust,
};
use serde_json::Value;

use super::command::{Ended, Workplace};
use super::fake::RunningRegistry;
use super::query::World;

/// Runs a command whose words have `HOST` for the registry, in the clear; nothing is tried again unless they say so.
pub(crate) fn run(registry: &RunningRegistry, words: &str) -> Ended {
    let words = format!("{words} --plain-http HOST").replace("HOST", &registry.host());
    let words = match words.contains("--retries") {
        true => words,
        false => format!("{words} --retries 0"),
    };
    Workplace::new().run(words.split_whitespace())
}

/// What was printed with `-o json`.
pub(crate) fn document(ended: &Ended) -> Value {
    serde_json::from_str(&ended.stdout).expect("JSON was printed")
}

/// Waits that no test sits through, and patience that only a hanging test uses up.
pub(crate) fn quick() -> Timing {
    let patience = Duration::from_secs(20);
    Timing {
        connect: patience,
        first_byte: patience,
        idle: patience,
        answer: patience,
        speed: patience,
        backoff: Duration::from_millis(1),
        backoff_most: Duration::from_millis(4),
        retry_after: Duration::from_secs(3),
        ..Timing::default()
    }
}

/// A fake registry for the library.
pub(crate) struct Online {
    host: String,
    settings: NetworkSettings,
    said: Arc<Mutex<Vec<Event>>>,
}

impl Online {
    /// A registry that runs, asked in the clear.
    pub(crate) fn of(registry: &RunningRegistry) -> Self {
        Self::at(&registry.host())
    }

    /// Whatever is there.
    pub(crate) fn at(host: &str) -> Self {
        let mut trust = Trust::default();
        let consent = Consent {
            named: true,
            plain_http: true,
            ..Consent::default()
        };
        trust.allow(host.parse().expect("a test's host is one"), consent);
        let settings = NetworkSettings {
            trust,
            timing: quick(),
            ..NetworkSettings::default()
        };
        Self {
            host: host.to_owned(),
            settings,
            said: Arc::default(),
        }
    }

    /// Changes how the user allows it to be asked.
    pub(crate) fn consent(mut self, consent: Consent) -> Self {
        let host = self.host.parse().expect("a test's host is one");
        self.settings.trust = Trust::default();
        self.settings.trust.allow(host, consent);
        self
    }

    /// Has these registries asked first, in the clear too.
    pub(crate) fn mirrors(mut self, mirrors: &[&str]) -> Self {
        let mirrors = mirrors.iter();
        let mirrors: Vec<RegistryHost> = mirrors.map(|mirror| mirror.parse().unwrap()).collect();
        for mirror in &mirrors {
            let consent = Consent {
                plain_http: true,
                ..Consent::default()
            };
            self.settings.trust.allow(mirror.clone(), consent);
        }
        let host = self.host.parse().expect("a test's host is one");
        let consent = Consent {
            mirrors,
            ..Consent::default()
        };
        self.settings.trust.allow(host, consent);
        self
    }

    /// Changes the bounds.
    pub(crate) fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.settings.limits);
        self
    }

    /// Changes the waits.
    pub(crate) fn timing(mut self, change: impl FnOnce(&mut Timing)) -> Self {
        change(&mut self.settings.timing);
        self
    }

    /// A client that has asked nothing yet.
    pub(crate) fn remote(&self) -> Remote {
        let said = Arc::clone(&self.said);
        let talk = Talk::to(move |event| {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.push(event);
        });
        let network = Network::new(self.settings.clone(), Keychain::empty(), talk);
        let host = self.host.parse().expect("a test's host is one");
        network.registry(host, "fake")
    }

    /// What the network had to say, but for the requests, the waits, how it was logged in to, and the names that it heard.
    pub(crate) fn said(&self) -> Vec<Event> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let others = said.iter().filter(|event| {
            use Event::{Challenged, Named, Pause, Request, Token, Waited, Waiting};
            let of_requests = matches!(event, Request(_) | Waiting(_) | Waited(_) | Pause { .. });
            !of_requests && !matches!(event, Challenged { .. } | Token(_) | Named { .. })
        });
        others.cloned().collect()
    }
}

impl World for Online {
    fn counted(&self) -> (Arc<dyn Registry>, Transcript) {
        let counting = Counting::new(self.remote());
        let transcript = counting.transcript();
        (Arc::new(counting), transcript)
    }
}
