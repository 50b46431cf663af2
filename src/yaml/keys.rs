//! The keys of a map: which there are, which there could be, and which have to be.
//!
//! Whoever reads a file of ours states its keys as a [`Known`] and gets the same words about a wrong one. What a key
//! means is not known here.

use super::{Entry, Kind, Node, eaten};
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::limits::FINDINGS;

/// What a map may hold.
pub struct Known {
    /// The map, as a message calls it.
    pub owner: &'static str,
    /// Its keys, in the order of the documentation.
    pub keys: &'static [&'static str],
    /// Keys of the format that this version cannot do.
    pub later: &'static [&'static str],
    /// What other tools call a key, and what we call it.
    pub habits: &'static [(&'static str, &'static str)],
}

/// The entries of a map.
pub struct Keys<'a> {
    /// The map, as a message calls it.
    owner: &'static str,
    entries: &'a [Entry],
    /// Where a message about what is missing points: the key that has the map, or its first key.
    pub place: Place,
}

impl<'a> Keys<'a> {
    /// No entries at all, so that decoding can go on without them.
    pub fn none(place: &Place) -> Self {
        Self {
            owner: "",
            entries: &[],
            place: place.clone(),
        }
    }

    /// The entry of a key, if it is there.
    pub fn get(&self, key: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.text() == key)
    }

    /// Says that a key is not there.
    pub fn missing(&self, key: &str) -> Diagnostic {
        let message = format!("{} needs the key `{key}`", self.owner);
        Diagnostic::error(message).at(&self.place, "")
    }
}

impl Known {
    /// The keys of a document; none if it is not what these are the keys of.
    pub fn of_document<'a>(
        &self,
        node: &'a Node,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Keys<'a>> {
        match &node.kind {
            Kind::Map(entries) if !self.is_anywhere_in(entries) => {
                let finding = Diagnostic::error(format!("this is not {}", self.owner));
                findings.push(
                    finding
                        .at(&first_key(node, entries), "")
                        .hint(self.listed()),
                );
                None
            }
            _ => self.of_node(node, findings),
        }
    }

    /// The keys of a map that stands under no key, whatever it has.
    pub fn of_node<'a>(&self, node: &'a Node, findings: &mut Vec<Diagnostic>) -> Option<Keys<'a>> {
        match &node.kind {
            Kind::Map(entries) => Some(self.checked(entries, first_key(node, entries), findings)),
            Kind::Broken => None,
            _ => {
                let message = format!("{} is a map, and this is {}", self.owner, shape(node));
                findings.push(Diagnostic::error(message).at(&node.place, ""));
                None
            }
        }
    }

    /// The keys of a map that stands under a key.
    pub fn of_entry<'a>(
        &self,
        entry: &'a Entry,
        findings: &mut Vec<Diagnostic>,
    ) -> Option<Keys<'a>> {
        match &entry.value.kind {
            Kind::Map(entries) => Some(self.checked(entries, entry.key.place(), findings)),
            _ => {
                findings.extend(wrong(&entry.value, entry, "a map"));
                None
            }
        }
    }

    fn checked<'a>(
        &self,
        entries: &'a [Entry],
        place: Place,
        findings: &mut Vec<Diagnostic>,
    ) -> Keys<'a> {
        let unknown = entries.iter().filter_map(|entry| self.finding(entry));
        findings.extend(unknown.take(FINDINGS));
        Keys {
            owner: self.owner,
            entries,
            place,
        }
    }
}

/// The first key of a map, or the map that has none.
fn first_key(node: &Node, entries: &[Entry]) -> Place {
    let first = entries.first().map(|entry| entry.key.place());
    first.unwrap_or_else(|| node.place.clone())
}

