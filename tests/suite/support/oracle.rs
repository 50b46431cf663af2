//! Queries answered without plan and execution: from the documents of a registry alone, as its rows are told of.

use std::cmp::Ordering;

use globset::Glob;
use jiff::Timestamp;
use regq::diagnostic::Passage;
use regq::expr::{Context, Expr};
use regq::fields::{
    Attached, Choice, Evidence, Looked, Part, PlatformChoice, Resource, Seen, lookup, of,
};
use regq::limits::Limits;
use regq::oci::{
    Attachment, Descriptor, Index, ManifestOrIndex, Platform, Referrer, Statement, is_provenance,
};
use regq::value::{Value, order};

use super::model::Model;
use super::query::NOW;
use super::random_query::RandomQuery;
use super::random_world::RandomWorld;

/// A row as it is evaluated on: names and values.
pub(crate) type Row = Vec<(String, Value)>;

/// Whether an assert holds of these rows.
pub(crate) fn asserted(text: &str, query: &RandomQuery, rows: &[Vec<Value>], count: usize) -> bool {
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
pub(crate) fn expected(world: &RandomWorld, query: &RandomQuery) -> (Vec<Vec<Value>>, usize) {
    let model = world.model();
    let mut rows: Vec<Row> = world
        .names()
        .into_iter()
        .filter(|(repository, tag)| keeps(query.repositories, repository) && keeps(query.tags, tag))
        .flat_map(|(repository, tag)| parts(&model, repository, tag, query))
        .map(|part| facts(&part, query))
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

pub(crate) fn compile(text: &str) -> Expr {
    Expr::compile(Passage::flag("test", text)).expect("a test's expression is one")
}

pub(crate) fn evaluate(expr: &Expr, row: &[(String, Value)]) -> Value {
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
pub(crate) fn full_row(model: &Model, repository: &str, tag: &str, query: &RandomQuery) -> Row {
    facts(&evidence(model, repository, tag, query), query)
}

/// All fields of a row, members of an object within it.
fn facts(evidence: &Evidence, query: &RandomQuery) -> Row {
    let resource = Resource::named(query.resource.unwrap_or("tags"));
    let mut row: Row = Vec::new();
    let fields = of(resource.expect("a test's resource is one"));
    // What only vendors tell is no part of a row as a whole.
    for (_, field) in fields.filter(|(_, field)| !field.is_vendors()) {
        let value = (field.read)(evidence).unwrap_or_default();
        let Some(member) = field.member() else {
            row.push((field.name.to_owned(), value));
            continue;
        };
        let object = row.iter().position(|(name, _)| name == field.root());
        let object = object.map_or(Value::Null, |at| row.remove(at).1);
        let members = object.as_map().into_iter().flatten();
        let members = members.map(|(name, value)| (name.clone(), value.clone()));
        let object = Value::map(members.chain([(member.into(), value)]));
        row.push((field.root().to_owned(), object));
    }
    row
}

/// What a tag is taken apart into: nothing, its images, its layers.
fn parts(model: &Model, repository: &str, tag: &str, query: &RandomQuery) -> Vec<Evidence> {
    let whole = evidence(model, repository, tag, query);
    match query.resource {
        Some("layers") => {
            let layer = |at| Evidence {
                part: Some(Part::Layer(at)),
                ..whole.clone()
            };
            (0..whole.layer_count().unwrap_or(0)).map(layer).collect()
        }
        Some("referrers") => whole.referrers().collect(),
        Some(_) => images_of(model, &whole, query),
        None => vec![whole],
    }
}

fn images_of(model: &Model, whole: &Evidence, query: &RandomQuery) -> Vec<Evidence> {
    let all = query.platform == Some("all");
    let children = whole.index().map(|index| leaves(model, index, all));
    let image = |child: Descriptor| {
        let child_seen = seen(model, &child);
        let mut image = Evidence {
            choice: Some(Choice::Child(child)),
            child: Some(child_seen),
            ..whole.clone()
        };
        image.config = config_of(model, &image);
        image
    };
    let images: Vec<Evidence> = match children {
        Some(children) => children.into_iter().map(image).collect(),
        None => vec![whole.clone()],
    };
    let is_row = |image: &Evidence| whole.index().is_some() || all || !image.has_no_config();
    let is_wanted = |image: &Evidence| {
        let (_, platform) = lookup(Resource::Images, "platform").expect("it is a field");
        let platform = (platform.read)(image).unwrap_or_default();
        let platform = platform
            .as_text()
            .and_then(|text| text.parse::<Platform>().ok());
        let wanted = query.platforms();
        wanted.is_empty()
            || platform.is_some_and(|found| wanted.iter().any(|wanted| found.satisfies(wanted)))
    };
    let placed = images.into_iter().enumerate().map(|(at, image)| {
        let mut placed = Evidence {
            part: Some(Part::Image(at)),
            ..image
        };
        placed.attached = attached(model, &placed).into();
        placed
    });
    placed.filter(is_row).filter(is_wanted).collect()
}

/// The children of an index that are no indexes, those of indexes in it in their place.
fn leaves(model: &Model, index: &Index, all: bool) -> Vec<Descriptor> {
    let children = index.manifests.iter();
    let children = children.filter(|child| all || !child.is_attestation());
    let leaf = |child: &Descriptor| match &*seen(model, child).read {
        ManifestOrIndex::Index(inner) => leaves(model, inner, all),
        _ => vec![child.clone()],
    };
    children.flat_map(leaf).collect()
}

fn config_of(model: &Model, row: &Evidence) -> Option<Value> {
    let manifest = row.image_manifest()?;
    Some(model.blob(&manifest.config.digest.to_string()))
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
            if let ManifestOrIndex::Index(inner) = &*seen.read {
                index = Some(inner.clone());
            }
            row.child = Some(seen);
        }
        row.choice = Some(choice);
    }
    row.config = config_of(model, &row);
    row.attached = attached(model, &row).into();
    row
}

/// What is attached to a row, in each way that something may be.
fn attached(model: &Model, row: &Evidence) -> Attached {
    let whole = |things: Vec<Referrer>| Looked {
        things,
        is_whole: true,
    };
    let subjects = row.subjects();
    let listed = subjects
        .iter()
        .flat_map(|subject| model.attached_to(subject));
    let told = |thing: &Referrer| match thing.is_unclear() {
        true => {
            let manifest = model.blob(&thing.descriptor.digest.to_string());
            Referrer::of_manifest(&manifest, thing.descriptor.clone(), thing.subject.clone())
        }
        false => thing.clone(),
    };
    let tagged = |kind: Attachment| {
        let found = subjects.iter().filter_map(|subject| {
            let tag = kind.tag_of(subject)?;
            let found = model.tagged(row.repository.as_str(), &tag)?;
            Some(Referrer::of_tag(kind, found, subject))
        });
        whole(found.collect())
    };
    let attestations = row.own_attestations().map(|attestation| {
        let mut attestation = attestation.clone();
        attestation.learn(&model.blob(&attestation.descriptor.digest.to_string()));
        attestation
    });
    let attestations: Vec<Referrer> = attestations.collect();
    let about = attestations.iter();
    let about =
        about.filter(|found| found.subject.is_some() && found.subject.as_ref() == row.own_image());
    let referrers = whole(listed.map(told).collect());
    let attestation_tags = tagged(Attachment::Attestation);
    let things = referrers.things.iter().chain(&attestation_tags.things);
    let things = things.filter(|thing| thing.kinds.contains(Attachment::Attestation));
    Attached {
        provenance: Some(provenance(model, about)),
        attached_provenance: Some(provenance(model, things)),
        referrers,
        signature_tags: tagged(Attachment::Signature),
        attestation_tags,
        sbom_tags: tagged(Attachment::Sbom),
        attestations: whole(attestations),
    }
}

/// What the first statement says that is about how something was built.
fn provenance<'a>(model: &Model, mut things: impl Iterator<Item = &'a Referrer>) -> Value {
    let found = things.find_map(|thing| {
        let manifest = model.blob(&thing.descriptor.digest.to_string());
        let layers = manifest.get("layers").and_then(Value::as_list)?;
        layers.iter().find_map(|layer| {
            let digest = layer.get("digest").and_then(Value::as_text)?;
            let statement = Statement::read(&model.blob(digest)).ok()?;
            is_provenance(&statement.predicate_type).then_some(statement.predicate)
        })
    });
    found.unwrap_or_default()
}

/// The manifests below a child of an index.
fn images(model: &Model, child: &Descriptor) -> Vec<regq::oci::Manifest> {
    match &*seen(model, child).read {
        ManifestOrIndex::Manifest(manifest) => vec![manifest.clone()],
        ManifestOrIndex::Index(index) => index
            .images()
            .flat_map(|child| images(model, child))
            .collect(),
        ManifestOrIndex::Schema1(_) | ManifestOrIndex::Saved(_) => Vec::new(),
    }
}

fn seen(model: &Model, descriptor: &Descriptor) -> Seen {
    Seen::new(model.blob(&descriptor.digest.to_string()), descriptor)
        .expect("what is stored is sound")
}
