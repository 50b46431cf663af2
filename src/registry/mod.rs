//! The world we ask: registries, image layouts and archives behind one trait. The only room with I/O.
//!
//! What goes in are the nouns of `oci`; what comes out are listings and documents of the
//! specifications, checked against their digests before anything is read out of them (threats S4).
//! This room does not know queries, fields, rows or diagnostics: it says what is there, never what
//! is wanted of it.

mod amazon;
mod auth;
mod capabilities;
pub mod counting;
mod dialect;
mod document;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod hub;
mod layout;
mod remote;
mod settings;
mod talk;
mod transport;
mod trust;
mod wire;

use std::pin::Pin;

pub use amazon::Amazon;
pub use auth::{
    AnswerFlaw, ConfigError, ConfigFile, ConfigPlace, Credential, CredentialError,
    CredentialPlaces, CredentialSource, EntryFlaw, HelperEnd, HelperFault, Helpers, Keychain,
    Standing,
};
pub use capabilities::{
    Capabilities, Counted, Detail, Details, ManifestListing, RepositoryListing, Transport,
};
pub use dialect::{DialectName, UnknownDialect, told_by, told_of_manifests_by};
pub use document::Document;
pub use error::{
    ArchiveFlaw, AskedAs, Certificate, Class, LayoutFlaw, Question, Refusal, RegistryError,
    StatusError, Thing, Unreached, Unsafe, Waiting,
};
pub use hub::is_hub;
pub use layout::{Form, Layout, LayoutRoot};
pub use remote::{
    ApiAnswer, ApiPages, ApiPath, ApiPathError, Examination, Listings, Network, Part, Remote,
    Vendor,
};
pub use settings::NetworkSettings;
pub use talk::{
    Demanded, Event, Far, Insecurity, Names, Pausing, Talk, TokenAsked, TokenGiven, Trace,
};
pub use trust::{Consent, Trust};
pub use wire::claims::{Access, Grant};
pub use wire::rate_limit::RateLimit;

use crate::oci::{Descriptor, Digest, Referrer, RegistryHost, Repository, Tag, Which};
use crate::value::Value;

/// Tells whether a host is, as it is written, an address that no registry has: link-local, a cloud's metadata, unspecified,
/// multicast (threats A3). Nobody but the user leads there.
pub fn is_no_registry(host: &RegistryHost) -> bool {
    let address = wire::address::literal(host.host());
    address
        .is_some_and(|address| wire::address::Reach::of(address) == wire::address::Reach::Forbidden)
}

/// Tells whether an address is this machine's by its own words, without asking anybody: `localhost` and what ends in it,
/// 127.0.0.0/8, `::1` (design §8). Only there may something be asked in the clear that nobody consented to.
pub fn is_this_machine(url: &url::Url) -> bool {
    wire::address::told(url) == Some(wire::address::Reach::Loopback)
}

/// An answer on its way. Nothing is asked before it is awaited; dropping it stops the asking.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, RegistryError>> + Send + 'a>>;

/// A listing, page by page. A registry's listing has no known length, so it is never one vector.
pub trait Pages<T>: Send {
    /// Asks for the next page.
    ///
    /// Shape: pages and entries in the registry's order; a page may be empty; `None` is the end, and
    /// stays the end.
    fn next(&mut self) -> Answer<'_, Option<Page<T>>>;

    /// Tells whether the last page is known to have come, so that [`next`](Self::next) would ask nobody. Where that
    /// is not known it says no.
    fn is_over(&self) -> bool {
        false
    }

    /// Tells whether the listing may have gone on after its last page, as where that was full and named no next one.
    fn may_go_on(&self) -> bool {
        false
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What can be asked further.
    pub entries: Vec<T>,
    /// What was listed but cannot be asked, such as a name that breaks the grammar. Each is one thing
    /// missing from the answer; the entries beside it are whole (threats S6).
    pub faults: Vec<RegistryError>,
}

/// What a vendor tells beside a name: details and their values, each at most once. A value is null where the vendor says
/// that there is nothing; what it does not tell is not here.
pub type Told = Vec<(Detail, Value)>;

/// One repository of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct RepositoryEntry {
    /// Its name.
    pub repository: Repository,
    /// What the listing tells of it beside its name.
    pub told: Told,
}

/// One tag of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct TagEntry {
    /// The tag.
    pub tag: Tag,
    /// What the listing says it points to: `None` where it only names it, an error where what it says
    /// contradicts itself or cannot be read. It is exactly what [`Registry::head`] would answer.
    pub descriptor: Result<Option<Descriptor>, RegistryError>,
    /// What the listing tells of it besides.
    pub told: Told,
}

/// One manifest or index of a listing, which has those that no tag points to.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestEntry {
    /// Its digest.
    pub digest: Digest,
    /// Exactly what [`Registry::head`] would answer; none where the listing says less.
    pub descriptor: Option<Descriptor>,
    /// The tags that point to it.
    pub tags: Vec<Tag>,
    /// The digests of what it names as an index; none where the listing does not say.
    pub children: Option<Vec<Digest>>,
    /// What the listing tells of it besides.
    pub told: Told,
}

impl RepositoryEntry {
    /// A repository that a listing only names.
    pub fn named(repository: Repository) -> Self {
        let told = Told::new();
        Self { repository, told }
    }
}

