//! The keys of query files: what each takes, in words and as a shape, and what it does.
//!
//! This is the only list of them: `decode` takes their names from here, `explain` and the JSON Schema all the rest, and
//! the README's table is held to it.

use super::shape::{Names, Shape, Word};

/// A key of a query file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes, for programs.
    pub shape: Shape,
    /// What it takes, in words.
    pub takes: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// An example, as it stands in the file.
    pub example: &'static str,
}

impl Key {
    /// The keys of the map that it takes, if it takes one with keys of its own, or a map or list of such.
    pub fn inner(&self) -> &'static [Key] {
        self.shape.keys()
    }
}

/// The names of keys, for reading them.
pub(super) const fn names<const N: usize>(keys: &[Key; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut at = 0;
    while at < N {
        names[at] = keys[at].name;
        at += 1;
    }
    names
}

/// The version of the language.
pub(super) const API_VERSION: &str = "regq/v1";
/// What a document of a query file is.
pub(super) const KIND: &str = "Query";

/// The keys of a document.
pub const DOCUMENT_KEYS: [Key; 4] = [
    Key {
        name: "apiVersion",
        shape: Shape::Fixed(API_VERSION),
        takes: "`regq/v1`",
        doc: "which version of the language the file is written in",
        example: "apiVersion: regq/v1",
    },
    Key {
        name: "kind",
        shape: Shape::Fixed(KIND),
        takes: "`Query`",
        doc: "what the file holds",
        example: "kind: Query",
    },
    Key {
        name: "metadata",
        shape: Shape::Keys {
            keys: &METADATA_KEYS,
            required: &["name"],
        },
        takes: "{name, description}",
        doc: "what the query is called, and what it is for",
        example: "metadata: {name: stale, description: Images nobody rebuilt for a while}",
    },
    Key {
        name: "spec",
        shape: Shape::Keys {
            keys: &SPEC_KEYS,
            required: &[],
        },
        takes: "a map",
        doc: "where to look, what to keep and what to show of it",
        example: "spec: {registry: 'localhost:5000', tags: '1.*', columns: [tag, created]}",
    },
];

/// The keys of `metadata`.
pub(super) const METADATA_KEYS: [Key; 2] = [
    Key {
        name: "name",
        shape: Shape::Name(Names::Query),
        takes: "lower-case letters, digits and `-` inside, at most 63",
        doc: "what the query is called in results, and in `FILE#NAME`",
        example: "name: stale-images",
    },
    Key {
        name: "description",
        shape: Shape::Text,
        takes: "a text",
        doc: "what the query is for; `list` and `run QUERY --help` show it",
        example: "description: Images nobody rebuilt for a while, largest first",
    },
];

/// The keys of `spec`, in the order of the documentation.
pub const SPEC_KEYS: [Key; 17] = [
    Key {
        name: "params",
        shape: Shape::Map {
            names: Names::Parameter,
            values: &Shape::Either(&[
                Shape::Nothing,
                Shape::Keys {
                    keys: &PARAMETER_KEYS,
                    required: &[],
                },
            ]),
            least: 0,
        },
        takes: "a map of names to {type, default, description, enum}",
        doc: "what may be given with `-p NAME=VALUE`, for a list with `-p NAME=@FILE` too: `params.NAME` in expressions, `${NAME}` elsewhere in `spec`",
        example: "params: {days: {type: integer, default: 90}}",
    },
    Key {
        name: "registry",
        shape: TEXTS,
        takes: "a text or a list of texts",
        doc: "where to look: HOST[:PORT][/PREFIX], `oci:DIR`, `oci-archive:FILE` or `docker-archive:FILE`",
        example: "registry: registry.example.com/team-a",
    },
    Key {
        name: "references",
        shape: TEXTS,
        takes: "a reference HOST/REPOSITORY[:TAG][@DIGEST], or a list of them",
        doc: "which manifests, one row each, in place of `registry`, `repositories` and `tags`; a digest beside a tag is the field `pinned`",
        example: "references: [ghcr.io/acme/api:1.4, ghcr.io/acme/web:2.0]",
    },
    Key {
        name: "resource",
        shape: Shape::Word(Word::Resource),
        takes: "a name",
        doc: "what one row is; `tags` without it",
        example: "resource: repositories",
    },
    Key {
        name: "repositories",
        shape: PATTERN,
        takes: "a pattern, a list of them, or {include, exclude, regex, semver}",
        doc: "which repositories: `!` excludes, `*` stays inside a path segment, `**` crosses",
        example: "repositories: [team-a/*, '!team-a/scratch*']",
    },
    Key {
        name: "tags",
        shape: PATTERN,
        takes: "a pattern, a list of them, or {include, exclude, regex, semver}",
        doc: "which tags",
        example: "tags: ['*', '!*-rc*']",
    },
    Key {
        name: "platform",
        shape: TEXTS,
        takes: "a platform or a list of them",
        doc: "which image stands for an index; without it linux/amd64, else the first",
        example: "platform: linux/arm64",
    },
    Key {
        name: "with",
        shape: Shape::Map {
            names: Names::Companion,
            values: &Shape::Text,
            least: 0,
        },
        takes: "a map of names to references HOST/REPOSITORY[:TAG][@DIGEST]",
        doc: "other images, whose fields are `with.NAME.FIELD` in every expression on rows",
        example: "with: {base: docker.io/library/debian:12}",
    },
    Key {
        name: "where",
        shape: EXPRESSIONS,
        takes: "an expression or a list of them, which must all hold",
        doc: "keeps rows; one that cannot be told keeps its row, marked",
        example: "where: older_than(created, params.days)",
    },
    Key {
        name: "groupBy",
        shape: Shape::Either(&[
            EXPRESSIONS,
            Shape::Map {
                names: Names::Column,
                values: &Shape::Expression,
                least: 0,
            },
        ]),
        takes: "a map of names to expressions, or a list of fields",
        doc: "one row for all rows with the same keys; what comes after sees the keys, and `rows`, in place of the fields; `{}` makes one group of everything",
        example: "groupBy: {VENDOR: labels.vendor}",
    },
    Key {
        name: "columns",
        shape: Shape::Either(&[
            Shape::Map {
                names: Names::Column,
                values: &Shape::Either(&[
                    Shape::Expression,
                    Shape::Keys {
                        keys: &COLUMN_KEYS,
                        required: &["value"],
                    },
                ]),
                least: 1,
            },
            Shape::List {
                items: &Shape::Expression,
                least: 1,
            },
        ]),
        takes: "a map of names to expressions or {value, format, align, wide}, or a list of fields",
        doc: "what to show; a column may read those before it",
        example: "columns: {TAG: tag, CREATED: {value: created, format: date}}",
    },
    Key {
        name: "sortBy",
        shape: EXPRESSIONS,
        takes: "an expression or a list of them, each with or without `-` in front",
        doc: "the order; `-` puts the largest first, nulls come last in both directions",
        example: "sortBy: [-SIZE, repository]",
    },
    Key {
        name: "rankBy",
        shape: Shape::Expression,
        takes: "an expression",
        doc: "within what `rank` counts 1, 2, 3 in sorted order; without it, over all rows",
        example: "rankBy: repository",
    },
    Key {
        name: "having",
        shape: EXPRESSIONS,
        takes: "an expression or a list of them, which must all hold",
        doc: "keeps rows, or groups, after they were sorted and ranked; sees the columns and `rank`",
        example: "having: rank <= `5`",
    },
    Key {
        name: "limit",
        shape: Shape::Count,
        takes: "a whole number from 1 up",
        doc: "the most rows, or groups, to show",
        example: "limit: 50",
    },
    Key {
        name: "assert",
        shape: Shape::List {
            items: &Shape::Keys {
                keys: &ASSERT_KEYS,
                required: &["that"],
            },
            least: 1,
        },
        takes: "a list of {that, message}",
        doc: "what must hold of the result, else the exit code is 1; sees the printed `rows`, `count` (before `limit`), `errors` and `params`, in the `${…}` of a message too",
        example: "assert: [{that: 'count == `0`', message: '${count} stale images'}]",
    },
    Key {
        name: "output",
        shape: Shape::Word(Word::Output),
        takes: "the name of a format",
        doc: "the format, if `-o` names none",
        example: "output: json",
    },
];

/// One text, or several.
const TEXTS: Shape = Shape::OneOrMore(&Shape::Text);

/// One expression, or several.
const EXPRESSIONS: Shape = Shape::OneOrMore(&Shape::Expression);

/// Which names are meant.
const PATTERN: Shape = Shape::Either(&[
    TEXTS,
    Shape::Keys {
        keys: &PATTERN_KEYS,
        required: &[],
    },
]);

/// The keys of a parameter's declaration.
pub(super) const PARAMETER_KEYS: [Key; 4] = [
    Key {
        name: "type",
        shape: Shape::Word(Word::ParamType),
        takes: "the name of a type",
        doc: "what its values are; texts without it",
        example: "type: integer",
    },
    Key {
        name: "default",
        shape: Shape::Either(&[
            Shape::Text,
            Shape::List {
                items: &Shape::Text,
                least: 0,
            },
        ]),
        takes: "a value; of a list, a list of them",
        doc: "its value where none is given; without it, one must be",
        example: "default: 90",
    },
    Key {
        name: "description",
        shape: Shape::Text,
        takes: "a text",
        doc: "what it is for; `run QUERY --help` shows it, and messages about it do",
        example: "description: how old an image may be",
    },
    Key {
        name: "enum",
        shape: Shape::List {
            items: &Shape::Text,
            least: 1,
        },
        takes: "a list of values",
        doc: "the values that it may have; of a list, those that its elements may have",
        example: "enum: [stable, beta]",
    },
];

/// The keys of a pattern in the long form, all of which must hold.
pub(super) const PATTERN_KEYS: [Key; 4] = [
    Key {
        name: "include",
        shape: TEXTS,
        takes: "a pattern or a list of them",
        doc: "one of these must match; without any, every name does",
        example: "include: ['1.*', '2.*']",
    },
    Key {
        name: "exclude",
        shape: TEXTS,
        takes: "a pattern or a list of them, without `!`",
        doc: "none of these may match",
        example: "exclude: '*-rc*'",
    },
    Key {
        name: "regex",
        shape: Shape::Text,
        takes: "a regular expression",
        doc: "is searched in the name; `^` and `$` tie it to the ends",
        example: "regex: '^v?[0-9]+$'",
    },
    Key {
        name: "semver",
        shape: Shape::Text,
        takes: "a range of versions, as npm writes it",
        doc: "the name must be a version in this range",
        example: "semver: '>=1.2 <2'",
    },
];

/// The keys of a column in the long form.
pub(super) const COLUMN_KEYS: [Key; 4] = [
    Key {
        name: "value",
        shape: Shape::Expression,
        takes: "an expression",
        doc: "what fills the column",
        example: "value: created",
    },
    Key {
        name: "format",
        shape: Shape::Word(Word::CellFormat),
        takes: "the name of a format",
        doc: "how tables show it; a column that is just a field takes the format of its unit",
        example: "format: age",
    },
    Key {
        name: "align",
        shape: Shape::Word(Word::Align),
        takes: "`left` or `right`",
        doc: "which side of the column its cells stand on",
        example: "align: right",
    },
    Key {
        name: "wide",
        shape: Shape::Truth,
        takes: "`true` or `false`",
        doc: "whether tables leave it out unless `-o wide` asks for it",
        example: "wide: true",
    },
];

/// The keys of an assert.
pub(super) const ASSERT_KEYS: [Key; 2] = [
    Key {
        name: "that",
        shape: Shape::Expression,
        takes: "an expression",
        doc: "what must hold",
        example: "that: 'count == `0`'",
    },
    Key {
        name: "message",
        shape: Shape::Text,
        takes: "a text with `${expression}` in it",
        doc: "what is said where it does not hold; without it, the expression",
        example: "message: '${count} stale images'",
    },
];

#[cfg(test)]
mod tests {
    use super::super::tests::findings_of_spec;
    use super::*;

    #[test]
    fn every_example_is_read_without_a_word() {
        for key in SPEC_KEYS {
            let declared = "params: {days: {default: '1'}}\n";
            let spec = match key.name {
                "params" => key.example.to_owned(),
                _ => format!("{declared}{}", key.example),
            };
            assert_eq!(findings_of_spec(&spec), "", "{}", key.name);
        }
    }

    /// The names come from here, so what is not read would be passed over in silence.
    #[test]
    fn every_key_is_read() {
        for key in SPEC_KEYS {
            let said = findings_of_spec(&format!("{}: [[a]]", key.name));
            assert_ne!(said, "", "{}", key.name);
            for inner in key.inner() {
                let deeper = format!("{}: [[a]]", inner.name);
                let spec = match key.name {
                    "params" => format!("params: {{p: {{{deeper}}}}}"),
                    "columns" if inner.name == "value" => format!("columns: {{X: {{{deeper}}}}}"),
                    "columns" => format!("columns: {{X: {{value: tag, {deeper}}}}}"),
                    "assert" if inner.name == "that" => format!("assert: [{{{deeper}}}]"),
                    "assert" => format!("assert: [{{that: count, {deeper}}}]"),
                    name => format!("{name}: {{{deeper}}}"),
                };
                assert_ne!(findings_of_spec(&spec), "", "{spec}");
            }
        }
    }

    #[test]
    fn every_key_is_named_where_one_is_unknown() {
        let said = findings_of_spec("colour: red");
        let names = SPEC_KEYS.map(|key| format!("`{}`", key.name)).join(", ");
        assert!(said.ends_with(&format!("its keys are {names}")), "{said}");
    }

    #[test]
    fn the_readme_tells_of_every_key() {
        let readme = include_str!("../../README.md");
        let is_told = |key: &Key| {
            let name = format!("`{}`", key.name);
            let mut lines = readme.lines().filter(|line| line.starts_with("| `"));
            lines.any(|line| {
                line.split(" | ")
                    .next()
                    .is_some_and(|key| key.contains(&name))
            })
        };
        let missing: Vec<&str> = SPEC_KEYS
            .iter()
            .filter(|key| !is_told(key))
            .map(|key| key.name)
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
