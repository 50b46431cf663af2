//! `-o html`: one page with nothing around it, worth sending on.
//!
//! It asks for nothing: style and script stand in it and are allowed by their hash, all else is forbidden (threats F-6). It
//! is whole without its script, which only sorts. Rows are held until they are all there, so that bars and dots have a scale; of a
//! result beyond [`DRAWN_ROWS`] they are written as they come, without. Then how it went stands behind the table in the
//! page and above it on the screen, as it does where it is known in time.

mod cell;
mod drawing;
mod markup;
mod outcome;
mod page;

use std::io::{self, Write};

use self::cell::Shown;
use self::drawing::Scale;
use self::markup::{attribute, element, text};
use super::{Look, Queries, Renderer, align_on_page};
use crate::fields::Align;
use crate::limits::{DRAWN_BYTES, DRAWN_ROWS};
use crate::rows::{Header, ResultRow, Summary};
use crate::safe::Safe;

/// The renderer of `html`.
pub(super) struct Html<'a> {
    out: &'a mut dyn Write,
    queries: Queries,
    look: Look,
    /// Those that have begun.
    sections: Vec<Section>,
    header: Option<Header>,
    /// The rows of this result that are not written yet.
    held: Vec<Row>,
    held_bytes: usize,
    /// Whether the rows of this result are written as they come.
    flowing: bool,
}

/// A result of which the list at the head of a report tells.
struct Section {
    name: Safe,
    rows: usize,
    state: String,
}

/// A row on its way to the page.
struct Row {
    cells: Vec<Shown>,
    error: Option<Safe>,
}

impl<'a> Html<'a> {
    /// Makes one for a run.
    pub(super) fn new(queries: Queries, look: Look, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            queries,
            look,
            sections: Vec::new(),
            header: None,
            held: Vec::new(),
            held_bytes: 0,
            flowing: false,
        }
    }

    fn header(&self) -> &Header {
        self.header.as_ref().expect("rows come after `begin`")
    }

    /// What the parts of this result are called within the page.
    fn id(&self) -> String {
        format!("q{}", self.sections.len())
    }

    fn shown(&self, row: &ResultRow) -> Row {
        let headings = self.header().main_headings();
        let cells = headings.map(|(at, heading)| {
            let value = row.cells.get(at);
            value.map_or_else(Shown::default, |value| {
                cell::show(value, heading, self.look.now)
            })
        });
        Row {
            cells: cells.collect(),
            error: row.error.clone(),
        }
    }

    /// The scale of every column, where all of its rows are held.
    fn scales(&self) -> Vec<Scale> {
        let columns = self.header().main_headings().count();
        let marks = |at: usize| {
            self.held
                .iter()
                .filter_map(move |row| row.cells.get(at)?.mark)
        };
        (0..columns)
            .map(|at| Scale::of(marks(at), self.look.now))
            .collect()
    }

    fn open_table(&mut self, scales: &[Scale]) -> io::Result<()> {
        let headings = self.header().main_headings().enumerate();
        let names = headings.map(|(column, (_, heading))| {
            let name = super::cell::visible(&heading.name);
            let range = scales.get(column).and_then(Scale::range);
            let range = range.map(|range| element("span", &[("class", "range")], &text(&range)));
            let inner = name.map_or(String::new(), |name| text(&name)) + &range.unwrap_or_default();
            let class = (align_on_page(heading) == Align::Right).then_some(("class", "n"));
            let attributes: Vec<_> = [("scope", "col")].into_iter().chain(class).collect();
            element("th", &attributes, &inner)
        });
        let names: String = names.collect();
        let (id, name) = (self.id(), text(&Safe::new(&self.header().query)));
        writeln!(
            self.out,
            "<div class=\"table\" role=\"region\" aria-labelledby=\"{id}-name\" tabindex=\"0\">\n<table>\n\
             <caption>Rows of {name}</caption>\n<thead>\n<tr>{names}</tr>\n</thead>\n<tbody>"
        )
    }

    fn write_row(&mut self, row: &Row, scales: &[Scale]) -> io::Result<()> {
        let class = match row.error {
            Some(_) => " class=\"incomplete\"",
            None => "",
        };
        write!(self.out, "<tr{class}>")?;
        for (at, cell) in row.cells.iter().enumerate() {
            let drawn = scales.get(at).zip(cell.mark);
            let drawn = drawn.and_then(|(scale, mark)| scale.draw(mark));
            let error = row.error.as_ref().filter(|_| at == 0);
            let error = error.map(|error| {
                let title = attribute("title", error);
                format!(" <span class=\"mark\"{title}>incomplete</span>")
            });
            let inner = [Some(cell.markup.clone()), error, drawn];
            let inner: String = inner.into_iter().flatten().collect();
            let (name, scope) = match at {
                0 => ("th", Some(("scope", "row"))),
                _ => ("td", None),
            };
            let class = (!cell.class.is_empty()).then_some(("class", cell.class));
            let attributes: Vec<_> = scope.into_iter().chain(class).collect();
            write!(self.out, "{}", element(name, &attributes, &inner))?;
        }
        writeln!(self.out, "</tr>")
    }

    fn close_table(&mut self) -> io::Result<()> {
        writeln!(self.out, "</tbody>\n</table>\n</div>")
    }

    /// Gives up on drawings: too many rows are held.
    fn flow(&mut self) -> io::Result<()> {
        self.flowing = true;
        self.open_table(&[])?;
        for row in std::mem::take(&mut self.held) {
            self.write_row(&row, &[])?;
        }
        Ok(())
    }

    fn write_held(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return writeln!(self.out, "<p class=\"nothing\">No rows.</p>");
        }
        let scales = self.scales();
        self.open_table(&scales)?;
        for row in std::mem::take(&mut self.held) {
            self.write_row(&row, &scales)?;
        }
        self.close_table()
    }
}