/// What is wrong with the value of a key, or an item of it, that is not of the kind wanted; nothing where that was said
/// before.
pub fn wrong(node: &Node, entry: &Entry, wanted: &str) -> Option<Diagnostic> {
    let key = entry.key.text();
    let finding = match node.kind {
        Kind::Broken => return None,
        Kind::Null if node.place.start < node.place.end => {
            let message = format!(
                "`{key}` takes {wanted}, and `{}` is nothing",
                node.place.text()
            );
            Diagnostic::error(message).at(&node.place, "")
        }
        Kind::Null if std::ptr::eq(node, &entry.value) => {
            let message = format!("`{key}` has no value");
            let finding = Diagnostic::error(message).at(&entry.key.place(), "");
            finding.hint(hint_for_nothing(node, wanted))
        }
        Kind::Null => Diagnostic::error(format!("an item of `{key}` is empty"))
            .at(&node.place, "")
            .hint(hint_for_nothing(node, wanted)),
        _ => Diagnostic::error(format!(
            "`{key}` takes {wanted}, and this is {}",
            shape(node)
        ))
        .at(&node.place, ""),
    };
    Some(finding)
}

/// What a node is, for messages about the wrong one.
pub fn shape(node: &Node) -> &'static str {
    match node.kind {
        Kind::Null => "empty",
        Kind::Scalar(_) => "a text",
        Kind::List(_) => "a list",
        Kind::Map(_) => "a map",
        Kind::Broken => "unreadable",
    }
}

/// Why nothing may be there: YAML takes the rest of the line for a comment if it starts with `#`.
fn hint_for_nothing(node: &Node, wanted: &str) -> String {
    let text = &node.place.source.text;
    let start = text[..node.place.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    match line.split_once(" #") {
        Some((_, comment)) if !comment.starts_with([' ', '#']) => COMMENT.to_owned(),
        _ => format!("it takes {wanted}"),
    }
}

const COMMENT: &str =
    "YAML takes `#` for the start of a comment; text that starts with it is put in single quotes";

impl Known {
    /// What is wrong with a key, if anything is.
    fn finding(&self, entry: &Entry) -> Option<Diagnostic> {
        let key = entry.key.text();
        if self.keys.contains(&key) {
            return None;
        }
        let place = entry.key.place();
        if self.later.contains(&key) {
            let message = format!("`{key}` is not supported by this version");
            return Some(Diagnostic::error(message).at(&place, ""));
        }
        let message = format!("unknown key `{key}` in {}", self.owner);
        let finding = Diagnostic::error(message).at(&place, "");
        let habit = self
            .habits
            .iter()
            .find(|(habit, _)| *habit == key)
            .map(|(_, ours)| *ours);
        let near = habit.or_else(|| nearest(key, self.keys.iter().chain(self.later).copied()));
        Some(match near {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint(self.listed()),
        })
    }

    /// Tells whether a map in `{…}` has none of these keys, and so was probably meant as text.
    pub fn is_stranger(&self, node: &Node) -> bool {
        let Kind::Map(entries) = &node.kind else {
            return false;
        };
        let is_known = |entry: &Entry| {
            let key = entry.key.text();
            self.keys.contains(&key) || nearest(key, self.keys.iter().copied()).is_some()
        };
        node.place.text().starts_with('{') && !entries.is_empty() && !entries.iter().any(is_known)
    }

    fn is_anywhere_in(&self, entries: &[Entry]) -> bool {
        entries
            .iter()
            .any(|entry| self.keys.contains(&entry.key.text()))
    }

    /// The hint where no key is near.
    fn listed(&self) -> String {
        let quoted: Vec<String> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        format!("its keys are {}", quoted.join(", "))
    }
}

/// Says that YAML has read a text in brackets as a collection.
pub fn eaten_brackets(node: &Node, meant: &str) -> Diagnostic {
    let (bracket, read) = match node.kind {
        Kind::Map(_) => ("{…}", "a map"),
        _ => ("[…]", "a list"),
    };
    let message = format!("YAML reads `{bracket}` as {read}, and here {meant} is wanted");
    let finding = Diagnostic::error(message).at(&node.place, "");
    finding.hint(eaten::hint(&node.place.source, node.place.start))
}
