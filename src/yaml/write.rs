//! Trees to YAML text, in the style that our query files are written in: two spaces, few quotes, blocks for long text.
//!
//! Written for readers that take every scalar for a text, as this room does: `1.20` and `true` need no quotes here. No
//! hidden character leaves as it is (threats F-1, F-2).

use std::fmt::Write;

use crate::safe::is_hidden;

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// A text.
    Text(String),
    /// A list.
    List(Layout, Vec<Tree>),
    /// A map, in this order.
    Map(Layout, Vec<(String, Tree)>),
}

/// How a list or a map is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Every item on lines of its own.
    Block,
    /// All of it on one line, in brackets, where it fits and reads well.
    Line,
}

/// The longest list or map in brackets, in characters.
const LINE_CHARS: usize = 90;
/// The longest key that may stand before its colon on one line (YAML 1.2, 7.4.2).
const KEY_CHARS: usize = 1024;
/// What a reader takes for nothing.
const NOTHING: [&str; 4] = ["~", "null", "Null", "NULL"];

impl Tree {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The tree as a document.
    pub fn document(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    /// Writes it at the start of a line that stands `column` columns in.
    fn write(&self, out: &mut String, column: usize) {
        match self {
            Self::List(_, items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    margin(out, at, column);
                    out.push_str("- ");
                    match item.on_a_line(column) {
                        Some(line) => put_line(out, &line),
                        None => item.write(out, column + 2),
                    }
                }
            }
            Self::Map(_, entries) if !entries.is_empty() => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    margin(out, at, column);
                    write_entry(out, key, value, column);
                }
            }
            whole => put_line(out, &whole.on_a_line(column).unwrap_or_default()),
        }
    }

    /// Itself as what follows a key or a dash that stands `column` columns in, unless it takes lines of its own.
    fn on_a_line(&self, column: usize) -> Option<String> {
        match self {
            Self::Text(text) => Some(scalar(text, column + 2)),
            Self::List(_, items) if items.is_empty() => Some("[]".to_owned()),
            Self::Map(_, entries) if entries.is_empty() => Some("{}".to_owned()),
            Self::List(Layout::Block, _) | Self::Map(Layout::Block, _) => None,
            Self::List(Layout::Line, _) | Self::Map(Layout::Line, _) => {
                let line = self.in_brackets()?;
                (line.chars().count() <= LINE_CHARS).then_some(line)
            }
        }
    }

    /// Itself inside of `[…]` or `{…}`, where texts are short and plain.
    fn in_brackets(&self) -> Option<String> {
        match self {
            Self::Text(text) => short(text),
            Self::List(_, items) => {
                let items: Option<Vec<String>> = items.iter().map(Self::in_brackets).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
            Self::Map(_, entries) => {
                let entry = |(key, value): &(String, Self)| {
                    Some(format!("{}: {}", short(key)?, value.in_brackets()?))
                };
                let entries: Option<Vec<String>> = entries.iter().map(entry).collect();
                Some(format!("{{{}}}", entries?.join(", ")))
            }
        }
    }
}

/// The first item stands on a line that is begun.
fn margin(out: &mut String, at: usize, column: usize) {
    if at > 0 {
        put(out, format_args!("{:column$}", ""));
    }
}

fn write_entry(out: &mut String, key: &str, value: &Tree, column: usize) {
    let key = name(key);
    match key.chars().count() > KEY_CHARS {
        true => put(out, format_args!("? {key}\n{:column$}:", "")),
        false => put(out, format_args!("{key}:")),
    }
    match value.on_a_line(column) {
        Some(line) => put(out, format_args!(" {line}\n")),
        None => {
            let column = column + 2;
            put(out, format_args!("\n{:column$}", ""));
            value.write(out, column);
        }
    }
}

fn put_line(out: &mut String, line: &str) {
    put(out, format_args!("{line}\n"));
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes all text");
}

/// A text after a key or a dash; the lines of a block stand `column` columns in.
fn scalar(text: &str, column: usize) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    // Quotes inside of the same quotes are hard to read.
    let is_one_line = !text.contains(is_hidden);
    match block(text, column) {
        _ if is_one_line && !text.contains('\'') => format!("'{text}'"),
        _ if is_one_line && !text.contains(['"', '\\']) => quoted(text),
        Some(block) => block,
        None => quoted(text),
    }
}

