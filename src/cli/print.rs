//! Bound queries to printed results.

use std::cell::Cell;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::Instant;

use super::args::OutputArgs;
use super::eval::{self, Texts};
use super::exit::{Exit, Results};
use super::network;
use super::output::{Output, OutputError};
use super::printing::Printing;
use super::progress::Progress;
use super::ready::{Flags, Ready};
use super::registries::{self, Means, Registries};
use super::report::{self, Failure, counted};
use super::runtime::Runtime;
use super::settings::Settings;
use super::stop::{Ended, Stop};
use crate::diagnostic::{Colour, Diagnostic};
use crate::exec::{self, Budget, Report, Source};
use crate::expr::{Context, Expr};
use crate::limits::Limits;
use crate::plan::{self, BoundQuery, Plan};
use crate::render::terminal::stdout_size;
use crate::render::{Documents, Format, Look, Marks, Queries, Renderer, renderer};
use crate::rows::{Assert, Header, ResultRow, RowError, RunError, Session, Summary};
use crate::safe::Safe;
use crate::value::Value;

/// Runs queries one after another and prints their results.
pub(super) fn print(
    ready: Ready,
    flags: &Flags<'_>,
    stop: &Stop,
    settings: &Settings,
) -> Result<Exit, Failure> {
    let args = flags.output;
    let runtime = Runtime::start()?;
    let progress = Progress::start(args.progress, settings);
    let printer = Printer::new(flags, &ready, stop, settings, &runtime, progress);
    let mut registries = Registries::new(Means {
        settings,
        flags: flags.network,
        trust: ready.trust,
        notebook: ready.notebook,
        limits: printer.limits.clone(),
        stop,
    });
    let mut runs = Vec::new();
    for (query, author) in ready.queries {
        let sources = registries.open(&query, &author, &ready.given)?;
        runs.push((query, sources));
    }
    let mut output = output(args, stop, settings)?;
    // With `--strict`, whether anything may be printed is known at the end only.
    let mut held: Vec<u8> = Vec::new();
    let printed = match args.strict {
        true => printer.all(runs, &mut held),
        false => printer.all(runs, &mut output),
    };
    if let Some(exit) = stop.exit().filter(|_| printer.stopped.get()) {
        printer.say_interrupted(output);
        return Ok(exit);
    }
    let results = printed?;
    let complete = results != Results::Incomplete;
    if complete {
        output.write_all(&held)?;
    }
    let exit = printer.exit(results);
    if let (Some(path), true) = (&args.output_file, exit > Exit::Incomplete) {
        let message = format!(
            "`{}` is not written, because nothing answered",
            path.display()
        );
        report::say(&[Diagnostic::note(message)], settings.voice);
    } else if complete || !args.strict {
        output.finish()?;
    }
    Ok(exit)
}

/// Where the result goes.
///
/// Errors: a file that cannot be written.
pub(super) fn output(
    args: &OutputArgs,
    stop: &Stop,
    settings: &Settings,
) -> Result<Output, OutputError> {
    match &args.output_file {
        Some(path) => Output::file(path, |temporary| stop.removes(temporary)),
        None => Ok(Output::standard(settings.terminal.stdout.is_terminal())),
    }
}

/// What all queries of a run share.
pub(super) struct Printer<'a> {
    settings: &'a Settings,
    args: &'a OutputArgs,
    stop: &'a Stop,
    deadline: Option<Instant>,
    /// Whether a run was broken off because we were told to stop.
    stopped: Cell<bool>,
    /// The rows handed out so far.
    rows: Cell<usize>,
    printing: Printing,
    queries: Queries,
    limits: Limits,
    budget: Budget,
    runtime: &'a Runtime,
    progress: Progress,
}

impl<'a> Printer<'a> {
    /// Makes ready for one run.
    pub(super) fn new(
        flags: &Flags<'a>,
        ready: &Ready,
        stop: &'a Stop,
        settings: &'a Settings,
        runtime: &'a Runtime,
        progress: Progress,
    ) -> Self {
        let limits = network::limits(flags.output, flags.network);
        Self {
            settings,
            args: flags.output,
            stop,
            deadline: network::deadline(flags.network),
            stopped: Cell::new(false),
            rows: Cell::new(0),
            printing: ready.printing.clone(),
            queries: match ready.queries.len() {
                1 => Queries::One,
                _ => Queries::Several,
            },
            budget: Budget::new(registries::asked_at_most(&ready.queries, &limits)),
            limits,
            runtime,
            progress,
        }
    }

