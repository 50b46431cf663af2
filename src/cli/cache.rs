//! `cache`: what is kept on this machine of earlier runs, and getting rid of it. There are the names for completion.

use std::io::Write;

use jiff::Timestamp;

use super::args::{CacheAction, CacheArgs};
use super::exit::Exit;
use super::output::{Output, OutputError};
use super::report::{self, Failure, UsageError, counted};
use super::seen::{Extent, Shelf};
use super::settings::Settings;
use crate::diagnostic::Diagnostic;
use crate::units;

/// Tells what is kept, or forgets it.
pub(super) fn cache(args: &CacheArgs, settings: &Settings) -> Result<Exit, Failure> {
    let Some(shelf) = Shelf::of(settings) else {
        let message = "there is no folder for a cache, because `HOME` is not set";
        return Err(UsageError::new(message, []).into());
    };
    match args.action {
        CacheAction::Info => info(&shelf, settings),
        CacheAction::Clear => clear(&shelf, settings),
    }
}

fn info(shelf: &Shelf, settings: &Settings) -> Result<Exit, Failure> {
    let Extent {
        files,
        repositories,
        tags,
        bytes,
    } = shelf.extent(Timestamp::now().as_second());
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    let folder = shelf.folder().display();
    let line = match files {
        0 => format!("no names are remembered; they would be in {folder}\n"),
        _ => format!(
            "names for completion: {}, {}, {}; {} in {folder}\n",
            counted(files, "registry"),
            counted(repositories, "repository"),
            counted(tags, "tag"),
            units::bytes(bytes as f64),
        ),
    };
    output.write_all(line.as_bytes())?;
    output.finish()?;
    if let Err(why) = shelf.check() {
        report::say(
            &[Diagnostic::warning(format!("{why}, so it is not used"))],
            settings.voice,
        );
    }
    Ok(Exit::Done)
}

fn clear(shelf: &Shelf, settings: &Settings) -> Result<Exit, Failure> {
    let files = shelf.clear().map_err(|cause| OutputError::Unwritable {
        path: shelf.folder().to_owned(),
        cause,
    })?;
    let message = match files {
        0 => "nothing was remembered".to_owned(),
        files => format!("the names of {} are forgotten", counted(files, "registry")),
    };
    report::say(&[Diagnostic::note(message)], settings.voice);
    Ok(Exit::Done)
}
