//! Inside expressions: the name that is being written, by what stands before it.
//!
//! An expression that is not finished has no syntax tree, so only as much is read as says what a name can mean there: which
//! quotes and brackets are open, and the path before the last dot. Where that is not enough, nothing is offered.

use super::answer::{Answer, Candidate};
use crate::expr::{self, Function};
use crate::fields::{self, Field, Resource, Type};
use crate::query::Query;

/// What names mean in an expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    /// What its rows are; none, where it looks at something else.
    pub(super) resources: Vec<Resource>,
    /// Whether rows are grouped, so that their fields are seen through `rows` alone.
    pub(super) is_grouped: bool,
    /// Other names, and what they are: columns, keys of groups.
    pub(super) others: Vec<(String, String)>,
    /// The parameters.
    pub(super) params: Vec<(String, String)>,
    /// The images that rows are compared with.
    pub(super) companions: Vec<String>,
    /// What each of `items` has.
    pub(super) items: Option<Vec<(String, String)>>,
}

impl Scope {
    /// The names that every clause of these queries sees.
    pub(super) fn of(resources: Vec<Resource>, queries: &[Query]) -> Self {
        let params = queries.iter().flat_map(|query| &query.params);
        let param = |param: &crate::query::Parameter| {
            (
                param.name.value.clone(),
                param.description.clone().unwrap_or_default(),
            )
        };
        let companions = queries.iter().flat_map(|query| &query.with);
        Self {
            resources,
            params: params.map(param).collect(),
            companions: companions.map(|with| with.name.value.clone()).collect(),
            ..Self::default()
        }
    }
}

