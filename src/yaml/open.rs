//! Collections whose end has not come yet, and the rules for keys.

use std::collections::HashMap;
use std::collections::hash_map;
use std::ops::Range;

use super::{Entry, Kind, Node, Style};
use crate::diagnostic::{Diagnostic, Passage, Place};

/// A collection whose end has not come yet.
pub(super) struct Open {
    /// What it holds so far.
    pub(super) items: Items,
    /// Its opening bracket; nothing in block style.
    pub(super) start: Range<usize>,
    /// The number of its anchor, or 0.
    pub(super) anchor: usize,
    /// The nodes it holds so far and itself, every alias counted as what it stands for.
    pub(super) nodes: usize,
    /// The levels it has so far.
    pub(super) depth: usize,
    /// Whether its tag was refused; it is read, but it is not what was meant.
    pub(super) is_refused: bool,
}

/// The items of a list, or the entries of a map.
pub(super) enum Items {
    List(Vec<Node>),
    Map(OpenMap),
}

/// A map, perhaps with a key that waits for its value.
#[derive(Default)]
pub(super) struct OpenMap {
    pub(super) entries: Vec<Entry>,
    seen: HashMap<String, Place>,
    key: Option<Key>,
}

enum Key {
    Accepted(Passage),
    /// Reported already; its value is read and dropped.
    Refused,
}

impl Open {
    /// Tells whether the next node is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(&self.items, Items::Map(map) if map.key.is_none())
    }

    /// Takes a finished node: an item, a key, or the value of the key before. Returns what is wrong with a key.
    pub(super) fn attach(&mut self, node: Node) -> Option<Diagnostic> {
        match &mut self.items {
            Items::List(items) => {
                items.push(node);
                None
            }
            Items::Map(map) => map.attach(node),
        }
    }
}

impl OpenMap {
    fn attach(&mut self, node: Node) -> Option<Diagnostic> {
        match self.key.take() {
            None => {
                let accepted = self.accept(&node);
                let (key, finding) = match accepted {
                    Ok(key) => (Key::Accepted(key), None),
                    Err(finding) => (Key::Refused, finding),
                };
                self.key = Some(key);
                finding
            }
            Some(Key::Accepted(key)) => {
                self.entries.push(Entry { key, value: node });
                None
            }
            Some(Key::Refused) => None,
        }
    }

    /// Takes a key if it is a text that is not there yet.
    fn accept(&mut self, node: &Node) -> Result<Passage, Option<Diagnostic>> {
        let scalar = match &node.kind {
            Kind::Scalar(scalar) => scalar,
            Kind::Broken => return Err(None),
            _ => return Err(Some(key_finding(&node.place))),
        };
        let text = scalar.passage.text();
        if text == "<<" && scalar.style == Style::Plain {
            let finding = Diagnostic::error("merge keys (`<<`) are not supported")
                .at(&node.place, "")
                .hint("write the keys out");
            return Err(Some(finding));
        }
        match self.seen.entry(text.to_owned()) {
            hash_map::Entry::Occupied(first) => {
                let finding = Diagnostic::error(format!("the key `{text}` stands here twice"))
                    .at(&node.place, "the second")
                    .at(first.get(), "the first");
                Err(Some(finding))
            }
            hash_map::Entry::Vacant(free) => {
                free.insert(node.place.clone());
                Ok(scalar.passage.clone())
            }
        }
    }
}

/// What is said about a key that is a collection, an alias or nothing.
pub(super) fn key_finding(place: &Place) -> Diagnostic {
    Diagnostic::error("a key must be a text")
        .at(place, "")
        .hint("write the key as a word, or as text in quotes")
}
