//! What we tell people: a message, the place it is about, and what would be right.
//!
//! Every room that finds fault with text a person wrote - a query file, an expression, a flag -
//! hands back [`Diagnostic`]s. They are values; drawing them is `snippet`'s affair alone, and which exit
//! code follows is decided in `cli::report`. No I/O here.

mod passage;
mod similar;
mod snippet;
mod source;

pub use passage::Passage;
pub use similar::nearest;
pub use snippet::{Colour, draw};
pub use source::{Place, Source};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is done until this is put right.
    Error,
    /// Surely not meant, but it can be done.
    Warning,
    /// Worth knowing.
    Note,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no final stop, no advice.
    pub message: String,
    /// Where: the first is the place itself, others explain.
    pub labels: Vec<Label>,
    /// What would be right.
    pub hints: Vec<String>,
}

/// A stretch of source text with a few words about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// The text meant.
    pub place: Place,
    /// The words, possibly none.
    pub text: String,
}

impl Diagnostic {
    /// Starts an error.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// Starts a warning.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// Starts a note.
    pub fn note(message: impl Into<String>) -> Self {
        Self::new(Severity::Note, message)
    }

    fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self {
            severity,
            message: message.into(),
            labels: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// Adds a place with a few words about it; the first one added is the main one.
    pub fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place: place.clone(),
            text: text.into(),
        });
        self
    }

    /// Adds what would be right.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds "did you mean" for the candidate nearest to `name`, if one is near.
    pub fn did_you_mean<'a>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match nearest(name, candidates) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Tells whether nothing can be done until this is put right.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Where this is about: file, then position; findings are shown in this order.
    pub fn sort_key(&self) -> (usize, usize) {
        self.labels
            .first()
            .map_or((0, 0), |label| (label.place.start, label.place.end))
    }
}
