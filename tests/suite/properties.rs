//! Promises held for registries and queries by chance: a plan changes no answer, and an answer is what the documents
//! say.

use std::cmp::Ordering;

use globset::Glob;
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use regq::diagnostic::Passage;
use regq::expr::{Context, Expr};
use regq::fields::{Choice, Evidence, PlatformChoice, Resource, Seen, of};
use regq::limits::Limits;
use regq::oci::{Descriptor, Index, ManifestOrIndex};
use regq::rows::Verdict;
use regq::value::{Value, order};

use super::support::model::Model;
use super::support::query::{Answer, Asking, NOW};
use super::support::random_query::{COLUMNS, CONDITIONS, FAILING, KEYS, RandomQuery, query};
use super::support::random_world::{RandomWorld, broken_world, sound_world};

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn planned(world: &RandomWorld, query: &RandomQuery) -> Answer {
    Asking::of(&world.model())
        .at_once(query.at_once)
        .ask(&query.spec())
}

fn naive(world: &RandomWorld, query: &RandomQuery) -> Answer {
    Asking::of(&world.model()).naively().ask(&query.spec())
}

/// Whether one answer misses no more than the other. It may miss less: a row that a condition drops is not asked
/// whether it is still there, nor whether its repository ever was.
fn is_part_of(planned: &Answer, naive: &Answer) -> bool {
    let (planned, naive) = (&planned.summary, &naive.summary);
    planned
        .errors
        .iter()
        .all(|error| naive.errors.contains(error))
        && planned.gone <= naive.gone
}

/// Everything but HEADs, which may come before the GET that would have replaced them.
fn gets(answer: &Answer) -> usize {
    answer.requests.len() - answer.count("head")
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn a_plan_gives_what_the_naive_plan_gives(world in sound_world(), query in query()) {
        let (planned, naive) = (planned(&world, &query), naive(&world, &query));
        prop_assert_eq!(&planned.rows, &naive.rows, "{}", query.spec());
        prop_assert!(is_part_of(&planned, &naive), "{}", query.spec());
        if query.limit.is_none() {
            prop_assert!(gets(&planned) <= gets(&naive), "{}", query.spec());
        }
        if naive.summary.errors.iter().all(|error| error.code != "NAME_UNKNOWN") {
            prop_assert_eq!(&planned.summary, &naive.summary, "{}", query.spec());
        }
    }

    #[test]
    fn a_plan_gives_what_the_naive_plan_gives_whatever_fails(
        world in broken_world(),
        mut query in query(),
        failing in option::of(select(FAILING)),
    ) {
        query.conditions.extend(failing);
        let (planned, naive) = (planned(&world, &query), naive(&world, &query));
        // A tag that vanished is missed by those alone that ask for it, and others may have taken its rank since.
        if query.looks_around() && planned.summary.gone < naive.summary.gone {
            return Ok(());
        }
        prop_assert_eq!(&planned.rows, &naive.rows, "{}", query.spec());
        prop_assert!(is_part_of(&planned, &naive), "{}", query.spec());
        if (planned.summary.gone, &planned.summary.errors) == (naive.summary.gone, &naive.summary.errors) {
            prop_assert_eq!(&planned.summary.asserts, &naive.summary.asserts, "{}", query.spec());
        }
    }

    #[test]
    fn an_answer_is_what_the_documents_say(world in sound_world(), query in query()) {
        let answer = planned(&world, &query);
        let cells: Vec<Vec<Value>> = answer.rows.into_iter().map(|row| row.cells).collect();
        // A named repository may not be there; an index may not say which of its children fits.
        if answer.summary.errors.iter().all(|error| error.code == "NAME_UNKNOWN") {
            let (rows, count) = expected(&world, &query);
            // One group of nothing is not told of where nobody knows that there is nothing.
            if cells.is_empty() && query.group == Some(&[]) && !answer.summary.is_complete() {
                return Ok(());
            }
            for (text, checked) in query.asserts.iter().zip(&answer.summary.asserts) {
                let holds = asserted(text, &query, &rows, count);
                let verdict = match holds {
                    true => Verdict::Holds,
                    false if answer.summary.is_complete() => Verdict::Fails,
                    false => Verdict::Undecided,
                };
                prop_assert_eq!(checked.verdict, verdict, "{} {}", text, query.spec());
            }
            prop_assert_eq!(cells, rows, "{}", query.spec());
        }
    }

    #[test]
    fn an_expression_needs_no_more_than_it_says_it_reads(world in sound_world(), query in query()) {
        let model = world.model();
        for (repository, tag) in world.names() {
            let row = full_row(&model, repository, tag, &query);
            for text in CONDITIONS.iter().chain(COLUMNS).chain(KEYS) {
                let expr = compile(&text.replace("PREVIOUS", "tag"));
                let read = row.iter().filter(|(name, _)| expr.reads().contains(name));
                let some: Row = read.cloned().collect();
                prop_assert_eq!(evaluate(&expr, &some), evaluate(&expr, &row), "{}", text);
            }
        }
    }
}

