//! Which fields of the row an expression reads.
//!
//! The language has no way back to the row from inside a projection, a pipe or an `&expression`, so only what stands
//! in root position counts; all else lies under a path already counted. A name that is missed would be a fact that is
//! never fetched, so where the walk cannot tell, the answer is "the whole row".

use std::sync::Arc;

use super::tokens::Span;
use super::tree::{Kind, Node};
use crate::diagnostic::{Passage, Place};

/// What an expression reads of the row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reads {
    /// The fields read by name, in written order, once per mention.
    pub fields: Vec<Read>,
    /// Where the whole row is read, if it is.
    pub whole: Option<Place>,
}

/// One mention of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The name in the row.
    pub name: Arc<str>,
    /// The keys below it, as far as they are written down: what is read is all there is under them.
    pub path: Vec<Arc<str>>,
    /// Where the name stands.
    pub place: Place,
}

impl Reads {
    /// Tells whether the whole row is read.
    pub fn whole(&self) -> bool {
        self.whole.is_some()
    }

    /// Tells whether a field is read, by name or with the whole row.
    pub fn contains(&self, name: &str) -> bool {
        self.whole() || self.fields.iter().any(|read| &*read.name == name)
    }
}

/// Walks a tree.
pub(super) fn read(root: &Node, passage: &Passage) -> Reads {
    let reads = Reads::default();
    let mut walk = Walk { passage, reads };
    let reached = walk.node(root, &Reach::Row);
    walk.take(reached, root.span);
    walk.reads
}

/// What a node gives, as far as it is still part of the row.
#[derive(Debug, Clone)]
enum Reach {
    /// The row itself, of which nothing is read yet.
    Row,
    /// What lies under a name, not read yet.
    Field(Read),
    /// Something else: made, or part of what has been read.
    Else,
}

struct Walk<'p> {
    passage: &'p Passage,
    reads: Reads,
}

impl Walk<'_> {
    /// Finds what `node` reads when the current value is `current`, and what it reaches itself.
    fn node(&mut self, node: &Node, current: &Reach) -> Reach {
        match &node.kind {
            Kind::Current => return current.clone(),
            Kind::Field(field) => return self.field(current, &field.name, node.span),
            Kind::Constant(name) => return self.constant(current, name, node.span),
            Kind::Then(left, _, right) => {
                let left = self.node(left, current);
                return self.node(right, &left);
            }
            Kind::Literal(_) => {}
            Kind::Index(_) | Kind::Slice(_) => self.take(current.clone(), node.span),
            Kind::List(elements) => {
                self.take_unless_row(current, node.span);
                elements
                    .iter()
                    .for_each(|element| self.operand(element, current));
            }
            Kind::Map(entries) => {
                self.take_unless_row(current, node.span);
                entries
                    .iter()
                    .for_each(|(_, value)| self.operand(value, current));
            }
            Kind::Not(inner) | Kind::Flatten(inner) | Kind::Values(inner) => {
                self.operand(inner, current)
            }
            Kind::And(left, right) | Kind::Or(left, right) => {
                self.operand(left, current);
                self.operand(right, current);
            }
            Kind::Compare(comparison) => {
                self.operand(&comparison.left, current);
                self.operand(&comparison.right, current);
            }
            Kind::Project(projection) => {
                self.operand(&projection.source, current);
                projection
                    .condition
                    .iter()
                    .for_each(|node| self.operand(node, &Reach::Else));
                self.operand(&projection.each, &Reach::Else);
            }
            Kind::Call(call) => call
                .arguments
                .iter()
                .for_each(|node| self.operand(node, current)),
            Kind::Reference(inner) => self.operand(inner, &Reach::Else),
        }
        Reach::Else
    }

    /// A part whose value is used.
    fn operand(&mut self, node: &Node, current: &Reach) {
        let reached = self.node(node, current);
        self.take(reached, node.span);
    }

    fn take(&mut self, reached: Reach, span: Span) {
        match reached {
            Reach::Row if self.reads.whole.is_none() => {
                self.reads.whole = Some(self.passage.place_of(span.start..span.end));
            }
            Reach::Field(read) => self.reads.fields.push(read),
            Reach::Row | Reach::Else => {}
        }
    }

    /// Whether `a.[b]` is null depends on `a`; a row is never null.
    fn take_unless_row(&mut self, current: &Reach, span: Span) {
        if let Reach::Field(_) = current {
            self.take(current.clone(), span);
        }
    }

    fn field(&self, current: &Reach, name: &Arc<str>, span: Span) -> Reach {
        match current {
            Reach::Row => Reach::Field(self.mention(name, span)),
            Reach::Field(read) => {
                let mut read = read.clone();
                read.path.push(Arc::clone(name));
                Reach::Field(read)
            }
            Reach::Else => Reach::Else,
        }
    }

    /// A constant is read wherever it stands. Where the run does not know it, it is a field of the current value, so
    /// that counts as read too.
    fn constant(&mut self, current: &Reach, name: &Arc<str>, span: Span) -> Reach {
        if let Reach::Field(_) = current {
            self.take(current.clone(), span);
        }
        Reach::Field(self.mention(name, span))
    }

    fn mention(&self, name: &Arc<str>, span: Span) -> Read {
        Read {
            name: Arc::clone(name),
            path: Vec::new(),
            place: self.passage.place_of(span.start..span.end),
        }
    }
}