/// What a path leads to.
enum Meaning<'s> {
    /// The row.
    Row,
    /// The rows of a group.
    Rows,
    /// One of them.
    Fields,
    /// Members of an object of fields: `layer`.
    Object(&'s str),
    /// A value of this type.
    Value(Type),
    /// Any of these names.
    Names(&'s [(String, String)]),
    /// A list of what has these names.
    List(&'s [(String, String)]),
    /// The images that rows are compared with.
    Companions,
    /// One of them.
    Companion,
    /// Nobody knows.
    Unknown,
}

/// What can stand at the end of an expression; what stands before it in the same word is part of each candidate.
pub(super) fn expression(text: &str, scope: &Scope) -> Answer {
    let Some(open) = brackets(text) else {
        return Answer::nothing();
    };
    let start = text
        .rfind(|c| !is_name(c))
        .map_or(0, |at| at + last_width(text, at));
    let (before, word) = text.split_at(start);
    if word.starts_with(|c: char| c.is_ascii_digit()) || is_complete(before) {
        return Answer::nothing();
    }
    let candidates = match before.strip_suffix('.') {
        Some(path) => {
            let start = path_start(path);
            // Of what a function gives nothing is known here.
            let from = match start < path.len() || path.ends_with('@') {
                true => context(start, &open, path, scope),
                false => Meaning::Unknown,
            };
            names(&scope.resolve(chain(path), from), scope)
        }
        None => {
            let context = context(before.len(), &open, text, scope);
            let mut all = names(&context, scope);
            if matches!(context, Meaning::Row) {
                all.extend(scope.roots());
            }
            if !word.is_empty() {
                all.extend(expr::functions().map(function));
            }
            all
        }
    };
    let is_inside = !open.is_empty();
    let candidates = candidates
        .into_iter()
        .filter(|one| one.value.starts_with(word));
    let mut candidates: Vec<Candidate> = candidates
        .map(|one| if is_inside { one.open() } else { one })
        .collect();
    candidates.sort_by(|one, other| one.value.cmp(&other.value));
    candidates.dedup_by(|one, other| one.value == other.value);
    Answer::of(candidates).behind(before)
}

/// `[-]EXPR`.
pub(super) fn sort_key(text: &str, scope: &Scope) -> Answer {
    match text.strip_prefix('-') {
        Some(rest) => expression(rest, scope).behind("-"),
        None => expression(text, scope),
    }
}

/// `NAME:EXPR,…`, of which the last is being written; a field names its column itself.
pub(super) fn columns(text: &str, scope: &Scope) -> Answer {
    let Some(open) = brackets(text) else {
        return Answer::nothing();
    };
    let end = open.first().map_or(text.len(), |bracket| bracket.at);
    let start = outside(&text[..end], ',').map_or(0, |at| at + 1);
    let start = start + outside(&text[start..end], ':').map_or(0, |at| at + 1);
    let blank = text[start..].len() - text[start..].trim_start().len();
    let (before, rest) = text.split_at(start + blank);
    expression(rest, scope).open().behind(before)
}

/// Tells whether what stands there can be followed by an operator only.
fn is_complete(before: &str) -> bool {
    let last = before.trim_end().chars().next_back();
    let is_name = last.is_some_and(is_name);
    is_name || matches!(last, Some(')' | ']' | '}' | '\'' | '"' | '`' | '@'))
}

/// Where a sign last stands outside of quotes and brackets.
fn outside(text: &str, sign: char) -> Option<usize> {
    let signs = text.char_indices().rev().filter(|(_, c)| *c == sign);
    let mut places = signs.map(|(at, _)| at);
    places.find(|at| brackets(&text[..*at]).is_some_and(|open| open.is_empty()))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn last_width(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// A bracket that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bracket {
    at: usize,
    sign: char,
}

/// The brackets that are open at the end; none can be told where a quote is.
fn brackets(text: &str) -> Option<Vec<Bracket>> {
    let mut open = Vec::new();
    let mut characters = text.char_indices();
    while let Some((at, sign)) = characters.next() {
        match sign {
            '\'' | '"' | '`' => loop {
                match characters.next()? {
                    (_, '\\') => drop(characters.next()),
                    (_, c) if c == sign => break,
                    _ => {}
                }
            },
            '(' | '[' | '{' => open.push(Bracket { at, sign }),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    Some(open)
}

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'t> {
    Name(&'t str),
    /// `[]`, `[0]`, `[?…]`.
    Element,
}

/// Where the path begins that a text ends with.
fn path_start(text: &str) -> usize {
    let mut rest = text;
    loop {
        if rest.ends_with(']') {
            let opening = rest.char_indices().rev().map(|(at, _)| at);
            let mut opening = opening.filter(|at| rest[*at..].starts_with('['));
            let closes = |at: &usize| brackets(&rest[*at..]).is_some_and(|open| open.is_empty());
            match opening.find(closes) {
                Some(at) => rest = &rest[..at],
                None => return rest.len(),
            }
            continue;
        }
        rest = rest.trim_end_matches(is_name);
        match rest.strip_suffix('.') {
            Some(shorter) => rest = shorter,
            None => return rest.len(),
        }
    }
}

/// The path that a text ends with.
fn chain(text: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    let mut rest = &text[path_start(text)..];
    while !rest.is_empty() {
        if rest.starts_with('[') {
            let mut ends = rest
                .char_indices()
                .filter(|(_, c)| *c == ']')
                .map(|(at, _)| at + 1);
            let closes = |end: &usize| brackets(&rest[..*end]).is_some_and(|open| open.is_empty());
            let end = ends.find(closes).unwrap_or(rest.len());
            steps.push(Step::Element);
            rest = &rest[end..];
        } else {
            let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            if end > 0 {
                steps.push(Step::Name(&rest[..end]));
            }
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
            if end == 0 && !rest.starts_with(['[', '.']) && !rest.starts_with(is_name) {
                return vec![Step::Name("")];
            }
        }
    }
    steps
}

/// What a name at `at` is looked up in, by the brackets around it.
fn context<'s>(at: usize, open: &[Bracket], text: &'s str, scope: &'s Scope) -> Meaning<'s> {
    let around: Vec<&Bracket> = open.iter().filter(|bracket| bracket.at < at).collect();
    let Some((inner, outer)) = around.split_last() else {
        return Meaning::Row;
    };
    let outer: Vec<Bracket> = outer.iter().map(|bracket| **bracket).collect();
    let before = &text[..inner.at];
    let within = |path: &'s str| {
        let start = path_start(path);
        let around = context(start, &outer, text, scope);
        scope.resolve(chain(path), around)
    };
    match inner.sign {
        '[' if text[inner.at..].starts_with("[?") => element(within(before)),
        '(' if text[..at].trim_end().ends_with('&') => {
            let arguments = &text[inner.at + 1..at];
            let comma = arguments.char_indices().find(|(place, c)| {
                *c == ',' && brackets(&arguments[..*place]).is_some_and(|open| open.is_empty())
            });
            match comma {
                Some((comma, _)) => element(within(&text[..inner.at + 1 + comma])),
                None => Meaning::Unknown,
            }
        }
        '{' | '[' if before.ends_with('.') => {
            let is_key = inner.sign == '{' && !text[inner.at..at].trim_end().ends_with(':');
            match is_key {
                true => Meaning::Unknown,
                false => within(&before[..before.len() - 1]),
            }
        }
        '{' if !text[inner.at..at].trim_end().ends_with(':') => Meaning::Unknown,
        _ => context(inner.at, &outer, text, scope),
    }
}

fn element(meaning: Meaning<'_>) -> Meaning<'_> {
    match meaning {
        Meaning::Value(Type::List(element)) => Meaning::Value(*element),
        Meaning::List(names) => Meaning::Names(names),
        Meaning::Rows => Meaning::Fields,
        _ => Meaning::Unknown,
    }
}

impl Scope {
    fn resolve<'s>(&'s self, steps: Vec<Step<'s>>, from: Meaning<'s>) -> Meaning<'s> {
        let step = |meaning, step| match step {
            Step::Name(name) => self.member(meaning, name),
            Step::Element => match meaning {
                // Of a list of lists one level is taken off, as by a projection.
                Meaning::Names(_) | Meaning::Row | Meaning::Fields => meaning,
                list => element(list),
            },
        };
        steps.into_iter().fold(from, step)
    }

    fn member<'s>(&'s self, of: Meaning<'s>, name: &'s str) -> Meaning<'s> {
        match of {
            Meaning::Row => self.root(name),
            Meaning::Fields => self.field_or_object(name),
            Meaning::Companions => Meaning::Companion,
            Meaning::Companion => field(&[Resource::Tags], name),
            Meaning::Object(object) => field(&self.resources, &format!("{object}.{name}")),
            Meaning::Value(Type::Record(members)) => {
                let member = members.iter().find(|(known, _)| *known == name);
                member.map_or(Meaning::Unknown, |(_, kind)| Meaning::Value(*kind))
            }
            Meaning::Value(Type::Map(kind)) => Meaning::Value(*kind),
            _ => Meaning::Unknown,
        }
    }

    fn root<'s>(&'s self, name: &'s str) -> Meaning<'s> {
        match (name, &self.items) {
            ("params", _) => Meaning::Names(&self.params),
            ("with", _) => Meaning::Companions,
            ("items", Some(items)) => Meaning::List(items),
            ("rows", _) if self.is_grouped => Meaning::Rows,
            _ if self.is_grouped => Meaning::Unknown,
            _ => self.field_or_object(name),
        }
    }

    fn field_or_object<'s>(&'s self, name: &'s str) -> Meaning<'s> {
        match field(&self.resources, name) {
            Meaning::Unknown if members(&self.resources, name).next().is_some() => {
                Meaning::Object(name)
            }
            found => found,
        }
    }

    /// The names that are no fields.
    fn roots(&self) -> Vec<Candidate> {
        let mut all: Vec<Candidate> = Vec::new();
        all.extend(
            self.others
                .iter()
                .map(|(name, about)| Candidate::new(name).about(about)),
        );
        if !self.params.is_empty() {
            all.push(Candidate::new("params.").about("the parameters").open());
        }
        if !self.companions.is_empty() {
            all.push(
                Candidate::new("with.")
                    .about("the images to compare with")
                    .open(),
            );
        }
        if self.is_grouped {
            all.push(Candidate::new("rows").about("the rows of a group"));
        }
        all.extend(
            self.items
                .iter()
                .map(|_| Candidate::new("items").about("the rows")),
        );
        all
    }
}

/// What a field is in the first of the resources that has it.
fn field<'s>(resources: &[Resource], name: &str) -> Meaning<'s> {
    let mut found = resources
        .iter()
        .filter_map(|resource| fields::lookup(*resource, name));
    found
        .next()
        .map_or(Meaning::Unknown, |(_, field)| Meaning::Value(field.kind))
}

fn members<'s>(
    resources: &'s [Resource],
    object: &'s str,
) -> impl Iterator<Item = &'static Field> + 's {
    let rooted = resources
        .iter()
        .flat_map(move |resource| fields::rooted(*resource, object));
    rooted
        .map(|(_, field)| field)
        .filter(|field| field.member().is_some())
}

