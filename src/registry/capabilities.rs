//! What a registry can do, as a plain value. The planner reads it; nothing here asks anybody.

use std::fmt;

/// What a registry can list, in which order, and what asking it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// How its repositories can be listed.
    pub repositories: RepositoryListing,
    /// Whether the tag listing says what each tag points to, so that no HEAD is needed for it.
    pub tags_carry_descriptors: bool,
    /// The details that its listings can bring along, if they are wanted.
    pub bulk: Details,
    /// The details that it tells of a single repository or tag when it is asked about that one.
    pub single: Details,
    /// Whether its manifests can be listed, those that no tag points to as well.
    pub manifests: ManifestListing,
    /// How many entries one page of a listing has that brings details.
    pub bulk_page: usize,
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

/// How the repositories of a registry can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepositoryListing {
    /// All of them, in one listing.
    Whole,
    /// All of them, or only those below a namespace, which is cheaper.
    Either,
    /// Only those below a namespace.
    Below,
    /// Not at all: repositories must be named.
    Not,
}

/// How the manifests of a repository can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestListing {
    /// By their tags alone.
    Not,
    /// Not for those without a login.
    ForAccounts,
    /// All of them, with these details.
    With(Details),
}

/// Where questions go, and so what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// To files: no request, no rate limit.
    Disk,
    /// Over a network, one request each.
    Network,
}

/// A fact that a vendor's listing may bring beside a name. It has the name of the field of design §4 that it is, and is
/// only brought where the vendor means exactly what that field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Detail {
    /// The digest of what a tag points to.
    Digest,
    /// The media type of that.
    MediaType,
    /// The size of that manifest or index itself.
    ManifestSize,
    /// The platforms a tag has images for.
    Platforms,
    /// The bytes of all platforms' images, each blob once.
    TotalSize,
    /// When a tag was last pushed.
    Pushed,
    /// When a tag was last pulled.
    Pulled,
    /// The vendor's whole word on a tag.
    VendorTag,
    /// The tags of a manifest.
    Tags,
    /// The digests of the indexes that name a manifest.
    Parents,
    /// The vendor's whole word on a manifest.
    VendorManifest,
    /// How often a repository was pulled.
    PullCount,
    /// What a repository's owner says about it.
    Description,
    /// Whether a repository is hidden from strangers.
    Private,
    /// The vendor's whole word on a repository.
    VendorRepository,
}

impl Detail {
    /// All of them, those of tags first, then those of manifests alone.
    pub const ALL: [Self; 15] = [
        Self::Digest,
        Self::MediaType,
        Self::ManifestSize,
        Self::Platforms,
        Self::TotalSize,
        Self::Pushed,
        Self::Pulled,
        Self::VendorTag,
        Self::Tags,
        Self::Parents,
        Self::VendorManifest,
        Self::PullCount,
        Self::Description,
        Self::Private,
        Self::VendorRepository,
    ];

    /// The name of the field that it is.
    pub fn name(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::MediaType => "media_type",
            Self::ManifestSize => "manifest_size",
            Self::Platforms => "platforms",
            Self::TotalSize => "total_size",
            Self::Pushed => "pushed",
            Self::Pulled => "pulled",
            Self::VendorTag => "vendor.tag",
            Self::Tags => "tags",
            Self::Parents => "parents",
            Self::VendorManifest => "vendor.manifest",
            Self::PullCount => "pull_count",
            Self::Description => "description",
            Self::Private => "private",
            Self::VendorRepository => "vendor.repository",
        }
    }

    /// The detail of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|detail| detail.name() == name)
    }
}

/// A set of details.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Details(u32);

impl Details {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// These.
    pub const fn of(details: &[Detail]) -> Self {
        let mut set = 0;
        let mut at = 0;
        while at < details.len() {
            set |= 1 << details[at] as u16;
            at += 1;
        }
        Self(set)
    }

    /// Those of tags.
    pub const OF_TAGS: Self = Self::of(&[
        Detail::Digest,
        Detail::MediaType,
        Detail::ManifestSize,
        Detail::Platforms,
        Detail::TotalSize,
        Detail::Pushed,
        Detail::Pulled,
        Detail::VendorTag,
    ]);

