//! What expressions give, in both modes, and what they may cost.

use std::time::{Duration, Instant};

use super::super::testing::{self, compile, evaluate, json, lenient};
use super::*;
use crate::limits::Limits;
use crate::value::{JsonStyle, to_json};

fn strict(text: &str, row: &str) -> Result<String, EvalError> {
    evaluate(text, row, Mode::Strict)
}

#[track_caller]
fn gives(row: &str, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(lenient(text, row).as_deref(), Ok(*expected), "{text}");
    }
}

/// Eleven expressions of a few bytes that stand for more work than a run has.
fn blow_ups() -> Vec<String> {
    let thousands = "[`0`,`1`,`2`,`3`,`4`,`5`,`6`,`7`,`8`,`9`]";
    let list = format!("{thousands}{}", "[].[@,@,@,@,@,@,@,@,@,@][]".repeat(4));
    let text = format!("'{}'{}", "x".repeat(64), " | join('', [@,@])".repeat(16));
    vec![
        format!("@{}", " | [@,@]".repeat(27)),
        format!("@{}", " | {a:@,b:@}".repeat(27)),
        format!(
            "{list} | [*].[length(to_string(@)),@]{}",
            "[].[@,@,@,@,@,@,@,@][]".repeat(3)
        ),
        format!("{list} | sort_by(@, &to_string(@)) | [@,@,@,@,@,@][] | sort_by(@, &to_string(@))"),
        format!(
            "'{}'{}",
            "x".repeat(100),
            " | join(@, [@,@,@,@,@,@,@,@])".repeat(9)
        ),
        format!("@{} | to_string(@)", " | [@,@]".repeat(20)),
        format!(
            "{text} | [@,@,@,@,@,@,@,@] | [reverse([0]),reverse([1]),reverse([2]),reverse([3])] | map(&reverse(@), @) | map(&reverse(@), @)"
        ),
        format!("{list} | map(&map(&length(@), `[[],[],[],[],[],[],[],[],[],[]]`), @)"),
        format!(
            "@{} | [@,@] | [0] == [1] && [*].a == [1].b",
            " | [@,@]".repeat(18)
        ),
        format!("merge({})", vec!["a"; 64].join(",")) + &" | merge(@,@,@,@,@,@,@,@)".repeat(250),
        format!("to_string({list}) | [@,@,@,@,@,@,@,@] | map(&parse_json(@), @)"),
    ]
}

#[test]
fn g8_blow_ups_end_soon_with_an_error_at_their_place() {
    let entries: Vec<String> = (0..1000).map(|n| format!("\"k{n}\":{n}")).collect();
    let row = format!("{{\"a\":{{{}}}}}", entries.join(","));
    for text in blow_ups() {
        let start = Instant::now();
        let error = lenient(&text, &row).expect_err(&text[..text.len().min(60)]);
        let took = start.elapsed();
        // Without bounds it would be hours; a machine that is busy may take its time.
        assert!(took < Duration::from_secs(20), "{text}: {took:?}");
        assert_eq!(error.kind, EvalErrorKind::Budget, "{text}: {error}");
        assert!(error.place.start < error.place.end);
    }
}

#[test]
fn g8_the_bound_stands_in_the_message() {
    let limits = Limits {
        expression_steps: 10,
        expression_result_bytes: 20,
        ..Limits::default()
    };
    let context = Context::new(jiff::Timestamp::UNIX_EPOCH, &limits);
    let message = |text| {
        let error = compile(text).evaluate(&json("{}"), &context).unwrap_err();
        (error.message, error.place.text().to_owned())
    };
    let (message_, place) = message("[a,b,c,d,e,f,g,h]");
    assert_eq!(
        message_,
        "the expression is too expensive: more than 10 steps"
    );
    assert_eq!(place, "[a,b,c,d,e,f,g,h]");
    let (message_, place) = message("a || join('', ['0123456789', '0123456789'])");
    assert_eq!(
        message_,
        "the expression makes a value of more than 20 bytes"
    );
    assert_eq!(place, "['0123456789', '0123456789']");
}

