//! Everything a query may name: the field catalogue, and how a fact is read out of what was fetched.
//!
//! A field is const data: name, type, unit, documentation, the resources that have it, and its sources, cheapest
//! first - the facets that can bring it. Beside it stands its reader, which looks at the [`Evidence`] gathered
//! for a row and answers, or answers "cannot tell yet". Validation, did-you-mean, `explain`, the planner
//! and the README's field list all read this catalogue; there is no second one. No I/O, no async, no
//! expressions.

mod activity;
mod attached;
mod config;
mod evidence;
mod facet;
mod format;
mod head;
mod manifest;
mod name;
mod part;
mod referrers;
mod repository;
mod resource;
mod tag;
mod time;

pub use attached::{Attached, Looked};
pub use evidence::{Choice, Evidence, Part, PlatformChoice, Seen};
pub use facet::{Facet, Facets};
pub use format::{Align, CellFormat};
pub use resource::Resource;

use crate::value::Value;

/// What a field's value is, for static checks and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Anything; a document of a specification.
    Any,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A time as text: `YYYY-MM-DDTHH:MM:SSZ`.
    Time,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A list of one type.
    List(&'static Type),
    /// A map from text to one type.
    Map(&'static Type),
    /// A map with known members.
    Record(&'static [(&'static str, Type)]),
}

/// What a field's numbers or texts count or name; it decides how a cell shows a bare field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nothing in particular.
    None,
    /// Bytes.
    Bytes,
    /// A moment in time, UTC.
    Time,
    /// A content digest.
    Digest,
}

/// One thing a query may name.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name, the same in every resource. One with a dot is a member of an object, and comes with a request of its own
    /// choice: `layer.size` costs no config, `layer.created_by` does.
    pub name: &'static str,
    /// What its value is.
    pub kind: Type,
    /// What it counts.
    pub unit: Unit,
    /// The resources that have it.
    pub resources: &'static [Resource],
    /// The facets that can bring it, cheapest first.
    pub sources: &'static [Facet],
    /// One sentence about it.
    pub doc: &'static str,
    /// Where the fact comes from: document and member.
    pub spec: &'static str,
    /// An example value, as JSON.
    pub example: &'static str,
    /// Reads it out of the evidence: `None` where the evidence cannot tell yet, null where it says that
    /// there is none.
    pub read: fn(&Evidence) -> Option<Value>,
}

/// The catalogue in reading order, grouped by where a field first comes from.
const GROUPS: [&[Field]; 9] = [
    name::FIELDS,
    repository::FIELDS,
    tag::FIELDS,
    activity::FIELDS,
    head::FIELDS,
    manifest::FIELDS,
    config::FIELDS,
    referrers::FIELDS,
    part::FIELDS,
];

/// A field's place in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(u8);

impl FieldId {
    /// The field.
    pub fn field(self) -> &'static Field {
        let mut index = usize::from(self.0);
        for group in GROUPS {
            match group.get(index) {
                Some(field) => return field,
                None => index -= group.len(),
            }
        }
        unreachable!("a FieldId is made from the catalogue only")
    }
}

/// All fields in catalogue order.
pub fn all() -> impl Iterator<Item = (FieldId, &'static Field)> {
    GROUPS
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(index, field)| (FieldId(index as u8), field))
}

impl Field {
    /// The name that expressions begin with: of a member of an object, the object's.
    pub fn root(&self) -> &'static str {
        self.name
            .split_once('.')
            .map_or(self.name, |(root, _)| root)
    }

    /// Tells whether only a vendor can tell it, beside the protocol that all registries speak.
    pub fn is_vendors(&self) -> bool {
        let is_vendors = |facet: &Facet| matches!(facet, Facet::Activity | Facet::Repository);
        self.sources.iter().all(is_vendors)
    }

    /// Tells whether it is put together of what all its sources bring, because things may be in several places. Of anything
    /// else the first source that tells is enough.
    pub fn is_put_together(&self) -> bool {
        self.kind != Type::Boolean && self.sources.contains(&Facet::Referrers)
    }

    /// The name within its object, if it is in one.
    pub fn member(&self) -> Option<&'static str> {
        self.name.split_once('.').map(|(_, member)| member)
    }
}

/// The field of that name in a resource, the object's name included.
pub fn lookup(resource: Resource, name: &str) -> Option<(FieldId, &'static Field)> {
    of(resource).find(|(_, field)| field.name == name)
}

/// The fields that a name of a resource stands for: one, or all members of an object.
pub fn rooted(resource: Resource, root: &str) -> impl Iterator<Item = (FieldId, &'static Field)> {
    of(resource).filter(move |(_, field)| field.root() == root)
}

/// The fields a resource has, in catalogue order.
pub fn of(resource: Resource) -> impl Iterator<Item = (FieldId, &'static Field)> {
    all().filter(move |(_, field)| field.resources.contains(&resource))
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u128);

impl FieldSet {
    /// No field.
    pub const EMPTY: Self = Self(0);

    /// Both sets together.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is here and not there.
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Adds a field.
    pub fn insert(&mut self, id: FieldId) {
        self.0 |= 1 << id.0;
    }

    /// Tells whether a field is in it.
    pub fn contains(self, id: FieldId) -> bool {
        self.0 & (1 << id.0) != 0
    }

    /// Tells whether anything is in both.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Tells whether all of the other set is in it.
    pub fn includes(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields in catalogue order.
    pub fn iter(self) -> impl Iterator<Item = FieldId> {
        (0..128u8).map(FieldId).filter(move |id| self.contains(*id))
    }
}

#[cfg(test)]
impl FieldSet {
    /// The fields of `tags` with these names.
    pub(crate) fn named(names: &[&str]) -> Self {
        let id = |name: &&str| {
            lookup(Resource::Tags, name)
                .expect("a test names a field")
                .0
        };
        names.iter().map(id).collect()
    }
}

impl FromIterator<FieldId> for FieldSet {
    fn from_iter<I: IntoIterator<Item = FieldId>>(ids: I) -> Self {
        let mut set = Self::EMPTY;
        ids.into_iter().for_each(|id| set.insert(id));
        set
    }
}

impl Unit {
    /// How a cell shows a bare field of this unit.
    pub fn format(self) -> CellFormat {
        match self {
            Self::None => CellFormat::Plain,
            Self::Bytes => CellFormat::Bytes,
            Self::Time => CellFormat::Age,
            Self::Digest => CellFormat::Digest,
        }
    }
}

impl Type {
    /// How `explain` writes the type.
    pub fn describe(self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Text | Self::Word(_) => "text".to_owned(),
            Self::Time => "time".to_owned(),
            Self::Integer => "integer".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::List(of) => format!("list of {}", of.describe()),
            Self::Map(of) => format!("map of {}", of.describe()),
            Self::Record(members) => {
                let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
                format!("{{{}}}", names.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests;
