//! `--watch`: the same queries over and over, on a screen of their own, with what changed marked.
//!
//! Each round is a run like any other, whose rows are kept in place of being printed. The registries stay open: what is
//! named by its digest is asked once for all rounds, tags and listings are asked anew. A round that brings nothing leaves
//! the tables as they were, and says so.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::args::OutputArgs;
use super::console::{self, Screen, Words};
use super::exit::{Exit, Results};
use super::network;
use super::print::{self, Printer};
use super::progress::Progress;
use super::ready::{Flags, Ready};
use super::registries::{Means, Registries};
use super::report::{self, Failure, UsageError};
use super::runtime::Runtime;
use super::settings::Settings;
use super::stop::{Ended, Stop};
use crate::diagnostic::Colour;
use crate::limits::{WATCH_LEAST, WATCH_LOOKS_EVERY};
use crate::render::terminal::stdout_size;
use crate::render::{Changes, Format, Look, Round, Watched, cell, columns_of, shorten};
use crate::safe::Safe;

/// The lines of the screen above the tables: what is watched, what is going on, and a blank one.
const HEAD: usize = 3;

/// How often to look, if the flags ask for a watch.
///
/// Errors: more often than is good for a registry; an output that cannot be drawn over.
pub(super) fn wanted(
    args: &OutputArgs,
    settings: &Settings,
) -> Result<Option<Duration>, UsageError> {
    let Some(every) = args.watch else {
        return Ok(None);
    };
    if every.0 < WATCH_LEAST {
        let least = cell::lasting(WATCH_LEAST);
        let message = format!("`--watch` looks every {least} at most");
        return Err(UsageError::new(
            message,
            [format!("write `--watch={least}` or more")],
        ));
    }
    if args.output_file.is_some() {
        let message = "`--watch` draws on a terminal, and `--output-file` writes a file";
        return Err(UsageError::new(
            message,
            [report::WATCHED_BY_PROGRAMS.to_owned()],
        ));
    }
    if !settings.terminal.stdout.redraws {
        let message =
            "`--watch` draws on a terminal, and standard output is none that can be drawn over";
        return Err(UsageError::new(
            message,
            [report::WATCHED_BY_PROGRAMS.to_owned()],
        ));
    }
    Ok(Some(every.0))
}

/// Says that only a table can be watched.
pub(super) fn not_a_table() -> UsageError {
    let message = "`--watch` shows a table, and this output is none";
    UsageError::new(message, ["`-o table` or `-o wide` goes with it".to_owned()])
}

/// Runs queries until we are told to stop.
///
/// Errors: an output that is no table; a source that cannot be opened.
pub(super) fn watch(
    ready: &Ready,
    every: Duration,
    flags: &Flags<'_>,
    stop: &Stop,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let is_table = matches!(ready.printing.format, Format::Table | Format::Wide);
    if !is_table || ready.printing.value.is_some() {
        return Err(not_a_table().into());
    }
    let mut registries = Registries::new(Means {
        settings,
        flags: flags.network,
        trust: ready.trust.clone(),
        notebook: ready.notebook.clone(),
        limits: network::limits(flags.output, flags.network),
        stop,
    });
    // What is wrong with the user's files is said before the terminal is taken over.
    for (query, author) in &ready.queries {
        registries.open(query, author, &ready.given)?;
    }
    let runtime = Runtime::start()?;
    let words = match settings.terminal.stderr.is_terminal() {
        true => Words::Kept,
        false => Words::Said,
    };
    let mut watcher = Watcher {
        every,
        ready,
        flags,
        stop,
        settings,
        runtime: &runtime,
        view: View::new(ready, every, flags, settings),
        screen: console::open_screen(words),
    };
    watcher.go_on(&mut registries)
}

struct Watcher<'a> {
    every: Duration,
    ready: &'a Ready,
    flags: &'a Flags<'a>,
    stop: &'a Stop,
    settings: &'a Settings,
    runtime: &'a Runtime,
    view: View<'a>,
    screen: Screen,
}

