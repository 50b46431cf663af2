//! What a key takes, in a form that programs can use: the JSON Schema is made of it.
//!
//! A shape is that of the file, not of what it means: a pattern is a text here, and an expression is one that says
//! something.

use super::keys::Key;

/// What may stand under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text. Numbers and truths are texts too: a plain scalar is taken as written.
    Text,
    /// This text and no other.
    Fixed(&'static str),
    /// The name of something.
    Name(Names),
    /// One of several words.
    Word(Word),
    /// An expression.
    Expression,
    /// A whole number from 1 up, or the text that a parameter fills in.
    Count,
    /// `true` or `false`.
    Truth,
    /// Nothing at all.
    Nothing,
    /// One of these, or a list of them that is not empty.
    OneOrMore(&'static Shape),
    /// A list.
    List {
        /// Its items.
        items: &'static Shape,
        /// How many there are at least.
        least: usize,
    },
    /// A map whose keys are chosen by whoever writes it.
    Map {
        /// What they may be.
        names: Names,
        /// What stands under them.
        values: &'static Shape,
        /// How many there are at least.
        least: usize,
    },
    /// A map with keys of ours.
    Keys {
        /// All of them.
        keys: &'static [Key],
        /// Those that must be there.
        required: &'static [&'static str],
    },
    /// One or another of these.
    Either(&'static [Shape]),
}

/// Words of which one is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// What one row is.
    Resource,
    /// How the cells of a column are shown.
    CellFormat,
    /// Which side of its column a cell stands on.
    Align,
    /// What the values of a parameter are.
    ParamType,
    /// The form that a result is printed in.
    Output,
}

/// Names that whoever writes a file chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// A query.
    Query,
    /// A parameter.
    Parameter,
    /// An image that rows are compared with.
    Companion,
    /// A column, or a key that rows are grouped by.
    Column,
}

impl Shape {
    /// The keys of ours that stand in it, at whatever depth.
    pub(super) fn keys(&self) -> &'static [Key] {
        match self {
            Self::Keys { keys, .. } => keys,
            Self::OneOrMore(inner)
            | Self::List { items: inner, .. }
            | Self::Map { values: inner, .. } => inner.keys(),
            Self::Either(shapes) => {
                let mut keys = shapes.iter().map(Self::keys);
                keys.find(|keys| !keys.is_empty()).unwrap_or_default()
            }
            _ => &[],
        }
    }

    /// The words of which one is wanted, if nothing else is.
    pub fn word(&self) -> Option<Word> {
        match self {
            Self::Word(word) => Some(*word),
            _ => None,
        }
    }
}
