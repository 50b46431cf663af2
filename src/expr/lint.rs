//! What is wrong with an expression before anything is asked.
//!
//! The walk carries what is known of the current value and finds names nobody has, calls that cannot work, and the
//! traps of the language: double quotes round a text, `<` between times, a field of the row inside a projection.
//! A finding is an error where the value could only be null or the evaluation fail, else a warning.

use super::functions::{self, Accept, Function, Gives, Parameter};
use super::references::Reads;
use super::shape::Shape;
use super::tokens::{Span, is_plain_name};
use super::tree::{Call, Comparison, Field, Kind, Link, Node, Operator, Projection, Quotes};
use crate::diagnostic::{Diagnostic, Passage, nearest};
use crate::fields::Type;
use crate::value::{JsonStyle, Value, to_json};

/// What the names of an expression mean, in the place where it stands.
pub trait Scope {
    /// What a name is; none if there is no such name.
    fn type_of(&self, name: &str) -> Option<Type>;
    /// Every name, for "did you mean".
    fn names(&self) -> Vec<&str>;
    /// A few words for a name that is unknown: ``"`tags` have no such field"``.
    fn describe(&self) -> String;
    /// Tells whether an expression starts from a row with these names, and not from any value there is.
    fn is_row(&self) -> bool {
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

/// Finds what is wrong.
pub(super) fn check(
    root: &Node,
    passage: &Passage,
    reads: &Reads,
    scope: &dyn Scope,
) -> Vec<Diagnostic> {
    let mut lint = Lint::new(passage, scope);
    lint.shape(root, &start(scope));
    if let Some(place) = &reads.whole {
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
    if scope.is_row() {
        Shape::Row
    } else {
        Shape::Any
    }
}

struct Lint<'a> {
    passage: &'a Passage,
    scope: &'a dyn Scope,
    findings: Vec<Diagnostic>,
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

impl<'a> Lint<'a> {
    fn new(passage: &'a Passage, scope: &'a dyn Scope) -> Self {
        let findings = Vec::new();
        Self {
            passage,
            scope,
            findings,
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
            Kind::Values(inner) => {
                let inner = self.used(inner, current, used);
                Shape::List(Box::new(inner.values()))
            }
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

    fn constant(&mut self, name: &str, span: Span, current: &Shape, used: Use) -> Shape {
        if let Some(known) = self.scope.type_of(name) {
            return known.into();
        }
        let name = name.into();
        let quotes = Quotes::None;
        self.field(&Field { name, quotes }, span, current, used)
    }

    fn field(&mut self, field: &Field, span: Span, current: &Shape, used: Use) -> Shape {
        let name = &*field.name;
        if is_literal_word(field) && used != Use::Member && !self.is_known(name, current) {
            self.literal_word(name, span);
            return Shape::Any;
        }
        match current {
            Shape::Row => match self.scope.type_of(name) {
                Some(known) => known.into(),
                None => self.unknown_field(field, span, used),
            },
            Shape::Record(members) => match members.iter().find(|(member, _)| member == name) {
                Some((_, shape)) => shape.clone(),
                None => self.unknown_member(field, span, members, used),
            },
            Shape::Map(inner) => (**inner).clone(),
            Shape::Any => {
                self.suspect_quotes(field, span, used);
                Shape::Any
            }
            other => self.no_member(field, span, other, used),
        }
    }

    fn is_known(&self, name: &str, current: &Shape) -> bool {
        match current {
            Shape::Row => self.scope.type_of(name).is_some(),
            Shape::Record(members) => members.iter().any(|(member, _)| member == name),
            _ => false,
        }
    }

    /// `true`, `false` and `null` are names like any other, and name nothing.
    fn literal_word(&mut self, name: &str, span: Span) {
        let finding = self
            .error(
                span,
                format!("`{name}` is read as the name of a field"),
                "not a value",
            )
            .hint(format!("the value is written between backticks: `{name}`"));
        self.findings.push(finding);
    }

    fn unknown_field(&mut self, field: &Field, span: Span, used: Use) -> Shape {
        let name = &*field.name;
        let finding = self.error(
            span,
            format!("unknown field `{name}`"),
            &self.scope.describe(),
        );
        let near = nearest(name, self.scope.names());
        let elsewhere = self.scope.elsewhere(name);
        let is_strange = near.is_none() && elsewhere.is_none();
        let may_be_text = used == Use::Operand && (field.quotes == Quotes::Double || is_strange);
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let quotes = may_be_text.then(|| single_quotes(name));
        let hints: Vec<String> = [near, elsewhere, quotes].into_iter().flatten().collect();
        let last = self.scope.listed().filter(|_| hints.is_empty());
        let hints = hints.into_iter().chain(last);
        self.findings.push(hints.fold(finding, Diagnostic::hint));
        Shape::Any
    }

    fn unknown_member(
        &mut self,
        field: &Field,
        span: Span,
        members: &[(String, Shape)],
        used: Use,
    ) -> Shape {
        let name = &*field.name;
        let names = || members.iter().map(|(member, _)| member.as_str());
        let known = self
            .scope
            .type_of(name)
            .filter(|_| used != Use::Member && field.quotes == Quotes::None);
        let finding = match known {
            Some(_) => self
                .warning(span, format!("the row's `{name}` cannot be seen from here"), "read from each element")
                .hint("inside of a projection, a pipe or `&…` the current value is another; there is no way back to the row"),
            None => self.error(span, format!("unknown member `{name}`"), "there is no such member"),
        };
        let finding = match used {
            Use::Operand if field.quotes == Quotes::Double => finding.hint(single_quotes(name)),
            _ => finding.did_you_mean(name, names()),
        };
        let listed = names()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ");
        self.findings.push(match listed.is_empty() {
            true => finding,
            false => finding.hint(format!("its members are {listed}")),
        });
        known.map_or(Shape::Any, |_| Shape::Any)
    }

    /// A name read from what has no members.
    fn no_member(&mut self, field: &Field, span: Span, current: &Shape, used: Use) -> Shape {
        let name = &*field.name;
        let message = format!("{} has no member `{name}`", current.words());
        let finding = self.error(span, message, "always null");
        self.findings.push(match (current, used) {
            (_, Use::Operand) if field.quotes == Quotes::Double => {
                finding.hint(single_quotes(name))
            }
            (Shape::List(_), _) => finding.hint(format!(
                "of every element: `[*].{name}`; of the first: `[0].{name}`"
            )),
            (Shape::Text, Use::Member) => match self.dotted_key(span) {
                Some(key) => finding.hint(format!(
                    "a key with dots is one name in double quotes: \"{key}\""
                )),
                None => finding,
            },
            _ => finding,
        });
        Shape::Any
    }

    /// The key of a map that has dots in it, as labels and annotations do, and was written without quotes; `span` is
    /// its second part.
    fn dotted_key(&self, span: Span) -> Option<&'a str> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let (before, after) = self.passage.text().split_at(span.start);
        let first = before
            .strip_suffix('.')?
            .rfind(|c| !is_part(c) || c == '.')?;
        let end = after.find(|c| !is_part(c)).unwrap_or(after.len());
        Some(&self.passage.text()[first + 1..span.start + end])
    }

    /// Where nothing is known of the names, quotes that the name does not need tell.
    fn suspect_quotes(&mut self, field: &Field, span: Span, used: Use) {
        let name = &*field.name;
        if used == Use::Operand && field.quotes == Quotes::Double && is_plain_name(name) {
            let finding = self
                .warning(
                    span,
                    format!("`\"{name}\"` is the name of a field"),
                    "double quotes",
                )
                .hint(single_quotes(name));
            self.findings.push(finding);
        }
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

    fn map(&mut self, entries: &[(std::sync::Arc<str>, Node)], current: &Shape) -> Shape {
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
        let inner = if used == Use::Member {
            Use::Member
        } else {
            Use::Else
        };
        let shape = self.used(left, current, inner);
        if let Kind::Not(negated) = &left.kind
            && link != Link::Pipe
            && !self.text(left).starts_with('(')
        {
            self.tight_not(left, negated, right);
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

    /// `!a.b` is `(!a).b`, which is always null.
    fn tight_not(&mut self, left: &Node, negated: &Node, right: &Node) {
        let (negated, rest) = (self.text(negated), self.text(right));
        let finding = self
            .error(
                left.span,
                "`!` takes only the name next to it, so this is always null",
                "negated alone",
            )
            .hint(format!("write `!({negated}.{rest})`"));
        self.findings.push(finding);
    }

    fn projection(&mut self, projection: &Projection, current: &Shape, used: Use) -> Shape {
        let inner = if used == Use::Member {
            Use::Member
        } else {
            Use::Else
        };
        let source = self.used(&projection.source, current, inner);
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
        let message = format!("{} has no elements", shape.words());
        let finding = self.error(projection.source.span, message, "a list is needed here");
        self.findings.push(match shape {
            Shape::Map(_) | Shape::Record(_) => {
                finding.hint("the values of a map are `.*`, its keys `keys(…)`")
            }
            _ => finding,
        });
    }

    fn flatten(&mut self, inner: &Node, current: &Shape, used: Use) -> Shape {
        let inner_use = if used == Use::Member {
            Use::Member
        } else {
            Use::Else
        };
        match self.used(inner, current, inner_use) {
            Shape::List(element) => match *element {
                Shape::List(_) => *element,
                other => Shape::List(Box::new(other)),
            },
            Shape::Any => Shape::List(Box::new(Shape::Any)),
            other => other,
        }
    }

    fn comparison(&mut self, comparison: &Comparison, span: Span, current: &Shape) -> Shape {
        let beside = |other: &Node| match &other.kind {
            // What is compared with `true` is no text without quotes.
            Kind::Field(field) if is_literal_word(field) => Use::Else,
            _ => Use::Operand,
        };
        let left = self.used(&comparison.left, current, beside(&comparison.right));
        let right = self.used(&comparison.right, current, beside(&comparison.left));
        if comparison.operator.is_ordering() {
            for (shape, node) in [(&left, &comparison.left), (&right, &comparison.right)] {
                if !shape.may_be_ordered() {
                    self.unordered(comparison, span, shape, node);
                    break;
                }
            }
        }
        Shape::Boolean
    }

    /// `<` and its kin are for numbers; other programs take times too.
    fn unordered(&mut self, comparison: &Comparison, span: Span, shape: &Shape, node: &Node) {
        let sign = comparison.operator.sign();
        let message = format!(
            "`{sign}` compares numbers, and `{}` is {}",
            self.text(node),
            shape.words()
        );
        let finding = self.error(span, message, "cannot be put in order by an operator");
        let (left, right) = (self.text(&comparison.left), self.text(&comparison.right));
        let is_time = *shape == Shape::Time
            || [&comparison.left, &comparison.right]
                .into_iter()
                .any(is_time_literal);
        let function = match comparison.operator {
            Operator::Less | Operator::LessOrEqual => "before",
            _ => "after",
        };
        self.findings.push(match shape {
            _ if number_in_quotes(node).is_some() => finding.hint(format!(
                "numbers are written between backticks: `{}`",
                number_in_quotes(node).unwrap_or_default()
            )),
            _ if is_time => finding.hint(format!("times are compared by `{function}({left}, {right})`")),
            Shape::Text => finding
                .hint("times are compared by `before(created, '2024-01-01')` and `after(…)`")
                .hint("versions sort by `semver_key(tag)` and are compared by their parts: `semver(tag).major`"),
            _ => finding,
        });
    }

    fn call(&mut self, call: &Call, span: Span, current: &Shape) -> Shape {
        let Some(function) = call.function else {
            self.unknown_function(call);
            self.arguments_of_unknown(call, current);
            return Shape::Any;
        };
        if let Some(message) = function.wrong_count(call.arguments.len()) {
            let finding = self
                .error(span, message, "wrong number of arguments")
                .hint(format!("it is called as `{}`", function.signature()));
            self.findings.push(finding);
            self.arguments_of_unknown(call, current);
            return Shape::Any;
        }
        let shapes = self.arguments(call, function, current);
        for (at, (node, shape)) in call.arguments.iter().zip(&shapes).enumerate() {
            self.argument(function, function.parameter(at), node, shape);
        }
        match function.gives {
            Gives::Is(known) => known.into(),
            Gives::Like(at) => shapes[at].clone(),
            Gives::ElementOf(at) => shapes[at].element(),
            Gives::ListOf(at) => Shape::List(Box::new(shapes[at].clone())),
        }
    }

    fn unknown_function(&mut self, call: &Call) {
        let finding = self.error(
            call.name_span,
            format!("unknown function `{}`", call.name),
            "there is no such function",
        );
        let names = functions::all().map(|function| function.name);
        self.findings.push(match nearest(&call.name, names) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding.hint("`docker-regq explain functions` lists all functions"),
        });
    }

    fn arguments_of_unknown(&mut self, call: &Call, current: &Shape) {
        for node in &call.arguments {
            self.used(node, current, Use::Operand);
        }
    }

    /// The shapes of arguments; an `&expression` sees the elements of the list beside it.
    fn arguments(&mut self, call: &Call, function: &Function, current: &Shape) -> Vec<Shape> {
        let mut shapes: Vec<Shape> = Vec::with_capacity(call.arguments.len());
        for node in &call.arguments {
            shapes.push(match &node.kind {
                Kind::Reference(_) => Shape::Any,
                _ => self.used(node, current, Use::Operand),
            });
        }
        let list = function
            .parameters
            .iter()
            .position(|parameter| parameter.accepts.contains(&Accept::List));
        let element = list
            .and_then(|at| shapes.get(at))
            .map_or(Shape::Any, Shape::element);
        for (node, shape) in call.arguments.iter().zip(&mut shapes) {
            if let Kind::Reference(inner) = &node.kind {
                *shape = self.shape(inner, &element);
            }
        }
        shapes
    }

    fn argument(&mut self, function: &Function, parameter: &Parameter, node: &Node, shape: &Shape) {
        let is_expression = matches!(node.kind, Kind::Reference(_));
        let fits = match is_expression {
            true => parameter.takes_expression(),
            false => parameter.accepts.iter().any(|accept| shape.may_be(*accept)),
        };
        if fits {
            return self.literal_argument(parameter, node);
        }
        let given = if is_expression {
            "an expression"
        } else {
            shape.words()
        };
        let message = format!(
            "`{}` needs {}, not {given}",
            function.name,
            parameter.wanted()
        );
        let finding = self.error(node.span, message, given);
        self.findings.push(match parameter.takes_expression() {
            true => finding.hint(format!("write `&{}`", self.text(node))),
            false => finding,
        });
    }

    /// A duration or a time that is written down can be read at once.
    fn literal_argument(&mut self, parameter: &Parameter, node: &Node) {
        let Kind::Literal(Value::Text(text)) = &node.kind else {
            return;
        };
        let finding = if parameter.accepts.contains(&Accept::Duration) {
            functions::parse_duration(text).err().map(|message| {
                self.error(node.span, message, "not a duration")
                    .hint("durations are written '30d', '2w', '6mo', '1y 2mo' or '12h'; a number counts days")
            })
        } else if parameter.accepts.contains(&Accept::Time) && functions::parse_time(text).is_none()
        {
            let message = format!(
                "{} is not a time",
                to_json(&Value::Text(text.clone()), JsonStyle::Compact)
            );
            Some(
                self.error(node.span, message, "not a time")
                    .hint("times are written '2024-01-31' or '2024-01-31T08:15:00Z'"),
            )
        } else {
            None
        };
        self.findings.extend(finding);
    }
}

fn is_literal_word(field: &Field) -> bool {
    field.quotes == Quotes::None && matches!(&*field.name, "true" | "false" | "null")
}

fn is_time_literal(node: &Node) -> bool {
    matches!(&node.kind, Kind::Literal(Value::Text(text)) if functions::parse_time(text).is_some())
}

/// A number that was written as a text.
fn number_in_quotes(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Literal(Value::Text(text)) if text.parse::<f64>().is_ok() => Some(text),
        _ => None,
    }
}

fn single_quotes(text: &str) -> String {
    format!("text is written in single quotes: '{text}'")
}
