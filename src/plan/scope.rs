//! Which names an expression may read where it stands.

use crate::expr::{Known, Read, Scope};
use crate::fields::{self, Field, FieldId, Resource, Type, Unit};
use crate::query::Companion;

/// The names in scope: a resource's fields or a group's keys, the columns before, and `params`; or what an assert sees.
#[derive(Debug, Clone)]
pub(super) struct Names {
    resource: Resource,
    view: View,
    /// The keys of the group, where there are groups.
    keys: Vec<KeyName>,
    /// Whether `rank` is known.
    ranked: bool,
    columns: Vec<(String, Type)>,
    /// Every column that the query writes, those to come too.
    written: Vec<String>,
    /// The images that rows are compared with.
    companions: Vec<String>,
    /// How many of the columns asserts see: what they mean does not depend on which are shown.
    asserted: usize,
}

/// A key of a group.
#[derive(Debug, Clone)]
pub(super) struct KeyName {
    pub(super) name: String,
    pub(super) kind: Type,
    /// What it counts, where it is a field and nothing else.
    pub(super) unit: Option<Unit>,
}

/// What an expression looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    /// A row of the resource, and the columns so far.
    Row,
    /// A group of rows, and the columns so far.
    Group,
    /// The result: what asserts see.
    Result,
}

/// What an image is that rows are compared with: what a tag points to.
const COMPANION: Resource = Resource::Tags;

