//! Everything a terminal knows: arguments, settings, commands, words on stderr, exit codes.
//!
//! Commands are thin: they find, bind, run and print by calling the rooms below. Nothing but this room and `render`
//! prints, and nothing but this room asks the clock and the environment.

mod args;
mod builtin;
mod eval;
mod exit;
mod explain;
mod findings;
mod get;
mod list;
mod output;
mod panic;
mod plan;
mod print;
mod queries;
mod ready;
mod registries;
mod report;
mod run;
mod settings;
mod validate;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Command};
use self::exit::Exit;
use self::output::Output;
use self::report::Failure;
use self::settings::Settings;
use crate::render::terminal::{Terminal, When};

pub use self::panic::install as install_panic_hook;

/// Runs the program on the process's arguments and says how it ends.
pub fn main() -> ExitCode {
    panic::install();
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => {
            // Help goes to stdout and is no error; a reader that is gone needs neither.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            }
            .into();
        }
    };
    let colour = colour(&command);
    let ended = Settings::ask(colour)
        .map_err(Failure::from)
        .and_then(|settings| dispatch(&command, &settings));
    let exit = ended.unwrap_or_else(|failure| {
        let terminal = Terminal::ask(colour);
        report::failure(failure, terminal.stderr.colour)
    });
    exit.into()
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
        Command::Eval(args) => eval::eval(args, settings),
        Command::Version => version(),
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

fn version() -> Result<Exit, Failure> {
    let mut output = Output::standard(true);
    writeln!(output, "docker-regq {}", env!("CARGO_PKG_VERSION"))?;
    output.finish()?;
    Ok(Exit::Done)
}
