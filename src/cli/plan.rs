//! `plan`: what a query would ask, before it does.

use std::io::Write;

use super::args::RunArgs;
use super::exit::Exit;
use super::print;
use super::ready;
use super::registries::{self, Registries};
use super::report::Failure;
use super::settings::Settings;
use crate::limits::Limits;
use crate::plan;

/// Shows the plan of saved queries.
pub(super) fn plan(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let ready = ready::load(args, settings)?;
    let mut open = Registries::default();
    let mut output = print::output(&args.output, settings)?;
    for (index, (query, author)) in ready.queries.into_iter().enumerate() {
        let sources = open.open(&query, &author, &ready.given, &Limits::default())?;
        let plan = plan::build(query, &registries::capabilities(&sources));
        if index > 0 {
            writeln!(output)?;
        }
        output.write_all(plan::show(&plan, &registries::each(&sources)).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Done)
}
