//! The parser's events to trees, under a budget (threats G4).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use serde_saphyr::granit_parser::{self, Event, Options, Parser, ScalarStyle, Span, Tag};

use super::eaten;
use super::open::{Items, Open, OpenMap, key_finding};
use super::scalar;
use super::words::{self, Reached};
use super::{Documents, Kind, Node, Scalar, Style};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::limits::{FINDINGS, YAML_DEPTH, YAML_NODES};

/// Reads all documents; a syntax error costs the document it is in.
pub(super) fn read(source: &Arc<Source>) -> Documents {
    let mut parser = Parser::new_from_str_with_options(&source.text, options());
    let mut builder = Builder::new(source);
    while builder.findings.len() < FINDINGS {
        match parser.next_event() {
            Some(Ok((event, span))) => {
                if builder.take(event, &span).is_err() {
                    break;
                }
            }
            Some(Err(error)) => {
                let finding = words::explain(source, &error, &builder.reached());
                builder.findings.push(finding);
                if !matches!(parser.proceed_next_document(), Ok(true)) {
                    break;
                }
            }
            None => break,
        }
    }
    Documents {
        roots: builder.roots,
        findings: builder.findings,
    }
}

fn options() -> Options {
    granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: YAML_DEPTH,
        block_nesting_limit: YAML_DEPTH,
    }
}

/// The budget is spent: the rest of the file is not read.
struct Exhausted;

/// A finished node, and what it costs to walk through it with every alias in it followed.
#[derive(Clone)]
struct Measured {
    node: Node,
    nodes: usize,
    depth: usize,
}

