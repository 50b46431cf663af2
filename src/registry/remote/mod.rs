//! Registries over the network: the OCI distribution protocol (distribution-spec 1.1, and the list of repositories of
//! the Docker HTTP API V2).
//!
//! A question becomes the one request that answers it; what comes back is checked against its digest before anything is
//! read out of it. Equal questions of a run are asked once. Nothing but GET and HEAD, and POST to a token server, leaves.

mod api;
mod chain;
mod endpoint;
mod examine;
mod listing;
mod manifests;
mod memo;
mod mirrors;
mod naming;
mod paths;
mod redirect;
mod referrers;
mod session;

use std::sync::Arc;

use url::Url;

use self::api::{Address, Answers, Api};
pub(super) use self::api::{ApiRules, Door, Fetched, below};
pub(super) use self::chain::Chain;
pub use self::examine::{Examination, Listings};
pub(super) use self::listing::TagPages;
use self::listing::{Listed, Listing, PageKey, RemotePages};
use self::memo::Memo;
use self::mirrors::Mirrors;
use self::naming::Naming;
pub use self::paths::{ApiAnswer, ApiPages, ApiPath, ApiPathError, Part};
use self::referrers::ReferrerPages;
use self::session::{Session, Shared};
use super::auth::{CredentialSource, Keychain};
use super::dialect::{self, Dialect};
use super::document::Blob;
use super::error::{Thing, Unsafe, code, said, shown_host};
use super::hub;
use super::settings::NetworkSettings;
use super::talk::{Event, Talk};
use super::transport::{Method, Transport, Zone};
use super::trust::Consent;
use super::wire::error_body::ErrorBody;
use super::wire::scope::Wanted;
use super::{
    Answer, Capabilities, Details, Document, ManifestEntry, Pages, RateLimit, Registry,
    RegistryError, RepositoryEntry, StandIn, TagEntry, Told,
};
use crate::limits::Limits;
use crate::oci::{Descriptor, Digest, MediaType, Referrer, RegistryHost, Repository, Tag, Which};
use crate::safe::Safe;

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

    /// Begins another round of the same: what was counted and held against a host in the last one counts no more.
    pub fn next_round(&self) {
        self.shared.transport.next_round();
    }

    /// Where a host's credential would come from. Nobody is asked, no helper is started.
    pub fn credential_source(&self, host: &RegistryHost) -> CredentialSource {
        self.shared.keychain.source(host)
    }

    /// In which dialect a host is asked, and where its vendor's API is. What needs an API and has none, because the host is
    /// asked elsewhere or is not the vendor's own, and nobody said where its API is then, is a registry like any other:
    /// the API that a table knows sees the credentials of the vendor's own hosts only (threats S1).
    fn dialect(
        &self,
        host: &RegistryHost,
        consent: &Consent,
    ) -> (&'static dyn Dialect, Option<Api>) {
        let dialect = dialect::choose(host, consent);
        let Some(rules) = dialect.api() else {
            return (dialect, None);
        };
        let is_own = consent.endpoint.is_none() && dialect.claims(host);
        let (base, zone) = match (&consent.api, rules.base) {
            (Some(base), _) => (Some(base.clone()), Zone::User),
            (None, Some(known)) => {
                let known = known.parse().expect("a dialect's table has addresses");
                (Some(known).filter(|_| is_own), Zone::File)
            }
            (None, None) => {
                let is_users = consent.named || consent.endpoint.is_some();
                let zone = if is_users { Zone::User } else { Zone::File };
                (Some(session::base(host, consent)), zone)
            }
        };
        let is_own = consent.api.is_none() && rules.base.is_none();
        let address = base.map(|base| Address { base, zone, is_own });
        let api = address.and_then(|address| Api::new(&self.shared, address, &rules, &self.limits));
        match api {
            Some(api) => (dialect, Some(api)),
            None => (dialect::standard(), None),
        }
    }

    /// The vendor whose way of listing a host has, and where its API is; none where it is a registry like any other.
    pub fn vendor(&self, host: &RegistryHost) -> Option<Vendor> {
        let (dialect, api) = self.dialect(host, &self.shared.trust.of(host));
        let is_own = dialect.name() != dialect::standard().name();
        is_own.then(|| Vendor {
            title: dialect.title(),
            api: api.map(|api| shown_host(&api.base)),
        })
    }

    /// Names a registry; nothing is asked yet. `shown` is what rows call it.
    pub fn registry(&self, host: RegistryHost, shown: impl Into<String>) -> Remote {
        let held = Arc::default();
        let consent = self.shared.trust.of(&host);
        let (dialect, api) = self.dialect(&host, &consent);
        let source = self.credential_source(&host);
        let is_nobody = consent.anonymous || source == CredentialSource::None;
        Remote {
            shown: shown.into(),
            capabilities: match is_nobody {
                true => dialect.capabilities_for_nobody(),
                false => dialect.capabilities(),
            },
            dialect,
            api,
            answers: Memo::new(&held),
            mirrors: Mirrors::of(&self.shared, &host),
            session: Session::new(Arc::clone(&self.shared), host),
            limits: self.limits.clone(),
            heads: Memo::new(&held),
            manifests: Memo::new(&held),
            blobs: Memo::new(&held),
            found: Memo::new(&held),
            repository_pages: Memo::new(&held),
            tag_pages: Memo::new(&held),
            existence: Memo::new(&held),
            referrer_pages: Memo::new(&held),
            lists_referrers: Memo::new(&held),
            stand_ins: Memo::new(&held),
        }
    }
}

