//! The parts of a query that flags give: `--columns` and `--sort-by`.
//!
//! The flag's text is its own source, so a mistake is shown under the character, as in a file.

use super::column::{check_name, duplicates, named_by_field, sort_key as read_key, trimmed};
use super::parameters::partition;
use super::{Column, Located, SortKey};
use crate::diagnostic::{Diagnostic, Passage};
use crate::yaml::outside;

/// Reads `NAME:EXPR,NAME:EXPR`, split at commas outside brackets and quotes. An item without `NAME:` is the path
/// of a field, which names the column in capitals.
///
/// Errors: empty items, items that need a name, names that are reserved or there twice; all of them together.
pub fn columns(passage: &Passage) -> Result<Vec<Column>, Vec<Diagnostic>> {
    let text = passage.text();
    let commas = outside(text).filter(|(_, c)| *c == ',').map(|(at, _)| at);
    let mut start = 0;
    let mut items = Vec::new();
    for comma in commas.chain([text.len()]) {
        items.push(column(passage, start..comma));
        start = comma + 1;
    }
    let (columns, mut findings) = partition(items.into_iter());
    findings.extend(duplicates(&columns));
    if findings.is_empty() {
        Ok(columns)
    } else {
        Err(findings)
    }
}

/// Reads `[-]EXPR`.
///
/// Errors: nothing to sort by.
pub fn sort_key(text: &str) -> Result<SortKey, Diagnostic> {
    read_key(&Passage::flag("--sort-by", text))
}

fn column(passage: &Passage, range: std::ops::Range<usize>) -> Result<Column, Diagnostic> {
    let item = trimmed(passage, range.clone());
    if item.text().is_empty() {
        let place = passage.place_of(range);
        return Err(Diagnostic::error("a column is empty")
            .at(&place, "")
            .hint("columns are written `NAME:EXPRESSION,NAME:EXPRESSION`"));
    }
    let colon = outside(item.text())
        .find(|(_, c)| *c == ':')
        .map(|(at, _)| at);
    let Some(colon) = colon else {
        return named_by_field(&item).ok_or_else(|| nameless(&item));
    };
    let name = trimmed(&item, 0..colon);
    let name = Located {
        value: name.text().to_owned(),
        place: if name.text().is_empty() {
            item.place()
        } else {
            name.place()
        },
    };
    let expression = trimmed(&item, colon + 1..item.text().len());
    if expression.text().is_empty() {
        let message = format!("the column `{}` has no expression", name.value);
        return Err(Diagnostic::error(message).at(&name.place, ""));
    }
    match check_name(&name) {
        Some(finding) => Err(finding),
        None => Ok(Column::plain(name, expression)),
    }
}

fn nameless(item: &Passage) -> Diagnostic {
    Diagnostic::error("this column needs a name, as it is more than a field")
        .at(&item.place(), "")
        .hint(format!("write `NAME:{}`", item.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Result<Vec<Column>, Vec<Diagnostic>> {
        super::columns(&Passage::flag("--columns", text))
    }

    fn read(text: &str) -> Vec<(String, String)> {
        let pair = |column: Column| (column.name.value, column.expression.text().to_owned());
        columns(text).expect(text).into_iter().map(pair).collect()
    }

    #[test]
    fn columns_split_outside_brackets_and_quotes() {
        for (text, pairs) in [
            ("TAG:tag,SIZE:size", vec![("TAG", "tag"), ("SIZE", "size")]),
            (
                "tag, layer.size",
                vec![("TAG", "tag"), ("SIZE", "layer.size")],
            ),
            (
                "A:join(', ', x),B:`[1,2]`",
                vec![("A", "join(', ', x)"), ("B", "`[1,2]`")],
            ),
            (
                "CREATED BY: layer.created_by",
                vec![("CREATED BY", "layer.created_by")],
            ),
            (
                "A:tags[].{n: name, m: x}",
                vec![("A", "tags[].{n: name, m: x}")],
            ),
            ("A:x[0:2]", vec![("A", "x[0:2]")]),
            ("A:labels.\"a:b\"", vec![("A", "labels.\"a:b\"")]),
        ] {
            let pairs: Vec<(String, String)> = pairs
                .iter()
                .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
                .collect();
            assert_eq!(read(text), pairs);
        }
    }

    #[test]
    fn mistakes_are_shown_at_their_place() {
        for (text, message, at) in [
            ("TAG:tag,,X:x", "a column is empty", 8),
            ("TAG:tag,", "a column is empty", 8),
            ("", "a column is empty", 0),
            (
                "x[0:2]",
                "this column needs a name, as it is more than a field",
                0,
            ),
            (
                "a, size(x)",
                "this column needs a name, as it is more than a field",
                3,
            ),
            ("A:", "the column `A` has no expression", 0),
            (":x", "a column needs a name", 0),
            ("count:x", "`count` is reserved and cannot name a column", 0),
            ("a,A:b", "two columns are named `A`", 2),
        ] {
            let findings = columns(text).unwrap_err();
            assert_eq!(findings[0].message, message, "{text}");
            assert_eq!(findings[0].labels[0].place.start, at, "{text}");
        }
    }

    #[test]
    fn an_expression_knows_its_place() {
        let columns = columns("A:a, B: b == c").unwrap();
        let place = columns[1].expression.place_of(5..6);
        assert_eq!((place.text(), place.start), ("c", 13));
    }

    #[test]
    fn sort_keys() {
        assert!(sort_key("-SIZE").unwrap().descending);
        assert!(sort_key("").is_err());
    }
}
