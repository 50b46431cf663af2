//! What a registry can do, as a plain value. The planner reads it; nothing here asks anybody.

/// What a registry can list, in which order, and what asking it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether there is a list of repositories. Where there is none, repositories must be named.
    pub lists_repositories: bool,
    /// Whether the tag listing says what each tag points to, so that no HEAD is needed for it.
    pub tags_carry_descriptors: bool,
    /// Whether repositories and tags are listed in natural order, by bytes. Only then may a listing be
    /// stopped early.
    pub natural_order: bool,
    /// Where questions go.
    pub transport: Transport,
}

/// Where questions go, and so what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// To files: no request, no rate limit.
    Disk,
    /// Over a network, one request each.
    Network,
}
