//! `plan`: what a query would ask, before it does.

use std::io::Write;
use std::ops::ControlFlow;
use std::time::Instant;

use super::args::PlanArgs;
use super::choice::Choice;
use super::exit::{Exit, Results};
use super::help::help;
use super::network;
use super::print;
use super::ready::{self, Flags};
use super::registries::{self, Means, Registries};
use super::report::{self, Failure, UsageError};
use super::run;
use super::runtime::Runtime;
use super::settings::Settings;
use super::stop::{Ended, Stop};
use crate::diagnostic::Diagnostic;
use crate::exec::{self, Budget, Source};
use crate::limits::Limits;
use crate::plan::{self, Destination, Plan};
use crate::rows::Session;

/// Shows the plan of saved queries.
pub(super) fn plan(args: &PlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.run.help {
        return help("plan", &args.run, settings);
    }
    if args.run.output.watch.is_some() {
        let message = "`--watch` is for `run` and `get`: a plan asks nothing that changes";
        return Err(UsageError::new(message, []).into());
    }
    if Flags::of_run(&args.run).choice()? == Some(Choice::Query) {
        let message = "`-o query` prints the query and asks nothing, so there is nothing to plan";
        let hint = "`docker-regq run QUERY -o query` prints it";
        return Err(UsageError::new(message, [hint.to_owned()]).into());
    }
    let stop = match args.probe {
        true => run::listen(settings),
        false => Stop::never(),
    };
    let ready = ready::load(&args.run, settings)?;
    let limits = network::limits(&args.run.output, &args.run.network);
    let mut open = Registries::new(Means {
        settings,
        flags: &args.run.network,
        trust: ready.trust,
        notebook: ready.notebook,
        limits: limits.clone(),
        stop: &stop,
    });
    let prober = Prober {
        budget: Budget::new(registries::asked_at_most(&ready.queries, &limits)),
        limits,
        deadline: network::deadline(&args.run.network),
        stop: &stop,
        settings,
    };
    let mut output = print::output(&args.run.output, &stop, settings)?;
    let mut complete = true;
    for (index, (query, author)) in ready.queries.into_iter().enumerate() {
        let sources = open.open(&query, &author, &ready.given)?;
        let capabilities = registries::capabilities(&query, &sources);
        let plan = plan::build(query, &capabilities);
        let listed = match args.probe {
            true => Some(prober.list(&plan, &sources)?),
            false => None,
        };
        if let (Some(Ended::Stopped), Some(exit)) = (&listed, stop.exit()) {
            let finding = Diagnostic::warning("interrupted: the plan is not whole");
            report::say(&[finding], settings.voice);
            return Ok(exit);
        }
        // What was not listed as a whole is no number to reckon with.
        let rows = match listed {
            Some(Ended::ByItself(rows)) => rows,
            _ => None,
        };
        complete &= rows.is_some() || !args.probe;
        if index > 0 {
            writeln!(output)?;
        }
        let mut destinations = open.destinations(&plan.query, &sources)?;
        if args.probe {
            prober.limits(&sources, &mut destinations)?;
        }
        output.write_all(plan::show(&plan, &destinations, rows).as_bytes())?;
    }
    output.finish()?;
    let budget = &prober.budget;
    let results = match complete {
        true => Results::Good,
        false => Results::Incomplete,
    };
    Ok(Exit::of_run(
        results,
        budget.any_answer(),
        &budget.failures(),
    ))
}

/// Lists what plans are reckoned with.
struct Prober<'a> {
    budget: Budget,
    limits: Limits,
    deadline: Option<Instant>,
    stop: &'a Stop,
    settings: &'a Settings,
}

impl Prober<'_> {
    /// Asks what registries still allow that count.
    fn limits(&self, sources: &[Source], destinations: &mut [Destination]) -> Result<(), Failure> {
        let open = sources.iter().filter_map(|one| one.registry.as_ref().ok());
        for (registry, destination) in open.zip(destinations) {
            let asked = self.stop.race(self.deadline, registry.allowance());
            if let Ended::ByItself(Ok(Some(limit))) = Runtime::start()?.block_on(asked) {
                destination.limit = Some((limit.in_words(), limit.remaining));
            }
        }
        Ok(())
    }

    /// Lists, and counts what is left for the dearer parts of the plan; no number, where anything is missing.
    fn list(&self, plan: &Plan, sources: &[Source]) -> Result<Ended<Option<u64>>, Failure> {
        let constants = plan.query.constants.clone();
        let session = Session::new(constants, self.settings.now, self.limits.clone());
        let listing = plan::listing(plan, &registries::capabilities(&plan.query, sources));
        let mut rows = 0;
        let mut count = |_| {
            rows += 1;
            ControlFlow::Continue(())
        };
        let ran = exec::run(&listing, sources, &session, &self.budget, &mut count);
        let ended = Runtime::start()?.block_on(self.stop.race(self.deadline, ran));
        let summary = match ended {
            Ended::ByItself(report) => report?.summary,
            Ended::TimedOut => print::timed_out(sources),
            Ended::Stopped => return Ok(Ended::Stopped),
        };
        let (name, any_answer) = (&plan.query.name, self.budget.any_answer());
        report::incomplete(name, &summary, any_answer, self.settings.voice);
        Ok(Ended::ByItself(summary.is_complete().then_some(rows)))
    }
}
