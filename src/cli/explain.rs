//! `explain`: resources, fields, functions and the keys of queries, from the catalogue and the tables of the others.

use std::io::Write;

use super::args::ExplainArgs;
use super::exit::Exit;
use super::output::Output;
use super::report::{Failure, UsageError};
use super::schema;
use super::settings::Settings;
use crate::diagnostic::nearest;
use crate::expr::{self, Function};
use crate::fields::{self, Facet, Field, Resource, Unit};
use crate::query::{DOCUMENT_KEYS, Key, SPEC_KEYS};
use crate::registry::{told_by, told_of_manifests_by};

/// Explains what a path names.
pub(super) fn explain(args: &ExplainArgs, settings: &Settings) -> Result<Exit, Failure> {
    let path = args.path.as_deref().unwrap_or_default();
    let text = match path.split_once('.').unwrap_or((path, "")) {
        ("", _) => overview(),
        ("functions" | "function", "") => functions(),
        ("functions" | "function", name) => function(name)?,
        ("query", path) => query(path)?,
        (name, "") => resource(named(name)?),
        (name, field) => one_field(named(name)?, field)?,
    };
    let mut output = Output::standard(settings.terminal.stdout.is_terminal());
    output.write_all(settings.voice.spelled.adapt(&text).as_bytes())?;
    output.finish()?;
    Ok(Exit::Done)
}

fn overview() -> String {
    let mut text = String::from("RESOURCES: what one row is\n");
    for resource in Resource::ALL {
        text.push_str(&entry(resource.name(), "", resource.doc()));
    }
    text.push_str("\nFUNCTIONS: what expressions can call\n");
    text.push_str(&entry(
        "functions",
        "",
        "all functions, with their arguments",
    ));
    text.push_str("\nQUERIES: what a query file says\n");
    text.push_str(&entry(
        "query",
        "",
        "the keys of a query file, as `query.spec.where`",
    ));
    text.push_str("\n`docker-regq explain tags` shows the fields of a resource, `explain tags.created` one of them.\n");
    text.push_str("`docker-regq new` writes a query to start from, `docker-regq list` shows those that can be named here.\n");
    text
}

fn resource(resource: Resource) -> String {
    let mut text = format!("RESOURCE: {}\n  {}\n", resource.name(), resource.doc());
    if !resource.short_names().is_empty() {
        text.push_str(&format!(
            "  also written {}\n",
            resource.short_names().join(", ")
        ));
    }
    text.push_str("\nFIELDS:\n");
    text + &listed(fields::of(resource).map(|(_, field)| field))
}

/// Fields, one on a line; of longer names the types move to the right together.
fn listed<'f>(fields: impl Iterator<Item = &'f Field>) -> String {
    let fields: Vec<&Field> = fields.collect();
    let width = fields.iter().map(|field| field.name.len()).max();
    let width = width.unwrap_or_default().max(NAME_WIDTH);
    let entry = |field: &&Field| {
        let kind = format!("<{}>", field.kind.describe());
        format!("  {:<width$} {kind:<28} {}\n", field.name, field.doc)
    };
    fields.iter().map(entry).collect()
}

fn one_field(resource: Resource, path: &str) -> Result<String, UsageError> {
    let name = path.split('.').next().unwrap_or(path);
    let found = fields::lookup(resource, path).or_else(|| fields::lookup(resource, name));
    let members: Vec<&Field> = fields::rooted(resource, name)
        .map(|(_, field)| field)
        .collect();
    match found {
        Some((_, field)) => Ok(describe(resource, field)),
        None if !members.is_empty() => Ok(object(resource, name, &members)),
        None => {
            let names = fields::of(resource).map(|(_, field)| field.name);
            let near = nearest(name, names)
                .map(|near| format!("did you mean `{}.{near}`?", resource.name()));
            let all = format!("`docker-regq explain {}` lists them all", resource.name());
            let message = format!("`{}` have no field `{name}`", resource.name());
            Err(UsageError::new(message, near.into_iter().chain([all])))
        }
    }
}

/// What has members, each of which comes by itself.
fn object(resource: Resource, name: &str, members: &[&Field]) -> String {
    let text = format!("OBJECT: {}.{name}\n\nFIELDS:\n", resource.name());
    text + &listed(members.iter().copied())
}

fn describe(resource: Resource, field: &Field) -> String {
    let mut text = format!(
        "FIELD: {}.{}  <{}>\n  {}\n\n",
        resource.name(),
        field.name,
        field.kind.describe(),
        field.doc
    );
    let unit = match field.unit {
        Unit::None => None,
        Unit::Bytes => Some("bytes; a column of it is shown as `29.1MB`"),
        Unit::Time => Some("a moment in UTC; a column of it is shown as an age, `5d3h`"),
        Unit::Digest => Some("a digest; a column of it is shown with its first 12 hex digits"),
    };
    if let Some(unit) = unit {
        text.push_str(&format!("  unit     {unit}\n"));
    }
    let mut sources: Vec<&str> = field.sources.iter().map(|facet| facet.request()).collect();
    if resource == Resource::Manifests {
        sources.retain(|source| *source != Facet::TagList.request());
        if field.sources.contains(&Facet::Tag) {
            sources.insert(0, "the list of manifests");
        }
    }
    sources.dedup();
    let sources = sources.join(match field.is_put_together() {
        true => ", and ",
        false => ", else ",
    });
    match field.is_vendors() {
        false => text.push_str(&format!("  comes    with {sources}\n")),
        true => {
            let (vendors, single) = match (resource, field.sources) {
                (Resource::Manifests, [Facet::Activity]) => {
                    (told_of_manifests_by(field.name), String::new())
                }
                _ => (told_by(field.name), format!(", else {sources}")),
            };
            let vendors = vendors.join(", ");
            text.push_str(&format!("  comes    with the vendor's listing{single}\n"));
            text.push_str(&format!("  told by  {vendors}; of other registries it is null in columns and unknown in conditions\n"));
        }
    }
    text.push_str(&format!("  source   {}\n", field.spec));
    text.push_str(&format!("  example  {}\n", field.example));
    text
}

