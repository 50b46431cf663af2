//! Carrying a plan out: the only place where plan and network meet.
//!
//! Rows come out of the listings in natural order, are worked on side by side, and are handed out in order: one by
//! one, or, where they are grouped or ranked, once all of them are there. What a row
//! needs next is decided by `plan::next`, nowhere here. Nothing is printed, no clock is read; a budget
//! and an order come in, rows and a report go out.

mod ask;
mod background;
mod budget;
mod companions;
mod families;
mod gather;
mod item;
mod list;
mod listed;
mod ordered;
mod pages;
mod parts;
mod run;
mod stages;
mod tally;

pub use budget::Budget;
pub use run::{Report, Source, run};
pub use tally::{Progress, Tally};
