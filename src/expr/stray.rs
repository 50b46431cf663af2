//! What is wrong with a single word of an expression, in the words of somebody who knows jq, SQL or a shell.
//!
//! Only characters and quotes are judged here; words in the wrong order are `grammar`'s affair.

use super::tokens::{Kind, Span, Tokens, is_name};
use crate::diagnostic::Diagnostic;
use crate::safe::Safe;
use crate::value::JsonError;

/// A literal is cut after so many characters when it is repeated in a message.
const SHOWN_CHARS: usize = 40;

/// A character that begins no word.
pub(super) fn character(tokens: &Tokens<'_>, at: usize, c: char) -> Diagnostic {
    let end = at + c.len_utf8();
    let span = Span { start: at, end };
    let error = |message: &str, label: &str| tokens.error(span, message, label);
    match c {
        '=' if tokens.passage.text()[end..].starts_with('~') => matching(tokens, at),
        '=' => error("`=` is not an operator", "compares nothing").hint("equality is written `==`"),
        '-' => minus(tokens, at),
        '+' | '/' | '%' => no_arithmetic(tokens, span),
        '$' => error("there are no variables", "no name starts with `$`")
            .hint("a query's parameter is written `params.NAME`; `@` is the current value"),
        '?' => error("there is no operator `?`", "not part of an expression")
            .hint("`[?condition]` filters a list; a choice is written `condition && a || b`"),
        '#' => error(
            "an expression holds no comments",
            "not part of an expression",
        ),
        '‘' | '’' => error("this is a typographic quote", "not a straight one")
            .hint("text is written in straight single quotes: 'app'"),
        '“' | '”' | '„' => error("this is a typographic quote", "not a straight one").hint(
            "text is written in single quotes: 'app'; a name that needs quotes in double ones",
        ),
        c if c.is_alphanumeric() => unusual_name(tokens, at),
        c => error(
            &format!("`{}` means nothing here", Safe::new(&c.to_string())),
            "not part of an expression",
        ),
    }
}

/// `=~`, as Perl and shells have it.
fn matching(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = Span {
        start: at,
        end: at + 2,
    };
    tokens
        .error(span, "`=~` is not an operator", "compares nothing")
        .hint("part of a text: `contains(tag, 'rc')`, `starts_with(tag, 'v')`; a query matches tags with `tags: {regex: …}`")
}

/// There is no arithmetic in JMESPath.
pub(super) fn no_arithmetic(tokens: &Tokens<'_>, span: Span) -> Diagnostic {
    let sign = tokens.text(span);
    tokens
        .error(
            span,
            format!("there is no arithmetic: `{sign}` is not an operator"),
            "not an operator",
        )
        .hint("`sum([a, b])` adds")
}

/// A minus without a number: a name with a dash, or a subtraction.
fn minus(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let touches = tokens
        .list
        .last()
        .is_some_and(|last| last.span.end == at && matches!(last.kind, Kind::Name));
    let after = tokens.passage.text()[at + 1..].chars().next();
    if touches && after.is_some_and(is_name) {
        return dashed_name(tokens, at);
    }
    no_arithmetic(
        tokens,
        Span {
            start: at,
            end: at + 1,
        },
    )
}

/// A name with a dash in it; `at` lies within or at the end of its first part.
pub(super) fn dashed_name(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = around(tokens, at, |c| is_name(c) || c == '-');
    let name = tokens.text(span);
    tokens
        .error(
            span,
            format!("the name `{name}` needs quotes"),
            "holds a `-`",
        )
        .hint(format!(
            "a name with other characters is written in double quotes: \"{name}\""
        ))
}

/// A name with letters or digits other than `A-Za-z0-9_`.
fn unusual_name(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = around(tokens, at, |c| c.is_alphanumeric() || c == '_' || c == '-');
    let name = tokens.text(span);
    tokens
        .error(
            span,
            format!("the name `{name}` needs quotes"),
            "holds letters beyond a-z",
        )
        .hint(format!(
            "a name is written in double quotes: \"{name}\", a text in single ones: '{name}'"
        ))
}

/// The run of characters around `at` that belong together.
fn around(tokens: &Tokens<'_>, at: usize, belongs: fn(char) -> bool) -> Span {
    let text = tokens.passage.text();
    let before = text[..at].trim_end_matches(belongs).len();
    let after = &text[at..];
    let end = at + after.find(|c| !belongs(c)).unwrap_or(after.len());
    Span { start: before, end }
}

/// A number that no list is long enough for.
pub(super) fn large_number(tokens: &Tokens<'_>, span: Span) -> Diagnostic {
    let number = tokens.text(span);
    tokens
        .error(
            span,
            "this number is too large for a position in a list",
            "beyond 2147483647",
        )
        .hint(format!(
            "a number to compare with is written between backticks: `{number}`"
        ))
}

/// A quote without its second half.
pub(super) fn unclosed_quote(tokens: &Tokens<'_>, start: usize, quote: char) -> Diagnostic {
    let span = Span {
        start,
        end: start + 1,
    };
    let error = tokens.error(
        span,
        format!("this {} is never closed", quote_name(quote)),
        "opened here",
    );
    match quote {
        '\'' => error.hint("a quote inside a text is written \\'"),
        '`' => error.hint("a literal stands between two backticks: `5`"),
        _ => error,
    }
}

fn quote_name(quote: char) -> &'static str {
    match quote {
        '\'' => "single quote",
        '"' => "double quote",
        _ => "backtick",
    }
}

/// A name in double quotes that is not a JSON text.
pub(super) fn bad_name(tokens: &Tokens<'_>, span: Span, error: &JsonError) -> Diagnostic {
    tokens
        .error(
            span,
            format!("this name cannot be read: {error}"),
            "not a JSON text",
        )
        .hint("inside double quotes a backslash is written \\\\ and a line break \\n")
}

/// A literal between backticks that is not JSON.
pub(super) fn bad_literal(tokens: &Tokens<'_>, span: Span, error: &JsonError) -> Diagnostic {
    let written = tokens.text(span);
    let inner = written.trim_matches('`').trim();
    let is_word =
        inner.starts_with(|c: char| c.is_alphabetic()) && !inner.contains(['"', '\'', '[', '{']);
    if !is_word {
        let message = format!("this literal cannot be read: {error}");
        return tokens
            .error(span, message, "not JSON")
            .hint("between backticks stands JSON: `5`, `true`, `null`, `[1, 2]`");
    }
    let word = Safe::cut(inner, SHOWN_CHARS);
    let message = "this literal cannot be read: a text in JSON has double quotes";
    tokens
        .error(span, message, "not JSON")
        .hint(format!("text is written in single quotes: '{word}'"))
}
