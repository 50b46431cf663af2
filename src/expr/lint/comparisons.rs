//! Comparisons: `<` and its kin between what has no order, and `==` between what is never equal.

use super::Lint;
use super::Use;
use super::names::is_literal_word;
use crate::diagnostic::nearest;
use crate::expr::functions;
use crate::expr::shape::Shape;
use crate::expr::tokens::Span;
use crate::expr::tree::{Comparison, Kind, Node, Operator};
use crate::value::{JsonStyle, Value, to_json};

impl Lint<'_> {
    pub(super) fn comparison(
        &mut self,
        comparison: &Comparison,
        span: Span,
        current: &Shape,
    ) -> Shape {
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
        } else {
            self.equality(comparison, &left, &right);
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

    /// What is written down and never equal to what it is compared with: then the answer does not depend on the row.
    fn equality(&mut self, comparison: &Comparison, left: &Shape, right: &Shape) {
        let sides = [
            (&comparison.left, &comparison.right, left),
            (&comparison.right, &comparison.left, right),
        ];
        for (node, literal, shape) in sides {
            let Kind::Literal(value) = &literal.kind else {
                continue;
            };
            if matches!(node.kind, Kind::Literal(_)) || value.is_null() {
                continue;
            }
            if let Some((message, hint)) = self.never_equal(node, shape, value) {
                let label = match comparison.operator {
                    Operator::Equal => "never true",
                    _ => "always true",
                };
                let finding = self.error(literal.span, message, label);
                self.findings.push(match hint {
                    Some(hint) => finding.hint(hint),
                    None => finding,
                });
            }
        }
    }

    /// Why a value is never that of a part of the expression, and what would be meant.
    fn never_equal(
        &self,
        node: &Node,
        shape: &Shape,
        value: &Value,
    ) -> Option<(String, Option<String>)> {
        let text = self.text(node);
        if let (Shape::Time, Value::Text(written)) = (shape, value) {
            let time = functions::parse_time(written)?;
            let whole = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            if whole == **written {
                return None;
            }
            let message = format!("`{text}` is a time, which is written `{whole}` here");
            let hint = format!(
                "times are compared by `before({text}, '{written}')` and `after(…)`; the days of a month are `starts_with({text}, '{}')`",
                &whole[..7]
            );
            return Some((message, Some(hint)));
        }
        if let (Shape::Word(words), Value::Text(written)) = (shape, value) {
            if words.contains(&&**written) {
                return None;
            }
            let near = nearest(written, words.iter().copied());
            let message = format!("`{text}` is never '{written}'");
            let hint = match near {
                Some(near) => format!("did you mean '{near}'?"),
                None => format!("it is one of '{}'", words.join("', '")),
            };
            return Some((message, Some(hint)));
        }
        let of_value = Shape::of(value);
        if class(shape)? == class(&of_value)? {
            return None;
        }
        let message = format!(
            "`{text}` is {}, and this is {}",
            shape.words(),
            of_value.words()
        );
        Some((message, meant(shape, value)))
    }
}

/// What is equal to nothing of another class; of null anything may be.
fn class(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::Row | Shape::Any => None,
        Shape::Text | Shape::Word(_) | Shape::Time => Some("text"),
        Shape::Integer | Shape::Number => Some("number"),
        Shape::Boolean => Some("boolean"),
        Shape::List(_) => Some("list"),
        Shape::Map(_) | Shape::Record(_) => Some("map"),
    }
}

/// How the value is written that was meant.
fn meant(shape: &Shape, value: &Value) -> Option<String> {
    let shown = to_json(value, JsonStyle::Compact);
    match (shape, value) {
        (Shape::Text | Shape::Word(_), Value::Int(_) | Value::Float(_) | Value::Bool(_)) => Some(
            format!("as a text it is written in single quotes: '{shown}'"),
        ),
        (Shape::Integer | Shape::Number | Shape::Boolean, Value::Text(text)) => {
            let is_such = match shape {
                Shape::Boolean => matches!(&**text, "true" | "false"),
                _ => text.parse::<f64>().is_ok(),
            };
            is_such.then(|| format!("without quotes it is written between backticks: `{text}`"))
        }
        (Shape::List(_), Value::Text(text)) => Some(format!(
            "whether the list has it is `contains(LIST, '{text}')`"
        )),
        _ => None,
    }
}

/// A number that was written as a text.
fn number_in_quotes(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Literal(Value::Text(text)) if text.parse::<f64>().is_ok() => Some(text),
        _ => None,
    }
}

fn is_time_literal(node: &Node) -> bool {
    matches!(&node.kind, Kind::Literal(Value::Text(text)) if functions::parse_time(text).is_some())
}
