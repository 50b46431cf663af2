//! `auth`: which login a registry gets, whether it is accepted, and what it may. In words, or as rows.

mod rows;
mod target;
mod words;

use std::io::Write;

use futures_util::stream::{self, StreamExt};

use self::target::Asked;
use super::args::AuthArgs;
use super::exit::{Exit, Results};
use super::hosts;
use super::network;
use super::output::Output;
use super::printing::named_format;
use super::registries::{self, Means};
use super::report::{self, Failure, UsageError};
use super::run;
use super::runtime::Runtime;
use super::settings::Settings;
use super::stop::Ended;
use super::user;
use crate::diagnostic::{Diagnostic, Passage};
use crate::registry::{Class, Examination, Keychain, RegistryError};

/// How many registries are asked at once.
const AT_ONCE: usize = 8;

/// Tells how registries take us.
pub(super) fn auth(args: &AuthArgs, settings: &Settings) -> Result<Exit, Failure> {
    let format = args.output.as_deref().map(named_format).transpose()?;
    let mut asked = target::read_all(&args.registries)?;
    if let Some(server) = &args.trust_token_server {
        trust(server, &asked, settings)?;
    }
    let keychain = registries::keychain(settings)?;
    if asked.is_empty() {
        asked = known(&keychain);
    }
    if asked.is_empty() {
        report::say(&[nothing_known(&keychain)], settings.voice);
        return Ok(Exit::Done);
    }
    let typed = asked.iter().map(|asked| asked.host.clone());
    let stop = run::listen(settings);
    let means = Means {
        settings,
        flags: &args.network,
        trust: network::trust(user::load(settings)?, &args.network, typed)?,
        limits: network::patience(&args.network),
        notebook: None,
        stop: &stop,
    };
    let network = means.network(keychain);
    let examined = stream::iter(&asked)
        .map(|asked| network.examine(asked.host.clone(), asked.repository.clone()))
        .buffered(AT_ONCE)
        .collect::<Vec<_>>();
    let deadline = network::deadline(&args.network);
    let found = match Runtime::start()?.block_on(stop.race(deadline, examined)) {
        Ended::ByItself(found) => found,
        Ended::TimedOut => return Ok(report::too_late(settings.voice)),
        Ended::Stopped => return Ok(stop.exit().unwrap_or(Exit::Interrupted)),
    };
    match format {
        Some(format) => rows::print(&found, format, args, settings)?,
        None => say(&asked, &found, settings)?,
    }
    Ok(exit(&found))
}

/// Says it in words, one paragraph for each registry.
fn say(asked: &[Asked], found: &[Examination], settings: &Settings) -> Result<(), Failure> {
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    for (index, (asked, found)) in asked.iter().zip(found).enumerate() {
        if index > 0 {
            writeln!(output)?;
        }
        let text = words::paragraph(asked, found);
        output.write_all(settings.voice.spelled.adapt(&text).as_bytes())?;
    }
    output.finish()?;
    Ok(())
}

/// Notes that a token server may see a registry's login.
///
/// Errors: it is no host; there is not one registry; the file cannot be written.
fn trust(server: &str, asked: &[Asked], settings: &Settings) -> Result<(), Failure> {
    let server = hosts::read(&Passage::flag("--trust-token-server", server))?;
    let [Asked { host, .. }] = asked else {
        let message = "`--trust-token-server` is for one registry, and that is named";
        let hint = format!("write `docker-regq auth REGISTRY --trust-token-server {server}`");
        return Err(UsageError::new(message, [hint]).into());
    };
    let (path, is_new) = user::allow(host, &server, settings)?;
    let path = settings.shortened(&path).display();
    let note = match is_new {
        user::Noted::Now => format!("`{server}` may see the login of {host} from now on: `{path}`"),
        user::Noted::Before => format!("`{server}` may see the login of {host} already: `{path}`"),
    };
    report::say(&[Diagnostic::note(note)], settings.voice);
    Ok(())
}

/// What Docker has a login for.
fn known(keychain: &Keychain) -> Vec<Asked> {
    let hosts = keychain.hosts().into_iter();
    hosts.map(Asked::whole).collect()
}

fn nothing_known(keychain: &Keychain) -> Diagnostic {
    let note = Diagnostic::note("Docker's config names no registry, so there is nobody to ask");
    match keychain.store() {
        Some(name) => note.hint(format!(
            "docker-credential-{name} keeps the logins: name a registry, as in `docker-regq auth ghcr.io`"
        )),
        None => note.hint("name a registry, as in `docker-regq auth docker.io`"),
    }
}

/// The registries are sources like those of a query: one that lets us in has answered.
fn exit(found: &[Examination]) -> Exit {
    let failures = found.iter().filter_map(|found| found.answer.as_ref().err());
    let failures: Vec<Class> = failures.map(RegistryError::class).collect();
    let results = match failures.is_empty() {
        true => Results::Good,
        false => Results::Incomplete,
    };
    Exit::of_run(results, failures.len() < found.len(), &failures)
}
