//! Tags read as versions, and ranges of versions.
//!
//! A version is `[v]N[.N[.N]][-PRE][+BUILD]`, because that is how tags are written; ranges are those of npm,
//! because that is what people know. Precedence is that of Semantic Versioning 2.0. What is no version is `None`
//! here and matches nothing; nobody guesses. No queries, no values: text in, answers out.

mod natural;

use std::ops::Range as Span;

pub use natural::natural_key;

use semver::{BuildMetadata, Comparator, Op, Prerelease, VersionReq};

/// A tag that is a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    full: semver::Version,
    /// How many of the three numbers were written.
    written: usize,
}

impl Version {
    /// Reads `[v]N[.N[.N]][-PRE][+BUILD]`; none if `text` is anything else, or if a number is beyond 2^64-1.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = match text.split_once('+') {
            Some((text, build)) if !build.is_empty() => (text, BuildMetadata::new(build).ok()?),
            Some(_) => return None,
            None => (text, BuildMetadata::EMPTY),
        };
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) if !pre.is_empty() => (numbers, Prerelease::new(pre).ok()?),
            Some(_) => return None,
            None => (text, Prerelease::EMPTY),
        };
        let parts: Option<Vec<u64>> = numbers.splitn(4, '.').map(number).collect();
        let parts = parts.filter(|parts| parts.len() <= 3)?;
        let part = |at: usize| parts.get(at).copied().unwrap_or(0);
        let full = semver::Version {
            major: part(0),
            minor: part(1),
            patch: part(2),
            pre,
            build,
        };
        let written = parts.len();
        Some(Self { full, written })
    }

    /// The first number.
    pub fn major(&self) -> u64 {
        self.full.major
    }

    /// The second number, if it was written.
    pub fn minor(&self) -> Option<u64> {
        (self.written > 1).then_some(self.full.minor)
    }

    /// The third number, if it was written.
    pub fn patch(&self) -> Option<u64> {
        (self.written > 2).then_some(self.full.patch)
    }

    /// The prerelease, such as `rc.1`, if there is one.
    pub fn pre(&self) -> Option<&str> {
        (!self.full.pre.is_empty()).then_some(self.full.pre.as_str())
    }

    /// A text whose order by bytes is the order of versions: `1.9` before `1.10`, `1.10-rc.2` before `1.10`.
    /// Numbers that were not written count as zero, builds do not count.
    pub fn sort_key(&self) -> String {
        let semver::Version {
            major,
            minor,
            patch,
            pre,
            ..
        } = &self.full;
        let [major, minor, patch] =
            [major, minor, patch].map(|number| number_key(&number.to_string()));
        // A release follows its prereleases: `~` is greater than `-`.
        let tail = match pre.is_empty() {
            true => "~".to_owned(),
            false => format!(
                "-{}",
                pre.split('.').map(identifier_key).collect::<String>()
            ),
        };
        format!("{major}.{minor}.{patch}{tail}")
    }
}

fn number(text: &str) -> Option<u64> {
    // `parse` alone would take a sign.
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(())?;
    text.parse().ok()
}

/// Digits after a letter that counts them, so that longer numbers sort later.
fn number_key(digits: &str) -> String {
    match u8::try_from(digits.len()) {
        Ok(count) if count < 26 => format!("{}{digits}", char::from(b'a' + count - 1)),
        _ => format!("z{:010}{digits}", digits.len()),
    }
}

/// Numeric identifiers precede the others (`~` is greater than any letter), and the closing `!` is less than
/// anything an identifier may hold, so that `rc` precedes `rc-1`.
fn identifier_key(identifier: &str) -> String {
    match identifier.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("{}!", number_key(identifier)),
        false => format!("~{identifier}!"),
    }
}

/// A set of versions as npm writes it: `>=1.2 <2`, `^1.2.3`, `~1.2`, `1.x`, `1.2 - 2.0`, `1 || 3`, `*`.
///
/// A prerelease belongs to it only where one of its comparators names a prerelease of the same three numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    alternatives: Vec<VersionReq>,
}

