//! The `mirrors` of a registry: hosts, in the order in which they are asked before it.

use crate::cli::hosts;
use crate::diagnostic::Diagnostic;
use crate::limits::MIRRORS;
use crate::oci::RegistryHost;
use crate::yaml::{Entry, Kind, wrong};

const WANTED: &str = "a list of hosts";

/// Reads the mirrors of a host, each once and not the host itself. What is wrong goes to `findings`.
pub(super) fn read(
    entry: &Entry,
    of: Option<&RegistryHost>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<RegistryHost> {
    let Kind::List(items) = &entry.value.kind else {
        findings.extend(wrong(&entry.value, entry, WANTED));
        return Vec::new();
    };
    let mut mirrors: Vec<RegistryHost> = Vec::new();
    for item in items.iter() {
        let Kind::Scalar(scalar) = &item.kind else {
            findings.extend(wrong(item, entry, WANTED));
            continue;
        };
        match hosts::read(&scalar.passage) {
            Err(finding) => findings.push(finding),
            Ok(mirror) => match objection(&mirror, of, &mirrors) {
                None => mirrors.push(mirror),
                Some(message) => {
                    let place = scalar.passage.place();
                    findings.push(Diagnostic::error(message).at(&place, ""));
                }
            },
        }
    }
    mirrors
}

/// Why a host is no mirror beside these.
fn objection(
    mirror: &RegistryHost,
    of: Option<&RegistryHost>,
    others: &[RegistryHost],
) -> Option<String> {
    match of {
        Some(host) if host == mirror => Some(format!("`{mirror}` is no mirror of itself")),
        _ if others.contains(mirror) => Some(format!("the mirror `{mirror}` stands here twice")),
        _ if others.len() == MIRRORS => Some(format!("a registry has at most {MIRRORS} mirrors")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::yaml;

    /// The mirrors of `a.io`, and what is wrong with them.
    fn read_text(list: &str) -> (Vec<String>, Vec<String>) {
        let documents = yaml::documents(&Source::new("config.yaml", format!("mirrors: {list}\n")));
        let Kind::Map(entries) = &documents.roots[0].kind else {
            panic!("it is a map");
        };
        let mut findings = Vec::new();
        let entry = entries.iter().next().unwrap();
        let mirrors = read(entry, Some(&"a.io".parse().unwrap()), &mut findings);
        let messages = findings.into_iter().map(|finding| finding.message);
        (
            mirrors.iter().map(ToString::to_string).collect(),
            messages.collect(),
        )
    }

    #[test]
    fn mirrors_keep_their_order() {
        let (mirrors, messages) = read_text("[c.io, 'localhost:5000', b.io, 'b.io:443']");
        assert_eq!(mirrors, ["c.io", "localhost:5000", "b.io", "b.io:443"]);
        assert_eq!(messages, [""; 0]);
        assert_eq!(read_text("[]"), (vec![], vec![]));
    }

    #[test]
    fn what_is_no_mirror_is_found_and_the_others_are_kept() {
        for (list, message) in [
            (
                "[b.io, https://c.io]",
                "a registry is named without a scheme such as `https://`",
            ),
            ("[b.io, a.io]", "`a.io` is no mirror of itself"),
            ("[b.io, A.IO]", "`a.io` is no mirror of itself"),
            ("[b.io, B.io]", "the mirror `b.io` stands here twice"),
            (
                "[b.io, c.io/hub]",
                "a registry is named `HOST` or `HOST:PORT`",
            ),
            (
                "[b.io, [c.io]]",
                "`mirrors` takes a list of hosts, and this is a list",
            ),
        ] {
            let (mirrors, messages) = read_text(list);
            assert_eq!(mirrors, ["b.io"], "{list}");
            assert_eq!(messages, [message], "{list}");
        }
        let (_, messages) = read_text("b.io");
        assert_eq!(
            messages,
            ["`mirrors` takes a list of hosts, and this is a text"]
        );
    }

    #[test]
    fn there_is_an_end_to_mirrors() {
        let list = |count: usize| {
            let hosts: Vec<String> = (0..count).map(|at| format!("m{at}.io")).collect();
            read_text(&format!("[{}]", hosts.join(", ")))
        };
        assert_eq!(list(MIRRORS).1, [""; 0]);
        let (mirrors, messages) = list(MIRRORS + 1);
        assert_eq!(mirrors.len(), MIRRORS);
        assert_eq!(messages, ["a registry has at most 8 mirrors"]);
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        let (_, messages) = read_text("['bob:hunter2@b.io']");
        assert!(
            messages.len() == 1 && !messages[0].contains("hunter2"),
            "{messages:?}"
        );
    }
}
