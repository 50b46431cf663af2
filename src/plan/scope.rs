//! Which names an expression may read where it stands.

use crate::expr::Scope;
use crate::fields::{self, Field, FieldId, Resource, Type};

/// The names in scope: a resource's fields, the columns before, and `params`; or what an assert sees.
#[derive(Debug, Clone)]
pub(super) struct Names {
    resource: Resource,
    view: View,
    columns: Vec<(String, Type)>,
    /// Every column that the query writes, those to come too.
    written: Vec<String>,
}

/// What an expression looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// A row of the resource, and the columns so far.
    Row,
    /// The result: what asserts see.
    Result,
}

/// An error, as asserts see it.
const ERROR: Type = Type::Record(&[
    ("registry", Type::Text),
    ("repository", Type::Text),
    ("tag", Type::Text),
    ("field", Type::Text),
    ("code", Type::Text),
    ("message", Type::Text),
]);

/// What an assert sees besides `params`. The type of `rows` is that of their columns.
const RESULT: [(&str, Type); 3] = [
    ("rows", Type::List(&Type::Any)),
    ("count", Type::Integer),
    ("errors", Type::List(&ERROR)),
];

impl Names {
    /// The fields of a resource.
    pub(super) fn new(resource: Resource) -> Self {
        Self {
            resource,
            view: View::Row,
            columns: Vec::new(),
            written: Vec::new(),
        }
    }

    /// The names that asserts see, once all columns were added.
    pub(super) fn of_result(&self) -> Self {
        Self {
            view: View::Result,
            ..self.clone()
        }
    }

    /// Tells of columns that are added later, so that a message can say so.
    pub(super) fn announce<'a>(&mut self, columns: impl Iterator<Item = &'a str>) {
        self.written.extend(columns.map(str::to_owned));
    }

    /// Adds a column, which hides a field of its name.
    pub(super) fn add_column(&mut self, name: &str, kind: Type) {
        self.columns.push((name.to_owned(), kind));
    }

    /// The resource's field of that name, hidden or not.
    pub(super) fn field(&self, name: &str) -> Option<(FieldId, &'static Field)> {
        match self.view {
            View::Row => fields::lookup(self.resource, name),
            View::Result => None,
        }
    }

    /// All fields that can be read.
    pub(super) fn fields(&self) -> impl Iterator<Item = (FieldId, &'static Field)> {
        let is_row = self.view == View::Row;
        fields::of(self.resource).filter(move |_| is_row)
    }

    /// The index of the column of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }

    /// How many columns there are.
    pub(super) fn count(&self) -> usize {
        self.columns.len()
    }

    fn type_in_row(&self, name: &str) -> Option<Type> {
        match self.column(name) {
            Some(index) => Some(self.columns[index].1),
            None => self.field(name).map(|(_, field)| field.kind),
        }
    }
}

impl Scope for Names {
    fn type_of(&self, name: &str) -> Option<Type> {
        let known = match self.view {
            View::Row => self.type_in_row(name),
            View::Result => RESULT
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, kind)| *kind),
        };
        known.or_else(|| (name == "params").then_some(Type::Map(&Type::Any)))
    }

    fn elements_of(&self, name: &str) -> Option<Vec<(String, Type)>> {
        let is_rows = self.view == View::Result && name == "rows";
        is_rows.then(|| self.columns.clone())
    }

    fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(|(name, _)| name.as_str());
        let names: Vec<&str> = match self.view {
            View::Row => columns
                .chain(self.fields().map(|(_, field)| field.name))
                .collect(),
            View::Result => RESULT.iter().map(|(name, _)| *name).collect(),
        };
        names.into_iter().chain(["params"]).collect()
    }

    fn describe(&self) -> String {
        match self.view {
            View::Row => format!("`{}` have no such field", self.resource.name()),
            View::Result => "an assert sees `rows`, `count`, `errors` and `params`".to_owned(),
        }
    }

    fn elsewhere(&self, name: &str) -> Option<String> {
        if self.view == View::Result {
            return self.column(name).map(|_| {
                format!("`{name}` is a column; those of the printed rows are `rows[].{name}`")
            });
        }
        if self.written.iter().any(|column| column == name) {
            return Some(format!(
                "`{name}` is a column; columns are seen by the columns after them and by `sortBy`"
            ));
        }
        if RESULT.iter().any(|(known, _)| *known == name) {
            return Some(format!("`{name}` is seen by `assert` alone"));
        }
        let mut others = Resource::AVAILABLE.into_iter();
        let other = others.find(|other| fields::lookup(*other, name).is_some())?;
        Some(format!("`{name}` is a field of `{}`", other.name()))
    }

    fn listed(&self) -> Option<String> {
        let resource = self.resource.name();
        match self.view {
            View::Row => Some(format!("`docker-regq explain {resource}` lists the fields")),
            View::Result => None,
        }
    }
}
