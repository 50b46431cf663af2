//! Registries over the network: the OCI distribution protocol (distribution-spec 1.1, and the list of repositories of
//! the Docker HTTP API V2).
//!
//! A question becomes the one request that answers it; what comes back is checked against its digest before anything is
//! read out of it. Equal questions of a run are asked once. Nothing but GET and HEAD, and POST to a token server, leaves.

mod endpoint;
mod examine;
mod listing;
mod manifests;
mod memo;
mod paths;
mod redirect;
mod session;

use std::sync::Arc;

pub use self::examine::Examination;
use self::listing::{Listed, Listing, PageKey, RemotePages};
use self::memo::Memo;
pub use self::paths::{ApiAnswer, ApiPages, ApiPath, ApiPathError, Part};
use self::session::{Session, Shared};
use super::auth::{CredentialSource, Keychain};
use super::error::{Question, Thing, code, said};
use super::settings::NetworkSettings;
use super::talk::Talk;
use super::transport::{Method, Transport};
use super::wire::error_body::ErrorBody;
use super::wire::scope::Wanted;
use super::{
    Answer, Capabilities, Document, Pages, RateLimit, Registry, RegistryError, RepositoryEntry,
    TagEntry, Transport as Way,
};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, MediaType, RegistryHost, Repository, Tag, Which};

/// Everything that registries of one run share: connections, credentials, what the user allows.
#[derive(Clone)]
pub struct Network {
    shared: Arc<Shared>,
    limits: Limits,
}

impl Network {
    /// Makes ready; nothing is connected, and no credential is asked for.
    pub fn new(settings: NetworkSettings, keychain: Keychain, talk: Talk) -> Self {
        Self {
            limits: settings.limits.clone(),
            shared: Arc::new(Shared {
                transport: Arc::new(Transport::new(&settings, talk.clone())),
                keychain: Arc::new(keychain),
                trust: settings.trust,
                timing: settings.timing,
                talk,
            }),
        }
    }

    /// Where a host's credential would come from. Nobody is asked, no helper is started.
    pub fn credential_source(&self, host: &RegistryHost) -> CredentialSource {
        self.shared.keychain.source(host)
    }

    /// Names a registry; nothing is asked yet. `shown` is what rows call it.
    pub fn registry(&self, host: RegistryHost, shown: impl Into<String>) -> Remote {
        let held = Arc::default();
        Remote {
            shown: shown.into(),
            session: Session::new(Arc::clone(&self.shared), host),
            limits: self.limits.clone(),
            heads: Memo::new(&held),
            manifests: Memo::new(&held),
            configs: Memo::new(&held),
            repository_pages: Memo::new(&held),
            tag_pages: Memo::new(&held),
            existence: Memo::new(&held),
        }
    }
}

/// A registry over the network.
pub struct Remote {
    shown: String,
    session: Session,
    limits: Limits,
    heads: Memo<(Repository, Which), Descriptor>,
    manifests: Memo<(Repository, Which, Said), Document>,
    configs: Memo<(Repository, Digest, Said), Document>,
    repository_pages: Memo<PageKey, Listed<Repository>>,
    tag_pages: Memo<PageKey, Listed<Tag>>,
    existence: Memo<Repository, bool>,
}

/// What an earlier answer said of a document, if there was one. Who publishes an index with a lie about an image makes
/// that index wrong, and not every tag that points to the image (threats D3, S6).
type Said = Option<(MediaType, u64)>;

fn said_of(descriptor: &Descriptor) -> Said {
    Some((descriptor.media_type.clone(), descriptor.size))
}

impl Remote {
    async fn read_config(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
    ) -> Result<Document, RegistryError> {
        let thing = || Thing::Config(descriptor.digest.clone());
        let bound = bound(descriptor.size, self.limits.config_bytes, thing)?;
        let heard = self
            .session
            .ask(&session::Ask {
                method: Method::Get,
                url: &|base| endpoint::blob(base, repository, &descriptor.digest),
                wanted: Wanted::Repository(repository),
                accept: None,
                bound,
                question: Question::Config,
                thing: &thing,
            })
            .await
            .map_err(|error| not_longer(error, descriptor.size, bound))?;
        match heard.reply.status {
            200..=299 => Document::config(&heard.reply.body, descriptor),
            404 => Err(match code(&ErrorBody::read(&heard.reply.body), 404) {
                "NAME_UNKNOWN" => RegistryError::NoRepository(repository.clone()),
                _ => RegistryError::NoContent(thing()),
            }),
            _ => Err(said(&heard.reply, Question::Config, heard.asked_as)),
        }
    }
}

/// How much is read of something announced with this size.
///
/// Errors: it is beyond our limit.
fn bound(announced: u64, limit: usize, thing: impl Fn() -> Thing) -> Result<usize, RegistryError> {
    let fits = usize::try_from(announced)
        .ok()
        .filter(|size| *size <= limit);
    fits.ok_or_else(|| RegistryError::TooLarge {
        thing: thing(),
        limit,
    })
}

/// What is longer than it was announced is not too large for us: it is not what it should be (threats D3).
fn not_longer(error: RegistryError, announced: u64, bound: usize) -> RegistryError {
    match error {
        RegistryError::TooLarge { thing, limit } if limit == bound => RegistryError::SizeMismatch {
            thing,
            announced,
            found: None,
        },
        other => other,
    }
}

/// Roughly what a document takes in memory, in bytes.
fn weight(document: &Document) -> usize {
    // A parsed tree takes a few times its text.
    usize::try_from(document.descriptor.size).unwrap_or(usize::MAX / 8) * 4
}

impl Registry for Remote {
    fn name(&self) -> &str {
        &self.shown
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            lists_repositories: true,
            tags_carry_descriptors: false,
            // The specification demands it and many registries do otherwise, so it is not relied on.
            natural_order: false,
            transport: Way::Network,
            counted: session::counted(self.session.host()),
        }
    }

    fn allowance(&self) -> Answer<'_, Option<RateLimit>> {
        Box::pin(async { Ok(self.limit_left().await) })
    }

    fn foretell(&self, counted: u64) {
        self.session.foretell(counted);
    }

    fn repositories(&self) -> Box<dyn Pages<RepositoryEntry> + '_> {
        Box::new(RemotePages::<Repository>::new(self, Listing::Repositories))
    }

    fn tags(&self, repository: &Repository) -> Box<dyn Pages<TagEntry> + '_> {
        let listing = Listing::Tags(repository.clone());
        Box::new(RemotePages::<Tag>::new(self, listing))
    }

    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor> {
        Box::pin(self.shared_head(repository, which))
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document> {
        Box::pin(self.shared_manifest(repository, which, expected))
    }

    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(async move {
            let digest = descriptor.digest.clone();
            let key = (repository.clone(), digest, said_of(descriptor));
            let ask =
                || -> Answer<'_, Document> { Box::pin(self.read_config(repository, descriptor)) };
            self.configs
                .answer(&key, Box::pin(twice(ask)), weight)
                .await
        })
    }
}

/// Asks once more where the content was not what its digest says: a proxy in between may have mixed something up. If it
/// was no accident, that is the answer (threats D1).
async fn twice<'a>(ask: impl Fn() -> Answer<'a, Document>) -> Result<Document, RegistryError> {
    match ask().await {
        Err(RegistryError::DigestMismatch(_)) => ask().await,
        other => other,
    }
}
