//! `plan`: what a query would ask, before it does.

use std::io::Write;
use std::ops::ControlFlow;

use super::args::PlanArgs;
use super::exit::Exit;
use super::network;
use super::print::{self, runtime};
use super::ready;
use super::registries::{self, Means, Registries};
use super::report::{self, Failure};
use super::settings::Settings;
use crate::exec::{self, Budget, Source};
use crate::limits::Limits;
use crate::plan::{self, Plan};
use crate::rows::Session;

/// Shows the plan of saved queries.
pub(super) fn plan(args: &PlanArgs, settings: &Settings) -> Result<Exit, Failure> {
    let ready = ready::load(&args.run, settings)?;
    let limits = network::limits(&args.run.output, &args.run.network);
    let budget = Budget::new(limits.requests);
    let mut open = Registries::new(Means {
        settings,
        flags: &args.run.network,
        trust: ready.trust,
        limits: limits.clone(),
    });
    let mut output = print::output(&args.run.output, settings)?;
    let mut complete = true;
    for (index, (query, author)) in ready.queries.into_iter().enumerate() {
        let sources = open.open(&query, &author, &ready.given)?;
        let plan = plan::build(query, &registries::capabilities(&sources));
        let listed = match args.probe {
            true => Some(probe(&plan, &sources, &limits, &budget, settings)?),
            false => None,
        };
        complete &= listed.is_none_or(|listed| listed.complete);
        if index > 0 {
            writeln!(output)?;
        }
        // What was not listed as a whole is no number to reckon with.
        let whole = listed.filter(|listed| listed.complete);
        let rows = whole.map(|listed| listed.rows);
        let destinations = open.destinations(&plan.query, &sources)?;
        output.write_all(plan::show(&plan, &destinations, rows).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::of_run(
        complete,
        budget.any_answer(),
        &budget.failures(),
    ))
}

/// What a listing found.
#[derive(Clone, Copy)]
struct Listed {
    rows: u64,
    complete: bool,
}

/// Lists, and counts what is left for the dearer parts of the plan.
fn probe(
    plan: &Plan,
    sources: &[Source],
    limits: &Limits,
    budget: &Budget,
    settings: &Settings,
) -> Result<Listed, Failure> {
    let session = Session {
        constants: plan.query.constants.clone(),
        now: settings.now,
        limits: limits.clone(),
    };
    let listing = plan::listing(plan, &registries::capabilities(sources));
    let mut rows = 0;
    let mut count = |_| {
        rows += 1;
        ControlFlow::Continue(())
    };
    let ran = exec::run(&listing, sources, &session, budget, &mut count);
    let summary = runtime()?.block_on(ran)?.summary;
    let voice = settings.voice;
    report::incomplete(&plan.query.name, &summary, budget.any_answer(), voice);
    let complete = summary.is_complete();
    Ok(Listed { rows, complete })
}
