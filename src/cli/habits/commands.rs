//! Commands that others have: docker, kubectl, skopeo, crane; and words that are no command because they come after one.

use crate::cli::builtin;
use crate::fields::Resource;

/// Commands of others, and what does it here.
const COMMANDS: [(&[&str], &str); 12] = [
    (
        &["ls", "ps", "images", "tag", "catalog"],
        "`docker-regq get repositories HOST` and `docker-regq get tags HOST/REPOSITORY` show what a registry has; `docker-regq list` the saved queries",
    ),
    (
        &["describe", "inspect", "show", "info", "cat"],
        "`docker-regq get tags HOST/REPOSITORY:TAG -o yaml --columns digest,created,size,labels` tells of one image; `docker-regq explain tags` what else can be asked",
    ),
    (
        &["manifest", "config", "blob", "curl"],
        "`docker-regq api HOST/REPOSITORY/manifests/TAG` prints a document as the registry has it; your settings are in `regq/config.yaml`",
    ),
    (
        &["search", "find", "grep"],
        "a pattern finds repositories: `docker-regq get repositories 'HOST/**/*app*'`",
    ),
    (
        &["query", "exec", "do", "start"],
        "`docker-regq run QUERY` runs a saved query",
    ),
    (
        &["diff", "compare"],
        "`docker-regq run drift -p left=HOST/A -p right=HOST/B` compares two registries",
    ),
    (
        &["lint", "check", "test", "vet"],
        "`docker-regq validate FILE` checks query files",
    ),
    (
        &["init", "create", "generate", "add"],
        "`docker-regq new NAME` writes a query to start from",
    ),
    (
        &["login", "logout"],
        "credentials come from `docker login HOST`; `docker-regq auth HOST` tells what they are good for",
    ),
    (
        &["whoami", "limits", "quota", "ratelimit"],
        "`docker-regq auth HOST` tells who you are there, and what is left of a limit",
    ),
    (
        &[
            "pull", "push", "rm", "rmi", "delete", "prune", "gc", "copy", "cp", "sync", "apply",
            "edit", "sign",
        ],
        "nothing is changed or moved from here: registries are only read. `docker-regq run cleanup -q` names what could go",
    ),
    (
        &["fields", "functions", "docs", "doc"],
        "`docker-regq explain` tells of resources, fields, functions and the keys of queries",
    ),
];

/// What was meant by a word that is no command.
pub(super) fn meant(written: &str) -> Option<String> {
    if let Some(resource) = Resource::named(written) {
        let name = resource.name();
        return Some(format!("did you mean `docker-regq get {name} TARGET`?"));
    }
    if builtin::queries().iter().any(|query| query.name == written) {
        return Some(format!(
            "did you mean the saved query, `docker-regq run {written}`?"
        ));
    }
    let known = COMMANDS.iter().find(|(names, _)| names.contains(&written));
    known.map(|(_, hint)| (*hint).to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn no_habit_hides_a_command() {
        let cli = Cli::command();
        let shown = cli
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        for command in shown {
            let name = command.get_name();
            assert_eq!(
                COMMANDS.iter().find(|(names, _)| names.contains(&name)),
                None
            );
        }
    }

    #[test]
    fn resources_and_queries_are_told_from_commands() {
        for (written, hint) in [
            ("tags", "did you mean `docker-regq get tags TARGET`?"),
            (
                "repo",
                "did you mean `docker-regq get repositories TARGET`?",
            ),
            (
                "stale",
                "did you mean the saved query, `docker-regq run stale`?",
            ),
        ] {
            assert_eq!(meant(written).as_deref(), Some(hint));
        }
        assert!(meant("delete").unwrap().contains("only read"));
        assert_eq!(meant("colour"), None);
    }
}
