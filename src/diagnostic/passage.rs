//! Decoded text with the way back to where it stands in its source.
//!
//! An expression in a YAML file loses its quotes, its escapes and the indentation of its block; an error inside it
//! must still be shown under the very character of the file. Expressions, patterns and templates are
//! therefore passages, from the parser to the last message about them.

use std::ops::Range;
use std::sync::Arc;

use super::{Place, Source};

/// Text that stands somewhere in a source, perhaps written differently there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    text: String,
    source: Arc<Source>,
    /// `(offset in text, offset in source)`, ascending; from each on, both run on byte by byte.
    pieces: Vec<(usize, usize)>,
    whole: Range<usize>,
}

impl Passage {
    /// A text that is the whole of its own source, as a flag's value is.
    pub fn flag(name: &str, text: &str) -> Self {
        let source = Source::new(name, text);
        Self {
            text: text.to_owned(),
            whole: 0..text.len(),
            source,
            pieces: vec![(0, 0)],
        }
    }

    /// A text decoded from `whole` of `source`. `pieces` are pairs of offsets in the text and in the source,
    /// ascending in the text, each the start of a stretch that both have in common; without any, every
    /// place is the whole.
    pub fn decoded(
        source: &Arc<Source>,
        text: impl Into<String>,
        whole: Range<usize>,
        pieces: Vec<(usize, usize)>,
    ) -> Self {
        Self {
            text: text.into(),
            source: Arc::clone(source),
            pieces,
            whole,
        }
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where all of it stands, quotes included.
    pub fn place(&self) -> Place {
        Place::new(&self.source, self.whole.clone())
    }

    /// Where a stretch of the decoded text stands. An empty stretch is widened to one character, so that there
    /// is something to point at.
    pub fn place_of(&self, range: Range<usize>) -> Place {
        let start = match self.offset(range.start) {
            Some(start) => start,
            None => return self.place(),
        };
        let last = range.end.max(range.start + 1) - 1;
        let end = self.offset(last).map_or(start + 1, |last| last + 1);
        Place::new(&self.source, start..end.max(start + 1))
    }

    /// A part of the text as a passage of its own; `range` lies on character boundaries.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        if let Some(start) = self.offset(range.start) {
            pieces.push((0, start));
        }
        let inner = self
            .pieces
            .iter()
            .filter(|(text, _)| range.contains(text) && *text > range.start);
        pieces.extend(inner.map(|(text, source)| (text - range.start, *source)));
        let place = self.place_of(range.clone());
        Self {
            text: self.text[range].to_owned(),
            source: Arc::clone(&self.source),
            pieces,
            whole: place.start..place.end,
        }
    }

    fn offset(&self, at: usize) -> Option<usize> {
        let index = self.pieces.partition_point(|(text, _)| *text <= at);
        let (text, source) = self.pieces.get(index.checked_sub(1)?)?;
        Some(source + (at - text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a: |` with the two lines `ab` and `cd`, indented by two.
    fn block() -> Passage {
        let source = Source::new("q.yaml", "a: |\n  ab\n  cd\n");
        Passage::decoded(&source, "ab\ncd\n", 3..15, vec![(0, 7), (3, 12)])
    }

    #[test]
    fn places_lead_through_removed_indentation() {
        let place = block().place_of(3..5);
        assert_eq!((place.text(), place.line_and_column()), ("cd", (3, 3)));
        assert_eq!(block().place_of(0..2).text(), "ab");
        assert_eq!(block().place_of(1..1).text(), "b");
    }

    #[test]
    fn without_pieces_every_place_is_the_whole() {
        let source = Source::new("q.yaml", "a: \"x\\ty\"");
        let passage = Passage::decoded(&source, "x\ty", 3..9, vec![]);
        assert_eq!(passage.place_of(2..3).text(), "\"x\\ty\"");
    }

    #[test]
    fn a_slice_keeps_its_places() {
        let slice = block().slice(1..5);
        assert_eq!(slice.text(), "b\ncd");
        assert_eq!(slice.place_of(2..3).line_and_column(), (3, 3));
    }

    #[test]
    fn the_end_of_a_text_can_be_pointed_at() {
        let flag = Passage::flag("--where", "a ==");
        assert_eq!(flag.place_of(4..4).start, 4);
    }
}
