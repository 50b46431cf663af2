//! The one door: whatever goes wrong leaves the program through here, as words on stderr with a hint, and as an
//! exit code. If two places want to give the same advice, it belongs here.

mod amazon;
mod login;

use std::borrow::Cow;
use std::io;

pub(super) use self::login::{next, trusting};
use super::console;
use super::exit::{Exit, Results};
use super::output::OutputError;
use super::spelled::Spelled;
use crate::diagnostic::{Colour, Diagnostic, draw};
use crate::oci::RegistryHost;
use crate::registry::RegistryError;
pub(super) use crate::rows::counted;
use crate::rows::{Checked, Missing, RowError, RunError, Summary, Verdict};

/// How many errors of rows are shown before the rest is only counted.
const SHOWN_ERRORS: usize = 20;

/// The code of what our own limit left unasked.
const MAX_REQUESTS: &str = "MAX_REQUESTS";

/// What helps against a limit on pulls.
pub(super) const FEWER: &str = "`--limit N` asks for fewer; `digest`, `media_type` and `manifest_size` alone come by HEAD; `docker-regq plan QUERY` shows what costs most; who is logged in may be allowed more";

/// What does for programs what `--watch` does for people.
pub(super) const WATCHED_BY_PROGRAMS: &str = "without `--watch` it prints once: a program asks again when it likes, for `-o json` or `-o ndjson`";

/// What is said when `--timeout` is over.
pub(super) const TOO_LATE: &str = "the time that `--timeout` gives was over";

/// How words reach the reader of stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Voice {
    /// Whether they carry colour.
    pub(super) colour: Colour,
    /// How commands in them are spelled.
    pub(super) spelled: Spelled,
}

/// What ends a command.
#[derive(Debug)]
pub(super) enum Failure {
    /// Findings about text the user wrote.
    Findings(Vec<Diagnostic>),
    /// The command line or the environment is wrong.
    Usage(UsageError),
    /// An expression cost too much.
    Run(RunError),
    /// The output could not be begun.
    Output(OutputError),
    /// Writing it broke off.
    Broken(io::Error),
    /// The reader went away; there is nothing to say.
    Closed,
}

/// What can be wrong with a command line beyond clap's own findings.
#[derive(Debug, thiserror::Error)]
pub(super) enum UsageError {
    /// `SOURCE_DATE_EPOCH` is no number.
    #[error("`SOURCE_DATE_EPOCH` is not a number of seconds")]
    Epoch,
    /// There is no working directory.
    #[error("the working directory cannot be read: {0}")]
    NoWorkingDirectory(io::Error),
    /// Anything that names what would be right.
    #[error("{message}")]
    Other {
        /// What is wrong.
        message: String,
        /// What would be right.
        hints: Vec<String>,
    },
}

impl UsageError {
    /// Something that is wrong, with what would be right.
    pub(super) fn new(message: impl Into<String>, hints: impl IntoIterator<Item = String>) -> Self {
        Self::Other {
            message: message.into(),
            hints: hints.into_iter().collect(),
        }
    }

    /// What would be right.
    pub(super) fn hints(&self) -> &[String] {
        match self {
            Self::Other { hints, .. } => hints,
            _ => &[],
        }
    }
}

impl From<UsageError> for Failure {
    fn from(error: UsageError) -> Self {
        Self::Usage(error)
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(findings: Vec<Diagnostic>) -> Self {
        Self::Findings(findings)
    }
}

impl From<Diagnostic> for Failure {
    fn from(finding: Diagnostic) -> Self {
        Self::Findings(vec![finding])
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

/// An error while writing data: a closed pipe is a reader that has seen enough (threats O1).
impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Broken(cause),
        }
    }
}

/// Says what ended a command, and how the program ends.
pub(super) fn failure(failure: Failure, voice: Voice) -> Exit {
    let (findings, exit) = match failure {
        Failure::Closed => return Exit::Done,
        Failure::Findings(findings) => (findings, Exit::Usage),
        Failure::Usage(error) => (vec![usage(&error)], Exit::Usage),
        Failure::Output(error) => (vec![output(&error)], Exit::Usage),
        Failure::Broken(cause) => (vec![broken(&cause)], Exit::Incomplete),
        Failure::Run(RunError(finding)) => (vec![*finding], Exit::Unsafe),
    };
    say(&findings, voice);
    exit
}

fn usage(error: &UsageError) -> Diagnostic {
    let finding = Diagnostic::error(error.to_string());
    error
        .hints()
        .iter()
        .fold(finding, |finding, hint| finding.hint(hint))
}

