//! Rows all together: where they are grouped or ranked, nothing can be said of one before all are there.
//!
//! What decides which items - rows, or groups of them - are in the result is asked for first, for all of them; what is
//! only shown, for those alone that are. A row that turns out to have vanished takes its place in its group, and its
//! rank, with it: then everything is decided anew, from what is known by then, until nothing vanishes any more.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;

use futures_util::stream::{self, Stream};

use super::ask::Asked;
use super::background::Background;
use super::item::Item;
use super::listed::Listed;
use super::ordered::{SOURCES_AT_ONCE, Window, in_order};
use super::run::{End, Passed, Runner};
use crate::fields::FieldSet;
use crate::plan::Split;
use crate::rows::{
    Counts, Group, Key, Outcome, Ranks, ReadBy, ResultRow, Row, RunError, SortKeys, Truth, group,
};

/// The items that are in the result, in order, by their place among all; and those too that the limit cuts off.
struct Decided {
    shown: Vec<usize>,
    counted: Vec<usize>,
}

/// What came of a listing.
struct Collected {
    /// The rows that the conditions keep, each with its keys.
    rows: Vec<(Vec<Outcome>, Row)>,
    /// Whether some of it could not be listed.
    has_gaps: bool,
}

impl Runner<'_> {
    /// Answers a query that groups or ranks. Tells whether `sink` said stop.
    pub(super) async fn gathered(
        &self,
        listed: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        let mut items = self.items(self.collect(listed, background).await?);
        let decided = loop {
            match self.decide(&mut items).await? {
                Some(decided) => break decided,
                None => items.retain(|item| !item.is_gone()),
            }
        };
        self.count.set(decided.counted.len() as u64);
        self.doubt(&items, &decided);
        self.show(items, &decided, sink)
    }

    async fn collect(
        &self,
        listed: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
    ) -> Result<Collected, RunError> {
        let mut rows: Vec<(Vec<Outcome>, Row)> = Vec::new();
        let has_gaps = Cell::new(false);
        let window = Window::new(self.session.limits.rows_in_flight, None);
        let work = async |listed| match listed {
            Listed::Row(row) => self.keyed(row).await,
            Listed::Lost(lost) => {
                has_gaps.set(true);
                Ok(Passed::Lost(lost))
            }
            Listed::Ended(lost) => Ok(Passed::Lost(lost)),
            Listed::Failed(error) => Err(error),
        };
        let take = |passed| {
            self.note_done(Split::Listed);
            match passed {
                Passed::Kept(keyed) => rows.push(*keyed),
                Passed::Lost(lost) => self.note_lost(lost),
                Passed::Dropped => {}
            }
            true
        };
        in_order(listed, SOURCES_AT_ONCE, work, &window, background, take).await?;
        let has_gaps = has_gaps.get();
        Ok(Collected { rows, has_gaps })
    }

    /// Holds a row to the conditions, and finds its keys. That it exists at all must be known before it is counted.
    async fn keyed(&self, mut row: Box<Row>) -> Result<Passed<(Vec<Outcome>, Row)>, RunError> {
        if let Some(end) = self.filter(&mut row, &self.plan.early).await? {
            return Ok(self.ended(&row, end));
        }
        let query = &self.plan.query;
        let keys: &[Key] = query.group.as_deref().unwrap_or_default();
        let needs = keys.iter().map(|key| key.clause.needs);
        let needs = needs.fold(FieldSet::EMPTY, FieldSet::union);
        let asker = self.asker(&row);
        let mut asked = asker.complete(&mut row, needs).await;
        if asked == Asked::Done {
            asked = self.prove(&asker, &mut row).await;
        }
        if let Asked::Gone(absent) = asked {
            return Ok(self.ended(&row, End::Gone(absent)));
        }
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let (columns, place) = (&query.columns, ReadBy::Place);
            let key = key
                .clause
                .evaluate(row.as_mut(), columns, self.session, place)?;
            found.push(key);
        }
        row.settle(self.plan.needs);
        Ok(Passed::Kept(Box::new((found, *row))))
    }

    /// The rows as items. One group of everything is there without rows too, unless some could not be listed.
    fn items(&self, Collected { rows, has_gaps }: Collected) -> Vec<Item> {
        let Some(keys) = &self.plan.query.group else {
            return rows.into_iter().map(|(_, row)| Item::row(row)).collect();
        };
        if rows.is_empty() && keys.is_empty() && !has_gaps {
            return vec![Item::group(Group::new(Vec::new(), Vec::new()))];
        }
        let named = |found: Vec<Outcome>| {
            let names = keys.iter().map(|key| Arc::clone(&key.name));
            names.zip(found).collect()
        };
        let groups = group(rows).into_iter();
        groups
            .map(|(found, rows)| Item::group(Group::new(named(found), rows)))
            .collect()
    }

    /// Decides which items are in the result; none if something vanished meanwhile.
    async fn decide(&self, items: &mut [Item]) -> Result<Option<Decided>, RunError> {
        let query = &self.plan.query;
        let mut kept: Vec<usize> = (0..items.len()).collect();
        if !query.ranks() && !self.keep(items, &mut kept).await? {
            return Ok(None);
        }
        if !self.order(items, &mut kept).await? {
            return Ok(None);
        }
        if query.ranks() && !(self.rank(items, &kept).await? && self.keep(items, &mut kept).await?)
        {
            return Ok(None);
        }
        let limit = query.limit.unwrap_or(usize::MAX);
        let shown: Vec<usize> = kept.iter().copied().take(limit).collect();
        let all_there = self.complete(items, &shown, query.handed_needs()).await?;
        let counted = kept;
        Ok(all_there.then_some(Decided { shown, counted }))
    }

    /// Keeps the items that `having` does not drop; what costs most is asked for last, for those that are left.
    async fn keep(&self, items: &mut [Item], kept: &mut Vec<usize>) -> Result<bool, RunError> {
        let columns = &self.plan.query.columns;
        for condition in &self.plan.after {
            if !self.complete(items, kept, condition.clause.needs).await? {
                return Ok(false);
            }
            let mut still = Vec::with_capacity(kept.len());
            for at in kept.iter().copied() {
                let subject = items[at].subject();
                let truth = condition.evaluate(subject, columns, self.session, ReadBy::Having)?;
                if truth != Truth::False {
                    still.push(at);
                }
            }
            *kept = still;
        }
        Ok(true)
    }

    async fn order(&self, items: &mut [Item], kept: &mut [usize]) -> Result<bool, RunError> {
        let query = &self.plan.query;
        let needs = query.sort.iter().map(|key| key.clause.needs);
        let needs = needs.fold(FieldSet::EMPTY, FieldSet::union);
        if !self.complete(items, kept, needs).await? {
            return Ok(false);
        }
        for at in kept.iter().copied() {
            let subject = items[at].subject();
            let keys = SortKeys::of(&query.sort, subject, &query.columns, self.session)?;
            items[at].keys = keys;
        }
        kept.sort_by(|a, b| items[*a].keys.compare(&items[*b].keys, &query.sort));
        Ok(true)
    }

    async fn rank(&self, items: &mut [Item], sorted: &[usize]) -> Result<bool, RunError> {
        let query = &self.plan.query;
        let clause = query.rank_by.as_ref();
        let needs = clause.map_or(FieldSet::EMPTY, |clause| clause.needs);
        if !self.complete(items, sorted, needs).await? {
            return Ok(false);
        }
        let mut ranks = Ranks::default();
        for at in sorted.iter().copied() {
            let within = match clause {
                Some(clause) => {
                    let (columns, place) = (&query.columns, ReadBy::Place);
                    let subject = items[at].subject();
                    Some(clause.evaluate(subject, columns, self.session, place)?)
                }
                None => None,
            };
            items[at].set_rank(ranks.next(within));
        }
        Ok(true)
    }

    /// Asks until these fields of all rows of these items are known or cannot be had; tells whether no row vanished.
    async fn complete(
        &self,
        items: &mut [Item],
        of: &[usize],
        needs: FieldSet,
    ) -> Result<bool, RunError> {
        if needs.is_empty() {
            return Ok(true);
        }
        let mut rows: Vec<(usize, Row)> = Vec::new();
        for at in of {
            rows.extend(items[*at].take_rows().into_iter().map(|row| (*at, row)));
        }
        self.budget.tally().go_on_with(rows.len());
        let work = async |(at, mut row): (usize, Row)| {
            let asked = self.asker(&row).complete(&mut row, needs).await;
            row.settle(self.plan.needs);
            Ok::<_, RunError>((at, row, asked))
        };
        let mut all_there = true;
        let window = Window::new(self.session.limits.rows_in_flight, None);
        let rows = [stream::iter(rows)];
        let take = |(at, row, asked): (usize, Row, Asked)| {
            self.budget.tally().done();
            match asked {
                Asked::Done => items[at].put_row(row),
                Asked::Gone(absent) => {
                    all_there = false;
                    items[at].forget();
                    if let Passed::Lost(lost) = self.ended::<()>(&row, End::Gone(absent)) {
                        self.note_lost(lost);
                    }
                }
            }
            true
        };
        in_order(rows, 1, work, &window, &Background::default(), take).await?;
        Ok(all_there)
    }

    /// What may belong elsewhere may change the rank of any other, and which groups there are.
    fn doubt(&self, items: &[Item], decided: &Decided) {
        let kept = decided.counted.iter().map(|at| &items[*at]);
        let mut having = kept.filter(|item| item.has_errors(Counts::Counted));
        let mut among = items.iter().filter(|item| item.has_errors(Counts::Among));
        self.doubt_count(among.next().is_some() || having.next().is_some());
        self.doubt_order(items.iter().any(|item| item.keys.unknown));
    }

    /// Hands out. What leaves open where a row belongs, or whether it does, counts wherever it is: groups and ranks of
    /// others depend on it.
    fn show(
        &self,
        mut items: Vec<Item>,
        decided: &Decided,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        let query = &self.plan.query;
        let mut counts = vec![Counts::Among; items.len()];
        if query.counts_all() {
            decided
                .counted
                .iter()
                .for_each(|at| counts[*at] = Counts::Counted);
        }
        for at in &decided.shown {
            counts[*at] = Counts::Shown;
            let item = &mut items[*at];
            let cells = query.columns.cells(item.subject(), self.session)?;
            let marks = item.marks();
            self.show_asserts(item.subject(), marks)?;
            self.add_errors(item.errors(Counts::Shown));
            self.add_lacking(item.lacking().into_iter());
            if sink(item.finish(cells, &query.name)).is_break() {
                return Ok(true);
            }
        }
        let others = items.iter().zip(counts);
        others
            .filter(|(_, counts)| *counts != Counts::Shown)
            .for_each(|(item, counts)| self.add_errors(item.errors(counts)));
        Ok(false)
    }
}
