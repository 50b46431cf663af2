//! Wildcards: one grammar for names of repositories, tags, and the function `glob`.

use globset::GlobBuilder;
use regex::bytes::{Regex, RegexBuilder};

use super::{PatternError, check_length, smallest};
use crate::limits::REGEX_PROGRAM_BYTES;
use crate::safe::Safe;

/// A pattern with wildcards, compiled.
///
/// `*` and `?` stay within a path segment, `**` crosses; `[a-z]` and `{a,b}` choose; a backslash escapes on every
/// system. Case counts.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Regex,
    program_bytes: usize,
}

impl Glob {
    /// Compiles a pattern.
    ///
    /// Errors: nothing, what is too long, what breaks the grammar or is too large when compiled (threats G9).
    pub fn new(text: &str) -> Result<Self, PatternError> {
        check_length(text)?;
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let refused = |why: String| PatternError::Glob {
            shown: Safe::cut(text, SHOWN_CHARS),
            why,
        };
        let glob = GlobBuilder::new(text)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| refused(why_no_glob(error.kind())))?;
        // Compiled here and not by `Glob::compile_matcher`, which panics where the expression is beyond a bound, as
        // with 300 nested `{`.
        let compile = |bound| {
            RegexBuilder::new(glob.regex())
                .dot_matches_new_line(true)
                .size_limit(bound)
                .dfa_size_limit(REGEX_PROGRAM_BYTES)
                .build()
        };
        let compiled = smallest(compile).map_err(|_| refused(TOO_LARGE.to_owned()))?;
        let (regex, program_bytes) = compiled;
        Ok(Self {
            regex,
            program_bytes,
        })
    }

    /// Tells whether it matches the whole of a text.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text.as_bytes())
    }

    /// The bytes that what was compiled takes at most.
    pub fn program_bytes(&self) -> usize {
        self.program_bytes
    }
}

/// What makes a pattern more than a name.
const WILD: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// Tells whether a character makes a pattern more than a name.
pub fn is_wild_char(c: char) -> bool {
    WILD.contains(&c)
}

/// Tells whether a pattern is more than a name.
pub fn is_wild(text: &str) -> bool {
    text.contains(WILD)
}

/// As much of a pattern stands in a message.
const SHOWN_CHARS: usize = 80;
const TOO_LARGE: &str = "it is too large or too deeply nested";

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::PATTERN_BYTES;

    #[test]
    fn stars_stay_within_a_segment_unless_doubled() {
        for (pattern, text, expected) in [
            ("team/*", "team/app", true),
            ("team/*", "team/a/b", false),
            ("team/**", "team/a/b", true),
            ("1.20", "1.20", true),
            ("1.20", "1x20", false),
            ("a?c", "a/c", false),
            ("{a,b/*}", "b/c", true),
            ("a\\*", "ab", false),
            ("*", "a\nb", true),
        ] {
            let glob = Glob::new(pattern).unwrap();
            assert_eq!(glob.matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn g9_globs_are_bounded_at_their_bytes() {
        assert!(Glob::new(&"a".repeat(PATTERN_BYTES)).is_ok());
        let long = Glob::new(&"a".repeat(PATTERN_BYTES + 1));
        assert_eq!(long.unwrap_err(), PatternError::TooLong);
        assert_eq!(Glob::new("").unwrap_err(), PatternError::Empty);
    }
}
