//! Tags that are taken apart: into the images of an index, into the layers of an image, or into what is attached to it.
//!
//! A tag costs at least a manifest to be taken apart, so it is held first to what its listing alone can tell. What cannot
//! be taken apart stays whole, and is marked: nobody knows how many rows it would have been.

use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{LocalBoxStream, Stream, StreamExt};

use super::ask::{Asked, Asker, too_deep};
use super::background::{Background, Promise};
use super::listed::Listed;
use super::run::{End, Passed, Runner};
use crate::fields::{Choice, Facet, FieldId, Part, Resource, Seen};
use crate::limits::{INDEX_CHILDREN, INDEX_DEPTH};
use crate::oci::{Descriptor, Digest, Index, Kind, ManifestOrIndex};
use crate::plan::{Children, Split};
use crate::rows::{Condition, Fact, Fault, Problem, ReadBy, Row, RunError, Truth};

impl Runner<'_> {
    /// Takes tags apart, several at once, and hands their parts over in order.
    pub(super) fn parted<'x: 'b, 'b>(
        &'x self,
        whole: impl Stream<Item = Listed> + 'b,
        background: &'b Background<'x>,
    ) -> LocalBoxStream<'b, Listed> {
        let begin = move |row| background.begin(self.parts_of(row));
        let most = self.session.limits.rows_in_flight.max(1);
        let room = match self.plan.query.limit {
            Some(_) if self.plan.streams() || self.plan.split == Split::Sorted => Room::Grows,
            _ => Room::Most,
        };
        Parting {
            whole: whole.boxed_local(),
            is_over: false,
            begin,
            under_way: VecDeque::new(),
            ready: VecDeque::new(),
            room,
            most,
            done: 0,
        }
        .boxed_local()
    }

    /// The parts of a tag, and what was lost.
    async fn parts_of(&self, row: Box<Row>) -> Vec<Listed> {
        let parts = self.part(row).await;
        self.budget.tally().done();
        match parts {
            Ok(parts) => parts,
            Err(error) => vec![Listed::Failed(error)],
        }
    }

    /// Tells whether a tag has a part that these conditions keep, or may have one.
    pub(super) async fn has_part(
        &self,
        row: Box<Row>,
        conditions: &[Condition],
    ) -> Result<bool, RunError> {
        for part in self.part(row).await? {
            if let Listed::Row(mut part) = part
                && self.filter(&mut part, conditions).await?.is_none()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn part(&self, mut row: Box<Row>) -> Result<Vec<Listed>, RunError> {
        let Some(parts) = self.plan.query.parts() else {
            return Ok(vec![Listed::Row(row)]);
        };
        let asker = self.asker(&row);
        for condition in &self.plan.whole {
            let columns = &self.plan.query.columns;
            if let Asked::Gone(absent) = asker.complete(&mut row, condition.clause.needs).await {
                return Ok(self.lost(&row, End::Gone(absent)));
            }
            let truth = condition.evaluate(&mut *row, columns, self.session, ReadBy::Condition)?;
            if truth == Truth::False {
                return Ok(Vec::new());
            }
        }
        if let Asked::Gone(absent) = asker
            .complete(&mut row, [parts].into_iter().collect())
            .await
        {
            return Ok(self.lost(&row, End::Gone(absent)));
        }
        let fault = match row.fact(parts) {
            Fact::Unknown(fault) => Some(fault),
            Fact::Known(_) | Fact::NotOffered | Fact::NotAsked => None,
        };
        if self.plan.query.resource == Resource::Referrers {
            return Ok(attached(*row, parts, fault));
        }
        if let Some(fault) = fault {
            return Ok(vec![stays_whole(*row, parts, fault)]);
        }
        Ok(match row.evidence.index() {
            _ if self.plan.query.resource == Resource::Layers => layers(&row),
            None => self.image(*row).into_iter().collect(),
            Some(index) => {
                let index = index.clone();
                self.images(&asker, &row, &index, parts).await
            }
        })
    }

    fn lost(&self, row: &Row, end: End) -> Vec<Listed> {
        match self.ended::<()>(row, end) {
            Passed::Lost(lost) => vec![Listed::Ended(lost)],
            Passed::Kept(_) | Passed::Dropped => Vec::new(),
        }
    }

    /// What is no index is one image, or none.
    fn image(&self, mut row: Row) -> Option<Listed> {
        let kind = row.evidence.top.as_ref().map(|top| top.read.kind());
        if kind == Some(Kind::Artifact) && self.plan.query.children == Children::Runnable {
            return None;
        }
        row.evidence.part = Some(Part::Image(0));
        Some(Listed::Row(Box::new(row)))
    }

    /// The images of an index, those of indexes inside it in their place (threats B10).
    async fn images(
        &self,
        asker: &Asker<'_>,
        row: &Row,
        index: &Index,
        parts: FieldId,
    ) -> Vec<Listed> {
        let mut images = Vec::new();
        let mut visited: HashSet<Digest> = HashSet::new();
        let mut open: Vec<(Descriptor, usize)> = Vec::new();
        open.extend(self.children(index).rev().map(|child| (child, 0)));
        while let Some((child, depth)) = open.pop() {
            let mut image = row.clone();
            image.evidence.choice = Some(Choice::Child(child.clone()));
            image.evidence.part = Some(Part::Image(images.len()));
            if images.len() >= INDEX_CHILDREN || depth >= INDEX_DEPTH {
                images.push(stays_whole(row.clone(), parts, too_deep()));
                break;
            }
            if !may_be_index(&child) {
                images.push(Listed::Row(Box::new(image)));
                continue;
            }
            match asker.child_of(row, &child).await {
                Ok(seen) => match &*seen.read {
                    ManifestOrIndex::Index(inner) => {
                        if visited.insert(child.digest.clone()) {
                            let inner = self.children(inner).rev();
                            open.extend(inner.map(|child| (child, depth + 1)));
                        }
                    }
                    _ => images.push(with_child(image, seen)),
                },
                Err(fault) => {
                    image.fail(Facet::Child, fault.clone());
                    images.push(stays_whole(image, parts, fault));
                }
            }
        }
        images
    }

    /// The children of an index that are rows.
    fn children<'i>(&self, index: &'i Index) -> impl DoubleEndedIterator<Item = Descriptor> + 'i {
        let children = self.plan.query.children;
        let is_row =
            move |child: &&Descriptor| children == Children::All || !child.is_attestation();
        index.manifests.iter().filter(is_row).cloned()
    }
}