/// How a round went.
enum Went {
    /// It brought something, all of it or not.
    Brought(Round, Timestamp),
    /// Nothing that was asked gave an answer, or not all, where all is asked for.
    Failed,
    /// We were told to stop.
    Stopped(Exit),
}

impl Watcher<'_> {
    fn go_on(&mut self, registries: &mut Registries<'_>) -> Result<Exit, Failure> {
        loop {
            self.view.standing = Standing::Asking;
            self.view.paint(&self.screen)?;
            let went = self.round(registries)?;
            self.view.words = lines_of(&self.screen.take_words());
            match went {
                Went::Stopped(exit) => return Ok(exit),
                Went::Brought(round, at) => {
                    self.view.watched.take(round, at);
                    self.view.seen_at = Some(Timestamp::now());
                    self.view.is_stale = false;
                }
                Went::Failed => {
                    self.view.watched.rest();
                    self.view.is_stale = true;
                }
            }
            if let Some(exit) = self.pause()? {
                return Ok(exit);
            }
            registries.next_round();
        }
    }

    /// One run of all queries.
    fn round(&self, registries: &mut Registries<'_>) -> Result<Went, Failure> {
        let settings = self.settings.at_this_moment();
        let progress = Progress::in_screen(self.flags.output.progress, &settings);
        let (flags, stop) = (self.flags, self.stop);
        let printer = Printer::new(flags, self.ready, stop, &settings, self.runtime, progress);
        let mut runs = Vec::new();
        for (query, author) in self.ready.queries.clone() {
            let sources = registries.open(&query, &author, &self.ready.given)?;
            runs.push((query, sources));
        }
        let mut round = Round::default();
        let results = printer.each(runs, &mut round);
        if let Some(exit) = stop.exit().filter(|_| printer.was_stopped()) {
            return Ok(Went::Stopped(exit));
        }
        match results {
            Ok(Results::Incomplete) if flags.output.strict => Ok(Went::Failed),
            Ok(Results::Incomplete) if !printer.any_answer() => Ok(Went::Failed),
            Ok(_) => Ok(Went::Brought(round, settings.now)),
            Err(Failure::Closed) => Err(Failure::Closed),
            Err(failure) => {
                report::failure(failure, settings.voice);
                Ok(Went::Failed)
            }
        }
    }

    /// Waits until the next round, and keeps the screen as it should be meanwhile: its size may change.
    fn pause(&mut self) -> Result<Option<Exit>, Failure> {
        let next = Instant::now() + self.every;
        let mut size = None;
        loop {
            let left = next.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            self.view.standing = Standing::Waiting(left);
            let now = stdout_size();
            match size == now {
                true => self.view.paint_status(),
                false => self.view.paint(&self.screen)?,
            }
            size = now;
            let look = Instant::now() + left.min(WATCH_LOOKS_EVERY);
            let nothing = std::future::pending::<()>();
            let waited = self.runtime.block_on(self.stop.race(Some(look), nothing));
            if waited == Ended::Stopped {
                return Ok(self.stop.exit());
            }
        }
    }
}

fn lines_of(words: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(words);
    text.lines().map(str::to_owned).collect()
}

/// What stands on the screen.
struct View<'a> {
    title: String,
    format: Format,
    look: Look,
    settings: &'a Settings,
    watched: Watched,
    /// When the tables were seen as they are shown.
    seen_at: Option<Timestamp>,
    /// Whether a round failed since.
    is_stale: bool,
    standing: Standing,
    /// What was said in the last round.
    words: Vec<String>,
}

/// What is going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Asking,
    /// The next round begins after this.
    Waiting(Duration),
}

impl<'a> View<'a> {
    fn new(ready: &Ready, every: Duration, flags: &Flags<'_>, settings: &'a Settings) -> Self {
        let names = ready.queries.iter().map(|(query, _)| query.name.as_str());
        let names = Safe::new(&names.collect::<Vec<_>>().join(", "));
        Self {
            title: format!("{names}, every {}", cell::lasting(every)),
            format: ready.printing.format,
            look: print::look(flags.output, ready.printing.marks, settings),
            settings,
            watched: Watched::default(),
            seen_at: None,
            is_stale: false,
            standing: Standing::Asking,
            words: Vec::new(),
        }
    }

