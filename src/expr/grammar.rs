//! What is wrong with the order of words in an expression.
//!
//! The `jmespath` crate says which word it stumbled over and which of its own words it hoped for. From the place -
//! the only part of its errors that is exact - and the words around it we say what a person can act on.

use jmespath::{ErrorReason, JmespathError};

use super::stray;
use super::tokens::{Kind, Span, Token, Tokens, is_plain_name};
use crate::diagnostic::Diagnostic;

/// Puts an error of the crate's parser into words.
pub(super) fn explain(tokens: &Tokens<'_>, error: &JmespathError) -> Diagnostic {
    let found = tokens.at(error.offset);
    let stumble = Stumble { tokens, found };
    match hoped_for(error) {
        "Unexpected nud token" => stumble.value_missing(),
        "Expected Field to start key value pair" | "Expected ':' to follow key" => {
            stumble.key_missing()
        }
        "Expected identifier, '*', '{', '[', '&', or '[?'" => stumble.after_dot(),
        "Expected number, ':', or '*'" => stumble.not_an_index(),
        "Expected number, ':', or ']'"
        | "Expected ':', or ']'"
        | "Too many colons in slice expr" => stumble.not_a_slice(),
        "Quoted strings can't be a function name" => stumble.quoted_function(),
        "Invalid function name" => {
            stumble.error("this calls nothing", "not after the name of a function")
        }
        "invalid token after ','" => stumble.trailing_comma(),
        _ => stumble.operator_missing(),
    }
}

/// The crate's message without the word it found, which the user wrote.
fn hoped_for(error: &JmespathError) -> &str {
    match &error.reason {
        ErrorReason::Parse(message) => message.split(" -- found").next().unwrap_or_default(),
        ErrorReason::Runtime(_) => "",
    }
}

/// The word the parser stumbled over.
struct Stumble<'t> {
    tokens: &'t Tokens<'t>,
    found: usize,
}