/// What was asked was answered, but the reader does not have all of it.
fn broken(cause: &io::Error) -> Diagnostic {
    Diagnostic::error(format!("the output broke off: {cause}"))
}

fn output(error: &OutputError) -> Diagnostic {
    let finding = Diagnostic::error(error.to_string());
    match error {
        OutputError::NotRegular(_) => {
            finding.hint("name a file, or leave `--output-file` out and use `>`")
        }
        OutputError::Exists(_) => finding.hint("nothing is replaced: choose another name"),
        OutputError::Unwritable { .. } => finding,
    }
}

/// Draws findings on stderr, the commands in their hints spelled as the reader types them. That nobody may be reading
/// there ends nothing.
pub(super) fn say(findings: &[Diagnostic], voice: Voice) {
    let spelled: Vec<Diagnostic> = findings
        .iter()
        .map(|finding| {
            let mut finding = finding.clone();
            for hint in &mut finding.hints {
                *hint = voice.spelled.adapt(hint).into_owned();
            }
            finding
        })
        .collect();
    console::say(draw(&spelled, voice.colour).as_bytes());
}

/// Says what is missing from a result: the first errors one by one, the rest in numbers.
pub(super) fn incomplete(query: &str, summary: &Summary, any_answer: bool, voice: Voice) {
    let lines = summary.missing();
    let (shown, counted_only) = shorten(&lines);
    let mut findings = with_advice(&shown);
    findings.extend(counts(&counted_only));
    findings.extend(summary.vanished().map(Diagnostic::note));
    findings.extend(summary.untold().map(untold));
    if !summary.is_complete() && any_answer {
        let missing = counted(lines.len(), "answer");
        let message = format!("the result of `{query}` is incomplete: {missing} missing");
        findings.push(Diagnostic::warning(message));
    } else if !summary.is_complete() {
        let message =
            format!("there is no result of `{query}`: nothing that was asked gave an answer");
        findings.push(Diagnostic::error(message));
    }
    findings
        .iter()
        .for_each(|finding| say(std::slice::from_ref(finding), voice));
}

/// What columns show as null because a registry tells it of nothing.
fn untold((registry, fields): (&str, Vec<&str>)) -> Diagnostic {
    let names = fields.join("`, `");
    Diagnostic::note(format!(
        "{registry} does not tell `{names}`: columns show null"
    ))
}

/// Says which asserts do not hold, or cannot be decided: one line each, with the place where it is written.
pub(super) fn asserts(checked: &[Checked], voice: Voice) {
    let findings = checked.iter().filter_map(|checked| {
        let (place, message, verdict) =
            (&checked.place, &checked.message, checked.verdict_in_words());
        let told = format!("{place}: the assert {verdict}: {message}");
        match checked.verdict {
            Verdict::Holds => None,
            Verdict::Fails => Some(Diagnostic::error(told)),
            Verdict::Undecided => Some(Diagnostic::warning(told)),
        }
    });
    findings.for_each(|finding| say(&[finding], voice));
}

/// Chooses the lines that are shown: the first ones, and of those that our own limit stopped only the first.
fn shorten<'l, 'a>(lines: &'l [Missing<'a>]) -> (Vec<&'l Missing<'a>>, Vec<&'l Missing<'a>>) {
    let mut shown: Vec<&Missing<'_>> = Vec::new();
    let mut counted_only = Vec::new();
    for line in lines {
        let code = line.error.code.as_str();
        let is_known = code == MAX_REQUESTS && shown.iter().any(|other| other.error.code == code);
        match shown.len() < SHOWN_ERRORS && !is_known {
            true => shown.push(line),
            false => counted_only.push(line),
        }
    }
    (shown, counted_only)
}

/// The lines as warnings; what helps against a cause stands under the first of them.
fn with_advice(lines: &[&Missing<'_>]) -> Vec<Diagnostic> {
    let mut advised: Vec<Cow<'_, str>> = Vec::new();
    let mut warnings = Vec::with_capacity(lines.len());
    for line in lines {
        let finding = warning(line);
        let advice = advice(line.error).filter(|advice| !advised.contains(advice));
        warnings.push(match &advice {
            Some(advice) => finding.hint(advice.as_ref()),
            None => finding,
        });
        advised.extend(advice);
    }
    warnings
}

fn warning(line: &Missing<'_>) -> Diagnostic {
    let message = format!("{}: {}", line.about, line.cause());
    Diagnostic::warning(match line.fields.is_empty() {
        true => message,
        false => format!("{message}; so there is no `{}`", line.fields.join("`, `")),
    })
}

/// What to do about a cause, where there is something to do.
fn advice(error: &RowError) -> Option<Cow<'static, str>> {
    let host = error.registry.split('/').next().unwrap_or_default();
    let vendors = host.parse().ok();
    let vendors = vendors.and_then(|host| amazon::advice_on(&error.code, &host));
    let general = || general_advice(error).map(Cow::Borrowed);
    vendors.map(Cow::Owned).or_else(general)
}

