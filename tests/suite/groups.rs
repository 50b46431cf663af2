//! Groups: one row for all rows that have the same keys, and of those rows nothing is fetched but what is read.

use regq::rows::Verdict;

use super::support::image::Image;
use super::support::model::Model;
use super::support::query::{Answer, Asking, ask};

fn image(owner: &str, bytes: u64) -> Image {
    Image::new()
        .label("owner", owner)
        .layer(&format!("{owner}{bytes}"), bytes)
        .created("2025-03-01T10:00:00Z")
}

/// Three repositories, five tags, two owners.
fn model() -> Model {
    Model::new("plain")
        .tag("a:1", image("x", 100))
        .tag("a:2", image("y", 200))
        .tag("b:1", image("x", 300))
        .tag("c:1", image("y", 400))
        .tag("c:2", image("y", 500))
}

/// The same; the config of `a:2` and the manifest of `b:1` cannot be had.
fn broken_model() -> Model {
    model().breaking("config a:2").breaking("manifest b:1")
}

fn shown(query: &str) -> Vec<String> {
    ask(&model(), query).shown()
}

#[test]
fn groups_come_in_the_order_of_their_first_rows_with_keys_and_count() {
    assert_eq!(shown("groupBy: [repository]"), ["a 2", "b 1", "c 2"]);
    let answer = ask(&model(), "groupBy: {OWNER: labels.owner, one: tag == '1'}");
    assert_eq!(answer.shown(), ["x true 2", "y false 2", "y true 1"]);
    assert_eq!(shown("groupBy: repository"), shown("groupBy: [repository]"));
}

#[test]
fn without_keys_everything_is_one_group_even_where_there_is_nothing() {
    let query = "
groupBy: {}
columns:
  TAGS: length(rows)
  BYTES: sum(rows[].size)
  REPOSITORIES: rows[].repository | [0]";
    let all = ask(&model(), query);
    assert_eq!(all.shown(), ["5 2760 a"]);
    assert_eq!(all.rows[0].name, "test");
    let none = format!("tags: none*\n{}", query.trim());
    assert_eq!(shown(&none), ["0 0 null"]);
    assert_eq!(shown("{tags: 'none*', groupBy: [repository]}"), [""; 0]);
    let broken = Asking::of(&model().breaking("repositories")).ask("groupBy: {}");
    assert_eq!(broken.shown(), [""; 0]);
}

#[test]
fn columns_see_keys_rows_and_the_columns_before() {
    let query = "
groupBy: {repo: repository}
columns:
  REPO: repo
  TAGS: rows[].tag
  FIRST: TAGS[0]
  LARGEST: max_by(rows, &size).tag
  BIG: \"length(rows[?size > `450`])\"
  TEXT: join('/', [repo, FIRST])";
    assert_eq!(
        shown(query),
        [
            r#"a ["1","2"] 1 2 1 a/1"#,
            r#"b ["1"] 1 1 1 b/1"#,
            r#"c ["1","2"] 1 2 2 c/1"#
        ]
    );
}

#[test]
fn conditions_come_before_groups_and_the_order_after() {
    let query = "
where: labels.owner == 'y'
groupBy: [repository]
columns: {REPO: repository, N: length(rows), SUM: 'sum(rows[].size)'}
sortBy: [-N, -SUM, repository]";
    assert_eq!(ask(&model(), query).shown().len(), 2);
    assert!(ask(&model(), query).shown()[0].starts_with("c 2"));
    let first = format!("{query}\nlimit: 1");
    assert_eq!(ask(&model(), &first).shown().len(), 1);
    let by_rows = "{groupBy: [repository], columns: [repository], sortBy: -length(rows), limit: 2}";
    assert_eq!(shown(by_rows), ["a", "c"]);
}

#[test]
fn only_what_is_read_of_rows_is_fetched() {
    for (columns, costs) in [
        ("[repository]", [4, 0, 0, 0]),
        ("{N: length(rows)}", [4, 0, 0, 0]),
        ("{T: 'rows[].tag'}", [4, 0, 0, 0]),
        ("{D: 'rows[?tag == repository].digest'}", [4, 5, 0, 0]),
        ("{S: 'sum(rows[].size)'}", [4, 0, 5, 0]),
        ("{S: 'max_by(rows, &size).tag'}", [4, 0, 5, 0]),
        ("{C: 'max(rows[].created)'}", [4, 0, 5, 5]),
        ("{C: 'sort_by(rows, &tag)[-1].created'}", [4, 0, 5, 5]),
    ] {
        let answer = ask(
            &model(),
            &format!("groupBy: [repository]\ncolumns: {columns}"),
        );
        assert_eq!(answer.costs(), costs, "{columns}");
        assert_eq!(answer.rows.len(), 3);
    }
}