/// A key.
fn name(text: &str) -> String {
    match text {
        _ if is_plain(text) => text.to_owned(),
        _ if !text.contains(is_hidden) && !text.contains('\'') => format!("'{text}'"),
        _ => quoted(text),
    }
}

/// A text inside of brackets.
fn short(text: &str) -> Option<String> {
    if is_plain(text) && !text.contains([',', '[', ']', '{', '}']) {
        return Some(text.to_owned());
    }
    match text {
        _ if text.contains(is_hidden) => None,
        _ if !text.contains('\'') => Some(format!("'{text}'")),
        _ => (!text.contains(['"', '\\'])).then(|| quoted(text)),
    }
}

/// Tells whether a text can stand without quotes, and is not taken for anything else.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let is_sign = match first {
        '-' => text.starts_with("--") || text.starts_with("- ") || text == "-",
        first => ",[]{}#&*!|>'\"%@`?: ".contains(first),
    };
    !is_sign
        && !text.starts_with("...")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_hidden)
        && !NOTHING.contains(&text)
        && text != "<<"
}

/// A block after `|`, where no reader could find other blanks in it than were meant.
fn block(text: &str, column: usize) -> Option<String> {
    let (body, sign) = match text.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (text, "|-"),
    };
    let is_clear = |line: &str| !line.contains(is_hidden) && !line.ends_with(' ');
    let fits = !body.starts_with([' ', '\n']) && !body.ends_with('\n') && !body.is_empty();
    if !fits || !body.split('\n').all(is_clear) {
        return None;
    }
    let mut block = sign.to_owned();
    for line in body.split('\n') {
        let column = if line.is_empty() { 0 } else { column };
        put(&mut block, format_args!("\n{:column$}{line}", ""));
    }
    Some(block)
}