/// The same, whoever the vendor is.
fn general_advice(error: &RowError) -> Option<&'static str> {
    match error.code.as_str() {
        "NO_CATALOG" | "UNAUTHORIZED" | "DENIED" if error.repository.is_none() => Some(
            "many registries list their repositories to nobody, or to few: a repository that is named in full (`HOST/REPOSITORY`, `repositories: [NAME]`) needs no list; `docker-regq auth HOST` tells as whom you come",
        ),
        "NOT_FOUND" if error.repository.is_none() => Some(
            "there is no such namespace, or it is hidden from whoever asks: `docker login HOST` with an access token that may list it; a repository that is named in full needs no list",
        ),
        code => advice_on(code),
    }
}

/// Says that the time is over.
pub(super) fn too_late(voice: Voice) -> Exit {
    say(&[Diagnostic::error(TOO_LATE)], voice);
    Exit::Unreachable
}

/// Says why a registry gave no answer to what was asked of it alone.
pub(super) fn unanswered(error: &RegistryError, host: &RegistryHost, voice: Voice) -> Exit {
    let finding = Diagnostic::error(format!("{error} ({})", error.code()));
    let finding = match login::advice_for(error, host) {
        Some(advice) => finding.hint(advice),
        None => finding,
    };
    say(&[finding], voice);
    Exit::of_run(Results::Incomplete, false, &[error.class()])
}

/// What to do about a cause with this code. `HOST` stands for the registry.
fn advice_on(code: &str) -> Option<&'static str> {
    match code {
        "NAMESPACE_NEEDED" => Some(
            "name a namespace: `HOST/NAMESPACE/*`, or `repositories: [NAMESPACE/*]` (Docker's own images are `library/*`; a namespace of Google's is `PROJECT/REPOSITORY`, of gcr.io `PROJECT`; of Artifactory and Nexus a repository there that holds images); a repository that is named in full needs no list",
        ),
        "NO_MANIFEST_LIST" => Some(
            "untagged manifests are listed by Azure, by Google's registries, by Harbor in projects that are no cache of another registry and that you may see, by GitHub for those who log in (`docker login ghcr.io`), and by image layouts (`oci:DIR`, `oci-archive:FILE`); of any other registry `resource: tags` has what tags point to, `referrers` what is attached to that",
        ),
        "API_DENIED" => Some(
            "the vendor's API wants more than the registry does: GitLab an access token with `read_api`, GitHub a classic one with `read:packages`, Quay one of an OAuth application (for the user `$oauthtoken`), Harbor an account or a robot that may list repositories and artifacts, Gitea and Forgejo one with `read:package`, Artifactory and Nexus a name and password, or token, that may browse there; `docker login -u NAME HOST` keeps it; a repository that is named in full needs no list",
        ),
        "NO_SEARCH" => Some(
            "zot tells it where its search is switched on, `extensions: {search: {enable: true}}` in its config; names, digests and what images say of themselves come without",
        ),
        "API_CREDENTIAL" => Some(
            "`docker login -u NAME HOST` with an access token for the password keeps one that the API takes; `--anonymous=HOST` asks without",
        ),
        "NOT_OFFERED" => Some(
            "only some vendors tell it: in `columns` it is null elsewhere, but a condition or an order cannot do without",
        ),
        MAX_REQUESTS => {
            Some("`docker-regq plan` shows what costs most; `--max-requests N` allows more")
        }
        "TIMEOUT" => Some("`--timeout` sets how long a run may take; without it there is no end"),
        "NOT_A_LAYOUT" => Some(
            "an image layout is a folder that holds `oci-layout` and `index.json`; in a tar file it is `oci-archive:FILE`, what `docker save` wrote is `docker-archive:FILE`; a path in a query file starts at the file's folder",
        ),
        "NOT_AN_ARCHIVE" => Some(
            "`oci-archive:FILE` and `docker-archive:FILE` are tar files, as they are or packed with gzip; a folder is `oci:DIR`; a path in a query file starts at the file's folder",
        ),
        "PLATFORM_UNKNOWN" => Some("without `platform` the first image of the index is taken"),
        "UNAUTHORIZED" | "DENIED" => Some(
            "`docker-regq auth HOST/REPOSITORY` tells as whom you come and what is refused; `docker login HOST` keeps a login where it is looked for; what does not exist is often answered in the same way",
        ),
        "TOKEN_SERVER_NOT_TRUSTED" => Some(
            "if you know that it is the registry's, `docker-regq auth HOST --trust-token-server SERVER` allows it",
        ),
        "TOOMANYREQUESTS" => Some(
            "`docker-regq auth HOST` tells what is left of a limit; `docker-regq plan QUERY` shows what costs most",
        ),
        "CERTIFICATE" => Some(
            "an authority of your own is set in `regq/config.yaml` of your config folder: `registries: {HOST: {ca: FILE.pem}}`; `--insecure-tls HOST` asks whatever the certificate says",
        ),
        "PLAIN_HTTP" => {
            Some("`--plain-http HOST` asks it in the clear, credentials included; TLS is safer")
        }
        "CREDENTIAL_MALFORMED" => {
            Some("`docker login HOST` writes the entry anew; `--anonymous=HOST` does without it")
        }
        code if code.starts_with("HELPER_") => {
            Some("`docker login HOST` shows whether it works; `--anonymous=HOST` does without it")
        }
        _ => None,
    }
}

