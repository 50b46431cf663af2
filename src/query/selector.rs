//! `-l`: kubectl's selectors of labels, as conditions over `labels`.
//!
//! The grammar is that of Kubernetes (apimachinery, `labels.Parse`) as far as kubectl documents it: `a=b`, `a==b`,
//! `a!=b`, `a in (x, y)`, `a notin (x, y)`, `a`, `!a`, separated by commas. `!=` and `notin` keep what has no such label.
//! Values are not held to Kubernetes' characters, because labels of images are not either.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Passage, Place};
use crate::value::{JsonStyle, Value, to_json};

/// Reads a selector; gives one condition for each of its requirements, which must all hold. A condition stands where its
/// requirement does.
///
/// Errors: the first place where it is no selector.
pub fn selected(flag: &str, text: &str) -> Result<Vec<Passage>, Box<Diagnostic>> {
    let passage = Passage::flag(flag, text);
    let mut parser = Parser {
        words: words(text),
        text,
        at: 0,
        passage: &passage,
    };
    parser.requirements()
}

/// What a selector is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The name of a label, a value, `in` or `notin`: which, its place decides.
    Text,
    /// `=`, `==`, `!=`, `!`, `(`, `)`, `,`, `<`, `>`.
    Sign(&'static str),
    End,
}

/// The signs, longer ones before their beginnings.
const SIGNS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", "<", ">"];

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let is_end = |c: char| is_blank(c) || "=!(),<>".contains(c);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
        let (kind, length) = match sign {
            _ if is_blank(c) => {
                at += c.len_utf8();
                continue;
            }
            Some(sign) => (Kind::Sign(sign), sign.len()),
            None => (Kind::Text, rest.find(is_end).unwrap_or(rest.len())),
        };
        let range = at..at + length;
        at = range.end;
        words.push(Word { kind, range });
    }
    let range = text.len()..text.len();
    words.push(Word {
        kind: Kind::End,
        range,
    });
    words
}

struct Parser<'a> {
    words: Vec<Word>,
    text: &'a str,
    at: usize,
    passage: &'a Passage,
}

/// What follows the name of a label.
const OPERATORS: &str =
    "after the name of a label stand `=`, `!=`, `in (…)` or `notin (…)`, or a comma";

