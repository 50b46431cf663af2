//! The program itself, started as a user starts it: in a folder of its own, with an environment of its own.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tempfile::TempDir;

use super::layout::TestLayout;
#[cfg(unix)]
use super::running::Running;

/// The instant of every run, 2026-03-03T00:00:00Z: two days after the youngest image of the demo.
const NOW: &str = "1772496000";

/// No run may take longer, even on a machine that builds something else meanwhile.
const LIMIT: Duration = Duration::from_secs(30);

/// A temporary folder to run commands in, and a home.
pub(crate) struct Workplace {
    dir: TempDir,
}

impl Workplace {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().expect("there is room for a folder");
        for folder in ["place", "home"] {
            fs::create_dir(dir.path().join(folder)).expect("the folder is new");
        }
        Self { dir }
    }

    /// A folder with the demo's layout in `demo`.
    pub(crate) fn with_demo() -> Self {
        Self::new().layout("demo", &crate::suite::demo::demo())
    }

    /// Puts a file there, and the folders that lead to it.
    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Puts a layout there.
    pub(crate) fn layout(self, path: &str, layout: &TestLayout) -> Self {
        layout.write_to(&self.path(path));
        self
    }

    /// A path in this folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join("place").join(path)
    }

    /// The user's home.
    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// What a file of this folder holds.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("the file is there")
    }

    /// The names of everything in this folder, hidden files too.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).expect("the folder is there");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A command to be run here.
    pub(crate) fn command<I>(&self, args: I) -> TestCommand
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let program = env!("CARGO_BIN_EXE_docker-regq");
        TestCommand::new(program, &self.home(), args).within(&self.path(""))
    }

    /// A line of shell to be run here, with the program on the path.
    pub(crate) fn shell(&self, line: &str) -> TestCommand {
        let program = Path::new(env!("CARGO_BIN_EXE_docker-regq"));
        let folder = program.parent().expect("a program is in a folder");
        let system = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&system));
        let path = std::env::join_paths(folders).expect("folders of a path can be joined");
        let shell = TestCommand::new("sh", &self.home(), ["-c", line]);
        shell.env("PATH", path).within(&self.path(""))
    }

    /// Runs a command here, without input.
    pub(crate) fn run<I>(&self, args: I) -> Ended
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        self.command(args).run()
    }
}

/// A command that is being described.
pub(crate) struct TestCommand {
    command: Command,
    input: Option<Vec<u8>>,
    words: Vec<OsString>,
}

