//! The promises between modules, in one test binary.

#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod suite {
    mod compliance;
    mod demo;
    mod first_hour;
    mod hostile_images;
    mod hostile_queries;
    mod layouts;
    mod output_file;
    mod real_layouts;
    mod saved_queries;
    mod streams;
    mod support;
    mod wrong_queries;
}