    /// Tells whether it was broken off because we were told to stop.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped.get()
    }

    /// Tells whether any source answered.
    pub(super) fn any_answer(&self) -> bool {
        self.budget.any_answer()
    }

    /// Prints all results, or what is asked of them; tells how they are.
    fn all(
        &self,
        runs: Vec<(BoundQuery, Vec<Source>)>,
        out: &mut dyn Write,
    ) -> Result<Results, Failure> {
        let Some(expr) = &self.printing.value else {
            let format = self.printing.format;
            let mut renderer = renderer(format, self.queries, self.look(), out);
            return self.each(runs, renderer.as_mut());
        };
        let mut documents = Documents::new(self.queries);
        let results = self.each(runs, &mut documents)?;
        match self.stopped.get() {
            true => Ok(results),
            false => Ok(results.max(self.value(expr, documents.document(), out)?)),
        }
    }

    /// Prints what an expression gives for the document of the results. Where it has no value, nothing is printed and
    /// the result is not complete.
    fn value(&self, expr: &Expr, document: Value, out: &mut dyn Write) -> Result<Results, Failure> {
        let limits = Limits {
            expression_steps: self.limits.steps_for(self.rows.get()),
            ..self.limits.clone()
        };
        let context = Context::new(self.settings.now, &limits);
        match eval::evaluate(expr, &document, &context) {
            Ok(value) => {
                eval::print(out, &value, Texts::Bare)?;
                Ok(Results::Good)
            }
            Err(Failure::Findings(findings)) => {
                report::say(&findings, self.settings.voice);
                Ok(Results::Incomplete)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Hands the results of all queries to a renderer; tells how they are.
    pub(super) fn each(
        &self,
        runs: Vec<(BoundQuery, Vec<Source>)>,
        renderer: &mut (dyn Renderer + '_),
    ) -> Result<Results, Failure> {
        let mut results = Results::Good;
        for (query, sources) in runs {
            results = results.max(self.one(query, &sources, renderer)?);
            if self.stopped.get() {
                break;
            }
        }
        renderer.close()?;
        Ok(results)
    }

    fn one(
        &self,
        query: BoundQuery,
        sources: &[Source],
        renderer: &mut (dyn Renderer + '_),
    ) -> Result<Results, Failure> {
        let capabilities = super::registries::capabilities(&query, sources);
        let plan = plan::build(query, &capabilities);
        renderer.begin(&header(&plan.query, sources))?;
        let tally = self.budget.tally();
        self.progress
            .run(&plan.query.name, plan.query.resource, tally);
        self.foretell(&plan, sources)?;
        let before = self.rows.get();
        let ended = self.run(&plan, sources, renderer);
        self.progress.rest();
        let ended = ended?;
        let summary = match ended {
            Ended::ByItself(Ok(report)) => report.summary,
            Ended::TimedOut => unchecked(&plan, timed_out(sources)),
            Ended::Stopped => {
                self.stopped.set(true);
                renderer.finish(&unchecked(&plan, interrupted(sources)))?;
                return Ok(Results::Incomplete);
            }
            Ended::ByItself(Err(error)) => {
                renderer.finish(&unchecked(&plan, broken_off(&error, sources)))?;
                renderer.close()?;
                return Err(error.into());
            }
        };
        self.fit(renderer);
        renderer.finish(&summary)?;
        self.talk(&plan, self.rows.get() - before, &summary);
        Ok(Results::of(&summary))
    }

    /// Lets registries that count know how much is going to be asked for, so that they can say early if it is too much.
    /// Where the listing has to be known for that, it is asked for now: what was asked once in a run is not asked again.
    fn foretell(&self, plan: &Plan, sources: &[Source]) -> Result<(), Failure> {
        let of_rows = plan.query.sources.iter().zip(sources);
        let open = of_rows.filter_map(|(_, source)| source.registry.as_ref().ok());
        for registry in open {
            let capabilities = registry.capabilities();
            let each = plan::counted_for_each(plan, &capabilities);
            if each == 0 {
                continue;
            }
            // What listings bring along is listed otherwise than what is asked for row by row: nothing is asked ahead
            // then that the run does not ask.
            let brought = !plan.wanted(&capabilities).is_empty();
            let rows = match plan::most_rows(plan, &capabilities) {
                Some(most) => most,
                None if brought => continue,
                None => self.listed(plan, sources, registry.name())?,
            };
            registry.foretell(rows.saturating_mul(each));
        }
        Ok(())
    }

    /// How many rows of a registry are listed that may cost more.
    fn listed(&self, plan: &Plan, sources: &[Source], registry: &str) -> Result<u64, Failure> {
        let constants = plan.query.constants.clone();
        let session = Session::new(constants, self.settings.now, self.limits.clone());
        let capabilities = super::registries::capabilities(&plan.query, sources);
        let listing = plan::listing(plan, &capabilities);
        let (mut rows, prefix) = (0, format!("{registry}/"));
        let mut count = |row: ResultRow| {
            rows += u64::from(row.name.starts_with(&prefix));
            ControlFlow::Continue(())
        };
        // What goes wrong goes wrong again when the query is run, and is told then.
        let budget = Budget::new(u64::MAX);
        let ran = exec::run(&listing, sources, &session, &budget, &mut count);
        drop(self.runtime.block_on(self.stop.race(self.deadline, ran)));
        Ok(rows)
    }

    /// Carries a plan out and hands its rows to the renderer.
    ///
    /// Errors: a row that could not be written.
    fn run(
        &self,
        plan: &Plan,
        sources: &[Source],
        renderer: &mut (dyn Renderer + '_),
    ) -> io::Result<Ended<Result<Report, RunError>>> {
        let constants = plan.query.constants.clone();
        let session = Session::new(constants, self.settings.now, self.limits.clone());
        let mut broken: Option<io::Error> = None;
        let mut sink = |row: ResultRow| match self.print_row(&row, renderer) {
            Ok(()) => {
                self.rows.set(self.rows.get() + 1);
                ControlFlow::Continue(())
            }
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        };
        let ran = exec::run(plan, sources, &session, &self.budget, &mut sink);
        let ended = self.runtime.block_on(self.stop.race(self.deadline, ran));
        broken.map_or(Ok(ended), Err)
    }

    fn print_row(&self, row: &ResultRow, renderer: &mut (dyn Renderer + '_)) -> io::Result<()> {
        // To ask costs a little, and rows may be very many.
        if self.rows.get() % 100 == 99 {
            self.fit(renderer);
        }
        renderer.row(row)
    }

    /// Lets the renderer know how wide the terminal is now: who waits long may have made it another size.
    fn fit(&self, renderer: &mut (dyn Renderer + '_)) {
        if self.settings.terminal.stdout.is_terminal()
            && let Some((width, _)) = stdout_size()
        {
            renderer.resize(width);
        }
    }

    /// Says what became of the result of a run that was told to stop, and lets go of it: a file keeps what it had.
    fn say_interrupted(&self, output: Output) {
        let what = match &self.args.output_file {
            Some(path) => format!("`{}` is not written", path.display()),
            None if self.args.strict || self.printing.value.is_some() => {
                "nothing is printed".to_owned()
            }
            None => {
                // The reader may have been stopped too.
                let _ = output.finish();
                format!("{} printed", counted(self.rows.get(), "row"))
            }
        };
        let message = format!("interrupted: {what}");
        report::say(&[Diagnostic::warning(message)], self.settings.voice);
    }

    /// Says on stderr what the result does not show.
    fn talk(&self, plan: &Plan, rows: usize, summary: &Summary) {
        let name = &plan.query.name;
        let voice = self.settings.voice;
        report::incomplete(name, summary, self.budget.any_answer(), voice);
        let is_table = matches!(self.printing.format, Format::Table | Format::Wide);
        if rows == 0 && is_table && summary.is_complete() {
            let message = format!("`{name}` found no {}", plan.query.resource.name());
            report::say(&[Diagnostic::note(message)], voice);
        }
        if self.args.strict && !summary.is_complete() {
            let message = "nothing is printed, because `--strict` asks for a complete result";
            report::say(&[Diagnostic::note(message)], voice);
        }
        report::asserts(&summary.asserts, voice);
    }

    fn look(&self) -> Look {
        look(self.args, self.printing.marks, self.settings)
    }

    fn exit(&self, results: Results) -> Exit {
        Exit::of_run(results, self.budget.any_answer(), &self.budget.failures())
    }
}

fn header(query: &BoundQuery, sources: &[Source]) -> Header {
    let mut registries: Vec<String> = Vec::new();
    for source in sources {
        let name = source.name.to_string();
        if !registries.contains(&name) {
            registries.push(name);
        }
    }
    Header {
        description: query.description.clone(),
        registries,
        ..Header::new(&query.name, query.columns.headings())
    }
}

/// How the result looks, by the flags and by where it goes.
pub(super) fn look(args: &OutputArgs, marks: Marks, settings: &Settings) -> Look {
    let terminal = settings.terminal.stdout;
    let to_terminal = args.output_file.is_none();
    Look {
        width: terminal.width.filter(|_| to_terminal),
        headers: !args.no_headers,
        truncate: !args.no_trunc,
        marks,
        colour: if to_terminal {
            terminal.colour
        } else {
            Colour::Off
        },
        now: settings.now,
    }
}

/// A result that came to no end decides no assert.
fn unchecked(plan: &Plan, mut summary: Summary) -> Summary {
    summary.asserts = plan.query.asserts.iter().map(Assert::unchecked).collect();
    summary
}

/// What a result says that an expression broke off.
fn broken_off(error: &RunError, sources: &[Source]) -> Summary {
    cut_short("EXPRESSION_BUDGET", &error.to_string(), sources)
}

/// What a result says that a signal broke off.
fn interrupted(sources: &[Source]) -> Summary {
    cut_short("INTERRUPTED", "the run was interrupted", sources)
}

/// What a result says that took longer than it may.
pub(super) fn timed_out(sources: &[Source]) -> Summary {
    cut_short("TIMEOUT", report::TOO_LATE, sources)
}

/// What a result says that is not whole: rows may be missing, so it must not read as if none were.
fn cut_short(code: &str, message: &str, sources: &[Source]) -> Summary {
    let registry = sources.first().map(|source| source.name.to_string());
    Summary {
        errors: vec![RowError {
            registry: registry.unwrap_or_default(),
            repository: None,
            tag: None,
            field: None,
            code: code.to_owned(),
            message: Safe::new(message),
        }],
        ..Summary::default()
    }
}
