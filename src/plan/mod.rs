//! What will be done, decided before doing it.
//!
//! `bind` turns a query as written into one in which nothing unresolved can be expressed; `build` lays down the
//! stages; `cover` decides, row by row, which request comes next. Pure: what is decided here can be printed
//! and tested without a registry.

mod asserts;
mod bind;
mod bound;
mod build;
mod bulk;
mod clause;
mod columns;
mod counted;
mod cover;
mod document;
mod scope;
mod show;
mod sources;
mod standard;
mod typical;

pub use bind::{Bound, Shown, bind};
pub use bound::{BoundCompanion, BoundQuery, BoundSource, Children};
pub use build::{Plan, Split, build, common_capabilities, listing, naive};
pub use bulk::unoffered;
pub use counted::{counted_for_each, most_rows};
pub use cover::{Progress, Shape, next};
pub use document::DocumentNames;
pub use show::{Destination, show};
pub use typical::{Sample, requests, shape};
