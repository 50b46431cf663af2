//! Text that stays text in Markdown (threats F-7).
//!
//! Escaping alone does not do: GitHub, GitLab and their kin look for mentions, references, commits and addresses in the text
//! that the Markdown gave, backslashes or not. What could be taken for one stands as code, where nothing is looked for. The
//! rest stays bare, so that a table of tags and sizes reads like one.

use crate::safe::{Safe, guard_line_start};

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// In a cell: a bar would end it, in code too.
    Cell,
    /// Elsewhere on a line.
    Line,
}

/// A text as a whole: bare if nothing in it has a meaning, else as code.
pub(super) fn inline(text: &Safe, spot: Spot) -> String {
    let text = text.as_str();
    match is_plain(text) && text.trim() == text {
        true => escaped(text),
        false => span(text, spot),
    }
}

/// A text as code.
pub(super) fn code(text: &Safe, spot: Spot) -> String {
    span(text.as_str(), spot)
}

/// A sentence outside of a table: what stands in backticks is code, and so are words with a meaning, neighbours together.
pub(super) fn prose(text: &Safe) -> String {
    let text = text.as_str();
    let parts: Vec<&str> = text.split('`').collect();
    let is_balanced = parts.len() % 2 == 1;
    if !is_balanced
        || parts[1..]
            .iter()
            .step_by(2)
            .any(|code| code.trim().is_empty())
    {
        return words(text, Start::OfLine);
    }
    let written = parts.iter().enumerate().map(|(at, part)| match at {
        0 => words(part, Start::OfLine),
        _ if at % 2 == 0 => words(part, Start::Within),
        _ => span(part, Spot::Line),
    });
    written.collect()
}

/// Where a stretch of words begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Start {
    OfLine,
    Within,
}

fn words(text: &str, start: Start) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let stretches = words.chunk_by(|a, b| is_plain(a) == is_plain(b));
    let written = stretches.enumerate().map(|(at, stretch)| {
        let text = stretch.join(" ");
        let begins = at == 0 && start == Start::OfLine;
        match is_plain(stretch[0]) && !(begins && starts_a_block(&text)) {
            true => escaped(&text),
            false => span(&text, Spot::Line),
        }
    });
    written.collect::<Vec<_>>().join(" ")
}

/// What has a meaning in no Markdown, or loses it by a backslash.
const HARMLESS: &str = " .,-/+()=:;?'\"%<>_";
/// Of those, what needs the backslash.
const ESCAPED: [char; 3] = ['<', '>', '_'];
/// From so many digits on, GitHub looks for a commit.
const COMMIT_DIGITS: usize = 7;

fn is_plain(text: &str) -> bool {
    let is_harmless = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || HARMLESS.contains(c);
    text.chars().all(is_harmless)
        && !has_address(text)
        && !has_commit(text)
        && !has_emoji(text)
        && !has_reference(text)
}

/// `www.…` and `SCHEME://…` become links by themselves; those with an `@` are not plain anyway.
fn has_address(text: &str) -> bool {
    text.contains("://") || text.to_ascii_lowercase().contains("www.")
}

/// A word of hex digits, letters among them.
fn has_commit(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| {
        word.len() >= COMMIT_DIGITS
            && word.bytes().all(|b| b.is_ascii_hexdigit())
            && !word.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `:name:`; two digits are minutes.
fn has_emoji(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let inner = parts.get(1..parts.len() - 1).unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
    inner.iter().any(|part| {
        let is_minutes = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        !part.is_empty() && part.chars().all(is_name) && !is_minutes
    })
}

/// `GH-1` is an issue of GitHub's, `%name` a milestone of GitLab's. The others begin with what is not plain.
fn has_reference(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut issues = lower.match_indices("gh-");
    let digit_follows = |at: usize| lower[at..].starts_with(|c: char| c.is_ascii_digit());
    issues.any(|(at, found)| digit_follows(at + found.len()))
        || text.split('%').skip(1).any(|after| {
            after.starts_with(|c: char| c.is_ascii_alphanumeric() || "\"'_".contains(c))
        })
}

/// Tells whether a line that starts so is an item, a rule, an underline, or a command of a CI runner (threats F-4).
fn starts_a_block(text: &str) -> bool {
    let after_digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = after_digits.len() < text.len() && after_digits.starts_with(['.', ')']);
    is_number || text.starts_with(['-', '+', '=']) || guard_line_start(text) != text
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if ESCAPED.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code span, with a fence longer than any in the text.
fn span(text: &str, spot: Spot) -> String {
    let text = match spot {
        // A backslash before the bar would be the bar's, so there the bar itself is written as an escape.
        Spot::Cell => text.replace("\\|", "\\\\x7c").replace('|', "\\|"),
        Spot::Line => text.to_owned(),
    };
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0) + 1);
    // One space on both sides is taken off by the reader.
    let is_spaced = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    match is_spaced || text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f7_names_sizes_and_times_stay_bare() {
        for (text, expected) in [
            ("team/app", "team/app"),
            ("ghcr.io/team/app:v1.0", "ghcr.io/team/app:v1.0"),
            ("29.1MB", "29.1MB"),
            ("2026-02-27 08:15:30", "2026-02-27 08:15:30"),
            ("my_app", "my\\_app"),
            ("<1%", "\\<1%"),
            ("20260301", "20260301"),
            ("größe 日本", "größe 日本"),
        ] {
            assert_eq!(inline(&Safe::new(text), Spot::Cell), expected);
        }
    }

    #[test]
    fn f7_what_could_mean_something_is_code() {
        for text in [
            "@team",
            "a@b.example",
            "#1",
            "org/repo#1",
            "!1",
            "$1",
            "&1",
            "~label",
            "https://evil.example",
            "www.evil.example",
            "WWW.evil.example",
            "![x](y)",
            "[x](y)",
            "*x*",
            "~x~",
            ":tada:",
            "x:100:",
            "GH-1",
            "%milestone",
            "0123abc",
            "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
            "&lt;",
            "a\\b",
            "{{x}}",
            " a",
        ] {
            let written = inline(&Safe::new(text), Spot::Line);
            assert_eq!(written, format!("`{text}`"));
        }
    }

    #[test]
    fn f7_fences_are_long_enough_and_bars_do_not_end_a_cell() {
        for (text, expected) in [
            ("`", "`` ` ``"),
            ("a``b", "```a``b```"),
            ("a|b", "`a\\|b`"),
            ("a\\|b", "`a\\\\x7cb`"),
            ("a\\", "`a\\`"),
        ] {
            assert_eq!(inline(&Safe::new(text), Spot::Cell), expected);
        }
        assert_eq!(inline(&Safe::new("a|b"), Spot::Line), "`a|b`");
    }

    #[test]
    fn f7_of_a_sentence_only_words_with_a_meaning_are_code() {
        for (text, expected) in [
            ("what nobody rebuilt", "what nobody rebuilt"),
            ("all of team/* and *", "all of `team/*` and `*`"),
            ("see #1 #2 there", "see `#1 #2` there"),
            ("- an item", "`- an item`"),
            ("1. a number", "`1. a number`"),
            ("there is a `latest`, or *", "there is a `latest`, or `*`"),
            ("a ` alone", "a `` ` `` alone"),
            ("`` two", "``` `` ``` two"),
            ("1 image", "1 image"),
            ("=", "`=`"),
            ("::set-output name=a", "`::set-output name=a`"),
        ] {
            assert_eq!(prose(&Safe::new(text)), expected);
        }
    }
}
