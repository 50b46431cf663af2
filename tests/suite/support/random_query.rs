//! Queries by chance, over tags that are few and odd.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use regq::oci::Platform;

/// Conditions, in words that mean something on every row.
pub(crate) const CONDITIONS: &[&str] = &[
    "tag != 'latest'",
    "starts_with(repository, 'team')",
    "contains(tag, '1') && kind != 'artifact'",
    "digest != image_digest || kind == 'image'",
    "size > `230`",
    "labels.owner == 'a'",
    "!(labels.owner == 'a')",
    "before(created, '2025-01-01')",
    "tag == 'latest' || labels.owner == 'b'",
    "platform == 'linux/amd64' && size > `200`",
    "contains(platforms, 'linux/arm64')",
    "length(layers) > `1`",
    "total_size > `500` && tag != '2'",
    "not_null(artifact_type, os, 'none') != 'windows'",
    "signed",
    "!signed && tag != 'latest'",
    "length(sboms) > `0` || kind == 'image'",
    "provenance.of != 'the first'",
];

/// What columns show; `PREVIOUS` is the column before, or the tag.
pub(crate) const COLUMNS: &[&str] = &[
    "tag",
    "repository",
    "digest",
    "[kind, manifest_size]",
    "created",
    "labels",
    "labels.owner",
    "size",
    "total_size",
    "platforms",
    "[platform, image_digest]",
    "not_null(user, author, 'nobody')",
    "length(keys(@))",
    "[PREVIOUS, tag]",
    "to_string(PREVIOUS)",
    "layers[].size",
    "signed",
    "[length(signatures), signed]",
    "referrers[].artifact_type",
    "sboms[].digest",
    "attestations[].annotations",
    "provenance",
];

/// What rows are sorted by.
pub(crate) const KEYS: &[&str] = &[
    "tag",
    "repository",
    "digest",
    "created",
    "labels.owner",
    "to_number(labels.owner)",
    "size",
    "total_size",
    "platform",
    "semver_key(tag)",
    "signed",
    "length(attestations)",
    "C0",
];

/// What rows are grouped by.
const GROUPS: &[&[(&str, &str)]] = &[
    &[],
    &[("K", "repository")],
    &[("K", "labels.owner")],
    &[("K", "kind"), ("L", "tag == 'latest'")],
    &[("K", "created"), ("L", "platforms")],
    &[("K", "length(layers)")],
    &[("K", "signed")],
];

/// What columns of groups show.
pub(crate) const GROUP_COLUMNS: &[&str] = &[
    "length(rows)",
    "rows[].tag",
    "sum(rows[].size)",
    "max_by(rows, &size).tag",
    "sort_by(rows, &tag)[-1].labels.owner",
    "rows[?kind == 'image'].digest",
    "map(&created, rows)",
    "length(rows[?size > `230`])",
    "rows[0].{tag: tag, layers: layers[].size}",
    "length(rows[?signed])",
    "[PREVIOUS]",
];

/// What groups are sorted by.
const GROUP_SORTS: &[&str] = &["length(rows)", "rows[0].tag", "max(rows[].size)", "C0"];

/// What rows are ranked by.
const RANKS: &[&str] = &["repository", "kind", "labels.owner", "C0"];
const GROUP_RANKS: &[&str] = &["length(rows)", "rows[0].repository", "C0"];

/// What is kept of what was ranked.
const HAVING: &[&str] = &[
    "rank <= `2`",
    "rank > `1`",
    "rank != `2` && labels.owner == 'a'",
    "size > `230`",
    "C0",
];
const GROUP_HAVING: &[&str] = &[
    "rank <= `2`",
    "rank > `1` || length(rows) > `1`",
    "max(rows[].size) > `230`",
    "length(rows) > `1`",
    "C0",
];

/// What is asserted of a result.
pub(crate) const ASSERTS: &[&str] = &[
    "count > `3`",
    "length(rows) == count",
    "rows[0].C0 == rows[-1].C0",
    "length(rows[?C0]) < `2`",
    "rows[0].C0 || count == `0`",
];

/// Conditions whose value cannot be told of some rows.
pub(crate) const FAILING: &[&str] = &["to_number(tag) < config.os", "abs(config.os) == `1`"];

