//! From queries as written to queries that can run: flags, parameters, binding, and the output's format.

use super::args::{ChangeArgs, NetworkArgs, OutputArgs, RunArgs};
use super::findings;
use super::habits;
use super::network;
use super::params::{self, Values};
use super::queries::{self, Loaded, Loading};
use super::registries::{self, Author};
use super::report::{self, Failure, UsageError};
use super::settings::Settings;
use super::user;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, BoundQuery, Shown};
use crate::query::{Given, Params, Query};
use crate::registry::Trust;
use crate::render::Format;

/// Queries that are ready to run, and how their result is printed.
pub(super) struct Ready {
    /// The queries, and who wrote each.
    pub(super) queries: Vec<(BoundQuery, Author)>,
    /// The parameters that were given.
    pub(super) given: Given,
    /// How the result is printed.
    pub(super) format: Format,
    /// What the user allows, host by host.
    pub(super) trust: Trust,
}

/// The flags that change what queries say and how they are run.
pub(super) struct Flags<'a> {
    /// Those that change a query.
    pub(super) change: &'a ChangeArgs,
    /// Those about who is asked.
    pub(super) network: &'a NetworkArgs,
    /// Those about the output.
    pub(super) output: &'a OutputArgs,
}

impl<'a> Flags<'a> {
    /// Those of `run`.
    pub(super) fn of_run(args: &'a RunArgs) -> Self {
        Self {
            change: &args.change,
            network: &args.network,
            output: &args.output,
        }
    }
}

/// Reads and binds all queries that a command line names.
///
/// Errors: a word that names no query, any finding that is an error.
pub(super) fn load(args: &RunArgs, settings: &Settings) -> Result<Ready, Failure> {
    let loading = queries::load(args, settings)?;
    let given = params::given(args, &loading.queries)?;
    bind_all(loading, given, &Flags::of_run(args), settings)
}

/// Applies flags and parameters and binds; every finding of every query is said before anything is done.
///
/// Errors: any finding that is an error.
pub(super) fn bind_all(
    loading: Loading,
    given: Given,
    flags: &Flags<'_>,
    settings: &Settings,
) -> Result<Ready, Failure> {
    let user = user::load(settings)?;
    let Loading {
        files,
        queries: loaded,
        findings: reading,
    } = loading;
    let values = Values::find(&loaded, &given, &reading);
    let mut findings = values.findings.clone();
    let (own, wrong) = own_formats(&loaded);
    findings.extend(wrong);
    let format = format(flags.output, own, user.output, loaded.len())?;
    let mut binder = Binder {
        given: &given,
        change: flags.change,
        shown: match format {
            Format::Table => Shown::Narrow,
            Format::Wide => Shown::Wide,
            _ => Shown::All,
        },
        findings,
    };
    let queries: Vec<_> = loaded
        .into_iter()
        .zip(&values.of)
        .filter_map(|(loaded, values)| binder.bind(loaded, values.as_ref()))
        .collect();
    let mut findings = binder.findings;
    let typed = registries::typed(&queries, &given);
    let trust = network::trust(user, flags.network, typed).unwrap_or_else(|found| {
        findings.extend(found);
        Trust::default()
    });
    let mut findings = findings::together(&files, reading, findings);
    params::list_under(&mut findings, &values.findings, values.listed);
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings.into());
    }
    report::say(&findings, settings.voice);
    Ok(Ready {
        queries,
        given,
        format,
        trust,
    })
}

/// Binds one query after another and gathers what it finds.
struct Binder<'a> {
    given: &'a Given,
    change: &'a ChangeArgs,
    shown: Shown,
    findings: Vec<Diagnostic>,
}

impl Binder<'_> {
    fn bind(&mut self, loaded: Loaded, params: Option<&Params>) -> Option<(BoundQuery, Author)> {
        let Loaded { mut query, author } = loaded;
        self.findings
            .extend(queries::change(&mut query, self.change));
        let author = match self.change.registry.is_empty() {
            true => author,
            false => Author::User,
        };
        let bound = plan::bind(&query, params, self.shown);
        self.findings.extend(bound.findings);
        let query = bound.query?;
        self.findings
            .extend(registries::check(&query, &author, self.given));
        Some((query, author))
    }
}

/// What `-o` says, else what the queries say, else the user's default, else a table.
///
/// Errors: an unknown format; more queries than the format has room for.
fn format(
    output: &OutputArgs,
    own: Option<Format>,
    default: Option<Format>,
    queries: usize,
) -> Result<Format, UsageError> {
    // A default has to fit; it was not written for this run.
    let default = default.filter(|format| queries == 1 || !format.needs_one_query());

    let format = match (&output.output, output.quiet) {
        (_, true) => Format::Name,
        (Some(name), _) => named_format(name)?,
        (None, false) => own.or(default).unwrap_or(Format::Table),
    };
    if format.needs_one_query() && queries > 1 {
        let name = format.name();
        let message = format!("`-o {name}` takes one query, and these are {queries}");
        let hint = "name one document of a file with `PATH#NAME`".to_owned();
        return Err(UsageError::new(message, [hint]));
    }
    Ok(format)
}

/// The format that `-o` names.
///
/// Errors: a word that names none.
pub(super) fn named_format(name: &str) -> Result<Format, UsageError> {
    Format::parse(name).map_err(|error| {
        let habit = habits::of_output(name).map(str::to_owned);
        UsageError::new(error.to_string(), habit.into_iter().chain(error.hints()))
    })
}

/// The first format that a query names, and what is wrong with any.
fn own_formats(loaded: &[Loaded]) -> (Option<Format>, Vec<Diagnostic>) {
    let mut first = None;
    let mut wrong = Vec::new();
    for loaded in loaded {
        match own_format(&loaded.query) {
            Ok(format) => first = first.or(format),
            Err(finding) => wrong.push(finding),
        }
    }
    (first, wrong)
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
