//! Whole queries, asked of registries made for a test: text in; rows, errors and requests out.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use regq::diagnostic::{Colour, Diagnostic, Source as Text, draw};
use regq::exec::{Budget, Source, run};
use regq::limits::Limits;
use regq::plan::{self, BoundQuery, Plan, Shown};
use regq::query::{self, Params};
use regq::registry::counting::{Counting, Transcript};
use regq::registry::{Registry, RegistryError};
use regq::rows::{ResultRow, RowError, RunError, Session, Summary};
use regq::value::{JsonStyle, Value, to_json};

use super::ask::wait;
use super::layout::Written;
use super::model::Model;

/// The instant of every run.
pub(crate) const NOW: &str = "2026-03-01T00:00:00Z";

/// Something queries can be asked of.
pub(crate) trait World {
    /// Opens it anew, behind a list of what it is asked.
    fn counted(&self) -> (Arc<dyn Registry>, Transcript);
}

impl World for Written {
    fn counted(&self) -> (Arc<dyn Registry>, Transcript) {
        counting(self.open())
    }
}

impl World for Model {
    fn counted(&self) -> (Arc<dyn Registry>, Transcript) {
        counting(self.clone())
    }
}

fn counting(registry: impl Registry + 'static) -> (Arc<dyn Registry>, Transcript) {
    let registry = Counting::new(registry);
    let transcript = registry.transcript();
    (Arc::new(registry), transcript)
}

/// Asks a query, given as what stands under `spec`, in lines or in braces; its `registry` is filled in.
pub(crate) fn ask(world: &impl World, spec: &str) -> Answer {
    Asking::of(world).ask(spec)
}

/// What came of a query.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<ResultRow>,
    pub(crate) summary: Summary,
    /// What was asked, in order, one line each.
    pub(crate) requests: Vec<String>,
}

/// Which plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Planning {
    Planned,
    Naive,
}

/// A query on its way to its registries.
pub(crate) struct Asking {
    sources: Vec<Source>,
    /// How many of the sources are of rows; the others are those of images that rows are compared with.
    of_rows: usize,
    transcripts: Vec<Transcript>,
    limits: Limits,
    shown: Shown,
    planning: Planning,
    params: Vec<(String, String)>,
}

impl Asking {
    /// Asks one registry.
    pub(crate) fn of(world: &impl World) -> Self {
        let asking = Self {
            sources: Vec::new(),
            of_rows: 0,
            transcripts: Vec::new(),
            limits: Limits::default(),
            shown: Shown::All,
            planning: Planning::Planned,
            params: Vec::new(),
        };
        asking.and(world)
    }

    /// Asks one more.
    pub(crate) fn and(mut self, world: &impl World) -> Self {
        let (registry, transcript) = world.counted();
        self.transcripts.push(transcript);
        let name = registry.name().to_owned();
        self.add(&name, Ok(registry))
    }

    /// Names one that cannot be opened.
    pub(crate) fn and_broken(self, name: &str, error: RegistryError) -> Self {
        self.add(name, Err(error))
    }

    /// Answers for the next image that rows are compared with.
    pub(crate) fn comparing(mut self, world: &impl World) -> Self {
        let of_rows = self.of_rows;
        self = self.and(world);
        self.of_rows = of_rows;
        self
    }

    /// Has nobody who answers for the next image that rows are compared with.
    pub(crate) fn comparing_broken(mut self, error: RegistryError) -> Self {
        let of_rows = self.of_rows;
        self = self.and_broken("base", error);
        self.of_rows = of_rows;
        self
    }

    fn add(mut self, name: &str, registry: Result<Arc<dyn Registry>, RegistryError>) -> Self {
        self.sources.push(Source {
            name: Arc::from(name),
            prefix: Arc::from(""),
            registry,
        });
        self.of_rows += 1;
        self
    }

    /// Puts this before the repositories that the query names.
    pub(crate) fn below(mut self, prefix: &str) -> Self {
        for source in &mut self.sources {
            source.prefix = Arc::from(prefix);
        }
        self
    }

    /// Allows this many requests.
    pub(crate) fn requests(mut self, most: u64) -> Self {
        self.limits.requests = most;
        self
    }

    /// Allows an expression this many steps.
    pub(crate) fn steps(mut self, most: u64) -> Self {
        self.limits.expression_steps = most;
        self
    }

    /// Works on this many rows at once.
    pub(crate) fn at_once(mut self, rows: usize) -> Self {
        self.limits.rows_in_flight = rows;
        self
    }

    /// Leaves the wide columns out.
    pub(crate) fn narrow(mut self) -> Self {
        self.shown = Shown::Narrow;
        self
    }

    /// Shows the wide columns, where a query writes none those of its resource.
    pub(crate) fn wide(mut self) -> Self {
        self.shown = Shown::Wide;
        self
    }

    /// Spares nothing.
    pub(crate) fn naively(mut self) -> Self {
        self.planning = Planning::Naive;
        self
    }

    /// Gives a parameter.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Asks.
    pub(crate) fn ask(self, spec: &str) -> Answer {
        self.try_ask(spec)
            .expect("no expression exhausts its budget")
    }