/// A text in double quotes, on one line, its hidden characters as escapes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) && (c as u32) < 0x1_0000 => {
                put(&mut out, format_args!("\\u{:04x}", c as u32));
            }
            // JSON's pair of surrogates is not YAML.
            c if is_hidden(c) => put(&mut out, format_args!("\\U{:08x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::{Kind, Node, documents};
    use super::*;
    use crate::diagnostic::Source;

    /// What this room reads in what it wrote.
    fn read(text: &str) -> Tree {
        let documents = documents(&Source::new("q.yaml", text));
        assert!(
            documents.findings.is_empty(),
            "{text}\n{:?}",
            documents.findings
        );
        tree(&documents.roots[0])
    }

    fn tree(node: &Node) -> Tree {
        match &node.kind {
            Kind::Scalar(scalar) => Tree::text(scalar.passage.text()),
            Kind::List(items) => Tree::List(Layout::Block, items.iter().map(tree).collect()),
            Kind::Map(entries) => {
                let entry =
                    |entry: &super::super::Entry| (entry.key.text().to_owned(), tree(&entry.value));
                Tree::Map(Layout::Block, entries.iter().map(entry).collect())
            }
            other => panic!("{other:?}"),
        }
    }

    fn block_layout(tree: Tree) -> Tree {
        match tree {
            Tree::Text(text) => Tree::Text(text),
            Tree::List(_, items) => {
                Tree::List(Layout::Block, items.into_iter().map(block_layout).collect())
            }
            Tree::Map(_, entries) => {
                let entry = |(key, value)| (key, block_layout(value));
                Tree::Map(Layout::Block, entries.into_iter().map(entry).collect())
            }
        }
    }

    fn entry(value: &str) -> String {
        Tree::Map(Layout::Block, vec![("a".to_owned(), Tree::text(value))]).document()
    }

    #[test]
    fn texts_are_written_as_people_write_them() {
        for (text, written) in [
            (
                "older_than(created, '30d')",
                "a: older_than(created, '30d')\n",
            ),
            ("1.20", "a: 1.20\n"),
            ("-SIZE", "a: -SIZE\n"),
            ("labels.\"a.b\" == 'x'", "a: labels.\"a.b\" == 'x'\n"),
            ("!signed", "a: '!signed'\n"),
            ("*", "a: '*'\n"),
            ("null", "a: 'null'\n"),
            ("", "a: ''\n"),
            ("`1` == size", "a: '`1` == size'\n"),
            ("!contains(tag, 'x')", "a: \"!contains(tag, 'x')\"\n"),
            (
                "!contains(\"a b\", 'x')",
                "a: |-\n  !contains(\"a b\", 'x')\n",
            ),
            ("x == 'a: b'", "a: \"x == 'a: b'\"\n"),
            ("x ||\n  y", "a: |-\n  x ||\n    y\n"),
            ("x\n\ny\n", "a: |\n  x\n\n  y\n"),
            ("\u{202e}x", "a: \"\\u202ex\"\n"),
            ("a\tb", "a: \"a\\tb\"\n"),
        ] {
            assert_eq!(entry(text), written);
        }
    }

    #[test]
    fn short_lists_and_maps_stand_on_one_line() {
        let texts = |texts: &[&str]| texts.iter().map(|text| Tree::text(*text)).collect();
        let list = |items: &[&str]| Tree::List(Layout::Line, texts(items));
        let map = |value: Tree| Tree::Map(Layout::Block, vec![("a".to_owned(), value)]);
        assert_eq!(
            map(list(&["a/*", "!b", "x, y"])).document(),
            "a: [a/*, '!b', 'x, y']\n"
        );
        assert_eq!(
            map(list(&["it's, \"x\""])).document(),
            "a:\n  - it's, \"x\"\n"
        );
        assert_eq!(
            map(Tree::List(Layout::Block, texts(&["x", "y"]))).document(),
            "a:\n  - x\n  - y\n"
        );
        let long = "x".repeat(LINE_CHARS);
        assert!(map(list(&[&long])).document().starts_with("a:\n  - x"));
    }

    #[test]
    fn keys_are_quoted_where_they_are_no_words() {
        for key in [
            "<<",
            "null",
            "a: b",
            "#",
            "it's",
            "",
            "é\u{200b}",
            &"k".repeat(1500),
        ] {
            let tree = Tree::Map(Layout::Block, vec![(key.to_owned(), Tree::text("x"))]);
            assert_eq!(read(&tree.document()), tree, "{key}");
        }
        let inside = Tree::Map(Layout::Line, vec![("<<".to_owned(), Tree::text("x"))]);
        let list = Tree::List(Layout::Block, vec![inside]);
        assert_eq!(list.document(), "- {'<<': x}\n");
    }

    /// Texts with many characters that mean something to YAML.
    fn hostile() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => prop::sample::select(vec![
                "a", "'", "\"", "\\", "`", ": ", ":", " #", "#", "- ", "-", "---", "...", "\n", "\n\n", " ", "\t", "\r",
                "{", "}", "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "?", "~", "null", "<<", "1.20", "é", "\u{85}",
                "\u{2028}", "\u{feff}", "\u{202e}", "\u{e0041}", "\u{0}", "\u{1b}", "${x}", "\u{a0}",
            ])
            .prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        vec(part, 0..6).prop_map(|parts| parts.concat())
    }

    fn layouts() -> impl Strategy<Value = Layout> {
        prop_oneof![Just(Layout::Block), Just(Layout::Line)]
    }

    fn trees() -> impl Strategy<Value = Tree> {
        let leaf = hostile().prop_map(Tree::Text);
        leaf.prop_recursive(3, 24, 4, |inner| {
            let map = prop::collection::btree_map(hostile(), inner.clone(), 0..4);
            prop_oneof![
                (layouts(), vec(inner, 0..4)).prop_map(|(layout, items)| Tree::List(layout, items)),
                (layouts(), map)
                    .prop_map(|(layout, map)| Tree::Map(layout, map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read_again(tree in trees()) {
            let text = tree.document();
            prop_assert!(!text.contains(|c| c != '\n' && is_hidden(c)), "{}", text);
            prop_assert_eq!(read(&text), block_layout(tree), "{}", text);
        }
    }
}
