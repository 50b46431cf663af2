//! YAML text to a tree in which every text knows its place.
//!
//! The only folder that knows the YAML crate. Scalars keep their text as written (`1.20` stays `1.20`),
//! aliases are shared under a budget and never copied (threats G4), and what two readers could read in two ways
//! - duplicate keys, merge keys, tags of one's own - is refused. What the text means is not known here.

mod open;
mod scalar;
mod tree;
mod words;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Passage, Place, Source};

/// A part of a document. Cheap to clone: an alias shares what it stands for.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it is; of a collection in block style, where its first child is.
    pub(super) place: Place,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// A text.
    Scalar(Arc<Scalar>),
    /// A list.
    List(Arc<[Node]>),
    /// A map in written order, without duplicate keys.
    Map(Arc<[Entry]>),
    /// Something that was reported already; nobody needs to complain again.
    Broken,
}

/// A text and how it was written.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The text.
    pub(super) passage: Passage,
    /// How it was written.
    pub(super) style: Style,
}

/// How a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Bare.
    Plain,
    /// In `'`.
    SingleQuoted,
    /// In `"`.
    DoubleQuoted,
    /// In a block after `|`.
    Literal,
    /// In a block after `>`.
    Folded,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The key.
    pub(super) key: Passage,
    /// The value.
    pub(super) value: Node,
}

/// The documents of a file that hold anything, and what is wrong with the file as YAML.
pub(super) struct Documents {
    /// One tree per document; those with a syntax error are missing.
    pub(super) roots: Vec<Node>,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
}

/// Reads all documents of a file.
pub(super) fn documents(source: &Arc<Source>) -> Documents {
    if source.text.starts_with('\u{feff}') {
        let place = Place::new(source, 0..3);
        let finding = Diagnostic::error("the file starts with a byte order mark")
            .at(&place, "")
            .hint("save it as UTF-8 without a byte order mark");
        return Documents {
            roots: Vec::new(),
            findings: vec![finding],
        };
    }
    tree::read(source)
}
