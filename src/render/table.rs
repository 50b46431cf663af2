//! `-o table` and `-o wide`: what people read.
//!
//! Rows are gathered in pages; the first page sets the widths, so that a long run is shown as it goes and takes
//! no more memory than a page. Off a terminal nothing is shortened.

use std::io::{self, Write};

use super::layout::{self, Column, Line, PAGE_ROWS, Worth};
use super::{Look, Marks, Queries, Renderer, cell};
use crate::diagnostic::Colour;
use crate::fields::CellFormat;
use crate::rows::{Header, Heading, ResultRow, Summary};
use crate::safe::{escape, guard_line_start};

/// What stands for null and for blank text, as in kubectl: no cell of a table is blank.
const NOTHING: &str = "<none>";
/// What stands behind a row with facts missing; why is told on stderr.
const INCOMPLETE: &str = "(incomplete)";
/// The narrowest a column of free text is made, and the first column.
const TEXT_FLOOR: usize = 8;
/// The narrowest any other is made: a date and time fit.
const UNIT_FLOOR: usize = 20;

/// Which columns are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// Those not marked `wide`.
    Main,
    /// All.
    All,
}

/// The renderer of `table` and `wide`.
pub(super) struct Table<'a> {
    out: &'a mut dyn Write,
    columns: Columns,
    queries: Queries,
    look: Look,
    tables: usize,
    header: Option<Header>,
    page: Vec<Line>,
    /// For each heading, whether all its cells so far are part of what their rows are called.
    named: Vec<bool>,
    /// Set by the first page of a query.
    widths: Option<Vec<usize>>,
}

impl<'a> Table<'a> {
    /// Makes one for a run.
    pub(super) fn new(
        columns: Columns,
        queries: Queries,
        look: Look,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            out,
            columns,
            queries,
            look,
            tables: 0,
            header: None,
            page: Vec::new(),
            named: Vec::new(),
            widths: None,
        }
    }

    /// The headings that are shown, with their places in a row.
    fn headings(&self) -> impl Iterator<Item = (usize, &Heading)> {
        let all = self.columns == Columns::All;
        let headings = self.header.iter().flat_map(|header| &header.headings);
        headings
            .enumerate()
            .filter(move |(_, heading)| all || !heading.wide)
    }

    pub(super) fn heading_line(&self) -> Line {
        let names = self
            .headings()
            .map(|(_, heading)| cell::visible(&heading.name));
        line(names.map(|name| name.map_or(NOTHING.to_owned(), |name| name.to_string())))
    }

    pub(super) fn row_line(&self, row: &ResultRow) -> Line {
        let cells = self.headings().map(|(at, heading)| {
            let shown = row
                .cells
                .get(at)
                .and_then(|value| cell::show(value, heading.format, self.look.now));
            shown.map_or(NOTHING.to_owned(), |text| text.to_string())
        });
        let mut line = line(cells);
        if row.error.is_some() && self.look.marks == Marks::InRows {
            line.push(INCOMPLETE.to_owned());
        }
        line
    }

    pub(super) fn layout(&self) -> Vec<Column> {
        let headings = self.headings().enumerate();
        headings
            .map(|(shown, (at, heading))| column(shown, heading, self.named.get(at) == Some(&true)))
            .collect()
    }

    /// Notes which cells are what the row is called.
    pub(super) fn note_names(&mut self, row: &ResultRow) {
        if self.named.is_empty() {
            self.named = vec![true; row.cells.len()];
        }
        for (named, cell) in self.named.iter_mut().zip(&row.cells) {
            let text = cell.as_text().filter(|text| !text.is_empty());
            *named &= text.is_some_and(|text| row.name.contains(text));
        }
    }

    /// For each column that is shown, the place of its cells in a row.
    pub(super) fn places(&self) -> Vec<usize> {
        self.headings().map(|(at, _)| at).collect()
    }

    /// The widths of the columns for these lines, which are shortened where they have to be; none becomes narrower than
    /// it was `before`.
    pub(super) fn fitted(
        &self,
        page: &mut [Line],
        columns: &[Column],
        before: Option<Vec<usize>>,
    ) -> Vec<usize> {
        match (before, self.budget()) {
            (Some(before), None) => before,
            (None, None) => layout::widths(page),
            // Where there is room, nothing is shortened only because the first page did not need it.
            (before, Some(budget)) => {
                let needed = widest(&layout::widths(page), &before.unwrap_or_default());
                let widths = layout::fit(needed, columns, budget);
                shorten(page, columns, &widths);
                widths
            }
        }
    }

    /// The width lines are fitted to, if they are.
    fn budget(&self) -> Option<usize> {
        self.look.width.filter(|_| self.look.truncate)
    }

    fn print_page(&mut self) -> io::Result<()> {
        if self.page.is_empty() {
            return Ok(());
        }
        let mut page = std::mem::take(&mut self.page);
        if self.widths.is_none() {
            self.print_name()?;
            if self.look.headers {
                page.insert(0, self.heading_line());
            }
        }
        let columns = self.layout();
        let before = self.widths.take();
        let widths = self.fitted(&mut page, &columns, before);
        let laid = layout::lay(&page, &columns, &widths);
        self.widths = Some(widths);
        self.print_lines(&page, &laid)
    }

    /// Prints what was laid out; the mark of an incomplete row gets its colour only now that widths are taken.
    fn print_lines(&mut self, page: &[Line], laid: &[String]) -> io::Result<()> {
        let columns = self.headings().count();
        for (text, line) in laid.iter().zip(page) {
            let is_marked = line.len() > columns;
            match (self.look.colour, text.strip_suffix(INCOMPLETE)) {
                // Not by the table crate, which would ask the environment whether it may.
                (Colour::On, Some(row)) if is_marked => {
                    writeln!(self.out, "{row}\u{1b}[31m{INCOMPLETE}\u{1b}[0m")?;
                }
                _ => writeln!(self.out, "{text}")?,
            }
        }
        Ok(())
    }

    /// A report's tables stand under their names, a blank line apart.
    fn print_name(&mut self) -> io::Result<()> {
        self.tables += 1;
        let name = match (self.queries, &self.header) {
            (Queries::Several, Some(header)) => escape(&header.query),
            _ => return Ok(()),
        };
        if self.tables > 1 {
            writeln!(self.out)?;
        }
        writeln!(self.out, "{}", guard_line_start(&name))
    }
}