type Row = Vec<(String, Value)>;

/// Whether an assert holds of these rows.
fn asserted(text: &str, query: &RandomQuery, rows: &[Vec<Value>], count: usize) -> bool {
    let row = |cells: &Vec<Value>| {
        let names = query.columns().into_iter().map(|(name, _)| name.into());
        Value::map(names.zip(cells.iter().cloned()))
    };
    let rows = Value::list(rows.iter().map(row).collect());
    let view = [
        ("rows".to_owned(), rows),
        ("count".to_owned(), Value::from(count as u64)),
    ];
    evaluate(&compile(text), &view).is_true()
}

/// Answers a query without plan and execution: its rows, and how many there were before the limit.
fn expected(world: &RandomWorld, query: &RandomQuery) -> (Vec<Vec<Value>>, usize) {
    let model = world.model();
    let mut rows: Vec<Row> = world
        .names()
        .into_iter()
        .filter(|(repository, tag)| keeps(query.repositories, repository) && keeps(query.tags, tag))
        .map(|(repository, tag)| full_row(&model, repository, tag, query))
        .filter(|row| {
            query
                .conditions
                .iter()
                .all(|text| evaluate(&compile(text), row).is_true())
        })
        .collect();
    if let Some(keys) = query.group {
        rows = grouped(rows, keys);
    }
    let columns = query.columns();
    for row in &mut rows {
        for (name, text) in &columns {
            let value = evaluate(&compile(text), row);
            row.push((name.clone(), value));
        }
    }
    rows.sort_by(|a, b| compare(query, a, b));
    let mut rows = having(rows, query);
    let count = rows.len();
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    let cells = |row: Row| {
        row[row.len() - columns.len()..]
            .iter()
            .map(|(_, value)| value.clone())
            .collect()
    };
    (rows.into_iter().map(cells).collect(), count)
}

/// The groups of rows: their keys, and the rows as `rows`.
fn grouped(rows: Vec<Row>, keys: &[(&str, &str)]) -> Vec<Row> {
    let mut groups: Vec<(Row, Vec<Value>)> = Vec::new();
    if keys.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    for row in rows {
        let key =
            |(name, text): &(&str, &str)| ((*name).to_owned(), evaluate(&compile(text), &row));
        let found: Row = keys.iter().map(key).collect();
        let entries = row
            .iter()
            .map(|(name, value)| (name.as_str().into(), value.clone()));
        let object = Value::map(entries);
        match groups.iter_mut().find(|(keys, _)| *keys == found) {
            Some((_, members)) => members.push(object),
            None => groups.push((found, vec![object])),
        }
    }
    let with_rows = |(mut row, members): (Row, Vec<Value>)| {
        row.push(("rows".to_owned(), Value::list(members)));
        row
    };
    groups.into_iter().map(with_rows).collect()
}

/// What `having` keeps of sorted rows, each with its rank; then the rank is gone again.
fn having(rows: Vec<Row>, query: &RandomQuery) -> Vec<Row> {
    let within = |row: &Row| query.rank_by.map(|text| evaluate(&compile(text), row));
    let of: Vec<Option<Value>> = rows.iter().map(within).collect();
    let mut kept = Vec::new();
    for (at, mut row) in rows.into_iter().enumerate() {
        let rank = of[..=at].iter().filter(|other| **other == of[at]).count();
        row.insert(0, ("rank".to_owned(), Value::from(rank as u64)));
        if query
            .having
            .iter()
            .all(|text| evaluate(&compile(text), &row).is_true())
        {
            row.remove(0);
            kept.push(row);
        }
    }
    kept
}

