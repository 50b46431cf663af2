//! The expressions of the shipped queries beside an independent implementation of JMESPath, Python's: what uses only functions
//! of the standard gives there what it gives here, on rows that the program delivers of real registries.
//!
//! `params.NAME` means the same at any depth here (design §5), so its value is written out there. No other difference is
//! known: what Python refuses or answers in another way fails.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use jiff::Timestamp;
use regq::diagnostic::{Passage, Source};
use regq::expr::{self, Context, Expr};
use regq::fields::{self, Resource};
use regq::limits::Limits;
use regq::query::{self, Given, Params, Query};
use regq::value::{JsonStyle, Value, parse_json, to_json};
use serde_json::json;

use super::demo::demo;
use super::support::command::Workplace;
use super::support::filled_registries::{FilledRegistries, RELEASE, STAGING};
use super::support::tools::Tool;

const SEARCH: &str = include_str!("support/recipe/search.py");

/// An expression as written, as it is asked elsewhere, and what it gives here for each document.
struct Case {
    written: String,
    portable: String,
    documents: Vec<Value>,
    given: Vec<Value>,
}

#[test]
fn an_independent_implementation_gives_the_same() {
    let Some(python) = Tool::python_with("jmespath") else {
        return;
    };
    let Some(registries) = FilledRegistries::start() else {
        return;
    };
    let place = registries.place().layout("demo", &demo());
    let cases = cases(&place);
    let asked = cases.iter().map(|case| {
        let documents = case.documents.iter().map(plain);
        json!({"expression": case.portable, "documents": documents.collect::<Vec<_>>()})
    });
    let asked: Vec<serde_json::Value> = asked.collect();
    let place = place.file("cases.json", serde_json::to_vec(&asked).unwrap());
    let answers = python.json(&place.path(""), &["-c", SEARCH, "cases.json"]);
    for (case, answers) in cases.iter().zip(answers.as_array().unwrap()) {
        let ours = case
            .given
            .iter()
            .map(|value| json!({"value": plain(value)}));
        let ours: Vec<serde_json::Value> = ours.collect();
        assert_eq!(json!(ours), *answers, "{}", case.written);
    }
    assert!(cases.len() > 25);
}

fn plain(value: &Value) -> serde_json::Value {
    serde_json::from_str(&to_json(value, JsonStyle::Compact)).unwrap()
}

/// All expressions of all shipped queries that use only functions of the standard, and are more than a name.
fn cases(place: &Workplace) -> Vec<Case> {
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/queries")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let files: Vec<_> = files.collect();
    assert!(files.len() > 20);
    let queries = files.iter().flat_map(|path| {
        let text = fs::read_to_string(path).unwrap();
        query::read(&Source::new("test.yaml", text)).queries
    });
    let mut known: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let cases = queries.flat_map(|query| {
        let resource = query.resource.as_ref();
        let resource = resource.map_or("tags", |resource| &resource.value);
        let rows = known.entry(resource.to_owned());
        let rows = rows.or_insert_with(|| rows_of(place, resource));
        Walk::new(&query).through(rows)
    });
    cases.collect()
}

/// What a field of a row may hold a whole document in; no shipped query reads one with the standard's functions only.
const DOCUMENTS: [&str; 5] = ["config", "history", "index", "manifest", "schema1"];

/// All rows of a resource, with all facts of each.
fn rows_of(place: &Workplace, resource: &str) -> Vec<Value> {
    let resource = Resource::named(resource).expect("a shipped query names a resource");
    let told_by_all = |(_, field): &(_, &fields::Field)| !field.is_vendors();
    let mut names: Vec<&str> = fields::of(resource)
        .filter(told_by_all)
        .map(|(_, field)| field.root())
        .collect();
    names.dedup();
    names.retain(|name| !DOCUMENTS.contains(name));
    let columns: Vec<String> = names.iter().map(|name| format!("{name}:{name}")).collect();
    let columns = columns.join(",");
    // Real registries list tags only; a layout lists its manifests, too.
    let sources: &[&str] = match resource {
        Resource::Manifests => &["oci:demo"],
        _ => &[STAGING, RELEASE],
    };
    let get = ["get", resource.name(), "-o", "json", "--columns", &columns];
    let ended = place
        .run(get.into_iter().chain(sources.iter().copied()))
        .exits(0)
        .quietly();
    let document = parse_json(ended.stdout.as_bytes()).unwrap();
    let items = document.get("items").and_then(Value::as_list);
    items.expect("a result has items").to_vec()
}

/// A query's expressions, in the order in which they are evaluated, each on what it sees.
struct Walk<'a> {
    query: &'a Query,
    params: Value,
    cases: Vec<Case>,
}

