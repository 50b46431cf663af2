//! Where rows come from: `registry`, `repositories`, `tags` and `platform`.
//!
//! What is written without parameters is checked right here, so that a file's mistakes are found before anybody
//! gives it values.

use super::super::target::Target;
use super::super::yaml::{Entry, Kind};
use super::super::{PatternSpec, Template};
use super::Decoder;
use super::keys::{Known, eaten_brackets};
use crate::diagnostic::Diagnostic;
use crate::oci::Platform;

const PATTERN: Known = Known {
    owner: "a pattern",
    keys: &["include", "exclude", "regex", "semver"],
    later: &[],
    habits: &[
        ("not", "exclude"),
        ("regexp", "regex"),
        ("match", "include"),
        ("version", "semver"),
    ],
};

impl Decoder {
    pub(super) fn registry(&mut self, entry: &Entry) -> Vec<Template> {
        let templates = self.templates(entry);
        for template in &templates {
            if self.is_full() {
                break;
            }
            self.findings.extend(template.check_host());
            let target = template
                .is_literal()
                .then(|| Target::parse(template.text()));
            if let Some(Err(error)) = target {
                self.findings
                    .push(error.explain(template.text(), &template.place()));
            }
        }
        templates
    }

    pub(super) fn platform(&mut self, entry: &Entry) -> Vec<Template> {
        let templates = self.templates(entry);
        for template in templates.iter().filter(|template| template.is_literal()) {
            let text = template.text();
            let is_platform = text.parse::<Platform>().is_ok();
            if is_platform || (text == "all" && templates.len() == 1) {
                continue;
            }
            self.findings.push(wrong_platform(template));
        }
        templates
    }

    pub(super) fn pattern(&mut self, entry: Option<&Entry>) -> PatternSpec {
        let Some(entry) = entry else {
            return PatternSpec::default();
        };
        let spec = match &entry.value.kind {
            Kind::Map(_) if PATTERN.is_stranger(&entry.value) => {
                self.findings
                    .push(eaten_brackets(&entry.value, "a pattern"));
                return PatternSpec::default();
            }
            Kind::Map(_) => self.detailed_pattern(entry),
            _ => PatternSpec {
                include: self.templates(entry),
                ..PatternSpec::default()
            },
        };
        self.findings.extend(spec.check());
        spec
    }

    fn detailed_pattern(&mut self, entry: &Entry) -> PatternSpec {
        let Some(keys) = self.keys_of(entry, &PATTERN) else {
            return PatternSpec::default();
        };
        PatternSpec {
            include: keys
                .get("include")
                .map_or_else(Vec::new, |entry| self.templates(entry)),
            exclude: keys
                .get("exclude")
                .map_or_else(Vec::new, |entry| self.templates(entry)),
            regex: keys
                .get("regex")
                .and_then(|entry| self.template(&entry.value, entry, "a text")),
            semver: keys
                .get("semver")
                .and_then(|entry| self.template(&entry.value, entry, "a text")),
        }
    }
}

fn wrong_platform(template: &Template) -> Diagnostic {
    let text = template.text();
    if text == "all" {
        let finding = Diagnostic::error("`all` stands beside other platforms");
        return finding
            .at(&template.place(), "")
            .hint("`all` stands alone, without a list");
    }
    let finding = Diagnostic::error(format!("`{text}` is no platform")).at(&template.place(), "");
    if ARCHITECTURES.contains(&text) {
        return finding.hint(format!("did you mean `linux/{text}`?"));
    }
    finding.hint("a platform is written like `linux/amd64` or `linux/arm/v7`")
}

/// What people write who mean an architecture of Linux.
const ARCHITECTURES: [&str; 9] = [
    "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "x86_64", "aarch64",
];
