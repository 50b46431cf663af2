//! What tests need and do not want to see: layouts and registries made from a few words, a runtime, real tools.

pub(crate) mod archive;
pub(crate) mod ask;
pub(crate) mod attachment;
#[cfg(unix)]
pub(crate) mod browser;
pub(crate) mod command;
#[cfg(unix)]
pub(crate) mod completing_shell;
pub(crate) mod fake;
pub(crate) mod filled_registries;
pub(crate) mod gate;
pub(crate) mod golden;
pub(crate) mod image;
pub(crate) mod layout;
pub(crate) mod model;
pub(crate) mod network;
pub(crate) mod one_of_seven;
pub(crate) mod oracle;
pub(crate) mod pass;
pub(crate) mod query;
pub(crate) mod random_query;
pub(crate) mod random_world;
pub(crate) mod readers;
pub(crate) mod real_registry;
pub(crate) mod real_user;
pub(crate) mod recipe;
#[cfg(unix)]
pub(crate) mod running;
pub(crate) mod schema1;
#[cfg(unix)]
pub(crate) mod terminal;
pub(crate) mod tools;
pub(crate) mod user;
pub(crate) mod vendors;
