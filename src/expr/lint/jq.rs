//! What jq calls a thing, and what does it here: the other language that people ask JSON with.

/// Functions of jq that are none of ours, and what does it.
const FUNCTIONS: [(&[&str], &str); 18] = [
    (
        &["select"],
        "jq's `select(CONDITION)` is a filter of a list here: `layers[?size > `1000`]`; rows are kept by `where`",
    ),
    (
        &["test"],
        "jq's `test` is `regex_match(text, 'EXPRESSION')`",
    ),
    (
        &["match", "capture", "scan"],
        "a part of a text is taken out by `regex_capture(text, 'EXPRESSION')`",
    ),
    (&["startswith"], "it is called `starts_with`"),
    (&["endswith"], "it is called `ends_with`"),
    (
        &["ltrimstr", "rtrimstr", "gsub"],
        "a part of a text is replaced by `replace(text, 'OLD', 'NEW')`",
    ),
    (&["ascii_downcase"], "it is called `lower`"),
    (&["ascii_upcase"], "it is called `upper`"),
    (&["tonumber"], "it is called `to_number`"),
    (&["tostring"], "it is called `to_string`"),
    (&["fromjson"], "it is called `parse_json`"),
    (
        &["to_entries"],
        "it is called `items`: pairs of key and value",
    ),
    (
        &["from_entries"],
        "it is called `from_items`, and takes pairs of key and value",
    ),
    (
        &["group_by"],
        "rows are grouped by `groupBy` of the query; `count_by(list, &KEY)` and `sum_by(list, &NUMBER)` count and add up",
    ),
    (
        &["has"],
        "whether there is a key: `contains(keys(labels), 'KEY')`",
    ),
    (
        &["any", "all"],
        "whether any holds: `length(list[?CONDITION]) > `0``",
    ),
    (&["not"], "it is written `!(CONDITION)`"),
    (
        &[
            "fromdate",
            "fromdateiso8601",
            "todate",
            "strptime",
            "strftime",
        ],
        "times are compared by `older_than`, `before` and `after`, written by `date(time, '%Y-%m-%d')`, and made a number by `epoch(time)`",
    ),
];

/// Functions that jq pipes a value into by their name alone, and that take it as an argument here.
const PIPED: [&str; 13] = [
    "length", "keys", "values", "sort", "reverse", "unique", "max", "min", "sum", "type", "floor",
    "ceil", "abs",
];

/// What does the work of a function of jq's.
pub(super) fn of_function(name: &str) -> Option<&'static str> {
    let known = FUNCTIONS.iter().find(|(names, _)| names.contains(&name));
    known.map(|(_, hint)| *hint)
}

/// What is meant by a bare name after `|`, if it is a function.
pub(super) fn of_piped(name: &str) -> Option<String> {
    let is_ours = PIPED.contains(&name);
    is_ours.then(|| format!("jq's `| {name}` is `| {name}(@)` here"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::functions;

    #[test]
    fn what_is_ours_is_not_taken_for_jqs() {
        let ours: Vec<&str> = functions::all().map(|function| function.name).collect();
        for name in FUNCTIONS.iter().flat_map(|(names, _)| *names) {
            assert!(!ours.contains(name), "{name}");
        }
        for name in PIPED {
            assert!(ours.contains(&name), "{name}");
        }
    }

    #[test]
    fn every_function_that_a_hint_names_is_ours() {
        let ours: Vec<&str> = functions::all().map(|function| function.name).collect();
        for (names, hint) in FUNCTIONS {
            let words = hint.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let called = words.filter(|word| word.contains('_') || *word == "lower");
            for word in called.filter(|word| !names.contains(word)) {
                assert!(ours.contains(&word), "{word}: {hint}");
            }
        }
    }
}
