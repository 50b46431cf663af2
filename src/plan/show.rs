//! A plan as text: whom it asks, in which stages, what each expression costs, and what would be cheaper.

use std::fmt::Write;

use super::bound::BoundQuery;
use super::build::{Plan, Split, column_needs, deciding_needs, key_needs, rank_needs, sort_needs};
use super::bulk::effective;
use super::counted::{counted_for_each, most_rows};
use super::typical::{Sample, requests};
use crate::fields::{Facet, FieldSet, Resource};
use crate::query::Target;
use crate::registry::{Capabilities, Detail, ManifestListing, Transport};
use crate::rows::Clause;
use crate::safe;

/// One source of a plan: what it can do, and as whom it is asked.
#[derive(Debug, Clone)]
pub struct Destination {
    /// What it can do.
    pub capabilities: Capabilities,
    /// As whom, in words; none where there is no login.
    pub as_whom: Option<String>,
    /// The mirrors that are asked first for what a digest names, each with as whom, in words.
    pub mirrors: Vec<(String, String)>,
    /// How it lists, in words, where that is another way than the specification's.
    pub dialect: Option<String>,
    /// What it still allows, in words, and how much of what it counts that is; none where nobody asked.
    pub limit: Option<(String, Option<u64>)>,
}

/// Writes a plan for people. `destinations` are those of its sources, in order; `listed` is how many rows a listing left,
/// if there was one.
pub fn show(plan: &Plan, destinations: &[Destination], listed: Option<u64>) -> String {
    let mut text = String::new();
    let capabilities = destinations
        .iter()
        .map(|destination| destination.capabilities.clone());
    let common = effective(&plan.query, &super::common_capabilities(capabilities));
    heading(&mut text, plan, destinations);
    stages(&mut text, plan, &common);
    let mirrors = destinations.iter().map(|one| one.mirrors.len());
    let price = Price {
        capabilities: &common,
        mirrors: mirrors.max().unwrap_or(0),
    };
    totals(&mut text, plan, &price, listed);
    let left = destinations.iter().filter_map(|one| one.limit.as_ref()?.1);
    counts(&mut text, plan, &common, listed, left.min());
    text
}

/// What is counted against a limit, and whether that is more than is left.
fn counts(
    text: &mut String,
    plan: &Plan,
    capabilities: &Capabilities,
    listed: Option<u64>,
    left: Option<u64>,
) {
    let each = counted_for_each(plan, capabilities);
    let Some(words) = capabilities.counted.in_words() else {
        return;
    };
    let detail = match each {
        0 => format!("none; {words}"),
        _ => {
            let rows = rows(plan, capabilities, listed);
            let all = match (most_rows(plan, capabilities), listed) {
                (Some(most), Some(listed)) => Some(most.min(listed)),
                (most, listed) => most.or(listed),
            };
            let all = all.map(|all| all.saturating_mul(each));
            let more = all.zip(left).filter(|(all, left)| all > left);
            let all = all.map_or_else(String::new, |all| format!(", {all} in all"));
            let more = more.map_or_else(String::new, |(_, left)| {
                format!(", more than the {left} that are left")
            });
            format!("at most {each} for {rows}{all}{more}; {words}")
        }
    };
    line(text, 1, "counted", &detail);
}

fn heading(text: &mut String, plan: &Plan, destinations: &[Destination]) {
    let query = &plan.query;
    line(text, 0, "query", &query.name);
    if let Some(description) = &query.description {
        line(text, 1, "", description);
    }
    let companions = query.companions.iter().filter(|one| !one.needs.is_empty());
    let names = companions.map(|companion| Some(&companion.name));
    let names = query.sources.iter().map(|_| None).chain(names);
    for ((source, destination), name) in query.asked().zip(destinations).zip(names) {
        let is_archive = matches!(
            source.target,
            Target::OciArchive(_) | Target::DockerArchive(_)
        );
        let how = match (destination.capabilities.transport, &destination.as_whom) {
            (Transport::Disk, _) if is_archive => "a file on disk, no login".to_owned(),
            (Transport::Disk, _) => "files on disk, no login".to_owned(),
            (Transport::Network, None) => "over the network".to_owned(),
            (Transport::Network, Some(whom)) => format!("over the network, {whom}"),
        };
        let how = match &destination.dialect {
            Some(dialect) => format!("{how}; {dialect}"),
            None => how,
        };
        let what = match name {
            Some(name) => format!("`with.{name}` of {}: {how}", source.name),
            None => format!("{}: {how}", source.name),
        };
        line(text, 1, "ask", &what);
        for (mirror, whom) in &destination.mirrors {
            let what = format!("{mirror}: {whom}; first for what a digest names");
            line(text, 1, "mirror", &what);
        }
        if let Some((limit, _)) = &destination.limit {
            line(text, 1, "limit", &format!("{}: {limit}", source.name));
        }
    }
    for (source, destination) in query.sources.iter().zip(destinations) {
        if let Some(lacking) = lacking(plan, &destination.capabilities) {
            line(text, 1, "lacks", &format!("{} {lacking}", source.name));
        }
    }
    line(
        text,
        1,
        "rows",
        &format!("{}: {}", query.resource.name(), query.resource.doc()),
    );
    let wanted = &query.platform.wanted;
    if query.resource != Resource::Images && !wanted.is_empty() {
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        line(text, 1, "platform", &wanted.join(", else "));
    }
}

