//! Who we are to whom: credentials out of Docker's config and helpers, and the tokens that they buy.
//!
//! A secret belongs to one origin and to that origin's token server (threats S1). Nothing here prints, and nothing here
//! is decided by a query file.

pub(in crate::registry) mod realm;
