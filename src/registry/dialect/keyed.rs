//! Vendors that hold repositories of their own, each of which is a registry: Artifactory and Nexus. A host, or a port, may
//! stand for one of them; or for all, and then the first part of a name is the vendor's repository.
//!
//! Which it is nobody says. The user may, by the address of the one: `endpoint` or `api` with the vendor's path in it. Else
//! the first part of a name is asked for a list as images are asked for theirs; where there is none, the host's own list
//! is taken, so that nothing is listed under a name it cannot be pulled by.

use std::collections::VecDeque;

use url::Url;

use super::pages::{
    NoPages, Onward, VendorListing, VendorPage, VendorPages, needs_namespace, repository_entry,
};
use crate::oci::Repository;
use crate::registry::error::{Question, Thing};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::registry::wire::scope::Wanted;
use crate::registry::{Answer, Page, Pages, RegistryError, RepositoryEntry, Told};
use crate::value::Value;

/// Repositories asked for at once.
pub(super) const PAGE: usize = 100;

/// How a vendor arranges its repositories.
pub(super) struct Arrangement {
    /// What people call the vendor.
    pub(super) title: &'static str,
    /// What stands in an address before one of them: `/repository/`.
    pub(super) marks: &'static [&'static str],
    /// Where its API lists them.
    pub(super) keys: fn(&Url) -> Url,
    /// The name of one that holds images, as that list has it.
    pub(super) key: fn(&Value) -> Option<&str>,
    /// Where one of them may have its list of images, below the registry's base.
    pub(super) catalogs: fn(&str) -> Vec<String>,
}

impl Arrangement {
    /// The vendor's repository that a name is in, and the name it has there.
    pub(super) fn split<'n>(
        &self,
        remote: &'n Remote,
        repository: &'n Repository,
    ) -> Option<(&'n str, &'n str)> {
        match self.only(remote) {
            Some(key) => Some((key, repository.as_str())),
            None => repository.as_str().split_once('/'),
        }
    }

    /// What of an address is the vendor's own, before any of its repositories.
    pub(super) fn root(&self, base: &Url) -> Url {
        let mut root = base.clone();
        if let Some((before, _)) = marked(self.marks, base.path()) {
            root.set_path(before);
        }
        root
    }

    /// The one repository that a host stands for, where the user says so.
    fn only<'r>(&self, remote: &'r Remote) -> Option<&'r str> {
        let base = remote.api_base()?;
        marked(self.marks, base.path()).map(|(_, key)| key)
    }

    /// Lists the repositories of a host, or those below a namespace.
    pub(super) fn repositories<'a>(
        &'static self,
        remote: &'a Remote,
        below: Option<&str>,
    ) -> Box<dyn Pages<RepositoryEntry> + 'a> {
        let stage = match below {
            _ if self.only(remote).is_some() => return remote.catalog(),
            None => Stage::Whole(remote.catalog()),
            Some(below) => {
                let key = below.split('/').next().unwrap_or_default();
                // Nothing can lie below what is no name.
                if key.parse::<Repository>().is_err() {
                    return Box::new(NoPages::none());
                }
                Stage::One(key.to_owned())
            }
        };
        let house = House {
            remote,
            arrangement: self,
        };
        Box::new(Keyed { house, stage })
    }
}

/// What stands before and after the first of these marks in a path; behind it is one name and nothing else.
fn marked<'p>(marks: &[&str], path: &'p str) -> Option<(&'p str, &'p str)> {
    let found = |mark: &&str| {
        let (before, key) = path.split_once(mark)?;
        let key = key.trim_end_matches('/');
        (!key.is_empty() && !key.contains('/')).then_some((before, key))
    };
    marks.iter().find_map(found)
}

/// The list of images of one of the vendor's repositories.
struct Catalog {
    key: String,
    path: String,
}

impl VendorListing for Catalog {
    type Entry = RepositoryEntry;

