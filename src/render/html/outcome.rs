//! How a result went, on the page: in short at its head, in full below its rows.

use super::markup::{attribute, element, text};
use crate::rows::{Checked, Summary, Verdict, counted};
use crate::safe::Safe;

/// One word, for the list of a report.
pub(super) fn in_short(summary: &Summary) -> String {
    let holding = holding(summary);
    match (summary.is_complete(), holding == summary.asserts.len()) {
        (false, _) => "incomplete".to_owned(),
        (true, true) => "complete".to_owned(),
        (true, false) => format!("complete, {}", asserts_in_short(summary, holding)),
    }
}

fn holding(summary: &Summary) -> usize {
    let verdicts = summary.asserts.iter().map(|checked| checked.verdict);
    verdicts
        .filter(|verdict| *verdict == Verdict::Holds)
        .count()
}

fn asserts_in_short(summary: &Summary, holding: usize) -> String {
    let all = counted(summary.asserts.len(), "assert");
    match holding == summary.asserts.len() {
        true if holding == 1 => "1 assert holds".to_owned(),
        true => format!("{all} hold"),
        false => format!("{holding} of {all} hold"),
    }
}

/// The facts at the head of a result.
pub(super) fn facts(id: &str, rows: usize, summary: &Summary) -> String {
    let missing = summary.missing().len();
    let state = match (summary.is_complete(), missing) {
        (true, _) => fact("Result", "good", "complete"),
        (false, missing) => {
            let answers = counted(missing, "answer");
            let link = format!("<a href=\"#{id}-missing\">{answers} missing</a>");
            fact("Result", "bad", &format!("incomplete: {link}"))
        }
    };
    let holding = holding(summary);
    let class = match summary
        .asserts
        .iter()
        .any(|checked| checked.verdict == Verdict::Fails)
    {
        true => "bad",
        false if holding < summary.asserts.len() => "open",
        false => "good",
    };
    let asserts = match summary.asserts.is_empty() {
        true => String::new(),
        false => fact("Asserts", class, &asserts_in_short(summary, holding)),
    };
    let rows = fact("Rows", "", &rows.to_string());
    format!("<dl class=\"facts went\">\n{rows}{state}{asserts}</dl>\n")
}

/// One fact: what it is called, how it is to be taken, and its markup.
pub(super) fn fact(name: &'static str, class: &'static str, markup: &str) -> String {
    let class = (!class.is_empty()).then_some(("class", class));
    let class: Vec<_> = class.into_iter().collect();
    let name = element("dt", &[], name);
    format!("<div>{name}{}</div>\n", element("dd", &class, markup))
}

/// What is missing, what vanished, what nobody tells, and what became of each assert.
pub(super) fn details(id: &str, summary: &Summary) -> String {
    let asserts: Vec<String> = summary.asserts.iter().map(assert).collect();
    let notes: Vec<String> = notes(summary);
    let mut out = String::new();
    if !asserts.is_empty() {
        out += &list("asserts", &format!("{id}-asserts"), "Asserts", &asserts);
    }
    if !summary.is_complete() {
        let missing: Vec<String> = missing(summary);
        out += &list("missing", &format!("{id}-missing"), "Missing", &missing);
    }
    if !notes.is_empty() {
        out += &list("notes", &format!("{id}-notes"), "Notes", &notes);
    }
    out
}

fn list(class: &str, id: &str, name: &str, items: &[String]) -> String {
    format!(
        "<div class=\"{class}\">\n<h3 id=\"{id}\">{name}</h3>\n<ul>\n{}</ul>\n</div>\n",
        items.concat()
    )
}

fn assert(checked: &Checked) -> String {
    let class = match checked.verdict {
        Verdict::Holds => "good",
        Verdict::Fails => "bad",
        Verdict::Undecided => "open",
    };
    let verdict = checked.verdict_in_words();
    let place = attribute("title", &Safe::new(&checked.place));
    let message = text(&checked.message);
    format!("<li{place}><strong class=\"{class}\">{verdict}</strong> {message}</li>\n")
}

fn missing(summary: &Summary) -> Vec<String> {
    let missing = summary.missing().into_iter().map(|missing| {
        let about = code(&missing.about);
        let cause = text(&Safe::new(&missing.cause()));
        let without = match missing.fields.is_empty() {
            true => String::new(),
            false => format!("; so there is no {}", codes(&missing.fields)),
        };
        format!("<li>{about}: {cause}{without}</li>\n")
    });
    missing.collect()
}

fn notes(summary: &Summary) -> Vec<String> {
    let vanished = summary.vanished().into_iter();
    let vanished = vanished.map(|words| text(&Safe::new(&words)));
    let untold = summary
        .untold()
        .map(|(registry, fields)| format!("{} does not tell {}", code(registry), codes(&fields)));
    let all = vanished.chain(untold);
    all.map(|note| format!("<li>{note}</li>\n")).collect()
}

fn code(words: &str) -> String {
    element("code", &[], &text(&Safe::new(words)))
}

fn codes(fields: &[&str]) -> String {
    let codes: Vec<String> = fields.iter().map(|field| code(field)).collect();
    codes.join(", ")
}
