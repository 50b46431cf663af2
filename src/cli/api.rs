//! `api`: one path of a registry, asked with the login that queries have.
//!
//! What comes is printed as it came, byte for byte, so that it can be hashed; on a terminal only if it is JSON, and with
//! its hidden characters shown (threats F-1).

mod head;
mod merge;

use std::io::Write;

use super::args::ApiArgs;
use super::eval::{self, Texts};
use super::exit::{Exit, Results};
use super::hosts;
use super::network;
use super::output::Output;
use super::print::runtime;
use super::registries::{self, Means};
use super::report::{self, Failure, UsageError};
use super::run;
use super::settings::Settings;
use super::stop::Ended;
use super::user;
use crate::diagnostic::{Diagnostic, Passage};
use crate::expr::{AnyName, Context, Expr};
use crate::limits::Limits;
use crate::oci::RegistryHost;
use crate::registry::{ApiAnswer, ApiPages, ApiPath, Part, RegistryError};
use crate::safe::{self, Safe};
use crate::value::{JsonStyle, Value, parse_json, write_json};

/// Asks a path.
pub(super) fn api(args: &ApiArgs, settings: &Settings) -> Result<Exit, Failure> {
    let (host, path) = target(&args.path)?;
    let part = part(args)?;
    let accept = accept(&args.header)?;
    let expr = args.expression.as_deref().map(expression).transpose()?;
    let stop = run::listen(settings);
    let trust = network::trust(user::load(settings)?, &args.network, [host.clone()])?;
    let means = Means {
        settings,
        flags: &args.network,
        trust,
        limits: network::patience(&args.network),
        stop: &stop,
    };
    let network = means.network(registries::keychain(settings)?);
    let mut pages = network.path(host, path, part, accept);
    let mut printer = Printer {
        args,
        part,
        settings,
        output: Output::standard(settings.terminal.stdout.is_terminal()),
        pages: Vec::new(),
    };
    let runtime = runtime()?;
    let deadline = network::deadline(&args.network);
    loop {
        let asked = runtime.block_on(stop.race(deadline, ask(&mut pages)));
        let answer = match asked {
            Ended::ByItself(Ok(Some(answer))) => answer,
            Ended::ByItself(Ok(None)) => break,
            Ended::ByItself(Err(error)) => return failed(&error, printer, settings),
            Ended::TimedOut => {
                let finding = Diagnostic::error("the time that `--timeout` gives was over");
                report::say(&[finding], settings.voice);
                return Ok(Exit::Unreachable);
            }
            Ended::Stopped => return Ok(stop.exit().unwrap_or(Exit::Interrupted)),
        };
        if let Some(exit) = printer.take(answer)? {
            return Ok(exit);
        }
        if !args.paginate {
            break;
        }
    }
    printer.finish(expr.as_ref())
}

fn ask(
    pages: &mut ApiPages,
) -> impl Future<Output = Result<Option<ApiAnswer>, RegistryError>> + '_ {
    pages.next()
}

fn target(text: &str) -> Result<(RegistryHost, ApiPath), Failure> {
    let bare = text.strip_prefix("https://").unwrap_or(text);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    if host.is_empty() {
        let message = "a path begins with the registry it is asked of";
        let hint = format!("write `HOST{}`", Safe::cut(text, 200));
        return Err(UsageError::new(message, [hint]).into());
    }
    let host = hosts::read(&Passage::flag("HOST/PATH", host))?;
    let path = ApiPath::parse(path).map_err(|error| {
        let place = Passage::flag("HOST/PATH", text).place();
        Diagnostic::error(error.to_string()).at(&place, "")
    })?;
    Ok((host, path))
}

/// Nothing can be asked for that changes anything.
fn part(args: &ApiArgs) -> Result<Part, UsageError> {
    match args.method.to_ascii_uppercase().as_str() {
        "HEAD" => Ok(Part::Head),
        "GET" if args.head => Ok(Part::Head),
        "GET" => Ok(Part::Whole),
        _ => {
            let method = Safe::cut(&args.method, 64);
            let message = format!("`{method}` is not sent: nothing here changes a registry");
            let hint = "`-X GET` and `-X HEAD` are all there is".to_owned();
            Err(UsageError::new(message, [hint]))
        }
    }
}

/// The one header that can be set. Of any other nothing is repeated: it may be a secret (threats K2).
fn accept(headers: &[String]) -> Result<Option<String>, UsageError> {
    let mut accept: Vec<&str> = Vec::new();
    for header in headers {
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        let is_fit = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if !name.trim().eq_ignore_ascii_case("accept") {
            let message = "`-H` sets `Accept` and no other header";
            let hint = "credentials come from `docker login HOST`".to_owned();
            return Err(UsageError::new(message, [hint]));
        }
        if value.trim().is_empty() || !value.bytes().all(is_fit) {
            let message = "`Accept` takes media types";
            let hint = "write `-H 'Accept: application/vnd.oci.image.index.v1+json'`".to_owned();
            return Err(UsageError::new(message, [hint]));
        }
        accept.push(value.trim());
    }
    Ok((!accept.is_empty()).then(|| accept.join(", ")))
}

fn expression(text: &str) -> Result<Expr, Failure> {
    let expr = Expr::compile(Passage::flag("-q", text))?;
    let findings = expr.check(&AnyName).into_iter();
    let findings: Vec<Diagnostic> = findings.filter(Diagnostic::is_error).collect();
    match findings.is_empty() {
        true => Ok(expr),
        false => Err(findings.into()),
    }
}

