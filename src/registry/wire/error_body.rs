//! Error bodies: what a registry says beside a status of 400 and above (distribution-spec 1.1, "Error Codes").
//!
//! The specification lets such a body be anything at all, and registries use that. Whatever it is, it is an explanation
//! for people, made safe and cut (threats F-9); what went wrong is told by the status first, by a code second, by a text
//! never.

use crate::limits::{ERROR_BODY_BYTES, ERROR_ENTRIES};
use crate::registry::error::outside;
use crate::safe::Safe;
use crate::value::{Value, parse_json};

/// What an error's body says, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::registry) struct ErrorBody {
    /// Its errors; none where it says nothing that a person could use.
    pub(in crate::registry) entries: Vec<ErrorEntry>,
}

/// One error of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) struct ErrorEntry {
    /// Its code, where it has one.
    pub(in crate::registry) code: Option<Code>,
    /// Its text; empty where there is only a code.
    pub(in crate::registry) message: Safe,
}

/// A word such as `MANIFEST_UNKNOWN`: capital letters, and what joins them. Quay has one with spaces.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::registry) struct Code(String);

/// The longest code.
const CODE_BYTES: usize = 40;

/// Where a JSON object may have its text, most telling first: the specification's registries and GitHub, Docker Hub's
/// listings, its token server, token servers by OAuth 2.
const TEXTS: [&str; 6] = [
    "message",
    "detail",
    "details",
    "error_description",
    "error",
    "text",
];

impl Code {
    /// Reads a code in whatever case it is written.
    fn read(text: &str) -> Option<Self> {
        let word = text.to_ascii_uppercase();
        let fits = |byte: u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b' ');
        let is_word = word.len() <= CODE_BYTES
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && !word.ends_with(' ')
            && word.bytes().all(fits);
        is_word.then_some(Self(word))
    }

    /// The word.
    pub(in crate::registry) fn as_str(&self) -> &str {
        &self.0
    }
}

impl ErrorBody {
    /// Reads a body; what is beyond the limit is not looked at.
    pub(in crate::registry) fn read(body: &[u8]) -> Self {
        let body = &body[..body.len().min(ERROR_BODY_BYTES)];
        match parse_json(body) {
            Ok(document) => Self {
                entries: entries(&document),
            },
            Err(_) => Self::of_text(&String::from_utf8_lossy(body)),
        }
    }

    /// Tells whether one of its errors has this code.
    pub(in crate::registry) fn has(&self, code: &str) -> bool {
        let codes = self.entries.iter().filter_map(|entry| entry.code.as_ref());
        codes.into_iter().any(|own| own.as_str() == code)
    }

    fn of_text(text: &str) -> Self {
        let is_markup = text.trim_start().starts_with('<');
        let text = if is_markup {
            page_text(text)
        } else {
            one_line(text)
        };
        let message = outside(&text);
        let entries = (!text.is_empty()).then_some(ErrorEntry {
            code: None,
            message,
        });
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}

fn entries(document: &Value) -> Vec<ErrorEntry> {
    match document.get("errors").and_then(Value::as_list) {
        Some(list) => list.iter().filter_map(entry).take(ERROR_ENTRIES).collect(),
        // zot and many APIs have a single object in place of the list.
        None => entry(document).into_iter().collect(),
    }
}

/// One error, if it says anything: Quay's whole body can be `true`.
fn entry(error: &Value) -> Option<ErrorEntry> {
    let code = error.get("code").and_then(Value::as_text);
    let texts = TEXTS
        .into_iter()
        .filter_map(|name| error.get(name).and_then(Value::as_text));
    let message = texts
        .chain(error.as_text())
        .find(|text| !text.trim().is_empty());
    let entry = ErrorEntry {
        code: code.and_then(Code::read),
        message: outside(&one_line(message.unwrap_or_default())),
    };
    (entry.code.is_some() || message.is_some()).then_some(entry)
}

/// The title of a page, or its text without the markup.
fn page_text(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title>").map(|at| at + "<title>".len());
    let end = |start: usize| Some(start + lower[start..].find("</title>")?);
    let title = title.and_then(|start| Some(one_line(&page[start..end(start)?])));
    title
        .filter(|title| !title.is_empty())
        .unwrap_or_else(|| one_line(&without_tags(page)))
}

fn without_tags(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text + rest
}

/// Blank space, line breaks included, is one space each.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::ERROR_TEXT_CHARS;

    fn said(body: &str) -> Vec<(Option<String>, String)> {
        let plain = |entry: ErrorEntry| {
            let code = entry.code.map(|code| code.as_str().to_owned());
            (code, entry.message.to_string())
        };
        ErrorBody::read(body.as_bytes())
            .entries
            .into_iter()
            .map(plain)
            .collect()
    }

