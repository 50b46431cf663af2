//! Texts, templates and expressions: what scalars are wanted as.

use super::super::column::{self, trimmed};
use super::super::{Located, SortKey, Template};
use super::Decoder;
use crate::diagnostic::{Diagnostic, Passage};
use crate::yaml::{Entry, Kind, Node, Scalar, eaten, eaten_brackets};

/// What most keys of a source take.
const TEXTS: &str = "a text or a list of texts";

impl Decoder {
    /// A value that must be a text.
    pub(super) fn word(&mut self, entry: &Entry) -> Option<Located<String>> {
        let scalar = self.scalar(&entry.value, entry, "a text")?;
        Some(Located {
            value: scalar.passage.text().to_owned(),
            place: scalar.passage.place(),
        })
    }

    /// A text, and how it was written.
    pub(super) fn scalar<'a>(
        &mut self,
        node: &'a Node,
        entry: &Entry,
        wanted: &str,
    ) -> Option<&'a Scalar> {
        match &node.kind {
            _ if self.is_full() => None,
            Kind::Scalar(scalar) => Some(scalar),
            _ => {
                self.wrong(node, entry, wanted);
                None
            }
        }
    }

    /// A text with parameters in it.
    pub(super) fn template(
        &mut self,
        node: &Node,
        entry: &Entry,
        wanted: &str,
    ) -> Option<Template> {
        let scalar = self.scalar(node, entry, wanted)?;
        let (template, findings) = Template::parse(scalar.passage.clone(), &self.params);
        self.findings.extend(findings);
        Some(template)
    }

    /// One text with parameters in it, or a list of them.
    pub(super) fn templates(&mut self, entry: &Entry) -> Vec<Template> {
        let mut templates = Vec::new();
        for node in self.one_or_more(&entry.value, entry, TEXTS) {
            templates.extend(self.template(node, entry, TEXTS));
        }
        templates
    }

    /// The items of a list, or the only one.
    pub(super) fn one_or_more<'a>(
        &mut self,
        node: &'a Node,
        entry: &Entry,
        wanted: &str,
    ) -> &'a [Node] {
        match &node.kind {
            Kind::Scalar(_) => std::slice::from_ref(node),
            Kind::List(items) if items.is_empty() => {
                let finding = Diagnostic::error(format!("`{}` is an empty list", entry.key.text()));
                self.findings.push(
                    finding
                        .at(&node.place, "")
                        .hint("write items into it, or remove the key"),
                );
                &[]
            }
            Kind::List(items) => items,
            _ => {
                self.wrong(node, entry, wanted);
                &[]
            }
        }
    }

    /// The conditions of `where` and `having`.
    pub(super) fn conditions(&mut self, entry: &Entry) -> Vec<Passage> {
        self.expressions(entry)
    }

    /// The keys of `sortBy`.
    pub(super) fn sort_keys(&mut self, entry: &Entry) -> Vec<SortKey> {
        let mut keys = Vec::new();
        for passage in self.expressions(entry) {
            match column::sort_key(&passage) {
                Ok(key) => keys.push(key),
                Err(finding) => self.findings.push(finding),
            }
        }
        keys
    }

    fn expressions(&mut self, entry: &Entry) -> Vec<Passage> {
        let node = &entry.value;
        if let Kind::Map(_) = node.kind {
            return self.expression(node, entry).into_iter().collect();
        }
        let mut expressions = Vec::new();
        for item in self.one_or_more(node, entry, "an expression or a list of them") {
            expressions.extend(self.expression(item, entry));
        }
        expressions
    }

    /// An expression, still as text. Where YAML has eaten it, the finding shows how it is written.
    pub(super) fn expression(&mut self, node: &Node, entry: &Entry) -> Option<Passage> {
        let scalar = match &node.kind {
            _ if self.is_full() => return None,
            Kind::Scalar(scalar) => scalar,
            Kind::Map(_) | Kind::List(_) => {
                self.findings.push(eaten_expression(node, entry));
                return None;
            }
            _ => {
                self.wrong(node, entry, "an expression");
                return None;
            }
        };
        self.findings.extend(eaten::cut(scalar));
        let text = scalar.passage.text();
        let expression = trimmed(&scalar.passage, 0..text.len());
        if expression.text().is_empty() {
            let message = format!("an expression of `{}` is empty", entry.key.text());
            self.findings
                .push(Diagnostic::error(message).at(&scalar.passage.place(), ""));
            return None;
        }
        Some(expression)
    }
}

fn eaten_expression(node: &Node, entry: &Entry) -> Diagnostic {
    if node.place.text().starts_with(['{', '[']) {
        return eaten_brackets(node, "an expression");
    }
    let Kind::Map(entries) = &node.kind else {
        let message = format!(
            "`{}` takes expressions, and this is a list",
            entry.key.text()
        );
        return Diagnostic::error(message).at(&node.place, "");
    };
    // The `: ` is where the key ends.
    let key = entries.first().map(|entry| entry.key.place());
    let place = key.as_ref().unwrap_or(&node.place);
    let message = "YAML reads `: ` as the end of a key, and here an expression is wanted";
    let hint = eaten::hint(&place.source, place.start);
    Diagnostic::error(message)
        .at(place, "YAML reads this as a key")
        .hint(hint)
}
