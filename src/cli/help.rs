//! `--help` of `run` and `plan`: the usual help, and after it what each query that is named is for and takes.

use std::io::Write;

use clap::CommandFactory;

use super::args::{Cli, RunArgs};
use super::exit::Exit;
use super::output::Output;
use super::queries::{self, Loaded};
use super::report::{self, Failure};
use super::settings::Settings;
use crate::diagnostic::{Colour, Diagnostic};
use crate::query::{Query, Template, describe};
use crate::safe::escape;

/// Prints the help of a command that takes queries.
///
/// Errors: what `run` says of a query that cannot be found or read; the usual help is there all the same.
pub(super) fn help(command: &str, args: &RunArgs, settings: &Settings) -> Result<Exit, Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    output.write_all(usual(command, settings).as_bytes())?;
    output.flush()?;
    let loading = queries::load(args, settings)?;
    if loading.findings.iter().any(Diagnostic::is_error) {
        return Err(loading.findings.into());
    }
    report::say(&loading.findings, settings.voice);
    for Loaded { query, .. } in &loading.queries {
        output.write_all(about(query).as_bytes())?;
    }
    output.finish()?;
    Ok(Exit::Done)
}

fn usual(command: &str, settings: &Settings) -> String {
    let spelled = settings.voice.spelled;
    let mut cli = Cli::command().no_binary_name(true).bin_name(spelled.name());
    cli.build();
    let command = cli.find_subcommand_mut(command);
    let text = command.expect("it was just parsed").render_help();
    let text = match settings.terminal.stdout.colour {
        Colour::On => text.ansi().to_string(),
        Colour::Off => text.to_string(),
    };
    spelled.adapt(&text).into_owned() + "\n"
}

/// What a query is for, and its parameters. All of it may be a stranger's text.
fn about(query: &Query) -> String {
    let name = escape(&query.name.value);
    let words = query.description.as_ref().map(Template::text);
    let words = words.map(|words| format!(": {}", escape(words.trim_end())));
    let mut text = format!("\nQuery `{name}`{}\n", words.unwrap_or_default());
    match query.params.is_empty() {
        true => text.push_str("  It takes no parameters.\n"),
        false => text.push_str(&format!(
            "Parameters, each given as `-p NAME=VALUE`:\n{}",
            describe(query.params.iter())
        )),
    }
    text
}
