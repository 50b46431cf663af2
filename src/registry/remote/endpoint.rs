//! The addresses of the distribution specification, one function each (distribution-spec 1.1, "Endpoints").
//!
//! What goes into a path are names that were parsed (threats B9); what the path hangs on is the registry's base.

use url::Url;

use crate::oci::{Digest, RegistryHost, Repository, Scheme, Which};
use crate::registry::dialect;

/// Tags asked for at once: what every registry bears that knows the parameter.
pub(super) const TAGS_AT_ONCE: usize = 1000;
/// Repositories asked for at once: a registry on an object store walks through all of it to find them.
pub(super) const REPOSITORIES_AT_ONCE: usize = 100;

/// Where a registry is asked, by this scheme.
pub(super) fn base(host: &RegistryHost, scheme: Scheme) -> Url {
    let origin = match dialect::service(host) {
        Some(service) => format!("https://{service}"),
        None => host.origin(scheme).to_string(),
    };
    origin
        .parse()
        .expect("a registry's host makes a valid address")
}

/// end-1: whether there is a registry, and who is let in.
pub(super) fn root(base: &Url) -> Url {
    at(base, "")
}

/// The list of repositories: `/v2/_catalog` of the Docker HTTP API V2.
pub(super) fn catalog(base: &Url) -> Url {
    at(base, "_catalog")
}

/// end-8a, end-8b: the list of tags.
pub(super) fn tags(base: &Url, repository: &Repository) -> Url {
    at(base, &format!("{repository}/tags/list"))
}

/// end-3: a manifest.
pub(super) fn manifest(base: &Url, repository: &Repository, which: &Which) -> Url {
    let reference = match which {
        Which::Tag(tag) => tag.to_string(),
        Which::Digest(digest) => digest.to_string(),
    };
    at(base, &format!("{repository}/manifests/{reference}"))
}

/// end-2: a blob.
pub(super) fn blob(base: &Url, repository: &Repository, digest: &Digest) -> Url {
    at(base, &format!("{repository}/blobs/{digest}"))
}

/// end-12a: what is attached to a manifest.
pub(super) fn referrers(base: &Url, repository: &Repository, subject: &Digest) -> Url {
    at(base, &format!("{repository}/referrers/{subject}"))
}

/// A listing's address with a page size.
pub(super) fn paged(mut url: Url, size: usize) -> Url {
    url.set_query(Some(&format!("n={size}")));
    url
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let root = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{root}/v2/{path}"));
    url
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn endpoints_hang_on_the_base() {
        let app: Repository = "team/app".parse().unwrap();
        let digest: Digest = DIGEST.parse().unwrap();
        for base in [
            "https://a.test",
            "https://a.test:5000/",
            "https://a.test/artifactory/docker",
        ] {
            let base: Url = base.parse().unwrap();
            let root = base.as_str().trim_end_matches('/');
            assert_eq!(
                paged(catalog(&base), 7).as_str(),
                format!("{root}/v2/_catalog?n=7")
            );
            assert_eq!(
                tags(&base, &app).as_str(),
                format!("{root}/v2/team/app/tags/list")
            );
            let tag = Which::Tag("1.0".parse().unwrap());
            assert_eq!(
                manifest(&base, &app, &tag).as_str(),
                format!("{root}/v2/team/app/manifests/1.0")
            );
            assert_eq!(
                blob(&base, &app, &digest).as_str(),
                format!("{root}/v2/team/app/blobs/{DIGEST}")
            );
            assert_eq!(
                referrers(&base, &app, &digest).as_str(),
                format!("{root}/v2/team/app/referrers/{DIGEST}")
            );
        }
    }

    proptest! {
        #[test]
        fn b9_a_name_that_is_accepted_is_as_many_segments_as_it_shows(
            repository in "[a-z0-9./_%-]{1,20}", tag in "[a-zA-Z0-9._:/%?#-]{1,12}"
        ) {
            let (Ok(repository), Ok(tag)) = (repository.parse::<Repository>(), tag.parse()) else {
                return Ok(());
            };
            let base: Url = "https://a.test".parse().unwrap();
            let url = manifest(&base, &repository, &Which::Tag(tag));
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            let names: Vec<&str> = repository.as_str().split('/').collect();
            prop_assert_eq!(segments.len(), names.len() + 3);
            prop_assert_eq!(&segments[1..=names.len()], &names[..]);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
        }
    }
}
