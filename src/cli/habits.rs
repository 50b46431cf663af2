//! What people type out of habit - kubectl's, docker's, curl's - and what does it here; and the words about a command or
//! a flag that there is not.

mod commands;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::args::Cli;
use super::report::UsageError;
use crate::diagnostic::nearest;
use crate::safe::Safe;

/// A flag of another program, and what does it here.
const FLAGS: [(&[&str], &str); 13] = [
    (
        &["-n", "--namespace"],
        "a namespace is part of a repository's name: `HOST/NAMESPACE/**` as a target, `repositories: NAMESPACE/**` in a file",
    ),
    (
        &["-A", "--all-namespaces", "-a", "--all"],
        "everything is asked unless a pattern says otherwise; leave it out",
    ),
    (&["--set"], "a parameter is given as `-p NAME=VALUE`"),
    (
        &["--filter", "--field-selector"],
        "rows are kept with `--where EXPR`",
    ),
    (&["--template"], COLUMNS),
    (&["--jq", "--query", "--jsonpath"], VALUE),
    (
        &["--sort", "--order-by"],
        "rows are sorted with `--sort-by [-]EXPR`",
    ),
    (
        &["--insecure", "--insecure-skip-tls-verify", "-k"],
        "`--insecure-tls HOST` and `--plain-http HOST` name the host that it is for",
    ),
    (&["-V"], "`docker-regq version` prints the version"),
    (&["--no-color"], "`--color never` leaves colour out"),
    (
        &["--show-labels"],
        "labels are a field: `--columns repository,tag,labels`",
    ),
    (
        &["--digests"],
        "the digest is a field: `--columns repository,tag,digest`",
    ),
    (
        &["--all-tags"],
        "all tags are asked for unless the target names some: `HOST/REPOSITORY`",
    ),
];

/// How flags begin whose value would be a secret, or come with one.
const SECRETS: [&str; 11] = [
    "pass", "pwd", "token", "secret", "cred", "user", "auth", "login", "api-key", "apikey",
    "bearer",
];

/// What is said about a flag that there is not, if it is somebody's habit.
pub(super) fn of_flag(written: &str) -> Option<UsageError> {
    if is_secret(written) {
        // What follows it may be the secret itself: nothing of it is repeated (threats K2).
        let message = "no flag takes a user name, a password or a token";
        let hint = "credentials come from `docker login HOST`";
        return Some(UsageError::new(message, [hint.to_owned()]));
    }
    let habit = FLAGS.iter().find(|(names, _)| names.contains(&written));
    habit.map(|(_, hint)| UsageError::new(format!("there is no `{written}`"), [(*hint).to_owned()]))
}

fn is_secret(written: &str) -> bool {
    match written.strip_prefix("--") {
        Some(long) => {
            let long = long.to_ascii_lowercase();
            SECRETS.iter().any(|start| long.starts_with(start))
                || long.contains("passw")
                || long.ends_with("token")
        }
        None => written.starts_with("-u"),
    }
}

const COLUMNS: &str = "columns are chosen with `-o custom-columns=NAME:EXPR,…`, as JMESPath expressions: `-o custom-columns=TAG:tag,SIZE:size`";
const VALUE: &str = "one value is taken out of the document of `-o json` by `-o jmespath=EXPR`: `-o jmespath='items[].TAG'`";
const FILE: &str =
    "a query file keeps columns: `-o query` prints one, and `docker-regq run` takes it";

const MARKDOWN: &str = "GitHub's Markdown is `-o markdown`";

/// How an output of another program begins, and what does it here.
const OUTPUTS: [(&str, &str); 10] = [
    ("custom-columns-file", FILE),
    ("go-template-file", FILE),
    ("templatefile", FILE),
    ("jsonpath", VALUE),
    ("jq", VALUE),
    ("go-template", COLUMNS),
    ("template", COLUMNS),
    ("table ", COLUMNS),
    ("md", MARKDOWN),
    ("gfm", MARKDOWN),
];

/// What does the work of an output that another program has.
pub(super) fn of_output(written: &str) -> Option<&'static str> {
    let habit = OUTPUTS.iter().find(|(start, _)| written.starts_with(start));
    let is_template = || written.contains("{{").then_some(COLUMNS);
    habit.map(|(_, hint)| *hint).or_else(is_template)
}

/// Puts into our words what clap says about a command or a flag that there is not; the rest is clap's to say.
pub(super) fn explain(error: &clap::Error, command: Option<&str>) -> Option<UsageError> {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let written = text(error, ContextKind::InvalidSubcommand)?;
            Some(unknown_command(written))
        }
        ErrorKind::UnknownArgument => {
            let written = text(error, ContextKind::InvalidArg)?;
            let flags = written.starts_with('-');
            flags.then(|| of_flag(written).unwrap_or_else(|| unknown_flag(written, command)))
        }
        _ => None,
    }
}

