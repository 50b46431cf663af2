//! Which fields of the row an expression reads.
//!
//! The language has no way back to the row from inside a projection, a pipe or an `&expression`, so only what stands
//! in root position counts; all else lies under a path already counted. A name that is missed would be a fact that is
//! never fetched, so where the walk cannot tell, the answer is "the whole row".
//!
//! One name is looked into: `rows`, the rows of a group or of a result. Of its elements only the members that are read
//! are wanted, so the walk follows them through projections, positions and the functions that hand them on; where it
//! loses sight of them, the answer is "all of each".

use std::sync::Arc;

use super::functions::{Accept, Function, Gives};
use super::tokens::Span;
use super::tree::{Call, Kind, Node, Projection};
use crate::diagnostic::{Passage, Place};
use crate::fields::Type;

/// The name of the rows of a group or of a result.
const ROWS: &str = "rows";
/// Functions that take a list without a look at its elements.
const BLIND: [&str; 2] = ["length", "reverse"];

/// What an expression reads of the row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reads {
    /// The fields read by name, in written order, once per mention.
    pub fields: Vec<Read>,
    /// Where the whole row is read, if it is.
    pub whole: Option<Place>,
    /// What is read of each element of `rows`.
    pub elements: Elements,
}

/// What an expression reads of each element of `rows`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Elements {
    /// The members read by name, in written order, once per mention.
    pub members: Vec<Read>,
    /// Whether an element is read as a whole.
    pub whole: bool,
}

/// One mention of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The name in the row, or in an element of `rows`.
    pub name: Arc<str>,
    /// The keys below it, as far as they are written down: what is read is all there is under them.
    pub path: Vec<Arc<str>>,
    /// Where the name stands.
    pub place: Place,
}

