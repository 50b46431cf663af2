//! What a value is, by the name that the definitions of the command line give it.

use clap::{Arg, ValueHint};

use super::answer::{Answer, Candidate};
use super::expressions::{self, Scope};
use super::files;
use super::line::Line;
use super::places::Known;
use super::queries;
use crate::cli::choice;
use crate::cli::settings::Settings;
use crate::expr;
use crate::fields::{self, Resource};
use crate::oci::Platform;
use crate::query::{DOCUMENT_KEYS, Key, Query, SPEC_KEYS};
use crate::render::Format;

/// Values that nobody can know beforehand.
pub(super) const FREE: [&str; 6] = ["N", "DURATION", "LABELS", "NAME", "HEADER", "VALUE"];

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Folder,
    File,
    Words,
    Query,
    QueryFile,
    Parameter,
    Resource,
    Target,
    Columns,
    Condition,
    SortKey,
    Platform,
    Registry,
    Host,
    Login,
    ApiPath,
    Method,
    Output,
    Explained,
    Free,
}

impl Kind {
    /// What the values of an argument are; none if this file has not heard of them.
    pub(super) fn of(arg: &Arg) -> Option<Self> {
        if !arg.get_possible_values().is_empty() {
            return Some(Self::Words);
        }
        let name = arg.get_value_names().and_then(|names| names.first());
        let is_path = arg.get_value_hint() == ValueHint::AnyPath;
        Some(
            match (name.map(|name| name.as_str()).unwrap_or_default(), is_path) {
                ("DIR", _) => Self::Folder,
                (_, true) => Self::File,
                ("QUERY", _) => Self::Query,
                ("FILE", _) => Self::QueryFile,
                ("NAME=VALUE", _) => Self::Parameter,
                ("RESOURCE", _) => Self::Resource,
                ("TARGET", _) => Self::Target,
                ("NAME:EXPR,…", _) => Self::Columns,
                ("EXPR", _) => Self::Condition,
                ("[-]EXPR", _) => Self::SortKey,
                ("PLATFORM", _) => Self::Platform,
                ("HOST", _) if arg.get_long() == Some("registry") => Self::Registry,
                ("HOST", _) => Self::Host,
                ("REGISTRY", _) => Self::Login,
                ("HOST/PATH", _) => Self::ApiPath,
                ("METHOD", _) => Self::Method,
                ("FORMAT", _) => Self::Output,
                ("PATH", _) => Self::Explained,
                (name, _) if FREE.contains(&name) => Self::Free,
                _ => return None,
            },
        )
    }
}

/// What a value can be that is typed so far.
pub(super) fn of(arg: &Arg, typed: &str, line: &Line<'_>, settings: &Settings) -> Answer {
    let here = &settings.here;
    let scope = || scope(arg, line, settings);
    let quoted = unquoted(typed);
    let is_quoted = quoted.len() < typed.len();
    let answer = match Kind::of(arg).unwrap_or(Kind::Free) {
        Kind::Folder => Answer::folders(),
        Kind::File => Answer::files(),
        Kind::Words => words(arg).starting(typed),
        Kind::Query => queries::named(typed, line, settings),
        Kind::QueryFile => files::ending(files::QUERIES, typed, here),
        Kind::Parameter => queries::parameters(typed, line, settings),
        Kind::Resource => resources(typed),
        Kind::Target => {
            let resource = line.given("resource").next().and_then(Resource::named);
            Known::of(settings).targets(typed, resource)
        }
        Kind::Columns => expressions::columns(quoted, &scope()),
        Kind::Condition => expressions::expression(quoted, &scope()),
        Kind::SortKey => expressions::sort_key(quoted, &scope()),
        Kind::Platform => platforms().starting(typed),
        Kind::Registry => Known::of(settings).registries(typed),
        Kind::Host => Known::of(settings).bare_hosts(typed),
        Kind::Login => Known::of(settings).logins(typed),
        Kind::ApiPath => Known::of(settings).paths(typed),
        Kind::Method => Answer::of(["GET", "HEAD"].map(Candidate::new)).starting(typed),
        Kind::Output => output(quoted, line, &scope),
        Kind::Explained => explained(typed),
        Kind::Free => Answer::nothing(),
    };
    answer.closed_if(is_quoted)
}

/// A word whose quote is not closed yet comes with it from some shells, and is compared without.
fn unquoted(typed: &str) -> &str {
    let rest = typed.strip_prefix(['\'', '"']);
    rest.filter(|rest| !rest.contains(&typed[..1]))
        .unwrap_or(typed)
}

fn words(arg: &Arg) -> Answer {
    let words = arg.get_possible_values().into_iter();
    let word = |word: clap::builder::PossibleValue| {
        let about = word.get_help().map(ToString::to_string).unwrap_or_default();
        Candidate::new(word.get_name()).about(about)
    };
    Answer::of(words.map(word)).in_order()
}

/// Resources by their names; by another one where no name begins so.
fn resources(typed: &str) -> Answer {
    let all = || Resource::ALL.into_iter();
    let named = all().map(|resource| Candidate::new(resource.name()).about(resource.doc()));
    let named = Answer::of(named).starting(typed).in_order();
    if !named.is_empty() {
        return named;
    }
    let short = all().flat_map(|resource| {
        let names = resource.short_names().iter();
        names.map(move |name| Candidate::new(*name).about(resource.doc()))
    });
    Answer::of(short).starting(typed)
}

fn platforms() -> Answer {
    let all = [Candidate::new("all").about("every platform, attestations too")].into_iter();
    Answer::of(all.chain(Platform::USUAL.map(Candidate::new))).in_order()
}