/// Whose way of listing a registry has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vendor {
    /// What people call it.
    pub title: &'static str,
    /// The host of its API, where it has one beside the registry.
    pub api: Option<Safe>,
}

/// A registry over the network.
pub struct Remote {
    shown: String,
    dialect: &'static dyn Dialect,
    capabilities: Capabilities,
    api: Option<Api>,
    answers: Answers,
    session: Session,
    mirrors: Mirrors,
    limits: Limits,
    heads: Memo<(Repository, Which), Descriptor>,
    manifests: Memo<(Repository, Which, Said), Document>,
    blobs: Memo<(Repository, Digest, Said), Document>,
    found: Memo<(Repository, Tag), Option<Descriptor>>,
    repository_pages: Memo<PageKey, Listed<Repository>>,
    tag_pages: Memo<PageKey, Listed<Tag>>,
    existence: Memo<Repository, bool>,
    referrer_pages: Memo<PageKey, Listed<Referrer>>,
    lists_referrers: Memo<Repository, bool>,
    stand_ins: Memo<(Repository, Digest), Listed<Referrer>>,
}

/// What an earlier answer said of a document, if there was one. Who publishes an index with a lie about an image makes
/// that index wrong, and not every tag that points to the image (threats D3, S6).
type Said = Option<(MediaType, u64)>;

fn said_of(descriptor: &Descriptor) -> Said {
    Some((descriptor.media_type.clone(), descriptor.size))
}

/// What dialects build on: the specification's own listings, and what they need to tell.
impl Remote {
    /// The registry's list of repositories.
    pub(super) fn catalog(&self) -> Box<dyn Pages<RepositoryEntry> + '_> {
        Box::new(RemotePages::<Repository>::new(self, Listing::Repositories))
    }

    /// The registry's list of the tags of a repository.
    pub(super) fn tag_names(&self, repository: &Repository) -> Box<dyn Pages<TagEntry> + '_> {
        let listing = Listing::Tags(repository.clone());
        Box::new(RemotePages::<Tag>::new(self, listing))
    }

    /// The registry that is asked.
    pub(super) fn host(&self) -> &RegistryHost {
        self.session.host()
    }

    /// Where the vendor's API is, if the dialect has one.
    pub(super) fn api_base(&self) -> Option<&Url> {
        self.api.as_ref().map(|api| &api.base)
    }

    /// The bounds of the run.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Tells whether there is no credential for it.
    ///
    /// Errors: it cannot be had.
    pub(super) async fn is_anonymous(&self) -> Result<bool, RegistryError> {
        let credential = self.session.login().credential().await?;
        Ok(credential.is_anonymous())
    }

    /// Says something worth saying.
    pub(super) fn say(&self, event: Event) {
        self.session.say(event);
    }

    /// The error of something that we do not follow.
    pub(super) fn not_safe(&self, why: Unsafe) -> RegistryError {
        self.session.not_safe(why)
    }
}

