//! What is wrong with an expression before anything is asked.
//!
//! The walk carries what is known of the current value and finds names nobody has, calls that cannot work, and the
//! traps of the language: double quotes round a text, `<` between times, a field of the row inside a projection.
//! A finding is an error where the value could only be null or the evaluation fail, else a warning.

mod calls;
mod comparisons;
mod jq;
mod literals;
mod names;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::functions::Accept;
use super::patterns::Grammar;
use super::references::Reads;
use super::shape::Shape;
use super::tokens::Span;
use super::tree::{Kind, Link, Node, Projection};
use crate::diagnostic::{Diagnostic, Passage};
use crate::fields::Type;

/// What the names of an expression mean, in the place where it stands.
pub trait Scope {
    /// What a name is; none if there is no such name.
    fn type_of(&self, name: &str) -> Option<Type>;
    /// What a name is, where its members are known by name only when the query is.
    fn known(&self, name: &str) -> Option<Known> {
        self.type_of(name).map(Known::Is)
    }
    /// Every name, for "did you mean".
    fn names(&self) -> Vec<&str>;
    /// A few words for a name that is unknown: ``"`tags` have no such field"``.
    fn describe(&self) -> String;
    /// Tells whether an expression starts from a row with these names, and not from any value there is.
    fn is_row(&self) -> bool {
        true
    }
    /// Tells whether what is read has to be fetched, so that reading everything is dear.
    fn is_fetched(&self) -> bool {
        true
    }
    /// Where an unknown name is known, if that is near.
    fn elsewhere(&self, _name: &str) -> Option<String> {
        None
    }
    /// Where all names are listed, for a name that is near to none.
    fn listed(&self) -> Option<String> {
        None
    }
}

/// What a name is.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Something of a type.
    Is(Type),
    /// An object with these members.
    Object(Vec<(String, Known)>),
    /// A list of rows with these members.
    Rows(Vec<(String, Known)>),
}

/// A scope of which nothing is known: it may be a list, and every name may be in it.
#[derive(Debug, Clone, Copy)]
pub struct AnyName;

impl Scope for AnyName {
    fn type_of(&self, _: &str) -> Option<Type> {
        Some(Type::Any)
    }

    fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn describe(&self) -> String {
        String::new()
    }

    fn is_row(&self) -> bool {
        false
    }
}

/// Finds what is wrong.
pub(super) fn check(
    root: &Node,
    passage: &Passage,
    reads: &Reads,
    scope: &dyn Scope,
) -> Vec<Diagnostic> {
    let mut lint = Lint::new(passage, scope);
    lint.shape(root, &start(scope));
    if let Some(place) = reads.whole.as_ref().filter(|_| scope.is_fetched()) {
        let finding =
            Diagnostic::warning("this reads the whole row, so every fact about it is fetched")
                .at(place, "the row itself")
                .hint("name the fields that are wanted: `{tag: tag, size: size}`");
        lint.findings.push(finding);
    }
    lint.findings.sort_by_key(Diagnostic::sort_key);
    lint.findings
}

/// What an expression gives.
pub(super) fn result_type(root: &Node, passage: &Passage, scope: &dyn Scope) -> Type {
    Lint::new(passage, scope)
        .shape(root, &start(scope))
        .to_type()
}

/// The shape of the value an expression starts from.
fn start(scope: &dyn Scope) -> Shape {
    match scope.is_row() {
        true => Shape::Row,
        false => Shape::Any,
    }
}

struct Lint<'a> {
    passage: &'a Passage,
    scope: &'a dyn Scope,
    findings: Vec<Diagnostic>,
    /// The patterns met so far, and what they take when compiled.
    patterns: BTreeSet<(Grammar, Arc<str>)>,
    program_bytes: usize,
}

/// How the value of a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Compared, or handed to a function, where a text in wrong quotes would stand.
    Operand,
    /// After a dot.
    Member,
    Else,
}

impl Use {
    /// How the left end of a path is used, given how the path is.
    fn of_left_end(self) -> Self {
        match self {
            Self::Member => Self::Member,
            Self::Operand | Self::Else => Self::Else,
        }
    }
}

impl<'a> Lint<'a> {
    fn new(passage: &'a Passage, scope: &'a dyn Scope) -> Self {
        let findings = Vec::new();
        Self {
            passage,
            scope,
            findings,
            patterns: BTreeSet::new(),
            program_bytes: 0,
        }
    }

    /// The shape of what a node gives for a current value of some shape.
    fn shape(&mut self, node: &Node, current: &Shape) -> Shape {
        self.used(node, current, Use::Else)
    }

    fn used(&mut self, node: &Node, current: &Shape, used: Use) -> Shape {
        match &node.kind {
            Kind::Current => current.clone(),
            Kind::Field(field) => self.field(field, node.span, current, used),
            Kind::Constant(name) => self.constant(name, node.span, current, used),
            Kind::Literal(value) => Shape::of(value),
            Kind::Index(_) => self.elements(current, node.span).element(),
            Kind::Slice(_) => self.elements(current, node.span),
            Kind::List(elements) => self.list(elements, current),
            Kind::Map(entries) => self.map(entries, current),
            Kind::Not(inner) => {
                self.shape(inner, current);
                Shape::Boolean
            }
            Kind::And(left, right) | Kind::Or(left, right) => {
                let left = self.shape(left, current);
                left.or(self.shape(right, current))
            }
            Kind::Compare(comparison) => self.comparison(comparison, node.span, current),
            Kind::Then(left, link, right) => self.then(left, *link, right, current, used),
            Kind::Project(projection) => self.projection(projection, current, used),
            Kind::Flatten(inner) => self.flatten(inner, current, used),
            Kind::Values(inner) => self.values(inner, current, used),
            Kind::Call(call) => self.call(call, node.span, current),
            Kind::Reference(inner) => self.shape(inner, &Shape::Any),
        }
    }

