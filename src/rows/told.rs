//! How a result went, in the words that stderr and the pages people read share.
//!
//! What is missing, what vanished, what nobody tells. Facts only: what helps against it is for the one door to say.

use std::collections::HashMap;

use super::{Checked, Lacking, RowError, Summary, Verdict};

/// One answer that is missing: of whom, the cause, and the facts that it would have held.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing<'a> {
    /// The registry, the repository and the tag, as one text.
    pub about: String,
    /// The facts that nobody has now; none where a listing failed.
    pub fields: Vec<&'static str>,
    /// The first of the errors.
    pub error: &'a RowError,
}

impl Missing<'_> {
    /// Why, with the cause's stable word: `manifest unknown (MANIFEST_UNKNOWN)`.
    pub fn cause(&self) -> String {
        format!("{} ({})", self.error.message, self.error.code)
    }
}

impl Summary {
    /// Joins the errors of one row that have one cause: what could not be read is one thing, however many facts it holds.
    pub fn missing(&self) -> Vec<Missing<'_>> {
        let mut all: Vec<Missing<'_>> = Vec::new();
        let mut known: HashMap<(String, &str), usize> = HashMap::new();
        for error in &self.errors {
            let about = about(error);
            let cause = (about.clone(), error.message.as_str());
            let index = *known.entry(cause).or_insert_with(|| {
                let fields = Vec::new();
                all.push(Missing {
                    about,
                    fields,
                    error,
                });
                all.len() - 1
            });
            all[index].fields.extend(error.field);
        }
        all
    }

    /// What vanished between listing and asking; none if nothing did.
    pub fn vanished(&self) -> Option<String> {
        let what = match self.gone {
            0 => return None,
            1 => "1 tag, manifest or repository".to_owned(),
            gone => format!("{gone} tags, manifests or repositories"),
        };
        Some(format!("{what} vanished between listing and asking"))
    }

    /// What columns show as null because a registry tells it of nothing: each registry with its fields.
    pub fn untold(&self) -> impl Iterator<Item = (&str, Vec<&'static str>)> {
        let by_registry = self.lacking.chunk_by(|a, b| a.registry == b.registry);
        by_registry.map(|all: &[Lacking]| {
            let fields = all.iter().map(|one| one.field).collect();
            (&*all[0].registry, fields)
        })
    }
}

impl Checked {
    /// What became of it: "the assert …".
    pub fn verdict_in_words(&self) -> &'static str {
        match self.verdict {
            Verdict::Holds => "holds",
            Verdict::Fails => "does not hold",
            Verdict::Undecided => "cannot be decided",
        }
    }
}

fn about(error: &RowError) -> String {
    let mut about = error.registry.clone();
    if let Some(repository) = &error.repository {
        about.push_str(&format!("/{repository}"));
    }
    if let Some(tag) = &error.tag {
        about.push_str(&format!(":{tag}"));
    }
    about
}

/// `1 tag`, `2 tags`.
pub fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::safe::Safe;

    fn error(tag: &str, field: &'static str) -> RowError {
        RowError {
            registry: "oci:x".into(),
            repository: Some("app".into()),
            tag: Some(tag.into()),
            field: Some(field),
            code: "BLOB_UNKNOWN".into(),
            message: Safe::new("no config"),
        }
    }

    #[test]
    fn facts_of_one_row_that_share_a_cause_are_one_answer() {
        let summary = Summary {
            errors: vec![
                error("v1", "created"),
                error("v1", "labels"),
                error("v2", "created"),
            ],
            ..Summary::default()
        };
        let missing = summary.missing();
        assert_eq!(missing.len(), 2);
        assert_eq!(missing[0].about, "oci:x/app:v1");
        assert_eq!(missing[0].fields, ["created", "labels"]);
        assert_eq!(missing[0].cause(), "no config (BLOB_UNKNOWN)");
    }

    #[test]
    fn what_nobody_tells_is_told_by_registry() {
        let lacking = |registry: &str, field| Lacking {
            registry: registry.into(),
            field,
        };
        let summary = Summary {
            gone: 2,
            lacking: vec![
                lacking("a", "pulled"),
                lacking("a", "pushed"),
                lacking("b", "pulled"),
            ],
            ..Summary::default()
        };
        let untold: Vec<_> = summary.untold().collect();
        assert_eq!(
            untold,
            [("a", vec!["pulled", "pushed"]), ("b", vec!["pulled"])]
        );
        let vanished = "2 tags, manifests or repositories vanished between listing and asking";
        assert_eq!(summary.vanished().unwrap(), vanished);
        assert_eq!(Summary::default().vanished(), None);
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(counted(1, "query"), "1 query");
        assert_eq!(counted(2, "query"), "2 queries");
        assert_eq!(counted(0, "tag"), "0 tags");
    }
}
