//! Challenges as some registries and proxies write them: without commas, with bare addresses, with what only other
//! schemes understand, with quotes that are never closed.
//!
//! Only for headers that the strict parser refuses. Every text is read to its end; what makes no sense is passed over.

use super::challenge::Written;
use crate::limits::HEADER_PARTS;

/// Reads the challenges of one header.
pub(super) fn challenges(header: &str) -> Vec<Written> {
    let mut rest = Rest(header);
    let mut found: Vec<Written> = Vec::new();
    while let Some(word) = rest.word() {
        if let Some(value) = rest.value() {
            // A parameter before any scheme, or one whose quote is never closed: half a realm is another realm.
            if let (Some(challenge), Some(value)) = (found.last_mut(), value) {
                challenge.params.push((word.to_owned(), value));
            }
        } else if found.len() < HEADER_PARTS {
            found.push(Written {
                scheme: word.to_owned(),
                params: Vec::new(),
            });
        } else {
            break;
        }
    }
    found
}

/// What is left to read of a header.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The next word, past separators and past values that belong to nothing.
    fn word(&mut self) -> Option<&'a str> {
        loop {
            self.0 = self.0.trim_start_matches([' ', '\t', ',', ';', '=']);
            match self.0.strip_prefix('"') {
                Some(quoted) => drop(self.quoted(quoted)),
                None => break,
            }
        }
        let end = self.0.find([' ', '\t', ',', ';', '=', '"']);
        let (word, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        (!word.is_empty()).then_some(word)
    }

    /// What stands behind an equals sign, if one follows; nothing in it if a quote is never closed.
    fn value(&mut self) -> Option<Option<String>> {
        let blank = [' ', '\t'];
        let rest = self.0.trim_start_matches(blank).strip_prefix('=')?;
        let rest = rest.trim_start_matches(blank);
        if let Some(quoted) = rest.strip_prefix('"') {
            return Some(self.quoted(quoted));
        }
        let end = rest.find([' ', '\t', ',']).unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        self.0 = rest;
        Some(Some(value.to_owned()))
    }

    /// The rest of a quoted value, without its escapes.
    fn quoted(&mut self, text: &'a str) -> Option<String> {
        let mut value = String::new();
        let mut characters = text.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.0 = &text[at + 1..];
                    return Some(value);
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                plain => value.push(plain),
            }
        }
        self.0 = "";
        None
    }
}
