//! `trusted.json`: the token servers that the user has allowed to see a host's credentials (threats A1), as
//! `{"HOST": ["TOKEN_SERVER", …]}`. JSON is YAML, so it is read like the rest.

use std::sync::Arc;

use crate::cli::hosts;
use crate::diagnostic::{Diagnostic, Source};
use crate::oci::RegistryHost;
use crate::registry::Consent;
use crate::value::{JsonError, JsonStyle, Value, parse_json, to_json};
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

/// Whether a consent is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Noted {
    /// It is.
    Now,
    /// It stood there before.
    Before,
}

/// Adds a token server to what the file says; gives the new text, or nothing where it says so already.
///
/// Errors: the file cannot be read, or says more than JSON can: then it is the user's to change, and nothing is lost.
pub(super) fn with(
    source: Option<&Arc<Source>>,
    host: &RegistryHost,
    server: &RegistryHost,
) -> Result<Option<String>, Vec<Diagnostic>> {
    let mut entries: Vec<(Arc<str>, Value)> = Vec::new();
    if let Some(source) = source.filter(|source| !source.text.trim().is_empty()) {
        let mut findings = Vec::new();
        read(source, &mut findings);
        if findings.iter().any(Diagnostic::is_error) {
            return Err(findings);
        }
        let written =
            parse_json(source.text.as_bytes()).map_err(|error| vec![no_json(source, &error)])?;
        let map = written.as_map().into_iter().flatten();
        entries.extend(map.map(|(key, value)| (Arc::clone(key), value.clone())));
    }
    let is =
        |text: &str, host: &RegistryHost| text.parse::<RegistryHost>().is_ok_and(|it| it == *host);
    let added = Value::from(server.to_string());
    match entries.iter_mut().find(|(key, _)| is(key, host)) {
        None => entries.push((Arc::from(host.to_string()), vec![added].into())),
        Some((_, servers)) => {
            let mut all = servers.as_list().unwrap_or_default().to_vec();
            if all
                .iter()
                .filter_map(Value::as_text)
                .any(|text| is(text, server))
            {
                return Ok(None);
            }
            all.push(added);
            *servers = all.into();
        }
    }
    Ok(Some(
        to_json(&Value::map(entries), JsonStyle::Pretty) + "\n",
    ))
}

fn no_json(source: &Source, error: &JsonError) -> Diagnostic {
    let finding = Diagnostic::error(format!("`{}` is not JSON: {error}", source.name));
    finding.hint("it is read as it stands, but only what is JSON is added to: add the line yourself, or make it JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, host: &str, server: &str) -> Result<Option<String>, usize> {
        let source = (!text.is_empty()).then(|| Source::new("trusted.json", text));
        let (host, server) = (host.parse().unwrap(), server.parse().unwrap());
        with(source.as_ref(), &host, &server).map_err(|findings| findings.len())
    }

    #[test]
    fn a1_a_consent_is_added_and_nothing_is_lost() {
        let one = "{\n  \"a.io\": [\n    \"b.io\"\n  ]\n}\n";
        assert_eq!(added("", "A.io", "b.io"), Ok(Some(one.to_owned())));
        assert_eq!(added("{}", "a.io", "b.io"), Ok(Some(one.to_owned())));
        assert_eq!(added(one, "a.io", "B.io"), Ok(None));
        let two = added(one, "a.io", "c.io:8443").unwrap().unwrap();
        let three = added(&two, "x.io", "y.io").unwrap().unwrap();
        let (read, messages) = read_text(&three);
        assert_eq!(messages, [""; 0]);
        let told: Vec<String> = read
            .iter()
            .map(|(host, consent)| {
                let servers = consent.token_servers.iter().map(ToString::to_string);
                format!("{host}: {}", servers.collect::<Vec<_>>().join(" "))
            })
            .collect();
        assert_eq!(told, ["a.io: b.io c.io:8443", "x.io: y.io"]);
    }

    #[test]
    fn what_is_not_json_is_left_to_its_user() {
        for text in [
            "# mine\na.io: [b.io]\n",
            "{\"a.io\": [\"b.io\"], \"a.io\": []}",
            "[]",
            "{\"a.io\": \"b.io\"}",
            "{\"a.io\": [}",
        ] {
            assert!(added(text, "c.io", "d.io").is_err(), "{text}");
        }
    }

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
