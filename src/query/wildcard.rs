//! Sets of names and of patterns with wildcards, under bounds (threats G9).

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Place};
use crate::limits::PATTERNS;
use crate::pattern::{self, Glob, PatternError, is_wild};

/// Positive or excluding patterns: names apart from those with wildcards, since there may be many.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    names: BTreeSet<String>,
    globs: Vec<(String, Glob)>,
}

impl Set {
    /// Takes a pattern in.
    pub(super) fn add(&mut self, text: &str, place: &Place) -> Result<(), Diagnostic> {
        check_length(text, place)?;
        if text.is_empty() {
            return Err(refused(&PatternError::Empty, place));
        }
        if !is_wild(text) {
            self.names.insert(text.to_owned());
            return Ok(());
        }
        if self.globs.len() == PATTERNS {
            let message = format!("there are more than {PATTERNS} patterns with wildcards");
            return Err(Diagnostic::error(message).at(place, "the limit is reached here"));
        }
        let glob = Glob::new(text).map_err(|error| refused(&error, place))?;
        self.globs.push((text.to_owned(), glob));
        Ok(())
    }

    /// Tells whether any of them is more than a name.
    pub(super) fn has_wildcards(&self) -> bool {
        !self.globs.is_empty()
    }

    /// Those that are names, sorted by bytes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// All of them, as they are written.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let globs = self.globs.iter().map(|(text, _)| text.as_str());
        self.names().chain(globs)
    }

    /// Tells whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.globs.is_empty()
    }

    /// Tells whether any of them matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.names.contains(name) || self.globs.iter().any(|(_, glob)| glob.matches(name))
    }

    /// Tells whether one matches that starts as technical tags do.
    pub(super) fn asks_for_technical(&self, name: &str) -> bool {
        let asks =
            |(text, glob): &(String, Glob)| text.starts_with("sha256-") && glob.matches(name);
        self.names.contains(name) || self.globs.iter().any(asks)
    }
}

/// Refuses what is too long to be a pattern.
pub(super) fn check_length(text: &str, place: &Place) -> Result<(), Diagnostic> {
    pattern::check_length(text).map_err(|error| refused(&error, place))
}

/// What is wrong with a pattern, shown where it stands.
pub(super) fn refused(error: &PatternError, place: &Place) -> Diagnostic {
    let finding = Diagnostic::error(error.to_string()).at(place, "");
    match error.hint() {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}