struct Builder<'a> {
    source: &'a Arc<Source>,
    open: Vec<Open>,
    anchors: HashMap<usize, Measured>,
    /// Nodes of the whole file so far, every alias counted as what it stands for.
    nodes: usize,
    /// Where the last scalar and the last event of any kind ended.
    last_scalar: Range<usize>,
    last_end: usize,
    roots: Vec<Node>,
    findings: Vec<Diagnostic>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a Arc<Source>) -> Self {
        Self {
            source,
            open: Vec::new(),
            anchors: HashMap::new(),
            nodes: 0,
            last_scalar: 0..0,
            last_end: 0,
            roots: Vec::new(),
            findings: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Exhausted> {
        let range = span.byte_range().unwrap_or(self.last_end..self.last_end);
        self.last_end = self.last_end.max(range.end);
        let tag = |tag: Option<&Tag>| tag.map(|_| tag_range(span, &range));
        match event {
            Event::DocumentStart(..) => {
                self.open.clear();
                self.anchors.clear();
            }
            Event::Scalar(value, style, anchor, written_tag) => {
                let at = tag(written_tag.as_deref());
                let node =
                    self.scalar(&value, style, range, anchor, written_tag.as_deref().zip(at));
                return self.finish(node, anchor);
            }
            Event::SequenceStart(_, anchor, written_tag) => {
                let at = tag(written_tag.as_deref());
                let refused = self.refuses(written_tag.as_deref().zip(at), Shape::List);
                return self.begin(Items::List(Vec::new()), range, anchor, refused);
            }
            Event::MappingStart(_, anchor, written_tag) => {
                let at = tag(written_tag.as_deref());
                let refused = self.refuses(written_tag.as_deref().zip(at), Shape::Map);
                return self.begin(Items::Map(OpenMap::default()), range, anchor, refused);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.end(range),
            Event::Alias(anchor) => return self.alias(anchor, range),
            Event::UnresolvedAlias(name) => return self.unresolved(&name, range),
            _ => {}
        }
        Ok(())
    }

    /// How far reading has come, for the words about a syntax error.
    fn reached(&self) -> Reached {
        let innermost = self.open.last().map(|open| open.start.clone());
        Reached {
            end: self.last_end,
            scalar: self.last_scalar.clone(),
            bracket: innermost.filter(|start| !start.is_empty()),
        }
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.source, range)
    }

    fn broken(&self, range: Range<usize>) -> Node {
        Node {
            kind: Kind::Broken,
            place: self.place(range),
        }
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        range: Range<usize>,
        anchor: usize,
        tag: Option<(&Tag, Range<usize>)>,
    ) -> Node {
        let tag_name = tag.as_ref().and_then(|(tag, _)| tag.core_suffix());
        let is_nothing = style == ScalarStyle::Plain
            && tag_name != Some("str")
            && matches!(value, "" | "~" | "null" | "Null" | "NULL");
        self.last_scalar = range.clone();
        let place = self.place(range.clone());
        let kind = if self.refuses(tag, Shape::Scalar) {
            Kind::Broken
        } else if is_nothing && anchor != 0 && range.is_empty() {
            self.lone_anchor(range.start);
            Kind::Broken
        } else if is_nothing {
            Kind::Null
        } else {
            let style = Style::from(style);
            let passage = scalar::passage(self.source, value, style, range);
            let place = passage.place();
            let kind = Kind::Scalar(Arc::new(Scalar { passage, style }));
            return Node { kind, place };
        };
        Node { kind, place }
    }

    /// Reports an anchor with nothing after it, as `&name` where an expression was meant.
    fn lone_anchor(&mut self, end: usize) {
        let start = self.source.text[..end].rfind('&').unwrap_or(end);
        let place = self.place(start..end);
        let name = place.text().trim_end();
        let message = format!("YAML reads `{name}` as an anchor, and nothing follows it");
        let finding = Diagnostic::error(message).at(&place, "");
        self.findings
            .push(finding.hint(eaten::hint(self.source, start)));
    }

    /// Reports a tag that is not one of YAML's core schema, or that does not fit what it stands before.
    fn refuses(&mut self, tag: Option<(&Tag, Range<usize>)>, shape: Shape) -> bool {
        let Some((tag, at)) = tag else { return false };
        let fits = match tag.core_suffix() {
            Some("str" | "int" | "bool" | "float" | "null") => shape == Shape::Scalar,
            Some("seq") => shape == Shape::List,
            Some("map") => shape == Shape::Map,
            _ => false,
        };
        if fits {
            return false;
        }
        let start = at.start;
        let place = self.place(at);
        let message = format!("YAML reads `{}` as a tag", place.text());
        let finding = Diagnostic::error(message).at(&place, "this file takes no tags");
        self.findings
            .push(finding.hint(eaten::hint(self.source, start)));
        true
    }

    fn unresolved(&mut self, name: &str, range: Range<usize>) -> Result<(), Exhausted> {
        let message = format!("YAML reads `*{name}` as an alias, and there is no anchor `&{name}`");
        let finding = Diagnostic::error(message).at(&self.place(range.clone()), "");
        self.findings
            .push(finding.hint(eaten::hint(self.source, range.start)));
        let node = self.broken(range);
        self.finish(node, 0)
    }

    /// Puts what an alias stands for in its place, if the budget allows: nothing is copied, but whoever walks
    /// through the tree walks through it once more.
    fn alias(&mut self, anchor: usize, range: Range<usize>) -> Result<(), Exhausted> {
        if self.open.last().is_some_and(Open::expects_key) {
            self.findings.push(key_finding(&self.place(range.clone())));
            let node = self.broken(range);
            return self.finish(node, 0);
        }
        let Some(target) = self.anchors.get(&anchor).cloned() else {
            let finding = Diagnostic::error("this alias stands inside what it is an alias of");
            self.findings
                .push(finding.at(&self.place(range.clone()), ""));
            let node = self.broken(range);
            return self.finish(node, 0);
        };
        self.spend(target.nodes, target.depth, range)?;
        self.attach(target);
        Ok(())
    }

    fn spend(&mut self, nodes: usize, depth: usize, at: Range<usize>) -> Result<(), Exhausted> {
        self.nodes = self.nodes.saturating_add(nodes);
        let message = if self.nodes > YAML_NODES {
            format!(
                "the file has more than {YAML_NODES} nodes, aliases counted as what they stand for"
            )
        } else if self.open.len() + depth > YAML_DEPTH {
            words::too_deep()
        } else {
            return Ok(());
        };
        let finding = Diagnostic::error(message).at(&self.place(at), "the limit is reached here");
        self.findings.push(finding);
        Err(Exhausted)
    }

    fn begin(
        &mut self,
        items: Items,
        start: Range<usize>,
        anchor: usize,
        is_refused: bool,
    ) -> Result<(), Exhausted> {
        self.spend(1, 1, start.clone())?;
        self.open.push(Open {
            items,
            start,
            anchor,
            nodes: 1,
            depth: 1,
            is_refused,
        });
        Ok(())
    }

    fn end(&mut self, end: Range<usize>) -> Result<(), Exhausted> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let first = match &open.items {
            Items::List(items) => items.first().map(|item| item.place.clone()),
            Items::Map(map) => map.entries.first().map(|entry| entry.key.place()),
        };
        let place = match first {
            Some(first) if open.start.is_empty() => first,
            _ => self.place(open.start.start..end.end),
        };
        let kind = match open.items {
            _ if open.is_refused => Kind::Broken,
            Items::List(items) => Kind::List(items.into()),
            Items::Map(map) => Kind::Map(map.entries.into()),
        };
        let measured = Measured {
            node: Node { kind, place },
            nodes: open.nodes,
            depth: open.depth,
        };
        self.remember(open.anchor, &measured);
        self.attach(measured);
        Ok(())
    }

    /// Counts a node without children and puts it in its place.
    fn finish(&mut self, node: Node, anchor: usize) -> Result<(), Exhausted> {
        let range = node.place.start..node.place.end;
        self.spend(1, 0, range)?;
        let measured = Measured {
            node,
            nodes: 1,
            depth: 0,
        };
        self.remember(anchor, &measured);
        self.attach(measured);
        Ok(())
    }

    fn remember(&mut self, anchor: usize, measured: &Measured) {
        if anchor != 0 {
            self.anchors.insert(anchor, measured.clone());
        }
    }

    /// Puts a finished node where it belongs: into the innermost open collection, or among the roots.
    fn attach(&mut self, measured: Measured) {
        let Some(open) = self.open.last_mut() else {
            if !matches!(measured.node.kind, Kind::Null) {
                self.roots.push(measured.node);
            }
            return;
        };
        open.nodes = open.nodes.saturating_add(measured.nodes);
        open.depth = open.depth.max(measured.depth + 1);
        let finding = open.attach(measured.node);
        self.findings.extend(finding);
    }
}

