//! A listing breaks off, a repository cannot be seen, a host says nothing: what is there is shown, what is missing is
//! said, and where nothing is there the exit code says whose doing it is. Asked with the program itself.

use serde_json::{Value, json};

use super::support::command::{Ended, Workplace};
use super::support::fake::{Answer, At, FakeRegistry, Fault, Login, When};
use super::support::image::Image;
use super::support::network::{document, run};

const TAGS: [&str; 7] = ["1", "2", "3", "4", "5", "6", "7"];

/// What is asked, of `team/app`.
const CREATED: &str = "get tags HOST/team/app --columns TAG:tag,CREATED:created -o json";

fn image() -> Image {
    Image::new().created("2025-01-01T00:00:00Z")
}

/// Tags `1` to `7`.
fn described() -> FakeRegistry {
    let tag =
        |registry: FakeRegistry, tag: &&str| registry.tag(&format!("team/app:{tag}"), image());
    TAGS.iter().fold(FakeRegistry::new(), tag)
}

/// The rows of these tags.
fn rows(tags: &[&str]) -> Value {
    tags.iter()
        .map(|tag| json!({"TAG": tag, "CREATED": "2025-01-01T00:00:00Z"}))
        .collect()
}

/// Tags `1` to `7` in three pages.
fn in_three_pages() -> FakeRegistry {
    described().paged(3)
}

#[test]
fn s6_a_page_that_cannot_be_had_costs_what_comes_after_it_and_no_more() {
    for (fault, code) in [
        (Fault::status(500), "UNAVAILABLE"),
        (Fault::Instead(Answer::status(404)), "NOT_FOUND"),
        (Fault::status(403), "DENIED"),
        (Fault::reset(At::Body), "CONNECTION_LOST"),
        (Fault::closed(At::Body), "CONNECTION_LOST"),
        (Fault::content("{\"tags\": [\"4\""), "MALFORMED"),
        (Fault::Instead(Answer::html(200)), "MALFORMED"),
        (Fault::extra_header("Content-Encoding", "gzip"), "ENCODED"),
        (Fault::endless(), "TOO_LARGE"),
    ] {
        let registry = in_three_pages().fault("tags/list last=3", When::Always, fault);
        let registry = registry.start();
        let ended = run(&registry, CREATED).exits(3).says(&format!("({code})"));
        let result = document(&ended);
        assert_eq!(result["items"], rows(&TAGS[..3]), "{code}");
        let errors = result["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["tag"]),
            (&json!(code), &Value::Null)
        );
        assert_eq!(errors[0]["repository"], "team/app");
        let strict = format!("{CREATED} --strict");
        run(&registry, &strict).exits(3).prints("").says(code);
    }
}

#[test]
fn s6_a_page_of_repositories_that_cannot_be_had_is_said() {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let described = names.iter().fold(FakeRegistry::new(), |registry, name| {
        registry.tag(&format!("{name}:1"), image())
    });
    let fault = Fault::status(500);
    let registry = described
        .paged(3)
        .fault("_catalog last=c", When::Always, fault)
        .start();
    let ended = run(&registry, "get repositories HOST -o json").exits(3);
    let result = document(&ended);
    let rows = ["a", "b", "c"].map(|name| json!({"REPOSITORY": name}));
    assert_eq!(result["items"], json!(rows));
    assert_eq!(result["errors"][0]["code"], "UNAVAILABLE");
    assert_eq!(result["errors"][0]["repository"], Value::Null);
}