/// Why a text is no range of versions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RangeError {
    /// What is wrong.
    pub message: String,
    /// Where in the text, in bytes.
    pub at: Span<usize>,
}

impl Range {
    /// Reads a range.
    ///
    /// Errors: an empty alternative, an unknown operator, a comparator that is no version.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        let mut start = 0;
        let mut alternatives = Vec::new();
        for part in text.split("||") {
            alternatives.push(alternative(&words(part, start), start..start + part.len())?);
            start += part.len() + 2;
        }
        Ok(Self { alternatives })
    }

    /// Tells whether `text` is a version in this range.
    pub fn matches(&self, text: &str) -> bool {
        Version::parse(text).is_some_and(|version| {
            let mut any = self.alternatives.iter();
            any.any(|alternative| alternative.matches(&version.full))
        })
    }
}

/// A stretch of a range's text without spaces, and where it starts.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

impl Word<'_> {
    fn error(self, message: String) -> RangeError {
        let at = self.start..self.start + self.text.len();
        RangeError { message, at }
    }
}

fn words(text: &str, offset: usize) -> Vec<Word<'_>> {
    let is_space = |c: char| c.is_ascii_whitespace() || c == ',';
    let pieces = text.split(is_space).filter(|piece| !piece.is_empty());
    pieces
        .map(|piece| Word {
            text: piece,
            start: offset + (piece.as_ptr() as usize - text.as_ptr() as usize),
        })
        .collect()
}

