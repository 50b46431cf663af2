//! `schema`: the JSON Schema of query files, for editors. The words that `query` does not know come from here.

use std::io::Write;

use super::exit::Exit;
use super::output::Output;
use super::report::Failure;
use super::settings::Settings;
use crate::fields::{CellFormat, Resource};
use crate::query::{self, Words};
use crate::render::Format;
use crate::value::{JsonStyle, to_json};

/// What the schema is called where it lies beside queries.
pub(super) const FILE: &str = "query.schema.json";

/// Prints the schema.
pub(super) fn schema(settings: &Settings) -> Result<Exit, Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let schema = query::schema(&words());
    writeln!(output, "{}", to_json(&schema, JsonStyle::Pretty))?;
    output.finish()?;
    Ok(Exit::Done)
}

/// The line at the top of a query file that tells an editor where the schema lies.
pub(super) fn modeline(path: &str) -> String {
    format!("# yaml-language-server: $schema={path}")
}

/// What a file may name of resources and formats.
pub(super) fn words() -> Words {
    let names = |resource: Resource| {
        let short = resource.short_names().iter().copied();
        std::iter::once(resource.name()).chain(short)
    };
    Words {
        resources: Resource::ALL.into_iter().flat_map(names).collect(),
        cell_formats: CellFormat::NAMED.map(|(name, _)| name).to_vec(),
        outputs: Format::names_for_queries(),
    }
}
