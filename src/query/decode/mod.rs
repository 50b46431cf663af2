//! Trees to queries, by hand: every mistake in the shape of a file is found in one go.
//!
//! The rules here are about keys and the shapes of values. Whether an expression, a field or a format is right is
//! found out later, from what is handed on.

mod asserts;
mod columns;
mod groups;
mod params;
mod sources;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use super::keys::{API_VERSION, DOCUMENT_KEYS, KIND, METADATA_KEYS, SPEC_KEYS, names};
use super::names::{QUERY_NAME, is_query_name, near_query_name};
use super::{Located, Parameter, Query, Reading, Template, rows};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::limits::{FINDINGS, QUERY_FILE_BYTES};
use crate::yaml::{self, Entry, Keys, Kind, Known, Node, wrong};

/// What a document has at its top.
const DOCUMENT: Known = Known {
    owner: "a query",
    keys: &names(&DOCUMENT_KEYS),
    later: &[],
    habits: &[],
};

const METADATA: Known = Known {
    owner: "`metadata`",
    keys: &names(&METADATA_KEYS),
    later: &[],
    habits: &[],
};

const SPEC: Known = Known {
    owner: "`spec`",
    keys: &names(&SPEC_KEYS),
    later: &[],
    habits: &[
        ("filter", "where"),
        ("filters", "where"),
        ("select", "columns"),
        ("fields", "columns"),
        ("projection", "columns"),
        ("sort", "sortBy"),
        ("order", "sortBy"),
        ("orderBy", "sortBy"),
        ("group", "groupBy"),
        ("groups", "groupBy"),
        ("aggregate", "groupBy"),
        ("partitionBy", "rankBy"),
        ("rank", "rankBy"),
        ("registries", "registry"),
        ("reference", "references"),
        ("images", "references"),
        ("pins", "references"),
        ("base", "with"),
        ("compareWith", "with"),
        ("repository", "repositories"),
        ("tag", "tags"),
        ("platforms", "platform"),
        ("parameters", "params"),
        ("format", "output"),
        ("top", "limit"),
        ("asserts", "assert"),
        ("checks", "assert"),
        ("expect", "assert"),
        ("name", "metadata.name"),
        ("description", "metadata.description"),
    ],
};

/// Reads a file.
pub(super) fn file(source: &Arc<Source>) -> Reading {
    if source.text.len() > QUERY_FILE_BYTES {
        let message = format!("the file is larger than {QUERY_FILE_BYTES} bytes");
        let place = Place::new(source, 0..0);
        return Reading {
            queries: Vec::new(),
            findings: vec![Diagnostic::error(message).at(&place, "")],
        };
    }
    let documents = yaml::documents(source);
    let mut findings = documents.findings;
    if documents.roots.is_empty() && findings.is_empty() {
        findings.push(empty(source));
    }
    let mut queries = Vec::new();
    for root in &documents.roots {
        let mut decoder = Decoder {
            findings,
            params: Vec::new(),
        };
        queries.extend(decoder.document(root));
        findings = decoder.findings;
    }
    findings.extend(same_names(&queries));
    Reading {
        queries,
        findings: first_of(findings),
    }
}

/// The findings in the order of the file, and not more of them than anybody reads.
fn first_of(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.sort_by_key(Diagnostic::sort_key);
    if findings.len() >= FINDINGS {
        findings.truncate(FINDINGS);
        // An error: what was not looked at must not pass for good, even if all before were warnings.
        findings.push(Diagnostic::error(format!(
            "after {FINDINGS} findings the rest of the file was not looked at"
        )));
    }
    findings
}

fn empty(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error("the file holds no query")
        .at(&Place::new(source, 0..0), "")
        .hint(START)
}

/// A document of another program, which has the same keys at its top. What is under them is no business of ours.
fn foreign(keys: &Keys<'_>) -> Option<Diagnostic> {
    let text = |key| match &keys.get(key)?.value.kind {
        Kind::Scalar(scalar) => Some(scalar.passage.text()),
        _ => None,
    };
    let (version, kind) = (text("apiVersion")?, text("kind")?);
    if kind.eq_ignore_ascii_case("query") || version.starts_with("regq/") {
        return None;
    }
    let place = keys.get("kind")?.value.place.clone();
    let finding = Diagnostic::error(format!("this is a `{kind}` of `{version}`, not a query"));
    Some(finding.at(&place, "").hint(START))
}

/// How a query is known.
const START: &str = "a query starts with `apiVersion: regq/v1` and `kind: Query`";

/// Queries of one file are told apart by their names.
fn same_names(queries: &[Query]) -> Vec<Diagnostic> {
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    let mut findings = Vec::new();
    for Located { value, place } in queries.iter().map(|query| &query.name) {
        if value.is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(value, place) {
            let finding =
                Diagnostic::error(format!("two queries of this file are named `{value}`"));
            findings.push(finding.at(place, "the second").at(first, "the first"));
        }
    }
    findings
}

/// Decodes one document.
struct Decoder {
    /// What is wrong with the file so far.
    findings: Vec<Diagnostic>,
    /// What the document declares; templates are checked against it.
    params: Vec<Parameter>,
}

