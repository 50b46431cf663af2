//! The YAML crate's errors in our words, at the place that has to be changed.
//!
//! The parser says where it gave up; people need to know where to put a quote. Most of what goes wrong in a query
//! file is an expression that YAML takes for something of its own, so most hints show the line with quotes.

use std::ops::Range;
use std::sync::Arc;

use serde_saphyr::granit_parser::{ErrorKind, ScanError};

use super::eaten;
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::limits::YAML_DEPTH;

/// How far reading had come when it failed.
pub(super) struct Reached {
    /// Where the last event ended.
    pub(super) end: usize,
    /// Where the last scalar stands.
    pub(super) scalar: Range<usize>,
    /// The innermost bracket that is open.
    pub(super) bracket: Option<Range<usize>>,
}

/// What is wrong, where, and what to do about it.
struct Words {
    message: String,
    at: Range<usize>,
    label: &'static str,
    advice: Advice,
}

enum Advice {
    /// Show the line with its value in quotes.
    Quote,
    /// Say this.
    Say(&'static str),
    /// The message is enough.
    Nothing,
}

const SINGLE_QUOTES: &str = "inside `'…'` a quote is written `''`; text with quotes in it is best written as a block after `|`";
const DOUBLE_QUOTES: &str = "inside `\"…\"` a quote is written `\\\"`; text with quotes in it is best written as a block after `|`";
const QUOTES_IN_BRACKETS: &str = "inside `[…]` and `{…}`, text with commas or quotes in it is put in quotes as a whole: `{value: \"join(', ', x)\"}`";
const ESCAPES: &str = "write `\\\\` for a backslash, or use single quotes: `\\` means itself there";
const ITEMS: &str =
    "items are separated by commas; one with commas, brackets or `: ` in it is put in quotes";
const KEYS: &str = "the keys of a map start in the same column, each with a `:` and a space after it; what belongs to a key is indented deeper";
const LIST: &str = "every item of a list starts with `- `, in the same column";
const INLINE_LIST: &str = "write each `- item` on a line of its own, or the list as `[a, b]`";
const KEY_OR_ITEM: &str = "after a key stand a `:` and a space, before an item stands `- `";
const SPACES: &str = "indent with spaces";

impl Words {
    fn new(message: impl Into<String>, at: usize, advice: Advice) -> Self {
        Self {
            message: message.into(),
            at: at..at + 1,
            label: "",
            advice,
        }
    }
}

/// Turns a syntax error into a finding.
pub(super) fn explain(source: &Arc<Source>, error: &ScanError, reached: &Reached) -> Diagnostic {
    let text = &source.text;
    let at = offset(source, error);
    let words = quote(text, error.kind(), at, reached)
        .or_else(|| bracket(text, error.kind(), at, reached))
        .or_else(|| indicator(error.kind(), text, at))
        .or_else(|| layout(error.kind(), text, at, reached))
        .unwrap_or_else(|| other(error, at));
    let place = Place::new(source, words.at.clone());
    let finding = Diagnostic::error(words.message).at(&place, words.label);
    match words.advice {
        Advice::Quote => finding.hint(eaten::hint(source, words.at.start)),
        Advice::Say(hint) => finding.hint(hint),
        Advice::Nothing => finding,
    }
}

/// The words for nesting beyond the limit, whoever notices first.
pub(super) fn too_deep() -> String {
    format!("nesting is deeper than {YAML_DEPTH} levels")
}

/// Where reading failed, on a character boundary.
fn offset(source: &Arc<Source>, error: &ScanError) -> usize {
    let (text, mark) = (&source.text, error.marker());
    let by_characters = || text.char_indices().nth(mark.index()).map(|(at, _)| at);
    let at = mark
        .byte_offset()
        .or_else(by_characters)
        .unwrap_or(text.len());
    Place::new(source, at..at).start
}

/// A quoted text that does not end, or ends too early.
fn quote(text: &str, kind: &ErrorKind, at: usize, reached: &Reached) -> Option<Words> {
    use ErrorKind as E;
    let words = match kind {
        E::UnclosedQuotedScalar
        | E::InvalidQuotedScalarIndent
        | E::DocumentIndicatorInQuotedScalar => {
            let opening = opening_quote(text, reached.end, at).unwrap_or(at);
            let hint = match text.as_bytes().get(opening) {
                _ if reached.bracket.is_some() => QUOTES_IN_BRACKETS,
                Some(b'"') => DOUBLE_QUOTES,
                _ => SINGLE_QUOTES,
            };
            Words::new("this quote is not closed", opening, Advice::Say(hint))
        }
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            Words::new("text follows after a closing quote", at, Advice::Quote)
        }
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => Words::new(
            "this text in double quotes has a `\\` that is no escape of YAML",
            at,
            Advice::Say(ESCAPES),
        ),
        _ => return None,
    };
    Some(words)
}

/// The quote that opens a text, between the end of what was read and where reading failed.
fn opening_quote(text: &str, from: usize, to: usize) -> Option<usize> {
    if text[to..].starts_with(['\'', '"']) {
        return Some(to);
    }
    let from = from.min(to);
    let opens = |(at, _): &(usize, &str)| {
        text[..*at].ends_with(|c: char| c.is_whitespace() || "[{,:-".contains(c))
    };
    let mut quotes = text[from..to]
        .match_indices(['\'', '"'])
        .map(|(at, q)| (from + at, q));
    quotes.find(opens).map(|(at, _)| at)
}