impl Stumble<'_> {
    fn token(&self) -> &Token {
        &self.tokens.list[self.found]
    }

    fn text(&self) -> &str {
        self.tokens.word_text(self.found)
    }

    fn before(&self) -> Option<usize> {
        self.found.checked_sub(1)
    }

    /// Tells whether that word stands next to this one without a space.
    fn touches(&self, index: usize) -> bool {
        self.tokens.list[index].span.end == self.token().span.start
    }

    fn follows(&self, sign: &str) -> bool {
        self.before()
            .is_some_and(|before| self.tokens.list[before].is(sign))
    }

    fn error(&self, message: impl Into<String>, label: &str) -> Diagnostic {
        self.tokens.error(self.token().span, message, label)
    }

    /// A value should begin here.
    fn value_missing(&self) -> Diagnostic {
        let Some(before) = self.before() else {
            return self.wrong_start();
        };
        let previous = self.tokens.word_text(before);
        match self.token().kind {
            Kind::Number => self.bare_number(),
            Kind::End => {
                let span = self.tokens.list[before].span;
                self.tokens.error(
                    span,
                    format!("nothing follows `{previous}`"),
                    "needs a value after it",
                )
            }
            _ if self.follows(",") => self.trailing_comma(),
            _ => self.error(
                format!(
                    "a value is expected between `{previous}` and `{}`",
                    self.text()
                ),
                "no value begins like this",
            ),
        }
    }

    fn wrong_start(&self) -> Diagnostic {
        let token = self.token();
        match token.kind {
            Kind::End => self.error("the expression is empty", "nothing is written here"),
            Kind::Number => self.bare_number(),
            _ if token.is(".") => self.leading_dot(),
            _ => self.error(
                format!("an expression does not begin with `{}`", self.text()),
                "no value stands before this",
            ),
        }
    }

    fn bare_number(&self) -> Diagnostic {
        let number = self.text();
        self.error(
            format!("the number `{number}` needs backticks"),
            "only a position in a list is bare",
        )
        .hint(format!("numbers are written between backticks: `{number}`"))
    }

    /// `.tag`, as jq has it.
    fn leading_dot(&self) -> Diagnostic {
        let error = self.error(
            "an expression does not begin with `.`",
            "nothing stands before this",
        );
        let next = self.found + 1;
        match self.tokens.list[next].kind {
            Kind::Name | Kind::QuotedName | Kind::Sign("[]") => {
                let word = self.tokens.word_text(next);
                error.hint(format!("`.{word}` is written `{word}`"))
            }
            _ => error.hint("the current value is `@`"),
        }
    }

    /// A complete value is followed by something that does not join it to another.
    fn operator_missing(&self) -> Diagnostic {
        let token = self.token();
        match token.kind {
            Kind::Number => return self.number_after_value(),
            Kind::Sign("*") => return stray::no_arithmetic(self.tokens, token.span),
            Kind::End => {
                return self.error("the expression ends too early", "more is expected here");
            }
            _ => {}
        }
        if let Some(finding) = self.word_operator() {
            return finding;
        }
        match token.kind {
            Kind::Sign(",") => self
                .error("there is only one expression here", "no list is open")
                .hint("a list is written `[a, b]`"),
            Kind::Sign("{") => self
                .error("`{` cannot follow a value", "joins nothing")
                .hint("a map made from a value is written `value.{name: field}`"),
            Kind::Sign(sign) => {
                let error = self.error(format!("`{sign}` cannot follow a value"), "joins nothing");
                match self.order_after_colon() {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            }
            _ => self.error("there is no operator before this", "follows another value"),
        }
    }

    /// `created:desc`, as other programs order.
    fn order_after_colon(&self) -> Option<&'static str> {
        let next = self.found + 1;
        let is_name = matches!(self.tokens.list.get(next)?.kind, Kind::Name);
        let word = self.tokens.word_text(next);
        let known = WORDS
            .iter()
            .find(|(name, _)| *name == word && matches!(*name, "asc" | "desc"));
        known
            .filter(|_| is_name && self.text() == ":")
            .map(|(_, hint)| *hint)
    }

    /// `size -5` is cut into a name and a number, `a-5` too.
    fn number_after_value(&self) -> Diagnostic {
        let token = self.token();
        let negative = self.text().starts_with('-');
        match self.before() {
            Some(before) if negative && self.touches(before) => {
                stray::dashed_name(self.tokens, token.span.start)
            }
            _ if negative => {
                let start = token.span.start;
                stray::no_arithmetic(
                    self.tokens,
                    Span {
                        start,
                        end: start + 1,
                    },
                )
            }
            _ => self
                .error(
                    "there is no operator before this number",
                    "follows another value",
                )
                .hint(format!(
                    "a number is written between backticks: `{}`",
                    self.text()
                )),
        }
    }

    /// `and`, `or`, `not`, `in` and the like, which read as names.
    fn word_operator(&self) -> Option<Diagnostic> {
        let before = self.before()?;
        let names = [before, self.found]
            .into_iter()
            .filter(|at| matches!(self.tokens.list[*at].kind, Kind::Name));
        names.into_iter().find_map(|at| {
            let word = self.tokens.word_text(at);
            let hint = WORDS
                .iter()
                .find(|(known, _)| word.eq_ignore_ascii_case(known))?
                .1;
            let span = self.tokens.list[at].span;
            let error = self.tokens.error(
                span,
                format!("`{word}` is not an operator"),
                "read as a name",
            );
            Some(error.hint(hint))
        })
    }

    /// A key of a map should stand here.
    fn key_missing(&self) -> Diagnostic {
        let token = self.token();
        if token.is("{") && self.follows("{") {
            return self
                .error("there are no templates here", "`{` cannot follow `{`")
                .hint("`{{.Tag}}` of a Go template is written `tag`");
        }
        match token.kind {
            Kind::Text => {
                let name = self.text().trim_matches('\'');
                self.error("a key is a name, not a text", "written in single quotes")
                    .hint(format!("a key is written `{}`", quoted(name)))
            }
            Kind::Sign("}") if self.follows(",") => self.trailing_comma(),
            Kind::Sign("}") if self.follows("{") => self
                .error("a map needs at least one entry", "no key is written here")
                .hint("an empty map is written `{}` between backticks"),
            _ if self.before().is_some_and(|at| self.is_key(at)) => self.colon_missing(),
            _ => self
                .error("a key is expected here", "not a name")
                .hint("a map is written `{key: value}`"),
        }
    }

    fn is_key(&self, at: usize) -> bool {
        matches!(self.tokens.list[at].kind, Kind::Name | Kind::QuotedName)
    }

    fn colon_missing(&self) -> Diagnostic {
        let key = self.before().map_or("", |at| self.tokens.word_text(at));
        self.error(
            format!("the key `{key}` has no value"),
            "`:` is expected here",
        )
        .hint(format!(
            "to keep a field under its name write `{key}: {key}`"
        ))
    }

    /// Something other than a name follows a dot.
    fn after_dot(&self) -> Diagnostic {
        let error = self.error(format!("`{}` cannot follow `.`", self.text()), "not a name");
        match self.token().kind {
            Kind::End => {
                let dot = self
                    .before()
                    .map_or(self.token().span, |at| self.tokens.list[at].span);
                self.tokens
                    .error(dot, "nothing follows `.`", "needs a name after it")
            }
            Kind::Number => error.hint(format!(
                "an element is written `[{}]`, without the dot",
                self.text()
            )),
            Kind::Text => {
                let name = self.text().trim_matches('\'');
                error.hint(format!("a name is written `{}`", quoted(name)))
            }
            Kind::Sign("[]" | "[?") => {
                error.hint(format!("`{}` follows a value without the dot", self.text()))
            }
            _ => error.hint("after a dot stands a name, `*`, `[a, b]` or `{key: value}`"),
        }
    }

    /// `a[b]`: only positions and slices stand in brackets after a value.
    fn not_an_index(&self) -> Diagnostic {
        let error = self.error(
            "only a position or a slice stands in brackets after a value",
            "neither",
        );
        match self.token().kind {
            Kind::Text => {
                let name = self.text().trim_matches('\'');
                error.hint(format!("an entry of a map is written `.{}`", quoted(name)))
            }
            Kind::QuotedName | Kind::Name => error.hint(format!(
                "an entry of a map is written `.{0}`, a condition on elements `[?{0}]`, a list `.[{0}]`",
                self.text()
            )),
            _ => error.hint("a condition on elements is written `[?condition]`"),
        }
    }

    fn not_a_slice(&self) -> Diagnostic {
        self.error(
            "this is neither a position nor a slice",
            "not expected here",
        )
        .hint("a position is written `[0]`, from the end `[-1]`; a slice `[0:5]` or `[::2]`")
    }

    fn quoted_function(&self) -> Diagnostic {
        let Some(before) = self.before() else {
            return self.error("this calls nothing", "not after a name");
        };
        let span = self.tokens.list[before].span;
        self.tokens
            .error(
                span,
                "the name of a function has no quotes",
                "a quoted name is a field",
            )
            .hint(format!(
                "write `{}(…)`",
                self.tokens.text(span).trim_matches('"')
            ))
    }

    fn trailing_comma(&self) -> Diagnostic {
        let comma = self
            .before()
            .map_or(self.token().span, |at| self.tokens.list[at].span);
        self.tokens
            .error(comma, "nothing follows this comma", "one comma too many")
            .hint("leave out the comma")
    }
}

