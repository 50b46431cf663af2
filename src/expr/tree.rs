//! The tree of an expression as we evaluate it.
//!
//! Every node knows the stretch of text it stands for. Nothing here does anything; `lower` makes trees, `eval` runs
//! them, `references` and `lint` read them.

use std::sync::Arc;

use super::functions::Function;
use super::tokens::Span;
use crate::value::Value;

/// One node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

/// What a node does with the current value.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// `@`, or nothing where the grammar lets it out.
    Current,
    /// `name`: the entry of a map.
    Field(Field),
    /// `params` or `with`: the same at any depth, if the run knows it (design §3).
    Constant(Arc<str>),
    /// `[1]`, from the end if negative.
    Index(i32),
    /// `[1:2]`.
    Slice(Slice),
    /// A value written down.
    Literal(Value),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{a: b}`, in written order.
    Map(Vec<(Arc<str>, Node)>),
    /// `!a`.
    Not(Box<Node>),
    /// `a && b`.
    And(Box<Node>, Box<Node>),
    /// `a || b`.
    Or(Box<Node>, Box<Node>),
    /// `a == b` and its kin.
    Compare(Box<Comparison>),
    /// `a.b`, `a | b`, `a[0]`: the right side sees what the left side gives.
    Then(Box<Node>, Link, Box<Node>),
    /// `a[*].b`, `a[?c].b`, `a[].b`, `a.*.b`: the right side sees each element.
    Project(Box<Projection>),
    /// `a[]` before its projection: lists inside the list are taken apart.
    Flatten(Box<Node>),
    /// `a.*` before its projection: the values of a map.
    Values(Box<Node>),
    /// `name(a, &b)`.
    Call(Box<Call>),
    /// `&a`: an expression handed to a function.
    Reference(Box<Node>),
}

/// A name.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    pub(super) quotes: Quotes,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    None,
    Double,
}

/// `[start:stop:step]`; the step is not zero.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    pub(super) start: Option<i32>,
    pub(super) stop: Option<i32>,
    pub(super) step: i32,
}

/// What joins two nodes of [`Kind::Then`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    Dot,
    Pipe,
    Index,
}

/// Two sides and what is asked of them.
#[derive(Debug, Clone)]
pub(super) struct Comparison {
    pub(super) operator: Operator,
    pub(super) left: Node,
    pub(super) right: Node,
}

/// A comparing operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The sign.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Tells whether it asks for an order, which only numbers have (design §5).
    pub(super) fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

/// What is done to each element of a list.
#[derive(Debug, Clone)]
pub(super) struct Projection {
    pub(super) source: Node,
    pub(super) condition: Option<Node>,
    pub(super) each: Node,
}

/// A function and what it is given.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) name: Arc<str>,
    /// Where the name stands.
    pub(super) name_span: Span,
    /// None if no function has that name: `lint` says so, and evaluating is an error.
    pub(super) function: Option<&'static Function>,
    pub(super) arguments: Vec<Node>,
}
