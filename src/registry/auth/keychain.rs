//! Which document or helper answers for a host, and its answer.
//!
//! The first document that has something for a host decides: there is no way on to another after a fault, because a
//! public part of the answer could pass for the whole (threats A12). Helpers are asked when their host is, and once.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::credential::{Credential, CredentialSource};
use super::docker_config::{ConfigError, CredentialPlaces, Document, Responsible};
use super::failure::{CredentialError, HelperFault};
use super::helper::{self, Helpers, Question};
use crate::limits::Timing;
use crate::oci::RegistryHost;
use crate::registry::Talk;
use crate::registry::error::outside;
use crate::safe::Safe;

/// The credentials of a run.
#[derive(Default)]
pub struct Keychain {
    documents: Vec<Document>,
    helpers: Helpers,
    asked: Mutex<HashMap<Question, Asked>>,
}

type Answer = Result<Arc<Credential>, HelperFault>;

/// The answer of one helper, on its way or there. Whoever waits moves it on, so that it goes on when the first who
/// asked has gone.
type Asked = Shared<Pin<Box<dyn Future<Output = Answer> + Send>>>;

impl Keychain {
    /// Reads the documents, and asks no helper.
    ///
    /// Errors: a document that is malformed or cannot be read. One that is not there has no credentials.
    pub fn load(places: &CredentialPlaces) -> Result<Self, ConfigError> {
        Ok(Self {
            documents: Document::read_all(places)?,
            helpers: Helpers::new(places.search_path.clone()),
            asked: Mutex::default(),
        })
    }

    /// A keychain without credentials.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The hosts for which there is something, each once, in the order of the documents. Helpers are not asked.
    pub fn hosts(&self) -> Vec<RegistryHost> {
        let mut hosts = Vec::new();
        for host in self.documents.iter().flat_map(Document::hosts) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        hosts
    }

    /// The helper that may know of hosts which no document names.
    pub fn store(&self) -> Option<Safe> {
        let mut stores = self.documents.iter().filter_map(Document::store);
        stores.next().map(outside)
    }

    /// Tells what would answer for a host, without running anything.
    pub fn source(&self, host: &RegistryHost) -> CredentialSource {
        match self.responsible(host) {
            None => CredentialSource::None,
            Some((document, Responsible::Helper { name, .. })) => CredentialSource::Helper {
                name: outside(name),
                file: document.file().clone(),
            },
            Some((document, Responsible::Entry { key, entry })) => CredentialSource::Entry {
                file: document.file().clone(),
                key: outside(key),
                account: entry.credential().ok().and_then(|found| found.account()),
            },
        }
    }

    /// Gives the credential for a host. A helper is asked once in a run: all who want the same share one answer, good
    /// or bad, under the waits of the first.
    ///
    /// Errors: an entry that cannot be decoded, a helper that gives no answer.
    pub async fn credential(
        &self,
        host: &RegistryHost,
        timing: &Timing,
        talk: &Talk,
    ) -> Result<Arc<Credential>, CredentialError> {
        let Some((document, responsible)) = self.responsible(host) else {
            return Ok(Arc::new(Credential::Anonymous));
        };
        let (host, file) = (host.clone(), document.file().clone());
        match responsible {
            Responsible::Entry { key, entry } => {
                let key = outside(key);
                let failed = |flaw| CredentialError::Entry {
                    host,
                    file,
                    key,
                    flaw,
                };
                entry.credential().map(Arc::new).map_err(failed)
            }
            Responsible::Helper { name, key } => {
                let question = Question {
                    name: name.to_owned(),
                    key,
                };
                let answer = self.ask(question, timing, talk).await;
                let name = outside(name);
                answer.map_err(|fault| CredentialError::Helper {
                    host,
                    file,
                    name,
                    fault,
                })
            }
        }
    }

    /// Gives a handle to the helpers that run, to end them at an exit.
    pub fn helpers(&self) -> Helpers {
        self.helpers.clone()
    }

    fn responsible(&self, host: &RegistryHost) -> Option<(&Document, Responsible<'_>)> {
        let mut documents = self.documents.iter();
        documents.find_map(|document| Some((document, document.responsible(host)?)))
    }

    /// The answer to a question, begun if nobody asked it yet. It is not waited for under the lock.
    fn ask(&self, question: Question, timing: &Timing, talk: &Talk) -> Asked {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || {
            let (helpers, timing) = (self.helpers.clone(), timing.clone());
            let answer = helper::ask(question.clone(), helpers, timing, talk.clone());
            answer.map(|answer| answer.map(Arc::new)).boxed().shared()
        };
        asked.entry(question.clone()).or_insert_with(begin).clone()
    }
}

impl fmt::Debug for Keychain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keychain")
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