    fn door(&self) -> Door<'_> {
        Door::Registry(Wanted::Catalog)
    }

    fn first(&self, base: &Url) -> Url {
        let mut url = below(base, &self.path);
        url.set_query(Some(&format!("n={PAGE}")));
        url
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<RepositoryEntry>, RegistryError> {
        let question = self.question();
        let names = page.good(question.clone())?.get("repositories");
        let Some(names) = names.and_then(Value::as_list) else {
            let cause = "it has no list of `repositories`";
            return Err(RegistryError::malformed(Thing::Page(question), cause));
        };
        let entry = |name: &Value| {
            let name = name.as_text().unwrap_or_default();
            repository_entry(&format!("{}/{name}", self.key), Told::new())
        };
        // The link leaves the repository out of its path (Artifactory), or has it in another place (Nexus).
        Ok(VendorPage::of(names, Onward::LinkedByQuery, entry))
    }
}

/// All repositories of a vendor behind one address.
#[derive(Clone, Copy)]
struct House<'a> {
    remote: &'a Remote,
    arrangement: &'static Arrangement,
}

/// Repositories on their way.
struct Keyed<'a> {
    house: House<'a>,
    stage: Stage<'a>,
}

type Reading<'a> = Box<VendorPages<'a, Catalog>>;

enum Stage<'a> {
    /// The host's own list, which may turn out not to be there.
    Whole(Box<dyn Pages<RepositoryEntry> + 'a>),
    /// That of the vendor's repository of this name, if there is one.
    One(String),
    /// The host's own list and no other.
    Own(Box<dyn Pages<RepositoryEntry> + 'a>),
    /// One list after another.
    Walk(Walk<'a>),
}

/// The lists of several of the vendor's repositories.
struct Walk<'a> {
    reading: Option<Reading<'a>>,
    /// Those whose lists come after it.
    rest: VecDeque<String>,
    /// Why there is no list of the whole host: what is said if none of theirs is there either.
    refusal: Option<RegistryError>,
}

impl Keyed<'_> {
    async fn turn(&mut self) -> Result<Option<Page<RepositoryEntry>>, RegistryError> {
        let house = self.house;
        let over = Stage::Walk(Walk::through(VecDeque::new(), None));
        self.stage = match std::mem::replace(&mut self.stage, over) {
            Stage::Whole(mut pages) => match pages.next().await {
                Err(error) if is_nowhere(&error) || error.is_denial() => {
                    let keys = house.keys().await;
                    let keys = keys.map_err(|why| house.explain(&error, why))?;
                    Stage::Walk(Walk::through(keys, Some(error)))
                }
                // Where a host stands for all of them its own list may be an empty one.
                Ok(Some(page)) if pages.is_over() && is_empty(&page) => {
                    match house.keys().await {
                        Ok(keys) => Stage::Walk(Walk::through(keys, None)),
                        // A port of one repository has no API, and may be empty.
                        Err(why) if is_nowhere(&why) => return Ok(Some(page)),
                        Err(why) => return Err(why),
                    }
                }
                first => {
                    self.stage = Stage::Own(pages);
                    return first;
                }
            },
            Stage::One(key) => match house.catalog(&key).await? {
                Some((reading, page)) => {
                    self.stage = Stage::Walk(Walk {
                        reading: Some(reading),
                        ..Walk::through(VecDeque::new(), None)
                    });
                    return Ok(Some(page));
                }
                None => Stage::Own(house.remote.catalog()),
            },
            known => known,
        };
        match &mut self.stage {
            Stage::Walk(walk) => walk.turn(house).await,
            Stage::Whole(pages) | Stage::Own(pages) => pages.next().await,
            Stage::One(_) => Ok(None),
        }
    }
}

fn is_empty(page: &Page<RepositoryEntry>) -> bool {
    page.entries.is_empty() && page.faults.is_empty()
}

impl<'a> Walk<'a> {
    fn through(rest: VecDeque<String>, refusal: Option<RegistryError>) -> Self {
        Self {
            reading: None,
            rest,
            refusal,
        }
    }

