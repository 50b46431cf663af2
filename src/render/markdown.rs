//! `-o markdown`: GitHub Flavored Markdown, for comments, wikis and summaries of CI.
//!
//! Each result is a heading, a table, and below it what is missing, what vanished and what became of the asserts.
//! Tables are padded to be read as text too, a page at a time as those of `-o table`, so that a long run takes no more memory
//! than a page. How texts are kept from being taken for Markdown is told in `text`.

mod text;

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use self::text::{Spot, code, inline, prose};
use super::layout::{self, Line, PAGE_ROWS};
use super::{Look, Renderer, align_on_page, cell};
use crate::fields::{Align, CellFormat};
use crate::rows::{Header, Heading, ResultRow, Summary, counted};
use crate::safe::Safe;

/// The widest that a column is padded to: a longer cell moves its own line only.
const PADDED: usize = 60;
/// What stands in a row with facts missing.
const INCOMPLETE: &str = "*(incomplete)*";

/// The renderer of `markdown`.
pub(super) struct Markdown<'a> {
    out: &'a mut dyn Write,
    look: Look,
    header: Option<Header>,
    /// Whether something stands above.
    begun: bool,
    page: Vec<Line>,
    /// Set by the first page of a result.
    widths: Option<Vec<usize>>,
}

impl<'a> Markdown<'a> {
    /// Makes one for a run.
    pub(super) fn new(look: Look, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            look,
            header: None,
            begun: false,
            page: Vec::new(),
            widths: None,
        }
    }

    fn headings(&self) -> impl Iterator<Item = (usize, &Heading)> {
        self.header.iter().flat_map(Header::main_headings)
    }

    fn row_line(&self, row: &ResultRow) -> Line {
        let cells = self.headings().map(|(at, heading)| {
            let value = row.cells.get(at);
            let shown = value.and_then(|value| cell::show(value, heading.format, self.look.now));
            shown.map_or(String::new(), |text| one_cell(&text, heading.format))
        });
        let mut line: Line = cells.collect();
        if let (Some(first), true) = (line.first_mut(), row.error.is_some()) {
            let gap = if first.is_empty() { "" } else { " " };
            first.push_str(&format!("{gap}{INCOMPLETE}"));
        }
        line
    }

    fn print_page(&mut self) -> io::Result<()> {
        let page = std::mem::take(&mut self.page);
        if page.is_empty() {
            return Ok(());
        }
        let aligns = self.headings().map(|(_, heading)| align_on_page(heading));
        let aligns: Vec<Align> = aligns.collect();
        let is_first = self.widths.is_none();
        let names = self
            .headings()
            .map(|(_, heading)| inline(&Safe::new(&heading.name), Spot::Cell));
        let names: Line = names.collect();
        let widths = self.widths.get_or_insert_with(|| {
            let lines = [std::slice::from_ref(&names), &page].concat();
            let needed = layout::widths(&lines).into_iter();
            // A line below the names has three dashes at least.
            needed.map(|width| width.clamp(3, PADDED)).collect()
        });
        if is_first {
            writeln!(self.out, "{}", padded(&names, &aligns, widths))?;
            writeln!(self.out, "{}", rule(&aligns, widths))?;
        }
        for line in &page {
            writeln!(self.out, "{}", padded(line, &aligns, widths))?;
        }
        Ok(())
    }

    fn print_outcome(&mut self, summary: &Summary) -> io::Result<()> {
        let missing = summary.missing();
        if !missing.is_empty() {
            let answers = counted(missing.len(), "answer");
            writeln!(self.out, "\n**Incomplete:** {answers} missing.\n")?;
        }
        for missing in &missing {
            let about = code(&Safe::new(&missing.about), Spot::Line);
            let cause = prose(&Safe::new(&missing.cause()));
            writeln!(self.out, "- {about}: {cause}{}", without(&missing.fields))?;
        }
        let mut notes: Vec<String> = summary.vanished().into_iter().collect();
        notes.extend(summary.untold().map(|(registry, fields)| {
            let registry = code(&Safe::new(registry), Spot::Line);
            format!("{registry} does not tell {}", codes(&fields))
        }));
        for note in notes {
            writeln!(self.out, "\nNote: {note}.")?;
        }
        for (at, checked) in summary.asserts.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let verdict = checked.verdict_in_words();
            let message = prose(&checked.message);
            writeln!(self.out, "{gap}- Assert **{verdict}**: {message}")?;
        }
        Ok(())
    }
}

impl Renderer for Markdown<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        self.header = Some(header.clone());
        self.widths = None;
        if std::mem::replace(&mut self.begun, true) {
            writeln!(self.out)?;
        }
        if !self.look.headers {
            return Ok(());
        }
        let name = inline(&Safe::new(&header.query), Spot::Line);
        writeln!(self.out, "## {name}\n")?;
        let description = header.description.as_deref().and_then(cell::visible);
        match description {
            Some(description) => writeln!(self.out, "{}\n", prose(&description)),
            None => Ok(()),
        }
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        self.page.push(self.row_line(row));
        match self.page.len() < PAGE_ROWS {
            true => Ok(()),
            false => self.print_page(),
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.print_page()?;
        if self.widths.is_none() {
            writeln!(self.out, "No rows.")?;
        }
        self.print_outcome(summary)
    }
}

