//! `run` and `get`: queries in, rows out.

use super::args::{GetArgs, RunArgs};
use super::exit::Exit;
use super::get;
use super::help::help;
use super::print::print;
use super::queries::{Loaded, Loading};
use super::ready::{self, Flags};
use super::registries::Author;
use super::report::Failure;
use super::settings::Settings;
use super::stop::Stop;
use crate::query::Given;

/// Runs saved queries.
pub(super) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.help {
        return help("run", args, settings);
    }
    let stop = listen(settings);
    let ready = ready::load(args, settings)?;
    print(ready, &Flags::of_run(args), &stop, settings)
}

/// Asks without a file.
pub(super) fn get(args: &GetArgs, settings: &Settings) -> Result<Exit, Failure> {
    let stop = listen(settings);
    let query = get::query(args)?;
    let author = Author::User;
    let loading = Loading {
        queries: vec![Loaded { query, author }],
        ..Loading::default()
    };
    let flags = Flags {
        change: &args.change,
        network: &args.network,
        output: &args.output,
    };
    let ready = ready::bind_all(loading, Given::default(), &flags, settings)?;
    print(ready, &flags, &stop, settings)
}

/// Begins to listen for what tells us to stop.
pub(super) fn listen(settings: &Settings) -> Stop {
    Stop::watch(settings.stop_socket.clone(), settings.voice)
}
