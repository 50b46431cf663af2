//! Harbor's projects: what is said of each, which is said of all that is in it.

use url::Url;

use super::super::pages::{Entry, Onward, VendorListing, VendorPage, entries};
use super::told::name_of;
use super::{counted, first_page};
use crate::oci::Repository;
use crate::registry::RegistryError;
use crate::registry::error::{Question, outside};
use crate::registry::remote::{Door, Fetched, Remote, below};
use crate::value::Value;

/// Who says what the tags of a project point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Harbor itself.
    Own,
    /// Another registry, whose cache it is.
    Other,
    /// Nobody knows.
    Unknown,
}

/// A project.
pub(super) struct Project {
    pub(super) name: Repository,
    /// Whether it is hidden from strangers, where that is known.
    pub(super) private: Option<bool>,
    /// Who says where its tags point.
    pub(super) source: Source,
    /// Whether there is anything in it.
    pub(super) is_empty: bool,
}

impl Project {
    /// One of which nothing is known.
    pub(super) fn named(name: Repository) -> Self {
        Self {
            name,
            private: None,
            source: Source::Unknown,
            is_empty: false,
        }
    }

    fn read(name: Repository, document: &Value) -> Self {
        let is_public = document.at(&["metadata", "public"]);
        let is_public = match is_public {
            Some(Value::Bool(is_public)) => Some(*is_public),
            Some(said) => said.as_text().map(|said| said == "true"),
            None => None,
        };
        let number = |name: &str| document.get(name).and_then(Value::as_int);
        Self {
            name,
            private: is_public.map(|is_public| !is_public),
            source: match number("registry_id") {
                None | Some(0) => Source::Own,
                Some(_) => Source::Other,
            },
            is_empty: number("repo_count") == Some(0),
        }
    }

    /// Asks for a project, which is asked for once in a run. Of one that is not shown nothing is known.
    ///
    /// Errors: no answer.
    pub(super) async fn ask(remote: &Remote, name: &Repository) -> Result<Self, RegistryError> {
        let at = |base: &Url| below(base, &format!("api/v2.0/projects/{name}"));
        let fetched = remote
            .fetch(Door::Api, &at, &Question::Repositories)
            .await?;
        let own = fetched.document.get("name").and_then(Value::as_text);
        // What is a number may be another project's.
        Ok(match own == Some(name.as_str()) {
            true => Self::read(name.clone(), &fetched.document),
            false => Self::named(name.clone()),
        })
    }
}

/// All projects that somebody may see.
pub(super) struct AllProjects;

/// A project is listed under its name.
impl Entry for Project {
    type Name = Repository;

    fn name(&self) -> &Repository {
        &self.name
    }
}

impl VendorListing for AllProjects {
    type Entry = Project;

    fn door(&self) -> Door<'_> {
        Door::Api
    }

    fn first(&self, base: &Url) -> Url {
        first_page(below(base, "api/v2.0/projects"), "")
    }

    fn question(&self) -> Question {
        Question::Repositories
    }

    fn read(&self, page: &Fetched) -> Result<VendorPage<Project>, RegistryError> {
        let list = page.good(self.question())?;
        let entry = |document: &Value| {
            let name = name_of(document);
            match name.parse() {
                Ok(project) => Ok(Project::read(project, document)),
                Err(_) => Err(RegistryError::InvalidRepository(outside(name))),
            }
        };
        counted(
            page,
            entries(list, self.question(), entry, Onward::LinkedByQuery),
        )
    }
}
