//! `new`: a query to start from, printed or put where its name leads to it. Nothing is ever replaced.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::NewArgs;
use super::exit::Exit;
use super::output::{self, Output};
use super::queries::{origin_shown, with_places};
use super::report::{self, Failure, UsageError};
use super::schema;
use super::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::query::{self, QUERY_NAME, QueryOrigin, is_query_name, near_query_name};
use crate::safe::Safe;

/// The query, with `NAME` where its own goes.
const STARTER: &str = include_str!("new/starter.yaml");

/// What a query is called that was given no name.
const NAMELESS: &str = "my-query";

/// Writes a query to start from.
pub(super) fn new(args: &NewArgs, settings: &Settings) -> Result<Exit, Failure> {
    match &args.name {
        Some(name) => create(name, settings),
        None => print(settings),
    }
}

fn print(settings: &Settings) -> Result<Exit, Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let text = starter(NAMELESS, &settings.here, settings);
    output.write_all(text.as_bytes())?;
    output.finish()?;
    Ok(Exit::Done)
}

fn create(name: &str, settings: &Settings) -> Result<Exit, Failure> {
    if !is_query_name(name) {
        return Err(no_name(name).into());
    }
    let folder = folder(&settings.here);
    let hidden = hidden(name, &folder, settings)?;
    let path = folder.join(format!("{name}.yaml"));
    let path = settings.shortened(&path);
    output::create(path, &starter(name, &folder, settings))?;
    let shown = path.display();
    let hides = hidden.map(|hidden| match hidden {
        QueryOrigin::Builtin(_) => ", which hides the built-in query of this name".to_owned(),
        file => format!(", which hides `{}`", origin_shown(&file, settings)),
    });
    let note = Diagnostic::note(format!("wrote `{shown}`{}", hides.unwrap_or_default()));
    let note = note.hint(format!(
        "write your registry into it; `docker-regq validate {shown}` checks it, `docker-regq run {name}` runs it"
    ));
    report::say(&[note], settings.voice);
    Ok(Exit::Done)
}

/// Where queries are kept: in `queries`, if there is such a folder here. A link may lead anywhere, so it is none.
fn folder(here: &Path) -> PathBuf {
    let queries = here.join("queries");
    match queries.symlink_metadata() {
        Ok(found) if found.is_dir() => queries,
        _ => here.to_owned(),
    }
}

/// What the name leads to so far, and will not any more.
///
/// Errors: a query that would stay the one meant, or that stands beside the new one.
fn hidden(
    name: &str,
    folder: &Path,
    settings: &Settings,
) -> Result<Option<QueryOrigin>, UsageError> {
    let Ok(found) = with_places(settings, |places| query::find(name, places)) else {
        return Ok(None);
    };
    match &found.origin {
        QueryOrigin::File(path) if [folder, &settings.here].map(Some).contains(&path.parent()) => {
            let path = settings.shortened(path).display();
            let message = format!("there is a query `{name}` already: `{path}`");
            Err(UsageError::new(message, ["choose another name".to_owned()]))
        }
        _ => Ok(Some(found.origin)),
    }
}

fn no_name(name: &str) -> UsageError {
    let message = format!("`{}` is no name for a query", Safe::cut(name, 64));
    let file = Path::new(name);
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let near = near_query_name(stem.unwrap_or(name));
    let near = near.map(|near| format!("this would be one: `docker-regq new {near}`"));
    let path = "`docker-regq new > PATH` writes it anywhere else".to_owned();
    UsageError::new(
        message,
        [QUERY_NAME.to_owned()]
            .into_iter()
            .chain(near)
            .chain([path]),
    )
}

/// The text of a query in a folder, its commands spelled as the reader types them.
fn starter(name: &str, folder: &Path, settings: &Settings) -> String {
    let text = STARTER
        .replace("NAME\n", &format!("{name}\n"))
        .replace("run NAME ", &format!("run {name} "));
    let text = match schema_path(folder, &settings.here) {
        Some(path) => {
            let text = text.replace("EDITOR\n", "");
            format!("{}\n{text}", schema::modeline(&path))
        }
        None => text.replace("EDITOR\n", &how_to_help_the_editor()),
    };
    settings.voice.spelled.adapt(&text).into_owned()
}

/// Where the schema lies, as seen from the folder of a query.
fn schema_path(folder: &Path, here: &Path) -> Option<String> {
    let nearby = [(folder, "./"), (here, "../")].into_iter();
    let mut found = nearby.filter(|(at, _)| at.join(schema::FILE).is_file());
    found.next().map(|(_, up)| format!("{up}{}", schema::FILE))
}

fn how_to_help_the_editor() -> String {
    let file = schema::FILE;
    let line = schema::modeline(&format!("./{file}"));
    format!(
        "#\n# Your editor knows the keys, too, after `docker-regq schema > {file}` in this folder and with this first\n\
         # line: `{line}`\n"
    )
}
