//! What a function may be given: the kinds of its parameters, and what holds them.

use crate::value::Value;

/// One thing a function takes.
#[derive(Debug)]
pub struct Parameter {
    /// What it is called in the documentation.
    pub name: &'static str,
    /// What it may be.
    pub accepts: &'static [Accept],
}

/// A kind of value a function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Anything, null included.
    Any,
    /// A text.
    Text,
    /// A text that is a time.
    Time,
    /// A text that is a stretch of time, such as `30d`.
    Duration,
    /// A number.
    Number,
    /// A list.
    List,
    /// A list of numbers.
    Numbers,
    /// A list of texts.
    Texts,
    /// A map.
    Map,
    /// An expression: `&name`.
    Expression,
    /// Anything, evaluated only where the function chooses it.
    Branch,
    /// A whole number from zero on.
    Count,
    /// A text that is a regular expression.
    Regex,
    /// A text that is a pattern with wildcards.
    Glob,
    /// A text that is a range of versions.
    Range,
    /// A text that says how a time is written.
    TimeFormat,
    /// A text that is a platform, or a pattern of platforms.
    Platform,
}

impl Parameter {
    pub(in crate::expr) fn takes_expression(&self) -> bool {
        self.accepts.contains(&Accept::Expression)
    }

    /// Tells whether it is handed over as it stands, to be evaluated where the function chooses it.
    pub(in crate::expr) fn is_branch(&self) -> bool {
        self.accepts.contains(&Accept::Branch)
    }

    /// Tells whether the elements of a list must be looked at.
    pub(in crate::expr) fn looks_inside(&self) -> bool {
        let inside = |accept: &Accept| matches!(accept, Accept::Numbers | Accept::Texts);
        self.accepts.iter().any(inside)
    }

    /// What it may be, in words: `a text or a list`.
    pub fn wanted(&self) -> String {
        let words: Vec<&str> = self.accepts.iter().map(|accept| accept.words()).collect();
        words.join(" or ")
    }
}

impl Accept {
    fn words(self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Time => "a time",
            Self::Duration => "a duration such as '30d'",
            Self::Number => "a number",
            Self::List => "a list",
            Self::Numbers => "a list of numbers",
            Self::Texts => "a list of texts",
            Self::Map => "a map",
            Self::Expression => "an expression such as `&size`",
            Self::Branch => "anything",
            Self::Count => "a whole number from zero on",
            Self::Regex => "a regular expression",
            Self::Glob => "a pattern",
            Self::Range => "a range of versions",
            Self::TimeFormat => "a time format such as '%Y-%m-%d'",
            Self::Platform => "a platform such as 'linux/arm64'",
        }
    }

    /// Tells whether a value is of this kind; `nulls` says what a null within a list is.
    pub(in crate::expr) fn holds(self, value: &Value, nulls: Nulls) -> bool {
        let all = |is_wanted: fn(&Value) -> bool| {
            let fits =
                |item: &Value| is_wanted(item) || (nulls == Nulls::Skipped && item.is_null());
            value.as_list().is_some_and(|items| items.iter().all(fits))
        };
        match self {
            Self::Any | Self::Branch => true,
            Self::Number => is_number(value),
            Self::Count => value.as_int().is_some_and(|number| number >= 0),
            Self::List => value.as_list().is_some(),
            Self::Numbers => all(is_number),
            Self::Texts => all(is_text),
            Self::Map => value.as_map().is_some(),
            Self::Expression => false,
            text if text.is_text() => is_text(value),
            _ => false,
        }
    }

    /// Tells whether it is a text of some kind.
    pub(in crate::expr) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Time
                | Self::Duration
                | Self::Regex
                | Self::Glob
                | Self::Range
                | Self::TimeFormat
                | Self::Platform
        )
    }
}

/// What a null within a list of numbers or texts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::expr) enum Nulls {
    Skipped,
    Wrong,
}

pub(super) fn is_text(value: &Value) -> bool {
    value.as_text().is_some()
}

pub(super) fn is_number(value: &Value) -> bool {
    value.as_float().is_some()
}
