//! From queries as written to queries that can run: flags, parameters, binding, and the output's format.

use super::args::{ChangeArgs, NetworkArgs, OutputArgs, RunArgs};
use super::choice::Choice;
use super::findings;
use super::network;
use super::params::{self, Values};
use super::printing::{self, Printing};
use super::queries::{self, Loaded, Loading};
use super::registries::{self, Author};
use super::report::{self, Failure, UsageError};
use super::seen::Notebook;
use super::settings::Settings;
use super::user;
use crate::diagnostic::{Diagnostic, Passage};
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
    pub(super) printing: Printing,
    /// What the user allows, host by host.
    pub(super) trust: Trust,
    /// Where names are noted that the run meets.
    pub(super) notebook: Option<Notebook>,
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

    /// What `-o` asks for.
    ///
    /// Errors: what it does not know; columns that are given twice.
    pub(super) fn choice(&self) -> Result<Option<Choice>, UsageError> {
        let choice = Choice::of(self.output)?;
        if matches!(choice, Some(Choice::Columns(_))) && self.change.columns.is_some() {
            let message = "`-o custom-columns=…` and `--columns` both say which columns there are";
            let hint = "one of them is enough: `-o custom-columns=…` is `--columns …` in a table";
            return Err(UsageError::new(message, [hint.to_owned()]));
        }
        Ok(choice)
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
    let choice = flags.choice()?;
    let user = user::load(settings)?;
    let Loading {
        files,
        queries: loaded,
        findings: reading,
    } = loading;
    let values = Values::find(&loaded, &given, &reading);
    let mut findings = values.findings.clone();
    let (own, wrong) = printing::own_formats(&loaded);
    findings.extend(wrong);
    let default = user.output.or(settings.docker.output);
    let format = printing::format(choice.as_ref(), own, default, loaded.len())?;
    let mut binder = Binder {
        given: &given,
        change: flags.change,
        custom: custom(choice.as_ref()),
        shown: match format {
            Format::Table => Shown::Narrow,
            Format::Wide => Shown::Wide,
            _ => Shown::All,
        },
        findings,
    };
    let wanted = loaded.len();
    let queries: Vec<_> = loaded
        .into_iter()
        .zip(&values.of)
        .filter_map(|(loaded, values)| binder.bind(loaded, values.as_ref()))
        .collect();
    let mut findings = binder.findings;
    let bound = Some(queries.as_slice()).filter(|bound| bound.len() == wanted);
    let value = printing::value(choice.as_ref(), bound, &mut findings);
    let typed = registries::typed(&queries, &given);
    let notebook = Notebook::of_run(&user, flags.network, settings);
    let trust = network::trust(user, flags.network, typed).unwrap_or_else(|found| {
        findings.extend(found);
        Trust::default()
    });
    let mut findings = findings::together(&files, reading, findings);
    params::list_under(&mut findings, &values.findings, values.listed);
    say_or_fail(findings, settings)?;
    let printing = Printing {
        format,
        marks: printing::marks(choice.as_ref()),
        value,
    };
    Ok(Ready {
        queries,
        given,
        printing,
        trust,
        notebook,
    })
}

/// Applies flags and parameters and checks as [`bind_all`] does, and gives the queries as they are then. Values of
/// parameters become their defaults; none has to be given.
///
/// Errors: any finding that is an error.
pub(super) fn check_all(
    loading: Loading,
    given: &Given,
    flags: &Flags<'_>,
    settings: &Settings,
) -> Result<Vec<Query>, Failure> {
    let Loading {
        files,
        queries: loaded,
        findings: reading,
    } = loading;
    let values = Values::preset(&loaded, given);
    let mut findings = values.findings.clone();
    findings.extend(printing::own_formats(&loaded).1);
    let mut binder = Binder {
        given,
        change: flags.change,
        custom: None,
        shown: Shown::Wide,
        findings,
    };
    let queries = loaded.into_iter().map(|loaded| binder.check(loaded));
    let queries: Vec<Query> = queries.collect();
    let mut findings = findings::together(&files, reading, binder.findings);
    params::list_under(&mut findings, &values.findings, values.listed);
    say_or_fail(findings, settings)?;
    Ok(queries)
}

/// Says what was found.
///
/// Errors: all of it, if any is an error.
fn say_or_fail(findings: Vec<Diagnostic>, settings: &Settings) -> Result<(), Failure> {
    if findings.iter().any(Diagnostic::is_error) {
        return Err(findings.into());
    }
    report::say(&findings, settings.voice);
    Ok(())
}

/// Binds one query after another and gathers what it finds.
struct Binder<'a> {
    given: &'a Given,
    change: &'a ChangeArgs,
    custom: Option<&'a Passage>,
    shown: Shown,
    findings: Vec<Diagnostic>,
}

impl Binder<'_> {
    fn bind(&mut self, loaded: Loaded, params: Option<&Params>) -> Option<(BoundQuery, Author)> {
        let (query, author) = self.changed(loaded);
        let query = self.bound(&query, params, &author)?;
        Some((query, author))
    }

    /// Checks a query that is not going to be run.
    fn check(&mut self, loaded: Loaded) -> Query {
        let (mut query, author) = self.changed(loaded);
        for parameter in &mut query.params {
            // What is wrong with a value was found before.
            let _wrong = parameter.preset(self.given);
        }
        // What has no default is given when it is run.
        let params = Params::resolve(&query.params, &Given::default()).ok();
        self.bound(&query, params.as_ref(), &author);
        query
    }

    fn changed(&mut self, loaded: Loaded) -> (Query, Author) {
        let Loaded { mut query, author } = loaded;
        let found = queries::change(&mut query, self.change, self.custom);
        self.findings.extend(found);
        match self.change.registry.is_empty() {
            true => (query, author),
            false => (query, Author::User),
        }
    }

    fn bound(
        &mut self,
        query: &Query,
        params: Option<&Params>,
        author: &Author,
    ) -> Option<BoundQuery> {
        let bound = plan::bind(query, params, self.shown);
        self.findings.extend(bound.findings);
        let query = bound.query?;
        self.findings
            .extend(registries::check(&query, author, self.given));
        Some(query)
    }
}

/// The columns that `-o` gives.
fn custom(choice: Option<&Choice>) -> Option<&Passage> {
    match choice {
        Some(Choice::Columns(columns)) => Some(columns),
        _ => None,
    }
}