#[test]
fn m5_a_repository_without_a_token_costs_its_own_rows_only() {
    for (fault, code) in [
        (Fault::status(500), "UNAVAILABLE"),
        (Fault::status(403), "DENIED"),
        (Fault::Instead(Answer::html(200)), "MALFORMED"),
        (Fault::content("{}"), "MALFORMED"),
        (Fault::reset(At::Body), "CONNECTION_LOST"),
        (Fault::endless(), "TOO_LARGE"),
        (Fault::extra_header("Content-Encoding", "gzip"), "ENCODED"),
    ] {
        let names = ["a", "b", "c", "d"];
        let described = names.iter().fold(FakeRegistry::new(), |registry, name| {
            registry.tag(&format!("team/{name}:1"), image())
        });
        let login = Login::bearer().public(&["*"]);
        let registry = described
            .login(login)
            .fault("token team/c", When::Always, fault)
            .start();
        let words = "get tags HOST/team/* --columns REPO:name,CREATED:created -o json";
        let ended = run(&registry, words).exits(3).says(&format!("({code})"));
        let result = document(&ended);
        let row = |name| json!({"REPO": name, "CREATED": "2025-01-01T00:00:00Z"});
        assert_eq!(result["items"], json!(["a", "b", "d"].map(row)), "{code}");
        let errors = result["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 1, "{errors:#?}");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["repository"]),
            (&json!(code), &json!("team/c"))
        );
    }
}

/// Asks for something there is no answer to, and gives what was said.
#[track_caller]
fn ends_without_an_answer(described: FakeRegistry, flags: &str, exit: i32, code: &str) -> Ended {
    let registry = described.start();
    let ended = run(&registry, &format!("{CREATED} {flags}")).exits(exit);
    let result = document(&ended);
    assert_eq!(
        (&result["items"], &result["complete"]),
        (&json!([]), &json!(false))
    );
    assert_eq!(result["errors"][0]["code"], code, "{result:#}");
    ended
        .says(&format!("({code})"))
        .says("there is no result of `get`")
}

#[test]
fn without_any_answer_the_exit_code_says_whose_doing_it_is() {
    let always = |fault| described().fault("/v2/team/app/tags/list", When::Always, fault);
    let gzip = Fault::extra_header("Content-Encoding", "gzip");
    for (described, exit, code) in [
        (always(Fault::status(403)), 4, "DENIED"),
        (always(Fault::status(400)), 4, "REFUSED"),
        (always(Fault::status(429)), 4, "TOOMANYREQUESTS"),
        (FakeRegistry::new(), 4, "NAME_UNKNOWN"),
        (described().login(Login::bearer()), 4, "UNAUTHORIZED"),
        (described().login(Login::basic()), 4, "UNAUTHORIZED"),
        (always(Fault::status(500)), 5, "UNAVAILABLE"),
        (always(Fault::reset(At::Start)), 5, "CONNECTION_LOST"),
        (always(Fault::bytes("SSH-2.0-x\r\n")), 5, "NOT_HTTP"),
        (always(Fault::Instead(Answer::html(200))), 5, "MALFORMED"),
        (always(gzip), 6, "ENCODED"),
        (always(Fault::endless()), 6, "TOO_LARGE"),
        (
            always(Fault::redirect(302, "ftp://a.test/")),
            6,
            "REDIRECT_REFUSED",
        ),
    ] {
        ends_without_an_answer(described, "", exit, code);
    }
}

#[test]
fn a_token_server_that_gives_none_is_a_refusal_or_no_answer() {
    let always = |fault| {
        let login = Login::bearer().public(&["*"]);
        described().login(login).fault("token", When::Always, fault)
    };
    for (fault, exit, code) in [
        (Fault::status(401), 4, "UNAUTHORIZED"),
        (Fault::status(403), 4, "DENIED"),
        (Fault::status(500), 5, "UNAVAILABLE"),
        (Fault::content("{}"), 5, "MALFORMED"),
        (Fault::redirect(302, "{target}"), 6, "REDIRECT_REFUSED"),
    ] {
        ends_without_an_answer(always(fault), "", exit, code);
    }
}

#[test]
fn a_host_that_is_not_there_is_no_answer() {
    let registry = FakeRegistry::new().start();
    let words = CREATED.replace("HOST", &registry.host());
    registry.stop();
    let words: Vec<&str> = words.split_whitespace().collect();
    let ended = Workplace::new().run(&words).exits(5);
    assert_eq!(document(&ended)["errors"][0]["code"], "CONNECTION_REFUSED");
    ended.says("the connection was refused");
}

#[test]
fn one_source_that_answers_makes_it_incomplete_whatever_the_others_do() {
    let (good, gone) = (described().start(), FakeRegistry::new().start());
    let (there, nowhere) = (good.host(), gone.host());
    gone.stop();
    let words = CREATED.replace(
        "HOST/team/app",
        &format!("{nowhere}/team/app HOST/team/app"),
    );
    let ended = run(&good, &words).exits(3);
    let result = document(&ended);
    assert_eq!(result["items"].as_array().unwrap().len(), 7);
    assert_eq!(result["errors"].as_array().unwrap().len(), 1);
    assert_eq!(result["errors"][0]["registry"], json!(nowhere));
    assert_ne!(there, nowhere);
}
