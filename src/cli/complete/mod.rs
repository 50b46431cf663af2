//! Completion: what can stand where a command line is being typed.
//!
//! ```text
//! __complete run stale -p day     by docker, by our own scripts, by kubectl as kubectl_complete-regq
//!    │ asked                      how we are asked, and for what
//!    │ line                       the words, read by clap's definitions: at which command, flag or value is the cursor?
//!    │ values                     what such a value is: a query, a target, an expression …
//!    │ queries, expressions, places, files
//!    ▼
//! answer                          a line for each candidate, and the directive
//! ```
//!
//! Values come from files, settings, the tables of the program and the names that runs have met; nobody is asked, no helper
//! is started, nothing is said on stderr, and it never fails: where something cannot be read there are fewer candidates.

mod answer;
mod asked;
mod expressions;
mod files;
mod line;
mod places;
mod queries;
mod scripts;
#[cfg(test)]
mod tests;
mod values;

use std::ffi::OsString;
use std::io::Write;

use clap::CommandFactory;

use self::answer::{Answer, Candidate};
use self::asked::Asked;
use self::line::{At, Line};
use super::args::{Cli, Shell};
use super::exit::Exit;
use super::output::Output;
use super::report::Failure;
use super::settings::Settings;
use crate::render::terminal::When;

/// The answer to a shell that completes, if one asks.
pub(super) fn answer(args: &[OsString]) -> Option<String> {
    let asked = Asked::read(args, &|name| std::env::var_os(name))?;
    let globals = asked.globals.clone();
    let answer = match Settings::ask(When::Never, asked.spelled, globals) {
        Ok(settings) => complete(&asked, &settings.with_readable_docker_settings()),
        Err(_) => Answer::nothing(),
    };
    Some(answer.written(asked.described, asked.spelled))
}

/// What can stand at the end of the words.
fn complete(asked: &Asked, settings: &Settings) -> Answer {
    let mut program = Cli::command();
    program.build();
    let line = Line::read(&program, &asked.words, &asked.typed);
    match &line.at {
        At::Nothing => Answer::nothing(),
        At::Command => commands(&program, &asked.typed),
        At::Flag => flags(&line, &asked.typed),
        At::Value { arg, typed, before } => {
            let answer = values::of(arg, typed, &line, settings);
            answer.behind(before).closed_if(line.is_glued)
        }
    }
}

fn commands(program: &clap::Command, typed: &str) -> Answer {
    let commands = program.get_subcommands().filter(|one| !one.is_hide_set());
    let candidate = |command: &clap::Command| {
        Candidate::new(command.get_name()).about(first_line(command.get_about()))
    };
    Answer::of(commands.map(candidate))
        .starting(typed)
        .in_order()
}

/// The flags that can still be given; of those with a letter, that too where only a dash is typed.
fn flags(line: &Line<'_>, typed: &str) -> Answer {
    let mut candidates = Vec::new();
    let can_stand =
        |arg: &&clap::Arg| !arg.is_positional() && !arg.is_hide_set() && line.can_take(arg);
    for arg in line.command.get_arguments().filter(can_stand) {
        let about = first_line(arg.get_help());
        if let Some(long) = arg.get_long() {
            candidates.push(Candidate::new(format!("--{long}")).about(about.clone()));
        }
        if let Some(short) = arg.get_short().filter(|_| typed.len() < 2) {
            candidates.push(Candidate::new(format!("-{short}")).about(about));
        }
    }
    Answer::of(candidates).starting(typed)
}

fn first_line(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

/// `completion`: prints a script.
pub(super) fn script(shell: Shell, settings: &Settings) -> Result<Exit, Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    output.write_all(scripts::of(shell).as_bytes())?;
    output.finish()?;
    Ok(Exit::Done)
}