    /// Those of manifests, and of nothing else.
    pub const OF_MANIFESTS: Self =
        Self::of(&[Detail::Tags, Detail::Parents, Detail::VendorManifest]);

    /// What every listing of manifests tells.
    pub const NAMES_OF_MANIFESTS: Self = Self::of(&[Detail::Digest, Detail::Tags]);

    /// Those of repositories.
    pub const OF_REPOSITORIES: Self = Self::of(&[
        Detail::PullCount,
        Detail::Description,
        Detail::Private,
        Detail::VendorRepository,
    ]);

    /// Both sets together.
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Tells whether a detail is in it.
    pub const fn contains(self, detail: Detail) -> bool {
        self.0 & (1 << detail as u16) != 0
    }

    /// Tells whether there is nothing in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The details, those of tags first.
    pub fn iter(self) -> impl Iterator<Item = Detail> {
        Detail::ALL
            .into_iter()
            .filter(move |detail| self.contains(*detail))
    }
}

impl FromIterator<Detail> for Details {
    fn from_iter<I: IntoIterator<Item = Detail>>(details: I) -> Self {
        let one = |detail| Self::of(&[detail]);
        details.into_iter().map(one).fold(Self::EMPTY, Self::union)
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Capabilities {
    /// What every registry of the distribution protocol can do: it lists names, in whatever order (the specification
    /// demands one and many registries have another, so it is not relied on).
    pub const DISTRIBUTION: Self = Self {
        repositories: RepositoryListing::Whole,
        tags_carry_descriptors: false,
        bulk: Details::EMPTY,
        single: Details::EMPTY,
        manifests: ManifestListing::Not,
        bulk_page: 100,
        natural_order: false,
        transport: Transport::Network,
        counted: Counted::Unknown,
    };

    /// What a folder on disk can do.
    pub const DISK: Self = Self {
        tags_carry_descriptors: true,
        manifests: ManifestListing::With(Details::NAMES_OF_MANIFESTS.union(Details::of(&[
            Detail::MediaType,
            Detail::ManifestSize,
            Detail::Parents,
        ]))),
        natural_order: true,
        transport: Transport::Disk,
        counted: Counted::Unknown,
        ..Self::DISTRIBUTION
    };

    /// The same where manifests are listed in place of tags: what comes along comes with that listing, and of a single
    /// one nothing is told.
    pub fn of_manifests(&self) -> Self {
        let listed = match self.manifests {
            ManifestListing::With(details) => details,
            // What any such listing would bring: whoever has none is asked nothing.
            ManifestListing::Not | ManifestListing::ForAccounts => Details::NAMES_OF_MANIFESTS,
        };
        Self {
            bulk: self.bulk.both(Details::OF_REPOSITORIES).union(listed),
            single: self.single.both(Details::OF_REPOSITORIES),
            ..self.clone()
        }
    }

    /// Every detail that it can tell in some way.
    pub fn offered(&self) -> Details {
        self.bulk.union(self.single)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detail_has_a_name_and_a_place_of_its_own() {
        for (at, detail) in Detail::ALL.into_iter().enumerate() {
            assert_eq!(detail as usize, at);
            assert_eq!(Detail::named(detail.name()), Some(detail));
            assert!(Details::of(&[detail]).contains(detail));
        }
        let all: Details = Detail::ALL.into_iter().collect();
        assert_eq!(all.iter().count(), Detail::ALL.len());
        let sets = [
            Details::OF_TAGS,
            Details::OF_MANIFESTS,
            Details::OF_REPOSITORIES,
        ];
        let together = sets.into_iter().fold(Details::EMPTY, Details::union);
        assert_eq!(all, together);
        let count: usize = sets.iter().map(|set| set.iter().count()).sum();
        assert_eq!(count, Detail::ALL.len(), "each is in one set");
        assert_eq!(Detail::named("tag"), None);
    }
}
