//! The tables of a watch: what one round brought, laid over what was seen before, with what changed marked.
//!
//! A row is the same row as before if it is called the same. What an incomplete round does not bring may be there all the
//! same, so it stays, marked as not seen (threats S6).

use std::collections::{HashMap, HashSet};
use std::io;

use super::layout::{self, Line};
use super::table::{Columns, Table};
use super::{Format, Look, Queries, Renderer, cell};
use crate::diagnostic::Colour;
use crate::rows::{Header, ResultRow, Summary};
use crate::safe::{escape, guard_line_start};
use crate::value::Value;

/// What one round brought: a renderer that keeps its rows.
#[derive(Debug, Default)]
pub struct Round(Vec<Brought>);

/// What one query of a round brought.
#[derive(Debug)]
struct Brought {
    header: Header,
    rows: Vec<ResultRow>,
    is_complete: bool,
}

impl Renderer for Round {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.0.push(Brought {
            header: header.clone(),
            rows: Vec::new(),
            is_complete: false,
        });
        Ok(())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        if let Some(brought) = self.0.last_mut() {
            brought.rows.push(row.clone());
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if let Some(brought) = self.0.last_mut() {
            brought.is_complete = summary.is_complete();
        }
        Ok(())
    }
}

/// What is seen of all queries of a watch.
#[derive(Debug, Default)]
pub struct Watched(Vec<Seen>);

/// What is seen of one query.
#[derive(Debug)]
struct Seen {
    header: Header,
    rows: Vec<Marked>,
}

/// One row, and what became of it.
#[derive(Debug, Clone)]
struct Marked {
    row: ResultRow,
    mark: Mark,
    /// Which of its cells changed.
    changed: Vec<bool>,
}

/// What became of a row since the round before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Same,
    New,
    Changed,
    /// It is shown this once more.
    Gone,
    /// The round could not tell.
    NotSeen,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::Same => "  ",
            Self::New => "+ ",
            Self::Changed => "~ ",
            Self::Gone => "- ",
            Self::NotSeen => "? ",
        }
    }

    /// How a whole line is coloured, if it is (ECMA-48, "SGR").
    fn colour(self) -> Option<&'static str> {
        match self {
            Self::Same | Self::Changed => None,
            Self::New => Some("32"),
            Self::Gone => Some("31"),
            Self::NotSeen => Some("2"),
        }
    }
}

/// How a cell is coloured that changed.
const CHANGED: &str = "1;33";
/// What stands behind it where there is no colour.
const CHANGED_SIGN: &str = "*";

/// How many rows changed in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Rows that were not there.
    pub new: usize,
    /// Rows with other cells.
    pub changed: usize,
    /// Rows that are there no more.
    pub gone: usize,
    /// Rows of which an incomplete round says nothing.
    pub not_seen: usize,
}

impl Watched {
    /// Takes what a round brought. In the first one nothing is marked. `now` is when it was: a cell has changed if it is
    /// other than before and looks so.
    pub fn take(&mut self, round: Round, now: jiff::Timestamp) {
        let mut before = std::mem::take(&mut self.0).into_iter();
        for brought in round.0 {
            let before = before.next().map(|seen| seen.rows);
            let rows = match before {
                None => brought.rows.into_iter().map(Marked::same).collect(),
                Some(before) => {
                    let headings = &brought.header.headings;
                    let is_changed = |at: usize, old: &Value, new: &Value| {
                        let format = headings[at].format;
                        old != new && cell::show(old, format, now) != cell::show(new, format, now)
                    };
                    merge(before, brought.rows, brought.is_complete, is_changed)
                }
            };
            let header = brought.header;
            self.0.push(Seen { header, rows });
        }
    }

    /// Lets what was seen stand as it was, without the marks of a round that is past.
    pub fn rest(&mut self) {
        for seen in &mut self.0 {
            seen.rows.retain(|row| row.mark != Mark::Gone);
            for row in &mut seen.rows {
                *row = Marked::same(row.row.clone());
            }
        }
    }

    /// How much changed in the last round.
    pub fn changes(&self) -> Changes {
        let mut changes = Changes::default();
        for row in self.0.iter().flat_map(|seen| &seen.rows) {
            match row.mark {
                Mark::Same => {}
                Mark::New => changes.new += 1,
                Mark::Changed => changes.changed += 1,
                Mark::Gone => changes.gone += 1,
                Mark::NotSeen => changes.not_seen += 1,
            }
        }
        changes
    }

    /// The tables as lines, no more than `most` of them; the last one tells of what there is no room for.
    pub fn lines(&self, format: Format, look: Look, most: usize) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        let mut left_out = 0;
        for (at, seen) in self.0.iter().enumerate() {
            if self.0.len() > 1 {
                lines.extend((at > 0).then(String::new));
                lines.push(guard_line_start(&escape(&seen.header.query)).into_owned());
            }
            let room = most.saturating_sub(lines.len());
            let shown = seen.rows.len().min(room);
            lines.extend(seen.lines(format, look, shown)?);
            left_out += seen.rows.len() - shown;
        }
        if lines.len() > most || left_out > 0 {
            let room = most.saturating_sub(1);
            left_out += lines.len().saturating_sub(room);
            lines.truncate(room);
            lines.push(format!("… {left_out} more"));
        }
        Ok(lines)
    }
}

