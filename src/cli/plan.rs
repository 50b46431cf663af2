//! `plan`: what a query would ask, before it does.

use std::io::Write;

use super::args::RunArgs;
use super::exit::Exit;
use super::output::Output;
use super::ready;
use super::registries::{self, Registries};
use super::report::Failure;
use super::settings::Settings;
use crate::limits::Limits;
use crate::plan;

/// Shows the plan of saved queries.
pub(super) fn plan(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (ready, given) = ready::load(args, settings)?;
    let mut open = Registries::default();
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    for (index, (query, origin)) in ready.queries.into_iter().enumerate() {
        let sources = open.open(&query, &origin, &given, &Limits::default())?;
        let common = registries::capabilities(&sources);
        let plan = plan::build(query, &common);
        if index > 0 {
            writeln!(output)?;
        }
        output.write_all(plan::show(&plan, &registries::each(&sources)).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Done)
}
