//! One answer of many does not come, breaks off or says no, and stays so: every other row is there, the one is marked,
//! counted and explained, and the exit code tells. Asked with the program itself.

use serde_json::json;

use super::support::fake::{At, Fault};
use super::support::network::{document, run};
use super::support::one_of_seven::{
    CREATED, breaks_its_row, config, config_of_4, described, explanation, manifest, others,
};

#[test]
fn q1_a_refusal_that_stays_costs_its_row() {
    for (status, code) in [
        (400, "REFUSED"),
        (403, "DENIED"),
        (405, "UNSUPPORTED"),
        (418, "REFUSED"),
        (429, "TOOMANYREQUESTS"),
        (500, "UNAVAILABLE"),
        (502, "UNAVAILABLE"),
        (503, "UNAVAILABLE"),
    ] {
        let words = format!("answered with {status}");
        breaks_its_row(&manifest(Fault::status(status)), "", code, &words);
    }
    breaks_its_row(
        &config_of_4(Fault::status(500)),
        "",
        "UNAVAILABLE",
        "the config",
    );
}

#[test]
fn q1_strict_prints_nothing_but_says_the_same() {
    let registry = manifest(Fault::status(500));
    let words = format!("{CREATED} --strict");
    let ended = run(&registry, &words).exits(3).prints("");
    assert!(explanation(&ended).contains("answered with 500"));
}

#[test]
fn d5_a_tag_that_went_since_it_was_listed_is_counted_and_no_error() {
    let registry = described().without("team/app:4").start();
    let ended = run(&registry, CREATED)
        .exits(0)
        .says("1 tag, manifest or repository vanished");
    let result = document(&ended);
    assert_eq!(result["items"], json!(others()));
    assert_eq!(
        (&result["gone"], &result["errors"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(result["complete"], true);
}

#[test]
fn d6_a_config_that_is_not_there_costs_its_row() {
    let described = described();
    let digest = config(&described, "4");
    let registry = described.without_content(&digest).start();
    breaks_its_row(&registry, "", "BLOB_UNKNOWN", &digest);
}

#[test]
fn c4_a_body_that_breaks_off_costs_its_row() {
    for fault in [
        Fault::closed(At::Body),
        Fault::closed(At::Byte(0)),
        Fault::no_last_chunk(),
        Fault::bad_chunk(),
        Fault::reset(At::Start),
        Fault::reset(At::Headers),
        Fault::reset(At::Body),
    ] {
        breaks_its_row(
            &manifest(fault),
            "",
            "CONNECTION_LOST",
            "the connection broke",
        );
    }
    let registry = config_of_4(Fault::closed(At::Body));
    breaks_its_row(&registry, "", "CONNECTION_LOST", "the connection broke");
}

#[test]
fn c4_what_is_no_http_costs_its_row() {
    for fault in [Fault::bytes("\0\u{1} not HTTP\r\n"), Fault::two_lengths()] {
        breaks_its_row(&manifest(fault), "", "NOT_HTTP", "is not valid HTTP");
    }
}

#[test]
fn c3_an_answer_that_stops_costs_its_row() {
    let flags = "--request-timeout 2s --retries 0";
    let registry = manifest(Fault::stalled(At::Body));
    breaks_its_row(&registry, flags, "TIMED_OUT", "2s");
}

#[test]
fn c3_an_answer_that_never_begins_costs_its_row() {
    let flags = "--request-timeout 2s --retries 0";
    let registry = manifest(Fault::stalled(At::Start));
    breaks_its_row(&registry, flags, "TIMED_OUT", "no answer within 2s");
}

#[test]
fn c6_a_flood_of_headers_costs_its_row() {
    let registry = manifest(Fault::header_flood(5000));
    breaks_its_row(&registry, "", "NOT_HTTP", "is not valid HTTP");
}

#[test]
fn c6_interim_answers_cost_nothing() {
    let registry = manifest(Fault::interim_flood(2000));
    let ended = run(&registry, CREATED).exits(0).quietly();
    assert_eq!(document(&ended)["items"].as_array().unwrap().len(), 7);
}