fn compare(query: &RandomQuery, a: &Row, b: &Row) -> Ordering {
    let mut found = query.sort.iter().map(|(descending, text)| {
        let expr = compile(text);
        let (a, b) = (evaluate(&expr, a), evaluate(&expr, b));
        match (a.is_null(), b.is_null()) {
            (false, false) if *descending => order(&b, &a),
            (false, false) => order(&a, &b),
            (a, b) => a.cmp(&b),
        }
    });
    found.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Whether a name is kept by patterns, written as one or as a list of names.
fn keeps(patterns: Option<&str>, name: &str) -> bool {
    let Some(patterns) = patterns else {
        return true;
    };
    let patterns = patterns.trim_matches(['[', ']']).split(", ");
    patterns
        .map(|pattern| pattern.trim_matches('\''))
        .any(|pattern| {
            let (negated, pattern) = match pattern.strip_prefix('!') {
                Some(pattern) => (true, pattern),
                None => (false, pattern),
            };
            let glob = Glob::new(pattern)
                .expect("a test's pattern is one")
                .compile_matcher();
            glob.is_match(name) != negated
        })
}

fn compile(text: &str) -> Expr {
    Expr::compile(Passage::flag("test", text)).expect("a test's expression is one")
}

fn evaluate(expr: &Expr, row: &[(String, Value)]) -> Value {
    let limits = Limits::default();
    let now = NOW.parse::<Timestamp>().expect("the instant is valid");
    let row = Value::map(
        row.iter()
            .map(|(name, value)| (name.as_str().into(), value.clone())),
    );
    expr.evaluate(&row, &Context::new(now, &limits))
        .expect("a test's expression has a value")
}

/// All fields of a tag, read from its documents; null where an index does not say which child fits.
fn full_row(model: &Model, repository: &str, tag: &str, query: &RandomQuery) -> Row {
    let evidence = evidence(model, repository, tag, query);
    let read = |field: &regq::fields::Field| (field.read)(&evidence).unwrap_or_default();
    of(Resource::Tags)
        .map(|(_, field)| (field.name.to_owned(), read(field)))
        .collect()
}

fn evidence(model: &Model, repository: &str, tag: &str, query: &RandomQuery) -> Evidence {
    let name = repository.parse().expect("a test's repository is valid");
    let mut row = Evidence::of_repository("chance".into(), "".into(), name);
    row.tag = tag.parse().ok();
    let descriptor = model.descriptor(&format!("{repository}:{tag}"));
    row.top = Some(seen(model, &descriptor));
    row.descriptor = Some(descriptor);
    let platform = PlatformChoice {
        wanted: query.platforms(),
    };
    let mut index: Option<Index> = row.index().cloned();
    row.children = index.as_ref().map(|index| {
        let images = index.images().flat_map(|child| images(model, child));
        images.collect()
    });
    while let Some(found) = index.take() {
        let choice = platform.choose(&found);
        if let Choice::Child(child) = &choice {
            let seen = seen(model, child);
            if let ManifestOrIndex::Index(inner) = &seen.read {
                index = Some(inner.clone());
            }
            row.child = Some(seen);
        }
        row.choice = Some(choice);
    }
    let config = row
        .image_manifest()
        .map(|manifest| manifest.config.digest.to_string());
    row.config = config.map(|digest| model.blob(&digest));
    row
}

/// The manifests below a child of an index.
fn images(model: &Model, child: &Descriptor) -> Vec<regq::oci::Manifest> {
    match seen(model, child).read {
        ManifestOrIndex::Manifest(manifest) => vec![manifest],
        ManifestOrIndex::Index(index) => index
            .images()
            .flat_map(|child| images(model, child))
            .collect(),
        ManifestOrIndex::Schema1(_) => Vec::new(),
    }
}

fn seen(model: &Model, descriptor: &Descriptor) -> Seen {
    Seen::new(model.blob(&descriptor.digest.to_string()), descriptor)
        .expect("what is stored is sound")
}
