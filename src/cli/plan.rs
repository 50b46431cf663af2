//! `plan`: what a query would ask, before it does.

use std::io::Write;

use super::args::RunArgs;
use super::exit::Exit;
use super::queries;
use super::registries::Registries;
use super::report::Failure;
use super::run::{self, bind_all};
use super::settings::Settings;
use crate::limits::Limits;
use crate::plan;
use crate::registry::Capabilities;

/// Shows the plan of saved queries.
pub(super) fn plan(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let loading = queries::load(args, settings)?;
    let given = queries::given(&args.params)?;
    let ready = bind_all(loading, &given, &args.change, &args.output, settings)?;
    let mut registries = Registries::default();
    let mut output = run::output(&args.output, settings)?;
    for (index, (query, origin)) in ready.queries.into_iter().enumerate() {
        let sources = registries.open(&query, &origin, &Limits::default())?;
        let capabilities: Vec<Capabilities> = sources
            .iter()
            .filter_map(|source| source.registry.as_ref().ok())
            .map(|registry| registry.capabilities())
            .collect();
        let common = plan::common_capabilities(capabilities.iter().cloned());
        let plan = plan::build(query, &common);
        if index > 0 {
            writeln!(output)?;
        }
        output.write_all(plan::show(&plan, &capabilities).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Done)
}
