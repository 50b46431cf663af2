//! What things in a query file may be called. A rule is a regular expression, so that an editor can follow it too.

use std::sync::LazyLock;

use crate::pattern::Regex;

/// A query, as Kubernetes names things.
pub(super) const QUERY: &str = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";
/// The longest name of a query, in bytes.
const QUERY_NAME_BYTES: usize = 63;
/// A parameter or an image of `with`, so that it can be written bare in expressions: `params.NAME`.
pub(super) const PARAMETER: &str = "^[A-Za-z_][A-Za-z0-9_]*$";
/// What a query may be called, in words.
pub const QUERY_NAME: &str = "a name has lower-case letters, digits and `-` inside, at most 63";

/// Tells whether a text can be the name of a query.
pub fn is_query_name(text: &str) -> bool {
    static RULE: LazyLock<Regex> = LazyLock::new(|| compiled(QUERY));
    RULE.is_match(text)
}

/// Tells whether a text can be the name of a parameter.
pub(super) fn is_parameter_name(text: &str) -> bool {
    static RULE: LazyLock<Regex> = LazyLock::new(|| compiled(PARAMETER));
    RULE.is_match(text)
}

fn compiled(rule: &str) -> Regex {
    Regex::new(rule).expect("a rule is a regular expression")
}

/// The name for a query that a text comes nearest to: its letters and digits with `-` between them, in small letters, as
/// far as they fit.
pub fn near_query_name(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-").to_ascii_lowercase();
    name.truncate(QUERY_NAME_BYTES);
    Some(name.trim_end_matches('-').to_owned()).filter(|near| is_query_name(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_named_as_kubernetes_names_things() {
        let longest = "a".repeat(63);
        for name in ["a", "7", "stale-images", "a--b", longest.as_str()] {
            assert!(is_query_name(name), "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "", "-a", "a-", "A", "a_b", "a.b", "a b", "é", "a\n", "a/b", &long,
        ] {
            assert!(!is_query_name(name), "{name:?}");
        }
    }

    #[test]
    fn parameters_are_named_as_identifiers() {
        for name in ["a", "_", "maxAge", "x1"] {
            assert!(is_parameter_name(name), "{name}");
        }
        for name in ["", "1x", "max-age", "a.b", "é", "a\n"] {
            assert!(!is_parameter_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_name_is_made_of_what_is_none() {
        for (text, near) in [
            ("Stale Images!", Some("stale-images")),
            ("a.yaml", Some("a-yaml")),
            ("日本", None),
            ("", None),
        ] {
            assert_eq!(near_query_name(text).as_deref(), near, "{text}");
        }
        let cut = near_query_name(&"a".repeat(64));
        assert_eq!(cut, Some("a".repeat(63)));
        let words = near_query_name(&"word ".repeat(20));
        assert!(words.is_some_and(|name| is_query_name(&name)));
    }
}
