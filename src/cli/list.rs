//! `list` and `api-resources`: what can be named, as tables that every output format can carry.

use super::args::TableArgs;
use super::exit::Exit;
use super::output::Output;
use super::printing::named_format;
use super::queries::{is_same, origin_shown, text_of, with_places};
use super::report::Failure;
use super::settings::Settings;
use crate::fields::{Align, CellFormat, Resource};
use crate::query::{self, QueryOrigin, SavedQuery, Standing};
use crate::render::{Format, Look, Marks, Queries, renderer};
use crate::rows::{Header, Heading, ResultRow, Summary};
use crate::value::Value;

/// Lists the saved queries that can be named here.
pub(super) fn list(args: &TableArgs, settings: &Settings) -> Result<Exit, Failure> {
    let saved = with_places(settings, query::list);
    let shown = saved.iter().filter(|saved| !is_own_copy(saved));
    let rows = shown.filter_map(|saved| row(saved, settings));
    table(
        "list",
        &["NAME", "DESCRIPTION", "FROM", "NOTE"],
        rows.collect(),
        args,
        settings,
    )
}

/// Tells whether a query of the program is hidden by a file that is the same query: then there is one, not two.
fn is_own_copy(saved: &SavedQuery) -> bool {
    match (&saved.standing, &saved.origin) {
        (Standing::HiddenBy(QueryOrigin::File(path)), QueryOrigin::Builtin(_)) => {
            is_same(path, std::slice::from_ref(&saved.origin))
        }
        _ => false,
    }
}

/// One saved query, unless the file of that name is no query at all.
fn row(saved: &SavedQuery, settings: &Settings) -> Option<ResultRow> {
    let source = text_of(&saved.origin).ok()?;
    let queries = query::read(&source).queries;
    if queries.is_empty() {
        return None;
    }
    let descriptions = queries
        .iter()
        .filter_map(|query| query.description.as_ref());
    let descriptions: Vec<&str> = descriptions.map(query::Template::text).collect();
    let note = match &saved.standing {
        Standing::Meant(hides) if hides.is_empty() => String::new(),
        Standing::Meant(hides) if is_copy_of(&saved.origin, hides) => String::new(),
        Standing::Meant(hides) => {
            let hidden: Vec<String> = hides
                .iter()
                .map(|origin| origin_shown(origin, settings))
                .collect();
            format!("hides {}", hidden.join(", "))
        }
        Standing::HiddenBy(other) => format!("hidden by {}", origin_shown(other, settings)),
        Standing::Skipped(why) => format!("skipped: {why}"),
    };
    let cells = [
        saved.name.clone(),
        descriptions.join("; "),
        origin_shown(&saved.origin, settings),
        note,
    ];
    Some(ResultRow {
        cells: cells.map(Value::from).into(),
        name: saved.name.clone(),
        error: None,
    })
}

fn is_copy_of(origin: &QueryOrigin, hides: &[QueryOrigin]) -> bool {
    matches!(origin, QueryOrigin::File(path) if is_same(path, hides))
}

/// Lists the resources.
pub(super) fn api_resources(args: &TableArgs, settings: &Settings) -> Result<Exit, Failure> {
    let row = |resource: Resource| ResultRow {
        cells: vec![
            Value::text(resource.name()),
            Value::text(resource.short_names().join(",")),
            Value::text(resource.doc()),
        ],
        name: resource.name().to_owned(),
        error: None,
    };
    let rows = Resource::ALL.map(row).into();
    table(
        "api-resources",
        &["NAME", "SHORTNAMES", "ROWS"],
        rows,
        args,
        settings,
    )
}

fn table(
    name: &str,
    headings: &[&str],
    rows: Vec<ResultRow>,
    args: &TableArgs,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let format = match &args.output {
        Some(name) => named_format(name)?,
        None => Format::Table,
    };
    let heading = |name: &&str| Heading {
        name: (*name).to_owned(),
        format: CellFormat::Plain,
        align: Align::Left,
        wide: false,
    };
    let look = Look {
        width: settings.terminal.stdout.width,
        headers: !args.no_headers,
        truncate: true,
        marks: Marks::InRows,
        colour: settings.terminal.stdout.colour,
        now: settings.now,
    };
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let mut renderer = renderer(format, Queries::One, look, &mut output);
    let headings = headings.iter().map(heading).collect();
    renderer.begin(&Header::new(name, headings))?;
    rows.iter().try_for_each(|row| renderer.row(row))?;
    renderer.finish(&Summary::default())?;
    renderer.close()?;
    drop(renderer);
    output.finish()?;
    Ok(Exit::Done)
}