impl<'a> Walk<'a> {
    fn new(query: &'a Query) -> Self {
        let required = query.params.iter().filter(|param| param.default.is_none());
        let given = required.map(|param| {
            let name = param.name.value.clone();
            let value = match &*name {
                "registry" | "left" => STAGING,
                "right" => RELEASE,
                "repository" => "team/api",
                "account" => "team",
                "tag" => "1.1.0",
                "base" => "staging.example/library/base:3.20",
                "pins" => "staging.example/team/web:latest",
                other => panic!("what is `{other}`?"),
            };
            (name, value.to_owned())
        });
        let given: Given = given.collect();
        Self {
            query,
            params: Params::resolve(&query.params, &given).unwrap().value(),
            cases: Vec::new(),
        }
    }

    fn through(mut self, rows: &[Value]) -> Vec<Case> {
        let query = self.query;
        for condition in &query.conditions {
            self.take(condition, rows);
        }
        let mut documents = self.grouped(rows);
        for column in query.columns.iter().flatten() {
            let values = self.take(&column.expression, &documents);
            add(&mut documents, &column.name.value, values);
        }
        let order = query.sort_by.iter().map(|key| &key.expression);
        for expression in order.chain(&query.rank_by) {
            self.take(expression, &documents);
        }
        let shown = documents.clone();
        let ranks = (1..).map(Value::int).take(documents.len()).collect();
        add(&mut documents, "rank", ranks);
        for condition in &query.having {
            self.take(condition, &documents);
        }
        self.asserted(shown);
        self.cases
    }

    /// The groups of rows; the rows themselves where a query does not group.
    fn grouped(&mut self, rows: &[Value]) -> Vec<Value> {
        let Some(keys) = &self.query.group_by else {
            return rows.to_vec();
        };
        let mut found = vec![Value::map([]); rows.len()];
        for key in keys {
            let values = self.take(&key.expression, rows);
            add(&mut found, &key.name.value, values);
        }
        let mut groups: BTreeMap<String, (Value, Vec<Value>)> = BTreeMap::new();
        for (keys, row) in found.into_iter().zip(rows) {
            let name = to_json(&keys, JsonStyle::Compact);
            let group = groups.entry(name).or_insert((keys, Vec::new()));
            group.1.push(row.clone());
        }
        let (mut groups, rows): (Vec<Value>, Vec<Vec<Value>>) = groups.into_values().unzip();
        add(
            &mut groups,
            "rows",
            rows.into_iter().map(Value::list).collect(),
        );
        groups
    }

    fn asserted(&mut self, rows: Vec<Value>) {
        let result = [
            ("count", Value::from(rows.len() as u64)),
            ("rows", Value::list(rows)),
            ("errors", Value::list(Vec::new())),
        ];
        let result = Value::map(result.map(|(name, value)| (Arc::from(name), value)));
        for assert in &self.query.asserts {
            self.take(&assert.that, std::slice::from_ref(&result));
        }
    }

    /// Keeps what is portable of an expression, and gives its values.
    fn take(&mut self, passage: &Passage, documents: &[Value]) -> Vec<Value> {
        let expression = Expr::compile(passage.clone()).unwrap();
        for part in expression.conjuncts() {
            let written = part.excerpt().to_owned();
            if part.bare_field().is_none() && is_standard(&written) {
                self.cases.push(Case {
                    portable: self.portable(&written),
                    written,
                    documents: documents.to_vec(),
                    given: self.evaluate(&part, documents),
                });
            }
        }
        self.evaluate(&expression, documents)
    }

    fn evaluate(&self, expression: &Expr, documents: &[Value]) -> Vec<Value> {
        let limits = Limits::default();
        let constants = Value::map([(Arc::from("params"), self.params.clone())]);
        let context = Context {
            constants: &constants,
            ..Context::new(Timestamp::UNIX_EPOCH, &limits)
        };
        let values = documents
            .iter()
            .map(|row| expression.evaluate(row, &context));
        values.map(|value| value.unwrap()).collect()
    }

    /// The expression with the values of parameters in place of their names.
    fn portable(&self, written: &str) -> String {
        let params = self.params.as_map().expect("parameters have names");
        let mut text = written.to_owned();
        for (name, value) in params {
            let literal = format!("`{}`", to_json(value, JsonStyle::Compact));
            text = text.replace(&format!("params.{name}"), &literal);
        }
        assert!(!text.contains("params."), "{text}");
        text
    }
}

/// Gives each document one more member.
fn add(documents: &mut [Value], name: &str, values: Vec<Value>) {
    for (document, value) in documents.iter_mut().zip(values) {
        let known = document.as_map().into_iter().flatten();
        let known = known.map(|(name, value)| (Arc::clone(name), value.clone()));
        let all: Vec<_> = known.chain([(Arc::from(name), value)]).collect();
        *document = Value::map(all);
    }
}

/// Tells whether an expression calls none of our own functions.
fn is_standard(text: &str) -> bool {
    let mut ours = expr::functions().filter(|function| !function.is_standard());
    !ours.any(|function| text.contains(&format!("{}(", function.name)))
}