/// Tells whether a child may be an index itself: it is said to be, or nothing is said.
fn may_be_index(child: &Descriptor) -> bool {
    child.media_type.is_index() || child.media_type.as_str().is_empty()
}

fn with_child(mut image: Row, seen: Seen) -> Listed {
    image.evidence.child = Some(seen);
    image.answered(Facet::Child);
    Listed::Row(Box::new(image))
}

fn layers(row: &Row) -> Vec<Listed> {
    let count = row.evidence.layer_count().unwrap_or_default();
    let layer = |at| {
        let mut layer = row.clone();
        layer.evidence.part = Some(Part::Layer(at));
        Listed::Row(Box::new(layer))
    };
    (0..count).map(layer).collect()
}

/// What is attached, and where that may not be all of it, a row that stands for the rest.
fn attached(row: Row, parts: FieldId, fault: Option<Fault>) -> Vec<Listed> {
    let thing = |evidence| {
        let mut thing = row.clone();
        thing.evidence = evidence;
        Listed::Row(Box::new(thing))
    };
    let mut things: Vec<Listed> = row.evidence.referrers().map(thing).collect();
    things.extend(fault.map(|fault| stays_whole(row, parts, fault)));
    things
}

/// A row that stands for all the parts that nobody could find out.
fn stays_whole(mut row: Row, parts: FieldId, fault: Fault) -> Listed {
    row.note(Problem {
        field: Some(parts),
        fault,
        read_by: ReadBy::Existence,
        companion: None,
    });
    Listed::Row(Box::new(row))
}

/// How many tags are taken apart at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// As many as may be.
    Most,
    /// One more than were wanted so far: rows are wanted only up to a number, and at most half of the work is in vain.
    Grows,
}

/// Tags on their way to being parts.
struct Parting<'b, B> {
    whole: LocalBoxStream<'b, Listed>,
    is_over: bool,
    begin: B,
    under_way: VecDeque<Tag>,
    ready: VecDeque<Listed>,
    room: Room,
    most: usize,
    done: usize,
}

/// A tag that is taken apart, or what stands in its place.
enum Tag {
    Opened(Promise<Vec<Listed>>),
    Other(Option<Listed>),
}

impl<B> Parting<'_, B> {
    fn has_room(&self) -> bool {
        let room = match self.room {
            Room::Most => self.most,
            Room::Grows => self.most.min(self.done + 1),
        };
        !self.is_over && self.under_way.len() < room
    }
}

impl<B: FnMut(Box<Row>) -> Promise<Vec<Listed>> + Unpin> Stream for Parting<'_, B> {
    type Item = Listed;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Listed>> {
        loop {
            if let Some(listed) = self.ready.pop_front() {
                return Poll::Ready(Some(listed));
            }
            while self.has_room()
                && let Poll::Ready(next) = self.whole.poll_next_unpin(context)
            {
                match next {
                    Some(Listed::Row(row)) => {
                        let opened = Tag::Opened((self.begin)(row));
                        self.under_way.push_back(opened);
                    }
                    Some(other) => self.under_way.push_back(Tag::Other(Some(other))),
                    None => self.is_over = true,
                }
            }
            let is_over = self.is_over;
            let parts = match self.under_way.front_mut() {
                Some(Tag::Opened(promise)) => match promise.poll(context) {
                    Poll::Ready(parts) => parts,
                    Poll::Pending => return Poll::Pending,
                },
                Some(Tag::Other(other)) => other.take().into_iter().collect(),
                None if is_over => return Poll::Ready(None),
                None => return Poll::Pending,
            };
            self.under_way.pop_front();
            self.ready.extend(parts);
            self.done += 1;
        }
    }
}
