//! Which names an expression may read that looks at the document of a result: what `-o json` prints.

use super::bound::BoundQuery;
use super::scope::ERROR;
use crate::expr::{Known, Scope};
use crate::fields::Type;

/// The names of a document.
#[derive(Debug, Clone)]
pub struct DocumentNames {
    names: Vec<(&'static str, Type)>,
    /// What each of its `items` has: the columns of a row, or the names of one of several results.
    items: Vec<(String, Type)>,
}

/// An assert in a document.
const ASSERT: Type = Type::Record(&[("message", Type::Text), ("holds", Type::Boolean)]);

/// Where a row says why it is incomplete.
const ROW_ERROR: &str = "_error";

impl DocumentNames {
    /// The names of the document that these queries give.
    pub fn of<'a>(queries: impl ExactSizeIterator<Item = &'a BoundQuery>) -> Self {
        let is_one = queries.len() == 1;
        let mut results: Vec<Self> = queries.map(Self::of_one).collect();
        match results.pop() {
            Some(result) if is_one => result,
            last => Self::of_several(results.into_iter().chain(last)),
        }
    }

    fn of_one(query: &BoundQuery) -> Self {
        let mut names = vec![
            ("apiVersion", Type::Text),
            ("kind", Type::Text),
            ("query", Type::Text),
            ("items", Type::List(&Type::Map(&Type::Any))),
            ("gone", Type::Integer),
            ("errors", Type::List(&ERROR)),
            ("complete", Type::Boolean),
        ];
        if !query.asserts.is_empty() {
            names.push(("asserts", Type::List(&ASSERT)));
        }
        let shown = query.columns.iter().filter(|column| column.shown);
        let columns = shown.map(|column| (column.heading.name.clone(), column.kind));
        Self {
            names,
            items: columns
                .chain([(ROW_ERROR.to_owned(), Type::Text)])
                .collect(),
        }
    }

    /// A list of results, each with the names that any of them has.
    fn of_several(results: impl Iterator<Item = Self>) -> Self {
        let mut items: Vec<(String, Type)> = Vec::new();
        for (name, kind) in results.flat_map(|result| result.names) {
            if items.iter().all(|(known, _)| known != name) {
                items.push((name.to_owned(), kind));
            }
        }
        Self {
            names: vec![
                ("apiVersion", Type::Text),
                ("kind", Type::Text),
                ("items", Type::List(&Type::Map(&Type::Any))),
            ],
            items,
        }
    }
}

impl Scope for DocumentNames {
    fn type_of(&self, name: &str) -> Option<Type> {
        let found = self.names.iter().find(|(known, _)| *known == name);
        found.map(|(_, kind)| *kind)
    }

    fn known(&self, name: &str) -> Option<Known> {
        if name != "items" {
            return self.type_of(name).map(Known::Is);
        }
        let items = self.items.iter();
        let members = items.map(|(name, kind)| (name.clone(), Known::Is(*kind)));
        Some(Known::Rows(members.collect()))
    }

    fn names(&self) -> Vec<&str> {
        self.names.iter().map(|(name, _)| *name).collect()
    }

    fn describe(&self) -> String {
        "the document of `-o json` has no such member".to_owned()
    }

    fn is_fetched(&self) -> bool {
        false
    }

    fn elsewhere(&self, name: &str) -> Option<String> {
        let is_member = self.items.iter().any(|(known, _)| known == name);
        is_member.then(|| format!("each of the items has it: `items[].{name}`"))
    }

    fn listed(&self) -> Option<String> {
        Some(format!("the document has `{}`", self.names().join("`, `")))
    }
}