    fn status(&self) -> String {
        status(
            self.seen_at,
            self.is_stale,
            self.watched.changes(),
            self.standing,
        )
    }

    fn paint_status(&self) {
        let columns = stdout_size().map_or(usize::MAX, |(columns, _)| columns);
        let status = shorten(&self.status(), columns);
        console::draw(&status, columns_of(&status));
    }

    fn paint(&self, screen: &Screen) -> std::io::Result<()> {
        let Some((columns, lines)) = stdout_size() else {
            return Ok(());
        };
        let title = shorten(&self.title, columns);
        let title = match self.settings.terminal.stdout.colour {
            Colour::On => format!("\u{1b}[1m{title}\u{1b}[0m"),
            Colour::Off => title,
        };
        let mut shown = vec![title, shorten(&self.status(), columns), String::new()];
        // The words may be many; the tables keep most of the room.
        let words = self.words.len().min(lines / 3);
        let room = lines.saturating_sub(HEAD + words + usize::from(words > 0));
        let look = Look {
            width: Some(columns),
            now: self.settings.at_this_moment().now,
            ..self.look
        };
        shown.extend(self.watched.lines(self.format, look, room)?);
        if words > 0 {
            shown.push(String::new());
            // What was said last is the sum of it.
            shown.extend_from_slice(&self.words[self.words.len() - words..]);
        }
        shown.truncate(lines);
        screen.paint(&shown);
        Ok(())
    }
}

/// `as of 14:03:22 UTC; 1 new, 2 changed; next in 8s`
fn status(
    seen_at: Option<Timestamp>,
    is_stale: bool,
    changes: Changes,
    standing: Standing,
) -> String {
    let mut parts = Vec::new();
    let seen_at = seen_at.map(|at| at.strftime("%H:%M:%S UTC").to_string());
    parts.push(match (&seen_at, is_stale) {
        (Some(at), false) => format!("as of {at}"),
        (Some(at), true) => format!("stale: as of {at}, the last round brought nothing"),
        (None, false) => "not seen yet".to_owned(),
        (None, true) => "nothing was seen yet".to_owned(),
    });
    let Changes {
        new,
        changed,
        gone,
        not_seen,
    } = changes;
    let counts = [
        (new, "new"),
        (changed, "changed"),
        (gone, "gone"),
        (not_seen, "not seen in an incomplete round"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !counts.is_empty() {
        parts.push(counts.join(", "));
    }
    parts.push(match standing {
        Standing::Asking => "asking".to_owned(),
        // A second that has begun is told as one.
        Standing::Waiting(left) => {
            format!(
                "next in {}",
                cell::lasting(left + Duration::from_millis(999))
            )
        }
    });
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_tells_when_what_and_what_next() {
        let at: Timestamp = "2026-03-03T14:03:22.7Z".parse().unwrap();
        let some = Changes {
            new: 1,
            changed: 2,
            gone: 0,
            not_seen: 3,
        };
        let waiting = Standing::Waiting(Duration::from_millis(7400));
        for (seen_at, is_stale, changes, standing, expected) in [
            (
                None,
                false,
                Changes::default(),
                Standing::Asking,
                "not seen yet; asking",
            ),
            (
                Some(at),
                false,
                some,
                waiting,
                "as of 14:03:22 UTC; 1 new, 2 changed, 3 not seen in an incomplete round; next in 8s",
            ),
            (
                Some(at),
                true,
                Changes::default(),
                waiting,
                "stale: as of 14:03:22 UTC, the last round brought nothing; next in 8s",
            ),
            (
                None,
                true,
                Changes::default(),
                waiting,
                "nothing was seen yet; next in 8s",
            ),
        ] {
            assert_eq!(status(seen_at, is_stale, changes, standing), expected);
        }
    }
}
