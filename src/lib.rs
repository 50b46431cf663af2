//! docker-regq.

pub mod cli;
pub mod diagnostic;
pub mod exec;
pub mod expr;
pub mod fields;
pub mod limits;
pub mod oci;
pub mod plan;
pub mod query;
pub mod registry;
pub mod render;
pub mod rows;
pub mod safe;
pub mod secret;
pub mod value;
pub mod version;