/// What is needed and a registry does not have: rows at all, or what it tells of nothing.
fn lacking(plan: &Plan, capabilities: &Capabilities) -> Option<String> {
    if plan.query.resource == Resource::Manifests {
        match capabilities.manifests {
            ManifestListing::With(_) => {}
            ManifestListing::Not => {
                return Some(
                    "lists tags only: there is no list of manifests to ask for".to_owned(),
                );
            }
            ManifestListing::ForAccounts => {
                return Some("lists manifests only for those who log in".to_owned());
            }
        }
    }
    let unoffered = plan.unoffered(capabilities).iter();
    let lacking = unoffered.filter(|id| plan.needs.contains(*id));
    let names: Vec<&str> = lacking.map(|id| id.field().name).collect();
    (!names.is_empty()).then(|| format!("does not tell `{}`", names.join("`, `")))
}

/// The stages in the order they happen, each with what it asks beyond those before.
fn stages(text: &mut String, plan: &Plan, capabilities: &Capabilities) {
    let query = &plan.query;
    let mut stage = Stage {
        text,
        capabilities,
        known: FieldSet::EMPTY,
        number: 0,
    };
    for companion in query.companions.iter().filter(|one| !one.needs.is_empty()) {
        stage.first(&companion.name, companion.needs);
    }
    let list = format!("{}{}", listing(plan), brought(plan, capabilities));
    stage.step("list", &list, Vec::new());
    let conditions = |conditions: &[crate::rows::Condition], stage: &mut Stage<'_>| {
        for condition in conditions {
            let costs = stage.costs(condition.clause.needs);
            stage.step("keep", &expression(&condition.clause), costs);
        }
    };
    conditions(&plan.whole, &mut stage);
    if plan.split == Split::Listed {
        stage.split(query);
    }
    conditions(&plan.early, &mut stage);
    if let Some(keys) = &query.group {
        let names: Vec<&str> = keys.iter().map(|key| &*key.name).collect();
        let names = match names.is_empty() {
            true => "everything".to_owned(),
            false => names.join(", "),
        };
        let costs = stage.costs(key_needs(query));
        stage.step("group", &names, costs);
    }
    if !query.ranks() {
        conditions(&plan.after, &mut stage);
    }
    if !query.sort.is_empty() {
        let keys = query.sort.iter().map(|key| {
            let sign = if key.descending { "-" } else { "" };
            format!("{sign}{}", expression(&key.clause))
        });
        let keys: Vec<String> = keys.collect();
        let costs = stage.costs(sort_needs(query));
        stage.step("sort", &keys.join(", "), costs);
    }
    if plan.split == Split::Sorted {
        stage.split(query);
    }
    conditions(&plan.late, &mut stage);
    if query.ranks() {
        let within = query.rank_by.as_ref().map(expression);
        let within = within.map_or("all".to_owned(), |within| format!("within {within}"));
        let costs = stage.costs(rank_needs(query));
        stage.step("rank", &within, costs);
        conditions(&plan.after, &mut stage);
    }
    let names: Vec<String> = query
        .columns
        .headings()
        .into_iter()
        .map(|heading| heading.name)
        .collect();
    let rows = query.limit.map(|limit| format!(" of the first {limit}"));
    let costs = stage.costs(column_needs(query));
    stage.step(
        "show",
        &format!("{}{}", names.join(", "), rows.unwrap_or_default()),
        costs,
    );
    for assert in &query.asserts {
        stage.step("check", &one_line(assert.that.excerpt()), Vec::new());
    }
}