impl Parser<'_> {
    fn requirements(&mut self) -> Result<Vec<Passage>, Box<Diagnostic>> {
        let mut conditions = Vec::new();
        if self.next().kind == Kind::End {
            return Ok(conditions);
        }
        loop {
            let start = self.next().range.start;
            let condition = self.requirement()?;
            let end = self.words[self.at - 1].range.end;
            let source = &self.passage.place().source;
            conditions.push(Passage::decoded(source, condition, start..end, Vec::new()));
            let comma = self.take();
            match comma.kind {
                Kind::End => return Ok(conditions),
                Kind::Sign(",") if self.next().kind == Kind::End => {
                    return Err(self.wrong(&comma, "nothing follows this comma"));
                }
                Kind::Sign(",") => {}
                _ => return Err(self.unexpected(&comma, OPERATORS)),
            }
        }
    }

    /// One requirement, as an expression.
    fn requirement(&mut self) -> Result<String, Box<Diagnostic>> {
        let is_negated = self.skip("!");
        let name = self.take();
        let label = self.label(&name)?;
        if is_negated {
            return Ok(format!("{label} == `null`"));
        }
        match self.next().kind {
            Kind::End | Kind::Sign(",") => Ok(format!("{label} != `null`")),
            _ => self.compared(&label),
        }
    }

    fn compared(&mut self, label: &str) -> Result<String, Box<Diagnostic>> {
        let operator = self.take();
        Ok(match (operator.kind, self.of(&operator)) {
            (Kind::Sign("=" | "=="), _) => format!("{label} == {}", self.value(&operator)?),
            (Kind::Sign("!="), _) => format!("{label} != {}", self.value(&operator)?),
            (Kind::Text, "in") => among(&self.values(&operator)?, label),
            (Kind::Text, "notin") => format!("!{}", in_brackets(&self.values(&operator)?, label)),
            (Kind::Sign("<" | ">"), sign) => return Err(self.ordered(&operator, label, sign)),
            _ => return Err(self.unexpected(&operator, OPERATORS)),
        })
    }

    /// kubectl takes these too and tells nobody; what a label holds is a text all the same.
    fn ordered(&self, operator: &Word, label: &str, sign: &str) -> Box<Diagnostic> {
        let message = "the value of a label is a text, and texts have no order";
        let hint = format!(
            "a number in it can be compared with `--where 'to_number({label}) {sign} `1`'`"
        );
        Box::new(self.wrong(operator, message).hint(hint))
    }

    /// The label of that name, as an expression.
    fn label(&self, word: &Word) -> Result<String, Box<Diagnostic>> {
        if word.kind != Kind::Text {
            return Err(self.unexpected(word, "the name of a label stands here"));
        }
        let name = self.of(word);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if let Some(at) = name.find(|c: char| !is_name(c)) {
            let at = word.range.start + at;
            let message = format!("`{name}` is no name of a label");
            let finding = Diagnostic::error(message).at(&self.passage.place_of(at..at + 1), "");
            return Err(Box::new(finding.hint(
                "a name has letters, digits, `.`, `-`, `_` and `/`, and no quotes around it",
            )));
        }
        Ok(match is_word(name) {
            true => format!("labels.{name}"),
            false => format!("labels.\"{name}\""),
        })
    }

    /// What stands after `=`, which may be nothing.
    fn value(&mut self, operator: &Word) -> Result<String, Box<Diagnostic>> {
        match self.next().kind {
            Kind::End | Kind::Sign(",") => Ok(literal("")),
            Kind::Text => {
                let word = self.take();
                self.literal(&word)
            }
            Kind::Sign(_) => {
                let sign = self.of(operator);
                let next = self.next().clone();
                Err(self.unexpected(&next, &format!("after `{sign}` stands a value")))
            }
        }
    }

    fn literal(&self, word: &Word) -> Result<String, Box<Diagnostic>> {
        let text = self.of(word);
        if text.starts_with(['\'', '"', '`']) {
            let finding = self.wrong(word, "a value is written without quotes");
            return Err(Box::new(finding.hint(
                "one with blanks, commas or brackets in it is compared with `--where \"labels.NAME == 'VALUE'\"`",
            )));
        }
        Ok(literal(text))
    }

    /// `(x, y)`; nothing between commas is an empty value.
    fn values(&mut self, operator: &Word) -> Result<Vec<String>, Box<Diagnostic>> {
        let opening = self.take();
        let operator = self.of(operator);
        if opening.kind != Kind::Sign("(") {
            let hint = format!("after `{operator}` stand values in brackets: `{operator} (x, y)`");
            return Err(self.unexpected(&opening, &hint));
        }
        let mut values = Vec::new();
        loop {
            let value = match self.next().kind {
                Kind::Text => {
                    let word = self.take();
                    self.literal(&word)?
                }
                _ => literal(""),
            };
            if !values.contains(&value) {
                values.push(value);
            }
            let next = self.take();
            match next.kind {
                Kind::Sign(")") => return Ok(values),
                Kind::Sign(",") => {}
                Kind::End => return Err(self.wrong(&opening, "this `(` is not closed")),
                _ => return Err(self.unexpected(&next, "values are separated by commas")),
            }
        }
    }

    fn next(&self) -> &Word {
        &self.words[self.at]
    }

    /// Takes the next word; the end stays.
    fn take(&mut self) -> Word {
        let word = self.next().clone();
        if word.kind != Kind::End {
            self.at += 1;
        }
        word
    }

    fn skip(&mut self, sign: &'static str) -> bool {
        let is_next = self.next().kind == Kind::Sign(sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn of(&self, word: &Word) -> &str {
        &self.text[word.range.clone()]
    }

    fn place(&self, word: &Word) -> Place {
        self.passage.place_of(word.range.clone())
    }

    fn wrong(&self, word: &Word, message: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(message).at(&self.place(word), ""))
    }

    fn unexpected(&self, word: &Word, hint: &str) -> Box<Diagnostic> {
        let message = match word.kind {
            Kind::End => "the selector ends too early".to_owned(),
            _ => format!("`{}` cannot stand here", self.of(word)),
        };
        Box::new(
            Diagnostic::error(message)
                .at(&self.place(word), "")
                .hint(hint),
        )
    }
}

/// Tells whether a label is one of these values.
fn among(values: &[String], label: &str) -> String {
    match values {
        [only] => format!("{label} == {only}"),
        _ => in_brackets(values, label),
    }
}

fn in_brackets(values: &[String], label: &str) -> String {
    format!("contains([{}], {label})", values.join(", "))
}

/// Tells whether a name needs no quotes in an expression.
fn is_word(name: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(is_word) && !name.starts_with(|c: char| c.is_ascii_digit())
}

