//! What is answered: candidates and a directive, in the form that cobra's scripts read (spf13/cobra, `completions.go`), and
//! ours with them.

use crate::cli::spelled::Spelled;
use crate::safe::escape;

/// Nothing is put behind a single candidate.
const NO_SPACE: u8 = 2;
/// Files are no candidates.
const NO_FILES: u8 = 4;
/// The lines are endings of files.
const BY_ENDING: u8 = 8;
/// Folders are the candidates.
const FOLDERS: u8 = 16;
/// The order stays.
const KEEP_ORDER: u8 = 32;

/// Something that can stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// All of the word.
    pub(super) value: String,
    /// What it is, in one line; empty if there is nothing to say.
    about: String,
    /// Whether the word goes on behind it.
    is_open: bool,
}

impl Candidate {
    /// A word.
    pub(super) fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            about: String::new(),
            is_open: false,
        }
    }

    /// Says what it is.
    pub(super) fn about(self, about: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            ..self
        }
    }

    /// The word goes on behind it.
    pub(super) fn open(self) -> Self {
        self.open_if(true)
    }

    /// The word may go on behind it.
    pub(super) fn open_if(self, is_open: bool) -> Self {
        Self { is_open, ..self }
    }
}

/// All that can stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    candidates: Vec<Candidate>,
    directive: u8,
    /// Whether a blank behind a single candidate cannot be prevented.
    is_closed: bool,
}

impl Answer {
    /// These candidates and no others.
    pub(super) fn of(candidates: impl IntoIterator<Item = Candidate>) -> Self {
        Self {
            candidates: candidates.into_iter().collect(),
            directive: NO_FILES,
            is_closed: false,
        }
    }

    /// Nothing can be said.
    pub(super) fn nothing() -> Self {
        Self::of([])
    }

    /// Files, which the shell knows.
    pub(super) fn files() -> Self {
        Self {
            directive: 0,
            ..Self::nothing()
        }
    }

    /// Folders, which the shell knows.
    pub(super) fn folders() -> Self {
        Self {
            directive: FOLDERS,
            ..Self::nothing()
        }
    }

    /// Files with these endings, which the shell looks for.
    pub(super) fn ending(endings: &[&str]) -> Self {
        let endings = endings.iter().map(|ending| Candidate::new(*ending));
        Self {
            directive: BY_ENDING,
            ..Self::of(endings)
        }
    }

    /// Those that begin with what was typed.
    pub(super) fn starting(mut self, typed: &str) -> Self {
        self.candidates.retain(|one| one.value.starts_with(typed));
        self
    }

    /// Those whose value is not one of these.
    pub(super) fn without(mut self, is_one: impl Fn(&str) -> bool) -> Self {
        self.candidates.retain(|one| !is_one(&one.value));
        self
    }

    /// The word goes on behind each.
    pub(super) fn open(mut self) -> Self {
        for candidate in &mut self.candidates {
            candidate.is_open = true;
        }
        self
    }

    /// The order means something.
    pub(super) fn in_order(mut self) -> Self {
        self.directive |= KEEP_ORDER;
        self
    }

    /// Puts something before each: what was typed and stays.
    pub(super) fn behind(mut self, before: &str) -> Self {
        if self.directive & (BY_ENDING | FOLDERS) == 0 {
            for candidate in &mut self.candidates {
                candidate.value.insert_str(0, before);
            }
        }
        self
    }

    /// A blank behind a single candidate may be impossible to prevent: where the word is the value of a flag behind its
    /// `=`, the script that docker has for fish fails at it; where a quote is open, it finds no candidate any more.
    pub(super) fn closed_if(mut self, is_closed: bool) -> Self {
        self.is_closed |= is_closed;
        self
    }

    /// Both.
    pub(super) fn and(mut self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        self.candidates.extend(other.candidates);
        self.directive &= other.directive;
        self
    }

    /// Tells whether there is no candidate.
    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// The lines.
    ///
    /// A value with a hidden character is left out: no shell would take it as it is, and some would act on it (threats F-1).
    pub(super) fn written(&self, described: bool, spelled: Spelled) -> String {
        let mut text = String::new();
        let mut directive = self.directive;
        let is_fit = |one: &&Candidate| !one.value.is_empty() && escape(&one.value) == one.value;
        let fit: Vec<&Candidate> = self.candidates.iter().filter(is_fit).collect();
        if !fit.is_empty() && fit.iter().all(|one| one.is_open) && !self.is_closed {
            directive |= NO_SPACE;
        }
        for candidate in fit {
            text.push_str(&candidate.value);
            let about = candidate.about.lines().next().unwrap_or_default().trim();
            if described && !about.is_empty() {
                text.push('\t');
                text.push_str(&escape(&spelled.adapt(about)));
            }
            text.push('\n');
        }
        text + &format!(":{directive}\n")
    }
}
