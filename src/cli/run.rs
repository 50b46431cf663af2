//! `run` and `get`: queries in, rows out.

use super::args::{GetArgs, RunArgs};
use super::choice::Choice;
use super::exit::Exit;
use super::get;
use super::help::help;
use super::params;
use super::print::print;
use super::queries::{self, Loaded, Loading};
use super::ready::{self, Flags};
use super::registries::Author;
use super::report::Failure;
use super::settings::Settings;
use super::stop::Stop;
use super::watch;
use super::write::write;
use crate::query::Given;

/// Runs saved queries.
pub(super) fn run(args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    if args.help {
        return help("run", args, settings);
    }
    let flags = Flags::of_run(args);
    let watch = watch::wanted(&args.output, settings)?;
    if flags.choice()? == Some(Choice::Query) {
        if watch.is_some() {
            return Err(watch::not_a_table().into());
        }
        let loading = queries::load(args, settings)?;
        let given = params::given(args, &loading.queries)?;
        return write(loading, &given, &flags, settings);
    }
    let stop = listen(settings);
    let ready = ready::load(args, settings)?;
    match watch {
        Some(every) => watch::watch(&ready, every, &flags, &stop, settings),
        None => print(ready, &flags, &stop, settings),
    }
}

/// Asks without a file.
pub(super) fn get(args: &GetArgs, settings: &Settings) -> Result<Exit, Failure> {
    let flags = Flags {
        change: &args.change,
        network: &args.network,
        output: &args.output,
    };
    let watch = watch::wanted(&args.output, settings)?;
    let mut query = get::query(args)?;
    let is_written = flags.choice()? == Some(Choice::Query);
    if is_written && watch.is_some() {
        return Err(watch::not_a_table().into());
    }
    if is_written {
        query.name.value = get::file_name(args);
    }
    let author = Author::User;
    let loading = Loading {
        queries: vec![Loaded { query, author }],
        ..Loading::default()
    };
    if is_written {
        return write(loading, &Given::default(), &flags, settings);
    }
    let stop = listen(settings);
    let ready = ready::bind_all(loading, Given::default(), &flags, settings)?;
    match watch {
        Some(every) => watch::watch(&ready, every, &flags, &stop, settings),
        None => print(ready, &flags, &stop, settings),
    }
}

/// Begins to listen for what tells us to stop.
pub(super) fn listen(settings: &Settings) -> Stop {
    Stop::watch(settings.stop_socket.clone(), settings.voice)
}
