//! What the network says while it is asked, in words on stderr.
//!
//! Events come from any thread and many at once. A warning is said once, however often it comes, and there is an end to how
//! many a far side can make us say.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::activity::Activity;
use super::console;
use super::report::{self, Voice};
use super::seen::Notebook;
use crate::diagnostic::Diagnostic;
use crate::limits::SAID;
use crate::registry::{Event, Insecurity, Talk, Trace};
use crate::units;

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verbosity {
    /// What the user should know.
    Calm,
    /// Each request besides.
    Requests,
}

/// Says events on stderr, notes who is waited for, and notes the names in them. That nobody may be reading there ends
/// nothing.
pub(super) fn talk(
    voice: Voice,
    verbosity: Verbosity,
    activity: Activity,
    notebook: Option<Notebook>,
) -> Talk {
    let listener = Listener::new(verbosity);
    Talk::to(move |event| {
        activity.hear(&event, Instant::now());
        match listener.words(&event) {
            Some(Words::Line(line)) => console::say(line.as_bytes()),
            Some(Words::Finding(finding)) => report::say(&[finding], voice),
            None => {}
        }
        if let (Some(notebook), Event::Named { host, names }) = (&notebook, event) {
            notebook.note(&host, names);
        }
    })
}

/// What is said of an event.
#[derive(Debug, PartialEq)]
enum Words {
    /// A line of its own kind.
    Line(String),
    /// A finding, said once.
    Finding(Diagnostic),
}

struct Listener {
    verbosity: Verbosity,
    /// What was said, so that it is not said again.
    said: Mutex<HashSet<String>>,
}

impl Listener {
    fn new(verbosity: Verbosity) -> Self {
        Self {
            verbosity,
            said: Mutex::default(),
        }
    }

    fn words(&self, event: &Event) -> Option<Words> {
        if let Event::Request(trace) = event {
            let is_wanted = self.verbosity == Verbosity::Requests;
            return is_wanted.then(|| Words::Line(request(trace)));
        }
        let finding = finding(event)?;
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        // What a far side says has an end; what we say of a host does not fall silent because of it.
        let is_theirs = matches!(
            event,
            Event::Warning { .. }
                | Event::MaybeMore { .. }
                | Event::NamesOnly { .. }
                | Event::LeftOut { .. }
        );
        let is_enough = is_theirs && said.len() >= SAID;
        (!is_enough && said.insert(key(event, &finding))).then_some(Words::Finding(finding))
    }
}

/// What is said once. A registry may name another token server with every answer, and that it is asked anonymously is
/// said of it once all the same (threats F-9).
fn key(event: &Event, finding: &Diagnostic) -> String {
    match event {
        Event::Withheld { host, .. } => format!("{host} is asked anonymously"),
        Event::MirrorLeft { host, mirror, .. } => format!("{host} in place of {mirror}"),
        // What keeps one listing from coming keeps others, too.
        Event::NamesOnly { why, .. } => why.to_string(),
        _ => finding.message.clone(),
    }
}