/// Words that are operators elsewhere, and what they are here.
const WORDS: [(&str, &str); 15] = [
    ("and", "both conditions: `a && b`"),
    ("or", "one of two conditions: `a || b`"),
    ("not", "the opposite: `!(a)`"),
    ("in", "one of a list: `contains(['a', 'b'], tag)`"),
    (
        "contains",
        "part of a text or a list: `contains(tag, 'rc')`",
    ),
    (
        "is",
        "equality: `a == b`; `null` is written between backticks",
    ),
    ("eq", "equality: `a == b`"),
    ("ne", "inequality: `a != b`"),
    (
        "like",
        "part of a text: `contains(tag, 'rc')`, `starts_with(tag, 'v')`, `ends_with(tag, '-rc')`",
    ),
    (
        "matches",
        "part of a text: `contains(tag, 'rc')`, `starts_with(tag, 'v')`, `ends_with(tag, '-rc')`",
    ),
    ("between", "two conditions: `a >= b && a <= c`"),
    ("let", "there are no variables; `@` is the current value"),
    ("if", "a choice: `condition && a || b`"),
    (
        "asc",
        "a sort key without a `-` before it puts the least first",
    ),
    (
        "desc",
        "a sort key with a `-` before it puts the greatest first: `-created`",
    ),
];