/// An error, as asserts see it.
pub(super) const ERROR: Type = Type::Record(&[
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
    pub(super) fn new<'q>(
        resource: Resource,
        companions: impl Iterator<Item = &'q Companion>,
    ) -> Self {
        Self {
            companions: companions.map(|named| named.name.value.clone()).collect(),
            resource,
            view: View::Row,
            keys: Vec::new(),
            ranked: false,
            columns: Vec::new(),
            written: Vec::new(),
            asserted: usize::MAX,
        }
    }

    /// The names that are known of groups: their keys in place of the fields.
    pub(super) fn of_groups(&self, keys: Vec<KeyName>) -> Self {
        Self {
            view: View::Group,
            keys,
            ..self.clone()
        }
    }

    /// The names that `having` sees.
    pub(super) fn with_rank(&self) -> Self {
        Self {
            ranked: true,
            ..self.clone()
        }
    }

    /// The names that asserts see, once all columns were added.
    pub(super) fn of_result(&self) -> Self {
        let mut names = Self {
            view: View::Result,
            ..self.clone()
        };
        names.columns.truncate(self.asserted);
        names
    }

    /// Tells how many of the columns are there whatever is shown.
    pub(super) fn asserts_see(&mut self, columns: usize) {
        self.asserted = columns;
    }

    /// Tells of columns that are added later, so that a message can say so.
    pub(super) fn announce<'a>(&mut self, columns: impl Iterator<Item = &'a str>) {
        self.written.extend(columns.map(str::to_owned));
    }

    /// Adds a column, which hides a field of its name.
    pub(super) fn add_column(&mut self, name: &str, kind: Type) {
        self.columns.push((name.to_owned(), kind));
    }

    /// The resource's field of that name, its object's name included, hidden or not.
    pub(super) fn field(&self, name: &str) -> Option<(FieldId, &'static Field)> {
        match self.view {
            View::Row => fields::lookup(self.resource, name),
            View::Group | View::Result => None,
        }
    }

    /// Tells whether a field, or an object of fields, has that name.
    pub(super) fn is_field(&self, name: &str) -> bool {
        self.view == View::Row && fields::rooted(self.resource, name).next().is_some()
    }

    /// The fields that are read: one, or of an object those members that are.
    pub(super) fn read<'r>(&self, read: &'r Read) -> impl Iterator<Item = FieldId> + 'r {
        let is_row = self.view == View::Row;
        read_of(self.resource, read).filter(move |_| is_row)
    }

    /// What is read of the images that rows are compared with: by their index, the fields.
    pub(super) fn read_of_companions(&self, read: &Read) -> Vec<(usize, FieldId)> {
        let mut found = Vec::new();
        for (at, name) in self.companions.iter().enumerate() {
            let fields = match read.path.as_slice() {
                [named, ..] if **named != **name => continue,
                [_, field, ..] => fields::lookup(COMPANION, field).into_iter().collect(),
                _ => whole(COMPANION).collect::<Vec<_>>(),
            };
            found.extend(fields.into_iter().map(|(id, _)| (at, id)));
        }
        found
    }

    /// The fields that are read of a row of a group.
    pub(super) fn read_of_rows<'r>(&self, read: &'r Read) -> impl Iterator<Item = FieldId> + 'r {
        read_of(self.resource, read)
    }

    /// The index of the group's key of that name, hidden or not.
    pub(super) fn key(&self, name: &str) -> Option<usize> {
        let is_group = self.view == View::Group;
        let place = self.keys.iter().position(|key| key.name == name);
        place.filter(|_| is_group)
    }

    /// The group's keys.
    pub(super) fn keys(&self) -> &[KeyName] {
        &self.keys
    }

    /// What a row of a group is as a whole.
    pub(super) fn members(&self) -> impl Iterator<Item = FieldId> {
        whole(self.resource).map(|(id, _)| id)
    }

    /// Tells whether rows are seen as groups.
    pub(super) fn is_grouped(&self) -> bool {
        self.view == View::Group
    }

    /// What a row is as a whole.
    pub(super) fn fields(&self) -> impl Iterator<Item = (FieldId, &'static Field)> {
        let is_row = self.view == View::Row;
        whole(self.resource).filter(move |_| is_row)
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
        if let Some(index) = self.column(name) {
            return Some(self.columns[index].1);
        }
        match (self.key(name), self.field(name)) {
            (Some(index), _) => Some(self.keys[index].kind),
            (None, Some((_, field))) => Some(field.kind),
            (None, None) if self.ranked && name == "rank" => Some(Type::Integer),
            (None, None) => None,
        }
    }

    /// The members of what a name stands for, where it stands for an object or for rows.
    fn members_of(&self, name: &str) -> Option<Known> {
        if name == "with" && self.view != View::Result && !self.companions.is_empty() {
            let companions = self.companions.iter();
            let known = companions.map(|name| (name.clone(), Known::Object(members(COMPANION))));
            return Some(Known::Object(known.collect()));
        }
        let is_own = self.column(name).is_none() && self.key(name).is_none();
        match self.view {
            View::Row if is_own => object(self.resource, name),
            View::Group if is_own && name == "rows" => Some(Known::Rows(members(self.resource))),
            View::Result if name == "rows" => {
                let columns = self.columns.iter();
                let known = columns.map(|(name, kind)| (name.clone(), Known::Is(*kind)));
                Some(Known::Rows(known.collect()))
            }
            _ => None,
        }
    }

    /// The names that stand for something here, columns aside.
    fn own_names(&self) -> Vec<&str> {
        let rank = self.ranked.then_some("rank");
        let names: Vec<&str> = match self.view {
            View::Row => roots(self.resource),
            View::Group => {
                let keys = self.keys.iter().map(|key| key.name.as_str());
                keys.chain(["rows"]).collect()
            }
            View::Result => RESULT.iter().map(|(name, _)| *name).collect(),
        };
        names.into_iter().chain(rank).collect()
    }

    /// What an assert sees of a column, or of a field.
    fn of_columns(&self, name: &str) -> Option<String> {
        if self.column(name).is_some() {
            let seen = format!("`rows[].{name}`");
            return Some(format!(
                "`{name}` is a column; those of the printed rows are {seen}"
            ));
        }
        fields::rooted(self.resource, name).next()?;
        Some(format!(
            "`{name}` is a field; an assert sees the columns of the printed rows: `rows[].COLUMN`"
        ))
    }

    /// Where a name is known that an expression of this kind does not see.
    fn of_others(&self, name: &str) -> Option<String> {
        let is_member = self.is_grouped() && fields::rooted(self.resource, name).next().is_some();
        match name {
            "rank" => Some("`rank` is seen by `having` alone".to_owned()),
            "rows" if self.view == View::Row => Some(
                "`rows` is seen by `assert`, and by the columns of a query with `groupBy`"
                    .to_owned(),
            ),
            "with" if self.view == View::Result => {
                Some("`with` is seen by what rows are asked, not by `assert`".to_owned())
            }
            "with" => Some("no image is named `with: {NAME: REFERENCE}`".to_owned()),
            "count" | "errors" => Some(format!("`{name}` is seen by `assert` alone")),
            _ if is_member => Some(format!(
                "`{name}` is a field of each row of the group: `rows[].{name}`"
            )),
            _ => None,
        }
    }
}

