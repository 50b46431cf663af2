//! Bounds on an expression before the `jmespath` crate sees it (threats G7).
//!
//! The crate's parser and the drop of its tree recurse without a limit, and a stack overflow aborts the process;
//! it cannot be caught. So the words are counted first, in one pass: how deep the parser calls itself, and how deep a
//! tree comes of it. Both are upper bounds; what they let through needs less than half of a stack of 2 MiB in a debug
//! build, where the parser takes 7 KiB for a level and we take 3.

use super::tokens::{Kind, Token, Tokens};
use crate::diagnostic::{Diagnostic, Passage};
use crate::limits::{EXPRESSION_BYTES, EXPRESSION_CHAIN, EXPRESSION_NESTING};

/// Refuses a text that is too long to be read at all.
pub(super) fn check_size(passage: &Passage) -> Result<(), Box<Diagnostic>> {
    let bytes = passage.text().len();
    if bytes <= EXPRESSION_BYTES {
        return Ok(());
    }
    let message = format!("the expression has {bytes} bytes, more than {EXPRESSION_BYTES}");
    Err(Box::new(
        Diagnostic::error(message).at(&passage.place_of(0..1), "begins here"),
    ))
}

/// Pairs the brackets, and refuses what lies too deep.
///
/// Errors: a bracket without its counterpart, nesting beyond [`EXPRESSION_NESTING`], a tree deeper than
/// [`EXPRESSION_CHAIN`].
pub(super) fn check(tokens: &mut Tokens<'_>) -> Result<(), Box<Diagnostic>> {
    let mut groups = vec![Group::default()];
    for index in 0..tokens.list.len() {
        let Kind::Sign(sign) = tokens.list[index].kind else {
            continue;
        };
        match sign {
            "(" | "[" | "[?" | "{" => open(tokens, &mut groups, index),
            ")" | "]" | "}" => close(tokens, &mut groups, index)?,
            _ => innermost(&mut groups).count(sign),
        }
        innermost(&mut groups).check(tokens, index)?;
    }
    match groups.last() {
        Some(Group {
            open: Some(open), ..
        }) => Err(Box::new(unclosed(tokens, *open))),
        _ => Ok(()),
    }
}

fn innermost(groups: &mut [Group]) -> &mut Group {
    groups
        .last_mut()
        .expect("the outermost group is never closed")
}

fn open(tokens: &Tokens<'_>, groups: &mut Vec<Group>, index: usize) {
    let group = innermost(groups);
    let list = &tokens.list;
    if !list[index].is("(") {
        // What stands in brackets after a value is one more step down the tree, and the parser stays inside of a
        // projection until the operand ends.
        group.tree.links += 1;
        group.nesting.links += usize::from(is_projection(&list[index..]));
    }
    let inner = Group {
        open: Some(index),
        tree: group.tree.inside(),
        nesting: group.nesting.inside(),
    };
    groups.push(inner);
}

fn close(
    tokens: &mut Tokens<'_>,
    groups: &mut Vec<Group>,
    index: usize,
) -> Result<(), Box<Diagnostic>> {
    let sign = tokens.word_text(index);
    let matching = groups.last().and_then(|group| group.open).filter(|open| {
        matches!(
            (tokens.word_text(*open), sign),
            ("(", ")") | ("[" | "[?", "]") | ("{", "}")
        )
    });
    let Some(open) = matching else {
        let outer = groups.last().and_then(|group| group.open);
        return Err(Box::new(unopened(tokens, index, outer)));
    };
    tokens.list[open].pair = Some(index);
    tokens.list[index].pair = Some(open);
    let inner = groups.pop().expect("a group was just matched");
    let outer = innermost(groups);
    outer.tree.hold(&inner.tree);
    Ok(())
}

/// `[*]`, `[?…]` and slices; `[]` does not keep the parser inside.
fn is_projection(from: &[Token]) -> bool {
    let at = |index: usize, sign: &str| from.get(index).is_some_and(|token| token.is(sign));
    from[0].is("[?") || at(1, "*") || at(1, ":") || at(2, ":")
}

