//! Values as bytes that are equal exactly if the values are.

use super::Value;

/// Bytes of which two are the same if and only if [`equal`](super::equal) finds the values the same: for sets of
/// values. They take about as much room as the value written out.
pub fn identity(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

/// A letter for the type, and what cannot be taken for the start of anything else.
fn write(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(b'n'),
        Value::Bool(truth) => bytes.push(if *truth { b't' } else { b'f' }),
        Value::Int(number) => write_int(*number, bytes),
        Value::Float(number) => match whole(*number) {
            Some(number) => write_int(number, bytes),
            None => {
                bytes.push(b'd');
                bytes.extend(number.to_bits().to_be_bytes());
            }
        },
        Value::Text(text) => write_text(text, bytes),
        Value::List(list) => {
            write_length(b'l', list.items.len(), bytes);
            list.items.iter().for_each(|item| write(item, bytes));
        }
        Value::Map(map) => {
            write_length(b'm', map.entries.len(), bytes);
            let mut entries: Vec<_> = map.entries.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, value) in entries {
                write_text(key, bytes);
                write(value, bytes);
            }
        }
    }
}

/// The whole number that a float is, if it is one: `1` and `1.0` are the same. Beyond this range no integer of ours
/// is equal to it.
fn whole(number: f64) -> Option<i128> {
    let is_whole = number.fract() == 0.0 && number.abs() <= u64::MAX as f64;
    is_whole.then_some(number as i128)
}

fn write_int(number: i128, bytes: &mut Vec<u8>) {
    bytes.push(b'i');
    bytes.extend(number.to_be_bytes());
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    write_length(b's', text.len(), bytes);
    bytes.extend(text.as_bytes());
}

fn write_length(kind: u8, length: usize, bytes: &mut Vec<u8>) {
    bytes.push(kind);
    bytes.extend((length as u64).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{equal, parse_json};
    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop::sample::select(vec![
            "null",
            "true",
            "false",
            "0",
            "-0.0",
            "1",
            "1.0",
            "1.5",
            "1e30",
            "9007199254740993",
            "9007199254740992.0",
            "18446744073709551615",
            "18446744073709551616.0",
            "\"\"",
            "\"a\"",
            "\"1\"",
            "[]",
            "{}",
        ]);
        let leaf = leaf.prop_map(|text| parse_json(text.as_bytes()).unwrap());
        leaf.prop_recursive(3, 12, 3, |inner| {
            let keys = prop::sample::select(vec!["a", "b", ""]);
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::list),
                prop::collection::vec((keys, inner), 0..3).prop_map(|entries| {
                    Value::map(entries.into_iter().map(|(key, value)| (key.into(), value)))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_are_equal_if_and_only_if_their_bytes_are(left in values(), right in values()) {
            prop_assert_eq!(identity(&left) == identity(&right), equal(&left, &right));
        }
    }
}
