//! What comes out of a listing: rows, and what was lost on the way to them.

use super::Source;
use crate::oci::Repository;
use crate::rows::{Fault, Row, RowError};

/// What a listing brings, in natural order. What went wrong stands where it went wrong, so that it counts
/// only if the answer reaches that far.
pub(super) enum Listed {
    /// A row to work on.
    Row(Box<Candidate>),
    /// There is nothing to work on where there may have been something.
    Lost(Lost),
}

/// Why there is no row.
pub(super) enum Lost {
    /// Something could not be had.
    Missing(RowError),
    /// A tag, or a repository, went since it was listed.
    Vanished,
}

/// A row, and which source it came from.
pub(super) struct Candidate {
    pub(super) row: Row,
    pub(super) source: usize,
}

/// Says that something of a source, or of a repository of it, could not be had.
pub(super) fn missing(source: &Source, repository: Option<&Repository>, fault: Fault) -> RowError {
    RowError {
        registry: source.name.to_string(),
        repository: repository.map(ToString::to_string),
        tag: None,
        field: None,
        code: fault.code,
        message: fault.message,
    }
}