impl Read {
    /// What lies under a key of it.
    fn below(&self, key: &Arc<str>) -> Self {
        let mut read = self.clone();
        read.path.push(Arc::clone(key));
        read
    }
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
    /// A list of elements of `rows`, which were not looked at yet.
    Rows,
    /// An element of `rows`, of which nothing is read yet.
    Element,
    /// What lies under a name of an element of `rows`, not read yet.
    Member(Read),
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
            Kind::Index(_) | Kind::Slice(_) => return self.position(current, node),
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
            Kind::Flatten(inner) => return self.flatten(inner, current),
            Kind::Not(inner) | Kind::Values(inner) => self.operand(inner, current),
            Kind::And(left, right) | Kind::Or(left, right) => {
                self.operand(left, current);
                self.operand(right, current);
            }
            Kind::Compare(comparison) => {
                self.operand(&comparison.left, current);
                self.operand(&comparison.right, current);
            }
            Kind::Project(projection) => return self.projection(projection, current),
            Kind::Call(call) => return self.call(call, current),
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
            Reach::Member(read) => self.reads.elements.members.push(read),
            Reach::Rows | Reach::Element => self.reads.elements.whole = true,
            Reach::Row | Reach::Else => {}
        }
    }

    /// `[0]` and `[1:2]`.
    fn position(&mut self, current: &Reach, node: &Node) -> Reach {
        match (current, &node.kind) {
            (Reach::Rows, Kind::Index(_)) => Reach::Element,
            (Reach::Rows, _) => Reach::Rows,
            _ => {
                self.take(current.clone(), node.span);
                Reach::Else
            }
        }
    }

    /// The elements of `rows` are maps: there is nothing in them to be taken apart.
    fn flatten(&mut self, inner: &Node, current: &Reach) -> Reach {
        match self.node(inner, current) {
            Reach::Rows => Reach::Rows,
            other => {
                self.take(other, inner.span);
                Reach::Else
            }
        }
    }

    fn projection(&mut self, projection: &Projection, current: &Reach) -> Reach {
        let element = match self.node(&projection.source, current) {
            Reach::Rows => Reach::Element,
            other => {
                self.take(other, projection.source.span);
                Reach::Else
            }
        };
        if let Some(condition) = &projection.condition {
            self.operand(condition, &element);
        }
        self.each(&projection.each, &element)
    }

    /// What a list holds of whose elements each was made into `node`.
    fn each(&mut self, node: &Node, element: &Reach) -> Reach {
        match self.node(node, element) {
            Reach::Element => Reach::Rows,
            other => {
                self.take(other, node.span);
                Reach::Else
            }
        }
    }

    fn call(&mut self, call: &Call, current: &Reach) -> Reach {
        let mut rows = None;
        for (at, node) in call.arguments.iter().enumerate() {
            if matches!(node.kind, Kind::Reference(_)) {
                continue;
            }
            match self.node(node, current) {
                Reach::Rows if call.function.is_some_and(|function| is_blind(function, at)) => {
                    rows = Some(at);
                }
                other => self.take(other, node.span),
            }
        }
        let element = match rows {
            Some(_) => Reach::Element,
            None => Reach::Else,
        };
        let mut made = Reach::Else;
        for node in &call.arguments {
            if let Kind::Reference(inner) = &node.kind {
                made = self.reference(call.function, inner, &element);
            }
        }
        match (call.function, rows) {
            (Some(function), Some(at)) => self.handed_on(function, at, made),
            _ => Reach::Else,
        }
    }

    /// An `&expression`: what it gives is compared, unless the function makes a list of it.
    fn reference(
        &mut self,
        function: Option<&'static Function>,
        inner: &Node,
        element: &Reach,
    ) -> Reach {
        match function.map(|function| function.gives) {
            Some(Gives::ListOf(_)) => self.each(inner, element),
            _ => {
                self.operand(inner, element);
                Reach::Else
            }
        }
    }

    /// What a function gives that was handed rows at `at` and has not looked at them.
    fn handed_on(&mut self, function: &Function, at: usize, made: Reach) -> Reach {
        match function.gives {
            Gives::Like(like) if like == at => Reach::Rows,
            Gives::ElementOf(of) if of == at => Reach::Element,
            Gives::ListOf(_) => made,
            Gives::Is(known) if is_made(known) => Reach::Else,
            _ => {
                self.reads.elements.whole = true;
                Reach::Else
            }
        }
    }

    /// Whether `a.[b]` is null depends on `a`; a row is never null.
    fn take_unless_row(&mut self, current: &Reach, span: Span) {
        if let Reach::Field(_) | Reach::Member(_) = current {
            self.take(current.clone(), span);
        }
    }

    fn field(&mut self, current: &Reach, name: &Arc<str>, span: Span) -> Reach {
        match current {
            Reach::Row if &**name == ROWS => {
                let mention = self.mention(name, span);
                self.reads.fields.push(mention);
                Reach::Rows
            }
            Reach::Row => Reach::Field(self.mention(name, span)),
            Reach::Field(read) => Reach::Field(read.below(name)),
            Reach::Element => Reach::Member(self.mention(name, span)),
            Reach::Member(read) => Reach::Member(read.below(name)),
            // A list has no members: null, whatever its elements are.
            Reach::Rows | Reach::Else => Reach::Else,
        }
    }

    /// A constant is read wherever it stands. Where the run does not know it, it is a field of the current value, so
    /// that counts as read too.
    fn constant(&mut self, current: &Reach, name: &Arc<str>, span: Span) -> Reach {
        match current {
            Reach::Field(_) | Reach::Member(_) => self.take(current.clone(), span),
            Reach::Element => {
                let mention = self.mention(name, span);
                self.reads.elements.members.push(mention);
            }
            Reach::Row | Reach::Rows | Reach::Else => {}
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

/// Tells whether a function sees the elements of the list at `at` only through an expression, or not at all.
fn is_blind(function: &Function, at: usize) -> bool {
    let takes_expression = function
        .parameters
        .iter()
        .any(|parameter| parameter.accepts.contains(&Accept::Expression));
    let is_list = function.parameter(at).accepts.contains(&Accept::List);
    BLIND.contains(&function.name) || (takes_expression && is_list)
}

/// Tells whether a value of that type cannot have elements of `rows` in it.
fn is_made(known: Type) -> bool {
    match known {
        Type::Any | Type::Record(_) => false,
        Type::List(inner) | Type::Map(inner) => is_made(*inner),
        Type::Text | Type::Word(_) | Type::Time | Type::Integer | Type::Number | Type::Boolean => {
            true
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

    fn path(read: &Read) -> String {
        let keys = read.path.iter().map(|key| format!("/{key}"));
        std::iter::once(read.name.to_string()).chain(keys).collect()
    }

    /// What is read, as paths; `@` for the whole row.
    fn reads(text: &str) -> String {
        let expr = compile(text);
        let reads = expr.reads();
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

    /// What is read of the elements of `rows`; `@` for all of each.
    fn of_rows(text: &str) -> String {
        let elements = compile(text).reads().elements.clone();
        let members = elements.members.iter().map(path);
        let whole = elements.whole.then(|| "@".to_owned());
        members.chain(whole).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn of_rows_only_the_members_that_are_read_are_wanted() {
        for (text, expected) in [
            ("length(rows)", ""),
            ("count", ""),
            ("rows[].a", "a"),
            ("rows[*].a.b", "a/b"),
            ("rows[0].a", "a"),
            ("rows[-1].[a, b]", "a b"),
            ("rows[1:].{x: a, y: b.c}", "a b/c"),
            ("rows[?a == 'x'].b", "a b"),
            ("rows[?a > params.min] | [0].b", "a params b"),
            ("length(rows[?a])", "a"),
            ("max_by(rows, &a).b", "a b"),
            ("sort_by(rows, &a)[-1].b", "a b"),
            ("reverse(sort_by(rows, &a))[*].b | [0]", "a b"),
            ("map(&a.b, rows)", "a/b"),
            ("rows[].a.{x: b, y: c}", "a a/b a/c"),
            ("max_by(rows, &a.b).c.d", "a/b c/d"),
            ("rows[?a.b == 'x'].a.c", "a/b a/c"),
            ("sum_by(rows, &a.b)", "a/b"),
            ("map(&[a, b], rows[?c])", "c a b"),
            ("map(&@, rows)[].a", "a"),
            ("rows[].layers[].size", "layers"),
            ("sum(rows[].a) > length(rows[?b])", "a b"),
            ("@.rows[].a", "a"),
            ("rows | [0].a", "a"),
            ("rows | length(@)", ""),
            ("\"rows\"[].a", "a"),
            ("a.rows[].b", ""),
            ("a[].rows", ""),
        ] {
            assert_eq!(of_rows(text), expected, "{text}");
        }
    }

    #[test]
    fn where_it_loses_sight_of_rows_it_is_all_of_each() {
        for (text, expected) in [
            ("rows", "@"),
            ("rows[0]", "@"),
            ("rows[?a]", "a @"),
            ("rows[*].[@]", "@"),
            ("rows[*].{x: @}", "@"),
            ("{x: rows}.x[].a", "@"),
            ("rows || `[]`", "@"),
            ("sort_by(rows, &@)", "@ @"),
            ("contains(rows, a)", "@"),
            ("not_null(rows)", "@"),
            ("to_string(rows)", "@"),
            ("rows == `[]`", "@"),
            ("rows[].*", "@"),
            ("rows[].keys(@)", "@"),
            ("max_by(rows, &a)", "a @"),
            ("nofn(rows)", "@"),
        ] {
            let expected = expected.replace("@ @", "@");
            assert_eq!(of_rows(text), expected, "{text}");
        }
    }

    #[test]
    fn rows_are_read_by_name_once_per_mention() {
        assert_eq!(reads("length(rows) > count"), "rows count");
        assert_eq!(reads("rows[].a"), "rows");
        assert_eq!(reads("rows.a"), "rows");
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
        "b":[{"a":3,"b":[1,2]},{"a":1},null,[[4]]],"c":"text","d":null,"e":5,
        "rows":[{"a":2,"b":{"a":"x"},"c":null},{"a":1,"b":[{"b":1}],"c":"y"}]}"#;

    /// Expressions of every construct over the names of [`ROW`].
    fn expressions() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(vec![
            "a",
            "b",
            "c",
            "d",
            "e",
            "@",
            "`1`",
            "'x'",
            "*",
            "[*]",
            "[]",
            "rows",
            "rows[]",
            "rows[?a]",
            "rows[0]",
            "rows[-1].b",
            "max_by(rows, &a)",
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
        let row = &thinned(row, &reads.elements);
        kept(row, &paths(&reads.fields))
    }

    fn paths(reads: &[Read]) -> Vec<Vec<&str>> {
        let mut paths = Vec::new();
        for Read { name, path, .. } in reads {
            let keys = path.iter().map(|key| &**key);
            paths.push(std::iter::once(&**name).chain(keys).collect());
        }
        paths
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

    /// The row with nothing in its `rows` but the members that are read.
    fn thinned(row: &Value, elements: &Elements) -> Value {
        if elements.whole {
            return row.clone();
        }
        let thin = |element: &Value| kept(element, &paths(&elements.members));
        let entries = row.as_map().into_iter().flatten();
        Value::map(entries.map(|(key, value)| {
            let value = match (&**key, value.as_list()) {
                (ROWS, Some(elements)) => Value::list(elements.iter().map(thin).collect()),
                _ => value.clone(),
            };
            (key.clone(), value)
        }))
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
                prop_assert_eq!(evaluate(&row, &expr), evaluate(&pruned(&row, expr.reads()), &expr), "{}", text);
            }
        }
    }
}
