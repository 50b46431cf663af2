//! From the `jmespath` crate's tree to ours.
//!
//! The crate points at a call's parenthesis, and for filters, projections and comparisons at some later word; the
//! words tell where things stand. Literals come from the text: the crate sorts keys and drops one of two equal ones.
//! What the crate lets pass and the grammar does not is refused here: commas left out, `&` outside of a call.
//!
//! Recursion is bounded by `guard`; the functions are small so that their frames are too.

use std::sync::Arc;

use jmespath::ast::{Ast, Comparator, KeyValuePair};

use super::functions;
use super::tokens::{self, Span, Tokens};
use super::tree::{Call, Comparison, Field, Kind, Link, Node, Operator, Projection, Quotes, Slice};
use crate::diagnostic::Diagnostic;
use crate::value::Value;

/// Names that mean the same at any depth: a query's parameters, and the images it compares with (design §3).
const CONSTANTS: [&str; 2] = ["params", "with"];

type Lowered<T = Node> = Result<T, Box<Diagnostic>>;

/// Makes our tree of an expression.
///
/// Errors: a comma left out, `&` outside of a call, a slice with step zero.
pub(super) fn lower(tokens: &Tokens<'_>, ast: &Ast) -> Lowered {
    Lowering { tokens }.node(ast, Position::Start)
}

/// Whether a name starts a path or goes on with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Start,
    AfterDot,
}

struct Lowering<'t> {
    tokens: &'t Tokens<'t>,
}

