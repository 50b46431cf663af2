//! Docker's contract with its plugins, and kubectl's: the only corner that knows either.
//!
//! Docker hands its whole argument list down, its own flags in front and our name somewhere in it, so what stands before
//! the command word is read here by the grammar of Docker's flags (Go's pflag, not interspersed). What comes out is the
//! same whoever started us: how we are spelled, what was set before the command, and the command's words. Nothing here
//! reads a file or waits: Docker asks for the metadata on every `docker --help` (threats O6).

pub(super) mod folders;

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::habits;
use super::report::UsageError;
use super::spelled::Spelled;
use crate::diagnostic::nearest;
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};

/// The word that Docker asks for the metadata with.
const METADATA: &str = "docker-cli-plugin-metadata";
/// Our name among Docker's commands.
pub(super) const NAME: &str = "regq";
/// Where Docker tells the plugin to stop: the address of a socket that it closes (docker/cli, `cli-plugins/socket`).
const SOCKET: &str = "DOCKER_CLI_PLUGIN_SOCKET";

/// The version, as Docker and `version` show it.
pub(super) const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// What `docker --help` says of us, in one line.
pub(super) const DESCRIPTION: &str =
    "Answer questions about container registries with saved queries";

/// The metadata, if it is asked for: JSON with one key on a line, for packagers compare it line by line.
pub(super) fn metadata(args: &[OsString]) -> Option<String> {
    if args.get(1).is_none_or(|word| word != METADATA) {
        return None;
    }
    let url = Some(env!("CARGO_PKG_REPOSITORY")).filter(|url| !url.is_empty());
    let entries = [
        // Docker before 28.5 takes no other version than this.
        ("SchemaVersion", Some("0.1.0")),
        ("Vendor", Some("docker-regq")),
        ("Version", Some(VERSION)),
        ("ShortDescription", Some(DESCRIPTION)),
        ("URL", url),
    ];
    let known = entries
        .into_iter()
        .filter_map(|(key, value)| Some((Arc::from(key), Value::text(value?))));
    Some(to_json(&Value::map(known), JsonStyle::Pretty) + "\n")
}

/// The address of the socket on which Docker closes when the plugin shall stop; a leading `@` stands for the NUL of an
/// abstract one.
pub(super) fn stop_socket(environment: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let address = environment(SOCKET).filter(|address| !address.is_empty())?;
    Some(
        match address.to_str().and_then(|text| text.strip_prefix('@')) {
            Some(name) => PathBuf::from(format!("\0{name}")),
            None => PathBuf::from(address),
        },
    )
}

/// What was set before the command word. Docker's other flags are about its engine; they are accepted and mean nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Globals {
    /// Docker's config folder.
    pub(super) config: Option<PathBuf>,
    /// Whether Docker was asked to say more.
    pub(super) debug: bool,
}

/// How the program was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Invocation {
    /// How its commands are spelled.
    pub(super) spelled: Spelled,
    /// What was set before the command.
    pub(super) globals: Globals,
    /// The command and its words; never empty, unless the line is not finished.
    pub(super) words: Vec<OsString>,
}

/// A command line that breaks off before the command.
#[derive(Debug)]
pub(super) struct Misread {
    /// How commands are spelled.
    pub(super) spelled: Spelled,
    /// What is wrong.
    pub(super) error: UsageError,
}

impl Invocation {
    /// Reads the process's arguments, the program's own name in front.
    ///
    /// Errors: a flag before the command that Docker does not have, or with a value that it cannot take.
    pub(super) fn read(args: Vec<OsString>) -> Result<Self, Misread> {
        let mut args = args.into_iter();
        let program = args.next().unwrap_or_default();
        let spelled = spelled_by(Path::new(&program));
        let mut reader = Reader {
            spelled,
            rest: args.collect(),
            ..Reader::default()
        };
        match reader.read() {
            Ok(()) => Ok(reader.invocation()),
            Err(error) => Err(Misread {
                spelled: reader.spelled,
                error,
            }),
        }
    }
}

/// How commands are spelled to whoever started a program of this name.
pub(super) fn spelled_by(program: &Path) -> Spelled {
    match is_kubectl(program) {
        true => Spelled::KubectlPlugin,
        false => Spelled::Alone,
    }
}

/// Reads what stands before the command in a line that is not finished: what comes out may have no words.
///
/// Errors: as [`Invocation::read`]; a flag that lacks its value.
pub(super) fn before_command(
    spelled: Spelled,
    words: Vec<OsString>,
) -> Result<Invocation, UsageError> {
    let mut reader = Reader {
        spelled,
        rest: words.into(),
        ..Reader::default()
    };
    reader.read()?;
    Ok(Invocation {
        spelled: reader.spelled,
        globals: reader.globals,
        words: reader.rest.into(),
    })
}

fn is_kubectl(program: &Path) -> bool {
    let name = program.file_stem().and_then(OsStr::to_str);
    name.is_some_and(|name| name.starts_with("kubectl-"))
}

/// A flag of Docker.
struct Flag {
    long: &'static str,
    short: Option<char>,
    takes: Takes,
}

/// What a flag takes, and what it is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Config,
    /// A value that we have no use for.
    Value,
    Debug,
    Help,
    Version,
    /// A truth that we have no use for.
    Truth,
}

impl Takes {
    fn is_value(self) -> bool {
        matches!(self, Self::Config | Self::Value)
    }
}

const fn flag(long: &'static str, short: Option<char>, takes: Takes) -> Flag {
    Flag { long, short, takes }
}

