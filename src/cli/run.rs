//! `run` and `get`: queries in, rows out.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::args::{ChangeArgs, GetArgs, OutputArgs, RunArgs};
use super::exit::Exit;
use super::findings;
use super::output::{Output, OutputError};
use super::queries::{self, Loaded, Loading};
use super::registries::{self, Origin, Registries};
use super::report::{self, Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::{Colour, Diagnostic};
use crate::exec::{self, Budget};
use crate::limits::Limits;
use crate::plan::{self, BoundQuery, Shown};
use crate::query::{Params, Query};
use crate::render::{Format, Look, Queries, Renderer, renderer};
use crate::rows::{Header, ResultRow, Session, Summary};

/// Runs saved queries.
pub(super) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let loading = queries::load(args, settings)?;
    let given = queries::given(&args.params)?;
    let bound = bind_all(loading, &given, &args.change, &args.output, settings)?;
    execute(bound, &args.output, settings)
}

/// Asks without a file.
pub(super) fn get(args: &GetArgs, settings: &Settings) -> Result<Exit, Failure> {
    let query = super::get::query(args)?;
    let origin = Origin::CommandLine;
    let loading = Loading {
        queries: vec![Loaded { query, origin }],
        ..Loading::default()
    };
    let bound = bind_all(loading, &[], &args.change, &args.output, settings)?;
    execute(bound, &args.output, settings)
}

/// Queries that are ready to run, and how their result is printed.
pub(super) struct Ready {
    /// The queries, and who wrote each.
    pub(super) queries: Vec<(BoundQuery, Origin)>,
    /// How the result is printed.
    pub(super) format: Format,
}

/// Applies flags and parameters and binds; every finding of every query is said before anything is done.
///
/// Errors: any finding that is an error.
pub(super) fn bind_all(
    loading: Loading,
    given: &[(String, String)],
    change: &ChangeArgs,
    output: &OutputArgs,
    settings: &Settings,
) -> Result<Ready, Failure> {
    let Loading {
        files,
        queries: loaded,
        findings: reading,
    } = loading;
    let mut findings = unknown_params(&loaded, given);
    let own = loaded.iter().map(|loaded| own_format(&loaded.query));
    let (own, wrong): (Vec<_>, Vec<_>) = own.partition(Result::is_ok);
    findings.extend(wrong.into_iter().filter_map(Result::err));
    let own = own.into_iter().find_map(|own| own.ok().flatten());
    let format = format(output, own, loaded.len())?;
    let shown = match format {
        Format::Table => Shown::Narrow,
        Format::Wide => Shown::Wide,
        _ => Shown::All,
    };
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
        let params = match params(&query, given) {
            Ok(params) => Some(params),
            // Its declarations may be what could not be read.
            Err(_) if has_errors(&reading, &query) => None,
            Err(found) => {
                findings.extend(found);
                None
            }
        };
        let bound = plan::bind(&query, params.as_ref(), shown);
        findings.extend(bound.findings);
        if let Some(query) = bound.query {
            findings.extend(registries::check(&query, &origin));
            queries.push((query, origin));
        }
    }
    let findings = findings::together(&files, reading, findings);
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings.into());
    }
    report::say(&findings, settings.terminal.stderr.colour);
    Ok(Ready { queries, format })
}

/// Tells whether the file that a query stands in could not be read as a whole.
fn has_errors(reading: &[Diagnostic], query: &Query) -> bool {
    let is_there = |finding: &Diagnostic| {
        let mut places = finding.labels.iter().map(|label| &label.place);
        places.any(|place| Arc::ptr_eq(&place.source, &query.place.source))
    };
    let mut errors = reading.iter().filter(|finding| finding.is_error());
    errors.any(is_there)
}

