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
    /// Which of them are counted.
    pub counted: Counted,
}

/// Which requests a registry is known to count against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// None that anybody knows of.
    Unknown,
    /// Each GET of a manifest or index, and nothing else (Docker Hub, "pulls").
    Manifests,
}

impl Counted {
    /// What is counted, in words; nothing where nobody knows.
    pub fn in_words(self) -> Option<&'static str> {
        match self {
            Self::Unknown => None,
            Self::Manifests => Some("it counts each GET of a manifest, and no HEAD"),
        }
    }
}

/// Where questions go, and so what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// To files: no request, no rate limit.
    Disk,
    /// Over a network, one request each.
    Network,
}
