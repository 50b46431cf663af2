//! Equality and order of values (design: deep equality, one total order, null last).

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Map, Value};

/// Tells whether two values are the same: numbers by amount, lists by element, maps whatever the
/// order of their keys.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            Arc::ptr_eq(a, b)
                || (a.items.len() == b.items.len()
                    && a.items.iter().zip(&b.items).all(|(x, y)| equal(x, y)))
        }
        (Value::Map(a), Value::Map(b)) => {
            Arc::ptr_eq(a, b)
                || (a.entries.len() == b.entries.len()
                    && a.entries
                        .iter()
                        .all(|(key, x)| b.entries.get(key).is_some_and(|y| equal(x, y))))
        }
        _ => numbers(left, right) == Some(Ordering::Equal),
    }
}

/// Compares two values: false < true < numbers < texts by bytes < lists < maps < null.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::List(a), Value::List(b)) => lists(&a.items, &b.items),
        (Value::Map(a), Value::Map(b)) => maps(a, b),
        _ => numbers(left, right).unwrap_or_else(|| rank(left).cmp(&rank(right))),
    }
}

fn lists(left: &[Value], right: &[Value]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(a, b)| order(a, b))
        .find(|found| found.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

/// By their entries in the order of the keys: what is equal stands in the same place.
fn maps(left: &Map, right: &Map) -> Ordering {
    let sorted = |map: &Map| {
        let entries = map.entries.iter();
        let mut entries: Vec<(Arc<str>, Value)> = entries
            .map(|(key, value)| (Arc::clone(key), value.clone()))
            .collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        entries
    };
    let (left, right) = (sorted(left), sorted(right));
    left.iter()
        .zip(&right)
        .map(|((ka, a), (kb, b))| ka.cmp(kb).then_with(|| order(a, b)))
        .find(|found| found.is_ne())
        .unwrap_or_else(|| left.len().cmp(&right.len()))
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Int(_) | Value::Float(_) => 1,
        Value::Text(_) => 2,
        Value::List(_) => 3,
        Value::Map(_) => 4,
        Value::Null => 5,
    }
}

fn numbers(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => Some(int_with_float(*a, *b)),
        (Value::Float(a), Value::Int(b)) => Some(int_with_float(*b, *a).reverse()),
        _ => None,
    }
}

/// Compares without rounding the integer: 2^53+1 is not 2^53, whatever a float can hold.
fn int_with_float(int: i128, float: f64) -> Ordering {
    let floor = float.floor();
    match int.cmp(&(floor as i128)) {
        Ordering::Equal if float > floor => Ordering::Less,
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::parse_json;
    use super::*;

    fn json(text: &str) -> Value {
        parse_json(text.as_bytes()).expect("a test's JSON is valid")
    }

    /// Values of every kind, few enough to be equal now and then.
    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop::sample::select(vec![
            "null",
            "false",
            "true",
            "0",
            "1",
            "1.0",
            "-1",
            "1.5",
            "9007199254740993",
            "9007199254740992.0",
            "\"\"",
            "\"a\"",
            "\"B\"",
        ]);
        leaf.prop_map(json).prop_recursive(3, 12, 3, |inner| {
            let entries = prop::collection::vec(
                (prop::sample::select(vec!["a", "b", "c"]), inner.clone()),
                0..3,
            );
            prop_oneof![
                prop::collection::vec(inner, 0..3).prop_map(Value::list),
                entries.prop_map(|entries| {
                    Value::map(entries.into_iter().map(|(key, value)| (key.into(), value)))
                }),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_order_is_total_and_agrees_with_equality(a in values(), b in values(), c in values()) {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &b).is_eq(), equal(&a, &b), "{:?} {:?}", a, b);
            if order(&a, &b).is_le() && order(&b, &c).is_le() {
                prop_assert!(order(&a, &c).is_le());
            }
        }
    }

    #[test]
    fn the_total_order_of_the_contract() {
        let sorted = [
            "false",
            "true",
            "-1",
            "0",
            "1.5",
            "2",
            "\"\"",
            "\"B\"",
            "\"a\"",
            "[]",
            "[1]",
            "[1,2]",
            "{}",
            "{\"a\":1}",
            "null",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(order(&json(a), &json(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn integers_are_exact() {
        assert!(!equal(&json("9007199254740993"), &json("9007199254740992")));
        assert!(equal(&json("1"), &json("1.0")));
        assert!(!equal(
            &json("9007199254740993"),
            &json("9007199254740992.0")
        ));
        assert_eq!(
            order(&json("18446744073709551615"), &json("1e30")),
            Ordering::Less
        );
    }

    #[test]
    fn key_order_does_not_matter_for_equality() {
        assert!(equal(
            &json(r#"{"a":1,"b":[2]}"#),
            &json(r#"{"b":[2],"a":1}"#)
        ));
        assert!(!equal(&json(r#"{"a":1}"#), &json(r#"{"a":1,"b":null}"#)));
    }
}
