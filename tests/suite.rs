//! The promises between modules, in one test binary.

#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod suite {
    mod compliance;
    mod demo;
    mod layouts;
    mod real_layouts;
    mod saved_queries;
    mod support;
    mod wrong_queries;
}