/// The names that something has.
fn names(meaning: &Meaning<'_>, scope: &Scope) -> Vec<Candidate> {
    let of_fields = |resources: &[Resource]| -> Vec<Candidate> {
        let all = resources.iter().flat_map(|resource| fields::of(*resource));
        all.map(|(_, field)| root(field)).collect()
    };
    match meaning {
        Meaning::Row if scope.is_grouped => Vec::new(),
        Meaning::Row | Meaning::Fields => of_fields(&scope.resources),
        Meaning::Companion => of_fields(&[Resource::Tags]),
        Meaning::Companions => {
            let all = scope.companions.iter();
            all.map(|name| Candidate::new(format!("{name}.")).open())
                .collect()
        }
        Meaning::Object(object) => {
            let members = members(&scope.resources, object);
            let name =
                |field: &'static Field| Some(Candidate::new(field.member()?).about(field.doc));
            members.filter_map(name).collect()
        }
        Meaning::Value(Type::Record(members)) => {
            let about = |kind: &Type| format!("<{}>", kind.describe());
            let name = |(name, kind): &(&str, Type)| Candidate::new(*name).about(about(kind));
            members.iter().map(name).collect()
        }
        Meaning::Names(names) => {
            let name = |(name, about): &(String, String)| Candidate::new(name).about(about);
            names.iter().map(name).collect()
        }
        Meaning::Value(_) | Meaning::List(_) | Meaning::Rows | Meaning::Unknown => Vec::new(),
    }
}

/// A field; of a member the object that it is in.
fn root(field: &'static Field) -> Candidate {
    match field.member() {
        None => Candidate::new(field.name).about(field.doc),
        Some(_) => Candidate::new(format!("{}.", field.root())).open(),
    }
}

fn function(function: &'static Function) -> Candidate {
    let about = format!("{}: {}", function.signature(), function.documentation);
    Candidate::new(format!("{}(", function.name))
        .about(about)
        .open()
}
