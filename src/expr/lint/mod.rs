//! What is wrong with an expression before anything is asked.
//!
//! The walk carries what is known of the current value and finds names nobody has, calls that cannot work, and the
//! traps of the language: double quotes round a text, `<` between times, a field of the row inside a projection.
//! A finding is an error where the value could only be null or the evaluation fail, else a warning.

mod calls;
mod names;

use std::sync::Arc;

use super::functions::{self, Accept};
use super::references::Reads;
use super::shape::Shape;
use super::tokens::Span;
use super::tree::{Comparison, Kind, Link, Node, Operator, Projection};
use crate::diagnostic::{Diagnostic, Passage};
use crate::fields::Type;
use crate::value::Value;

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
    match scope.is_row() {
        true => Shape::Row,
        false => Shape::Any,
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

    fn comparison(&mut self, comparison: &Comparison, span: Span, current: &Shape) -> Shape {
        let beside = |other: &Node| match &other.kind {
            // What is compared with `true` is no text without quotes.
            Kind::Field(field) if names::is_literal_word(field) => Use::Else,
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

#[cfg(test)]
mod tests {
    use super::super::testing::compile;
    use super::*;
    use crate::diagnostic::Severity;

    const LAYER: Type = Type::Record(&[
        ("digest", Type::Text),
        ("size", Type::Integer),
        ("media_type", Type::Text),
    ]);
    const NAMES: [(&str, Type); 10] = [
        ("tag", Type::Text),
        ("created", Type::Time),
        ("size", Type::Integer),
        ("total", Type::Integer),
        ("signed", Type::Boolean),
        ("labels", Type::Map(&Type::Text)),
        ("platforms", Type::List(&Type::Text)),
        ("layers", Type::List(&LAYER)),
        ("config", Type::Any),
        (
            "params",
            Type::Record(&[("days", Type::Integer), ("min", Type::Integer)]),
        ),
    ];

    struct Tags;

    impl Scope for Tags {
        fn type_of(&self, name: &str) -> Option<Type> {
            let found = NAMES.iter().find(|(known, _)| *known == name);
            found.map(|(_, known)| *known)
        }

        fn names(&self) -> Vec<&str> {
            NAMES.iter().map(|(name, _)| *name).collect()
        }

        fn describe(&self) -> String {
            "`tags` have no such field".to_owned()
        }
    }

    /// Every finding as `place: message`, with its hints after ` => `.
    fn findings(text: &str) -> Vec<String> {
        let shown = |finding: Diagnostic| {
            let mark = if finding.severity == Severity::Warning {
                "(warning) "
            } else {
                ""
            };
            let place = finding.labels[0].place.text().to_owned();
            let hints: String = finding
                .hints
                .iter()
                .map(|hint| format!(" => {hint}"))
                .collect();
            format!("{place}: {mark}{}{hints}", finding.message)
        };
        compile(text).check(&Tags).into_iter().map(shown).collect()
    }

    #[track_caller]
    fn finds(cases: &[(&str, &[&str])]) {
        for (text, expected) in cases {
            assert_eq!(findings(text), *expected, "{text}");
        }
    }

    #[test]
    fn good_expressions_pass() {
        for text in [
            "tag",
            "older_than(created, params.days) && size > `5`",
            "labels.\"org.opencontainers.image.vendor\" != 'Acme'",
            "layers[?size > params.min].digest | [0]",
            "sum(layers[*].size) > total",
            "max_by(layers, &size).digest",
            "sort_by(layers, &media_type)[-1].size == size",
            "config.history[?empty_layer != `true`].created_by",
            "{tag: tag, big: size > `5`}.big",
            "join(', ', platforms)",
            "not_null(labels.app, tag) == 'x'",
            "length(labels) == `0` || !(labels.app)",
            "labels.* | [0]",
            "semver(tag).major >= `2`",
            "map(&length(digest), layers)",
            "before(created, '2024-01-01') || before('2024-01-01', now())",
            "contains(['a', 'b'], tag)",
            "config.true",
            "@.tag",
        ] {
            assert_eq!(findings(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn unknown_names_are_found_with_what_was_meant() {
        finds(&[
            (
                "sizee",
                &["sizee: unknown field `sizee` => did you mean `size`?"],
            ),
            ("colour", &["colour: unknown field `colour`"]),
            (
                "params.day && layers[0].sze",
                &[
                    "day: unknown member `day` => did you mean `days`? => its members are `days`, `min`",
                    "sze: unknown member `sze` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
                ],
            ),
            (
                "layers[*].sise",
                &[
                    "sise: unknown member `sise` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
                ],
            ),
            (
                "semver(tag).mayor",
                &[
                    "mayor: unknown member `mayor` => did you mean `major`? => its members are `major`, `minor`, `patch`, `pre`",
                ],
            ),
            ("size.bytes", &["bytes: a number has no member `bytes`"]),
            (
                "layers.size",
                &[
                    "size: a list of maps has no member `size` => of every element: `[*].size`; of the first: `[0].size`",
                ],
            ),
            ("labels[0]", &["[0]: a map has no elements"]),
            (
                "labels[*]",
                &[
                    "labels: a map has no elements => the values of a map are `.*`, its keys `keys(…)`",
                ],
            ),
            (
                "layers.*",
                &["layers: a list of maps has no values => the elements of a list are `[*]`"],
            ),
        ]);
        assert_eq!(
            compile("x").check(&Tags)[0].labels[0].text,
            "`tags` have no such field"
        );
    }

    #[test]
    fn texts_in_wrong_quotes_are_found() {
        finds(&[
            (
                "tag == \"app\"",
                &["\"app\": unknown field `app` => text is written in single quotes: 'app'"],
            ),
            (
                "tag == latest",
                &["latest: unknown field `latest` => text is written in single quotes: 'latest'"],
            ),
            (
                "tag == \"tags\"",
                &[
                    "\"tags\": unknown field `tags` => did you mean `tag`? => text is written in single quotes: 'tags'",
                ],
            ),
            (
                "starts_with(tag, \"v1\")",
                &["\"v1\": unknown field `v1` => text is written in single quotes: 'v1'"],
            ),
            (
                "layers[?media_type == \"gzip\"]",
                &[
                    "\"gzip\": unknown member `gzip` => text is written in single quotes: 'gzip' => its members are `digest`, `size`, `media_type`",
                ],
            ),
            (
                "config.history[?author == \"me\"]",
                &[
                    "\"me\": (warning) `\"me\"` is the name of a field => text is written in single quotes: 'me'",
                ],
            ),
            ("config.history[?\"a-b\" == 'x']", &[]),
        ]);
    }

    #[test]
    fn true_false_and_null_are_not_names() {
        finds(&[
            (
                "signed == true",
                &[
                    "true: `true` is read as the name of a field => the value is written between backticks: `true`",
                ],
            ),
            (
                "tag != null",
                &[
                    "null: `null` is read as the name of a field => the value is written between backticks: `null`",
                ],
            ),
            (
                "config.history[?empty_layer == false]",
                &[
                    "false: `false` is read as the name of a field => the value is written between backticks: `false`",
                ],
            ),
        ]);
    }

    #[test]
    fn calls_that_cannot_work_are_found() {
        finds(&[
            (
                "lenght(tag)",
                &["lenght: unknown function `lenght` => did you mean `length`?"],
            ),
            (
                "frobnicate(sizee)",
                &[
                    "frobnicate: unknown function `frobnicate` => `docker-regq explain functions` lists all functions",
                    "sizee: unknown field `sizee` => did you mean `size`?",
                ],
            ),
            (
                "length(tag, size)",
                &[
                    "length(tag, size): `length` takes 1 argument, not 2 => it is called as `length(value)`",
                ],
            ),
            (
                "merge()",
                &[
                    "merge(): `merge` takes at least 1 argument, not 0 => it is called as `merge(map, …)`",
                ],
            ),
            (
                "now(tag)",
                &["now(tag): `now` takes no arguments, not 1 => it is called as `now()`"],
            ),
            (
                "length(size)",
                &["size: `length` needs a text or a list or a map, not a number"],
            ),
            (
                "sum(layers)",
                &["layers: `sum` needs a list of numbers, not a list of maps"],
            ),
            (
                "sum(platforms)",
                &["platforms: `sum` needs a list of numbers, not a list of texts"],
            ),
            (
                "sort_by(layers, size)",
                &[
                    "size: `sort_by` needs an expression such as `&size`, not a number => write `&size`",
                ],
            ),
            (
                "length(&tag)",
                &["&tag: `length` needs a text or a list or a map, not an expression"],
            ),
            (
                "older_than(size, '3d')",
                &["size: `older_than` needs a time, not a number"],
            ),
            (
                "sort_by(layers, &sise)",
                &[
                    "sise: unknown member `sise` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
                ],
            ),
            (
                "map(&length(size), layers)",
                &["size: `length` needs a text or a list or a map, not a number"],
            ),
        ]);
    }

    #[test]
    fn durations_and_times_are_read_at_once() {
        let durations =
            "durations are written '30d', '2w', '6mo', '1y 2mo' or '12h'; a number counts days";
        let wrong = format!("'30 dayz': `30 dayz` is not a duration => {durations}");
        assert_eq!(findings("older_than(created, '30 dayz')"), [wrong]);
        let times = "times are written '2024-01-31' or '2024-01-31T08:15:00Z'";
        let wrong = format!("'2024-13-01': \"2024-13-01\" is not a time => {times}");
        assert_eq!(findings("before(created, '2024-13-01')"), [wrong]);
    }

    #[test]
    fn operators_of_order_are_for_numbers() {
        finds(&[
            (
                "created < '2024-01-01'",
                &[
                    "created < '2024-01-01': `<` compares numbers, and `created` is a time => times are compared by `before(created, '2024-01-01')`",
                ],
            ),
            (
                "config.created >= '2024-01-01'",
                &[
                    "config.created >= '2024-01-01': `>=` compares numbers, and `'2024-01-01'` is a text => times are compared by `after(config.created, '2024-01-01')`",
                ],
            ),
            (
                "tag > '1.2'",
                &[
                    "tag > '1.2': `>` compares numbers, and `tag` is a text => times are compared by `before(created, '2024-01-01')` and `after(…)` => versions sort by `semver_key(tag)` and are compared by their parts: `semver(tag).major`",
                ],
            ),
            (
                "layers > `5`",
                &["layers > `5`: `>` compares numbers, and `layers` is a list of maps"],
            ),
            (
                "signed > `5`",
                &["signed > `5`: `>` compares numbers, and `signed` is true or false"],
            ),
        ]);
    }

    #[test]
    fn fields_of_the_row_inside_a_projection_are_found() {
        let hint = "inside of a projection, a pipe or `&…` the current value is another; there is no way back to the row";
        let members = "its members are `digest`, `size`, `media_type`";
        let found = format!(
            "total: (warning) the row's `total` cannot be seen from here => {hint} => {members}"
        );
        assert_eq!(
            findings("platforms[?@ != total]"),
            [format!("total: a text has no member `total` => {hint}")]
        );
        for text in [
            "layers[?size > total]",
            "layers[0] | total",
            "sort_by(layers, &total)",
        ] {
            assert_eq!(findings(text), std::slice::from_ref(&found), "{text}");
        }
    }

    #[test]
    fn reading_the_whole_row_is_found() {
        let hint = "name the fields that are wanted: `{tag: tag, size: size}`";
        for (text, place) in [("@", "@"), ("length(@)", "@"), ("keys(@)", "@"), ("*", "*")] {
            let expected = format!(
                "{place}: (warning) this reads the whole row, so every fact about it is fetched => {hint}"
            );
            assert_eq!(findings(text), [expected], "{text}");
        }
    }

    #[test]
    fn a_tight_not_is_found() {
        finds(&[
            (
                "!labels.app",
                &[
                    "!labels: `!` takes only the name next to it, so this is always null => write `!(labels.app)`",
                ],
            ),
            ("{a: tag, a: size}", &["size: the key `a` is given twice"]),
        ]);
    }

    #[test]
    fn result_types_are_known_as_far_as_they_can_be() {
        for (text, expected) in [
            ("size", Type::Integer),
            ("created", Type::Time),
            ("labels.app", Type::Text),
            ("layers[*].size", Type::List(&Type::Integer)),
            ("layers[0].size", Type::Integer),
            ("platforms[]", Type::List(&Type::Text)),
            ("size > `5`", Type::Boolean),
            ("max(layers[*].size)", Type::Integer),
            ("sort(platforms)[0]", Type::Text),
            ("map(&digest, layers)", Type::List(&Type::Text)),
            ("not_null(tag)", Type::Any),
            ("tag || 'x'", Type::Text),
            ("size || `0.5`", Type::Number),
            ("size || tag", Type::Any),
            ("{a: tag}", Type::Map(&Type::Any)),
            ("{a: tag}.a", Type::Text),
            ("params.days", Type::Integer),
            ("config.x", Type::Any),
            ("now()", Type::Time),
            ("`[1, 2]`", Type::List(&Type::Integer)),
        ] {
            assert_eq!(compile(text).result_type(&Tags), expected, "{text}");
        }
    }
}
