//! The JSON Schema (draft 2020-12) of query files, made of the tables that reading them goes by.
//!
//! It is for editors: what it refuses is wrong, and what it accepts has the right shape. Whether a field exists or an
//! expression is one is not for a schema to say. Words that other rooms know - resources, formats - are handed in.

use std::sync::Arc;

use super::column::{ALIGNMENTS, RESERVED};
use super::keys::{DOCUMENT_KEYS, Key};
use super::names;
use super::parameters::ParamType;
use super::shape::{Names, Shape, Word};
use crate::diagnostic::Source;
use crate::value::{Value, parse_json};
use crate::yaml::{self, Kind, Node, Style};

/// The words that other rooms know.
#[derive(Debug, Clone)]
pub struct Words {
    /// What a row can be, short names included.
    pub resources: Vec<&'static str>,
    /// How the cells of a column can be shown.
    pub cell_formats: Vec<&'static str>,
    /// The forms that a result can be printed in.
    pub outputs: Vec<&'static str>,
}

impl Words {
    /// Those of one kind.
    pub fn of(&self, word: Word) -> Vec<&'static str> {
        match word {
            Word::Resource => self.resources.clone(),
            Word::CellFormat => self.cell_formats.clone(),
            Word::Align => ALIGNMENTS.to_vec(),
            Word::ParamType => ParamType::NAMED.map(|(name, _)| name).to_vec(),
            Word::Output => self.outputs.clone(),
        }
    }
}

/// Makes the schema of one document of a query file.
pub fn schema(words: &Words) -> Value {
    let head = [
        ("$schema", Value::text(DRAFT)),
        ("title", Value::text("A query of docker-regq")),
    ];
    let body = Shape::Keys {
        keys: &DOCUMENT_KEYS,
        required: &DOCUMENT,
    };
    map(head.into_iter().chain(entries(&body, words)))
}

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Every document has all of its keys.
const DOCUMENT: [&str; DOCUMENT_KEYS.len()] = super::keys::names(&DOCUMENT_KEYS);

/// A whole number from 1 up as text, or text that a parameter is filled into.
const COUNT: &str = "^0*[1-9][0-9]*$|\\$\\{";

/// What a key takes, with what an editor shows of it.
fn property(key: &Key, words: &Words) -> Value {
    let description = format!("{}\n\nTakes {}.", key.doc, key.takes);
    let head = [
        ("description", Value::from(description)),
        ("examples", Value::list(vec![example(key)])),
    ];
    map(head.into_iter().chain(entries(&key.shape, words)))
}

fn of(shape: &Shape, words: &Words) -> Value {
    map(entries(shape, words))
}

/// The keywords that a shape comes to.
fn entries(shape: &Shape, words: &Words) -> Vec<(&'static str, Value)> {
    match shape {
        Shape::Text => vec![("type", scalar())],
        Shape::Fixed(text) => vec![("const", Value::text(text))],
        Shape::Name(of) => [("type", scalar())].into_iter().chain(named(*of)).collect(),
        Shape::Word(word) => vec![("enum", texts(&words.of(*word)))],
        Shape::Expression => vec![("type", scalar()), SOMETHING.entry()],
        Shape::Count => vec![
            ("type", texts(&["integer", "string"])),
            ("minimum", Value::int(1)),
            ("pattern", Value::text(COUNT)),
        ],
        Shape::Truth => vec![("type", Value::text("boolean"))],
        Shape::Nothing => vec![("type", Value::text("null"))],
        Shape::OneOrMore(one) => {
            let several = of(
                &Shape::List {
                    items: one,
                    least: 1,
                },
                words,
            );
            vec![("anyOf", Value::list(vec![of(one, words), several]))]
        }
        Shape::List { items, least } => vec![
            ("type", Value::text("array")),
            ("items", of(items, words)),
            ("minItems", number(*least)),
        ],
        Shape::Map {
            names,
            values,
            least,
        } => vec![
            ("type", Value::text("object")),
            ("propertyNames", map(named(*names))),
            ("additionalProperties", of(values, words)),
            ("minProperties", number(*least)),
        ],
        Shape::Keys { keys, required } => {
            let properties = keys.iter().map(|key| (key.name, property(key, words)));
            vec![
                ("type", Value::text("object")),
                ("properties", map(properties)),
                ("required", texts(required)),
                ("additionalProperties", Value::Bool(false)),
            ]
        }
        Shape::Either(shapes) => {
            let shapes = shapes.iter().map(|shape| of(shape, words));
            vec![("anyOf", Value::list(shapes.collect()))]
        }
    }
}

