//! The promises between modules, in one test binary.
#![allow(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod suite {
    mod absent;
    mod compliance;
    mod costs;
    mod demo;
    mod layouts;
    mod order;
    mod properties;
    mod readme;
    mod real_layouts;
    mod scope;
    mod support;
    mod unknown;
}