/// A name as it must be written.
fn quoted(name: &str) -> String {
    match is_plain_name(name) {
        true => name.to_owned(),
        false => format!("\"{name}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::try_compile;

    /// Text, what is pointed at, the message, and the beginning of the first hint.
    type Case = (&'static str, &'static str, &'static str, &'static str);

    #[rustfmt::skip]
    const WORDS: [Case; 21] = [
        ("tag = 'a'", "=", "`=` is not an operator", "equality is written `==`"),
        ("tag === 'a'", "=", "`=` is not an operator", "equality is written `==`"),
        ("na-me == 'a'", "na-me", "the name `na-me` needs quotes", "a name with other characters is written in double quotes: \"na-me\""),
        ("a.na-me-x", "na-me-x", "the name `na-me-x` needs quotes", "a name with"),
        ("a-5", "a-5", "the name `a-5` needs quotes", "a name with"),
        ("size - used", "-", "there is no arithmetic: `-` is not an operator", "`sum([a, b])` adds"),
        ("size -5", "-", "there is no arithmetic: `-` is not an operator", "`sum"),
        ("a + b", "+", "there is no arithmetic: `+` is not an operator", "`sum"),
        ("a / b", "/", "there is no arithmetic: `/` is not an operator", "`sum"),
        ("a * b", "*", "there is no arithmetic: `*` is not an operator", "`sum"),
        ("let $x = a in b", "$", "there are no variables", "a query's parameter is written `params.NAME`"),
        ("a ? b : c", "?", "there is no operator `?`", "`[?condition]` filters a list"),
        ("a # why", "#", "an expression holds no comments", ""),
        ("größe > `1`", "größe", "the name `größe` needs quotes", "a name is written in double quotes: \"größe\""),
        ("tag == ‘a’", "‘", "this is a typographic quote", "text is written in straight single quotes"),
        ("tag == 'a", "'", "this single quote is never closed", "a quote inside a text"),
        ("\"a", "\"", "this double quote is never closed", ""),
        ("a == `5", "`", "this backtick is never closed", "a literal stands between two backticks"),
        ("a == `foo`", "`foo`", "this literal cannot be read: a text in JSON has double quotes", "text is written in single quotes: 'foo'"),
        ("a[99999999999]", "99999999999", "this number is too large for a position in a list", "a number to compare with"),
        ("a == b;", ";", "`;` means nothing here", ""),
    ];

    #[rustfmt::skip]
    const ORDER: [Case; 53] = [
        ("", "", "the expression is empty", ""),
        (" \n", "", "the expression is empty", ""),
        ("size > 5", "5", "the number `5` needs backticks", "numbers are written between backticks: `5`"),
        ("5 < size", "5", "the number `5` needs backticks", "numbers are written"),
        ("size == -1", "-1", "the number `-1` needs backticks", "numbers are written between backticks: `-1`"),
        ("f(a, 5)", "5", "the number `5` needs backticks", "numbers are written"),
        (".tag", ".", "an expression does not begin with `.`", "`.tag` is written `tag`"),
        (".[]", ".", "an expression does not begin with `.`", "`.[]` is written `[]`"),
        (".", ".", "an expression does not begin with `.`", "the current value is `@`"),
        ("== a", "==", "an expression does not begin with `==`", ""),
        ("a ==", "==", "nothing follows `==`", ""),
        ("a &&", "&&", "nothing follows `&&`", ""),
        ("a | | b", "|", "a value is expected between `|` and `|`", ""),
        ("a == == b", "==", "a value is expected between `==` and `==`", ""),
        ("a and b", "and", "`and` is not an operator", "both conditions: `a && b`"),
        ("a == 'x' OR b", "OR", "`OR` is not an operator", "one of two conditions"),
        ("not a", "not", "`not` is not an operator", "the opposite: `!(a)`"),
        ("(a and b)", "and", "`and` is not an operator", "both conditions"),
        ("a[?b and c]", "and", "`and` is not an operator", "both conditions"),
        ("{x: a and b}", "and", "`and` is not an operator", "both conditions"),
        ("tag in ['a']", "in", "`in` is not an operator", "one of a list"),
        ("tag like 'a%'", "like", "`like` is not an operator", "part of a text"),
        ("tag is null", "is", "`is` is not an operator", "equality: `a == b`"),
        ("a b", "b", "there is no operator before this", ""),
        ("a 'b'", "'b'", "there is no operator before this", ""),
        ("a 5", "5", "there is no operator before this number", "a number is written between backticks: `5`"),
        ("f(a b)", "b", "there is no operator before this", "values are separated by commas"),
        ("[a 'b']", "'b'", "there is no operator before this", "values are separated by commas"),
        ("a, b", ",", "there is only one expression here", "a list is written `[a, b]`"),
        ("f(a,)", ",", "nothing follows this comma", "leave out the comma"),
        ("[a,]", ",", "nothing follows this comma", "leave out the comma"),
        ("{a: b,}", ",", "nothing follows this comma", "leave out the comma"),
        ("[,a]", ",", "a value is expected between `[` and `,`", ""),
        ("{{.Tag}}", "{", "there are no templates here", "`{{.Tag}}` of a Go template is written `tag`"),
        ("{}", "}", "a map needs at least one entry", "an empty map"),
        ("{a}", "}", "the key `a` has no value", "to keep a field under its name write `a: a`"),
        ("{a, b}", ",", "the key `a` has no value", "to keep a field"),
        ("{'a': b}", "'a'", "a key is a name, not a text", "a key is written `a`"),
        ("{'a b': b}", "'a b'", "a key is a name, not a text", "a key is written `\"a b\"`"),
        ("{@: b}", "@", "a key is expected here", "a map is written `{key: value}`"),
        ("a:desc", ":", "`:` cannot follow a value", "a sort key with a `-` before it"),
        ("a {b: c}", "{", "`{` cannot follow a value", "a map made from a value is written `value.{name: field}`"),
        ("a.", ".", "nothing follows `.`", ""),
        ("a.0", "0", "`0` cannot follow `.`", "an element is written `[0]`"),
        ("a.[]", "[]", "`[]` cannot follow `.`", "`[]` follows a value without the dot"),
        ("labels.'app'", "'app'", "`'app'` cannot follow `.`", "a name is written `app`"),
        ("a..b", ".", "`.` cannot follow `.`", "after a dot stands a name"),
        ("labels['a-b']", "'a-b'", "only a position or a slice stands in brackets after a value", "an entry of a map is written `.\"a-b\"`"),
        ("labels[app]", "app", "only a position or a slice stands in brackets after a value", "an entry of a map is written `.app`"),
        ("a[1:2:3:4]", ":", "this is neither a position nor a slice", "a position is written `[0]`"),
        ("\"f\"(a)", "\"f\"", "the name of a function has no quotes", "write `f(…)`"),
        ("a[::0]", "[::0]", "the step of a slice cannot be 0", ""),
        ("&a", "&", "`&` stands outside of a call", "`&` hands an expression to a function"),
    ];

    #[test]
    fn errors_are_put_in_words_at_their_place() {
        for (text, shown, message, hint) in WORDS.into_iter().chain(ORDER) {
            let findings = try_compile(text).expect_err(text);
            let finding = &findings[0];
            let first_hint = finding.hints.first().map_or("", String::as_str);
            assert_eq!(finding.message, message, "{text}");
            assert_eq!(finding.labels[0].place.text(), shown, "{text}");
            assert!(
                first_hint.starts_with(hint) && first_hint.is_empty() == hint.is_empty(),
                "{text}: {first_hint}"
            );
        }
    }

    #[test]
    fn no_error_speaks_of_the_parser() {
        for text in [
            "a[*]b", "a[*](b)", "@(a)", "(a)(b)", "a !b", "a[ ]b", "a[:x]", "a.*b", "[a", "a.!b",
            "*a", "a[*].", "a:b", "a@", "f(", "[?", "{a:", "!", "&", "@@", "a.&b",
        ] {
            let findings = try_compile(text).expect_err(text);
            for word in ["nud", "led", "token", "Rbracket", "Eof", "Expected"] {
                assert!(
                    !findings[0].message.contains(word),
                    "{text}: {}",
                    findings[0].message
                );
            }
        }
    }
}
