//! Text that a person wrote, and places in it.

use std::ops::Range;
use std::sync::Arc;

/// A piece of text with a name: a query file, or a flag of the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// How it is called in messages: a path, or `--where`.
    pub name: String,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// Names a text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
        })
    }
}

/// A stretch of a source, in bytes; both ends lie on character boundaries within the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The text this is a place in.
    pub source: Arc<Source>,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Place {
    /// Makes a place; ends outside the text or inside a character are moved to the next boundary.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Self {
        let start = boundary(&source.text, range.start);
        let end = boundary(&source.text, range.end.max(start));
        Self {
            source: Arc::clone(source),
            start,
            end,
        }
    }

    /// The whole of a source.
    pub fn whole(source: &Arc<Source>) -> Self {
        Self::new(source, 0..source.text.len())
    }

    /// The text of this place.
    pub fn text(&self) -> &str {
        &self.source.text[self.start..self.end]
    }

    /// Line and column of the start, both from 1, the column in characters.
    pub fn line_and_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.start];
        let line = before.matches('\n').count() + 1;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (line, before[line_start..].chars().count() + 1)
    }
}

fn boundary(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = Source::new("a.yaml", "x\né: y");
        assert_eq!(Place::new(&source, 5..6).line_and_column(), (2, 3));
    }

    #[test]
    fn places_never_cut_a_character() {
        let source = Source::new("a.yaml", "é");
        assert_eq!(Place::new(&source, 1..1).start, 2);
        assert_eq!(Place::new(&source, 0..99).text(), "é");
    }
}
