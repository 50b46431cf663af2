//! `get`: a query made of words of the command line.

use super::args::GetArgs;
use super::report::{Failure, UsageError};
use crate::diagnostic::{Passage, Place};
use crate::query::{CommandTarget, Located, PatternSpec, Query, Template};

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
