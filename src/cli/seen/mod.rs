//! Names seen before: the repositories and tags that runs have met, kept for completion and for nothing else.
//!
//! ```text
//! registry says Event::Named ─► Notebook ─► after the run: Shelf::remember ─► a file for each registry and login
//!                                                          Shelf::recall   ─► completion
//! ```
//!
//! It is best effort, and quiet: whatever fails, the run goes on and nothing is said (threats L7). What a login has seen
//! is kept under that login, and what nobody needed one for under nobody's: who is logged in as somebody else is not
//! offered it (threats L2). A credential helper is not asked who it would log in, so all of its accounts are one.

mod page;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::args::NetworkArgs;
use super::settings::Settings;
use super::user::UserSettings;
use crate::oci::{RegistryHost, Repository, Tag};
use crate::registry::{CredentialSource, Names, Network, Trust};

pub(super) use page::{Page, TagsOf};
pub(super) use shelf::{Extent, Shelf};

/// What a run meets, and where it will be kept.
#[derive(Clone)]
pub(super) struct Notebook {
    shelf: Arc<Shelf>,
    noted: Arc<Mutex<BTreeMap<RegistryHost, Noted>>>,
}

/// The repositories of one registry that a run has met.
pub(super) type Noted = BTreeMap<Repository, Met>;

/// What of a repository a run has met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// Tags of it.
    pub(super) tags: BTreeSet<Tag>,
    /// Whether it has no others.
    pub(super) has_no_more: bool,
}

impl Notebook {
    /// The notebook of a run, unless the user wants none or there is no place to keep it.
    pub(super) fn of_run(
        user: &UserSettings,
        flags: &NetworkArgs,
        settings: &Settings,
    ) -> Option<Self> {
        if user.forgets || flags.no_cache {
            return None;
        }
        Some(Self {
            shelf: Arc::new(Shelf::of(settings)?),
            noted: Arc::default(),
        })
    }

    /// Notes what a registry has.
    pub(super) fn note(&self, host: &RegistryHost, names: Names) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = noted.entry(host.clone()).or_default();
        match names {
            Names::Repositories(repositories) => {
                for repository in repositories {
                    noted.entry(repository).or_default();
                }
            }
            Names::Tags(repository, tags) => noted.entry(repository).or_default().tags.extend(tags),
            Names::NoMoreTags(repository) => {
                noted.entry(repository).or_default().has_no_more = true;
            }
        }
    }

    /// Keeps what was noted, each registry's under the login that it was asked with.
    pub(super) fn keep(&self, network: &Network, trust: &Trust) {
        // Not the clock of the run, which can be set for its report.
        let now = Timestamp::now().as_second();
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        for (host, noted) in std::mem::take(&mut *noted) {
            let login = match trust.of(&host).anonymous {
                true => Login::Nobody,
                false => Login::of(network.credential_source(&host)),
            };
            // The next run may have more luck.
            let _ = self.shelf.remember(&host, &login, noted, now);
        }
    }
}

/// As whom a registry is asked, as far as that is known without asking anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// Without a credential.
    Nobody,
    /// With one: an account, or a helper that knows it.
    Somebody(String),
}

impl Login {
    /// What a source of credentials stands for.
    pub(super) fn of(source: CredentialSource) -> Self {
        match source {
            CredentialSource::None => Self::Nobody,
            CredentialSource::Helper { name, .. } => Self::Somebody(format!("helper {name}")),
            CredentialSource::Entry { account, key, .. } => Self::Somebody(match account {
                Some(account) => format!("account {account}"),
                None => format!("entry {key}"),
            }),
        }
    }
}
