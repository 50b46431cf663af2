//! `-p`: from the words of the command line to the values of each query's parameters.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::args::RunArgs;
use super::queries::{Loaded, has_errors, split_document, unreadable};
use super::report::{Failure, UsageError};
use crate::diagnostic::{Diagnostic, Source};
use crate::query::{self, Given, Parameter, Params};
use crate::safe::Safe;

/// What `-p` says, with the files of lists read.
///
/// Errors: a word without `=`; a file that cannot be read, is too long or no text; standard input asked for twice.
pub(super) fn given(args: &RunArgs, loaded: &[Loaded]) -> Result<Given, Failure> {
    let pairs: Vec<_> = args.params.iter().map(split).collect::<Result<_, _>>()?;
    let mut words = args.queries.iter().chain(&args.files);
    let mut stdin = match words.any(|word| split_document(word).0 == "-") {
        true => Stdin::Read("a query"),
        false => Stdin::Unread,
    };
    let declared: Vec<&Parameter> = declared(loaded).collect();
    Given::new(pairs, &declared, |name, path| match path {
        "" => Err(no_file(name)),
        "-" => stdin.read(name),
        path => query::read_list(Path::new(path)).map_err(|error| unreadable_list(name, error)),
    })
}

/// Splits `NAME=VALUE`.
fn split(word: &String) -> Result<(String, String), UsageError> {
    match word.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(UsageError::new(
            format!("`-p {word}` gives no value"),
            [format!("a parameter is given as `-p {word}=VALUE`")],
        )),
    }
}

/// Standard input, which can be read once.
enum Stdin {
    Unread,
    /// What was read from it.
    Read(&'static str),
}

impl Stdin {
    fn read(&mut self, name: &str) -> Result<Arc<Source>, Failure> {
        if let Self::Read(what) = self {
            let message =
                format!("`-p {name}=@-` has nothing to read: standard input is {what} already");
            let hint = format!("give `{name}` from a file: `-p {name}=@FILE`");
            return Err(UsageError::new(message, [hint]).into());
        }
        *self = Self::Read("another list");
        let list = query::read_list_from(io::stdin().lock());
        list.map_err(|error| unreadable_list(name, error))
    }
}

fn no_file(name: &str) -> Failure {
    let message = format!("`-p {name}=@` names no file");
    UsageError::new(message, how_to_give(name)).into()
}

/// Says why a list cannot be read, and how one is given.
fn unreadable_list(name: &str, error: query::ReadError) -> Failure {
    match unreadable(error) {
        Failure::Usage(error) => {
            let hints = error.hints().iter().cloned().chain(how_to_give(name));
            UsageError::new(error.to_string(), hints.collect::<Vec<_>>()).into()
        }
        other => other,
    }
}

fn how_to_give(name: &str) -> [String; 1] {
    [format!(
        "`{name}` is a list: `-p {name}=@FILE` reads one element per line, `@-` standard input; an element that begins with `@` is given as `-p {name}=@@…`"
    )]
}

/// The values of parameters, and what is wrong with any.
pub(super) struct Values {
    /// Those of each query; none where they cannot be told.
    pub(super) of: Vec<Option<Params>>,
    /// What is wrong.
    pub(super) findings: Vec<Diagnostic>,
    /// The parameters that there are, for people.
    pub(super) listed: Option<String>,
}

impl Values {
    /// Gives each query's parameters their values. Whatever is wrong with any is found.
    pub(super) fn find(loaded: &[Loaded], given: &Given, reading: &[Diagnostic]) -> Self {
        let mut values = Self::unknown(loaded, given);
        let mut of = Vec::with_capacity(loaded.len());
        for Loaded { query, .. } in loaded {
            let resolved = Params::resolve(&query.params, given);
            of.push(match resolved {
                Ok(params) => Some(params),
                // Its declarations may be what could not be read.
                Err(_) if has_errors(reading, query) => None,
                Err(found) => {
                    values.findings.extend(found);
                    None
                }
            });
        }
        Self { of, ..values }
    }

    /// Checks what is given for parameters of queries that are not going to be run, and so need no values.
    pub(super) fn preset(loaded: &[Loaded], given: &Given) -> Self {
        let mut values = Self::unknown(loaded, given);
        for parameter in declared(loaded) {
            let wrong = parameter.clone().preset(given).err();
            values.findings.extend(wrong.into_iter().flatten());
        }
        values
    }

    /// No values yet, and what is given for parameters that no query has.
    fn unknown(loaded: &[Loaded], given: &Given) -> Self {
        let all: Vec<&Parameter> = declared(loaded).collect();
        Self {
            of: Vec::new(),
            findings: query::unknown_names(given, &all),
            listed: (!all.is_empty()).then(|| listed(loaded)),
        }
    }
}

/// Lists the parameters that there are under the last of all findings that is about one.
pub(super) fn list_under(
    findings: &mut [Diagnostic],
    about_params: &[Diagnostic],
    listed: Option<String>,
) {
    let mut last = findings.iter_mut().rev();
    let last = last.find(|finding| about_params.contains(finding));
    if let (Some(last), Some(listed)) = (last, listed) {
        last.hints.push(listed);
    }
}

fn declared(loaded: &[Loaded]) -> impl Iterator<Item = &Parameter> {
    loaded.iter().flat_map(|loaded| &loaded.query.params)
}

/// The parameters that there are, each name once.
fn listed(loaded: &[Loaded]) -> String {
    let mut all: Vec<&Parameter> = Vec::new();
    for parameter in declared(loaded) {
        if !all
            .iter()
            .any(|known| known.name.value == parameter.name.value)
        {
            all.push(parameter);
        }
    }
    let whose = match loaded {
        [Loaded { query, .. }] => format!(" of `{}`", Safe::new(&query.name.value)),
        _ => String::new(),
    };
    let lines = query::describe(all.into_iter());
    format!("the parameters{whose} are\n{}", lines.trim_end())
}
