//! `api`: one path of a registry, asked with the login that queries have.
//!
//! What comes is printed as it came, byte for byte, so that it can be hashed; on a terminal only if it is JSON, and with
//! its hidden characters shown (threats F-1).

mod head;
mod merge;
mod printer;

use self::printer::Printer;
use super::args::ApiArgs;
use super::exit::Exit;
use super::hosts;
use super::network;
use super::registries::{self, Means};
use super::report::{self, Failure, UsageError};
use super::run;
use super::runtime::Runtime;
use super::settings::Settings;
use super::stop::Ended;
use super::user;
use crate::diagnostic::{Diagnostic, Passage};
use crate::expr::{AnyName, Expr};
use crate::oci::RegistryHost;
use crate::registry::{ApiPath, Part};
use crate::safe::Safe;

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
        notebook: None,
        stop: &stop,
    };
    let network = means.network(registries::keychain(settings)?);
    let mut pages = network.path(host.clone(), path, part, accept);
    let mut printer = Printer::new(&host, args, part, settings);
    let runtime = Runtime::start()?;
    let deadline = network::deadline(&args.network);
    loop {
        let asked = runtime.block_on(stop.race(deadline, pages.next_page()));
        let answer = match asked {
            Ended::ByItself(Ok(Some(answer))) => answer,
            Ended::ByItself(Ok(None)) => break,
            Ended::ByItself(Err(error)) => {
                printer.let_go()?;
                return Ok(report::unanswered(&error, &host, settings.voice));
            }
            Ended::TimedOut => return Ok(report::too_late(settings.voice)),
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