fn functions() -> String {
    let lines = expr::functions().map(|function| (function.signature(), function.documentation));
    let lines: Vec<(String, &str)> = lines.collect();
    let width = lines.iter().map(|(signature, _)| signature.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::from("FUNCTIONS:\n");
    for (signature, doc) in lines {
        text.push_str(&format!("  {signature:<width$} {doc}\n"));
    }
    text
}

fn function(name: &str) -> Result<String, UsageError> {
    match expr::function(name) {
        Some(function) => Ok(describe_function(function)),
        None => {
            let names = expr::functions().map(|function| function.name);
            let near = nearest(name, names).map(|near| format!("did you mean `functions.{near}`?"));
            let all = "`docker-regq explain functions` lists them all".to_owned();
            let message = format!("there is no function `{name}`");
            Err(UsageError::new(message, near.into_iter().chain([all])))
        }
    }
}

fn describe_function(function: &Function) -> String {
    let mut text = format!(
        "FUNCTION: {}\n  {}\n\n",
        function.signature(),
        function.documentation
    );
    for (at, parameter) in function.parameters.iter().enumerate() {
        let label = if at == 0 { "takes" } else { "" };
        let (name, wanted) = (parameter.name, parameter.wanted());
        text.push_str(&format!("  {label:<8} {name}: {wanted}\n"));
    }
    text.push_str(&format!("  result   {}\n", function.result()));
    if let Some(unit) = function.unit {
        text.push_str(&format!("  unit     {unit}\n"));
    }
    let example = &function.example;
    text.push_str(&format!("  example  {}\n", example.expression));
    text.push_str(&format!("  of       {}\n", example.input));
    text.push_str(&format!("  gives    {}\n", example.output));
    text
}

/// The keys of query files, or one of them; `spec` may be left out.
fn query(path: &str) -> Result<String, UsageError> {
    let is_of_document = |name: &str| DOCUMENT_KEYS.iter().any(|key| key.name == name);
    let (mut at, mut keys): (String, &[Key]) = match path.split('.').next() {
        Some("") => return Ok(query_keys()),
        Some(first) if is_of_document(first) => ("query".to_owned(), &DOCUMENT_KEYS),
        _ => ("query.spec".to_owned(), &SPEC_KEYS),
    };
    let mut found = None;
    for name in path.split('.') {
        let key = keys.iter().find(|key| key.name == name);
        let key = key.ok_or_else(|| unknown_key(&at, name, keys))?;
        at = format!("{at}.{name}");
        keys = key.inner();
        found = Some(key);
    }
    Ok(found.map_or_else(query_keys, |key| describe_key(&at, key)))
}

fn query_keys() -> String {
    let mut text = String::from("KEYS of a query:\n");
    text.push_str(&key_entries(&DOCUMENT_KEYS));
    text.push_str("\nKEYS of `spec`:\n");
    text.push_str(&key_entries(&SPEC_KEYS));
    text.push_str(
        "\n`docker-regq explain query.spec.columns` shows one of them with its own keys and an example.\n\
         `docker-regq new` writes a query to start from, `docker-regq schema` the JSON Schema for editors.\n",
    );
    text
}

fn key_entries(keys: &[Key]) -> String {
    let entries = keys.iter().map(|key| entry(key.name, "", key.doc));
    entries.collect()
}

fn describe_key(path: &str, key: &Key) -> String {
    let Key {
        takes,
        doc,
        example,
        ..
    } = key;
    let mut text = format!("KEY: {path}\n  {doc}\n\n  takes    {takes}\n");
    if let Some(word) = key.shape.word() {
        let words = schema::words().of(word).join(", ");
        text.push_str(&format!("  one of   {words}\n"));
    }
    text.push_str(&format!("  example  {example}\n"));
    if !key.inner().is_empty() {
        text.push_str(&format!("\nKEYS:\n{}", key_entries(key.inner())));
    }
    text
}

fn unknown_key(owner: &str, name: &str, keys: &[Key]) -> UsageError {
    let near = nearest(name, keys.iter().map(|key| key.name));
    let near = near.map(|near| format!("did you mean `{owner}.{near}`?"));
    let all = match keys.is_empty() {
        true => format!("`docker-regq explain {owner}` shows what it takes"),
        false => format!("`docker-regq explain {owner}` lists them all"),
    };
    let message = format!("`{owner}` has no key `{name}`");
    UsageError::new(message, near.into_iter().chain([all]))
}

fn named(name: &str) -> Result<Resource, UsageError> {
    Resource::named(name).ok_or_else(|| {
        let names = Resource::ALL.map(Resource::name);
        let near = nearest(name, names.into_iter().chain(["functions", "query"]));
        let near = near.map(|near| format!("did you mean `{near}`?"));
        let all = format!(
            "there are `{}`, `functions` and `query`",
            names.join("`, `")
        );
        UsageError::new(
            format!("there is nothing named `{name}` to explain"),
            near.into_iter().chain([all]),
        )
    })
}

/// Room for a name in a list.
const NAME_WIDTH: usize = 16;

/// One line of a list: name, type, sentence.
fn entry(name: &str, kind: &str, doc: &str) -> String {
    match kind {
        "" => format!("  {name:<NAME_WIDTH$} {doc}\n"),
        kind => format!("  {name:<NAME_WIDTH$} {:<28} {doc}\n", format!("<{kind}>")),
    }
}
