//! `groupBy`: a map of names to expressions, or a list of fields.

use super::super::column::{check_key_name, last_part};
use super::super::{GroupKey, Located};
use super::Decoder;
use crate::diagnostic::Diagnostic;
use crate::limits::GROUP_KEYS;
use crate::yaml::{Entry, Kind, Node};

/// What the key takes.
const WANTED: &str = "a map of names to expressions, or a list of fields";
/// How keys with names of their own are written.
const NAMED: &str = "a key gets its own name in a map:\ngroupBy:\n  name: expression";

impl Decoder {
    pub(super) fn group_keys(&mut self, entry: &Entry) -> Vec<GroupKey> {
        let keys: Vec<GroupKey> = match &entry.value.kind {
            Kind::Map(keys) => {
                let keys = keys.iter().take(GROUP_KEYS + 1);
                keys.filter_map(|key| self.group_key(key)).collect()
            }
            Kind::List(fields) if fields.is_empty() => {
                let finding = Diagnostic::error("`groupBy` is an empty list");
                let finding = finding.at(&entry.value.place, "");
                self.findings
                    .push(finding.hint("`groupBy: {}` makes one group of everything"));
                Vec::new()
            }
            _ => self.group_fields(entry),
        };
        if keys.len() > GROUP_KEYS {
            let message = format!("`groupBy` has more than {GROUP_KEYS} keys");
            self.findings
                .push(Diagnostic::error(message).at(&entry.key.place(), ""));
        }
        keys
    }

    fn group_key(&mut self, entry: &Entry) -> Option<GroupKey> {
        let name = Located {
            value: entry.key.text().to_owned(),
            place: entry.key.place(),
        };
        self.findings.extend(check_key_name(&name));
        let expression = self.expression(&entry.value, entry)?;
        Some(GroupKey { name, expression })
    }

    fn group_fields(&mut self, entry: &Entry) -> Vec<GroupKey> {
        let fields = self.one_or_more(&entry.value, entry, WANTED);
        let fields = fields.iter().take(GROUP_KEYS + 1);
        let keys: Vec<GroupKey> = fields
            .filter_map(|field| self.group_field(field, entry))
            .collect();
        self.findings.extend(same_names(&keys));
        keys
    }

    /// An item of a list: a field, which names its key.
    fn group_field(&mut self, node: &Node, entry: &Entry) -> Option<GroupKey> {
        let expression = self.expression(node, entry)?;
        let Some(name) = last_part(expression.text()) else {
            let message = format!(
                "`{}` is more than a field, so its key needs a name",
                expression.text()
            );
            let finding = Diagnostic::error(message).at(&expression.place(), "");
            self.findings.push(finding.hint(NAMED));
            return None;
        };
        let name = Located {
            value: name,
            place: expression.place(),
        };
        self.findings.extend(check_key_name(&name));
        Some(GroupKey { name, expression })
    }
}

/// Fields that name their keys alike; duplicate keys of a map have been found before.
fn same_names(keys: &[GroupKey]) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashMap::new();
    let again = keys.iter().filter_map(|key| {
        let first = seen.insert(&key.name.value, &key.name)?;
        let message = format!("two keys of `groupBy` are named `{}`", key.name.value);
        let finding = Diagnostic::error(message)
            .at(&key.name.place, "the second")
            .at(&first.place, "the first");
        Some(finding.hint(NAMED))
    });
    again.collect()
}
