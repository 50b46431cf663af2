//! The grammars of what comes over the wire: challenges, tokens, links, listings, errors, waits, addresses.
//!
//! Text in, values out: nothing here sends, waits or reads a clock, and everything here was written by strangers.

pub(in crate::registry) mod address;
pub(in crate::registry) mod authorization;
pub(in crate::registry) mod challenge;
pub(in crate::registry) mod claims;
pub(in crate::registry) mod error_body;
pub(in crate::registry) mod foreign;
pub(in crate::registry) mod headers;
pub(in crate::registry) mod link;
pub(in crate::registry) mod media_type;
pub(in crate::registry) mod names;
pub(in crate::registry) mod rate_limit;
pub(in crate::registry) mod referrers;
pub(in crate::registry) mod retry_after;
pub(in crate::registry) mod scope;
mod skip;
mod sloppy;
pub(in crate::registry) mod token;
pub(in crate::registry) mod warning;
