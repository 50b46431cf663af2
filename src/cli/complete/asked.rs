//! How a shell asks: by which word or name, with which words, and whether it wants descriptions.

use std::ffi::OsString;
use std::path::Path;

use crate::cli::plugin::folders::KUBECTL_COMPLETE;
use crate::cli::plugin::{self, Globals};
use crate::cli::spelled::Spelled;

/// The word that a shell asks with.
const COMPLETE: &str = "__complete";
/// The same, where it has no room for descriptions.
const BARE: &str = "__completeNoDesc";
/// Variables that take descriptions away: docker's own, and that of all programs made with cobra.
const DESCRIPTIONS: [&str; 2] = [
    "DOCKER_COMPLETION_DESCRIPTIONS",
    "COBRA_COMPLETION_DESCRIPTIONS",
];

/// What a shell wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// How our commands are spelled.
    pub(super) spelled: Spelled,
    /// What is set before the command.
    pub(super) globals: Globals,
    /// The words before the one that is being typed, from the command on; none where they cannot be read so far.
    pub(super) words: Words,
    /// What is typed of the last word.
    pub(super) typed: String,
    /// Whether descriptions are wanted.
    pub(super) described: bool,
}

/// The words before the one that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Words {
    /// From the command on; none if the command is being typed.
    Read(Vec<String>),
    /// This flag before the command lacks its value.
    Lacks(String),
}

impl Asked {
    /// Reads the process's arguments, the program's own name in front; nothing if no shell asks.
    pub(super) fn read(
        args: &[OsString],
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Option<Self> {
        let (program, rest) = args.split_first()?;
        let stem = Path::new(program).file_stem()?;
        let (mut described, mut words) = (true, rest);
        let mut spelled = plugin::spelled_by(Path::new(program));
        if Path::new(KUBECTL_COMPLETE).file_stem() == Some(stem) {
            spelled = Spelled::KubectlPlugin;
        } else {
            let (first, behind) = rest.split_first()?;
            described = match first.to_str()? {
                COMPLETE => true,
                BARE => false,
                _ => return None,
            };
            words = behind;
        }
        let unwanted =
            |name: &&str| variable(name).is_some_and(|value| value == "0" || value == "false");
        let described = described && !DESCRIPTIONS.iter().any(unwanted);
        let (typed, words) = match words.split_last() {
            Some((typed, words)) => (typed.to_string_lossy().into_owned(), words),
            None => (String::new(), words),
        };
        let before = plugin::before_command(spelled, words.to_vec());
        let last = words.last().map(|word| word.to_string_lossy().into_owned());
        let (spelled, globals, words) = match before {
            Ok(read) => {
                let words = read
                    .words
                    .iter()
                    .map(|word| word.to_string_lossy().into_owned());
                (read.spelled, read.globals, Words::Read(words.collect()))
            }
            Err(_) => (
                spelled,
                Globals::default(),
                Words::Lacks(last.unwrap_or_default()),
            ),
        };
        Some(Self {
            spelled,
            globals,
            words,
            typed,
            described,
        })
    }
}