fn finding(event: &Event) -> Option<Diagnostic> {
    Some(match event {
        Event::Request(_) | Event::Challenged { .. } | Event::Token(_) => return None,
        Event::Waiting(_) | Event::Waited(_) | Event::Pause { .. } | Event::Named { .. } => {
            return None;
        }
        Event::Shortage {
            host,
            wanted,
            counted,
            limit,
        } => {
            let counts = counted.in_words().map(|words| format!("; {words}"));
            let counts = counts.unwrap_or_default();
            let message =
                format!("{host} has {}, and this run may ask for up to {wanted}{counts}",
                limit.in_words());
            Diagnostic::warning(message).hint(report::FEWER)
        }
        Event::Warning { host, text } => Diagnostic::warning(format!("{host} says: {text}")),
        Event::Account { host, account } => Diagnostic::note(format!("{host} as {account}")),
        Event::Withheld { host, token_server } => Diagnostic::note(format!(
            "{host} is asked anonymously: its credential is not sent to the token server `{token_server}`, which is not known to belong to it"
        ))
        .hint(report::trusting(host, token_server)),
        Event::Helper { program } => Diagnostic::note(format!("waiting for `{program}`"))
            .hint("it may be asking you something; `--anonymous` does without it"),
        Event::Insecure { host, how } => Diagnostic::warning(match how {
            Insecurity::PlainHttp => {
                format!(
                    "{host} is asked in the clear: whoever is on the way can read and change it"
                )
            }
            Insecurity::UnverifiedTls => format!(
                "{host} is asked whatever its certificate says: whoever is on the way can read and change it"
            ),
        }),
        Event::NamesOnly { listing, why } => Diagnostic::note(format!(
            "not all of {listing} came with the vendor's listing, the rest is asked of the registry: {why}"
        )),
        Event::NothingBelow { vendor, namespace } => Diagnostic::note(format!(
            "{vendor} lists nothing below `{namespace}`, and says the same of a namespace that does not exist or shows you nothing"
        )),
        Event::LeftOut { listing, what } => Diagnostic::note(format!(
            "{listing} leaves out {what}: `resource: referrers` lists that"
        )),
        Event::MirrorLeft { host, mirror, why } => Diagnostic::note(format!(
            "{host} is asked in place of its mirror {mirror}, which failed: {why}"
        )),
        Event::MaybeMore { listing } => Diagnostic::warning(format!(
            "{listing} may be incomplete: its last page was full and named no next one"
        )),
    })
}

/// The protocol that is not worth a word.
const USUAL: &str = "HTTP/1.1";

/// `GET  https://… → 200, 1.2kB, 31ms`, and the protocol if it is another than the usual one.
fn request(trace: &Trace) -> String {
    let Trace {
        method,
        url,
        took,
        version,
        ..
    } = trace;
    let took = shown(*took);
    let protocol = match *version {
        "" | USUAL => String::new(),
        other => format!(", {other}"),
    };
    match &trace.outcome {
        Ok(status) => {
            let bytes = units::bytes(trace.bytes as f64);
            format!("{method:<4} {url} → {status}, {bytes}, {took}{protocol}\n")
        }
        Err(why) => format!("{method:<4} {url} → {why}, {took}\n"),
    }
}

