//! The keys of `spec`, for people: what each takes and what it does. `explain` and the README's table name the same.

/// A key of `spec`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecKey {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// An example, as it stands under `spec`.
    pub example: &'static str,
}

/// The keys in the order of the documentation.
pub const SPEC_KEYS: [SpecKey; 17] = [
    SpecKey {
        name: "params",
        takes: "a map of names to {type, default, description, enum}",
        doc: "what may be given with `-p NAME=VALUE`: `params.NAME` in expressions, `${NAME}` elsewhere in `spec`",
        example: "params: {days: {type: integer, default: 90}}",
    },
    SpecKey {
        name: "registry",
        takes: "a text or a list of texts",
        doc: "where to look: HOST[:PORT][/PREFIX], or `oci:DIR`",
        example: "registry: registry.example.com/team-a",
    },
    SpecKey {
        name: "references",
        takes: "a reference HOST/REPOSITORY[:TAG][@DIGEST], or a list of them",
        doc: "which manifests, one row each, in place of `registry`, `repositories` and `tags`; a digest beside a tag is the field `pinned`",
        example: "references: [ghcr.io/acme/api:1.4, ghcr.io/acme/web:2.0]",
    },
    SpecKey {
        name: "resource",
        takes: "a name",
        doc: "what one row is; `tags` without it",
        example: "resource: repositories",
    },
    SpecKey {
        name: "repositories",
        takes: "a pattern, a list of them, or {include, exclude, regex, semver}",
        doc: "which repositories: `!` excludes, `*` stays inside a path segment, `**` crosses",
        example: "repositories: [team-a/*, '!team-a/scratch*']",
    },
    SpecKey {
        name: "tags",
        takes: "a pattern, a list of them, or {include, exclude, regex, semver}",
        doc: "which tags",
        example: "tags: ['*', '!*-rc*']",
    },
    SpecKey {
        name: "platform",
        takes: "a platform or a list of them",
        doc: "which image stands for an index; without it linux/amd64, else the first",
        example: "platform: linux/arm64",
    },
    SpecKey {
        name: "with",
        takes: "a map of names to references HOST/REPOSITORY[:TAG][@DIGEST]",
        doc: "other images, whose fields are `with.NAME.FIELD` in every expression on rows",
        example: "with: {base: docker.io/library/debian:12}",
    },
    SpecKey {
        name: "where",
        takes: "an expression or a list of them, which must all hold",
        doc: "keeps rows; one that cannot be told keeps its row, marked",
        example: "where: older_than(created, params.days)",
    },
    SpecKey {
        name: "groupBy",
        takes: "a map of names to expressions, or a list of fields",
        doc: "one row for all rows with the same keys; what comes after sees the keys, and `rows`, in place of the fields; `{}` makes one group of everything",
        example: "groupBy: {VENDOR: labels.vendor}",
    },
    SpecKey {
        name: "columns",
        takes: "a map of names to expressions or {value, format, align, wide}, or a list of fields",
        doc: "what to show; a column may read those before it",
        example: "columns: {VENDOR: VENDOR, TAGS: length(rows)}",
    },
    SpecKey {
        name: "sortBy",
        takes: "an expression or a list of them, each with or without `-` in front",
        doc: "the order; `-` puts the largest first, nulls come last in both directions",
        example: "sortBy: [-SIZE, repository]",
    },
    SpecKey {
        name: "rankBy",
        takes: "an expression",
        doc: "within what `rank` counts 1, 2, 3 in sorted order; without it, over all rows",
        example: "rankBy: repository",
    },
    SpecKey {
        name: "having",
        takes: "an expression or a list of them, which must all hold",
        doc: "keeps rows, or groups, after they were sorted and ranked; sees the columns and `rank`",
        example: "having: rank <= `5`",
    },
    SpecKey {
        name: "limit",
        takes: "a whole number from 1 up",
        doc: "the most rows, or groups, to show",
        example: "limit: 50",
    },
    SpecKey {
        name: "assert",
        takes: "a list of {that, message}",
        doc: "what must hold of the result, else the exit code is 1; sees the printed `rows`, `count` (before `limit`), `errors` and `params`, in the `${…}` of a message too",
        example: "assert: [{that: 'count == `0`', message: '${count} stale images'}]",
    },
    SpecKey {
        name: "output",
        takes: "the name of a format",
        doc: "the format, if `-o` names none",
        example: "output: json",
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

    #[test]
    fn every_key_is_named_where_one_is_unknown() {
        let said = findings_of_spec("colour: red");
        let names = SPEC_KEYS.map(|key| format!("`{}`", key.name)).join(", ");
        assert!(said.ends_with(&format!("its keys are {names}")), "{said}");
    }

    #[test]
    fn the_readme_tells_of_every_key() {
        let readme = include_str!("../../README.md");
        let is_told = |key: &SpecKey| {
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
