//! Amazon's registries: an account's own, and the one that everybody may read. Both list names as the specification has
//! it and tell nothing besides: what Amazon knows of images is behind an API that takes signed requests and no password
//! of Docker's (AWS, "DescribeImages").

use super::Dialect;
use super::pages::NoPages;
use crate::oci::RegistryHost;
use crate::registry::amazon;
use crate::registry::remote::Remote;
use crate::registry::{
    Capabilities, Details, Pages, RegistryError, RepositoryEntry, RepositoryListing,
};

/// Amazon's registries, which differ in who may list them.
pub(super) enum Amazon {
    /// An account's own, in one region.
    Private,
    /// The one that everybody may read, and whose repositories nobody can list.
    Public,
}

impl Dialect for Amazon {
    fn name(&self) -> &'static str {
        match self {
            Self::Private => "ecr",
            Self::Public => "ecr-public",
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::Private => "Amazon ECR",
            Self::Public => "Amazon ECR Public",
        }
    }

    fn claims(&self, host: &RegistryHost) -> bool {
        let own = amazon::Amazon::of(host);
        match self {
            Self::Private => matches!(own, Some(amazon::Amazon::Private { .. })),
            Self::Public => matches!(own, Some(amazon::Amazon::Public)),
        }
    }

    fn capabilities(&self) -> Capabilities {
        let repositories = match self {
            Self::Private => RepositoryListing::Whole,
            Self::Public => RepositoryListing::Not,
        };
        Capabilities {
            repositories,
            ..Capabilities::DISTRIBUTION
        }
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        _: Option<&str>,
        _: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        match self {
            Self::Private => remote.catalog(),
            Self::Public => Box::new(NoPages::because(RegistryError::NoListing {
                vendor: self.title(),
                below: false,
            })),
        }
    }
}
