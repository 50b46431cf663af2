//! `eval`: an expression on a JSON document, by the rules of queries or by the letter of the specification.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::args::EvalArgs;
use super::exit::Exit;
use super::output::Output;
use super::report::{Failure, UsageError};
use super::settings::Settings;
use crate::diagnostic::{Diagnostic, Passage};
use crate::expr::{AnyName, Context, EvalErrorKind, Expr, Mode};
use crate::limits::{Limits, MIB};
use crate::rows::RunError;
use crate::safe;
use crate::value::{JsonStyle, Value, parse_json, write_json};

/// Evaluates.
pub(super) fn eval(args: &EvalArgs, settings: &Settings) -> Result<Exit, Failure> {
    let expr = Expr::compile(Passage::flag("EXPR", &args.expression))?;
    let findings: Vec<Diagnostic> = expr
        .check(&AnyName)
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    if !args.strict && !findings.is_empty() {
        return Err(findings.into());
    }
    let limits = Limits::default();
    let document = document(args.file.as_deref(), &limits)?;
    let context = Context {
        mode: if args.strict {
            Mode::Strict
        } else {
            Mode::Lenient
        },
        ..Context::new(settings.now, &limits)
    };
    let value = evaluate(&expr, &document, &context)?;
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let texts = match args.raw_output {
        true => Texts::Bare,
        false => Texts::Quoted,
    };
    print(&mut output, &value, texts)?;
    output.finish()?;
    Ok(Exit::Done)
}

/// How a value that is a text is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// As it is, its hidden characters as escapes.
    Bare,
    /// As JSON.
    Quoted,
}

/// The value of an expression.
///
/// Errors: an exhausted budget ends the run; anything else is a finding about the expression.
pub(super) fn evaluate(
    expr: &Expr,
    document: &Value,
    context: &Context<'_>,
) -> Result<Value, Failure> {
    expr.evaluate(document, context).map_err(|error| {
        let finding = error.to_diagnostic();
        match error.kind {
            EvalErrorKind::Budget => Failure::Run(RunError(Box::new(finding))),
            _ => Failure::from(finding),
        }
    })
}

/// Prints a value and a line break.
pub(super) fn print(mut out: &mut dyn Write, value: &Value, texts: Texts) -> io::Result<()> {
    match value {
        Value::Text(text) if texts == Texts::Bare => {
            out.write_all(safe::escape_lines(text).as_bytes())?
        }
        value => write_json(&mut out, value, JsonStyle::Pretty)?,
    }
    writeln!(out)
}

fn document(file: Option<&Path>, limits: &Limits) -> Result<Value, Failure> {
    let name = file.map_or("standard input".to_owned(), |path| {
        format!("`{}`", path.display())
    });
    let bytes = match file {
        Some(path) => File::open(path).and_then(|file| bounded(file, limits)),
        None => bounded(io::stdin().lock(), limits),
    };
    let fail = |cause: String| UsageError::new(format!("{name} {cause}"), []);
    let bytes = bytes.map_err(|error| fail(format!("cannot be read: {error}")))?;
    if bytes.len() > limits.listing_bytes {
        let cause = format!("is longer than {} MiB", limits.listing_bytes / MIB);
        return Err(fail(cause).into());
    }
    parse_json(&bytes).map_err(|error| fail(format!("is not JSON: {error}")).into())
}

fn bounded(from: impl Read, limits: &Limits) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limits.listing_bytes as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