impl Marked {
    fn same(row: ResultRow) -> Self {
        Self {
            changed: vec![false; row.cells.len()],
            mark: Mark::Same,
            row,
        }
    }

    fn with(row: ResultRow, mark: Mark) -> Self {
        Self {
            mark,
            ..Self::same(row)
        }
    }

    /// The row as it is now, compared with what it was. What could not be had has not changed.
    fn since(
        before: &ResultRow,
        row: ResultRow,
        is_changed: impl Fn(usize, &Value, &Value) -> bool,
    ) -> Self {
        let is_in_doubt = row.error.is_some() || before.error.is_some();
        let pairs = before.cells.iter().zip(&row.cells).enumerate();
        let changed: Vec<bool> = pairs
            .map(|(at, (old, new))| {
                let is_known = !is_in_doubt || (*old != Value::Null && *new != Value::Null);
                is_known && is_changed(at, old, new)
            })
            .collect();
        let mark = match changed.contains(&true) {
            true => Mark::Changed,
            false => Mark::Same,
        };
        Self { row, mark, changed }
    }
}

/// What a row is known by: what it is called, and how many before it are called the same.
type Key = (String, usize);

fn keyed<'a>(rows: impl Iterator<Item = &'a ResultRow>) -> Vec<Key> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut key = |row: &'a ResultRow| {
        let count = seen.entry(&row.name).or_default();
        *count += 1;
        (row.name.clone(), *count)
    };
    rows.map(&mut key).collect()
}

/// The rows of a round in their order; those that it does not bring stand behind what they stood behind.
fn merge(
    before: Vec<Marked>,
    rows: Vec<ResultRow>,
    is_complete: bool,
    is_changed: impl Fn(usize, &Value, &Value) -> bool,
) -> Vec<Marked> {
    let mut before = before;
    before.retain(|row| row.mark != Mark::Gone);
    let old_keys = keyed(before.iter().map(|marked| &marked.row));
    let new_keys = keyed(rows.iter());
    let still: HashSet<&Key> = new_keys.iter().collect();
    let mark = match is_complete {
        true => Mark::Gone,
        false => Mark::NotSeen,
    };
    let mut missing: HashMap<Option<&Key>, Vec<Marked>> = HashMap::new();
    let mut known: HashMap<&Key, ResultRow> = HashMap::new();
    let mut behind = None;
    for (key, old) in old_keys.iter().zip(before) {
        if still.contains(key) {
            behind = Some(key);
            known.insert(key, old.row);
        } else {
            let missing = missing.entry(behind).or_default();
            missing.push(Marked::with(old.row, mark));
        }
    }
    let mut merged: Vec<Marked> = missing.remove(&None).unwrap_or_default();
    for (key, row) in new_keys.iter().zip(rows) {
        merged.push(match known.get(key) {
            Some(old) => Marked::since(old, row, &is_changed),
            None => Marked::with(row, Mark::New),
        });
        merged.extend(missing.remove(&Some(key)).unwrap_or_default());
    }
    merged
}

impl Seen {
    /// The heading, where there are rows, and so many of them.
    fn lines(&self, format: Format, look: Look, rows: usize) -> io::Result<Vec<String>> {
        let columns = match format {
            Format::Wide => Columns::All,
            _ => Columns::Main,
        };
        let gutter = Mark::Same.sign().len();
        let look = Look {
            width: look.width.map(|width| width.saturating_sub(gutter)),
            ..look
        };
        let mut nowhere = io::sink();
        let mut table = Table::new(columns, Queries::One, look, &mut nowhere);
        table.begin(&self.header)?;
        let shown = &self.rows[..rows];
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let heading = look.headers.then(|| table.heading_line());
        let places = table.places();
        let marked = shown.iter().map(|row| {
            table.note_names(&row.row);
            let mut line = table.row_line(&row.row);
            for (cell, at) in line.iter_mut().zip(&places) {
                let is_changed = row.changed.get(*at) == Some(&true);
                if is_changed && look.colour == Colour::Off {
                    cell.push_str(CHANGED_SIGN);
                }
            }
            line
        });
        let mut all: Vec<Line> = marked.collect();
        all.splice(0..0, heading.clone());
        let columns = table.layout();
        let widths = table.fitted(&mut all, &columns, None);
        let lay = |line: &Line| layout::pad(line, &columns, &widths);
        let mut rows = all.iter();
        let mut lines = Vec::with_capacity(all.len());
        if heading.is_some() {
            let heading = rows.next().map(lay).unwrap_or_default();
            lines.push(format!(
                "{}{}",
                Mark::Same.sign(),
                heading.concat().trim_end()
            ));
        }
        for (line, row) in rows.zip(shown) {
            lines.push(row.painted(&lay(line), &places, look.colour));
        }
        Ok(lines)
    }
}

