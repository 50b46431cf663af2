//! What stands behind stdout and stderr: asked once, passed down.
//!
//! The only file of this room that looks at the world. What follows from the answers is decided by pure functions.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use crate::diagnostic::Colour;

/// The width of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;

/// The lines of one that does not tell.
const USUAL_LINES: usize = 24;

/// A wish that a flag such as `--color` expresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum When {
    /// Where it is of use.
    #[default]
    Auto,
    /// Whatever the output is.
    Always,
    /// Not at all.
    Never,
}

/// One output of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    /// Its columns, if it is a terminal.
    pub width: Option<usize>,
    /// Whether it takes colour.
    pub colour: Colour,
    /// Whether what it shows can be written over: a terminal that knows how.
    pub redraws: bool,
}

impl Stream {
    /// Tells whether a person is likely to be watching.
    pub fn is_terminal(&self) -> bool {
        self.width.is_some()
    }
}

/// Both outputs of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Where data goes.
    pub stdout: Stream,
    /// Where talk goes.
    pub stderr: Stream,
}

impl Terminal {
    /// Looks at this process's outputs and environment.
    pub fn ask(colour: When) -> Self {
        let out = io::stdout();
        let err = io::stderr();
        let stdout = nature(out.is_terminal(), || terminal_size::terminal_size_of(&out));
        let stderr = nature(err.is_terminal(), || terminal_size::terminal_size_of(&err));
        let environment = |name: &str| std::env::var_os(name);
        Self {
            stdout: stream(stdout, colour, environment),
            stderr: stream(stderr, colour, environment),
        }
    }
}

/// The columns that stderr has now, if it is a terminal: one may be made wider or narrower meanwhile.
pub fn stderr_columns() -> Option<usize> {
    let err = io::stderr();
    let nature = nature(err.is_terminal(), || terminal_size::terminal_size_of(&err));
    width(nature, |name| std::env::var_os(name))
}

/// The columns and lines that stdout has now, if it is a terminal.
pub fn stdout_size() -> Option<(usize, usize)> {
    let out = io::stdout();
    let size = terminal_size::terminal_size_of(&out);
    let nature = nature(out.is_terminal(), || size);
    let columns = width(nature, |name| std::env::var_os(name))?;
    let lines = size.map(|(_, height)| usize::from(height.0));
    Some((
        columns,
        lines.filter(|lines| *lines > 0).unwrap_or(USUAL_LINES),
    ))
}

/// Tells whether stdout leads to another program.
#[cfg(unix)]
pub fn stdout_is_piped() -> bool {
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    let copy = io::stdout().as_fd().try_clone_to_owned();
    let kind = copy.and_then(|copy| std::fs::File::from(copy).metadata());
    kind.is_ok_and(|found| found.file_type().is_fifo() || found.file_type().is_socket())
}

/// Tells whether stdout leads to another program.
#[cfg(not(unix))]
pub fn stdout_is_piped() -> bool {
    !io::stdout().is_terminal()
}

/// What an output is connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// A terminal, with its columns if it tells.
    Terminal(Option<usize>),
    /// A file, a pipe, nothing.
    Elsewhere,
}

type Size = (terminal_size::Width, terminal_size::Height);

fn nature(is_terminal: bool, size: impl FnOnce() -> Option<Size>) -> Nature {
    match is_terminal {
        true => Nature::Terminal(size().map(|(width, _)| usize::from(width.0))),
        false => Nature::Elsewhere,
    }
}

fn stream(nature: Nature, colour: When, environment: impl Fn(&str) -> Option<OsString>) -> Stream {
    Stream {
        width: width(nature, &environment),
        colour: choose_colour(nature, colour, &environment),
        redraws: nature != Nature::Elsewhere && !is_dumb(&environment),
    }
}

fn is_dumb(environment: impl Fn(&str) -> Option<OsString>) -> bool {
    environment("TERM").is_some_and(|text| text == "dumb")
}

/// `COLUMNS`, else what the terminal says, else the usual; none off a terminal.
fn width(nature: Nature, environment: impl Fn(&str) -> Option<OsString>) -> Option<usize> {
    let Nature::Terminal(told) = nature else {
        return None;
    };
    let columns = environment("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
    let known = columns.or(told).filter(|width| *width > 0);
    Some(known.unwrap_or(USUAL_WIDTH))
}

/// The flag, else `NO_COLOR` (no-color.org), else `CLICOLOR_FORCE`, else whether it is a terminal that is not dumb.
fn choose_colour(
    nature: Nature,
    when: When,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Colour {
    let is_set = |name: &str| environment(name).is_some_and(|text| !text.is_empty());
    let is = |name: &str, wanted: &str| environment(name).is_some_and(|text| text == wanted);
    match when {
        When::Always => Colour::On,
        When::Never => Colour::Off,
        When::Auto if is_set("NO_COLOR") => Colour::Off,
        When::Auto if is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") => Colour::On,
        When::Auto if nature == Nature::Elsewhere || is_dumb(&environment) => Colour::Off,
        When::Auto => Colour::On,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Nature = Nature::Terminal(Some(120));

    fn environment(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| OsString::from(text))
        }
    }

    #[test]
    fn colour_follows_the_flag_then_the_environment_then_the_output() {
        let force = &[("CLICOLOR_FORCE", "1")][..];
        let none = &[("NO_COLOR", "1")][..];
        for (nature, when, pairs, expected) in [
            (TERMINAL, When::Auto, &[][..], Colour::On),
            (Nature::Elsewhere, When::Auto, &[], Colour::Off),
            (TERMINAL, When::Never, force, Colour::Off),
            (Nature::Elsewhere, When::Always, none, Colour::On),
            (TERMINAL, When::Auto, none, Colour::Off),
            (TERMINAL, When::Auto, &[("NO_COLOR", "")], Colour::On),
            (Nature::Elsewhere, When::Auto, force, Colour::On),
            (
                Nature::Elsewhere,
                When::Auto,
                &[("CLICOLOR_FORCE", "0")],
                Colour::Off,
            ),
            (
                TERMINAL,
                When::Auto,
                &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
                Colour::Off,
            ),
            (TERMINAL, When::Auto, &[("TERM", "dumb")], Colour::Off),
            (
                TERMINAL,
                When::Auto,
                &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")],
                Colour::On,
            ),
        ] {
            let chosen = stream(nature, when, environment(pairs)).colour;
            assert_eq!(chosen, expected, "{nature:?} {when:?} {pairs:?}");
        }
    }

    #[test]
    fn only_a_terminal_has_a_width() {
        for (nature, columns, expected) in [
            (TERMINAL, None, Some(120)),
            (TERMINAL, Some("100"), Some(100)),
            (TERMINAL, Some("0"), Some(80)),
            (TERMINAL, Some("wide"), Some(120)),
            (TERMINAL, Some("-1"), Some(120)),
            (Nature::Terminal(None), None, Some(80)),
            (Nature::Terminal(Some(0)), None, Some(80)),
            (Nature::Elsewhere, Some("100"), None),
        ] {
            let pairs: Vec<_> = columns.iter().map(|text| ("COLUMNS", *text)).collect();
            let stream = stream(nature, When::Auto, environment(&pairs));
            assert_eq!(stream.width, expected, "{nature:?} {columns:?}");
            assert_eq!(stream.is_terminal(), nature != Nature::Elsewhere);
        }
    }
}
