//! Sets of names and of patterns with wildcards, under bounds (threats G9).

use std::collections::BTreeSet;

use globset::GlobBuilder;
use regex::bytes::{Regex, RegexBuilder};

use crate::diagnostic::{Diagnostic, Place};
use crate::limits::{PATTERN_BYTES, PATTERNS, REGEX_PROGRAM_BYTES};
use crate::safe::Safe;

/// Positive or excluding patterns: names apart from those with wildcards, since there may be many.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    names: BTreeSet<String>,
    globs: Vec<(String, Regex)>,
}

impl Set {
    /// Takes a pattern in.
    pub(super) fn add(&mut self, text: &str, place: &Place) -> Result<(), Diagnostic> {
        check_length(text, place)?;
        if text.is_empty() {
            return Err(Diagnostic::error("a pattern is empty")
                .at(place, "")
                .hint("`**` matches every name"));
        }
        if !is_wild(text) {
            self.names.insert(text.to_owned());
            return Ok(());
        }
        if self.globs.len() == PATTERNS {
            let message = format!("there are more than {PATTERNS} patterns with wildcards");
            return Err(Diagnostic::error(message).at(place, "the limit is reached here"));
        }
        self.globs.push((text.to_owned(), compiled(text, place)?));
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

    /// Tells whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && self.globs.is_empty()
    }

    /// Tells whether any of them matches.
    pub(super) fn matches(&self, name: &str) -> bool {
        self.names.contains(name)
            || self
                .globs
                .iter()
                .any(|(_, glob)| glob.is_match(name.as_bytes()))
    }

    /// Tells whether one matches that starts as technical tags do.
    pub(super) fn asks_for_technical(&self, name: &str) -> bool {
        let asks = |(text, glob): &(String, Regex)| {
            text.starts_with("sha256-") && glob.is_match(name.as_bytes())
        };
        self.names.contains(name) || self.globs.iter().any(asks)
    }
}

/// What makes a pattern more than a name.
const WILD: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// Tells whether a pattern is more than a name.
pub(super) fn is_wild(text: &str) -> bool {
    text.contains(WILD)
}

/// Refuses what is too long to be a pattern.
pub(super) fn check_length(text: &str, place: &Place) -> Result<(), Diagnostic> {
    if text.len() <= PATTERN_BYTES {
        return Ok(());
    }
    let message = format!("a pattern is longer than {PATTERN_BYTES} bytes");
    Err(Diagnostic::error(message).at(place, ""))
}

/// `*` and `?` stay within a path segment, `**` crosses; a backslash escapes on every system. Compiled by us and not
/// by `Glob::compile_matcher`, which panics where the expression is beyond a bound, as with 300 nested `{`.
fn compiled(text: &str, place: &Place) -> Result<Regex, Diagnostic> {
    let mut builder = GlobBuilder::new(text);
    let builder = builder.literal_separator(true).backslash_escape(true);
    let glob = builder.build().map_err(|error| why_no_glob(error.kind()));
    let regex = glob.and_then(|glob| {
        let mut builder = RegexBuilder::new(glob.regex());
        let builder = builder
            .dot_matches_new_line(true)
            .size_limit(REGEX_PROGRAM_BYTES);
        builder.build().map_err(|_| TOO_LARGE.to_owned())
    });
    let shown = Safe::cut(text, SHOWN_CHARS);
    regex.map_err(|why| {
        Diagnostic::error(format!("`{shown}` is no pattern: {why}"))
            .at(place, "")
            .hint(GRAMMAR)
    })
}

/// As much of a pattern stands in a message.
const SHOWN_CHARS: usize = 80;
const TOO_LARGE: &str = "it is too large or too deeply nested";
const GRAMMAR: &str = "a pattern has `*`, `**`, `?`, `[a-z]` and `{a,b}`; a `\\` before one of them takes its meaning away";

fn why_no_glob(kind: &globset::ErrorKind) -> String {
    use globset::ErrorKind as E;
    match kind {
        E::UnclosedClass => "a `[` has no `]`".to_owned(),
        E::InvalidRange(from, to) => format!("`{from}-{to}` runs backwards"),
        E::UnopenedAlternates => "a `}` has no `{`".to_owned(),
        E::UnclosedAlternates => "a `{` has no `}`".to_owned(),
        E::DanglingEscape => "a `\\` has nothing after it".to_owned(),
        _ => TOO_LARGE.to_owned(),
    }
}
