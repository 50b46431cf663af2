//! Cells to aligned lines: kubectl's look. The only file that knows the table crate.
//!
//! Widths are display columns, not characters. Cells arrive safe and on one line; nothing is formatted here.

use std::cmp::Reverse;

use comfy_table::{CellAlignment, ColumnConstraint, Table, Width, presets};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::fields::Align;

/// Rows that are laid out together.
pub(super) const PAGE_ROWS: usize = 500;
/// Spaces between columns.
const GAP: u16 = 3;
/// The narrowest column before another: kubectl's tab writer gives it six places, the gap among them.
const LEAST: usize = 3;

/// The cells of one line; there may be more or fewer than columns.
pub(super) type Line = Vec<String>;

/// How a column is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    /// Which side its cells stand on.
    pub(super) align: Align,
    /// The width it is never shortened below.
    pub(super) floor: usize,
    /// How soon it is shortened.
    pub(super) worth: Worth,
}

/// How much a column's cells are worth to whoever reads a table that is too wide: the least are shortened first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// What a row tells: digests in full, lists, long text.
    Told,
    /// What a row is called by; cut short it is another's name, too.
    Named,
}

/// The width each column needs for these lines. What another column follows is no narrower than kubectl has it.
pub(super) fn widths(lines: &[Line]) -> Vec<usize> {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let needed = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.get(at));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        let least = if at + 1 < columns { LEAST } else { 0 };
        widest.max(least)
    };
    (0..columns).map(needed).collect()
}

/// Narrows the widest of the columns that are worth least until a line fits `budget`, or until all are at their floors.
/// What has no column, such as a mark at the end, keeps its width.
pub(super) fn fit(mut widths: Vec<usize>, columns: &[Column], budget: usize) -> Vec<usize> {
    let gaps = usize::from(GAP) * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > budget {
        let candidates = widths.iter_mut().zip(columns);
        let widest = candidates
            .filter(|(width, column)| **width > column.floor)
            .max_by_key(|(width, column)| (Reverse(column.worth), **width));
        match widest {
            Some((width, _)) => *width -= 1,
            None => break,
        }
    }
    widths
}

/// The display columns that a text takes.
pub fn columns_of(text: &str) -> usize {
    text.width()
}

/// Shortens a cell to `width`, with a mark where it was cut.
pub fn shorten(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    let room = width.saturating_sub(1);
    let mut taken = 0;
    let mut end = 0;
    for (at, seen) in cell.grapheme_indices(true) {
        taken += seen.width();
        if taken > room {
            break;
        }
        end = at + seen.len();
    }
    format!("{}…", &cell[..end])
}

/// The cells of one line, each as wide as its column and the gap behind it.
pub(super) fn pad(line: &Line, columns: &[Column], widths: &[usize]) -> Vec<String> {
    let cells = line.iter().zip(widths).enumerate();
    let padded = cells.map(|(at, (cell, width))| {
        let blank = " ".repeat(width.saturating_sub(cell.width()));
        let gap = " ".repeat(usize::from(GAP));
        match columns.get(at).map(|column| column.align) {
            Some(Align::Right) => format!("{blank}{cell}{gap}"),
            _ => format!("{cell}{blank}{gap}"),
        }
    });
    padded.collect()
}

/// Lays lines out in columns at least as wide as `widths`. A line with a longer cell overflows alone; the
/// others stay aligned.
pub(super) fn lay(lines: &[Line], columns: &[Column], widths: &[usize]) -> Vec<String> {
    let fits = |line: &Line| {
        line.iter()
            .zip(widths)
            .all(|(cell, width)| cell.width() <= *width)
    };
    lines
        .chunk_by(|above, below| fits(above) && fits(below))
        .flat_map(|chunk| lay_chunk(chunk, columns, widths))
        .collect()
}