impl From<ScalarStyle> for Style {
    fn from(style: ScalarStyle) -> Self {
        match style {
            ScalarStyle::Plain => Self::Plain,
            ScalarStyle::SingleQuoted => Self::SingleQuoted,
            ScalarStyle::DoubleQuoted => Self::DoubleQuoted,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
        }
    }
}

/// What a tag may stand before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scalar,
    List,
    Map,
}

fn tag_range(span: &Span, node: &Range<usize>) -> Range<usize> {
    let written = span.tag_span().and_then(|tag| tag.byte_range());
    written.unwrap_or(node.start..node.start)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn read_text(text: &str) -> Documents {
        read(&Source::new("q.yaml", text))
    }

    fn message(text: &str) -> String {
        let findings = read_text(text).findings;
        findings
            .first()
            .map_or_else(String::new, |finding| finding.message.clone())
    }

    fn nested_bomb() -> String {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let items = vec![format!("*a{}", level - 1); 9].join(", ");
            text += &format!("a{level}: &a{level} [{items}]\n");
        }
        text
    }

    fn wide_bomb() -> String {
        let list = vec!["x"; 1000].join(", ");
        format!("a: &a [{list}]\nb: [{}]\n", vec!["*a"; 20_000].join(", "))
    }

    fn merge_bomb() -> String {
        let keys: Vec<String> = (0..1000).map(|n| format!("k{n}: x")).collect();
        format!("a: &a {{{}}}\n", keys.join(", ")) + &"? b\n: {<<: *a}\n".repeat(10_000)
    }

    fn alias_in_key() -> String {
        let list = vec!["x"; 1000].join(", ");
        format!(
            "a: &a [{list}]\nb: {{{}}}\n",
            vec!["*a : x"; 20_000].join(", ")
        )
    }

    #[test]
    fn g4_bombs_of_aliases_are_defused() {
        for (bomb, limit) in [
            (nested_bomb(), "more than 100000 nodes"),
            (wide_bomb(), "more than 100000 nodes"),
            (merge_bomb(), "merge keys"),
            (alias_in_key(), "a key must be a text"),
        ] {
            let start = Instant::now();
            let documents = read_text(&bomb);
            assert!(
                start.elapsed() < Duration::from_millis(200),
                "{:?}",
                start.elapsed()
            );
            assert!(
                documents.findings[0].message.contains(limit),
                "{:?}",
                documents.findings[0]
            );
            assert!(documents.findings.len() <= FINDINGS);
        }
    }

    #[test]
    fn g4_the_budget_holds_at_the_limit() {
        let of = |items: usize| format!("[{}]", vec!["x"; items].join(","));
        assert_eq!(message(&of(YAML_NODES - 1)), "");
        assert!(message(&of(YAML_NODES)).contains("more than 100000 nodes"));
    }

    #[test]
    fn g4_nesting_ends_at_64_levels() {
        let flow = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let block = |levels: usize| "- ".repeat(levels) + "x";
        let both = |levels: usize| "- ".repeat(levels - 40) + &flow(40);
        let aliased = |levels: usize| {
            let (open, close) = ("[".repeat(levels - 41), "]".repeat(levels - 41));
            format!("- &a {}\n- {open}*a{close}\n", flow(40))
        };
        let shapes: [&dyn Fn(usize) -> String; 4] = [&flow, &block, &both, &aliased];
        for nested in shapes {
            assert_eq!(message(&nested(YAML_DEPTH)), "");
            assert_eq!(
                message(&nested(YAML_DEPTH + 1)),
                "nesting is deeper than 64 levels"
            );
        }
        assert_eq!(message(&flow(100_000)), "nesting is deeper than 64 levels");
    }

    #[test]
    fn g4_findings_on_one_long_line_do_not_add_up() {
        for item in ["!x,", "*x,", "&a,", "{<<: a},", "[a]: b,"] {
            let text = format!("a: [{}]\n", item.repeat(1_000_000 / item.len()));
            let start = Instant::now();
            assert_eq!(read_text(&text).findings.len(), FINDINGS, "{item}");
            assert!(
                start.elapsed() < Duration::from_millis(500),
                "{item} {:?}",
                start.elapsed()
            );
        }
    }

    #[test]
    fn an_alias_shares_what_it_stands_for() {
        let documents = read_text("a: &x [b, c]\nd: *x\ne: [*x, *x]\n");
        assert!(documents.findings.is_empty());
        let Kind::Map(entries) = &documents.roots[0].kind else {
            panic!("the file is a map");
        };
        let list = |node: &Node| match &node.kind {
            Kind::List(items) => Arc::clone(items),
            _ => panic!("a list was written"),
        };
        assert!(Arc::ptr_eq(
            &list(&entries[0].value),
            &list(&entries[1].value)
        ));
        assert!(Arc::ptr_eq(
            &list(&entries[0].value),
            &list(&list(&entries[2].value)[1])
        ));
    }

    #[test]
    fn anchors_end_with_their_document() {
        assert!(message("a: &x b\n---\nc: *x\n").contains("there is no anchor `&x`"));
    }

    #[test]
    fn a_syntax_error_costs_only_its_document() {
        let documents = read_text("a: b: c\n---\nd: e\n---\n]\n---\nf: g\n");
        assert_eq!((documents.roots.len(), documents.findings.len()), (2, 2));
    }

    #[test]
    fn tags_of_the_core_schema_fit_what_they_stand_before() {
        for good in [
            "!!str 1",
            "!!int 1",
            "!!seq [a]",
            "!!map {a: b}",
            "!!null x",
            "!!bool true",
        ] {
            assert_eq!(message(&format!("a: {good}\n")), "", "{good}");
        }
        for bad in [
            "!!binary x",
            "!!set {a}",
            "!x y",
            "! x",
            "!<x> y",
            "!!seq x",
            "!!str [a]",
            "!!map [a]",
        ] {
            assert!(
                message(&format!("a: {bad}\n")).ends_with("as a tag"),
                "{bad}"
            );
        }
    }
}
