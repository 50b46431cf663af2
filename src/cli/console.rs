//! What stands on the terminal: words, data, and below them one line that comes and goes, or a whole screen.
//!
//! All that this process writes to its outputs while it asks goes through here, so that nothing is written into the middle
//! of anything else: the line is gone before words or data come. There is one terminal, and one of this; whoever ends the
//! process from another thread must be able to clean up, so it is no value that is handed down.
//!
//! Only here, and where colour is given, do escape sequences come from (threats F-1).

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use crate::limits::LAST_WORDS;

/// Erases from the cursor to the end of the screen.
const ERASE_BELOW: &str = "\u{1b}[J";
/// Erases to the end of the line.
const ERASE_LINE: &str = "\u{1b}[K";
/// Another screen, without a cursor, where what is too long is cut and not wrapped.
const OPEN_SCREEN: &str = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[H\u{1b}[J";
/// The screen that was there before.
const CLOSE_SCREEN: &str = "\u{1b}[?7h\u{1b}[?25h\u{1b}[?1049l";
/// The second line of a screen, where it says what is going on.
const STATUS_LINE: &str = "\u{1b}[2;1H";
/// The first place of a screen.
const TOP: &str = "\u{1b}[H";

static CONSOLE: Mutex<Console> = Mutex::new(Console::new());

/// What is known of the terminal.
struct Console {
    /// The line that stands on stderr.
    line: Option<Line>,
    /// Whether what was written last is unfinished: nothing can be drawn behind it.
    mid_line: bool,
    /// Whether data flowed to whoever may show it on this terminal when it likes.
    hands_off: bool,
    /// The screen that is shown in place of all that.
    screen: Option<Shown>,
}

/// A line as it was drawn.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    text: String,
    /// Its display columns.
    columns: usize,
    /// The columns that the terminal had.
    width: usize,
}

impl Console {
    const fn new() -> Self {
        Self {
            line: None,
            mid_line: false,
            hands_off: false,
            screen: None,
        }
    }

    /// Takes the line away. Where the terminal has become narrower, it stands on more lines than one.
    fn erase(&mut self) {
        let Some(line) = self.line.take() else {
            return;
        };
        let up = match line.columns.saturating_sub(1) / width().max(1) {
            0 => String::new(),
            lines => format!("\u{1b}[{lines}A"),
        };
        let _ = io::stderr().write_all(format!("{up}\r{ERASE_BELOW}").as_bytes());
    }
}

fn console() -> MutexGuard<'static, Console> {
    CONSOLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The columns that stderr has now.
fn width() -> usize {
    crate::render::terminal::stderr_columns().unwrap_or(usize::MAX)
}

/// Writes words to stderr, or keeps them for the screen. That nobody may be reading there ends nothing.
pub(super) fn say(words: &[u8]) {
    let mut console = console();
    console.erase();
    match &mut console.screen {
        Some(Shown {
            words: Words::Kept,
            kept,
        }) => kept.extend_from_slice(words),
        _ => drop(io::stderr().write_all(words)),
    }
}

/// Shows `text`, of so many display columns, as the line that stands below everything; in a screen, on its second line.
pub(super) fn draw(text: &str, columns: usize) {
    let mut console = console();
    if console.screen.is_some() {
        return show(&format!("{STATUS_LINE}{text}{ERASE_LINE}"));
    }
    if console.mid_line || console.hands_off {
        return;
    }
    let width = width();
    let line = Line {
        text: text.to_owned(),
        columns,
        width,
    };
    // What stands there already is left alone: it does not flicker, and a terminal that is just being made narrower, and
    // has not said so yet, is not written to without need.
    if console.line.as_ref() == Some(&line) {
        return;
    }
    console.erase();
    if columns > 0 && io::stderr().write_all(text.as_bytes()).is_ok() {
        console.line = Some(line);
    }
}

/// Takes the line away.
pub(super) fn clear() {
    console().erase();
}

/// Begins a screen on standard output.
pub(super) fn open_screen(words: Words) -> Screen {
    let mut console = console();
    console.erase();
    console.screen = Some(Shown {
        words,
        kept: Vec::new(),
    });
    show(OPEN_SCREEN);
    Screen(())
}

/// Writes to the terminal at once. One that is gone sends a signal.
fn show(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

/// What is known of a screen that is shown.
struct Shown {
    words: Words,
    kept: Vec<u8>,
}

/// What becomes of words while a screen is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// They would spoil it, and are kept for it.
    Kept,
    /// They go elsewhere.
    Said,
}

/// A screen of its own, until it is dropped.
pub(super) struct Screen(());

impl Screen {
    /// Shows these lines, and nothing else. What stood there is written over and not erased first, so that nothing
    /// flickers.
    pub(super) fn paint(&self, lines: &[String]) {
        let _console = console();
        let lines: Vec<String> = lines
            .iter()
            .map(|line| format!("{line}{ERASE_LINE}"))
            .collect();
        show(&format!("{TOP}{}{ERASE_BELOW}", lines.join("\r\n")));
    }

    /// The words that were said since they were taken last.
    pub(super) fn take_words(&self) -> Vec<u8> {
        let mut console = console();
        let screen = console.screen.as_mut();
        screen.map_or_else(Vec::new, |screen| std::mem::take(&mut screen.kept))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore(&mut console());
    }
}

/// Leaves the terminal as it was, before the process ends where it stands. Whoever writes at this moment is not waited for
/// long: its reader may be stopped too (threats O2, O7).
pub(super) fn abandon() {
    let pause = Duration::from_millis(1);
    let mut left = LAST_WORDS;
    loop {
        match CONSOLE.try_lock() {
            Ok(mut console) => return restore(&mut console),
            Err(TryLockError::Poisoned(console)) => {
                return restore(&mut console.into_inner());
            }
            Err(TryLockError::WouldBlock) if left > pause => {
                left -= pause;
                std::thread::sleep(pause);
            }
            Err(TryLockError::WouldBlock) => return,
        }
    }
}

fn restore(console: &mut Console) {
    console.erase();
    console.hands_off = true;
    if let Some(screen) = console.screen.take() {
        show(CLOSE_SCREEN);
        let _ = io::stderr().write_all(&screen.kept);
    }
}

/// Where standard output leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// To a terminal.
    ToTerminal,
    /// To another program, which may be showing it on this terminal.
    ToProgram,
    /// Where it disturbs nobody.
    Away,
}

/// Standard output, for data.
pub(super) struct Data {
    out: io::Stdout,
    leads: Leads,
}

impl Data {
    pub(super) fn new(leads: Leads) -> Self {
        let out = io::stdout();
        Self { out, leads }
    }
}

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.leads {
            Leads::Away => {}
            Leads::ToProgram => {
                let mut console = console();
                console.erase();
                console.hands_off = true;
            }
            Leads::ToTerminal => {
                // Nothing is drawn until it is written.
                let mut console = console();
                console.erase();
                let written = self.out.write(bytes)?;
                if let Some(last) = bytes[..written].last() {
                    console.mid_line = *last != b'\n';
                }
                return Ok(written);
            }
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