/// Says why there is no answer.
fn failed(
    error: &RegistryError,
    printer: Printer<'_>,
    settings: &Settings,
) -> Result<Exit, Failure> {
    printer.output.finish()?;
    let finding = Diagnostic::error(format!("{error} ({})", error.code()));
    let finding = match report::advice_on(error.code()) {
        Some(advice) => finding.hint(advice),
        None => finding,
    };
    report::say(&[finding], settings.voice);
    Ok(Exit::of_run(Results::Incomplete, false, &[error.class()]))
}

/// Prints answers.
struct Printer<'a> {
    args: &'a ApiArgs,
    part: Part,
    settings: &'a Settings,
    output: Output,
    /// The pages, where there may be several or something is asked of them.
    pages: Vec<Value>,
}

impl Printer<'_> {
    /// Takes a page; tells how the program ends, if it does so now.
    fn take(&mut self, answer: ApiAnswer) -> Result<Option<Exit>, Failure> {
        let shows_head = self.args.include || self.part == Part::Head;
        if shows_head {
            head::print(&mut self.output, &answer)?;
        }
        if let Some(error) = &answer.error {
            if shows_head && is_json(&answer.body) {
                self.body(&answer)?;
            }
            self.output.flush()?;
            let finding = Diagnostic::error(format!("{error} ({})", error.code()));
            let finding = match report::advice_on(error.code()) {
                Some(advice) => finding.hint(advice),
                None => finding,
            };
            report::say(&[finding], self.settings.voice);
            return Ok(Some(Exit::of_run(
                Results::Incomplete,
                false,
                &[error.class()],
            )));
        }
        if self.part == Part::Head {
            return Ok(None);
        }
        if self.args.paginate || self.args.expression.is_some() {
            return self.gather(&answer);
        }
        self.body(&answer)
    }

    fn gather(&mut self, answer: &ApiAnswer) -> Result<Option<Exit>, Failure> {
        let page = match parse_json(&answer.body) {
            Ok(page) => page,
            Err(error) => return Ok(Some(self.refuse(answer, &format!("is not JSON: {error}")))),
        };
        self.pages.push(page);
        Ok(None)
    }

    /// Prints a body as it came; on a terminal only JSON, which has a line break behind it.
    fn body(&mut self, answer: &ApiAnswer) -> Result<Option<Exit>, Failure> {
        if !self.settings.terminal.stdout.is_terminal() {
            self.output.write_all(&answer.body)?;
            return Ok(None);
        }
        let text = std::str::from_utf8(&answer.body).ok();
        let Some(text) = text.filter(|_| is_json(&answer.body)) else {
            return Ok(Some(
                self.refuse(answer, "is not JSON, and is not shown on a terminal"),
            ));
        };
        self.output
            .write_all(safe::escape_lines(text.trim_end()).as_bytes())?;
        writeln!(self.output)?;
        Ok(None)
    }

    fn refuse(&mut self, answer: &ApiAnswer, why: &str) -> Exit {
        // Whoever reads the words has seen the data before them.
        let _ = self.output.flush();
        let kind = answer.content_type.as_ref();
        let kind = kind.map_or_else(String::new, |kind| format!("`{kind}`, "));
        let bytes = answer.body.len();
        let message = format!("the answer ({kind}{bytes} bytes) {why}");
        let finding = Diagnostic::error(message).hint("`> FILE` keeps it as it came");
        report::say(&[finding], self.settings.voice);
        Exit::Incomplete
    }

    /// Prints what was gathered.
    fn finish(mut self, expr: Option<&Expr>) -> Result<Exit, Failure> {
        if !self.pages.is_empty() {
            let document = merge::merged(&self.pages);
            match expr {
                None => {
                    write_json(&mut self.output, &document, JsonStyle::Pretty)?;
                    writeln!(self.output)?;
                }
                Some(expr) => {
                    let limits = Limits::default();
                    let context = Context::new(self.settings.now, &limits);
                    let value = eval::evaluate(expr, &document, &context)?;
                    let texts = match self.args.raw_output {
                        true => Texts::Bare,
                        false => Texts::Quoted,
                    };
                    eval::print(&mut self.output, &value, texts)?;
                }
            }
        }
        self.output.finish()?;
        Ok(Exit::Done)
    }
}

fn is_json(body: &[u8]) -> bool {
    parse_json(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_registry_first() {
        for (text, host, path) in [
            ("localhost:5000/_catalog", "localhost:5000", "/v2/_catalog"),
            ("https://ghcr.io/v2/", "ghcr.io", "/v2/"),
            ("ghcr.io", "ghcr.io", "/v2/"),
        ] {
            let (asked, at) = target(text).unwrap_or_else(|_| panic!("{text} is a path"));
            assert_eq!(
                (asked.to_string().as_str(), at.shown().as_str()),
                (host, path)
            );
        }
        for text in [
            "/v2/_catalog",
            "",
            "ghcr.io/a b",
            "bob:hunter2@ghcr.io/x",
            "http://a.io/x",
        ] {
            let failure = target(text).err();
            let failure = failure.unwrap_or_else(|| panic!("{text} is no path"));
            assert!(!format!("{failure:?}").contains("hunter2"));
        }
    }

    #[test]
    fn k2_no_header_but_accept_is_set_or_repeated() {
        let of =
            |headers: &[&str]| accept(&headers.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&[]).unwrap(), None);
        assert_eq!(
            of(&["accept:a/b", "Accept: c/d"]).unwrap().as_deref(),
            Some("a/b, c/d")
        );
        for header in [
            "Authorization: Bearer hunter2",
            "Cookie: hunter2",
            "hunter2",
            "Accept:",
            "Accept: a\r\nX: hunter2",
        ] {
            let error = of(&[header]).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
