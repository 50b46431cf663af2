//! A terminal in which a shell waits for keys, by way of tmux: what is typed, and what the screen shows then.

use std::process::Command;
use std::time::{Duration, Instant};

use super::command::Workplace;
use super::tools::Tool;

/// How long the screen may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shell that reads lines from a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shell {
    Bash,
    Zsh,
}

/// A shell that waits for keys, without any settings of its own.
pub(crate) struct TestTerminal {
    tmux: Tool,
    /// Where its server listens, which is nobody else's.
    socket: String,
    lines: usize,
}

impl TestTerminal {
    /// Starts a shell in a place, with the program on the path.
    pub(crate) fn start(shell: Shell, place: &Workplace) -> Option<Self> {
        let (name, flags) = match shell {
            Shell::Bash => ("bash", "--norc --noprofile -i"),
            Shell::Zsh => ("zsh", "-f -i"),
        };
        Tool::find(name)?;
        let tmux = Tool::find("tmux")?;
        let place = place.path("");
        let home = place.parent().expect("a place is in a folder").join("home");
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_docker-regq"));
        let folder = program.parent().expect("a program is in a folder");
        let system = std::env::var("PATH").unwrap_or_default();
        let (home, folder) = (home.display(), folder.display());
        let command = format!(
            "exec env -i HOME='{home}' DOCKER_CONFIG='{home}/.docker' PATH='{folder}:{system}' \
             TERM=screen LANG=C.UTF-8 PS1='> ' {name} {flags}"
        );
        let socket = place.with_file_name("tmux").display().to_string();
        let mut terminal = Self {
            tmux,
            socket,
            lines: 0,
        };
        let start = [
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "150",
            "-y",
            "50",
            "-c",
        ];
        let place = place.display().to_string();
        terminal.ask(&[&start[..], &[&place, &command]].concat());
        terminal.until(|screen| screen.lines().any(|line| line == ">"), "a prompt");
        // Whatever the shell has bound, a tabulator completes.
        terminal.run("unset HISTFILE");
        Some(terminal)
    }

    /// Runs a line and waits for its end.
    pub(crate) fn run(&mut self, line: &str) {
        self.lines += 1;
        let mark = format!("done-{}", self.lines);
        // What is typed is not yet what is printed.
        self.keys(&format!("{line}; clear; echo done''-{}", self.lines));
        self.key("Enter");
        self.until(|screen| screen.lines().any(|shown| shown == mark), &mark);
    }

    /// Types a line and a tabulator, then `|`, and waits for the line that stands there then.
    #[track_caller]
    pub(crate) fn completes(&mut self, typed: &str, expected: &str) {
        self.keys(typed);
        self.key("Tab");
        self.keys("|");
        let expected = format!("> {expected}");
        self.until(
            |screen| screen.lines().any(|line| line == expected),
            &expected,
        );
        self.leave();
    }

    /// Types a line and tabulators, and waits for a list that has a line which begins so.
    #[track_caller]
    pub(crate) fn lists(&mut self, typed: &str, expected: &str) {
        self.keys(typed);
        self.key("Tab");
        self.key("Tab");
        let is_there = |screen: &str| screen.lines().any(|line| line.starts_with(expected));
        self.until(is_there, expected);
        self.leave();
    }

    /// Leaves the line that is being typed. A signal would take keys along that are typed after it.
    fn leave(&mut self) {
        self.key("C-u");
        self.run(":");
    }

    fn keys(&self, keys: &str) {
        self.ask(&["send-keys", "-l", keys]);
    }

    fn key(&self, key: &str) {
        self.ask(&["send-keys", key]);
    }

    #[track_caller]
    fn until(&self, is_there: impl Fn(&str) -> bool, wanted: &str) {
        let start = Instant::now();
        loop {
            let screen = self.ask(&["capture-pane", "-p"]);
            if is_there(&screen) {
                return;
            }
            let shown = screen.trim_end();
            assert!(start.elapsed() < PATIENCE, "no {wanted:?} on\n{shown}");
        }
    }

    fn ask(&self, args: &[&str]) -> String {
        let mut command: Command = self.tmux.command();
        let ended = command.args(["-S", &self.socket]).args(args).output();
        let ended = ended.expect("tmux was there a moment ago");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "tmux {args:?}: {said}");
        String::from_utf8_lossy(&ended.stdout).into_owned()
    }
}

impl Drop for TestTerminal {
    fn drop(&mut self) {
        // It may have gone with its shell.
        let mut command = self.tmux.command();
        let _ = command.args(["-S", &self.socket, "kill-server"]).output();
    }
}