#[test]
fn keys_keep_the_order_written() {
    gives(
        r#"{"zeta":1,"alpha":{"y":2,"b":3}}"#,
        &[
            (
                "{z: zeta, \"A b\": alpha.b, c: @.zeta}",
                r#"{"z":1,"A b":3,"c":1}"#,
            ),
            ("@", r#"{"zeta":1,"alpha":{"y":2,"b":3}}"#),
            ("keys(@)", r#"["zeta","alpha"]"#),
            ("alpha.*", "[2,3]"),
            ("merge(alpha, {a: zeta, y: zeta})", r#"{"y":1,"b":3,"a":1}"#),
            ("`{\"z\": 1, \"a\": 2}`", r#"{"z":1,"a":2}"#),
            ("to_string(alpha)", r#""{\"y\":2,\"b\":3}""#),
        ],
    );
}

#[test]
fn integers_are_exact() {
    gives(
        r#"{"big":9007199254740993,"max":18446744073709551615,"list":[9007199254740993,1],"half":0.5}"#,
        &[
            ("big == `9007199254740992`", "false"),
            ("big == `9007199254740993`", "true"),
            ("big > `9007199254740992`", "true"),
            ("big >= `9007199254740992.0`", "true"),
            ("max", "18446744073709551615"),
            ("max == `18446744073709551615`", "true"),
            ("max > `18446744073709551614`", "true"),
            ("sum(list)", "9007199254740994"),
            ("sum([max, `-1`])", "18446744073709551614"),
            ("max(list)", "9007199254740993"),
            ("abs(`-9007199254740993`)", "9007199254740993"),
            ("floor(big)", "9007199254740993"),
            ("ceil(half)", "1"),
            ("floor(`-1.5`)", "-2"),
            ("to_number('9007199254740993')", "9007199254740993"),
            ("to_number('1.5')", "1.5"),
            ("to_string(max)", r#""18446744073709551615""#),
            ("avg(`[1, 2]`)", "1.5"),
            ("sum(`[]`)", "0"),
            ("sum(`[1, 0.5]`)", "1.5"),
            ("`1` == `1.0`", "true"),
            (
                "sort([max, big, half])",
                "[0.5,9007199254740993,18446744073709551615]",
            ),
        ],
    );
}

#[test]
fn absent_values_make_functions_absent() {
    gives(
        r#"{"l":[{"n":2,"t":"b"},{"n":null},{"n":1,"t":"a"}],"nulls":[null,3,null,1],"none":[null]}"#,
        &[
            ("length(nope)", "null"),
            ("starts_with(nope, 'a')", "null"),
            ("contains(nope, 'a')", "null"),
            ("join(',', nope)", "null"),
            ("join(',', ['a', nope])", "null"),
            ("keys(nope)", "null"),
            ("abs(nope)", "null"),
            ("sum(nope)", "null"),
            ("merge(nope, l[0])", "null"),
            ("map(&n, nope)", "null"),
            ("sort_by(nope, &n)", "null"),
            ("to_array(nope)", "[null]"),
            ("to_string(nope)", "\"null\""),
            ("type(nope)", "\"null\""),
            ("not_null(nope, l[0].n)", "2"),
            ("sum(nulls)", "4"),
            ("avg(nulls)", "2"),
            ("min(nulls)", "1"),
            ("max(nulls)", "3"),
            ("max(none)", "null"),
            ("avg(none)", "null"),
            ("sum(none)", "0"),
            ("sort(nulls)", "[1,3,null,null]"),
            ("max_by(l, &n).t", "\"b\""),
            ("min_by(l, &n).t", "\"a\""),
            ("max_by(l, &nope)", "null"),
            ("sort_by(l, &n)[*].n", "[1,2]"),
            ("map(&n, sort_by(l, &n))", "[1,2,null]"),
            ("sort_by(l, &t)[-1]", r#"{"n":null}"#),
            ("nope < `1`", "null"),
            ("`1` >= nope", "null"),
            ("'a' < nope", "null"),
            ("older_than(nope, '30d')", "null"),
            ("before(nope, '2024-01-01')", "null"),
            ("semver(nope)", "null"),
            ("human_bytes(nope)", "null"),
        ],
    );
}

#[test]
fn strict_mode_keeps_the_errors_of_the_specification() {
    for text in [
        "length(nope)",
        "sum(`[1, null]`)",
        "sort(`[1, null]`)",
        "sort_by(`[{}]`, &a)",
        "max_by(`[{}]`, &a)",
        "join(',', nope)",
        "keys(nope)",
        "abs('a')",
    ] {
        let error = strict(text, "{}").unwrap_err();
        assert_eq!(error.kind, EvalErrorKind::Type, "{text}");
    }
    assert_eq!(strict("'a' < 'b'", "{}").as_deref(), Ok("null"));
    assert_eq!(strict("avg(`[]`)", "{}").as_deref(), Ok("null"));
}

#[test]
fn wrong_types_are_errors_at_their_place() {
    for (text, message, shown) in [
        (
            "a || length(`5`)",
            "`length` needs a text or a list or a map, not a number",
            "`5`",
        ),
        (
            "sum([`1`, 'x'])",
            "`sum` needs a list of numbers, not a list",
            "[`1`, 'x']",
        ),
        (
            "sort_by([`1`], 'x')",
            "`sort_by` needs an expression such as `&size`, not a text",
            "'x'",
        ),
        (
            "length(&a)",
            "`length` needs a text or a list or a map, not an expression",
            "&a",
        ),
        (
            "sort_by(`[1, true]`, &@)",
            "elements are ordered by numbers or texts, not by `true`",
            "&@",
        ),
        (
            "sort_by(`[1, \"a\"]`, &@)",
            "elements are ordered by numbers or by texts, not by both",
            "&@",
        ),
        ("nofn(a)", "there is no function `nofn`", "nofn"),
        (
            "b && abs(`1`, `2`) || abs()",
            "`abs` takes 1 argument, not 0",
            "abs",
        ),
        (
            "older_than('2024-01-01', 'soon')",
            "`soon` is not a duration",
            "'soon'",
        ),
        (
            "older_than('2024-01-01', `-1`)",
            "the duration `-1` is negative",
            "`-1`",
        ),
        (
            "newer_than('2024-01-01', '999999999999y')",
            "`999999999999y` is not a duration",
            "'999999999999y'",
        ),
        (
            "newer_than('2024-01-01', '19000y')",
            "the duration leads beyond the year -9999",
            "'19000y'",
        ),
        (
            "newer_than('2024-01-01', `1e300`)",
            "the duration leads beyond the year -9999",
            "`1e300`",
        ),
    ] {
        let error = lenient(text, "{}").unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.place.text()),
            (message, shown),
            "{text}"
        );
    }
}

#[test]
fn our_own_functions_keep_their_rules_in_strict_mode() {
    for (text, expected) in [
        ("lower(nope)", "null"),
        ("older_than(nope, '30d')", "null"),
        ("split(nope, '/')", "null"),
        ("unique(nope)", "null"),
        ("sum_by(`[{}]`, &n)", "0"),
        ("if(nope, `1`, `2`)", "2"),
    ] {
        assert_eq!(strict(text, "{}").as_deref(), Ok(expected), "{text}");
    }
    assert!(strict("upper(`1`)", "{}").is_err());
    assert!(strict("unique(keys(nope))", "{}").is_err());
}

#[test]
fn ordering_what_are_no_numbers_names_what_to_use() {
    let error = lenient("a.created < '2024-01-01'", r#"{"a":{"created":"2023"}}"#).unwrap_err();
    assert_eq!(error.kind, EvalErrorKind::Type);
    for name in ["before(", "after(", "semver_key("] {
        assert!(error.message.contains(name), "{error}");
    }
    assert_eq!(error.place.text(), "a.created < '2024-01-01'");
}

#[test]
fn times_are_compared_as_instants() {
    gives(
        r#"{"created":"2026-01-28T08:15:30.5Z","offset":"2026-01-01T01:00:00+02:00"}"#,
        &[
            ("older_than(created, '30d')", "false"),
            ("newer_than(created, '30d')", "true"),
            ("older_than(created, `30`)", "false"),
            ("older_than(created, `29.99`)", "true"),
            ("older_than(created, '4w')", "true"),
            ("older_than(created, '1mo')", "false"),
            ("older_than(created, '719h')", "true"),
            ("older_than('2025-02-27T08:15:30Z', '1y')", "true"),
            ("older_than('2025-02-27T08:15:31Z', '1y')", "false"),
            ("before(offset, '2026-01-01')", "true"),
            ("after(offset, '2025-12-31T22:59:59.999Z')", "true"),
            ("before('2026-01-01', '2026-01-01T00:00:00Z')", "false"),
            ("before('latest', '2026-01-01')", "null"),
            ("older_than('latest', '30d')", "null"),
            ("now()", r#""2026-02-27T08:15:30Z""#),
            ("older_than(now(), '1s')", "false"),
        ],
    );
}

#[test]
fn what_strangers_write_is_no_version_no_digest_and_no_json() {
    gives(
        r#"{"tag":"latest"}"#,
        &[
            ("semver(tag)", "null"),
            ("semver_key(tag)", "null"),
            ("short(tag)", "null"),
            ("short('sha256:abc')", "null"),
            ("short('sha256:zzzzzzzzzzzzzzzz')", "null"),
            ("semver('1.2').patch", "null"),
            ("parse_json(tag)", "null"),
            ("parse_json('')", "null"),
            ("parse_json('{\"a\":1} 2')", "null"),
            ("parse_json('{\"a\":1,\"a\":2}')", "null"),
            ("parse_json(absent)", "null"),
            ("parse_json(' [1] ')", "[1]"),
            (
                "semver('1.2.3+b')",
                r#"{"major":1,"minor":2,"patch":3,"pre":null}"#,
            ),
        ],
    );
}

#[test]
fn slices_and_positions_count_from_either_end() {
    gives(
        "[0,1,2,3,4]",
        &[
            ("[0]", "0"),
            ("[-1]", "4"),
            ("[5]", "null"),
            ("[-6]", "null"),
            ("[1:3]", "[1,2]"),
            ("[-2:]", "[3,4]"),
            ("[::-2]", "[4,2,0]"),
            ("[10:]", "[]"),
            ("[:-10:-1]", "[4,3,2,1,0]"),
            ("[::2147483647]", "[0]"),
            ("[-2147483647:2147483647]", "[0,1,2,3,4]"),
        ],
    );
}

#[test]
fn constants_are_the_same_at_any_depth() {
    let constants = json(r#"{"params":{"min":2}}"#);
    let limits = Limits::default();
    let context = Context {
        constants: &constants,
        ..Context::new(jiff::Timestamp::UNIX_EPOCH, &limits)
    };
    let row = json(r#"{"l":[1,2,3],"config":{"params":{"min":9}},"params":"field"}"#);
    for (text, expected) in [
        ("l[?@ >= params.min]", "[2,3]"),
        ("l | [?@ >= params.min]", "[2,3]"),
        ("config.params.min", "9"),
        ("\"params\"", "\"field\""),
        ("config.{a: params.min}", r#"{"a":2}"#),
        ("with.base", "null"),
    ] {
        let value = compile(text).evaluate(&row, &context).unwrap();
        assert_eq!(to_json(&value, JsonStyle::Compact), expected, "{text}");
    }
    assert_eq!(
        testing::lenient("params", r#"{"params":1}"#).as_deref(),
        Ok("1")
    );
}

#[test]
fn truth_is_that_of_jmespath() {
    for (text, truth) in [
        ("null", false),
        ("false", false),
        ("\"\"", false),
        ("[]", false),
        ("{}", false),
        ("0", true),
        ("\" \"", true),
        ("[null]", true),
    ] {
        assert_eq!(json(text).is_true(), truth, "{text}");
    }
}
