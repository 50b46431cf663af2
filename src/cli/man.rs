//! `man`: the manual, out of the same definitions as `--help`, for those who make packages.
//!
//! A page for the program and one for each command, as docker has them: `docker-regq.1`, `docker-regq-run.1`. What only the
//! first says besides help - exit codes, files, environment - stands in tables that the program itself goes by.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Cli, ManArgs};
use super::docker_settings;
use super::exit::MEANINGS;
use super::output::{Output, OutputError};
use super::plugin::VERSION;
use super::report::Failure;
use super::{exit::Exit, report, settings::Settings};
use crate::diagnostic::Diagnostic;

/// What the environment tells us.
const ENVIRONMENT: [(&str, &str); 6] = [
    (
        "DOCKER_CONFIG",
        "Docker's config folder, where `--config` names none; else it is `~/.docker`.",
    ),
    (
        "DOCKER_AUTH_CONFIG",
        "Logins as JSON, `{\"auths\": …}`, which come before those of files.",
    ),
    (
        "REGISTRY_AUTH_FILE",
        "The file of podman's logins, in place of those that podman looks for.",
    ),
    (
        "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
        "The proxy, and what is asked without it; in small letters too.",
    ),
    ("NO_COLOR", "Without colour, where `--color` does not say."),
    (
        "SOURCE_DATE_EPOCH",
        "The instant of the run, in seconds, so that a report can be made twice.",
    ),
];

/// The files that are read besides query files.
const FILES: [(&str, &str); 5] = [
    (
        "~/.docker/config.json",
        "Docker's config: logins, credential helpers, and settings of ours under `plugins.regq`.",
    ),
    ("~/.config/containers/auth.json", "podman's logins."),
    (
        "~/.config/regq/config.yaml",
        "Your settings: `registries` and `defaults`.",
    ),
    (
        "~/.config/regq/trusted.json",
        "The token servers that may see a login; written by `docker-regq auth --trust-token-server`.",
    ),
    (
        "/etc/docker/certs.d/HOST/",
        "Authorities and client certificates for a host.",
    ),
];

/// Prints the manual's first page, or writes all pages into a folder.
///
/// Errors: the folder cannot be written.
pub(super) fn man(args: &ManArgs, settings: &Settings) -> Result<Exit, Failure> {
    let Some(folder) = &args.folder else {
        let mut output = Output::standard(settings.terminal.stdout.is_terminal());
        output.write_all(&first()?)?;
        output.finish()?;
        return Ok(Exit::Done);
    };
    let pages = pages()?;
    write_all(folder, &pages).map_err(|cause| OutputError::Unwritable {
        path: folder.clone(),
        cause,
    })?;
    let message = format!("wrote {} pages into `{}`", pages.len(), folder.display());
    report::say(&[Diagnostic::note(message)], settings.voice);
    Ok(Exit::Done)
}

fn write_all(folder: &Path, pages: &[(String, Vec<u8>)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut pages = pages.iter();
    pages.try_for_each(|(name, text)| fs::write(folder.join(name), text))
}

/// All pages: the name of the file, and its text.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut pages = vec![("docker-regq.1".to_owned(), first()?)];
    for command in shown(&defined()) {
        pages.push((
            format!("docker-regq-{}.1", command.get_name()),
            page(command)?,
        ));
    }
    Ok(pages)
}

/// The commands as they are defined, each with its whole name in usage.
fn defined() -> Command {
    let mut cli = Cli::command().bin_name("docker-regq");
    cli.build();
    cli
}

/// The commands that help shows.
fn shown(cli: &Command) -> impl Iterator<Item = &Command> {
    cli.get_subcommands()
        .filter(|command| !command.is_hide_set())
}

/// What is on top of every page.
fn titled(command: Command, name: &str) -> Man {
    Man::new(command)
        .title(name.to_uppercase())
        .source(format!("docker-regq {VERSION}"))
        .manual("Docker User Manuals")
}

/// The page of a command. Its examples are what help has at the end.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let name = format!("docker-regq-{}", command.get_name());
    let after = command.get_after_help().map(ToString::to_string);
    let man = titled(command.clone().after_help(""), &name);
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    let mut roff = Roff::new();
    named(&mut roff, &name, command);
    roff.to_writer(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    let mut roff = Roff::new();
    examples(&mut roff, after.as_deref().unwrap_or_default());
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("docker-regq"), roman("(1)")]);
    roff.to_writer(&mut text)?;
    Ok(text)
}