    #[test]
    fn bodies_of_known_registries() {
        for (body, code, message) in [
            (
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"nope"}}]}"#,
                "MANIFEST_UNKNOWN",
                "manifest unknown",
            ),
            (
                r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":[{"Type":"repository","Name":"a","Action":"pull"}]}]}"#,
                "UNAUTHORIZED",
                "authentication required",
            ),
            (
                r#"{"code":"UNAUTHORIZED","message":"authentication required","detail":{}}"#,
                "UNAUTHORIZED",
                "authentication required",
            ),
            (
                r#"{"errors":[{"status":404,"message":"Not Found"}]}"#,
                "",
                "Not Found",
            ),
            (
                r#"{"errors":[{"code":"METHOD NOT ALLOWED","message":""}]}"#,
                "METHOD NOT ALLOWED",
                "",
            ),
            (
                r#"{"errors":[{"code":"DENIED","message":null,"detail":"no pull access"}]}"#,
                "DENIED",
                "no pull access",
            ),
            (
                r#"{"errors":[{"code":"denied","message":"access\n forbidden"}]}"#,
                "DENIED",
                "access forbidden",
            ),
            (r#"{"errors":[{"code":404,"message":"x"}]}"#, "", "x"),
            (r#"{"errors":["plain"]}"#, "", "plain"),
            (
                r#"{"message":"pagination offset too large","errinfo":{}}"#,
                "",
                "pagination offset too large",
            ),
            (
                r#"{"detail":"Rate limit exceeded","error":false}"#,
                "",
                "Rate limit exceeded",
            ),
            (
                r#"{"details":"incorrect username or password"}"#,
                "",
                "incorrect username or password",
            ),
            (
                r#"{"error":"invalid_grant","error_description":"it has ended"}"#,
                "",
                "it has ended",
            ),
            (r#"{"error":"invalid_grant"}"#, "", "invalid_grant"),
            (r#"{"fields":{},"text":"bad"}"#, "", "bad"),
            (r#""404 page not found""#, "", "404 page not found"),
            ("404 page not found\n", "", "404 page not found"),
            (
                "<html><body>upstream\n unavailable</body></html>",
                "",
                "upstream unavailable",
            ),
            (
                "\n<!DOCTYPE html><html><head><TITLE> 502 Bad\nGateway </TITLE></head><body><h1>502</h1></body>",
                "",
                "502 Bad Gateway",
            ),
            ("<html><title></title><p>a<br>b<unclosed", "", "a b"),
            (r#"{"errors":[{"code":"#, "", r#"{"errors":[{"code":"#),
        ] {
            let code = (!code.is_empty()).then(|| code.to_owned());
            assert_eq!(said(body), [(code, message.to_owned())], "{body}");
        }
    }

    #[test]
    fn bodies_that_say_nothing_have_no_entries() {
        for body in [
            "",
            " \n",
            "true",
            "null",
            "0",
            "[]",
            "{}",
            r#"{"errors":[]}"#,
            r#"{"errors":[null,{},true,[]]}"#,
            r#"{"errors":[{"message":" "}]}"#,
            r#""""#,
            "<>",
            "<html></html>",
            r#"{"error":false}"#,
        ] {
            assert_eq!(said(body), [], "{body}");
        }
    }

    #[test]
    fn a_code_is_found_among_several() {
        let body =
            br#"{"errors":[{"code":"UNKNOWN"},{"code":"TOOMANYREQUESTS","message":"slowly"}]}"#;
        let body = ErrorBody::read(body);
        assert!(body.has("UNKNOWN") && body.has("TOOMANYREQUESTS") && !body.has("DENIED"));
    }

    #[test]
    fn f9_only_words_are_codes() {
        let longest = "A".repeat(CODE_BYTES);
        assert!(Code::read(&longest).is_some());
        for text in [
            "",
            " ",
            "_A",
            " A",
            "A ",
            "A-B",
            "A\n",
            "É",
            "A1",
            "\u{1b}[2J",
            &format!("{longest}A"),
        ] {
            assert_eq!(Code::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn f9_texts_are_made_safe_and_cut() {
        let long = "x".repeat(1000);
        for body in [
            format!(r#"{{"errors":[{{"message":"\u001b[2J\u202e{long}"}}]}}"#),
            format!("\u{1b}[2J\u{202e}{long}"),
            format!("<title>\u{1b}[2J\u{202e}{long}</title>"),
        ] {
            let (_, message) = said(&body).remove(0);
            assert!(
                message.starts_with("\\x1b[2J\\u{202e}xxx") && message.ends_with('…'),
                "{message}"
            );
            assert!(message.chars().count() < ERROR_TEXT_CHARS + 20);
        }
    }

    #[test]
    fn c1_neither_entries_nor_bytes_beyond_the_limit_are_looked_at() {
        let many = |number: usize| {
            format!(
                r#"{{"errors":[{}{{"code":"A"}}]}}"#,
                r#"{"code":"A"},"#.repeat(number - 1)
            )
        };
        assert_eq!(said(&many(ERROR_ENTRIES)).len(), ERROR_ENTRIES);
        assert_eq!(said(&many(ERROR_ENTRIES + 1)).len(), ERROR_ENTRIES);
        let sized = |bytes: usize| {
            format!(
                r#"{{"code":"A"}}{}"#,
                " ".repeat(bytes - r#"{"code":"A"}"#.len())
            )
        };
        assert_eq!(said(&sized(ERROR_BODY_BYTES)).len(), 1);
        let cut = format!("{}x", sized(ERROR_BODY_BYTES));
        assert_eq!(said(&cut), [(Some("A".to_owned()), String::new())]);
    }

    #[test]
    fn e1_hostile_bodies_are_only_text() {
        for body in [
            "[".repeat(100_000),
            "<".repeat(100_000),
            "{\"errors\":".repeat(10_000),
        ] {
            assert!(said(&body).len() <= 1);
        }
        assert_eq!(
            ErrorBody::read(b"\xff\xfe").entries[0].message.as_str(),
            "\u{fffd}\u{fffd}"
        );
    }
}