fn listing(plan: &Plan) -> &'static str {
    let mut sources = plan.query.sources.iter();
    if sources.all(|source| source.references.is_some()) {
        return "nothing: the references are named";
    }
    let named = plan.query.repositories.literals().is_some();
    let tags_named = plan.query.tags.literals().is_some();
    match (plan.query.resource, named, tags_named) {
        (Resource::Repositories, true, _) => "nothing: the repositories are named",
        (Resource::Repositories, false, _) => "repositories",
        (Resource::Manifests, true, _) => "the manifests of the named repositories",
        (Resource::Manifests, false, _) => "repositories, and the manifests of each that fits",
        (_, true, true) => "nothing: repositories and tags are named",
        (_, true, false) => "the tags of the named repositories",
        (_, false, true) => "repositories; the tags are named",
        (_, false, false) => "repositories, and the tags of each that fits",
    }
}

/// What a listing brings along, and how many of it come with a request.
fn brought(plan: &Plan, capabilities: &Capabilities) -> String {
    let wanted = plan.wanted(capabilities);
    match wanted.is_empty() || capabilities.transport == Transport::Disk {
        true => String::new(),
        false => {
            let names: Vec<&str> = wanted.iter().map(Detail::name).collect();
            let names = names.join("`, `");
            let page = capabilities.bulk_page;
            format!("; it brings `{names}` along, at a request for every {page}")
        }
    }
}

struct Stage<'a> {
    text: &'a mut String,
    capabilities: &'a Capabilities,
    known: FieldSet,
    number: usize,
}

impl Stage<'_> {
    /// What these fields cost beyond what is known by now, for an image.
    fn costs(&mut self, needs: FieldSet) -> Vec<Facet> {
        let before = requests(self.known, self.capabilities, Sample::Image);
        self.known = self.known.union(needs);
        let after = requests(self.known, self.capabilities, Sample::Image);
        after
            .into_iter()
            .filter(|facet| !before.contains(facet))
            .collect()
    }

    /// An image that rows are compared with, which costs what it costs once.
    fn first(&mut self, name: &str, needs: FieldSet) {
        let costs = requests(needs, self.capabilities, Sample::Image);
        let costs: Vec<&str> = costs.into_iter().map(Facet::request).collect();
        self.step(
            "with",
            &format!("{name}  [{} once]", costs.join(", ")),
            Vec::new(),
        );
    }

    /// Tags are taken apart.
    fn split(&mut self, query: &BoundQuery) {
        let costs = self.costs(query.parts().into_iter().collect());
        let each = format!("each tag into its {}", query.resource.name());
        self.step("split", &each, costs);
    }

    fn step(&mut self, what: &str, detail: &str, costs: Vec<Facet>) {
        self.number += 1;
        let label = format!("{}. {what}", self.number);
        let (once, each): (Vec<Facet>, Vec<Facet>) =
            costs.into_iter().partition(|facet| is_shared(*facet));
        let costs = [(each, "for each"), (once, "once")];
        let costs = costs.iter().filter(|(facets, _)| !facets.is_empty());
        let costs = costs.map(|(facets, how)| {
            let facets: Vec<&str> = facets.iter().map(|facet| facet.request()).collect();
            format!("{} {how}", facets.join(", "))
        });
        let costs: Vec<String> = costs.collect();
        let detail = match costs.is_empty() {
            true => detail.to_owned(),
            false => format!("{detail}  [{}]", costs.join("; ")),
        };
        line(self.text, 1, &label, &detail);
    }
}

/// Tells whether all rows of a repository share what is asked.
fn is_shared(facet: Facet) -> bool {
    facet == Facet::Parents
}

/// What asking costs at most.
struct Price<'a> {
    capabilities: &'a Capabilities,
    /// How many mirrors there are that may all lack what a digest names.
    mirrors: usize,
}

impl Price<'_> {
    fn of(&self, needs: FieldSet, sample: Sample) -> usize {
        let facets = requests(needs, self.capabilities, sample).into_iter();
        facets.map(|facet| self.of_one(facet)).sum()
    }

    fn of_one(&self, facet: Facet) -> usize {
        match (facet, self.mirrors) {
            (facet, _) if is_shared(facet) => 0,
            (_, 0) => 1,
            // The registry tells the digest first.
            (Facet::Manifest, mirrors) => 2 + mirrors,
            (Facet::Child | Facet::Children | Facet::Config, mirrors) => 1 + mirrors,
            _ => 1,
        }
    }
}

