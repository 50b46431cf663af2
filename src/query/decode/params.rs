//! `params`: declarations, with their defaults checked against type and `enum`.

use super::super::Located;
use super::super::keys::{PARAMETER_KEYS, names};
use super::super::names::is_parameter_name;
use super::super::parameters::{ParamType, Parameter};
use super::Decoder;
use crate::diagnostic::{Diagnostic, Place, nearest};
use crate::limits::{PARAMETER_VALUES, PARAMETERS};
use crate::value::Value;
use crate::yaml::{Entry, Keys, Kind, Known};

const PARAMETER: Known = Known {
    owner: "a parameter",
    keys: &names(&PARAMETER_KEYS),
    later: &[],
    habits: &[
        ("values", "enum"),
        ("allowed", "enum"),
        ("choices", "enum"),
        ("doc", "description"),
    ],
};

const LIMIT: &str = "the limit is reached here";

/// What other formats call a type.
const HABITS: [(&str, &str); 8] = [
    ("int", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("bool", "boolean"),
    ("str", "string"),
    ("text", "string"),
    ("array", "list"),
    ("strings", "list"),
];

impl Decoder {
    pub(super) fn parameters(&mut self, entry: &Entry) -> Vec<Parameter> {
        let Kind::Map(entries) = &entry.value.kind else {
            self.wrong(&entry.value, entry, "a map of names to declarations");
            return Vec::new();
        };
        if let Some(beyond) = entries.get(PARAMETERS) {
            let message = format!("there are more than {PARAMETERS} parameters");
            let finding = Diagnostic::error(message).at(&beyond.key.place(), LIMIT);
            self.findings.push(finding);
        }
        let first = entries.iter().take(PARAMETERS);
        first.map(|entry| self.parameter(entry)).collect()
    }

    /// A declaration, as far as it can be read: one that is lost would make every use of it a mistake.
    fn parameter(&mut self, entry: &Entry) -> Parameter {
        let name = Located {
            value: entry.key.text().to_owned(),
            place: entry.key.place(),
        };
        self.findings.extend(wrong_name(&name, "a parameter"));
        let keys = match &entry.value.kind {
            Kind::Null => None,
            Kind::Scalar(_) => {
                self.findings
                    .push(shorthand(&name.value, &entry.value.place));
                None
            }
            _ => self.keys_of(entry, &PARAMETER),
        };
        let keys = keys.unwrap_or_else(|| Keys::none(&name.place));
        let mut parameter = Parameter {
            name,
            kind: keys
                .get("type")
                .and_then(|entry| self.kind(entry))
                .unwrap_or_default(),
            default: None,
            description: keys
                .get("description")
                .and_then(|e| self.word(e))
                .map(|word| word.value),
            allowed: Vec::new(),
        };
        parameter.allowed = self.allowed(&parameter, &keys);
        parameter.default = self.default(&parameter, &keys);
        parameter
    }

    fn kind(&mut self, entry: &Entry) -> Option<ParamType> {
        let word = self.word(entry)?;
        let kind = ParamType::named(&word.value);
        if kind.is_none() {
            let names = ParamType::NAMED.iter().map(|(name, _)| *name);
            let finding =
                Diagnostic::error(format!("there is no type `{}`", word.value)).at(&word.place, "");
            let habit = HABITS
                .iter()
                .find(|(habit, _)| *habit == word.value)
                .map(|(_, ours)| *ours);
            self.findings.push(
                match habit.or_else(|| nearest(&word.value, names.clone())) {
                    Some(near) => finding.hint(format!("did you mean `{near}`?")),
                    None => finding.hint(format!(
                        "the types are {}",
                        names.collect::<Vec<_>>().join(", ")
                    )),
                },
            );
        }
        kind
    }

    fn allowed(&mut self, parameter: &Parameter, keys: &Keys<'_>) -> Vec<Value> {
        let Some(entry) = keys.get("enum") else {
            return Vec::new();
        };
        match &entry.value.kind {
            Kind::List(items) if items.len() > PARAMETER_VALUES => {
                let message = format!("`enum` has more than {PARAMETER_VALUES} values");
                let place = &items[PARAMETER_VALUES].place;
                self.findings
                    .push(Diagnostic::error(message).at(place, LIMIT));
                Vec::new()
            }
            Kind::List(_) => self.values(parameter, entry),
            _ => {
                self.wrong(&entry.value, entry, "a list of values");
                Vec::new()
            }
        }
    }

    fn default(&mut self, parameter: &Parameter, keys: &Keys<'_>) -> Option<Value> {
        let entry = keys.get("default")?;
        match (parameter.kind, &entry.value.kind) {
            // An empty list is a good default of a list.
            (ParamType::List, Kind::List(items)) if items.is_empty() => {
                Some(Value::list(Vec::new()))
            }
            (ParamType::List, Kind::List(_)) => Some(Value::list(self.values(parameter, entry))),
            (ParamType::List, _) => {
                self.wrong(&entry.value, entry, "a list here");
                None
            }
            (_, Kind::Scalar(_)) => self.values(parameter, entry).pop(),
            _ => {
                self.wrong(&entry.value, entry, "one value here");
                None
            }
        }
    }

    /// The values under a key, each read as one of the parameter.
    fn values(&mut self, parameter: &Parameter, entry: &Entry) -> Vec<Value> {
        let mut values = Vec::new();
        for node in self.one_or_more(&entry.value, entry, "a value") {
            let Some(scalar) = self.scalar(node, entry, "plain values") else {
                continue;
            };
            match parameter.read(scalar.passage.text()) {
                Ok(value) => values.push(value),
                Err(finding) => self.findings.push(finding.at(&node.place, "")),
            }
        }
        values
    }
}

/// A default written as the parameter itself.
fn shorthand(name: &str, value: &Place) -> Diagnostic {
    let message = format!("the parameter `{name}` takes a map, and this is a text");
    let finding = Diagnostic::error(message).at(value, "");
    finding.hint(format!(
        "a default is written `{name}: {{default: {}}}`",
        value.text()
    ))
}

/// A name that expressions cannot call without quotes.
pub(super) fn wrong_name(name: &Located<String>, what: &str) -> Option<Diagnostic> {
    let text = name.value.as_str();
    if is_parameter_name(text) {
        return None;
    }
    let finding = Diagnostic::error(format!("`{text}` is no name for {what}")).at(&name.place, "");
    Some(finding.hint("a name has letters, digits and `_`, and does not start with a digit"))
}