impl Decoder {
    /// Tells whether enough is wrong: what a stranger's file makes us look at and say has an end (threats G4).
    fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS
    }

    /// The keys of a map that stands under a key.
    fn keys_of<'a>(&mut self, entry: &'a Entry, known: &Known) -> Option<Keys<'a>> {
        known.of_entry(entry, &mut self.findings)
    }

    /// The entry of a key that must be there.
    fn required<'a>(&mut self, keys: &Keys<'a>, key: &str) -> Option<&'a Entry> {
        let entry = keys.get(key);
        if entry.is_none() {
            self.findings.push(keys.missing(key));
        }
        entry
    }

    /// Says that the value of a key, or an item of it, is not of the kind wanted.
    fn wrong(&mut self, node: &Node, entry: &Entry, wanted: &str) {
        self.findings.extend(wrong(node, entry, wanted));
    }

    fn document(&mut self, root: &Node) -> Option<Query> {
        if self.is_full() {
            return None;
        }
        let keys = DOCUMENT.of_document(root, &mut self.findings)?;
        if let Some(finding) = foreign(&keys) {
            self.findings.push(finding);
            return None;
        }
        self.fixed(&keys, "apiVersion", API_VERSION);
        self.fixed(&keys, "kind", KIND);
        let metadata = self.required(&keys, "metadata");
        let spec = self.required(&keys, "spec");
        let spec = spec.and_then(|entry| self.keys_of(entry, &SPEC));
        let spec = spec.unwrap_or_else(|| Keys::none(&keys.place));
        if let Some(params) = spec.get("params") {
            self.params = self.parameters(params);
        }
        let (name, description) = self.metadata(metadata, &keys.place);
        Some(self.spec(&spec, name, description, keys.place))
    }

    fn spec(
        &mut self,
        spec: &Keys<'_>,
        name: Located<String>,
        description: Option<Template>,
        place: Place,
    ) -> Query {
        let columns = spec.get("columns").map(|entry| self.columns(entry));
        Query {
            place,
            name,
            description,
            registry: spec.get("registry").map(|entry| self.registry(entry)),
            references: spec.get("references").map(|entry| self.references(entry)),
            with: spec
                .get("with")
                .map_or_else(Vec::new, |entry| self.companions(entry)),
            resource: spec.get("resource").and_then(|entry| self.word(entry)),
            repositories: self.pattern(spec.get("repositories")),
            tags: self.pattern(spec.get("tags")),
            platform: spec
                .get("platform")
                .map_or_else(Vec::new, |entry| self.platform(entry)),
            conditions: spec
                .get("where")
                .map_or_else(Vec::new, |entry| self.conditions(entry)),
            group_by: spec.get("groupBy").map(|entry| self.group_keys(entry)),
            columns,
            sort_by: spec
                .get("sortBy")
                .map_or_else(Vec::new, |entry| self.sort_keys(entry)),
            rank_by: spec
                .get("rankBy")
                .and_then(|entry| self.expression(&entry.value, entry)),
            having: spec
                .get("having")
                .map_or_else(Vec::new, |entry| self.conditions(entry)),
            limit: spec.get("limit").and_then(|entry| self.limit(entry)),
            asserts: spec
                .get("assert")
                .map_or_else(Vec::new, |entry| self.asserts(entry)),
            output: spec.get("output").and_then(|entry| self.word(entry)),
            params: std::mem::take(&mut self.params),
        }
    }

    /// A key whose value tells what kind of file this is.
    fn fixed(&mut self, keys: &Keys<'_>, key: &str, wanted: &str) {
        let Some(entry) = keys.get(key) else {
            let finding = keys.missing(key);
            self.findings
                .push(finding.hint(format!("write `{key}: {wanted}`")));
            return;
        };
        let Some(word) = self.word(entry).filter(|word| word.value != wanted) else {
            return;
        };
        let message = format!(
            "`{key}` is `{}`, which this version does not read",
            word.value
        );
        let finding = Diagnostic::error(message).at(&word.place, "");
        self.findings
            .push(finding.hint(format!("write `{key}: {wanted}`")));
    }

    fn metadata(
        &mut self,
        entry: Option<&Entry>,
        document: &Place,
    ) -> (Located<String>, Option<Template>) {
        let nameless = |place: &Place| Located {
            value: String::new(),
            place: place.clone(),
        };
        let Some(keys) = entry.and_then(|entry| self.keys_of(entry, &METADATA)) else {
            return (nameless(document), None);
        };
        let name = self
            .required(&keys, "name")
            .and_then(|entry| self.word(entry));
        if let Some(name) = &name {
            self.findings.extend(wrong_name(name));
        }
        let description = keys
            .get("description")
            .and_then(|entry| self.template(&entry.value, entry, "a text"));
        (name.unwrap_or_else(|| nameless(&keys.place)), description)
    }

    fn limit(&mut self, entry: &Entry) -> Option<Template> {
        let template = self.template(&entry.value, entry, "a whole number")?;
        if template.is_literal() {
            let wrong = rows(template.text()).err();
            self.findings
                .extend(wrong.map(|finding| finding.at(&template.place(), "")));
        }
        Some(template)
    }
}

/// A name that is none.
fn wrong_name(name: &Located<String>) -> Option<Diagnostic> {
    let text = name.value.as_str();
    if is_query_name(text) {
        return None;
    }
    let finding = Diagnostic::error(format!("`{text}` is no name for a query")).at(&name.place, "");
    let finding = finding.hint(QUERY_NAME);
    Some(match near_query_name(text) {
        Some(near) => finding.hint(format!("this would be one: `{near}`")),
        None => finding,
    })
}
