//! The rules for columns that files and flags share: names, and fields that name their column themselves.

use super::{Column, Located, SortKey};
use crate::diagnostic::{Diagnostic, Passage};
use crate::yaml::outside;

/// Names that mean something else where a column's name can be used, and the mark of a row in `-o json`.
pub(super) const RESERVED: [&str; 7] = [
    "rows", "count", "errors", "params", "with", "rank", "_error",
];
/// Where the cells of a column may stand.
pub(super) const ALIGNMENTS: [&str; 2] = ["left", "right"];

/// Checks a column's name by itself.
pub(super) fn check_name(name: &Located<String>) -> Option<Diagnostic> {
    check("column", name)
}

/// Checks the name of a key of `groupBy`, which can be the name of a column too.
pub(super) fn check_key_name(name: &Located<String>) -> Option<Diagnostic> {
    check("key", name)
}

fn check(what: &str, name: &Located<String>) -> Option<Diagnostic> {
    let text = &name.value;
    if text.trim().is_empty() {
        return Some(Diagnostic::error(format!("a {what} needs a name")).at(&name.place, ""));
    }
    if !RESERVED.contains(&text.as_str()) {
        return None;
    }
    let finding = Diagnostic::error(format!("`{text}` is reserved and cannot name a {what}"));
    Some(
        finding
            .at(&name.place, "")
            .hint(format!("in capitals it can: `{}`", text.to_uppercase())),
    )
}

/// Finds columns of one name; duplicate keys of a map have been found before.
pub(super) fn duplicates(columns: &[Column]) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashMap::new();
    let again = columns.iter().filter_map(|column| {
        let name = &column.name;
        let first = seen.insert(&name.value, name)?;
        let finding = Diagnostic::error(format!("two columns are named `{}`", name.value))
            .at(&name.place, "the second")
            .at(&first.place, "the first");
        Some(finding.hint("a column gets a name of its own by `NAME: expression`"))
    });
    again.collect()
}

/// Makes a column of a field's path, named by its last part in capitals. None if it is more than a path.
pub(super) fn named_by_field(passage: &Passage) -> Option<Column> {
    let name = last_part(passage.text())?;
    let name = Located {
        value: name.to_uppercase(),
        place: passage.place(),
    };
    Some(Column::plain(name, passage.clone()))
}

/// The last part of a path such as `created`, `layer.size` or `labels."org.x"`.
pub(super) fn last_part(path: &str) -> Option<String> {
    let dots = outside(path).filter(|(_, c)| *c == '.').map(|(at, _)| at);
    let mut start = 0;
    let mut parts = Vec::new();
    for dot in dots.chain([path.len()]) {
        parts.push(part(&path[start..dot])?);
        start = dot + 1;
    }
    parts.pop()
}

/// An identifier of JMESPath: a word, or anything in double quotes without escapes.
fn part(text: &str) -> Option<String> {
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let is_word = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match quoted {
        Some(inner) if !inner.is_empty() && !inner.contains(['"', '\\']) => Some(inner.to_owned()),
        None if is_word => Some(text.to_owned()),
        _ => None,
    }
}

impl Column {
    /// A column with nothing but a name and an expression.
    pub(super) fn plain(name: Located<String>, expression: Passage) -> Self {
        Self {
            name,
            expression,
            format: None,
            align: None,
            wide: false,
        }
    }
}

/// Reads `[-]EXPR`.
pub(super) fn sort_key(passage: &Passage) -> Result<SortKey, Diagnostic> {
    let text = passage.text();
    let descending = text.trim_start().starts_with('-');
    let start = match descending {
        true => text.find('-').map_or(0, |dash| dash + 1),
        false => 0,
    };
    let expression = trimmed(passage, start..text.len());
    if expression.text().is_empty() {
        return Err(Diagnostic::error("a sort key is empty")
            .at(&passage.place(), "")
            .hint("a key is an expression; a `-` before it puts the largest first"));
    }
    Ok(SortKey {
        descending,
        expression,
    })
}

/// A stretch of a passage without the blanks around it.
pub(super) fn trimmed(passage: &Passage, range: std::ops::Range<usize>) -> Passage {
    let text = &passage.text()[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    passage.slice(start..start + text.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_names_its_column_by_its_last_part() {
        for (path, name) in [
            ("created", Some("CREATED")),
            ("layer.created_by", Some("CREATED_BY")),
            ("labels.\"org.x\"", Some("ORG.X")),
            ("_a.b1", Some("B1")),
            ("a[0]", None),
            ("f(a)", None),
            ("a.", None),
            ("a b", None),
            ("", None),
            ("a.\"\"", None),
            ("a || b", None),
            ("1a", None),
        ] {
            assert_eq!(
                last_part(path).map(|name| name.to_uppercase()).as_deref(),
                name,
                "{path}"
            );
        }
    }

    #[test]
    fn a_dash_turns_the_order() {
        let key = |text| sort_key(&Passage::flag("--sort-by", text));
        let size = key("- SIZE").unwrap();
        assert!(size.descending);
        assert_eq!(
            (size.expression.text(), size.expression.place().start),
            ("SIZE", 2)
        );
        assert!(!key("a-b").unwrap().descending);
        assert_eq!(key("-").unwrap_err().message, "a sort key is empty");
        assert_eq!(key(" ").unwrap_err().message, "a sort key is empty");
    }
}
