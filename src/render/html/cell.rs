//! A value in a cell of the page: what people read, with what it was behind it for sorting and for who asks.

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::drawing::Mark;
use super::markup::{attribute, element, text};
use crate::fields::{Align, CellFormat};
use crate::render::{align_on_page, cell};
use crate::rows::Heading;
use crate::safe::Safe;
use crate::value::{JsonStyle, Value, to_json};

/// A cell.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// What stands in it.
    pub(super) markup: String,
    /// Its classes.
    pub(super) class: &'static str,
    /// What is drawn of it.
    pub(super) mark: Option<Mark>,
}

impl Default for Shown {
    /// A cell with nothing to see.
    fn default() -> Self {
        Self {
            markup: String::new(),
            class: "none",
            mark: None,
        }
    }
}

impl Shown {
    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.markup.len()
    }
}

/// Shows a value.
pub(super) fn show(value: &Value, heading: &Heading, now: Timestamp) -> Shown {
    let Some(shown) = cell::show(value, heading.format, now) else {
        return Shown::default();
    };
    let (markup, mark) = content(value, heading.format, &shown, now);
    Shown {
        markup,
        class: class(heading, &shown),
        mark,
    }
}

/// From so many columns on a text is broken into lines.
const LONG: usize = 32;

fn class(heading: &Heading, shown: &Safe) -> &'static str {
    match align_on_page(heading) {
        _ if shown.as_str().width() > LONG => "long",
        Align::Right => "n",
        Align::Left => "",
    }
}

/// What stands in a cell. Where a value does not suit its format, it is a text like any other.
fn content(
    value: &Value,
    format: CellFormat,
    shown: &Safe,
    now: Timestamp,
) -> (String, Option<Mark>) {
    let number = value.as_float();
    let time = cell::time(value);
    match format {
        CellFormat::Bytes if number.is_some_and(|bytes| bytes >= 0.0) => {
            let exact = cell::show(value, CellFormat::Count, now);
            let title = exact.map(|count| Safe::new(&format!("{count} bytes")));
            (data(value, title, shown), number.map(Mark::Amount))
        }
        CellFormat::Age | CellFormat::Date | CellFormat::DateTime if time.is_some() => {
            let markup = time_element(value, shown, now);
            (markup, time.map(Mark::Instant))
        }
        CellFormat::Percent if number.is_some() => {
            let share = number.filter(|share| (0.0..=1.0).contains(share));
            let title = Some(Safe::new(&raw(value)));
            (data(value, title, shown), share.map(Mark::Share))
        }
        CellFormat::Digest if value.as_text().and_then(cell::short_digest).is_some() => {
            let full = cell::visible(&raw(value));
            let code = element("code", &[], &text(shown));
            (around("data", "value", full.clone(), full, &code), None)
        }
        CellFormat::Json => (element("code", &[], &text(shown)), None),
        CellFormat::Plain | CellFormat::Count if number.is_some() => {
            (data(value, None, shown), None)
        }
        CellFormat::Bool => (data(value, None, shown), None),
        _ => (text(shown), None),
    }
}

fn raw(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => to_json(other, JsonStyle::Compact),
    }
}

/// A value that a program reads in place of its text.
fn data(value: &Value, title: Option<Safe>, shown: &Safe) -> String {
    let value = match value {
        // Truth is what is shown of it.
        Value::Text(_) | Value::List(_) | Value::Map(_) => Some(shown.clone()),
        other => cell::visible(&raw(other)),
    };
    around("data", "value", value, title, &text(shown))
}

fn time_element(value: &Value, shown: &Safe, now: Timestamp) -> String {
    let exact = cell::show(value, CellFormat::DateTime, now);
    let title = exact.map(|time| Safe::new(&format!("{time} UTC")));
    around(
        "time",
        "datetime",
        cell::visible(&raw(value)),
        title,
        &text(shown),
    )
}

fn around(
    name: &'static str,
    key: &'static str,
    value: Option<Safe>,
    title: Option<Safe>,
    inner: &str,
) -> String {
    let value = value.map(|value| attribute(key, &value));
    let title = title.map(|title| attribute("title", &title));
    let attributes: String = value.into_iter().chain(title).collect();
    format!("<{name}{attributes}>{inner}</{name}>")
}