/// A text that must match.
struct Rule(&'static str);

/// Not only blanks.
const SOMETHING: Rule = Rule("\\S");

impl Rule {
    fn entry(&self) -> (&'static str, Value) {
        ("pattern", Value::text(self.0))
    }
}

/// What a name must be.
fn named(names: Names) -> Vec<(&'static str, Value)> {
    match names {
        Names::Query => vec![Rule(names::QUERY).entry()],
        Names::Parameter | Names::Companion => vec![Rule(names::PARAMETER).entry()],
        Names::Column => vec![
            SOMETHING.entry(),
            ("not", map([("enum", texts(&RESERVED))])),
        ],
    }
}

/// What a plain scalar may look like to whoever reads it as JSON.
fn scalar() -> Value {
    texts(&["string", "number", "boolean"])
}

fn texts(texts: &[&str]) -> Value {
    Value::list(texts.iter().map(Value::text).collect())
}

fn number(number: usize) -> Value {
    Value::int(i128::try_from(number).unwrap_or(i128::MAX))
}

fn map(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let entries = entries.into_iter();
    Value::map(entries.map(|(key, value)| (Arc::from(key), value)))
}

/// The value that the example of a key shows.
fn example(key: &Key) -> Value {
    let documents = yaml::documents(&Source::new(key.name, key.example));
    let shown = documents.roots.first().and_then(|root| match &root.kind {
        Kind::Map(entries) => entries.first(),
        _ => None,
    });
    shown.map_or(Value::Null, |entry| as_json(&entry.value))
}

/// A node as whoever reads YAML as JSON has it.
fn as_json(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(scalar) => {
            let text = scalar.passage.text();
            let plain = Some(scalar.style).filter(|style| *style == Style::Plain);
            let read = plain.and_then(|_| parse_json(text.as_bytes()).ok());
            read.unwrap_or_else(|| Value::text(text))
        }
        Kind::List(items) => Value::list(items.iter().map(as_json).collect()),
        Kind::Map(entries) => Value::map(
            entries
                .iter()
                .map(|entry| (Arc::from(entry.key.text()), as_json(&entry.value))),
        ),
        Kind::Null | Kind::Broken => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::SPEC_KEYS;
    use super::*;

    fn every_key(keys: &'static [Key], into: &mut Vec<&'static Key>) {
        for key in keys {
            into.push(key);
            every_key(key.inner(), into);
        }
    }

    #[test]
    fn every_example_shows_a_value_of_its_key() {
        let mut keys = Vec::new();
        every_key(&DOCUMENT_KEYS, &mut keys);
        assert!(keys.len() > SPEC_KEYS.len() + 10);
        for key in keys {
            assert!(key.example.starts_with(&format!("{}: ", key.name)));
            assert!(!example(key).is_null(), "{}", key.example);
        }
    }

    #[test]
    fn the_keys_of_every_map_of_ours_are_found_by_walking() {
        let inner = |name: &str| {
            let key = SPEC_KEYS.iter().find(|key| key.name == name).unwrap();
            key.inner().iter().map(|key| key.name).collect::<Vec<_>>()
        };
        assert_eq!(inner("assert"), ["that", "message"]);
        assert_eq!(inner("params")[0], "type");
        assert_eq!(inner("columns")[0], "value");
        assert_eq!(inner("tags")[0], "include");
        assert!(inner("where").is_empty());
    }
}
