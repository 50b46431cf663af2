//! Which names an expression may read where it stands.

use crate::expr::Scope;
use crate::fields::{self, Field, FieldId, Resource, Type};

/// The names in scope: a resource's fields, the columns before, and `params`.
#[derive(Debug, Clone)]
pub(super) struct Names {
    resource: Resource,
    columns: Vec<(String, Type)>,
    /// Every column that the query writes, those to come too.
    written: Vec<String>,
}

impl Names {
    /// The fields of a resource.
    pub(super) fn new(resource: Resource) -> Self {
        Self {
            resource,
            columns: Vec::new(),
            written: Vec::new(),
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
        fields::lookup(self.resource, name)
    }

    /// All fields of the resource.
    pub(super) fn fields(&self) -> impl Iterator<Item = (FieldId, &'static Field)> {
        fields::of(self.resource)
    }

    /// The index of the column of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(column, _)| column == name)
    }
}

impl Scope for Names {
    fn type_of(&self, name: &str) -> Option<Type> {
        if let Some(index) = self.column(name) {
            return Some(self.columns[index].1);
        }
        if name == "params" {
            return Some(Type::Map(&Type::Any));
        }
        fields::lookup(self.resource, name).map(|(_, field)| field.kind)
    }

    fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(|(name, _)| name.as_str());
        let fields = fields::of(self.resource).map(|(_, field)| field.name);
        columns.chain(fields).chain(["params"]).collect()
    }

    fn describe(&self) -> String {
        format!("`{}` have no such field", self.resource.name())
    }

    fn elsewhere(&self, name: &str) -> Option<String> {
        if self.written.iter().any(|column| column == name) {
            return Some(format!(
                "`{name}` is a column; columns are seen by the columns after them and by `sortBy`"
            ));
        }
        let mut others = Resource::AVAILABLE.into_iter();
        let other = others.find(|other| fields::lookup(*other, name).is_some())?;
        Some(format!("`{name}` is a field of `{}`", other.name()))
    }

    fn listed(&self) -> Option<String> {
        let resource = self.resource.name();
        Some(format!("`docker-regq explain {resource}` lists the fields"))
    }
}