fn lay_chunk(lines: &[Line], columns: &[Column], widths: &[usize]) -> Vec<String> {
    let mut table = Table::new();
    // Without this the crate would look for a terminal and fit the table to it.
    table.load_style(presets::NOTHING).force_no_tty();
    table.add_rows(lines.iter().cloned());
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, GAP));
        if let Some(Column {
            align: Align::Right,
            ..
        }) = columns.get(at)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(width) = widths.get(at) {
            let width = u16::try_from(*width).unwrap_or(u16::MAX - GAP);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width + GAP)));
        }
    }
    table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEFT: Column = Column {
        align: Align::Left,
        floor: 8,
        worth: Worth::Told,
    };
    const RIGHT: Column = Column {
        align: Align::Right,
        floor: 8,
        worth: Worth::Told,
    };

    fn lines(rows: &[&[&str]]) -> Vec<Line> {
        let line = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(line).collect()
    }

    #[test]
    fn columns_stand_three_spaces_apart() {
        let lines = lines(&[
            &["NAME", "SIZE", "TAG"],
            &["a", "29.1MB", "v1"],
            &["日本", "0B", "v2"],
        ]);
        let laid = lay(&lines, &[LEFT, RIGHT, LEFT], &widths(&lines));
        assert_eq!(
            laid,
            [
                "NAME     SIZE   TAG",
                "a      29.1MB   v1",
                "日本       0B   v2"
            ]
        );
    }

    #[test]
    fn an_overlong_cell_moves_its_own_line_only() {
        let lines = lines(&[&["a", "1"], &["longer", "2"], &["b", "3"]]);
        assert_eq!(
            lay(&lines, &[LEFT; 2], &[3, 1]),
            ["a     1", "longer   2", "b     3"]
        );
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        let columns = [LEFT, Column { floor: 20, ..LEFT }, LEFT];
        assert_eq!(fit(vec![10, 20, 60], &columns, 66), [10, 20, 30]);
        assert_eq!(fit(vec![30, 20, 60], &columns, 48), [11, 20, 11]);
        assert_eq!(fit(vec![30, 20, 60], &columns, 1), [8, 20, 8]);
        assert_eq!(fit(vec![5, 6], &columns, 80), [5, 6]);
        assert_eq!(fit(vec![30, 12], &[LEFT], 28), [13, 12]);
    }

    #[test]
    fn names_give_way_last() {
        let name = Column {
            worth: Worth::Named,
            ..LEFT
        };
        assert_eq!(fit(vec![60, 30], &[name, LEFT], 80), [60, 17]);
        assert_eq!(fit(vec![60, 30, 12], &[name, LEFT, LEFT], 60), [38, 8, 8]);
        assert_eq!(fit(vec![60, 30], &[name, LEFT], 5), [8, 8]);
    }

    #[test]
    fn shortening_never_splits_what_is_shown_as_one() {
        for (cell, width, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 4, "abc…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("❤\u{fe0f}❤\u{fe0f}", 2, "…"),
            ("❤\u{fe0f}❤\u{fe0f}", 3, "❤\u{fe0f}…"),
            ("👍🏽👍🏽", 3, "👍🏽…"),
            ("🇩🇪🇫🇷", 3, "🇩🇪…"),
            ("abc", 0, "…"),
        ] {
            assert_eq!(shorten(cell, width), expected, "{cell} {width}");
        }
    }

    /// What is dear to a table: wide, combining, emoji, right-to-left, and joined scripts.
    fn cell() -> impl Strategy<Value = String> {
        let pieces = [
            "a",
            "日",
            "ｱ",
            "e\u{301}",
            "👍🏽",
            "❤\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "🇩🇪",
            "لا",
            "क्षि",
            " ",
            "각",
        ];
        let piece = prop_oneof![
            4 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
            1 => any::<char>().prop_map(|c| crate::safe::escape(&c.to_string()).into_owned()),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| format!("x{}", pieces.concat()))
    }

    proptest! {
        #[test]
        fn f3_the_cells_of_a_column_start_at_the_same_place(
            rows in prop::collection::vec(prop::collection::vec(cell(), 4), 1..12),
        ) {
            let widths = widths(&rows);
            let laid = lay(&rows, &[LEFT; 4], &widths);
            prop_assert_eq!(laid.len(), rows.len());
            for (line, cells) in laid.iter().zip(&rows) {
                let mut model = String::new();
                let mut start = 0;
                for (cell, width) in cells.iter().zip(&widths) {
                    prop_assert_eq!(model.width(), start, "{:?} in {:?}", cell, model);
                    start += width + usize::from(GAP);
                    model += cell;
                    model += &" ".repeat(start - model.width());
                }
                prop_assert_eq!(line, model.trim_end());
            }
        }

        #[test]
        fn f3_a_shortened_cell_has_at_most_its_width(cell in cell(), width in 1usize..20) {
            let short = shorten(&cell, width);
            prop_assert!(short.width() <= width, "{:?}", short);
        }
    }
}
