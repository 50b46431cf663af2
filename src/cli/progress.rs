//! What a run is doing, while it does it: one line on stderr that is gone when there is something to read.
//!
//! ```text
//! exec      Tally       listed, done ──────────────┐
//! registry  Event ─► listener ─► Activity          ├─► pace ─► line ─► console
//!                       requests, who is waited for ┘
//! ```
//!
//! A thread of its own draws, so that the line goes on while the run computes or its reader does not read.

mod line;
mod pace;

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use self::line::Moment;
use self::pace::{Pace, Sample};
use super::activity::Activity;
use super::console;
use super::settings::Settings;
use crate::exec::Tally;
use crate::fields::Resource;
use crate::limits::{PROGRESS_AFTER, PROGRESS_EVERY, PROGRESS_LINES_EVERY};
use crate::render::columns_of;
use crate::render::terminal::{When, stderr_columns, stdout_size};
use crate::safe::Safe;

/// Progress that is shown until this is dropped.
pub(super) struct Progress {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// How it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A line that is drawn over and over.
    Line,
    /// The second line of a screen.
    Screen,
    /// Lines below one another, now and then.
    Lines,
}

/// What the thread and the run share.
#[derive(Default)]
struct Shared {
    scene: Mutex<Scene>,
    changed: Condvar,
}

#[derive(Default)]
struct Scene {
    /// What runs, if anything does.
    run: Option<Run>,
    is_over: bool,
}

/// One query that runs.
#[derive(Clone)]
struct Run {
    query: Safe,
    noun: &'static str,
    tally: Tally,
}

impl Shared {
    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    /// Begins to show progress, where that is wanted.
    pub(super) fn start(when: When, settings: &Settings) -> Self {
        let redraws = settings.terminal.stderr.redraws;
        match when {
            When::Auto | When::Always if redraws => Self::with(Way::Line, settings),
            When::Always => Self::with(Way::Lines, settings),
            When::Auto | When::Never => Self::nowhere(),
        }
    }

    /// Begins to show progress in a screen.
    pub(super) fn in_screen(when: When, settings: &Settings) -> Self {
        match when {
            When::Never => Self::nowhere(),
            When::Auto | When::Always => Self::with(Way::Screen, settings),
        }
    }

    fn nowhere() -> Self {
        Self {
            shared: Arc::default(),
            thread: None,
        }
    }

    fn with(way: Way, settings: &Settings) -> Self {
        let shared = Arc::new(Shared::default());
        let painter = Painter {
            way,
            shared: Arc::clone(&shared),
            activity: settings.activity.clone(),
            pace: Pace::default(),
        };
        let thread = thread::Builder::new().name("progress".to_owned());
        // Without the thread there is no progress to see, and nothing else is missing.
        let thread = thread.spawn(move || painter.paint()).ok();
        Self { shared, thread }
    }

    /// Tells what runs from now on.
    pub(super) fn run(&self, query: &str, resource: Resource, tally: &Tally) {
        self.shared.scene().run = Some(Run {
            query: Safe::new(query),
            noun: match resource {
                Resource::Repositories | Resource::Manifests => resource.name(),
                // What is listed are tags, whatever each of them is taken apart into.
                _ => Resource::Tags.name(),
            },
            tally: tally.clone(),
        });
    }

    /// Tells that nothing runs, and takes the line away.
    pub(super) fn rest(&self) {
        self.shared.scene().run = None;
        if self.thread.is_some() {
            console::clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.shared.scene().is_over = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // It has nothing to give, and does not wait for anybody.
            let _ = thread.join();
            console::clear();
        }
    }
}

/// What the thread has.
struct Painter {
    way: Way,
    shared: Arc<Shared>,
    activity: Activity,
    pace: Pace,
}

impl Painter {
    fn paint(mut self) {
        let mut pause = PROGRESS_AFTER;
        let shared = Arc::clone(&self.shared);
        let mut scene = shared.scene();
        while !scene.is_over {
            let begun = Instant::now();
            let waited = shared.changed.wait_timeout(scene, pause);
            scene = waited.unwrap_or_else(PoisonError::into_inner).0;
            if scene.is_over || begun.elapsed() < pause {
                continue;
            }
            pause = match self.way {
                Way::Lines => PROGRESS_LINES_EVERY,
                Way::Line | Way::Screen => PROGRESS_EVERY,
            };
            // The scene is held meanwhile: once it says that nothing runs, nothing is drawn any more.
            if let Some(run) = &scene.run {
                self.show(run);
            }
        }
    }

    fn show(&mut self, run: &Run) {
        let now = Instant::now();
        let seen = self.activity.seen(now);
        let progress = run.tally.progress();
        self.pace.take(Sample {
            at: now,
            requests: seen.requests,
            done: progress.done,
            all: progress.listed,
        });
        let left = self.pace.left();
        let moment = Moment {
            query: run.query.clone(),
            noun: run.noun,
            progress,
            requests: seen.requests,
            rate: self.pace.rate(),
            left: left.filter(|left| progress.is_whole && !left.is_zero()),
            wait: seen.wait,
        };
        match self.way {
            Way::Lines => {
                let line = line::text(&moment, usize::MAX);
                console::say(format!("{line}\n").as_bytes());
            }
            // A helper may be asking on this terminal.
            Way::Line if seen.is_helped => console::clear(),
            Way::Line => draw(&moment, stderr_columns()),
            Way::Screen => draw(&moment, stdout_size().map(|(columns, _)| columns)),
        }
    }
}

fn draw(moment: &Moment, columns: Option<usize>) {
    // A terminal that is full to its last column may already have gone on to the next line.
    let room = columns.map_or(usize::MAX, |columns| columns.saturating_sub(1));
    let line = match room {
        0 => String::new(),
        _ => line::text(moment, room),
    };
    console::draw(&line, columns_of(&line));
}