/// What `-o` takes, and the expressions in it.
fn output(typed: &str, line: &Line<'_>, scope: &dyn Fn() -> Scope) -> Answer {
    let takes_all = line
        .command
        .get_arguments()
        .any(|arg| arg.get_id() == "columns");
    if takes_all && let Some((name, rest)) = typed.split_once('=') {
        let before = format!("{name}=");
        return match name {
            "custom-columns" => expressions::columns(rest, &scope()).behind(&before),
            "jmespath" => expressions::expression(rest, &of_document(&scope())).behind(&before),
            _ => Answer::nothing(),
        };
    }
    if !takes_all {
        return Answer::of(Format::NAMED.map(|(name, _)| Candidate::new(name)))
            .starting(typed)
            .in_order();
    }
    let name = |name: String| match name.split_once('=') {
        Some((name, takes)) => Candidate::new(format!("{name}=")).about(takes).open(),
        None => Candidate::new(name),
    };
    Answer::of(choice::names().into_iter().map(name))
        .starting(typed)
        .in_order()
}

/// What `-o jmespath=` looks at: the document that `-o json` prints.
fn of_document(rows: &Scope) -> Scope {
    let members = ["apiVersion", "kind", "query", "gone", "errors", "complete"];
    Scope {
        others: members.map(|name| (name.to_owned(), String::new())).into(),
        items: Some(rows.others.clone()),
        ..Scope::default()
    }
}

/// What names mean in the expression of an argument.
fn scope(arg: &Arg, line: &Line<'_>, settings: &Settings) -> Scope {
    let changes_queries = line
        .command
        .get_arguments()
        .any(|arg| arg.get_id() == "columns");
    if !changes_queries {
        return Scope::default();
    }
    let queries = queries::of_line(line, settings);
    let given = line.given("resource").map(Resource::named);
    let of_query = |query: &Query| match &query.resource {
        Some(resource) => Resource::named(&resource.value),
        None => Some(Resource::Tags),
    };
    let mut resources: Vec<Resource> = given
        .chain(queries.iter().map(of_query))
        .flatten()
        .collect();
    resources.dedup();
    if resources.is_empty() {
        resources.push(Resource::Tags);
    }
    let mut scope = Scope::of(resources, &queries);
    let id = arg.get_id().as_str();
    if id != "conditions" {
        group(&mut scope, &queries);
    }
    if matches!(id, "sort_by" | "having" | "output") {
        scope.others.extend(columns(&queries, line));
    }
    if id == "having" {
        scope.others.push((
            "rank".to_owned(),
            "1, 2, 3 … within each value of `rankBy`".to_owned(),
        ));
    }
    scope
}

/// Where rows are grouped, there are the keys and the rows in place of the fields.
fn group(scope: &mut Scope, queries: &[Query]) {
    let mut grouped = queries
        .iter()
        .filter_map(|query| query.group_by.as_ref())
        .peekable();
    if grouped.peek().is_none() {
        return;
    }
    let keys = grouped
        .flatten()
        .map(|key| (key.name.value.clone(), "a key of the groups".to_owned()));
    scope.others.extend(keys);
    scope.is_grouped = true;
}

/// The columns of a result: those of the flag, or of the queries.
fn columns(queries: &[Query], line: &Line<'_>) -> Vec<(String, String)> {
    let flag = line.given("columns").flat_map(|text| {
        let passage = crate::diagnostic::Passage::flag("--columns", text);
        crate::query::flags::columns(&passage).unwrap_or_default()
    });
    let flag: Vec<String> = flag.map(|column| column.name.value).collect();
    let names = match flag.is_empty() {
        false => flag,
        true => {
            let own = queries
                .iter()
                .flat_map(|query| query.columns.iter().flatten());
            own.map(|column| column.name.value.clone()).collect()
        }
    };
    let is_plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let quoted = names.into_iter().map(|name| match is_plain(&name) {
        true => name,
        false => format!("\"{name}\""),
    });
    quoted.map(|name| (name, "a column".to_owned())).collect()
}

/// What `explain` explains, one step of a path at a time.
fn explained(typed: &str) -> Answer {
    let Some((first, path)) = typed.split_once('.') else {
        let resources = Resource::ALL.into_iter();
        let resources = resources.map(|one| Candidate::new(one.name()).about(one.doc()));
        let others = [
            Candidate::new("functions").about("what expressions can call"),
            Candidate::new("query").about("the keys of a query file"),
        ];
        return Answer::of(resources.chain(others))
            .starting(typed)
            .in_order();
    };
    let answer = match first {
        "functions" | "function" => {
            let all = expr::functions();
            Answer::of(all.map(|one| Candidate::new(one.name).about(one.documentation)))
        }
        "query" => keys(path),
        name => {
            let fields = Resource::named(name).into_iter().flat_map(fields::of);
            Answer::of(fields.map(|(_, field)| Candidate::new(field.name).about(field.doc)))
        }
    };
    answer.starting(path).behind(&format!("{first}."))
}

fn keys(path: &str) -> Answer {
    let (before, _) = path.rsplit_once('.').unwrap_or_default();
    let mut keys: &[Key] = &DOCUMENT_KEYS;
    for (step, name) in before
        .split('.')
        .filter(|name| !name.is_empty())
        .enumerate()
    {
        let is_in = |keys: &'static [Key]| keys.iter().find(|key| key.name == name);
        let found = keys.iter().find(|key| key.name == name);
        // `spec` may be left out.
        match found.or_else(|| is_in(&SPEC_KEYS).filter(|_| step == 0)) {
            Some(key) => keys = key.inner(),
            None => return Answer::nothing(),
        }
    }
    let before = match before {
        "" => String::new(),
        before => format!("{before}."),
    };
    Answer::of(
        keys.iter()
            .map(|key| Candidate::new(key.name).about(key.doc)),
    )
    .behind(&before)
}