impl Remote {
    async fn blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        kind: Blob,
    ) -> Result<Document, RegistryError> {
        let digest = descriptor.digest.clone();
        let key = (repository.clone(), digest, said_of(descriptor));
        let ask =
            || -> Answer<'_, Document> { Box::pin(self.find_blob(repository, descriptor, kind)) };
        self.blobs.answer(&key, Box::pin(twice(ask)), weight).await
    }

    /// Gets a blob from a mirror, or from the registry itself.
    async fn find_blob(
        &self,
        repository: &Repository,
        descriptor: &Descriptor,
        kind: Blob,
    ) -> Result<Document, RegistryError> {
        let ask = |at| -> Answer<'_, Option<Document>> {
            Box::pin(async move {
                let read = self.read_blob(at, repository, descriptor, kind);
                read.await.map(Some)
            })
        };
        let found = self.mirrors.before(&self.session, repository, ask).await?;
        Ok(found.expect("a blob was read, or an error"))
    }

    async fn read_blob(
        &self,
        at: &Session,
        repository: &Repository,
        descriptor: &Descriptor,
        kind: Blob,
    ) -> Result<Document, RegistryError> {
        let thing = || kind.thing(&descriptor.digest);
        let bound = bound(descriptor.size, self.limits.config_bytes, thing)?;
        let heard = at
            .ask(&session::Ask {
                method: Method::Get,
                url: &|base| endpoint::blob(base, repository, &descriptor.digest),
                wanted: Wanted::Repository(repository),
                accept: None,
                bound,
                question: kind.question(),
                thing: &thing,
            })
            .await
            .map_err(|error| not_longer(error, descriptor.size, bound))?;
        match heard.reply.status {
            200..=299 => Document::blob(&heard.reply.body, descriptor, kind),
            404 => Err(match code(&ErrorBody::read(&heard.reply.body), 404) {
                "NAME_UNKNOWN" => RegistryError::NoRepository(repository.clone()),
                _ => RegistryError::NoContent(thing()),
            }),
            _ => Err(said(&heard.reply, kind.question(), heard.asked_as)),
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
            counted: hub::counted(self.session.host()),
            ..self.capabilities.clone()
        }
    }

    fn allowance(&self) -> Answer<'_, Option<RateLimit>> {
        Box::pin(async { Ok(self.limit_left().await) })
    }

    fn foretell(&self, counted: u64) {
        self.session.foretell(counted);
    }

    fn next_round(&self) {
        let is_digest = |which: &Which| matches!(which, Which::Digest(_));
        self.answers.forget(|_| false, api::weight);
        self.heads
            .forget(|(_, which)| is_digest(which), |_| size_of::<Descriptor>());
        self.manifests
            .forget(|(_, which, _)| is_digest(which), weight);
        self.blobs.forget(|_| true, weight);
        self.found.forget(|_| false, |_| size_of::<Descriptor>());
        self.repository_pages.forget(|_| false, Listed::weight);
        self.tag_pages.forget(|_| false, Listed::weight);
        self.existence.forget(|_| false, |_| 0);
        self.referrer_pages.forget(|_| false, Listed::weight);
        self.lists_referrers.forget(|_| true, |_| 0);
        self.stand_ins.forget(|_| false, Listed::weight);
    }

    fn repositories(
        &self,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + '_> {
        let pages = self.dialect.repositories(self, below, wanted);
        Box::new(Naming::repositories(pages, self))
    }

    fn tags(&self, repository: &Repository, wanted: Details) -> Box<dyn Pages<TagEntry> + '_> {
        let pages = self.dialect.tags(self, repository, wanted);
        Box::new(Naming::tags(pages, self, repository))
    }

    fn manifests(
        &self,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + '_> {
        self.dialect.manifests(self, repository, wanted)
    }

    fn repository<'a>(&'a self, repository: &'a Repository) -> Answer<'a, Told> {
        self.dialect.repository(self, repository)
    }

    fn tag<'a>(&'a self, repository: &'a Repository, tag: &'a Tag) -> Answer<'a, Told> {
        self.dialect.tag(self, repository, tag)
    }

    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor> {
        Box::pin(self.naming(repository, which, self.shared_head(repository, which)))
    }

    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document> {
        let found = self.shared_manifest(repository, which, expected);
        Box::pin(self.naming(repository, which, found))
    }

    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(self.blob(repository, descriptor, Blob::Config))
    }

    fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        stand_in: StandIn,
    ) -> Box<dyn Pages<Referrer> + '_> {
        Box::new(ReferrerPages::new(self, repository, subject, stand_in))
    }

    fn find<'a>(
        &'a self,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Option<Descriptor>> {
        Box::pin(self.shared_find(repository, tag))
    }

    fn statement<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document> {
        Box::pin(self.blob(repository, descriptor, Blob::Statement))
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
