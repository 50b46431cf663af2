//! Pure work on rows: filter, project, sort; and on results: asserts.
//!
//! A row is the evidence gathered so far plus what went wrong while gathering. Clauses - the expressions of a
//! query, bound to fields and columns - are evaluated on it, or on a group of rows; a clause that reads a fact which could not be had
//! is unknown, never quietly null (design: "Unknown"). Nothing here fetches, prints or decides what to fetch.

mod assert;
mod clause;
mod companion;
mod filter;
mod group;
mod identity;
mod project;
mod result;
mod row;
mod sort;
mod subject;
mod told;
mod view;

pub use assert::{Assert, Checked, Piece, Verdict};
pub use clause::{Clause, Outcome, RunError, Session};
pub use companion::{Companion, Companions};
pub use filter::{Condition, Truth};
pub use group::{Group, Key};
pub use identity::{Ranks, group};
pub use project::{Column, Columns};
pub use result::{Header, Heading, Lacking, ResultRow, RowError, Summary};
pub use row::{Counts, Fact, Fault, Problem, ReadBy, Row, Standing};
pub use sort::{SortKey, SortKeys, sort};
pub use subject::{Entries, Subject};
pub use told::{Missing, counted};
pub use view::{Doubt, Marks, View};
