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
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Passage;
    use crate::expr::Expr;

    fn key(descending: bool) -> SortKey {
        let clause = Clause {
            expr: Expr::compile(Passage::flag("test", "tag")).expect("a name is an expression"),
            fields: Vec::new(),
            keys: Vec::new(),
            members: None,
            rank: false,
            columns: Vec::new(),
            with: Vec::new(),
            needs: crate::fields::FieldSet::EMPTY,
        };
        SortKey { clause, descending }
    }

    proptest! {
        #[test]
        fn equal_keys_keep_their_order_and_nulls_come_last(
            values in prop::collection::vec(prop::option::of((0..3_u64, 0..2_u64)), 0..20),
            descending in any::<bool>(),
        ) {
            let keys = [key(descending), key(!descending)];
            let row = |(at, value): (usize, &Option<(u64, u64)>)| {
                let (a, b) = value.map_or((None, None), |(a, b)| (Some(a), Some(b)));
                let values = [a, b].map(Value::from).into();
                (SortKeys { values, unknown: false }, (at, *value))
            };
            let mut rows: Vec<_> = values.iter().enumerate().map(row).collect();
            sort(&mut rows, &keys);
            for pair in rows.windows(2) {
                let ((_, (left, a)), (_, (right, b))) = (&pair[0], &pair[1]);
                match (a, b) {
                    (Some(a), Some(b)) if a == b => prop_assert!(left < right),
                    (Some(a), Some(b)) => {
                        let (first, second) = (a.0.cmp(&b.0), a.1.cmp(&b.1).reverse());
                        let found = first.then(second);
                        let found = if descending { found.reverse() } else { found };
                        prop_assert!(found.is_lt());
                    }
                    (None, None) => prop_assert!(left < right),
                    (None, Some(_)) => prop_assert!(false, "null before a value"),
                    (Some(_), None) => {}
                }
            }
        }
    }

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
