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
mod patterns;
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
pub use lint::{AnyName, Known, Scope};
pub use references::{Elements, Read, Reads};

use crate::diagnostic::{Diagnostic, Passage};
use crate::fields::Type;
use crate::value::Value;
use tokens::Tokens;
use tree::{Kind, Link, Node};

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

    /// The text of this expression alone: of one of several [`conjuncts`](Self::conjuncts), its part.
    pub fn excerpt(&self) -> &str {
        let span = self.root.span;
        &self.text()[span.start..span.end]
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

    /// The names of the path that this is and nothing else, joined by dots: `layer.size`.
    pub fn bare_path(&self) -> Option<String> {
        let mut names = Vec::new();
        let mut node = &*self.root;
        while let Kind::Then(left, Link::Dot, right) = &node.kind {
            let Kind::Field(field) = &right.kind else {
                return None;
            };
            names.push(&*field.name);
            node = left;
        }
        let Kind::Field(field) = &node.kind else {
            return None;
        };
        names.push(&*field.name);
        names.reverse();
        Some(names.join("."))
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

fn parse(passage: &Passage) -> Result<Node, Box<Diagnostic>> {
    guard::check_size(passage)?;
    let mut tokens = Tokens::read(passage)?;
    guard::check(&mut tokens)?;
    match jmespath::parse(passage.text()) {
        Ok(ast) => lower::lower(&tokens, &ast),
        Err(error) => Err(Box::new(grammar::explain(&tokens, &error))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::testing::{compile, json, try_compile};
    use super::*;
    use crate::diagnostic::Source;
    use crate::limits::Limits;

    struct Nothing;

    impl Scope for Nothing {
        fn type_of(&self, _: &str) -> Option<Type> {
            None
        }

        fn names(&self) -> Vec<&str> {
            Vec::new()
        }

        fn describe(&self) -> String {
            String::new()
        }
    }

    /// `where: |` with an expression over two lines, indented by four.
    fn block() -> Passage {
        let source = Source::new(
            "q.yaml",
            "where: |\n    labels.\"größe\" == 'ü' &&\n    nofn(tag) && sise\n",
        );
        let text = "labels.\"größe\" == 'ü' &&\nnofn(tag) && sise\n";
        let second = text.find("nofn").unwrap();
        let pieces = vec![(0, 13), (second, 13 + second + 4)];
        Passage::decoded(&source, text, 7..source.text.len(), pieces)
    }

    #[test]
    fn findings_in_a_block_are_shown_where_they_stand() {
        let findings = Expr::compile(block()).unwrap().check(&Nothing);
        let place = |at: usize| {
            let place = &findings[at].labels[0].place;
            (place.text(), place.line_and_column())
        };
        assert_eq!(place(0), ("labels", (2, 5)));
        assert_eq!(place(1), ("nofn", (3, 5)));
        assert_eq!(place(2), ("tag", (3, 10)));
        assert_eq!(place(3), ("sise", (3, 18)));
    }

    #[test]
    fn errors_of_evaluation_are_shown_where_they_stand() {
        let limits = Limits::default();
        let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
        let row = json(r#"{"labels":{"größe":"ü"}}"#);
        let error = Expr::compile(block())
            .unwrap()
            .evaluate(&row, &context)
            .unwrap_err();
        assert_eq!(
            (error.place.text(), error.place.line_and_column()),
            ("nofn", (3, 5))
        );
        assert_eq!(error.to_diagnostic().message, "there is no function `nofn`");
    }

    #[test]
    fn errors_of_grammar_are_right_after_wide_characters() {
        for text in ["\"ééé\".foo || bar(", "'日本' == 5", "'👍' = a"] {
            let findings = try_compile(text).unwrap_err();
            let place = &findings[0].labels[0].place;
            assert!(
                ["(", "5", "="].contains(&place.text()),
                "{text}: {}",
                place.text()
            );
        }
    }

    #[test]
    fn conditions_are_split_at_their_outermost_and() {
        let expr = compile("a && (b && c || d) && !e && (f && g)");
        let parts = expr.conjuncts();
        let reads = |part: &Expr| {
            let names = part.reads().fields.iter().map(|read| read.name.to_string());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            parts.iter().map(reads).collect::<Vec<_>>(),
            ["a", "b c d", "e", "f", "g"]
        );
        assert_eq!(compile("a || b").conjuncts().len(), 1);
    }

    #[test]
    fn a_bare_field_is_nothing_but_a_name() {
        assert_eq!(compile(" size ").bare_field(), Some("size"));
        assert_eq!(compile("\"a b\"").bare_field(), Some("a b"));
        for text in ["a.b", "a[0]", "@", "params", "'a'"] {
            assert_eq!(compile(text).bare_field(), None, "{text}");
        }
    }

    #[test]
    fn a_bare_path_is_names_and_dots() {
        for (text, path) in [
            ("size", Some("size")),
            ("layer.size", Some("layer.size")),
            ("a.b.c", Some("a.b.c")),
            ("a[0].b", None),
            ("a.b[0]", None),
            ("a | b", None),
            ("a.[b]", None),
            ("length(a)", None),
        ] {
            assert_eq!(compile(text).bare_path().as_deref(), path, "{text}");
        }
    }

    const WORDS: [&str; 44] = [
        "a",
        "b",
        "\"q\"",
        "'t'",
        "`1`",
        "`{\"x\":[1]}`",
        "@",
        "*",
        ".",
        "[",
        "]",
        "[]",
        "[?",
        "[*]",
        "[0]",
        "[1:]",
        "(",
        ")",
        "{",
        "}",
        "{a:",
        ":",
        ",",
        "|",
        "||",
        "&&",
        "!",
        "&",
        "==",
        "<",
        ">=",
        "1",
        "-1",
        "length(",
        "sort_by(",
        "nofn(",
        "params",
        "é",
        "$",
        "=",
        "-",
        " ",
        "'",
        "`",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn g7_any_words_are_an_expression_or_an_error_at_its_place(
            words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..12)
        ) {
            let text = words.concat();
            let limits = Limits::default();
            match try_compile(&text) {
                Ok(expr) => {
                    let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
                    let _ = expr.evaluate(&json(r#"{"a":[{"b":1}],"b":{"a":2}}"#), &context);
                    for finding in expr.check(&Nothing) {
                        prop_assert!(!finding.labels.is_empty());
                    }
                }
                Err(findings) => prop_assert!(!findings[0].labels.is_empty()),
            }
        }
    }
}
