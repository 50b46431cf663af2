//! The page of `-o html` in a real browser: it asks for nothing, breaks no rule of its own, sorts, and is whole without its
//! script (threats F-6).

use std::fs;

use serde_json::json;

use super::support::browser::Browser;
use super::support::command::Workplace;
use super::support::image::Image;
use super::support::layout::TestLayout;

/// The text of a column's cells, from top to bottom.
fn column(browser: &mut Browser, at: usize) -> Vec<String> {
    let cells = format!(
        "[...document.querySelectorAll('tbody tr')].map(row => row.cells[{at}].textContent)"
    );
    let cells = browser.value(&cells);
    let cells = cells.as_array().unwrap().iter();
    cells
        .map(|cell| cell.as_str().unwrap().to_owned())
        .collect()
}

/// Some tags with sizes and dates; of one nobody knows them.
fn place() -> Workplace {
    let image = |created: &str, size| Image::new().created(created).layer("app", size);
    let layout = TestLayout::new()
        .tag("team/app:a", image("2025-03-01T00:00:00Z", 9_000))
        .tag("team/app:b", image("2026-01-01T00:00:00Z", 80_000))
        .tag("team/app:c", image("2024-01-01T00:00:00Z", 700_000))
        .tag("team/db:1", Image::new());
    let place = Workplace::new().layout("layout", &layout);
    let columns = "TAG:tag,SIZE:if(size > `1000`, size, `null`),CREATED:created";
    let words = ["get", "tags", "oci:layout", "--columns", columns];
    let formats = "SIZE: {value: 'if(size > `1000`, size, `null`)', format: bytes}";
    let query = place
        .run(words.iter().chain(&["-o", "query"]))
        .exits(0)
        .stdout;
    let query = query
        .lines()
        .map(|line| match line.trim().starts_with("SIZE:") {
            true => format!("    {formats}\n"),
            false => format!("{line}\n"),
        });
    let place = place.file("q.yaml", query.collect::<String>());
    let run = ["run", "q.yaml", "-o", "html", "--output-file", "q.html"];
    place.run(run).exits(0).quietly();
    place
}

#[test]
fn f6_it_asks_for_nothing_and_keeps_its_own_rules() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let place = place();
    let path = place.path("q.html");
    browser.open(&path);
    // What is forbidden is told of after it was not done.
    browser.value("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
    assert_eq!(browser.requests(), [format!("file://{}", path.display())]);
    assert_eq!(browser.complaints(), [""; 0]);
    assert_eq!(browser.value("forbidden"), json!([]));
    // The rules are there: what breaks them is seen.
    let forbidden = browser.value(
        "new Promise(done => {
            addEventListener('securitypolicyviolation', event => done(event.violatedDirective));
            document.body.insertAdjacentHTML('beforeend', '<img src=\"https://registry.invalid/x.png\">');
        })",
    );
    assert_eq!(forbidden, "img-src");
}

#[test]
fn a_click_and_a_key_sort_by_what_is_behind_the_cells() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let place = place();
    browser.open(&place.path("q.html"));
    let orders = [
        ("ascending", ["a", "b", "c", "1"]),
        ("descending", ["c", "b", "a", "1"]),
        ("", ["a", "b", "c", "1"]),
    ];
    for (order, expected) in orders {
        browser.value("document.querySelectorAll('th button')[1].click()");
        let sorted = "document.querySelectorAll('th')[1].getAttribute('aria-sort') ?? ''";
        assert_eq!(browser.value(sorted), order);
        assert_eq!(column(&mut browser, 0), expected, "{order}");
    }
    browser.value("document.querySelectorAll('th button')[2].focus()");
    browser.press_enter();
    assert_eq!(column(&mut browser, 0), ["c", "a", "b", "1"]);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn it_is_whole_without_its_script_by_day_by_night_and_on_a_telephone() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let place = place();
    let path = place.path("q.html");
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({"value": true}),
    );
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        json!({"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": true}),
    );
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        browser.call("Emulation.setEmulatedMedia", json!({"features": features}));
        browser.open(&path);
        assert_eq!(
            browser.value("document.querySelectorAll('button').length"),
            0
        );
        assert_eq!(column(&mut browser, 0), ["a", "b", "c", "1"]);
        assert_eq!(browser.value("document.documentElement.scrollWidth"), 400);
        grounds.push(browser.value("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(grounds[0], grounds[1]);
}

#[test]
fn s6_a_page_that_broke_off_says_so() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let place = place();
    let said = "getComputedStyle(document.querySelector('main'), '::after').content";
    browser.open(&place.path("q.html"));
    assert_eq!(browser.value(said), "none");
    let whole = place.read("q.html");
    let cut = whole.split("<th scope=\"row\">c").next().unwrap();
    fs::write(place.path("cut.html"), cut).unwrap();
    browser.open(&place.path("cut.html"));
    assert_eq!(
        browser.value(said),
        "\"This page broke off: rows are missing.\""
    );
}

#[test]
fn f6_what_images_say_does_nothing_in_a_page() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let payload = "\"'><img src=x onerror=\"window.owned=1\"><script>window.owned=1</script>";
    let image = Image::new().label(payload, payload).user(payload);
    let layout = TestLayout::new().tag("team/app:1", image);
    let place = Workplace::new().layout("layout", &layout);
    let columns = format!(
        "A:user,B:labels,C:labels.\"{}\"",
        payload.replace('"', "\\\"")
    );
    let words = [
        "get",
        "tags",
        "oci:layout",
        "-o",
        "html",
        "--columns",
        &columns,
    ];
    let page = place.run(words.iter().chain(&["--output-file", "x.html"]));
    page.exits(0).quietly();
    browser.open(&place.path("x.html"));
    browser.value("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
    assert_eq!(browser.value("typeof window.owned"), "undefined");
    assert_eq!(browser.value("document.images.length"), 0);
    assert_eq!(browser.value("forbidden"), json!([]));
    let cells = [
        payload.to_owned(),
        format!("{payload}={payload}"),
        payload.to_owned(),
    ];
    for (at, expected) in cells.iter().enumerate() {
        assert_eq!(column(&mut browser, at), [expected.as_str()]);
    }
}