fn totals(text: &mut String, plan: &Plan, price: &Price<'_>, listed: Option<u64>) {
    let needs = plan.query.parts().into_iter().collect();
    let needs = plan.needs.union(needs);
    let capabilities = price.capabilities;
    let image = price.of(needs, Sample::Image);
    let index = price.of(needs, Sample::Index);
    let unit = match capabilities.transport {
        Transport::Disk => "files read",
        Transport::Network => "requests",
    };
    let mut most = format!(
        "the listing, and at most {image} for {}",
        rows(plan, capabilities, listed)
    );
    let first = price.of_one(Facet::Manifest);
    if plan.query.resource == Resource::Images && index > first {
        let each = index - first;
        let _ = write!(
            most,
            "; where it points to an index, {first} and {each} for each of its images"
        );
    } else if index > image {
        let _ = write!(most, ", {index} where it points to an index");
    }
    let mut asked = requests(needs, capabilities, Sample::Index).into_iter();
    let shared = "each manifest of a repository that may be an index, once";
    let most = match (index.max(image), asked.any(is_shared)) {
        (0, false) => "the listing and nothing else".to_owned(),
        (0, true) => format!("the listing, and {shared}"),
        (_, false) => most,
        (_, true) => format!("{most}; and {shared}"),
    };
    line(text, 1, unit, &most);
    if let Some(dearest) = dearest(plan, price, image) {
        line(text, 1, "cheaper", &dearest);
    }
}

/// For which rows is asked: for the first ones, where the listing alone says which those are; else for all.
fn rows(plan: &Plan, capabilities: &Capabilities, listed: Option<u64>) -> String {
    let query = &plan.query;
    let (one, many) = match query.resource {
        Resource::Repositories => ("repository", "repositories"),
        Resource::Manifests => ("manifest", "manifests"),
        _ => ("tag", "tags"),
    };
    let decides = deciding_needs(query);
    let is_known = requests(decides, capabilities, Sample::Index).is_empty();
    if is_known && query.group.is_none() && query.ranks() {
        return format!("each {one} that `having` keeps");
    }
    // How many rows the first groups have is not known.
    let is_known = is_known && query.group.is_none();
    match (query.limit.filter(|_| is_known), listed) {
        (Some(1), _) => format!("the first {one}"),
        (Some(limit), _) => format!("each of the first {limit} {many}"),
        (None, Some(1)) => format!("the 1 {one} that was listed"),
        (None, Some(rows)) => format!("each of the {rows} {many} that were listed"),
        (None, None) => format!("each {one}"),
    }
}

/// The column or condition without which fewest requests are left.
fn dearest(plan: &Plan, price: &Price<'_>, all: usize) -> Option<String> {
    let query = &plan.query;
    let columns = query.columns.iter().filter(|column| column.shown);
    let columns = columns.map(|column| {
        (
            format!("the column {}", column.heading.name),
            column.clause.needs,
        )
    });
    let conditions = query.conditions.iter().chain(&query.having);
    let conditions =
        conditions.map(|part| (format!("`{}`", expression(&part.clause)), part.clause.needs));
    let sort = (!query.sort.is_empty()).then(|| ("the order".to_owned(), sort_needs(query)));
    let keys = query.group.iter().flatten();
    let keys = keys.map(|key| (format!("the key {}", key.name), key.clause.needs));
    let rank = query
        .ranks()
        .then(|| ("the ranks".to_owned(), rank_needs(query)));
    let parts = columns
        .chain(conditions)
        .chain(keys)
        .chain(sort)
        .chain(rank);
    let parts: Vec<(String, FieldSet)> = parts.collect();
    let without = |skipped: usize| {
        let others = parts
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != skipped);
        let needs = others.fold(FieldSet::EMPTY, |needs, (_, part)| needs.union(part.1));
        price.of(needs, Sample::Image)
    };
    let costs = (0..parts.len()).map(|index| (without(index), index));
    let (left, index) = costs.min()?;
    (left < all).then(|| format!("without {} it is {left}", parts[index].0))
}

fn expression(clause: &Clause) -> String {
    one_line(clause.expr.excerpt())
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn line(text: &mut String, depth: usize, label: &str, detail: &str) {
    let indent = "  ".repeat(depth);
    let detail = safe::escape(detail);
    let _ = match label.is_empty() {
        // A description is a stranger's text on a line of its own (threats F-4).
        true => writeln!(text, "{indent}{}", safe::guard_line_start(&detail)),
        false => writeln!(text, "{indent}{label:<10} {detail}"),
    };
}
