//! JFrog Artifactory: it holds repositories of its own, of which a host shows one or all; see [`super::keyed`]. What is
//! told besides is of its REST API, below `/artifactory` of the same host (jfrog.com/help, "JFrog REST APIs").
//!
//! Its pages of tags link to a path without the repository, some versions with a number for the last tag; without a size all
//! tags come at once (renovatebot/renovate #15080). What the API says of a folder is no fact of ours: the times are those of
//! a file in a store, which a copy or a cache changes, so they stay members of `vendor`.

use url::Url;

use super::keyed::Arrangement;
use super::{Dialect, Trial, is_below};
use crate::oci::{RegistryHost, Repository, Tag};
use crate::registry::auth::ApiScheme;
use crate::registry::error::Question;
use crate::registry::remote::{ApiRules, Door, Remote, TagPages, below};
use crate::registry::{
    Answer, Capabilities, Detail, Details, Pages, RegistryError, RepositoryEntry,
    RepositoryListing, Told,
};
use crate::value::Value;

static OWN: Arrangement = Arrangement {
    title: "Artifactory",
    marks: &["/api/docker/", "/api/oci/"],
    keys: |root| below(&own(root), "api/repositories"),
    key: |document| {
        let text = |name: &str| document.get(name).and_then(Value::as_text);
        let kind = text("packageType").unwrap_or_default();
        let holds_images = ["docker", "oci"]
            .iter()
            .any(|known| kind.eq_ignore_ascii_case(known));
        text("key").filter(|_| holds_images)
    },
    catalogs: |key| vec![format!("v2/{key}/_catalog")],
};

/// JFrog Artifactory.
pub(super) struct Artifactory;

impl Dialect for Artifactory {
    fn name(&self) -> &'static str {
        "artifactory"
    }

    fn title(&self) -> &'static str {
        OWN.title
    }

    /// Whoever runs one themselves says so.
    fn claims(&self, host: &RegistryHost) -> bool {
        is_below(host, "jfrog.io")
    }

    fn api(&self) -> Option<ApiRules> {
        Some(ApiRules {
            base: None,
            scheme: ApiScheme::Basic,
            accept: "application/json",
        })
    }

    /// Whatever else is told there needs this list first.
    fn trial<'a>(&self, _: Option<&'a Repository>) -> Option<Trial<'a>> {
        Some(Trial::At(|base| (OWN.keys)(&OWN.root(base))))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            repositories: RepositoryListing::Either,
            single: Details::of(&[Detail::VendorRepository, Detail::VendorTag]),
            ..Capabilities::DISTRIBUTION
        }
    }

    fn tag_pages(&self) -> TagPages {
        TagPages::Whole
    }

    fn repositories<'a>(
        &self,
        remote: &'a Remote,
        below: Option<&str>,
        _: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        OWN.repositories(remote, below)
    }

    fn repository<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let said = folder(remote, repository, "", Question::Repository).await?;
            Ok(said.map_or_else(Told::new, |said| vec![(Detail::VendorRepository, said)]))
        })
    }

    fn tag<'a>(
        &'a self,
        remote: &'a Remote,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Told> {
        Box::pin(async move {
            let said = folder(remote, repository, &format!("/{tag}"), Question::Tag).await?;
            Ok(said.map_or_else(Told::new, |said| vec![(Detail::VendorTag, said)]))
        })
    }
}

/// The address of Artifactory itself, by that of a host or a repository of it.
fn own(root: &Url) -> Url {
    match root.path().trim_end_matches('/').ends_with("/artifactory") {
        true => root.clone(),
        false => below(root, "artifactory"),
    }
}

/// What the API says of the folder of an image, or of one of its tags; nothing where it is in none of its repositories.
async fn folder(
    remote: &Remote,
    repository: &Repository,
    path: &str,
    question: Question,
) -> Result<Option<Value>, RegistryError> {
    let Some((key, image)) = OWN.split(remote, repository) else {
        return Ok(None);
    };
    let path = format!("api/storage/{key}/{image}{path}");
    let at = |base: &Url| below(&own(&OWN.root(base)), &path);
    let fetched = remote.fetch(Door::Api, &at, &question).await?;
    Ok(Some(fetched.good(question)?.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_below_the_vendors_own_path_wherever_the_address_ends() {
        for base in [
            "https://a.test/",
            "https://a.test/artifactory/",
            "https://a.test/artifactory",
            "https://a.test/artifactory/api/docker/images",
            "https://a.test/artifactory/api/oci/images/",
        ] {
            let root = OWN.root(&base.parse().unwrap());
            assert_eq!(
                (OWN.keys)(&root).as_str(),
                "https://a.test/artifactory/api/repositories",
                "{base}"
            );
        }
    }
}
