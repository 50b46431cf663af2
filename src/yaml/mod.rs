//! YAML text to a tree in which every text knows its place, and back.
//!
//! The only room that knows the YAML crate. Scalars keep their text as written (`1.20` stays `1.20`),
//! aliases are shared under a budget and never copied (threats G4), and what two readers could read in two ways -
//! duplicate keys, merge keys, tags of one's own - is refused. What the keys mean is known to whoever reads the file.

pub mod eaten;
mod keys;
mod nesting;
mod open;
mod scalar;
mod tree;
mod words;
mod write;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Passage, Place, Source};

pub use keys::{Keys, Known, eaten_brackets, shape, wrong};
pub use nesting::{closing_brace, outside};
pub use write::{Layout, Tree, quoted};

/// A part of a document. Cheap to clone: an alias shares what it stands for.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it is; of a collection in block style, where its first child is.
    pub place: Place,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Kind {
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
pub struct Scalar {
    /// The text.
    pub passage: Passage,
    /// How it was written.
    pub style: Style,
}

/// How a text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
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
pub struct Entry {
    /// The key.
    pub key: Passage,
    /// The value.
    pub value: Node,
}

/// The documents of a file that hold anything, and what is wrong with the file as YAML.
pub struct Documents {
    /// One tree per document; those with a syntax error are missing.
    pub roots: Vec<Node>,
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
}

/// Reads all documents of a file.
pub fn documents(source: &Arc<Source>) -> Documents {
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
