//! `config.yaml`: hosts and what is set for them, and what is used where nothing else is said.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;

use super::{UserSettings, endpoint, mirrors};
use crate::cli::hosts;
use crate::diagnostic::{Diagnostic, Place, Source, nearest};
use crate::limits::PARALLEL;
use crate::oci::RegistryHost;
use crate::registry::{Consent, DialectName, UnknownDialect};
use crate::render::Format;
use crate::yaml::{self, Entry, Keys, Kind, Known, Node, Scalar, wrong};

const SETTINGS: Known = Known {
    owner: "the file of settings",
    keys: &["registries", "defaults"],
    later: &[],
    habits: &[("registry", "registries"), ("default", "defaults")],
};

const REGISTRY: Known = Known {
    owner: "the settings of a registry",
    keys: &[
        "endpoint",
        "api",
        "dialect",
        "mirrors",
        "plainHttp",
        "insecureTls",
        "ca",
        "tokenServer",
        "parallel",
        "requestsPerSecond",
        "anonymous",
    ],
    later: &[],
    habits: &[
        ("insecure", "insecureTls"),
        ("insecureSkipTLSVerify", "insecureTls"),
        ("http", "plainHttp"),
        ("url", "endpoint"),
        ("caFile", "ca"),
        ("mirror", "mirrors"),
    ],
};

const DEFAULTS: Known = Known {
    owner: "`defaults`",
    keys: &["output", "remember"],
    later: &["maxAge"],
    habits: &[("format", "output")],
};

/// The most that `requestsPerSecond` may be.
const REQUESTS_PER_SECOND: u64 = 10_000;

/// Reads the file; paths in it start at `folder`. What is wrong goes to `findings`.
pub(super) fn config(
    source: &Arc<Source>,
    folder: &Path,
    findings: &mut Vec<Diagnostic>,
) -> UserSettings {
    let documents = yaml::documents(source);
    let mut decoder = Decoder {
        folder,
        findings: documents.findings,
    };
    let mut user = UserSettings::default();
    let mut roots = documents.roots.iter();
    if let Some(root) = roots.next() {
        user = decoder.settings(root);
    }
    if let Some(second) = roots.next() {
        let finding = Diagnostic::error("the settings are one document, and this is a second one");
        decoder.findings.push(finding.at(&second.place, ""));
    }
    decoder.findings.sort_by_key(Diagnostic::sort_key);
    findings.extend(decoder.findings);
    user
}

struct Decoder<'a> {
    folder: &'a Path,
    findings: Vec<Diagnostic>,
}