fn unclosed(tokens: &Tokens<'_>, open: usize) -> Diagnostic {
    let sign = tokens.word_text(open);
    tokens.error(
        tokens.list[open].span,
        format!("`{sign}` is never closed"),
        "opened here",
    )
}

fn unopened(tokens: &Tokens<'_>, index: usize, open: Option<usize>) -> Diagnostic {
    let sign = tokens.word_text(index);
    let error = |message: String| tokens.error(tokens.list[index].span, message, "closes nothing");
    match open {
        None => error(format!("`{sign}` closes nothing")),
        Some(open) => {
            let other = tokens.list[open].span;
            let place = tokens.passage.place_of(other.start..other.end);
            error(format!("`{sign}` does not close `{}`", tokens.text(other)))
                .at(&place, "opened here")
        }
    }
}

/// What stands between two brackets, or outside of all.
#[derive(Default)]
struct Group {
    open: Option<usize>,
    tree: Tree,
    nesting: Nesting,
}

impl Group {
    fn count(&mut self, sign: &str) {
        if let Some(strength) = STRENGTHS.iter().position(|signs| signs.contains(&sign)) {
            self.nesting.operator(strength);
        }
        match sign {
            "," => {
                self.tree.next_element();
                self.nesting.next_element();
            }
            "|" | "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" => self.tree.operator(),
            "&" => {
                // It takes in all that follows, operators included.
                self.tree.operators += 1;
                self.nesting.go_in();
            }
            "!" | "*" => {
                self.tree.links += 1;
                self.nesting.links += 1;
            }
            "." | "[]" => self.tree.links += 1,
            _ => {}
        }
    }

    fn check(&self, tokens: &Tokens<'_>, index: usize) -> Result<(), Box<Diagnostic>> {
        let span = tokens.list[index].span;
        let error =
            |message: String| Err(Box::new(tokens.error(span, message, "this is too much")));
        if self.nesting.depth() > EXPRESSION_NESTING {
            return error(format!(
                "the expression is nested deeper than {EXPRESSION_NESTING} levels"
            ));
        }
        if self.tree.depth() > EXPRESSION_CHAIN {
            return error(format!(
                "more than {EXPRESSION_CHAIN} operators follow one another"
            ));
        }
        Ok(())
    }
}

/// Operators on whose right side the parser calls itself, the weakest first. It stays inside until one that is no
/// stronger follows.
const STRENGTHS: [&[&str]; 5] = [
    &["|"],
    &["||"],
    &["&&"],
    &["==", "!=", "<", "<=", ">", ">="],
    &["[]"],
];

/// How deep the parser is inside of itself at some word.
#[derive(Default)]
struct Nesting {
    /// In everything around this group.
    above: usize,
    /// In what earlier words of this element opened for good.
    base: usize,
    /// In right sides of operators: one bit for each strength.
    operators: u32,
    /// In prefixes and projections of this operand.
    links: usize,
}

impl Nesting {
    fn depth(&self) -> usize {
        self.above + self.base + self.operators.count_ones() as usize + self.links
    }

    fn inside(&self) -> Self {
        Self {
            above: self.depth() + 1,
            ..Self::default()
        }
    }

    fn operator(&mut self, strength: usize) {
        let bit = 1 << strength;
        self.operators = (self.operators & (bit - 1)) | bit;
        self.links = 0;
    }

    fn go_in(&mut self) {
        self.base = self.depth() + 1 - self.above;
        (self.operators, self.links) = (0, 0);
    }

    fn next_element(&mut self) {
        (self.base, self.operators, self.links) = (0, 0, 0);
    }
}

/// A running upper bound of how deep the tree of a group is. Operators nest to either side, so each of them may
/// deepen every operand of its element.
#[derive(Default)]
struct Tree {
    /// Of everything around this group.
    above: usize,
    /// Operators of this element.
    operators: usize,
    /// The deepest operand of this element that is complete.
    deepest: usize,
    /// Steps of the operand that is being read.
    links: usize,
    /// The deepest group within that operand.
    held: usize,
    /// The deepest element of this group that is complete.
    finished: usize,
}