/// A query.
#[derive(Debug, Clone)]
pub(crate) struct RandomQuery {
    pub(crate) resource: Option<&'static str>,
    pub(crate) base: Base,
    pub(crate) repositories: Option<&'static str>,
    pub(crate) tags: Option<&'static str>,
    pub(crate) platform: Option<&'static str>,
    pub(crate) conditions: Vec<&'static str>,
    pub(crate) group: Option<&'static [(&'static str, &'static str)]>,
    columns: Vec<&'static str>,
    pub(crate) sort: Vec<(bool, &'static str)>,
    pub(crate) rank_by: Option<&'static str>,
    pub(crate) having: Vec<&'static str>,
    pub(crate) limit: Option<usize>,
    pub(crate) asserts: Vec<&'static str>,
    pub(crate) at_once: usize,
}

/// What columns, order and ranks read: of rows, or of groups of them.
#[derive(Debug, Clone)]
struct Words {
    group: Option<&'static [(&'static str, &'static str)]>,
    columns: &'static [&'static str],
    sorts: &'static [&'static str],
    ranks: &'static [&'static str],
    having: &'static [&'static str],
}

fn words() -> impl Strategy<Value = Words> {
    let rows = Words {
        group: None,
        columns: COLUMNS,
        sorts: KEYS,
        ranks: RANKS,
        having: HAVING,
    };
    let groups = select(GROUPS).prop_map(|group| Words {
        group: Some(group),
        columns: GROUP_COLUMNS,
        sorts: GROUP_SORTS,
        ranks: GROUP_RANKS,
        having: GROUP_HAVING,
    });
    prop_oneof![2 => Just(rows), 1 => groups]
}

/// Any query over tags.
pub(crate) fn query() -> impl Strategy<Value = RandomQuery> {
    words().prop_flat_map(query_in)
}

fn query_in(words: Words) -> impl Strategy<Value = RandomQuery> {
    let asked = (
        option::of(select(vec!["team/*", "app", "[app, lib, team/b]"])),
        option::of(select(vec![
            "'1*'",
            "'!latest'",
            "latest",
            "['1.0.0', '1.2.0', none]",
        ])),
        option::of(select(vec!["linux/arm64", "[windows/amd64, linux/amd64]"])),
    );
    let shape = (
        vec(select(CONDITIONS), 0..4),
        vec(select(words.columns), 1..5),
        vec((any::<bool>(), select(words.sorts)), 0..3),
        option::of(select(words.ranks)),
        prop_oneof![2 => Just(Vec::new()), 1 => vec(select(words.having), 1..3)],
        option::of(1..6_usize),
        vec(select(ASSERTS), 0..3),
        select(vec![1, 3, 64]),
    );
    let group = words.group;
    (asked, shape).prop_map(move |((repositories, tags, platform), shape)| {
        let (conditions, columns, sort, rank_by, having, limit, asserts, at_once) = shape;
        RandomQuery {
            resource: None,
            base: Base::None,
            repositories,
            tags,
            platform,
            conditions,
            group,
            columns,
            sort,
            rank_by,
            having,
            limit,
            asserts,
            at_once,
        }
    })
}

/// The image that rows are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Base {
    None,
    There,
    Broken,
}

/// Conditions on what rows are compared with.
const COMPARED: &[&str] = &[
    "starts_with_layers(layers, with.base.layers)",
    "tag == 'latest' || with.base.kind == kind",
    "length(with.base.layers) > `1`",
];

/// Any query over tags or their parts that compares them with another image.
pub(crate) fn query_with_base() -> impl Strategy<Value = RandomQuery> {
    let queries = prop_oneof![query(), query_of_parts()];
    let base = select(vec![Base::There, Base::Broken]);
    (queries, base, select(COMPARED), any::<bool>()).prop_map(
        |(mut query, base, compared, is_shown)| {
            query.base = base;
            query.conditions.push(compared);
            if is_shown {
                query.columns.push("[with.base.tag, with.base.labels]");
            }
            query
        },
    )
}

