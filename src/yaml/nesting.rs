//! Brackets and quotes in the text of an expression, just enough to split it or to see that it was cut.
//!
//! Not a parser: whether the text is an expression is found out elsewhere, and said there.

/// Where a reader stands among brackets and quotes. JMESPath has three kinds of quotes, and a backslash
/// escapes in all of them.
#[derive(Default)]
struct Nesting {
    open: Vec<char>,
    quote: Option<char>,
    escaped: bool,
    is_crooked: bool,
}

impl Nesting {
    /// Reads a character; tells whether it stands outside all brackets and quotes.
    fn step(&mut self, c: char) -> bool {
        if let Some(quote) = self.quote {
            match c {
                _ if self.escaped => self.escaped = false,
                '\\' => self.escaped = true,
                _ if c == quote => self.quote = None,
                _ => {}
            }
            return false;
        }
        match c {
            '\'' | '"' | '`' => self.quote = Some(c),
            '(' | '[' | '{' => self.open.push(c),
            ')' | ']' | '}' => self.is_crooked |= self.open.pop() != Some(partner(c)),
            _ => return self.open.is_empty(),
        }
        false
    }
}

fn partner(closing: char) -> char {
    match closing {
        ')' => '(',
        ']' => '[',
        _ => '{',
    }
}

/// The characters outside all brackets and quotes, with their offsets.
pub fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut nesting = Nesting::default();
    text.char_indices().filter(move |(_, c)| nesting.step(*c))
}

/// Where the `}` stands that closes what was opened before the text: the first outside all brackets and quotes.
pub fn closing_brace(text: &str) -> Option<usize> {
    let mut nesting = Nesting::default();
    let mut characters = text.char_indices();
    let closing = characters.find(|(_, c)| {
        let is_outside = nesting.quote.is_none() && nesting.open.is_empty();
        nesting.step(*c);
        is_outside && *c == '}'
    });
    closing.map(|(at, _)| at)
}

/// Tells whether every bracket and every quote has its partner.
pub(super) fn is_balanced(text: &str) -> bool {
    let mut nesting = Nesting::default();
    for c in text.chars() {
        nesting.step(c);
    }
    nesting.open.is_empty() && nesting.quote.is_none() && !nesting.is_crooked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balance() {
        for text in [
            "a",
            "a[?b=='(']",
            "{a: \"}\"}",
            r"'it\'s'",
            "f(`\"]\"`)",
            "",
        ] {
            assert!(is_balanced(text), "{text}");
        }
        for text in ["f(a", "a]", "(]", "'a", "`[", "labels.\"a", "a)("] {
            assert!(!is_balanced(text), "{text}");
        }
    }

    #[test]
    fn the_closing_brace_is_no_partner_of_another_and_not_in_quotes() {
        for (text, at) in [
            ("count} left", Some(5)),
            ("{a: b}.a}", Some(8)),
            ("'}'}", Some(3)),
            ("count", None),
            ("{a: b}", None),
            ("'a}", None),
        ] {
            assert_eq!(closing_brace(text), at, "{text}");
        }
    }

    #[test]
    fn only_what_is_outside_is_seen() {
        let seen = |text| outside(text).filter(|(_, c)| *c == ',').count();
        assert_eq!(seen("a,b"), 1);
        assert_eq!(seen("f(a,b),[c,d],'e,f',\"g,h\",`[1,2]`"), 4);
    }
}
