//! What was found while reading and while binding, as one list: in the order of the files, each mistake once.
//!
//! Reading is lenient and hands on what it could not make sense of, so binding stumbles over it again. The first
//! finding is the nearer one to the cause; a second one about the same text says nothing new.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Place, Source};

/// Joins findings: those about `files` in that order, then those about flags.
pub(super) fn together(
    files: &[Arc<Source>],
    reading: Vec<Diagnostic>,
    mut binding: Vec<Diagnostic>,
) -> Vec<Diagnostic> {
    binding.retain(|late| !reading.iter().any(|early| explains(early, late)));
    let mut findings = reading;
    findings.append(&mut binding);
    findings.sort_by_key(|finding| (file(files, finding), finding.sort_key()));
    once(findings)
}

/// Leaves out what was said before: a flag is bound with every query, and its mistake found as often.
fn once(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut different: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !different.contains(&finding) {
            different.push(finding);
        }
    }
    different
}

/// Tells whether an earlier error is about the same text; one that shows no text, about the same thing.
fn explains(early: &Diagnostic, late: &Diagnostic) -> bool {
    let overlap = |one: &Place, other: &Place| {
        Arc::ptr_eq(&one.source, &other.source) && one.start < other.end && other.start < one.end
    };
    early.is_error()
        && match (place(early), place(late)) {
            (Some(one), Some(other)) => overlap(one, other),
            (None, None) => early == late,
            _ => false,
        }
}

/// Where a finding's file stands among the files; what is about none of them comes last, what shows no text first.
fn file(files: &[Arc<Source>], finding: &Diagnostic) -> usize {
    let Some(place) = place(finding) else {
        return 0;
    };
    let known = files
        .iter()
        .position(|file| Arc::ptr_eq(file, &place.source));
    known.unwrap_or(files.len())
}

fn place(finding: &Diagnostic) -> Option<&Place> {
    finding.labels.first().map(|label| &label.place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &Arc<Source>, at: std::ops::Range<usize>, message: &str) -> Diagnostic {
        Diagnostic::error(message).at(&Place::new(source, at), "")
    }

    fn messages(findings: &[Diagnostic]) -> Vec<&str> {
        let messages = findings.iter().map(|finding| finding.message.as_str());
        messages.collect()
    }

    #[test]
    fn files_stand_in_their_order_and_flags_after_them() {
        let text = "limit: 0";
        let [a, b, flag] = ["b.yaml", "a.yaml", "--where"].map(|name| Source::new(name, text));
        let reading = vec![error(&b, 0..5, "of b")];
        let binding = vec![
            error(&flag, 0..1, "of a flag"),
            error(&a, 7..8, "later in a"),
            error(&a, 0..5, "of a"),
        ];
        let together = together(&[a, b], reading, binding);
        assert_eq!(
            messages(&together),
            ["of a", "later in a", "of b", "of a flag"]
        );
    }

    #[test]
    fn one_text_has_one_finding_unless_both_come_from_reading() {
        let file = Source::new("q.yaml", "limit: 0");
        let reading = vec![error(&file, 7..8, "first"), error(&file, 7..8, "second")];
        let binding = vec![error(&file, 0..8, "again"), error(&file, 0..7, "other")];
        let together = together(&[file], reading, binding);
        assert_eq!(messages(&together), ["other", "first", "second"]);
    }

    #[test]
    fn a_warning_explains_nothing() {
        let file = Source::new("q.yaml", "where: a #1");
        let warning = Diagnostic::warning("cut").at(&Place::new(&file, 7..8), "");
        let binding = vec![error(&file, 7..8, "unknown")];
        assert_eq!(together(&[file], vec![warning], binding).len(), 2);
    }
}