impl Renderer for Html<'_> {
    fn begin(&mut self, header: &Header) -> io::Result<()> {
        let name = Safe::new(&header.query);
        if self.sections.is_empty() {
            let head = page::head(self.queries, &name, self.look.now);
            self.out.write_all(head.as_bytes())?;
        }
        self.sections.push(Section {
            name,
            rows: 0,
            state: String::new(),
        });
        self.header = Some(header.clone());
        self.flowing = false;
        self.held_bytes = 0;
        let opening = page::opening(self.queries, &self.id(), header, self.look.now);
        self.out.write_all(opening.as_bytes())
    }

    fn row(&mut self, row: &ResultRow) -> io::Result<()> {
        let section = self.sections.last_mut().expect("rows come after `begin`");
        section.rows += 1;
        let row = self.shown(row);
        if self.flowing {
            return self.write_row(&row, &[]);
        }
        self.held_bytes += row.cells.iter().map(Shown::bytes).sum::<usize>();
        self.held.push(row);
        match self.held.len() > DRAWN_ROWS || self.held_bytes > DRAWN_BYTES {
            true => self.flow(),
            false => Ok(()),
        }
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let id = self.id();
        let section = self
            .sections
            .last_mut()
            .expect("a result ends after `begin`");
        section.state = outcome::in_short(summary);
        let went = outcome::facts(&id, section.rows, summary);
        match self.flowing {
            true => {
                self.close_table()?;
                self.out.write_all(went.as_bytes())?;
            }
            false => {
                self.out.write_all(went.as_bytes())?;
                self.write_held()?;
            }
        }
        self.out
            .write_all(outcome::details(&id, summary).as_bytes())?;
        writeln!(self.out, "</section>")
    }

    fn close(&mut self) -> io::Result<()> {
        if self.sections.is_empty() {
            return Ok(());
        }
        if self.queries == Queries::Several {
            let sections = self.sections.iter().enumerate();
            let items = sections.map(|(at, section)| {
                page::item(
                    &format!("q{}", at + 1),
                    &section.name,
                    section.rows,
                    &section.state,
                )
            });
            let list = page::list(&items.collect::<String>());
            self.out.write_all(list.as_bytes())?;
        }
        self.out.write_all(page::foot().as_bytes())
    }
}

#[cfg(test)]
mod tests;