    async fn turn(
        &mut self,
        house: House<'a>,
    ) -> Result<Option<Page<RepositoryEntry>>, RegistryError> {
        loop {
            if let Some(reading) = &mut self.reading {
                match reading.next().await? {
                    Some(page) => return Ok(Some(page)),
                    None => self.reading = None,
                }
            }
            let Some(key) = self.rest.pop_front() else {
                return self.refusal.take().map_or(Ok(None), Err);
            };
            match house.catalog(&key).await {
                Ok(None) => {}
                Ok(Some((reading, page))) => {
                    (self.reading, self.refusal) = (Some(reading), None);
                    return Ok(Some(page));
                }
                // One that is not shown hides none of the others.
                Err(error) if error.is_denial() => {
                    self.refusal = None;
                    return Ok(Some(Page {
                        entries: Vec::new(),
                        faults: vec![error],
                    }));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn is_over(&self) -> bool {
        let is_read = self.reading.as_ref().is_none_or(|pages| pages.is_over());
        self.rest.is_empty() && self.refusal.is_none() && is_read
    }
}

impl<'a> House<'a> {
    /// The list of one of the vendor's repositories with its first page; none where there is no such list.
    async fn catalog(
        self,
        key: &str,
    ) -> Result<Option<(Reading<'a>, Page<RepositoryEntry>)>, RegistryError> {
        for path in (self.arrangement.catalogs)(key) {
            let key = key.to_owned();
            let listing = Catalog { key, path };
            let mut pages = Box::new(VendorPages::new(self.remote, listing));
            match pages.next().await {
                Ok(page) => return Ok(page.map(|page| (pages, page))),
                Err(error) if is_nowhere(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The vendor's repositories that hold images and can be part of a name.
    async fn keys(self) -> Result<VecDeque<String>, RegistryError> {
        let question = Question::Repositories;
        let at = |base: &Url| (self.arrangement.keys)(&self.arrangement.root(base));
        let fetched = self.remote.fetch(Door::Api, &at, &question).await?;
        let Some(all) = fetched.good(question.clone())?.as_list() else {
            let cause = "it is no list";
            return Err(RegistryError::malformed(Thing::Page(question), cause));
        };
        let keys = all.iter().filter_map(self.arrangement.key);
        let keys = keys.filter(|key| key.parse::<Repository>().is_ok());
        let mut keys: Vec<String> = keys.map(str::to_owned).collect();
        keys.sort_unstable();
        Ok(keys.into())
    }

    /// Why nothing can be listed: of the list of the whole host, and of that of the vendor's repositories.
    fn explain(self, whole: &RegistryError, keys: RegistryError) -> RegistryError {
        match (is_nowhere(whole), is_nowhere(&keys) || keys.is_denial()) {
            (true, true) => needs_namespace(self.arrangement.title),
            (false, true) => whole.clone(),
            (_, false) => keys,
        }
    }
}

/// Tells whether there is no such list. Both vendors also say 400 for a path that they have nothing to do with.
fn is_nowhere(error: &RegistryError) -> bool {
    match error {
        RegistryError::NoCatalog { .. } => true,
        RegistryError::Status(status) => matches!(status.status, 400 | 404 | 405),
        _ => false,
    }
}

impl Pages<RepositoryEntry> for Keyed<'_> {
    fn next(&mut self) -> Answer<'_, Option<Page<RepositoryEntry>>> {
        Box::pin(self.turn())
    }

    fn is_over(&self) -> bool {
        match &self.stage {
            Stage::Whole(_) | Stage::One(_) => false,
            Stage::Own(pages) => pages.is_over(),
            Stage::Walk(walk) => walk.is_over(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_that_of_one_repository() {
        let marks = &["/api/docker/", "/api/oci/"];
        for (path, found) in [
            ("/", None),
            ("/artifactory", None),
            (
                "/artifactory/api/docker/images",
                Some(("/artifactory", "images")),
            ),
            (
                "/artifactory/api/oci/images/",
                Some(("/artifactory", "images")),
            ),
            ("/api/docker/images", Some(("", "images"))),
            ("/artifactory/api/docker/", None),
            ("/artifactory/api/docker/images/v2", None),
        ] {
            assert_eq!(marked(marks, path), found, "{path}");
        }
    }
}