impl Marked {
    /// The line with its sign and, where there is colour, in it.
    fn painted(&self, cells: &[String], places: &[usize], colour: Colour) -> String {
        let sign = self.mark.sign();
        let plain = format!("{sign}{}", cells.concat());
        let plain = plain.trim_end();
        match (colour, self.mark) {
            (Colour::Off, _) | (_, Mark::Same) => plain.to_owned(),
            (Colour::On, Mark::Changed) => {
                let mut line = sign.to_owned();
                for (cell, at) in cells
                    .iter()
                    .zip(places.iter().map(Some).chain(std::iter::repeat(None)))
                {
                    match at.map(|at| self.changed.get(*at)) {
                        Some(Some(true)) => line.push_str(&coloured(CHANGED, cell)),
                        _ => line.push_str(cell),
                    }
                }
                line.trim_end().to_owned()
            }
            (Colour::On, mark) => match mark.colour() {
                Some(code) => coloured(code, plain),
                None => plain.to_owned(),
            },
        }
    }
}

fn coloured(code: &str, text: &str) -> String {
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{look, row, text_header};
    use super::*;

    fn round(rows: &[(&str, &str)], is_complete: bool) -> Round {
        let row = |(name, size): &(&str, &str)| ResultRow {
            name: format!("a.io/{name}"),
            ..row(&[Value::text(*name), Value::text(*size)])
        };
        Round(vec![Brought {
            header: text_header(&["TAG", "SIZE"]),
            rows: rows.iter().map(row).collect(),
            is_complete,
        }])
    }

    fn lines(watched: &Watched) -> String {
        watched.lines(Format::Table, look(), 20).unwrap().join("\n")
    }

    fn now() -> jiff::Timestamp {
        look().now
    }

    #[test]
    fn what_changed_is_marked_for_one_round() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10"), ("2", "20"), ("3", "30")], true), now());
        assert_eq!(
            lines(&watched),
            "  TAG   SIZE\n  1     10\n  2     20\n  3     30"
        );
        watched.take(round(&[("1", "10"), ("3", "31"), ("4", "40")], true), now());
        let marked = "  TAG   SIZE\n  1     10\n- 2     20\n~ 3     31*\n+ 4     40";
        assert_eq!(lines(&watched), marked);
        let changes = Changes {
            new: 1,
            changed: 1,
            gone: 1,
            not_seen: 0,
        };
        assert_eq!(watched.changes(), changes);
        watched.take(round(&[("1", "10"), ("3", "31"), ("4", "40")], true), now());
        assert_eq!(
            lines(&watched),
            "  TAG   SIZE\n  1     10\n  3     31\n  4     40"
        );
        assert_eq!(watched.changes(), Changes::default());
    }

    #[test]
    fn s6_what_an_incomplete_round_does_not_bring_is_not_gone() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10"), ("2", "20")], true), now());
        for _ in 0..2 {
            watched.take(round(&[("2", "20")], false), now());
            assert_eq!(lines(&watched), "  TAG   SIZE\n? 1     10\n  2     20");
        }
        watched.take(round(&[("1", "10"), ("2", "20")], true), now());
        assert_eq!(lines(&watched), "  TAG   SIZE\n  1     10\n  2     20");
        watched.take(round(&[("2", "20")], true), now());
        watched.rest();
        assert_eq!(lines(&watched), "  TAG   SIZE\n  2     20");
    }

    #[test]
    fn s6_what_could_not_be_had_has_not_changed() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10")], true), now());
        let mut failed = round(&[("1", "10")], false);
        failed.0[0].rows[0].cells[1] = Value::Null;
        failed.0[0].rows[0].error = Some(crate::safe::Safe::new("lost"));
        watched.take(failed, now());
        assert_eq!(watched.changes(), Changes::default());
    }

    #[test]
    fn rows_that_are_called_the_same_are_told_apart_by_their_order() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10"), ("1", "20")], true), now());
        watched.take(round(&[("1", "10"), ("1", "21")], true), now());
        assert_eq!(lines(&watched), "  TAG   SIZE\n  1     10\n~ 1     21*");
    }

    #[test]
    fn colour_says_the_same_as_signs() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10"), ("2", "20")], true), now());
        watched.take(round(&[("1", "11"), ("3", "30")], true), now());
        let look = Look {
            colour: Colour::On,
            ..look()
        };
        let lines = watched.lines(Format::Table, look, 20).unwrap();
        assert_eq!(
            lines,
            [
                "  TAG   SIZE",
                "~ 1     \u{1b}[1;33m11     \u{1b}[0m",
                "\u{1b}[31m- 2     20\u{1b}[0m",
                "\u{1b}[32m+ 3     30\u{1b}[0m",
            ]
        );
    }

    #[test]
    fn what_there_is_no_room_for_is_counted() {
        let mut watched = Watched::default();
        watched.take(round(&[("1", "10"), ("2", "20"), ("3", "30")], true), now());
        for (most, last) in [(4, "  3     30"), (3, "… 2 more"), (2, "… 3 more")] {
            let lines = watched.lines(Format::Table, look(), most).unwrap();
            assert_eq!((lines.len(), lines.last().unwrap().as_str()), (most, last));
        }
    }
}
