//! The JSON Schema of query files, before an independent validator and with files read by an independent reader of YAML:
//! it accepts whatever we read, and refuses what has the wrong shape.

use std::fs;
use std::path::{Path, PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use regq::diagnostic::{Diagnostic, Source};
use regq::query::{self, DOCUMENT_KEYS, Key, SPEC_KEYS};
use serde_json::Value;

use super::support::command::Workplace;
use super::support::golden;

/// Where the schema lies, and how it is renewed: `REGQ_RENEW=1 cargo test --test suite schema`.
const COMMITTED: &str = "queries/query.schema.json";

/// Files of `wrong` whose fault is one of shape, some of each kind: unknown keys, wrong types, words that are not among
/// those there are, names that are none, what is missing, what is empty. The faults of the others are in the meaning of
/// a text or in the YAML, which a schema does not see.
const WRONG_IN_SHAPE: [&str; 33] = [
    "key-unknown",
    "key-slip",
    "key-habit",
    "key-case",
    "column-key",
    "pattern-key",
    "g1-include",
    "g1-insecure",
    "g1-output-file-key",
    "registry-wrong-type",
    "where-map",
    "sort-map",
    "rank-by-list",
    "assert-map",
    "assert-shape",
    "param-bare",
    "yaml-brackets",
    "yaml-braces",
    "column-wide-yes",
    "column-align",
    "column-format",
    "output-slip",
    "resource-slip",
    "param-type",
    "param-name",
    "column-reserved",
    "name-with-spaces",
    "no-name",
    "no-spec",
    "no-version",
    "column-without-value",
    "limit-zero",
    "expression-empty",
];

/// The schema, ready to judge.
struct Judge {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Judge {
    fn of(schema: Value) -> Self {
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        let place = "memory:schema.json";
        compiler.add_resource(place, schema).unwrap();
        let schema = compiler.compile(place, &mut schemas);
        let schema = schema.unwrap_or_else(|error| panic!("{error:#}"));
        Self { schemas, schema }
    }

    fn committed() -> Self {
        Self::of(committed())
    }

    /// Why an instance is refused, if it is.
    fn refuses(&self, instance: &Value) -> Option<String> {
        let judged = self.schemas.validate(instance, self.schema);
        judged.err().map(|error| format!("{error:#}"))
    }

    /// Why a document of a file is refused; a file that is no YAML to the other reader is refused, too.
    fn refuses_text(&self, text: &str) -> Option<String> {
        match documents(text) {
            Ok(documents) => documents.iter().find_map(|one| self.refuses(one)),
            Err(error) => Some(error.to_string()),
        }
    }
}

/// What a file holds to a reader of YAML 1.2, which is what editors have.
fn documents(text: &str) -> Result<Vec<Value>, serde_saphyr::Error> {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_multiple_with_options(text, options)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn committed() -> Value {
    let text = fs::read_to_string(root().join(COMMITTED)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The files of a folder with this ending, with what is in them; those that are not text are left out.
fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|known| known == ending) {
            found.extend(fs::read_to_string(&path).ok().map(|text| (path, text)));
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{}", folder.display());
    found
}

/// Tells whether reading finds no fault in the shape of a file.
fn is_read(text: &str) -> bool {
    let reading = query::read(&Source::new("q.yaml", text));
    !reading.findings.iter().any(Diagnostic::is_error)
}

#[test]
fn the_committed_schema_is_the_one_that_is_printed() {
    let printed = Workplace::new().run(["schema"]).exits(0).quietly().stdout;
    let compared = golden::compare(&root().join(COMMITTED), &printed);
    golden::report(&compared.err().into_iter().collect::<Vec<_>>());
}

#[test]
fn it_is_a_schema_of_the_draft_it_names() {
    let schema = committed();
    let draft = schema["$schema"].as_str().unwrap();
    assert_eq!(draft, "https://json-schema.org/draft/2020-12/schema");
    let mut schemas = Schemas::new();
    let meta = Compiler::new().compile(draft, &mut schemas).unwrap();
    schemas.validate(&schema, meta).unwrap();
    let broken = serde_json::json!({"type": "obejct"});
    assert!(schemas.validate(&broken, meta).is_err());
}

#[test]
fn every_shipped_query_is_accepted_and_leads_the_editor_to_the_schema() {
    let judge = Judge::committed();
    for (path, text) in files(&root().join("queries"), "yaml") {
        assert_eq!(judge.refuses_text(&text), None, "{}", path.display());
        let first = text.lines().next().unwrap();
        let modeline = "# yaml-language-server: $schema=./query.schema.json";
        assert_eq!(first, modeline, "{}", path.display());
    }
}

#[test]
fn every_recorded_query_that_is_read_is_accepted() {
    let judge = Judge::committed();
    let cases = golden::entries("queries").into_iter();
    let texts = cases.flat_map(|case| {
        let names = ["query.yaml", "report.yaml", "values.yaml", "own.yaml"];
        names.map(|name| fs::read_to_string(case.join(name)))
    });
    let read: Vec<String> = texts.flatten().filter(|text| is_read(text)).collect();
    assert!(read.len() > 40, "{}", read.len());
    for text in read {
        assert_eq!(judge.refuses_text(&text), None, "{text}");
    }
}

#[test]
fn what_has_the_wrong_shape_is_refused() {
    let judge = Judge::committed();
    for name in WRONG_IN_SHAPE {
        let path = golden::folder("wrong").join(format!("{name}.yaml"));
        let text = fs::read_to_string(path).unwrap();
        let documents = documents(&text).unwrap();
        let refused = documents.iter().any(|one| judge.refuses(one).is_some());
        assert!(refused, "{name} is accepted:\n{text}");
    }
}

/// What may stand under a key, right or wrong.
const VALUES: [&str; 24] = [
    "a",
    "1.20",
    "5",
    "0",
    "true",
    "'true'",
    "~",
    "''",
    "' '",
    "[]",
    "[a]",
    "[a, 5, true]",
    "[[a]]",
    "[~]",
    "[{a: b}]",
    "{}",
    "{a: b}",
    "{a: ~}",
    "{a: [b]}",
    "{a: {value: b, wide: true}}",
    "{a: {type: list, default: []}}",
    "{include: [a], semver: 1.20}",
    "[{that: a, message: 5}]",
    "${p}",
];

/// What reading accepts, the schema accepts: numbers and truths for texts, one for several, and nothing else.
#[test]
fn it_never_refuses_what_is_read() {
    let judge = Judge::committed();
    let (mut accepted, mut refused) = (0, 0);
    for key in &SPEC_KEYS {
        for value in VALUES {
            let own = match key.name {
                "params" => format!("  params: {value}\n"),
                name => format!("  params: {{p: }}\n  {name}: {value}\n"),
            };
            let text =
                format!("apiVersion: regq/v1\nkind: Query\nmetadata: {{name: q}}\nspec:\n{own}");
            let refusal = judge.refuses_text(&text);
            if is_read(&text) && !is_unknown_word(key, value) {
                accepted += 1;
                assert_eq!(refusal, None, "{text}");
            }
            refused += usize::from(refusal.is_some());
        }
    }
    assert!(accepted > 60 && refused > 150, "{accepted} {refused}");
}

/// Reading leaves it to others to know the words; the schema knows them.
fn is_unknown_word(key: &Key, value: &str) -> bool {
    key.shape.word().is_some() && value != "tags"
}

/// The places in a schema that carry examples.
fn with_examples(schema: &Value, at: &str, into: &mut Vec<(String, Value)>) {
    if let Some(examples) = schema.get("examples").and_then(Value::as_array) {
        into.extend(
            examples
                .iter()
                .map(|example| (at.to_owned(), example.clone())),
        );
    }
    let inside: Vec<(String, &Value)> = match schema {
        Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in inside.iter().filter(|(key, _)| key != "examples") {
        with_examples(value, &format!("{at}/{key}"), into);
    }
}

#[test]
fn every_example_of_a_key_is_accepted_by_its_part_of_the_schema() {
    let schema = committed();
    let mut examples = Vec::new();
    with_examples(&schema, "", &mut examples);
    assert!(examples.len() > SPEC_KEYS.len() + 15, "{}", examples.len());
    let mut compiler = Compiler::new();
    compiler.add_resource("memory:schema.json", schema).unwrap();
    let mut schemas = Schemas::new();
    for (at, example) in examples {
        let place = format!("memory:schema.json#{at}");
        let part = compiler.compile(&place, &mut schemas).unwrap();
        let judged = schemas.validate(&example, part);
        assert!(judged.is_ok(), "{at}: {example}");
    }
}

#[test]
fn every_key_is_described_where_an_editor_looks_for_it() {
    let schema = committed();
    let described = |keys: &Value, of: &[Key]| {
        for key in of {
            let property = &keys["properties"][key.name];
            let description = property["description"].as_str().unwrap();
            assert!(description.starts_with(key.doc), "{}", key.name);
            assert!(!property["examples"][0].is_null(), "{}", key.name);
        }
        assert_eq!(keys["properties"].as_object().unwrap().len(), of.len());
        assert_eq!(keys["additionalProperties"], false);
    };
    described(&schema, &DOCUMENT_KEYS);
    described(&schema["properties"]["spec"], &SPEC_KEYS);
}

#[test]
fn the_starter_is_accepted() {
    let printed = Workplace::new().run(["new"]).exits(0).stdout;
    assert_eq!(Judge::committed().refuses_text(&printed), None);
}
