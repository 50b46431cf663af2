//! `columns`: a map of names to expressions, or a list of fields.

use super::super::column::{ALIGNMENTS, check_name, duplicates, named_by_field};
use super::super::keys::{COLUMN_KEYS, names};
use super::super::{Column, Located};
use super::Decoder;
use crate::diagnostic::Diagnostic;
use crate::yaml::{Entry, Kind, Known, Node, shape};

const COLUMN: Known = Known {
    owner: "a column",
    keys: &names(&COLUMN_KEYS),
    later: &[],
    habits: &[
        ("expression", "value"),
        ("expr", "value"),
        ("path", "value"),
        ("hidden", "wide"),
    ],
};

impl Decoder {
    pub(super) fn columns(&mut self, entry: &Entry) -> Vec<Column> {
        let wanted = "a map of names to expressions, or a list of fields";
        match &entry.value.kind {
            Kind::Map(columns) if !columns.is_empty() => columns
                .iter()
                .filter_map(|column| self.column(column))
                .collect(),
            Kind::List(fields) if !fields.is_empty() => {
                let columns: Vec<Column> = fields
                    .iter()
                    .filter_map(|field| self.field(field, entry))
                    .collect();
                self.findings.extend(duplicates(&columns));
                columns
            }
            Kind::Map(_) | Kind::List(_) => {
                let finding = Diagnostic::error("`columns` is empty").at(&entry.value.place, "");
                self.findings
                    .push(finding.hint("without `columns`, the resource's own are shown"));
                Vec::new()
            }
            _ => {
                self.wrong(&entry.value, entry, wanted);
                Vec::new()
            }
        }
    }

    fn column(&mut self, entry: &Entry) -> Option<Column> {
        let name = Located {
            value: entry.key.text().to_owned(),
            place: entry.key.place(),
        };
        self.findings.extend(check_name(&name));
        match &entry.value.kind {
            Kind::Map(_) if !COLUMN.is_stranger(&entry.value) => self.detailed(name, entry),
            _ => {
                let expression = self.expression(&entry.value, entry)?;
                Some(Column::plain(name, expression))
            }
        }
    }

    /// A column in the long form.
    fn detailed(&mut self, name: Located<String>, entry: &Entry) -> Option<Column> {
        let keys = self.keys_of(entry, &COLUMN)?;
        let expression = self
            .required(&keys, "value")
            .and_then(|e| self.expression(&e.value, e));
        let format = keys.get("format").and_then(|entry| self.word(entry));
        let align = keys.get("align").and_then(|entry| self.align(entry));
        let wide = keys.get("wide").is_some_and(|entry| self.truth(entry));
        Some(Column {
            format,
            align,
            wide,
            ..Column::plain(name, expression?)
        })
    }

    fn align(&mut self, entry: &Entry) -> Option<Located<String>> {
        let word = self.word(entry)?;
        if ALIGNMENTS.contains(&word.value.as_str()) {
            return Some(word);
        }
        let finding = Diagnostic::error(format!(
            "`align` is `left` or `right`, not `{}`",
            word.value
        ));
        self.findings.push(
            finding
                .at(&word.place, "")
                .did_you_mean(&word.value, ALIGNMENTS),
        );
        None
    }

    /// `true` or `false` and nothing else: what YAML once took for truth, such as `yes`, is not.
    fn truth(&mut self, entry: &Entry) -> bool {
        let Some(word) = self.word(entry) else {
            return false;
        };
        match word.place.text() {
            "true" => true,
            "false" => false,
            other => {
                let message = format!("`{}` is `true` or `false`, not `{other}`", entry.key.text());
                self.findings
                    .push(Diagnostic::error(message).at(&word.place, ""));
                false
            }
        }
    }

    /// An item of a list of columns.
    fn field(&mut self, node: &Node, entry: &Entry) -> Option<Column> {
        if let Kind::Map(_) | Kind::List(_) = &node.kind {
            let message = format!(
                "a list of columns takes fields, and this is {}",
                shape(node)
            );
            let finding = Diagnostic::error(message).at(&node.place, "");
            self.findings.push(finding.hint(NAMED));
            return None;
        }
        let passage = self.expression(node, entry)?;
        let column = named_by_field(&passage);
        match &column {
            Some(column) => self.findings.extend(check_name(&column.name)),
            None => {
                let message = format!(
                    "`{}` is more than a field, so its column needs a name",
                    passage.text()
                );
                let finding = Diagnostic::error(message).at(&passage.place(), "");
                self.findings.push(finding.hint(NAMED));
            }
        }
        column
    }
}

/// How columns with names of their own are written.
const NAMED: &str = "a column gets its own name in a map:\ncolumns:\n  NAME: expression";