impl TestCommand {
    fn new<I>(program: &str, home: &Path, args: I) -> Self
    where
        I: IntoIterator<Item: AsRef<OsStr>>,
    {
        let words: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().into()).collect();
        let mut command = Command::new(program);
        command
            .args(&words)
            .env_clear()
            .env("HOME", home)
            .env("DOCKER_CONFIG", home.join(".docker"))
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("SOURCE_DATE_EPOCH", NOW)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let input = None;
        Self {
            command,
            input,
            words,
        }
    }

    /// Runs it in another folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Has another program run it: that, with its words.
    pub(crate) fn under(mut self, program: &str, words: &[&str]) -> Self {
        let own = std::mem::replace(&mut self.command, Command::new(program));
        self.command.args(words).arg(own.get_program());
        self.command.args(own.get_args()).env_clear();
        let envs = own.get_envs();
        self.command
            .envs(envs.filter_map(|(name, value)| Some((name, value?))));
        self.command
            .current_dir(own.get_current_dir().expect("a test runs in a folder"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        self
    }

    /// Gives it a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Gives it something to read.
    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(input.into());
        self
    }

    /// Connects its standard input to something that can be read.
    pub(crate) fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.command.stdin(stdin);
        self
    }

    /// Connects its standard output to something else; what goes there is not seen here.
    pub(crate) fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.command.stdout(stdout);
        self
    }

    /// Connects its standard error to something else.
    pub(crate) fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.command.stderr(stderr);
        self
    }

    /// Runs it to its end, which has to come in time.
    pub(crate) fn run(self) -> Ended {
        self.watch(|_| None)
    }

    /// Runs it with a reader of its output who goes away after the first line.
    pub(crate) fn run_for_one_line(self) -> Ended {
        self.watch(|child| {
            let mut stdout = child.stdout.take().expect("it is a pipe");
            Some(thread::spawn(move || {
                let mut line = Vec::new();
                let mut byte = [0];
                while line.last() != Some(&b'\n') && stdout.read(&mut byte).unwrap() == 1 {
                    line.push(byte[0]);
                }
                line
            }))
        })
    }

    /// Starts it and does not wait: what it prints is read meanwhile, so that it never waits for that.
    #[cfg(unix)]
    pub(crate) fn start(mut self) -> Running {
        let child = self.command.spawn().expect("the program was built");
        // What the command holds open in this process would keep a pipe alive.
        drop(self.command);
        Running::new(child, self.words)
    }

    fn watch(mut self, read: impl Fn(&mut Child) -> Option<JoinHandle<Vec<u8>>>) -> Ended {
        let mut child = self.command.spawn().expect("the program was built");
        // What the command holds open in this process would keep a pipe alive.
        drop(self.command);
        let stdout = read(&mut child).or_else(|| child.stdout.take().map(read_all));
        let stderr = child.stderr.take().map(read_all);
        let input = self.input.zip(child.stdin.take());
        let writing = input.map(|(input, mut stdin)| {
            // It may end without reading to the end.
            thread::spawn(move || drop(stdin.write_all(&input)))
        });
        let exit = wait(child, &self.words);
        let text = |reading: Option<JoinHandle<Vec<u8>>>| {
            let bytes = reading.map_or_else(Vec::new, |reading| reading.join().unwrap());
            String::from_utf8(bytes).expect("all output is UTF-8")
        };
        if let Some(writing) = writing {
            writing.join().unwrap();
        }
        Ended {
            stdout: text(stdout),
            stderr: text(stderr),
            exit,
            words: self.words,
        }
    }
}

pub(super) fn read_all(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// Waits for the end and gives the exit code; beyond the limit the process is killed.
fn wait(mut child: Child, words: &[OsString]) -> i32 {
    let id = child.id();
    let (end, ended) = mpsc::channel();
    thread::spawn(move || end.send(child.wait()));
    match ended.recv_timeout(LIMIT) {
        Ok(status) => {
            let status = status.expect("a child can be waited for");
            let code = status.code();
            code.unwrap_or_else(|| panic!("{words:?} was ended by a signal: {status}"))
        }
        Err(_) => {
            kill(id);
            panic!("{words:?} takes longer than {LIMIT:?}");
        }
    }
}

#[cfg(unix)]
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
    // It may have ended just now.
    let _ = kill_process(pid.expect("a process has a number"), Signal::KILL);
}

#[cfg(not(unix))]
fn kill(_: u32) {}

/// A command that has ended.
pub(crate) struct Ended {
    /// The data.
    pub(crate) stdout: String,
    /// The words.
    pub(crate) stderr: String,
    /// How it ended.
    pub(crate) exit: i32,
    pub(super) words: Vec<OsString>,
}

impl Ended {
    /// It ended with this exit code.
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        let Self {
            stdout,
            stderr,
            words,
            ..
        } = &self;
        assert_eq!(self.exit, exit, "{words:?}\n{stdout}\n{stderr}");
        self
    }

    /// It printed exactly this.
    #[track_caller]
    pub(crate) fn prints(self, stdout: &str) -> Self {
        assert_eq!(self.stdout, stdout, "{:?}\n{}", self.words, self.stderr);
        self
    }

    /// It said nothing on stderr.
    #[track_caller]
    pub(crate) fn quietly(self) -> Self {
        assert_eq!(self.stderr, "", "{:?}", self.words);
        self
    }

    /// It said this, among other things, on stderr.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        let stderr = &self.stderr;
        assert!(
            stderr.contains(words),
            "{:?} does not say {words:?}:\n{stderr}",
            self.words
        );
        self
    }
}
