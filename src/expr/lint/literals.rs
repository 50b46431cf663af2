//! Texts with a grammar of their own that are written down in a call: they can be read at once.

use std::sync::Arc;

use super::Lint;
use crate::diagnostic::Diagnostic;
use crate::expr::functions::{self, Accept, Parameter};
use crate::expr::patterns::{self, Grammar};
use crate::expr::tokens::Span;
use crate::expr::tree::{Kind, Node};
use crate::limits::{EXPRESSION_PATTERNS_BYTES, KIB};
use crate::pattern::PatternError;
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};
use crate::version::RangeError;

/// What a refused pattern counts for: finding out that it is too large took a while, too.
const REFUSED_BYTES: usize = 64 * KIB;

impl Lint<'_> {
    pub(super) fn literal_argument(&mut self, parameter: &Parameter, node: &Node) {
        let Kind::Literal(value) = &node.kind else {
            return;
        };
        for accept in parameter.accepts {
            let finding = match (accept, value) {
                (Accept::Count, number) => self.count(number, node),
                (accept, Value::Text(text)) => self.text_literal(*accept, text, node),
                _ => None,
            };
            self.findings.extend(finding);
        }
    }

    fn text_literal(&mut self, accept: Accept, text: &Arc<str>, node: &Node) -> Option<Diagnostic> {
        match accept {
            Accept::Duration => self.duration(text, node),
            Accept::Time => self.time(text, node),
            Accept::TimeFormat => self.time_format(text, node),
            Accept::Range => self.range(text, node),
            Accept::Platform => self.platform(text, node),
            Accept::Glob => self.pattern(Grammar::Glob, text, node),
            Accept::Regex => self.pattern(Grammar::Regex, text, node),
            _ => None,
        }
    }

    fn count(&self, value: &Value, node: &Node) -> Option<Diagnostic> {
        let is_count = Accept::Count.holds(value, functions::Nulls::Wrong);
        let is_number = value.as_float().is_some();
        (is_number && !is_count).then(|| {
            let message = format!("{} is no whole number from zero on", self.text(node));
            self.error(node.span, message, "cannot be counted to")
        })
    }

    fn duration(&self, text: &str, node: &Node) -> Option<Diagnostic> {
        let message = functions::parse_duration(text).err()?;
        Some(self.error(node.span, message, "not a duration").hint(
            "durations are written '30d', '2w', '6mo', '1y 2mo' or '12h'; a number counts days",
        ))
    }

    fn time(&self, text: &Arc<str>, node: &Node) -> Option<Diagnostic> {
        functions::parse_time(text).is_none().then(|| {
            let shown = to_json(&Value::Text(Arc::clone(text)), JsonStyle::Compact);
            self.error(node.span, format!("{shown} is not a time"), "not a time")
                .hint("times are written '2024-01-31' or '2024-01-31T08:15:00Z'")
        })
    }

    fn time_format(&self, text: &str, node: &Node) -> Option<Diagnostic> {
        const HINT: &str = "`%Y-%m-%d` is 2024-01-31, `%H:%M` is 08:15, `%%` is a percent sign";
        if let Err(message) = functions::check_time_format(text) {
            let finding = self.error(node.span, message, "not a time format");
            return Some(finding.hint(HINT));
        }
        (!text.contains('%')).then(|| {
            let message = "this format says nothing of the time";
            self.warning(node.span, message, "gives the same text for every time")
                .hint(HINT)
        })
    }

    fn range(&self, text: &str, node: &Node) -> Option<Diagnostic> {
        let RangeError { message, at } = functions::parse_range(text).err()?;
        let span = self.inside(node, text, at.start, at.end);
        let finding = self.error(span, message, "not a range of versions");
        Some(finding.hint(
            "ranges are written '>=1.2 <2', '^1.2.3', '~1.2', '1.x', '1.2 - 2.0' or '1 || 3'",
        ))
    }

    fn platform(&mut self, text: &Arc<str>, node: &Node) -> Option<Diagnostic> {
        match functions::check_platform(text) {
            Some(Err(error)) => {
                let finding = self.error(node.span, error.to_string(), "not a platform");
                Some(finding.hint("`*` stands for any: `linux/*`"))
            }
            Some(Ok(())) => None,
            None => self.pattern(Grammar::Glob, text, node),
        }
    }

    /// Each of many small patterns may take long to compile (threats G9), so they are bounded together.
    fn pattern(&mut self, grammar: Grammar, text: &Arc<str>, node: &Node) -> Option<Diagnostic> {
        let is_full = self.program_bytes > EXPRESSION_PATTERNS_BYTES;
        if is_full || !self.patterns.insert((grammar, Arc::clone(text))) {
            return None;
        }
        let label = match grammar {
            Grammar::Glob => "not a pattern",
            Grammar::Regex => "not a regular expression",
        };
        let error = match patterns::compiled(grammar, text) {
            Ok(pattern) => {
                self.program_bytes += pattern.program_bytes();
                let is_beyond = self.program_bytes > EXPRESSION_PATTERNS_BYTES;
                return is_beyond.then(|| self.too_many_patterns(node));
            }
            Err(error) => error,
        };
        if matches!(error, PatternError::TooLarge | PatternError::Glob { .. }) {
            self.program_bytes += REFUSED_BYTES;
        }
        let message = Safe::new(&error.to_string()).to_string();
        let finding = self.error(node.span, message, label);
        Some(match error.hint() {
            Some(hint) => finding.hint(hint),
            None => finding,
        })
    }

    fn too_many_patterns(&self, node: &Node) -> Diagnostic {
        let message = format!(
            "the patterns of this expression take more than {EXPRESSION_PATTERNS_BYTES} bytes when compiled"
        );
        self.error(node.span, message, "the limit is reached here")
    }

    /// A stretch of a text that is written down: the whole literal, if it is not written as it reads.
    fn inside(&self, node: &Node, text: &str, start: usize, end: usize) -> Span {
        let written = self.text(node).strip_prefix('\'');
        let is_plain = written.and_then(|rest| rest.strip_suffix('\'')) == Some(text);
        match is_plain && start < end {
            true => Span {
                start: node.span.start + 1 + start,
                end: node.span.start + 1 + end,
            },
            false => node.span,
        }
    }
}
