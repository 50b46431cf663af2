//! Everything a query may name.
mod format;
pub use format::{Align, CellFormat};

/// What a field's value is, for static checks and `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Anything; a document of a specification.
    Any,
    /// A text.
    Text,
    /// A time as text: `YYYY-MM-DDTHH:MM:SSZ`.
    Time,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A list of one type.
    List(&'static Type),
    /// A map from text to one type.
    Map(&'static Type),
    /// A map with known members.
    Record(&'static [(&'static str, Type)]),
}
