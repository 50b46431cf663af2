//! JMESPath: the expressions of queries.
//!
//! An expression goes through four hands: `guard` bounds its text, the `jmespath` crate parses it, `lower` makes our
//! own tree of it with the place of every part, and then `references` says what it reads, `lint` what is wrong with it
//! before anything is asked, and `eval` what it gives for a row. Expressions are untrusted code: nothing here
//! does I/O, reads a clock, or runs without a bound. What a name means is the business of the caller's [`Scope`].

mod arguments;
mod context;
mod eval;
mod functions;
mod grammar;
mod guard;
mod lint;
mod lower;
mod references;
mod shape;
mod stray;
#[cfg(test)]
mod testing;
mod tokens;
mod tree;

use std::sync::Arc;

pub use context::{Context, EvalError, EvalErrorKind, Mode};
pub use functions::{
    Accept, Arity, Example, Function, Gives, Parameter, all as functions, find as function,
};
pub use lint::Scope;
pub use references::{Read, Reads};

use crate::diagnostic::{Diagnostic, Passage};
use crate::fields::Type;
use crate::value::Value;
use tokens::Tokens;
use tree::{Kind, Node};

/// An expression that is well formed. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Expr {
    passage: Arc<Passage>,
    root: Arc<Node>,
    reads: Arc<Reads>,
}

impl Expr {
    /// Reads an expression.
    ///
    /// Errors: what is beyond the bounds of `limits` (threats G7), and what is no JMESPath, in plain words. Names and
    /// types are [`check`](Self::check)'s affair.
    /// Spec: JMESPath 2015, all of it.
    pub fn compile(passage: Passage) -> Result<Self, Vec<Diagnostic>> {
        let root = parse(&passage).map_err(|finding| vec![*finding])?;
        Ok(Self::new(Arc::new(passage), root))
    }

    fn new(passage: Arc<Passage>, root: Node) -> Self {
        let reads = Arc::new(references::read(&root, &passage));
        let root = Arc::new(root);
        Self {
            passage,
            root,
            reads,
        }
    }

    /// The text as it was decoded from its source.
    pub fn text(&self) -> &str {
        self.passage.text()
    }

    /// The text with the way back to its source.
    pub fn passage(&self) -> &Passage {
        &self.passage
    }

    /// What it reads of the row.
    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    /// The name of the field, if this is nothing but one: `size`, but not `config.size`.
    pub fn bare_field(&self) -> Option<&str> {
        match &self.root.kind {
            Kind::Field(field) => Some(&field.name),
            _ => None,
        }
    }

    /// The conditions that its outermost `&&` joins, in written order; itself, if there is none.
    pub fn conjuncts(&self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut open = vec![&*self.root];
        while let Some(node) = open.pop() {
            match &node.kind {
                Kind::And(left, right) => open.extend([&**right, &**left]),
                _ => parts.push(node),
            }
        }
        let part = |node: &Node| Self::new(Arc::clone(&self.passage), node.clone());
        parts.into_iter().map(part).collect()
    }

    /// Finds what is wrong with it where `scope` says what names mean: unknown names and functions, wrong types, and
    /// the traps of the language. In written order.
    pub fn check(&self, scope: &dyn Scope) -> Vec<Diagnostic> {
        lint::check(&self.root, &self.passage, &self.reads, scope)
    }

    /// What it gives, as far as that is known.
    pub fn result_type(&self, scope: &dyn Scope) -> Type {
        lint::result_type(&self.root, &self.passage, scope)
    }

    /// Gives its value for a row.
    ///
    /// Errors: a bound of the context's limits (threats G8), a value of the wrong type.
    pub fn evaluate(&self, row: &Value, context: &Context<'_>) -> Result<Value, EvalError> {
        eval::evaluate(&self.root, row, &self.passage, context).map_err(|error| *error)
    }
}

/// Tells whether a value counts as true in a condition: all but null, false and what is empty.
pub fn is_true(value: &Value) -> bool {
    eval::is_true(value)
}

fn parse(passage: &Passage) -> Result<Node, Box<Diagnostic>> {
    guard::check_size(passage)?;
    let mut tokens = Tokens::read(passage)?;
    guard::check(&mut tokens)?;
    match jmespath::parse(passage.text()) {
        Ok(ast) => lower::lower(&tokens, &ast),
        Err(error) => Err(Box::new(grammar::explain(&tokens, &error))),
    }
}
