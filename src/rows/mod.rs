//! Pure work on rows.
mod result;
pub use result::{Header, Heading, ResultRow, RowError, Summary};
