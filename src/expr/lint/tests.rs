//! What is found before anything is asked, with its place and what was meant.

use super::super::testing::compile;
use super::*;
use crate::diagnostic::Severity;

const LAYER: Type = Type::Record(&[
    ("digest", Type::Text),
    ("size", Type::Integer),
    ("media_type", Type::Text),
]);
const NAMES: [(&str, Type); 11] = [
    ("tag", Type::Text),
    ("kind", Type::Word(&["image", "index"])),
    ("created", Type::Time),
    ("size", Type::Integer),
    ("total", Type::Integer),
    ("signed", Type::Boolean),
    ("labels", Type::Map(&Type::Text)),
    ("platforms", Type::List(&Type::Text)),
    ("layers", Type::List(&LAYER)),
    ("config", Type::Any),
    (
        "params",
        Type::Record(&[("days", Type::Integer), ("min", Type::Integer)]),
    ),
];

struct Tags;

impl Scope for Tags {
    fn type_of(&self, name: &str) -> Option<Type> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, known)| *known)
    }

    fn names(&self) -> Vec<&str> {
        NAMES.iter().map(|(name, _)| *name).collect()
    }

    fn describe(&self) -> String {
        "`tags` have no such field".to_owned()
    }
}

/// Every finding as `place: message`, with its hints after ` => `.
fn findings(text: &str) -> Vec<String> {
    let shown = |finding: Diagnostic| {
        let mark = if finding.severity == Severity::Warning {
            "(warning) "
        } else {
            ""
        };
        let place = finding.labels[0].place.text().to_owned();
        let hints: String = finding
            .hints
            .iter()
            .map(|hint| format!(" => {hint}"))
            .collect();
        format!("{place}: {mark}{}{hints}", finding.message)
    };
    compile(text).check(&Tags).into_iter().map(shown).collect()
}

#[track_caller]
fn finds(cases: &[(&str, &[&str])]) {
    for (text, expected) in cases {
        assert_eq!(findings(text), *expected, "{text}");
    }
}

