//! The frame of the page: its head with what it allows itself, the head of each result, its end.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::markup::{attribute, element, text};
use super::outcome::fact;
use crate::render::{Queries, cell};
use crate::rows::{Header, counted};
use crate::safe::Safe;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What comes before the results. `name` is that of the first.
pub(super) fn head(queries: Queries, name: &Safe, now: Timestamp) -> String {
    let (title, heading) = match queries {
        Queries::One => (text(name), String::new()),
        Queries::Several => ("Report".to_owned(), report_heading(now)),
    };
    let allowed = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{allowed}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{heading}"
    )
}

/// How the Content Security Policy calls a text that stands in the page.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn report_heading(now: Timestamp) -> String {
    let time = fact("Run at", "", &instant(now));
    format!(
        "<header class=\"report\">\n<h1>Report</h1>\n<dl class=\"facts\">\n{time}</dl>\n</header>\n"
    )
}

fn instant(now: Timestamp) -> String {
    let datetime = attribute(
        "datetime",
        &Safe::new(&now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    );
    let shown = now.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    format!("<time{datetime}>{}</time>", text(&Safe::new(&shown)))
}

/// The start of a result: what was asked of whom, and when.
pub(super) fn opening(queries: Queries, id: &str, header: &Header, now: Timestamp) -> String {
    let name = text(&Safe::new(&header.query));
    let level = match queries {
        Queries::One => "h1",
        Queries::Several => "h2",
    };
    let description = header.description.as_deref().and_then(cell::visible);
    let description = description.map(|words| element("p", &[], &text(&words)) + "\n");
    let registries = header.registries.iter();
    let registries: Vec<String> = registries
        .map(|name| element("code", &[], &text(&Safe::new(name))))
        .collect();
    let asked = match registries.len() {
        0 => String::new(),
        1 => fact("Registry", "", &registries[0]),
        _ => fact("Registries", "", &registries.join(", ")),
    };
    let time = match queries {
        Queries::One => fact("Run at", "", &instant(now)),
        Queries::Several => String::new(),
    };
    let facts = match asked.is_empty() && time.is_empty() {
        true => String::new(),
        false => format!("<dl class=\"facts\">\n{asked}{time}</dl>\n"),
    };
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-name\">\n<header>\n\
         <{level} id=\"{id}-name\">{name}</{level}>\n{}{facts}</header>\n",
        description.unwrap_or_default()
    )
}

/// A result in the list of a report.
pub(super) fn item(id: &str, name: &Safe, rows: usize, state: &str) -> String {
    let (name, rows) = (text(name), counted(rows, "row"));
    format!("<li><a href=\"#{id}\">{name}</a> {rows}, {state}</li>\n")
}

/// The list of a report.
pub(super) fn list(items: &str) -> String {
    format!("<nav aria-label=\"Queries\">\n<ol>\n{items}</ol>\n</nav>\n")
}

/// What comes after the results. The style looks for the last line: a page without it broke off, and says so.
pub(super) fn foot() -> String {
    format!(
        "<footer class=\"end\">Made by <code>docker regq</code></footer>\n</main>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
}