impl Renderer for Table<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        self.widths = None;
        self.named.clear();
        Ok(())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        self.note_names(row);
        self.page.push(self.row_line(row));
        if self.page.len() < PAGE_ROWS {
            return Ok(());
        }
        self.print_page()
    }

    fn finish(&mut self, _: &Summary) -> io::Result<()> {
        self.print_page()
    }

    fn resize(&mut self, width: usize) {
        self.look.width = self.look.width.map(|_| width);
    }
}

/// Collects the cells of a line. The first is kept from speaking to a CI runner (threats F-4) before widths are
/// taken, so that its column stays straight.
fn line(cells: impl Iterator<Item = String>) -> Line {
    let mut line: Line = cells.collect();
    if let Some(first) = line.first_mut() {
        *first = guard_line_start(first).into_owned();
    }
    line
}

/// How a column is laid out. Units are not shortened to where a digit could be lost.
fn column(at: usize, heading: &Heading, is_name: bool) -> Column {
    let is_text = matches!(
        heading.format,
        CellFormat::Plain | CellFormat::List | CellFormat::Json
    );
    Column {
        align: heading.align,
        floor: if is_text || at == 0 {
            TEXT_FLOOR
        } else {
            UNIT_FLOOR
        },
        worth: match is_name {
            true => Worth::Named,
            false => Worth::Told,
        },
    }
}

/// For each column the larger of two widths.
fn widest(some: &[usize], others: &[usize]) -> Vec<usize> {
    let others = others.iter().copied().chain(std::iter::repeat(0));
    let both = some.iter().zip(others);
    both.map(|(one, other)| (*one).max(other)).collect()
}

