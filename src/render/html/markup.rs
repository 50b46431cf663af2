//! The one place where text becomes HTML (threats F-6): elements and attributes are ours, values stand in text or in quotes.

use crate::safe::Safe;

/// A text between tags.
pub(super) fn text(text: &Safe) -> String {
    escaped(text.as_str())
}

/// An attribute with a value from outside, with a space before it.
pub(super) fn attribute(name: &'static str, value: &Safe) -> String {
    format!(" {name}=\"{}\"", escaped(value.as_str()))
}

/// An element with attributes that are ours, around markup.
pub(super) fn element(
    name: &'static str,
    attributes: &[(&'static str, &'static str)],
    inner: &str,
) -> String {
    let attributes = attributes.iter();
    let attributes: String = attributes
        .map(|(name, value)| format!(" {name}=\"{value}\""))
        .collect();
    format!("<{name}{attributes}>{inner}</{name}>")
}

/// Escapes what has a meaning in text or in a value in quotes, of either kind.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