/// The values of a query's parameters.
///
/// Errors: one without a value, a value that is none.
fn params(query: &Query, given: &[(String, String)]) -> Result<Params, Vec<Diagnostic>> {
    let declares = |name: &str| query.params.iter().any(|param| param.name.value == name);
    let own: Vec<(String, String)> = given
        .iter()
        .filter(|(name, _)| declares(name))
        .cloned()
        .collect();
    Params::resolve(&query.params, &own)
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
///
/// Errors: an unknown format; more queries than the format has room for.
fn format(output: &OutputArgs, own: Option<Format>, queries: usize) -> Result<Format, UsageError> {
    let format = match (&output.output, output.quiet) {
        (_, true) => Format::Name,
        (Some(name), _) => Format::parse(name)
            .map_err(|error| UsageError::new(error.to_string(), error.hints()))?,
        (None, false) => own.unwrap_or(Format::Table),
    };
    if format.needs_one_query() && queries > 1 {
        let name = format.name();
        let message = format!("`-o {name}` takes one query, and these are {queries}");
        let hint = "name one document of a file with `PATH#NAME`".to_owned();
        return Err(UsageError::new(message, [hint]));
    }
    Ok(format)
}

/// The format that a query names.
///
/// Errors: a word that names none.
pub(super) fn own_format(query: &Query) -> Result<Option<Format>, Diagnostic> {
    let Some(named) = &query.output else {
        return Ok(None);
    };
    Format::parse(&named.value).map(Some).map_err(|error| {
        let finding = Diagnostic::error(error.to_string()).at(&named.place, "");
        error.hints().into_iter().fold(finding, Diagnostic::hint)
    })
}

/// Runs queries one after another and prints their results.
fn execute(ready: Ready, args: &OutputArgs, settings: &Settings) -> Result<Exit, Failure> {
    let limits = limits(args);
    let mut registries = Registries::default();
    let mut runs = Vec::new();
    for (query, origin) in ready.queries {
        let sources = registries.open(&query, &origin, &limits)?;
        runs.push((query, sources));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let budget = Budget::new(limits.requests);
    let mut output = output(args, settings)?;
    let look = look(args, settings);
    let queries = if runs.len() == 1 {
        Queries::One
    } else {
        Queries::Several
    };
    let printer = Printer {
        colour: settings.terminal.stderr.colour,
        strict: args.strict,
        table: matches!(ready.format, Format::Table | Format::Wide),
    };
    let mut buffer: Vec<u8> = Vec::new();
    let mut complete = true;
    {
        let out: &mut dyn Write = if args.strict {
            &mut buffer
        } else {
            &mut output
        };
        let mut renderer = renderer(ready.format, queries, look, out);
        for (query, sources) in runs {
            let session = Session {
                constants: query.constants.clone(),
                now: settings.now,
                limits: limits.clone(),
            };
            let capabilities = plan::common_capabilities(
                sources
                    .iter()
                    .filter_map(|source| source.registry.as_ref().ok())
                    .map(|registry| registry.capabilities()),
            );
            let plan = plan::build(query, &capabilities);
            let summary = printer.print(
                &plan,
                &sources,
                &session,
                &budget,
                &runtime,
                renderer.as_mut(),
            )?;
            complete &= summary.is_complete();
        }
        renderer.close()?;
    }
    let exit = Exit::of_run(complete, budget.any_answer(), &budget.failures());
    if let (Some(path), true) = (&args.output_file, exit > Exit::Incomplete) {
        let path = path.display();
        let message = format!("`{path}` is not written, because nothing answered");
        report::say(
            &[Diagnostic::note(message)],
            settings.terminal.stderr.colour,
        );
    } else if complete || !args.strict {
        output.write_all(&buffer)?;
        output.finish()?;
    }
    Ok(exit)
}

/// Where the result goes.
///
/// Errors: a file that cannot be written.
pub(super) fn output(args: &OutputArgs, settings: &Settings) -> Result<Output, OutputError> {
    match &args.output_file {
        Some(path) => Output::file(path),
        None => Ok(Output::standard(settings.terminal.stdout.is_terminal())),
    }
}

fn limits(args: &OutputArgs) -> Limits {
    let mut limits = Limits::default();
    if let Some(requests) = args.max_requests {
        limits.requests = requests;
    }
    limits
}

fn look(args: &OutputArgs, settings: &Settings) -> Look {
    let to_terminal = args.output_file.is_none();
    Look {
        width: settings.terminal.stdout.width.filter(|_| to_terminal),
        headers: !args.no_headers,
        truncate: !args.no_trunc,
        colour: if to_terminal {
            settings.terminal.stdout.colour
        } else {
            Colour::Off
        },
        now: settings.now,
    }
}

/// What printing a query needs to know beside the query.
struct Printer {
    colour: Colour,
    strict: bool,
    table: bool,
}

impl Printer {
    fn print(
        &self,
        plan: &plan::Plan,
        sources: &[exec::Source],
        session: &Session,
        budget: &Budget,
        runtime: &tokio::runtime::Runtime,
        renderer: &mut (dyn Renderer + '_),
    ) -> Result<Summary, Failure> {
        renderer.begin(&Header {
            query: plan.query.name.clone(),
            headings: plan.query.columns.headings(),
        })?;
        let mut rows = 0_usize;
        let mut broken: Option<std::io::Error> = None;
        let mut sink = |row: ResultRow| match renderer.row(&row) {
            Ok(()) => {
                rows += 1;
                ControlFlow::Continue(())
            }
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        };
        let report = runtime.block_on(exec::run(plan, sources, session, budget, &mut sink))?;
        if let Some(error) = broken {
            return Err(error.into());
        }
        renderer.finish(&report.summary)?;
        report::incomplete(&plan.query.name, &report.summary, self.colour);
        if rows == 0 && self.table && report.summary.is_complete() {
            let message = format!(
                "`{}` found no {}",
                plan.query.name,
                plan.query.resource.name()
            );
            report::say(&[Diagnostic::note(message)], self.colour);
        }
        if self.strict && !report.summary.is_complete() {
            let message = "nothing is printed, because `--strict` asks for a complete result";
            report::say(&[Diagnostic::note(message)], self.colour);
        }
        Ok(report.summary)
    }
}
