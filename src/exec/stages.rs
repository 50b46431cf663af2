//! Rows one by one: those that can be handed out as they come, and those that are sorted first.

use std::ops::ControlFlow;

use futures_util::stream::{self, Stream, StreamExt};

use super::ask::Asked;
use super::background::Background;
use super::listed::Listed;
use super::ordered::{SOURCES_AT_ONCE, Window, in_order};
use super::run::{End, Passed, Runner};
use crate::fields::FieldSet;
use crate::plan::Split;
use crate::rows::{Counts, Marks, ResultRow, Row, RowError, RunError, SortKeys, sort};
use crate::value::Value;

impl Runner<'_> {
    /// Answers a query that looks at each row by itself. Tells whether `sink` said stop.
    pub(super) async fn one_by_one<'x>(
        &'x self,
        listed: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'x>,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<bool, RunError> {
        if self.plan.streams() {
            return Ok(self.hand_out(listed, background, sink).await?.stopped);
        }
        let (sorted, misplaced) = self.collect_sorted(listed, background).await?;
        let all = sorted.len() as u64;
        let limit = self.plan.query.limit.unwrap_or(usize::MAX);
        self.budget.tally().go_on_with(sorted.len().min(limit));
        let sorted = stream::iter(sorted.into_iter().map(Listed::Row));
        let sorted = match self.plan.split {
            Split::Sorted => self.parted(sorted, background),
            Split::Listed | Split::Never => sorted.boxed_local(),
        };
        let end = self.hand_out([sorted], background, sink).await?;
        if self.plan.query.counts_all() {
            self.count.set(all - end.dropped);
        }
        let cut_off = misplaced
            .into_iter()
            .filter(|(place, _)| *place >= end.taken);
        self.add_errors(cut_off.flat_map(|(_, errors)| errors));
        Ok(end.stopped)
    }

    /// The first stage of a sorted query, and of one that counts: the early conditions and the sort keys of every row.
    /// Gives the rows in order, and by their place in it the errors that count even where `limit` cuts the row off,
    /// because it may belong to the result, or to those that are counted.
    async fn collect_sorted(
        &self,
        listed: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
    ) -> Result<(Vec<Box<Row>>, Vec<Misplaced>), RunError> {
        let mut kept: Vec<(SortKeys, Box<Row>)> = Vec::new();
        let window = Window::new(self.session.limits.rows_in_flight, None);
        let work = async |listed| match listed {
            Listed::Row(row) => self.first_stage(row).await,
            Listed::Lost(lost) | Listed::Ended(lost) => Ok(Passed::Lost(lost)),
            Listed::Failed(error) => Err(error),
        };
        let take = |passed| {
            self.note_done(Split::Listed);
            match passed {
                Passed::Kept(found) => kept.push(*found),
                Passed::Lost(lost) => self.note_lost(lost),
                Passed::Dropped => {}
            }
            true
        };
        in_order(listed, SOURCES_AT_ONCE, work, &window, background, take).await?;
        sort(&mut kept, &self.plan.query.sort);
        let counts_all = self.plan.query.counts_all();
        let mut misplaced = Vec::new();
        for (place, (keys, row)) in kept.iter().enumerate() {
            self.doubt_order(keys.unknown);
            self.doubt_count(counts_all && row.is_doubtful());
            let errors = row.errors(match counts_all {
                true => Counts::Counted,
                false => Counts::Misplaced,
            });
            if !errors.is_empty() {
                misplaced.push((place, errors));
            }
        }
        Ok((kept.into_iter().map(|(_, row)| row).collect(), misplaced))
    }

    /// Counts what is done, unless it is counted when it is taken apart, which is here.
    pub(super) fn note_done(&self, here: Split) {
        if self.plan.split != here {
            self.budget.tally().done();
        }
    }

    async fn first_stage(
        &self,
        mut row: Box<Row>,
    ) -> Result<Passed<(SortKeys, Box<Row>)>, RunError> {
        let query = &self.plan.query;
        let needs = query.sort.iter().map(|key| key.clause.needs);
        let needs = needs.fold(FieldSet::EMPTY, FieldSet::union);
        if let Some(end) = self.filter(&mut row, &self.plan.early).await? {
            return Ok(self.ended(&row, end));
        }
        let asker = self.asker(&row);
        if let Asked::Gone(absent) = asker.complete(&mut row, needs).await {
            return Ok(self.ended(&row, End::Gone(absent)));
        }
        let keys = SortKeys::of(&query.sort, row.as_mut(), &query.columns, self.session)?;
        // Whether a row without a place belongs to the result at all must be known before its error counts.
        if keys.unknown && self.plan.split == Split::Sorted {
            if !self.has_part(row.clone(), &self.plan.late).await? {
                return Ok(Passed::Dropped);
            }
        } else if keys.unknown
            && let Some(end) = self.filter(&mut row, &self.plan.late).await?
        {
            return Ok(self.ended(&row, end));
        }
        if query.counts_all()
            && let Asked::Gone(absent) = self.prove(&asker, &mut row).await
        {
            return Ok(self.ended(&row, End::Gone(absent)));
        }
        row.settle(self.plan.needs);
        Ok(Passed::Kept(Box::new((keys, row))))
    }

    /// The last stage: the conditions that are left, the columns, and out.
    async fn hand_out(
        &self,
        rows: impl IntoIterator<Item = impl Stream<Item = Listed>>,
        background: &Background<'_>,
        sink: &mut dyn FnMut(ResultRow) -> ControlFlow<()>,
    ) -> Result<HandedOut, RunError> {
        let window = Window::new(self.session.limits.rows_in_flight, self.plan.query.limit);
        let mut end = HandedOut::default();
        let mut failed: Option<RunError> = None;
        let work = async |listed| match listed {
            Listed::Row(row) => self.last_stage(row).await,
            Listed::Lost(lost) | Listed::Ended(lost) => Ok(Passed::Lost(lost)),
            Listed::Failed(error) => Err(error),
        };
        // Where rows are wanted only up to a number, no source is asked that may not be needed.
        let at_once = match self.plan.query.limit {
            Some(_) => 1,
            None => SOURCES_AT_ONCE,
        };
        let parted_at = match self.plan.streams() {
            true => Split::Listed,
            false => Split::Sorted,
        };
        in_order(rows, at_once, work, &window, background, |passed| {
            end.taken += 1;
            self.note_done(parted_at);
            match passed {
                Passed::Kept(handed) => {
                    let (mut row, cells) = *handed;
                    window.kept();
                    self.count.set(self.count.get() + 1);
                    self.doubt_count(row.is_doubtful());
                    if let Err(error) = self.show_asserts(row.as_mut(), Marks::Unknown) {
                        failed = Some(error);
                        return false;
                    }
                    self.add_errors(row.errors(Counts::Shown));
                    self.add_lacking(row.lacking());
                    end.stopped = sink(row.finish(cells)).is_break();
                }
                Passed::Dropped => {
                    window.dropped();
                    end.dropped += 1;
                }
                Passed::Lost(lost) => {
                    window.dropped();
                    end.dropped += 1;
                    self.note_lost(lost);
                }
            }
            !end.stopped
        })
        .await?;
        failed.map_or(Ok(end), Err)
    }

    async fn last_stage(
        &self,
        mut row: Box<Row>,
    ) -> Result<Passed<(Box<Row>, Vec<Value>)>, RunError> {
        let query = &self.plan.query;
        if let Some(end) = self.filter(&mut row, &self.plan.late).await? {
            return Ok(self.ended(&row, end));
        }
        let asker = self.asker(&row);
        let mut asked = asker.complete(&mut row, query.handed_needs()).await;
        if asked == Asked::Done {
            asked = self.prove(&asker, &mut row).await;
        }
        if let Asked::Gone(absent) = asked {
            return Ok(self.ended(&row, End::Gone(absent)));
        }
        let cells = query.columns.cells(row.as_mut(), self.session)?;
        Ok(Passed::Kept(Box::new((row, cells))))
    }
}

/// Where a sorted row stands, and its errors that count wherever that is.
type Misplaced = (usize, Vec<RowError>);

/// How handing rows out ended.
#[derive(Default)]
struct HandedOut {
    /// How many were taken, those that were dropped at last among them.
    taken: usize,
    /// How many were dropped.
    dropped: u64,
    /// Whether `sink` said stop.
    stopped: bool,
}
