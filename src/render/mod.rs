//! Rows to bytes: the formats of `-o`, and the one trait they share.
//!
//! A renderer is handed the headings, then rows in their final order, then how it went. Formats that need
//! to see many rows keep them inside; nobody outside can tell. Nothing in here decides what a row
//! holds, and every text that leaves shows all of its characters (threats F-1, F-2).

pub mod cell;
mod delimited;
mod document;
mod html;
mod json;
mod layout;
mod markdown;
mod name;
mod ndjson;
mod table;
pub mod terminal;
#[cfg(test)]
mod tests;
mod watched;
mod yaml;

use std::io::{self, Write};

use crate::diagnostic::{Colour, nearest};
use crate::fields::{Align, CellFormat};
use crate::rows::{Header, Heading, ResultRow, Summary};
use crate::safe::Safe;

pub use document::{Documents, result_document};
pub use layout::{columns_of, shorten};
pub use watched::{Changes, Round, Watched};

/// A form that results can be printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for people.
    Table,
    /// A table with the columns marked `wide` too.
    Wide,
    /// One JSON document.
    Json,
    /// One JSON object per row and line.
    Ndjson,
    /// One YAML document.
    Yaml,
    /// Comma-separated values (RFC 4180).
    Csv,
    /// Tab-separated values.
    Tsv,
    /// A table for wikis, comments and summaries of CI (GitHub Flavored Markdown).
    Markdown,
    /// One page for browsers, with nothing around it.
    Html,
    /// References, one per line.
    Name,
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown output format `{given}`")]
pub struct UnknownFormat {
    /// What was written.
    pub given: Safe,
    /// The format it is most likely a slip of.
    pub nearest: Option<&'static str>,
    /// What could have been written.
    pub names: Vec<&'static str>,
}

impl UnknownFormat {
    /// What would be right.
    pub fn hints(&self) -> Vec<String> {
        let near = self.nearest.map(|near| format!("did you mean `{near}`?"));
        let all = format!("there are `{}`", self.names.join("`, `"));
        near.into_iter().chain([all]).collect()
    }
}

impl Format {
    /// Every format with its name, in the order it is listed to people.
    pub const NAMED: [(&'static str, Self); 10] = [
        ("table", Self::Table),
        ("wide", Self::Wide),
        ("json", Self::Json),
        ("ndjson", Self::Ndjson),
        ("yaml", Self::Yaml),
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("name", Self::Name),
    ];

    /// Reads a format's name.
    ///
    /// Errors: any other word.
    pub fn parse(text: &str) -> Result<Self, UnknownFormat> {
        Self::one_of(text, Self::NAMED.map(|(name, _)| name).to_vec())
    }

    /// Reads the name of a format that a query can have for its own.
    ///
    /// Errors: any other word.
    pub fn parse_for_queries(text: &str) -> Result<Self, UnknownFormat> {
        Self::one_of(text, Self::names_for_queries())
    }

    fn one_of(text: &str, names: Vec<&'static str>) -> Result<Self, UnknownFormat> {
        let mut named = Self::NAMED.into_iter();
        let found = named.find(|(name, _)| *name == text && names.contains(name));
        found
            .map(|(_, format)| format)
            .ok_or_else(|| UnknownFormat {
                given: Safe::cut(text, 64),
                nearest: nearest(text, names.iter().copied()),
                names,
            })
    }

    /// Its name, as it is written after `-o`.
    pub fn name(self) -> &'static str {
        let named = Self::NAMED.iter().find(|(_, format)| *format == self);
        named.expect("NAMED holds every format").0
    }

    /// Tells whether its output has no place for a second query: bare rows under one set of columns.
    pub fn needs_one_query(self) -> bool {
        match self {
            Self::Ndjson | Self::Csv | Self::Tsv | Self::Name => true,
            Self::Table | Self::Wide | Self::Json | Self::Yaml | Self::Markdown | Self::Html => {
                false
            }
        }
    }

    /// Tells whether a query can name it as the one it is printed in, whoever runs it: a page wants a file to go to,
    /// and which one is not for a query to say.
    pub fn is_for_queries(self) -> bool {
        self != Self::Html
    }

    /// The names of those that a query can name, in the order of [`NAMED`](Self::NAMED).
    pub fn names_for_queries() -> Vec<&'static str> {
        let all = Self::NAMED.into_iter();
        let for_queries = all.filter(|(_, format)| format.is_for_queries());
        for_queries.map(|(name, _)| name).collect()
    }
}

/// How many queries a run prints. It shapes the output: several need names, or a list around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queries {
    /// One.
    One,
    /// A report.
    Several,
}

/// Where incomplete rows are marked, besides standard error and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// Where they stand, in the formats that have room for it.
    InRows,
    /// Nowhere else: another program reads the cells.
    Elsewhere,
}

/// What a renderer knows of the reader's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Columns of the terminal that is written to; none elsewhere.
    pub width: Option<usize>,
    /// Whether headings are printed.
    pub headers: bool,
    /// Whether long cells are shortened to fit `width`.
    pub truncate: bool,
    /// Where incomplete rows are marked.
    pub marks: Marks,
    /// Whether colour is used.
    pub colour: Colour,
    /// The instant of the run, which ages are counted to.
    pub now: jiff::Timestamp,
}

/// One form of output: for each query `begin`, its rows, `finish`; after the last query `close`.
pub trait Renderer {
    /// Starts a query's result.
    fn begin(&mut self, header: &Header) -> io::Result<()>;

    /// Takes the next row; its cells stand in the order of the headings.
    fn row(&mut self, row: &ResultRow) -> io::Result<()>;

    /// Ends a query's result. A table without rows has printed nothing.
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;

    /// Learns that the terminal has so many columns now; what is printed already stays as it is.
    fn resize(&mut self, _width: usize) {}

    /// Ends the run.
    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where the cells of a column stand on a page: numbers with a unit are read digit below digit.
fn align_on_page(heading: &Heading) -> Align {
    match heading.format {
        CellFormat::Bytes | CellFormat::Count | CellFormat::Percent => Align::Right,
        _ => heading.align,
    }
}

/// Makes the renderer for a whole run that prints `queries` as `format`.
pub fn renderer<'a>(
    format: Format,
    queries: Queries,
    look: Look,
    out: &'a mut dyn Write,
) -> Box<dyn Renderer + 'a> {
    match format {
        Format::Table => Box::new(table::Table::new(table::Columns::Main, queries, look, out)),
        Format::Wide => Box::new(table::Table::new(table::Columns::All, queries, look, out)),
        Format::Json => Box::new(json::Json::new(queries, out)),
        Format::Ndjson => Box::new(ndjson::Ndjson::new(out)),
        Format::Yaml => Box::new(yaml::Yaml::new(queries, out)),
        Format::Csv => Box::new(delimited::Delimited::new(b',', look, out)),
        Format::Tsv => Box::new(delimited::Delimited::new(b'\t', look, out)),
        Format::Markdown => Box::new(markdown::Markdown::new(look, out)),
        Format::Html => Box::new(html::Html::new(queries, look, out)),
        Format::Name => Box::new(name::Names::new(out)),
    }
}
