//! Where rows come from: `registry`, `repositories`, `tags` and `platform`.
//!
//! What is written without parameters is checked right here, so that a file's mistakes are found before anybody
//! gives it values.

use super::super::keys::{PATTERN_KEYS, names};
use super::super::target::{Target, TargetError};
use super::super::{Companion, Located, NamedReference, PatternSpec, Template};
use super::Decoder;
use super::params::wrong_name;
use crate::diagnostic::{Diagnostic, Label, Place};
use crate::limits::COMPANIONS;
use crate::oci::Platform;
use crate::yaml::{Entry, Kind, Known, eaten_brackets};

const PATTERN: Known = Known {
    owner: "a pattern",
    keys: &names(&PATTERN_KEYS),
    later: &[],
    habits: &[
        ("not", "exclude"),
        ("regexp", "regex"),
        ("match", "include"),
        ("version", "semver"),
    ],
};

const COMPANIONS_WANTED: &str = "a map of names to references";

impl Decoder {
    pub(super) fn registry(&mut self, entry: &Entry) -> Vec<Template> {
        let templates = self.templates(entry);
        for template in &templates {
            let wrong = Target::parse(template.text()).err();
            self.check_place(template, wrong, "registry");
        }
        templates
    }

    pub(super) fn references(&mut self, entry: &Entry) -> Vec<Template> {
        let templates = self.templates(entry);
        for template in &templates {
            self.check_reference(template, "references");
        }
        templates
    }

    fn check_reference(&mut self, template: &Template, key: &str) {
        let wrong = NamedReference::parse(template.text()).err();
        self.check_place(template, wrong, key);
    }

    /// What says where to ask: a text that is wrong, or a parameter that may not stand where it does.
    fn check_place(&mut self, template: &Template, wrong: Option<TargetError>, key: &str) {
        if self.is_full() {
            return;
        }
        let place = template.place();
        match wrong {
            Some(error) if error.hides_text() => {
                // Whatever else is wrong here, drawing it would draw the password (threats K3).
                self.forget(&place);
                self.findings.push(error.explain(template.text(), &place));
            }
            Some(error) if template.is_literal() => {
                self.findings.push(error.explain(template.text(), &place));
            }
            _ => self.findings.extend(template.check_host(key)),
        }
    }

    pub(super) fn companions(&mut self, entry: &Entry) -> Vec<Companion> {
        let Kind::Map(entries) = &entry.value.kind else {
            self.wrong(&entry.value, entry, COMPANIONS_WANTED);
            return Vec::new();
        };
        if let Some(beyond) = entries.get(COMPANIONS) {
            let message = format!("`with` names more than {COMPANIONS} images");
            let finding = Diagnostic::error(message).at(&beyond.key.place(), "");
            self.findings.push(finding);
        }
        let first = entries.iter().take(COMPANIONS);
        first.filter_map(|entry| self.companion(entry)).collect()
    }

    fn companion(&mut self, entry: &Entry) -> Option<Companion> {
        let name = Located {
            value: entry.key.text().to_owned(),
            place: entry.key.place(),
        };
        self.findings.extend(wrong_name(&name, "an image"));
        let reference = self.template(&entry.value, entry, "a reference")?;
        self.check_reference(&reference, "with");
        Some(Companion { name, reference })
    }

    /// Drops the findings that lie within a place.
    fn forget(&mut self, place: &Place) {
        let is_within =
            |label: &Label| place.start <= label.place.start && label.place.end <= place.end;
        self.findings
            .retain(|finding| !finding.labels.iter().any(is_within));
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
