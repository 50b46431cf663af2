//! `get`: a query made of words of the command line.

use super::args::GetArgs;
use super::report::{Failure, UsageError};
use crate::diagnostic::{Passage, Place};
use crate::query::{self, CommandTarget, Located, PatternSpec, Query, Template};

/// Makes the query that a `get` stands for.
///
/// Errors: a target that is none; targets that name different repositories or tags.
pub(super) fn query(args: &GetArgs) -> Result<Query, Failure> {
    let mut findings = Vec::new();
    let mut targets: Vec<(CommandTarget, Place)> = Vec::new();
    for text in &args.targets {
        let place = Passage::flag("TARGET", text).place();
        match CommandTarget::parse(text) {
            Ok(target) => targets.push((target, place)),
            Err(error) => findings.push(error.explain(text, &place)),
        }
    }
    let Some((first, place)) = targets.first().filter(|_| findings.is_empty()) else {
        return Err(findings.into());
    };
    check(&targets, first)?;
    let resource = Some(Located {
        value: args.resource.clone(),
        place: Passage::flag("RESOURCE", &args.resource).place(),
    });
    if first.digest.is_some() {
        let texts = args.targets.iter();
        let references = texts.map(|text| Template::literal(Passage::flag("TARGET", text)));
        return Ok(Query {
            references: Some(references.collect()),
            resource,
            ..Query::named("get", place)
        });
    }
    let pattern = |text: &Option<String>| PatternSpec {
        include: text
            .iter()
            .map(|text| Template::literal(Passage::flag("TARGET", text)))
            .collect(),
        ..PatternSpec::default()
    };
    let registries = targets
        .iter()
        .map(|(target, place)| Template::literal(registry(target, place)));
    Ok(Query {
        registry: Some(registries.collect()),
        resource,
        repositories: pattern(&first.repositories),
        tags: pattern(&first.tags),
        ..Query::named("get", place)
    })
}

/// What the query is called where it becomes a file: the last word of its repositories, else of its folder, archive or
/// registry.
pub(super) fn file_name(args: &GetArgs) -> String {
    let target = args.targets.first().map(|text| CommandTarget::parse(text));
    let words = match target {
        Some(Ok(target)) => vec![target.repositories.unwrap_or_default(), target.registry],
        _ => Vec::new(),
    };
    let mut parts = words.iter().flat_map(|words| words.rsplit('/'));
    let named = parts.find_map(|part| query::near_query_name(bare(part)));
    named.unwrap_or_else(|| "query".to_owned())
}

/// The name of a folder or archive without what says that it is one.
fn bare(part: &str) -> &str {
    let schemes = ["oci:", "oci-archive:", "docker-archive:"].into_iter();
    let part = schemes
        .filter_map(|scheme| part.strip_prefix(scheme))
        .next()
        .unwrap_or(part);
    let endings = [".tar.gz", ".tgz", ".tar"].into_iter();
    endings
        .filter_map(|ending| part.strip_suffix(ending))
        .next()
        .unwrap_or(part)
}

/// Finds targets that do not go together. Digests do, whatever else they name.
fn check(targets: &[(CommandTarget, Place)], first: &CommandTarget) -> Result<(), Failure> {
    let all_digests = targets.iter().all(|(target, _)| target.digest.is_some());
    let same = |target: &CommandTarget| {
        all_digests
            || (&target.repositories, &target.tags, &target.digest)
                == (&first.repositories, &first.tags, &first.digest)
    };
    if !targets.iter().all(|(target, _)| same(target)) {
        let message =
            "these targets name different repositories or tags, which one table cannot tell apart";
        return Err(UsageError::new(message, ["ask for them one at a time".to_owned()]).into());
    }
    Ok(())
}

/// The registry of a target, which may be written in short; messages show what was typed.
fn registry(target: &CommandTarget, place: &Place) -> Passage {
    let typed = place.start..place.end;
    Passage::decoded(&place.source, target.registry.as_str(), typed, Vec::new())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Cli, Command};
    use super::*;

    #[test]
    fn a_file_is_named_after_what_it_asks() {
        for (target, name) in [
            ("alpine", "alpine"),
            ("alpine:3.*", "alpine"),
            ("ghcr.io/acme/my_app:1", "my-app"),
            ("ghcr.io/acme/**", "acme"),
            ("ghcr.io/**", "ghcr-io"),
            ("localhost:5000", "localhost-5000"),
            ("oci:./images/layout:1", "layout"),
            ("oci:layout", "layout"),
            ("oci:..", "query"),
            ("oci-archive:app.tar", "app"),
            ("docker-archive:./saved/my_app.tar.gz:1", "my-app"),
        ] {
            let cli = Cli::parse_from(["docker-regq", "get", "tags", target]);
            let Command::Get(args) = cli.command else {
                panic!("it is a `get`");
            };
            assert_eq!(file_name(&args), name, "{target}");
        }
    }
}
