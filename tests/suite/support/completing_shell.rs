//! A shell in a terminal that completes what is typed: real ones, without any settings of their own.

use super::command::Workplace;
use super::terminal::Terminal;
use super::tools::Tool;

/// A shell that reads lines from a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shell {
    Bash,
    Zsh,
}

/// A shell that waits for keys.
pub(crate) struct CompletingShell<'a> {
    terminal: Terminal<'a>,
    lines: usize,
}

impl<'a> CompletingShell<'a> {
    /// Starts a shell in a place, with the program on the path.
    pub(crate) fn start(shell: Shell, place: &'a Workplace) -> Option<Self> {
        let (name, flags) = match shell {
            Shell::Bash => ("bash", "--norc --noprofile -i"),
            Shell::Zsh => ("zsh", "-f -i"),
        };
        Tool::find(name)?;
        let shell = format!("env TERM=screen LANG=C.UTF-8 PS1='> ' {name} {flags}");
        let terminal = Terminal::with(place, (150, 50), &shell, ">")?;
        let mut started = Self { terminal, lines: 0 };
        // Whatever the shell has bound, a tabulator completes.
        started.run("unset HISTFILE");
        Some(started)
    }

    /// Runs a line and waits for its end.
    pub(crate) fn run(&mut self, line: &str) {
        self.lines += 1;
        let mark = format!("done-{}", self.lines);
        // What is typed is not yet what is printed.
        let line = format!("{line}; clear; echo done''-{}", self.lines);
        self.terminal.types(&line);
        self.terminal.until(|seen| seen.contains(&mark));
    }

    /// Types a line and a tabulator, then `|`, and waits for the line that stands there then.
    #[track_caller]
    pub(crate) fn completes(&mut self, typed: &str, expected: &str) {
        self.terminal.keys(typed);
        self.terminal.presses("Tab");
        self.terminal.keys("|");
        let expected = format!("> {expected}");
        self.terminal.until(|seen| seen.contains(&expected));
        self.leave();
    }

    /// Types a line and tabulators, and waits for a list that has a line which begins so.
    #[track_caller]
    pub(crate) fn lists(&mut self, typed: &str, expected: &str) {
        self.terminal.keys(typed);
        self.terminal.presses("Tab");
        self.terminal.presses("Tab");
        self.terminal
            .until(|seen| seen.iter().any(|line| line.starts_with(expected)));
        self.leave();
    }

    /// Leaves the line that is being typed. A signal would take keys along that are typed after it.
    fn leave(&mut self) {
        self.terminal.presses("C-u");
        self.run(":");
    }
}