/// Any query over images, layers, or what is attached.
pub(crate) fn query_of_parts() -> impl Strategy<Value = RandomQuery> {
    let part = select(vec![
        ("images", "image"),
        ("layers", "layer"),
        ("referrers", "referrer"),
    ]);
    (query(), part, 0..3_usize).prop_map(|(mut query, (resource, part), sorted)| {
        let column = match (query.group, part) {
            (None, "image") => "[image.position, image.digest]",
            (None, "referrer") => "[referrer.digest, referrer.artifact_type, referrer.subject]",
            (None, _) => "[layer.position, layer.digest, layer.created_by]",
            (Some(_), "image") => "rows[].image.{at: position, of: media_type}",
            (Some(_), "referrer") => "sum(rows[].referrer.size)",
            (Some(_), _) => "sum(rows[].layer.size)",
        };
        query.resource = Some(resource);
        query.columns.push(column);
        if resource == "images" && query.platform.is_none() && sorted == 0 {
            query.platform = Some("all");
        }
        if resource == "layers" && query.group.is_none() && sorted == 1 {
            query.sort.insert(0, (true, "layer.size"));
            query.conditions.push("layer.position > `1`");
        }
        if resource == "referrers" && query.group.is_none() && sorted == 1 {
            query.sort.insert(0, (false, "referrer.artifact_type"));
            query.conditions.push("referrer.size > `500`");
        }
        query
    })
}

impl RandomQuery {
    /// The columns: `C0`, `C1` and so on.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        let first = match self.group {
            Some(_) => "length(rows)",
            None => "tag",
        };
        let expression = |(at, text): (usize, &&str)| {
            let previous = at
                .checked_sub(1)
                .map_or(first.to_owned(), |at| format!("C{at}"));
            (format!("C{at}"), text.replace("PREVIOUS", &previous))
        };
        self.columns.iter().enumerate().map(expression).collect()
    }

    /// The platforms it asks for.
    pub(crate) fn platforms(&self) -> Vec<Platform> {
        let listed = self.platform.filter(|written| *written != "all");
        let listed = listed.unwrap_or_default().trim_matches(['[', ']']);
        let names = listed.split(", ").filter(|name| !name.is_empty());
        names
            .map(|name| name.parse().expect("a test's platform is valid"))
            .collect()
    }

    /// Whether what is in its result depends on rows that are not.
    pub(crate) fn looks_around(&self) -> bool {
        let counts = self.asserts.iter().any(|text| text.contains("count"));
        self.group.is_some()
            || self.having.iter().any(|text| text.contains("rank"))
            || (counts && self.limit.is_some())
    }

    /// What stands under `spec`.
    pub(crate) fn spec(&self) -> String {
        let list = |key: &str, texts: Vec<String>| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            (!texts.is_empty()).then(|| format!("{key}: [{}]", quoted.join(", ")))
        };
        let mut lines = Vec::new();
        if self.base != Base::None {
            lines.push("with: {base: base.example/debian:12}".to_owned());
        }
        let keys = [
            ("resource", self.resource),
            ("repositories", self.repositories),
            ("tags", self.tags),
            ("platform", self.platform),
        ];
        for (key, value) in keys {
            lines.extend(value.map(|value| format!("{key}: {value}")));
        }
        lines.extend(list(
            "where",
            self.conditions.iter().map(ToString::to_string).collect(),
        ));
        if let Some(keys) = self.group {
            let keys = keys
                .iter()
                .map(|(name, text)| format!("{name}: \"{text}\""));
            let keys: Vec<String> = keys.collect();
            lines.push(format!("groupBy: {{{}}}", keys.join(", ")));
        }
        lines.extend(self.rank_by.map(|text| format!("rankBy: \"{text}\"")));
        lines.extend(list(
            "having",
            self.having.iter().map(ToString::to_string).collect(),
        ));
        lines.push("columns:".to_owned());
        for (name, text) in self.columns() {
            lines.push(format!("  {name}: \"{text}\""));
        }
        let key = |(descending, text): &(bool, &str)| match descending {
            true => format!("-{text}"),
            false => text.to_string(),
        };
        lines.extend(list("sortBy", self.sort.iter().map(key).collect()));
        lines.extend(self.limit.map(|limit| format!("limit: {limit}")));
        if !self.asserts.is_empty() {
            lines.push("assert:".to_owned());
        }
        for assert in &self.asserts {
            lines.push(format!(
                "  - {{that: \"{assert}\", message: '${{{assert}}}'}}"
            ));
        }
        lines.join("\n")
    }
}
