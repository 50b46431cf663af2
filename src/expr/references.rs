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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::testing::{compile, json, try_compile};
    use super::super::{Context, Expr};
    use super::*;
    use crate::limits::Limits;
    use crate::value::Value;

    /// What is read, as paths; `@` for the whole row.
    fn reads(text: &str) -> String {
        let expr = compile(text);
        let reads = expr.reads();
        let path = |read: &Read| {
            let keys = read.path.iter().map(|key| format!("/{key}"));
            std::iter::once(read.name.to_string())
                .chain(keys)
                .collect::<String>()
        };
        let mut paths: Vec<String> = reads.fields.iter().map(path).collect();
        paths.extend(reads.whole().then(|| "@".to_owned()));
        paths.join(" ")
    }

    #[test]
    fn only_root_positions_count_and_none_is_missed() {
        for (text, expected) in [
            ("a", "a"),
            ("a.b.c", "a/b/c"),
            ("a.\"b.c\"", "a/b.c"),
            ("a | b", "a/b"),
            ("@.a", "a"),
            ("@ | a", "a"),
            ("a[0].b", "a"),
            ("a.b[0]", "a/b"),
            ("a[*].b", "a"),
            ("a[?b == c].d", "a"),
            ("a.b[].c", "a/b"),
            ("a.*.b", "a"),
            ("a[1:2]", "a"),
            ("a && b || !c", "a b c"),
            ("a == b", "a b"),
            ("(a || b).c", "a b"),
            ("[a, b.c]", "a b/c"),
            ("{x: a, y: {z: b}}", "a b"),
            ("{x: a}.x", "a"),
            ("a.{x: b, y: c}", "a a/b a/c"),
            ("a.[b, @]", "a a/b a"),
            ("length(a) > length(b)", "a b"),
            ("sort_by(a, &b)[*].c", "a"),
            ("map(&[b, @], a.c)", "a/c"),
            ("not_null(a, b.c)", "a b/c"),
            ("if(a, b.c, d)", "a b/c d"),
            ("sum_by(unique_by(a, &b), &c)", "a"),
            ("older_than(a, params.days)", "a params/days"),
            ("a[?b > params.min]", "a params/min"),
            ("with.base.size", "with/base/size"),
            ("a.params.b", "a/params/b"),
            ("`1`", ""),
            ("now()", ""),
            ("'a'", ""),
            ("a[?b].[params.x]", "a params/x"),
        ] {
            assert_eq!(reads(text), expected, "{text}");
        }
    }

    #[test]
    fn where_it_cannot_tell_it_is_the_whole_row() {
        for (text, expected) in [
            ("@", "@"),
            ("*", "@"),
            ("*.a", "@"),
            ("[*]", "@"),
            ("[]", "@"),
            ("[0]", "@"),
            ("[?a]", "@"),
            ("keys(@)", "@"),
            ("[@][0].a", "@"),
            ("[@, a]", "a @"),
            ("@ == a", "a @"),
            ("(@)", "@"),
            ("(@ || a).b", "a @"),
            ("to_string(@) | a", "@"),
            ("not_null(@)", "@"),
            ("!@", "@"),
        ] {
            assert_eq!(reads(text), expected, "{text}");
        }
    }

    #[test]
    fn mentions_have_places() {
        let expr = compile("tag == 'é' && size > sizee");
        let places: Vec<&str> = expr
            .reads()
            .fields
            .iter()
            .map(|read| read.place.text())
            .collect();
        assert_eq!(places, ["tag", "size", "sizee"]);
        assert!(expr.reads().contains("size") && !expr.reads().contains("digest"));
        assert!(compile("@").reads().contains("digest"));
    }

    /// A row with something of every kind.
    const ROW: &str = r#"{"a":{"a":1,"b":[{"a":1,"b":2},{"a":null,"c":"x"}],"c":{"a":"x","b":true}},
        "b":[{"a":3,"b":[1,2]},{"a":1},null,[[4]]],"c":"text","d":null,"e":5}"#;

    /// Expressions of every construct over the names of [`ROW`].
    fn expressions() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec![
            "a", "b", "c", "d", "e", "@", "`1`", "'x'", "*", "[*]", "[]",
        ]);
        leaf.prop_map(str::to_owned)
            .prop_recursive(5, 40, 3, |inner| {
                let one = inner.clone();
                let two = (inner.clone(), inner);
                let unary = prop::sample::select(vec![
                    "!(#)",
                    "(#)",
                    "#.a",
                    "#.*",
                    "#[*].b",
                    "#[]",
                    "#[0]",
                    "#[::-1]",
                    "#[?a].b",
                    "[#]",
                    "{x: #}",
                    "length(#)",
                    "type(#)",
                    "keys(#)",
                    "to_string(#)",
                    "#.[a, @]",
                    "#.{x: b}",
                    "(#) | a",
                    "sum((#)[*].a)",
                    "#[*].[a, @]",
                    "items(#)",
                    "unique(#)",
                    "if(#, a, b.a)",
                ]);
                let binary = prop::sample::select(vec![
                    "# || %",
                    "# && %",
                    "# == %",
                    "# < %",
                    "[#, %]",
                    "{x: #, y: %}",
                    "(#) | %",
                    "#[?%]",
                    "not_null(#, %)",
                    "map(&(%), #)",
                    "sort_by(#, &(%))",
                    "merge(#, %)",
                    "contains(#, %)",
                    "(#).[%]",
                    "if(#, %, c)",
                    "if(a, #, %)",
                    "unique_by(#, &(%))",
                    "count_by(#, &(%))",
                    "difference(#, %)",
                    "zip(#, %)",
                ]);
                prop_oneof![
                    (unary, one).prop_map(|(shape, a)| shape.replace('#', &a)),
                    (binary, two)
                        .prop_map(|(shape, (a, b))| shape.replace('#', &a).replace('%', &b)),
                ]
            })
    }

    /// The part of a row that is read.
    fn pruned(row: &Value, reads: &Reads) -> Value {
        if reads.whole() {
            return row.clone();
        }
        let mut paths: Vec<Vec<&str>> = Vec::new();
        for read in &reads.fields {
            let keys = read.path.iter().map(|key| &**key);
            paths.push(std::iter::once(&*read.name).chain(keys).collect());
        }
        kept(row, &paths)
    }

    fn kept(value: &Value, paths: &[Vec<&str>]) -> Value {
        let Some(entries) = value
            .as_map()
            .filter(|_| paths.iter().all(|path| !path.is_empty()))
        else {
            return value.clone();
        };
        let under = |key: &str| -> Vec<Vec<&str>> {
            let inside = paths.iter().filter(|path| path[0] == key);
            inside.map(|path| path[1..].to_vec()).collect()
        };
        let read = entries.iter().filter(|(key, _)| !under(key).is_empty());
        Value::map(read.map(|(key, value)| (key.clone(), kept(value, &under(key)))))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_row_of_only_what_is_read_gives_the_same(text in expressions()) {
            let row = json(ROW);
            let limits = Limits::default();
            let context = Context::new(Timestamp::UNIX_EPOCH, &limits);
            if let Ok(expr) = try_compile(&text) {
                let evaluate = |row: &Value, expr: &Expr| expr.evaluate(row, &context);
                prop_assert_eq!(evaluate(&row, &expr), evaluate(&pruned(&row, expr.reads()), &expr));
            }
        }
    }
}
