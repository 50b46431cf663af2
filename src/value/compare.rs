//! Equality and order of values (design: deep equality, one total order, null last).

use std::cmp::Ordering;

use super::Value;

/// Tells whether two values are the same: numbers by amount, lists by element, maps whatever the
/// order of their keys.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            std::sync::Arc::ptr_eq(a, b)
                || (a.items.len() == b.items.len()
                    && a.items.iter().zip(&b.items).all(|(x, y)| equal(x, y)))
        }
        (Value::Map(a), Value::Map(b)) => {
            std::sync::Arc::ptr_eq(a, b)
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
        (Value::Map(a), Value::Map(b)) => a
            .entries
            .iter()
            .map(|(key, value)| (key.as_bytes(), value))
            .zip(b.entries.iter().map(|(key, value)| (key.as_bytes(), value)))
            .map(|((ka, a), (kb, b))| ka.cmp(kb).then_with(|| order(a, b)))
            .find(|found| found.is_ne())
            .unwrap_or_else(|| a.entries.len().cmp(&b.entries.len())),
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
    use super::super::parse_json;
    use super::*;

    fn json(text: &str) -> Value {
        parse_json(text.as_bytes()).expect("a test's JSON is valid")
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