/// Shortens every cell to its column; a mark at the end of a line has none and stays.
fn shorten(page: &mut [Line], columns: &[Column], widths: &[usize]) {
    for line in page {
        for ((cell, width), _) in line.iter_mut().zip(widths).zip(columns) {
            *cell = layout::shorten(cell, *width);
        }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::super::tests::{look, print, print_several, print_with, row, sample, text_header};
    use super::super::{Format, Look};
    use super::*;
    use crate::fields::Align;
    use crate::value::Value;

    fn narrow(width: usize) -> Look {
        Look {
            width: Some(width),
            ..look()
        }
    }

    fn texts(cells: &[&str]) -> ResultRow {
        row(&cells.iter().map(Value::text).collect::<Vec<_>>())
    }

    #[test]
    fn it_looks_like_kubectl() {
        let (header, rows, summary) = sample();
        let table = print(Format::Table, &header, &rows, &summary);
        let expected = "\
REPOSITORY     SIZE
team/app     29.1MB
team/db      <none>   (incomplete)
";
        assert_eq!(table, expected);
    }

    #[test]
    fn marks_can_stand_elsewhere() {
        let (header, rows, summary) = sample();
        let look = Look {
            marks: Marks::Elsewhere,
            ..look()
        };
        let table = print_with(look, Format::Table, &header, &rows, &summary);
        assert!(table.ends_with("team/db      <none>\n"), "{table}");
    }

    #[test]
    fn wide_shows_all_columns() {
        let (header, rows, summary) = sample();
        let table = print(Format::Wide, &header, &rows, &summary);
        let expected = "\
REPOSITORY     SIZE   LABELS
team/app     29.1MB   {\"a\":[1]}
team/db      <none>   <none>      (incomplete)
";
        assert_eq!(table, expected);
    }

    #[test]
    fn without_headings_only_rows() {
        let (header, rows, summary) = sample();
        let look = Look {
            headers: false,
            ..look()
        };
        let table = print_with(look, Format::Table, &header, &rows[..1], &summary);
        assert_eq!(table, "team/app   29.1MB\n");
    }

    #[test]
    fn without_rows_nothing_is_printed() {
        let (header, _, summary) = sample();
        assert_eq!(print(Format::Table, &header, &[], &summary), "");
        assert_eq!(print_several(Format::Table, &header, &[], &summary, 2), "");
    }

    #[test]
    fn several_tables_stand_under_their_names() {
        let header = text_header(&["A"]);
        let rows = [texts(&["x"])];
        let text = print_several(Format::Table, &header, &rows, &Summary::default(), 2);
        assert_eq!(text, "query\nA\nx\n\nquery\nA\nx\n");
    }

    #[test]
    fn only_the_mark_is_coloured() {
        let (mut header, mut rows, summary) = sample();
        let look = Look {
            colour: Colour::On,
            ..look()
        };
        rows[0].cells[0] = INCOMPLETE.into();
        header.headings.truncate(1);
        let table = print_with(look, Format::Table, &header, &rows, &summary);
        assert_eq!(table.matches('\u{1b}').count(), 2, "{table:?}");
        assert!(
            table.ends_with("   \u{1b}[31m(incomplete)\u{1b}[0m\n"),
            "{table:?}"
        );
    }

    #[test]
    fn f3_on_a_terminal_lines_fit_its_width() {
        let header = text_header(&["REPOSITORY", "VENDOR"]);
        let rows = [
            texts(&["team/app", &"long ".repeat(30)]),
            texts(&["x", "y"]),
        ];
        let table = print_with(
            narrow(40),
            Format::Table,
            &header,
            &rows,
            &Summary::default(),
        );
        let expected = "\
REPOSITORY   VENDOR
team/app     long long long long long l…
x            y
";
        assert_eq!(table, expected);
    }

    #[test]
    fn o3_what_a_row_tells_is_shortened_before_what_it_is_called() {
        let header = text_header(&["TEXT", "DIGEST", "REPOSITORY", "TAG"]);
        let digest = format!("sha256:{}", "0".repeat(64));
        let mut row = texts(&["a long text", &digest, "team/application", "1.0-alpine"]);
        row.name = "a.io/team/application:1.0-alpine".to_owned();
        let print = |width| {
            let rows = [row.clone()];
            print_with(
                narrow(width),
                Format::Table,
                &header,
                &rows,
                &Summary::default(),
            )
        };
        assert!(print(80).contains("a long text   sha256:"), "{}", print(80));
        assert!(
            print(60).contains("team/application   1.0-alpine"),
            "{}",
            print(60)
        );
        assert!(
            print(45).lines().all(|line| line.width() <= 45),
            "{}",
            print(45)
        );
    }

    #[test]
    fn o3_a_terminal_that_was_made_narrower_meanwhile_is_not_overflown() {
        let mut out = Vec::new();
        let look = narrow(80);
        let mut table = Table::new(Columns::Main, Queries::One, look, &mut out);
        table.begin(&text_header(&["A", "B"])).unwrap();
        table.row(&texts(&["x", &"long ".repeat(10)])).unwrap();
        table.resize(30);
        table.finish(&Summary::default()).unwrap();
        let printed = String::from_utf8(out).unwrap();
        assert!(printed.lines().all(|line| line.width() <= 30), "{printed}");
    }

    #[test]
    fn f3_the_mark_of_an_incomplete_row_fits_too() {
        let (header, mut rows, summary) = sample();
        rows[1].cells[0] = Value::text("team/database/with/a/long/name");
        for width in [38, 50, 80] {
            let table = print_with(narrow(width), Format::Table, &header, &rows, &summary);
            assert!(table.contains(INCOMPLETE), "{table}");
            assert!(table.lines().all(|line| line.width() <= width), "{table}");
        }
    }

    #[test]
    fn off_a_terminal_or_when_told_so_nothing_is_shortened() {
        let header = text_header(&["A"]);
        let rows = [texts(&[&"long".repeat(100)])];
        let untruncated = Look {
            truncate: false,
            ..narrow(20)
        };
        for look in [look(), untruncated] {
            let table = print_with(look, Format::Table, &header, &rows, &Summary::default());
            assert!(table.contains(&"long".repeat(100)), "{table}");
        }
    }

    #[test]
    fn units_keep_their_digits_on_a_narrow_terminal() {
        let (mut header, rows, summary) = sample();
        header.headings[1].format = CellFormat::Count;
        let table = print_with(narrow(10), Format::Table, &header, &rows[..1], &summary);
        assert_eq!(table, "REPOSIT…         SIZE\nteam/app   29,100,000\n");
    }

    #[test]
    fn later_pages_keep_the_widths_of_the_first() {
        let header = text_header(&["A", "B"]);
        let mut rows = vec![texts(&["aaa", "1"]); PAGE_ROWS];
        rows.extend([texts(&["longer", "2"]), texts(&["b", "3"])]);
        let table = print(Format::Table, &header, &rows, &Summary::default());
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), PAGE_ROWS + 3);
        assert_eq!(lines[..2], ["A     B", "aaa   1"]);
        assert_eq!(lines[PAGE_ROWS + 1..], ["longer   2", "b     3"]);
    }

    #[test]
    fn f3_later_pages_fit_a_terminal_too() {
        let mut rows = vec![texts(&["aaa", "1"]); PAGE_ROWS];
        rows.push(texts(&["longer than this", "2"]));
        let header = text_header(&["A", "B"]);
        let table = print_with(
            narrow(40),
            Format::Table,
            &header,
            &rows,
            &Summary::default(),
        );
        assert!(
            table.ends_with("\naaa   1\nlonger than this   2\n"),
            "{table}"
        );
    }

    #[test]
    fn f4_no_line_speaks_to_a_ci_runner() {
        for word in ["::error::x", "##[group]", "##vso[task]", " ##teamcity[x]"] {
            let mut header = text_header(&[word, "B"]);
            header.query = word.to_owned();
            let rows = [texts(&[word, "1"]), texts(&[" ", word]), texts(&["b", "2"])];
            let text = print_several(Format::Table, &header, &rows, &Summary::default(), 2);
            for line in text.lines() {
                assert_eq!(guard_line_start(line), line, "{text}");
            }
            assert!(text.contains(&format!("{NOTHING} ")), "{text}");
        }
    }

    #[test]
    fn rows_that_do_not_match_their_headings_are_shown_as_far_as_they_do() {
        let rows = [texts(&["x", "y", "z"]), texts(&[])];
        let table = print(
            Format::Table,
            &text_header(&["A", "B"]),
            &rows,
            &Summary::default(),
        );
        assert_eq!(table, "A        B\nx        y\n<none>   <none>\n");
        let none = print(Format::Table, &text_header(&[]), &rows, &Summary::default());
        assert_eq!(none.trim(), "");
    }

    #[test]
    fn a_right_aligned_column_is_so_throughout() {
        let mut header = text_header(&["A", "N"]);
        header.headings[1].align = Align::Right;
        let rows = [texts(&["x", "1"]), texts(&["y", "1000"])];
        let table = print(Format::Table, &header, &rows, &Summary::default());
        assert_eq!(table, "A        N\nx        1\ny     1000\n");
    }
}
