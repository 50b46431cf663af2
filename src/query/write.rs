//! Queries to YAML: what is written reads back to the same query.
//!
//! The model is taken apart without a rest, so that a member that comes to it cannot be forgotten here. Comments are
//! not in the model and are not kept.

use super::parameters::shown;
use super::{
    Assert, Column, Companion, GroupKey, Located, ParamType, Parameter, PatternSpec, Piece, Query,
    SortKey, Template,
};
use crate::diagnostic::Passage;
use crate::value::Value;
use crate::yaml::{Layout, Tree};

/// Writes queries as one file, each as a document.
pub fn write(queries: &[Query]) -> String {
    let documents: Vec<String> = queries.iter().map(document).collect();
    documents.join("---\n")
}

/// The entries of a map, in the order of the documentation.
#[derive(Default)]
struct Entries(Vec<(String, Tree)>);

impl Entries {
    fn put(&mut self, key: &str, value: impl Into<Option<Tree>>) {
        if let Some(value) = value.into() {
            self.0.push((key.to_owned(), value));
        }
    }

    fn map(self, layout: Layout) -> Tree {
        Tree::Map(layout, self.0)
    }
}

fn document(query: &Query) -> String {
    let Query {
        place: _,
        name,
        description,
        params,
        registry,
        references,
        resource,
        repositories,
        tags,
        platform,
        with,
        conditions,
        group_by,
        columns,
        sort_by,
        rank_by,
        having,
        limit,
        asserts,
        output,
    } = query;
    let mut metadata = Entries::default();
    metadata.put("name", word(name));
    metadata.put("description", description.as_ref().map(template));
    let mut spec = Entries::default();
    spec.put("params", map(params, parameter));
    spec.put("registry", registry.as_deref().and_then(templates));
    spec.put("references", references.as_deref().and_then(templates));
    spec.put("resource", resource.as_ref().map(word));
    spec.put("repositories", pattern(repositories));
    spec.put("tags", pattern(tags));
    spec.put("platform", templates(platform));
    spec.put("with", map(with, companion));
    spec.put("where", expressions(conditions));
    spec.put("groupBy", group_by.as_deref().map(group_keys));
    spec.put(
        "columns",
        columns.as_deref().and_then(|columns| map(columns, column)),
    );
    spec.put(
        "sortBy",
        one_or_more(Layout::Line, sort_by.iter().map(sort_key)),
    );
    spec.put("rankBy", rank_by.as_ref().map(expression));
    spec.put("having", expressions(having));
    spec.put("limit", limit.as_ref().map(template));
    spec.put("assert", list(asserts.iter().map(assert)));
    spec.put("output", output.as_ref().map(word));
    let mut document = Entries::default();
    document.put("apiVersion", Tree::text("regq/v1"));
    document.put("kind", Tree::text("Query"));
    document.put("metadata", metadata.map(Layout::Block));
    document.put("spec", spec.map(Layout::Block));
    document.map(Layout::Block).document()
}

fn word(word: &Located<String>) -> Tree {
    Tree::text(&word.value)
}

fn template(template: &Template) -> Tree {
    Tree::text(template.text())
}

/// An expression of a flag may have blanks around it, which reading takes off.
fn expression(passage: &Passage) -> Tree {
    Tree::text(passage.text().trim())
}

fn templates(templates: &[Template]) -> Option<Tree> {
    one_or_more(Layout::Line, templates.iter().map(template))
}

fn expressions(passages: &[Passage]) -> Option<Tree> {
    one_or_more(Layout::Block, passages.iter().map(expression))
}

/// Nothing, the only one, or a list.
fn one_or_more(layout: Layout, items: impl Iterator<Item = Tree>) -> Option<Tree> {
    let mut items: Vec<Tree> = items.collect();
    match items.len() {
        0 | 1 => items.pop(),
        _ => Some(Tree::List(layout, items)),
    }
}

fn list(items: impl Iterator<Item = Tree>) -> Option<Tree> {
    let items: Vec<Tree> = items.collect();
    (!items.is_empty()).then_some(Tree::List(Layout::Block, items))
}

fn map<T>(items: &[T], entry: impl Fn(&T) -> (String, Tree)) -> Option<Tree> {
    let entries: Vec<(String, Tree)> = items.iter().map(entry).collect();
    (!entries.is_empty()).then_some(Tree::Map(Layout::Block, entries))
}

fn parameter(parameter: &Parameter) -> (String, Tree) {
    let Parameter {
        name,
        kind,
        default,
        description,
        allowed,
    } = parameter;
    let kind = Some(kind).filter(|kind| **kind != ParamType::default());
    let allowed = Some(allowed).filter(|allowed| !allowed.is_empty());
    let mut entries = Entries::default();
    entries.put("type", kind.map(|kind| Tree::text(kind.to_string())));
    entries.put("default", default.as_ref().map(value));
    entries.put("description", description.as_deref().map(Tree::text));
    entries.put("enum", allowed.map(|allowed| values(allowed)));
    (name.value.clone(), entries.map(Layout::Line))
}

fn value(value: &Value) -> Tree {
    match value.as_list() {
        Some(items) => values(items),
        None => Tree::text(shown(value)),
    }
}

fn values(items: &[Value]) -> Tree {
    Tree::List(Layout::Line, items.iter().map(value).collect())
}

fn pattern(pattern: &PatternSpec) -> Option<Tree> {
    let PatternSpec {
        include,
        exclude,
        regex,
        semver,
    } = pattern;
    let mut entries = Entries::default();
    entries.put("include", templates(include));
    entries.put("exclude", templates(exclude));
    entries.put("regex", regex.as_ref().map(template));
    entries.put("semver", semver.as_ref().map(template));
    match entries.0.as_slice() {
        [] => None,
        [(key, patterns)] if key == "include" => Some(patterns.clone()),
        _ => Some(entries.map(Layout::Line)),
    }
}

fn companion(companion: &Companion) -> (String, Tree) {
    let Companion { name, reference } = companion;
    (name.value.clone(), template(reference))
}

fn group_keys(keys: &[GroupKey]) -> Tree {
    let key = |key: &GroupKey| {
        let GroupKey {
            name,
            expression: key,
        } = key;
        (name.value.clone(), expression(key))
    };
    Tree::Map(Layout::Line, keys.iter().map(key).collect())
}

fn column(column: &Column) -> (String, Tree) {
    let Column {
        name,
        expression: value,
        format,
        align,
        wide,
    } = column;
    let value = expression(value);
    let mut entries = Entries::default();
    entries.put("format", format.as_ref().map(word));
    entries.put("align", align.as_ref().map(word));
    entries.put("wide", wide.then(|| Tree::text("true")));
    if entries.0.is_empty() {
        return (name.value.clone(), value);
    }
    entries.0.insert(0, ("value".to_owned(), value));
    (name.value.clone(), entries.map(Layout::Line))
}

fn sort_key(key: &SortKey) -> Tree {
    let SortKey {
        descending,
        expression,
    } = key;
    let dash = if *descending { "-" } else { "" };
    Tree::text(format!("{dash}{}", expression.text().trim()))
}

fn assert(assert: &Assert) -> Tree {
    let Assert { that, message } = assert;
    let mut entries = Entries::default();
    entries.put("that", expression(that));
    entries.put(
        "message",
        message.as_deref().map(|pieces| Tree::text(said(pieces))),
    );
    entries.map(Layout::Block)
}

fn said(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(expression) => format!("${{{}}}", expression.text()),
    };
    pieces.iter().map(text).collect()
}

#[cfg(test)]
mod tests;