/// `31ms`, `1.3s`.
fn shown(took: Duration) -> String {
    match took.as_millis() {
        milliseconds @ ..1000 => format!("{milliseconds}ms"),
        _ => format!("{:.1}s", took.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Colour, draw};
    use crate::oci::RegistryHost;
    use crate::registry::{Counted, RateLimit};
    use crate::safe::Safe;

    fn host() -> RegistryHost {
        "ghcr.io".parse().unwrap()
    }

    fn said(listener: &Listener, event: &Event) -> String {
        match listener.words(event) {
            Some(Words::Line(line)) => line,
            Some(Words::Finding(finding)) => draw(&[finding], Colour::Off),
            None => String::new(),
        }
    }

    fn trace(version: &'static str, outcome: Result<u16, Safe>, bytes: usize, took: u64) -> Event {
        Event::Request(Trace {
            method: "GET",
            url: Safe::new("https://ghcr.io/v2/a/tags/list"),
            outcome,
            version,
            bytes,
            took: Duration::from_millis(took),
        })
    }

    #[test]
    fn requests_are_shown_where_they_are_wanted() {
        let verbose = Listener::new(Verbosity::Requests);
        for (event, line) in [
            (
                trace("HTTP/1.1", Ok(200), 1234, 31),
                "GET  https://ghcr.io/v2/a/tags/list → 200, 1.23kB, 31ms\n",
            ),
            (
                trace("HTTP/2", Ok(404), 0, 7),
                "GET  https://ghcr.io/v2/a/tags/list → 404, 0B, 7ms, HTTP/2\n",
            ),
            (
                trace("", Err(Safe::new("connection refused")), 0, 1260),
                "GET  https://ghcr.io/v2/a/tags/list → connection refused, 1.3s\n",
            ),
        ] {
            // The same request twice is two requests.
            assert_eq!(said(&verbose, &event), line);
            assert_eq!(said(&verbose, &event), line);
            assert_eq!(said(&Listener::new(Verbosity::Calm), &event), "");
        }
    }

    #[test]
    fn everything_else_is_said_once() {
        let insecure = |how| Event::Insecure { host: host(), how };
        for (event, words) in [
            (
                Event::Warning {
                    host: host(),
                    text: Safe::new("going away"),
                },
                "warning: ghcr.io says: going away\n",
            ),
            (
                Event::Account {
                    host: host(),
                    account: Safe::new("bob"),
                },
                "note: ghcr.io as bob\n",
            ),
            (
                Event::Withheld {
                    host: host(),
                    token_server: Safe::new("auth.example"),
                },
                "note: ghcr.io is asked anonymously: its credential is not sent to the token server `auth.example`, which is not known to belong to it\nhint: if you know that it is the registry's, `docker-regq auth ghcr.io --trust-token-server auth.example` allows it\n",
            ),
            (
                Event::Helper {
                    program: "docker-credential-x".into(),
                },
                "note: waiting for `docker-credential-x`\nhint: it may be asking you something; `--anonymous` does without it\n",
            ),
            (
                Event::Shortage {
                    host: "docker.io".parse().unwrap(),
                    wanted: 500,
                    counted: Counted::Manifests,
                    limit: RateLimit {
                        remaining: Some(97),
                        ..RateLimit::default()
                    },
                },
                &format!(
                    "warning: docker.io has 97 left, and this run may ask for up to 500; it counts each GET of a manifest, and no HEAD\nhint: {}\n",
                    report::FEWER
                ),
            ),
            (
                insecure(Insecurity::PlainHttp),
                "warning: ghcr.io is asked in the clear: whoever is on the way can read and change it\n",
            ),
            (
                insecure(Insecurity::UnverifiedTls),
                "warning: ghcr.io is asked whatever its certificate says: whoever is on the way can read and change it\n",
            ),
            (
                Event::MirrorLeft {
                    host: host(),
                    mirror: "mirror.test".parse().unwrap(),
                    why: Safe::new("it is gone"),
                },
                "note: ghcr.io is asked in place of its mirror mirror.test, which failed: it is gone\n",
            ),
            (
                Event::MaybeMore {
                    listing: Safe::new("ghcr.io/a"),
                },
                "warning: ghcr.io/a may be incomplete: its last page was full and named no next one\n",
            ),
        ] {
            let listener = Listener::new(Verbosity::Calm);
            assert_eq!(said(&listener, &event), words);
            assert_eq!(said(&listener, &event), "");
        }
    }

    #[test]
    fn f9_a_registry_does_not_talk_without_end() {
        let listener = Listener::new(Verbosity::Calm);
        let warn = |number: usize| Event::Warning {
            host: host(),
            text: Safe::new(&number.to_string()),
        };
        let heard = (0..2 * SAID).filter(|number| !said(&listener, &warn(*number)).is_empty());
        assert_eq!(heard.count(), SAID);
        let how = Insecurity::PlainHttp;
        let insecure = Event::Insecure { host: host(), how };
        assert!(!said(&listener, &insecure).is_empty());
    }

    #[test]
    fn many_threads_say_one_thing_once() {
        let listener = Listener::new(Verbosity::Calm);
        let event = Event::Account {
            host: host(),
            account: Safe::new("bob"),
        };
        let heard = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| usize::from(listener.words(&event).is_some())))
                .collect();
            let heard = threads.into_iter().map(|thread| thread.join().unwrap());
            heard.sum::<usize>()
        });
        assert_eq!(heard, 1);
    }

    #[test]
    fn f9_a_host_that_names_ever_other_token_servers_is_told_of_once() {
        let listener = Listener::new(Verbosity::Calm);
        let withheld = |server: &str| Event::Withheld {
            host: host(),
            token_server: Safe::new(server),
        };
        assert!(said(&listener, &withheld("a.test")).contains("`a.test`"));
        assert_eq!(said(&listener, &withheld("b.test")), "");
    }
}