impl Tree {
    fn depth(&self) -> usize {
        self.above + self.own()
    }

    fn own(&self) -> usize {
        let element = self.operators + self.deepest.max(self.links + self.held);
        self.finished.max(element)
    }

    fn inside(&self) -> Self {
        Self {
            above: self.above + self.operators + self.links + 1,
            ..Self::default()
        }
    }

    fn hold(&mut self, inner: &Self) {
        self.held = self.held.max(inner.own() + 1);
    }

    fn operator(&mut self) {
        self.deepest = self.deepest.max(self.links + self.held);
        (self.links, self.held) = (0, 0);
        self.operators += 1;
    }

    fn next_element(&mut self) {
        self.finished = self.own();
        (self.operators, self.deepest, self.links, self.held) = (0, 0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use jiff::Timestamp;

    use super::super::{AnyName, Context, Expr};
    use super::*;
    use crate::limits::{EXPRESSION_RESULT_DEPTH, Limits};
    use crate::value::parse_json;

    /// A beginning, a part that is repeated, a middle, and a part that is repeated behind it.
    const SHAPES: [[&str; 4]; 40] = [
        ["", "[", "a", "]"],
        ["", "(", "a", ")"],
        ["", "{a:", "a", "}"],
        ["", "not_null(", "a", ")"],
        ["", "[[", "a", "],a]"],
        ["", "!", "a", ""],
        ["", "!(", "a", ")"],
        ["", "&", "a", ""],
        ["", "sort_by(a,&", "a", ")"],
        ["a", "[]", "", ""],
        ["a", "[].a", "", ""],
        ["a", "[*]", "", ""],
        ["a", "[*].a", "", ""],
        ["", "*.", "a", ""],
        ["a", ".*", "", ""],
        ["a", "[?a", "", "]"],
        ["a", "[?a]", "", ""],
        ["a", "[?!a].a", "", ""],
        ["a", "[0]", "", ""],
        ["a", "[1:]", "", ""],
        ["a", "[::-1].a", "", ""],
        ["a", ".a", "", ""],
        ["a", ".[a]", "", ""],
        ["a", ".{a:a}", "", ""],
        ["a", "|a", "", ""],
        ["@", "|[@]", "", ""],
        ["a", "||a", "", ""],
        ["a", "&&a", "", ""],
        ["a", "==a", "", ""],
        ["a", "<a", "", ""],
        ["a", "|a||a&&a==", "a", ""],
        ["", "a|a||a&&a==!(", "a", ")"],
        ["", "a|a||a&&a==[", "a", "]"],
        ["not_null(a", ",a", ")", ""],
        ["[a", ",a", "]", ""],
        ["a", ",", "", ""],
        ["'", "\\'", "'", ""],
        ["\"", "\\\"", "\"", ""],
        ["`", "[", "", "]"],
        ["`", "[", "1", "]"],
    ];

    fn repeated([start, opener, middle, closer]: [&str; 4], times: usize) -> String {
        [start, &opener.repeat(times), middle, &closer.repeat(times)].concat()
    }

    /// Compiles, evaluates and drops; tells whether that went well.
    fn runs(text: &str) -> bool {
        let row = parse_json(br#"{"a":{"a":[{"a":[[1]]},{"a":2}]}}"#).unwrap();
        let limits = Limits::default();
        match Expr::compile(Passage::flag("--where", text)) {
            Ok(expr) => {
                expr.check(&AnyName);
                let _ = expr.evaluate(&row, &Context::new(Timestamp::UNIX_EPOCH, &limits));
                true
            }
            Err(findings) => {
                assert!(!findings[0].labels.is_empty(), "{}", findings[0].message);
                false
            }
        }
    }

    /// On the smallest stack a thread of ours has.
    fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(work);
        thread
            .expect("a thread can be started")
            .join()
            .expect("the work ends well");
    }

    #[test]
    fn g7_every_repetition_is_an_error_or_a_result_and_never_an_abort() {
        on_a_small_stack(|| {
            for shape in SHAPES {
                for times in [1, 10, 100, 1_000, 10_000, 100_000] {
                    let text = repeated(shape, times);
                    let start = Instant::now();
                    runs(&text);
                    let unclosed = repeated([shape[0], shape[1], shape[2], ""], times);
                    runs(&unclosed);
                    let took = start.elapsed();
                    assert!(
                        took < Duration::from_secs(1),
                        "{shape:?} × {times}: {took:?}"
                    );
                }
            }
        });
    }

    #[test]
    fn g7_the_longest_accepted_repetition_runs_on_a_small_stack() {
        on_a_small_stack(|| {
            for shape in SHAPES {
                (1..=300).for_each(|times| {
                    runs(&repeated(shape, times));
                });
            }
        });
    }

    #[test]
    fn ordinary_long_expressions_are_accepted() {
        for (shape, times) in [
            (["a==`1`", "||a==`2`", "", ""], 127),
            (["a", " && !b", "", ""], 255),
            (["a", " || b[*].c[?d].e", "", ""], 200),
            (["[a", ",!b", "]", ""], 1000),
            (["", "[", "a", "]"], 64),
            (["", "!", "a", ""], 64),
            (["a", ".a", "", ""], 256),
        ] {
            assert!(runs(&repeated(shape, times)), "{shape:?} × {times}");
            let size = repeated(shape, times).len();
            assert!(size <= EXPRESSION_BYTES, "{shape:?}");
        }
    }

    #[test]
    fn g7_what_is_too_much_is_shown_where_it_begins_to_be() {
        for (text, message, at) in [
            (
                "[".repeat(65) + "a" + &"]".repeat(65),
                "the expression is nested deeper than 64 levels",
                64,
            ),
            (
                "!".repeat(65) + "a",
                "the expression is nested deeper than 64 levels",
                64,
            ),
            (
                "a".to_owned() + &"|a".repeat(257),
                "more than 256 operators follow one another",
                513,
            ),
            (
                "a".repeat(EXPRESSION_BYTES + 1),
                "the expression has 16385 bytes, more than 16384",
                0,
            ),
        ] {
            let findings = Expr::compile(Passage::flag("--where", &text)).unwrap_err();
            assert_eq!(findings[0].message, message);
            assert_eq!(findings[0].labels[0].place.start, at, "{message}");
        }
    }

    #[test]
    fn g7_g8_a_value_cannot_be_nested_deeper_than_it_can_be_dropped() {
        on_a_small_stack(|| {
            let stage = ["|", &"[".repeat(60), "@", &"]".repeat(60)].concat();
            let text = ["@", &stage.repeat(100)].concat();
            let expr = Expr::compile(Passage::flag("--where", &text)).unwrap();
            let limits = Limits::default();
            let context = Context::new(Timestamp::UNIX_EPOCH, &limits);
            let error = expr
                .evaluate(&parse_json(b"{}").unwrap(), &context)
                .unwrap_err();
            let bound = format!("deeper than {EXPRESSION_RESULT_DEPTH} levels");
            assert!(error.message.contains(&bound), "{error}");
        });
    }

    #[test]
    fn brackets_are_matched() {
        for (text, message, shown) in [
            ("(a", "`(` is never closed", "("),
            ("a[?b", "`[?` is never closed", "[?"),
            ("f(a]", "`]` does not close `(`", "]"),
            ("a]", "`]` closes nothing", "]"),
            ("{a: b)", "`)` does not close `{`", ")"),
        ] {
            let findings = Expr::compile(Passage::flag("--where", text)).unwrap_err();
            assert_eq!(findings[0].message, message, "{text}");
            assert_eq!(findings[0].labels[0].place.text(), shown, "{text}");
        }
    }
}
