//! `-o query`: the queries themselves, as a file, in place of their results. Nothing is asked.

use std::io::Write;
use std::path::{Component, Path};

use super::exit::Exit;
use super::print;
use super::queries::Loading;
use super::ready::{self, Flags};
use super::report::{self, Failure};
use super::settings::Settings;
use super::stop::Stop;
use crate::diagnostic::{Diagnostic, Source};
use crate::query::{self, Given, Query, Target};

/// Prints queries as the flags have changed them, each as a document.
pub(super) fn write(
    loading: Loading,
    given: &Given,
    flags: &Flags<'_>,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let queries = ready::check_all(loading, given, flags, settings)?;
    let text = query::write(&queries);
    read_back(&text)?;
    let mut output = print::output(flags.output, &Stop::never(), settings)?;
    output.write_all(text.as_bytes())?;
    output.finish()?;
    report::say(&about_folders(&queries), settings.voice);
    Ok(Exit::Done)
}

/// Finds what flags may say and no file may: `${` is a parameter there, and names of queries differ.
fn read_back(text: &str) -> Result<(), Failure> {
    let reading = query::read(&Source::new("-o query", text));
    let errors = reading.findings.into_iter().filter(Diagnostic::is_error);
    match errors.collect::<Vec<_>>() {
        errors if errors.is_empty() => Ok(()),
        errors => Err(errors.into()),
    }
}

/// Where the file is going to be is not known here, and its paths start there.
fn about_folders(queries: &[Query]) -> Vec<Diagnostic> {
    let registries = queries
        .iter()
        .flat_map(|query| query.registry.iter().flatten());
    let mut notes: Vec<Diagnostic> = Vec::new();
    for template in registries.filter(|template| template.is_literal()) {
        let name = template.text();
        let note = match Target::parse(name) {
            Ok(Target::Layout(path)) => about_folder(name, &path),
            _ => continue,
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

fn about_folder(name: &str, path: &Path) -> Diagnostic {
    let is_inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if path.components().all(is_inside) {
        let message = format!("in a file, the path of `{name}` starts at the folder of that file");
        return Diagnostic::note(message);
    }
    let message = format!("`{name}` leads out of the folder of any file that it is written in");
    Diagnostic::note(message).hint(format!("name it when the file is run: `--registry {name}`"))
}

#[cfg(test)]
mod tests;
