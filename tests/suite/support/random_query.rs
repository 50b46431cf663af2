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
    pub(crate) repositories: Option<&'static str>,
    pub(crate) tags: Option<&'static str>,
    pub(crate) platform: Option<&'static str>,
    pub(crate) conditions: Vec<&'static str>,
    columns: Vec<&'static str>,
    pub(crate) sort: Vec<(bool, &'static str)>,
    pub(crate) limit: Option<usize>,
    pub(crate) asserts: Vec<&'static str>,
    pub(crate) at_once: usize,
}

/// Any query over tags.
pub(crate) fn query() -> impl Strategy<Value = RandomQuery> {
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
        vec(select(COLUMNS), 1..5),
        vec((any::<bool>(), select(KEYS)), 0..3),
        option::of(1..6_usize),
        vec(select(ASSERTS), 0..3),
        select(vec![1, 3, 64]),
    );
    (asked, shape).prop_map(|((repositories, tags, platform), shape)| {
        let (conditions, columns, sort, limit, asserts, at_once) = shape;
        RandomQuery {
            repositories,
            tags,
            platform,
            conditions,
            columns,
            sort,
            limit,
            asserts,
            at_once,
        }
    })
}

impl RandomQuery {
    /// The columns: `C0`, `C1` and so on.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        let expression = |(at, text): (usize, &&str)| {
            let previous = at
                .checked_sub(1)
                .map_or("tag".to_owned(), |at| format!("C{at}"));
            (format!("C{at}"), text.replace("PREVIOUS", &previous))
        };
        self.columns.iter().enumerate().map(expression).collect()
    }

    /// The platforms it asks for.
    pub(crate) fn platforms(&self) -> Vec<Platform> {
        let listed = self.platform.unwrap_or_default().trim_matches(['[', ']']);
        let names = listed.split(", ").filter(|name| !name.is_empty());
        names
            .map(|name| name.parse().expect("a test's platform is valid"))
            .collect()
    }

    /// What stands under `spec`.
    pub(crate) fn spec(&self) -> String {
        let list = |key: &str, texts: Vec<String>| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            (!texts.is_empty()).then(|| format!("{key}: [{}]", quoted.join(", ")))
        };
        let mut lines = Vec::new();
        let keys = [
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
