//! Saved queries, and what the queries that are named so far take.

use super::answer::{Answer, Candidate};
use super::files;
use super::line::Line;
use super::places::Known;
use crate::cli::queries::{split_document, text_of, with_places};
use crate::cli::settings::Settings;
use crate::limits::DESCRIBED_QUERIES;
use crate::query::{self, Parameter, Query, QueryOrigin, SavedQuery, Standing, Template};
use crate::value::{JsonStyle, Value, to_json};

/// Saved queries by their names, files by their paths, and behind a `#` the documents of a file.
pub(super) fn named(typed: &str, line: &Line<'_>, settings: &Settings) -> Answer {
    if let Some((word, begin)) = typed.rsplit_once('#') {
        let documents = read(word, settings);
        let documents = documents
            .iter()
            .filter(|query| query.name.value.starts_with(begin));
        let candidate = |query: &Query| {
            let name = &query.name.value;
            Candidate::new(format!("{word}#{name}")).about(about(std::slice::from_ref(query)))
        };
        return Answer::of(documents.map(candidate));
    }
    let saved = with_places(settings, query::list);
    let is_meant = |saved: &&SavedQuery| {
        let is_new = !line.given("queries").any(|given| given == saved.name);
        matches!(saved.standing, Standing::Meant(_)) && saved.name.starts_with(typed) && is_new
    };
    let saved: Vec<SavedQuery> = saved.iter().filter(is_meant).cloned().collect();
    // To read a description is to read the file.
    let are_described = saved.len() <= DESCRIBED_QUERIES;
    let candidate = |saved: &SavedQuery| {
        let queries = match are_described {
            true => queries_of(&saved.origin),
            false => Vec::new(),
        };
        Candidate::new(&saved.name).about(about(&queries))
    };
    let names = Answer::of(saved.iter().map(candidate));
    if typed.is_empty() {
        return names;
    }
    // A file here has its name already.
    let is_named = |path: &str| {
        let stem = path.strip_suffix(".yaml").or(path.strip_suffix(".yml"));
        saved.iter().any(|saved| Some(saved.name.as_str()) == stem)
    };
    let files = files::ending(files::QUERIES, typed, &settings.here);
    names.and(files.without(is_named))
}

fn about(queries: &[Query]) -> String {
    let descriptions = queries
        .iter()
        .filter_map(|query| query.description.as_ref());
    descriptions
        .map(Template::text)
        .collect::<Vec<_>>()
        .join("; ")
}

fn queries_of(origin: &QueryOrigin) -> Vec<Query> {
    let source = text_of(origin);
    source.map_or_else(|_| Vec::new(), |source| query::read(&source).queries)
}

/// The queries that are named on the line.
pub(super) fn of_line(line: &Line<'_>, settings: &Settings) -> Vec<Query> {
    let words = line.given("queries").chain(line.given("files"));
    words.flat_map(|word| read(word, settings)).collect()
}

/// Reads the queries that a word names. Nobody waits for standard input.
fn read(word: &str, settings: &Settings) -> Vec<Query> {
    let (word, document) = split_document(word);
    if word == "-" {
        return Vec::new();
    }
    let found = with_places(settings, |places| query::find(word, places));
    let origin = found.ok().map(|found| match found.origin {
        QueryOrigin::File(path) => QueryOrigin::File(settings.here.join(path)),
        builtin => builtin,
    });
    let mut queries = origin.map_or_else(Vec::new, |origin| queries_of(&origin));
    if let Some(document) = document {
        queries.retain(|query| query.name.value == document);
    }
    queries
}

/// `-p`: the parameters that the queries take, and behind the `=` the values that one may have.
pub(super) fn parameters(typed: &str, line: &Line<'_>, settings: &Settings) -> Answer {
    let queries = of_line(line, settings);
    let Some((name, begin)) = typed.split_once('=') else {
        let is_free = |parameter: &&Parameter| {
            let own = format!("{}=", parameter.name.value);
            parameter.kind == query::ParamType::List
                || !line.given("params").any(|given| given.starts_with(&own))
        };
        let declared = queries
            .iter()
            .flat_map(|query| &query.params)
            .filter(is_free);
        let declared = Answer::of(distinct(declared.map(parameter)));
        return declared.starting(typed).in_order();
    };
    let before = format!("{name}=");
    let known = Known::of(settings);
    for query in &queries {
        let mut declared = query.params.iter();
        if let Some(parameter) = declared.find(|parameter| parameter.name.value == name) {
            return values(parameter, query, begin, line, &known).behind(&before);
        }
    }
    Answer::nothing()
}

fn parameter(parameter: &Parameter) -> Candidate {
    let about = parameter.description.clone().unwrap_or_default();
    let default = parameter
        .default
        .as_ref()
        .map(|value| format!("default {}", shown(value)));
    let needed = default.unwrap_or_else(|| "required".to_owned());
    let about = match about.as_str() {
        "" => needed,
        about => format!("{about} ({needed})"),
    };
    Candidate::new(format!("{}=", parameter.name.value))
        .about(about)
        .open()
}

fn values(
    parameter: &Parameter,
    query: &Query,
    begin: &str,
    line: &Line<'_>,
    known: &Known<'_>,
) -> Answer {
    if !parameter.allowed.is_empty() {
        return Answer::of(
            parameter
                .allowed
                .iter()
                .map(|value| Candidate::new(shown(value))),
        )
        .starting(begin);
    }
    if parameter.kind == query::ParamType::Boolean {
        return Answer::of(["true", "false"].map(Candidate::new)).starting(begin);
    }
    if parameter.kind == query::ParamType::List && begin.starts_with('@') {
        let files = files::ending(&["txt", "list", "csv"], &begin[1..], known.here());
        return files.behind("@");
    }
    let is_all = |template: &Template| template.text() == format!("${{{}}}", parameter.name.value);
    if query.registry.iter().flatten().any(is_all) {
        return known.registries(begin);
    }
    if query.repositories.include.iter().any(is_all) {
        return known.repositories_in(&registries(query, line), begin);
    }
    let default = parameter
        .default
        .iter()
        .map(|value| Candidate::new(shown(value)).about("default"));
    Answer::of(default).starting(begin)
}

/// Where a query looks, as far as the line says so.
fn registries(query: &Query, line: &Line<'_>) -> Vec<String> {
    let flags: Vec<String> = line.given("registry").map(str::to_owned).collect();
    if !flags.is_empty() {
        return flags;
    }
    let templates = query.registry.iter().flatten();
    let filled = templates.filter_map(|template| {
        let text = template.text();
        let Some(name) = text
            .strip_prefix("${")
            .and_then(|text| text.strip_suffix('}'))
        else {
            return Some(text.to_owned());
        };
        let own = format!("{name}=");
        let given = line
            .given("params")
            .find_map(|given| given.strip_prefix(&own));
        let declared = query
            .params
            .iter()
            .find(|parameter| parameter.name.value == name);
        let default = declared.and_then(|parameter| parameter.default.as_ref());
        given.map(str::to_owned).or_else(|| default.map(shown))
    });
    filled.collect()
}

/// A value as it is typed.
fn shown(value: &Value) -> String {
    match value.as_text() {
        Some(text) => text.to_owned(),
        None => to_json(value, JsonStyle::Compact),
    }
}

/// Each value once, as it came first.
fn distinct(candidates: impl Iterator<Item = Candidate>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if !all.iter().any(|known| known.value == candidate.value) {
            all.push(candidate);
        }
    }
    all
}