#[test]
fn good_expressions_pass() {
    for text in [
        "tag",
        "older_than(created, params.days) && size > `5`",
        "labels.\"org.opencontainers.image.vendor\" != 'Acme'",
        "layers[?size > params.min].digest | [0]",
        "sum(layers[*].size) > total",
        "max_by(layers, &size).digest",
        "sort_by(layers, &media_type)[-1].size == size",
        "config.history[?empty_layer != `true`].created_by",
        "{tag: tag, big: size > `5`}.big",
        "join(', ', platforms)",
        "not_null(labels.app, tag) == 'x'",
        "length(labels) == `0` || !(labels.app)",
        "labels.* | [0]",
        "semver(tag).major >= `2`",
        "map(&length(digest), layers)",
        "before(created, '2024-01-01') || before('2024-01-01', now())",
        "contains(['a', 'b'], tag)",
        "config.true",
        "@.tag",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}

#[test]
fn what_is_never_equal_is_found() {
    finds(&[
        (
            "tag == `5`",
            &[
                "`5`: `tag` is a text, and this is a number => as a text it is written in single quotes: '5'",
            ],
        ),
        (
            "tag != `true`",
            &[
                "`true`: `tag` is a text, and this is true or false => as a text it is written in single quotes: 'true'",
            ],
        ),
        (
            "'5' == size",
            &[
                "'5': `size` is a number, and this is a text => without quotes it is written between backticks: `5`",
            ],
        ),
        (
            "signed == 'true'",
            &[
                "'true': `signed` is true or false, and this is a text => without quotes it is written between backticks: `true`",
            ],
        ),
        (
            "platforms == 'linux/arm64'",
            &[
                "'linux/arm64': `platforms` is a list of texts, and this is a text => whether the list has it is `contains(LIST, 'linux/arm64')`",
            ],
        ),
        (
            "labels == `[]`",
            &["`[]`: `labels` is a map, and this is a list"],
        ),
        (
            "created == '2024-01-31'",
            &[
                "'2024-01-31': `created` is a time, which is written `2024-01-31T00:00:00Z` here => times are compared by `before(created, '2024-01-31')` and `after(…)`; the days of a month are `starts_with(created, '2024-01')`",
            ],
        ),
        (
            "kind == 'img'",
            &["'img': `kind` is never 'img' => it is one of 'image', 'index'"],
        ),
        (
            "kind != 'indx'",
            &["'indx': `kind` is never 'indx' => did you mean 'index'?"],
        ),
        (
            "layers[?size == '5']",
            &[
                "'5': `size` is a number, and this is a text => without quotes it is written between backticks: `5`",
            ],
        ),
    ]);
    for text in [
        "tag == `null`",
        "size == `null` || size == `5`",
        "created == '2024-01-31T08:15:00Z'",
        "created == 'soon'",
        "kind == 'image'",
        "config.x == `5`",
        "labels.a == '5'",
        "`5` == '5'",
        "tag == kind",
        "to_string(size) == '5'",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}

#[test]
fn unknown_names_are_found_with_what_was_meant() {
    finds(&[
        (
            "sizee",
            &["sizee: unknown field `sizee` => did you mean `size`?"],
        ),
        ("colour", &["colour: unknown field `colour`"]),
        (
            "params.day && layers[0].sze",
            &[
                "day: unknown member `day` => did you mean `days`? => its members are `days`, `min`",
                "sze: unknown member `sze` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
            ],
        ),
        (
            "layers[*].sise",
            &[
                "sise: unknown member `sise` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
            ],
        ),
        (
            "semver(tag).mayor",
            &[
                "mayor: unknown member `mayor` => did you mean `major`? => its members are `major`, `minor`, `patch`, `pre`",
            ],
        ),
        ("size.bytes", &["bytes: a number has no member `bytes`"]),
        (
            "layers | length",
            &[
                "length: a list of maps has no member `length` => jq's `| length` is `| length(@)` here",
            ],
        ),
        (
            "layers.size",
            &[
                "size: a list of maps has no member `size` => of every element: `[*].size`; of the first: `[0].size`",
            ],
        ),
        ("labels[0]", &["[0]: a map has no elements"]),
        (
            "labels[*]",
            &["labels: a map has no elements => the values of a map are `.*`, its keys `keys(…)`"],
        ),
        (
            "layers.*",
            &["layers: a list of maps has no values => the elements of a list are `[*]`"],
        ),
    ]);
    assert_eq!(
        compile("x").check(&Tags)[0].labels[0].text,
        "`tags` have no such field"
    );
}

#[test]
fn texts_in_wrong_quotes_are_found() {
    finds(&[
        (
            "tag == \"app\"",
            &["\"app\": unknown field `app` => text is written in single quotes: 'app'"],
        ),
        (
            "tag == latest",
            &["latest: unknown field `latest` => text is written in single quotes: 'latest'"],
        ),
        (
            "tag == \"tags\"",
            &[
                "\"tags\": unknown field `tags` => did you mean `tag`? => text is written in single quotes: 'tags'",
            ],
        ),
        (
            "starts_with(tag, \"v1\")",
            &["\"v1\": unknown field `v1` => text is written in single quotes: 'v1'"],
        ),
        (
            "layers[?media_type == \"gzip\"]",
            &[
                "\"gzip\": unknown member `gzip` => text is written in single quotes: 'gzip' => its members are `digest`, `size`, `media_type`",
            ],
        ),
        (
            "config.history[?author == \"me\"]",
            &[
                "\"me\": (warning) `\"me\"` is the name of a field => text is written in single quotes: 'me'",
            ],
        ),
        ("config.history[?\"a-b\" == 'x']", &[]),
    ]);
}

#[test]
fn true_false_and_null_are_not_names() {
    finds(&[
        (
            "signed == true",
            &[
                "true: `true` is read as the name of a field => the value is written between backticks: `true`",
            ],
        ),
        (
            "tag != null",
            &[
                "null: `null` is read as the name of a field => the value is written between backticks: `null`",
            ],
        ),
        (
            "config.history[?empty_layer == false]",
            &[
                "false: `false` is read as the name of a field => the value is written between backticks: `false`",
            ],
        ),
    ]);
}

#[test]
fn calls_that_cannot_work_are_found() {
    finds(&[
        (
            "lenght(tag)",
            &["lenght: unknown function `lenght` => did you mean `length`?"],
        ),
        (
            "frobnicate(sizee)",
            &[
                "frobnicate: unknown function `frobnicate` => `docker-regq explain functions` lists all functions",
                "sizee: unknown field `sizee` => did you mean `size`?",
            ],
        ),
        (
            "length(tag, size)",
            &[
                "length(tag, size): `length` takes 1 argument, not 2 => it is called as `length(value)`",
            ],
        ),
        (
            "merge()",
            &[
                "merge(): `merge` takes at least 1 argument, not 0 => it is called as `merge(map, …)`",
            ],
        ),
        (
            "now(tag)",
            &["now(tag): `now` takes no arguments, not 1 => it is called as `now()`"],
        ),
        (
            "length(size)",
            &["size: `length` needs a text or a list or a map, not a number"],
        ),
        (
            "sum(layers)",
            &["layers: `sum` needs a list of numbers, not a list of maps"],
        ),
        (
            "sum(platforms)",
            &["platforms: `sum` needs a list of numbers, not a list of texts"],
        ),
        (
            "sort_by(layers, size)",
            &["size: `sort_by` needs an expression such as `&size`, not a number => write `&size`"],
        ),
        (
            "length(&tag)",
            &["&tag: `length` needs a text or a list or a map, not an expression"],
        ),
        (
            "older_than(size, '3d')",
            &["size: `older_than` needs a time, not a number"],
        ),
        (
            "sort_by(layers, &sise)",
            &[
                "sise: unknown member `sise` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
            ],
        ),
        (
            "map(&length(size), layers)",
            &["size: `length` needs a text or a list or a map, not a number"],
        ),
    ]);
}

#[test]
fn durations_and_times_are_read_at_once() {
    let durations =
        "durations are written '30d', '2w', '6mo', '1y 2mo' or '12h'; a number counts days";
    let wrong = format!("'30 dayz': `30 dayz` is not a duration => {durations}");
    assert_eq!(findings("older_than(created, '30 dayz')"), [wrong]);
    let times = "times are written '2024-01-31' or '2024-01-31T08:15:00Z'";
    let wrong = format!("'2024-13-01': \"2024-13-01\" is not a time => {times}");
    assert_eq!(findings("before(created, '2024-13-01')"), [wrong]);
}

#[test]
fn operators_of_order_are_for_numbers() {
    finds(&[
        (
            "created < '2024-01-01'",
            &[
                "created < '2024-01-01': `<` compares numbers, and `created` is a time => times are compared by `before(created, '2024-01-01')`",
            ],
        ),
        (
            "config.created >= '2024-01-01'",
            &[
                "config.created >= '2024-01-01': `>=` compares numbers, and `'2024-01-01'` is a text => times are compared by `after(config.created, '2024-01-01')`",
            ],
        ),
        (
            "tag > '1.2'",
            &[
                "tag > '1.2': `>` compares numbers, and `tag` is a text => times are compared by `before(created, '2024-01-01')` and `after(…)` => versions sort by `semver_key(tag)` and are compared by their parts: `semver(tag).major`",
            ],
        ),
        (
            "layers > `5`",
            &["layers > `5`: `>` compares numbers, and `layers` is a list of maps"],
        ),
        (
            "signed > `5`",
            &["signed > `5`: `>` compares numbers, and `signed` is true or false"],
        ),
    ]);
}

#[test]
fn fields_of_the_row_inside_a_projection_are_found() {
    let hint = "inside of a projection, a pipe or `&…` the current value is another; there is no way back to the row";
    let members = "its members are `digest`, `size`, `media_type`";
    let found = format!(
        "total: (warning) the row's `total` cannot be seen from here => {hint} => {members}"
    );
    assert_eq!(
        findings("platforms[?@ != total]"),
        [format!("total: a text has no member `total` => {hint}")]
    );
    for text in [
        "layers[?size > total]",
        "layers[0] | total",
        "sort_by(layers, &total)",
    ] {
        assert_eq!(findings(text), std::slice::from_ref(&found), "{text}");
    }
}

#[test]
fn reading_the_whole_row_is_found() {
    let hint = "name the fields that are wanted: `{tag: tag, size: size}`";
    for (text, place) in [("@", "@"), ("length(@)", "@"), ("keys(@)", "@"), ("*", "*")] {
        let expected = format!(
            "{place}: (warning) this reads the whole row, so every fact about it is fetched => {hint}"
        );
        assert_eq!(findings(text), [expected], "{text}");
    }
}

#[test]
fn a_tight_not_is_found() {
    finds(&[
        (
            "!labels.app",
            &[
                "!labels: `!` takes only the name next to it, so this is always null => write `!(labels.app)`",
            ],
        ),
        (
            "!platforms[?@ == 'linux/arm64']",
            &[
                "!platforms: `!` takes only the name next to it, so this is always null => write `!(platforms[…])`",
            ],
        ),
        ("{a: tag, a: size}", &["size: the key `a` is given twice"]),
    ]);
}

#[test]
fn result_types_are_known_as_far_as_they_can_be() {
    for (text, expected) in [
        ("size", Type::Integer),
        ("created", Type::Time),
        ("labels.app", Type::Text),
        ("layers[*].size", Type::List(&Type::Integer)),
        ("layers[0].size", Type::Integer),
        ("platforms[]", Type::List(&Type::Text)),
        ("size > `5`", Type::Boolean),
        ("max(layers[*].size)", Type::Integer),
        ("sort(platforms)[0]", Type::Text),
        ("map(&digest, layers)", Type::List(&Type::Text)),
        ("not_null(tag)", Type::Any),
        ("tag || 'x'", Type::Text),
        ("size || `0.5`", Type::Number),
        ("size || tag", Type::Any),
        ("{a: tag}", Type::Map(&Type::Any)),
        ("{a: tag}.a", Type::Text),
        ("params.days", Type::Integer),
        ("config.x", Type::Any),
        ("now()", Type::Time),
        ("`[1, 2]`", Type::List(&Type::Integer)),
    ] {
        assert_eq!(compile(text).result_type(&Tags), expected, "{text}");
    }
}

#[test]
fn our_functions_fit_one_another() {
    for text in [
        "semver_matches(tag, '>=1.2 <2 || ^3') && regex_match(tag, '^v[0-9]+$')",
        "glob('v*-{alpine,slim}', tag) || platform_matches(platforms[0], 'linux/*')",
        "date(created, '%Y-%m') == '2026-01' && epoch(created) > `0`",
        "sum_by(unique_by(layers, &digest), &size) > size",
        "unique_by(layers, &digest)[*].size | [0]",
        "count_by(layers, &media_type).* | [0] > `1`",
        "if(signed, size, total) > `5`",
        "add(size, total, `1`) > round(div(size, `3`), `1`)",
        "split(tag, '-')[0] == trim(upper(tag), 'v')",
        "items(labels)[*][0] | join(',', @)",
        "difference(['linux/amd64'], platforms)[0]",
        "starts_with_layers(layers, layers[:1])",
        "regex_capture(tag, '(?<n>[0-9]+)', 'n')",
        "sort_by(layers, &natural_key(digest))[0].digest",
        "older_than(if(signed, created, now()), '30d')",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}

#[test]
fn literals_with_a_grammar_are_read_at_once() {
    finds(&[
        (
            "regex_match(tag, 'a(')",
            &["'a(': this is no regular expression: unclosed group"],
        ),
        (
            "regex_capture(tag, '(\\w{200}){200}')",
            &[
                "'(\\w{200}){200}': the regular expression takes more than 1048576 bytes when compiled => repeat less: `{1000}` of a group makes a thousand copies of it",
            ],
        ),
        (
            "glob('{a', tag)",
            &[
                "'{a': `{a` is no pattern: a `{` has no `}` => a pattern has `*`, `**`, `?`, `[a-z]` and `{a,b}`; a `\\` before one of them takes its meaning away",
            ],
        ),
        (
            "semver_matches(tag, '>=1.2 <foo')",
            &[
                "foo: `foo` is not a version such as `1.2`, `1.2.3` or `1.x` => ranges are written '>=1.2 <2', '^1.2.3', '~1.2', '1.x', '1.2 - 2.0' or '1 || 3'",
            ],
        ),
        (
            "semver_matches(tag, `\"1.x.3\"`)",
            &[
                "`\"1.x.3\"`: `1.x.3` is not a version such as `1.2`, `1.2.3` or `1.x` => ranges are written '>=1.2 <2', '^1.2.3', '~1.2', '1.x', '1.2 - 2.0' or '1 || 3'",
            ],
        ),
        (
            "date(created, '%Y-%')",
            &[
                "'%Y-%': `%Y-%` is not a time format => `%Y-%m-%d` is 2024-01-31, `%H:%M` is 08:15, `%%` is a percent sign",
            ],
        ),
        (
            "date(created, 'YYYY-MM-DD')",
            &[
                "'YYYY-MM-DD': (warning) this format says nothing of the time => `%Y-%m-%d` is 2024-01-31, `%H:%M` is 08:15, `%%` is a percent sign",
            ],
        ),
        (
            "platform_matches(platforms[0], 'arm64')",
            &[
                "'arm64': a platform is `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`, such as `linux/arm64` => `*` stands for any: `linux/*`",
            ],
        ),
        (
            "split(tag, '-', `-1`)",
            &["`-1`: `-1` is no whole number from zero on"],
        ),
        (
            "round(size, `0.5`)",
            &["`0.5`: `0.5` is no whole number from zero on"],
        ),
    ]);
}

#[test]
fn wrong_arguments_of_our_functions_are_found() {
    finds(&[
        (
            "split(tag)",
            &[
                "split(tag): `split` takes 2 to 3 arguments, not 1 => it is called as `split(text, separator[, count])`",
            ],
        ),
        ("upper(size)", &["size: `upper` needs a text, not a number"]),
        (
            "unique_by(layers, digest)",
            &[
                "digest: unknown field `digest` => text is written in single quotes: 'digest'",
                "digest: `unique_by` needs an expression such as `&size`, not anything => write `&digest`",
            ],
        ),
        (
            "sum_by(layers, &sise)",
            &[
                "sise: unknown member `sise` => did you mean `size`? => its members are `digest`, `size`, `media_type`",
            ],
        ),
        (
            "if(signed, tag, 'x') < `5`",
            &[
                "if(signed, tag, 'x') < `5`: `<` compares numbers, and `if(signed, tag, 'x')` is a text => times are compared by `before(created, '2024-01-01')` and `after(…)` => versions sort by `semver_key(tag)` and are compared by their parts: `semver(tag).major`",
            ],
        ),
        (
            "regex_match('^v', `1`)",
            &["`1`: `regex_match` needs a regular expression, not a number"],
        ),
        (
            "items(layers)",
            &["layers: `items` needs a map, not a list of maps"],
        ),
    ]);
}

#[test]
fn g9_many_large_patterns_are_one_error_and_little_time() {
    let calls: Vec<String> = (0..300)
        .map(|at| format!("regex_match(tag, '{at}\\w{{20}}')"))
        .collect();
    let found = findings(&format!("[{}]", calls.join(", ")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("take more than 4194304 bytes"),
        "{found:?}"
    );
    let same = vec!["regex_match(tag, '\\w{20}')"; 100].join(" || ");
    assert_eq!(findings(&same), [""; 0]);
}