/// A bracket of `[…]` or `{…}` without its partner.
fn bracket(text: &str, kind: &ErrorKind, at: usize, reached: &Reached) -> Option<Words> {
    use ErrorKind as E;
    let opening = reached.bracket.clone();
    let words = match kind {
        E::MismatchedFlowCollectionEnd { open, close } => Words::new(
            format!("`{open}` is closed by `{close}`"),
            at,
            Advice::Nothing,
        ),
        E::MisplacedFlowCollectionEnd => {
            let closing = &text[at..].chars().next().unwrap_or(']');
            Words::new(format!("`{closing}` closes nothing"), at, Advice::Quote)
        }
        E::ExpectedFlowSequenceSeparator | E::ExpectedFlowMappingSeparator
            if text[..at].ends_with('$') && text[at..].starts_with('{') =>
        {
            Words::new(
                "inside `[…]` and `{…}`, YAML reads the `{` of `${…}` as a map",
                at,
                Advice::Quote,
            )
        }
        E::UnclosedFlowCollection { .. }
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::InvalidColonPlacement
        | E::InvalidFlowScalarIndent
        | E::BlockEntryInFlowCollection
        | E::ExpectedFlowSequenceSeparator
        | E::ExpectedFlowMappingSeparator => {
            let opening = opening.map_or(at, |bracket| bracket.start);
            let bracket = text[opening..].chars().next().unwrap_or('[');
            let words = format!("this `{bracket}` is not closed as it should be");
            Words::new(words, opening, Advice::Say(ITEMS))
        }
        _ => return None,
    };
    Some(words)
}

/// A value that starts with, or holds, a character that means something to YAML.
fn indicator(kind: &ErrorKind, text: &str, at: usize) -> Option<Words> {
    use ErrorKind as E;
    let first = text[at..].chars().next().unwrap_or(' ');
    let message = match kind {
        E::MissingAnchorOrAliasName if first == '&' => {
            "YAML reads `&` at the start of a value as an anchor".to_owned()
        }
        E::MissingAnchorOrAliasName => {
            "YAML reads `*` at the start of a value as an alias".to_owned()
        }
        E::InvalidTagTerminator
        | E::ExpectedTagBang
        | E::MissingTagUri
        | E::UndeclaredTagHandle
        | E::UnclosedVerbatimTag
        | E::InvalidGlobalTagCharacter
        | E::InvalidTagEscape
        | E::InvalidTagUtf8
        | E::InvalidTagUtf8LeadingByte
        | E::InvalidTagUtf8TrailingByte => {
            "YAML reads `!` at the start of a value as a tag".to_owned()
        }
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => {
            format!("YAML reads `{first}` at the start of a value as the start of a block")
        }
        E::UnexpectedCharacter { character: '`' } => {
            "YAML does not allow a backtick at the start of a value".to_owned()
        }
        E::UnexpectedCharacter { character } if matches!(character, '@' | '%') => {
            format!("YAML does not allow `{character}` at the start of a value")
        }
        E::UnexpectedEofBlockMapping | E::ExpectedNodeContent if first == ',' => {
            "YAML does not allow `,` at the start of a value".to_owned()
        }
        _ => return None,
    };
    Some(Words::new(message, at, Advice::Quote))
}

/// Lines that do not fit the lines above them.
fn layout(kind: &ErrorKind, text: &str, at: usize, reached: &Reached) -> Option<Words> {
    use ErrorKind as E;
    let line = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let is_first = text[line..at].trim().is_empty();
    let words = match kind {
        E::MappingValueNotAllowed if reached.scalar.start >= line => {
            Words::new("YAML reads this `:` as the end of a key", at, Advice::Quote)
        }
        E::MappingValueNotAllowed => {
            let key = at - text[line..at].trim_start().len();
            Words::new(
                "a key stands where the text above goes on",
                key,
                Advice::Say(KEYS),
            )
        }
        E::ExpectedBlockMappingKey if !is_first => Words::new(
            "text follows after a value that YAML takes to be complete",
            at,
            Advice::Quote,
        ),
        E::ExpectedBlockMappingKey | E::InvalidIndentation | E::ExpectedDocumentStart => {
            Words::new(
                "this line does not fit the lines above it",
                at,
                Advice::Say(KEYS),
            )
        }
        E::ExpectedBlockSequenceEntry => Words::new(
            "this line does not fit the list above it",
            at,
            Advice::Say(LIST),
        ),
        E::BlockSequenceEntryNotAllowed => Words::new(
            "a list cannot start on the line of its key",
            at,
            Advice::Say(INLINE_LIST),
        ),
        E::SimpleKeyExpected | E::InvalidSimpleKey => Words::new(
            "this is neither a key nor an item of a list",
            at,
            Advice::Say(KEY_OR_ITEM),
        ),
        E::TabNotAllowed
        | E::TabInBlockIndentation
        | E::TabInIndentation
        | E::TabAtBlockScalarStart
        | E::TabInPlainScalar => {
            let tab = text[line..at].find('\t').map_or(at, |tab| line + tab);
            Words::new(
                "a tab stands where YAML wants spaces",
                tab,
                Advice::Say(SPACES),
            )
        }
        _ => return None,
    };
    Some(words)
}

fn other(error: &ScanError, at: usize) -> Words {
    use ErrorKind as E;
    match error.kind() {
        E::RecursionLimitExceeded => Words {
            label: "the limit is reached here",
            ..Words::new(too_deep(), at, Advice::Nothing)
        },
        E::DirectiveDisallowed => Words::new(
            "this file takes no directives",
            at,
            Advice::Say("remove the line that starts with `%`"),
        ),
        E::BomInsideDocument => Words::new(
            "a byte order mark stands inside the file",
            at,
            Advice::Say("remove the invisible character"),
        ),
        E::UnexpectedCharacter { character } => Words::new(
            format!(
                "the character {} cannot stand here",
                character.escape_default()
            ),
            at,
            Advice::Nothing,
        ),
        _ => Words::new(
            format!("not valid YAML: {}", error.info()),
            at,
            Advice::Nothing,
        ),
    }
}
