//! A terminal with a person before it, by tmux: what is typed, what is seen, and how large the window is.

use std::time::{Duration, Instant};

use super::command::{Ended, Workplace};
use super::tools::Tool;

/// How long it may take until something is seen.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the shell says when it waits for a command.
const PROMPT: &str = "ready>";

/// A window of a terminal, with a shell in it.
pub(crate) struct Terminal<'a> {
    place: &'a Workplace,
}

/// What is seen: the lines of the window, without the blanks at their ends.
pub(crate) type Seen = Vec<String>;

impl<'a> Terminal<'a> {
    /// Opens a window of so many columns and lines, in which the program is on the path.
    pub(crate) fn open(place: &'a Workplace, columns: usize, lines: usize) -> Option<Self> {
        let shell = format!("env PS1='{PROMPT} ' sh");
        Self::with(place, (columns, lines), &shell, PROMPT)
    }

    /// Opens a window of so many columns and lines with a shell in it that says this when it waits for a command.
    pub(crate) fn with(
        place: &'a Workplace,
        (columns, lines): (usize, usize),
        shell: &str,
        prompt: &str,
    ) -> Option<Self> {
        Tool::find("tmux")?;
        let terminal = Self { place };
        let size = format!("-x {columns} -y {lines}");
        terminal
            .tmux(&format!("new-session -d {size} \"{shell}\""))
            .exits(0);
        terminal.until(|seen| seen.iter().any(|line| line.starts_with(prompt)));
        Some(terminal)
    }

    fn tmux(&self, words: &str) -> Ended {
        let socket = self.place.home().join("tmux");
        let line = format!("tmux -u -S '{}' -f /dev/null {words}", socket.display());
        self.place.shell(&line).run()
    }

    /// Types a line, and ends it.
    pub(crate) fn types(&self, line: &str) {
        self.keys(line);
        self.presses("Enter");
    }

    /// Types a text.
    pub(crate) fn keys(&self, text: &str) {
        let quoted = text.replace('\'', "'\\''");
        self.tmux(&format!("send-keys -l '{quoted}'")).exits(0);
    }

    /// Presses a key, as tmux calls it.
    pub(crate) fn presses(&self, key: &str) {
        self.tmux(&format!("send-keys {key}")).exits(0);
    }

    /// Makes the window larger or smaller, and waits until programs can know.
    pub(crate) fn resize(&self, columns: usize, lines: usize) {
        self.tmux(&format!("resize-window -x {columns} -y {lines}"))
            .exits(0);
        let tty = self.tmux("display-message -p '#{pane_tty}'").stdout;
        let size = format!("{lines} {columns}\n");
        let start = Instant::now();
        while self.place.shell(&format!("stty size < {tty}")).run().stdout != size {
            assert!(start.elapsed() < PATIENCE, "the window keeps its size");
        }
    }

    /// What is seen now.
    pub(crate) fn seen(&self) -> Seen {
        let captured = self.tmux("capture-pane -p").exits(0).stdout;
        let lines = captured.lines().map(|line| line.trim_end().to_owned());
        let mut lines: Seen = lines.collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Looks until something is seen; gives all that is seen then.
    #[track_caller]
    pub(crate) fn until(&self, is_it: impl Fn(&[String]) -> bool) -> Seen {
        let start = Instant::now();
        loop {
            let seen = self.seen();
            if is_it(&seen) {
                return seen;
            }
            let seen = seen.join("\n");
            assert!(start.elapsed() < PATIENCE, "it is not seen:\n{seen}");
        }
    }

    /// Looks until a line is seen that has this in it.
    #[track_caller]
    pub(crate) fn until_it_shows(&self, words: &str) -> Seen {
        self.until(|seen| seen.iter().any(|line| line.contains(words)))
    }

    /// Looks until the shell waits for the next command; gives what is seen since `line` was typed.
    #[track_caller]
    pub(crate) fn until_done(&self, line: &str) -> Seen {
        let typed = |seen: &[String]| seen.iter().position(|shown| shown.ends_with(line));
        let seen = self
            .until(|seen| seen.last().is_some_and(|last| last == PROMPT) && typed(seen).is_some());
        let begin = typed(&seen).expect("it was seen");
        seen[begin + 1..seen.len() - 1].to_vec()
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        drop(self.tmux("kill-server"));
    }
}
