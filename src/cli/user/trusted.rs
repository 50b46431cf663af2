//! `trusted.json`: the token servers that the user has allowed to see a host's credentials (threats A1), as
//! `{"HOST": ["TOKEN_SERVER", …]}`. JSON is YAML, so it is read like the rest.

use std::sync::Arc;

use crate::cli::hosts;
use crate::diagnostic::{Diagnostic, Source};
use crate::oci::RegistryHost;
use crate::registry::Consent;
use crate::yaml::{self, Entry, Kind, shape, wrong};

const WANTED: &str = "a list of hosts";

/// Reads the file. What is wrong goes to `findings`.
pub(super) fn read(
    source: &Arc<Source>,
    findings: &mut Vec<Diagnostic>,
) -> Vec<(RegistryHost, Consent)> {
    let documents = yaml::documents(source);
    findings.extend(documents.findings);
    let mut consents = Vec::new();
    for root in &documents.roots {
        match &root.kind {
            Kind::Map(entries) => {
                consents.extend(entries.iter().filter_map(|entry| allowed(entry, findings)));
            }
            Kind::Broken => {}
            _ => {
                let message = format!("this file is a map of hosts, and this is {}", shape(root));
                findings.push(Diagnostic::error(message).at(&root.place, ""));
            }
        }
    }
    consents
}

/// A host and who may see its credentials.
fn allowed(entry: &Entry, findings: &mut Vec<Diagnostic>) -> Option<(RegistryHost, Consent)> {
    let registry = hosts::read(&entry.key).map_err(|wrong| findings.push(wrong));
    let Kind::List(items) = &entry.value.kind else {
        findings.extend(wrong(&entry.value, entry, WANTED));
        return None;
    };
    let mut consent = Consent::default();
    for item in items.iter() {
        match &item.kind {
            Kind::Scalar(scalar) => match hosts::read(&scalar.passage) {
                Ok(server) => drop(consent.token_servers.insert(server)),
                Err(wrong) => findings.push(wrong),
            },
            _ => findings.extend(wrong(item, entry, WANTED)),
        }
    }
    Some((registry.ok()?, consent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Vec<(RegistryHost, Consent)>, Vec<String>) {
        let mut findings = Vec::new();
        let read = read(&Source::new("trusted.json", text), &mut findings);
        let messages = findings.into_iter().map(|finding| finding.message);
        (read, messages.collect())
    }

    #[test]
    fn a1_hosts_have_the_token_servers_that_were_allowed() {
        for text in [
            "{\"ghcr.io\": [\"auth.example\", \"b.example:8443\"], \"a.io\": []}",
            "{\n\t\"ghcr.io\": [\n\t\t\"auth.example\",\n\t\t\"b.example:8443\"\n\t],\n\t\"a.io\": []\n}\n",
        ] {
            let (read, messages) = read_text(text);
            assert_eq!(messages, [""; 0], "{text}");
            let names: Vec<String> = read.iter().map(|(host, _)| host.to_string()).collect();
            assert_eq!(names, ["ghcr.io", "a.io"]);
            let servers: Vec<String> = read[0]
                .1
                .token_servers
                .iter()
                .map(ToString::to_string)
                .collect();
            assert_eq!(servers, ["auth.example", "b.example:8443"]);
        }
        assert_eq!(read_text(""), (vec![], vec![]));
        assert_eq!(read_text("{}"), (vec![], vec![]));
    }

    #[test]
    fn what_it_cannot_say_is_found() {
        for (text, message) in [
            ("[]", "this file is a map of hosts, and this is a list"),
            (
                "{\"a.io\": \"b.io\"}",
                "`a.io` takes a list of hosts, and this is a text",
            ),
            (
                "{\"a.io\": [[\"b.io\"]]}",
                "`a.io` takes a list of hosts, and this is a list",
            ),
            (
                "{\"https://a.io\": []}",
                "a registry is named without a scheme such as `https://`",
            ),
            (
                "{\"a.io\": [\"https://b.io\"]}",
                "a registry is named without a scheme such as `https://`",
            ),
            (
                "{\"a.io\": [], \"a.io\": []}",
                "the key `a.io` stands here twice",
            ),
            ("{\"a.io\": [}", "`[` is closed by `}`"),
        ] {
            let (_, messages) = read_text(text);
            assert_eq!(messages, [message], "{text}");
        }
    }
}
