//! Regular expressions under a bound on what is compiled from them (threats G9).

use regex::RegexBuilder;

use super::{PatternError, check_length, smallest};
use crate::limits::REGEX_PROGRAM_BYTES;

/// A regular expression, compiled; it is searched, not held against the whole of a text.
#[derive(Debug, Clone)]
pub struct Regex {
    regex: regex::Regex,
    program_bytes: usize,
}

impl Regex {
    /// Compiles a regular expression.
    ///
    /// Errors: what is too long, what is none, and what is too large when compiled.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        check_length(text)?;
        let compile = |bound| {
            RegexBuilder::new(text)
                .size_limit(bound)
                .dfa_size_limit(REGEX_PROGRAM_BYTES)
                .build()
        };
        let (regex, program_bytes) = smallest(compile).map_err(|error| why_none(&error))?;
        Ok(Self {
            regex,
            program_bytes,
        })
    }

    /// Tells whether it is found anywhere in a text.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The groups of the first match, the whole of it first; none if there is no match. A group that took no part is
    /// none, too.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        let captures = self.regex.captures(text)?;
        let groups = captures.iter().map(|group| Some(group?.as_str()));
        Some(groups.collect())
    }

    /// How many groups it has, the whole match among them.
    pub fn groups(&self) -> usize {
        self.regex.captures_len()
    }

    /// The position of the group of that name.
    pub fn group_named(&self, name: &str) -> Option<usize> {
        let mut names = self.regex.capture_names();
        names.position(|found| found == Some(name))
    }

    /// The bytes that what was compiled takes at most.
    pub fn program_bytes(&self) -> usize {
        self.program_bytes
    }
}

/// The last line of the crate's message says what is wrong; those before it draw the expression.
fn why_none(error: &regex::Error) -> PatternError {
    if let regex::Error::CompiledTooBig(_) = error {
        return PatternError::TooLarge;
    }
    let shown = error.to_string();
    let last = shown.lines().last().unwrap_or_default();
    let why = last.trim_start_matches("error: ").to_owned();
    PatternError::Regex { why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::PATTERN_BYTES;

    #[test]
    fn groups_are_found_by_name_and_position() {
        let regex = Regex::new(r"(?<major>\d+)\.(\d+)(-rc)?").unwrap();
        assert_eq!((regex.groups(), regex.group_named("major")), (4, Some(1)));
        let found = regex.captures("v1.21").unwrap();
        assert_eq!(found, [Some("1.21"), Some("1"), Some("21"), None]);
        assert_eq!(regex.captures("latest"), None);
        assert_eq!(regex.group_named("minor"), None);
    }

    #[test]
    fn g9_programs_are_measured_and_bounded() {
        let bytes = |text: &str| Regex::new(text).map(|regex| regex.program_bytes());
        assert_eq!(bytes("^v[0-9]+"), Ok(4096));
        assert!(bytes(r"\w{20}").unwrap() > 64 * 1024);
        assert_eq!(bytes(r"(\w{200}){200}"), Err(PatternError::TooLarge));
        assert_eq!(
            bytes(&"a".repeat(PATTERN_BYTES + 1)),
            Err(PatternError::TooLong)
        );
        let message = bytes("a(").unwrap_err().to_string();
        assert_eq!(message, "this is no regular expression: unclosed group");
    }
}
