//! What becomes of answers: printed as they came, or gathered and asked something.

use std::io::{self, Write};

use super::{head, merge};
use crate::cli::args::ApiArgs;
use crate::cli::eval::{self, Texts};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::report::{self, Failure};
use crate::cli::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::expr::{Context, Expr};
use crate::limits::Limits;
use crate::oci::RegistryHost;
use crate::registry::{ApiAnswer, Part};
use crate::safe;
use crate::value::{JsonStyle, Value, parse_json, write_json};

/// Prints answers.
pub(super) struct Printer<'a> {
    host: &'a RegistryHost,
    args: &'a ApiArgs,
    part: Part,
    settings: &'a Settings,
    output: Output,
    /// The pages, where there may be several or something is asked of them.
    pages: Vec<Value>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(
        host: &'a RegistryHost,
        args: &'a ApiArgs,
        part: Part,
        settings: &'a Settings,
    ) -> Self {
        Self {
            host,
            args,
            part,
            settings,
            output: Output::standard(settings.terminal.stdout.is_terminal()),
            pages: Vec::new(),
        }
    }

    /// Ends the output with what there is: nothing of pages that are not all there.
    pub(super) fn let_go(self) -> io::Result<()> {
        self.output.finish()
    }

    /// Takes a page; tells how the program ends, if it does so now.
    pub(super) fn take(&mut self, answer: ApiAnswer) -> Result<Option<Exit>, Failure> {
        let shows_head = self.args.include || self.part == Part::Head;
        if shows_head {
            head::print(&mut self.output, &answer)?;
        }
        if let Some(error) = &answer.error {
            if shows_head && is_json(&answer.body) {
                self.body(&answer)?;
            }
            self.output.flush()?;
            let voice = self.settings.voice;
            return Ok(Some(report::unanswered(error, self.host, voice)));
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
    pub(super) fn finish(mut self, expr: Option<&Expr>) -> Result<Exit, Failure> {
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