/// What was not shown, by cause.
fn counts(lines: &[&Missing<'_>]) -> Vec<Diagnostic> {
    let mut codes: Vec<(&str, usize)> = Vec::new();
    for line in lines {
        match codes.iter_mut().find(|(code, _)| *code == line.error.code) {
            Some((_, count)) => *count += 1,
            None => codes.push((&line.error.code, 1)),
        }
    }
    let more =
        |(code, count): (&str, usize)| Diagnostic::warning(format!("and {count} more with {code}"));
    codes.into_iter().map(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safe::Safe;

    fn error(tag: &str, field: &'static str, message: &str) -> RowError {
        RowError {
            registry: "oci:x".into(),
            repository: Some("app".into()),
            tag: Some(tag.into()),
            field: Some(field),
            code: "BLOB_UNKNOWN".into(),
            message: Safe::new(message),
        }
    }

    fn of(errors: &[RowError]) -> Summary {
        Summary {
            errors: errors.to_vec(),
            ..Summary::default()
        }
    }

    #[test]
    fn facts_of_one_row_that_share_a_cause_are_one_line() {
        let errors = [
            error("v1", "created", "no config"),
            error("v1", "labels", "no config"),
            error("v2", "created", "no config"),
        ];
        let summary = of(&errors);
        let lines = summary.missing();
        assert_eq!(lines.len(), 2);
        let drawn = draw(&[warning(&lines[0])], Colour::Off);
        assert_eq!(
            drawn,
            "warning: oci:x/app:v1: no config (BLOB_UNKNOWN); so there is no `created`, `labels`\n"
        );
    }

    #[test]
    fn what_is_not_shown_is_counted_by_cause() {
        let errors: Vec<RowError> = (0..30)
            .map(|at| error(&at.to_string(), "size", "no"))
            .collect();
        let summary = of(&errors);
        let lines = summary.missing();
        let (shown, counted_only) = shorten(&lines);
        assert_eq!(shown.len(), SHOWN_ERRORS);
        let counted = counts(&counted_only);
        assert_eq!(
            draw(&counted, Colour::Off),
            "warning: and 10 more with BLOB_UNKNOWN\n"
        );
    }

    #[test]
    fn advice_is_given_once_and_our_own_limit_named_once() {
        let stopped = |tag: &str| RowError {
            code: MAX_REQUESTS.into(),
            ..error(tag, "size", "the limit was reached")
        };
        let errors = [stopped("v1"), stopped("v2"), stopped("v3")];
        let summary = of(&errors);
        let lines = summary.missing();
        let (shown, counted_only) = shorten(&lines);
        assert_eq!((shown.len(), counted_only.len()), (1, 2));
        let all: Vec<&Missing<'_>> = lines.iter().collect();
        let warnings = with_advice(&all);
        let hints = warnings.iter().map(|warning| warning.hints.len());
        assert_eq!(hints.collect::<Vec<_>>(), [1, 0, 0]);
    }
}
