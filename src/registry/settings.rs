//! How a run may use the network: a value that `cli` makes once and hands down. Nothing here asks or decides.

use std::path::PathBuf;

use super::trust::Trust;
use crate::limits::{Limits, Timing};

/// How a run may use the network.
#[derive(Debug, Clone, Default)]
pub struct NetworkSettings {
    /// What the user allows, host by host.
    pub trust: Trust,
    /// Every bound.
    pub limits: Limits,
    /// Every wait.
    pub timing: Timing,
    /// Folders like docker's `certs.d`; the first that has one for a host counts.
    pub certificates: Vec<PathBuf>,
}