/// A text in an expression.
fn literal(text: &str) -> String {
    if !text.contains(['\'', '\\']) {
        return format!("'{text}'");
    }
    let json = to_json(&Value::text(text), JsonStyle::Compact);
    format!("`{}`", json.replace('`', "\\u0060"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let conditions = selected("-l", text).expect(text);
        let texts = conditions
            .iter()
            .map(|condition| condition.text().to_owned());
        texts.collect()
    }

    #[test]
    fn requirements_become_conditions() {
        for (text, conditions) in [
            ("", vec![]),
            (" ", vec![]),
            ("a=b", vec!["labels.a == 'b'"]),
            ("a==b", vec!["labels.a == 'b'"]),
            (" a = b ", vec!["labels.a == 'b'"]),
            ("a!=b", vec!["labels.a != 'b'"]),
            ("a=", vec!["labels.a == ''"]),
            ("a=,b= ", vec!["labels.a == ''", "labels.b == ''"]),
            ("a!=", vec!["labels.a != ''"]),
            ("a", vec!["labels.a != `null`"]),
            ("!a", vec!["labels.a == `null`"]),
            ("! a", vec!["labels.a == `null`"]),
            ("\ra", vec!["labels.a != `null`"]),
            (
                "a,!b,c=d",
                vec![
                    "labels.a != `null`",
                    "labels.b == `null`",
                    "labels.c == 'd'",
                ],
            ),
            ("a in (x)", vec!["labels.a == 'x'"]),
            ("a in (x,y)", vec!["contains(['x', 'y'], labels.a)"]),
            (
                "a  in\t( x , x,\ny )",
                vec!["contains(['x', 'y'], labels.a)"],
            ),
            ("a notin (x)", vec!["!contains(['x'], labels.a)"]),
            (
                "a notin (x,y),b",
                vec!["!contains(['x', 'y'], labels.a)", "labels.b != `null`"],
            ),
            ("a in ()", vec!["labels.a == ''"]),
            ("a in (x,)", vec!["contains(['x', ''], labels.a)"]),
            ("a in (,x)", vec!["contains(['', 'x'], labels.a)"]),
            ("a in (x,,y)", vec!["contains(['x', '', 'y'], labels.a)"]),
            ("a notin ()", vec!["!contains([''], labels.a)"]),
            (
                "in in (in, notin)",
                vec!["contains(['in', 'notin'], labels.in)"],
            ),
            ("notin=in", vec!["labels.notin == 'in'"]),
            ("in", vec!["labels.in != `null`"]),
            (
                "org.opencontainers.image.vendor=Acme",
                vec!["labels.\"org.opencontainers.image.vendor\" == 'Acme'"],
            ),
            (
                "0.1.2.domain/99 notin (10.10.100.1, tick.tack.clock)",
                vec!["!contains(['10.10.100.1', 'tick.tack.clock'], labels.\"0.1.2.domain/99\")"],
            ),
            ("a-b/c_d.e=1", vec!["labels.\"a-b/c_d.e\" == '1'"]),
            (
                "a=https://x.io/y?z#1",
                vec!["labels.a == 'https://x.io/y?z#1'"],
            ),
            ("a=it's", vec!["labels.a == `\"it's\"`"]),
            ("a=x\\", vec!["labels.a == `\"x\\\\\"`"]),
            ("a=x\\`", vec!["labels.a == `\"x\\\\\\u0060\"`"]),
        ] {
            assert_eq!(read(text), conditions, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_selector_is_shown_at_its_place() {
        for (text, message, at, hint) in [
            ("a,", "nothing follows this comma", "1:2", ""),
            (",a", "`,` cannot stand here", "1:1", "the name of a label"),
            (
                "a,,b",
                "`,` cannot stand here",
                "1:3",
                "the name of a label",
            ),
            ("=b", "`=` cannot stand here", "1:1", "the name of a label"),
            (
                "!",
                "the selector ends too early",
                "1:2",
                "the name of a label",
            ),
            ("!!a", "`!` cannot stand here", "1:2", "the name of a label"),
            ("!a=b", "`=` cannot stand here", "1:3", "or a comma"),
            ("a b", "`b` cannot stand here", "1:3", "`in (…)`"),
            ("a=b c", "`c` cannot stand here", "1:5", "or a comma"),
            (
                "a===b",
                "`=` cannot stand here",
                "1:4",
                "after `==` stands a value",
            ),
            (
                "a=!b",
                "`!` cannot stand here",
                "1:3",
                "after `=` stands a value",
            ),
            (
                "a=(b)",
                "`(` cannot stand here",
                "1:3",
                "after `=` stands a value",
            ),
            ("a in b", "`b` cannot stand here", "1:6", "`in (x, y)`"),
            ("a in", "the selector ends too early", "1:5", "`in (x, y)`"),
            (
                "a notin",
                "the selector ends too early",
                "1:8",
                "`notin (x, y)`",
            ),
            ("a in (x", "this `(` is not closed", "1:6", ""),
            ("a in (x y)", "`y` cannot stand here", "1:9", "by commas"),
            ("a in (x=y)", "`=` cannot stand here", "1:8", "by commas"),
            ("a in (x))", "`)` cannot stand here", "1:9", "or a comma"),
            (
                "a>1",
                "the value of a label is a text, and texts have no order",
                "1:2",
                "to_number(labels.a) > `1`",
            ),
            (
                "\"a\"=b",
                "`\"a\"` is no name of a label",
                "1:1",
                "no quotes",
            ),
            ("größe=b", "`größe` is no name of a label", "1:3", "letters"),
            (
                "a='b c'",
                "a value is written without quotes",
                "1:3",
                "--where",
            ),
        ] {
            let finding = *selected("-l", text).expect_err(text);
            let (line, column) = finding.labels[0].place.line_and_column();
            assert_eq!(
                (
                    finding.message.as_str(),
                    format!("{line}:{column}").as_str()
                ),
                (message, at),
                "{text}"
            );
            assert!(
                finding.hints.concat().contains(hint),
                "{text}: {:?}",
                finding.hints
            );
        }
    }

    #[test]
    fn a_condition_stands_where_its_requirement_does() {
        let conditions = selected("-l", "a=b, c in (x,y)").unwrap();
        assert_eq!(conditions[0].place().text(), "a=b");
        assert_eq!(conditions[1].place().text(), "c in (x,y)");
    }
}
