//! `run` and `get`: queries in, rows out.

use super::args::{GetArgs, RunArgs};
use super::exit::Exit;
use super::get;
use super::print::print;
use super::queries::{Loaded, Loading};
use super::ready;
use super::registries::Author;
use super::report::Failure;
use super::settings::Settings;

/// Runs saved queries.
pub(super) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let ready = ready::load(args, settings)?;
    print(ready, &args.output, settings)
}

/// Asks without a file.
pub(super) fn get(args: &GetArgs, settings: &Settings) -> Result<Exit, Failure> {
    let query = get::query(args)?;
    let author = Author::User;
    let loading = Loading {
        queries: vec![Loaded { query, author }],
        ..Loading::default()
    };
    let ready = ready::bind_all(loading, Vec::new(), &args.change, &args.output, settings)?;
    print(ready, &args.output, settings)
}
