//! `validate`: everything that can be wrong with a query file, found without asking anybody.

use std::io::Write;

use super::args::ValidateArgs;
use super::exit::Exit;
use super::findings;
use super::output::Output;
use super::printing;
use super::queries;
use super::registries::{self, Author};
use super::report::{self, Failure, counted};
use super::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Shown};
use crate::query::{self, Given, Query};

/// Checks query files.
pub(super) fn validate(args: &ValidateArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let voice = settings.voice;
    let mut exit = Exit::Done;
    for file in &args.files {
        let (source, author) = match queries::read_path(file, settings) {
            Ok(read) => read,
            Err(failure) => {
                exit = report::failure(failure, voice);
                continue;
            }
        };
        let reading = query::read(&source);
        let queries = reading.queries.iter();
        let binding = queries.flat_map(|query| check(query, &author)).collect();
        let files = std::slice::from_ref(&source);
        let findings = findings::together(files, reading.findings, binding);
        report::say(&findings, voice);
        if findings.iter().any(Diagnostic::is_error) {
            exit = Exit::Usage;
        } else {
            let queries = counted(reading.queries.len(), "query");
            writeln!(
                output,
                "{}: {queries}, valid",
                crate::safe::escape(&source.name)
            )?;
        }
    }
    output.finish()?;
    Ok(exit)
}

/// Checks one query: its names, and with its parameters' defaults all the rest.
fn check(query: &Query, author: &Author) -> Vec<Diagnostic> {
    let params = query::Params::resolve(&query.params, &Given::default()).ok();
    let bound = plan::bind(query, params.as_ref(), Shown::Wide);
    let mut findings = bound.findings;
    findings.extend(printing::own_format(query).err());
    if let Some(query) = &bound.query {
        findings.extend(registries::check(query, author, &Given::default()));
    }
    findings
}
