//! `Warning`: what a registry wants its users to know (distribution-spec 1.1, "Warnings").
//!
//! Only the one form that the specification allows, `299 - "text"`: other codes are of caches and proxies and not for
//! people. The text is a stranger's and made safe (threats F-9).

use crate::limits::{HEADER_BYTES, HEADER_PARTS};
use crate::registry::error::outside;
use crate::safe::Safe;

/// Reads the warnings of all `Warning` headers of an answer, in their order.
pub(in crate::registry) fn texts<'a>(headers: impl IntoIterator<Item = &'a [u8]>) -> Vec<Safe> {
    let short = |header: &&[u8]| header.len() <= HEADER_BYTES;
    let headers = headers.into_iter().take(HEADER_PARTS).filter(short);
    headers.flat_map(read).take(HEADER_PARTS).collect()
}

fn read(header: &[u8]) -> Vec<Safe> {
    let text = String::from_utf8_lossy(header);
    let mut rest = text.as_ref();
    let mut found = Vec::new();
    // Each is a code, who warns, and a quoted text; a date may follow. Where that ends, reading ends.
    while let Some((head, quoted)) = rest.split_once('"') {
        let Some((text, after)) = unquoted(quoted) else {
            break;
        };
        let head: Vec<&str> = head.split_ascii_whitespace().collect();
        if head == ["299", "-"] && !text.trim().is_empty() {
            found.push(outside(text.trim()));
        }
        rest = next(after);
    }
    found
}

/// What follows the comma behind a warning, past its date.
fn next(after: &str) -> &str {
    let after = after.trim_start_matches([' ', '\t']);
    let after = match after.strip_prefix('"') {
        Some(date) => date.split_once('"').map_or("", |(_, after)| after),
        None => after,
    };
    after.split_once(',').map_or("", |(_, next)| next)
}

/// A quoted text without its escapes, and what follows it.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(characters.next()?.1),
            plain => text.push(plain),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[&str]) -> Vec<String> {
        let texts = texts(headers.iter().map(|header| header.as_bytes()));
        texts.iter().map(Safe::to_string).collect()
    }

    #[test]
    fn warnings_of_a_registry_are_read() {
        for (header, expected) in [
            (
                r#"299 - "this repository moves in May""#,
                &["this repository moves in May"] as &[&str],
            ),
            (r#"  299  -  "a"  "#, &["a"]),
            (r#"299 - "a, \"b\" \\ c""#, &[r#"a, "b" \ c"#]),
            (r#"299 - "a", 299 - "b""#, &["a", "b"]),
            (
                r#"299 - "a" "Sun, 06 Nov 1994 08:49:37 GMT", 299 - "b""#,
                &["a", "b"],
            ),
            (r#"110 - "stale", 299 - "b""#, &["b"]),
        ] {
            assert_eq!(of(&[header]), expected, "{header}");
        }
        assert_eq!(of(&[r#"299 - "a""#, r#"299 - "b""#]), ["a", "b"]);
    }

    #[test]
    fn what_is_no_warning_of_a_registry_is_passed_over() {
        for header in [
            "",
            "299",
            "299 -",
            "299 - a",
            "299 - \"",
            "299 - \"a",
            "299 - \"a\\",
            r#"299 - """#,
            r#"299 - "  ""#,
            r#"199 - "a""#,
            r#"299 proxy.test "a""#,
            r#"2999 - "a""#,
            r#"299- "a""#,
            r#"299 - x "a""#,
        ] {
            assert_eq!(of(&[header]), [""; 0], "{header}");
        }
    }

    #[test]
    fn f9_warnings_are_made_safe_cut_and_bounded() {
        let text = format!("299 - \"\u{1b}[2J{}\"", "x".repeat(1000));
        let shown = of(&[&text]).remove(0);
        assert!(shown.starts_with("\\x1b[2Jxxx") && shown.ends_with('…'));
        assert_eq!(of(&[r#"299 - "a""#; HEADER_PARTS + 1]).len(), HEADER_PARTS);
        assert_eq!(
            of(&[&r#"299 - "a","#.repeat(HEADER_PARTS + 1)]).len(),
            HEADER_PARTS
        );
        let sized = |bytes: usize| format!("299 - \"{}\"", "x".repeat(bytes - "299 - \"\"".len()));
        assert_eq!(of(&[&sized(HEADER_BYTES)]).len(), 1);
        assert_eq!(of(&[&sized(HEADER_BYTES + 1)]).len(), 0);
    }
}