    /// Asks, and gives the error if an expression exhausts its budget.
    pub(crate) fn try_ask(self, spec: &str) -> Result<Answer, RunError> {
        let query = self.bind(spec);
        let now = NOW.parse::<Timestamp>().expect("the instant is valid");
        let session = Session::new(query.constants.clone(), now, self.limits.clone());
        let plan = self.plan(query);
        let budget = Budget::new(self.limits.requests);
        let mut rows = Vec::new();
        let mut sink = |row| {
            rows.push(row);
            ControlFlow::Continue(())
        };
        let report = wait(run(&plan, &self.sources, &session, &budget, &mut sink))?;
        Ok(Answer {
            rows,
            summary: report.summary,
            requests: self
                .transcripts
                .iter()
                .flat_map(Transcript::lines)
                .collect(),
        })
    }

    /// The errors that binding finds in a query.
    pub(crate) fn findings(&self, spec: &str) -> Vec<Diagnostic> {
        let found = self.found(spec).into_iter();
        found.filter(Diagnostic::is_error).collect()
    }

    /// What binding warns of.
    pub(crate) fn warnings(&self, spec: &str) -> Vec<String> {
        let found = self.found(spec).into_iter();
        let warnings = found.filter(|finding| !finding.is_error());
        warnings.map(|finding| finding.message).collect()
    }

    fn found(&self, spec: &str) -> Vec<Diagnostic> {
        let query = read(spec, self.of_rows);
        plan::bind(&query, Some(&Params::default()), self.shown).findings
    }

    fn bind(&self, spec: &str) -> BoundQuery {
        let query = read(spec, self.of_rows);
        let params = Params::resolve(&query.params, &self.params.iter().cloned().collect());
        let params = params.unwrap_or_else(|findings| refuse(&findings));
        let bound = plan::bind(&query, Some(&params), self.shown);
        bound.query.unwrap_or_else(|| refuse(&bound.findings))
    }

    fn plan(&self, query: BoundQuery) -> Plan {
        let opened = self.sources[..self.of_rows]
            .iter()
            .filter_map(|source| source.registry.as_ref().ok());
        let capabilities =
            plan::common_capabilities(opened.map(|registry| registry.capabilities()));
        match self.planning {
            Planning::Planned => plan::build(query, &capabilities),
            Planning::Naive => plan::naive(query),
        }
    }
}

/// Reads a query whose `registry` names this many folders; which are asked is the test's affair.
fn read(spec: &str, sources: usize) -> query::Query {
    let names: Vec<String> = (0..sources).map(|at| format!("oci:test-{at}")).collect();
    // References say themselves whom to ask.
    let registry = match spec.contains("references:") {
        true => String::new(),
        false => format!("registry: [{}]", names.join(", ")),
    };
    let spec = match spec.strip_prefix('{') {
        Some(rest) if registry.is_empty() => format!(" {{{rest}"),
        Some(rest) => format!(" {{{registry}, {rest}"),
        None => format!("\n{registry}\n{}", spec.trim()).replace('\n', "\n  "),
    };
    let text = format!("apiVersion: regq/v1\nkind: Query\nmetadata: {{name: test}}\nspec:{spec}\n");
    let mut reading = query::read(&Text::new("test.yaml", text));
    if reading.findings.iter().any(Diagnostic::is_error) {
        refuse(&reading.findings);
    }
    reading.queries.remove(0)
}

/// A test's query is good.
fn refuse(findings: &[Diagnostic]) -> ! {
    panic!("{}", draw(findings, Colour::Off))
}

impl Answer {
    /// The rows as text: cells side by side, an incomplete row with a `!` after them.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.rows.iter().map(shown).collect()
    }

    /// The errors as text: reference, field if it is about one, code.
    pub(crate) fn errors(&self) -> Vec<String> {
        self.summary.errors.iter().map(error).collect()
    }

    /// How many requests begin with this.
    pub(crate) fn count(&self, kind: &str) -> usize {
        let is_one = |line: &&String| line.starts_with(kind);
        self.requests.iter().filter(is_one).count()
    }

    /// How many pages were listed, HEADs sent, manifests and configs got.
    pub(crate) fn costs(&self) -> [usize; 4] {
        ["list", "head", "manifest", "config"].map(|kind| self.count(kind))
    }
}

fn shown(row: &ResultRow) -> String {
    let cells = row.cells.iter().map(|cell| match cell {
        Value::Text(text) => text.to_string(),
        other => to_json(other, JsonStyle::Compact),
    });
    let mark = row.error.iter().map(|_| "!".to_owned());
    cells.chain(mark).collect::<Vec<_>>().join(" ")
}

fn error(error: &RowError) -> String {
    let mut text = error.registry.clone();
    if let Some(repository) = &error.repository {
        text = repository.clone();
    }
    if let Some(tag) = &error.tag {
        text = format!("{text}:{tag}");
    }
    if let Some(field) = error.field {
        text = format!("{text} {field}");
    }
    format!("{text} {}", error.code)
}
