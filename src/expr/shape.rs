//! What is known of a value before it exists.
//!
//! [`Type`] says what a field is; a shape says what any part of an expression is, lists and maps made on the way
//! included. Null is always possible and never counted. Shapes serve `lint` alone.

use super::functions::Accept;
use super::lint::Known;
use crate::fields::Type;
use crate::limits::EXPRESSION_SHAPE;
use crate::value::Value;

/// A type, with room for those that expressions make.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// The row, whose fields the scope knows.
    Row,
    /// Anything.
    Any,
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    Time,
    Integer,
    Number,
    Boolean,
    List(Box<Shape>),
    Map(Box<Shape>),
    Record(Vec<(String, Shape)>),
}

impl From<Type> for Shape {
    fn from(known: Type) -> Self {
        match known {
            Type::Any => Self::Any,
            Type::Text => Self::Text,
            Type::Word(words) => Self::Word(words),
            Type::Time => Self::Time,
            Type::Integer => Self::Integer,
            Type::Number => Self::Number,
            Type::Boolean => Self::Boolean,
            Type::List(inner) => Self::List(Box::new(Self::from(*inner))),
            Type::Map(inner) => Self::Map(Box::new(Self::from(*inner))),
            Type::Record(members) => {
                let members = members.iter();
                Self::Record(
                    members
                        .map(|(name, known)| ((*name).to_owned(), Self::from(*known)))
                        .collect(),
                )
            }
        }
    }
}

impl From<Known> for Shape {
    fn from(known: Known) -> Self {
        let record = |members: Vec<(String, Known)>| {
            let members = members.into_iter();
            Self::Record(
                members
                    .map(|(name, known)| (name, Self::from(known)))
                    .collect(),
            )
        };
        match known {
            Known::Is(known) => known.into(),
            Known::Object(members) => record(members),
            Known::Rows(members) => Self::List(Box::new(record(members).bounded())),
        }
    }
}

impl Shape {
    /// The shape of a value that is written down.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Boolean,
            Value::Int(_) => Self::Integer,
            Value::Float(_) => Self::Number,
            Value::Text(_) => Self::Text,
            Value::List(_) => {
                let mut shapes = value.as_list().unwrap_or_default().iter().map(Self::of);
                let first = shapes.next().unwrap_or(Self::Any);
                let inner = shapes.fold(first, Self::or);
                Self::List(Box::new(inner))
            }
            Value::Map(_) => Self::Map(Box::new(Self::Any)),
        }
    }

    /// What is either of two shapes.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Self::Number,
            (left, right) if left.is_text() && right.is_text() => Self::Text,
            _ => Self::Any,
        }
    }

    /// Itself, unless it has too many parts: each copy of a value copies its shape, and a few bytes of expression
    /// double it as often as they like (threats G8).
    pub(super) fn bounded(self) -> Self {
        match self.parts() <= EXPRESSION_SHAPE {
            true => self,
            false => Self::Any,
        }
    }

    fn parts(&self) -> usize {
        1 + match self {
            Self::List(inner) | Self::Map(inner) => inner.parts(),
            Self::Record(members) => members.iter().map(|(_, shape)| shape.parts()).sum(),
            _ => 0,
        }
    }

    /// What the elements are, if this is a list.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::List(inner) => (**inner).clone(),
            _ => Self::Any,
        }
    }

    /// What the values are, if this is a map.
    pub(super) fn values(&self) -> Self {
        match self {
            Self::Map(inner) => (**inner).clone(),
            Self::Record(members) => {
                let mut shapes = members.iter().map(|(_, shape)| shape.clone());
                let first = shapes.next().unwrap_or(Self::Any);
                shapes.fold(first, Self::or)
            }
            _ => Self::Any,
        }
    }

    /// Tells whether a value of this shape may be of that kind.
    pub(super) fn may_be(&self, accept: Accept) -> bool {
        let may_hold = |is_wanted: fn(&Self) -> bool| match self {
            Self::List(inner) => matches!(**inner, Self::Any) || is_wanted(inner),
            _ => false,
        };
        match (self, accept) {
            (Self::Any, accept) => accept != Accept::Expression,
            (_, Accept::Any | Accept::Branch) => true,
            (_, accept) if accept.is_text() => self.is_text(),
            (_, Accept::Number | Accept::Count) => self.is_number(),
            (_, Accept::List) => matches!(self, Self::List(_)),
            (_, Accept::Numbers) => may_hold(Self::is_number),
            (_, Accept::Texts) => may_hold(Self::is_text),
            (_, Accept::Map) => matches!(self, Self::Row | Self::Map(_) | Self::Record(_)),
            _ => false,
        }
    }

    /// Tells whether the operators of order take it.
    pub(super) fn may_be_ordered(&self) -> bool {
        matches!(self, Self::Any) || self.is_number()
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }

    fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Word(_) | Self::Time)
    }

    /// The shape in words: `a list of texts`.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Row => "the whole row",
            Self::Any => "anything",
            Self::Text | Self::Word(_) => "a text",
            Self::Time => "a time",
            Self::Integer | Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List(inner) if inner.is_text() => "a list of texts",
            Self::List(inner) if inner.is_number() => "a list of numbers",
            Self::List(inner) if matches!(**inner, Self::Map(_) | Self::Record(_)) => {
                "a list of maps"
            }
            Self::List(_) => "a list",
            Self::Map(_) | Self::Record(_) => "a map",
        }
    }

    /// The nearest type; what lists and maps hold is kept one level deep.
    pub(super) fn to_type(&self) -> Type {
        match self {
            Self::Row | Self::Any => Type::Any,
            Self::Text => Type::Text,
            Self::Word(words) => Type::Word(words),
            Self::Time => Type::Time,
            Self::Integer => Type::Integer,
            Self::Number => Type::Number,
            Self::Boolean => Type::Boolean,
            Self::List(inner) => Type::List(inner.as_inner()),
            Self::Map(inner) => Type::Map(inner.as_inner()),
            Self::Record(_) => Type::Map(&Type::Any),
        }
    }

    fn as_inner(&self) -> &'static Type {
        match self {
            Self::Text => &Type::Text,
            Self::Time => &Type::Time,
            Self::Integer => &Type::Integer,
            Self::Number => &Type::Number,
            Self::Boolean => &Type::Boolean,
            _ => &Type::Any,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_become_types_again() {
        for known in [
            Type::Any,
            Type::Time,
            Type::List(&Type::Integer),
            Type::Map(&Type::Text),
        ] {
            assert_eq!(Shape::from(known).to_type(), known);
        }
        assert_eq!(
            Shape::from(Type::List(&Type::List(&Type::Text))).to_type(),
            Type::List(&Type::Any)
        );
    }

    #[test]
    fn g8_a_shape_that_doubles_is_given_up() {
        let mut shape = Shape::Text;
        for _ in 0..60 {
            let members = ["a", "b"].map(|name| (name.to_owned(), shape.clone()));
            shape = Shape::Record(members.into()).bounded();
            assert!(shape.parts() <= EXPRESSION_SHAPE);
        }
    }

    #[test]
    fn what_is_not_known_may_be_anything_but_an_expression() {
        assert!(Shape::Any.may_be(Accept::Numbers) && !Shape::Any.may_be(Accept::Expression));
        let list = Shape::List(Box::new(Shape::Any));
        assert!(list.may_be(Accept::Texts) && !list.may_be(Accept::Text));
    }
}