/// The page of the program.
fn first() -> io::Result<Vec<u8>> {
    let cli = defined();
    let after = cli.get_after_help().map(ToString::to_string);
    let man = titled(cli.clone().after_help(""), "docker-regq");
    let mut text = Vec::new();
    man.render_title(&mut text)?;
    let mut roff = Roff::new();
    named(&mut roff, "docker-regq", &cli);
    roff.to_writer(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    let mut roff = Roff::new();
    roff.text([roman(
        "It runs as docker regq (a plugin of Docker's command line), as docker-regq, and as kubectl regq.",
    )]);
    roff.control("SH", ["COMMANDS"]);
    for command in shown(&cli) {
        let about = command.get_about().map(ToString::to_string);
        let name = command.get_name().to_owned();
        tagged(&mut roff, &name, &about.unwrap_or_default());
    }
    roff.to_writer(&mut text)?;
    man.render_options_section(&mut text)?;
    let mut roff = Roff::new();
    examples(&mut roff, after.as_deref().unwrap_or_default());
    section(&mut roff, "EXIT STATUS", MEANINGS);
    section(&mut roff, "ENVIRONMENT", ENVIRONMENT);
    section(&mut roff, "FILES", FILES);
    roff.control("SH", ["SETTINGS IN DOCKER'S CONFIG"]);
    roff.text([roman("Texts under plugins.regq of Docker's config.json:")]);
    for setting in docker_settings::ALL {
        tagged(&mut roff, setting.key, setting.about);
    }
    roff.control("SH", ["SEE ALSO"]);
    for command in shown(&cli) {
        let name = format!("docker-regq-{}", command.get_name());
        roff.text([bold(name), roman("(1)")]);
    }
    roff.to_writer(&mut text)?;
    Ok(text)
}

/// What `whatis` reads: the page's name, and the first line of what it is about.
fn named(roff: &mut Roff, name: &str, command: &Command) {
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    let first = about
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end_matches('.');
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {first}"))]);
}

fn section<const N: usize>(roff: &mut Roff, title: &str, entries: [(&str, &str); N]) {
    roff.control("SH", [title]);
    for (name, words) in entries {
        tagged(roff, name, words);
    }
}

fn tagged(roff: &mut Roff, name: &str, words: &str) {
    roff.control("TP", []);
    roff.text([bold(name)]);
    roff.text([roman(words)]);
}

/// What help has at the end: sentences, and after a line that ends in a colon commands as they are typed.
fn examples(roff: &mut Roff, text: &str) {
    if text.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    let (mut is_literal, mut has_paragraph) = (false, false);
    for line in text.lines() {
        match line.strip_prefix("  ") {
            Some(command) => {
                if !is_literal {
                    roff.control("nf", []);
                    is_literal = true;
                }
                roff.text([roman(command)]);
            }
            None if line.is_empty() || line == "Examples:" => {}
            None => {
                if is_literal {
                    roff.control("fi", []);
                    is_literal = false;
                }
                if has_paragraph {
                    roff.control("PP", []);
                }
                roff.text([roman(line)]);
                has_paragraph = true;
            }
        }
    }
    if is_literal {
        roff.control("fi", []);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_its_flags_and_examples() {
        let pages = pages().unwrap();
        let page = |name: &str| {
            let (_, text) = pages.iter().find(|(file, _)| file == name).expect(name);
            String::from_utf8(text.clone()).unwrap()
        };
        let first = page("docker-regq.1");
        for command in shown(&Cli::command()) {
            let name = command.get_name();
            assert!(first.contains(&name.replace('-', "\\-")), "{name}");
            let text = page(&format!("docker-regq-{name}.1"));
            let has_examples = text.contains(".SH EXAMPLES\n") && text.contains("\n.nf\n");
            assert!(has_examples, "{name}\n{text}");
            for flag in command.get_arguments().filter_map(clap::Arg::get_long) {
                let written = format!("\\-\\-{}", flag.replace('-', "\\-"));
                assert!(text.contains(&written), "{name} --{flag}\n{text}");
            }
        }
        assert!(first.contains("SETTINGS") && first.contains("queryDir"));
    }
}
