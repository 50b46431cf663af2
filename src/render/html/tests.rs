//! The page: what it says of a result, and what it allows itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::super::Format;
use super::super::tests::{look, print, print_several, row, sample, text_header};
use super::*;
use crate::fields::CellFormat;
use crate::rows::{Checked, Verdict};
use crate::value::Value;

const STYLE: &str = include_str!("page.css");

/// What stands between the head of the page and its script.
fn body(page: &str) -> &str {
    let from = page.find("<main>").unwrap();
    &page[from..page.find("<script>").unwrap()]
}

/// The stretch of a page from one text to another.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap() + from.len();
    let length = page[start..].find(to).unwrap();
    &page[start..start + length]
}

#[test]
fn a_page_says_what_was_asked_when_and_how_it_went() {
    let (mut header, rows, mut summary) = sample();
    header.description = Some("Images <nobody> rebuilt".to_owned());
    header.registries = vec!["ghcr.io".to_owned()];
    let verdicts = [Verdict::Holds, Verdict::Undecided];
    summary.asserts = verdicts
        .map(|verdict| Checked {
            place: "q.yaml:9:1".to_owned(),
            message: Safe::new("few"),
            verdict,
        })
        .into();
    let page = print(Format::Html, &header, &rows, &summary);
    let expected = r##"<main>
<section id="q1" aria-labelledby="q1-name">
<header>
<h1 id="q1-name">stale</h1>
<p>Images &lt;nobody&gt; rebuilt</p>
<dl class="facts">
<div><dt>Registry</dt><dd><code>ghcr.io</code></dd></div>
<div><dt>Run at</dt><dd><time datetime="2026-03-01T00:00:00Z">2026-03-01 00:00:00 UTC</time></dd></div>
</dl>
</header>
<dl class="facts went">
<div><dt>Rows</dt><dd>2</dd></div>
<div><dt>Result</dt><dd class="bad">incomplete: <a href="#q1-missing">1 answer missing</a></dd></div>
<div><dt>Asserts</dt><dd class="open">1 of 2 asserts hold</dd></div>
</dl>
<div class="table" role="region" aria-labelledby="q1-name" tabindex="0">
<table>
<caption>Rows of stale</caption>
<thead>
<tr><th scope="col">REPOSITORY</th><th scope="col" class="n">SIZE</th></tr>
</thead>
<tbody>
<tr><th scope="row">team/app</th><td class="n"><data value="29100000" title="29,100,000 bytes">29.1MB</data></td></tr>
<tr class="incomplete"><th scope="row">team/db <span class="mark" title="manifest unknown">incomplete</span></th><td class="none"></td></tr>
</tbody>
</table>
</div>
<div class="asserts">
<h3 id="q1-asserts">Asserts</h3>
<ul>
<li title="q.yaml:9:1"><strong class="good">holds</strong> few</li>
<li title="q.yaml:9:1"><strong class="open">cannot be decided</strong> few</li>
</ul>
</div>
<div class="missing">
<h3 id="q1-missing">Missing</h3>
<ul>
<li><code>ghcr.io/team/db:v1</code>: manifest unknown (MANIFEST_UNKNOWN); so there is no <code>size</code></li>
</ul>
</div>
<div class="notes">
<h3 id="q1-notes">Notes</h3>
<ul>
<li>1 tag, manifest or repository vanished between listing and asking</li>
</ul>
</div>
</section>
<footer class="end">Made by <code>docker regq</code></footer>
</main>
"##;
    assert_eq!(body(&page), expected);
}

#[test]
fn a_report_is_one_page_with_a_list_of_its_results() {
    let header = text_header(&["A"]);
    let page = print_several(Format::Html, &header, &[], &Summary::default(), 2);
    assert_eq!(page.matches("<html").count(), 1);
    assert_eq!(page.matches("<h1>Report</h1>").count(), 1);
    assert_eq!(page.matches("<p class=\"nothing\">No rows.</p>").count(), 2);
    let items = between(&page, "<ol>\n", "</ol>");
    assert_eq!(
        items,
        "<li><a href=\"#q1\">query</a> 0 rows, complete</li>\n\
         <li><a href=\"#q2\">query</a> 0 rows, complete</li>\n"
    );
}

