//! Which values are the same: groups and ranks are kept by it.
//!
//! The same are what `==` calls so: numbers by amount, maps whatever the order of their keys. What could not be had is
//! the same as itself and as nothing else, not even as null.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Outcome;
use crate::value::{Value, order};

/// Values that something is kept by.
#[derive(Debug, Clone)]
struct Identity(Vec<Option<Value>>);

impl Identity {
    fn of(outcomes: &[Outcome]) -> Self {
        let value = |outcome: &Outcome| match outcome {
            Outcome::Value(value) => Some(sorted(value)),
            Outcome::Unknown => None,
        };
        Self(outcomes.iter().map(value).collect())
    }
}

/// The value with the keys of its maps in order, so that maps which are equal are equal in order too.
fn sorted(value: &Value) -> Value {
    if let Some(items) = value.as_list() {
        return Value::list(items.iter().map(sorted).collect());
    }
    let Some(entries) = value.as_map() else {
        return value.clone();
    };
    let entries = entries.iter();
    let mut entries: Vec<(Arc<str>, Value)> = entries
        .map(|(key, value)| (Arc::clone(key), sorted(value)))
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::map(entries)
}

impl Ord for Identity {
    fn cmp(&self, other: &Self) -> Ordering {
        let compare = |pair: (&Option<Value>, &Option<Value>)| match pair {
            (Some(a), Some(b)) => order(a, b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        let mut found = self.0.iter().zip(&other.0).map(compare);
        found.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for Identity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Identity {}

/// Puts together what has the same keys, in the order of the first of each.
pub fn group<T>(
    things: impl IntoIterator<Item = (Vec<Outcome>, T)>,
) -> Vec<(Vec<Outcome>, Vec<T>)> {
    let mut places: BTreeMap<Identity, usize> = BTreeMap::new();
    let mut groups: Vec<(Vec<Outcome>, Vec<T>)> = Vec::new();
    for (keys, thing) in things {
        let place = *places.entry(Identity::of(&keys)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, members)) => members.push(thing),
            None => groups.push((keys, vec![thing])),
        }
    }
    groups
}

/// Counts 1, 2, 3 within each value.
#[derive(Debug, Default)]
pub struct Ranks(BTreeMap<Identity, u64>);

impl Ranks {
    /// The next rank within a value; without one, all are counted together.
    pub fn next(&mut self, within: Option<Outcome>) -> u64 {
        let within: Vec<Outcome> = within.into_iter().collect();
        let count = self.0.entry(Identity::of(&within)).or_default();
        *count += 1;
        *count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_json;

    fn known(json: &str) -> Outcome {
        Outcome::Value(parse_json(json.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_equal_is_in_one_group_and_unknown_is_by_itself() {
        let keys = [
            known("1"),
            known("null"),
            known("1.0"),
            Outcome::Unknown,
            known(r#"{"a":[{"x":1,"y":2}],"b":1}"#),
            known(r#"{"b":1,"a":[{"y":2,"x":1.0}]}"#),
            known("\"1\""),
            Outcome::Unknown,
            known("null"),
        ];
        let things = keys.into_iter().enumerate();
        let groups = group(things.map(|(at, key)| (vec![key], at)));
        let members: Vec<Vec<usize>> = groups.into_iter().map(|(_, members)| members).collect();
        assert_eq!(
            members,
            [vec![0, 2], vec![1, 8], vec![3, 7], vec![4, 5], vec![6]]
        );
    }

    #[test]
    fn without_keys_there_is_one_group() {
        let groups = group([(Vec::new(), 'a'), (Vec::new(), 'b')]);
        assert_eq!(groups, [(Vec::new(), vec!['a', 'b'])]);
    }

    #[test]
    fn ranks_count_within_each_value() {
        let mut ranks = Ranks::default();
        let within = ["1", "2", "1", "1", "2"];
        let found = within.map(|value| ranks.next(Some(known(value))));
        assert_eq!(found, [1, 1, 2, 3, 2]);
        let mut all = Ranks::default();
        assert_eq!([all.next(None), all.next(None)], [1, 2]);
    }
}
