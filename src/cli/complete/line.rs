//! The words of a command line that is not finished, read by the definitions that clap reads finished ones by.

use clap::{Arg, ArgAction, Command};

use super::asked::Words;

/// A command line up to the cursor.
pub(super) struct Line<'c> {
    /// The command that is typed, or the program where that is not known yet.
    pub(super) command: &'c Command,
    /// Where the cursor is.
    pub(super) at: At<'c>,
    /// Whether the word at the cursor is a flag with `=` and its value.
    pub(super) is_glued: bool,
    /// What was given before it, in the order typed; of a flag that takes no value an empty text.
    given: Vec<(&'c Arg, String)>,
}

/// Where the cursor is.
pub(super) enum At<'c> {
    /// At the command.
    Command,
    /// At the name of a flag.
    Flag,
    /// At a value.
    Value {
        /// Of this flag or argument.
        arg: &'c Arg,
        /// What is typed of it.
        typed: String,
        /// What stands before it in the same word and belongs to the answer.
        before: String,
    },
    /// Where nothing can be said.
    Nothing,
}

impl<'c> Line<'c> {
    /// Reads the words before the cursor, and what is `typed` of the one at it.
    pub(super) fn read(program: &'c Command, words: &Words, typed: &str) -> Self {
        let mut line = Self {
            command: program,
            at: At::Nothing,
            is_glued: false,
            given: Vec::new(),
        };
        match words {
            Words::Lacks(flag) => {
                let arg = flag.strip_prefix("--").and_then(|name| line.long(name));
                line.at = arg.map_or(At::Nothing, |arg| value(arg, typed, ""));
            }
            Words::Read(words) => match words.split_first() {
                None if typed.starts_with('-') => line.end(typed, false),
                None => line.at = At::Command,
                Some((name, words)) => {
                    if let Some(command) = program.find_subcommand(name) {
                        line.command = command;
                        line.walk(words, typed);
                    }
                }
            },
        }
        line
    }

    /// What was given for an argument.
    pub(super) fn given<'l>(&'l self, id: &str) -> impl Iterator<Item = &'l str> {
        let given = self.given.iter().filter(move |(arg, _)| arg.get_id() == id);
        given.map(|(_, value)| value.as_str())
    }

    /// Tells whether a flag can be given once more.
    pub(super) fn can_take(&self, arg: &Arg) -> bool {
        let repeats = matches!(arg.get_action(), ArgAction::Append | ArgAction::Count);
        repeats || self.given(arg.get_id().as_str()).next().is_none()
    }

    fn walk(&mut self, words: &[String], typed: &str) {
        let mut waiting: Option<&'c Arg> = None;
        let mut only_values = false;
        for word in words {
            if let Some(arg) = waiting.take() {
                self.given.push((arg, word.clone()));
            } else if only_values || !word.starts_with('-') || word == "-" {
                if let Some(arg) = self.position() {
                    self.given.push((arg, word.clone()));
                }
            } else if word == "--" {
                only_values = true;
            } else {
                waiting = self.flag(word);
            }
        }
        match waiting {
            Some(arg) => self.at = value(arg, typed, ""),
            None => self.end(typed, only_values),
        }
    }

    /// Takes a word of flags; gives the one whose value is the next word.
    fn flag(&mut self, word: &str) -> Option<&'c Arg> {
        match self.split(word)? {
            Split::Whole(arg) if wants_value(arg) => return Some(arg),
            Split::Whole(arg) => self.given.push((arg, String::new())),
            Split::With { arg, value, .. } => self.given.push((arg, value.to_owned())),
        }
        None
    }

    /// Finds where the cursor is in the last word.
    fn end(&mut self, typed: &str, only_values: bool) {
        self.at = if only_values || !typed.starts_with('-') {
            self.position()
                .map_or(At::Nothing, |arg| value(arg, typed, ""))
        } else {
            match self.split(typed) {
                Some(Split::With {
                    arg,
                    value: part,
                    is_glued,
                }) => {
                    self.is_glued = is_glued;
                    let before = &typed[..typed.len() - part.len()];
                    // What stands before a `=` is put back by the scripts.
                    value(arg, part, if is_glued { "" } else { before })
                }
                _ => At::Flag,
            }
        };
    }

    /// `--name`, `--name=value`, `-n`, `-nvalue`, `-n=value`, and several letters in one word.
    fn split<'w>(&mut self, word: &'w str) -> Option<Split<'c, 'w>> {
        if let Some(long) = word.strip_prefix("--") {
            return match long.split_once('=') {
                Some((name, value)) => Some(Split::With {
                    arg: self.long(name)?,
                    value,
                    is_glued: true,
                }),
                None => self.long(long).map(Split::Whole),
            };
        }
        let letters = word.strip_prefix('-')?;
        for (at, letter) in letters.char_indices() {
            let mut args = self.command.get_arguments();
            let arg = args.find(|arg| arg.get_short() == Some(letter))?;
            let rest = &letters[at + letter.len_utf8()..];
            if rest.is_empty() {
                return Some(Split::Whole(arg));
            }
            if wants_value(arg) {
                let (value, is_glued) = match rest.strip_prefix('=') {
                    Some(value) => (value, true),
                    None => (rest, false),
                };
                return Some(Split::With {
                    arg,
                    value,
                    is_glued,
                });
            }
            self.given.push((arg, String::new()));
        }
        None
    }

    fn long(&self, name: &str) -> Option<&'c Arg> {
        let is = |arg: &&Arg| {
            let aliases = arg.get_all_aliases().unwrap_or_default();
            arg.get_long() == Some(name) || aliases.contains(&name)
        };
        self.command.get_arguments().find(is)
    }

    /// The argument that the next word without a dash is.
    fn position(&self) -> Option<&'c Arg> {
        let mut positions = self.command.get_positionals();
        positions.find(|arg| self.can_take(arg))
    }
}

/// A word that begins with a dash.
enum Split<'c, 'w> {
    /// A flag alone.
    Whole(&'c Arg),
    /// A flag and its value.
    With {
        arg: &'c Arg,
        value: &'w str,
        is_glued: bool,
    },
}

fn value<'c>(arg: &'c Arg, typed: &str, before: &str) -> At<'c> {
    At::Value {
        arg,
        typed: typed.to_owned(),
        before: before.to_owned(),
    }
}

/// Tells whether the next word is the flag's value.
fn wants_value(arg: &Arg) -> bool {
    let least = arg.get_num_args().map_or(1, |range| range.min_values());
    arg.get_action().takes_values() && least > 0 && !arg.is_require_equals_set()
}
