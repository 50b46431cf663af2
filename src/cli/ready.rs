//! From queries as written to queries that can run: flags, parameters, binding, and the output's format.

use super::args::{ChangeArgs, OutputArgs, RunArgs};
use super::queries::{self, Loaded};
use super::registries::Origin;
use super::report::{self, Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, BoundQuery, Shown};
use crate::query::{Params, Query};
use crate::render::Format;

/// Queries that are ready to run, and how their result is printed.
pub(super) struct Ready {
    /// The queries, and who wrote each.
    pub(super) queries: Vec<(BoundQuery, Origin)>,
    /// How the result is printed.
    pub(super) format: Format,
}

/// Reads and binds all queries that a command line names; gives the parameters with them.
///
/// Errors: a word that names no query, any finding that is an error.
pub(super) fn load(
    args: &RunArgs,
    settings: &Settings,
) -> Result<(Ready, Vec<(String, String)>), Failure> {
    let loading = queries::load(args, settings)?;
    let given = queries::given(&args.params)?;
    let ready = bind_all(
        loading.queries,
        loading.findings,
        &given,
        &args.change,
        &args.output,
        settings,
    )?;
    Ok((ready, given))
}

/// Applies flags and parameters and binds; every finding of every query is said before anything is done.
///
/// Errors: any finding that is an error.
pub(super) fn bind_all(
    loaded: Vec<Loaded>,
    mut findings: Vec<Diagnostic>,
    given: &[(String, String)],
    change: &ChangeArgs,
    output: &OutputArgs,
    settings: &Settings,
) -> Result<Ready, Failure> {
    let format = format(output, &loaded)?;
    let shown = match format {
        Format::Table => Shown::Narrow,
        Format::Wide => Shown::Wide,
        _ => Shown::All,
    };
    findings.extend(unknown_params(&loaded, given));
    let mut queries = Vec::new();
    for Loaded {
        mut query,
        mut origin,
    } in loaded
    {
        findings.extend(queries::change(&mut query, change));
        if !change.registry.is_empty() {
            origin = Origin::CommandLine;
        }
        let params = params(&query, given, &mut findings);
        let bound = plan::bind(&query, params.as_ref(), shown);
        findings.extend(bound.findings);
        queries.extend(bound.query.map(|query| (query, origin)));
    }
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings.into());
    }
    report::say(&findings, settings.terminal.stderr.colour);
    Ok(Ready { queries, format })
}

fn params(
    query: &Query,
    given: &[(String, String)],
    findings: &mut Vec<Diagnostic>,
) -> Option<Params> {
    let declares = |name: &str| query.params.iter().any(|param| param.name.value == name);
    let own: Vec<(String, String)> = given
        .iter()
        .filter(|(name, _)| declares(name))
        .cloned()
        .collect();
    match Params::resolve(&query.params, &own) {
        Ok(params) => Some(params),
        Err(found) => {
            findings.extend(found);
            None
        }
    }
}

/// Parameters that no query declares.
fn unknown_params(loaded: &[Loaded], given: &[(String, String)]) -> Vec<Diagnostic> {
    let declared = || loaded.iter().flat_map(|loaded| &loaded.query.params);
    let names = || declared().map(|param| param.name.value.as_str());
    let unknown = given
        .iter()
        .filter(|(name, _)| !names().any(|known| known == name));
    unknown
        .map(|(name, _)| {
            let finding = Diagnostic::error(format!("unknown parameter `{name}`"))
                .did_you_mean(name, names());
            match names().collect::<Vec<_>>() {
                known if known.is_empty() => finding.hint("no parameter is declared"),
                known => finding.hint(format!("there are `{}`", known.join("`, `"))),
            }
        })
        .collect()
}

/// What `-o` says, else what the queries say, else a table.
fn format(output: &OutputArgs, loaded: &[Loaded]) -> Result<Format, Failure> {
    let format = match (&output.output, output.quiet) {
        (_, true) => Format::Name,
        (Some(name), _) => Format::parse(name).map_err(|error| {
            let hint = error.nearest.map(|near| format!("did you mean `{near}`?"));
            Failure::from(UsageError::new(error.to_string(), hint))
        })?,
        (None, false) => own_format(loaded)?,
    };
    if format.needs_one_query() && loaded.len() > 1 {
        let message = format!(
            "`-o {}` takes one query, and these are {}",
            format.name(),
            loaded.len()
        );
        let hint = "name one document of a file with `PATH#NAME`".to_owned();
        return Err(UsageError::new(message, [hint]).into());
    }
    Ok(format)
}

fn own_format(loaded: &[Loaded]) -> Result<Format, Failure> {
    let named = loaded
        .iter()
        .find_map(|loaded| loaded.query.output.as_ref());
    let Some(named) = named else {
        return Ok(Format::Table);
    };
    Format::parse(&named.value).map_err(|error| {
        let finding = Diagnostic::error(error.to_string()).at(&named.place, "");
        Failure::from(match error.nearest {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => finding,
        })
    })
}