impl Decoder<'_> {
    fn settings(&mut self, root: &Node) -> UserSettings {
        let Some(keys) = SETTINGS.of_node(root, &mut self.findings) else {
            return UserSettings::default();
        };
        let registries = keys.get("registries");
        let defaults = keys.get("defaults");
        let defaults = defaults.and_then(|entry| DEFAULTS.of_entry(entry, &mut self.findings));
        let remember = defaults.as_ref().and_then(|keys| keys.get("remember"));
        let forgets = remember.is_some_and(|entry| !self.truth(Some(entry)));
        let output = defaults.and_then(|keys| self.format(keys.get("output")?));
        UserSettings {
            consents: registries.map_or_else(Vec::new, |entry| self.registries(entry)),
            output,
            forgets,
        }
    }

    fn registries(&mut self, entry: &Entry) -> Vec<(RegistryHost, Consent)> {
        let Kind::Map(hosts) = &entry.value.kind else {
            self.wrong(entry, "a map of hosts");
            return Vec::new();
        };
        let mut seen: HashMap<RegistryHost, Place> = HashMap::new();
        let mut consents = Vec::new();
        for entry in hosts.iter() {
            let place = entry.key.place();
            let host = self.kept(hosts::read(&entry.key));
            let keys = REGISTRY.of_entry(entry, &mut self.findings);
            if let (Some(host), Some(keys)) = (&host, &keys) {
                self.check_api(host, keys);
            }
            let consent = keys.map(|keys| self.consent(&keys, host.as_ref()));
            let (Some(host), Some(consent)) = (host, consent) else {
                continue;
            };
            // Two spellings are one host, and which of two settings counts must not depend on their order.
            match seen.insert(host.clone(), place.clone()) {
                Some(first) => self.findings.push(
                    Diagnostic::error(format!("the host `{host}` stands here twice"))
                        .at(&place, "the second")
                        .at(&first, "the first"),
                ),
                None => consents.push((host, consent)),
            }
        }
        consents
    }

    fn consent(&mut self, keys: &Keys<'_>, host: Option<&RegistryHost>) -> Consent {
        let most = PARALLEL as u64;
        let parallel = self.number(keys.get("parallel"), 1..=most);
        let pace = self.number(keys.get("requestsPerSecond"), 1..=REQUESTS_PER_SECOND);
        let text = |key: &str| keys.get(key);
        Consent {
            named: false,
            plain_http: self.truth(keys.get("plainHttp")),
            insecure_tls: self.truth(keys.get("insecureTls")),
            anonymous: self.truth(keys.get("anonymous")),
            token_servers: text("tokenServer")
                .and_then(|entry| self.host(entry))
                .into_iter()
                .collect(),
            endpoint: text("endpoint").and_then(|entry| self.address(entry)),
            api: text("api").and_then(|entry| self.address(entry)),
            dialect: text("dialect").and_then(|entry| self.dialect(entry)),
            mirrors: text("mirrors").map_or_else(Vec::new, |entry| {
                mirrors::read(entry, host, &mut self.findings)
            }),
            ca: text("ca")
                .and_then(|entry| self.text(entry, "the path of a PEM file"))
                .map(|scalar| self.folder.join(scalar.passage.text())),
            parallel: parallel.and_then(|number| usize::try_from(number).ok()),
            requests_per_second: pace.and_then(|number| u32::try_from(number).ok()),
        }
    }

    /// What was read, or nothing and a finding more.
    fn kept<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
        read.map_err(|finding| self.findings.push(finding)).ok()
    }

    fn host(&mut self, entry: &Entry) -> Option<RegistryHost> {
        let scalar = self.text(entry, "a host")?;
        self.kept(hosts::read(&scalar.passage))
    }

    fn address(&mut self, entry: &Entry) -> Option<url::Url> {
        let scalar = self.text(entry, "an address")?;
        let parsed = endpoint::parse(scalar.passage.text());
        self.kept(parsed.map_err(|error| error.explain(entry.key.text(), &scalar.passage)))
    }

    fn dialect(&mut self, entry: &Entry) -> Option<DialectName> {
        let names: Vec<&str> = DialectName::all().map(DialectName::as_str).collect();
        let all = format!("one of `{}`", names.join("`, `"));
        let scalar = self.text(entry, &all)?;
        let text = scalar.passage.text();
        let explain = |error: UnknownDialect| {
            let finding = Diagnostic::error(error.to_string()).at(&scalar.passage.place(), "");
            let finding = match nearest(text, names.iter().copied()) {
                Some(near) => finding.hint(format!("did you mean `{near}`?")),
                None => finding,
            };
            finding.hint(format!("it is {all}; `oci` is that of no vendor"))
        };
        self.kept(text.parse().map_err(explain))
    }

    fn check_dialect(&mut self, host: &RegistryHost, dialect: Option<&Entry>) {
        let Some((entry, Kind::Scalar(scalar))) = dialect.map(|entry| (entry, &entry.value.kind))
        else {
            return;
        };
        let name: Option<DialectName> = scalar.passage.text().parse().ok();
        if let Some(name) = name.filter(|name| name.needs_address(host)) {
            let message = format!("where `{host}` has the API of `{name}` is not known");
            let finding = Diagnostic::error(message).at(&entry.key.place(), "");
            let hint = "say where it is: `api: https://HOST`, without the path of the API";
            self.findings.push(finding.hint(hint));
        }
    }

    /// An API that nobody would ask is one that was meant for a vendor nobody named; and a vendor whose API is nowhere
    /// would not be asked at all.
    fn check_api(&mut self, host: &RegistryHost, keys: &Keys<'_>) {
        let said = keys.get("dialect").map(|entry| &entry.value.kind);
        let Some(api) = keys.get("api") else {
            return self.check_dialect(host, keys.get("dialect"));
        };
        let dialect = match said {
            Some(Kind::Scalar(scalar)) => scalar.passage.text().parse().ok(),
            // What is wrong with it is said where it is read.
            Some(_) => return,
            None => DialectName::of(host),
        };
        if said.is_some() && dialect.is_none() {
            return;
        }
        if !dialect.is_some_and(DialectName::has_api) {
            let message = format!("`api` is the address of a vendor's API, and `{host}` has none");
            let finding = Diagnostic::error(message).at(&api.key.place(), "");
            let with_api = DialectName::all().filter(|name| name.has_api());
            let names: Vec<&str> = with_api.map(DialectName::as_str).collect();
            let hint = format!(
                "say whose it is: `dialect`, one of `{}`",
                names.join("`, `")
            );
            self.findings.push(finding.hint(hint));
        }
    }

    fn format(&mut self, entry: &Entry) -> Option<Format> {
        let scalar = self.text(entry, "a format")?;
        let parsed = Format::parse(scalar.passage.text());
        let explain = |error: crate::render::UnknownFormat| {
            let finding = Diagnostic::error(error.to_string()).at(&scalar.passage.place(), "");
            error.hints().into_iter().fold(finding, Diagnostic::hint)
        };
        self.kept(parsed.map_err(explain))
    }

    /// `true` or `false` and nothing else.
    fn truth(&mut self, entry: Option<&Entry>) -> bool {
        let wanted = "`true` or `false`";
        let Some((entry, scalar)) =
            entry.and_then(|entry| Some((entry, self.text(entry, wanted)?)))
        else {
            return false;
        };
        let place = scalar.passage.place();
        match place.text() {
            "true" => true,
            "false" => false,
            other => {
                let message = format!("`{}` is {wanted}, not `{other}`", entry.key.text());
                self.findings
                    .push(Diagnostic::error(message).at(&place, ""));
                false
            }
        }
    }

    fn number(&mut self, entry: Option<&Entry>, range: RangeInclusive<u64>) -> Option<u64> {
        let entry = entry?;
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let scalar = self.text(entry, &wanted)?;
        let place = scalar.passage.place();
        let written = place.text();
        let digits = written.bytes().all(|byte| byte.is_ascii_digit());
        let number = written.parse().ok().filter(|_| digits);
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let message = format!("`{}` is {wanted}", entry.key.text());
            self.findings
                .push(Diagnostic::error(message).at(&place, ""));
        }
        number
    }

    fn text<'n>(&mut self, entry: &'n Entry, wanted: &str) -> Option<&'n Scalar> {
        match &entry.value.kind {
            Kind::Scalar(scalar) if !scalar.passage.text().is_empty() => Some(scalar),
            Kind::Scalar(scalar) => {
                let message = format!("`{}` takes {wanted}, and this is empty", entry.key.text());
                let finding = Diagnostic::error(message).at(&scalar.passage.place(), "");
                self.findings.push(finding);
                None
            }
            _ => {
                self.wrong(entry, wanted);
                None
            }
        }
    }

    fn wrong(&mut self, entry: &Entry, wanted: &str) {
        self.findings.extend(wrong(&entry.value, entry, wanted));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (UserSettings, Vec<Diagnostic>) {
        let mut findings = Vec::new();
        let source = Source::new("config.yaml", text);
        let user = config(&source, Path::new("/c/regq"), &mut findings);
        (user, findings)
    }

    #[test]
    fn everything_that_can_be_set_is_read() {
        let text = "registries:\n  Registry.local:5000: {plainHttp: true, anonymous: true}\n  \
                    docker.io:\n    endpoint: http://localhost:5001/hub\n    insecureTls: true\n    \
                    ca: certs/hub.pem\n    tokenServer: auth.example\n    parallel: 4\n    \
                    requestsPerSecond: 10\n    api: https://hub.example/\n    dialect: docker-hub\n    \
                    mirrors: [mirror.example, 'localhost:5000']\ndefaults: {output: json, remember: false}\n";
        let (user, findings) = read(text);
        assert_eq!(findings, []);
        assert_eq!((user.output, user.forgets), (Some(Format::Json), true));
        let [(local, first), (hub, second)] = user.consents.as_slice() else {
            panic!("there are two hosts");
        };
        assert_eq!(
            (local.to_string(), hub.to_string()),
            ("registry.local:5000".to_owned(), "docker.io".to_owned())
        );
        assert!(first.plain_http && first.anonymous && !first.insecure_tls && !first.named);
        let expected = Consent {
            insecure_tls: true,
            token_servers: ["auth.example".parse().unwrap()].into(),
            endpoint: Some("http://localhost:5001/hub".parse().unwrap()),
            mirrors: ["mirror.example", "localhost:5000"]
                .map(|host| host.parse().unwrap())
                .into(),
            api: Some("https://hub.example/".parse().unwrap()),
            dialect: Some("docker-hub".parse().unwrap()),
            ca: Some("/c/regq/certs/hub.pem".into()),
            parallel: Some(4),
            requests_per_second: Some(10),
            ..Consent::default()
        };
        assert_eq!(second, &expected);
    }

    #[test]
    fn json_is_yaml_and_nothing_is_fine() {
        for text in ["", "# nothing\n", "{}", "{\"registries\": {}}"] {
            let (user, findings) = read(text);
            assert_eq!(
                (user, findings),
                (UserSettings::default(), vec![]),
                "{text}"
            );
        }
        let (user, _) = read("{\"registries\": {\"a.io\": {\"parallel\": 2}}}");
        assert_eq!(user.consents[0].1.parallel, Some(2));
    }

    /// `MESSAGE at LINE:COLUMN`, and the first hint.
    fn shown(finding: &Diagnostic) -> (String, String) {
        let place = finding
            .labels
            .first()
            .map(|label| label.place.line_and_column());
        let (line, column) = place.unwrap_or_default();
        let hint = finding.hints.first().cloned().unwrap_or_default();
        (format!("{} at {line}:{column}", finding.message), hint)
    }

    #[test]
    fn what_is_wrong_is_shown_at_its_place_with_what_would_be_right() {
        for (text, message, hint) in [
            (
                "registrys: {}\n",
                "unknown key `registrys` in the file of settings at 1:1",
                "did you mean `registries`?",
            ),
            (
                "registries:\n  a.io: {plainHtpp: true}\n",
                "unknown key `plainHtpp` in the settings of a registry at 2:10",
                "did you mean `plainHttp`?",
            ),
            (
                "registries:\n  a.io: {insecure: true}\n",
                "unknown key `insecure` in the settings of a registry at 2:10",
                "did you mean `insecureTls`?",
            ),
            (
                "defaults: {maxAge: 1h}\n",
                "`maxAge` is not supported by this version at 1:12",
                "",
            ),
            (
                "defaults: {maxAge: 0s}\n",
                "`maxAge` is not supported by this version at 1:12",
                "",
            ),
            (
                "registries:\n  a.io: {}\n  a.io: {}\n",
                "the key `a.io` stands here twice at 3:3",
                "",
            ),
            (
                "registries:\n  a.io: {}\n  A.io: {}\n",
                "the host `a.io` stands here twice at 3:3",
                "",
            ),
            (
                "registries:\n  https://a.io: {}\n",
                "a registry is named without a scheme such as `https://` at 2:3",
                "write `a.io`",
            ),
            (
                "registries:\n  a.io: {plainHttp: yes}\n",
                "`plainHttp` is `true` or `false`, not `yes` at 2:21",
                "",
            ),
            (
                "registries:\n  a.io: {parallel: 65}\n",
                "`parallel` is a whole number from 1 to 64 at 2:20",
                "",
            ),
            (
                "registries:\n  a.io: {parallel: '4'}\n",
                "`parallel` is a whole number from 1 to 64 at 2:20",
                "",
            ),
            (
                "registries:\n  a.io: {requestsPerSecond: 0}\n",
                "`requestsPerSecond` is a whole number from 1 to 10000 at 2:29",
                "",
            ),
            (
                "registries:\n  a.io: {endpoint: http://a.io}\n",
                "`endpoint` in the clear is on this machine; elsewhere it starts with `https://` at 2:20",
                "",
            ),
            (
                "registries:\n  docker.io: {api: http://a.io}\n",
                "`api` in the clear is on this machine; elsewhere it starts with `https://` at 2:20",
                "",
            ),
            (
                "registries:\n  a.io: {dialect: docker-hub}\n",
                "where `a.io` has the API of `docker-hub` is not known at 2:10",
                "say where it is: `api: https://HOST`, without the path of the API",
            ),
            (
                "registries:\n  a.io: {api: https://b.io}\n",
                "`api` is the address of a vendor's API, and `a.io` has none at 2:10",
                "say whose it is: `dialect`, one of `docker-hub`, `github`, `gitlab`, `quay`, `harbor`, `gitea`, `artifactory`, `nexus`",
            ),
            (
                "registries:\n  docker.io: {api: https://b.io, dialect: oci}\n",
                "`api` is the address of a vendor's API, and `docker.io` has none at 2:15",
                "say whose it is: `dialect`, one of `docker-hub`, `github`, `gitlab`, `quay`, `harbor`, `gitea`, `artifactory`, `nexus`",
            ),
            (
                "registries:\n  a.io: {dialect: docker-hubb}\n",
                "unknown dialect `docker-hubb` at 2:19",
                "did you mean `docker-hub`?",
            ),
            (
                "registries:\n  a.io: {dialect: [oci]}\n",
                "`dialect` takes one of `docker-hub`, `github`, `gitlab`, `acr`, `artifact-registry`, `gcr`, `ecr`, `ecr-public`, `quay`, `harbor`, `gitea`, `artifactory`, `nexus`, `zot`, `oci`, and this is a list at 2:19",
                "",
            ),
            (
                "registries:\n  a.io: {ca: [x]}\n",
                "`ca` takes the path of a PEM file, and this is a list at 2:14",
                "",
            ),
            (
                "registries:\n  a.io: true\n",
                "`a.io` takes a map, and this is a text at 2:9",
                "",
            ),
            (
                "registries: [a.io]\n",
                "`registries` takes a map of hosts, and this is a list at 1:13",
                "",
            ),
            (
                "defaults: {output: jsno}\n",
                "unknown output format `jsno` at 1:20",
                "did you mean `json`?",
            ),
            (
                "- a\n",
                "the file of settings is a map, and this is a list at 1:3",
                "",
            ),
            (
                "defaults: {}\n---\ndefaults: {}\n",
                "the settings are one document, and this is a second one at 3:1",
                "",
            ),
            (
                "registries: {a.io: !x {}}\n",
                "YAML reads `!x` as a tag at 1:20",
                "in quotes it is text: `'!x {}'`",
            ),
        ] {
            let (_, findings) = read(text);
            let found = findings.iter().map(shown).next().unwrap();
            assert_eq!(found, (message.to_owned(), hint.to_owned()), "{text}");
            assert_eq!(findings.len(), 1, "{text}: {findings:?}");
        }
    }

    #[test]
    fn k3_a_password_is_not_repeated() {
        for text in [
            "registries: {'bob:hunter2@a.io': {}}",
            "registries: {a.io: {endpoint: 'https://bob:hunter2@a.io'}}",
            "registries: {a.io: {tokenServer: 'bob:hunter2@a.io'}}",
        ] {
            let (_, findings) = read(text);
            let drawn = crate::diagnostic::draw(&findings, crate::diagnostic::Colour::Off);
            assert!(!drawn.contains("hunter2") && !drawn.is_empty(), "{drawn}");
        }
    }
}