impl TagEntry {
    /// A tag that a listing only names.
    pub fn named(tag: Tag) -> Self {
        Self {
            tag,
            descriptor: Ok(None),
            told: Told::new(),
        }
    }
}

/// Whether the tag may be there that stands in for a listing of what is attached (distribution-spec 1.1, "Referrers Tag
/// Schema").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// Nobody knows.
    MayBe,
    /// A listing of the repository's tags does not have it.
    IsNot,
}

/// A service, or a folder, that holds repositories.
pub trait Registry: Send + Sync {
    /// How rows call it: a host, or a place on disk as the user wrote it, such as `oci:DIR`.
    fn name(&self) -> &str;

    /// What it can list and what asking it costs.
    fn capabilities(&self) -> Capabilities;

    /// Tells how much it still allows of what it counts, as far as it says. Where no answer has said so yet, it may be
    /// asked, in a way that is not counted.
    fn allowance(&self) -> Answer<'_, Option<RateLimit>> {
        Box::pin(async { Ok(None) })
    }

    /// Takes notice of how much of what it counts may be asked for from now on, so that it can be said early if that is
    /// more than it allows.
    fn foretell(&self, _counted: u64) {}

    /// Forgets what may be otherwise by now - names, listings, and what failed - so that it is asked for again. What a
    /// digest names stays known.
    fn next_round(&self) {}

    /// Lists its repositories; `below` a namespace, those are wanted whose names begin with it and a slash. Others may be
    /// among them.
    ///
    /// `wanted` is what will be asked of each. A listing that brings some of it along is taken where that is cheaper.
    ///
    /// Errors: [`RegistryError::NoListing`] where there is no such list.
    fn repositories(
        &self,
        below: Option<&str>,
        wanted: Details,
    ) -> Box<dyn Pages<RepositoryEntry> + '_>;

    /// Lists the tags of one repository; `wanted` as of [`repositories`](Self::repositories).
    ///
    /// Errors: [`RegistryError::NoRepository`] if there is no such repository.
    fn tags(&self, repository: &Repository, wanted: Details) -> Box<dyn Pages<TagEntry> + '_>;

    /// Lists the manifests and indexes of one repository, those that no tag points to as well; `wanted` as of
    /// [`repositories`](Self::repositories).
    ///
    /// Shape: each digest once, in the registry's order.
    /// Errors: as [`tags`](Self::tags); [`RegistryError::NoManifests`] where only tags can be listed.
    fn manifests(
        &self,
        repository: &Repository,
        wanted: Details,
    ) -> Box<dyn Pages<ManifestEntry> + '_>;

    /// Tells what a listing would tell of one repository. Nobody is asked where [`capabilities`](Self::capabilities) say
    /// that it tells nothing.
    ///
    /// Errors: why it cannot be told; never that there is no such repository.
    fn repository<'a>(&'a self, repository: &'a Repository) -> Answer<'a, Told> {
        let _ = repository;
        Box::pin(async { Ok(Told::new()) })
    }

    /// Tells what a listing would tell of one tag, as [`repository`](Self::repository) does.
    fn tag<'a>(&'a self, repository: &'a Repository, tag: &'a Tag) -> Answer<'a, Told> {
        let _ = (repository, tag);
        Box::pin(async { Ok(Told::new()) })
    }

    /// Tells what a tag or digest points to, without its content.
    ///
    /// Errors: [`RegistryError::NoTag`], [`RegistryError::NoRepository`], or what the far side did wrong.
    fn head<'a>(&'a self, repository: &'a Repository, which: &'a Which) -> Answer<'a, Descriptor>;

    /// Gets a manifest or index. Its descriptor carries the digest of the bytes that were read. Where images have no
    /// manifests, a tag points to the config, and the document has the config and the layers as a manifest would.
    ///
    /// `expected` is what an earlier answer said: a tag that points elsewhere by now, or content of another
    /// size, is an error (threats D3, D4).
    ///
    /// Errors: as [`head`](Self::head); [`RegistryError::Malformed`] if it is neither manifest nor index.
    fn manifest<'a>(
        &'a self,
        repository: &'a Repository,
        which: &'a Which,
        expected: Option<&'a Descriptor>,
    ) -> Answer<'a, Document>;

    /// Gets an image config, or whatever JSON an artifact has in its place.
    ///
    /// Errors: [`RegistryError::NoContent`] if it is not there; what is wrong with it otherwise.
    fn config<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document>;

    /// Lists what says of itself that it is attached to a manifest, which is there.
    ///
    /// Shape: as listed; where the registry lists no such thing, what the tag lists that stands in for it.
    /// Spec: distribution-spec 1.1, "Listing Referrers", end-12a; "Referrers Tag Schema".
    fn referrers(
        &self,
        repository: &Repository,
        subject: &Digest,
        stand_in: StandIn,
    ) -> Box<dyn Pages<Referrer> + '_>;

    /// Tells what a tag points to that need not be there, in a repository that is: none is an answer.
    fn find<'a>(
        &'a self,
        repository: &'a Repository,
        tag: &'a Tag,
    ) -> Answer<'a, Option<Descriptor>>;

    /// Gets a statement that is attached, as a document.
    ///
    /// Errors: as [`config`](Self::config).
    fn statement<'a>(
        &'a self,
        repository: &'a Repository,
        descriptor: &'a Descriptor,
    ) -> Answer<'a, Document>;
}
