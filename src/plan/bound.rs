//! A query in which nothing unresolved can be expressed, and what follows from what it says.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::fields::{FieldId, FieldSet, PlatformChoice, Resource, lookup};
use crate::query::{ManifestName, Pattern, Target};
use crate::rows::{Assert, Clause, Columns, Condition, Key, SortKey};
use crate::value::Value;

/// A query in which every name has its meaning.
#[derive(Debug, Clone)]
pub struct BoundQuery {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whom it asks, in written order.
    pub sources: Vec<BoundSource>,
    /// The images that rows are compared with, in written order.
    pub companions: Vec<BoundCompanion>,
    /// What one row is.
    pub resource: Resource,
    /// Which repositories, below the source's prefix.
    pub repositories: Pattern,
    /// Which tags.
    pub tags: Pattern,
    /// Which child stands for an index, or which of its images are rows.
    pub platform: PlatformChoice,
    /// Which children of an index are rows of `images`.
    pub children: Children,
    /// The parts of `where`, in written order.
    pub conditions: Vec<Condition>,
    /// The keys of groups; none if rows are not grouped.
    pub group: Option<Vec<Key>>,
    /// The projection.
    pub columns: Columns,
    /// The order.
    pub sort: Vec<SortKey>,
    /// Within what is ranked; without it all is ranked together.
    pub rank_by: Option<Clause>,
    /// The parts of `having`, in written order.
    pub having: Vec<Condition>,
    /// The most rows.
    pub limit: Option<usize>,
    /// What must hold of the result, in written order.
    pub asserts: Vec<Assert>,
    /// The columns that asserts and their messages read, be they shown or not.
    pub asserted: Vec<usize>,
    /// What means the same at any depth of an expression: a map with `params`.
    pub constants: Value,
}

/// Which children of an index are images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Children {
    /// Those that can run: no attestations, and nothing that is no image by itself.
    Runnable,
    /// All of them.
    All,
}

/// Any platform.
static ANY: PlatformChoice = PlatformChoice { wanted: Vec::new() };

impl BoundQuery {
    /// Which child stands for an index where a row is a whole, or has one image: of `images` all are rows.
    pub fn platform_of_rows(&self) -> &PlatformChoice {
        match self.resource {
            Resource::Images => &ANY,
            _ => &self.platform,
        }
    }

    /// Finds out what is read of the images that rows are compared with: by what decides, and by what is shown.
    pub(super) fn note_companions(&mut self) {
        let conditions = self.conditions.iter().chain(&self.having);
        let conditions = conditions.map(|condition| &condition.clause);
        let keys = self.group.iter().flatten().map(|key| &key.clause);
        let sort = self.sort.iter().map(|key| &key.clause);
        let columns = self.columns.iter().enumerate();
        let handed = columns.filter(|(at, column)| column.shown || self.asserted.contains(at));
        let handed = handed.map(|(_, column)| &column.clause);
        let clauses = conditions
            .chain(keys)
            .chain(sort)
            .chain(&self.rank_by)
            .chain(handed);
        let reads: Vec<(usize, FieldId)> = clauses.flat_map(|clause| clause.with.clone()).collect();
        for (at, field) in reads {
            if let Some(companion) = self.companions.get_mut(at) {
                companion.needs.insert(field);
            }
        }
    }

    /// The field that says what the parts are that a tag is taken apart into; none where a row is a whole.
    pub fn parts(&self) -> Option<FieldId> {
        let name = match self.resource {
            Resource::Images => "index",
            Resource::Layers => "layers",
            Resource::Referrers => "referrers",
            _ => return None,
        };
        let (id, _) = lookup(self.resource, name).expect("the parts are a field");
        Some(id)
    }

    /// Everybody it asks: its sources, then those of the images that rows are compared with.
    pub fn asked(&self) -> impl Iterator<Item = &BoundSource> {
        let companions = self.companions.iter();
        let companions = companions.filter(|companion| !companion.needs.is_empty());
        self.sources
            .iter()
            .chain(companions.map(|companion| &companion.source))
    }

    /// What the columns of a row of the result need: those that are shown, and those that asserts read.
    pub fn handed_needs(&self) -> FieldSet {
        let asserted = self.asserted.iter();
        let needs = asserted.map(|index| self.columns.needs(*index));
        needs.fold(self.columns.shown_needs(), FieldSet::union)
    }

    /// Tells whether what is in the result depends on ranks.
    pub fn ranks(&self) -> bool {
        self.having.iter().any(|condition| condition.clause.rank)
    }

    /// Tells whether all rows must be there before anything can be said of one: they are grouped or ranked.
    pub fn gathers(&self) -> bool {
        self.group.is_some() || self.ranks()
    }

    /// Tells whether rows have to be counted that the limit cuts off.
    pub fn counts_all(&self) -> bool {
        self.limit.is_some() && self.asserts.iter().any(|assert| assert.reads("count"))
    }
}

/// One registry or folder to ask.
#[derive(Debug, Clone)]
pub struct BoundSource {
    /// As the query names it.
    pub name: Arc<str>,
    /// What it means.
    pub target: Target,
    /// Where the query names it.
    pub place: Place,
    /// The parameter that alone says where it is, if the query leaves that to one.
    pub parameter: Option<String>,
    /// The manifests that the query names there, in natural order; none if it names patterns.
    pub references: Option<Vec<ManifestName>>,
}

/// An image that rows are compared with.
#[derive(Debug, Clone)]
pub struct BoundCompanion {
    /// What expressions call it.
    pub name: Arc<str>,
    /// Where it is: a source of one reference.
    pub source: BoundSource,
    /// The fields that are read of it.
    pub needs: FieldSet,
}