impl Lowering<'_> {
    fn node(&self, ast: &Ast, position: Position) -> Lowered {
        let (kind, span) = match ast {
            Ast::Identity { offset } => (Kind::Current, self.span_at(*offset)),
            Ast::Field { offset, name } => self.field(*offset, name, position),
            Ast::Literal { offset, value } => self.literal(*offset, value),
            Ast::Index { offset, idx } => (Kind::Index(*idx), self.group_closed(*offset)),
            Ast::MultiList { offset, elements } => self.list(*offset, elements)?,
            Ast::MultiHash { offset, elements } => self.map(*offset, elements)?,
            Ast::Function { offset, name, args } => self.call(*offset, name, args)?,
            Ast::Not { offset, node } => self.not(*offset, node)?,
            Ast::Comparison {
                comparator,
                lhs,
                rhs,
                ..
            } => self.comparison(comparator, lhs, rhs)?,
            Ast::And { lhs, rhs, .. } => self.pair(lhs, rhs, Kind::And)?,
            Ast::Or { lhs, rhs, .. } => self.pair(lhs, rhs, Kind::Or)?,
            Ast::Subexpr { offset, lhs, rhs } => self.then(*offset, lhs, rhs, position)?,
            Ast::Projection { lhs, rhs, .. } => self.projection(lhs, rhs, position)?,
            Ast::Flatten { node, .. } => self.flatten(node, position)?,
            Ast::ObjectValues { node, .. } => self.values(node, position)?,
            Ast::Slice {
                offset,
                start,
                stop,
                step,
            } => self.slice(*offset, *start, *stop, *step)?,
            Ast::Expref { offset, .. } => return Err(self.stray_reference(*offset)),
            Ast::Condition { offset, .. } => return Err(self.stray_condition(*offset)),
        };
        let span = match kind {
            Kind::Current => span,
            _ => self.tokens.widened(span),
        };
        Ok(Node { kind, span })
    }

    fn start(&self, ast: &Ast) -> Lowered<Box<Node>> {
        self.node(ast, Position::Start).map(Box::new)
    }

    fn span_at(&self, offset: usize) -> Span {
        self.tokens.list[self.tokens.at(offset)].span
    }

    /// The brackets of which the closing one stands at `offset`.
    fn group_closed(&self, offset: usize) -> Span {
        self.tokens.group(self.tokens.at(offset))
    }

    fn field(&self, offset: usize, name: &str, position: Position) -> (Kind, Span) {
        let token = &self.tokens.list[self.tokens.at(offset)];
        let quotes = match token.kind {
            tokens::Kind::QuotedName => Quotes::Double,
            _ => Quotes::None,
        };
        let is_constant =
            CONSTANTS.contains(&name) && quotes == Quotes::None && position == Position::Start;
        let name = Arc::from(name);
        let kind = match is_constant {
            true => Kind::Constant(name),
            false => Kind::Field(Field { name, quotes }),
        };
        (kind, token.span)
    }

    fn literal(&self, offset: usize, value: &jmespath::Variable) -> (Kind, Span) {
        let token = &self.tokens.list[self.tokens.at(offset)];
        let value = match &token.kind {
            tokens::Kind::Literal(value) => value.clone(),
            _ => Value::from(value.as_string().map(String::as_str)),
        };
        (Kind::Literal(value), token.span)
    }

    fn list(&self, offset: usize, elements: &[Ast]) -> Lowered<(Kind, Span)> {
        let span = self.group_closed(offset);
        let elements = self.elements(elements)?;
        Ok((Kind::List(elements), span))
    }

    fn elements(&self, elements: &[Ast]) -> Lowered<Vec<Node>> {
        let nodes: Vec<Node> = elements
            .iter()
            .map(|element| self.node(element, Position::Start))
            .collect::<Lowered<_>>()?;
        for pair in nodes.windows(2) {
            self.check_comma(pair[0].span, pair[1].span)?;
        }
        Ok(nodes)
    }

    /// The crate takes `f(a b)` for `f(a, b)`.
    fn check_comma(&self, left: Span, right: Span) -> Lowered<()> {
        let between = self.tokens.next(left.end, |token| token.is(","));
        if between.is(",") && between.span.end <= right.start {
            return Ok(());
        }
        let error = self.tokens.error(
            right,
            "there is no operator before this",
            "follows another value",
        );
        Err(Box::new(error.hint(
            "values are separated by commas: `f(a, b)`, `[a, b]`",
        )))
    }

    fn map(&self, offset: usize, elements: &[KeyValuePair]) -> Lowered<(Kind, Span)> {
        let entry = |pair: &KeyValuePair| {
            let key: Arc<str> = Arc::from(pair.key.as_str());
            Ok((key, self.node(&pair.value, Position::Start)?))
        };
        let entries = elements.iter().map(entry).collect::<Lowered<_>>()?;
        Ok((Kind::Map(entries), self.group_closed(offset)))
    }

    fn call(&self, offset: usize, name: &str, arguments: &[Ast]) -> Lowered<(Kind, Span)> {
        let open = self.tokens.at(offset);
        if !self.tokens.is_call(open) {
            let error = self.tokens.error(
                self.span_at(offset),
                "this calls nothing",
                "not after a name",
            );
            return Err(Box::new(
                error.hint("a function is called by its name: `length(tag)`"),
            ));
        }
        let name_span = self.tokens.list[open - 1].span;
        let span = name_span.to(self.tokens.group(open));
        let call = Call {
            name: Arc::from(name),
            name_span,
            function: functions::find(name),
            arguments: self.arguments(arguments)?,
        };
        Ok((Kind::Call(Box::new(call)), span))
    }

    fn arguments(&self, arguments: &[Ast]) -> Lowered<Vec<Node>> {
        let lower = |argument: &Ast| match argument {
            Ast::Expref { offset, ast } => self.reference(*offset, ast),
            other => self.node(other, Position::Start),
        };
        let nodes: Vec<Node> = arguments.iter().map(lower).collect::<Lowered<_>>()?;
        for pair in nodes.windows(2) {
            self.check_comma(pair[0].span, pair[1].span)?;
        }
        Ok(nodes)
    }

    fn reference(&self, offset: usize, ast: &Ast) -> Lowered {
        let inner = self.start(ast)?;
        let span = self.tokens.widened(self.span_at(offset).to(inner.span));
        let kind = Kind::Reference(inner);
        Ok(Node { kind, span })
    }

    fn stray_reference(&self, offset: usize) -> Box<Diagnostic> {
        let error = self.tokens.error(
            self.span_at(offset),
            "`&` stands outside of a call",
            "makes no value",
        );
        Box::new(
            error
                .hint("`&` hands an expression to a function: `sort_by(layers, &size)`")
                .hint("two conditions are joined by `&&`"),
        )
    }

    /// The crate makes conditions only inside of projections; alone, one would have nothing to filter.
    fn stray_condition(&self, offset: usize) -> Box<Diagnostic> {
        let span = self.span_at(offset);
        Box::new(
            self.tokens
                .error(span, "this condition filters nothing", "not after a list"),
        )
    }

    fn not(&self, offset: usize, inner: &Ast) -> Lowered<(Kind, Span)> {
        let inner = self.start(inner)?;
        let span = self.span_at(offset).to(inner.span);
        Ok((Kind::Not(inner), span))
    }

    fn comparison(
        &self,
        comparator: &Comparator,
        left: &Ast,
        right: &Ast,
    ) -> Lowered<(Kind, Span)> {
        let operator = match comparator {
            Comparator::Equal => Operator::Equal,
            Comparator::NotEqual => Operator::NotEqual,
            Comparator::LessThan => Operator::Less,
            Comparator::LessThanEqual => Operator::LessOrEqual,
            Comparator::GreaterThan => Operator::Greater,
            Comparator::GreaterThanEqual => Operator::GreaterOrEqual,
        };
        let left = self.node(left, Position::Start)?;
        let right = self.node(right, Position::Start)?;
        let span = left.span.to(right.span);
        let comparison = Comparison {
            operator,
            left,
            right,
        };
        Ok((Kind::Compare(Box::new(comparison)), span))
    }

    fn pair(
        &self,
        left: &Ast,
        right: &Ast,
        make: fn(Box<Node>, Box<Node>) -> Kind,
    ) -> Lowered<(Kind, Span)> {
        let (left, right) = (self.start(left)?, self.start(right)?);
        let span = left.span.to(right.span);
        Ok((make(left, right), span))
    }

    fn then(
        &self,
        offset: usize,
        left: &Ast,
        right: &Ast,
        position: Position,
    ) -> Lowered<(Kind, Span)> {
        let token = &self.tokens.list[self.tokens.at(offset)];
        let (link, right_position) = match &token.kind {
            tokens::Kind::Sign(".") => (Link::Dot, Position::AfterDot),
            tokens::Kind::Sign("|") => (Link::Pipe, Position::Start),
            _ => (Link::Index, Position::Start),
        };
        let left = Box::new(self.node(left, position)?);
        let right = Box::new(self.node(right, right_position)?);
        let span = left.span.to(right.span);
        Ok((Kind::Then(left, link, right), span))
    }

    fn projection(&self, source: &Ast, each: &Ast, position: Position) -> Lowered<(Kind, Span)> {
        let (condition, each) = match each {
            Ast::Condition {
                predicate, then, ..
            } => (Some(&**predicate), &**then),
            each => (None, each),
        };
        let source = self.node(source, position)?;
        let condition = condition
            .map(|ast| self.node(ast, Position::Start))
            .transpose()?;
        // What is done to each element goes on with a path: in `a[*].params` no constant is meant.
        let each = self.node(each, Position::AfterDot)?;
        let span = source
            .span
            .to(self.projection_end(&source, condition.as_ref()))
            .to(each.span);
        let projection = Projection {
            source,
            condition,
            each,
        };
        Ok((Kind::Project(Box::new(projection)), span))
    }

    /// Where the brackets of a projection end; those of `[]`, `*` and slices belong to the source.
    fn projection_end(&self, source: &Node, condition: Option<&Node>) -> Span {
        if matches!(
            source.kind,
            Kind::Flatten(_) | Kind::Values(_) | Kind::Slice(_)
        ) {
            return source.span;
        }
        let sign = if condition.is_some() { "[?" } else { "[" };
        let from = match source.kind {
            Kind::Current => source.span.start,
            _ => source.span.end,
        };
        let open = self.tokens.next(from, |token| token.is(sign));
        self.tokens.group(self.tokens.at(open.span.start))
    }

    fn flatten(&self, inner: &Ast, position: Position) -> Lowered<(Kind, Span)> {
        let inner = Box::new(self.node(inner, position)?);
        let span = self.sign_after(&inner, "[]");
        Ok((Kind::Flatten(inner), span))
    }

    fn values(&self, inner: &Ast, position: Position) -> Lowered<(Kind, Span)> {
        let inner = Box::new(self.node(inner, position)?);
        let span = self.sign_after(&inner, "*");
        Ok((Kind::Values(inner), span))
    }

    /// From a node to the sign that follows it, which is where an absent node stands.
    fn sign_after(&self, node: &Node, sign: &'static str) -> Span {
        let from = match node.kind {
            Kind::Current => node.span.start,
            _ => node.span.end,
        };
        let sign = self.tokens.next(from, |token| token.is(sign));
        node.span.to(sign.span)
    }

    fn slice(
        &self,
        offset: usize,
        start: Option<i32>,
        stop: Option<i32>,
        step: i32,
    ) -> Lowered<(Kind, Span)> {
        let span = self.group_closed(offset);
        if step == 0 {
            let error = self
                .tokens
                .error(span, "the step of a slice cannot be 0", "takes no step");
            return Err(Box::new(error));
        }
        Ok((Kind::Slice(Slice { start, stop, step }), span))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::compile;
    use super::super::tokens::Span;
    use super::*;

    /// The texts of every node in written order of their ends, the innermost first.
    fn parts(text: &str) -> Vec<&str> {
        let mut spans: Vec<Span> = Vec::new();
        collect(&compile(text).root, &mut spans);
        let is_written = |span: &Span| span.start < span.end;
        spans
            .into_iter()
            .filter(is_written)
            .map(|span| &text[span.start..span.end])
            .collect()
    }

    fn collect(node: &Node, spans: &mut Vec<Span>) {
        match &node.kind {
            Kind::Not(a) | Kind::Flatten(a) | Kind::Values(a) | Kind::Reference(a) => {
                collect(a, spans)
            }
            Kind::And(a, b) | Kind::Or(a, b) | Kind::Then(a, _, b) => {
                [a, b].into_iter().for_each(|node| collect(node, spans))
            }
            Kind::Compare(c) => [&c.left, &c.right]
                .into_iter()
                .for_each(|node| collect(node, spans)),
            Kind::Project(p) => {
                let inner = [Some(&p.source), p.condition.as_ref(), Some(&p.each)];
                inner
                    .into_iter()
                    .flatten()
                    .for_each(|node| collect(node, spans));
            }
            Kind::List(nodes) => nodes.iter().for_each(|node| collect(node, spans)),
            Kind::Map(entries) => entries.iter().for_each(|(_, node)| collect(node, spans)),
            Kind::Call(call) => call.arguments.iter().for_each(|node| collect(node, spans)),
            Kind::Current => return,
            _ => {}
        }
        spans.push(node.span);
    }

    #[test]
    fn every_part_knows_where_it_stands() {
        for (text, expected) in [
            ("a.b[0]", &["a", "b", "[0]", "b[0]", "a.b[0]"][..]),
            ("f(a, &b)", &["a", "b", "&b", "f(a, &b)"]),
            (
                "a[?b > `1`].c",
                &["a", "b", "`1`", "b > `1`", "c", "a[?b > `1`].c"],
            ),
            (
                "(a || b)[] | c",
                &[
                    "a",
                    "b",
                    "(a || b)",
                    "(a || b)[]",
                    "(a || b)[]",
                    "c",
                    "(a || b)[] | c",
                ],
            ),
            ("a.*.b", &["a", "a.*", "b", "a.*.b"]),
            ("a[*]", &["a", "a[*]"]),
            ("[*].a", &["a", "[*].a"]),
            ("[?a]", &["a", "[?a]"]),
            ("a[1:2]", &["a", "[1:2]", "[1:2]", "a[1:2]"]),
            (
                "!(a == ((b)))",
                &["a", "((b))", "(a == ((b)))", "!(a == ((b)))"],
            ),
            (
                "{x: a, \"y\": [b]}",
                &["a", "b", "[b]", "{x: a, \"y\": [b]}"],
            ),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn literals_are_read_from_the_text() {
        for (text, expected) in [
            (
                "`{\"z\": 1, \"a\": 9007199254740993}`",
                r#"{"z":1,"a":9007199254740993}"#,
            ),
            ("'it\\'s'", "\"it's\""),
            ("`\"\\`\"`", "\"`\""),
            ("` [1] `", "[1]"),
        ] {
            let Kind::Literal(value) = &compile(text).root.kind else {
                panic!("{text} is a literal");
            };
            let json = crate::value::to_json(value, crate::value::JsonStyle::Compact);
            assert_eq!(json, expected, "{text}");
        }
    }

    #[test]
    fn e2_literals_with_a_key_given_twice_are_refused() {
        let findings =
            super::super::testing::try_compile("a || `{\"x\": 1, \"x\": 2}`").unwrap_err();
        assert!(
            findings[0].message.contains("duplicate key \"x\""),
            "{}",
            findings[0].message
        );
    }
}
