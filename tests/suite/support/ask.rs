//! Questions to a registry, asked and waited for.

use regq::oci::{Descriptor, ManifestOrIndex, Repository, Which};
use regq::registry::{Answer, Details, Document, Page, Pages, Registry, RegistryError, TagEntry};

/// Waits for an answer.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build();
    runtime.expect("a runtime starts").block_on(future)
}

/// Waits for all pages of a listing, put together as one.
pub(crate) fn all<T>(mut pages: Box<dyn Pages<T> + '_>) -> Result<Page<T>, RegistryError> {
    wait(async {
        let (mut entries, mut faults) = (Vec::new(), Vec::new());
        while let Some(page) = pages.next().await? {
            entries.extend(page.entries);
            faults.extend(page.faults);
        }
        Ok(Page { entries, faults })
    })
}

/// Lists the repositories by name.
pub(crate) fn repositories(registry: &dyn Registry) -> Vec<String> {
    let page = all(registry.repositories(None, Details::EMPTY)).expect("repositories are listed");
    let names = page.entries.iter();
    names.map(|entry| entry.repository.to_string()).collect()
}

/// Lists the tags of a repository.
pub(crate) fn tags(registry: &dyn Registry, repository: &str) -> Vec<TagEntry> {
    let repository = self::repository(repository);
    let page = all(registry.tags(&repository, Details::EMPTY)).expect("tags are listed");
    page.entries
}

/// Reads `REPOSITORY:TAG` or `REPOSITORY@DIGEST`.
pub(crate) fn reference(text: &str) -> (Repository, Which) {
    if let Some((name, digest)) = text.split_once('@') {
        let digest = digest.parse().expect("a test's digest is valid");
        return (repository(name), Which::Digest(digest));
    }
    let (name, tag) = text.split_once(':').expect("a test names a tag");
    let tag = tag.parse().expect("a test's tag is valid");
    (repository(name), Which::Tag(tag))
}

fn repository(text: &str) -> Repository {
    text.parse().expect("a test's repository is valid")
}

/// Asks what a reference points to.
pub(crate) fn head(registry: &dyn Registry, name: &str) -> Result<Descriptor, RegistryError> {
    let (repository, which) = reference(name);
    wait(registry.head(&repository, &which))
}

/// Gets a manifest or index.
pub(crate) fn manifest(registry: &dyn Registry, name: &str) -> Result<Document, RegistryError> {
    let (repository, which) = reference(name);
    wait(registry.manifest(&repository, &which, None))
}

/// Gets the config of an image.
pub(crate) fn config(registry: &dyn Registry, name: &str) -> Result<Document, RegistryError> {
    let (repository, which) = reference(name);
    let get = |which, expected| -> Answer<'_, Document> {
        registry.manifest(&repository, which, expected)
    };
    let document = wait(get(&which, None))?;
    let read = ManifestOrIndex::read(&document.value, Some(&document.descriptor.media_type));
    let Ok(ManifestOrIndex::Manifest(manifest)) = read else {
        panic!("{name} is an image manifest");
    };
    wait(registry.config(&repository, &manifest.config))
}