/// The fields that a mention reads, of an object only the members that it names.
fn read_of(resource: Resource, read: &Read) -> impl Iterator<Item = FieldId> + '_ {
    let member = read.path.first().map(|member| &**member);
    let is_read = move |field: &Field| match (field.member(), member) {
        (Some(own), Some(named)) => own == named,
        _ => true,
    };
    let fields = fields::rooted(resource, &read.name);
    fields
        .filter(move |(_, field)| is_read(field))
        .map(|(id, _)| id)
}

/// The names that rows of a resource have, objects once.
fn roots(resource: Resource) -> Vec<&'static str> {
    let mut roots: Vec<&str> = fields::of(resource)
        .map(|(_, field)| field.root())
        .collect();
    roots.dedup();
    roots
}

/// The object of that name; none if there is none.
fn object(resource: Resource, name: &str) -> Option<Known> {
    let fields = fields::rooted(resource, name);
    let members = fields.filter_map(|(_, field)| {
        let member = field.member()?.to_owned();
        Some((member, Known::Is(field.kind)))
    });
    let members: Vec<(String, Known)> = members.collect();
    (!members.is_empty()).then_some(Known::Object(members))
}

/// All names of rows of a resource, and what they are.
fn members(resource: Resource) -> Vec<(String, Known)> {
    let known = |name: &str| {
        object(resource, name).or_else(|| {
            let (_, field) = fields::lookup(resource, name)?;
            Some(Known::Is(field.kind))
        })
    };
    let named = |name: &str| Some((name.to_owned(), known(name)?));
    roots(resource).into_iter().filter_map(named).collect()
}

impl Scope for Names {
    fn type_of(&self, name: &str) -> Option<Type> {
        let known = match self.view {
            View::Row | View::Group => self.type_in_row(name),
            View::Result => RESULT
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, kind)| *kind),
        };
        known.or_else(|| (name == "params").then_some(Type::Map(&Type::Any)))
    }

    fn known(&self, name: &str) -> Option<Known> {
        let members = self.members_of(name);
        members.or_else(|| self.type_of(name).map(Known::Is))
    }

    fn names(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(|(name, _)| name.as_str());
        let seen = columns.filter(|_| self.view != View::Result);
        seen.chain(self.own_names()).chain(["params"]).collect()
    }

    fn describe(&self) -> String {
        match self.view {
            View::Row => format!("`{}` have no such field", self.resource.name()),
            View::Group => "a group has its keys and `rows`".to_owned(),
            View::Result => "an assert sees `rows`, `count`, `errors` and `params`".to_owned(),
        }
    }

    fn elsewhere(&self, name: &str) -> Option<String> {
        if self.view == View::Result && name != "with" {
            return self.of_columns(name);
        }
        if self.written.iter().any(|column| column == name) {
            return Some(format!(
                "`{name}` is a column; columns are seen by the columns after them and by `sortBy`"
            ));
        }
        if let Some(found) = self.of_others(name) {
            return Some(found);
        }
        let mut others = Resource::ALL.into_iter();
        let other = others.find(|other| fields::rooted(*other, name).next().is_some())?;
        Some(format!("`{name}` is a field of `{}`", other.name()))
    }

    fn listed(&self) -> Option<String> {
        let resource = self.resource.name();
        match self.view {
            View::Row | View::Group => {
                Some(format!("`docker-regq explain {resource}` lists the fields"))
            }
            View::Result => None,
        }
    }
}

/// The fields that a row is as a whole: those that every registry can tell. A vendor's own are read where they are named.
fn whole(resource: Resource) -> impl Iterator<Item = (FieldId, &'static Field)> {
    fields::of(resource).filter(|(_, field)| !field.is_vendors())
}