#[test]
fn values_keep_what_is_behind_them() {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let code =
        format!("<data value=\"{digest}\" title=\"{digest}\"><code>0123456789ab</code></data>");
    let age =
        "<time datetime=\"2026-02-26T22:00:00Z\" title=\"2026-02-26 22:00:00 UTC\">2d2h</time>";
    for (format, value, expected) in [
        (CellFormat::Digest, digest.as_str().into(), code.as_str()),
        (CellFormat::Age, "2026-02-26T22:00:00Z".into(), age),
        (
            CellFormat::Percent,
            Value::Float(1.5),
            "<data value=\"1.5\" title=\"1.5\">150%</data>",
        ),
        (
            CellFormat::Bool,
            true.into(),
            "<data value=\"true\">yes</data>",
        ),
        (CellFormat::Plain, 5u64.into(), "<data value=\"5\">5</data>"),
        (CellFormat::Plain, "5".into(), "5"),
        (CellFormat::Json, "5".into(), "<code>&quot;5&quot;</code>"),
        (CellFormat::Bytes, "many".into(), "many"),
    ] {
        let mut header = text_header(&["A", "B"]);
        header.headings[1].format = format;
        let rows = [row(&["x".into(), value])];
        let page = print(Format::Html, &header, &rows, &Summary::default());
        let cell = between(&page, "<tr><th scope=\"row\">x</th><td", "</td></tr>");
        let (_, cell) = cell.split_once('>').unwrap();
        let cell = cell.split("<svg").next().unwrap();
        assert_eq!(cell, expected, "{format:?}");
    }
}

fn many(count: usize) -> (Header, Vec<ResultRow>) {
    let mut header = text_header(&["A", "SIZE"]);
    header.headings[1].format = CellFormat::Bytes;
    let rows = (0..count).map(|at| row(&["a".into(), (at as u64).into()]));
    (header, rows.collect())
}

#[test]
fn s5_a_page_with_very_many_rows_has_no_drawings_and_holds_no_rows() {
    for (count, drawn) in [(DRAWN_ROWS, DRAWN_ROWS), (DRAWN_ROWS + 1, 0)] {
        let (header, rows) = many(count);
        let page = print(Format::Html, &header, &rows, &Summary::default());
        assert_eq!(page.matches("<svg").count(), drawn);
        assert_eq!(page.matches("<th scope=\"row\">").count(), count);
        assert_eq!(page.matches("</table>").count(), 1);
        let told = format!("<div><dt>Rows</dt><dd>{count}</dd></div>");
        assert_eq!(page.matches(&told).count(), 1);
    }
    let (header, rows) = many(DRAWN_ROWS + 1000);
    let mut out = Vec::new();
    let mut html = Html::new(Queries::One, look(), &mut out);
    html.begin(&header).unwrap();
    rows.iter().for_each(|row| html.row(row).unwrap());
    assert!(html.held.is_empty());
}

#[test]
fn s5_rows_that_take_much_are_not_held_either() {
    let header = text_header(&["A"]);
    let long = row(&[Value::text("x".repeat(4096))]);
    let mut out = Vec::new();
    let mut html = Html::new(Queries::One, look(), &mut out);
    html.begin(&header).unwrap();
    (0..DRAWN_BYTES / 4096).for_each(|_| html.row(&long).unwrap());
    assert!(html.held.is_empty());
    // The next result begins anew.
    html.finish(&Summary::default()).unwrap();
    html.begin(&header).unwrap();
    html.row(&long).unwrap();
    assert_eq!(html.held.len(), 1);
}

#[test]
fn f6_style_and_script_are_what_the_page_allows_and_nothing_else_is() {
    let (header, rows, summary) = sample();
    let page = print(Format::Html, &header, &rows, &summary);
    let policy = between(
        &page,
        "http-equiv=\"Content-Security-Policy\" content=\"",
        "\"",
    );
    let hash = |from, to| {
        let text = between(&page, from, to);
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
    };
    let style = hash("<style>", "</style>");
    let script = hash("<script>", "</script>");
    let expected = format!(
        "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy, expected);
    assert!(!page.contains(" style=") && !page.contains("//w"), "{page}");
}

#[test]
fn f6_the_style_asks_for_nothing() {
    for word in ["url(", "@import", "http", "//"] {
        assert!(!STYLE.contains(word), "{word}");
    }
}

/// The colours of a scheme: those named in a block of the style.
fn colour(block: &str, name: &str) -> [f64; 3] {
    let hex = between(block, &format!("--{name}: #"), ";");
    [0, 2, 4].map(|at| {
        let part = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        // WCAG 2.2, relative luminance.
        match part <= 0.04045 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    })
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let light = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    let (one, other) = (light(one), light(other));
    one.max(other) / one.min(other)
}

#[test]
fn every_text_can_be_read_by_day_and_by_night() {
    let light = between(STYLE, ":root {", "}");
    let dark = between(STYLE, "@media (prefers-color-scheme: dark) {", "}");
    for scheme in [light, dark] {
        for text in ["text", "muted", "link", "good", "bad", "open"] {
            for ground in ["page", "raised", "tint"] {
                let found = contrast(colour(scheme, text), colour(scheme, ground));
                // WCAG 2.2, 1.4.3: contrast (minimum).
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
        // WCAG 2.2, 1.4.11: what is drawn.
        let found = contrast(colour(scheme, "drawn"), colour(scheme, "page"));
        assert!(found >= 3.0, "drawings: {found:.2}");
    }
}