#[test]
fn what_decides_is_asked_of_all_groups_and_what_is_shown_of_the_first() {
    let query = "
groupBy: [repository]
columns: {REPO: repository, SUM: 'sum(rows[].size)', NEW: 'max(rows[].created)'}
sortBy: -length(rows)
limit: 1";
    let answer = ask(&model(), query);
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.costs(), [4, 0, 2, 2]);
    let by_size = query.replace("-length(rows)", "-SUM");
    assert_eq!(ask(&model(), &by_size).costs(), [4, 0, 5, 2]);
}

#[test]
fn having_drops_groups_before_anything_dear_is_asked_of_them() {
    let query = "
groupBy: [repository]
columns: {REPO: repository, SUM: 'sum(rows[].size)'}
having: [\"SUM > `900`\", \"length(rows) > `1`\"]";
    let answer = ask(&model(), query);
    assert_eq!(answer.rows.len(), 1);
    assert_eq!(answer.costs(), [4, 0, 4, 0]);
}

#[test]
fn an_unknown_key_makes_a_marked_group_of_its_own() {
    let query = "{groupBy: {OWNER: labels.owner}}";
    let answer = ask(&broken_model(), query);
    assert_eq!(answer.shown(), ["x 1", "null 2 !", "y 2"]);
    assert_eq!(
        answer.errors(),
        ["a:2 labels UNREADABLE", "b:1 labels UNREADABLE"]
    );
    let null = model().tag("d:1", Image::new());
    let null = null.breaking("config a:2");
    let query = "{groupBy: {OWNER: labels.owner}, columns: [OWNER]}";
    assert_eq!(ask(&null, query).shown(), ["x", "null !", "y", "null"]);
}

#[test]
fn an_unknown_key_counts_even_where_the_limit_cuts_its_group_off() {
    let query = "{groupBy: {OWNER: labels.owner}, limit: 1}";
    let answer = ask(&broken_model(), query);
    assert_eq!(answer.shown(), ["x 1"]);
    assert_eq!(
        answer.errors(),
        ["a:2 labels UNREADABLE", "b:1 labels UNREADABLE"]
    );
}

#[test]
fn a_group_with_a_marked_row_is_marked_and_its_errors_are_told_once() {
    let query = "
where: labels.owner != 'z'
groupBy: [repository]
columns:
  REPO: repository
  N: length(rows)
  OWNERS: rows[].labels.owner
  AGAIN: rows[0].labels.owner";
    let answer = ask(&broken_model(), query);
    assert_eq!(
        answer.shown(),
        ["a 2 null null !", "b 1 null null !", r#"c 2 ["y","y"] y"#]
    );
    assert_eq!(
        answer.errors(),
        ["a:2 labels UNREADABLE", "b:1 labels UNREADABLE"]
    );
}

#[test]
fn a_fact_that_a_group_does_not_show_hurts_nobody() {
    let query = "{groupBy: [repository], columns: {REPO: repository, NEW: 'rows[].created'}, sortBy: -REPO, limit: 1}";
    let answer = ask(&broken_model(), query);
    assert_eq!(answer.rows.len(), 1);
    assert!(answer.summary.is_complete());
}

#[test]
fn a_sum_that_leaves_something_out_is_none() {
    let query = "{groupBy: {}, columns: {SUM: 'sum(rows[].size)'}, assert: [{that: \"rows[0].SUM > `0`\"}, {that: count == `2`}]}";
    let query = query.replace("count == `2`", "'count == `2`'");
    let answer = ask(&broken_model(), &query);
    assert_eq!(answer.shown(), ["null !"]);
    let verdicts: Vec<Verdict> = verdicts(&answer);
    assert_eq!(verdicts, [Verdict::Undecided, Verdict::Fails]);
}

fn verdicts(answer: &Answer) -> Vec<Verdict> {
    let asserts = answer.summary.asserts.iter();
    asserts.map(|checked| checked.verdict).collect()
}

#[test]
fn asserts_count_groups() {
    let query = "
groupBy: [repository]
limit: 1
assert:
  - that: count == `3`
  - that: length(rows) == `1` && rows[0].COUNT == `2`
  - that: rows[0].REPOSITORY == 'a'";
    assert_eq!(verdicts(&ask(&model(), query)), [Verdict::Holds; 3]);
}

#[test]
fn what_vanishes_leaves_its_group() {
    let query = "
groupBy: [repository]
columns: {REPO: repository, N: length(rows), SUM: 'sum(rows[].size)'}
sortBy: [-N, -SUM]";
    let whole = ask(&model(), query).shown();
    assert!(whole[0].starts_with("c 2") && whole[1].starts_with("a 2"));
    let answer = ask(&model().without("c:1").without("b:1"), query);
    let counts: Vec<&str> = answer.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(counts, ["a", "c"]);
    assert_eq!(answer.summary.gone, 2);
}

#[test]
fn named_tags_that_are_not_there_are_in_no_group() {
    let query = "{repositories: [a, c], tags: ['1', '2', none], groupBy: {}}";
    assert_eq!(shown(query), ["4"]);
    let query = "{repositories: [a, zzz], groupBy: [repository]}";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown(), ["a 2"]);
    assert_eq!(answer.errors(), ["zzz NAME_UNKNOWN"]);
}

#[test]
fn a_group_is_named_by_its_keys() {
    let names = |query: &str| -> Vec<String> {
        let rows = ask(&model(), query).rows.into_iter();
        rows.map(|row| row.name).collect()
    };
    assert_eq!(names("groupBy: [registry, repository]")[0], "plain/a");
    assert_eq!(
        names("groupBy: {N: 'length(tag)', NO: author}"),
        ["1/<none>"]
    );
}

#[test]
fn groups_of_several_registries_are_one_where_their_keys_are() {
    let answer = Asking::of(&model())
        .and(&Model::new("other").tag("a:9", image("z", 1)))
        .ask("{groupBy: [repository]}");
    assert_eq!(answer.shown(), ["a 3", "b 1", "c 2"]);
}

#[test]
fn the_whole_row_of_a_group_is_keys_and_rows() {
    let query = "{groupBy: [repository], columns: {K: 'keys(@)', L: 'length(rows[0].layers)'}}";
    assert_eq!(shown(query)[0], r#"["repository","rows"] 1"#);
}

#[test]
fn what_a_group_does_not_have_is_an_error_before_anything_is_asked() {
    for (written, message, hint) in [
        (
            "columns: {S: size}",
            "unknown field `size`",
            "`rows[].size`",
        ),
        ("columns: {S: repo}", "unknown field `repo`", ""),
        (
            "columns: {S: 'rows[].sise'}",
            "unknown member `sise`",
            "did you mean `size`?",
        ),
        (
            "columns: {S: 'rows[].zzz'}",
            "unknown member `zzz`",
            "explain tags",
        ),
        (
            "columns: {S: rows.size}",
            "a list of maps has no member `size`",
            "[*].size",
        ),
        (
            "columns: {S: 'sum(rows[].tag)'}",
            "`sum` needs a list of numbers, not a list of texts",
            "",
        ),
        ("sortBy: tag", "unknown field `tag`", "`rows[].tag`"),
        (
            "having: count > `1`",
            "unknown field `count`",
            "`assert` alone",
        ),
        ("sortBy: rank", "unknown field `rank`", "`having` alone"),
        (
            "where: rows",
            "unknown field `rows`",
            "a query with `groupBy`",
        ),
        (
            "where: REPOSITORY == 'a'",
            "unknown field `REPOSITORY`",
            "did you mean `repository`?",
        ),
    ] {
        let query = format!("groupBy: [repository]\n{written}");
        let found = Asking::of(&model()).findings(&query);
        assert_eq!(found.len(), 1, "{written}");
        assert_eq!(found[0].message, message, "{written}");
        assert!(
            found[0].hints.concat().contains(hint),
            "{written} {:?}",
            found[0].hints
        );
    }
}

#[test]
fn keys_that_differ_in_case_alone_keep_their_names() {
    let query = "{groupBy: {a: repository, A: tag, Count: name}, sortBy: [-COUNT, -a]}";
    let answer = ask(&model(), query);
    assert_eq!(answer.shown()[0], "c 1 c 1");
    let query =
        "{groupBy: {a: repository, A: tag}, assert: [{that: \"rows[0].A == '1' && rows[0].a\"}]}";
    assert_eq!(verdicts(&ask(&model(), query)), [Verdict::Holds]);
    let found = Asking::of(&model()).findings("groupBy: {COUNT: tag}");
    assert_eq!(
        found[0].message,
        "the key `COUNT` has the name of the column that counts rows"
    );
    let odd = "groupBy: {'a \"b\"': repository}";
    assert_eq!(ask(&model(), odd).shown()[0], "a 2");
}

#[test]
fn g8_a_group_of_many_rows_may_cost_more_than_a_row_but_not_without_end() {
    let tag = |model: Model, at: usize| model.tag(&format!("a:{at}"), Image::new());
    let many = (0..3000).fold(Model::new("plain"), tag);
    let query = "{groupBy: {}, columns: {N: 'length(sort_by(rows, &tag))'}}";
    let ended = |steps: u64| Asking::of(&many).steps(steps).try_ask(query);
    assert_eq!(ended(30_000).unwrap().shown(), ["3000"]);
    assert!(ended(60).is_err());
}
