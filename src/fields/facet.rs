//! Facets: groups of facts that arrive together with one kind of request.

use std::fmt;

/// A group of facts that one kind of request brings. The order is the order in which a row's facets can
/// be asked: what a facet needs stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// The repository being visited; costs nothing.
    Name,
    /// A vendor's listing of repositories, or its word on one.
    Repository,
    /// The listing of tags, or of manifests, that the row came from.
    Tag,
    /// A listing of a repository's tags, asked for a row of `repositories`.
    TagList,
    /// GET of each manifest of a repository that may be an index, once for all its rows; nothing where the listing says
    /// what they name.
    Parents,
    /// A vendor's listing of tags, or its word on one.
    Activity,
    /// HEAD of what the tag points to.
    Head,
    /// GET of what the tag points to; brings what [`Facet::Head`] brings too.
    Manifest,
    /// GET of the manifest that stands for an index: the child of the row's platform.
    Child,
    /// GET of the manifests of all images of an index; brings what [`Facet::Child`] brings too.
    Children,
    /// GET of the image's config.
    Config,
    /// The listing of what is attached to what the tag points to, or the tag that stands in for it.
    Referrers,
    /// HEAD of the tag under which cosign keeps signatures.
    SignatureTag,
    /// HEAD of the tag under which cosign keeps attestations.
    AttestationTag,
    /// HEAD of the tag under which cosign keeps SBOMs.
    SbomTag,
    /// GET of the manifests of an index's attestations.
    Attestations,
    /// GET of the statement in an index that says how the image was built.
    Provenance,
    /// GET of such a statement that is attached.
    AttachedProvenance,
}

impl Facet {
    /// All of them, in order.
    pub const ALL: [Self; 18] = [
        Self::Name,
        Self::Repository,
        Self::Tag,
        Self::TagList,
        Self::Parents,
        Self::Activity,
        Self::Head,
        Self::Manifest,
        Self::Child,
        Self::Children,
        Self::Config,
        Self::Referrers,
        Self::SignatureTag,
        Self::AttestationTag,
        Self::SbomTag,
        Self::Attestations,
        Self::Provenance,
        Self::AttachedProvenance,
    ];

    /// What is asked, as `plan` and `explain` say it.
    pub fn request(self) -> &'static str {
        match self {
            Self::Name => "nothing",
            Self::Repository => "GET vendor's repository",
            Self::Tag | Self::TagList => "list tags",
            Self::Parents => "GET indexes of the repository",
            Self::Activity => "GET vendor's tag",
            Self::Head => "HEAD manifest",
            Self::Manifest => "GET manifest",
            Self::Child => "GET child manifest",
            Self::Children => "GET all child manifests",
            Self::Config => "GET config",
            Self::Referrers => "list referrers",
            Self::SignatureTag => "HEAD signature tag",
            Self::AttestationTag => "HEAD attestation tag",
            Self::SbomTag => "HEAD SBOM tag",
            Self::Attestations => "GET attestation manifests",
            Self::Provenance => "GET build attestation",
            Self::AttachedProvenance => "GET attached build attestation",
        }
    }
}

/// A set of facets.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Facets(u32);

impl Facets {
    /// No facet.
    pub const EMPTY: Self = Self(0);

    /// Adds a facet.
    pub fn insert(&mut self, facet: Facet) {
        self.0 |= 1 << facet as u32;
    }

    /// Takes a facet out.
    pub fn remove(&mut self, facet: Facet) {
        self.0 &= !(1 << facet as u32);
    }

    /// Tells whether a facet is in it.
    pub fn contains(self, facet: Facet) -> bool {
        self.0 & (1 << facet as u32) != 0
    }

    /// Both sets together.
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The facets in order.
    pub fn iter(self) -> impl Iterator<Item = Facet> {
        Facet::ALL
            .into_iter()
            .filter(move |facet| self.contains(*facet))
    }
}

impl FromIterator<Facet> for Facets {
    fn from_iter<I: IntoIterator<Item = Facet>>(facets: I) -> Self {
        let mut set = Self::EMPTY;
        facets.into_iter().for_each(|facet| set.insert(facet));
        set
    }
}

impl fmt::Debug for Facets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
