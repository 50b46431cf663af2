//! Order: stable, total, nulls last in both directions.

use std::cmp::Ordering;

use super::{Clause, Columns, Outcome, ReadBy, RunError, Session, Subject};
use crate::value::{Value, order};

/// One entry of `sortBy`.
#[derive(Debug, Clone)]
pub struct SortKey {
    /// What is compared.
    pub clause: Clause,
    /// Largest first.
    pub descending: bool,
}

/// What a row is sorted by: one value per entry of `sortBy`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SortKeys {
    values: Vec<Value>,
    /// Whether any of them could not be had; it then counts as null.
    pub unknown: bool,
}

impl SortKeys {
    /// Evaluates the keys on a row whose needed fields were asked.
    ///
    /// Errors: an exhausted budget.
    pub fn of(
        keys: &[SortKey],
        subject: &mut dyn Subject,
        columns: &Columns,
        session: &Session,
    ) -> Result<Self, RunError> {
        let mut found = Self {
            values: Vec::with_capacity(keys.len()),
            unknown: false,
        };
        for key in keys {
            match key
                .clause
                .evaluate(subject, columns, session, ReadBy::Place)?
            {
                Outcome::Value(value) => found.values.push(value),
                Outcome::Unknown => {
                    found.unknown = true;
                    found.values.push(Value::Null);
                }
            }
        }
        Ok(found)
    }
}

impl SortKeys {
    /// Which comes first; equal where natural order decides.
    pub fn compare(&self, other: &Self, keys: &[SortKey]) -> Ordering {
        keys.iter()
            .zip(self.values.iter().zip(&other.values))
            .map(|(key, (a, b))| compare(a, b, key.descending))
            .find(|found| found.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

/// Sorts rows that stand in natural order.
pub fn sort<T>(rows: &mut [(SortKeys, T)], keys: &[SortKey]) {
    rows.sort_by(|(left, _), (right, _)| left.compare(right, keys));
}

fn compare(left: &Value, right: &Value, descending: bool) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (false, false) if descending => order(right, left),
        _ => order(left, right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_come_last_in_both_directions() {
        let one = Value::from(1u64);
        for descending in [false, true] {
            assert_eq!(compare(&one, &Value::Null, descending), Ordering::Less);
            assert_eq!(compare(&Value::Null, &one, descending), Ordering::Greater);
        }
        let two = Value::from(2u64);
        assert_eq!(compare(&one, &two, true), Ordering::Greater);
    }
}
