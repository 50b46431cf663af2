//! `assert`: a list of `{that, message}`.

use super::super::keys::{ASSERT_KEYS, names};
use super::super::{Assert, Piece, message};
use super::Decoder;
use crate::diagnostic::Diagnostic;
use crate::limits::ASSERTS;
use crate::yaml::{Entry, Kind, Known, Node, wrong};

const ASSERT: Known = Known {
    owner: "an assert",
    keys: &names(&ASSERT_KEYS),
    later: &[],
    habits: &[
        ("expression", "that"),
        ("expr", "that"),
        ("condition", "that"),
        ("test", "that"),
        ("msg", "message"),
        ("text", "message"),
    ],
};

/// What the key takes.
const LIST: &str = "a list of maps with `that` and `message`";

/// How an assert is written.
const WRITTEN: &str = "an assert is written\nassert:\n  - that: expression\n    message: text with ${expression} in it";

impl Decoder {
    pub(super) fn asserts(&mut self, entry: &Entry) -> Vec<Assert> {
        let Kind::List(items) = &entry.value.kind else {
            self.no_assert(&entry.value, entry);
            return Vec::new();
        };
        if items.len() > ASSERTS {
            let message = format!("a query has at most {ASSERTS} asserts");
            self.findings
                .push(Diagnostic::error(message).at(&entry.key.place(), ""));
            return Vec::new();
        }
        let items = self.one_or_more(&entry.value, entry, LIST);
        items
            .iter()
            .filter_map(|item| self.assert(item, entry))
            .collect()
    }

    fn assert(&mut self, item: &Node, entry: &Entry) -> Option<Assert> {
        if !matches!(item.kind, Kind::Map(_)) {
            self.no_assert(item, entry);
            return None;
        }
        let keys = ASSERT.of_node(item, &mut self.findings)?;
        let message = keys.get("message").map(|entry| self.message(entry));
        let that = self.required(&keys, "that")?;
        let that = self.expression(&that.value, that)?;
        Some(Assert { that, message })
    }

    fn no_assert(&mut self, node: &Node, entry: &Entry) {
        let finding = wrong(node, entry, LIST);
        self.findings
            .extend(finding.map(|finding| finding.hint(WRITTEN)));
    }

    fn message(&mut self, entry: &Entry) -> Vec<Piece> {
        let Some(scalar) = self.scalar(&entry.value, entry, "a text") else {
            return Vec::new();
        };
        let (pieces, findings) = message::pieces(&scalar.passage);
        self.findings.extend(findings);
        pieces
    }
}