/// Docker's flags (docker/cli, `cli/flags/options.go`).
const FLAGS: [Flag; 12] = [
    flag("config", None, Takes::Config),
    flag("context", Some('c'), Takes::Value),
    flag("host", Some('H'), Takes::Value),
    flag("log-level", Some('l'), Takes::Value),
    flag("tlscacert", None, Takes::Value),
    flag("tlscert", None, Takes::Value),
    flag("tlskey", None, Takes::Value),
    flag("debug", Some('D'), Takes::Debug),
    flag("tls", None, Takes::Truth),
    flag("tlsverify", None, Takes::Truth),
    flag("version", Some('v'), Takes::Version),
    flag("help", Some('h'), Takes::Help),
];

#[derive(Default)]
struct Reader {
    spelled: Spelled,
    rest: VecDeque<OsString>,
    globals: Globals,
    help: bool,
    version: bool,
}

impl Reader {
    /// Reads up to the command word. It is the words that tell whether Docker started us: its variables are inherited
    /// by whatever its plugins start.
    fn read(&mut self) -> Result<(), UsageError> {
        self.flags()?;
        self.help |= self.skip("help");
        if self.spelled == Spelled::Alone && self.skip(NAME) {
            self.spelled = Spelled::DockerPlugin;
            self.flags()?;
            self.help |= self.skip("help");
        }
        Ok(())
    }

    fn invocation(self) -> Invocation {
        let mut words: Vec<OsString> = self.rest.into();
        if self.version {
            words = vec!["version".into()];
        } else if self.help || words.is_empty() {
            words.truncate(1);
            words.push("--help".into());
        }
        Invocation {
            spelled: self.spelled,
            globals: self.globals,
            words,
        }
    }

    /// Takes a word off, if it is this one.
    fn skip(&mut self, word: &str) -> bool {
        let is_next = self.rest.front().is_some_and(|next| next == word);
        if is_next {
            self.rest.pop_front();
        }
        is_next
    }

    /// Takes off what stands before the next word.
    fn flags(&mut self) -> Result<(), UsageError> {
        while self.rest.front().is_some_and(|word| is_flag(word)) {
            let word = self.rest.pop_front().unwrap_or_default();
            let text = word.to_string_lossy();
            match text.strip_prefix("--") {
                Some("") => return Ok(()),
                Some(long) => self.long(long)?,
                None => self.shorts(&text[1..])?,
            }
        }
        Ok(())
    }

    /// `--name`, `--name=value`, `--name value`.
    fn long(&mut self, text: &str) -> Result<(), UsageError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let known = FLAGS.iter().find(|flag| flag.long == name);
        let flag = known.ok_or_else(|| unknown(&format!("--{name}"), nearest_long(name)))?;
        match value {
            Some(value) => self.set(flag, value.into()),
            None if flag.takes.is_value() => self.set_next(flag, &format!("--{name}")),
            None => self.set(flag, "true".into()),
        }
    }

    /// `-k value`, `-kvalue`, `-k=value`, and several in one word.
    fn shorts(&mut self, text: &str) -> Result<(), UsageError> {
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let known = FLAGS.iter().find(|flag| flag.short == Some(letter));
            let flag = known.ok_or_else(|| unknown(&format!("-{letter}"), None))?;
            let rest = letters.as_str();
            if let Some(value) = rest.strip_prefix('=').filter(|value| !value.is_empty()) {
                return self.set(flag, value.into());
            }
            match (flag.takes.is_value(), rest) {
                (true, "") => return self.set_next(flag, &format!("-{letter}")),
                (true, value) => return self.set(flag, value.into()),
                (false, _) => self.set(flag, "true".into())?,
            }
        }
        Ok(())
    }

    fn set_next(&mut self, flag: &Flag, written: &str) -> Result<(), UsageError> {
        match self.rest.pop_front() {
            Some(value) => self.set(flag, value),
            None => Err(UsageError::new(format!("`{written}` needs a value"), [])),
        }
    }

    fn set(&mut self, flag: &Flag, value: OsString) -> Result<(), UsageError> {
        match flag.takes {
            Takes::Config => {
                self.globals.config = Some(value.into()).filter(|dir| dir != Path::new(""))
            }
            Takes::Value => {}
            Takes::Debug => self.globals.debug = truth(flag, &value)?,
            Takes::Help => self.help = truth(flag, &value)?,
            Takes::Version => self.version = truth(flag, &value)?,
            Takes::Truth => drop(truth(flag, &value)?),
        }
        Ok(())
    }
}

/// A word that starts with `-` and has more.
fn is_flag(word: &OsStr) -> bool {
    let bytes = word.as_encoded_bytes();
    bytes.len() > 1 && bytes[0] == b'-'
}

/// What Go's `strconv.ParseBool` reads.
fn truth(flag: &Flag, value: &OsStr) -> Result<bool, UsageError> {
    match value.to_str() {
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        _ => {
            let message = format!("`--{}` takes `true` or `false`", flag.long);
            Err(UsageError::new(message, []))
        }
    }
}

fn nearest_long(name: &str) -> Option<String> {
    let near = nearest(name, FLAGS.iter().map(|flag| flag.long))?;
    Some(format!("did you mean `--{near}`?"))
}

fn unknown(written: &str, near: Option<String>) -> UsageError {
    if let Some(known) = habits::of_flag(written) {
        return known;
    }
    let shown = Safe::cut(written, 64);
    let message = format!("unknown flag `{shown}` before the command");
    let hint = "flags of a command stand after it, as in `docker-regq run QUERY -o json`";
    UsageError::new(message, near.into_iter().chain([hint.to_owned()]))
}

#[cfg(test)]
mod tests;
