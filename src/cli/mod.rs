//! Everything a terminal knows: arguments, settings, commands, words on stderr, exit codes.
//!
//! Commands are thin: they find, bind, run and print by calling the rooms below. Nothing but this room and `render`
//! prints, and nothing but this room asks the clock and the environment.

mod activity;
mod api;
mod args;
mod auth;
mod builtin;
mod cache;
mod choice;
mod complete;
mod console;
mod docker_settings;
mod eval;
mod exit;
mod explain;
mod findings;
mod get;
mod habits;
mod harden;
mod help;
mod hosts;
mod install;
mod list;
mod listener;
mod man;
mod network;
mod new;
mod output;
mod panic;
mod params;
mod places;
mod plan;
mod plugin;
mod print;
mod printing;
mod progress;
mod queries;
mod ready;
mod registries;
mod report;
mod run;
mod runtime;
mod schema;
mod seen;
mod settings;
mod spelled;
mod stop;
mod user;
mod validate;
mod values;
mod version;
mod watch;
mod write;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use self::args::{Cli, Command};
use self::exit::Exit;
use self::plugin::Invocation;
use self::report::{Failure, Voice};
use self::settings::Settings;
use self::spelled::Spelled;
use crate::diagnostic::Colour;
use crate::render::terminal::{Terminal, When};

pub use self::panic::install as install_panic_hook;

/// Runs the program on the process's arguments and says how it ends.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(metadata) = plugin::metadata(&args) {
        // Docker waits for it; a reader that is gone needs nothing.
        let _ = std::io::stdout().write_all(metadata.as_bytes());
        return Exit::Done.into();
    }
    if let Some(answer) = complete::answer(&args) {
        let _ = std::io::stdout().write_all(answer.as_bytes());
        return Exit::Done.into();
    }
    panic::install();
    harden::no_core_dumps();
    let exit = match Invocation::read(args) {
        Ok(invocation) => start(&invocation),
        Err(misread) => {
            let voice = voice(When::Auto, misread.spelled);
            report::failure(misread.error.into(), voice)
        }
    };
    exit.into()
}

fn start(invocation: &Invocation) -> Exit {
    let cli = match parse(invocation) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error, invocation),
    };
    let colour = colour(&cli.command);
    let globals = plugin::Globals {
        config: cli.global.config.or(invocation.globals.config.clone()),
        debug: cli.global.debug || invocation.globals.debug,
    };
    let ended = Settings::ask(colour, invocation.spelled, globals)
        .map_err(Failure::from)
        .and_then(|settings| match heeds_docker(&cli.command) {
            true => settings.with_docker_settings().map_err(Failure::from),
            false => Ok(settings),
        })
        .and_then(|settings| dispatch(&cli.command, &settings));
    ended.unwrap_or_else(|failure| report::failure(failure, voice(colour, invocation.spelled)))
}

fn parse(invocation: &Invocation) -> Result<Cli, clap::Error> {
    let command = Cli::command()
        .no_binary_name(true)
        .bin_name(invocation.spelled.name());
    let matches = command.try_get_matches_from(&invocation.words)?;
    Cli::from_arg_matches(&matches)
}

/// The flag that prints help.
const HELP: &str = "--help";

/// Says what clap found, which may be that help was asked for.
fn refuse(error: &clap::Error, invocation: &Invocation) -> Exit {
    let first = invocation.words.first().and_then(|word| word.to_str());
    if let Some(error) = habits::explain(error, first) {
        return report::failure(error.into(), voice(When::Auto, invocation.spelled));
    }
    let terminal = Terminal::ask(When::Auto);
    let write = |out: &mut dyn Write, colour: Colour| {
        let mut text = match colour {
            Colour::On => error.render().ansi().to_string(),
            Colour::Off => error.render().to_string(),
        };
        if let Some(hint) = habits::missing(error, first) {
            let end = text.find("\nFor more information").unwrap_or(text.len());
            text.insert_str(end, &format!("\nhint: {hint}\n"));
        }
        // Where the flag for help is ours, clap does not speak of it.
        if error.use_stderr() && !text.contains(HELP) {
            text.push_str(&format!("\nFor more information, try '{HELP}'.\n"));
        }
        // A reader that is gone needs neither help nor errors.
        let _ = out.write_all(invocation.spelled.adapt(&text).as_bytes());
    };
    if error.use_stderr() {
        write(&mut std::io::stderr(), terminal.stderr.colour);
        Exit::Usage
    } else {
        write(&mut std::io::stdout(), terminal.stdout.colour);
        Exit::Done
    }
}

fn voice(colour: When, spelled: Spelled) -> Voice {
    Voice {
        colour: Terminal::ask(colour).stderr.colour,
        spelled,
    }
}

fn dispatch(command: &Command, settings: &Settings) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(args, settings),
        Command::Get(args) => run::get(args, settings),
        Command::Plan(args) => plan::plan(args, settings),
        Command::Validate(args) => validate::validate(args, settings),
        Command::Explain(args) => explain::explain(args, settings),
        Command::ApiResources(args) => list::api_resources(args, settings),
        Command::List(args) => list::list(args, settings),
        Command::New(args) => new::new(args, settings),
        Command::Eval(args) => eval::eval(args, settings),
        Command::Auth(args) => auth::auth(args, settings),
        Command::Api(args) => api::api(args, settings),
        Command::Schema => schema::schema(settings),
        Command::Cache(args) => cache::cache(args, settings),
        Command::Completion(args) => complete::script(args.shell, settings),
        Command::Install(args) => install::install(args, settings),
        Command::Man(args) => man::man(args, settings),
        Command::Version(args) => version::version(args),
    }
}

/// Tells whether a command looks for saved queries or prints rows, about which Docker's config may say something.
fn heeds_docker(command: &Command) -> bool {
    match command {
        Command::Run(_) | Command::Plan(_) | Command::List(_) | Command::New(_) => true,
        // It looks for no query, and may say itself how its rows are printed.
        Command::Get(args) => args.output.output.is_none() && !args.output.quiet,
        Command::Validate(_) | Command::Explain(_) | Command::ApiResources(_) => false,
        Command::Eval(_) | Command::Auth(_) | Command::Api(_) => false,
        Command::Cache(_) | Command::Completion(_) => false,
        Command::Schema | Command::Install(_) | Command::Man(_) | Command::Version(_) => false,
    }
}

fn colour(command: &Command) -> When {
    match command {
        Command::Run(args) => args.output.color,
        Command::Plan(args) => args.run.output.color,
        Command::Get(args) => args.output.color,
        Command::Validate(args) => args.color,
        _ => When::Auto,
    }
}