/// What helps whoever left something out that a command needs.
pub(super) fn missing(error: &clap::Error, command: Option<&str>) -> Option<&'static str> {
    let is_missing = error.kind() == ErrorKind::MissingRequiredArgument;
    match command.filter(|_| is_missing)? {
        "run" | "plan" => {
            Some("`docker-regq list` shows the saved queries; `docker-regq run demo` needs no more")
        }
        "get" => Some(
            "what one row is comes first, then where to look, as in `docker-regq get tags alpine`; `docker-regq api-resources` lists what there is",
        ),
        _ => None,
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

fn unknown_command(written: &str) -> UsageError {
    let cli = Cli::command();
    let shown = cli
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let names = shown.map(Command::get_name);
    let near = nearest(written, names).map(|near| format!("did you mean `docker-regq {near}`?"));
    let meant = commands::meant(written).or(near);
    let all = "`docker-regq --help` lists the commands".to_owned();
    let message = format!("unknown command `{}`", Safe::cut(written, 64));
    UsageError::new(message, meant.into_iter().chain([all]))
}

fn unknown_flag(written: &str, command: Option<&str>) -> UsageError {
    let cli = Cli::command();
    let found = command.and_then(|name| cli.find_subcommand(name));
    let of = found.unwrap_or(&cli);
    let flags: Vec<String> = of
        .get_arguments()
        .chain(cli.get_arguments())
        .filter_map(|arg| arg.get_long().map(|long| format!("--{long}")))
        .collect();
    let near = nearest(written, flags.iter().map(String::as_str));
    let near = near.map(|near| format!("did you mean `{near}`?"));
    let all = match found {
        Some(found) => format!("`docker-regq {} --help` lists the flags", found.get_name()),
        None => "`docker-regq --help` lists the commands".to_owned(),
    };
    let message = format!("unknown flag `{}`", Safe::cut(written, 64));
    UsageError::new(message, near.into_iter().chain([all]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> (String, Vec<String>) {
        let words: Vec<&str> = line.split(' ').collect();
        let cli = Cli::command().no_binary_name(true);
        let error = cli.try_get_matches_from(&words).unwrap_err();
        let error = explain(&error, words.first().copied()).unwrap();
        let hints = error.hints().to_vec();
        (error.to_string(), hints)
    }

    #[test]
    fn habits_are_told_what_does_it_here() {
        for (line, message, hint) in [
            ("run q -n team", "there is no `-n`", "repositories"),
            ("get tags x -A", "there is no `-A`", "leave it out"),
            ("run q --set a=b", "there is no `--set`", "-p NAME=VALUE"),
            ("run q --jq .", "there is no `--jq`", "-o jmespath="),
            (
                "run q --template {{.x}}",
                "there is no `--template`",
                "-o custom-columns=",
            ),
            ("run q --limt 3", "unknown flag `--limt`", "`--limit`"),
            ("run q -z", "unknown flag `-z`", "run --help"),
            ("rnu", "unknown command `rnu`", "docker-regq run"),
            ("colour", "unknown command `colour`", "lists the commands"),
        ] {
            let (said, hints) = said(line);
            assert_eq!(said, message, "{line}");
            assert!(hints[0].contains(hint), "{line}: {hints:?}");
        }
    }

    #[test]
    fn k2_secrets_are_sent_to_docker_login_and_not_repeated() {
        for line in [
            "run q --password hunter2",
            "run q --password=hunter2",
            "run q --PASSWORD=hunter2",
            "run q --password-hunter2",
            "run q -uhunter2",
            "run q -u bob:hunter2",
            "get tags x --token hunter2",
            "get tags x --username bob --password hunter2",
            "plan q --registry-token hunter2",
            "run q --creds bob:hunter2",
        ] {
            let (said, hints) = said(line);
            assert!(!format!("{said}{hints:?}").contains("hunter2"), "{line}");
            assert_eq!(
                hints,
                ["credentials come from `docker login HOST`"],
                "{line}"
            );
        }
    }

    #[test]
    fn outputs_of_others_are_told_what_does_it_here() {
        for (other, hint) in [
            ("jsonpath={.items}", VALUE),
            ("jsonpath-as-json={.items}", VALUE),
            ("jsonpath-file=x", VALUE),
            ("jsonpath", VALUE),
            ("go-template={{.x}}", COLUMNS),
            ("template={{.x}}", COLUMNS),
            ("{{json .}}", COLUMNS),
            ("{{.Tag}}", COLUMNS),
            ("table {{.Name}}", COLUMNS),
            ("custom-columns-file=x", FILE),
            ("go-template-file=x", FILE),
        ] {
            assert_eq!(of_output(other), Some(hint), "{other}");
        }
        for ours in [
            "json",
            "jsno",
            "table",
            "custom-columns=A:b",
            "jmespath=a",
            "query",
        ] {
            assert_eq!(of_output(ours), None, "{ours}");
        }
    }
}