fn alternative(words: &[Word<'_>], whole: Span<usize>) -> Result<VersionReq, RangeError> {
    let comparators = match words {
        [] => {
            return Err(RangeError {
                message: "a range of versions is missing; `*` is every version".to_owned(),
                at: whole,
            });
        }
        [low, Word { text: "-", .. }, high] => hyphen(*low, *high)?,
        words => simple(words)?,
    };
    Ok(VersionReq { comparators })
}

/// `1.2 - 2.0`: both ends belong to it, and an end that is not written in full stands for all it begins.
fn hyphen(low: Word<'_>, high: Word<'_>) -> Result<Vec<Comparator>, RangeError> {
    let ends = [(Op::GreaterEq, low), (Op::LessEq, high)];
    let ends = ends.map(|(op, word)| partial(word).map(|partial| partial.with(op)));
    let [low, high] = ends;
    Ok(low?.into_iter().chain(high?).collect())
}

/// Comparators that must all hold; an operator may stand apart from its version.
fn simple(words: &[Word<'_>]) -> Result<Vec<Comparator>, RangeError> {
    let mut comparators = Vec::new();
    let mut rest = words.iter();
    while let Some(&word) = rest.next() {
        let (op, mut version) = operator(word);
        if version.text.is_empty() {
            let lonely = || word.error(format!("`{}` needs a version after it", word.text));
            version = *rest.next().ok_or_else(lonely)?;
        }
        let partial = partial(version)?;
        if partial.numbers[0].is_none() && matches!(op, Op::Less | Op::Greater) {
            return Err(word.error(format!("`{}` matches nothing", word.text)));
        }
        comparators.extend(partial.with(op));
    }
    Ok(comparators)
}

const OPERATORS: [(&str, Op); 8] = [
    (">=", Op::GreaterEq),
    ("<=", Op::LessEq),
    ("~>", Op::Tilde),
    (">", Op::Greater),
    ("<", Op::Less),
    ("=", Op::Exact),
    ("^", Op::Caret),
    ("~", Op::Tilde),
];

/// Splits the operator off. Without one, a version means itself, or all it begins.
fn operator(word: Word<'_>) -> (Op, Word<'_>) {
    for (sign, op) in OPERATORS {
        if let Some(text) = word.text.strip_prefix(sign) {
            let start = word.start + sign.len();
            return (op, Word { text, start });
        }
    }
    (Op::Exact, word)
}

/// A version of which only the first numbers may be given.
struct Partial {
    numbers: [Option<u64>; 3],
    pre: Prerelease,
}

impl Partial {
    fn with(self, op: Op) -> Option<Comparator> {
        let [major, minor, patch] = self.numbers;
        Some(Comparator {
            op,
            major: major?,
            minor,
            patch,
            pre: self.pre,
        })
    }
}

fn partial(word: Word<'_>) -> Result<Partial, RangeError> {
    let wrong = || {
        word.error(format!(
            "`{}` is not a version such as `1.2`, `1.2.3` or `1.x`",
            word.text
        ))
    };
    if let Some(Version { full, written }) = Version::parse(word.text) {
        let all = [full.major, full.minor, full.patch];
        // `1.2-rc` is a tag people write; as a range it can only mean `1.2.0-rc`.
        let given = if full.pre.is_empty() { written } else { 3 };
        let numbers = [0, 1, 2].map(|at| (at < given).then_some(all[at]));
        let pre = full.pre;
        return Ok(Partial { numbers, pre });
    }
    let text = word.text.strip_prefix('v').unwrap_or(word.text);
    let mut numbers = [None; 3];
    let mut open = false;
    for (at, part) in text.splitn(4, '.').enumerate() {
        let wild = matches!(part, "x" | "X" | "*");
        let slot = numbers.get_mut(at).ok_or_else(wrong)?;
        if !wild {
            let known = number(part).filter(|_| !open).ok_or_else(wrong)?;
            *slot = Some(known);
        }
        open |= wild;
    }
    let pre = Prerelease::EMPTY;
    Ok(Partial { numbers, pre })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_else(|| panic!("{text} is a version"))
    }

    #[test]
    fn versions_are_read_as_tags_write_them() {
        for (text, expected) in [
            ("1", (1, None, None, None)),
            ("v1.2", (1, Some(2), None, None)),
            ("1.2.3", (1, Some(2), Some(3), None)),
            ("v1.2.3-rc.1", (1, Some(2), Some(3), Some("rc.1"))),
            ("1.21-alpine", (1, Some(21), None, Some("alpine"))),
            ("1.2.3-rc-1+build.7", (1, Some(2), Some(3), Some("rc-1"))),
            ("2024.01.15", (2024, Some(1), Some(15), None)),
            ("18446744073709551615", (u64::MAX, None, None, None)),
        ] {
            let read = version(text);
            let parts = (read.major(), read.minor(), read.patch(), read.pre());
            assert_eq!(parts, expected, "{text}");
        }
    }

    #[test]
    fn other_tags_are_no_versions() {
        for text in [
            "",
            "v",
            "latest",
            "1.",
            ".1",
            "1..2",
            "1.2.3.4",
            "1.2.x",
            "+1",
            "-1",
            "1.2.3-",
            "1.2.3+",
            "1.2.3-a..b",
            "1.2.3-rc_1",
            "vv1",
            "V1",
            "1 .2",
            "18446744073709551616",
            "1.99999999999999999999999",
            "１.２",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }

    #[test]
    fn sort_keys_sort_as_versions_are_meant() {
        let sorted = [
            "0.9",
            "1.0.0-1",
            "1.0.0-9",
            "1.0.0-10",
            "1.0.0-99999999999999999999999999999999",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc",
            "1.0.0-rc-1",
            "1.0.0",
            "v1.0.1",
            "1.2",
            "1.9.9",
            "1.10",
            "10",
            "18446744073709551615",
        ];
        for pair in sorted.windows(2) {
            let [low, high] = [version(pair[0]).sort_key(), version(pair[1]).sort_key()];
            assert!(low < high, "{pair:?}: {low} {high}");
        }
        assert_eq!(
            version("v1.2").sort_key(),
            version("1.2.0+build").sort_key()
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sort_keys_sort_as_semantic_versioning_has_it(left in VERSIONS, right in VERSIONS) {
            let precedence = |text: &str| {
                let mut full = semver::Version::parse(text).unwrap();
                full.build = BuildMetadata::EMPTY;
                full
            };
            let expected = precedence(&left).cmp(&precedence(&right));
            prop_assert_eq!(version(&left).sort_key().cmp(&version(&right).sort_key()), expected);
        }

        #[test]
        fn a_range_of_one_comparator_is_what_its_order_says(text in VERSIONS, bound in "(0|1|9|10)\\.(0|1|9|10)\\.(0|1|9|10)") {
            let order = version(&text).full.cmp_precedence(&version(&bound).full);
            for (sign, expected) in [(">=", order.is_ge()), ("<", order.is_lt()), ("=", order.is_eq())] {
                // Prereleases belong to no range that names none.
                let expected = expected && version(&text).pre().is_none();
                let range = Range::parse(&format!("{sign}{bound}")).unwrap();
                prop_assert_eq!(range.matches(&text), expected, "{}{}", sign, bound);
            }
        }
    }

    /// Versions near to one another.
    const VERSIONS: &str = "(0|1|9|10)\\.(0|1|9|10)\\.(0|1|9|10)(-(0|9|10|a|rc|rc-1|A)(\\.(0|9|10|b|rc1)){0,2})?(\\+(1|b))?";

    #[test]
    fn ranges_match_as_npm_does() {
        for (range, inside, outside) in [
            ("*", "0 1.2.3 v9", "latest 1.0.0-rc"),
            ("1.2.3", "1.2.3 v1.2.3 1.2.3+b", "1.2.4 1.2.3-rc 1"),
            ("=1.2.3", "1.2.3", "1.2.4"),
            ("1", "1 1.0.0 1.9.9", "0.9 2.0.0 1.2.0-rc"),
            ("1.x", "1.0.0 1.9", "2 0.1"),
            ("1.2.*", "1.2 1.2.9", "1.3 1.1.9"),
            ("1.x.x", "1.5", "2"),
            (">=1.2 <2", "1.2 1.2.0 1.99", "1.1.9 2 2.0.0 2.0.0-rc"),
            (">= 1.2, < 2", "1.2", "2"),
            (">1.2", "1.3.0 2", "1.2.9 1.2"),
            ("<=1.2", "1.2.9 1.2 0.1", "1.3"),
            ("<1", "0.9.9", "1.0.0"),
            ("^1.2.3", "1.2.3 1.9", "1.2.2 2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0 0.2.2"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
            ("~1.2", "1.2.0 1.2.9", "1.3"),
            ("~>1", "1.9", "2"),
            ("1.2 - 2.0", "1.2 1.9 2.0.9", "1.1.9 2.1"),
            ("1.2.3 - 2.3.4", "1.2.3 2.3.4", "2.3.5"),
            ("1 || 3 || >=5", "1.4 3 7", "2 4"),
            (
                ">=1.2.3-rc.1",
                "1.2.3-rc.2 1.2.3 1.3",
                "1.3.0-rc.1 1.2.3-beta",
            ),
            ("^1.2-rc", "1.2-rc.1 1.2 1.3", "1.3.0-rc"),
            (">=v1.2", "v1.2", "v1.1"),
            (">=*", "1", "latest"),
        ] {
            let range_ = Range::parse(range).unwrap_or_else(|error| panic!("{range}: {error}"));
            for text in inside.split(' ') {
                assert!(range_.matches(text), "{text} in {range}");
            }
            for text in outside.split(' ') {
                assert!(!range_.matches(text), "{text} not in {range}");
            }
        }
    }

    #[test]
    fn wrong_ranges_are_shown_where_they_are_wrong() {
        for (range, wrong) in [
            ("", ""),
            ("1 || ", " "),
            (">=1.2 <foo", "foo"),
            ("=>1.2", ">1.2"),
            ("1.2 >=", ">="),
            ("1.x.3", "1.x.3"),
            ("1.2.3.4", "1.2.3.4"),
            ("<*", "<*"),
            ("é || 1.é", "é"),
            (">=18446744073709551616", "18446744073709551616"),
        ] {
            let error = Range::parse(range).unwrap_err();
            assert_eq!(&range[error.at.clone()], wrong, "{range}: {error}");
        }
    }
}
