//! Pages of a listing as one document: lists are joined, be they the pages themselves or what stands in them.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::value::Value;

/// Joins pages. Where they are of different kinds, or no lists, the first one stands for all.
pub(super) fn merged(pages: &[Value]) -> Value {
    // A list without elements is `null` to some registries.
    let pages: Vec<&Value> = pages.iter().filter(|page| !page.is_null()).collect();
    match pages.first() {
        None => Value::Null,
        Some(Value::List(_)) => {
            let lists = pages.into_iter().filter_map(Value::as_list);
            Value::from(lists.flatten().cloned().collect::<Vec<Value>>())
        }
        Some(Value::Map(_)) => {
            let mut members: IndexMap<Arc<str>, Vec<Value>> = IndexMap::new();
            let entries = pages.into_iter().filter_map(Value::as_map).flatten();
            for (key, value) in entries {
                let member = members.entry(Arc::clone(key)).or_default();
                member.push(value.clone());
            }
            Value::map(
                members
                    .into_iter()
                    .map(|(key, values)| (key, merged(&values))),
            )
        }
        Some(first) => Value::clone(first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{JsonStyle, parse_json, to_json};

    #[test]
    fn pages_become_one_document() {
        for (before, page, expected) in [
            ("[1,2]", "[3]", "[1,2,3]"),
            (
                r#"{"repositories":["a"]}"#,
                r#"{"repositories":["b","c"]}"#,
                r#"{"repositories":["a","b","c"]}"#,
            ),
            (
                r#"{"name":"x","tags":["1"]}"#,
                r#"{"name":"y","tags":["2"],"more":true}"#,
                r#"{"name":"x","tags":["1","2"],"more":true}"#,
            ),
            (r#"{"tags":null}"#, r#"{"tags":["1"]}"#, r#"{"tags":["1"]}"#),
            (r#"{"tags":["1"]}"#, r#"{"tags":null}"#, r#"{"tags":["1"]}"#),
            (
                r#"{"a":{"b":[1]}}"#,
                r#"{"a":{"b":[2]}}"#,
                r#"{"a":{"b":[1,2]}}"#,
            ),
            ("[1]", "{}", "[1]"),
        ] {
            let read = |text: &str| parse_json(text.as_bytes()).unwrap();
            let merged = merged(&[read(before), read(page)]);
            assert_eq!(to_json(&merged, JsonStyle::Compact), expected);
        }
    }
}
