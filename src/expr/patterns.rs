//! Patterns that expressions name: compiled once, paid for by every evaluation (threats G9).
//!
//! What was compiled is kept between rows, under a bound, and a value does not depend on it. The price does not
//! either: it is taken where an evaluation first meets a pattern, compiled before or not, so that an expression is too
//! expensive for a row or is not, whatever row came first.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::context::EvalErrorKind;
use super::eval::{Outcome, Run};
use super::tokens::Span;
use crate::limits::{KIB, PATTERNS_KEPT_BYTES};
use crate::pattern::{Glob, PatternError, Regex};

/// How a pattern is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grammar {
    Glob,
    Regex,
}

/// A pattern ready to match.
#[derive(Debug)]
pub(super) enum Compiled {
    Glob(Glob),
    Regex(Regex),
}

impl Compiled {
    fn new(grammar: Grammar, text: &str) -> Result<Self, PatternError> {
        match grammar {
            Grammar::Glob => Glob::new(text).map(Self::Glob),
            Grammar::Regex => Regex::new(text).map(Self::Regex),
        }
    }

    /// Tells whether it matches: a glob the whole text, a regular expression a part.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Glob(glob) => glob.matches(text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }

    pub(super) fn program_bytes(&self) -> usize {
        match self {
            Self::Glob(glob) => glob.program_bytes(),
            Self::Regex(regex) => regex.program_bytes(),
        }
    }
}

type Key = (Grammar, Arc<str>);

/// The patterns that one evaluation has paid for.
#[derive(Debug, Default)]
pub(super) struct Paid(BTreeMap<Key, Rc<Compiled>>);

/// Steps for the least of patterns.
const STEPS_PER_PATTERN: usize = KIB;
/// Bytes of a program that are compiled in one step.
const COMPILED_PER_STEP: usize = 8;
/// Bytes of a program times bytes of a text that are searched in one step, at worst.
const SEARCHED_PER_STEP: usize = 2 * KIB;

impl Run<'_> {
    /// The pattern that `text` is.
    ///
    /// Errors: what is no pattern, at `span`; an exhausted budget.
    pub(super) fn pattern(
        &mut self,
        grammar: Grammar,
        text: &Arc<str>,
        span: Span,
    ) -> Outcome<Rc<Compiled>> {
        let key = (grammar, Arc::clone(text));
        if let Some(found) = self.patterns.0.get(&key) {
            return Ok(Rc::clone(found));
        }
        let found = compiled(grammar, text)
            .map_err(|error| self.error(EvalErrorKind::Value, span, error.to_string()))?;
        self.spend(
            STEPS_PER_PATTERN + found.program_bytes() / COMPILED_PER_STEP,
            span,
        )?;
        self.patterns.0.insert(key, Rc::clone(&found));
        Ok(found)
    }

    /// Takes the price of a search through a text.
    pub(super) fn pay_search(&mut self, pattern: &Compiled, text: &str, span: Span) -> Outcome<()> {
        let work = text.len().saturating_mul(pattern.program_bytes());
        self.spend(work / SEARCHED_PER_STEP, span)
    }
}

/// What was compiled on this thread lately.
struct Kept {
    patterns: BTreeMap<Key, Rc<Compiled>>,
    program_bytes: usize,
}

thread_local! {
    static KEPT: RefCell<Kept> = const {
        RefCell::new(Kept {
            patterns: BTreeMap::new(),
            program_bytes: 0,
        })
    };
}

/// Compiles a pattern, unless that was done lately.
///
/// Errors: what is no pattern.
pub(super) fn compiled(grammar: Grammar, text: &Arc<str>) -> Result<Rc<Compiled>, PatternError> {
    let key = (grammar, Arc::clone(text));
    KEPT.with_borrow_mut(|kept| match kept.patterns.get(&key) {
        Some(found) => Ok(Rc::clone(found)),
        None => {
            let made = Rc::new(Compiled::new(grammar, text)?);
            kept.keep(key, &made);
            Ok(made)
        }
    })
}

impl Kept {
    fn keep(&mut self, key: Key, made: &Rc<Compiled>) {
        if self.program_bytes + made.program_bytes() > PATTERNS_KEPT_BYTES {
            self.patterns.clear();
            self.program_bytes = 0;
        }
        self.program_bytes += made.program_bytes();
        self.patterns.insert(key, Rc::clone(made));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::lenient;
    use super::*;

    #[test]
    fn a_pattern_is_compiled_once() {
        let text: Arc<str> = "^a+$".into();
        let first = compiled(Grammar::Regex, &text).unwrap();
        assert!(Rc::ptr_eq(
            &first,
            &compiled(Grammar::Regex, &text).unwrap()
        ));
        assert!(!Rc::ptr_eq(
            &first,
            &compiled(Grammar::Glob, &text).unwrap()
        ));
    }

    #[test]
    fn g9_what_is_kept_is_bounded() {
        for at in 0..20 {
            let text: Arc<str> = format!("a{at}\\w{{20}}").into();
            compiled(Grammar::Regex, &text).unwrap();
            let kept = KEPT.with_borrow(|kept| kept.program_bytes);
            assert!((1..=PATTERNS_KEPT_BYTES).contains(&kept), "{kept}");
        }
    }

    #[test]
    fn g9_the_price_does_not_depend_on_what_was_kept() {
        let many =
            "map(&regex_match('a', join('', ['\\w{20}', to_string(@)])), `[1,2,3,4,5,6,7,8]`)";
        for _ in 0..2 {
            let error = lenient(many, "{}").unwrap_err();
            assert_eq!(error.kind, EvalErrorKind::Budget, "{error}");
        }
    }
}
