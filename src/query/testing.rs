//! Queries without the places of their parts, for tests that compare.

use super::{
    Assert, Column, Companion, GroupKey, Located, Parameter, PatternSpec, Piece, Query, SortKey,
    Template,
};
use crate::diagnostic::Passage;

/// All that a query says, and not where it says so.
pub(crate) fn said(query: &Query) -> String {
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
    let params: Vec<_> = params.iter().map(parameter).collect();
    let group_by: Option<Vec<_>> = group_by.as_ref().map(|keys| keys.iter().map(key).collect());
    let columns: Option<Vec<_>> = columns.as_ref().map(|all| all.iter().map(column).collect());
    let sort_by: Vec<_> = sort_by.iter().map(sort_key).collect();
    let asserts: Vec<_> = asserts.iter().map(assert).collect();
    let with: Vec<_> = with.iter().map(companion).collect();
    let source = (
        registry.as_deref().map(templates),
        references.as_deref().map(templates),
        with,
        word(resource.as_ref()),
    );
    let names = (pattern(repositories), pattern(tags), templates(platform));
    let rows = (passages(conditions), group_by, columns, sort_by);
    let kept = (
        rank_by.as_ref().map(text),
        passages(having),
        limit.as_ref().map(Template::text),
    );
    format!(
        "{:#?}",
        (
            (
                &name.value,
                description.as_ref().map(Template::text),
                params
            ),
            (source, names, rows, kept),
            (asserts, word(output.as_ref()))
        )
    )
}

fn word(word: Option<&Located<String>>) -> Option<&str> {
    word.map(|word| word.value.as_str())
}

fn text(passage: &Passage) -> &str {
    passage.text().trim()
}

fn passages(passages: &[Passage]) -> Vec<&str> {
    passages.iter().map(text).collect()
}

fn templates(templates: &[Template]) -> Vec<(&str, bool)> {
    let all = templates.iter();
    all.map(|template| (template.text(), template.is_literal()))
        .collect()
}

fn pattern(pattern: &PatternSpec) -> [Vec<(&str, bool)>; 4] {
    let PatternSpec {
        include,
        exclude,
        regex,
        semver,
    } = pattern;
    [include, exclude, regex.as_slice(), semver.as_slice()].map(templates)
}

fn parameter(parameter: &Parameter) -> String {
    let Parameter {
        name,
        kind,
        default,
        description,
        allowed,
    } = parameter;
    format!("{:?}", (&name.value, kind, default, description, allowed))
}

fn key(key: &GroupKey) -> (&str, &str) {
    let GroupKey { name, expression } = key;
    (&name.value, text(expression))
}

fn companion(companion: &Companion) -> (&str, &str) {
    let Companion { name, reference } = companion;
    (&name.value, reference.text())
}

fn column(column: &Column) -> (&str, &str, Option<&str>, Option<&str>, bool) {
    let Column {
        name,
        expression,
        format,
        align,
        wide,
    } = column;
    let (format, align) = (word(format.as_ref()), word(align.as_ref()));
    (&name.value, text(expression), format, align, *wide)
}

fn sort_key(key: &SortKey) -> (bool, &str) {
    let SortKey {
        descending,
        expression,
    } = key;
    (*descending, text(expression))
}

fn assert(assert: &Assert) -> (&str, Option<Vec<String>>) {
    let Assert { that, message } = assert;
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => format!("text {text}"),
        Piece::Value(passage) => format!("value {}", passage.text()),
    };
    let message = message.as_ref();
    (
        text(that),
        message.map(|pieces| pieces.iter().map(piece).collect()),
    )
}