/// A cell: what is read digit by digit stands as code.
fn one_cell(text: &Safe, format: CellFormat) -> String {
    match format {
        CellFormat::Digest | CellFormat::Json => code(text, Spot::Cell),
        _ => inline(text, Spot::Cell),
    }
}

fn without(fields: &[&str]) -> String {
    match fields.is_empty() {
        true => String::new(),
        false => format!("; so there is no {}", codes(fields)),
    }
}

fn codes(fields: &[&str]) -> String {
    let each = fields
        .iter()
        .map(|field| code(&Safe::new(field), Spot::Line));
    each.collect::<Vec<_>>().join(", ")
}

fn padded(line: &Line, aligns: &[Align], widths: &[usize]) -> String {
    let cells = line.iter().zip(aligns).zip(widths);
    let cells = cells.map(|((cell, align), width)| {
        let space = " ".repeat(width.saturating_sub(cell.width()));
        match align {
            Align::Left => format!(" {cell}{space} |"),
            Align::Right => format!(" {space}{cell} |"),
        }
    });
    format!("|{}", cells.collect::<String>())
}

/// The line between names and rows, which says where cells stand.
fn rule(aligns: &[Align], widths: &[usize]) -> String {
    let cells = aligns.iter().zip(widths).map(|(align, width)| match align {
        Align::Left => format!(" {} |", "-".repeat(*width)),
        Align::Right => format!(" {}: |", "-".repeat(width - 1)),
    });
    format!("|{}", cells.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{look, print, print_several, print_with, row, sample, text_header};
    use super::super::{Format, Look};
    use super::*;
    use crate::rows::{Checked, Lacking, Verdict};
    use crate::value::Value;

    #[test]
    fn a_result_is_a_heading_a_table_and_how_it_went() {
        let (mut header, rows, mut summary) = sample();
        header.description = Some("What *nobody* rebuilt".to_owned());
        summary.lacking = vec![Lacking {
            registry: "ghcr.io".into(),
            field: "pulled",
        }];
        summary.asserts = vec![Checked {
            place: "q.yaml:1:1".to_owned(),
            message: Safe::new("2 images of @team"),
            verdict: Verdict::Fails,
        }];
        let text = print(Format::Markdown, &header, &rows, &summary);
        let expected = "\
## stale

What `*nobody*` rebuilt

| REPOSITORY             |   SIZE |
| ---------------------- | -----: |
| team/app               | 29.1MB |
| team/db *(incomplete)* |        |

**Incomplete:** 1 answer missing.

- `ghcr.io/team/db:v1`: manifest unknown (MANIFEST\\_UNKNOWN); so there is no `size`

Note: 1 tag, manifest or repository vanished between listing and asking.

Note: `ghcr.io` does not tell `pulled`.

- Assert **does not hold**: 2 images of `@team`
";
        assert_eq!(text, expected);
    }

    #[test]
    fn without_headings_only_the_table() {
        let (header, rows, _) = sample();
        let look = Look {
            headers: false,
            ..look()
        };
        let text = print_with(
            look,
            Format::Markdown,
            &header,
            &rows[..1],
            &Summary::default(),
        );
        let expected = "\
| REPOSITORY |   SIZE |
| ---------- | -----: |
| team/app   | 29.1MB |
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_report_is_one_document_and_a_result_without_rows_says_so() {
        let header = text_header(&["A"]);
        let text = print_several(Format::Markdown, &header, &[], &Summary::default(), 2);
        assert_eq!(text, "## query\n\nNo rows.\n\n## query\n\nNo rows.\n");
    }

    #[test]
    fn a_long_cell_moves_its_own_line_only() {
        let header = text_header(&["A", "B"]);
        let long = "x ".repeat(100);
        let rows = [
            row(&[Value::text(long.trim()), "1".into()]),
            row(&["b".into(), "2".into()]),
        ];
        let text = print(Format::Markdown, &header, &rows, &Summary::default());
        let widths: Vec<usize> = text.lines().skip(2).map(str::len).collect();
        assert_eq!(widths, [PADDED + 10, PADDED + 10, 199 + 10, PADDED + 10]);
    }

    #[test]
    fn later_pages_have_no_names_of_their_own() {
        let header = text_header(&["A"]);
        let rows = vec![row(&["a".into()]); PAGE_ROWS + 1];
        let text = print(Format::Markdown, &header, &rows, &Summary::default());
        assert_eq!(text.lines().count(), PAGE_ROWS + 1 + 4);
        assert_eq!(text.matches("---").count(), 1);
    }
}
