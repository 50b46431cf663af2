//! Resources: what one row of a result is.

/// What one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A repository.
    Repositories,
    /// A tag.
    Tags,
    /// An image: one platform of what a tag points to.
    Images,
    /// A layer of an image.
    Layers,
    /// Something attached to an image.
    Referrers,
    /// A manifest, tagged or not.
    Manifests,
}

impl Resource {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Repositories,
        Self::Tags,
        Self::Images,
        Self::Layers,
        Self::Referrers,
        Self::Manifests,
    ];

    /// Those whose rows are of a tag.
    pub const OF_TAGS: &[Self] = &[Self::Tags, Self::Images, Self::Layers, Self::Referrers];

    /// Those whose rows are of a manifest or index, be it named by a tag or by its digest.
    pub const OF_MANIFESTS: &[Self] = &[
        Self::Tags,
        Self::Images,
        Self::Layers,
        Self::Referrers,
        Self::Manifests,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Repositories => "repositories",
            Self::Tags => "tags",
            Self::Images => "images",
            Self::Layers => "layers",
            Self::Referrers => "referrers",
            Self::Manifests => "manifests",
        }
    }

    /// Other names users type for it.
    pub fn short_names(self) -> &'static [&'static str] {
        match self {
            Self::Repositories => &["repository", "repo", "repos"],
            Self::Tags => &["tag"],
            Self::Images => &["image", "img"],
            Self::Layers => &["layer"],
            Self::Referrers => &["referrer", "ref"],
            Self::Manifests => &["manifest"],
        }
    }

    /// What one row is, in a few words.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Repositories => "one row per repository",
            Self::Tags => "one row per tag; an index is stood for by the image of one platform",
            Self::Images => {
                "one row per image: each platform of what a tag points to, artifacts and attestations left out"
            }
            Self::Layers => {
                "one row per layer, lowest first; of an index those of the image of one platform"
            }
            Self::Referrers => {
                "one row per thing that is attached to what a tag points to: signatures, SBOMs, attestations, whatever it is"
            }
            Self::Manifests => {
                "one row per manifest or index, untagged ones too; what is said of what a tag points to is said of it"
            }
        }
    }

    /// The resource of that name, short names included.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|resource| resource.name() == name || resource.short_names().contains(&name))
    }

    /// The columns shown where a query names none: what each is called, and the field. Those of repositories, tags
    /// and manifests cost the listing and nothing else.
    pub fn default_columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Repositories => &[("REPOSITORY", "repository")],
            Self::Tags => &[("REPOSITORY", "repository"), ("TAG", "tag")],
            Self::Images => &[
                ("TAG", "tag"),
                ("PLATFORM", "platform"),
                ("DIGEST", "image_digest"),
                ("SIZE", "size"),
                ("CREATED", "created"),
            ],
            Self::Layers => &[
                ("TAG", "tag"),
                ("POSITION", "layer.position"),
                ("DIGEST", "layer.digest"),
                ("SIZE", "layer.size"),
                ("CREATED BY", "layer.created_by"),
            ],
            Self::Referrers => &[
                ("TAG", "tag"),
                ("TYPE", "referrer.artifact_type"),
                ("DIGEST", "referrer.digest"),
                ("SIZE", "referrer.size"),
            ],
            Self::Manifests => &[
                ("REPOSITORY", "repository"),
                ("DIGEST", "digest"),
                ("TAGS", "tags"),
            ],
        }
    }

    /// What `-o wide` adds to the default columns.
    pub fn wide_columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Repositories => &[("TAG_COUNT", "tag_count")],
            Self::Tags => &[
                ("DIGEST", "digest"),
                ("CREATED", "created"),
                ("SIZE", "size"),
                ("PLATFORM", "platform"),
            ],
            Self::Images => &[("REPOSITORY", "repository"), ("ID", "image_id")],
            Self::Layers => &[
                ("REPOSITORY", "repository"),
                ("PLATFORM", "platform"),
                ("MEDIA TYPE", "layer.media_type"),
            ],
            Self::Referrers => &[
                ("REPOSITORY", "repository"),
                ("SUBJECT", "referrer.subject"),
                ("MEDIA TYPE", "referrer.media_type"),
            ],
            Self::Manifests => &[
                ("KIND", "kind"),
                ("PLATFORM", "platform"),
                ("SIZE", "size"),
                ("CREATED", "created"),
                ("PARENTS", "parents"),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_mean_one_resource() {
        assert_eq!(Resource::named("repo"), Some(Resource::Repositories));
        assert_eq!(Resource::named("tag"), Some(Resource::Tags));
        assert_eq!(Resource::named("pods"), None);
    }
}