    fn error(&self, span: Span, message: impl Into<String>, label: &str) -> Diagnostic {
        let place = self.passage.place_of(span.start..span.end);
        Diagnostic::error(message).at(&place, label)
    }

    fn warning(&self, span: Span, message: impl Into<String>, label: &str) -> Diagnostic {
        let place = self.passage.place_of(span.start..span.end);
        Diagnostic::warning(message).at(&place, label)
    }

    fn text(&self, node: &Node) -> &'a str {
        &self.passage.text()[node.span.start..node.span.end]
    }

    /// A list, which is what positions and slices are for.
    fn elements(&mut self, current: &Shape, span: Span) -> Shape {
        match current {
            Shape::List(_) => current.clone(),
            Shape::Any => Shape::Any,
            other => {
                let message = format!("{} has no elements", other.words());
                let finding = self.error(span, message, "always null");
                self.findings.push(finding);
                Shape::Any
            }
        }
    }

    fn list(&mut self, elements: &[Node], current: &Shape) -> Shape {
        let shapes: Vec<Shape> = elements
            .iter()
            .map(|node| self.shape(node, current))
            .collect();
        let inner = shapes.into_iter().reduce(Shape::or).unwrap_or(Shape::Any);
        Shape::List(Box::new(inner))
    }

    fn map(&mut self, entries: &[(Arc<str>, Node)], current: &Shape) -> Shape {
        let mut members: Vec<(String, Shape)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let shape = self.shape(value, current);
            if members.iter().any(|(member, _)| **member == **key) {
                let finding = self.error(
                    value.span,
                    format!("the key `{key}` is given twice"),
                    "its second value",
                );
                self.findings.push(finding);
            }
            members.push(((**key).to_owned(), shape));
        }
        Shape::Record(members).bounded()
    }

    fn then(&mut self, left: &Node, link: Link, right: &Node, current: &Shape, used: Use) -> Shape {
        let shape = self.used(left, current, used.of_left_end());
        if let Kind::Not(negated) = &left.kind
            && link != Link::Pipe
            && !self.text(left).starts_with('(')
        {
            self.tight_not(left, negated, &format!(".{}", self.text(right)));
            self.used(right, &Shape::Any, Use::Member);
            return Shape::Any;
        }
        let right_use = if link == Link::Dot {
            Use::Member
        } else {
            Use::Else
        };
        self.used(right, &shape, right_use)
    }

    /// `!a.b` is `(!a).b`, which is always null, and so is `!a[?b]`.
    fn tight_not(&mut self, left: &Node, negated: &Node, rest: &str) {
        let negated = self.text(negated);
        let finding = self
            .error(
                left.span,
                "`!` takes only the name next to it, so this is always null",
                "negated alone",
            )
            .hint(format!("write `!({negated}{rest})`"));
        self.findings.push(finding);
    }

    fn projection(&mut self, projection: &Projection, current: &Shape, used: Use) -> Shape {
        let source = self.used(&projection.source, current, used.of_left_end());
        let element = match source {
            Shape::List(element) => *element,
            Shape::Any => Shape::Any,
            other => {
                self.no_list(projection, &other);
                Shape::Any
            }
        };
        if let Some(condition) = &projection.condition {
            self.shape(condition, &element);
        }
        let each = self.used(&projection.each, &element, Use::Member);
        Shape::List(Box::new(each))
    }

    fn no_list(&mut self, projection: &Projection, shape: &Shape) {
        let source = &projection.source;
        if let Kind::Not(negated) = &source.kind
            && !self.text(source).starts_with('(')
        {
            return self.tight_not(source, negated, "[…]");
        }
        let message = format!("{} has no elements", shape.words());
        let finding = self.error(source.span, message, "a list is needed here");
        self.findings.push(match shape {
            Shape::Map(_) | Shape::Record(_) => {
                finding.hint("the values of a map are `.*`, its keys `keys(…)`")
            }
            _ => finding,
        });
    }

    fn flatten(&mut self, inner: &Node, current: &Shape, used: Use) -> Shape {
        match self.used(inner, current, used.of_left_end()) {
            Shape::List(element) => match *element {
                Shape::List(_) => *element,
                other => Shape::List(Box::new(other)),
            },
            Shape::Any => Shape::List(Box::new(Shape::Any)),
            other => other,
        }
    }

    fn values(&mut self, inner: &Node, current: &Shape, used: Use) -> Shape {
        let shape = self.used(inner, current, used.of_left_end());
        if !shape.may_be(Accept::Map) {
            let message = format!("{} has no values", shape.words());
            let finding = self.error(inner.span, message, "a map is needed here");
            self.findings.push(match shape {
                Shape::List(_) => finding.hint("the elements of a list are `[*]`"),
                _ => finding,
            });
        }
        Shape::List(Box::new(shape.values()))
    }
}

#[cfg(test)]
mod tests;
