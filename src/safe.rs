//! Text from outside, made safe to show (threats F-1, F-2, F-4, F-9).
//!
//! Tags, labels, error bodies and file names are written by strangers. Whatever of it reaches a
//! terminal, a log or a report goes through here, so that it cannot move the cursor, reverse the
//! reading direction, hide itself, or speak to a CI runner. Nothing here parses or decides.

use std::borrow::Cow;
use std::fmt;

/// Text in which every character is visible and harmless.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Safe(String);

impl Safe {
    /// Makes `text` safe by writing hidden characters as escapes.
    pub fn new(text: &str) -> Self {
        Self(escape(text).into_owned())
    }

    /// Makes `text` safe and cuts it after `chars` characters, with a mark where it was cut.
    pub fn cut(text: &str, chars: usize) -> Self {
        match text.char_indices().nth(chars) {
            None => Self::new(text),
            Some((end, _)) => Self(format!("{}…", escape(&text[..end]))),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<&str> for Safe {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Writes hidden characters as escapes: `\n`, `\t`, `\r`, `\x1b`, `\u{202e}`. Line breaks too.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) && (c as u32) < 0x80 => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            c if is_hidden(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Makes a text of several lines safe: hidden characters become escapes, the line breaks stay, and no line starts with
/// a command of a CI runner.
pub fn escape_lines(text: &str) -> String {
    let lines = text.split('\n').map(escape);
    let lines = lines.map(|line| guard_line_start(&line).into_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Tells whether a character controls, hides or reorders in place of showing itself: C0, DEL, C1,
/// line separators, bidirectional controls, zero-width and other default-ignorable characters,
/// and the tag characters.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}' | '\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What a CI runner would read as a command at the start of a line (threats F-4).
const RUNNER_COMMANDS: [&str; 4] = ["::", "##[", "##vso[", "##teamcity["];

/// Puts a backslash before text that would start a line with a CI runner's command.
pub fn guard_line_start(line: &str) -> Cow<'_, str> {
    let text = line.trim_start();
    let lower = text.get(..12).unwrap_or(text).to_ascii_lowercase();
    if !RUNNER_COMMANDS.iter().any(|word| lower.starts_with(word)) {
        return Cow::Borrowed(line);
    }
    let indent = &line[..line.len() - text.len()];
    Cow::Owned(format!("{indent}\\{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f1_all_65_control_characters_become_visible() {
        let controls = (0..0x20).chain(0x7f..0xa0).filter_map(char::from_u32);
        let mut seen = 0;
        for c in controls {
            let safe = escape(&format!("a{c}b")).into_owned();
            assert!(!safe.contains(is_hidden), "{:?}", c);
            assert!(safe.starts_with("a\\") && safe.ends_with('b'), "{safe}");
            seen += 1;
        }
        assert_eq!(seen, 65);
    }

    #[test]
    fn f2_bidi_invisible_and_tag_characters_become_visible() {
        for c in "\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{e0041}\u{ad}\u{2028}\u{61c}".chars() {
            assert_eq!(escape(&c.to_string()), format!("\\u{{{:x}}}", c as u32));
        }
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        for text in ["team/app:1.0", "größe", "日本語", "👍", "a\\b"] {
            assert!(matches!(escape(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn f4_runner_commands_do_not_start_a_line() {
        for line in [
            "::set-output::x",
            "##[group]",
            "##vso[task]",
            "  ##TeamCity[x]",
        ] {
            assert!(
                guard_line_start(line).trim_start().starts_with('\\'),
                "{line}"
            );
        }
        assert_eq!(guard_line_start("a::b"), "a::b");
        assert_eq!(guard_line_start("größere Namen"), "größere Namen");
    }

    #[test]
    fn cutting_leaves_a_mark() {
        assert_eq!(Safe::cut("abcdef", 3).as_str(), "abc…");
        assert_eq!(Safe::cut("abc", 3).as_str(), "abc");
    }

    #[test]
    fn our_own_line_breaks_can_stay() {
        assert_eq!(escape_lines("a\nb\u{1b}c\n::d"), "a\nb\\x1bc\n\\::d");
    }
}
